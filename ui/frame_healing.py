"""A damaged database: told, and put back from the newest backup when the person says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from app.clock import shanghai
from app.domain.errors import DamagedFault
from ui.dialogs.confirm import Confirmation, confirm
from ui.frame_revoked import FrameRevoked

if TYPE_CHECKING:
    from app.services.backups import BackupInfo, Healed
    from ui.window import Window


DAMAGED = frozenset({"database", "store.db"})
"""What a fault names when it is the database that is damaged."""


class FrameHealing(FrameRevoked):
    """The part of the window that heals; :class:`~ui.window.Window` is the whole."""

    _offering = False

    def tell(self, name: str, error: object) -> None:
        """A failure that no page took; a damaged database comes with the way to put it right."""
        if not (isinstance(error, BaseException) and self.offer_healing(error)):
            super().tell(name, error)

    def offer_healing(self, error: BaseException, passphrase: str = "") -> bool:
        """Offer the newest backup in the place of a damaged database; false when that is not the trouble.

        With an open profile its keys are used; at the lock screen the ``passphrase`` just typed.
        """
        if not isinstance(error, DamagedFault) or error.subject not in DAMAGED:
            return False
        if not passphrase and self.context is None:
            return False
        if self._offering:
            return True
        from app.services import backups

        self._offering = True
        self.operations.read(
            "找最近的备份",
            lambda _job: backups.newest(self.paths, self.clock),
            lambda found: self._found(error, found, passphrase),
            self._not_found,
        )
        return True

    def _not_found(self, _error: BaseException) -> bool:
        self._offering = False
        return False

    def _found(self, error: DamagedFault, found: BackupInfo | None, passphrase: str) -> None:
        if found is None:
            self._offering = False
            super().tell("", error)
            return
        local = shanghai(found.made_at)
        day = f"{local.month}月{local.day}日 {local:%H:%M}"
        asked = Confirmation(
            title="案件库有损坏，要从备份找回吗",
            effects=(
                f"将用 {day} 的备份换下现在的案件库。附件不动。",
                "那以后写的，能从损坏的那一份里读出来的一并找回，接着发；"
                "读不出来的，已发给平台的会收回来，没发出的要重新登记。",
                "损坏的那一份留在 damaged 文件夹里，不删。",
            ),
            lasting="换下以后要再输一次口令。" if not passphrase else "换下以后会接着打开。",
            action="从备份找回",
            icon="history",
        )
        dialog = confirm(self.look, self.shell, asked, lambda: self._heal(passphrase), name="damaged.heal")
        dialog.rejected.connect(self._not_now)

    def _not_now(self) -> None:
        self._offering = False

    def _heal(self, passphrase: str) -> None:
        from app.services import backups

        window, paths, clock, login = cast("Window", self), self.paths, self.clock, self.login
        context = window._let_go()
        desk = context.desk if context is not None else None

        def work(_job: object) -> Healed | None:
            return backups.heal_database(paths, clock, desk=desk, passphrase=passphrase, user=login)

        def done(used: Healed | None) -> None:
            self._offering = False
            if used is None:
                words = "没有找到好的备份，案件库没有动。请把备份所在的移动盘接好，或找管理员。"
                window.show_lock()
                self.shell.lock_screen.tell(words, "overdue")
            elif passphrase:
                self.shell.toast.say(used.words, icon="history", status="ok")
                window.unlock(passphrase)
            else:
                # On the lock screen: it covers the window's own notices.
                window.show_lock()
                self.shell.lock_screen.tell(f"{used.words}请再输一次口令。")

        self.operations.write("从备份找回案件库", work, done, self._not_found)

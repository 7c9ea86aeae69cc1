"""What the frame asks of the window: sync, new registrations, the command box, failures in words."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Qt, QTimer

from app.domain.roles import LABELS, may
from ui.actions import perform
from ui.failures.dialog import FailureDialog
from ui.failures.texts import explain
from ui.frame.nav_items import NAV_ITEMS
from ui.registry import KEYS

if TYPE_CHECKING:
    from app.services.changes import ChangeSet
    from app.services.office import Office
    from sync.engine.run import SyncResult
    from ui.background.collector import Collector
    from ui.background.lanes import Job
    from ui.background.operations import Operations
    from ui.context import Context
    from ui.exchange import Exchange
    from ui.frame.idle import IdleWatcher
    from ui.shell import Shell
    from ui.theme.look import Look
    from ui.window import Window

log = logging.getLogger(__name__)
QUIET_MS = 120
"""Pause between two pages that are built ahead."""


class FrameRequests(QObject):
    """The part of the window that answers the frame; :class:`~ui.window.Window` is the whole."""

    look: Look
    shell: Shell
    idle: IdleWatcher
    operations: Operations
    context: Context | None
    exchange: Exchange | None
    collector: Collector
    role_changed = False
    pulled = False
    """Whether a run came to its end since the profile was opened."""

    def _take_personal(self, personal: Any) -> None:
        self.look.set_mode(personal.theme)
        self.look.metrics.set_scale(personal.scale / 100)
        self.idle.set_minutes(personal.lock_minutes)

    def _build_pages(self) -> None:
        """The other pages, one at a time, while nobody waits for anything."""
        if self.context is None:
            return
        if self.shell.build_next():
            QTimer.singleShot(QUIET_MS, self, self._build_pages)
        else:
            self.collector.settle()

    def _pulled(self, result: SyncResult) -> None:
        """The first complete run since the profile was opened: a new computer's first backup waits for it."""
        if result.error is None and not self.pulled:
            self.pulled = True
            self._back_up()

    def _back_up(self) -> None:
        context = self.context
        if context is None or not may(context.desk.person.role, "backup.make"):
            return
        office = context.office

        def work(job: Job) -> Any:
            return office.backups.make(progress=job.passed) if office.backups.due() else None

        def done(written: Any) -> None:
            if written is not None and written.value.problems:
                words = "今天的备份里有几处不完整，请到“设置—备份”核对。"
                self.shell.toast.say(words, icon="hard-drive", status="overdue")

        self.operations.care("每日备份", work, done)

    def _sweep(self) -> None:
        """What adds that were cut short left in the vault goes, after everything a person waits for."""
        if (context := self.context) is not None:
            attachments = context.office.attachments
            self.operations.write("清理没有加完的附件", lambda _job: attachments.sweep() and None, urgency=9)

    def _page_missing(self, key: str) -> None:
        if self.context is None:
            return
        if key not in KEYS:
            name = next((f"“{item.text}”" for item in NAV_ITEMS if item.key == key), "这一页")
            words = f"{name}这一版里还没有，谁都打不开。现有的页都在左边。"
        elif self.context.desk.person.role:
            words = "您的角色用不到这一页。要用，请机构负责人在平台上改角色。"
        else:
            words = "登记到平台以后才能用这一页。请到同步中心按“登记本机”。"
        self.shell.toast.say(words, icon="info", status="info")

    def _keep_scale(self, percent: int) -> None:
        if self.context is None:
            return
        office = self.context.office

        def work(_job: object) -> Any:
            known = office.settings.personal().scale == percent
            return None if known else office.settings.change_personal(scale=percent)

        self.operations.write("记下字号", work)

    def _warn(self, seconds: int) -> None:
        if self.context is not None and not self.shell.locked:
            self.shell.toast.say(f"{seconds} 秒后锁屏。动一下鼠标就继续。", icon="lock", status="info")

    def _show_practice_passphrase(self) -> None:
        from ui.practice import PASSPHRASE

        self.shell.lock_screen.set_hint(f"练习口令：{PASSPHRASE}。几位都用它；改过的话，用您改的。")

    def _settings_changed(self, _changes: object) -> None:
        if self.context is not None:
            office = self.context.office
            self.operations.read("读设置", lambda _job: office.settings.personal(), self._take_personal)

    def _learned(self, changes: ChangeSet) -> None:
        """A run brought other standing, people, rules or holidays: everybody works with them from now on."""
        if self.context is None:
            return
        if changes.touches(frozenset({"people"})):
            office = self.context.office
            self.operations.read("重新读取名册", lambda _job: office.refreshed(), self._take_roster)
        elif changes.touches(frozenset({"institution", "catalogues"})):
            self.context.refresh_office()

    def _take_roster(self, office: Office) -> None:
        """The roster as it is now; another role of the person's own brings other pages."""
        if self.context is None:
            return
        before = self.context.desk.person.role
        self.context.take_office(office)
        if office.desk.person.role != before:
            self.role_changed = True
            self.reopen_for_role()

    def reopen_for_role(self) -> None:
        """Lay the window out for the person's new role: now, or when it is unlocked; drafts are saved."""
        if not self.role_changed or self.context is None or self.shell.locked:
            return
        self.role_changed = False
        if self.shell.current is not None:
            self.shell.current.leave()
        desk = self.context.desk
        cast("Window", self).reopen(desk)
        words = f"机构把您的角色改成了{LABELS.get(desk.person.role, desk.person.role)}，页面已照新角色打开。"
        self.shell.toast.say(f"{words}没写完的在“接着办”里。", icon="users", status="info")

    def _wake(self, _changes: object) -> None:
        if self.exchange is not None:
            self.exchange.wake()

    def _sync_asked(self) -> None:
        if self.exchange is not None:
            self.exchange.retry_now()
        self.shell.go("sync")

    def _new(self, kind: str) -> None:
        if kind == "visit":
            self.shell.go("intake")
        elif kind == "oral":
            self.shell.go("oral")
        elif kind == "receive":
            self.shell.sync_asked.emit()

    def _command(self, key: str) -> None:
        if key.startswith("case:"):
            self.shell.go("case", {"case_id": key.removeprefix("case:")})
        else:
            perform(cast("Window", self), key)

    def tell(self, name: str, error: object) -> None:
        """A failure that no page took."""
        if not isinstance(error, BaseException):
            return
        failure = explain(error)
        if failure.silent:
            return
        if failure.kind == "bug":
            log.error("%s: %s", name, failure.code, exc_info=error)
        dialog = FailureDialog(self.look, failure, self.shell)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

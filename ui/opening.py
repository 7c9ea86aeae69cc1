"""How a profile comes open: 今日 is painted from one snapshot, then the desk is opened while it shows.

The libraries of the store, of HTTP and of the pages are imported on a lane meanwhile. What a person presses
before the desk is open waits for it and is done once.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.domain import roles
from app.domain.errors import REVOKED, JiefenError, WrongPassphraseError
from app.services import lockscreen
from ui.frame.afterpaint import AfterPaint

if TYPE_CHECKING:
    from app.clock import Clock
    from app.paths import ProfilePaths
    from app.services.desk import Desk
    from app.services.firstboard import FirstBoard
    from app.services.lockscreen import CardPerson
    from app.storage.unlocked import UnlockedKeys
    from ui.context import Context
    from ui.practice import SandboxProcess
    from ui.window import Window

log = logging.getLogger(__name__)
NEEDED = (
    "app.services.profile", "app.services.office", "app.services.settings", "app.services.today",
    "app.services.drafts", "app.services.backups", "app.services.cases", "app.services.sync_centre",
    "app.services.daybreak", "app.services.sync_port", "sync.engine.loop", "ui.connection", "ui.exchange",
    "ui.status",
)  # fmt: skip
"""Modules that the window uses as soon as the desk is open: imported where nobody waits."""


@dataclass(frozen=True)
class Unlocked:
    """Open keys, and what they show first; ``first`` is ``None`` when the desk has to be opened before."""

    person: CardPerson
    keys: UnlockedKeys
    first: FirstBoard | None


def unlock(paths: ProfilePaths, clock: Clock, passphrase: str, user: str = "") -> Unlocked:
    """Open a person's keys and read the first board. Imports nothing of the store's libraries.

    Raises ``WrongPassphraseError``, or ``UserError`` when it is not clear who is meant.
    """
    from app.services import firstboard
    from app.storage.keyslots import KeyFile
    from ui.pages import first_run_state

    person = lockscreen.choose(paths, clock, user)
    keys = KeyFile(paths.keys, clock).unlock(person.slot_id, passphrase)
    try:
        begun = first_run_state.unfinished(paths) or lockscreen.look_of(paths).revoked is not None
        first = None if begun else firstboard.read(paths, keys, person, clock)
        if first is not None and not roles.may(first.role, "case.view"):
            first = None  # 今日 is not a page of this person's.
    except JiefenError as error:
        # Opening the desk meets the same fault, and has the words and the ways out for it.
        log.info("no first board: %s", error.code or type(error).__name__)
        first = None
    except BaseException:
        keys.clear()
        raise
    return Unlocked(person, keys, first)


class Opening(QObject):
    """Opens the window's profile. ``context`` is that of the page painted first, until the desk takes it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.busy = False
        self.context: Context | None = None
        self._slot = ""
        self._made: Desk | None = None

    # -- ways in -----------------------------------------------------------------------------------

    def by_passphrase(self, passphrase: str) -> None:
        """From the lock screen."""
        window = self._window
        if self.busy:
            self._check(passphrase)
            return
        self.busy = True
        login = window.login
        window.operations.write(
            "解锁", lambda _job: unlock(window.paths, window.clock, passphrase, login),
            lambda unlocked: self._go_on(unlocked, passphrase),
            lambda error: self._not_unlocked(error, passphrase),
        )  # fmt: skip

    def practise(self, *, fresh: bool) -> None:
        """A practice profile: with its known passphrase; the lock screen asks for another."""
        from ui import practice

        window = self._window
        if fresh or not lockscreen.exists(window.paths):
            self._start_platform("第一次要做一批假案，大约半分钟。", fresh=fresh)
            return
        window.preparing.say("正在打开练习", "马上就好。")
        self.busy = True

        def work(_job: object) -> Unlocked:
            mediator = lockscreen.people_of(window.paths, window.clock)[0]
            return unlock(window.paths, window.clock, practice.PASSPHRASE, mediator.slot_id)

        window.operations.write(
            "解锁", work, lambda unlocked: self._go_on(unlocked, practice.PASSPHRASE), self._other_passphrase
        )

    def _start_platform(self, words: str = "练习平台正在起来，马上就好。", *, fresh: bool = False) -> None:
        """The practice platform first, then its profile: made anew, or asked for by the lock screen."""
        from ui import practice, practice_profile

        window = self._window
        window.preparing.say("正在准备练习", words)

        def work(_job: object) -> Desk | None:
            window.practice = practice.start(window.paths, fresh=fresh)
            try:
                return practice_profile.ensure_practice_profile(window.practice, clock=window.clock)
            except WrongPassphraseError:
                return None

        def done(desk: Desk | None) -> None:
            if desk is None:
                window.preparing.hide()
                window.show_lock()
            else:
                window.open_desk(desk)

        window.operations.write("准备练习", work, done, self._not_prepared)

    def _not_prepared(self, error: BaseException) -> bool:
        """Practice does not come up: say it and close."""
        self._window.tell("准备练习", error)
        self._window.shell.close()
        return True

    def _check(self, passphrase: str) -> None:
        """今日 was locked before its profile was open: only the passphrase is asked."""
        from app.storage.keyslots import KeyFile

        window, slot = self._window, self._slot

        def work(_job: object) -> None:
            KeyFile(window.paths.keys, window.clock).unlock(slot, passphrase).clear()

        window.operations.write(
            "解锁",
            work,
            lambda _none: window.uncover(),
            lambda error: window.unlock_failed(error, passphrase),
        )

    def _not_unlocked(self, error: BaseException, passphrase: str) -> bool:
        self.busy = False
        return self._window.unlock_failed(error, passphrase)

    def _other_passphrase(self, error: BaseException) -> bool:
        self.busy = False
        if not isinstance(error, WrongPassphraseError):
            return self._not_prepared(error)
        self._start_platform()
        return True

    # -- first the page, then the desk -------------------------------------------------------------

    def _go_on(self, unlocked: Unlocked, passphrase: str) -> None:
        self._slot = unlocked.person.slot_id
        if unlocked.first is None:
            self._begin_opening(unlocked, passphrase)
        else:
            self._paint(unlocked.first)
            # Importing on a lane would take turns with the painting.
            AfterPaint(self._window.shell, lambda: self._begin_opening(unlocked, passphrase))

    def _begin_opening(self, unlocked: Unlocked, passphrase: str) -> None:
        if self._window.ended:
            unlocked.keys.clear()
            return
        self._window.operations.write(
            "打开档案", lambda _job: self._open(unlocked), self._live,
            lambda error: self._not_opened(error, passphrase),
        )  # fmt: skip

    def _paint(self, first: FirstBoard) -> None:
        from ui.pages.today import TodayPage

        window, shell = self._window, self._window.shell
        self.context = window.new_context()
        page = TodayPage(self.context)
        page.show_first(first)
        shell.add_page(page)
        shell.gate = self._later
        shell.set_person(first.name, roles.LABELS.get(first.role, ""), first.institution)
        window.uncover()
        shell.go("today")

    def _later(self, key: str, params: Mapping[str, Any]) -> bool:
        """A page that is not there yet comes to the front when the desk is open."""
        kept = dict(params)
        return self.put_off(lambda: self._window.shell.go(key, kept))

    def put_off(self, act: Callable[[], object]) -> bool:
        """Whether the desk is still being opened under the first page; ``act`` is then done afterwards."""
        from ui.pages.working import ACT, OPENING

        if self.context is None:
            return False
        self.context.when_open(ACT, act)
        self._window.shell.toast.say(OPENING, icon="hourglass", status="info")
        return True

    def _open(self, unlocked: Unlocked) -> Desk:
        """On the write lane: the libraries, the desk, in practice the platform too."""
        from ui import practice

        window = self._window
        wanted = window.practising and window.practice is None
        process = practice.launch(window.paths) if wanted else None
        try:
            for name in NEEDED:
                importlib.import_module(name)
            from app.services import profile

            desk = profile.open_with(window.paths, unlocked.keys, unlocked.person, window.clock)
            self._made = self._attached(desk, process)
        except BaseException:
            if process is not None and window.practice is None:
                process.stop()
            unlocked.keys.clear()
            raise
        return self._made

    def _attached(self, desk: Desk, process: SandboxProcess | None) -> Desk:
        """The desk with the practice platform under it, where there is one; closed when that fails."""
        from app.services import profile
        from ui import practice, practice_profile

        window = self._window
        try:
            if process is None:
                return window.attached(desk)
            window.practice = practice.ready(process, window.paths)
        except BaseException:
            profile.close(desk)
            raise
        return practice_profile.ensure_practice_profile(window.practice, clock=window.clock, desk=desk)

    def _live(self, desk: Desk) -> None:
        if self._window.ended:
            # The word that it is open arrived behind the end of the window, which closed it again.
            return
        self.busy, self._made = False, None
        if self.context is not None:
            self._window.open_desk(desk)
        else:
            self._window.opened(desk)

    def _not_opened(self, error: BaseException, passphrase: str) -> bool:
        self.busy = False
        window, painted = self._window, self.take()
        if painted is not None:
            window.shell.remove_pages()
            painted.schedule.deleteLater()
        if getattr(error, "code", "") == REVOKED:
            window.preparing.hide()
            window.show_lock()
            return True
        if window.practising:
            return self._not_prepared(error)
        if painted is not None:
            window.show_lock()
        return window.unlock_failed(error, passphrase)

    # -- the end -----------------------------------------------------------------------------------

    def take(self) -> Context | None:
        """The first page's context, to be used on; nothing is put off any more."""
        self._window.shell.gate = None
        taken, self.context = self.context, None
        return taken

    def abandon(self) -> None:
        """Close a desk that came open when the window was closed already. The lanes have ended."""
        left, self._made = self._made, None
        if left is not None:
            from app.services import profile

            profile.close(left)

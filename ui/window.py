"""The life of the window: opening a profile, the pages, locking, signing out, the end."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app.clock import SystemClock
from app.domain.errors import JiefenError, WrongPassphraseError
from app.domain.roles import LABELS as ROLES
from app.logs import Redactor
from app.services import lockscreen
from ui.actions import actions_for, page_actions
from ui.background.collector import Collector
from ui.background.hub import ChangeHub
from ui.background.lanes import Lanes
from ui.background.operations import Operations
from ui.background.schedule import Schedule
from ui.commands import PaletteCommands
from ui.frame.idle import IdleWatcher
from ui.frame.preparing import Preparing
from ui.frame.tray import tell_unsent
from ui.frame.unkept import UnkeptDrafts, UnkeptGuard
from ui.frame_healing import FrameHealing
from ui.frame_requests import QUIET_MS
from ui.opening import Opening
from ui.registry import nav_items, pages_for
from ui.shell import Shell
from ui.theme.look import Look

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk
    from ui.context import Context
    from ui.exchange import Exchange
    from ui.practice import Practice
    from ui.status import FrameStatus

log = logging.getLogger(__name__)


class Window(FrameHealing):
    """Everything around the pages. ``ready`` is sent when 今日 is in front."""

    ready = Signal()
    closed = Signal()

    def __init__(
        self,
        app: QApplication,
        paths: ProfilePaths,
        *,
        practice: bool = False,
        redactor: Redactor | None = None,
    ) -> None:
        super().__init__()
        self.app, self.paths, self.practising = app, paths, practice
        self.redactor = redactor or Redactor()
        self.clock = SystemClock()
        card = lockscreen.look_of(paths)
        self.look = Look(app, card.theme, card.scale / 100)
        self.collector = Collector(self)
        self.hub = ChangeHub(self)
        self.lanes = Lanes(self)
        self.operations = Operations(self.lanes, self.hub, self)
        self.palette = PaletteCommands()
        memory = QSettings(str(paths.root / "window.ini"), QSettings.Format.IniFormat)
        self.shell = Shell(app, self.look, self.clock, self.hub, memory, self.palette, nav_items(practice))
        self.preparing = Preparing(self.look, self.shell.centralWidget())
        self.idle = IdleWatcher(app)
        self.practice: Practice | None = None
        self.context: Context | None = None
        self.exchange: Exchange | None = None
        self.status: FrameStatus | None = None
        self.first_run: Any = None
        self.opening = Opening(self)
        self.unkept = UnkeptDrafts(self.operations, self)
        self.login = ""
        self.ended = False
        self._connect()

    def _connect(self) -> None:
        shell = self.shell
        shell.lock_screen.unlock_asked.connect(self.unlock)
        shell.lock_screen.recovery_asked.connect(self.recover)
        shell.lock_screen.switch_asked.connect(self.choose_person)
        shell.lock_screen.register_asked.connect(self.register_revoked)
        shell.lock_asked.connect(self.lock)
        shell.sign_out_asked.connect(self.change_over)
        shell.sync_asked.connect(self._sync_asked)
        shell.settings_asked.connect(lambda: shell.go("settings"))
        shell.new_asked.connect(self._new)
        shell.command_chosen.connect(self._command)
        shell.leave_practice_asked.connect(shell.close)
        shell.page_missing.connect(self._page_missing)
        shell.scale_chosen.connect(self._keep_scale)
        shell.closing.connect(self.end)
        shell.setWindowIcon(self.look.icon("scale", "primary", 64))
        shell.holds_back = UnkeptGuard(self.look, shell, lambda: self.unkept.count).holds_back
        self.operations.failed.connect(self.tell)
        self.operations.broken.connect(self.heed)
        self.idle.warned.connect(self._warn)
        self.idle.lock_due.connect(self.lock)
        self.idle.keys_due.connect(self._keys_due)
        self.hub.subscribe(frozenset({"outbox", "attachments", "submissions"}), self._wake)
        self.hub.subscribe(frozenset({"settings"}), self._settings_changed)

    def come_forward(self) -> None:
        """Somebody started the product again: here it is."""
        self.shell.setWindowState(self.shell.windowState() & ~Qt.WindowState.WindowMinimized)
        self.shell.raise_()
        self.shell.activateWindow()

    # -- opening -----------------------------------------------------------------------------------

    def begin(self, *, fresh: bool = False) -> None:
        """Show the window: practice opens by itself, a profile asks for its passphrase, none asks who."""
        self.collector.start()
        self.shell.set_practice(self.practising)
        self.shell.show()
        if self.practising:
            self._show_practice_passphrase()
            self.opening.practise(fresh=fresh)
        elif lockscreen.exists(self.paths):
            self.show_lock()
        else:
            self._show_first_run()

    def _show_first_run(self) -> None:
        from ui.pages.first_run import FirstRun

        self.first_run = FirstRun(self.look, self.operations, self.paths, self.clock)
        self.first_run.cover(self.shell.centralWidget())
        self.first_run.finished.connect(self._first_run_over)
        self.first_run.practice_asked.connect(self._practise_instead)

    def opened(self, desk: Desk) -> None:
        """A profile came open by its passphrase: a first run that stopped at its last step goes on."""
        from ui.pages import first_run_state

        if not first_run_state.unfinished(self.paths):
            self.open_desk(desk)
            return
        self.shell.unlock()
        self._show_first_run()
        self.first_run.take_up(desk)

    def _first_run_over(self, desk: Desk) -> None:
        self.first_run.hide()
        self.first_run.deleteLater()
        self.first_run = None
        self.open_desk(desk)

    def _practise_instead(self) -> None:
        """先练习: the practice profile opens in a window of its own."""
        from ui import practice

        practice.open_apart()
        self.shell.close()

    def new_context(self) -> Context:
        """Surroundings for pages, on no profile yet."""
        from ui.context import Context

        return Context(
            opened=None,
            lanes=self.lanes,
            operations=self.operations,
            hub=self.hub,
            schedule=Schedule(self.clock, self),
            look=self.look,
            navigate=self.navigate,
            unkept=self.unkept,
            reopen=self.reopen,
            switch_person=self.switch_person,
        )

    def open_desk(self, desk: Desk) -> None:
        """The profile is open: build the pages, show 今日 unless it shows already, begin the exchange."""
        desk = replace(desk, hide=self.redactor.add_names)
        from app.services.office import Office
        from ui.exchange import Exchange
        from ui.status import FrameStatus

        office = Office(desk)
        painted = self.opening.take()
        self.operations.read("读设置", lambda _job: office.settings.personal(), self._take_personal)
        self.lanes.read.set_interrupt(desk.store.interrupt_read)
        self.exchange = Exchange(desk, self)
        self.context = painted or self.new_context()
        self.context.opened = office
        self.unkept.follow(office)
        self.context.practice, self.context.sync = self.practice, self.exchange
        self.context.restart_practice = self.restart_practice if self.practice is not None else None
        self.context.schedule.day_changed.connect(lambda _day: self.renew_day())
        for key, make in pages_for(self.context):
            if not self.shell.has_page(key):
                self.shell.offer_page(key, make)
        self.palette.connect(
            lambda: self._context().office, self.operations, actions_for(self), lambda: page_actions(self)
        )
        person = desk.person
        self.login = person.login
        self.shell.lock_screen.ask_for(person.login)
        self.shell.set_person(person.name, ROLES.get(person.role, ""), desk.institution.name)
        self.status = FrameStatus(self.shell, self.context)
        self.exchange.state.connect(self.status.told)
        self.exchange.unregistered.connect(self.status.not_registered)
        self.exchange.changed.connect(self.hub.publish)
        self.exchange.changed.connect(self._learned)
        self.exchange.result.connect(self.judge)
        self.pulled = False
        self.exchange.result.connect(self._pulled)
        self.context.release()
        if painted is None:
            self.uncover()
            self.shell.go("today" if self.shell.has_page("today") else "settings")
        self.exchange.start()
        self.renew_day()
        self._back_up()
        self._sweep()
        QTimer.singleShot(QUIET_MS, self, self._build_pages)
        self.ready.emit()

    def reopen(self, desk: Desk) -> None:
        """Begin anew with a desk of the profile that is open: this computer was registered."""
        self._let_go()
        self.open_desk(desk)

    def restart_practice(self) -> None:
        """从头来: close the practice profile and its platform, forget both, make new ones."""
        if not self.practising:
            return
        self._close_desk()
        if self.practice is not None:
            self.practice.close()
            self.practice = None
        self.clock.offset = dt.timedelta()
        self.opening.practise(fresh=True)

    def navigate(self, page: str, target: str = "", **options: Any) -> None:
        """Show a page by name for a case."""
        params = {"case_id": target, **options} if target else options
        self.shell.go(page, params)

    def _context(self) -> Context:
        if self.context is None:
            raise LookupError("no open profile")
        return self.context

    def renew_day(self) -> None:
        """Make the plans of open cases anew when they are from another day."""
        from app.services.daybreak import Daybreak

        daybreak = Daybreak(self._context().desk)

        def work(_job: object) -> Any:
            return daybreak.renew() if daybreak.due() else None

        self.operations.write("换到新的一天", work, urgency=9)

    # -- locking -----------------------------------------------------------------------------------

    def lock(self) -> None:
        """Cover the window; the keys stay, sending goes on."""
        nothing = self.context is None and self.opening.context is None
        if nothing or self.shell.locked:
            return
        try:
            self.shell.lock()
        finally:
            self.idle.set_locked(True)

    def unlock(self, passphrase: str) -> None:
        """Check the passphrase on the write lane, then uncover or open."""
        if self.context is None and self.tell_revoked():
            self.ask_platform(passphrase)
            return
        if self.context is None:
            self.opening.by_passphrase(passphrase)
            return
        from app.services import profile

        desk = self.context.desk
        self.operations.write(
            "解锁", lambda _job: profile.check_passphrase(self.paths, desk, passphrase),
            lambda _none: self.uncover(), lambda error: self.unlock_failed(error, passphrase),
        )  # fmt: skip

    def uncover(self) -> None:
        """Take away whatever lies over the pages."""
        self.preparing.hide()
        if self.shell.locked:
            self.shell.unlock()
        self.idle.set_locked(False)
        self.reopen_for_role()

    def unlock_failed(self, error: BaseException, passphrase: str) -> bool:
        """Say it on the lock screen if that is the place for it, with the way out where there is one."""
        if isinstance(error, WrongPassphraseError):
            self.shell.lock_screen.show_problem(error.message)
            return True
        self.shell.lock_screen.set_busy(False)
        return self.offer_healing(error, passphrase)

    def recover(self) -> None:
        """用恢复码: a dialog asks for the code and a new passphrase."""
        if self.opening.put_off(self.recover):
            return
        from ui.dialogs.recovery import RecoveryDialog

        if self.context is not None:
            self.sign_out()
        dialog = RecoveryDialog(self.look, self.operations, self.paths, self.clock, self.login, self.shell)
        dialog.recovered.connect(self._recovered)
        dialog.open()

    def _recovered(self, desk: Desk) -> None:
        if lockscreen.look_of(self.paths).revoked is not None:
            # The new passphrase and code are kept; the computer stays locked.
            self._close_made(desk)
            self.show_lock()
            return
        self.operations.write("打开", lambda _job: self.attached(desk), self.open_desk)

    def sign_out(self) -> None:
        """Close the profile, put the keys away and ask for a passphrase."""
        if self.opening.put_off(self.sign_out):
            return
        if self.context is None:
            return
        if not self.shell.locked:
            self.shell.lock()
        self._close_desk()
        self.show_lock()

    def _keys_due(self) -> None:
        if self.shell.locked:
            self.sign_out()

    # -- the end -------------------------------------------------------------------------------------

    def _let_go(self) -> Context | None:
        """Take pages and exchange off the desk; its store stays open."""
        context, self.context = self.context, None
        if context is None:
            return None
        if self.status is not None:
            self.status.close()
        if self.exchange is not None:
            self.exchange.stop()
            self.exchange = None
        self.palette.disconnect()
        self.lanes.read.set_interrupt(None)
        context.schedule.deleteLater()
        self.collector.thaw()
        self.shell.remove_pages()
        self.lanes.settle()
        return context

    def _close_desk(self) -> None:
        if (context := self._let_go()) is not None:
            self.unkept.put_away(context.desk.slot_id)
            self._close_made(context.desk)

    def _close_made(self, desk: Desk) -> None:
        from app.services import profile

        try:
            profile.close(desk)
        except JiefenError as error:
            # All was written before; only the signed head is missing until the next close.
            log.warning("profile not closed cleanly: %s", error.code or type(error).__name__)
        self.redactor.forget_names()

    def end(self) -> None:
        """Save, stop, close; called once when the window closes."""
        if self.ended:
            return
        self.ended = True
        if self.status is not None:
            tell_unsent(self.shell, self.status.waiting)
        self._close_desk()
        self.lanes.close()
        self.opening.abandon()
        if self.practice is not None:
            self.practice.close()
        self.collector.stop()
        self.closed.emit()
        self.app.quit()

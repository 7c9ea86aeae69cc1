"""Who sits at this computer: changing over to a colleague, and adding one (换人登录、加一位同事)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu

from app.clock import SystemClock
from app.services import lockscreen
from ui.frame_requests import FrameRequests

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk
    from ui.opening import Opening
    from ui.practice import Practice
    from ui.window import Window

ADD = "加一位同事…"


class FramePeople(FrameRequests):
    """The part of the window that knows who may sit down; :class:`~ui.window.Window` is the whole."""

    paths: ProfilePaths
    clock: SystemClock
    practice: Practice | None
    login: str
    opening: Opening

    def show_lock(self) -> None:
        """Ask for the passphrase of whoever was here last."""
        people = lockscreen.people_of(self.paths, self.clock)
        chosen = next((p for p in people if p.login == self.login), people[0])
        self.login = chosen.login
        self.shell.set_person(chosen.name, "", "")
        self.shell.lock_screen.ask_for(chosen.login)
        if self.shell.locked:
            # Somebody else is asked for now; what the one before typed is gone.
            self.shell.lock_screen.set_busy(False)
            self.shell.lock_screen.lock(chosen.name, "")
        else:
            self.shell.lock()
        cast("Window", self).tell_revoked()

    def choose_person(self) -> None:
        """换人登录: the names that have keys on this computer, and 加一位同事."""
        if self.opening.put_off(self.choose_person):
            return
        people = lockscreen.people_of(self.paths, self.clock)
        menu = QMenu(self.shell)
        menu.setObjectName("lock.switch.menu")
        for person in people:
            menu.addAction(person.name).triggered.connect(self._chooser(person.login))
        menu.addSeparator()
        registered = any(person.person_id for person in people)
        add = menu.addAction(ADD if registered else f"{ADD}（先登记本机）")
        add.setEnabled(registered)
        add.triggered.connect(self.add_colleague)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.setActiveAction(menu.actions()[0])
        switch = self.shell.lock_screen.switch
        menu.popup(switch.mapToGlobal(switch.rect().bottomLeft()))

    def change_over(self) -> None:
        """换人登录 in the user menu: lock, and offer the people at once."""
        if self.opening.put_off(self.change_over):
            return
        if self.context is not None:
            cast("Window", self).sign_out()
        # The link that the menu hangs on has its place only once the lock screen is laid out.
        QTimer.singleShot(0, self.shell, self.choose_person)

    def _chooser(self, login: str) -> Callable[[], None]:
        return lambda: self.switch_person(login)

    def switch_person(self, login: str) -> None:
        """Have the lock screen ask for this person's passphrase."""
        if self.opening.put_off(lambda: self.switch_person(login)):
            return
        self.login = login
        if self.context is not None:
            cast("Window", self).sign_out()
        else:
            self.show_lock()

    def add_colleague(self) -> None:
        """加一位同事 at the lock screen: somebody who can sign in opens the profile for it."""
        from ui.dialogs.colleague import ColleagueDialog

        if self.context is not None:
            cast("Window", self).sign_out()
        dialog = ColleagueDialog(
            self.look,
            self.operations,
            self.paths,
            self.clock,
            self.shell,
            people=lockscreen.people_of(self.paths, self.clock),
            prepare=self.attached,
            hint=self.practice.colleagues_hint() if self.practice is not None else "",
        )
        dialog.joined.connect(cast("Window", self).open_desk)
        dialog.open()

    def attached(self, desk: Desk) -> Desk:
        """A desk that the lock screen opened: in practice it is pointed at the platform as it runs now."""
        if self.practice is None:
            return desk
        from app.services import profile
        from ui import practice

        practice.attach(self.practice, desk)
        return profile.refresh(desk)

"""The window: navigation, bar on top, the page in front, and what floats above them.

The shell knows no page by name: pages are added to it, and it is told what to show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, QRect, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QStackedWidget, QWidget
from shiboken6 import isValid

from app.clock import Clock
from app.services.changes import ChangeSet
from ui.background.hub import ChangeHub
from ui.frame import nav_items, taborder
from ui.frame.aside import DialogsAside
from ui.frame.banners import PracticeBanner, RevealBanner
from ui.frame.clickthrough import ClickThroughGuard
from ui.frame.focus import FocusRing
from ui.frame.focus_home import FocusHome
from ui.frame.heldkeys import HeldKeys
from ui.frame.help import open_help
from ui.frame.history import History, Place
from ui.frame.inputwatch import input_watch
from ui.frame.keys import ShellKeys
from ui.frame.lock import LockScreen
from ui.frame.nav import Nav
from ui.frame.palette import CommandPalette
from ui.frame.palette_lines import PaletteSource
from ui.frame.topbar import TopBar
from ui.frame.uncovered import not_covered
from ui.pages.base import Page
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import column, first_focusable, identify, row
from ui.widgets.masked import MaskedField
from ui.widgets.toast import Toast

PRODUCT = "解纷工作台"
DRAWER_BELOW = 1040
"""Logical width under which side panels become drawers and the primary button sticks to the foot."""
TITLE_BAR = 40
"""Height left for the window's title when the screen is small."""


class Shell(QMainWindow):
    """The main window.

    Signals ask for what others do: ``new_asked(kind)``, ``sync_asked()``, ``settings_asked()``,
    ``lock_asked()``, ``cover_asked()`` (everything was covered), ``scale_chosen(percent)`` by its keys,
    ``page_missing(key)`` when somebody asked for a page that this person has not, ``leave_practice_asked()``,
    ``sign_out_asked()``, ``command_chosen(key)`` from the palette, ``closing()`` before the window goes.
    """

    new_asked = Signal(str)
    sync_asked = Signal()
    settings_asked = Signal()
    lock_asked = Signal()
    cover_asked = Signal()
    leave_practice_asked = Signal()
    sign_out_asked = Signal()
    command_chosen = Signal(str)
    page_shown = Signal(str)
    page_missing = Signal(str)
    scale_chosen = Signal(int)
    closing = Signal()

    def __init__(
        self,
        app: QApplication,
        look: Look,
        clock: Clock,
        hub: ChangeHub,
        memory: QSettings,
        palette: PaletteSource,
        items: Sequence[nav_items.NavItem] = nav_items.NAV_ITEMS,
    ) -> None:
        """``memory`` keeps the window's state; it is a file of the profile, never the system's registry."""
        super().__init__()
        self.look, self._memory = look, memory
        self._pages: dict[str, Page] = {}
        self._offered: dict[str, Callable[[], Page]] = {}
        self.gate: Callable[[str, Mapping[str, Any]], bool] | None = None
        """Asked first when a page is not there; true when it will be shown later."""
        self.holds_back: Callable[[], bool] = lambda: False
        """Asked before the window closes; true when it must not yet."""
        self._history, self._person = History(), ("", "")
        self._focus_before: QWidget | None = None
        self.setWindowTitle(PRODUCT)
        self.setMinimumSize(tokens.size("windowMin", "w"), tokens.size("windowMin", "h"))
        self.setObjectName("shell.window")
        self.nav, self.topbar = Nav(look, items), TopBar(look)
        self.practice = PracticeBanner(look)
        self.practice.hide()
        self.reveal = RevealBanner(look)
        self.stack = QStackedWidget()
        self._center = QWidget()
        self._build()
        self.toast = Toast(look, self._right, self._not_covered, self.page_shown)
        self.command = CommandPalette(look, self._center, palette)
        self.lock_screen = LockScreen(look, self._center, clock)
        self.ring = FocusRing(look, self, app)
        self._guard = ClickThroughGuard(app, self.stack)
        self._held_keys = HeldKeys(app, self)
        self.aside = DialogsAside(look, app, self, self.lock_asked.emit)
        self._home = FocusHome(look, app, self, lambda: None if self.locked else self.current)
        look.applying.connect(input_watch(app).pause)
        self._connect()
        self.keys = ShellKeys(self)
        hub.subscribe(frozenset(), self._changed)
        look.follow(self, self._adapt)
        self._restore()

    def _build(self) -> None:
        right = column(self.topbar, self.reveal, self.stack, spacing=0)
        right.setStretch(2, 1)
        self._right = QWidget()
        self._right.setLayout(right)
        below = row(self.nav, self._right, spacing=0)
        below.setStretch(1, 1)
        whole = column(self.practice, below, spacing=0)
        whole.setStretch(1, 1)
        self._center.setLayout(whole)
        self.setCentralWidget(self._center)

    def _connect(self) -> None:
        self.nav.chosen.connect(self._nav_chosen)
        self.nav.new_asked.connect(self.new_asked)
        self.nav.lock_asked.connect(self.lock_asked)
        self.nav.user_menu_asked.connect(self._user_menu)
        self.topbar.command_asked.connect(self.command.open_palette)
        self.topbar.sync_asked.connect(self.sync_asked)
        self.topbar.mask_asked.connect(self.cover_all)
        self.topbar.help_asked.connect(self.show_help)
        self.practice.leave_asked.connect(self.leave_practice_asked)
        self.reveal.cover_asked.connect(self.cover_all)
        self.command.chosen.connect(self.command_chosen)

    # -- pages -----------------------------------------------------------------------------------

    def add_page(self, page: Page) -> None:
        """Take a page in; it is shown by its ``key``."""
        self._pages[page.key] = page
        page.navigate.connect(self.go)
        page.said.connect(self.toast.say)
        page.offered.connect(self._offer)
        page.set_narrow(self._narrow_for(page))
        state = self._memory.value(f"split/{page.key}")
        if isinstance(state, QByteArray):
            page.restore_split(state)
        self.stack.addWidget(page)

    def _offer(self, text: str, undo: Callable[[], None]) -> None:
        self.toast.say(text, undo=undo)

    def offer_page(self, key: str, make: Callable[[], Page]) -> None:
        """A page that is built when it is first shown, or by :meth:`build_next` before that."""
        self._offered[key] = make

    def build_next(self) -> bool:
        """Build one offered page; whether more are waiting. For quiet moments after the start."""
        if self._offered:
            self._built(next(iter(self._offered)))
        return bool(self._offered)

    def _built(self, key: str) -> None:
        make = self._offered.pop(key, None)
        if make is not None:
            self.add_page(make())

    def _not_covered(self) -> Sequence[QRect]:
        return not_covered(self.current, self._right)

    def has_page(self, key: str) -> bool:
        """Whether the page ``key`` is there for this person."""
        return key in self._pages or key in self._offered

    def remove_pages(self) -> None:
        """The profile is closed: forget its pages and where one has been."""
        self.aside.drop()
        for page in self._pages.values():
            self.stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self._offered.clear()
        self._history = History()

    @property
    def current(self) -> Page | None:
        """The page in front."""
        here = self.stack.currentWidget()
        return here if isinstance(here, Page) else None

    def go(self, key: str, params: Mapping[str, Any] | None = None) -> bool:
        """Show the page ``key`` for ``params``; false when there is no such page."""
        self._built(key)
        if key not in self._pages:
            if self.current is not None:
                self.nav.pages.show_current(self.current.nav)
            if self.gate is None or not self.gate(key, params or {}):
                self.page_missing.emit(key)
            return False
        place = Place(key, dict(params or {}))
        self._history.visit(place)
        self._show(place)
        return True

    def back(self) -> None:
        """Alt+←."""
        if place := self._history.back():
            self._show(place)

    def forward(self) -> None:
        """Alt+→."""
        if place := self._history.forward():
            self._show(place)

    def _show(self, place: Place) -> None:
        page = self._pages[place.key]
        before = self.current
        if self.command.isVisible():
            self.command.close_palette()
        if before is not None and before is not page:
            before.leave()
            before.drawer.close_drawer(at_once=True)
        if page is not before:
            self._guard.page_changed()
        self.stack.setCurrentWidget(page)
        self.nav.pages.show_current(page.nav)
        page.open(place.params)
        self._home.settle()
        self.page_shown.emit(page.key)

    def _changed(self, changes: ChangeSet) -> None:
        """The page in front renews itself; the others read anew when they are opened."""
        page = self.current
        if page is not None and (not page.kinds or changes.touches(page.kinds)):
            page.refresh(changes)

    # -- what the frame shows --------------------------------------------------------------------

    def set_person(self, name: str, role: str, institution: str) -> None:
        """Who is signed in, and where; the title carries no person's name."""
        self._person = (name, role)
        self.nav.set_person(name, role)
        practising = "（练习）" if self.practice.isVisibleTo(self) else ""
        self.setWindowTitle(f"{PRODUCT} — {institution}{practising}" if institution else PRODUCT)

    def set_practice(self, on: bool) -> None:
        """The striped banner of practice mode."""
        self.practice.setVisible(on)

    def lock(self) -> None:
        """Cover the window; all that shows is covered again, drafts are saved by the page."""
        if self.locked:
            return
        try:
            # First, since it gives the focus back to where one comes back to.
            self.command.close_palette()
            self._focus_before = self.focusWidget()
            if self.current is not None:
                self.current.leave()
        finally:
            self.aside.put_by()
            # Whatever went wrong above, nothing stays readable.
            for part in (self.nav, self._right):
                # Hidden, not only covered: a screen reader must not find what stands behind the lock.
                part.setEnabled(False)
                part.hide()
            self.lock_screen.lock(*self._person)
            self.cover_all()

    def unlock(self) -> None:
        """Take the cover away; the cursor returns to where it was."""
        self.lock_screen.unlocked()
        for part in (self.nav, self._right):
            part.setEnabled(True)
            part.show()
        if (page := self.current) is not None:
            page.come_back()
        before, self._focus_before = self._focus_before, None
        # What had the focus may be gone: signing out takes the pages, an exchange may replace rows.
        if before is None or not isValid(before) or not before.isVisible():
            before = first_focusable(self.current) if self.current is not None else None
        if before is not None:
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.aside.bring_back()

    @property
    def locked(self) -> bool:
        """Whether the lock screen covers the window."""
        return self.lock_screen.isVisible()

    def cover_all(self) -> None:
        """Cover every item that shows, here and wherever originals are held."""
        for field in self.findChildren(MaskedField):
            if field.shown:
                field.cover()
        for page in self._pages.values():
            page.cover()
        self.reveal.end()
        self.topbar.set_mask(shown=0)
        self.cover_asked.emit()

    def show_help(self) -> None:
        """F1: what the page in front is for."""
        page = self.current
        open_help(self, page.title if page else PRODUCT, page.help_text if page else "")

    def show_keys(self) -> None:
        """Ctrl+/: all keys that work now."""
        open_help(self, "快捷键", "")

    # -- keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the drawer of the page in front."""
        page = self.current
        if event.key() == Qt.Key.Key_Escape and page is not None and page.drawer.is_open:
            page.drawer.close_drawer()
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes in reading order; where Qt moves on from a control that goes, the focus finds its home."""
        if self._home.takes():
            return True
        if taborder.move(self._center, self.focusWidget(), forward=forward):
            return True
        return super().focusNextPrevChild(forward)

    def _nav_chosen(self, key: str) -> None:
        self.go(key)

    def _user_menu(self, position: QPoint) -> None:
        menu = self.user_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position - QPoint(0, menu.sizeHint().height()))

    def user_menu(self) -> QMenu:
        """The menu of the person: settings, lock, another person."""
        menu = QMenu(self)
        identify(menu, "nav.user.menu.open", "用户菜单")
        menu.addAction("设置\tCtrl ,").triggered.connect(self.settings_asked)
        menu.addAction("锁屏\tCtrl L").triggered.connect(self.lock_asked)
        menu.addSeparator()
        menu.addAction("换人登录").triggered.connect(self.sign_out_asked)
        return menu

    # -- size and memory -------------------------------------------------------------------------

    @property
    def narrow(self) -> bool:
        """Whether side panels are drawers now."""
        return self.look.metrics.logical(self.width()) < DRAWER_BELOW

    def _narrow_for(self, page: Page) -> bool:
        return self.look.metrics.logical(self.width()) < max(DRAWER_BELOW, page.drawer_below)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rail and drawers follow the logical width."""
        super().resizeEvent(event)
        self._adapt()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the page save, remember the window, tell the rest."""
        if self.current is not None:
            self.current.leave()
        if self.holds_back():
            event.ignore()
            return
        self._memory.setValue("window/maximized", self.isMaximized())
        self._memory.setValue("window/size", self.normalGeometry().size())
        for key, page in self._pages.items():
            if page.splitter.count() > 1:
                self._memory.setValue(f"split/{key}", page.splitter.saveState())
        self._memory.sync()
        self.closing.emit()
        event.accept()

    def _adapt(self) -> None:
        rail = self.look.metrics.rail_at(self.width())
        self.nav.set_rail(rail)
        self.topbar.set_brief(self.narrow)
        for page in self._pages.values():
            page.set_narrow(self._narrow_for(page))

    def _restore(self) -> None:
        size = self._memory.value("window/size")
        wanted = size if isinstance(size, QSize) and size.isValid() else QSize(1440, 900)
        # The screen less its bars and the window's own title: the foot must not lie outside.
        room = self.screen().availableSize() - QSize(0, TITLE_BAR)
        fits = room.width() >= self.minimumWidth() and room.height() >= self.minimumHeight()
        self.resize(wanted.boundedTo(room) if fits else wanted)
        if self._memory.value("window/maximized") in (True, "true"):
            self.setWindowState(Qt.WindowState.WindowMaximized)

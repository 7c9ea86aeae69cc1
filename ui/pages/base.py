"""What every page is: a header that answers, content, perhaps a side panel, one primary action."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QMenu, QSplitter, QVBoxLayout, QWidget

from app.services.changes import ChangeSet
from ui.labels import Label
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import PAGE_PADDING, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.drawer import Drawer
from ui.widgets.fitting import ElidedText, HeaderRow
from ui.widgets.gutter import GUTTER, GutterArea
from ui.widgets.tags import StatusTag

SPLIT = 16
"""Between the content and the side panel, the content's gutter included."""


@dataclass(frozen=True)
class Shortcut:
    """A key of the page, listed under Ctrl+/."""

    keys: str
    text: str
    run: Callable[[], None]


class Page(QWidget):
    """Base of all pages.

    A subclass builds its content in ``__init__`` with :meth:`set_content`, :meth:`set_side`,
    :meth:`set_actions`; fills it in :meth:`open`; saves in :meth:`leave`; and renews what shows in
    :meth:`refresh`, without losing scroll, selection or unsaved words. It reads and writes only through
    operations and never waits.

    ``navigate(key, params)`` asks the shell for another page; ``said(text)`` shows a toast,
    ``offered(text, undo)`` one with 撤销.
    """

    navigate = Signal(str, object)
    said = Signal(str)
    offered = Signal(str, object)
    header_changed = Signal()

    kinds: frozenset[str] = frozenset()
    """Kinds of change that concern this page; empty: all."""
    _content_scroll: GutterArea | None = None
    """What scrolls the main part, where it scrolls as a whole."""
    drawer_below = 0
    """Logical width under which this page takes the narrow form, where that is sooner than for others.

    So much that its wide form fits with all it may hold; ``tests/e2e/test_widths_window.py`` sees to that.
    """
    drawer_stays = False
    """Whether the drawer holds what stands there in both forms; else it is closed when the form changes."""
    side_width = tokens.size("sidePanel")
    """Width of the side panel until the person drags it."""
    help_text = ""
    """Shown under F1: what the page is for and how it is worked, in a few sentences."""
    names_its_case = False
    """Whether the sentence under the title says which case the page is on: it stays in a narrow window."""
    answers_in_subtitle = False
    """Whether that sentence is the page's answer, which nothing else on it gives: it stays as well."""

    def __init__(self, look: Look, key: str, *, nav: str = "", title: str = "") -> None:
        super().__init__()
        self.look, self.key, self.nav = look, key, nav or key
        self.setObjectName(f"{key}.page")
        self.setProperty("ringless", True)
        self.shortcuts: list[Shortcut] = []
        self.primary: PrimaryButton | None = None
        self.side: QWidget | None = None
        self._buttons: list[Button] = []
        self._narrow = False
        self._side_words = ("看侧栏", "收起侧栏")
        self._side_title = ""
        self._content_gutter = 0
        self._side_wanted = True
        self._build(title)
        self.drawer = Drawer(look, self, name=f"{key}.drawer")
        self.drawer.closed.connect(self._drawer_changed)
        self.drawer.opened.connect(self._drawer_changed)
        look.follow(self, self._restyle)

    # -- for subclasses --------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """The page comes to the front for ``params``. Called each time, also with the same ones."""

    def leave(self) -> None:
        """The page goes to the back: save what is unsaved, cover what shows, cancel reads."""

    def come_back(self) -> None:
        """The lock over it is taken away: papers and half-read things, which it took off, are read anew."""
        self.refresh(ChangeSet.of(*(self.kinds or ("cases",))))

    def cover(self) -> None:
        """Cover every original that shows; asked by Ctrl+Shift+M, by the lock, by the bar on top."""

    def refresh(self, changes: ChangeSet) -> None:
        """Something that concerns the page changed; renew quietly."""

    def focus_areas(self) -> Sequence[QWidget]:
        """The areas F6 goes through, in reading order."""
        areas = [self._content_area]
        if self.side is not None and not self._narrow:
            areas.append(self.side)
        return areas

    def set_title(self, title: str, subtitle: str = "", tag: Label | None = None) -> None:
        """The header: the answer, one sentence, and the state beside the title."""
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._show_subtitle()
        self._tag.setVisible(tag is not None)
        if tag is not None:
            self._tag.set_status(tag.status, tag.text, icon=tag.icon)
        self.header_changed.emit()

    @property
    def bottom_bar(self) -> QWidget:
        """The bar at the foot of a narrow window."""
        return self._foot

    @property
    def title(self) -> str:
        """The title as shown."""
        return self._title.text()

    def set_saved(self, text: str) -> None:
        """The quiet note in the header: 15:48:20 已存在本机."""
        self._saved.setText(text)
        self._saved.set_shorter(text.partition(" ")[2])
        self._saved.setVisible(bool(text))

    def set_actions(self, buttons: Sequence[Button] = (), primary: PrimaryButton | None = None) -> None:
        """Secondary buttons and the one solid button; in a narrow window the latter sticks to the foot."""
        self._buttons = list(buttons)
        if self.primary is not None and self.primary is not primary:
            self.primary.setParent(None)
        self.primary = primary
        self._arrange()

    @property
    def offered_buttons(self) -> list[Button]:
        """The secondary buttons offered now."""
        return list(self._buttons)

    def set_below_header(self, widget: QWidget) -> None:
        """A line under the header, such as tabs or the steps."""
        self._below.addWidget(widget)

    def set_header_aside(self, widget: QWidget) -> None:
        """Something beside the buttons in the header, such as segments; below where the width is short."""
        self._aside.addWidget(widget)

    def set_beside_title(self, widget: QWidget) -> None:
        """Something small right after title and state, such as the pencil that renames."""
        self._title_row.insertWidget(2, widget)

    def set_content(self, content: QWidget, *, scrolled: bool = False) -> None:
        """The page's main part; with ``scrolled`` the page scrolls it upright."""
        if scrolled:
            area = GutterArea()
            content.setProperty("kind", "scrolled")
            area.setWidget(content)
            content = self._content_scroll = area
            self._content_gutter = GUTTER
        self._content_layout.addWidget(content)
        self._restyle()

    def set_side(self, side: QWidget, title: str, show_words: str, hide_words: str) -> None:
        """The side panel; in a narrow window a drawer, opened by a button ``show_words`` at the foot."""
        side.setProperty("kind", "scrolled")
        self.side = side
        self._side_title, self._side_words = title, (show_words, hide_words)
        self._arrange()

    def show_side(self, on: bool) -> None:
        """Whether the side panel has a place now; without it the content takes the whole width."""
        self._side_wanted = on
        self._arrange()

    def begin_at_top(self) -> None:
        """Another thing is shown: what scrolls on the page, beside it as well, begins at its top."""
        self._side_area.to_top()
        if self._content_scroll is not None:
            self._content_scroll.to_top()

    def add_shortcut(self, keys: str, text: str, run: Callable[[], None]) -> None:
        """A key that works while this page is in front."""
        self.shortcuts.append(Shortcut(keys, text, run))
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        shortcut = QShortcut(QKeySequence(keys), self, context=within)
        shortcut.activated.connect(run)

    # -- frame -----------------------------------------------------------------------------------

    def _build(self, title: str) -> None:
        self._title = ElidedText(title, role="title")
        self._subtitle = ElidedText("", tone="textSecondary")
        self._subtitle.hide()
        self._tag = StatusTag(self.look, "neutral", "　")
        self._tag.hide()
        self._saved = ElidedText("", role="label", tone="textTertiary")
        self._saved.hide()
        self._title_row = row(self._title, self._tag, None, spacing=12)
        self._header_row = HeaderRow(self._title_row, self._subtitle, self._saved)
        self._aside, self._actions = self._header_row.aside, self._header_row.buttons
        head = row(self._header_row)
        head.setContentsMargins(0, 0, GUTTER, 0)
        self._below = column(spacing=8)
        self._below.setContentsMargins(0, 0, GUTTER, 0)
        self._content_area = QWidget()
        self._content_layout = QVBoxLayout(self._content_area)
        self._content_layout.setContentsMargins(0, 0, 0, 0)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName(f"{self.key}.split")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._content_area)
        self._side_area = GutterArea()
        self._side_area.setParent(self)
        self._side_area.hide()
        self._inside = column(head, self._below, self.splitter, spacing=14)
        self._inside.setStretch(2, 1)
        self._foot = QFrame()
        self._foot.setProperty("kind", "bottombar")
        self._foot_row = row(spacing=12)
        self._foot.setLayout(self._foot_row)
        outer = column(self._inside, self._foot, spacing=0)
        outer.setStretch(0, 1)
        self.setLayout(outer)
        self._more = Button(self.look, "更多", name=f"{self.key}.more.open", icon="ellipsis")
        self._more.clicked.connect(self._open_more)
        self._side_button = Button(
            self.look, "看侧栏", name=f"{self.key}.side.toggle", icon="panel-right-open"
        )
        self._side_button.clicked.connect(self.toggle_side)
        for widget in (self._more, self._side_button, self._foot):
            widget.setParent(self)
            widget.hide()

    def restore_split(self, state: QByteArray) -> None:
        """Take up the remembered place of the side panel; the width of the handle is the page's own."""
        self.splitter.restoreState(state)
        self._restyle()

    def set_narrow(self, narrow: bool) -> None:
        """Take the narrow form (side panel as drawer, primary button at the foot) or the wide one."""
        if narrow != self._narrow:
            self._narrow = narrow
            if not self.drawer_stays:
                self.drawer.close_drawer(at_once=True)
            self._arrange()
            self._show_subtitle()

    def _show_subtitle(self) -> None:
        """Where room is short the sentence goes into the tool tip, unless the page says that it stays."""
        stays = self.names_its_case or self.answers_in_subtitle
        said, hidden = self._subtitle.text(), self._narrow and not stays
        self._subtitle.setVisible(bool(said) and not hidden)
        self._title.set_note(said if hidden else "")

    @property
    def narrow(self) -> bool:
        """Whether the narrow form is in force."""
        return self._narrow

    def toggle_side(self) -> None:
        """Open or close the drawer with the side panel."""
        if self.side is None:
            return
        if self.drawer.is_open:
            self.drawer.close_drawer()
        else:
            self.drawer.open_with(self._side_title, self.side)

    def _arrange(self) -> None:
        for layout in (self._actions, self._foot_row):
            while layout.takeAt(0) is not None:
                pass
        home = self._foot_row if self._narrow else self._actions
        if self._narrow:
            self._fill_foot()
        else:
            for button in self._buttons:
                home.addWidget(button)
                button.show()
            if self.primary is not None:
                home.addWidget(self.primary)
        self._more.setVisible(self._narrow and bool(self._buttons))
        self._side_button.setVisible(self._narrow and self.side is not None and self._side_wanted)
        wanted = bool(self._buttons) or self.primary is not None or self.side is not None
        self._foot.setVisible(self._narrow and wanted)
        if self.primary is not None:
            self.primary.show()
        self._place_side()
        self._restyle()

    def _fill_foot(self) -> None:
        for button in self._buttons:
            button.setParent(self)
            button.hide()
        self._foot_row.addWidget(self._more)
        self._foot_row.addStretch(1)
        self._foot_row.addWidget(self._side_button)
        if self.primary is not None:
            self._foot_row.addWidget(self.primary)

    def _place_side(self) -> None:
        if self.side is None:
            return
        if self._narrow:
            if self._side_area.widget() is self.side:
                self._side_area.takeWidget()
            self._side_area.hide()
            self.side.setParent(self)
            self.side.hide()
            return
        self.drawer.take()
        if self._side_area.widget() is not self.side:
            self._side_area.setWidget(self.side)
        if self.splitter.indexOf(self._side_area) < 0:
            self.splitter.addWidget(self._side_area)
            self.splitter.setStretchFactor(0, 1)
            self.splitter.setStretchFactor(1, 0)
            self.splitter.setSizes([10_000, self.side_width + GUTTER])
        self._side_area.setVisible(self._side_wanted)
        self.side.show()

    def _restyle(self) -> None:
        pad = PAGE_PADDING if not self._narrow else 20
        # Scroll bars stand in gutters beside the content, so that all right edges agree with the header's.
        self._inside.setContentsMargins(pad, 16, pad - GUTTER, 0 if self._narrow else 16)
        beside = self.side is not None and self._side_wanted and not self._narrow
        self._content_layout.setContentsMargins(0, 0, 0 if beside or self._content_gutter else GUTTER, 0)
        self.splitter.setHandleWidth(SPLIT - self._content_gutter)
        self._foot_row.setContentsMargins(pad, 10, pad, 10)
        if hasattr(self, "drawer"):
            self.drawer.set_insets(0, self._foot.sizeHint().height() if self._foot.isVisibleTo(self) else 0)
        self._side_button.relabel(self._side_words[0])

    def _drawer_changed(self) -> None:
        opened = self.drawer.is_open
        words = self._side_words[1 if opened else 0]
        self._side_button.relabel(words, "panel-right-close" if opened else "panel-right-open")

    def _open_more(self) -> None:
        menu = self.more_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(self._more.rect().topLeft()) - QPoint(0, menu.sizeHint().height()))

    def more_menu(self) -> QMenu:
        """What the foot's 更多 offers in a narrow window: the secondary buttons."""
        menu = QMenu(self)
        identify(menu, f"{self.key}.more.menu", "更多")
        for button in self._buttons:
            action = menu.addAction(button.icon(), button.text())
            action.setEnabled(button.isEnabled() and not button.unavailable)
            action.triggered.connect(button.click)
        return menu

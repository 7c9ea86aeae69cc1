"""The navigation at the left: new registration, pages and what waits there, person and lock."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.frame.marks import Avatar, NewButton
from ui.frame.nav_items import ITEM, Index, NavItem, NavModel
from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, Text, column, identify, option_parts, row
from ui.widgets.buttons import Button, IconButton


class NavDelegate(QStyledItemDelegate):
    """Paints an item: icon, words, count, ring; in the rail the words stand under the icon."""

    def __init__(self, look: Look, view: QListView) -> None:
        super().__init__(view)
        self.look, self.rail, self._view = look, False, view
        self.by_key = False
        """Whether the keyboard brought the focus: a ring shows for it and not for the mouse."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One row; more room above a line."""
        item: NavItem = index.data(ITEM)
        high = self._rail_row() if self.rail else self.look.metrics.px(42)
        return QSize(60, high + (20 if item.gap and not self.rail else 8 if item.gap else 0))

    def _rail_row(self) -> int:
        """As high as the mock-ups' where there is room, lower where all pages must fit."""
        metrics, count = self.look.metrics, max(self._view.model().rowCount(), 1)
        room = (self._view.viewport().height() - 8) // count
        return min(max(room, metrics.px(38)), metrics.px(46))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Background of the current item, bar at its left, icon, words, count."""
        item: NavItem = index.data(ITEM)
        look, (box, state) = self.look, option_parts(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if item.gap:
            y = box.top() + (10 if not self.rail else 4)
            painter.setPen(QPen(look.color("border"), 2 if look.colors.high_contrast else 1))
            painter.drawLine(int(box.left()) + 16, int(y), int(box.right()) - 16, int(y))
            box.setTop(box.top() + (20 if not self.rail else 8))
        box = box.adjusted(8 if not self.rail else 4, 1, -8 if not self.rail else -4, -1)
        current = bool(state & QStyle.StateFlag.State_Selected)
        if current or state & QStyle.StateFlag.State_MouseOver:
            contrast = look.colors.high_contrast and current
            painter.setPen(QPen(look.color("border"), 2) if contrast else Qt.PenStyle.NoPen)
            painter.setBrush(look.color("navSelected" if current else "navHover"))
            painter.drawRoundedRect(box, 6, 6)
        if current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("primary"))
            # In the rail at the window's edge: inside, the longest words would touch it.
            left = box.left() - (4 if self.rail else 0)
            painter.drawRoundedRect(QRectF(left, box.top() + 10, 3, box.height() - 20), 1.5, 1.5)
        if self.rail:
            self._rail(painter, item, box, current=current)
        else:
            self._wide(painter, item, box, current=current)
        if state & QStyle.StateFlag.State_HasFocus and self.by_key:
            width = 3 if look.colors.high_contrast else tokens.size("focusRing", "width")
            painter.setPen(QPen(look.color("borderFocus"), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        painter.restore()

    def _wide(self, painter: QPainter, item: NavItem, box: QRectF, *, current: bool) -> None:
        look = self.look
        edge = look.metrics.icon
        square = QRectF(box.left() + 14, box.center().y() - edge / 2, edge, edge)
        icons.paint(painter, item.icon, look.colors["primary" if current else "textSecondary"], square)
        painter.setPen(look.color("text" if current else "textSecondary"))
        painter.setFont(look.font("body", bold=current))
        words = box.adjusted(14 + edge + 10, 0, 0, 0)
        tick = " ✓" if current and look.colors.high_contrast else ""
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), item.text + tick)
        if item.count:
            edge = look.metrics.px(24)
            spot = QRectF(box.right() - edge - 10, box.center().y() - edge / 2, edge, edge)
            self._count(painter, item, spot)

    def _rail(self, painter: QPainter, item: NavItem, box: QRectF, *, current: bool) -> None:
        look = self.look
        edge = look.metrics.px(18)
        lift = (box.height() - edge - look.metrics.line_px("caption")) / 2
        square = QRectF(box.center().x() - edge / 2, box.top() + lift, edge, edge)
        icons.paint(painter, item.icon, look.colors["primary" if current else "textSecondary"], square)
        painter.setPen(look.color("text" if current else "textSecondary"))
        font = look.font("caption", bold=current)
        small = painter.fontMetrics()
        painter.setFont(font)
        small = painter.fontMetrics()
        line = look.metrics.line_px("caption")
        words = QRectF(box.left() - 4, square.bottom(), box.width() + 8, line)
        text = small.elidedText(item.text, Qt.TextElideMode.ElideNone, int(words.width()))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignCenter), text)
        if item.count:
            edge = look.metrics.px(17)
            self._count(painter, item, QRectF(square.right() + 3, square.top() - 3, edge, edge))

    def _count(self, painter: QPainter, item: NavItem, spot: QRectF) -> None:
        look = self.look
        number = str(item.count) if item.count < 100 else "99+"
        painter.setFont(look.font("caption", bold=item.urgent))
        wide = max(spot.width(), painter.fontMetrics().horizontalAdvance(number) + 8)
        spot = QRectF(spot.right() - wide, spot.top(), wide, spot.height())
        if item.urgent or look.colors.high_contrast:
            colors = look.colors.status["dueToday" if item.urgent else "neutral"]
            painter.setPen(QPen(icons.qcolor(colors.border), 2 if look.colors.high_contrast else 1))
            painter.setBrush(icons.qcolor(colors.bg))
            painter.drawRoundedRect(spot, spot.height() / 2, spot.height() / 2)
            painter.setPen(icons.qcolor(colors.fg))
        else:
            painter.setPen(look.color("textSecondary"))
        painter.drawText(spot, int(Qt.AlignmentFlag.AlignCenter), number)


class NavList(QListView):
    """The pages; ``chosen(key)`` by click or Enter."""

    chosen = Signal(str)

    def __init__(self, look: Look, items: Sequence[NavItem]) -> None:
        super().__init__()
        self.look = look
        identify(self, "nav.pages.list", "导航")
        self.setProperty("kind", "plain")
        self._items = NavModel(items)
        self._painter = NavDelegate(look, self)
        self.setModel(self._items)
        self.setItemDelegate(self._painter)
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._chosen)
        look.follow(self, self.doItemsLayout)

    @property
    def keys(self) -> list[str]:
        """The pages in order."""
        return [item.key for item in self._items.items]

    def set_rail(self, rail: bool) -> None:
        """Narrow or wide form."""
        self._painter.rail = rail
        self.doItemsLayout()

    def show_current(self, key: str) -> None:
        """Mark ``key`` as the page in front; nothing is marked for a page outside the navigation."""
        number = self._items.row_of(key)
        if number >= 0:
            self.setCurrentIndex(self._items.index(number))
        else:
            self.clearSelection()

    def set_count(self, key: str, count: int, *, urgent: bool = False) -> None:
        """Things at ``key`` that wait for the person."""
        number = self._items.row_of(key)
        if number >= 0:
            old = self._items.items[number]
            self._items.put(number, NavItem(old.key, old.text, old.icon, old.gap, count, urgent))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring round the item in hand, unless the mouse is at work."""
        self._painter.by_key = event.reason() != Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the page."""
        self._painter.by_key = True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._chosen(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _chosen(self, index: QModelIndex) -> None:
        item: NavItem = index.data(ITEM)
        self.chosen.emit(item.key)


class Nav(QFrame):
    """The whole left side.

    ``new_asked(kind)`` is ``visit`` (来访登记) or ``receive`` (收取办件); ``user_menu_asked(position)``.
    """

    new_asked = Signal(str)
    chosen = Signal(str)
    lock_asked = Signal()
    user_menu_asked = Signal(QPoint)

    def __init__(self, look: Look, items: Sequence[NavItem]) -> None:
        super().__init__()
        self.look = look
        self._rail = False
        self.setProperty("kind", "nav")
        self.new_button = NewButton(look)
        self.new_button.setProperty("kind", "new")
        self.new_button.setText(" 新登记")
        self.new_button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.new_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.new_button.setToolTip("来访登记（Ctrl N）")
        identify(self.new_button, "nav.new.visit", "新登记，来访登记")
        self._menu = QMenu(self)
        identify(self._menu, "nav.new.menu", "新登记")
        for kind, words, keys in (
            ("visit", "来访登记", "Ctrl+N"),
            ("oral", "口头协议登记", "Ctrl+Shift+O"),
            ("receive", "收取平台转来的办件", "Ctrl+R"),
        ):
            action = self._menu.addAction(f"{words}\t{keys.replace('+', ' ')}")
            action.setData(kind)
        self._menu.triggered.connect(self._new_chosen)
        self.new_button.setMenu(self._menu)
        self.new_button.clicked.connect(self._new_visit)
        self.pages = NavList(look, items)
        self.pages.chosen.connect(self.chosen)
        self._avatar = Avatar(look, "")
        self._name = Text("", role="body")
        self._role = Text("", role="caption", tone="textSecondary")
        self.user_button = Button(look, "", name="nav.user.menu")
        self.user_button.setProperty("kind", "user")
        self.user_button.clicked.connect(self._user)
        self.lock_button = IconButton(look, "lock", "锁屏", name="nav.lock.now", keys="Ctrl+L")
        self.lock_button.clicked.connect(self.lock_asked)
        self._build()
        look.follow(self, self.restyle)

    def _build(self) -> None:
        self._names = QWidget()
        self._names.setLayout(column(self._name, self._role, spacing=0))
        self._person = row(self._avatar, self._names, None, spacing=10)
        self.user_button.setLayout(self._person)
        for inner in (self._avatar, self._names):
            inner.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        foot = row(self.user_button, self.lock_button, spacing=4)
        foot.setStretch(0, 1)
        foot.setContentsMargins(10, 8, 10, 10)
        top = row(self.new_button)
        top.setContentsMargins(10, 10, 10, 10)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addLayout(top)
        inside.addWidget(self.pages, 1)
        line = row(Divider())
        line.setContentsMargins(10, 0, 10, 0)
        inside.addLayout(line)
        inside.addLayout(foot)

    def set_person(self, name: str, role: str) -> None:
        """Who is signed in."""
        self._avatar.set_name(name)
        self._name.setText(name)
        self._role.setText(role)
        self.user_button.setAccessibleName(f"{name}，{role}，打开菜单")
        self.user_button.setToolTip(f"{name}　{role}")
        self.restyle()

    def set_rail(self, rail: bool) -> None:
        """Narrow or wide form."""
        if rail != self._rail:
            self._rail = rail
            self.restyle()

    @property
    def rail(self) -> bool:
        """Whether the narrow form is in force."""
        return self._rail

    def restyle(self) -> None:
        """Width, the new button and the person's corner at the present look."""
        metrics, rail = self.look.metrics, self._rail
        self.setFixedWidth(metrics.rail_width if rail else metrics.px(tokens.size("nav", "expanded")))
        self.pages.set_rail(rail)
        self._names.setVisible(not rail)
        left = max((self.width() - 20 - self._avatar.width()) // 2, 0) if rail else 6
        self._person.setContentsMargins(left, 4, 6 if not rail else 0, 4)
        self.lock_button.setVisible(not rail)
        under, beside = (
            Qt.ToolButtonStyle.ToolButtonTextUnderIcon,
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
        )
        self.new_button.setToolButtonStyle(under if rail else beside)
        modes = QToolButton.ToolButtonPopupMode
        self.new_button.setPopupMode(modes.InstantPopup if rail else modes.MenuButtonPopup)
        edge = metrics.icon
        self.new_button.setIcon(self.look.icon("plus", "onPrimary", edge))
        self.new_button.setIconSize(QSize(edge, edge))
        self.new_button.setFixedHeight(metrics.px(42 if rail else 40))
        self.new_button.setFixedWidth(self.width() - 20)
        colors = self.look.colors
        words = metrics.type_px("caption" if rail else "body")
        self.new_button.setStyleSheet(
            f"QToolButton {{ background: {colors['primary']}; color: {colors['onPrimary']}; border: 0;"
            f" border-radius: 6px; font-weight: 700; font-size: {words}px;"
            f" padding-left: {0 if rail else 10}px; }}"
            f"QToolButton:hover {{ background: {colors['primaryHover']}; }}"
            f"QToolButton::menu-button {{ border: 0; width: {0 if rail else metrics.px(32)}px; }}"
            "QToolButton::menu-arrow, QToolButton::menu-indicator { image: none; }"
        )
        self.user_button.setStyleSheet(
            "QPushButton { background: transparent; border: 0; padding: 0; "
            f"min-height: {metrics.px(44)}px; text-align: left; }}"
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Empty places of the navigation take no click."""
        event.accept()

    def _new_visit(self) -> None:
        self.new_asked.emit("visit")

    def _new_chosen(self, action: QAction) -> None:
        self.new_asked.emit(str(action.data()))

    def _user(self) -> None:
        self.user_menu_asked.emit(self.user_button.mapToGlobal(QPoint(0, 0)))

"""The command palette (Ctrl+K): cases, people, papers and things to do in one box, all covered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, announce, column, identify, option_parts, row
from ui.widgets.buttons import shortcut_text

Index = QModelIndex | QPersistentModelIndex
LINE = int(Qt.ItemDataRole.UserRole) + 1
PAUSE_MS = 120
PER_GROUP = 4
CANNOT = "现在不能做"


@dataclass(frozen=True)
class PaletteItem:
    """One result, covered. ``reason`` puts it under 现在不能做 and is written beside it."""

    key: str
    text: str
    note: str = ""
    icon: str = "circle"
    keys: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PaletteGroup:
    """Results under one heading: 做什么, 文书, 案件, 人."""

    title: str
    items: tuple[PaletteItem, ...]
    most: int = 0
    """How many show among other headings, when more than usual."""


Deliver = Callable[[Sequence[PaletteGroup]], None]


class PaletteSource(Protocol):
    """Where results come from.

    ``query`` gets the text (empty: recent cases and what can be done here) and the heading that
    Tab narrowed to (empty: all). It answers on the GUI thread by calling ``deliver``; later queries
    supersede earlier ones.
    """

    def query(self, text: str, only: str, deliver: Deliver) -> None:
        """Look for ``text``."""
        ...


@dataclass(frozen=True)
class _Line:
    """A heading (no item) or a result."""

    title: str
    item: PaletteItem | None = None


class _Lines(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[_Line] = []

    def replace(self, lines: list[_Line]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.lines)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.lines[index.row()].item is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role == LINE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            item = line.item
            if item is None:
                return line.title
            parts = (
                item.text,
                item.note,
                item.reason and f"{CANNOT}：{item.reason}",
                shortcut_text(item.keys),
            )
            return "，".join(part for part in parts if part)
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, look: Look, view: QListView) -> None:
        super().__init__(view)
        self.look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line: _Line = index.data(LINE)
        return QSize(200, self.look.metrics.px(34 if line.item is None else 43))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: _Line = index.data(LINE)
        look, (box, state) = self.look, option_parts(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.item is None:
            painter.setPen(look.color("textTertiary"))
            painter.setFont(look.font("caption"))
            painter.drawText(box.adjusted(18, 6, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), line.title)
        else:
            self._item(painter, line.item, box, chosen=bool(state & QStyle.StateFlag.State_Selected))
        painter.restore()

    def _item(self, painter: QPainter, item: PaletteItem, box: QRectF, *, chosen: bool) -> None:
        look, metrics = self.look, self.look.metrics
        if chosen:
            painter.fillRect(box, look.color("rowSelected"))
            painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), look.color("primary"))
        ink = "textTertiary" if item.reason else "text"
        edge = metrics.px(22)
        square = QRectF(box.left() + 18, box.center().y() - edge / 2, edge, edge)
        icons.paint(painter, item.icon, look.colors[ink], square)
        right = box.right() - 18
        if item.keys:
            right = self._keys(painter, shortcut_text(item.keys), box, right)
        painter.setPen(look.color(ink))
        painter.setFont(look.font("body"))
        left = square.right() + 12
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        elide = Qt.TextElideMode.ElideRight
        words = painter.fontMetrics().elidedText(item.text, elide, int(right - left))
        painter.drawText(QRectF(left, box.top(), right - left, box.height()), middle, words)
        left += painter.fontMetrics().horizontalAdvance(words) + 12
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("label"))
        note = painter.fontMetrics().elidedText(item.reason or item.note, elide, max(int(right - left), 0))
        painter.drawText(QRectF(left, box.top(), right - left, box.height()), middle, note)

    def _keys(self, painter: QPainter, keys: str, box: QRectF, right: float) -> float:
        look = self.look
        font = look.font("caption")
        wide = QFontMetrics(font).horizontalAdvance(keys) + 12
        high = look.metrics.px(21)
        chip = QRectF(right - wide, box.center().y() - high / 2, wide, high)
        painter.setPen(QPen(look.color("border"), 1))
        painter.setBrush(look.color("surface"))
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(look.color("textSecondary"))
        painter.setFont(font)
        painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), keys)
        return chip.left() - 12


class CommandPalette(QWidget):
    """The palette over ``host``; ``chosen(key)`` for a result that can be done now.

    Arrow keys choose, Enter opens, Tab narrows to the next heading, Esc closes and gives the focus back.
    """

    chosen = Signal(str)

    def __init__(self, look: Look, host: QWidget, source: PaletteSource) -> None:
        super().__init__(host)
        self.look, self._host, self._source = look, host, source
        identify(self, "palette.overlay.cover")
        self._before: QWidget | None = None
        self._generation = 0
        self._only = ""
        self._headings: list[str] = []
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("找案件、人、文书，或输入要做的事")
        self.edit.setFrame(False)
        self.edit.setProperty("ringless", True)
        identify(self.edit, "palette.query.text", "命令框，输入案件、人、文书或要做的事，拼音首字母也行")
        self.list = QListView()
        self._lines = _Lines()
        self.list.setModel(self._lines)
        self.list.setItemDelegate(_Delegate(look, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        identify(self.list, "palette.results.list", "结果")
        self.empty = Text("没有找到，换个说法，或输入编号后四位", tone="textSecondary")
        self._hint = Text("Tab 只看一类", role="caption", tone="textSecondary")
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._ask)
        self.edit.textEdited.connect(self._typed)
        self.edit.installEventFilter(self)
        self.list.clicked.connect(self._clicked)
        host.installEventFilter(self)
        look.follow(self, self.restyle)
        self.hide()

    def _build(self) -> None:
        self.panel = QFrame(self)
        self.panel.setProperty("kind", "floating")
        glass = IconLabel(self.look, "search", edge=24)
        aside = Text("拼音首字母也行", role="caption", tone="textSecondary")
        head = row(glass, self.edit, aside, spacing=12)
        head.setContentsMargins(18, 8, 18, 8)
        first = Text("↑↓ 选择　　Enter 打开", role="caption", tone="textSecondary")
        last = Text("结果已遮挡个人信息", role="caption", tone="textSecondary")
        foot = row(first, 12, self._hint, None, last)
        foot.setContentsMargins(18, 10, 18, 10)
        self.empty.setContentsMargins(18, 12, 18, 12)
        inside = column(head, Divider(), self.empty, self.list, Divider(), foot, spacing=0)
        inside.setStretch(3, 1)
        inside.setContentsMargins(1, 1, 1, 1)
        self.panel.setLayout(inside)

    def open_palette(self, text: str = "") -> None:
        """Show the palette; an empty one lists recent cases and what can be done here."""
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self._only = ""
        self.edit.setText(text)
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ask()

    def close_palette(self) -> None:
        """Take it away; answers on their way are dropped, the focus goes back."""
        self._generation += 1
        self._pause.stop()
        self.hide()
        self._lines.replace([])
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def restyle(self) -> None:
        """Field and panel at the present look."""
        high = self.look.metrics.px(44)
        self.edit.setFixedHeight(high)
        size = self.look.metrics.type_px("section")
        # The panel is the frame of the field, which alone takes keys in it.
        plain = f"border: 0; padding: 0; background: transparent; font-size: {size}px; min-height: {high}px;"
        self.edit.setStyleSheet(f"QLineEdit, QLineEdit:focus {{ {plain} }}")
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field; the host's size."""
        if watched is self._host and isinstance(event, QResizeEvent) and self.isVisible():
            self.setGeometry(self._host.rect())
        elif watched is self.edit and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the panel in its place."""
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil over the window."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look.color("scrim"))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the panel closes."""
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentIndex())
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._narrow()
        else:
            return False
        return True

    def _typed(self, _text: str) -> None:
        self._pause.start(PAUSE_MS)

    def _ask(self) -> None:
        self._generation += 1
        generation = self._generation

        def deliver(groups: Sequence[PaletteGroup]) -> None:
            if generation == self._generation and self.isVisible():
                self._show(groups)

        self._source.query(self.edit.text().strip(), self._only, deliver)

    def _show(self, groups: Sequence[PaletteGroup]) -> None:
        lines: list[_Line] = []
        barred: list[PaletteItem] = []
        if not self._only:
            self._headings = [group.title for group in groups if group.items]
        limit = PER_GROUP if not self._only else 50
        for group in groups:
            most = max(limit, group.most)
            able = [item for item in group.items if not item.reason][:most]
            barred += [item for item in group.items if item.reason]
            if able:
                lines += [_Line(group.title), *(_Line(group.title, item) for item in able)]
        if barred:
            lines += [_Line(CANNOT), *(_Line(CANNOT, item) for item in barred[:PER_GROUP])]
        self._lines.replace(lines)
        self.empty.setVisible(not lines)
        self._place()
        self._move(1)
        count = sum(1 for line in lines if line.item is not None)
        announce(self.edit, f"{count} 个结果" if count else self.empty.text())

    def _move(self, step: int) -> None:
        rows = [number for number, line in enumerate(self._lines.lines) if line.item is not None]
        if not rows:
            return
        current = self.list.currentIndex().row()
        at = rows.index(current) + step if current in rows else 0
        index = self._lines.index(rows[at % len(rows)])
        self.list.setCurrentIndex(index)
        announce(self.edit, str(index.data(Qt.ItemDataRole.DisplayRole)))

    def _narrow(self) -> None:
        ring = ["", *(title for title in self._headings if title != CANNOT)]
        at = ring.index(self._only) if self._only in ring else 0
        self._only = ring[(at + 1) % len(ring)]
        after = ring[(ring.index(self._only) + 1) % len(ring)]
        self._hint.setText(f"Tab 只看{after}" if after else "Tab 看全部")
        self._ask()

    def _clicked(self, index: QModelIndex) -> None:
        self._take(index)

    def _take(self, index: QModelIndex) -> None:
        line = index.data(LINE) if index.isValid() else None
        if not isinstance(line, _Line) or line.item is None:
            return
        if line.item.reason:
            announce(self.edit, f"{CANNOT}：{line.item.reason}")
            return
        key = line.item.key
        self.close_palette()
        self.chosen.emit(key)

    def _place(self) -> None:
        metrics = self.look.metrics
        wide = min(metrics.px(tokens.size("commandPalette")), self.width() - 48)
        rows = sum(metrics.px(34 if line.item is None else 43) for line in self._lines.lines)
        wanted = metrics.px(44) + 16 + rows + metrics.px(44) + (metrics.px(48) if not rows else 8)
        top = min(84, self.height() // 8)
        high = min(wanted, self.height() - top - 24)
        self.list.setVisible(bool(rows))
        self.panel.setGeometry((self.width() - wide) // 2, top, wide, max(high, 120))

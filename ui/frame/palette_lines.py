"""The command palette's lines: what a result is, the groups under their headings, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import option_parts
from ui.widgets.buttons import shortcut_text

Index = QModelIndex | QPersistentModelIndex
LINE = int(Qt.ItemDataRole.UserRole) + 1
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
class Line:
    """A heading (no item) or a result."""

    title: str
    item: PaletteItem | None = None


class Lines(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def replace(self, lines: list[Line]) -> None:
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


class LineDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, view: QListView) -> None:
        super().__init__(view)
        self.look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line: Line = index.data(LINE)
        return QSize(200, self.look.metrics.px(34 if line.item is None else 43))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: Line = index.data(LINE)
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

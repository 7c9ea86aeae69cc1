"""The course of a case on a vertical axis, newest on top; each entry can be focused, read and opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import identify, option_parts

Index = QModelIndex | QPersistentModelIndex
ENTRY = int(Qt.ItemDataRole.UserRole) + 1
INNER = 12
"""Above and below the words in the raised entry."""


@dataclass(frozen=True)
class Entry:
    """One event: day (11-16) and time, title and what follows it, detail, papers (icon, words) below.

    ``future`` lifts it out at the top; ``paused_below`` dashes the axis down to the next entry.
    """

    key: str
    day: str
    time: str
    title: str
    rest: str = ""
    detail: str = ""
    icon: str = "circle"
    chips: tuple[tuple[str, str], ...] = ()
    aside: str = ""
    future: bool = False
    paused_below: bool = False

    @property
    def spoken(self) -> str:
        """The entry as a screen reader says it."""
        parts = [f"{self.day} {self.time}", self.title + self.rest, self.aside, self.detail]
        return "，".join(p for p in (*parts, *(words for _, words in self.chips)) if p.strip())


class TimelineModel(QAbstractListModel):
    """The entries in the order shown."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()

    def replace(self, entries: Sequence[Entry]) -> None:
        """Show other entries."""
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Number of entries."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The entry, and its words for screen readers."""
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.spoken
        return None


class TimelineDelegate(QStyledItemDelegate):
    """Paints one entry and knows how high it is in the width there is."""

    def __init__(self, look: Look, view: QListView) -> None:
        super().__init__(view)
        self.look, self._view = look, view

    def _columns(self) -> tuple[int, int]:
        metrics = self.look.metrics
        return metrics.px(72), metrics.px(72 + 58)

    def _detail_height(self, entry: Entry, width: int) -> int:
        if not entry.detail:
            return 0
        fm = QFontMetrics(self.look.font("label"))
        wrap = int(Qt.TextFlag.TextWordWrap)
        return fm.boundingRect(QRect(0, 0, max(width, 60), 10_000), wrap, entry.detail).height()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Title, wrapped detail and papers."""
        entry: Entry = index.data(ENTRY)
        metrics = self.look.metrics
        width = self._view.viewport().width()
        left = self._columns()[1] + (28 if entry.future else 8)
        high = metrics.line_px("body") + self._detail_height(entry, width - left - 16)
        if entry.chips:
            high += metrics.px(30)
        lowest = metrics.px(52)
        if entry.future:
            return QSize(width, metrics.px(4) + 2 * INNER + high + metrics.px(14))
        return QSize(width, max(high + metrics.px(16), lowest))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Axis, mark, words."""
        entry: Entry = index.data(ENTRY)
        look, (box, state) = self.look, option_parts(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected and not entry.future:
            painter.fillRect(box, look.color("rowSelected"))
        self._axis(painter, entry, box, index)
        left = self._columns()[1]
        words = QRectF(left, box.top() + look.metrics.px(4), box.width() - left - 16, box.height())
        if entry.future:
            high = box.height() - look.metrics.px(18)
            frame = QRectF(words.left() - 6, words.top(), words.width() + 6, high)
            line = 2 if look.colors.high_contrast else 1
            painter.setPen(QPen(look.color("primaryBorder"), line))
            painter.setBrush(look.color("primarySubtle"))
            painter.drawRoundedRect(frame, 8, 8)
            words = words.adjusted(10, INNER, -12, 0)
        self._words(painter, entry, words)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(look.color("borderFocus"), 3 if look.colors.high_contrast else 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            low = -look.metrics.px(10) if entry.future else -3
            painter.drawRoundedRect(box.adjusted(8, 1, -8, low), 6, 6)
        painter.restore()

    def _axis(self, painter: QPainter, entry: Entry, box: QRectF, index: Index) -> None:
        look, metrics = self.look, self.look.metrics
        middle = self._columns()[0] + metrics.px(22)
        top = box.top() + metrics.px(6)
        edge = metrics.px(28)
        pen = QPen(look.color("border"), 2)
        if entry.paused_below:
            pen = QPen(look.color("textSecondary"), 2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        if index.row() < index.model().rowCount() - 1:
            painter.drawLine(middle, int(top + edge), middle, int(box.bottom() + metrics.px(6)))
        mark = QRectF(middle - edge / 2, top, edge, edge)
        painter.setPen(QPen(look.color("primary" if entry.future else "border"), 1.2))
        painter.setBrush(look.color("primary" if entry.future else "surface"))
        painter.drawEllipse(mark)
        inset = edge * 0.22
        ink = look.colors["onPrimary" if entry.future else "textSecondary"]
        icons.paint(painter, entry.icon, ink, mark.adjusted(inset, inset, -inset, -inset))
        right = int(Qt.AlignmentFlag.AlignRight)
        width = self._columns()[0] - 4
        painter.setPen(look.color("text"))
        painter.setFont(look.font("body"))
        painter.drawText(QRectF(0, top - 2, width, metrics.line_px("body")), right, entry.day)
        painter.setPen(look.color("textTertiary"))
        painter.setFont(look.font("caption"))
        painter.drawText(QRectF(0, top + metrics.px(20), width, metrics.line_px("body")), right, entry.time)

    def _words(self, painter: QPainter, entry: Entry, spot: QRectF) -> None:
        look, metrics = self.look, self.look.metrics
        line = metrics.line_px("body")
        painter.setPen(look.color("text"))
        painter.setFont(look.font("bodyStrong"))
        painter.drawText(spot.adjusted(0, 0, 0, 0), int(Qt.AlignmentFlag.AlignTop), entry.title)
        done = painter.fontMetrics().horizontalAdvance(entry.title)
        painter.setFont(look.font("body"))
        painter.drawText(spot.adjusted(done, 0, 0, 0), int(Qt.AlignmentFlag.AlignTop), entry.rest)
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("label"))
        painter.drawText(spot, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight), entry.aside)
        high = self._detail_height(entry, int(spot.width()))
        below = QRectF(spot.left(), spot.top() + line, spot.width(), high)
        painter.drawText(below, int(Qt.TextFlag.TextWordWrap), entry.detail)
        for chip, (icon, words) in self.chip_boxes(entry, QRectF(spot.left(), below.bottom() + 4, 1, 1)):
            painter.setPen(QPen(look.color("border"), 1))
            painter.setBrush(look.color("surfaceSunken"))
            painter.drawRoundedRect(chip, 4, 4)
            edge = metrics.icon_small
            square = QRectF(chip.left() + 8, chip.center().y() - edge / 2, edge, edge)
            icons.paint(painter, icon, look.colors["textSecondary"], square)
            painter.setPen(look.color("textSecondary"))
            text = chip.adjusted(edge + 12, 0, 0, 0)
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), words)

    def chip_boxes(self, entry: Entry, start: QRectF) -> list[tuple[QRectF, tuple[str, str]]]:
        """Where the papers stand."""
        fm = QFontMetrics(self.look.font("label"))
        metrics, x = self.look.metrics, start.left()
        found = []
        for chip in entry.chips:
            width = fm.horizontalAdvance(chip[1]) + metrics.icon_small + 20
            found.append((QRectF(x, start.top(), width, metrics.px(26)), chip))
            x += width + 6
        return found


class Timeline(QListView):
    """The axis; ``opened(key)`` on Enter or a click."""

    opened = Signal(str)

    def __init__(self, look: Look, spoken: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken)
        self._entries = TimelineModel()
        self.setModel(self._entries)
        self.setItemDelegate(TimelineDelegate(look, self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(False)
        self.clicked.connect(self._open)
        self.activated.connect(self._open)
        look.follow(self, self.doItemsLayout)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show ``entries``, newest first."""
        self._entries.replace(entries)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew in another width."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _open(self, index: QModelIndex) -> None:
        entry: Entry = index.data(ENTRY)
        self.opened.emit(entry.key)

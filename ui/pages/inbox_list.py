"""The list of 办件: title and tag, who asks whom, when it came and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.pages.inbox_data import Line
from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import identify, option_parts
from ui.widgets.tags import paint_tag, tag_size

Index = QModelIndex | QPersistentModelIndex
LINE = int(Qt.ItemDataRole.UserRole) + 1
MARGIN = 16
TICK = 22
"""Room that the mark of the current line takes in high contrast; pixels."""


GAP = 10
"""Least room between the two parts of a line's last row; pixels."""


def last_words(line: Line, width_of: Callable[[str], int], room: float) -> tuple[str, str]:
    """When it came and where it stands, each whole: what says least gives way first where the room is short.

    First the word 收到, then what stands in brackets, then the time of day; the day and the standing stay.
    """
    day = line.received.partition(" ")[0]
    bare, short = line.received.removesuffix(" 收到"), line.standing.partition("（")[0]
    ways = ((line.received, line.standing), (bare, line.standing), (bare, short), (day, short))
    return next((way for way in ways if width_of(way[0]) + width_of(way[1]) + GAP <= room), ways[-1])


class LineModel(QAbstractListModel):
    """The lines in the order shown."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[Line, ...] = ()

    def replace(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The line and its words."""
        line = self.lines[index.row()]
        if role == LINE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line.spoken
        return None


class LineDelegate(QStyledItemDelegate):
    """Paints one line of three rows, or four where the tag does not fit beside the title."""

    def __init__(self, look: Look, view: QListView) -> None:
        super().__init__(view)
        self.look, self._view = look, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Three rows of text, and one more for a tag that has no room beside its title."""
        metrics = self.look.metrics
        high = metrics.line_px("body") + 2 * metrics.line_px("label") + metrics.px(28)
        if not self._beside(index.data(LINE)):
            high += metrics.line_px("label") + metrics.px(4)
        return QSize(self._view.viewport().width(), high)

    def _beside(self, line: Line) -> bool:
        """Whether title and tag fit beside each other: in a narrow list the whole title comes first.

        Reckoned with the scroll bar, whether or not it is there, which depends on how high the rows are.
        """
        bar = self._view.verticalScrollBar().sizeHint().width()
        room = self._view.maximumViewportSize().width() - bar - 2 * MARGIN
        words = QFontMetrics(self.look.font("bodyStrong")).horizontalAdvance(line.title)
        tick = TICK if self.look.colors.high_contrast else 0
        return tick + words + tag_size(self.look, line.tag.text).width() + 10 <= room

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Title and tag, who, when and where it stands."""
        line: Line = index.data(LINE)
        look, metrics, (box, state) = self.look, self.look.metrics, option_parts(option)
        current = bool(state & QStyle.StateFlag.State_Selected)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, look.color("rowSelected" if current else "rowHover" if hover else "surface"))
        painter.setPen(QPen(look.color("divider"), 2 if look.colors.high_contrast else 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        left, right = box.left() + MARGIN, box.left() + box.width() - MARGIN
        if current:
            painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), look.color("primary"))
            if look.colors.high_contrast:
                tick = QRectF(left, box.top() + metrics.px(14), 16, 16)
                icons.paint(painter, "check", look.colors["text"], tick)
                left += TICK
        top = box.top() + metrics.px(10)
        body, label = metrics.line_px("body"), metrics.line_px("label")
        tag = tag_size(look, line.tag.text)
        beside = self._beside(line)
        below = top + body + metrics.px(4)
        spot = QRectF(right - tag.width(), top, tag.width(), body)
        if not beside:
            spot = QRectF(left, below, tag.width(), label)
            below += label + metrics.px(4)
        paint_tag(painter, look, spot, line.tag.status, line.tag.text, line.tag.icon)
        room = (spot.left() - 8 if beside else right) - left
        self._text(painter, "bodyStrong", "text", line.title, QRectF(left, top, room, body))
        self._text(painter, "label", "textSecondary", line.who, QRectF(left, below, right - left, label))
        last = below + label
        measure = QFontMetrics(look.font("caption"))
        received, standing = last_words(line, measure.horizontalAdvance, right - left)
        wide = min(measure.horizontalAdvance(standing) + 4, (right - left) * 0.6)
        aside = QRectF(right - wide, last, wide, label)
        self._text(painter, "caption", "textSecondary", standing, aside, right=True)
        rest = QRectF(left, last, aside.left() - left - 6, label)
        self._text(painter, "caption", "textSecondary", received, rest)
        if current and self._view.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("borderFocus"), 3 if look.colors.high_contrast else 2))
            painter.drawRect(box.adjusted(2, 2, -2, -2))
        painter.restore()

    def _text(
        self, painter: QPainter, role: str, tone: str, text: str, spot: QRectF, *, right: bool = False
    ) -> None:
        painter.setPen(self.look.color(tone))
        painter.setFont(self.look.font(role))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(spot.width()) + 1)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(spot, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


class InboxLines(QListView):
    """The list; ``chosen(case_id)`` when another line becomes current, ``entered(case_id)`` on Enter."""

    chosen = Signal(str)
    entered = Signal(str)

    def __init__(self, look: Look, *, name: str, spoken: str = "办件列表") -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken, "上下键选择，按 Enter 到右边办")
        self._lines = LineModel()
        self.setModel(self._lines)
        self.setItemDelegate(LineDelegate(look, self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)  # How high a row is depends on the width.
        self._quiet = False
        self.selectionModel().currentChanged.connect(self._current_changed)
        look.follow(self, self.doItemsLayout)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines.lines

    @property
    def current_key(self) -> str:
        """The case of the current line."""
        index = self.currentIndex()
        return self._lines.lines[index.row()].case_id if index.isValid() else ""

    def set_lines(self, lines: Sequence[Line], keep: str) -> None:
        """Show ``lines``; the case ``keep`` stays current without being told anew."""
        self._quiet = True
        self._lines.replace(lines)
        for number, line in enumerate(lines):
            if line.case_id == keep:
                self.setCurrentIndex(self._lines.index(number))
                self.scrollTo(self._lines.index(number))
        self._quiet = False

    def choose(self, case_id: str) -> None:
        """Make a case current."""
        for number, line in enumerate(self._lines.lines):
            if line.case_id == case_id:
                self.setCurrentIndex(self._lines.index(number))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The current line is marked: Qt itself makes a line current here and leaves it unmarked."""
        super().focusInEvent(event)
        if self.currentIndex().isValid() and not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the right side."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_key:
            self.entered.emit(self.current_key)
        else:
            super().keyPressEvent(event)

    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid() and not self._quiet:
            self.chosen.emit(self._lines.lines[current.row()].case_id)

"""The day on an upright axis, with a line where the day stands now. It does not move by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme.look import Look
from ui.widgets.base import identify, option_parts

Index = QModelIndex | QPersistentModelIndex
MARK = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True)
class Mark:
    """One entry; ``time`` on Shanghai's clock. ``now`` is the line of the present moment."""

    key: str
    time: dt.time
    title: str
    detail: str = ""
    status: str = "neutral"
    strong: str = ""
    """The beginning of the title that is set in bold."""
    now: bool = False

    @property
    def spoken(self) -> str:
        """The entry as a screen reader says it."""
        if self.now:
            return f"现在 {self.time:%H:%M}"
        return "，".join(p for p in (f"{self.time:%H:%M}", self.title, self.detail) if p)


class AxisModel(QAbstractListModel):
    """Entries in order, with the line of now among them."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Mark, ...] = ()
        self.marks: tuple[Mark, ...] = ()

    def replace(self, entries: Sequence[Mark], now: dt.time) -> None:
        """Show ``entries`` with the line at ``now``."""
        self.beginResetModel()
        self.entries = tuple(sorted(entries, key=lambda m: m.time))
        line = Mark("", now, "现在", now=True)
        before = [m for m in self.entries if m.time <= now]
        after = [m for m in self.entries if m.time > now]
        self.marks = (*before, line, *after)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Entries and the line."""
        return 0 if parent.isValid() else len(self.marks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The entry, and its words."""
        mark = self.marks[index.row()]
        if role == MARK:
            return mark
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return mark.spoken
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The line cannot be chosen."""
        if index.isValid() and self.marks[index.row()].now:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return super().flags(index)


class AxisDelegate(QStyledItemDelegate):
    """Time, dot on the axis, title and detail."""

    def __init__(self, look: Look, view: QListView) -> None:
        super().__init__(view)
        self.look, self._view = look, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines, one where there is no detail; the line of now is lower."""
        return QSize(self._view.viewport().width(), self.height_of(index.data(MARK)))

    def height_of(self, mark: Mark) -> int:
        """The height of one entry."""
        metrics = self.look.metrics
        if mark.now:
            return metrics.px(34)
        return metrics.line_px("body") + (metrics.line_px("label") if mark.detail else 0) + metrics.px(4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One entry."""
        mark: Mark = index.data(MARK)
        look, metrics, (box, state) = self.look, self.look.metrics, option_parts(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected and self._view.hasFocus():
            painter.fillRect(box, look.color("rowSelected"))
        left = metrics.px(16)
        time_width = metrics.px(52)
        axis = left + time_width + metrics.px(16)
        if mark.now:
            self._now(painter, mark, box, left, time_width, axis)
        else:
            self._axis(painter, index, box, axis)
            self._entry(painter, mark, box, left, time_width, axis)
        painter.restore()

    def _axis(self, painter: QPainter, index: Index, box: QRectF, axis: int) -> None:
        model = index.model()
        line = 2.0 if self.look.colors.high_contrast else 1.5
        painter.setPen(QPen(self.look.color("border"), line))
        middle = box.top() + self.look.metrics.line_px("body") / 2
        row = index.row()
        if row > 0 and not model.index(row - 1, 0).data(MARK).now:
            painter.drawLine(axis, int(box.top()), axis, int(middle))
        if row < model.rowCount() - 1:
            painter.drawLine(axis, int(middle), axis, int(box.bottom()) + 1)

    def _entry(
        self, painter: QPainter, mark: Mark, box: QRectF, left: int, time_width: int, axis: int
    ) -> None:
        look, metrics = self.look, self.look.metrics
        line = metrics.line_px("body")
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("label"))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(left, box.top(), time_width, line), right, f"{mark.time:%H:%M}")
        radius = metrics.px(5)
        painter.setBrush(look.color("surface"))
        painter.setPen(QPen(look.color(f"{mark.status}.solid"), metrics.px(3)))
        painter.drawEllipse(QRectF(axis - radius, box.top() + line / 2 - radius, 2 * radius, 2 * radius))
        start = axis + metrics.px(18)
        width = box.right() - start - 12
        elide, middle = Qt.TextElideMode.ElideRight, int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(look.color("text"))
        done = 0
        for words, role in ((mark.strong, "bodyStrong"), (mark.title.removeprefix(mark.strong), "body")):
            painter.setFont(look.font(role))
            shown = painter.fontMetrics().elidedText(words, elide, int(width) - done)
            painter.drawText(QRectF(start + done, box.top(), width - done, line), middle, shown)
            done += painter.fontMetrics().horizontalAdvance(shown)
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("label"))
        detail = painter.fontMetrics().elidedText(mark.detail, elide, int(width))
        painter.drawText(QRectF(start, box.top() + line, width, metrics.line_px("label")), middle, detail)

    def _now(self, painter: QPainter, mark: Mark, box: QRectF, left: int, time_width: int, axis: int) -> None:
        look = self.look
        red = look.color("overdue.fg")
        painter.setPen(red)
        painter.setFont(look.font("label", bold=True))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(left, box.top(), time_width, box.height()), right, f"{mark.time:%H:%M}")
        painter.setPen(QPen(red, 2))
        y = int(box.center().y())
        painter.drawLine(axis - look.metrics.px(6), y, int(box.right()) - 16, y)


class DayAxis(QListView):
    """The axis, as high as its entries; ``opened(key)`` by Enter or a click on an entry that has a key."""

    opened = Signal(str)

    def __init__(self, look: Look, spoken: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken, "上下键选择，按 Enter 打开")
        self._marks = AxisModel()
        self._painter = AxisDelegate(look, self)
        self.setModel(self._marks)
        self.setItemDelegate(self._painter)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.follow(self, self.restyle)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is shown, the line of now among them."""
        return self._marks.marks

    def show_day(self, entries: Sequence[Mark], now: dt.time) -> None:
        """Show the day."""
        self._marks.replace(entries, now)
        self.restyle()

    def set_now(self, now: dt.time) -> None:
        """Move the line; the chosen entry stays chosen."""
        held = self.currentIndex().data(MARK) if self.currentIndex().isValid() else None
        self._marks.replace(self._marks.entries, now)
        if held is not None:
            for number, mark in enumerate(self._marks.marks):
                if mark == held:
                    self.setCurrentIndex(self._marks.index(number))

    def restyle(self) -> None:
        """Measure again after a change of look or of entries."""
        self.doItemsLayout()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """All entries."""
        return QSize(240, sum(self._painter.height_of(m) for m in self._marks.marks))

    def minimumSizeHint(self) -> QSize:
        """All entries, without a scroll bar of its own."""
        return QSize(160, self.sizeHint().height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Coming in by keyboard chooses the first entry."""
        super().focusInEvent(event)
        first = next((i for i, mark in enumerate(self._marks.marks) if not mark.now), -1)
        if not self.currentIndex().isValid() and first >= 0:
            self.setCurrentIndex(self._marks.index(first))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; the arrows pass over the line of now."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self._open(index)
            return
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and index.isValid():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            row = index.row() + step
            while 0 <= row < len(self._marks.marks) and self._marks.marks[row].now:
                row += step
            if 0 <= row < len(self._marks.marks):
                self.setCurrentIndex(self._marks.index(row))
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        mark: Mark = index.data(MARK)
        if mark.key:
            self.opened.emit(mark.key)

"""The list of things to do: tag, verb and case, people and reason, and one button that says what is next.

The buttons are painted; the keyboard presses the current row's with Enter, and a screen reader hears the
row as 记录联系，小区停车费涨价，今天到期.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QListView,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ui.labels import Label
from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import identify, option_parts
from ui.widgets.tags import paint_tag, tag_size

Index = QModelIndex | QPersistentModelIndex
TASK = int(Qt.ItemDataRole.UserRole) + 1
HEADING = 64
"""Height above a list's first row in which its heading stands."""


@dataclass(frozen=True)
class Task:
    """One thing to do. ``who`` is covered already; ``why`` says why today; ``action`` is on the button."""

    key: str
    label: Label
    verb: str
    title: str
    who: str
    why: str
    action: str

    @property
    def spoken(self) -> str:
        """The row as a screen reader says it."""
        return f"{self.action}，{self.title}，{self.label.text}，{self.verb}，{self.who}，{self.why}"


class TaskModel(QAbstractListModel):
    """The tasks in the order shown."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: tuple[Task, ...] = ()

    def replace(self, tasks: Sequence[Task]) -> None:
        """Show other tasks."""
        self.beginResetModel()
        self.tasks = tuple(tasks)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Number of tasks."""
        return 0 if parent.isValid() else len(self.tasks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The task, and its words for screen readers."""
        task = self.tasks[index.row()]
        if role == TASK:
            return task
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return task.spoken
        return None


def second_line(metrics: QFontMetrics, task: Task, room: int) -> str:
    """Who and why in ``room``: where both have no place, why it is today comes before who it is about."""
    elide = Qt.TextElideMode.ElideRight
    if not task.who:
        return metrics.elidedText(task.why, elide, room)
    between = "  ·  "
    left = room - metrics.horizontalAdvance(between + task.why)
    if left < metrics.horizontalAdvance(task.who[:2] + "…"):
        return metrics.elidedText(task.why, elide, room)
    return metrics.elidedText(task.who, elide, left) + between + task.why


class TaskDelegate(QStyledItemDelegate):
    """Paints one row of two lines with its button."""

    def __init__(self, look: Look, view: QListView) -> None:
        super().__init__(view)
        self.look, self._view = look, view
        self.tag_width = 0
        self.button_width = 0

    def measure(self, tasks: Sequence[Task]) -> None:
        """Give tags and buttons of one list the same width."""
        fm = QFontMetrics(self.look.font("label", bold=True))
        tags = [tag_size(self.look, task.label.text).width() for task in tasks]
        words = [fm.horizontalAdvance(task.action) for task in tasks]
        self.tag_width = max([self.look.metrics.px(136), *tags])
        self.button_width = max([self.look.metrics.px(90), *(w + 28 for w in words)])

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines."""
        return QSize(self._view.viewport().width(), self.look.metrics.row_two_line)

    def button_box(self, box: QRectF) -> QRectF:
        """Where the row's button stands."""
        high = self.look.metrics.px(30)
        left = box.right() - 16 - self.button_width
        return QRectF(left, box.center().y() - high / 2, self.button_width, high)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Tag, two lines, button, divider."""
        task: Task = index.data(TASK)
        look, (box, state) = self.look, option_parts(option)
        current = bool(state & QStyle.StateFlag.State_Selected)
        focused = current and self._view.hasFocus()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.fillRect(box, look.color("rowSelected" if current else "rowHover" if hover else "surface"))
        if index.row() < index.model().rowCount() - 1:
            painter.setPen(QPen(look.color("divider"), 2 if look.colors.high_contrast else 1))
            low = box.bottom() - 1
            painter.drawLine(QPointF(box.left(), low), QPointF(box.right(), low))
        left = box.left() + 16
        if current and look.colors.high_contrast:
            tick = QRectF(left, box.center().y() - 8, 16, 16)
            icons.paint(painter, "check", look.colors["text"], tick)
            left += 22
        spot = QRectF(left, box.top(), self.tag_width, box.height())
        paint_tag(painter, look, spot, task.label.status, task.label.text, task.label.icon)
        button = self.button_box(box)
        start = left + self.tag_width + 16
        self._lines(painter, task, QRectF(start, box.top(), button.left() - 16 - start, box.height()))
        self._button(painter, task.action, button, current=current, focused=focused)
        painter.restore()

    def _lines(self, painter: QPainter, task: Task, spot: QRectF) -> None:
        look, metrics = self.look, self.look.metrics
        line = metrics.line_px("body")
        top = spot.center().y() - (line + metrics.line_px("label")) / 2
        start = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(look.color("text"))
        painter.setFont(look.font("bodyStrong"))
        painter.drawText(QRectF(spot.left(), top, spot.width(), line), start, task.verb)
        done = painter.fontMetrics().horizontalAdvance(task.verb) + 10
        painter.setFont(look.font("body"))
        title = QRectF(spot.left() + done, top, spot.width() - done, line)
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(
            title, start, painter.fontMetrics().elidedText(task.title, elide, int(title.width()))
        )
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("label"))
        below = QRectF(spot.left(), top + line, spot.width(), metrics.line_px("label"))
        painter.drawText(below, start, second_line(painter.fontMetrics(), task, int(below.width())))

    def _button(self, painter: QPainter, words: str, box: QRectF, *, current: bool, focused: bool) -> None:
        look = self.look
        line = 2.0 if look.colors.high_contrast else 1.0
        corner = tokens.radius("control")
        if focused:
            painter.setPen(QPen(look.color("borderFocus"), 3 if look.colors.high_contrast else 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), corner + 2, corner + 2)
        painter.setPen(QPen(look.color("primary" if current else "border"), line))
        painter.setBrush(look.color("primary" if current else "surface"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        if not current and not look.colors.high_contrast:
            painter.setPen(QPen(look.color("borderControl"), 1))
            y = box.bottom() - 0.5
            painter.drawLine(QPointF(box.left() + corner, y), QPointF(box.right() - corner, y))
        painter.setPen(look.color("onPrimary" if current else "text"))
        painter.setFont(look.font("label", bold=current))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def only_one_current(lists: Sequence[TaskList]) -> None:
    """Of several lists on one page only one has a current row: going into one lets go of the others'."""

    def let_go(entered: TaskList) -> None:
        for other in lists:
            if other is not entered and other.currentIndex().isValid():
                other.setCurrentIndex(QModelIndex())
                other.clearSelection()

    for one in lists:
        one.became_current.connect(let_go)


class ListChain(QObject):
    """Several lists, one under the other, that the arrows go through as through one."""

    def __init__(self, lists: Sequence[TaskList], parent: QObject) -> None:
        super().__init__(parent)
        self._lists = tuple(lists)
        only_one_current(self._lists)
        for one in self._lists:
            one.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down on a last row goes on into the next list that shows, Up on a first one back."""
        if isinstance(watched, TaskList) and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and event.type() == QEvent.Type.KeyPress and not event.modifiers():
                return self._leave(watched, step)
        return False

    def _leave(self, here: TaskList, step: int) -> bool:
        count = here.model().rowCount()
        if here.currentIndex().row() != (count - 1 if step > 0 else 0):
            return False
        shown = [one for one in self._lists if one.isVisible() and one.model().rowCount()]
        at = shown.index(here) + step
        if not 0 <= at < len(shown):
            return False
        there = shown[at]
        there.setCurrentIndex(there.model().index(0 if step > 0 else there.model().rowCount() - 1, 0))
        there.setFocus(Qt.FocusReason.TabFocusReason)
        return True


class TaskList(QListView):
    """The list, as high as its rows; ``acted(key)`` by the button or Enter."""

    acted = Signal(str)
    became_current = Signal(object)
    """Itself, when a row of it becomes the current one."""

    def __init__(self, look: Look, spoken: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken, "上下键选择，按 Enter 开始办")
        self._tasks = TaskModel()
        self._painter = TaskDelegate(look, self)
        self.setModel(self._tasks)
        self.setItemDelegate(self._painter)
        self.setMouseTracking(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.follow(self, self.restyle)

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Show ``tasks``; the same task stays current when it is still there."""
        held = self.current_key
        self._tasks.replace(tasks)
        self.restyle()
        for number, task in enumerate(tasks):
            if task.key == held:
                self.setCurrentIndex(self._tasks.index(number))

    @property
    def current_key(self) -> str:
        """The key of the current row; empty when there is none."""
        index = self.currentIndex()
        return self._tasks.tasks[index.row()].key if index.isValid() else ""

    def focus_first(self) -> None:
        """Make the first row current and take the focus, as 今日 does on opening."""
        if self._tasks.tasks:
            self.setCurrentIndex(self._tasks.index(0))
            self.setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll_page()

    def restyle(self) -> None:
        """Measure again after a change of look or of tasks."""
        self._painter.measure(self._tasks.tasks)
        self.doItemsLayout()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(400, self.look.metrics.row_two_line * len(self._tasks.tasks))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell that the current row is here now."""
        super().currentChanged(current, previous)
        if current.isValid():
            self.became_current.emit(self)
            if self.hasFocus():
                self._scroll_page()

    def minimumSizeHint(self) -> QSize:
        """All rows, without a scroll bar of its own."""
        return QSize(200, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the row's button."""
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers()
            and self.current_key
        ):
            self.acted.emit(self.current_key)
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Coming in by keyboard makes the first row current, for all to see."""
        super().focusInEvent(event)
        # Qt has made the first row current by now, but has not selected it.
        here = self.currentIndex() if self.currentIndex().isValid() else self._tasks.index(0)
        if here.isValid() and not self.selectionModel().isSelected(here):
            self.setCurrentIndex(here)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._scroll_page()

    def _scroll_page(self) -> None:
        """The list is as high as its rows: it is the page around it that brings the current one to sight.

        With the first row the heading above it shows, too. It waits until the layout stands.
        """
        QTimer.singleShot(0, self, self._show_current)

    def _show_current(self) -> None:
        index, around = self.currentIndex(), self.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        if around is None or not index.isValid() or not self.isVisible():
            return
        box = self.visualRect(index)
        inside = around.widget()
        top = self.mapTo(inside, box.topLeft()).y() - (HEADING if index.row() == 0 else 0)
        bottom = self.mapTo(inside, box.bottomLeft()).y() + 1
        bar = around.verticalScrollBar()
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + around.viewport().height():
            bar.setValue(bottom - around.viewport().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember the button on which the press began."""
        super().mousePressEvent(event)
        self._pressed = self._button_under(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a row's button acts, if it began there; elsewhere it only selects."""
        super().mouseReleaseEvent(event)
        began, self._pressed = self._pressed, ""
        if began and began == self._button_under(event):
            self.acted.emit(began)

    _pressed = ""

    def painted_buttons(self) -> list[QRect]:
        """Where the rows' buttons stand in the viewport."""
        boxes = (self.visualRect(self._tasks.index(number)) for number in range(self._tasks.rowCount()))
        return [self._painter.button_box(QRectF(box)).toRect() for box in boxes]

    def _button_under(self, event: QMouseEvent) -> str:
        """Key of the row whose button is under the mouse; empty when none is."""
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return ""
        box = self._painter.button_box(QRectF(self.visualRect(index)))
        return self._tasks.tasks[index.row()].key if box.contains(event.position()) else ""

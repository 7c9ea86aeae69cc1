"""The table of the sync centre."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app.clock import from_text, shanghai
from app.services.sync_rows import SyncRow
from ui.labels import short_day, sync_state
from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import identify, option_parts
from ui.widgets.fixed_table import FixedTable
from ui.widgets.tags import paint_tag

Index = QModelIndex | QPersistentModelIndex
ROW = int(Qt.ItemDataRole.UserRole) + 1
COLUMNS = (("情况", 136), ("内容", 200), ("为什么", 220), ("时间", 110), ("", 104))
WHY, ACTION = 2, 4
BEFORE, BEHIND = 12, 6
"""Pixels between the edges of a cell and its words."""
ROW_HEIGHT, HIGHEST = 54, 10_000
TICK = 14
"""Edge of the mark of the row in hand where colours alone are not to tell it (ui.md 29)."""


def when(at: str, today: str) -> str:
    """10:41 for today, else 11-20 17:20, on Shanghai's clock."""
    if not at:
        return ""
    local = shanghai(from_text(at))
    clock = f"{local:%H:%M}"
    return clock if local.date().isoformat() == today else f"{short_day(local.date())} {clock}"


class SyncModel(QAbstractTableModel):
    """At most a few hundred rows, whole."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[SyncRow] = ()
        self.today = ""
        self.looking = ""

    def show_rows(self, rows: Sequence[SyncRow], today: str) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows, self.today = rows, today
        self.endResetModel()

    def look_at(self, row_id: str) -> None:
        """Mark the row whose drawer is open (正在看)."""
        self.looking = row_id
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, ACTION))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def words(self, found: SyncRow, column: int) -> str:
        """The text of a cell."""
        if column == 0:
            return sync_state(found.status).text if found.status != "conflict" else "两处不同"
        if column == 1:
            return found.what
        if column == 2:
            return found.why
        if column == 3:
            return when(found.at, self.today)
        return "正在看" if found.row_id == self.looking else found.action

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The row, its words, and for screen readers 列名：值."""
        if not index.isValid():
            return None
        found = self.rows[index.row()]
        if role == ROW:
            return found
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(found, index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == WHY:
            return found.why
        if role == Qt.ItemDataRole.AccessibleTextRole:
            case = f"，{found.case_title}" if index.column() == 1 and found.case_title else ""
            title = COLUMNS[index.column()][0] or "可以做"
            return f"{title}：{self.words(found, index.column())}{case}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Column titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section][0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class SyncDelegate(QStyledItemDelegate):
    """Paints tag, two lines, reason, time and the row's button."""

    def __init__(self, look: Look, view: QTableView) -> None:
        super().__init__(view)
        self.look, self.short = look, False

    def button_box(self, cell: QRectF, words: str) -> QRectF:
        """Where the row's button is inside its cell."""
        metrics = self.look.metrics
        wide = metrics.px(62) + max(0, len(words) - 2) * metrics.px(14) - metrics.px(10)
        high = metrics.control_compact
        return QRectF(cell.right() - wide - 12, cell.center().y() - high / 2, wide, high)

    def needed(self, width: int, why: str) -> int:
        """How high a row must be for its reason in a column of this ``width``."""
        letters = QFontMetrics(self.look.font("label"))
        shown = self.fitted(width - BEFORE - BEHIND, why)
        return _high(letters, width - BEFORE - BEHIND, shown) + self.look.metrics.px(14)

    def fitted(self, width: int, why: str) -> str:
        """Of a reason what stands in the list: all of it or, beside the drawer, two lines."""
        letters = QFontMetrics(self.look.font("label"))
        most = _high(letters, width, "一\n一")
        if not self.short or _high(letters, width, why) <= most:
            return why
        ends = range(len(why))
        # Words wrap as they like: the longest beginning that keeps to the lines is looked for.
        longest = bisect.bisect_right(ends, most, key=lambda end: _high(letters, width, f"{why[:end]}…")) - 1
        return f"{why[: max(longest, 0)].rstrip('，。；：、')}…"

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        found = index.data(ROW)
        look, (box, state) = self.look, option_parts(option)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, look.color("rowSelected" if selected else "surface"))
        painter.setPen(QPen(look.color("divider"), 1))
        painter.drawLine(QPointF(box.left(), box.bottom() - 1), QPointF(box.right(), box.bottom() - 1))
        if selected and index.column() == 0:
            painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), look.color("primary"))
            if look.colors.high_contrast:
                edge = look.metrics.px(TICK)
                tick = QRectF(box.left() + 4, box.center().y() - edge / 2, edge, edge)
                icons.paint(painter, "check", look.colors["text"], tick)
                box = box.adjusted(edge - 2, 0, 0, 0)
        inner = box.adjusted(BEFORE, 0, -BEHIND, 0)
        words = str(index.data())
        if index.column() == 0:
            label = sync_state(found.status)
            paint_tag(painter, look, inner, label.status, words, label.icon)
        elif index.column() == 1:
            self._two(painter, inner, words, found.case_title, bold=selected)
        elif index.column() == ACTION:
            self._button(painter, box, words, plain=words == "正在看")
        else:
            self._line(painter, inner, words, "label", "textSecondary", wrap=index.column() == WHY)
        painter.restore()

    def _two(self, painter: QPainter, spot: QRectF, first: str, second: str, *, bold: bool) -> None:
        metrics = self.look.metrics
        high = metrics.line_px("body") + (metrics.line_px("label") if second else 0)
        top = spot.center().y() - high / 2
        upper = QRectF(spot.x(), top, spot.width(), metrics.line_px("body"))
        self._line(painter, upper, first, "bodyStrong" if bold else "body", "text")
        if second:
            lower = QRectF(spot.x(), upper.bottom(), spot.width(), metrics.line_px("label"))
            self._line(painter, lower, second, "label", "textSecondary")

    def _line(
        self, painter: QPainter, spot: QRectF, words: str, role: str, tone: str, *, wrap: bool = False
    ) -> None:
        painter.setFont(self.look.font(role))
        painter.setPen(self.look.color(tone))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if wrap:
            painter.drawText(
                spot, flags | int(Qt.TextFlag.TextWordWrap), self.fitted(int(spot.width()), words)
            )
            return
        elided = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(spot.width()))
        painter.drawText(spot, flags, elided)

    def _button(self, painter: QPainter, box: QRectF, words: str, *, plain: bool) -> None:
        look = self.look
        spot = self.button_box(box, words)
        if not plain:
            painter.setPen(QPen(look.color("border"), 2 if look.colors.high_contrast else 1))
            painter.setBrush(look.color("surface"))
            corner = tokens.radius("control")
            painter.drawRoundedRect(spot.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        painter.setFont(look.font("label"))
        painter.setPen(look.color("link" if plain else "text"))
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)


def _high(letters: QFontMetrics, width: int, words: str) -> int:
    """How high words are in a column of this width."""
    return letters.boundingRect(QRect(0, 0, width, HIGHEST), int(Qt.TextFlag.TextWordWrap), words).height()


class SyncTable(FixedTable):
    """``acted(row_id)`` by Enter, Space, or a press on the row's button."""

    acted = Signal(str)

    def __init__(self, look: Look) -> None:
        rows = SyncModel()
        widths = [wide for _, wide in COLUMNS]
        super().__init__(look, rows, widths, stretched=(1, 2), row_height=ROW_HEIGHT, name="sync.rows.table")
        self.rows, self._awaited = rows, ""
        self.delegate = SyncDelegate(look, self)
        identify(self, "sync.rows.table", "同步中心的各项", "上下键选择，Enter 办这一项")
        self.setItemDelegate(self.delegate)
        self.setWordWrap(True)
        # A drawer beside it narrows the table: the reasons then wrap to more lines.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self.measure)
        self.horizontalHeader().sectionResized.connect(lambda *_: self._due.start())
        rows.modelReset.connect(self._due.start)

    def restyle(self) -> None:
        """Heights and widths at the present size."""
        super().restyle()
        if hasattr(self, "_due"):
            self._due.start()

    def shorten(self, *, on: bool) -> None:
        """Beside the drawer a long reason keeps to two lines, so that the next rows stay in sight.

        The whole of it is in the drawer and in the tool tip.
        """
        if self.delegate.short != on:
            self.delegate.short = on
            self._due.start()

    def measure(self) -> None:
        """Each row as high as its reason needs at the present width."""
        least, wide = self.look.metrics.px(ROW_HEIGHT), self.columnWidth(WHY)
        for number, found in enumerate(self.rows.rows):
            needed = max(least, self.delegate.needed(wide, found.why))
            if self.rowHeight(number) != needed:
                self.setRowHeight(number, needed)
                self._moved = True
        if self._moved and self.delegate.short:
            # Beside the drawer the row in hand stays in sight, at whatever size the letters are.
            self.updateGeometries()
            self.scrollTo(self.currentIndex())
        self._moved = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows wrap otherwise."""
        super().resizeEvent(event)
        self._moved = True
        self._due.start()

    _moved = False

    @property
    def current_id(self) -> str:
        """Id of the current row."""
        found = self.currentIndex().data(ROW)
        return found.row_id if isinstance(found, SyncRow) else ""

    def take_in_hand(self, row_id: str) -> None:
        """Make a row current; one that is not there yet, as after an undo, once the rows are read anew."""
        self._awaited = "" if self.select_id(row_id) else row_id

    def held(self) -> str:
        """Id of the row to be current among rows read anew."""
        awaited, self._awaited = self._awaited, ""
        return awaited or self.current_id

    def select_id(self, row_id: str) -> bool:
        """Make a row current; false when it is gone."""
        for number, found in enumerate(self.rows.rows):
            if found.row_id == row_id:
                self.selectRow(number)
                return True
        return False

    def select_number(self, number: int) -> None:
        """Make the row of this number current, the last one where there are not so many."""
        self.selectRow(max(0, min(number, len(self.rows.rows) - 1)))
        self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space act on the row; Home and End go to the first and the last one."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in keys and not event.modifiers() and self.current_id:
            self.acted.emit(self.current_id)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.select_number(0 if event.key() == Qt.Key.Key_Home else len(self.rows.rows) - 1)
        else:
            super().keyPressEvent(event)

    def painted_buttons(self) -> list[QRect]:
        """Where the rows' buttons stand in the viewport."""
        found = []
        for number in range(len(self.rows.rows)):
            index = self.rows.index(number, ACTION)
            found.append(self.delegate.button_box(QRectF(self.visualRect(index)), index.data()).toRect())
        return found

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press on the button of a row."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.column() == ACTION:
            self.acted.emit(self.rows.rows[index.row()].row_id)

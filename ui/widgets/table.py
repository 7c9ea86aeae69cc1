"""The table of records: rows 44 px high, columns that can be hidden and sized and are remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QCursor, QFont, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ui.models.paged import CELL, KEY, Cell, Column, PagedTableModel
from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import identify, option_parts
from ui.widgets.fixed_table import whole_rows
from ui.widgets.tags import paint_tag, tag_words

Index = QModelIndex | QPersistentModelIndex
PAD, TICK = 12, 12


def column_of(index: Index) -> Column:
    """What is known about the column of a cell."""
    model = index.model()
    return model.columns[index.column()] if isinstance(model, PagedTableModel) else Column("", "")


class CellDelegate(QStyledItemDelegate):
    """Paints a cell from its ready texts; nothing is computed here."""

    def __init__(self, look: Look, view: QTableView) -> None:
        super().__init__(view)
        self.look, self._view = look, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One row."""
        return QSize(80, self.look.metrics.row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Background, tag or words, divider, and the bar of the current row."""
        cell = index.data(CELL)
        look, (box, state) = self.look, option_parts(option)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(box, look.color("rowSelected" if selected else "surface"))
        painter.setPen(QPen(look.color("divider"), 2 if look.colors.high_contrast else 1))
        low = box.bottom() - 1
        painter.drawLine(QPointF(box.left(), low), QPointF(box.right(), low))
        if selected and index.column() == self._first_column():
            painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), look.color("primary"))
            if look.colors.high_contrast:
                tick = QRectF(box.left() + 5, box.center().y() - TICK / 2, TICK, TICK)
                icons.paint(painter, "check", look.colors["text"], tick)
                box = box.adjusted(10, 0, 0, 0)
        inner = box.adjusted(PAD, 0, -PAD / 2, 0)
        painter.setClipRect(box)
        if isinstance(cell, Cell):
            under = bool(state & QStyle.StateFlag.State_MouseOver)
            link = under and column_of(index).link
            self._cell(painter, cell, inner, right=column_of(index).right, link=link)
        painter.setClipping(False)
        if selected and self._view.hasFocus():
            self._ring(painter, QRectF(option_parts(option)[0]), index)

    def _ring(self, painter: QPainter, box: QRectF, index: Index) -> None:
        """The cell's part of the ring around the row that has the keyboard."""
        header = self._view.horizontalHeader()
        shown = [n for n in range(header.count()) if not header.isSectionHidden(header.logicalIndex(n))]
        here, wide = header.visualIndex(index.column()), 3 if self.look.colors.high_contrast else 2
        color = self.look.color("borderFocus")
        painter.fillRect(QRectF(box.left(), box.top(), box.width(), wide), color)
        painter.fillRect(QRectF(box.left(), box.bottom() - wide, box.width(), wide), color)
        if here == shown[0]:
            painter.fillRect(QRectF(box.left(), box.top(), wide, box.height()), color)
        if here == shown[-1]:
            painter.fillRect(QRectF(box.right() - wide, box.top(), wide, box.height()), color)

    def _cell(self, painter: QPainter, cell: Cell, spot: QRectF, *, right: bool, link: bool) -> None:
        look = self.look
        if cell.status:
            words = tag_words(look, cell.text, spot.width())
            paint_tag(painter, look, spot, cell.status, words, cell.icon, boxed=cell.boxed)
            return
        painter.setPen(look.color("link" if link else cell.tone))
        # A copy: the look hands the same font to everybody.
        font = QFont(look.font("bodyStrong" if cell.bold else "body"))
        font.setUnderline(link)
        painter.setFont(font)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        words = painter.fontMetrics().elidedText(cell.text, Qt.TextElideMode.ElideRight, int(spot.width()))
        painter.drawText(spot, int(side | Qt.AlignmentFlag.AlignVCenter), words)
        if cell.note:
            done = painter.fontMetrics().horizontalAdvance(cell.text) + 10
            painter.setPen(look.color("textSecondary"))
            painter.setFont(look.font("label"))
            rest = spot.adjusted(done, 0, 0, 0)
            elide = Qt.TextElideMode.ElideRight
            words = painter.fontMetrics().elidedText(cell.note, elide, int(rest.width()))
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), words)

    def _first_column(self) -> int:
        return self._view.horizontalHeader().logicalIndex(0)


class ColumnHeader(QHeaderView):
    """Titles of the columns; the one that sorts is bold, with an arrow after its words."""

    def __init__(self, look: Look) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.look = look
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Height at the present size."""
        self.setFixedHeight(self.look.metrics.px(36))

    def paintSection(self, painter: QPainter, rect: QRect, number: int) -> None:
        """Ground, line below, words, arrow."""
        look, box = self.look, QRectF(rect)
        sorting = self.isSortIndicatorShown() and number == self.sortIndicatorSection()
        mouse = self.mapFromGlobal(QCursor.pos())
        hover = self.rect().contains(mouse) and self.logicalIndexAt(mouse) == number
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, look.color("rowHover" if hover else "surfaceSunken"))
        line = 2 if look.colors.high_contrast else 1
        painter.fillRect(QRectF(box.left(), box.bottom() - line, box.width(), line), look.color("border"))
        model = self.model()
        right = isinstance(model, PagedTableModel) and model.columns[number].right
        edge = look.metrics.icon_small if sorting else 0
        inner = box.adjusted(PAD, 0, -PAD / 2 - edge, -line)
        painter.setFont(look.font("label", bold=sorting))
        painter.setPen(look.color("text" if sorting else "textSecondary"))
        words = str(model.headerData(number, self.orientation()) or "")
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(inner.width()))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignVCenter), words)
        if sorting:
            down = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            wide = painter.fontMetrics().horizontalAdvance(words)
            left = inner.right() if right else inner.left() + wide + 4
            square = QRectF(left, inner.center().y() - edge / 2, edge, edge)
            icons.paint(painter, "chevron-down" if down else "chevron-up", look.colors["text"], square)
        painter.restore()


class DataTable(QTableView):
    """The table over a :class:`PagedTableModel`.

    ``opened(key)`` on Enter, a click on a column that is a link or a double click elsewhere, ``looked(key)``
    on Space (快速看), ``current_changed(key)`` with the current row, ``layout_changed()`` when columns were
    sized or hidden (see :meth:`layout_state`).
    """

    opened = Signal(str)
    looked = Signal(str)
    current_changed = Signal(str)
    layout_changed = Signal()

    def __init__(self, look: Look, spoken: str, model: PagedTableModel, *, name: str) -> None:
        super().__init__()
        self.look, self._rows = look, model
        identify(self, name, spoken, "上下键选择，Enter 打开，空格快速看")
        self.setModel(model)
        self.setItemDelegate(CellDelegate(look, self))
        self.setHorizontalHeader(ColumnHeader(look))
        whole_rows(self)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._column_menu)
        header.sectionClicked.connect(self._sort)
        header.sectionResized.connect(self._resized)
        identify(header, f"{name}.columns", "列")
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        self.setMouseTracking(True)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Row height and column widths at the present size."""
        self.verticalHeader().setDefaultSectionSize(self.look.metrics.row)
        header = self.horizontalHeader()
        blocked = header.blockSignals(True)
        for number, column in enumerate(self._rows.columns):
            self.setColumnWidth(number, self.look.metrics.px(column.width))
        header.blockSignals(blocked)
        self._stretch()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The stretched column takes what is left, never less than its own width."""
        super().resizeEvent(event)
        self._stretch()

    def _stretch(self) -> None:
        header, columns = self.horizontalHeader(), self._rows.columns
        shown = [n for n in range(len(columns)) if not self.isColumnHidden(n)]
        for number in (n for n in shown if columns[n].stretch):
            least = self.look.metrics.px(columns[number].width)
            others = sum(self.columnWidth(n) for n in shown if n != number)
            fits = self.viewport().width() - others >= least
            modes = QHeaderView.ResizeMode
            blocked = header.blockSignals(True)
            header.setSectionResizeMode(number, modes.Stretch if fits else modes.Interactive)
            if not fits:
                self.setColumnWidth(number, least)
            header.blockSignals(blocked)

    @property
    def current_key(self) -> str:
        """Key of the current row; empty when there is none or it is still being read."""
        return str(self.currentIndex().data(KEY) or "")

    def layout_state(self) -> dict[str, int]:
        """Widths at 100 % by column key; a hidden column has 0."""
        return {
            column.key: 0
            if self.isColumnHidden(number)
            else round(self.look.metrics.logical(self.columnWidth(number)))
            for number, column in enumerate(self._rows.columns)
        }

    def restore_layout(self, widths: Mapping[str, int]) -> None:
        """Take up remembered widths; unknown columns stay as they are."""
        header = self.horizontalHeader()
        blocked = header.blockSignals(True)
        for number, column in enumerate(self._rows.columns):
            if column.key in widths:
                self.setColumnHidden(number, widths[column.key] == 0)
                if widths[column.key]:
                    self.setColumnWidth(number, self.look.metrics.px(widths[column.key]))
        header.blockSignals(blocked)
        self._stretch()

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show these columns and hide the others; the first always shows."""
        for number, column in enumerate(self._rows.columns):
            self.setColumnHidden(number, number > 0 and column.key not in keys)
        self._stretch()
        self.layout_changed.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which record is current."""
        super().currentChanged(current, previous)
        self.current_changed.emit(self.current_key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Space looks."""
        key = self.current_key
        if key and not event.modifiers():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.opened.emit(key)
                return
            if event.key() == Qt.Key.Key_Space:
                self.looked.emit(key)
                return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The hand over what a click opens."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        link = index.isValid() and column_of(index).link
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)

    def _clicked(self, index: QModelIndex) -> None:
        if column_of(index).link:
            self._open(index)

    def _double_clicked(self, index: QModelIndex) -> None:
        # Of a double click on a link the first click has opened already.
        if not column_of(index).link:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        if key := index.data(KEY):
            self.opened.emit(str(key))

    def _sort(self, number: int) -> None:
        column = self._rows.columns[number]
        header = self.horizontalHeader()
        if not column.sortable:
            return
        ascending = not (self._rows.sort_key == column.key and self._rows.ascending)
        order = Qt.SortOrder.AscendingOrder if ascending else Qt.SortOrder.DescendingOrder
        header.setSortIndicator(number, order)
        self._rows.sort_by(column.key, ascending=ascending)

    def _resized(self, _number: int, _old: int, _new: int) -> None:
        self.layout_changed.emit()

    def column_menu(self) -> QMenu:
        """The menu of columns: checked ones show."""
        menu = QMenu(self)
        identify(menu, f"{self.objectName()}.columns.menu", "显示哪些列")
        for number, column in enumerate(self._rows.columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(number))
            action.setEnabled(number > 0)
            action.setData(column.key)
        menu.triggered.connect(self._column_toggled)
        return menu

    def _column_menu(self, spot: QPoint) -> None:
        menu = self.column_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.horizontalHeader().mapToGlobal(spot))

    def _column_toggled(self, action: QAction) -> None:
        for number, column in enumerate(self._rows.columns):
            if column.key == action.data():
                self.setColumnHidden(number, not action.isChecked())
        self._stretch()
        self.layout_changed.emit()

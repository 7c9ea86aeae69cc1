"""Tables of any length: rows come page by page from the read lane, as texts ready to be painted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from ui.theme import tokens

Index = QModelIndex | QPersistentModelIndex
CELL = int(Qt.ItemDataRole.UserRole) + 1
KEY = int(Qt.ItemDataRole.UserRole) + 2
PAGE = 100
KEPT_PAGES = 60


@dataclass(frozen=True)
class Column:
    """A column: its key (for sorting and for remembering its width), title, width at 100 %."""

    key: str
    title: str
    width: int = 120
    sortable: bool = True
    stretch: bool = False
    right: bool = False
    link: bool = False
    """A click on its cell opens the record."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, ready to paint. ``status`` draws a tag (``boxed``) or icon and words in its colour."""

    text: str = ""
    status: str = ""
    icon: str = ""
    boxed: bool = False
    bold: bool = False
    note: str = ""
    tone: str = "text"
    """Colour of plain words by token."""

    def __post_init__(self) -> None:
        """Refuse a status without colours here: in painting it would come up again with every repaint."""
        if self.status and self.status not in tokens.colors("light").status:
            raise ValueError(f"no such status: {self.status}")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the key of the record and its cells in the columns' order. ``mark`` tints it by a status."""

    key: str
    cells: tuple[Cell, ...]
    mark: str = ""


@dataclass(frozen=True)
class Query:
    """What is asked of the read lane: a page of the list sorted so. ``generation`` tells stale answers."""

    page: int
    size: int
    sort: str
    ascending: bool
    generation: int


Deliver = Callable[[Query, Sequence[Row], int], None]
Fetch = Callable[[Query, Deliver], None]
"""Starts a read; it calls ``deliver(query, rows, total)`` on the GUI thread when done."""


class PagedTableModel(QAbstractTableModel):
    """Rows by page. Cells not read yet are empty and are asked for when they come into sight.

    ``loaded(total)`` follows the first page of each new list; until then the old rows stay.
    """

    loaded = Signal(int)

    def __init__(self, columns: Sequence[Column], fetch: Fetch) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._fetch = fetch
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._asked: set[int] = set()
        self._total = 0
        self._generation = 0
        self._fresh = False
        self.sort_key, self.ascending = "", True

    @property
    def total(self) -> int:
        """Number of rows in the whole list."""
        return self._total

    @property
    def reading(self) -> bool:
        """Whether the list is being read anew; what shows is still the old one."""
        return self._fresh

    def reload(self) -> None:
        """Read again from the first page; what shows stays until it comes."""
        self._generation += 1
        self._asked.clear()
        self._fresh = True
        self._ask(0)

    def renew(self, number: int) -> None:
        """Read the page of one row again in place: what is current and how far it is scrolled stays."""
        self._ask(number // PAGE)

    def sort_by(self, key: str, *, ascending: bool) -> None:
        """Have the list sorted by the read lane."""
        self.sort_key, self.ascending = key, ascending
        self.reload()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Rows of the whole list."""
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Columns."""
        return 0 if parent.isValid() else len(self.columns)

    def row_at(self, number: int) -> Row | None:
        """The row, or ``None`` while it is being read (then it is asked for)."""
        page, place = divmod(number, PAGE)
        rows = self._pages.get(page)
        if rows is None:
            self._ask(page)
            return None
        self._pages.move_to_end(page)
        return rows[place] if place < len(rows) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, cell, key, and for screen readers 列名：值."""
        wanted = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, CELL, KEY)
        if role not in wanted or not index.isValid():
            return None
        row = self.row_at(index.row())
        if row is None:
            return None
        if role == KEY:
            return row.key
        cell = row.cells[index.column()]
        if role == CELL:
            return cell
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.columns[index.column()].title}：{cell.text}"
        return cell.text

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Column titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _ask(self, page: int) -> None:
        if page in self._asked:
            return
        self._asked.add(page)
        query = Query(page, PAGE, self.sort_key, self.ascending, self._generation)
        self._fetch(query, self._deliver)

    def _deliver(self, query: Query, rows: Sequence[Row], total: int) -> None:
        if query.generation != self._generation:
            return
        self._asked.discard(query.page)
        if self._fresh or total != self._total:
            self.beginResetModel()
            if self._fresh:
                self._pages.clear()
            self._fresh = False
            self._total = total
            self._keep(query.page, rows)
            self.endResetModel()
            self.loaded.emit(total)
            return
        self._keep(query.page, rows)
        first = query.page * PAGE
        last = min(first + len(rows), self._total) - 1
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def _keep(self, page: int, rows: Sequence[Row]) -> None:
        self._pages[page] = rows
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)

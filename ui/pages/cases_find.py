"""The keys of the search field above the list of cases: Enter opens the marked hit, Down goes to the hits."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.models.paged import PagedTableModel
from ui.pages.cases_filters import FilterLine
from ui.widgets.table import DataTable


class SearchKeys(QObject):
    """``opened(key)`` with the marked hit, once what is being looked for is there.

    To be made after the page listens to the model: the page marks the row that is opened here.
    """

    opened = Signal(str)

    def __init__(self, line: FilterLine, table: DataTable, model: PagedTableModel) -> None:
        super().__init__(table)
        self._table, self._model = table, model
        self._wanted = False
        line.entered.connect(self._enter)
        line.lowered.connect(table.setFocus)
        line.search.textEdited.connect(self.forget)
        model.loaded.connect(self._loaded)

    def forget(self, *_: object) -> None:
        """The person went on to something else: nothing opens any more."""
        self._wanted = False

    def _enter(self) -> None:
        self._wanted = True
        if not self._model.reading:
            self._loaded()

    def _loaded(self, *_: object) -> None:
        wanted, self._wanted = self._wanted, False
        if wanted and self._table.current_key:
            self.opened.emit(self._table.current_key)

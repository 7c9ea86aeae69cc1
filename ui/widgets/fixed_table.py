"""Tables of whole rows: one is chosen at a time, none is edited; columns of a width each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui.theme.look import Look
from ui.widgets.base import identify


def whole_rows(table: QTableView) -> None:
    """One row at a time, without a grid; Tab leaves the table."""
    table.setShowGrid(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.horizontalHeader().setHighlightSections(False)


class FixedTable(QTableView):
    """Columns of so many logical pixels, some of them stretched over what is left; nothing sorts."""

    def __init__(
        self,
        look: Look,
        model: QAbstractItemModel,
        widths: Sequence[int],
        *,
        stretched: Collection[int],
        row_height: int,
        name: str,
    ) -> None:
        """``row_height`` in logical pixels; ``name`` is the table's, its header's ends in ``columns``."""
        super().__init__()
        self.look = look
        self._widths, self._stretched, self._row_height = tuple(widths), frozenset(stretched), row_height
        self.setModel(model)
        whole_rows(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        identify(header, f"{name.rpartition('.')[0]}.columns", "列")
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Heights and widths at the present size."""
        metrics, modes = self.look.metrics, QHeaderView.ResizeMode
        self.verticalHeader().setDefaultSectionSize(metrics.px(self._row_height))
        for number, wide in enumerate(self._widths):
            stretch = number in self._stretched
            self.horizontalHeader().setSectionResizeMode(number, modes.Stretch if stretch else modes.Fixed)
            if not stretch:
                self.setColumnWidth(number, metrics.px(wide))

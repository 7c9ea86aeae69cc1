# ruff: noqa: E501 - short cases read best in one line
from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest

from tests.helpers.screens import grab, settle
from ui.models.paged import CELL, KEPT_PAGES, PAGE, Cell, Column, Deliver, PagedTableModel, Query, Row
from ui.theme.look import Look
from ui.widgets.table import DataTable

COLUMNS = (
    Column("state", "状态", 110),
    Column("title", "案件简称", 200, stretch=True),
    Column("sync", "同步", 110),
)
TOTAL = 100_000
pytestmark = pytest.mark.usefixtures("qapp")


class Source:
    """Answers at once or later, as a read lane would."""

    def __init__(self, total: int = TOTAL) -> None:
        self.total = total
        self.asked: list[Query] = []
        self.held: list[tuple[Query, Deliver]] = []
        self.hold = False

    def fetch(self, query: Query, deliver: Deliver) -> None:
        self.asked.append(query)
        if self.hold:
            self.held.append((query, deliver))
        else:
            deliver(query, self.rows(query), self.total)

    def rows(self, query: Query) -> Sequence[Row]:
        first = query.page * query.size
        return [
            Row(f"c{n}", (Cell("调解中", "info", "messages-square", boxed=True), Cell(f"案件 {n}", bold=True), Cell("已送达", "ok", "cloud-check")))
            for n in range(first, min(first + query.size, self.total))
        ]  # fmt: skip


def test_a_hundred_thousand_rows_are_read_by_page_and_forgotten(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    source = Source()
    model = PagedTableModel(COLUMNS, source.fetch)
    table = DataTable(look, "案件", model, name="test.cases.table")
    qtbot.addWidget(table)
    model.reload()
    grab(table, "table", (800, 500))
    assert model.rowCount() == TOTAL
    assert len(source.asked) == 1
    for target in range(0, TOTAL, 997):
        table.scrollTo(model.index(target, 0))
        table.viewport().repaint()
    assert len(model._pages) <= KEPT_PAGES
    assert len({query.page for query in source.asked}) <= TOTAL // PAGE


def test_rows_stay_until_the_new_ones_come_and_stale_answers_are_dropped() -> None:
    source = Source(total=150)
    model = PagedTableModel(COLUMNS, source.fetch)
    model.reload()
    source.hold = True
    model.sort_by("title", ascending=False)
    first = source.held.pop()
    assert model.row_at(3) is not None
    assert model.rowCount() == 150
    model.sort_by("title", ascending=True)
    second = source.held.pop()
    first[1](first[0], [], 0)
    assert model.rowCount() == 150
    second[1](second[0], [], 0)
    assert model.rowCount() == 0
    assert second[0].ascending
    assert second[0].sort == "title"


def test_cells_speak_with_their_column() -> None:
    model = PagedTableModel(COLUMNS, Source(total=5).fetch)
    model.reload()
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "案件简称：案件 0"


def test_keys_sorting_and_remembered_columns(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    source = Source(total=30)
    model = PagedTableModel(COLUMNS, source.fetch)
    table = DataTable(look, "案件", model, name="test.cases.table")
    qtbot.addWidget(table)
    model.reload()
    table.resize(800, 400)
    table.show()
    opened: list[str] = []
    table.opened.connect(opened.append)
    table.looked.connect(opened.append)
    table.setCurrentIndex(model.index(2, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert opened == ["c2", "c2"]
    table.horizontalHeader().sectionClicked.emit(1)
    assert (model.sort_key, model.ascending) == ("title", True)
    table.horizontalHeader().sectionClicked.emit(1)
    assert model.ascending is False
    changed: list[int] = []
    table.layout_changed.connect(lambda: changed.append(1))
    menu = table.column_menu()
    assert not menu.actions()[0].isEnabled()
    menu.actions()[2].trigger()
    assert changed
    state = table.layout_state()
    assert state["sync"] == 0
    other = DataTable(look, "案件", model, name="test.cases.other")
    qtbot.addWidget(other)
    other.restore_layout(state)
    assert other.isColumnHidden(2)


def test_rows_follow_the_scale(plain_look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    model = PagedTableModel(COLUMNS, Source(total=3).fetch)
    table = DataTable(plain_look, "案件", model, name="test.cases.table")
    qtbot.addWidget(table)
    model.reload()
    assert table.rowHeight(0) == 44
    plain_look.metrics.set_scale(1.5)
    settle()
    assert table.rowHeight(0) == 66


def test_a_status_without_colours_is_refused_before_anything_is_painted() -> None:
    with pytest.raises(ValueError, match="no such status"):
        Cell("两处不同", "conflicted")


def test_the_line_under_a_link_stays_in_its_cell(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    columns = (Column("title", "案件简称", 200, link=True), Column("sync", "同步", 110))
    rows = [Row("c1", (Cell("三楼漏水", bold=True), Cell("已送达")))]
    model = PagedTableModel(columns, lambda query, deliver: deliver(query, rows, 1))
    table = DataTable(look, "案件", model, name="test.links.table")
    qtbot.addWidget(table)
    model.reload()
    grab(table, "table-links", (500, 200))
    cell, other = (model.index(0, column).data(CELL) for column in (0, 1))
    picture = QPixmap(200, 40)
    painter = QPainter(picture)
    for one, link in ((cell, True), (other, False)):
        table.itemDelegate()._cell(painter, one, QRectF(0, 0, 200, 40), right=False, link=link)
    painter.end()
    assert not look.font("bodyStrong").underline()
    assert not look.font("body").underline()

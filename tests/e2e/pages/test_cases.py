"""案件 in the window: views, search, filters, sorting, quick look, export, remembered columns."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.services.exporting import safe_cell
from tests.helpers.case_desk import at, told_case
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, type_chinese
from tests.helpers.screens import assert_named, assert_not_clipped, grab
from ui.models.paged import KEY
from ui.pages.case_data import read_case
from ui.pages.cases import CasesPage
from ui.pages.cases_data import COLUMNS
from ui.widgets.tags import tag_size

MORE = (
    ("case-2", "小区停车费涨价", {"source": "platform"}),
    ("case-3", "=装修尾款 3.2 万", {"dispute_kind": "contract", "source": "walk_in"}),
    ("case-4", "合租押金不退", {"state": "deciding", "source": "platform"}),
    ("case-5", "烧烤店油烟", {"state": "mediating", "accepted_at": at(11, 20, 9), "source": "police"}),
)


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    told_case(place)
    for case_id, title, more in MORE:
        incoming(place, case_id, title=title, **more)
    made.add(CasesPage(made.context))
    yield made
    made.close()


def test_list_and_case_name_one_state_and_an_estimated_deadline(bench):
    incoming(bench.workplace, "case-6", title="院墙挡光", state="accepted", accepted_at=at(11, 23, 9))
    bench.show("cases", tab="all")
    page = page_of(bench)
    for line in range(page.model.total):
        key = page.model.index(line, 0).data(KEY)
        said = page.model.index(line, 0).data()
        assert said == read_case(bench.context.office, key).label.text, key
    # 30 working days from 23 November run into a year whose holidays are not announced.
    column = [c.key for c in COLUMNS].index("next")
    words = next(
        page.model.index(n, column).data()
        for n in range(page.model.total)
        if page.model.index(n, 0).data(KEY) == "case-6"
    )
    assert "2027年" in words
    assert "暂估" in words
    assert tag_size(page.look, words).width() <= page.table.columnWidth(column), "it stands there whole"
    assert_not_clipped(page)


def page_of(bench) -> CasesPage:
    page = bench.shell.current
    assert isinstance(page, CasesPage)
    return page


def keys(page) -> list[str]:
    model = page.model
    return [model.index(line, 0).data(KEY) for line in range(model.total)]


def search(bench, page, text: str) -> None:
    bench.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bench.focus() is page.line.search
    page.line.search.clear()
    if text.isascii():
        QTest.keyClicks(page.line.search, text)
    else:
        type_chinese(page.line.search, text)
    bench.qtbot.waitUntil(lambda: page.line.filters.text == text)
    bench.idle()


def test_views_with_counts_and_enter_opens(bench):
    bench.show("cases")
    page = page_of(bench)
    assert page.tabs.tabText(0) == "我要办的 5"
    assert bench.focus() is page.table
    assert "在办 5 件" in page._subtitle.text()
    bench.key(Qt.Key.Key_Down)
    key = page.table.current_key
    bench.key(Qt.Key.Key_Return)
    assert bench.went[-1] == ("case", {"case_id": key})
    page.tabs.choose("signing")
    bench.idle()
    assert page.stack.currentWidget() is page.nothing


@pytest.mark.parametrize("text", ["陈秀英", "陈", "6612"])
def test_found_by_what_does_not_show(bench, text):
    bench.show("cases")
    page = page_of(bench)
    search(bench, page, text)
    assert page.model.total == 5
    how = "号码" if text.isdigit() else "姓名"
    assert f"按{how}找到 5 件" in page.foot.text()
    assert "陈秀英" not in "".join(str(page.model.index(0, c).data()) for c in range(10))


def test_found_by_title_and_initials_without_saying_names(bench):
    bench.show("cases")
    page = page_of(bench)
    search(bench, page, "slls")
    assert keys(page) == ["case-1"]
    assert "按姓名" not in page.foot.text()
    search(bench, page, "没有这样的")
    assert page.stack.currentWidget() is page.nothing
    bench.click(page.nothing.button)
    assert page.model.total == 5


def test_filters_narrow_and_are_taken_away(bench):
    bench.show("cases")
    page = page_of(bench)
    menu = page.line.menu("sources")
    next(a for a in menu.actions() if a.text() == "平台").setChecked(True)
    bench.idle()
    assert sorted(keys(page)) == ["case-2", "case-4"]
    assert page.line.chips["sources"].text() == "来源：平台"
    page.line.chips["sources"].setFocus()
    bench.key(Qt.Key.Key_Delete)
    assert page.model.total == 5
    next(a for a in page.line.menu("accepted").actions() if a.text() == "本月受理").trigger()
    bench.idle()
    assert keys(page) == ["case-5"]
    bench.key(Qt.Key.Key_Escape)
    assert page.model.total == 5


def test_sorted_in_the_database_and_columns_are_remembered(bench):
    bench.show("cases")
    page = page_of(bench)
    place = [c.key for c in page.model.columns].index("source")
    page.table.horizontalHeader().sectionClicked.emit(place)
    bench.idle()
    order = [page.model.index(n, place).data() for n in range(5)]
    page.table.horizontalHeader().sectionClicked.emit(place)
    bench.idle()
    assert page.model.index(0, place).data() == order[-1]
    page.table.setColumnWidth(place, 140)
    page.table.show_columns([c.key for c in page.model.columns if c.key != "sync"])
    page.leave()
    bench.idle()
    kept = bench.context.office.settings.layout("cases")["columns"]
    assert kept["source"] == 140
    assert kept["sync"] == 0
    again = CasesPage(bench.context)
    bench.qtbot.addWidget(again)
    again.open({})
    bench.idle()
    assert again.table.layout_state()["sync"] == 0
    again.leave()
    bench.idle()


def test_space_looks_without_leaving_and_follows_the_row(bench):
    bench.show("cases")
    page = page_of(bench)
    bench.key(Qt.Key.Key_Space)
    assert page.quick.isVisible()
    grab(bench.shell, "cases-look")
    assert_not_clipped(page)
    bench.key(Qt.Key.Key_Down)
    assert page.quick.open_button.accessibleName().endswith(str(page.model.index(1, 1).data()))
    bench.key(Qt.Key.Key_Escape)
    assert not page.quick.isVisible()
    assert bench.focus() is page.table


def test_export_is_covered_and_safe_in_a_spreadsheet(bench, tmp_path):
    bench.show("cases")
    page = page_of(bench)
    path = tmp_path / "list.csv"
    page.export_to(path)
    bench.idle()
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert "陈秀英" not in text
    assert "陈** / 吴*" in text
    assert "'=装修尾款" in text
    assert ("case.export", '{"rows":5}') in [(a, d.replace(" ", "")) for a, d in bench.audit()]
    assert safe_cell("@x") == "'@x"


def test_a_view_is_kept_and_taken_up(bench):
    bench.show("cases", tab="all")
    page = page_of(bench)
    next(a for a in page.line.menu("sources").actions() if a.text() == "公安移送").setChecked(True)
    bench.idle()
    page.line.keep_asked.emit("公安转来的")
    page.clear_filters()
    bench.idle()
    assert page.model.total == 5
    page.line.view_chosen.emit("公安转来的")
    bench.idle()
    assert keys(page) == ["case-5"]


def test_nothing_there_yet(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "empty"), tmp_path)
    made.add(CasesPage(made.context))
    made.show("cases", tab="all")
    page = page_of(made)
    assert page.stack.currentWidget() is page.empty
    made.click(page.empty.button)
    assert made.went[-1][0] == "intake"
    made.close()


def test_many_rows_do_not_stall_the_window(bench):
    from sqlalchemy import insert, select

    from app.storage.tables import cases

    def many(conn) -> None:
        row = dict(conn.execute(select(cases).limit(1)).one()._mapping)
        del row["rid"]
        conn.execute(
            insert(cases), [{**row, "case_id": f"many-{n}", "title": f"第 {n} 件"} for n in range(20_000)]
        )

    bench.workplace.desk.store.write(many)
    bench.show("cases", tab="all")
    page = page_of(bench)
    assert page.model.total == 20_005
    slowest = 0.0
    for part in (0.25, 0.5, 0.75, 1.0):
        begun = time.perf_counter()
        page.table.verticalScrollBar().setValue(round(page.table.verticalScrollBar().maximum() * part))
        page.table.viewport().repaint()
        slowest = max(slowest, time.perf_counter() - begun)
        bench.idle()
    assert slowest < 0.5
    assert page.model.index(20_004, 0).data(KEY)


@pytest.mark.parametrize(
    ("mode", "scale", "size"),
    [
        ("light", 1.0, (1440, 869)),
        ("dark", 1.0, (1440, 869)),
        ("highContrast", 1.0, (1440, 869)),
        ("light", 1.25, (1366, 737)),
        ("light", 1.5, (1366, 737)),
    ],
)
def test_it_can_be_read_in_every_look(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("cases")
    grab(bench.shell, f"cases-{mode}-{round(scale * 100)}")
    assert_not_clipped(page_of(bench))
    assert_named(page_of(bench))


def cell(page, line: int, key: str):
    """The middle of a cell on the screen."""
    column = [c.key for c in COLUMNS].index(key)
    return page.table.visualRect(page.model.index(line, column)).center()


def test_a_click_on_the_name_opens_and_elsewhere_selects(bench):
    bench.show("cases")
    page = page_of(bench)
    view = page.table.viewport()
    keys_there = keys(page)
    bench.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=cell(page, 2, "parties"))
    bench.idle()
    assert page.table.current_key == keys_there[2]
    assert bench.went == []
    bench.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=cell(page, 1, "title"))
    bench.idle()
    assert bench.went == [("case", {"case_id": keys_there[1]})]
    # A hand that double-clicks by habit opens it once.
    bench.qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=cell(page, 1, "title"))
    bench.idle()
    assert len(bench.went) == 1


def test_enter_in_the_search_field_opens_the_marked_hit(bench):
    bench.show("cases")
    page = page_of(bench)
    bench.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    # Faster than the pause after which typing is looked for.
    QTest.keyClicks(page.line.search, "slls")
    QTest.keyClick(page.line.search, Qt.Key.Key_Return)
    bench.idle()
    assert bench.went == [("case", {"case_id": "case-1"})]
    search(bench, page, "涨价")
    bench.key(Qt.Key.Key_Down)
    assert bench.focus() is page.table
    bench.key(Qt.Key.Key_Return)
    assert bench.went[-1] == ("case", {"case_id": "case-2"})


@pytest.mark.parametrize("mode", ["light", "highContrast"])
def test_the_row_that_has_the_keyboard_wears_a_ring(bench, plain_look, mode):
    plain_look.set_mode(mode)
    bench.show("cases")
    page = page_of(bench)
    color = bench.look.color("borderFocus")

    def ringed() -> bool:
        picture = page.table.viewport().grab().toImage()
        box = page.table.visualRect(page.table.currentIndex())
        across = [picture.pixelColor(x, box.top() + 1) for x in range(5, picture.width() - 5, 50)]
        return all(one == color for one in across)

    page.table.setFocus()
    bench.idle()
    assert ringed()
    bench.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert not ringed()

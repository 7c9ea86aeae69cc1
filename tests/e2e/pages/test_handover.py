"""交接 in the window: from 更多 to the printed book; what is unsent is marked; nothing goes by mistake."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot
from sqlalchemy import select, update

from app.domain.errors import NotPermittedError
from app.services.office import Office
from app.storage.tables import cases, outbox
from tests.helpers.case_desk import CASE, told_case
from tests.helpers.desks import Workplace, incoming, make_workplace
from tests.helpers.pages import Bench, dialog
from tests.helpers.screens import LOOKS, assert_looks, grab
from tests.unit.app.services.test_handover import dispute, sent
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.paper import PaperDialog
from ui.models.paged import CELL
from ui.pages.cases import CasesPage
from ui.pages.handover import HandoverPage
from ui.theme.look import Look

CTRL = Qt.KeyboardModifier.ControlModifier
SECOND, THIRD = "case-2", "case-3"


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    made = make_workplace(tmp_path / "profile")
    told_case(made)
    sent(made)
    incoming(made, SECOND, title="小区停车费涨价")
    incoming(made, THIRD, title="合租押金不退")
    return made


@pytest.fixture
def bench(qtbot: QtBot, look: Look, place: Workplace, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, look, place, tmp_path)
    made.add(CasesPage(made.context), HandoverPage(made.context))
    yield made
    made.close()


def page_of(bench: Bench) -> HandoverPage:
    page = bench.shell.current
    assert isinstance(page, HandoverPage)
    return page


def marks(page: HandoverPage) -> dict[str, str]:
    """Title of each row with its mark."""
    model = page.model
    return {model.index(n, 1).data(CELL).text: model.index(n, 0).data(CELL).text for n in range(model.total)}


def mediators(place: Workplace) -> dict[str, str]:
    rows = place.desk.store.read(lambda c: c.execute(select(cases)).all())
    return {row.case_id: row.mediator_id for row in rows}


def texts_of(page: HandoverPage) -> str:
    from ui.widgets.base import Text

    return "\n".join(one.text() for one in page.side.findChildren(Text))  # type: ignore[union-attr]


def test_from_the_list_of_cases_over_the_menu(bench: Bench) -> None:
    bench.show("cases")
    page = bench.shell.current
    bench.click(page.menu_button)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    (offer,) = menu.actions()
    assert offer.text() == "交接…"
    offer.trigger()
    menu.close()
    bench.idle()
    assert page_of(bench).title == "交接"
    assert bench.shell.nav.pages.keys[bench.shell.nav.pages.currentIndex().row()] == "cases"


def test_in_a_narrow_window_it_stands_among_the_others_and_a_clerk_has_none(bench: Bench) -> None:
    bench.show("cases")
    page = bench.shell.current
    assert page.menu_button.isVisible()
    bench.shell.resize(1024, 700)
    bench.idle()
    assert not page.menu_button.isVisible()
    menu = page.more_menu()
    assert "交接…" in [one.text() for one in menu.actions()]
    menu.deleteLater()
    bench.shell.resize(1440, 869)
    bench.be("p-shen")
    bench.show("handover", who="nobody")
    assert [type(error) for _name, error in bench.failures] == [NotPermittedError]
    bench.failures.clear()
    bench.show("cases")
    assert not page.menu_button.isVisible()


def test_handed_over_with_the_keyboard_and_the_book_is_there_to_print(bench: Bench) -> None:
    bench.show("handover")
    page = page_of(bench)
    assert marks(page) == {"三楼漏水赔墙面": "交接", "小区停车费涨价": "交接", "合租押金不退": "交接"}
    assert page._subtitle.text() == "周敏芳手上 3 件没办完（含结案后还有事的），勾了 3 件。"
    assert page.taker.currentText() == "何静（负责人）", "the only one who can"
    assert page.act_button.text() == "交接，打印交接册", "one width, however many are ticked"
    assert not page.giver_field.isVisible()
    assert not page.warning.isVisible(), "all was sent"
    assert bench.focus() is page.table
    bench.key(Qt.Key.Key_Space)
    assert page._subtitle.text().endswith("勾了 2 件。")
    assert page.table.currentIndex().row() == 0, "the mark changes, the place stays"
    left = next(title for title, mark in marks(page).items() if mark == "不交")
    bench.key(Qt.Key.Key_Return, CTRL)
    asked = dialog(ConfirmDialog)
    grab(asked, "handover-confirm")
    assert asked.asked.title == "交接 2 件给何静"
    assert asked.asked.effects[0] == "2 件案件的承办调解员将改为何静，接着发给平台。"
    assert asked.action_button.text() == "交接并打印"
    assert bench.focus() is asked.back_button
    bench.key(Qt.Key.Key_Return)
    assert set(mediators(bench.workplace).values()) == {"p-zhou"}, "a stray Enter does nothing"
    bench.front()

    bench.key(Qt.Key.Key_Return, CTRL)
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Return)
    paper = dialog(PaperDialog)
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(paper.content)).pages)
    assert "案件交接册" in text
    assert left not in text
    assert bench.shell.toast.text.text().startswith("已交接 2 件给何静，接着发给平台。")
    assert bench.focus() is paper.print_button
    bench.key(Qt.Key.Key_Escape)
    held = mediators(bench.workplace)
    assert sorted(held.values()) == ["p-he", "p-he", "p-zhou"]
    assert list(marks(page)) == [left]
    # The paper jammed: the book of that hand-over is printed once more, as it was.
    bench.click(page.last_button)
    again = dialog(PaperDialog)
    assert "".join(p.extract_text() for p in PdfReader(io.BytesIO(again.content)).pages) == text
    again.reject()
    bench.idle()
    scan = bench.workplace.folder / "signed.pdf"
    scan.write_bytes(b"%PDF-1.4\nsigned\n%%EOF\n")
    bench.click(page.scan_button)
    asked_for = dialog(QFileDialog)
    asked_for.fileSelected.emit(str(scan))
    asked_for.reject()
    bench.idle()
    assert "签好的交接册已存进 2 件案件的材料里" in bench.shell.toast.text.text()


def test_what_the_platform_refused_stays_here_and_waits_for_no_network(bench: Bench) -> None:
    office = Office(bench.workplace.desk)
    office.handling.add_note(SECOND, "电话里说好周三来。")
    mine = outbox.c.state != "delivered"
    office.desk.store.write(lambda c: c.execute(update(outbox).where(mine).values(state="rejected")) and None)
    bench.show("handover")
    page = page_of(bench)
    row = next(n for n in range(3) if page.model.index(n, 1).data(CELL).text == "小区停车费涨价")
    assert page.model.index(row, 4).data(CELL).text == "没收下 1 项"
    assert page.warning.title.text() == "勾上的有 1 项平台没有收下"
    assert "到同步中心看原因" in page.warning.text.text()
    assert page.warning.button.isHidden(), "there is nothing that an exchange would take along"
    office.handling.add_note(SECOND, "周三来过了。")
    bench.changed("cases", "outbox")
    assert page.warning.title.text() == "勾上的有 1 件、1 项内容还没发出"
    assert "另有 1 项平台没有收下" in page.warning.text.text()
    page.ask()
    told = dialog(ConfirmDialog).asked.effects
    assert any("有 1 项平台没有收下，留在这台电脑的同步中心里" in effect for effect in told)


def test_what_is_unsent_is_marked_counted_and_named_before_it_goes(bench: Bench) -> None:
    Office(bench.workplace.desk).handling.add_note(SECOND, "电话里说好周三来。")
    Office(bench.workplace.desk).drafts.save("note", SECOND, {"text": "写了一半"})
    bench.show("handover")
    page = page_of(bench)
    row = next(n for n in range(3) if page.model.index(n, 1).data(CELL).text == "小区停车费涨价")
    assert page.model.index(row, 4).data(CELL).text == "记录 1 项，草稿 1 份"
    assert page.warning.isVisible()
    assert page.warning.title.text() == "勾上的有 1 件、1 项内容还没发出"
    assert "先联网发出再交接更稳妥" in page.warning.text.text()
    page.table.setCurrentIndex(page.model.index(row, 0))
    bench.idle()
    assert "本机没发出：记录 1 项，草稿 1 份" in texts_of(page)
    page.ask()
    assert any(
        "还有 1 项内容没发出，先联网发出再交接更稳妥" in e for e in dialog(ConfirmDialog).asked.effects
    )
    dialog(ConfirmDialog).reject()
    bench.idle()
    bench.front()
    page.table.setFocus()
    bench.key(Qt.Key.Key_Space)
    assert page.warning.isVisible(), "nothing moves under the pointer by a tick"
    assert page.warning.title.text() == "勾上的都发出了"
    sent(bench.workplace)
    bench.key(Qt.Key.Key_Space)
    bench.changed("outbox")
    assert not page.warning.isVisible()


def test_a_disputed_case_cannot_be_ticked_and_says_what_comes_first(bench: Bench) -> None:
    dispute(bench.workplace, "mediator_id", SECOND)
    bench.show("handover")
    page = page_of(bench)
    assert marks(page)["小区停车费涨价"] == "先选定"
    assert page._subtitle.text().endswith("勾了 2 件。")
    page.toggle(SECOND)
    assert "先到同步中心选定" in bench.shell.toast.text.text()
    assert page._subtitle.text().endswith("勾了 2 件。")


def test_what_changed_hands_between_looking_and_acting_is_told(bench: Bench) -> None:
    bench.show("handover")
    page = page_of(bench)
    page.ask()
    head = bench.workplace.as_person("p-he")
    Office(head).handover.hand_over("p-zhou", "p-he", (CASE,))
    dialog(ConfirmDialog).accept()
    bench.idle()
    assert page.problem.isVisible()
    assert page.problem.title.text() == "有 1 件没有交接，还在原来的人手上"
    assert "三楼漏水赔墙面：现在由何静承办" in page.problem.text.text()
    dialog(PaperDialog).reject()
    bench.idle()
    assert set(mediators(bench.workplace).values()) == {"p-he"}


def test_the_head_chooses_whose_cases_and_nobody_is_chosen_in_advance(bench: Bench) -> None:
    incoming(bench.workplace, "case-4", title="烧烤店油烟", mediator_id="p-he")
    bench.be("p-he")
    bench.show("handover")
    page = page_of(bench)
    assert [page.giver.itemText(n) for n in range(page.giver.count())] == ["何静（1 件）", "周敏芳（3 件）"]
    assert list(marks(page)) == ["烧烤店油烟"]
    page.giver.choose("p-zhou")
    bench.idle()
    assert len(marks(page)) == 3
    assert page.taker.currentText() == "何静（负责人）"
    page.all_button.click()
    assert set(marks(page).values()) == {"不交"}
    assert page.act_button.unavailable == "先勾上要交的案件"
    bench.key(Qt.Key.Key_A, CTRL)
    assert set(marks(page).values()) == {"交接"}


def test_nothing_to_hand_over(qtbot: QtBot, look: Look, tmp_path: Path) -> None:
    made = Bench(qtbot, look, make_workplace(tmp_path / "empty"), tmp_path)
    made.add(HandoverPage(made.context), CasesPage(made.context))
    made.show("handover")
    page = page_of(made)
    assert page.stack.currentWidget() is page.empty
    assert page.empty.text.text() == "没有要交接的案件。"
    assert page.act_button.unavailable == "没有要交接的案件"
    assert page.last_button.unavailable
    grab(made.shell, "handover-empty")
    assert_looks(page)
    made.click(page.empty.button)
    assert made.went[-1][0] == "cases"
    made.close()


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_it_can_be_read_in_every_look(
    bench: Bench, plain_look: Look, mode: str, scale: float, size: tuple[int, int]
) -> None:
    Office(bench.workplace.desk).handling.add_note(SECOND, "电话里说好周三来。")
    dispute(bench.workplace, "mediator_id", THIRD)
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("handover")
    page = page_of(bench)
    page.toggle(CASE)
    bench.idle()
    grab(bench.shell, f"handover-{mode}-{round(scale * 100)}")
    assert_looks(page)

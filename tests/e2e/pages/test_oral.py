"""口头协议登记 in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain import casefile as cf
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, grab
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.past_party import PastPartyDialog
from ui.pages.oral import OralPage

CTRL = Qt.KeyboardModifier.ControlModifier
TAB, RETURN = Qt.Key.Key_Tab, Qt.Key.Key_Return


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    made.add(OralPage(made.context))
    yield made
    made.close()


def write(bench, words):
    """Into whatever has the keyboard."""
    if words.isascii():
        QTest.keyClicks(QApplication.focusWidget(), words)
    else:
        type_chinese(QApplication.focusWidget(), words)


def tab(bench, times=1):
    for _ in range(times):
        bench.key(TAB)


def fill_party(bench, one, name, phone, address):
    one.name.setFocus()
    write(bench, name)
    one.phone.setFocus()
    write(bench, phone)
    one.address.setFocus()
    write(bench, address)


def fill(bench):
    bench.show("oral")
    page = bench.shell.current
    first, second = page.form.people
    fill_party(bench, first, "蒋桂芬", "13812349031", "云浦区梧桐里街道清水路12弄3号201室")
    fill_party(bench, second, "魏强", "15900014410", "云浦区梧桐里街道清水路12弄3号202室")
    page.form.kind.choice.chips["neighbour"].click()
    type_chinese(page.form.facts, "乙方在公共走廊放婴儿车和纸箱，甲方轮椅进出不便，两家为此争吵。")
    type_chinese(page.form.agreed, "乙方把走廊物品全部搬回家中，今后不在走廊堆放；甲方不再就此事追究。")
    page.form.term.ways.chips["days3"].click()
    page.form.no_paper.box.setChecked(True)
    bench.idle()
    return page


def registered(bench):
    assert bench.went, [str(e) for _, e in bench.failures]
    key, params = bench.went[-1]
    assert key == "case"
    return bench.context.office.cases.open(params["case_id"])


def test_by_keyboard_alone_in_the_order_of_the_page(bench):
    bench.show("oral")
    page = bench.shell.current
    write(bench, "蒋桂芬")
    tab(bench)
    write(bench, "13812349031")
    tab(bench)
    write(bench, "云浦区梧桐里街道清水路12弄3号201室")
    page.form.people[1].name.setFocus()
    assert not page.form.people[0].summary.isHidden(), "complete and left: one covered line"
    assert page.form.people[0].line.text() == "蒋**"
    assert "138****9031" in page.form.people[0].about.text()
    write(bench, "魏强")
    tab(bench)
    write(bench, "15900014410")
    tab(bench)
    write(bench, "云浦区梧桐里街道清水路12弄3号202室")
    page.form.kind.choice.focus_here()
    write(bench, "1")
    assert page.form.kind.value
    page.form.facts.setFocus()
    write(bench, "走廊堆物。")
    tab(bench)
    while QApplication.focusWidget() is not page.form.agreed:
        tab(bench)
    write(bench, "搬走，不再堆放。")
    tab(bench)
    assert QApplication.focusWidget() in page.form.term.ways.chips.values()
    write(bench, "2")
    assert page.form.term.ways.value == "today"
    tab(bench)
    assert QApplication.focusWidget() is page.form.no_paper.box
    bench.key(Qt.Key.Key_Space)
    bench.key(RETURN, CTRL)
    view = registered(bench)
    made = view.file.agreements[view.head.agreement_id]
    assert (made.form, made.performance) == ("oral", "2026年11月23日（含当天）前履行完毕。")
    assert page.form.people[0].name.plain() == "", "ready for the next"
    assert bench.context.office.drafts.get("oral", "new") is None


def test_the_title_counts_and_the_sample_follows(bench):
    bench.show("oral")
    page = bench.shell.current
    assert "5 项必填，已填 0 项" in page._subtitle.text()
    page = fill(bench)
    assert "必填的都填好了" in page._subtitle.text()
    bench.qtbot.waitUntil(lambda: not page._pause.isActive())
    bench.idle()
    assert page.paper.pages == 1
    assert page.form.term.said.text().startswith("做完后自动排一次回访：12月")
    grab(bench.shell, "oral-light-100")
    bench.click(page.go_button)
    view = registered(bench)
    assert view.head.title
    assert len(view.file.of_type(cf.Contact)) == 1


def test_what_lacks_is_said_at_its_place_and_nothing_is_lost(bench):
    bench.show("oral")
    page = bench.shell.current
    type_chinese(page.form.facts, "楼道堆物。")
    bench.click(page.go_button)
    first = page.form.people[0]
    assert "姓名" in first.fields["name"].message.text()
    assert first.fields["phone"].message.text()
    assert page.form.kind.problem.text() == "选一类纠纷。"
    assert page.form.term.problem.text() == "选什么时候做完。"
    assert "改用书面协议" in page.form.no_paper.problem.text()
    assert QApplication.focusWidget() is first.name
    assert page.form.facts.toPlainText() == "楼道堆物。"
    assert bench.undelivered() == []


def test_a_kind_that_needs_a_paper_leads_to_the_written_agreement_with_all_that_was_written(bench):
    page = fill(bench)
    page.form.kind.all_kinds.click()
    page.form.kind.choice.chips["medical"].click()
    assert "第39条" in page.form.kind.problem.text()
    bench.click(page.go_button)
    assert bench.undelivered() == []
    bench.click(page.written_button)
    bench.click(dialog(ConfirmDialog).action_button)
    key, params = bench.went[-1]
    assert key == "agreement_editor"
    office = bench.context.office
    view = office.cases.open(params["case_id"])
    draft = office.agreeing.draft(params["case_id"])
    assert (view.head.state, draft.form, draft.number) == ("accepted", "written", view.head.number)
    assert "搬回家中" in draft.clauses[0].text
    assert draft.performance == "2026年11月26日（含当天）前履行完毕。"


def test_several_payments_and_a_third_party_come_back_with_the_draft(bench):
    page = fill(bench)
    bench.click(page.form.add_party_button)
    third = page.form.people[2]
    fill_party(bench, third, "丁家宁", "13900001234", "云浦区梧桐里街道清水路12弄3号203室")
    page.form.term.ways.chips["parts"].click()
    line = page.form.term.payments[0]
    line.amount.setText("300")
    line.due.edit.setText("下个月")
    line.due.edit.textEdited.emit("下个月")
    page.draft.flush()
    bench.idle()
    page._loaded = False
    bench.show("oral")
    assert [one.name.plain() for one in page.form.people] == ["蒋桂芬", "魏强", "丁家宁"]
    line = page.form.term.payments[0]
    assert (line.amount.text(), line.due.edit.text()) == ("300", "下个月")
    assert (line.payer.value, line.payee.value) == ("b", "a")
    bench.click(page.go_button)
    assert "日期没有看懂" in page.form.term.problem.text()
    bench.click(page.form.people[2].edit_button)
    bench.click(page.form.people[2].remove_button)
    assert len(page.form.people) == 2


def test_saved_and_printed_stays_for_the_next(bench):
    page = fill(bench)
    bench.key(Qt.Key.Key_P, CTRL)
    from ui.dialogs.paper import PaperDialog

    paper = dialog(PaperDialog)
    bench.idle()
    assert paper.windowTitle() == "口头协议登记表"
    paper.reject()
    assert not bench.went
    assert "agreement.finalise" in bench.undelivered()
    assert page.form.facts.toPlainText() == ""


def test_phrases_mark_their_blank(bench):
    bench.show("oral")
    page = bench.shell.current
    page.form.phrases.chosen.emit("乙方赔偿甲方〔金额〕元。")
    assert page.form.agreed.textCursor().selectedText() == "〔金额〕"
    write(bench, "300")
    assert page.form.agreed.toPlainText() == "乙方赔偿甲方300元。"


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_it_can_be_read_in_every_look(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    page = fill(bench)
    bench.qtbot.waitUntil(lambda: not page._pause.isActive())
    bench.idle()
    grab(bench.shell, f"oral-{mode}-{round(scale * 100)}")
    assert_looks(page)


def test_a_party_that_was_here_before_is_taken_over_and_folds(bench):
    incoming(bench.workplace, respondent={"name": "魏强", "phone": "15900014410"}, title="小区停车费涨价")
    bench.show("oral")
    bench.idle()
    second = bench.shell.current.form.people[1]
    bench.click(second.past_button)
    form = dialog(PastPartyDialog)
    QTest.keyClicks(form.edit, "4410")
    bench.qtbot.waitUntil(lambda: form.cards is not None)
    bench.click(form.take_button)
    bench.qtbot.waitUntil(lambda: second.name.plain() == "魏强")
    assert (second.phone.plain(), second.gender.value, second.ethnicity.text()) == (
        "15900014410", "male", "汉族",
    )  # fmt: skip
    bench.shell.current.form.facts.setFocus()
    bench.idle()
    assert second.form.isHidden()
    assert second.line.text().startswith("魏*　男　")

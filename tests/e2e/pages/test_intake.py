"""来访登记 in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import func, select

from app.storage.tables import cases
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, grab
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.past_party import PastPartyDialog
from ui.pages.inbox import InboxPage
from ui.pages.intake import IntakePage
from ui.widgets.base import Text
from ui.widgets.states import InfoBar

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    made.add(IntakePage(made.context))
    yield made
    made.close()


def digits(bench, widget, text):
    widget.setFocus()
    QTest.keyClicks(widget, text)
    bench.idle()


def fill(bench):
    page = bench.shell.current
    applicant, respondent = page.parts["applicant"], page.parts["respondent"]
    type_chinese(applicant.name, "柳青青")
    digits(bench, applicant.phone, "13600005518")
    digits(bench, applicant.number, "11010519491231002X")
    type_chinese(respondent.name, "贺志远")
    respondent.phone_mode.choose("none")
    type_chinese(respondent.no_phone, "不知道电话，住楼上")
    bench.click(next(iter(page.kind.choice.chips.values())))
    type_chinese(page.facts, "楼上空调外机正对卧室窗，夜里声音大。")
    type_chinese(page.claims, "把外机移开，或者装隔音罩。")
    return page


def test_registered_by_keyboard_then_on_to_contact(bench):
    bench.show("intake")
    page = fill(bench)
    page.title_edit.setFocus()
    grab(bench.shell, "intake-light-100")
    assert page.parts["applicant"].name.text() == "柳**"
    assert page.parts["applicant"].number.text().startswith("110***")
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    bench.idle()
    assert bench.went[-1][0] == "inbox"
    case_id = bench.went[-1][1]["case_id"]
    view = bench.context.office.cases.open(case_id)
    assert view.head.state == "received"
    assert view.head.source == "walk_in"
    assert {p.name for p in view.file.parties.values()} == {"柳青青", "贺志远"}
    assert bench.undelivered()[0] == "case.register"
    assert bench.context.office.drafts.get("intake", "new") is None


def test_pressed_twice_while_it_waits_one_case_is_registered(bench):
    bench.show("intake")
    fill(bench)
    with bench.behind_another_write():
        bench.shell.current.primary.click()
        bench.shell.current.primary.click()
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    bench.idle()
    count = select(func.count()).select_from(cases)
    assert bench.workplace.desk.store.read(lambda conn: conn.execute(count).scalar_one()) == 1


def test_both_agreed_is_accepted_after_the_confirmation(bench):
    bench.show("intake")
    page = fill(bench)
    bench.click(page.agree_button)
    bench.click(dialog(ConfirmDialog).action_button)
    assert bench.went[-1][0] == "case"
    head = bench.context.office.cases.open(bench.went[-1][1]["case_id"]).head
    assert head.state == "accepted"
    assert head.number
    assert bench.undelivered() == ["case.register", "contact.record", "case.accept"]


def test_what_is_missing_is_said_under_the_field_and_nothing_is_lost(bench):
    bench.show("intake")
    page = bench.shell.current
    bench.click(page.go_button)
    assert page.kind.problem.text() == "选一类纠纷。"
    bench.click(next(iter(page.kind.choice.chips.values())))
    type_chinese(page.facts, "楼上漏水。")
    digits(bench, page.parts["applicant"].number, "110105194912310021")
    bench.click(page.go_button)
    assert "第 18 位" in page.parts["applicant"].fields["id_number"].message.text()
    assert page.parts["respondent"].fields["name"].message.text()
    assert page.facts.toPlainText() == "楼上漏水。"
    assert bench.undelivered() == []


def test_what_is_missing_is_said_from_the_top_and_taken_back_as_it_is_written(bench):
    bench.show("intake")
    page = bench.shell.current
    bench.click(page.go_button)
    name = page.parts["applicant"].fields["name"]
    assert page.kind.problem.isVisible()
    assert name.message.text()
    assert name.isAncestorOf(bench.focus()), "the first that is missing, as one reads"
    bench.qtbot.keyClicks(bench.focus(), "a")
    assert not name.message.text(), "it is being put right"
    bench.click(next(iter(page.kind.choice.chips.values())))
    bench.click(page.go_button)
    number = page.parts["applicant"].fields["id_number"]
    assert number.isAncestorOf(bench.focus()), "who it is stands above the telephone"


def test_what_is_folded_away_opens_when_something_in_it_is_not_right(bench):
    bench.show("intake")
    page = fill(bench)
    respondent = page.parts["respondent"]
    assert not respondent.identity.isVisible()
    bench.click(respondent.more)
    respondent.id_mode.choose("id")
    digits(bench, respondent.number, "110105194912310021")
    bench.click(respondent.more)
    assert not respondent.identity.isVisible()
    bench.click(page.go_button)
    assert respondent.identity.isVisible()
    assert "第 18 位" in respondent.fields["id_number"].message.text()
    assert bench.undelivered() == []


def test_the_mediators_show_how_many_cases_they_have_in_hand(bench):
    bench.show("intake")
    page = fill(bench)
    assert page.mediator.currentText() == "周敏芳　在办 0 件"
    bench.click(page.agree_button)
    bench.click(dialog(ConfirmDialog).action_button)
    bench.show("intake")
    assert page.mediator.currentText() == "周敏芳　在办 1 件"


def test_the_draft_is_there_again(bench):
    bench.show("intake")
    page = bench.shell.current
    type_chinese(page.facts, "写了一半")
    page.leave()
    bench.idle()
    again = IntakePage(bench.context)
    bench.qtbot.addWidget(again)
    again.open({})
    bench.idle()
    assert again.facts.toPlainText() == "写了一半"


def test_a_form_nobody_touched_leaves_no_draft_and_a_single_field_does(bench):
    bench.show("intake")
    page, drafts = bench.shell.current, bench.context.office.drafts
    page.leave()
    bench.idle()
    assert drafts.all() == ()
    type_chinese(page.place, "报亭旁")
    page.leave()
    bench.idle()
    (draft,) = drafts.all()
    assert draft.body["place"] == "报亭旁"


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_it_can_be_read_in_every_look(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("intake")
    grab(bench.shell, f"intake-{mode}-{round(scale * 100)}")
    assert_looks(bench.shell.current)


def test_an_undo_shows_what_was_registered_in_the_form_again(bench):
    """The form was empty by then: one name typed into it would have been kept over all that came back."""
    bench.show("intake")
    page = fill(bench)
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    bench.idle()
    assert page.parts["respondent"].name.plain() == ""
    bench.click(bench.shell.toast.action)
    bench.show("intake")
    assert page.parts["applicant"].name.plain() == "柳青青"
    assert page.parts["applicant"].number.plain() == "11010519491231002X"
    assert page.facts.toPlainText() == "楼上空调外机正对卧室窗，夜里声音大。"
    type_chinese(page.place, "北门")
    page.leave()
    bench.idle()
    kept = bench.context.office.drafts.get("intake", "new").body
    assert (kept["place"], kept["respondent"]["name"]) == ("北门", "贺志远")


def test_what_is_typed_while_an_undo_waits_does_not_go_over_what_comes_back(bench):
    bench.show("intake")
    page = fill(bench)
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    bench.idle()
    bench.show("intake")
    with bench.behind_another_write():
        bench.shell.toast.action.click()
        bench.qtbot.wait(1_000)  # longer than the pause after which a draft is kept
    assert page.parts["applicant"].name.plain() == "柳青青"
    assert bench.context.office.drafts.get("intake", "new").body["applicant"]["name"] == "柳青青"


def test_after_a_registration_nothing_is_said_to_be_missing_before_anything_is_written(bench):
    bench.add(InboxPage(bench.context))
    bench.show("intake")
    page = fill(bench)
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    bench.show("inbox")
    bench.show("intake")
    assert [one.message.text() for one in page.all_fields().values() if one._wrong] == []
    assert not page.kind.problem.isVisible()
    bench.show("inbox")
    bench.show("intake")
    assert [one.message.text() for one in page.all_fields().values() if one._wrong] == []


def begun_anew(bench):
    """One registered, another one begun, the first one taken back."""
    bench.show("intake")
    page = fill(bench)
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    bench.show("intake")
    type_chinese(page.parts["applicant"].name, "林海")
    bench.click(bench.shell.toast.action)
    return page


def test_what_an_undo_gives_back_lies_beside_what_was_begun_since(bench):
    page = begun_anew(bench)
    office, name = bench.context.office, page.parts["applicant"].name
    assert name.plain() == "林海", "what is being written stays"
    bar = page.findChild(InfoBar, "intake.second")
    assert bar.isVisible()
    grab(bench.shell, "intake-second")
    assert office.drafts.get("intake", "new").body["applicant"]["name"] == "林海"
    assert office.drafts.second("intake", "new").body["applicant"]["name"] == "柳青青"
    bench.click(bar.button)
    assert name.plain() == "柳青青"
    assert page.facts.toPlainText() == "楼上空调外机正对卧室窗，夜里声音大。"
    assert office.drafts.second("intake", "new").body["applicant"]["name"] == "林海"
    bench.click(bar.button)
    assert name.plain() == "林海"
    again = IntakePage(bench.context)
    bench.qtbot.addWidget(again)
    again.open({})
    bench.idle()
    assert again.findChild(InfoBar, "intake.second").isVisibleTo(again), "also after a power cut"
    again.leave()
    bench.idle()


def test_the_second_draft_is_gone_on_with_once_the_first_is_carried_out(bench):
    page = begun_anew(bench)
    bar = page.findChild(InfoBar, "intake.second")
    bench.click(bar.button)
    page.go_button.click()
    bench.idle()
    assert page.parts["applicant"].name.plain() == "林海"
    assert not bar.isVisibleTo(page)
    office = bench.context.office
    assert office.drafts.get("intake", "new").body["applicant"]["name"] == "林海"
    assert office.drafts.second("intake", "new") is None


WHO = {"name": "柳玉兰", "phone": "13800004471", "id_number": "310101196503073421", "occupation": "退休"}


def search(bench, text):
    form = dialog(PastPartyDialog)
    QTest.keyClicks(form.edit, text)
    bench.qtbot.waitUntil(lambda: form.cards is not None)
    return form


def test_who_was_here_before_is_found_by_initials_and_taken_over(bench):
    incoming(bench.workplace, "case-1", respondent=WHO, title="小区停车费涨价")
    bench.show("intake")
    bench.idle()
    page = bench.shell.current
    applicant = page.parts["applicant"]
    bench.click(applicant.past_button)
    form = search(bench, "lyl")
    grab(form, "past-party-light-100")
    assert_looks(form)
    assert "找到 1 位" in form.told.text()
    shown = " ".join(one.text() for one in form.findChildren(Text))
    assert not [plain for plain in (WHO["name"], WHO["phone"], WHO["id_number"]) if plain in shown]
    bench.key(Qt.Key.Key_Return)
    bench.qtbot.waitUntil(lambda: applicant.name.plain() == WHO["name"])
    assert (applicant.number.plain(), applicant.phone.text()) == (WHO["id_number"], "138****4471")
    assert "请当面核对" in bench.shell.toast.text.text()
    bench.click(bench.shell.toast.action)
    assert (applicant.name.plain(), applicant.number.plain()) == ("", "")


def test_whoever_is_known_by_a_number_is_offered_and_a_running_dispute_told(bench):
    incoming(bench.workplace, "case-1", respondent=WHO, title="小区停车费涨价")
    bench.show("intake")
    bench.idle()
    page = bench.shell.current
    applicant, respondent = page.parts["applicant"], page.parts["respondent"]
    digits(bench, applicant.number, WHO["id_number"])
    respondent.name.setFocus()
    bench.qtbot.waitUntil(applicant.known_line.isVisible)
    assert applicant.known_text.text() == "来过 1 次，最近是小区停车费涨价（2026年11月，被申请人）。"
    bench.click(applicant.known_button)
    bench.qtbot.waitUntil(lambda: applicant.name.plain() == WHO["name"])
    digits(bench, applicant.phone, "5")
    bench.key(Qt.Key.Key_Backspace)
    type_chinese(respondent.name, "陈秀英")
    bench.idle()
    assert not applicant.known_line.isVisible(), "what stands there is not offered again"
    page.facts.setFocus()
    bench.qtbot.waitUntil(page.past.same_bar.isVisible)
    assert "“小区停车费涨价”还没有办完。" in page.past.same_bar.text.text()
    grab(bench.shell, "intake-same-light-100")
    bench.click(page.past.same_bar.button)
    assert bench.went[-1] == ("case", {"case_id": "case-1"})

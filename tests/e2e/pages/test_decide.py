"""决定页 in the window: accepting (end of journey B), refusing through the head, handing back, the notice."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from app.clock import SHANGHAI
from app.domain.errors import FieldError, UserError
from app.domain.rules import FlagRule
from app.domain.taxonomy import refusal_reasons
from app.services.cases import Cases
from app.services.deciding import ContactEntry, Deciding, RefusalEntry
from app.services.drafts import REFUSAL_BACK, RETURNED_FOR, Drafts
from app.services.office import Office
from app.services.settings import with_rule
from sync.engine.loop import LoopState
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import assert_named, assert_not_clipped, grab, settle
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.reason import ReasonDialog
from ui.pages import today_routes
from ui.pages.case import CasePage
from ui.pages.cases_data import row_of
from ui.pages.decide import DecidePage
from ui.pages.decide_form import CHOOSE_FIRST
from ui.pages.inbox import InboxPage
from ui.pages.inbox_data import read_list
from ui.pages.working import TAKEN
from ui.widgets.tags import StatusTag

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def bench(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(InboxPage(made.context), DecidePage(made.context))
    incoming(made.workplace, "case-1", title="网课退费")
    yield made
    made.close()


@pytest.fixture
def approving(qtbot, look, tmp_path):
    """An institution whose refusals want the head's approval; who sits there, and what lies there already."""
    benches = []

    def make(person_id, *, propose=False, rule=True):
        workplace = make_workplace(tmp_path / "profile")
        flag = FlagRule(value=True, source="本机构设定", verified=True)
        shipped, asked = workplace.desk.rules, with_rule(workplace.desk.rules, "refusal_approval", flag)
        workplace.desk = replace(workplace.desk, rules=asked)
        incoming(workplace, "case-1", title="网课退费")
        if propose:
            Deciding(workplace.desk).propose_refusal("case-1", refusal_entry())
        workplace.desk = replace(workplace.as_person(person_id), rules=asked if rule else shipped)
        bench = Bench(qtbot, look, workplace, tmp_path)
        bench.add(DecidePage(bench.context))
        benches.append(bench)
        return bench

    yield make
    for bench in benches:
        bench.close()


def refusal_entry() -> RefusalEntry:
    reason = refusal_reasons()["N2"]
    return RefusalEntry("N2", reason.name, "已有受理短信。", reason.basis[:1], reason.routes[:1])


@pytest.fixture
def contacted(bench):
    at = dt.datetime(2026, 11, 23, 10, 38, tzinfo=SHANGHAI)
    entry = ContactEntry("case-1-respondent", "phone", "willing", at)
    Deciding(bench.workplace.desk).record_contact("case-1", entry)
    return bench


def page_of(bench: Bench) -> DecidePage:
    page = bench.shell.current
    assert isinstance(page, DecidePage)
    return page


def state(bench: Bench) -> str:
    return Cases(bench.workplace.desk).open("case-1").head.state


def fill(bench: Bench) -> None:
    form = page_of(bench).refusal
    bench.click(form.reasons.group.cards["N2"])
    type_chinese(form.facts, "您说 11月19日已向市场监管部门投诉同一件事，并收到受理短信。")
    bench.idle()


def test_accepting_by_mouse_and_what_it_says_first(contacted):
    contacted.show("decide", case_id="case-1", to="accept")
    page = page_of(contacted)
    contacted.click(page.ways._buttons["accept"])
    assert page.act_button.text() == "受理并建案"
    contacted.click(page.act_button)
    asked = dialog(ConfirmDialog)
    assert "发给平台并告知申请人" in asked.asked.effects[0]
    assert state(contacted) == "deciding"
    at = dt.datetime(2026, 11, 23, 10, 40, tzinfo=SHANGHAI)
    entry = ContactEntry("case-1-respondent", "phone", "unwilling", at, said="不想谈了")
    Deciding(contacted.workplace.as_person("p-he")).record_contact("case-1", entry)
    contacted.click(asked.action_button)
    assert state(contacted) == "deciding"
    assert "又登记了联系情况" in page.notice.title.text()
    contacted.changed("cases")
    contacted.click(page.act_button)
    contacted.click(dialog(ConfirmDialog).action_button)
    assert state(contacted) == "accepted"
    assert contacted.went[-1] == ("case", {"case_id": "case-1"})
    assert contacted.undelivered() == ["contact.record", "contact.record", "case.accept"]
    assert not contacted.shell.toast.action.isVisible()


def test_while_an_acceptance_waits_its_confirmation_is_not_asked_again(contacted):
    contacted.show("decide", case_id="case-1", to="accept")
    page = page_of(contacted)
    contacted.click(page.act_button)
    asked = dialog(ConfirmDialog)
    with contacted.behind_another_write():
        asked.action_button.click()
        settle()
        page.act_button.click()
        settle()
        assert not dialog_open()
        assert contacted.shell.toast.text.text() == TAKEN
    assert state(contacted) == "accepted"
    assert contacted.undelivered() == ["contact.record", "case.accept"]


def test_journey_b_by_keyboard_from_the_contact_to_the_case(bench):
    bench.show("inbox", case_id="case-1")
    bench.key(Qt.Key.Key_1, ALT)
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: isinstance(bench.shell.current, DecidePage))
    bench.idle()
    bench.key(Qt.Key.Key_1, ALT)
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: dialog_open())
    bench.key(Qt.Key.Key_Tab)
    bench.key(Qt.Key.Key_Return)
    assert state(bench) == "accepted"


def dialog_open() -> bool:
    from PySide6.QtWidgets import QApplication

    return any(isinstance(w, ConfirmDialog) and w.isVisible() for w in QApplication.topLevelWidgets())


def test_before_the_contact_it_cannot_be_accepted_and_says_why(bench):
    bench.show("decide", case_id="case-1", to="accept")
    page = page_of(bench)
    assert page.act_button.unavailable == "先联系被申请人，或写明不需要征求意愿"
    assert page.notice.isVisible()


def test_a_refusal_needs_four_parts_and_goes_out_after_the_mediators_own_confirmation(bench):
    """办法 第九条 asks for no approval: without a rule of the institution the mediator sends it."""
    bench.show("decide", case_id="case-1", to="refuse")
    page = page_of(bench)
    assert page.lacking.text() == "还差理由、说明、依据、途径"
    assert page.act_button.unavailable
    fill(bench)
    assert page.refusal.missing() == ()
    assert page.act_button.text() == "不予受理并发给平台"
    bench.click(page.act_button)
    assert state(bench) == "received"
    bench.click(dialog(ConfirmDialog).action_button)
    assert state(bench) == "refused"
    refusal = Cases(bench.workplace.desk).open("case-1").head.refusal
    assert refusal is not None
    assert (refusal.ground_code, refusal.approved_by) == ("N2", "")
    assert bench.undelivered() == ["case.refuse"]


def test_where_the_institution_wants_it_the_head_approves(approving):
    bench = approving("p-zhou")
    bench.show("decide", case_id="case-1", to="refuse")
    page = page_of(bench)
    fill(bench)
    assert page.act_button.text() == "送何静批准"
    reasons = page.refusal.reasons
    free = reasons.group.cards["N4"].grab().toImage()
    bench.click(page.act_button)
    assert state(bench) == "received"
    # What cannot be chosen looks so.
    bench.qtbot.waitUntil(lambda: reasons.group.cards["N4"].grab().toImage() != free)
    assert reasons.note.text() == "已送批，先撤回再改"
    grab(bench.shell, "decide-locked")
    assert bench.undelivered() == []
    assert page.act_button.text() == "已送何静批准"
    assert not page.refusal.isEnabled()
    assert "何静" in page.notice.title.text()
    bench.click(page.ways._buttons["accept"])
    assert page.act_button.unavailable == "不予受理已送何静，先撤回来改"
    bench.click(page.ways._buttons["refuse"])
    bench.click(page.back_button)
    assert page.act_button.text() == "送何静批准"
    assert reasons.group.cards["N4"].grab().toImage() == free
    assert page.refusal.isEnabled()
    assert page.refusal.reasons.group.value == "N2"
    assert Drafts(bench.workplace.desk).get("refusal", "case-1") is not None


def test_sent_to_the_head_by_key_the_ring_is_at_the_next_step(approving):
    bench = approving("p-zhou")
    bench.show("decide", case_id="case-1", to="refuse")
    page = page_of(bench)
    fill(bench)
    page.refusal.facts.setFocus()
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: page.act_button.text() == "已送何静批准")
    assert bench.shell.ring.isVisible()
    assert bench.focus() in (page.act_button, page.draft_button, page.back_button)
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.idle()
    assert page.act_button.text() == "已送何静批准", "the same key once more takes nothing back"
    assert bench.context.office.deciding.proposed_refusal("case-1") is not None


def test_the_head_reads_the_same_page_and_sends_it(approving):
    bench = approving("p-he", propose=True)
    (waiting,) = bench.context.office.drafts.unfinished()
    assert (waiting.kind, waiting.subject) == ("refusal_approval", "case-1")
    bench.show("decide", case_id="case-1")
    page = page_of(bench)
    assert page.way == "refuse"
    assert page.act_button.text() == "批准并发给平台"
    assert "周敏芳送来" in page.notice.title.text()
    bench.click(page.act_button)
    bench.click(dialog(ConfirmDialog).action_button)
    assert state(bench) == "refused"
    refusal = Cases(bench.workplace.desk).open("case-1").head.refusal
    assert refusal is not None
    assert (refusal.ground_code, refusal.approved_by) == ("N2", "p-he")
    assert bench.context.office.deciding.proposed_refusal("case-1") is None


def test_what_was_sent_to_the_head_says_so_wherever_the_case_is_named(approving):
    bench = approving("p-zhou", propose=True)
    office, words = bench.context.office, "等负责人批准"
    bench.add(InboxPage(bench.context), CasePage(bench.context))
    for key in ("decide", "inbox", "case"):
        bench.show(key, case_id="case-1")
        tags = [one.text for one in bench.shell.current.findChildren(StatusTag) if one.isVisible()]
        assert words in tags, (key, tags)
    assert [words in line.standing for line in read_list(office, "todo").lines] == [True]
    (row,) = office.cases.page(office.cases.query(), 0, 10)
    assert row_of(row, office.desk).cells[0].text == words
    assert [one.label for one in office.palette.find("")] == ["approving"]
    office.deciding.withdraw_proposal("case-1")
    assert office.cases.open("case-1").plan.label == "received"
    (row,) = office.cases.page(office.cases.query(), 0, 10)
    assert row.label == "received"


def test_what_waits_for_the_head_is_asked_of_nobody_else(approving):
    """今日, 案件 and 办件箱 agree: the mediator has done what is theirs, until it is taken back."""
    bench = approving("p-zhou")
    office, words = bench.context.office, "等负责人批准"
    now = office.desk.clock.now()
    contact = ContactEntry("case-1-respondent", "phone", "unwilling", now, "不愿意调解")
    office.deciding.record_contact("case-1", contact)
    entry = refusal_entry()
    office.deciding.propose_refusal("case-1", entry)
    board = office.today.board()
    assert [row.kind for row in (*board.today, *board.soon)] == []
    (row,) = board.waiting
    assert (row.waiting_for, row.action, row.tag) == ("approval", "看送批的", words)
    assert board.waiting_text == f"等对方 1 件：{words} 1"
    assert today_routes.of_task(row)[0] == "decide"
    assert read_list(office, "todo").lines == ()
    assert [line.standing for line in read_list(office, "waiting").lines] == [words]
    assert office.cases.open("case-1").plan.next_text == words
    bench.add(InboxPage(bench.context))
    bench.show("inbox", case_id="case-1")
    detail = bench.shell.current.detail
    assert detail.settled_title.text() == "不予受理等负责人批准"
    assert detail.primary.text() == "看送批的不予受理"
    head = Office(replace(bench.workplace.as_person("p-he"), rules=office.desk.rules))
    assert head.today.board().waiting == (), "it lies under 等我批准"
    office.deciding.withdraw_proposal("case-1")
    assert [row.kind for row in office.today.board().waiting] == []
    assert [row.standing[:3] for row in read_list(office, "todo").lines] == ["待决定"]
    bench.show("inbox", case_id="case-1")
    bench.qtbot.waitUntil(lambda: detail.primary.text() == "去决定受理或不予受理")


def test_a_rule_that_wants_the_heads_word_no_longer_gives_the_decision_back(approving):
    bench = approving("p-he", propose=True)
    office = bench.context.office
    assert office.cases.open("case-1").plan.label == "approving"
    flag = FlagRule(value=False, source="本机构设定", verified=True)
    office.settings.change_rule("refusal_approval", flag)
    (row,) = office.cases.page(office.cases.query(), 0, 10)
    assert row.label == "received"


def test_a_head_who_accepts_after_all_is_told_what_falls_away(approving):
    bench = approving("p-he", propose=True)
    office, now = bench.context.office, bench.context.office.desk.clock.now()
    office.deciding.record_contact(
        "case-1", ContactEntry("case-1-respondent", "phone", "unwilling", now, "不愿意")
    )
    bench.show("decide", case_id="case-1", to="accept")
    bench.click(page_of(bench).ways._buttons["accept"])
    bench.click(page_of(bench).act_button)
    asked = dialog(ConfirmDialog)
    assert asked.asked.effects[-2:] == (
        "周敏芳送来的不予受理随之不用了。", "联系记录里写着被申请人不愿意调解。",
    )  # fmt: skip
    asked.reject()


def test_a_head_who_accepts_after_all_has_nothing_to_approve(approving):
    bench = approving("p-he", propose=True)
    office = bench.context.office
    office.drafts.save(REFUSAL_BACK, "case-1", {"reason": "写清住所"})
    office.deciding.waive_contact("case-1", "申请人已转达对方同意")
    office.deciding.accept("case-1", "")
    assert office.drafts.unfinished() == ()


def test_the_head_sends_it_back_with_words_and_it_is_the_mediators_draft_again(approving):
    bench = approving("p-he", propose=True)
    office = bench.context.office
    bench.add(InboxPage(bench.context))
    bench.show("decide", case_id="case-1")
    page = page_of(bench)
    assert page.back_button.text() == "退回去改"
    bench.click(page.back_button)
    asked = dialog(ReasonDialog)
    bench.click(asked.action_button)
    assert asked.field.message.text() == "写一句要改什么，周敏芳改的时候看得到。"
    type_chinese(asked.text, "说明里写清住所")
    bench.qtbot.waitUntil(lambda: [one.kind for one in office.drafts.unfinished()][:1] == ["refusal_back"])
    assert office.deciding.proposed_refusal("case-1") is not None
    bench.click(asked.action_button)
    assert bench.shell.toast.text.text() == "已退回给周敏芳改，没有发给平台。"
    assert bench.shell.current.key == "inbox", (
        "nothing is left to do for the head on the page of the decision"
    )
    draft = Drafts(bench.workplace.as_person("p-zhou")).get("refusal", "case-1")
    assert draft is not None
    assert draft.body["ground_code"] == "N2"
    assert draft.body[RETURNED_FOR] == "说明里写清住所"
    assert office.drafts.unfinished() == ()


def test_what_the_head_sent_back_says_why_to_its_writer_until_it_is_sent_again(approving):
    bench = approving("p-zhou", propose=True)
    head = Office(replace(bench.workplace.as_person("p-he"), rules=bench.context.office.desk.rules))
    with pytest.raises(FieldError):
        head.deciding.withdraw_proposal("case-1")
    head.deciding.withdraw_proposal("case-1", "说明里写清住所")
    bench.add(InboxPage(bench.context))
    bench.show("decide", case_id="case-1")
    page, drafts = page_of(bench), bench.context.office.drafts
    assert page.notice.title.text() == "何静退回来改：说明里写清住所"
    type_chinese(page.refusal.facts, "双方住所都不在本街道，")
    page.keeper.flush()
    bench.qtbot.waitUntil(lambda: "双方住所" in drafts.get("refusal", "case-1").body["facts"])
    assert [one.returned_by for one in drafts.unfinished()] == ["p-he"]
    bench.show("inbox", case_id="case-1")
    bench.show("decide", case_id="case-1")
    assert page.notice.title.text() == "何静退回来改：说明里写清住所", "read while it is being changed"
    bench.click(page.act_button)
    bench.qtbot.waitUntil(lambda: drafts.get("refusal", "case-1") is None)
    assert "退回" not in page.notice.title.text()


def test_words_begun_for_sending_back_are_gone_on_with_from_today(approving):
    bench = approving("p-he", propose=True)
    bench.context.office.drafts.save("refusal_back", "case-1", {"reason": "写清"})
    (draft,) = [one for one in bench.context.office.drafts.unfinished() if one.kind == "refusal_back"]
    key, params = today_routes.of_draft(draft)
    bench.show(key, **params)
    asked = dialog(ReasonDialog)
    bench.qtbot.waitUntil(lambda: asked.text.toPlainText() == "写清")
    asked.reject()


def test_what_is_not_waiting_any_more_is_not_sent_back(approving):
    bench = approving("p-he", propose=True)
    bench.context.office.deciding.withdraw_proposal("case-1", "写清住所")
    with pytest.raises(UserError, match="已经不在等批准"):
        bench.context.office.deciding.withdraw_proposal("case-1", "再写清")


def test_a_rule_switched_off_again_leaves_nothing_waiting(approving):
    bench = approving("p-zhou", propose=True, rule=False)
    bench.show("decide", case_id="case-1")
    page = page_of(bench)
    assert page.act_button.text() == "不予受理并发给平台"
    assert page.refusal.isEnabled()
    assert page.refusal.reasons.group.value == "N2"


def test_what_is_written_is_kept_on_leaving(bench):
    bench.show("decide", case_id="case-1", to="refuse", ground="N3")
    type_chinese(page_of(bench).refusal.facts, "对方电话里明确拒绝")
    bench.show("inbox", case_id="case-1")
    bench.show("decide", case_id="case-1")
    form = page_of(bench).refusal
    assert form.facts.toPlainText() == "对方电话里明确拒绝"
    assert form.reasons.group.value == "N3"


def test_the_notice_is_previewed_masked(bench):
    bench.show("decide", case_id="case-1", to="refuse")
    fill(bench)
    page = page_of(bench)

    def shown() -> str:
        content = bytes(page.paper._bytes.data())
        return PdfReader(io.BytesIO(content)).pages[0].extract_text() if content else ""

    bench.qtbot.waitUntil(lambda: "其他机关已受理或已解决" in shown(), timeout=8000)
    assert "市场监管部门" in shown()
    assert "等正在处理的机关的结果" in shown()
    assert "陈秀英" not in shown()
    assert not page.paper_problem.isVisible()
    bench.shell.lock()
    assert shown() == "", "nothing of it stays under the lock"
    bench.shell.unlock()
    bench.qtbot.waitUntil(lambda: "其他机关已受理或已解决" in shown(), timeout=8000)


def test_handing_back_needs_words_and_a_confirmation(bench):
    bench.show("decide", case_id="case-1", to="hand_back")
    page = page_of(bench)
    bench.click(page.act_button)
    assert page.hand_back_form.field.message.text().startswith("写明为什么退回")
    type_chinese(page.hand_back_form.text, "不在本街道")
    bench.click(page.act_button)
    bench.click(dialog(ConfirmDialog).action_button)
    assert state(bench) == "handed_back"


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
    bench.show("decide", case_id="case-1", to="refuse")
    fill(bench)
    if scale == 1.0:
        bench.qtbot.waitUntil(lambda: page_of(bench).paper.pages > 0, timeout=8000)
    grab(bench.shell, f"decide-{mode}-{round(scale * 100)}")
    assert_not_clipped(page_of(bench))
    assert_named(page_of(bench))


def test_a_name_in_the_short_title_is_said_at_the_field_before_anything_is_asked(contacted):
    bench = contacted
    bench.show("decide", case_id="case-1")
    page = page_of(bench)
    page.accept_form.title.setText("陈秀英家漏水")
    bench.click(page.act_button)
    assert "姓名" in page.accept_form.field.message.text()
    assert QApplication.activeModalWidget() is None


def test_the_hint_of_one_cases_ground_does_not_stand_in_the_next(bench):
    bench.show("decide", case_id="case-1", to="refuse")
    page = page_of(bench)
    page.refusal.choose("N2")
    assert page.refusal.facts.placeholderText() != CHOOSE_FIRST
    page.refusal.load({}, "")
    assert page.refusal.facts.placeholderText() == CHOOSE_FIRST


@pytest.mark.parametrize("scale", [1.0, 1.25])
@pytest.mark.parametrize("size", [(1440, 900), (1366, 768)])
@pytest.mark.parametrize("person", ["p-zhou", "p-he"])
def test_nothing_is_cut_where_the_head_approves(approving, plain_look, person, size, scale):
    """送何静批准 with all four parts lacking, then the head's own buttons beside the notice."""
    plain_look.metrics.set_scale(scale)
    bench = approving(person, propose=person == "p-he")
    bench.shell.resize(*size)
    bench.show("decide", case_id="case-1", to="refuse")
    page = page_of(bench)
    grab(bench.shell, f"decide-full-{person}-{size[0]}-{round(scale * 100)}")
    assert_not_clipped(page)
    if person == "p-zhou":
        assert page.lacking.text() == "还差理由、说明、依据、途径"
        fill(bench)
        bench.qtbot.waitUntil(lambda: page.saved.text() != "", timeout=8000)
        assert_not_clipped(page)
    else:
        assert page.back_button.isVisible()


def test_the_act_comes_back_from_the_foot_of_a_narrow_window(approving):
    bench = approving("p-zhou")
    bench.shell.resize(1440, 900)
    bench.show("decide", case_id="case-1", to="refuse")
    page = page_of(bench)
    bench.shell.resize(1024, 768)
    bench.idle()
    assert page.narrow
    assert page.act_button.isVisible()
    bench.shell.resize(1440, 900)
    bench.idle()
    assert page.act_button.isVisible()
    assert page.act_button.parent() is page._act_row
    assert_not_clipped(page)


@pytest.mark.parametrize(
    ("state_of_line", "first", "after"),
    [
        ("online", "", "已受理，接着发给平台。"),
        ("offline", "联网后自动发送", "已受理，联网后自动发送。"),
        ("sign_in", "重新登录后自动发送", "已受理，重新登录平台后自动发送。"),
    ],
)
def test_a_decision_says_when_it_goes_out(contacted, state_of_line, first, after):
    contacted.context.sync = SimpleNamespace(last=LoopState(state_of_line), wake=lambda: None)
    contacted.show("decide", case_id="case-1", to="accept")
    contacted.click(page_of(contacted).act_button)
    asked = dialog(ConfirmDialog)
    assert asked.asked.effects[-1].endswith(f"{first}。") if first else len(asked.asked.effects) == 2
    contacted.click(asked.action_button)
    assert contacted.shell.toast.text.text() == after


def test_what_the_respondent_said_begins_the_text_and_goes_with_its_reason(bench):
    at = dt.datetime(2026, 11, 23, 10, 38, tzinfo=SHANGHAI)
    heard = ContactEntry("case-1-respondent", "phone", "unwilling", at, said="钱已经退了，没什么好谈的。")
    Deciding(bench.workplace.desk).record_contact("case-1", heard)
    bench.show("decide", case_id="case-1", to="refuse", ground="N3")
    form = page_of(bench).refusal
    begun = "11月23日联系被申请人，被申请人不愿意调解，说：钱已经退了，没什么好谈的。"
    assert form.facts.toPlainText() == begun
    assert form.missing() == ()
    bench.click(form.reasons.group.cards["N2"])
    assert form.facts.toPlainText() == ""
    bench.click(form.reasons.group.cards["N3"])
    assert form.facts.toPlainText() == begun
    form.facts.moveCursor(QTextCursor.MoveOperation.End)
    type_chinese(form.facts, "退款凭证已看过。")
    bench.click(form.reasons.group.cards["N4"])
    assert form.facts.toPlainText() == f"{begun}退款凭证已看过。"

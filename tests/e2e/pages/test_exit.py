"""出口路线 in the window: six questions, routes, notice; mediation ended, the notice printed, closed."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt

from app.domain import casefile as cf
from app.domain.errors import StateError
from app.services.cases import Cases
from app.services.changes import ChangeSet
from app.services.closing import Closing, FailureEntry
from sync.engine.loop import LoopState
from tests.helpers.agreements import CASE, mediating, press_primary
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, grab
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.large_paper import LargePaper
from ui.dialogs.paper import PaperDialog
from ui.dialogs.reason import ReasonDialog
from ui.pages.exit import ExitPage
from ui.pages.working import WAITS
from ui.widgets.fields import FormField


@pytest.fixture
def bench(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(ExitPage(made.context))
    mediating(made.workplace, "not_agreed")
    yield made
    made.shell.current.leave()
    made.idle()
    made.close()


def test_from_the_questions_to_the_closed_case_by_keyboard(bench):
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    assert page._tag.text == "调解中", "nothing was ended yet"
    names = [card.route.code for card in page.cards]
    assert "suit" in names
    page.questions["labour"].choose("yes")
    assert ticked(page) == ["labour_arbitration", "undisputed"], "what fits the answer is ticked with it"
    page.questions["labour"].choose("no")
    assert ticked(page) == ["suit", "undisputed"], "a way that comes back is ticked as it was"
    page.focus_edit.setFocus()
    press_primary(bench)
    assert page.ground_field.message.text() == "选一条终止原因。"
    page.ground.choose("far_apart")
    for card in page.cards:
        card.box.setChecked(False)
    page.questions["labour"].choose("yes")
    page.questions["labour"].choose("no")
    assert ticked(page) == [], "what the person left out stays out"
    page._content_scroll.verticalScrollBar().setValue(10_000)
    press_primary(bench)
    assert page.routes.message.text() == "至少选一条路，会写进告知书。"
    assert bench.focus() is page.cards[0].box
    bench.qtbot.waitUntil(lambda: not page.routes.message.visibleRegion().isEmpty())
    bench.key(Qt.Key.Key_Space)
    assert (ticked(page), page.routes.message.isHidden()) == (["suit"], True)
    press_primary(bench)
    colleague, unwilling = Closing(bench.workplace.as_person("p-he")), "一方不愿再谈"
    colleague.conclude(CASE, FailureEntry("failed", unwilling, remedies=("向人民法院起诉",)))
    colleague.resume(CASE)
    bench.changed("cases")
    bench.click(dialog(ConfirmDialog).action_button)
    assert Cases(bench.workplace.desk).open(CASE).head.state == "mediating"
    assert "别人又办过一步" in page.problem.text.text(), "it was ended and taken up again meanwhile"
    assert (page.ground.value, ticked(page)) == ("far_apart", ["suit"])
    bench.front()
    bench.context.sync = SimpleNamespace(last=LoopState("offline"), wake=lambda: None)
    press_primary(bench)
    asked = dialog(ConfirmDialog)
    assert WAITS["online"] in asked.accessibleDescription()
    assert bench.focus() is asked.back_button
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Return)
    head = Cases(bench.workplace.desk).open(CASE).head
    assert (head.state, head.conclusion.ground) == ("failed", "分歧较大，难以达成协议")
    assert any("提起诉讼" in sentence for sentence in head.conclusion.remedies)
    paper = dialog(PaperDialog)
    bench.qtbot.waitUntil(lambda: paper.content.startswith(b"%PDF"), timeout=20_000)
    paper.close()
    bench.front()
    bench.idle()
    # Where one was cannot be changed any more: the next step is beside it, and shown.
    bench.qtbot.waitUntil(lambda: bench.focus() is page.print_button)
    assert bench.shell.ring.isVisible()
    bench.click(page.served_button)
    assert bench.undelivered()[-1] == "case.conclude", "nothing is registered before the person has said so"
    bench.click(dialog(ConfirmDialog).action_button)
    bench.idle()
    assert bench.undelivered()[-1] == "record.add"
    bench.qtbot.waitUntil(lambda: "已登记送达" in page.served_button.unavailable)
    with pytest.raises(StateError):
        bench.context.office.closing.register_served(CASE)
    bench.click(page.close_button)
    closing = dialog(ClosingDialog)
    assert bench.focus() is closing.methods.cards["in_person"]
    press_primary(bench, closing.action_button)
    assert closing.fields["method"].message.text() == "选一项化解方式，平台结案要用。"
    closing.methods.choose("other")
    press_primary(bench, closing.action_button)
    assert closing.fields["summary"].message.text() == "化解方式选了“其他”，用一句话写清楚。"
    type_chinese(closing.summary, "两次都在街道信访接待室谈。")
    closing.reject()
    bench.idle()
    assert bench.context.office.drafts.get("close", CASE).body["method"] == "other"
    bench.click(page.close_button)
    closing = dialog(ClosingDialog)
    assert closing.summary.toPlainText() == "两次都在街道信访接待室谈。"
    colleague.resume(CASE)
    colleague.conclude(CASE, FailureEntry("failed", unwilling, remedies=("向人民法院起诉",)))
    press_primary(bench, closing.action_button)
    bench.click(dialog(ConfirmDialog).action_button)
    closing = dialog(ClosingDialog)
    assert "别人又办过一步" in closing.accessibleDescription(), "it was ended otherwise meanwhile"
    assert closing.summary.toPlainText() == "两次都在街道信访接待室谈。"
    assert Cases(bench.workplace.desk).open(CASE).head.state == "failed"
    press_primary(bench, closing.action_button)
    confirmation = dialog(ConfirmDialog)
    assert "履行" not in confirmation.accessibleDescription(), "without an agreement nothing is performed"
    assert WAITS["online"] in confirmation.accessibleDescription()
    assert bench.focus() is confirmation.back_button
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Return)
    head = Cases(bench.workplace.desk).open(CASE).head
    assert (head.state, head.conclusion.method) == ("closed", "其他")
    assert bench.context.office.drafts.get("close", CASE) is None


def ticked(page: ExitPage) -> list[str]:
    """Codes of the ways that go into the notice."""
    return [route.code for route in page.chosen()]


def test_the_sample_opens_large_enough_to_be_read(bench):
    """12 pt on a page of 595 pt stand in 13 px from a width of 645 px on."""
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    bench.qtbot.waitUntil(lambda: page.preview.pages > 0)
    page.preview.setFocus()
    bench.key(Qt.Key.Key_Return)
    large = dialog(LargePaper)
    assert large.preview.pages == page.preview.pages
    assert large.preview.viewport().width() * 12 / 595 >= 13
    large.close()
    bench.qtbot.mouseClick(page.preview.viewport(), Qt.MouseButton.LeftButton)
    dialog(LargePaper).close()
    bench.idle()


def test_what_was_chosen_is_kept(bench):
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    page.ground.choose("expired")
    page.questions["reachable"].choose("no")
    page.leave()
    bench.idle()
    kept = bench.context.office.drafts.get("exit", CASE).body
    assert kept["ground"] == "expired"
    assert kept["answers"]["reachable"] is False


def test_nothing_ticked_for_one_case_is_ticked_for_the_next(bench):
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    fitting = {card.route.code for card in page.cards if card.box.isChecked()}
    assert {"suit", "undisputed"} <= fitting
    for card in page.cards:
        card.box.setChecked(card.route.code == "payment_order")
    page.leave()
    incoming(bench.workplace, "case-2")
    bench.show("exit", case_id="case-2")
    ticked = {card.route.code for card in page.cards if card.box.isChecked()}
    assert ticked == fitting - {"undisputed"}, "no session of this case recorded such a fact"


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_the_page_looks_right(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    if not page.narrow:
        bench.qtbot.waitUntil(lambda: page.preview.pages > 0)
    grab(bench.shell, f"exit-{mode}-{round(scale * 100)}")
    assert abs(page.cards[0].width() - page.cards[1].width()) <= 1
    assert_looks(page)


def test_once_told_the_page_shows_what_went_out_and_nothing_of_it_changes(bench):
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    page.questions["labour"].choose("yes")
    for number, card in enumerate(page.cards):
        card.box.setChecked(number < 2)
    page.ground.choose("far_apart")
    press_primary(bench)
    bench.click(dialog(ConfirmDialog).action_button)
    paper = dialog(PaperDialog)
    paper.close()
    bench.idle()
    told = Cases(bench.workplace.desk).open(CASE).head.conclusion.remedies
    assert len(told) == 2
    assert page.six.isHidden()
    assert page.routes.title.text() == "已告知的路"
    assert tuple(card.route.sentence for card in page.cards) == told
    assert all(card.box.isChecked() and not card.box.isEnabled() for card in page.cards)
    if not page.narrow:
        text = "".join(pdf_pages(bench, page).split())
        assert all("".join(sentence.split()) in text for sentence in told)
        assert "草稿" not in text
    grab(bench.shell, "exit-told")
    assert_looks(page)
    bench.click(page.again_button)
    bench.idle()
    assert not page.six.isHidden()
    assert page.routes.title.text() == "可以走的路"
    assert all(card.box.isEnabled() for card in page.cards)
    if not page.narrow:
        assert "分歧较大" not in pdf_pages(bench, page), "until a ground is chosen the notice gives none"
    page.print_button.setFocus()
    page.leave()
    incoming(bench.workplace, "case-2", state="mediating")
    bench.show("exit", case_id="case-2")
    assert bench.focus() is page.ground, "another case begins at its first field"


def pdf_pages(bench: Bench, page: ExitPage) -> str:
    """The text of the notice beside the page, once it was set anew."""
    page.preview.clear_pdf()
    page.refresh(ChangeSet.of("cases", case_ids=frozenset({CASE})))
    bench.qtbot.waitUntil(lambda: page.preview.pages > 0, timeout=20_000)
    content = bytes(page.preview._bytes)
    return "".join(p.extract_text() for p in PdfReader(io.BytesIO(content)).pages)


def test_a_period_that_has_not_ended_asks_why_and_keeps_the_words(bench):
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    page.ground.choose("expired")
    if not page.chosen():
        page.cards[0].box.click()
    press_primary(bench)
    asked = dialog(ReasonDialog)
    assert "还没有届满" in asked.asked.question
    grab(asked, "exit-early")
    type_chinese(asked.text, "双方都要求现在就终止。")
    bench.key(Qt.Key.Key_Escape)
    assert Cases(bench.workplace.desk).open(CASE).head.state == "mediating"
    bench.front()
    press_primary(bench)
    asked = dialog(ReasonDialog)
    assert asked.text.toPlainText() == "双方都要求现在就终止。"
    assert asked.text.textCursor().atEnd(), "one goes on writing behind what was written"
    bench.click(asked.action_button)
    confirmed = dialog(ConfirmDialog)
    assert "期限还没有届满" in confirmed.asked.effects[0]
    bench.click(confirmed.action_button)
    file = Cases(bench.workplace.desk).open(CASE).file
    ((_, told),) = file.of_type(cf.Concluded)
    assert (file.head.state, "双方都要求现在就终止。" in told.text) == ("failed", True)


def test_a_message_below_one_field_leaves_the_labels_in_one_line(bench):
    bench.show("exit", case_id=CASE)
    page = bench.shell.current
    # Ended in other words and talked about again: those are not offered as a reason of the list.
    colleague = Closing(bench.workplace.as_person("p-he"))
    colleague.conclude(CASE, FailureEntry("failed", "一方不愿再谈", remedies=("向人民法院起诉",)))
    bench.changed("cases")
    assert page.ground.currentText() == "一方不愿再谈"
    colleague.resume(CASE)
    bench.changed("cases")
    assert (page.ground.value, page.ground.findText("一方不愿再谈")) == ("", -1)
    page.ground_field.show_problem("选一条终止原因。")
    bench.idle()
    labels = [one.label for one in page.findChildren(FormField) if one.isVisible()][:2]
    assert [one.text() for one in labels] == ["终止原因", "争议焦点"]
    assert len({one.mapTo(page, one.rect().center()).y() for one in labels}) == 1

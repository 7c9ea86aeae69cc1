"""协议书 in the window: writing, the check beside it, repairs, a reason, fixing, printing; then the dates."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import msgspec
import pytest
from pypdf import PdfReader
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QMenu,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QWidget,
)

from app.domain import casefile as cf
from app.domain import checks
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.agreement_list import AgreementList
from app.services.cases import Cases
from app.services.closing import Closing, ClosingEntry
from app.services.drafts import Drafts
from app.services.papers import Papers
from app.services.parties import Parties
from tests.helpers import casefiles as make
from tests.helpers.agreements import (
    CASE,
    effective,
    finalised,
    mediating,
    press_primary,
    sign_all,
    sound_draft,
    spoken,
)
from tests.helpers.desks import MONDAY, incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, assert_not_clipped, grab, settle
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.paper import PaperDialog
from ui.dialogs.reason import ReasonDialog
from ui.pages import today_routes
from ui.pages.agreement_editor import AgreementEditorPage
from ui.pages.agreement_editor_check import FindingRow
from ui.pages.agreement_editor_other import DROP
from ui.pages.agreement_editor_payments import PaymentRow
from ui.pages.agreements import AgreementsPage
from ui.pages.effective import EffectivePage
from ui.pages.effective_places import note_of
from ui.pages.effective_places import read as read_effective
from ui.widgets.base import Text
from ui.widgets.stepper import StepButton


@pytest.fixture
def bench(qtbot, look, tmp_path):
    workplace = make_workplace(tmp_path / "profile")
    workplace.desk = replace(workplace.desk, practice=True)
    made = Bench(qtbot, look, workplace, tmp_path)
    made.add(AgreementsPage(made.context), AgreementEditorPage(made.context), EffectivePage(made.context))
    yield made
    made.shell.current.leave()
    made.idle()
    made.close()


def faulty(bench: Bench) -> AgreementEditorPage:
    """A draft with a vague date, an instalment without a day and too few copies."""
    mediating(bench.workplace)
    draft = sound_draft(bench.workplace)
    payment = msgspec.structs.replace(draft.payments[0], due_on=None)
    clauses = (draft.clauses[0], cf.Clause(no=2, text="余款尽快付清，保证以后不再渗漏。"))
    Agreeing(bench.workplace.desk).save_draft(
        msgspec.structs.replace(draft, payments=(payment,), clauses=clauses, copies=3)
    )
    bench.show("agreement_editor", case_id=CASE)
    bench.qtbot.waitUntil(lambda: bool(bench.shell.current.panel.findings))
    return bench.shell.current


def examined(bench: Bench) -> None:
    """Wait until what stands on the paper has been looked at."""
    timer = bench.shell.current._timer
    bench.qtbot.waitUntil(lambda: not timer.isActive())
    bench.idle()


def test_the_check_numbers_what_must_be_changed_and_keys_repair_it(bench):
    page = faulty(bench)
    codes = [(f.code, f.level) for f in page.panel.open_findings]
    assert codes == [("date", "must"), ("vague", "must"), ("vague", "should"), ("copies", "should")]
    assert "还有 2 处必须改" in page.go_button.unavailable
    assert page.sheet.payments[0].mark.text() == "见第 1 处"
    grab(bench.shell, "agreement-faulty")
    page.sheet.facts.setFocus()
    for _ in range(4):
        page.sheet.facts.setFocus()
        bench.key(Qt.Key.Key_F7)
        bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
        if not page.panel.open_findings:
            break
    examined(bench)
    assert page.panel.open_findings == ()
    assert page.go_button.unavailable == ""
    draft = page.sheet.value()
    assert draft.payments[0].due_on == dt.date(2026, 12, 23)
    assert draft.clauses[1].text == "余款于2026年12月23日（含当天）前付清，保证一年内不再渗漏。"
    assert draft.copies == 4
    press_primary(bench)
    head = Cases(bench.workplace.desk).open(CASE).head
    assert head.state == "agreed"
    assert "agreement.finalise" in bench.undelivered()
    assert page.stack.currentIndex() == 1
    assert page.preview.pages >= 1
    grab(bench.shell, "agreement-print")
    bench.click(page.print_button)
    paper = dialog(PaperDialog)
    bench.qtbot.waitUntil(lambda: paper.content.startswith(b"%PDF"), timeout=20_000)
    paper.close()
    bench.idle()
    bench.click(page.go_button)
    assert bench.went[-1] == ("effective", {"case_id": CASE})


def test_the_key_repairs_what_is_marked_and_nothing_else(bench):
    page = faulty(bench)
    clause = page.sheet.value().clauses[0]
    page.sheet.clauses[0].setPlainText(f"{clause.text}〔〕")
    bench.qtbot.waitUntil(lambda: "blank" in [f.code for f in page.panel.open_findings])
    alt = Qt.KeyboardModifier.AltModifier
    bench.key(Qt.Key.Key_Return, alt)
    assert page.panel.marked is page.panel.rows[0], "nothing was marked: it is shown first"
    before = page.sheet.value()
    while page.panel.marked.finding.code != "blank":
        bench.key(Qt.Key.Key_F7)
    number = page.panel.marked.number
    by_wheel = [w for w in page.findChildren(QWidget) if w.focusPolicy() == Qt.FocusPolicy.WheelFocus]
    assert [w for w in by_wheel if w.isVisible()] == [], "who scrolls past a box types on where they were"
    bench.key(Qt.Key.Key_Return, alt)
    assert bench.shell.toast.text.text() == f"第 {number} 处没有一键改，在纸面上自己改。F7 到下一处。"
    assert page.sheet.value() == before
    bench.click(page.panel.rows[0].fix)
    bench.qtbot.waitUntil(lambda: "date" not in [f.code for f in page.panel.open_findings])
    assert page.panel.marked.finding.code == "blank", "the mark goes along when one above it is mended"


def test_a_fixed_text_opens_at_printing_and_the_keyboard_goes_on(bench):
    finalised(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    assert page.go_button.text() == "登记签名盖章"
    page.print_button.setFocus()
    press_primary(bench)
    assert bench.went[-1] == ("effective", {"case_id": CASE})


def test_an_oral_agreement_has_its_register_and_no_steps_of_signing(bench):
    spoken(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    assert page.title == "人民调解口头协议登记表"
    assert not page.stepper.isVisible()
    assert page.primary is None
    assert "不用签名" in page.copies_note.text()
    bench.click(page.new_button)
    assert page.title == "人民调解协议书"
    assert page.stepper.isVisible()
    assert page.primary is page.go_button
    assert page.sheet.value().form == "written"


def test_a_new_version_is_written_over_the_fixed_one(bench):
    finalised(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    bench.click(page.new_button)
    assert page.loaded.writing
    assert page.sheet.value().version_no == 2
    assert page.go_button.text() == "去打印签字"


def test_a_party_who_came_after_the_draft_is_missed_and_written_in_by_a_key(bench):
    page = faulty(bench)
    page.sheet.total.setText("九百")
    examined(bench)
    assert "left_out" not in {one.code for one in page.panel.findings}
    newcomer = msgspec.structs.replace(make.person("", "沈知白", "respondent"), case_id=CASE)
    made = Parties(bench.workplace.desk).add(CASE, newcomer).value
    page.sheet.changed.emit()
    examined(bench)
    (row,) = (one for one in page.panel.rows if one.finding.code == "left_out")
    assert row.finding.sentence == "沈**是本案当事人，协议里没有写"
    row.apply()
    bench.idle()
    examined(bench)
    assert page.sheet.value().party_ids[-1] == made
    assert any("沈**" in label.text() for label in page.sheet.findChildren(Text))
    assert "left_out" not in {one.code for one in page.panel.findings}
    assert page.sheet.total.text() == "九百", "what was typed and is not understood stays"
    page.keeper.flush()
    bench.idle()
    assert Drafts(bench.workplace.desk).get("agreement", CASE).body["party_ids"][-1] == made


def test_where_they_talk_again_the_next_version_is_written(bench):
    finalised(bench.workplace)
    Closing(bench.workplace.desk).resume(CASE)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    assert page.loaded.writing
    assert page.sheet.value().version_no == 2
    assert page.go_button.text() == "去打印签字"


def test_writing_is_kept_and_found_again(bench):
    mediating(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    assert "墙面修复面积 18 平方米" in page.sheet.facts.toPlainText()
    assert "陈秀英" not in " ".join(w.text() for w in page.sheet.findChildren(type(page.sheet.title)))
    type_chinese(page.sheet.clauses[0], "乙方修好防水层。")
    page.sheet.add_payment_button.click()
    page.sheet.payments[0].amount.setFocus()
    bench.qtbot.keyClicks(page.sheet.payments[0].amount, "5800")
    assert page.sheet.payments[0].capitals.text() == "大写：伍仟捌佰元整"
    page.leave()
    bench.idle()
    kept = Agreeing(bench.workplace.desk).draft(CASE)
    assert kept.clauses[0].text == "乙方修好防水层。"
    assert kept.payments[0].amount_fen == 580000
    assert page._saved.text().endswith("已存在本机")
    overview = AgreementList(bench.workplace.desk).overview()
    assert [one.group for one in overview.lines] == ["drafting"]


def test_with_a_reason_one_may_go_on(bench):
    page = faulty(bench)
    bench.click(page.panel.reason)
    asked = dialog(ReasonDialog)
    type_chinese(asked.text, "双方坚持这样写")
    asked.submit()
    bench.idle()
    bench.click(page.go_button)
    file = Cases(bench.workplace.desk).open(CASE).file
    assert file.agreements[file.head.agreement_id].overrides == ("双方坚持这样写",)


def test_what_f7_leads_to_lies_in_sight_on_the_paper(bench):
    mediating(bench.workplace)
    draft = msgspec.structs.replace(sound_draft(bench.workplace), performance="")
    Agreeing(bench.workplace.desk).save_draft(draft)
    bench.shell.resize(1366, 620)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    bench.qtbot.waitUntil(lambda: any(f.field == "performance" for f in page.panel.findings))
    finding = next(f for f in page.panel.findings if f.field == "performance")
    assert page.sheet.performance.visibleRegion().isEmpty()
    page.sheet.go_to(finding)
    settle()
    seen = page.sheet.performance.visibleRegion().boundingRect()
    assert seen.height() > page.sheet.performance.fontMetrics().height(), "the line that is written"


def test_the_dates_by_keyboard_make_it_effective(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    assert page.title == "还没有生效，还缺 4 处"
    assert bench.focus() is page.rows[0].date.edit
    for number, one in enumerate(page.rows):
        one.date.edit.setFocus()
        if number == 2:
            bench.qtbot.keyClicks(one.date.edit, "12-24")
            assert one.problem() == "日期晚于今天，照纸面看一看。"
            # Refused means not there: no tick, no weekday, not counted.
            assert (one.value(), one.weekday.text(), one.icon._icon) == (None, "", "clock")
            assert page.card.header.note.text() == f"{len(page.rows)} 处，已登记 2 处"
            assert page.early.day.text() == "11月23日"
            one.date.edit.clear()
        bench.key(Qt.Key.Key_T)
    assert page.title == "11月23日生效"
    assert page.clock.accessibleName().startswith("申请司法确认，12月23日")
    assert page.clock._end.text().startswith("明天起算，到 "), "the day itself does not count"
    press_primary(bench)
    assert bench.undelivered().count("signature.register") == 4
    assert page.primary_button.text() == "准备司法确认"
    press_primary(bench)
    assert bench.went[-1] == ("confirmation", {"case_id": CASE})
    bench.click(page.close_button)
    dialog(ClosingDialog).reject()
    bench.idle()
    assert next_words(page)[-2] == "11月23日生效，可以结案"
    Closing(bench.workplace.desk).close(CASE, ClosingEntry("in_person"))
    bench.changed("cases")
    assert next_words(page)[-2] == "11月23日生效"


def next_words(page) -> list[str]:
    """The lines of 接下来."""
    return [one.text() for one in page.next_card.findChildren(Text) if one.isVisible()]


def test_a_refused_date_alone_is_shown_where_it_stands(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    first = page.rows[0]
    bench.qtbot.keyClicks(first.date.edit, "12-24")
    page.rows[1].date.edit.setFocus()
    assert page.title == "还没有生效，还缺 4 处"
    assert page.early.day.text() == "还定不了"
    press_primary(bench)
    assert bench.focus() is first.date.edit
    assert first.field.message.text() == "日期晚于今天，照纸面看一看。"
    assert bench.undelivered().count("signature.register") == 0


def test_a_company_seals_its_place_and_a_person_signs(bench):
    kinds = {
        "respondent": {"kind": "organisation", "id_kind": "uscc", "id_number": "91350100M000100Y43"},
    }
    effective(bench.workplace, **kinds)
    bench.show("effective", case_id=CASE)
    said = {
        place.signer.label: note_of(place)
        for place in read_effective(bench.context.office, CASE).effect.places
    }
    assert (said["甲方签名"], said["乙方盖章"].partition("，")[0]) == ("本人，签名", "本单位")


def test_the_unit_of_the_total_stands_once(bench):
    mediating(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    total = bench.shell.current.sheet.total
    assert (total.text(), total.placeholderText()) == ("", "")
    assert "元" in [one.text() for one in total.parentWidget().findChildren(Text)]


@pytest.mark.parametrize(
    ("text", "asks", "put"),
    [
        ("乙方于12月10日前修好。", False, "12月10日（含当天）前"),
        ("乙方尽快修好。", True, "于2026年12月20日（含当天）前"),
    ],
)
def test_a_day_is_asked_for_only_where_the_repair_proposes_one(bench, text, asks, put):
    draft = make.agreement(clauses=(*make.agreement().clauses, cf.Clause(no=3, text=text)))
    (finding,) = (
        f
        for f in checks.examine(draft, make.case_file(number="1"), wants_confirmation=False)
        if f.level != "ok"
    )
    line = FindingRow(bench.look, 1, finding, lambda: dt.date(2026, 11, 20))
    bench.qtbot.addWidget(line)
    assert (line.date is not None) is asks
    with bench.qtbot.waitSignal(line.repair_asked) as asked:
        line.apply()
    assert asked.args == [put]


def test_the_sums_are_legible_for_who_handles_the_case_and_nobody_else(bench):
    finalised(bench.workplace)
    file = Cases(bench.workplace.desk).open(CASE).file

    def words(desk, form="F06"):
        content = Papers(desk).preview_of(file, form, draft=False).content
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)

    mine = words(bench.workplace.desk)
    assert "5,800" in mine
    assert "陈秀英" not in mine
    assert "5,800" not in words(bench.workplace.as_person("p-he"))
    application = words(bench.workplace.desk, "P15")
    assert "5,800" in application
    assert "陈秀英" not in application


def test_an_instalment_of_next_year_and_a_long_name_are_read_whole(bench):
    who = [("p1", "甲方 李**"), ("p2", "乙方 某教育咨询公司")]
    value = cf.Payment(
        no=2, payer_party_id="p2", payee_party_id="p1", amount_fen=123_456_78, due_on=dt.date(2027, 12, 30)
    )
    line = PaymentRow(bench.look, 2, who, lambda: dt.date(2026, 11, 26), value)
    bench.qtbot.addWidget(line)
    line.resize(bench.look.metrics.px(610), line.sizeHint().height())
    line.show()
    settle()
    edit, metrics = line.due.edit, line.due.edit.fontMetrics()
    assert edit.text() == "2027年12月30日"
    option = QStyleOptionFrame()
    edit.initStyleOption(option)
    inside = edit.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, edit)
    room = inside.width() - edit.textMargins().right() - 4
    assert metrics.horizontalAdvance(edit.text()) <= room
    chosen = QStyleOptionComboBox()
    line.payer.initStyleOption(chosen)
    control = QStyle.ComplexControl.CC_ComboBox
    box = line.payer.style().subControlRect(
        control, chosen, QStyle.SubControl.SC_ComboBoxEditField, line.payer
    )
    assert line.payer.fontMetrics().horizontalAdvance("乙方 某教育咨询公司") <= box.width()


@pytest.mark.parametrize("typed", ["12-24", "下周三"])
def test_a_date_that_is_objected_to_is_kept_as_typed_and_shown_with_its_problem(bench, typed):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    bench.qtbot.keyClicks(page.rows[0].date.edit, "11-23")
    edit = page.rows[1].date.edit
    edit.setFocus()
    type_chinese(edit, typed)
    words = page.rows[1].problem()
    assert words
    # No leaving, no button: what is kept by itself is all there is after the power went.
    kept = lambda: bench.context.office.drafts.get("signatures", CASE)  # noqa: E731
    bench.qtbot.waitUntil(lambda: (found := kept()) is not None and typed in found.body.values())
    assert len([key for key in kept().body if ":" in key]) == 2
    again = EffectivePage(bench.context)
    bench.qtbot.addWidget(again)
    again.open({"case_id": CASE})
    bench.qtbot.waitUntil(lambda: bool(again.rows))
    assert [one.date.edit.text() for one in again.rows[:2]] == ["11月23日", typed]
    assert again.rows[1].field.message.text() == words
    assert again.title == "还没有生效，还缺 3 处"
    again.leave()
    bench.idle()


def test_what_is_signed_today_follows_the_day(bench):
    """A window stays open over night: the next morning 今天签了 and T mean the new day."""
    finalised(bench.workplace)
    bench.shell.resize(1366, 737)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    where = page.card.mapTo(page, QPoint(0, 0))
    assert [line.today_button.text() for line in page.rows] == [*["今天签了"] * 3, "今天盖了"]
    bench.click(page.rows[0].today_button)
    assert page.rows[0].weekday.text().endswith("，今天")
    bench.workplace.clock.advance(dt.timedelta(days=1))
    bench.changed("cases", "tasks")
    first, second, third, _ = page.rows
    assert first.date.edit.text() == "11月23日", "what was written stays"
    assert not first.weekday.text().endswith("，今天")
    bench.click(second.today_button)
    assert second.value() == dt.date(2026, 11, 24)
    third.date.edit.setFocus()
    bench.key(Qt.Key.Key_T)
    assert third.value() == dt.date(2026, 11, 24)
    assert not third.problem()
    page.keeper.flush()
    bench.idle()
    assert (page.title, page._saved.isVisible()) == ("还没有生效，缺：调解组织印章", True)
    assert page.card.mapTo(page, QPoint(0, 0)) == where, "the next date stays where the hand is"


def test_tab_goes_on_to_the_next_date_also_from_one_that_cannot_be_right(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    first, second, *_ = bench.shell.current.rows
    first.date.edit.setFocus()
    bench.qtbot.keyClicks(first.date.edit, "13-45")
    bench.key(Qt.Key.Key_Tab)
    assert bench.focus() is second.date.edit
    assert first.field.message.text(), "and says what is the matter"


def test_the_date_of_a_paper_that_nobody_wrote_is_that_of_the_day_it_is_fixed(bench):
    mediating(bench.workplace)
    Agreeing(bench.workplace.desk).save_draft(sound_draft(bench.workplace))
    bench.show("agreement_editor", case_id=CASE)
    sheet = bench.shell.current.sheet
    assert sheet.dated.edit.text() == "11月23日"
    bench.workplace.clock.advance(dt.timedelta(days=1))
    bench.changed("cases", "tasks")
    assert sheet.dated.edit.text() == "11月24日"
    bench.workplace.clock.advance(dt.timedelta(days=1))
    press_primary(bench, bench.shell.current.go_button)
    (made,) = Cases(bench.workplace.desk).open(CASE).file.agreements.values()
    assert made.dated_on == dt.date(2026, 11, 25)


def test_a_date_that_somebody_wrote_does_not_follow_the_day(bench):
    mediating(bench.workplace)
    Agreeing(bench.workplace.desk).save_draft(sound_draft(bench.workplace))
    bench.show("agreement_editor", case_id=CASE)
    sheet = bench.shell.current.sheet
    sheet.dated.edit.clear()
    bench.qtbot.keyClicks(sheet.dated.edit, "11-20")
    bench.workplace.clock.advance(dt.timedelta(days=1))
    bench.changed("cases", "tasks")
    assert sheet.value().dated_on == dt.date(2026, 11, 20)


def test_dates_typed_are_kept_as_a_draft(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    bench.click(page.rows[0].today_button)
    page.leave()
    bench.idle()
    assert bench.context.office.drafts.get("signatures", CASE) is not None


def test_the_list_says_what_waits_and_leads_there(bench):
    effective(bench.workplace)
    bench.show("agreements")
    page = bench.shell.current
    assert page.title == "1 份在 30 日内"
    assert bench.focus() is page.lists["clock"]
    bench.key(Qt.Key.Key_Return)
    assert bench.went[-1] == ("confirmation", {"case_id": CASE})
    Closing(bench.workplace.desk).close(CASE, ClosingEntry("in_person"))
    bench.changed("cases")
    assert [one.group for one in AgreementList(bench.workplace.desk).overview().lines] == ["clock"]


def test_the_days_of_one_case_do_not_stand_beside_another(bench):
    mediating(bench.workplace)
    Agreeing(bench.workplace.desk).finalise(sound_draft(bench.workplace), wants_confirmation=True)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    for one in page.rows:
        bench.click(one.today_button)
    assert page.early.day.text() != "还定不了"
    assert page.clock is not None
    page.leave()
    incoming(bench.workplace, "case-2")
    bench.show("effective", case_id="case-2")
    assert page.empty.isVisible()
    assert page.early.day.text() == page.complete.day.text() == "还定不了"
    assert page.clock is None


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_the_pages_look_right(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    tag = f"{mode}-{round(scale * 100)}"
    bench.show("agreements")
    assert bench.shell.current.empty.isVisible()
    assert_looks(bench.shell.current)
    page = faulty(bench)
    grab(bench.shell, f"agreement-{tag}")
    assert_looks(page)
    Agreeing(bench.workplace.desk).finalise(sound_draft(bench.workplace), wants_confirmation=True)
    bench.show("effective", case_id=CASE)
    bench.click(next(one for one in bench.shell.current.stepper.findChildren(QAbstractButton)))
    assert bench.went[-1] == ("agreement_editor", {"case_id": CASE}), "back to the paper that is to be signed"
    bench.show("effective", case_id=CASE)
    rows = bench.shell.current.rows
    rows[0].today_button.setFocus()
    bench.key(Qt.Key.Key_Return)
    assert bench.focus() is rows[1].today_button, "on with the next place"
    grab(bench.shell, f"effective-{tag}")
    assert_looks(bench.shell.current)
    bench.show("agreements")
    grab(bench.shell, f"agreements-{tag}")
    assert_looks(bench.shell.current)


def test_a_clause_taken_out_comes_back_and_a_usual_one_leaves_the_rate_open(bench):
    page = faulty(bench)
    before = [edit.toPlainText() for edit in page.sheet.clauses]
    offers = []
    page.offered.connect(lambda words, undo: offers.append((words, undo)))
    bench.click(page.sheet.findChild(QAbstractButton, "agreement_editor.clause.remove1"))
    assert [edit.toPlainText() for edit in page.sheet.clauses] == before[1:]
    assert offers[0][0] == "第 1 条已去掉。"
    offers[0][1]()
    assert [edit.toPlainText() for edit in page.sheet.clauses] == before
    bench.click(page.tools.phrases)
    menu = page.findChild(QMenu, "agreement_editor.phrases.menu")
    late = next(a for a in menu.actions() if "违约金" in a.text())
    assert late.text().endswith("（待核）")
    late.trigger()
    menu.close()
    assert page.sheet.clauses[-1].toPlainText() == "逾期付款的，付款方按未付金额每日〔比例〕支付违约金。"
    examined(bench)
    assert [f.field for f in page.panel.open_findings if f.code == "blank"] == ["clauses.3"]


def test_a_paper_from_the_site_keeps_its_date_from_writing_to_effect(bench):
    mediating(bench.workplace)
    Agreeing(bench.workplace.desk).save_draft(sound_draft(bench.workplace))
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    assert page.sheet.dated.edit.text() == "11月23日"
    assert page.sheet.value().dated_on is None, "untouched, it is the day the text is fixed"
    page.sheet.dated.edit.setFocus()
    page.sheet.dated.edit.clear()
    bench.qtbot.keyClicks(page.sheet.dated.edit, "11-3x")
    press_primary(bench)
    assert page.sheet.dated_note.text() == "日期没有看懂，写成 11-23 或 2026-11-23 这样。"
    assert page.loaded.writing
    page.sheet.dated.edit.clear()
    bench.qtbot.keyClicks(page.sheet.dated.edit, "11-20")
    assert page.sheet.dated_note.text() == "先在现场签好、后来录入的，照纸面写的日期填。"
    page.leave()
    bench.idle()
    assert Agreeing(bench.workplace.desk).draft(CASE).dated_on == dt.date(2026, 11, 20)
    press_primary(bench, page.go_button)
    made = next(iter(Cases(bench.workplace.desk).open(CASE).file.agreements.values()))
    assert made.dated_on == dt.date(2026, 11, 20)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    first = page.rows[0]
    bench.qtbot.keyClicks(first.date.edit, "11-19")
    bench.key(Qt.Key.Key_Tab)
    assert first.field.message.text() == "日期早于协议日期 11月20日，照纸面看一看。"
    for one in page.rows:
        one.date.edit.setFocus()
        one.date.edit.clear()
        bench.qtbot.keyClicks(one.date.edit, "11-20")
    press_primary(bench)
    assert page.title == "11月20日生效"


def test_an_agreement_in_force_says_so_and_is_no_draft(bench):
    """Looked at after signing: the day it took effect, all steps done, no check, no draft across the page."""
    effective(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    bench.qtbot.waitUntil(lambda: page.preview.pages > 0)
    assert page._tag.text == "11月23日生效"
    assert page.go_button.text() == "看签名盖章日期"
    assert {button.step.state for button in page.stepper.findChildren(StepButton)} == {"done"}
    assert not page.panel.isVisible()
    sheet = PdfReader(io.BytesIO(page.preview._bytes.data()))
    text = "".join(part.extract_text() for part in sheet.pages)
    assert "未签" not in text
    assert "协议" in text
    assert_looks(page)
    grab(bench.shell, "agreement-in-force")


def test_a_fixed_text_waits_for_its_signatures(bench):
    finalised(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    bench.qtbot.waitUntil(lambda: page.preview.pages > 0)
    assert page._tag.text == "待签署"
    assert page.go_button.text() == "登记签名盖章"
    assert [button.step.state for button in page.stepper.findChildren(StepButton)] == ["done", "now", "todo"]
    assert_looks(page)


def test_an_amount_that_is_not_understood_is_said_kept_and_holds_the_text_back(bench):
    """abc, half a fen and 13-45 stay as typed through leaving, another instalment and coming back."""
    mediating(bench.workplace)
    Agreeing(bench.workplace.desk).save_draft(sound_draft(bench.workplace))
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    sheet = page.sheet
    for edit, text in (
        (sheet.total, "abc"), (sheet.payments[0].amount, "0.001"), (sheet.payments[0].due.edit, "13-45"),
    ):  # fmt: skip
        edit.setFocus()
        edit.selectAll()
        QTest.keyClicks(edit, text)
    sheet.performance.setFocus()
    assert "金额没有看懂" in sheet.total_note.text()
    assert "金额没有看懂" in sheet.payments[0].problem.text()
    assert "日期没有看懂" in sheet.payments[0].problem.text()
    examined(bench)
    told = [(f.field, f.sentence) for f in page.panel.findings if f.level == "must"]
    assert ("total_fen", "总额没有看懂") in told
    assert ("payments.1", "第 1 期金额没有看懂") in told
    assert ("payments.1", "第 1 期哪天付没有看懂") in told
    assert "就能去打印签字" in page.panel.foot.text()
    assert "分期相加等于总额" not in [f.sentence for f in page.panel.findings]
    assert "必须改" in page.go_button.unavailable
    sheet.add_payment()
    page.go_button.set_unavailable("")
    page.finalise()
    assert page.sheet.total.hasFocus()
    bench.shell.go("agreements")
    bench.idle()
    bench.show("agreement_editor", case_id=CASE)
    page.loaded = None
    page.open({"case_id": CASE})
    bench.idle()
    assert page.sheet.total.text() == "abc"
    assert page.sheet.payments[0].amount.text() == "0.001"
    assert page.sheet.payments[0].due.edit.text() == "13-45"
    assert page.loaded.file.head.agreement_id == ""
    assert_looks(page)


LONG = "三楼卫生间漏水致二楼客厅与过道墙面起皮损坏赔偿"
"""A short title as long as people write them."""


def organised(bench: Bench) -> None:
    """A fixed agreement with a company whose name is long, in a case with a long title."""
    company = {
        "kind": "organisation", "name": "上海桐安物业管理有限公司云浦分公司", "id_kind": "uscc",
        "id_number": "91350100M000100Y43",
    }  # fmt: skip
    finalised(bench.workplace, title=LONG, respondent=company)


@pytest.mark.parametrize("scale", [1.0, 1.25])
@pytest.mark.parametrize("size", [(1440, 900), (1366, 768)])
def test_nothing_is_cut_where_the_header_is_full(bench, plain_look, size, scale):
    """Waiting for signatures, then in force: four buttons, three steps, a long title and a company."""
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    organised(bench)
    for state in ("waiting", "in-force"):
        if state == "in-force":
            sign_all(bench.workplace)
        bench.show("agreement_editor", case_id=CASE)
        bench.changed("cases")
        page = bench.shell.current
        bench.qtbot.waitUntil(lambda shown=page: shown.preview.pages > 0)
        grab(bench.shell, f"agreement-full-{state}-{size[0]}-{round(scale * 100)}")
        assert_looks(page)
        assert page.narrow or page.go_button.isVisible()
        bench.show("effective", case_id=CASE)
        bench.changed("cases")
        grab(bench.shell, f"effective-full-{state}-{size[0]}-{round(scale * 100)}")
        assert_looks(bench.shell.current)


def test_the_header_is_one_line_again_where_there_is_room(bench):
    organised(bench)
    bench.shell.resize(1440, 900)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    below = page.stepper.mapTo(page, page.stepper.rect().topLeft()).y()
    foot_of_buttons = page.go_button.mapTo(page, page.go_button.rect().bottomLeft()).y()
    assert below > foot_of_buttons
    assert LONG in page._subtitle.text()
    bench.shell.resize(2200, 900)
    bench.idle()
    assert page.stepper.mapTo(page, page.stepper.rect().topLeft()).y() < foot_of_buttons
    assert not page._subtitle.elided
    assert page._subtitle.toolTip() == ""


def test_another_cases_draft_begins_at_its_top_and_says_nothing_of_the_last(bench):
    mediating(bench.workplace)
    incoming(bench.workplace, "case-2", title="楼道堆物", state="mediating", accepted_at=MONDAY)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    page.sheet.performance.setFocus()
    type_chinese(page.sheet.performance, "银行转账。")
    page.sheet.copies.setFocus()
    page.keeper.flush()
    bench.idle()
    assert page._saved.text().endswith("已存在本机")
    bench.show("agreement_editor", case_id="case-2")
    assert page.loaded is not None
    assert page.loaded.file.head.case_id == "case-2"
    assert page._saved.text() == ""
    assert bench.focus() is page.sheet.facts


def test_an_instalment_without_an_amount_offers_no_total_of_nothing(bench):
    mediating(bench.workplace)
    draft = msgspec.structs.replace(sound_draft(bench.workplace), payments=(
        msgspec.structs.replace(sound_draft(bench.workplace).payments[0], amount_fen=0),
    ))  # fmt: skip
    Agreeing(bench.workplace.desk).save_draft(draft)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    bench.qtbot.waitUntil(lambda: bool(page.panel.findings))
    sums = [f for f in page.panel.findings if f.code == "sum"]
    assert [(f.field, f.sentence, f.repair) for f in sums] == [("payments.1", "第 1 期金额还空着", None)]


def test_an_empty_day_says_only_what_can_be_read_whole(bench):
    mediating(bench.workplace)
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    page.sheet.add_payment_button.click()
    bench.idle()
    edit = page.sheet.payments[0].due.edit
    edit.clear()
    option = QStyleOptionFrame()
    edit.initStyleOption(option)
    box = edit.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, edit)
    room = box.width() - edit.textMargins().right() - 4
    assert edit.placeholderText().startswith("如 11-23")
    assert edit.fontMetrics().horizontalAdvance(edit.placeholderText()) <= room


def test_an_undo_shows_the_dates_again(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    bench.click(page.rows[0].today_button)
    press_primary(bench)
    assert page.loaded.effect.places[0].on is not None
    bench.click(bench.shell.toast.action)
    assert page.loaded.effect.places[0].on is None
    assert page.rows[0].value() is not None, "what was typed is there again"


def test_an_undo_of_the_fixed_text_shows_it_where_a_new_version_was_begun(bench):
    page = faulty(bench)
    bench.click(page.panel.reason)
    asked = dialog(ReasonDialog)
    type_chinese(asked.text, "双方坚持这样写")
    asked.submit()
    bench.idle()
    bench.click(page.go_button)
    bench.click(page.new_button)
    assert page.sheet.value().version_no == 2
    bench.click(bench.shell.toast.action)
    assert page.sheet.value().version_no == 1
    assert page.sheet.clauses[1].toPlainText() == "余款尽快付清，保证以后不再渗漏。"
    assert bench.context.office.drafts.get("agreement", CASE) is not None


def test_the_reason_for_going_on_outlasts_esc_until_the_text_is_fixed(bench):
    page = faulty(bench)
    bench.click(page.panel.reason)
    asked = dialog(ReasonDialog)
    bench.idle()
    type_chinese(asked.text, "双方坚持这样写")
    bench.key(Qt.Key.Key_Escape)
    kept = lambda: bench.context.office.drafts.get("override", CASE)  # noqa: E731
    assert kept().body == {"reason": "双方坚持这样写"}
    left = next(one for one in bench.context.office.drafts.unfinished() if one.kind == "override")
    key, params = today_routes.of_draft(left)
    bench.show(key, **params)
    asked = dialog(ReasonDialog)
    assert asked.text.toPlainText() == "双方坚持这样写"
    bench.click(asked.action_button)
    assert kept() is not None, "it stands in no paper yet"
    bench.click(page.go_button)
    assert kept() is None


def test_a_date_being_typed_stays_when_another_place_is_registered_elsewhere(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    place = page.rows[0].place.signer
    type_chinese(page.rows[1].date.edit, "11-23")
    day = bench.workplace.desk.today()
    entry = SignatureEntry(place.signer, day, place.party_id, "sign")
    bench.context.office.agreeing.register_signatures(CASE, (entry,))
    bench.changed("cases")
    assert page.rows[0].place.on == day
    assert page.rows[1].value() == day.replace(month=11, day=23)


def test_a_text_signed_since_is_shown_above_the_draft_before_it_is_set_aside(bench):
    mediating(bench.workplace)
    Agreeing(bench.workplace.desk).save_draft(sound_draft(bench.workplace))
    bench.show("agreement_editor", case_id=CASE)
    page = bench.shell.current
    assert not page.other.isVisible()
    colleague = Agreeing(bench.workplace.as_person("p-he"))
    theirs = msgspec.structs.replace(colleague.draft(CASE), total_fen=300_000)
    colleague.finalise(theirs, wants_confirmation=False, overrides=("双方坚持。",))
    colleague.register_signatures(CASE, (SignatureEntry("party", MONDAY.date(), theirs.party_ids[0]),))
    page.sheet.performance.setPlainText("当面付清。")
    bench.changed("cases")
    assert page.other.isVisible()
    assert page.other.title.text() == "何静11月23日 10:42 定稿了第 1 版协议，已登记 1 处签名盖章"
    grab(bench.shell, "agreement-other")

    kept = lambda: bench.context.office.drafts.get("agreement", CASE)  # noqa: E731
    bench.click(page.other.drop_button)
    asked = dialog(ConfirmDialog)
    assert "2 条约定" in asked.accessibleDescription()
    grab(asked, "agreement-drop")
    bench.click(asked.action_button)
    assert (kept(), page.loaded.writing, page.other.isVisible()) == (None, False, False)
    bench.click(bench.shell.toast.action)
    assert kept().body["performance"] == "当面付清。"
    assert page.sheet.value().performance == "当面付清。"
    assert (page.loaded.writing, page.other.isVisible()) == (True, True), "as it was before"

    bench.click(page.go_button)
    file = Cases(bench.workplace.desk).open(CASE).file
    assert file.head.agreement_id == theirs.agreement_id
    assert page.sheet.value().performance == "当面付清。"
    bench.click(page.other.look_button)
    paper = dialog(PaperDialog)
    bench.qtbot.waitUntil(lambda: paper.content.startswith(b"%PDF"), timeout=20_000)
    paper.close()
    bench.idle()

    assert (page.other.drop_button.isVisible(), page.other.drop_tool.isVisible()) == (True, False)
    bench.look.metrics.set_scale(1.5)
    bench.idle()
    assert (page.other.drop_button.isVisible(), page.other.drop_tool.isVisible()) == (False, True)
    assert_not_clipped(page.other)
    size = bench.shell.size()
    bench.shell.resize(1024, 600)
    bench.idle()
    grab(bench.shell, "agreement-other-1024-150")
    assert_not_clipped(page)
    assert (page.other.text.isVisible(), page.other.toolTip()) == (False, page.other.text.text()), (
        "room to write"
    )
    bench.shell.resize(size)
    bench.look.metrics.set_scale(1.0)
    bench.idle()
    assert (page.other.text.isVisible(), page.other.drop_tool.text()) == (True, DROP)
    bench.click(page.other.button)
    assert not page.other.isVisible()
    page.leave()
    bench.show("agreement_editor", case_id=CASE)
    assert not page.other.isVisible(), "it is kept with the draft that it was seen"
    assert page.other.drop_tool.isVisible()
    press_primary(bench)
    file = Cases(bench.workplace.desk).open(CASE).file
    held = file.agreements[file.head.agreement_id]
    assert (held.version_no, held.performance) == (2, "当面付清。")


def test_a_day_registered_elsewhere_is_shown_before_another_is_put_in_its_place(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    place, today = page.rows[0].place.signer, bench.workplace.desk.today()
    bench.workplace.clock.advance(dt.timedelta(days=3))
    type_chinese(page.rows[0].date.edit, "11-25")
    type_chinese(page.rows[1].date.edit, "11-25")
    entry = SignatureEntry(place.signer, today, place.party_id, "sign")
    Agreeing(bench.workplace.as_person("p-he")).register_signatures(CASE, (entry,))
    page.keeper.flush()
    page.leave()
    bench.show("effective", case_id=CASE)
    assert page.other.isVisible()
    assert page.other.text.text().startswith("甲方 陈** 签名：何静登记的是11月23日，您填的是11月25日。")
    grab(bench.shell, "effective-other")

    def days() -> dict[str, dt.date]:
        found = read_effective(bench.context.office, CASE).effect
        return {p.signer.party_id: p.on for p in found.places if p.on is not None}

    bench.click(page.primary_button)
    assert list(days().values()) == [today], "nothing is registered before it was decided on"
    bench.click(page.other.button)
    assert not page.other.isVisible()
    bench.click(page.primary_button)
    assert list(days().values()) == [dt.date(2026, 11, 25)] * 2


def test_days_typed_off_another_text_are_not_registered_on_the_new_one(bench):
    finalised(bench.workplace)
    bench.show("effective", case_id=CASE)
    page = bench.shell.current
    type_chinese(page.rows[0].date.edit, "11-23")
    colleague = Agreeing(bench.workplace.as_person("p-he"))
    colleague.finalise(sound_draft(bench.workplace), wants_confirmation=True, overrides=("照样",))
    bench.changed("cases")
    assert page.other.title.text() == "协议换成了第 2 版"
    assert page.rows[0].value() == dt.date(2026, 11, 23), "what was typed stays"
    bench.click(page.other.drop_button)
    assert not page.other.isVisible()
    assert page.rows[0].value() is None

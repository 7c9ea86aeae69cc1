"""案件详情 in the window: what it says, what it covers, what can be done, by mouse and by keyboard."""

from __future__ import annotations

import datetime as dt
import io
import os
from dataclasses import replace

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from shiboken6 import isValid

from app.domain import casefile as cf
from app.services.attachments import FileEntry
from app.services.closing import Closing, ClosingEntry
from app.services.deciding import ContactEntry
from app.services.handling import Handling
from app.services.office import Office
from app.storage.tables import inbox
from tests.helpers.agreements import effective
from tests.helpers.case_desk import CASE, at, picture, told_case
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import assert_named, assert_not_clipped, grab, overflowing, settle
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.form import FormDialog
from ui.dialogs.paper import PaperDialog
from ui.dialogs.viewer import ViewerDialog
from ui.pages import today_routes
from ui.pages.case import CasePage
from ui.pages.case_deadlines import case_deadlines
from ui.pages.case_files import FileForm, Incoming, from_mime, origin_words
from ui.pages.case_menu import case_menu
from ui.pages.case_parties import PartyForm
from ui.pages.case_timeline import _ahead
from ui.widgets.base import Text
from ui.widgets.buttons import Button

CTRL = Qt.KeyboardModifier.ControlModifier
SECRETS = ("陈秀英", "吴刚", "13800006612", "11010519491231002X", "棠溪路88弄")


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    told_case(place)
    made.add(CasePage(made.context))
    yield made
    made.close()


def page_of(bench) -> CasePage:
    page = bench.shell.current
    assert isinstance(page, CasePage)
    return page


def opened(bench) -> CasePage:
    bench.show("case", case_id=CASE)
    return page_of(bench)


def head(bench) -> cf.Case:
    return bench.context.office.cases.open(CASE).head


def words(page) -> str:
    return "".join(label.text() for label in page.findChildren(QLabel))


def test_it_answers_and_covers(bench):
    page = opened(bench)
    assert page.title == "三楼漏水赔墙面"
    assert page.primary_button.text() == "写第 3 次记录"
    titles = [e.title for e in page.course_tab.timeline.model().entries]
    assert titles[0] == "第 3 次调解"
    assert titles[1:3] == ["送鉴定结束", "加材料"]
    card = page.side_panel.deadline
    assert "12月14日" in card.accessibleName()
    assert "扣除送鉴定" in card.accessibleDescription()
    shown = words(page) + "".join(e.spoken for e in page.course_tab.timeline.model().entries)
    assert not [s for s in SECRETS if s in shown]


def test_the_stretch_that_does_not_count_is_dashed(bench):
    page = opened(bench)
    dashed = [e.title for e in page.course_tab.timeline.model().entries if e.paused_below]
    assert dashed == ["送鉴定结束", "加材料"]


def test_another_case_begins_at_its_newest_and_whoever_is_at_the_top_sees_what_comes_in(bench, plain_look):
    incoming(bench.workplace, "case-other", title="小区停车费涨价")
    for number in range(12):
        bench.context.office.handling.add_note("case-other", f"第 {number} 次电话，说下周再谈。")
    plain_look.metrics.set_scale(1.5)
    bench.shell.resize(1366, 700)
    course = opened(bench).course_tab.timeline
    bar = course.verticalScrollBar()
    assert bar.maximum() > 0
    course.setCurrentIndex(course.model().index(1, 0))
    bar.setValue(0)
    bench.context.office.handling.add_note(CASE, "刚打来电话。")
    bench.changed("cases")
    assert bar.value() == 0, "the newest is in sight"
    bar.setValue(bar.maximum())
    bench.changed("cases")
    assert bar.value() > 0, "who reads further down stays there"
    bench.show("case", case_id="case-other")
    assert bar.value() == 0


def test_only_what_matters(bench):
    page = opened(bench)
    bench.click(page.course_tab.filter_button)
    titles = [e.title for e in page.course_tab.timeline.model().entries]
    assert "加材料" not in titles
    assert "受理" in titles


def test_the_next_step_by_keyboard(bench):
    page = opened(bench)
    assert bench.focus() is page.course_tab.timeline
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    assert bench.went[-1] == ("session", {"case_id": CASE})


def test_a_note_is_kept_as_a_draft_and_then_in_the_course(bench):
    page = opened(bench)
    bench.click(page.course_tab.note_button)
    type_chinese(page.course_tab.note, "物业答应周五前回话")
    bench.idle()
    area = page.course_tab.note_area
    assert area.height() <= area.sizeHint().height() + 2, "the course takes what height is left"
    page.leave()
    bench.idle()
    assert bench.context.office.drafts.get("note", CASE).body == {"text": "物业答应周五前回话"}
    bench.click(page.course_tab.keep_button)
    assert bench.context.office.drafts.get("note", CASE) is None
    assert bench.undelivered()[-1] == "record.add"
    assert page.course_tab.timeline.model().entries[1].title == "记一笔"
    assert bench.shell.toast.isVisible()


def test_ctrl_enter_in_the_note_records_it_and_goes_nowhere(bench):
    page = opened(bench)
    bench.click(page.course_tab.note_button)
    type_chinese(page.course_tab.note, "物业答应周五前回话")
    bench.key(Qt.Key.Key_Return, CTRL)
    assert bench.undelivered()[-1] == "record.add"
    assert bench.shell.current is page
    assert bench.went == []
    assert bench.context.office.drafts.get("note", CASE) is None
    assert page.course_tab.timeline.model().entries[1].title == "记一笔"


def test_a_closed_case_goes_on_to_the_court_and_says_how_it_was_closed(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "closed")
    place.desk = replace(place.desk, practice=True)
    bench = Bench(qtbot, look, place, tmp_path)
    bench.add(CasePage(bench.context))
    effective(place)
    page = opened(bench)
    page.acts.perform(1)
    form = dialog(FormDialog)
    said, amount = (form.fields[name].editor for name in ("state", "amount_fen"))
    whole = amount.text()
    for state, shown in (("partly", ""), ("performed", whole), ("partly", "")):
        bench.click(said.cards[state])
        assert amount.text() == shown
    type_chinese(amount, whole)
    bench.click(form.action_button)
    assert "写收到的那一部分" in form.fields["amount_fen"].message.text()
    amount.setText("100")
    bench.click(form.action_button)
    page = opened(bench)
    page.acts.resume_case()
    asked = dialog(ConfirmDialog)
    assert "已登记履行：第 1 期部分履行 100 元" in asked.accessibleDescription()
    asked.reject()
    assert head(bench).state == "agreed"
    Closing(place.desk).close(CASE, ClosingEntry("in_person", "双方谈了三次，分期付清。"))
    page = opened(bench)
    assert (page.primary_button.text(), page.primary_button.unavailable) == ("准备司法确认", "")
    bench.click(page.primary_button)
    assert bench.went[-1] == ("confirmation", {"case_id": CASE})
    entries = page.course_tab.timeline.model().entries
    (closed,) = [one for one in entries if one.title == "结案"]
    assert closed.detail == "当面调解。双方谈了三次，分期付清。"
    place.clock.advance(dt.timedelta(days=60))
    bench.changed("cases")
    assert page.primary_button.text() == "看协议", "the 30 days are over"
    bench.close()


def test_the_title_takes_no_names(bench):
    page = opened(bench)
    page.rename_button.click()
    form = dialog(FormDialog)
    line = form.fields["title"].editor
    line.selectAll()
    type_chinese(line, "陈秀英家漏水")
    bench.click(form.action_button)
    assert "像有姓名" in form.fields["title"].message.text()
    assert head(bench).title == "三楼漏水赔墙面"
    line.selectAll()
    type_chinese(line, "楼上漏水修墙面")
    bench.context.office.handling.rename(CASE, "阳台漏雨")
    bench.click(form.action_button)
    assert "刚改成了“阳台漏雨”" in form.fields["title"].message.text()
    bench.click(form.action_button)
    assert page.title == "楼上漏水修墙面"
    assert bench.undelivered()[-1] == "case.edit"


def test_the_clock_is_stopped_and_undone(bench):
    page = opened(bench)
    page.acts.suspend()
    form = dialog(FormDialog)
    type_chinese(form.fields["reason"].editor, "评估损失")
    bench.click(form.action_button)
    assert page.side_panel.deadline.accessibleName().startswith("调解期限")
    assert any(s.last_day is None for s in head(bench).suspensions)
    bench.shell.toast.action.click()
    bench.idle()
    assert all(s.last_day for s in head(bench).suspensions)


def test_originals_show_for_a_reason_and_are_covered_on_leaving(bench):
    page = opened(bench)
    card = page.side_panel.parties
    assert card.button.text() == "显示本案信息"
    phone = card.lines[0].chips["phone"]
    phone.chip.setFocus()
    bench.key(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    assert menu.accessibleName() == "为什么要看本案信息"
    QTest.keyClick(menu, Qt.Key.Key_1)
    bench.idle()
    assert card.lines[0].name.text() == "陈秀英"
    assert card.lines[0].chips["phone"].chip.text == "13800006612"
    assert bench.shell.reveal.isVisible()
    assert ("reveal.case", '{"parties":2,"reason":"contact"}') in [
        (a, d.replace(" ", "")) for a, d in bench.audit()
    ]
    grab(bench.shell, "case-revealed")
    bench.shell.cover_all()
    assert card.lines[0].name.text() == "陈**"
    page.reveal.whole("contact")
    bench.idle()
    assert bench.shell.reveal.isVisible()
    phone.chip.setFocus()
    bench.key(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    assert not bench.shell.reveal.isVisible(), "what shows together is covered together"
    page.reveal.whole("contact")
    bench.idle()
    page.leave()
    assert "陈秀英" not in words(page)
    assert not bench.shell.reveal.isVisible()


def test_one_field_of_a_party_shows_on_its_own(bench):
    page = opened(bench)
    page.tabs.choose("parties")
    bench.idle()
    field = page.findChild(type(page.side_panel.parties.lines[0].chips["phone"]), "case.parties.1.phone")
    field.ask("verify")
    bench.idle()
    assert field.chip.text == "13900000275"
    assert bench.audit()[-1][0] == "reveal.field"


def test_only_touched_fields_of_a_party_are_sent(bench):
    page = opened(bench)
    page.acts.edit_party(f"{CASE}-respondent")
    form = dialog(PartyForm)
    assert form.lines["phone"].text() == ""
    assert "139****0275" in form.lines["phone"].placeholderText()
    QTest.keyClicks(form.lines["phone"], "1390000")
    bench.click(form.action_button)
    assert "11 位" in form._made["phone"].message.text()
    form.lines["phone"].set_plain("")
    type_chinese(form.lines["occupation"], "楼上住户")
    bench.click(form.action_button)
    party = bench.context.office.cases.open(CASE).file.parties[f"{CASE}-respondent"]
    assert (party.occupation, party.phone) == ("楼上住户", "13900000275")
    assert bench.undelivered()[-1] == "party.edit"


def test_after_a_partys_form_one_is_back_at_the_button_that_opened_it(bench):
    """The cards were built anew meanwhile: at the button of the same name, with its ring."""
    page = opened(bench)
    bench.qtbot.mouseClick(page.tabs, Qt.MouseButton.LeftButton, pos=page.tabs.tabRect(1).center())
    bench.idle()
    assert bench.focus() is page.tabs, "a click on a tab presses nothing behind it"
    page.tabs.choose("course")
    page.course_tab.timeline.setFocus()
    bench.key(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert bench.focus().objectName() == "case.parties.0.agent", "the topmost of the tab, and in sight"
    bench.key(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert bench.focus() is page.course_tab.timeline, "where it was"
    page.tabs.choose("parties")
    name = "case.parties.1.edit"
    opener = page.findChild(Button, name)
    opener.setFocus(Qt.FocusReason.TabFocusReason)
    bench.key(Qt.Key.Key_Return)
    form = dialog(PartyForm)
    type_chinese(form.lines["occupation"], "楼上住户")
    form.action_button.setFocus()
    bench.key(Qt.Key.Key_Return)
    bench.front()
    bench.idle()
    bench.qtbot.waitUntil(lambda: not isValid(opener) and bench.focus() is not None)
    focused = bench.focus()
    assert (focused.objectName(), focused.isVisible()) == (name, True)
    assert bench.shell.ring.isVisible()
    bench.key(Qt.Key.Key_Tab)
    assert bench.focus() is not page
    assert page.isAncestorOf(bench.focus())


def test_a_file_dropped_is_described_and_kept(bench, tmp_path):
    page = opened(bench)
    path = tmp_path / "quote.png"
    path.write_bytes(picture(colour=(90, 120, 90)))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    page.tabs.choose("evidence")
    page.evidence_tab.dropped.emit(from_mime(mime))
    form = dialog(FileForm)
    form.title.selectAll()
    type_chinese(form.title, "修复报价")
    form.provider.choose(f"{CASE}-applicant")
    bench.click(form.action_button)
    assert [a.title for a in page.evidence_tab.attachments] == ["客厅墙面", "修复报价"]
    assert page.evidence_tab.attachments[1].provided_by == f"{CASE}-applicant"
    bench.click(page.findChild(type(page.plan_button), "case.evidence.1.open"))
    viewer = dialog(ViewerDialog)
    bench.qtbot.waitUntil(lambda: viewer.content != b"")
    assert viewer.content == path.read_bytes()
    viewer.close()
    applicant = f"{CASE}-applicant"
    page.save("存文书", lambda o: o.papers.file_paper(CASE, "F01", provided_by=applicant), said="存好了。")
    bench.qtbot.waitUntil(lambda: len(page.evidence_tab.attachments) == 3)
    about = {origin_words(one, page._current()) for one in page.evidence_tab.attachments[1:]}
    printed = "机构打印的文书，还没有签名盖章"
    assert about == {"陈** 提供，照片", printed}
    assert any(t.text().startswith(printed) for t in page.evidence_tab.findChildren(Text))


def test_a_large_file_on_its_way_holds_up_nothing_else(bench, tmp_path):
    page = opened(bench)
    os.mkfifo(slow := tmp_path / "楼道.wav")
    page.tabs.choose("evidence")
    page.evidence_tab.dropped.emit((Incoming("楼道.wav", slow),))
    dialog(FileForm).action_button.click()
    settle()
    assert bench.lanes.files.busy
    assert page.evidence_tab.progress.isVisible()
    saved = []
    page.save("记一笔", lambda office: office.handling.add_note(CASE, "楼上同意先试一周。"), saved.append)
    bench.qtbot.waitUntil(lambda: bool(saved))
    assert bench.lanes.files.busy
    page.evidence_tab.progress.button.click()
    slow.open("wb").close()
    bench.idle()
    assert bench.shell.toast.text.text() == "没有再加。已经存好的还在。"
    assert [a.title for a in page.evidence_tab.attachments] == ["客厅墙面"]


def test_a_file_that_is_not_taken_says_why(bench, tmp_path):
    page = opened(bench)
    path = tmp_path / "tool.exe"
    path.write_bytes(b"MZ")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    page.tabs.choose("evidence")
    page.evidence_tab.dropped.emit(from_mime(mime))
    bench.click(dialog(FileForm).action_button)
    assert "收不了" in page.evidence_tab.progress.text.text()
    assert len(page.evidence_tab.attachments) == 1


def test_preparations_are_remembered(bench):
    page = opened(bench)
    box = page.side_panel.preparation.boxes["evidence"]
    bench.click(box)
    assert "已备 1 项" in words(page.side_panel.preparation)
    bench.changed("cases")
    assert page.side_panel.preparation.boxes["evidence"].isChecked()


def test_the_menu_offers_what_can_be_done(bench):
    page = opened(bench)
    texts = [a.text().partition("\t")[0] for a in case_menu(page, page._current(), page.acts).actions()]
    assert "暂停计时" in texts
    assert "恢复计时" not in texts
    assert "再谈一次" not in texts
    assert page.plan_button.text() == "改约时间"
    assert "改约时间" in texts, "one thing has one name"


def test_a_planned_session_moves(bench):
    page = opened(bench)
    bench.click(page.plan_button)
    form = dialog(FormDialog)
    form.fields["at"].editor.set_value(at(11, 25, 9, 30).replace(tzinfo=None))
    bench.context.office.handling.plan_session(CASE, at(11, 27, 10), "社区服务中心")
    bench.click(form.action_button)
    assert head(bench).next_session_at == at(11, 27, 10), "a colleague made another while the form was open"
    assert "下次调解已经改成了11月27日 10:00，社区服务中心" in form.fields["at"].message.text()
    bench.click(form.action_button)
    assert head(bench).next_session_at == at(11, 25, 9, 30)
    assert page.course_tab.timeline.model().entries[0].day == "11-25"


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [(30, 9, "还有 4 天"), (30, 16, "还有 4 天"), (27, 16, "还有 1 天"), (26, 16, "还有 3 小时")],
)
def test_days_to_a_session_are_counted_by_the_calendar(bench, day, hour, words):
    office = bench.context.office
    office.handling.plan_session(CASE, at(11, day, hour), "第二调解室")
    view, desk = office.cases.open(CASE), office.desk
    entry = _ahead(view, at(11, 26, 13), dt.date(2026, 11, 26))
    assert entry is not None
    assert desk.today() <= dt.date(2026, 11, 26)
    assert entry.aside.startswith(words)


def test_a_new_case_leads_to_contact(bench):
    incoming(bench.workplace, "case-9", title="空调外机噪音")
    bench.show("case", case_id="case-9")
    page = page_of(bench)
    assert page.primary_button.text() == "去联系对方"
    assert [e.title for e in page.course_tab.timeline.model().entries] == ["平台转来"]
    bench.click(page.primary_button)
    assert bench.went[-1] == ("inbox", {"case_id": "case-9"})


def test_an_archived_case_is_for_reading(bench):
    incoming(
        bench.workplace, "case-8", title="旧案", state="archived", accepted_at=at(1, 5, 9), number="第0001号"
    )
    bench.show("case", case_id="case-8")
    page = page_of(bench)
    assert page.read_only_bar.isVisible()
    assert not page.rename_button.isVisible()
    assert not page.course_tab.note_button.isVisible()


def test_papers_are_previewed_covered(bench):
    page = opened(bench)
    page.tabs.choose("papers")
    bench.idle()
    bench.click(page.findChild(type(page.plan_button), "case.papers.F05.look"))
    paper = dialog(PaperDialog)
    bench.qtbot.waitUntil(lambda: paper.content != b"", timeout=20_000)
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(paper.content)).pages)
    assert "陈秀英" not in text
    paper.close()


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
    page = opened(bench)
    for tab in ("performance", "deadlines", "papers", "evidence", "parties", "course"):
        page.tabs.choose(tab)
        bench.idle()
        grab(bench.shell, f"case-{tab}-{mode}-{round(scale * 100)}")
        assert_not_clipped(page)
        assert_named(page)


def test_narrow_windows_have_the_deadline_in_a_drawer(bench, plain_look):
    plain_look.metrics.set_scale(1.5)
    bench.shell.resize(1366, 737)
    page = opened(bench)
    page.toggle_side()
    bench.qtbot.waitUntil(lambda: page.drawer.is_open)
    bench.idle()
    grab(bench.shell, "case-drawer-150")
    assert page.primary_button.isVisible()
    asked: list[str] = []
    page.navigate.connect(lambda key, _params: asked.append(key))
    bench.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert asked == ["agreement_editor"]
    Handling(bench.workplace.desk).add_note(CASE, "再写一笔")
    bench.changed("cases")
    assert page.drawer.is_open


def test_a_contact_made_in_time_ends_its_period(bench):
    """Days later, while the decision is still open, the card says when it was done instead of alarming."""
    place = bench.workplace
    incoming(place, "case-late", received_at=at(11, 20, 9))
    office = Office(place.desk)
    office.deciding.record_contact(
        "case-late", ContactEntry("case-late-respondent", "phone", "willing", place.clock.now())
    )
    place.clock.set(place.clock.now() + dt.timedelta(days=9))
    incoming(place, "case-tardy", received_at=at(11, 16, 9))
    office.deciding.record_contact(
        "case-tardy", ContactEntry("case-tardy-respondent", "phone", "willing", place.clock.now())
    )
    tardy = {card.title: card for card in case_deadlines(office.cases.open("case-tardy"), place.desk)}
    assert tardy["联系期限"].label.text == "12月2日已联系，晚于期限"
    cards = {card.title: card for card in case_deadlines(office.cases.open("case-late"), place.desk)}
    assert cards["联系期限"].label.text == "11月23日已联系"
    assert cards["首次联系（服务目标）"].label.text == "11月23日已联系"


def test_a_paper_whose_text_is_fixed_is_no_draft(bench):
    page = opened(bench)
    page.tabs.choose("papers")
    bench.idle()
    for form_id, note in (("F05", "已遮挡"), ("P11", "已遮挡，草稿")):
        bench.click(page.findChild(type(page.plan_button), f"case.papers.{form_id}.look"))
        paper = dialog(PaperDialog)
        bench.qtbot.waitUntil(lambda shown=paper: shown.content != b"", timeout=20_000)
        text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(paper.content)).pages)
        assert note in [label.text() for label in paper.findChildren(QLabel)]
        assert ("未签" in text) is ("草稿" in note)
        paper.close()
        bench.idle()


def test_files_on_both_sides_of_another_event_are_two_lines(bench):
    office, clock = bench.context.office, bench.workplace.clock
    for title in ("照片", "申请书"):
        office.attachments.add_bytes(
            CASE, title.encode(), f"{title}.txt", "text/plain", FileEntry(role="evidence", title=title)
        )
        clock.advance(dt.timedelta(minutes=5))
        if title == "照片":
            office.handling.add_note(CASE, "到现场看过。")
            clock.advance(dt.timedelta(minutes=5))
    page = opened(bench)
    titles = [e.title for e in page.course_tab.timeline.model().entries]
    begin = titles.index("加材料")
    assert titles[begin : begin + 3] == ["加材料", "记一笔", "加材料"]


def test_the_side_is_whole_at_the_first_opening_of_a_provisional_deadline(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile", at=at(11, 26, 14, 40))
    made = Bench(qtbot, look, place, tmp_path)
    try:
        incoming(place, CASE)
        made.add(CasePage(made.context))
        contact = ContactEntry(
            f"{CASE}-respondent", "phone", "willing", at(11, 26, 14, 39), said="愿意来谈谈"
        )
        made.context.office.deciding.record_contact(CASE, contact)
        made.context.office.deciding.accept(CASE)
        made.shell.resize(1440, 900)
        made.show("case", case_id=CASE)
        page = page_of(made)
        assert "（暂估）" in page.side_panel.deadline._date.text()
        assert overflowing(page) == []
        assert_not_clipped(page)
    finally:
        made.close()


def test_a_case_taken_back_with_work_unsent_says_so_and_leads_to_it(bench):
    held = {
        "epoch": "e", "seq": 9, "entity": "case", "doc_id": CASE, "case_id": CASE, "op": "tombstone",
        "version": 9, "received_at": "2026-11-23T02:00:00Z", "error": "held",
    }  # fmt: skip
    bench.workplace.desk.store.write(lambda conn: conn.execute(inbox.insert().values(held)) and None)
    page = bench.shell.current
    Handling(bench.workplace.desk).plan_session(CASE, bench.workplace.clock.now() + dt.timedelta(days=1), "")
    bench.show("case", case_id=CASE)
    bar = page.taken_back_bar
    assert bar.isVisible()
    assert not any(entry.future for entry in page._current().course.entries), "nobody meets in it any more"
    assert not page._current().preparations
    assert (page._current().deadlines, page.side_panel.deadline) == ((), None), "nor does a period run"
    for button in (page.primary_button, page.draft_button, page.course_tab.note_button):
        assert not button.isVisible(), "what the platform would not take is not offered"
    assert "再写的平台不会收下" in bar.text.text()
    grab(bench.shell, "case-taken-back")
    assert_not_clipped(bench.shell)
    bench.click(bar.button)
    assert bench.went[-1] == ("sync", {"filter": "needs_you"})


def test_an_undo_shows_the_note_in_its_line_again(bench):
    page = opened(bench)
    bench.click(page.course_tab.note_button)
    type_chinese(page.course_tab.note, "物业答应周五前回话")
    bench.click(page.course_tab.keep_button)
    assert not page.course_tab.note_area.isVisible()
    bench.click(bench.shell.toast.action)
    assert page.course_tab.note_area.isVisible()
    assert page.course_tab.note.toPlainText() == "物业答应周五前回话"
    type_chinese(page.course_tab.note, "，")
    page.leave()
    bench.idle()
    assert bench.context.office.drafts.get("note", CASE).body["text"].count("物业答应周五前回话") == 1


def draft(bench, kind):
    found = bench.context.office.drafts.get(kind, CASE)
    return found.body if found is not None else None


def test_what_was_typed_into_a_form_is_there_again_after_esc(bench):
    page = opened(bench)
    page.acts.follow_up()
    form = dialog(FormDialog)
    bench.idle()
    assert not form.draft.bar.isVisible()
    form.fields["performed"].editor.choose("partly")
    type_chinese(form.fields["text"].editor, "说下个月再付")
    bench.key(Qt.Key.Key_Escape)
    assert not isValid(form) or not form.isVisible()
    assert draft(bench, "follow_up") == {"performed": "partly", "text": "说下个月再付"}
    (left,) = bench.context.office.drafts.unfinished()
    assert today_routes.draft_words(left) == "登记回访"
    key, params = today_routes.of_draft(left)
    bench.show(key, **params)
    form = dialog(FormDialog)
    assert form.draft.bar.isVisible()
    assert "还没有办完" in form.draft.bar.text.text()
    assert form.fields["performed"].editor.value == "partly"
    assert form.fields["text"].editor.toPlainText() == "说下个月再付"
    assert_named(form)
    grab(form, "case-form-kept")
    bench.click(form.draft.bar.button)
    assert not form.draft.bar.isVisible()
    assert form.fields["performed"].editor.value == ""
    assert form.fields["text"].editor.toPlainText() == ""
    assert draft(bench, "follow_up") is None
    form.reject()
    bench.idle()
    assert bench.context.office.drafts.unfinished() == ()


def test_a_power_cut_soon_after_typing_loses_nothing_of_a_form(bench):
    page = opened(bench)
    page.acts.suspend()
    form = dialog(FormDialog)
    type_chinese(form.fields["reason"].editor, "送鉴定")
    # No Esc, no leaving: what is kept by itself is all there is.
    bench.qtbot.waitUntil(lambda: draft(bench, "suspend") is not None, timeout=1_500)
    kept = draft(bench, "suspend")
    assert kept["reason"] == "送鉴定"
    assert kept["first_day"], "the day that was proposed with it"
    form.reject()
    bench.idle()


def test_what_an_undo_gave_back_lies_beside_what_was_typed_since_and_can_be_taken_up(bench):
    page = opened(bench)
    page.acts.follow_up()
    form = dialog(FormDialog)
    form.fields["performed"].editor.choose("partly")
    type_chinese(form.fields["text"].editor, "付了一半")
    bench.click(form.action_button)
    page.acts.follow_up()
    bench.idle()
    form = dialog(FormDialog)
    assert not form.draft.second.isVisible()
    type_chinese(form.fields["text"].editor, "另一次电话")
    bench.key(Qt.Key.Key_Escape)
    bench.click(bench.shell.toast.action)
    page.acts.follow_up()
    bench.idle()
    form = dialog(FormDialog)
    text = form.fields["text"].editor
    assert text.toPlainText() == "另一次电话"
    assert form.draft.second.isVisible()
    assert_named(form)
    grab(form, "case-form-second")
    bench.click(form.draft.second.button)
    assert (form.fields["performed"].editor.value, text.toPlainText()) == ("partly", "付了一半")
    bench.click(form.draft.second.button)
    assert (form.fields["performed"].editor.value, text.toPlainText()) == ("", "另一次电话")
    bench.click(form.draft.second.button)
    form.reject()
    bench.idle()
    assert draft(bench, "follow_up")["text"] == "付了一半"
    assert bench.context.office.drafts.second("follow_up", CASE).body["text"] == "另一次电话"


def test_a_form_that_is_carried_out_leaves_no_draft_and_its_undo_brings_it_back(bench):
    page = opened(bench)
    page.acts.suspend()
    form = dialog(FormDialog)
    type_chinese(form.fields["reason"].editor, "评估损失")
    bench.click(form.action_button)
    assert draft(bench, "suspend") is None
    bench.click(bench.shell.toast.action)
    assert draft(bench, "suspend")["reason"] == "评估损失"
    page.acts.suspend()
    bench.idle()
    form = dialog(FormDialog)
    assert form.fields["reason"].editor.text() == "评估损失"
    bench.click(form.action_button)
    assert draft(bench, "suspend") is None
    assert any(s.last_day is None for s in head(bench).suspensions)


def test_what_is_covered_in_a_partys_form_is_neither_kept_nor_written_over(bench):
    page = opened(bench)
    respondent = f"{CASE}-respondent"
    page.acts.edit_party(respondent)
    form = dialog(PartyForm)
    bench.idle()
    type_chinese(form.lines["address"], "棠溪路90弄3号")
    form.lines["occupation"].setFocus()
    bench.idle()
    assert "90弄" not in form.lines["address"].text(), "covered when it is left"
    bench.key(Qt.Key.Key_Escape)
    assert draft(bench, f"party@{respondent}") == {"address": "棠溪路90弄3号"}
    page.acts.edit_party(f"{CASE}-applicant")
    other = dialog(PartyForm)
    bench.idle()
    assert other.words("address") == "", "it is the other party's"
    other.reject()
    bench.idle()
    page.acts.edit_party(respondent)
    form = dialog(PartyForm)
    bench.idle()
    assert form.words("address") == "棠溪路90弄3号"
    assert "90弄" not in form.lines["address"].text()
    bench.click(form.action_button)
    party = bench.context.office.cases.open(CASE).file.parties[respondent]
    assert (party.address, party.phone, party.name) == ("棠溪路90弄3号", "13900000275", "吴刚")
    assert draft(bench, f"party@{respondent}") is None


def test_the_agent_and_a_new_party_are_kept_too(bench):
    page = opened(bench)
    respondent = f"{CASE}-respondent"
    page.acts.set_agent(respondent)
    form = dialog(FormDialog)
    bench.idle()
    type_chinese(form.name, "吴晓梅")
    form.reject()
    bench.idle()
    assert draft(bench, f"agent@{respondent}") == {"agent.name": "吴晓梅", "seen": {"agent": None}}
    lawyer = cf.Agent(name="何平", relation="律师", authority="special")
    bench.context.office.parties.set_agent(CASE, respondent, lawyer)
    bench.changed("cases")
    page.acts.add_party()
    form = dialog(PartyForm)
    bench.idle()
    assert form.side.hasFocus()
    type_chinese(form.lines["name"], "林海")
    form.side.choose("third_party")
    form.reject()
    bench.idle()
    assert draft(bench, "party")["name"] == "林海"
    page.acts.go_on(f"agent@{respondent}")
    bench.idle()
    form = dialog(FormDialog)
    assert (form.name.plain(), form.relation.text()) == ("吴晓梅", ""), "on what was there when it was begun"

    def agent():
        return bench.context.office.cases.open(CASE).file.parties[respondent].agent

    bench.click(form.action_button)
    assert "姓名：何*；关系：律师" in form.fields["agent.name"].message.text()
    assert (agent(), form.name.plain()) == (lawyer, "吴晓梅")
    bench.click(form.action_button)
    assert agent() == cf.Agent(name="吴晓梅")
    assert draft(bench, f"agent@{respondent}") is None


def test_what_was_said_of_a_file_is_there_when_a_file_is_added_again(bench, tmp_path):
    page = opened(bench)
    path = tmp_path / "quote.png"
    path.write_bytes(picture(colour=(90, 120, 90)))
    files = (Incoming(path.name, path),)
    form = page.adder.take(page._current(), files)
    bench.idle()
    type_chinese(form.title, "修复报价，")
    bench.key(Qt.Key.Key_Escape)
    form = page.adder.take(page._current(), files)
    bench.idle()
    assert "quote.png" in form.draft.bar.text.text()
    assert "修复报价" in form.title.text()
    bench.click(form.action_button)
    assert draft(bench, "evidence") is None
    assert "修复报价" in page.evidence_tab.attachments[-1].title


@pytest.mark.parametrize("act", ["party", "agent", "rename", "plan"])
def test_saved_as_it_stood_it_says_that_nothing_was_changed(bench, act):
    page = opened(bench)
    before = list(bench.undelivered())
    if act == "agent":
        agent = cf.Agent(name="吴晓梅", relation="女儿")
        bench.context.office.parties.set_agent(CASE, f"{CASE}-respondent", agent)
        before = list(bench.undelivered())
        bench.changed("cases")
    opener = {
        "party": lambda: page.acts.edit_party(f"{CASE}-respondent"),
        "agent": lambda: page.acts.set_agent(f"{CASE}-respondent"),
        "rename": page.acts.rename,
        "plan": page.acts.plan_session,
    }[act]
    if act == "plan":
        when = at(12, 1, 9, 30)
        bench.context.office.handling.plan_session(CASE, when, "第二调解室")
        before = list(bench.undelivered())
        bench.changed("cases")
    opener()
    bench.idle()
    form = dialog(FormDialog)
    bench.click(form.action_button)
    assert not any(isinstance(w, FormDialog) and w.isVisible() for w in bench.shell.findChildren(FormDialog))
    assert bench.shell.toast.text.text() == "没有改动，原来的照旧。"
    assert not bench.shell.toast.action.isVisible()
    assert list(bench.undelivered()) == before

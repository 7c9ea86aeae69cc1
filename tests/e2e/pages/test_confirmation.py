"""司法确认 in the window: pack, court, lodging once, what the court asked, the ruling."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from docx import Document
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel, QLineEdit, QMenu
from sqlalchemy import delete, select, update

from app.domain import casefile as cf
from app.domain.errors import StateError
from app.domain.unsent import COLLEAGUES_CHOICE, GROUND_MOVED, HEALED
from app.services import unread_steps
from app.services.agreement_list import AgreementList
from app.services.case_clock import deadlines_of
from app.services.closing import Closing, ClosingEntry
from app.services.daybreak import Daybreak
from app.services.exchange_package import ExchangePackages
from app.services.filing import Choices, Filing
from app.services.port_filings import FilingJobs
from app.services.today import Today
from app.storage import casestore, kv, tables
from app.storage.tables import case_docs, filings, uploads
from tests.helpers.agreements import (
    APPLICANT,
    CASE,
    RESPONDENT,
    effective,
    forget_answers,
    press_primary,
    scan_file,
    shadow_submission,
    spoken,
)
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, assert_not_clipped, grab, settle
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.paper import PaperDialog
from ui.dialogs.reason import ReasonDialog
from ui.dialogs.viewer import ViewerDialog
from ui.pages import today_routes
from ui.pages.agreements import AgreementsPage, asked_label
from ui.pages.case import CasePage
from ui.pages.case_timeline import course
from ui.pages.confirmation import ConfirmationPage
from ui.pages.confirmation_data import deadline, steps, tag
from ui.widgets.base import Text
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.gutter import GutterArea


@pytest.fixture
def bench(qtbot, look, tmp_path):
    workplace = make_workplace(tmp_path / "profile")
    workplace.desk = replace(workplace.desk, practice=True)
    made = Bench(qtbot, look, workplace, tmp_path)
    made.add(ConfirmationPage(made.context))
    yield made
    made.shell.current.leave()
    made.idle()
    made.close()


@pytest.fixture
def ready(bench):
    """An effective agreement of which everything but the signed application is there."""
    effective(bench.workplace)
    for code in ("agreement", "certificate"):
        scan_file(bench.workplace, code)
    for party in (APPLICANT, RESPONDENT):
        scan_file(bench.workplace, "identity", party, role="identity")
    return bench


def page_of(bench: Bench) -> ConfirmationPage:
    page = bench.shell.current
    assert isinstance(page, ConfirmationPage)
    return page


def choose(bench: Bench, path: Path) -> None:
    chooser = dialog(QFileDialog)
    chooser.findChild(QLineEdit, "fileNameEdit").setText(str(path))
    chooser.accept()
    bench.idle()


def rows(bench: Bench):
    return bench.workplace.desk.store.read(lambda c: c.execute(select(filings)).all())


def test_without_an_agreement_it_says_what_comes_first(bench):
    from tests.helpers.desks import incoming

    incoming(bench.workplace, CASE, state="mediating")
    bench.show("confirmation", case_id=CASE)
    page = page_of(bench)
    assert page.nothing.isVisible()
    assert page.lodge_button.unavailable == "还没有生效的书面协议"
    bench.click(page.nothing.empty.button)
    assert bench.went[-1] == ("agreement_editor", {"case_id": CASE})


def test_an_oral_agreement_says_why_it_is_not_for_the_court(bench):
    spoken(bench.workplace)
    bench.show("confirmation", case_id=CASE)
    page = page_of(bench)
    assert page.nothing.isVisible()
    assert not page.materials.isVisible()
    assert page.nothing.empty.text.text() == "口头协议按机构设定不申请司法确认"
    assert "先补成书面协议" in page.nothing.empty.hint.text()
    assert page.lodge_button.unavailable == "口头协议按机构设定不申请司法确认"
    bench.click(page.nothing.empty.button)
    assert bench.went[-1] == ("agreement_editor", {"case_id": CASE})


def test_another_case_begins_at_the_top_of_the_right_column(ready):
    incoming(ready.workplace, "case-2", title="楼道堆物", state="mediating")
    ready.shell.resize(1440, 520)
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    bar = page._side_area.verticalScrollBar()
    ready.qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    ready.changed("cases")
    assert bar.value() == bar.maximum(), "read again, it stays where it was"
    page.open({"case_id": "case-2"})
    assert bar.value() == 0
    ready.idle()


def test_a_written_application_still_waits_for_both_and_the_scan_fulfils_it(ready, tmp_path):
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    assert "还缺：司法确认申请书" in page.lodge_button.unavailable
    first = page.materials.rows["application"]
    assert first.buttons["print"].text() == "打印去签"
    written = len(ready.audit())
    ready.click(first.buttons["print"])
    paper = dialog(PaperDialog)
    ready.qtbot.waitUntil(lambda: paper.content.startswith(b"%PDF"), timeout=20_000)
    paper.close()
    ready.idle()
    assert (page.item("application").awaits, len(ready.audit())) == ("", written)
    ready.click(page.materials.rows["application"].buttons["print"])
    paper = dialog(PaperDialog)
    ready.qtbot.waitUntil(lambda: paper.content.startswith(b"%PDF"), timeout=20_000)
    draft = paper.content
    for name in ("一份.pdf", "又一份.pdf"):
        paper.save()
        choose(ready, tmp_path / name)
        assert (tmp_path / name).read_bytes() == paper.content != draft
    paper.close()
    ready.idle()
    item = page.item("application")
    assert (item.awaits, item.detail) == ("待双方签", "法定必有；已写好，须双方共同签名")
    assert "还缺：司法确认申请书" in page.lodge_button.unavailable
    path = tmp_path / "签好的.pdf"
    path.write_bytes(b"%PDF-1.4\nsigned\n%%EOF\n")
    ready.click(page.materials.rows["application"].buttons["scan"])
    choose(ready, path)
    assert page.item("application").status == "ready"
    assert page.lodge_button.unavailable == ""
    word = Document(io.BytesIO(ready.context.office.papers.produce(CASE, "P15", fmt="docx").content))
    assert any("云浦区人民法院" in paragraph.text for paragraph in word.paragraphs)
    kept = [a for a in page.loaded.file.attachments.values() if a.material == "application"]
    assert [(a.role, a.original) for a in kept] == [("paper", "electronic"), ("scan", "original")]
    assert {a.title for a in kept} == {"司法确认申请书"}


def test_a_file_of_no_accepted_kind_is_said_and_nothing_is_lost(ready, tmp_path):
    ready.show("confirmation", case_id=CASE)
    path = tmp_path / "宏.exe"
    path.write_bytes(b"MZ")
    page_of(ready).scans.take("application", "", path)
    ready.idle()
    bar = page_of(ready).problem_bar
    assert bar.isVisible()
    assert "收不了" in bar.text.text()


def test_whose_scan_it_is_is_asked_for_a_paper_of_each_party(ready, tmp_path):
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    ready.click(page.materials.rows["service_address"].buttons["scan"])
    menu = page.findChild(QMenu, "confirmation.whose.menu")
    assert [a.text() for a in menu.actions()] == ["&1  申请人 陈**的", "&2  被申请人 吴*的"]
    ready.key(Qt.Key.Key_2)
    path = tmp_path / "送达.pdf"
    path.write_bytes(b"%PDF-1.4\naddress\n%%EOF\n")
    choose(ready, path)
    item = page.item("service_address")
    assert item.lacking_party_ids == (APPLICANT,)
    assert page.materials.rows["service_address"].buttons["print"].text() == "打印陈**的"


def test_not_needed_with_a_reason_and_needed_after_all(ready):
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    assert page.item("property").status == "not_needed"
    ready.click(page.materials.rows["property"].buttons["need"])
    assert page.item("property").status == "missing"
    ready.click(page.materials.rows["record"].buttons["waive"])
    asked = dialog(ReasonDialog)
    type_chinese(asked.text, "法院说不用交")
    asked.reject()
    ready.idle()
    drafts = ready.context.office.drafts
    left = next(one for one in drafts.unfinished() if one.kind != "filing")
    assert today_routes.draft_words(left) == "不需要这份材料的理由"
    key, params = today_routes.of_draft(left)
    ready.show(key, **params)
    asked = dialog(ReasonDialog)
    assert asked.text.toPlainText() == "法院说不用交"
    press_primary(ready, asked.action_button)
    assert "waive_material@record" not in [one.kind for one in drafts.all()]
    assert (page.item("record").status, page.item("record").detail) == ("not_needed", "法院说不用交")
    assert "waive" not in page.materials.rows["application"].buttons


def test_lodging_once_by_keyboard_and_offline_it_says_until_when(ready, tmp_path):
    scan_file(ready.workplace, "application")
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    courts = page.side_panel.courts.group
    courts.cards["CDEMO1"].setFocus()
    ready.key(Qt.Key.Key_Space)
    assert page.lodge_button.unavailable == ""
    assert page.lodge_button.text() == "联网后自动提交"
    press_primary(ready)
    asked = dialog(ConfirmDialog)
    assert ready.focus() is asked.back_button
    assert "最晚 12月23日（星期三，含当天）" in asked.asked.effects[0]
    ready.key(Qt.Key.Key_Right)
    ready.key(Qt.Key.Key_Return)
    page.lodging._lodge()
    page.lodging.ask()
    ready.idle()
    found = rows(ready)
    assert [(r.wanted, r.job, r.round, r.court_code) for r in found] == [("lodge", "waiting", 1, "CDEMO1")]
    assert page.track.isVisible()
    assert "不会重复提交" in page.lodge_button.unavailable
    assert not page.materials.scan_button.isVisible()
    assert "print" not in page.materials.rows["service_address"].buttons
    grab(ready.shell, "confirmation-queued")
    refused = update(filings).values(
        job="failed", error_code="still_at_court", error_text="法院正在办前一份。"
    )
    ready.workplace.desk.store.write(lambda c: c.execute(refused) and None)
    ready.changed("submissions")
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert ("平台没收下：法院正在办前一份。" in said, "补上再交" in said, "等平台的回执" in said) == (
        True,
        False,
        False,
    )
    assert page.lodge_button.text() == "到同步中心办", "the court has nothing of it"
    ready.click(page.lodge_button)
    assert ready.went[-1] == ("sync", {"filter": "needs_you"})
    ready.show("confirmation", case_id=CASE)
    waits = update(filings).values(
        job="waiting", error_code=COLLEAGUES_CHOICE, error_text="在等何静选定一处两边写法。材料都在。"
    )
    ready.workplace.desk.store.write(lambda c: c.execute(waits) and None)
    ready.changed("submissions")
    assert [tag(page.loaded).text, page.lodge_button.text()] == ["确认：等同事", "等着提交"]
    assert page.lodge_button.unavailable == "申请没有提交，在等何静选定一处两边写法，办好后自动提交"
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "材料都在。最晚 12月23日（星期三，含当天）。" in said
    assert "等平台的回执" not in said, "it is not on its way"
    unread = update(filings).values(job="failed", error_code=HEALED, error_text=unread_steps.WHY)
    ready.workplace.desk.store.write(lambda c: c.execute(unread) and None)
    ready.changed("submissions")
    assert [tag(page.loaded).text, page.lodge_button.text()] == ["确认：等您核对", "到同步中心办"]
    assert "可能已经发给了平台" in page.offers.withdraw.unavailable
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert (unread_steps.WHY in said, "平台没收下" in said) == (True, False)
    ready.click(page.lodge_button)
    assert ready.went[-1] == ("sync", {"filter": "needs_you"})
    ready.show("confirmation", case_id=CASE)
    stopped = update(filings).values(
        job="failed", error_code=GROUND_MOVED, error_text="调解员签名改成11月22日。"
    )
    ready.workplace.desk.store.write(lambda c: c.execute(stopped) and None)
    ready.changed("submissions")
    assert page.track.tag.accessibleName() == "状态：等您核对"
    assert "等平台的回执" not in "".join(part.text() for part in page.track.findChildren(Text))
    assert (page.lodge_button.text(), page.lodge_button.unavailable) == ("照现在的日子提交", "")
    assert [step.hint for step in steps(page.loaded)][1:3] == ["备齐了，在本机", "等您核对"]
    assert tag(page.loaded).text == "确认：等您核对"
    ready.add(CasePage(ready.context))
    ready.show("case", case_id=CASE)
    bar = ready.shell.current.held_bar
    assert (bar.isVisible(), bar.button.text()) == (True, "看怎么办")
    assert bar.title.text() == "司法确认申请停下了，签名盖章改过，等您核对"
    assert bar.text.text() == "期限照算，最晚 12月23日（星期三，含当天）。"
    grab(ready.shell, "case-held")
    ready.click(bar.button)
    assert ready.went[-1] == ("confirmation", {"case_id": CASE})
    ready.show("confirmation", case_id=CASE)
    ready.front()
    press_primary(ready)
    ready.click(dialog(ConfirmDialog).action_button)
    assert [(r.job, r.error_code, r.round) for r in rows(ready)] == [("waiting", "", 1)], (
        "the same one goes on"
    )


def test_the_same_court_is_competent_in_the_next_case_for_a_reason_of_its_own(ready):
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    loaded = page.loaded
    courts = tuple(replace(court, reason="调解组织所在地；唐** 也住这里") for court in loaded.view.courts)
    page.side_panel.show_loaded(replace(loaded, view=replace(loaded.view, courts=courts)))
    told = page.side_panel.courts.group.findChildren(Text)
    assert any("唐** 也住这里" in one.text() for one in told)


def test_a_double_click_lodges_once(ready):
    scan_file(ready.workplace, "application")
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    ready.click(page.side_panel.courts.group.cards["CDEMO1"])
    ready.click(page.lodge_button)
    asked = dialog(ConfirmDialog)
    ready.click(asked.action_button)
    ready.click(page.lodge_button)
    ready.qtbot.mouseDClick(page.lodge_button, Qt.MouseButton.LeftButton)
    ready.idle()
    assert len(rows(ready)) == 1


def handed_over(bench: Bench) -> None:
    """The application waits here to go out."""
    scan_file(bench.workplace, "application")
    filing = Filing(bench.workplace.desk)
    filing.choose(CASE, Choices(court_code="CDEMO1"))
    filing.lodge(CASE)


def lodged(bench: Bench, state: str, *events: cf.SubmissionEvent) -> ConfirmationPage:
    """The application as the platform has it, in ``state``."""
    place = bench.workplace
    handed_over(bench)
    submission_id = rows(bench)[0].submission_id
    place.desk.store.write(lambda c: c.execute(update(filings).values(job="done")) and None)
    shadow_submission(place, submission_id, state, events)
    bench.show("confirmation", case_id=CASE)
    return page_of(bench)


def test_what_the_court_asks_is_added_and_sent_again(ready, tmp_path):
    asked = cf.SubmissionEvent(
        at=dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC), state="supplement_asked", note="请补正",
        asked=("送达地址确认书",), answer_by=dt.date(2026, 11, 30),
    )  # fmt: skip
    page = lodged(ready, "supplement_asked", asked)
    assert page.lodge_button.text() == "补交给法院"
    assert page.materials.rows["service_address"].isAncestorOf(ready.focus())
    clock = [one.text() for one in page.side_panel.clock.findChildren(Text)]
    assert {"补交期限", "11月30日"} <= set(clock)
    assert "法院要补 1 项" in page.materials.header.note.text()
    path = tmp_path / "送达.pdf"
    path.write_bytes(b"%PDF-1.4\nmore\n%%EOF\n")
    page.scans.take("service_address", "", path)
    ready.idle()
    grab(ready.shell, "confirmation-asked")
    press_primary(ready)
    ready.click(dialog(ConfirmDialog).action_button)
    (found,) = rows(ready)
    assert (found.wanted, found.job, found.manifest_no) == ("supplement", "waiting", 2)
    manifest = msgspec.json.decode(found.manifest)
    assert "service_address" in {one["material"] for one in manifest}
    # Handed over here: nobody is asked for it again while the platform has not taken it.
    assert page.filing_tag.text == "确认：补交待发出"
    assert page.lodge_button.unavailable == "已经排上了，发出一次，不会重复提交"
    assert page.window().focusWidget() is page.lodge_button, "the keyboard stays with what was done"
    (line,) = AgreementList(ready.workplace.desk).overview().lines
    assert (line.group, line.state) == ("sending", "补交待发出")
    board = Today(ready.workplace.desk).board()
    kinds = ("supplement", "await_court")
    shown = [r for r in (*board.today, *board.soon, *board.waiting) if r.kind in kinds]
    assert [(r.kind, r.waiting_for, "等着发出" in r.reason) for r in shown] == [("supplement", "send", True)]
    # Refused by the platform, it has to be given again.
    jobs = FilingJobs(ready.workplace.desk)
    jobs.failed(*jobs.under_way([found.submission_id]), "field", "缺第 2 页。")
    (line,) = AgreementList(ready.workplace.desk).overview().lines
    assert line.group == "asked"


def test_words_of_the_agreement_warn_and_a_reason_goes_on(ready):
    scan_file(ready.workplace, "application")
    office = ready.context.office
    file = office.cases.open(CASE).file
    agreement = file.agreements[file.head.agreement_id]
    clause = cf.Clause(no=9, text="双方婚姻关系自本协议生效时解除。")
    body = cf.encode(msgspec.structs.replace(agreement, clauses=(*agreement.clauses, clause)))
    doc = case_docs.c.doc_id == agreement.agreement_id
    ready.workplace.desk.store.write(
        lambda c: c.execute(update(case_docs).where(doc).values(body=body)) and None
    )
    office.filing.choose(CASE, Choices(court_code="CDEMO1"))
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    courts = page.side_panel.courts
    assert "身份关系" in page.lodge_button.unavailable
    assert "第355条第3项" in courts._content.text()
    ready.click(courts.reason_button)
    asked = dialog(ReasonDialog)
    type_chinese(asked.text, "双方已在民政局")
    ready.key(Qt.Key.Key_Escape)
    key, params = today_routes.of_draft(
        next(one for one in office.drafts.unfinished() if one.kind == "reason")
    )
    ready.show(key, **params)
    asked = dialog(ReasonDialog)
    type_chinese(asked.text, "办好登记")
    press_primary(ready, asked.action_button)
    assert page.lodge_button.unavailable == ""
    assert courts.reason_button.text() == "改理由"
    office.filing.lodge(CASE)
    notes = [note.text for _, note in office.cases.open(CASE).file.of_type(cf.Note)]
    assert any("第355条第3项" in text and "双方已在民政局办好登记" in text for text in notes)


def test_its_steps_lead_to_what_they_are_about(ready):
    ready.show("confirmation", case_id=CASE)
    first = next(iter(page_of(ready).stepper.findChildren(QAbstractButton)))
    ready.click(first)
    assert ready.went[-1] == ("effective", {"case_id": CASE})


def test_withdrawing_asks_first(ready):
    page = lodged(ready, "accepted")
    assert deadline(page.loaded.view, dt.date(2027, 3, 1), page.loaded.calendar).label.text == "已提交"
    ready.click(page.withdraw_button)
    ready.click(dialog(ConfirmDialog).action_button)
    assert [(r.wanted, r.job) for r in rows(ready)] == [("withdraw", "waiting")]
    with pytest.raises(StateError, match="已经排上了"):
        ready.context.office.filing.withdraw(CASE)


def test_what_has_not_gone_out_is_taken_back_without_a_word_of_the_court(ready):
    handed_over(ready)
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    ready.click(page.withdraw_button)
    asked = dialog(ConfirmDialog)
    words = asked.asked
    assert words.title == "撤回还没有发出的申请"
    assert words.effects[0] == "申请还没有交给平台和法院，撤回以后不会发出，不用法院准许。"
    assert words.lasting == "申请期限照算，最晚 12月23日（星期三，含当天）。"
    grab(asked, "confirmation-take-back")
    ready.click(asked.action_button)
    assert rows(ready) == []
    assert page.lodge_button.text() == "联网后自动提交"


def test_what_may_have_gone_is_not_called_unsent_and_a_refusal_stays_to_be_read(ready):
    handed_over(ready)
    jobs = FilingJobs(ready.workplace.desk)
    (job,) = jobs.jobs()
    assert jobs.begin(job)
    jobs.in_doubt(job)
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "发出去了，还没有回执，连上后先核对" in said
    assert "联网后自动提交" not in said
    courts = [part.text() for part in page.side_panel.courts.findChildren(Text)]
    assert "可能已经向这个法院提交，连上后先核对" in courts
    assert "核对完再撤回" in page.withdraw_button.unavailable
    (line,) = AgreementList(ready.workplace.desk).overview().lines
    assert (line.group, line.state) == ("sending", "等核对")
    got = update(filings).values(receipt=b"{}")
    ready.workplace.desk.store.write(lambda c: c.execute(got) and None)
    (line,) = AgreementList(ready.workplace.desk).overview().lines
    assert (line.group, line.note) == ("filed", "申请法院收到过，平台恢复后正在补回"), "its court has it"
    none = update(filings).values(receipt=None)
    ready.workplace.desk.store.write(lambda c: c.execute(none) and None)
    (task,) = [t for t in ready.context.office.cases.open(CASE).plan.tasks if t.page == "filing"]
    assert (task.verb, "还没有回执" in task.reason) == ("核对司法确认申请收到没有", True)
    # What the service would not do stays until something of it is another.
    page.lodging._take_back()
    ready.idle()
    assert page.problem_bar.isVisible()
    assert page.problem_bar.title.text() == "这一步没有办，原来的都在"
    ready.changed("submissions")
    assert page.problem_bar.isVisible()
    grab(ready.shell, "confirmation-in-doubt")
    (job,) = jobs.under_way([r.submission_id for r in rows(ready)])
    jobs.wait(job, "", "")
    ready.changed("submissions")
    assert not page.problem_bar.isVisible()


def test_what_lay_in_a_package_that_was_given_up_is_taken_back_with_a_word_of_it(ready, tmp_path):
    handed_over(ready)
    desk = ready.workplace.desk
    desk.store.write(lambda conn: kv.put(conn, "platform_seal_public", desk.keys.seal_public.hex()))
    packages = ExchangePackages(desk)
    ready.workplace.clock.advance(dt.timedelta(minutes=1))
    packages.pack(tmp_path)
    packages.give_up(packages.known()[0].package_id)
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    ready.click(page.withdraw_button)
    asked = dialog(ConfirmDialog)
    (lost,) = packages.known()
    told = f"它装进过交换包 {lost.label}（已作废）：那个包找到了也别再交，交了法院照样收到。"
    assert told in asked.asked.effects
    ready.click(asked.action_button)
    assert page.filing_tag.text == "确认：备材料"


def test_a_withdrawal_that_waits_says_so_and_what_it_drops(ready):
    at = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
    question = {"asked": ("送达地址确认书",), "answer_by": dt.date(2026, 11, 30)}
    page = lodged(ready, "supplement_asked", cf.SubmissionEvent(at=at, state="supplement_asked", **question))
    Filing(ready.workplace.desk).supplement(CASE)
    ready.changed("submissions")
    ready.click(page.withdraw_button)
    asked = dialog(ConfirmDialog)
    assert asked.asked.effects[0] == "还没有发出的补交材料不再发，材料都留着。"
    ready.click(asked.action_button)
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "撤回申请已存好，联网后自动发给平台，准不准由法院决定。" in said
    assert "自动提交" not in said
    assert page.filing_tag.text == "确认：撤回待发出"
    assert told_on_the_case(ready) == (["司法确认　撤回待发出", "司法确认　要求补材料"], "已提交，撤回待发出")
    assert page.withdraw_button.unavailable == "撤回申请已经排上了，发出一次"
    grab(ready.shell, "confirmation-recall")
    ready.click(page.track.findChild(Button, "confirmation.recall.ask"))
    asked = dialog(ConfirmDialog)
    assert asked.asked.effects[-1].startswith("法院要求补的材料还要补，11月30日")
    ready.click(asked.action_button)
    assert not page.withdraw_button.unavailable
    assert page.filing_tag.text == "确认：要求补材料"
    ready.click(page.lodge_button)
    ready.click(dialog(ConfirmDialog).action_button)
    recall = page.track.findChild(Button, "confirmation.recall.ask")
    assert recall.text() == "先不补交，收回来改"
    ready.click(recall)
    assert dialog(ConfirmDialog).asked.lasting.startswith("法院给的日子照算，11月30日")
    ready.click(dialog(ConfirmDialog).action_button)
    assert page.filing_tag.text == "确认：要求补材料"
    assert page.lodge_button.text() == "补交给法院"
    assert page.track.findChild(Button, "confirmation.recall.ask") is None


def told_on_the_case(bench: Bench) -> tuple[list[str], str]:
    """The lines of 经过 about the court, and what stands beside the 30 days."""
    office = bench.context.office
    view = office.cases.open(CASE)
    lines = [f"{one.title}{one.rest}" for one in course(view, office.desk).entries]
    over = {due.kind: said for due, said in deadlines_of(view.file, office.desk)}
    return [one for one in lines if one.startswith("司法确认")], over["confirmation"]


@pytest.mark.parametrize("state", ["withdrawn", "not_accepted", "dismissed", "confirmed"])
def test_what_the_court_said_is_told_and_then_stands_where_it_belongs(ready, state):
    event = cf.SubmissionEvent(at=dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC), state=state, note="办完了")
    page = lodged(ready, state, event)
    agreements = AgreementList(ready.workplace.desk)
    again = dt.date(2026, 12, 23) if state in ("withdrawn", "not_accepted") else None
    (line,) = agreements.overview().lines
    assert (line.group, line.due_on) == ("answered", again)
    assert agreements.overview().headline == "1 份法院有了答复"
    grab(ready.shell, f"confirmation-told-{state}")
    told = page.track.findChild(Button, "confirmation.told")
    ready.click(told)
    assert "记进案件经过了" in ready.shell.toast.text.text()
    notes = [note.text for _, note in ready.context.office.cases.open(CASE).file.of_type(cf.Note)]
    assert notes[-1].startswith("已把法院的答复告诉当事人：")
    assert page.track.findChild(Button, "confirmation.told") is None
    (line,) = agreements.overview().lines
    assert (line.group, line.due_on) == ("clock" if again else "ruled", again)
    if again:
        assert line.note.endswith("还可以再申请")


def test_an_overdue_answer_to_the_court_is_called_overdue_beside_a_withdrawal_too(ready):
    at = dt.datetime(2026, 11, 16, 1, tzinfo=dt.UTC)
    question = {"asked": ("送达地址确认书",), "answer_by": dt.date(2026, 11, 20)}
    wish = {"code": "withdrawal_asked", "note": "申请撤回：当事人申请撤回"}
    page = lodged(
        ready,
        "supplement_asked",
        cf.SubmissionEvent(at=at, state="supplement_asked", **question),
        cf.SubmissionEvent(at=at, state="supplement_asked", **wish),
    )
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "前补交。" in said
    press_primary(ready)
    asked = dialog(ConfirmDialog)
    assert "已经申请撤回，法院还没有准许；补交不等于不撤了，要不要撤请和法院说清。" in asked.asked.effects
    asked.back_button.click()
    page = lodged_event_alone(ready, at, question)
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "已经过了 3 天，请赶快补交，或者和法院联系。" in said


def lodged_event_alone(bench: Bench, at: dt.datetime, question: dict[str, object]) -> ConfirmationPage:
    """The open question as the last thing that happened."""
    (row,) = rows(bench)
    event = cf.SubmissionEvent(at=at, state="supplement_asked", **question)
    shadow_submission(bench.workplace, row.submission_id, "supplement_asked", (event,))
    bench.show("confirmation", case_id=CASE)
    return page_of(bench)


def test_what_was_asked_to_be_withdrawn_is_not_asked_again(ready):
    now = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
    told = {"code": "withdrawal_asked", "note": "申请撤回：当事人申请撤回"}
    event = cf.SubmissionEvent(at=now, state="accepted", **told)
    page = lodged(ready, "accepted", event)
    assert page.withdraw_button.unavailable == "已经申请撤回，等法院准许"
    assert "申请撤回" in [one.text() for one in page.track.findChildren(Text)]
    assert page.lodge_button.unavailable == "已经申请撤回，等法院准许"
    # Whoever reads of the case elsewhere learns it too.
    assert page.filing_tag.text == "确认：已申请撤回"
    (line,) = AgreementList(ready.workplace.desk).overview().lines
    assert (line.group, line.state) == ("filed", "已申请撤回")
    (task,) = [one for one in ready.context.office.cases.open(CASE).plan.tasks if one.page == "filing"]
    assert task.verb == "等法院准许撤回"
    with pytest.raises(StateError, match="等法院准许"):
        ready.context.office.filing.withdraw(CASE)


def test_an_application_that_came_late_to_the_court_says_so(ready):
    late = cf.SubmissionEvent(at=dt.datetime(2026, 12, 30, 1, tzinfo=dt.UTC), state="lodged")
    page = lodged(ready, "lodged", late)
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "比 30 日晚了 7 天才提交，法院可能不受理。" in said
    (task,) = [one for one in ready.context.office.cases.open(CASE).plan.tasks if one.page == "filing"]
    assert (task.verb, task.reason) == ("等法院确认结果", "已在法院，晚了 7 天才提交")


def test_a_supplement_that_came_late_says_so_wherever_the_application_is_told(ready):
    at = dt.datetime(2026, 11, 16, 1, tzinfo=dt.UTC)
    day = dt.date(2026, 11, 20)
    page = lodged(
        ready,
        "supplemented",
        cf.SubmissionEvent(at=at, state="lodged"),
        cf.SubmissionEvent(at=at, state="supplement_asked", asked=("送达地址确认书",), answer_by=day),
        cf.SubmissionEvent(at=at + dt.timedelta(days=6), state="supplemented"),
    )
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "补交晚了 2 天，收不收由法院定，请尽快和法院联系。" in said
    office = ready.context.office
    (task,) = [one for one in office.cases.open(CASE).plan.tasks if one.page == "filing"]
    assert task.reason == "已在法院，补交晚了 2 天"
    (line,) = AgreementList(ready.workplace.desk).overview().lines
    assert line.note.endswith("，补交晚了 2 天")
    holder = office.cases.open(CASE).head.mediator_id
    (entry,) = office.handover.book(holder, "", (CASE,)).entries
    assert "司法确认补交晚了 2 天，收不收由法院定" in entry.notes


def test_the_ruling_opens_from_the_vault(ready):
    from app.services.attachments import Attachments, FileEntry

    content = b"%PDF-1.4\nruling\n%%EOF\n"
    kept = Attachments(ready.workplace.desk).add_bytes(
        CASE, content, "裁定书.pdf", "application/pdf", FileEntry(role="result")
    )
    document = cf.ResultDocument(
        sha256=kept.value.sha256, size=len(content), name="民事裁定书.pdf", media_type="application/pdf"
    )
    event = cf.SubmissionEvent(
        at=dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC), state="confirmed", documents=(document,)
    )
    page = lodged(ready, "confirmed", event)
    assert [s.state for s in data_steps(page)] == ["done"] * 5
    assert page.track.documents[0].text() == "看民事裁定书"
    ready.click(page.track.documents[0])
    viewer = dialog(ViewerDialog)
    assert viewer.title.text() == "民事裁定书"
    viewer.close()
    ready.idle()
    assert not page.lodge_button.isVisible()
    assert not page.offers.other.isVisible()
    assert page.primary is page.offers.ruling
    assert page.offers.ruling.text() == "看民事裁定书"
    ready.front()
    press_primary(ready)
    dialog(ViewerDialog).close()
    ready.idle()
    ready.click(page.offers.paper)
    paper = dialog(PaperDialog)
    paper.close()
    ready.idle()
    assert page.loaded.enforcement.title == "申请执行期限"
    assert page.loaded.enforcement.due == dt.date(2028, 12, 11)
    assert page.side_panel.clock.header.title.text() == "申请执行期限"
    assert "2028年12月11日" in page.side_panel.clock.accessibleName()
    assert "申请执行" in page.side_panel.courts._content.text()
    assert page.item("service_address").status == "later"
    assert "可后补" not in page.materials.rows["service_address"].accessibleName()
    grab(ready.shell, "confirmation-ruled")
    assert_looks(page)
    forgotten(ready, cf.SubmissionEvent(at=event.at, state="lodged", note="司法确认申请已送达"))
    assert page.filing_tag.text == "确认：法院已收到", "the state is the platform's, whatever is kept here"
    assert (page.offers.ruling.isVisible(), page.kept.isVisible()) == (False, True)
    words = "".join(label.text() for label in page.kept.findChildren(QLabel) if label.isVisible())
    for said in ("平台从备份恢复过", "裁定有效", "11月23日 09:00", "以法院的民事裁定书为准", "自动对上"):
        assert said in words
    assert "还没有取到" not in words
    look, out = page.kept.documents
    ready.click(look)
    viewer = dialog(ViewerDialog)
    ready.qtbot.waitUntil(lambda: viewer.content == content)
    viewer.close()
    ready.idle()
    ready.click(out)
    assert dialog(PaperDialog).windowTitle().endswith("民事裁定书")
    dialog(PaperDialog).close()
    ready.idle()
    grab(ready.shell, "confirmation-kept")
    assert_looks(page)
    forgotten(ready, msgspec.structs.replace(event, documents=()))
    words = "".join(label.text() for label in page.kept.findChildren(QLabel) if label.isVisible())
    assert "两份" in words
    assert "请问法院" in words
    forgotten(ready, event)
    assert not page.kept.isVisible()
    assert page.primary is page.offers.ruling


def forgotten(bench: Bench, *now: cf.SubmissionEvent) -> None:
    """The platform, restored, tells the only application with these events."""
    place = bench.workplace
    (key,) = place.desk.store.read(lambda c: casestore.load(c, CASE)).submissions
    forget_answers(place, key, *now)
    bench.changed("cases")


def test_an_application_that_came_to_nothing_leaves_only_what_can_be_done(ready):
    event = cf.SubmissionEvent(at=dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC), state="dismissed")
    page = lodged(ready, "dismissed", event)
    assert page.filing_tag.text == "确认：裁定驳回"
    # The court is not asked the same once more (民诉法 206): the page says what is open instead.
    assert "不能凭它申请执行" in page.side_panel.courts._content.text()
    assert page.side_panel.courts.header.title.text() == "裁定驳回以后"
    assert not page.loaded.editable
    grab(ready.shell, "confirmation-dismissed")
    assert page.primary is page.offers.elsewhere
    assert not page.lodge_button.isVisible()
    assert not page.offers.other.isVisible()
    ready.click(page.offers.elsewhere)
    assert ready.went[-1] == ("exit", {"case_id": CASE, "look": True})


@pytest.mark.parametrize(
    ("state", "tag", "said", "heading"),
    [
        ("revoked", "确认：裁定被撤销", "不能再凭它申请执行", "裁定被撤销以后"),
        ("changed", "确认：裁定被改变", "以新裁定写的为准", "裁定有效以后"),
    ],
)
def test_an_objection_after_the_ruling_is_said_in_sight(ready, state, tag, said, heading):
    def at(hour: int, what: str) -> cf.SubmissionEvent:
        return cf.SubmissionEvent(at=dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC), state=what)

    page = lodged(ready, state, at(1, "confirmed"), at(2, state))
    assert page.filing_tag.text == tag
    words = [label.text() for label in page.track.findChildren(QLabel) if label.isVisible()]
    assert any(said in text for text in words)
    assert said in page.side_panel.courts._content.text()
    assert page.side_panel.courts.header.title.text() == heading
    assert (page.loaded.enforcement is None) == (state == "revoked")
    assert not page.lodge_button.isVisible(), "the court has said its word on this text"
    grab(ready.shell, f"confirmation-{state}")
    assert_looks(page)


def test_the_row_worked_on_stays_where_it_was(ready, tmp_path):
    ready.shell.resize(1200, 640)
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    order = list(page.materials.rows)
    area = page._content_area.findChild(GutterArea)
    bar = area.verticalScrollBar()
    assert bar.maximum() > 0
    for code in ("application", "rights"):
        row = page.materials.rows[code]
        area.ensureWidgetVisible(row)
        row.buttons["scan"].setFocus()
        ready.idle()
        place, at = row.mapTo(page, row.rect().topLeft()), bar.value()
        path = tmp_path / f"{code}.pdf"
        path.write_bytes(b"%PDF-1.4\n" + code.encode() + b"\n%%EOF\n")
        page.scans.take(code, "", path)
        ready.idle()
        assert page.item(code).status == "ready"
        row = page.materials.rows[code]
        assert (row.mapTo(page, row.rect().topLeft()), bar.value()) == (place, at)
        assert row.isAncestorOf(ready.focus())
    assert list(page.materials.rows) == order
    ready.show("confirmation", case_id=CASE)
    assert list(page.materials.rows) != order


def the_whole_way(bench: Bench, *, asked_last: bool = False) -> ConfirmationPage:
    """Lodged, asked, supplied, accepted, ruled, each with its paper; or asked for the second time."""

    def at(hour: int, state: str, note: str, paper: str = "", **more: object) -> cf.SubmissionEvent:
        documents = (
            cf.ResultDocument(
                sha256=f"{hour:064x}", size=900, name=f"{paper}.pdf", media_type="application/pdf"
            ),
        )
        moment = dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC)
        return cf.SubmissionEvent(
            at=moment, state=state, note=note, documents=documents if paper else (), **more
        )  # type: ignore[arg-type]

    question = {"asked": ("送达地址确认书",), "answer_by": dt.date(2026, 11, 30)}
    events = [
        at(1, "lodged", "司法确认申请已送达"),
        at(2, "supplement_asked", "要求补充材料", "补正材料通知书", **question),
        at(3, "supplemented", "补充材料已送达"),
        at(4, "accepted", "已受理，案号（2026）沪0199诉前调确110号", "受理通知书"),
    ]
    if asked_last:
        events.append(at(5, "supplement_asked", "要求补充材料", "补正材料通知书", **question))
        return lodged(bench, "supplement_asked", *events)
    events.append(at(5, "confirmed", "裁定调解协议有效", "民事裁定书"))
    return lodged(bench, "confirmed", *events)


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(1440, 900, 1.0), (1366, 720, 1.25), (1366, 720, 1.5)]
)
@pytest.mark.parametrize("asked_last", [False, True])
def test_the_whole_way_through_the_court_can_be_read_at_every_size(
    ready, plain_look, width, height, scale, asked_last
):
    plain_look.metrics.set_scale(scale)
    ready.shell.resize(width, height)
    page = the_whole_way(ready, asked_last=asked_last)
    grab(ready.shell, f"confirmation-way-{'asked' if asked_last else 'ruled'}-{int(scale * 100)}")
    assert_looks(page)
    texts = [part for part in page.track.findChildren(Text) if part.isVisible() and part.text().strip()]
    assert len(texts) >= 5
    for part in (*texts, *page.track.documents):
        assert (
            part.height() >= part.minimumSizeHint().height()
            or part.heightForWidth(part.width()) <= part.height()
        )
        assert part.height() >= part.fontMetrics().height(), part.text()
    rows = [line for line in page.materials.rows.values() if line.isVisible()]
    assert rows
    assert all(line.height() >= line.minimumSizeHint().height() for line in rows)
    if asked_last:
        assert page.materials.rows["service_address"].isAncestorOf(ready.focus())
        assert not ready.focus().visibleRegion().isEmpty()
    ready.click(page.findChild(LinkButton, "confirmation.earlier"))
    assert len(page.track.documents) == 3
    assert_looks(page)


def test_on_its_way_the_words_name_the_day_that_counts_and_do_not_say_it_is_with_the_court(ready, tmp_path):
    question = {"asked": ("送达地址确认书",), "answer_by": dt.date(2026, 11, 30)}
    moment = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
    page = lodged(
        ready,
        "supplement_asked",
        cf.SubmissionEvent(at=moment, state="supplement_asked", note="请补正", **question),
    )
    path = tmp_path / "送达.pdf"
    path.write_bytes(b"%PDF-1.4\nmore\n%%EOF\n")
    page.scans.take("service_address", "", path)
    ready.idle()
    press_primary(ready)
    ready.click(dialog(ConfirmDialog).action_button)
    ready.idle()
    said = [part.text() for part in page.track.findChildren(Text)]
    assert any("最晚 11月30日" in text for text in said), said
    assert not any("12月" in text for text in said), said


@pytest.mark.parametrize("step", ["lodge", "supplement"])
def test_what_waits_for_a_colleagues_papers_may_go_without_them(ready, step):
    desk = ready.workplace.desk
    scan_file(ready.workplace, "service_address", APPLICANT)
    question = {"asked": ("送达地址确认书",), "answer_by": dt.date(2026, 11, 30)}
    at = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
    if step == "supplement":
        lodged(ready, "supplement_asked", cf.SubmissionEvent(at=at, state="supplement_asked", **question))
        Filing(desk).supplement(CASE)
    else:
        handed_over(ready)
    files = case_files(desk)
    (away,) = (one for one in files if one.material == "service_address")
    for held in (uploads, tables.files):
        gone = delete(held).where(held.c.sha256 == away.sha256)
        desk.store.write(lambda c, gone=gone: c.execute(gone) and None)
    (job,) = FilingJobs(desk).jobs()
    FilingJobs(desk).wait_for_files(job, "", job.unstored, "材料传完就提交")
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    said = "".join(part.text() for part in page.track.findChildren(Text))
    assert "在“司法确认”里点“不等这些材料”" in said
    assert "的电脑上还有 1 件没有传到平台" in page.item("service_address").elsewhere
    grab(ready.shell, f"confirmation-elsewhere-{step}")
    assert_looks(page)
    (button,) = (b for b in page.track.findChildren(QAbstractButton) if b.text() == "不等这些材料")
    ready.click(button)
    asked = dialog(ConfirmDialog)
    assert "《service_address》在同事的电脑上，这次不放进材料包。" in asked.asked.effects[0]
    grab(asked, f"confirmation-without-{step}")
    ready.click(asked.action_button)
    assert page.item("service_address").elsewhere.endswith("件，不等了，没有放进来")
    assert not [b for b in page.track.findChildren(QAbstractButton) if b.text() == "不等这些材料"]
    left = [(r.wanted, r.job) for r in rows(ready)]
    if step == "lodge":
        assert left == [], "it is prepared again"
        assert (page.lodge_button.text(), page.lodge_button.unavailable) == ("联网后自动提交", "")
    else:
        assert left == [("lodge", "done")], "the application stays at the court"
        assert (page.lodge_button.text(), page.lodge_button.unavailable) == ("补交给法院", "")
    assert "scan" in page.materials.rows["service_address"].buttons
    grab(ready.shell, f"confirmation-gone-without-{step}")


def case_files(desk):
    return desk.store.read(lambda c: casestore.load(c, CASE)).attachments.values()


def test_what_is_not_out_yet_is_not_called_handed_in_and_stays_in_today(ready):
    handed_over(ready)
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    said = [part.text() for part in page.side_panel.courts.findChildren(Text)]
    assert "将向这个法院提交，还没有发出" in said
    view = ready.context.office.cases.open(CASE)
    days = {due.kind: over for due, over in deadlines_of(view.file, ready.workplace.desk)}
    assert (days["confirmation"], view.plan.label) == ("", "performing"), "no day is kept, nobody has it yet"
    assert "已经向这个法院提交" not in said
    assert data_steps(page)[1].hint == "备齐了，等着发出"
    due = page.loaded.view.clock.reminds.due_on
    ready.workplace.clock.set(dt.datetime(due.year, due.month, due.day, 2, tzinfo=dt.UTC))
    Daybreak(ready.workplace.desk).renew()
    board = Today(ready.workplace.desk).board()
    (line,) = [row for row in board.today if row.case_id == CASE and row.kind == "confirm"]
    assert "在本机等着发出" in line.reason
    assert [one.count for one in board.attention if one.kind == "waiting"] != []


def data_steps(page: ConfirmationPage):
    from ui.pages import confirmation_data

    return confirmation_data.steps(page.loaded)


def test_after_the_thirty_days_the_other_ways_are_told_and_no_button_is_hidden(ready):
    ready.workplace.clock.set(dt.datetime(2026, 12, 28, 2, tzinfo=dt.UTC))
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    assert page.late_bar.isVisible()
    assert page.late_bar.title.text() == "已过 30 日（12月23日）"
    assert "10 日内申请顺延" in page.late_bar.text.text()
    assert page.lodge_button.isVisible()


def test_let_go_past_the_thirty_days_the_case_leads_where_its_confirmation_leads(ready):
    event = cf.SubmissionEvent(at=dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC), state="withdrawn", note="准许")
    page = lodged(ready, "withdrawn", event)
    Closing(ready.workplace.desk).close(CASE, ClosingEntry("in_person"))
    ready.add(CasePage(ready.context))
    ready.workplace.clock.set(dt.datetime(2026, 12, 28, 2, tzinfo=dt.UTC))
    ready.show("confirmation", case_id=CASE)
    assert page.primary.text() == "改走别的路"
    assert steps(page.loaded)[2].hint == "12月23日已过"
    grab(ready.shell, "confirmation-let-go-late")
    ready.show("case", case_id=CASE)
    key = ready.shell.current.primary_button
    assert key.text() == "改走别的路"
    ready.click(key)
    assert ready.went[-1] == ("exit", {"case_id": CASE, "look": True})


def test_the_clock_of_one_case_does_not_stand_beside_another(ready):
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    assert page.side_panel.clock is not None
    incoming(ready.workplace, "case-2")
    ready.show("confirmation", case_id="case-2")
    assert page.nothing.isVisible()
    assert page.side_panel.clock is None
    assert not page.side_panel.courts.isVisible()


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_the_page_looks_right(ready, plain_look, mode, scale, size):
    scan_file(ready.workplace, "service_address", APPLICANT)
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    ready.shell.resize(*size)
    ready.show("confirmation", case_id=CASE)
    grab(ready.shell, f"confirmation-{mode}-{round(scale * 100)}")
    assert_looks(page_of(ready))
    if page_of(ready).narrow:
        page_of(ready).toggle_side()
        ready.idle()
        grab(ready.shell, "confirmation-drawer-150")
        assert page_of(ready).lodge_button.isVisible()
        assert_looks(page_of(ready))


def test_beside_little_room_an_explanation_stands_under_its_name(ready, plain_look):
    ready.shell.resize(1440, 869)
    ready.show("confirmation", case_id=CASE)
    line = page_of(ready).materials.rows["service_address"]
    assert not line._stacked
    plain_look.metrics.set_scale(1.5)
    ready.shell.resize(1024, 700)
    settle()
    assert line._stacked
    assert line._detail.width() > 4 * QFontMetrics(line._detail.font()).horizontalAdvance("法")
    grab(ready.shell, "confirmation-little-room")
    assert_not_clipped(line)
    ready.shell.resize(1440, 869)
    plain_look.metrics.set_scale(1.0)
    settle()
    assert not line._stacked
    assert_not_clipped(line)


def test_a_success_is_closed_from_here_and_the_confirmation_goes_on(ready):
    ready.show("confirmation", case_id=CASE)
    page = page_of(ready)
    assert page.offers.close.isVisible()
    ready.click(page.offers.close)
    asked = dialog(ClosingDialog)
    asked.methods.choose("in_person")
    ready.click(asked.action_button)
    ready.click(dialog(ConfirmDialog).action_button)
    assert page.loaded.file.head.state == "closed"
    assert not page.offers.close.isVisible()
    assert page.loaded.editable


def test_what_the_court_asks_leads_the_list_of_agreements(ready):
    until = dt.date(2026, 11, 26)
    asked = cf.SubmissionEvent(
        at=dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC), state="supplement_asked", asked=("送达地址确认书",),
        answer_by=until,
    )  # fmt: skip
    lodged(ready, "supplement_asked", asked)
    ready.add(AgreementsPage(ready.context))
    ready.show("agreements")
    page = ready.shell.current
    grab(ready.shell, "agreements-asked")
    overview = AgreementList(ready.workplace.desk).overview()
    (line,) = overview.lines
    assert (line.group, line.due_on, overview.headline) == ("asked", until, "1 份法院要补材料")
    (task,) = page.lists["asked"].model().tasks
    assert (task.label.text, task.label.status, task.action) == ("法院要补材料", "dueSoon", "去补")
    assert "11月26日（含当天）前补交，还剩 3 天" in task.why
    assert asked_label(line, until).status == "dueToday"
    page.lists["asked"].setFocus()
    ready.key(Qt.Key.Key_Return)
    assert page_of(ready).materials.rows["service_address"].isAncestorOf(ready.focus())
    board = Today(ready.workplace.desk).board()
    shown = [r for r in (*board.today, *board.soon) if r.kind == "supplement"]
    assert [(r.verb, "11月26日" in r.reason) for r in shown] == [("补交材料", True)]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_what_the_court_asks_for_is_in_sight_each_time_one_comes(ready, plain_look, scale):
    plain_look.metrics.set_scale(scale)
    ready.shell.resize(1366, 720)
    page = the_whole_way(ready, asked_last=True)
    area = page.materials._area()
    for _ in range(2):
        row = page.materials.rows["service_address"]
        assert row.isAncestorOf(ready.focus())
        assert row.visibleRegion().boundingRect().height() == row.height()
        page.leave()
        area.verticalScrollBar().setValue(0)
        page.setFocus()
        ready.show("confirmation", case_id=CASE)
        row = page.materials.rows["service_address"]
        assert row.visibleRegion().boundingRect().height() == row.height()
        page.leave()
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
        page.setFocus()
        ready.show("confirmation", case_id=CASE)


def test_the_course_of_the_case_keeps_what_the_court_says_in_sentences(ready):
    the_whole_way(ready, asked_last=True)
    office = ready.context.office
    entries = course(office.cases.open(CASE), office.desk).entries
    said = [entry.detail for entry in entries if "要补：" in entry.detail]
    assert said
    assert all("要求补充材料。要补：送达地址确认书。" in words for words in said), said


def test_a_step_of_the_court_stands_in_the_course_once(ready):
    the_whole_way(ready, asked_last=True)
    office = ready.context.office
    view = office.cases.open(CASE)
    (filing,) = view.file.submissions.values()
    step = filing.events[-1]
    later = step.at + dt.timedelta(days=1)
    told = {
        f"told-{number}": cf.Record(
            record_id=f"told-{number}", case_id=CASE, at=at, author="platform",
            body=cf.Notice(text=f"云浦区人民法院：{words}", code="filing.ask_supplement"),
        )
        for number, (words, at) in enumerate(
            ((step.note, step.at), (step.note, later), ("请到庭核对原件。", step.at))
        )
    }  # fmt: skip
    file = replace(view.file, records={**view.file.records, **told})
    shown = course(replace(view, file=file), office.desk).entries
    assert sorted(e.key for e in shown if e.key in told) == ["told-1", "told-2"], (
        "the same words of the same time are the step itself"
    )


@pytest.mark.parametrize(("width", "height", "scale"), [(1440, 900, 1.0), (1366, 720, 1.5)])
def test_what_a_restored_platform_forgot_can_be_read_at_every_size(ready, plain_look, width, height, scale):
    """A paper that had not come yet is promised by nobody."""
    plain_look.metrics.set_scale(scale)
    ready.shell.resize(width, height)
    page = the_whole_way(ready, asked_last=True)
    forgotten(ready, page.loaded.submission.events[0])
    words = "".join(label.text() for label in page.kept.findChildren(QLabel) if label.isVisible())
    assert "补正材料通知书、受理通知书还没有取到本机" in words
    assert "要补：送达地址确认书，11月30日" in words
    assert "带文书到法院窗口交" in words
    grab(ready.shell, f"confirmation-kept-{int(scale * 100)}")
    assert_looks(page)


def test_a_pack_that_went_to_the_court_takes_no_further_scan(ready, tmp_path):
    """The menu or the file dialog may have been open while it went."""
    the_whole_way(ready, asked_last=False)
    page = page_of(ready)
    before = len(ready.context.office.cases.open(CASE).file.attachments)
    said: list[str] = []
    page.said.connect(said.append)
    page.scans.add("identity")
    page.scans.ask_which()
    (tmp_path / "late.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    page.scans.take("identity", APPLICANT, tmp_path / "late.pdf")
    ready.idle()
    assert not page.findChildren(QMenu)
    assert len(ready.context.office.cases.open(CASE).file.attachments) == before
    assert said == ["材料包已经提交，锁住了，没有加进去。法院要求补材料时再加。"] * 3


def test_each_identity_paper_says_whose_it_is(ready):
    ready.show("confirmation", case_id=CASE)
    page_of(ready).look_at("identity")
    ready.idle()
    viewer = dialog(ViewerDialog)
    assert {item.title.rpartition("　")[2] for item in viewer.items} == {"陈**", "吴*"}
    assert viewer.title.text() in {item.title for item in viewer.items}
    viewer.close()

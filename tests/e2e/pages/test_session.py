"""调解记录 in the window: journey E by mouse and by keyboard, drafts that outlive the page, photographs."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QTextCursor
from PySide6.QtWidgets import QLabel, QTextEdit

from app.domain import casefile as cf
from tests.faults.disks import full_disk
from tests.helpers.case_desk import CASE, at, told_case
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, grab, settle
from tests.unit.app.documents.test_render import pdf_text
from ui.dialogs.form import FormDialog
from ui.dialogs.paper import PaperDialog
from ui.pages import today_routes
from ui.pages.case import CasePage
from ui.pages.case_files import FileForm
from ui.pages.session import SessionPage
from ui.pages.session_data import Turn, Writing, with_draft
from ui.pages.session_people import PersonForm
from ui.pages.session_turns import TurnList
from ui.widgets.buttons import LinkButton
from ui.widgets.fitting import ElidedText

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
SAID = "鉴定说了是楼上防水层的问题，要求把墙面修好。"


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    told_case(place)
    made.add(SessionPage(made.context), CasePage(made.context))
    yield made
    made.close()


def opened(bench) -> SessionPage:
    bench.show("session", case_id=CASE)
    page = bench.shell.current
    assert isinstance(page, SessionPage)
    return page


def sessions(bench) -> list[cf.Session]:
    return [body for _, body in bench.context.office.cases.open(CASE).file.of_type(cf.Session)]


def ending(bench) -> FormDialog:
    bench.qtbot.waitUntil(
        lambda: any(isinstance(w, FormDialog) and w.isVisible() for w in bench.shell.findChildren(FormDialog))
    )
    form = dialog(FormDialog)
    assert isinstance(form, FormDialog)
    return form


def test_written_and_finished_by_keyboard(bench):
    page = opened(bench)
    assert page.title == "第 3 次调解记录"
    assert page.offline.isVisible()
    bench.click(page.steps.told_button)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    bench.key(Qt.Key.Key_F3)
    type_chinese(page.turns.editors[-1], "面积认可，就按 18 平方米算。")
    bench.click(page.inserting.fact)
    grab(bench.shell, "session-writing")
    bench.key(Qt.Key.Key_Return, CTRL | SHIFT)
    form = ending(bench)
    bench.click(form.action_button)
    assert form.fields["result"].message.text() == "选一项结果。"
    form.fields["result"].editor.choose("next_time")
    bench.click(form.action_button)
    assert "日子和钟点" in form.fields["next_at"].message.text()
    form.fields["next_at"].editor.set_value(dt.datetime(2026, 11, 30, 9, 30))
    grab(form, "session-end")
    bench.click(form.action_button)
    assert bench.went[-1] == ("case", {"case_id": CASE})
    last = sessions(bench)[-1]
    assert (last.ordinal, last.result, last.next_place) == (3, "next_time", "第二调解室")
    assert last.undisputed == ("面积认可，就按 18 平方米算。",)
    assert [s.text for s in last.segments] == [SAID, "面积认可，就按 18 平方米算。"]
    assert last.present[last.segments[0].speaker].label == "陈秀英"
    assert bench.undelivered()[-2:] == ["session.record", "case.edit"]
    assert bench.context.office.drafts.get("session", CASE) is None
    paper = dialog(PaperDialog)
    bench.qtbot.waitUntil(lambda: paper.content != b"", timeout=20_000)
    paper.close()


def test_a_click_into_the_empty_area_begins_and_one_below_goes_on_at_the_end(bench):
    page = opened(bench)
    at = page.turns.viewport().rect().bottomLeft() + QPoint(120, -20)
    left = Qt.MouseButton.LeftButton
    bench.qtbot.mouseClick(page.turns.viewport().childAt(at), left, pos=QPoint(4, 4))
    bench.idle()
    assert [turn.speaker for turn in page.writing.turns] == [0]
    type_chinese(bench.focus(), "先说说经过。")
    page.turns.editors[-1].moveCursor(QTextCursor.MoveOperation.Start)
    page.people.buttons[0].setFocus()
    below = page.turns.viewport().childAt(at)
    bench.qtbot.mouseClick(below, left, pos=below.mapFrom(page.turns.viewport(), at))
    bench.idle()
    type_chinese(bench.focus(), "慢慢说。")
    assert page.writing.turns[0].text == "先说说经过。慢慢说。"


def test_the_ending_can_be_taken_back_from_the_paper_that_is_laid_over_the_notice(bench):
    page = opened(bench)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    bench.click(page.steps.told_button)
    before, waiting = len(sessions(bench)), list(bench.undelivered())
    bench.key(Qt.Key.Key_Return, CTRL | SHIFT)
    form = ending(bench)
    form.fields["result"].editor.choose("not_agreed")
    bench.click(form.action_button)
    paper = dialog(PaperDialog)
    assert paper.undo_button.isVisible()
    assert len(sessions(bench)) == before + 1
    grab(paper, "session-paper-undo")
    bench.click(paper.undo_button)
    assert not paper.isVisible()
    assert len(sessions(bench)) == before
    assert list(bench.undelivered()) == waiting
    assert bench.went[-1] == ("session", {"case_id": CASE})
    assert bench.context.office.drafts.get("session", CASE) is not None


def test_a_problem_makes_the_ending_grow_instead_of_pressing_its_cards_together(bench):
    page = opened(bench)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    bench.click(page.steps.told_button)
    bench.click(page.end_button)
    form = ending(bench)
    low = form.height()
    bench.click(form.action_button)
    grab(form, "session-end-problem")
    field = form.fields["result"]
    assert field.message.text() == "选一项结果。"
    assert form.height() > low
    for card in field.editor.cards.values():
        assert card.height() >= card.layout().totalHeightForWidth(card.width())
    assert_looks(form)
    bench.click(field.editor.cards["next_time"])
    assert not field.message.isVisible()
    for card in field.editor.cards.values():
        assert card.height() >= card.layout().totalHeightForWidth(card.width())
    assert_looks(form)
    form.reject()


def test_what_is_missing_is_said_on_the_page_and_nothing_is_lost(bench):
    page = opened(bench)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    bench.click(page.end_button)
    assert "已告知权利义务" in page.problem.text.text(), "before anything is asked in vain"
    assert not any(one.isVisible() for one in bench.shell.findChildren(FormDialog))
    bench.click(page.steps.told_button)
    assert page.problem.isHidden()
    bench.click(page.end_button)
    form = ending(bench)
    bench.click(form.fields["result"].editor.cards["next_time"])
    type_chinese(form.fields["result_note"].editor, "都同意先做鉴定。")
    moment = form.fields["next_at"].editor
    moment.set_value(dt.datetime(2026, 11, 30, 9, 30))
    moment.changed.emit(moment.value())
    form.reject()
    page.draft.flush()
    bench.idle()
    kept = bench.context.office.drafts.get("session", CASE).body["ending"]
    assert (kept["result"], kept["note"]) == ("next_time", "都同意先做鉴定。")
    bench.show("case", case_id=CASE)
    bench.show("session", case_id=CASE)
    page.ask_end()
    form = ending(bench)
    assert form.fields["result"].editor.value == "next_time"
    assert form.fields["result_note"].editor.toPlainText() == "都同意先做鉴定。"
    assert form.fields["next_at"].editor.value() == dt.datetime(2026, 11, 30, 9, 30)
    form.reject()
    assert page.turns.editors[-1].toPlainText() == SAID
    assert len(sessions(bench)) == 2


def test_a_session_nobody_planned_has_its_place_on_the_record(bench):
    page = opened(bench)
    page.people.place.clear()
    type_chinese(page.people.place, "物业会议室")
    assert "物业会议室" in page._subtitle.text()
    page.draft.flush()
    bench.idle()
    kept = bench.context.office.drafts.get("session", CASE)
    assert kept is not None
    assert kept.body["place"] == "物业会议室"
    assert page.writing is not None
    file, record_id = with_draft(page._data.case.view.file, page.writing, bench.context.office, 3)
    paper = bench.context.office.papers.preview_of(file, "F05", extra={"record_id": record_id})
    assert "地点：物业会议室" in pdf_text(paper.content)


def test_a_place_left_open_is_asked_for_at_the_end(bench):
    page = opened(bench)
    bench.click(page.steps.told_button)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    page.people.place.clear()
    page._placed("")
    page.ask_end()
    form = ending(bench)
    form.fields["result"].editor.choose("not_agreed")
    type_chinese(form.fields["place"].editor, "当事人家中")
    bench.click(form.action_button)
    assert sessions(bench)[-1].place == "当事人家中"


def test_the_draft_outlives_the_page(bench):
    page = opened(bench)
    bench.key(Qt.Key.Key_F3)
    type_chinese(page.turns.editors[-1], SAID)
    bench.qtbot.waitUntil(lambda: bench.context.office.drafts.get("session", CASE) is not None, timeout=3000)
    bench.idle()
    assert "已存在本机" in page._saved.text()
    again = SessionPage(bench.context)
    bench.qtbot.addWidget(again)
    again.open({"case_id": CASE})
    bench.idle()
    assert again.turns.editors[0].toPlainText() == SAID
    assert again.writing is not None
    assert again.writing.turns[0].speaker == 1
    again.leave()
    bench.idle()


def test_names_are_covered_but_recorded_in_full(bench):
    page = opened(bench)
    bench.click(page.people.add_link)
    form = dialog(PersonForm)
    type_chinese(form.name, "吴晓梅")
    form.role.choose("agent")
    form.party.choose(f"{CASE}-respondent")
    bench.click(form.action_button)
    names = [b.accessibleName() for b in page.people.buttons]
    assert any("吴**说话" in name for name in names)
    assert not any("吴晓梅" in name for name in names)
    assert page.writing is not None
    assert page.writing.present[-1] == cf.Present(label="吴晓梅", role="agent", party_id=f"{CASE}-respondent")


def test_changing_the_speaker_of_an_empty_turn_and_taking_it_away(bench):
    page = opened(bench)
    bench.key(Qt.Key.Key_F2)
    bench.key(Qt.Key.Key_F3)
    assert page.writing is not None
    assert [t.speaker for t in page.writing.turns] == [1]
    bench.key(Qt.Key.Key_Backspace)
    assert page.writing.turns == []
    assert page.turns.empty.isVisible()
    assert bench.focus() is page.turns.editors[0]
    page.draft.flush()
    bench.idle()
    assert bench.context.office.drafts.get("session", CASE) is None


def test_a_pasted_photograph_becomes_evidence(bench):
    page = opened(bench)
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(0x88AA66)
    mime = QMimeData()
    mime.setImageData(image)
    QGuiApplication.clipboard().setMimeData(mime)
    bench.key(Qt.Key.Key_V, CTRL)
    form = dialog(FileForm)
    form.title.selectAll()
    type_chinese(form.title, "过道墙面")
    bench.click(form.action_button)
    assert [a.title for a in page.evidence.attachments] == ["客厅墙面", "过道墙面"]
    assert page.evidence.attachments[1].role == "photo"
    # Python's own data would outlive Python there.
    QGuiApplication.clipboard().clear()


def test_what_is_typed_before_anybody_was_chosen_is_the_first_persons(bench):
    page = opened(bench)
    assert page.writing is not None
    bench.click(page.steps.told_button)
    page.draft.flush()
    bench.idle()
    assert page.writing.turns == []
    grab(bench.shell, "session-fresh")
    type_chinese(bench.focus(), "先说说")
    bench.qtbot.keyClicks(bench.focus(), "A")
    assert [(t.speaker, t.text, t.step) for t in page.writing.turns] == [(0, "先说说A", 2)]
    assert not page.turns.empty.isVisible()
    bench.key(Qt.Key.Key_F3)
    assert [t.speaker for t in page.writing.turns] == [0, 1]


def test_a_phrase_goes_where_the_cursor_stands(bench):
    page = opened(bench)
    page.inserting._inserter("双方没有异议。")()
    assert page.turns.editors[-1].toPlainText() == "双方没有异议。"
    assert page.writing is not None
    assert [t.text for t in page.writing.turns] == ["双方没有异议。"]


def test_a_case_that_is_over_is_only_read(bench):
    incoming(bench.workplace, "case-7", state="failed", title="旧事")
    bench.show("session", case_id="case-7")
    page = bench.shell.current
    assert page.end_button.unavailable
    assert page.problem.isVisible()
    bench.key(Qt.Key.Key_F2)
    assert page.turns.editors == []


SECRET = "申请人私下说，三千元就肯了结"


def texts(page) -> str:
    """All words on the page that can be seen."""
    seen = [w.text() for w in page.findChildren(QLabel) if w.isVisible()]
    return "".join(seen + [e.toPlainText() for e in page.findChildren(QTextEdit) if e.isVisible()])


def test_a_separate_talk_is_sealed_and_folded_away_on_leaving_it(bench):
    page = opened(bench)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    bench.click(page.caucus.apart)
    assert "口令和恢复码都丢了" in texts(page)
    type_chinese(page.caucus.pane.editor, SECRET)
    caucus = bench.context.office.caucus
    bench.qtbot.waitUntil(lambda: bool(caucus.list(CASE)), timeout=5000)
    type_chinese(page.caucus.pane.editor, "，不要声张")
    bench.key(Qt.Key.Key_F3)
    assert SECRET not in texts(page)
    assert page.turns.isVisible()
    bench.idle()
    assert [note.text for note in caucus.list(CASE)] == [f"{SECRET}，不要声张"]
    bench.click(page.caucus.apart)
    assert SECRET not in texts(page)
    bench.click(page.findChild(LinkButton, "session.caucus.note0.toggle"))
    assert SECRET in texts(page)
    grab(bench.shell, "session-apart")
    assert_looks(page)
    page.cover()
    bench.idle()
    assert SECRET not in texts(page)
    kept = bench.context.office.drafts.get("session", CASE)
    assert kept is None or SECRET not in str(kept.body)


def test_a_separate_talk_stays_with_its_case(bench):
    incoming(bench.workplace, "case-2")
    page = opened(bench)
    bench.click(page.caucus.apart)
    type_chinese(page.caucus.pane.editor, SECRET)
    bench.show("session", case_id="case-2")
    assert SECRET not in texts(page)
    bench.idle()
    caucus = bench.context.office.caucus
    assert [note.text for note in caucus.list(CASE)] == [SECRET]
    assert caucus.list("case-2") == ()


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_it_can_be_read_in_every_look(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    page = opened(bench)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    bench.click(page.inserting.fact)
    grab(bench.shell, f"session-{mode}-{round(scale * 100)}")
    assert_looks(page)


def test_a_long_name_beside_the_words_keeps_its_beginning_and_is_whole_in_the_tool_tip(qtbot, look):
    turns = TurnList(look, lambda: at(11, 23, 14))
    qtbot.addWidget(turns)
    firm = cf.Present(label="云杉路教育咨询有限公司", role="respondent", party_id="p2")
    party = cf.Party(
        party_id="p2", case_id=CASE, side="respondent", ordinal=1, name=firm.label, kind="organisation"
    )
    begun = at(11, 23, 14)
    turns.load(
        Writing(started_at=begun, present=[firm], turns=[Turn(speaker=0, at=begun)]), [party], locked=False
    )
    turns.resize(700, 300)
    turns.show()
    settle()
    (name,) = [one for one in turns.findChildren(ElidedText) if one.text()]
    assert name.text() == "某教育咨询公司"
    assert name.elided
    assert name.toolTip() == name.text()


def test_what_a_full_disk_did_not_take_is_tried_again_and_found_meanwhile(bench):
    page, drafts = opened(bench), bench.context.office.drafts
    with full_disk(SimpleNamespace(folder=bench.workplace.folder, office=bench.context.office), 0):
        bench.key(Qt.Key.Key_F3)
        type_chinese(page.turns.editors[-1], SAID)
        bench.qtbot.waitUntil(lambda: drafts.unkept == 1, timeout=9000)
        bench.idle()
        assert "没有存住" in page._saved.text()
        page.leave()
        bench.idle()
        assert SAID in str(drafts.get("session", CASE).body), "where one comes back to it, it is there"
        page.draft.stop()
        bench.idle()
    bench.qtbot.waitUntil(lambda: drafts.unkept == 0, timeout=9000)
    bench.idle()
    assert SAID in str(drafts.get("session", CASE).body)
    assert "已存在本机" in page._saved.text()
    assert bench.failures == [], "said in the page, not in a dialog over it"


def test_an_undo_shows_the_record_again_where_another_one_was_begun_meanwhile(bench):
    page = opened(bench)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], SAID)
    bench.click(page.steps.told_button)
    bench.key(Qt.Key.Key_Return, CTRL | SHIFT)
    form = ending(bench)
    form.fields["result"].editor.choose("not_agreed")
    bench.click(form.action_button)
    dialog(PaperDialog).reject()
    again = opened(bench)
    assert again.writing.turns == []
    bench.click(bench.shell.toast.action)
    assert [turn.text for turn in again.writing.turns] == [SAID]
    assert again.turns.editors[-1].toPlainText() == SAID


def test_who_was_to_be_added_is_there_again_after_esc(bench):
    page = opened(bench)
    bench.click(page.people.add_link)
    form = dialog(PersonForm)
    type_chinese(form.name, "吴晓梅")
    form.role.choose("agent")
    form.reject()
    bench.idle()
    left = next(one for one in bench.context.office.drafts.unfinished() if one.kind == "person")
    key, params = today_routes.of_draft(left)
    bench.show(key, **params)
    form = dialog(PersonForm)
    assert (form.name.text(), form.role.value) == ("吴晓梅", "agent")
    bench.click(form.action_button)
    assert page.writing.present[-1].label == "吴晓梅"
    assert bench.context.office.drafts.get("person", CASE) is None

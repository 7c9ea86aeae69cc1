"""办件箱 in the window: contact by mouse and by keyboard, drafts, reveal, waiver, handing back, receiving."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from app.clock import SHANGHAI
from app.domain import casefile as cf
from app.domain.errors import SIGN_IN
from app.services.attachments import Attachments, FileEntry
from app.services.cases import Cases
from app.services.daybreak import Daybreak
from app.services.deciding import ContactEntry, Deciding
from app.services.drafts import Drafts
from app.services.line_state import LAST_ERROR_CODE
from app.services.port_state import LAST_ERROR, LAST_SUCCESS, NEXT_ATTEMPT
from app.storage import kv
from sync.engine.loop import LoopState
from tests.faults.disks import full_disk
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import assert_looks, assert_not_clipped, grab, settle
from ui import labels
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.reason import ReasonDialog
from ui.dialogs.viewer import ViewerDialog
from ui.pages import inbox_data, today_routes
from ui.pages.inbox import InboxPage
from ui.pages.inbox_list import GAP, last_words
from ui.pages.working import BEHIND, TAKEN
from ui.widgets.base import Text
from ui.widgets.states import InfoBar

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def empty(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(InboxPage(made.context))
    yield made
    made.close()


@pytest.fixture
def bench(empty):
    place = empty.workplace
    incoming(place, "case-1", title="小区停车费涨价", dispute_kind="property")
    incoming(place, "case-2", title="网课退费", received_at=at(20, 16, 55))
    incoming(place, "case-3", title="老宅继承分割", received_at=at(23, 8, 30))
    return empty


def page_of(bench: Bench) -> InboxPage:
    page = bench.shell.current
    assert isinstance(page, InboxPage)
    return page


def state(bench: Bench, case_id: str = "case-1") -> str:
    return Cases(bench.workplace.desk).open(case_id).head.state


def contacts(bench: Bench, case_id: str = "case-1") -> list[cf.Contact]:
    return [body for _, body in Cases(bench.workplace.desk).open(case_id).file.of_type(cf.Contact)]


def test_the_list_is_in_order_of_deadline_and_says_what_today_needs(bench):
    bench.show("inbox")
    page = page_of(bench)
    assert [line.title for line in page.lines.lines] == ["小区停车费涨价", "网课退费", "老宅继承分割"]
    assert page.lines.lines[0].tag.text == "今天到期"
    assert page._subtitle.text() == "平台转来 3 件要处理，其中 1 件今天要联系到人。"
    assert page.detail.case_id == "case-1"
    assert page.detail.form.strip.title.text() == "今天下班前要联系到被申请人"
    assert "陈秀英" not in page.lines.lines[0].spoken


def test_reached_by_its_key_the_first_line_is_marked_and_has_the_keyboard(bench):
    bench.show("inbox")
    lines = page_of(bench).lines
    assert [index.row() for index in lines.selectionModel().selectedIndexes()] == [0]
    assert lines.currentIndex().row() == 0
    assert bench.focus() is lines
    lines.clearSelection()
    page_of(bench).tabs.setFocus()
    lines.setFocus()
    assert [index.row() for index in lines.selectionModel().selectedIndexes()] == [0]


def test_contact_by_mouse_leads_to_the_decision(bench):
    """Journey B up to the decision: reveal, reason, willing, save: 4 clicks after the row's button."""
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    form = page.detail.form
    phone = form.respondent.phone
    bench.click(phone.button)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = menu.actions()[0]
    bench.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    bench.idle()
    assert phone.chip.text == "13900000275"
    assert ("reveal.field", '{"field":"phone","reason":"contact"}') in bench.audit()
    bench.click(form.results.cards["willing"])
    assert page.detail.primary.text() == "存好，去决定受理"
    bench.click(page.detail.primary)
    assert bench.went[-1] == ("decide", {"case_id": "case-1", "to": "accept"})
    assert state(bench) == "deciding"
    assert bench.undelivered() == ["contact.record"]
    assert bench.shell.toast.text.text() == "已存好，10 秒后发送。"
    bench.click(bench.shell.toast.action)
    assert state(bench) == "received"
    assert bench.undelivered() == []


def test_contact_by_keyboard_alone(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.key(Qt.Key.Key_M, ALT)
    bench.key(Qt.Key.Key_1)
    assert page.detail.form.respondent.phone.chip.text == "13900000275"
    bench.key(Qt.Key.Key_1, ALT)
    assert page.detail.form.results.value == "willing"
    bench.key(Qt.Key.Key_Return, CTRL)
    bench.qtbot.waitUntil(lambda: bool(bench.went))
    assert bench.went[-1][0] == "decide"
    assert contacts(bench)[0].result == "willing"


def test_an_unwilling_answer_needs_its_reason_and_leads_to_the_refusal(bench):
    bench.show("inbox", case_id="case-1")
    form = page_of(bench).detail.form
    bench.key(Qt.Key.Key_2, ALT)
    bench.click(page_of(bench).detail.primary)
    assert form.fields["said"].message.text().startswith("写一句对方说的理由")
    assert bench.focus() is form.said
    type_chinese(form.said, "说已经和解，不用调解")
    bench.click(page_of(bench).detail.primary)
    assert bench.went[-1] == ("decide", {"case_id": "case-1", "to": "refuse", "ground": "N3"})
    assert contacts(bench)[0].said == "说已经和解，不用调解"


def test_the_second_contact_of_a_minute_stands_above_the_first(bench):
    bench.workplace.clock.advance(dt.timedelta(seconds=20))
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    form = page.detail.form
    bench.click(form.results.cards["unreached"])
    type_chinese(form.said, "第 1 次")
    bench.click(page.detail.primary)
    bench.workplace.clock.advance(dt.timedelta(seconds=10))
    bench.click(form.results.cards["unreached"])
    type_chinese(form.said, "第 2 次")
    page.detail.keeper.flush()
    bench.idle()
    # Read anew from its draft, which knows the time to the minute.
    bench.show("inbox", case_id="case-1")
    bench.click(page.detail.primary)
    assert [one.said for one in contacts(bench)] == ["第 1 次", "第 2 次"]


def test_not_reached_reminds_on_the_next_working_day(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.key(Qt.Key.Key_3, ALT)
    assert page.detail.primary.text() == "存好，明天 9 点提醒我"
    bench.click(page.detail.primary)
    (contact,) = contacts(bench)
    assert contact.remind_at == dt.datetime(2026, 11, 24, 1, tzinfo=dt.UTC)
    assert state(bench) == "contacting"
    assert page.detail.form.results.value == ""
    assert page.detail.application._contacts.count() == 1
    bench.workplace.clock.set(at(24, 8))
    board = bench.context.office.today.board()
    assert ("再联系被申请人", "小区停车费涨价") in [(i.title, i.detail) for i in board.schedule]


@pytest.mark.parametrize("said", ["considering", "willing"])
def test_tried_again_in_vain_after_the_respondent_was_reached_nothing_is_overdue(bench, said):
    deciding = Deciding(bench.workplace.desk)
    reached = ContactEntry("case-1-respondent", "phone", said, at(20, 10, 20), "接了", dt.date(2026, 12, 4))
    vain = ContactEntry("case-1-respondent", "phone", "unreached", at(23, 9, 20), "没有人接")
    for entry in (reached, vain):
        deciding.record_contact("case-1", entry)
    bench.workplace.clock.set(at(23, 10) + dt.timedelta(days=9))
    Daybreak(bench.workplace.desk).renew()
    bench.show("inbox", case_id="case-1", tab="waiting" if said == "considering" else "todo")
    page = page_of(bench)
    line = next(one for one in page.lines.lines if one.case_id == "case-1")
    assert "超期" not in line.tag.text
    assert line.standing == {"considering": "等答复", "willing": "待决定"}[said]
    assert page._subtitle.text().endswith("其中 2 件今天要联系到人。"), "the two others, whom nobody reached"
    strip = page.detail.form.strip
    assert strip.title.text() == "11月20日已经联系到被申请人，在期限内"
    if said == "willing":
        assert "结果：愿意调解。接了" in page.detail.settled_text.text()
    board = bench.context.office.today.board()
    assert "case-1" not in [row.case_id for row in board.today]


def test_what_is_due_without_a_call_is_not_counted_as_a_call(bench):
    entry = ContactEntry(
        "case-1-respondent", "phone", "considering", at(20, 10, 20), "想想", dt.date(2026, 11, 23)
    )
    Deciding(bench.workplace.desk).record_contact("case-1", entry)
    bench.workplace.clock.set(at(24, 10))
    Daybreak(bench.workplace.desk).renew()
    bench.show("inbox")
    assert page_of(bench)._subtitle.text() == "平台转来 3 件要处理，其中 1 件今天到期。"


def test_on_a_friday_the_word_that_it_is_kept_stays_whole(bench):
    bench.workplace.clock.set(at(27, 5, 42))
    bench.shell.resize(1440, 869)
    bench.show("inbox", case_id="case-1")
    detail = page_of(bench).detail
    bench.key(Qt.Key.Key_3, ALT)
    type_chinese(detail.form.said, "没有人接")
    bench.qtbot.waitUntil(lambda: detail.saved.text() == "05:42 已存本机")
    assert detail.primary.text() == "存好，11月30日 9 点提醒我"
    assert detail.saved.elided, "there is no room for all of it"
    assert detail.saved.shown == "已存本机"
    bench.key(Qt.Key.Key_4, ALT)
    settle()
    assert detail.saved.shown == "05:42 已存本机"


def test_what_says_least_gives_way_first_in_the_last_row_of_a_line():
    line = inbox_data.Line(
        "c", "", labels.APPROVING, "", "11月18日 05:42 收到", "待决定（机构设定 5 个工作日）"
    )
    ways = {
        31: ("11月18日 05:42 收到", "待决定（机构设定 5 个工作日）"),
        30: ("11月18日 05:42", "待决定（机构设定 5 个工作日）"),
        27: ("11月18日 05:42", "待决定"),
        14: ("11月18日", "待决定"),
        5: ("11月18日", "待决定"),
    }
    assert {room: last_words(line, len, room + GAP) for room in ways} == ways


def test_a_walk_in_is_told_apart_and_not_sent_back_to_a_platform_it_never_came_from(bench):
    incoming(bench.workplace, "case-9", title="楼道堆物", source="walk_in", intake_no="")
    bench.show("inbox", case_id="case-9")
    page = page_of(bench)
    assert page._subtitle.text() == "平台转来 3 件、来访 1 件要处理，其中 2 件今天要联系到人。"
    assert page.detail.hand_back.unavailable == "不是平台转来的，没有可退的；不办就写不予受理"
    shown = [one.text() for one in page.detail.application.findChildren(Text)]
    assert "梧桐里街道" not in shown, "the institution's own township is not where it happened"
    incoming(bench.workplace, "case-10", title="雨棚遮挡", source="walk_in", occurred_place="梧桐里小区北门")
    bench.show("inbox", case_id="case-10")
    assert "梧桐里小区北门" in [one.text() for one in page.detail.application.findChildren(Text)]


def test_pressed_again_while_it_waits_it_is_done_once(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.click(page.detail.form.results.cards["unreached"])
    with bench.behind_another_write():
        page.detail.primary.click()
        bench.qtbot.waitUntil(lambda: bench.shell.toast.text.text() == BEHIND)
        page.detail.primary.click()
        settle()
        assert bench.shell.toast.text.text() == TAKEN
    assert len(contacts(bench)) == 1
    assert bench.shell.toast.text.text() == "已存好，10 秒后发送。"
    bench.click(page.detail.form.results.cards["unreached"])
    bench.click(page.detail.primary)
    assert len(contacts(bench)) == 2, "the next one is another"


def test_a_draft_that_was_about_to_be_kept_does_not_come_back_behind_its_contact(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    with bench.behind_another_write():
        bench.qtbot.keyClick(page, Qt.Key.Key_3, ALT)
        assert page.detail.form.results.value == "unreached"
        page.detail.primary.click()
        bench.qtbot.waitUntil(lambda: not page.detail.keeper.due)
    assert len(contacts(bench)) == 1
    assert Drafts(bench.workplace.desk).get("contact", "case-1") is None
    assert page.detail.form.results.value == ""


def test_what_was_said_of_a_full_disk_is_taken_back_when_it_has_room_again(bench):
    bench.show("inbox", case_id="case-1")
    page, drafts = page_of(bench), bench.context.office.drafts
    with full_disk(SimpleNamespace(folder=bench.workplace.folder, office=bench.context.office), 0):
        type_chinese(page.detail.form.said, "说下午回电")
        bench.qtbot.waitUntil(lambda: drafts.unkept == 1, timeout=9000)
        bench.idle()
        assert "没有存住" in page._saved.text()
        assert page.detail.saved.text() == "还没有存住"
        bar = next(one for one in page.findChildren(InfoBar) if one.objectName() == "inbox.unkept")
        assert bar.title.text() == "本机磁盘满了，写的还没有存住"
        assert bar.text.text().startswith("请腾出一些空间（例如清空回收站、移走大文件）。写的字都还在这一页")
        assert bench.focus() is page.detail.form.said, "nothing came between the hands and the page"
        grab(bench.shell, "inbox-unkept")
        assert_not_clipped(page)
    bench.qtbot.waitUntil(lambda: drafts.unkept == 0, timeout=9000)
    bench.idle()
    assert page._saved.text() == ""
    assert not bar.isVisible()
    assert "已存本机" in page.detail.saved.text()
    assert bench.failures == []


@pytest.mark.parametrize("width", [1440, 1366, 1330])
def test_what_is_said_at_the_foot_gives_way_to_its_buttons(bench, width):
    bench.workplace.clock.set(at(27, 10))
    bench.show("inbox", case_id="case-1")
    bench.shell.resize(width, 869)
    page = page_of(bench)
    bench.click(page.detail.form.results.cards["unreached"])
    bench.qtbot.waitUntil(lambda: "已存本机" in page.detail.saved.text(), timeout=4000)
    bench.idle()
    assert page.detail.primary.text() == "存好，11月30日 9 点提醒我"
    for button in (page.detail.only_save, page.detail.primary):
        assert button.width() >= button.sizeHint().width(), button.text()
        assert button.parentWidget().rect().contains(button.geometry()), button.text()
        assert page.detail.visibleRegion().contains(
            QRect(button.mapTo(page.detail, QPoint()), button.size()).center()
        )


def test_thinking_it_over_moves_it_to_waiting(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.click(page.detail.form.results.cards["considering"])
    bench.click(page.detail.primary)
    assert page.detail.form.fields["reply_by"].message.text().startswith("约一个答复的日子")
    bench.qtbot.keyClicks(page.detail.form.reply_by.edit, "11-26")
    bench.click(page.detail.primary)
    assert contacts(bench)[0].reply_by == dt.date(2026, 11, 26)
    assert "case-1" not in [line.case_id for line in page.lines.lines]
    bench.qtbot.mouseClick(page.tabs._buttons["waiting"], Qt.MouseButton.LeftButton)
    bench.idle()
    assert [line.standing for line in page.lines.lines] == ["等答复"]
    assert page.tabs._buttons["waiting"].text() == "等答复 1"


def test_what_is_typed_survives_leaving_changes_and_other_cases(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.key(Qt.Key.Key_1, ALT)
    type_chinese(page.detail.form.said, "愿意坐下来谈")
    bench.changed("cases", "tasks")
    assert page.detail.form.said.toPlainText() == "愿意坐下来谈"
    page.lines.choose("case-2")
    bench.idle()
    assert page.detail.form.said.toPlainText() == ""
    draft = Drafts(bench.workplace.desk).get("contact", "case-1")
    assert draft is not None
    assert draft.body["said"] == "愿意坐下来谈"
    page.lines.choose("case-1")
    bench.idle()
    assert page.detail.form.said.toPlainText() == "愿意坐下来谈"
    assert page.detail.form.results.value == "willing"
    assert "已存本机" in page.detail.saved.text()


def test_typing_is_kept_by_itself_after_a_pause(bench):
    bench.show("inbox", case_id="case-1")
    type_chinese(page_of(bench).detail.form.said, "说下午回电")
    drafts = Drafts(bench.workplace.desk)
    bench.qtbot.waitUntil(lambda: drafts.get("contact", "case-1") is not None, timeout=4000)


def test_the_waiver_needs_a_reason_and_opens_the_third_step(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.click(page.detail.waive)
    why = dialog(ReasonDialog)
    bench.click(why.choices.cards["N2"])
    bench.click(why.action_button)
    assert state(bench) == "deciding"
    assert Cases(bench.workplace.desk).open("case-1").head.contact_waiver == "其他机关已受理或已解决。"
    assert bench.went[-1] == ("decide", {"case_id": "case-1", "to": "refuse", "ground": "N2"})
    bench.qtbot.waitUntil(lambda: page.detail.settled_title.text() == "该决定受理或不予受理了")
    assert page.detail.primary.text() == "去决定受理或不予受理"


def test_handing_back_asks_why_and_confirms(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.click(page.detail.hand_back)
    why = dialog(ReasonDialog)
    type_chinese(why.text, "双方都住在另一个街道")
    bench.click(why.action_button)
    assert dialog(ConfirmDialog).back_button is bench.focus()
    bench.key(Qt.Key.Key_Return)
    assert state(bench) == "received"
    bench.click(why.action_button)
    entry = ContactEntry("case-1-respondent", "phone", "unreached", at(23, 9, 20), "没有人接")
    Deciding(bench.workplace.as_person("p-he")).record_contact("case-1", entry)
    bench.changed("cases")
    bench.click(dialog(ConfirmDialog).action_button)
    assert state(bench) == "contacting", "a colleague called meanwhile: it is looked at first"
    assert why.text.toPlainText() == "双方都住在另一个街道"
    bench.click(why.action_button)
    bench.key(Qt.Key.Key_Tab)
    bench.key(Qt.Key.Key_Return)
    assert state(bench) == "handed_back"
    assert bench.undelivered() == ["contact.record", "case.hand_back"]
    assert Drafts(bench.workplace.desk).get("hand_back", "case-1") is None
    bench.qtbot.mouseClick(page.tabs._buttons["refused"], Qt.MouseButton.LeftButton)
    bench.idle()
    assert [line.tag.text for line in page.lines.lines] == ["已退回"]
    assert "双方都住在另一个街道" in page.detail.settled_text.text()


def test_a_reason_left_half_written_comes_back(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.click(page.detail.hand_back)
    type_chinese(dialog(ReasonDialog).text, "写了一半")
    bench.key(Qt.Key.Key_Escape)
    bench.click(page.detail.hand_back)
    again = dialog(ReasonDialog)
    assert again.text.toPlainText() == "写了一半"
    again.reject()
    bench.idle()
    key, params = today_routes.of_draft(bench.context.office.drafts.unfinished()[0])
    bench.show(key, **params)
    again = dialog(ReasonDialog)
    assert again.windowTitle() == "退回平台", "接着写 opens what was being written"
    assert again.text.toPlainText() == "写了一半"
    again.reject()


def test_attachments_open_in_memory_and_identity_papers_ask_why(bench):
    files = Attachments(bench.workplace.desk)
    files.add_bytes(
        "case-1", "缴费凭证三张".encode(), "note.txt", "text/plain", FileEntry("evidence", "缴费凭证")
    )
    files.add_bytes(
        "case-1", b"\x89PNG\r\n\x1a\n not really", "id.png", "image/png", FileEntry("identity", "申请人证件")
    )
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    assert page.detail.application.files.text() == "缴费凭证等 2 个"
    bench.click(page.detail.application.files)
    viewer = dialog(ViewerDialog)
    bench.qtbot.waitUntil(lambda: viewer.text.toPlainText() == "缴费凭证三张")
    viewer.list.setCurrentRow(1)
    bench.idle()
    assert viewer.content == b""
    bench.key(Qt.Key.Key_2)
    bench.qtbot.waitUntil(lambda: "打不开" in viewer.message.text())
    assert ("reveal.attachment", '{"reason":"verify"}') in bench.audit()
    page.leave()
    settle()
    assert page.steps._viewer is None


def test_revealing_ends_on_leaving_and_the_applicant_can_be_shown_too(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    field = page.detail.application.findChild(
        type(page.detail.form.respondent.phone), "inbox.applicant.phone"
    )
    field.chip.setFocus()
    bench.key(Qt.Key.Key_M, ALT)
    bench.key(Qt.Key.Key_2)
    assert field.chip.text == "13800006612"
    bench.shell.cover_all()
    assert field.chip.text == "138****6612"


def test_a_clerk_may_contact_but_not_hand_back(bench):
    bench.be("p-shen")
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    assert page.detail.hand_back.unavailable.startswith("退回平台由调解员")
    bench.key(Qt.Key.Key_1, ALT)
    bench.click(page.detail.primary)
    assert state(bench) == "deciding"


class Line(QObject):
    """What the page needs of the exchange."""

    result = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.last: LoopState | None = None

    def wake(self) -> None:
        self.asked += 0

    def retry_now(self) -> None:
        self.asked += 1


def test_receiving_shows_its_state_and_an_answer_that_did_not_come(bench):
    line = Line()
    bench.context.sync = line
    bench.show("inbox")
    page = page_of(bench)
    assert page.fresh.text() == "还没有收取过"
    bench.click(page.receive_button)
    assert line.asked == 1
    assert page.receive_button.text() == "正在收取…"

    def silent(conn):
        kv.put(conn, LAST_SUCCESS, "2026-11-23T02:41:00.000Z")
        kv.put(conn, LAST_ERROR, "平台没有应答")
        kv.put(conn, LAST_ERROR_CODE, "E-SERVER")
        kv.put(conn, NEXT_ATTEMPT, "2026-11-23T02:56:00.000Z")

    bench.workplace.desk.store.write(silent)
    line.result.emit(None)
    bench.idle()
    assert page.receive_button.text() == "收取"
    assert page.fresh.text() == "上次收取 10:41"
    assert page.error_bar.title.text() == "没收到新办件：平台没有应答。"
    assert "10:56 再试" in page.error_bar.text.text()
    grab(bench.shell, "inbox-error")
    bench.click(page.error_bar.button)
    assert line.asked == 2

    bench.workplace.desk.store.write(lambda conn: kv.put(conn, LAST_ERROR_CODE, "E-UNREACHABLE"))
    bench.shell.resize(1366, 737)
    line.result.emit(None)
    bench.idle()
    assert page.fresh.text() == "离线，看到的是 10:41 收到的"
    assert page.fresh.shown in (page.fresh.text(), "离线，收于 10:41"), "never cut in the middle of a word"


@pytest.mark.parametrize(
    ("name", "said"), [("online", "已存好，10 秒后发送。"), ("offline", "已存好，联网后自动发送。")]
)
def test_the_notice_says_when_it_really_goes_out(bench, name, said):
    line = Line()
    line.last = LoopState(name)
    bench.context.sync = line
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.click(page.detail.form.results.cards["willing"])
    bench.click(page.detail.primary)
    assert bench.shell.toast.text.text() == said


def test_a_suspended_institution_says_so_and_goes_on(bench):
    from dataclasses import replace

    from app.services.office import Office

    desk = bench.workplace.desk
    closed = replace(desk.institution, status="suspended", status_reason="正在换届")
    bench.context.take_office(Office(replace(desk, institution=closed)))
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    assert page.suspended_bar.isVisible()
    assert page.suspended_bar.title.text() == "平台暂停本机构接收新办件。已收的照常办理。"
    assert "正在换届" in page.suspended_bar.text.text()
    assert not page.receive_button.unavailable, "asked by hand whether it is over"
    since = replace(closed, status_since="2026-11-19T17:30:00Z")  # already the 20th in Shanghai
    bench.context.take_office(Office(replace(desk, institution=since)))
    bench.changed("institution")
    assert page.suspended_bar.title.text() == "平台自 11月20日起暂停本机构接收新办件。已收的照常办理。"


def test_a_contact_in_time_takes_the_alarm_away(bench):
    at = dt.datetime(2026, 11, 20, 10, 38, tzinfo=SHANGHAI)
    entry = ContactEntry("case-1-respondent", "phone", "considering", at, reply_by=dt.date(2026, 11, 25))
    Deciding(bench.workplace.desk).record_contact("case-1", entry)
    bench.show("inbox", case_id="case-1")
    strip = page_of(bench).detail.form.strip
    assert strip.title.text() == "11月20日已经联系到被申请人，在期限内"
    assert strip.property("status") == "ok"


def test_nothing_to_do_says_so(empty):
    empty.show("inbox")
    page = page_of(empty)
    assert page.empty.text.text() == "没有要处理的办件。平台转来时会出现在这里。"
    grab(empty.shell, "inbox-empty")
    assert_not_clipped(page)


@pytest.mark.parametrize(
    ("mode", "scale", "size"),
    [
        ("light", 1.0, (1440, 869)),
        ("dark", 1.0, (1440, 869)),
        ("highContrast", 1.0, (1366, 637)),
        ("light", 1.25, (1366, 737)),
        ("light", 1.5, (1366, 737)),
    ],
)
def test_it_can_be_read_in_every_look(bench, plain_look, mode, scale, size):
    Deciding(bench.workplace.desk).record_contact(
        "case-1",
        ContactEntry("case-1-respondent", "phone", "unreached", at(19, 10, 20), "总机转接，负责人外出"),
    )
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.key(Qt.Key.Key_1, ALT)
    type_chinese(
        page.detail.form.said,
        "服务处经理接听，愿意坐下来谈，希望安排在周四以后；会带停车位收费的公示材料来。",
    )
    grab(bench.shell, f"inbox-{mode}-{round(scale * 100)}")
    assert_looks(page)
    if scale == 1.5:
        page.toggle_side()
        grab(bench.shell, "inbox-drawer-150")
        heads = [t for t in page.drawer.findChildren(Text) if t.isVisible() and t.text() == "申请内容"]
        assert len(heads) == 1, "the drawer's head says what it holds"
        assert page.detail.application.isVisible()
        page.drawer.close_drawer(at_once=True)
        plain_look.metrics.set_scale(1.0)
        bench.shell.resize(1440, 869)
        bench.idle()
        assert page.detail.application.isVisible()
        assert page.detail.primary.isVisible()


@pytest.mark.parametrize("mode", ["light", "highContrast"])
def test_a_long_title_costs_none_of_the_other_words(bench, plain_look, mode):
    title = "楼上装修漏水泡坏吊顶和地板要求赔偿"
    incoming(bench.workplace, "case-4", title=title, received_at=at(23, 9, 5))
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(1.5)
    bench.shell.resize(1366, 737)
    bench.show("inbox", case_id="case-4")
    lines = page_of(bench).lines
    high = {
        line.title: lines.visualRect(lines.model().index(number, 0)).height()
        for number, line in enumerate(lines.lines)
    }
    grab(bench.shell, f"inbox-long-{mode}-150")
    assert high[title] > high["网课退费"], "the tag has a row of its own"
    rows = [lines.visualRect(lines.model().index(number, 0)) for number in range(len(lines.lines))]
    assert all(above.bottom() < below.top() for above, below in pairwise(rows))


def test_what_is_wrong_with_the_moment_is_said_whole_and_led_to(bench):
    bench.show("inbox", case_id="case-1")
    form = page_of(bench).detail.form
    day, clock = form.at.boxes
    was, high = day.text(), day.height()
    form.choose("willing")
    day.setFocus()
    day.setText("abc")
    bench.key(Qt.Key.Key_Tab)
    message = form._date_problem.message
    assert "没有看懂" in message.text()
    assert day.property("invalid")
    assert message.height() >= message.heightForWidth(message.width()), "each of its lines"
    assert day.height() == high
    beside = form.channel.parentWidget().label
    labels = (beside, form._date_problem.label)
    assert len({one.mapTo(form, one.rect().center()).y() for one in labels}) == 1
    assert_not_clipped(page_of(bench))
    grab(bench.shell, "inbox-moment-wrong")
    day.setText(was)
    clock.setText("99:99")
    form._said.editor.setFocus()
    bench.key(Qt.Key.Key_Return, CTRL)
    assert bench.focus() is clock, "the correction goes to the time, not over the day"
    assert (day.property("invalid"), clock.property("invalid")) == (False, True)
    clock.selectAll()
    bench.qtbot.keyClicks(bench.focus(), "14:30")
    assert (day.text(), clock.text()) == (was, "14:30")


def test_at_150_percent_what_is_chosen_and_what_is_lacking_come_to_sight(bench, plain_look):
    plain_look.metrics.set_scale(1.5)
    bench.shell.resize(1366, 700)
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    form = page.detail.form

    def seen(widget) -> bool:
        return widget.isVisible() and widget.visibleRegion().boundingRect().height() == widget.height()

    bench.key(Qt.Key.Key_Return, CTRL)
    assert form.result_problem.text() == "选一个结果，再存。"
    assert seen(form.result_problem)
    for key, result in ((Qt.Key.Key_4, "considering"), (Qt.Key.Key_1, "willing")):
        bench.key(key, ALT)
        assert form.results.value == result
        assert seen(form.results.cards[result]), result


@pytest.mark.parametrize(("scale", "size"), [(1.0, (1440, 869)), (1.5, (1366, 737))])
def test_a_missing_reason_is_said_to_be_needed_and_comes_into_sight(bench, plain_look, scale, size):
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    form, field = page.detail.form, page.detail.form.fields["said"]
    bench.click(form.strip.how)
    bench.key(Qt.Key.Key_2, ALT)
    assert "可不填" not in [label.text() for label in field.findChildren(QLabel)]
    bench.key(Qt.Key.Key_Return, CTRL)
    assert bench.focus() is form.said
    for part in (field.label, form.said, field.message):
        assert part.visibleRegion().boundingRect().size() == part.size(), part.objectName()
    bench.key(Qt.Key.Key_1, ALT)
    assert "可不填" in [label.text() for label in field.findChildren(QLabel)]


def test_an_expired_sign_in_leads_to_where_one_signs_in(bench):
    def expired(conn):
        kv.put(conn, LAST_SUCCESS, "2026-11-23T02:41:00.000Z")
        kv.put(conn, LAST_ERROR, "登录已过期。写的都在本机。")
        kv.put(conn, LAST_ERROR_CODE, SIGN_IN)

    bench.workplace.desk.store.write(expired)
    bench.show("inbox")
    page = page_of(bench)
    assert page.error_bar.title.text() == "没收到新办件：登录已过期。"
    assert "自动" not in page.error_bar.text.text()
    assert page.error_bar.button.text() == "去同步中心"
    bench.click(page.error_bar.button)
    assert bench.went[-1] == ("sync", {})


def test_an_undo_shows_the_contact_in_the_form_again(bench):
    bench.show("inbox", case_id="case-1")
    page = page_of(bench)
    bench.key(Qt.Key.Key_3, ALT)
    type_chinese(page.detail.form.said, "响了八声没有人接")
    bench.click(page.detail.primary)
    assert page.detail.form.said.toPlainText() == ""
    bench.click(bench.shell.toast.action)
    form = page.detail.form
    assert (form.results.value, form.said.toPlainText()) == ("unreached", "响了八声没有人接")
    bench.key(Qt.Key.Key_4, ALT)
    page.leave()
    bench.idle()
    kept = bench.context.office.drafts.get("contact", "case-1").body
    assert (kept["result"], kept["said"]) == ("considering", "响了八声没有人接")


def test_an_undo_of_the_waiver_gives_its_reason_back(bench):
    bench.show("inbox", case_id="case-1")
    bench.click(page_of(bench).detail.waive)
    asked = dialog(ReasonDialog)
    type_chinese(asked.text, "双方都在场，当面说过了")
    bench.click(asked.action_button)
    assert bench.context.office.drafts.get("waive", "case-1") is None
    bench.click(bench.shell.toast.action)
    bench.show("inbox", case_id="case-1")
    bench.click(page_of(bench).detail.waive)
    assert dialog(ReasonDialog).text.toPlainText() == "双方都在场，当面说过了"
    dialog(ReasonDialog).reject()
    bench.idle()

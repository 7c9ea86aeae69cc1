"""两处写法不同 in the window: what is typed survives, decisions side by side, settled ones looked up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from sqlalchemy import select, update

from app.services.disputes import to_json
from app.services.handling import Handling
from app.services.parties import Parties
from app.services.today import Today
from app.storage.tables import conflicts
from tests.helpers.choosing import (
    BOTH,
    bench_with_two,
    choice_of,
    drafts,
    in_words,
    look_at,
    moves_on,
    page_of,
    types,
)
from tests.helpers.desks import incoming
from tests.helpers.disputes import conflict, ending, two_endings
from tests.helpers.hands import PERSON
from tests.helpers.pages import Bench, dialog
from tests.helpers.screens import LOOKS, assert_looks, grab
from ui.dialogs.whole_text import WholeTextDialog
from ui.pages import today_routes
from ui.pages.case import CasePage
from ui.pages.sync import SyncPage
from ui.pages.sync_own import HOW
from ui.pages.sync_settled import SettledDialog
from ui.pages.sync_table import BEFORE, BEHIND, ROW_HEIGHT, WHY
from ui.pages.sync_take import BY_BOTH
from ui.widgets.buttons import PrimaryButton

AGENT = {"name": "林律师", "phone": "13800001234", "relation": "律师"}


@pytest.fixture
def bench(qtbot, plain_look, tmp_path):
    made = bench_with_two(qtbot, plain_look, tmp_path)
    yield made
    made.close()


# -- what is typed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["put off", "escape", "another page", "covered", "later in the day"])
def test_a_third_value_that_was_begun_is_there_again(bench, way):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    part.writing.text.setPlainText("赔 550 元，分两次")
    if way == "put off":
        bench.click(part.later)
    elif way == "escape":
        bench.key(Qt.Key.Key_Escape)
    elif way == "another page":
        bench.show("case", case_id="case-1")
        page = page_of(bench)
    elif way == "covered":
        # Still in the drawer: the timer keeps it as any other typing.
        page.cover()
        bench.qtbot.waitUntil(lambda: bool(drafts(bench)), timeout=10_000)
    else:
        # Only the timer keeps it: the program is killed then.
        bench.qtbot.waitUntil(lambda: drafts(bench) == {"c1": "赔 550 元，分两次"}, timeout=10_000)
        page.choosing._case_id = ""
    bench.idle()
    assert drafts(bench) == {"c1": "赔 550 元，分两次"}
    part = look_at(bench, page, "c1")
    assert part.writing.text.toPlainText() == "赔 550 元，分两次"
    assert part.choice == "edited", "what was being written is what is gone on with"
    bench.click(part.take)
    assert choice_of(bench, "c1") == "edited"
    assert drafts(bench) == {}


def test_the_row_in_hand_is_the_one_in_the_drawer(bench):
    page = page_of(bench)
    look_at(bench, page, "c1")
    other = next(one for one in bench.context.office.resolving.open_ids() if one != "c1")
    page.open_conflict(other)
    bench.idle()
    assert page.table.current_id == f"conflict:{other}"


def test_a_begun_value_stands_among_what_is_gone_on_with(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    part.writing.text.setPlainText("赔 550 元")
    bench.click(part.later)
    (left,) = bench.context.office.drafts.unfinished()
    assert (today_routes.draft_words(left), left.title) == ("两处不同，我来写", "宠物犬咬伤赔偿")
    key, params = today_routes.of_draft(left)
    bench.show("case", case_id="case-1")
    bench.show(key, **params)
    assert page.conflict.isVisible()
    assert page.conflict.view.case_id == "case-1"
    assert Today(bench.workplace.desk) is not None


def test_a_value_taken_out_again_leaves_no_draft(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    part.writing.text.setPlainText("赔 550 元")
    bench.click(part.later)
    part = look_at(bench, page, "c1")
    part.writing.text.setPlainText("")
    bench.click(part.later)
    assert drafts(bench) == {}
    assert look_at(bench, page, "c1").choice == "mine"


def test_what_was_typed_of_personal_data_shows_only_with_the_reason(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_3)
    part.writing.line.setText("13900000003")
    bench.click(part.later)
    part = look_at(bench, page, "c2")
    assert part.writing.value == ""
    assert part.choice == ""
    bench.key(Qt.Key.Key_1)
    assert (part.writing.value, part.choice) == ("13900000003", "edited")


def test_a_choice_never_carries_over_to_the_next_conflict(bench):
    conflict(bench.workplace, 3, "email", "a@example.com", "b@example.com")
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_2)
    assert part.choice == "theirs"
    bench.key(Qt.Key.Key_Return)
    assert part.view.conflict_id == "c3", "down the list"
    assert part.choice == "", "nothing before the reason"
    bench.key(Qt.Key.Key_2)
    assert part.choice == "mine"
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_Return)
    assert part.view.conflict_id == "c1", "and from its top"
    assert part.choice == "mine", "the usual one, not the one chosen before"


@pytest.mark.parametrize("told", [True, False])
def test_a_choice_is_never_made_on_a_value_that_was_not_seen(bench, told):
    """Whether the drawer heard of it in time or the press was faster."""
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_2)
    moves_on(bench, "c1", "赔 900 元")
    if told:
        bench.changed("conflicts")
    else:
        bench.click(part.take)
    bench.qtbot.waitUntil(lambda: "900" in in_words(part.theirs), timeout=5_000)
    assert choice_of(bench, "c1") == ""
    assert part.moved.isVisible()
    assert part.choice == ""
    assert part.take.unavailable == "先选一个"
    assert_looks(page)
    grab(bench.shell, "sync-moved-on")
    bench.key(Qt.Key.Key_2)
    bench.click(part.take)
    assert choice_of(bench, "c1") == "theirs"


def test_plain_values_that_move_on_are_covered_again(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_1)
    bench.qtbot.waitUntil(lambda: part.plain)
    moves_on(bench, "c2", "13900000009")
    bench.changed("conflicts")
    bench.qtbot.waitUntil(lambda: part.moved.isVisible(), timeout=5_000)
    assert not part.plain
    assert "13900000009" not in in_words(part.theirs)


def test_the_next_conflict_is_not_settled_by_the_same_gesture(bench, monkeypatch):
    """Enter twice: the second would take, or reveal with a reason that nobody gave."""
    page = page_of(bench)
    look_at(bench, page, "c1")
    for name, wait in PERSON.items():
        monkeypatch.setattr(PrimaryButton, name, wait)
    part = page.conflict
    bench.qtbot.waitUntil(lambda: part.take._shown.elapsed() > PERSON["SETTLE_MS"])
    bench.key(Qt.Key.Key_1)
    bench.key(Qt.Key.Key_Return)
    assert choice_of(bench, "c1") == "mine"
    assert part.view is not None
    assert part.view.conflict_id == "c2"
    reveals = [one for one in bench.audit() if "reveal" in str(one)]
    bench.key(Qt.Key.Key_Return)
    bench.key(Qt.Key.Key_1)
    assert part.view.masked
    assert [one for one in bench.audit() if "reveal" in str(one)] == reveals
    assert choice_of(bench, "c2") == ""


def test_the_drawer_counts_in_the_order_of_the_list(bench):
    incoming(bench.workplace, "case-2", title="三楼漏水赔墙面")
    later = {"case_id": "case-2", "doc_id": "case-2", "theirs_at": "2026-11-23T01:20:00.000Z"}
    conflict(bench.workplace, 0, "claims", "修墙", "赔钱", entity="case", **later)
    conflict(bench.workplace, 4, "email", "a@a.cn", "b@a.cn", theirs_at="2026-11-23T00:59:00.000Z")
    page = page_of(bench)
    listed = [row.row_id.partition(":")[2] for row in page.table.rows.rows if row.kind == "conflict"]
    assert listed == ["c0", "c4", "c1", "c2"], "the newest first, those of one case together"
    for number, conflict_id in enumerate(listed, start=1):
        part = look_at(bench, page, conflict_id)
        assert part.about.text().endswith(f"　{number} / 4")


def test_a_line_is_taken_by_both_keys_and_checked_like_any_other(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_3)
    assert bench.focus() is part.writing.line
    part.writing.line.setText("abc 12")
    bench.key(*BOTH)
    assert choice_of(bench, "c2") == ""
    assert "电话" in part.writing.field.message.text()
    part.writing.line.setText("13900000003")
    bench.key(*BOTH)
    assert choice_of(bench, "c2") == "edited"


def test_an_amount_written_anew_is_read_as_people_write_it(bench):
    conflict(bench.workplace, 5, "amount_fen", 580_000, 620_050, entity="case", base=to_json(None))
    page = page_of(bench)
    part = look_at(bench, page, "c5")
    bench.key(Qt.Key.Key_3)
    assert part.writing.line.placeholderText() == "写上对的内容，如 5800"
    part.writing.line.setText("五千多")
    bench.key(*BOTH)
    assert part.writing.field.message.text() == "没有看懂，写成 5800 这样。"
    part.writing.line.setText("6,000.50 元")
    bench.key(*BOTH)
    assert choice_of(bench, "c5") == "edited"
    assert bench.context.office.cases.open("case-1").head.amount_fen == 600_050


def test_after_a_choice_nothing_is_left_of_it_in_the_drawer(bench):
    conflict(bench.workplace, 6, "amount_fen", 580_000, 620_050, entity="case", base=to_json(None))
    page = page_of(bench)
    part = look_at(bench, page, "c6")
    while part.view is not None:
        done = part.view.conflict_id
        if part.view.masked:
            bench.key(Qt.Key.Key_2)
        if done == "c6":
            bench.key(Qt.Key.Key_3)
            types(bench, "600")
            bench.key(Qt.Key.Key_Return)
            assert part.writing.field.message.text() == BY_BOTH, "it floats over nothing"
            types(bench, "0")
            assert part.writing.field.message.text() == HOW
            bench.key(*BOTH)
        else:
            bench.key(Qt.Key.Key_1)
            bench.key(Qt.Key.Key_Return)
        assert choice_of(bench, done) in ("edited", "mine")
        assert part.view is None or part.view.conflict_id != done
        assert part.writing.value == ""
    assert not page.drawer.is_open
    assert page.table.rows.looking == ""
    assert bench.context.office.cases.open("case-1").head.amount_fen == 600_000


def test_several_lines_are_taken_by_control_and_enter(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    assert "Ctrl+Enter" in part.writing.field.message.text()
    part.writing.text.setPlainText("赔 500 元")
    bench.key(Qt.Key.Key_Return)
    assert choice_of(bench, "c1") == ""
    bench.key(*BOTH)
    assert choice_of(bench, "c1") == "edited"


# -- decisions ---------------------------------------------------------------------------------------


@pytest.fixture
def ended(bench):
    place = bench.workplace
    mine = ending(place, "一方多次不来", "赔多少")
    two_endings(place, 9, mine, ending(place, "双方分歧太大", "赔多少"))
    return bench


def test_two_decisions_say_where_they_differ_and_nothing_is_chosen(ended):
    page = page_of(ended)
    row = next(row for row in page.table.rows.rows if row.row_id == "conflict:c9")
    assert row.what == "调解结果"
    part = look_at(ended, page, "c9")
    assert page.drawer.title.text() == "两处办得不一样，请选一个"
    assert in_words(part.mine).startswith("终止原因：一方多次不来，周敏芳，")
    assert in_words(part.theirs).startswith("终止原因：双方分歧太大，沈佳怡，")
    assert "争议焦点" not in part.mine.value.text()
    assert (part.choice, part.take.unavailable) == ("", "先选一个")
    assert not part.own.isVisible()
    ended.key(Qt.Key.Key_1)
    assert part.mine.accessibleName() == "本机写的（不能再选）"
    assert part.choice == "", "mediation has ended: it cannot be ended once more"
    assert "现在是“调解不成”" in part.hint.text()
    above = part.hint.mapTo(part, QPoint(0, 0)).y()
    assert above < part.mine.y(), "why stands in sight before what cannot be chosen"
    assert "记一笔" in part.hint.text()
    ended.click(part.mine.whole)
    whole = dialog(WholeTextDialog)
    said = [text.text() for text in whole.texts]
    assert {"一方多次不来", "赔多少", "可以向法院起诉。"} <= set(said)
    assert_looks(whole)
    grab(whole, "sync-whole")
    whole.accept()
    ended.front()
    ended.key(Qt.Key.Key_2)
    ended.key(Qt.Key.Key_Return)
    assert choice_of(ended, "c9") == "theirs"


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_looks_of_two_decisions(ended, mode, scale, size):
    ended.look.set_mode(mode)
    ended.look.metrics.set_scale(scale)
    ended.shell.resize(*size)
    page = page_of(ended)
    look_at(ended, page, "c9")
    grab(ended.shell, f"sync-decision-{mode}-{round(scale * 100)}")
    assert_looks(page)


def shows(widget: QWidget) -> bool:
    return widget.isVisible() and widget.visibleRegion().boundingRect() == widget.rect()


LONG = "".join(f"{n}. 卫生间顶棚渗水，墙面起皮脱落，木地板翘起，双方看过现场。\n" for n in range(1, 21))


def test_at_150_percent_the_drawer_opens_at_its_top(bench):
    """Of a long text too: which case, which field, which of how many, and whose text it is."""
    conflict(
        bench.workplace, 3, "facts", LONG, f"{LONG}又谈了一次。", "case", theirs_at="2026-11-23T00:56:00.000Z"
    )
    bench.look.metrics.set_scale(1.5)
    bench.shell.resize(1366, 768)
    page = page_of(bench)
    part = look_at(bench, page, "c3")
    assert shows(part.about)
    assert shows(part.mine._title)
    grab(bench.shell, "sync-long-150")
    bench.key(Qt.Key.Key_2)
    assert shows(part.theirs._title), "what is chosen shows from its heading"
    bench.key(Qt.Key.Key_Return)
    assert part.view.conflict_id == "c1"
    assert shows(part.about), "the next one from its top again"
    bench.key(Qt.Key.Key_3)
    assert shows(part.writing.text)
    types(bench, "赔 5")
    bench.key(Qt.Key.Key_Escape)
    part = look_at(bench, page, "c1")
    assert shows(part.writing.text), "and what is gone on with, where one goes on"
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_1)
    assert shows(part.about)


# -- looking up --------------------------------------------------------------------------------------


def settle(bench: Bench, page: SyncPage, conflict_id: str, *keys: Qt.Key) -> None:
    look_at(bench, page, conflict_id)
    for key in keys:
        bench.key(key)
    bench.key(Qt.Key.Key_Return)
    bench.idle()


def entry_of(bench: Bench) -> str:
    case = bench.shell.current
    assert isinstance(case, CasePage)
    return next(e.key for e in case._data.course.entries if e.title == "两处不同，已选定")


def test_the_value_not_chosen_is_found_in_the_case_and_can_be_changed_back(bench):
    page = page_of(bench)
    settle(bench, page, "c2", Qt.Key.Key_2, Qt.Key.Key_2)
    page.drawer.close_drawer(at_once=True)
    bench.show("case", case_id="case-1")
    case = bench.shell.current
    (entry,) = [e for e in case._data.course.entries if e.title == "两处不同，已选定"]
    assert entry.rest == "　被申请人电话"
    assert "周敏芳选了平台上的" in entry.detail
    assert "139****0001" in entry.detail
    assert "13900000001" not in entry.detail
    case.course_tab.opened.emit(entry.key)
    bench.idle()
    shown = dialog(SettledDialog)
    assert_looks(shown)
    assert shown.said.text().startswith("周敏芳，11月23日 10:42，选了平台上的")
    assert "13900000001" not in in_words(shown.part.mine)
    assert (shown.mine.isVisible(), shown.theirs.isVisible()) == (True, False), "theirs stands already"
    assert shown.mine.unavailable
    bench.key(Qt.Key.Key_2)
    assert in_words(shown.part.mine).startswith("13900000001")
    assert [action for action, _ in bench.audit()].count("reveal.field") == 2
    grab(shown, "sync-settled")
    bench.click(shown.mine)
    assert bench.undelivered()[-1] == "party.edit"
    respondent = bench.context.office.cases.open("case-1").file.parties["case-1-respondent"]
    assert respondent.phone == "13900000001"
    bench.changed("cases")
    (entry,) = [e for e in case._data.course.entries if e.title == "两处不同，已选定"]
    assert entry.detail.endswith("后来又改过，现在写的是：139****0001。")


def test_what_waits_is_called_by_the_fields_it_is_about(ended):
    place = ended.workplace
    page = page_of(ended)
    settle(ended, page, "c9", Qt.Key.Key_2)
    page.drawer.close_drawer(at_once=True)
    settle(ended, page, "c1", Qt.Key.Key_2)
    page.drawer.close_drawer(at_once=True)
    settle(ended, page, "c2", Qt.Key.Key_2, Qt.Key.Key_2)
    page.drawer.close_drawer(at_once=True)
    Parties(place.desk).edit(
        "case-1", "case-1-respondent", {"phone": "13900000009", "email": "wu@example.com"}
    )
    page.renew()
    ended.idle()
    waiting = [row for row in page.table.rows.rows if row.kind == "command"]
    called = ["选定：调解结果", "选定：诉求", "选定：被申请人电话", "被申请人电话、电子邮箱"]
    assert [row.what for row in waiting] == called
    for row in waiting:
        page.act(row.row_id)
        ended.idle()
        assert page.drawer.title.text() == row.what


def test_the_receipt_says_what_stood_against_what(bench):
    page = page_of(bench)
    settle(bench, page, "c1", Qt.Key.Key_2)
    page.drawer.close_drawer(at_once=True)
    query = select(conflicts.c.settled_by).where(conflicts.c.conflict_id == "c1")
    command_id = bench.workplace.desk.store.read(lambda conn: conn.execute(query).scalar_one())
    page.act(f"command:{command_id}")
    bench.idle()
    told = {
        page.receipt.lines.itemAt(n, page.receipt.lines.ItemRole.LabelRole).widget().text():
        page.receipt.lines.itemAt(n, page.receipt.lines.ItemRole.FieldRole).widget().text()
        for n in range(page.receipt.lines.rowCount())
    }  # fmt: skip
    assert (told["本机写的"], told["平台上的"], told["选了"]) == ("赔 500 元", "赔 600 元", "平台上的")
    bench.click(page.receipt.values)
    shown = dialog(SettledDialog)
    assert "赔 500 元" in in_words(shown.part.mine)
    assert shown.part.choice == "theirs"
    shown.accept()


def test_of_two_decisions_the_one_not_taken_is_read_whole_in_the_case(ended):
    page = page_of(ended)
    settle(ended, page, "c9", Qt.Key.Key_2)
    page.drawer.close_drawer(at_once=True)
    ended.show("case", case_id="case-1")
    case = ended.shell.current
    case.course_tab.opened.emit(entry_of(ended))
    ended.idle()
    shown = dialog(SettledDialog)
    assert "终止原因：一方多次不来" in in_words(shown.part.mine)
    assert not shown.mine.isVisible(), "a decision is not changed back by a click"
    ended.click(shown.part.mine.whole)
    whole = dialog(WholeTextDialog)
    assert "一方多次不来" in [text.text() for text in whole.texts]
    whole.accept()
    shown.accept()


def test_the_case_says_what_is_open_and_leads_there(bench):
    conflict(bench.workplace, 3, "name", "吴刚", "吴钢")
    bench.show("case", case_id="case-1")
    bar = bench.shell.current.disputed
    assert bar.isVisible()
    assert bar.title.text() == "诉求、被申请人电话、被申请人姓名或名称有两个写法，请选一个"
    assert bar.text.text() == "选定以前不能提交申请，别的照常办。"
    assert_looks(bench.shell.current)
    grab(bench.shell, "case-disputed")
    bench.click(bar.button)
    page = bench.shell.current
    assert isinstance(page, SyncPage)
    assert page.conflict.isVisible()
    for conflict_id in ("c1", "c2", "c3"):
        bench.context.office.resolving.resolve(conflict_id, "theirs")
    page.drawer.close_drawer(at_once=True)
    bench.show("case", case_id="case-1")
    assert not bar.isVisible()


# -- words and rows ----------------------------------------------------------------------------------


def test_times_and_agents_show_as_people_write_them(bench):
    place = bench.workplace
    times = ("2026-11-29T10:56:25.977000Z", "2026-12-05T06:30:00Z")
    conflict(place, 5, "next_session_at", *times, entity="case", base=to_json(None))
    conflict(place, 7, "next_session_place", "第二调解室", "社区服务中心", entity="case", command_id="k5")
    conflict(place, 6, "agent", AGENT, {**AGENT, "authority": "special"}, base=to_json(None))
    page = page_of(bench)
    assert [row.what for row in page.table.rows.rows].count("下次调解") == 1
    part = look_at(bench, page, "c7")
    assert in_words(part.mine).startswith("11月29日 18:56，第二调解室")
    assert in_words(part.theirs).startswith("12月5日 14:30，社区服务中心")
    assert (part.choice, part.own.isVisible()) == ("", False)
    assert part.hint.text().startswith("时间和地点是一起约的")
    grab(bench.shell, "sync-appointment")
    part = look_at(bench, page, "c6")
    assert in_words(part.mine).startswith("姓名：林**\n")
    bench.key(Qt.Key.Key_1)
    assert "姓名：林律师" in in_words(part.theirs)
    assert "权限：特别授权" in in_words(part.theirs)
    assert_looks(page)
    grab(bench.shell, "sync-agent")


def test_beside_the_drawer_a_long_reason_keeps_to_two_lines(bench):
    """One row fills the list no longer: the next ones stay in sight, the whole reason is a look away."""
    bench.shell.resize(1440, 869)
    Handling(bench.workplace.desk).add_note("case-1", "约好周五再谈")
    page = page_of(bench)
    long = (
        "平台已收回这件案件（派件有误，平台收回），这一步没有收下。内容仍在本机，先都留着，送出以后再看。" * 3
    )
    rows = [replace(row, why=long) for row in page.table.rows.rows]
    page.table.rows.show_rows(rows, page.table.rows.today)
    bench.idle()
    delegate, before = page.table.delegate, page.table.rowHeight(0)
    two = max(page.look.metrics.px(ROW_HEIGHT), delegate.needed(400, "一\n一"))
    assert before > two, "without a drawer it is read whole"
    page.drawer.open_with("看", page.receipt, page.receipt.foot)
    bench.qtbot.waitUntil(lambda: page.table.rowHeight(0) <= two, timeout=5_000)
    bench.idle()
    shown = delegate.fitted(page.table.columnWidth(WHY) - BEFORE - BEHIND, long)
    assert shown.endswith("…")
    assert long.startswith(shown[:-1])
    for number in range(len(rows)):
        assert delegate.needed(page.table.columnWidth(WHY), long) <= page.table.rowHeight(number) <= two
    assert page.table.rows.index(0, WHY).data(Qt.ItemDataRole.ToolTipRole) == long
    grab(bench.shell, "sync-rows")
    page.drawer.close_drawer(at_once=True)
    bench.qtbot.waitUntil(lambda: page.table.rowHeight(0) == before, timeout=5_000)


@pytest.fixture
def many(bench):
    """More rows than have room, in the order of their numbers."""
    for n in range(10, 34):
        conflict(bench.workplace, n, "phone", "1", "2", theirs_at=f"2026-11-22T08:{59 - n}:00.000Z")
    return bench


def in_sight(page: SyncPage) -> bool:
    return page.table.viewport().rect().contains(page.table.visualRect(page.table.currentIndex()).center())


def test_home_and_end_go_to_the_first_and_the_last_row(many):
    page = page_of(many)
    rows = page.table.rows.rows
    many.key(Qt.Key.Key_End)
    assert (page.table.current_id, in_sight(page)) == (rows[-1].row_id, True)
    many.key(Qt.Key.Key_Home)
    assert (page.table.current_id, in_sight(page)) == (rows[0].row_id, True)


def test_asking_for_the_page_one_is_on_moves_nothing(many):
    """Ctrl+R: what is in hand stays in hand."""
    page = page_of(many)
    for _ in range(20):
        many.key(Qt.Key.Key_Down)
    held = page.table.current_id
    assert held == page.table.rows.rows[20].row_id
    many.show("sync")
    assert (page.table.current_id, in_sight(page)) == (held, True)
    part = look_at(many, page, "c1")
    many.key(Qt.Key.Key_3)
    many.show("sync")
    assert page.drawer.is_open
    assert many.focus() is part.writing.text
    many.key(Qt.Key.Key_Escape)
    many.show("case", case_id="case-1")
    many.show("sync")
    assert page.table.current_id == page.table.rows.rows[0].row_id, "who comes anew begins at the top"


@pytest.mark.parametrize("last", [False, True])
def test_a_row_that_is_done_with_leaves_one_at_its_neighbour(many, last):
    page = page_of(many)
    for _ in range(20):
        many.key(Qt.Key.Key_Down)
    if last:
        many.key(Qt.Key.Key_End)
    rows = [row.row_id for row in page.table.rows.rows]
    at = page.table.currentIndex().row()
    gone = conflicts.c.conflict_id == rows[at].partition(":")[2]
    done = {"settled_at": "2026-11-23T02:41:00.000Z", "choice": "theirs"}
    many.workplace.desk.store.write(
        lambda conn: conn.execute(update(conflicts).where(gone).values(done)) and None
    )
    many.changed("conflicts")
    many.qtbot.waitUntil(lambda: len(page.table.rows.rows) == len(rows) - 1, timeout=5_000)
    assert (page.table.current_id, in_sight(page)) == (rows[at - 1 if last else at + 1], True)


def test_larger_letters_leave_the_drawer_open(bench):
    bench.shell.resize(1366, 768)
    bench.look.metrics.set_scale(1.25)
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "赔 5")
    assert not page.narrow
    bench.look.metrics.set_scale(1.5)
    bench.idle()
    assert page.narrow
    assert (page.drawer.is_open, page.drawer.isVisible()) == (True, True)
    assert bench.focus() is part.writing.text
    types(bench, "50")
    assert part.writing.value == "赔 550"
    assert page.drawer.x() + page.drawer.width() == page.width()
    assert not page.bottom_bar.isVisible(), "one solid button: the drawer's"
    assert_looks(page)
    grab(bench.shell, "sync-larger-letters")
    bench.look.metrics.set_scale(1.25)
    bench.idle()
    assert page.drawer.is_open
    assert page.drawer.x() + page.drawer.width() == page.width()
    left = page.table.mapTo(page, page.table.rect().topRight()).x()
    assert left <= page.drawer.x(), "the table stands beside it"

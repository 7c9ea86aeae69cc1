"""同步中心 in the window: journeys H and I by keyboard and mouse, on a real store."""

from __future__ import annotations

import datetime as dt
import html
import random
import re
import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from sqlalchemy import select, update

from app.clock import shanghai, to_text
from app.services.act_words import NONE, Difference
from app.services.conflict_views import Version
from app.services.enrolment import COMPLETE
from app.services.handling import Handling
from app.services.line_state import RESTORED, WAITS_UNTIL
from app.services.sync_port import SyncPort
from app.storage.firstpaint import LOST
from app.storage.tables import conflicts, outbox
from sync.engine.faults import BusyFault, NotOurPlatformFault
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.disputes import conflict
from tests.helpers.pages import Bench
from tests.helpers.screens import LOOKS, assert_looks, assert_not_clipped, grab
from ui.pages.sync import SyncPage
from ui.pages.sync_marks import marked
from ui.pages.sync_table import ACTION
from ui.pages.sync_versions import VersionCard, differences_as_html, differences_spoken
from ui.widgets.base import Text
from ui.widgets.buttons import PrimaryButton

RECEIPT = b'{"receipt_no":"7F2C-0931","at":"2026-11-23T02:43:00Z"}'
MINE, THEIRS = "棠溪路88弄6号302室", "棠溪路88弄9号302室"


@pytest.fixture
def bench(qtbot, plain_look, tmp_path):
    made = Bench(qtbot, plain_look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(SyncPage(made.context))
    incoming(made.workplace, title="宠物犬咬伤赔偿")
    conflict(made.workplace, 1, "service_address", MINE, THEIRS)
    conflict(made.workplace, 2, "claims", "赔 500 元", "赔 600 元", entity="case")
    Handling(made.workplace.desk).add_note("case-1", "约好周五再谈")
    yield made
    made.close()


def in_sight(part: QWidget, window: QWidget) -> bool:
    """Whether the whole of a part shows and nothing lies over it."""
    shown = part.visibleRegion().boundingRect()
    edge = part.rect().adjusted(3, 3, -3, -3)
    tops = [window.childAt(part.mapTo(window, spot)) for spot in (edge.topLeft(), edge.bottomRight())]
    return shown == part.rect() and all(top is part or part.isAncestorOf(top) for top in tops if top)


def slid_in(bench: Bench, page: SyncPage) -> None:
    """Wait until the drawer has come to its place."""
    bench.qtbot.waitUntil(lambda: page.drawer.x() + page.drawer.width() == page.width(), timeout=5_000)


def page_of(bench: Bench) -> SyncPage:
    bench.show("sync")
    page = bench.shell.current
    assert isinstance(page, SyncPage)
    return page


def shown_lines(page: SyncPage) -> dict[str, str]:
    """Names and texts in the drawer of a row."""
    form = page.receipt.lines
    cells = [[form.itemAt(n, role).widget() for role in (form.ItemRole.LabelRole, form.ItemRole.FieldRole)]
             for n in range(form.rowCount())]  # fmt: skip
    return {name.text(): value.text() for name, value in cells}


def settled(bench: Bench) -> dict[str, str]:
    rows = bench.workplace.desk.store.read(
        lambda conn: conn.execute(select(conflicts.c.conflict_id, conflicts.c.choice)).all()
    )
    return {row.conflict_id: row.choice for row in rows}


def test_what_wants_the_person_comes_first_and_the_numbers_filter(bench):
    page = page_of(bench)
    assert page.bar.counters["needs_you"].number == 2
    assert page.bar.counters["waiting"].number == 1
    assert [row.kind for row in page.table.rows.rows] == ["conflict", "conflict", "command"]
    bench.click(page.bar.counters["waiting"])
    assert [row.kind for row in page.table.rows.rows] == ["command"]
    page.table.setFocus()
    bench.key(Qt.Key.Key_Left)
    assert page.bar.value == "needs_you"
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Return)
    assert page.receipt.isVisible()
    assert bench.focus() is page.receipt.to_case, "the way on, not what technicians read"
    told = shown_lines(page)
    assert told["记一笔"] == "约好周五再谈（周敏芳）"
    assert told["写的人"] == "周敏芳"
    assert not {"编号", "校验值"} & set(told), "for technicians, under 详细"
    bench.click(page.receipt.more)
    assert page.receipt.details.isVisible()
    assert page.receipt.technical.rowCount() == 2
    grab(bench.shell, "sync-receipt")
    bench.shell.lock()
    bench.idle()
    assert not page.receipt.isVisible()
    bench.shell.unlock()
    bench.idle()
    assert page.receipt.isVisible(), "read on after the lock"
    assert shown_lines(page) == told
    page.table.setFocus()
    bench.key(Qt.Key.Key_Escape)
    assert not page.drawer.is_open


def test_the_open_drawer_moves_on_with_its_row(bench):
    page = page_of(bench)
    row = next(row for row in page.table.rows.rows if row.kind == "command")
    page.act(row.row_id)
    bench.idle()
    assert page.receipt.tag.text == "等待发送"
    at = "2026-11-23T02:43:00.000Z"
    told = {"state": "rejected", "settled_at": at, "error_code": "field", "error_text": "缺一项。"}
    bench.workplace.desk.store.write(lambda conn: conn.execute(update(outbox).values(told)) and None)
    bench.changed("outbox")
    assert (page.receipt.tag.text, page.receipt.why.text()) == ("没有送达", "缺一项。")
    lines = shown_lines(page)
    assert lines["记一笔"] == "约好周五再谈（周敏芳）"
    assert not [text for text in lines.values() if "到同步中心" in text], "one is there"
    assert "缺一项。" not in lines.values(), "the reason is told once"
    for button in (page.receipt.to_case, page.receipt.aside):
        assert button.isVisible()
        assert f"“{button.text()}”" in lines["怎么办"]
    page.drawer.close_drawer()
    page.act(row.row_id)
    bench.idle()
    assert bench.focus() is page.receipt.to_case, "the first way to mend it"
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (page.drawer.is_open, bench.went) == (True, []), "its key is not the page's, nor the drawer's"
    done = {"state": "delivered", "settled_at": "2026-11-23T02:43:00.000Z", "receipt": RECEIPT}
    bench.workplace.desk.store.write(lambda conn: conn.execute(update(outbox).values(done)) and None)
    bench.changed("outbox")
    assert page.receipt.tag.text == "已送达"
    assert shown_lines(page)["平台回执"] == "7F2C-0931"


def test_what_was_looked_at_last_does_not_hide_what_wants_the_person(bench):
    page = page_of(bench)
    bench.click(page.bar.counters["delivered"])
    assert not page.table.rows.rows
    page = page_of(bench)
    assert page.bar.value == ""
    assert page.table.rows.rows[0].kind == "conflict"


def test_two_values_by_keyboard_are_masked_until_a_reason_is_given(bench):
    page = page_of(bench)
    while page.table.current_id != "conflict:c1":
        bench.key(Qt.Key.Key_Down)
    bench.key(Qt.Key.Key_Return)
    assert page.conflict.isVisible()
    assert "302" not in page.conflict.mine.value.text()
    assert page.conflict.take.unavailable
    bench.key(Qt.Key.Key_2)
    assert "302" in page.conflict.mine.value.text()
    assert any(action == "reveal.field" for action, _ in bench.audit())
    bench.key(Qt.Key.Key_2)
    assert page.conflict.choice == "theirs"
    bench.key(Qt.Key.Key_Return)
    assert settled(bench)["c1"] == "theirs"
    assert page.conflict.view is not None
    assert page.conflict.view.conflict_id == "c2", "the drawer goes on to the next"
    bench.key(Qt.Key.Key_3)
    page.conflict.writing.text.setPlainText("赔 550 元")
    bench.click(page.conflict.take)
    assert settled(bench)["c2"] == "edited"
    assert not page.drawer.is_open
    assert bench.undelivered().count("conflict.resolve") == 2


def test_the_mouse_presses_the_button_of_a_row_and_leaving_covers(bench):
    page = page_of(bench)
    number = [row.row_id for row in page.table.rows.rows].index("conflict:c1")
    spot = page.table.visualRect(page.table.rows.index(number, ACTION)).center()
    bench.qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot))
    bench.idle()
    assert page.conflict.isVisible()
    page.conflict.revealed.emit("verify")
    bench.idle()
    grab(bench.shell, "sync-conflict", (1440, 869))
    page.leave()
    assert page.conflict.mine.value.text() == ""


@pytest.mark.parametrize("online", [False, True])
def test_an_interruption_says_why_what_was_kept_and_when_it_goes_on(bench, online):
    state, clock = SyncPort(bench.workplace.desk).state, bench.workplace.desk.clock
    fault = BusyFault() if online else NotOurPlatformFault()
    state.put(enrolment=COMPLETE)
    state.succeeded(clock.now(), ())
    state.failed(clock.now(), (fault.message, fault.code), clock.now() + dt.timedelta(minutes=4), ())
    page = page_of(bench)
    due = f"{shanghai(clock.now() + dt.timedelta(minutes=4)):%H:%M}"
    assert page.notice.isVisible()
    assert page.notice.title.text() == ("这次没有收发完" if online else "没有连上平台")
    assert page.notice.text.text() == f"{fault.message}下次 {due}，也可以现在再连。"
    assert not page.notice.button.isVisible()
    assert due in page.footer.text()
    assert_not_clipped(bench.shell)
    grab(bench.shell, f"sync-interrupted-{online}", (1440, 900))
    state.succeeded(clock.now(), ())
    state.put_all({RESTORED: f"{to_text(clock.now())} 12"})
    page.renew()
    bench.idle()
    assert page.notice.title.text() == "平台从备份恢复过"
    assert (
        f"{shanghai(clock.now()):%H:%M} 收发时知道的。平台可能没有的 12 项已经重新发送"
        in page.notice.text.text()
    )
    assert_not_clipped(bench.shell)
    grab(bench.shell, "sync-restored", (1366, 768))
    # What was written waits for what the platform has not back: told beside it, and when that was read.
    state.put_all({WAITS_UNTIL: to_text(clock.now() + dt.timedelta(days=13))})
    held = update(outbox).values(not_before="", error_field=f"{LOST}record.supersedes")
    bench.workplace.desk.store.write(lambda conn: conn.execute(held) and None)
    page.renew()
    bench.idle()
    assert "有的还没有补回，接着它们写的 1 项在本机等着，没有丢" in page.notice.text.text()
    bench.click(page.notice.button)
    bench.idle()
    assert page.notice.title.text() == "1 项在等平台补回以前的内容"
    for words in ("没有丢", "等写了“要更正的那条记录”的那台电脑连上平台", "平台等到12月6日"):
        assert words in page.notice.text.text()
    assert not page.notice.button.isVisible()
    assert page.footer.text() == "随到随收；等平台补回的，补回就发"
    assert_not_clipped(bench.shell)
    grab(bench.shell, "sync-held-up", (1366, 768))


def test_differences_are_marked():
    rich = marked(MINE, THEIRS, "#fff", "#000").html
    assert ">6</span>" in rich
    assert rich.count("<span") == 1
    figures = marked("13912340001", "13912430001", "#fff", "#000").html
    assert ">34</span>" in figures, "place by place: nothing in a number was moved"
    assert marked("1952年7月17日", "1952年7月11日", "#fff", "#000").html.count("<span") == 1


SPOKEN = "".join(
    f"{n}. 卫生间顶棚渗水，墙面起皮{n * 7 % 13}处，双方{n * 3 % 30}日看过现场。\n" for n in range(1, 200)
)


def few_signs(seed: int, length: int) -> str:
    """A text of three signs, against which comparing takes longest."""
    drawn = random.Random(seed)
    return "".join(drawn.choice("甲乙丙") for _ in range(length))


def test_what_one_decision_lacks_altogether_is_said_in_one_line():
    names = ("协议编号", "总额", "付款")
    state = Difference("案件状态", "调解中", "已达成协议")
    lacked = [state, *(Difference(name, NONE, "有") for name in names)]
    assert differences_spoken(lacked, "mine") == "案件状态：调解中；没有：协议编号、总额、付款"
    assert differences_spoken(lacked, "theirs") == "案件状态：已达成协议；协议编号：有；总额：有；付款：有"
    assert differences_spoken(lacked[:3], "mine").endswith(f"总额：{NONE}"), "two have a line each"
    unseen = (Difference("履行登记", "您结案时还没有收到何静登记的履行", "没有履行", missed=True),)
    mine, theirs = (differences_as_html(unseen, side, "#ffe", "#000") for side in ("mine", "theirs"))
    assert mine == "履行登记：您结案时还没有收到何静登记的履行", "a sentence is not marked sign by sign"
    assert theirs == differences_as_html((Difference("履行登记", "", "没有履行"),), "theirs", "#ffe", "#000")


@pytest.mark.parametrize(
    ("text", "other", "coarse"),
    [
        (SPOKEN, SPOKEN.replace("第7天", "第九天").replace("水1386处", "水一处"), False),
        (few_signs(1, 10_000), few_signs(2, 10_000), True),
        ("。" * 10_000, f"{'。' * 5_000}一{'。' * 5_000}", False),
        ("一。" * 5_000, "。一" * 5_000, True),
    ],
)
def test_marking_differences_keeps_nobody_waiting(text, other, coarse):
    """Both cards are marked in the window's thread: less than 50 ms together (quality.md)."""
    best = 1.0
    for _ in range(3):
        begun = time.thread_time()
        rich = marked(text, other, "#fff", "#000")
        best = min(best, time.thread_time() - begun)
    assert best < 0.025
    assert rich.coarse is coarse
    plain = html.unescape(re.sub("<[^>]*>", "", rich.html.replace("<br>", "\n")))
    assert plain == text, "whatever is marked, all of it is read"


def test_a_card_says_where_only_the_rough_is_marked(plain_look):
    card = VersionCard(plain_look, 1, "本机写的", name="sync.test.mine")
    text, other = few_signs(1, 10_000), few_signs(2, 10_000)
    card.show_version(Version(text, "周敏芳", ""), marked(text, other, "#fff", "#000"))
    assert card.by.text() == "周敏芳，改得多，只标了大概"


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_looks(bench, mode, scale, size):
    bench.look.set_mode(mode)
    bench.look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    page = page_of(bench)
    grab(bench.shell, f"sync-{mode}-{round(scale * 100)}")
    assert_looks(page)
    page.open_conflict("c2")
    bench.idle()
    slid_in(bench, page)
    grab(bench.shell, f"sync-drawer-{mode}-{round(scale * 100)}")
    assert_looks(page)
    bench.key(Qt.Key.Key_3)
    grab(bench.shell, f"sync-writing-{mode}-{round(scale * 100)}")
    for part in (page.conflict.take, page.conflict.later, page.conflict.writing.text):
        assert in_sight(part, bench.shell), part.objectName()
    grab(bench.shell, f"sync-writing-{mode}-{round(scale * 100)}")
    assert_looks(page)
    solid = [b for b in bench.shell.findChildren(PrimaryButton) if b.isVisible() and in_sight(b, bench.shell)]
    assert solid == [page.conflict.take] or not page.narrow
    assert page.table.isVisible()
    if not page.narrow:
        right = page.table.mapTo(page, page.table.rect().topRight()).x()
        assert right <= page.drawer.x(), "the row in hand stays in sight beside the drawer"


def test_who_comes_back_begins_with_the_newest_that_wants_them(bench):
    page = page_of(bench)
    page.table.select_id(page.table.rows.rows[-1].row_id)
    page.leave()
    conflict(bench.workplace, 3, "phone", "13900000001", "13900000002")
    page = page_of(bench)
    assert page.table.currentIndex().row() == 0
    assert page.table.rows.rows[0].kind == "conflict"
    assert page.table.verticalScrollBar().value() == 0


def test_one_who_is_here_keeps_the_row(bench):
    page = page_of(bench)
    held = page.table.rows.rows[-1].row_id
    page.table.select_id(held)
    conflict(bench.workplace, 3, "phone", "13900000001", "13900000002")
    page.renew()
    bench.idle()
    assert page.table.current_id == held
    decided = update(conflicts).values(choice="theirs", settled_at="2026-11-23T02:43:00.000Z")
    bench.workplace.desk.store.write(lambda conn: conn.execute(decided) and None)
    page.renew()
    bench.idle()
    assert page.table.current_id == held
    conflict(bench.workplace, 4, "claims", "赔 500 元", "赔 700 元", entity="case")
    page.renew()
    bench.idle()
    assert page.table.current_id == "conflict:c4", "nothing wanted the person until now"


def test_what_wants_the_person_is_told_of_and_reached_while_another_number_is_looked_at(bench):
    page = page_of(bench)
    assert not page.left_out.isVisible(), "all of it shows"
    bench.click(page.bar.counters["waiting"])
    assert page.left_out.words.text() == "有 2 件要您处理的不在这一格里。"
    conflict(bench.workplace, 3, "phone", "13900000001", "13900000002")
    bench.changed("conflicts")
    assert page.left_out.isVisible()
    assert page.left_out.words.text() == "有 3 件要您处理的不在这一格里。"
    assert_looks(page)
    grab(bench.shell, "sync-left-out")
    bench.click(page.left_out.button)
    assert page.bar.value == "needs_you"
    assert {row.kind for row in page.table.rows.rows} == {"conflict"}
    assert bench.focus() is page.table
    assert page.table.currentIndex().row() == 0
    assert not page.left_out.isVisible()


def test_the_row_in_hand_stays_beside_the_drawer_when_the_letters_grow(bench):
    fields = ("phone", "email", "address", "occupation", "contact_person", "legal_representative")
    for number, field in enumerate(fields, 3):
        conflict(bench.workplace, number, field, "一", "二")
    bench.shell.resize(1366, 737)
    page = page_of(bench)
    page.act(page.table.rows.rows[-1].row_id)
    bench.idle()
    for scale in (1.25, 1.0):
        bench.look.metrics.set_scale(scale)
        bench.idle()
        box = page.table.visualRect(page.table.currentIndex())
        assert page.table.viewport().rect().contains(box), scale


def test_the_answer_stays_in_a_narrow_window(bench):
    bench.look.metrics.set_scale(1.5)
    bench.shell.resize(1366, 737)
    page = page_of(bench)
    assert page.narrow
    shown = next(text for text in page.findChildren(Text) if text.text() == page.picture.headline)
    assert shown.text().startswith("有 2 件事要您看一下。")
    assert in_sight(shown, bench.shell)
    assert not shown.elided


def test_in_high_contrast_a_tick_marks_the_row_in_hand(bench):
    bench.look.set_mode("highContrast")
    page = page_of(bench)
    table = page.table
    table.selectRow(0)
    bench.idle()

    def inked(number: int) -> int:
        """Bright pixels left of the tag."""
        box = table.visualRect(table.rows.index(number, 0))
        picture = table.viewport().grab().toImage()
        spots = ((x, y) for x in range(5, 12) for y in range(box.center().y() - 8, box.center().y() + 8))
        return sum(picture.pixelColor(box.left() + x, y).lightness() > 150 for x, y in spots)

    assert (inked(0) > 4, inked(1)) == (True, 0)
    table.selectRow(1)
    assert (inked(0), inked(1) > 4) == (0, True)

"""练习台 in the real window: what the person plays there comes back into the workplace; 从头来 ends it."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from app.storage.tables import outbox
from tests.helpers.screens import assert_named, assert_not_clipped, grab
from tests.helpers.window import Pilot
from ui.pages.working import TAKEN
from ui.practice import platform_folder
from ui.widgets.buttons import Button

LEAK = "阳台漏雨"
REVIEWED = "健身卡退费"
"""A filing of the practice data that the court has accepted."""
LODGED = "设备租赁押金"
"""One that lies with the court and was not accepted yet."""
MINE = "云浦区梧桐里街道棠溪路88弄6号302室"


def go(pilot: Pilot, key: str, words: str) -> None:
    pilot.click_row("nav.pages.list", words)
    pilot.until(lambda: pilot.page == key, f"page {key}")
    pilot.idle()


def network(pilot: Pilot, mode: str) -> None:
    """Choose what the network does; the card's tag and the platform agree."""
    go(pilot, "practice", "练习台")
    pilot.click(f"practice.network.{mode}")
    pilot.until(lambda: pilot.control.state()["network"] == mode, f"network {mode}")
    shown = pilot.window.shell.current.network.group
    pilot.until(lambda: shown.value == mode, f"the switch shows {mode}")


def drained(pilot: Pilot, seconds: float = 45) -> None:
    pilot.until(lambda: pilot.office.sync_centre.counts().waiting == 0, "everything sent", seconds)


def log(pilot: Pilot) -> list[str]:
    return [line["text"] for line in pilot.control.log()]


def open_case(pilot: Pilot, case_id: str) -> None:
    go(pilot, "cases", "案件")
    pilot.window.shell.current.tabs.choose("all")
    pilot.open_record("cases.list.table", case_id)
    pilot.until(lambda: pilot.page == "case", "the case")


def note(pilot: Pilot, text: str) -> None:
    """A line in the course of the case in front."""
    pilot.click("case.menu.open")
    pilot.menu("记一笔")
    pilot.write(text, "case.course.note.text")
    pilot.click("case.course.note.keep")
    pilot.until(lambda: text in notes_here(pilot), "the note kept")


def notes_here(pilot: Pilot) -> list[str]:
    """Texts of all commands written on this computer that carry a note."""
    rows = pilot.office.desk.store.read(lambda conn: conn.execute(outbox.select()).all())
    bodies = [json.loads(row.bytes)["payload"].get("record", {}).get("body", {}) for row in rows]
    return [body["text"] for body in bodies if body.get("type") == "note"]


def notes_there(pilot: Pilot) -> list[str]:
    """Texts of all notes that the practice platform holds, read from its own store."""
    place = platform_folder(pilot.window.paths) / "platform.db"
    with sqlite3.connect(f"file:{place}?mode=ro", uri=True) as conn:
        rows = conn.execute("SELECT body FROM docs WHERE entity = 'record'").fetchall()
    bodies: list[dict[str, Any]] = [json.loads(row[0])["body"] for row in rows]
    return [body["text"] for body in bodies if body["type"] == "note"]


def test_a_new_case_arrives_and_a_colleagues_change_is_settled(pilot: Pilot) -> None:
    go(pilot, "practice", "练习台")
    pilot.click("practice.kind.leak")
    pilot.press("Ctrl+Return")
    pilot.press("Ctrl+Return")
    go(pilot, "inbox", "办件箱")
    pilot.row_of("inbox.list", LEAK)
    lines = pilot.window.shell.current.lines.lines
    assert [LEAK in line.title for line in lines].count(True) == 1, "pressed twice, it was sent once"
    case_id = pilot.case_id(LEAK)
    network(pilot, "offline")
    open_case(pilot, case_id)
    pilot.press("Alt+2")
    pilot.click("case.parties.1.edit")
    pilot.overwrite(MINE, "party.service_address")
    pilot.click("party.act")
    pilot.until(lambda: pilot.office.sync_centre.counts().waiting == 1, "the change waits")
    go(pilot, "practice", "练习台")
    pilot.click("practice.platform.same")
    pilot.until(lambda: any("送达地址" in line for line in log(pilot)), "the colleague's change")
    network(pilot, "normal")
    pilot.until(lambda: pilot.office.sync_centre.counts().needs_you == 1, "two ways of writing it", 45)
    go(pilot, "sync", "同步中心")
    pilot.until(lambda: pilot.window.shell.current.bar.counters["needs_you"].number == 1, "it is counted")
    pilot.window.shell.current.table.setFocus()
    pilot.press("Return")
    part = pilot.find("sync.conflict")
    pilot.press("2")
    pilot.until(lambda: MINE in part.mine.accessibleDescription(), "both values shown")
    assert "同事改的" in part.theirs.accessibleDescription()
    pilot.press("1")
    pilot.press("Return")
    pilot.until(lambda: pilot.office.sync_centre.counts().needs_you == 0, "settled")
    drained(pilot)
    file = pilot.office.cases.open(case_id).file
    (respondent,) = file.side("respondent")
    assert respondent.service_address == MINE


def filing(pilot: Pilot, title: str) -> tuple[str, dict[str, Any]]:
    case = next(c for c in pilot.control.overview() if c["title"] == title)
    (one,) = case["submissions"]
    return case["case_id"], one


def test_the_court_goes_on_step_by_step(pilot: Pilot) -> None:
    go(pilot, "practice", "练习台")
    case_id, one = filing(pilot, REVIEWED)
    box = pilot.find("practice.court.filing", QComboBox)
    pilot.until(lambda: box.findData(one["submission_id"]) >= 0, "the filing in the panel")
    pilot.choose("practice.court.filing", one["submission_id"])
    page = pilot.window.shell.current
    for move, state in (("ask_supplement", "supplement_asked"), ("not_accept", "not_accepted")):
        pilot.click(f"practice.court.move.{move}")
        pilot.click("practice.court.forward")
        pilot.until(lambda want=state: local_state(pilot, case_id) == want, state, 45)
        pilot.until(lambda: page.court.filing.value == one["submission_id"], "the same filing stays chosen")
    forward = pilot.find("practice.court.forward", Button)
    pilot.until(lambda: forward.unavailable == "这一件法院已经办完", "nothing is left for the court")
    assert any(REVIEWED in line and "不予受理" in line for line in log(pilot))
    file = pilot.office.cases.open(case_id).file
    (filed,) = file.submissions.values()
    assert [event.state for event in filed.events][-2:] == ["supplement_asked", "not_accepted"]


def double_click(pilot: Pilot, name: str) -> None:
    """As fast as a hand is, or a slow computer's queue: the second press finds the first one done."""
    button = pilot.find(name, Button)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    pilot.idle()
    pilot.until(lambda: not pilot.window.shell.current._acting, "the panel shows what came of it")
    local, left = QPointF(button.rect().center()), Qt.MouseButton.LeftButton
    for kind in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
        held = left if kind is QEvent.Type.MouseButtonDblClick else Qt.MouseButton.NoButton
        where = QPointF(button.mapToGlobal(local))
        QApplication.sendEvent(
            button, QMouseEvent(kind, local, where, left, held, Qt.KeyboardModifier.NoModifier)
        )
    pilot.idle()


def test_a_double_click_is_one_press(pilot: Pilot) -> None:
    today = pilot.office.desk.today()
    go(pilot, "practice", "练习台")
    page = pilot.window.shell.current
    _case, one = filing(pilot, LODGED)
    pilot.until(lambda: page.court.filing.findData(one["submission_id"]) >= 0, "the filing in the panel")
    pilot.choose("practice.court.filing", one["submission_id"])
    assert page.court.next_move == "accept"
    before = len(log(pilot))
    double_click(pilot, "practice.court.forward")
    pilot.until(lambda: page.court.state == "accepted", "the panel shows the step")
    assert filing(pilot, LODGED)[1]["state"] == "accepted", "not ruled on in one go"
    double_click(pilot, "practice.platform.stand")
    assert page.platform.suspended
    double_click(pilot, "practice.platform.same")
    double_click(pilot, "practice.time.day")
    pilot.until(lambda: pilot.office.desk.today() == today + dt.timedelta(days=1), "one day, not two")
    assert len(log(pilot)) == before + 4


def test_what_acts_on_the_same_waits_until_the_panel_shows_what_came_of_it(pilot: Pilot) -> None:
    go(pilot, "practice", "练习台")
    page = pilot.window.shell.current
    _case, one = filing(pilot, LODGED)
    pilot.until(lambda: page.court.filing.findData(one["submission_id"]) >= 0, "the filing in the panel")
    pilot.choose("practice.court.filing", one["submission_id"])
    said: list[str] = []

    def again(words: str) -> None:
        said.append(words)
        if words.startswith("法院走了一步"):
            page.court.forward.click()  # It is done, and the panel still shows what was before.

    page.said.connect(again)
    pilot.click("practice.court.forward")
    pilot.until(lambda: page.court.state == "accepted", "the panel shows the step")
    page.said.disconnect(again)
    assert said[:2] == ["法院走了一步，结果回到案件里。", TAKEN]
    assert filing(pilot, LODGED)[1]["state"] == "accepted"


def local_state(pilot: Pilot, case_id: str) -> str:
    return next(iter(pilot.office.cases.open(case_id).file.submissions.values())).state


def test_cut_lost_and_unsteady_everything_arrives_once(pilot: Pilot) -> None:
    case_id = filing(pilot, REVIEWED)[0]
    written = []
    for mode in ("offline", "drop_reply", "flaky"):
        network(pilot, mode)
        open_case(pilot, case_id)
        written.append(f"练习记一笔，{mode}")
        note(pilot, written[-1])
        pilot.press("Ctrl+R")
        if mode == "drop_reply":
            pilot.until(lambda: written[1] in notes_there(pilot), "it got there, the receipt did not", 45)
            pilot.press("Ctrl+R")
            drained(pilot)  # asked for what became of it, instead of sending it again
    network(pilot, "normal")
    drained(pilot)
    assert [text for text in notes_there(pilot) if text in written] == written
    pilot.until(lambda: "已同步" in pilot.window.shell.topbar.sync.shown, "the bar on top says so", 30)
    assert log(pilot)[:4] == ["网络正常", "时断时续", "发出去了，回执丢了", "断网了，都在本机等着"]


def test_the_practice_date_moves_the_workplace_and_nothing_else(pilot: Pilot) -> None:
    today = pilot.office.desk.today()
    before = pilot.office.today.board()
    go(pilot, "practice", "练习台")
    page = pilot.window.shell.current
    pilot.click("practice.time.month")
    later = today + dt.timedelta(days=30)
    pilot.until(lambda: pilot.office.desk.today() == later, "the practice date")
    pilot.until(lambda: f"{later.month}月{later.day}日" in page.time.day.text(), "the card says so")
    pilot.until(lambda: pilot.window.context.schedule.today == later, "the window's clock too")
    go(pilot, "today", "今日")
    words = f"{later.month}月{later.day}日"
    pilot.until(lambda: words in pilot.window.shell.current._subtitle.text(), "今日 is that day")
    pilot.until(lambda: len(pilot.office.today.board().today) > len(before.today), "more is due by then")
    assert dt.datetime.now(dt.UTC).date() <= today, "the computer's own clock is left alone"
    pilot.close()
    again = Pilot(pilot.app, pilot.folder)
    again.begin(build=False)
    assert again.office.desk.today() == later, "found again at the next start"
    again.close()


def test_a_network_that_was_cut_is_whole_at_the_next_start(pilot: Pilot) -> None:
    case_id = filing(pilot, REVIEWED)[0]
    network(pilot, "offline")
    open_case(pilot, case_id)
    note(pilot, "断网时记的一笔")
    pilot.close()
    again = Pilot(pilot.app, pilot.folder)
    again.begin()
    assert again.control.state()["network"] == "normal"
    drained(again)
    assert notes_there(again).count("断网时记的一笔") == 1
    go(again, "practice", "练习台")
    page = again.window.shell.current
    again.until(lambda: page.network.group.value == "normal", "the switch shows it")
    assert page.network.tag.text == "正常"
    assert again.control.log()[0]["detail"] == "练习重新打开，网络接上了"
    again.close()


def test_what_happened_stands_in_order_of_time(pilot: Pilot) -> None:
    go(pilot, "practice", "练习台")
    pilot.click("practice.platform.stand")
    pilot.until(lambda: pilot.window.shell.current.platform.suspended, "no new 办件")
    lines = pilot.control.log()
    assert len(lines) > 5
    moments = [line["at"] for line in lines]
    assert moments == sorted(moments, reverse=True)
    assert lines[0]["text"] == "暂停接收办件"
    pilot.until(
        lambda: pilot.window.shell.current.log._said[0][2] == "暂停接收办件", "the panel shows it first"
    )


def test_starting_over_asks_and_then_forgets_everything(pilot: Pilot) -> None:
    first = pilot.control.state()["offset_seconds"]
    go(pilot, "practice", "练习台")
    pilot.click("practice.kind.leak")
    pilot.click("practice.dispatch")
    pilot.until(lambda: any(LEAK in line for line in log(pilot)), "dispatched")
    pilot.until(lambda: bool(pilot.office.cases.count(pilot.office.cases.query(text=LEAK))), "arrived", 30)
    moved = pilot.office.desk.today() + dt.timedelta(days=1)
    pilot.click("practice.time.day")
    pilot.until(lambda: pilot.office.desk.today() == moved, "another day")
    network(pilot, "offline")
    pilot.click("practice.restart")
    assert pilot.focused("practice.restart.back"), "a stray Enter does nothing"
    pilot.press("Return")
    assert pilot.case_id(LEAK)
    begun: list[bool] = []
    pilot.window.ready.connect(lambda: begun.append(True))
    pilot.click("practice.restart")
    pilot.press("Tab")
    pilot.press("Return")
    pilot.until(lambda: bool(begun), "a new practice", 120)
    pilot.idle()
    assert pilot.page == "today"
    assert pilot.office.cases.count(pilot.office.cases.query(text=LEAK)) == 0
    assert pilot.control.state()["network"] == "normal"
    assert pilot.control.state()["offset_seconds"] == first
    assert pilot.office.desk.today() == moved - dt.timedelta(days=1)
    assert not any(LEAK in line for line in log(pilot))


def test_looks(pilot: Pilot) -> None:
    go(pilot, "practice", "练习台")
    page = pilot.window.shell.current
    pilot.until(lambda: page.log._said is not None, "what happened")
    for mode in ("light", "dark", "highContrast"):
        pilot.window.look.set_mode(mode)
        pilot.idle()
        grab(pilot.window.shell, f"practice-{mode}", (1440, 869))
        assert_not_clipped(page)
        assert_named(page)

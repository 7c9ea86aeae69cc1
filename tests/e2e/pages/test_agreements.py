"""协议与确认: the number in the navigation is what the page shows as waiting for somebody here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from app.domain import casefile as cf
from app.services.closing import Closing, ClosingEntry
from app.services.drafts import Drafts
from app.services.filing import Choices, Filing
from app.storage.tables import filings
from tests.helpers.agreements import (
    APPLICANT,
    CASE,
    RESPONDENT,
    finalised,
    forget_answers,
    scan_file,
    shadow_submission,
    sign_all,
)
from tests.helpers.desks import Workplace, incoming, make_workplace
from tests.helpers.pages import Bench
from tests.helpers.screens import grab
from ui.frame.nav_items import ITEM
from ui.pages.agreements import AgreementsPage
from ui.pages.case import CasePage
from ui.pages.today import TodayPage
from ui.status import FrameStatus
from ui.theme.look import Look
from ui.widgets.tasks import TASK


@pytest.fixture
def bench(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[Bench]:
    workplace = make_workplace(tmp_path / "profile")
    workplace.desk = replace(workplace.desk, practice=True)
    made = Bench(qtbot, look, workplace, tmp_path)
    for page in (AgreementsPage, TodayPage, CasePage):
        made.add(page(made.context))
    yield made
    made.shell.current.leave()
    made.idle()
    made.close()


def badge(bench: Bench) -> tuple[int, bool]:
    pages = bench.shell.nav.pages
    item = pages.model().index(pages.keys.index("agreements"), 0).data(ITEM)
    return item.count, item.urgent


def shown(bench: Bench) -> int:
    """Rows of the groups in which something is to be done, as they stand on the page."""
    lists = bench.shell.current.lists
    return sum(lists[key].model().rowCount() for key in ("asked", "signing", "clock"))


def test_the_badge_counts_what_the_page_shows_as_waiting(bench: Bench) -> None:
    place = bench.workplace
    status = FrameStatus(bench.shell, bench.context)
    bench.show("agreements")
    assert (badge(bench), shown(bench)) == ((0, False), 0)
    finalised(place)
    bench.changed("cases")
    assert (badge(bench), shown(bench)) == ((1, False), 1)
    sign_all(place)
    bench.changed("cases")
    assert (badge(bench), shown(bench)) == ((1, False), 1), "ready to lodge"
    assert bench.shell.current.lists["clock"].model().rowCount() == 1

    submission_id = lodged(place)
    bench.changed("submissions")
    assert (badge(bench), shown(bench)) == ((0, False), 0), "the court is at work"
    today = place.desk.today()
    asked = cf.SubmissionEvent(
        at=place.clock.now(), state="supplement_asked", asked=("身份证明",), answer_by=today
    )
    shadow_submission(place, submission_id, "supplement_asked", (asked,))
    bench.changed("submissions")
    assert (badge(bench), shown(bench)) == ((1, True), 1), "due today"
    the_question_stays_though_the_platform_forgot_it(bench, submission_id)
    status.close()


def the_question_stays_though_the_platform_forgot_it(bench: Bench, submission_id: str) -> None:
    """Restored to before the court asked: its last day stands in every list, with what can be done."""
    place = bench.workplace
    Closing(place.desk).close(CASE, ClosingEntry("in_person"))
    lodged = cf.SubmissionEvent(at=place.clock.now(), state="lodged")
    forget_answers(place, submission_id, lodged)
    bench.changed("cases", "submissions")
    assert (badge(bench), shown(bench)) == ((1, True), 1)
    (row,) = bench.shell.current.lists["asked"].model().tasks
    assert (row.action, "前补交，平台收不了，到法院窗口交" in row.why) == ("看怎么交", True)
    bench.show("today")
    (task,) = [t for t in bench.shell.current.today_list.model().tasks if t.verb == "到法院补交材料"]
    assert (task.action, "带文书到法院窗口交" in task.why) == ("看怎么交", True)
    assert bench.shell.current._loaded.board.waiting == ()
    grab(bench.shell, "today-question-kept")
    bench.show("case", case_id=CASE, tab="deadlines")
    page = bench.shell.current
    assert page.primary_button.text() == "看怎么补交"
    assert page.side_panel.deadline.accessibleName().startswith("法院要求补交材料")
    grab(bench.shell, "case-question-kept")
    bench.click(page.primary_button)
    assert bench.went[-1] == ("confirmation", {"case_id": CASE})


def lodged(place: Workplace) -> str:
    """The application goes to the court; its id."""
    for code in ("agreement", "certificate", "application"):
        scan_file(place, code)
    for party in (APPLICANT, RESPONDENT):
        scan_file(place, "identity", party, role="identity")
    filing = Filing(place.desk)
    filing.choose(CASE, Choices(court_code="CDEMO1"))
    submission_id = filing.lodge(CASE).value
    place.desk.store.write(lambda c: c.execute(update(filings).values(job="done")) and None)
    shadow_submission(place, submission_id, "accepted")
    return submission_id


def test_the_arrows_go_through_all_groups_and_the_page_comes_back_at_its_top(bench: Bench) -> None:
    place = bench.workplace
    finalised(place)
    sign_all(place)
    for number in range(2, 12):
        incoming(place, f"case-{number}", title=f"第 {number} 件", state="mediating")
        Drafts(place.desk).save("agreement", f"case-{number}", {"facts": "谈好的几条"})
    bench.shell.resize(1100, 520)
    bench.show("agreements")
    page = bench.shell.current
    first, last = page.lists["clock"], page.lists["drafting"]
    count = last.model().rowCount()
    assert (first.model().rowCount(), count) == (1, 10)
    assert bench.focus() is first
    bench.key(Qt.Key.Key_Down)
    assert bench.focus() is last
    assert not first.currentIndex().isValid()
    for _ in range(count - 1):
        bench.key(Qt.Key.Key_Down)
    row = last.visualRect(last.currentIndex())
    assert last.currentIndex().row() == count - 1
    assert last.viewport().visibleRegion().boundingRect().contains(row), "the page scrolled along"
    page.leave()
    page.open({})
    bench.idle()
    assert bench.focus() is first
    assert page.cards["clock"].visibleRegion().boundingRect().top() == 0, "back at its heading"
    # Into a group by Tab: its row is marked, and wears the ring.
    first.setCurrentIndex(QModelIndex())
    first.clearSelection()
    last.setFocus(Qt.FocusReason.TabFocusReason)
    assert [one.row() for one in last.selectionModel().selectedIndexes()] == [0]


def test_a_case_that_waits_for_signatures_is_as_urgent_here_as_in_today(bench: Bench) -> None:
    place = bench.workplace
    finalised(place)
    seen = set()
    for _day in range(6):
        bench.show("agreements")
        bench.changed("cases")
        shown = bench.shell.current.lists["signing"].model().index(0, 0).data(TASK)
        board = bench.context.office.today.board()
        task = next(one for one in (*board.today, *board.soon) if one.kind == "sign")
        assert (shown.label.text, shown.label.status) == (task.tag, task.status)
        assert shown.why.startswith("缺")
        assert "；补齐到 " in shown.why
        seen.add(shown.label.text)
        place.clock.advance(dt.timedelta(days=1))
    assert {"还剩 2 个工作日", "还剩 1 个工作日", "今天到期"} <= seen

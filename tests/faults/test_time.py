"""TIME: a computer whose clock is wrong. Order comes from the platform, never from a clock."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.domain import casefile as cf
from app.services import clock_words
from app.storage.tables import number_blocks
from tests.faults.window import page_of, window_at
from tests.harness.acts import cases_here
from tests.harness.play import Play
from tests.harness.steps import Act, Everybody, Exchange, Pass, Restart, Skew
from tests.harness.world import Computer
from ui.pages.sync import SyncPage
from ui.pages.today import TodayPage
from ui.theme.look import Look

TEN_YEARS = 3650 * 86400
TO_1970 = -1764000000
DAYS_WORK = ("address", "walk_in", "lodge", "close")
"""What a day brings: an edit, a registration with a number, an agreement, files and an application."""


def set_clock(play: Play, seconds: int) -> Computer:
    """The first computer's clock is wrong from now on, and the program is started like that."""
    play.take(Skew(0, seconds))
    play.take(Restart(0))
    return play.world.computers[0]


def told(pc: Computer, words: str) -> None:
    """The sync centre says how wrong the clock is, what goes on, and what to do; 今日 has a line of it."""
    seconds = pc.office.sync_centre.standing().clock_skew_seconds
    sentence = clock_words.clock_sentence(seconds)
    assert f"这台电脑的钟比平台{words}。内容照常收发，先后次序不受影响" in sentence
    assert "对准日期、时间和时区" in sentence
    assert ("clock", seconds) in [(line.kind, line.count) for line in pc.office.today.board().attention]


def quiet(pc: Computer) -> None:
    """Nobody speaks of the clock any more."""
    assert pc.office.sync_centre.standing().clock_skew_seconds == 0
    assert "clock" not in [line.kind for line in pc.office.today.board().attention]


def notes(pc: Computer, case_id: str) -> list[str]:
    """The notes of a case here."""
    records = pc.office.cases.open(case_id).file.records.values()
    return [r.body.text for r in records if isinstance(r.body, cf.Note)]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(TEN_YEARS, "快约 10 年", marks=pytest.mark.fault("TIME.plus_10y")),
        pytest.param(-TEN_YEARS, "慢约 10 年", marks=pytest.mark.fault("TIME.minus_10y")),
        pytest.param(TO_1970, "慢约 56 年", marks=pytest.mark.fault("TIME.epoch_1970")),
        pytest.param(360, "快约 6 分钟", marks=pytest.mark.fault("TIME.drift_6min")),
    ],
)
def test_a_whole_days_work_on_a_wrong_clock_arrives(play: Play, seconds: int, words: str) -> None:
    pc, colleague = set_clock(play, seconds), play.world.computers[1]
    first = cases_here(pc)[0]
    play.take(Act(1, "note", value=1))
    for name in DAYS_WORK:
        play.take(Act(0, name))
    play.take(Pass(11))
    play.take(Exchange(1))
    play.take(Exchange(0))
    assert play.trace[-1].endswith("-> whole"), "a wrong clock holds nothing up"
    told(pc, words)
    centre = pc.office.sync_centre
    assert (centre.counts().waiting, centre.counts().needs_you) == (0, 0)
    assert len(play.world.court) == 1
    # Behind the colleague's in the platform's order, whatever the dates say; and both have both.
    play.take(Act(0, "note", which=cases_here(pc).index(first)))
    play.take(Pass(11))
    for _ in range(2):
        play.take(Everybody())
    assert sorted(notes(pc, first)) == sorted(notes(colleague, first))
    assert len(notes(pc, first)) == 2
    play.rest()
    quiet(pc)


@pytest.mark.fault("TIME.plus_10y")
def test_what_was_done_ahead_of_time_is_not_put_off_for_ten_years(play: Play) -> None:
    """Backups and catalogues that were made while the clock was ahead do not count for ten years."""
    pc = play.world.computers[0]
    true = pc.office.backups.make().value
    set_clock(play, TEN_YEARS)
    play.take(Exchange(0))
    ahead = pc.office.backups.make().value
    assert not pc.office.backups.due()
    set_clock(play, 0)
    assert pc.office.backups.due(), "today's backup is still to be made"
    newest = pc.office.backups.last()
    assert newest is not None
    assert newest.path == true.path != ahead.path, "of two, the one of the wrong year is not the newest"
    play.take(Pass(60))
    made = pc.office.backups.make().value
    last = pc.office.backups.last()
    assert last is not None
    assert last.path == made.path
    asked = pc.port.state.get("sync.catalogues_at")
    play.take(Exchange(0))
    assert pc.port.state.get("sync.catalogues_at") != asked, "the catalogues are looked at again"
    play.rest()


@pytest.mark.fault("TIME.epoch_1970")
def test_numbers_of_1970_are_not_leased_and_nothing_stops_for_that(play: Play) -> None:
    pc = set_clock(play, TO_1970)
    play.take(Act(0, "note"))
    play.take(Pass(11))
    play.take(Exchange(0))
    assert play.trace[-1].endswith("-> whole")
    years = {row.year for row in pc.read(select(number_blocks))}
    assert years == {2026}
    play.rest()


@pytest.mark.fault("TIME.back_1h_inflight")
def test_the_clock_is_set_back_while_words_are_under_way(play: Play) -> None:
    pc, centre = play.world.computers[0], play.world.computers[0].office.sync_centre
    play.take(Act(0, "note"))
    play.take(Act(0, "attach"))
    play.take(Pass(11))
    play.take(Exchange(0, ("", "lose_reply")))
    standing = centre.standing()
    assert (standing.error_code, "内容都在本机" in standing.error) == ("E-UNREACHABLE", True)
    (first, *_) = centre.rows("waiting")
    assert "没等到回执，连上后先核对，不会重复" in first.why
    # Just now a new line was written, whose undo window and whose next attempt lie an hour ahead from here.
    play.take(Act(0, "phone"))
    play.take(Skew(0, -3600))
    play.take(Pass(11))
    play.take(Exchange(0))
    assert play.trace[-1].endswith("-> whole")
    told(pc, "慢约 1 小时")
    assert centre.counts().waiting == 0, "no wait that was written down grew by an hour"
    play.rest()
    quiet(pc)


@pytest.fixture
def zone() -> Iterator[None]:
    """Gives the computer's time zone back after a test has set another."""
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.fault("TIME.tz_change")
@pytest.mark.usefixtures("zone")
def test_another_time_zone_changes_no_day_and_no_hour(play: Play) -> None:
    """The product counts in Beijing time, also on a laptop that believes it is in Los Angeles."""
    pc = play.world.computers[0]
    play.take(Act(0, "lodge"))
    before = pc.office.today.board()
    waiting = pc.office.sync_centre.rows("waiting")
    written = [pc.office.sync_centre.explain(row.row_id) for row in waiting]
    assert any((line.label, line.text) == ("写下", "11月23日 10:00") for line in written[0])
    for name in ("America/Los_Angeles", "Pacific/Kiritimati"):
        os.environ["TZ"] = name
        time.tzset()
        play.take(Restart(0))
        assert pc.office.desk.today() == dt.date(2026, 11, 23)
        assert pc.office.today.board() == before
        assert [pc.office.sync_centre.explain(row.row_id) for row in waiting] == written
    play.take(Pass(11))
    play.take(Exchange(0))
    assert play.trace[-1].endswith("-> whole")
    quiet(pc)
    assert "10:00" in pc.office.sync_centre.status_text()
    play.rest()


@pytest.mark.fault("TIME.plus_10y")
def test_the_window_says_it_where_one_looks(play: Play, qtbot: QtBot, plain_look: Look) -> None:
    pc = set_clock(play, TEN_YEARS)
    pc.office.backups.make()
    play.take(Exchange(0))
    with window_at(pc, qtbot, plain_look, SyncPage, TodayPage) as bench:
        page = page_of(bench, "sync")
        assert page.notice.isVisible()
        said = " ".join(label.text() for label in page.notice.findChildren(QLabel))
        assert "电脑的钟不准" in said
        assert "比平台快约 10 年" in said
        page = page_of(bench, "today")
        line = bench.shell.findChild(QPushButton, "today.attention.clock")
        assert line is not None
        assert "电脑的钟快约 10 年，期限不准" in line.accessibleName()
        bench.click(line)
        assert bench.went[-1] == ("sync", {"filter": ""})
    play.rest()

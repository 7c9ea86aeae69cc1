"""What the frame says by itself: the last exchange after a restart, whose numbers the lock screen shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.sync_port import SyncPort
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench
from ui.status import FrameStatus
from ui.theme.look import Look


@pytest.fixture
def bench(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(("days", "words"), [(0, "已同步 10:42"), (3, "已同步 11月23日 10:42")])
def test_a_start_begins_with_the_last_exchange_that_ended(bench: Bench, days: int, words: str) -> None:
    place = bench.workplace
    SyncPort(place.desk).state.succeeded(place.clock.now(), ())
    place.clock.advance(dt.timedelta(days=days))
    status = FrameStatus(bench.shell, bench.context)
    bench.idle()
    assert bench.shell.topbar.sync.shown == words
    assert bench.shell.lock_screen._sync.text() == words
    status.close()


def test_before_the_first_exchange_it_says_so(bench: Bench) -> None:
    status = FrameStatus(bench.shell, bench.context)
    bench.idle()
    assert bench.shell.topbar.sync.shown == "还没有同步过"
    status.close()


def test_the_lock_screen_counts_for_whoever_is_asked_only(bench: Bench) -> None:
    incoming(bench.workplace)
    screen = bench.shell.lock_screen
    screen.ask_for("zhou")
    status = FrameStatus(bench.shell, bench.context)
    bench.idle()
    bench.workplace.clock.advance(dt.timedelta(days=10))
    bench.changed("cases")
    screen.ask_for("zhou")
    assert not screen.due.isHidden()
    screen.ask_for("he")
    assert screen.due.isHidden()
    # A number read for the one before may still arrive.
    status.renew()
    bench.idle()
    assert screen.due.isHidden()
    screen.ask_for("zhou")
    assert not screen.due.isHidden()
    status.close()

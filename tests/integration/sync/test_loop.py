"""The network lane: sends when woken, hears news by long-poll, pauses, and stops quickly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.domain.errors import DiskFullFault
from app.services.changes import ChangeSet
from app.services.handling import Handling
from sync.engine.client import Client
from sync.engine.loop import LoopState, SyncLoop
from sync.engine.run import SyncResult
from tests.helpers.clients import Office
from tests.helpers.sandbox import Sandbox


class Lane:
    """A loop on a thread of its own, and what it said."""

    def __init__(self, office: Office, *troubles: Exception) -> None:
        """With ``troubles`` the first exchanges each end by one of them before they reach the platform."""
        self.troubles = list(troubles)
        self.bugs: list[Exception] = []
        self.told: list[LoopState] = []
        self.results: list[SyncResult] = []
        self.changes: list[ChangeSet] = []
        self.news = threading.Condition()
        self.loop = SyncLoop(
            office.port,
            lambda: self._client(office),
            on_state=lambda state: self._say(self.told, state),
            on_changes=lambda changes: self._say(self.changes, changes),
            on_result=lambda result: self._say(self.results, result),
            on_bug=lambda error: self._say(self.bugs, error),
            jitter=lambda low, high: low,
        )
        self.thread = threading.Thread(target=self.loop.serve)
        self.thread.start()

    def _client(self, office: Office) -> Client:
        if self.troubles:
            raise self.troubles.pop(0)
        return office.client()

    def _say(self, where: list, what: object) -> None:  # type: ignore[type-arg]
        with self.news:
            where.append(what)
            self.news.notify_all()

    def until(self, done: Callable[[], bool]) -> None:
        with self.news:
            assert self.news.wait_for(done, 30), (self.told, self.results)

    def stop(self) -> float:
        began = time.monotonic()
        self.loop.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()
        return time.monotonic() - began


@pytest.fixture
def lane(ready: Office) -> Iterator[Lane]:
    one = Lane(ready)
    yield one
    one.stop()


def online(lane: Lane) -> Callable[[], bool]:
    return lambda: bool(lane.told) and lane.told[-1].name == "online"


def test_woken_it_sends_at_once(ready: Office, lane: Lane) -> None:
    lane.until(online(lane))
    Handling(ready.desk).add_note(ready.case_ids("received", "contacting")[0], "现在就发。")
    lane.loop.wake()
    lane.until(lambda: any(result.sent == 1 for result in lane.results))


def test_news_come_by_the_held_question(ready: Office, sandbox: Sandbox, lane: Lane) -> None:
    lane.until(online(lane))
    case_id = sandbox.control("dispatch")["case_id"]
    lane.until(lambda: any(case_id in changes.case_ids for changes in lane.changes))
    assert case_id in ready.everything()


def test_how_the_institution_stands_is_heard_however_busy_the_day_is(
    ready: Office, sandbox: Sandbox, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A greeting tells it alone; each wake put that off by a quarter of an hour."""
    lane.until(online(lane))
    monkeypatch.setattr("sync.engine.loop.FULL_EVERY", 2.0)
    sandbox.control("suspend")
    ends = time.monotonic() + 8

    def heard() -> bool:
        return any("institution" in changes.kinds for changes in lane.changes)

    try:
        while not heard() and time.monotonic() < ends:
            lane.loop.wake()
            time.sleep(0.3)
    finally:
        sandbox.control("resume")
    assert heard()


def test_offline_it_says_when_it_tries_again_and_comes_back(
    ready: Office, sandbox: Sandbox, lane: Lane
) -> None:
    lane.until(online(lane))
    sandbox.control("network/offline")
    lane.loop.retry_now()
    lane.until(lambda: lane.told[-1].name == "offline")
    assert lane.told[-1].next_attempt_at is not None
    sandbox.control("network/normal")
    lane.loop.retry_now()
    lane.until(online(lane))


def test_paused_it_sends_nothing(ready: Office, lane: Lane) -> None:
    lane.until(online(lane))
    lane.loop.pause()
    lane.until(lambda: lane.told[-1].name == "paused")
    Handling(ready.desk).add_note(ready.case_ids("received", "contacting")[0], "先放着。")
    lane.loop.wake()
    runs = len(lane.results)
    lane.loop.resume()
    lane.until(lambda: any(result.sent == 1 for result in lane.results[runs:]))


def test_it_stops_quickly_while_waiting_for_news(lane: Lane) -> None:
    lane.until(online(lane))
    assert lane.stop() < 5.0


def test_a_lost_sign_in_waits_for_a_person(ready: Office, sandbox: Sandbox, lane: Lane) -> None:
    lane.until(online(lane))
    lane.loop.pause()
    lane.until(lambda: lane.told[-1].name == "paused")
    ready.port.keep_refresh_token("")
    lane.loop.resume()
    lane.until(lambda: lane.told[-1].name == "sign_in")
    user = sandbox.user("mediator")
    client = ready.client()
    client.sign_in(user["name"], user["password"])
    client.close()
    lane.loop.resume()
    lane.until(online(lane))


def test_a_full_disk_ends_an_exchange_but_not_the_lane(ready: Office) -> None:
    """When not even the note of the trouble can be written, it is told and tried again by itself."""
    lane = Lane(ready, DiskFullFault("磁盘满了。"))
    lane.until(online(lane))
    waiting = next(state for state in lane.told if state.name == "waiting")
    assert waiting.message == "磁盘满了。"
    assert waiting.next_attempt_at is not None
    lane.stop()


def test_a_bug_is_reported_and_a_person_can_try_again(ready: Office) -> None:
    bug = ZeroDivisionError("of ours")
    lane = Lane(ready, bug)
    lane.until(lambda: bool(lane.told) and lane.told[-1].name == "stopped")
    assert lane.bugs == [bug]
    assert "现在再试" in lane.told[-1].message
    lane.loop.retry_now()
    lane.until(online(lane))
    lane.stop()

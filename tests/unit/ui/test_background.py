from __future__ import annotations

import datetime as dt
import itertools
import threading
import time
import weakref
from collections.abc import Callable, Iterator

import pytest

from app.clock import FixedClock
from app.services.changes import ChangeSet, Written
from ui.background.hub import ChangeHub
from ui.background.lanes import BULK, INTERACTIVE, Job, Lane, Lanes
from ui.background.operations import Operations
from ui.background.schedule import Schedule

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def lane() -> Iterator[Lane]:
    made = Lane("test")
    yield made
    assert made.close(finish=False)


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes()
    yield made
    assert made.close()


def test_results_come_back_on_the_gui_thread(lane: Lane, qtbot) -> None:  # type: ignore[no-untyped-def]
    seen: list[tuple[int, int]] = []
    main = threading.get_ident()
    lane.submit(
        "读", lambda _job: threading.get_ident(), lambda w: seen.append((w, threading.get_ident())), _fail
    )
    qtbot.waitUntil(lambda: bool(seen))
    worker, here = seen[0]
    assert here == main
    assert worker != main


def test_urgent_work_goes_before_a_batch(lane: Lane, qtbot) -> None:  # type: ignore[no-untyped-def]
    gate, started = threading.Event(), threading.Event()
    order: list[object] = []

    def first(_job: Job) -> bool:
        started.set()
        return gate.wait(5)

    lane.submit("先", first, order.append, _fail)
    assert started.wait(5)
    for number in range(3):
        lane.submit("批", _giving(f"批{number}"), order.append, _fail, urgency=BULK)
    lane.submit("人", _giving("人"), order.append, _fail, urgency=INTERACTIVE)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 5)
    assert order == [True, "人", "批0", "批1", "批2"]


def test_failure_goes_to_who_asked_and_the_lane_lives(lane: Lane, qtbot) -> None:  # type: ignore[no-untyped-def]
    failures: list[BaseException] = []
    done: list[int] = []
    lane.submit("坏", lambda _job: 1 // 0, done.append, failures.append)
    lane.submit("好", lambda _job: 7, done.append, _fail)
    qtbot.waitUntil(lambda: done == [7])
    assert isinstance(failures[0], ZeroDivisionError)


def test_cancel_drops_the_answer_and_interrupts_the_running_read(qtbot) -> None:  # type: ignore[no-untyped-def]
    asked: list[int] = []
    interrupted, started = threading.Event(), threading.Event()

    def interrupt(thread: int) -> None:
        asked.append(thread)
        interrupted.set()

    lane = Lane("read", interrupt=interrupt)

    def slow(job: Job) -> str:
        started.set()
        assert interrupted.wait(5)
        assert asked == [threading.get_ident()]
        job.check()
        return "stale"

    answers: list[object] = []
    job = lane.submit("读", slow, answers.append, answers.append)
    assert started.wait(5)
    job.cancel()
    lane.submit("再读", lambda _job: "fresh", answers.append, _fail)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["fresh"]
    assert lane.close()


def test_progress_is_told_on_the_way(lane: Lane, qtbot) -> None:  # type: ignore[no-untyped-def]
    seen: list[tuple[float, str]] = []
    done: list[object] = []

    def moved(part: float, text: str) -> None:
        seen.append((part, text))

    lane.submit("导入", lambda job: job.report(0.5, "一半"), done.append, _fail, progress=moved)
    qtbot.waitUntil(lambda: bool(done))
    assert seen == [(0.5, "一半")]


def test_closing_finishes_writes_and_refuses_more() -> None:
    lane = Lane("write")
    written: list[int] = []
    for number in range(20):
        lane.submit("写", _appending(written, number), _ignore, _fail)
    assert lane.close(finish=True)
    assert written == list(range(20))
    with pytest.raises(RuntimeError, match="closed"):
        lane.submit("写", _giving(1), _ignore, _fail)


def test_upkeep_holds_no_write_up_and_is_broken_off_with_the_profile(lanes: Lanes, qtbot) -> None:  # type: ignore[no-untyped-def]
    started, told = threading.Event(), []
    operations = Operations(lanes, ChangeHub())
    operations.progress.connect(lambda name, part, _text: told.append((name, part)))

    def long(job: Job) -> None:
        for done in itertools.count(1):
            job.passed(done, 10**9)
            started.set()

    ended: list[object] = []
    operations.care("备份", long, ended.append)
    assert started.wait(5)
    written: list[int] = []
    operations.write("写", _giving(1), written.append)
    qtbot.waitUntil(lambda: bool(written))
    assert lanes.care.busy
    qtbot.waitUntil(lambda: len(told) > 2)
    assert lanes.settle(5)
    operations.care("备份", _giving(2), ended.append)
    qtbot.waitUntil(lambda: ended == [2])


def test_hub_merges_what_comes_together_and_filters(qtbot) -> None:  # type: ignore[no-untyped-def]
    hub = ChangeHub()
    tasks: list[ChangeSet] = []
    everything: list[ChangeSet] = []
    hub.subscribe(frozenset({"tasks"}), tasks.append)
    end = hub.subscribe(frozenset(), everything.append)
    hub.publish(ChangeSet.of("cases", case_ids=frozenset({"a"})))
    threading.Thread(target=hub.publish, args=(ChangeSet.of("tasks", case_ids=frozenset({"b"})),)).start()
    qtbot.waitUntil(lambda: bool(tasks))
    assert everything == tasks == [ChangeSet(frozenset("ab"), frozenset({"cases", "tasks"}))]
    end()
    hub.publish(ChangeSet.of("settings"))
    hub.flush()
    assert len(everything) == 1
    hub.publish(ChangeSet())
    hub.flush()


def test_operation_publishes_changes_and_gives_the_written(lanes: Lanes, qtbot) -> None:  # type: ignore[no-untyped-def]
    hub = ChangeHub()
    operations = Operations(lanes, hub)
    told: list[ChangeSet] = []
    hub.subscribe(frozenset(), told.append)
    frames: list[tuple[str, bool]] = []
    operations.running.connect(lambda name, on: frames.append((name, on)))
    done: list[Written[str]] = []
    changes = ChangeSet.of("tasks")
    operations.write("存联系结果", lambda _job: Written("值", changes, "u1"), done.append)
    qtbot.waitUntil(lambda: bool(told))
    assert done[0].value == "值"
    assert told == [changes]
    assert frames == [("存联系结果", True), ("存联系结果", False)]


def test_operation_failure_is_told_unless_taken(lanes: Lanes, qtbot) -> None:  # type: ignore[no-untyped-def]
    operations = Operations(lanes, ChangeHub())
    told: list[str] = []
    operations.failed.connect(lambda name, _error: told.append(name))
    taken: list[BaseException] = []

    def take(error: BaseException) -> bool:
        taken.append(error)
        return True

    operations.write("一", lambda _job: 1 // 0, failed=take)
    operations.read("二", lambda _job: 1 // 0, _ignore)
    qtbot.waitUntil(lambda: told == ["二"] and len(taken) == 1)


def test_schedule_tells_minutes_and_the_new_day_in_shanghai() -> None:
    clock = FixedClock(dt.datetime(2026, 11, 23, 15, 59, 30, tzinfo=dt.UTC))
    schedule = Schedule(clock)
    days: list[dt.date] = []
    minutes: list[dt.datetime] = []
    schedule.day_changed.connect(days.append)
    schedule.minute.connect(minutes.append)
    assert schedule.today == dt.date(2026, 11, 23)
    schedule.check()
    clock.advance(dt.timedelta(seconds=30))
    schedule.check()
    assert len(minutes) == 2
    assert days == [dt.date(2026, 11, 24)]


def test_the_gui_thread_is_free_while_a_lane_works(lane: Lane, qtbot) -> None:  # type: ignore[no-untyped-def]
    release = threading.Event()
    done: list[object] = []
    before = time.perf_counter()
    lane.submit("慢", lambda _job: release.wait(5), done.append, _fail)
    assert time.perf_counter() - before < 0.05
    release.set()
    qtbot.waitUntil(lambda: bool(done))


def _giving(value: object) -> Callable[[Job], object]:
    return lambda _job: value


def _appending(target: list[int], value: int) -> Callable[[Job], None]:
    return lambda _job: target.append(value)


def _ignore(_value: object) -> None:
    return None


def _fail(error: BaseException) -> None:
    raise error


def test_what_a_job_holds_dies_on_the_gui_thread(lane: Lane, qtbot) -> None:  # type: ignore[no-untyped-def]
    """A widget or a connection that is undone on another thread can stop the window for good."""

    class Page:
        pass

    died: list[int] = []
    done: list[object] = []
    for _ in range(20):
        page = Page()
        weakref.finalize(page, lambda: died.append(threading.get_ident()))
        lane.submit("读", lambda _job, page=page: None, lambda _value, page=page: done.append(1), _fail)
        del page
    qtbot.waitUntil(lambda: len(done) == 20)
    qtbot.waitUntil(lambda: len(died) == 20)
    assert set(died) == {threading.get_ident()}

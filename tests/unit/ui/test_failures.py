from __future__ import annotations

import datetime as dt
import json
import logging
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from app.clock import FixedClock
from app.domain import errors
from tests.helpers.screens import assert_named, assert_not_clipped
from ui.failures.crash import CrashHook
from ui.failures.dialog import FailureDialog
from ui.failures.texts import explain
from ui.failures.watchdog import StallWatchdog
from ui.theme.look import Look

NOW = dt.datetime(2026, 11, 23, 2, 42, tzinfo=dt.UTC)
SECRET = "吴小明 310101199001010426"


def _bug() -> BaseException:
    try:
        int(SECRET)
    except ValueError as error:
        return error
    raise AssertionError


def test_each_kind_of_failure_has_its_words() -> None:
    user = explain(errors.StateError("已经结案了，不能再写记录。"))
    assert (user.kind, user.text) == ("user", "已经结案了，不能再写记录。")
    place = explain(errors.DiskFullFault("没有存进去，文字还在屏幕上。", code="E-DISK-FULL"))
    assert (place.kind, place.code) == ("environment", "E-DISK-FULL")
    assert explain(errors.Cancelled()).silent
    for error in (user, place, explain(_bug())):
        assert "！" not in error.title + error.text + error.next_step
        assert error.title
        assert error.next_step


def test_a_bug_never_shows_its_message() -> None:
    told = explain(_bug())
    assert told.kind == "bug"
    assert "吴小明" not in repr(told)
    assert told.code == explain(_bug()).code


def test_dialog_shows_detail_on_demand_and_copies(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    dialog = FailureDialog(look, explain(_bug()), retry=True)
    qtbot.addWidget(dialog)
    dialog.show()
    assert_not_clipped(dialog)
    dialog.more.click()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text().startswith("B-")
    assert_named(dialog)


def test_crash_report_is_redacted_and_bounded(
    tmp_path: Path,
    qtbot,
    caplog: pytest.LogCaptureFixture,  # type: ignore[no-untyped-def]
) -> None:
    clock = FixedClock(NOW)
    hook = CrashHook(tmp_path / "crash", clock)
    told: list[object] = []
    hook.crashed.connect(told.append)
    with caplog.at_level(logging.ERROR):
        hook.take(_bug())
        hook.take(_bug())
    qtbot.waitUntil(lambda: bool(told))
    assert len(told) == 1
    report = next((tmp_path / "crash").glob("*.json")).read_text("utf-8")
    assert "吴小明" not in report + caplog.text
    assert json.loads(report)["place"][0] == "ValueError"
    for _ in range(30):
        clock.advance(dt.timedelta(minutes=2))
        hook.report(_bug())
    assert len(list((tmp_path / "crash").glob("*.json"))) <= 20


def test_watchdog_sees_a_stall(qtbot) -> None:  # type: ignore[no-untyped-def]
    watchdog = StallWatchdog(limit_ms=50)
    stalls: list[float] = []
    watchdog.stalled.connect(stalls.append)
    watchdog.start()
    end = time.perf_counter() + 0.09
    while time.perf_counter() < end:
        pass
    assert watchdog.stop() > 50
    assert len(stalls) == 1

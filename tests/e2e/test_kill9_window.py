"""``kill -9`` of the window while somebody works: all that was kept is found again."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.helpers import window_worker as worker
from tests.helpers.window import Pilot

ROOT = Path(__file__).resolve().parents[2]
STEP_SECONDS = 60.0


def killed_at(folder: Path, step: str) -> None:
    """Work up to ``step`` in a process, then kill it without warning."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.window_worker", str(folder), step],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], STEP_SECONDS)
    said = process.stdout.readline().strip() if ready else ""
    process.kill()
    _, complaints = process.communicate()
    assert said == f"at {step}", complaints[-3000:]


def after_contact(pilot: Pilot) -> None:
    (contact,) = [c for c in worker.contacts(pilot) if c.said == "愿意坐下来谈"]
    assert contact.result == "willing"
    pilot.press("Ctrl+2")
    assert any(worker.INBOX_CASE in row and "待决定" in row for row in pilot.rows("inbox.list"))
    delivered(pilot)


def after_typing(pilot: Pilot) -> None:
    pilot.until(lambda: any("调解记录" in row for row in pilot.rows("today.resume.list")), "接着办")
    pilot.find("today.resume.list").setFocus()
    pilot.press("Return")
    pilot.until(lambda: pilot.page == "session", "the record")
    assert worker.WORDS in pilot.text("session.turn.0")


def delivered(pilot: Pilot) -> None:
    """What was on its way is asked for, and stands at the platform once."""
    pilot.until(lambda: pilot.office.sync_centre.counts().waiting == 0, "everything sent", 40)
    case_id = pilot.case_id(worker.INBOX_CASE)
    assert pilot.office.cases.open(case_id).head.state == "deciding"
    assert len([c for c in worker.contacts(pilot) if c.said == "愿意坐下来谈"]) == 1


@pytest.mark.parametrize(
    ("step", "found"), [("contacted", after_contact), ("typing", after_typing), ("sending", after_contact)]
)
def test_everything_is_found_again(
    qapp: QApplication, practice_folder: Path, step: str, found: Callable[[Pilot], None]
) -> None:
    killed_at(practice_folder, step)
    pilot = Pilot(qapp, practice_folder)
    pilot.begin(build=False)
    found(pilot)
    pilot.close()

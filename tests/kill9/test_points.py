"""Every write point of client and platform is struck by a real ``SIGKILL``, just before and just after."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill9 import chaos, table
from tests.kill9.sites import ROOT

SECONDS = 900
"""Bound of one journey on a machine that does much else."""


def test_the_table_names_every_place_that_makes_something_durable() -> None:
    lacking, gone = table.unknown_to_table()
    assert not lacking, (
        "not in the table; python -m tests.kill9 FOLDER --write, or table.NOT_HERE with a reason"
    )
    assert not gone, "in the table or in NOT_HERE, and not (or no longer) what it says"


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("side", ["client", "platform"])
def test_killed_before_and_after_each_nothing_is_lost_doubled_or_wedged(tmp_path: Path, side: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill9", str(tmp_path / "journey"), "--side", side],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS - 30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-6000:]
    struck = chaos.read(done.stdout).kills
    assert struck == {f"{point} {when}": 1 for point in table.points(side) for when in table.WHEN}

"""A profile folder that is not there yet, and a clock that stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clock import FixedClock
from app.paths import ProfilePaths
from tests.helpers.desks import MONDAY


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def paths(tmp_path: Path) -> ProfilePaths:
    return ProfilePaths(tmp_path / "profile")

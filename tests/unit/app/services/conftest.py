"""A profile folder that is not there yet, a clock that stands, and a desk with one 办件."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import FixedClock
from app.paths import ProfilePaths
from tests.helpers.desks import MONDAY, Workplace, incoming, make_workplace


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def paths(tmp_path: Path) -> ProfilePaths:
    return ProfilePaths(tmp_path / "profile")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """A desk with one 办件 that has just come in."""
    workplace = make_workplace(tmp_path)
    incoming(workplace)
    yield workplace
    workplace.close()

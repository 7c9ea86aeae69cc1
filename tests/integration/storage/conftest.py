from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.stores import Profile, profile


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Profile]:
    with profile(tmp_path / "profile") as opened:
        yield opened

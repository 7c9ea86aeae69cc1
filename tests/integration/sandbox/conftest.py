"""A sandbox process of its own for each test here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.sandbox import Sandbox, running_copy


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with running_copy(tmp_path / "platform") as made:
        yield made

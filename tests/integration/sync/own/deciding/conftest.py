"""Two computers of one institution, and a platform of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clients import Office, open_office
from tests.helpers.sandbox import Sandbox


@pytest.fixture
def other(ready: Office, sandbox: Sandbox, tmp_path: Path) -> Iterator[Office]:
    """The head's computer, as far as the first one."""
    one = open_office(tmp_path / "second", sandbox, "head")
    one.good_run()
    yield one
    one.close()

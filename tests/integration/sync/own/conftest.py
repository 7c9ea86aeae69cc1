"""Tests that turn the platform about: each has one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clients import Office, open_office
from tests.helpers.filings import agreed_case, prepare_filing
from tests.helpers.sandbox import Sandbox, running_copy


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A platform of this test's own."""
    with running_copy(tmp_path / "platform") as one:
        yield one


@pytest.fixture
def other(ready: Office, sandbox: Sandbox, tmp_path: Path) -> Iterator[Office]:
    """The second office, that of the head."""
    one = open_office(tmp_path / "second", sandbox, "head")
    yield one
    one.close()


@pytest.fixture
def town(sandbox: Sandbox, tmp_path: Path) -> Iterator[Office]:
    """The computer with network, that of the head; what it has fetched does not matter to what it carries."""
    one = open_office(tmp_path / "town", sandbox, "head")
    yield one
    one.close()


@pytest.fixture
def case_id(ready: Office, sandbox: Sandbox) -> str:
    """A case that is ready for the court, in the platform's backup, with everything it needs."""
    case_id = agreed_case(ready)
    for _ in range(2):
        ready.good_run()
    prepare_filing(ready, case_id)
    ready.good_run()
    sandbox.control("backup")
    return case_id

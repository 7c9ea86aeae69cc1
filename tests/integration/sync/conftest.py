"""One sandbox for a module, one new computer for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clients import Office, open_office
from tests.helpers.sandbox import Sandbox, running


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A platform with the demo's cases."""
    with running(tmp_path_factory.mktemp("platform")) as one:
        yield one


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Iterator[Office]:
    """A registered computer that has nothing fetched yet; the network is in order."""
    sandbox.control("network/normal")
    one = open_office(tmp_path / "profile", sandbox)
    yield one
    sandbox.control("network/normal")
    one.close()


@pytest.fixture
def ready(office: Office) -> Office:
    """A computer after its first complete run."""
    office.good_run()
    return office

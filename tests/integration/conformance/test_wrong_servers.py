"""The kit fails where it should: each wrong server is caught by the check that is named for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sync.conformance import checks
from sync.conformance.bench import Loan
from sync.conformance.registry import CHECKS
from sync.conformance.report import Result
from sync.conformance.run import make
from sync.conformance.seat import Login
from sync.conformance.wire import Meter
from sync.sandbox import seeding
from sync.sandbox.platform import Platform
from sync.sandbox.source import OffsetClock, Source
from tests.helpers.sandbox import PlatformAdapter
from tests.integration.conformance.wrong_servers import WRONG, Wrong, WrongServer

URL = "http://platform.test"
SOUND = Wrong("sound", "")
LOAN = Loan(
    URL, *(Login(user, seeding.PASSWORD) for user in ("zhouminfang", "hejing", "luxiaowen", "fangyuqin"))
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = Platform(f"sqlite:///{tmp_path / 'platform.db'}", tmp_path, Source(OffsetClock()))
    seeding.ready(made, "empty")
    yield made
    made.close()


def results(server: Any, *check_ids: str) -> list[Result]:
    """Make the named checks against a server in this process."""
    assert checks.__all__
    adapter = PlatformAdapter(server)

    def opener() -> requests.Session:
        session = requests.Session()
        session.mount(URL, adapter)
        return session

    return list(make([CHECKS[check_id] for check_id in check_ids], LOAN, opener, Meter(5000), None))


def test_there_are_enough_wrong_servers() -> None:
    assert len(WRONG) >= 12
    assert len({wrong.name for wrong in WRONG}) == len(WRONG)


def test_the_sound_platform_passes_every_check_named_here(platform: Platform) -> None:
    made = results(WrongServer(platform, SOUND), *[wrong.caught_by for wrong in WRONG])
    assert [(r.check.check_id, r.evidence) for r in made if r.outcome != "passed"] == []


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_server_is_caught(wrong: Wrong, platform: Platform) -> None:
    (made,) = results(WrongServer(platform, wrong), wrong.caught_by)
    assert made.outcome == "failed"
    assert made.evidence

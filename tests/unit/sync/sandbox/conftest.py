"""The platform's core in the test's own process, with a clock that stands still."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from sync.sandbox import seeding
from sync.sandbox.platform import Platform
from sync.sandbox.source import Source, StillClock
from tests.helpers.sandbox import PlatformAdapter, WireClient

NOW = dt.datetime(2026, 11, 23, 2, 42, tzinfo=dt.UTC)
URL = "http://platform.test"


def postgres_url() -> str:
    """Where a PostgreSQL server for tests is; set by whoever runs the ``postgres`` suite."""
    return os.environ["JIEFEN_TEST_POSTGRES"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'platform.db'}"
        return
    name = f"sandbox_{uuid.uuid4().hex}"
    admin = sa.create_engine(postgres_url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(postgres_url()).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(sa.text(f"DROP DATABASE {name}"))
    admin.dispose()


@pytest.fixture
def platform(database: str, tmp_path: Path) -> Iterator[Platform]:
    made = Platform(database, tmp_path, Source(StillClock(NOW)))
    seeding.ready(made, "empty")
    yield made
    made.close()


@pytest.fixture
def connect(platform: Platform) -> Iterator[Callable[..., WireClient]]:
    """Makes signed-in clients: ``connect("zhouminfang")``."""
    sessions = []

    def make(user: str = "zhouminfang", faults: Any = None, **more: Any) -> WireClient:
        session = requests.Session()
        session.mount(URL, PlatformAdapter(platform, faults))
        sessions.append(session)
        client = WireClient(session, URL)
        client.enrol(user, seeding.PASSWORD, **more)
        return client

    yield make
    for session in sessions:
        session.close()

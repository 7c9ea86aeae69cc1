"""A sandbox process for the kit: on SQLite, and on a PostgreSQL database of its own."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.helpers.sandbox import Sandbox, running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    if request.param == "sqlite":
        with running(tmp_path / "platform", "empty") as made:
            yield made
        return
    name = f"kit_{uuid.uuid4().hex}"
    url = sa.make_url(os.environ["JIEFEN_TEST_POSTGRES"])
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name}"))
    own = url.set(database=name).render_as_string(hide_password=False)
    with running(tmp_path / "platform", "empty", "--database-url", own) as made:
        yield made
    with admin.connect() as conn:
        conn.execute(sa.text(f"DROP DATABASE {name}"))
    admin.dispose()


@pytest.fixture
def people(server: Sandbox, tmp_path: Path) -> Path:
    """The people the sandbox lends, as the kit's command line reads them."""
    lent = {}
    for word, role in (("first", "mediator"), ("second", "head"), ("statistician", "statistician")):
        lent[word] = server.user(role)
    lent["neighbour"] = server.neighbours[0]
    file = tmp_path / "people.json"
    file.write_text(json.dumps({k: {"user": u["name"], "password": u["password"]} for k, u in lent.items()}))
    return file

"""Two institutions on one platform share nothing; a store from before there were two is carried over."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import requests

from sync.sandbox import seeding
from sync.sandbox import tables as t
from sync.sandbox.platform import Platform
from sync.sandbox.source import Source, StillClock
from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import PlatformAdapter, WireClient
from tests.unit.sync.sandbox.conftest import NOW, URL

Connect = Callable[..., WireClient]


def test_a_page_full_of_the_others_changes_is_an_empty_range(connect: Connect, platform: Platform) -> None:
    here, there = connect("zhouminfang"), connect("fangyuqin")
    start = platform.store.head
    for _ in range(5):
        case_id = p.new_id()
        there.deliver(there.command(case_id, p.register(case_id)))
    page = here.ask("GET", "/changes", params={"after": start, "limit": 2}).json()
    assert (page["from"], page["to"], page["items"], page["more"]) == (
        start + 1, platform.store.head, [], False,
    )  # fmt: skip
    seen = there.ask("GET", "/changes", params={"after": start, "limit": 2}).json()
    assert (len(seen["items"]), seen["to"], seen["more"]) == (2, start + 2, True)


def test_the_neighbours_standing_is_its_own(connect: Connect, platform: Platform) -> None:
    from sync.sandbox.actors import Actors

    here, there = connect("zhouminfang"), connect("fangyuqin")
    Actors(platform).stand("closed", "机构已关闭")
    assert here.ask("GET", "/hello").json()["institution"]["status"] == "closed"
    assert there.ask("GET", "/hello").json()["institution"]["status"] == "active"


def test_numbers_run_apart(connect: Connect) -> None:
    runs = []
    for client in (connect("zhouminfang"), connect("fangyuqin")):
        body = {"block_id": p.new_id(), "series": "case", "year": 2026, "count": 5}
        runs.append(client.ask("POST", "/number-blocks", json=body).json()["first"])
    assert runs == [326, 1]


def _as_before(path: Path) -> None:
    """Rewrite a store's tables as the version before institutions had them."""
    database = sqlite3.connect(path)
    for table in t.SCOPED:
        sql = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table.name,)).fetchone()[0]
        names = ", ".join(f'"{c.name}"' for c in table.columns if c.name != "institution_id")
        old = re.sub(r"\s*institution_id TEXT[^\n]*,(?=\s)", "", sql).replace("institution_id, ", "")
        assert "institution_id" not in old
        database.execute(f"CREATE TABLE keep AS SELECT {names} FROM {table.name}")
        database.execute(f"DROP TABLE {table.name}")
        database.execute(old)
        database.execute(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM keep")
        database.execute("DROP TABLE keep")
    database.execute("DELETE FROM meta WHERE key = 'shape'")
    database.commit()
    database.close()


def _client(platform: Platform, session: requests.Session) -> WireClient:
    session.mount(URL, PlatformAdapter(platform))
    client = WireClient(session, URL)
    client.enrol("zhouminfang", seeding.PASSWORD)
    return client


def test_a_store_from_before_is_carried_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'platform.db'}"
    first = Platform(url, tmp_path, Source(StillClock(NOW)))
    seeding.ready(first, "demo")
    with first.store.write(NOW) as tx:
        tx.conn.execute(t.users.delete().where(t.users.c.institution_id != "inst-wutongli"))
    with requests.Session() as session:
        before = _client(first, session).documents()
    first.close()
    _as_before(tmp_path / "platform.db")
    again = Platform(url, tmp_path, Source(StillClock(NOW)))
    with requests.Session() as session:
        client = _client(again, session)
        assert client.documents() == before
        page = client.ask("GET", "/snapshot", params={"limit": 5}).json()
        assert page["cases"] == len([key for key in before if key[0] == "case"])
        case_id = p.new_id()
        assert client.deliver(client.command(case_id, p.register(case_id)))[0]["status"] == "applied"
        (held,) = [b["body"] for b in before.values() if b["entity"] == "attachment"][:1]
        assert client.ask("GET", f"/files/{held['sha256']}").status_code == 200
    again.close()

"""Two scopes side by side: a device with its people's cases, and one with the institution's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from sync.sandbox import backups, seeding
from sync.sandbox import tables as t
from sync.sandbox.actors import Actors
from sync.sandbox.platform import Platform
from sync.sandbox.source import Source, StillClock
from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import PlatformAdapter, WireClient
from tests.unit.sync.sandbox.conftest import NOW, URL

Connect = Callable[..., WireClient]
ZHOU, HE = "p-zhou", "p-he"


def registered(client: WireClient, holder: str) -> tuple[str, str]:
    """A case with one party in somebody's hands; both ids."""
    case_id, party_id = p.new_id(), p.new_id()
    payload = p.register(case_id, p.party(case_id, party_id), mediator_id=holder)
    assert client.deliver(client.command(case_id, payload))[0]["status"] == "applied"
    return case_id, party_id


def told(client: WireClient, after: int) -> list[tuple[str, str, str]]:
    """What the feed tells after a sequence: operation, entity, id. Its ranges join."""
    found = []
    while (reply := client.ask("GET", "/changes", params={"after": after, "limit": 3})).status_code != 304:
        page = reply.json()
        assert page["from"] == after + 1
        found += [(c["op"], c["entity"], c["id"]) for c in page["items"]]
        after = page["to"]
    return found


def snapshot(client: WireClient) -> tuple[set[str], set[str], int]:
    """Cases put, cases ended, and the number told."""
    items: list[dict[str, Any]] = []
    after = ""
    while True:
        page = client.ask("GET", "/snapshot", params={"limit": 2, "after": after}).json()
        items += page["items"]
        if not page["after"]:
            break
        after = page["after"]
    put = {c["id"] for c in items if c["entity"] == "case" and c["op"] == "put"}
    return put, {c["id"] for c in items if c["op"] == "tombstone"}, page["cases"]


def test_each_gets_its_own(connect: Connect, platform: Platform) -> None:
    own, whole = connect(scope="people"), connect("hejing")
    start = platform.store.head
    mine, my_party = registered(own, ZHOU)
    theirs, their_party = registered(whole, HE)
    nobodys = Actors(platform).dispatch()["case_id"]
    seen = {doc for _, _, doc in told(own, start)}
    assert {mine, my_party, nobodys} <= seen
    assert not {theirs, their_party} & seen
    assert {mine, theirs, nobodys} <= {doc for _, _, doc in told(whole, start)}
    assert snapshot(own) == ({mine, nobodys}, set(), 2)
    assert snapshot(whole) == ({mine, theirs, nobodys}, set(), 3)


def test_out_of_its_hands_it_ends_and_into_them_it_comes_whole(connect: Connect, platform: Platform) -> None:
    own, whole = connect(scope="people"), connect("hejing")
    case_id, party_id = registered(own, ZHOU)
    out = platform.store.head
    Actors(platform).reassign(case_id, "hejing")
    (end,) = own.ask("GET", "/changes", params={"after": out}).json()["items"]
    assert (end["op"], end["id"], end["body"], end["left_scope"]) == ("tombstone", case_id, None, True)
    note = p.record(case_id, ZHOU, {"type": "note", "text": "改派前写的"})
    answer = own.deliver(own.command(case_id, {"kind": "record.add", "record": note}))[0]
    assert (answer["status"], answer["code"]) == ("applied", ""), "what was written before is taken as ever"
    assert snapshot(own) == (set(), {case_id}, 0)
    back = platform.store.head
    Actors(platform).reassign(case_id, "zhouminfang")
    kinds = told(own, back)
    assert kinds[0] == ("put", "case", case_id), "it begins with the case"
    assert {("put", "party", party_id), ("put", "record", note["record_id"])} <= set(kinds)
    assert snapshot(own) == ({case_id}, set(), 1)
    seen = told(whole, out)
    assert [one for one in seen if one[2] == party_id] == [], "who had it all along is told nothing twice"
    assert all(op == "put" for op, _, _ in seen)
    assert own.documents()["party", party_id] == whole.documents()["party", party_id] | {
        "seq": own.documents()["party", party_id]["seq"]
    }


def test_a_case_taken_in_hand_leaves_the_others(connect: Connect, platform: Platform) -> None:
    own, whole = connect(scope="people"), connect("hejing")
    case_id = Actors(platform).dispatch()["case_id"]
    after = platform.store.head
    Actors(platform).reassign(case_id, "hejing")
    assert told(own, after) == [("tombstone", "case", case_id)]
    assert len([one for one in told(whole, after) if one[1] == "case"]) == 1


def test_people_added_to_the_device_bring_their_cases(connect: Connect, platform: Platform) -> None:
    own, whole = connect(scope="people"), connect("hejing")
    theirs, party_id = registered(whole, HE)
    after = platform.store.head
    body = {
        "device_id": own.device_id, "device_name": "同一台", "user": "hejing", "password": seeding.PASSWORD,
        "people": [{"login": "hejing", "sign_public": _key(), "seal_public": _key()}],
    }  # fmt: skip
    reply = own.ask("POST", "/devices", json=body)
    assert reply.json()["scope"] == "people", "the scope of the first registration stays"
    assert told(own, after) == [("put", "case", theirs), ("put", "party", party_id)]
    assert told(whole, after) == []


def test_a_restored_platform_still_ends_what_went(connect: Connect, platform: Platform) -> None:
    own = connect(scope="people")
    case_id, _ = registered(own, ZHOU)
    Actors(platform).reassign(case_id, "hejing")
    backups.make(platform)
    backups.restore(platform)
    assert snapshot(own) == (set(), {case_id}, 0)


def test_a_platform_from_before_there_were_scopes(tmp_path: Path) -> None:
    file = tmp_path / "platform.db"
    first = Platform(f"sqlite:///{file}", tmp_path, Source(StillClock(NOW)))
    seeding.ready(first, "demo")
    gone = Actors(first).reassign("", "hejing")["case_id"]
    first.close()
    database = sqlite3.connect(file)
    for table, column, _ in t.LATER:
        database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    database.execute("DELETE FROM meta WHERE key = 'shape'")
    database.commit()
    database.close()
    again = Platform(f"sqlite:///{file}", tmp_path, Source(StillClock(NOW)))
    with requests.Session() as session:
        session.mount(URL, PlatformAdapter(again))
        own = WireClient(session, URL)
        own.enrol("zhouminfang", seeding.PASSWORD, scope="people")
        cases = [c["body"] for (entity, _), c in own.documents().items() if entity == "case"]
        assert {case["mediator_id"] for case in cases} == {ZHOU}
        assert snapshot(own)[0] == {case["case_id"] for case in cases}
        assert gone not in snapshot(own)[0]
    again.close()


def _key() -> str:
    return "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="

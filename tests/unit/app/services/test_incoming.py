"""The feed meets bad records, gone documents and unsent work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.services.handling import Handling
from app.services.port_incoming import HELD, IncomingFeed
from app.services.port_values import Answer, Incoming
from app.services.sync_port import SyncPort
from app.storage import casestore, kv
from app.storage.tables import inbox, outbox
from tests.helpers.desks import MONDAY, Workplace, make_workplace


def head(case_id: str, title: str = "三楼漏水赔墙面") -> bytes:
    return cf.encode(
        cf.Case(
            case_id=case_id, source="platform", state="received", title=title, dispute_kind="neighbour",
            received_at=MONDAY,
        )
    )  # fmt: skip


def case_item(seq: int, case_id: str, version: int = 1, title: str = "三楼漏水赔墙面") -> Incoming:
    return Incoming(seq, "case", case_id, case_id, version, "put", head(case_id, title))


def gone(seq: int, case_id: str) -> Incoming:
    return Incoming(seq, "case", case_id, case_id, 9, "tombstone", None)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    workplace = make_workplace(tmp_path, undo_seconds=0)
    workplace.desk.store.write(lambda conn: kv.put(conn, "epoch", "e1"))
    yield workplace
    workplace.close()


@pytest.fixture
def feed(place: Workplace) -> IncomingFeed:
    return SyncPort(place.desk).incoming


def title_of(place: Workplace, case_id: str) -> str | None:
    file = place.desk.store.read(lambda conn: casestore.load(conn, case_id))
    return file.case.title if file.case else None


def errors(place: Workplace) -> dict[int, str]:
    rows = place.desk.store.read(lambda conn: conn.execute(select(inbox.c.seq, inbox.c.error)).all())
    return {row.seq: row.error for row in rows}


def test_a_bad_record_is_parked_and_the_page_goes_on(place: Workplace, feed: IncomingFeed) -> None:
    bad = Incoming(2, "case", "b", "b", 1, "put", b'{"case_id":"b","title":"\xe5\xbc\xa0\xe4\xb8\x89"}')
    odd = Incoming(3, "weather", "w", "a", 1, "put", b"{}")
    other = Incoming(4, "case", "x", "x", 1, "put", head("y"))
    feed.apply_changes("e1", [case_item(1, "a"), bad, odd, other, case_item(5, "c")], 5)
    assert [title_of(place, one) for one in "abc"] == ["三楼漏水赔墙面", None, "三楼漏水赔墙面"]
    found = errors(place)
    assert (found[1], found[5]) == ("", "")
    assert all(found[seq] for seq in (2, 3, 4))
    assert "张三" not in "".join(found.values())
    assert feed.parked() == 3
    assert SyncPort(place.desk).state.cursor == 5


def test_the_same_page_twice_and_an_older_version_change_nothing(
    place: Workplace, feed: IncomingFeed
) -> None:
    feed.apply_changes("e1", [case_item(1, "a", 2, "新的")], 1)
    assert not feed.apply_changes("e1", [case_item(1, "a", 2, "重放")], 1)
    feed.apply_changes("e1", [case_item(2, "a", 1, "旧的")], 2)
    assert title_of(place, "a") == "新的"


def test_a_page_of_another_epoch_changes_nothing(place: Workplace, feed: IncomingFeed) -> None:
    assert not feed.apply_changes("e0", [case_item(1, "a")], 1)
    assert title_of(place, "a") is None
    assert SyncPort(place.desk).state.cursor == 0


def test_a_tombstone_waits_for_unsent_work(place: Workplace, feed: IncomingFeed) -> None:
    feed.apply_changes("e1", [case_item(1, "a")], 1)
    Handling(place.desk).add_note("a", "还没有发出去。")
    feed.apply_changes("e1", [gone(2, "a")], 2)
    assert title_of(place, "a") == "三楼漏水赔墙面"
    assert errors(place)[2] == HELD
    assert not feed.release_held()
    command_id = place.desk.store.read(lambda conn: conn.execute(select(outbox.c.command_id)).scalar_one())
    answer = Answer(command_id, "applied", feed_seq=2, receipt=b'{"receipt_no":"7F2C-0931"}')
    SyncPort(place.desk).outgoing.settle([answer])
    assert feed.release_held()
    assert title_of(place, "a") is None


def test_a_tombstone_on_a_case_without_work_is_carried_out(place: Workplace, feed: IncomingFeed) -> None:
    feed.apply_changes("e1", [case_item(1, "a"), case_item(2, "b")], 2)
    feed.apply_changes("e1", [gone(3, "a")], 3)
    assert (title_of(place, "a"), title_of(place, "b")) == (None, "三楼漏水赔墙面")


def test_what_is_missing_from_a_snapshot_stays(place: Workplace, feed: IncomingFeed) -> None:
    feed.apply_changes("e1", [case_item(1, "a"), case_item(2, "b")], 2)
    feed.apply_snapshot("e1", [case_item(1, "a", 1, "照平台的")], {})
    feed.finish_snapshot(7)
    assert (title_of(place, "a"), title_of(place, "b")) == ("照平台的", "三楼漏水赔墙面")
    assert SyncPort(place.desk).state.cursor == 7

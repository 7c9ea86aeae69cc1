"""The feed meets bad records, gone documents and unsent work."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, insert, select

from app.domain import casefile as cf
from app.domain import reducer
from app.paths import ProfilePaths
from app.services.backlog import CONFIRMED_AT_COURT, HELD, STILL_AT_COURT
from app.services.cases import Cases
from app.services.feedwork import ANOTHER_TEXT
from app.services.handling import Handling
from app.services.port_incoming import IncomingFeed
from app.services.port_values import Answer, Incoming
from app.services.projection import project
from app.services.sync_centre import SyncCentre
from app.services.sync_port import SyncPort
from app.services.sync_words import GONE
from app.storage import casestore, doctor, kv
from app.storage.tables import case_docs, cases, filings, inbox, outbox
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


def test_one_that_cannot_be_shown_is_parked_alone(place: Workplace, feed: IncomingFeed) -> None:
    """It is read, and no plan can be made: in Shanghai that instant is in the year 10000."""
    known, fresh = case_item(1, "a"), case_item(3, "b")
    feed.apply_changes("e1", [known], 1)
    late = b'"received_at":"9999-12-31T23:00:00Z"'
    strange = [
        Incoming(
            seq, "case", case_id, case_id, 2, "put", re.sub(rb'"received_at":"[^"]+"', late, head(case_id))
        )
        for seq, case_id in ((2, "a"), (4, "c"))
    ]
    feed.apply_changes("e1", [strange[0], fresh, strange[1], case_item(5, "d")], 5)
    assert [title_of(place, one) for one in "abcd"] == ["三楼漏水赔墙面"] * 2 + [None, "三楼漏水赔墙面"]
    assert [seq for seq, error in errors(place).items() if error] == [2, 4]
    assert place.desk.store.read(lambda conn: casestore.load(conn, "a")).head.received_at == MONDAY
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
    rows = {row.what: row for row in SyncCentre(place.desk).rows("received")}
    row = rows[GONE]
    assert (row.status, row.case_title) == ("received", "三楼漏水赔墙面"), "named, though it is here no more"


def test_what_is_missing_from_a_snapshot_stays(place: Workplace, feed: IncomingFeed) -> None:
    feed.apply_changes("e1", [case_item(1, "a"), case_item(2, "b")], 2)
    feed.apply_snapshot("e1", [case_item(1, "a", 1, "照平台的")], {})
    feed.finish_snapshot(7)
    assert (title_of(place, "a"), title_of(place, "b")) == ("照平台的", "三楼漏水赔墙面")
    assert SyncPort(place.desk).state.cursor == 7


def unread(seq: int, case_id: str, version: int = 2) -> Incoming:
    return Incoming(seq, "case", case_id, case_id, version, "put", b'{"case_id":5}')


def left_by_an_older_program(place: Workplace, item: Incoming) -> None:
    """A record that an older program could not read, and this one can."""
    row = {
        "epoch": "e1", "seq": item.seq, "entity": item.entity, "doc_id": item.doc_id, "case_id": item.case_id,
        "op": item.op, "version": item.version, "body": item.body, "received_at": "2026-11-23T02:00:00.000Z",
        "error": "unreadable: Object contains unknown field",
    }  # fmt: skip
    place.desk.store.write(lambda conn: conn.execute(insert(inbox).values(row)).rowcount)


def test_what_cannot_be_read_is_counted_and_explained(place: Workplace, feed: IncomingFeed) -> None:
    feed.apply_changes("e1", [case_item(1, "a"), unread(2, "a")], 2)
    centre = SyncCentre(place.desk)
    assert centre.counts().needs_you == 1
    assert SyncPort(place.desk).state.counted().parked == 1
    assert "1 件事要您看一下" in centre.headline()
    (row,) = centre.rows("needs_you")
    assert (row.status, row.what, row.case_title) == ("parked", "平台发来的案件资料", "三楼漏水赔墙面")
    assert "升级后自动再读" in row.why
    lines = {line.label: line.text for line in centre.explain(row.row_id)}
    assert lines["平台次序"] == "2"
    assert "unreadable" in lines["代码"]
    found = doctor.examine(ProfilePaths(place.folder), place.desk.keys, place.clock)
    (finding,) = (one for one in found if one.area == "inbox")
    assert (finding.ok, "1 条" in finding.text, "升级" in finding.advice) == (False, True, True)


def test_an_upgraded_program_reads_what_was_parked(place: Workplace, feed: IncomingFeed) -> None:
    feed.apply_changes("e1", [case_item(1, "a"), *(unread(seq, "a") for seq in range(2, 62))], 62)
    left_by_an_older_program(place, case_item(100, "a", 3, "升级后读到的"))
    assert feed.retry_parked(limit=7)
    assert title_of(place, "a") == "升级后读到的"
    # What is still unreadable is older than what is shown now: nobody is told of it any more.
    feed.retry_parked()
    assert feed.parked() == 0
    assert SyncCentre(place.desk).counts().needs_you == 0


def test_what_was_parked_before_a_restore_of_the_platform_never_comes_back(
    place: Workplace, feed: IncomingFeed
) -> None:
    feed.apply_changes("e1", [case_item(1, "a")], 1)
    left_by_an_older_program(place, case_item(2, "a", 9, "恢复以前的"))
    place.desk.store.write(lambda conn: kv.put(conn, "epoch", "e2"))
    assert not feed.retry_parked()
    assert title_of(place, "a") == "三楼漏水赔墙面"
    assert feed.parked() == 0


def test_an_older_version_of_a_document_changes_nothing_but_in_a_snapshot(
    place: Workplace, feed: IncomingFeed
) -> None:
    def party(seq: int, version: int, name: str) -> Incoming:
        body = cf.encode(cf.Party(party_id="p", case_id="a", side="applicant", ordinal=0, name=name))
        return Incoming(seq, "party", "p", "a", version, "put", body)

    def held() -> tuple[int, str]:
        row = place.desk.store.read(lambda conn: conn.execute(select(case_docs)).one())
        return row.version, cf.decode("party", row.shadow).name  # type: ignore[union-attr]

    feed.apply_changes("e1", [case_item(1, "a"), party(2, 5, "新的")], 2)
    feed.apply_changes("e1", [party(3, 4, "旧的")], 3)
    assert held() == (5, "新的")
    feed.apply_changes("e1", [party(4, 5, "同一版")], 4)
    assert held() == (5, "同一版")
    feed.apply_snapshot("e1", [party(0, 2, "恢复后的")], {})
    assert held() == (2, "恢复后的")


def test_the_platforms_picture_is_written_once_and_stands_beside_what_is_changed_here(
    place: Workplace, feed: IncomingFeed
) -> None:
    def pictures() -> tuple[str, str, list[str]]:
        def read(conn: Connection) -> tuple[str, str, list[str]]:
            mine, theirs = casestore.load(conn, "a"), casestore.shadow(conn, "a")
            return mine.head.title, theirs.head.title, [party.name for party in theirs.parties.values()]

        return place.desk.store.read(read)

    def written() -> list[bytes]:
        def read(conn: Connection) -> list[bytes]:
            return [
                *conn.execute(select(cases.c.shadow)).scalars(),
                *conn.execute(select(case_docs.c.shadow)).scalars(),
            ]

        return place.desk.store.read(read)

    party = cf.Party(party_id="p", case_id="a", side="applicant", ordinal=0, name="陈明")
    feed.apply_snapshot(
        "e1", [case_item(1, "a"), Incoming(2, "party", "p", "a", 1, "put", cf.encode(party))], {}
    )
    assert written() == [b"", b""]
    assert pictures() == ("三楼漏水赔墙面", "三楼漏水赔墙面", ["陈明"])

    def change(conn: Connection) -> None:
        before = casestore.load(conn, "a")
        after = reducer.put(before, "case", replace(before.head, title="只在这里"))
        after = dataclasses.replace(after, parties={})
        casestore.save(conn, before, after, project(after, place.desk, "queued", ""))

    place.desk.store.write(change)
    assert pictures() == ("只在这里", "三楼漏水赔墙面", ["陈明"])
    assert written() == [head("a"), cf.encode(party)]
    feed.apply_snapshot("e1", [case_item(1, "a")], {})
    assert pictures() == ("三楼漏水赔墙面", "三楼漏水赔墙面", ["陈明"])
    assert not place.desk.store.read(
        lambda conn: conn.execute(select(case_docs.c.body)).scalars().one() is None
    )


def test_a_record_confirmed_word_for_word_is_written_once(place: Workplace, feed: IncomingFeed) -> None:
    feed.apply_changes("e1", [case_item(1, "a")], 1)
    Handling(place.desk).add_note("a", "电话里约了时间。")

    def record(conn: Connection) -> Any:
        return conn.execute(select(case_docs)).one()

    stands = place.desk.store.read(record)
    assert stands.shadow is None
    cause = place.desk.store.read(lambda conn: conn.execute(select(outbox.c.command_id)).scalar_one())
    feed.apply_changes("e1", [Incoming(2, "record", stands.doc_id, "a", 3, "put", stands.body, cause)], 2)
    now = place.desk.store.read(record)
    assert (now.version, now.body, now.shadow) == (3, stands.body, b"")
    other = stands.body.replace(b"{", b'{"later": 1, ', 1)
    feed.apply_changes("e1", [Incoming(3, "record", stands.doc_id, "a", 4, "put", other, cause)], 3)
    now = place.desk.store.read(record)
    assert (now.version, now.body, now.shadow) == (4, stands.body, other)


def test_of_what_was_not_accepted_the_one_received_last_comes_first(
    place: Workplace, feed: IncomingFeed
) -> None:
    """A first fetch brings the cases in no such order."""
    days = {"a": 3, "b": 7, "c": 5}
    items = [
        Incoming(seq, "case", one, one, 1, "put", cf.encode(replace(
            cast(cf.Case, cf.decode("case", head(one))),
            state="refused", received_at=MONDAY - dt.timedelta(days=30 - day),
        )))
        for seq, (one, day) in enumerate(days.items(), start=1)
    ]  # fmt: skip
    feed.apply_snapshot("e1", items, {})
    assert [row.case_id for row in Cases(place.desk).inbox("refused")] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        ("lodged", STILL_AT_COURT, "settled"),
        ("confirmed", CONFIRMED_AT_COURT, "settled"),
        ("withdrawn", STILL_AT_COURT, "failed"),
    ],
)
def test_one_that_stood_aside_for_a_forgotten_application_about_another_text_is_told_of_it(
    place: Workplace, feed: IncomingFeed, state: str, code: str, status: str
) -> None:
    """Once that comes back the row says so and asks nobody; let go meanwhile, it is in the way no more."""
    own = {"case_id": "case-1", "kind": "judicial_confirmation", "round": 1}
    key = {"submission_id": "mine", "subject_id": "text-2", "state": "queued", **own}
    body = cf.encode(cf.Submission(**key))  # type: ignore[arg-type]
    mine = {**key, "body": body, "job": "failed", "error_code": code}
    came = {"state": state, "events": (cf.SubmissionEvent(at=MONDAY, state=state),)}
    theirs = cf.Submission(submission_id="theirs", subject_id="text-1", **came, **own)  # type: ignore[arg-type]
    feed.apply_changes("e1", [case_item(1, "case-1")], 1)
    place.desk.store.write(lambda conn: conn.execute(insert(filings).values({**_filled(filings), **mine})))
    told = Incoming(2, "submission", "theirs", "case-1", 1, "put", cf.encode(theirs))
    feed.apply_changes("e1", [told], 2)
    (row,) = [row for row in SyncCentre(place.desk).rows("all") if row.row_id == "filing:mine"]
    assert (row.status, row.why == ANOTHER_TEXT) == (status, status == "settled")
    assert SyncCentre(place.desk).counts().needs_you == (status == "failed")


def _filled(table: Any) -> dict[str, Any]:
    """A value for each column that must have one."""
    blank: dict[type, Any] = {int: 0, bytes: b"[]", str: ""}
    return {c.name: blank[c.type.python_type] for c in table.columns if not c.nullable}

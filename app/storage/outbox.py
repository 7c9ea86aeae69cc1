"""The outbox: this device's ledger of commands, in the order they were written.

A command is written here in the transaction that makes its effect. It leaves the outbox in one of four
ways and no other: delivered (with a receipt), rejected (with a reason), in conflict (both values kept),
or withdrawn by its author before it was sent.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from app.clock import to_text
from app.domain import commands as cmd
from app.domain.errors import InternalError, StateError
from app.storage import kv
from app.storage.direct import among, driver
from app.storage.tables import lanes, meta, outbox, withdrawn_commands

UNSETTLED = ("waiting", "in_flight", "unknown")
"""States in which a command still has to be delivered."""
_GAPS = """
SELECT lanes.author, lanes.case_id, lanes.last_seq - count(outbox.ordinal) FROM lanes
LEFT JOIN outbox ON outbox.device_id = lanes.device_id AND outbox.author = lanes.author
  AND outbox.case_id = lanes.case_id
WHERE lanes.device_id = ? GROUP BY lanes.author, lanes.case_id, lanes.last_seq
HAVING count(outbox.ordinal) < lanes.last_seq
"""


_APPEND = insert(outbox)
_TAIL = select(lanes.c.last_seq, lanes.c.last_hash).where(
    lanes.c.device_id == bindparam("of_device"),
    lanes.c.author == bindparam("of_author"),
    lanes.c.case_id == bindparam("of_case"),
)
_NEW_LANE = upsert(lanes)
_SET_LANE = _NEW_LANE.on_conflict_do_update(
    index_elements=["device_id", "author", "case_id"],
    set_={"last_seq": _NEW_LANE.excluded.last_seq, "last_hash": _NEW_LANE.excluded.last_hash},
)
"""Built once: building a statement costs more than running it."""


@dataclass(frozen=True)
class Author:
    """Who writes commands on which device, and how they are signed."""

    person_id: str
    device_id: str
    sign: Callable[[bytes], bytes]
    new_id: Callable[[], str]


def append(
    conn: Connection,
    author: Author,
    *,
    case_id: str,
    payload: cmd.AnyPayload,
    base_version: int,
    base_values: Mapping[str, Any],
    at: dt.datetime,
    not_before: dt.datetime,
) -> cmd.Command:
    """Build, sign and store a command at the tail of its lane; returns it."""
    lane = (author.device_id, author.person_id, case_id)
    last_seq, last_hash = lane_tail(conn, lane)
    command = cmd.Command(
        command_id=author.new_id(),
        device_id=author.device_id,
        dev_seq=next_device_seq(conn),
        author=author.person_id,
        case_id=case_id,
        lane_seq=last_seq + 1,
        prev_hash=last_hash,
        base_version=base_version,
        base_values=dict(base_values),
        schema_version=cmd.SCHEMA_VERSION,
        written_at=at,
        payload=payload,
        payload_sha256=cmd.payload_hash(payload),
    )
    raw = _readable(command)
    digest = cmd.command_hash(raw)
    row = _row(command, raw, digest)
    row |= {"signature": author.sign(raw), "written_at": to_text(at), "not_before": to_text(not_before)}
    conn.execute(_APPEND, row)
    _set_lane(conn, lane, command.lane_seq, digest)
    return command


def _row(command: cmd.Command, raw: bytes, digest: str) -> dict[str, object]:
    return {
        "command_id": command.command_id,
        "case_id": command.case_id,
        "author": command.author,
        "device_id": command.device_id,
        "dev_seq": command.dev_seq,
        "lane_seq": command.lane_seq,
        "kind": command.kind,
        "bytes": raw,
        "hash": digest,
        "state": "waiting",
    }


def _readable(command: cmd.Command) -> bytes:
    """Canonical bytes that surely decode again: constructors do not check values, and one that the
    decoder refuses (a word outside its list) would close the whole case for good."""
    raw = cmd.canonical(command)
    try:
        cmd.decode(raw)
    except msgspec.ValidationError as error:
        # Only where it is wrong: the message itself may repeat the value.
        where = str(error).rpartition(" - at ")[2] if " - at " in str(error) else ""
        raise InternalError(
            "这一步里有一项内容程序认不得，没有存。已存好的都没有改动，刚才写的还在草稿里。",
            code="E-VALUE",
            detail=f"{command.kind} {where}".strip(),
        ) from None
    return raw


def next_device_seq(conn: Connection) -> int:
    """The next ``dev_seq``: it only ever increases, withdrawn commands included."""
    value = int(kv.get(conn, "dev_seq", "0")) + 1
    kv.put(conn, "dev_seq", str(value))
    return value


def lane_tail(conn: Connection, lane: tuple[str, str, str]) -> tuple[int, str]:
    """Last number and chain hash of a lane (device, author, case)."""
    named = {"of_device": lane[0], "of_author": lane[1], "of_case": lane[2]}
    row = conn.execute(_TAIL, named).one_or_none()
    return (int(row.last_seq), str(row.last_hash)) if row else (0, cmd.GENESIS)


def set_tail(conn: Connection, lane: tuple[str, str, str], seq: int, digest: str) -> None:
    """Say where a lane ends, after commands were put back at its end."""
    _set_lane(conn, lane, seq, digest)


def _set_lane(conn: Connection, lane: tuple[str, str, str], seq: int, digest: str) -> None:
    row = {"device_id": lane[0], "author": lane[1], "case_id": lane[2], "last_seq": seq, "last_hash": digest}
    conn.execute(_SET_LANE, row)


def withdraw(conn: Connection, command_ids: tuple[str, ...], at: dt.datetime) -> frozenset[str]:
    """Take back commands that were never sent, newest first; returns the case ids touched.

    Only the tail of a lane can go, because later commands chain on it. Raises :class:`StateError`
    when one of them was sent already or others follow it; then nothing is changed by the caller's
    rollback.
    """
    touched = set()
    rows = conn.execute(
        select(outbox).where(outbox.c.command_id.in_(command_ids)).order_by(outbox.c.ordinal.desc())
    ).all()
    if len(rows) != len(command_ids):
        raise StateError("这一步已经撤回过了。", code="E-UNDO-GONE")
    for row in rows:
        followed = conn.execute(
            select(func.count())
            .select_from(outbox)
            .where(
                outbox.c.device_id == row.device_id,
                outbox.c.author == row.author,
                outbox.c.case_id == row.case_id,
                outbox.c.lane_seq > row.lane_seq,
            )
        ).scalar_one()
        if row.state != "waiting" or row.attempts or followed:
            raise StateError("这一步已经发出，不能撤销。要改请另发更正。", code="E-UNDO-SENT")
        _take_out(conn, row, at)
        touched.add(row.case_id)
    return frozenset(touched)


def take_out(conn: Connection, command_ids: list[str], at: dt.datetime) -> None:
    """Withdraw the end of a lane that the platform has refused and will refuse for ever, newest first.

    The caller writes the same words anew in the same transaction.
    """
    wanted = select(outbox).where(outbox.c.command_id.in_(command_ids)).order_by(outbox.c.lane_seq.desc())
    for row in conn.execute(wanted).all():
        _take_out(conn, row, at)


def _take_out(conn: Connection, row: Any, at: dt.datetime) -> None:
    conn.execute(
        insert(withdrawn_commands).values(
            command_id=row.command_id,
            case_id=row.case_id,
            author=row.author,
            kind=row.kind,
            bytes=row.bytes,
            withdrawn_at=to_text(at),
        )
    )
    conn.execute(delete(outbox).where(outbox.c.command_id == row.command_id))
    prev = cmd.decode(row.bytes).prev_hash
    _set_lane(conn, (row.device_id, row.author, row.case_id), row.lane_seq - 1, prev)


def gaps(conn: Connection, device_id: str) -> dict[tuple[str, str], int]:
    """Lanes of a device that hold fewer commands than were written in them: by (author, case) how many lack.

    Nothing of the product takes a command out of the middle of a lane; a damaged or tampered file does.
    """
    rows = driver(conn).execute(_GAPS, (device_id,))
    return {(author, case_id): int(lacking) for author, case_id, lacking in rows}


ACKNOWLEDGED = "acknowledged:"
"""Prefix in ``meta``: the person has seen the rejection of this command and needs no more of it."""
REDONE = "redone:"
"""Prefix in ``meta``: this command was written anew; the value is the id of the one in its place."""
DROPPED = "dropped:"
"""Prefix in ``meta``: this command fell with a decision that was not chosen; the value is the choice's id."""


@functools.cache
def unmended() -> ColumnElement[bool]:
    """Rejected commands that still want their author: not put aside, not fallen with a decision that was not
    chosen, and not redone since.

    Redone is a decision (受理, 结案 and their like) given again on the same case; of records, each counts
    for itself, and is redone by the command that names it (:func:`redone`).
    """
    later = outbox.alias("later")
    again = exists().where(
        later.c.case_id == outbox.c.case_id,
        later.c.kind == outbox.c.kind,
        later.c.ordinal > outbox.c.ordinal,
    )
    decided = and_(among(outbox.c.kind, cmd.COMPARE_AND_SET), again)
    over = or_(decided, _has(ACKNOWLEDGED), _has(DROPPED), written_anew())
    return and_(outbox.c.state == "rejected", ~over)


def _has(mark: str) -> ColumnElement[bool]:
    return exists().where(meta.c.key == literal(mark) + outbox.c.command_id)


@functools.cache
def written_anew() -> ColumnElement[bool]:
    """Commands that another one does anew; an undo takes that away, and with it the mark's effect."""
    new = outbox.alias("new")
    return exists().where(
        meta.c.key == literal(REDONE) + outbox.c.command_id, new.c.command_id == meta.c.value
    )


def redone(conn: Connection, old_id: str, new_id: str) -> None:
    """The command ``old_id`` is done anew by ``new_id``: refused or not, it wants nobody any more."""
    kv.put(conn, REDONE + old_id, new_id)


def drop(conn: Connection, command_id: str, choice_id: str) -> None:
    """What a command did falls with a decision that was not chosen: it stays here and asks nobody."""
    kv.put(conn, DROPPED + command_id, choice_id)


def take_up(conn: Connection, choice_ids: Collection[str]) -> None:
    """The choices were taken back: what had fallen with them stands as before."""
    conn.execute(
        delete(meta).where(meta.c.key.startswith(DROPPED, autoescape=True), meta.c.value.in_(choice_ids))
    )


def renamed(conn: Connection, old_id: str, new_id: str) -> None:
    """A command was signed again under another id, and does anew what it did before."""
    named = (meta.c.value == old_id, meta.c.key.startswith(REDONE, autoescape=True))
    conn.execute(update(meta).where(*named).values(value=new_id))
    for mark in (REDONE, DROPPED):
        if told := kv.get(conn, mark + old_id):
            kv.put(conn, mark + new_id, told)


def refused_before(conn: Connection, case_id: str, kind: str) -> bool:
    """Whether a command of this kind on the case was refused and is neither put aside nor redone."""
    mine = (outbox.c.case_id == case_id, outbox.c.kind == kind)
    return conn.execute(select(outbox.c.ordinal).where(*mine, unmended()).limit(1)).first() is not None


def refused_records(conn: Connection, case_id: str) -> frozenset[str]:
    """Ids of the records of a case that the platform did not accept, while somebody has to see to it."""
    return records_in(conn.execute(_refused_of(), {"of_case": case_id}).scalars())


def cases_refused(conn: Connection) -> frozenset[str]:
    """The cases with records that the platform did not accept."""
    return frozenset(conn.execute(select(outbox.c.case_id).where(unmended()).distinct()).scalars())


@functools.cache
def _refused_of() -> Select[bytes | None]:
    """Built once: it runs with every case that is read."""
    return select(outbox.c.bytes).where(outbox.c.case_id == bindparam("of_case"), unmended())


def records_in(rows: Iterable[bytes | None]) -> frozenset[str]:
    """Ids of the records that commands carry, by their bytes."""
    told = (getattr(cmd.decode(raw).payload, "record", None) for raw in rows if raw)
    return frozenset(record.record_id for record in told if record is not None)


def acknowledge(conn: Connection, command_id: str, at: dt.datetime) -> None:
    """Put a rejection aside; the command and its reason stay in the ledger."""
    kv.put(conn, ACKNOWLEDGED + command_id, to_text(at))


def pending(conn: Connection, case_id: str, cursor: int) -> list[tuple[str, cmd.Command]]:
    """Commands of a case that the platform's picture at ``cursor`` does not show yet, with their state.

    Those are the unsettled ones, the delivered ones whose effect comes later in the feed, and the
    rejected ones that their author still has to mend.
    """
    rows = conn.execute(_pending(), {"of_case": case_id, "at_cursor": cursor})
    return [(row.state, cmd.decode(row.bytes)) for row in rows if row.bytes is not None]


@functools.cache
def _pending() -> Select[str, bytes | None]:
    later = and_(outbox.c.state == "delivered", outbox.c.feed_seq > bindparam("at_cursor"))
    return (
        select(outbox.c.state, outbox.c.bytes)
        .where(
            outbox.c.case_id == bindparam("of_case"),
            or_(among(outbox.c.state, UNSETTLED), unmended(), later),
        )
        .order_by(outbox.c.ordinal)
    )


def sent(conn: Connection, command_ids: list[str]) -> None:
    """These leave the computer: from here on they cannot be undone any more, only be corrected."""
    for start in range(0, len(command_ids), 500):
        part = command_ids[start : start + 500]
        mine = outbox.c.command_id.in_(part)
        conn.execute(update(outbox).where(mine).values(attempts=outbox.c.attempts + 1))


def mark(conn: Connection, command_ids: Sequence[str], **values: Any) -> None:
    """Set columns of the named commands."""
    told = tuple(values.values())
    driver(conn).executemany(_set(tuple(values)), [(*told, command_id) for command_id in command_ids])


def delivered(conn: Connection, told: Sequence[tuple[str, int, bytes | None]], at: str) -> None:
    """These have arrived: each with what the feed shows it at, and its receipt."""
    values = {
        "state": "delivered", "settled_at": at, "error_code": "", "error_text": "", "error_field": "",
        "next_attempt_at": "",
    }  # fmt: skip
    sql = _set(("feed_seq", "receipt", *values))
    same = tuple(values.values())
    driver(conn).executemany(sql, [(seq, receipt, *same, command_id) for command_id, seq, receipt in told])


@functools.cache
def _set(names: tuple[str, ...]) -> str:
    columns = ", ".join(f"{outbox.c[name].name} = ?" for name in names)
    return f"UPDATE outbox SET {columns} WHERE command_id = ?"  # noqa: S608 - columns of the table


def in_flight(conn: Connection, command_ids: Sequence[str]) -> None:
    """These go out now."""
    told = [(command_id,) for command_id in command_ids]
    sql = "UPDATE outbox SET state = 'in_flight', attempts = attempts + 1 WHERE command_id = ?"
    driver(conn).executemany(sql, told)

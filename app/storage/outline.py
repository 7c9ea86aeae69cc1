"""What of the outbox may go out: in the order written, each lane behind its own head."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from app.storage import waiting
from app.storage.direct import driver
from app.storage.outbox import UNSETTLED
from app.storage.tables import outbox

_IN_LINE = " UNION ALL ".join(
    f"""SELECT ordinal, command_id, case_id, author, device_id, bytes, signature, hash, attempts, state,
               not_before, next_attempt_at, error_code FROM outbox WHERE state = '{state}'"""  # noqa: S608 - ours
    for state in UNSETTLED
)
"""Three runs through the index of states, joined in order: a single query would sort the whole queue, with
all it carries, for each batch."""


class InLine(NamedTuple):
    """An unsettled command, in the order written."""

    ordinal: int
    command_id: str
    case_id: str
    author: str
    device_id: str
    raw: bytes
    signature: bytes
    hash: str
    attempts: int
    state: str
    not_before: str
    next_attempt_at: str
    error_code: str


def may_go(row: Any, now: dt.datetime) -> bool:
    """Whether a waiting command's undo window and its pause are over."""
    undone = waiting.is_over(row.not_before, now, waiting.UNDO)
    return undone and waiting.is_over(row.next_attempt_at, now, waiting.RETRY)


def ready_batch(conn: Connection, now: dt.datetime, limit: int, max_bytes: int) -> list[InLine]:
    """Rows to send now, oldest first: past their undo window, and first in line of their lane.

    A lane whose head must wait (undo window, back-off, an answer not known yet) holds only itself back,
    never another lane.
    """
    blocked: set[tuple[str, ...]] = set()
    batch: list[InLine] = []
    size = 0
    rows = driver(conn).execute(f"{_IN_LINE} ORDER BY ordinal")
    for row in map(InLine._make, rows):
        case, lane = (row.author, row.case_id), (row.device_id, row.author, row.case_id)
        if case in blocked or lane in blocked:
            continue
        if row.state != "waiting" or not may_go(row, now):
            # One refused for its device (a copied profile) must not hold what a new device id writes.
            blocked.add(lane if row.error_code else case)
            continue
        if len(batch) == limit or (batch and size + len(row.raw) > max_bytes):
            break
        batch.append(row)
        size += len(row.raw)
    rows.close()
    return batch


def packable(conn: Connection, now: dt.datetime) -> list[Any]:
    """What may be carried on a stick, in the order written: ordinal, command_id, kind and the bytes' length.

    As :func:`ready_batch`, but pauses of the network do not count, and what may have arrived already goes
    along: the platform knows each command once. What can still be undone stays, with its lane behind it.
    """
    blocked: set[tuple[str, ...]] = set()
    found: list[Any] = []
    columns = (
        outbox.c.ordinal, outbox.c.command_id, outbox.c.kind, outbox.c.state, outbox.c.author,
        outbox.c.case_id, outbox.c.device_id, outbox.c.error_code, outbox.c.not_before,
        func.length(outbox.c.bytes).label("size"),
    )  # fmt: skip
    for row in conn.execute(select(*columns).where(outbox.c.state.in_(UNSETTLED)).order_by(outbox.c.ordinal)):
        case, lane = (row.author, row.case_id), (row.device_id, row.author, row.case_id)
        if case in blocked or lane in blocked:
            continue
        refused = row.state == "waiting" and row.error_code
        undoable = row.state == "waiting" and not waiting.is_over(row.not_before, now, waiting.UNDO)
        if refused or undoable or row.size is None:
            blocked.add(lane if refused else case)
            continue
        found.append(row)
    return found

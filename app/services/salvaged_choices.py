"""Choices between two values that were made, or taken back, after the backup of a damaged database.

A choice is a command, which comes along as it was signed; that the question is answered stands beside it.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.storage import kv
from app.storage import outbox as ledger
from app.storage.salvage import Readable
from app.storage.tables import conflicts, meta, outbox

OPEN = {"choice": "", "settled_by": "", "settled_at": ""}
_BY_NO_COMMAND = ("", "platform")


def take(conn: Connection, found: Readable, marks: Readable) -> frozenset[str]:
    """Have the damaged database's questions hold, once its commands are here; the cases they are of.

    One settled by a choice that could not be read is open: that choice will never be sent. ``marks``: its
    table ``meta``, with what else a command did away with.
    """
    known = {*conn.execute(select(outbox.c.command_id)).scalars(), *_BY_NO_COMMAND}
    for row in found.rows:
        values = dict(row) if row["settled_by"] in known else {**row, **OPEN}
        conn.execute(upsert(conflicts).values(values).on_conflict_do_update(["conflict_id"], set_=values))
    _take_marks(conn, marks, known)
    return frozenset(row["case_id"] for row in found.rows)


def _take_marks(conn: Connection, marks: Readable, known: set[str]) -> None:
    there = {row["key"]: row["value"] for row in marks.rows}
    for key, value in there.items():
        if key.startswith(ledger.ACKNOWLEDGED) or (
            key.startswith((ledger.REDONE, ledger.DROPPED)) and value in known
        ):
            kv.put(conn, key, value)
    if marks.whole:
        fallen = {f"{ledger.DROPPED}{one}" for one in kv.under(conn, ledger.DROPPED)}
        # What had fallen with a choice stands again where that choice was taken back.
        conn.execute(delete(meta).where(meta.c.key.in_(fallen - there.keys())))

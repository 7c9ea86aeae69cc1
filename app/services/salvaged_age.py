"""Whether a damaged database is later than the backup that took its place.

It is, but where the end of its log was lost: SQLite reads a log up to the first part that does not fit, and
what came behind is gone without a word. What such a one holds is older, and must not be put in the place of
what the backup has. The audit chain tells: whatever a person asks of a court has its row there.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy import Connection, func, select

from app.storage.salvage import Wreck
from app.storage.tables import audit
from app.storage.witness import Witness

_HEALING = ("store.tail_lost", "store.salvage")
"""Rows that a healing writes into the backup before, or with, what it takes over."""


def later(conn: Connection, found: Wreck, witness: Path) -> bool:
    """Whether nothing shows that the damaged database is older than the backup, or than its own witness.

    A chain that cannot be read shows nothing: damage on its pages says nothing of the log.
    """
    last = found.last(audit.name)
    if last is None:
        return True
    if last < _witnessed(witness):
        return False
    row = conn.execute(
        select(audit.c.seq, audit.c.hash)
        .where(
            audit.c.action.not_in(_HEALING),
            func.coalesce(func.json_extract(audit.c.detail, "$.salvaged"), 0) == 0,
        )
        .order_by(audit.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return True
    stood = found.value(audit.name, "hash", row.seq)
    return last >= row.seq and stood in (None, row.hash)


def _witnessed(place: Path) -> int:
    """How far the chain reached when it was last closed; 0 where nobody wrote that down legibly."""
    try:
        return msgspec.json.decode(place.read_bytes(), type=Witness).seq
    except (FileNotFoundError, msgspec.MsgspecError):
        return 0

"""Rows of conflicts and what belongs together in them: the fields of one decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from app.domain import commands as cmd
from app.domain.errors import NotFoundError
from app.services.disputes import descriptive, from_json
from app.storage.tables import conflicts, outbox


def row_of(conn: Connection, conflict_id: str) -> Any:
    """The row of a conflict. Raises :class:`NotFoundError`."""
    row = conn.execute(select(conflicts).where(conflicts.c.conflict_id == conflict_id)).one_or_none()
    if row is None:
        raise NotFoundError("这一处已经不在了，刷新看看。", code="E-NO-CONFLICT")
    return row


def command_of(conn: Connection, command_id: str) -> cmd.Command | None:
    """The command written here, if its content was not erased."""
    raw = conn.execute(select(outbox.c.bytes).where(outbox.c.command_id == command_id)).scalar_one_or_none()
    return cmd.decode(raw) if raw else None


def moved_by(conn: Connection, row: Any) -> Any:
    """Of the fields of one decision the one that somebody changed at the platform, last; else ``row``."""
    if descriptive(row):
        return row
    beside = conn.execute(
        select(conflicts)
        .where(conflicts.c.command_id == row.command_id, conflicts.c.theirs != conflicts.c.base)
        .order_by(conflicts.c.theirs_at.desc(), conflicts.c.conflict_id.desc())
    ).all()
    return next((one for one in beside if not descriptive(one)), row)


def same(row: Any) -> bool:
    """Whether it was settled by itself, both values having become one."""
    return bool(row.settled_at) and descriptive(row) and from_json(row.mine) == from_json(row.theirs)


def once(rows: Any) -> Iterator[Any]:
    """The rows, of each decision one."""
    seen: set[str] = set()
    for row in rows:
        if descriptive(row) or row.command_id not in seen:
            yield row
        seen.add(row.command_id)

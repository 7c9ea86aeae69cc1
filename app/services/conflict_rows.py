"""Rows of conflicts and what belongs together in them: the fields of one decision, or of one appointment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from app.domain import commands as cmd
from app.domain import reducer
from app.domain.errors import NotFoundError
from app.services import backlog
from app.services.disputes import descriptive, from_json, together
from app.storage.tables import conflicts, outbox


def row_of(conn: Connection, conflict_id: str) -> Any:
    """The row of a conflict. Raises :class:`NotFoundError`."""
    row = conn.execute(select(conflicts).where(conflicts.c.conflict_id == conflict_id)).one_or_none()
    if row is None:
        raise NotFoundError("这一处已经不在了，刷新看看。", code="E-NO-CONFLICT")
    return row


def gone_words(conn: Connection, case_id: str) -> str:
    """What a choice comes to in a case that is here only because of it; empty in any other."""
    if backlog.goes_on(conn, case_id):
        return "这件已改派给同事，选平台上的就告诉平台，这一处就了结"
    return "平台已收回或改派这件案件，选了也不会再发" if backlog.taken_back(conn, case_id) else ""


def command_of(conn: Connection, command_id: str) -> cmd.Command | None:
    """The command written here, if its content was not erased."""
    raw = conn.execute(select(outbox.c.bytes).where(outbox.c.command_id == command_id)).scalar_one_or_none()
    return cmd.decode(raw) if raw else None


def question_of(row: Any) -> ColumnElement[bool]:
    """The rows that are one question with ``row``, and are settled with it."""
    of_command: ColumnElement[bool] = conflicts.c.command_id == row.command_id
    if not descriptive(row):
        return of_command
    if row.field not in cmd.APPOINTMENT:
        return and_(conflicts.c.conflict_id == row.conflict_id)
    beside = conflicts.c.field.in_(cmd.APPOINTMENT), conflicts.c.settled_by == row.settled_by
    return and_(of_command, *beside)


def told(conn: Connection, row: Any, side: str, doc: Any) -> dict[str, Any]:
    """What ``side`` (base, mine or theirs) has in the fields of one question, by field.

    ``doc``: the document that tells what stands in a field of which no conflict was kept.
    """
    names = together(row.field)
    found = reducer.field_values(doc, names) if doc is not None and len(names) > 1 else {}
    rows = conn.execute(select(conflicts).where(question_of(row))).all() if len(names) > 1 else [row]
    return {**dict.fromkeys(names), **found, **{one.field: from_json(getattr(one, side)) for one in rows}}


def moved_by(conn: Connection, row: Any) -> Any:
    """Of the fields of one question the one that somebody changed at the platform, last; else ``row``."""
    if descriptive(row) and row.field not in cmd.APPOINTMENT:
        return row
    beside = conn.execute(
        select(conflicts)
        .where(question_of(row), conflicts.c.theirs != conflicts.c.base)
        .order_by(conflicts.c.theirs_at.desc(), conflicts.c.conflict_id.desc())
    ).all()
    return next((one for one in beside if descriptive(one) == descriptive(row)), row)


def same(conn: Connection, row: Any) -> bool:
    """Whether a value of a field is the same on both sides by now: of an appointment hour and room."""
    if not descriptive(row):
        return False
    return told(conn, row, "mine", None) == told(conn, row, "theirs", None)


def once(rows: Any) -> Iterator[Any]:
    """The rows, of each question one."""
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        if not descriptive(row):
            key: tuple[str, ...] = (row.command_id,)
        else:
            of_two = row.field in cmd.APPOINTMENT
            key = (row.command_id, "", row.settled_by) if of_two else (row.conflict_id, row.field)
        if key not in seen:
            yield row
        seen.add(key)

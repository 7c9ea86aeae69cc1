"""Two values that have become the same by themselves: nobody has to choose any more.

A colleague wrote what stands here, or what was written here was put in the place of the other afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from app.clock import to_text
from app.domain import commands as cmd
from app.services import backlog, casework
from app.services.casework import Casework
from app.services.conflict_rows import same
from app.services.disputes import LEGAL_FIELDS, from_json, settled_before
from app.storage import audit
from app.storage.tables import cases, conflicts

if TYPE_CHECKING:
    from app.services.desk import Desk


def same_by_now(conn: Connection) -> list[Any]:
    """The open conflicts whose two values are one."""
    rows = conn.execute(select(conflicts).where(backlog.OPEN_CONFLICT)).all()
    return [row for row in rows if same(conn, row)]


def settle(conn: Connection, desk: Desk) -> frozenset[str]:
    """Close them, with a trace; the cases in which one was closed. The row keeps what both wrote.

    The platform holds up an application as long as a value that a ruling rests on is undecided: of such a one
    it is told.
    """
    touched = set()
    for row in same_by_now(conn):
        here = conn.execute(select(cases.c.rid).where(cases.c.case_id == row.case_id)).first() is not None
        told = row.field in LEGAL_FIELDS and here and not backlog.taken_back(conn, row.case_id)
        settled_by = _tell(conn, desk, row) if told else "platform"
        values = {"choice": "mine", "settled_by": settled_by, "settled_at": to_text(desk.clock.now())}
        conn.execute(update(conflicts).where(conflicts.c.conflict_id == row.conflict_id).values(values))
        detail = {"field": row.field}
        audit.append(
            conn, desk.clock.now(), desk.person.person_id, "conflict.same", row.case_id, row.doc_id, detail
        )
        if here:
            casework.show_standing(conn, row.case_id)
        touched.add(row.case_id)
    return frozenset(touched)


def _tell(conn: Connection, desk: Desk, row: Any) -> str:
    """Have the conflict closed at the platform, as if ours had been chosen; the command's id."""
    case, fields = Casework(conn, desk), {row.field: from_json(row.mine)}
    payload = cmd.ResolveConflict(
        entity=row.entity, entity_id=row.doc_id, fields=fields, settles=row.command_id, choice="mine",
        also=settled_before(conn, row),
    )  # fmt: skip
    told = case.issue(row.case_id, payload, base=fields, immediate=True)
    case.finish()
    return told.command_id

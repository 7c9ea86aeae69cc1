"""Words refused because of the computer's old device id: written anew under the present one.

A copied or restored profile forks the numbers of its lanes; the platform then takes nothing more from
that device id (``device_cloned``). Once the computer has a new id, what had been refused is signed again
by its author under that id, and the old command is withdrawn in the same transaction: each of them is
sent once, never both.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from app.clock import from_text
from app.domain import commands as cmd
from app.services import casework
from app.services.changes import ChangeSet
from app.services.desk import Desk
from app.services.line_state import DEVICE_CODES
from app.storage import audit, outbox
from app.storage.tables import outbox as table

CLONED = "device_cloned"


def reissue(desk: Desk) -> ChangeSet:
    """Write anew what this person wrote under device ids that the platform refuses.

    Only an author's own key signs; what colleagues wrote waits until they sit down here.
    """

    def work(conn: Connection) -> ChangeSet:
        touched: set[str] = set()
        for lane in _lanes(conn, desk):
            rows = _tail(conn, desk, lane.device_id, lane.case_id, lane.first)
            if rows:
                _write_anew(conn, desk, rows)
                touched.add(lane.case_id)
        for case_id in touched:
            casework.rebuild(conn, desk, case_id)
        if not touched:
            return ChangeSet()
        return ChangeSet.of("cases", "tasks", "outbox", case_ids=frozenset(touched))

    if not desk.store.read(lambda conn: _lanes(conn, desk)):
        return ChangeSet()
    return desk.store.write(work, background=True)


def _lanes(conn: Connection, desk: Desk) -> list[Any]:
    """Lanes of earlier device ids with a refusal in them, and where it stands."""
    query = (
        select(table.c.device_id, table.c.case_id, func.min(table.c.lane_seq).label("first"))
        .where(
            table.c.author == desk.person.person_id,
            table.c.device_id != desk.device_id,
            table.c.state == "waiting",
            table.c.error_code.in_(DEVICE_CODES),
            table.c.bytes.is_not(None),
        )
        .group_by(table.c.device_id, table.c.case_id)
        .order_by(func.min(table.c.ordinal))
    )
    return list(conn.execute(query))


def _tail(conn: Connection, desk: Desk, device_id: str, case_id: str, first: int) -> list[Any]:
    """The lane from the refusal on; empty while the fate of one of them is not known."""
    rows = conn.execute(
        select(table)
        .where(
            table.c.device_id == device_id,
            table.c.author == desk.person.person_id,
            table.c.case_id == case_id,
            table.c.lane_seq >= first,
        )
        .order_by(table.c.lane_seq)
    ).all()
    return list(rows) if all(row.state == "waiting" and row.bytes is not None for row in rows) else []


def _write_anew(conn: Connection, desk: Desk, rows: list[Any]) -> None:
    now = desk.clock.now()
    outbox.take_out(conn, [row.command_id for row in rows], now)
    for row in rows:
        old = cmd.decode(row.bytes)
        new = outbox.append(
            conn,
            desk.author(),
            case_id=old.case_id,
            payload=old.payload,
            base_version=old.base_version,
            base_values=old.base_values,
            at=from_text(row.written_at),
            not_before=now,
        )
        outbox.renamed(conn, old.command_id, new.command_id)
        detail = {"instead_of": old.command_id}
        person = desk.person.person_id
        audit.append(conn, now, person, "command.reissue", old.case_id, new.command_id, detail)

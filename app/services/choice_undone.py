"""撤销 of a choice between two values: what it settled is asked about again, as it was."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, select, update

from app.domain import commands as cmd
from app.domain.errors import StateError
from app.services import backlog, disputes
from app.services.conflict_rows import command_of
from app.storage import outbox
from app.storage.tables import conflicts, filings, inbox

LATE = "选好的已经发出，或后面又写了别的，不能撤销。没选的也留着："
LATE_FIELD = f"{LATE}要改，到案件的“经过”里打开这一处，换成它。"
LATE_DECISION = f"{LATE}在案件的“经过”里能看全文；要改，到案件里再办。"
FILED = "案件已经提交确认申请，选好的没有撤销。要改，请先撤回申请。"

_UNDER_WAY = and_(filings.c.case_id == bindparam("of_case"), backlog.FILING_QUEUED)
_CAME = and_(inbox.c.case_id == bindparam("of_case"), inbox.c.received_at >= bindparam("since"))


def asked_again(conn: Connection, command_ids: Collection[str]) -> bool:
    """Open every conflict that the withdrawn commands settled; whether there was any.

    With a decision what fell with it stands again. Raises :class:`StateError` where an application on its way
    rests on what was chosen: it would wait for ever.
    """
    settled = select(conflicts, disputes.LEGAL).where(conflicts.c.settled_by.in_(command_ids))
    rows = conn.execute(settled).all()
    if not rows:
        return False
    for case_id in {row.case_id for row in rows if row.legal}:
        if backlog.number(conn, (filings, _UNDER_WAY), of_case=case_id):
            raise StateError(FILED, code="E-FILED")
    conn.execute(
        update(conflicts)
        .where(conflicts.c.conflict_id.in_([row.conflict_id for row in rows]))
        .values(choice="", settled_by="", settled_at="")
    )
    outbox.take_up(conn, command_ids)
    # Of a settled one the platform's value is not followed: what came meanwhile is the one to choose from.
    if any(_came_since(conn, row) for row in rows):
        disputes.follow(conn)
    return True


def too_late(conn: Connection, command_ids: Collection[str]) -> str:
    """What is to be said where a choice cannot be withdrawn any more; empty for anything but a choice."""
    for command in (command_of(conn, one) for one in command_ids):
        if command is not None and isinstance(command.payload, cmd.ResolveConflict):
            return LATE_FIELD if command.payload.fields else LATE_DECISION
    return ""


def _came_since(conn: Connection, row: Row[Any]) -> bool:
    return backlog.number(conn, (inbox, _CAME), of_case=row.case_id, since=row.settled_at) > 0

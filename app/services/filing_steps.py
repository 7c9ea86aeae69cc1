"""Steps of a filing that are over: each stays with its receipt, or with the reason why it did not go.

``filings`` holds what is asked of the court now, one row a filing. Whatever takes the place of such a row has
it kept here first, in the same transaction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from app.clock import to_text
from app.domain.errors import StateError
from app.services import backlog
from app.services.desk import Desk
from app.storage.tables import filing_steps, filings

COPIED = tuple(name for name in filing_steps.c.keys() if name != "step_id")  # noqa: SIM118 - not a mapping
IN_DOUBT = "正在核对平台收到本机提交的那一份没有，核对完再办这一步。"


def keep(conn: Connection, desk: Desk, where: ColumnElement[bool], next_step: str = "") -> None:
    """Keep every row of ``filings`` that meets ``where`` as a step that is over.

    ``next_step``: what is wanted of the filing instead, in words: told of a step that had not gone yet. A
    refused one counts as read by whoever goes on after it, with the platform's words. Raises
    :class:`StateError` while it is not known whether the platform has one of them.
    """
    now = to_text(desk.clock.now())
    for row in conn.execute(select(filings).where(where)).all():
        values: dict[str, Any] = {name: getattr(row, name) for name in COPIED}
        if row.job in ("in_flight", "unknown") or (row.job, row.wanted) == ("waiting", "lodge"):
            # A lodging that waits and is not taken back is one that a restored platform does not know yet.
            raise StateError(IN_DOUBT, code="E-IN-DOUBT")
        if row.job == "failed":
            values |= {"job": "settled", "settled_at": now}
        elif row.job == "waiting":
            said = f"还没有送出，改成了“{next_step}”，这一步没有再送。"
            values |= {"job": "settled", "settled_at": now}
            values |= {"error_code": backlog.REPLACED, "error_text": said, "receipt": None}
        conn.execute(insert(filing_steps).values(step_id=desk.make_id(), **values))


def make_room(conn: Connection, desk: Desk, row: dict[str, object]) -> None:
    """One under the key of ``row`` that was settled without an effect becomes a step.

    Raises :class:`StateError` while another one under its key is still on its way.
    """
    key = and_(*(filings.c[name] == row[name] for name in ("case_id", "kind", "subject_id", "round")))
    over = and_(key, backlog.FILING_SETTLED)
    keep(conn, desk, over)
    conn.execute(delete(filings).where(over))
    if conn.execute(select(filings.c.submission_id).where(key)).first():
        raise StateError(IN_DOUBT, code="E-IN-DOUBT")

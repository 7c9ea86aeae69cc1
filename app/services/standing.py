"""Where what was written of a case stands with the platform (同步 column of 案件)."""

from __future__ import annotations

import functools

from sqlalchemy import Connection, Select, bindparam, exists, or_, select

from app.services.backlog import UNDER_WAY
from app.storage import outbox
from app.storage.direct import among
from app.storage.tables import conflicts, filings
from app.storage.tables import outbox as table


def sync_state(conn: Connection, case_id: str) -> str:
    """Where the case's own words and what is asked of its court stand: delivered, queued, failed or conflict
    (同步 column)."""
    row = conn.execute(_standing(), {"of_case": case_id}).one()
    found = [name for name in ("conflict", "failed", "queued") if row._mapping[name]]
    return found[0] if found else "delivered"


@functools.cache
def _standing() -> Select[bool, bool, bool]:
    mine = table.c.case_id == bindparam("of_case")
    asked = exists().where(filings.c.case_id == bindparam("of_case"))
    return select(
        exists()
        .where(conflicts.c.case_id == bindparam("of_case"), conflicts.c.settled_at == "")
        .label("conflict"),
        or_(exists().where(mine, outbox.unmended()), asked.where(filings.c.job == "failed")).label("failed"),
        or_(
            exists().where(mine, among(table.c.state, outbox.UNSETTLED)),
            asked.where(among(filings.c.job, UNDER_WAY)),
        ).label("queued"),
    )

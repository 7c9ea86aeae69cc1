"""A new legal day: the plans of open cases are made anew, because some of them depend on the day."""

from __future__ import annotations

from sqlalchemy import select

from app.services import casework
from app.services.changes import ChangeSet
from app.services.desk import Desk
from app.storage import casestore, kv
from app.storage.tables import IS_OPEN, cases

KEY = "projected_day"
BATCH = 50
"""Cases per transaction, so that a person's own write never waits long."""


class Daybreak:
    """Renews what depends on the day."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def due(self) -> bool:
        """Whether the plans are from another day."""
        today = self._desk.today().isoformat()
        return self._desk.store.read(lambda conn: kv.get(conn, KEY)) != today

    def renew(self) -> ChangeSet:
        """Make the plans of all open cases anew, in small background transactions."""
        desk = self._desk
        today = desk.today().isoformat()
        statement = select(cases.c.case_id).where(IS_OPEN).order_by(cases.c.rid)
        case_ids = list(desk.store.read(lambda conn: conn.execute(statement).scalars().all()))
        for start in range(0, len(case_ids), BATCH):
            some = case_ids[start : start + BATCH]
            desk.store.write(lambda conn, some=some: self._project(conn, some), background=True)  # type: ignore[misc]
        desk.store.write(lambda conn: kv.put(conn, KEY, today), background=True)
        return ChangeSet.of("cases", "tasks")

    def _project(self, conn: object, case_ids: list[str]) -> None:
        for file in casestore.load_many(conn, case_ids).values():  # type: ignore[arg-type]
            casework.store_projection(conn, self._desk, file, file)  # type: ignore[arg-type]

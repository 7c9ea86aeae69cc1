"""What 今日 shows first, read straight through the driver.

The one permitted exception to SQL through SQLAlchemy: importing that costs more than the whole first
paint. One connection, one snapshot, closed again; the services read everything anew afterwards. Rows carry
the same names as those of :func:`app.storage.casequery.due_tasks`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.storage.faults import from_database_error
from app.storage.raw import open_raw
from app.storage.schema.head import HEAD, read_version

TASK_LIMIT = 200


class TaskLine(NamedTuple):
    """A task with its case's title and masked parties; ``body`` is the task's JSON."""

    task_id: str
    case_id: str
    kind: str
    due_on: str
    due_at: str
    waiting: int
    hard: int
    body: bytes
    title: str
    parties: str
    label: str


class AppointmentLine(NamedTuple):
    """An appointment of the day (日程)."""

    appointment_id: str
    case_id: str
    starts_at: str
    title: str
    place: str


@dataclass(frozen=True)
class FirstPaint:
    """One snapshot of the store."""

    tasks: tuple[TaskLine, ...]
    appointments: tuple[AppointmentLine, ...]
    counters: dict[str, int]
    settings: dict[tuple[str, str], str]
    """By (scope, key): JSON values of the institution and of the person."""
    meta: dict[str, str]
    people: dict[str, str]
    """Role by person id, active people only."""
    unsent: int
    """Commands that wait to be delivered."""
    open_conflicts: int


_TASKS = """
    SELECT t.task_id, t.case_id, t.kind, t.due_on, t.due_at, t.waiting, t.hard, t.body,
           c.title, c.parties, c.label
    FROM tasks t JOIN cases c ON c.case_id = t.case_id
    WHERE t.waiting = 0 AND t.due_on <= ?
    ORDER BY t.due_on, t.due_at LIMIT ?
"""
_APPOINTMENTS = """
    SELECT appointment_id, case_id, starts_at, title, place FROM appointments
    WHERE person_id = ? AND starts_at >= ? AND starts_at < ? ORDER BY starts_at
"""
_UNSENT = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'in_flight', 'unknown')"
_SETTINGS = "SELECT scope, key, value FROM settings WHERE scope IN ('institution', ?)"
_CONFLICTS = "SELECT count(*) FROM conflicts WHERE settled_at = ''"
_META = "SELECT key, value FROM meta WHERE key NOT LIKE 'acknowledged:%'"


def read(
    path: Path, key: bytes, *, person_id: str, until: str, day_start: str, day_end: str
) -> FirstPaint | None:
    """The snapshot, or ``None`` when the schema has to be upgraded first.

    ``until`` is the last legal day (ISO date) whose tasks are wanted; ``day_start`` and ``day_end`` are the
    UTC instants, as text, between which the day's appointments begin. Raises the product's storage faults.
    """
    import sqlcipher3.dbapi2 as driver

    with contextlib.closing(open_raw(path, key, read_only=True)) as raw:
        if read_version(raw) != HEAD:
            return None
        try:
            raw.execute("BEGIN")
            return FirstPaint(
                tasks=tuple(map(TaskLine._make, raw.execute(_TASKS, (until, TASK_LIMIT)))),
                appointments=tuple(
                    map(AppointmentLine._make, raw.execute(_APPOINTMENTS, (person_id, day_start, day_end)))
                ),
                counters=dict(raw.execute("SELECT name, value FROM counters")),
                settings={
                    (scope, name): value
                    for scope, name, value in raw.execute(
                        "SELECT scope, key, value FROM settings WHERE scope IN ('institution', ?)",
                        (person_id,),
                    )
                },
                meta=dict(raw.execute(_META)),
                people=dict(raw.execute("SELECT person_id, role FROM people WHERE active = 1")),
                unsent=raw.execute(_UNSENT).fetchone()[0],
                open_conflicts=raw.execute("SELECT count(*) FROM conflicts WHERE settled_at = ''").fetchone()[
                    0
                ],
            )
        except driver.Error as error:
            known = from_database_error(error, path)
            if known is None:
                raise
            raise known from error

"""What 今日 shows first, read straight through the driver.

The one permitted exception to SQL through SQLAlchemy: importing that costs more than the whole first
paint. One connection, one snapshot, closed again; the services read everything anew afterwards. Rows carry
the same names as those of the services' own statements (``app.storage.casequery``, ``app.services.today``,
``app.services.drafts``); a test compares the boards that both make.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from app.storage.faults import from_database_error
from app.storage.raw import open_raw
from app.storage.schema.head import HEAD, read_version

TASK_LIMIT, DRAFT_LIMIT = 500, 20
DECIDED = (
    "agreement_id", "appointment", "conclusion", "decided_by", "parties", "performed", "signed", "state",
    "suspensions",
)  # fmt: skip
"""What a decision rests on (``commands.COMPARE_AND_SET``), disputed together where it met another."""
APPOINTED = ("next_session_at", "next_session_place")
"""What makes an appointment (``commands.APPOINTMENT``), disputed together, too."""
AWAITS_CHOICE = """
    (outbox.kind = 'signature.register' AND EXISTS (
        SELECT 1 FROM conflicts AS c JOIN outbox AS texts ON texts.command_id = c.command_id
        WHERE c.case_id = outbox.case_id AND c.settled_at = '' AND texts.kind = 'agreement.finalise'
        AND json_extract(CAST(texts.bytes AS TEXT), '$.payload.agreement.agreement_id') =
            json_extract(CAST(outbox.bytes AS TEXT), '$.payload.record.body.agreement_id')))
"""
"""Of a refused command of the outbox: whether it is a signature on a text of which somebody has to choose
between two."""
LOST = "lost."
"""What the field of a command begins with that waits for what a restored platform has not back: behind it
stands the field in which it names that. A mere delay carries no code."""
HELD_UP = f"""
    ((outbox.author, outbox.case_id) IN (SELECT author, case_id FROM outbox
        WHERE state IN ('waiting', 'in_flight', 'unknown') AND error_field LIKE '{LOST}%'))
"""  # noqa: S608 - ours
"""Of a command of the outbox that waits: whether it waits for that, or behind one that does."""


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
    elsewhere: str
    """In whose hands the case is, where it is not in one's own."""


class AppointmentLine(NamedTuple):
    """An appointment of the day (日程)."""

    appointment_id: str
    case_id: str
    starts_at: str
    title: str
    place: str


class DraftLine(NamedTuple):
    """A form that was not finished."""

    kind: str
    subject: str
    title: str
    saved_at: str
    returned_by: str
    """Who sent it back to be changed; empty for most."""


class PersonLine(NamedTuple):
    """A person of the roster."""

    person_id: str
    name: str
    role: str
    login: str


class Counts(NamedTuple):
    """Figures beside the rows."""

    open: int
    signing: int
    closed_this_month: int
    conflicts: int
    rejected: int
    """Commands, files and filings that were not taken and want a person."""
    unsent: int
    """Commands, files and filings that wait to be delivered."""
    elsewhere: int
    """Cases in colleagues' hands of which something is overdue."""
    device_refused: int
    """Commands that the platform refused for this computer's sake."""
    taken_back: int
    """Cases that the platform took back while work on them lies here unsent."""
    held_up: int
    """Commands that wait for what a restored platform has not back."""
    held_filings: int
    """Filings that wait for a colleague."""


@dataclass(frozen=True)
class Question:
    """Which rows are wanted. ``until`` is the last legal day (ISO date) whose tasks are; ``day_start``,
    ``day_end`` and ``month`` are UTC instants as text."""

    person_id: str
    draft_owners: tuple[str, ...]
    until: str
    month: str
    day_start: str
    day_end: str
    day: str
    """The present legal day (ISO date)."""


@dataclass(frozen=True)
class FirstPaint:
    """One snapshot of the store."""

    tasks: tuple[TaskLine, ...]
    appointments: tuple[AppointmentLine, ...]
    drafts: tuple[DraftLine, ...]
    counts: Counts
    next_due: str
    """The nearest later day on which something falls due; empty when there is none."""
    settings: Mapping[str, str]
    """JSON values of the institution, by key."""
    holidays: bytes | None
    """The platform's catalogue of holidays."""
    meta: Mapping[str, str]
    people: Mapping[str, PersonLine]


Ask = Callable[[Mapping[str, str], Mapping[str, PersonLine]], Question]
"""From single values and the roster, what else is wanted."""

_TASKS = """
    SELECT t.task_id, t.case_id, t.kind, t.due_on, t.due_at, t.waiting, t.hard, t.body,
           c.title, c.parties, c.label,
           CASE WHEN t.person_id IN ('', :person) THEN '' ELSE coalesce(p.name, '同事') END
    FROM tasks t JOIN cases c ON c.case_id = t.case_id LEFT JOIN people p ON p.person_id = t.person_id
    WHERE (t.person_id IN ('', :person)
           OR (t.kind IN ('confirm', 'supplement', 'await_court') AND t.case_id IN (
               SELECT f.case_id FROM filings f JOIN cases fc ON fc.case_id = f.case_id
               WHERE f.job IN ('waiting', 'in_flight', 'unknown')
               AND f.author != fc.mediator_id)))
      AND (t.waiting = 1 OR t.due_on <= :until OR t.due_on = '9999')
    ORDER BY t.waiting, t.due_on, t.due_at LIMIT :limit
"""
_APPOINTMENTS = """
    SELECT appointment_id, case_id, starts_at, title, place FROM appointments
    WHERE person_id = ? AND starts_at >= ? AND starts_at < ? ORDER BY starts_at
"""
_DRAFTS = """
    SELECT d.kind, d.subject, coalesce(c.title, ''), d.saved_at,
           coalesce(json_extract(CAST(d.body AS TEXT), '$.returned_by'), '')
    FROM drafts d LEFT JOIN cases c ON c.case_id = d.subject
    WHERE d.person_id IN (?, ?) ORDER BY d.saved_at DESC LIMIT ?
"""
FILE_STANDS = """
    (EXISTS (SELECT 1 FROM case_docs
             WHERE entity = 'attachment' AND doc_id = uploads.attachment_id AND body IS NOT NULL)
     OR NOT EXISTS (SELECT 1 FROM cases WHERE cases.case_id = uploads.case_id))
"""
"""Whether a file on its way has not been taken back; it goes also where its case is in other hands by now."""
_COUNTS = (
    """
    SELECT (SELECT count(*) FROM cases WHERE mediator_id = :person AND is_open = 1 AND state != 'closed'),
           (SELECT count(*) FROM cases WHERE mediator_id = :person AND is_open = 1 AND label = 'signing'),
           (SELECT count(*) FROM cases WHERE mediator_id = :person AND closed_at > ''
                    AND closed_at >= :month),
           (SELECT count(DISTINCT CASE
                    WHEN field IN ('agreement_id', 'appointment', 'conclusion', 'decided_by', 'parties',
                                  'performed', 'signed', 'state', 'suspensions')
                    THEN command_id
                    WHEN field IN ('next_session_at', 'next_session_place')
                    THEN command_id || ':appointment' ELSE conflict_id END)
            FROM conflicts WHERE settled_at = ''),
           (SELECT count(*) FROM outbox WHERE (state = 'waiting' AND error_code != '') OR (state = 'rejected'
            AND NOT awaits_choice
            AND NOT EXISTS (SELECT 1 FROM meta WHERE key IN ('acknowledged:' || command_id,
                                                             'redone:' || command_id,
                                                             'dropped:' || command_id))))
           + (SELECT count(*) FROM uploads WHERE state = 'failed' AND file_stands)
           + (SELECT count(*) FROM filings WHERE job = 'failed'),
           (SELECT count(*) FROM outbox
            WHERE state IN ('in_flight', 'unknown') OR (state = 'waiting' AND error_code = ''))
           + (SELECT count(*) FROM uploads WHERE state IN ('waiting', 'sending') AND file_stands)
           + (SELECT count(*) FROM filings WHERE job IN ('waiting', 'in_flight', 'unknown')),
           (SELECT count(DISTINCT case_id) FROM tasks
            WHERE waiting = 0 AND due_on < :day AND person_id NOT IN ('', :person)),
           (SELECT count(*) FROM outbox WHERE state = 'waiting' AND device_id = :device
            AND error_code IN ('device_cloned', 'device_revoked', 'device_unknown')),
           (SELECT count(DISTINCT case_id) FROM inbox WHERE error = 'held'),
           (SELECT count(*) FROM outbox
            WHERE (state IN ('in_flight', 'unknown') OR (state = 'waiting' AND error_code = ''))
            AND held_up),
           (SELECT count(*) FROM filings WHERE job IN ('waiting', 'in_flight', 'unknown')
            AND error_code IN ('colleagues_choice', 'colleagues_files', 'colleagues_signatures'))
""".replace("awaits_choice", AWAITS_CHOICE)
    .replace("held_up", HELD_UP)
    .replace("file_stands", FILE_STANDS)
)
_NEXT = """
    SELECT min(next_due) FROM cases
    WHERE next_due > ? AND next_due < '9999' AND mediator_id IN ('', ?)
"""
_META = """
    SELECT key, value FROM meta
    WHERE key NOT LIKE 'acknowledged:%' AND key NOT LIKE 'redone:%' AND key NOT LIKE 'dropped:%'
"""
_SETTINGS = "SELECT key, value FROM settings WHERE scope = 'institution'"
_PEOPLE = "SELECT person_id, name, role, login FROM people"
_HOLIDAYS = "SELECT body FROM catalogues WHERE name = 'holidays'"


def read(path: Path, key: bytes, ask: Ask) -> FirstPaint | None:
    """The snapshot, or ``None`` when the schema has to be upgraded first. Raises the storage faults."""
    import sqlcipher3.dbapi2 as driver

    with contextlib.closing(open_raw(path, key, read_only=True)) as raw:
        if read_version(raw) != HEAD:
            return None
        try:
            raw.execute("BEGIN")
            return _snapshot(raw, ask)
        except driver.Error as error:
            known = from_database_error(error, path)
            if known is None:
                raise
            raise known from error


def _snapshot(raw: Any, ask: Ask) -> FirstPaint:
    def one(statement: str, *values: str) -> Any:
        row = raw.execute(statement, values).fetchone()
        return row[0] if row is not None else None

    meta = dict(raw.execute(_META))
    people = {line.person_id: line for line in map(PersonLine._make, raw.execute(_PEOPLE))}
    asked = ask(meta, people)
    first, *more = asked.draft_owners
    owners = (first, more[0] if more else first)
    day = (asked.person_id, asked.day_start, asked.day_end)
    named = {"person": asked.person_id, "until": asked.until, "limit": TASK_LIMIT, "month": asked.month,
             "day": asked.day, "device": meta.get("device_id", "")}  # fmt: skip
    return FirstPaint(
        tasks=tuple(map(TaskLine._make, raw.execute(_TASKS, named))),
        appointments=tuple(map(AppointmentLine._make, raw.execute(_APPOINTMENTS, day))),
        drafts=tuple(map(DraftLine._make, raw.execute(_DRAFTS, (*owners, DRAFT_LIMIT)))),
        counts=Counts._make(raw.execute(_COUNTS, named).fetchone()),
        next_due=one(_NEXT, asked.until, asked.person_id) or "",
        settings=dict(raw.execute(_SETTINGS)),
        holidays=one(_HOLIDAYS),
        meta=meta,
        people=people,
    )

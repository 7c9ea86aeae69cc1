"""The days ahead: what falls due on each, and the person's own appointments (今日：看日历、加一项)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from app.clock import SHANGHAI, from_text, legal_day, shanghai, to_text
from app.domain.errors import FieldError, FieldErrors, NotFoundError
from app.domain.tasks import Task, estimated
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.storage import casequery
from app.storage.tables import appointments, cases, tasks

LONGEST_TITLE = 60
_TASK = msgspec.json.Decoder(Task)


@dataclass(frozen=True)
class AgendaItem:
    """One thing on one day. ``time`` is Shanghai's time of day, empty for a deadline without one."""

    key: str
    day: dt.date
    time: str
    verb: str
    """What to do for a case; empty for an own appointment."""
    title: str
    detail: str
    case_id: str
    own: bool
    """An appointment of the person's own, which may be taken away."""


@dataclass(frozen=True)
class DayOff:
    """Whether people work on a day, as far as the calendar knows."""

    day: dt.date
    workday: bool
    provisional: bool


class Agenda:
    """Reads and keeps appointments; they stay on this computer and are never sent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def between(self, first: dt.date, last: dt.date) -> Mapping[dt.date, tuple[AgendaItem, ...]]:
        """What stands on each day from ``first`` to ``last`` (included); empty days are left out."""
        self._desk.require_cases()
        desk = self._desk
        start = to_text(dt.datetime.combine(first, dt.time(), SHANGHAI))
        end = to_text(dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), SHANGHAI))
        due = (
            select(tasks.c.task_id, tasks.c.case_id, tasks.c.body, cases.c.title)
            .join(cases, cases.c.case_id == tasks.c.case_id)
            .where(tasks.c.due_on >= first.isoformat(), tasks.c.due_on <= last.isoformat())
            .where(tasks.c.kind != "first_contact")
            .where(casequery.ones_own(tasks.c.person_id, desk.person.person_id))
            .limit(1000)
        )
        own = select(appointments).where(
            appointments.c.person_id == desk.person.person_id,
            appointments.c.starts_at >= start,
            appointments.c.starts_at < end,
        )
        found = desk.store.read(
            lambda conn: [_due(row) for row in conn.execute(due)] + [_own(row) for row in conn.execute(own)]
        )
        days: dict[dt.date, list[AgendaItem]] = {}
        for item in sorted(found, key=lambda i: (i.day, i.time == "", i.time, i.title)):
            days.setdefault(item.day, []).append(item)
        return {day: tuple(items) for day, items in days.items()}

    def working_days(self, first: dt.date, last: dt.date) -> tuple[DayOff, ...]:
        """For each day of a span, whether it is a working day (调休 considered)."""
        calendar = self._desk.calendar
        days = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
        return tuple(DayOff(d, calendar.is_workday(d), not calendar.has_year(d.year)) for d in days)

    def add(self, at: dt.datetime | None, title: str, place: str = "", case_id: str = "") -> Written[str]:
        """加一项: ``at`` is aware. Raises :class:`FieldErrors` naming what is missing."""
        errors = []
        if at is None:
            errors.append(FieldError("at", "写日子和钟点，例如 11-24 14:30。"))
        if not title.strip():
            errors.append(FieldError("title", "写一句要做什么。"))
        elif len(title.strip()) > LONGEST_TITLE:
            errors.append(FieldError("title", f"写得太长，最多 {LONGEST_TITLE} 字。"))
        if errors or at is None:
            raise FieldErrors(tuple(errors))
        appointment_id = self._desk.make_id()
        statement = insert(appointments).values(
            appointment_id=appointment_id,
            person_id=self._desk.person.person_id,
            case_id=case_id,
            starts_at=to_text(at),
            title=title.strip(),
            place=place.strip(),
        )
        self._desk.store.write(lambda conn: conn.execute(statement) and None)
        return Written(value=appointment_id, changes=ChangeSet.of("appointments"))

    def remove(self, appointment_id: str) -> Written[AgendaItem]:
        """Take one of the person's own appointments away; gives it, so that it can be put back."""
        where = (
            appointments.c.appointment_id == appointment_id,
            appointments.c.person_id == self._desk.person.person_id,
        )

        def work(conn: Any) -> AgendaItem:
            row = conn.execute(select(appointments).where(*where)).one_or_none()
            if row is None:
                raise NotFoundError("这一项已经不在日程里。", code="E-NO-APPOINTMENT")
            conn.execute(delete(appointments).where(*where))
            return _own(row)

        return Written(value=self._desk.store.write(work), changes=ChangeSet.of("appointments"))


def _due(row: Any) -> AgendaItem:
    task = _TASK.decode(row.body)
    day = task.due_on or dt.date.max
    clock = f"{shanghai(task.due_at):%H:%M}" if task.due_at is not None and task.kind == "session" else ""
    reason = estimated(task.reason, provisional=task.provisional)
    return AgendaItem(row.task_id, day, clock, task.verb, row.title, reason, row.case_id, own=False)


def _own(row: Any) -> AgendaItem:
    at = from_text(row.starts_at)
    return AgendaItem(
        key=row.appointment_id,
        day=legal_day(at),
        time=f"{shanghai(at):%H:%M}",
        verb="",
        title=row.title,
        detail=row.place,
        case_id=row.case_id,
        own=True,
    )

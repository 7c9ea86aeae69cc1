"""今日: what must be done today, what falls due in the next days, and what waits for others."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, insert, select

from app.clock import to_text
from app.domain.errors import FieldError
from app.services import backlog, dayboard, enrolment, held_filings
from app.services.clock_words import CLOCK_SKEW
from app.services.dayboard import Attention, Board, Numbers, TaskRow
from app.services.desk import Desk
from app.services.line_state import LAST_ERROR_CODE, RESTORED
from app.storage import casequery, kv, tail
from app.storage.tables import IS_CLOSED, IS_OPEN, appointments, cases, conflicts, filings, tasks


class Today:
    """Reads the day's board."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def board(self) -> Board:
        """The board of the present legal day."""
        self._desk.require_cases()
        desk = self._desk
        now = desk.clock.now()
        day = desk.today()
        span = dayboard.span_of(day)

        def work(conn: Any) -> Board:
            found = casequery.due_tasks(conn, span.until, desk.person.person_id)
            shown = (dayboard.task_row(row, day, desk.calendar) for row in found)
            rows = dayboard.ones_day(shown, desk.person.role)
            own = conn.execute(
                select(appointments)
                .where(
                    appointments.c.person_id == desk.person.person_id,
                    appointments.c.starts_at >= span.start,
                    appointments.c.starts_at < span.end,
                )
                .order_by(appointments.c.starts_at)
            ).all()
            return dayboard.build_board(
                rows,
                day,
                now,
                own,
                self._numbers(conn, span.month, rows),
                self._attention(conn, self._overdue_elsewhere(conn, day)),
                self._next_later(conn, span.until),
            )

        return desk.store.read(work)

    def _next_later(self, conn: Any, until: str) -> str:
        day = conn.execute(
            select(func.min(cases.c.next_due)).where(
                cases.c.next_due > until,
                cases.c.next_due < casequery.NO_DUE,
                casequery.ones_own(cases.c.mediator_id, self._desk.person.person_id),
            )
        ).scalar_one_or_none()
        return dayboard.next_words(day)

    def _numbers(self, conn: Any, month: str, rows: list[TaskRow]) -> Numbers:
        mine = cases.c.mediator_id == self._desk.person.person_id

        def count(*where: Any) -> int:
            return int(conn.execute(select(func.count()).select_from(cases).where(mine, *where)).scalar_one())

        return Numbers(
            open=count(IS_OPEN, cases.c.state != "closed"),
            signing=count(IS_OPEN, cases.c.label == "signing"),
            follow_up=dayboard.follow_ups(rows),
            closed_this_month=count(IS_CLOSED, cases.c.closed_at >= month),
        )

    def _overdue_elsewhere(self, conn: Any, day: dt.date) -> int:
        """What colleagues have let pass: the head of the institution answers for it, nobody else sees it."""
        if not dayboard.sees_colleagues(self._desk.person.role):
            return 0
        late = select(func.count(tasks.c.case_id.distinct())).where(
            tasks.c.waiting == 0,
            tasks.c.due_on < day.isoformat(),
            ~casequery.ones_own(tasks.c.person_id, self._desk.person.person_id),
        )
        return int(conn.execute(late).scalar_one())

    def _attention(self, conn: Any, elsewhere: int) -> tuple[Attention, ...]:
        def count(table: Any, *where: Any) -> int:
            return int(conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one())

        return dayboard.attention_of(
            count(conflicts, backlog.ASKED),
            backlog.failed(conn),
            backlog.queued(conn),
            int(kv.get(conn, CLOCK_SKEW) or "0"),
            int(kv.get(conn, tail.LOST) or "0"),
            elsewhere,
            error_code=kv.get(conn, LAST_ERROR_CODE),
            device_refused=backlog.device_refused(conn, self._desk.device_id),
            taken_back=backlog.cases_taken_back(conn),
            restored=bool(kv.get(conn, RESTORED)),
            held_up=backlog.held_up(conn),
            held_filings=count(filings, held_filings.HELD),
            fetched=kv.get(conn, "enrolment") != enrolment.COMPLETE
            or enrolment.first_pull_done(conn)
            or count(cases) > 0,
        )

    def add_appointment(self, at: dt.datetime, title: str, place: str = "", case_id: str = "") -> str:
        """加一项 to one's own schedule; kept on this computer only. Raises :class:`FieldError`."""
        if not title.strip():
            raise FieldError("title", "写一句要做什么。")
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
        return appointment_id

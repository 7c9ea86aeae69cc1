"""今日: what must be done today, what falls due in the next days, and what waits for others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, insert, select

from app.clock import SHANGHAI, from_text, legal_day, shanghai, to_text
from app.domain.errors import FieldError
from app.domain.tasks import WAITING_WORDS, Task, reason_today, status_label, urgency
from app.domain.workdays import Calendar
from app.services.desk import Desk
from app.storage import casequery
from app.storage.tables import appointments, cases, conflicts, outbox

SOON_DAYS = 8
"""How many calendar days 这几天到期 reaches."""

_TASK = msgspec.json.Decoder(Task)


@dataclass(frozen=True)
class TaskRow:
    """One line of 今日. ``status`` is a key of the theme's status table."""

    task_id: str
    case_id: str
    kind: str
    status: str
    tag: str
    verb: str
    title: str
    parties: str
    reason: str
    action: str
    due_on: dt.date | None
    due_at: dt.datetime | None
    hard: bool
    waiting_for: str
    page: str
    """Where the button leads: inbox, case, agreement, filing, follow_up, exit."""
    order: tuple[int, str, str]
    remind_at: dt.datetime | None = None


@dataclass(frozen=True)
class ScheduleItem:
    """One entry of the day's axis."""

    at: dt.datetime
    title: str
    detail: str
    status: str
    case_id: str
    lead: str = ""
    """The beginning of the title that names the case."""


@dataclass(frozen=True)
class Numbers:
    """我手上."""

    open: int
    signing: int
    follow_up: int
    closed_this_month: int


@dataclass(frozen=True)
class Attention:
    """One line of 要留意: conflict, failed, waiting or backup."""

    kind: str
    count: int


@dataclass(frozen=True)
class Board:
    """Everything the 今日 page shows."""

    day: dt.date
    headline: str
    subtitle: str
    today: tuple[TaskRow, ...]
    soon: tuple[TaskRow, ...]
    soon_until: dt.date
    waiting: tuple[TaskRow, ...]
    waiting_text: str
    next_text: str
    """The nearest later day, for the empty state."""
    schedule: tuple[ScheduleItem, ...]
    numbers: Numbers
    attention: tuple[Attention, ...]


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
        until = (day + dt.timedelta(days=SOON_DAYS)).isoformat()
        month = to_text(dt.datetime.combine(day.replace(day=1), dt.time(), SHANGHAI))
        start, end = _bounds(day)

        def work(conn: Any) -> Board:
            rows = [task_row(r, day, desk.calendar) for r in casequery.due_tasks(conn, until)]
            own = conn.execute(
                select(appointments)
                .where(
                    appointments.c.person_id == desk.person.person_id,
                    appointments.c.starts_at >= start,
                    appointments.c.starts_at < end,
                )
                .order_by(appointments.c.starts_at)
            ).all()
            return build_board(
                rows,
                day,
                now,
                own,
                _numbers(conn, month, rows),
                _attention(conn),
                self._next_later(conn, until),
            )

        return desk.store.read(work)

    def _next_later(self, conn: Any, until: str) -> str:
        day = conn.execute(
            select(func.min(cases.c.next_due)).where(cases.c.next_due > until, cases.c.next_due < "9999")
        ).scalar_one_or_none()
        if not day:
            return ""
        later = dt.date.fromisoformat(day[:10])
        return f"最近一件在 {later.month}月{later.day}日。"

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


def _bounds(day: dt.date) -> tuple[str, str]:
    midnight = dt.datetime.combine(day, dt.time(), SHANGHAI)
    return to_text(midnight), to_text(midnight + dt.timedelta(days=1))


def task_row(row: Any, day: dt.date, calendar: Calendar) -> TaskRow:
    """A shown line from a stored task; the wording depends on ``day``."""
    task = _TASK.decode(row.body)
    shown = status_label(task, day, calendar)
    return TaskRow(
        task_id=row.task_id,
        case_id=row.case_id,
        kind=task.kind,
        status="waiting" if task.waiting else shown.status,
        tag=shown.text,
        verb=task.verb,
        title=row.title,
        parties=row.parties.replace(" / ", " 与 "),
        reason=reason_today(task, day, calendar),
        action=task.action,
        due_on=task.due_on,
        due_at=task.due_at,
        hard=bool(row.hard),
        waiting_for=task.waiting_for,
        page=task.page,
        order=urgency(task, day),
        remind_at=task.remind_at,
    )


def build_board(
    rows: Sequence[TaskRow],
    day: dt.date,
    now: dt.datetime,
    own: Sequence[Any],
    numbers: Numbers,
    attention: tuple[Attention, ...],
    next_text: str,
) -> Board:
    """Group, order and phrase; pure."""
    # 首次联系 is a service target, shown in 办件箱; here the hard period of the same contact stands alone.
    active = sorted(
        (r for r in rows if r.status != "waiting" and r.kind != "first_contact"), key=lambda r: r.order
    )
    today = tuple(r for r in active if r.due_on and r.due_on <= day)
    soon = tuple(r for r in active if not r.due_on or r.due_on > day)
    waiting = tuple(r for r in rows if r.status == "waiting")
    must = sum(r.hard for r in today)
    weekday = "一二三四五六日"[day.weekday()]
    subtitle = f"{day.month}月{day.day}日 星期{weekday}。"
    if today:
        first = next((row for row in today if row.hard), today[0])
        subtitle += f"最急的一件：{_pressing(first)}。"
        headline = f"今天必须办 {must} 件" if must else f"今天有 {len(today)} 件"
    else:
        headline = "今天没有到期的事"
        subtitle += next_text
    return Board(
        day=day,
        headline=headline,
        subtitle=subtitle,
        today=today,
        soon=soon,
        soon_until=day + dt.timedelta(days=SOON_DAYS),
        waiting=waiting,
        waiting_text=_waiting_text(waiting),
        next_text=next_text,
        schedule=_schedule(day, (*today, *soon), own),
        numbers=numbers,
        attention=attention,
    )


def _pressing(row: TaskRow) -> str:
    """The most urgent thing in a few words."""
    if row.status == "overdue":
        return f"{row.verb}，{row.tag}"
    if row.due_at is not None and row.status == "info":
        return f"{shanghai(row.due_at):%H:%M} {row.verb}"
    return f"今天下班前{row.verb}"


def _waiting_text(waiting: tuple[TaskRow, ...]) -> str:
    if not waiting:
        return "没有在等的事"
    counts: dict[str, int] = {}
    for row in waiting:
        word = WAITING_WORDS.get(row.waiting_for, "等对方")
        counts[word] = counts.get(word, 0) + 1
    return f"等对方 {len(waiting)} 件：" + "，".join(f"{word} {n}" for word, n in counts.items())


def _schedule(day: dt.date, rows: tuple[TaskRow, ...], own: Sequence[Any]) -> tuple[ScheduleItem, ...]:
    items = [ScheduleItem(from_text(a.starts_at), a.title, a.place, "neutral", a.case_id) for a in own]
    items += [
        ScheduleItem(
            row.due_at,
            f"{row.title} {row.verb.removesuffix('调解').strip()}",
            row.reason,
            row.status,
            row.case_id,
            lead=row.title,
        )
        for row in rows
        if row.due_at is not None and row.due_on is not None and row.due_on <= day
    ]
    items += [
        ScheduleItem(row.remind_at, f"再{row.verb}", row.title, "dueSoon", row.case_id)
        for row in rows
        if row.remind_at is not None and legal_day(row.remind_at) == day
    ]
    return tuple(sorted(items, key=lambda item: item.at))


def _numbers(conn: Any, month: str, rows: Sequence[TaskRow]) -> Numbers:
    def count(*where: Any) -> int:
        return int(conn.execute(select(func.count()).select_from(cases).where(*where)).scalar_one())

    return Numbers(
        open=count(cases.c.is_open == 1, cases.c.state != "closed"),
        signing=count(cases.c.label == "signing"),
        follow_up=sum(row.kind == "follow_up" and not row.waiting_for for row in rows),
        closed_this_month=count(cases.c.closed_at >= month),
    )


def _attention(conn: Any) -> tuple[Attention, ...]:
    def count(table: Any, *where: Any) -> int:
        return int(conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one())

    found = (
        Attention("conflict", count(conflicts, conflicts.c.settled_at == "")),
        Attention("failed", count(outbox, outbox.c.state == "rejected")),
        Attention("waiting", count(outbox, outbox.c.state.in_(("waiting", "in_flight", "unknown")))),
    )
    return tuple(item for item in found if item.count)

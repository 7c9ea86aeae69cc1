"""The day's board in words, from rows of the store: pure, so that the first paint may use it.

:class:`~app.services.today.Today` reads the rows while the product runs, :mod:`app.services.firstboard`
before its libraries are there; both see the same board.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.clock import SHANGHAI, from_text, legal_day, shanghai, to_text
from app.domain.errors import SIGN_IN
from app.domain.tasks import ANNOUNCED, WAITING_WORDS, Task, reason_today, status_label, urgency
from app.domain.workdays import Calendar
from app.services.line_state import DEVICE_STOPPED

SOON_DAYS = 8
"""How many calendar days 这几天到期 reaches."""

NOT_FETCHED = "案件还没有收回来"
"""The day's answer before the first complete exchange: this computer knows of no case."""

SHARED, APPROVAL = "shared", "refusal_approval"
"""Owner and kind of a refusal that waits for the head; every colleague on this computer sees it."""
RETURNED_BY = "returned_by"
"""In the draft of a refusal: the colleague who sent it back to be changed, until it is sent once more."""

_TASK = msgspec.json.Decoder(Task)


@dataclass(frozen=True)
class Unfinished:
    """A draft as 今日 offers it under 接着办: which form, of which case, saved when (ISO, UTC).

    ``title`` is the case's 案件简称, empty when the draft belongs to no case here. ``returned_by``: the head
    who sent it back to be changed (:data:`RETURNED_BY`), else empty.
    """

    kind: str
    subject: str
    title: str
    saved_at: str
    returned_by: str = ""


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
    """One line of 要留意: sign_in (nothing is sent until the person signs in again), register (this computer
    must be registered again), unfetched (no case was fetched yet), lost, conflict, failed, taken_back
    (cases that the platform took back, with work unsent), restored (the platform, from a backup),
    held_filings (applications that wait for a colleague), held_up (what waits for what a restored platform
    has not back), waiting, colleagues (what is overdue in their hands), or clock with the seconds that it
    is ahead."""

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

    @property
    def fetched(self) -> bool:
        """Whether the cases are here at all, so that an empty list means an empty day."""
        return all(item.kind != "unfetched" for item in self.attention)


@dataclass(frozen=True)
class Span:
    """The borders, as text of the store, of what the board of one legal day reads."""

    until: str
    """The last day (ISO) of 这几天到期."""
    month: str
    """Beginning of the month, for 本月办结."""
    start: str
    end: str


def span_of(day: dt.date) -> Span:
    """What the board of ``day`` reads."""
    until = (day + dt.timedelta(days=SOON_DAYS)).isoformat()
    month = to_text(dt.datetime.combine(day.replace(day=1), dt.time(), SHANGHAI))
    return Span(until, month, *_bounds(day))


def next_words(day: str | None) -> str:
    """The nearest later day on which something falls due, for the empty state."""
    if not day:
        return ""
    later = dt.date.fromisoformat(day[:10])
    return f"最近一件在 {later.month}月{later.day}日。"


def sees_colleagues(role: str) -> bool:
    """Whether a person's day says what is overdue in others' hands: the head answers for all of it."""
    return role == "head"


def ones_day(rows: Iterable[TaskRow], role: str) -> list[TaskRow]:
    """What a person's day shows: what waits for the head's word is the head's to decide (等我批准)."""
    return [row for row in rows if row.waiting_for != "approval" or role != "head"]


def follow_ups(rows: Sequence[TaskRow]) -> int:
    """待回访."""
    return sum(row.kind == "follow_up" and not row.waiting_for for row in rows)


def attention_of(
    conflicts: int,
    failed: int,
    waiting: int,
    clock: int,
    lost: int = 0,
    colleagues: int = 0,
    *,
    error_code: str = "",
    device_refused: int = 0,
    taken_back: int = 0,
    restored: bool = False,
    held_up: int = 0,
    held_filings: int = 0,
    fetched: bool = True,
) -> tuple[Attention, ...]:
    """The lines of 要留意 that say something. ``device_refused``: commands refused for the device's sake;
    ``taken_back``: cases that the platform took back while work on them lies here unsent; ``restored``: that
    the platform was restored from a backup has not been read yet; ``held_up``: what waits for what it has not
    back; ``held_filings``: applications that wait for a colleague."""
    found = (
        Attention("sign_in", int(error_code == SIGN_IN)),
        Attention("register", int(error_code in DEVICE_STOPPED or device_refused > 0)),
        Attention("unfetched", int(not fetched)),
        Attention("lost", lost),
        Attention("clock", clock),
        Attention("conflict", conflicts),
        Attention("failed", failed),
        Attention("taken_back", taken_back),
        Attention("restored", int(restored)),
        Attention("held_filings", held_filings),
        Attention("held_up", held_up),
        Attention("colleagues", colleagues),
        Attention("waiting", waiting),
    )
    return tuple(item for item in found if item.count)


def _bounds(day: dt.date) -> tuple[str, str]:
    midnight = dt.datetime.combine(day, dt.time(), SHANGHAI)
    return to_text(midnight), to_text(midnight + dt.timedelta(days=1))


def against(parties: str) -> str:
    """柳** 与 贺**, of the parties as a list row has them."""
    return parties.replace(" / ", " 与 ")


def task_row(row: Any, day: dt.date, calendar: Calendar) -> TaskRow:
    """A shown line from a stored task; the wording depends on ``day``, and on whose case it is."""
    task = _TASK.decode(row.body)
    shown = status_label(task, day, calendar)
    reason = reason_today(task, day, calendar)
    if elsewhere := getattr(row, "elsewhere", ""):
        reason = f"已由{elsewhere}承办，只能从这台电脑交；{reason}"
    return TaskRow(
        task_id=row.task_id,
        case_id=row.case_id,
        kind=task.kind,
        status="waiting" if task.waiting else shown.status,
        tag=shown.text,
        verb=task.verb,
        title=row.title,
        parties=against(row.parties),
        reason=reason,
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
    """Group, order and phrase; pure. Without the cases nothing is said of what the day holds."""
    # 首次联系 is a service target, shown in 办件箱; here the hard period of the same contact stands alone.
    active = sorted(
        (r for r in rows if r.status != "waiting" and r.kind != "first_contact"), key=lambda r: r.order
    )
    today = tuple(r for r in active if _of_today(r, day))
    soon = tuple(r for r in active if not _of_today(r, day))
    waiting = tuple(r for r in rows if r.status == "waiting")
    if nearest := min((r.due_on for r in soon if r.due_on), default=None):
        next_text = next_words(nearest.isoformat())
    must = sum(r.hard for r in today)
    weekday = "一二三四五六日"[day.weekday()]
    subtitle = f"{day.month}月{day.day}日 星期{weekday}。"
    if today:
        subtitle += f"最急的一件：{_pressing(today[0])}。"
        headline = f"今天必须办 {must} 件" if must else f"今天有 {len(today)} 件"
    elif any(item.kind == "unfetched" for item in attention):
        headline = NOT_FETCHED
        subtitle += "收回来以后才知道今天要办什么。"
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
        schedule=_schedule(day, (*today, *soon, *waiting), own),
        numbers=numbers,
        attention=attention,
    )


def _of_today(row: TaskRow, day: dt.date) -> bool:
    return row.kind in ANNOUNCED or (row.due_on is not None and row.due_on <= day)


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
    """What is appointed for ``day`` itself: the axis gives a time of day only, so a session whose day is past
    stands in the list alone, with its date."""
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
        if row.due_at is not None and row.due_on == day
    ]
    items += [
        ScheduleItem(row.remind_at, "再联系被申请人", row.title, "dueSoon", row.case_id)
        for row in rows
        if row.remind_at is not None and legal_day(row.remind_at) == day
    ]
    return tuple(sorted(items, key=lambda item: item.at))

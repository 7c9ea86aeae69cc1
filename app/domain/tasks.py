"""要办的事: what a task is, and how it is worded on a given day.

A task holds no personal data, so that it can stand in lists, notifications and printed day sheets.
What depends on today is worded when shown, not when stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.clock import shanghai
from app.domain.deadlines import remaining_until
from app.domain.rules import Unit
from app.domain.workdays import Calendar, short_date

TaskKind = Literal[
    "contact", "first_contact", "reply", "decide", "approval", "session", "mediation_end", "sign", "confirm",
    "supplement", "await_court", "performance", "follow_up", "unkept", "close", "tell_remedies", "overturned",
    "answered", "material", "unheard",
]  # fmt: skip
WaitingFor = Literal["", "reply", "approval", "court", "material", "appraisal", "send", "check", "carry"]
Page = Literal["inbox", "case", "agreement", "filing", "follow_up", "exit"]

WAITING_WORDS: Mapping[str, str] = {
    "reply": "等答复",
    "approval": "等负责人批准",
    "court": "等法院结果",
    "send": "等着发给平台",
    "check": "等核对",
    "carry": "等交换包交出去",
    "material": "等补材料",
    "appraisal": "等鉴定",
}


ANNOUNCED: Mapping[str, str] = {
    "answered": "法院有答复", "overturned": "法院有答复", "material": "平台有要求",
}  # fmt: skip
"""Kinds that tell what a court or the platform said, with their tag: without a day, and for today."""
COUNTED: frozenset[str] = frozenset(
    {"contact", "first_contact", "decide", "approval", "mediation_end", "sign", "confirm", "follow_up"}
)
"""Kinds whose day was counted over working days or rolled past days off; the others' was agreed or set."""


def estimated(label: str, *, provisional: bool) -> str:
    """``label`` of a deadline with 暂估 beside it where it runs into a year without a holiday notice."""
    return f"{label}（暂估）" if provisional else label


@dataclass(frozen=True)
class Task:
    """One thing to do for a case."""

    task_id: str
    case_id: str
    kind: TaskKind
    verb: str
    """What to do: 联系被申请人."""
    action: str
    """The button: 记录联系."""
    reason: str
    """Why, in words that do not depend on today; :func:`reason_today` adds what does."""
    since: dt.date | None = None
    """The day the reason counts from."""
    due_on: dt.date | None = None
    due_at: dt.datetime | None = None
    """The agreed instant of a session (UTC)."""
    remind_at: dt.datetime | None = None
    waiting: bool = False
    waiting_for: WaitingFor = ""
    hard: bool = True
    """False for service targets and for what may be left undone."""
    page: Page = "case"
    short: str = ""
    """As the list of cases names it: 决定受理."""
    unit: Unit = "workdays"
    provisional: bool = False


def reason_today(task: Task, today: dt.date, calendar: Calendar) -> str:
    """Why the task is there, on ``today``: 11月18日收到，今天是第 3 个工作日."""
    word = _WORDS.get(task.kind)
    if word is None or task.since is None:
        return task.reason
    return word(task, today, calendar)


def _contact(task: Task, today: dt.date, calendar: Calendar) -> str:
    since = _since(task)
    if today <= since:
        return "今天收到"
    if task.due_on is not None and today > task.due_on:
        return f"{short_date(since, today)}收到，期限 {short_date(task.due_on, today)}已过"
    return f"{short_date(since, today)}收到，今天是第 {calendar.count_workdays(since, today)} 个工作日"


def _decide(task: Task, today: dt.date, calendar: Calendar) -> str:
    return f"{short_date(_since(task), today)}收到，{task.reason}"


def _confirm(task: Task, today: dt.date, calendar: Calendar) -> str:
    since = _since(task)
    if task.due_on is not None and today > task.due_on:
        return f"已过 30 日（{short_date(task.due_on, today)}），看看还能走哪条路"
    return f"{short_date(since, today)}{task.reason}，今天第 {max((today - since).days, 0)} 天"


def _court(task: Task, today: dt.date, calendar: Calendar) -> str:
    return f"{task.reason}，第 {max((today - _since(task)).days, 0) + 1} 天"


def _answer(task: Task, today: dt.date, calendar: Calendar) -> str:
    return f"{short_date(_since(task), today)}，{task.reason}"


def _mediation(task: Task, today: dt.date, calendar: Calendar) -> str:
    since = _since(task)
    if task.waiting:
        return f"{task.reason}，计时已停 {max((today - since).days, 0) + 1} 天"
    return task.reason


def _follow_up(task: Task, today: dt.date, calendar: Calendar) -> str:
    since = _since(task)
    if since <= today:
        return f"履行期 {short_date(since, today)}已满"
    return f"履行期到 {short_date(since, today)}"


def _reply(task: Task, today: dt.date, calendar: Calendar) -> str:
    if task.due_on is not None and today > task.due_on:
        return f"说好 {short_date(task.due_on, today)}答复，还没有等到"
    return task.reason


def _since(task: Task) -> dt.date:
    if task.since is None:
        raise LookupError(task.kind)
    return task.since


_WORDS: Mapping[str, Callable[[Task, dt.date, Calendar], str]] = {
    "contact": _contact,
    "first_contact": _contact,
    "decide": _decide,
    "confirm": _confirm,
    "await_court": _court,
    "answered": _answer,
    "mediation_end": _mediation,
    "follow_up": _follow_up,
    "reply": _reply,
}


@dataclass(frozen=True)
class Next:
    """The list's 下一步与期限 on a day. ``status`` is a key of the theme's status table."""

    status: str
    text: str


def next_words(next_kind: str, next_text: str, next_due: str, today: dt.date, calendar: Calendar) -> Next:
    """今天 14:00 第 3 次调解; 今天联系被申请人; 还剩 1 个工作日　决定受理; 12月7日　申请司法确认.

    ``next_due`` is empty (or the list's ``9999``), a day, or a day with Shanghai's time of day.
    """
    if not next_text:
        return Next("neutral", "")
    if next_due[:1] != "2":
        waiting = next_kind in ("await_court", "reply", "approval", "mediation_end")
        return Next("waiting" if waiting else "neutral", next_text)
    due, _, clock = next_due.partition("T")
    day = dt.date.fromisoformat(due)
    if next_kind == "session":
        when = "今天" if day == today else short_date(day, today)
        status = "info" if day >= today else "overdue"
        return Next(status, f"{when} {clock} {next_text}".replace("  ", " "))
    left = remaining_until(day, today, calendar)
    if left.status == "dueToday":
        return Next("dueToday", f"今天{next_text}")
    provisional = next_kind in COUNTED and not calendar.has_year(day.year)
    label = estimated(left.label, provisional=provisional)
    return Next("neutral" if left.status == "ok" else left.status, f"{label}　{next_text}")


def status_label(task: Task, today: dt.date, calendar: Calendar) -> Next:
    """The tag before a task: 今天到期, 今天 14:00, 还剩 2 个工作日, 11月30日, 已超期 1 天."""
    if task.due_at is not None and task.kind == "session":
        moment = shanghai(task.due_at)
        when = "今天" if moment.date() == today else short_date(moment.date(), today)
        return Next("info" if moment.date() >= today else "overdue", f"{when} {moment:%H:%M}")
    if task.kind in ANNOUNCED:
        return Next("info", ANNOUNCED[task.kind])
    if task.due_on is None:
        return Next("waiting" if task.waiting else "neutral", WAITING_WORDS.get(task.waiting_for, "没有期限"))
    return due_label(task.due_on, today, calendar, provisional=task.provisional)


def due_label(due_on: dt.date, today: dt.date, calendar: Calendar, *, provisional: bool) -> Next:
    """How a day stands, wherever it is listed: 今天到期, 还剩 2 个工作日, 11月30日, 已超期 1 天."""
    left = remaining_until(due_on, today, calendar)
    label = estimated(left.label, provisional=provisional)
    return Next("neutral" if left.status == "ok" else left.status, label)


def urgency(task: Task, today: dt.date) -> tuple[int, str, str]:
    """Sort key of 今日: overdue, today's deadlines, today's appointments and what courts said, then by day.

    Of what is overdue or due, what must be done comes before what may be left undone.
    """
    if task.due_on is None:
        told = task.kind in ANNOUNCED
        return (4, "9999", task.task_id) if told else (6, "9999", task.task_id)
    if task.due_on < today:
        group = 0 if task.hard else 1
    elif task.due_on == today:
        group = 4 if task.kind == "session" else 2 if task.hard else 3
    else:
        group = 5
    moment = task.due_at.isoformat() if task.due_at else task.due_on.isoformat()
    return (group, moment, task.task_id)

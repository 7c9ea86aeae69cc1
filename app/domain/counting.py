"""How days are counted: the arithmetic under every deadline, and its lines in words.

The day a period starts on is not counted (民法典 201, 民诉法 85); periods in months and years end on the
corresponding day, or the month's last (民法典 202); a last day that is a rest day moves on (民法典 203).
"""

from __future__ import annotations

import calendar as _months
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.casefile import Suspension
from app.domain.phrases import within
from app.domain.rules import Unit
from app.domain.workdays import DAY, Calendar, short_date, unknown_years_warning, weekday_name

Kind = Literal[
    "contact", "first_contact", "decision", "mediation", "confirmation", "enforcement", "signature",
    "follow_up", "reply", "supplement",
]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the arithmetic: words at the left, a day or a number at the right."""

    text: str
    value: str


@dataclass(frozen=True)
class Deadline:
    """A day until which (that day included) something is to be done."""

    kind: Kind
    due_on: dt.date
    start_on: dt.date
    """The day of the event; not counted unless the institution says so."""
    explanation: tuple[Line, ...]
    basis: tuple[str, ...]
    provisional: bool = False
    warnings: tuple[str, ...] = ()
    unit: Unit = "workdays"
    not_counted: tuple[tuple[dt.date, dt.date], ...] = ()
    """Spans, first and last day, that do not count."""
    paused: bool = False
    """A suspension is still running: the day moves on with every day of it."""

    def on_day(self) -> str:
        """12月14日, with the year when it is not the start's."""
        return short_date(self.due_on, self.start_on)


@dataclass(frozen=True)
class Extension:
    """Time added by the parties' written agreement."""

    amount: int
    reason: str = "双方书面同意延长"


def add_months(day: dt.date, months: int) -> dt.date:
    """The corresponding day ``months`` later, or that month's last day (民法典 202)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return dt.date(year, month, min(day.day, _months.monthrange(year, month)[1]))


def add_years(day: dt.date, years: int) -> dt.date:
    """The corresponding day ``years`` later; 29 February falls back to the 28th."""
    return add_months(day, 12 * years)


def roll_last_day(day: dt.date, calendar: Calendar) -> dt.date:
    """``day``, or the first day after the rest days it falls on (民法典 203)."""
    return calendar.on_or_after(day)


def md(day: dt.date, beside: dt.date) -> str:
    """11-23, with the year when it is not ``beside``'s."""
    return day.isoformat() if day.year != beside.year else f"{day:%m-%d}"


def count_workdays(
    kind: Kind,
    start: dt.date,
    amount: int,
    calendar: Calendar,
    verb: str,
    basis: tuple[str, ...],
    counts_start: bool = False,
) -> Deadline:
    key = (kind, start, amount, verb, basis, counts_start)
    return calendar.remembered(
        key, lambda: _count_workdays(kind, start, amount, calendar, verb, basis, counts_start)
    )


def _count_workdays(
    kind: Kind,
    start: dt.date,
    amount: int,
    calendar: Calendar,
    verb: str,
    basis: tuple[str, ...],
    counts_start: bool,
) -> Deadline:
    first = start if counts_start else start + DAY
    amount = max(amount, 1)
    counted = [calendar.add_workdays(first - DAY, n) for n in range(1, min(amount, 5) + 1)]
    due = calendar.add_workdays(first - DAY, amount)
    how = "当天起算" if counts_start else "次日起算"
    lines = [
        Line(f"{short_date(start)}{verb}，{how}", md(first, start)),
        Line(f"{amount} 个工作日{_listed(counted) if amount <= 5 else ''}", md(due, start)),
    ]
    return finish(kind, start, due, lines, basis, calendar.unknown_years(first, due), "workdays")


def count_days(
    kind: Kind, start: dt.date, amount: int, calendar: Calendar, verb: str, basis: tuple[str, ...]
) -> Deadline:
    raw = start + amount * DAY
    due = roll_last_day(raw, calendar)
    lines = [
        Line(f"{short_date(start)}{verb}，次日起算", md(start + DAY, start)),
        Line(f"{amount} 日", raw_value(raw, start, calendar)),
        *roll_lines(raw, due),
    ]
    return finish(kind, start, due, lines, basis, calendar.unknown_years(raw, due), "days")


def finish(
    kind: Kind,
    start: dt.date,
    due: dt.date,
    lines: Sequence[Line],
    basis: tuple[str, ...],
    unknown: tuple[int, ...],
    unit: Unit,
) -> Deadline:
    warning = unknown_years_warning(unknown)
    last = Line("届满（暂估）" if unknown else "届满", md(due, start))
    return Deadline(
        kind=kind,
        due_on=due,
        start_on=start,
        explanation=(*lines, last),
        basis=basis,
        provisional=bool(unknown),
        warnings=(warning,) if warning else (),
        unit=unit,
    )


def _listed(days: Sequence[dt.date]) -> str:
    """：19、20、23日 for a handful of days; the month is named where it changes."""
    if len(days) < 2:
        return ""
    words, month = [], days[0].month
    for day in days:
        words.append(f"{day.day}" if day.month == month else f"{day.month}月{day.day}")
        month = day.month
    return f"：{'、'.join(words)}日"


def raw_value(raw: dt.date, start: dt.date, calendar: Calendar) -> str:
    if calendar.is_workday(raw):
        return md(raw, start)
    why = "放假" if raw.weekday() < 5 else weekday_name(raw)
    return f"{md(raw, start)}，{why}"


def roll_lines(raw: dt.date, due: dt.date) -> list[Line]:
    return [] if raw == due else [Line("末日休息，顺延", f"+{(due - raw).days} 天")]


def spans_of(suspensions: Sequence[Suspension], today: dt.date | None) -> tuple[tuple[dt.date, dt.date], ...]:
    """Suspended spans in order, without overlap; aligned with :func:`_reasons`."""
    spans: list[tuple[dt.date, dt.date]] = []
    for s in sorted(suspensions, key=lambda s: s.first_day):
        first, last = s.first_day, s.last_day or max(today or s.first_day, s.first_day)
        if spans:
            first = max(first, spans[-1][1] + DAY)
        spans.append((first, max(last, first - DAY)))
    return tuple(spans)


def reasons_of(suspensions: Sequence[Suspension]) -> list[str]:
    return [within(s.reason) or "暂停" for s in sorted(suspensions, key=lambda s: s.first_day)]


def span_words(first: dt.date, last: dt.date) -> str:
    if first >= last:
        return short_date(first)
    end = f"{last.day}日" if (first.year, first.month) == (last.year, last.month) else short_date(last)
    return f"{short_date(first)}至{end}"


def nth_day(
    start: dt.date,
    amount: int,
    calendar: Calendar,
    working: bool,
    spans: Sequence[tuple[dt.date, dt.date]],
) -> dt.date:
    """The last of ``amount`` counted days after ``start``, days inside ``spans`` left out."""
    if not spans:
        return calendar.add_workdays(start, amount) if working else start + amount * DAY
    day = start
    while amount > 0:
        day += DAY
        if any(first <= day <= last for first, last in spans):
            continue
        if not working or calendar.is_workday(day):
            amount -= 1
    return day

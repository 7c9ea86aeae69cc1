"""Working days (工作日) and rest days (休息日) in Shanghai, year by year.

A year is known when the State Council's yearly notice (国务院办公厅放假通知) is loaded; its days off and
its working weekends (调休) then stand as announced. Any other year is *provisional* (暂估): weekends,
the statutory holidays and their make-up days (《全国年节及纪念日放假办法》2024 修订, 第二条、第六条).
Whoever counts over such a year says so: see :meth:`Calendar.unknown_years`.
"""

from __future__ import annotations

import bisect
import datetime as dt
import functools
import importlib.resources
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from app.clock import from_text, shanghai
from app.domain.errors import UserError

DAY = dt.timedelta(days=1)
T = TypeVar("T")
_MOST_COUNTED = 4_000
"""Results a calendar keeps."""
WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


@dataclass(frozen=True)
class YearPlan:
    """The announced days of one year. A notice may also name days of the year before."""

    year: int
    off: frozenset[dt.date]
    work: frozenset[dt.date]
    notice: tuple[str, ...] = ()
    """Where the notice was published."""


class Calendar:
    """Working days by year; immutable. Years can be added with :meth:`with_year`."""

    def __init__(self, plans: Mapping[int, YearPlan]) -> None:
        self._plans = dict(plans)
        self._off = frozenset().union(*(p.off for p in plans.values())) if plans else frozenset()
        self._known: dict[int, tuple[int, ...]] = {}
        self._counted: dict[Hashable, Any] = {}
        self._work = frozenset().union(*(p.work for p in plans.values())) if plans else frozenset()

    @property
    def years(self) -> tuple[int, ...]:
        """The years whose notice is loaded."""
        return tuple(sorted(self._plans))

    def plan(self, year: int) -> YearPlan | None:
        """The announced days of ``year``, if loaded."""
        return self._plans.get(year)

    def has_year(self, year: int) -> bool:
        """Whether the notice of ``year`` is loaded; if not, its days are provisional."""
        return year in self._plans

    def with_year(
        self, year: int, off: Iterable[dt.date], work: Iterable[dt.date], notice: Iterable[str] = ()
    ) -> Calendar:
        """A calendar that also knows ``year``. Raises :class:`UserError` on days that cannot be."""
        plan = YearPlan(year, frozenset(off), frozenset(work), tuple(notice))
        check_plan(plan)
        return Calendar({**self._plans, year: plan})

    def is_workday(self, day: dt.date) -> bool:
        """Whether people work on ``day``; an announced working Saturday or Sunday counts."""
        if day in self._off:
            return False
        if day in self._work:
            return True
        if day.weekday() >= 5:
            return False
        return day.year in self._plans or day not in estimated_days_off(day.year)

    def is_rest_day(self, day: dt.date) -> bool:
        """Whether ``day`` is a 法定休假日 in the sense of 民法典 203: weekend or holiday, not 调休 work."""
        return not self.is_workday(day)

    def is_holiday(self, day: dt.date) -> bool:
        """Whether ``day`` is off by notice or by the holiday rules, rather than by being a weekend."""
        if day.year in self._plans or day in self._off:
            return day in self._off
        return day in estimated_days_off(day.year)

    def on_or_after(self, day: dt.date) -> dt.date:
        """``day`` when people work on it, else the next working day."""
        while not self.is_workday(day):
            day += DAY
        return day

    def next_workday(self, day: dt.date) -> dt.date:
        """The first working day after ``day``."""
        return self.on_or_after(day + DAY)

    def workdays_from(self, day: dt.date) -> Iterator[dt.date]:
        """Working days from ``day`` (included) onwards, without end."""
        while True:
            if self.is_workday(day):
                yield day
            day += DAY

    def add_workdays(self, day: dt.date, count: int) -> dt.date:
        """The ``count``-th working day after ``day``; ``day`` itself is not counted (民法典 201)."""
        if count <= 0:
            return day
        year = day.year
        found = self._ordinals(year)
        at = bisect.bisect_right(found, day.toordinal())
        while at + count > len(found):
            count -= len(found) - at
            year, at = year + 1, 0
            found = self._ordinals(year)
        return dt.date.fromordinal(found[at + count - 1])

    def count_workdays(self, after: dt.date, through: dt.date) -> int:
        """Working days after ``after`` up to and including ``through``; 0 when there are none."""
        first, last = after.toordinal(), through.toordinal()
        if last <= first:
            return 0
        total = 0
        for year in range(after.year, through.year + 1):
            found = self._ordinals(year)
            total += bisect.bisect_right(found, last) - bisect.bisect_right(found, first)
        return total

    def _ordinals(self, year: int) -> tuple[int, ...]:
        """Ordinals of the year's working days, kept: lists of cases count over them all the time."""
        known = self._known.get(year)
        if known is None:
            first, after = dt.date(year, 1, 1).toordinal(), dt.date(year + 1, 1, 1).toordinal()
            known = tuple(n for n in range(first, after) if self.is_workday(dt.date.fromordinal(n)))
            self._known[year] = known
        return known

    def remembered(self, key: Hashable, count: Callable[[], T]) -> T:
        """What ``count`` comes to, kept under ``key``, which names everything that it depends on besides this
        calendar: thousands of cases of a first sync begin on the same few hundred days."""
        found = self._counted.get(key)
        if found is None:
            if len(self._counted) >= _MOST_COUNTED:
                self._counted.clear()
            found = self._counted[key] = count()
        return cast(T, found)

    def unknown_years(self, first: dt.date, last: dt.date) -> tuple[int, ...]:
        """The years between two days whose notice is not loaded."""
        return tuple(y for y in range(first.year, last.year + 1) if y not in self._plans)


def check_plan(plan: YearPlan) -> None:
    """Raise :class:`UserError` when a year's data contradict themselves."""
    if not plan.off:
        raise UserError(f"{plan.year} 年的放假安排里没有放假日，没有载入。请核对通知后再试。")
    both = plan.off & plan.work
    if both:
        raise UserError(f"{full_date(min(both))}既写成放假又写成上班，没有载入。请核对通知后再试。")
    for day in sorted(plan.off | plan.work):
        if day.year not in (plan.year, plan.year - 1):
            raise UserError(f"{full_date(day)}不属于 {plan.year} 年的安排，没有载入。请核对通知后再试。")
    odd = [d for d in sorted(plan.work) if d.weekday() < 5]
    if odd:
        raise UserError(f"{full_date(odd[0])}本来就上班，不会是调休上班日，没有载入。请核对通知后再试。")


def resource(path: str) -> Any:
    """Parsed JSON of a packaged data file."""
    return json.loads(importlib.resources.files("resources").joinpath(path).read_text("utf-8"))


def plan_from_data(year: int, data: Mapping[str, Any]) -> YearPlan:
    """A year's plan from its JSON form: lists ``off``, ``work`` and ``notice``."""
    return YearPlan(
        year=year,
        off=frozenset(dt.date.fromisoformat(d) for d in data["off"]),
        work=frozenset(dt.date.fromisoformat(d) for d in data.get("work", ())),
        notice=tuple(data.get("notice", ())),
    )


@functools.cache
def default_calendar() -> Calendar:
    """The calendar that ships with the product (``resources/holidays/calendar.json``)."""
    data = resource("holidays/calendar.json")
    return Calendar({int(y): plan_from_data(int(y), plan) for y, plan in data["years"].items()})


@functools.cache
def _statutory() -> Any:
    return resource("holidays/statutory.json")


@functools.cache
def estimated_days_off(year: int) -> frozenset[dt.date]:
    """Days off in a year without notice, besides plain weekends: holidays and make-up days.

    A statutory day that falls on a weekend, or on another statutory day, is made up on the next
    ordinary working day (第六条). Outside the lunar table only the fixed days are known.
    """
    rules = _statutory()
    days = [dt.date.fromisoformat(f"{year}-{d}") for holiday in rules["fixed"] for d in holiday["days"]]
    for name, text in rules["lunar"].get(str(year), {}).items():
        day = dt.date.fromisoformat(f"{year}-{text}")
        if name == "春节":
            span = rules["spring_festival_days"]
            days += [day + dt.timedelta(days=i) for i in range(-span["before"], span["after"] + 1)]
        else:
            days.append(day)
    off: set[dt.date] = set()
    owed: list[dt.date] = []
    for day in sorted(days):
        if day.weekday() >= 5 or day in off:
            owed.append(day)
        off.add(day)
    for day in owed:
        made_up = day
        while made_up in off or made_up.weekday() >= 5:
            made_up += DAY
        off.add(made_up)
    return frozenset(off)


def unknown_years_warning(years: Iterable[int]) -> str:
    """The warning that a result counts over years without notice; empty when there are none."""
    names = "、".join(str(y) for y in sorted(set(years)))
    return f"{names} 年放假安排未载入，结果暂估，可能变" if names else ""


def weekday_name(day: dt.date) -> str:
    """星期一 … 星期日."""
    return WEEKDAYS[day.weekday()]


def short_date(day: dt.date, beside: dt.date | None = None) -> str:
    """11月23日, with the year when it differs from ``beside``'s."""
    text = f"{day.month}月{day.day}日"
    return text if beside is None or beside.year == day.year else f"{day.year}年{text}"


def moment(value: str | dt.datetime, today: dt.date) -> str:
    """11月29日 14:30 on Shanghai's clock, with the year when it is another than ``today``'s."""
    local = shanghai(from_text(value) if isinstance(value, str) else value)
    return f"{short_date(local.date(), today)} {local:%H:%M}"


def full_date(day: dt.date) -> str:
    """2026年11月23日."""
    return f"{day.year}年{day.month}月{day.day}日"

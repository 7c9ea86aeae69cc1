"""Working days against the announced calendars and an independent package."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import UserError
from app.domain.workdays import (
    Calendar,
    default_calendar,
    estimated_days_off,
    full_date,
    short_date,
    unknown_years_warning,
    weekday_name,
)

D = dt.date
DAYS = st.dates(min_value=D(2015, 1, 1), max_value=D(2030, 12, 31))


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return default_calendar()


@pytest.mark.parametrize("year", range(2015, 2027))
def test_agrees_with_an_independent_calendar(calendar: Calendar, year: int) -> None:
    day = D(year, 1, 1)
    while day.year == year:
        assert calendar.is_workday(day) == chinese_calendar.is_workday(day), day
        day += dt.timedelta(days=1)


def test_known_years_and_sources(calendar: Calendar) -> None:
    assert calendar.years == tuple(range(2015, 2027))
    assert not calendar.has_year(2027)
    plan = calendar.plan(2026)
    assert plan is not None
    assert plan.notice[0].startswith("www.gov.cn/")


def test_working_saturday_is_not_a_rest_day(calendar: Calendar) -> None:
    assert calendar.is_workday(D(2026, 10, 10))
    assert calendar.is_rest_day(D(2026, 10, 7))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (D(2026, 2, 13), 3, D(2026, 2, 25)),
        (D(2026, 9, 30), 3, D(2026, 10, 10)),
        (D(2026, 12, 29), 3, D(2027, 1, 4)),
        (D(2026, 11, 18), 3, D(2026, 11, 23)),
        (D(2026, 11, 21), 1, D(2026, 11, 23)),
    ],
)
def test_adding_workdays(calendar: Calendar, start: D, count: int, end: D) -> None:
    assert calendar.add_workdays(start, count) == end
    assert calendar.count_workdays(start, end) == count


def test_estimate_has_statutory_and_made_up_days() -> None:
    # New Year's Eve 5 Feb 2027 is a Friday; the first two days fall on a weekend and are made up.
    off = estimated_days_off(2027)
    assert {D(2027, 2, d) for d in (5, 6, 7, 8, 9, 10)} <= off
    assert D(2027, 2, 11) not in off
    # 1 May 2027 is a Saturday, 2 May a Sunday: Monday and Tuesday make up for them.
    assert {D(2027, 5, 3), D(2027, 5, 4)} <= off
    assert D(2027, 5, 5) not in off
    # 2 and 3 October 2027 fall on a weekend.
    assert {D(2027, 10, 4), D(2027, 10, 5)} <= off
    assert D(2027, 10, 6) not in off


def test_estimate_makes_up_for_coinciding_festivals() -> None:
    # In 2028 中秋节 falls on 3 October; 1 October is a Sunday: two days are owed.
    assert {D(2028, 10, 4), D(2028, 10, 5)} <= estimated_days_off(2028)
    assert D(2028, 10, 6) not in estimated_days_off(2028)


def test_unknown_years_are_never_silent(calendar: Calendar) -> None:
    assert calendar.unknown_years(D(2026, 12, 29), D(2027, 1, 4)) == (2027,)
    assert calendar.unknown_years(D(2026, 1, 1), D(2026, 12, 31)) == ()
    assert unknown_years_warning((2027,)) == "2027 年放假安排未载入，结果暂估，可能变"
    assert unknown_years_warning(()) == ""


def test_a_further_year_can_be_given_as_data(calendar: Calendar) -> None:
    more = calendar.with_year(2027, [D(2027, 1, 1), D(2027, 1, 4)], [D(2026, 12, 27)], ["gov"])
    assert more.has_year(2027)
    assert not calendar.has_year(2027)
    assert more.is_workday(D(2026, 12, 27))
    assert more.is_rest_day(D(2027, 1, 4))
    assert more.is_workday(D(2027, 2, 8)), "an announced year is taken as announced"


@pytest.mark.parametrize(
    ("off", "work"),
    [
        ([], []),
        ([D(2027, 1, 1)], [D(2027, 1, 1)]),
        ([D(2029, 1, 1)], []),
        ([D(2027, 1, 1)], [D(2027, 1, 5)]),
    ],
)
def test_contradictory_data_are_refused(calendar: Calendar, off: list[D], work: list[D]) -> None:
    with pytest.raises(UserError, match="没有载入"):
        calendar.with_year(2027, off, work)


@given(DAYS, st.integers(min_value=1, max_value=60))
def test_the_nth_workday_is_a_workday_and_counts_back(start: D, count: int) -> None:
    calendar = default_calendar()
    end = calendar.add_workdays(start, count)
    assert calendar.is_workday(end)
    assert calendar.count_workdays(start, end) == count
    assert calendar.count_workdays(end, start) == 0


@given(DAYS)
def test_next_workday_skips_only_rest_days(day: D) -> None:
    calendar = default_calendar()
    following = calendar.next_workday(day)
    assert following > day
    between = [day + dt.timedelta(days=i) for i in range(1, (following - day).days)]
    assert all(calendar.is_rest_day(d) for d in between)


def test_dates_in_words() -> None:
    assert weekday_name(D(2026, 11, 23)) == "星期一"
    assert short_date(D(2026, 11, 23), D(2026, 1, 1)) == "11月23日"
    assert short_date(D(2027, 1, 4), D(2026, 1, 1)) == "2027年1月4日"
    assert full_date(D(2027, 1, 4)) == "2027年1月4日"


@given(DAYS, st.integers(min_value=-40, max_value=400))
def test_counting_agrees_with_looking_at_each_day(start: D, length: int) -> None:
    calendar = default_calendar()
    end = start + dt.timedelta(days=length)
    days = [start + dt.timedelta(days=i) for i in range(1, length + 1)]
    assert calendar.count_workdays(start, end) == sum(calendar.is_workday(d) for d in days)

"""The calendar in force, from the JSON that the store keeps: pure, so that the first paint may use it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

import msgspec

from app.domain.casefile import Doc
from app.domain.errors import UserError
from app.domain.workdays import Calendar, YearPlan, check_plan, default_calendar

log = logging.getLogger(__name__)


class HolidayYear(Doc, frozen=True, kw_only=True):
    """The announced days of one year, as loaded from a file."""

    year: int
    off: tuple[dt.date, ...]
    work: tuple[dt.date, ...]
    notice: tuple[str, ...]
    """Where the notice was published."""
    loaded_at: dt.datetime
    by: str


class _PlatformHolidays(msgspec.Struct):
    """The platform's catalogue ``holidays``, as much of it as is needed."""

    items: tuple[_PlatformYear, ...]


class _PlatformYear(msgspec.Struct):
    year: int
    off: tuple[dt.date, ...]
    work: tuple[dt.date, ...] = ()
    notice: tuple[str, ...] = ()


def years_of(text: str) -> tuple[HolidayYear, ...]:
    """The years loaded from files, as the setting ``holidays`` keeps them; empty text: none."""
    return msgspec.json.decode(text, type=tuple[HolidayYear, ...]) if text else ()


def plans_of(body: bytes | str | None) -> tuple[YearPlan, ...]:
    """Years of the platform's catalogue that the shipped calendar lacks or has otherwise.

    A catalogue or a year that contradicts itself is left out, and said in the log.
    """
    if body is None:
        return ()
    try:
        items = msgspec.json.decode(body, type=_PlatformHolidays, strict=False).items
    except msgspec.MsgspecError as error:
        log.warning("catalogue of holidays not understood: %s", error)
        return ()
    found, shipped = [], default_calendar()
    for item in items:
        plan = YearPlan(item.year, frozenset(item.off), frozenset(item.work), item.notice)
        known = shipped.plan(item.year)
        if known is not None and (known.off, known.work) == (plan.off, plan.work):
            continue
        try:
            check_plan(plan)
        except UserError as error:
            log.warning("holidays of %s left out: %s", item.year, error.message)
            continue
        found.append(plan)
    return tuple(found)


def calendar_of(loaded: str, announced: bytes | str | None) -> Calendar:
    """The calendar in force: shipped, then the platform's years, then those loaded from a file."""
    own = tuple(YearPlan(y.year, frozenset(y.off), frozenset(y.work), y.notice) for y in years_of(loaded))
    return calendar_with((*plans_of(announced), *own))


def calendar_with(years: Sequence[YearPlan] = ()) -> Calendar:
    """The shipped calendar with other years in place of, or beside, its own; the last one counts."""
    shipped = default_calendar()
    if not years:
        return shipped
    plans = {year: plan for year in shipped.years if (plan := shipped.plan(year)) is not None}
    return Calendar(plans | {plan.year: plan for plan in years})

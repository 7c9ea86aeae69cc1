"""Every deadline of a case with its arithmetic, ready for the cards."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from app.domain import deadlines
from app.domain.counting import Deadline
from app.domain.workdays import short_date
from app.services.case_clock import TITLES, deadlines_of
from app.services.cases import CaseView
from ui.labels import Label, short_day, time_left
from ui.widgets.deadline import DeadlineView, Line, Span

if TYPE_CHECKING:
    from app.services.desk import Desk

FAR_DAYS = 366
"""Beyond this span a date without its year could be taken for this year's."""


def case_deadlines(view: CaseView, desk: Desk) -> tuple[DeadlineView, ...]:
    """The deadlines of a case, the one that matters most first; none runs in a case taken back."""
    if view.taken_back:
        return ()
    today = desk.today()
    ended = "" if view.plan.is_open else "案件已办完"
    return tuple(
        deadline_view(one, today, desk, over=over or ended) for one, over in deadlines_of(view.file, desk)
    )


def deadline_view(due: Deadline, today: dt.date, desk: Desk, *, over: str = "") -> DeadlineView:
    """A deadline as its card shows it; ``over`` says in a word that it no longer runs."""
    left = deadlines.remaining(due, today, desk.calendar)
    label = Label(over, "circle-check", "neutral") if over else time_left(left)
    if due.paused and not over:
        label = Label("计时已停", "circle-pause", "neutral")
    far = (due.due_on - due.start_on).days > FAR_DAYS
    return DeadlineView(
        title=TITLES[due.kind],
        due=due.due_on,
        remaining=over or left.text,
        label=label,
        spans=spans(due, today),
        start=due.start_on.isoformat() if far else short_day(due.start_on),
        end=due.due_on.isoformat() if far else short_day(due.due_on),
        pause=_not_counted(due),
        lines=tuple(
            Line(line.text, _short(line.value, far=far), line.text.startswith("届满"))
            for line in due.explanation
        ),
        basis="依据：" + "；".join(due.basis) + "。",
        link="改设定" if due.kind in ("mediation", "contact", "decision", "signature", "follow_up") else "",
        provisional=due.provisional,
        note="；".join(due.warnings),
        far=far,
    )


def _not_counted(due: Deadline) -> str:
    """What the hatched part of the bar is: 送鉴定 5 个工作日不计."""
    found = [line for line in due.explanation if line.text.startswith("扣除")]
    if len(found) == 1:
        what = found[0].text.removeprefix("扣除").partition(" ")[0]
        return f"{what} {found[0].value.removeprefix('+')}不计"
    return f"{len(found)} 段时间不计" if found else ""


def _short(value: str, *, far: bool) -> str:
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day.year}年{short_date(day)}" if far else short_date(day)


def spans(due: Deadline, today: dt.date) -> tuple[Span, ...]:
    """The bar: days past, not counted, left."""
    found: list[Span] = []
    day = due.start_on + dt.timedelta(days=1)
    while day <= due.due_on:
        paused = any(first <= day <= last for first, last in due.not_counted)
        kind = "paused" if paused else ("spent" if day <= today else "left")
        if found and found[-1].kind == kind:
            found[-1] = Span(kind, found[-1].days + 1)
        else:
            found.append(Span(kind, 1))
        day += dt.timedelta(days=1)
    return tuple(found)

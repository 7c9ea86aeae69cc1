"""Every deadline of a case with its arithmetic, ready for the cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.clock import legal_day
from app.domain import agreement, contacting, deadlines
from app.domain import casefile as cf
from app.domain.counting import Deadline
from app.domain.plan import BEFORE_DECISION, contact_start, mediation_deadline
from app.domain.workdays import short_date
from app.services.cases import CaseView
from ui.labels import Label, short_day
from ui.widgets.deadline import DeadlineView, Line, Span

if TYPE_CHECKING:
    from app.services.desk import Desk

_LABELS = {
    "overdue": ("octagon-alert", "overdue"),
    "dueToday": ("alarm-clock", "dueToday"),
    "dueSoon": ("clock", "dueSoon"),
    "ok": ("circle-check", "ok"),
}
TITLES = {
    "contact": "联系期限", "first_contact": "首次联系（服务目标）", "decision": "决定期限",
    "mediation": "调解期限", "signature": "补齐签名盖章", "confirmation": "司法确认申请期限",
    "enforcement": "申请执行期限", "follow_up": "回访", "reply": "等答复",
}  # fmt: skip

FAR_DAYS = 366
"""Beyond this span a date without its year could be taken for this year's."""


def case_deadlines(view: CaseView, desk: Desk) -> tuple[DeadlineView, ...]:
    """The deadlines of a case, the one that matters most first."""
    today = desk.today()
    ended = "" if view.plan.is_open else "案件已办完"
    return tuple(deadline_view(one, today, desk, over=over or ended) for one, over in _found(view, desk))


def _found(view: CaseView, desk: Desk) -> Iterator[tuple[Deadline, str]]:
    head, today = view.head, desk.today()
    rules, calendar = desk.rules_for(head), desk.calendar
    if head.state in BEFORE_DECISION:
        start = contact_start(head, rules)
        first = next(iter(view.file.of_type(cf.Contact)), None)
        waived = "不需要征求意愿" if head.contact_waiver else ""
        contact = contacting.made_by(view.file, rules)
        for due, record in (
            (deadlines.contact(start, calendar, rules), contact),
            (deadlines.first_contact(start, calendar, rules), first),
        ):
            yield due, waived or _contacted(record, due)
        decision = deadlines.decision(legal_day(head.received_at), calendar, rules)
        if decision is not None:
            yield decision, ""
        return
    effect = agreement.effectiveness_of(view.file) if head.agreement_id else None
    made = view.file.agreements.get(head.agreement_id)
    handling = head.state in ("accepted", "mediating")
    period = mediation_deadline(view.file, rules, calendar, today)
    if handling and period is not None:
        yield period, ""
    if effect is not None and made is not None:
        if not effect.is_effective:
            begun = effect.first_signed_on or agreement.paper_day(made)
            yield deadlines.signature(begun, calendar, rules), ""
        earliest = effect.earliest_possible or effect.complete_on
        if earliest is not None and made.form != "oral":
            filed = "已提交" if view.file.submissions else ""
            yield deadlines.confirmation(earliest, calendar, rules), filed
        end = agreement.performance_ends_on(made, effect.complete_on)
        if end is not None:
            yield deadlines.follow_up(end, calendar, rules), ""
            if any(s.state == "confirmed" for s in view.file.submissions.values()):
                yield deadlines.enforcement(end, calendar, rules), ""
    if not handling and period is not None:
        yield period, "调解已结束"


def _contacted(made: tuple[cf.Record, cf.Contact] | None, due: Deadline) -> str:
    """11月23日已联系; empty while it was not done."""
    if made is None:
        return ""
    day = legal_day(made[0].at)
    return f"{short_date(day)}已联系{'' if day <= due.due_on else '，晚于期限'}"


def deadline_view(due: Deadline, today: dt.date, desk: Desk, *, over: str = "") -> DeadlineView:
    """A deadline as its card shows it; ``over`` says in a word that it no longer runs."""
    left = deadlines.remaining(due, today, desk.calendar)
    icon, status = _LABELS[left.status]
    text = "时间够" if left.status == "ok" else left.text
    label = Label(over, "circle-check", "neutral") if over else Label(text, icon, status)
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

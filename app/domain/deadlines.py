"""Deadlines (期限), each with the arithmetic that led to it, line by line.

Common rules: the day a period starts on is not counted (民法典 201, 民诉法 85); periods in months and
years end on the corresponding day, or the month's last (民法典 202); a last day that is a rest day
moves to the next day that is not (民法典 203), while a working Saturday (调休) does not move it. Only
the last day moves; rest days in the middle of a period of days count.

All days are Shanghai days. Counting over a year whose holidays are not announced gives a provisional
result (暂估) with a warning, never a silent one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.domain.casefile import LawKind, Suspension
from app.domain.counting import (
    Deadline,
    Extension,
    Kind,
    Line,
    add_months,
    add_years,
    count_days,
    count_workdays,
    finish,
    md,
    nth_day,
    raw_value,
    reasons_of,
    roll_last_day,
    roll_lines,
    span_words,
    spans_of,
)
from app.domain.rules import InstitutionRules, NumberRule, PeriodRule, Unit, default_rules
from app.domain.workdays import DAY, Calendar, short_date

__all__ = [
    "Deadline", "Extension", "Line", "Remaining", "add_months", "add_years", "confirmation", "contact",
    "decision", "enforcement", "first_contact", "follow_up", "mediation", "remaining", "remaining_until",
    "reply", "roll_last_day", "signature", "supplement",
]  # fmt: skip


def contact(received_on: dt.date, calendar: Calendar, rules: InstitutionRules | None = None) -> Deadline:
    """联系被申请人: 3 working days (平台运行管理办法（试行） 第九条); start event by the institution."""
    rules = rules or default_rules()
    basis = (_basis(rules.contact_days), f"起算点：{_start_words(rules)}")
    verb = "提交" if rules.contact_start.value == "applied" else "收到"
    counts = rules.contact_counts_start_day.value
    return count_workdays(
        "contact", received_on, rules.contact_days.value or 3, calendar, verb, basis, counts
    )


def first_contact(
    received_on: dt.date, calendar: Calendar, rules: InstitutionRules | None = None
) -> Deadline:
    """首次联系的服务目标: one working day. A target, not a deadline: shown apart."""
    rules = rules or default_rules()
    days = rules.first_contact_days
    counts = rules.contact_counts_start_day.value
    return count_workdays(
        "first_contact", received_on, days.value or 1, calendar, "收到", (_basis(days),), counts
    )


def decision(
    received_on: dt.date, calendar: Calendar, rules: InstitutionRules | None = None
) -> Deadline | None:
    """是否受理的决定期限, only where the institution has set one."""
    rules = rules or default_rules()
    if rules.decision_days.value is None:
        return None
    basis = ("机构设定", _basis(rules.decision_days))
    return _period("decision", received_on, rules.decision_days, calendar, "收到", basis)


NOBODY_SIGNED = "还没有人签，先从协议日期算；第一处签章登记以后，从那一天重新算"


def signature(
    first_signed_on: dt.date | None,
    paper_day: dt.date,
    calendar: Calendar,
    rules: InstitutionRules | None = None,
) -> Deadline:
    """补齐签名盖章: the institution's working days after the first signature; while there is none, after the
    day that the paper bears."""
    rules = rules or default_rules()
    if first_signed_on is not None:
        basis = (_basis(rules.signature_days),)
        return _period("signature", first_signed_on, rules.signature_days, calendar, "第一处签章", basis)
    unsigned = (_basis(rules.signature_days), NOBODY_SIGNED)
    return _period("signature", paper_day, rules.signature_days, calendar, "（协议日期）", unsigned)


def follow_up(performed_by: dt.date, calendar: Calendar, rules: InstitutionRules | None = None) -> Deadline:
    """第一次回访, counted from the last day of the performance period."""
    rules = rules or default_rules()
    basis = (_basis(rules.follow_up_days), "《人民调解法》第31条：监督履行")
    return _period("follow_up", performed_by, rules.follow_up_days, calendar, "履行期满", basis)


def reply(asked_on: dt.date, calendar: Calendar, rules: InstitutionRules | None = None) -> Deadline:
    """When to ask again for an answer that came with no promised day."""
    rules = rules or default_rules()
    return _period("reply", asked_on, rules.reply_days, calendar, "联系", (_basis(rules.reply_days),))


def confirmation(
    effective_on: dt.date, calendar: Calendar, rules: InstitutionRules | None = None
) -> Deadline:
    """共同申请司法确认: 30 days from the day the agreement took effect (民诉法 2023, 205; 85)."""
    rules = rules or default_rules()
    days = rules.confirmation_days.value or 30
    basis = ("《民事诉讼法》（2023修正）第205条、第85条", "以法院认定为准")
    return count_days("confirmation", effective_on, days, calendar, "", basis)


def supplement(asked_on: dt.date, answer_by: dt.date, warning: str = "") -> Deadline:
    """补交材料: until the day that the court named, which is not counted and does not move."""
    return Deadline(
        kind="supplement",
        due_on=answer_by,
        start_on=asked_on,
        explanation=(
            Line("法院要求补交", md(asked_on, answer_by)),
            Line("届满（法院定的日子）", md(answer_by, asked_on)),
        ),
        basis=("法院的补正通知",),
        warnings=(warning,) if warning else (),
        unit="days",
    )


def enforcement(
    performance_ends_on: dt.date, calendar: Calendar, rules: InstitutionRules | None = None
) -> Deadline:
    """申请执行: two years from the last day of the performance period (民诉法 2023, 250).

    With instalments that is the last instalment's day; where the ruling names no day, the day the
    ruling took effect. There must be a ruling first.
    """
    rules = rules or default_rules()
    years = rules.enforcement_years.value or 2
    raw = add_years(performance_ends_on, years)
    due = roll_last_day(raw, calendar)
    basis = ("《民事诉讼法》（2023修正）第250条、第85条", "须先有确认裁定；可以中止、中断")
    return finish(
        "enforcement",
        performance_ends_on,
        due,
        [
            Line(
                f"{short_date(performance_ends_on)}履行期满，次日起算",
                (performance_ends_on + DAY).isoformat(),
            ),
            Line(f"{years} 年", raw_value(raw, performance_ends_on, calendar)),
            *roll_lines(raw, due),
        ],
        basis,
        calendar.unknown_years(raw, due),
        "days",
    )


def mediation(
    start_on: dt.date,
    calendar: Calendar,
    rules: InstitutionRules | None = None,
    *,
    law_kind: LawKind = "people",
    institution_kind: str = "",
    suspensions: Sequence[Suspension] = (),
    extensions: Sequence[Extension] = (),
    today: dt.date | None = None,
) -> Deadline:
    """调解期限 from ``start_on``: acceptance, or receipt of the application where the law says so.

    Suspended days (鉴定评估等) are left out day by day: working days from a period of working days,
    calendar days from one of calendar days. A suspension without an end runs through ``today``.
    """
    rules = rules or default_rules()
    period = rules.mediation_period(law_kind, institution_kind)
    if suspensions or extensions:
        return _mediation(start_on, calendar, period, suspensions, extensions, today)
    key = ("mediation", start_on, period.amount, period.unit, period.starts, period.source, period.verified)
    return calendar.remembered(key, lambda: _mediation(start_on, calendar, period, (), (), None))


def _mediation(
    start_on: dt.date,
    calendar: Calendar,
    period: PeriodRule,
    suspensions: Sequence[Suspension],
    extensions: Sequence[Extension],
    today: dt.date | None,
) -> Deadline:
    spans = spans_of(suspensions, today) if period.suspends else ()
    amount = period.amount + sum(e.amount for e in extensions)
    working = period.unit == "workdays"
    base = nth_day(start_on, period.amount, calendar, working, ())
    raw = nth_day(start_on, amount, calendar, working, spans)
    due = roll_last_day(raw, calendar)
    verb = "收到申请" if period.starts == "received" else "受理"
    name = "个工作日" if working else "日"
    lines = [
        Line(f"{short_date(start_on)}{verb}，次日起算", md(start_on + DAY, start_on)),
        Line(f"{period.amount} {name}", raw_value(base, start_on, calendar)),
    ]
    lines += [Line(e.reason, f"+{e.amount} {name}") for e in extensions]
    for (first, last), reason in zip(spans, reasons_of(suspensions), strict=False):
        inside = (max(first, start_on + DAY), min(last, raw))
        skipped = calendar.count_workdays(inside[0] - DAY, inside[1]) if working else _length(*inside)
        if skipped > 0:
            what = reason.partition("：")[0]
            lines.append(Line(f"扣除{what} {span_words(first, last)}", f"+{skipped} {name}"))
    years = calendar.unknown_years(start_on + DAY, due) if working else calendar.unknown_years(raw, due)
    lines += roll_lines(raw, due)
    basis = (_cite(period.source, period.verified),)
    deadline = finish("mediation", start_on, due, lines, basis, years, period.unit)
    open_span = period.suspends and any(s.last_day is None for s in suspensions)
    warnings = deadline.warnings + (("计时还停着，恢复后届满日会往后移",) if open_span else ())
    return replace(deadline, not_counted=spans, paused=open_span, warnings=warnings)


@dataclass(frozen=True)
class Remaining:
    """How a deadline stands on a day. ``status`` is a key of the theme's status table."""

    left: int
    """Working days (or days) after today up to the due day; negative: days overdue."""
    unit: Unit
    status: Literal["overdue", "dueToday", "dueSoon", "ok"]
    text: str
    """今天到期, 还剩 3 个工作日, 还剩 28 天, 已超期 2 天."""
    label: str
    """``text`` while it is near, else the day: 11月30日."""


SOON = 3
"""Working days within which a deadline counts as near (ui tokens ``dueSoon``)."""


def remaining(deadline: Deadline, today: dt.date, calendar: Calendar) -> Remaining:
    """How ``deadline`` stands on ``today``."""
    return remaining_until(deadline.due_on, today, calendar, deadline.unit)


def remaining_until(
    due_on: dt.date, today: dt.date, calendar: Calendar, unit: Unit = "workdays"
) -> Remaining:
    """How a due day stands on ``today``; today is not counted, the due day is."""
    days = (due_on - today).days
    if days < 0:
        text = f"已超期 {-days} 天"
        return Remaining(days, unit, "overdue", text, text)
    if days == 0:
        return Remaining(0, unit, "dueToday", "今天到期", "今天到期")
    workdays = calendar.count_workdays(today, due_on)
    soon = workdays <= SOON
    if unit == "workdays" and workdays:
        left, text = workdays, f"还剩 {workdays} 个工作日"
    else:
        left, text = days, f"还剩 {days} 天"
    return Remaining(
        left, unit, "dueSoon" if soon else "ok", text, text if soon else short_date(due_on, today)
    )


def _cite(source: str, verified: bool) -> str:
    return source if verified else f"{source}（待核）"


def _basis(rule: NumberRule) -> str:
    return _cite(rule.source, rule.verified)


def _start_words(rules: InstitutionRules) -> str:
    event = "申请人提交申请的时间" if rules.contact_start.value == "applied" else "机构收到办件的时间"
    return f"{event}（机构设定{'' if rules.contact_start.verified else '，待核'}）"


def _period(
    kind: Kind, start: dt.date, rule: NumberRule, calendar: Calendar, verb: str, basis: tuple[str, ...]
) -> Deadline:
    amount = rule.value or 0
    make = count_workdays if rule.unit == "workdays" else count_days
    return make(kind, start, amount, calendar, verb, basis)


def _length(first: dt.date, last: dt.date) -> int:
    return (last - first).days + 1

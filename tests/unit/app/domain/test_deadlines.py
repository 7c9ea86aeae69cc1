"""Deadlines: the vectors of the legal notes, the screens' arithmetic, and properties."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import deadlines
from app.domain.casefile import LawKind, Suspension
from app.domain.deadlines import Deadline, Extension
from app.domain.rules import default_rules
from app.domain.workdays import default_calendar

D = dt.date
CAL = default_calendar()
RULES = default_rules()
DAYS_2015_2026 = st.dates(min_value=D(2015, 1, 1), max_value=D(2026, 10, 31))


def shown(deadline: Deadline) -> list[tuple[str, str]]:
    return [(line.text, line.value) for line in deadline.explanation]


@pytest.mark.parametrize(
    ("received", "due", "provisional"),
    [
        (D(2026, 2, 13), D(2026, 2, 25), False),
        (D(2026, 9, 30), D(2026, 10, 10), False),
        (D(2026, 12, 29), D(2027, 1, 4), True),
        (D(2026, 11, 18), D(2026, 11, 23), False),
        (D(2026, 11, 20), D(2026, 11, 25), False),
    ],
)
def test_contact(received: D, due: D, provisional: bool) -> None:
    deadline = deadlines.contact(received, CAL, RULES)
    assert (deadline.due_on, deadline.provisional) == (due, provisional)
    assert bool(deadline.warnings) is provisional


def test_contact_explains_itself() -> None:
    deadline = deadlines.contact(D(2026, 11, 18), CAL)
    assert shown(deadline) == [
        ("11月18日收到，次日起算", "11-19"),
        ("3 个工作日：19、20、23日", "11-23"),
        ("届满", "11-23"),
    ]
    assert "第九条" in deadline.basis[0]
    assert "待核" in deadline.basis[1]


def test_contact_into_an_unknown_year_says_so() -> None:
    deadline = deadlines.contact(D(2026, 12, 29), CAL)
    assert deadline.explanation[-1] == deadlines.Line("届满（暂估）", "2027-01-04")
    assert deadline.warnings == ("2027 年放假安排未载入，结果暂估，可能变",)
    known = CAL.with_year(2027, [D(2027, 1, 1)], [])
    assert not deadlines.contact(D(2026, 12, 29), known).provisional


def test_an_institution_may_count_the_first_day() -> None:
    flag = msgspec.structs.replace(RULES.contact_counts_start_day, value=True)
    rules = msgspec.structs.replace(RULES, contact_counts_start_day=flag)
    assert deadlines.contact(D(2026, 11, 18), CAL, rules).due_on == D(2026, 11, 20)


@pytest.mark.parametrize(
    ("effective", "due"),
    [
        (D(2026, 1, 16), D(2026, 2, 24)),
        (D(2026, 9, 10), D(2026, 10, 10)),
        (D(2026, 11, 20), D(2026, 12, 21)),
        (D(2026, 11, 6), D(2026, 12, 7)),
        (D(2026, 11, 9), D(2026, 12, 9)),
        (D(2026, 10, 24), D(2026, 11, 23)),
    ],
)
def test_confirmation(effective: D, due: D) -> None:
    assert deadlines.confirmation(effective, CAL).due_on == due


def test_confirmation_explains_the_last_day_rule() -> None:
    assert shown(deadlines.confirmation(D(2026, 11, 20), CAL)) == [
        ("11月20日，次日起算", "11-21"),
        ("30 日", "12-20，星期日"),
        ("末日休息，顺延", "+1 天"),
        ("届满", "12-21"),
    ]
    assert shown(deadlines.confirmation(D(2026, 9, 10), CAL))[1] == ("30 日", "10-10")
    assert deadlines.confirmation(D(2026, 12, 10), CAL).provisional


def test_mediation_with_an_appraisal() -> None:
    away = Suspension(record_id="r", reason="鉴定", first_day=D(2026, 11, 9), last_day=D(2026, 11, 13))
    deadline = deadlines.mediation(D(2026, 10, 26), CAL, suspensions=[away])
    assert shown(deadline) == [
        ("10月26日受理，次日起算", "10-27"),
        ("30 个工作日", "12-07"),
        ("扣除鉴定 11月9日至13日", "+5 个工作日"),
        ("届满", "12-14"),
    ]
    assert deadlines.remaining(deadline, D(2026, 11, 23), CAL).text == "还剩 15 个工作日"
    assert deadline.not_counted == ((D(2026, 11, 9), D(2026, 11, 13)),)


def test_mediation_agreed_longer_and_pauses_overlapping() -> None:
    pauses = [
        Suspension(record_id="a", reason="鉴定", first_day=D(2026, 11, 9), last_day=D(2026, 11, 13)),
        Suspension(record_id="b", reason="评估", first_day=D(2026, 11, 12), last_day=D(2026, 11, 17)),
    ]
    deadline = deadlines.mediation(D(2026, 10, 26), CAL, suspensions=pauses, extensions=[Extension(10)])
    # 40 working days and the seven working days from 9 to 17 November.
    assert deadline.due_on == CAL.add_workdays(D(2026, 10, 26), 47)
    assert [v for _, v in shown(deadline)][2:5] == ["+10 个工作日", "+5 个工作日", "+2 个工作日"]


def test_a_running_pause_moves_the_day_every_day() -> None:
    running = [Suspension(record_id="a", reason="鉴定", first_day=D(2026, 11, 9))]
    one = deadlines.mediation(D(2026, 10, 26), CAL, suspensions=running, today=D(2026, 11, 10))
    later = deadlines.mediation(D(2026, 10, 26), CAL, suspensions=running, today=D(2026, 11, 12))
    assert one.paused
    assert (one.due_on, later.due_on) == (D(2026, 12, 9), D(2026, 12, 11))


@pytest.mark.parametrize(
    ("law_kind", "start", "due", "unit"),
    [
        ("labour", D(2026, 11, 16), D(2026, 12, 1), "days"),
        ("labour", D(2026, 2, 5), D(2026, 2, 24), "days"),
        ("medical", D(2026, 10, 26), D(2026, 12, 7), "workdays"),
        ("court_delegated", D(2026, 9, 10), D(2026, 10, 10), "days"),
        ("people", D(2026, 10, 26), D(2026, 12, 7), "workdays"),
    ],
)
def test_mediation_by_law(law_kind: LawKind, start: D, due: D, unit: str) -> None:
    deadline = deadlines.mediation(start, CAL, law_kind=law_kind)
    assert (deadline.due_on, deadline.unit) == (due, unit)


def test_labour_period_does_not_stop_for_an_appraisal() -> None:
    away = Suspension(record_id="r", reason="鉴定", first_day=D(2026, 11, 18), last_day=D(2026, 11, 25))
    assert deadlines.mediation(D(2026, 11, 16), CAL, law_kind="labour", suspensions=[away]).due_on == D(
        2026, 12, 1
    )


def test_court_delegated_period_leaves_out_calendar_days() -> None:
    away = Suspension(record_id="r", reason="鉴定", first_day=D(2026, 11, 7), last_day=D(2026, 11, 9))
    deadline = deadlines.mediation(D(2026, 11, 2), CAL, law_kind="court_delegated", suspensions=[away])
    # 2 December, and three days for a Saturday, a Sunday and a Monday: Saturday 5th, moved to Monday.
    assert deadline.due_on == D(2026, 12, 7)
    assert ("扣除鉴定 11月7日至9日", "+3 日") in shown(deadline)


@pytest.mark.parametrize(
    ("last_day", "due"),
    [(D(2024, 11, 20), D(2026, 11, 20)), (D(2024, 2, 29), D(2026, 2, 28)), (D(2024, 10, 3), D(2026, 10, 8))],
)
def test_enforcement(last_day: D, due: D) -> None:
    # 28 February 2026 is a working Saturday: the last day stays there.
    assert deadlines.enforcement(last_day, CAL).due_on == due


def test_enforcement_in_an_unannounced_year_is_provisional() -> None:
    deadline = deadlines.enforcement(D(2026, 12, 10), CAL)
    assert (deadline.due_on, deadline.provisional) == (D(2028, 12, 11), True)
    assert "民事诉讼法" in deadline.basis[0]


def test_institution_periods() -> None:
    first = deadlines.signature(D(2026, 11, 20), D(2026, 11, 19), CAL)
    assert first.due_on == D(2026, 11, 25)
    assert "签章" in repr(first.explanation)
    none_yet = deadlines.signature(None, D(2026, 11, 19), CAL)
    assert none_yet.due_on == D(2026, 11, 24)
    assert "签章" not in repr(none_yet.explanation), "nobody has signed"
    assert "协议日期" in repr(none_yet.explanation)
    assert deadlines.NOBODY_SIGNED in none_yet.basis, "the basis says what it is counted from"
    assert deadlines.NOBODY_SIGNED not in first.basis
    assert all("第一处签章" in due.basis[0] for due in (first, none_yet))
    assert deadlines.follow_up(D(2026, 11, 19), CAL).due_on == D(2026, 11, 26)
    assert deadlines.first_contact(D(2026, 11, 18), CAL).due_on == D(2026, 11, 19)
    assert deadlines.decision(D(2026, 11, 17), CAL) is None
    five = msgspec.structs.replace(RULES.decision_days, value=5)
    decision = deadlines.decision(D(2026, 11, 17), CAL, msgspec.structs.replace(RULES, decision_days=five))
    assert decision is not None
    assert decision.due_on == D(2026, 11, 24)


@pytest.mark.parametrize(
    ("today", "text", "status", "label"),
    [
        (D(2026, 11, 23), "还剩 15 个工作日", "ok", "12月14日"),
        (D(2026, 12, 11), "还剩 1 个工作日", "dueSoon", "还剩 1 个工作日"),
        (D(2026, 12, 14), "今天到期", "dueToday", "今天到期"),
        (D(2026, 12, 16), "已超期 2 天", "overdue", "已超期 2 天"),
    ],
)
def test_remaining(today: D, text: str, status: str, label: str) -> None:
    state = deadlines.remaining_until(D(2026, 12, 14), today, CAL)
    assert (state.text, state.status, state.label) == (text, status, label)


def test_remaining_in_days() -> None:
    deadline = deadlines.confirmation(D(2026, 11, 20), CAL)
    assert deadlines.remaining(deadline, D(2026, 11, 23), CAL).text == "还剩 28 天"


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (D(2026, 1, 31), 1, D(2026, 2, 28)),
        (D(2024, 1, 31), 1, D(2024, 2, 29)),
        (D(2026, 12, 15), 1, D(2027, 1, 15)),
        (D(2026, 3, 31), -1, D(2026, 2, 28)),
    ],
)
def test_months(day: D, months: int, result: D) -> None:
    assert deadlines.add_months(day, months) == result


@given(DAYS_2015_2026)
def test_deadlines_never_end_on_a_rest_day(day: D) -> None:
    for deadline in (
        deadlines.contact(day, CAL),
        deadlines.confirmation(day, CAL),
        deadlines.mediation(day, CAL),
        deadlines.mediation(day, CAL, law_kind="labour"),
        deadlines.enforcement(day, CAL),
    ):
        assert CAL.is_workday(deadline.due_on)
        assert deadline.due_on > day
        assert deadline.explanation[-1].text.startswith("届满")
        assert deadline.provisional is bool(deadline.warnings)


@given(DAYS_2015_2026, st.integers(0, 40), st.integers(1, 20))
def test_a_pause_adds_exactly_its_working_days(start: D, after: int, length: int) -> None:
    first = start + dt.timedelta(days=after)
    last = first + dt.timedelta(days=length - 1)
    plain = deadlines.mediation(start, CAL)
    paused = deadlines.mediation(
        start, CAL, suspensions=[Suspension(record_id="x", reason="鉴定", first_day=first, last_day=last)]
    )
    skipped = CAL.count_workdays(max(first - dt.timedelta(days=1), start), last)
    if first <= plain.due_on:
        assert paused.due_on == CAL.add_workdays(start, 30 + skipped)
    else:
        assert paused.due_on == plain.due_on


@given(DAYS_2015_2026)
def test_thirty_days_or_a_little_more(day: D) -> None:
    due = deadlines.confirmation(day, CAL).due_on
    assert 30 <= (due - day).days <= 42
    assert all(CAL.is_rest_day(day + dt.timedelta(days=n)) for n in range(30, (due - day).days))


def test_rules_carry_their_sources() -> None:
    assert not RULES.refusal_needs_head, "办法第九条 asks for no approval"
    assert "第九条" in RULES.refusal_approval.source
    assert "contact_start" in RULES.unverified()
    assert "mediation.people" in RULES.unverified()
    assert "confirmation_days" not in RULES.unverified()

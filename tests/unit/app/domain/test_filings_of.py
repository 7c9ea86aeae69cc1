"""Which of a case's filings counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import permutations

import msgspec
import pytest

from app.domain import casefile as cf
from app.domain.filings_of import active_filing, forgotten_question, has_result, latest, rounds, untold
from app.domain.reducer import CaseFile


def filing(submission_id: str, number: int, state: str, **more: str) -> cf.Submission:
    values = {"kind": "judicial_confirmation", "subject_id": "g", **more}
    return cf.Submission(
        submission_id=submission_id, case_id="c", round=number, state=state, court_code="CDEMO1", **values
    )  # type: ignore[arg-type]


def case_with(*filings: cf.Submission) -> CaseFile:
    head = cf.Case(
        case_id="c", source="platform", state="closed", title="三楼漏水赔墙面", dispute_kind="neighbour",
        received_at=dt.datetime(2026, 11, 18, tzinfo=dt.UTC), agreement_id="g",
    )  # fmt: skip
    return CaseFile(case=head, submissions={one.submission_id: one for one in filings})


FIRST = filing("b-first", 1, "not_accepted")
SECOND = filing("a-second", 2, "lodged")
ELSEWHERE = filing("z", 1, "lodged", subject_id="other")


@pytest.mark.parametrize(
    "order", [*permutations((FIRST, SECOND, filing("z", 1, "lodged", subject_id="other")))]
)
def test_rounds_stand_in_their_order_however_they_came(order: tuple[cf.Submission, ...]) -> None:
    file = case_with(*order)
    assert rounds(file) == (FIRST, SECOND)
    assert latest(file) == SECOND
    assert active_filing(file) == SECOND
    assert not has_result(file)


THEIRS, DEAD, OURS = (filing(*one) for one in (("t", 1, "lodged"), ("d", 1, "prepared"), ("o", 1, "queued")))


@pytest.mark.parametrize("order", [*permutations((THEIRS, DEAD))])
def test_the_try_that_came_second_binds_nobody(order: tuple[cf.Submission, ...]) -> None:
    file = case_with(*order)
    assert rounds(file) == (THEIRS,)
    assert latest(case_with(DEAD)) is None


@pytest.mark.parametrize("order", [*permutations((THEIRS, OURS))])
def test_one_that_the_court_has_stands_before_ours_that_waits(order: tuple[cf.Submission, ...]) -> None:
    file = case_with(*order)
    assert latest(file) == active_filing(file) == THEIRS


def test_a_ruling_is_a_result_and_nothing_is_active_after_it() -> None:
    file = case_with(FIRST, filing("a", 2, "confirmed"))
    assert has_result(file)
    assert active_filing(file) is None
    assert rounds(file, "arbitration") == ()


def event(
    hour: int, state: str, *papers: str, code: str = "", asked: tuple[str, ...] = ()
) -> cf.SubmissionEvent:
    documents = tuple(
        cf.ResultDocument(sha256=name, size=9, name=f"{name}.pdf", media_type="application/pdf")
        for name in papers
    )
    at = dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC)
    return cf.SubmissionEvent(at=at, state=state, code=code, asked=asked, documents=documents)


ASKED_AND_GIVEN = ("supplement_asked", "supplemented")


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ((), [*ASKED_AND_GIVEN, "accepted", "confirmed"]),
        ((event(1, "lodged"), event(9, "accepted", "notice")), [*ASKED_AND_GIVEN, "confirmed"]),
        ((event(9, "confirmed", "ruling", "annex"),), [*ASKED_AND_GIVEN, "accepted"]),
        ((event(8, "confirmed", "b"), event(8, "accepted")), [*ASKED_AND_GIVEN, "accepted", "confirmed"]),
        ((event(9, "supplement_asked", asked=("户口簿",)),), [*ASKED_AND_GIVEN, "accepted", "confirmed"]),
        ((event(9, "supplement_asked", "list", asked=("送达地址确认书",)),), ["accepted", "confirmed"]),
    ],
)  # fmt: skip
def test_an_answer_is_told_again_with_the_same_state_and_its_papers(
    told: tuple[cf.SubmissionEvent, ...], left: list[str]
) -> None:
    """One that came twice is one. What was supplied is told with its question, though it is no answer."""
    asked = event(2, "supplement_asked", asked=("送达地址确认书",))
    had = (
        event(4, "confirmed", "ruling"), event(1, "lodged"), asked, event(2, "supplemented"), asked,
        event(3, "accepted", "notice"), event(3, "accepted", code="withdrawal_asked"),
    )  # fmt: skip
    assert [one.state for one in untold(had, told)] == left


QUESTION = event(3, "supplement_asked", "list", asked=("送达地址确认书",))


@pytest.mark.parametrize(
    ("kept", "told", "open_"),
    [
        ((event(2, "accepted"), QUESTION), (), True),
        ((QUESTION, event(4, "supplement_asked")), (), True),
        ((QUESTION,), (event(9, "accepted", "notice"),), True),
        ((QUESTION,), (event(2, "supplemented"), event(9, "lodged")), True),
        ((QUESTION, event(4, "supplemented")), (), False),
        ((QUESTION, event(4, "not_accepted")), (), False),
        ((QUESTION,), (event(9, "supplemented"),), False),
        ((QUESTION,), (event(9, "supplement_asked", asked=("户口簿",)),), False),
        ((QUESTION,), (event(9, "dismissed"),), False),
        ((event(2, "accepted"),), (), False),
    ],
)
def test_a_question_that_the_platform_forgot_is_open_until_it_is_answered_or_over(
    kept: tuple[cf.SubmissionEvent, ...], told: tuple[cf.SubmissionEvent, ...], *, open_: bool
) -> None:
    one = filing("s", 1, told[-1].state if told else "lodged")
    one = msgspec.structs.replace(one, events=told)
    file = replace(case_with(one), kept={"s": kept, "other": (QUESTION,)})
    assert forgotten_question(file, one) == (QUESTION if open_ else None)
    assert forgotten_question(file, None) is None


def test_each_of_two_like_questions_stays_with_what_was_supplied_to_it() -> None:
    """Only what the platform does not tell any more: the last question is the one that is open."""
    first, second = (
        event(2, "supplement_asked", asked=("户口簿",)),
        event(6, "supplement_asked", asked=("户口簿",)),
    )
    had = (first, event(3, "supplemented"), second)
    assert untold(had, ()) == had
    given = event(7, "supplemented")
    assert untold((*had, given), had[:2]) == (second, given)
    assert untold(had, (event(8, "supplement_asked", asked=("户口簿",)),)) == had[:2], (
        "the last is asked again"
    )

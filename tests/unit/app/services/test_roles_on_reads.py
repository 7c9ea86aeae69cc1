"""Reading is guarded where it happens: a statistician learns nothing of a case, not even by counting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain import roles
from app.domain.errors import NotPermittedError
from app.services.agreement_list import AgreementList
from app.services.day_sheet import DaySheet
from app.services.exporting import Exporting
from app.services.office import Office
from tests.helpers.desks import Workplace, incoming, make_workplace
from ui.status import agreements, numbers

READS: dict[str, Callable[[Office], object]] = {
    "a name": lambda o: o.cases.page(o.cases.query(text="陈秀英"), 0, 10),
    "a telephone's tail": lambda o: o.cases.page(o.cases.query(text="6612"), 0, 10),
    "an id number, counted": lambda o: o.cases.count(o.cases.query(text="11010519491231002X")),
    "the list": lambda o: o.cases.page(o.cases.query(), 0, 10),
    "how many": lambda o: o.cases.count(o.cases.query()),
    "the inbox": lambda o: o.cases.inbox("todo"),
    "the counters": lambda o: o.cases.numbers(),
    "a case": lambda o: o.cases.open("case-1"),
    "a case by number": lambda o: o.cases.find("YJS20261118-case-1"),
    "files": lambda o: o.attachments.of_case("case-1"),
    "the command box": lambda o: o.palette.find(""),
    "tasks in the command box": lambda o: o.palette.tasks("联系"),
    "papers in the command box": lambda o: o.palette.papers("协议"),
    "agreements": lambda o: AgreementList(o.desk).overview(),
    "today": lambda o: o.today.board(),
    "the day's sheet": lambda o: DaySheet(o.desk).render(),
    "the calendar": lambda o: o.agenda.between(dt.date(2026, 11, 1), dt.date(2026, 11, 30)),
    "what was sent": lambda o: o.sync_centre.rows("all"),
    "why": lambda o: o.sync_centre.explain("command:x"),
    "a proposed refusal": lambda o: o.deciding.proposed_refusal("case-1"),
    "a conflict": lambda o: o.resolving.conflict("x"),
    "a paper": lambda o: o.papers.preview("case-1", "P05"),
    "the export": lambda o: Exporting(o.desk).cases(o.cases.query()),
    "whose cases": lambda o: o.handover.holders(),
    "the hand-over book": lambda o: o.handover.book("p-zhou", "p-he", ("case-1",)),
    "revealing": lambda o: o.reveal.field("case-1", "case-1-applicant", "phone", "contact"),
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path / "profile")
    incoming(made, "case-1")
    yield made
    made.close()


@pytest.mark.parametrize("what", READS)
def test_a_statistician_learns_nothing_of_a_case(place: Workplace, what: str) -> None:
    with pytest.raises(NotPermittedError):
        READS[what](Office(place.as_person("p-tong")))


@pytest.mark.parametrize("person_id", ["p-zhou", "p-shen", "p-he"])
def test_whoever_handles_cases_sees_those_that_the_feed_brought(place: Workplace, person_id: str) -> None:
    incoming(place, "case-2", mediator_id="p-somebody-else")
    office = Office(place.as_person(person_id))
    assert office.cases.count(office.cases.query()) == 2
    assert {row.case_id for row in office.cases.page(office.cases.query(text="陈秀英"), 0, 10)} == {
        "case-1",
        "case-2",
    }


def test_the_frame_counts_nothing_for_a_statistician(place: Workplace) -> None:
    assert numbers(Office(place.as_person("p-zhou"))).inbox == 1
    shown = numbers(Office(place.as_person("p-tong")))
    assert (shown.today, shown.inbox, shown.sync, shown.waiting) == (0, 0, 0, 0)
    assert agreements(Office(place.as_person("p-tong"))) == (0, False)


def test_somebody_the_roster_lost_sees_no_case_either(place: Workplace) -> None:
    nobody = replace(place.desk, person=replace(place.desk.person, role=""))
    with pytest.raises(NotPermittedError):
        Office(nobody).cases.count(Office(nobody).cases.query())


def test_there_is_no_operation_that_nothing_asks_for() -> None:
    assert "case.view_all" not in roles.OPERATIONS

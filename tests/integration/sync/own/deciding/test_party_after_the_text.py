"""A party that a colleague registered off line, and a text that was fixed without it: whichever comes first,
whoever answers for the text hears of it."""

from __future__ import annotations

import msgspec
import pytest

from app.domain import commands as cmd
from app.services import casework
from app.services.agreeing import Agreeing
from app.services.cases import Cases
from app.services.resolving import Resolving
from tests.helpers.clients import Office
from tests.helpers.decisions import agreement


def third_party(office: Office, case_id: str) -> None:
    """Somebody more is a party."""
    old = office.file(case_id).side("respondent")[0]
    new = office.desk.make_id()
    party = msgspec.structs.replace(
        old, party_id=new, ordinal=2, name="钱三顺", id_number="", phone="", no_phone_reason="不愿留"
    )
    casework.write(office.desk, lambda case: case.issue(case_id, cmd.AddParty(party=party)))


def short_words(office: Office, case_id: str) -> set[str]:
    """What there is to do in a case."""
    return {task.short for task in Cases(office.desk).open(case_id).plan.tasks}


@pytest.mark.parametrize("first", ["text", "party"])
def test_a_party_that_was_not_on_the_text(ready: Office, other: Office, first: str) -> None:
    other.good_run()
    case_id = ready.case_ids("accepted", "mediating")[0]
    third_party(other, case_id)
    draft = agreement(ready, case_id, "agreement-one", 50000)
    Agreeing(ready.desk).finalise(draft, wants_confirmation=False, overrides=("照样",))
    for office in (ready, other) * 2 if first == "text" else (other, ready) * 2:
        office.later(60)
        office.good_run()
    asked = [Resolving(ready.desk).conflict(one).what for one in Resolving(ready.desk).open_ids()]
    assert asked == (["协议书定稿"] if first == "party" else [])
    assert ("协议没写全" in short_words(ready, case_id)) == (first == "text")
    assert ("协议没写全" in short_words(other, case_id)) == (first == "text")

"""练习台 改同一处: the colleague writes where the person wrote last and has not sent it."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from app.services.handling import Handling
from app.services.last_written import last_written
from app.services.parties import Parties
from app.services.resolving import Resolving
from tests.helpers.clients import Office
from tests.helpers.sandbox import Sandbox


@pytest.mark.parametrize(
    ("field", "mine"), [("phone", "13900001234"), ("name", "秦月桐"), ("service_address", "云浦区甲路 1 号")]
)
def test_what_was_changed_here_last_is_changed_there_too(
    ready: Office, sandbox: Sandbox, field: str, mine: str
) -> None:
    first, case_id = ready.case_ids("accepted", "mediating")[:2]
    party_id = ready.file(case_id).side("applicant")[0].party_id
    Handling(ready.desk).rename(first, "先改的另一件")
    Parties(ready.desk).edit(case_id, party_id, {field: mine})
    place = last_written(ready.desk)
    assert place is not None
    assert (place.case_id, place.party_id, place.field) == (case_id, party_id, field)
    sandbox.control("edit-same-field", **asdict(place))
    assert ready.good_run().conflicts == 1
    view = Resolving(ready.desk).conflict(Resolving(ready.desk).open_ids()[0])
    assert (view.case_id, view.field) == (case_id, field)


def test_with_nothing_unsent_there_is_no_such_place(ready: Office, sandbox: Sandbox) -> None:
    assert last_written(ready.desk) is None
    assert sandbox.control("edit-same-field")["field"] == "service_address"

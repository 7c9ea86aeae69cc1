"""The platform's value moves on while both stand for a choice: whose the newer one is, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import from_text
from app.domain import commands as cmd
from app.services import casework
from app.services.conflict_views import Version
from app.services.resolving import Resolving
from app.storage.tables import inbox
from tests.helpers.clients import Office, open_office
from tests.helpers.decisions import first_view
from tests.helpers.filings import edit_respondent
from tests.helpers.sandbox import Sandbox

MINE, FIRST, LATER = "棠溪路88弄6号302室", "平凉路12弄3号", "梧桐路20号"


@pytest.fixture
def third(ready: Office, sandbox: Sandbox, tmp_path: Path) -> Iterator[Office]:
    """One more computer, of the clerk."""
    one = open_office(tmp_path / "third", sandbox, "clerk")
    one.good_run()
    yield one
    one.close()


def other_value(office: Office) -> Version:
    """The other value as whoever chooses reads it."""
    return Resolving(office.desk).conflict(first_view(office).conflict_id, reveal_reason="paper").theirs


def disputed(ready: Office, other: Office) -> str:
    """A case in which both wrote an address; the other's came first."""
    other.good_run()
    case_id = ready.case_ids("received", "contacting")[0]
    edit_respondent(other, case_id, FIRST)
    other.good_run()
    edit_respondent(ready, case_id, MINE)
    ready.good_run()
    return case_id


def test_whose_the_newer_value_is(ready: Office, other: Office, third: Office) -> None:
    case_id = disputed(ready, other)
    assert (other_value(ready).text, other_value(ready).author) == (FIRST, other.desk.person.name)
    third.good_run()
    before = ready.clock.now()
    edit_respondent(third, case_id, LATER)
    third.good_run()
    ready.good_run()
    newer = other_value(ready)
    assert (newer.text, newer.author) == (LATER, third.desk.person.name)
    assert before - dt.timedelta(seconds=1) <= from_text(newer.at) <= ready.clock.now()
    # What changes beside it afterwards is another matter.
    other.good_run()
    party = other.file(case_id).side("respondent")[0]
    beside = cmd.EditParty(party_id=party.party_id, fields={"email": "wu@example.com"})
    casework.write(other.desk, lambda case: case.issue(case_id, beside, base={"email": party.email}))
    other.good_run()
    ready.good_run()
    assert other_value(ready) == newer


def test_nobody_is_named_on_a_guess(ready: Office, other: Office, third: Office) -> None:
    """Of the changes that are here none shows the value come: another may have written it before."""
    case_id = disputed(ready, other)
    ready.desk.store.write(lambda conn: conn.execute(inbox.delete()) and None)
    third.good_run()
    edit_respondent(third, case_id, LATER)
    third.good_run()
    ready.good_run()
    assert (other_value(ready).text, other_value(ready).author, other_value(ready).at) == (LATER, "", "")

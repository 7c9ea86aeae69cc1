"""What a court got is told as it was, whatever a platform forgot: the hour, the receipt, what it rests on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.domain.agreement import effectiveness_of
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.filing import Filing
from app.services.sync_centre import SyncCentre
from app.storage.tables import filings
from sync.engine.filing_words import NOT_ASKED
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import FIRST, agreed_case, ask, of_filings, prepare_filing, supplement
from tests.helpers.packages import round_trip
from tests.helpers.restored import a_day_later, at_the_platform, in_turn, lodge, restore, states
from tests.helpers.sandbox import Sandbox


def receipt(office: Office, submission_id: str) -> dict[str, str]:
    """The platform's receipt, as the office keeps it."""
    query = select(filings.c.receipt).where(filings.c.submission_id == submission_id)
    told = msgspec.json.decode(office.desk.store.read(lambda conn: conn.execute(query).scalar_one()))
    return {name: told[name] for name in ("receipt_no", "at", "command_hash", "status")}


def test_an_application_keeps_its_hour_and_its_receipt(ready: Office, sandbox: Sandbox, case_id: str) -> None:
    """The 30 days are kept by the hour at which the court got it, not by that of a restore."""
    mine = lodge(ready, case_id)
    before, kept = at_the_platform(ready, mine)["submission"]["events"], receipt(ready, mine)
    a_day_later(ready)
    a_day_later(ready)
    restore(ready)
    assert at_the_platform(ready, mine)["submission"]["events"] == before
    assert receipt(ready, mine) == kept
    assert ready.file(case_id).submissions[mine].events[0].at.isoformat() == before[0]["at"].replace(
        "Z", "+00:00"
    )


def test_the_line_of_an_application_says_where_it_goes_and_with_what(ready: Office, case_id: str) -> None:
    mine = Filing(ready.desk).lodge(case_id).value
    lines = {line.label: line.text for line in SyncCentre(ready.desk).explain(f"filing:{mine}")}
    assert lines["法院"] == ready.file(case_id).submissions[mine].court_name
    first = "司法确认申请书 1 件、调解协议书原件 1 件、主持调解证明 1 件、双方身份证明 2 件"
    assert lines["材料"].startswith(first)


def test_nothing_is_lodged_on_a_day_that_a_restored_platform_has_not_back(
    ready: Office, other: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A colleague had put it right, and all had seen it: lodged without it, it could never come back."""
    case_id = agreed_case(ready, close=False, days_ago=5)
    in_turn(ready, other)
    prepare_filing(ready, case_id)
    in_turn(ready, other)
    sandbox.control("backup")
    day = other.desk.today()
    on = day.replace(day=day.day - 2) if day.day > 2 else day
    Agreeing(other.desk).register_signatures(case_id, (SignatureEntry("mediator", on),))
    in_turn(other, ready)
    mine = Filing(ready.desk).lodge(case_id).value
    restore(ready)
    row = next(iter(of_filings(ready).values()))
    assert f"在等{other.desk.person.name}的电脑补回签名盖章登记" in row.why
    for _ in range(3):
        in_turn(other, ready)
        ready.later(4000)
    assert states(at_the_platform(ready, mine)) == ["lodged"]
    late = open_office(tmp_path / "late", sandbox, "head")
    in_turn(late)
    seen = [effectiveness_of(office.file(case_id)) for office in (ready, other, late)]
    assert seen[0] == seen[1] == seen[2]
    late.close()


@pytest.mark.parametrize("way", ["line", "stick"])
def test_a_supplement_that_never_went_is_not_called_delivered(
    ready: Office, town: Office, sandbox: Sandbox, case_id: str, tmp_path: Path, way: str
) -> None:
    mine = lodge(ready, case_id)
    ask(ready, mine)
    supplement(ready, case_id, b"unsent")
    if way == "line":
        restore(ready)
    else:
        sandbox.control("restore")
        for _ in range(2):
            round_trip(ready, town, tmp_path / "stick")
            ready.later(3600)
    assert states(at_the_platform(town, mine)) == ["lodged"]
    row = of_filings(ready)[FIRST]
    assert (row.status, row.why) == ("failed", NOT_ASKED)
    a_day_later(ready)
    in_turn(ready)
    if way == "stick":
        # Here the question was never gone, and it stands there as a thing to do.
        Filing(ready.desk).supplement(case_id)
        in_turn(ready)
    assert states(at_the_platform(ready, mine)) == ["lodged", "supplement_asked", "supplemented"]
    went = [row.status for row in SyncCentre(ready.desk).rows("all") if row.what == FIRST]
    assert went == (["delivered"] if way == "line" else ["settled", "delivered"])


def test_a_withdrawal_in_a_package_rests_on_what_the_refusal_before_it_told(
    ready: Office, other: Office, town: Office, sandbox: Sandbox, case_id: str, tmp_path: Path
) -> None:
    """Without a line the refusal is all that is known of what a colleague supplied."""
    in_turn(other)
    mine = lodge(ready, case_id)
    ask(ready, mine)
    in_turn(other)
    supplement(other, case_id, b"theirs")
    in_turn(other)
    for _ in range(2):
        Filing(ready.desk).withdraw(case_id)
        round_trip(ready, town, tmp_path / "stick")
        ready.later(3600)
    assert at_the_platform(town, mine)["receipt"]["status"] == "withdrawal_asked"
    query = select(filings.c.job, filings.c.wanted).where(filings.c.submission_id == mine)
    assert ready.desk.store.read(lambda conn: conn.execute(query).one()) == ("done", "withdraw")

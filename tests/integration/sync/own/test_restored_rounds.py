"""Rounds of an application whose earlier rounds a restored platform forgot, or has again as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import FieldErrors, StateError
from app.services.agreeing import Agreeing
from app.services.closing import Closing, ClosingEntry
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from app.services.sync_rows import SyncRow
from app.storage.tables import filings
from sync.engine.filing_words import (
    CONFIRMED_AT_COURT,
    CONFIRMED_BEFORE,
    ROUND_BEFORE,
    ROUND_BEFORE_UNSENT,
    ROUND_TAKEN,
    STILL_AT_COURT,
)
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import agreed_case, counts_are_the_rows, prepare_filing, signed
from tests.helpers.restored import at_the_platform, lodge, restore, states
from tests.helpers.sandbox import Sandbox


def let_go(office: Office, case_id: str, submission_id: str) -> None:
    """Withdrawn, and the court lets it go."""
    Filing(office.desk).withdraw(case_id)
    office.good_run()
    office.sandbox.control(f"court/{submission_id}/permit-withdrawal")
    office.good_run()
    office.later(60)


def queued(office: Office, case_id: str) -> str:
    """Asked for without network; the id of the application."""
    return Filing(office.desk).lodge(case_id).value


def go_on(office: Office) -> None:
    """Whatever waits gets its turn."""
    for _ in range(3):
        office.good_run()
        office.later(400)


@contextmanager
def newcomer(folder: Path, sandbox: Sandbox, case_id: str) -> Iterator[Office]:
    """One more computer, which has only what the platform tells, with the pack of a case ready."""
    late = open_office(folder / "newcomer", sandbox, "head")
    try:
        late.good_run()
        prepare_filing(late, case_id)
        late.good_run()
        yield late
    finally:
        late.close()


def filing_rows(office: Office) -> Mapping[str, SyncRow]:
    """The rows of filings in 同步中心, by submission."""
    rows = SyncCentre(office.desk).rows("all", limit=50)
    return {row.row_id.partition(":")[2]: row for row in rows if row.kind == "filing"}


def lodged_as(office: Office, submission_id: str, number: int) -> None:
    """It is at the court under this number, nobody is asked for anything, and nothing waits."""
    told = at_the_platform(office, submission_id)
    assert (states(told)[-1], told["submission"]["round"]) == ("lodged", number)
    counts = SyncCentre(office.desk).counts()
    assert (counts.needs_you, counts.waiting) == (0, 0)
    counts_are_the_rows(office)


@pytest.mark.parametrize("forgotten", ["the end of round 1", "round 1 whole"])
def test_a_second_round_is_lodged_anew_and_never_called_a_colleagues(
    ready: Office, sandbox: Sandbox, case_id: str, forgotten: str
) -> None:
    """Its receipt stays; where round 1 is not over at the restored platform, round 2 waits until it is."""
    first = lodge(ready, case_id)
    if forgotten == "the end of round 1":
        sandbox.control("backup")
    let_go(ready, case_id, first)
    second = lodge(ready, case_id)
    restore(ready)
    rows = filing_rows(ready)
    assert not [row for row in rows.values() if "同一份申请" in row.why]
    if forgotten == "the end of round 1":
        assert (rows[second].status, rows[second].why) == ("queued", ROUND_BEFORE)
        with pytest.raises(StateError):
            Filing(ready.desk).lodge(case_id)
        sandbox.control(f"court/{first}/permit-withdrawal")
        go_on(ready)
    lodged_as(ready, second, 2)


@pytest.mark.parametrize("when", ["before the restore", "after the restore"])
def test_a_round_after_one_that_the_platform_forgot_goes_to_the_court(
    ready: Office, case_id: str, sandbox: Sandbox, when: str
) -> None:
    """Round 1 is over and in no backup: the court's register knows it, and round 2 is no colleague's."""
    let_go(ready, case_id, lodge(ready, case_id))
    if when == "before the restore":
        second = queued(ready, case_id)
        restore(ready)
    else:
        restore(ready)
        second = lodge(ready, case_id)
    lodged_as(ready, second, 2)


def test_a_third_round_goes_where_the_platform_forgot_the_second(
    ready: Office, case_id: str, sandbox: Sandbox
) -> None:
    let_go(ready, case_id, lodge(ready, case_id))
    sandbox.control("backup")
    let_go(ready, case_id, lodge(ready, case_id))
    third = queued(ready, case_id)
    restore(ready)
    lodged_as(ready, third, 3)


def test_a_colleagues_round_that_the_platform_forgot_still_comes_first(
    ready: Office, other: Office, case_id: str, sandbox: Sandbox
) -> None:
    """The court has theirs under this number: ours is called second, which it is."""
    other.good_run()
    let_go(ready, case_id, lodge(ready, case_id))
    mine = queued(ready, case_id)
    for _ in range(2):
        other.good_run()
        other.later(60)
    theirs = Filing(other.desk).lodge(case_id).value
    other.good_run()
    restore(ready)
    row = filing_rows(ready)[mine]
    assert (row.status, row.why) == ("failed", STILL_AT_COURT), "not known yet whose it is"
    go_on(other)
    lodged_as(other, theirs, 2)
    go_on(ready)
    row = filing_rows(ready)[mine]
    assert row.status == "settled"
    assert row.why.startswith("同一份申请已由")


def test_who_never_knew_of_a_round_that_is_over_hands_in_the_next(
    ready: Office, case_id: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Only the court's register has it, and no computer brings it again: a person asks the court first."""
    let_go(ready, case_id, lodge(ready, case_id))
    sandbox.control("restore")
    with newcomer(tmp_path, sandbox, case_id) as late:
        first = lodge(late, case_id)
        row = filing_rows(late)[first]
        assert (row.status, row.why) == ("failed", ROUND_TAKEN)
        SyncCentre(late.desk).put_aside(row.row_id)
        second = lodge(late, case_id)
        lodged_as(late, second, 2)


def test_no_second_application_beside_one_that_the_platform_forgot(
    ready: Office, case_id: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The court is at round 1, and its computer is away: whoever presses again is told so again."""
    mine = lodge(ready, case_id)
    sandbox.control("restore")
    with newcomer(tmp_path, sandbox, case_id) as late:
        for _ in range(2):
            theirs = lodge(late, case_id)
            row = filing_rows(late)[theirs]
            assert (row.status, row.why) == ("failed", STILL_AT_COURT)
            SyncCentre(late.desk).put_aside(row.row_id)
        theirs = lodge(late, case_id)
        go_on(ready)
        lodged_as(ready, mine, 1)
        receipt = at_the_platform(ready, mine)["receipt"]["receipt_no"]
        row = filing_rows(ready)[mine]
        assert (row.status, row.why) == ("delivered", f"平台回执 {receipt}")
        go_on(late)
        row = filing_rows(late)[theirs]
        assert row.status == "settled"
        assert row.why.startswith("同一份申请已由")
        counts_are_the_rows(late)
        shown = Filing(late.desk).prepare(case_id).submission
        assert shown is not None
        assert (shown.submission_id, shown.state) == (mine, "lodged")


def test_no_application_about_another_text_beside_one_that_the_platform_forgot(
    ready: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Forgotten with its agreement, it is still the one application of the case that the court is at."""
    sandbox.control("backup")
    case_id = agreed_case(ready, close=False)
    for _ in range(2):
        ready.good_run()
    prepare_filing(ready, case_id)
    ready.good_run()
    mine = lodge(ready, case_id)
    sandbox.control("restore")
    late = open_office(tmp_path / "newcomer", sandbox, "head")
    try:
        late.good_run()
        assert agreed_case(late, close=False) == case_id
        for _ in range(2):
            late.good_run()
        refused = next(row for row in late.outbox() if row.state == "rejected")
        assert (refused.kind, refused.error_code) == ("case.accept", "filed_meanwhile")
        assert "还没有补回申请和那份协议" in refused.error_text
        go_on(ready)
        lodged_as(ready, mine, 1)
        for office in (late, ready):
            go_on(office)
        assert late.shadow(case_id) == ready.shadow(case_id)
    finally:
        late.close()


@pytest.mark.parametrize("meanwhile", ["follow_up", "performance", "closing"])
def test_what_the_court_has_comes_back_over_what_others_wrote_since(
    ready: Office, sandbox: Sandbox, tmp_path: Path, meanwhile: str
) -> None:
    """What others did knowing of neither stands beside it, or is not taken; nobody is asked about the text
    that the court confirmed."""
    case_id = agreed_case(ready, close=False, days_ago=2)
    for _ in range(2):
        ready.good_run()
    sandbox.control("backup")
    version, agreeing = ready.file(case_id).head.agreement_id, Agreeing(ready.desk)
    draft = msgspec.structs.replace(agreeing.draft(case_id), performance="分两次付清。")
    agreeing.finalise(draft, wants_confirmation=True, overrides=("照样",))
    signed(ready, case_id)
    confirmed = ready.file(case_id).head.agreement_id
    assert confirmed != version
    for _ in range(2):
        ready.good_run()
    prepare_filing(ready, case_id)
    ready.good_run()
    mine = lodge(ready, case_id)
    for move in ("accept", "confirm"):
        sandbox.control(f"court/{mine}/{move}")
    ready.good_run()
    sandbox.control("restore")
    late = open_office(tmp_path / "newcomer", sandbox, "head")
    try:
        late.good_run()
        assert late.file(case_id).head.agreement_id == version
        written_meanwhile(late, case_id, meanwhile)
        late.good_run()
        refused = [row.error_code for row in late.outbox() if row.state == "rejected"]
        assert refused == ([] if meanwhile == "follow_up" else ["filed_meanwhile"])
        for office in (ready, late, ready):
            go_on(office)
        assert Resolving(ready.desk).open_ids() == ()
        for office in (ready, late):
            told = office.file(case_id)
            assert (told.head.agreement_id, told.head.state) == (confirmed, "agreed")
            assert told.submissions[mine].state == "confirmed"
        assert late.shadow(case_id) == ready.shadow(case_id)
    finally:
        late.close()


def written_meanwhile(office: Office, case_id: str, what: str) -> None:
    """Something of a case by somebody who sees the agreement of the backup."""
    file = office.file(case_id)
    if what == "follow_up":
        Handling(office.desk).record_follow_up(case_id, cf.FollowUp(performed="full", text="都付清了"))
    elif what == "performance":
        paid = cf.Performance(
            agreement_id=file.head.agreement_id, payment_no=1, on=office.desk.today(), amount_fen=100_00
        )
        Handling(office.desk).record_performance(case_id, paid)
    else:
        Closing(office.desk).close(case_id, ClosingEntry("in_person"))


def test_no_further_round_where_the_court_has_confirmed_one_that_the_platform_forgot(
    ready: Office, case_id: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whoever never heard of the ruling is told of it, and lodges nothing however often they press."""
    mine = lodge(ready, case_id)
    for move in ("accept", "confirm"):
        sandbox.control(f"court/{mine}/{move}")
    ready.good_run()
    sandbox.control("restore")
    with newcomer(tmp_path, sandbox, case_id) as late:
        for _ in range(2):
            theirs = lodge(late, case_id)
            row = filing_rows(late)[theirs]
            assert (row.status, row.why) == ("failed", CONFIRMED_AT_COURT)
            SyncCentre(late.desk).put_aside(row.row_id)


def test_a_round_whose_end_was_not_told_here_is_over_where_the_court_is_at_a_later_one(
    ready: Office, other: Office, case_id: str, sandbox: Sandbox
) -> None:
    """Round 1 ended while its computer was away, a colleague lodged round 2, and the platform forgot all."""
    first = lodge(ready, case_id)
    other.good_run()
    sandbox.control(f"court/{first}/not-accept")
    prepare_filing(other, case_id)
    go_on(other)
    second = lodge(other, case_id)
    sandbox.control("restore")
    go_on(ready)
    assert filing_rows(ready)[first].status == "delivered"
    assert ready.file(case_id).submissions[first].state == "not_accepted", "its end comes with it"
    go_on(other)
    lodged_as(other, second, 2)
    go_on(ready)
    counts_are_the_rows(ready)
    assert SyncCentre(ready.desk).counts().needs_you == 0
    shown = Filing(ready.desk).prepare(case_id).submission
    assert shown is not None
    assert (shown.submission_id, shown.state) == (second, "lodged")


def test_a_round_never_sent_waits_without_a_word_of_a_receipt(
    ready: Office, case_id: str, sandbox: Sandbox
) -> None:
    first = lodge(ready, case_id)
    sandbox.control("backup")
    let_go(ready, case_id, first)
    second = queued(ready, case_id)
    restore(ready)
    assert filing_rows(ready)[second].why == ROUND_BEFORE_UNSENT
    sandbox.control(f"court/{first}/permit-withdrawal")
    go_on(ready)
    lodged_as(ready, second, 2)


def test_a_round_ends_where_the_court_confirms_the_one_before(
    ready: Office, case_id: str, sandbox: Sandbox
) -> None:
    """The ruling stands for the application: nothing waits for ever behind it, and the receipt is kept."""
    first = lodge(ready, case_id)
    sandbox.control("backup")
    let_go(ready, case_id, first)
    second = lodge(ready, case_id)
    restore(ready)
    for move in ("accept", "confirm"):
        sandbox.control(f"court/{first}/{move}")
    go_on(ready)
    row = filing_rows(ready)[second]
    assert (row.status, row.why) == ("settled", CONFIRMED_BEFORE)
    shown = Filing(ready.desk).prepare(case_id).submission
    assert shown is not None
    assert (shown.submission_id, shown.state) == (first, "confirmed")
    query = select(filings.c.receipt).where(filings.c.submission_id == second)
    assert ready.desk.store.read(lambda conn: conn.execute(query).scalar_one())
    counts = SyncCentre(ready.desk).counts()
    assert (counts.needs_you, counts.waiting) == (0, 0)
    with pytest.raises((StateError, FieldErrors)):
        Filing(ready.desk).lodge(case_id)
    counts_are_the_rows(ready)

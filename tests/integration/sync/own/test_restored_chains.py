"""What one person wrote on top of another's work, on a platform that forgot both: it goes in again.

A restored platform gets everything again from the computers, each when it comes. Who comes first waits for
what it builds on, loses nothing, and is asked nothing.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from app.clock import SHANGHAI
from app.domain import casefile as cf
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.closing import Closing, ClosingEntry, FailureEntry
from app.services.deciding import ContactEntry, Deciding
from app.services.filing import Filing
from app.services.handling import Handling, SessionEntry
from app.services.lost_work import KEPT, THE_CASE
from app.services.sync_centre import SyncCentre
from app.services.today import Today
from sync.contract.codes import CODES
from sync.sandbox.restored import WAIT_DAYS
from tests.helpers.clients import Office
from tests.helpers.decisions import agreement, finalise, sign_all
from tests.helpers.filings import APPLICATION, agreed_case, lodgings, of_filings, prepare_filing
from tests.helpers.restored import restore
from tests.helpers.sandbox import Sandbox


@pytest.fixture
def mediated(ready: Office, other: Office, sandbox: Sandbox) -> str:
    """A case in mediation that both know, and the platform's backup too."""
    case_id = next(
        one for one in ready.case_ids("accepted", "mediating") if not ready.file(one).head.suspensions
    )
    for office in (ready, other, ready):
        office.good_run()
    sandbox.control("backup")
    return case_id


def in_turn(*offices: Office) -> None:
    """Each has what the others wrote."""
    for office in (*offices, *offices):
        office.good_run()
        office.later(60)


def told_what_waits(office: Office, away: Office) -> None:
    """Whose computer it waits for, that nothing is lost, and till when; and nothing is said to go at once."""
    centre, name = SyncCentre(office.desk), away.desk.person.name
    standing, number = centre.standing(), centre.counts().waiting
    assert standing.awaited is not None
    assert (standing.awaited.number, centre.counts().needs_you) == (number, 0)
    assert standing.awaited.title in centre.headline()
    assert "随存随发" not in centre.headline() + centre.footer()
    day = (office.desk.clock.now() + dt.timedelta(days=WAIT_DAYS)).astimezone(SHANGHAI).date()
    for words in ("没有丢", "那台电脑", f"平台等到{day.month}月{day.day}日"):
        assert words in standing.awaited.words, standing.awaited.words
    whys = [row.why for row in centre.rows("waiting")]
    assert any(why.startswith((f"等{name}写的", "等写了“受理决定”")) for why in whys), whys
    lines = {item.kind: item.count for item in Today(office.desk).board().attention}
    assert lines["held_up"] == number


def comes_back_whole(first: Office, second: Office, case_id: str) -> None:
    """Restored; ``first`` comes before ``second``, on whose work its own is built."""
    before = first.everything()[case_id]
    restore(first)
    first.good_run()
    assert SyncCentre(first.desk).counts().needs_you == 0
    told_what_waits(first, second)
    for _ in range(3):
        for office in (second, first):
            office.later(4000)
            office.run()
    for office in (first, second):
        assert (SyncCentre(office.desk).counts().needs_you, SyncCentre(office.desk).counts().waiting) == (
            0,
            0,
        )
        assert not [row for row in office.outbox() if row.state in ("rejected", "conflict")]
    assert first.everything()[case_id] == second.everything()[case_id] == before
    assert first.shadow(case_id) == second.shadow(case_id)


def test_signatures_wait_for_the_agreement(ready: Office, other: Office, mediated: str) -> None:
    finalise(ready, mediated, agreement(ready, mediated, "agreement-one", 500_00))
    in_turn(ready, other)
    sign_all(other, mediated, "agreement-one")
    in_turn(other, ready)
    comes_back_whole(other, ready, mediated)


def test_a_corrected_day_waits_for_the_day(ready: Office, other: Office, mediated: str) -> None:
    made = agreement(other, mediated, "agreement-one", 500_00)
    day = other.desk.today()
    finalise(other, mediated, msgspec.structs.replace(made, dated_on=day - dt.timedelta(days=3)))
    in_turn(other, ready)
    Agreeing(ready.desk).register_signatures(mediated, (SignatureEntry("mediator", day),))
    in_turn(ready, other)
    Agreeing(other.desk).register_signatures(
        mediated, (SignatureEntry("mediator", day - dt.timedelta(days=1)),)
    )
    in_turn(other, ready)
    comes_back_whole(other, ready, mediated)


def test_an_ending_waits_for_the_appointment_it_was_given_on(
    ready: Office, other: Office, mediated: str
) -> None:
    Handling(ready.desk).plan_session(mediated, ready.clock.now() + dt.timedelta(days=2), "一室")
    in_turn(ready, other)
    ending = FailureEntry("failed", "双方分歧太大", remedies=("向人民法院起诉",))
    Closing(other.desk).conclude(mediated, ending)
    in_turn(other, ready)
    assert other.file(mediated).head.state == "failed"
    comes_back_whole(other, ready, mediated)


def test_a_decision_waits_for_the_one_before(ready: Office, other: Office, mediated: str) -> None:
    finalise(ready, mediated, agreement(ready, mediated, "agreement-one", 500_00))
    in_turn(ready, other)
    sign_all(ready, mediated, "agreement-one")
    in_turn(ready, other)
    Closing(other.desk).close(mediated, ClosingEntry("in_person"))
    in_turn(other, ready)
    comes_back_whole(other, ready, mediated)


def test_a_session_and_the_end_wait_for_the_acceptance(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    in_turn(ready, other)
    sandbox.control("backup")
    case_id = ready.case_ids("received")[0]
    party = ready.file(case_id).side("respondent")[0]
    Deciding(ready.desk).record_contact(
        case_id, ContactEntry(party.party_id, "phone", "willing", ready.clock.now())
    )
    Deciding(ready.desk).accept(case_id)
    in_turn(ready, other)
    seat = cf.Present(label="被申请人", role="respondent", party_id=party.party_id)
    now = other.clock.now()
    Handling(other.desk).record_session(
        case_id,
        SessionEntry(
            started_at=now - dt.timedelta(hours=1), place="第二调解室", present=(seat,),
            segments=(cf.Segment(speaker=0, at=now, text="不同意。", step=3),), rights_told_at=now,
            undisputed=("面积",), result="not_agreed",
        ),
    )  # fmt: skip
    failure = FailureEntry(outcome="failed", ground="分歧较大", focus="金额", remedies=("诉讼",))
    Closing(other.desk).conclude(case_id, failure)
    in_turn(other, ready)
    comes_back_whole(other, ready, case_id)


def test_the_end_of_a_suspension_and_a_party_wait_for_their_beginning(
    ready: Office, other: Office, mediated: str
) -> None:
    Handling(ready.desk).suspend(mediated, "送鉴定", ready.desk.today())
    in_turn(ready, other)
    Handling(other.desk).resume_clock(mediated, other.desk.today() + dt.timedelta(days=2))
    in_turn(other, ready)
    comes_back_whole(other, ready, mediated)


def test_what_never_comes_back_holds_up_nobody_for_ever(
    ready: Office, other: Office, mediated: str, sandbox: Sandbox
) -> None:
    """The other computer is gone: after two weeks what builds on it is for the person; the lane goes on."""
    finalise(ready, mediated, agreement(ready, mediated, "agreement-one", 500_00))
    in_turn(ready, other)
    sign_all(other, mediated, "agreement-one")
    in_turn(other, ready)
    restore(other)
    Handling(other.desk).add_note(mediated, "电话里说，协议原件双方都还留着。")
    for days, told in ((0, False), (13, False), (2, True)):
        sandbox.control("clock", days=days)
        other.later(days * 86_400 + 4000)
        in_turn(other)
        counts = SyncCentre(other.desk).counts()
        assert (counts.needs_you > 0, counts.waiting > 0) == (told, not told)
        assert (SyncCentre(other.desk).standing().awaited is None) == told
    states = {row.kind: row.state for row in other.outbox() if row.case_id == mediated}
    assert (states["signature.register"], states["record.add"]) == ("rejected", "delivered")
    assert other.shadow(mediated).head.state == "mediating"


def test_an_application_waits_for_its_agreement_and_no_longer(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """The computer that fixed the agreement is gone: two weeks later the application is for the person."""
    sandbox.control("backup")
    before = lodgings(sandbox)
    case_id = agreed_case(ready, close=False)
    in_turn(ready, other)
    prepare_filing(other, case_id)
    Filing(other.desk).lodge(case_id)
    restore(other)
    assert of_filings(other, "waiting")[APPLICATION].why == CODES["agreement_unknown"].message
    sandbox.control("clock", days=15)
    other.later(15 * 86_400)
    in_turn(other)
    row = of_filings(other, "needs_you")[APPLICATION]
    assert (row.why, lodgings(sandbox)) == (CODES["agreement_lost"].message, before)


@pytest.mark.parametrize("meanwhile", ["talked again", "failed otherwise"])
def test_a_decision_rests_on_the_last_one_not_on_the_word_for_its_state(
    ready: Office, other: Office, mediated: str, meanwhile: str
) -> None:
    """Both in mediation again, but by other decisions: what was taken up again is not ended unseen."""
    in_turn(ready, other)
    mine = FailureEntry(outcome="failed", ground="分歧较大", focus="金额", remedies=("诉讼",))
    if meanwhile == "talked again":
        finalise(other, mediated, agreement(other, mediated, "agreement-two", 500_00))
    else:
        theirs = FailureEntry(outcome="failed", ground="当面拒绝", focus="责任", remedies=("仲裁", "诉讼"))
        Closing(other.desk).conclude(mediated, theirs)
    Closing(other.desk).resume(mediated)
    Closing(ready.desk).conclude(mediated, mine)
    other.good_run()
    ready.good_run()
    assert ready.shadow(mediated).head.state == "mediating"
    assert SyncCentre(ready.desk).counts().needs_you == 1
    assert [row.state for row in ready.outbox() if row.kind == "case.conclude"] == ["conflict"]


def test_a_case_that_the_platform_does_not_bring_back_is_told_and_its_work_kept(
    ready: Office, sandbox: Sandbox
) -> None:
    """Dispatched after the backup it is forgotten whole: after the wait a person is told whom to ask; nothing
    is given up, and it goes once the case is there again."""
    sandbox.control("backup")
    sandbox.control("dispatch", kind="leak")
    before = set(ready.case_ids("received"))
    ready.good_run()
    (case_id,) = set(ready.case_ids("received")) - before
    sandbox.control("backup", name="whole")
    Handling(ready.desk).add_note(case_id, "电话里说，周五来谈。")
    restore(ready)
    in_turn(ready)
    centre = SyncCentre(ready.desk)
    (row,) = centre.rows("waiting")
    assert (centre.counts().needs_you, row.why) == (0, f"{THE_CASE}。{KEPT}")
    sandbox.control("clock", days=WAIT_DAYS + 1)
    ready.later((WAIT_DAYS + 1) * 86_400)
    in_turn(ready)
    (row,) = centre.rows("needs_you")
    assert (row.status, row.why) == ("failed", CODES["case_lost"].message)
    assert (centre.counts().waiting, len(ready.outbox())) == (0, 1)
    # Put aside it is asked about no more, waits on, and is sent as before.
    centre.put_aside(row.row_id)
    ready.later(86_400)
    in_turn(ready)
    assert (centre.counts().needs_you, centre.counts().waiting) == (0, 1)
    sandbox.control("restore", name="whole")
    ready.later(86_400)
    in_turn(ready, ready)
    assert [one.state for one in ready.outbox()] == ["delivered"]

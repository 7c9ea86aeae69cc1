"""What stands at the court is told as it is, and nothing of it is lost on the way: after a restore, and where
a colleague's computer is away."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from app.domain import casefile as cf
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.cases import Cases
from app.services.deciding import ContactEntry, Deciding
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import agreed_case, ask, prepare_filing, signed, supplement
from tests.helpers.restored import a_day_later, at_the_platform, in_turn, lodge, restore, states
from tests.helpers.sandbox import Sandbox


def paid(office: Office, case_id: str) -> list[str]:
    """What the platform has as performed, as an office was told."""
    records = office.shadow(case_id).records.values()
    return [one.record_id for one in records if isinstance(one.body, cf.Performance)]


@pytest.mark.parametrize("end", ["waits", "confirmed"])
@pytest.mark.parametrize("first", ["other", "ready"])
def test_a_payment_under_the_text_that_is_at_the_court_comes_back_whoever_comes_first(
    ready: Office, other: Office, sandbox: Sandbox, first: str, end: str, tmp_path: Path
) -> None:
    """It is about the very text: nothing is performed beside the court's."""
    in_turn(ready, other)
    sandbox.control("backup")
    case_id = agreed_case(ready, close=False)
    prepare_filing(ready, case_id)
    mine = lodge(ready, case_id)
    for move in ("accept", "confirm") if end == "confirmed" else ():
        sandbox.control(f"court/{mine}/{move}")
    in_turn(ready, other)
    made = other.file(case_id).head.agreement_id
    payment = cf.Performance(
        agreement_id=made, payment_no=1, on=other.desk.today(), amount_fen=300_000, state="performed"
    )
    Handling(other.desk).record_performance(case_id, payment)
    in_turn(other, ready)
    sandbox.control("restore")
    order = (other, ready) if first == "other" else (ready, other)
    for _ in range(4):
        for one in order:
            one.good_run()
            one.later(4000)
    assert [row.state for row in other.outbox()] == ["delivered"]
    late = open_office(tmp_path / "late", sandbox, "head")
    try:
        late.good_run()
        assert len(paid(late, case_id)) == len(paid(ready, case_id)) == 1
        assert late.file(case_id).head.agreement_id == made
    finally:
        late.close()


@pytest.mark.parametrize("rounds", [1, 2])
def test_what_was_supplied_is_not_asked_for_once_more(
    ready: Office, sandbox: Sandbox, case_id: str, rounds: int
) -> None:
    """The list lies there with the application that was handed in anew; the courts are asked later."""
    mine = lodge(ready, case_id)
    for number in range(rounds):
        ask(ready, mine)
        supplement(ready, case_id, b"%d" % number)
        ready.good_run()
        ready.later(60)
    before = states(at_the_platform(ready, mine))
    todo = {task.kind for task in Cases(ready.desk).open(case_id).plan.tasks}
    restore(ready)
    a_day_later(ready)
    in_turn(ready)
    assert states(at_the_platform(ready, mine)) == before
    assert {task.kind for task in Cases(ready.desk).open(case_id).plan.tasks} == todo
    assert at_the_platform(ready, mine)["submission"]["manifest_no"] == rounds + 1


@pytest.mark.parametrize("late", [True, False])
def test_an_answer_that_comes_at_once_after_a_restore_wipes_none_before_it(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, *, late: bool
) -> None:
    """The platform has not asked the courts yet, and the court goes on with the application."""
    mine = lodge(ready, case_id)
    sandbox.control("backup")
    sandbox.control(f"court/{mine}/accept")
    ready.good_run()
    number = ready.file(case_id).submissions[mine].court_number
    sandbox.control("restore")
    if late:
        a_day_later(ready)
        ready.good_run()
    ask(ready, mine)
    a_day_later(ready, other)
    in_turn(ready, other)
    assert states(at_the_platform(other, mine)) == ["lodged", "accepted", "supplement_asked"]
    assert other.file(case_id).submissions[mine].court_number == number
    assert Cases(ready.desk).open(case_id).kept == ()


def day(office: Office, case_id: str, days_ago: int) -> None:
    """The day on which the mediator signed is put right."""
    on = office.desk.today() - dt.timedelta(days=days_ago)
    Agreeing(office.desk).register_signatures(case_id, (SignatureEntry("mediator", on),))


def test_an_application_that_stopped_tells_of_everything_that_moved_since(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """Not of the first only: it goes on all of them once its author says so."""
    case_id = agreed_case(ready, close=False, days_ago=5)
    in_turn(ready, other)
    prepare_filing(ready, case_id)
    in_turn(ready, other)
    mine = Filing(ready.desk).lodge(case_id).value
    for days_ago in (1, 3):
        day(other, case_id, days_ago)
        in_turn(other)
        ready.good_run()
        ready.later(60)
    (row,) = SyncCentre(ready.desk).rows("needs_you")
    last = ready.desk.today() - dt.timedelta(days=3)
    assert f"改成{last.month}月{last.day}日" in row.why
    assert Filing(ready.desk).prepare(case_id).job_error == row.why
    SyncCentre(ready.desk).retry_now(row.row_id)
    in_turn(ready)
    assert states(at_the_platform(ready, mine))[-1] == "lodged"


def test_a_call_noted_meanwhile_does_not_keep_an_application_from_coming_back(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """The colleague saw the case as it was before its acceptance, on which the application rests."""
    in_turn(ready, other)
    case_id = ready.case_ids("received")[0]
    file = ready.file(case_id)
    applicant, respondent = file.side("applicant")[0].party_id, file.side("respondent")[0].party_id
    called = ContactEntry(respondent, "phone", "willing", ready.clock.now())
    Deciding(ready.desk).record_contact(case_id, called)
    in_turn(ready, other)
    sandbox.control("backup")
    Deciding(ready.desk).accept(case_id)
    agreeing = Agreeing(ready.desk)
    words = cf.Clause(no=1, text="乙方赔偿甲方人民币 3,000 元（大写：叁仟元整），签署当日付清。")
    payment = cf.Payment(
        no=1, payer_party_id=respondent, payee_party_id=applicant, amount_fen=300_000, on_signing=True
    )
    draft = msgspec.structs.replace(
        agreeing.draft(case_id), clauses=(words,), payments=(payment,), total_fen=300_000,
        performance="签署当日付清。", copies=4, dated_on=ready.desk.today(),
    )  # fmt: skip
    agreeing.finalise(draft, wants_confirmation=True, overrides=("双方都同意照这样写",))
    signed(ready, case_id)
    prepare_filing(ready, case_id)
    mine = lodge(ready, case_id)
    in_turn(ready, other)
    sandbox.control("restore")
    in_turn(other)
    assert other.file(case_id).head.state == "deciding"
    doubt = ContactEntry(
        respondent, "phone", "considering", other.clock.now(), said="再想想", reply_by=other.desk.today()
    )
    Deciding(other.desk).record_contact(case_id, doubt)
    in_turn(other)
    for _ in range(3):
        for one in (ready, other):
            one.later(4000)
            one.good_run()
    assert states(at_the_platform(ready, mine)) == ["lodged"]
    assert other.shadow(case_id).head.state == "agreed"
    noted = [record.body for record in other.file(case_id).records.values()]
    assert "再想想" in {one.said for one in noted if isinstance(one, cf.Contact)}
    counts = SyncCentre(ready.desk).counts()
    assert (counts.needs_you, counts.waiting) == (0, 0)


def test_an_application_goes_once_what_moved_was_put_back(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """Nothing is told of a day that stands as the author saw it."""
    case_id = agreed_case(ready, close=False, days_ago=5)
    in_turn(ready, other)
    prepare_filing(ready, case_id)
    in_turn(ready, other)
    mine = Filing(ready.desk).lodge(case_id).value
    day(other, case_id, 1)
    in_turn(other)
    ready.good_run()
    (row,) = SyncCentre(ready.desk).rows("needs_you")
    assert "调解员签名" in row.why
    day(other, case_id, 0)
    in_turn(other)
    in_turn(ready)
    assert SyncCentre(ready.desk).rows("needs_you") == ()
    assert states(at_the_platform(ready, mine)) == ["lodged"]

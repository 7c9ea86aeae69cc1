"""What stands at the court is told as it is, and nothing of it is lost on the way: after a restore, and where
a colleague's computer is away."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import StateError
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.attachments import Attachments, FileEntry
from app.services.cases import Cases
from app.services.deciding import ContactEntry, Deciding
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from app.storage.tables import filings
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import PDF, agreed_case, ask, prepare_filing, signed, supplement
from tests.helpers.restored import a_day_later, at_the_platform, lodge, restore, states
from tests.helpers.sandbox import Sandbox


def in_turn(*offices: Office) -> None:
    """Everybody has exchanged twice, and knows of the others."""
    for office in (*offices, *offices):
        office.good_run()
        office.later(60)


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


def held_back(office: Office, sandbox: Sandbox, case_id: str, name: str, entry: FileEntry) -> None:
    """A paper is added whose bytes do not leave that computer."""
    sandbox.control("network/e500", only="/uploads", count=999)
    Attachments(office.desk).add_bytes(case_id, PDF + name.encode(), name, "application/pdf", entry)
    office.run()
    sandbox.control("network/normal")


def listed(office: Office, submission_id: str) -> list[str]:
    """Names of the files that an application goes with."""
    query = select(filings.c.manifest).where(filings.c.submission_id == submission_id)
    items = msgspec.json.decode(office.desk.store.read(lambda conn: conn.execute(query).scalar_one()))
    return [str(item["name"]) for item in items]


def in_the_pack(office: Office, case_id: str) -> int:
    """How many files the page shows to go."""
    return sum(len(item.attachment_ids) for item in Filing(office.desk).prepare(case_id).materials)


def line(office: Office, case_id: str, code: str) -> str:
    """What is said of a material."""
    return next(
        i.elsewhere for i in Filing(office.desk).prepare(case_id).materials if i.material.code == code
    )


def waiting(office: Office) -> str:
    """Why the application waits."""
    (row,) = (one for one in SyncCentre(office.desk).rows("waiting") if one.kind == "filing")
    assert row.page == "confirmation"
    return row.why


@pytest.mark.parametrize("which", ["evidence", "agreement"])
def test_a_paper_on_a_broken_computer_is_waited_for_until_somebody_says_not_to(
    ready: Office, other: Office, sandbox: Sandbox, which: str
) -> None:
    """Taking the application back says nothing of it. What is left out is said, and comes once it is sent."""
    in_turn(other)
    case_id = agreed_case(ready, close=False)
    in_turn(ready, other)
    prepare_filing(ready, case_id)
    party = ready.file(case_id).side("respondent")[0].party_id
    entry = FileEntry(role="evidence", title="银行转账记录", provided_by=party, original="copy")
    if which == "agreement":
        entry = FileEntry(role="scan", title="调解协议书", original="original", material="agreement")
    in_turn(ready, other)
    held_back(other, sandbox, case_id, "在别处.pdf", entry)
    in_turn(ready)
    assert "何静的电脑上还有 1 件没有传到平台" in line(ready, case_id, which)
    first = Filing(ready.desk).lodge(case_id).value
    ready.good_run()
    assert "在别处.pdf" in listed(ready, first)
    Filing(ready.desk).withdraw(case_id)
    second = Filing(ready.desk).lodge(case_id).value
    ready.good_run()
    assert "在别处.pdf" in listed(ready, second), "it waits as before"
    assert "点“不等这些材料”，在本机把这些材料重新加上，再提交" in waiting(ready)
    shown = in_the_pack(ready, case_id)
    Filing(ready.desk).go_without(case_id)
    assert ready.file(case_id).submissions == {}
    assert in_the_pack(ready, case_id) == shown - 1
    assert "何静的电脑上还有 1 件，不等了，没有放进来" in line(ready, case_id, which)
    third = Filing(ready.desk).lodge(case_id).value
    assert len(listed(ready, third)) == shown - 1
    assert "在别处.pdf" not in listed(ready, third)
    in_turn(ready)
    assert states(at_the_platform(ready, third)) == ["lodged"]
    other.later(86_400)
    in_turn(other, ready)
    assert "在别处.pdf" not in listed(ready, third), "what is at the court stays as it is"
    assert in_the_pack(ready, case_id) == shown
    with pytest.raises(StateError):
        Filing(ready.desk).go_without(case_id)


@pytest.mark.parametrize("who", ["lodger", "colleague"])
def test_a_supplement_goes_without_papers_on_a_broken_computer(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, tmp_path: Path, who: str
) -> None:
    """The application stays at the court: taking it back there is a legal act, and answers nothing."""
    in_turn(other)
    mine = lodge(ready, case_id)
    ask(ready, mine)
    in_turn(other)
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    held_back(other, sandbox, case_id, "送达.pdf", entry)
    third = open_office(tmp_path / "third", sandbox, "head") if who == "colleague" else None
    home = third or ready
    in_turn(home)
    Filing(home.desk).supplement(case_id)
    in_turn(home)
    why = waiting(home)
    assert "补交的材料还没有交给法院" in why
    assert "申请还在法院，不用撤回" in why
    assert "再补交" in why
    Filing(home.desk).go_without(case_id)
    assert home.file(case_id).submissions[mine].state == "supplement_asked"
    again = FileEntry(role="scan", title="地址确认书（重签）", material="service_address")
    Attachments(home.desk).add_bytes(case_id, PDF + b"again", "重签.pdf", "application/pdf", again)
    Filing(home.desk).supplement(case_id)
    assert "送达.pdf" not in listed(home, mine)
    assert "重签.pdf" in listed(home, mine)
    in_turn(home)
    assert states(at_the_platform(home, mine))[-1] == "supplemented"
    assert {row.status for row in SyncCentre(home.desk).rows("all") if row.kind == "filing"} <= {
        "delivered", "settled",
    }  # fmt: skip
    if third is not None:
        third.close()


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

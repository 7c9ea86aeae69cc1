"""What services refuse, and what an undo gives back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import FieldError, FieldErrors, InternalError, NotPermittedError, StateError
from app.services import casework
from app.services.agreeing import SignatureEntry
from app.services.attachments import FileEntry
from app.services.closing import FailureEntry
from app.services.deciding import ContactEntry
from app.services.filing import Choices
from app.services.office import Office
from app.storage.tables import outbox
from tests.helpers.desks import MONDAY, Workplace, incoming, make_workplace

CASE = "case-1"
RESPONDENT = f"{CASE}-respondent"
PDF = b"%PDF-1.4\n%%EOF\n"
NEXT_WEEK = MONDAY + dt.timedelta(days=7)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    workplace = make_workplace(tmp_path)
    incoming(workplace)
    yield workplace
    workplace.close()


def contact(**more: object) -> ContactEntry:
    values = {"party_id": RESPONDENT, "channel": "phone", "result": "willing", "at": MONDAY, **more}
    return ContactEntry(**values)  # type: ignore[arg-type]


def commands(place: Workplace) -> int:
    return len(place.desk.store.read(lambda c: c.execute(select(outbox.c.ordinal)).all()))


def accepted(place: Workplace) -> Office:
    office = Office(place.desk)
    office.deciding.record_contact(CASE, contact())
    office.deciding.accept(CASE)
    return office


@pytest.mark.parametrize(
    "spoil",
    [
        lambda o: o.deciding.record_contact(CASE, contact(channel="pigeon")),
        lambda o: o.deciding.record_contact(CASE, contact(result="perhaps")),
        lambda o: o.attachments.add_bytes(CASE, PDF, "a.pdf", "application/pdf", FileEntry(role="x")),
    ],
)
def test_a_value_that_would_not_be_read_again_is_not_stored(
    place: Workplace, spoil: Callable[[Office], object]
) -> None:
    """Stored, it would have closed the whole case: every reading decodes every document."""
    office = Office(place.desk)
    with pytest.raises(InternalError) as caught:
        spoil(office)
    assert "pigeon" not in caught.value.detail
    assert "perhaps" not in caught.value.detail
    assert commands(place) == 0
    assert office.cases.open(CASE).head.state == "received"


READS: dict[str, Callable[[Office], object]] = {
    "open": lambda o: o.cases.open(CASE),
    "masked page": lambda o: o.papers.preview(CASE, "F01"),
    "plain page": lambda o: o.papers.preview(CASE, "F01", masked=False),
    "produce": lambda o: o.papers.produce(CASE, "F01"),
    "draft": lambda o: o.agreeing.draft(CASE),
    "prepare": lambda o: o.filing.prepare(CASE),
    "choose": lambda o: o.filing.choose(CASE, Choices()),
    "pack": lambda o: o.filing.pack_pdf(CASE),
    "reveal": lambda o: o.reveal.case(CASE, "contact"),
    "caucus": lambda o: o.caucus.list(CASE),
}


@pytest.mark.parametrize("name", READS)
def test_a_statistician_reads_no_personal_data(place: Workplace, name: str) -> None:
    with pytest.raises(NotPermittedError):
        READS[name](Office(place.as_person("p-tong")))


def test_a_statistician_opens_no_attachment(place: Workplace) -> None:
    added = Office(place.desk).attachments.add_bytes(
        CASE, PDF, "证据.pdf", "application/pdf", FileEntry(role="evidence")
    )
    with pytest.raises(NotPermittedError):
        Office(place.as_person("p-tong")).attachments.read(added.value.sha256)


ACTS: dict[str, Callable[[Office], object]] = {
    "contact.record": lambda o: o.deciding.record_contact(CASE, contact()),
    "suspension.mark": lambda o: o.handling.suspend(CASE, "送鉴定", MONDAY.date()),
    "case.edit": lambda o: o.handling.plan_session(CASE, NEXT_WEEK, "二室"),
    "party.edit": lambda o: o.parties.edit(CASE, RESPONDENT, {"phone": "13900000276"}),
    "record.add": lambda o: o.handling.add_note(CASE, "当事人来取回执"),
    "attachment.declare": lambda o: o.attachments.add_bytes(
        CASE, PDF, "回执.pdf", "application/pdf", FileEntry(role="other")
    ),
}
STILL = {
    "refused": {"case.edit", "party.edit", "record.add", "attachment.declare"},
    "handed_back": {"record.add", "attachment.declare"},
    "archived": set(),
}


@pytest.mark.parametrize("state", STILL)
def test_a_case_that_is_over_takes_little_more(tmp_path: Path, state: str) -> None:
    place = make_workplace(tmp_path)
    incoming(place, state=state)
    office = Office(place.desk)
    for name, act in ACTS.items():
        before = commands(place)
        if name in STILL[state]:
            act(office)
        else:
            with pytest.raises(StateError):
                act(office)
            assert commands(place) == before, name
    place.close()


def test_a_title_with_a_name_is_not_taken_at_acceptance(place: Workplace) -> None:
    office = Office(place.desk)
    office.deciding.record_contact(CASE, contact())
    with pytest.raises(FieldError):
        office.deciding.accept(CASE, "陈秀英家漏水")
    assert office.cases.open(CASE).head.state == "deciding"


def test_strangers_and_impossible_values_are_refused(place: Workplace) -> None:
    office = Office(place.desk)
    with pytest.raises(FieldError):
        office.deciding.record_contact(CASE, contact(party_id="nobody"))
    accepted(place)
    with pytest.raises(FieldErrors):
        office.closing.conclude(CASE, FailureEntry("agreed", "谈成", remedies=("诉讼",)))
    paid = cf.Performance(agreement_id="none", payment_no=1, on=MONDAY.date(), amount_fen=100)
    with pytest.raises(StateError):
        office.handling.record_performance(CASE, paid)
    with pytest.raises(FieldError):
        office.handling.record_performance(CASE, msgspec.structs.replace(paid, amount_fen=-1))


def test_a_blank_reason_does_not_pass_an_agreement_that_must_change(place: Workplace) -> None:
    office = accepted(place)
    draft = msgspec.structs.replace(office.agreeing.draft(CASE), clauses=())
    with pytest.raises(FieldErrors):
        office.agreeing.finalise(draft, wants_confirmation=True, overrides=(" ",))
    office.agreeing.finalise(draft, wants_confirmation=True, overrides=("当事人坚持",))
    stranger = SignatureEntry("party", MONDAY.date(), "somebody-else")
    with pytest.raises(FieldErrors):
        office.agreeing.register_signatures(CASE, (stranger,))


def test_a_masked_value_never_overwrites(place: Workplace) -> None:
    office = Office(place.desk)
    party = next(p for p in office.cases.open(CASE).parties if p.party_id == RESPONDENT)
    for field in ("name", "address", "phone", "id_number"):
        with pytest.raises(FieldErrors):
            office.parties.edit(CASE, RESPONDENT, {field: party.masked[field]})
    assert commands(place) == 0


def test_a_masked_agent_never_overwrites(place: Workplace) -> None:
    office = Office(place.desk)
    agent = cf.Agent(name="李明华", relation="律师", phone="13900001111", id_number="11010519491231002X")
    office.parties.set_agent(CASE, RESPONDENT, agent)
    for changes in (
        {"name": "李**"},
        {"name": "李＊＊"},
        {"phone": "139****1111"},
        {"id_number": "110***********002X"},
    ):
        masked = {**msgspec.to_builtins(agent), **changes}
        with pytest.raises(FieldErrors) as caught:
            office.parties.edit(CASE, RESPONDENT, {"agent": masked})
        assert [e.field for e in caught.value.errors] == [f"agent.{name}" for name in changes]
    assert office.cases.open(CASE).file.parties[RESPONDENT].agent == agent
    office.parties.set_agent(CASE, RESPONDENT, msgspec.structs.replace(agent, name="李明"))
    assert office.cases.open(CASE).file.parties[RESPONDENT].agent.name == "李明"  # type: ignore[union-attr]


def test_an_undo_gives_back_what_was_typed(place: Workplace) -> None:
    office = Office(place.desk)
    office.drafts.save("note", CASE, {"text": "说了很多"})
    written = office.handling.add_note(CASE, "说了很多")
    assert office.drafts.get("note", CASE) is None
    assert written.undo_id
    casework.undo(place.desk, written.undo_id)
    back = office.drafts.get("note", CASE)
    assert back is not None
    assert back.body == {"text": "说了很多"}


def test_an_undo_leaves_a_newer_draft_alone(place: Workplace) -> None:
    office = Office(place.desk)
    office.drafts.save("note", CASE, {"text": "旧的"})
    written = office.handling.add_note(CASE, "旧的")
    office.drafts.save("note", CASE, {"text": "新的"})
    assert written.undo_id
    casework.undo(place.desk, written.undo_id)
    kept = office.drafts.get("note", CASE)
    assert kept is not None
    assert kept.body == {"text": "新的"}


def test_what_was_confirmed_in_words_offers_no_undo(place: Workplace) -> None:
    """It may be sent at once; an acceptance taken back would also leave a number used and unexplained."""
    office = Office(place.desk)
    office.deciding.record_contact(CASE, contact())
    assert office.deciding.accept(CASE).undo_id is None


def test_the_clock_is_stopped_only_while_it_runs(place: Workplace) -> None:
    with pytest.raises(StateError):
        Office(place.desk).handling.suspend(CASE, "送鉴定", MONDAY.date())
    office = accepted(place)
    office.handling.suspend(CASE, "送鉴定", MONDAY.date())
    assert replace(place.desk).store.read(lambda c: len(c.execute(select(outbox.c.ordinal)).all())) == 3

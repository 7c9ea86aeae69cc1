"""What the platform did not accept stays readable and counts for nothing, whatever kind of record it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain import contacting, performance
from app.domain.reducer import CaseFile
from app.services import casework
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.cases import Cases
from app.services.deciding import ContactEntry, Deciding
from app.services.handling import Handling, SessionEntry
from app.services.port_outgoing import OutgoingCommands
from app.services.port_values import Answer
from app.services.sync_centre import SyncCentre
from app.storage import casestore
from app.storage.tables import outbox
from tests.helpers.desks import MONDAY, Workplace

CASE, A, R = "case-1", "case-1-applicant", "case-1-respondent"


def file_of(place: Workplace) -> CaseFile:
    return place.desk.store.read(lambda conn: casestore.load(conn, CASE))


def waiting(place: Workplace) -> list[str]:
    query = select(outbox.c.command_id).where(outbox.c.state == "waiting").order_by(outbox.c.ordinal)
    return place.desk.store.read(lambda conn: list(conn.execute(query).scalars()))


def refused(place: Workplace, write: Callable[[], object]) -> list[str]:
    """What ``write`` writes is not accepted by the platform."""
    before = set(waiting(place))
    write()
    new = [one for one in waiting(place) if one not in before]
    OutgoingCommands(place.desk).settle([Answer(one, "rejected", "state", "", "没有收下。") for one in new])
    return new


def contact(place: Workplace) -> None:
    Deciding(place.desk).record_contact(CASE, ContactEntry(R, "phone", "willing", MONDAY))


def session(place: Workplace) -> None:
    entry = SessionEntry(
        started_at=MONDAY - dt.timedelta(hours=1), place="第二调解室",
        present=(
            cf.Present(label="陈秀英", role="applicant", party_id=A),
            cf.Present(label="周敏芳", role="mediator"),
        ),
        segments=(cf.Segment(speaker=0, at=MONDAY, text="面积认可。", step=3),),
        rights_told_at=MONDAY - dt.timedelta(minutes=58), undisputed=("墙面 18 平方米",), result="agreed",
    )  # fmt: skip
    Handling(place.desk).record_session(CASE, entry)


def finalised(place: Workplace) -> cf.Agreement:
    agreeing = Agreeing(place.desk)
    draft = agreeing.draft(CASE)
    payment = cf.Payment(no=1, payer_party_id=R, payee_party_id=A, amount_fen=100_00, on_signing=True)
    made = msgspec.structs.replace(draft, payments=(payment,), total_fen=100_00)
    agreeing.finalise(made, wants_confirmation=False, overrides=("双方坚持。",))
    return file_of(place).agreements[made.agreement_id]


def test_a_contact_is_none_until_the_platform_has_it(place: Workplace) -> None:
    refused(place, lambda: contact(place))
    file = file_of(place)
    assert len(file.written(cf.Contact)) == 1
    assert contacting.made_by(file, place.desk.rules_for(file.head)) is None
    contact(place)
    assert contacting.made_by(file_of(place), place.desk.rules_for(file.head)) is not None


def test_a_session_is_not_counted_and_states_no_facts(place: Workplace) -> None:
    contact(place)
    Deciding(place.desk).accept(CASE)
    refused(place, lambda: session(place))
    assert "18 平方米" not in Agreeing(place.desk).draft(CASE).facts
    session(place)
    ordinals = {body.ordinal for _, body in file_of(place).of_type(cf.Session)}
    assert ordinals == {1}


@pytest.mark.parametrize("undone", [False, True])
def test_a_place_registered_again_stands_in_for_the_refused_one(place: Workplace, undone: bool) -> None:
    contact(place)
    Deciding(place.desk).accept(CASE)
    made = finalised(place)
    agreeing, entry = Agreeing(place.desk), (SignatureEntry("mediator", place.desk.today()),)
    refused(place, lambda: agreeing.register_signatures(CASE, entry))
    assert file_of(place).of_type(cf.Signature) == ()
    written = agreeing.register_signatures(CASE, entry)
    ((record, _),) = file_of(place).written(cf.Signature)
    assert record.supersedes == "", "what the platform does not have cannot be put right there"
    assert SyncCentre(place.desk).rows("needs_you") == ()
    if undone:
        assert written.undo_id
        casework.undo(place.desk, written.undo_id)
        assert file_of(place).of_type(cf.Signature) == ()
        assert len(SyncCentre(place.desk).rows("needs_you")) == 1, "it asks again"
    assert made.agreement_id == file_of(place).head.agreement_id


def test_a_payment_is_not_made(place: Workplace) -> None:
    contact(place)
    Deciding(place.desk).accept(CASE)
    made = finalised(place)
    body = cf.Performance(
        agreement_id=made.agreement_id, payment_no=1, state="performed", on=place.desk.today(),
        amount_fen=100_00,
    )  # fmt: skip
    refused(place, lambda: Handling(place.desk).record_performance(CASE, body))
    assert performance.states(file_of(place), made) == {1: "pending"}
    assert not performance.fully_performed(file_of(place), made)


def test_a_suspension_stops_no_clock(place: Workplace) -> None:
    contact(place)
    Deciding(place.desk).accept(CASE)
    refused(place, lambda: Handling(place.desk).suspend(CASE, "送鉴定", place.desk.today()))
    view = Cases(place.desk).open(CASE)
    assert view.head.suspensions == ()
    assert len(view.refused) == 1


def test_what_is_put_aside_is_gone_from_sight(place: Workplace) -> None:
    (command_id,) = refused(place, lambda: contact(place))
    SyncCentre(place.desk).put_aside(f"command:{command_id}")
    assert file_of(place).written(cf.Contact) == ()
    assert file_of(place).refused == frozenset()

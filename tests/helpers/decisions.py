"""Agreements put out by two computers, and what stands against each other then."""

from __future__ import annotations

import datetime as dt

from app.domain import agreement as rules
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.services import casework
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.conflict_views import ConflictView
from app.services.handling import Handling, SessionEntry
from app.services.resolving import Resolving
from tests.helpers.clients import Office


def first_view(office: Office) -> ConflictView:
    """The first open conflict of a computer."""
    resolving = Resolving(office.desk)
    return resolving.conflict(resolving.open_ids()[0])


def never_suspended(office: Office) -> str:
    """A case that is being mediated, whose period stops with the clock: that of a labour dispute does not."""
    heads = ((one, office.file(one).head) for one in office.case_ids("accepted", "mediating"))
    return next(one for one, head in heads if not head.suspensions and head.law_kind == "people")


def meet(office: Office, case_id: str, next_at: dt.datetime | None, place: str = "") -> None:
    """One session, and what was agreed for the next."""
    now, (applicant, *_) = office.clock.now(), office.file(case_id).side("applicant")
    entry = SessionEntry(
        started_at=now - dt.timedelta(hours=1),
        place="第一调解室",
        present=(cf.Present(label="申请人", role="applicant", party_id=applicant.party_id),),
        segments=(cf.Segment(speaker=0, at=now, text="再谈。", step=3),),
        rights_told_at=now,
        undisputed=("面积",),
        result="next_time" if next_at else "agreed",
        next_at=next_at,
        next_place=place,
    )
    Handling(office.desk).record_session(case_id, entry)


def agreement(office: Office, case_id: str, agreement_id: str, fen: int) -> cf.Agreement:
    """A text of one clause and one payment."""
    file = office.file(case_id)
    payer, payee = file.side("respondent")[0], file.side("applicant")[0]
    words = f"{payer.name}在 12 月 31 日（含当天）前付给{payee.name} {fen // 100} 元。"
    return cf.Agreement(
        agreement_id=agreement_id, case_id=case_id, version_no=1, facts="修理费的分担。",
        clauses=(cf.Clause(no=1, text=words),),
        payments=(
            cf.Payment(
                no=1, payer_party_id=payer.party_id, payee_party_id=payee.party_id, amount_fen=fen,
                due_on=dt.date(2026, 12, 31),
            ),
        ),
        total_fen=fen, party_ids=(payee.party_id, payer.party_id), finalised_at=office.clock.now(),
        mediator_id=office.desk.person.person_id,
    )  # fmt: skip


def finalise(office: Office, case_id: str, made: cf.Agreement) -> None:
    """定稿, based on the agreement that stands there."""
    base = {"agreement_id": office.file(case_id).head.agreement_id}
    casework.write(
        office.desk,
        lambda case: case.issue(case_id, cmd.FinaliseAgreement(agreement=made), base=base, immediate=True),
    )


def sign_all(office: Office, case_id: str, agreement_id: str) -> None:
    """登记生效日: every place on the paper of the agreement that stands there."""
    today = office.desk.today()
    parties = office.file(case_id).agreements[agreement_id].party_ids
    entries = [SignatureEntry("party", today, party_id) for party_id in parties]
    entries += [SignatureEntry("mediator", today), SignatureEntry("seal", today, method="seal")]
    Agreeing(office.desk).register_signatures(case_id, tuple(entries))
    effect = rules.effectiveness_of(office.file(case_id))
    assert effect is not None
    assert effect.is_effective

"""来访登记: a case that does not come from the platform, registered whole in one transaction, offline too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import short_title
from app.domain.errors import FieldError
from app.domain.taxonomy import dispute_kinds
from app.services import casework, drafts, parties, registering
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk
from app.storage import casequery
from app.storage.tables import IS_OPEN, cases

DRAFT_KIND, DRAFT_SUBJECT = "intake", "new"
SOURCES = ("walk_in", "own_motion", "court", "procuratorate", "police", "petition", "other")
"""Where a case may come from besides the platform."""


@dataclass(frozen=True)
class IntakeEntry:
    """What is written down when somebody comes (F01, F02). ``amount_fen`` in 分."""

    source: str
    dispute_kind: str
    title: str
    claims: str
    facts: str
    parties: tuple[cf.Party, ...]
    """``party_id`` may be any word; it names the party's fields in errors (``respondent.phone``)."""
    no_id_reasons: tuple[tuple[str, str], ...] = ()
    """Side and reason, for who has no document at hand."""
    place: str = ""
    amount_fen: int | None = None
    mediator_id: str = ""
    agreed_by_all: bool = False
    """双方都在场、都已同意: the respondent's answer is recorded and the case accepted at once."""


class Intake:
    """Register walk-ins and the like."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, entry: IntakeEntry) -> Written[str]:
        """Register; returns the case's id. State received, or accepted when all agreed on the spot.

        Acceptance is sent at once, since it was confirmed; the rest can be undone. Raises
        :class:`FieldErrors` naming every field, parties' fields as ``applicant.name``, and
        :class:`NotPermittedError` while the institution is closed.
        """
        registering.require_open(self._desk)
        if entry.agreed_by_all:
            self._desk.require("case.accept")
        parties.raise_problems(self.problems(entry))
        return casework.write(self._desk, lambda case: self._write(case, entry))

    def workload(self) -> dict[str, int]:
        """How many cases each mediator has in hand, by person id (在办 23 件)."""
        query = (
            select(cases.c.mediator_id, func.count())
            .where(IS_OPEN, casequery.unindexed(cases.c.state) != "closed")
            .group_by(cases.c.mediator_id)
        )
        rows = self._desk.store.read(lambda conn: conn.execute(query).all())
        return {str(person): int(number) for person, number in rows if person}

    def problems(self, entry: IntakeEntry) -> tuple[FieldError, ...]:
        """What is still missing or not right."""
        found = []
        reasons = dict(entry.no_id_reasons)
        for party in entry.parties:
            side = str(party.side)
            found += [
                FieldError(f"{side}.{e.field}", e.message)
                for e in parties.problems(party, self._desk.today())
            ]
            if side == "applicant" and not party.id_number and not reasons.get(side, "").strip():
                found.append(FieldError(f"{side}.id_number", "写证件号；没带证件就写明怎么核对的身份。"))
        if entry.source not in SOURCES:
            found.append(FieldError("source", "选一项来源。"))
        if entry.dispute_kind not in dispute_kinds():
            found.append(FieldError("dispute_kind", "选一类纠纷。"))
        if not entry.facts.strip():
            found.append(FieldError("facts", "写一两句发生了什么。"))
        if not entry.claims.strip():
            found.append(FieldError("claims", "写一句想要怎样。"))
        if hint := short_title.problem(entry.title, entry.parties):
            found.append(FieldError("title", hint))
        return tuple(found)

    def propose_title(self, entry: IntakeEntry) -> str:
        """A title from what was written so far, without personal data."""
        return short_title.propose(entry.dispute_kind, entry.claims, entry.facts, entry.parties)

    def _write(self, case: Casework, entry: IntakeEntry) -> str:
        desk, now = self._desk, entry.agreed_by_all
        head = cf.Case(
            case_id=desk.make_id(),
            source=entry.source,  # type: ignore[arg-type]
            state="received",
            title=entry.title.strip(),
            dispute_kind=entry.dispute_kind,
            law_kind=dispute_kinds()[entry.dispute_kind].law_kind,
            received_at=case.now,
            applied_at=case.now,
            claims=entry.claims.strip(),
            facts=entry.facts.strip(),
            occurred_place=entry.place.strip(),
            township=desk.institution.township,
            district=desk.institution.district,
            amount_fen=entry.amount_fen,
            mediator_id=entry.mediator_id or desk.person.person_id,
        )
        listed = registering.register(case, head, entry.parties, immediate=now)
        for side, reason in entry.no_id_reasons:
            if reason.strip():
                who = "申请人" if side == "applicant" else "被申请人"
                note = cf.Note(text=f"{who}没有出示证件：{reason.strip()}")
                case.issue(head.case_id, cmd.AddRecord(record=case.record(head.case_id, note)), immediate=now)
        if now:
            registering.accept_on_the_spot(case, head.case_id, listed, immediate=True)
        drafts.forget(case.conn, desk.person.person_id, DRAFT_KIND, DRAFT_SUBJECT)
        return head.case_id

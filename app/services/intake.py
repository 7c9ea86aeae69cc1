"""来访登记: a case that does not come from the platform, registered whole in one transaction, offline too."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import func, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import short_title
from app.domain.errors import FieldError, FieldErrors, NotPermittedError
from app.domain.taxonomy import dispute_kinds
from app.services import casework, drafts, numbering, parties
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
        self._desk.require("case.register")
        if self._desk.institution.status == "closed":
            raise NotPermittedError("本机构已停止办理，不能新建案件。已有的案件可以看、导出和归档。")
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
        desk, case_id = self._desk, self._desk.make_id()
        ordinals: dict[str, int] = {}
        listed = []
        for one in entry.parties:
            ordinals[one.side] = ordinals.get(one.side, 0) + 1
            listed.append(
                msgspec.structs.replace(
                    parties.completed(one),
                    party_id=desk.make_id(),
                    case_id=case_id,
                    ordinal=ordinals[one.side],
                )
            )
        kind = dispute_kinds()[entry.dispute_kind]
        head = cf.Case(
            case_id=case_id,
            source=entry.source,  # type: ignore[arg-type]
            state="received",
            title=entry.title.strip(),
            dispute_kind=entry.dispute_kind,
            law_kind=kind.law_kind,
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
        now = entry.agreed_by_all
        case.issue(
            case_id,
            cmd.RegisterCase(case=head, parties=tuple(listed)),
            immediate=now,
            audit_detail={"source": entry.source},
        )
        for side, reason in entry.no_id_reasons:
            if reason.strip():
                who = "申请人" if side == "applicant" else "被申请人"
                note = cf.Note(text=f"{who}没有出示证件：{reason.strip()}")
                case.issue(case_id, cmd.AddRecord(record=case.record(case_id, note)), immediate=now)
        if now:
            self._accept(case, case_id, listed)
        drafts.forget(case.conn, desk.person.person_id, DRAFT_KIND, DRAFT_SUBJECT)
        return case_id

    def _accept(self, case: Casework, case_id: str, listed: list[cf.Party]) -> None:
        others = [p for p in listed if p.side == "respondent"]
        if not others:
            raise FieldErrors((FieldError("respondent.name", "写被申请人是谁。"),))
        for party in others:
            said = cf.Contact(party_id=party.party_id, channel="visit", result="willing", said="当面同意调解")
            record = case.record(case_id, said)
            case.issue(case_id, cmd.RecordContact(record=record, result="willing"), immediate=True)
        number = numbering.take(case.conn, self._desk)
        record = case.record(case_id, cf.Decision(what="accepted", text=number))
        case.issue(
            case_id,
            cmd.AcceptCase(
                record=record,
                accepted_at=case.now,
                number=number,
                mediator_id=case.file(case_id).head.mediator_id,
            ),
            immediate=True,
            audit_detail={"number": number},
        )

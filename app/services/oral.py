"""口头协议登记 (界面设计 05): who with whom, about what, what was agreed, until when; one transaction.

An oral agreement is registered where the parties think that no paper is needed (人民调解法 2010, 28). It
holds from the day it was reached (30). Labour, medical and rural-land disputes need a written one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import func, select

from app.clock import to_text
from app.domain import agreement as agreement_rules
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import deadlines, money, short_title
from app.domain.errors import FieldError
from app.domain.reducer import CaseFile
from app.domain.taxonomy import dispute_kinds
from app.domain.workdays import full_date
from app.services import casework, drafts, parties, registering
from app.services.agreeing import DRAFT_KIND as AGREEMENT_DRAFT
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk
from app.storage.tables import cases

DRAFT_KIND, DRAFT_SUBJECT = "oral", "new"
USUAL_DAYS = 90
"""Over how many days the kinds of dispute are counted that come first."""
DONE = "当场履行完毕。"
NEEDS_PAPER = "E-NO-ORAL"
"""Code of what is wrong with a kind of dispute that needs a written agreement."""


@dataclass(frozen=True)
class Term:
    """什么时候做完: on the spot, by a day (that day included), or in several payments."""

    done: bool = False
    by: dt.date | None = None
    payments: tuple[cf.Payment, ...] = ()
    """Payer and payee are named by the parties' own ``party_id`` in the entry."""

    @property
    def given(self) -> bool:
        """Whether anything was chosen."""
        return self.done or self.by is not None or bool(self.payments)


@dataclass(frozen=True)
class OralEntry:
    """What is written down. The parties stand in the paper's order, 甲方 first."""

    dispute_kind: str
    parties: tuple[cf.Party, ...]
    """``party_id`` may be any word; it names the party's fields in errors (``a.phone``)."""
    facts: str
    agreed: str
    term: Term
    title: str = ""
    source: str = "walk_in"
    no_paper_wanted: bool = False
    """双方都认为不需要制作协议书 (人民调解法 2010, 28)."""


class OralAgreements:
    """Register oral agreements."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, entry: OralEntry) -> Written[str]:
        """Register case, consent, acceptance and agreement together; the case's id.

        Raises :class:`FieldErrors` naming every field that lacks or is wrong, :class:`NotPermittedError`
        while the institution is closed or for who may not make agreements.
        """
        registering.require_open(self._desk)
        self._desk.require("agreement.finalise")
        parties.raise_problems(self.problems(entry))
        return casework.write(self._desk, lambda case: self._write(case, entry))

    def begin_written(self, entry: OralEntry) -> Written[str]:
        """改用书面协议: register and accept the case; what is written so far becomes its agreement's draft.

        Sent at once, since it was confirmed. Raises as :meth:`register`; what only the oral form asks for may
        lack.
        """
        registering.require_open(self._desk)
        self._desk.require("agreement.draft")
        parties.raise_problems(self.problems_of_written(entry))
        return casework.write(self._desk, lambda case: self._begin_written(case, entry))

    def problems_of_written(self, entry: OralEntry) -> tuple[FieldError, ...]:
        """What still lacks before :meth:`begin_written`: the agreement itself is written afterwards."""
        later = {"agreed", "term", "no_paper_wanted"}
        return tuple(e for e in self.problems(entry) if e.field not in later and e.code != NEEDS_PAPER)

    def problems(self, entry: OralEntry) -> tuple[FieldError, ...]:
        """What still lacks or is not right, in the order of the form."""
        found = []
        for party in entry.parties:
            found += [
                FieldError(f"{party.party_id}.{e.field}", e.message)
                for e in parties.problems(party, self._desk.today())
            ]
        if entry.dispute_kind not in dispute_kinds():
            found.append(FieldError("dispute_kind", "选一类纠纷。"))
        elif basis := agreement_rules.NO_ORAL.get(dispute_kinds()[entry.dispute_kind].law_kind):
            found.append(
                FieldError(
                    "dispute_kind",
                    f"这类纠纷要写协议书，不能只登记口头协议（{basis}）。改用书面协议。",
                    code=NEEDS_PAPER,
                )
            )
        if not entry.facts.strip():
            found.append(FieldError("facts", "写一两句为了什么事。"))
        if not entry.agreed.strip():
            found.append(FieldError("agreed", "写一句怎么说好的。"))
        found += self._term_problems(entry)
        if not entry.no_paper_wanted:
            found.append(
                FieldError("no_paper_wanted", "口头协议要双方都认为不需要协议书；要的，改用书面协议。")
            )
        if hint := short_title.problem(self.title_of(entry), entry.parties):
            found.append(FieldError("title", hint))
        return tuple(found)

    def _term_problems(self, entry: OralEntry) -> list[FieldError]:
        term, today = entry.term, self._desk.today()
        if not term.given:
            return [FieldError("term", "选什么时候做完。")]
        if term.by is not None and term.by < today:
            return [FieldError("term", "这一天已经过去，看看日期。")]
        for one in term.payments:
            if one.amount_fen <= 0:
                return [FieldError("term", f"第 {one.no} 次写付多少。")]
            if one.payer_party_id == one.payee_party_id:
                return [FieldError("term", f"第 {one.no} 次付款人和收款人是同一方。")]
            if one.due_on is None and not one.on_signing:
                return [FieldError("term", f"第 {one.no} 次写哪天付。")]
            if one.due_on is not None and one.due_on < today:
                return [FieldError("term", f"第 {one.no} 次的日子已经过去，看看日期。")]
        return []

    def title_of(self, entry: OralEntry) -> str:
        """The case's short title: as written, else proposed, free of personal data."""
        return entry.title.strip() or short_title.propose(
            entry.dispute_kind, entry.agreed, entry.facts, entry.parties
        )

    def usual_kinds(self) -> tuple[str, ...]:
        """Codes of the 18 classes, those that came most often in the last three months first."""
        since = to_text(self._desk.clock.now() - dt.timedelta(days=USUAL_DAYS))
        query = (
            select(cases.c.dispute_kind, func.count().label("many"))
            .where(cases.c.received_at >= since)
            .group_by(cases.c.dispute_kind)
        )
        rows = self._desk.store.read(lambda conn: conn.execute(query).all())
        many: Mapping[str, int] = {str(kind): int(count) for kind, count in rows}
        return tuple(sorted(dispute_kinds(), key=lambda code: -many.get(code, 0)))

    def follow_up_on(self, term: Term) -> deadlines.Deadline | None:
        """When the first 回访 is due by what was chosen; ``None`` before anything is."""
        if not term.given:
            return None
        desk, today = self._desk, self._desk.today()
        days = [day for day in (term.by, *(p.due_on for p in term.payments)) if day is not None]
        return deadlines.follow_up(max([today, *days]), desk.calendar, desk.rules)

    def picture(self, entry: OralEntry) -> CaseFile:
        """The case as the paper F07 would show it, not yet registered; for the preview beside the form."""
        desk = self._desk
        head = self._head(entry, "new", desk.clock.now())
        listed = tuple(
            msgspec.structs.replace(parties.completed(p), case_id="new", ordinal=n)
            for n, p in enumerate(entry.parties, start=1)
        )
        made = self._agreement(entry, head, listed, "")
        return CaseFile(
            case=msgspec.structs.replace(head, agreement_id=made.agreement_id),
            parties={p.party_id: p for p in listed},
            agreements={made.agreement_id: made},
        )

    def _head(self, entry: OralEntry, case_id: str, now: dt.datetime) -> cf.Case:
        desk = self._desk
        kind = dispute_kinds().get(entry.dispute_kind)
        return cf.Case(
            case_id=case_id,
            source=entry.source,  # type: ignore[arg-type]
            state="received",
            title=self.title_of(entry),
            dispute_kind=entry.dispute_kind,
            law_kind=kind.law_kind if kind is not None else "people",
            received_at=now,
            applied_at=now,
            facts=entry.facts.strip(),
            township=desk.institution.township,
            district=desk.institution.district,
            amount_fen=_amount(entry),
            mediator_id=desk.person.person_id,
        )

    def _agreement(
        self, entry: OralEntry, head: cf.Case, listed: tuple[cf.Party, ...], number: str
    ) -> cf.Agreement:
        term, today = entry.term, self._desk.today()
        ids = {given.party_id: kept.party_id for given, kept in zip(entry.parties, listed, strict=True)}
        lines = [line.strip() for line in entry.agreed.splitlines() if line.strip()]
        return cf.Agreement(
            agreement_id=self._desk.make_id(),
            case_id=head.case_id,
            version_no=1,
            form="oral",
            law_kind=head.law_kind,
            number=number,
            facts=entry.facts.strip(),
            clauses=tuple(cf.Clause(no=n, text=line) for n, line in enumerate(lines, start=1)),
            payments=tuple(
                msgspec.structs.replace(
                    p,
                    payer_party_id=ids.get(p.payer_party_id, p.payer_party_id),
                    payee_party_id=ids.get(p.payee_party_id, p.payee_party_id),
                )
                for p in term.payments
            ),
            total_fen=_amount(entry),
            performance=_by_when(term),
            perform_by=today if term.done else term.by,
            copies=1,
            party_ids=tuple(p.party_id for p in listed),
            omitted_ids=(),
            mediator_id=head.mediator_id,
            finalised_at=self._desk.clock.now(),
            dated_on=today,
        )

    def _write(self, case: Casework, entry: OralEntry) -> str:
        desk = self._desk
        head = self._head(entry, desk.make_id(), case.now)
        listed = registering.register(case, head, entry.parties, immediate=False)
        number = registering.accept_on_the_spot(case, head.case_id, listed, immediate=False)
        made = self._agreement(entry, head, listed, number)
        case.issue(
            head.case_id,
            cmd.FinaliseAgreement(agreement=made),
            audit_detail={"version": made.version_no, "form": made.form},
        )
        if entry.term.done:
            record = case.record(
                head.case_id,
                cf.Performance(agreement_id=made.agreement_id, payment_no=0, on=desk.today(), note=DONE),
            )
            case.issue(head.case_id, cmd.AddRecord(record=record))
        drafts.forget(case.conn, desk.person.person_id, DRAFT_KIND, DRAFT_SUBJECT)
        return head.case_id

    def _begin_written(self, case: Casework, entry: OralEntry) -> str:
        desk = self._desk
        head = self._head(entry, desk.make_id(), case.now)
        listed = registering.register(case, head, entry.parties, immediate=True)
        number = registering.accept_on_the_spot(case, head.case_id, listed, immediate=True)
        spoken = self._agreement(entry, head, listed, number)
        draft = msgspec.structs.replace(
            spoken,
            form="written",
            clauses=spoken.clauses or (cf.Clause(no=1, text=""),),
            perform_by=None,
            copies=len(listed) + 1,
            dated_on=None,
        )
        me, now = desk.person.person_id, to_text(case.now)
        drafts.put(case.conn, me, AGREEMENT_DRAFT, head.case_id, msgspec.to_builtins(draft), now)
        drafts.forget(case.conn, me, DRAFT_KIND, DRAFT_SUBJECT)
        return head.case_id


def _by_when(term: Term) -> str:
    """履行方式、时限 in a sentence; payments say theirs in lines of their own."""
    if term.done:
        return DONE
    return f"{full_date(term.by)}（含当天）前履行完毕。" if term.by is not None else ""


def _amount(entry: OralEntry) -> int | None:
    """What the agreement is about in money: the payments' sum, else the only sum that its words name."""
    if entry.term.payments:
        return sum(p.amount_fen for p in entry.term.payments)
    said = set(money.said_in(entry.agreed))
    return said.pop() if len(said) == 1 else None

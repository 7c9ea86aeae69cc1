"""What the sources of a paper read: one case file and its surroundings, with masking at this point."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeVar

from app.clock import legal_day
from app.documents import texts
from app.documents.context import PaperContext
from app.domain import casefile as cf
from app.domain import masking
from app.domain.agreement import Effectiveness, effectiveness, paper_day, party_letter, signed
from app.domain.errors import NotFoundError
from app.domain.filing import ORAL_PAPER
from app.domain.reducer import CaseFile

B = TypeVar("B")


@dataclass(frozen=True)
class Scope:
    """What the sources read: one case file, one context."""

    file: CaseFile
    context: PaperContext

    @property
    def case(self) -> cf.Case | None:
        return self.file.case

    @property
    def agreement(self) -> cf.Agreement | None:
        """The chosen version, else the case's current one."""
        wanted = self.context.agreement_id or (self.case.agreement_id if self.case else "")
        return self.file.agreements.get(wanted)

    @property
    def effect(self) -> Effectiveness | None:
        """From which day the chosen version holds, by what is signed on it."""
        if self.agreement is None:
            return None
        made = (s for _, s in signed(self.file, self.agreement.agreement_id))
        return effectiveness(self.agreement, self.file.parties, made)

    def body(self, kind: type[B]) -> tuple[cf.Record, B] | None:
        """The chosen record of a kind, else the latest one."""
        chosen = self.context.record_id
        named = (pair for pair in self.file.written(kind) if pair[0].record_id == chosen)
        found = self.file.of_type(kind)
        return next(named, found[-1] if found else None)

    @property
    def refusal(self) -> cf.Refusal | None:
        return self.context.refusal or (self.case.refusal if self.case else None)

    @property
    def conclusion(self) -> cf.Conclusion | None:
        return self.case.conclusion if self.case else None

    @property
    def parties(self) -> tuple[cf.Party, ...]:
        """All parties: applicants, respondents, third parties, in order."""
        return self.file.side("applicant") + self.file.side("respondent") + self.file.side("third")

    @property
    def agreed_parties(self) -> tuple[cf.Party, ...]:
        """The parties of the agreement in its own order; all parties when it names none."""
        agreement = self.agreement
        ids = agreement.party_ids if agreement else ()
        named = tuple(self.file.parties[i] for i in ids if i in self.file.parties)
        return named or self.parties

    @property
    def party(self) -> cf.Party | None:
        """The one party a one-party paper is for."""
        if self.context.party_id:
            if self.context.party_id not in self.file.parties:
                raise NotFoundError("这份文书选的当事人不在本案里，请重新选一位。", code="E-PAPER-PARTY")
            return self.file.parties[self.context.party_id]
        return self.parties[0] if self.parties else None

    @property
    def as_of(self) -> dt.date:
        """The day ages are told for: the agreement's, else the day the case was received."""
        if self.agreement is not None:
            return paper_day(self.agreement)
        if self.case is not None:
            return legal_day(self.case.received_at)
        return legal_day(self.context.printed_at)

    @property
    def agreement_paper(self) -> str:
        """What the agreement is called among the enclosures of an application."""
        return ORAL_PAPER if self.agreement and self.agreement.form == "oral" else "调解协议书"

    def caption(self, party_id: str) -> str:
        """甲方, 乙方 … of a party of the agreement."""
        ids = [p.party_id for p in self.agreed_parties]
        return party_letter(ids.index(party_id)) if party_id in ids else ""

    def name(self, party: cf.Party) -> str:
        return masking.party_name(party) if self.context.masked else party.name

    def hide(self, text: str) -> str:
        """Text, cleaned; on a masked paper without known names, numbers and addresses, amounts as ranges
        (unless ``amounts_shown``).

        This is the one place where a paper's amounts are covered, in a clause as in a payment line.
        """
        text = texts.clean(text)
        if not self.context.masked:
            return text
        for party in self.parties:
            for place in (party.address, party.service_address):
                if place:
                    text = text.replace(place, masking.address(place, party.township))
        hidden = masking.redact(text, self._names())
        return hidden if self.context.amounts_shown else masking.amounts(hidden)

    def _names(self) -> tuple[str, ...]:
        names: list[str] = []
        for party in self.parties:
            names += [party.name, party.legal_representative, party.contact_person]
            if party.agent is not None:
                names.append(party.agent.name)
        for _, session in self.file.of_type(cf.Session):
            names += [p.label for p in session.present if p.role not in ("mediator", "recorder")]
        return tuple(n for n in names if n)

    def staff(self, person_id: str) -> str:
        return self.context.people.get(person_id, "")

    def captions(self) -> tuple[str, ...]:
        """申请人, 被申请人, 第三人 of all parties in order, numbered where a side has several."""
        found: list[str] = []
        sides: tuple[tuple[cf.Side, str], ...] = (
            ("applicant", "申请人"),
            ("respondent", "被申请人"),
            ("third", "第三人"),
        )
        for side, words in sides:
            members = self.file.side(side)
            found += [
                words + (texts.count(i) if len(members) > 1 else "") for i in range(1, len(members) + 1)
            ]
        return tuple(found)

"""Showing what is masked: always with a reason, always leaving a trace (遮挡与显示)."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain import casefile as cf
from app.domain.errors import FieldError, NotFoundError, NotPermittedError
from app.services import casework
from app.services.cases import PROTECTED
from app.services.casework import Casework
from app.services.desk import Desk

REASONS = {
    "contact": "联系当事人",
    "verify": "核对身份",
    "paper": "填写文书",
    "other": "其他",
}
FIELD_SECONDS = 300
"""A single field is masked again after five minutes."""
CASE_SECONDS = 900
"""A whole case is masked again after fifteen minutes."""


@dataclass(frozen=True)
class RevealedParty:
    """Plain values of one party's protected fields."""

    party_id: str
    values: dict[str, str]


class Reveal:
    """The one door to plain personal data."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def field(self, case_id: str, party_id: str, field: str, reason: str) -> str:
        """The plain text of one field. The trace is written first; no trace, no showing.

        Raises :class:`NotPermittedError` for statisticians, who never see personal data.
        """
        self._check(reason)
        if field not in PROTECTED:
            raise FieldError("field", "这一项没有遮挡。")

        def work(case: Casework) -> str:
            party = _party(case, case_id, party_id)
            case.note("reveal.field", case_id, party_id, {"field": field, "reason": reason})
            return str(getattr(party, field))

        return casework.write(self._desk, work).value

    def case(self, case_id: str, reason: str) -> tuple[RevealedParty, ...]:
        """The plain values of all parties of a case."""
        self._check(reason)

        def work(case: Casework) -> tuple[RevealedParty, ...]:
            parties = case.file(case_id).parties.values()
            case.note("reveal.case", case_id, "", {"parties": len(parties), "reason": reason})
            return tuple(
                RevealedParty(p.party_id, {name: str(getattr(p, name)) for name in PROTECTED})
                for p in parties
            )

        return casework.write(self._desk, work).value

    def attachment(self, case_id: str, sha256: str, reason: str) -> None:
        """Write down that an identity paper is looked at; the bytes are read only afterwards."""
        self._check(reason)
        casework.write(
            self._desk,
            lambda case: case.note("reveal.attachment", case_id, sha256[:12], {"reason": reason}),
        )

    def _check(self, reason: str) -> None:
        if reason not in REASONS:
            raise FieldError("reason", "选一个显示的理由。")
        try:
            self._desk.require("reveal")
        except NotPermittedError:
            casework.write(self._desk, lambda case: case.note("reveal.denied", "", "", {"reason": reason}))
            raise


def _party(case: Casework, case_id: str, party_id: str) -> cf.Party:
    party = case.file(case_id).parties.get(party_id)
    if party is None:
        raise NotFoundError("这位当事人不在这件案件里。", code="E-NO-PARTY")
    return party

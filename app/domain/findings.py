"""What 协议体检 looks at and what it finds, level by level."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from app.domain.agreement import party_letter
from app.domain.casefile import Agreement, Party
from app.domain.reducer import CaseFile

Level = Literal["must", "should", "ok"]


@dataclass(frozen=True)
class Repair:
    """一键改: the field and the value proposed for it."""

    field: str
    value: str
    label: str
    """On the button: 改成四份."""
    find: str = ""
    """Words to be replaced inside the field; empty: the field is set whole."""
    day: dt.date | None = None
    """The last day that ``value`` proposes, which the person may change; ``None`` where it proposes none."""


@dataclass(frozen=True)
class Finding:
    """One result of the check."""

    code: str
    level: Level
    field: str
    """Where: clauses.2, payments.1, copies, performance, facts, parties.<party id>."""
    sentence: str
    consequence: str = ""
    basis: str = ""
    repair: Repair | None = None


@dataclass(frozen=True)
class Subject:
    """The draft looked at, its parties in the order of the paper, and what in it is not understood."""

    agreement: Agreement
    parties: tuple[Party, ...]
    wants_confirmation: bool
    file: CaseFile
    unread: frozenset[str] = frozenset()

    def letter(self, party_id: str) -> str:
        """甲方, 乙方; empty for nobody of the agreement."""
        ids = [p.party_id for p in self.parties]
        return party_letter(ids.index(party_id)) if party_id in ids else ""

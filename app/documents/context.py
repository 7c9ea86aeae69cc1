"""What a paper needs to know beyond the documents of the case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.casefile import Refusal, Submission
from app.domain.counting import Deadline


@dataclass(frozen=True)
class PaperContext:
    """The surroundings of one print: institution, people, court, mode.

    ``printed_at`` is an aware instant; legal days are Shanghai's.
    """

    institution_name: str
    printed_at: dt.datetime
    institution_type: str = ""
    """Type of the institution in words (domain 4.3), such as 乡镇（街道）人民调解委员会."""
    uscc: str = ""
    address: str = ""
    phone: str = ""
    district: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    """Names of the institution's people by person id."""
    dispute_kind: str = ""
    """Words for the class of dispute, such as 邻里纠纷; the taxonomy's own when empty."""
    court_name: str = ""
    practice: bool = False
    """练习 stands across every page."""
    draft: bool = False
    """草稿 未签 stands across every page."""
    masked: bool = False
    """Names, numbers and places are hidden: for the screen, not for signing."""
    amounts_shown: bool = False
    """Amounts stay legible on a masked paper: for who handles the case and checks what was agreed."""
    for_court: bool = False
    """司法确认 is intended: some papers are printed once more."""
    free_of_charge: bool = True
    """人民调解法 2010, 4; false for commercial mediation that charges (商事调解条例 2026, 16)."""
    record_id: str = ""
    """Session or follow-up to print; the latest when empty."""
    agreement_id: str = ""
    """Agreement version to print; the case's current one when empty."""
    party_id: str = ""
    """Party a one-party paper (送达地址确认书) is for; the first applicant when empty."""
    refusal: Refusal | None = None
    """不予受理 not yet decided; the case's own when absent."""
    filing: Submission | None = None
    remedies: tuple[str, ...] = ()
    """救济途径 in sentences; the conclusion's own when empty."""
    term: Deadline | None = None
    """调解期限 as it ran from acceptance on; ``None`` before that."""
    effective_on: dt.date | None = None
    """协议生效日 where the platform or the court has fixed it; else derived from the signatures."""
    number: str = ""
    """Number of this very paper, where it is not the case's or the agreement's."""
    entries: Mapping[str, str] = field(default_factory=dict)
    """Text typed for fields by key; it goes before the source's value."""

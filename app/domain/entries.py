"""The entries of a case's timeline (经过), as both sides of the wire know them.

Each is a body with its own fields inside a :class:`Record`; :mod:`app.domain.casefile` takes them up.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

Outcome = Literal["agreed", "failed", "withdrawn", "terminated"]
SignerKind = Literal["party", "agent", "mediator", "recorder", "seal"]


class Doc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Base of every document value."""


class Contact(Doc, frozen=True, kw_only=True, tag_field="type", tag="contact"):
    """One attempt to reach a party (办法 第九条)."""

    party_id: str
    channel: Literal["phone", "sms", "visit", "post", "third_party", "platform"]
    result: Literal["willing", "unwilling", "unreached", "considering"]
    said: str = ""
    reply_by: dt.date | None = None
    remind_at: dt.datetime | None = None


class Present(Doc, frozen=True, kw_only=True):
    """A person present at a session."""

    label: str
    """Shown name of the speaker; personal data."""
    role: Literal["applicant", "respondent", "agent", "mediator", "recorder", "invited"]
    party_id: str = ""


class Segment(Doc, frozen=True, kw_only=True):
    """One turn of speech in a session record."""

    speaker: int
    """Index into ``Session.present``."""
    at: dt.datetime
    text: str
    step: int = 2
    """1 rights told, 2 statements, 3 facts, 4 proposal, 5 result."""


class Session(Doc, frozen=True, kw_only=True, tag_field="type", tag="session"):
    """人民调解记录 (F05) of the n-th mediation session."""

    ordinal: int
    started_at: dt.datetime
    ended_at: dt.datetime
    place: str
    present: tuple[Present, ...]
    segments: tuple[Segment, ...]
    rights_told_at: dt.datetime | None = None
    undisputed: tuple[str, ...] = ()
    """无争议事实, sentence by sentence."""
    result: Literal["agreed", "not_agreed", "next_time"]
    result_note: str = ""
    next_at: dt.datetime | None = None
    next_place: str = ""


class Note(Doc, frozen=True, kw_only=True, tag_field="type", tag="note"):
    """A remark in the timeline."""

    text: str
    about: str = ""
    """What a note of an act is about: the court's answer that was told (:func:`filings_of.answer_key`),
    :data:`HANDED_OVER` or :data:`APPOINTMENT_MOVED`; empty for a person's own words."""


class Decision(Doc, frozen=True, kw_only=True, tag_field="type", tag="decision"):
    """The timeline's trace of accepting, refusing, handing back or waiving contact."""

    what: Literal["accepted", "refused", "handed_back", "contact_waived"]
    text: str = ""


class SuspensionMark(Doc, frozen=True, kw_only=True, tag_field="type", tag="suspension"):
    """Start or end of a span that does not count."""

    what: Literal["start", "end"]
    reason: str = ""
    day: dt.date
    start_record_id: str = ""


class Signature(Doc, frozen=True, kw_only=True, tag_field="type", tag="signature"):
    """One signature, fingerprint or seal on a paper agreement, with the date written there."""

    agreement_id: str
    signer: SignerKind
    party_id: str = ""
    on: dt.date
    method: Literal["sign", "fingerprint", "sign_fingerprint", "seal", "esign"] = "sign"
    note: str = ""


class Concluded(Doc, frozen=True, kw_only=True, tag_field="type", tag="concluded"):
    """The timeline's trace of the end of mediation."""

    outcome: Outcome
    text: str = ""


class Closed(Doc, frozen=True, kw_only=True, tag_field="type", tag="closed"):
    """The timeline's trace of closing (结案)."""

    text: str = ""


class Performance(Doc, frozen=True, kw_only=True, tag_field="type", tag="performance"):
    """履行: one payment or act received under an agreement."""

    agreement_id: str
    payment_no: int
    on: dt.date
    amount_fen: int = 0
    state: Literal["performed", "partly", "defaulted"] = "performed"
    note: str = ""


class FollowUp(Doc, frozen=True, kw_only=True, tag_field="type", tag="follow_up"):
    """回访 (F08)."""

    performed: Literal["full", "partly", "none", "not_due"]
    satisfaction: Literal["", "good", "fair", "poor"] = ""
    warning: Literal["", "signs", "regret", "urgent"] = ""
    """苗头: signs of a quarrel to come, regret of the agreement, or urgent, so that somebody must be told."""
    text: str = ""


class Notice(Doc, frozen=True, kw_only=True, tag_field="type", tag="notice"):
    """Something the platform tells the institution about a case; made by the platform only."""

    text: str
    code: str = ""


HANDED_OVER = "handed_over"
"""A note of 交接 is about this."""
APPOINTMENT_MOVED = "appointment_moved"
"""A note that 下次调解 was moved or called off is about this."""
CHOSEN = "conflict.resolved"
"""Code of the notice that tells of a choice between two values; its record bears the choice's own id."""


RecordBody = (
    Contact
    | Session
    | Note
    | Decision
    | SuspensionMark
    | Signature
    | Concluded
    | Closed
    | Performance
    | FollowUp
    | Notice
)


class Record(Doc, frozen=True, kw_only=True):
    """One entry of the timeline (经过): append-only, corrected by a superseding record."""

    record_id: str
    case_id: str
    at: dt.datetime
    """When it happened, as the author says."""
    author: str
    """Person id, or ``platform``."""
    body: RecordBody
    supersedes: str = ""

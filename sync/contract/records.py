"""The timeline (经过): what a ``record`` in the feed may hold."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from sync.contract.model import Fen, Id, Long, Model, Outcome, Short


class Contact(Model):
    """One attempt to reach a party."""

    type: Literal["contact"]
    party_id: Id
    channel: Literal["phone", "sms", "visit", "post", "third_party", "platform"]
    result: Literal["willing", "unwilling", "unreached", "considering"]
    said: Long = ""
    reply_by: dt.date | None = None
    remind_at: AwareDatetime | None = None


class Present(Model):
    """A person present at a session."""

    label: Short
    role: Literal["applicant", "respondent", "agent", "mediator", "recorder", "invited"]
    party_id: Short = ""


class Segment(Model):
    """One turn of speech; ``speaker`` is an index into ``present``."""

    speaker: Annotated[int, Field(ge=0)]
    at: AwareDatetime
    text: Long
    step: Annotated[int, Field(ge=1, le=5)] = 2


class Session(Model):
    """人民调解记录 of the n-th session."""

    type: Literal["session"]
    ordinal: Annotated[int, Field(ge=1, le=1000)]
    started_at: AwareDatetime
    ended_at: AwareDatetime
    place: Short
    present: list[Present]
    segments: list[Segment]
    rights_told_at: AwareDatetime | None = None
    undisputed: list[Long] = Field(default_factory=list)
    result: Literal["agreed", "not_agreed", "next_time"]
    result_note: Long = ""
    next_at: AwareDatetime | None = None
    next_place: Short = ""


class Note(Model):
    """A remark; ``about``: of an act, what it is about, such as the court's answer that was told."""

    type: Literal["note"]
    text: Long
    about: Short = ""


class Decision(Model):
    """Trace of accepting, refusing, handing back, waiving contact."""

    type: Literal["decision"]
    what: Literal["accepted", "refused", "handed_back", "contact_waived"]
    text: Long = ""


class SuspensionMark(Model):
    """Start or end of a span that does not count."""

    type: Literal["suspension"]
    what: Literal["start", "end"]
    reason: Long = ""
    day: dt.date
    start_record_id: Short = ""


class Signature(Model):
    """A signature, fingerprint or seal on paper."""

    type: Literal["signature"]
    agreement_id: Id
    signer: Literal["party", "agent", "mediator", "recorder", "seal"]
    party_id: Short = ""
    on: dt.date
    method: Literal["sign", "fingerprint", "sign_fingerprint", "seal", "esign"] = "sign"
    note: Long = ""


class Concluded(Model):
    """Trace of the end of mediation."""

    type: Literal["concluded"]
    outcome: Outcome
    text: Long = ""


class Closed(Model):
    """Trace of closing."""

    type: Literal["closed"]
    text: Long = ""


class Performance(Model):
    """履行."""

    type: Literal["performance"]
    agreement_id: Id
    payment_no: Annotated[int, Field(ge=0)]
    on: dt.date
    amount_fen: Fen = 0
    state: Literal["performed", "partly", "defaulted"] = "performed"
    note: Long = ""


class FollowUp(Model):
    """回访."""

    type: Literal["follow_up"]
    performed: Literal["full", "partly", "none", "not_due"]
    satisfaction: Literal["", "good", "fair", "poor"] = ""
    warning: Literal["", "signs", "regret", "urgent"] = ""
    """有没有苗头: 可能闹大, 想反悔, 很急."""
    text: Long = ""


class Notice(Model):
    """Something the platform says about a case; only the platform makes these."""

    type: Literal["notice"]
    text: Long
    code: Short = ""


RecordBody = Annotated[
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
    | Notice,
    Field(discriminator="type"),
]


class Record(Model):
    """One entry of the timeline: append-only; ``supersedes`` names the entry it corrects."""

    record_id: Id
    case_id: Id
    at: AwareDatetime
    author: Id
    body: RecordBody
    supersedes: Short = ""

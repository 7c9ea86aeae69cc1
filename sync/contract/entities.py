"""Documents in the feed: case, party, record, agreement, attachment, submission.

Instants are RFC 3339 in UTC (``…Z``), legal days are dates in Asia/Shanghai, money is an integer of 分.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from sync.contract.model import Fen, Id, Long, Model, Outcome, Sha256, Short
from sync.contract.records import Record

EntityName = Literal["case", "party", "record", "agreement", "attachment", "submission"]
Source = Literal["platform", "walk_in", "own_motion", "court", "procuratorate", "police", "petition", "other"]
Form = Literal["written", "oral"]
LawKind = Literal["people", "labour", "medical", "rural_land", "court_delegated", "online", "commercial"]
SubmissionKind = Literal["judicial_confirmation", "arbitration_confirmation", "arbitration", "suit"]


class Refusal(Model):
    """不予受理: ground, facts, legal basis, next routes (办法 第九条)."""

    ground_code: Short
    ground: Long
    facts: Long
    basis: list[Long]
    next_routes: list[Long]
    notice_no: Short = ""
    approved_by: Short = ""


class Suspension(Model):
    """A span that does not count; ``last_day`` null while it runs."""

    record_id: Id
    reason: Long
    first_day: dt.date
    last_day: dt.date | None = None


class Conclusion(Model):
    """How mediation ended (办法 第十一条)."""

    outcome: Outcome
    at: AwareDatetime
    ground: Long = ""
    focus: Long = ""
    remedies: list[Long] = Field(default_factory=list)
    remedies_told_at: AwareDatetime | None = None
    method: Short = ""
    summary: Long = ""


class Case(Model):
    """Header of a dispute: 办件 before acceptance, 案件 after. ``state``: see ``states.json``."""

    case_id: Id
    source: Source
    state: Short
    title: Annotated[str, Field(min_length=1, max_length=200)]
    dispute_kind: Short
    received_at: AwareDatetime
    intake_no: Short = ""
    number: Short = ""
    platform_kind: Short = ""
    applied_at: AwareDatetime | None = None
    claims: Long = ""
    facts: Long = ""
    occurred_on: Short = ""
    occurred_place: Short = ""
    township: Short = ""
    district: Short = ""
    amount_fen: Fen | None = None
    contact_waiver: Long = ""
    mediator_id: Short = ""
    clerk_id: Short = ""
    accepted_at: AwareDatetime | None = None
    decided_at: AwareDatetime | None = None
    refusal: Refusal | None = None
    handback_reason: Long = ""
    suspensions: list[Suspension] = Field(default_factory=list)
    law_kind: LawKind = "people"
    agreement_id: Short = ""
    agreement_form: Form | None = None
    conclusion: Conclusion | None = None
    decided_by: Short = ""
    closed_at: AwareDatetime | None = None
    archived_at: AwareDatetime | None = None
    inviting_court: Short = ""
    next_session_at: AwareDatetime | None = None
    next_session_place: Short = ""


class Agent(Model):
    """代理人."""

    name: Short
    relation: Short = ""
    id_kind: Short = "resident"
    id_number: Short = ""
    phone: Short = ""
    authority: Literal["ordinary", "special"] = "ordinary"
    evidence_attachment_id: Short = ""


class Party(Model):
    """当事人."""

    party_id: Id
    case_id: Id
    side: Literal["applicant", "respondent", "third"]
    ordinal: Annotated[int, Field(ge=0, le=10_000)]
    kind: Literal["person", "organisation"] = "person"
    name: Annotated[str, Field(min_length=1, max_length=200)]
    gender: Literal["", "male", "female"] = ""
    ethnicity: Short = ""
    birth_date: dt.date | None = None
    id_kind: Short = ""
    id_number: Short = ""
    occupation: Short = ""
    phone: Short = ""
    no_phone_reason: Short = ""
    email: Short = ""
    address: Short = ""
    township: Short = ""
    district: Short = ""
    service_address: Short = ""
    legal_representative: Short = ""
    legal_representative_title: Short = ""
    contact_person: Short = ""
    agent: Agent | None = None


class Clause(Model):
    """A numbered clause."""

    no: Annotated[int, Field(ge=1)]
    text: Long


class Payment(Model):
    """An instalment."""

    no: Annotated[int, Field(ge=1)]
    payer_party_id: Id
    payee_party_id: Id
    amount_fen: Fen
    due_on: dt.date | None = None
    on_signing: bool = False
    method: Short = ""
    account_tail: Short = ""


class Agreement(Model):
    """人民调解协议书, one version."""

    agreement_id: Id
    case_id: Id
    version_no: Annotated[int, Field(ge=1)]
    form: Form = "written"
    law_kind: LawKind = "people"
    number: Short = ""
    facts: Long = ""
    clauses: list[Clause] = Field(default_factory=list)
    payments: list[Payment] = Field(default_factory=list)
    total_fen: Fen | None = None
    performance: Long = ""
    perform_by: dt.date | None = None
    """The day by which what is no payment is done, that day included (履行时限)."""
    copies: Annotated[int, Field(ge=0, le=1000)] = 3
    party_ids: list[Id] = Field(default_factory=list)
    mediator_id: Short = ""
    recorder_id: Short = ""
    finalised_at: AwareDatetime
    dated_on: dt.date | None = None
    """协议日期, the date on the paper: not after the day of ``finalised_at``; signatures are not dated
    before it. Absent: the day of ``finalised_at`` in Shanghai."""
    overrides: list[Long] = Field(default_factory=list)
    needs_recorder: bool = False
    omitted_ids: list[Id] | None = None
    """Parties of the case that its author knew of and left out; absent where that was not kept."""


class Attachment(Model):
    """A declared file. ``stored`` is the platform's word: it holds bytes whose hash it has checked."""

    attachment_id: Id
    case_id: Id
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    name: Short
    media_type: Short
    role: Literal["evidence", "photo", "scan", "identity", "paper", "application", "result", "other"]
    title: Short = ""
    provided_by: Short = ""
    original: Literal["original", "copy", "photo", "recording", "electronic"] = "copy"
    pages: Annotated[int, Field(ge=0)] | None = None
    added_at: AwareDatetime
    added_by: Id
    stored: bool = False
    material: Short = ""
    """Code of the material list this file answers (材料清单), or empty."""


class ResultDocument(Model):
    """A document from the court or the arbitration institution; fetch it by ``sha256``."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    name: Short
    media_type: Short


class SubmissionEvent(Model):
    """One step of a submission."""

    at: AwareDatetime
    state: Short
    code: Short = ""
    """``withdrawal_asked``: the parties asked to withdraw; the state stays until the court says."""
    note: Long = ""
    asked: list[Long] = Field(default_factory=list)
    answer_by: dt.date | None = None
    documents: list[ResultDocument] = Field(default_factory=list)


class ManifestItem(Model):
    """One file of the material pack (材料包)."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    name: Short
    material: Short


class Submission(Model):
    """A filing. ``state``: machine ``filing`` of ``states.json``."""

    submission_id: Id
    case_id: Id
    kind: SubmissionKind
    subject_id: Id
    round: Annotated[int, Field(ge=1, le=100)]
    state: Short
    court_code: Short = ""
    court_name: Short = ""
    manifest_no: Annotated[int, Field(ge=0)] = 0
    events: list[SubmissionEvent] = Field(default_factory=list)
    court_number: Short = ""


ENTITIES: dict[str, type[Model]] = {
    "case": Case,
    "party": Party,
    "record": Record,
    "agreement": Agreement,
    "attachment": Attachment,
    "submission": Submission,
}

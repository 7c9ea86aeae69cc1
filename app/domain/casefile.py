"""The documents a case consists of, as both sides of the wire know them.

One case is a header (:class:`Case`) and its parties, records, agreements, attachments and
submissions. Each is an immutable value with a JSON form (msgspec), keyed by its own id. Instants are
aware UTC datetimes; legal days are dates in Shanghai; money is an integer number of 分.

msgspec structs are used where the house says "frozen dataclasses": they are frozen too, and they read
and check their JSON form an order of magnitude faster, which first sync needs.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from app.domain.entries import (
    Closed,
    Concluded,
    Contact,
    Decision,
    Doc,
    FollowUp,
    Note,
    Notice,
    Outcome,
    Performance,
    Present,
    Record,
    RecordBody,
    Segment,
    Session,
    Signature,
    SignerKind,
    SuspensionMark,
)

__all__ = [
    "TYPES",
    "Agent",
    "Agreement",
    "AgreementForm",
    "Attachment",
    "Case",
    "Clause",
    "Closed",
    "Concluded",
    "Conclusion",
    "Contact",
    "Decision",
    "Doc",
    "Entity",
    "FollowUp",
    "LawKind",
    "ManifestItem",
    "Note",
    "Notice",
    "Outcome",
    "Party",
    "Payment",
    "Performance",
    "Present",
    "Record",
    "RecordBody",
    "Refusal",
    "ResultDocument",
    "Segment",
    "Session",
    "Side",
    "Signature",
    "SignerKind",
    "Source",
    "Submission",
    "SubmissionEvent",
    "SubmissionKind",
    "Suspension",
    "SuspensionMark",
    "decode",
    "encode",
    "key_of",
]  # fmt: skip

Source = Literal[
    "platform",  # 解纷“一件事”转派
    "walk_in",  # 来访（当事人申请）
    "own_motion",  # 人民调解委员会主动调解
    "court",  # 法院委托、委派
    "procuratorate",  # 检察院移送
    "police",  # 公安移送
    "petition",  # 信访移送
    "other",  # 其他移送
]
Side = Literal["applicant", "respondent", "third"]
AgreementForm = Literal["written", "oral"]
LawKind = Literal[
    "people",  # 人民调解 (人民调解法 2010, 29)
    "labour",  # 劳动争议调解 (劳动争议调解仲裁法 2007, 14)
    "medical",  # 医疗纠纷 (国务院令 701 号, 39)
    "rural_land",  # 农村土地承包 (农村土地承包经营纠纷调解仲裁法 2009, 10)
    "court_delegated",  # 法院委派 (特邀调解规定 2016, 24)
    "online",  # 在线签章 (人民法院在线调解规则 2021, 19)
    "commercial",  # 商事调解 (商事调解条例 2026, 22)
]
SubmissionKind = Literal["judicial_confirmation", "arbitration_confirmation", "arbitration", "suit"]


class Refusal(Doc, frozen=True, kw_only=True):
    """不予受理: ground, facts, basis and next routes are all needed (办法 第九条)."""

    ground_code: str
    ground: str
    facts: str
    basis: tuple[str, ...]
    next_routes: tuple[str, ...]
    notice_no: str = ""
    approved_by: str = ""


class Suspension(Doc, frozen=True, kw_only=True):
    """A span that does not count towards the mediation period, such as an appraisal (鉴定)."""

    record_id: str
    reason: str
    first_day: dt.date
    last_day: dt.date | None = None
    """Last day not counted; ``None`` while still running."""


class Conclusion(Doc, frozen=True, kw_only=True):
    """How mediation ended: outcome, and for a failure the grounds and the remedies told (办法 第十一条)."""

    outcome: Outcome
    at: dt.datetime
    ground: str = ""
    focus: str = ""
    """争议焦点"""
    remedies: tuple[str, ...] = ()
    """救济途径 as told to the parties, in sentences."""
    remedies_told_at: dt.datetime | None = None
    method: str = ""
    """化解方式, required at closing by the platform."""
    summary: str = ""


class Case(Doc, frozen=True, kw_only=True):
    """Header of one dispute (办件 before acceptance, 案件 after)."""

    case_id: str
    source: Source
    state: str
    title: str
    """案件简称: never holds personal data."""
    dispute_kind: str
    """Code of the 18-class taxonomy (``resources/legal/dispute_kinds.json``)."""
    received_at: dt.datetime
    """When the institution received it: default start of the contact period."""
    intake_no: str = ""
    """办件编号, given by the city's 办件库; platform-owned."""
    number: str = ""
    """案号 of the institution."""
    platform_kind: str = ""
    applied_at: dt.datetime | None = None
    claims: str = ""
    facts: str = ""
    occurred_on: str = ""
    occurred_place: str = ""
    township: str = ""
    """街镇: the finest place that may be shared."""
    district: str = ""
    amount_fen: int | None = None
    contact_waiver: str = ""
    """Reason why the respondent's wish need not be asked (办法 第九条), else empty."""
    mediator_id: str = ""
    clerk_id: str = ""
    accepted_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    refusal: Refusal | None = None
    handback_reason: str = ""
    suspensions: tuple[Suspension, ...] = ()
    law_kind: LawKind = "people"
    agreement_id: str = ""
    agreement_form: AgreementForm | None = None
    conclusion: Conclusion | None = None
    decided_by: str = ""
    """Id of the command of the last decision (受理, 定稿, 结案 …), contact or session; empty before the
    first. The next one rests on it, as the same state may be there again by other decisions."""
    closed_at: dt.datetime | None = None
    archived_at: dt.datetime | None = None
    inviting_court: str = ""
    """Code of the court that invited or delegated mediation (民诉法 205(一)); empty otherwise."""
    next_session_at: dt.datetime | None = None
    next_session_place: str = ""


class Agent(Doc, frozen=True, kw_only=True):
    """代理人 of a party (民法典 165; before a court 民诉法 61, 62)."""

    name: str
    relation: str = ""
    id_kind: str = "resident"
    id_number: str = ""
    phone: str = ""
    authority: Literal["ordinary", "special"] = "ordinary"
    """special: may admit, waive, change claims, settle."""
    evidence_attachment_id: str = ""


class Party(Doc, frozen=True, kw_only=True):
    """当事人: a person or an organisation on one side of a case."""

    party_id: str
    case_id: str
    side: Side
    ordinal: int
    kind: Literal["person", "organisation"] = "person"
    name: str
    gender: Literal["", "male", "female"] = ""
    ethnicity: str = ""
    birth_date: dt.date | None = None
    id_kind: str = ""
    """resident, residence_permit, foreign_permanent, hm_pass, tw_pass, passport, other, uscc."""
    id_number: str = ""
    occupation: str = ""
    phone: str = ""
    no_phone_reason: str = ""
    email: str = ""
    address: str = ""
    township: str = ""
    district: str = ""
    service_address: str = ""
    """送达地址"""
    legal_representative: str = ""
    legal_representative_title: str = ""
    contact_person: str = ""
    agent: Agent | None = None


class Clause(Doc, frozen=True, kw_only=True):
    """One numbered clause of an agreement's 协议内容."""

    no: int
    text: str


class Payment(Doc, frozen=True, kw_only=True):
    """One instalment: who pays whom, how much, by when (that day included)."""

    no: int
    payer_party_id: str
    payee_party_id: str
    amount_fen: int
    due_on: dt.date | None = None
    on_signing: bool = False
    """Paid on the day of signing instead of by a date."""
    method: str = ""
    account_tail: str = ""


class Agreement(Doc, frozen=True, kw_only=True):
    """人民调解协议书 (F06), one version; a new version is signed anew."""

    agreement_id: str
    case_id: str
    version_no: int
    form: AgreementForm = "written"
    law_kind: LawKind = "people"
    number: str = ""
    facts: str = ""
    """纠纷主要事实、争议事项"""
    clauses: tuple[Clause, ...] = ()
    payments: tuple[Payment, ...] = ()
    total_fen: int | None = None
    performance: str = ""
    """履行方式、时限"""
    perform_by: dt.date | None = None
    """The day by which what is no payment is done, that day included; ``None`` where the text names none."""
    copies: int = 3
    party_ids: tuple[str, ...] = ()
    mediator_id: str = ""
    recorder_id: str = ""
    finalised_at: dt.datetime
    """When the text was fixed on the computer."""
    dated_on: dt.date | None = None
    """协议日期: the date the paper bears. Earlier than ``finalised_at`` where a paper written and signed
    on site is typed afterwards; ``None`` on a draft means the day it will be fixed."""
    overrides: tuple[str, ...] = ()
    """Reasons given for going on although a check said 必须改; they go into the file."""
    needs_recorder: bool = False
    omitted_ids: tuple[str, ...] | None = None
    """Parties of the case, when the text was fixed, that do not stand on it; ``None`` where not kept."""


class Attachment(Doc, frozen=True, kw_only=True):
    """A file of the case; its bytes live in the vault and at the platform."""

    attachment_id: str
    case_id: str
    sha256: str
    size: int
    name: str
    media_type: str
    role: Literal["evidence", "photo", "scan", "identity", "paper", "application", "result", "other"]
    title: str = ""
    provided_by: str = ""
    """Party id, or empty."""
    original: Literal["original", "copy", "photo", "recording", "electronic"] = "copy"
    pages: int | None = None
    material: str = ""
    """Code of the material list that this file fulfils, such as ``application``; empty for none."""
    added_at: dt.datetime
    added_by: str
    stored: bool = False
    """True once the platform holds bytes whose hash it has checked; platform-owned."""


class ResultDocument(Doc, frozen=True, kw_only=True):
    """A document that came back from the court or arbitration institution."""

    sha256: str
    size: int
    name: str
    media_type: str


class SubmissionEvent(Doc, frozen=True, kw_only=True):
    """One step of a submission, as the platform tells it."""

    at: dt.datetime
    state: str
    code: str = ""
    """``withdrawal_asked`` where the parties asked to withdraw; else empty."""
    note: str = ""
    asked: tuple[str, ...] = ()
    """What the court wants supplemented."""
    answer_by: dt.date | None = None
    documents: tuple[ResultDocument, ...] = ()


class ManifestItem(Doc, frozen=True, kw_only=True):
    """One file of a submission's material pack (材料包)."""

    sha256: str
    size: int
    name: str
    material: str
    """Code of the material list, such as ``application``."""


class Submission(Doc, frozen=True, kw_only=True):
    """A filing through the platform: 司法确认, 仲裁确认, 仲裁, 起诉."""

    submission_id: str
    case_id: str
    kind: SubmissionKind
    subject_id: str
    """Agreement id where there is one, else the case id."""
    round: int
    state: str
    """State of the ``filing`` machine in ``resources/contract/states.json``."""
    court_code: str = ""
    court_name: str = ""
    manifest_no: int = 0
    events: tuple[SubmissionEvent, ...] = ()
    court_number: str = ""
    """Court's own number, such as （2026）沪…诉前调确…号."""


Entity = Literal["case", "party", "record", "agreement", "attachment", "submission"]

TYPES: dict[str, type[Doc]] = {
    "case": Case,
    "party": Party,
    "record": Record,
    "agreement": Agreement,
    "attachment": Attachment,
    "submission": Submission,
}


def key_of(entity: str, doc: Doc) -> str:
    """The id of ``doc`` within its entity."""
    return str(getattr(doc, f"{entity}_id"))


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}


def encode(doc: Doc) -> bytes:
    """The JSON form, keys sorted, UTF-8."""
    return _ENCODER.encode(doc)


def decode(entity: str, body: bytes | str) -> Doc:
    """The value behind a JSON form. Raises ``msgspec.ValidationError`` when it does not fit."""
    return _DECODERS[entity].decode(body)

"""Commands: what a person did to a case, signed when written, sent once and kept for ever.

A command's *canonical bytes* are its JSON with keys sorted, no spaces, UTF-8, holding only strings,
integers, booleans, null, arrays and objects (a subset of RFC 8785). They are built here, once, stored
in the outbox and never built again: an upgrade must not change a hash. The signature (Ed25519) and the
chain hash (SHA-256) are over these bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, get_args

import msgspec

from app.domain.casefile import (
    Agreement,
    Attachment,
    Case,
    Conclusion,
    Doc,
    Party,
    Record,
    Refusal,
)

SCHEMA_VERSION = 1
GENESIS = "0" * 64
"""``prev_hash`` of the first command in a lane."""


class Payload(Doc, frozen=True, kw_only=True):
    """Base of command payloads."""


class RegisterCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.register"):
    """来访、移送、主动调解: a case that did not come from the platform."""

    case: Case
    parties: tuple[Party, ...]


class RecordContact(Payload, frozen=True, kw_only=True, tag_field="kind", tag="contact.record"):
    """联系被申请人 (办法 第九条). ``result`` repeats the record's for the state table."""

    record: Record
    result: str


class WaiveContact(Payload, frozen=True, kw_only=True, tag_field="kind", tag="contact.waive"):
    """The respondent's wish need not be asked; the reason is kept."""

    record: Record
    reason: str


class AcceptCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.accept"):
    """受理."""

    record: Record
    accepted_at: dt.datetime
    number: str
    mediator_id: str
    notice_no: str = ""


class RefuseCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.refuse"):
    """不予受理, with reasons fed back (办法 第九条)."""

    record: Record
    decided_at: dt.datetime
    refusal: Refusal


class HandBackCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.hand_back"):
    """退回平台."""

    record: Record
    decided_at: dt.datetime
    reason: str


class EditCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.edit"):
    """Descriptive fields of the header; merged per field. Values are JSON scalars."""

    fields: dict[str, str | int | bool | None]


class AddParty(Payload, frozen=True, kw_only=True, tag_field="kind", tag="party.add"):
    """One more party."""

    party: Party


class EditParty(Payload, frozen=True, kw_only=True, tag_field="kind", tag="party.edit"):
    """Descriptive fields of a party; merged per field. ``agent`` is replaced whole."""

    party_id: str
    fields: dict[str, Any]


class RecordSession(Payload, frozen=True, kw_only=True, tag_field="kind", tag="session.record"):
    """A finished mediation session; the next one that it names is set beside it, as an edit of the case."""

    record: Record


class AddRecord(Payload, frozen=True, kw_only=True, tag_field="kind", tag="record.add"):
    """An append-only record that moves no state: note, performance, follow-up, correction."""

    record: Record


class MarkSuspension(Payload, frozen=True, kw_only=True, tag_field="kind", tag="suspension.mark"):
    """Start or end of a span that does not count."""

    record: Record


class DeclareAttachment(Payload, frozen=True, kw_only=True, tag_field="kind", tag="attachment.declare"):
    """A file exists (hash, size); its bytes follow on their own."""

    attachment: Attachment


class FinaliseAgreement(Payload, frozen=True, kw_only=True, tag_field="kind", tag="agreement.finalise"):
    """The text of an agreement version is fixed, to be signed."""

    agreement: Agreement


class RegisterSignature(Payload, frozen=True, kw_only=True, tag_field="kind", tag="signature.register"):
    """One signature, fingerprint or seal with its date on paper."""

    record: Record


class ConcludeCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.conclude"):
    """Mediation ended without an agreement. ``outcome`` repeats the conclusion's for the state table."""

    record: Record
    conclusion: Conclusion
    outcome: str


class ResumeCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.resume"):
    """再谈一次: back to mediating."""

    record: Record


class CloseCase(Payload, frozen=True, kw_only=True, tag_field="kind", tag="case.close"):
    """结案."""

    record: Record
    closed_at: dt.datetime
    conclusion: Conclusion


class ResolveConflict(Payload, frozen=True, kw_only=True, tag_field="kind", tag="conflict.resolve"):
    """A person chose between two values of the same fields; wins over both (base_values = theirs)."""

    entity: str
    entity_id: str
    fields: dict[str, Any]
    settles: str
    """Command id whose conflict this settles."""
    choice: str
    """mine, theirs or edited."""
    also: tuple[str, ...] = ()
    """Ids of earlier commands whose conflict on the same fields this settles too."""


AnyPayload = (
    RegisterCase
    | RecordContact
    | WaiveContact
    | AcceptCase
    | RefuseCase
    | HandBackCase
    | EditCase
    | AddParty
    | EditParty
    | RecordSession
    | AddRecord
    | MarkSuspension
    | DeclareAttachment
    | FinaliseAgreement
    | RegisterSignature
    | ConcludeCase
    | ResumeCase
    | CloseCase
    | ResolveConflict
)

KINDS = frozenset(str(payload.__struct_config__.tag) for payload in get_args(AnyPayload))
"""Names of all commands."""

EDITABLE_CASE_FIELDS = frozenset(
    {
        "title", "dispute_kind", "claims", "facts", "occurred_on", "occurred_place", "township", "district",
        "amount_fen", "mediator_id", "clerk_id", "law_kind", "inviting_court", "next_session_at",
        "next_session_place",
    }
)  # fmt: skip
EDITABLE_PARTY_FIELDS = frozenset(
    {
        "name", "gender", "ethnicity", "birth_date", "id_kind", "id_number", "occupation", "phone",
        "no_phone_reason", "email", "address", "township", "district", "service_address",
        "legal_representative", "legal_representative_title", "contact_person", "agent", "kind",
    }
)  # fmt: skip
COMPARE_AND_SET = frozenset(
    {
        "contact.waive", "case.accept", "case.refuse", "case.hand_back", "agreement.finalise",
        "case.conclude", "case.resume", "case.close",
    }
)  # fmt: skip
"""Commands that conflict, instead of merging, when their ``base_values`` no longer hold."""
RESTED_ON = COMPARE_AND_SET | {"contact.record", "session.record"}
"""What the next of them rests on (``decided_by``): the decision before it, or what was said last, by a party
or in a session."""
ON_THE_AGREEMENT = frozenset({"agreement.finalise", "case.resume", "case.close"})
"""Of these, the ones that rest on which agreement stands (``agreement_id``)."""
ON_THE_CONCLUSION = frozenset({"case.resume", "case.close"})
"""Of these, the ones that rest on how mediation ended (``conclusion``)."""
SUSPENSIONS = "suspensions"
"""In ``base_values``: the spans that do not count (暂停计时), as the author saw them."""
ON_THE_CLOCK = frozenset({"case.conclude", "agreement.finalise"})
"""Of these, the ones that end the time for mediation: they rest on :data:`SUSPENSIONS`."""
ON_THE_APPOINTMENT = frozenset({"case.conclude", "case.refuse", "case.hand_back"})
"""Of these, the ones after which nobody meets the parties here any more: they rest on :data:`APPOINTED`. To
sign what was agreed the parties may well meet once more."""
ON_THE_PARTIES = frozenset({"agreement.finalise"})
"""Of these, the one that says between whom it is: it rests on :data:`PARTIES`."""
UNDOING_AGREEMENT = frozenset({"agreement.finalise", "case.resume"})
"""Of these, the ones that take an agreement out of force: they rest on how far it is signed, too."""
SIGNED = "signed"
"""In ``base_values``: the places of the standing agreement that the author saw signed."""
PERFORMED = "performed"
"""In ``base_values`` of :data:`ON_THE_AGREEMENT`: the entries of what was performed under the standing
agreement that the author saw, and what was said of that in a 回访."""
APPOINTED = "appointment"
"""In ``base_values`` of :data:`ON_THE_APPOINTMENT`: the next session (:data:`APPOINTMENT`) as the author saw
it."""
PARTIES = "parties"
"""In ``base_values`` of :data:`ON_THE_PARTIES`: the parties of the case that the author saw."""
FILINGS_OVER = "filings_over"
"""In ``base_values`` of :data:`MOVING_AGREEMENT`: the filings about the standing agreement that the author
saw ended. A restored platform that has one as under way lets the command wait instead of refusing it."""
BESIDE = frozenset({SIGNED, PERFORMED, APPOINTED, PARTIES, FILINGS_OVER})
"""In ``base_values``: what was seen that is no field of the case."""
MOVING_AGREEMENT = UNDOING_AGREEMENT | {"signature.register"}
"""The commands that a filing about the agreement holds up."""
APPOINTMENT = frozenset({"next_session_at", "next_session_place"})
"""Hour and room of the next session (下次调解): one thing wherever it is written, disputed or chosen."""


class Command(Doc, frozen=True, kw_only=True):
    """The envelope. ``base_values`` are the values the author saw in the fields the command replaces."""

    command_id: str
    device_id: str
    dev_seq: int
    author: str
    case_id: str
    lane_seq: int
    prev_hash: str
    base_version: int
    base_values: dict[str, Any]
    schema_version: int
    written_at: dt.datetime
    payload: AnyPayload
    payload_sha256: str

    @property
    def kind(self) -> str:
        """Name of the command, such as ``case.accept``."""
        return kind_of(self.payload)


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(Command)


def kind_of(payload: AnyPayload) -> str:
    """Name of the command a payload makes."""
    return str(payload.__struct_config__.tag)


def canonical(value: object) -> bytes:
    """Canonical bytes of a value without floats."""
    return _ENCODER.encode(value)


def payload_hash(payload: AnyPayload) -> str:
    """SHA-256 of the payload's canonical bytes, hex."""
    return hashlib.sha256(canonical(payload)).hexdigest()


def command_hash(command_bytes: bytes) -> str:
    """SHA-256 of a command's canonical bytes, hex: the next ``prev_hash`` in its lane."""
    return hashlib.sha256(command_bytes).hexdigest()


def decode(command_bytes: bytes) -> Command:
    """The command behind stored canonical bytes."""
    return _DECODER.decode(command_bytes)

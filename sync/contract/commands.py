"""Commands: the signed envelope, its payloads, and the platform's answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from sync.contract.entities import (
    Agreement,
    Attachment,
    Case,
    Conclusion,
    EntityName,
    Party,
    Refusal,
)
from sync.contract.model import Base64, Count, Id, Long, Model, Sha256, Short
from sync.contract.records import Record
from sync.contract.resting import APPOINTED as APPOINTED
from sync.contract.resting import APPOINTMENT as APPOINTMENT
from sync.contract.resting import BESIDE as BESIDE
from sync.contract.resting import COMPARE_AND_SET as COMPARE_AND_SET
from sync.contract.resting import FILINGS_OVER as FILINGS_OVER
from sync.contract.resting import LEGAL_COMMANDS as LEGAL_COMMANDS
from sync.contract.resting import LEGAL_FIELDS as LEGAL_FIELDS
from sync.contract.resting import MEDIATION_OVER as MEDIATION_OVER
from sync.contract.resting import ON_THE_AGREEMENT as ON_THE_AGREEMENT
from sync.contract.resting import ON_THE_APPOINTMENT as ON_THE_APPOINTMENT
from sync.contract.resting import ON_THE_CLOCK as ON_THE_CLOCK
from sync.contract.resting import ON_THE_CONCLUSION as ON_THE_CONCLUSION
from sync.contract.resting import ON_THE_PARTIES as ON_THE_PARTIES
from sync.contract.resting import PARTIES as PARTIES
from sync.contract.resting import PERFORMED as PERFORMED
from sync.contract.resting import RESTED_ON as RESTED_ON
from sync.contract.resting import SIGNABLE as SIGNABLE
from sync.contract.resting import SIGNED as SIGNED
from sync.contract.resting import SUSPENSIONS as SUSPENSIONS
from sync.contract.resting import UNDOING_AGREEMENT as UNDOING_AGREEMENT

SCHEMA_VERSION = 1
MAX_COMMANDS = 100
MAX_BYTES = 1_000_000


class RegisterCase(Model):
    """来访、移送、主动调解: a case that did not come from the platform."""

    kind: Literal["case.register"]
    case: Case
    parties: Annotated[list[Party], Field(max_length=200)]


class RecordContact(Model):
    """联系被申请人. ``result`` repeats the record's."""

    kind: Literal["contact.record"]
    record: Record
    result: Literal["willing", "unwilling", "unreached", "considering"]


class WaiveContact(Model):
    """The respondent's wish need not be asked."""

    kind: Literal["contact.waive"]
    record: Record
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class AcceptCase(Model):
    """受理."""

    kind: Literal["case.accept"]
    record: Record
    accepted_at: AwareDatetime
    number: Annotated[str, Field(min_length=1, max_length=100)]
    mediator_id: Id
    notice_no: Short = ""


class RefuseCase(Model):
    """不予受理. ``base_values``: ``state`` and ``appointment``, as ``case.conclude``."""

    kind: Literal["case.refuse"]
    record: Record
    decided_at: AwareDatetime
    refusal: Refusal


class HandBackCase(Model):
    """退回平台. ``base_values``: ``state`` and ``appointment``, as ``case.conclude``."""

    kind: Literal["case.hand_back"]
    record: Record
    decided_at: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class EditCase(Model):
    """Descriptive fields of the header; merged per field, hour and room of the next session as one.

    One of the two without the other is rejected (``field``), and a session appointed once mediation is over
    (``state``). Where one clashes nothing of the pair is taken,
    and both are told in ``current``.
    """

    kind: Literal["case.edit"]
    fields: dict[str, str | int | bool | None]


class AddParty(Model):
    """One more party."""

    kind: Literal["party.add"]
    party: Party


class EditParty(Model):
    """Descriptive fields of a party; merged per field, ``agent`` whole."""

    kind: Literal["party.edit"]
    party_id: Id
    fields: dict[str, Any]


class RecordSession(Model):
    """A finished session. The next session of the case is no part of it: it is an edit of the case."""

    kind: Literal["session.record"]
    record: Record


class AddRecord(Model):
    """A record that moves no state. Of what was performed (``performance``) it is rejected (``state``) on an
    agreement that does not stand, as a signature is."""

    kind: Literal["record.add"]
    record: Record


class MarkSuspension(Model):
    """Start or end of a span that does not count. A start is rejected (``state``) once mediation is over: no
    time runs that could stop. The end of a span is taken in any state. The spans that the author saw are in
    ``base_values`` (``suspensions``): a start beside a span that runs, and another last day than one that was
    not seen, conflict."""

    kind: Literal["suspension.mark"]
    record: Record


class DeclareAttachment(Model):
    """A file exists; its bytes follow on their own."""

    kind: Literal["attachment.declare"]
    attachment: Attachment


class FinaliseAgreement(Model):
    """The text of an agreement version is fixed.

    ``base_values``: ``state``, ``suspensions``, ``parties``, ``agreement_id`` and, where an agreement stands,
    ``signed`` and ``performed``: the places of it that the author saw signed, and the entries of what was
    performed, with the 回访 that tell of it (``follow_up``, other than ``not_due``). One more meanwhile is a
    conflict: what the parties signed, or performed, is not replaced unseen. So is a party not in ``parties``
    whom the text does not name: some may settle without the others. An appointment does not hinder: the
    parties may meet to sign. As ``case.resume``, and another day of a signature, it is rejected
    (``filed_meanwhile``) while an application about the agreement is with the court, also where a restored
    platform forgot that:
    until that is let go, not admitted or dismissed, and under a ruling that confirms it. ``filings_over``:
    those that the author saw ended; where a restored platform has one open, it waits (``behind_lost``).
    What a court asks for goes as a supplement; what it finds unclear it dismisses (民事诉讼法 206).
    """

    kind: Literal["agreement.finalise"]
    agreement: Agreement


class RegisterSignature(Model):
    """One signature or seal. Rejected (``state``) on an agreement that does not stand: replaced by another
    version, or talked about again. Rejected (``signed_otherwise``) where the place is signed on another day,
    or by another (``signer``: the party itself, or its agent), unless ``record.supersedes`` names an entry
    that says what stands: neither is moved unseen. Of several entries for a place counts the one put right
    most often, then the later. With the court (``filed_meanwhile``) neither moves, but to an entry that stood
    when it was handed in."""

    kind: Literal["signature.register"]
    record: Record


class ConcludeCase(Model):
    """Mediation ended without an agreement. ``outcome`` repeats the conclusion's. ``base_values``: ``state``,
    ``suspensions`` and ``appointment`` (``next_session_at`` and ``next_session_place`` as seen); a span that
    began or ended, or a session that was appointed or called off unseen conflicts."""

    kind: Literal["case.conclude"]
    record: Record
    conclusion: Conclusion
    outcome: Literal["failed", "withdrawn", "terminated"]


class ResumeCase(Model):
    """再谈一次. ``base_values`` as of ``agreement.finalise``, and ``conclusion``."""

    kind: Literal["case.resume"]
    record: Record


class CloseCase(Model):
    """结案. ``base_values``: ``state``, ``agreement_id``, ``conclusion`` and, where an agreement stands,
    ``performed``: whether it is kept is told at closing."""

    kind: Literal["case.close"]
    record: Record
    closed_at: AwareDatetime
    conclusion: Conclusion


CHOSEN = "conflict.resolved"
"""Code of the notice that tells of a choice between two values."""


MAX_SETTLED = 1000
"""How many earlier commands one choice may settle beside the one that it names."""


class ResolveConflict(Model):
    """A person's choice between two values; ``base_values`` of the envelope are theirs as seen.

    Once it is taken the platform tells the case's other computers: a ``notice`` record of the code
    ``conflict.resolved`` that bears the id of this command and says who chose, what it was about and which of
    the values. No value of a party's stands in it.

    Hour and room of the next session are chosen as one: one without the other is rejected (``field``), and
    where either moved on both conflict, and are told in ``current``.

    ``also`` names the earlier commands whose conflict on the same fields the choice settles with the one of
    ``settles``: values written one upon the other, and a choice that met another value itself.
    """

    kind: Literal["conflict.resolve"]
    entity: EntityName
    entity_id: Id
    fields: dict[str, Any]
    settles: Id
    choice: Literal["mine", "theirs", "edited"]
    also: Annotated[list[Id], Field(max_length=MAX_SETTLED)] = Field(default_factory=list)


Payload = Annotated[
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
    | ResolveConflict,
    Field(discriminator="kind"),
]

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


class Command(Model):
    """The envelope. Its canonical bytes are hashed (chain) and signed (Ed25519)."""

    command_id: Id
    device_id: Id
    dev_seq: Annotated[Count, Field(ge=1)]
    author: Id
    case_id: Id
    lane_seq: Annotated[Count, Field(ge=1)]
    prev_hash: Sha256
    base_version: Count
    base_values: dict[str, Any]
    schema_version: Annotated[Count, Field(ge=1)]
    written_at: AwareDatetime
    payload: Payload
    payload_sha256: Sha256


class SignedCommand(Model):
    """A command and the author's signature over its canonical bytes."""

    command: dict[str, Any]
    """A :class:`Command`; read as it stands, so that its bytes and hash stay what the author signed."""
    signature: Base64


class CommandsIn(Model):
    """Body of ``POST /commands``: at most 100 commands or 1 MB, of one lane in order."""

    commands: Annotated[list[SignedCommand], Field(min_length=1, max_length=MAX_COMMANDS)]


Status = Literal["applied", "merged", "duplicate", "conflict", "rejected", "deferred"]


class Receipt(Model):
    """Proof that the platform took something. ``signature``: Ed25519 by the platform over the canonical
    bytes of the other fields."""

    receipt_no: str
    """For people, such as ``7F2C-0931``."""
    command_id: str
    command_hash: Sha256
    status: Literal["applied", "merged", "lodged", "supplemented", "withdrawal_asked"]
    seq: int
    """Feed sequence up to which the effect is visible."""
    at: AwareDatetime
    signature: Base64


class Current(Model):
    """What stands in a field now, and who put it there when."""

    value: Any = None
    by: str = ""
    at: AwareDatetime | None = None
    """When the platform took it in."""
    written_at: AwareDatetime | None = None
    """When its author wrote it, by that computer's clock: for people to read, of no weight in a merge."""


class CommandAnswer(Model):
    """What became of one command.

    ``applied`` as it is; ``merged`` beside changes made elsewhere; ``duplicate``: known already, with the
    first result in ``first_status`` and ``receipt``; ``conflict``: nothing applied where listed in
    ``current``; ``rejected``: see ``code``, ``field``, ``reason``; ``deferred``: try again later.
    ``consumed`` tells whether the lane's number is used up: always for applied, merged, conflict and
    rejected, except where the signature, the device or the author was refused.
    """

    command_id: str
    status: Status
    http: int = 200
    """The status a single request would have had: 403, 409 and 422 are the item's own state."""
    first_status: Status | None = None
    receipt: Receipt | None = None
    code: str = ""
    field: str = ""
    reason: Long = ""
    """Chinese, for the mediator."""
    current: dict[str, Current] = Field(default_factory=dict)
    applied_fields: list[str] = Field(default_factory=list)
    seq: int = 0
    """Feed sequence up to which any effect is visible; 0 when there is none."""
    consumed: bool = True
    retry_after: int = 0
    """Seconds; for ``deferred``."""


class CommandAnswers(Model):
    """Reply of ``POST /commands``: one answer per command, in the order sent."""

    answers: list[CommandAnswer]

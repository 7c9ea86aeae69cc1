"""The exchange package (离线交换包): what a computer without network sends on a stick, and what comes back.

A package and the receipt for it are files of one form. Numbers are big-endian.

1. ``MAGIC``; the length of the head (4 bytes); the head, the JSON of a :class:`PackageHead`.
2. The content as one stream, cut into records of ``record_bytes`` (the last one may be shorter, and is the
   only one there may be of length 0), each sealed with AES-256-GCM under the file's own key. Nonce: three
   zero bytes, one byte that is 1 for the last record and else 0, the record's number from 0 (8 bytes).
   Associated data: SHA-256 of everything under 1. So no record can be left out, added, moved or cut off.
3. SHA-256 of all bytes before it. Anyone can tell by it, without a key, a file that is not whole.

``keys`` of the head holds the file's key once for each who may open it: byte 2, an X25519 public key made
for this purpose, a nonce of 12 bytes, AES-256-GCM of the key with that public key as associated data. The
sealing key is HKDF-SHA256 of the shared secret with both public keys (new one first) as salt and
``KEY_PURPOSE`` as info. A package is sealed to the platform; a receipt to each person of the computer that
packed, since they share one store and the one who packed may be away when the stick comes back.

The stream is a run of entries: a letter, the length of the body (8 bytes), the body.

====== ============================== =================================================================
letter in a package                   in a receipt
====== ============================== =================================================================
``M``  :class:`PackageOpening`, first :class:`ReceiptOpening`, first
``L``  (none)                         the last accepted numbers of a lane of the computer that packed,
                                      :class:`~sync.contract.wire.LaneHead`: all of them, and before
                                      all else, where the package was of another epoch; else none
``C``  a signed command, as in the    its :class:`~sync.contract.commands.CommandAnswer`
       body of ``POST /commands``
``F``  SHA-256 of a file as 64        :class:`~sync.contract.wire.UploadDone`
       letters, then its bytes
``S``  :class:`PackagedFiling`        :class:`FilingAnswer`
``Z``  signature, last                signature, last
====== ============================== =================================================================

The signature is Ed25519 over ``SIGNED[kind]`` and the SHA-256 of the stream before the entry: by the person
who packed, with the key registered for the computer, or by the platform.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from sync.contract.model import Base64, Id, Long, Model, Sha256, Short
from sync.contract.wire import ErrorBody, ManifestIn, SubmissionReply

MAGIC = b"JFP1"
KEY_PURPOSE = "jiefen-package-key-1"
SIGNED = {"package": b"jiefen-package-1\n", "receipt": b"jiefen-receipt-1\n"}
LARGEST_HEAD = 64 * 1024
LARGEST_RECORD = 1024 * 1024
LARGEST_ENTRY = 4 * 1024 * 1024
"""Bytes of the body of any entry but a file."""
OPENING, LANE, COMMAND, FILE, FILING, SIGNATURE = b"M", b"L", b"C", b"F", b"S", b"Z"


class PackageHead(Model):
    """The only part in the clear: it says nothing about who and what."""

    format: Literal[1]
    kind: Literal["package", "receipt"]
    package_id: Id
    record_bytes: Annotated[int, Field(ge=1024, le=LARGEST_RECORD)]
    keys: Annotated[list[Base64], Field(min_length=1, max_length=200)]


class PackageOpening(Model):
    """Whose package it is, and how much is in it. Filings are lodged in the name of ``person_id``."""

    package_id: Id
    institution_id: Id
    device_id: Id
    person_id: Id
    packed_at: AwareDatetime
    epoch: str = ""
    """The last that the computer heard of. Another than the platform's own: it is told its lanes, so that a
    computer without network sends again, by the next package, what a restored platform has forgotten."""
    commands: Annotated[int, Field(ge=0)]
    files: Annotated[int, Field(ge=0)]
    filings: Annotated[int, Field(ge=0)]


class PackagedFiling(Model):
    """What a person asked of the court: the manifest and then the step, as the routes of submissions."""

    submission_id: Id
    wanted: Literal["lodge", "supplement", "withdraw"]
    manifest_no: Annotated[int, Field(ge=0)]
    manifest: ManifestIn | None = None
    """Null for a withdrawal."""
    earlier: Annotated[list[ManifestIn], Field(default_factory=list, max_length=100)]
    """The lists before ``manifest`` by their numbers from 1, where the computer knows them. A platform that
    was restored to before the lodging puts them and lodges with the last one, as the computer would have done
    online; then follows what is wanted."""
    brought: bool = False
    """Whether the computer has the receipt for this step. A supplement's list is then put and lodged with as
    well; that of another waits for the court's question, which the platform has forgotten (``state``)."""
    signed: list[Id] | None = None
    """For the lodging, as :class:`~sync.contract.wire.LodgeIn` has it."""
    reason: Long = ""
    """Of a withdrawal."""
    state: Short = ""
    """Of a withdrawal: the state that its author saw; left out, it is not compared."""
    seen_no: Annotated[int, Field(ge=0)] = 0
    """Of a withdrawal: the list that its author saw, with ``state``."""


class ReceiptOpening(Model):
    """For which package this is the receipt."""

    package_id: Id
    package_sha256: Sha256
    institution_id: Id
    device_id: Id
    epoch: str
    """A receipt of an epoch that has passed proves nothing any more."""
    epoch_no: Annotated[int, Field(ge=0)] = 0
    """As in :class:`~sync.contract.wire.Hello`: one that is later than the computer's own counts."""
    at: AwareDatetime


class FilingAnswer(Model):
    """What became of one step: the submission with its receipt, or why it was refused."""

    submission_id: Id
    wanted: Literal["lodge", "supplement", "withdraw"]
    manifest_no: int
    http: int = 200
    reply: SubmissionReply | None = None
    error: ErrorBody | None = None


class PackageIn(Model):
    """``PUT /packages/{package_id}``: the file was uploaded by tus as ``upload_id``."""

    upload_id: Id
    sha256: Sha256
    """Of the whole file."""
    size: Annotated[int, Field(ge=0)]


class PackageReply(Model):
    """The package was taken in. Whoever carried it learns no more than this."""

    package_id: Id
    sha256: Sha256
    taken_at: AwareDatetime
    receipt_sha256: Sha256
    receipt_size: int


CONTENT: tuple[type[Model], ...] = (
    PackageHead,
    PackageOpening,
    PackagedFiling,
    ReceiptOpening,
    FilingAnswer,
)
"""What stands in the files, for the OpenAPI document."""

__all__ = [
    "COMMAND",
    "CONTENT",
    "FILE",
    "FILING",
    "KEY_PURPOSE",
    "LANE",
    "LARGEST_ENTRY",
    "LARGEST_HEAD",
    "LARGEST_RECORD",
    "MAGIC",
    "OPENING",
    "SIGNATURE",
    "SIGNED",
    "FilingAnswer",
    "PackageHead",
    "PackageIn",
    "PackageOpening",
    "PackageReply",
    "PackagedFiling",
    "ReceiptOpening",
]

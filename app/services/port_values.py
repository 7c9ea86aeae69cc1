"""What the engine and the store say to each other: plain frozen values, no wire models, no rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from app.domain.entries import Doc

Settled = Literal["applied", "merged", "conflict", "rejected", "deferred"]


@dataclass(frozen=True)
class Outgoing:
    """One command as it lies in the outbox: bytes and signature go out exactly as they are."""

    command_id: str
    case_id: str
    author: str
    raw: bytes
    signature: bytes
    digest: str
    attempts: int


@dataclass(frozen=True)
class Theirs:
    """What stands in a field at the platform, who put it there, and when (ISO, UTC): by its author's own
    clock where the platform tells that, else when it was taken in."""

    value: Any
    by: str
    at: str


@dataclass(frozen=True)
class Answer:
    """What became of one command. ``retry_at``: ISO instant before which it is not sent again.

    ``consumed`` tells whether the lane's number is used up; only then does the lane go on behind it.
    """

    command_id: str
    status: Settled
    code: str = ""
    field: str = ""
    reason: str = ""
    feed_seq: int = 0
    receipt: bytes | None = None
    current: Mapping[str, Theirs] = dataclasses.field(default_factory=dict)
    consumed: bool = True
    retry_at: str = ""


@dataclass(frozen=True)
class LaneHead:
    """The platform's last accepted number of a lane and the hash of the command that has it."""

    lane_seq: int
    chain_head: str
    kept: int | None = None
    """Up to which number the answers are those of before the platform's last restore; ``None`` for all."""


class Incoming(msgspec.Struct, frozen=True):
    """One entry of the feed as received; ``body`` is the document's JSON, ``None`` for a tombstone.

    A msgspec struct: first sync makes tens of thousands of them, and it is made ten times as fast.
    """

    seq: int
    entity: str
    doc_id: str
    case_id: str
    version: int
    op: str
    """put or tombstone."""
    body: bytes | None
    cause: str = ""
    """Command that made the change, empty for the platform's own."""
    doc: Doc | None = None
    """What ``body`` was read as, once it was."""
    by: str = ""
    """Who made the change (id of a person), where the platform tells it."""
    at: str = ""
    """When the platform took the change in, as it tells it."""
    left: bool = False
    """Of a tombstone: the case goes on in other hands, and what is written for it is still taken."""


@dataclass(frozen=True)
class UploadJob:
    """A declared file whose bytes the platform has not confirmed yet."""

    attachment_id: str
    case_id: str
    sha256: str
    size: int
    url: str
    sent: int
    attempts: int


@dataclass(frozen=True)
class DownloadJob:
    """A file of the platform wanted here."""

    sha256: str
    case_id: str
    size: int
    name: str
    media_type: str
    attempts: int


@dataclass(frozen=True)
class FilingJob:
    """What a person asked of the court, still to be carried out. ``unstored``: hashes not stored yet."""

    submission_id: str
    case_id: str
    kind: str
    subject_id: str
    round: int
    court_code: str
    court_name: str
    manifest_no: int
    items: tuple[Mapping[str, Any], ...]
    wanted: str
    job: str
    attempts: int
    written_at: str
    lists: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    """The lists of files with which it is lodged anew at a platform that forgot it: the first is number 1,
    the last is the one that counts. One that is not known here is the next later one that is."""
    again: bool = False
    """Whether the platform had taken this step once: before it was restored."""
    unstored: tuple[str, ...] = ()
    behind: bool = False
    """Whether words of the case still wait, with which its files would be declared."""
    stands: bool = True
    """Whether its agreement and its files still stand in the local picture of the case."""
    disputed: bool = False
    """Whether two values stand here for something that a ruling rests on."""
    untaken: bool = False
    """Whether the platform refused its agreement, written here, and nothing under way can mend that."""
    replaced: bool = False
    """Whether another agreement holds at the platform than the one it is about."""
    over: bool = False
    """Whether it was carried out and the court is done with it: a restored platform only lacks the record."""
    taken_back: bool = False
    """Whether the platform took the case back, which is still here because of what was not sent."""
    earlier: frozenset[str] = frozenset()
    """The rounds before it, by id: a restored platform may have one of them not over yet."""
    seen: Mapping[str, Any] = field(default_factory=dict)
    """Of a withdrawal that was never taken: list and state of the application as its author saw them."""
    signed: tuple[str, ...] = ()
    """The entries of signatures on its agreement, by id, that its author has seen or was told of."""
    doubted: bool = False
    """Whether it went and no reply came, and nothing has shown since what became of it."""
    awaited: bool = False
    """Whether it was looked for before and another computer has to lodge it anew."""


@dataclass(frozen=True)
class Counted:
    """What still lies in the tables after a run; the same numbers the sync centre shows."""

    waiting: int
    unknown: int
    conflicts: int
    failed: int
    parked: int
    """Changes of the platform that could not be read here."""

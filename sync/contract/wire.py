"""Requests and replies other than commands: sessions, devices, feed, files, submissions, catalogues."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from sync.contract.commands import Receipt
from sync.contract.entities import EntityName, ManifestItem, Submission, SubmissionKind
from sync.contract.model import Base64, Id, Long, Model, Sha256, Short

Role = Literal["mediator", "clerk", "head", "statistician"]
Login = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]


class ErrorBody(Model):
    """Every refusal."""

    code: str
    message: str
    """Chinese: what happened, what was kept, what to do next."""
    field: str | None = None
    retry_after: int | None = None
    """Seconds."""
    details: dict[str, Any] = Field(default_factory=dict)
    """Such as ``missing`` (hashes), ``submission_id`` (already lodged), ``epoch``, ``expected``."""


class Done(Model):
    """Nothing more to say."""

    done: bool = True


class Person(Model):
    """One person of the roster (名册)."""

    person_id: Id
    name: Short
    role: Role
    login: Login
    title: Short = ""
    active: bool = True


class SignIn(Model):
    """``POST /session``: a person signs in on a registered device."""

    device_id: Id
    user: Login
    password: Annotated[str, Field(min_length=1, max_length=200)]


class Refresh(Model):
    """``POST /session/refresh``: the refresh token is used once and replaced.

    A reply may be lost on the way. So the token before the newest is taken again, as often as needed,
    until the newest refresh token or the access token that came with it has been used; what the lost
    reply held is void then. A token met after that, or an older one, ends the sign-in (``token_reused``).
    """

    refresh_token: Annotated[str, Field(min_length=1, max_length=200)]


class SessionReply(Model):
    """Tokens; send ``Authorization: Bearer <access_token>``."""

    access_token: str
    expires_at: AwareDatetime
    refresh_token: str
    refresh_expires_at: AwareDatetime
    person: Person


class DevicePerson(Model):
    """A person of a device with the public keys made there (raw 32 bytes, base64)."""

    login: Login
    password: Annotated[str, Field(max_length=200)] = ""
    """Needed for anyone other than the person who enrols."""
    sign_public: Base64
    """Ed25519"""
    seal_public: Base64
    """X25519"""


class Enrol(Model):
    """``POST /devices``; again with the same id adds people. ``device_id`` is chosen by the client.

    Once a command of a person was taken from a device, their keys there stay; before that, registering
    them again replaces the keys of a try that was cut short.
    """

    device_id: Id
    device_name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    user: Login
    password: Annotated[str, Field(min_length=1, max_length=200)]
    people: Annotated[list[DevicePerson], Field(min_length=1, max_length=50)]
    scope: Literal["", "institution", "people"] = ""
    """What the device asks to be sent; the platform decides and tells (``Enrolment.scope``). ``people``: the
    cases in the hands of the device's people, and those in nobody's hands yet."""


class Institution(Model):
    """Profile of the mediation institution."""

    institution_id: Id
    name: Short
    short_name: Short
    """For case numbers, such as 云梧."""
    kind: Short
    code: Short = ""
    """统一社会信用代码"""
    district: Short
    township: Short
    address: Short = ""
    phone: Short = ""
    hours: Short = ""
    accepts: Long = ""
    """受理范围"""
    specialities: list[Short] = Field(default_factory=list)
    rooms: list[Short] = Field(default_factory=list)
    inviting_courts: list[Short] = Field(default_factory=list)
    number_rule: Short = ""
    free_of_charge: bool = True


class Standing(Model):
    """Whether the institution receives dispatch: 暂停接收, 关闭 with reason and basis."""

    status: Literal["active", "suspended", "closed"]
    reason: Long = ""
    basis: Long = ""
    since: AwareDatetime | None = None


class Enrolment(Model):
    """Reply of ``POST /devices``."""

    device_id: Id
    person_id: Id
    """Who enrolled."""
    institution: Institution
    standing: Standing
    people: list[Person]
    platform_sign_public: Base64
    platform_seal_public: Base64
    scope: Literal["institution", "people", "none"]
    """Which cases the feed brings: all of the institution, those of the device's people, or none (the
    device of a statistician: no document of a case, no file)."""
    epoch: str
    server_time: AwareDatetime
    device_tag: Annotated[str, Field(max_length=5, pattern=r"^[0-9A-Z]*$")] = ""
    """Short, unique among the institution's devices for ever: it stands in numbers given offline (临-…).

    At most five characters, so that it never equals what a device makes up before it has one.
    """


class Versions(Model):
    """Contract versions spoken."""

    min: int
    max: int


class Limits(Model):
    """What the platform accepts at once."""

    commands: int
    command_bytes: int
    page: int
    wait_seconds: int
    file_bytes: int
    chunk_bytes: int


class LaneHead(Model):
    """Last accepted number and chain hash of a lane (device, author, case)."""

    author: Id
    case_id: Id
    lane_seq: int
    chain_head: Sha256
    kept: int | None = None
    """Up to which number the platform still had the lane when it was last restored; ``null`` while it never
    was. What came later was answered anew in this epoch, be it a message from before that came late: a
    client that was told another answer sends it again to hear this one."""


class DeviceHead(Model):
    """What the platform has of this device; compare to detect a cloned or restored computer."""

    device_id: Id
    last_dev_seq: int
    lanes: list[LaneHead] = Field(default_factory=list)


class Hello(Model):
    """``GET /hello``. ``lanes=none`` leaves the lanes out."""

    epoch: str
    """Changes when the platform was restored from a backup."""
    epoch_no: Annotated[int, Field(ge=0)] = 0
    """Rises with every change of ``epoch``: tells which of two is the later one. 0: not counted here."""
    contract: Versions
    capabilities: list[str]
    limits: Limits
    server_time: AwareDatetime
    head: int
    """Last feed sequence."""
    device: DeviceHead
    platform_sign_public: Base64
    institution: Standing
    profile_version: int = 1
    roster: str = ""
    """ETag of the catalogue ``roster``: the people of the caller's institution, those who left as not
    ``active``. Another one than at the last look: read it again, so that a new colleague, one who left and
    another role are known without registering anew. Empty: this platform does not hand it down."""
    waits_until: AwareDatetime | None = None
    """Until when a platform that was restored from a backup waits for what it forgot (``behind_lost``,
    ``case_pending``), also where that is past; none where it never was restored, or does not tell."""


class Change(Model):
    """One entry of the feed. A tombstone (``op``) has no body; absence never deletes.

    A tombstone of a case takes the case back with all its documents: dispatched by mistake, or reassigned
    to another institution. Commands for it are refused as ``case_unknown`` from then on. Reassignment to
    another mediator of the institution is a ``put`` of the case with the new ``mediator_id``, and a notice
    (``code`` ``reassigned``) in the timeline; the platform's word stands, also over an acceptance that was
    written before it was known.

    For a device of scope ``people`` a case that goes into other hands ends with a tombstone of the case with
    ``left_scope``: it goes on elsewhere, and commands for it written before are taken as ever. One that
    comes into its people's hands begins with the case, and all its documents follow as they stand, with the
    versions that they have.
    """

    seq: int
    at: AwareDatetime
    entity: EntityName
    id: Id
    case_id: Id
    version: int
    op: Literal["put", "tombstone"]
    body: dict[str, Any] | None = None
    cause: str | None = None
    """Command that made the change, null for the platform's own."""
    by: Id | None = None
    """Who wrote that command; null for the platform's own, and in a snapshot, which tells how things stand.
    Where two values stand for one thing, whoever chooses is told by whom and when each was written."""
    left_scope: bool = False


class ChangesPage(Model):
    """``GET /changes``: everything in scope with ``from <= seq <= to``; the next ``after`` is ``to``."""

    epoch: str
    from_: Annotated[int, Field(alias="from")]
    to: int
    head: int
    more: bool
    items: list[Change]


class SnapshotPage(Model):
    """``GET /snapshot``: the documents as they stand. Finish all pages, then ask changes after ``at``.

    A document may already be newer than ``at``; its later change is then met again and changes nothing.
    Behind the documents the last page has the tombstones of cases taken back, as nothing is deleted because
    it is absent; for a device of scope ``people`` also of those that went out of its people's hands.
    """

    epoch: str
    at: int
    items: list[Change]
    after: str | None
    """Cursor of the next page; null at the end."""
    cases: int
    """Cases in scope, for showing progress."""


class UploadComplete(Model):
    """``POST /uploads/{id}/complete``."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class UploadDone(Model):
    """The platform hashed the whole file itself and keeps it."""

    sha256: Sha256
    size: int
    stored: Literal[True]


class ManifestIn(Model):
    """``PUT /submissions/{id}/manifests/{n}``: immutable once handed in; the first opens the submission.

    Put again with other content it is refused then (``manifest_immutable``) and stays; ``details.sha256``
    names the files of the one that stands: two people may have made a list under one number. One that was put
    and not handed in gives way to another: the computer that put it may be broken.
    """

    case_id: Id
    kind: SubmissionKind
    subject_id: Id
    """The agreement version, else the case."""
    round: Annotated[int, Field(ge=1, le=100)]
    court_code: Short = ""
    court_name: Short = ""
    items: Annotated[list[ManifestItem], Field(min_length=1, max_length=500)]


class ManifestReply(Model):
    """The manifest's hash, and which files have not arrived yet."""

    submission_id: Id
    manifest_no: int
    manifest_sha256: Sha256
    missing: list[Sha256]


class LodgeIn(Model):
    """``POST …/lodge`` and ``…/supplement``: which manifest.

    Where another list stands under the number than the one of ``manifest_sha256`` nothing is handed in
    (``manifest_immutable``, with the files of the one that stands), nor is the receipt of that one given.
    ``already_lodged`` names in ``details`` the application that has the natural key: ``submission_id`` and
    ``by``; of one that a restored platform forgot and only the court has, ``court_only`` and its ``round``.
    """

    manifest_no: Annotated[int, Field(ge=1)]
    manifest_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """As the reply to the manifest told it; left out, whichever list stands is handed in."""
    signed: list[Id] | None = None
    """Of a lodging: the entries of signatures on the agreement that were seen. Where others moved a place it
    is refused (``ground_moved``, with all entries as ``signed``). Left out, nothing is compared."""
    note: Long = ""


class WithdrawIn(Model):
    """``POST …/withdraw``. ``manifest_no`` and ``state``: as its author saw them; left out, as now."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    manifest_no: Annotated[int, Field(ge=0)] = 0
    state: Short = ""


class SubmissionReply(Model):
    """A submission as it stands, with the receipt of what was asked."""

    submission: Submission
    receipt: Receipt | None = None
    seq: int = 0

"""离线交换包 on the wire: handing in a package for another computer, and settling by a receipt.

The computer that hands in sees bytes that only the platform can open, keeps no copy, and writes the receipt
beside the package. The one that packed settles by the receipt through the same doors as a run online.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app.clock import to_text
from app.domain.errors import Cancelled, StateError, StorageFault, UserError
from app.services import backlog
from app.services import package_records as records
from app.services.changes import ChangeSet, Written
from app.services.package_records import PackageRecord
from app.services.port_packages import ReceiptTold
from app.services.port_state import EPOCH_NO
from app.services.port_values import Answer
from app.storage import package_file as pf
from app.storage.container import Meter, Progress
from sync.contract.package import LANE, FilingAnswer, PackageReply, ReceiptOpening
from sync.contract.wire import LaneHead, UploadDone
from sync.engine import attachments, faults, hello, submissions
from sync.engine.filing_words import SUPPLEMENTED
from sync.engine.push import settle
from sync.engine.reading import UNREADABLE, read_json
from sync.engine.receipts import genuine_filing, understood
from sync.engine.work import Jitter, Limits, pause

if TYPE_CHECKING:
    from app.clock import Clock
    from app.services.sync_port import SyncPort
    from sync.engine.client import Client

TAKING_SECONDS = 1800.0
"""The platform reads a package twice before it answers."""
AT_ONCE = 100
SPOILT = "有一段在路上坏了，平台没有收下这个包。包在移动盘上没有动，过一会儿再交一次。"
OWN_ON_THE_WAY = ("packing", "packed")
"""States of this computer's own packages whose receipt is to come; one was broken off when it was whole."""
GIVEN_UP = (
    "包 {} 您作废过，没有交：交了的话，后来收回的也会到法院。内容都在本机，没有收回的联网后照常自动发；"
    "这个文件可以删掉。"
)
OLD_EPOCH = (
    "平台恢复过数据，这个回执是恢复以前的，没有算作已送达。内容都在本机，联网后自动核对，或重新装一次。"
)


@dataclass(frozen=True)
class HandedIn:
    """A package that the platform took in, and where its receipt lies."""

    record: PackageRecord
    receipt: Path
    again: bool = False
    """Whether this computer had handed it in before; the platform then counts nothing twice."""


# -- for another computer ----------------------------------------------------------------------------


def hand_in(
    port: SyncPort, client: Client, path: Path, stop: Event, progress: Progress | None = None
) -> Written[HandedIn]:
    """Hand a package in and put its receipt beside it. Handed in again, it gives the same receipt.

    Raises ``UserError`` for another file or a refused package, the faults of the stick and of the line,
    and ``Cancelled``; what was uploaded stays at the platform and is gone on with.
    """
    port.desk.require("sync.run")
    head = pf.head_of(path)
    if head.kind != "package":
        raise UserError("这是回执包，不用交。请在装包的那台电脑上读它。", code="E-RECEIPT")
    size = path.stat().st_size
    meter = Meter(progress, 3 * size)
    trailer = pf.trailer_of(path, meter)
    record = port.packages.carrying(head.package_id, path.name, size, pf.code_of(trailer))
    if record.state == "given_up":
        raise UserError(GIVEN_UP.format(record.label), code="E-GIVEN-UP")
    sha256 = pf.hash_on_disk(path, meter)
    try:
        upload = _upload(port, client, path, record, sha256, size, stop, meter)
        reply = _taken(client, head.package_id, upload, sha256, size)
    except faults.RefusedFault as refusal:
        # Whatever lies there is of no use: the next try begins anew.
        port.packages.uploading(record, "")
        raise UserError(refusal.message, code=refusal.code, detail=refusal.wire_code) from refusal
    receipt = path.with_name(records.receipt_name(path.name))
    _fetch_receipt(client, reply, receipt, stop)
    done = port.packages.carried(record, sha256)
    # One packed here bears its hash from the beginning.
    again = record.sha256 == sha256 and record.state not in OWN_ON_THE_WAY
    return Written(HandedIn(done, receipt, again=again), ChangeSet.of("packages"))


def _upload(
    port: SyncPort, client: Client, path: Path, record: PackageRecord, sha256: str, size: int,
    stop: Event, meter: Meter,
) -> str:  # fmt: skip
    """Send the file; the upload's path. One that was cut goes on where the platform stands."""
    line = _Line(client)
    for _ in range(attachments.PIECE_RETRIES):
        try:
            known, _, of = record.upload.partition(" ")
            known = known if of == sha256 else ""
            place, offset = attachments.whereabouts(client, known, sha256, size)
            port.packages.uploading(record, f"{place} {sha256}")
            with path.open("rb") as stream:
                while offset < size:
                    if stop.is_set():
                        raise Cancelled
                    stream.seek(offset)
                    piece = stream.read(min(line.limits.chunk_bytes, size - offset))
                    if not piece:
                        raise StorageFault(pf.PULLED, code="E-STICK", detail="shorter")
                    offset = attachments.send_piece(line, place, offset, piece)
                    meter.add(len(piece))
        except attachments.StartAgain:
            port.packages.uploading(record, "")
            record = port.packages.found(record.package_id) or record
        except attachments.PieceSpoilt as spoilt:
            raise faults.UnreachableFault(SPOILT, maybe_done=True, detail="piece") from spoilt
        except OSError as error:
            raise pf.stick_fault(error) from error
        else:
            return place
    raise faults.UnreachableFault(maybe_done=True, detail="package upload")


@dataclass
class _Line:
    """See :class:`~sync.engine.work.Sending`."""

    client: Client
    limits: Limits = field(default_factory=Limits)


def _taken(client: Client, package_id: str, upload: str, sha256: str, size: int) -> PackageReply:
    body = {"upload_id": upload.rpartition("/")[2], "sha256": sha256, "size": size}
    raw = client.call(
        "PUT", f"/packages/{package_id}", body=json.dumps(body).encode(), read_seconds=TAKING_SECONDS
    ).json()
    try:
        reply = PackageReply.model_validate(raw)
    except ValidationError as error:
        raise faults.NotOurPlatformFault(detail="package reply") from error
    if (reply.package_id, reply.sha256) != (package_id, sha256):
        raise faults.NotOurPlatformFault(detail="reply to another package")
    return reply


def _fetch_receipt(client: Client, reply: PackageReply, place: Path, stop: Event) -> None:
    def pieces() -> Iterator[bytes]:
        for piece in client.download(f"/packages/{reply.package_id}/receipt", 0):
            if stop.is_set():
                raise Cancelled
            yield piece

    if pf.write_whole(place, pieces()) != reply.receipt_sha256:
        place.unlink(missing_ok=True)
        raise faults.NotOurPlatformFault(detail="receipt of another package")


# -- back at the computer that packed ----------------------------------------------------------------


@dataclass
class _Reading:
    """Settling by a receipt; see :class:`~sync.engine.work.Settling`."""

    port: SyncPort
    clock: Clock
    jitter: Jitter
    on_changes: Callable[[ChangeSet], None]
    held: frozenset[str]
    """The ids of what lies in the package."""
    not_read: int = 0
    """Of a receipt of a later epoch, whose numbers say nothing of the feed that was read last: a number which
    that has not reached. 0: its own numbers hold."""
    sent: int = 0
    feed_due: bool = False
    told: ReceiptTold = field(default_factory=ReceiptTold)
    changes: ChangeSet = field(default_factory=ChangeSet)

    def changed(self, changes: ChangeSet | None) -> None:
        """Tell whoever shows it what changed."""
        if changes:
            self.changes = self.changes.merge(changes)
            self.on_changes(changes)

    def later(self, attempts: int, asked: float | None = None) -> str:
        """When an item that failed ``attempts`` times is tried again (ISO, UTC)."""
        return to_text(self.clock.now() + dt.timedelta(seconds=pause(attempts, self.jitter, asked)))


def read_receipt(
    port: SyncPort,
    clock: Clock,
    path: Path,
    *,
    jitter: Jitter = random.uniform,
    on_changes: Callable[[ChangeSet], None] = lambda _changes: None,
) -> Written[PackageRecord]:
    """Settle what a package held by the platform's receipt for it. Read again, nothing happens again.

    Raises ``UserError``: not for this computer, changed, of another platform, or of an epoch that has
    passed; the faults of the stick. Nothing was settled then.
    """
    port.desk.require("sync.run")
    head = pf.head_of(path)
    if head.kind != "receipt":
        raise UserError("这是装好的包，不是回执。请在能上网的电脑上交。", code="E-PACKAGE")
    record = port.packages.found(head.package_id)
    if record is None or record.state in ("carrying", "carried"):
        raise pf.not_here("unknown package")
    file = pf.ReceiptFile(path, port.desk.keys.suite, port.desk.keys.unseal)
    file.checked(port.desk.keys.suite, port.platform_key)
    opening, heard = _opening(file, record), int(port.state.get(EPOCH_NO) or 0)
    ahead = _of_later_epoch(port, opening, heard)
    if record.state == "read":
        return Written(record, ChangeSet())
    held, not_read = port.packages.held_in(record), port.state.cursor + 1 if ahead else 0
    work = _Reading(port, clock, jitter, on_changes, held, not_read)
    if ahead and opening.epoch_no > heard:
        heads = hello.heads_of(record.device_id, _lanes(file))
        work.changed(port.told_of_epoch(record.device_id, heads, opening.epoch_no))
    _settle(work, file)
    done = port.packages.read(record, work.told)
    return Written(done, work.changes.merge(ChangeSet.of("packages", "outbox")))


def _opening(file: pf.ReceiptFile, record: PackageRecord) -> ReceiptOpening:
    """For what the receipt is. Raises where it is for another package."""
    letter, body = next(file.entries(), (b"", b""))
    try:
        opening = ReceiptOpening.model_validate(read_json(body))
    except (ValidationError, faults.NotOurPlatformFault) as error:
        raise pf.not_ours("opening") from error
    # Its hash is not known here when the program ended right after the package got its name.
    same_file = not record.sha256 or opening.package_sha256 == record.sha256
    told = (opening.package_id, opening.device_id)
    if letter != pf.OPENING or not same_file or told != (record.package_id, record.device_id):
        raise pf.not_ours("another package")
    return opening


def _of_later_epoch(port: SyncPort, opening: ReceiptOpening, heard: int) -> bool:
    """Whether the platform was restored since this computer last read its feed. Raises where it was restored
    after the receipt: what that proves may be forgotten.

    A computer without network hears of a restore by a receipt alone; ``heard`` is the last epoch's number.
    """
    same = opening.epoch == port.state.get("epoch")
    if opening.epoch_no < heard or not (same or opening.epoch_no):
        raise StateError(OLD_EPOCH, code="E-OLD-RECEIPT")
    return not same


def _lanes(file: pf.ReceiptFile) -> Iterator[LaneHead]:
    for letter, body in file.entries():
        if letter == LANE:
            yield LaneHead.model_validate(read_json(body))
        elif letter != pf.OPENING:
            return


def _settle(work: _Reading, file: pf.ReceiptFile) -> None:
    """Commands first, then files, then filings, as they stand in the receipt."""
    batch: list[Any] = []
    for letter, body in file.entries():
        if letter == pf.COMMAND:
            batch.append(read_json(body))
            if len(batch) < AT_ONCE:
                continue
        _commands(work, batch)
        batch = []
        if letter == pf.FILE:
            _file(work, UploadDone.model_validate(read_json(body)))
        elif letter == pf.FILING:
            _filing(work, read_json(body))


def _commands(work: _Reading, batch: list[Any]) -> None:
    if not batch:
        return
    outgoing, key = work.port.outgoing, work.port.platform_key
    ids = [str(raw.get("command_id", "")) for raw in batch]
    digests = outgoing.digests(ids)
    good: list[Answer] = []
    for raw, command_id in zip(batch, ids, strict=True):
        if command_id not in digests:
            continue
        answer = understood(work, raw, digests[command_id], outgoing.attempts(command_id), key)
        if answer is not None:
            if work.not_read and answer.feed_seq:
                answer = replace(answer, feed_seq=work.not_read)
            good.append(answer)
            work.told.count(answer.status, consumed=answer.consumed)
    settle(work, good)


def _file(work: _Reading, done: UploadDone) -> None:
    work.changed(work.port.transfers.upload_stored(done.sha256))
    work.told.count("applied")


def _filing(work: _Reading, raw: Mapping[str, Any]) -> None:
    answer = FilingAnswer.model_validate(raw)
    refusal = None
    if answer.error is not None:
        error = answer.error
        refusal = faults.RefusedFault(
            answer.http, error.code, error.message, field=error.field or "", details=error.details,
            retry_after=error.retry_after,
        )  # fmt: skip
    mine = False
    for job in work.port.filings.under_way([answer.submission_id]):
        same = (job.wanted, job.manifest_no) == (answer.wanted, answer.manifest_no)
        if not same or records.step_id(job) not in work.held:
            # Something else is wanted since, or the same anew with other papers: this answer was to the step
            # before.
            continue
        mine = True
        if refusal is None:
            submissions.taken(work, job, raw.get("reply"))
        elif submissions.came_before(refusal, job):
            # Nobody asks the platform here: the receipt is its last word.
            work.changed(work.port.filings.failed(job, backlog.SUPPLEMENTED, SUPPLEMENTED))
        else:
            submissions.refused(work, job, refusal)
    if answer.reply is not None and not mine:
        _all_the_same(work, answer, raw["reply"])
    if refusal is None:
        work.told.count("applied")
    else:
        later = submissions.LATER_CODES | (submissions.FORGOTTEN if answer.wanted != "lodge" else frozenset())
        work.told.count("deferred" if refusal.wire_code in later else "rejected")


def _all_the_same(work: _Reading, answer: FilingAnswer, reply: Mapping[str, Any]) -> None:
    """The court got a step by a package that had been given up here, after the step had been taken back."""
    if not genuine_filing(reply.get("receipt"), work.port.platform_key, answer.submission_id):
        work.port.state.log("submissions", "receipt", "回执核对不上，没有算作已送达。")
        return
    body, receipt = (
        json.dumps(reply[name], ensure_ascii=False, sort_keys=True).encode()
        for name in ("submission", "receipt")
    )
    step = {"wanted": answer.wanted, "manifest_no": answer.manifest_no, "receipt": receipt}
    try:
        changes = work.port.filings.came_all_the_same(work.held, body, step)
    except UNREADABLE as error:
        raise faults.NotOurPlatformFault(detail="submission in a receipt") from error
    work.told.against += bool(changes)
    work.changed(changes)

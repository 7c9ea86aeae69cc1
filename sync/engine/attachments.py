"""Files: uploads by tus 1.0, resumed at the platform's offset; downloads by range, verified by hash.

Offsets and hashes are of the plain bytes, read through the vault's decrypting stream: nothing decrypted
ever lies on the disk.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace

from app.domain.errors import DamagedFault, DiskFullFault, StorageFault
from app.services.port_values import DownloadJob, UploadJob
from sync.contract.model import PREFIX
from sync.engine import faults
from sync.engine.client import Client, Reply
from sync.engine.reading import digits
from sync.engine.work import Sending, Work

TUS = {"Tus-Resumable": "1.0.0"}
OCTET_STREAM = "application/offset+octet-stream"
PIECE_RETRIES = 3
SMALLEST_PIECE = 16 * 1024
LINE_RETRIES = 5
DOWNLOAD_GIVE_UP = 3


GONE = "平台不再记得这次上传，已传的部分不算数。原件在本机，稍后自动从头重传。"
SPOILT = "传到平台的和本机的原件对不上，平台没有留下。原件在本机，稍后自动从头重传。"
PIECE_SPOILT = "有一段在路上坏了，平台没有收下这一段。原件在本机，稍后自动从断的地方接着传。"


class StartAgain(Exception):
    """The platform's half of an upload is gone or spoilt (the words say which): begin at the first byte."""


class PieceSpoilt(Exception):
    """Something on the way spoils every try of one piece; what lies at the platform is good up to there."""


def attachments(work: Work) -> None:
    """Send declared files, then fetch wanted ones. One spoilt file holds up no other; on a network paid by
    volume the large ones wait."""
    done: set[str] = set()
    for job in work.port.transfers.uploads_ready(metered=work.metered()):
        work.go_on()
        if job.sha256 in done:
            continue
        if upload(work, job):
            done.add(job.sha256)
    tried: set[str] = set()
    while (wanted := work.port.transfers.next_download(tried)) is not None:
        work.go_on()
        tried.add(wanted.sha256)
        download(work, wanted)


def upload(work: Work, job: UploadJob) -> bool:
    """Send one file; returns whether the platform has it. A cut line raises, the offset stays."""
    transfers = work.port.transfers
    try:
        _send(work, job)
    except StartAgain as again:
        transfers.upload_delayed(job.attachment_id, work.later(job.attempts + 1), str(again), restart=True)
        return False
    except PieceSpoilt:
        transfers.upload_delayed(job.attachment_id, work.later(job.attempts + 1), PIECE_SPOILT, restart=False)
        return False
    except DamagedFault as fault:
        work.changed(transfers.upload_failed(job.attachment_id, fault.code, fault.message))
        return False
    except DiskFullFault:
        raise
    except StorageFault as fault:
        # The disk does not give this file now; the others go on.
        transfers.upload_delayed(
            job.attachment_id, work.later(job.attempts + 1), fault.message, restart=False
        )
        return False
    except faults.TooLargeFault as fault:
        if fault.gateway:
            retry_at = work.later(job.attempts + 1)
            transfers.upload_delayed(job.attachment_id, retry_at, fault.message, restart=False)
            return False
        work.changed(
            transfers.upload_failed(
                job.attachment_id, fault.code, "文件超过平台能收的大小。文件在本机，请分成几段再加。"
            )
        )
        return False
    except faults.RefusedFault as refusal:
        if refusal.http == 423:
            transfers.upload_delayed(
                job.attachment_id,
                work.later(job.attempts + 1, refusal.retry_after),
                refusal.message,
                restart=False,
            )
        else:
            work.changed(
                transfers.upload_failed(job.attachment_id, refusal.wire_code or refusal.code, refusal.message)
            )
        return False
    work.changed(transfers.upload_stored(job.sha256))
    work.feed_due = True
    return True


def _send(work: Work, job: UploadJob) -> None:
    path, offset = _where(work, job)
    with work.port.transfers.open(job.sha256) as stream:
        while offset < job.size:
            stream.seek(offset)
            while offset < job.size:
                work.go_on()
                piece = stream.read(min(work.limits.chunk_bytes, job.size - offset))
                if not piece:
                    raise DamagedFault(
                        "本机的文件比登记时短，没有发出去。可以从备份找回。",
                        subject=f"attachment:{job.sha256[:8]}",
                    )
                reached = send_piece(work, path, offset, piece)
                work.port.transfers.upload_progress(job.attachment_id, path, reached)
                moved, offset = reached != offset + len(piece), reached
                if moved:
                    break
    _complete(work, job, path)


def _where(work: Work, job: UploadJob) -> tuple[str, int]:
    """The upload's path and the offset the platform has reached."""
    path, reached = whereabouts(work.client, job.url, job.sha256, job.size)
    if path != job.url:
        work.port.transfers.upload_progress(job.attachment_id, path, reached)
    return path, reached


def whereabouts(client: Client, known: str, sha256: str, size: int) -> tuple[str, int]:
    """Path and offset of an upload: that of the ``known`` one while it is there, else of a new one."""
    if known:
        try:
            reply = client.call("HEAD", known, headers=TUS)
        except faults.RefusedFault as refusal:
            if refusal.http != 404:
                raise
        except faults.EpochChangedFault as fault:
            _expired(fault)
        else:
            return known, _offset(reply, size)
    name = base64.b64encode(sha256.encode()).decode()
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": f"sha256 {name}"}
    reply = client.call("POST", "/uploads", headers=headers, body=b"")
    location = reply.headers.get("Location", "")
    start = location.find(f"{PREFIX}/uploads/")
    if start < 0:
        raise faults.NotOurPlatformFault(detail="upload location")
    # Only the path is taken: bytes and credentials go to no other host than the platform's own.
    path = location[start + len(PREFIX) :]
    # A file that the institution has sent before starts complete and costs no bytes.
    return path, _offset(reply, size) if "Upload-Offset" in reply.headers else 0


def _expired(fault: faults.EpochChangedFault) -> None:
    """Go on when a 410 means the one upload: tus's word for one that has expired (tus 1.0, Expiration).

    Raises the fault again when the platform says that it was restored.
    """
    if fault.detail:
        raise fault


def _offset(reply: Reply, size: int) -> int:
    reached = digits(reply.headers.get("Upload-Offset", ""))
    if reached is None or reached > size:
        raise StartAgain(GONE)
    return reached


def send_piece(work: Sending, path: str, offset: int, piece: bytes) -> int:
    """Send one piece with its checksum; returns the offset the platform stands at afterwards.

    Where a gateway lets no piece of this size through, it stands where it stood and the next is smaller.
    """
    checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
    headers = {
        **TUS,
        "Content-Type": OCTET_STREAM,
        "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha256 {checksum}",
    }
    for _ in range(PIECE_RETRIES):
        try:
            reply = work.client.call("PATCH", path, headers=headers, body=piece)
        except faults.RefusedFault as refusal:
            if refusal.http == 409:
                return _offset(work.client.call("HEAD", path, headers=TUS), 2**63)
            if refusal.http == 404:
                raise StartAgain(GONE) from refusal
            if refusal.http != 460:
                raise
        except faults.TooLargeFault as fault:
            if not fault.gateway or len(piece) <= SMALLEST_PIECE:
                raise
            work.limits = replace(work.limits, chunk_bytes=len(piece) // 2)
            return offset
        except faults.EpochChangedFault as fault:
            _expired(fault)
            raise StartAgain(GONE) from fault
        else:
            return _offset(reply, 2**63)
    raise PieceSpoilt


def _complete(work: Work, job: UploadJob, path: str) -> None:
    try:
        reply = work.client.post(f"{path}/complete", {"sha256": job.sha256, "size": job.size})
    except faults.RefusedFault as refusal:
        if refusal.http in (404, 409):
            raise StartAgain(GONE) from refusal
        if refusal.wire_code == "hash_mismatch":
            raise StartAgain(SPOILT) from refusal
        raise
    except faults.EpochChangedFault as fault:
        _expired(fault)
        raise StartAgain(GONE) from fault
    if (
        not isinstance(reply, dict)
        or reply.get("stored") is not True
        or (reply.get("sha256"), reply.get("size")) != (job.sha256, job.size)
    ):
        raise faults.NotOurPlatformFault(detail="upload completion")


class _GivenUp(Exception):
    """Nobody waits for the file any more."""


class RangeStream:
    """A file of the platform as a stream; a cut line is taken up again where it broke.

    It ends with ``_GivenUp`` when the file is not wanted any more.
    """

    def __init__(self, work: Work, sha256: str) -> None:
        self._work = work
        self._sha256 = sha256
        self._path = f"/files/{sha256}"
        self._pieces: Iterator[bytes] | None = None
        self._rest = b""
        self._taken = 0
        self._cuts = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        while not self._rest:
            self._work.go_on()
            if not self._work.port.transfers.still_wanted(self._sha256):
                raise _GivenUp
            piece = self._next()
            if piece is None:
                return b""
            self._rest = piece
        if size < 0:
            size = len(self._rest)
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def _next(self) -> bytes | None:
        try:
            if self._pieces is None:
                self._pieces = self._work.client.download(self._path, self._taken)
            piece = next(self._pieces, None)
        except faults.UnreachableFault as fault:
            self._cuts += 1
            if self._cuts > LINE_RETRIES or not fault.maybe_done:
                raise
            self._pieces = None
            return self._next()
        except faults.RefusedFault as refusal:
            if refusal.http == 416:
                return None
            raise
        if piece is not None:
            self._taken += len(piece)
        return piece


def download(work: Work, job: DownloadJob) -> None:
    """Fetch one file into the vault; it is kept only when its hash is the one announced."""
    transfers = work.port.transfers
    retry_at = work.later(job.attempts + 1)
    try:
        changes = transfers.keep(job, RangeStream(work, job.sha256))
    except _GivenUp:
        return
    except faults.RefusedFault as refusal:
        work.changed(transfers.download_delayed(job, work.later(8), refusal.message, failed=True))
        return
    if changes is None:
        text = "平台给的文件与校验值不一致，没有留下，会再取一次。"
        failed = job.attempts + 1 >= DOWNLOAD_GIVE_UP
        work.changed(transfers.download_delayed(job, retry_at, text, failed=failed))
        work.port.state.log("attachments", "hash", text)
        return
    work.changed(changes)

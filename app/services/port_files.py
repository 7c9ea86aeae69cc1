"""Files on their way out and in: upload offsets, wanted downloads, and the vault behind them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, BinaryIO, Protocol

from sqlalchemy import (
    Connection,
    Text,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from app.clock import to_text
from app.domain.errors import DamagedFault
from app.services import backlog
from app.services.changes import ChangeSet
from app.services.desk import Desk
from app.services.port_values import DownloadJob, UploadJob
from app.services.settings import Settings
from app.storage import waiting
from app.storage.outbox import UNSETTLED
from app.storage.tables import case_docs, downloads, files, outbox, uploads


class Readable(Protocol):
    """Something that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        ...


MIB = 1024 * 1024
_STILL = select(downloads.c.sha256).where(
    downloads.c.sha256 == bindparam("of_file"), downloads.c.state != "stored"
)
_NEW_FILE = upsert(files)
_KEEP = _NEW_FILE.on_conflict_do_update(
    index_elements=["sha256"],
    set_={
        name: _NEW_FILE.excluded[name]
        for name in ("blob", "size", "media_type", "wrapped_key", "state", "added_at")
    },
)
_FETCHED = (
    update(downloads)
    .where(downloads.c.sha256 == bindparam("of_file"))
    .values(state="stored", error_text="", next_attempt_at="")
)
"""Built once: building a statement costs more than running it."""
_DECLARED = (case_docs.c.entity == "attachment") & (case_docs.c.doc_id == uploads.c.attachment_id)
_SAID = exists().where(
    outbox.c.case_id == uploads.c.case_id,
    outbox.c.kind == "attachment.declare",
    func.json_extract(cast(outbox.c.bytes, Text), "$.payload.attachment.attachment_id")
    == uploads.c.attachment_id,
    outbox.c.state.in_((*UNSETTLED, "delivered")),
)
_TAKEN = _SAID.where(outbox.c.state == "delivered")
"""Whether the platform took the words that declare a file. What the feed tells of them may have come here
unreadable, and be kept aside; or the case is in other hands by now, and a restored platform is told again."""


class Transfers:
    """Uploads and downloads as the engine sees them. Every call is one short transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def uploads_ready(self, *, metered: bool = False) -> tuple[UploadJob, ...]:
        """Files to send now, past their back-off: papers before pictures before sound, the oldest first.

        On a network that is ``metered`` (or called so in the settings) larger ones wait and say so.
        The declaration goes first, so that the bytes of an attachment taken back within its undo window
        never leave this computer; the upload of one taken back is forgotten here.
        """
        now = self._desk.clock.now()
        most = self._most_bytes(metered=metered)

        def work(conn: Connection) -> list[Any]:
            unsaid = (~exists().where(_DECLARED), ~_SAID, uploads.c.state != "stored")
            conn.execute(delete(uploads).where(*unsaid))
            due = [
                uploads.c.state.in_(("waiting", "sending")),
                waiting.over(uploads.c.next_attempt_at, now),
                or_(exists().where(_DECLARED, case_docs.c.shadow.is_not(None)), _TAKEN),
            ]
            if most is not None:
                may_go = or_(uploads.c.size <= most, uploads.c.error_code == backlog.LET_THROUGH)
                held = (*due, not_(may_go), uploads.c.error_text != backlog.METERED)
                conn.execute(update(uploads).where(*held).values(error_text=backlog.METERED))
                due.append(may_go)
            kind = select(files.c.media_type).where(files.c.sha256 == uploads.c.sha256).scalar_subquery()
            sound = or_(kind.like("audio/%"), kind.like("video/%"))
            rank = case((kind.like("image/%"), 1), (sound, 2), else_=0)
            order = (rank, uploads.c.added_at, uploads.c.attachment_id)
            return list(conn.execute(select(uploads).where(*due).order_by(*order)))

        rows = self._desk.store.write(work, background=True)
        return tuple(
            UploadJob(
                attachment_id=row.attachment_id,
                case_id=row.case_id,
                sha256=row.sha256,
                size=row.size,
                url=row.url,
                sent=row.sent,
                attempts=row.attempts,
            )
            for row in rows
        )

    def _most_bytes(self, *, metered: bool) -> int | None:
        """The largest file to send over the present network; ``None`` when any may go."""
        personal = Settings(self._desk).personal()
        if personal.line == "free" or (personal.line == "auto" and not metered):
            return None
        return personal.metered_mb * MIB

    def upload_progress(self, attachment_id: str, url: str, sent: int) -> None:
        """Where an upload stands; it resumes from here after a cut or a restart."""
        self._upload(attachment_id, state="sending", url=url, sent=sent, error_text="")

    def upload_delayed(self, attachment_id: str, retry_at: str, reason: str, *, restart: bool) -> None:
        """Try again later; ``restart``: from the first byte."""
        values: dict[str, Any] = {"state": "waiting", "next_attempt_at": retry_at, "error_text": reason}
        if restart:
            values |= {"url": "", "sent": 0}
        self._upload(attachment_id, attempts=uploads.c.attempts + 1, **values)

    def upload_failed(self, attachment_id: str, code: str, text: str) -> ChangeSet:
        """Refused for good, or the bytes are gone: a person has to look at it."""
        self._upload(attachment_id, state="failed", error_code=code, error_text=text)
        return ChangeSet.of("attachments", "outbox")

    def upload_stored(self, sha256: str) -> ChangeSet:
        """The platform hashed the whole file and keeps it."""
        now = to_text(self._desk.clock.now())

        def work(conn: Connection) -> ChangeSet:
            where = (uploads.c.sha256 == sha256) & (uploads.c.state != "stored")
            touched = frozenset(conn.execute(select(uploads.c.case_id).where(where)).scalars())
            conn.execute(
                update(uploads)
                .where(where)
                .values(state="stored", sent=uploads.c.size, settled_at=now, error_code="", error_text="")
            )
            return ChangeSet.of("attachments", "outbox", case_ids=touched)

        return self._desk.store.write(work, background=True)

    def upload_again(self, hashes: Sequence[str]) -> ChangeSet:
        """The platform misses these bytes (it was restored, or an upload got lost): send them again."""
        self._desk.store.write(
            lambda conn: _drop(conn.execute(_again().where(uploads.c.sha256.in_(list(hashes))))),
            background=True,
        )
        return ChangeSet.of("attachments", "outbox")

    def upload_all_again(self, conn: Connection) -> None:
        """After a restore of the platform every file is offered again; what it still has costs no bytes.

        In the caller's transaction.
        """
        conn.execute(_again())

    def _upload(self, attachment_id: str, **values: Any) -> None:
        statement = update(uploads).where(uploads.c.attachment_id == attachment_id).values(**values)
        self._desk.store.write(lambda conn: _drop(conn.execute(statement)), background=True)

    def open(self, sha256: str) -> BinaryIO:
        """The plain bytes of a file of ours, decrypted while read; seekable.

        Raises :class:`DamagedFault` when they are gone or do not open any more.
        """
        query = select(files).where(files.c.sha256 == sha256)
        row = self._desk.store.read(lambda conn: conn.execute(query).one_or_none())
        if row is None or row.state != "present":
            raise DamagedFault(
                "文件不在了或坏了，没有发出去。登记信息还在，可以从备份找回。",
                subject=f"attachment:{sha256[:8]}",
            )
        return self._desk.vault.open(row)

    def next_download(self, tried: Collection[str] = ()) -> DownloadJob | None:
        """The file to fetch now, besides those ``tried`` in this run: what was asked for last goes first."""
        now = self._desk.clock.now()
        query = (
            select(downloads)
            .where(
                or_(downloads.c.state == "wanted", downloads.c.state == "failed"),
                waiting.over(downloads.c.next_attempt_at, now),
                downloads.c.sha256.not_in(tuple(tried)),
            )
            .order_by(literal_column("downloads.rowid").desc())
            .limit(1)
        )
        row = self._desk.store.read(lambda conn: conn.execute(query).one_or_none())
        if row is None:
            return None
        return DownloadJob(
            sha256=row.sha256,
            case_id=row.case_id,
            size=row.size,
            name=row.name,
            media_type=row.media_type,
            attempts=row.attempts,
        )

    def still_wanted(self, sha256: str) -> bool:
        """Whether anybody still waits for a file that is being fetched."""
        named = {"of_file": sha256}
        return self._desk.store.read(lambda conn: conn.execute(_STILL, named).first()) is not None

    def keep(self, job: DownloadJob, source: Readable) -> ChangeSet | None:
        """Take a fetched file into the vault. ``None``, and nothing kept, when its hash is another.

        Raises ``StorageFault`` when the disk does not take it.
        """
        stored = self._desk.vault.add_stream(source, max_bytes=job.size + 1)
        if stored.sha256 != job.sha256 or stored.size != job.size:
            known = select(files.c.sha256).where(files.c.blob == stored.blob)
            if self._desk.store.read(lambda conn: conn.execute(known).first()) is None:
                self._desk.vault.remove(stored.blob)
            return None
        values = {
            "sha256": job.sha256,
            "blob": stored.blob,
            "size": stored.size,
            "media_type": job.media_type,
            "wrapped_key": stored.wrapped_key,
            "state": "present",
            "added_at": to_text(self._desk.clock.now()),
        }

        def work(conn: Connection) -> ChangeSet:
            conn.execute(_KEEP, values)
            conn.execute(_FETCHED, {"of_file": job.sha256})
            return ChangeSet.of("attachments", case_ids=frozenset({job.case_id}))

        return self._desk.store.write(work, background=True)

    def download_delayed(
        self, job: DownloadJob, retry_at: str, reason: str, *, failed: bool = False
    ) -> ChangeSet:
        """Try again later; ``failed``: what came was not the file, or the platform has none."""
        statement = (
            update(downloads)
            .where(downloads.c.sha256 == job.sha256)
            .values(
                state="failed" if failed else "wanted",
                attempts=downloads.c.attempts + 1,
                next_attempt_at=retry_at,
                error_text=reason,
            )
        )
        self._desk.store.write(lambda conn: _drop(conn.execute(statement)), background=True)
        return ChangeSet.of("attachments", case_ids=frozenset({job.case_id}))


def _again() -> Any:
    return (
        update(uploads)
        .where(uploads.c.state == "stored")
        .values(state="waiting", url="", sent=0, attempts=0, next_attempt_at="", settled_at="")
    )


def _drop(_: object) -> None:
    return None

"""Files: tus 1.0 uploads (creation, offset, sha256 checksum), storing by hash, and reading with Range."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import threading
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select

from sync.contract import wire as w
from sync.contract.codes import WireError
from sync.contract.model import PREFIX
from sync.sandbox import tables as t
from sync.sandbox.accounts import Caller
from sync.sandbox.feedout import FILE_BYTES
from sync.sandbox.http import FilePart, Request, Response, number, reply
from sync.sandbox.source import Source
from sync.sandbox.store import Store, Tx, stamp

TUS = {"tus-resumable": "1.0.0", "cache-control": "no-store"}
HASH = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """Something that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        ...


class Files:
    """The platform's files, content-addressed; bytes on disk, knowledge of them in the store."""

    def __init__(self, store: Store, source: Source, folder: Path) -> None:
        self.store = store
        self.source = source
        self.kept = folder / "files"
        self.coming = folder / "uploads"
        self.kept.mkdir(parents=True, exist_ok=True)
        self.coming.mkdir(parents=True, exist_ok=True)
        self._busy: set[str] = set()
        self._guard = threading.Lock()

    def path(self, sha256: str) -> Path:
        """Where a stored file's bytes are."""
        return self.kept / sha256[:2] / sha256

    def options(self) -> Response:
        """``OPTIONS /uploads``."""
        more = {
            "tus-version": "1.0.0",
            "tus-extension": "creation,checksum",
            "tus-checksum-algorithm": "sha256",
            "tus-max-size": str(FILE_BYTES),
        }
        return reply(None, 204, {**TUS, **more})

    def create(self, request: Request, caller: Caller) -> Response:
        """``POST /uploads``. A file the institution already has starts complete."""
        size = number(request.headers.get("upload-length", ""))
        sha256 = _metadata(request.headers.get("upload-metadata", "")).get("sha256", "")
        if size is None or not HASH.fullmatch(sha256):
            raise WireError("bad_request", field="Upload-Metadata")
        if size > FILE_BYTES:
            raise WireError("too_large")
        upload_id = self.source.new_id()
        with self.store.write(self.source.now()) as tx:
            held = tx.conn.execute(select(t.files.c.size).where(_ours(caller, sha256))).one_or_none()
            offset = size if held is not None and held.size == size else 0
            row = {"upload_id": upload_id, "sha256": sha256, "size": size, "offset": offset}
            row |= {"device_id": caller.device_id, "made_at": stamp(tx.now)}
            row |= {"institution_id": caller.institution}
            tx.conn.execute(t.uploads.insert(), row)
        (self.coming / upload_id).touch()
        headers = {"location": f"{PREFIX}/uploads/{upload_id}", "upload-offset": str(offset)}
        return reply(None, 201, {**TUS, **headers})

    def _row(self, caller: Caller, upload_id: str) -> Any:
        ours = t.uploads.c.institution_id == caller.institution
        with self.store.read() as conn:
            row = conn.execute(
                select(t.uploads).where(t.uploads.c.upload_id == upload_id, ours)
            ).one_or_none()
        if row is None:
            raise WireError("not_found")
        return row

    def head(self, caller: Caller, upload_id: str) -> Response:
        """``HEAD /uploads/{id}``."""
        row = self._row(caller, upload_id)
        return reply(None, 200, {**TUS, "upload-offset": str(row.offset), "upload-length": str(row.size)})

    def patch(self, request: Request, caller: Caller, upload_id: str) -> Response:
        """``PATCH /uploads/{id}``: bytes reach the disk before the offset moves."""
        with self._guard:
            if upload_id in self._busy:
                raise WireError("upload_busy", retry_after=1)
            self._busy.add(upload_id)
        try:
            return self._patch(request, caller, upload_id)
        finally:
            with self._guard:
                self._busy.discard(upload_id)

    def _patch(self, request: Request, caller: Caller, upload_id: str) -> Response:
        given = number(request.headers.get("upload-offset", ""))
        if given is None:
            raise WireError("bad_request", field="Upload-Offset")
        row = self._row(caller, upload_id)
        if given != row.offset:
            raise WireError("upload_offset", details={"offset": row.offset})
        if row.offset + len(request.body) > row.size:
            raise WireError("bad_request", field="Upload-Offset")
        checksum = request.headers.get("upload-checksum", "")
        if checksum and checksum != f"sha256 {_b64(hashlib.sha256(request.body).digest())}":
            raise WireError("upload_checksum")
        path = self.coming / upload_id
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.seek(row.offset)
            file.write(request.body)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        offset = row.offset + len(request.body)
        with self.store.write(self.source.now()) as tx:
            tx.conn.execute(
                t.uploads.update().where(t.uploads.c.upload_id == upload_id).values(offset=offset)
            )
        return reply(None, 204, {**TUS, "upload-offset": str(offset)})

    def complete(self, caller: Caller, body: w.UploadComplete, upload_id: str) -> w.UploadDone:
        """``POST …/complete``: hash the whole file, keep it, and tell every case that declared it."""
        row = self._row(caller, upload_id)
        self._check_all_there(row, body.sha256, body.size)
        done = w.UploadDone(sha256=row.sha256, size=row.size, stored=True)
        # Whether it was done before says nothing: a restore forgets files, and their bytes lie here still.
        if self.has(caller, row.sha256):
            return done
        if (self.coming / upload_id).exists() or not self._kept_whole(row):
            self._check_hash(row)
            self._keep(self.coming / upload_id, row.sha256)
        with self.store.write(self.source.now()) as tx:
            self.stored(tx, caller.institution, row.sha256, row.size, "application/octet-stream")
            tx.conn.execute(t.uploads.update().where(t.uploads.c.upload_id == upload_id).values(done=1))
        return done

    def _check_all_there(self, row: Any, sha256: str, size: int) -> None:
        if sha256 != row.sha256 or size != row.size:
            raise WireError("hash_mismatch", field="sha256")
        if row.offset < row.size:
            raise WireError("upload_incomplete", details={"offset": row.offset})

    def _kept_whole(self, row: Any) -> bool:
        """Whether the bytes were put in their place before the platform ended, and nobody noted it."""
        sha256: str = row.sha256
        return _hash_of(self.path(sha256)) == sha256

    def _check_hash(self, row: Any) -> None:
        if _hash_of(self.coming / row.upload_id) != row.sha256:
            with self.store.write(self.source.now()) as tx:
                ours = t.uploads.c.upload_id == row.upload_id
                tx.conn.execute(t.uploads.update().where(ours).values(offset=0, done=0))
            raise WireError("hash_mismatch", field="sha256")

    def arrived(self, caller: Caller, upload_id: str, sha256: str, size: int) -> Path:
        """The bytes of an upload that is no file of the institution's but a package, checked whole."""
        row = self._row(caller, upload_id)
        self._check_all_there(row, sha256, size)
        if row.done or not (self.coming / upload_id).exists():
            raise WireError("not_found")
        self._check_hash(row)
        return self.coming / upload_id

    def done_with(self, caller: Caller, upload_id: str, sha256: str) -> None:
        """Keep nothing of an upload with this content, which was taken in."""
        ours = t.uploads.c.institution_id == caller.institution
        mine = (t.uploads.c.upload_id == upload_id) & (t.uploads.c.sha256 == sha256) & ours
        with self.store.write(self.source.now()) as tx:
            gone = tx.conn.execute(t.uploads.delete().where(mine)).rowcount
        if gone:
            (self.coming / upload_id).unlink(missing_ok=True)

    def take_in(self, caller: Caller, sha256: str, size: int, source: Readable) -> w.UploadDone:
        """Store a file of the caller's institution that comes as a stream. Raises ``hash_mismatch``."""
        done = w.UploadDone(sha256=sha256, size=size, stored=True)
        if self.has(caller, sha256):
            return done
        partial = self.coming / self.source.new_id()
        digest = hashlib.sha256()
        try:
            with partial.open("xb") as file:
                while piece := source.read(1024 * 1024):
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if digest.hexdigest() != sha256:
                raise WireError("hash_mismatch", field="sha256")
            self._keep(partial, sha256)
        finally:
            partial.unlink(missing_ok=True)
        with self.store.write(self.source.now()) as tx:
            self.stored(tx, caller.institution, sha256, size, "application/octet-stream")
        return done

    def _keep(self, source: Path, sha256: str) -> None:
        place = self.path(sha256)
        place.parent.mkdir(exist_ok=True)
        source.replace(place)

    def has(self, caller: Caller, sha256: str) -> bool:
        """Whether the caller's institution has the file."""
        with self.store.read() as conn:
            return conn.execute(select(t.files.c.sha256).where(_ours(caller, sha256))).first() is not None

    def stored(self, tx: Tx, institution: str, sha256: str, size: int, media_type: str) -> None:
        """Note a file as stored and put ``stored`` on the institution's attachments that name it."""
        known = select(t.files.c.sha256).where(
            t.files.c.sha256 == sha256, t.files.c.institution_id == institution
        )
        if tx.conn.execute(known).first() is None:
            row = {"sha256": sha256, "size": size, "media_type": media_type, "stored_at": stamp(tx.now)}
            row["institution_id"] = institution
            tx.conn.execute(t.files.insert(), row)
        like = t.docs.c.body.contains(f'"sha256":"{sha256}"')
        ours = t.docs.c.institution_id == institution
        declared = select(t.docs.c.doc_id).where(t.docs.c.entity == "attachment", ours, like)
        for doc_id in tx.conn.execute(declared).scalars().all():
            doc = tx.get("attachment", doc_id)
            if doc is not None and not doc.body["stored"]:
                tx.put("attachment", doc_id, doc.case_id, {**doc.body, "stored": True}, by="platform")

    def add(self, tx: Tx, institution: str, data: bytes, media_type: str) -> str:
        """Store bytes that the platform itself made for an institution; returns their hash."""
        sha256 = hashlib.sha256(data).hexdigest()
        place = self.path(sha256)
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            partial = self.coming / self.source.new_id()
            partial.write_bytes(data)
            partial.replace(place)
        self.stored(tx, institution, sha256, len(data), media_type)
        return sha256

    def copied(self, tx: Tx, institution: str, sha256: str) -> None:
        """Note a file as stored again whose copy a court has: a restored platform forgot that it had it."""
        size = self.path(sha256).stat().st_size
        self.stored(tx, institution, sha256, size, "application/octet-stream")

    def read(self, request: Request, caller: Caller, sha256: str) -> Response:
        """``GET /files/{sha256}``, whole or one Range."""
        with self.store.read() as conn:
            row = conn.execute(select(t.files).where(_ours(caller, sha256))).one_or_none()
        if row is None or not self.path(sha256).exists():
            raise WireError("not_found")
        start, length = _span(request.headers.get("range", ""), row.size)
        headers = {
            "content-type": "application/octet-stream",
            "content-length": str(length),
            "accept-ranges": "bytes",
            "etag": f'"{sha256}"', "x-content-type-options": "nosniff",
        }  # fmt: skip
        part = length != row.size
        if part:
            headers["content-range"] = f"bytes {start}-{start + length - 1}/{row.size}"
        return Response(206 if part else 200, headers, b"", FilePart(self.path(sha256), start, length))


def _ours(caller: Caller, sha256: str) -> ColumnElement[bool]:
    """A file as the caller's institution has it; what another one has is nothing to it."""
    return (t.files.c.sha256 == sha256) & (t.files.c.institution_id == caller.institution)


def _hash_of(path: Path) -> str:
    """SHA-256 of a file; empty when there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _metadata(header: str) -> dict[str, str]:
    """``Upload-Metadata``: comma-separated ``key base64`` pairs."""
    found = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise WireError("bad_request", field="Upload-Metadata") from error
    return found


def _span(header: str, size: int) -> tuple[int, int]:
    """First byte and length asked for by a ``Range`` header of one span."""
    if not header:
        return 0, size
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header.strip())
    if match is None or match.groups() == ("", ""):
        return 0, size
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or end < start:
        raise WireError("range")
    return start, end - start + 1

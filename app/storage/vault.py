"""The encrypted file vault: attachments and result documents, stored under keyed names.

A blob's name is HMAC(name key, SHA-256 of the plain bytes), so a known file cannot be recognised by its
name. Bytes reach the disk (flush, rename) before their row is written; what a crash leaves without a row
is swept later. Nothing is ever written decrypted.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from app.domain.errors import DamagedFault, UserError
from app.storage.atomic import sync_folder
from app.storage.blobs import (
    WHAT,
    BlobReader,
    Header,
    Readable,
    blob_size,
    read_header,
    unwrap_key,
    write_blob,
)
from app.storage.crypto import DEFAULT_SUITE, OpenFailedError
from app.storage.faults import from_os_error

_PART = ".part"
_UNFINISHED_AGE = 3600.0
_UNKNOWN_AGE = 30 * 86400.0


@dataclass(frozen=True)
class StoredFile:
    """What the caller writes into ``files``: hash and size of the plain bytes, blob name, wrapped key."""

    sha256: str
    size: int
    blob: str
    wrapped_key: bytes


class FileRow(Protocol):
    """The columns of a row of ``files`` that the vault needs."""

    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def blob(self) -> str: ...
    @property
    def wrapped_key(self) -> bytes: ...


class Vault:
    """Files under ``folder``. Methods may be called from any thread."""

    def __init__(self, folder: Path, vault_key: bytes, name_key: bytes) -> None:
        self._folder = folder
        self._vault_key = vault_key
        self._name_key = name_key
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise from_os_error(error, WHAT) from error

    def blob_name(self, sha256: str) -> str:
        """Name under which the file with this plain hash is stored."""
        return DEFAULT_SUITE.mac(self._name_key, sha256.encode()).hex()

    def blob_path(self, blob: str) -> Path:
        """Where a blob lies."""
        return self._folder / blob[:2] / blob

    def add_stream(self, source: Readable, *, max_bytes: int | None = None) -> StoredFile:
        """Encrypt what ``source`` gives and store it. On return the bytes are on the disk.

        A file that is stored already is checked and kept; a damaged one is replaced. Raises
        ``UserError`` beyond ``max_bytes``, ``StorageFault`` when the disk does not take it.
        """
        limited = source if max_bytes is None else _Limited(source, max_bytes)
        part = self._folder / f"{secrets.token_hex(16)}{_PART}"
        try:
            descriptor = os.open(
                part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
            )
            with os.fdopen(descriptor, "wb", buffering=0) as target:
                sha256, size, wrapped = write_blob(limited, _Whole(target), self._vault_key)
                os.fsync(target.fileno())
            stored = StoredFile(sha256, size, self.blob_name(sha256), wrapped)
            return self._keep_existing(stored) or self._place(part, stored)
        except OSError as error:
            raise from_os_error(error, WHAT) from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    def add_bytes(self, content: bytes) -> StoredFile:
        """Like :meth:`add_stream` for bytes at hand."""
        return self.add_stream(io.BytesIO(content))

    def open(self, row: FileRow) -> BinaryIO:
        """The plain bytes of a stored file, decrypted while reading; seekable; to be closed.

        Raises ``DamagedFault`` when the blob is missing, is another file's, was cut or does not open; also
        while reading, when a record does not.
        """
        return io.BufferedReader(self._reader(row), buffer_size=64 * 1024)

    def verify(self, row: FileRow) -> None:
        """Read the whole file and compare its hash. Raises ``DamagedFault``."""
        self._verify_at(self.blob_path(row.blob), row)

    def heal(self, row: FileRow, fetch: Callable[[str, Path], bool]) -> bool:
        """Put a good copy of a damaged or missing blob back; the damaged one is kept as ``.damaged``.

        ``fetch(blob, target)`` writes a copy of the blob, from a backup, to ``target`` and says whether
        it had one. The copy is checked whole before it is used. Returns whether the file is good now.
        """
        place = self.blob_path(row.blob)
        candidate = place.with_name(f"{row.blob}.{secrets.token_hex(4)}{_PART}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if not fetch(row.blob, candidate):
                return False
            try:
                self._verify_at(candidate, row)
            except DamagedFault:
                return False
            if place.exists():
                place.replace(place.with_name(f"{row.blob}.damaged"))
            candidate.replace(place)
            sync_folder(place.parent)
        except OSError as error:
            raise from_os_error(error, WHAT) from error
        finally:
            with contextlib.suppress(OSError):
                candidate.unlink(missing_ok=True)
        return True

    def remove(self, blob: str) -> None:
        """Delete a blob, for an approved erasure. A blob that is gone already is fine."""
        try:
            self.blob_path(blob).unlink(missing_ok=True)
        except OSError as error:
            raise from_os_error(error, WHAT) from error

    def blobs(self) -> Iterator[Path]:
        """Every stored blob, in no order."""
        for path in self._folder.glob("??/*"):
            if "." not in path.name:
                yield path

    def sweep(
        self, known: set[str], *, unfinished_age: float = _UNFINISHED_AGE, unknown_age: float = _UNKNOWN_AGE
    ) -> int:
        """Delete what a crash left: unfinished files, and blobs no row knows. The number deleted.

        Ages in seconds. Unknown blobs (``known`` holds those of all files) are kept long: after an old
        backup was restored they may be the newest work, and their rows can still come back.
        """
        parts = [*self._folder.glob(f"*{_PART}"), *self._folder.glob(f"??/*{_PART}")]
        unknown = [path for path in self.blobs() if path.name not in known]
        now = time.time()
        gone = 0
        for paths, limit in ((parts, now - unfinished_age), (unknown, now - unknown_age)):
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime <= limit:
                        path.unlink()
                        gone += 1
        return gone

    def _place(self, part: Path, stored: StoredFile) -> StoredFile:
        place = self.blob_path(stored.blob)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        part.replace(place)
        sync_folder(place.parent)
        sync_folder(self._folder)
        return stored

    def _keep_existing(self, stored: StoredFile) -> StoredFile | None:
        place = self.blob_path(stored.blob)
        try:
            with place.open("rb") as stream:
                existing = StoredFile(
                    stored.sha256, stored.size, stored.blob, read_header(stream).wrapped_key
                )
            self.verify(existing)
        except (FileNotFoundError, OpenFailedError, DamagedFault):
            return None
        return existing

    def _reader(self, row: FileRow) -> BlobReader:
        return _reader_at(self.blob_path(row.blob), row, self._vault_key)

    def _verify_at(self, place: Path, row: FileRow) -> None:
        with _reader_at(place, row, self._vault_key) as reader:
            _compare(reader, row)


def check_blob(stream: BinaryIO, length: int, row: FileRow, vault_key: bytes) -> None:
    """Read a blob of ``length`` bytes that lies elsewhere whole. Raises ``DamagedFault``; closes it."""
    with _reader_on(stream, length, row, vault_key) as reader:
        _compare(reader, row)


def _compare(reader: BlobReader, row: FileRow) -> None:
    digest = hashlib.sha256()
    for record in reader.records():
        digest.update(record)
    if digest.hexdigest() != row.sha256:
        raise _damage(row, "hash")


def _reader_at(place: Path, row: FileRow, vault_key: bytes) -> BlobReader:
    try:
        stream = place.open("rb")
    except FileNotFoundError as error:
        raise _damage(row, "missing") from error
    except OSError as error:
        raise from_os_error(error, WHAT) from error
    return _reader_on(stream, os.fstat(stream.fileno()).st_size, row, vault_key)


def _reader_on(stream: BinaryIO, length: int, row: FileRow, vault_key: bytes) -> BlobReader:
    try:
        header = read_header(stream)
        key = _file_key(header, row, vault_key)
    except OpenFailedError as error:
        stream.close()
        raise _damage(row, "header") from error
    except OSError as error:
        stream.close()
        raise from_os_error(error, WHAT) from error
    if length != blob_size(header, row.size):
        stream.close()
        raise _damage(row, "length")
    return BlobReader(stream, header, key, row.size, lambda detail: _damage(row, detail))


def _file_key(header: Header, row: FileRow, vault_key: bytes) -> bytes:
    """The blob's key. Its own wrapping is newer than the row's when a damaged blob was replaced.

    Both are bound to the file's hash: neither opens a blob that belongs to other content.
    """
    for wrapped in (row.wrapped_key, header.wrapped_key):
        with contextlib.suppress(OpenFailedError):
            return unwrap_key(vault_key, header.file_id, row.sha256, wrapped)
    raise OpenFailedError("the key of another file")


def _damage(row: FileRow, detail: str) -> DamagedFault:
    what = "文件不在了" if detail == "missing" else "文件有损坏，没有打开"
    return DamagedFault(
        f"{what}，登记信息还在。可以从备份找回。", subject=f"attachment:{row.sha256[:8]}", detail=detail
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class _Whole:
    """Writes all of what it is given: an unbuffered file may take only a part (a disk filling up)."""

    def __init__(self, target: io.FileIO) -> None:
        self._target = target

    def rewind(self) -> None:
        self._target.seek(0)

    def write(self, data: bytes, /) -> int:
        view = memoryview(data)
        done = 0
        while done < len(view):
            done += self._target.write(view[done:])
        return done


class _Limited:
    """Stops reading a source that turns out to be larger than allowed."""

    def __init__(self, source: Readable, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._left = limit

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._left -= len(data)
        if self._left < 0:
            megabytes = self._limit // (1024 * 1024)
            raise UserError(
                f"这个文件超过 {megabytes} MB，没有加入。请压缩或分成几个文件再加。", code="E-TOO-LARGE"
            )
        return data

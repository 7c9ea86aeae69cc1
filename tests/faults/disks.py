"""A disk that fails at a chosen write or read, with the errors that the system itself would give."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

from app.services.office import Office
from app.storage import vault

SCRATCH = "CREATE TABLE scratch AS SELECT randomblob(200000) AS filler"
NO_BOUND = 1073741823
"""Pages a database may have unless it is bounded."""


class HasDisk(Protocol):
    """A computer of the harness, or a window."""

    @property
    def folder(self) -> Path: ...
    @property
    def office(self) -> Office: ...


@dataclass
class Disk:
    """Counts the points at which something is written. From the ``at``-th on all of them fail."""

    folder: str
    at: int
    number: int
    failed: bool = False
    reached: int = 0
    ours: set[int] = field(default_factory=set)

    def fails(self) -> bool:
        """One of the points was reached; whether it fails."""
        self.failed = self.failed or self.reached == self.at
        self.reached += 1
        return self.failed

    def write(self) -> None:
        """A point outside the database. Raises ``OSError``."""
        if self.fails():
            raise OSError(self.number, os.strerror(self.number))

    def here(self, path: Any) -> bool:
        """Whether a path belongs to the computer."""
        return str(path).startswith(self.folder)


@contextmanager
def full_disk(pc: HasDisk, at: int) -> Iterator[Disk]:
    """Inside, the computer's disk is full from its ``at``-th write on; afterwards there is room again.

    The database is kept from growing by SQLite's own bound, so that the error is the engine's own.
    """
    disk, store = Disk(str(pc.folder), at, errno.ENOSPC), pc.office.desk.store
    whole = store.write

    def write(fn: Callable[[Any], Any], *, background: bool = False) -> Any:
        def then(conn: Any) -> Any:
            value = fn(conn)
            if disk.fails():
                conn.exec_driver_sql("PRAGMA max_page_count=1")
                try:
                    conn.exec_driver_sql(SCRATCH)
                finally:
                    conn.exec_driver_sql(f"PRAGMA max_page_count={NO_BOUND}")
            return value

        return whole(then, background=background)

    with mock.patch.object(store, "write", write), _writes(disk):
        yield disk


@contextmanager
def failing_writes(pc: HasDisk, at: int, number: int) -> Iterator[Disk]:
    """Inside, what the computer writes beside its database fails with ``number`` from the ``at``-th on."""
    disk = Disk(str(pc.folder), at, number)
    with _writes(disk):
        yield disk


@contextmanager
def _writes(disk: Disk) -> Iterator[None]:
    """Every way in which the product puts bytes beside the database."""
    opened, replaced, flushed, taken = os.open, os.replace, os.fsync, vault._Whole.write

    def make(path: Any, flags: int, *more: Any, **named: Any) -> int:
        ours = disk.here(path)
        if ours and flags & os.O_CREAT:
            disk.write()
        number = opened(path, flags, *more, **named)
        (disk.ours.add if ours else disk.ours.discard)(number)
        return number

    def replace(source: Any, target: Any, **named: Any) -> None:
        if disk.here(target):
            disk.write()
        replaced(source, target, **named)

    def flush(number: int) -> None:
        if number in disk.ours:
            disk.write()
        flushed(number)

    def take(self: Any, data: bytes) -> int:
        disk.write()
        return taken(self, data)

    with (
        mock.patch("os.open", make),
        mock.patch("os.replace", replace),
        mock.patch("os.fsync", flush),
        mock.patch.object(vault._Whole, "write", take),
    ):
        yield


class _Broken:
    """A file whose sectors do not read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def seek(self, offset: int) -> int:
        return int(self._stream.seek(offset))

    def read(self, _size: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def close(self) -> None:
        self._stream.close()


@contextmanager
def unreadable(pc: HasDisk, sha256: str) -> Iterator[None]:
    """Inside, the sectors under one file of the computer's vault do not read (EIO)."""
    place = pc.office.desk.vault.blob_path(pc.office.desk.vault.blob_name(sha256))
    whole = vault.BlobReader.__init__

    def begin(self: Any, stream: Any, *more: Any) -> None:
        whole(self, _Broken(stream) if stream.name == str(place) else stream, *more)

    with mock.patch.object(vault.BlobReader, "__init__", begin):
        yield


def flip(path: Any, offset: int) -> bytes:
    """Turn one bit of a file; its bytes as they lie now."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
    return bytes(data)

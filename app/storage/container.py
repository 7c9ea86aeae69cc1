"""The container of a backup: a ZIP without compression, and the manifest that lists what is in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from app.domain.errors import Cancelled, DamagedFault, NewerFileFault, UserError
from app.storage.atomic import sync_folder
from app.storage.blobs import Readable
from app.storage.faults import from_os_error

FORMAT = 1
MANIFEST = "manifest.json"
KEYS, DATABASE, VAULT = "keys.json", "store.db", "vault/"
ENTRY = re.compile(r"keys\.json|store\.db|vault/[0-9a-f]{2}/[0-9a-f]{64}")
_CHUNK = 1024 * 1024
_LARGESTMANIFEST = 512 * 1024 * 1024

Progress = Callable[[int, int], bool]
"""Told bytes done and bytes in all; returns False to cancel."""


class Entry(msgspec.Struct, frozen=True):
    """One file in the container."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. ``mac`` is over everything else."""

    format: int
    profile_id: str
    created_at: str
    schema: str
    entries: dict[str, Entry]
    mac: str = ""


class Meter:
    """Counts bytes and asks whether to go on."""

    def __init__(self, progress: Progress | None = None, total: int = 0) -> None:
        self._progress = progress
        self._done = 0
        self._total = total

    def add(self, count: int) -> None:
        """Count bytes. Raises ``Cancelled``."""
        self._done += count
        if self._progress is not None and not self._progress(self._done, self._total):
            raise Cancelled


def pack(part: Path, sources: dict[str, Path], meter: Meter) -> dict[str, Entry]:
    """Write the files into a new container; what the manifest says about each.

    An attachment that nobody knows any more may go while this runs: it is not in the container then.
    """
    entries = {}
    with zipfile.ZipFile(part, "x", zipfile.ZIP_STORED) as container:
        for name, source in sources.items():
            try:
                stream = source.open("rb")
            except FileNotFoundError:
                if name.startswith(VAULT):
                    continue
                raise
            digest, size = hashlib.sha256(), 0
            info = zipfile.ZipInfo(name)
            with stream, container.open(info, "w", force_zip64=True) as entry:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    entry.write(chunk)
                    size += len(chunk)
                    meter.add(len(chunk))
            entries[name] = Entry(digest.hexdigest(), size)
    return entries


def finish(part: Path, target: Path, manifest: Manifest) -> None:
    """Add the manifest, flush to the disk, and give the container its name."""
    with zipfile.ZipFile(part, "a", zipfile.ZIP_STORED) as container:
        container.writestr(zipfile.ZipInfo(MANIFEST), msgspec.json.encode(manifest, order="sorted"))
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    part.replace(target)
    sync_folder(target.parent)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The container and its manifest. Raises ``UserError``, ``NewerFileFault``, ``DamagedFault``."""
    try:
        container = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise UserError(
            "没有找到这个备份文件。请看看移动盘是否接好，再选一次。", code="E-NO-BACKUP"
        ) from error
    except zipfile.BadZipFile as error:
        raise UserError(
            "这个文件不是本软件的备份，或没有拷完整。请换一个备份文件。", code="E-NOT-BACKUP"
        ) from error
    except OSError as error:
        raise from_os_error(error, "备份文件") from error
    with container:
        yield container, _manifest(container)


def _manifest(container: zipfile.ZipFile) -> Manifest:
    try:
        info = container.getinfo(MANIFEST)
        if info.file_size > _LARGESTMANIFEST:
            raise damaged(MANIFEST)
        data = container.read(info)
        newer = msgspec.json.decode(data, type=_Format).format > FORMAT
        manifest = None if newer else msgspec.json.decode(data, type=Manifest)
    except (KeyError, msgspec.MsgspecError, zipfile.BadZipFile) as error:
        raise UserError(
            "这个文件不是本软件的备份，或没有拷完整。请换一个备份文件。", code="E-NOT-BACKUP"
        ) from error
    if manifest is None:
        raise NewerFileFault("这个备份由更新的版本写成，没有动它。请先升级本软件，再恢复。", code="E-NEWER")
    if not all(ENTRY.fullmatch(name) for name in manifest.entries):
        raise damaged(MANIFEST)
    return manifest


class _Format(msgspec.Struct):
    format: int


def entry_hash(container: zipfile.ZipFile, name: str) -> str:
    """SHA-256 of an entry, hex; empty when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with container.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except (KeyError, zipfile.BadZipFile, EOFError):
        return ""
    return digest.hexdigest()


def unpack(container: zipfile.ZipFile, name: str, entry: Entry, target: Path, meter: Meter) -> None:
    """Copy an entry to a new file. Never more bytes than the manifest promises."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, left = hashlib.sha256(), entry.size
    try:
        with container.open(name) as stream, open(target, "xb") as out:
            left = _copy(stream, out, digest, left, meter)
            out.flush()
            os.fsync(out.fileno())
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        target.unlink(missing_ok=True)
        raise damaged(name) from error
    if left or digest.hexdigest() != entry.sha256:
        target.unlink(missing_ok=True)
        raise damaged(name)


def _copy(stream: Readable, out: BinaryIO, digest: hashlib._Hash, left: int, meter: Meter) -> int:
    while chunk := stream.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            break
        digest.update(chunk)
        out.write(chunk)
        meter.add(len(chunk))
    return left


def spoken(name: str) -> str:
    """An entry in Chinese."""
    return {KEYS: "口令文件", DATABASE: "案件库", MANIFEST: "清单"}.get(name, "附件")


def damaged(name: str) -> DamagedFault:
    """The entry is not what the manifest says."""
    return DamagedFault(
        f"备份里的“{spoken(name)}”有损坏，没有恢复，原来的档案没有改动。请换一份备份。",
        subject="backup",
        detail=name,
    )


def _no_backup() -> UserError:
    return UserError("这个文件不是本软件的备份，或没有拷完整。请换一个备份文件。", code="E-NOT-BACKUP")

"""Backups: one container file with the key slots, the database and the vault, all encrypted already.

The container is a ZIP without compression (everything in it is ciphertext). Its manifest lists the hash of
each entry and is itself authenticated with the profile's backup key, so that with the keys open a swapped
entry shows. Copying one back needs no passphrase; opening what it holds needs the passphrase or recovery
code of the day it was made.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hmac
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from app.clock import Clock, to_text
from app.domain.errors import Cancelled, DamagedFault, UserError
from app.paths import ProfilePaths
from app.storage import integrity
from app.storage.atomic import sync_folder
from app.storage.backupfiles import SUFFIX as SUFFIX
from app.storage.backupfiles import backups_in as backups_in
from app.storage.backupfiles import newest_first
from app.storage.container import (
    DATABASE,
    ENTRY,
    FORMAT,
    KEYS,
    VAULT,
    Manifest,
    Meter,
    Progress,
    damaged,
    entry_hash,
    finish,
    opened,
    pack,
    spoken,
    unpack,
)  # fmt: skip
from app.storage.faults import from_os_error
from app.storage.raw import open_raw, snapshot
from app.storage.vault import StoredFile, check_blob

if TYPE_CHECKING:
    from app.storage.unlocked import UnlockedKeys


_UNFINISHED_AGE = 86400.0


@dataclass(frozen=True)
class BackupReport:
    """Outcome of looking through a backup."""

    path: Path
    created_at: str
    profile_id: str
    files: int
    size: int
    damage: tuple[str, ...]
    """What is wrong with the backup itself, in Chinese sentences."""
    lacking: tuple[str, ...] = ()
    """Hashes of the attachments that are not whole in it: they were damaged or gone here already."""

    @property
    def problems(self) -> tuple[str, ...]:
        """All that is not as it should be, in Chinese sentences; empty when it is good."""
        if not self.lacking:
            return self.damage
        text = (
            f"有 {len(self.lacking)} 个附件在本机已经损坏或不在了，备份里也没有它们完好的一份。"
            "别的都备好了。已经发给平台的，联网后打开它会再取一次。"
        )
        return (*self.damage, text)

    @property
    def ok(self) -> bool:
        """Whether everything can be restored from it."""
        return not self.problems


def create_backup(
    target: Path, paths: ProfilePaths, keys: UnlockedKeys, clock: Clock, progress: Progress | None = None
) -> BackupReport:
    """Write a backup of the whole profile to ``target``, which appears only when it is complete.

    The database is copied first: a blob always reaches the vault before its row, so every row of the copy
    finds its blob. Raises ``StorageFault`` or, when ``progress`` says so, ``Cancelled``; nothing is left.
    """
    from app.storage.schema.head import HEAD

    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    copy = target.with_name(f"{target.name}.{secrets.token_hex(4)}.db.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        snapshot(paths.database, keys.db_key, copy)
        sources = {KEYS: paths.keys, DATABASE: copy}
        for blob in sorted(paths.vault.glob("??/*")):
            name = f"{VAULT}{blob.parent.name}/{blob.name}"
            if ENTRY.fullmatch(name):
                sources[name] = blob
        # Packed, then looked through twice: each entry's hash, and what the keys open.
        meter = Meter(progress, 3 * sum(map(_size, sources.values())))
        manifest = Manifest(
            format=FORMAT,
            profile_id=keys.profile_id,
            created_at=to_text(clock.now()),
            schema=HEAD,
            entries=pack(part, sources, meter),
        )
        finish(part, target, msgspec.structs.replace(manifest, mac=_mac(manifest, keys)))
    except OSError as error:
        raise from_os_error(error, "备份文件") from error
    finally:
        for left in (part, copy):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
    try:
        return _looked_through(target, keys, meter)
    except Cancelled:
        target.unlink(missing_ok=True)
        raise


def verify_backup(
    path: Path, keys: UnlockedKeys | None = None, progress: Progress | None = None
) -> BackupReport:
    """Check every entry's hash; with ``keys`` also the manifest, every page of the database, and whether
    each attachment that the database knows is in it and opens.

    Raises ``UserError`` when the file is no backup, ``NewerFileFault`` for a newer format, ``Cancelled`` when
    ``progress`` says so.
    """
    return _looked_through(path, keys, Meter(progress, (1 if keys is None else 2) * _size(path)))


def _looked_through(path: Path, keys: UnlockedKeys | None, meter: Meter) -> BackupReport:
    problems: list[str] = []
    lacking: list[str] = []
    with opened(path) as (container, manifest):
        for name, entry in manifest.entries.items():
            digest = entry_hash(container, name)
            if digest != entry.sha256:
                problems.append(f"备份里的“{spoken(name)}”有损坏。")
            meter.add(entry.size)
        if keys is not None and not problems:
            problems.extend(_check_with_keys(path, container, manifest, keys, lacking, meter))
    return BackupReport(
        path=path,
        created_at=manifest.created_at,
        profile_id=manifest.profile_id,
        files=sum(name.startswith(VAULT) for name in manifest.entries),
        size=path.stat().st_size,
        damage=tuple(problems),
        lacking=tuple(lacking),
    )


def restore_backup(path: Path, target: Path, progress: Progress | None = None) -> ProfilePaths:
    """Lay the backup out as a profile at ``target``, which must not exist or be empty.

    Every entry is checked while it is copied; ``target`` appears only when all of them are good. Raises
    ``UserError``, ``DamagedFault``, ``StorageFault``, ``Cancelled``.
    """
    if target.exists() and any(target.iterdir()):
        raise UserError("这个文件夹里已经有东西，没有改动它。请选一个空文件夹再恢复。", code="E-EXISTS")
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with opened(path) as (container, manifest):
            meter = Meter(progress, sum(entry.size for entry in manifest.entries.values()))
            for name, entry in manifest.entries.items():
                unpack(container, name, entry, part / name, meter)
        for folder in sorted({p.parent for p in part.rglob("*")}, reverse=True):
            sync_folder(folder)
        if target.exists():
            target.rmdir()
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise from_os_error(error, "恢复的目标文件夹") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    restored = ProfilePaths(target)
    restored.prepare()
    return restored


def restore_blob(path: Path, blob: str, target: Path) -> bool:
    """Copy one blob of the vault out of a backup; False when the backup has none or a damaged one."""
    name = f"{VAULT}{blob[:2]}/{blob}"
    with opened(path) as (container, manifest):
        entry = manifest.entries.get(name)
        if entry is None:
            return False
        try:
            unpack(container, name, entry, target, Meter())
        except DamagedFault:
            return False
    return True


def restore_entry(path: Path, name: str, target: Path) -> None:
    """Copy ``store.db`` or ``keys.json`` out of a backup. Raises ``DamagedFault`` when it is not good."""
    with opened(path) as (container, manifest):
        if name not in manifest.entries:
            raise damaged(name)
        unpack(container, name, manifest.entries[name], target, Meter())


def backups_among(folders: Iterable[Path], now: dt.datetime) -> list[Path]:
    """The backups in several folders, each once, newest first; a folder that is not there has none."""
    found = {path.resolve(): path for folder in folders for path in backups_in(folder)}
    return newest_first(found.values(), now)


def backup_name(clock: Clock) -> str:
    """File name of a backup made now, in UTC."""
    return f"jiefen-{clock.now():%Y%m%dT%H%M%S}Z{SUFFIX}"


def rotate(folder: Path, *, days: int = 7, weeks: int = 4) -> list[Path]:
    """Delete backups made here beyond the newest of each of ``days`` days and ``weeks`` weeks.

    Also what backups that were cut left behind: each may be as large as a whole one. Another computer may be
    writing into the same folder, so only what nobody has touched for a day. Returns the backups deleted.
    """
    kept: set[Path] = set()
    by_day: dict[str, Path] = {}
    by_week: dict[str, Path] = {}
    dated = []
    for path in backups_in(folder):
        stamp = re.fullmatch(r"jiefen-(\d{8})T\d{6}Z", path.stem)
        if stamp is None:
            continue
        day = dt.datetime.strptime(stamp[1], "%Y%m%d").replace(tzinfo=dt.UTC)
        dated.append(path)
        by_day.setdefault(stamp[1], path)
        by_week.setdefault(f"{day:%G-%V}", path)
    kept.update(list(by_day.values())[:days], list(by_week.values())[:weeks])
    gone = [path for path in dated if path not in kept]
    try:
        for path in (*gone, *_left_behind(folder)):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise from_os_error(error, "备份文件夹") from error
    return gone


def _size(source: Path) -> int:
    try:
        return source.stat().st_size
    except FileNotFoundError:
        return 0


def _left_behind(folder: Path) -> Iterator[Path]:
    before = time.time() - _UNFINISHED_AGE
    for path in folder.glob(f"*{SUFFIX}.*.part*"):
        if path.stat().st_mtime < before:
            yield path


def _check_with_keys(
    path: Path,
    container: zipfile.ZipFile,
    manifest: Manifest,
    keys: UnlockedKeys,
    lacking: list[str],
    meter: Meter,
) -> Iterator[str]:
    if manifest.profile_id != keys.profile_id:
        yield "这份备份属于另一份档案。"
        return
    if not hmac.compare_digest(manifest.mac, _mac(manifest, keys)):
        yield "备份的清单被改过，和它的校验对不上。"
        return
    copy = path.with_name(f"{path.name}.{secrets.token_hex(4)}.check.part")
    try:
        unpack(container, DATABASE, manifest.entries[DATABASE], copy, meter)
        broken = integrity.check_pages(copy, keys.db_key)
        yield from (f"备份里的案件库有损坏（{found}）。" for found in broken)
        if not broken:
            lacking.extend(_not_whole(container, manifest, _files_of(copy, keys), keys, meter))
    except OSError as error:
        raise from_os_error(error, "备份文件夹") from error
    finally:
        for left in (copy, copy.with_name(f"{copy.name}-wal"), copy.with_name(f"{copy.name}-shm")):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def _files_of(database: Path, keys: UnlockedKeys) -> list[StoredFile]:
    raw = open_raw(database, keys.db_key, read_only=True)
    try:
        return [StoredFile(*row) for row in raw.execute("SELECT sha256, size, blob, wrapped_key FROM files")]
    finally:
        raw.close()


def _not_whole(
    container: zipfile.ZipFile,
    manifest: Manifest,
    rows: Iterable[StoredFile],
    keys: UnlockedKeys,
    meter: Meter,
) -> Iterator[str]:
    for row in rows:
        name = f"{VAULT}{row.blob[:2]}/{row.blob}"
        entry = manifest.entries.get(name)
        try:
            if entry is None:
                yield row.sha256
            else:
                check_blob(cast(BinaryIO, container.open(name)), entry.size, row, keys.vault_key)
                meter.add(entry.size)
        except DamagedFault:
            yield row.sha256


def _mac(manifest: Manifest, keys: UnlockedKeys) -> str:
    plain = msgspec.structs.replace(manifest, mac="")
    return keys.suite.mac(keys.backup_key, msgspec.json.encode(plain, order="sorted")).hex()

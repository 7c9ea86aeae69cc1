"""体检: looks through a profile and says what it found and what to do; heals from a backup when asked.

Checks the database's pages and structure, the vault against its rows, the audit chain, and the hash chain
of each lane of the outbox. Looking changes nothing, save the state of files it finds damaged or missing.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, func, select

from app.clock import Clock, legal_day
from app.domain.casefile import Attachment, decode
from app.domain.errors import DamagedFault, StorageFault, UserError
from app.paths import ProfilePaths
from app.storage import backup, filerows, integrity, kv, leases, salvage, tail, witness
from app.storage.atomic import sync_folder
from app.storage.engine import Store
from app.storage.faults import from_os_error
from app.storage.schema.head import schema_version
from app.storage.tables import case_docs, cases, files, inbox, lanes, outbox
from app.storage.unlocked import UnlockedKeys
from app.storage.vault import Vault

_GENESIS = "0" * 64


@dataclass(frozen=True)
class Finding:
    """One thing found. ``area``: database, vault, audit, outbox, inbox, backup; no ``advice`` when fine."""

    area: str
    ok: bool
    text: str
    advice: str = ""
    subject: str = ""
    """What is affected, without personal data: a file's hash, a lane's case id."""
    healable: bool = False
    """Whether :func:`heal_database` or :func:`heal_files` may put it right."""
    detail: str = ""


class _Link(msgspec.Struct):
    prev_hash: str


def examine(
    paths: ProfilePaths,
    keys: UnlockedKeys,
    clock: Clock,
    *,
    deep: bool = True,
    places: Sequence[Path] = (),
) -> tuple[Finding, ...]:
    """Everything found, one :class:`Finding` for each area that is fine and for each thing that is not.

    ``deep`` reads every attachment whole; else only their presence and size are checked. A store that is
    open in this process may stay open. ``places`` are the folders backups go to, besides the profile's own.
    """
    known = keys if deep else None
    text, detail = _database_problem(paths.database, keys)
    if text:
        advice = (
            "请从最近一次好的备份找回。找回时会另存损坏的那一份；"
            "备份之后写的，能读出来的一并找回，其余要重新登记。"
        )
        found = Finding("database", False, text, advice, "store.db", True, detail)
        return (found, _backups(paths, places, clock, known))
    store = Store.open(paths.database, keys.db_key, clock, backups=paths.backups)
    try:
        vault = Vault(paths.vault, keys.vault_key, keys.name_key)
        return (
            Finding("database", True, "案件库完好。"),
            *_check_vault(store, vault, deep=deep),
            *store.read(functools.partial(_check_audit, paths=paths)),
            *store.read(_check_outbox),
            store.read(_check_inbox),
            _backups(paths, places, clock, known),
        )
    finally:
        store.close()


def _database_problem(path: Path, keys: UnlockedKeys) -> tuple[str, str]:
    """What is wrong with the database as a whole, and its technical detail; both empty when nothing is."""
    if not path.exists():
        return "案件库文件不在了。", "missing"
    pages = integrity.check_pages(path, keys.db_key)
    if pages:
        return "案件库有一部分损坏。", "; ".join(pages)
    if not schema_version(path, keys.db_key):
        return "案件库文件是空的，内容不在里面。", "no schema"
    return "", ""


_BESIDE = ("store.db", "store.db-wal", "store.db-shm", ProfilePaths(Path()).audit_head.name, tail.NAME)
"""The database, and what says something of it, in the order in which they give way."""


def heal_database(
    paths: ProfilePaths, keys: UnlockedKeys, clock: Clock, places: Sequence[Path] = ()
) -> Path | None:
    """Put the newest good backup's database in place; the damaged one goes to ``damaged/``.

    Looked for in ``places`` and in the profile's own folder. Gives the backup used, ``None`` when no good
    one was found (then nothing was changed). The store must be closed. Work written after that backup is no
    longer in the database.
    """
    for candidate in backup.backups_among((*places, paths.backups), clock.now()):
        copy = paths.database.with_name("store.db.healing.part")
        try:
            copy.unlink(missing_ok=True)
            backup.restore_entry(candidate, "store.db", copy)
            if integrity.check_pages(copy, keys.db_key):
                continue
            _void_numbers(copy, keys, clock)
            _swap(paths, copy, f"{clock.now():%Y%m%dT%H%M%S}")
        except OSError as error:
            raise from_os_error(error, "案件库") from error
        except DamagedFault:
            continue
        finally:
            for left in (copy, Path(f"{copy}-wal"), Path(f"{copy}-shm")):
                left.unlink(missing_ok=True)
        return candidate
    return None


def _void_numbers(copy: Path, keys: UnlockedKeys, clock: Clock) -> None:
    """What the backup still holds as unused numbers may have been given since it was made."""
    store = Store.open(copy, keys.db_key, clock)
    try:
        store.write(lambda conn: leases.void(conn, kv.get(conn, "device_id")))
    finally:
        store.close()


def heal_files(store: Store, vault: Vault, places: Sequence[Path], sha256: str = "") -> tuple[int, int]:
    """Bring damaged and missing attachments back from the backups in ``places``.

    All that are known to be, or the one with this hash. Gives the numbers healed and not healed; backups
    that cannot be read are passed over, damaged blobs are kept.
    """
    wanted = files.c.sha256 == sha256 if sha256 else files.c.state != "present"
    rows = store.read(lambda conn: conn.execute(select(files).where(wanted)).all())
    found, healed = backup.backups_among(places, store.clock.now()), 0
    for row in rows:
        if any(_heal_from(vault, row, one) for one in found):
            store.write(functools.partial(filerows.whole_again, sha256=row.sha256), background=True)
            healed += 1
    return healed, len(rows) - healed


def note_damage(store: Store, vault: Vault, hashes: Sequence[str]) -> None:
    """Look at these files whole, and keep of each in its row whether it is there and good."""
    for sha256 in hashes:
        query = select(files).where(files.c.sha256 == sha256)
        row = store.read(functools.partial(_one, query=query))
        if row is not None and (state := _state_of(vault, row, deep=True)) != row.state:
            store.write(functools.partial(filerows.set_state, sha256=sha256, state=state), background=True)


def _one(conn: Connection, query: Any) -> Any:
    return conn.execute(query).one_or_none()


def _heal_from(vault: Vault, row: Any, one: Path) -> bool:
    try:
        return vault.heal(row, functools.partial(backup.restore_blob, one))
    except DamagedFault:
        return False


def _swap(paths: ProfilePaths, good: Path, stamp: str) -> None:
    aside = _aside(paths, stamp)
    # Ended at any point from here on, the next start takes over what was written after the backup, or the
    # next healing goes on in the same folder.
    (aside / salvage.PENDING).touch()
    sync_folder(aside)
    # The database goes first: as long as there is none nobody opens its log, which holds what came last.
    # The end of the audit chain goes with it: an older database ends earlier.
    for name in _BESIDE:
        part = paths.root / name
        if part.exists():
            part.replace(aside / name)
    good.replace(paths.database)
    sync_folder(paths.root)


def _aside(paths: ProfilePaths, stamp: str) -> Path:
    """Where the damaged database goes: where a cut healing has put a part of it, else a new folder."""
    present = [name for name in _BESIDE if (paths.root / name).exists()]
    for folder in salvage.pending(paths):
        if not any((folder / name).exists() for name in present):
            return folder
    names = itertools.chain((stamp,), (f"{stamp}-{number}" for number in itertools.count(2)))
    aside = next(folder for name in names if not (folder := paths.damaged / name).exists())
    aside.mkdir(parents=True, mode=0o700)
    return aside


def _check_vault(store: Store, vault: Vault, *, deep: bool) -> Iterator[Finding]:
    rows = store.read(lambda conn: conn.execute(select(files)).all())
    bad = 0
    for row in rows:
        state = _state_of(vault, row, deep=deep)
        if state != row.state:
            store.write(
                functools.partial(filerows.set_state, sha256=row.sha256, state=state), background=True
            )
        if state != "present":
            bad += 1
            what = "不在了" if state == "missing" else "有损坏"
            advice = "可以从备份找回；已经发给平台的，联网后打开它会再取一次。"
            text = f"{_where(store, row.sha256)}一个附件{what}，登记信息还在。"
            yield Finding("vault", False, text, advice, row.sha256[:12], True)
    if not bad:
        yield Finding("vault", True, f"{len(rows)} 个附件都完好。" if rows else "还没有附件。")


def _where(store: Store, sha256: str) -> str:
    """Which case an attachment belongs to and when it was added, in words; its own name may be personal."""

    def work(conn: Connection) -> str:
        rows = conn.execute(
            select(case_docs.c.body, cases.c.title)
            .join(cases, cases.c.case_id == case_docs.c.case_id)
            .where(case_docs.c.entity == "attachment", case_docs.c.body.is_not(None))
        )
        for row in rows:
            doc = cast(Attachment, decode("attachment", row.body))
            if doc.sha256 == sha256:
                day = legal_day(doc.added_at)
                return f"案件“{row.title}”里 {day.month}月{day.day}日加的"
        return ""

    return store.read(work)


def _state_of(vault: Vault, row: Any, *, deep: bool) -> str:
    if not vault.blob_path(row.blob).exists():
        return "missing"
    try:
        if deep:
            vault.verify(row)
        else:
            vault.open(row).close()
    except DamagedFault:
        return "damaged"
    return "present"


def _check_audit(conn: Connection, *, paths: ProfilePaths) -> tuple[Finding, ...]:
    report = witness.verify(paths, conn)
    if report.ok:
        return (Finding("audit", True, f"{report.count} 条留痕首尾相接，核对无误。"),)
    advice = "请另存一份备份，不要继续改动，找管理员核对。"
    return (Finding("audit", False, report.problem, advice, str(report.first_bad_seq)),)


def _check_outbox(conn: Connection) -> tuple[Finding, ...]:
    """Each lane: numbers without gaps, each command's hash, the link to the one before, and the tail."""
    tails = {
        (t.device_id, t.author, t.case_id): (t.last_seq, t.last_hash) for t in conn.execute(select(lanes))
    }
    columns = (outbox.c.device_id, outbox.c.author, outbox.c.case_id, outbox.c.lane_seq)
    rows = conn.execution_options(yield_per=500).execute(
        select(*columns, outbox.c.hash, outbox.c.bytes).order_by(*columns)
    )
    seen: dict[tuple[str, str, str], tuple[int, str]] = {}
    broken: dict[tuple[str, str, str], int] = {}
    count = 0
    for row in rows:
        count += 1
        lane = (row.device_id, row.author, row.case_id)
        seq, previous = seen.get(lane, (0, _GENESIS))
        if lane not in broken and (row.lane_seq != seq + 1 or not _linked(row, previous)):
            broken[lane] = row.lane_seq
        seen[lane] = (row.lane_seq, row.hash)
    for lane in tails.keys() | seen.keys():
        tail = tails.get(lane, (0, _GENESIS))
        if lane not in broken and seen.get(lane, (0, _GENESIS)) != tail:
            broken[lane] = tail[0]
    if not broken:
        return (Finding("outbox", True, f"{count} 条登记按顺序相接，没有缺。"),)
    advice = "先不要继续同步这个案件。请另存一份备份，找管理员核对，或从备份找回。"
    return tuple(
        Finding("outbox", False, f"一个案件的发送记录从第 {seq} 条起对不上。", advice, lane[2], True)
        for lane, seq in sorted(broken.items())
    )


def _check_inbox(conn: Connection) -> Finding:
    """Whether everything that the platform sent could be read."""
    unread = inbox.c.error.not_in(("", "held"))
    count = conn.execute(select(func.count()).select_from(inbox).where(unread)).scalar_one()
    if not count:
        return Finding("inbox", True, "平台发来的内容都读懂了。")
    advice = "请升级程序；升级后第一次收发时自动再读。内容原样存着，没有丢。"
    return Finding("inbox", False, f"平台发来的 {count} 条内容，这一版程序读不懂。", advice)


def _linked(row: Any, previous: str) -> bool:
    if row.bytes is None:  # erased on request (个人信息保护法 第四十七条): the hash still stands in the chain
        return True
    if hashlib.sha256(row.bytes).hexdigest() != row.hash:
        return False
    try:
        return msgspec.json.decode(row.bytes, type=_Link).prev_hash == previous
    except msgspec.MsgspecError:
        return False


def _backups(paths: ProfilePaths, places: Sequence[Path], clock: Clock, keys: UnlockedKeys | None) -> Finding:
    found = backup.backups_among((*places, paths.backups), clock.now())
    if not found:
        advice = (
            "请在“设置—备份”里做一次备份，最好存到移动盘。另存在别处的，不算在内；要用它，找回时选那一份。"
        )
        return Finding("backup", False, "备份文件夹里还没有备份。", advice)
    try:
        report = backup.verify_backup(found[0], keys)
    except (StorageFault, UserError) as error:
        return Finding(
            "backup", False, "最近一次备份打不开。", "请重新做一次备份。", found[0].name, detail=error.code
        )
    if report.damage:
        return Finding("backup", False, "最近一次备份有损坏。", "请重新做一次备份。", found[0].name)
    if report.lacking:
        text = f"最近一次备份里有 {len(report.lacking)} 个附件不完整，做的时候本机上就损坏或不在了。"
        advice = "较早的备份里可能还有，先不要删；附件找回以后请重新做一次备份。"
        return Finding("backup", False, text, advice, found[0].name)
    return Finding("backup", True, f"有 {len(found)} 份备份，最近一份完好。", subject=found[0].name)

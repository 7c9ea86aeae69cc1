"""备份: once a day by itself, at any time by hand, and restoring without losing what was there."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, func, select

from app.clock import SHANGHAI, Clock, SystemClock, shanghai, to_text
from app.domain.casefile import Doc
from app.domain.errors import FieldError, StorageFault, UserError, WrongPassphraseError
from app.paths import ProfilePaths
from app.services import enrolment, lockscreen, profile, revoked, rulebook, salvage
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.services.lockscreen import CardPerson
from app.services.salvage import Salvaged
from app.storage import audit, backup, backupfiles, doctor, leases, profile_swap
from app.storage.backup import BackupReport
from app.storage.container import Progress
from app.storage.crypto import DEFAULT_COST, Cost
from app.storage.keyslots import KeyFile
from app.storage.tables import cases as table
from app.storage.unlocked import UnlockedKeys

log = logging.getLogger(__name__)
_POLICY = "backup"


class BackupPolicy(Doc, frozen=True, kw_only=True):
    """When backups are made by themselves, and where they go."""

    enabled: bool = True
    hour: int = 18
    """Hour of the day in Shanghai from which the day's backup is due."""
    folder: str = ""
    """Empty: ``backups`` in the profile."""
    days: int = 7
    weeks: int = 4
    """How many daily and weekly backups are kept."""


@dataclass(frozen=True)
class BackupInfo:
    """A backup as the settings list it. ``made_at`` is aware, UTC, as the backup says; size in bytes."""

    path: Path
    made_at: dt.datetime
    size: int


@dataclass(frozen=True)
class Restored:
    """What restoring did. ``previous`` is where the profile that stood there before lies now."""

    paths: ProfilePaths
    previous: Path | None
    cases: int


class Backups:
    """The backups of the open profile."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.paths = ProfilePaths(desk.store.path.parent)

    def policy(self) -> BackupPolicy:
        """The policy in force."""
        text = self._desk.store.read(lambda conn: rulebook.read(conn, rulebook.INSTITUTION, _POLICY))
        return msgspec.json.decode(text, type=BackupPolicy) if text else BackupPolicy()

    def change_policy(self, **changes: object) -> Written[BackupPolicy]:
        """Change the policy. Raises :class:`FieldError` for values that cannot be."""
        self._desk.require("backup.make")
        new = msgspec.structs.replace(self.policy(), **changes)
        if not 0 <= new.hour <= 23:
            raise FieldError("hour", "备份的钟点写 0 到 23。")
        if not 1 <= new.days <= 60 or not 1 <= new.weeks <= 60:
            raise FieldError("days", "留的份数写 1 到 60。")
        if new.folder and not Path(new.folder).is_dir():
            raise FieldError("folder", "没有找到这个文件夹，看看移动盘是否接好。")
        text, now = msgspec.json.encode(new).decode(), self._desk.clock.now()
        self._desk.store.write(lambda conn: rulebook.write(conn, rulebook.INSTITUTION, _POLICY, text, now))
        self._remember(new.folder)
        return Written(value=new, changes=ChangeSet.of("settings", "backups"))

    def folder(self) -> Path:
        """Where daily backups go."""
        chosen = self.policy().folder
        return Path(chosen) if chosen else self.paths.backups

    def list(self) -> tuple[BackupInfo, ...]:
        """The backups in the folder, newest first."""
        return tuple(_info(path) for path in backup.backups_in(self.folder(), self._desk.clock.now()))

    def last(self) -> BackupInfo | None:
        """The newest backup, if there is one."""
        return next(iter(self.list()), None)

    def due(self) -> bool:
        """Whether today's backup should be made now: its hour has come, or yesterday's was missed.

        A new computer makes its first one after its first complete exchange.
        """
        policy = self.policy()
        if not policy.enabled:
            return False
        now = shanghai(self._desk.clock.now())
        last = self._last_made()
        if last is None:
            # An empty store is no backup of anything, and healing from it would bring an empty day.
            return self._desk.store.read(enrolment.first_pull_done)
        if shanghai(last) > now:
            # Made while the clock was ahead, perhaps by years: it says nothing of today.
            return True
        expected = dt.datetime.combine(now.date(), dt.time(policy.hour), SHANGHAI)
        if now < expected:
            expected -= dt.timedelta(days=1)
        return shanghai(last) < expected

    def _last_made(self) -> dt.datetime | None:
        text = self._desk.store.read(lambda conn: rulebook.read(conn, rulebook.INSTITUTION, "backup_made"))
        return msgspec.json.decode(text, type=dt.datetime) if text else None

    def make(self, target: Path | None = None, progress: Progress | None = None) -> Written[BackupReport]:
        """Make a backup now; without ``target`` the daily one, after which old ones are cleared away.

        Long: run it off the GUI thread. Raises ``StorageFault`` (the last backup still stands),
        ``UserError`` when ``target`` exists, ``Cancelled``.
        """
        self._desk.require("backup.make")
        if target is not None and target.exists():
            raise FieldError("target", "这个文件已经有了，没有改动它。请换一个文件名。", code="E-EXISTS")
        place = target or self.folder() / backup.backup_name(self._desk.clock)
        report = self._create(place, progress)
        if target is None:
            policy = self.policy()
            self._remember(policy.folder)
            # A backup that is spoilt itself takes no other's place.
            if not report.damage:
                backup.rotate(place.parent, days=policy.days, weeks=policy.weeks)
        now = self._desk.clock.now()

        def note(conn: Connection) -> None:
            made = msgspec.json.encode(now).decode()
            rulebook.write(conn, rulebook.INSTITUTION, "backup_made", made, now)
            detail = {"files": report.files, "ok": report.ok, "lacking": len(report.lacking)}
            audit.append(conn, now, self._desk.person.person_id, "backup.make", "", "", detail)

        self._desk.store.write(note)
        return Written(value=report, changes=ChangeSet.of("backups"))

    def _create(self, place: Path, progress: Progress | None) -> BackupReport:
        """A backup. Attachments found damaged on the way are first brought back from the backups there are:
        a later one must not crowd out the last that holds them."""
        desk = self._desk
        report = backup.create_backup(place, self.paths, desk.keys, desk.clock, progress)
        if not report.lacking:
            return report
        doctor.note_damage(desk.store, desk.vault, report.lacking)
        held = dict.fromkeys((place.parent, *places(self.paths)))
        healed, _not = doctor.heal_files(desk.store, desk.vault, tuple(held))
        if not healed:
            return report
        return backup.create_backup(place, self.paths, desk.keys, desk.clock, progress)

    def _remember(self, folder: str) -> None:
        """Keep the folder outside the database too."""
        known = lockscreen.card_of(self.paths)
        if known.backup_folder != folder:
            lockscreen.write_card(self.paths, msgspec.structs.replace(known, backup_folder=folder))

    def heal_file(self, case_id: str, sha256: str) -> Written[bool]:
        """Bring an attachment back from the newest backup that holds it whole; the damaged one is kept.

        Long: run it off the GUI thread. False when no backup has it.
        """
        self._desk.require("case.view")
        healed, _ = doctor.heal_files(self._desk.store, self._desk.vault, places(self.paths), sha256)
        now, person = self._desk.clock.now(), self._desk.person.person_id

        def note(conn: Connection) -> None:
            audit.append(conn, now, person, "attachment.heal", case_id, sha256[:12], {"healed": healed})

        self._desk.store.write(note)
        changes = ChangeSet.of("attachments", case_ids=frozenset({case_id}))
        return Written(value=bool(healed), changes=changes)

    def verify(self, path: Path, progress: Progress | None = None) -> BackupReport:
        """Try a backup: every entry, the manifest, every page of its database. Raises ``Cancelled``."""
        return backup.verify_backup(path, self._desk.keys, progress)


def places(paths: ProfilePaths) -> tuple[Path, ...]:
    """The folders backups may lie in: the one chosen, while it is there, and the profile's own."""
    chosen = lockscreen.card_of(paths).backup_folder
    return (*((Path(chosen),) if chosen and Path(chosen).is_dir() else ()), paths.backups)


def newest(paths: ProfilePaths, clock: Clock) -> BackupInfo | None:
    """The newest backup in any of those folders. Works while nothing of the profile opens."""
    found = backup.backups_among(places(paths), clock.now())
    return next((_info(path) for path in found), None)


def heal_database(
    paths: ProfilePaths,
    clock: Clock,
    *,
    desk: Desk | None = None,
    passphrase: str = "",
    user: str = "",
    cost: Cost = DEFAULT_COST,
) -> Healed | None:
    """Put the newest good backup's database in the place of a damaged one, which is kept.

    What was written after that backup is taken over from the damaged one, as far as it can be read. With
    the keys of the open ``desk``, which is closed for it, or with a passphrase. Gives what was done, ``None``
    when there was no good backup. Raises ``WrongPassphraseError`` and storage faults.
    """
    if desk is not None:
        desk.store.close()
        keys, person = profile.slot_keys(desk), lockscreen.choose(paths, clock, desk.slot_id)
    else:
        person = lockscreen.choose(paths, clock, user)
        keys = KeyFile(paths.keys, clock, cost=cost).unlock(person.slot_id, passphrase)
    try:
        return heal_with(paths, keys, person, clock)
    finally:
        keys.clear()


def heal_with(paths: ProfilePaths, keys: UnlockedKeys, person: CardPerson, clock: Clock) -> Healed | None:
    """:func:`heal_database` with a person's open keys, which stay open while all goes well."""
    used = doctor.heal_database(paths, keys, clock, places(paths))
    if used is None:
        return None
    try:
        desk = profile.open_with(paths, keys, person, clock, although_revoked=True, healing=True)
    except StorageFault as fault:
        log.info("healed, but nothing could be taken over: %s", fault.code or type(fault).__name__)
        return Healed(used, Salvaged(looked=False))
    try:
        return Healed(used, salvage.finish(paths, desk))
    finally:
        desk.store.close()


@dataclass(frozen=True)
class Healed:
    """The backup that took the place of a damaged database, and what was taken over from that."""

    path: Path
    salvaged: Salvaged

    @property
    def words(self) -> str:
        """What is told."""
        return f"案件库已从“{self.path.name}”找回。{self.salvaged.words}"


def _info(path: Path) -> BackupInfo:
    return BackupInfo(path, backupfiles.made_at(path), path.stat().st_size)


def restore(
    file: Path,
    paths: ProfilePaths,
    passphrase: str,
    user: str = "",
    *,
    clock: Clock | None = None,
    cost: Cost = DEFAULT_COST,
) -> Restored:
    """Put a backup in the place of a profile. It is laid out beside it and opened first.

    The passphrase is that of the day the backup was made. A profile that stands there is kept whole
    under another name; cut between the two names, the next start finishes (:mod:`app.storage.profile_swap`).
    Raises ``WrongPassphraseError``, ``ProfileInUseFault``, ``UserError`` or
    storage faults; then nothing has changed.
    """
    used = clock or SystemClock()
    mark = f"{to_text(used.now()).replace(':', '')}-{secrets.token_hex(2)}"
    beside = profile_swap.beside(paths, mark)
    try:
        laid_out = backup.restore_backup(file, beside)
        cases = _try_opening(laid_out, passphrase, user, used, cost)
        revoked.carry(paths, laid_out)
        previous = profile_swap.swap(paths, mark)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    profile_swap.clear(paths)
    return Restored(paths, previous, cases)


def _try_opening(paths: ProfilePaths, passphrase: str, user: str, clock: Clock, cost: Cost) -> int:
    """Open the restored profile, leave a trace in it, and count its cases."""
    desk = _opened(paths, passphrase, user, clock, cost)
    try:
        person_id, now = desk.person.person_id, desk.clock.now()

        def work(conn: Connection) -> None:
            # What the backup still holds as unused may have been given since it was made.
            leases.void(conn, desk.device_id)
            audit.append(conn, now, person_id, "backup.restore", "", "", {})

        desk.store.write(work)
        count = select(func.count()).select_from(table)
        return desk.store.read(lambda conn: int(conn.execute(count).scalar_one()))
    finally:
        profile.close(desk)


def _opened(paths: ProfilePaths, passphrase: str, user: str, clock: Clock, cost: Cost) -> Desk:
    """The desk of ``user``. A backup holds names, not the logins: those are in its database.

    Raises ``WrongPassphraseError``, and ``UserError`` naming who is in the backup.
    """
    people = lockscreen.people_of(paths, clock)
    if not user or any(person.answers_to(user) for person in people):
        return profile.unlock(paths, passphrase, user, clock=clock, cost=cost, although_revoked=True)
    wrong: WrongPassphraseError | None = None
    for person in people:
        try:
            desk = profile.unlock(
                paths, passphrase, person.slot_id, clock=clock, cost=cost, although_revoked=True
            )
        except WrongPassphraseError as error:
            wrong = error
            continue
        if user in (desk.person.login, desk.person.person_id):
            return desk
        profile.close(desk)
    names = "、".join(person.name for person in people)
    # Whose login it is stands behind the passphrases: one that did not fit may be the one meant.
    words = "没有能用这个口令打开的" if wrong is not None else "没有这个登录"
    raise UserError(
        f"这份备份里“{user}”{words}，什么也没有改动。备份里有：{names}；写姓名、核对口令再试。",
        code="E-NO-PERSON",
    ) from wrong

"""A profile: making it, unlocking it, and building the desk from what its store holds.

The caller holds the profile's lock (``app.storage.lock``) as long as a desk is open.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from app.clock import Clock, SystemClock, to_text
from app.domain.errors import UserError
from app.domain.ids import uuid7
from app.domain.workdays import default_calendar
from app.paths import ProfilePaths
from app.services import enrolment, lockscreen, revoked, rulebook
from app.services.desk import UNDO_WINDOW, Desk, Person
from app.services.enrolment import EnrolmentFacts
from app.services.lockscreen import Card, CardPerson
from app.storage import audit, kv, leases, tail, witness
from app.storage.crypto import DEFAULT_COST, Cost
from app.storage.engine import Store
from app.storage.keyslots import KeyFile, create_profile_keys
from app.storage.salvage import pending
from app.storage.unlocked import UnlockedKeys
from app.storage.vault import Vault

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class NewPerson:
    """Who signs in on this computer: the name shown on the lock screen and the login at the platform."""

    name: str
    login: str = ""


def create_profile(
    paths: ProfilePaths,
    person: NewPerson,
    passphrase: str,
    *,
    practice: bool = False,
    clock: Clock | None = None,
    cost: Cost = DEFAULT_COST,
) -> tuple[Desk, str]:
    """Make a profile with its first person; returns the open desk and the recovery code to print.

    The device id is chosen here and enrolment is pending. The key file is put in place last: a crash
    before that leaves no profile, and what it left is moved aside at the next attempt. Raises
    ``UserError`` when a profile is here already or the passphrase is too weak.
    """
    used = clock or SystemClock()
    if lockscreen.exists(paths):
        raise UserError(
            "这里已经有一份档案，没有改动它。请换一个文件夹，或直接打开原来的档案。", code="E-EXISTS"
        )
    unplaced = paths.keys.with_name(f"{paths.keys.name}.new")
    if paths.database.exists() and (paths.root / lockscreen.CARD).exists() and not unplaced.exists():
        # Half-made profiles have no card, or a key file not yet in its place; this one was whole.
        raise UserError(
            "这里有一份档案，但它的口令文件不在了，没有改动它。请把 keys.json 放回原处，或从备份找回。",
            code="E-KEYS-LOST",
        )
    paths.prepare()
    _move_aside(paths, used)
    slot_id = uuid7(used.now())
    made = create_profile_keys(
        unplaced, used, person_id=slot_id, label=person.name, passphrase=passphrase, cost=cost
    )
    store = Store.create(paths.database, made.keys.db_key, used)
    try:
        store.write(lambda conn: _first_values(conn, uuid7(used.now()), practice))
        card_person = CardPerson(slot_id=slot_id, name=person.name, login=person.login)
        lockscreen.write_card(paths, Card(practice=practice, people=(card_person,)))
        unplaced.replace(paths.keys)
        return _desk(paths, store, made.keys, card_person, used), made.recovery_code
    except BaseException:
        store.close()
        made.keys.clear()
        raise


def _first_values(conn: Connection, device_id: str, practice: bool) -> None:
    kv.put(conn, "device_id", device_id)
    kv.put(conn, "practice", "1" if practice else "")
    kv.put(conn, "enrolment", enrolment.PENDING)


def _move_aside(paths: ProfilePaths, clock: Clock) -> None:
    """What a half-made profile left keeps its bytes under another name."""
    mark = to_text(clock.now()).replace(":", "")
    database = paths.database
    left = [database.with_name(f"{database.name}{tail}") for tail in ("", "-wal", "-shm")]
    for path in (*left, paths.keys.with_name(f"{paths.keys.name}.new")):
        if path.exists():
            path.replace(path.with_name(f"{path.name}.{mark}.unfinished"))


def unlock(
    paths: ProfilePaths,
    passphrase: str,
    user: str = "",
    *,
    clock: Clock | None = None,
    cost: Cost = DEFAULT_COST,
    although_revoked: bool = False,
) -> Desk:
    """Open a profile with a passphrase. Works without a network.

    ``although_revoked``: also where the institution took this computer out of use, to ask the platform again
    or to register it anew; the caller shows nothing of it. Raises ``RevokedError`` there otherwise,
    ``WrongPassphraseError``, ``UserError`` when it is not clear who is meant, or the storage faults of the
    engine.
    """
    used = clock or SystemClock()
    person = lockscreen.choose(paths, used, user)
    keys = KeyFile(paths.keys, used, cost=cost).unlock(person.slot_id, passphrase)
    return open_with(paths, keys, person, used, although_revoked=although_revoked)


def recover(
    paths: ProfilePaths,
    code: str,
    new_passphrase: str,
    user: str = "",
    *,
    clock: Clock | None = None,
    cost: Cost = DEFAULT_COST,
) -> tuple[Desk, str]:
    """Open a profile with its printed recovery code and set a new passphrase.

    Returns the desk and the code that replaces the used one, also on a revoked computer: ask
    :func:`app.services.revoked.standing` before anything of it is shown. Without ``user`` every person's
    code is tried. Raises ``WrongPassphraseError`` or, for a weak passphrase, ``FieldError``.
    """
    used = clock or SystemClock()
    slot_id = lockscreen.choose(paths, used, user).slot_id if user else ""
    made = KeyFile(paths.keys, used, cost=cost).unlock_with_recovery(code, new_passphrase, slot_id)
    person = next(p for p in lockscreen.people_of(paths, used) if p.slot_id == made.keys.person_id)
    desk = open_with(paths, made.keys, person, used, although_revoked=True)
    _note(desk, "passphrase.recover")
    return desk, made.recovery_code


def check_passphrase(paths: ProfilePaths, desk: Desk, passphrase: str, cost: Cost = DEFAULT_COST) -> None:
    """Raise ``WrongPassphraseError`` unless ``passphrase`` is the person's: for the locked screen."""
    KeyFile(paths.keys, desk.clock, cost=cost).unlock(desk.slot_id, passphrase).clear()


def change_passphrase(paths: ProfilePaths, desk: Desk, old: str, new: str, cost: Cost = DEFAULT_COST) -> None:
    """Replace the person's passphrase. Raises ``WrongPassphraseError`` or, for a weak one, ``FieldError``."""
    KeyFile(paths.keys, desk.clock, cost=cost).change_passphrase(desk.slot_id, old, new)
    _note(desk, "passphrase.change")


def new_recovery_code(paths: ProfilePaths, desk: Desk, cost: Cost = DEFAULT_COST) -> str:
    """A fresh code to print; the one printed before is void from now on."""
    code = KeyFile(paths.keys, desk.clock, cost=cost).new_recovery_code(slot_keys(desk))
    _note(desk, "recovery.new")
    return code


def finish_enrolment(paths: ProfilePaths, desk: Desk, facts: EnrolmentFacts) -> Desk:
    """Keep the platform's answer to registering and give the desk of the person it named."""
    enrolment.complete(desk, facts)
    fresh = refresh(desk)
    mend_card(paths, fresh)
    return fresh


def new_device(desk: Desk, device_id: str = "") -> Desk:
    """A new device id, to be registered next: after a restored backup or a copied profile.

    ``device_id``: the one that the platform has been told already. What was written under the old one stays
    signed and chained as it is, and is still delivered. The numbers leased under it are void.
    """
    device_id = device_id or uuid7(desk.clock.now())

    def work(conn: Connection) -> None:
        leases.void(conn, desk.device_id)
        kv.put(conn, "device_id", device_id)
        _audit(conn, desk, "device.renew")

    desk.store.write(work)
    return replace(desk, device_id=device_id)


def refresh(desk: Desk) -> Desk:
    """The desk with institution, people, rules and holidays as the store holds them now."""
    return desk.store.read(lambda conn: _with_values(conn, desk))


def enrolment_of(desk: Desk) -> enrolment.Enrolment:
    """How the profile stands with the platform."""
    return desk.store.read(enrolment.load)


def registered_here(desk: Desk) -> bool:
    """Whether the platform knows the person's keys under the present device id."""
    return desk.store.read(lambda conn: enrolment.registered_here(conn, desk))


def set_practice_offset(desk: Desk, offset: dt.timedelta) -> None:
    """Move the practice clock, now and at every later start. Raises ``UserError`` outside practice."""
    if not desk.practice or not isinstance(desk.clock, SystemClock):
        raise UserError("只有练习里的钟可以拨，没有改动。", code="E-PRACTICE")
    desk.store.write(lambda conn: kv.put(conn, "clock_offset", str(offset.total_seconds())))
    desk.clock.offset = offset


def close(desk: Desk) -> None:
    """Sign the head of the audit chain, close the store and put the keys away."""
    try:
        if not desk.keys.cleared and desk.person.person_id in desk.people:
            desk.store.write(lambda conn: audit.sign_head(conn, desk.keys, desk.clock.now()))
            paths, now = ProfilePaths(desk.store.path.parent), desk.clock.now()
            desk.store.read(lambda conn: witness.put(paths, conn, desk.keys, desk.slot_id, now))
            revoked.note(paths, desk)
    finally:
        try:
            desk.store.close()
        finally:
            desk.keys.clear()


def open_with(
    paths: ProfilePaths,
    keys: UnlockedKeys,
    person: CardPerson,
    clock: Clock,
    *,
    although_revoked: bool = False,
    healing: bool = False,
) -> Desk:
    """Open a profile with a person's keys; they are cleared when it cannot be.

    What a healing that was cut had not taken over is taken over first, unless ``healing`` goes on to do it.
    Raises the storage faults, and ``RevokedError`` on a computer that was taken out of use.
    """
    store: Store | None = None
    try:
        store = Store.open(paths.database, keys.db_key, clock, backups=paths.backups)
        desk = _desk(paths, store, keys, person, clock)
        if not healing:
            _finish_healing(paths, desk)
        mend_card(paths, desk)
        revoked.check(paths, desk, although_revoked=although_revoked)
        _note_lost_tail(paths, desk)
    except BaseException:
        if store is not None:
            store.close()
        keys.clear()
        raise
    return desk


def _finish_healing(paths: ProfilePaths, desk: Desk) -> None:
    if pending(paths):
        from app.services import salvage

        salvage.finish(paths, desk)


def _note_lost_tail(paths: ProfilePaths, desk: Desk) -> None:
    """Remember that commands are gone which were committed: the person is told until they have read it."""
    last = desk.store.read(lambda conn: int(kv.get(conn, "dev_seq", "0")))
    lost = tail.lacking(paths.root, desk.device_id, last)
    if not lost:
        return

    def work(conn: Connection) -> None:
        kv.put(conn, tail.LOST, str(int(kv.get(conn, tail.LOST) or "0") + lost))
        _audit(conn, desk, "store.tail_lost")

    desk.store.write(work)
    tail.mark(paths.root, desk.device_id, last)


def mend_card(paths: ProfilePaths, desk: Desk) -> None:
    """Bring the card up to date with the store: backups do not hold it, and names change."""
    known = lockscreen.card_of(paths)
    people = tuple(
        msgspec.structs.replace(p, name=who.name, login=who.login, person_id=who.person_id) if who else p
        for p in lockscreen.people_of(paths, desk.clock)
        for who in (desk.person if p.slot_id == desk.slot_id else desk.people.get(p.person_id),)
    )
    fresh = msgspec.structs.replace(known, practice=desk.practice, people=people)
    if fresh != known:
        lockscreen.write_card(paths, fresh)


def _desk(paths: ProfilePaths, store: Store, keys: UnlockedKeys, person: CardPerson, clock: Clock) -> Desk:
    def read(conn: Connection) -> tuple[str, bool, str]:
        return kv.get(conn, "device_id"), kv.get(conn, "practice") == "1", kv.get(conn, "clock_offset", "0")

    device_id, practice, offset = store.read(read)
    if practice and isinstance(clock, SystemClock):
        clock.offset = dt.timedelta(seconds=float(offset))
    book = rulebook.book_of()
    bare = Desk(
        store=store,
        vault=Vault(paths.vault, keys.vault_key, keys.name_key),
        keys=keys,
        clock=clock,
        calendar=default_calendar(),
        rules=book.current,
        institution=enrolment.NOT_ENROLLED,
        person=Person(person.slot_id, person.name, "", person.login),
        people={},
        device_id=device_id,
        practice=practice,
        undo_window=UNDO_WINDOW,
        slot_id=person.slot_id,
        rule_book=book,
    )
    return refresh(bare)


def _with_values(conn: Connection, desk: Desk) -> Desk:
    book = rulebook.load(conn)
    people = enrolment.load_people(conn)
    institution = enrolment.load_institution(conn)
    pattern = rulebook.read(conn, rulebook.INSTITUTION, "number_pattern")
    if pattern:
        institution = replace(institution, number_pattern=msgspec.json.decode(pattern, type=str))
    person_id = kv.get(conn, f"{enrolment.PERSON}{desk.slot_id}")
    person = people.get(person_id, desk.person)
    keys = desk.keys
    if person.person_id != keys.person_id:
        # The same keys under the roster's id: what is signed from now on names the person.
        keys = UnlockedKeys(person.person_id, keys.profile_id, keys.secret, keys.suite)
    return replace(
        desk,
        calendar=rulebook.calendar_in(conn),
        rules=book.current,
        rule_book=book,
        institution=institution,
        people=people,
        person=person,
        keys=keys,
    )


def sit_down(paths: ProfilePaths, desk: Desk, keys: UnlockedKeys) -> Desk:
    """The desk of whoever ``keys`` belong to, on the store that is open already."""
    person = next(p for p in lockscreen.people_of(paths, desk.clock) if p.slot_id == keys.person_id)
    return _desk(paths, desk.store, keys, person, desk.clock)


def slot_keys(desk: Desk) -> UnlockedKeys:
    """The desk's keys under the id that the key file knows."""
    return UnlockedKeys(desk.slot_id, desk.keys.profile_id, desk.keys.secret, desk.keys.suite)


def _note(desk: Desk, action: str) -> None:
    desk.store.write(lambda conn: _audit(conn, desk, action))


def _audit(conn: Connection, desk: Desk, action: str) -> None:
    audit.append(conn, desk.clock.now(), desk.person.person_id, action, "", desk.slot_id, {})

"""The key file of a profile (``keys.json``): one pair of slots for each person.

A slot holds, sealed, the store key and one person's private keys. The *passphrase* slot opens with the
person's passphrase, the *recovery* slot with a code that is printed once and void once used (恢复码). Both
derive their key by Argon2id with the cost written in the slot. Whoever loses both loses what was sealed
to that person alone (单独谈); colleagues still open the rest of the store.

The file holds no case data. ``label`` is what the lock screen shows before anything is open.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from app.clock import Clock, from_text, to_text
from app.domain.errors import DamagedFault, NewerFileFault, UserError, WrongPassphraseError
from app.storage.atomic import write_atomic
from app.storage.crypto import DEFAULT_COST, DEFAULT_SUITE, KEY_BYTES, Cost, OpenFailedError, Suite, suite
from app.storage.faults import from_os_error
from app.storage.passphrase import new_code, normalise_code, normalise_passphrase, require_good
from app.storage.unlocked import PersonSecret, UnlockedKeys

FORMAT = 1
_WHAT = "口令文件"
_FREE_ATTEMPTS = 3
_FIRST_DELAY = 2.0
_LONGEST_DELAY = 15 * 60.0
_MOST_DOUBLINGS = 10
_MOST_KIB = 2 * 1024 * 1024
"""A key file that asks for more memory than this was spoilt, and would only bring the computer down."""
_SHORTEST_SALT = 8


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed copy of a person's keys."""

    suite: str
    salt: bytes
    memory_kib: int
    passes: int
    lanes: int
    sealed: bytes


class PersonEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the profile: two slots and two public keys."""

    person_id: str
    label: str
    sign_public: bytes
    seal_public: bytes
    passphrase: Slot
    recovery: Slot
    failures: int = 0
    failed_at: str = ""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """The whole key file."""

    format: int
    profile_id: str
    created_at: str
    people: tuple[PersonEntry, ...]


class _Header(msgspec.Struct):
    format: int


@dataclass(frozen=True)
class PersonLabel:
    """Who may unlock the profile, as the lock screen shows it."""

    person_id: str
    label: str


@dataclass(frozen=True)
class NewKeys:
    """Open keys together with a recovery code that is shown and printed now and never again."""

    keys: UnlockedKeys
    recovery_code: str = field(repr=False)


def create_profile_keys(
    path: Path, clock: Clock, *, person_id: str, label: str, passphrase: str, cost: Cost = DEFAULT_COST
) -> NewKeys:
    """Make the key file of a new profile with its first person.

    Raises ``UserError`` when the passphrase is too weak or the file exists, ``StorageFault`` when it
    cannot be written.
    """
    if path.exists():
        raise UserError(
            "这里已经有一份档案，没有改动它。请换一个文件夹，或直接打开原来的档案。", code="E-EXISTS"
        )
    secret = PersonSecret.new(DEFAULT_SUITE, secrets.token_bytes(KEY_BYTES))
    entry, code = _new_entry(person_id, label, passphrase, secret, cost)
    profile_id = secrets.token_hex(16)
    contents = Contents(
        format=FORMAT, profile_id=profile_id, created_at=to_text(clock.now()), people=(entry,)
    )
    _write(path, contents)
    return NewKeys(UnlockedKeys(person_id, profile_id, secret, DEFAULT_SUITE), code)


class KeyFile:
    """Opens and changes a profile's key file. The caller holds the profile's lock."""

    def __init__(self, path: Path, clock: Clock, *, cost: Cost = DEFAULT_COST) -> None:
        self._path = path
        self._clock = clock
        self._cost = cost

    def people(self) -> tuple[PersonLabel, ...]:
        """Everyone who has slots, in the order they were added."""
        return tuple(PersonLabel(p.person_id, p.label) for p in self._read().people)

    def profile_id(self) -> str:
        """The random id given to the profile when it was made."""
        return self._read().profile_id

    def retry_after(self, person_id: str) -> float:
        """Seconds until the next attempt is allowed; 0 when it is allowed now."""
        return self._remaining(self._entry(self._read(), person_id))

    def unlock(self, person_id: str, passphrase: str) -> UnlockedKeys:
        """The person's keys. Raises ``WrongPassphraseError`` with ``retry_after`` in seconds."""
        contents = self._read()
        entry = self._entry(contents, person_id)
        secret = self._try(contents, entry, entry.passphrase, normalise_passphrase(passphrase))
        if secret is None:
            raise self._failed(entry, "口令不对，再试一次。")
        return self._opened(contents, entry, secret)

    def unlock_with_recovery(self, code: str, new_passphrase: str, person_id: str = "") -> NewKeys:
        """Open with a printed code, set a new passphrase, and give the code that replaces the used one.

        Without ``person_id`` every person's recovery slot is tried. Nothing is changed when the new
        passphrase is too weak (``UserError``) or the code opens nothing (``WrongPassphraseError``).
        """
        require_good(new_passphrase)
        contents = self._read()
        entries = contents.people if not person_id else (self._entry(contents, person_id),)
        secret_text = normalise_code(code)
        for entry in entries:
            secret = self._try(contents, entry, entry.recovery, secret_text)
            if secret is not None:
                fresh, new = _new_entry(entry.person_id, entry.label, new_passphrase, secret, self._cost)
                self._replace(contents, fresh)
                return NewKeys(UnlockedKeys(entry.person_id, contents.profile_id, secret, DEFAULT_SUITE), new)
        raise self._failed(entries[0], "恢复码对不上，看看有没有抄错的字，再试一次。")

    def add_person(
        self,
        by: UnlockedKeys,
        *,
        person_id: str,
        label: str,
        passphrase: str,
        register: Callable[[UnlockedKeys], None] | None = None,
    ) -> NewKeys:
        """Give another person slots of their own, from the keys of someone who has unlocked.

        ``register`` gets the new keys before anything is written: when it raises, nothing was written.
        """
        contents = self._read()
        if any(p.person_id == person_id for p in contents.people):
            raise UserError("这位同事已经可以在本机登录，不用再加。", code="E-EXISTS")
        secret = PersonSecret.new(DEFAULT_SUITE, by.store_key)
        try:
            entry, code = _new_entry(person_id, label, passphrase, secret, self._cost)
            keys = UnlockedKeys(person_id, contents.profile_id, secret, DEFAULT_SUITE)
            if register is not None:
                register(keys)
            # Read anew: registering took its time, and another try at a passphrase may have been counted.
            contents = self._read()
            _write(self._path, msgspec.structs.replace(contents, people=(*contents.people, entry)))
        except BaseException:
            secret.wipe()
            raise
        return NewKeys(keys, code)

    def remove_person(self, by: UnlockedKeys, person_id: str) -> None:
        """Take a colleague's slots away. What was sealed to them alone can then not be read any more."""
        if by.person_id == person_id:
            raise UserError("不能移除自己的登录。请由另一位同事来移除。", code="E-SELF")
        contents = self._read()
        entry = self._entry(contents, person_id)
        left = tuple(p for p in contents.people if p is not entry)
        _write(self._path, msgspec.structs.replace(contents, people=left))

    def change_passphrase(self, person_id: str, old: str, new: str) -> None:
        """Replace the passphrase slot. Raises ``WrongPassphraseError`` or, for a weak one, ``UserError``."""
        require_good(new)
        with self.unlock(person_id, old) as keys:
            contents = self._read()
            slot = _new_slot(normalise_passphrase(new), keys.secret, self._cost, person_id)
            self._replace(
                contents, msgspec.structs.replace(self._entry(contents, person_id), passphrase=slot)
            )

    def new_recovery_code(self, keys: UnlockedKeys) -> str:
        """A fresh code for the person who has unlocked; the one printed before is void."""
        contents = self._read()
        code = new_code()
        slot = _new_slot(normalise_code(code), keys.secret, self._cost, keys.person_id)
        self._replace(contents, msgspec.structs.replace(self._entry(contents, keys.person_id), recovery=slot))
        return code

    def _read(self) -> Contents:
        return read_contents(self._path)

    def _entry(self, contents: Contents, person_id: str) -> PersonEntry:
        for entry in contents.people:
            if entry.person_id == person_id:
                return entry
        raise UserError("本机没有这位同事的登录。请换一位，或请已登录的同事添加。", code="E-NO-PERSON")

    def _replace(self, contents: Contents, entry: PersonEntry) -> None:
        people = tuple(entry if p.person_id == entry.person_id else p for p in contents.people)
        _write(self._path, msgspec.structs.replace(contents, people=people))

    def _try(self, contents: Contents, entry: PersonEntry, slot: Slot, text: str) -> PersonSecret | None:
        """What the slot holds, or ``None``. The attempt is counted before it is made, so that ending the
        program in the middle does not give it for free."""
        waiting = self._remaining(entry)
        if waiting > 0:
            raise WrongPassphraseError(f"试得太快了，请过 {_spoken(waiting)}再试。", retry_after=waiting)
        now = to_text(self._clock.now())
        self._replace(contents, msgspec.structs.replace(entry, failures=entry.failures + 1, failed_at=now))
        return _open_slot(slot, text, entry.person_id)

    def _failed(self, entry: PersonEntry, message: str) -> WrongPassphraseError:
        wait = self.retry_after(entry.person_id)
        if wait > 0:
            message = f"{message}请过 {_spoken(wait)}再试。"
        return WrongPassphraseError(message, retry_after=wait)

    def _opened(self, contents: Contents, entry: PersonEntry, secret: PersonSecret) -> UnlockedKeys:
        self._replace(contents, msgspec.structs.replace(entry, failures=0, failed_at=""))
        return UnlockedKeys(entry.person_id, contents.profile_id, secret, DEFAULT_SUITE)

    def _remaining(self, entry: PersonEntry) -> float:
        if entry.failures < _FREE_ATTEMPTS:
            return 0.0
        doublings = min(entry.failures - _FREE_ATTEMPTS, _MOST_DOUBLINGS)
        delay = min(_FIRST_DELAY * 2.0**doublings, _LONGEST_DELAY)
        try:
            since = (self._clock.now() - from_text(entry.failed_at)).total_seconds()
        except ValueError as error:
            raise _spoilt("failed_at") from error
        # A clock set back must not lock anyone out for years: at most one full delay counts from now.
        if since < 0:
            moved = msgspec.structs.replace(entry, failed_at=to_text(self._clock.now()))
            self._replace(self._read(), moved)
            return delay
        return max(0.0, delay - since)


def read_contents(path: Path) -> Contents:
    """The key file's contents. Raises ``UserError`` (none there), ``NewerFileFault``, ``DamagedFault``."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        if path.with_name("store.db").exists():
            raise DamagedFault(
                "口令文件不在了，案件库还在，没有改动它。请把 keys.json 放回原处，或从最近一次备份找回。",
                subject="keys.json",
            ) from error
        raise UserError("这里还没有档案。请先完成初次使用的三步。", code="E-NO-PROFILE") from error
    except OSError as error:
        raise from_os_error(error, _WHAT) from error
    try:
        if msgspec.json.decode(data, type=_Header).format > FORMAT:
            raise NewerFileFault("这份档案由更新的版本写成，没有动它。请先升级本软件再打开。", code="E-NEWER")
        return msgspec.json.decode(data, type=Contents)
    except msgspec.MsgspecError as error:
        raise _spoilt(str(error)) from error


def _spoilt(detail: str) -> DamagedFault:
    return DamagedFault(
        "口令文件损坏，打不开档案。案件资料没有改动。请从最近一次备份找回。", subject="keys", detail=detail
    )


def _write(path: Path, contents: Contents) -> None:
    write_atomic(path, msgspec.json.format(msgspec.json.encode(contents), indent=1), _WHAT)


def _new_entry(
    person_id: str, label: str, passphrase: str, secret: PersonSecret, cost: Cost
) -> tuple[PersonEntry, str]:
    require_good(passphrase)
    code = new_code()
    entry = PersonEntry(
        person_id=person_id,
        label=label,
        sign_public=DEFAULT_SUITE.signing_public(bytes(secret.sign_private)),
        seal_public=DEFAULT_SUITE.sealing_public(bytes(secret.seal_private)),
        passphrase=_new_slot(normalise_passphrase(passphrase), secret, cost, person_id),
        recovery=_new_slot(normalise_code(code), secret, cost, person_id),
    )
    return entry, code


def _new_slot(text: str, secret: PersonSecret, cost: Cost, person_id: str) -> Slot:
    salt = secrets.token_bytes(16)
    key = DEFAULT_SUITE.derive(text.encode(), salt, cost)
    return Slot(
        suite=DEFAULT_SUITE.suite_id,
        salt=salt,
        memory_kib=cost.memory_kib,
        passes=cost.passes,
        lanes=cost.lanes,
        sealed=DEFAULT_SUITE.encrypt(key, secret.to_bytes(), person_id.encode()),
    )


def _open_slot(slot: Slot, text: str, person_id: str) -> PersonSecret | None:
    used: Suite | None = suite(slot.suite)
    if used is None:
        raise NewerFileFault("口令文件用了本版本没有的算法，没有动它。请先升级本软件再打开。", code="E-NEWER")
    cost = Cost(slot.memory_kib, slot.passes, slot.lanes)
    if not (
        8 * cost.lanes <= cost.memory_kib <= _MOST_KIB and 1 <= cost.passes <= 64 and 1 <= cost.lanes <= 64
    ):
        raise _spoilt("cost")
    if len(slot.salt) < _SHORTEST_SALT:
        raise _spoilt("salt")
    key = used.derive(text.encode(), slot.salt, cost)
    try:
        return PersonSecret.from_bytes(used.decrypt(key, slot.sealed, person_id.encode()))
    except OpenFailedError:
        return None


def _spoken(seconds: float) -> str:
    whole = max(1, int(seconds + 0.999))
    return f"{whole} 秒" if whole < 60 else f"{(whole + 59) // 60} 分钟"

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from app.clock import FixedClock, to_text
from app.domain.errors import (
    DamagedFault,
    FieldError,
    InternalError,
    NewerFileFault,
    UserError,
    WrongPassphraseError,
)
from app.storage import passphrase as rules
from app.storage.crypto import DEFAULT_SUITE, OpenFailedError
from app.storage.keyslots import KeyFile, NewKeys, create_profile_keys
from tests.helpers.stores import CHEAP, PASSPHRASE, START

OTHER = "河边的柳树三月就绿了真好看"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def first(path: Path, clock: FixedClock) -> NewKeys:
    return create_profile_keys(path, clock, person_id="p1", label="一号", passphrase=PASSPHRASE, cost=CHEAP)


@pytest.fixture
def keys(path: Path, clock: FixedClock, first: NewKeys) -> KeyFile:
    return KeyFile(path, clock, cost=CHEAP)


def test_unlocking_gives_the_same_keys(keys: KeyFile, first: NewKeys) -> None:
    opened = keys.unlock("p1", PASSPHRASE)
    assert opened.db_key == first.keys.db_key
    assert opened.sign_public == first.keys.sign_public
    assert DEFAULT_SUITE.verify(first.keys.sign_public, opened.sign(b"text"), b"text")
    assert opened.unseal(first.keys.seal(b"note")) == b"note"
    subkeys = {opened.db_key, opened.vault_key, opened.name_key, opened.backup_key, opened.store_key}
    assert len(subkeys) == 5


def test_full_width_typing_opens_too(path: Path, clock: FixedClock) -> None:
    create_profile_keys(path, clock, person_id="p1", label="", passphrase="Tea at 4 by the lake", cost=CHEAP)
    KeyFile(path, clock, cost=CHEAP).unlock("p1", "Ｔea at ４ by the lake")


def test_nothing_secret_stands_in_the_file(path: Path, first: NewKeys) -> None:
    text = path.read_bytes()
    for secret in (first.keys.store_key, first.keys.db_key, PASSPHRASE.encode()):
        assert secret not in text
        assert secret.hex().encode() not in text
    assert first.recovery_code not in repr(first)


def test_wrong_passphrase_is_counted_and_delayed_over_restarts(
    path: Path, clock: FixedClock, keys: KeyFile
) -> None:
    waits = []
    for _ in range(3):
        with pytest.raises(WrongPassphraseError) as caught:
            keys.unlock("p1", OTHER)
        waits.append(caught.value.retry_after)
    assert waits[:2] == [0, 0]
    assert waits[2] > 0
    again = KeyFile(path, clock, cost=CHEAP)
    with pytest.raises(WrongPassphraseError, match="太快"):
        again.unlock("p1", PASSPHRASE)
    clock.advance(dt.timedelta(seconds=waits[2]))
    with pytest.raises(WrongPassphraseError) as caught:
        again.unlock("p1", OTHER)
    assert caught.value.retry_after > waits[2]
    clock.advance(dt.timedelta(seconds=caught.value.retry_after))
    again.unlock("p1", PASSPHRASE)
    assert again.retry_after("p1") == 0


def test_a_clock_set_back_does_not_lock_out_for_years(clock: FixedClock, keys: KeyFile) -> None:
    for _ in range(4):
        with pytest.raises(WrongPassphraseError):
            keys.unlock("p1", OTHER)
    clock.advance(dt.timedelta(days=-3650))
    wait = keys.retry_after("p1")
    assert 0 < wait <= 15 * 60
    clock.advance(dt.timedelta(seconds=wait))
    keys.unlock("p1", PASSPHRASE)


def test_recovery_code_sets_a_new_passphrase_and_is_void_then(keys: KeyFile, first: NewKeys) -> None:
    typed = first.recovery_code.lower().replace(" ", "-")
    again = keys.unlock_with_recovery(typed, OTHER)
    assert again.keys.db_key == first.keys.db_key
    assert again.keys.unseal(first.keys.seal(b"note")) == b"note"
    assert keys.unlock("p1", OTHER).person_id == "p1"
    with pytest.raises(WrongPassphraseError):
        keys.unlock("p1", PASSPHRASE)
    with pytest.raises(WrongPassphraseError):
        keys.unlock_with_recovery(first.recovery_code, OTHER)
    keys.unlock_with_recovery(again.recovery_code, PASSPHRASE, "p1")


def test_weak_passphrase_changes_nothing(path: Path, keys: KeyFile, first: NewKeys) -> None:
    before = path.read_bytes()
    with pytest.raises(FieldError):
        keys.unlock_with_recovery(first.recovery_code, "短口令")
    with pytest.raises(FieldError):
        keys.change_passphrase("p1", PASSPHRASE, "qwertyuiop123")
    assert path.read_bytes() == before


def test_change_passphrase_and_new_code(keys: KeyFile, first: NewKeys) -> None:
    keys.change_passphrase("p1", PASSPHRASE, OTHER)
    opened = keys.unlock("p1", OTHER)
    code = keys.new_recovery_code(opened)
    with pytest.raises(WrongPassphraseError):
        keys.unlock_with_recovery(first.recovery_code, PASSPHRASE)
    assert keys.unlock_with_recovery(code, PASSPHRASE).keys.store_key == first.keys.store_key


def test_colleagues_share_the_store_but_not_sealed_notes(keys: KeyFile, first: NewKeys) -> None:
    second = keys.add_person(first.keys, person_id="p2", label="二号", passphrase=OTHER)
    opened = keys.unlock("p2", OTHER)
    assert opened.db_key == first.keys.db_key
    assert opened.sign_public != first.keys.sign_public
    with pytest.raises(OpenFailedError):
        opened.unseal(first.keys.seal(b"note"))
    assert [p.label for p in keys.people()] == ["一号", "二号"]
    assert keys.unlock_with_recovery(second.recovery_code, OTHER).keys.person_id == "p2"
    with pytest.raises(UserError):
        keys.remove_person(first.keys, "p1")
    keys.remove_person(first.keys, "p2")
    with pytest.raises(UserError):
        keys.unlock("p2", OTHER)


def test_slots_cannot_be_exchanged_between_people(path: Path, keys: KeyFile, first: NewKeys) -> None:
    keys.add_person(first.keys, person_id="p2", label="二号", passphrase=OTHER)
    path.write_text(path.read_text("utf-8").replace('"p1"', '"p3"').replace('"p2"', '"p1"'), "utf-8")
    with pytest.raises(WrongPassphraseError):
        keys.unlock("p1", OTHER)


def test_cleared_keys_do_nothing_any_more(first: NewKeys) -> None:
    secret = first.keys.secret
    first.keys.clear()
    assert first.keys.cleared
    assert set(secret.store_key) == set(secret.sign_private) == {0}
    with pytest.raises(InternalError):
        first.keys.sign(b"text")


def test_existing_newer_and_damaged_files_are_refused(path: Path, clock: FixedClock, keys: KeyFile) -> None:
    with pytest.raises(UserError):
        create_profile_keys(path, clock, person_id="x", label="", passphrase=OTHER, cost=CHEAP)
    good = path.read_text("utf-8")
    path.write_text(good.replace('"format": 1', '"format": 2'), "utf-8")
    with pytest.raises(NewerFileFault):
        keys.people()
    path.write_text(good[: len(good) // 2], "utf-8")
    with pytest.raises(DamagedFault):
        keys.people()
    path.unlink()
    with pytest.raises(UserError):
        keys.people()


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "短",
        "123456789012",
        "aaaaaaaaaaaaaa",
        "abcdefghijklmn",
        "我我我我我我我我我我我我我",
        "好好学习好好学习好好学习",
    ],
)
def test_weak_passphrases(weak: str) -> None:
    with pytest.raises(FieldError) as caught:
        rules.require_good(weak)
    assert caught.value.field == "passphrase"


def test_good_passphrase_and_code_form() -> None:
    assert all(check.ok for check in rules.checks(PASSPHRASE))
    code = rules.new_code()
    assert [len(group) for group in code.split(" ")] == [4] * 8
    assert not set("01IO") & set(code)
    assert rules.code_looks_complete(code.lower())
    assert not rules.code_looks_complete(code[:-1])
    assert rules.normalise_code("８gla-5zsu i1") == "8GLA5ZSULL"


def _edit(path: Path, **changes: object) -> None:
    """Change the first person's entry; keys of the slot are written ``slot.…``."""
    import json

    held = json.loads(path.read_text("utf-8"))
    entry = held["people"][0]
    for name, value in changes.items():
        target, _, key = name.rpartition("__")
        (entry[target] if target else entry)[key] = value
    path.write_text(json.dumps(held), "utf-8")


def test_an_attempt_is_counted_before_it_is_made(keys: KeyFile, path: Path) -> None:
    _edit(path, passphrase__suite="of-tomorrow")
    for number in (1, 2):
        with pytest.raises(NewerFileFault):
            keys.unlock("p1", PASSPHRASE)
        assert f'"failures": {number}' in path.read_text("utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        {"passphrase__memory_kib": 0},
        {"passphrase__memory_kib": 2**31},
        {"passphrase__passes": 0},
        {"passphrase__lanes": 0},
        {"passphrase__salt": ""},
        {"failures": 5, "failed_at": "once"},
    ],
)
def test_a_spoilt_slot_is_damage_and_said_so(keys: KeyFile, path: Path, changes: dict[str, object]) -> None:
    _edit(path, **changes)
    with pytest.raises(DamagedFault, match="口令文件损坏"):
        keys.unlock("p1", PASSPHRASE)


def test_any_number_of_failures_waits_no_longer_than_the_longest(
    keys: KeyFile, path: Path, clock: FixedClock
) -> None:
    _edit(path, failures=2000, failed_at="2020-01-01T00:00:00.000Z")
    assert keys.retry_after("p1") == 0
    _edit(path, failures=10**9, failed_at=to_text(clock.now()))
    assert keys.retry_after("p1") == 900

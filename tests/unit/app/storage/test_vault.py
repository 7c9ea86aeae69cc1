from __future__ import annotations

import hashlib
import io
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.errors import DamagedFault, UserError
from app.storage.blobs import RECORD
from app.storage.vault import StoredFile
from tests.helpers.stores import Profile

RECORD_ON_DISK = RECORD + 16


class Dribble:
    """A source that gives a little at a time, as sockets do."""

    def __init__(self, content: bytes) -> None:
        self._stream = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(min(size, 300_001))


@pytest.mark.parametrize("size", [0, 1, RECORD - 1, RECORD, RECORD + 1, 2 * RECORD, 2 * RECORD + 77])
def test_round_trip_with_seeks(home: Profile, size: int) -> None:
    content = random.Random(size).randbytes(size)
    stored = home.vault.add_stream(Dribble(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.size == size
    home.vault.verify(stored)
    with home.vault.open(stored) as stream:
        assert stream.read() == content
        for start in (0, size // 2, max(0, size - 5), size + 10, RECORD - 3):
            stream.seek(start)
            assert stream.read(9) == content[start : start + 9]
        assert stream.seek(-min(4, size), os.SEEK_END) == size - min(4, size)
        assert stream.read() == content[size - min(4, size) :]


def test_names_and_bytes_tell_nothing(home: Profile) -> None:
    content = b"claim of the applicant " * 1000
    stored = home.vault.add_bytes(content)
    (path,) = home.vault.blobs()
    assert path == home.vault.blob_path(stored.blob)
    assert stored.sha256 not in str(path)
    assert b"applicant" not in path.read_bytes()
    assert not list(home.paths.vault.glob("*.part"))


def test_the_same_file_is_stored_once(home: Profile) -> None:
    first, second = home.vault.add_bytes(b"same"), home.vault.add_bytes(b"same")
    assert first == second
    assert len(list(home.vault.blobs())) == 1


def test_adding_again_repairs_a_damaged_blob_and_the_old_row_still_opens(home: Profile) -> None:
    row = home.vault.add_bytes(b"content")
    path = home.vault.blob_path(row.blob)
    path.write_bytes(path.read_bytes()[:-1])
    home.vault.add_bytes(b"content")
    with home.vault.open(row) as stream:
        assert stream.read() == b"content"


def _damage(kind: str, path: Path, header: int) -> None:
    data = bytearray(path.read_bytes())
    first = slice(header, header + RECORD_ON_DISK)
    second = slice(header + RECORD_ON_DISK, header + 2 * RECORD_ON_DISK)
    if kind == "missing":
        path.unlink()
        return
    if kind == "flip":
        data[-100] ^= 4
    elif kind == "cut":
        del data[header + 2 * RECORD_ON_DISK :]
    elif kind == "swap":
        data[first], data[second] = data[second], data[first]
    elif kind == "header":
        data[3] ^= 1
    elif kind == "empty":
        data.clear()
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["missing", "flip", "cut", "swap", "header", "empty"])
def test_damage_is_found_and_healed_from_a_copy(home: Profile, tmp_path: Path, kind: str) -> None:
    content = os.urandom(2 * RECORD + 500)
    row = home.vault.add_bytes(content)
    path = home.vault.blob_path(row.blob)
    copy = tmp_path / "copy"
    shutil.copy(path, copy)
    _damage(kind, path, path.stat().st_size - 3 * 16 - len(content))
    with pytest.raises(DamagedFault) as caught:
        home.vault.verify(row)
    assert caught.value.subject == f"attachment:{row.sha256[:8]}"
    with pytest.raises(DamagedFault), home.vault.open(row) as stream:
        stream.read()

    def fetch(_blob: str, target: Path) -> bool:
        shutil.copy(copy, target)
        return True

    assert home.vault.heal(row, fetch)
    home.vault.verify(row)
    assert path.with_name(f"{path.name}.damaged").exists() is (kind != "missing")


def test_a_bad_copy_heals_nothing(home: Profile) -> None:
    row = home.vault.add_bytes(b"content")
    path = home.vault.blob_path(row.blob)
    path.write_bytes(b"broken")
    assert not home.vault.heal(row, lambda _blob, target: bool(target.write_bytes(b"also broken")))
    assert not home.vault.heal(row, lambda _blob, _target: False)
    assert path.read_bytes() == b"broken"
    assert not list(path.parent.glob("*.part"))


def test_one_blob_in_the_place_of_another_is_found(home: Profile) -> None:
    one, two = home.vault.add_bytes(b"one"), home.vault.add_bytes(b"two")
    shutil.copy(home.vault.blob_path(two.blob), home.vault.blob_path(one.blob))
    with pytest.raises(DamagedFault):
        home.vault.verify(one)


def test_blobs_of_equal_size_put_in_each_others_place_do_not_open(home: Profile) -> None:
    one, two = home.vault.add_bytes(b"one" * 5000), home.vault.add_bytes(b"two" * 5000)
    first, second = home.vault.blob_path(one.blob), home.vault.blob_path(two.blob)
    mine, theirs = first.read_bytes(), second.read_bytes()
    first.write_bytes(theirs)
    second.write_bytes(mine)
    for row in (one, two):
        with pytest.raises(DamagedFault):
            home.vault.open(row)
        # Not even with the other's key beside it: the key itself is bound to the content.
        with pytest.raises(DamagedFault):
            home.vault.open(replace(row, wrapped_key=two.wrapped_key if row is one else one.wrapped_key))


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b[: len(b) // 2]])
def test_a_blob_of_another_length_does_not_open(home: Profile, change: Callable[[bytes], bytes]) -> None:
    row = home.vault.add_bytes(os.urandom(2 * RECORD))
    path = home.vault.blob_path(row.blob)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DamagedFault):
        home.vault.open(row)


def test_too_large_a_source_is_refused_and_leaves_nothing(home: Profile) -> None:
    with pytest.raises(UserError, match="1 MB"):
        home.vault.add_stream(io.BytesIO(bytes(RECORD + 1)), max_bytes=RECORD)
    assert not list(home.paths.vault.rglob("*"))


def test_sweep_takes_what_a_crash_left_and_only_that(home: Profile) -> None:
    kept, unknown = home.vault.add_bytes(b"kept"), home.vault.add_bytes(b"unknown")
    part = home.paths.vault / "abc.part"
    part.write_bytes(b"x")
    assert home.vault.sweep({kept.blob}) == 0
    assert home.vault.sweep({kept.blob}, unfinished_age=0) == 1
    assert home.vault.sweep({kept.blob}, unknown_age=0) == 1
    assert [p.name for p in home.vault.blobs()] == [kept.blob]
    assert not home.vault.blob_path(unknown.blob).exists()


def test_removing(home: Profile) -> None:
    row: StoredFile = home.vault.add_bytes(b"x")
    home.vault.remove(row.blob)
    home.vault.remove(row.blob)
    assert not list(home.vault.blobs())

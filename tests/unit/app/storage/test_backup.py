from __future__ import annotations

import datetime as dt
import os
import time
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app.clock import FixedClock, to_text
from app.domain.errors import Cancelled, DamagedFault, NewerFileFault, UserError
from app.storage import backup
from app.storage.engine import Store
from app.storage.keyslots import KeyFile, create_profile_keys
from app.storage.tables import files, meta
from app.storage.vault import StoredFile, Vault
from tests.helpers.stores import CHEAP, PASSPHRASE, START, Profile


@pytest.fixture
def stored(home: Profile) -> StoredFile:
    home.store.write(lambda conn: conn.execute(meta.insert().values(key="k", value="v")) and None)
    return home.vault.add_bytes(b"attachment" * 50_000)


@pytest.fixture
def made(home: Profile, stored: StoredFile, tmp_path: Path) -> Path:
    path = tmp_path / "out" / backup.backup_name(home.clock)
    report = backup.create_backup(path, home.paths, home.keys, home.clock)
    assert report.ok, report.problems
    assert (report.files, report.profile_id) == (1, home.keys.profile_id)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return path


def test_round_trip(home: Profile, stored: StoredFile, made: Path, tmp_path: Path) -> None:
    restored = backup.restore_backup(made, tmp_path / "restored")
    keys = KeyFile(restored.keys, home.clock, cost=CHEAP).unlock("p1", PASSPHRASE)
    store = Store.open(restored.database, keys.db_key, home.clock)
    assert store.read(lambda conn: conn.execute(select(meta.c.value)).scalar_one()) == "v"
    store.close()
    with Vault(restored.vault, keys.vault_key, keys.name_key).open(stored) as stream:
        assert stream.read() == b"attachment" * 50_000


def test_a_writer_is_not_held_up(home: Profile, tmp_path: Path) -> None:
    def work(conn: object) -> None:
        backup.create_backup(tmp_path / f"b{backup.SUFFIX}", home.paths, home.keys, home.clock)

    home.store.write(work)
    assert backup.verify_backup(tmp_path / f"b{backup.SUFFIX}", home.keys).ok


def test_restoring_refuses_a_folder_in_use(made: Path, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("x")
    with pytest.raises(UserError):
        backup.restore_backup(made, tmp_path / "used")
    assert [p.name for p in (tmp_path / "used").iterdir()] == ["file"]


def test_cancelling_leaves_nothing(home: Profile, made: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        backup.create_backup(tmp_path / "new", home.paths, home.keys, home.clock, lambda done, total: False)
    with pytest.raises(Cancelled):
        backup.restore_backup(made, tmp_path / "restored", lambda done, total: done < total)
    assert {p.name for p in tmp_path.iterdir()} == {"out", "profile"}


@pytest.mark.parametrize("share", [0.3, 0.6, 0.7])
def test_stopped_while_it_is_packed_or_looked_through_it_leaves_nothing(
    home: Profile, stored: StoredFile, tmp_path: Path, share: float
) -> None:
    told: list[float] = []

    def further(done: int, total: int) -> bool:
        told.append(done / total)
        return told[-1] < share

    with pytest.raises(Cancelled):
        backup.create_backup(tmp_path / "new", home.paths, home.keys, home.clock, further)
    assert told == sorted(told)
    assert share <= told[-1] <= 1
    assert {p.name for p in tmp_path.iterdir()} == {"profile"}


def test_an_attachment_that_goes_meanwhile_is_missed_only_where_its_row_is_known(
    home: Profile, tmp_path: Path
) -> None:
    nobodys = home.vault.add_bytes(b"taken out again")
    path = home.vault.blob_path(nobodys.blob)

    def goes(_done: int, _total: int) -> bool:
        path.unlink(missing_ok=True)
        return True

    report = backup.create_backup(tmp_path / "new", home.paths, home.keys, home.clock, goes)
    assert (report.ok, report.files) == (True, 0)
    known = home.vault.add_bytes(b"taken out again")
    row = {"blob": known.blob, "size": known.size, "wrapped_key": known.wrapped_key, "state": "present"}
    more = {"sha256": known.sha256, "media_type": "text/plain", "added_at": to_text(home.clock.now())}
    home.store.write(lambda conn: conn.execute(insert(files), row | more) and None)
    path = home.vault.blob_path(known.blob)
    lacking = backup.create_backup(tmp_path / "again", home.paths, home.keys, home.clock, goes)
    assert lacking.lacking == (known.sha256,)


def _rewrite(path: Path, change: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in (entries | change).items():
            new.writestr(name, data)


def test_a_flipped_bit_anywhere_shows(made: Path, tmp_path: Path) -> None:
    data = bytearray(made.read_bytes())
    data[len(data) // 2] ^= 1
    made.write_bytes(data)
    assert not backup.verify_backup(made).ok
    with pytest.raises(DamagedFault):
        backup.restore_backup(made, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_a_forged_manifest_shows_with_the_keys(home: Profile, made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made) as container:
        text = container.read("manifest.json")
    _rewrite(made, {"manifest.json": text.replace(b"2026-11-23", b"2026-11-24")})
    assert not backup.verify_backup(made, home.keys).ok
    other = create_profile_keys(
        tmp_path / "o.json", home.clock, person_id="x", label="", passphrase=PASSPHRASE, cost=CHEAP
    )
    assert "另一份" in backup.verify_backup(made, other.keys).problems[0]


def test_paths_from_outside_and_newer_formats_are_refused(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made) as container:
        text = container.read("manifest.json")
    _rewrite(made, {"manifest.json": text.replace(b'"keys.json"', b'"../keys.json"')})
    with pytest.raises(DamagedFault):
        backup.restore_backup(made, tmp_path / "restored")
    _rewrite(made, {"manifest.json": text.replace(b'"format":1', b'"format":2')})
    with pytest.raises(NewerFileFault):
        backup.verify_backup(made)


def test_what_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        backup.verify_backup(tmp_path / "none")
    (tmp_path / "text").write_text("text")
    with pytest.raises(UserError):
        backup.verify_backup(tmp_path / "text")


def test_single_blobs(made: Path, stored: StoredFile, tmp_path: Path) -> None:
    assert backup.restore_blob(made, stored.blob, tmp_path / "blob")
    assert (tmp_path / "blob").stat().st_size > stored.size
    assert not backup.restore_blob(made, "00" * 32, tmp_path / "other")


def test_rotation_keeps_days_and_weeks_and_foreign_files(tmp_path: Path) -> None:
    clock = FixedClock(START)
    for _ in range(60):
        for _ in range(2):
            (tmp_path / backup.backup_name(clock)).write_bytes(b"")
            clock.advance(dt.timedelta(hours=12))
    (tmp_path / f"mine{backup.SUFFIX}").write_bytes(b"")
    gone = backup.rotate(tmp_path)
    left = backup.backups_in(tmp_path)
    # the newest day of the week before lies within the seven days already
    assert len(left) == 1 + 7 + 2
    assert len(gone) == 120 - 9
    assert tmp_path / f"mine{backup.SUFFIX}" in left


def test_what_cut_backups_left_goes_when_nobody_writes_it_any_more(tmp_path: Path) -> None:
    name = f"jiefen-20261123T024200Z{backup.SUFFIX}"
    parts = [
        tmp_path / f"{name}.{end}" for end in ("0a1b2c3d.part", "0a1b2c3d.db.part", "0a1b2c3d.check.part")
    ]
    other = tmp_path / "mine.part"
    for path in (*parts, other):
        path.write_bytes(b"half")
    assert backup.rotate(tmp_path) == []
    assert all(path.exists() for path in parts), "another computer may be writing them"
    old = time.time() - 2 * 86400
    for path in (*parts, other):
        os.utime(path, (old, old))
    backup.rotate(tmp_path)
    assert list(tmp_path.iterdir()) == [other]

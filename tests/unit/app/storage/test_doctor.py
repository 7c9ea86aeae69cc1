from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.errors import DamagedFault
from app.storage import audit, backup, doctor, outbox
from app.storage.engine import Store
from app.storage.tables import files, meta
from tests.helpers.stores import Profile


@pytest.fixture
def used(home: Profile) -> Profile:
    """A profile with commands in two lanes, a file, audit rows, and a backup of it all."""
    numbers = itertools.count(1)
    author = outbox.Author("p1", "d1", home.keys.sign, lambda: f"command-{next(numbers)}")
    stored = home.vault.add_bytes(b"attachment")

    def work(conn: Connection) -> None:
        for case_id in ("c1", "c1", "c2", "c1"):
            note = cf.Record(
                record_id="r", case_id=case_id, at=home.clock.now(), author="p1", body=cf.Note(text="x")
            )
            command = outbox.append(
                conn,
                author,
                case_id=case_id,
                payload=cmd.AddRecord(record=note),
                base_version=0,
                base_values={},
                at=home.clock.now(),
                not_before=home.clock.now(),
            )
            audit.append(conn, home.clock.now(), "p1", "record.add", case_id, command.command_id, {})
        conn.execute(
            files.insert().values(
                sha256=stored.sha256,
                blob=stored.blob,
                size=stored.size,
                media_type="text/plain",
                wrapped_key=stored.wrapped_key,
                state="present",
                added_at="",
            )
        )
        conn.execute(meta.insert().values(key="k", value="x" * 100_000))

    home.store.write(work)
    backup.create_backup(
        home.paths.backups / backup.backup_name(home.clock), home.paths, home.keys, home.clock
    )
    return home


def problems(home: Profile) -> list[doctor.Finding]:
    return [f for f in doctor.examine(home.paths, home.keys, home.clock) if not f.ok]


def test_a_sound_profile_and_one_without_backup(used: Profile) -> None:
    found = doctor.examine(used.paths, used.keys, used.clock)
    assert [f.area for f in found] == ["database", "vault", "audit", "outbox", "inbox", "backup"]
    assert all(f.ok for f in found)
    backup.backups_in(used.paths.backups)[0].unlink()
    (finding,) = problems(used)
    assert finding.area == "backup"
    assert finding.advice


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE outbox SET bytes = CAST(replace(CAST(bytes AS TEXT), 'x', 'y') AS BLOB) WHERE ordinal = 1",
        "DELETE FROM outbox WHERE ordinal = 2",
        "DELETE FROM outbox WHERE ordinal = 4",
        "UPDATE lanes SET last_hash = 'x' WHERE case_id = 'c1'",
        "DELETE FROM lanes WHERE case_id = 'c1'",
        "UPDATE outbox SET hash = 'x' WHERE ordinal = 1",
    ],
)
def test_a_broken_lane_is_named(used: Profile, change: str) -> None:
    used.store.write(lambda conn: conn.exec_driver_sql(change) and None)
    (finding,) = problems(used)
    assert (finding.area, finding.subject) == ("outbox", "c1")


def test_erased_payloads_keep_the_lane_whole(used: Profile) -> None:
    used.store.write(lambda conn: conn.exec_driver_sql("UPDATE outbox SET bytes = NULL") and None)
    assert not problems(used)


def test_a_broken_audit_chain_is_named(used: Profile) -> None:
    used.store.write(lambda conn: conn.exec_driver_sql("UPDATE audit SET action = 'x'") and None)
    (finding,) = problems(used)
    assert finding.area == "audit"


@pytest.mark.parametrize("missing", [True, False])
def test_files_are_found_and_healed(used: Profile, missing: bool) -> None:
    (path,) = used.vault.blobs()
    if missing:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    (finding,) = problems(used)
    assert (finding.area, finding.healable) == ("vault", True)
    state = used.store.read(lambda conn: conn.execute(select(files.c.state)).scalar_one())
    assert state == ("missing" if missing else "damaged")
    assert doctor.heal_files(used.store, used.vault, [used.paths.backups]) == (1, 0)
    assert not problems(used)


def test_files_without_a_copy_stay_named(used: Profile) -> None:
    backup.backups_in(used.paths.backups)[0].unlink()
    next(used.vault.blobs()).unlink()
    assert {f.area for f in problems(used)} == {"vault", "backup"}
    assert doctor.heal_files(used.store, used.vault, [used.paths.backups]) == (0, 1)


def _flip(path: Path, offset: int) -> bytes:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
    return bytes(data)


@pytest.mark.parametrize("page", [0, 20])
def test_a_damaged_database_is_healed_and_kept(used: Profile, page: int) -> None:
    used.store.close()
    broken = _flip(used.paths.database, 4096 * page + 50)
    (finding,) = problems(used)
    assert (finding.area, finding.healable) == ("database", True)
    assert doctor.heal_database(used.paths, used.keys, used.clock) is not None
    assert not problems(used)
    (kept,) = used.paths.damaged.glob("*/store.db")
    assert kept.read_bytes() == broken
    store = Store.open(used.paths.database, used.keys.db_key, used.clock)
    assert store.read(lambda conn: conn.execute(select(meta.c.value).where(meta.c.key == "k")).scalar_one())
    store.close()


def test_without_a_good_backup_nothing_is_touched(used: Profile) -> None:
    used.store.close()
    broken = _flip(used.paths.database, 50)
    for path in backup.backups_in(used.paths.backups):
        _flip(path, path.stat().st_size // 2)
    assert doctor.heal_database(used.paths, used.keys, used.clock) is None
    assert used.paths.database.read_bytes() == broken
    with pytest.raises(DamagedFault):
        Store.open(used.paths.database, used.keys.db_key, used.clock)


@pytest.mark.parametrize("empty", [True, False])
def test_a_lost_database_never_passes_for_a_new_one(used: Profile, empty: bool) -> None:
    used.store.close()
    if empty:
        used.paths.database.write_bytes(b"")
    else:
        used.paths.database.unlink()
    (finding,) = problems(used)
    assert (finding.area, finding.healable) == ("database", True)
    assert used.paths.database.exists() == empty, "looking makes no database"
    if empty:
        with pytest.raises(DamagedFault):
            Store.open(used.paths.database, used.keys.db_key, used.clock)
    assert doctor.heal_database(used.paths, used.keys, used.clock) is not None
    assert not problems(used)

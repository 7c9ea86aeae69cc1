"""Killed at any moment, on a full disk, read by strangers: what is on the disk stays right and closed."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.storage import audit, backup, search_text
from app.storage.engine import Store
from app.storage.integrity import check_pages
from app.storage.tables import meta, sealed_notes
from tests.helpers.stores import Profile, add_case

WRITER = """
import pathlib, sys
from app.clock import SystemClock
from app.storage import audit
from app.storage.engine import Store
from app.storage.tables import meta
path, key, start = sys.argv[1:]
store = Store.open(pathlib.Path(path), bytes.fromhex(key), SystemClock())
number = int(start)
while True:
    def work(conn):
        conn.execute(meta.insert().values(key=f"n{number}", value="x" * 3000))
        audit.append(conn, SystemClock().now(), "p1", "write", "", str(number), {})
    store.write(work)
    print(number, flush=True)
    number += 1
"""

FULL_DISK = """
import pathlib, resource, signal, sys
from app.clock import SystemClock
from app.domain.errors import StorageFault
from app.storage.engine import Store
from app.storage.tables import meta
from app.storage.vault import Vault
path, key, vault = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store.open(pathlib.Path(path), bytes.fromhex(key), SystemClock())
files = Vault(pathlib.Path(vault), bytes(32), bytes(32))
def put(name, size):
    store.write(lambda conn: conn.execute(meta.insert().values(key=name, value="x" * size)) and None)
put("before", 10)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, hard))
for act in (lambda: put("big", 3_000_000), lambda: files.add_bytes(bytes(3_000_000))):
    try:
        act()
    except StorageFault as fault:
        print(type(fault).__name__, fault.code)
put("small", 10)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
put("after", 3_000_000)
files.add_bytes(bytes(3_000_000))
store.close()
print("done", len(list(files.blobs())), len(list(pathlib.Path(vault).glob("*.part"))))
"""


def _run_and_kill(home: Profile, start: int, count: int) -> set[int]:
    arguments = [str(home.paths.database), home.keys.db_key.hex(), str(start)]
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    acknowledged = set()
    for line in process.stdout:
        acknowledged.add(int(line))
        if len(acknowledged) >= count:
            process.kill()
            break
    rest, errors = process.communicate(timeout=30)
    assert not errors
    return acknowledged | {int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")}


def test_killed_while_writing_loses_nothing_acknowledged(home: Profile) -> None:
    home.store.close()
    chance, acknowledged = random.Random(7), set[int]()
    for start in (0, 1000, 2000):
        acknowledged |= _run_and_kill(home, start, chance.randrange(3, 40))
        store = Store.open(home.paths.database, home.keys.db_key, home.clock)
        names = store.read(lambda conn: set(conn.execute(select(meta.c.key)).scalars()))
        report = store.read(audit.verify)
        store.close()
        assert {f"n{number}" for number in acknowledged} <= names
        assert report.ok
        assert report.count == sum(name.startswith("n") for name in names)
    assert check_pages(home.paths.database, home.keys.db_key) == []


def test_a_full_disk_undoes_the_step_and_the_store_goes_on(home: Profile) -> None:
    home.store.close()
    arguments = [str(home.paths.database), home.keys.db_key.hex(), str(home.paths.root / "v2")]
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[-1] == "done 1 0"
    assert len(lines) == 3
    assert "DiskFullFault E-DISK-FULL" in lines
    store = Store.open(home.paths.database, home.keys.db_key, home.clock)
    assert set(store.read(lambda conn: conn.execute(select(meta.c.key)).scalars().all())) == {
        "before",
        "small",
        "after",
    }
    store.close()


SECRETS = ("陈明华", "三楼漏水", "13812346612", "11010519491231002X", "confidential text")


def _plain_in(folder: Path) -> list[tuple[str, str]]:
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in SECRETS:
                for encoding in ("utf-8", "utf-16-le", "gb18030"):
                    if secret.encode(encoding) in data:
                        found.append((path.name, secret))
    return found


def _personal(home: Profile) -> None:
    def work(conn: object) -> None:
        rid = add_case(conn, "c1", title="三楼漏水", parties="陈明华", body="、".join(SECRETS).encode())  # type: ignore[arg-type]
        search_text.index_case(conn, rid, search_text.tokens_for(SECRETS))  # type: ignore[arg-type]
        conn.execute(  # type: ignore[attr-defined]
            sealed_notes.insert().values(
                note_id="n1",
                case_id="c1",
                author="p1",
                written_at="",
                sealed=home.keys.seal("、".join(SECRETS).encode()),
            )
        )

    home.store.write(work)
    home.vault.add_bytes("、".join(SECRETS).encode() * 1000)


def test_no_plain_text_in_any_file(home: Profile, tmp_path: Path) -> None:
    _personal(home)
    names = {path.name for path in home.paths.root.rglob("*")}
    assert {"store.db", "store.db-wal"} <= names
    assert _plain_in(tmp_path) == []
    backup.create_backup(home.paths.backups / "b.jfbackup", home.paths, home.keys, home.clock)
    home.store.close()
    assert _plain_in(tmp_path) == []
    (tmp_path / "control").write_text("x陈明华x", "utf-8")
    assert _plain_in(tmp_path) == [("control", "陈明华")]


def test_an_independent_program_needs_the_key(home: Profile) -> None:
    _personal(home)
    home.store.close()
    database = home.paths.database
    assert not database.read_bytes().startswith(b"SQLite format 3")
    import sqlite3

    plain = sqlite3.connect(database)
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM cases").fetchall()
    plain.close()
    program = shutil.which("sqlcipher")
    if program is not None:  # older versions cannot read this format even with the key: only refusals count
        for pragma in ("", f"PRAGMA key = \"x'{bytes(32).hex()}'\";"):
            done = subprocess.run(
                [program, "-batch", str(database)],
                input=f"{pragma} SELECT title FROM cases;",
                capture_output=True,
                text=True,
                check=False,
            )
            assert "not a database" in done.stderr
            assert "漏水" not in done.stdout


def test_a_damaged_log_ends_at_the_last_whole_transaction(home: Profile, tmp_path: Path) -> None:
    for number in range(20):
        home.store.write(
            lambda conn, n=number: conn.execute(meta.insert().values(key=f"n{n}", value="x" * 5000)) and None
        )
    log = (home.paths.root / "store.db-wal").read_bytes()
    for name, left, rows in (
        ("torn", log[:-100], 19),
        ("flipped", log[:-50] + bytes(50), 19),
        ("gone", b"", 0),
    ):
        copy = tmp_path / name
        copy.mkdir()
        shutil.copy(home.paths.database, copy / "store.db")
        (copy / "store.db-wal").write_bytes(left)
        store = Store.open(copy / "store.db", home.keys.db_key, home.clock)
        kept = store.read(lambda conn: conn.execute(select(func.count()).select_from(meta)).scalar_one())
        store.close()
        assert kept == rows
        assert check_pages(copy / "store.db", home.keys.db_key) == []

"""Saved databases of released schemas open; a migration that ends midway leaves everything as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.clock import FixedClock
from app.storage.engine import Store
from app.storage.raw import open_raw
from app.storage.schema import migrate
from app.storage.schema.head import HEAD, KNOWN
from app.storage.search_text import search
from app.storage.tables import cases, counters, filing_steps, filings
from tests.helpers.stores import START, Profile, add_case

SAVED = Path(__file__).resolve().parents[2] / "databases"
SAVED_KEY = bytes(range(32))
"""Key of the saved databases: they hold invented rows only."""

SECOND = """
import os
from alembic import op

revision, down_revision = "{revision}", "{before}"


def upgrade() -> None:
    op.execute("CREATE TABLE brand_new (a TEXT)")
    op.execute("ALTER TABLE cases RENAME TO cases_old")
    op.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
    op.execute("CREATE TABLE children (parent INTEGER REFERENCES parents (id) ON DELETE CASCADE)")
    op.execute("DELETE FROM audit")
    {ending}
"""


@pytest.mark.parametrize("version", KNOWN)
def test_a_saved_database_opens(version: str, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    shutil.copy(SAVED / f"{version}.db", path)
    store = Store.open(path, SAVED_KEY, FixedClock(START))
    assert store.read(lambda conn: conn.execute(select(func.count()).select_from(cases)).scalar_one()) == 2
    assert store.read(lambda conn: search(conn, "漏水")) == [1]
    assert dict(store.read(lambda conn: conn.execute(select(counters)).all()))["state:received"] == 2
    store.close()


STEP = {
    "submission_id": "s1", "case_id": "c1", "kind": "judicial_confirmation", "subject_id": "a1", "round": 1,
    "court_name": "云浦区人民法院", "author": "p1", "device_id": "d1", "manifest_no": 1, "wanted": "lodge",
    "manifest": b'[{"sha256": "00"}]',
    "state": "lodged", "job": "done", "attempts": 1, "written_at": "2026-11-23T02:00:00.000000Z",
    "settled_at": "2026-11-23T02:01:00.000000Z", "receipt": b'{"receipt_no": "R-1"}', "body": b"{}",
}  # fmt: skip


def test_filings_of_an_older_schema_keep_their_receipts(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    shutil.copy(SAVED / "0002.db", path)
    raw = open_raw(path, SAVED_KEY)
    names, marks = ", ".join(STEP), ", ".join("?" * len(STEP))
    for number, job in enumerate(("done", "settled", "waiting"), 1):
        values = {**STEP, "submission_id": f"s{number}", "round": number, "job": job}
        raw.execute(f"INSERT INTO filings ({names}) VALUES ({marks})", list(values.values()))
    raw.commit()
    before = raw.execute("SELECT * FROM filings ORDER BY submission_id").fetchall()
    raw.close()
    store = Store.open(path, SAVED_KEY, FixedClock(START))
    every = select(filings).order_by(filings.c.submission_id)
    after = store.read(lambda conn: [tuple(row) for row in conn.execute(every)])
    assert [tuple(row) for row in before] == after
    step = {name: STEP[name] for name in filing_steps.c.keys() if name in STEP}  # noqa: SIM118 - not a mapping
    rest = {"step_id": "t1", "court_code": "", "error_code": "", "error_text": ""}
    store.write(lambda conn: conn.execute(filing_steps.insert().values(**step, **rest)) and None)
    store.close()
    again = Store.open(path, SAVED_KEY, FixedClock(START))
    (kept,) = again.read(lambda conn: list(conn.execute(select(filing_steps))))
    assert (kept.wanted, kept.job, kept.receipt) == ("lodge", "done", STEP["receipt"])
    assert kept.manifest == STEP["manifest"], "for a platform that was restored to before it"
    again.close()


def test_an_upgraded_database_has_the_schema_of_a_new_one(home: Profile, tmp_path: Path) -> None:
    def schema(path: Path, key: bytes) -> list[tuple[str, str, str]]:
        return [(kind, name, "".join((sql or "").split())) for kind, name, sql in _contents(path, key)[0]]

    new = schema(home.paths.database, home.keys.db_key)
    for version in KNOWN:
        path = tmp_path / version / "store.db"
        path.parent.mkdir()
        shutil.copy(SAVED / f"{version}.db", path)
        Store.open(path, SAVED_KEY, FixedClock(START)).close()
        assert schema(path, SAVED_KEY) == new


def _contents(path: Path, key: bytes) -> list[Any]:
    raw = open_raw(path, key)
    try:
        schema = raw.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        return [schema, raw.execute("SELECT case_id FROM cases").fetchall()]
    finally:
        raw.close()


def _second_migration(folder: Path, ending: str) -> Path:
    location = folder / "schema"
    shutil.copytree(migrate.LOCATION, location, ignore=shutil.ignore_patterns("__pycache__"))
    text = SECOND.format(revision="9999", before=HEAD, ending=ending)
    (location / "versions" / "9999_next.py").write_text(text, "utf-8")
    return location


@pytest.mark.parametrize(
    "ending",
    ['raise RuntimeError("midway")', 'op.execute("INSERT INTO children VALUES (7)")'],
    ids=["raises", "breaks foreign keys"],
)
def test_a_migration_that_does_not_succeed_changes_nothing(
    home: Profile, tmp_path: Path, ending: str
) -> None:
    home.store.write(lambda conn: add_case(conn, "c1"))
    home.store.close()
    before = _contents(home.paths.database, home.keys.db_key)
    directory = migrate.scripts(_second_migration(tmp_path, ending))
    with pytest.raises(Exception, match=r"midway|升级没有完成"):
        migrate._run(home.paths.database, home.keys.db_key, directory)
    assert _contents(home.paths.database, home.keys.db_key) == before


def test_a_migration_killed_midway_changes_nothing(home: Profile, tmp_path: Path) -> None:
    home.store.write(lambda conn: add_case(conn, "c1"))
    home.store.close()
    before = _contents(home.paths.database, home.keys.db_key)
    location = _second_migration(tmp_path, "os.kill(os.getpid(), 9)")
    script = (
        "import pathlib, sys\n"
        "from app.storage.schema import migrate\n"
        "path, key, location = sys.argv[1:]\n"
        "migrate._run(pathlib.Path(path), bytes.fromhex(key), migrate.scripts(pathlib.Path(location)))\n"
    )
    arguments = [str(home.paths.database), home.keys.db_key.hex(), str(location)]
    done = subprocess.run([sys.executable, "-c", script, *arguments], timeout=60, check=False)
    assert done.returncode == (-9 if os.name == "posix" else 9)
    assert _contents(home.paths.database, home.keys.db_key) == before


def test_an_older_schema_is_copied_before_it_is_upgraded(home: Profile) -> None:
    home.store.write(lambda conn: add_case(conn, "c1"))
    home.store.close()
    saved = migrate.upgrade(home.paths.database, home.keys.db_key, home.clock, home.paths.backups)
    assert saved is not None
    assert saved.parent == home.paths.backups
    assert _contents(saved, home.keys.db_key)[1] == [("c1",)]

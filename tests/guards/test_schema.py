"""The migrations make exactly the tables of the code, and every released schema has a saved database."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, create_engine

from app.storage.schema import head
from app.storage.schema.migrate import LOCATION, scripts
from app.storage.tables import metadata
from tests.helpers.stores import profile

DATABASES = Path(__file__).resolve().parents[1] / "databases"


def _shape(conn: Connection) -> dict[str, object]:
    """Tables, columns with types, defaults and keys, and indexes, as SQLite itself sees them."""
    shape: dict[str, object] = {}
    tables = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
    for table in tables:
        if table.startswith(("search_index", "alembic_version", "sqlite_")):
            continue
        shape[table] = [tuple(row) for row in conn.exec_driver_sql(f"PRAGMA table_info({table})")]
        for row in conn.exec_driver_sql(f"PRAGMA index_list({table})").all():
            columns = conn.exec_driver_sql(f"PRAGMA index_info({row.name})").all()
            shape[f"{table}.{row.name}"] = (row.unique, row.origin, [tuple(column) for column in columns])
            if row.partial:
                sql = conn.exec_driver_sql(
                    "SELECT sql FROM sqlite_master WHERE name = ?", (row.name,)
                ).scalar_one()
                shape[f"{table}.{row.name} of"] = sql.partition(" WHERE ")[2]
    return shape


def test_metadata_and_migrated_schema_agree(tmp_path: Path) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as conn:
        metadata.create_all(conn)
        wanted = _shape(conn)
    engine.dispose()
    with profile(tmp_path) as home:
        assert home.store.read(_shape) == wanted
    assert len(wanted) > len(metadata.tables) > 20


def test_head_is_the_newest_migration() -> None:
    directory = scripts()
    assert directory.get_current_head() == head.HEAD
    walked = [script.revision for script in directory.walk_revisions()]
    assert tuple(reversed(walked)) == head.KNOWN


def test_migrations_import_no_application_code() -> None:
    for path in (LOCATION / "versions").glob("*.py"):
        assert not re.search(r"^\s*(from|import) (app|sync|ui)\b", path.read_text("utf-8"), re.M), path.name


def test_every_released_schema_has_a_saved_database() -> None:
    assert {path.stem for path in DATABASES.glob("*.db")} == set(head.KNOWN)

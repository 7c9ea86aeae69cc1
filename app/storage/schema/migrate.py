"""Brings a database to the newest schema, in the process and without an ini file.

A migration has a connection of its own: foreign keys are switched off before ``BEGIN`` (inside a
transaction SQLite ignores the switch, and rebuilding a table would delete its children), everything
happens in one transaction, and ``foreign_key_check`` must be clean before ``COMMIT``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.clock import Clock
from app.domain.errors import InternalError
from app.storage.atomic import sync_folder
from app.storage.engine import _engine_on
from app.storage.faults import from_database_error, from_os_error
from app.storage.raw import open_raw, snapshot
from app.storage.schema.head import HEAD, read_version

LOCATION = Path(__file__).parent


def scripts(location: Path = LOCATION) -> ScriptDirectory:
    """The migrations, for guard tests too."""
    return ScriptDirectory(str(location), version_locations=[str(location / "versions")])


def create_schema(path: Path, key: bytes) -> None:
    """A new database with the newest schema; nothing is left behind when it does not succeed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _run(path, key, scripts())
    except BaseException:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        raise


def upgrade(path: Path, key: bytes, clock: Clock, backups: Path) -> Path | None:
    """Empty the log, copy the database into ``backups``, then migrate. The copy's path, if one was made.

    The copy is encrypted under the same key. Raises the product's storage faults; the database then
    stands as it was.
    """
    raw = open_raw(path, key)
    try:
        version = read_version(raw)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()
    saved = backups / f"before-{HEAD}-{clock.now():%Y%m%dT%H%M%S}.db"
    if version:
        _save_copy(path, key, saved)
    _run(path, key, scripts())
    return saved if version else None


def _save_copy(path: Path, key: bytes, target: Path) -> None:
    # One name for all, so that what a cut upgrade left is overwritten by the next and does not stay for ever.
    part = target.with_name("before.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        snapshot(path, key, part)
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise from_os_error(error, "备份文件夹") from error


def _run(path: Path, key: bytes, directory: ScriptDirectory, target: str = "head") -> None:
    raw = open_raw(path, key, foreign_keys=False)
    engine = _engine_on(raw)
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _apply(connection, directory, target)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise InternalError(
                    "升级没有完成，案件库保持原样。请联系技术人员，暂时用原来的版本。",
                    code="E-MIGRATE",
                    detail=f"foreign keys: {len(broken)} in {broken[0][0]}",
                )
    except DBAPIError as error:
        raise (from_database_error(error, path) or error) from error
    finally:
        engine.dispose()
        raw.close()


def _apply(connection: Connection, directory: ScriptDirectory, target: str) -> None:
    def steps(revision: Any, context: Any) -> Any:
        return directory._upgrade_revs(target, revision)

    with EnvironmentContext(Config(), directory, fn=steps, destination_rev=target) as environment:
        environment.configure(connection=connection, transactional_ddl=False)
        environment.run_migrations()

"""Which schema this version of the product writes, known without importing Alembic."""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import NewerFileFault
from app.storage.raw import open_raw

HEAD = "0005"
KNOWN = ("0001", "0002", "0003", "0004", "0005")
"""Every released schema, oldest first. A guard test compares this with the migrations."""


def schema_version(path: Path, key: bytes) -> str:
    """Schema of the database at ``path``; empty when it has none yet.

    Raises ``NewerFileFault`` for a schema this version does not know; the file is not touched.
    """
    raw = open_raw(path, key)
    try:
        version = read_version(raw)
    finally:
        raw.close()
    return version


def read_version(raw: object) -> str:
    """Like :func:`schema_version`, on a connection of the driver that is open already."""
    execute = raw.execute  # type: ignore[attr-defined]
    has_table = execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = execute("SELECT version_num FROM alembic_version").fetchone() if has_table else None
    version = str(row[0]) if row else ""
    if version and version not in KNOWN:
        raise NewerFileFault(
            "这份档案由更新的版本写成，没有动它。请先升级本软件，再打开。",
            code="E-NEWER",
            detail=f"schema {version}, known up to {HEAD}",
        )
    return version

"""Keyed connections of the driver itself. Light: imports no SQLAlchemy, so the first paint may use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.storage.faults import from_database_error

BUSY_MS = 5000
CACHE_KIB = 16 * 1024
LOG_PAGES = 4000
"""Pages (4 KiB) of the write-ahead log before it is moved into the database: with SQLite's 1,000 first sync
moves the same index pages again and again."""


def key_pragma(key: bytes) -> str:
    """The statement that hands SQLCipher a raw key: no passphrase derivation of its own."""
    if len(key) != 32:
        raise ValueError("the database key has 32 bytes")
    return f"PRAGMA key=\"x'{key.hex()}'\""


def open_raw(path: Path, key: bytes, *, read_only: bool = False, foreign_keys: bool = True) -> Any:
    """A keyed connection in autocommit, usable from any thread. Raises the product's storage faults."""
    import sqlcipher3.dbapi2 as driver

    raw = None
    try:
        raw = driver.connect(
            str(path),
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_MS / 1000,
            cached_statements=256,
        )
        raw.execute("PRAGMA cipher_log_level=NONE")
        raw.execute(key_pragma(key))
        raw.execute("PRAGMA cipher_memory_security=OFF")
        raw.execute("PRAGMA temp_store=MEMORY")
        raw.execute("SELECT count(*) FROM sqlite_master").fetchall()
        raw.execute("PRAGMA journal_mode=WAL").fetchall()
        for pragma in (
            "synchronous=FULL",
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
            "recursive_triggers=ON",
            f"busy_timeout={BUSY_MS}",
            "secure_delete=ON",
            "trusted_schema=OFF",
            f"cache_size=-{CACHE_KIB}",
            f"wal_autocheckpoint={LOG_PAGES}",
        ):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        if read_only:
            raw.execute("PRAGMA query_only=ON")
    except driver.Error as error:
        if raw is not None:
            raw.close()
        known = from_database_error(error, path)
        if known is None:
            raise
        raise known from error
    return raw


def snapshot(path: Path, key: bytes, target: Path) -> None:
    """A consistent encrypted copy of the database under the same key; writers are not held up.

    ``target`` must not exist. Raises the product's storage faults and leaves no half copy.
    """
    import sqlcipher3.dbapi2 as driver

    raw = open_raw(path, key)
    try:
        raw.execute("VACUUM INTO ?", (str(target),)).fetchall()
    except driver.Error as error:
        target.unlink(missing_ok=True)
        known = from_database_error(error, target)
        if known is None:
            raise
        raise known from error
    finally:
        raw.close()

"""Checks of the database file itself: every page's authentication, then SQLite's own structure."""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import StorageFault
from app.storage.raw import open_raw


def check_pages(path: Path, key: bytes, *, limit: int = 20) -> list[str]:
    """What is wrong with the file, in technical words; empty when it is whole.

    A file that cannot be opened at all gives one entry.
    """
    import sqlcipher3.dbapi2 as driver

    try:
        raw = open_raw(path, key)
    except StorageFault as fault:
        return [fault.detail or fault.code]
    try:
        found = [str(row[0]) for row in raw.execute("PRAGMA cipher_integrity_check").fetchmany(limit)]
        if not found:
            rows = raw.execute(f"PRAGMA quick_check({int(limit)})").fetchall()
            found = [str(row[0]) for row in rows if row[0] != "ok"]
    except driver.Error as error:
        found = [str(error)]
    finally:
        raw.close()
    return found

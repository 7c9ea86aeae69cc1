"""Single values of the profile: device id, epoch, feed cursor and their like (table ``meta``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from app.storage.direct import driver

_GET = "SELECT value FROM meta WHERE key = ?"
_PUT = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_UNDER = "SELECT key, value FROM meta WHERE key >= ? AND key < ?"


def get(conn: Connection, key: str, default: str = "") -> str:
    """The value under ``key``, else ``default``."""
    row = driver(conn).execute(_GET, (key,)).fetchone()
    return default if row is None else str(row[0])


def put(conn: Connection, key: str, value: str) -> None:
    """Set the value under ``key``."""
    driver(conn).execute(_PUT, (key, value))


def many(conn: Connection, keys: Collection[str]) -> dict[str, str]:
    """The values under ``keys``, empty where there is none."""
    return {key: get(conn, key) for key in keys}


def put_many(conn: Connection, values: Mapping[str, str]) -> None:
    """Set several values."""
    driver(conn).executemany(_PUT, list(values.items()))


def under(conn: Connection, prefix: str) -> dict[str, str]:
    """All values whose key begins with ``prefix``, by the rest of the key."""
    rows = driver(conn).execute(_UNDER, (prefix, prefix + "\U0010ffff"))
    return {key.removeprefix(prefix): value for key, value in rows}

"""Single values of the profile: device id, epoch, feed cursor and their like (table ``meta``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from app.storage.tables import meta

_GET = select(meta.c.value).where(meta.c.key == bindparam("wanted"))
_MANY = select(meta.c.key, meta.c.value).where(meta.c.key.in_(bindparam("wanted", expanding=True)))
_INSERT = insert(meta)
_PUT = _INSERT.on_conflict_do_update(index_elements=["key"], set_={"value": _INSERT.excluded.value})


def get(conn: Connection, key: str, default: str = "") -> str:
    """The value under ``key``, else ``default``."""
    value = conn.execute(_GET, {"wanted": key}).scalar_one_or_none()
    return default if value is None else str(value)


def put(conn: Connection, key: str, value: str) -> None:
    """Set the value under ``key``."""
    conn.execute(_PUT, {"key": key, "value": value})


def many(conn: Connection, keys: Collection[str]) -> dict[str, str]:
    """The values under ``keys``, empty where there is none."""
    rows = conn.execute(_MANY, {"wanted": list(keys)}).all()
    return {**dict.fromkeys(keys, ""), **{row.key: str(row.value) for row in rows}}


def put_many(conn: Connection, values: Mapping[str, str]) -> None:
    """Set several values."""
    if values:
        conn.execute(_PUT, [{"key": key, "value": value} for key, value in values.items()])


def under(conn: Connection, prefix: str) -> dict[str, str]:
    """All values whose key begins with ``prefix``, by the rest of the key."""
    rows = conn.execute(select(meta).where(meta.c.key.startswith(prefix, autoescape=True))).all()
    return {row.key.removeprefix(prefix): row.value for row in rows}

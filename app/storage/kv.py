"""Single values of the profile: device id, epoch, feed cursor and their like (table ``meta``)."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.storage.tables import meta


def get(conn: Connection, key: str, default: str = "") -> str:
    """The value under ``key``, else ``default``."""
    value = conn.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()
    return default if value is None else str(value)


def put(conn: Connection, key: str, value: str) -> None:
    """Set the value under ``key``."""
    statement = insert(meta).values(key=key, value=value)
    conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def under(conn: Connection, prefix: str) -> dict[str, str]:
    """All values whose key begins with ``prefix``, by the rest of the key."""
    rows = conn.execute(select(meta).where(meta.c.key.startswith(prefix, autoescape=True))).all()
    return {row.key.removeprefix(prefix): row.value for row in rows}

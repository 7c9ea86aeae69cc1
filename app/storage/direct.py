"""The driver's own connection under a transaction, for statements so small that SQLAlchemy around them costs
ten times what they do: single values, and many rows at once.

Its errors are the driver's; the store translates them like all others.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection


def driver(conn: Connection) -> Any:
    """The driver's connection, inside ``conn``'s transaction."""
    return conn.connection.dbapi_connection

"""The driver's own connection under a transaction, for statements so small that SQLAlchemy around them costs
ten times what they do: single values, and many rows at once.

Its errors are the driver's; the store translates them like all others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, literal_column


def driver(conn: Connection) -> Any:
    """The driver's connection, inside ``conn``'s transaction."""
    return conn.connection.dbapi_connection


def among(column: Column[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """``column`` is one of some words of the program's own, which stand in the statement themselves: as
    parameters their list is written anew each time it runs."""
    return column.in_([literal_column("'{}'".format(word.replace("'", "''"))) for word in words])

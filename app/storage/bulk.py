"""Many rows in one go: statements of the driver that were compiled once and hold many rows each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select
from sqlalchemy.dialects import sqlite

from app.storage.direct import driver

TOGETHER = 64
"""Rows in one statement: a trigger's work of getting ready is done once for all of them."""


class Rows:
    """Inserts into one table. Every row names the same columns; values are what the driver takes."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        compiled = table.insert().compile(
            dialect=sqlite.dialect(paramstyle="qmark"), column_keys=list(columns)
        )
        names = compiled.positiontup or []
        self._one = str(compiled)
        row = f"({', '.join('?' * len(names))})"
        self._many = self._one.removesuffix(row) + ", ".join([row] * TOGETHER)
        self._values = itemgetter(*names)

    def insert(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert ``rows``; nothing when there are none."""
        raw, values = driver(conn), [self._values(row) for row in rows]
        whole = len(values) - len(values) % TOGETHER
        for start in range(0, whole, TOGETHER):
            raw.execute(self._many, list(chain.from_iterable(values[start : start + TOGETHER])))
        if whole < len(values):
            raw.executemany(self._one, values[whole:])


def listed(name: str) -> Any:
    """The elements of a JSON list given as parameter ``name``: one statement for a list of any length."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)

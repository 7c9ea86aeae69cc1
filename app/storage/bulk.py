"""Many rows in one go: the driver's own ``executemany`` on a statement that was compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select
from sqlalchemy.dialects import sqlite


class Rows:
    """Inserts into one table. Every row names the same columns; values are what the driver takes."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        compiled = table.insert().compile(
            dialect=sqlite.dialect(paramstyle="qmark"), column_keys=list(columns)
        )
        self._sql = str(compiled)
        self._values = itemgetter(*(compiled.positiontup or ()))

    def insert(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert ``rows``; nothing when there are none."""
        if rows:
            conn.exec_driver_sql(self._sql, [self._values(row) for row in rows])


def listed(name: str) -> Any:
    """The elements of a JSON list given as parameter ``name``: one statement for a list of any length."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)

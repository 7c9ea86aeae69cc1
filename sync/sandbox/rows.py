"""Many rows put in by few statements, on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Dialect, LargeBinary, Table

SIZES = (64, 16, 4, 1)
"""Rows in one statement of SQLite: few sizes, so that the driver finds each of them prepared."""


def insert_rows(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, which all name the same columns, at least two."""
    if not rows:
        return
    names = tuple(rows[0])
    if conn.dialect.name == "postgresql":
        # To its driver a statement of many parameters is dear each time, one of a single document is not.
        conn.exec_driver_sql(_of_json(conn.dialect, table, names), (msgspec.json.encode(rows).decode(),))
        return
    values, start = itemgetter(*names), 0
    for size in SIZES:
        while len(rows) - start >= size:
            told = chain.from_iterable(map(values, rows[start : start + size]))
            conn.exec_driver_sql(_of_values(conn.dialect, table, names, size), tuple(told))
            start += size


@functools.lru_cache(maxsize=200)
def _of_values(dialect: Dialect, table: Table, names: tuple[str, ...], size: int) -> str:
    row = f"({', '.join('?' * len(names))})"
    return f"{_into(dialect, table, names)} VALUES {', '.join([row] * size)}"


@functools.lru_cache(maxsize=50)
def _of_json(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    """``msgspec`` writes bytes in base64."""
    quote = dialect.identifier_preparer.quote

    def is_raw(column: Column[Any]) -> bool:
        return isinstance(column.type, LargeBinary)

    columns = [(table.c[name], quote(name)) for name in names]
    told = ", ".join(f"{n} {'text' if is_raw(c) else c.type.compile(dialect)}" for c, n in columns)
    read = ", ".join(f"decode({n}, 'base64')" if is_raw(c) else n for c, n in columns)
    return f"{_into(dialect, table, names)} SELECT {read} FROM json_to_recordset(%s::json) AS told ({told})"  # noqa: S608 - our own tables' names


def _into(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    quote = dialect.identifier_preparer.quote
    return f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))})"

"""What the rules read: whole tables, and while they look, each of them once for all rules.

Nothing moves between the first rule of a check and the last, so what one of them has read holds for the next.
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Connection, Table

from app.storage.direct import driver

T = TypeVar("T")


class Sight:
    """What was read since the rules began to look. While they do not, nothing is kept."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, Any] | None = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Inside, nothing moves: what was read once is not read again."""
        self._seen = {}
        try:
            yield
        finally:
            self._seen = None

    def once(self, what: Hashable, read: Callable[[], T]) -> T:
        """What ``read`` gives, read once while the rules look."""
        if self._seen is None:
            return read()
        if what not in self._seen:
            self._seen[what] = read()
        return cast(T, self._seen[what])


def rows_of(conn: Connection, table: Table) -> list[Any]:
    """All rows of a table, by the driver itself: the rules read hundreds of thousands of them."""
    statement, made = _plan(table)
    return [made(row) for row in driver(conn).execute(statement)]


@functools.cache
def _plan(table: Table) -> tuple[str, Callable[[Iterable[Any]], Any]]:
    names = [column.name for column in table.columns]
    row: Any = namedtuple("Row", names)  # type: ignore[misc]
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"SELECT {quoted} FROM {table.name}", row._make


@functools.lru_cache(maxsize=50_000)
def value_of(text: str | bytes | None) -> Any:
    """The JSON value in a column, ``None`` where there is none. For reading only: the next gets the same."""
    return msgspec.json.decode(text or b"null")

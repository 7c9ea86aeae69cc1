"""Reading what is still readable of a damaged database: row by row, around the pages that are not.

A page whose check fails spoils the rows on it and no others. The copy that was kept is not touched: what is
read is a copy of it, taken away again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.storage.faults import from_os_error
from app.storage.raw import open_raw

if TYPE_CHECKING:
    from app.paths import ProfilePaths

PARTS = ("", "-wal")
PENDING = "not-read-yet"
"""Beside a damaged database, from before a backup takes its place until what it holds was taken over."""
MOST_FAILURES = 2000
"""Rows given up one by one before a table is given up."""


def pending(paths: ProfilePaths) -> list[Path]:
    """Folders of damaged databases from which nothing was taken over yet, the oldest first."""
    return sorted(mark.parent for mark in paths.damaged.glob(f"*/{PENDING}"))


@dataclass(frozen=True)
class Readable:
    """What could be read of one table."""

    rows: tuple[dict[str, Any], ...]
    lacking: frozenset[int] = frozenset()
    """Row ids of rows that are there and could not be read."""
    sure: bool = True
    """Whether all row ids are known; there may be more rows else."""

    @property
    def whole(self) -> bool:
        """Whether a row that is not among these was not there."""
        return self.sure and not self.lacking


class Wreck:
    """A damaged database. A failure can spoil its connection, so each begins a new one."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Raises the product's storage faults when not even its beginning can be read."""
        self._path, self._key = path, key
        self._raw = open_raw(path, key)

    def close(self) -> None:
        """Let go of it."""
        self._raw.close()

    def table(self, name: str) -> Readable:
        """The rows of a table that can be read, in order of their row ids."""
        ids, sure = self._row_ids(name)
        columns = self._columns(name)
        if not columns:
            return Readable((), frozenset(ids), sure=False)
        rows, lacking = [], set()
        named = ", ".join(f'"{column}"' for column in columns)
        for row_id in sorted(ids):
            found = self._ask(f'SELECT {named} FROM "{name}" WHERE rowid = {row_id:d}')  # noqa: S608 - our own table's names
            if found:
                rows.append(dict(zip(columns, found[0], strict=True)))
            else:
                lacking.add(row_id)
            if len(lacking) > MOST_FAILURES:
                sure = False
                break
        return Readable(tuple(rows), frozenset(lacking), sure)

    def last(self, name: str) -> int | None:
        """The highest row id of a table, 0 of an empty one; ``None`` when it cannot be read."""
        found = self._ask(f'SELECT coalesce(max(rowid), 0) FROM "{name}"')  # noqa: S608
        return int(found[0][0]) if found else None

    def value(self, name: str, column: str, row_id: int) -> Any:
        """One value of a row; ``None`` when it is not there or cannot be read."""
        found = self._ask(f'SELECT "{column}" FROM "{name}" WHERE rowid = {row_id:d}')  # noqa: S608
        return found[0][0] if found else None

    def _row_ids(self, name: str) -> tuple[set[int], bool]:
        """Ids of all rows that any way through the table tells, and whether one of the ways was whole."""
        found, whole = self._scan(f'SELECT rowid FROM "{name}"')  # noqa: S608
        if whole:
            return found, True
        for index in self._ask(f'PRAGMA index_list("{name}")') or []:
            if index[4]:
                continue  # of some rows only
            more, whole = self._scan(f'SELECT rowid FROM "{name}" INDEXED BY "{index[1]}"')  # noqa: S608
            found |= more
            if whole:
                return found, True
        return found, False

    def _columns(self, name: str) -> list[str]:
        return [str(row[1]) for row in self._ask(f'PRAGMA table_info("{name}")') or []]

    def _scan(self, statement: str) -> tuple[set[int], bool]:
        import sqlcipher3.dbapi2 as driver

        found: set[int] = set()
        try:
            for row in self._raw.execute(statement):
                found.add(int(row[0]))
        except driver.Error:
            self._begin_anew()
            return found, False
        return found, True

    def _ask(self, statement: str) -> list[Any] | None:
        """The rows of a statement; ``None`` when they cannot be read."""
        import sqlcipher3.dbapi2 as driver

        try:
            return list(self._raw.execute(statement).fetchall())
        except driver.Error:
            self._begin_anew()
            return None

    def _begin_anew(self) -> None:
        self._raw.close()
        self._raw = open_raw(self._path, self._key)


@contextmanager
def wreck(kept: Path, key: bytes) -> Iterator[Wreck]:
    """The damaged database kept at ``kept``, by way of a copy. Raises the product's storage faults."""
    copy = kept.with_name(f"{kept.name}.reading.part")
    left = [Path(f"{copy}{end}") for end in (*PARTS, "-shm")]
    try:
        try:
            for end in PARTS:
                if Path(f"{kept}{end}").exists():
                    shutil.copyfile(f"{kept}{end}", f"{copy}{end}")
        except OSError as error:
            raise from_os_error(error, "损坏的案件库") from error
        opened = Wreck(copy, key)
        try:
            yield opened
        finally:
            opened.close()
    finally:
        for part in left:
            part.unlink(missing_ok=True)


__all__ = ["PENDING", "Readable", "Wreck", "pending", "wreck"]

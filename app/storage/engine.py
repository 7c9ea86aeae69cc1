"""The encrypted database: one connection that writes, one that only reads.

SQLCipher through SQLAlchemy. The driver runs in autocommit; every transaction begins by an explicit
``BEGIN IMMEDIATE`` (writing) or ``BEGIN`` (reading), so that what is inside is exactly what was meant.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache

from app.clock import Clock
from app.domain.errors import DamagedFault, InternalError, StorageFault, UserError
from app.storage import faults
from app.storage.raw import open_raw

T = TypeVar("T")
_COMPILED: Any = LRUCache(2000)
"""Statements compiled once for the process: the reading connection finds what the writing one has compiled, a
profile opened again what the one before it had."""


class PriorityLock:
    """A lock whose interactive takers go before background ones. Not re-entrant."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._held = False
        self._interactive_waiting = 0

    @contextlib.contextmanager
    def held(self, *, background: bool) -> Iterator[None]:
        """Hold the lock; a background taker waits while any interactive one does."""
        self._acquire(background=background)
        try:
            yield
        finally:
            with self._condition:
                self._held = False
                self._condition.notify_all()

    def _acquire(self, *, background: bool) -> None:
        with self._condition:
            if background:
                self._condition.wait_for(lambda: not self._held and not self._interactive_waiting)
            else:
                self._interactive_waiting += 1
                try:
                    self._condition.wait_for(lambda: not self._held)
                finally:
                    self._interactive_waiting -= 1
            self._held = True


class Store:
    """An open profile database. All methods may be called from any thread."""

    def __init__(self, path: Path, key: bytes, clock: Clock) -> None:
        """Use :meth:`create` or :meth:`open`, which check and migrate first."""
        self.path = path
        self.clock = clock
        self._write_lock = PriorityLock()
        self._read_lock = threading.RLock()
        self._inside = threading.local()
        self._reading = threading.Lock()
        self._read_by: int | None = None
        self._closed = False
        self._raw_writer = open_raw(path, key)
        try:
            self._raw_reader = open_raw(path, key, read_only=True)
        except BaseException:
            self._raw_writer.close()
            raise
        self._engines = (_engine_on(self._raw_writer), _engine_on(self._raw_reader))
        self._writer, self._reader = (engine.connect() for engine in self._engines)

    @classmethod
    def create(cls, path: Path, key: bytes, clock: Clock) -> Store:
        """A new database at ``path``. Raises ``UserError`` when one is there already."""
        from app.storage.schema.migrate import create_schema

        if path.exists():
            raise UserError(
                "这里已经有一个案件库，没有改动它。请直接打开它，或换一个文件夹。", code="E-EXISTS"
            )
        create_schema(path, key)
        return cls(path, key, clock)

    @classmethod
    def open(cls, path: Path, key: bytes, clock: Clock, *, backups: Path | None = None) -> Store:
        """Open ``path``, bringing an older schema up to date after a snapshot into ``backups``.

        ``backups`` is ``backups/`` beside the database unless given. Raises ``NewerFileFault``,
        ``DamagedFault`` (code ``E-KEY`` when the key does not fit) or ``StorageFault``,
        such as ``E-NO-DATABASE`` where the file is gone.
        """
        from app.storage.schema.head import HEAD, schema_version

        if not path.exists():
            raise StorageFault(
                "案件库文件不在了。口令和备份没有改动。请把文件放回原处，或从最近一次备份找回。",
                code="E-NO-DATABASE",
            )
        version = schema_version(path, key)
        if not version:
            # A profile's database is put in place with its schema: an empty one was lost, and must not
            # pass for a sound new one.
            raise DamagedFault(
                "案件库文件是空的，内容不在里面。没有往里写东西。请从最近一次备份找回，找回时会留下现在这一份。",
                subject="store.db",
                detail="no schema",
            )
        if version != HEAD:
            from app.storage.schema.migrate import upgrade

            upgrade(path, key, clock, backups or path.parent / "backups")
        return cls(path, key, clock)

    def write(self, fn: Callable[[Connection], T], *, background: bool = False) -> T:
        """Run ``fn`` in one transaction; committed when it returns, undone whole when it raises.

        Background callers (sync) let interactive ones go first. Raises the faults of
        :mod:`app.storage.faults`; what ``fn`` raises itself passes through.
        """
        self._refuse_inside_write()
        with self._write_lock.held(background=background), self._translating():
            self._check_open()
            self._inside.write = True
            try:
                with self._writer.begin():
                    self._raw_writer.execute("BEGIN IMMEDIATE")
                    return fn(self._writer)
            finally:
                self._inside.write = False

    def read(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` on one consistent snapshot. A read inside a read shares its snapshot.

        Raises ``Cancelled`` when :meth:`interrupt_read` stopped it.
        """
        self._refuse_inside_write()
        with self._read_lock, self._translating():
            self._check_open()
            if getattr(self._inside, "read", False):
                return fn(self._reader)
            self._inside.read = True
            self._set_read_by(threading.get_ident())
            try:
                with self._reader.begin() as transaction:
                    self._raw_reader.execute("BEGIN")
                    try:
                        return fn(self._reader)
                    finally:
                        transaction.rollback()
            finally:
                self._set_read_by(None)
                self._inside.read = False

    def _set_read_by(self, thread: int | None) -> None:
        with self._reading:
            self._read_by = thread

    def interrupt_read(self, thread: int) -> None:
        """Stop the statement that ``thread`` (its ``ident``) is reading, if it is reading.

        Others share the read connection: what they read is left alone.
        """
        with self._reading:
            if self._read_by == thread and not self._closed:
                self._raw_reader.interrupt()

    def checkpoint(self) -> None:
        """Move the write-ahead log into the database file and empty it."""
        self._refuse_inside_write()
        with self._write_lock.held(background=False), self._translating():
            self._check_open()
            self._raw_writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Wait for running work, empty the log, and let go of the file. Closing twice is harmless."""
        self._refuse_inside_write()
        with self._write_lock.held(background=False), self._read_lock:
            if self._closed:
                return
            self._closed = True
            try:
                with self._translating():
                    self._reader.close()
                    self._raw_reader.close()
                    self._raw_writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                self._writer.close()
                for engine in self._engines:
                    engine.dispose()
                self._raw_reader.close()
                self._raw_writer.close()

    def _check_open(self) -> None:
        if self._closed:
            raise InternalError("案件库已经关闭。", code="E-DB-CLOSED")

    def _refuse_inside_write(self) -> None:
        if getattr(self._inside, "write", False):
            raise InternalError("一次写入里又开始了另一次读写。", code="E-DB-NESTED")

    @contextlib.contextmanager
    def _translating(self) -> Iterator[None]:
        import sqlcipher3.dbapi2 as driver

        try:
            yield
        except IntegrityError:
            raise
        except (DBAPIError, driver.Error) as error:
            known = faults.from_database_error(error, self.path)
            if known is None:
                raise
            raise known from error


def _engine_on(raw: Any) -> Engine:
    """An engine whose only connection is ``raw``. Errors name no parameters: they are personal data.

    It begins no transaction by itself: who begins one says which.
    """
    dialect = _dialect()
    pool = StaticPool(lambda: raw, dialect=dialect)
    engine = Engine(pool, dialect, URL.create("sqlite"), hide_parameters=True)
    return engine.execution_options(compiled_cache=_COMPILED)


@functools.cache
def _dialect() -> Dialect:
    """The driver's dialect, asked once what the library can. Compiled statements belong to a dialect."""
    import sqlcipher3.dbapi2 as driver

    engine = create_engine("sqlite://", module=driver, poolclass=StaticPool)
    with engine.connect():
        pass
    engine.dispose()
    return engine.dialect

"""The platform's store: one write transaction at a time, and the feed numbered inside its commit."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Executable, Insert, Table, bindparam, event, select

from sync.contract.canonical import canonical
from sync.sandbox import tables as t
from sync.sandbox.rows import insert_rows

_HERE = (t.docs.c.entity == bindparam("of_entity")) & (t.docs.c.doc_id == bindparam("of_doc"))
_DOC = select(t.docs).where(_HERE)
_DOCS = select(t.docs).where(
    t.docs.c.entity == bindparam("of_entity"), t.docs.c.doc_id.in_(bindparam("of_docs", expanding=True))
)
_NEW_DOC = t.docs.insert()
_CHANGE_DOC = (
    t.docs.update()
    .where(_HERE)
    .values({column.name: bindparam(f"to_{column.name}") for column in t.docs.columns})
)
_HEAD = select(t.meta.c.value).where(t.meta.c.key == "head").with_for_update()
_META = select(t.meta.c.value).where(t.meta.c.key == bindparam("of_key"))
_SET_META = t.meta.update().where(t.meta.c.key == bindparam("of_key")).values(value=bindparam("to"))
"""Built once: building a statement costs more than running it."""
_AS_IT_STANDS = (
    "at", "entity", "doc_id", "case_id", "institution_id", "version", "body", "cause", "mediator_id",
)  # fmt: skip


def stamp(instant: dt.datetime) -> str:
    """``instant`` as text in UTC, whole milliseconds, so that text order is time order."""
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def open_engine(url: str) -> Engine:
    """An engine on SQLite (WAL, synchronous FULL) or PostgreSQL."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=4)
    engine = sa.create_engine(url, connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-32000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        write = conn.get_execution_options().get("write")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


class Store:
    """Access to the database. ``on_commit`` is told the feed's head after each commit that moved it."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._lock = threading.RLock()
        self.on_commit: list[Callable[[int], None]] = []
        with self.read() as conn:
            known = sa.inspect(conn).has_table(t.meta.name) and get_meta(conn, "shape")
        if known != t.SHAPE:
            t.metadata.create_all(self.engine)
            with self.engine.connect().execution_options(write=True) as conn, conn.begin():
                t.complete(conn)
                put_meta(conn, "shape", t.SHAPE)
        with self.read() as conn:
            self.head = int(get_meta(conn, "head", "0"))

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction."""
        with self.engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self, now: dt.datetime) -> Iterator[Tx]:
        """The one write transaction: everything in it or nothing."""
        with self._lock:
            with self.engine.connect().execution_options(write=True) as conn, conn.begin():
                head = int(conn.execute(_HEAD).scalar_one_or_none() or 0)
                tx = Tx(conn, now, head)
                yield tx
                tx.flush()
            moved = tx.head != self.head
            self.head = tx.head
        if moved:
            for tell in self.on_commit:
                tell(tx.head)


class Tx:
    """A write transaction with the feed's counter."""

    def __init__(self, conn: Connection, now: dt.datetime, head: int) -> None:
        self.before = conn
        """The connection, only for reading what this transaction surely has not written."""
        self._later: dict[Executable, dict[Hashable, dict[str, Any]]] = {}
        self._new: set[tuple[str, str]] = set()
        self.now = now
        self._start = head
        self.head = head
        self._feed: list[dict[str, Any]] = []
        self._homes: dict[str, str] = {}
        self._holders: dict[str, str] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        self._receipts: int | None = None
        self.entitled: dict[tuple[str, str], Any] = {}
        """Who may write on which device, as looked up in this transaction."""
        self.lanes: dict[tuple[str, str, str], tuple[int, str, int]] = {}
        """Last number, chain head and ``dev_seq`` of lanes, as they stand in this transaction."""
        self.new_commands: set[str] = set()
        """Commands looked up in this transaction and not in the ledger."""
        self.used: dict[tuple[str, int], bool] = {}
        """Whether a device has used a number, as it stands in this transaction."""

    @property
    def conn(self) -> Connection:
        """The connection, with all that was put off written."""
        # A row may have been put off and then its change: what is new goes before what changes.
        for statement, rows in sorted(self._later.items(), key=lambda one: not one[0].is_insert):
            if isinstance(statement, Insert):
                insert_rows(self.before, cast(Table, statement.table), list(rows.values()))
            else:
                self.before.execute(statement, list(rows.values()))
        self._later.clear()
        self._new.clear()
        return self.before

    def later(self, statement: Executable, row: dict[str, Any], key: Hashable = None) -> None:
        """Write a row with others of its kind: at the end, or before anything that may look for it.

        ``key``: what the row is of; of rows of one key only the last is written.
        """
        rows = self._later.setdefault(statement, {})
        rows[len(rows) if key is None else key] = row

    def receipt_serial(self) -> int:
        """The running number of the next receipt."""
        last = int(get_meta(self.before, "receipts", "930")) if self._receipts is None else self._receipts
        self._receipts = last + 1
        return self._receipts

    def flush(self) -> None:
        """Write the feed entries gathered and the counter."""
        conn = self.conn
        if self._feed:
            insert_rows(conn, t.feed, self._feed)
            self._feed = []
        if self._receipts is not None:
            put_meta(conn, "receipts", str(self._receipts))
        if self.head != self._start:
            put_meta(conn, "head", str(self.head))
            self._start = self.head

    def get(self, entity: str, doc_id: str) -> Doc | None:
        """A document as it stands in this transaction."""
        key = (entity, doc_id)
        if key not in self._rows:
            named = {"of_entity": entity, "of_doc": doc_id}
            conn = self.conn if key in self._new else self.before
            self._rows[key] = conn.execute(_DOC, named).one_or_none()
        row = self._rows[key]
        if row is not None and not isinstance(row, Doc):
            self._homes[row.case_id] = row.institution_id
            self._holders[row.case_id] = row.mediator_id
            row = self._rows[key] = Doc(row)
        return cast("Doc | None", row)

    def foresee(self, entity: str, doc_ids: Collection[str]) -> None:
        """Look up documents that will be asked for, all at once. At the begin of a transaction."""
        found = self.before.execute(_DOCS, {"of_entity": entity, "of_docs": list(doc_ids)})
        rows = {row.doc_id: row for row in found}
        self._rows |= {(entity, doc_id): rows.get(doc_id) for doc_id in doc_ids}

    def of_case(self, case_id: str, entity: str) -> list[Doc]:
        """A case's documents of one kind, in the order of their ids."""
        rows = self.conn.execute(
            select(t.docs)
            .where(t.docs.c.case_id == case_id, t.docs.c.entity == entity)
            .order_by(t.docs.c.doc_id)
        )
        return [Doc(row) for row in rows]

    def put(
        self,
        entity: str,
        doc_id: str,
        case_id: str,
        body: Mapping[str, Any],
        *,
        by: str,
        cause: str | None = None,
        fields: Mapping[str, Any] | None = None,
        institution: str = "",
        written_at: str = "",
    ) -> int:
        """Write a document and its feed entry; ``fields`` are those an edit touched, at ``written_at`` by its
        author's clock. Returns the seq.

        ``institution``: whose case it is; needed for a new case only.
        """
        old = self.get(entity, doc_id)
        version = old.version + 1 if old else 1
        touched = dict(old.touched) if old else {}
        at = stamp(self.now)
        touched.update({name: [by, at, written_at] for name in fields or ()})
        text = canonical(body).decode()
        self.head += 1
        row: dict[str, Any] = {
            "entity": entity, "doc_id": doc_id, "case_id": case_id, "version": version, "at": at,
            "cause": cause, "body": text, "seq": self.head,
            "institution_id": institution or self.home_of(case_id),
        }  # fmt: skip
        was = self._holders.get(case_id)
        holder = str(body.get("mediator_id", "")) if entity == "case" else was or ""
        row["mediator_id"] = holder
        moved = was is not None and was != holder
        self._rows.pop((entity, doc_id), None)
        if old is None:
            self.later(_NEW_DOC, {**row, "by": by, "touched": json.dumps(touched)})
            self._new.add((entity, doc_id))
        else:
            told = {**row, "by": by, "touched": json.dumps(touched)}
            named = {"of_entity": entity, "of_doc": doc_id}
            self.conn.execute(_CHANGE_DOC, {**{f"to_{name}": value for name, value in told.items()}, **named})
        self._feed.append({**row, "op": "put", "was": was if moved else None, "again": 0})
        if entity == "case":
            self._place(row, str(body.get("state", "")), known=old is not None)
        if moved:
            self._hand_on(case_id, holder, whole=bool(was))
        return self.head

    def _hand_on(self, case_id: str, holder: str, *, whole: bool) -> None:
        """The case is in other hands. Nobody's cases are in every scope, so after those nothing is new."""
        self._rows.clear()
        self._holders[case_id] = holder
        mine = t.docs.c.case_id == case_id
        self.conn.execute(t.docs.update().where(mine).values(mediator_id=holder))
        if whole:
            self.tell_again(case_id, head=False)

    def tell_again(self, case_id: str, *, head: bool = True) -> None:
        """Put a case's documents into the feed once more as they stand, for devices that had not had it.

        ``head``: its header too.
        """
        rows = self.conn.execute(select(t.docs).where(t.docs.c.case_id == case_id)).all()
        for row in sorted(rows, key=lambda r: (r.entity != "case", r.seq)):
            if row.entity == "case" and not head:
                continue
            self.head += 1
            same = {name: getattr(row, name) for name in _AS_IT_STANDS}
            self._feed.append({**same, "seq": self.head, "op": "put", "was": None, "again": 1})

    def withdraw(self, case_id: str) -> int:
        """Take a case back with all its documents: one tombstone in the feed. Returns its seq."""
        case = self.get("case", case_id)
        if case is None:
            raise KeyError(case_id)
        self._rows.clear()
        self.conn.execute(t.docs.delete().where(t.docs.c.case_id == case_id))
        self.conn.execute(t.case_order.delete().where(t.case_order.c.case_id == case_id))
        self.head += 1
        row = {
            "seq": self.head, "at": stamp(self.now), "entity": "case", "doc_id": case_id, "case_id": case_id,
            "version": case.version + 1, "op": "tombstone", "body": None, "cause": None,
            "institution_id": case.institution, "mediator_id": case.body.get("mediator_id", ""),
            "was": None, "again": 0,
        }  # fmt: skip
        self._feed.append(row)
        return self.head

    def home_of(self, case_id: str) -> str:
        """The institution whose case it is. Raises ``KeyError`` where there is no such case."""
        if case_id not in self._homes and self.get("case", case_id) is None:
            raise KeyError(case_id)
        return self._homes[case_id]

    def _place(self, case: Mapping[str, Any], state: str, *, known: bool) -> None:
        done = int(state in ("refused", "handed_back", "closed", "archived"))
        case_id, holder = case["case_id"], case["mediator_id"]
        mine = t.case_order.c.case_id == case_id
        if known:
            self.conn.execute(t.case_order.update().where(mine).values(done=done, mediator_id=holder))
        else:
            self._homes[case_id], self._holders[case_id] = case["institution_id"], holder
            row = {"case_id": case_id, "institution_id": case["institution_id"], "done": done}
            self.conn.execute(t.case_order.insert(), {**row, "mediator_id": holder})

    def happened(self, kind: str, text: str, detail: str = "") -> None:
        """Note something for the practice panel."""
        # A refusal may quote a field's name as the client wrote it; no text of PostgreSQL holds a NUL.
        words = {"kind": kind, "text": text.replace("\0", ""), "detail": detail.replace("\0", "")}
        self.conn.execute(t.happenings.insert(), {"at": stamp(self.now), **words})


class Doc:
    """A document row with its JSON read. Nobody changes what it holds: who asks again gets the same one."""

    def __init__(self, row: Any) -> None:
        self.entity: str = row.entity
        self.doc_id: str = row.doc_id
        self.case_id: str = row.case_id
        self.institution: str = row.institution_id
        self.version: int = row.version
        self.at: str = row.at
        self.by: str = row.by
        self.body: dict[str, Any] = json.loads(row.body)
        self.touched: dict[str, list[str]] = json.loads(row.touched)

    def author_of(self, field: str) -> tuple[str, str, str]:
        """Who put the present value of ``field``, when it was taken in, and when it was written if known."""
        who, when, *written = self.touched.get(field, [self.by, self.at])
        return who, when, written[0] if written else ""


def get_meta(conn: Connection, key: str, default: str = "") -> str:
    """A value of the ``meta`` table."""
    value = conn.execute(_META, {"of_key": key}).scalar_one_or_none()
    return default if value is None else str(value)


def put_meta(conn: Connection, key: str, value: str) -> None:
    """Set a value of the ``meta`` table."""
    changed = conn.execute(_SET_META, {"of_key": key, "to": value})
    if not changed.rowcount:
        conn.execute(t.meta.insert(), {"key": key, "value": value})

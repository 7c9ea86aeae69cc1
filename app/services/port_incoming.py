"""The feed on its way in: raw inbox, the platform's picture, the local picture and the cursor together.

Nothing is deleted because it is absent, and a tombstone never falls on unsent work: it is held until
the work has been sent. A record that cannot be read, or a case that cannot be shown, is parked with its
error; the rest of the page goes on.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, Select, exists, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.clock import to_text
from app.domain import casefile as cf
from app.domain.errors import JiefenError
from app.services import backlog, casework, converged, disputes, feedwork
from app.services.changes import ChangeSet
from app.services.desk import Desk
from app.services.port_values import Incoming
from app.storage import audit, kv
from app.storage.tables import cases, inbox
from app.storage.tables import outbox as commands

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, JiefenError)
"""What a malformed document can raise on its way through decoding, rules and projection."""
KINDS = ("cases", "tasks", "outbox", "submissions", "attachments")
_ANY_HELD = select(exists().where(backlog.HELD_BACK))
_ANY_DISPUTED = select(exists().where(backlog.OPEN_CONFLICT))
_ANY_PARKED = select(exists().where(backlog.PARKED))


T = TypeVar("T")


class _CannotBeTakenInError(Exception):
    """Something of a page cannot be shown: the whole transaction is undone."""


class IncomingFeed:
    """The feed as the engine hands it over. Every call is one transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.held = 0.0
        """Seconds for which the last page held the store, from the begin of its transaction to the commit.

        Where others keep processor or disk busy, smaller pages would not help, only cost more of both:
        of such waiting a third is counted.
        """

    def apply_changes(
        self, epoch: str, items: Sequence[Incoming], upto: int, *, level: bool = False
    ) -> ChangeSet:
        """Write changes in feed order and move the cursor to ``upto``, all or nothing.

        Items at or below the cursor were applied before and change nothing. ``level``: with them this side
        has all that the platform has, and so have the values that stand against ours
        (:meth:`follow_disputes`): ended in between, the program would show one that is no longer there.
        """

        def work(conn: Connection, careful: bool) -> ChangeSet:
            if kv.get(conn, "epoch") != epoch:
                return ChangeSet()
            cursor = int(kv.get(conn, "cursor", "0"))
            if upto < cursor:
                return ChangeSet()
            fresh = [item for item in items if cursor < item.seq <= upto]
            self._keep_raw(conn, epoch, fresh)
            kv.put(conn, "cursor", str(upto))
            told = page if len(fresh) == len(items) else self._read(fresh)
            changes = self._apply(conn, epoch, told, careful, whole=False)
            return changes.merge(_followed(self._follow(conn))) if level else changes

        page = self._read(items)
        return self._write(work)

    def apply_snapshot(self, epoch: str, items: Sequence[Incoming], marks: dict[str, str]) -> ChangeSet:
        """Write documents as they stand at the platform, and with them ``marks`` (where the paging is)."""

        def work(conn: Connection, careful: bool) -> ChangeSet:
            if kv.get(conn, "epoch") != epoch:
                return ChangeSet()
            for key, value in marks.items():
                kv.put(conn, key, value)
            return self._apply(conn, epoch, page, careful, whole=True)

        page = self._read(items)
        return self._write(work)

    def _write(self, work: Callable[[Connection, bool], T]) -> T:
        """One transaction; when something in it cannot be taken in, done again with each case on its own.

        A savepoint around each case from the start would cost twice as much as all the rest: inside of one
        every page is copied and sealed a second time.
        """
        try:
            return self._timed(lambda conn: work(conn, False))
        except _CannotBeTakenInError:
            return self._timed(lambda conn: work(conn, True))

    def _timed(self, work: Callable[[Connection], T]) -> T:
        began = worked = 0.0

        def timed(conn: Connection) -> T:
            nonlocal began, worked
            began, worked = time.monotonic(), time.thread_time()
            return work(conn)

        done = self._desk.store.write(timed, background=True)
        self.held = max(time.thread_time() - worked, (time.monotonic() - began) / 3)
        return done

    def finish_snapshot(self, at: int) -> ChangeSet:
        """All pages are here: the feed goes on behind ``at``, and what it has shown is no longer pending."""

        def work(conn: Connection) -> ChangeSet:
            kv.put(conn, "cursor", str(at))
            kv.put(conn, "sync.snapshot_at", "done")
            kv.put(conn, "sync.snapshot_after", "")
            shown = select(commands.c.case_id).where(
                commands.c.state == "delivered", commands.c.feed_seq > 0, commands.c.feed_seq <= at
            )
            touched = frozenset(conn.execute(shown.distinct()).scalars())
            for case_id in touched:
                casework.rebuild(conn, self._desk, case_id)
            return ChangeSet.of(*KINDS, case_ids=touched)

        return self._desk.store.write(work, background=True)

    def release_held(self, limit: int = 50) -> ChangeSet:
        """Carry out tombstones whose case holds no unsent work any more.

        One of an earlier epoch is history when the restored platform has its document (again): the new
        snapshot, which is here by then, has brought it with a version.
        """

        if not self._any(_ANY_HELD):
            return ChangeSet()

        def work(conn: Connection, careful: bool) -> ChangeSet:
            epoch = kv.get(conn, "epoch")
            rows = conn.execute(select(inbox).where(backlog.HELD_BACK).limit(limit)).all()
            past = [
                row
                for row in rows
                if row.epoch != epoch and feedwork.version_here(conn, row.entity, row.doc_id)
            ]
            held = [row for row in rows if row not in past]
            free = [row for row in held if not backlog.has_unsent(conn, row.case_id)]
            for row in past + free:
                _set_error(conn, row.epoch, [row.seq], "")
            changes = ChangeSet.of("outbox") if past else ChangeSet()
            for case_id in {row.case_id for row in past}:
                # The platform has it again: there is something to do in it again.
                casework.rebuild(conn, self._desk, case_id)
                changes = changes.merge(ChangeSet.of(*KINDS, case_ids=frozenset({case_id})))
            for row in free:
                item = Incoming(row.seq, row.entity, row.doc_id, row.case_id, row.version, "tombstone", None)
                page = self._read([item])
                changes = changes.merge(self._apply(conn, row.epoch, page, careful, whole=False))
            return changes

        return self._write(work)

    def follow_disputes(self) -> ChangeSet:
        """What stands against values written here is what the platform holds by now. At the end of a pull: an
        answer may have told of a value before the feed did."""
        if not self._any(_ANY_DISPUTED) or not self._desk.store.read(
            lambda conn: disputes.moved_on(conn) or converged.same_by_now(conn)
        ):
            return ChangeSet()
        return _followed(self._desk.store.write(self._follow, background=True))

    def _follow(self, conn: Connection) -> frozenset[str]:
        moved = disputes.follow(conn)
        return moved | converged.settle(conn, self._desk)

    def retry_parked(self, limit: int = 50) -> ChangeSet:
        """Try all parked records again, as after an upgrade that can read them; what fails stays parked.

        One of an earlier epoch, or with a later version of its document here, is history: nobody is told
        of it any more.
        """
        changes, after, again = ChangeSet(), -1, self._any(_ANY_PARKED)
        while again:
            work = functools.partial(self._retry, after=after, limit=limit)
            some, after, again = self._write(work)
            changes = changes.merge(some)
        return changes

    def _retry(
        self, conn: Connection, careful: bool, *, after: int, limit: int
    ) -> tuple[ChangeSet, int, bool]:
        epoch = kv.get(conn, "epoch")
        conn.execute(update(inbox).where(backlog.PARKED, inbox.c.epoch != epoch).values(error=""))
        query = select(inbox).where(backlog.PARKED, inbox.c.seq > after).order_by(inbox.c.seq).limit(limit)
        rows = conn.execute(query).all()
        changes = ChangeSet()
        for row in rows:
            item = Incoming(
                row.seq, row.entity, row.doc_id, row.case_id, row.version, row.op, row.body, row.cause,
                by=row.changed_by, at=row.changed_at,
            )  # fmt: skip
            _set_error(conn, row.epoch, [row.seq], "")
            if feedwork.version_here(conn, row.entity, row.doc_id) <= row.version:
                page = self._read([item])
                changes = changes.merge(self._apply(conn, row.epoch, page, careful, whole=False))
        return changes, rows[-1].seq if rows else after, len(rows) == limit

    def _any(self, query: Select[bool]) -> bool:
        return self._desk.store.read(lambda conn: bool(conn.execute(query).scalar_one()))

    def parked(self) -> int:
        """How many records are parked because they could not be read."""
        return self._desk.store.read(lambda conn: backlog.number(conn, (inbox, backlog.PARKED)))

    def heads(self) -> dict[str, tuple[int, bool]]:
        """Version of each case's header and whether unsent work stands on it, to compare both sides."""
        rows = self._desk.store.read(
            lambda conn: conn.execute(
                select(cases.c.case_id, cases.c.version, cases.c.sync).where(cases.c.shadow.is_not(None))
            ).all()
        )
        return {row.case_id: (row.version, row.sync != "delivered") for row in rows}

    def _keep_raw(self, conn: Connection, epoch: str, items: Sequence[Incoming]) -> None:
        if items:
            now = to_text(self._desk.clock.now())
            statement = upsert(inbox).on_conflict_do_nothing(index_elements=["epoch", "seq"])
            conn.execute(statement, [_raw_row(epoch, item, now) for item in items])

    def _read(self, items: Sequence[Incoming]) -> Page:
        """What can be made of a page without the store, so that its transaction is short."""
        good: list[Incoming] = []
        bad: list[tuple[Incoming, str]] = []
        for item in items:
            doc, error = read(item)
            if error:
                bad.append((item, error))
            else:
                good.append(item if doc is None else _with(item, doc))
        groups = _by_case(good)
        pictures: dict[str, feedwork.Picture] = {}
        for case_id, group in groups:
            # One that cannot be shown is met again in the transaction, and parked there.
            with contextlib.suppress(*UNREADABLE):
                if feedwork.brings_whole_case(group):
                    pictures[case_id] = feedwork.picture(self._desk, case_id, group)
        return Page(bad, groups, pictures)

    def _apply(self, conn: Connection, epoch: str, page: Page, careful: bool, *, whole: bool) -> ChangeSet:
        for item, error in page.bad:
            self._park(conn, epoch, [item], error)
        touched: set[str] = set()
        fresh: list[feedwork.Picture] = []
        known = feedwork.known(conn, [case_id for case_id, _ in page.groups])
        echoes = feedwork.echoes(conn, page.groups)
        confirmed = [item for case_id, group in page.groups if case_id in echoes for item in group]
        feedwork.confirm(conn, confirmed, whole=whole)
        for case_id, group in page.groups:
            if case_id in echoes:
                touched.add(case_id)
            elif case_id not in known and case_id in page.pictures:
                fresh.append(page.pictures[case_id])
            elif case_id in known or any(item.op != "tombstone" for item in group):
                merge = functools.partial(self._merge, conn, epoch, case_id, group, whole)
                if self._guarded(conn, epoch, group, careful, merge):
                    touched.add(case_id)
        touched |= self._insert(conn, epoch, fresh, careful)
        return ChangeSet.of(*KINDS, case_ids=frozenset(touched)) if touched else ChangeSet()

    def _insert(self, conn: Connection, epoch: str, fresh: list[feedwork.Picture], careful: bool) -> set[str]:
        """Write new cases: all together, or carefully one by one."""

        def insert(some: list[feedwork.Picture]) -> None:
            feedwork.insert_new(conn, some)
            items = [item for one in some for item in one.group]
            feedwork.side_effects(conn, items, to_text(self._desk.clock.now()))

        parts = [[one] for one in fresh] if careful else [fresh] if fresh else []
        done: set[str] = set()
        for part in parts:
            group = [item for one in part for item in one.group]
            if self._guarded(conn, epoch, group, careful, functools.partial(insert, part)):
                done.update(one.case_id for one in part)
        return done

    def _merge(self, conn: Connection, epoch: str, case_id: str, group: list[Incoming], whole: bool) -> None:
        if any(item.op == "tombstone" for item in group) and backlog.has_unsent(conn, case_id):
            held = [item for item in group if item.op == "tombstone"]
            self._park(conn, epoch, held, backlog.HELD)
            kv.put(conn, f"{backlog.LEFT_SCOPE}{case_id}", "1" if any(item.left for item in held) else "")
            group = [item for item in group if item.op == "put"]
        feedwork.store_shadows(conn, group, whole=whole)
        feedwork.side_effects(conn, group, to_text(self._desk.clock.now()))
        if casework.rebuild(conn, self._desk, case_id).case is None and case_id in feedwork.gone(group):
            audit.append(conn, self._desk.clock.now(), "platform", "case.withdrawn", case_id, "", {})

    def _guarded(
        self, conn: Connection, epoch: str, group: Sequence[Incoming], careful: bool, work: Callable[[], None]
    ) -> bool:
        """Run ``work``; when it cannot be done, have it undone and, if ``careful``, park ``group``."""
        try:
            if careful:
                with conn.begin_nested():
                    work()
            else:
                work()
        except UNREADABLE as error:
            if not careful:
                raise _CannotBeTakenInError from error
            self._park(conn, epoch, group, type(error).__name__)
            return False
        return True

    def _park(self, conn: Connection, epoch: str, items: Sequence[Incoming], error: str) -> None:
        now = to_text(self._desk.clock.now())
        for item in items:
            row = {**_raw_row(epoch, item, now), "error": error}
            statement = upsert(inbox).values(row)
            conn.execute(
                statement.on_conflict_do_update(index_elements=["epoch", "seq"], set_={"error": error})
            )


class Page(NamedTuple):
    """Entries of the feed, read."""

    bad: list[tuple[Incoming, str]]
    """What cannot be read, with the reason."""
    groups: list[tuple[str, list[Incoming]]]
    pictures: dict[str, feedwork.Picture]
    """By case: what is written when the case is new here."""


def read(item: Incoming) -> tuple[cf.Doc | None, str]:
    """The document of a change; or why it cannot be taken in, without any of its values."""
    if item.entity not in cf.TYPES:
        return None, f"unknown entity {item.entity[:40]}"
    if item.op == "tombstone":
        return None, ""
    if item.op != "put":
        return None, f"unknown operation {item.op[:40]}"
    if item.body is None:
        return None, "no body"
    try:
        doc = cf.decode(item.entity, item.body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return None, f"unreadable: {str(error).split(' - at ')[-1][:120]}"
    if cf.key_of(item.entity, doc) != item.doc_id or getattr(doc, "case_id", "") != item.case_id:
        return None, "ids differ"
    return doc, ""


def _with(item: Incoming, doc: cf.Doc) -> Incoming:
    return Incoming(
        item.seq, item.entity, item.doc_id, item.case_id, item.version, item.op, item.body, item.cause, doc,
        item.by, item.at,
    )  # fmt: skip


def _by_case(items: Sequence[Incoming]) -> list[tuple[str, list[Incoming]]]:
    groups: dict[str, list[Incoming]] = {}
    for case_id, run in itertools.groupby(items, key=lambda item: item.case_id):
        groups.setdefault(case_id, []).extend(run)
    return list(groups.items())


def _raw_row(epoch: str, item: Incoming, now: str) -> dict[str, object]:
    return {
        "epoch": epoch,
        "seq": item.seq,
        "entity": item.entity,
        "doc_id": item.doc_id,
        "case_id": item.case_id,
        "op": item.op,
        "version": item.version,
        "body": item.body,
        "received_at": now,
        "cause": item.cause,
        "changed_by": item.by,
        "changed_at": item.at,
    }


def _followed(moved: frozenset[str]) -> ChangeSet:
    return ChangeSet.of("conflicts", "outbox", "cases", case_ids=moved) if moved else ChangeSet()


def _set_error(conn: Connection, epoch: str, seqs: list[int], error: str) -> None:
    conn.execute(update(inbox).where(inbox.c.epoch == epoch, inbox.c.seq.in_(seqs)).values(error=error))

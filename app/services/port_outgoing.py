"""Commands on their way out: what to send, what is in flight, what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, case, func, select, update

from app.clock import to_text
from app.services import casework, disputes, lost_work, numbering, reissue
from app.services.changes import ChangeSet
from app.services.desk import Desk
from app.services.port_values import Answer, LaneHead, Outgoing
from app.storage import kv, leases, outbox, outline
from app.storage.bulk import listed
from app.storage.tables import cases
from app.storage.tables import outbox as table

SETTLE_AT_ONCE = 20
"""Answers written in one transaction, so that it stays short beside the person's own writes."""
KINDS = ("cases", "tasks", "outbox")
TERMINAL = ("delivered", "rejected", "conflict")
BEHIND_A_GAP = "本机的发送记录少了一段，这一条接不上。从备份找回后接着发；重新登记本机后也会再发。"
_ENDS = (
    select(table.c.author, table.c.case_id, func.max(table.c.lane_seq).label("last"))
    .where(table.c.device_id == bindparam("device"), table.c.state.in_(TERMINAL))
    .group_by(table.c.author, table.c.case_id)
)
_HASH_AT = select(table.c.hash).where(
    table.c.device_id == bindparam("device"),
    table.c.author == bindparam("author"),
    table.c.case_id == bindparam("case"),
    table.c.lane_seq == bindparam("seq"),
)
_NAMED = select(table).where(table.c.command_id.in_(listed("ids")))


ARRIVED = ("applied", "merged")
"""Answers that mean that a command took effect."""


class OutgoingCommands:
    """The outbox as the engine sees it. Every call is one short transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def recover(self) -> int:
        """At the start: what was in flight when the program stopped is unknown now. How many were."""

        def work(conn: Connection) -> int:
            statement = update(table).where(table.c.state == "in_flight").values(state="unknown")
            return conn.execute(statement).rowcount

        return self._desk.store.write(work, background=True)

    def unknown(self, limit: int = 500) -> tuple[str, ...]:
        """Ids of commands of which it is not known whether they arrived, oldest first."""
        query = select(table.c.command_id).where(table.c.state == "unknown").order_by(table.c.ordinal)
        return self._desk.store.read(lambda conn: tuple(conn.execute(query.limit(limit)).scalars()))

    def begin_batch(self, limit: int, max_bytes: int) -> tuple[Outgoing, ...]:
        """The next batch, marked as in flight before the socket opens; empty when nothing is ready."""
        now = self._desk.clock.now()

        def work(conn: Connection) -> tuple[Outgoing, ...]:
            rows = outline.ready_batch(conn, now, limit, max_bytes)
            outbox.in_flight(conn, [row.command_id for row in rows])
            return tuple(
                Outgoing(
                    command_id=row.command_id,
                    case_id=row.case_id,
                    author=row.author,
                    raw=row.raw,
                    signature=row.signature,
                    digest=row.hash,
                    attempts=row.attempts,
                )
                for row in rows
            )

        return self._desk.store.write(work, background=True)

    def not_sent(self, command_ids: Sequence[str], retry_at: str = "") -> None:
        """These surely never reached the platform: they wait again."""
        self._set(command_ids, state="waiting", next_attempt_at=retry_at)

    def in_doubt(self, command_ids: Sequence[str]) -> None:
        """These may have arrived: they are asked for, never assumed."""
        self._set(command_ids, state="unknown")

    def forgotten(self, command_id: str) -> None:
        """The platform says it never received this one: it is sent again, the same bytes."""
        self._set([command_id], state="waiting", next_attempt_at="")

    def _set(self, command_ids: Sequence[str], **values: Any) -> None:
        if command_ids:
            self._desk.store.write(
                lambda conn: outbox.mark(conn, list(command_ids), **values), background=True
            )

    def digests(self, command_ids: Iterable[str]) -> dict[str, str]:
        """The hash of each command, to check receipts against."""
        query = select(table.c.command_id, table.c.hash).where(table.c.command_id.in_(list(command_ids)))
        rows = self._desk.store.read(lambda conn: conn.execute(query).all())
        return {row.command_id: row.hash for row in rows}

    def count_ours(self, command_ids: Sequence[str]) -> int:
        """How many of the causes named in the feed are commands of this outbox."""

        def work(conn: Connection) -> int:
            known = select(table.c.command_id).where(table.c.command_id.in_({*command_ids} - {""}))
            ours = set(conn.execute(known).scalars())
            return sum(command_id in ours for command_id in command_ids)

        return self._desk.store.read(work)

    def attempts(self, command_id: str) -> int:
        """How often a command was sent."""
        query = select(table.c.attempts).where(table.c.command_id == command_id)
        return int(self._desk.store.read(lambda conn: conn.execute(query).scalar_one()))

    def settle(self, answers: Sequence[Answer]) -> ChangeSet:
        """Write what became of commands: all that only went out in one transaction, of those whose case is
        made anew a few in each."""
        cursor = int(self._desk.store.read(lambda conn: kv.get(conn, "cursor", "0")))
        plain = [one for one in answers if not _makes_anew(one, cursor)]
        dear = [one for one in answers if _makes_anew(one, cursor)]
        parts = [dear[start : start + SETTLE_AT_ONCE] for start in range(0, len(dear), SETTLE_AT_ONCE)]
        changes = ChangeSet()
        for part in [plain, *parts] if plain else parts:
            changes = changes.merge(self._desk.store.write(self._settling(part), background=True))
        return changes

    def _settling(self, answers: Sequence[Answer]) -> Callable[[Connection], ChangeSet]:
        def work(conn: Connection) -> ChangeSet:
            cursor = int(kv.get(conn, "cursor", "0"))
            now = to_text(self._desk.clock.now())
            rebuilds: set[str] = set()
            touched: set[str] = set()
            ids = msgspec.json.encode([answer.command_id for answer in answers]).decode()
            rows = {row.command_id: row for row in conn.execute(_NAMED, {"ids": ids})}
            _arrive(conn, rows, answers, now)
            for answer in answers:
                row = rows.pop(answer.command_id, None)
                if row is None or row.state not in outbox.UNSETTLED:
                    continue
                if answer.status not in ARRIVED:
                    settle_one(conn, row, answer, now)
                if answer.code == numbering.USED:
                    # Somebody else gives numbers from the same run: a copy of this profile.
                    leases.void(conn, self._desk.device_id)
                touched.add(row.case_id)
                if _makes_anew(answer, cursor):
                    rebuilds.add(row.case_id)
            for case_id in rebuilds:
                casework.rebuild(conn, self._desk, case_id)
            for case_id in touched - rebuilds:
                casework.show_standing(conn, case_id)
            kinds = (*KINDS, "conflicts") if any(a.status == "conflict" for a in answers) else KINDS
            return ChangeSet.of(*kinds, case_ids=frozenset(touched)) if touched else ChangeSet()

        return work

    def new_epoch(
        self, conn: Connection, epoch: str, heads: Mapping[tuple[str, str, str], LaneHead]
    ) -> tuple[int, set[str]]:
        """The platform was restored: queue again, as the same bytes, every settled command that it may
        have forgotten, and start from a new snapshot. Nothing here is deleted. Returns how many, and their
        cases, of which the picture is another now.

        ``heads`` are the platform's lane heads by (device, author, case). A lane whose head we hold with
        the same hash is known to the platform up to there; everything else is sent again, and what came
        there after the restore, late from the time before it: it was answered anew. In the caller's
        transaction, which makes the cases anew: see :meth:`SyncPort.new_epoch`.
        """
        again = _forgotten(conn, heads)
        # What the feed had not shown yet stays in sight until the new snapshot has shown it.
        unseen = table.c.feed_seq > int(kv.get(conn, "cursor", "0"))
        shown = update(table).where(table.c.state == "delivered")
        conn.execute(shown.values(feed_seq=case((unseen, 1), else_=0)))
        touched = _requeue(conn, again)
        _forget_versions(conn)
        for key, value in (
            ("epoch", epoch), ("cursor", "0"), ("sync.snapshot_at", ""), ("sync.snapshot_after", ""),
        ):  # fmt: skip
            kv.put(conn, key, value)
        return len(again), touched

    def told_of_epoch(
        self, conn: Connection, device_id: str, heads: Mapping[tuple[str, str, str], LaneHead]
    ) -> tuple[int, set[str]]:
        """As :meth:`new_epoch` for the commands of this device, where the feed's own epoch stays: see
        :meth:`SyncPort.told_of_epoch`."""
        again = _forgotten(conn, heads, device_id)
        return len(again), _requeue(conn, again)

    def compare(
        self, device_id: str, heads: Mapping[tuple[str, str, str], LaneHead]
    ) -> tuple[int, int, ChangeSet]:
        """Hold the settled commands against the platform's lane heads.

        Returns how many the platform does not have after all (they are queued again as the same bytes),
        how many lanes hold another command under the same number (a cloned computer), and what changed.
        """

        lost, forked = self._desk.store.read(lambda conn: _differences(conn, device_id, heads))
        if not lost:
            return 0, forked, ChangeSet()

        def work(conn: Connection) -> ChangeSet:
            # Only settled commands are lost, and nobody but this lane settles: what was read still stands.
            touched = _requeue(conn, lost)
            casework.requeued(conn, self._desk, touched)
            return ChangeSet.of(*KINDS, case_ids=frozenset(touched))

        return len(lost), forked, self._desk.store.write(work, background=True)

    def lost(self) -> int:
        """How many commands of this device are no longer in its outbox although they were written.

        What waits behind such a gap cannot go out in its lane: it is marked like a refusal of the device,
        so that it is written anew once the computer is registered anew.
        """
        device_id = self._desk.device_id
        found = self._desk.store.read(lambda conn: outbox.gaps(conn, device_id))
        if not found:
            return 0

        def work(conn: Connection) -> int:
            for author, case_id in found:
                behind = select(table.c.command_id).where(
                    table.c.device_id == device_id, table.c.author == author, table.c.case_id == case_id,
                    table.c.state == "waiting",
                )  # fmt: skip
                ids = list(conn.execute(behind).scalars())
                outbox.mark(conn, ids, error_code=reissue.CLONED, error_text=BEHIND_A_GAP)
            return sum(found.values())

        return self._desk.store.write(work, background=True)

    def reissue(self) -> ChangeSet:
        """Write anew what was refused for an earlier device id: see :mod:`app.services.reissue`."""
        return reissue.reissue(self._desk)

    def next_ready_at(self) -> dt.datetime | None:
        """When the first waiting command may go (undo window, back-off); ``None`` when none waits."""
        from app.clock import from_text

        now = self._desk.clock.now()
        query = select(table.c.not_before, table.c.next_attempt_at).where(table.c.state == "waiting")
        rows = self._desk.store.read(lambda conn: conn.execute(query.limit(1000)).all())
        moments = [
            to_text(now) if outline.may_go(row, now) else max(row.not_before, row.next_attempt_at)
            for row in rows
        ]
        return from_text(min(moments)) if moments else None


def _forgotten(
    conn: Connection, heads: Mapping[tuple[str, str, str], LaneHead], device_id: str = ""
) -> list[str]:
    """Settled commands, of ``device_id`` or of all, that a restored platform may have forgotten."""
    known = _known_to_platform(conn, heads)
    columns = (table.c.command_id, table.c.device_id, table.c.author, table.c.case_id, table.c.lane_seq)
    settled = select(*columns).where(table.c.state.in_(TERMINAL), table.c.bytes.is_not(None))
    again = []
    for row in conn.execute(settled.where(table.c.device_id == device_id) if device_id else settled):
        lane = (row.device_id, row.author, row.case_id)
        kept = heads[lane].kept if lane in heads else None
        answered = known.get(lane, 0) if kept is None else min(known.get(lane, 0), kept)
        if row.lane_seq > answered:
            again.append(row.command_id)
    return again


def _makes_anew(answer: Answer, cursor: int) -> bool:
    """Whether an answer changes what its case shows here."""
    return answer.status in ("conflict", "rejected") or 0 < answer.feed_seq <= cursor


def _differences(
    conn: Connection, device_id: str, heads: Mapping[tuple[str, str, str], LaneHead]
) -> tuple[list[str], int]:
    """Settled commands that the platform does not have, and how many lanes differ from its own."""
    known = _known_to_platform(conn, heads)
    lost: list[str] = []
    forked = 0
    for row in conn.execute(_ENDS, {"device": device_id}):
        lane = (device_id, row.author, row.case_id)
        if lane in heads and lane not in known and heads[lane].lane_seq <= row.last:
            forked += 1
        elif row.last > known.get(lane, heads[lane].lane_seq if lane in heads else 0):
            gone = select(table.c.command_id).where(
                table.c.device_id == device_id, table.c.author == row.author,
                table.c.case_id == row.case_id, table.c.state.in_(TERMINAL),
                table.c.lane_seq > known.get(lane, 0),
            )  # fmt: skip
            lost += conn.execute(gone).scalars()
    return lost, forked


def _requeue(conn: Connection, command_ids: list[str]) -> set[str]:
    """Send settled commands again, the same bytes; their receipts stay until the new ones come.

    Returns their cases: the caller makes them anew in the same transaction, as they are pending again.
    """
    for start in range(0, len(command_ids), 500):
        outbox.mark(
            conn, command_ids[start : start + 500], state="waiting", attempts=1, next_attempt_at="",
            settled_at="", feed_seq=0, error_code="", error_text="", error_field="",
        )  # fmt: skip
    named = select(table.c.case_id).where(table.c.command_id.in_(listed("ids"))).distinct()
    return set(conn.execute(named, {"ids": msgspec.json.encode(command_ids).decode()}).scalars())


def _arrive(conn: Connection, rows: Mapping[str, Any], answers: Sequence[Answer], now: str) -> None:
    """Write down all commands that took effect, with their receipts."""
    told = {
        answer.command_id: (answer.command_id, answer.feed_seq, answer.receipt)
        for answer in answers
        if answer.status in ARRIVED
        and answer.command_id in rows
        and rows[answer.command_id].state in outbox.UNSETTLED
    }
    outbox.delivered(conn, list(told.values()), now)
    disputes.dissolve(conn, told, now)


def settle_one(conn: Connection, row: Any, answer: Answer, now: str) -> None:
    """Write the answer to a command that did not take effect into its row, and its two values where there are
    two."""
    values: dict[str, Any] = {"error_code": answer.code, "error_text": answer.reason}
    values["error_field"] = answer.field
    if answer.status == "deferred":
        values |= {"state": "waiting", "next_attempt_at": answer.retry_at, "error_code": ""}
        values["error_field"] = lost_work.field_of(answer)
    elif answer.code == lost_work.CASE_LOST and row.error_field == lost_work.ASIDE:
        values |= {"state": "waiting", "next_attempt_at": answer.retry_at, "error_code": ""}
        values["error_field"] = lost_work.ASIDE
    elif not answer.consumed:
        values |= {
            "state": "waiting",
            "next_attempt_at": answer.retry_at,
            "error_code": answer.code or "refused",
        }
    else:
        values |= {"state": answer.status, "settled_at": now, "next_attempt_at": ""}
        if answer.status == "conflict":
            disputes.record(conn, row, answer, now)
    outbox.mark(conn, [row.command_id], **values)


def _known_to_platform(
    conn: Connection, heads: Mapping[tuple[str, str, str], LaneHead]
) -> dict[tuple[str, str, str], int]:
    """Up to which number each lane is proven to be at the platform: the hash chain says so."""
    known = {}
    for (device_id, author, case_id), head in heads.items():
        lane = {"device": device_id, "author": author, "case": case_id, "seq": head.lane_seq}
        ours = conn.execute(_HASH_AT, lane).scalar_one_or_none()
        if ours == head.chain_head:
            known[device_id, author, case_id] = head.lane_seq
    return known


def _forget_versions(conn: Connection) -> None:
    """Versions belong to one epoch: after a restore the platform counts from an earlier one again."""
    from app.storage.tables import case_docs

    conn.execute(update(cases).where(cases.c.version > 0).values(version=0))
    conn.execute(update(case_docs).where(case_docs.c.version > 0).values(version=0))

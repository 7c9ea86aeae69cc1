"""What was written after the backup that took a damaged database's place, read from the damaged one.

Commands are taken over only as they were signed: bytes that match their hash, a signature of their author,
and a place that follows in their lane. So a computer goes on under its own device id, and what waited goes
out as if nothing had happened. With them comes what they need: files, uploads, undone commands, what was
asked of the courts (``salvaged_filings``) and chosen (``salvaged_choices``). What cannot be read is counted
and told.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain import commands as cmd
from app.domain.errors import DamagedFault
from app.services import casework, salvaged_age, salvaged_choices, salvaged_filings
from app.services.salvaged_filings import Court, Taken
from app.storage import audit, kv, tail
from app.storage import outbox as ledger
from app.storage.crypto import DEFAULT_SUITE
from app.storage.salvage import PENDING, Readable, Wreck, pending, wreck
from app.storage.tables import (
    appointments,
    conflicts,
    drafts,
    files,
    filing_steps,
    filings,
    kept_answers,
    meta,
    outbox,
    people,
    sealed_notes,
    uploads,
    withdrawn_commands,
)

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk

log = logging.getLogger(__name__)
BESIDE: tuple[tuple[Table, str], ...] = (
    (files, "sha256"),
    (uploads, "attachment_id"),
    (kept_answers, "submission_id"),
    (withdrawn_commands, "command_id"),
    (sealed_notes, "note_id"),
    (appointments, "appointment_id"),
)
"""Rows that a command needs or that never leave this computer, with their keys. Drafts go by their age."""
SETTLING = (
    "state",
    "attempts",
    "error_code",
    "error_text",
    "error_field",
    "settled_at",
    "feed_seq",
    "receipt",
)


@dataclass(frozen=True)
class Salvaged:
    """What came of it."""

    commands: int = 0
    """Commands written after the backup and taken over, those already delivered included."""
    waiting: int = 0
    """Of these, still to be sent."""
    lost: int = 0
    """Commands written after the backup that could not be read, or do not follow in their lane."""
    sure: bool = True
    """Whether that is all: how many there were may not be readable itself."""
    looked: bool = True
    """Whether the damaged database could be read at all."""
    stopped: int = 0
    """Steps of applications that wait for a person, as it cannot be read what became of them."""

    def and_then(self, other: Salvaged) -> Salvaged:
        """Both together."""
        return Salvaged(
            commands=self.commands + other.commands,
            waiting=self.waiting + other.waiting,
            lost=self.lost + other.lost,
            sure=self.sure and other.sure,
            looked=self.looked and other.looked,
            stopped=self.stopped + other.stopped,
        )

    @property
    def words(self) -> str:
        """What is told after the backup took the place; empty when nothing was written after it."""
        if not self.looked:
            said = "损坏的那一份读不出来：备份以后写的，已发给平台的会收回来，没发出的要重新登记。"
            return said + self._stopped_words
        said = ""
        if self.commands:
            said = f"备份以后写的 {self.commands} 项也从损坏的那一份里找回来了"
            said += f"，其中 {self.waiting} 项还没有发出，会接着发。" if self.waiting else "，都已发出。"
        if self.lost:
            said += "另" if said else "备份以后写的"
            said += f"有 {self.lost} 项读不出来，请看一遍案件，没发出的要重新登记。"
        elif not self.sure:
            said += "可能还有读不出来的，请看一遍案件，没发出的要重新登记。"
        return said + self._stopped_words

    @property
    def _stopped_words(self) -> str:
        if not self.stopped:
            return ""
        return (
            f"要交法院的 {self.stopped} 项停下了，没有再发：备份以后有没有发出、有没有收回，读不出来。"
            "到同步中心的“要您处理”里看过，再定交不交。"
        )


def finish(paths: ProfilePaths, desk: Desk) -> Salvaged:
    """Take over from every damaged database from which nothing was taken yet, whoever put it aside.

    Before anybody writes into the store: what they write would have the places that these commands had.
    Raises the storage faults of the store; what could not be taken over then waits for the next start.
    """
    told, first = Salvaged(), True
    for folder in pending(paths):
        if (folder / paths.database.name).exists():
            told = told.and_then(salvage(paths, desk, folder / paths.database.name, holds=first))
            first = False
        (folder / PENDING).unlink()
    return told


def salvage(paths: ProfilePaths, desk: Desk, kept: Path, *, holds: bool = True) -> Salvaged:
    """Take over from the damaged database at ``kept`` what the desk's store does not know.

    ``holds``: what it has of applications and choices is later than the store's. It is not of one that was
    damaged in its turn before anything was taken from the one before: that was a backup itself.

    Never raises for what is damaged: the backup stands in its place either way. Raises the storage faults of
    a disk that is full or held: what was written is still there, and is to be tried again.
    """
    try:
        with wreck(kept, desk.keys.db_key) as found:
            told = _Taking(desk, found, kept.parent / paths.audit_head.name, holds=holds).take()
    except DamagedFault as error:
        log.info("nothing salvaged: %s", error.code or type(error).__name__)
        if not holds:
            return Salvaged(looked=False)
        return desk.store.write(lambda conn: _unread(conn, desk))
    last = desk.store.read(lambda conn: int(kv.get(conn, "dev_seq", "0")))
    tail.mark(paths.root, desk.device_id, last)
    return told


class _Taking:
    """One salvage: read everything first, then write it in one transaction."""

    def __init__(self, desk: Desk, found: Wreck, witness: Path, *, holds: bool) -> None:
        self._desk = desk
        self._ledger = found.table(outbox.name)
        self._beside = {table.name: found.table(table.name) for table, _ in BESIDE}
        self._drafts = found.table(drafts.name)
        self._marks = found.table(meta.name)
        self._meta = {row["key"]: row["value"] for row in self._marks.rows}
        self._conflicts = found.table(conflicts.name)
        self._court = Court(found.table(filings.name), found.table(filing_steps.name), self._marks)
        self._holds = holds
        self._later = holds and desk.store.read(lambda conn: salvaged_age.later(conn, found, witness))

    def take(self) -> Salvaged:
        """Write what is new."""
        return self._desk.store.write(self._work)

    def _work(self, conn: Connection) -> Salvaged:
        self._take_back(conn)
        known = set(conn.execute(select(outbox.c.command_id)).scalars())
        # The backup numbers its rows as the damaged database does.
        unread = self._ledger.lacking - set(conn.execute(select(outbox.c.ordinal)).scalars())
        fresh = [row for row in self._ledger.rows if row["command_id"] not in known]
        for row in self._ledger.rows:
            if row["command_id"] in known:
                _settle(conn, row)
        taken = self._append(conn, fresh)
        now, person = self._desk.clock.now(), self._desk.person.person_id
        for row in taken:
            # Each command has its trace; the damaged chain's own rows cannot go on behind the backup's.
            known_at = {"written_at": row["written_at"], "salvaged": True}
            subject = (row["kind"], row["case_id"], row["command_id"])
            audit.append(conn, now, row["author"], *subject, known_at)
        for table, key in BESIDE:
            _add(conn, table, key, self._beside[table.name])
        lost = len(fresh) - len(taken) + len(unread)
        self._renew_what_stays_here(conn, whole=self._ledger.sure and not lost)
        asked, touched = self._ask_of_courts(conn)
        last = max([int(self._meta.get("dev_seq") or 0), *(int(row["dev_seq"]) for row in taken)], default=0)
        if last > int(kv.get(conn, "dev_seq", "0")):
            kv.put(conn, "dev_seq", str(last))
        for case_id in {row["case_id"] for row in self._ledger.rows} | asked.cases | touched:
            casework.rebuild(conn, self._desk, case_id)
        told = Salvaged(
            commands=len(taken),
            waiting=sum(row["state"] in ledger.UNSETTLED for row in taken),
            lost=lost,
            sure=self._ledger.sure and (not self._holds or self._court.whole),
            stopped=asked.stopped,
        )
        if lost:
            kv.put(conn, tail.LOST, str(int(kv.get(conn, tail.LOST) or "0") + lost))
        detail = {"commands": told.commands, "waiting": told.waiting, "lost": lost, "stopped": told.stopped}
        audit.append(conn, now, person, "store.salvage", "", "", detail)
        return told

    def _renew_what_stays_here(self, conn: Connection, *, whole: bool) -> None:
        """Drafts, notes of 单独谈, appointments, what a restored platform forgot: nobody else has it, and the
        later database's hold. What it has no more was done with; but notes stay, which may be wanted, and
        all stays where what it was done with is lost (``whole``: nothing is)."""
        if not self._later:
            _renew_drafts(conn, self._drafts)
            return
        _renew(conn, sealed_notes, ("note_id",), self._beside[sealed_notes.name], gone=False)
        _renew(conn, kept_answers, ("submission_id",), self._beside[kept_answers.name], gone=whole)
        _renew(conn, appointments, ("appointment_id",), self._beside[appointments.name], gone=whole)
        _renew(conn, drafts, ("person_id", "kind", "subject"), self._drafts, gone=whole)

    def _ask_of_courts(self, conn: Connection) -> tuple[Taken, frozenset[str]]:
        """What was asked of the courts, and chosen: that of the damaged database, where it is the later one.

        Of an earlier one only what the store does not know is of use; what may have been done since can be
        read nowhere then.
        """
        if self._later:
            touched = salvaged_choices.take(conn, self._conflicts, self._marks)
            return salvaged_filings.take(conn, self._desk, self._court), touched
        stopped = salvaged_filings.take(conn, self._desk, Court()) if self._holds else Taken()
        _add(conn, conflicts, "conflict_id", self._conflicts)
        salvaged_filings.add_receipts(conn, self._court)
        return stopped, frozenset()

    def _take_back(self, conn: Connection) -> None:
        """What was undone after the backup is undone: another command may have its place in the lane."""
        undone = {row["command_id"] for row in self._beside[withdrawn_commands.name].rows}
        waiting = select(outbox.c.command_id).where(outbox.c.state.in_(ledger.UNSETTLED))
        gone = [one for one in conn.execute(waiting).scalars() if one in undone]
        if gone:
            ledger.take_out(conn, gone, self._desk.clock.now())

    def _append(self, conn: Connection, fresh: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that are genuine and follow in their lane, in the order in which they were written."""
        keys = {row.person_id: row.sign_public for row in conn.execute(select(people))}
        good: list[dict[str, Any]] = []
        ordered = sorted(fresh, key=lambda row: (*_lane(row), row["lane_seq"]))
        for key, group in itertools.groupby(ordered, key=_lane):
            seq, head = ledger.lane_tail(conn, key)
            for row in group:
                if row["lane_seq"] != seq + 1 or not _genuine(row, head, keys.get(row["author"])):
                    break
                seq, head = seq + 1, row["hash"]
                good.append(row)
            ledger.set_tail(conn, key, seq, head)
        good.sort(key=lambda row: int(row["ordinal"]))
        for row in good:
            values = {name: value for name, value in row.items() if name != "ordinal"}
            if values["state"] == "in_flight":
                values["state"] = "unknown"
            conn.execute(insert(outbox).values(**values))
        return good


def _unread(conn: Connection, desk: Desk) -> Salvaged:
    """Nothing can be read: what waits in the backup for a court may have gone since, or been taken back."""
    asked = salvaged_filings.take(conn, desk, Court())
    for case_id in asked.cases:
        casework.rebuild(conn, desk, case_id)
    detail = {"stopped": asked.stopped}
    audit.append(conn, desk.clock.now(), desk.person.person_id, "store.salvage", "", "", detail)
    return Salvaged(looked=False, stopped=asked.stopped)


def _lane(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["device_id"], row["author"], row["case_id"]


def _genuine(row: Mapping[str, Any], head: str, public: bytes | None) -> bool:
    """Whether the bytes are those that were signed, by their author, and follow on ``head``.

    Of an erased command (个人信息保护法 第四十七条) only the hash is left, which stands in the chain.
    """
    raw = row["bytes"]
    if raw is None:
        return True
    if public is None or hashlib.sha256(raw).hexdigest() != row["hash"]:
        return False
    if not DEFAULT_SUITE.verify(bytes(public), bytes(row["signature"]), bytes(raw)):
        return False
    try:
        command = cmd.decode(bytes(raw))
    except (msgspec.MsgspecError, ValueError):
        return False
    named = (command.command_id, command.device_id, command.author, command.case_id, command.lane_seq)
    told = (row["command_id"], row["device_id"], row["author"], row["case_id"], row["lane_seq"])
    return named == told and command.prev_hash == head


def _settle(conn: Connection, row: Mapping[str, Any]) -> None:
    """What became of a command after the backup: it is not sent, nor asked for, once more."""
    if row["state"] in ledger.UNSETTLED:
        return
    conn.execute(
        update(outbox)
        .where(outbox.c.command_id == row["command_id"], outbox.c.state.in_(ledger.UNSETTLED))
        .values({name: row[name] for name in SETTLING})
    )


def _add(conn: Connection, table: Table, key: str, found: Readable) -> None:
    known = set(conn.execute(select(table.c[key])).scalars())
    names: Iterable[str] = table.c.keys()
    for row in found.rows:
        if row[key] not in known:
            conn.execute(
                insert(table).prefix_with("OR IGNORE").values({n: row[n] for n in names if n in row})
            )


def _renew(conn: Connection, table: Table, key: tuple[str, ...], found: Readable, *, gone: bool) -> None:
    """Have the rows of ``found`` hold; ``gone``: with what is not among them, where they are all."""
    names = set(table.c.keys())
    for row in found.rows:
        values = {name: value for name, value in row.items() if name in names}
        statement = upsert(table).values(values)
        conn.execute(statement.on_conflict_do_update(index_elements=key, set_=values))
    if gone and found.whole:
        there = {tuple(row[name] for name in key) for row in found.rows}
        columns = [table.c[name] for name in key]
        for here in conn.execute(select(*columns)).all():
            if tuple(here) not in there:
                conn.execute(delete(table).where(*(c == v for c, v in zip(columns, here, strict=True))))


def _renew_drafts(conn: Connection, found: Readable) -> None:
    """Drafts saved after those of the backup."""
    for row in found.rows:
        statement = upsert(drafts).values(**row)
        newer = statement.excluded.saved_at > drafts.c.saved_at
        values = {"body": statement.excluded.body, "saved_at": statement.excluded.saved_at}
        key = ["person_id", "kind", "subject"]
        conn.execute(statement.on_conflict_do_update(index_elements=key, set_=values, where=newer))

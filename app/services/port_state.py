"""The engine's own memory in the profile: where it stands, when it tries again, what it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.clock import from_text, to_text
from app.services import backlog, numbering, revoked
from app.services.changes import ChangeSet
from app.services.clock_words import CLOCK_SKEW
from app.services.desk import Desk
from app.services.line_state import LAST_ERROR_CODE, WAITS_UNTIL
from app.services.port_values import Counted
from app.storage import kv, leases
from app.storage.tables import catalogues, number_blocks, sync_log

STAGE = "sync.stage"
FAILURES = "sync.failures"
NEXT_ATTEMPT = "sync.next_attempt_at"
LAST_ATTEMPT = "sync.last_attempt_at"
LAST_SUCCESS = "sync.last_success_at"
LAST_ERROR = "sync.last_error"
SNAPSHOT_AT = "sync.snapshot_at"
SNAPSHOT_AFTER = "sync.snapshot_after"
CATALOGUES_AT = "sync.catalogues_at"
ROSTER = "sync.roster"
EPOCH_NO = "sync.epoch_no"
"""The number of the latest epoch heard of, be it by a receipt on a stick; ``epoch`` is that of the feed."""
VALUES = (
    "epoch", "cursor", "dev_seq", "scope", "platform_sign_public", CLOCK_SKEW, CATALOGUES_AT, SNAPSHOT_AT,
    SNAPSHOT_AFTER, ROSTER, WAITS_UNTIL, EPOCH_NO,
)  # fmt: skip
"""What a run reads in one go."""


@dataclass(frozen=True)
class Line:
    """One line of the log of runs; Chinese, without personal data."""

    stage: str
    outcome: str
    text: str


class SyncState:
    """Single values, catalogues, leased numbers and the log of runs. Every call is one transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get(self, key: str, default: str = "") -> str:
        """The value under ``key``."""
        return self._desk.store.read(lambda conn: kv.get(conn, key, default))

    def values(self) -> dict[str, str]:
        """The engine's own values (:data:`VALUES`), empty where there is none."""
        return self._desk.store.read(self.values_in)

    def values_in(self, conn: Connection) -> dict[str, str]:
        """:meth:`values` in the caller's transaction."""
        return kv.many(conn, VALUES)

    def put(self, **values: str) -> None:
        """Set several values together; names with dots are given with ``put_all``."""
        self.put_all(values)

    def put_all(self, values: dict[str, str]) -> None:
        """Set several values in one transaction."""
        self._desk.store.write(lambda conn: kv.put_many(conn, values), background=True)

    @property
    def cursor(self) -> int:
        """The last feed sequence applied."""
        return int(self.get("cursor", "0"))

    @property
    def device_seq(self) -> int:
        """The last ``dev_seq`` this device has used."""
        return int(self.get("dev_seq", "0"))

    def begin(self, stage: str) -> None:
        """Remember the stage being worked on, so that a run cut short can be seen in the log."""
        self.put_all({STAGE: stage, LAST_ATTEMPT: to_text(self._desk.clock.now())})

    def succeeded(self, began: dt.datetime, lines: Sequence[Line]) -> None:
        """A run came to its end: no back-off, no error."""
        values = {
            STAGE: "",
            FAILURES: "0",
            NEXT_ATTEMPT: "",
            LAST_ATTEMPT: to_text(began),
            LAST_SUCCESS: to_text(self._desk.clock.now()),
            LAST_ERROR: "",
            LAST_ERROR_CODE: "",
        }
        self._end(values, lines, revoked.lifted)

    def failed(
        self,
        began: dt.datetime,
        error: tuple[str, str],
        next_attempt: dt.datetime | None,
        lines: Sequence[Line],
    ) -> None:
        """A run was cut short: keep why (message and code), and when the next attempt is due (``None``: a
        person must act). That this computer was revoked outlives the next attempt: it locks the profile."""
        values = {
            FAILURES: str(self.failures + 1),
            NEXT_ATTEMPT: to_text(next_attempt) if next_attempt else "",
            LAST_ATTEMPT: to_text(began),
            LAST_ERROR: error[0],
            LAST_ERROR_CODE: error[1],
        }
        self._end(values, lines, revoked.learned if error[1] == revoked.CODE else _nothing)

    def _end(
        self,
        values: dict[str, str],
        lines: Sequence[Line],
        more: Callable[[Connection, Desk, dt.datetime], None],
    ) -> None:
        now = self._desk.clock.now()
        at = to_text(now)
        rows = [{"at": at, "stage": line.stage, "outcome": line.outcome, "text": line.text} for line in lines]

        def work(conn: Connection) -> None:
            kv.put_many(conn, values)
            more(conn, self._desk, now)
            if rows:
                conn.execute(insert(sync_log), rows)

        self._desk.store.write(work, background=True)

    @property
    def failures(self) -> int:
        """How many runs failed in a row."""
        return int(self.get(FAILURES, "0"))

    @property
    def next_attempt_at(self) -> dt.datetime | None:
        """When the next attempt after failures is due; ``None`` when nothing holds it back."""
        text = self.get(NEXT_ATTEMPT)
        return from_text(text) if text else None

    def log(self, stage: str, outcome: str, text: str) -> None:
        """One line of the log of runs; Chinese, without personal data."""
        row = {"at": to_text(self._desk.clock.now()), "stage": stage, "outcome": outcome, "text": text}
        self._desk.store.write(lambda conn: _insert_log(conn, row), background=True)

    def counted(self) -> Counted:
        """What still lies in the tables."""
        return self._desk.store.read(backlog.counted)

    def etags(self) -> dict[str, str]:
        """The ETag of each catalogue kept here."""
        rows = self._desk.store.read(
            lambda conn: conn.execute(select(catalogues.c.name, catalogues.c.etag)).all()
        )
        return {row.name: row.etag for row in rows}

    def save_catalogue(self, name: str, etag: str, version: str, body: bytes) -> ChangeSet:
        """Keep one catalogue."""
        now = to_text(self._desk.clock.now())
        self._desk.store.write(
            lambda conn: put_catalogue(conn, name, etag, version, body, now), background=True
        )
        return ChangeSet.of("catalogues")

    def numbers_wanted(self) -> tuple[numbering.Lease, ...]:
        """The runs of numbers that should be leased now."""
        return self._desk.store.read(lambda conn: self.wanted_in(conn, kv.get(conn, "scope")))

    def wanted_in(self, conn: Connection, scope: str) -> tuple[numbering.Lease, ...]:
        """:meth:`numbers_wanted` in the caller's transaction.

        A device whose feed brings no cases (a statistician's) numbers none.
        """
        return () if scope == "none" else numbering.wanted(conn, self._desk.today().year)

    def ask_numbers(self, series: str) -> str:
        """The id to ask a run under, kept before asking: after a lost reply the same block is asked for."""

        def work(conn: Connection) -> str:
            block_id = leases.asked(conn, series) or self._desk.make_id()
            leases.ask(conn, series, block_id)
            return block_id

        return self._desk.store.write(work, background=True)

    def no_numbers(self, series: str) -> None:
        """The block asked for is another device's: the next one is asked for under another id."""
        self._desk.store.write(lambda conn: leases.ask(conn, series, ""), background=True)

    def add_numbers(self, block_id: str, series: str, year: int, first: int, last: int) -> None:
        """Keep a leased run of numbers; the same block twice changes nothing, one voided since neither."""

        def work(conn: Connection) -> None:
            if leases.asked(conn, series) == block_id:
                put_numbers(conn, block_id, series, year, first, last)
                leases.ask(conn, series, "")

        self._desk.store.write(work, background=True)


def _nothing(_conn: Connection, _desk: Desk, _now: dt.datetime) -> None:
    """Nothing more to keep."""


def put_catalogue(conn: Connection, name: str, etag: str, version: str, body: bytes, now: str) -> None:
    """Write one catalogue in the caller's transaction."""
    values = {"etag": etag, "version": version, "body": body, "fetched_at": now}
    statement = upsert(catalogues).values(name=name, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def put_numbers(conn: Connection, block_id: str, series: str, year: int, first: int, last: int) -> None:
    """Write one leased run in the caller's transaction."""
    statement = upsert(number_blocks).values(
        block_id=block_id, series=series, year=year, first=first, last=last, next=first
    )
    conn.execute(statement.on_conflict_do_nothing(index_elements=["block_id"]))


def _insert_log(conn: Connection, row: dict[str, str]) -> None:
    conn.execute(insert(sync_log).values(row))

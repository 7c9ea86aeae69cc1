"""What was asked of the courts after the backup that took a damaged database's place.

Nothing here is signed, and what waits goes to a court by itself, which nobody can undo. So the damaged
database's row of an application holds against the backup's, and so does that it has none: what was lodged
keeps its receipt, what was taken back is not sent. Where that cannot be read, a step of the backup that waits
goes nowhere before a person has looked: it may have gone since, or have been taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from app.clock import to_text
from app.services import backlog, filing_ground, filing_lists, filing_steps, package_records, unread_steps
from app.services.desk import Desk
from app.storage import kv
from app.storage.salvage import Readable
from app.storage.tables import filing_steps as steps
from app.storage.tables import filings, meta

NOTHING = Readable((), sure=False)
"""Of a table of which nothing can be read, nor how much there was."""
PACKAGES = (package_records.PREFIX, package_records.INSIDE, package_records.LOST)
BESIDE_STEPS = (
    filing_steps.SEEN, filing_steps.UNASKED, filing_ground.SEEN, filing_ground.TOLD, filing_lists.LET_GO,
)  # fmt: skip
"""Keys of what is kept beside an application, before its id or its case's."""


@dataclass(frozen=True)
class Court:
    """What could be read of it in the damaged database."""

    rows: Readable = NOTHING
    steps: Readable = NOTHING
    meta: Readable = NOTHING

    @property
    def whole(self) -> bool:
        """Whether all applications with all their steps could be read."""
        return self.rows.whole and self.steps.whole


@dataclass(frozen=True)
class Taken:
    """What came of it."""

    cases: frozenset[str] = frozenset()
    """Those whose picture is to be made anew."""
    stopped: int = 0
    """Steps that wait for a person."""


def take(conn: Connection, desk: Desk, court: Court) -> Taken:
    """Have the damaged database's rows hold, and stop what it cannot confirm."""
    here = {row.submission_id: row for row in conn.execute(select(filings)).all()}
    there = {row["submission_id"]: row for row in court.rows.rows}
    stand_in = {_key(row) for row in court.rows.rows}
    followed = {_step(row) for row in court.steps.rows}
    held = _packed(court)
    gone: list[Any] = []
    stopped: list[Any] = []
    for submission_id, row in here.items():
        # Two rows never have one key: where another has this one's, it is not there any more.
        over = court.rows.whole or _key(row._asdict()) in stand_in or package_records.step_id(row) in followed
        if submission_id in there or over:
            gone.append(row)
        elif _may_go(row) and package_records.step_id(row) not in held:
            stopped.append(row)
    named = {*there, *(row.submission_id for row in gone)}
    _put_steps(conn, desk, court, gone, named)
    conn.execute(delete(filings).where(filings.c.submission_id.in_([row.submission_id for row in gone])))
    for held_there in court.rows.rows:
        values = {name: value for name, value in held_there.items() if name in filings.c}
        if values["job"] == "in_flight":
            values["job"] = "unknown"
        conn.execute(insert(filings).values(**values))
    _put_marks(conn, court.meta, {row.submission_id for row in stopped})
    unread_steps.stop(conn, stopped, to_text(desk.clock.now()))
    changed = {row.case_id for row in (*gone, *stopped)} | {row["case_id"] for row in court.rows.rows}
    return Taken(frozenset(changed), len(stopped))


def add_receipts(conn: Connection, court: Court) -> None:
    """Of a damaged database that is not the latest only what has its receipt, where that is not here: all
    else may have been done with since."""
    here = set(conn.execute(select(filings.c.receipt).union(select(steps.c.receipt))).scalars())
    for table, found in ((filings, court.rows), (steps, court.steps)):
        for row in found.rows:
            if row["receipt"] not in here | {None}:
                values = {name: row[name] for name in row if name in table.c}
                conn.execute(insert(table).prefix_with("OR IGNORE").values(values))


def _may_go(row: Any) -> bool:
    """Whether a step of the backup goes by itself. What had its receipt is at its court in any case, and can
    only come back to a platform that was restored."""
    return row.job in backlog.UNDER_WAY and row.receipt is None


def _put_steps(conn: Connection, desk: Desk, court: Court, gone: Iterable[Any], named: set[str]) -> None:
    """The steps before: those of the damaged database, and of the backup's what has its receipt nowhere else.

    ``named``: the applications whose rows hold. A step of theirs that counts again is in the list no more,
    nor is one that was struck out with what it stood for.
    """
    there = {row["step_id"]: row for row in court.steps.rows}
    now_last = {_step(row) for row in court.rows.rows}
    signed_for = {_step(row) for row in (*court.rows.rows, *court.steps.rows) if row["receipt"] is not None}
    for step in conn.execute(select(steps)).all():
        put_back = package_records.step_id(step) in now_last
        struck = court.steps.whole and step.submission_id in named and step.receipt is None
        if step.step_id in there or put_back or struck:
            conn.execute(delete(steps).where(steps.c.step_id == step.step_id))
    for row in court.steps.rows:
        conn.execute(insert(steps).values({name: row[name] for name in row if name in steps.c}))
    for row in gone:
        if row.receipt is not None and package_records.step_id(row) not in signed_for:
            values = {name: getattr(row, name) for name in filing_steps.COPIED} | {"job": "done"}
            conn.execute(insert(steps).values(step_id=desk.make_id(), **values))


def _put_marks(conn: Connection, found: Readable, stopped: set[str]) -> None:
    """What is known of packages, and beside applications; what stands beside a step that was stopped goes
    with that step."""
    there = {row["key"]: row["value"] for row in found.rows}
    for prefix in (*PACKAGES, *BESIDE_STEPS):
        keys = {key for key in there if key.startswith(prefix)}
        if found.whole:
            keys |= {f"{prefix}{rest}" for rest in kv.under(conn, prefix)}
        for key in keys:
            if key.removeprefix(prefix) in stopped:
                continue
            if key in there:
                kv.put(conn, key, there[key])
            else:
                conn.execute(delete(meta).where(meta.c.key == key))


def _packed(court: Court) -> set[str]:
    """The steps that lay in a package after the backup: they are what they were."""
    inside = [row["value"] for row in court.meta.rows if row["key"].startswith(package_records.INSIDE)]
    return {one for text in inside for one in msgspec.json.decode(text, type=tuple[str, ...])}


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("case_id", "kind", "subject_id", "round"))


def _step(row: Mapping[str, Any]) -> str:
    return package_records.step_id(SimpleNamespace(**row))

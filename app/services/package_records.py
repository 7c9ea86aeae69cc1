"""What this computer knows of exchange packages: those it packed, and those it carried for others.

A few dozen in a year, each always read whole: they stand as single values of the profile (``meta``), not in
a table of their own. Nothing in them is personal.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, select, update

from app.clock import from_text, shanghai
from app.services import backlog
from app.storage import casestore, kv
from app.storage.tables import filings, meta, outbox, uploads

PREFIX, INSIDE, LOST = "package:", casestore.PACKED, "given_up:"
State = Literal["packing", "packed", "read", "given_up", "carrying", "carried"]
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')


class PackageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One package. Instants are ISO, UTC; empty while it has not come to that."""

    package_id: str
    label: str
    """包号 for people, such as ``1120-01``."""
    file_name: str
    device_id: str
    person_id: str
    packed_at: str
    state: State
    """packing: not come to its end; packed: on the stick, no receipt yet; read: its receipt was read;
    given_up: a person said that it was not handed in and will not be;
    carrying, carried: another computer's, on its way to the platform and handed in here."""
    commands: int = 0
    files: int = 0
    filings: int = 0
    contents: tuple[tuple[str, int, int], ...] = ()
    """What is in it: kind in words, how many, bytes. No cases, no names: it stands on the 交接单."""
    size: int = 0
    sha256: str = ""
    code: str = ""
    read_at: str = ""
    delivered: int = 0
    mend: int = 0
    """Refused or with two values: a person has to look at them."""
    against: int = 0
    """Steps that were taken back here, after the package had been given up, and that the court has got."""
    waiting: int = 0
    """Not taken for now: they wait on and go out by themselves or with the next package."""
    upload: str = ""
    """Of one carried: path of the upload at the platform and hash of the file, to go on after a cut."""

    @property
    def items(self) -> int:
        """How much is in it."""
        return self.commands + self.files + self.filings


def load(conn: Connection, package_id: str) -> PackageRecord | None:
    """One package, if this computer knows it."""
    text = kv.get(conn, PREFIX + package_id)
    return msgspec.json.decode(text, type=PackageRecord) if text else None


def save(conn: Connection, record: PackageRecord) -> None:
    """Keep what is known of a package now."""
    kv.put(conn, PREFIX + record.package_id, msgspec.json.encode(record).decode())


def forget(conn: Connection, package_id: str) -> frozenset[str]:
    """There is no such package: it did not come to its end. As :func:`let_go`."""
    conn.execute(delete(meta).where(meta.c.key == PREFIX + package_id))
    return let_go(conn, package_id)


def let_go(conn: Connection, package_id: str) -> frozenset[str]:
    """What lies in a package lies here only: its steps of applications that went no other way wait again.

    Returns the cases whose picture is to be made anew.
    """
    held = held_in(conn, package_id)
    conn.execute(delete(meta).where(meta.c.key == INSIDE + package_id))
    left = (filings.c.job == "unknown", filings.c.attempts == 0)
    found = set()
    for row in conn.execute(select(filings).where(*left)).all():
        if step_id(row) in held and holding(conn, step_id(row)) is None:
            mine = filings.c.submission_id == row.submission_id
            conn.execute(update(filings).where(mine).values(job="waiting", next_attempt_at=""))
            found.add(row.case_id)
    return frozenset(found)


def give_up(conn: Connection, package_id: str) -> frozenset[str]:
    """As :func:`let_go`; what lay in it is remembered: should the package be handed in after all, its receipt
    tells of those very steps."""
    if ids := kv.get(conn, INSIDE + package_id):
        kv.put(conn, LOST + package_id, ids)
    return let_go(conn, package_id)


def put_inside(conn: Connection, package_id: str, ids: Iterable[str]) -> None:
    """Keep what is in a package until its receipt is read: ids of commands, attachments, :func:`step_id`."""
    kv.put(conn, INSIDE + package_id, msgspec.json.encode(sorted(ids)).decode())


def receipt_read(conn: Connection, record: PackageRecord) -> None:
    """Its receipt was read: each thing in it tells its own state again."""
    save(conn, record)
    own = (INSIDE + record.package_id, LOST + record.package_id)
    conn.execute(delete(meta).where(meta.c.key.in_(own)))


def step_id(row: Any) -> str:
    """By what a package names a step of an application (a row or a job of it): a later one is another, and
    the same one asked for anew, perhaps with other papers, too."""
    return f"{row.submission_id}:{row.wanted}:{row.manifest_no}:{row.written_at}"


def inside(conn: Connection) -> tuple[tuple[PackageRecord, tuple[str, ...]], ...]:
    """The packages that came to their end and whose receipt was not read yet, the earliest first, and the ids
    of what is in each.
    """
    kept = kv.under(conn, INSIDE)
    return tuple(
        (record, _decoded(kept[record.package_id]))
        for record in reversed(known(conn) if kept else ())
        if record.state == "packed" and record.package_id in kept
    )


def holding(conn: Connection, one: str) -> PackageRecord | None:
    """The package whose receipt is still to come and that holds this, also one that was broken off while it
    was written: the file may be whole on the stick. ``None`` where none does."""
    for package_id, ids in kv.under(conn, INSIDE).items():
        if one in _decoded(ids):
            return load(conn, package_id)
    return None


def lost_with(conn: Connection, one: str) -> PackageRecord | None:
    """The package that was given up and that held this; ``None`` where none did."""
    for package_id, ids in kv.under(conn, LOST).items():
        if one in _decoded(ids):
            return load(conn, package_id)
    return None


def held_in(conn: Connection, package_id: str) -> frozenset[str]:
    """The ids of what is in a package whose receipt was not read, also one that was given up."""
    kept = kv.get(conn, INSIDE + package_id) or kv.get(conn, LOST + package_id)
    return frozenset(_decoded(kept or "[]"))


def _decoded(ids: str) -> tuple[str, ...]:
    return msgspec.json.decode(ids, type=tuple[str, ...])


def spared(conn: Connection) -> dict[str, bool]:
    """Of :func:`inside`, those of which nothing waits any more, and whether all of each was delivered: else
    the platform refused some of it, or has another value."""
    packed = inside(conn)
    if not packed:
        return {}
    waiting = _ids(conn, backlog.COMMAND_QUEUED, backlog.UPLOAD_QUEUED, backlog.FILING_QUEUED)
    failed = _ids(conn, backlog.COMMAND_FAILED, backlog.UPLOAD_FAILED, backlog.FILING_FAILED)
    failed |= set(conn.execute(select(outbox.c.command_id).where(outbox.c.state == "conflict")).scalars())
    return {record.package_id: failed.isdisjoint(held) for record, held in packed if waiting.isdisjoint(held)}


def _ids(
    conn: Connection, commands: ColumnElement[bool], files: ColumnElement[bool], asked: ColumnElement[bool]
) -> set[str]:
    found = set(conn.execute(select(outbox.c.command_id).where(commands)).scalars())
    found |= set(conn.execute(select(uploads.c.attachment_id).where(files)).scalars())
    return found | {step_id(row) for row in conn.execute(select(filings).where(asked))}


def on_the_way(conn: Connection) -> dict[str, PackageRecord]:
    """By id, what lies in a package whose receipt was not read yet, also one broken off while it was written.

    What was packed more than once is told by the latest package, and rather by one that came to its end.
    """
    kept = kv.under(conn, INSIDE)
    open_ = [one for one in (known(conn) if kept else ()) if one.package_id in kept]
    records = sorted(open_, key=lambda one: (one.state == "packed", one.packed_at))
    return {one: record for record in records for one in _decoded(kept[record.package_id])}


def already(conn: Connection, ids: Iterable[str]) -> tuple[tuple[PackageRecord, int], ...]:
    """The packages of :func:`inside` in which some of ``ids`` lie, and how many: the latest first."""
    packed = {one: record for record, held in inside(conn) for one in held}
    counted = Counter(packed[one].package_id for one in ids if one in packed)
    return tuple((one, counted[one.package_id]) for one in known(conn) if one.package_id in counted)


def waiting_words(record: PackageRecord) -> str:
    """What a row in a package says of itself, such as 已装进离线交换包 1126-01（11月26日，待交）."""
    day = shanghai(from_text(record.packed_at))
    if record.state == "packing":
        return f"装离线交换包 {record.label}（{day.month}月{day.day}日）的时候断了（盘上可能没有）"
    return f"已装进离线交换包 {record.label}（{day.month}月{day.day}日，待交）"


def known(conn: Connection) -> tuple[PackageRecord, ...]:
    """All packages, the latest first."""
    found = [msgspec.json.decode(text, type=PackageRecord) for text in kv.under(conn, PREFIX).values()]
    return tuple(sorted(found, key=lambda one: (one.packed_at, one.package_id), reverse=True))


def next_label(conn: Connection, now: dt.datetime) -> str:
    """包号 of the next package: the day and how many were packed here that day."""
    day = f"{shanghai(now):%m%d}"
    year = f"{now.year}"
    same = [
        one
        for one in known(conn)
        if not one.state.startswith("carr") and one.label.startswith(day) and one.packed_at.startswith(year)
    ]
    return f"{day}-{max((int(one.label[-2:]) for one in same), default=0) + 1:02d}"


def file_name(short_name: str, now: dt.datetime, package_id: str) -> str:
    """解纷-<机构简称>-<时间>-<尾号>.jfp. The end of the id keeps two computers' files apart."""
    short = _NOT_IN_NAMES.sub("", short_name) or "本机构"
    return f"解纷-{short}-{shanghai(now):%Y%m%d-%H%M}-{package_id[-4:].upper()}.jfp"


def receipt_name(package_name: str) -> str:
    """What the receipt of a package is called on the stick."""
    return f"回执-{package_name.removesuffix('.jfp')}.jfr"

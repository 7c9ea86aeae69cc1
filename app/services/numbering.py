"""Case and notice numbers, also without a network (编号).

The platform leases this device runs of numbers while there is a network. Offline they are used in
order; only when they run out does a case get 临–设备–序号, which stays its alias for ever. A number
once given is never given again: not by another device, nor after a restore or a copied profile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from app.clock import legal_day
from app.services.desk import Desk
from app.storage import kv, leases
from app.storage.tables import number_blocks


@dataclass(frozen=True)
class Lease:
    """A run to be leased."""

    series: str
    year: int
    count: int


CASE_SERIES = "case"
REFUSAL_SERIES = "refusal"
_KEPT = {CASE_SERIES: (10, 50), REFUSAL_SERIES: (3, 10)}
"""By series: lease more when fewer than this many are left, and how many then."""
_UNUSED = (
    select(number_blocks.c.series, func.sum(number_blocks.c.last - number_blocks.c.next + 1).label("unused"))
    .where(number_blocks.c.year == bindparam("in_year"))
    .group_by(number_blocks.c.series)
)
USED = "number_used"
"""The platform's code for a number that another case bears already."""


def take(conn: Connection, desk: Desk) -> str:
    """The next case number; a provisional one when the leased run is used up."""
    year = legal_day(desk.clock.now()).year
    serial = _next(conn, CASE_SERIES, year)
    if serial is None:
        return _provisional(conn, desk)
    return fill(desk.institution.number_pattern, year, desk.institution.short_name, serial)


def notice_number(conn: Connection, desk: Desk) -> str:
    """The number of a notice of refusal, such as 云梧调不受字〔2026〕第 6 号."""
    year = legal_day(desk.clock.now()).year
    serial = _next(conn, REFUSAL_SERIES, year)
    number = _provisional(conn, desk) if serial is None else f"第 {serial} 号"
    return f"{desk.institution.short_name}调不受字〔{year}〕{number}"


def _next(conn: Connection, series: str, year: int) -> int | None:
    """The next leased number of a series; ``None`` when there is none."""
    block = conn.execute(
        select(number_blocks)
        .where(
            number_blocks.c.series == series,
            number_blocks.c.year == year,
            number_blocks.c.next <= number_blocks.c.last,
        )
        .order_by(number_blocks.c.first)
        .limit(1)
    ).one_or_none()
    if block is None:
        return None
    conn.execute(
        update(number_blocks).where(number_blocks.c.block_id == block.block_id).values(next=block.next + 1)
    )
    return int(block.next)


def _provisional(conn: Connection, desk: Desk) -> str:
    """临–设备–序号. Counted on for as long as the tag lasts, over the years: the year is not in it."""
    tag = leases.tag(conn, desk.device_id)
    serial = int(kv.get(conn, f"provisional:{tag}", "0")) + 1
    kv.put(conn, f"provisional:{tag}", str(serial))
    return f"临-{tag}-{serial:04d}"


def left(conn: Connection, year: int, series: str = CASE_SERIES) -> int:
    """How many leased numbers of ``year`` are still unused."""
    total = conn.execute(
        select(func.sum(number_blocks.c.last - number_blocks.c.next + 1)).where(
            number_blocks.c.series == series, number_blocks.c.year == year
        )
    ).scalar_one_or_none()
    return int(total or 0)


def wanted(conn: Connection, year: int) -> tuple[Lease, ...]:
    """The runs of ``year`` to be leased now."""
    unused = {row.series: row.unused for row in conn.execute(_UNUSED, {"in_year": year})}
    return tuple(
        Lease(series, year, count)
        for series, (low, count) in _KEPT.items()
        if (unused.get(series) or 0) < low
    )


def fill(pattern: str, year: int, short_name: str, serial: int) -> str:
    """A number from an institution's pattern: {年}, {简称}, {序} or {序:4} (zero-padded)."""
    text = pattern.replace("{年}", str(year)).replace("{简称}", short_name)
    return re.sub(r"\{序(?::(\d+))?\}", lambda m: str(serial).zfill(int(m.group(1) or 1)), text)

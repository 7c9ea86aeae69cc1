"""Case and notice numbers, also without a network (编号).

The platform leases this device a run of numbers while there is a network. Offline they are used in
order; only when they run out does a case get 临–设备–序号, which stays its alias for ever.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, func, select, update

from app.clock import legal_day
from app.services.desk import Desk
from app.storage import kv
from app.storage.tables import number_blocks

LOW_WATER = 10
"""Lease more when fewer than this many numbers are left."""
CASE_SERIES = "case"


def take(conn: Connection, desk: Desk) -> str:
    """The next case number; a provisional one when the leased run is used up."""
    year = legal_day(desk.clock.now()).year
    block = conn.execute(
        select(number_blocks)
        .where(
            number_blocks.c.series == CASE_SERIES,
            number_blocks.c.year == year,
            number_blocks.c.next <= number_blocks.c.last,
        )
        .order_by(number_blocks.c.first)
        .limit(1)
    ).one_or_none()
    if block is None:
        return f"临-{desk.device_id[:4]}-{_local(conn, f'provisional:{year}'):04d}"
    conn.execute(
        update(number_blocks).where(number_blocks.c.block_id == block.block_id).values(next=block.next + 1)
    )
    return fill(desk.institution.number_pattern, year, desk.institution.short_name, block.next)


def left(conn: Connection, year: int) -> int:
    """How many leased case numbers of ``year`` are still unused."""
    total = conn.execute(
        select(func.sum(number_blocks.c.last - number_blocks.c.next + 1)).where(
            number_blocks.c.series == CASE_SERIES, number_blocks.c.year == year
        )
    ).scalar_one_or_none()
    return int(total or 0)


def notice_number(conn: Connection, desk: Desk, series: str) -> str:
    """The number of a notice of this device, such as 云悟调不受字〔2026〕第 6 号."""
    year = legal_day(desk.clock.now()).year
    word = {"refusal": "不受", "acceptance": "受告", "termination": "终告"}[series]
    serial = _local(conn, f"notice:{series}:{year}")
    return f"{desk.institution.short_name}调{word}字〔{year}〕{desk.device_id[:2].upper()}{serial}号"


def _local(conn: Connection, name: str) -> int:
    value = int(kv.get(conn, name, "0")) + 1
    kv.put(conn, name, str(value))
    return value


def fill(pattern: str, year: int, short_name: str, serial: int) -> str:
    """A number from an institution's pattern: {年}, {简称}, {序} or {序:4} (zero-padded)."""
    text = pattern.replace("{年}", str(year)).replace("{简称}", short_name)
    return re.sub(r"\{序(?::(\d+))?\}", lambda m: str(serial).zfill(int(m.group(1) or 1)), text)

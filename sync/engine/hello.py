"""First contact of a run: epoch, versions, limits, the device's standing, catalogues and numbers.

And last: comparing both sides (核对).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from app.clock import from_text, to_text
from app.services import desk
from app.services.clock_words import CLOCK_SKEW
from app.services.line_state import WAITS_UNTIL
from app.services.numbering import Lease
from app.services.port_state import CATALOGUES_AT, EPOCH_NO, ROSTER
from app.services.port_values import LaneHead
from sync.contract import wire
from sync.contract.handed_down import Catalogue, CatalogueList, NumberBlock
from sync.contract.model import MAX_VERSION, MIN_VERSION
from sync.contract.wire import Hello, Person
from sync.engine import faults
from sync.engine.client import CHUNK
from sync.engine.reading import base64_bytes
from sync.engine.work import Limits, Work

CATALOGUES_EVERY = dt.timedelta(hours=24)
ROSTER_NAME = "roster"
MOST_NUMBERS = 10**9
SKEW = 300.0
"""Seconds the clocks may differ before the person is told; order never depends on it."""


def hello(work: Work) -> None:
    """Learn where the platform stands. Raises when this program or this device may not go on."""
    outlook = work.look()
    values = outlook.values
    # Where nothing waits to be sent the run most likely ends here: its comparison needs the lanes too.
    lanes = not (outlook.commands or outlook.files or outlook.filings)
    reply = ask(work, values, lanes=lanes)
    if lost := work.port.outgoing.lost():
        raise faults.DeviceStoppedFault(
            f"本机的发送记录少了 {lost} 条，可能是文件损坏。没有再发出内容，其余都在本机。"
            "请在“设置—备份”里从最近一次备份找回；没有备份就重新登记本机。",
            code="E-OUTBOX-LOST",
        )
    if reply.epoch != values["epoch"]:
        new_epoch(work, reply if lanes else ask(work, values, lanes=True))
    elif lanes:
        work.greeting = reply
    limits = reply.limits
    work.limits = Limits(
        commands=max(1, min(limits.commands, 100)),
        command_bytes=max(1, limits.command_bytes),
        page=max(1, min(limits.page, 500)),
        wait_seconds=max(0, min(limits.wait_seconds, 25)),
        chunk_bytes=max(1, min(limits.chunk_bytes, CHUNK)),
    )
    _clock(work, reply, values)
    _patience(work, reply, values)
    if values[EPOCH_NO] != str(reply.epoch_no):
        # Also a lower one: a practice that was begun anew counts anew.
        work.port.state.put_all({EPOCH_NO: str(reply.epoch_no)})
    stands = reply.institution
    work.changed(work.port.standing(stands.status, stands.reason, stands.since))
    roster(work, reply.roster)
    numbers(work)
    catalogues(work)


def ask(work: Work, values: Mapping[str, str], *, lanes: bool) -> Hello:
    """The platform's hello, checked against the engine's ``values``. Raises as :func:`hello`."""
    raw = work.client.get("/hello", **({} if lanes else {"lanes": "none"}))
    try:
        reply = Hello.model_validate(raw)
        for told in (reply.institution.since, reply.waits_until):
            if told is not None:
                # At either end of the calendar an instant has no day in UTC, by which it is kept.
                to_text(told)
    except (ValidationError, OverflowError) as error:
        raise faults.NotOurPlatformFault(detail="hello") from error
    if reply.contract.min > MAX_VERSION or reply.contract.max < MIN_VERSION:
        raise faults.UpgradeNeededFault(detail=f"contract {reply.contract.min}..{reply.contract.max}")
    key = bytes.fromhex(values["platform_sign_public"])
    if key and base64_bytes(reply.platform_sign_public) != key:
        raise faults.NotOurPlatformFault(
            "应答的平台与登记时的不是同一个。没有收发任何内容，内容都在本机。请联系机构负责人核对平台地址。",
            code="E-PLATFORM-KEY",
        )
    if reply.device.last_dev_seq > int(values["dev_seq"] or 0) and reply.epoch == values["epoch"]:
        # The platform has more from this device than this computer ever wrote: an old copy, or a clone.
        raise faults.DeviceStoppedFault(
            "平台上有本机没有的记录，这台电脑可能用旧的备份恢复过，或另有一台在用同一个编号。"
            "没有发出内容，内容都在本机。请重新登记本机。",
            code="E-DEVICE-CLONED",
        )
    return reply


def new_epoch(work: Work, reply: Hello) -> None:
    """The platform was restored: send again what it may have forgotten, then read it anew."""
    again, changes = work.port.new_epoch(reply.epoch, lane_heads(reply))
    work.outlook = None
    work.changed(changes)
    work.port.state.log("hello", "epoch", f"平台恢复过数据，重新核对，补发 {again} 条。")


def lane_heads(reply: Hello) -> dict[tuple[str, str, str], LaneHead]:
    """The platform's last accepted numbers by (device, author, case)."""
    return heads_of(reply.device.device_id, reply.device.lanes)


def heads_of(device_id: str, lanes: Iterable[wire.LaneHead]) -> dict[tuple[str, str, str], LaneHead]:
    """The lanes of a computer as the store compares them."""
    return {
        (device_id, lane.author, lane.case_id): LaneHead(lane.lane_seq, lane.chain_head, lane.kept)
        for lane in lanes
    }


def _clock(work: Work, reply: Hello, values: Mapping[str, str]) -> None:
    seconds = round((work.clock.now() - reply.server_time).total_seconds())
    text = str(seconds) if abs(seconds) > SKEW else ""
    if values[CLOCK_SKEW] != text:
        work.port.state.put_all({CLOCK_SKEW: text})


def _patience(work: Work, reply: Hello, values: Mapping[str, str]) -> None:
    """Until when the platform waits for what it forgot."""
    text = to_text(reply.waits_until) if reply.waits_until is not None else ""
    if values[WAITS_UNTIL] != text:
        work.port.state.put_all({WAITS_UNTIL: text})


def numbers(work: Work) -> None:
    """Lease more case and notice numbers before the runs of them end."""
    for wanted in work.look().leases:
        work.outlook = None
        lease(work, wanted)


def lease(work: Work, wanted: Lease) -> None:
    """Ask for one run and keep it."""
    block_id = work.port.state.ask_numbers(wanted.series)
    body = {"block_id": block_id, "series": wanted.series, "year": wanted.year, "count": wanted.count}
    try:
        block = NumberBlock.model_validate(work.client.post("/number-blocks", body))
    except ValidationError as error:
        raise faults.NotOurPlatformFault(detail="number block") from error
    except faults.RefusedFault as refusal:
        # A copy of this profile got that run, or the year is not the platform's (a clock far off): another
        # one, next time. Until then numbers are 临时, and everything else goes on.
        work.port.state.no_numbers(wanted.series)
        work.port.state.log("hello", "numbers", refusal.wire_code or refusal.code)
        return
    same = (block.block_id, block.series, block.year) == (block_id, wanted.series, wanted.year)
    if not same or not 1 <= block.first <= block.last < MOST_NUMBERS:
        raise faults.NotOurPlatformFault(detail="number block of another request")
    work.port.state.add_numbers(block.block_id, block.series, block.year, block.first, block.last)


def roster(work: Work, etag: str) -> None:
    """Read the institution's people again when the platform has another list of them than the last read.

    Offline the last one stays. A list without anybody is not believed: nobody would be left to choose.
    """
    if not etag or etag == work.look().values[ROSTER]:
        return
    reply = work.client.call("GET", f"/catalogues/{ROSTER_NAME}")
    try:
        people = [Person.model_validate(item) for item in Catalogue.model_validate(reply.json()).items]
    except ValidationError as error:
        raise faults.NotOurPlatformFault(detail="roster") from error
    if not people:
        work.port.state.log("hello", "roster", "平台给的名册是空的，没有收下，照旧用原来的。")
        return
    work.outlook = None
    known = tuple(desk.Person(p.person_id, p.name, p.role, p.login, p.active) for p in people)
    work.changed(work.port.roster(etag, known))


def catalogues(work: Work) -> None:
    """Fetch the catalogues that changed, at most once a day."""
    last = work.look().values[CATALOGUES_AT]
    # A clock that was ahead when they were fetched must not put the next time off for years.
    if last and abs(work.clock.now() - from_text(last)) < CATALOGUES_EVERY:
        return
    try:
        listed = CatalogueList.model_validate(work.client.get("/catalogues")).catalogues
    except ValidationError as error:
        raise faults.NotOurPlatformFault(detail="catalogues") from error
    kept = work.port.state.etags()
    for name, etag in listed.items():
        work.go_on()
        if name == ROSTER_NAME:
            continue
        if kept.get(name) != etag:
            reply = work.client.call("GET", f"/catalogues/{name}")
            work.changed(save_catalogue(work, name, etag, reply.json(), reply.body))
    work.port.state.put_all({CATALOGUES_AT: to_text(work.clock.now())})


def save_catalogue(work: Work, name: str, etag: str, raw: Any, body: bytes) -> Any:
    """Keep one catalogue when it is one."""
    try:
        catalogue = Catalogue.model_validate(raw)
    except ValidationError as error:
        raise faults.NotOurPlatformFault(detail=f"catalogue {name[:40]}") from error
    return work.port.state.save_catalogue(name, etag, catalogue.version, body)


def reconcile(work: Work) -> None:
    """Compare both sides: lane heads and chain hashes, cursor and head; send again what is missing there."""
    if work.look().parked:
        work.outlook = None
        work.changed(work.port.incoming.retry_parked())
    values = work.look().values
    # Nothing was sent since the greeting: what it said of our lanes still holds.
    reply = work.greeting or ask(work, values, lanes=True)
    if reply.epoch != values["epoch"]:
        raise faults.EpochChangedFault(detail="during reconcile")
    missing, forked, changes = work.port.outgoing.compare(reply.device.device_id, lane_heads(reply))
    work.changed(changes)
    if forked:
        raise faults.DeviceStoppedFault(code="E-DEVICE-CLONED", detail=f"{forked} lanes differ")
    numbers_text = json.dumps(
        {
            "lanes": len(reply.device.lanes),
            "again": missing,
            "behind": max(0, reply.head - int(values["cursor"] or 0)),
            "parked": work.port.incoming.parked() if work.look().parked else 0,
        }
    )
    work.log("differs" if missing else "equal", numbers_text)

"""Reading: hello, snapshot, changes."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from sync.contract import commands as c
from sync.contract import wire as w
from sync.contract.codes import WireError
from sync.contract.model import MAX_VERSION, MIN_VERSION
from sync.sandbox import scopes
from sync.sandbox import tables as t
from sync.sandbox.accounts import NO_CASES, Caller, standing
from sync.sandbox.catalogues import roster
from sync.sandbox.http import Request, Response, raw_reply, reply, whole_number
from sync.sandbox.restored import waits_until
from sync.sandbox.source import Source
from sync.sandbox.store import Store, get_meta

PAGE = 1000
WAIT = 55
FILE_BYTES = 4 * 1024**3
CHUNK_BYTES = 8 * 1024**2
CAPABILITIES = [
    *("commands", "feed", "long-poll", "snapshot"),
    *("tus", "submissions", "number-blocks", "catalogues"),
]


_LAST = select(func.max(t.ledger.c.dev_seq)).where(t.ledger.c.device_id == bindparam("device"))
_LANES = select(t.lanes).where(t.lanes.c.device_id == bindparam("device"))
"""Built once: building a statement costs more than running it."""


def hello(store: Store, source: Source, caller: Caller, with_lanes: bool) -> w.Hello:
    """``GET /hello``."""
    with store.read() as conn:
        lanes = lanes_of(conn, caller.device_id) if with_lanes else []
        last = conn.execute(_LAST, {"device": caller.device_id}).scalar_one()
        return w.Hello(
            epoch=get_meta(conn, "epoch"),
            epoch_no=epoch_no(conn),
            contract=w.Versions(min=MIN_VERSION, max=MAX_VERSION),
            capabilities=CAPABILITIES,
            limits=w.Limits(
                commands=c.MAX_COMMANDS,
                command_bytes=c.MAX_BYTES,
                page=PAGE,
                wait_seconds=WAIT,
                file_bytes=FILE_BYTES,
                chunk_bytes=CHUNK_BYTES,
            ),
            server_time=source.now(),
            head=int(get_meta(conn, "head", "0")),
            device=w.DeviceHead(device_id=caller.device_id, last_dev_seq=last or 0, lanes=lanes),
            platform_sign_public=get_meta(conn, "sign_public"),
            institution=standing(conn, caller.institution),
            roster=roster(conn, caller.institution).etag,
            waits_until=waits_until(conn),
        )


def epoch_no(conn: Connection) -> int:
    """How many epochs there were, with the one that lasts."""
    return int(get_meta(conn, "epoch_no", "1"))


def lanes_of(conn: Connection, device_id: str) -> list[w.LaneHead]:
    """The last accepted numbers of a computer's lanes."""
    rows = conn.execute(_LANES, {"device": device_id})
    # Of a platform that was restored, a lane without the mark began after that.
    anew = 0 if epoch_no(conn) > 1 else None
    return [
        w.LaneHead(
            author=r.author, case_id=r.case_id, lane_seq=r.lane_seq, chain_head=r.chain_head,
            kept=anew if r.kept is None else r.kept,
        )
        for r in rows
    ]  # fmt: skip


def _change(row: Any, op: str, *, left: bool = False) -> dict[str, Any]:
    return {
        **({"left_scope": True} if left else {}),
        "seq": row.seq,
        "at": row.at,
        "entity": row.entity,
        "id": row.doc_id,
        "case_id": row.case_id,
        "version": row.version,
        "op": op,
        # As it lies in the store: what is JSON already is not read and written again.
        "body": None if row.body is None or left else msgspec.Raw(row.body.encode()),
        "cause": row.cause,
    }


def changes(store: Store, request: Request, epoch: str, caller: Caller) -> Response:
    """``GET /changes``: 304 when nothing is new, 410 when the platform was restored meanwhile.

    The range covers every institution's sequences, the items are those of the caller's.

    For a statistician the range is told and nothing in it: no document of a case leaves the platform.
    """
    after = request.number("after", 0, 2**62)
    limit = request.number("limit", PAGE, PAGE) or PAGE
    request.number("wait", 0, WAIT)
    given = request.query.get("epoch", epoch)
    if given != epoch:
        raise WireError("epoch_changed", details={"epoch": epoch})
    if after == store.head:
        return Response(304, reply(None).headers)
    with store.read() as conn:
        # The head first: what is committed after it was read belongs to a later page. And not the one in
        # memory, which follows a commit a moment later: a reader may already have been told the newer one.
        head = int(get_meta(conn, "head", "0"))
        if after > head:
            raise WireError("epoch_changed", details={"epoch": epoch})
        if after == head:
            return Response(304, reply(None).headers)
        query = (
            select(t.feed, t.ledger.c.author)
            .outerjoin(t.ledger, t.ledger.c.command_id == t.feed.c.cause)
            .where(t.feed.c.institution_id == caller.institution, t.feed.c.seq > after, t.feed.c.seq <= head)
            .where(scopes.seen(caller))
            .order_by(t.feed.c.seq)
            .limit(limit)
        )
        rows = [] if caller.role in NO_CASES else conn.execute(query).all()
    to = rows[-1].seq if len(rows) == limit else head
    return raw_reply(
        {
            "epoch": epoch,
            "from": after + 1,
            "to": to,
            "head": head,
            "more": to < head,
            "items": [_told(row, caller) for row in rows],
        }
    )


def _told(row: Any, caller: Caller) -> dict[str, Any]:
    left = scopes.leaves(caller, row.mediator_id)
    return {**_change(row, "tombstone" if left else row.op, left=left), "by": row.author}


def snapshot(store: Store, request: Request, epoch: str, caller: Caller) -> Response:
    """``GET /snapshot``: documents as they stand, case by case, open cases first and newest first.

    The last page ends with the tombstones of cases taken back: what is absent is not deleted, and a device
    that begins anew after a restore hears of them nowhere else. For a statistician there are none.
    """
    limit = request.number("limit", PAGE, 5 * PAGE) or PAGE
    at = request.number("at", store.head, 2**62)
    done, ordinal = _cursor(request.query.get("after", ""))
    if caller.role in NO_CASES:
        return raw_reply({"epoch": epoch, "at": at, "items": [], "after": None, "cases": 0})
    order = t.case_order
    with store.read() as conn:
        ours = (order.c.institution_id == caller.institution) & scopes.within(caller, order.c.mediator_id)
        later = (order.c.done > done) | ((order.c.done == done) & (order.c.ordinal < ordinal))
        # A case has a handful of documents, so the page is filled by a bounded number of cases.
        cases = conn.execute(
            select(order).where(ours, later).order_by(order.c.done, order.c.ordinal.desc()).limit(limit)
        ).all()
        total = conn.execute(select(func.count()).select_from(order).where(ours)).scalar_one()
        items: list[dict[str, Any]] = []
        reached = None
        for start in range(0, len(cases), 100):
            if len(items) >= limit:
                break
            batch = cases[start : start + 100]
            items += _documents(conn, [row.case_id for row in batch])
            reached = batch[-1]
        last = reached is None or (reached is cases[-1] and len(cases) < limit)
        if last:
            items += [*_taken_back(conn, caller.institution), *_gone_on(conn, caller)]
    after = None if last or reached is None else f"{reached.done}:{reached.ordinal}"
    return raw_reply({"epoch": epoch, "at": at, "items": items, "after": after, "cases": total})


def _documents(conn: Connection, case_ids: list[str]) -> list[dict[str, Any]]:
    place = {case_id: number for number, case_id in enumerate(case_ids)}
    rows = conn.execute(select(t.docs).where(t.docs.c.case_id.in_(case_ids))).all()
    ordered = sorted(rows, key=lambda r: (place[r.case_id], r.entity != "case", r.seq))
    return [_change(row, "put") for row in ordered]


def _taken_back(conn: Connection, institution: str) -> list[dict[str, Any]]:
    there = select(t.docs.c.doc_id).where(t.docs.c.entity == "case", t.docs.c.doc_id == t.feed.c.case_id)
    rows = conn.execute(
        select(t.feed)
        .where(t.feed.c.institution_id == institution, t.feed.c.op == "tombstone", ~there.exists())
        .order_by(t.feed.c.seq)
    )
    return [_change(row, row.op) for row in rows]


def _gone_on(conn: Connection, caller: Caller) -> list[dict[str, Any]]:
    return [_change(row, "tombstone", left=True) for row in scopes.left(conn, caller)]


def _cursor(text: str) -> tuple[int, int]:
    if not text:
        return 0, 2**62
    done, _, ordinal = text.partition(":")
    if not (whole_number(done) and whole_number(ordinal)):
        raise WireError("bad_request", field="after")
    return int(done), int(ordinal)

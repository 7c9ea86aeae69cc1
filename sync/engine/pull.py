"""The feed in: a snapshot once, then changes in order; raw, applied and counted in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec

from app.services.changes import ChangeSet
from app.services.port_state import SNAPSHOT_AFTER, SNAPSHOT_AT
from app.services.port_values import Incoming
from sync.engine import faults
from sync.engine.reading import UNREADABLE
from sync.engine.work import Work

DONE = "done"
END = "end"
BUDGET = 0.05
"""Seconds that one write transaction of sync may take, so that the person's own writes never wait longer."""
FILL = 0.8
"""Part of the budget aimed at, as the next entries may be dearer."""
FIRST_CHUNK = 40
LARGEST_CHUNK = 2000
LONGEST_CASE = 100
"""Entries behind the end of a chunk that are looked through for the end of a case."""


Whole = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""A number that the store can keep."""


class WireChange(msgspec.Struct, frozen=True):
    """One entry of the feed (``sync.contract.wire.Change``), its body left as the bytes that came."""

    seq: Whole
    entity: str
    id: str
    case_id: str
    version: Whole
    op: str
    body: msgspec.Raw = msgspec.Raw(b"null")
    cause: str | None = None
    by: str | None = None
    at: str = ""
    left_scope: bool = False

    def incoming(self) -> Incoming:
        """The entry in the store's words."""
        body = bytes(self.body)
        return Incoming(
            seq=self.seq,
            entity=self.entity,
            doc_id=self.id,
            case_id=self.case_id,
            version=self.version,
            op=self.op,
            body=None if body == b"null" else body,
            cause=self.cause or "",
            by=self.by or "",
            at=self.at,
            left=self.left_scope,
        )


class WireChanges(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A page of the feed (``ChangesPage``)."""

    epoch: str
    from_: Whole
    to: Whole
    head: Whole
    more: bool
    items: list[WireChange]


class WireSnapshot(msgspec.Struct, frozen=True):
    """A page of the documents as they stand (``SnapshotPage``)."""

    epoch: str
    at: Whole
    items: list[WireChange]
    cases: Whole
    after: str | None = None


_CHANGES = msgspec.json.Decoder(WireChanges)
_SNAPSHOT = msgspec.json.Decoder(WireSnapshot)


class Chunks:
    """How many entries go into one transaction: as many as fit the budget on this computer."""

    def __init__(self) -> None:
        self.size = FIRST_CHUNK

    def took(self, seconds: float) -> None:
        """Learn from a transaction of :attr:`size` entries: the next one is to take most of the budget."""
        wanted = self.size * FILL * BUDGET / max(seconds, 0.001)
        self.size = max(1, min(LARGEST_CHUNK, 2 * self.size, int(wanted)))


def pull(work: Work) -> None:
    """Bring this side up to the platform's head. Raises :class:`EpochChangedFault` after a restore."""
    chunks = Chunks()
    values = work.port.state.values()
    epoch = values["epoch"]
    if values[SNAPSHOT_AT] != DONE:
        snapshot(work, epoch, chunks)
    while True:
        work.go_on()
        cursor = work.port.state.cursor
        page = fetch_changes(work, epoch, cursor)
        if page is None:
            break
        take(work, page, cursor, chunks)
        if not page.more:
            break
    work.changed(work.port.incoming.release_held())
    work.changed(work.port.incoming.follow_disputes())


def fetch_changes(work: Work, epoch: str, cursor: int, wait: int = 0) -> WireChanges | None:
    """The page behind ``cursor``; ``None`` when there is nothing new."""
    params = {"epoch": epoch, "after": cursor, "limit": work.limits.page}
    if wait:
        params["wait"] = wait
    reply = work.client.call("GET", "/changes", params=params, read_seconds=30.0 + wait)
    if reply.status == 304:
        return None
    page = read_changes(reply.body)
    if page.epoch != epoch:
        raise faults.EpochChangedFault(detail="page of another epoch")
    return page


def read_changes(body: bytes) -> WireChanges:
    """A page from its bytes. Raises :class:`NotOurPlatformFault` when it is none or contradicts itself."""
    try:
        page = _CHANGES.decode(body)
    except UNREADABLE as error:
        raise faults.NotOurPlatformFault(detail="changes page") from error
    seqs = [item.seq for item in page.items]
    if seqs != sorted(set(seqs)) or any(not page.from_ <= seq <= page.to for seq in seqs):
        raise faults.NotOurPlatformFault(detail="changes out of range")
    return page


def take(work: Work, page: WireChanges, cursor: int, chunks: Chunks) -> None:
    """Apply a page that joins on to the cursor; one that leaves a gap or is old changes nothing."""
    if page.from_ > cursor + 1 or page.to <= cursor:
        raise faults.NotOurPlatformFault(detail=f"page {page.from_}..{page.to} does not follow {cursor}")
    items = [item.incoming() for item in page.items if item.seq > cursor]
    incoming = work.port.incoming

    def apply(part: Sequence[Incoming], last: bool) -> ChangeSet:
        upto, level = page.to if last else part[-1].seq, last and not page.more
        return incoming.apply_changes(page.epoch, part, upto, level=level)

    in_chunks(work, items, chunks, apply)
    work.received += len(items) - work.port.outgoing.count_ours([item.cause for item in items])


def in_chunks(
    work: Work,
    items: Sequence[Incoming],
    chunks: Chunks,
    apply: Callable[[Sequence[Incoming], bool], ChangeSet],
) -> None:
    """Apply entries in short transactions; a page without entries still moves the cursor."""
    start = 0
    while True:
        part = items[start : cut(items, start + chunks.size)]
        start += len(part)
        last = start >= len(items)
        work.changed(apply(part, last))
        if part:
            chunks.took(work.port.incoming.held * chunks.size / len(part))
        if last:
            return
        work.go_on()


def cut(items: Sequence[Incoming], end: int) -> int:
    """Where to cut near ``end``: not within the documents of one case, which are dear to join later."""
    for place in range(end, min(end + LONGEST_CASE, len(items))):
        if items[place].case_id != items[place - 1].case_id:
            return place
    return len(items) if end + LONGEST_CASE > len(items) else end


def snapshot(work: Work, epoch: str, chunks: Chunks) -> None:
    """Bring in the documents as they stand, page by page; a cut is resumed at the page it happened in."""
    state, incoming = work.port.state, work.port.incoming
    at, after = state.get(SNAPSHOT_AT), state.get(SNAPSHOT_AFTER)
    while after != END:
        work.go_on()
        params = {"limit": str(work.limits.page), "at": at, "after": after}
        params = {name: value for name, value in params.items() if value}
        page = read_snapshot(work.client.call("GET", "/snapshot", params=params).body)
        if page.epoch != epoch:
            raise faults.EpochChangedFault(detail="snapshot of another epoch")
        at, after = at or str(page.at), page.after or END
        marks = {SNAPSHOT_AT: at, SNAPSHOT_AFTER: after}

        def apply(part: Sequence[Incoming], last: bool, marks: dict[str, str] = marks) -> ChangeSet:
            return incoming.apply_snapshot(epoch, part, marks if last else {})

        in_chunks(work, [item.incoming() for item in page.items], chunks, apply)
        work.received += len(page.items)
    work.changed(incoming.finish_snapshot(int(at)))


def read_snapshot(body: bytes) -> WireSnapshot:
    """A page from its bytes. Raises :class:`NotOurPlatformFault` when it is none."""
    try:
        return _SNAPSHOT.decode(body)
    except UNREADABLE as error:
        raise faults.NotOurPlatformFault(detail="snapshot page") from error

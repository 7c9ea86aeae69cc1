"""What is signed and performed of an agreement (``sync.md`` 6, invariant 7): nobody undoes it unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.domain import commands as cmd
from sync.sandbox import tables as t
from tests.harness.claims import STANDING, Found, feed
from tests.harness.sight import value_of
from tests.harness.world import World

DECIDING = (*cmd.UNDOING_AGREEMENT, "signature.register")
RESTING = (*cmd.ON_THE_AGREEMENT, "record.add")
Knew = dict[str, tuple[str, int, frozenset[str]]]


@dataclass(frozen=True)
class Entry:
    """One place registered as signed, as the platform took it."""

    record_id: str
    seq: int
    device_id: str
    wire: str
    """The place as the wire names it."""
    place: str
    """The place on paper."""
    said: tuple[str, str]
    """The day, and who signed."""
    at: str
    instead_of: str
    """The entry it corrects."""


def i07_signed_is_not_moved_unseen(world: World) -> Found:
    """No agreement is set aside by somebody who could not have seen what is signed of it, none is signed that
    does not stand, and neither day nor signer of a place is moved by somebody who had not seen them.
    """
    taken = {row.command_id: row for row in world.rows(t.ledger) if row.kind in DECIDING}
    if not taken:
        return
    epoch = world.platform.epoch
    knew: Knew = {one: seen for pc in world.computers for one, seen in pc.knew.items() if seen[0] == epoch}
    heads: dict[str, dict[str, Any]] = {}
    signed: dict[str, list[Entry]] = {}
    for row in feed(world):
        if row.entity not in ("case", "record") or row.again:
            continue
        body, command = value_of(row.body) or {}, taken.get(row.cause)
        held = heads.get(row.case_id, {})
        mark = body.get("body", {}) if row.entity == "record" else {}
        if command is not None and mark.get("type") == "signature":
            if held.get("agreement_id") != mark["agreement_id"] or held.get("state") not in STANDING:
                yield f"a signature was taken on {mark['agreement_id']}, which does not stand"
            before = signed.setdefault(mark["agreement_id"], [])
            made = entry_of(row, body, command.device_id)
            yield from _moved(before, made, knew.get(row.cause))
            before.append(made)
        elif command is not None and row.entity == "case" and row.cause in knew:
            entries = signed.get(held.get("agreement_id", ""), [])
            seen = {one.wire for one in entries if _known(one, command.device_id, knew[row.cause])}
            unseen = {one.wire for one in entries} - seen
            if unseen:
                yield f"{command.kind} set aside an agreement signed unseen: {sorted(unseen)}"
        if row.entity == "case":
            heads[row.case_id] = body


def i07_performed_is_seen(world: World) -> Found:
    """No agreement is set aside, or a case closed on it, by somebody who could not have seen what was
    performed under it, or what was said of that in a 回访; and what is performed counts on no text that was
    set aside.
    """
    taken = {row.command_id: row for row in world.rows(t.ledger) if row.kind in RESTING}
    if all(row.kind != "record.add" for row in taken.values()):
        return
    epoch = world.platform.epoch
    knew: Knew = {one: seen for pc in world.computers for one, seen in pc.knew.items() if seen[0] == epoch}
    heads: dict[str, dict[str, Any]] = {}
    texts: set[str] = set()
    performed: dict[str, list[tuple[Any, str]]] = {}  # Payments by their agreement, 回访 by their case.
    for row in feed(world):
        if row.again:
            continue
        body, command = value_of(row.body) or {}, taken.get(row.cause)
        held = heads.get(row.case_id, {})
        mark = body.get("body", {}) if row.entity == "record" else {}
        if command is not None and mark.get("type") == "performance":
            agreement_id = mark["agreement_id"]
            stands = held.get("agreement_id") == agreement_id and held.get("state") in STANDING
            if agreement_id in texts and not stands:
                yield f"a payment was taken on {agreement_id}, which does not stand"
            performed.setdefault(agreement_id, []).append((row, command.device_id))
        elif command is not None and mark.get("type") == "follow_up" and mark["performed"] != "not_due":
            performed.setdefault(row.case_id, []).append((row, command.device_id))
        elif command is not None and row.entity == "case" and row.cause in knew:
            agreement_id = held.get("agreement_id", "")
            said = performed.get(row.case_id, []) if agreement_id else []
            for paid, device_id in performed.get(agreement_id, []) + said:
                if not _saw(paid.seq, paid.doc_id, device_id, command.device_id, knew[row.cause]):
                    yield f"{command.kind} rests on an agreement performed unseen: {paid.doc_id}"
        if row.entity == "case":
            heads[row.case_id] = body
        elif row.entity == "agreement":
            texts.add(row.doc_id)


def i07_parties_are_seen(world: World) -> Found:
    """No text is fixed that leaves out a party of whom its author could not have known."""
    taken = {row.command_id: row for row in world.rows(t.ledger) if row.kind in cmd.ON_THE_PARTIES}
    added = {row.command_id: row.device_id for row in world.rows(t.ledger) if row.kind == "party.add"}
    if not taken or not added:
        return
    epoch = world.platform.epoch
    knew: Knew = {one: seen for pc in world.computers for one, seen in pc.knew.items() if seen[0] == epoch}
    parties: dict[str, list[Any]] = {}
    for row in feed(world):
        if row.entity == "party" and row.cause in added and not row.again:
            parties.setdefault(row.case_id, []).append(row)
        if row.entity != "agreement" or row.again or row.cause not in taken.keys() & knew.keys():
            continue
        named = (value_of(row.body) or {})["party_ids"]
        for one in parties.get(row.case_id, []):
            by, author = added[one.cause], taken[row.cause].device_id
            if one.doc_id not in named and not _saw(one.seq, one.doc_id, by, author, knew[row.cause]):
                yield f"{row.doc_id} leaves out {one.doc_id}, unseen"


def entry_of(row: Any, body: dict[str, Any], device_id: str) -> Entry:
    """A signature's record, as the feed told it, and which device it came from."""
    mark = body["body"]
    party = mark["party_id"]
    return Entry(
        record_id=row.doc_id,
        seq=row.seq,
        device_id=device_id,
        wire=f"{mark['signer']} {party}",
        place=party or mark["signer"],
        said=(mark["on"], mark["signer"]),
        at=body["at"],
        instead_of=body["supersedes"],
    )


def _known(one: Entry, device_id: str, knew: tuple[str, int, frozenset[str]]) -> bool:
    return _saw(one.seq, one.record_id, one.device_id, device_id, knew)


def _saw(
    seq: int, record_id: str, of_device: str, device_id: str, knew: tuple[str, int, frozenset[str]]
) -> bool:
    _epoch, cursor, records = knew
    return of_device == device_id or seq <= cursor or record_id in records


def _moved(before: list[Entry], made: Entry, knew: tuple[str, int, frozenset[str]] | None) -> Iterator[str]:
    place = [one for one in before if one.place == made.place]
    if not place or knew is None:
        return
    stood, now = counts(place), counts([*place, made])
    if now.said != made.said:
        yield f"a signature of {made.place}, {made.said}, was taken, and {now.said} counts"
    alike = [one for one in place if one.said == stood.said]
    if now.said != stood.said and not any(_known(one, made.device_id, knew) for one in alike):
        yield f"{made.place} was moved from {stood.said} to {now.said} unseen"


def counts(place: list[Entry]) -> Entry:
    """The one put right most often, then the later by the clock of who wrote it."""
    held = {one.record_id: one for one in place}

    def corrections(one: Entry) -> int:
        return 1 + corrections(held[one.instead_of]) if one.instead_of in held else 0

    return max(place, key=lambda one: (corrections(one), one.at, one.record_id))

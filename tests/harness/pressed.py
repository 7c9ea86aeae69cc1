"""What a person could have seen who pressed “提交申请” or “撤回申请” (``sync.md`` 6, invariant 7).

The platform takes neither on what came after that."""

from __future__ import annotations

from typing import Any

from app.domain.unsent import GROUND_MOVED
from app.services.filing_steps import MOVED
from app.storage import tables as local
from sync.sandbox import tables as t
from tests.harness.claims import Found, feed
from tests.harness.sight import value_of
from tests.harness.signed import Entry, counts, entry_of
from tests.harness.world import World


def i07_lodged_on_signatures_seen(world: World) -> Found:
    """No application reaches the court for the first time while a place of its agreement is signed on a day,
    or by somebody, that whoever handed it in had not seen."""
    _note_told(world)
    if not world.stood:
        return
    records = {row.doc_id: row for row in world.rows(t.docs) if row.entity == "record"}
    for pc in world.computers:
        for submission_id in pc.saw.keys() & world.stood.keys():
            person, seen = pc.saw[submission_id]
            places: dict[str, list[tuple[Entry, bool]]] = {}
            for record_id in world.stood[submission_id] & records.keys():
                row = records[record_id]
                made = entry_of(row, value_of(row.body), "")
                known = record_id in seen or value_of(row.body)["author"] == person
                places.setdefault(made.place, []).append((made, known))
            for place, entries in places.items():
                now = counts([one for one, _ in entries]).said
                then = [one for one, known in entries if known]
                if not then or counts(then).said != now:
                    yield f"{pc.name}: {submission_id} was lodged, and {place}, {now}, was unseen"


def i07_withdrawn_on_what_was_seen(world: World) -> Found:
    """No wish to withdraw is taken over a supplement that nobody had seen who wished it."""
    wished: dict[str, int] = {}
    for pc in world.computers:
        for one, number in pc.wished.items():
            wished[one] = max(number, wished.get(one, 0))
    for row in feed(world) if wished else ():
        if row.entity != "submission" or row.doc_id not in wished or row.doc_id in world.wishes:
            continue
        body = value_of(row.body)
        if any(event.get("code") == "withdrawal_asked" for event in body["events"]):
            world.wishes.add(row.doc_id)
            if body["manifest_no"] > wished[row.doc_id]:
                yield f"{row.doc_id} was to be withdrawn, and list {body['manifest_no']} was unseen"


def _note_told(world: World) -> None:
    """Whoever was refused since something had moved has read what had."""
    there: Any = None
    for pc in world.present:
        for row in pc.rows(local.filings):
            if row.error_code == GROUND_MOVED and row.submission_id in pc.saw:
                there = there or {one.doc_id for one in world.rows(t.docs) if one.entity == "record"}
                person, seen = pc.saw[row.submission_id]
                pc.saw[row.submission_id] = (person, seen | there)
            elif row.error_code == MOVED and row.submission_id in pc.wished:
                docs = [one for one in world.rows(t.docs) if one.doc_id == row.submission_id]
                pc.wished |= {one.doc_id: value_of(one.body)["manifest_no"] for one in docs}

"""What an application at the court rests on (``sync.md`` 6, invariant 7): it stays as the court got it. And
which of them a restored platform gets again."""

from __future__ import annotations

import operator
from collections.abc import Collection
from typing import Any

from app.domain.filings_of import CONFIRMING
from app.domain.states import filing_machine
from app.storage import tables as local
from sync.contract import commands as wire
from sync.sandbox import tables as t
from tests.harness.claims import STANDING, Found, feed
from tests.harness.sight import value_of
from tests.harness.signed import Entry, counts, entry_of
from tests.harness.world import World

WITH_THE_COURT = filing_machine().active - {"queued"} | CONFIRMING
"""From the lodging; a ruling that confirms it lasts until it is revoked."""
NEVER = "9999"
Told = tuple[Any, dict[str, Any]]
"""A row of the feed, and its document."""


def must_be_back(world: World, there: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """What a restored platform gets again although it forgot it, of all that it had ``there``: applications
    that reached the court, from each computer that handed one in and has its receipt; and the notices of what
    the courts answered.

    Not without what an application is about, or a file that lies nowhere any more.
    """
    at_court, held = {one[-1] for one in world.court}, {row.sha256 for row in world.rows(t.files)}
    found = set[str]()
    for pc in world.present:
        for row in (*pc.rows(local.filings), *pc.rows(local.filing_steps)):
            if row.wanted == "withdraw" or row.receipt is None or row.submission_id not in at_court:
                continue
            whole = {item["sha256"] for item in value_of(row.manifest)} <= held
            about = row.subject_id == row.case_id or ("agreement", row.subject_id) in there
            if whole and about:
                found.add(row.submission_id)
    notices = {
        ("record", value_of(row.notice)["record_id"])
        for row in world.rows(t.court_answers)
        if not row.untold or (row.submission_id in found and ("submission", row.submission_id) not in there)
    }
    return {("submission", one) for one in found} | notices


def i14_brought_is_back(world: World) -> Found:
    """An application with which the court is done stands at the platform with every step that anybody had a
    receipt for, also where a restored platform had forgotten it."""
    final = filing_machine().final
    over = {
        row.doc_id
        for row in world.rows(t.docs)
        if row.entity == "submission" and value_of(row.body)["state"] in final
    }
    held = {row.submission_id: value_of(row.receipts) for row in world.rows(t.submissions)}
    for submission_id, step in sorted(world.brought):
        if submission_id in over and step not in held[submission_id]:
            yield f"{submission_id} is over, and its {step} is known to nobody any more"


def i07_filed_stays(world: World) -> Found:
    """While the court is at an application, nobody puts its agreement out of force, moves a day of its
    signatures or fixes another text beside it, also where a restored platform has forgotten it. What stood
    when it was handed in may come again after it.
    """
    told = [(row, value_of(row.body)) for row in feed(world) if row.body is not None and not row.again]
    _note_what_stood(world, told)
    heads: dict[str, dict[str, Any]] = {}
    signed: dict[str, list[Entry]] = {}
    open_ones = (one for one in world.court if one[-1] not in world.court_over)
    held = {(one[0], one[2]): one[-1] for one in open_ones}
    for row, body in told:
        if row.entity == "submission":
            key = (row.case_id, body["subject_id"])
            if body["state"] in WITH_THE_COURT:
                held[key] = row.doc_id
            elif held.get(key) == row.doc_id and body["state"] != "prepared":
                del held[key]
        elif row.entity == "case":
            before, heads[row.case_id] = heads.get(row.case_id, {}), body
            subject = before.get("agreement_id", "")
            stands = body["agreement_id"] == subject and body["state"] in STANDING
            if before.get("state") in STANDING and not stands and (row.case_id, subject) in held:
                yield f"{subject} was put out of force, and the court is at {held[row.case_id, subject]}"
            if body["agreement_id"] != subject and body["state"] in STANDING:
                yield from _beside(world, row.case_id, body["agreement_id"], held)
        elif (made := _signature(row, body)) is not None:
            agreement_id = body["body"]["agreement_id"]
            entries, filing = signed.setdefault(agreement_id, []), held.get((row.case_id, agreement_id), "")
            place = [one for one in entries if one.place == made.place]
            entries.append(made)
            moved = place and counts([*place, made]).said != counts(place).said
            if moved and filing and made.record_id not in world.stood.get(filing, ()):
                yield f"{made.place} was moved to {made.said}, and the court is at {filing}"


def i07_lodged_on_what_is_settled(world: World) -> Found:
    """No application is lodged while somebody in its case has to choose between two values that a ruling
    rests on, on whichever computer (``sync.md`` 2), unless that is out of use or its person has left.

    What a restored platform forgot may come back after an application, and so is left out.
    """
    asked = [row for row in world.rows(t.ledger) if row.status == "conflict" and _legal(row)]
    if not asked or world.forgotten:
        return
    there = {row.device_id for row in world.rows(t.devices) if not row.revoked_at}
    here = {row.person_id for row in world.rows(t.users) if row.active}
    chosen = _chosen_at(world)
    filed: set[str] = set()
    for row in feed(world):
        if row.entity != "submission" or row.doc_id in filed or row.body is None:
            continue
        if value_of(row.body)["state"] not in WITH_THE_COURT:
            continue
        filed.add(row.doc_id)
        for one in asked:
            mine = one.case_id == row.case_id and one.device_id in there and one.author in here
            if mine and one.at < row.at < chosen.get(one.command_id, NEVER):
                yield f"{row.doc_id} was lodged, and {one.kind} {one.command_id} waits for a choice"


def _legal(row: Any) -> bool:
    """Whether a ruling rests on what a command disputes."""
    return row.kind in wire.LEGAL_COMMANDS or bool(wire.LEGAL_FIELDS & value_of(row.answer)["current"].keys())


def _chosen_at(world: World) -> dict[str, str]:
    """When somebody chose, by the command that was asked about; of several fields of one the first choice."""
    found: dict[str, str] = {}
    for row in sorted(world.rows(t.ledger), key=operator.attrgetter("at")):
        if row.kind == "conflict.resolve" and row.status in ("applied", "merged"):
            payload = value_of(row.bytes)["payload"]
            for command_id in (payload["settles"], *payload.get("also", ())):
                found.setdefault(command_id, row.at)
    return found


def _beside(world: World, case_id: str, agreement_id: str, held: dict[tuple[str, str], str]) -> Found:
    """Another text than the court has of the case, and none that had been fixed when the court got it."""
    for (filed_case, subject), filing in held.items():
        another = filed_case == case_id and agreement_id != subject
        if another and agreement_id not in world.fixed.get(filing, {agreement_id}):
            yield f"{agreement_id} was fixed, and the court is at {filing} about {subject}"


def _note_what_stood(world: World, told: list[Told]) -> None:
    """Write down what the platform had of each agreement's signatures when the court first got it, and which
    texts had been fixed in its case."""
    signed: dict[str, set[str]] = {}
    fixed: dict[str, set[str]] = {}
    for row, body in told:
        if row.entity == "submission" and body["state"] in WITH_THE_COURT:
            world.stood.setdefault(row.doc_id, frozenset(signed.get(body["subject_id"], ())))
            world.fixed.setdefault(row.doc_id, frozenset(fixed.get(row.case_id, ())))
        elif row.entity == "case":
            fixed.setdefault(row.case_id, set()).add(body["agreement_id"])
        elif _signature(row, body) is not None:
            signed.setdefault(body["body"]["agreement_id"], set()).add(row.doc_id)


def _signature(row: Any, body: dict[str, Any]) -> Entry | None:
    mark = body.get("body", {}) if row.entity == "record" else {}
    return entry_of(row, body, "") if mark.get("type") == "signature" else None

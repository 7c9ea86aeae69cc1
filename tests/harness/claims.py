"""Further invariants of the wire (``sync.md`` 6): the claims of one side against the facts of the other.

Each judges with its own eyes: none asks the code under proof whether it was right.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import operator
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from app.clock import to_text
from app.domain import commands as cmd
from app.domain.states import filing_machine
from app.services import backlog, disputes
from app.services.held_filings import AGREEMENT_LOST
from app.services.sync_centre import Counts, Filter, SyncRow
from app.storage import tables as local
from sync.contract import commands as wire
from sync.contract.canonical import canonical
from sync.sandbox import tables as t
from sync.sandbox.store import stamp
from tests.harness.sight import value_of
from tests.harness.world import Computer, World, answers_in

Found = Iterator[str]
SAID = {"delivered": ("applied", "merged"), "rejected": ("rejected",), "conflict": ("conflict",)}
"""What a computer says of a command, and what the platform's ledger must hold for it."""
STANDING = ("agreed", "closed", "archived")
"""States of a case whose agreement stands."""
EDITS = ("case.edit", "party.edit")
_WAITING = (
    select(local.outbox)
    .where(local.outbox.c.state.in_(("waiting", "in_flight", "unknown")))
    .order_by(local.outbox.c.ordinal)
)
SAME_ASKED = 12
"""How often the very same may be asked in one exchange: a page behind each stage, a few resumed pieces."""


def platform_rows(world: World, query: Any) -> list[Any]:
    """Rows of the platform's store."""
    with world.platform.store.read() as conn:
        return list(conn.execute(query))


def signed_for(receipt: Any, key: bytes, command_id: str, digest: str | None = None) -> bool:
    """Whether the platform signed this receipt for this command (and this hash of it)."""
    if not isinstance(receipt, dict) or receipt.get("command_id") != command_id:
        return False
    if digest is not None and receipt.get("command_hash") != digest:
        return False
    body = {name: value for name, value in receipt.items() if name != "signature"}
    return _verified(key, str(receipt.get("signature", "")), canonical(body))


@functools.lru_cache(maxsize=10_000)
def _verified(key: bytes, signature: str, signed: bytes) -> bool:
    """Ed25519; the same receipt is looked at after every exchange of a sequence."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def i04_claims_have_effects(world: World) -> Found:
    """What the platform's ledger calls applied is there, and nothing withdrawn by its author is."""
    there = {row.doc_id for row in world.rows(t.docs)}
    taken = {row.command_id: row for row in world.rows(t.ledger)}
    for row in taken.values():
        record = value_of(row.bytes)["payload"].get("record")
        applied = row.status in SAID["delivered"] and row.case_id in there
        if record and applied and record["record_id"] not in there:
            yield f"the ledger calls {row.kind} {row.command_id} applied, and its record is nowhere"
    for pc in world.present:
        if pc.desk is not None:
            for row in pc.rows(local.withdrawn_commands):
                if row.command_id in taken:
                    yield f"{pc.name}: {row.kind} {row.command_id} was withdrawn, the platform has it"


def i07_decided_on_what_stood(world: World) -> Found:
    """A decision was taken only on the state its author saw, and no edit carries what was not touched.

    What an application at the court rests on comes back to a restored platform over what others wrote since.
    """
    came_back = _before_the_court(world) if world.forgotten else frozenset()
    before: dict[str, dict[str, Any]] = {}
    stood: dict[str, dict[str, Any]] = {}
    for row in feed(world):
        if row.entity != "case":
            continue
        if row.cause:
            stood.setdefault(row.cause, before.get(row.case_id, {}))
        before[row.case_id] = value_of(row.body) or {}
    for row in world.rows(t.ledger):
        command = value_of(row.bytes)
        seen = command["base_values"]
        if row.kind in cmd.COMPARE_AND_SET and row.command_id in stood.keys() - came_back:
            ending = {"decided_by"}
            # Of places signed, what was performed, and filings seen ended nothing stands in the document.
            for name in {"state", *seen, *ending} - cmd.BESIDE:
                met = stood[row.command_id].get(name)
                if met != seen.get(name):
                    yield f"{row.kind} was decided on {name} {seen.get(name)!r} and met {met!r}"
            met = _of(stood[row.command_id], cmd.APPOINTED)
            if row.kind in cmd.ON_THE_APPOINTMENT and met != seen.get(cmd.APPOINTED):
                yield f"{row.kind} ended over the appointment {met}, which its author had not seen"
        if row.kind in EDITS:
            for name, value in command["payload"]["fields"].items():
                untouched = name in seen and seen[name] == value
                if untouched and not _of_a_moved_appointment(name, command):
                    yield f"{row.kind} sent {name}, which nobody had touched"


def _before_the_court(world: World) -> frozenset[str]:
    """What had been decided of the cases of applications when the court got them, by command."""
    return frozenset(one for row in world.rows(t.court_register) for one in value_of(row.taken))


def _of(body: dict[str, Any], name: str) -> Any:
    """What a case's header holds under a name of ``base_values``; hour and room of a session as one."""
    return {one: body.get(one) for one in cmd.APPOINTMENT} if name == cmd.APPOINTED else body.get(name)


def _of_a_moved_appointment(name: str, command: dict[str, Any]) -> bool:
    """The hour and the room go together."""
    sent = command["payload"]["fields"]
    pair = wire.APPOINTMENT if name in wire.APPOINTMENT else frozenset()
    return any(sent.get(one) != command["base_values"].get(one) for one in pair)


def i08_theirs_is_theirs(world: World, pc: Computer) -> Found:
    """The other value of an open conflict is what the platform has; of a decision, what it told, or what a
    later one has made of it."""
    answers = _answers(world, pc)
    open_ones = {row.command_id for row in pc.rows(local.outbox) if row.state == "conflict"}
    level = pc.stand == (world.platform.epoch, world.platform.store.head)
    docs = {(row.entity, row.doc_id): row.body for row in world.rows(t.docs)}
    disputed = [row for row in pc.rows(local.conflicts) if row.settled_at == ""]
    decided = {row.command_id: row for row in disputed if row.field == "decided_by"}
    for row in disputed:
        if disputes.descriptive(row):
            body = docs.get((row.entity, row.doc_id))
            if level and body is not None and value_of(body).get(row.field) != value_of(row.theirs):
                yield f"{pc.name}: {row.field} is another by now than the conflict says"
            continue
        told = answers.get(row.command_id)
        if told is None or row.command_id not in open_ones:
            continue
        if (stored := docs.get((row.entity, row.doc_id))) is None:
            continue  # Of a case that was taken back nothing stands there: whatever is chosen goes nowhere.
        body = value_of(stored)
        first = decided.get(row.command_id, row)
        stands = [_told(row, told)]
        if not level:
            stands += [_of(value_of(one.body), row.field) for one in _heard(pc, row)]
        elif _told(first, told) != _of(body, first.field):
            # Of the places signed, and what was performed, nothing stands in the document.
            by_records = row.field in cmd.BESIDE - {cmd.APPOINTED}
            stands = [value_of(row.theirs) if by_records else _of(body, row.field)]
        if value_of(row.theirs) not in stands:
            yield f"{pc.name}: the other value of {row.field} is not what the platform has"


def _told(row: Any, answer: dict[str, Any]) -> Any:
    """What an answer says of a field; in what it does not name a decision is not disputed (any more): what it
    rested on stands there."""
    current = answer["current"].get(row.field)
    return value_of(row.base) if current is None else current["value"]


def _heard(pc: Computer, row: Any) -> list[Any]:
    """The changes of a document that a computer was told of since it wrote its own value."""
    mine = (row.entity, row.doc_id)
    told = [one for one in pc.rows(local.inbox) if (one.entity, one.doc_id) == mine and one.body]
    return [one for one in told if one.received_at >= row.mine_at]


def i08_sent_as_chosen(_world: World, pc: Computer) -> Found:
    """A choice sends the value that was chosen: mine, or theirs."""
    settled: dict[str, dict[str, Any]] = {}
    for row in pc.rows(local.conflicts):
        if row.settled_by != "" and disputes.descriptive(row):
            settled.setdefault(row.command_id, {})[row.field] = row
    for row in pc.rows(local.outbox):
        if row.kind != "conflict.resolve":
            continue
        choice = cmd.decode(row.bytes).payload
        if not isinstance(choice, cmd.ResolveConflict) or choice.choice not in ("mine", "theirs"):
            continue
        for name, pair in settled.get(choice.settles, {}).items():
            chosen = value_of(getattr(pair, choice.choice))
            if pair.settled_by == row.command_id and choice.fields.get(name, chosen) != chosen:
                yield f"{pc.name}: of {name} another value is sent than was chosen"


def i08_chosen_decision_goes_again(_world: World, pc: Computer) -> Found:
    """Who chose the decision written here has it sent once more, on what stands there now."""
    chosen = [
        row
        for row in pc.rows(local.conflicts)
        if row.choice == "mine" and row.settled_by not in ("", "platform") and not disputes.descriptive(row)
    ]
    sent = {row.command_id: row for row in pc.rows(local.outbox)}
    for row in chosen:
        if (settling := sent.get(row.settled_by)) is None or row.command_id not in sent:
            continue
        wanted = cmd.decode(sent[row.command_id].bytes).payload
        later = [one for one in sent.values() if one.ordinal > settling.ordinal]
        if all(cmd.decode(one.bytes).payload != wanted for one in later):
            yield f"{pc.name}: the {cmd.kind_of(wanted)} written here was chosen, and never sent again"


def i12_linked_means_stored(world: World) -> Found:
    """The court has every file that is on the list of an application handed in."""
    held = {row.sha256 for row in world.rows(t.files)}
    there = {row.submission_id for row in world.rows(t.submissions) if row.lodged}
    docs = [row for row in world.rows(t.docs) if row.entity == "submission" and row.doc_id in there]
    numbers = {row.doc_id: value_of(row.body)["manifest_no"] for row in docs}
    for row in world.rows(t.manifests):
        if row.manifest_no <= numbers.get(row.submission_id, 0):
            lacking = {one["sha256"][:8] for one in value_of(row.body)["items"] if one["sha256"] not in held}
            if lacking:
                yield f"list {row.manifest_no} of {row.submission_id} names {lacking}, which nobody stored"


def i14_received_is_never_second(_world: World, pc: Computer) -> Found:
    """An application with its receipt is in the court's register: nobody else's came before it."""
    for row in pc.rows(local.filings):
        if row.error_code == backlog.CAME_SECOND and row.receipt is not None:
            yield f"{pc.name}: {row.submission_id} has its receipt, and is called second"


def i14_second_has_a_first(world: World, pc: Computer) -> Found:
    """What is called second has another before it: one that the court has, under the same key."""
    first = {one[:4]: one[4] for one in world.court}
    for row in pc.rows(local.filings):
        if row.job != "settled" or row.error_code != backlog.CAME_SECOND:
            continue
        held = first.get((row.case_id, row.kind, row.subject_id, row.round))
        if held in (None, row.submission_id):
            yield f"{pc.name}: round {row.round} is called second, and the court has {held}"


def i12_rows_have_their_bytes(_world: World, pc: Computer) -> Found:
    """A file that a computer knows as present lies in its vault, unless the disk lost it."""
    if pc.disk_lies:
        return
    vault = pc.office.desk.vault
    for row in pc.rows(local.files):
        if row.state == "present" and not vault.blob_path(row.blob).exists():
            yield f"{pc.name}: the file {row.sha256[:8]} is called present and is not in the vault"


def i14_said_is_so(world: World, pc: Computer) -> Found:
    """Delivered, refused or disputed is only what the platform's ledger has as such."""
    answers = _answers(world, pc)
    if pc.stand[0] != world.platform.epoch:
        return
    for row in pc.rows(local.outbox):
        if row.state not in SAID:
            continue
        told = answers.get(row.command_id, {}).get("status")
        if told not in SAID[row.state]:
            yield f"{pc.name}: {row.kind} is called {row.state}, the platform's ledger says {told}"


def i14_steps_stay(world: World, pc: Computer) -> Found:
    """Each step of a filing that was carried out can be looked up with its receipt, whatever followed it."""
    steps, key = pc.rows(local.filing_steps), pc.port.platform_key
    for row in steps:
        if row.job not in ("done", "settled"):
            yield f"{pc.name}: a step of {row.submission_id} is over and called {row.job}"
        receipt = value_of(row.receipt) or {}
        named = str(receipt.get("command_id", ""))
        ours = named.partition(":")[0] == row.submission_id
        if row.job == "done" and not (ours and signed_for(receipt, key, named)):
            yield f"{pc.name}: {row.wanted} of {row.submission_id} has no genuine receipt any more"
    here = {row.receipt for row in (*steps, *pc.rows(local.filings))}
    epoch = pc.stand[0]
    for receipt, of_epoch in pc.receipts.items():
        # A platform that was restored is asked anew, and may give another.
        if receipt not in here and of_epoch == epoch and not pc.went_back:
            yield f"{pc.name}: the receipt {receipt[:80]!r} can be looked up nowhere any more"
    gone = shown(pc, "delivered")
    if len(gone) != (said := counts(pc).delivered_today):
        yield f"{pc.name}: {said} are said to have gone today, {len(gone)} are shown"


def counts(pc: Computer) -> Counts:
    """The numbers that the sync centre shows."""
    return pc.sight.once((pc.name, "counts"), pc.office.sync_centre.counts)


def shown(pc: Computer, which: Filter) -> tuple[SyncRow, ...]:
    """The rows that the sync centre shows."""
    centre = pc.office.sync_centre
    return pc.sight.once((pc.name, which), lambda: centre.rows(which, limit=100_000))


def i11_nothing_is_refused_for_what_is_there(world: World, pc: Computer) -> Found:
    """What builds on another's work is not refused because that came back later to a restored platform."""
    if pc.stand[0] != world.platform.epoch:
        return
    there = {row.doc_id for row in world.rows(t.docs)}
    for row in pc.rows(local.outbox):
        anew = pc.values.keys() & {f"redone:{row.command_id}", f"dropped:{row.command_id}"}
        if row.state != "rejected" or row.error_code != "unknown_entity" or anew:
            continue
        wanted: Any = value_of(row.bytes)["payload"]
        for part in row.error_field.split("."):
            wanted = wanted[part]
        if there.issuperset(wanted if isinstance(wanted, list) else [wanted]):
            yield f"{pc.name}: {row.kind} was refused for want of {row.error_field}, which is there"


def i14_delivered_is_there(world: World) -> Found:
    """What is called delivered has been taken by the platform as it is now, a restored one again.

    Of a case that it lost nothing can come back before the case does.
    """
    taken = {row.command_id: row.status for row in world.rows(t.ledger)}
    lost = world.lost_cases()
    for pc in world.present:
        for row in pc.rows(local.outbox):
            if row.state == "delivered" and row.case_id not in lost:
                status = taken.get(row.command_id, "nowhere")
                if status not in SAID["delivered"]:
                    yield f"{pc.name}: {row.kind} is called delivered, at the platform it is {status}"


def i14_lodged_is_there(world: World, pc: Computer) -> Found:
    """An application that was handed in, and the supplement that followed, are at the platform: one that was
    restored has them again, unless the row of the filing says that they are still on their way or why not.

    One that the court has ruled on, or let go, is not brought again: that would take it back. Whether it did
    only the computer may know that heard of it before the restore.
    """
    ended = {submission_id for other in world.computers for submission_id in other.ended}
    if pc.stand[0] != world.platform.epoch:
        return
    there = {row.submission_id: row for row in world.rows(t.submissions)}
    docs = (row for row in world.rows(t.docs) if row.entity == "submission")
    lists = {row.doc_id: value_of(row.body)["manifest_no"] for row in docs}
    rows = (row for row in pc.rows(local.filings) if row.state not in filing_machine().final)
    stands = {row.submission_id: row for row in rows if row.job in ("done", "failed", "settled")}
    for step in (*pc.rows(local.filing_steps), *stands.values()):
        if step.job != "done" or (row := stands.get(step.submission_id)) is None:
            continue
        held = there.get(step.submission_id)
        if row.submission_id in ended:
            continue
        if (held is None or not held.lodged) and row.error_code == AGREEMENT_LOST:
            # Somebody chose another text of the agreement that it rests on: the row says that it is not back.
            continue
        if held is None or not held.lodged:
            yield f"{pc.name}: {step.wanted} of {step.submission_id} has gone, the platform has none"
        elif step is row and step.wanted == "supplement" and not _supplied(world, step, lists):
            yield f"{pc.name}: supplement {step.manifest_no} of {step.submission_id} is not at the platform"
        elif step is row and step.wanted == "withdraw" and '"withdraw"' not in held.receipts:
            yield f"{pc.name}: the withdrawal of {step.submission_id} is not at the platform"


def _supplied(world: World, step: Any, lists: dict[str, int]) -> bool:
    """Whether every paper of a supplement is in a list that was handed in."""
    handed_in = {
        item["sha256"]
        for row in world.rows(t.manifests)
        if row.submission_id == step.submission_id and row.manifest_no <= lists[step.submission_id]
        for item in value_of(row.body)["items"]
    }
    return {item["sha256"] for item in value_of(step.manifest)} <= handed_in


def _answers(world: World, pc: Computer) -> dict[str, dict[str, Any]]:
    """What the platform answered each command, as long as the computer knows the present epoch."""
    if pc.stand[0] != world.platform.epoch:
        return {}
    return {row.command_id: value_of(row.answer) for row in world.rows(t.ledger)}


def feed(world: World) -> list[Any]:
    """The platform's feed in its order."""
    return sorted(world.rows(t.feed), key=operator.attrgetter("seq"))


def i15_only_the_platforms_clock(world: World) -> Found:
    """What is written at the platform bears the platform's instants, in the order of the feed."""
    last, now = "", stamp(world.clock.now() + dt.timedelta(milliseconds=1))
    # What is told again keeps the instant at which it was written.
    for row in feed(world):
        if row.again:
            continue
        if not last <= row.at <= now:
            yield f"{row.seq} of the feed is of {row.at}, after {last} and at {now}"
        last = row.at


def i09_numbers_once(world: World) -> Found:
    """No two cases bear one number, here or there, sent or not."""
    bearers: dict[str, str] = {}
    for pc in world.present:
        if pc.desk is None:
            continue
        for row in pc.rows(local.cases):
            if row.number and bearers.setdefault(row.number, row.case_id) != row.case_id:
                yield f"{pc.name}: the number {row.number} was given twice"


def i10_ready_has_gone(pc: Computer) -> Found:
    """After a whole exchange nothing that may go is left, whatever stands before it in other lanes.

    One of which no answer came stays unknown until the next exchange asks.
    """
    now, lanes = to_text(pc.clock.now()), set()
    for row in pc.read(_WAITING):
        head = (row.author, row.case_id) not in lanes
        lanes.add((row.author, row.case_id))
        may_go = row.not_before <= now and row.next_attempt_at <= now and not row.error_code
        if head and (row.state == "in_flight" or (row.state == "waiting" and may_go)):
            yield f"{pc.name}: {row.kind} could go and is left ({row.state})"


def i11_absent_is_not_deleted(world: World, pc: Computer, here: set[tuple[str, str]]) -> Found:
    """What the platform forgot in a restore is still on each computer that had it from there."""
    taken_back = {row.key for row in world.rows(t.meta)}
    for entity, doc_id, case_id in sorted(pc.kept):
        if (entity, doc_id) in here or f"withdrawn:{case_id}" in taken_back:
            continue
        yield f"{pc.name}: {entity} {doc_id} went away because the platform forgot it"


def i11_answers_stay(_world: World, pc: Computer) -> Found:
    """What the court told with its papers is still here: in the application, or beside it where a restored
    platform does not tell it any more.
    """
    docs = [row for row in pc.rows(local.case_docs) if row.entity == "submission" and row.body is not None]
    told = [(row.doc_id, value_of(row.body).get("events") or ()) for row in docs]
    told += [(row.submission_id, value_of(row.events)) for row in pc.rows(local.kept_answers)]
    held = {(submission_id, one) for submission_id, events in told for one in answers_in(events)}
    had = {row.case_id for row in pc.rows(local.cases)}
    for (submission_id, answer), case_id in pc.answers.items():
        if case_id in had and (submission_id, answer) not in held:
            yield f"{pc.name}: {answer[0]} of {submission_id} and its papers went away"


def i16_asked_once(pc: Computer) -> Found:
    """One exchange does not ask the same over and over."""
    for (method, url, _), times in pc.line.repeats.items():
        if times > SAME_ASKED:
            yield f"{pc.name}: asked {method} {url} {times} times in one exchange"

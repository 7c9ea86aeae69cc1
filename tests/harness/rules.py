"""The seventeen invariants of the wire (``sync.md`` 6), each a function that names what it finds broken.

Those about one computer hold after every step; those about the whole hold when all has come to rest.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.services import backlog
from app.services.lost_work import KEPT, THE_CASE
from app.storage import audit, casestore, kv
from app.storage import outbox as ledger
from app.storage import tables as local
from sync.contract.canonical import GENESIS, digest
from sync.contract.codes import CODES
from sync.contract.commands import APPOINTMENT
from sync.engine.filing_words import BROUGHT_BACK, CASE_AWAY, WAIT_BEHIND
from sync.sandbox import tables as t
from tests.harness import claims, filed, pressed, signed
from tests.harness.acts import PERSONAL
from tests.harness.claims import EDITS, Found
from tests.harness.sight import value_of
from tests.harness.world import Computer, World
from tests.helpers.clients import plain

_PLAIN = re.compile(
    b"|".join(re.escape(w.encode(code)) for w in PERSONAL for code in ("utf-8", "utf-16-le", "gb18030"))
)
"""Personal words in plain, in one look at a file's bytes."""

_SEQ = operator.attrgetter("seq")

Versions = dict[tuple[str, str], list[tuple[int, dict[str, Any]]]]
"""Of each document what the feed told of it, by number."""

# -- after every step, of one computer ---------------------------------------------------------------


def i01_saved_is_kept(world: World, pc: Computer) -> Found:
    """A saved command is in the outbox with its bytes, or was withdrawn by its author."""
    here = {row.command_id: row for row in pc.rows(local.outbox)}
    gone = {row.command_id for row in pc.rows(local.withdrawn_commands)}
    if pc.went_back:
        gone |= {row.command_id for row in world.rows(t.ledger)}
    for command_id, hashed in pc.saved.items():
        row = here.get(command_id)
        if row is None and command_id not in gone:
            yield f"{pc.name}: command {command_id} is in no table any more"
        if row is not None and (row.hash != hashed or digest(bytes(row.bytes)) != hashed):
            yield f"{pc.name}: command {command_id} changed its bytes"


def i05_prefix_of_the_feed(world: World, pc: Computer) -> Found:
    """What a computer took in is a gapless run of the platform's feed up to its cursor, byte for byte."""
    epoch, cursor = pc.stand
    if epoch != world.platform.epoch:
        return
    here = sorted((row for row in pc.rows(local.inbox) if row.epoch == epoch), key=_SEQ)
    feed = {row.seq: row for row in world.rows(t.feed)}
    # What a snapshot brought and could not be carried out at once is kept too; the run begins behind it.
    run = (row.seq for row in here if not row.error and row.op != "tombstone")
    first = min(run, default=cursor + 1)
    held = [row.seq for row in here if first <= row.seq <= cursor]
    # Told again for a device that is sent its people's cases only: in no other feed.
    skipped = (
        {seq for seq, row in feed.items() if row.again} if pc.values.get("scope") == "institution" else set()
    )
    if held != [seq for seq in range(first, cursor + 1) if seq not in skipped]:
        yield f"{pc.name}: a hole in the inbox below {cursor}: {[row.seq for row in here]}"
    for row in here:
        there = feed.get(row.seq)
        if there is None:
            yield f"{pc.name}: took in {row.seq}, which the platform never told"
        elif (row.entity, row.doc_id, row.version, row.op) != (
            there.entity, there.doc_id, there.version, there.op,
        ) or value_of(row.body) != value_of(there.body):  # fmt: skip
            yield f"{pc.name}: {row.seq} differs from what the platform told"


def i08_both_values_are_kept(world: World, pc: Computer) -> Found:
    """Of a conflict both values can be had for ever."""
    kept: dict[str, dict[str, Any]] = {}
    for row in pc.rows(local.conflicts):
        kept.setdefault(row.command_id, {})[row.field] = row
    for row in pc.rows(local.outbox):
        if row.state != "conflict":
            continue
        if row.command_id not in kept:
            yield f"{pc.name}: {row.kind} is in conflict and no value was kept"
            continue
        payload = cmd.decode(row.bytes).payload
        if row.kind in EDITS:
            for name, pair in kept[row.command_id].items():
                mine = msgspec.to_builtins(payload.fields[name])  # type: ignore[union-attr]
                if msgspec.json.decode(pair.mine) != mine or pair.theirs is None:
                    yield f"{pc.name}: one of the two values of {name} is lost"


def i11_unsent_work_stands(world: World, pc: Computer) -> Found:
    """What was not sent yet still stands on its case here, and the local picture shows it."""

    unsent = {row.case_id for row in pc.rows(local.outbox) if row.state in ledger.UNSETTLED}

    def work(conn: Any) -> list[str]:
        cursor = int(kv.get(conn, "cursor", "0"))
        broken = []
        for case_id in unsent:
            shown = casestore.load(conn, case_id)
            if shown.case is None:
                broken.append(f"{pc.name}: the case {case_id} of unsent work is gone")
            elif shown != casestore.rebuilt(conn, case_id, cursor):
                broken.append(f"{pc.name}: unsent work on {case_id} does not show")
        return broken

    yield from pc.office.desk.store.read(work)


def i12_stored_means_stored(world: World, pc: Computer) -> Found:
    """An upload called stored lies at the platform with its hash."""
    if pc.stand[0] != world.platform.epoch:
        return
    there = {row.sha256 for row in world.rows(t.files)}
    for row in pc.rows(local.uploads):
        if row.state == "stored" and row.sha256 not in there:
            yield f"{pc.name}: {row.sha256[:8]} is called stored and the platform does not have it"


def i13_audit_chain(world: World, pc: Computer) -> Found:
    """The audit chain verifies."""
    report = pc.office.desk.store.read(audit.verify)
    if not report.ok:
        yield f"{pc.name}: audit chain broken at {report}"


def i14_delivered_has_a_receipt(world: World, pc: Computer) -> Found:
    """已送达 exactly with a genuine receipt, and the counts shown are the rows counted."""
    key = pc.port.platform_key
    for row in pc.rows(local.outbox):
        receipt = value_of(row.receipt)
        if row.state == "delivered" and not claims.signed_for(receipt, key, row.command_id, row.hash):
            yield f"{pc.name}: {row.kind} is called delivered without a genuine receipt"
    for row in pc.rows(local.filings):
        if row.job != "done":
            continue
        receipt = value_of(row.receipt) or {}
        named = str(receipt.get("command_id", ""))
        ours = named.partition(":")[0] == row.submission_id
        if not ours or not claims.signed_for(receipt, key, named):
            yield f"{pc.name}: a filing is called delivered without a genuine receipt"
    counts = claims.counts(pc)
    waiting = claims.shown(pc, "waiting")
    if counts.waiting != len(waiting):
        yield f"{pc.name}: {counts.waiting} are said to wait, {len(waiting)} are shown"
    needs = claims.shown(pc, "needs_you")
    if counts.needs_you != len(needs):
        yield f"{pc.name}: {counts.needs_you} are said to need the person, {len(needs)} are shown"


OF_ONE: tuple[Callable[[World, Computer], Found], ...] = (
    i01_saved_is_kept, i05_prefix_of_the_feed, i08_both_values_are_kept, i11_unsent_work_stands,
    i12_stored_means_stored, i13_audit_chain, i14_delivered_has_a_receipt, claims.i08_theirs_is_theirs,
    claims.i12_rows_have_their_bytes, claims.i14_said_is_so,
    claims.i14_steps_stay, claims.i14_lodged_is_there, claims.i14_received_is_never_second,
    claims.i14_second_has_a_first,
    claims.i08_sent_as_chosen, claims.i08_chosen_decision_goes_again, claims.i11_answers_stay,
    claims.i11_nothing_is_refused_for_what_is_there,
)  # fmt: skip


# -- after every step, of the platform ---------------------------------------------------------------


def i02_one_effect_each(world: World) -> Found:
    """A command changes each document at most once."""
    seen: set[tuple[str, str, str]] = set()
    for row in world.rows(t.feed):
        if row.cause is None or row.again:
            continue
        key = (row.cause, row.entity, row.doc_id)
        if key in seen:
            yield f"command {row.cause} changed {row.entity} {row.doc_id} twice"
        seen.add(key)


def i03_lodged_once(world: World) -> Found:
    """At the court, at most one application of each natural key, ever, and one round that is not over; at the
    platform one active round."""
    world.note_court()
    first: dict[tuple[str, str, str, int], str] = {}
    for case_id, kind, subject_id, number, submission_id in world.court:
        held = first.setdefault((case_id, kind, subject_id, number), submission_id)
        if held != submission_id:
            yield f"the court has two applications of {case_id} {kind} round {number}"
    open_ones = (one[:3] for one in world.court if one[-1] not in world.court_over)
    for (case_id, kind, _), count in Counter(open_ones).items():
        if count > 1:
            yield f"the court is at {count} applications of {case_id} {kind} at once"
    keys = [(row.case_id, row.kind, row.subject_id) for row in world.rows(t.submissions) if row.active == 1]
    if len(keys) != len(set(keys)):
        yield "two active rounds of one application"


def i04_no_phantoms(world: World) -> Found:
    """Nothing at the platform comes from a command that nobody wrote, or that was withdrawn."""
    written: dict[str, str] = {}
    for pc in world.computers:
        written |= pc.saved
    for row in world.rows(t.ledger):
        if row.command_id not in written:
            yield f"the platform took {row.kind} {row.command_id}, which nobody wrote"
        elif row.hash != written[row.command_id] or digest(bytes(row.bytes)) != row.hash:
            yield f"the platform took other bytes of {row.kind} {row.command_id}"
    known = {row.command_id for row in world.rows(t.ledger)}
    for cause in {row.cause for row in world.rows(t.feed)} - known - {None}:
        if ":" not in cause:
            yield f"an effect of {cause}, of which the ledger knows nothing"


def i07_no_blind_write(world: World) -> Found:
    """No field was written over a value that its author had not seen."""
    before: dict[tuple[str, str], dict[str, Any]] = {}
    prior: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    versions: Versions = {}
    for row in claims.feed(world):
        key = (row.entity, row.doc_id)
        body = value_of(row.body) or {}
        if row.cause:
            prior.setdefault(row.cause, []).append((before.get(key, {}), body))
        before[key] = body
        versions.setdefault(key, []).append((row.seq, body))
    for row in world.rows(t.ledger):
        if row.kind not in EDITS:
            for old, new in prior.get(row.command_id, []):
                yield from _unseen(row, old, new)
                if row.kind == "conflict.resolve":
                    yield from _half_an_appointment(row, value_of(row.bytes)["payload"]["fields"], old, new)
            continue
        command = value_of(row.bytes)
        for old, new in prior.get(row.command_id, []):
            for name, value in command["payload"]["fields"].items():
                if old.get(name) != new.get(name) and old.get(name) != command["base_values"].get(name):
                    yield f"{row.kind} wrote {name} over {old.get(name)!r} unseen"
                if old.get(name) != new.get(name) and new.get(name) != value:
                    yield f"{row.kind} put a value into {name} that nobody wrote"
            yield from _half_an_appointment(row, command["payload"]["fields"], old, new)
        yield from _not_applied(row, command, versions)


def _half_an_appointment(row: Any, sent: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> Found:
    """Hour and room are one thing: both as they were written together, or both as they were."""
    after = {name: new.get(name) for name in APPOINTMENT}
    wanted = {name: sent.get(name, old.get(name)) for name in APPOINTMENT}
    if after not in (wanted, {name: old.get(name) for name in APPOINTMENT}):
        yield f"{row.kind}: of an appointment one half was taken: {after}"
    if len(APPOINTMENT & sent.keys()) == 1:
        yield f"{row.kind} names one half of an appointment"


def _unseen(row: Any, old: dict[str, Any], new: dict[str, Any]) -> Found:
    """What any other command wrote over a value of a case or a party that its author had not seen.

    Whom a case without a mediator is given to is the decision's own. Of spans that do not count there is one
    at a time, and the day on which one ended is changed by nobody who had not seen it.
    """
    seen = value_of(row.bytes)["base_values"]
    for name in sorted((cmd.EDITABLE_CASE_FIELDS | cmd.EDITABLE_PARTY_FIELDS) & old.keys()):
        if old[name] not in (None, "") and old[name] != new.get(name) and old[name] != seen.get(name):
            yield f"{row.kind} wrote {name} over {old[name]!r} unseen"
    spans = {span["record_id"]: span for span in new.get("suspensions", ())}
    for span in old.get("suspensions", ()):
        stood = span["last_day"] is not None and span not in seen.get("suspensions", ())
        if stood and spans.get(span["record_id"]) != span:
            yield f"{row.kind} changed the end of a suspension unseen: {span['last_day']}"
    if sum(span["last_day"] is None for span in spans.values()) > 1:
        yield f"{row.kind} began a second suspension beside one that runs"


def _not_applied(row: Any, command: dict[str, Any], versions: Versions) -> Found:
    """What a command was told it had applied did not stand there when it was told so."""
    answer, payload = value_of(row.answer), command["payload"]
    key = ("party", payload["party_id"]) if "party_id" in payload else ("case", command["case_id"])
    stood: dict[str, Any] = {}
    for seq, body in versions.get(key, ()):
        if seq <= answer["seq"]:
            stood = body
    for name in answer["applied_fields"] if stood else ():
        if stood.get(name) != payload["fields"][name]:
            yield f"{row.kind} was told that {name} is applied, where another value stood"


def i09_order_in_each_lane(world: World) -> Found:
    """Each lane arrived whole and in its order, chained hash by hash, and no number was used twice."""
    lanes: dict[tuple[str, str, str], list[Any]] = {}
    for row in sorted(world.rows(t.ledger), key=lambda one: int(one.lane_seq)):
        lanes.setdefault((row.device_id, row.author, row.case_id), []).append(row)
    for lane, rows in lanes.items():
        if [row.lane_seq for row in rows] != list(range(1, len(rows) + 1)):
            yield f"lane {lane} has a hole: {[row.lane_seq for row in rows]}"
        head, device_seq = GENESIS, 0
        for row in rows:
            command = value_of(row.bytes)
            if command["prev_hash"] != head or row.dev_seq <= device_seq:
                yield f"lane {lane} does not join at {row.lane_seq}"
            head, device_seq = row.hash, row.dev_seq


OF_PLATFORM = (
    i02_one_effect_each,
    i03_lodged_once,
    i04_no_phantoms,
    i07_no_blind_write,
    i09_order_in_each_lane,
    claims.i04_claims_have_effects,
    claims.i07_decided_on_what_stood,
    signed.i07_signed_is_not_moved_unseen,
    signed.i07_performed_is_seen,
    signed.i07_parties_are_seen,
    filed.i07_filed_stays,
    pressed.i07_lodged_on_signatures_seen,
    pressed.i07_withdrawn_on_what_was_seen,
    filed.i07_lodged_on_what_is_settled,
    claims.i09_numbers_once,
    claims.i12_linked_means_stored,
    claims.i15_only_the_platforms_clock,
)


LOST_SAID = (f"{THE_CASE}。{KEPT}", CODES["lane_gap"].message, CASE_AWAY, WAIT_BEHIND, BROUGHT_BACK)
"""What a row may say that waits for a case to come back."""


# -- when all has come to rest -----------------------------------------------------------------------


def i06_equal_pictures(world: World) -> Found:
    """Every computer shows what the platform has, and so the same as every other.

    Of a case that the platform has lost each shows what it had from there, and what it wrote since. What else
    a restored platform forgot is excused as long as nobody who is there can bring it back.
    """
    truth = {
        (row.entity, row.doc_id): cf.encode(cf.decode(row.entity, row.body.encode()))
        for row in world.rows(t.docs)
        if row.entity in cf.TYPES
    }
    forgotten = world.forgotten - truth.keys() - filed.must_be_back(world, truth.keys())
    lost = world.lost_cases()
    for pc in world.present:
        here = _documents(pc, lost)
        for key in sorted(truth.keys() | here.keys() - forgotten):
            if truth.get(key) != here.get(key):
                yield f"{pc.name}: {key} is {told(here.get(key))}, the platform has {told(truth.get(key))}"


def told(body: bytes | None) -> str:
    """A document as a message shows it."""
    return "absent" if body is None else body.decode()[:600]


def _documents(pc: Computer, beside: Collection[str] = ()) -> dict[tuple[str, str], bytes]:
    """What a computer shows, ``beside`` some cases."""
    store, case_ids = pc.office.desk.store, [row.case_id for row in pc.rows(local.cases)]
    shown = pc.sight.once((pc.name, "documents"), lambda: store.read(lambda conn: _shown(conn, case_ids)))
    return {key: body for case_id in shown.keys() - {*beside} for key, body in shown[case_id].items()}


def _shown(conn: Connection, case_ids: Collection[str]) -> dict[str, dict[tuple[str, str], bytes]]:
    """By case what is shown of it: each document, by entity and id."""
    found: dict[str, dict[tuple[str, str], bytes]] = {}
    for case_id in case_ids:
        of_case = found.setdefault(case_id, {})
        for key, body in plain(casestore.load(conn, case_id)).items():
            group, _, doc_id = key.partition(":")
            entity = {"case": "case", "parties": "party", "records": "record", "agreements": "agreement",
                      "attachments": "attachment", "submissions": "submission"}[group]  # fmt: skip
            of_case[entity, doc_id or case_id] = body
    return found


def i11_absent_is_not_deleted(world: World) -> Found:
    """A restore of the platform takes nothing from a computer."""
    for pc in world.present:
        yield from claims.i11_absent_is_not_deleted(world, pc, set(_documents(pc)))


def i10_nothing_waits_for_another(world: World) -> Found:
    """A lane that is stuck holds up no other: whatever may go has gone.

    What was written on a case that the platform dispatched and forgot waits until the platform has it again:
    refused it would be lost to its case, and only the platform can bring that back.
    """
    lost = world.lost_cases()
    for pc in world.present:
        for row in pc.rows(local.outbox):
            if row.state in ledger.UNSETTLED and row.case_id not in lost:
                yield f"{pc.name}: {row.kind} still waits ({row.state}, {row.error_code or 'no reason'})"


def i12_stored_at_the_platform(world: World) -> Found:
    """What the platform calls stored is whole."""
    for row in world.rows(t.files):
        path = world.platform.files.path(row.sha256)
        if not path.exists() or digest(path.read_bytes()) != row.sha256:
            yield f"the platform's file {row.sha256[:8]} is not what its name says"


def i16_drained(world: World) -> Found:
    """Nothing waits any more, neither commands nor files nor filings.

    On a case that the platform has lost the fault has not stopped: there each row says what it waits for.
    """
    lost = world.lost_cases()
    for pc in world.present:
        waiting = claims.shown(pc, "waiting")
        # A file goes behind the words that declare it, which say the rest.
        told = sum(row.case_id in lost and (row.why in LOST_SAID or row.kind == "upload") for row in waiting)
        if told < pc.office.desk.store.read(backlog.queued):
            why = [(row.what, row.why) for row in waiting]
            yield f"{pc.name}: {len(waiting)} still wait: {why}"


def i17_no_plaintext(world: World) -> Found:
    """No personal word lies in plain in any file of a computer, nor on the stick."""
    for pc in world.present:
        for path in pc.folder.rglob("*"):
            if path.is_file() and _PLAIN.search(path.read_bytes()):
                yield f"{pc.name}: personal words in {path.name}"
    for path in world.folder.glob("stick/*"):
        if _PLAIN.search(path.read_bytes()):
            yield f"personal words on the stick in {path.name}"


AT_REST = (
    i06_equal_pictures, claims.i14_delivered_is_there, i11_absent_is_not_deleted,
    i10_nothing_waits_for_another, i12_stored_at_the_platform, filed.i14_brought_is_back, i16_drained,
    i17_no_plaintext,
)  # fmt: skip


def broken_here(world: World, pc: Computer) -> list[str]:
    """What an act at a computer may have broken there."""
    with world.sight.looking():
        touched = (i01_saved_is_kept, i11_unsent_work_stands, claims.i12_rows_have_their_bytes)
        return [f"{rule.__name__}: {what}" for rule in touched for what in rule(world, pc)]


def broken_now(world: World, pc: Computer | None = None) -> list[str]:
    """What is broken after an exchange."""
    with world.sight.looking():
        return _broken(world, [] if pc is None else [pc])


def _broken(world: World, computers: list[Computer]) -> list[str]:
    found = [f"{rule.__name__}: {what}" for rule in OF_PLATFORM for what in rule(world)]
    for pc in computers:
        found += [f"{rule.__name__}: {what}" for rule in OF_ONE for what in rule(world, pc)]
    return found


def broken_once_calm(world: World) -> list[str]:
    """What is broken when all that may go has gone, and before people settle what is left for them."""
    with world.sight.looking():
        found = [f"i10_nothing_waits_for_another: {what}" for what in i10_nothing_waits_for_another(world)]
        disputed = claims.i08_theirs_is_theirs
        return found + [f"{disputed.__name__}: {w}" for pc in world.present for w in disputed(world, pc)]


def broken_at_rest(world: World) -> list[str]:
    """What is broken when all has come to rest."""
    with world.sight.looking():
        found = _broken(world, world.present)
        return found + [f"{rule.__name__}: {what}" for rule in AT_REST for what in rule(world)]

"""Taking in signed commands: each at most once, in its lane's order, written with its effect."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import functools
import itertools
import re
from collections import defaultdict
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy import Connection, bindparam, select

from sync.contract import commands as c
from sync.contract.canonical import GENESIS, canonical, digest, hash_of
from sync.contract.codes import WireError
from sync.contract.model import ID_PATTERN
from sync.sandbox import tables as t
from sync.sandbox.accounts import Caller
from sync.sandbox.effects import perform
from sync.sandbox.restored import Restored, stand_of
from sync.sandbox.source import Source
from sync.sandbox.store import Store, Tx, stamp
from sync.sandbox.wording import explain
from sync.sandbox.work import Result

IDENTITY = re.compile(ID_PATTERN)
_INSTANT = TypeAdapter(AwareDatetime)
DEFERRED = frozenset({"lane_gap", "case_pending", "behind_lost", "schema_newer"})
"""Refusals that pass: the item keeps its number and comes again."""
NOT_FOR_GOOD = DEFERRED | {"case_lost"}
"""Those, and one that wants a person: it keeps its number, too."""

_KNOWN = (
    select(t.ledger.c.command_id, t.ledger.c.hash, t.ledger.c.answer, t.devices.c.institution_id)
    .outerjoin(t.devices, t.devices.c.device_id == t.ledger.c.device_id)
    .where(t.ledger.c.command_id == bindparam("of_command"))
)
_KNOWN_OF = select(t.ledger.c.command_id).where(
    t.ledger.c.command_id.in_(bindparam("of_commands", expanding=True))
)
GONE = (
    "写这条内容的人已经不在机构名册上，平台没有收下。内容都在本机：要用的请同事照着重新写；"
    "或者请机构负责人联系平台把这个人恢复，恢复后按“再试”就发出。"
)
_DEVICE = select(t.devices.c.revoked_at, t.devices.c.institution_id).where(
    t.devices.c.device_id == bindparam("of_device")
)
_PERSON = (
    select(t.device_people.c.sign_public, t.users.c.role, t.users.c.active)
    .join(t.users, t.users.c.person_id == t.device_people.c.person_id)
    .where(
        t.device_people.c.device_id == bindparam("of_device"),
        t.device_people.c.person_id == bindparam("of_author"),
    )
)
_OF_LANE = (
    (t.lanes.c.device_id == bindparam("of_device"))
    & (t.lanes.c.author == bindparam("of_author"))
    & (t.lanes.c.case_id == bindparam("of_case"))
)
_LANE = select(t.lanes).where(_OF_LANE)
_LANES_OF = select(t.lanes).where(
    t.lanes.c.device_id == bindparam("of_device"),
    t.lanes.c.author == bindparam("of_author"),
    t.lanes.c.case_id.in_(bindparam("of_cases", expanding=True)),
)
_MOVE_LANE = (
    t.lanes.update()
    .where(_OF_LANE)
    .values(
        lane_seq=bindparam("to_lane_seq"), dev_seq=bindparam("to_dev_seq"), chain_head=bindparam("to_head")
    )
)
_USED = select(t.ledger.c.command_id).where(
    t.ledger.c.device_id == bindparam("of_device"), t.ledger.c.dev_seq == bindparam("of_seq")
)
_USED_OF = select(t.ledger.c.dev_seq).where(
    t.ledger.c.device_id == bindparam("of_device"),
    t.ledger.c.dev_seq.in_(bindparam("of_numbers", expanding=True)),
)
_ENTER = t.ledger.insert()
_NEW_LANE = t.lanes.insert()
"""Built once: building a statement costs more than running it."""


def receipt_number(command_hash: str, serial: int) -> str:
    """What people quote: four letters of the hash and a running number, such as ``7F2C-0931``."""
    return f"{command_hash[:4].upper()}-{serial % 10000:04d}"


def make_receipt(
    tx: Tx,
    key: Ed25519PrivateKey,
    command_id: str,
    command_hash: str,
    status: str,
    seq: int,
    at: dt.datetime | None = None,
) -> c.Receipt:
    """A receipt signed by the platform. ``at``: when it was taken first, where a restored platform takes it
    again; else now."""
    at = at or tx.now
    serial = tx.receipt_serial()
    told = {
        "receipt_no": receipt_number(command_hash, serial),
        "command_id": command_id,
        "command_hash": command_hash,
        "status": status,
        "seq": seq,
        # As it will be sent: the same text of the instant, so that anyone can check the reply's bytes.
        "at": _INSTANT.dump_python(at, mode="json"),
    }
    signature = base64.b64encode(key.sign(canonical(told))).decode()
    return c.Receipt.model_validate({**told, "at": at, "signature": signature})


class Ledger:
    """The command ledger: no expiry, one row per command that reached a terminal answer."""

    def __init__(self, store: Store, source: Source, key: Ed25519PrivateKey) -> None:
        self.store = store
        self.source = source
        self.key = key

    def take(self, caller: Caller, body: c.CommandsIn) -> c.CommandAnswers:
        """``POST /commands``. One transaction; each command is answered on its own."""
        with self.store.write(self.source.now()) as tx:
            restored = stand_of(tx)
            ids = {str(item.command.get("command_id", ""))[:80] for item in body.commands}
            asked = {"of_commands": [one for one in ids if IDENTITY.fullmatch(one)]}
            tx.new_commands = ids - set(tx.conn.execute(_KNOWN_OF, asked).scalars())
            _foresee(tx, body)
            answers = [self._one(tx, item, restored, caller.institution) for item in body.commands]
        return c.CommandAnswers(answers=answers)

    def answer(self, caller: Caller, command_id: str) -> c.CommandAnswer:
        """``GET /commands/{id}``, of the caller's institution. Raises ``command_unknown``."""
        with self.store.read() as conn:
            row = conn.execute(
                select(t.ledger.c.answer)
                .join(t.devices, t.devices.c.device_id == t.ledger.c.device_id)
                .where(t.ledger.c.command_id == command_id, t.devices.c.institution_id == caller.institution)
            ).one_or_none()
        if row is None:
            raise WireError("command_unknown")
        return c.CommandAnswer.model_validate_json(row.answer)

    def _known(self, conn: Connection, command_id: str) -> Any:
        return conn.execute(_KNOWN, {"of_command": command_id}).one_or_none()

    def _one(self, tx: Tx, item: c.SignedCommand, restored: Restored, institution: str) -> c.CommandAnswer:
        command_id = str(item.command.get("command_id", ""))[:80]
        try:
            raw = canonical(item.command)
        except TypeError:
            return _refused(command_id, WireError("bad_request", field="command"), consumed=False)
        if not IDENTITY.fullmatch(command_id):
            return _refused(command_id, WireError("bad_request", field="command_id"), consumed=False)
        row = None if command_id in tx.new_commands else self._known(tx.conn, command_id)
        if row is not None:
            if row.institution_id != institution:
                # What was answered then is told to nobody else, also not to who has the very same bytes.
                return _refused(command_id, WireError("device_unknown", field="device_id"), consumed=False)
            return _again(row, digest(raw))
        try:
            envelope = _envelope(item.command)
            self._entitled(tx, envelope, item.signature, raw, institution)
            _in_order(tx, envelope)
        except WireError as error:
            return _refused(command_id, error, consumed=False)
        try:
            result = perform(tx, _parsed(item.command, raw), restored, institution)
        except WireError as error:
            answer = _refused(command_id, error, consumed=error.code not in NOT_FOR_GOOD)
            if answer.consumed:
                self._enter(tx, item, envelope, raw, answer)
            return answer
        answer = self._answer(tx, envelope, raw, result)
        self._enter(tx, item, envelope, raw, answer)
        return answer

    def _entitled(
        self, tx: Tx, envelope: dict[str, Any], signature: str, raw: bytes, institution: str
    ) -> None:
        named = (envelope["device_id"], envelope["author"])
        if named not in tx.entitled:
            asked = {"of_device": named[0], "of_author": named[1]}
            device = tx.conn.execute(_DEVICE, {"of_device": named[0]}).one_or_none()
            who = tx.conn.execute(_PERSON, asked).one_or_none()
            tx.entitled[named] = (device, who, None if who is None else bytes(who.sign_public))
        device, who, sign_public = tx.entitled[named]
        if device is None or device.institution_id != institution:
            raise WireError("device_unknown", field="device_id")
        if device.revoked_at:
            raise WireError("device_revoked", field="device_id")
        if who is not None and not who.active:
            raise WireError("author_unknown", GONE, field="author")
        if who is None:
            raise WireError("author_unknown", field="author")
        try:
            given = base64.b64decode(signature, altchars=b"-_" if set("-_") & set(signature) else None)
            _public_key(sign_public).verify(given, raw)
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise WireError("signature_invalid", field="signature") from error
        if who.role == "statistician":
            raise WireError("forbidden_role", field="author")

    def _answer(self, tx: Tx, envelope: dict[str, Any], raw: bytes, result: Result) -> c.CommandAnswer:
        seq = tx.head
        if result.status == "conflict":
            return c.CommandAnswer(
                command_id=envelope["command_id"],
                status="conflict",
                http=409,
                code="conflict",
                field=next(iter(result.current), ""),
                reason="同一处有两种写法，两种都已保留，请您选一种。",
                current=result.current,
                applied_fields=result.applied_fields,
                seq=seq,
            )
        receipt = make_receipt(tx, self.key, envelope["command_id"], digest(raw), result.status, seq)
        return c.CommandAnswer(
            command_id=envelope["command_id"],
            status=result.status,
            first_status=result.status,
            receipt=receipt,
            applied_fields=result.applied_fields,
            seq=seq,
        )

    def _enter(
        self, tx: Tx, item: c.SignedCommand, envelope: dict[str, Any], raw: bytes, answer: c.CommandAnswer
    ) -> None:
        lane = {key: envelope[key] for key in ("device_id", "author", "case_id")}
        payload = item.command["payload"]
        named = str(payload.get("kind", "")) if isinstance(payload, dict) else ""
        kind = named if IDENTITY.fullmatch(named) else ""
        command_hash = digest(raw)
        tx.later(
            _ENTER,
            {
                **lane, "command_id": envelope["command_id"], "dev_seq": envelope["dev_seq"],
                "lane_seq": envelope["lane_seq"], "kind": kind, "hash": command_hash, "bytes": raw,
                "signature": item.signature, "status": answer.status, "at": stamp(tx.now),
                "answer": answer.model_dump_json(),
            },
        )  # fmt: skip
        head = {"lane_seq": envelope["lane_seq"], "dev_seq": envelope["dev_seq"], "chain_head": command_hash}
        tx.new_commands.discard(envelope["command_id"])
        key = (lane["device_id"], lane["author"], lane["case_id"])
        # The lane was looked up when its order was checked: the first number is of one that is not there yet.
        new = tx.lanes[key][0] == 0
        tx.lanes[key] = (head["lane_seq"], head["chain_head"], head["dev_seq"])
        tx.used[lane["device_id"], head["dev_seq"]] = True
        if new:
            tx.later(_NEW_LANE, {**lane, **head})
        else:
            moved = {f"to_{name}": head[name] for name in ("lane_seq", "dev_seq")}
            # Only where the lane stands in the end is written.
            tx.later(_MOVE_LANE, {**_lane_of(envelope), **moved, "to_head": head["chain_head"]}, key)
        if answer.status == "rejected":
            tx.happened("rejected", answer.reason, kind)
        elif answer.status == "conflict":
            tx.happened("conflict", "同一处有两种写法，等您选", kind)


@functools.lru_cache(maxsize=1000)
def _public_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def _envelope(command: dict[str, Any]) -> dict[str, Any]:
    """The envelope without its payload, checked."""
    try:
        shell = _Envelope.model_validate(command)
    except ValidationError as error:
        name, reason = explain(error)
        raise WireError("bad_request", reason, field=name) from error
    if shell.schema_version > c.SCHEMA_VERSION:
        raise WireError("schema_newer", field="schema_version")
    return shell.model_dump()


class _Envelope(c.Command):
    payload: Any = None


def _parsed(command: dict[str, Any], raw: bytes) -> c.Command:
    """The command from its canonical bytes."""
    if hash_of(command.get("payload")) != command["payload_sha256"]:
        raise WireError("payload_hash", field="payload_sha256")
    try:
        return c.Command.model_validate_json(raw, strict=True)
    except ValidationError as error:
        name, reason = explain(error)
        raise WireError("field", reason, field=name) from error


def _lane_of(envelope: dict[str, Any]) -> dict[str, str]:
    return {
        "of_device": envelope["device_id"], "of_author": envelope["author"], "of_case": envelope["case_id"],
    }  # fmt: skip


def _stand(lane: Any) -> tuple[int, str, int]:
    """Last number, chain head and ``dev_seq`` of a lane, which may not be there yet."""
    return (0, GENESIS, 0) if lane is None else (lane.lane_seq, lane.chain_head, lane.dev_seq)


def _in_order(tx: Tx, envelope: dict[str, Any]) -> None:
    """Gapless and chained in its lane, and no number of the device used twice.

    A number met with other content, or a chain that does not join, means that two computers write under
    one device id: cloned, or restored from an old copy.
    """
    key = (envelope["device_id"], envelope["author"], envelope["case_id"])
    if key not in tx.lanes:
        tx.lanes[key] = _stand(tx.before.execute(_LANE, _lane_of(envelope)).one_or_none())
    last, head, last_dev = tx.lanes[key]
    if envelope["lane_seq"] > last + 1:
        raise WireError("lane_gap", field="lane_seq", details={"expected": last + 1})
    used = _is_used(tx, envelope["device_id"], envelope["dev_seq"])
    chained = envelope["lane_seq"] == last + 1 and envelope["prev_hash"] == head
    if used or not chained or envelope["dev_seq"] <= last_dev:
        raise WireError("device_cloned", field="dev_seq")


def _foresee(tx: Tx, body: c.CommandsIn) -> None:
    """Look up at once what each command will ask for: its case, its record, its lane, and whether its number
    is used.

    Nothing is judged here: what is not foreseen is looked up when it is asked for.
    """
    cases: set[str] = set()
    records: set[str] = set()
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    lanes: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for command in (item.command for item in body.commands):
        payload, number = command.get("payload"), command.get("dev_seq")
        record = payload.get("record") if isinstance(payload, dict) else None
        cases.update(of_case := _id_of(command, "case_id"))
        records.update(_id_of(record, "record_id"))
        for named in itertools.product(_id_of(command, "device_id"), _id_of(command, "author")):
            lanes[named].update(of_case)
        if type(number) is int and 0 <= number < 2**31:
            for device in _id_of(command, "device_id"):
                numbers[device].add(number)
    tx.foresee("case", cases)
    tx.foresee("record", records)
    for device, some in numbers.items():
        asked = {"of_device": device, "of_numbers": sorted(some)}
        used = set(tx.before.execute(_USED_OF, asked).scalars())
        tx.used |= {(device, number): number in used for number in some}
    for (device, author), of_lanes in lanes.items():
        told = {"of_device": device, "of_author": author, "of_cases": sorted(of_lanes)}
        found = {row.case_id: row for row in tx.before.execute(_LANES_OF, told)}
        tx.lanes |= {(device, author, case_id): _stand(found.get(case_id)) for case_id in of_lanes}


def _id_of(value: Any, name: str) -> tuple[str, ...]:
    """The id under ``name``, if there is one."""
    found = value.get(name) if isinstance(value, dict) else None
    return (found,) if isinstance(found, str) and IDENTITY.fullmatch(found) else ()


def _is_used(tx: Tx, device_id: str, number: int) -> bool:
    if (device_id, number) not in tx.used:
        asked = {"of_device": device_id, "of_seq": number}
        tx.used[device_id, number] = tx.conn.execute(_USED, asked).first() is not None
    return tx.used[device_id, number]


def _again(row: Any, command_hash: str) -> c.CommandAnswer:
    """The answer to a command known already."""
    if row.hash != command_hash:
        return _refused(row.command_id, WireError("id_reused"), consumed=False)
    first = c.CommandAnswer.model_validate_json(row.answer)
    return first.model_copy(update={"status": "duplicate", "first_status": first.status, "http": 200})


def _refused(command_id: str, error: WireError, *, consumed: bool) -> c.CommandAnswer:
    deferred = error.code in DEFERRED
    return c.CommandAnswer(
        command_id=command_id,
        status="deferred" if deferred else "rejected",
        http=error.http,
        code=error.code,
        field=error.field,
        reason=error.message,
        consumed=consumed,
        retry_after=30 if deferred else 0,
    )

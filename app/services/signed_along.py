"""What was registered as signed on an agreement goes the way of its text when two texts stand for a choice.

The platform refuses signatures on an agreement that it does not have. Once the text written here is chosen
and sent anew, what was signed on it is sent anew behind it: what the parties have signed binds them
(人民调解法 第三十一条). Once the other is chosen, the signatures are read with the text that was not taken,
hold for nothing and ask nobody any more.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.agreement import place_of
from app.services.casework import Casework
from app.storage import outbox
from app.storage.tables import outbox as table

REGISTERED = "signature.register"


def registered_here(
    conn: Connection, case_id: str, agreement_id: str, until: str = ""
) -> tuple[cf.Signature, ...]:
    """What was registered on this computer as signed on an agreement, whatever became of that: of each place
    the latest.

    ``until``: at an instant and before (ISO, UTC).
    """
    found: dict[str, cf.Signature] = {}
    for row, command in _registered(conn, case_id, agreement_id):
        if not until or row.written_at <= until:
            found[place_of(_body(command))] = _body(command)
    return tuple(found.values())


def carry(case: Casework, case_id: str, agreement_id: str) -> None:
    """Register anew, behind the text that was just sent anew, what the platform refused on it or will refuse.

    Place by place in the order of before, with the dates and ways on paper; by the person at the desk, as the
    choice is. What this person had registered keeps its record: taken twice it is still one.
    """
    me, ids = case.desk.author(), dict[str, str]()
    for row, old in _registered(case.conn, case_id, agreement_id):
        # In this lane it goes out before the text does, and is refused.
        ahead = row.state in outbox.UNSETTLED and (row.author, row.device_id) == (me.person_id, me.device_id)
        if row.state != "rejected" and not ahead:
            continue
        record = _record(old)
        if record.author != me.person_id:
            ids[record.record_id] = case.desk.make_id()
            record = msgspec.structs.replace(record, author=me.person_id, record_id=ids[record.record_id])
        if record.supersedes in ids:
            record = msgspec.structs.replace(record, supersedes=ids[record.supersedes])
        body = _body(old)
        detail = {"signer": body.signer, "on": body.on.isoformat(), "instead_of": old.command_id}
        payload = cmd.RegisterSignature(record=record)
        new = case.issue(case_id, payload, audit_detail=detail)
        outbox.redone(case.conn, old.command_id, new.command_id)
    case.look_anew(case_id)


def leave(case: Casework, case_id: str, agreement_id: str, choice_id: str) -> None:
    """The text is not taken: what was signed on it is read with it, and nobody has to see to it."""
    for row, old in _registered(case.conn, case_id, agreement_id):
        if row.state == "rejected" or row.state in outbox.UNSETTLED:
            outbox.drop(case.conn, old.command_id, choice_id)
    case.look_anew(case_id)


def redo_refused(case: Casework, case_id: str, new: cmd.Command) -> None:
    """A place registered again is registered in place of what was refused there before."""
    body = _body(new)
    for row, old in _registered(case.conn, case_id, body.agreement_id):
        same_place = place_of(_body(old)) == place_of(body)
        if same_place and row.state == "rejected" and old.command_id != new.command_id:
            outbox.redone(case.conn, old.command_id, new.command_id)


def _registered(conn: Connection, case_id: str, agreement_id: str) -> list[tuple[Any, cmd.Command]]:
    """What was registered here on an agreement and not written anew since, in the order written."""
    rows = conn.execute(
        select(table)
        .where(
            table.c.case_id == case_id, table.c.kind == REGISTERED, table.c.bytes.is_not(None),
            ~outbox.written_anew(),
        )
        .order_by(table.c.ordinal)
    ).all()  # fmt: skip
    read = [(row, cmd.decode(row.bytes)) for row in rows]
    return [(row, command) for row, command in read if _body(command).agreement_id == agreement_id]


def _record(command: cmd.Command) -> cf.Record:
    payload = command.payload
    if not isinstance(payload, cmd.RegisterSignature):
        raise TypeError(command.kind)
    return payload.record


def _body(command: cmd.Command) -> cf.Signature:
    body = _record(command).body
    if not isinstance(body, cf.Signature):
        raise TypeError(command.kind)
    return body

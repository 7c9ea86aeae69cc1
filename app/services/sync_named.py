"""What the rows of the sync centre are called by what they carry."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from app.domain import commands as cmd
from app.services import sync_words
from app.storage.tables import case_docs, outbox

_WRITTEN = select(outbox.c.bytes).where(outbox.c.command_id == bindparam("command"))


def side_of(conn: Connection, row: Any) -> str:
    """Which side the party of a conflict stands on; empty for other documents."""
    return _side(conn, row.doc_id) if row.entity == "party" else ""


def _side(conn: Connection, party_id: str) -> str:
    body = conn.execute(
        select(case_docs.c.body).where(case_docs.c.entity == "party", case_docs.c.doc_id == party_id)
    ).scalar_one_or_none()
    return str(msgspec.json.decode(body).get("side", "")) if body else ""


def called(conn: Connection, row: Any) -> str:
    """What a row of the outbox carries: whose field it is, and of a choice what it was about."""
    if not row.bytes:
        return "已清除的内容"
    command = cmd.decode(row.bytes)
    match command.payload:
        case cmd.EditParty(party_id=party_id):
            return sync_words.command_name(command, _side(conn, party_id))
        case cmd.ResolveConflict(entity="party", entity_id=party_id, fields=fields) if fields:
            return sync_words.command_name(command, _side(conn, party_id))
        case cmd.ResolveConflict(fields=fields, settles=settles) if not fields:
            # A decision: the choice itself names no field.
            if about := conn.execute(_WRITTEN, {"command": settles}).scalar():
                return sync_words.chosen(sync_words.command_name(cmd.decode(about)))
    return sync_words.command_name(command)

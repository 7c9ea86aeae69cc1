"""What the rows of the sync centre are called by what they carry."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.filings_of import WITHDRAWAL_ASKED
from app.domain.states import filing_machine
from app.services import sync_words
from app.services.desk import Desk
from app.storage.tables import case_docs, outbox

RECORDS: dict[type, str] = {
    cf.Contact: "联系记录", cf.Session: "调解记录", cf.Note: "记事", cf.SuspensionMark: "暂停或恢复计时",
    cf.Performance: "履行记录", cf.FollowUp: "回访记录", cf.Notice: "平台的通知",
}  # fmt: skip
"""What an entry of 经过 is called by what it records."""
_FROM = {
    "submission": "平台转来的办理进展，在“司法确认”里",
    "attachment": "平台收齐了文件，核对无误",
}
"""Why what the platform sent is here, by what it is about."""
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


def came(row: Any) -> str:
    """What a row of the inbox brought: the kind of entry, or the last thing the court said or was asked."""
    name = sync_words.RECEIVED.get(row.entity, "平台数据")
    told = row.body and row.entity in ("record", "submission", "attachment")
    match cf.decode(row.entity, row.body) if told else None:
        case cf.Record(body=body):
            return RECORDS.get(type(body), name)
        case cf.Attachment(stored=True):
            return "材料已存到平台"
        case cf.Submission(kind=kind, state=state, events=events):
            labels = filing_machine().labels
            wish = bool(events) and events[-1].code == WITHDRAWAL_ASKED
            said = "申请撤回" if wish else labels.get(events[-1].state if events else state, name)
            return f"{sync_words.FILINGS.get(kind, name)}：{said}"
    return name


def came_from(row: Any, desk: Desk) -> str:
    """Whose it is: a colleague's by name, else the platform's, and what it is there for."""
    person = desk.people.get(row.changed_by)
    if person is not None:
        return f"{person.name}写的，已在本机"
    return _FROM.get(row.entity, "平台发来的，已在本机")

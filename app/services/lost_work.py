"""What waits here for what a restored platform has not back: how much, for what, whose, and until when.

It goes by itself once the computer that wrote that comes, so nobody is asked for anything here; but whoever
waits is told, and can have that computer brought on line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, update

from app.clock import from_text, legal_day
from app.domain.workdays import short_date
from app.services import backlog
from app.services.desk import Desk
from app.services.line_state import WAITS_UNTIL, Wait
from app.services.port_values import Answer
from app.storage import kv
from app.storage.firstpaint import LOST
from app.storage.tables import inbox, outbox

CODES = frozenset({"behind_lost", "case_pending"})
"""Delays until a restored platform has back what a command builds on, or its case."""
WHENCE = "平台从备份恢复过，有的内容还没有补回。"
KEPT = "写的在本机，补回后自动发"
THE_CASE = "等平台补回这件案件，请联系平台"
COURT = "base_values.filings_over"
CASE = "case_id"
CASE_LOST = "case_lost"
"""Code of a case that the platform has not back when it waits no longer: a person has it asked for."""
ASIDE = f"{LOST}case_id.aside"
"""The field of what was put aside of such a case: it goes on waiting and asks nobody any more."""
_KINDS = {
    "base_values.decided_by": "前一步",
    "accepted_at": "受理决定",
    "base_values.suspensions": "暂停计时",
    "base_values.appointment": "下次调解",
    "record.body.start_record_id": "暂停计时",
    "record.body.agreement_id": "协议书",
    "record.supersedes": "要更正的那条记录",
    "agreement.party_ids": "当事人资料",
    "party_id": "当事人资料",
    "entity_id": "要改的那一项",
}
"""What a command builds on, by the field in which it names that."""
_HEADS = (
    select(outbox.c.bytes, outbox.c.author, outbox.c.error_field)
    .where(backlog.COMMAND_UNSETTLED, backlog.FOR_THE_LOST)
    .order_by(outbox.c.ordinal)
)


def field_of(answer: Answer) -> str:
    """What is kept of the field that an answer names, so that such a delay is known again."""
    return f"{LOST}{answer.field}" if answer.code in CODES else answer.field


def look(conn: Connection, desk: Desk) -> Wait | None:
    """What waits now, with what was written behind it; its words stand behind :data:`WHENCE`. ``None`` while
    nothing does."""
    number = backlog.held_up(conn)
    if not number:
        return None
    found = dict.fromkeys(_asked(conn, desk, row) for row in conn.execute(_HEADS))
    named = "；".join(found)
    return Wait(
        number,
        f"{number} 项在等平台补回以前的内容",
        f"接着它们写的 {number} 项在本机等着，没有丢：{named}。补回后自动发，不用再按。{_end(conn, desk)}",
    )


def awaited_by(conn: Connection, desk: Desk, row: Any) -> str:
    """The line of a row that waits for it; empty for one that waits for anything else."""
    return f"{_asked(conn, desk, row)}。{KEPT}" if row.error_field.startswith(LOST) else ""


def put_aside(conn: Connection, command_id: str) -> str:
    """The person has read that the platform has lost the case; returns it, empty for any other command."""
    mine = (outbox.c.command_id == command_id, outbox.c.error_code == CASE_LOST, outbox.c.state == "waiting")
    values = {"error_code": "", "error_field": ASIDE}
    query = update(outbox).where(*mine).values(**values).returning(outbox.c.case_id)
    return str(conn.execute(query).scalar() or "")


def patient(conn: Connection, desk: Desk) -> str:
    """The instant (ISO, UTC) until which the platform still waits; empty where it waits no more."""
    until = kv.get(conn, WAITS_UNTIL)
    return until if until and from_text(until) > desk.clock.now() else ""


def _end(conn: Connection, desk: Desk) -> str:
    until = patient(conn, desk)
    if not until:
        return "一直没有补回的，请联系平台。"
    day = short_date(legal_day(from_text(until)), desk.today())
    return f"平台等到{day}；到那天还没有补回的，退到“要您处理”里，内容都在。"


def _asked(conn: Connection, desk: Desk, row: Any) -> str:
    """What one waits for, and who can bring it."""
    field = row.error_field.removeprefix(LOST)
    if field == COURT:
        return "等平台向法院问回这份申请的结果"
    if field in ("", CASE, ASIDE.removeprefix(LOST)):
        return THE_CASE
    what = _KINDS.get(field, "前面的内容")
    who = _author(conn, msgspec.json.decode(row.bytes), field) if row.bytes else ""
    if not who or who not in desk.people:
        return f"等写了“{what}”的那台电脑连上平台"
    if who == row.author:
        return f"等{_you(desk, who)}写“{what}”的另一台电脑连上平台"
    return f"等{desk.name_of(who)}写的“{what}”，请{desk.name_of(who)}把那台电脑打开连上平台"


def _you(desk: Desk, person_id: str) -> str:
    return "您" if person_id == desk.person.person_id else desk.name_of(person_id)


def _author(conn: Connection, command: Mapping[str, Any], field: str) -> str:
    """Who wrote what a command names in a field, as the feed told it; empty where it did not."""
    node: Any = command if field.startswith("base_values.") else command.get("payload")
    for part in field.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    last = node[-1] if isinstance(node, list) and node else node
    wanted = str(last.get("record_id", "")) if isinstance(last, Mapping) else str(last or "")
    told = (inbox.c.doc_id == wanted) | (inbox.c.cause == wanted)
    if isinstance(last, Mapping) and (at := last.get("next_session_at")):
        # An appointment has no id: who told of it first made it.
        told = (inbox.c.entity == "case") & (func.instr(inbox.c.body, str(at).encode()) > 0)
    mine = (inbox.c.case_id == command.get("case_id"), told, inbox.c.changed_by != "")
    query = select(inbox.c.changed_by).where(*mine).order_by(inbox.c.received_at).limit(1)
    return str(conn.execute(query).scalar() or "")

"""The rows of the sync centre, read from the tables and put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, bindparam, select

from app.domain.unsent import COLLEAGUES_FILES, COLLEAGUES_SIGNATURES, GROUND_MOVED
from app.services import (
    backlog,
    conflict_rows,
    conflict_views,
    filing_steps,
    package_records,
    sync_named,
    sync_words,
)  # fmt: skip
from app.services.desk import Desk
from app.services.lost_work import CASE_LOST, awaited_by
from app.services.package_records import PackageRecord
from app.services.sync_mends import button_for, page_for
from app.storage import outline
from app.storage.tables import case_docs, cases, conflicts, filings, inbox, outbox, uploads
from app.storage.waiting import UNDO, is_over

Kind = Literal["command", "upload", "filing", "conflict", "received", "kept"]
Status = Literal[
    "conflict",
    "failed",
    "queued",
    "sending",
    "delivered",
    "received",
    "settled",
    "parked",
    "held",
    "undecided",
    "doubt",
]
UNREAD = "这一版程序读不懂这一条，案件照它来之前的样子显示。原样留着，升级后自动再读，请告诉技术人员。"
TAKEN_BACK = (
    f"{sync_words.GONE}。本机还有没送出的内容或草稿，先都留着：没送出的在这里打开，按“知道了，收起”；"
    "草稿从今日“接着办”打开，办完或清空。都办了，案件不再显示。"
)

_LATEST_SENT, _LATEST_STORED = outbox.c.settled_at.desc(), uploads.c.settled_at.desc()
_LATEST_RECEIVED = inbox.c.received_at.desc()
_LATEST_STEPS = {steps: steps.c.settled_at.desc() for steps in backlog.STEPS}
_TITLES = select(cases.c.case_id, cases.c.title).where(
    cases.c.case_id.in_(bindparam("of_cases", expanding=True))
)
"""Built once: building a statement costs more than running it."""
UNDECIDED = "等您选定用哪一份协议：选本机写的，跟着一起重新发；选平台上的，就不用了"
STOPPED = "收发停着，处理好后接着发"


@dataclass(frozen=True)
class SyncRow:
    """One line of the table. ``at`` is an ISO instant (UTC); ``row_id`` is ``kind:id``, and ``step:id`` for a
    filing's earlier step."""

    row_id: str
    kind: Kind
    status: Status
    what: str
    case_id: str
    case_title: str
    why: str
    at: str
    action: str
    """What the row's button says."""
    page: str = "case"
    """Where what it is about is put right."""
    asks: bool = False
    """Whether it stopped here until somebody looks: it goes on, or is taken back, on that page only."""


@dataclass(frozen=True)
class Line:
    """One line of an explanation."""

    label: str
    text: str
    detail: bool = False
    """Whether it is for a technician: shown under 详细 only."""


@dataclass(frozen=True)
class Context:
    """What making rows needs."""

    conn: Connection
    desk: Desk
    offline: bool
    stopped: bool
    since: str
    limit: int
    halted: bool = False
    """The last exchange did not come to its end: nothing goes until the next, by itself or by a person."""

    @cached_property
    def packed(self) -> Mapping[str, PackageRecord]:
        """What lies in an exchange package whose receipt is still to come, by its id."""
        return package_records.on_the_way(self.conn)

    def titles(self, rows: list[Any]) -> Mapping[str, str]:
        """Short names of the cases in ``rows``."""
        if not rows:
            return {}
        wanted = {row.case_id for row in rows}
        found = self.conn.execute(_TITLES, {"of_cases": list(wanted)})
        return {row.case_id: row.title for row in found}

    def rows(self, table: Any, *conditions: Any, order: Sequence[Any]) -> list[Any]:
        """At most ``limit`` rows of a table."""
        listing = backlog.listing(table, conditions, tuple(order))
        return list(self.conn.execute(listing, {**self._values, "most": self.limit}))

    @cached_property
    def _values(self) -> dict[str, str]:
        """What fills in the conditions that speak of a day."""
        return {"since": self.since, "longer": backlog.longer(self.since)}


def needs_you(context: Context) -> list[SyncRow]:
    """Two values, and what was not taken."""
    found = _conflicts(context)
    for row, title in _titled(context, outbox, backlog.COMMAND_FAILED, outbox.c.ordinal):
        again = row.state == "waiting" and row.error_code != CASE_LOST
        action = "再试" if again else button_for(row.error_code)
        found.append(_command(context, row, title, "failed", row.error_text, action))
    for row, title in _titled(context, uploads, backlog.UPLOAD_FAILED, uploads.c.added_at):
        found.append(_upload(context, row, title, "failed", row.error_text, "去补"))
    for row, title in _titled(context, filings, backlog.FILING_FAILED, filings.c.written_at):
        found.append(_filing(row, title, "failed", row.error_text, button_for(row.error_code)))
    return found + _kept(context)


def _kept(context: Context) -> list[SyncRow]:
    """What came from the platform and could not be taken in: not readable, or in the way of unsent work."""
    found = []
    for row, title in _titled(context, inbox, backlog.KEPT, inbox.c.seq):
        held = row.error == backlog.HELD
        found.append(
            SyncRow(
                row_id=f"kept:{row.epoch}/{row.seq}",
                kind="kept",
                status="held" if held else "parked",
                what=sync_words.GONE if held else f"平台发来的{sync_words.RECEIVED.get(row.entity, '内容')}",
                case_id=row.case_id if title else "",
                case_title=title,
                why=TAKEN_BACK if held else UNREAD,
                at=row.received_at,
                action="看内容",
            )
        )
    return found


def waiting(context: Context) -> list[SyncRow]:
    """What waits, in the order of sending: words, then files, then filings."""
    found = []
    behind = _behind(context)
    for row, title in _titled(context, outbox, backlog.COMMAND_QUEUED, outbox.c.ordinal):
        status: Status = "sending" if row.state == "in_flight" else "queued"
        why = _why_command(context, row, behind.get(row.command_id, ""))
        found.append(_command(context, row, title, status, why, "看内容"))
    for row, title in _titled(context, uploads, backlog.UPLOAD_QUEUED, uploads.c.added_at):
        # Its bytes move only while an exchange goes on: after a cut it waits like anything else.
        moving = row.state == "sending" and not (context.offline or context.stopped or context.halted)
        part = f"已传 {sync_words.size_text(row.sent)}" if row.sent else "排在文字后面发"
        held = row.error_text == backlog.METERED and row.error_code != backlog.LET_THROUGH
        said = "" if row.error_text == backlog.METERED and not held else row.error_text
        why = "断线中，连上接着传" if context.offline and row.sent else said or part
        why = STOPPED if context.stopped else why
        if (package := context.packed.get(row.attachment_id)) is not None and not row.sent:
            why = package_records.waiting_words(package)
        action = "现在传" if held else "看内容"
        found.append(_upload(context, row, title, "sending" if moving else "queued", why, action))
    for row, title in _titled(context, filings, backlog.FILING_QUEUED, filings.c.written_at):
        stands: Status = "doubt" if filing_steps.doubted(row) else "queued"
        found.append(_filing(row, title, stands, _why_filing(context, row), "看内容"))
    return found


def _behind(context: Context) -> dict[str, str]:
    """By command that waits for an earlier one of its line (``outline``): what it waits for, in words."""
    now = context.desk.clock.now()
    heads: dict[tuple[str, ...], Any] = {}
    found = {}
    for row in context.rows(outbox, backlog.COMMAND_UNSETTLED, order=[outbox.c.ordinal]):
        case, lane = (row.author, row.case_id), (row.device_id, row.author, row.case_id)
        head = heads.get(case) or heads.get(lane)
        if head is not None:
            found[row.command_id] = f"等前面的“{sync_named.called(context.conn, head)}”{_told_of(head)}"
        elif row.state != "in_flight" and not (row.state == "waiting" and outline.may_go(row, now)):
            heads[lane if row.error_code else case] = row
    return found


def _told_of(head: Any) -> str:
    """What has to become of the first of a line before the next can go."""
    if head.state == "unknown":
        return "核对好再发"
    return "办好再发，它在“要您处理”里" if head.error_code else "先送到再发"


def delivered(context: Context) -> list[SyncRow]:
    """What went today, the latest first."""
    found = []
    for row, title in _titled(context, outbox, backlog.COMMAND_DELIVERED, _LATEST_SENT):
        why = f"平台回执 {receipt_number(row.receipt)}"
        found.append(_command(context, row, title, "delivered", why, "看回执", at=row.settled_at))
    for row, title in _titled(context, uploads, backlog.UPLOAD_DELIVERED, _LATEST_STORED):
        why = "平台已核对整个文件"
        found.append(_upload(context, row, title, "delivered", why, "看内容", at=row.settled_at))
    for row, title in _steps(context, backlog.STEPS_DELIVERED):
        why = f"平台回执 {receipt_number(row.receipt)}"
        found.append(_filing(row, title, "delivered", why, "看回执", at=row.settled_at))
    return sorted(found, key=lambda row: row.at, reverse=True)


def settled(context: Context) -> list[SyncRow]:
    """Filings that turned out not to be needed, with the reason."""
    rows = _steps(context, backlog.STEPS_SETTLED)
    found = [_filing(row, title, "settled", row.error_text, "看内容", row.settled_at) for row, title in rows]
    return sorted(found, key=lambda row: row.at, reverse=True)


def undecided(context: Context) -> list[SyncRow]:
    """Signatures that wait until one of two texts of their agreement is chosen."""
    rows = _titled(context, outbox, backlog.UNDECIDED, outbox.c.ordinal)
    return [_command(context, row, title, "undecided", UNDECIDED, "看内容") for row, title in rows]


def _steps(context: Context, which: Sequence[tuple[Table, ColumnElement[bool]]]) -> list[tuple[Any, str]]:
    """Steps of filings that are over: the last one of each filing, and those before it."""
    return [pair for steps, where in which for pair in _titled(context, steps, where, _LATEST_STEPS[steps])]


def received(context: Context) -> list[SyncRow]:
    """What came today, the latest first."""
    found = []
    for row, title in _titled(context, inbox, backlog.RECEIVED, _LATEST_RECEIVED):
        gone = row.op == "tombstone"
        found.append(
            SyncRow(
                row_id=f"received:{row.epoch}/{row.seq}",
                kind="received",
                status="received",
                what=sync_words.GONE if gone else sync_named.came(row),
                case_id="" if gone else row.case_id,
                case_title=title or _told_title(context.conn, row.case_id),
                why="平台发来的，本机不再显示" if gone else sync_named.came_from(row, context.desk),
                at=row.received_at,
                action="看内容",
            )
        )
    return found


def _told_title(conn: Connection, case_id: str) -> str:
    """The short name of a case that is not here any more, as the platform last told it."""
    body = conn.execute(
        select(inbox.c.body)
        .where(inbox.c.case_id == case_id, inbox.c.entity == "case", inbox.c.body.is_not(None))
        .order_by(inbox.c.received_at.desc(), inbox.c.seq.desc())
        .limit(1)
    ).scalar_one_or_none()
    return str(msgspec.json.decode(body).get("title", "")) if body else ""


def _titled(context: Context, table: Any, where: Any, *order: Any) -> list[tuple[Any, str]]:
    rows = context.rows(table, where, order=order)
    titles = context.titles(rows)
    return [(row, titles.get(row.case_id, "")) for row in rows]


def _conflicts(context: Context) -> list[SyncRow]:
    found = []
    for row, title in _titled(context, conflicts, backlog.ASKED, *backlog.IN_TURN):
        moved = conflict_rows.moved_by(context.conn, row)
        found.append(
            SyncRow(
                row_id=f"conflict:{row.conflict_id}",
                kind="conflict",
                status="conflict",
                what=conflict_views.named(context.conn, row, sync_named.side_of(context.conn, row)),
                case_id=row.case_id,
                case_title=title,
                why=conflict_views.why(context.conn, context.desk, moved),
                at=moved.theirs_at or row.mine_at,
                action="去选",
            )
        )
    return found


def _why_command(context: Context, row: Any, behind: str) -> str:
    if row.state == "in_flight":
        return "正在发送"
    if row.state == "unknown":
        return "发出去了，没等到回执，连上后先核对，不会重复"
    if not is_over(row.not_before, context.desk.clock.now(), UNDO):
        return f"还能撤销，{_held(context) or ('下次连成就发' if context.halted else '过几秒自动发')}"
    if (package := context.packed.get(row.command_id)) is not None and not row.error_text:
        return package_records.waiting_words(package)
    if held := _held(context):
        return held
    if row.error_text or behind:
        return awaited_by(context.conn, context.desk, row) or str(row.error_text) or behind
    return "排队中，下次连成就发" if context.halted else "排队中，连着就发"


def _held(context: Context) -> str:
    """Why nothing goes out now; empty while it does."""
    if context.offline:
        return "断线中，连上就发"
    return STOPPED if context.stopped else ""


def _why_filing(context: Context, row: Any) -> str:
    if (package := context.packed.get(package_records.step_id(row))) is not None:
        held = f"；{row.error_text}" if row.error_text and row.job == "waiting" else ""
        return f"{package_records.waiting_words(package)}{held}"
    if row.job == "unknown":
        return "发出去了，没等到回执，连上后先核对，不会重复提交"
    if context.stopped:
        return STOPPED
    if row.error_text:
        return str(row.error_text)
    return "断线中，联网后自动提交" if context.offline else "材料传完就提交"


def _command(
    context: Context, row: Any, title: str, status: Status, why: str, action: str, at: str = ""
) -> SyncRow:
    return SyncRow(
        row_id=f"command:{row.command_id}",
        kind="command",
        status=status,
        what=sync_named.called(context.conn, row),
        case_id=row.case_id,
        case_title=title,
        why=why,
        at=at or row.written_at,
        action=action,
        page=page_for(context.conn, row),
    )


def _upload(
    context: Context, row: Any, title: str, status: Status, why: str, action: str, at: str = ""
) -> SyncRow:
    body = context.conn.execute(
        select(case_docs.c.body).where(
            case_docs.c.entity == "attachment", case_docs.c.doc_id == row.attachment_id
        )
    ).scalar_one_or_none()
    media_type = str(msgspec.json.decode(body).get("media_type", "")) if body else ""
    return SyncRow(
        row_id=f"upload:{row.attachment_id}",
        kind="upload",
        status=status,
        what=sync_words.file_name(media_type, row.size),
        case_id=row.case_id,
        case_title=title,
        why=why,
        at=at or row.added_at,
        action=action,
    )


def _filing(row: Any, title: str, status: Status, why: str, action: str, at: str = "") -> SyncRow:
    step_id = getattr(row, "step_id", "")
    return SyncRow(
        row_id=f"step:{step_id}" if step_id else f"filing:{row.submission_id}",
        kind="filing",
        status=status,
        what=sync_words.filing_name(row.kind, row.wanted, row.manifest_no),
        case_id=row.case_id,
        case_title=title,
        why=why,
        at=at or row.written_at,
        action=action,
        page="confirmation"
        if status == "failed" or row.error_code in (COLLEAGUES_FILES, COLLEAGUES_SIGNATURES)
        else "case",
        asks=status == "failed" and row.error_code == GROUND_MOVED,
    )


def receipt_number(receipt: bytes | None) -> str:
    """The number people quote; a dash when there is no receipt."""
    return str(msgspec.json.decode(receipt).get("receipt_no", "—")) if receipt else "—"

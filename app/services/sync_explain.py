"""What lies behind one row of the sync centre, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, RowMapping, Table, select

from app.clock import from_text, shanghai
from app.domain.errors import NotFoundError
from app.domain.filing import material_list
from app.domain.unsent import GROUND_MOVED, HEALED
from app.services import backlog, package_records
from app.services.desk import Desk
from app.services.sync_rows import Line
from app.storage.tables import conflicts, filing_steps, filings, inbox, outbox, uploads

_TABLES: Mapping[str, tuple[Table, Column[str]]] = {
    "command": (outbox, outbox.c.command_id),
    "upload": (uploads, uploads.c.attachment_id),
    "filing": (filings, filings.c.submission_id),
    "step": (filing_steps, filing_steps.c.step_id),
    "conflict": (conflicts, conflicts.c.conflict_id),
}


def explain(conn: Connection, desk: Desk, row_id: str) -> tuple[Line, ...]:
    """The lines behind a row."""
    kind, _, subject = row_id.partition(":")
    if kind == "kept":
        return _explain_kept(conn, subject)
    row = None
    if kind in _TABLES:
        table, key = _TABLES[kind]
        row = conn.execute(select(table).where(key == subject)).one_or_none()
    if row is None:
        raise NotFoundError("这一项已经不在了，刷新看看。", code="E-NO-ROW")
    values = row._mapping
    author = values.get("author") or values.get("mine_author") or ""
    written = values.get("written_at") or values.get("added_at") or values.get("mine_at") or ""
    packed_as = package_records.step_id(row) if "manifest_no" in values else subject
    package = package_records.on_the_way(conn).get(packed_as)
    # Of a file only what went wrong is counted: one that is there went once more.
    sent = values.get("attempts", 0) + (kind == "upload" and values.get("state") == "stored")
    packed = package_records.waiting_words(package) if package is not None else ""
    if package is not None and _ended(values) == "送达":
        packed = f"也装进过 {package.label}，这一项已经由网络送达"
    lines = [
        Line("离线交换包", packed),
        Line("法院", values.get("court_name") or ""),
        Line("材料", _materials(values.get("manifest"))),
        Line("写下", _moment(written)),
        Line("写的人", desk.name_of(author) if author else ""),
        Line("发过", f"{sent} 次" if sent else ""),
        Line(_ended(values), _moment(values.get("settled_at") or "")),
        Line("下次再发", _moment(values.get("next_attempt_at") or "")),
        Line(_said_by(values), values.get("error_text") or ""),
        # A step's own key means nothing to anybody else; the platform knows the filing.
        Line("编号", values.get("submission_id") or subject, detail=True),
        Line("校验值", values.get("hash") or values.get("sha256") or "", detail=True),
        Line("代码", values.get("error_code") or "", detail=True),
    ]
    return (*_receipt_lines(values.get("receipt")), *(line for line in lines if line.text))


def _materials(manifest: bytes | None) -> str:
    """What an application, or a supplement, goes with: the materials, each with how many files."""
    items = msgspec.json.decode(manifest) if manifest else []
    names = {one.code: one.name for one in material_list()}
    count = Counter(names.get(item["material"], "法院要求补的") for item in items)
    return "、".join(f"{name} {number} 件" for name, number in count.items())


def _ended(values: Mapping[str, Any] | RowMapping) -> str:
    """What the instant at which a row was settled stands for: only what has its receipt was delivered."""
    # A filing's own state is that of the application; where its step stands, its job says.
    state = values.get("job") or values.get("state")
    if state in ("delivered", "stored", "done"):
        return "送达"
    if values.get("error_code") in backlog.NOT_NEEDED:
        return "不用再交"
    if values.get("error_code") == backlog.REPLACED:
        return "改办"
    if values.get("error_code") == backlog.TAKEN_BACK:
        return "收回"
    if values.get("error_code") == GROUND_MOVED or (values.get("error_code"), state) == (HEALED, "failed"):
        return "停下"
    return "收起" if state == "settled" else "平台答复"


def _said_by(values: Mapping[str, Any] | RowMapping) -> str:
    """Whose words an error is in: our own codes begin with E-, a delay has none."""
    code = str(values.get("error_code") or "")
    refused = values.get("state") == "rejected"
    ours = code.startswith("E-") or code in (GROUND_MOVED, HEALED)
    return "平台说" if refused or (code and not ours) else "现在的情况"


def _explain_kept(conn: Connection, subject: str) -> tuple[Line, ...]:
    epoch, _, seq = subject.rpartition("/")
    row = conn.execute(
        select(inbox).where(inbox.c.epoch == epoch, inbox.c.seq == int(seq), inbox.c.error != "")
    ).one_or_none()
    if row is None:
        raise NotFoundError("这一项已经不在了，刷新看看。", code="E-NO-ROW")
    lines = (
        Line("收到", _moment(row.received_at)),
        Line("平台次序", str(row.seq), detail=True),
        Line("编号", row.doc_id, detail=True),
        Line("代码", "" if row.error == backlog.HELD else row.error, detail=True),
    )
    return tuple(line for line in lines if line.text)


def _receipt_lines(receipt: bytes | None) -> tuple[Line, ...]:
    if not receipt:
        return ()
    told = msgspec.json.decode(receipt)
    return (
        Line("平台回执", str(told.get("receipt_no", ""))),
        Line("平台收到", _moment(str(told.get("at", "")))),
    )


def _moment(text: str) -> str:
    if not text:
        return ""
    local = shanghai(from_text(text))
    return f"{local.month}月{local.day}日 {local:%H:%M}"

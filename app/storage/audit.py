"""Who did what, chained by hash so that a later change shows (审计链).

Each row's hash covers its own fields and the hash before it. A person may sign the head of the chain;
cutting the end off then shows too. Rows hold ids, field names and listed reasons, no personal data.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.clock import to_text
from app.storage.crypto import DEFAULT_SUITE
from app.storage.tables import audit, audit_heads, people

if TYPE_CHECKING:
    from app.storage.unlocked import UnlockedKeys

GENESIS = "0" * 64
"""``prev_hash`` of the first row."""
_FIELDS = ("seq", "at", "person_id", "action", "case_id", "subject", "detail", "prev_hash")
_ENCODER = msgspec.json.Encoder(order="sorted")
_LAST = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_APPEND = audit.insert()
_SIGN = insert(audit_heads).on_conflict_do_nothing(index_elements=["seq"])
_ROWS = select(audit).order_by(audit.c.seq)
_HEADS, _KEYS = select(audit_heads), select(people.c.person_id, people.c.sign_public)
"""Built once: building a statement costs more than running it."""


@dataclass(frozen=True)
class AuditReport:
    """Outcome of checking the whole chain. ``first_bad_seq`` is 0 when nothing is wrong."""

    ok: bool
    count: int
    first_bad_seq: int
    first_bad_at: str
    head_hash: str
    heads_checked: int
    problem: str
    """Chinese, for the person; empty when nothing is wrong."""
    witnessed: bool = False
    """Whether the end was compared with what is written down outside the database."""


def append(
    conn: Connection,
    at: dt.datetime,
    person_id: str,
    action: str,
    case_id: str,
    subject: str,
    detail: Mapping[str, Any],
) -> int:
    """Add one row inside the caller's write transaction; its sequence number.

    ``at`` is an aware instant. ``detail`` holds JSON values without personal data.
    """
    last = conn.execute(_LAST).one_or_none()
    row: dict[str, Any] = {
        "seq": last.seq + 1 if last else 1,
        "at": to_text(at),
        "person_id": person_id,
        "action": action,
        "case_id": case_id,
        "subject": subject,
        "detail": _ENCODER.encode(detail).decode(),
        "prev_hash": last.hash if last else GENESIS,
    }
    row["hash"] = _hash(row)
    conn.execute(_APPEND, row)
    return int(row["seq"])


def sign_head(conn: Connection, keys: UnlockedKeys, at: dt.datetime) -> int:
    """Sign the chain's last row as ``keys``' person; its sequence number, 0 when the chain is empty."""
    last = conn.execute(_LAST).one_or_none()
    if last is None:
        return 0
    row = {
        "seq": last.seq,
        "person_id": keys.person_id,
        "at": to_text(at),
        "signature": keys.sign(_head_bytes(keys.person_id, to_text(at), last.seq, last.hash)),
    }
    conn.execute(_SIGN, row)
    return int(last.seq)


def verify(conn: Connection) -> AuditReport:
    """Check every row and every signed head. Reads the chain once, in order, with flat memory."""
    heads = {head.seq: head for head in conn.execute(_HEADS)}
    keys = {p.person_id: p.sign_public for p in conn.execute(_KEYS)}
    expected_seq, previous, checked, count = 1, GENESIS, 0, 0
    rows = conn.execution_options(yield_per=1000).execute(_ROWS)
    for row in rows:
        values = dict(row._mapping)
        if (
            values["seq"] != expected_seq
            or values["prev_hash"] != previous
            or values["hash"] != _hash(values)
        ):
            rows.close()
            return _bad(count, expected_seq, values["at"], previous, checked, "记录")
        head = heads.pop(values["seq"], None)
        if head is not None:
            if not _head_ok(head, values["hash"], keys.get(head.person_id)):
                rows.close()
                return _bad(count, expected_seq, values["at"], previous, checked, "签名")
            checked += 1
        previous, expected_seq, count = values["hash"], expected_seq + 1, count + 1
    if heads:
        first = heads[min(heads)]
        return _bad(count, expected_seq, first.at, previous, checked, "末尾")
    return AuditReport(True, count, 0, "", previous, checked, "")


def _head_ok(head: Any, row_hash: str, public: bytes | None) -> bool:
    if public is None:
        return False
    signed = _head_bytes(head.person_id, head.at, head.seq, row_hash)
    return DEFAULT_SUITE.verify(public, head.signature, signed)


def _bad(count: int, seq: int, at: str, head: str, checked: int, what: str) -> AuditReport:
    problem = {
        "记录": f"留痕从第 {seq} 条起对不上，前 {seq - 1} 条没有问题。",
        "签名": f"留痕第 {seq} 条的签名对不上，前 {seq - 1} 条没有问题。",
        "末尾": f"留痕在第 {seq} 条以后少了一段，前 {seq - 1} 条没有问题。",
    }[what]
    advice = "请另存一份备份，不要继续改动，找管理员核对。"
    return AuditReport(False, count, seq, at, head, checked, problem + advice)


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(_ENCODER.encode({name: row[name] for name in _FIELDS})).hexdigest()


def _head_bytes(person_id: str, at: str, seq: int, row_hash: str) -> bytes:
    return _ENCODER.encode({"at": at, "hash": row_hash, "person_id": person_id, "seq": seq})

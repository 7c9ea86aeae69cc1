"""The end of the audit chain, kept outside the database: what was cut off together with its heads shows.

Every time the profile is closed, the number and the hash of the chain's last row are signed and written
beside the database. A database whose chain no longer holds that row has lost its end, or was exchanged.
Commands are a second witness: each one written here has its row in the chain.

What this cannot show: somebody who knows a passphrase can make database, witness and signatures anew. Then
only what lies elsewhere tells: the platform's receipts and the chain heads of the lanes that it reports, and
older backups.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from app.clock import to_text
from app.storage import audit
from app.storage.atomic import write_atomic
from app.storage.audit import AuditReport
from app.storage.crypto import DEFAULT_SUITE
from app.storage.keyslots import read_contents
from app.storage.tables import audit as table
from app.storage.tables import outbox

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.storage.unlocked import UnlockedKeys

_ENCODER = msgspec.json.Encoder(order="sorted")
_LAST = select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)
_HASH = select(table.c.hash).where(table.c.seq == bindparam("of_seq"))
"""Built once: building a statement costs more than running it."""
_ADVICE = "请另存一份备份，不要继续改动，找管理员核对。"


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """The chain's last row at some close, signed by whoever closed."""

    seq: int
    hash: str
    at: str
    slot_id: str
    signature: bytes = b""

    def signed(self) -> bytes:
        """What the signature is over."""
        return _ENCODER.encode(msgspec.structs.replace(self, signature=b""))


def put(paths: ProfilePaths, conn: Connection, keys: UnlockedKeys, slot_id: str, at: dt.datetime) -> bool:
    """Write the end of the chain down, signed. False, and the old one kept, when it no longer fits.

    Raises ``StorageFault`` when it cannot be written.
    """
    last = conn.execute(_LAST).one_or_none()
    if last is None or _problem(paths, conn):
        return False
    fresh = Witness(seq=last.seq, hash=last.hash, at=to_text(at), slot_id=slot_id)
    fresh = msgspec.structs.replace(fresh, signature=keys.sign(fresh.signed()))
    write_atomic(paths.audit_head, msgspec.json.encode(fresh), "留痕凭据")
    return True


def verify(paths: ProfilePaths, conn: Connection) -> AuditReport:
    """Check the chain, its signed heads, its end as written down outside, and a row for each command."""
    report = audit.verify(conn)
    if not report.ok:
        return report
    problem = _problem(paths, conn)
    if problem:
        seq, text = problem
        return dataclasses.replace(report, ok=False, first_bad_seq=seq, problem=text + _ADVICE)
    covered = select(table.c.subject)
    lacking = select(func.count()).select_from(outbox).where(outbox.c.command_id.not_in(covered))
    count = int(conn.execute(lacking).scalar_one())
    if count:
        text = f"有 {count} 条登记没有留痕，留痕少了一段。"
        return dataclasses.replace(report, ok=False, first_bad_seq=report.count + 1, problem=text + _ADVICE)
    return dataclasses.replace(report, witnessed=paths.audit_head.exists())


def _problem(paths: ProfilePaths, conn: Connection) -> tuple[int, str] | None:
    """From which row the chain does not fit the witness; ``None`` when it fits or there is none."""
    try:
        held = msgspec.json.decode(paths.audit_head.read_bytes(), type=Witness)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        return 1, "库外的留痕凭据损坏，末尾核对不了。"
    public = {p.person_id: p.sign_public for p in read_contents(paths.keys).people}.get(held.slot_id)
    if public is not None and not DEFAULT_SUITE.verify(public, held.signature, held.signed()):
        return 1, "库外的留痕凭据被改过，末尾核对不了。"
    row = conn.execute(_HASH, {"of_seq": held.seq}).scalar_one_or_none()
    if row == held.hash:
        return None
    last = int(conn.execute(select(func.coalesce(func.max(table.c.seq), 0))).scalar_one())
    if row is None:
        return last + 1, f"留痕少了末尾一段：上次关闭时有 {held.seq} 条，现在只有 {last} 条。"
    return held.seq, f"留痕第 {held.seq} 条和上次关闭时记下的不一样。"

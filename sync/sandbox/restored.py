"""How a platform stands that was put back to a backup: what it forgot may still come, for a while."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection

from sync.sandbox.store import Tx, get_meta, put_meta, stamp

RESTORED_AT = "restored_at"
WAIT_DAYS = 14
"""So long a command waits for what a restored platform has not back; a platform's own setting, 待核."""


class Restored(NamedTuple):
    """Whether the platform was ever put back, so that cases may be missing; and whether what it forgot is
    still waited for. After that a computer that does not come holds up nobody any more: what builds on its
    work is refused in words, or asked about."""

    ever: bool = False
    awaits: bool = False


def stand_of(tx: Tx) -> Restored:
    """As it stands at ``tx.now``."""
    ever, end = int(get_meta(tx.conn, "epoch_no", "1")) > 1, waits_until(tx.conn)
    return Restored(ever, end is not None and tx.now < end)


def waits_until(conn: Connection) -> dt.datetime | None:
    """The instant (UTC) from which it waits no more for what it forgot; ``None``: never restored."""
    since = get_meta(conn, RESTORED_AT)
    days = int(get_meta(conn, "restore_wait_days", str(WAIT_DAYS)))
    return dt.datetime.fromisoformat(since) + dt.timedelta(days=days) if since else None


def note(tx: Tx) -> None:
    """It was put back at ``tx.now``."""
    put_meta(tx.conn, RESTORED_AT, stamp(tx.now))

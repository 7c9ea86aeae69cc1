"""How a platform stands that was put back to a backup: what it forgot may still come, for a while."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

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
    ever = int(get_meta(tx.conn, "epoch_no", "1")) > 1
    since = get_meta(tx.conn, RESTORED_AT) if ever else ""
    if not since:
        return Restored(ever)
    days = int(get_meta(tx.conn, "restore_wait_days", str(WAIT_DAYS)))
    return Restored(ever, tx.now < dt.datetime.fromisoformat(since) + dt.timedelta(days=days))


def note(tx: Tx) -> None:
    """It was put back at ``tx.now``."""
    put_meta(tx.conn, RESTORED_AT, stamp(tx.now))

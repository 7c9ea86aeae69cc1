"""A bare profile for tests of the storage rooms: keys of one person, an open store, a vault."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.clock import FixedClock
from app.paths import ProfilePaths
from app.storage.crypto import Cost
from app.storage.engine import Store
from app.storage.keyslots import create_profile_keys
from app.storage.tables import cases
from app.storage.unlocked import UnlockedKeys
from app.storage.vault import Vault
from tests.helpers.fresh import new_store

PASSPHRASE = "桂花开的时候我们一起去走走"
CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
"""Argon2id as cheap as it goes; only for tests."""
START = dt.datetime(2026, 11, 23, 2, 42, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Profile:
    """What a test needs of a profile."""

    paths: ProfilePaths
    keys: UnlockedKeys
    recovery_code: str
    clock: FixedClock
    store: Store
    vault: Vault


@contextlib.contextmanager
def profile(folder: Path) -> Iterator[Profile]:
    """A new profile in ``folder``, closed afterwards."""
    paths, clock = ProfilePaths(folder), FixedClock(START)
    paths.prepare()
    new = create_profile_keys(
        paths.keys, clock, person_id="p1", label="一号", passphrase=PASSPHRASE, cost=CHEAP
    )
    store = new_store(paths.database, new.keys.db_key, clock)
    vault = Vault(paths.vault, new.keys.vault_key, new.keys.name_key)
    try:
        yield Profile(paths, new.keys, new.recovery_code, clock, store, vault)
    finally:
        store.close()


def case_row(case_id: str, **more: Any) -> dict[str, Any]:
    """A row of ``cases`` with every column filled."""
    row: dict[str, Any] = {
        column.name: "" for column in cases.columns if column.name not in {"rid", "version", "shadow"}
    }
    row |= {"case_id": case_id, "state": "received", "bucket": "todo", "is_open": 1, "body": b"{}"}
    return row | more


def add_case(conn: Connection, case_id: str, **more: Any) -> int:
    """Insert a case; its ``rid``."""
    return int(conn.execute(cases.insert().values(case_row(case_id, **more))).inserted_primary_key[0])

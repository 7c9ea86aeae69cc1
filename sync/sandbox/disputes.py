"""Open conflicts (两处写法不同) that hold up lodging, on whichever computer they came up."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from sync.contract.commands import LEGAL_COMMANDS, LEGAL_FIELDS
from sync.sandbox import tables as t
from sync.sandbox.store import Tx

EDITS = frozenset({"case.edit", "party.edit"})
"""Commands that carry fields, each of which may be disputed and chosen by itself."""


def legal_open(tx: Tx, case_id: str) -> list[str]:
    """Who has to choose where a value that a ruling rests on has two writings; nobody where none has.

    A command may conflict in several fields, each with a resolution of its own.
    """
    mine = t.ledger.c.case_id == case_id
    # A computer that was taken out of use chooses no more, nor does a person who left: what they left
    # undecided holds nobody up.
    stopped = select(t.devices.c.device_id).where(
        t.devices.c.device_id == t.ledger.c.device_id, t.devices.c.revoked_at != ""
    )
    left = select(t.users.c.person_id).where(t.users.c.person_id == t.ledger.c.author, t.users.c.active == 0)
    disputed = tx.conn.execute(
        select(t.ledger).where(mine, t.ledger.c.status == "conflict", ~stopped.exists(), ~left.exists())
    ).all()
    if not disputed:
        return []
    chosen = _chosen(tx, case_id)
    return sorted({row.author for row in disputed if _open(row, chosen.get(row.command_id, set()))})


def _open(row: Any, chosen: set[str]) -> bool:
    disputed = LEGAL_FIELDS & set(json.loads(row.answer)["current"])
    if row.kind in EDITS:
        return bool(disputed - chosen)
    # Of any other command the whole was disputed, and is chosen whole: its resolution names no fields.
    return (row.kind in LEGAL_COMMANDS or bool(disputed)) and not row.settled_by


def _chosen(tx: Tx, case_id: str) -> dict[str, set[str]]:
    """Fields that resolutions which took effect chose, by the command whose conflict they settle."""
    rows = tx.conn.execute(
        select(t.ledger.c.bytes).where(
            t.ledger.c.case_id == case_id,
            t.ledger.c.kind == "conflict.resolve",
            t.ledger.c.status.in_(("applied", "merged")),
        )
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        payload = json.loads(bytes(row.bytes))["payload"]
        for command_id in (payload["settles"], *payload.get("also", ())):
            found.setdefault(command_id, set()).update(payload["fields"])
    return found

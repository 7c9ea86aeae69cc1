"""What courts were brought: an application, supplements and wishes to withdraw, in their own register.

So a platform that was restored has what came after an application again with the answers that followed,
whoever brought it; and an application that is handed in anew bears the hour at which the court got it first.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from sync.contract.commands import Receipt
from sync.sandbox import lists
from sync.sandbox import tables as t
from sync.sandbox.store import Tx
from sync.sandbox.uploads import Files

LODGED = "lodge"
"""The step of the application itself, which only the computer that lodged it brings back."""


class Received(NamedTuple):
    """One step: its name among the receipts, who took it, its event, and what it was signed for.

    ``after``: so many answers had been told before it. ``manifest_no``: the list it brought, 0 for none;
    ``manifest`` and ``sha256`` of a list are the list's own.
    """

    step: str
    after: int
    person_id: str
    event: Mapping[str, Any]
    status: str
    sha256: str
    manifest_no: int = 0
    manifest: str = ""


def keep(
    tx: Tx,
    after: int,
    person_id: str,
    step: str,
    event: Mapping[str, Any],
    receipt: Receipt,
    manifest: Any = None,
) -> None:
    """Into the court's register, a supplement with its list, as told after so many answers; what a restored
    platform gets again takes the place of what it forgot."""
    submission_id = receipt.command_id.partition(":")[0]
    mine = t.court_received.c.submission_id == submission_id
    tx.conn.execute(t.court_received.delete().where(mine, t.court_received.c.step == step))
    last = tx.conn.execute(select(func.max(t.court_received.c.received_no)).where(mine)).scalar()
    values = {
        "submission_id": submission_id, "step": step, "received_no": (last or 0) + 1, "after": after,
        "person_id": person_id, "event": json.dumps(event), "status": receipt.status,
        "sha256": receipt.command_hash,
    }  # fmt: skip
    if manifest is not None:
        values |= {"manifest_no": manifest.manifest_no, "manifest": manifest.body}
    tx.conn.execute(t.court_received.insert(), values)


def lacking(conn: Connection, row: Any) -> list[Received]:
    """What a restored platform has not again of the application ``row``, in its order."""
    told = t.court_received
    here = (LODGED, *json.loads(row.receipts))
    mine = (told.c.submission_id == row.submission_id, told.c.step.not_in(here))
    found = conn.execute(select(told).where(*mine).order_by(told.c.after, told.c.received_no))
    return [
        Received(**{name: getattr(one, name) for name in Received._fields if name != "event"},
                 event=json.loads(one.event))
        for one in found
    ]  # fmt: skip


def happened_at(event: Mapping[str, Any]) -> dt.datetime:
    """When an event was, to tell which came first."""
    return dt.datetime.fromisoformat(str(event["at"]))


def one(conn: Connection, row: Any, step: str) -> Received | None:
    """Of :func:`lacking` this step; ``None`` where the court was not brought it, or the platform has it."""
    return next((found for found in lacking(conn, row) if found.step == step), None)


def first_at(conn: Connection, submission_id: str) -> str:
    """The instant (ISO, UTC) at which the court got an application; empty while it has it not."""
    told = t.court_received
    mine = (told.c.submission_id == submission_id, told.c.step == LODGED)
    event = conn.execute(select(told.c.event).where(*mine)).scalar()
    return str(json.loads(event)["at"]) if event else ""


def alone(conn: Connection) -> list[str]:
    """The applications of which a restored platform lacks what the court was brought, and no answer."""
    one, other = t.court_received, t.court_answers
    untold = select(other.c.submission_id).where(
        other.c.submission_id == one.c.submission_id, other.c.untold == 1
    )
    here = select(t.submissions.c.submission_id).where(
        t.submissions.c.submission_id == one.c.submission_id, t.submissions.c.lodged == 1
    )
    query = select(one.c.submission_id).where(one.c.untold == 1, here.exists(), ~untold.exists())
    return sorted(set(conn.execute(query).scalars()))


def told_again(tx: Tx, submission_id: str) -> None:
    """The platform has all of it again."""
    mine = t.court_received.c.submission_id == submission_id
    tx.conn.execute(t.court_received.update().where(mine).values(untold=0))


def note_lost(tx: Tx) -> None:
    """The platform has gone back to a backup: mark what it has not of what courts were brought."""
    known = dict(tx.conn.execute(select(t.submissions.c.submission_id, t.submissions.c.receipts)).all())
    for row in tx.conn.execute(select(t.court_received).where(t.court_received.c.step != LODGED)).all():
        has = row.step in json.loads(known.get(row.submission_id, "{}"))
        mine = (t.court_received.c.submission_id == row.submission_id, t.court_received.c.step == row.step)
        tx.conn.execute(t.court_received.update().where(*mine).values(untold=int(not has)))


def listed(tx: Tx, files: Files, institution: str, submission_id: str, one: Received) -> None:
    """The platform has the list again that a supplement brought, and its files: the court has copies.

    A list under that number that was put and never handed in gives way.
    """
    if not one.manifest_no:
        return
    mine = (t.manifests.c.submission_id == submission_id, t.manifests.c.manifest_no == one.manifest_no)
    tx.conn.execute(t.manifests.delete().where(*mine))
    values = {"submission_id": submission_id, "manifest_no": one.manifest_no}
    tx.conn.execute(t.manifests.insert(), {**values, "sha256": one.sha256, "body": one.manifest})
    items = {item["sha256"]: item for item in json.loads(one.manifest)["items"]}
    for sha256 in lists.missing(tx, institution, list(items.values())):
        files.copied(tx, institution, sha256)


def attached(body: Mapping[str, Any], one: Received) -> dict[str, Any]:
    """The document of an application with this step behind what happened before it."""
    whole = {**body, "events": sorted([*body["events"], one.event], key=happened_at)}
    if one.manifest_no:
        whole |= {"state": one.event["state"], "manifest_no": max(one.manifest_no, body["manifest_no"])}
    return whole


def supplied(conn: Connection, row: Any, body: Mapping[str, Any], before: int) -> bool:
    """Whether the lists that supplements brought before the answer of that number came again another way: as
    the list with which the application ``row`` was handed in anew."""
    lists_of = t.manifests.c.submission_id == row.submission_id
    held = dict(conn.execute(select(t.manifests.c.manifest_no, t.manifests.c.sha256).where(lists_of)).all())
    brought = [one for one in lacking(conn, row) if one.after < before and one.manifest_no]
    here = (one.manifest_no <= body["manifest_no"] for one in brought)
    return bool(brought) and all(here) and all(held.get(one.manifest_no) == one.sha256 for one in brought)

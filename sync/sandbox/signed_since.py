"""Days of signatures that moved after somebody last looked: an application is handed in on none unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from sync.contract.codes import WireError
from sync.sandbox import tables as t
from sync.sandbox.filed import day_and_hour, signatures_on
from sync.sandbox.signing import PLACES, counting, filled
from sync.sandbox.store import Doc, Tx

MOVED = (
    "申请排上以后，{who} {when} 改过签名盖章的日子：{days}。申请没有交给法院，申请和材料都在本机。"
    "到“司法确认”看一看：照现在的日子交，按“照现在的日子提交”；材料要改的，先撤回申请，改好再提交。"
)
Place = tuple[str, str]


def require_signatures_seen(tx: Tx, row: Any, seen: Collection[str] | None) -> None:
    """Raise ``ground_moved`` where the agreement's days are others than with the entries ``seen``, by id.

    ``details`` names all entries: whoever hands in with these has been told. Of an application that the court
    has had before nothing is asked: a restored platform gets it back as it was.
    """
    register = t.court_register.c
    held = select(register.submission_id).where(register.submission_id == row.submission_id)
    if seen is None or tx.conn.execute(held).first() is not None:
        return
    ids = signatures_on(tx, row)
    docs = [doc for one in ids if (doc := tx.get("record", one)) is not None]
    now, then = _counting(docs), _counting([doc for doc in docs if doc.doc_id in set(seen)])
    moved = {place: doc for place, doc in now.items() if place not in then or _on(then[place]) != _on(doc)}
    if not moved:
        return
    last = max(moved.values(), key=lambda doc: doc.at)
    who = tx.conn.execute(select(t.users.c.name).where(t.users.c.person_id == last.body["author"]))
    days = "；".join(_words(tx, place, then.get(place), doc) for place, doc in moved.items())
    told = MOVED.format(who=who.scalar_one_or_none() or "同事", when=day_and_hour(last.at), days=days)
    raise WireError("ground_moved", told, details={"signed": ids})


def _counting(docs: Collection[Doc]) -> dict[Place, Doc]:
    """Of each place on paper the entry that counts."""
    found: dict[Place, dict[str, Doc]] = {}
    for doc in docs:
        found.setdefault(filled(doc.body["body"]), {})[doc.doc_id] = doc
    return {place: counting(made) for place, made in found.items()}


def _on(doc: Doc) -> str:
    return str(doc.body["body"]["on"])


def _words(tx: Tx, place: Place, before: Doc | None, now: Doc) -> str:
    party = tx.get("party", place[1]) if place[1] else None
    label = f"{party.body['name']}签名" if party is not None else PLACES[place[0]]
    was = f"由{_day(before)}改成" if before is not None else "登记为"
    return f"{label}{was}{_day(now)}"


def _day(doc: Doc) -> str:
    on = dt.date.fromisoformat(_on(doc))
    return f"{on.month}月{on.day}日"

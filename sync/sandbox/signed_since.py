"""Signatures that moved after somebody last looked: an application is handed in on none unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from sync.contract.codes import WireError
from sync.sandbox import tables as t
from sync.sandbox.filed import day_and_hour, signatures_on
from sync.sandbox.restored import stand_of
from sync.sandbox.signing import BY, PLACES, counting, filled, said
from sync.sandbox.store import Doc, Tx

MOVED = (
    "您提交申请时还没有看到{who} {when} 改过签名盖章：{moved}。申请没有交给法院，申请和材料都在本机。"
    "到“司法确认”看一看：照现在的日子交，按“照现在的日子提交”；材料要改的，先撤回申请，改好再提交。"
)
NOT_BACK = (
    "平台从备份恢复过，您看到过的签名盖章登记还没有全补回来，申请还没有交给法院。登记它的那台电脑连上后自动提交；"
    "期限照算，来不及的，把材料带到法院窗口提交。"
)
Place = tuple[str, str]


def require_signatures_seen(tx: Tx, row: Any, seen: Collection[str] | None) -> None:
    """Raise ``ground_moved`` where a place of the agreement is signed on another day, or by another, than
    with the entries ``seen``, by id.

    Raise ``agreement_unknown`` while a restored platform awaits one of these back; ``details`` names those.

    Of ``ground_moved`` they name all entries: whoever hands in with these has been told. Of an application
    that the court has had before nothing is asked: a restored platform gets it back as it was.
    """
    register = t.court_register.c
    held = select(register.submission_id).where(register.submission_id == row.submission_id)
    if seen is None or tx.conn.execute(held).first() is not None:
        return
    lost = [one for one in sorted(seen) if tx.get("record", one) is None] if stand_of(tx).awaits else []
    if lost:
        # Lodged without them, nobody could bring them back any more: nothing moves under an application.
        raise WireError("agreement_unknown", NOT_BACK, field="signed", details={"signed": lost})
    ids = signatures_on(tx, row)
    docs = [doc for one in ids if (doc := tx.get("record", one)) is not None]
    now, then = _counting(docs), _counting([doc for doc in docs if doc.doc_id in seen])
    moved = {place: doc for place, doc in now.items() if place not in then or _of(then[place]) != _of(doc)}
    if not moved:
        return
    last = max(moved.values(), key=lambda doc: doc.at)
    who = tx.conn.execute(select(t.users.c.name).where(t.users.c.person_id == last.body["author"]))
    words = "；".join(_words(tx, place, then.get(place), doc) for place, doc in moved.items())
    told = MOVED.format(who=who.scalar_one_or_none() or "同事", when=day_and_hour(last.at), moved=words)
    raise WireError("ground_moved", told, details={"signed": ids})


def _counting(docs: Collection[Doc]) -> dict[Place, Doc]:
    """Of each place on paper the entry that counts."""
    found: dict[Place, dict[str, Doc]] = {}
    for doc in docs:
        found.setdefault(filled(doc.body["body"]), {})[doc.doc_id] = doc
    return {place: counting(made) for place, made in found.items()}


def _of(doc: Doc) -> tuple[str, str]:
    return said(doc.body["body"])


def _words(tx: Tx, place: Place, before: Doc | None, now: Doc) -> str:
    party = tx.get("party", place[1]) if place[1] else None
    label = f"{party.body['name']}签名" if party is not None else PLACES[place[0]]
    day, by = _of(now)
    if before is None:
        return f"{label}登记为{_day(day)}"
    was, who = _of(before)
    how = f"由{_day(was)}改成{_day(day)}" if was != day else f"日子还是{_day(day)}"
    return f"{label}改成{BY[by]}，{how}" if who != by else f"{label}{how}"


def _day(iso: str) -> str:
    on = dt.date.fromisoformat(iso)
    return f"{on.month}月{on.day}日"

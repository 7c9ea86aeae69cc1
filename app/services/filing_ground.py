"""An application that still lies here rests on the signatures that were seen: it goes on no others unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from app.clock import to_text
from app.domain import agreement as rules
from app.domain.casefile import Signature, SignerKind
from app.domain.reducer import CaseFile
from app.domain.unsent import GROUND_MOVED
from app.domain.workdays import moment, short_date
from app.services.desk import Desk
from app.storage import kv
from app.storage.tables import filings

SEEN = "lodge_seen:"
"""Key of the signatures that the author of an application saw, before its id."""
TOLD = "lodge_told:"
"""Key of the signatures of which the platform told, before the application's id."""
Said = tuple[dt.date, SignerKind]
"""The day that stands at a place on paper, and who signed there."""


def stop_if_moved(conn: Connection, desk: Desk, before: CaseFile, after: CaseFile) -> bool:
    """Where an agreement's signatures moved, to another day or signer, its application that still waits here
    wants a person.

    ``before`` and ``after``: the local picture of the case, made anew from what the platform told. Once the
    person says so it goes as it is (``SyncCentre.retry_now``). Returns whether one stopped.
    """
    if before.case is None or after.case is None or not after.head.agreement_id:
        return False
    was, now = (_said(file, after.head.agreement_id) for file in (before, after))
    if was == now:
        return False
    mine = (filings.c.case_id == after.head.case_id, filings.c.subject_id == after.head.agreement_id)
    stopped = and_(filings.c.job == "failed", filings.c.error_code == GROUND_MOVED)
    waits = (
        or_(filings.c.job == "waiting", stopped), filings.c.wanted == "lodge", filings.c.receipt.is_(None)
    )  # fmt: skip
    found = conn.execute(select(filings).where(*mine, *waits)).all()
    for row in found:
        # All that moved since the author looked, not only what moved last.
        knew = _known(conn, after, row) if kv.get(conn, f"{SEEN}{row.submission_id}") else before
        seen = _said(knew, row.subject_id)
        values = {
            "job": "failed",
            "error_code": GROUND_MOVED,
            "error_text": _words(desk, knew, after, seen, now),
            "settled_at": to_text(desk.clock.now()),
        }
        if seen == now:
            # Put back to what the author saw: there is nothing to tell.
            values = {"job": "waiting", "error_code": "", "error_text": "", "settled_at": ""}
        conn.execute(update(filings).where(filings.c.submission_id == row.submission_id).values(**values))
    return bool(found)


def _known(conn: Connection, file: CaseFile, row: Any) -> CaseFile:
    """The case with those signatures only that the author of an application had seen, or made."""
    seen = _seen(conn, file, row)
    records = {
        one.record_id: one
        for one in file.records.values()
        if not isinstance(one.body, Signature) or one.record_id in seen
    }
    return replace(file, records=records)


def rest_on(conn: Connection, file: CaseFile, submission_id: str, agreement_id: str) -> None:
    """Keep which signatures the author of an application sees when it is handed over, and once more when it
    is said to go as it stands."""
    kv.put(conn, f"{SEEN}{submission_id}", " ".join(_made(file, agreement_id)))


def told(conn: Connection, submission_id: str, signed: Collection[str]) -> None:
    """Keep which signatures the platform told of: whoever hands the application in now has read of them."""
    kv.put(conn, f"{TOLD}{submission_id}", " ".join(signed))


def signed(conn: Connection, file: CaseFile, row: Any) -> tuple[str, ...]:
    """The entries of signatures on which a lodging rests (``row`` of ``filings``), also those that were put
    right since: for the platform to compare. What its author entered later is known to that person."""
    seen = _seen(conn, file, row)
    told = kv.get(conn, f"{TOLD}{row.submission_id}").split()
    return tuple(sorted({*seen, *told} - file.refused))


def _seen(conn: Connection, file: CaseFile, row: Any) -> set[str]:
    """The entries that the author of a lodging saw when it was handed over, or made."""
    kept = kv.get(conn, f"{SEEN}{row.submission_id}").split()
    return {*kept, *_made(file, row.subject_id, row.author if kept else "")}


def _made(file: CaseFile, agreement_id: str, author: str = "") -> list[str]:
    """The entries of signatures on an agreement, of one author or of all, also those put right since."""
    return [
        one.record_id
        for one in file.records.values()
        if isinstance(one.body, Signature)
        and one.body.agreement_id == agreement_id
        and author in ("", one.author)
    ]


def _said(file: CaseFile, agreement_id: str) -> dict[str, Said]:
    """By place of the paper: the day that counts, and who signed there."""
    return {rules.place_of(made): (made.on, made.signer) for _, made in rules.signed(file, agreement_id)}


def _words(
    desk: Desk, before: CaseFile, after: CaseFile, was: Mapping[str, Said], now: Mapping[str, Said]
) -> str:
    today = desk.today()
    made = [
        (record, one)
        for record, one in rules.signed(after, after.head.agreement_id)
        if was.get(rules.place_of(one)) != (one.on, one.signer) == now[rules.place_of(one)]
    ]
    by = f"{desk.name_of(made[-1][0].author)} {moment(made[-1][0].at, today)} " if made else ""
    what, days = moved(before, after, today)
    first, then = (_effective(file, today) for file in (before, after))
    day = f"，协议生效的日子由{first}变成{then}" if first != then else ""
    changed = f"{'签名盖章的日子' if days else '谁签的字'}{what and f'：{what}'}{day}"
    return (
        f"您提交申请时还没有看到{by}改过{changed}。"
        "申请还没有交给法院，申请和材料都在本机。到“司法确认”看一看：照现在的日子交，按“照现在的日子提交”；"
        "材料要改的，先撤回申请，改好再提交。"
    )


def moved(before: CaseFile, after: CaseFile, today: dt.date) -> tuple[str, bool]:
    """甲方签名、调解员签名由11月24日改成11月23日: what moved, the same together; and whether a day did."""
    stood = {one.signer: one.signature for one in _places(before)}
    found: dict[str, list[str]] = {}
    days = False
    for place in _places(after):
        was, now = stood.get(place.signer), place.signature
        if now is None or (was is not None and (was.on, was.signer) == (now.on, now.signer)):
            continue
        days = days or was is None or was.on != now.on
        found.setdefault(_how(was, now, today), []).append(place.signer.label)
    return "；".join(f"{'、'.join(labels)}{how}" for how, labels in found.items()), days


_WHO = {"party": "本人签", "agent": "代理人签", "seal": "盖章"}


def _how(was: Signature | None, now: Signature, today: dt.date) -> str:
    day = short_date(now.on, today)
    if was is None:
        return f"登记为{day}"
    who = "" if was.signer == now.signer else f"改成{_WHO[now.signer]}"
    if was.on == now.on:
        return f"{who}，日子还是{day}"
    return f"由{short_date(was.on, today)}改成{day}{who and f'，{who}'}"


def _places(file: CaseFile) -> tuple[rules.Place, ...]:
    effect = rules.effectiveness_of(file)
    return effect.places if effect is not None else ()


def _effective(file: CaseFile, today: dt.date) -> str:
    effect = rules.effectiveness_of(file)
    on = effect.complete_on if effect is not None else None
    return short_date(on, today) if on is not None else "“还没有生效”"

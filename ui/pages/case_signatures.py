"""经过: who signed or sealed an agreement's paper, the day written there, and who registered it; masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain import casefile as cf
from app.domain import masking
from app.domain.workdays import short_date

if TYPE_CHECKING:
    from app.domain.reducer import CaseFile
    from app.services.desk import Desk

SIGNERS = {
    "party": "当事人", "agent": "代理人", "mediator": "调解员", "recorder": "记录人", "seal": "调委会印章",
}  # fmt: skip


def detail(found: Sequence[tuple[cf.Record, cf.Signature]], file: CaseFile, desk: Desk) -> str:
    """调解员（何静原来登记 11月30日），纸上写 11月24日（周敏芳登记）: the places of one line, of one day
    together, with the day that each put right."""
    today, days = desk.today(), dict[dt.date, list[str]]()
    for record, one in found:
        party = file.parties.get(one.party_id)
        who = f"{SIGNERS[one.signer]}{masking.party_name(party) if party is not None else ''}"
        before = file.records.get(record.supersedes)
        if before is not None and isinstance(before.body, cf.Signature) and before.body.on != one.on:
            who += f"（{desk.name_of(before.author)}原来登记 {short_date(before.body.on, today)}）"
        days.setdefault(one.on, []).append(who)
    told = "；".join(
        f"{'、'.join(dict.fromkeys(who))}，纸上写 {short_date(on, today)}" for on, who in days.items()
    )
    by = "、".join(dict.fromkeys(desk.name_of(record.author) for record, _ in found))
    return f"{told}（{by}登记）。"

"""经过: who signed or sealed an agreement's paper, the day written there, and who registered it; masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.domain import casefile as cf
from app.domain import masking
from app.domain.workdays import short_date

if TYPE_CHECKING:
    from app.services.desk import Desk

SIGNERS = {
    "party": "当事人", "agent": "代理人", "mediator": "调解员", "recorder": "记录人", "seal": "调委会印章",
}  # fmt: skip


def detail(
    found: Sequence[tuple[cf.Record, cf.Signature]], parties: Mapping[str, cf.Party], desk: Desk
) -> str:
    """调解员、调委会印章，纸上写 11月24日（周敏芳登记）: the places of one line, of one day together."""
    today, days = desk.today(), dict[dt.date, list[str]]()
    for _, one in found:
        party = parties.get(one.party_id)
        who = f"{SIGNERS[one.signer]}{masking.party_name(party) if party is not None else ''}"
        days.setdefault(one.on, []).append(who)
    told = "；".join(
        f"{'、'.join(dict.fromkeys(who))}，纸上写 {short_date(on, today)}" for on, who in days.items()
    )
    by = "、".join(dict.fromkeys(desk.name_of(record.author) for record, _ in found))
    return f"{told}（{by}登记）。"

"""What the platform tells a case's other computers of a choice between two values."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import select

from sync.contract.commands import CHOSEN
from sync.sandbox import tables as t
from sync.sandbox.documents import checked
from sync.sandbox.store import Doc, stamp
from sync.sandbox.wording import field_name
from sync.sandbox.work import Work

SIDES = {"applicant": "申请人", "respondent": "被申请人", "third": "第三人"}
STEPS = {
    "contact.waive": "不征求意愿的说明", "case.accept": "受理决定", "case.refuse": "不予受理决定",
    "case.hand_back": "退回办件", "agreement.finalise": "协议书", "case.conclude": "调解结果",
    "case.resume": "再谈一次", "case.close": "结案信息",
}  # fmt: skip
QUOTED = frozenset({"title", "claims", "facts"})
"""Fields whose words are quoted. A party's never are, and codes and instants say nothing to people."""
LONGEST = 60


def tell_choice(work: Work, doc: Doc, *, moved: bool) -> None:
    """Write the notice of a choice that was taken, once for what was chosen at one time.

    A choice between values written one upon the other comes as several commands, which say the same.
    ``moved``: whether the choice put another value there.
    """
    record_id, case_id, data = work.command.command_id, work.command.case_id, work.data
    settled = work.tx.conn.execute(
        select(t.ledger.c.kind, t.ledger.c.author).where(
            t.ledger.c.command_id == data["settles"], t.ledger.c.case_id == case_id
        )
    ).one_or_none()
    body = {
        "record_id": record_id, "case_id": case_id, "at": stamp(work.tx.now), "author": "platform",
        "body": {"type": "notice", "text": _text(work, doc, settled, moved=moved), "code": CHOSEN},
    }  # fmt: skip
    if work.tx.get("record", record_id) is None and not _said(work):
        work.put("record", record_id, checked("record", body))


def _said(work: Work) -> bool:
    """Whether a command of the same choice told of it: of one person and device, written at one instant."""
    mine = work.command
    rows = work.tx.conn.execute(
        select(t.ledger.c.command_id, t.ledger.c.bytes).where(
            t.ledger.c.case_id == mine.case_id, t.ledger.c.kind == work.kind,
            t.ledger.c.device_id == mine.device_id, t.ledger.c.author == mine.author,
            t.ledger.c.status.in_(("applied", "merged")),
        )
    )  # fmt: skip
    for row in rows:
        other = json.loads(bytes(row.bytes))
        names = ("entity_id", "fields")
        same = all(other["payload"][name] == work.data[name] for name in names)
        at_once = stamp(dt.datetime.fromisoformat(other["written_at"])) == stamp(mine.written_at)
        if same and at_once and work.tx.get("record", row.command_id) is not None:
            return True
    return False


def _text(work: Work, doc: Doc, settled: Any, *, moved: bool) -> str:
    names, data = work.data["fields"], work.data
    what = "、".join(field_name(name) for name in names) or STEPS.get(
        settled.kind if settled else "", "一项决定"
    )
    side = SIDES.get(str(doc.body.get("side", "")), "") if doc.entity == "party" and names else ""
    if names and data["choice"] == "mine" and not moved:
        return f"两处写法已经一样，不用再选：{side}{what}。"
    writer = _name(work, settled.author) if settled else "另一台电脑"
    which = {"mine": f"{writer}写的", "theirs": "平台上原有的", "edited": "另写的一个"}[data["choice"]]
    quoted = "".join(f"“{_short(str(value))}”" for name, value in names.items() if name in QUOTED)
    rest = "内容看“当事人”。" if side else ""
    return f"{_name(work, work.command.author)}选定：{side}{what}，用{which}{quoted}。{rest}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _name(work: Work, person_id: str) -> str:
    found = work.tx.conn.execute(select(t.users.c.name).where(t.users.c.person_id == person_id))
    return str(found.scalar_one_or_none() or "同事")

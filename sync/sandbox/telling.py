"""What the platform tells a case's other computers of a choice between two values."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from sync.contract.commands import APPOINTMENT, CHOSEN
from sync.sandbox import tables as t
from sync.sandbox.documents import checked
from sync.sandbox.source import SHANGHAI
from sync.sandbox.store import Doc, stamp
from sync.sandbox.wording import field_name
from sync.sandbox.work import Work

SIDES = {"applicant": "申请人", "respondent": "被申请人", "third": "第三人"}
STEPS = {
    "contact.waive": "不征求意愿的说明", "case.accept": "受理决定", "case.refuse": "不予受理决定",
    "case.hand_back": "退回办件", "agreement.finalise": "协议书", "case.conclude": "调解结果",
    "case.resume": "再谈一次", "case.close": "结案信息",
}  # fmt: skip
MARKS = {"start": "暂停计时", "end": "恢复计时"}
QUOTED = frozenset({"title", "claims", "facts"})
"""Fields whose words are quoted. A party's never are, and codes and instants say nothing to people."""
LONGEST = 60
_STOPS = "。；，、 "
"""What a person's own words may end in, before the stop of the notice."""


def tell_choice(work: Work, doc: Doc, *, moved: bool) -> None:
    """Write the notice of a choice that was taken. ``moved``: whether it put another value there."""
    record_id, case_id, data = work.command.command_id, work.command.case_id, work.data
    settled = work.tx.conn.execute(
        select(t.ledger.c.kind, t.ledger.c.author, t.ledger.c.bytes).where(
            t.ledger.c.command_id == data["settles"], t.ledger.c.case_id == case_id
        )
    ).one_or_none()
    body = {
        "record_id": record_id, "case_id": case_id, "at": stamp(work.tx.now), "author": "platform",
        "body": {"type": "notice", "text": _text(work, doc, settled, moved=moved), "code": CHOSEN},
    }  # fmt: skip
    if work.tx.get("record", record_id) is None:
        work.put("record", record_id, checked("record", body))


def _text(work: Work, doc: Doc, settled: Any, *, moved: bool) -> str:
    names, data = work.data["fields"], work.data
    meeting = names.keys() >= APPOINTMENT
    what = "下次调解" if meeting else "、".join(field_name(name) for name in names) or _step(settled)
    side = SIDES.get(str(doc.body.get("side", "")), "") if doc.entity == "party" and names else ""
    if names and data["choice"] == "mine" and not moved:
        return f"两处写法已经一样，不用再选：{side}{what}。"
    writer = _name(work, settled.author) if settled else "另一台电脑"
    which = {"mine": f"{writer}写的", "theirs": "平台上原有的", "edited": "另写的一个"}[data["choice"]]
    quoted = "".join(f"“{_short(str(value))}”" for name, value in names.items() if name in QUOTED)
    quoted = f"：{_appointment(names)}" if meeting else quoted
    if not names and settled is not None and data["choice"] == "mine":
        quoted = _decided(settled)
    rest = "内容看“当事人”。" if side else ""
    return f"{_name(work, work.command.author)}选定：{side}{what}，用{which}{quoted}。{rest}"


def _step(settled: Any) -> str:
    """Which decision two values stood for."""
    if settled is None:
        return "一项决定"
    if settled.kind == "suspension.mark":
        return MARKS[json.loads(bytes(settled.bytes))["payload"]["record"]["body"]["what"]]
    return STEPS.get(settled.kind, "一项决定")


def _decided(settled: Any) -> str:
    """The day or the words of a decision that was chosen, as its entry in the case has them."""
    body = json.loads(bytes(settled.bytes))["payload"].get("record", {}).get("body", {})
    if day := body.get("day"):
        on = dt.date.fromisoformat(day)
        return f"：{on.month}月{on.day}日"
    text = _short(str(body.get("text", "")))
    return f"：{text}" if text else ""


def _appointment(fields: Mapping[str, Any]) -> str:
    """11月25日 14:30，第二调解室, on Shanghai's clock; or that it was called off."""
    at, place = fields["next_session_at"], str(fields["next_session_place"] or "")
    local = dt.datetime.fromisoformat(at).astimezone(SHANGHAI) if at else None
    when = f"{local.month}月{local.day}日 {local:%H:%M}" if local is not None else ""
    return "，".join(part for part in (when, _short(place)) if part) or "不约了"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line.rstrip(_STOPS) if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _name(work: Work, person_id: str) -> str:
    found = work.tx.conn.execute(select(t.users.c.name).where(t.users.c.person_id == person_id))
    return str(found.scalar_one_or_none() or "同事")

"""What a command builds on: its record, and what its author saw. A restored platform may not have it yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from sync.contract import commands as c
from sync.contract.codes import WireError
from sync.contract.commands import Current
from sync.sandbox import tables as t
from sync.sandbox.merging import same, standing_values
from sync.sandbox.signing import filled
from sync.sandbox.wording import field_name
from sync.sandbox.work import Work

RECORD_TYPES: Mapping[str, tuple[str, ...]] = {
    "contact.record": ("contact",),
    "contact.waive": ("decision",),
    "case.accept": ("decision",),
    "case.refuse": ("decision",),
    "case.hand_back": ("decision",),
    "session.record": ("session",),
    "record.add": ("note", "contact", "performance", "follow_up"),
    "suspension.mark": ("suspension",),
    "signature.register": ("signature",),
    "case.conclude": ("concluded",),
    "case.resume": ("note",),
    "case.close": ("closed",),
}
"""Which entries of the timeline a command may write: what decides is written by its own command."""
_ENTERED = select(t.ledger.c.command_id).where(t.ledger.c.command_id == bindparam("of_command"))


def require_base(work: Work) -> None:
    """A decision says what it rests on; one that does not could be taken on anything.

    On a platform that was restored the decision before it may be still to come from another computer. Raises
    :class:`WireError`.
    """
    base = work.command.base_values
    wanted = ["state", "decided_by"]
    if work.kind in c.ON_THE_AGREEMENT:
        wanted.append("agreement_id")
    if work.kind in c.ON_THE_CONCLUSION:
        wanted.append("conclusion")
    if work.kind in c.UNDOING_AGREEMENT and base.get("agreement_id"):
        wanted.append(c.SIGNED)
    if work.kind in c.ON_THE_AGREEMENT and base.get("agreement_id"):
        wanted.append(c.PERFORMED)
    if work.kind in c.ON_THE_CLOCK:
        wanted.append(c.SUSPENSIONS)
    if work.kind in c.ON_THE_PARTIES:
        wanted.append(c.PARTIES)
    if work.kind in c.ON_THE_APPOINTMENT:
        wanted.append(c.APPOINTED)
    for name in wanted:
        if name not in base:
            text = f"缺少“{field_name(name)}”修改前的内容，这一步没有收下。"
            raise WireError("field", text, field=f"base_values.{name}")
    before = base["decided_by"]
    lost = work.awaits and before and before != work.head.body.get("decided_by")
    if lost and work.tx.conn.execute(_ENTERED, {"of_command": before}).first() is None:
        raise WireError("behind_lost", field="base_values.decided_by")
    for record_id in work.listed(c.PERFORMED):
        if work.tx.get("record", record_id) is None and work.to_come(record_id):
            raise WireError("behind_lost", field=f"base_values.{c.PERFORMED}")
    _require_the_clock(work)
    _require_the_appointment(work)


def _require_the_clock(work: Work) -> None:
    """A span that was seen, or its end, that a restored platform has not: its computer may bring it back."""
    if work.kind not in c.ON_THE_CLOCK:
        return
    name, here = c.SUSPENSIONS, {span["record_id"]: span for span in work.head.body[c.SUSPENSIONS]}
    seen = work.command.base_values[name]
    if not isinstance(seen, list) or not all(isinstance(span, dict) for span in seen):
        raise WireError("field", f"“{field_name(name)}”的写法不对，没有收下。", field=f"base_values.{name}")
    for span in seen:
        record_id, stands = str(span.get("record_id")), here.get(str(span.get("record_id")))
        lost = stands is None or (span.get("last_day") is not None and stands["last_day"] is None)
        if lost and work.to_come(record_id):
            raise WireError("behind_lost", field=f"base_values.{name}")


def _require_the_appointment(work: Work) -> None:
    """An appointment that was seen and that a restored platform never had: its computer may bring it back."""
    seen = _appointment_seen(work)
    at = seen.get("next_session_at")
    if not at or not _moved(work, seen):
        return
    if not any(_stood(json.loads(body), seen) for body in _bodies(work)) and work.to_come(str(at)):
        raise WireError("behind_lost", field=f"base_values.{c.APPOINTED}")


def appointed_since(work: Work) -> dict[str, Current]:
    """The next session that stands, where the author of an ending saw another or none; empty where not."""
    seen = _appointment_seen(work)
    if not seen or not _moved(work, seen):
        return {}
    told = standing_values(work.head, sorted(c.APPOINTMENT))
    last = max(told.values(), key=lambda one: one.at.timestamp() if one.at else 0)
    value = {name: one.value for name, one in told.items()}
    return {c.APPOINTED: last.model_copy(update={"value": value})}


def left_out(work: Work) -> dict[str, Current]:
    """The parties of the case, where a text names one less than there are that its author had not seen."""
    if work.kind not in c.ON_THE_PARTIES:
        return {}
    known = {*work.listed(c.PARTIES), *work.data["agreement"]["party_ids"]}
    here = {doc.doc_id: doc for doc in work.tx.of_case(work.command.case_id, "party")}
    if not (unseen := here.keys() - known):
        return {}
    last = max((here[one] for one in unseen), key=lambda doc: (doc.at, doc.doc_id))
    told = standing_values(last, ("party_id",))["party_id"]
    return {c.PARTIES: told.model_copy(update={"value": sorted(here)})}


def _appointment_seen(work: Work) -> Mapping[str, Any]:
    """Hour and room as the author saw them; empty where the command does not rest on them."""
    if work.kind not in c.ON_THE_APPOINTMENT:
        return {}
    seen = work.command.base_values[c.APPOINTED]
    if not isinstance(seen, dict) or seen.keys() != c.APPOINTMENT:
        text = f"“{field_name(c.APPOINTED)}”的写法不对，没有收下。"
        raise WireError("field", text, field=f"base_values.{c.APPOINTED}")
    return seen


def _moved(work: Work, seen: Mapping[str, Any]) -> bool:
    return not _stood(work.head.body, seen)


def _stood(body: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    return all(same(body.get(name) or None, value or None) for name, value in seen.items())


def _bodies(work: Work) -> Iterable[str]:
    """The case's header as it was told, time after time."""
    mine = (t.feed.c.entity == "case", t.feed.c.doc_id == work.command.case_id, t.feed.c.body.is_not(None))
    return work.tx.conn.execute(select(t.feed.c.body).where(*mine)).scalars()


def check_record(work: Work) -> None:
    """The entry of the timeline that a command brings is its author's, of this case, of a kind it may write.

    Raises :class:`WireError`.
    """
    record = work.data.get("record")
    if record is None:
        return
    own(work, record, "record.case_id")
    if record["author"] != work.command.author:
        raise WireError("field", "经过记录的作者与签名的人不一致。", field="record.author")
    if record["body"]["type"] not in RECORD_TYPES[work.kind]:
        raise WireError("field", "这类经过记录不能由这一步写入。", field="record.body.type")
    old = work.tx.get("record", record["record_id"])
    if old is not None and old.body != record:
        raise WireError("id_reused", field="record.record_id")
    if record["supersedes"]:
        before = work.tx.get("record", record["supersedes"])
        if before is None or before.case_id != work.command.case_id:
            raise work.missing(record["supersedes"], "要更正的那条记录平台上没有。", "record.supersedes")
        if _about(before.body["body"]) != _about(record["body"]):
            raise WireError("field", "要更正的是另一种记录，平台没有收下。", field="record.supersedes")


def _about(body: Mapping[str, Any]) -> tuple[str, ...]:
    """What an entry is about: only one about the same is put right by it."""
    if body["type"] == "signature":
        return ("signature", body["agreement_id"], *filled(body))
    return (body["type"],)


def own(work: Work, body: Mapping[str, Any], name: str) -> None:
    """Raise :class:`WireError` for content of another case."""
    if body["case_id"] != work.command.case_id:
        raise WireError("field", "内容写的是另一件案件，平台没有收下。", field=name)

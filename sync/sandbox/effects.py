"""What each command does to the documents. Raises :class:`WireError` before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from sync.contract import commands as c
from sync.contract.codes import WireError
from sync.contract.commands import COMPARE_AND_SET, Command
from sync.sandbox import tables as t
from sync.sandbox.documents import checked
from sync.sandbox.filed import comes_back, require_none_forgotten, require_unfiled
from sync.sandbox.grounds import appointed_since, check_record, left_out, own, require_base
from sync.sandbox.machines import label, table
from sync.sandbox.merging import require_whole, stale, standing_values, three_way
from sync.sandbox.numbers import borne, claim
from sync.sandbox.restored import Restored
from sync.sandbox.signing import paper_day, require_seen, require_standing, unseen_since
from sync.sandbox.source import legal_day
from sync.sandbox.store import Doc, Tx, get_meta
from sync.sandbox.telling import tell_choice
from sync.sandbox.wording import field_name
from sync.sandbox.work import Result, Work

_CHOSEN = {"case": c.EDITABLE_CASE_FIELDS, "party": c.EDITABLE_PARTY_FIELDS}
"""What a resolution may set: what an edit may. All else is the platform's, or belongs to a decision."""


def perform(tx: Tx, command: Command, restored: Restored, institution: str) -> Result:
    """Check and apply ``command`` of someone at ``institution``; other institutions' cases are unknown there.

    ``restored``: a platform that was restored may have forgotten cases, and what commands build on.
    """
    work = Work(tx, command, institution, awaits=restored.awaits)
    if work.kind == "case.register":
        return _register(work)
    if work.case is not None and work.case.institution != institution:
        raise WireError("case_unknown")
    if work.case is None:
        gone = get_meta(tx.conn, f"withdrawn:{command.case_id}")
        if gone:
            raise WireError("case_unknown", f"平台已收回这件案件（{gone}），这一步没有收下。内容仍在本机。")
        lost = "case_pending" if restored.awaits else "case_lost"
        raise WireError(lost if restored.ever else "case_unknown", field="case_id")
    check_record(work)
    if work.kind in COMPARE_AND_SET:
        require_base(work)
        values = command.base_values.items()
        changed = stale(work.head, {k: v for k, v in values if k not in c.BESIDE})
        current = {**standing_values(work.head, changed), **unseen_since(work), **appointed_since(work)}
        current |= left_out(work)
        work.comes_back = restored.ever and comes_back(work)
        if current and not work.comes_back:
            return Result("conflict", current)
        if work.target() is None:
            now = label("case", work.head.body["state"])
            raise WireError("state", f"案件现在是“{now}”，不能做这一步。内容仍在本机。")
    if restored.ever:
        require_none_forgotten(work)
    if work.kind in c.UNDOING_AGREEMENT:
        require_unfiled(work)
    return _HANDLERS[work.kind](work)


def _register(work: Work) -> Result:
    case = work.data["case"]
    own(work, case, "case.case_id")
    if work.case is not None:
        raise WireError("case_exists")
    if case["state"] not in table()["case"]["initial"]:
        raise WireError("state", "新登记的案件只能是新办件或已受理。", field="case.state")
    if case["source"] == "platform":
        raise WireError("field", "平台转来的办件由平台登记，请选其他来源。", field="case.source")
    for party in work.data["parties"]:
        own(work, party, "parties.case_id")
        if work.tx.get("party", party["party_id"]) is not None:
            raise WireError("id_reused", field="parties.party_id")
    for number in borne(case):
        claim(work.tx, case["case_id"], number, "case.number")
    work.put("case", case["case_id"], case)
    for party in work.data["parties"]:
        work.put("party", party["party_id"], party)
    return Result()


def _append(work: Work) -> Result:
    work.record()
    work.move()
    return Result()


def _add(work: Work) -> Result:
    """A payment counts on the agreement that stands; one of a text that is not here (yet) waits for it."""
    body, known = work.data["record"]["body"], work.tx.get("record", work.data["record"]["record_id"])
    if body["type"] == "performance" and known is None:
        agreement = work.tx.get("agreement", body["agreement_id"])
        if agreement is not None and agreement.case_id == work.command.case_id:
            require_standing(work, agreement)
    return _append(work)


def _session(work: Work) -> Result:
    """Taken before the acceptance it would stand as the last decision, and what rests on it be asked about: a
    restored platform has the acceptance still to come. One that came and was asked about is not waited for;
    one that was refused says nothing of another, on which an application rests."""
    came = select(t.ledger.c.command_id).where(
        t.ledger.c.case_id == work.command.case_id,
        t.ledger.c.kind == "case.accept",
        t.ledger.c.status == "conflict",
    )
    to_come = work.awaits and not work.head.body["accepted_at"]
    if to_come and work.tx.conn.execute(came.limit(1)).first() is None:
        raise WireError("behind_lost", field="accepted_at")
    return _append(work)


def _waive(work: Work) -> Result:
    work.record()
    work.move({"contact_waiver": work.data["reason"]})
    return Result()


def _accept(work: Work) -> Result:
    data = work.data
    known = work.tx.conn.execute(
        select(t.users.c.person_id).where(
            t.users.c.person_id == data["mediator_id"], t.users.c.institution_id == work.institution
        )
    ).first()
    if known is None:
        raise WireError("field", "“调解员”不在本机构名册里，请改好再发。", field="mediator_id")
    claim(work.tx, work.command.case_id, data["number"], "number")
    claim(work.tx, work.command.case_id, data["notice_no"], "notice_no")
    work.record()
    work.move(
        {
            "accepted_at": data["accepted_at"],
            "decided_at": data["accepted_at"],
            "number": data["number"],
            # Whom the platform has given the case to meanwhile stays its mediator.
            "mediator_id": work.head.body["mediator_id"] or data["mediator_id"],
        }
    )
    return Result()


def _refuse(work: Work) -> Result:
    refusal = work.data["refusal"]
    for name, word in (("ground", "理由"), ("facts", "事实"), ("basis", "依据"), ("next_routes", "其他途径")):
        if not refusal[name]:
            raise WireError("field", f"不予受理缺“{word}”，请补上再发。", field=f"refusal.{name}")
    claim(work.tx, work.command.case_id, refusal["notice_no"], "refusal.notice_no")
    work.record()
    work.move({"decided_at": work.data["decided_at"], "refusal": refusal})
    return Result()


def _hand_back(work: Work) -> Result:
    work.record()
    work.move({"decided_at": work.data["decided_at"], "handback_reason": work.data["reason"]})
    return Result()


def _edit(work: Work, doc: Doc, allowed: frozenset[str]) -> Result:
    """Three-way merge of the payload's fields; clashing ones are left alone and told."""
    fields = work.data["fields"]
    base = work.command.base_values
    for name in fields:
        if name not in allowed:
            raise WireError("field", f"“{field_name(name)}”不能这样改。", field=name)
        if name not in base:
            raise WireError("field", f"缺少“{field_name(name)}”修改前的内容。", field=name)
    require_whole(fields)
    merge = three_way(doc, base, fields)
    return _write_merge(work, doc, merge.take, merge.settled, merge.clash)


def _write_merge(work: Work, doc: Doc, take: dict[str, Any], settled: list[str], clash: list[str]) -> Result:
    beside = doc.version > work.command.base_version
    current = standing_values(doc, clash)
    if take:
        body = checked(doc.entity, {**doc.body, **take})
        work.put(doc.entity, doc.doc_id, body, take)
    if clash:
        return Result("conflict", current, settled)
    return Result("merged" if beside else "applied", {}, settled)


def _edit_case(work: Work) -> Result:
    _refuse_appointment(work, work.data["fields"])
    return _edit(work, work.head, c.EDITABLE_CASE_FIELDS)


def _refuse_appointment(work: Work, fields: Mapping[str, Any]) -> None:
    """Made, or chosen, while a colleague ended the case: the parties would come where nobody meets them."""
    state, wanted = work.head.body["state"], fields.get("next_session_at")
    if wanted and wanted != work.head.body["next_session_at"] and state in c.MEDIATION_OVER:
        now = label("case", state)
        raise WireError(
            "state",
            f"案件现在是“{now}”，下次调解没有约上。写的还在本机：已经和当事人说好的，请告诉他们；"
            "双方还要谈，先“再谈一次”，再约。",
            field="next_session_at",
        )


def _add_party(work: Work) -> Result:
    party = work.data["party"]
    own(work, party, "party.case_id")
    old = work.tx.get("party", party["party_id"])
    if old is None:
        work.put("party", party["party_id"], party)
        return Result()
    if old.case_id != work.command.case_id:
        raise WireError("id_reused", field="party.party_id")
    merge = three_way(old, _blank_base(party), party)
    return _write_merge(work, old, merge.take, merge.settled, merge.clash)


def _blank_base(party: Mapping[str, Any]) -> dict[str, Any]:
    """An addition replaces nothing: what it takes as given is a party without particulars."""
    return {name: None if name in ("birth_date", "agent") else "" for name in party}


def _edit_party(work: Work) -> Result:
    party = work.tx.get("party", work.data["party_id"])
    if party is None or party.case_id != work.command.case_id:
        raise work.missing(work.data["party_id"], "要改的当事人平台上没有。", "party_id")
    return _edit(work, party, c.EDITABLE_PARTY_FIELDS)


def _suspension(work: Work) -> Result:
    """One span at a time, and one last day of each: the statutory end of the mediation follows from them."""
    record = work.data["record"]
    mark = record["body"]
    seen = work.command.base_values.get(c.SUSPENSIONS)
    if not isinstance(seen, list):
        raise WireError("field", "缺少“暂停计时”修改前的内容。", field=f"base_values.{c.SUSPENSIONS}")
    spans = [dict(span) for span in work.head.body[c.SUSPENSIONS]]
    own = [span for span in spans if span["record_id"] == record["record_id"]]
    if mark["what"] == "start":
        _refuse_when_over(work)
        if not own and any(span["last_day"] is None for span in spans):
            return Result("conflict", standing_values(work.head, (c.SUSPENSIONS,)))
        if not own:
            span = {"record_id": record["record_id"], "reason": mark["reason"], "first_day": mark["day"]}
            spans.append({**span, "last_day": None})
    else:
        found = [span for span in spans if span["record_id"] == mark["start_record_id"]]
        if not found:
            wanted, field = mark["start_record_id"], "record.body.start_record_id"
            raise work.missing(wanted, "没有找到要结束的暂停。", field)
        ends, unseen = found[0]["last_day"], found[0] not in seen
        if ends is not None and ends != mark["day"] and unseen:
            return Result("conflict", standing_values(work.head, (c.SUSPENSIONS,)))
        found[0]["last_day"] = mark["day"]
    work.record()
    work.move({c.SUSPENSIONS: spans})
    return Result()


def _refuse_when_over(work: Work) -> None:
    """Written offline while a colleague ended the case: taken in silence, it would seem to count."""
    state = work.head.body["state"]
    known = work.tx.get("record", work.data["record"]["record_id"]) is not None
    if state in c.MEDIATION_OVER and not known:
        now = label("case", state)
        raise WireError(
            "state",
            f"案件现在是“{now}”，没有期限可以暂停，这次暂停没有收下。写的还在本机：要留下这件事，到案件里记一笔；"
            "双方还要谈，先“再谈一次”，再暂停。",
            field="record.body.what",
        )


def _attachment(work: Work) -> Result:
    body = dict(work.data["attachment"])
    own(work, body, "attachment.case_id")
    held = select(t.files.c.sha256).where(
        t.files.c.sha256 == body["sha256"], t.files.c.institution_id == work.institution
    )
    body["stored"] = work.tx.conn.execute(held).first() is not None
    old = work.tx.get("attachment", body["attachment_id"])
    if old is not None and {**old.body, "stored": body["stored"]} != body:
        raise WireError("id_reused", field="attachment.attachment_id")
    if old is None:
        work.put("attachment", body["attachment_id"], body)
    return Result()


def _agreement(work: Work) -> Result:
    agreement = work.data["agreement"]
    own(work, agreement, "agreement.case_id")
    if work.tx.get("agreement", agreement["agreement_id"]) is not None:
        raise WireError("id_reused", field="agreement.agreement_id")
    if paper_day(agreement) > legal_day(agreement["finalised_at"]):
        raise WireError("field", "“协议日期”晚于定稿的那天，请照纸面改好再发。", field="agreement.dated_on")
    parties = {doc.doc_id for doc in work.tx.of_case(work.command.case_id, "party")}
    for lacking in sorted(set(agreement["party_ids"]) - parties):
        raise work.missing(lacking, "协议里有当事人平台上没有。", "agreement.party_ids")
    work.put("agreement", agreement["agreement_id"], agreement)
    work.move({"agreement_id": agreement["agreement_id"], "agreement_form": agreement["form"]})
    return Result()


def _signature(work: Work) -> Result:
    wanted = work.data["record"]["body"]["agreement_id"]
    agreement = work.tx.get("agreement", wanted)
    if agreement is None or agreement.case_id != work.command.case_id:
        raise work.missing(wanted, "平台上没有这份协议。", "record.body.agreement_id")
    require_standing(work, agreement)
    if dt.date.fromisoformat(work.data["record"]["body"]["on"]) < paper_day(agreement.body):
        raise WireError("field", "“签署日期”早于协议日期，请照纸面改好再发。", field="record.body.on")
    require_seen(work)
    return _append(work)


def _conclude(work: Work) -> Result:
    if work.data["conclusion"]["outcome"] != work.data["outcome"]:
        raise WireError("field", "“结案信息”里的结果与这一步不一致。", field="outcome")
    work.record()
    work.move({"conclusion": work.data["conclusion"]})
    return Result()


def _close(work: Work) -> Result:
    conclusion = work.data["conclusion"]
    if not conclusion["method"]:
        raise WireError("field", "结案信息缺“化解方式”，请补上再发。", field="conclusion.method")
    work.record()
    work.move({"conclusion": conclusion, "closed_at": work.data["closed_at"]})
    return Result()


def _resolve(work: Work) -> Result:
    data = work.data
    doc = work.tx.get(data["entity"], data["entity_id"])
    if doc is None or doc.case_id != work.command.case_id:
        raise work.missing(data["entity_id"], "要改的内容平台上没有。", "entity_id")
    fields = {k: v for k, v in data["fields"].items() if doc.body.get(k) != v}
    # A decision is never chosen field by field: it is taken anew, by its own command and on what stands.
    owned = sorted(set(fields) - _CHOSEN.get(data["entity"], frozenset()))
    if owned:
        raise WireError("field", f"“{field_name(owned[0])}”不能这样改。", field=owned[0])
    require_whole(data["fields"])
    _refuse_appointment(work, fields)
    seen = {name: work.command.base_values.get(name) for name in data["fields"]}
    changed = stale(doc, {k: v for k, v in seen.items() if k in fields})
    if changed:
        return Result("conflict", standing_values(doc, changed))
    settled = (
        t.ledger.update()
        .where(
            t.ledger.c.command_id.in_((data["settles"], *data["also"])),
            t.ledger.c.case_id == work.command.case_id,
        )
        .values(settled_by=work.command.command_id)
    )
    if fields:
        work.put(doc.entity, doc.doc_id, checked(doc.entity, {**doc.body, **fields}), fields)
    work.tx.conn.execute(settled)
    tell_choice(work, doc, moved=bool(fields))
    return Result(applied_fields=sorted(data["fields"]))


_HANDLERS: Mapping[str, Callable[[Work], Result]] = {
    "contact.record": _append,
    "contact.waive": _waive,
    "case.accept": _accept,
    "case.refuse": _refuse,
    "case.hand_back": _hand_back,
    "case.edit": _edit_case,
    "party.add": _add_party,
    "party.edit": _edit_party,
    "session.record": _session,
    "record.add": _add,
    "suspension.mark": _suspension,
    "attachment.declare": _attachment,
    "agreement.finalise": _agreement,
    "signature.register": _signature,
    "case.conclude": _conclude,
    "case.resume": _append,
    "case.close": _close,
    "conflict.resolve": _resolve,
}

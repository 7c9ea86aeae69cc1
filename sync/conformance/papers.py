"""Payloads of invented people, as plain JSON built from the contract's own models."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import Any

from sync.contract import commands as c
from sync.contract import entities as e
from sync.contract import records as r

AT = "2026-11-23T02:00:00Z"
MARK = "（合规检查）"
"""In the title of every case the kit registers, so that it is known for what it is."""


def _plain(model: type[Any], body: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = model.model_validate(body).model_dump(mode="json")
    return plain


def new_id() -> str:
    """A new id."""
    return str(uuid.uuid4())


def respondent_id(case_id: str) -> str:
    """The id of a case's respondent."""
    return f"{case_id}.r"


def applicant_id(case_id: str) -> str:
    """The id of a case's applicant."""
    return f"{case_id}.a"


def case(case_id: str, **header: Any) -> dict[str, Any]:
    """A header."""
    body = {
        "case_id": case_id, "source": "walk_in", "state": "received", "title": f"楼道堆物{MARK}",
        "received_at": AT, "dispute_kind": "neighbour", "claims": "清走杂物", **header,
    }  # fmt: skip
    return _plain(e.Case, body)


def party(case_id: str, party_id: str, side: str, name: str) -> dict[str, Any]:
    """An invented person."""
    body = {"party_id": party_id, "case_id": case_id, "side": side, "ordinal": 0, "name": name}
    return _plain(e.Party, {**body, "phone": "13800000000", "address": "云浦区梧桐里1号"})


def register(case_id: str, **header: Any) -> dict[str, Any]:
    """来访登记 with two parties."""
    parties = [
        party(case_id, applicant_id(case_id), "applicant", "测甲"),
        party(case_id, respondent_id(case_id), "respondent", "测乙"),
    ]
    return {"kind": "case.register", "case": case(case_id, **header), "parties": parties}


def record(
    case_id: str, author: str, body: dict[str, Any], record_id: str = "", **more: Any
) -> dict[str, Any]:
    """An entry of the timeline."""
    whole = {"record_id": record_id or str(uuid.uuid4()), "case_id": case_id, "at": AT, "author": author}
    return _plain(r.Record, {**whole, "body": body, **more})


def note(case_id: str, author: str, text: str = "备注", **more: Any) -> dict[str, Any]:
    """A remark."""
    trace = record(case_id, author, {"type": "note", "text": text}, **more)
    return {"kind": "record.add", "record": trace}


def edit(**fields: Any) -> dict[str, Any]:
    """Change fields of the header."""
    return {"kind": "case.edit", "fields": fields}


def edit_party(party_id: str, **fields: Any) -> dict[str, Any]:
    """Change fields of a party."""
    return {"kind": "party.edit", "party_id": party_id, "fields": fields}


def contact(case_id: str, author: str, result: str) -> dict[str, Any]:
    """联系被申请人."""
    body = {"type": "contact", "party_id": respondent_id(case_id), "channel": "phone", "result": result}
    return {"kind": "contact.record", "record": record(case_id, author, body), "result": result}


def waive(case_id: str, author: str) -> dict[str, Any]:
    """不必征询."""
    trace = record(case_id, author, {"type": "decision", "what": "contact_waived"})
    return {"kind": "contact.waive", "record": trace, "reason": "双方一起来的"}


def new_number() -> str:
    """A case number that nobody has."""
    return f"（{dt.date.today().year}）合规检查字第{secrets.token_hex(5)}号"


def accept(case_id: str, author: str, number: str = "", mediator_id: str = "") -> dict[str, Any]:
    """受理."""
    trace = record(case_id, author, {"type": "decision", "what": "accepted"})
    body = {"kind": "case.accept", "record": trace, "accepted_at": AT, "number": number or new_number()}
    return _plain(c.AcceptCase, {**body, "mediator_id": mediator_id or author})


def refuse(case_id: str, author: str, **changed: Any) -> dict[str, Any]:
    """不予受理."""
    trace = record(case_id, author, {"type": "decision", "what": "refused"})
    refusal = {
        "ground_code": "N2", "ground": "其他机关已受理", "facts": "派出所已受理。",
        "basis": ["《人民调解法》"], "next_routes": ["向人民法院起诉"], **changed,
    }  # fmt: skip
    return _plain(
        c.RefuseCase, {"kind": "case.refuse", "record": trace, "decided_at": AT, "refusal": refusal}
    )


def hand_back(case_id: str, author: str) -> dict[str, Any]:
    """退回平台."""
    trace = record(case_id, author, {"type": "decision", "what": "handed_back"})
    return {"kind": "case.hand_back", "record": trace, "decided_at": AT, "reason": "不在本街道"}


def session(case_id: str, author: str) -> dict[str, Any]:
    """A finished session."""
    body = {
        "type": "session", "ordinal": 1, "started_at": AT, "ended_at": AT, "place": "第一调解室",
        "present": [], "segments": [], "result": "next_time",
    }  # fmt: skip
    return {"kind": "session.record", "record": record(case_id, author, body)}


def agreement(case_id: str, agreement_id: str, version_no: int = 1) -> dict[str, Any]:
    """协议定稿."""
    body = {
        "agreement_id": agreement_id, "case_id": case_id, "version_no": version_no, "finalised_at": AT,
        "party_ids": [applicant_id(case_id), respondent_id(case_id)],
        "clauses": [{"no": 1, "text": "十日内清走杂物"}],
    }  # fmt: skip
    return {"kind": "agreement.finalise", "agreement": _plain(e.Agreement, body)}


def signature(
    case_id: str, author: str, agreement_id: str, signer: str, on: str = AT[:10], **more: Any
) -> dict[str, Any]:
    """登记签名盖章: the mediator's, the seal, or the applicant's or its agent's; ``more`` of the record."""
    party_id = applicant_id(case_id) if signer in ("party", "agent") else ""
    body = {"type": "signature", "agreement_id": agreement_id, "signer": signer, "party_id": party_id,
            "on": on, "method": "sign"}  # fmt: skip
    return {"kind": "signature.register", "record": record(case_id, author, body, **more)}


def suspension(case_id: str, author: str, what: str = "start", start_record_id: str = "") -> dict[str, Any]:
    """暂停计时, or its end."""
    body = {"type": "suspension", "what": what, "reason": "送鉴定", "day": AT[:10],
            "start_record_id": start_record_id}  # fmt: skip
    return {"kind": "suspension.mark", "record": record(case_id, author, body)}


def span_of(begun: dict[str, Any]) -> dict[str, Any]:
    """The span that a :func:`suspension` began, as the case has it."""
    mark = begun["record"]["body"]
    return {"record_id": begun["record"]["record_id"], "reason": mark["reason"], "first_day": mark["day"],
            "last_day": None}  # fmt: skip


def conclude(case_id: str, author: str, outcome: str) -> dict[str, Any]:
    """Mediation ended without an agreement."""
    trace = record(case_id, author, {"type": "concluded", "outcome": outcome})
    body = {"kind": "case.conclude", "record": trace, "outcome": outcome}
    return _plain(
        c.ConcludeCase, {**body, "conclusion": {"outcome": outcome, "at": AT, "ground": "分歧较大"}}
    )


def rests_on(state: str, agreement_id: str = "", *signed: str, conclusion: Any = None) -> dict[str, Any]:
    """What a decision says it rests on: ``base_values`` of the compared commands."""
    seen = {"signed": list(signed), "performed": []} if agreement_id else {}
    whole = {**ends_on(state), "agreement_id": agreement_id, "conclusion": conclusion, "parties": []}
    return {**whole, **seen}


def ends_on(state: str, *spans: dict[str, Any]) -> dict[str, Any]:
    """What a step that ends mediation says it rests on: the spans that do not count, and no appointment."""
    none = {"next_session_at": None, "next_session_place": ""}
    return {"state": state, "suspensions": list(spans), "appointment": none}


def performed(case_id: str, author: str, agreement_id: str) -> dict[str, Any]:
    """Something done under an agreement without instalments."""
    body = {"type": "performance", "agreement_id": agreement_id, "payment_no": 0, "on": AT[:10]}
    return {"kind": "record.add", "record": record(case_id, author, body)}


def followed_up(case_id: str, author: str) -> dict[str, Any]:
    """回访: the parties say that all is paid."""
    body = {"type": "follow_up", "performed": "full"}
    return {"kind": "record.add", "record": record(case_id, author, body)}


def resume(case_id: str, author: str) -> dict[str, Any]:
    """再谈一次."""
    return {"kind": "case.resume", "record": record(case_id, author, {"type": "note", "text": "再谈一次"})}


def close(case_id: str, author: str, outcome: str = "agreed") -> dict[str, Any]:
    """结案."""
    body = {"kind": "case.close", "record": record(case_id, author, {"type": "closed"}), "closed_at": AT}
    conclusion = {"outcome": outcome, "at": AT, "method": "本机构组织调解"}
    return _plain(c.CloseCase, {**body, "conclusion": conclusion})


def attachment(case_id: str, author: str, sha256: str, size: int) -> dict[str, Any]:
    """A declared file."""
    body = {
        "attachment_id": str(uuid.uuid4()), "case_id": case_id, "sha256": sha256, "size": size,
        "name": "照片.jpg", "media_type": "image/jpeg", "role": "photo", "added_at": AT, "added_by": author,
    }  # fmt: skip
    return {"kind": "attachment.declare", "attachment": _plain(e.Attachment, body)}


def resolve(case_id: str, settles: str, choice: str, **fields: Any) -> dict[str, Any]:
    """A person's choice between two values of a header."""
    body = {"kind": "conflict.resolve", "entity": "case", "entity_id": case_id, "fields": fields}
    return {**body, "settles": settles, "choice": choice}


def manifest(case_id: str, subject_id: str, /, *files: tuple[str, int], **changed: Any) -> dict[str, Any]:
    """A material pack of the files named by hash and size."""
    items = [
        {"sha256": sha256, "size": size, "name": f"{number}.pdf", "material": "agreement"}
        for number, (sha256, size) in enumerate(files, 1)
    ]
    body = {"case_id": case_id, "kind": "judicial_confirmation", "subject_id": subject_id, "round": 1}
    return {**body, "court_code": "TEST", "court_name": "云浦区人民法院", "items": items, **changed}

"""Payloads of commands as plain JSON, as a stranger's client would write them."""

from __future__ import annotations

import uuid
from typing import Any

from sync.contract import commands as c
from sync.contract import entities as e

AT = "2026-11-23T02:00:00Z"


def new_id() -> str:
    return str(uuid.uuid4())


def case(case_id: str, **more: Any) -> dict[str, Any]:
    body = {
        "case_id": case_id, "source": "walk_in", "state": "received", "title": "楼上漏水", "received_at": AT,
        "dispute_kind": "neighbour", **more,
    }  # fmt: skip
    return e.Case.model_validate(body).model_dump(mode="json")


def party(case_id: str, party_id: str, side: str = "respondent", **more: Any) -> dict[str, Any]:
    body = {"party_id": party_id, "case_id": case_id, "side": side, "ordinal": 0, "name": "钱某", **more}
    return e.Party.model_validate(body).model_dump(mode="json")


def register(case_id: str, *parties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"kind": "case.register", "case": case(case_id, **more), "parties": list(parties)}


def record(case_id: str, author: str, body: dict[str, Any]) -> dict[str, Any]:
    whole = {"record_id": new_id(), "case_id": case_id, "at": AT, "author": author, "body": body}
    return e.Record.model_validate(whole).model_dump(mode="json")


def contact(case_id: str, author: str, party_id: str, result: str) -> dict[str, Any]:
    body = {"type": "contact", "party_id": party_id, "channel": "phone", "result": result}
    return {"kind": "contact.record", "record": record(case_id, author, body), "result": result}


def accept(case_id: str, author: str, number: str = "（2026）云梧民调字第0326号") -> dict[str, Any]:
    trace = record(case_id, author, {"type": "decision", "what": "accepted"})
    return {
        "kind": "case.accept", "record": trace, "accepted_at": AT, "number": number, "mediator_id": "p-zhou",
        "notice_no": "",
    }  # fmt: skip


def refuse(case_id: str, author: str, notice_no: str) -> dict[str, Any]:
    trace = record(case_id, author, {"type": "decision", "what": "refused"})
    refusal = {
        "ground_code": "N2", "ground": "其他机关已受理", "facts": "派出所已受理。",
        "basis": ["《人民调解法》"], "next_routes": ["向人民法院起诉"],
        "notice_no": notice_no, "approved_by": "",
    }  # fmt: skip
    return {"kind": "case.refuse", "record": trace, "decided_at": AT, "refusal": refusal}


def session(case_id: str, author: str) -> dict[str, Any]:
    body = {
        "type": "session", "ordinal": 1, "started_at": AT, "ended_at": AT, "place": "第一调解室",
        "present": [], "segments": [], "result": "next_time",
        "next_at": "2026-11-30T06:00:00Z", "next_place": "第二调解室",
    }  # fmt: skip
    return {"kind": "session.record", "record": record(case_id, author, body)}


def agreement(case_id: str, agreement_id: str, *party_ids: str, **more: Any) -> dict[str, Any]:
    body = {
        "agreement_id": agreement_id, "case_id": case_id, "version_no": 1, "finalised_at": AT,
        "party_ids": list(party_ids), "clauses": [{"no": 1, "text": "付清"}], **more,
    }  # fmt: skip
    return {
        "kind": "agreement.finalise",
        "agreement": e.Agreement.model_validate(body).model_dump(mode="json"),
    }


def edit_case(**fields: Any) -> dict[str, Any]:
    return {"kind": "case.edit", "fields": fields}


def edit_party(party_id: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "party.edit", "party_id": party_id, "fields": fields}


def resume(case_id: str, author: str) -> dict[str, Any]:
    return {
        "kind": "case.resume",
        "record": record(case_id, author, {"type": "note", "text": "双方愿意再谈一次。"}),
    }


def close(case_id: str, author: str, method: str) -> dict[str, Any]:
    conclusion = {"outcome": "agreed", "at": AT, "method": method}
    payload = {
        "kind": "case.close", "record": record(case_id, author, {"type": "closed"}), "closed_at": AT,
        "conclusion": conclusion,
    }  # fmt: skip
    return c.CloseCase.model_validate(payload).model_dump(mode="json")


def sign(case_id: str, author: str, agreement_id: str, on: str) -> dict[str, Any]:
    body = {"type": "signature", "agreement_id": agreement_id, "signer": "mediator", "on": on}
    return {"kind": "signature.register", "record": record(case_id, author, body)}

"""What is signed of an agreement: nobody replaces it unseen, and nobody signs what no longer stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sync.contract import commands as c
from sync.contract.codes import WireError
from sync.contract.commands import Current
from sync.sandbox.filed import require_unfiled
from sync.sandbox.machines import label
from sync.sandbox.merging import standing_values
from sync.sandbox.source import legal_day
from sync.sandbox.store import Doc
from sync.sandbox.work import Work


def paper_day(agreement: Mapping[str, Any]) -> dt.date:
    """协议日期 of an agreement: the date its paper bears, else the day its text was fixed."""
    dated = agreement.get("dated_on")
    return dt.date.fromisoformat(dated) if dated else legal_day(agreement["finalised_at"])


def signed_since(work: Work) -> dict[str, Current]:
    """The places of the standing agreement that are signed, when one is that the author had not seen.

    Empty when all was seen, and for commands that take no agreement out of force.
    """
    if c.SIGNED not in work.command.base_values:
        return {}
    seen = work.command.base_values[c.SIGNED]
    if not isinstance(seen, list) or not all(isinstance(place, str) for place in seen):
        raise WireError("field", "“签名盖章”要写成一列地方。", field=f"base_values.{c.SIGNED}")
    signed = _places(work)
    unseen = signed.keys() - set(seen)
    if not unseen:
        return {}
    last = max((signed[place] for place in unseen), key=lambda doc: (doc.at, doc.doc_id))
    told = standing_values(last, ("body",))["body"]
    return {c.SIGNED: told.model_copy(update={"value": sorted(signed)})}


def _places(work: Work) -> dict[str, Doc]:
    """The places of the standing agreement that are signed or sealed, each with its latest record."""
    found: dict[str, Doc] = {}
    for doc in work.tx.of_case(work.command.case_id, "record"):
        body = doc.body["body"]
        if body["type"] == "signature" and body["agreement_id"] == work.head.body["agreement_id"]:
            party_id = body["party_id"]
            place = f"{body['signer']}:{party_id}" if party_id else body["signer"]
            if place not in found or found[place].at < doc.at:
                found[place] = doc
    return found


def require_seen(work: Work) -> None:
    """Raise :class:`WireError` where the place is signed with another day that the author had not seen.

    The day of a signature decides from when the agreement holds, and so when confirmation, performance and
    the visits fall due; it is never moved by who came later. Another day names, in ``supersedes``, an entry
    with the day that stands; the same day is no other. Nor is it moved under an application at the court.
    """
    record = work.data["record"]
    body, known = record["body"], work.tx.get("record", record["record_id"])
    made = {
        doc.doc_id: doc
        for doc in work.tx.of_case(work.command.case_id, "record")
        if doc.body["body"]["type"] == "signature"
        and doc.body["body"]["agreement_id"] == body["agreement_id"]
        and filled(doc.body["body"]) == filled(body)
    }
    if known is not None or not made:
        return
    turns = {doc_id: _corrections(doc, made) for doc_id, doc in made.items()}
    last = max(made.values(), key=lambda doc: (turns[doc.doc_id], doc.at, doc.doc_id))
    day, mended = last.body["body"]["on"], made.get(record["supersedes"])
    if day == body["on"]:
        return
    if mended is None or mended.body["body"]["on"] != day or turns[mended.doc_id] != turns[last.doc_id]:
        raise WireError(
            "signed_otherwise",
            f"{_PLACES[filled(body)[0]]}这一处平台上登记的是{_day(day)}签，您登记的是{_day(body['on'])}，没有收下。"
            "请照纸面核对：平台上的不对，就在案件的“登记生效日”里改过来；对的，这一条不用再发。",
            field="record.body.on",
        )
    require_unfiled(work, record["record_id"])


_PLACES = {"party": "当事人签名", "mediator": "调解员签名", "recorder": "记录人签名", "seal": "调解组织盖章"}


def _day(iso: str) -> str:
    day = dt.date.fromisoformat(iso)
    return f" {day.month} 月 {day.day} 日"


def filled(body: Mapping[str, Any]) -> tuple[str, str]:
    """The place on paper that a signature fills: a party's agent, or its seal, fills the party's."""
    of_party = body["signer"] in ("party", "agent") or body["party_id"]
    return ("party", body["party_id"]) if of_party else (body["signer"], "")


def _corrections(doc: Doc, made: Mapping[str, Doc]) -> int:
    """How many entries of the place ``doc`` stands for, one in place of the other."""
    count = 0
    while (before := made.get(doc.body["supersedes"])) is not None and count < len(made):
        doc, count = before, count + 1
    return count


def stands(head: Mapping[str, Any], agreement_id: str) -> bool:
    """Whether this is the agreement that a case with this header rests on."""
    return head["agreement_id"] == agreement_id and head["state"] in c.SIGNABLE


def require_standing(work: Work, agreement: Doc) -> None:
    """Raise :class:`WireError` where ``agreement`` is not the one that stands."""
    head, field = work.head.body, "record.body.agreement_id"
    version = agreement.body["version_no"]
    kept = "登记的内容还在您的电脑上，请先和办这件案件的同事核对。"
    if head["agreement_id"] != agreement.doc_id:
        now = work.tx.get("agreement", head["agreement_id"])
        other = f"第 {now.body['version_no']} 版" if now is not None else "另一份"
        raise WireError(
            "state",
            f"这处签名是第 {version} 版协议上的，平台上现在用的是{other}，没有收下。{kept}"
            "双方认的是签好的这一版，就照它再定稿一次，重新登记签名。",
            field=field,
        )
    if head["state"] not in c.SIGNABLE:
        raise WireError(
            "state",
            f"这处签名是第 {version} 版协议上的，案件现在是“{label('case', head['state'])}”，没有收下。{kept}"
            "双方认的是签好的这一版，就照它再定稿一次，重新登记签名。",
            field=field,
        )

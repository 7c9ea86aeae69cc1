"""What is signed of an agreement, and performed: nobody replaces it unseen, and nobody signs, or registers as
performed, what no longer stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
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


def unseen_since(work: Work) -> dict[str, Current]:
    """What is signed of the standing agreement, and what performed, where the author had not seen all of it.

    Empty when all was seen, and of what the command does not rest on.
    """
    found: dict[str, Current] = {}
    for name, entries in ((c.SIGNED, _places), (c.PERFORMED, _performed)):
        if name not in work.command.base_values:
            continue
        here = entries(work)
        if unseen := here.keys() - set(work.listed(name)):
            last = max((here[one] for one in unseen), key=lambda doc: (doc.at, doc.doc_id))
            told = standing_values(last, ("body",))["body"]
            found[name] = told.model_copy(update={"value": sorted(here)})
    return found


def _places(work: Work) -> dict[str, Doc]:
    """The places of the standing agreement that are signed or sealed, each with its latest record."""
    found: dict[str, Doc] = {}
    for doc in _on_it(work, "signature"):
        body = doc.body["body"]
        party_id = body["party_id"]
        place = f"{body['signer']}:{party_id}" if party_id else body["signer"]
        if place not in found or found[place].at < doc.at:
            found[place] = doc
    return found


def _performed(work: Work) -> dict[str, Doc]:
    """What was performed under the standing agreement, and what the parties said of it in a 回访, by record.

    A 回访 names no agreement: it counts on the one that stands.
    """
    visits = {doc.doc_id: doc for doc in _records(work) if _said_of_keeping(doc.body["body"])}
    return {doc.doc_id: doc for doc in _on_it(work, "performance")} | visits


def _said_of_keeping(body: Mapping[str, Any]) -> bool:
    return bool(body["type"] == "follow_up" and body["performed"] != "not_due")


def _records(work: Work) -> Iterable[Doc]:
    return work.tx.of_case(work.command.case_id, "record")


def _on_it(work: Work, type_: str) -> Iterator[Doc]:
    for doc in _records(work):
        body = doc.body["body"]
        if body["type"] == type_ and body["agreement_id"] == work.head.body["agreement_id"]:
            yield doc


def require_seen(work: Work) -> None:
    """Raise :class:`WireError` where the place is signed on another day, or by another, than its author saw.

    The day of a signature decides from when the agreement holds, and so when confirmation, performance and
    the visits fall due; whether the party itself signed or its agent decides what authority the paper needs.
    Neither is moved by who came later: another day, or another who signed, names, in ``supersedes``, an entry
    that says what stands; the same is no other. Nor does either move under an application at the court.
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
    last = counting(made)
    stood, mended = last.body["body"], made.get(record["supersedes"])
    if said(stood) == said(body):
        return
    seen = mended is not None and said(mended.body["body"]) == said(stood)
    if mended is None or not seen or _corrections(mended, made) != _corrections(last, made):
        there, here = (
            (BY[one["signer"]] if stood["signer"] != body["signer"] else "") for one in (stood, body)
        )
        raise WireError(
            "signed_otherwise",
            f"{PLACES[filled(body)[0]]}这一处平台上登记的是{_day(stood['on'])}{there or '签'}，"
            f"您登记的是{_day(body['on'])}{here}，没有收下。"
            "请照纸面核对：平台上的不对，就在案件的“登记生效日”里改过来；对的，这一条不用再发。",
            field="record.body.on",
        )
    require_unfiled(work, record["record_id"])


PLACES = {"party": "当事人签名", "mediator": "调解员签名", "recorder": "记录人签名", "seal": "调解组织盖章"}


BY = {"party": "本人签", "agent": "代理人签", "seal": "盖章"}


def said(body: Mapping[str, Any]) -> tuple[str, str]:
    """What an entry of a place says: the day, and who signed there."""
    return body["on"], body["signer"]


def _day(iso: str) -> str:
    day = dt.date.fromisoformat(iso)
    return f" {day.month} 月 {day.day} 日"


def filled(body: Mapping[str, Any]) -> tuple[str, str]:
    """The place on paper that a signature fills: a party's agent, or its seal, fills the party's."""
    of_party = body["signer"] in ("party", "agent") or body["party_id"]
    return ("party", body["party_id"]) if of_party else (body["signer"], "")


def counting(made: Mapping[str, Doc]) -> Doc:
    """Of the entries of one place, by id, the one that counts: put right most often, only then the last."""
    return max(made.values(), key=lambda doc: (_corrections(doc, made), doc.at, doc.doc_id))


def _corrections(doc: Doc, made: Mapping[str, Doc]) -> int:
    """How many entries of the place ``doc`` stands for, one in place of the other."""
    count = 0
    while (before := made.get(doc.body["supersedes"])) is not None and count < len(made):
        doc, count = before, count + 1
    return count


def stands(head: Mapping[str, Any], agreement_id: str) -> bool:
    """Whether this is the agreement that a case with this header rests on."""
    return head["agreement_id"] == agreement_id and head["state"] in c.SIGNABLE


_REGISTERED = {
    "signature": ("这处签名是", "双方认的是签好的这一版，就照它再定稿一次，重新登记签名。"),
    "performance": (
        "这次履行登记在",
        "确实履行了的，双方再定的协议要算上；现在就要留下这件事，到案件里记一笔。",
    ),
}


def require_standing(work: Work, agreement: Doc) -> None:
    """Raise :class:`WireError` where ``agreement`` is not the one that stands."""
    head, field = work.head.body, "record.body.agreement_id"
    what, way = _REGISTERED[work.data["record"]["body"]["type"]]
    if stands(head, agreement.doc_id):
        return
    if head["agreement_id"] != agreement.doc_id:
        other = work.tx.get("agreement", head["agreement_id"])
        now = "平台上现在用的是" + (f"第 {other.body['version_no']} 版" if other is not None else "另一份")
    else:
        now = f"案件现在是“{label('case', head['state'])}”"
    raise WireError(
        "state",
        f"{what}第 {agreement.body['version_no']} 版协议上的，{now}，没有收下。"
        f"登记的内容还在您的电脑上，请先和办这件案件的同事核对。{way}",
        field=field,
    )

"""Applications at the court: nobody changes the agreement under them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import select

from sync.contract import commands as c
from sync.contract import wire as w
from sync.contract.codes import WireError
from sync.sandbox import lists
from sync.sandbox import tables as t
from sync.sandbox.machines import label
from sync.sandbox.source import SHANGHAI
from sync.sandbox.store import Doc, Tx
from sync.sandbox.work import Work

KIND_NAMES = {
    "judicial_confirmation": "司法确认申请",
    "arbitration_confirmation": "仲裁确认申请",
    "arbitration": "仲裁申请",
    "suit": "立案申请",
}


AT_COURT = (
    "法院正在办这份协议的{kind}，这一步没有收下，协议照交给法院的那样。写的都在本机。"
    "双方还要改、还要谈，先到“司法确认”撤回申请，法院准许后再办这一步；不改了，按“知道了，收起”。"
)
CASE_FORGOTTEN = (
    "法院正在办这件案件的{kind}，平台从备份恢复过，还没有补回申请和那份协议，所以这一步没有收下。写的都在本机。"
    "提交申请的那台电脑连上后补回，案件照那份协议办；那台电脑不用了的，请联系平台补回。"
)
CASE_CONFIRMED = (
    "法院已经裁定确认这件案件的协议，平台从备份恢复过，还没有补回裁定和那份协议，所以这一步没有收下。写的都在本机。"
    "收到裁定的那台电脑连上后补回，案件照裁定办；那台电脑不用了的，请向法院要一份裁定书，并联系平台补回。"
)
FORGOTTEN = (
    "法院正在办这份协议的{kind}，平台从备份恢复过，还没有补回它，这一步没有收下，协议照交给法院的那样。写的都在本机。"
    "提交申请的那台电脑连上后补回，再从“司法确认”撤回；那台电脑不用了的，请联系平台补回。"
)
CONFIRMED = (
    "这份协议的{kind}已经有了确认的裁定，协议照裁定的那样，这一步没有收下。写的都在本机。"
    "双方另有约定的，到案件里记一笔；对裁定有意见的，由当事人向作出裁定的法院提出。不改了，按“知道了，收起”。"
)
MOVED = (
    "您申请撤回的时候还没有看到：{}。撤回没有交给法院，申请和材料都照现在的样子。"
    "到“司法确认”看一看，还要撤回，就再点一次“撤回申请”；不撤了，按“知道了，收起”。"
)


def supplied(tx: Tx, doc: Doc, files: Collection[str]) -> str:
    """Who supplied the last list of an application and when, and how many files it brought, in words."""
    who, at, _ = doc.author_of("manifest_no")
    name = tx.conn.execute(select(t.users.c.name).where(t.users.c.person_id == who)).scalar_one_or_none()
    what = f" {len(files)} 份" if files else ""
    return f"{name or '同事'} {day_and_hour(at)} 补交了{what}材料"


def day_and_hour(at: str) -> str:
    """An instant as people in Shanghai write it."""
    local = dt.datetime.fromisoformat(at).astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def require_unfiled(work: Work, record_id: str = "") -> None:
    """Raise :class:`WireError` where an application about the standing agreement is with the court, or a
    ruling confirms it.

    It is with the court from its lodging until it was let go, not admitted, dismissed or ruled on, by the
    platform's own account or by the court's register, which a restore leaves as it is. ``record_id``: the
    entry that moves the day of a signature; one that stood there when the application was handed in comes
    again to a restored platform, and moves nothing under it.
    """
    agreement_id = work.head.body["agreement_id"]
    if not agreement_id:
        return
    over = work.listed(c.FILINGS_OVER)
    for held in _held(work.tx, work.command.case_id, agreement_id):
        if record_id and record_id in held.stood:
            continue
        if work.awaits and held.submission_id in over:
            # Written after its end, which the court has told and the restored platform has forgotten.
            raise WireError("behind_lost", field=f"base_values.{c.FILINGS_OVER}")
        words = held.words.format(kind=KIND_NAMES[held.kind])
        raise WireError("filed_meanwhile", words, details={"submission_id": held.submission_id})


RESTED = c.COMPARE_AND_SET | {"record.add"}
"""What an application may rest on: the decisions of its case, and what was entered as performed."""


def require_none_forgotten(work: Work) -> None:
    """Raise :class:`WireError` where the court has an application about an agreement of the case, or has
    confirmed one, that a restored platform has not back, and the command decides otherwise, or enters a
    performance of another text: what was before the application comes again first. Else another text is
    fixed, closed or performed beside the court's.
    """
    decides = work.kind in c.COMPARE_AND_SET
    if not decides and not _performs(work):
        return
    for row in _forgotten(work):
        if _text_of(work) != row.subject_id and work.command.command_id not in json.loads(row.taken):
            words = (CASE_CONFIRMED if row.ruled else CASE_FORGOTTEN).format(kind=KIND_NAMES[row.kind])
            raise WireError("filed_meanwhile", words, details={"submission_id": row.submission_id})


def comes_back(work: Work) -> bool:
    """Whether an application that a restored platform has not back rests on this command: it was taken before
    that was handed in. What others wrote since the restore, knowing of neither, does not stand against it.
    """
    return any(work.command.command_id in json.loads(row.taken) for row in _forgotten(work))


def _performs(work: Work) -> bool:
    record = work.data.get("record")
    return record is not None and record["body"]["type"] == "performance"


def _text_of(work: Work) -> str:
    """The agreement that a command fixes, or enters a performance of; empty for any other."""
    if work.kind == "agreement.finalise":
        return str(work.data["agreement"]["agreement_id"])
    return str(work.data["record"]["body"]["agreement_id"]) if _performs(work) else ""


def _forgotten(work: Work) -> list[Any]:
    """The court's own rows of such applications. About the text that stands, who moves it is told elsewhere;
    one about the case holds no text; a register of an earlier version does not say what had been taken."""
    register = t.court_register
    mine = (
        register.c.case_id == work.command.case_id,
        register.c.subject_id.not_in((work.head.body["agreement_id"], work.command.case_id)),
        (register.c.over == 0) | (register.c.ruled == 1),
        register.c.taken != "[]",
    )
    lodged = select(t.submissions.c.submission_id).where(
        t.submissions.c.submission_id == register.c.submission_id, t.submissions.c.lodged == 1
    )
    return list(work.tx.conn.execute(select(register).where(*mine, ~lodged.exists())))


def rested_on(tx: Tx, case_id: str) -> list[str]:
    """The commands of :data:`RESTED` that took effect in the case, by id."""
    mine = (t.ledger.c.case_id == case_id, t.ledger.c.kind.in_(RESTED))
    taken = t.ledger.c.status.in_(("applied", "merged"))
    return sorted(tx.conn.execute(select(t.ledger.c.command_id).where(*mine, taken)).scalars())


class _Held(NamedTuple):
    """An application that holds its agreement, and the signatures that stood when it was handed in."""

    kind: str
    submission_id: str
    stood: list[str]
    words: str


def _held(tx: Tx, case_id: str, agreement_id: str) -> Iterator[_Held]:
    register = t.court_register
    query = select(register).where(register.c.case_id == case_id, register.c.subject_id == agreement_id)
    known = {row.submission_id: row for row in tx.conn.execute(query)}
    mine = (t.submissions.c.case_id == case_id, t.submissions.c.subject_id == agreement_id)
    lodged = tx.conn.execute(select(t.submissions).where(*mine, t.submissions.c.lodged == 1)).all()
    here, told = {row.submission_id for row in lodged}, set()
    for row in known.values():
        if row.ruled or not row.over:
            words = CONFIRMED if row.ruled else AT_COURT if row.submission_id in here else FORGOTTEN
            told.add(row.submission_id)
            yield _Held(row.kind, row.submission_id, json.loads(row.stood), words)
    for row in lodged:
        if row.active and row.submission_id not in told:
            stood = json.loads(known[row.submission_id].stood) if row.submission_id in known else []
            yield _Held(row.kind, row.submission_id, stood, AT_COURT)


def signatures_on(tx: Tx, row: Any) -> list[str]:
    """The entries of signatures on the agreement that the submission ``row`` is about, by id."""
    bodies = (doc.body for doc in tx.of_case(row.case_id, "record"))
    return sorted(
        one["record_id"]
        for one in bodies
        if one["body"]["type"] == "signature" and one["body"]["agreement_id"] == row.subject_id
    )


def require_filing_seen(tx: Tx, doc: Doc, body: w.WithdrawIn) -> None:
    """What a colleague supplied, or the court answered, is taken back by nobody who had not seen it.

    At a platform that was restored less may stand than was seen: that goes.
    """
    number, state = doc.body["manifest_no"], doc.body["state"]
    if not body.state or _reached(number, state) <= _reached(body.manifest_no, body.state):
        return
    told = []
    if number > body.manifest_no:
        before, last = (lists.find(tx, doc.doc_id, one) for one in (body.manifest_no, number))
        told.append(
            supplied(tx, doc, {one for one in lists.files_of(last) if one not in lists.files_of(before)})
        )
    if state not in ("lodged", "supplemented"):
        told.append(f"法院 {day_and_hour(doc.body['events'][-1]['at'])} {label('filing', state)}")
    now = {"manifest_no": number, "state": state}
    raise WireError("filing_moved", MOVED.format("；".join(told)), details=now)


def _reached(manifest_no: int, state: str) -> tuple[int, int]:
    """How far an application has come: with each list the court may take it up, and ask once more."""
    return manifest_no, {"accepted": 1, "supplement_asked": 2}.get(state, 0)

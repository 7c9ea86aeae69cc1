"""Writing the platform's documents into the store: its picture of each case, and what follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select, union, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.clock import shanghai, to_text
from app.domain import casefile as cf
from app.domain import reducer
from app.domain.filings_of import CONFIRMING
from app.domain.states import case_machine, filing_machine
from app.services import backlog, kept_answers, unread_steps
from app.services.port_values import Incoming
from app.services.projection import project
from app.storage.bulk import Rows, listed
from app.storage.casestore import AS_BODY
from app.storage.direct import driver
from app.storage.tables import case_docs, cases, downloads, files, filings, outbox, tasks, uploads
from app.storage.tables import kept_answers as answers

if TYPE_CHECKING:
    from app.services.desk import Desk

FETCH_AT_ONCE = 20 * 1024 * 1024
"""Files up to this size of open cases are fetched by themselves, others when somebody opens them."""


ANOTHER_TEXT = (
    "法院正在办的那一份已经补回，是这件案件另一份协议的，您这一份没有交给法院，材料都在本机。要照您这份协议申请的，"
    "先同双方定好用哪一份，到“司法确认”撤回前一份，法院准许后再提交。"
)
"""Why ours was settled beside one about another text of the case."""


OWN_FIRST = (
    "您先前提交的那一份法院已经收到，这一份没有再交，不会办两次。"
    "备的材料都在本机；后面补材料、撤回，在案件里照常办。"
)
"""Said of an application that came second to one of the same person, as by a package believed lost."""


def colleague_first(who: str = "", at: dt.datetime | None = None) -> str:
    """What is said of an application that came second: who handed the other in and when, as far as known."""
    local = shanghai(at) if at is not None else None
    when = f"于 {local.month}月{local.day}日 {local:%H:%M} " if local is not None else "先"
    return (
        f"同一份申请已由{who or '同事'}{when}提交，这一份没有再交。"
        "备的材料都在本机；后面补材料、撤回，在案件里照常办。"
    )


_HERE = (
    cases.c.case_id, case_docs.c.case_id, outbox.c.case_id, filings.c.case_id, answers.c.case_id
)  # fmt: skip
_KNOWN = union(*(select(column).where(column.in_(listed("ids"))) for column in _HERE))
_LAST_RID = select(func.coalesce(func.max(cases.c.rid), 0))
_CASES = Rows(cases, cases.c.keys())
_DOCS = Rows(case_docs, case_docs.c.keys())
_TASKS = Rows(tasks, tasks.c.keys())
_NEW_DOC = upsert(case_docs)
_TOLD = {"version": _NEW_DOC.excluded.version, "shadow": _NEW_DOC.excluded.shadow}
_PUT_DOC = _NEW_DOC.on_conflict_do_update(index_elements=["entity", "doc_id"], set_=_TOLD)
_PUT_NEWER_DOC = _NEW_DOC.on_conflict_do_update(
    index_elements=["entity", "doc_id"], set_=_TOLD, where=case_docs.c.version <= _NEW_DOC.excluded.version
)
_HEAD_HERE = select(cases.c.rid).where(cases.c.case_id == bindparam("of_case"))
_CONFIRMED = (
    update(uploads)
    .where(uploads.c.attachment_id == bindparam("of_file"), uploads.c.state != "stored")
    .values(
        state="stored", sent=bindparam("whole"), settled_at=bindparam("now"), error_code="", error_text=""
    )
)
_STATE = select(cases.c.state).where(cases.c.case_id == bindparam("of_case"))
_FILE_HERE = select(files.c.sha256).where(files.c.sha256 == bindparam("of_file"), files.c.state == "present")
_WANT = upsert(downloads).on_conflict_do_update(
    index_elements=["sha256"],
    set_={"state": "wanted", "next_attempt_at": "", "attempts": 0, "error_text": ""},
    where=downloads.c.state == "stored",
)
"""Built once: building a statement costs more than running it."""


def known(conn: Connection, case_ids: Collection[str]) -> set[str]:
    """Those of the cases of which anything is here already: a header, a document, a command, a filing,
    what a court answered."""
    return set(conn.execute(_KNOWN, {"ids": msgspec.json.encode(list(case_ids)).decode()}).scalars())


def brings_whole_case(group: Sequence[Incoming]) -> bool:
    """Whether a group holds a case's header and takes nothing away."""
    puts = all(item.op == "put" for item in group)
    return puts and any(item.entity == "case" for item in group)


class Picture(NamedTuple):
    """A new case as it will be written: nothing of ours stands on it, so the platform's picture is ours."""

    case_id: str
    columns: dict[str, Any]
    docs: list[dict[str, Any]]
    tasks: tuple[Mapping[str, Any], ...]
    tokens: str
    group: Sequence[Incoming]


def picture(desk: Desk, case_id: str, group: Sequence[Incoming]) -> Picture:
    """What a new case's documents come to. Needs no store, and is dear: to be made before a transaction."""
    latest = {(item.entity, item.doc_id): item for item in group}
    head = latest.pop(("case", case_id))
    docs = [
        {
            "entity": entity, "doc_id": doc_id, "case_id": case_id, "version": item.version,
            "body": item.body, "shadow": AS_BODY,
        }
        for (entity, doc_id), item in latest.items()
    ]  # fmt: skip
    file = reducer.gathered(head.doc, ((i.entity, i.doc_id, i.doc) for i in latest.values()))
    row = project(file, desk, "delivered", to_text(file.last_change))
    own = {"case_id": case_id, "version": head.version, "body": head.body, "shadow": AS_BODY}
    return Picture(case_id, {**row.columns, **own}, docs, row.tasks, row.tokens, group)


def insert_new(conn: Connection, pictures: Sequence[Picture]) -> None:
    """Write many new cases at once."""
    from app.storage import search_text

    # As SQLite would number them; nobody else writes in this transaction.
    first = conn.execute(_LAST_RID).scalar_one() + 1
    _CASES.insert(conn, [{"rid": rid, **one.columns} for rid, one in enumerate(pictures, first)])
    _DOCS.insert(conn, [doc for one in pictures for doc in one.docs])
    _TASKS.insert(conn, [task for one in pictures for task in one.tasks])
    search_text.index_new(conn, [(rid, one.tokens) for rid, one in enumerate(pictures, first)])


_RECORDS = """
SELECT doc_id, body FROM case_docs
WHERE entity = 'record' AND doc_id IN (SELECT value FROM json_each(?)) AND body IS NOT NULL
"""
_ADDED = """
SELECT command_id FROM outbox
WHERE kind = 'record.add' AND command_id IN (SELECT value FROM json_each(?))
"""
_CONFIRM = """
UPDATE case_docs SET version = ?1, shadow = CASE WHEN body = ?2 THEN x'' ELSE ?2 END
WHERE entity = 'record' AND doc_id = ?3
"""


def echoes(conn: Connection, groups: Sequence[tuple[str, list[Incoming]]]) -> set[str]:
    """Cases of which nothing came but records that were added here, each of which stands word for word.

    A record is never changed, and adding one changes nothing else: the local picture is the same before and
    after, and needs not be made anew.
    """
    only = {
        case_id: group
        for case_id, group in groups
        if all(item.entity == "record" and item.op == "put" and item.cause for item in group)
    }
    if not only:
        return set()
    items = [item for group in only.values() for item in group]
    causes = msgspec.json.encode([item.cause for item in items]).decode()
    ours = {command_id for (command_id,) in driver(conn).execute(_ADDED, (causes,))}
    ids = msgspec.json.encode([item.doc_id for item in items if item.cause in ours]).decode()
    here = dict(driver(conn).execute(_RECORDS, (ids,)).fetchall())
    return {case_id for case_id, group in only.items() if all(_stands(item, here) for item in group)}


def _stands(item: Incoming, here: Mapping[str, bytes]) -> bool:
    return item.doc is not None and here.get(item.doc_id) == cf.encode(item.doc)


def confirm(conn: Connection, items: Sequence[Incoming], *, whole: bool) -> None:
    """Put records that stand here already into the platform's picture; as :func:`store_shadows`."""
    sql = _CONFIRM if whole else f"{_CONFIRM} AND version <= ?1"
    driver(conn).executemany(sql, [(item.version, item.body, item.doc_id) for item in items])


def gone(group: Sequence[Incoming]) -> set[str]:
    """The cases that the platform takes back."""
    return {item.case_id for item in group if item.entity == "case" and item.op == "tombstone"}


def version_here(conn: Connection, entity: str, doc_id: str) -> int:
    """The version of a document that the platform's picture here holds; 0 for none."""
    query = select(case_docs.c.version).where(case_docs.c.entity == entity, case_docs.c.doc_id == doc_id)
    if entity == "case":
        query = select(cases.c.version).where(cases.c.case_id == doc_id)
    return int(conn.execute(query).scalar_one_or_none() or 0)


def store_shadows(conn: Connection, group: Sequence[Incoming], *, whole: bool) -> None:
    """Put the documents of one case into the platform's picture of it.

    A version older than the one held changes nothing, except in a snapshot (``whole``), which is the
    platform's word as it stands.
    """
    for item in group:
        if item.entity == "case":
            _store_head(conn, item, whole=whole)
        else:
            _store_doc(conn, item, whole=whole)


def _store_doc(conn: Connection, item: Incoming, *, whole: bool) -> None:
    # Only a tombstone takes away; a court's answer that is left out of an application was forgotten.
    answered = item.entity == "submission" and item.op == "put"
    before = kept_answers.told(conn, item.doc_id) if answered else ()
    values = {
        "entity": item.entity, "doc_id": item.doc_id, "case_id": item.case_id, "body": None,
        "version": item.version, "shadow": item.body,
    }  # fmt: skip
    conn.execute(_PUT_DOC if whole else _PUT_NEWER_DOC, values)
    if answered:
        back = kept_answers.follow(conn, item.case_id, item.doc_id, before)
        if any(event.asked for event in back):
            # What was supplied to this very question, and could not go while nobody had it, goes now.
            _goes_on(conn, item.doc_id, backlog.NOT_ASKED)


def _store_head(conn: Connection, item: Incoming, *, whole: bool) -> None:
    values = {"version": item.version, "shadow": item.body}
    known = update(cases).where(cases.c.case_id == item.case_id)
    if conn.execute(_HEAD_HERE, {"of_case": item.case_id}).first():
        conn.execute((known if whole else known.where(cases.c.version <= item.version)).values(**values))
    elif item.body is not None:
        head = cast(cf.Case, cf.decode("case", item.body))
        conn.execute(cases.insert().values(**_blank_row(head), body=item.body, **values))


def _blank_row(head: cf.Case) -> dict[str, Any]:
    """List columns until the projection fills them in the same transaction."""
    texts = (
        "label", "bucket", "source", "dispute_kind", "number", "intake_no", "title", "mediator_id", "parties",
        "township", "next_kind", "next_text", "next_due", "received_at", "accepted_at", "closed_at",
        "updated_at", "sync",
    )  # fmt: skip
    return {**dict.fromkeys(texts, ""), "case_id": head.case_id, "state": head.state, "is_open": 0}


def side_effects(conn: Connection, items: Sequence[Incoming], now: str) -> None:
    """What documents mean beyond their case: confirmed uploads, files to fetch, states of filings."""
    for item in items:
        if item.op != "put" or item.body is None:
            continue
        if item.entity == "attachment":
            _attachment(conn, cast(cf.Attachment, item.doc), now)
        elif item.entity == "submission":
            _submission(conn, cast(cf.Submission, item.doc), item.body, now)


def _attachment(conn: Connection, attachment: cf.Attachment, now: str) -> None:
    if not attachment.stored:
        return
    values = {"of_file": attachment.attachment_id, "whole": attachment.size, "now": now}
    conn.execute(_CONFIRMED, values)
    if attachment.size <= FETCH_AT_ONCE and _is_open(conn, attachment.case_id):
        want(
            conn,
            attachment.case_id,
            attachment.sha256,
            attachment.size,
            attachment.name,
            attachment.media_type,
        )


def _is_open(conn: Connection, case_id: str) -> bool:
    state = conn.execute(_STATE, {"of_case": case_id}).scalar_one_or_none()
    return state is not None and state not in case_machine().final and state != "closed"


def want(
    conn: Connection,
    case_id: str,
    sha256: str,
    size: int,
    name: str,
    media_type: str,
    *,
    asked: bool = False,
) -> None:
    """Have a file fetched from the platform, unless it is here.

    ``asked``: a person needs it, so it is tried at once, also when it was given up, and before others.
    """
    if conn.execute(_FILE_HERE, {"of_file": sha256}).first():
        return
    if asked:
        conn.execute(delete(downloads).where(downloads.c.sha256 == sha256))
    values = {
        "sha256": sha256, "case_id": case_id, "size": size, "name": name, "media_type": media_type,
        "state": "wanted",
    }  # fmt: skip
    conn.execute(_WANT, values)


def _settle_others(conn: Connection, submission: cf.Submission, now: str) -> None:
    """A colleague's application was taken: ours under the same key, surely not lodged, has no way left; nor
    has one about another text or of another round that the court did not take because of this very one."""
    lodged = next((event.at for event in submission.events if event.state == "lodged"), None)
    told = dict.fromkeys(filing_machine().active, backlog.STILL_AT_COURT)
    told |= dict.fromkeys(CONFIRMING, backlog.CONFIRMED_AT_COURT)
    which = and_(filings.c.subject_id == submission.subject_id, filings.c.round == submission.round)
    if submission.state in told:
        beside = and_(filings.c.job == "failed", filings.c.error_code == told[submission.state])
        which = or_(which, beside)
    other_text = filings.c.subject_id != submission.subject_id
    conn.execute(
        update(filings)
        .where(
            filings.c.case_id == submission.case_id,
            filings.c.kind == submission.kind,
            which,
            filings.c.submission_id != submission.submission_id,
            filings.c.job.in_(("waiting", "failed")),
            # What had its receipt stands in the court's register, whatever a restored platform has.
            filings.c.receipt.is_(None),
        )
        .values(
            job="settled",
            error_code=case((other_text, backlog.BESIDE_ANOTHER), else_=backlog.CAME_SECOND),
            error_text=case((other_text, ANOTHER_TEXT), else_=colleague_first(at=lodged)),
            settled_at=now,
            next_attempt_at="",
        )
    )


def _goes_on(conn: Connection, submission_id: str, code: str) -> None:
    """What was asked of the court here and could not go (``code``), goes now."""
    waited = (filings.c.job == "failed", filings.c.error_code == code)
    mine = update(filings).where(filings.c.submission_id == submission_id, *waited)
    again = {"error_code": "", "error_text": "", "settled_at": "", "next_attempt_at": ""}
    conn.execute(mine.values(job="unknown", **again))


def _ask_what_it_holds(conn: Connection, submission: cf.Submission) -> None:
    """A later list of another computer lies at the court: papers of ours that did not go may be in it."""
    not_gone = (filings.c.job == "failed", filings.c.error_code.in_(backlog.NOT_IN_THE_LIST))
    mine = select(filings).where(filings.c.submission_id == submission.submission_id, *not_gone)
    for row in conn.execute(mine).all():
        before = cf.decode("submission", row.body) if row.body else None
        if not isinstance(before, cf.Submission) or before.manifest_no < submission.manifest_no:
            own = update(filings).where(filings.c.submission_id == row.submission_id)
            conn.execute(own.values(job="unknown", settled_at="", next_attempt_at=""))


def _submission(conn: Connection, submission: cf.Submission, body: bytes, now: str) -> None:
    if submission.state not in (final := filing_machine().final):
        # Nothing that is over goes on but at a platform that was restored: it is asked what it has.
        over = (filings.c.job == "done", filings.c.state.in_(final))
        mine = update(filings).where(filings.c.submission_id == submission.submission_id, *over)
        conn.execute(mine.values(job="unknown", next_attempt_at=""))
        # What its court has all the same may be back by now: looked at once.
        waits = (filings.c.job == "waiting", filings.c.receipt.is_not(None))
        mine = update(filings).where(filings.c.submission_id == submission.submission_id, *waits)
        conn.execute(mine.values(next_attempt_at=""))
    else:
        # Carried out, and over there too: there is nothing to ask any more.
        asked = (filings.c.job.in_(("waiting", "unknown")), filings.c.receipt.is_not(None))
        mine = update(filings).where(filings.c.submission_id == submission.submission_id, *asked)
        conn.execute(mine.values(job="done", error_code="", error_text="", next_attempt_at=""))
    if submission.state not in ("prepared", "queued"):
        # Another computer has brought it back.
        _goes_on(conn, submission.submission_id, backlog.LODGED_ELSEWHERE)
        _ask_what_it_holds(conn, submission)
    unread_steps.heard(conn, submission)
    conn.execute(
        update(filings)
        .where(filings.c.submission_id == submission.submission_id)
        .values(state=submission.state, body=body)
    )
    if submission.state != "prepared":
        _settle_others(conn, submission, now)
    for event in submission.events:
        for document in event.documents:
            want(conn, submission.case_id, document.sha256, document.size, document.name, document.media_type)

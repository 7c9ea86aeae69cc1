"""What courts answered, in their own register: a platform that was restored asks them for it, and so has each
answer again, once and as it was told."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from sync.contract.codes import WireError
from sync.contract.entities import Submission
from sync.sandbox import received
from sync.sandbox import tables as t
from sync.sandbox.machines import is_active, target
from sync.sandbox.received import Received
from sync.sandbox.restored import RESTORED_AT, stand_of, waits_until
from sync.sandbox.store import Doc, Tx, get_meta
from sync.sandbox.uploads import Files

ASK_AFTER_MINUTES = 60
"""So long after a restore the courts are asked; a platform's own setting, 待核."""


class Answer(NamedTuple):
    """One answer: the move, the application's state by it, its event, the notice of it, and the paper."""

    move: str
    state: str
    court_number: str
    event: Mapping[str, Any]
    notice: Mapping[str, Any]
    paper: bytes


def keep(tx: Tx, submission_id: str, answer: Answer) -> None:
    """Into the court's register. Told by the court itself where a restored platform had not asked yet, it is
    the first of what that lacks; another answer than that one takes the place of them all."""
    mine = t.court_answers.c.submission_id == submission_id
    order = t.court_answers.c.answer_no
    rows = tx.conn.execute(select(t.court_answers).where(mine).order_by(order)).all()
    lacks = [row for row in rows if row.untold]
    number = lacks[0].answer_no if lacks else len(rows) + 1
    same = bool(lacks) and lacks[0].move == answer.move
    tx.conn.execute(t.court_answers.delete().where(mine, order == number if same else order >= number))
    told = {
        "move": answer.move, "state": answer.state, "court_number": answer.court_number,
        "event": json.dumps(answer.event), "notice": json.dumps(answer.notice), "paper": answer.paper,
    }  # fmt: skip
    values = {"submission_id": submission_id, "answer_no": number, **told}
    tx.conn.execute(t.court_answers.insert(), values)


def lacking(tx: Tx, submission_id: str) -> list[tuple[int, Answer]]:
    """What a restored platform has not again of the court's answers, with their numbers."""
    mine = (t.court_answers.c.submission_id == submission_id, t.court_answers.c.untold == 1)
    rows = tx.conn.execute(select(t.court_answers).where(*mine).order_by(t.court_answers.c.answer_no))
    return [(row.answer_no, _read(row)) for row in rows]


def told_again(tx: Tx, submission_id: str, number: int) -> None:
    """The platform has this answer again."""
    mine = (t.court_answers.c.submission_id == submission_id, t.court_answers.c.answer_no == number)
    tx.conn.execute(t.court_answers.update().where(*mine).values(untold=0))


def told(tx: Tx, submission_id: str) -> int:
    """The number of the last answer that the platform has of an application; 0 for none."""
    mine = (t.court_answers.c.submission_id == submission_id, t.court_answers.c.untold == 0)
    return int(tx.conn.execute(select(func.max(t.court_answers.c.answer_no)).where(*mine)).scalar() or 0)


def number_of(tx: Tx, submission_id: str) -> str:
    """The number under which the court has an application; empty while it has given none."""
    mine = (t.court_answers.c.submission_id == submission_id, t.court_answers.c.court_number != "")
    found = tx.conn.execute(select(t.court_answers.c.court_number).where(*mine).limit(1))
    return str(found.scalar() or "")


def given(tx: Tx, submission_id: str, case_id: str) -> tuple[Answer, ...]:
    """All that the court answered, in its order, of an application with which it is done; else nothing. Nor
    is anything given to another case than the one the application was of."""
    register = t.court_register
    of_it = (register.c.submission_id == submission_id, register.c.case_id == case_id)
    mine = (t.court_answers.c.submission_id == submission_id, select(register).where(*of_it).exists())
    rows = tx.conn.execute(select(t.court_answers).where(*mine).order_by(t.court_answers.c.answer_no)).all()
    return tuple(_read(row) for row in rows) if rows and not is_active(rows[-1].state) else ()


def attached(body: Mapping[str, Any], *answers: Answer) -> dict[str, Any]:
    """The document of an application with these answers behind what happened before them: a wish to withdraw
    may be here again before the question that it followed. The last word of all stands last."""
    events = [*body["events"], *(answer.event for answer in answers)]
    if is_active(answers[-1].state):
        events.sort(key=received.happened_at)
    told = {"state": answers[-1].state, "court_number": answers[-1].court_number, "events": events}
    return Submission.model_validate({**body, **told}).model_dump(mode="json")


def note(tx: Tx, body: Mapping[str, Any], answer: Answer) -> None:
    """Into the case with an answer; told once more it changes nothing."""
    record_id = answer.notice["record_id"]
    if tx.get("record", record_id) is None:
        tx.put("record", record_id, body["case_id"], answer.notice, by="platform")
    case = tx.get("case", body["case_id"])
    title = case.body["title"] if case else ""
    what = str(answer.event["note"]).split("，")[0]
    tx.happened("court", f"“{title}”：法院{what}", body["court_number"])


def bring_all(
    tx: Tx,
    files: Files,
    institution: str,
    body: Mapping[str, Any],
    answers: tuple[Answer, ...],
    brought: Sequence[Received],
) -> dict[str, Any]:
    """An application that is handed in again with all the court answered, its papers and notices with it, and
    with what it was ``brought`` meanwhile.

    Raises as :func:`require_agreement`.
    """
    require_agreement(tx, body["case_id"], body["subject_id"])
    whole = dict(body)
    for number, answer in enumerate(answers):
        for one in brought:
            if one.after == number:
                whole = received.attached(whole, one)
        whole = attached(whole, answer)
    for one in brought:
        received.listed(tx, files, institution, body["submission_id"], one)
    for answer in answers:
        files.add(tx, institution, answer.paper, "application/pdf")
        note(tx, whole, answer)
    mine = t.court_answers.c.submission_id == body["submission_id"]
    tx.conn.execute(t.court_answers.update().where(mine).values(untold=0))
    return whole


def require_agreement(tx: Tx, case_id: str, subject_id: str) -> None:
    """Raise ``agreement_unknown`` where what an application is about is not here, ``agreement_lost`` where a
    restored platform has it not back and waits no more."""
    if subject_id != case_id and tx.get("agreement", subject_id) is None:
        stood = stand_of(tx)
        gone = stood.ever and not stood.awaits
        raise WireError("agreement_lost" if gone else "agreement_unknown", field="subject_id")


def note_lost(tx: Tx) -> None:
    """The platform has gone back to a backup: mark what it has not of the courts' answers."""
    for row in tx.conn.execute(select(t.court_answers)).all():
        doc = tx.get("submission", row.submission_id)
        has = doc is not None and json.loads(row.event) in doc.body["events"]
        mine = (
            t.court_answers.c.submission_id == row.submission_id, t.court_answers.c.answer_no == row.answer_no
        )  # fmt: skip
        tx.conn.execute(t.court_answers.update().where(*mine).values(untold=int(not has)))
    received.note_lost(tx)


def due(conn: Connection, now: dt.datetime) -> bool:
    """Whether the courts are to be asked, and have something to tell."""
    since = get_meta(conn, RESTORED_AT)
    minutes = int(get_meta(conn, "court_ask_minutes", str(ASK_AFTER_MINUTES)))
    if not since or now < dt.datetime.fromisoformat(since) + dt.timedelta(minutes=minutes):
        return False
    return next(_next(conn, now), None) is not None or bool(received.alone(conn))


def tell(
    tx: Tx,
    bring_back: Callable[[Tx, Doc, Answer, int], None],
    bring_rest: Callable[[Tx, Doc, int], object],
) -> None:
    """Have everything brought back that may be told at ``tx.now``, of each application in its order, each
    answer with its number; then what the court was brought since its last answer."""
    while found := list(_next(tx.conn, tx.now)):
        for row in found:
            doc = tx.get("submission", row.submission_id)
            if doc is not None:
                bring_back(tx, doc, _read(row), row.answer_no)
            told_again(tx, row.submission_id, row.answer_no)
    for submission_id in received.alone(tx.conn):
        doc = tx.get("submission", submission_id)
        if doc is not None:
            bring_rest(tx, doc, told(tx, submission_id) + 1)
        received.told_again(tx, submission_id)


def _next(conn: Connection, now: dt.datetime) -> Iterator[Row[Any]]:
    """Of each application that was handed in here, the first answer that it lacks, once it stands where that
    answer was given: what was supplied before comes again from the computer that supplied it, for a while;
    unless it lies there already, or the parties have asked for leave since and the court is done with it."""
    end = waits_until(conn)
    query = (
        select(t.court_answers, t.submissions.c.receipts, t.docs.c.body)
        .join(t.submissions, t.submissions.c.submission_id == t.court_answers.c.submission_id)
        .join(
            t.docs, (t.docs.c.doc_id == t.court_answers.c.submission_id) & (t.docs.c.entity == "submission")
        )
        .where(t.court_answers.c.untold == 1, t.submissions.c.lodged == 1)
        .order_by(t.court_answers.c.submission_id, t.court_answers.c.answer_no)
    )
    for _, rows in itertools.groupby(conn.execute(query).all(), lambda row: row.submission_id):
        first, *later = rows
        body = json.loads(first.body)
        stands = target("filing", body["state"], f"court.{first.move}") == first.state
        leave = any(event["code"] == "withdrawal_asked" for event in body["events"])
        done = not is_active([first, *later][-1].state)
        late = end is None or now >= end
        if stands or (leave and done) or late or received.supplied(conn, first, body, first.answer_no):
            yield first


def _read(row: Row[Any]) -> Answer:
    event, notice = json.loads(row.event), json.loads(row.notice)
    return Answer(row.move, row.state, row.court_number, event, notice, bytes(row.paper))

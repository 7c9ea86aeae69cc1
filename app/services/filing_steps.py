"""Steps of a filing that are over: each stays with its receipt, or with the reason why it did not go.

``filings`` holds what is asked of the court now, one row a filing. Whatever takes the place of such a row has
it kept here first, in the same transaction. The list of files that each went with is kept with it: a platform
restored to before the lodging gets it all again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, select, update

from app.clock import to_text
from app.domain import filings_of
from app.domain.casefile import Submission, SubmissionKind, decode
from app.domain.errors import StateError
from app.domain.reducer import CaseFile
from app.domain.states import filing_machine
from app.domain.unsent import HEALED, MAYBE_DONE
from app.services import backlog, package_records, unread_steps
from app.services.desk import Desk
from app.services.port_values import FilingJob
from app.storage import casestore, kv
from app.storage.tables import filing_steps, filings

COPIED = tuple(name for name in filing_steps.c.keys() if name != "step_id")  # noqa: SIM118 - not a mapping
KEY = ("case_id", "kind", "subject_id", "round")
"""The natural key of an application."""
MOVED = "filing_moved"
"""Code of a withdrawal that met more than its author had seen of the application."""
SEEN = "withdraw_seen:"
"""Key of what the author of a withdrawal saw, before the application's id."""
UNASKED = "step_unasked:"
"""Key of a mark, before the application's id: a restored platform was not asked for the step before."""
IN_DOUBT = "正在核对平台收到本机提交的那一份没有，核对完再办这一步。"


def keep(conn: Connection, desk: Desk, where: ColumnElement[bool], next_step: str = "") -> None:
    """Keep every row of ``filings`` that meets ``where`` as a step that is over.

    ``next_step``: what is wanted of the filing instead, in words: told of a step that had not gone yet. A
    refused one counts as read by whoever goes on after it, with the platform's words. Raises
    :class:`StateError` while it is not known whether the platform has one of them.
    """
    now = to_text(desk.clock.now())
    for row in conn.execute(select(filings).where(where)).all():
        values: dict[str, Any] = {name: getattr(row, name) for name in COPIED}
        goes_again = row.job == "waiting" and (row.wanted == "lodge" or row.receipt is not None)
        if row.job in ("in_flight", "unknown") or goes_again:
            # What had its receipt and waits, or is a lodging, is what a restored platform does not know yet.
            raise StateError(IN_DOUBT, code="E-IN-DOUBT")
        if row.job == "waiting":
            require_here(conn, row)
        if row.job == "failed":
            values |= {"job": "settled", "settled_at": now}
        elif row.job == "waiting":
            said = f"还没有送出，改成了“{next_step}”，这一步没有再送。"
            values |= {"job": "settled", "settled_at": now}
            values |= {"error_code": backlog.REPLACED, "error_text": said, "receipt": None}
        conn.execute(insert(filing_steps).values(step_id=desk.make_id(), **values))


def rest_on(conn: Connection, file: CaseFile, submission: Submission) -> None:
    """Keep what the author of a withdrawal sees of the application: as it stands at the platform, and what
    the court answered that a restored platform has not back."""
    there = casestore.shadow(conn, submission.case_id).submissions.get(submission.submission_id, submission)
    told, _, state = kv.get(conn, f"{SEEN}{submission.submission_id}").partition(":")
    now = (there.manifest_no, there.state)
    if kept := file.kept.get(submission.submission_id):
        lists = there.manifest_no + sum(event.state == "supplemented" for event in kept)
        now = max(now, (lists, kept[-1].state), key=_reached)
    # Without a line the platform's words to the withdrawal before are all that is known of what moved.
    number, state = max(now, (int(told), state), key=_reached) if told else now
    keep_seen(conn, submission.submission_id, number, state)


def _reached(seen: tuple[int, str]) -> tuple[int, int]:
    """How far an application has come: with each list the court may take it up, and ask once more."""
    return seen[0], {"accepted": 1, "supplement_asked": 2}.get(seen[1], 0)


def keep_seen(conn: Connection, submission_id: str, manifest_no: object, state: object) -> None:
    """Keep the list and the state that the author of a withdrawal knows of; nothing where they are none."""
    if isinstance(manifest_no, int) and isinstance(state, str):
        kv.put(conn, f"{SEEN}{submission_id}", f"{manifest_no}:{state}")


def seen(conn: Connection, row: Any) -> dict[str, Any]:
    """What :func:`rest_on` kept, for the platform to compare; empty for any other step.

    One that had its receipt rests on what was there then: a restored platform that forgot it just takes it.
    """
    kept = kv.get(conn, f"{SEEN}{row.submission_id}")
    if row.wanted != "withdraw" or row.receipt is not None or not kept:
        return {}
    number, _, state = kept.partition(":")
    return {"manifest_no": int(number), "state": state}


def step_back(conn: Connection, desk: Desk) -> None:
    """Of filings whose last step came to nothing, the one before it counts again.

    So that a platform that was restored is asked about what was carried out; the other stays as a step, with
    its reason.
    """
    mine = (filing_steps.c.submission_id == filings.c.submission_id, filing_steps.c.job == "done")
    over = and_(filings.c.job.in_(("failed", "settled")), exists().where(*mine))
    for row in conn.execute(select(filings).where(over)).all():
        _before_counts(conn, desk, row.submission_id)


def _before_counts(conn: Connection, desk: Desk, submission_id: str) -> None:
    step = _last_done(conn, submission_id)
    if step is not None:
        keep(conn, desk, filings.c.submission_id == submission_id)
        _put_back(conn, step)


def _last_done(conn: Connection, submission_id: str) -> Any:
    """The last step that was carried out here, among those kept; ``None`` where there is none."""
    done = and_(filing_steps.c.submission_id == submission_id, filing_steps.c.job == "done")
    last = select(filing_steps).where(done).order_by(filing_steps.c.written_at.desc()).limit(1)
    return conn.execute(last).one_or_none()


def _put_back(conn: Connection, step: Any) -> None:
    """A kept step stands again as the last that was asked of the court."""
    conn.execute(delete(filing_steps).where(filing_steps.c.step_id == step.step_id))
    values = {name: getattr(step, name) for name in COPIED}
    own = filings.c.submission_id == step.submission_id
    conn.execute(update(filings).where(own).values(**values, next_attempt_at=""))


def drop(conn: Connection, desk: Desk, row: Any, said: str) -> None:
    """A step that has not gone is not asked for any more, for the reason ``said``: the one before it counts
    again, where this computer carried that out."""
    own = filings.c.submission_id == row.submission_id
    over = {"job": "settled", "settled_at": to_text(desk.clock.now()), "error_code": backlog.REPLACED}
    conn.execute(update(filings).where(own).values(**over, error_text=said, next_attempt_at=""))
    _before_counts(conn, desk, row.submission_id)
    _ask_if_unasked(conn, row.submission_id)


def _ask_if_unasked(conn: Connection, submission_id: str) -> None:
    own = filings.c.submission_id == submission_id
    if kv.get(conn, f"{UNASKED}{submission_id}"):
        conn.execute(update(filings).where(own, filings.c.job == "done").values(job="unknown"))
        kv.put(conn, f"{UNASKED}{submission_id}", "")


def away(conn: Connection, row: Any) -> str:
    """Why a step that waits here may be elsewhere as well: its reply was lost, or it lies in a package that
    somebody may be carrying; empty where neither is so."""
    if doubted(row):
        return IN_DOUBT
    package = package_records.holding(conn, package_records.step_id(row))
    if package is None:
        return ""
    packed = f"这一步{package_records.waiting_words(package)}，可能已经有人带去交了。"
    return f"{packed}读回那个包的回执再办；确定没有交、也不会交的，在“离线交换包”里把那个包作废。"


def require_here(conn: Connection, row: Any) -> None:
    """Raise :class:`StateError` where a step that waits may be elsewhere as well (:func:`away`)."""
    if said := away(conn, row):
        raise StateError(said, code="E-IN-DOUBT")


def may_recall(conn: Connection, row: Any) -> bool:
    """Whether a supplement or a wish to withdraw lies here, and here only."""
    return _of_here(row) and not away(conn, row)


def _of_here(row: Any) -> bool:
    return row.job == "waiting" and row.wanted in ("supplement", "withdraw") and row.receipt is None


@dataclass(frozen=True)
class Ways:
    """What can be done of a step that waits here. ``recall``: it may be taken back; ``away``: why it can
    neither be taken back nor replaced."""

    recall: bool = False
    away: str = ""
    package: str = ""
    """That it lies in a package whose receipt is still to come, and in which."""
    given_up: str = ""
    """包号 of a package that was given up with it inside: handed in after all, its court gets it."""


NO_WAYS = Ways()


def ways(conn: Connection, row: Any) -> Ways:
    """Of a row of ``filings``, or none."""
    if row is None or row.job not in backlog.UNDER_WAY:
        return NO_WAYS
    package = package_records.holding(conn, package_records.step_id(row))
    words = package_records.waiting_words(package) if package is not None else ""
    if row.job != "waiting":
        return Ways(package=words)
    said, lost = away(conn, row), package_records.lost_with(conn, package_records.step_id(row))
    return Ways(_of_here(row) and not said, said, words, lost.label if lost is not None else "")


def recall(conn: Connection, desk: Desk, row: Any) -> None:
    """A step that never went is taken back by whoever asked for it: as if it had not been asked for.

    The last one that this computer carried out counts again. What it had taken the place of is not sent
    either, and says no more: the materials may be others by now, so it is asked for anew.
    """
    _remember(conn, desk, row)
    step = _last_done(conn, row.submission_id)
    # Also what that had replaced itself: nothing of it was sent, and nothing stands in its place any more.
    replaced = and_(
        filing_steps.c.submission_id == row.submission_id,
        filing_steps.c.error_code == backlog.REPLACED,
        filing_steps.c.settled_at >= (step.written_at if step is not None else ""),
    )
    for one in conn.execute(select(filing_steps).where(replaced)).all():
        # What lay in a package that was given up may come to the court all the same.
        if package_records.lost_with(conn, package_records.step_id(one)) is None:
            conn.execute(delete(filing_steps).where(filing_steps.c.step_id == one.step_id))
    if step is None:
        conn.execute(delete(filings).where(filings.c.submission_id == row.submission_id))
        return
    _put_back(conn, step)
    _ask_if_unasked(conn, row.submission_id)


def take_back(conn: Connection, desk: Desk, submission_id: str) -> None:
    """An application that never reached the platform is asked for no more.

    Raises :class:`StateError` where a court may have it: what had its receipt, or follows a lodging that had,
    is at the court, and a restored platform forgot it.
    """
    own = filings.c.submission_id == submission_id
    row = conn.execute(select(filings).where(own)).one_or_none()
    job = row.job if row is not None else ""
    been_there = row is not None and (row.wanted != "lodge" or row.receipt is not None)
    if job not in ("waiting", "failed") or (job == "waiting" and been_there):
        got = "法院收到过这份申请，平台正在补回，补回后再撤回；急着撤回的，到法院窗口提出。"
        asks = "正在核对平台收到这份申请没有，核对完再撤回。"
        raise StateError(got if been_there else asks, code="E-IN-DOUBT")
    if row is not None and job == "failed" and row.error_code == HEALED:
        raise StateError(unread_steps.NOT_TAKEN_BACK, code="E-IN-DOUBT")
    if job == "failed":
        keep(conn, desk, own)
    else:
        require_here(conn, row)
        _remember(conn, desk, row)
    conn.execute(delete(filings).where(own))


def _remember(conn: Connection, desk: Desk, row: Any) -> None:
    """A step that is taken back stays in the list where it lay in a package that was given up."""
    package = package_records.lost_with(conn, package_records.step_id(row))
    if package is None:
        return
    said = (
        f"收回了，没有送出。它装进过离线交换包 {package.label}，那个包后来作废了；"
        "包要是又有人交了，法院照样收到，读回执就知道。"
    )
    values = {name: getattr(row, name) for name in COPIED}
    values |= {"job": "settled", "settled_at": to_text(desk.clock.now()), "receipt": None}
    values |= {"error_code": backlog.TAKEN_BACK, "error_text": said}
    conn.execute(insert(filing_steps).values(step_id=desk.make_id(), **values))


def came_all_the_same(
    conn: Connection, desk: Desk, held: Collection[str], body: bytes, told: Mapping[str, Any]
) -> str:
    """The court got a step by a package that was given up, after the step had been taken back or replaced.

    ``held``: the ids of what lay in the package; ``body``: the application as the platform has it; ``told``:
    the step's name, its list's number and its receipt. Returns its case, empty where there is no such step.
    """
    doc = cast(Submission, decode("submission", body))
    step = _taken_back(conn, held, (doc.submission_id, told["wanted"], told["manifest_no"]))
    if step is None:
        return ""
    done = {"job": "done", "error_code": "", "error_text": "", "settled_at": to_text(desk.clock.now())}
    done |= {"receipt": told["receipt"]}
    key = and_(*(filings.c[name] == getattr(doc, name) for name in KEY))
    row = conn.execute(select(filings).where(key)).one_or_none()
    this = filing_steps.c.step_id == step.step_id
    if row is not None and (row.submission_id != doc.submission_id or row.job != "done"):
        # Something else is asked of the court by now: that goes on.
        conn.execute(update(filing_steps).where(this).values(**done))
        return doc.case_id
    if row is not None:
        keep(conn, desk, filings.c.submission_id == row.submission_id)
        conn.execute(delete(filings).where(filings.c.submission_id == row.submission_id))
    conn.execute(delete(filing_steps).where(this))
    values = {name: getattr(step, name) for name in COPIED} | done
    conn.execute(insert(filings).values(**values, state=doc.state, body=body, next_attempt_at=""))
    return doc.case_id


def _taken_back(conn: Connection, held: Collection[str], named: tuple[str, str, int]) -> Any:
    submission_id, wanted, manifest_no = named
    mine = select(filing_steps).where(
        filing_steps.c.submission_id == submission_id, filing_steps.c.wanted == wanted,
        filing_steps.c.manifest_no == manifest_no,
        filing_steps.c.error_code.in_((backlog.TAKEN_BACK, backlog.REPLACED)),
    )  # fmt: skip
    found = (step for step in conn.execute(mine) if package_records.step_id(step) in held)
    return next(found, None)


def note_unasked(conn: Connection) -> None:
    """The platform was restored while a later step waits: whether it has the one before it is found out with
    that step, or once that is dropped."""
    later = and_(filings.c.job == "waiting", filings.c.wanted != "lodge", filings.c.receipt.is_(None))
    for submission_id in conn.execute(select(filings.c.submission_id).where(later)).scalars().all():
        kv.put(conn, f"{UNASKED}{submission_id}", "1")


def make_room(conn: Connection, desk: Desk, row: dict[str, object]) -> None:
    """One under the key of ``row`` that was settled without an effect becomes a step.

    Raises :class:`StateError` while another one under its key is still on its way.
    """
    key = and_(*(filings.c[name] == row[name] for name in KEY))
    over = and_(key, backlog.FILING_SETTLED)
    keep(conn, desk, over)
    conn.execute(delete(filings).where(over))
    if conn.execute(select(filings.c.submission_id).where(key)).first():
        raise StateError(IN_DOUBT, code="E-IN-DOUBT")


def previous(conn: Connection, file: CaseFile, kind: SubmissionKind) -> list[Submission]:
    """The applications the case had before. Raises :class:`StateError` when one leaves no room for another.

    One only prepared at the platform, perhaps by a computer that is gone, binds nobody; nor one of a replaced
    version that the platform refused, which stays a row of its own.
    """
    subject = file.head.agreement_id
    replaced = (filings.c.case_id == file.head.case_id, filings.c.subject_id != subject)
    refused = (backlog.FILING_FAILED, filings.c.wanted == "lodge", filings.c.receipt.is_(None))
    gone = set(conn.execute(select(filings.c.submission_id).where(*replaced, *refused)).scalars())
    found = [s for s in file.submissions.values() if s.kind == kind and s.state != "prepared"]
    found = [s for s in found if s.state != "queued" or s.submission_id not in gone]
    if any(s.state not in filing_machine().final for s in found):
        raise StateError("这份申请已经在提交，不会重复提交。", code="E-LODGED")
    if any(s.state in filings_of.CONFIRMING and s.subject_id == subject for s in found):
        raise StateError("这份协议法院已经确认有效，不用再申请。", code="E-CONFIRMED")
    return found


def next_round(
    conn: Connection, case_id: str, kind: str, subject_id: str, previous: Iterable[Submission]
) -> int:
    """The round after those ``previous`` to it, or what the court's register asks for, as refusals told here.

    A restored platform may know nothing of rounds that are over, and then nobody has them from there.
    """
    code = filings.c.error_code
    key = (filings.c.case_id == case_id, filings.c.kind == kind, filings.c.subject_id == subject_id)
    told = conn.execute(select(code).where(*key, code.startswith(f"{backlog.ROUND_TAKEN}:"))).scalars()
    after = 1 + sum(one.subject_id == subject_id for one in previous)
    return max([after, *(int(one.partition(":")[2]) for one in told)])


def doubted(row: Any) -> bool:
    """Whether a step went and its reply was lost, and nothing has shown since what became of it."""
    went = row.job == "unknown" and row.attempts > 0
    return row.receipt is None and (went or row.error_code == MAYBE_DONE)


def may_be_there(conn: Connection, row: Any) -> bool:
    """Whether the platform may have had a step: its reply was lost, or somebody may carry it in a package."""
    held = row.receipt is None and package_records.holding(conn, package_records.step_id(row)) is not None
    return held or doubted(row)


def own_step(job: FilingJob) -> dict[str, Any]:
    """What is kept of the step that is wanted, where one before it went: that says nothing of this one."""
    return {"attempts": 0, **({"error_code": MAYBE_DONE} if job.doubted else {})}

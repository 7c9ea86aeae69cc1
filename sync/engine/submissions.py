"""Filings out: once every file is stored, the manifest, then the one request that lodges.

What may have been lodged is asked for, never repeated blindly; the natural key at the platform and the
receipt stand behind it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from app.domain import casefile as cf
from app.domain.states import filing_machine
from app.domain.unsent import COLLEAGUES_CHOICE, COLLEAGUES_SIGNATURES, OWN_CHOICE
from app.services import backlog
from app.services.held_filings import AGREEMENT_LOST, NOT_BACK
from app.services.port_values import FilingJob
from sync.engine import faults, filing_lists
from sync.engine.filing_words import (
    AT_COURT_ALL_THE_SAME,
    BROUGHT_BACK,
    CASE_AWAY,
    CASE_GONE,
    CHOOSE_FIRST,
    CONFIRMED_AT_COURT,
    CONFIRMED_BEFORE,
    LODGED_ELSEWHERE,
    MAYBE_AT_COURT,
    NOT_ASKED,
    NOT_LODGED_AGAIN,
    PACK_GONE,
    ROUND_BEFORE,
    ROUND_BEFORE_UNSENT,
    ROUND_TAKEN,
    ROUND_UNKNOWN,
    STILL_AT_COURT,
    SUPPLEMENTED,
    WAIT_BEHIND,
    WAIT_FOR_FILES,
)
from sync.engine.reading import UNREADABLE
from sync.engine.receipts import genuine_filing
from sync.engine.work import Settling, Work

LATER_CODES = frozenset(
    {"files_missing", "open_conflict", "agreement_unknown", "case_unknown", "case_pending"}
)
"""Refusals that pass by themselves or once somebody has chosen: the filing stays queued."""
FORGOTTEN = frozenset({"not_found", "manifest_missing"})
"""What was lodged is not there, or not as far: the platform was restored to before it."""
SECOND_CODES = frozenset({"already_lodged", "already_confirmed", "round"})
"""Another application holds the natural key: ours after all, or a colleague's that came first."""
ANSWERED = frozenset({"lodged", "supplemented", "accepted"})
"""States in which the court has the application and waits for nobody."""
LOOK_AGAIN = 60.0


@dataclass(frozen=True)
class Step:
    """What is asked of the platform next for a filing: most often what a person wants, at times what that
    rests on and a restored platform forgot."""

    wanted: str
    manifest_no: int


def submissions(work: Work) -> None:
    """Carry out what people asked of the court. One filing holds up no other."""
    for job in work.port.filings.jobs():
        work.go_on()
        # What follows a lodging rests on it, and may be put only as it stands at the platform.
        asked = job.job == "unknown" or job.wanted != "lodge"
        step = ask(work, job) if asked else Step(job.wanted, job.manifest_no)
        for _ in range(1 + len(job.lists)):
            if step is None or not carry_out(work, job, step):
                break
            step = ask(work, job)


def ask(work: Work, job: FilingJob) -> Step | None:
    """Find out whether the platform took it; returns what is surely still to be done."""
    try:
        reply = work.client.get(f"/submissions/{job.submission_id}")
    except faults.RefusedFault as refusal:
        if refusal.http != 404:
            # The others go on; this one stays unknown and is asked for at the next run.
            work.port.state.log("submissions", "asked", f"{refusal.wire_code or refusal.code}")
            return None
        return _to_do(work, job, "prepared", 0)
    submission, body = _submission_of(job, reply)
    number = min(job.manifest_no, submission.manifest_no)
    there = _taken(job, reply)
    # What a restored platform has not asked for again may have gone in a list that was made after it.
    may_hold = there or (submission.state in ANSWERED and number > 1)
    if job.wanted == "supplement" and may_hold:
        try:
            # In the list of its own number, or the last one, where a colleague's first was another.
            lists = dict.fromkeys((number, submission.manifest_no))
            ours = any(filing_lists.holds_ours(work, job, one) for one in lists)
        except faults.RefusedFault as refusal:
            refused(work, job, refusal)
            return None
        if not ours and there:
            work.changed(work.port.filings.failed(job, backlog.SUPPLEMENTED, SUPPLEMENTED))
            work.feed_due = True
            return None
        there = ours
    if there:
        taken(work, job, reply)
        return None
    if job.over and submission.state in filing_machine().final:
        work.changed(work.port.filings.done(job, body, None))
        return None
    return _to_do(work, job, submission.state, submission.manifest_no)


def _to_do(work: Work, job: FilingJob, state: str, manifest_no: int) -> Step | None:
    """The next step of a filing that stands in ``state`` with list ``manifest_no`` at the platform.

    One that a restored platform forgot is lodged anew under its own id, with the last list that this computer
    knows: the lists before it are put under their numbers as they were, and what a supplement brought is in
    the last one. As a supplement it could not go: only a court that asks gets one, and the platform has
    forgotten the question. One that never went waits for the question. The court's own register takes the
    application once; where the court is done with it, it comes back with all that was answered.
    """
    filings = work.port.filings
    own = Step(job.wanted, job.manifest_no)
    if job.wanted != "lodge" and state in ("prepared", "queued"):
        if not job.lists:
            _await_lodging(work, job)
            return None
        own = Step("lodge", _lists_brought(job))
    elif job.wanted == "supplement" and state != "supplement_asked":
        _no_question(work, job)
        return None
    elif job.wanted == "supplement" and manifest_no + 1 < job.manifest_no:
        own = Step("supplement", manifest_no + 1)
    filings.not_there(job)
    return own


def _no_question(work: Settling, job: FilingJob) -> None:
    """The platform has no question of the court that this would answer. What the court got all the same comes
    back with the question, as the platform asks the court; nobody is told that it was not handed in."""
    filings = work.port.filings
    if job.again:
        work.changed(filings.wait_for_court(job, work.later(1, LOOK_AGAIN), AT_COURT_ALL_THE_SAME))
    elif job.doubted:
        later = work.later(1, LOOK_AGAIN)
        work.changed(filings.wait_in_doubt(job, later, MAYBE_AT_COURT, backlog.NOT_ASKED, NOT_ASKED))
    else:
        work.changed(filings.failed(job, backlog.NOT_ASKED, NOT_ASKED))


def _lists_brought(job: FilingJob) -> int:
    """The number of the last list that the court has: what a supplement brings that never went is not in an
    application that is lodged anew; it goes once the court asks for it again."""
    unsent = job.wanted == "supplement" and not job.again
    return max(1, len(job.lists) - 1) if unsent else len(job.lists)


def _await_lodging(work: Settling, job: FilingJob) -> None:
    """Its list is at another computer, which lodges it anew unless it is over there: nobody can tell from
    here. So one look later a person is told; once it is lodged the step goes by itself (``feedwork``).
    """
    filings, code = work.port.filings, backlog.LODGED_ELSEWHERE
    if job.over:
        work.changed(filings.let_be(job))
    elif job.awaited:
        work.changed(filings.failed(job, code, NOT_LODGED_AGAIN))
    else:
        later = work.later(1, LOOK_AGAIN)
        work.changed(filings.wait(job, later, LODGED_ELSEWHERE, code))


def _taken(job: FilingJob, reply: Any) -> bool:
    """Whether a submission as it stands already shows what was asked."""
    submission, _ = _submission_of(job, reply)
    lodged = submission.state not in ("prepared", "queued")
    match job.wanted:
        case "lodge":
            return lodged
        case "supplement":
            return lodged and submission.manifest_no >= job.manifest_no
    receipt = reply.get("receipt")
    return isinstance(receipt, dict) and receipt.get("status") == "withdrawal_asked"


def carry_out(work: Work, job: FilingJob, step: Step) -> bool:
    """Do what was asked of one filing; returns whether it went and more of the filing is still to be done."""
    filings = work.port.filings
    if step.wanted != "withdraw" and not job.stands and not job.over:
        # The platform did not take them, and the person has put that aside: they will never come there.
        _pack_gone(work, job)
        return False
    if step.wanted == "lodge" and job.disputed and not job.over:
        # No back-off: what is chosen goes out before this stage in every run.
        work.changed(filings.wait(job, "", CHOOSE_FIRST, OWN_CHOICE))
        return False
    if step.wanted != "withdraw" and job.unstored and step.manifest_no >= len(job.lists):
        # No back-off: the attachments stage comes before this one in every run.
        words = BROUGHT_BACK if job.over else WAIT_BEHIND if job.behind else WAIT_FOR_FILES
        work.changed(filings.wait_for_files(job, "", job.unstored, words))
        return False
    begun = False
    try:
        body: dict[str, Any] = {"reason": "当事人申请撤回", **job.seen}
        if step.wanted != "withdraw":
            # Before one that is lodged anew the earlier lists are put: numbers have no gap.
            first = 1 if step.wanted == "lodge" else step.manifest_no
            if not (sha256 := filing_lists.put_all(work, job, first, step.manifest_no)):
                return False
            # This very list: another computer may put one of its own under the number meanwhile.
            body = {"manifest_no": step.manifest_no, "manifest_sha256": sha256, "signed": job.signed}
        if not (begun := filings.begin(job)):
            return False
        reply = work.client.post(f"/submissions/{job.submission_id}/{step.wanted}", body)
    except faults.RefusedFault as refusal:
        _refused(work, job, refusal)
        return False
    except faults.SyncFault as fault:
        # A list whose reply was lost hands nothing in: it is put again, the same.
        if fault.maybe_done and begun:
            work.changed(filings.in_doubt(job))
        else:
            filings.wait(job, "", "")
        raise
    return taken(work, job, reply, step)


def _another_list(refusal: faults.RefusedFault) -> bool:
    """Whether a colleague's list was handed in under the number, or put there meanwhile: asked which."""
    return refusal.wire_code == "manifest_immutable" and isinstance(refusal.details.get("sha256"), list)


def came_before(refusal: faults.RefusedFault, job: FilingJob) -> bool:
    """Whether a colleague's supplement, with other papers, stands in the place of this one."""
    return job.wanted == "supplement" and _another_list(refusal) and not filing_lists.all_in(refusal, job)


def _refused(work: Work, job: FilingJob, refusal: faults.RefusedFault) -> None:
    ours = refusal.wire_code in SECOND_CODES and refusal.details.get("submission_id") == job.submission_id
    if ours or _another_list(refusal):
        ask(work, job)
    else:
        refused(work, job, refusal)


def refused(work: Settling, job: FilingJob, refusal: faults.RefusedFault) -> None:
    """Write down why the platform did not take it: it waits on, came second, or wants a person."""
    filings = work.port.filings
    code = refusal.wire_code
    if code == "files_missing":
        missing = refusal.details.get("missing")
        filing_lists.send_again(work, job, missing if isinstance(missing, list) else [])
    elif job.over and not _another_list(refusal):
        _not_back_yet(work, job, refusal)
    elif code == "agreement_unknown" and (job.untaken or job.replaced):
        _pack_gone(work, job)
    elif code == "case_unknown" and job.taken_back:
        # It would keep the case here, and wait for it, for ever.
        work.changed(filings.failed(job, "case_gone", CASE_GONE))
    elif code in FORGOTTEN and job.wanted != "lodge" and not job.lists:
        _await_lodging(work, job)
    elif (code in FORGOTTEN and job.wanted != "lodge") or _another_list(refusal):
        # By a platform restored since it was asked, or that got it in a package: asked what it has.
        work.changed(filings.in_doubt(job))
    elif code == "state" and job.wanted == "supplement":
        _no_question(work, job)
    elif code == AGREEMENT_LOST and job.again:
        # Its court got it, and the computer that has its agreement may come back.
        retry_at = work.later(job.attempts + 1, refusal.retry_after or LOOK_AGAIN)
        work.changed(filings.wait_for_court(job, retry_at, AT_COURT_ALL_THE_SAME))
    elif code == AGREEMENT_LOST and job.wanted != "lodge":
        # The application is at the court: nobody is told to make another.
        work.changed(filings.failed(job, code, NOT_BACK))
    elif code in LATER_CODES:
        retry_at = work.later(job.attempts + 1, refusal.retry_after or LOOK_AGAIN)
        why = CASE_AWAY if code == "case_unknown" else refusal.message
        people = _names(refusal, "by")
        if code == "open_conflict" and job.disputed:
            work.changed(filings.wait(job, "", CHOOSE_FIRST, OWN_CHOICE))
        elif code == "open_conflict" and people:
            work.changed(filings.wait_for_people(job, retry_at, COLLEAGUES_CHOICE, people))
        elif code == "agreement_unknown" and refusal.field == "signed":
            work.changed(
                filings.wait_for_people(job, retry_at, COLLEAGUES_SIGNATURES, _names(refusal, "signed"))
            )
        else:
            work.changed(filings.wait(job, retry_at, why))
    elif code in SECOND_CODES:
        _not_first(work, job, refusal)
    elif code == "ground_moved":
        work.changed(filings.ground_moved(job, refusal.message, _names(refusal, "signed")))
        work.feed_due = True
    elif code == "filing_moved":
        work.changed(filings.moved(job, refusal.message, refusal.details))
        work.feed_due = True
    else:
        work.changed(filings.failed(job, code or refusal.code, refusal.message))


def _pack_gone(work: Settling, job: FilingJob) -> None:
    """Its agreement or its papers will never be at the platform; what has been at the court is not said to
    have never been there."""
    brought = job.again or job.wanted != "lodge"
    gone = (AGREEMENT_LOST, NOT_BACK) if brought else ("pack_gone", PACK_GONE)
    work.changed(work.port.filings.failed(job, *gone))


def _not_back_yet(work: Settling, job: FilingJob, refusal: faults.RefusedFault) -> None:
    """One that is over waits for its case and its agreement to be back. Nothing else that a platform may say
    makes it undone: it stays as it is here."""
    filings, code = work.port.filings, refusal.wire_code
    if code not in LATER_CODES or (code == "case_unknown" and (job.taken_back or not job.stands)):
        work.port.state.log("submissions", "over", code or refusal.code)
        work.changed(filings.let_be(job))
    else:
        later = work.later(job.attempts + 1, refusal.retry_after or LOOK_AGAIN)
        work.changed(filings.wait(job, later, BROUGHT_BACK))


def _names(refusal: faults.RefusedFault, name: str) -> list[str]:
    """A list of ids in the details of a refusal; empty where there is none."""
    told = refusal.details.get(name)
    return [str(one) for one in told] if isinstance(told, list) else []


def _not_first(work: Settling, job: FilingJob, refusal: faults.RefusedFault) -> None:
    """The platform has another application under the key, or counts the rounds otherwise."""
    filings, holds = work.port.filings, str(refusal.details.get("submission_id", ""))
    at_court = refusal.details.get("court_only") is True
    received = job.again or job.wanted != "lodge"
    # The court's register has one of which the platform knows nothing more: neither whose, nor how it went.
    known = refusal.wire_code != "round" or bool(refusal.details.get("by"))
    if holds in job.earlier and refusal.wire_code == "already_confirmed":
        work.changed(filings.not_needed(job, backlog.CONFIRMED_BEFORE, CONFIRMED_BEFORE))
        work.feed_due = True
    elif holds in job.earlier and refusal.wire_code == "already_lodged":
        why = ROUND_BEFORE if received else ROUND_BEFORE_UNSENT
        work.changed(filings.wait(job, work.later(job.attempts + 1, LOOK_AGAIN), why))
    elif at_court and not received:
        code, why = backlog.STILL_AT_COURT, STILL_AT_COURT
        if refusal.wire_code == "already_confirmed":
            code, why = backlog.CONFIRMED_AT_COURT, CONFIRMED_AT_COURT
        work.changed(filings.failed(job, code, why))
    elif holds and holds not in job.earlier and not received and not known:
        expected = refusal.details.get("expected", job.round + 1)
        work.changed(filings.failed(job, f"{backlog.ROUND_TAKEN}:{expected}", ROUND_TAKEN))
    elif holds and holds not in job.earlier and not received:
        work.changed(filings.came_second(job, str(refusal.details.get("by", ""))))
        work.feed_due = True
    else:
        work.changed(filings.failed(job, refusal.wire_code, ROUND_UNKNOWN))


def taken(work: Settling, job: FilingJob, reply: Any, step: Step | None = None) -> bool:
    """Write down that the platform has it: only with a genuine receipt, or as the platform's own document.

    ``step``: what was done, where it may be one before what is wanted; returns whether more is to be done.
    """
    _, body = _submission_of(job, reply)
    receipt = reply.get("receipt")
    if not genuine_filing(receipt, work.port.platform_key, job.submission_id):
        work.changed(work.port.filings.in_doubt(job))
        work.port.state.log("submissions", "receipt", "提交的回执核对不上，没有算作已送达，会再核对。")
        return False
    proof = json.dumps(receipt, ensure_ascii=False, sort_keys=True).encode()
    work.feed_due = True
    # A supplement is in the list with which the application was lodged anew.
    whole = step is None or step.wanted == job.wanted or job.wanted == "supplement"
    if whole and (step is None or step.manifest_no >= job.manifest_no):
        work.changed(work.port.filings.done(job, body, proof))
        return False
    work.changed(work.port.filings.before_done(job, body, proof))
    return True


def _submission_of(job: FilingJob, reply: Any) -> tuple[cf.Submission, bytes]:
    """The platform's document in a reply, read and as bytes."""
    told = reply.get("submission") if isinstance(reply, dict) else None
    try:
        body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        submission = cast(cf.Submission, cf.decode("submission", body))
    except UNREADABLE as error:
        raise faults.NotOurPlatformFault(detail="submission reply") from error
    if (submission.submission_id, submission.case_id) != (job.submission_id, job.case_id):
        raise faults.NotOurPlatformFault(detail="submission of another filing")
    return submission, body

"""Filings out: once every file is stored, the manifest, then the one request that lodges.

What may have been lodged is asked for, never repeated blindly; the natural key at the platform and the
receipt stand behind it.
"""

from __future__ import annotations

import json
from typing import Any, cast

from app.domain import casefile as cf
from app.services.port_values import FilingJob
from sync.engine import faults
from sync.engine.reading import UNREADABLE
from sync.engine.receipts import genuine_filing
from sync.engine.work import Settling, Work

WAIT_FOR_FILES = "等材料传完，传完后自动提交。"
CHOOSE_FIRST = "有一处两边写法不同，还没有提交。材料和申请都在本机，选定后自动提交。"
PACK_GONE = (
    "申请用的协议或材料平台没有收下，申请没有交给法院。请按“知道了，收起”，再按案件现在的协议和材料重新申请。"
)
CASE_GONE = (
    "平台已收回或改派这件案件，申请没有交给法院。申请和材料都在本机。请按“知道了，收起”，以后案件不再显示。"
)
CASE_AWAY = "平台上现在没有这件案件，申请还没有交给法院。申请和材料都在本机，案件补回后自动提交。"
LATER_CODES = frozenset(
    {"files_missing", "open_conflict", "agreement_unknown", "case_unknown", "case_pending"}
)
"""Refusals that pass by themselves or once somebody has chosen: the filing stays queued."""
SECOND_CODES = frozenset({"already_lodged", "already_confirmed", "round"})
"""Another application holds the natural key: ours after all, or a colleague's that came first."""
LOOK_AGAIN = 60.0


def submissions(work: Work) -> None:
    """Carry out what people asked of the court. One filing holds up no other."""
    for job in work.port.filings.jobs():
        work.go_on()
        if job.job == "unknown" and not ask(work, job):
            continue
        carry_out(work, job)


def ask(work: Work, job: FilingJob) -> bool:
    """Find out whether the platform took it; returns whether it is surely still to be done."""
    try:
        reply = work.client.get(f"/submissions/{job.submission_id}")
    except faults.RefusedFault as refusal:
        if refusal.http != 404:
            # The others go on; this one stays unknown and is asked for at the next run.
            work.port.state.log("submissions", "asked", f"{refusal.wire_code or refusal.code}")
            return False
        work.changed(work.port.filings.wait(job.submission_id, "", ""))
        return True
    if _taken(job, reply):
        taken(work, job, reply)
        return False
    work.changed(work.port.filings.wait(job.submission_id, "", ""))
    return True


def _taken(job: FilingJob, reply: Any) -> bool:
    """Whether a submission as it stands already shows what was asked."""
    submission, _ = _submission_of(job, reply)
    match job.wanted:
        case "lodge":
            return submission.state not in ("prepared", "queued")
        case "supplement":
            return submission.manifest_no >= job.manifest_no
    receipt = reply.get("receipt")
    return isinstance(receipt, dict) and receipt.get("status") == "withdrawal_asked"


def carry_out(work: Work, job: FilingJob) -> None:
    """Do what was asked of one filing."""
    filings = work.port.filings
    if job.wanted != "withdraw" and not job.stands:
        # The platform did not take them, and the person has put that aside: they will never come there.
        work.changed(filings.failed(job.submission_id, "pack_gone", PACK_GONE))
        return
    if job.wanted == "lodge" and job.disputed:
        # No back-off: what is chosen goes out before this stage in every run.
        work.changed(filings.wait(job.submission_id, "", CHOOSE_FIRST))
        return
    if job.wanted != "withdraw" and job.unstored:
        # No back-off: the attachments stage comes before this one in every run.
        work.changed(filings.wait(job.submission_id, "", WAIT_FOR_FILES))
        return
    try:
        if job.wanted != "withdraw" and not _manifest(work, job):
            return
        if not filings.begin(job):
            return
        reply = work.client.post(f"/submissions/{job.submission_id}/{job.wanted}", _body(job))
    except faults.RefusedFault as refusal:
        _refused(work, job, refusal)
        return
    except faults.SyncFault as fault:
        if fault.maybe_done:
            filings.in_doubt(job.submission_id)
        else:
            filings.wait(job.submission_id, "", "")
        raise
    taken(work, job, reply)


def _manifest(work: Work, job: FilingJob) -> bool:
    """Put the list of files; returns whether the platform has every one of them."""
    body = {
        "case_id": job.case_id,
        "kind": job.kind,
        "subject_id": job.subject_id,
        "round": job.round,
        "court_code": job.court_code,
        "court_name": job.court_name,
        "items": [dict(item) for item in job.items],
    }
    path = f"/submissions/{job.submission_id}/manifests/{job.manifest_no}"
    reply = work.client.call("PUT", path, body=json.dumps(body, ensure_ascii=False).encode()).json()
    missing = reply.get("missing") if isinstance(reply, dict) else None
    if not isinstance(missing, list):
        raise faults.NotOurPlatformFault(detail="manifest reply")
    if missing:
        _send_again(work, job, missing)
        return False
    return True


def _send_again(work: Settling, job: FilingJob, missing: list[Any]) -> None:
    """The platform lacks files that were thought stored there: send them again, lodge afterwards."""
    work.changed(work.port.transfers.upload_again([str(sha256) for sha256 in missing]))
    work.changed(work.port.filings.wait(job.submission_id, work.later(job.attempts + 1), WAIT_FOR_FILES))


def _body(job: FilingJob) -> dict[str, Any]:
    if job.wanted == "withdraw":
        return {"reason": "当事人申请撤回"}
    return {"manifest_no": job.manifest_no}


def _refused(work: Work, job: FilingJob, refusal: faults.RefusedFault) -> None:
    if refusal.wire_code in SECOND_CODES and refusal.details.get("submission_id") == job.submission_id:
        ask(work, job)
    else:
        refused(work, job, refusal)


def refused(work: Settling, job: FilingJob, refusal: faults.RefusedFault) -> None:
    """Write down why the platform did not take it: it waits on, came second, or wants a person."""
    filings = work.port.filings
    code = refusal.wire_code
    if code == "files_missing":
        missing = refusal.details.get("missing")
        _send_again(work, job, missing if isinstance(missing, list) else [])
    elif code == "agreement_unknown" and job.untaken:
        work.changed(filings.failed(job.submission_id, "pack_gone", PACK_GONE))
    elif code == "case_unknown" and job.taken_back:
        # It would keep the case here, and wait for it, for ever.
        work.changed(filings.failed(job.submission_id, "case_gone", CASE_GONE))
    elif code in LATER_CODES:
        retry_at = work.later(job.attempts + 1, refusal.retry_after or LOOK_AGAIN)
        why = CASE_AWAY if code == "case_unknown" else refusal.message
        work.changed(filings.wait(job.submission_id, retry_at, why))
    elif code in SECOND_CODES and job.wanted == "lodge":
        work.changed(filings.came_second(job.submission_id, str(refusal.details.get("by", ""))))
        work.feed_due = True
    else:
        work.changed(filings.failed(job.submission_id, code or refusal.code, refusal.message))


def taken(work: Settling, job: FilingJob, reply: Any) -> None:
    """Write down that the platform has it: only with a genuine receipt, or as the platform's own document."""
    _, body = _submission_of(job, reply)
    receipt = reply.get("receipt")
    if not genuine_filing(receipt, work.port.platform_key, job.submission_id):
        work.port.filings.in_doubt(job.submission_id)
        work.port.state.log("submissions", "receipt", "提交的回执核对不上，没有算作已送达，会再核对。")
        return
    proof = json.dumps(receipt, ensure_ascii=False, sort_keys=True).encode()
    work.changed(work.port.filings.done(job.submission_id, body, proof))
    work.feed_due = True


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

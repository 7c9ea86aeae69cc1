"""Lists of files of a filing: put under their numbers, and what the platform lacks sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.services.port_values import FilingJob
from sync.engine import faults
from sync.engine.filing_words import BROUGHT_BACK, WAIT_FOR_FILES
from sync.engine.work import Settling, Work


def holds_ours(work: Work, job: FilingJob, number: int) -> bool:
    """Whether the list handed in under a number is ours, or has all our files: a colleague may have made one
    at the same time, and the number says nothing of what is in it."""
    try:
        put(work, job, number, job.items)
    except faults.RefusedFault as refusal:
        if refusal.wire_code != "manifest_immutable":
            raise
        return all_in(refusal, job)
    return True


def all_in(refusal: faults.RefusedFault, job: FilingJob) -> bool:
    """Whether the list for which ours was refused has all our files."""
    held = refusal.details.get("sha256")
    return isinstance(held, list) and {str(item["sha256"]) for item in job.items} <= set(held)


def put_all(work: Work, job: FilingJob, first: int, last: int) -> str:
    """Put the lists of files with these numbers; returns the hash of the last one, nothing while the platform
    lacks one of its files."""
    lists = job.lists or (job.items,)
    missing, sha256 = list[Any](), ""
    for number in range(first, last + 1):
        missing, sha256 = put(work, job, number, lists[number - 1])
    if missing:
        send_again(work, job, missing)
    return "" if missing else sha256


def put(work: Work, job: FilingJob, number: int, items: Sequence[Mapping[str, Any]]) -> tuple[list[Any], str]:
    """Put one list of files; returns those that the platform lacks, and the list's hash."""
    body = {
        "case_id": job.case_id,
        "kind": job.kind,
        "subject_id": job.subject_id,
        "round": job.round,
        "court_code": job.court_code,
        "court_name": job.court_name,
        "items": [dict(item) for item in items],
    }
    path = f"/submissions/{job.submission_id}/manifests/{number}"
    reply = work.client.call("PUT", path, body=json.dumps(body, ensure_ascii=False).encode()).json()
    told = reply if isinstance(reply, dict) else {}
    missing, sha256 = told.get("missing"), told.get("manifest_sha256")
    if not isinstance(missing, list) or not isinstance(sha256, str) or not sha256:
        raise faults.NotOurPlatformFault(detail="manifest reply")
    return missing, sha256


def send_again(work: Settling, job: FilingJob, missing: list[Any]) -> None:
    """The platform lacks files that were thought stored there: send them again, lodge afterwards."""
    hashes = [str(sha256) for sha256 in missing]
    work.changed(work.port.transfers.upload_again(hashes))
    later, words = work.later(job.attempts + 1), BROUGHT_BACK if job.over else WAIT_FOR_FILES
    work.changed(work.port.filings.wait_for_files(job, later, hashes, words))

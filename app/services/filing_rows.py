"""Rows of ``filings``: how one is begun, how a step is asked for, and which one a case's page is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain import filings_of
from app.domain.reducer import CaseFile
from app.services.desk import Desk
from app.storage.tables import filings as table


def shown(conn: Connection, case_id: str, file: CaseFile, kind: cf.SubmissionKind) -> Any:
    """How the application shown is on its way; else the last one begun here for the agreement that stands."""
    latest = filings_of.latest(file, kind) if file.case is not None else None
    order = (table.c.submission_id == (latest.submission_id if latest else "")).desc()
    subject = file.head.agreement_id if file.case is not None else ""
    query = select(table).where(
        table.c.case_id == case_id, table.c.kind == kind, table.c.subject_id == subject
    )
    return conn.execute(query.order_by(order, table.c.round.desc()).limit(1)).one_or_none()


def asking(wanted: str, manifest: Sequence[cf.ManifestItem], no: int, now: str) -> dict[str, object]:
    """Columns that ask the engine for a step, from its beginning."""
    return {
        "manifest_no": no,
        "manifest": msgspec.json.encode(manifest),
        "wanted": wanted,
        "job": "waiting",
        "attempts": 0,
        "next_attempt_at": "",
        "error_code": "",
        "error_text": "",
        "written_at": now,
        "settled_at": "",
        "receipt": None,
    }


def of(submission: cf.Submission, desk: Desk) -> dict[str, object]:
    """The other columns: which application it is, and whose."""
    return {
        "submission_id": submission.submission_id,
        "case_id": submission.case_id,
        "kind": submission.kind,
        "subject_id": submission.subject_id,
        "round": submission.round,
        "court_code": submission.court_code,
        "court_name": submission.court_name,
        "author": desk.person.person_id,
        "device_id": desk.device_id,
        "state": submission.state,
        "body": cf.encode(submission),
    }

"""What the court told of an application, and a platform that was restored from a backup tells no more.

It stands beside the platform's document, which is shown as it is: no state follows it. The last day to answer
a question of the court stands in every list all the same (``filings_of.forgotten_question``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import msgspec
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain import casefile as cf
from app.domain import filings_of
from app.domain.reducer import CaseFile
from app.storage.casestore import platforms
from app.storage.tables import case_docs, files
from app.storage.tables import kept_answers as table

Events = tuple[cf.SubmissionEvent, ...]

_TOLD = select(platforms(case_docs)).where(
    case_docs.c.entity == "submission", case_docs.c.doc_id == bindparam("submission_id")
)
_KEPT = select(table.c.events).where(table.c.submission_id == bindparam("submission_id"))
_EVENTS = msgspec.json.Decoder(Events)


@dataclass(frozen=True)
class KeptAnswers:
    """The court's answers that are kept here for one application."""

    submission: cf.Submission
    """The application as the platform has it now, without them."""
    events: Events
    """The oldest first."""
    away: frozenset[str]
    """Hashes of those papers that had not come to this computer yet."""


def told(conn: Connection, submission_id: str) -> Events:
    """The events of an application as the platform has told them last; none while it has told nothing."""
    body = conn.execute(_TOLD, {"submission_id": submission_id}).scalar_one_or_none()
    return cast(cf.Submission, cf.decode("submission", body)).events if body else ()


def follow(conn: Connection, case_id: str, submission_id: str, before: Events) -> Events:
    """The platform has told an application anew, which had the events ``before``: what it left out is kept,
    and what it tells again is kept no longer. The caller makes the case anew in the same transaction.

    Returns what was kept and has come back as the very same.
    """
    row = conn.execute(_KEPT, {"submission_id": submission_id}).scalar_one_or_none()
    kept = _EVENTS.decode(row) if row is not None else ()
    now = told(conn, submission_id)
    left = filings_of.untold((*kept, *before), now)
    if left:
        values = {"case_id": case_id, "events": msgspec.json.encode(left)}
        statement = upsert(table).values(submission_id=submission_id, **values)
        conn.execute(statement.on_conflict_do_update(index_elements=["submission_id"], set_=values))
    elif kept:
        conn.execute(delete(table).where(table.c.submission_id == submission_id))
    return tuple(event for event in kept if event in now)


def of_case(conn: Connection, file: CaseFile) -> tuple[KeptAnswers, ...]:
    """What is kept for the applications of a case, the first round first."""
    if not file.kept:
        return ()
    found = [
        (file.submissions[submission_id], events)
        for submission_id, events in file.kept.items()
        if submission_id in file.submissions
    ]
    wanted = {paper.sha256 for _, events in found for event in events for paper in event.documents}
    here = select(files.c.sha256).where(files.c.sha256.in_(wanted), files.c.state == "present")
    away = wanted - set(conn.execute(here).scalars()) if wanted else set()
    return tuple(
        KeptAnswers(one, events, frozenset(away))
        for one, events in sorted(found, key=lambda pair: (pair[0].round, pair[0].submission_id))
    )

"""A row of ``filings`` as the engine sees it: what is asked of the court, and what it waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, or_, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.states import filing_machine
from app.services import backlog, disputes, filing_ground, filing_steps
from app.services.port_values import FilingJob
from app.storage import casestore
from app.storage.outbox import UNSETTLED
from app.storage.tables import filing_steps as steps
from app.storage.tables import outbox, uploads


def job_of(conn: Connection, row: Any) -> FilingJob:
    """A row of the table as the engine sees it."""
    items = msgspec.json.decode(row.manifest) if row.manifest else []
    lists = _lists(conn, row, items)
    wanted = {item["sha256"] for item in (lists[-1] if lists else items)}
    file = casestore.load(conn, row.case_id)
    mine = select(uploads.c.sha256, uploads.c.state).where(uploads.c.sha256.in_(list(wanted)))
    sent: Mapping[str, str] = {one.sha256: one.state for one in conn.execute(mine)}
    stored = {a.sha256 for a in file.attachments.values() if a.stored}
    stored |= {sha256 for sha256, state in sent.items() if state == "stored"}
    over = _over(row, file.kept.get(row.submission_id, ()))
    # In other hands by now: of its agreement and its papers the platform knows, only what went from here
    # can still be on its way.
    elsewhere = file.case is None and row.receipt is not None and not over
    if elsewhere:
        wanted &= set(sent)
    return FilingJob(
        submission_id=row.submission_id,
        case_id=row.case_id,
        kind=row.kind,
        subject_id=row.subject_id,
        round=row.round,
        court_code=row.court_code,
        court_name=row.court_name,
        manifest_no=row.manifest_no,
        items=tuple(items),
        wanted=row.wanted,
        job=row.job,
        attempts=row.attempts,
        written_at=row.written_at,
        lists=lists,
        again=row.receipt is not None,
        unstored=tuple(sorted(wanted - stored)),
        behind=conn.execute(
            select(exists().where(outbox.c.case_id == row.case_id, outbox.c.state.in_(UNSETTLED)))
        ).scalar_one(),
        stands=elsewhere
        or (
            row.subject_id in {row.case_id, *file.agreements}
            and wanted <= {a.sha256 for a in file.attachments.values()}
        ),
        disputed=disputes.holds_up_lodging(conn, row.case_id),
        untaken=_untaken(conn, row),
        replaced=_replaced(conn, row),
        earlier=frozenset(
            one.submission_id
            for one in file.submissions.values()
            if (one.kind, one.subject_id) == (row.kind, row.subject_id) and one.round < row.round
        ),
        seen=filing_steps.seen(conn, row),
        signed=filing_ground.signed(conn, file, row),
        doubted=filing_steps.may_be_there(conn, row),
        awaited=row.error_code == backlog.LODGED_ELSEWHERE,
        over=over,
        taken_back=backlog.taken_back(conn, row.case_id),
    )


def _over(row: Any, kept: Collection[cf.SubmissionEvent]) -> bool:
    """Whether the court is done with what was carried out; also where the platform only prepares it again."""
    final, states = filing_machine().final, {row.state}
    if row.state == "prepared":
        states |= {event.state for event in kept}
    return row.receipt is not None and not final.isdisjoint(states)


def _lists(conn: Connection, row: Any, items: list[Any]) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    """The lists of a filing by their numbers, up to the last one known here."""
    carried_out = select(steps.c.manifest_no, steps.c.manifest).where(
        steps.c.submission_id == row.submission_id,
        steps.c.job == "done",
        steps.c.wanted != "withdraw",
        steps.c.manifest.is_not(None),
        steps.c.manifest_no <= row.manifest_no,
    )
    # Of two under one number the later one went to a platform that had forgotten the other.
    found = conn.execute(carried_out.order_by(steps.c.written_at))
    known = {no: msgspec.json.decode(manifest) for no, manifest in found}
    if row.wanted != "withdraw":
        known[row.manifest_no] = items
    numbers = sorted(known)
    return tuple(
        tuple(known[next(no for no in numbers if no >= number)])
        for number in range(1, max(numbers, default=0) + 1)
    )


def _untaken(conn: Connection, row: Any) -> bool:
    """A restore may let a colleague's agreement come first: ours stays in the picture and is never taken."""
    written = conn.execute(
        select(outbox.c.state, outbox.c.bytes).where(
            outbox.c.case_id == row.case_id,
            or_(outbox.c.kind == "agreement.finalise", outbox.c.state.in_(UNSETTLED)),
        )
    ).all()
    if any(one.state in UNSETTLED for one in written):
        return False
    refused = (cmd.decode(one.bytes).payload for one in written if one.state in ("conflict", "rejected"))
    return any(
        isinstance(payload, cmd.FinaliseAgreement) and payload.agreement.agreement_id == row.subject_id
        for payload in refused
    )


def _replaced(conn: Connection, row: Any) -> bool:
    """As when the platform forgot the agreement, and a later one came first: this one's author has to choose,
    and nobody else hears what became of it.
    """
    head = casestore.shadow(conn, row.case_id).case
    about_agreement = row.subject_id != row.case_id
    return about_agreement and head is not None and head.agreement_id not in ("", row.subject_id)

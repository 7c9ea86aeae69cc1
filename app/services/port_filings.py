"""Filings on their way to the court: what a person asked for, and where that stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, cast

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from app.clock import to_text
from app.domain import casefile as cf
from app.domain.states import filing_machine
from app.domain.unsent import COLLEAGUES_FILES, GROUND_MOVED, MAYBE_DONE, unsent_of
from app.services import (
    backlog,
    casework,
    feedwork,
    filing_ground,
    filing_steps,
    held_filings,
    lost_work,
)
from app.services.changes import ChangeSet
from app.services.desk import Desk
from app.services.filing_jobs import job_of
from app.services.port_values import FilingJob
from app.storage import casestore, filerows, waiting
from app.storage.tables import filing_steps as steps
from app.storage.tables import filings

KINDS = ("cases", "tasks", "submissions", "outbox")
STEP = ("submission_id", "wanted", "manifest_no", "written_at")
"""What tells one step of a filing from what is asked in its place."""


class FilingJobs:
    """Submissions as the engine sees them. Every call is one short transaction, and what is told of a job
    touches its own step only."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def recover(self) -> int:
        """At the start: what was being lodged when the program stopped is unknown now."""
        statement = update(filings).where(filings.c.job == "in_flight").values(job="unknown")
        return self._desk.store.write(lambda conn: conn.execute(statement).rowcount, background=True)

    def jobs(self) -> tuple[FilingJob, ...]:
        """What is to be done or asked for now, the oldest first."""
        now = self._desk.clock.now()

        def work(conn: Connection) -> tuple[FilingJob, ...]:
            rows = conn.execute(
                select(filings)
                .where(filings.c.job.in_(backlog.UNDER_WAY), waiting.over(filings.c.next_attempt_at, now))
                .order_by(filings.c.written_at)
            ).all()
            return tuple(job_of(conn, row) for row in rows)

        return self._desk.store.read(work)

    def under_way(self, submission_ids: Collection[str]) -> tuple[FilingJob, ...]:
        """Those of the named filings of which it is not settled yet what became of them."""

        def work(conn: Connection) -> tuple[FilingJob, ...]:
            mine = filings.c.submission_id.in_(list(submission_ids))
            rows = conn.execute(select(filings).where(mine, filings.c.job.in_(backlog.UNDER_WAY))).all()
            return tuple(job_of(conn, row) for row in rows)

        return self._desk.store.read(work)

    def begin(self, job: FilingJob) -> bool:
        """Marked before the socket opens: from here on only an answer or a question settles it.

        ``False`` when it was taken back, or something else is wanted, since the job was read.
        """
        statement = update(filings).where(_step(job)).values(job="in_flight", attempts=filings.c.attempts + 1)
        return bool(self._desk.store.write(lambda conn: conn.execute(statement).rowcount, background=True))

    def in_doubt(self, job: FilingJob) -> ChangeSet:
        """It may have been lodged: it is asked for, never assumed and never blindly repeated."""
        return self._close(job, {"job": "unknown"})

    def wait(self, job: FilingJob, retry_at: str, reason: str, code: str = "") -> ChangeSet:
        """Surely not lodged; try again at ``retry_at``. ``reason`` is shown, ``code`` remembered."""
        why = {"error_text": reason, "error_code": code}
        where = _step(job)

        def work(conn: Connection) -> ChangeSet:
            row = conn.execute(select(filings).where(where)).one_or_none()
            conn.execute(update(filings).where(where).values(job="waiting", next_attempt_at=retry_at, **why))
            if row is None:
                return ChangeSet.of("submissions", "outbox")
            of = {"received": row.receipt is not None, "wanted": row.wanted}
            # Who waits for whom stands in the case's plan: it is made anew where that is another.
            now = unsent_of("waiting", code, reason, **of)
            if unsent_of(row.job, row.error_code, row.error_text, **of) == now:
                return ChangeSet.of("submissions", "outbox")
            casework.rebuild(conn, self._desk, row.case_id)
            return ChangeSet.of(*KINDS, case_ids=frozenset({row.case_id}))

        return self._desk.store.write(work, background=True)

    def wait_for_people(self, job: FilingJob, retry_at: str, code: str, told: Collection[str]) -> ChangeSet:
        """As :meth:`wait`, for what colleagues do first (``held_filings.for_people``)."""
        why = partial(held_filings.for_people, desk=self._desk, job=job, code=code, told=told)
        return self.wait(job, retry_at, self._desk.store.read(why), code)

    def wait_for_files(
        self, job: FilingJob, retry_at: str, hashes: Collection[str], reason: str
    ) -> ChangeSet:
        """As :meth:`wait`, where these files are to go first; some may lie on a colleague's computer. For one
        that is over nobody is asked to come, and it waits no longer than the platform does."""

        def work(conn: Connection) -> tuple[str, bool, str]:
            for one in casestore.load(conn, job.case_id).attachments.values():
                if one.sha256 in hashes:
                    # A colleague's that was looked at, or added again, goes from here as well.
                    filerows.queue_unsent(conn, one, to_text(self._desk.clock.now()))
            lost = held_filings.agreement_lost(conn, job)
            again = job.again or lost or job.wanted == "withdraw"
            away = held_filings.for_files(conn, self._desk, job.case_id, hashes, job.wanted, again=again)
            return away, lost, lost_work.patient(conn, self._desk)

        away, lost, patient = self._desk.store.write(work, background=True)
        if job.over:
            return self.wait(job, retry_at, reason) if patient or not away else self.let_be(job)
        if away and lost and not patient:
            return self.failed(job, held_filings.AGREEMENT_LOST, held_filings.NOT_BACK)
        return self.wait(job, retry_at, away or reason, COLLEAGUES_FILES if away else "")

    def wait_for_court(self, job: FilingJob, retry_at: str, reason: str) -> ChangeSet:
        """As :meth:`wait`, for what a court has and a restored platform not again: as long as the platform
        waits for such; then it stays as it was, with its receipt."""
        if self._desk.store.read(lambda conn: lost_work.patient(conn, self._desk)):
            return self.wait(job, retry_at, reason)
        return self.let_be(job)

    def wait_in_doubt(self, job: FilingJob, retry_at: str, reason: str, code: str, text: str) -> ChangeSet:
        """As :meth:`wait_for_court`, for what a court may have got; then it was not (``code``, ``text``)."""
        if self._desk.store.read(lambda conn: lost_work.patient(conn, self._desk)):
            return self.wait(job, retry_at, reason, MAYBE_DONE)
        return self.failed(job, code, text)

    def not_there(self, job: FilingJob) -> None:
        """The platform surely has it not: it is carried out next; what was said of it holds until then."""
        self._set(job, job="waiting", next_attempt_at="")

    def _set(self, of: FilingJob, /, **values: Any) -> None:
        statement = update(filings).where(_step(of)).values(**values)
        self._desk.store.write(lambda conn: _drop(conn.execute(statement)), background=True)

    def done(self, job: FilingJob, submission: bytes, receipt: bytes | None) -> ChangeSet:
        """The platform took it; ``submission`` is its document as it stands there."""
        doc = cast(cf.Submission, cf.decode("submission", submission))
        values: dict[str, Any] = {
            "job": "done",
            # A supplement may have gone in an earlier list than it was to be.
            "manifest_no": func.min(filings.c.manifest_no, doc.manifest_no),
            "state": doc.state,
            "body": submission,
            "settled_at": to_text(self._desk.clock.now()),
            "error_code": "",
            "error_text": "",
            "next_attempt_at": "",
        }
        if receipt is not None:
            values["receipt"] = receipt
        return self._close(job, values, receipt)

    def came_all_the_same(self, held: Collection[str], body: bytes, told: Mapping[str, Any]) -> ChangeSet:
        """As :func:`app.services.filing_steps.came_all_the_same`; no changes where there is no such step."""

        def work(conn: Connection) -> ChangeSet:
            case_id = filing_steps.came_all_the_same(conn, self._desk, held, body, told)
            if not case_id:
                return ChangeSet()
            casework.rebuild(conn, self._desk, case_id)
            return ChangeSet.of(*KINDS, case_ids=frozenset({case_id}))

        return self._desk.store.write(work, background=True)

    def before_done(self, job: FilingJob, submission: bytes, receipt: bytes) -> ChangeSet:
        """A restored platform has an earlier step again; what is asked of the court now still waits."""
        doc = cast(cf.Submission, cf.decode("submission", submission))
        values = {"job": "waiting", "state": doc.state, "body": submission, **filing_steps.own_step(job)}
        return self._close(job, values, receipt)

    def failed(
        self, job: FilingJob, code: str, text: str, also: Callable[[Connection], None] | None = None
    ) -> ChangeSet:
        """The platform refused it for a reason that a person has to settle; ``also``: kept with that."""
        values = {
            "job": "failed",
            "error_code": code,
            "error_text": text,
            "settled_at": to_text(self._desk.clock.now()),
        }
        return self._close(job, values, also=also)

    def moved(self, job: FilingJob, text: str, now: Mapping[str, Any]) -> ChangeSet:
        """A withdrawal met more than its author had seen: said once more it rests on what the words tell.

        ``now``: list and state as the platform told them.
        """
        values = {
            "job": "failed",
            "error_code": filing_steps.MOVED,
            "error_text": text,
            "settled_at": to_text(self._desk.clock.now()),
        }
        number, state = now.get("manifest_no"), now.get("state")
        seen = partial(
            filing_steps.keep_seen, submission_id=job.submission_id, manifest_no=number, state=state
        )
        return self._close(job, values, also=seen)

    def ground_moved(self, job: FilingJob, text: str, signed: Collection[str]) -> ChangeSet:
        """Days of signatures moved unseen: handed in once more it rests on what the words tell.

        ``signed``: the entries as the platform told them.
        """
        told = partial(filing_ground.told, submission_id=job.submission_id, signed=signed)
        return self.failed(job, GROUND_MOVED, text, told)

    def came_second(self, job: FilingJob, first_by: str) -> ChangeSet:
        """A colleague's application under the same key was taken: this one is settled, with words.

        ``first_by``: id of the person who handed that one in; empty where the platform does not tell.
        """
        people = self._desk.people
        why = feedwork.colleague_first(people[first_by].name if first_by in people else "")
        why = feedwork.OWN_FIRST if first_by == self._desk.person.person_id else why
        return self.not_needed(job, backlog.CAME_SECOND, why)

    def not_needed(self, job: FilingJob, code: str, text: str) -> ChangeSet:
        """What it asks for is there already, by another application: it is settled, with words."""
        values = {
            "job": "settled",
            "error_code": code,
            "error_text": text,
            "settled_at": to_text(self._desk.clock.now()),
            "next_attempt_at": "",
        }
        return self._close(job, values)

    def _close(
        self,
        job: FilingJob,
        values: Mapping[str, Any],
        receipt: bytes | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> ChangeSet:
        def work(conn: Connection) -> ChangeSet:
            theirs = conn.execute(update(filings).where(_step(job)).values(**values)).rowcount
            if receipt is not None:
                _renew_receipts(conn, job.submission_id, receipt)
            if not theirs:
                return ChangeSet.of("submissions", "outbox")
            if also is not None:
                also(conn)
            casework.rebuild(conn, self._desk, job.case_id)
            return ChangeSet.of(*KINDS, case_ids=frozenset({job.case_id}))

        return self._desk.store.write(work, background=True)

    def let_be(self, job: FilingJob) -> ChangeSet:
        """One that is over stays as it is here: a restored platform has its end, or can have it no more."""
        values = {"job": "done", "error_code": "", "error_text": "", "next_attempt_at": ""}
        return self._close(job, values)

    def ask_again(self, conn: Connection) -> set[str]:
        """After a restore of the platform: whatever it took of filings is asked for before anything is
        assumed. Of those that are over most are in its backup: they are asked about no more once its new
        picture has told so (``feedwork``).

        In the caller's transaction, which makes the cases that are returned anew: those of which the picture
        may be another now. Of the others there may be very many.
        """
        filing_steps.note_unasked(conn)
        filing_steps.step_back(conn, self._desk)
        over = filings.c.state.in_(filing_machine().final)
        again = update(filings).where(filings.c.job == "done").values(job="unknown", next_attempt_at="")
        conn.execute(again.where(over, filings.c.receipt.is_not(None)))
        return set(conn.execute(again.where(~over).returning(filings.c.case_id)).scalars())


def _step(job: FilingJob) -> ColumnElement[bool]:
    """The row while it asks for what it asked for when the job was read: somebody may have asked for
    something else of the court since, or let it be, of which the answer says nothing."""
    same = (filings.c[name] == getattr(job, name) for name in STEP)
    return and_(filings.c.job.in_(backlog.UNDER_WAY), *same)


def _renew_receipts(conn: Connection, submission_id: str, receipt: bytes) -> None:
    """Lodged anew, with all that was handed in since: the steps before have this receipt from now on, which
    the platform knows.
    """
    if msgspec.json.decode(receipt).get("command_id") != f"{submission_id}:lodge":
        return
    mine = (steps.c.submission_id == submission_id, steps.c.job == "done", steps.c.wanted != "withdraw")
    conn.execute(update(steps).where(*mine).values(receipt=receipt))


def _drop(_: object) -> None:
    return None

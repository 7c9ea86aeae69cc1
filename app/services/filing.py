"""司法确认 through the platform: clock, court, materials, lodging once, supplementing (办法 第十二条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from app.clock import from_text, to_text
from app.domain import agreement as agreement_rules
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import filing as rules
from app.domain import filings_of, supplements, taxonomy
from app.domain.errors import FieldError, FieldErrors, StateError
from app.domain.reducer import CaseFile
from app.domain.states import filing_machine
from app.services import (
    backlog,
    casework,
    conflict_views,
    drafts,
    filed_ground,
    filing_lists,
    filing_rows,
    filing_steps,
    sync_words,
)
from app.services.casework import Casework
from app.services.changes import ChangeSet, Written
from app.services.courts import courts_in
from app.services.desk import Desk
from app.services.filing_ground import rest_on
from app.storage import casestore
from app.storage.tables import filings as table

T = TypeVar("T")

KIND: cf.SubmissionKind = "judicial_confirmation"
NOT_FOR_ORAL = "E-ORAL-CONFIRMATION"
ORAL = "口头协议按机构设定不申请司法确认。法院一般要书面协议（待核，以法院为准）。"
"""Why an oral agreement is not prepared for the court (``oral_confirmation``)."""
WRITE_FIRST = "双方愿意申请的，先补成书面协议，签名盖章齐了再申请。"


@dataclass(frozen=True)
class Choices:
    """What the person chose while preparing; kept as a draft. ``waived`` maps material to reason."""

    court_code: str = ""
    waived: dict[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    """Materials marked 其实需要 although the rules thought not."""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Attachments picked by hand, by material."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why one goes on in spite of an obstacle, by its code."""


@dataclass(frozen=True)
class FilingView:
    """Everything the 司法确认 page shows."""

    file: CaseFile
    effect: agreement_rules.Effectiveness
    clock: rules.ConfirmationClock
    courts: tuple[rules.CourtChoice, ...]
    obstacles: tuple[rules.Obstacle, ...]
    materials: tuple[rules.MaterialItem, ...]
    choices: Choices
    submission: cf.Submission | None
    job: str
    wanted: str
    """What the row asks of the court: lodge, supplement, withdraw; empty where there is none."""
    job_error: str
    job_code: str
    blocked: tuple[str, ...]
    """Sentences saying what still keeps it from being lodged; empty when it may go."""
    left_behind: tuple[cf.Attachment, ...] = ()
    """The papers on colleagues' computers that it waits for, and may go without."""
    asked_at: dt.datetime | None = None
    """When what is asked for was handed over here."""
    ways: filing_steps.Ways = filing_steps.NO_WAYS
    """Whether what is asked for may be taken back."""


class Filing:
    """The verbs of a judicial confirmation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def prepare(self, case_id: str) -> FilingView:
        """Where the confirmation of a case stands and what it still needs."""
        self._desk.require("case.view")

        def work(
            conn: Connection,
        ) -> tuple[CaseFile, Any, tuple[str, ...], filing_lists.Elsewhere, filing_steps.Ways]:
            file = casestore.load(conn, case_id)
            disputed = conflict_views.disputed_in(conn, file, case_id).legal
            row = filing_rows.shown(conn, case_id, file, KIND)
            return file, row, disputed, filing_lists.elsewhere(conn, file, row), filing_steps.ways(conn, row)

        return self._view(*self._desk.store.read(work))

    def _view(
        self,
        file: CaseFile,
        row: Any,
        disputed: tuple[str, ...],
        where: filing_lists.Elsewhere,
        ways: filing_steps.Ways,
    ) -> FilingView:
        desk = self._desk
        courts = competent(desk, file)
        choices = _choices(desk, file.head.case_id, courts)
        effect = agreement_rules.effectiveness_of(file)
        if effect is None:
            raise StateError("还没有定稿的书面协议，写好协议才能申请司法确认。", code="E-NO-AGREEMENT")
        agreement, own = file.agreements[file.head.agreement_id], desk.rules_for(file.head)
        submission = filings_of.latest(file, KIND)
        if submission is None and not agreement_rules.may_be_confirmed(agreement, own):
            # A closed case's agreement can be written anew no more.
            written = WRITE_FIRST if file.head.state == "agreed" else ""
            raise StateError(f"{ORAL}{written}", code=NOT_FOR_ORAL)
        materials = _materials(where.pack_of(file), submission, choices)
        whole = _materials(file, submission, choices) if where.let_go else materials
        materials = filing_lists.with_words(materials, whole, file, where, desk)
        obstacles = rules.eligibility(file.head, agreement)
        blocked = [f"还缺：{item.material.name}" for item in materials if item.blocks]
        if effect.complete_on is None:
            blocked.insert(0, f"还没有生效，缺：{'、'.join(effect.missing)}")
        if choices.court_code not in {c.court.code for c in courts}:
            blocked.append("还没有选法院")
        blocked += [
            f"{o.sentence}；写明理由可以继续"
            for o in obstacles
            if o.level == "must" and not choices.reasons.get(o.code, "").strip()
        ]
        if disputed:
            blocked.append(f"{'、'.join(disputed)}两边写法不同，先选一个再提交")
        return FilingView(
            file=file,
            effect=effect,
            clock=rules.confirmation_clock(effect, desk.calendar, own),
            courts=courts,
            obstacles=obstacles,
            materials=materials,
            choices=choices,
            submission=submission,
            job=getattr(row, "job", ""),
            wanted=getattr(row, "wanted", ""),
            job_error=getattr(row, "error_text", ""),
            job_code=getattr(row, "error_code", ""),
            blocked=tuple(blocked),
            left_behind=filing_lists.left_behind(row, file, where),
            asked_at=from_text(row.written_at) if row is not None else None,
            ways=ways,
        )

    def choose(self, case_id: str, choices: Choices) -> None:
        """Keep the choices made while preparing."""
        self._desk.require("filing.prepare")
        drafts.Drafts(self._desk).save("filing", case_id, msgspec.to_builtins(choices))

    def lodge(self, case_id: str) -> Written[str]:
        """Queue the application to be lodged exactly once; returns the submission's id.

        Works offline: it goes out by itself later. Raises :class:`FieldErrors` with what is missing by law,
        and :class:`StateError` when an application is already under way. Contents that look as if
        no court would confirm them want a reason, which goes into the file.
        """
        self._desk.require("filing.lodge")
        view = self.prepare(case_id)
        if view.blocked:
            raise FieldErrors(tuple(FieldError("materials", sentence) for sentence in view.blocked))

        def work(case: Casework) -> str:
            previous = filing_steps.previous(case.conn, case.file(case_id), KIND)
            court = next(c.court for c in view.courts if c.court.code == view.choices.court_code)
            subject = case.file(case_id).head.agreement_id
            submission = cf.Submission(
                submission_id=self._desk.make_id(),
                case_id=case_id,
                kind=KIND,
                subject_id=subject,
                round=filing_steps.next_round(case.conn, case_id, KIND, subject, previous),
                state="queued",
                court_code=court.code,
                court_name=court.name,
                manifest_no=1,
            )
            items = filing_lists.manifest(view.materials, view.file)
            job = filing_rows.asking("lodge", items, 1, to_text(case.now))
            self._begin(case, {**job, **filing_rows.of(submission, self._desk)})
            file = case.file(case_id)
            rest_on(case.conn, file, submission.submission_id, subject)
            filing_lists.say_what_waits(case.conn, self._desk, file, submission.submission_id)
            self._file_reasons(case, view)
            self._changed(case, case_id, "filing.lodge", submission.submission_id)
            self._set_aside(case, case_id)
            return submission.submission_id

        return self._write(case_id, work)

    def _file_reasons(self, case: Casework, view: FilingView) -> None:
        """Each reason for going on becomes a note of the case: it is in the file on both sides."""
        for obstacle in view.obstacles:
            reason = view.choices.reasons.get(obstacle.code, "").strip()
            if obstacle.level == "must" and reason:
                text = (
                    f"提交司法确认前的提醒：{obstacle.sentence}（{obstacle.basis}）。仍然提交的理由：{reason}"
                )
                record = case.record(view.file.head.case_id, cf.Note(text=text))
                case.issue(view.file.head.case_id, cmd.AddRecord(record=record), immediate=True)

    def supplement(self, case_id: str) -> Written[None]:
        """Queue the next manifest of an application whose court asked for more."""
        self._desk.require("filing.supplement")
        view = self.prepare(case_id)
        submission = view.submission
        if submission is None or submission.state != "supplement_asked":
            raise StateError("法院现在没有要求补材料。", code="E-NOT-ASKED")

        def work(case: Casework) -> None:
            items = filing_lists.manifest(view.materials, view.file)
            self._queue(case, submission, "supplement", items, submission.manifest_no + 1)
            self._set_aside(case, case_id)

        return self._write(case_id, work)

    def withdraw(self, case_id: str) -> Written[None]:
        """Ask the court to let the application be withdrawn before it rules (解释 357).

        One that never reached the platform is simply taken back here, and may be lodged anew. Raises
        :class:`StateError` when there is none, or while it is being asked whether the platform has it.
        """
        self._desk.require("filing.withdraw")
        view = self.prepare(case_id)
        submission = view.submission
        if said := filed_ground.over_at_court(view.file, submission):
            raise StateError(f"{said}不用撤回。", code="E-OVER-AT-COURT")
        if submission is None or submission.state in (*filing_machine().final, "prepared"):
            raise StateError("现在没有可以撤回的申请。", code="E-NOTHING-LODGED")
        if filings_of.withdrawal_asked(submission):
            raise StateError("已经申请撤回了，等法院准许。", code="E-WITHDRAWING")

        def work(case: Casework) -> None:
            if submission.state == "queued":
                filing_steps.take_back(case.conn, self._desk, submission.submission_id)
                self._changed(case, case_id, "filing.take_back", submission.submission_id)
                return
            where = (table.c.submission_id == submission.submission_id, table.c.wanted == "withdraw")
            if case.conn.execute(select(table.c.job).where(*where, backlog.FILING_QUEUED)).first():
                raise StateError("撤回申请已经排上了，发出一次。", code="E-WITHDRAWING")
            self._queue(case, submission, "withdraw", [], submission.manifest_no)
            filing_steps.rest_on(case.conn, view.file, submission)

        return self._write(case_id, work)

    def go_without(self, case_id: str) -> Written[int]:
        """不等这些材料: leave out what a step waits for on colleagues' computers; returns how many papers.

        An application is prepared again, and a supplement may be made anew: what is at the court stays there.
        Raises :class:`StateError` where nothing waits for such papers.
        """
        self._desk.require("filing.withdraw")

        def work(case: Casework) -> int:
            file = case.file(case_id)
            row = filing_rows.shown(case.conn, case_id, file, KIND)
            papers = filing_lists.left_behind(row, file, filing_lists.elsewhere(case.conn, file))
            if not papers:
                raise StateError("现在没有在等同事电脑上的材料。", code="E-NOT-WAITING")
            filing_steps.require_here(case.conn, row)
            filing_lists.let_go(case.conn, file, papers)
            where = table.c.submission_id == row.submission_id
            if row.wanted == "lodge":
                case.conn.execute(delete(table).where(where))
            else:
                filing_steps.drop(case.conn, self._desk, row, "不等同事电脑上的材料，改好再交。")
            case.note("filing.go_without", case_id, row.submission_id, {"files": len(papers)})
            casework.rebuild(case.conn, self._desk, case_id)
            return len(papers)

        return self._write(case_id, work)

    def recall(self, case_id: str) -> Written[str]:
        """收回: a supplement or a wish to withdraw that has not gone out is not asked for any more.

        Returns which it was (``wanted``). The application stays as it was before, and the step may be asked
        for anew. Raises :class:`StateError` where nothing waits, or it may be at the platform.
        """
        self._desk.require("filing.supplement")

        def work(case: Casework) -> str:
            row = filing_rows.shown(case.conn, case_id, case.file(case_id), KIND)
            if row is None or not filing_steps.may_recall(case.conn, row):
                raise StateError("这一步已经在发，或者已经发出，收不回来了。", code="E-IN-DOUBT")
            self._desk.require(f"filing.{row.wanted}")
            filing_steps.recall(case.conn, self._desk, row)
            self._changed(case, case_id, "filing.recall", row.submission_id)
            return str(row.wanted)

        return self._write(case_id, work)

    def pack_pdf(self, case_id: str, without: Collection[str] = ()) -> bytes:
        """The whole pack as one PDF with an index, to print or to hand in at the court's window.

        Papers that still wait for a signature are in it too. Leaves a trace. Raises ``UserError`` for an
        empty pack or a file that cannot be joined, ``FilesAwayError`` naming every file that is not here and
        not among the hashes ``without``: those stand in the index as not in it.
        """
        from app.documents.pack import assemble_pack
        from app.services import filing_pack
        from app.services.papers import Papers

        self._desk.require("document.print")
        view = self.prepare(case_id)
        parts, absent = filing_pack.read(self._desk, view.file, view.materials, without)
        casework.write(self._desk, lambda case: case.note("pack.produce", case_id, "", {"files": len(parts)}))
        context = Papers(self._desk).context(masked=False, draft=False, extra={})
        return assemble_pack(parts, absent=absent, context=context)

    def _queue(
        self,
        case: Casework,
        submission: cf.Submission,
        wanted: str,
        manifest: Sequence[cf.ManifestItem],
        no: int,
    ) -> None:
        """Ask for a step; the one before it stays with its receipt (``filing_steps``).

        Raises :class:`StateError` while it is not known whether the platform has that one.
        """
        where = table.c.submission_id == submission.submission_id
        values = filing_rows.asking(wanted, manifest, no, to_text(case.now))
        if case.conn.execute(select(table.c.submission_id).where(where)).first():
            name = sync_words.filing_name(submission.kind, wanted, no)
            filing_steps.keep(case.conn, self._desk, where, next_step=name)
            case.conn.execute(update(table).where(where).values(**values))
        else:
            self._begin(case, {**values, **filing_rows.of(submission, self._desk)})
        file = case.file(submission.case_id)
        filing_lists.say_what_waits(case.conn, self._desk, file, submission.submission_id)
        self._changed(case, submission.case_id, f"filing.{wanted}", submission.submission_id)

    def _begin(self, case: Casework, row: dict[str, object]) -> None:
        filing_steps.make_room(case.conn, self._desk, row)
        case.conn.execute(insert(table).values(row))

    def _set_aside(self, case: Casework, case_id: str) -> None:
        """What was chosen was handed over: 今日 offers it no more, a later round begins with it."""
        drafts.set_aside(case.conn, self._desk.person.person_id, "filing", case_id)

    def _changed(self, case: Casework, case_id: str, action: str, subject: str) -> None:
        case.note(action, case_id, subject, {})
        casework.rebuild(case.conn, self._desk, case_id)

    def _write(self, case_id: str, work: Callable[[Casework], T]) -> Written[T]:
        written = casework.write(self._desk, work)
        changes = ChangeSet(
            case_ids=frozenset({case_id}), kinds=frozenset({"cases", "tasks", "submissions", "outbox"})
        )
        return Written(value=written.value, changes=written.changes.merge(changes), undo_id=None)


def chosen_court(desk: Desk, file: CaseFile) -> taxonomy.Court | None:
    """The court chosen for an application that is being prepared; the only one there is needs no choice."""
    courts = competent(desk, file)
    code = _choices(desk, file.head.case_id, courts).court_code
    return next((choice.court for choice in courts if choice.court.code == code), None)


def competent(desk: Desk, file: CaseFile) -> tuple[rules.CourtChoice, ...]:
    """The courts that may confirm an agreement of this case, each with its reason, the likeliest first."""
    known = desk.store.read(lambda conn: courts_in(conn, practice=desk.practice))
    return rules.competent_courts(file.head, file.parties.values(), desk.institution.district, known)


def _materials(
    file: CaseFile, submission: cf.Submission | None, choices: Choices
) -> tuple[rules.MaterialItem, ...]:
    items = rules.materials(file, not_needed=choices.waived, needed=choices.needed, chosen=choices.chosen)
    return supplements.with_asked(items, file, submission, choices.chosen)


def _choices(desk: Desk, case_id: str, courts: tuple[rules.CourtChoice, ...]) -> Choices:
    kept = drafts.Drafts(desk)
    saved = kept.get("filing", case_id) or kept.carried_out("filing", case_id)
    choices = msgspec.convert(saved.body, Choices) if saved else Choices()
    if len(courts) == 1 and not choices.court_code:
        return replace(choices, court_code=courts[0].court.code)
    return choices

"""Which of a case's filings counts: the one under way, and whether a ruling is there, what the court asks."""

from __future__ import annotations

from app.domain.casefile import Submission, SubmissionEvent, SubmissionKind
from app.domain.reducer import CaseFile
from app.domain.states import filing_machine

ON_ITS_WAY = "补交待发出"
"""What is said of a supplement while :func:`on_its_way`."""


def rounds(file: CaseFile, kind: SubmissionKind = "judicial_confirmation") -> tuple[Submission, ...]:
    """The filings of one kind about the current agreement, first round first.

    One only prepared at the platform binds nobody: the try of a computer that came second, or is gone.
    Of two in one round the platform takes one; ours that still waits to go out stands behind it.
    """
    subject = file.head.agreement_id or file.head.case_id
    found = [
        s
        for s in file.submissions.values()
        if s.kind == kind and s.subject_id == subject and s.state != "prepared"
    ]
    return tuple(sorted(found, key=lambda s: (s.round, s.state != "queued")))


def latest(file: CaseFile, kind: SubmissionKind = "judicial_confirmation") -> Submission | None:
    """The last round, whatever its state."""
    found = rounds(file, kind)
    return found[-1] if found else None


def active_filing(file: CaseFile, kind: SubmissionKind = "judicial_confirmation") -> Submission | None:
    """The round that the court has, or is about to have."""
    return next((s for s in reversed(rounds(file, kind)) if s.state in filing_machine().active), None)


def has_result(file: CaseFile, kind: SubmissionKind = "judicial_confirmation") -> bool:
    """Whether a ruling that confirms the agreement is there."""
    return any(s.state == "confirmed" for s in rounds(file, kind))


def asked_by(submission: Submission | None) -> SubmissionEvent | None:
    """The court's open question; ``None`` while there is none."""
    if submission is None or submission.state != "supplement_asked":
        return None
    return next((event for event in reversed(submission.events) if event.asked), None)


def last_question(submission: Submission | None) -> SubmissionEvent | None:
    """The court's last question, answered or not; ``None`` when it never asked."""
    events = submission.events if submission is not None else ()
    return next((event for event in reversed(events) if event.asked), None)


def on_its_way(submission: Submission | None) -> bool:
    """Whether a supplement was handed over here that the platform has not taken yet."""
    if submission is None or submission.state != "supplemented":
        return False
    last = next((e for e in reversed(submission.events) if e.asked or e.state == "supplemented"), None)
    return last is not None and last.state != "supplemented"

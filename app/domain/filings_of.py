"""Which of a case's filings counts: the one under way, and whether a ruling is there, what the court asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.clock import legal_day
from app.domain.casefile import Note, Submission, SubmissionEvent, SubmissionKind
from app.domain.reducer import CaseFile
from app.domain.states import filing_machine
from app.domain.unsent import Unsent

if TYPE_CHECKING:
    from app.domain.filing import ConfirmationClock

CONFIRMING = frozenset({"confirmed", "changed"})
"""States with a ruling that may be enforced: 有效, and 改变 after an objection, as the new ruling says."""
OBJECTED = frozenset({"revoked", "changed"})
"""What an objection after 有效 may come to (民诉法解释 2022, 372)."""
WITHDRAWAL_ASKED = "withdrawal_asked"
"""Code of the event by which the parties asked to withdraw."""
NOT_OUT = frozenset({"prepared", "queued"})
"""States of an application that the court has not got."""
_OWN_STEPS = frozenset({"prepared", "queued", "lodged", "supplemented"})
"""States that come of what was handed in, not of what the court answers."""
ON_ITS_WAY = "补交待发出"
"""What is said of a supplement while :func:`on_its_way`."""
NOT_AGAIN = frozenset({"dismissed", "revoked"})
"""States after which the court is not asked the same once more: the text is changed by mediation, or one sues
(民诉法 2023, 206; 民诉法解释 2022, 372)."""
LEAVING = "撤回待发出"
"""What is said of an application while :func:`leaving`, as long as the wish lies here."""
WITHDRAWING = "已申请撤回"
"""What is said of an application while :func:`withdrawal_asked`."""


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


def handed_in(filing: Submission | None) -> bool:
    """Whether the court has the application, or has ruled as it asked: one that still lies here, or that came
    to nothing, keeps no day."""
    if filing is None or filing.state in NOT_OUT:
        return False
    return filing.state in filing_machine().active or filing.state in CONFIRMING


def at_the_court(file: CaseFile) -> Submission | None:
    """The filing of any kind about the standing agreement that the court has, or is about to have."""
    subject, active = file.head.agreement_id, filing_machine().active
    mine = (s for s in file.submissions.values() if subject and s.subject_id == subject and s.state in active)
    return next(mine, None)


def ruled(file: CaseFile) -> Submission | None:
    """The filing of any kind whose ruling confirms the standing agreement, also where a restored platform has
    not back what is known of it here."""
    subject = file.head.agreement_id
    mine = (s for s in file.submissions.values() if subject and s.subject_id == subject)
    return next((s for s in mine if (forgotten_end(file, s) or s).state in CONFIRMING), None)


def forgotten_end(file: CaseFile, submission: Submission | None) -> SubmissionEvent | None:
    """The court's last word on an application, which a platform restored from a backup has not back; ``None``
    where there is none, or the platform tells it."""
    if submission is None or submission.state in filing_machine().final:
        return None
    kept = file.kept.get(submission.submission_id, ())
    return next((event for event in reversed(kept) if event.state in filing_machine().final), None)


def ended(file: CaseFile) -> tuple[str, ...]:
    """The filings about the standing agreement that are over, by id."""
    subject, final = file.head.agreement_id, filing_machine().final
    mine = (s for s in file.submissions.values() if subject and s.subject_id == subject)
    return tuple(sorted(s.submission_id for s in mine if s.state in final))


def has_result(file: CaseFile, kind: SubmissionKind = "judicial_confirmation") -> bool:
    """Whether a ruling that confirms the agreement is there and stands."""
    return any(s.state in CONFIRMING for s in rounds(file, kind))


def objected(submission: Submission | None) -> SubmissionEvent | None:
    """The ruling by which a confirming one was revoked or changed; ``None`` while it stands as it was."""
    if submission is None or submission.state not in OBJECTED:
        return None
    return next((e for e in reversed(submission.events) if e.state == submission.state), None)


def objection_words(submission: Submission | None) -> str:
    """What an objection means for enforcement (民诉法 2023, 244, 250; 解释 2022, 372); else empty."""
    if submission is None or submission.state not in OBJECTED:
        return ""
    if submission.state == "revoked":
        return (
            "有人提出异议，法院撤销了原来的裁定：不能再凭它申请执行。已申请执行的，请当事人把新裁定交给执行法院；"
            "已经执行的，可以申请执行回转。协议还在，可以重新调解变更，也可以依协议起诉。以法院为准。"
        )
    return (
        "有人提出异议，法院改变了原来的裁定：申请执行以新裁定写的为准。"
        "已申请执行的，请当事人把新裁定交给执行法院。以法院为准。"
    )


def answer_key(submission: Submission) -> str:
    """What a note says it told the parties of: the application, and what the court made of it."""
    return f"{submission.submission_id}:{submission.state}"


def answer_untold(file: CaseFile, submission: Submission | None) -> SubmissionEvent | None:
    """The court's word that ended an application, while nobody has noted that the parties were told of it."""
    if submission is None or submission.state not in filing_machine().final:
        return None
    key = answer_key(submission)
    if any(note.about == key for _, note in file.of_type(Note)):
        return None
    return next((e for e in reversed(submission.events) if e.state == submission.state), None)


def leaving(file: CaseFile, submission: Submission | None) -> bool:
    """Whether a wish to withdraw was handed over here and has not gone yet."""
    held = file.unsent.get(submission.submission_id) if submission is not None else None
    return held is not None and held.wanted == "withdraw" and held.going


def leaving_words(file: CaseFile, submission: Submission | None) -> str:
    """What is said of an application while :func:`leaving`, by where the wish to withdraw is; else empty."""
    if submission is None or not leaving(file, submission):
        return ""
    held = file.unsent[submission.submission_id]
    return f"撤回{held.tag}" if held.stand in ("doubt", "packed") else LEAVING


def wants_out(file: CaseFile, submission: Submission | None) -> bool:
    """Whether the parties want to withdraw, and the court has asked for nothing since."""
    if leaving(file, submission):
        return True
    if submission is None or not withdrawal_asked(submission):
        return False
    told = (e for e in reversed(submission.events) if e.asked or e.code == WITHDRAWAL_ASKED)
    return next(told).code == WITHDRAWAL_ASKED


def withdrawal_asked(submission: Submission | None) -> bool:
    """Whether the parties have asked the court to let them withdraw, and it has not answered yet."""
    if submission is None or submission.state in filing_machine().final:
        return False
    return any(event.code == WITHDRAWAL_ASKED for event in submission.events)


def asked_by(submission: Submission | None) -> SubmissionEvent | None:
    """The court's open question; ``None`` while there is none."""
    if submission is None or submission.state != "supplement_asked":
        return None
    return next((event for event in reversed(submission.events) if event.asked), None)


def forgotten_question(file: CaseFile, submission: Submission | None) -> SubmissionEvent | None:
    """The court's open question that a platform restored from a backup tells no more, so that it takes no
    answer to it; ``None`` once it was answered, the platform asks (again), or the application is over.

    That the court took the application up is told again later than it was, and says nothing of the question.
    """
    if submission is None or submission.state in ("supplement_asked", *filing_machine().final):
        return None
    asked = _kept_question(file, submission)
    if asked is None or _in_doubt(file, submission):
        return None
    kept = file.kept[submission.submission_id]
    since = [one for one in kept if one.state != "supplement_asked"]
    since += [one for one in submission.events if one.state == "supplemented"]
    return None if any(one.at > asked.at for one in since) else asked


def _kept_question(file: CaseFile, submission: Submission) -> SubmissionEvent | None:
    kept = file.kept.get(submission.submission_id, ())
    return next((event for event in reversed(kept) if event.asked), None)


def _in_doubt(file: CaseFile, submission: Submission) -> bool:
    """Whether a supplement left this computer, by the line or in a package, and no receipt came. Of the
    application itself whose reply was lost the feed may tell first: that one is at its court."""
    held = file.unsent.get(submission.submission_id)
    left = held is not None and held.wanted == "supplement" and held.stand in ("doubt", "packed")
    return left and submission.state not in NOT_OUT


def answered_question(file: CaseFile, submission: Submission | None) -> SubmissionEvent | None:
    """The court's question that a supplement answers of which :func:`unsent` tells; else ``None``. It may be
    one that a restored platform has forgotten."""
    if submission is None or not (on_its_way(submission) or _in_doubt(file, submission)):
        return None
    return last_question(submission) or _kept_question(file, submission)


def last_question(submission: Submission | None) -> SubmissionEvent | None:
    """The court's last question, answered or not; ``None`` when it never asked."""
    events = submission.events if submission is not None else ()
    return next((event for event in reversed(events) if event.asked), None)


def came_late(submission: Submission | None, clock: ConfirmationClock) -> str:
    """晚了 3 天才提交，补交晚了 1 天: what :func:`days_late` tells, in words; else empty."""
    lodged, supplied = days_late(submission, clock)
    said = (f"晚了 {lodged} 天才提交" if lodged else "", f"补交晚了 {supplied} 天" if supplied else "")
    return "，".join(filter(None, said))


def days_late(submission: Submission | None, clock: ConfirmationClock) -> tuple[int, int]:
    """By how many days an application under way came to its court past its 30 days, and its supplement past
    the court's day. Whether it takes them is the court's; of what it has taken up it is 0."""
    if submission is None or not submission.events or submission.state in filing_machine().final:
        return 0, 0
    taken_up = any(event.state == "accepted" for event in submission.events)
    lodged = 0 if taken_up else clock.days_late(legal_day(submission.events[0].at))
    supplied, asked = 0, None
    for event in () if on_its_way(submission) else submission.events:
        asked = event if event.asked else asked
        if event.asked or event.state == "accepted":
            supplied = 0
        elif event.state == "supplemented" and asked is not None and asked.answer_by is not None:
            supplied = max(0, (legal_day(event.at) - asked.answer_by).days)
    return lodged, supplied


def on_its_way(submission: Submission | None) -> bool:
    """Whether a supplement was handed over here that the platform has not taken yet."""
    if submission is None or submission.state != "supplemented":
        return False
    last = next((e for e in reversed(submission.events) if e.asked or e.state == "supplemented"), None)
    return last is not None and last.state != "supplemented"


def unsent(file: CaseFile, submission: Submission | None) -> Unsent | None:
    """How an application, or a supplement, stands that was handed over here and that its court has not got;
    ``None`` where there is none, or it has."""
    if submission is None or submission.state in filing_machine().final:
        return None
    if not (submission.state in NOT_OUT or on_its_way(submission) or _in_doubt(file, submission)):
        return None
    return file.unsent.get(submission.submission_id, Unsent())


def untold(had: Iterable[SubmissionEvent], told: Iterable[SubmissionEvent]) -> tuple[SubmissionEvent, ...]:
    """The court's answers among ``had`` that are not in ``told``, the oldest first, each once; and behind a
    question among them what was supplied to it.

    An answer is told by one of the same state with the same papers, or more: told again it may bear another
    instant, and its paper may have followed it. A court may ask the same twice: one question tells one.
    """
    before, now = sorted(dict.fromkeys(had), key=lambda event: event.at), tuple(told)
    asked_anew = [one for one in now if one.asked and one not in before]
    lost = set[SubmissionEvent]()
    for event in reversed(before):
        if event in now or not _of_the_court(event):
            continue
        telling = next((one for one in (asked_anew if event.asked else now) if _tells(one, event)), None)
        if telling is None:
            lost.add(event)
        elif event.asked:
            asked_anew.remove(telling)
    question: SubmissionEvent | None = None
    for event in before:
        question = event if event.asked else question
        if event.state == "supplemented" and question in lost:
            lost.add(event)
    return tuple(event for event in before if event in lost)


def _of_the_court(event: SubmissionEvent) -> bool:
    own = event.state in _OWN_STEPS or event.code == WITHDRAWAL_ASKED
    return bool(event.documents) or not own


def _tells(one: SubmissionEvent, event: SubmissionEvent) -> bool:
    papers = {paper.sha256 for paper in one.documents}
    return (
        (one.state, one.code) == (event.state, event.code)
        and set(event.asked) <= set(one.asked)
        and all(paper.sha256 in papers for paper in event.documents)
    )

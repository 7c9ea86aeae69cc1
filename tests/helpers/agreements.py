"""Cases on their way from agreement to ruling, made through the services."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from shiboken6 import isValid
from sqlalchemy import Connection, update

from app.domain import casefile as cf
from app.services import casework
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.attachments import Attachments, FileEntry
from app.services.deciding import ContactEntry, Deciding
from app.services.handling import Handling, SessionEntry
from app.storage.tables import case_docs
from tests.helpers.desks import MONDAY, Workplace, incoming, make_workplace
from tests.helpers.pages import Bench

CASE = "case-1"
APPLICANT, RESPONDENT = f"{CASE}-applicant", f"{CASE}-respondent"
DAY = dt.date(2026, 11, 23)


def press_primary(bench: Bench, button: QPushButton | None = None) -> None:
    """Ctrl+Enter, then wait until the button it pressed is up again (Qt presses it for a moment)."""
    page = bench.shell.current
    pressed = button or (page.primary if page is not None else None)
    assert pressed is not None
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: not (isValid(pressed) and pressed.isDown()))
    bench.idle()


@contextmanager
def talked_through(folder: Path) -> Iterator[Workplace]:
    """A workplace with a case talked through, whose agreement is to be written."""
    workplace = make_workplace(folder)
    mediating(workplace)
    yield workplace
    workplace.close()


def mediating(place: Workplace, result: str = "agreed", **more: object) -> None:
    """A case after its first session."""
    incoming(place, CASE, **more)
    deciding = Deciding(place.desk)
    deciding.record_contact(CASE, ContactEntry(RESPONDENT, "phone", "willing", MONDAY))
    deciding.accept(CASE)
    Handling(place.desk).record_session(CASE, session(result))


def session(result: str) -> SessionEntry:
    """What was written down of a session."""
    return SessionEntry(
        started_at=MONDAY - dt.timedelta(hours=1),
        place="第二调解室",
        present=(
            cf.Present(label="陈秀英", role="applicant", party_id=APPLICANT),
            cf.Present(label="吴刚", role="respondent", party_id=RESPONDENT),
            cf.Present(label="周敏芳", role="mediator"),
        ),
        segments=(cf.Segment(speaker=0, at=MONDAY, text="面积认可，就按 18 平方米算。", step=3),),
        rights_told_at=MONDAY - dt.timedelta(minutes=58),
        undisputed=("墙面修复面积 18 平方米",),
        result=result,  # type: ignore[arg-type]
    )


def sound_draft(place: Workplace) -> cf.Agreement:
    """A draft without anything to object to."""
    return msgspec.structs.replace(
        Agreeing(place.desk).draft(CASE),
        clauses=(
            cf.Clause(no=1, text="乙方赔偿甲方墙面修复费用人民币 5,800 元（大写：伍仟捌佰元整）。"),
            cf.Clause(no=2, text="乙方于 2026年12月10日（含当天）前付清。"),
        ),
        payments=(
            cf.Payment(
                no=1, payer_party_id=RESPONDENT, payee_party_id=APPLICANT, amount_fen=580000,
                due_on=dt.date(2026, 12, 10),
            ),
        ),
        total_fen=580000,
        performance="银行转账，收款后甲方出具收条。",
        copies=4,
    )  # fmt: skip


def finalised(place: Workplace, **more: object) -> None:
    """An agreement printed for signing."""
    mediating(place, **more)
    Agreeing(place.desk).finalise(sound_draft(place), wants_confirmation=True)


def spoken(place: Workplace, **more: object) -> None:
    """An oral agreement, registered."""
    mediating(place, **more)
    draft = msgspec.structs.replace(sound_draft(place), form="oral")
    Agreeing(place.desk).finalise(draft, wants_confirmation=False)


def effective(place: Workplace, **more: object) -> None:
    """An agreement signed and sealed today."""
    finalised(place, **more)
    sign_all(place)


def sign_all(place: Workplace) -> None:
    """All sign and seal today."""
    Agreeing(place.desk).register_signatures(
        CASE,
        (
            SignatureEntry("party", DAY, APPLICANT),
            SignatureEntry("party", DAY, RESPONDENT),
            SignatureEntry("mediator", DAY),
            SignatureEntry("seal", DAY, method="seal"),
        ),
    )


def scan_file(place: Workplace, material: str, party: str = "", *, role: str = "scan") -> None:
    """A signed scan for ``material``."""
    content = f"%PDF-1.4\n{material} {party}\n%%EOF\n".encode()
    entry = FileEntry(role=role, title=material, provided_by=party, material=material)
    Attachments(place.desk).add_bytes(CASE, content, f"{material}.pdf", "application/pdf", entry)


def shadow_submission(
    place: Workplace, submission_id: str, state: str, events: Sequence[cf.SubmissionEvent] = ()
) -> None:
    """The platform's word on a submission, as an exchange would bring it."""
    from app.domain.reducer import CaseFile
    from app.storage import casestore

    def put(conn: object) -> None:
        before: CaseFile = casestore.load(conn, CASE)  # type: ignore[arg-type]
        old = before.submissions[submission_id]
        new = msgspec.structs.replace(old, state=state, events=tuple(events), court_number="")
        after = dataclasses.replace(before, submissions={**before.submissions, submission_id: new})
        casework.store_projection(conn, place.desk, before, after)  # type: ignore[arg-type]
        doc = (case_docs.c.entity == "submission") & (case_docs.c.doc_id == submission_id)
        conn.execute(update(case_docs).where(doc).values(shadow=cf.encode(new)))  # type: ignore[attr-defined]

    place.desk.store.write(put)


def forget_answers(place: Workplace, submission_id: str, *now: cf.SubmissionEvent) -> None:
    """The platform, restored, tells a submission with these events alone."""
    from app.services import kept_answers
    from app.storage import casestore

    before = place.desk.store.read(lambda conn: casestore.load(conn, CASE)).submissions[submission_id]
    shadow_submission(place, submission_id, now[-1].state, now)

    def follow(conn: Connection) -> None:
        kept_answers.follow(conn, CASE, submission_id, before.events)
        casework.rebuild(conn, place.desk, CASE)

    place.desk.store.write(follow)

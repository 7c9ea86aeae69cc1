"""One case from contact to the court's ruling, step by step through the services; run as a process.

``python -m tests.helpers.journey FOLDER CASE`` opens the practice profile in FOLDER, reads one step name a
line from standard input, and prints ``begin NAME`` and ``ack NAME``. An acknowledged step must be found
again whatever happens to the process afterwards; one that was only begun may or may not be.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from app.domain import casefile as cf
from app.paths import ProfilePaths
from app.services import profile
from app.services.agreeing import SignatureEntry
from app.services.attachments import FileEntry
from app.services.closing import ClosingEntry
from app.services.deciding import ContactEntry
from app.services.desk import Desk
from app.services.filing import Choices
from app.services.handling import SessionEntry
from app.services.office import Office
from app.storage.lock import ProfileLock
from app.storage.tables import audit, files, filings, outbox
from tests.helpers.desks import QUICK
from ui import connection
from ui.practice import PASSPHRASE

PHOTO = b"\xff\xd8\xff\xe0" + hashlib.shake_256(b"photo").digest(700_000)
SUPPLEMENT = b"%PDF-1.4\nreceipt\n%%EOF\n"


@dataclass(frozen=True)
class Step:
    """``do`` makes the step; ``done`` says from the store alone whether it is there."""

    do: Callable[[Office, str], object]
    done: Callable[[Office, str], bool]
    slow: bool = False


def open_office(folder: Path) -> Office:
    """The office of the practice profile, without the undo window, so that a run sends at once."""
    desk = profile.unlock(ProfilePaths(folder), PASSPHRASE, "周敏芳", cost=QUICK)
    return Office(replace(desk, undo_window=dt.timedelta()))


def party(office: Office, case_id: str, side: str) -> cf.Party:
    """The first party of a side."""
    return next(p for p in office.cases.open(case_id).file.parties.values() if p.side == side)


def state(office: Office, case_id: str) -> str:
    """The case's state."""
    return office.cases.open(case_id).head.state


def count(office: Office, case_id: str, body: type) -> int:
    """How many records of a kind the case has."""
    return len(office.cases.open(case_id).file.of_type(body))


def titles(office: Office, case_id: str) -> set[str]:
    """Titles of the case's files."""
    return {a.title for a in office.attachments.of_case(case_id)}


def revealed(office: Office, case_id: str) -> bool:
    """Whether the reveal has left its trace."""
    query = (
        select(func.count())
        .select_from(audit)
        .where(audit.c.case_id == case_id, audit.c.action == "reveal.field")
    )
    return office.desk.store.read(lambda conn: bool(conn.execute(query).scalar_one()))


def reveal(office: Office, case_id: str) -> None:
    """显示电话, with a reason."""
    office.reveal.field(case_id, party(office, case_id, "respondent").party_id, "phone", "contact")


def contact(office: Office, case_id: str) -> None:
    """Reached, willing."""
    who = party(office, case_id, "respondent").party_id
    office.deciding.record_contact(case_id, ContactEntry(who, "phone", "willing", office.desk.clock.now()))


def session(office: Office, case_id: str) -> None:
    """The first mediation session."""
    now = office.desk.clock.now()
    a, r = party(office, case_id, "applicant"), party(office, case_id, "respondent")
    present = (
        cf.Present(label=a.name, role="applicant", party_id=a.party_id),
        cf.Present(label=r.name, role="respondent", party_id=r.party_id),
        cf.Present(label=office.desk.person.name, role="mediator"),
    )
    entry = SessionEntry(
        started_at=now - dt.timedelta(minutes=40),
        place="第二调解室",
        present=present,
        segments=(cf.Segment(speaker=1, at=now, text="漏点我来修，吊顶照价赔。", step=4),),
        rights_told_at=now - dt.timedelta(minutes=39),
        undisputed=("吊顶损失三千元",),
        result="agreed",
    )
    office.handling.record_session(case_id, entry)


def photo(office: Office, case_id: str) -> None:
    """A picture of the damage."""
    entry = FileEntry(role="photo", title="吊顶照片", original="photo")
    office.attachments.add_bytes(case_id, PHOTO, "吊顶.jpg", "image/jpeg", entry)


def drafted(office: Office, case_id: str) -> cf.Agreement:
    """The agreement as it is to be written."""
    a, r = party(office, case_id, "applicant").party_id, party(office, case_id, "respondent").party_id
    return msgspec.structs.replace(
        office.agreeing.draft(case_id),
        clauses=(
            cf.Clause(no=1, text="乙方赔偿甲方吊顶损失人民币 3,000 元（大写：叁仟元整）。"),
            cf.Clause(no=2, text="乙方于签署本协议当日一次付清，并修好漏点。"),
        ),
        payments=(cf.Payment(no=1, payer_party_id=r, payee_party_id=a, amount_fen=300000, on_signing=True),),
        total_fen=300000,
        performance="签署当日银行转账，甲方收款后出具收条。",
        copies=4,
    )


def finalise(office: Office, case_id: str) -> None:
    """Fix the agreement's text."""
    office.agreeing.finalise(office.agreeing.draft(case_id), wants_confirmation=True)


def sign(office: Office, case_id: str) -> None:
    """Every signature and the seal, dated today."""
    today = office.desk.today()
    office.agreeing.register_signatures(
        case_id,
        (
            SignatureEntry("party", today, party(office, case_id, "applicant").party_id),
            SignatureEntry("party", today, party(office, case_id, "respondent").party_id),
            SignatureEntry("mediator", today),
            SignatureEntry("seal", today, method="seal"),
        ),
    )


def papers(office: Office, case_id: str) -> None:
    """Application, agreement and certificate written, then their signed scans; both identity papers."""
    for form, material in (("P15", "application"), ("F06", "agreement"), ("P16", "certificate")):
        written = office.papers.file_paper(case_id, form, material=material).value
        signed = office.attachments.read(written.sha256) + b"\n% signed\n"
        entry = FileEntry(role="scan", title=written.title, original="original", material=material)
        office.attachments.add_bytes(case_id, signed, f"{material}.pdf", "application/pdf", entry)
    for side in ("applicant", "respondent"):
        who = party(office, case_id, side).party_id
        entry = FileEntry(role="identity", title="身份证明", provided_by=who)
        content = b"%PDF-1.4\n" + who.encode() + b"\n%%EOF\n"
        office.attachments.add_bytes(case_id, content, f"{side}.pdf", "application/pdf", entry)


def papers_done(office: Office, case_id: str) -> bool:
    """Whether nothing is missing but the court."""
    return not any(item.blocks for item in office.filing.prepare(case_id).materials)


def lodge(office: Office, case_id: str) -> None:
    """Choose the first court and queue the application."""
    view = office.filing.prepare(case_id)
    office.filing.choose(case_id, Choices(court_code=view.courts[0].court.code))
    office.filing.lodge(case_id)


def submission_state(office: Office, case_id: str) -> str:
    """State of the application; empty when there is none."""
    found = list(office.cases.open(case_id).file.submissions.values())
    return found[0].state if len(found) == 1 else f"{len(found)} submissions" if found else ""


def asked_for(office: Office, case_id: str) -> str:
    """What was last asked of the court (lodge, supplement), and ``done`` behind it once it has answered."""
    query = select(filings.c.wanted, filings.c.job).where(filings.c.case_id == case_id)
    row = office.desk.store.read(lambda conn: conn.execute(query).one_or_none())
    return "" if row is None else f"{row.wanted} {'done' if row.job == 'done' else ''}".strip()


def more(office: Office, case_id: str) -> None:
    """What the court asked for."""
    entry = FileEntry(role="evidence", title="缴费凭证")
    office.attachments.add_bytes(case_id, SUPPLEMENT, "缴费凭证.pdf", "application/pdf", entry)


def sync(office: Office, case_id: str) -> None:
    """One complete run; raises when it was cut short."""
    result = connection.sync_once(office.desk)
    if result.error is not None:
        raise result.error


def closing_sent(office: Office, _case_id: str) -> bool:
    """Whether the platform has given its receipt for the closing, and so for all before it."""
    query = select(outbox.c.receipt).where(outbox.c.kind == "case.close", outbox.c.state == "delivered")
    return office.desk.store.read(lambda conn: conn.execute(query).scalar_one_or_none()) is not None


def ruling_kept(office: Office, case_id: str) -> bool:
    """Whether the ruling is here, and is the file its hash names."""
    for submission in office.cases.open(case_id).file.submissions.values():
        for event in submission.events:
            for document in event.documents:
                query = select(files.c.state).where(files.c.sha256 == document.sha256)
                kept = office.desk.store.read(
                    lambda conn, query=query: conn.execute(query).scalar_one_or_none()
                )
                if kept == "present":
                    content = office.attachments.read(document.sha256)
                    return hashlib.sha256(content).hexdigest() == document.sha256
    return False


BEFORE_ACCEPT = ("received", "contacting", "deciding")
STEPS: dict[str, Step] = {
    "reveal": Step(reveal, revealed),
    "contact": Step(contact, lambda o, c: count(o, c, cf.Contact) >= 1),
    "accept": Step(lambda o, c: o.deciding.accept(c), lambda o, c: state(o, c) not in BEFORE_ACCEPT),
    "session": Step(session, lambda o, c: count(o, c, cf.Session) >= 1),
    "photo": Step(photo, lambda o, c: "吊顶照片" in titles(o, c)),
    "draft": Step(
        lambda o, c: o.agreeing.save_draft(drafted(o, c)),
        lambda o, c: bool(o.drafts.get("agreement", c) or o.cases.open(c).head.agreement_id),
    ),
    "finalise": Step(finalise, lambda o, c: bool(o.cases.open(c).head.agreement_id)),
    "sign": Step(sign, lambda o, c: count(o, c, cf.Signature) >= 4),
    "close": Step(
        lambda o, c: o.closing.close(c, ClosingEntry("in_person")), lambda o, c: state(o, c) == "closed"
    ),
    "send": Step(sync, closing_sent, slow=True),
    "papers": Step(papers, papers_done, slow=True),
    "lodge": Step(lodge, lambda o, c: submission_state(o, c) != ""),
    "deliver": Step(
        sync, lambda o, c: submission_state(o, c) not in ("", "prepared", "queued"), slow=True
    ),
    "hear": Step(
        sync, lambda o, c: submission_state(o, c) in ("supplement_asked", "supplemented", "confirmed"),
        slow=True,
    ),
    "more": Step(more, lambda o, c: "缴费凭证" in titles(o, c)),
    "supplement": Step(
        lambda o, c: o.filing.supplement(c), lambda o, c: asked_for(o, c).startswith("supplement")
    ),
    "answer": Step(sync, lambda o, c: asked_for(o, c) == "supplement done", slow=True),
    "ruling": Step(
        sync, lambda o, c: submission_state(o, c) == "confirmed" and ruling_kept(o, c), slow=True
    ),
}  # fmt: skip
"""The journey in order. The platform and the court act between them; the test moves those."""


def main() -> None:
    """Serve steps until standard input ends."""
    folder, case_id = Path(sys.argv[1]), sys.argv[2]
    with ProfileLock(ProfilePaths(folder).lock) as lock:
        lock.acquire(kind="command")
        office = open_office(folder)
        say("open")
        for line in sys.stdin:
            name = line.strip()
            say(f"begin {name}")
            STEPS[name].do(office, case_id)
            say(f"ack {name}")
        close(office.desk)


def close(desk: Desk) -> None:
    """Put everything away."""
    profile.close(desk)


def say(text: str) -> None:
    """One line, out at once."""
    print(text, flush=True)


if __name__ == "__main__":
    main()

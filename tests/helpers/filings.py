"""Cases by the services alone: changed, agreed, ready for the court, and how often they came there."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import select

from app.clock import legal_day
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.tasks import Task
from app.services import casework
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.attachments import Attachments, FileEntry
from app.services.closing import Closing, ClosingEntry
from app.services.deciding import ContactEntry, Deciding
from app.services.desk import Desk
from app.services.filing import Choices, Filing
from app.services.handling import Handling, SessionEntry
from app.services.port_values import FilingJob
from app.services.sync_centre import Filter, SyncCentre, SyncRow
from app.storage.tables import tasks
from tests.helpers.clients import Office
from tests.helpers.sandbox import Sandbox

PDF = b"%PDF-1.4\n%%EOF\n"
APPLICATION = "司法确认申请"
FIRST, SECOND = f"{APPLICATION}：补充材料", f"{APPLICATION}：第 2 次补充材料"
WITHDRAWAL = f"{APPLICATION}：撤回"
"""What 同步中心 calls the steps of an application."""


def confirming(desk: Desk, case_id: str) -> Task:
    """What the store has as the thing to do about the confirmation of a case, as 今日 reads it."""
    mine = (tasks.c.case_id == case_id, tasks.c.kind == "confirm")
    body = desk.store.read(lambda conn: conn.execute(select(tasks.c.body).where(*mine)).scalar_one())
    return msgspec.json.decode(body, type=Task)


def edit_respondent(office: Office, case_id: str, value: str) -> str:
    """Write the respondent's address for service; returns the party's id."""
    party = office.file(case_id).side("respondent")[0]
    payload = cmd.EditParty(party_id=party.party_id, fields={"service_address": value})
    base = {"service_address": party.service_address}
    casework.write(office.desk, lambda case: case.issue(case_id, payload, base=base))
    return party.party_id


def agreed_case(office: Office, *, close: bool = True, days_ago: int = 0) -> str:
    """A case taken from dispatch to a signed, effective agreement, and to its closing, all offline.

    ``days_ago``: of which day the paper is; signed it is today.
    """
    desk, now = office.desk, office.clock.now()
    today = legal_day(now)
    case_id = office.case_ids("received")[0]
    file = office.file(case_id)
    applicant, respondent = file.side("applicant")[0], file.side("respondent")[0]
    deciding = Deciding(desk)
    deciding.record_contact(case_id, ContactEntry(respondent.party_id, "phone", "willing", now))
    deciding.accept(case_id)
    Handling(desk).record_session(
        case_id,
        SessionEntry(
            started_at=now - dt.timedelta(hours=1),
            place="第二调解室",
            present=(cf.Present(label="申请人", role="applicant", party_id=applicant.party_id),),
            segments=(cf.Segment(speaker=0, at=now, text="认可。", step=3),),
            rights_told_at=now,
            undisputed=("面积 18 平方米",),
            result="agreed",
        ),
    )
    agreeing = Agreeing(desk)
    draft = msgspec.structs.replace(
        agreeing.draft(case_id),
        clauses=(cf.Clause(no=1, text="乙方赔偿甲方人民币 3,000 元（大写：叁仟元整），签署当日付清。"),),
        payments=(
            cf.Payment(
                no=1, payer_party_id=respondent.party_id, payee_party_id=applicant.party_id,
                amount_fen=300000, on_signing=True,
            ),
        ),
        total_fen=300000,
        performance="签署当日付清。",
        copies=4, dated_on=today - dt.timedelta(days=days_ago),
    )  # fmt: skip
    agreeing.finalise(draft, wants_confirmation=True, overrides=("照样",))
    signed(office, case_id)
    if close:
        Closing(desk).close(case_id, ClosingEntry("in_person"))
    return case_id


def signed(office: Office, case_id: str, days_ago: int = 0) -> None:
    """All signatures and the seal of the agreement that stands, with that day."""
    day = legal_day(office.clock.now()) - dt.timedelta(days=days_ago)
    signers = [
        SignatureEntry("party", day, party.party_id) for party in office.file(case_id).parties.values()
    ]
    signers += [SignatureEntry("mediator", day), SignatureEntry("seal", day, method="seal")]
    Agreeing(office.desk).register_signatures(case_id, tuple(signers))


def prepare_filing(office: Office, case_id: str) -> None:
    """All papers a court wants, as scans and identity papers, and the court chosen."""
    files, filing = Attachments(office.desk), Filing(office.desk)
    for material in ("application", "agreement", "certificate"):
        entry = FileEntry(role="scan", title=material, original="original", material=material)
        files.add_bytes(case_id, PDF + material.encode(), f"{material}.pdf", "application/pdf", entry)
    for party_id in office.file(case_id).parties:
        entry = FileEntry(role="identity", title="身份证明", provided_by=party_id)
        files.add_bytes(case_id, PDF + party_id.encode(), "证件.pdf", "application/pdf", entry)
    view = filing.prepare(case_id)
    filing.choose(case_id, Choices(court_code=view.courts[0].court.code))
    assert filing.prepare(case_id).blocked == ()


def lodged(office: Office) -> tuple[str, str]:
    """An application at the court: its case and its id."""
    case_id = agreed_case(office)
    prepare_filing(office, case_id)
    submission_id = Filing(office.desk).lodge(case_id).value
    office.good_run()
    return case_id, submission_id


def ask(office: Office, submission_id: str) -> None:
    """The court wants a paper."""
    office.sandbox.control(f"court/{submission_id}/ask-supplement", asked=["送达地址确认书"])
    office.good_run()


def supplement(office: Office, case_id: str, mark: bytes) -> None:
    """What the court wants, queued."""
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    Attachments(office.desk).add_bytes(case_id, PDF + mark, "补.pdf", "application/pdf", entry)
    Filing(office.desk).supplement(case_id)


def under_way(office: Office, submission_id: str) -> FilingJob:
    """A filing as the engine reads it."""
    (job,) = office.port.filings.under_way([submission_id])
    return job


def of_filings(office: Office, which: Filter = "all") -> dict[str, SyncRow]:
    """The lines of applications by what they say, the latest first."""
    rows = [row for row in SyncCentre(office.desk).rows(which) if row.kind == "filing"]
    found = {row.what: row for row in rows}
    assert len(found) == len(rows), "the words tell the steps apart"
    return found


def counts_are_the_rows(office: Office) -> None:
    """Each number at the top is that of the lines below."""
    centre = SyncCentre(office.desk)
    counts = centre.counts()
    lists: tuple[Filter, ...] = ("needs_you", "waiting", "delivered")
    shown = tuple(len(centre.rows(which, 10_000)) for which in lists)
    assert shown == (counts.needs_you, counts.waiting, counts.delivered_today)


def lodgings(sandbox: Sandbox) -> int:
    """How many applications reached the court, by the platform's own account."""
    return sum("司法确认申请已送达" in happened["text"] for happened in sandbox.look("log")["happenings"])

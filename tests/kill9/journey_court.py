"""The journey, second part: papers, and an application to the court from lodging to withdrawal."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.domain import casefile as cf
from app.domain.filings_of import answer_untold, latest
from app.services.attachments import FileEntry
from app.services.filing import Choices
from app.services.office import Office
from sync.sandbox import tables as t
from tests.helpers import journey as steps
from tests.kill9.journey import ACTS as ACTS
from tests.kill9.journey import Do, Done, act, ask_court, court_state, on, there
from tests.kill9.place import Place

# -- papers, the court ---------------------------------------------------------------------------------


def printed(o: Office, c: str, mark: str) -> bytes:
    """A printed paper with something on it, as it comes back from the scanner."""
    paper = next(a for a in o.attachments.of_case(c) if a.role == "paper")
    return o.attachments.read(paper.sha256) + f"\n% {mark}\n".encode()


def lost_one(p: Place) -> str:
    """The hash of the scan that the platform loses although it had called it stored."""
    return next(a.sha256 for a in p.office.attachments.of_case(p.case("A")) if a.title == "签好的certificate")


def platform_has(p: Place) -> bool:
    """Whether the platform knows of that scan."""
    return bool(p.platform(select(t.files.c.sha256).where(t.files.c.sha256 == lost_one(p))))


def lose_at_platform(p: Place) -> None:
    """The platform's disk loses a file; it goes on as before, in the same epoch."""
    p.at_platform(delete(t.files).where(t.files.c.sha256 == lost_one(p)))


def paper(form: str, material: str) -> tuple[Do, Done]:
    """A paper is written for the pack."""

    def done(o: Office, c: str) -> bool:
        return any(a.material == material for a in o.cases.open(c).file.attachments.values())

    return on("A", lambda o, c: o.papers.file_paper(c, form, material=material)), there("A", done)


def signed(material: str) -> tuple[Do, Done]:
    """It comes back signed from the scanner."""
    entry = FileEntry(role="scan", title=f"签好的{material}", original="original", material=material)

    def do(o: Office, c: str) -> None:
        o.attachments.add_bytes(c, printed(o, c, material), f"{material}.pdf", "application/pdf", entry)

    return on("A", do), there("A", lambda o, c: entry.title in steps.titles(o, c))


def identity(side: str) -> tuple[Do, Done]:
    """A copy of a party's document."""

    def do(o: Office, c: str) -> None:
        who = steps.party(o, c, side).party_id
        entry = FileEntry(role="identity", title="身份证明", provided_by=who)
        o.attachments.add_bytes(c, printed(o, c, side), f"{side}.pdf", "application/pdf", entry)

    def done(o: Office, c: str) -> bool:
        who = steps.party(o, c, side).party_id
        return any(a.provided_by == who for a in o.cases.open(c).file.attachments.values())

    return on("A", do), there("A", done)


def performed(o: Office, c: str) -> None:
    """履行, in full."""
    agreement = o.cases.open(c).head.agreement_id
    paid = cf.Performance(agreement_id=agreement, payment_no=1, on=o.desk.today(), amount_fen=300000)
    o.handling.record_performance(c, paid)


for _form, _material in (("P15", "application"), ("F06", "agreement"), ("P16", "certificate")):
    act(f"paper {_form}", *paper(_form, _material))
    act(f"signed {_form}", *signed(_material))
for _side in ("applicant", "respondent"):
    act(f"identity {_side}", *identity(_side))
act(
    "pack for the court", on("A", lambda o, c: o.filing.pack_pdf(c)), lambda p: p.audited("pack.produce") >= 1
)
act("papers sent", Place.sync)
act("the platform loses one", lose_at_platform, lambda p: not platform_has(p))
act("choose", on("A", lambda o, c: o.filing.choose(
        c, Choices(court_code=o.filing.prepare(c).courts[0].court.code))))  # fmt: skip
act(
    "lodge",
    on("A", lambda o, c: o.filing.lodge(c)),
    there("A", lambda o, c: steps.submission_state(o, c) != ""),
)
act("third sync", Place.sync)
act("the court asks", lambda p: p.control(f"court/{ask_court(p)}/ask_supplement", asked=["缴费凭证"]),
    lambda p: court_state(p) == "supplement_asked")  # fmt: skip
act("hear", Place.sync)
act("more", on("A", steps.more), there("A", lambda o, c: "缴费凭证" in steps.titles(o, c)))
act("supplement", on("A", lambda o, c: o.filing.supplement(c)),
    there("A", lambda o, c: steps.asked_for(o, c).startswith("supplement")))  # fmt: skip
act("answer", Place.sync)
act(
    "take back",
    on("A", lambda o, c: o.filing.withdraw(c)),
    there("A", lambda o, c: steps.asked_for(o, c).startswith("withdraw")),
)
act("send that", Place.sync)
act("the court permits", lambda p: p.control(f"court/{ask_court(p)}/permit_withdrawal"),
    lambda p: court_state(p) not in ("supplemented", "withdrawal_asked", "accepted"))  # fmt: skip
act("hear that", Place.sync)
act("told", on("A", lambda o, c: o.handling.note_told(c)),
    there("A", lambda o, c: answer_untold(f := o.cases.open(c).file, latest(f)) is None))  # fmt: skip
act("performance", on("A", performed), there("A", lambda o, c: steps.count(o, c, cf.Performance) == 1))
act("follow up", on("A", lambda o, c: o.handling.record_follow_up(c, cf.FollowUp(performed="full"))),
    there("A", lambda o, c: steps.count(o, c, cf.FollowUp) == 1))  # fmt: skip

act("fourth sync", Place.sync)
act("other day", lambda p: p.control("clock", offset_seconds=60))

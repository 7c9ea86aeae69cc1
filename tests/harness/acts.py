"""What people do, at a computer and at the platform. Each act takes two small numbers: case and value.

An act that the product refuses in words (``UserError``) is in order; anything else that comes out of one is
a find. Values repeat on purpose, so that two computers write the same field, the same and differing words.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from threading import Event

import msgspec
from sqlalchemy import select

from app.clock import SHANGHAI, legal_day
from app.domain import casefile as cf
from app.domain.agreement import paper_day
from app.domain.errors import NotFoundError, StateError
from app.domain.states import filing_machine
from app.services import casework
from app.services.agreeing import SignatureEntry
from app.services.attachments import FileEntry
from app.services.closing import ClosingEntry, FailureEntry
from app.services.deciding import ContactEntry
from app.services.filing import Choices
from app.services.handling import SessionEntry
from app.services.intake import IntakeEntry
from app.storage.tables import case_docs, cases, filings, outbox
from sync.contract.codes import WireError
from sync.engine.exchange import hand_in, read_receipt
from sync.engine.faults import SyncFault
from sync.sandbox import backups
from sync.sandbox import tables as t
from tests.harness.world import Computer, World
from tests.helpers.desks import party

ADDRESSES = ("云浦区梧桐里街道棠溪路6号", "云浦区梧桐里街道棠溪路9号", "云浦区柳荫路3弄2号")
PHONES = ("13800006611", "13900000266", "13700000355")
WALK_IN = "栖霞路走廊堆物"
PERSONAL = ("秦越桐", "祁连川", *ADDRESSES, *PHONES)
"""Invented words that must lie nowhere in plain."""
PDF = b"%PDF-1.4\n"
PLACES = ("第二调解室", "社区服务中心")
FILE_SIZES = (40, 3000, 0, 90_000)


def cases_here(pc: Computer) -> list[str]:
    """Cases on a computer, in a stable order."""
    return [row.case_id for row in pc.read(select(cases.c.case_id).order_by(cases.c.case_id))]


def a_case(pc: Computer, which: int) -> str:
    """One of them. Raises the product's own error when there is none."""
    here = cases_here(pc)
    if not here:
        raise NotFoundError("本机没有案件。")
    return here[which % len(here)]


def parties(pc: Computer, case_id: str) -> tuple[cf.Party, cf.Party]:
    """First applicant and first respondent."""
    file = pc.office.cases.open(case_id).file
    sides = file.side("applicant"), file.side("respondent")
    if not all(sides):
        raise NotFoundError("当事人不齐。")
    return sides[0][0], sides[1][0]


# -- at a computer -----------------------------------------------------------------------------------


def note(pc: Computer, which: int, value: int) -> None:
    """A note in the timeline."""
    pc.office.handling.add_note(
        a_case(pc, which), f"{pc.name} 记：{PERSONAL[value % 2]} 来过，第 {value} 次。"
    )


def address(pc: Computer, which: int, value: int) -> None:
    """The respondent's address for service: one field that others change too."""
    case_id = a_case(pc, which)
    pc.office.parties.edit(
        case_id, parties(pc, case_id)[1].party_id, {"service_address": ADDRESSES[value % 3]}
    )


def phone(pc: Computer, which: int, value: int) -> None:
    """The respondent's telephone: another field of the same document."""
    case_id = a_case(pc, which)
    pc.office.parties.edit(case_id, parties(pc, case_id)[1].party_id, {"phone": PHONES[value % 3]})


def particulars(pc: Computer, which: int, value: int) -> None:
    """Both at once: where one clashes, the other stands all the same."""
    case_id = a_case(pc, which)
    fields = {"service_address": ADDRESSES[value % 3], "phone": PHONES[(value + 1) % 3]}
    pc.office.parties.edit(case_id, parties(pc, case_id)[1].party_id, fields)


def rename(pc: Computer, which: int, value: int) -> None:
    """The case's short title."""
    pc.office.handling.rename(a_case(pc, which), ("楼上漏雨", "楼下吊顶起泡", "阳台漏水")[value % 3])


def add_party(pc: Computer, which: int, value: int) -> None:
    """One more respondent."""
    case_id = a_case(pc, which)
    pc.office.parties.add(case_id, msgspec.structs.replace(new_party("respondent", value), case_id=case_id))


def contact(pc: Computer, which: int, value: int) -> None:
    """A contact with the respondent and its result."""
    case_id = a_case(pc, which)
    result = ("willing", "unreached", "considering", "unwilling")[value % 4]
    entry = ContactEntry(parties(pc, case_id)[1].party_id, "phone", result, pc.clock.now())
    pc.office.deciding.record_contact(case_id, entry)


def accept(pc: Computer, which: int, _value: int) -> None:
    """受理."""
    pc.office.deciding.accept(a_case(pc, which))


def hand_back(pc: Computer, which: int, _value: int) -> None:
    """退回."""
    pc.office.deciding.hand_back(a_case(pc, which), "不属于本机构受理范围")


def session(pc: Computer, which: int, value: int) -> None:
    """One mediation session."""
    case_id, now = a_case(pc, which), pc.clock.now()
    first, second = parties(pc, case_id)
    entry = SessionEntry(
        started_at=now - dt.timedelta(hours=1),
        place="第二调解室",
        present=(
            cf.Present(label="申请人", role="applicant", party_id=first.party_id),
            cf.Present(label="被申请人", role="respondent", party_id=second.party_id),
        ),
        segments=(cf.Segment(speaker=1, at=now, text=f"漏点我来修，{value}。", step=4),),
        rights_told_at=now - dt.timedelta(minutes=59),
        undisputed=("吊顶损失三千元",),
        result=("agreed", "next_time")[value % 2],
        next_at=_later(pc, value) if value % 2 else None,
        next_place=PLACES[value % 2] if value % 2 else "",
    )
    pc.office.handling.record_session(case_id, entry)


def fail(pc: Computer, which: int, value: int) -> None:
    """调解不成 or 撤回."""
    outcome = ("failed", "withdrawn")[value % 2]
    ground = ("双方意见差距大，无法达成一致", "申请人要求撤回")[value % 2]
    pc.office.closing.conclude(a_case(pc, which), FailureEntry(outcome, ground, remedies=("向人民法院起诉",)))


def resume(pc: Computer, which: int, _value: int) -> None:
    """恢复调解."""
    pc.office.closing.resume(a_case(pc, which))


def agree(pc: Computer, which: int, value: int) -> None:
    """From wherever the case stands to a fixed and signed agreement, as far as each step is allowed."""
    fix_text(pc, which, value)
    sign(pc, which, value)


def fix_text(pc: Computer, which: int, value: int) -> None:
    """From wherever the case stands to an agreement, or another version of it, that is to be signed."""
    case_id = a_case(pc, which)
    state = pc.office.cases.open(case_id).head.state
    if state in ("received", "contacting"):
        contact(pc, which, 0)
    if state in ("received", "contacting", "deciding"):
        pc.office.deciding.accept(case_id)
    if state not in ("agreed", "closed"):
        session(pc, which, 0)
    first, second = parties(pc, case_id)
    agreeing, fen = pc.office.agreeing, (3 + value % 2) * 100_000
    pay = cf.Payment(
        no=1, payer_party_id=second.party_id, payee_party_id=first.party_id, amount_fen=fen, on_signing=True
    )
    draft = msgspec.structs.replace(
        agreeing.draft(case_id),
        clauses=(cf.Clause(no=1, text=f"乙方赔偿甲方人民币 {fen // 100:,} 元，签署当日付清。"),),
        payments=(pay,),
        total_fen=fen,
        performance="签署当日付清。",
        copies=4,
        dated_on=pc.office.desk.today() - dt.timedelta(days=3),
    )
    agreeing.finalise(draft, wants_confirmation=True, overrides=("照样",))


def sign(pc: Computer, which: int, value: int) -> None:
    """登记生效日: every place of the agreement that stands, as of today or some days before; or put right.

    Of the four values the last one has agents sign for the parties, today.
    """
    case_id = a_case(pc, which)
    file, day = pc.office.cases.open(case_id).file, pc.office.desk.today() - dt.timedelta(days=value % 4 % 3)
    who: cf.SignerKind = "agent" if value % 4 == 3 else "party"
    if (agreement := file.agreements.get(file.head.agreement_id)) is not None:
        day = max(day, paper_day(agreement))
    signers = [SignatureEntry(who, day, p.party_id) for p in file.parties.values()]
    signers += [SignatureEntry("mediator", day), SignatureEntry("seal", day, method="seal")]
    pc.office.agreeing.register_signatures(case_id, tuple(signers))


def perform(pc: Computer, which: int, value: int) -> None:
    """履行 of the only payment of the agreement that stands: made, or not; or a 回访 that says so."""
    case_id = a_case(pc, which)
    if value % 4 > 1:
        said = cf.FollowUp(performed="full" if value % 2 == 0 else "none")
        pc.office.handling.record_follow_up(case_id, said)
        return
    paid = cf.Performance(
        agreement_id=pc.office.cases.open(case_id).head.agreement_id, payment_no=1,
        on=pc.office.desk.today(), state="performed" if value % 2 == 0 else "defaulted",
    )  # fmt: skip
    pc.office.handling.record_performance(case_id, paid)


def close(pc: Computer, which: int, _value: int) -> None:
    """结案."""
    pc.office.closing.close(a_case(pc, which), ClosingEntry("in_person"))


def attach(pc: Computer, which: int, value: int) -> None:
    """A file; the same bytes come from several computers."""
    size = FILE_SIZES[value % len(FILE_SIZES)]
    data = PDF + PERSONAL[0].encode() + hashlib.shake_128(bytes([value % 4])).digest(size)
    entry = FileEntry(role="evidence", title=f"证据{value % 4}")
    pc.office.attachments.add_bytes(a_case(pc, which), data, "证据.pdf", "application/pdf", entry)


def lodge(pc: Computer, which: int, _value: int) -> None:
    """The pack, the court, and the application queued; the agreement first where there is none."""
    case_id = a_case(pc, which)
    if not pc.office.cases.open(case_id).head.agreement_id:
        agree(pc, which, 0)
    files, filing = pc.office.attachments, pc.office.filing
    filing.prepare(case_id)
    for material in ("application", "agreement", "certificate"):
        entry = FileEntry(role="scan", title=material, original="original", material=material)
        files.add_bytes(
            case_id, PDF + f"{case_id} {material}".encode(), f"{material}.pdf", "application/pdf", entry
        )
    for party_id in pc.office.cases.open(case_id).file.parties:
        entry = FileEntry(role="identity", title="身份证明", provided_by=party_id)
        files.add_bytes(case_id, PDF + party_id.encode(), "证件.pdf", "application/pdf", entry)
    courts = filing.prepare(case_id).courts
    filing.choose(case_id, Choices(court_code=courts[0].court.code))
    filing.lodge(case_id)


def supplement(pc: Computer, which: int, value: int) -> None:
    """What the court asked for, handed in."""
    case_id = a_case(pc, which)
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    pc.office.attachments.add_bytes(
        case_id, PDF + f"more {value}".encode(), "补.pdf", "application/pdf", entry
    )
    pc.office.filing.supplement(case_id)


def take_back(pc: Computer, which: int, _value: int) -> None:
    """撤回申请."""
    pc.office.filing.withdraw(a_case(pc, which))


def go_without(pc: Computer, which: int, _value: int) -> None:
    """不等这些材料."""
    pc.office.filing.go_without(a_case(pc, which))


def recall(pc: Computer, which: int, _value: int) -> None:
    """收回: a supplement or a wish to withdraw that has not gone."""
    pc.office.filing.recall(a_case(pc, which))


def walk_in(pc: Computer, _which: int, value: int) -> None:
    """来访登记, with a number from the leased run."""
    entry = IntakeEntry(
        source="walk_in",
        dispute_kind="neighbour",
        title=WALK_IN,
        claims="清走走廊里的杂物",
        facts="走廊堆物，行走不便。",
        parties=(new_party("applicant", value), new_party("respondent", value + 1)),
        no_id_reasons=(("applicant", "证件不在身边"), ("respondent", "证件不在身边")),
        agreed_by_all=bool(value % 2),
    )
    pc.office.intake.register(entry)


def new_party(side: cf.Side, value: int) -> cf.Party:
    """An invented party without a document."""
    return party(
        "new", side, PERSONAL[value % 2], phone=PHONES[value % 3], id_kind="none", id_number="",
        address=ADDRESSES[value % 3], party_id=side,
    )  # fmt: skip


def appoint(pc: Computer, which: int, value: int) -> None:
    """约下次调解, 改约时间."""
    pc.office.handling.plan_session(a_case(pc, which), _later(pc, value), PLACES[value % 2])


def _later(pc: Computer, value: int) -> dt.datetime:
    """An instant some days on."""
    day = legal_day(pc.clock.now()) + dt.timedelta(days=2 + value)
    return dt.datetime.combine(day, dt.time(9 + value), SHANGHAI).astimezone(dt.UTC)


def suspend(pc: Computer, which: int, value: int) -> None:
    """暂停计时, or 恢复计时 where one runs."""
    case_id, today = a_case(pc, which), legal_day(pc.clock.now())
    if any(span.last_day is None for span in pc.office.cases.open(case_id).head.suspensions):
        pc.office.handling.resume_clock(case_id, today + dt.timedelta(days=value))
    else:
        pc.office.handling.suspend(case_id, f"送鉴定{value}", today)


def hand_over(pc: Computer, which: int, value: int) -> None:
    """交接: one of one's own cases goes into a colleague's hands."""
    handover, me = pc.office.handover, pc.office.desk.person.person_id
    mine, takers = handover.open_cases(me), handover.takers(me)
    if not mine or not takers:
        raise StateError("没有可以交接的。")
    handover.hand_over(me, takers[value % len(takers)].person_id, (mine[which % len(mine)],))


def undo(pc: Computer, _which: int, _value: int) -> None:
    """撤销: the last thing written here, within its ten seconds."""
    last = pc.read(select(outbox).order_by(outbox.c.ordinal.desc()).limit(1))
    if not last:
        raise StateError("没有可以撤销的。")
    casework.undo(pc.office.desk, last[0].command_id)


def resolve(pc: Computer, which: int, value: int) -> None:
    """Settle one of the open conflicts."""
    resolving = pc.office.resolving
    open_ids = resolving.open_ids()
    if not open_ids:
        raise StateError("没有两处不同。")
    conflict_id = open_ids[which % len(open_ids)]
    view = resolving.conflict(conflict_id)
    if value % 3 == 2 and view.editable and view.field == "service_address":
        resolving.resolve(conflict_id, "edited", ADDRESSES[2])
    else:
        resolving.resolve(conflict_id, ("mine", "theirs")[value % 2])


def retry(pc: Computer, _which: int, _value: int) -> None:
    """现在再试 on everything, and on each refused filing."""
    pc.office.sync_centre.retry_now()
    for row in pc.read(select(filings.c.submission_id).where(filings.c.job == "failed")):
        pc.office.sync_centre.retry_now(f"filing:{row.submission_id}")


def put_aside(pc: Computer, which: int, _value: int) -> None:
    """知道了，收起 on one of the refused applications."""
    failed = select(filings.c.submission_id).where(filings.c.job == "failed")
    rows = pc.read(failed.order_by(filings.c.submission_id))
    if not rows:
        raise StateError("没有可以收起的。")
    pc.office.sync_centre.put_aside(f"filing:{rows[which % len(rows)].submission_id}")


# -- with a stick between computers -------------------------------------------------------------------


def stick(pc: Computer) -> Path:
    """The one stick of this house."""
    place = pc.folder.parent / "stick"
    place.mkdir(exist_ok=True)
    return place


def _on_stick(pc: Computer, which: int, ending: str) -> Path:
    found = sorted(stick(pc).glob(f"*.{ending}"))
    if not found:
        raise NotFoundError("盘上没有这样的文件。")
    # The newest most often: that is what people carry.
    return found[-1 - which % len(found)]


def pack(pc: Computer, _which: int, _value: int) -> None:
    """装好: what waits here, onto the stick."""
    pc.office.packages.pack(stick(pc))


def give_up(pc: Computer, which: int, _value: int) -> None:
    """这个包作废: a package of this computer got lost for good before anybody handed it in."""
    place = stick(pc)
    mine = [one for one in pc.office.packages.known() if one.state in ("packing", "packed")]
    lost = [one for one in mine if not _tried(place / one.file_name).exists()]
    if not lost:
        raise NotFoundError("没有装好的包。")
    one = lost[-1 - which % len(lost)]
    (place / one.file_name).unlink(missing_ok=True)
    pc.office.packages.give_up(one.package_id)


def _tried(package: Path) -> Path:
    """What says that somebody began to hand a package in: whoever calls that one lost tells an untruth."""
    return package.with_suffix(".tried")


def carry(pc: Computer, which: int, value: int) -> None:
    """A package on the stick, whoever packed it, is handed in here, over a line that may fail."""
    package = _on_stick(pc, which, "jfp")
    _tried(package).touch()
    pc.line.fates.extend(CARRYING[value % len(CARRYING)])
    client = pc.client()
    try:
        hand_in(pc.port, client, package, Event())
    except SyncFault as fault:
        raise StateError(fault.message, code=fault.code, detail=fault.detail) from fault
    finally:
        pc.line.fates.clear()
        client.close()


def read_back(pc: Computer, which: int, _value: int) -> None:
    """A receipt on the stick, whosesoever it is, is read here."""
    read_receipt(pc.port, pc.clock, _on_stick(pc, which, "jfr"), jitter=pc.chance.uniform)


CARRYING: tuple[tuple[str, ...], ...] = (
    (),
    ("", "", "lose_reply"),
    (),
    ("", "", "", "cut_reply"),
)
"""What the line does to a hand-in: nothing; the reply to the package, or the receipt is lost."""
WITH_STICK = frozenset({"carry", "read_back"})
"""Acts that exchange something, so that all that holds after an exchange must hold after them."""
ACTS: dict[str, Callable[[Computer, int, int], None]] = {
    act.__name__: act
    for act in (
        note, address, phone, particulars, rename, add_party, contact, accept, hand_back, session, appoint,
        suspend, fail, resume, agree, fix_text, sign, perform, close, attach, lodge, supplement, take_back,
        go_without, walk_in, hand_over, undo, resolve, retry, put_aside, pack, carry, read_back,
        recall, give_up,
    )
}  # fmt: skip


# -- at the platform ---------------------------------------------------------------------------------


def open_cases(world: World) -> list[str]:
    """Cases at the platform, oldest first."""
    with world.platform.store.read() as conn:
        rows = conn.execute(select(t.docs.c.doc_id).where(t.docs.c.entity == "case").order_by(t.docs.c.seq))
        return [row.doc_id for row in rows]


def document_keys(world: World) -> set[tuple[str, str]]:
    """Every document the platform has."""
    with world.platform.store.read() as conn:
        return {(row.entity, row.doc_id) for row in conn.execute(select(t.docs.c.entity, t.docs.c.doc_id))}


def _one(world: World, which: int) -> str:
    found = open_cases(world)
    if not found:
        raise WireError("not_found")
    return found[which % len(found)]


def dispatch(world: World, which: int, _value: int) -> None:
    """A new 办件."""
    world.actors.dispatch(("leak", "parking")[which % 2])


def colleague(world: World, which: int, value: int) -> None:
    """Somebody changes the same field at the platform itself."""
    world.actors.edit_same_field(_one(world, which), "service_address", ADDRESSES[value % 3])


def withdraw(world: World, which: int, _value: int) -> None:
    """The platform takes a case back."""
    world.actors.withdraw_case(_one(world, which), "派件有误，平台收回")


def reassign(world: World, which: int, value: int) -> None:
    """Another mediator has the case."""
    world.actors.reassign(_one(world, which), ("zhouminfang", "hejing")[value % 2])


def suspend(world: World, _which: int, value: int) -> None:
    """暂停接收, or taken up again."""
    world.actors.stand(("suspended", "active")[value % 2], "机构申请暂停接收")


def court(world: World, which: int, value: int) -> None:
    """The court makes one of the moves it can make. With what it is done it has no second thoughts: where a
    restored platform has not all of it again, that is told again."""
    with world.platform.store.read() as conn:
        rows = conn.execute(select(t.submissions.c.submission_id).where(t.submissions.c.lodged == 1))
        found = sorted(row.submission_id for row in rows)
    if not found:
        raise WireError("not_found")
    moves = ("accept", "ask_supplement", "confirm", "dismiss", "not_accept", "permit_withdrawal", "revoke")
    submission_id = found[which % len(found)]
    world.platform.court.move(submission_id, _untold(world, submission_id) or moves[value % len(moves)])
    with world.platform.store.read() as conn:
        body = conn.execute(select(t.docs.c.body).where(t.docs.c.doc_id == submission_id)).scalar_one()
    if json.loads(body)["state"] in filing_machine().final:
        world.court_over.add(submission_id)


def _untold(world: World, submission_id: str) -> str:
    """The first that a restored platform has not again of what a court answered that is done with an
    application; empty where it has all, or the court is still at it."""
    mine = select(t.court_answers).where(t.court_answers.c.submission_id == submission_id)
    with world.platform.store.read() as conn:
        told = conn.execute(mine.order_by(t.court_answers.c.answer_no)).all()
    over = bool(told) and told[-1].state in filing_machine().final
    return next((str(row.move) for row in told if over and row.untold), "")


def backup(world: World, _which: int, _value: int) -> None:
    """The platform is backed up."""
    backups.make(world.platform)


def restore(world: World, _which: int, _value: int) -> None:
    """The platform goes back to its last backup; a new epoch begins.

    Documents of its own that it forgets cannot come back, and computers that have them keep them.
    """
    world.note_court()
    before = document_keys(world)
    backups.restore(world.platform)
    lost = before - document_keys(world)
    world.forgotten |= lost
    for pc in world.present:
        pc.kept |= {one for one in told_to(pc) if one[:2] in lost}


def told_to(pc: Computer) -> set[tuple[str, str, str]]:
    """The documents that a computer has from the platform, each with its case."""
    docs = pc.read(select(case_docs).where(case_docs.c.shadow.is_not(None)))
    heads = pc.read(select(cases.c.case_id).where(cases.c.shadow.is_not(None)))
    return {(row.entity, row.doc_id, row.case_id) for row in docs} | {
        ("case", row.case_id, row.case_id) for row in heads
    }


def novelty(world: World, which: int, value: int) -> None:
    """A kind of document that these programs do not know yet."""
    case_id = _one(world, which)
    with world.platform.store.write(world.clock.now()) as tx:
        tx.put("hearing", f"hearing-{tx.head}", case_id, {"case_id": case_id, "room": value}, by="platform")


def sign_out(world: World, _which: int, value: int) -> None:
    """Every access token ends; or every sign-in does, and people have to type the password."""
    world.platform.accounts.expire_all(access_only=bool(value % 3))


PLATFORM_ACTS: dict[str, Callable[[World, int, int], None]] = {
    act.__name__: act
    for act in (dispatch, colleague, withdraw, reassign, suspend, court, backup, restore, sign_out, novelty)
}

"""One case through every service, offline: accepted, mediated, agreed, signed, closed, filed; or failed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain.errors import FieldError, FieldErrors, StateError
from app.domain.plan import mediation_deadline
from app.services import casework
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.agreement_list import AgreementList
from app.services.attachments import Attachments, FileEntry
from app.services.cases import Cases
from app.services.closing import Closing, ClosingEntry, FailureEntry
from app.services.deciding import ContactEntry, Deciding
from app.services.drafts import Drafts
from app.services.filing import Choices, Filing
from app.services.handling import Handling, SessionEntry
from app.services.port_state import put_catalogue
from app.services.today import Today
from app.storage import audit, casestore
from app.storage.tables import filings, outbox
from tests.helpers.desks import MONDAY, Workplace, incoming, make_workplace

CASE = "case-1"
A, R = f"{CASE}-applicant", f"{CASE}-respondent"
DAY = dt.date(2026, 11, 23)
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    workplace = make_workplace(tmp_path)
    workplace.desk = replace(workplace.desk, practice=True)  # the courts of the invented districts
    incoming(workplace, inviting_court="")
    yield workplace
    workplace.close()


def session(result: str = "agreed") -> SessionEntry:
    return SessionEntry(
        started_at=MONDAY - dt.timedelta(hours=1),
        place="第二调解室",
        present=(
            cf.Present(label="陈秀英", role="applicant", party_id=A),
            cf.Present(label="吴刚", role="respondent", party_id=R),
            cf.Present(label="周敏芳", role="mediator"),
        ),
        segments=(cf.Segment(speaker=0, at=MONDAY, text="面积认可，就按 18 平方米算。", step=3),),
        rights_told_at=MONDAY - dt.timedelta(minutes=58),
        undisputed=("墙面修复面积 18 平方米",),
        result=result,  # type: ignore[arg-type]
    )


def accepted(place: Workplace) -> None:
    deciding = Deciding(place.desk)
    deciding.record_contact(CASE, ContactEntry(R, "phone", "willing", MONDAY))
    deciding.accept(CASE)


def signed_agreement(place: Workplace) -> Agreeing:
    agreeing = Agreeing(place.desk)
    draft = agreeing.draft(CASE)
    assert "墙面修复面积 18 平方米" in draft.facts
    draft = msgspec.structs.replace(
        draft,
        clauses=(
            cf.Clause(no=1, text="乙方赔偿甲方墙面修复费用人民币 5,800 元（大写：伍仟捌佰元整）。"),
            cf.Clause(
                no=2, text="乙方于签署当日支付 3,000 元，余款 2,800 元于 2026年12月10日（含当天）前付。"
            ),
        ),
        payments=(
            cf.Payment(no=1, payer_party_id=R, payee_party_id=A, amount_fen=300000, on_signing=True),
            cf.Payment(
                no=2, payer_party_id=R, payee_party_id=A, amount_fen=280000, due_on=dt.date(2026, 12, 10)
            ),
        ),
        total_fen=580000,
        performance="银行转账，收款后甲方出具收条。",
        copies=4,
    )
    agreeing.save_draft(draft)
    assert agreeing.draft(CASE) == draft
    agreeing.finalise(draft, wants_confirmation=True)
    return agreeing


def test_success_offline_to_a_queued_filing(place: Workplace) -> None:
    accepted(place)
    Handling(place.desk).record_session(CASE, session())
    files = Attachments(place.desk)
    photo = files.add_bytes(
        CASE, PDF + b"photo", "客厅墙面.pdf", "application/pdf", FileEntry(role="evidence")
    )
    assert files.read(photo.value.sha256) == PDF + b"photo"
    agreeing = signed_agreement(place)
    with pytest.raises(StateError, match="还没有生效，缺"):
        Closing(place.desk).close(CASE, ClosingEntry("in_person"))
    agreeing.register_signatures(
        CASE,
        (
            SignatureEntry("party", DAY, A),
            SignatureEntry("party", DAY, R, "sign_fingerprint"),
            SignatureEntry("mediator", DAY),
            SignatureEntry("seal", DAY, method="seal"),
        ),
    )
    view = Filing(place.desk).prepare(CASE)
    assert view.effect.complete_on == DAY
    assert view.clock.reminds is not None
    assert view.clock.reminds.due_on == dt.date(2026, 12, 23)
    Closing(place.desk).close(CASE, ClosingEntry("in_person"))
    assert Cases(place.desk).open(CASE).head.state == "closed"
    assert any("申请书" in sentence for sentence in view.blocked)
    lodge_queued(place, files)
    assert place.desk.store.read(audit.verify).ok


def lodge_queued(place: Workplace, files: Attachments) -> None:
    filing = Filing(place.desk)
    scans = (
        ("司法确认申请书", "application"), ("调解协议书", "agreement"), ("主持调解证明", "certificate"),
    )  # fmt: skip
    for number, (title, material) in enumerate(scans):
        content = PDF + bytes([number])
        entry = FileEntry(role="scan", title=title, original="original", material=material)
        files.add_bytes(CASE, content, f"{title}.pdf", "application/pdf", entry)
    for party in (A, R):
        entry = FileEntry(role="identity", title="身份证明", provided_by=party)
        files.add_bytes(CASE, PDF + party.encode(), f"{party}.pdf", "application/pdf", entry)
    view = filing.prepare(CASE)
    filing.choose(CASE, Choices(court_code=view.courts[0].court.code if view.courts else "none"))
    view = filing.prepare(CASE)
    assert view.blocked == ()
    drafts = Drafts(place.desk)
    assert ("filing", CASE) in [(one.kind, one.subject) for one in drafts.unfinished()]
    submission_id = filing.lodge(CASE).value
    assert "filing" not in [one.kind for one in drafts.unfinished()]
    assert filing.prepare(CASE).choices == view.choices
    with pytest.raises(StateError, match="不会重复提交"):
        filing.lodge(CASE)
    rows = place.desk.store.read(lambda c: c.execute(select(filings)).all())
    assert [(r.submission_id, r.job, r.round) for r in rows] == [(submission_id, "waiting", 1)]
    assert Cases(place.desk).open(CASE).file.submissions[submission_id].state == "queued"


def test_a_failure_needs_its_remedies(place: Workplace) -> None:
    accepted(place)
    Handling(place.desk).record_session(CASE, session("not_agreed"))
    closing = Closing(place.desk)
    with pytest.raises(FieldErrors, match="救济途径"):
        closing.conclude(CASE, FailureEntry("failed", "分歧较大难以达成"))
    closing.conclude(CASE, FailureEntry("failed", "分歧较大难以达成", remedies=("向人民法院起诉。",)))
    assert closing.form(CASE).told == ("向人民法院起诉。",)
    closing.close(CASE, ClosingEntry("in_person"))
    head = Cases(place.desk).open(CASE).head
    assert head.conclusion is not None
    assert (head.state, head.conclusion.outcome) == ("closed", "failed")
    assert (head.conclusion.method, head.conclusion.ground) == ("当面调解", "分歧较大难以达成")


def test_a_period_that_has_not_ended_is_no_ground_without_a_reason(place: Workplace) -> None:
    accepted(place)
    Handling(place.desk).record_session(CASE, session("not_agreed"))
    closing = Closing(place.desk)
    ended = FailureEntry("failed", "期限届满没有达成协议", remedies=("向人民法院起诉。",))
    with pytest.raises(FieldError, match="还没有届满") as caught:
        closing.conclude(CASE, ended)
    assert caught.value.field == "ground"
    assert Cases(place.desk).open(CASE).head.state == "mediating"
    closing.conclude(CASE, replace(ended, early_reason="双方都要求现在就终止。"))
    file = Cases(place.desk).open(CASE).file
    ((_, told),) = file.of_type(cf.Concluded)
    assert file.head.conclusion is not None
    assert file.head.conclusion.ground == "期限届满没有达成协议"
    assert told.text.startswith("期限届满没有达成协议。调解期限到 ")
    assert told.text.endswith("仍按届满终止的理由：双方都要求现在就终止。")


@pytest.mark.parametrize(("after", "early"), [(0, True), (1, False)])
def test_the_last_day_belongs_to_the_period(place: Workplace, after: int, early: bool) -> None:
    accepted(place)
    file = Cases(place.desk).open(CASE).file
    term = mediation_deadline(file, place.desk.rules_for(file.head), place.desk.calendar, DAY)
    assert term is not None
    place.clock.advance(term.due_on - DAY + dt.timedelta(days=after))
    assert bool(Closing(place.desk).early(file, "期限届满没有达成协议")) is early
    assert Closing(place.desk).early(file, "分歧较大，难以达成协议") == ""


def test_a_failure_that_came_without_remedies_tells_them_at_closing(place: Workplace) -> None:
    """办法 第十一条: another computer or the platform may have ended it without a word about remedies."""
    accepted(place)
    Handling(place.desk).record_session(CASE, session("not_agreed"))
    untold = cf.Conclusion(outcome="failed", at=place.clock.now(), ground="期限届满没有达成协议")

    def end(conn: Connection) -> None:
        before = casestore.load(conn, CASE)
        head = msgspec.structs.replace(before.head, state="failed", conclusion=untold)
        casework.store_projection(conn, place.desk, before, replace(before, case=head))

    place.desk.store.write(end)
    closing = Closing(place.desk)
    form = closing.form(CASE)
    assert form.told == ()
    assert "提起诉讼" in [route.name for route in form.to_tell]
    with pytest.raises(FieldErrors) as caught:
        closing.close(CASE, ClosingEntry("other"))
    assert [e.field for e in caught.value.errors] == ["summary", "remedies"]
    closing.close(CASE, ClosingEntry("telephone", remedies=(form.to_tell[0].sentence,)))
    told = Cases(place.desk).open(CASE).head.conclusion
    assert told is not None
    assert (told.remedies_told_at, len(told.remedies)) == (place.clock.now(), 1)


def test_the_platforms_list_of_methods_goes_first(place: Workplace) -> None:
    accepted(place)
    Handling(place.desk).record_session(CASE, session("not_agreed"))
    closing = Closing(place.desk)
    closing.conclude(CASE, FailureEntry("failed", "分歧较大", remedies=("向人民法院起诉。",)))
    items = [{"code": "T1", "name": "平台调解", "outcomes": ["failed"]}]
    body = json.dumps({"name": "closing_methods", "items": items}).encode()
    place.desk.store.write(lambda conn: put_catalogue(conn, "closing_methods", "1", "1", body, "2026-11-23"))
    assert [m.name for m in closing.form(CASE).methods] == ["平台调解"]
    with pytest.raises(FieldErrors, match="化解方式"):
        closing.close(CASE, ClosingEntry("in_person"))
    closing.close(CASE, ClosingEntry("T1"))
    assert Cases(place.desk).open(CASE).head.state == "closed"


def test_the_session_names_everything_that_is_missing(place: Workplace) -> None:
    accepted(place)
    bare = SessionEntry(
        started_at=MONDAY, place="", present=(), segments=(), rights_told_at=None, undisputed=(),
        result="next_time",
    )  # fmt: skip
    with pytest.raises(FieldErrors) as caught:
        Handling(place.desk).record_session(CASE, bare)
    assert {e.field for e in caught.value.errors} == {"present", "segments", "rights_told_at", "next_at"}


def test_today_says_what_must_be_done(place: Workplace) -> None:
    board = Today(place.desk).board()
    assert board.headline == "今天必须办 1 件"
    first = board.today[0]
    assert (first.verb, first.tag, first.reason) == (
        "联系被申请人",
        "今天到期",
        "11月18日收到，今天是第 3 个工作日",
    )
    assert "陈秀英" not in repr(board)


def test_every_command_stays_in_order(place: Workplace) -> None:
    accepted(place)
    Handling(place.desk).record_session(CASE, session())
    Handling(place.desk).suspend(CASE, "鉴定", DAY)
    Handling(place.desk).resume_clock(CASE, DAY)
    rows = place.desk.store.read(
        lambda c: c.execute(select(outbox.c.lane_seq, outbox.c.dev_seq).order_by(outbox.c.ordinal)).all()
    )
    assert [r.lane_seq for r in rows] == list(range(1, len(rows) + 1))
    assert len(Cases(place.desk).open(CASE).head.suspensions) == 1


def test_an_agreement_past_its_thirty_days_stands_apart(place: Workplace) -> None:
    accepted(place)
    Handling(place.desk).record_session(CASE, session())
    signed_agreement(place).register_signatures(
        CASE,
        (
            SignatureEntry("party", DAY, A),
            SignatureEntry("party", DAY, R),
            SignatureEntry("mediator", DAY),
            SignatureEntry("seal", DAY, method="seal"),
        ),
    )
    overview = AgreementList(place.desk).overview()
    assert [line.group for line in overview.lines] == ["clock"]
    assert overview.headline == "1 份在 30 日内"
    place.clock.advance(dt.timedelta(days=40))
    late = AgreementList(place.desk).overview()
    assert [line.group for line in late.lines] == ["late"]
    assert late.headline == "没有等着签或要确认的协议"
    file = Cases(place.desk).open(CASE).file
    made = file.agreements[file.head.agreement_id]
    for payment in made.payments:
        body = cf.Performance(
            agreement_id=made.agreement_id, payment_no=payment.no, on=place.desk.today(),
            amount_fen=payment.amount_fen, state="performed",
        )  # fmt: skip
        with pytest.raises(FieldError, match="写收到的那一部分"):
            Handling(place.desk).record_performance(CASE, msgspec.structs.replace(body, state="partly"))
        Handling(place.desk).record_performance(CASE, body)
    (done,) = AgreementList(place.desk).overview().lines
    assert (done.group, done.due_on) == ("performed", None), "no deadline where the plan has none any more"


def test_a_paper_signed_on_site_and_typed_later_is_registered_as_it_stands(place: Workplace) -> None:
    accepted(place)
    Handling(place.desk).record_session(CASE, session())
    agreeing = Agreeing(place.desk)
    friday = DAY - dt.timedelta(days=3)
    draft = msgspec.structs.replace(
        agreeing.draft(CASE), clauses=(cf.Clause(no=1, text="乙方修好防水层。"),), performance="当场修好。"
    )
    early = tuple(
        SignatureEntry(signer, friday, party)  # type: ignore[arg-type]
        for signer, party in (("party", A), ("party", R), ("mediator", ""), ("seal", ""))
    )
    with pytest.raises(FieldErrors, match="协议日期晚于今天"):
        agreeing.finalise(
            msgspec.structs.replace(draft, dated_on=DAY + dt.timedelta(days=1)),
            wants_confirmation=False, overrides=("试一试",),
        )  # fmt: skip
    agreeing.finalise(draft, wants_confirmation=False)
    assert place_agreement(place).dated_on == DAY
    with pytest.raises(FieldErrors, match="日期早于协议日期 11月23日"):
        agreeing.register_signatures(CASE, early)
    again = msgspec.structs.replace(agreeing.draft(CASE), dated_on=friday)
    agreeing.finalise(again, wants_confirmation=False)
    agreeing.register_signatures(CASE, early)
    view = Filing(place.desk).prepare(CASE)
    assert (view.effect.complete_on, view.effect.is_effective) == (friday, True)


def place_agreement(place: Workplace) -> cf.Agreement:
    file = Cases(place.desk).open(CASE).file
    return file.agreements[file.head.agreement_id]

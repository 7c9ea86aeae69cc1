"""口头协议登记: one transaction makes case, consent, number, agreement and follow-up, or nothing at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import FieldErrors, NotFoundError, NotPermittedError
from app.services import casework
from app.services.cases import Cases
from app.services.desk import Desk
from app.services.oral import DONE, OralAgreements, OralEntry, Term
from app.services.papers import Papers
from app.storage.tables import outbox as table
from app.storage.tables import tasks
from tests.helpers.desks import make_workplace
from tests.helpers.oral import ENTRY, A, B

MONDAY = dt.date(2026, 11, 23)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    place = make_workplace(tmp_path)
    yield place.desk
    place.close()


def waiting(desk: Desk) -> list[str]:
    return desk.store.read(lambda conn: list(conn.execute(select(table.c.command_id)).scalars()))


def fields_of(error: FieldErrors) -> list[str]:
    return [one.field for one in error.errors]


def test_case_consent_number_agreement_and_follow_up_at_once(desk: Desk) -> None:
    written = OralAgreements(desk).register(ENTRY)
    view = Cases(desk).open(written.value)
    file, head = view.file, view.head
    assert (head.state, head.agreement_form, head.source) == ("agreed", "oral", "walk_in")
    made = file.agreements[head.agreement_id]
    assert made.number == head.number != ""
    assert [c.text for c in made.clauses] == [
        "乙方把走廊物品全部搬回家中，今后不在走廊堆放；", "甲方不再就此事追究。",
    ]  # fmt: skip
    assert made.performance == "2026年11月26日（含当天）前履行完毕。"
    assert (made.dated_on, made.perform_by) == (MONDAY, dt.date(2026, 11, 26))
    assert made.party_ids == tuple(p.party_id for p in (*file.side("applicant"), *file.side("respondent")))
    (contact,) = [body for _, body in file.of_type(cf.Contact)]
    assert (contact.result, contact.said) == ("willing", "当面同意调解")
    # 回访: five working days after the last day of performing, 26 November.
    (follow,) = [t for t in view.plan.tasks if t.kind == "follow_up"]
    assert follow.since == dt.date(2026, 11, 26)
    due = OralAgreements(desk).follow_up_on(ENTRY.term)
    assert due is not None
    assert follow.due_on == due.due_on


def test_it_can_be_undone_whole(desk: Desk) -> None:
    written = OralAgreements(desk).register(ENTRY)
    assert written.undo_id is not None
    assert len(waiting(desk)) == 4  # registered, consent, accepted, agreed
    casework.undo(desk, written.undo_id)
    with pytest.raises(NotFoundError):
        Cases(desk).open(written.value)
    assert not desk.store.read(lambda conn: conn.execute(select(tasks.c.task_id)).all())


def test_done_on_the_spot_is_recorded_and_followed_up_from_today(desk: Desk) -> None:
    written = OralAgreements(desk).register(dataclasses.replace(ENTRY, term=Term(done=True)))
    file = Cases(desk).open(written.value).file
    ((_, performed),) = file.of_type(cf.Performance)
    assert (performed.on, performed.state, performed.note) == (MONDAY, "performed", DONE)
    assert file.agreements[file.head.agreement_id].performance == DONE


def test_payments_name_the_registered_parties_and_make_the_sum(desk: Desk) -> None:
    steps = tuple(
        cf.Payment(no=n, payer_party_id="b", payee_party_id="a", amount_fen=50_000, due_on=day)
        for n, day in enumerate((dt.date(2026, 11, 30), dt.date(2026, 12, 31)), start=1)
    )
    written = OralAgreements(desk).register(dataclasses.replace(ENTRY, term=Term(payments=steps)))
    file = Cases(desk).open(written.value).file
    made = file.agreements[file.head.agreement_id]
    (payer,), (payee,) = file.side("respondent"), file.side("applicant")
    assert {(p.payer_party_id, p.payee_party_id) for p in made.payments} == {(payer.party_id, payee.party_id)}
    assert made.total_fen == file.head.amount_fen == 100_000


def test_the_one_sum_in_the_words_is_the_amount(desk: Desk) -> None:
    one = dataclasses.replace(ENTRY, agreed="乙方当场赔偿甲方 300 元。", term=Term(done=True))
    file = Cases(desk).open(OralAgreements(desk).register(one).value).file
    assert file.head.amount_fen == 30_000
    two = dataclasses.replace(ENTRY, agreed="乙方赔偿甲方 300 元，另付清洁费 50 元。", term=Term(done=True))
    file = Cases(desk).open(OralAgreements(desk).register(two).value).file
    assert file.head.amount_fen is None


def test_each_lack_is_named_at_its_field_and_nothing_is_kept(desk: Desk) -> None:
    bare = OralEntry("", (msgspec.structs.replace(A, name=""), B), "", "", Term())
    with pytest.raises(FieldErrors) as caught:
        OralAgreements(desk).register(bare)
    assert fields_of(caught.value) == [
        "a.name", "dispute_kind", "facts", "agreed", "term", "no_paper_wanted",
    ]  # fmt: skip
    assert not waiting(desk)


@pytest.mark.parametrize(("kind", "basis"), [("other_labour", "14条"), ("medical", "39条")])
def test_kinds_that_need_a_written_agreement_say_which_article(desk: Desk, kind: str, basis: str) -> None:
    (lack,) = OralAgreements(desk).problems(dataclasses.replace(ENTRY, dispute_kind=kind))
    assert lack.field == "dispute_kind"
    assert basis in lack.message
    assert "改用书面协议" in lack.message


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Term(by=dt.date(2026, 11, 22)), "已经过去"),
        (Term(payments=(cf.Payment(no=1, payer_party_id="b", payee_party_id="a", amount_fen=0),)), "付多少"),
        (Term(payments=(cf.Payment(no=1, payer_party_id="b", payee_party_id="a", amount_fen=1),)), "哪天"),
        (
            Term(payments=(cf.Payment(no=1, payer_party_id="b", payee_party_id="b", amount_fen=1),)),
            "同一方",
        ),
    ],
)
def test_a_term_that_cannot_be(desk: Desk, term: Term, words: str) -> None:
    (lack,) = OralAgreements(desk).problems(dataclasses.replace(ENTRY, term=term))
    assert lack.field == "term"
    assert words in lack.message


def test_the_sample_beside_the_form_is_the_paper_to_come(desk: Desk) -> None:
    file = OralAgreements(desk).picture(ENTRY)
    paper = Papers(desk).preview_of(file, "F07")
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert "2026年11月26日（含当天）前" in re.sub(r"\s", "", words)
    assert "蒋桂芬" not in words
    assert "蒋**" in words


def test_usual_kinds_come_first(desk: Desk) -> None:
    oral = OralAgreements(desk)
    for _ in range(2):
        oral.register(dataclasses.replace(ENTRY, dispute_kind="property"))
    oral.register(ENTRY)
    assert oral.usual_kinds()[:2] == ("property", "neighbour")
    assert len(oral.usual_kinds()) == 18


def test_a_clerk_cannot_make_agreements(tmp_path: Path) -> None:
    place = make_workplace(tmp_path)
    with pytest.raises(NotPermittedError):
        OralAgreements(place.as_person("p-shen")).register(ENTRY)
    place.close()

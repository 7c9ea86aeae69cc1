"""交接: what the book tells and keeps back, who may hand over, and what changes hands."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import Connection, delete, insert, select, update

from app.clock import to_text
from app.documents.context import PaperContext
from app.documents.handover import BookCase, handover_paper
from app.domain import commands
from app.domain.errors import DiskFullFault, FieldError, NotPermittedError, StateError
from app.services.attachments import FileEntry
from app.services.deciding import RefusalEntry
from app.services.handover import Handover
from app.services.office import Office
from app.storage import casestore
from app.storage.tables import appointments, audit, cases, conflicts, outbox, people, uploads
from tests.helpers.case_desk import CASE, at, picture, told_case
from tests.helpers.desks import Workplace, incoming, make_workplace

SECOND = "case-2"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path / "profile")
    told_case(made)
    incoming(made, SECOND, title="小区停车费涨价")
    yield made
    made.close()


def entry_of(place: Workplace, case_id: str = CASE):  # type: ignore[no-untyped-def]
    (found,) = Handover(place.desk).book("p-zhou", "p-he", (case_id,)).entries
    return found


def sent(place: Workplace) -> None:
    """Everything written so far has reached the platform."""

    def work(conn: Connection) -> None:
        conn.execute(update(outbox).values(state="delivered"))
        conn.execute(update(uploads).values(state="stored"))

    place.desk.store.write(work)


def dispute(place: Workplace, field: str, case_id: str = SECOND) -> None:
    values = {
        "conflict_id": f"k-{field}", "command_id": "x", "case_id": case_id, "entity": "case",
        "doc_id": case_id, "field": field, "base": '"a"', "mine": '"b"', "theirs": '"c"',
        "mine_author": "p-zhou", "mine_at": "", "theirs_author": "p-he", "theirs_at": "",
    }  # fmt: skip
    place.desk.store.write(lambda c: c.execute(insert(conflicts).values(values)) and None)


def test_the_book_tells_of_each_case_what_its_page_tells(place: Workplace) -> None:
    found = entry_of(place)
    view = Office(place.desk).cases.open(CASE)
    assert (found.number, found.title) == (view.head.number, "三楼漏水赔墙面")
    assert found.state == "调解中"
    assert "14:00" in found.next_step
    assert any(line.startswith("调解期限 ") and "还剩" in line for line in found.deadlines)
    assert found.appointments == ("11月23日 14:00 调解，第二调解室",)
    assert [one.case_id for one in Handover(place.desk).book("p-zhou", "", (SECOND, CASE)).entries] == [
        SECOND, CASE,
    ]  # fmt: skip


def test_what_is_unsent_on_this_computer_is_counted_by_kind(place: Workplace) -> None:
    office = Office(place.desk)
    sent(place)
    assert entry_of(place, SECOND).unsent.words == ""
    office.handling.add_note(SECOND, "电话里说好周三来。")
    office.drafts.save("note", SECOND, {"text": "写了一半"})
    office.attachments.add_bytes(
        SECOND, picture(30, 30), "a.png", "image/png", FileEntry(role="photo", title="现场")
    )
    unsent = entry_of(place, SECOND).unsent
    assert (unsent.commands, unsent.files, unsent.filings, unsent.drafts) == (2, 1, 0, 1)
    assert unsent.to_send == 3
    assert unsent.words == "记录 2 项，文件 1 个，草稿 1 份"
    # A colleague's draft is the colleague's own affair.
    Office(place.as_person("p-he")).drafts.save("contact", SECOND, {"said": "x"})
    assert entry_of(place, SECOND).unsent == unsent


def test_what_the_platform_refused_is_told_and_not_as_something_that_will_be_sent(place: Workplace) -> None:
    sent(place)
    Office(place.desk).handling.add_note(SECOND, "电话里说好周三来。")
    mine = (outbox.c.case_id == SECOND) & (outbox.c.state != "delivered")
    place.desk.store.write(lambda c: c.execute(update(outbox).where(mine).values(state="rejected")) and None)
    unsent = entry_of(place, SECOND).unsent
    assert (unsent.to_send, unsent.refused, unsent.words) == (0, 1, "没收下 1 项")


def test_what_a_person_must_heed_is_named_without_values(place: Workplace) -> None:
    office = Office(place.desk)
    dispute(place, "claims")
    proposal = RefusalEntry("N1", "不属于受理范围", "事实", ("依据",), ("起诉",))
    office.deciding.propose_refusal(SECOND, proposal)
    entry = FileEntry(role="evidence", title="陈秀英写的收条", original="original")
    office.attachments.add_bytes(SECOND, picture(20, 20), "r.png", "image/png", entry)
    found = entry_of(place, SECOND)
    assert found.conflicts == ("诉求",)
    assert found.proposed_refusal
    assert found.originals == ("陈**写的收条",)
    assert "两处写法不同：诉求" in found.notes
    assert any(note.startswith("不予受理在等负责人批准") for note in found.notes)
    assert found.blocked == ""


def test_appointments_of_the_case_are_told_with_names_hidden_and_past_ones_are_not(place: Workplace) -> None:
    agenda = Office(place.desk).agenda
    agenda.add(at(11, 25, 9), "陈秀英来看鉴定意见", case_id=SECOND)
    agenda.add(at(11, 20, 9), "早过了", case_id=SECOND)
    agenda.add(at(11, 26, 9), "与案件无关")
    Office(place.as_person("p-he")).agenda.add(at(11, 27, 9), "别人的", case_id=SECOND)
    assert entry_of(place, SECOND).appointments == ("11月25日 09:00 陈**来看鉴定意见",)


def test_of_private_talks_the_author_learns_the_number_and_nobody_the_words(place: Workplace) -> None:
    Office(place.desk).caucus.write(SECOND, "底线是四千元")
    found = entry_of(place, SECOND)
    assert found.caucus == 1
    assert "四千" not in repr(found)
    (theirs,) = Handover(place.as_person("p-he")).book("p-zhou", "p-he", (SECOND,)).entries
    assert theirs.caucus == 0


def test_a_signed_agreement_without_a_scan_is_named_until_it_is_scanned(tmp_path: Path) -> None:
    from tests.helpers import agreements

    place = make_workplace(tmp_path / "agreed")
    agreements.finalised(place)
    assert entry_of(place, agreements.CASE).unscanned == ()
    agreements.sign_all(place)
    assert entry_of(place, agreements.CASE).unscanned == ("已签的调解协议书",)
    agreements.scan_file(place, "agreement")
    assert entry_of(place, agreements.CASE).unscanned == ()
    place.close()


def test_a_mediator_hands_over_own_cases_the_head_anybodys_others_none(place: Workplace) -> None:
    incoming(place, "case-3", mediator_id="p-he")
    mine, head = Handover(place.desk), Handover(place.as_person("p-he"))
    assert [(one.name, one.cases) for one in mine.holders()] == [("周敏芳", 2)]
    assert [(one.name, one.cases) for one in head.holders()] == [("何静", 1), ("周敏芳", 2)]
    with pytest.raises(NotPermittedError):
        mine.book("p-he", "p-zhou", ("case-3",))
    with pytest.raises(NotPermittedError):
        mine.hand_over("p-he", "p-zhou", ("case-3",))
    assert set(head.open_cases("p-zhou")) == {SECOND, CASE}
    for stranger in ("p-shen", "p-tong"):
        with pytest.raises(NotPermittedError):
            Handover(place.as_person(stranger)).holders()
        with pytest.raises(NotPermittedError):
            Handover(place.as_person(stranger)).hand_over("p-zhou", "p-he", (CASE,))


def test_only_colleagues_at_work_who_handle_cases_may_take_over(place: Workplace) -> None:
    service = Handover(place.desk)
    assert [one.name for one in service.takers("p-zhou")] == ["何静"]
    gone = {"person_id": "p-he", "name": "何静", "role": "head", "login": "he", "active": 0}
    place.desk.store.write(lambda c: c.execute(insert(people).values(gone)) and None)
    assert service.takers("p-zhou") == ()
    for wrong in ("p-he", "p-shen", "p-zhou", ""):
        with pytest.raises(FieldError) as caught:
            service.hand_over("p-zhou", wrong, (CASE,))
        assert caught.value.field == "to_person"
    with pytest.raises(FieldError):
        Handover(place.as_person("p-he")).hand_over("p-he", "p-zhou", ())


def test_handing_over_changes_the_mediator_of_each_with_a_command_and_a_trace(place: Workplace) -> None:
    done = Handover(place.desk).hand_over("p-zhou", "p-he", (CASE, SECOND))
    assert done.undo_id is None
    assert done.changes.case_ids == {CASE, SECOND}
    assert {"cases", "tasks", "outbox"} <= done.changes.kinds
    assert [one.case_id for one in done.value.book.entries] == [CASE, SECOND]
    assert not done.value.refused
    store = place.desk.store
    rows = store.read(lambda c: c.execute(select(outbox).order_by(outbox.c.ordinal)).all())[-4:]
    for number, case_id in enumerate((CASE, SECOND)):
        written, told = (commands.decode(row.bytes) for row in rows[2 * number : 2 * number + 2])
        assert (written.kind, written.case_id, written.author) == ("case.edit", case_id, "p-zhou")
        assert written.payload.fields == {"mediator_id": "p-he"}
        assert written.base_values == {"mediator_id": "p-zhou"}
        assert (told.kind, told.case_id) == ("record.add", case_id)
        assert told.payload.record.body.text == "周敏芳把案件交接给何静。"
    now = to_text(place.clock.now())
    assert {row.not_before for row in rows} == {now}, "confirmed in words: no undo window"
    traces = store.read(lambda c: c.execute(select(audit).where(audit.c.action == "case.hand_over")).all())
    assert [(t.case_id, t.person_id, t.subject) for t in traces] == [
        (CASE, "p-zhou", "p-he"), (SECOND, "p-zhou", "p-he"),
    ]  # fmt: skip
    held = store.read(lambda c: {r.case_id: r.mediator_id for r in c.execute(select(cases))})
    assert held == {CASE: "p-he", SECOND: "p-he"}
    assert Office(place.desk).cases.count(Office(place.desk).cases.query("mine")) == 0
    theirs = Office(place.as_person("p-he"))
    assert theirs.cases.count(theirs.cases.query("mine")) == 2
    # A second time nothing is there to hand over, and nothing is written.
    again = Handover(place.desk).hand_over("p-zhou", "p-he", (CASE,)).value
    assert [(one.title, one.reason) for one in again.refused] == [
        ("三楼漏水赔墙面", "现在由何静承办，或已经办完，没有交接。")
    ]


def test_a_disputed_mediator_holds_the_case_back_and_the_others_go(place: Workplace) -> None:
    dispute(place, "mediator_id")
    assert "先到同步中心选定" in entry_of(place, SECOND).blocked
    done = Handover(place.desk).hand_over("p-zhou", "p-he", (SECOND, CASE)).value
    assert [one.case_id for one in done.book.entries] == [CASE]
    assert [one.title for one in done.refused] == ["小区停车费涨价"]
    assert "两处写法还没选定" in done.refused[0].reason


def test_a_case_that_went_meanwhile_is_told_and_the_others_go(place: Workplace) -> None:
    place.desk.store.write(lambda c: c.execute(delete(cases).where(cases.c.case_id == SECOND)) and None)
    done = Handover(place.desk).hand_over("p-zhou", "p-he", (SECOND, CASE)).value
    assert [one.case_id for one in done.book.entries] == [CASE]
    assert done.refused[0].title == "一件不在本机的案件"


def little_room(place: Workplace, case_id: str) -> None:
    """The database may grow by 200 pages only; what the book has to keep of this case takes many more."""
    words = {
        "appointment_id": "long", "person_id": "p-zhou", "case_id": case_id,
        "starts_at": to_text(place.clock.now() + dt.timedelta(days=1)), "title": "看现场。" * 300_000,
    }  # fmt: skip

    def work(conn: Connection) -> None:
        conn.execute(insert(appointments).values(words))
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 200}")

    place.desk.store.write(work)


def test_a_computer_that_fails_half_way_tells_what_stays(place: Workplace) -> None:
    little_room(place, SECOND)
    service = Handover(place.desk)
    with pytest.raises(DiskFullFault):
        service.hand_over("p-zhou", "p-he", (SECOND, CASE))
    assert service.last() is None
    done = service.hand_over("p-zhou", "p-he", (CASE, SECOND))
    assert [one.case_id for one in done.value.book.entries] == [CASE]
    assert [(one.case_id, one.reason[:5]) for one in done.value.refused] == [(SECOND, "磁盘满了，")]
    assert done.changes.case_ids == {CASE}
    assert service.last() == done.value.book
    assert service.open_cases("p-zhou") == (SECOND,)


def test_the_last_book_stays_as_it_was_for_whoever_made_it(place: Workplace) -> None:
    service = Handover(place.desk)
    assert service.last() is None
    made = service.hand_over("p-zhou", "p-he", (CASE, SECOND)).value.book
    assert service.last() == made
    assert Handover(place.as_person("p-he")).last() is None


def test_the_signed_book_is_kept_with_each_case_of_it_once(place: Workplace, tmp_path: Path) -> None:
    service = Handover(place.desk)
    scan = tmp_path / "交接册.pdf"
    scan.write_bytes(b"%PDF-1.4\nsigned\n%%EOF\n")
    with pytest.raises(StateError, match="还没有在这台电脑上交接过"):
        service.keep_signed(scan)
    service.hand_over("p-zhou", "p-he", (CASE, SECOND))
    wrong = tmp_path / "交接册.exe"
    wrong.write_bytes(b"MZ")
    with pytest.raises(FieldError):
        service.keep_signed(wrong)
    for _ in range(2):
        assert service.keep_signed(scan).value == 2
    for case_id in (CASE, SECOND):
        file = place.desk.store.read(lambda conn, one=case_id: casestore.load(conn, one))  # type: ignore[misc]
        (held,) = (a for a in file.attachments.values() if a.title == "案件交接册（双方已签）")
        assert (held.role, held.original) == ("scan", "original")


def test_the_paper_names_cases_and_people_and_no_party(place: Workplace) -> None:
    office = Office(place.desk)
    entry = FileEntry(role="evidence", title="陈秀英写的收条", original="original")
    office.attachments.add_bytes(CASE, picture(20, 20), "r.png", "image/png", entry)
    office.caucus.write(CASE, "底线是四千元")
    many = [f"more-{number}" for number in range(12)]
    for number, case_id in enumerate(many):
        incoming(place, case_id, title=f"走廊堆物第 {number} 起")
    service = Handover(replace(place.desk, practice=True))
    book = service.book("p-zhou", "p-he", (CASE, SECOND, *many))
    pages = PdfReader(io.BytesIO(service.render(book))).pages
    printed = "".join(page.extract_text() for page in pages).replace(" ", "").replace("\n", "")
    assert len(pages) > 1
    assert f"第1／{len(pages)}页" in printed
    assert f"第{len(pages)}／{len(pages)}页" in printed
    for word in (
        "案件交接册", "三楼漏水赔墙面", "小区停车费涨价", "共14件", "交出人（周敏芳）签名", "年月日",
        "接手人（何静）签名", "写的收条", "单独谈1条", "本机没发出", "练习", "调解期限", "联系期限",
    ):  # fmt: skip
        assert word in printed, word
    for word in ("陈秀英", "秀英", "吴刚", "13800006612", "302室", "四千元"):
        assert word not in printed, word


def test_the_clock_may_run_on_between_looking_and_handing_over(place: Workplace) -> None:
    """The book that is signed tells how things stood when the cases changed hands."""
    service = Handover(place.desk)
    place.clock.advance(dt.timedelta(days=1))
    office = Office(place.desk)
    office.handling.add_note(SECOND, "又来过电话。")
    (found,) = service.hand_over("p-zhou", "p-he", (SECOND,)).value.book.entries
    assert found.unsent.commands == 1


def test_a_case_of_the_book_that_fits_on_a_page_stands_on_one(place: Workplace) -> None:
    """Whoever signs for it has it whole before them; what is longer than a page goes on over the next."""
    now = place.clock.now()
    context = PaperContext(institution_name="梧桐里", printed_at=now, practice=False)

    def made(number: int, days: int) -> BookCase:
        lines = tuple(f"期限 {day} 到期" for day in range(days))
        return BookCase(f"第{number}件", "", "调解中", (("期限", lines),), (f"原件{number}号",))

    sizes = (5, 7, 6, 8, 5, 9, 7, 6, 8, 5, 7, 6, 90, 4, 6)
    book = [made(number, days) for number, days in enumerate(sizes, 1)]
    pages = [
        page.extract_text().replace(" ", "")
        for page in PdfReader(io.BytesIO(handover_paper("周敏芳", "何静", now, book, context))).pages
    ]
    assert len(pages) > 3
    torn = [
        number
        for number in range(1, len(sizes) + 1)
        if not any(f"第{number}件" in page and f"原件{number}号" in page for page in pages)
    ]
    assert torn == [13]

"""What services refuse, and what an undo gives back."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import (
    FieldError,
    FieldErrors,
    InternalError,
    NotFoundError,
    NotPermittedError,
    StateError,
)
from app.services import casework
from app.services.agreeing import SignatureEntry
from app.services.attachments import FileEntry
from app.services.closing import FailureEntry
from app.services.deciding import ContactEntry
from app.services.filing import Choices
from app.services.office import Office
from app.storage.tables import audit, outbox
from tests.helpers.desks import MONDAY, Workplace, incoming, make_workplace

CASE = "case-1"
RESPONDENT = f"{CASE}-respondent"
PDF = b"%PDF-1.4\n%%EOF\n"
NEXT_WEEK = MONDAY + dt.timedelta(days=7)


def contact(**more: object) -> ContactEntry:
    values = {"party_id": RESPONDENT, "channel": "phone", "result": "willing", "at": MONDAY, **more}
    return ContactEntry(**values)  # type: ignore[arg-type]


def commands(place: Workplace) -> int:
    return len(place.desk.store.read(lambda c: c.execute(select(outbox.c.ordinal)).all()))


def accepted(place: Workplace) -> Office:
    office = Office(place.desk)
    office.deciding.record_contact(CASE, contact())
    office.deciding.accept(CASE)
    return office


@pytest.mark.parametrize(
    "spoil",
    [
        lambda o: o.deciding.record_contact(CASE, contact(channel="pigeon")),
        lambda o: o.deciding.record_contact(CASE, contact(result="perhaps")),
        lambda o: o.attachments.add_bytes(CASE, PDF, "a.pdf", "application/pdf", FileEntry(role="x")),
    ],
)
def test_a_value_that_would_not_be_read_again_is_not_stored(
    place: Workplace, spoil: Callable[[Office], object]
) -> None:
    """Stored, it would have closed the whole case: every reading decodes every document."""
    office = Office(place.desk)
    with pytest.raises(InternalError) as caught:
        spoil(office)
    assert "pigeon" not in caught.value.detail
    assert "perhaps" not in caught.value.detail
    assert commands(place) == 0
    assert office.cases.open(CASE).head.state == "received"


READS: dict[str, Callable[[Office], object]] = {
    "open": lambda o: o.cases.open(CASE),
    "masked page": lambda o: o.papers.preview(CASE, "F01"),
    "plain page": lambda o: o.papers.preview(CASE, "F01", masked=False),
    "produce": lambda o: o.papers.produce(CASE, "F01"),
    "draft": lambda o: o.agreeing.draft(CASE),
    "prepare": lambda o: o.filing.prepare(CASE),
    "choose": lambda o: o.filing.choose(CASE, Choices()),
    "pack": lambda o: o.filing.pack_pdf(CASE),
    "reveal": lambda o: o.reveal.case(CASE, "contact"),
    "caucus": lambda o: o.caucus.list(CASE),
}


@pytest.mark.parametrize("name", READS)
def test_a_statistician_reads_no_personal_data(place: Workplace, name: str) -> None:
    with pytest.raises(NotPermittedError):
        READS[name](Office(place.as_person("p-tong")))


def test_a_statistician_opens_no_attachment(place: Workplace) -> None:
    added = Office(place.desk).attachments.add_bytes(
        CASE, PDF, "证据.pdf", "application/pdf", FileEntry(role="evidence")
    )
    with pytest.raises(NotPermittedError):
        Office(place.as_person("p-tong")).attachments.read(added.value.sha256)


ACTS: dict[str, Callable[[Office], object]] = {
    "contact.record": lambda o: o.deciding.record_contact(CASE, contact()),
    "suspension.mark": lambda o: o.handling.suspend(CASE, "送鉴定", MONDAY.date()),
    "case.edit": lambda o: o.handling.rename(CASE, "阳台漏雨"),
    "an appointment": lambda o: o.handling.plan_session(CASE, NEXT_WEEK, "二室"),
    "party.edit": lambda o: o.parties.edit(CASE, RESPONDENT, {"phone": "13900000276"}),
    "record.add": lambda o: o.handling.add_note(CASE, "当事人来取回执"),
    "attachment.declare": lambda o: o.attachments.add_bytes(
        CASE, PDF, "回执.pdf", "application/pdf", FileEntry(role="other")
    ),
}
STILL = {
    "refused": {"case.edit", "party.edit", "record.add", "attachment.declare"},
    "handed_back": {"record.add", "attachment.declare"},
    "archived": set(),
}


@pytest.mark.parametrize("state", STILL)
def test_a_case_that_is_over_takes_little_more(tmp_path: Path, state: str) -> None:
    place = make_workplace(tmp_path)
    incoming(place, state=state)
    office = Office(place.desk)
    for name, act in ACTS.items():
        before = commands(place)
        if name in STILL[state]:
            act(office)
        else:
            with pytest.raises(StateError):
                act(office)
            assert commands(place) == before, name
    place.close()


def test_a_title_with_a_name_is_not_taken_at_acceptance(place: Workplace) -> None:
    office = Office(place.desk)
    office.deciding.record_contact(CASE, contact())
    with pytest.raises(FieldError):
        office.deciding.accept(CASE, "陈秀英家漏水")
    assert office.cases.open(CASE).head.state == "deciding"


def test_strangers_and_impossible_values_are_refused(place: Workplace) -> None:
    office = Office(place.desk)
    with pytest.raises(FieldError):
        office.deciding.record_contact(CASE, contact(party_id="nobody"))
    accepted(place)
    with pytest.raises(FieldErrors):
        office.closing.conclude(CASE, FailureEntry("agreed", "谈成", remedies=("诉讼",)))
    paid = cf.Performance(agreement_id="none", payment_no=1, on=MONDAY.date(), amount_fen=100)
    with pytest.raises(StateError):
        office.handling.record_performance(CASE, paid)
    with pytest.raises(FieldError):
        office.handling.record_performance(CASE, msgspec.structs.replace(paid, amount_fen=-1))


def test_a_blank_reason_does_not_pass_an_agreement_that_must_change(place: Workplace) -> None:
    office = accepted(place)
    draft = msgspec.structs.replace(office.agreeing.draft(CASE), clauses=())
    with pytest.raises(FieldErrors):
        office.agreeing.finalise(draft, wants_confirmation=True, overrides=(" ",))
    office.agreeing.finalise(draft, wants_confirmation=True, overrides=("当事人坚持",))
    stranger = SignatureEntry("party", MONDAY.date(), "somebody-else")
    with pytest.raises(FieldErrors):
        office.agreeing.register_signatures(CASE, (stranger,))


def test_a_masked_value_never_overwrites(place: Workplace) -> None:
    office = Office(place.desk)
    party = next(p for p in office.cases.open(CASE).parties if p.party_id == RESPONDENT)
    for field in ("name", "address", "phone", "id_number"):
        with pytest.raises(FieldErrors):
            office.parties.edit(CASE, RESPONDENT, {field: party.masked[field]})
    assert commands(place) == 0


def test_a_masked_agent_never_overwrites(place: Workplace) -> None:
    office = Office(place.desk)
    agent = cf.Agent(name="李明华", relation="律师", phone="13900001111", id_number="11010519491231002X")
    office.parties.set_agent(CASE, RESPONDENT, agent)
    for changes in (
        {"name": "李**"},
        {"name": "李＊＊"},
        {"phone": "139****1111"},
        {"id_number": "110***********002X"},
    ):
        masked = {**msgspec.to_builtins(agent), **changes}
        with pytest.raises(FieldErrors) as caught:
            office.parties.edit(CASE, RESPONDENT, {"agent": masked})
        assert [e.field for e in caught.value.errors] == [f"agent.{name}" for name in changes]
    assert office.cases.open(CASE).file.parties[RESPONDENT].agent == agent
    office.parties.set_agent(CASE, RESPONDENT, msgspec.structs.replace(agent, name="李明"))
    assert office.cases.open(CASE).file.parties[RESPONDENT].agent.name == "李明"  # type: ignore[union-attr]


def test_an_undo_gives_back_what_was_typed(place: Workplace) -> None:
    office = Office(place.desk)
    office.drafts.save("note", CASE, {"text": "说了很多"})
    written = office.handling.add_note(CASE, "说了很多")
    assert office.drafts.get("note", CASE) is None
    assert written.undo_id
    casework.undo(place.desk, written.undo_id)
    back = office.drafts.get("note", CASE)
    assert back is not None
    assert back.body == {"text": "说了很多"}


def test_an_undo_leaves_a_newer_draft_alone(place: Workplace) -> None:
    office = Office(place.desk)
    office.drafts.save("note", CASE, {"text": "旧的"})
    written = office.handling.add_note(CASE, "旧的")
    office.drafts.save("note", CASE, {"text": "新的"})
    assert written.undo_id
    casework.undo(place.desk, written.undo_id)
    kept, beside = office.drafts.get("note", CASE), office.drafts.second("note", CASE)
    assert kept is not None
    assert beside is not None
    assert (kept.body, beside.body) == ({"text": "新的"}, {"text": "旧的"})
    assert [d.kind for d in office.drafts.unfinished()] == ["note"]
    again = office.handling.add_note(CASE, "新的")
    kept = office.drafts.get("note", CASE)
    assert kept is not None
    assert kept.body == {"text": "旧的"}, "the one that lay beside it is next"
    assert again.undo_id
    casework.undo(place.desk, again.undo_id)
    beside = office.drafts.second("note", CASE)
    assert beside is not None
    assert beside.body == {"text": "新的"}
    assert office.drafts.exchange("note", CASE).body == {"text": "新的"}  # type: ignore[union-attr]


def test_a_draft_thrown_away_comes_back_and_lies_beside_one_begun_since(place: Workplace) -> None:
    drafts = Office(place.desk).drafts
    drafts.save("note", CASE, {"text": "旧的"})
    drafts.discard("note", CASE)
    drafts.put_back("note", CASE, {"text": "旧的"})
    assert drafts.get("note", CASE).body == {"text": "旧的"}  # type: ignore[union-attr]
    drafts.discard("note", CASE)
    drafts.save("note", CASE, {"text": "新的"})
    drafts.put_back("note", CASE, {"text": "旧的"})
    assert drafts.get("note", CASE).body == {"text": "新的"}  # type: ignore[union-attr]
    assert drafts.second("note", CASE).body == {"text": "旧的"}  # type: ignore[union-attr]


def test_what_was_confirmed_in_words_offers_no_undo(place: Workplace) -> None:
    """It may be sent at once; an acceptance taken back would also leave a number used and unexplained."""
    office = Office(place.desk)
    office.deciding.record_contact(CASE, contact())
    assert office.deciding.accept(CASE).undo_id is None


def test_the_clock_is_stopped_only_while_it_runs(place: Workplace) -> None:
    with pytest.raises(StateError):
        Office(place.desk).handling.suspend(CASE, "送鉴定", MONDAY.date())
    office = accepted(place)
    office.handling.suspend(CASE, "送鉴定", MONDAY.date())
    assert replace(place.desk).store.read(lambda c: len(c.execute(select(outbox.c.ordinal)).all())) == 3


def test_the_whole_case_is_shown_for_a_reason_that_is_written_down(place: Workplace) -> None:
    office = Office(place.desk)
    shown = office.reveal.case(CASE, "verify")
    assert {p.values["name"] for p in shown} == {"陈秀英", "吴刚"}
    query = select(audit.c.detail).where(audit.c.action == "reveal.case", audit.c.case_id == CASE)
    (detail,) = place.desk.store.read(lambda conn: conn.execute(query).scalars().all())
    assert msgspec.json.decode(detail) == {"parties": 2, "reason": "verify"}


@pytest.mark.parametrize("law_kind", ["labour", "medical", "rural_land"])
def test_an_oral_agreement_is_not_taken_where_the_law_wants_it_written(tmp_path: Path, law_kind: str) -> None:
    workplace = make_workplace(tmp_path / "other")
    incoming(workplace, state="mediating", accepted_at=MONDAY, number="1", law_kind=law_kind)
    office = Office(workplace.desk)
    clauses = (cf.Clause(no=1, text="乙方付 300 元。"),)
    draft = msgspec.structs.replace(office.agreeing.draft(CASE), form="oral", clauses=clauses)
    with pytest.raises(StateError) as caught:
        office.agreeing.finalise(draft, wants_confirmation=False, overrides=("照样",))
    assert caught.value.code == "E-NO-ORAL"
    assert office.cases.open(CASE).head.state == "mediating"
    workplace.close()


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"MZ\x90\x00" * 10, "a.pdf", "application/pdf"),
        (b"\x7fELF" * 10, "a.jpg", "image/jpeg"),
        (b"#!/bin/sh\n", "a.txt", "text/plain"),
        (b"a\x00b", "a.txt", "text/plain"),
        (b"%PDF-1.4", "a.png", "image/png"),
        (b"RIFF0000AVI ", "a.wav", "audio/wav"),
        (b"PK\x03\x04", "a.doc", "application/msword"),
    ],
)
def test_a_file_is_what_its_bytes_say(place: Workplace, content: bytes, name: str, media_type: str) -> None:
    with pytest.raises(FieldError) as caught:
        Office(place.desk).attachments.add_bytes(CASE, content, name, media_type, FileEntry(role="evidence"))
    assert caught.value.code == "E-KIND"
    assert not list(place.desk.vault.blobs())


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0" + b"x" * 9000, "image/jpeg"),
        (b"junk before" + PDF, "application/pdf"),
        ("证明".encode(), "text/plain"),
        ("证明".encode("gb18030"), "text/plain"),
        (
            b"PK\x03\x04" + b"z" * 5000,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"RIFF0000WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"ID3\x03", "audio/mpeg"),
        (b"OggS\x00", "audio/ogg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"BM\x00\x00", "image/bmp"),
        (b"II*\x00", "image/tiff"),
    ],
)
def test_the_kinds_that_are_taken_are_taken_whole(place: Workplace, content: bytes, media_type: str) -> None:
    office = Office(place.desk)
    made = office.attachments.add_bytes(CASE, content, "a", media_type, FileEntry(role="evidence")).value
    assert office.attachments.read(made.sha256) == content


def test_a_file_named_after_a_person_gets_a_clean_title(place: Workplace) -> None:
    office = Office(place.desk)
    name = "陈秀英13800001234身份证.pdf"
    made = office.attachments.add_bytes(CASE, PDF, name, "application/pdf", FileEntry(role="identity")).value
    assert made.title == "身份证"
    only = office.attachments.add_bytes(
        CASE, PDF + b"2", "吴刚.pdf", "application/pdf", FileEntry(role="identity")
    )
    assert only.value.title == ""


def test_a_title_with_a_name_is_masked_wherever_it_is_listed(place: Workplace) -> None:
    office = Office(place.desk)
    entry = FileEntry(role="evidence", title="陈秀英 110105 19491231 002X 报价")
    made = office.attachments.add_bytes(CASE, PDF, "a.pdf", "application/pdf", entry).value
    for found in (
        office.cases.open(CASE).file.attachments[made.attachment_id],
        *office.attachments.of_case(CASE),
    ):
        assert found.title == "陈** 110***********002X 报价"


def test_half_a_character_is_said_and_loses_nothing(place: Workplace) -> None:
    office = Office(place.desk)
    with pytest.raises(FieldError, match="认不出来"):
        office.handling.add_note(CASE, "坏\udce4字")
    with pytest.raises(FieldError, match="认不出来"):
        office.parties.edit(CASE, RESPONDENT, {"occupation": "\udce4"})
    office.drafts.save("note", CASE, {"text": "坏\udce4字", "more": ["\udce4"]})
    kept = office.drafts.get("note", CASE)
    assert kept is not None
    assert kept.body == {"text": "坏?字", "more": ["?"]}
    assert office.cases.page(office.cases.query(text="\udce4"), 0, 5) == ()
    made = office.attachments.add_bytes(
        CASE, PDF, "坏\udce4字.pdf", "application/pdf", FileEntry(role="evidence")
    ).value
    assert (made.name, made.title) == ("坏?字.pdf", "坏?字")


def test_names_of_the_cases_in_hand_stay_out_of_the_log(place: Workplace) -> None:
    told: set[str] = set()
    office = Office(replace(place.desk, hide=told.update))
    office.cases.open(CASE)
    assert {"陈秀英", "吴刚"} <= told
    told.clear()
    office.handling.add_note(CASE, "记一笔")
    assert {"陈秀英", "吴刚"} <= told
    office.parties.edit(CASE, RESPONDENT, {"name": "吴大刚"})
    assert "吴大刚" in told


def test_what_a_rolled_back_add_left_is_swept(place: Workplace) -> None:
    office = Office(place.desk)
    kept = office.attachments.add_bytes(
        CASE, PDF, "a.pdf", "application/pdf", FileEntry(role="evidence")
    ).value
    with pytest.raises(NotFoundError):
        office.attachments.add_bytes(
            "nowhere", b"%PDF-2", "b.pdf", "application/pdf", FileEntry(role="evidence")
        )
    (orphan,) = [p for p in place.desk.vault.blobs() if p.name != place.desk.vault.blob_name(kept.sha256)]
    assert office.attachments.sweep() == 0
    old = dt.datetime.now(dt.UTC).timestamp() - 40 * 86400
    os.utime(orphan, (old, old))
    os.utime(place.desk.vault.blob_path(place.desk.vault.blob_name(kept.sha256)), (old, old))
    assert office.attachments.sweep() == 1
    assert office.attachments.read(kept.sha256) == PDF

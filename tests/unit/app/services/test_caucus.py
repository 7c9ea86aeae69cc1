"""单独谈: only its author reads it, and it goes nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.domain.errors import DamagedFault, FieldError, NotFoundError, NotPermittedError
from app.services.desk import Desk
from app.services.office import Office
from app.storage import audit
from app.storage.keyslots import KeyFile
from app.storage.tables import audit as audit_table
from app.storage.tables import outbox, sealed_notes
from tests.helpers.desks import PASSPHRASE, QUICK, Workplace, incoming, make_workplace

WORDS = "申请人私下说，三千元就肯了结"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    workplace = make_workplace(tmp_path)
    incoming(workplace)
    incoming(workplace, "case-2")
    yield workplace
    workplace.close()


def colleague(place: Workplace) -> Desk:
    """何静 at the same computer, with her own keys."""
    desk = place.as_person("p-he")
    made = KeyFile(place.folder / "keys.json", place.clock, cost=QUICK).add_person(
        place.desk.keys, person_id="p-he", label="何静", passphrase=PASSPHRASE
    )
    return replace(desk, keys=made.keys)


def test_own_notes_are_read_again_in_order(place: Workplace) -> None:
    caucus = Office(place.desk).caucus
    first = caucus.write("case-1", f"  {WORDS}  ")
    assert first.changes.kinds == {"caucus"}
    assert first.changes.case_ids == {"case-1"}
    assert first.undo_id is None
    second = caucus.write("case-1", "对方也松口了")
    assert [n.text for n in caucus.list("case-1")] == [WORDS, "对方也松口了"]
    assert caucus.list("case-2") == ()
    assert caucus.read(second.value).text == "对方也松口了"
    assert WORDS not in repr(caucus.read(first.value))


def test_a_colleague_with_the_same_store_cannot_read_it(place: Workplace) -> None:
    note_id = Office(place.desk).caucus.write("case-1", WORDS).value
    other = colleague(place)
    assert Office(other).caucus.list("case-1") == ()
    with pytest.raises(NotPermittedError):
        Office(other).caucus.read(note_id)
    # Even one who changes the row to their own name has no key for it.
    other.store.write(lambda c: c.execute(update(sealed_notes).values(author="p-he")) and None)
    with pytest.raises(DamagedFault) as caught:
        Office(other).caucus.read(note_id)
    assert WORDS not in f"{caught.value.message}{caught.value.detail}{caught.value.subject}"


def test_a_note_moved_to_another_case_does_not_open(place: Workplace) -> None:
    note_id = Office(place.desk).caucus.write("case-1", WORDS).value
    place.desk.store.write(lambda c: c.execute(update(sealed_notes).values(case_id="case-2")) and None)
    with pytest.raises(DamagedFault):
        Office(place.desk).caucus.read(note_id)


def test_nobody_but_mediators_and_heads_writes_one(place: Workplace) -> None:
    for person_id in ("p-shen", "p-tong"):
        caucus = Office(place.as_person(person_id)).caucus
        with pytest.raises(NotPermittedError):
            caucus.write("case-1", WORDS)
        with pytest.raises(NotPermittedError):
            caucus.list("case-1")
    with pytest.raises(FieldError):
        Office(place.desk).caucus.write("case-1", "  ")
    with pytest.raises(NotFoundError):
        Office(place.desk).caucus.write("no-such-case", WORDS)
    with pytest.raises(NotFoundError):
        Office(place.desk).caucus.read("no-such-note")
    assert place.desk.store.read(lambda c: c.execute(select(sealed_notes)).all()) == []


def test_it_stands_nowhere_in_the_open(place: Workplace) -> None:
    """Every table of the decrypted database is searched, whole and by two-character pieces of the index."""
    before = place.desk.store.read(lambda c: c.execute(text("SELECT * FROM search_index")).all())
    Office(place.desk).caucus.write("case-1", WORDS)
    assert place.desk.store.read(lambda c: c.execute(text("SELECT * FROM search_index")).all()) == before
    assert place.desk.store.read(lambda c: c.execute(select(outbox)).all()) == []

    def everything(conn: object) -> bytes:
        names = conn.execute(text("SELECT name FROM sqlite_master WHERE type='table'")).scalars().all()  # type: ignore[attr-defined]
        rows = [r for n in names for r in conn.execute(text(f'SELECT * FROM "{n}"')).all()]  # type: ignore[attr-defined]
        return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)

    content = place.desk.store.read(everything)
    assert "陈秀英".encode() in content, "the search itself must see the tables' content"
    for piece in (WORDS, WORDS[:5], "三千元"):
        assert piece.encode() not in content
    rows = place.desk.store.read(lambda c: c.execute(select(audit_table)).all())
    assert [(r.action, json.loads(r.detail)) for r in rows] == [("caucus.write", {})]
    assert place.desk.store.read(audit.verify).ok


def test_a_write_that_cannot_leave_its_trace_leaves_no_note(place: Workplace) -> None:
    place.desk.store.write(
        lambda c: (
            c.execute(
                text("CREATE TRIGGER stop BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'stop'); END")
            )
            and None
        )
    )
    with pytest.raises(DBAPIError, match="stop"):
        Office(place.desk).caucus.write("case-1", WORDS)
    assert place.desk.store.read(lambda c: c.execute(select(sealed_notes)).all()) == []


def test_a_note_grows_in_its_place_and_only_its_beginning_leaves_a_trace(place: Workplace) -> None:
    caucus = Office(place.desk).caucus
    note_id = caucus.write("case-1", "三千").value
    before = place.desk.store.read(lambda conn: conn.execute(select(audit_table)).all())
    assert caucus.rewrite(note_id, f" {WORDS} ").changes.kinds == {"caucus"}
    assert [(n.note_id, n.text) for n in caucus.list("case-1")] == [(note_id, WORDS)]
    assert place.desk.store.read(lambda conn: conn.execute(select(audit_table)).all()) == before
    with pytest.raises(FieldError):
        caucus.rewrite(note_id, "  ")
    with pytest.raises(NotFoundError):
        caucus.rewrite("no-such-note", "写错了地方")
    with pytest.raises(NotPermittedError):
        Office(colleague(place)).caucus.rewrite(note_id, "别人的话")
    assert caucus.read(note_id).text == WORDS

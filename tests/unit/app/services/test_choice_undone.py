"""撤销 of a choice: the two values stand for a choice again, with what was typed, and nothing is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select, update

from app.clock import to_text
from app.domain import casefile as cf
from app.domain.errors import StateError
from app.services import casework
from app.services.changes import Written
from app.services.choice_undone import LATE_DECISION, LATE_FIELD
from app.services.disputes import to_json
from app.services.drafts import Drafts
from app.services.resolving import DRAFT, TEXTS, Resolving
from app.storage import casestore
from app.storage.tables import cases, conflicts, inbox, outbox
from tests.helpers.desks import Workplace, incoming, make_workplace
from tests.helpers.disputes import conflict, ending, two_endings
from tests.unit.app.services.test_third_values import BORN, MAN, WOMAN


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path / "profile")
    incoming(made, state="mediating")
    yield made
    made.close()


def standing(place: Workplace) -> list[tuple[Any, ...]]:
    """Every conflict, whole."""
    query = select(conflicts).order_by(conflicts.c.conflict_id)
    return [tuple(row) for row in place.desk.store.read(lambda conn: conn.execute(query).all())]


def queue(place: Workplace) -> list[tuple[str, str]]:
    query = select(outbox.c.kind, outbox.c.state).order_by(outbox.c.ordinal)
    return [(row.kind, row.state) for row in place.desk.store.read(lambda conn: conn.execute(query).all())]


def undo(place: Workplace, written: Written[str]) -> Written[None]:
    assert written.undo_id, "a choice can be taken back"
    return casework.undo(place.desk, written.undo_id)


def sent(place: Workplace) -> None:
    gone = update(outbox).where(outbox.c.state == "waiting").values(state="in_flight", attempts=1)
    place.desk.store.write(lambda conn: conn.execute(gone) and None)


def test_all_that_one_choice_settled_is_open_again(place: Workplace) -> None:
    conflict(place, 1, "id_number", WOMAN, MAN)
    conflict(place, 2, "birth_date", BORN[WOMAN], BORN[MAN], base=to_json(None))
    conflict(place, 3, "gender", "female", "male")
    before, file = standing(place), place.desk.store.read(lambda conn: casestore.load(conn, "case-1"))
    done = undo(place, Resolving(place.desk).resolve("c1", "mine"))
    assert done.changes.touches(frozenset({"conflicts"}))
    assert standing(place) == before
    assert queue(place) == []
    assert place.desk.store.read(lambda conn: casestore.load(conn, "case-1")) == file
    # And can be chosen anew, the other way round.
    Resolving(place.desk).resolve("c1", "theirs")
    assert {row[-3] for row in standing(place)} == {"theirs"}


def test_a_decision_is_open_again(place: Workplace) -> None:
    two_endings(place, 9, ending(place, "甲", "乙"), ending(place, "丙", "丁"))
    before, waits = standing(place), queue(place)
    undo(place, Resolving(place.desk).resolve("c9", "theirs"))
    assert standing(place) == before
    assert queue(place) == waits == [("case.conclude", "conflict")]


def test_what_was_typed_for_it_comes_back_beside_what_was_typed_since(place: Workplace) -> None:
    for number, field in enumerate(("claims", "facts"), start=1):
        conflict(place, number, field, "一", "二", entity="case")
    drafts = Drafts(place.desk)
    drafts.save(DRAFT, "case-1", {TEXTS: {"c1": "赔 550 元", "c2": "楼上"}})
    written = Resolving(place.desk).resolve("c1", "edited", "赔 550 元")
    drafts.save(DRAFT, "case-1", {TEXTS: {"c2": "楼上漏水"}})
    undo(place, written)
    draft = drafts.get(DRAFT, "case-1")
    assert draft is not None
    assert draft.body == {TEXTS: {"c1": "赔 550 元", "c2": "楼上漏水"}}


@pytest.mark.parametrize("decision", [False, True])
def test_too_late_it_says_what_can_be_done_instead(place: Workplace, decision: bool) -> None:
    if decision:
        two_endings(place, 1, ending(place, "甲", "乙"), ending(place, "丙", "丁"))
    else:
        conflict(place, 1, "claims", "一", "二", entity="case")
    written = Resolving(place.desk).resolve("c1", "theirs")
    chosen = standing(place)
    sent(place)
    with pytest.raises(StateError, match="不能撤销") as caught:
        undo(place, written)
    assert caught.value.message == (LATE_DECISION if decision else LATE_FIELD)
    assert standing(place) == chosen


def test_what_the_platform_holds_by_now_is_what_stands_against_ours(place: Workplace) -> None:
    conflict(place, 1, "claims", "一", "二", entity="case")
    written = Resolving(place.desk).resolve("c1", "theirs")

    def comes(conn: Any) -> None:
        told = cf.encode(msgspec.structs.replace(casestore.shadow(conn, "case-1").head, claims="三"))
        row = {
            "epoch": "e1", "seq": 1, "entity": "case", "doc_id": "case-1", "case_id": "case-1", "op": "put",
            "version": 3, "body": told, "received_at": to_text(place.clock.now()), "changed_by": "p-shen",
            "changed_at": "2026-11-23T01:05:00.000Z",
        }  # fmt: skip
        conn.execute(insert(inbox).values(row))
        conn.execute(update(cases).where(cases.c.case_id == "case-1").values(shadow=told))

    place.clock.advance(dt.timedelta(seconds=3))
    place.desk.store.write(comes)
    undo(place, written)
    view = Resolving(place.desk).conflict("c1")
    assert (view.settled, view.mine.text, view.theirs.text) == (False, "一", "三")

"""A value written anew for a conflict is checked like any edit; what derives from a number goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain import commands as cmd
from app.domain.errors import FieldError, StateError
from app.services.disputes import to_json
from app.services.resolving import DRAFT, TEXTS, Resolving
from app.storage.tables import conflicts, outbox
from tests.helpers.desks import Workplace, incoming, make_workplace
from tests.helpers.disputes import conflict

WOMAN, MAN = "11010519491231002X", "440524188001010014"
BORN = {WOMAN: "1949-12-31", MAN: "1880-01-01"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path / "profile")
    incoming(made)
    yield made
    made.close()


def choices(place: Workplace) -> dict[str, str]:
    rows = place.desk.store.read(lambda conn: conn.execute(select(conflicts)).all())
    return {row.conflict_id: row.choice for row in rows}


def last_command(place: Workplace) -> cmd.Command:
    query = select(outbox.c.bytes).order_by(outbox.c.ordinal.desc()).limit(1)
    return cmd.decode(place.desk.store.read(lambda conn: conn.execute(query).scalar_one()))


@pytest.mark.parametrize(
    ("field", "entity", "value", "said"),
    [
        ("phone", "party", "abc 12", "电话"),
        ("name", "party", "吴\n刚", "一行"),
        ("name", "party", "  ", "姓名"),
        ("id_number", "party", "440524188001010015", "第 18 位"),
        ("email", "party", "没有", "@"),
        ("title", "case", "吴刚漏水", "姓名"),
    ],
)
def test_what_an_edit_would_not_take_is_not_taken_here(
    place: Workplace, field: str, entity: str, value: str, said: str
) -> None:
    conflict(place, 1, field, "一", "二", entity=entity)
    with pytest.raises(FieldError, match=said) as caught:
        Resolving(place.desk).resolve("c1", "edited", value)
    assert caught.value.field == "value"
    assert choices(place) == {"c1": ""}


def test_several_lines_are_taken_where_the_field_has_them(place: Workplace) -> None:
    conflict(place, 1, "claims", "一", "二", entity="case")
    Resolving(place.desk).resolve("c1", "edited", "赔 500 元\n修好墙面")
    payload = last_command(place).payload
    assert isinstance(payload, cmd.ResolveConflict)
    assert payload.fields == {"claims": "赔 500 元\n修好墙面"}


def test_birth_date_and_gender_go_with_the_number(place: Workplace) -> None:
    conflict(place, 1, "id_number", WOMAN, MAN)
    conflict(place, 2, "birth_date", BORN[WOMAN], BORN[MAN], base=to_json(None))
    conflict(place, 3, "gender", "female", "male")
    conflict(place, 4, "email", "a@example.com", "b@example.com")
    assert Resolving(place.desk).resolve("c1", "mine").value == "c4"
    assert choices(place) == {"c1": "mine", "c2": "mine", "c3": "mine", "c4": ""}
    command = last_command(place)
    assert isinstance(command.payload, cmd.ResolveConflict)
    wanted = {"id_number": WOMAN, "birth_date": BORN[WOMAN], "gender": "female"}
    assert command.payload.fields == wanted
    assert command.base_values == {"id_number": MAN, "birth_date": BORN[MAN], "gender": "male"}


def test_a_third_number_brings_its_own(place: Workplace) -> None:
    conflict(place, 1, "id_number", "440524188001010022", MAN)
    conflict(place, 2, "gender", "male", "male")
    Resolving(place.desk).resolve("c1", "edited", WOMAN.lower())
    payload = last_command(place).payload
    assert isinstance(payload, cmd.ResolveConflict)
    assert payload.fields == {"id_number": WOMAN, "birth_date": BORN[WOMAN], "gender": "female"}
    assert choices(place) == {"c1": "edited", "c2": "edited"}
    kept = {
        view.field: view.chosen.text for view in Resolving(place.desk).settled_in("case-1") if view.chosen
    }
    assert kept["gender"] == "女"


def test_what_was_typed_is_used_up_with_its_conflict_only(place: Workplace) -> None:
    from app.services.drafts import Drafts

    conflict(place, 1, "claims", "一", "二", entity="case")
    conflict(place, 2, "facts", "一", "二", entity="case")
    drafts = Drafts(place.desk)
    drafts.save(DRAFT, "case-1", {TEXTS: {"c1": "甲", "c2": "乙"}})
    Resolving(place.desk).resolve("c1", "theirs")
    kept = drafts.get(DRAFT, "case-1")
    assert kept is not None
    assert kept.body == {TEXTS: {"c2": "乙"}}
    Resolving(place.desk).resolve("c2", "edited", "乙")
    assert drafts.get(DRAFT, "case-1") is None


def test_only_a_settled_field_is_taken_back(place: Workplace) -> None:
    conflict(place, 1, "claims", "赔 500 元", "赔 600 元", entity="case")
    resolving = Resolving(place.desk)
    with pytest.raises(StateError, match="不能换"):
        resolving.take_other("c1", "mine")
    resolving.resolve("c1", "theirs")
    with pytest.raises(StateError, match="就是这样写"):
        resolving.take_other("c1", "theirs")
    written = resolving.take_other("c1", "mine")
    assert written.undo_id
    command = last_command(place)
    assert (command.kind, command.base_values) == ("case.edit", {"claims": "赔 600 元"})
    (view,) = resolving.settled_in("case-1")
    assert (view.now, view.may_take, view.choice) == ("赔 500 元", ("theirs",), "theirs")

"""A hands cases over without a network while the head gives the same case to somebody else: two values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.services import enrolment
from app.services.desk import Person
from app.services.office import Office
from app.storage.tables import cases, conflicts, tasks
from sync.sandbox import tables as t
from tests.harness.play import Play
from tests.harness.steps import Act, Everybody, Exchange, Pass
from tests.harness.world import Computer, World, a_world, make_template

A, HEAD = 0, 1
"""周敏芳's computer and that of 何静, the head."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("handover") / "template", computers=2)


@pytest.fixture
def play(template: Path, tmp_path: Path) -> Iterator[Play]:
    """One case that 周敏芳 accepted, known to both computers; 顾青 has joined the institution."""
    with a_world(template, tmp_path / "world", computers=2) as world:
        made = Play(world)
        join(world)
        made.take(Act(A, "contact"))
        made.take(Act(A, "accept"))
        (case_id,) = office(world.computers[A]).handover.open_cases("p-zhou")
        tomorrow = world.clock.now() + dt.timedelta(days=1)
        office(world.computers[A]).handling.plan_session(case_id, tomorrow, "第二调解室")
        made.take(Pass(20))
        made.take(Everybody())
        made.take(Everybody())
        yield made
        made.rest()


def join(world: World) -> None:
    """Another mediator of the institution, on the platform's roster and on that of each computer."""
    with world.platform.store.write(world.clock.now()) as tx:
        row = dict(tx.conn.execute(select(t.users).where(t.users.c.person_id == "p-zhou")).one()._mapping)
        new = {"person_id": "p-gu", "login": "guqing", "name": "顾青"}
        tx.conn.execute(t.users.insert().values({**row, **new}))
    for pc in world.computers:
        desk = pc.office.desk
        roster = (*desk.people.values(), Person("p-gu", "顾青", "mediator", "guqing"))
        desk.store.write(lambda conn, roster=roster: enrolment.put_people(conn, roster))


def office(pc: Computer) -> Office:
    """The services on the roster as it came last."""
    return pc.office.refreshed()


def held(play: Play) -> str:
    """The case in 周敏芳's hands."""
    (case_id,) = office(play.world.computers[A]).handover.open_cases("p-zhou")
    return case_id


def mediator(pc: Computer, case_id: str) -> str:
    (row,) = pc.read(select(cases.c.mediator_id).where(cases.c.case_id == case_id))
    return str(row.mediator_id)


def in_today(pc: Computer, case_id: str) -> set[str]:
    """Whose day the case's lines stand on, by what a computer has; empty when it has none."""
    return {row.person_id for row in pc.read(select(tasks).where(tasks.c.case_id == case_id))}


def test_handed_over_offline_it_is_the_colleagues_after_the_exchange(play: Play) -> None:
    a, head = play.world.computers
    case_id = held(play)
    done = office(a).handover.hand_over("p-zhou", "p-he", (case_id,)).value
    assert [one.case_id for one in done.book.entries] == [case_id]
    assert mediator(head, case_id) == "p-zhou"
    play.take(Exchange(A))
    play.take(Exchange(HEAD))
    assert (mediator(a, case_id), mediator(head, case_id)) == ("p-he", "p-he")
    assert in_today(head, case_id) == {"p-he"}
    centre = office(head)
    assert centre.cases.count(centre.cases.query("mine")) == 1
    assert not office(a).resolving.open_ids()


@pytest.mark.parametrize(("choice", "whose"), [("mine", "p-he"), ("theirs", "p-gu"), ("edited", "p-zhou")])
def test_reassigned_by_the_head_meanwhile_both_values_stand_until_somebody_chooses(
    play: Play, choice: str, whose: str
) -> None:
    a, head = play.world.computers
    case_id = held(play)
    office(a).handover.hand_over("p-zhou", "p-he", (case_id,))
    assert office(head).handover.hand_over("p-zhou", "p-gu", (case_id,)).value.book.to_name == "顾青"
    play.take(Exchange(HEAD))
    play.take(Exchange(A))
    (conflict_id,) = office(a).resolving.open_ids()
    view = office(a).resolving.conflict(conflict_id)
    assert (view.what, view.base.text, view.mine.text, view.theirs.text) == (
        "承办调解员", "周敏芳", "何静", "顾青",
    )  # fmt: skip
    assert (view.mine.author, view.theirs.author) == ("周敏芳", "何静")
    assert view.editable
    (row,) = [one for one in office(a).sync_centre.rows("needs_you") if one.kind == "conflict"]
    assert row.case_id == case_id
    assert not office(head).resolving.open_ids(), "whoever came second chooses"
    assert in_today(head, case_id) == {"p-gu"}
    value = whose if choice == "edited" else None
    office(a).resolving.resolve(conflict_id, choice, value)  # type: ignore[arg-type]
    play.take(Pass(20))
    play.take(Exchange(A))
    play.take(Exchange(HEAD))
    play.take(Exchange(A))
    assert (mediator(a, case_id), mediator(head, case_id)) == (whose, whose)
    assert in_today(head, case_id) == {whose}
    assert not office(a).resolving.open_ids()
    (kept,) = a.read(select(conflicts))
    assert (kept.base, kept.mine, kept.theirs, kept.choice) == ('"p-zhou"', '"p-he"', '"p-gu"', choice)


def test_an_open_dispute_about_the_mediator_holds_a_second_hand_over_back(play: Play) -> None:
    a, head = play.world.computers
    case_id = held(play)
    office(a).handover.hand_over("p-zhou", "p-he", (case_id,))
    office(head).handover.hand_over("p-zhou", "p-gu", (case_id,))
    play.take(Exchange(HEAD))
    play.take(Exchange(A))
    holder = mediator(a, case_id)
    # The head sits down at A's computer, where the two values stand.
    desk = office(a).desk
    sat = Office(replace(desk, person=desk.people["p-he"]))
    (entry,) = sat.handover.book(holder, "", (case_id,)).entries
    assert "先到同步中心选定" in entry.blocked
    done = sat.handover.hand_over(holder, "p-zhou", (case_id,)).value
    assert not done.book.entries
    assert "两处写法还没选定" in done.refused[0].reason


def test_both_gave_it_to_the_same_colleague_and_nobody_is_asked(play: Play) -> None:
    a, head = play.world.computers
    case_id = held(play)
    office(a).handover.hand_over("p-zhou", "p-gu", (case_id,))
    office(head).handover.hand_over("p-zhou", "p-gu", (case_id,))
    play.take(Exchange(HEAD))
    play.take(Exchange(A))
    assert not office(a).resolving.open_ids()
    assert (mediator(a, case_id), mediator(head, case_id)) == ("p-gu", "p-gu")


def test_what_was_unsent_goes_out_all_the_same_after_the_hand_over(play: Play) -> None:
    a, head = play.world.computers
    case_id = held(play)
    office(a).handling.add_note(case_id, "对方说周三能来。")
    done = office(a).handover.hand_over("p-zhou", "p-he", (case_id,)).value
    assert done.book.to_send == 1
    play.take(Pass(20))
    play.take(Exchange(A))
    play.take(Exchange(HEAD))
    assert any(
        "周三能来" in getattr(r.body, "text", "") for r in office(head).cases.open(case_id).file.timeline()
    )
    (entry,) = office(head).handover.book("p-he", "", (case_id,)).entries
    assert entry.unsent.to_send == 0

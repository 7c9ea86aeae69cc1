"""A computer with its person's cases only, beside one with the institution's, against a real platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.services.desk import UNDO_WINDOW
from app.services.handling import Handling
from app.services.handover import Handover
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from app.storage.tables import audit, cases
from tests.helpers.clients import Office, open_office, plain
from tests.helpers.filings import agreed_case, edit_respondent, lodgings, prepare_filing
from tests.helpers.restored import at_the_platform, in_turn, lodge, states
from tests.helpers.sandbox import Sandbox, running_copy


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A platform with a case in other hands, and one in nobody's."""
    with running_copy(tmp_path / "platform") as one:
        one.control("reassign", login="hejing")
        one.control("dispatch")
        yield one


@pytest.fixture
def own(tmp_path: Path, sandbox: Sandbox) -> Iterator[Office]:
    one = open_office(tmp_path / "own", sandbox, scope="people")
    one.good_run()
    yield one
    one.close()


@pytest.fixture
def whole(tmp_path: Path, sandbox: Sandbox) -> Iterator[Office]:
    one = open_office(tmp_path / "whole", sandbox, role="head")
    one.good_run()
    yield one
    one.close()


def held(office: Office) -> dict[str, str]:
    """Each case here with whose it is."""
    query = select(cases.c.case_id, cases.c.mediator_id)
    return office.desk.store.read(lambda conn: {row.case_id: row.mediator_id for row in conn.execute(query)})


def mine(office: Office) -> str:
    """An open case in 周敏芳's hands."""
    ids = office.case_ids("accepted", "mediating")
    return next(case_id for case_id in ids if held(office)[case_id] == "p-zhou")


def notes(office: Office, case_id: str) -> list[str]:
    file = office.file(case_id)
    return [body.text for _, body in file.of_type(cf.Note) if body.text.startswith("改派")]


def picture(office: Office, case_id: str) -> dict[str, Any]:
    return plain(office.file(case_id))


def test_each_has_its_own_and_what_both_have_is_the_same(own: Office, whole: Office) -> None:
    here, there = held(own), held(whole)
    assert set(here.values()) == {"", "p-zhou"}
    assert here == {case_id: who for case_id, who in there.items() if who in ("", "p-zhou")}
    assert len(here) < len(there)
    assert all(picture(own, case_id) == picture(whole, case_id) for case_id in here)


def test_what_is_not_sent_holds_a_case_until_it_is(own: Office, whole: Office, sandbox: Sandbox) -> None:
    case_id = mine(own)
    slow = replace(own.desk, undo_window=UNDO_WINDOW)
    Handling(slow).add_note(case_id, "改派前写的")
    sandbox.control("reassign", case_id=case_id, login="hejing")
    own.good_run()
    assert case_id in held(own), "unsent work stands on it"
    assert notes(own, case_id) == ["改派前写的"]
    own.later(11)
    own.good_run()
    own.good_run()
    assert case_id not in held(own)
    assert [row.state for row in own.outbox()] == ["delivered"]
    whole.good_run()
    assert notes(whole, case_id) == ["改派前写的"]
    query = select(audit.c.action).where(audit.c.case_id == case_id)
    assert "case.withdrawn" in own.desk.store.read(lambda conn: list(conn.execute(query).scalars()))


def test_a_case_that_comes_back_is_whole_again(own: Office, whole: Office, sandbox: Sandbox) -> None:
    case_id = mine(own)
    sandbox.control("reassign", case_id=case_id, login="hejing")
    own.good_run()
    assert case_id not in held(own)
    Handling(whole.desk).add_note(case_id, "改派以后，别人手上写的")
    whole.good_run()
    sandbox.control("reassign", case_id=case_id, login="zhouminfang")
    for office in (own, whole):
        office.good_run()
    assert picture(own, case_id) == picture(whole, case_id)
    assert notes(own, case_id) == ["改派以后，别人手上写的"]


def test_a_restored_platform_is_read_anew_within_the_scope(
    own: Office, whole: Office, sandbox: Sandbox
) -> None:
    case_id = mine(own)
    sandbox.control("reassign", case_id=case_id, login="hejing")
    sandbox.control("backup")
    Handling(own.desk).add_note(mine(own), "改派别的一件以后写的")
    own.good_run()
    sandbox.control("restore")
    for office in (own, whole, own):
        office.good_run()
    here, there = held(own), held(whole)
    assert here == {one: who for one, who in there.items() if who in ("", "p-zhou")}
    assert all(picture(own, one) == picture(whole, one) for one in here)


@pytest.mark.parametrize("papers_saved", [True, False])
def test_what_went_for_a_case_that_was_handed_on_comes_back_after_a_restore(
    own: Office, whole: Office, sandbox: Sandbox, *, papers_saved: bool
) -> None:
    """The computer that sent it has the case no more: nobody else can send its papers and the application."""
    case_id = agreed_case(own)
    in_turn(own)
    if papers_saved:
        prepare_filing(own, case_id)
    in_turn(own)
    sandbox.control("backup")
    if not papers_saved:
        prepare_filing(own, case_id)
        in_turn(own)
    submission_id = lodge(own, case_id)
    Handover(own.desk).hand_over("p-zhou", "p-he", (case_id,))
    in_turn(own, whole)
    assert case_id not in held(own)
    before = lodgings(sandbox)
    sandbox.control("restore")
    in_turn(own, whole)
    in_turn(own, whole)
    assert case_id not in held(own)
    assert states(at_the_platform(whole, submission_id)) == ["lodged"]
    assert all(one.stored for one in whole.shadow(case_id).attachments.values())
    assert lodgings(sandbox) <= before + 1
    for office in (own, whole):
        assert SyncCentre(office.desk).rows("waiting") == SyncCentre(office.desk).rows("needs_you") == ()


def two_values(office: Office) -> tuple[str, str]:
    """What was written here and what stands at the platform, of the one open conflict."""
    (conflict_id,) = Resolving(office.desk).open_ids()
    shown = Resolving(office.desk).conflict(conflict_id, reveal_reason="verify")
    return shown.mine.text, shown.theirs.text


def test_what_was_put_right_after_a_case_was_handed_on_is_asked_about_after_a_restore(
    own: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whoever has it comes first, and the platform tells that person nothing of the case yet: what was known
    of it before the restore is no second value that settles the first."""
    theirs = open_office(tmp_path / "theirs", sandbox, role="head", scope="people")
    in_turn(theirs)
    case_id = mine(own)
    sandbox.control("backup")
    edit_respondent(own, case_id, "前面的人写的")
    in_turn(own)
    Handover(own.desk).hand_over("p-zhou", "p-he", (case_id,))
    in_turn(own, theirs)
    edit_respondent(theirs, case_id, "后来改对的")
    in_turn(theirs, own)
    sandbox.control("restore")
    in_turn(theirs, own)
    in_turn(theirs, own)
    (asked,) = SyncCentre(theirs.desk).rows("needs_you")
    assert asked.kind == "conflict"
    assert two_values(theirs) == ("后来改对的", "前面的人写的")
    theirs.close()


def test_of_a_case_in_other_hands_the_value_there_is_the_one_the_platform_answered_with(
    own: Office, whole: Office, sandbox: Sandbox
) -> None:
    case_id = mine(own)
    edit_respondent(own, case_id, "这边离线写的")
    sandbox.control("reassign", case_id=case_id, login="hejing")
    whole.good_run()
    edit_respondent(whole, case_id, "那边写的")
    in_turn(whole, own)
    assert two_values(own) == ("这边离线写的", "那边写的")
    (row,) = [row for row in SyncCentre(own.desk).rows("needs_you") if row.kind == "conflict"]
    assert row.why.startswith("这件已改派给同事")
    # An application of the colleague's may wait for it.
    (conflict_id,) = Resolving(own.desk).open_ids()
    Resolving(own.desk).resolve(conflict_id, "theirs")
    in_turn(own, whole)
    last = own.outbox()[-1]
    assert (last.kind, last.state) == ("conflict.resolve", "delivered")
    assert case_id not in held(own)
    assert whole.file(case_id).side("respondent")[0].service_address == "那边写的"

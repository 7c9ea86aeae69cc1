"""Two values that become one by themselves, whose the other value is, and which choices are told."""

from __future__ import annotations

import pytest

from app.domain.errors import StateError
from app.services.cases import Cases
from app.services.parties import Parties
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office
from tests.helpers.sandbox import Sandbox
from ui.pages.case_disputes import CONVERGED
from ui.pages.case_timeline import CHOSEN, course
from ui.widgets.timeline import Entry


@pytest.fixture
def case_id(ready: Office) -> str:
    return ready.case_ids("accepted", "mediating")[0]


def write(office: Office, case_id: str, **fields: str) -> None:
    Parties(office.desk).edit(case_id, respondent(office, case_id), fields)


def respondent(office: Office, case_id: str) -> str:
    return str(office.file(case_id).side("respondent")[0].party_id)


def differ(ready: Office, other: Office, case_id: str, field: str, mine: str, theirs: str) -> None:
    """One field written twice; ours came second."""
    write(other, case_id, **{field: theirs})
    write(ready, case_id, **{field: mine})
    other.good_run()
    ready.good_run()
    assert len(Resolving(ready.desk).open_ids()) == 1


def axis(office: Office, case_id: str) -> list[Entry]:
    resolving = Resolving(office.desk)
    settled, here = resolving.settled_in(case_id), resolving.made_here(case_id)
    told = course(Cases(office.desk).open(case_id), office.desk, settled, here).entries
    return [one for one in told if one.title in (CHOSEN, CONVERGED)]


def why(office: Office) -> list[str]:
    return [row.why for row in SyncCentre(office.desk).rows("needs_you")]


@pytest.mark.parametrize("field", ["name", "service_address"])
def test_a_colleague_who_writes_what_stands_here_leaves_nothing_to_choose(
    ready: Office, other: Office, case_id: str, field: str
) -> None:
    differ(ready, other, case_id, field, "共同写的", "另一个")
    write(other, case_id, **{field: "共同写的"})
    other.good_run()
    ready.good_run()
    assert Resolving(ready.desk).open_ids() == ()
    assert why(ready) == []
    assert Resolving(ready.desk).disputed_in(case_id).legal == ()
    (told,) = axis(ready, case_id)
    assert (told.title, "选了" in told.detail) == (CONVERGED, False)
    for office in (ready, other, ready):
        office.good_run()
    if field == "name":
        (elsewhere,) = axis(other, case_id)
        assert elsewhere.detail.startswith("两处写法已经一样，不用再选：被申请人")
    assert ready.everything()[case_id] == other.everything()[case_id]
    (kept,) = Resolving(ready.desk).settled_in(case_id)
    assert kept.same


def test_a_name_that_is_one_again_holds_up_no_application(ready: Office, other: Office, case_id: str) -> None:
    differ(ready, other, case_id, "name", "共同写的", "另一个")
    write(other, case_id, name="共同写的")
    other.good_run()
    ready.good_run()
    ready.good_run()
    kinds = [row.kind for row in ready.outbox() if row.state == "delivered"]
    assert kinds.count("conflict.resolve") == 1, "the platform is told, once"


def test_what_is_put_in_place_of_the_other_by_hand_leaves_nothing_to_choose(
    ready: Office, other: Office, case_id: str
) -> None:
    differ(ready, other, case_id, "service_address", "云浦区甲路 1 号", "云浦区乙路 2 号")
    write(ready, case_id, service_address="云浦区甲路 1 号")
    ready.good_run()
    ready.good_run()
    assert Resolving(ready.desk).open_ids() == ()


def test_another_computer_is_named_only_where_it_was_another_computer(
    ready: Office, other: Office, case_id: str
) -> None:
    differ(ready, other, case_id, "service_address", "云浦区甲路 1 号", "云浦区乙路 2 号")
    assert why(ready) == ["您和何静都改过"]
    write(ready, case_id, service_address="云浦区丙路 3 号")
    ready.good_run()
    assert why(ready) == ["您后来在本机又改过"]


@pytest.mark.parametrize("field", ["service_address", "name"])
def test_a_choice_that_meets_newer_values_is_told_as_it_was_made(
    ready: Office, other: Office, case_id: str, field: str
) -> None:
    differ(ready, other, case_id, field, "云浦甲路 1 号", "云浦乙路 2 号")
    resolving, centre = Resolving(ready.desk), SyncCentre(ready.desk)
    for number in (3, 4):
        write(other, case_id, **{field: f"云浦乙路 {number} 号"})
        other.good_run()
        (conflict_id,) = resolving.open_ids()
        resolving.resolve(conflict_id, "theirs")
        assert centre.counts().waiting == 1, "one choice is one thing that waits"
        ready.good_run()
    (conflict_id,) = resolving.open_ids()
    resolving.resolve(conflict_id, "theirs")
    assert centre.counts().waiting == 1, "the last settles those before it too"
    for office in (ready, other, ready):
        office.good_run()
    assert resolving.open_ids() == ()
    assert all("另写的" not in one.detail for one in axis(ready, case_id))
    assert ready.everything()[case_id] == other.everything()[case_id]


def test_a_case_that_was_taken_back_is_not_chosen_in(
    ready: Office, other: Office, case_id: str, sandbox: Sandbox
) -> None:
    differ(ready, other, case_id, "service_address", "云浦区甲路 1 号", "云浦区乙路 2 号")
    sandbox.control("tombstone", case_id=case_id)
    ready.good_run()
    resolving = Resolving(ready.desk)
    (conflict_id,) = resolving.open_ids()
    assert "平台已收回或改派这件案件，选了也不会再发" in why(ready)
    view = resolving.conflict(conflict_id)
    assert (view.taken_back, view.mine_possible, view.editable) == (True, False, False)
    with pytest.raises(StateError, match="平台已收回或改派"):
        resolving.resolve(conflict_id, "mine")
    resolving.resolve(conflict_id, "theirs", seen=view.stamp)
    assert SyncCentre(ready.desk).counts().waiting == 0, "nothing is sent that cannot arrive"
    ready.good_run()
    assert case_id not in ready.case_ids("accepted", "mediating")
    assert why(ready) == []

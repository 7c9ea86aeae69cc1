"""One computer registers what was performed under an agreement, another sets that aside: both are told.

人民调解法 31: the parties keep what they agreed. What is performed already is seen before that is undone.
"""

from __future__ import annotations

import pytest

from app.clock import to_text
from app.domain import casefile as cf
from app.domain.errors import StateError
from app.domain.workdays import moment
from app.services.agreeing import Agreeing
from app.services.cases import Cases
from app.services.closing import Closing, ClosingEntry
from app.services.conflict_views import ConflictView
from app.services.handling import Handling
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office
from tests.helpers.decisions import agreement, finalise, first_view, sign_all
from tests.helpers.desks import MONDAY
from ui.pages.case_disputes import detail

HELD = "agreement-two"
PAID = "第 1 期已履行 500 元"


@pytest.fixture
def case_id(ready: Office, other: Office) -> str:
    """A case whose agreement is in force, known on both computers."""
    case_id = ready.case_ids("accepted", "mediating")[0]
    finalise(ready, case_id, agreement(ready, case_id, HELD, 500_00))
    sign_all(ready, case_id, HELD)
    ready.good_run()
    other.good_run()
    return case_id


def perform(office: Office, case_id: str, state: str = "performed") -> None:
    """The only payment, as it was made."""
    paid = cf.Performance(
        agreement_id=HELD, payment_no=1, on=office.desk.today(),
        amount_fen=500_00 if state == "performed" else 0, state=state,
    )  # fmt: skip
    Handling(office.desk).record_performance(case_id, paid)


def visit(office: Office, case_id: str, performed: str = "full") -> None:
    """The parties were called: what they say of keeping the agreement."""
    said = cf.FollowUp(performed=performed, text="双方都说已经付清")
    Handling(office.desk).record_follow_up(case_id, said)


def told(office: Office) -> dict[str, tuple[str, str]]:
    """What the drawer says that differs; the day of what was performed left out."""
    return spoken(first_view(office))


def spoken(view: ConflictView) -> dict[str, tuple[str, str]]:
    """The same of one that is settled."""
    return {one.name: (one.mine, one.theirs.partition("（")[0]) for one in view.act.differences}


def not_here(view: ConflictView, step: str) -> str:
    """Who entered the performance, and when by their own clock, is told with the words of what was done."""
    return f"您{step}时还没有收到{view.theirs.author} {moment(view.theirs.at, MONDAY.date())} 登记的履行"


def test_a_performed_agreement_is_not_talked_about_again_unseen(
    ready: Office, other: Office, case_id: str
) -> None:
    perform(other, case_id)
    written_by = to_text(other.clock.now())
    Closing(ready.desk).resume(case_id)
    for office in (ready, other):
        office.later(240)
    other.good_run()
    ready.good_run()
    view = first_view(ready)
    assert (view.what, view.theirs.author) == ("再谈一次", other.desk.person.name)
    assert view.theirs.at <= written_by, "not when the platform took it in"
    differ = {
        "案件状态": ("调解中", "已达成协议"),
        "履行登记": (not_here(view, "再谈"), PAID),
    }
    assert told(ready) == differ, "nothing else of the agreement is another than it was"
    (row,) = SyncCentre(ready.desk).rows("needs_you")
    assert row.why == f"您办这一步时没有看到{other.desk.person.name}写的"
    assert f"这份协议已登记履行：{PAID}" in view.at_stake
    assert "都同意再谈，才选本机写的" in view.at_stake
    assert dict(view.act.theirs)["签名盖章"] == "已登记 4 处"
    assert PAID in dict(view.act.theirs)["履行登记"]
    assert Resolving(ready.desk).disputed_in(case_id).legal == ("再谈一次",)
    assert ready.shadow(case_id).head.state == "agreed", "nothing moves before somebody has chosen"
    # Who has seen it may go on: a partly performed agreement may be talked about again.
    Resolving(ready.desk).resolve(view.conflict_id, "mine", seen=view.stamp)
    ready.good_run()
    other.good_run()
    for office in (ready, other):
        assert office.shadow(case_id).head.state == "mediating"
    assert Resolving(ready.desk).open_ids() == ()
    (kept,) = Resolving(ready.desk).settled_in(case_id)
    assert spoken(kept) == differ
    assert f"{not_here(view, '再谈')}：{PAID}" in detail(kept)


def test_a_performed_agreement_is_not_replaced_unseen(ready: Office, other: Office, case_id: str) -> None:
    perform(other, case_id)
    finalise(ready, case_id, agreement(ready, case_id, "agreement-three", 300_00))
    other.good_run()
    ready.good_run()
    view, differ = first_view(ready), told(ready)
    assert differ.pop("履行登记") == (not_here(view, "定稿"), PAID)
    assert differ["合计"] == ("300 元", "500 元"), "two texts are read beside each other"
    assert f"已登记 4 处签名盖章，履行登记：{PAID}" in view.why_not_mine
    assert ready.shadow(case_id).head.agreement_id == HELD
    Resolving(ready.desk).resolve(view.conflict_id, "theirs", seen=view.stamp)
    # Another version that was begun with it seen goes.
    number = ready.file(case_id).head.number
    assert Agreeing(ready.desk).draft(case_id).number == number != "", "as it will be fixed"
    finalise(ready, case_id, agreement(ready, case_id, "agreement-four", 300_00))
    ready.good_run()
    assert ready.shadow(case_id).head.agreement_id == "agreement-four"


def test_an_agreement_that_is_said_to_be_kept_is_not_replaced_unseen(
    ready: Office, other: Office, case_id: str
) -> None:
    visit(other, case_id, "not_due")
    other.good_run()
    finalise(ready, case_id, agreement(ready, case_id, "agreement-three", 300_00))
    ready.good_run()
    assert ready.shadow(case_id).head.agreement_id == "agreement-three", "nothing was said of paying yet"
    other.good_run()
    visit(other, case_id)
    ready.later(60)
    finalise(ready, case_id, agreement(ready, case_id, "agreement-four", 200_00))
    other.good_run()
    ready.good_run()
    mine, theirs = told(ready)["履行登记"]
    assert (mine.endswith(" 记的回访"), theirs) == (True, "回访时说都履行了")
    assert ready.shadow(case_id).head.agreement_id == "agreement-three"
    view = first_view(ready)
    assert view.mine_possible, "who has seen it may go on"
    assert view.theirs.author == other.desk.person.name
    Resolving(ready.desk).resolve(view.conflict_id, "mine", seen=view.stamp)
    ready.good_run()
    assert ready.shadow(case_id).head.agreement_id == "agreement-four"
    sign_all(ready, case_id, "agreement-four")
    tasks = {task.kind for task in Cases(ready.desk).open(case_id).plan.tasks}
    assert "performance" in tasks, "what was said was said of the version before"


def test_a_case_is_not_closed_over_what_was_not_performed(ready: Office, other: Office, case_id: str) -> None:
    perform(other, case_id, "defaulted")
    Closing(ready.desk).close(case_id, ClosingEntry("in_person"))
    other.good_run()
    ready.good_run()
    view = first_view(ready)
    differ = {
        "案件状态": ("已结案", "已达成协议"),
        "履行登记": (not_here(view, "结案"), "第 1 期没有履行"),
    }
    assert told(ready) == differ
    assert dict(view.act.mine)["化解方式"] == "当面调解", "read whole behind 看全文"
    assert ready.shadow(case_id).head.state == "agreed"
    assert (view.what, view.mine_possible) == ("结案信息", True)
    Resolving(ready.desk).resolve(view.conflict_id, "theirs", seen=view.stamp)
    (kept,) = Resolving(ready.desk).settled_in(case_id)
    assert spoken(kept) == differ, "the course tells no signature as missing that stood here all along"


@pytest.mark.parametrize("step", ["再谈一次", "第 1 版"])
def test_what_is_performed_under_a_text_set_aside_is_refused_in_words(
    ready: Office, other: Office, case_id: str, step: str
) -> None:
    perform(ready, case_id)
    if step == "再谈一次":
        Closing(other.desk).resume(case_id)
    else:
        finalise(other, case_id, agreement(other, case_id, "agreement-three", 300_00))
    other.good_run()
    ready.good_run()
    (row,) = SyncCentre(ready.desk).rows("needs_you")
    assert "这次履行登记在第 1 版协议上" in row.why
    assert "到案件里记一笔" in row.why
    assert ("调解中" in row.why) is (step == "再谈一次")
    with pytest.raises(StateError, match="履行没有登记"):
        perform(ready, case_id)


def test_what_a_restored_platform_forgot_was_performed_comes_back_first(
    ready: Office, other: Office, case_id: str
) -> None:
    ready.sandbox.control("backup")
    perform(other, case_id)
    other.good_run()
    ready.good_run()
    Closing(ready.desk).resume(case_id)
    ready.good_run()
    ready.sandbox.control("restore")
    ready.good_run()
    assert ready.shadow(case_id).head.state == "agreed", "it rests on what the platform has not back yet"
    other.good_run()
    ready.later(400)
    ready.good_run()
    other.good_run()
    for office in (ready, other):
        assert office.shadow(case_id).head.state == "mediating"
        assert (Resolving(office.desk).open_ids(), SyncCentre(office.desk).counts().needs_you) == ((), 0)

"""The next session and 暂停计时, each written on two computers: nobody's is written over unseen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.clock import shanghai
from app.domain import casefile as cf
from app.domain.entries import CHOSEN
from app.domain.errors import StateError
from app.services import casework
from app.services.cases import Cases
from app.services.closing import Closing, FailureEntry
from app.services.deciding import Deciding
from app.services.desk import UNDO_WINDOW
from app.services.handling import Handling
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office
from tests.helpers.decisions import agreement, finalise, meet, sign_all
from ui.labels import month_day
from ui.pages.case_marks import NOT_HOLDING
from ui.pages.case_timeline import course


@pytest.fixture
def case_id(ready: Office, other: Office) -> str:
    """A case that is being mediated, the same on both computers."""
    case_id = next(
        one for one in ready.case_ids("accepted", "mediating") if not ready.file(one).head.suspensions
    )
    for office in (ready, other):
        office.good_run()
    return case_id


def asked(office: Office) -> dict[str, str]:
    """What the person is asked, by name, with the id of the conflict."""
    resolving = Resolving(office.desk)
    return {resolving.conflict(one).what: one for one in resolving.open_ids()}


def meeting(office: Office, case_id: str) -> tuple[dt.datetime | None, str]:
    """The next session, hour and room, as a computer shows it."""
    head = office.file(case_id).head
    return head.next_session_at, head.next_session_place


def choices(office: Office, case_id: str) -> list[str]:
    """What the platform told of choices made on another computer."""
    found = [record.body for record in office.file(case_id).records.values()]
    return [body.text for body in found if isinstance(body, cf.Notice) and body.code == CHOSEN]


def arrive(*offices: Office) -> None:
    """Each has all that the others wrote, the first one's first."""
    for office in (*offices, *offices):
        office.run()
        office.later(60)


@pytest.mark.parametrize("planned", [True, False])
def test_a_session_never_writes_over_a_colleagues_appointment(
    ready: Office, other: Office, case_id: str, *, planned: bool
) -> None:
    days = dt.timedelta(days=3)
    mine, theirs = ready.clock.now() + 2 * days, other.clock.now() + days
    if not planned:
        Handling(ready.desk).plan_session(case_id, ready.clock.now() + 3 * days, "第一调解室")
        arrive(ready, other)
    meet(ready, case_id, mine if planned else None, "第二调解室" if planned else "")
    Handling(other.desk).plan_session(case_id, theirs, "社区服务中心。")
    arrive(other, ready)
    assert set(asked(ready)) == {"下次调解"}
    assert ready.shadow(case_id).head.next_session_place == "社区服务中心。"
    held = [r for r in other.file(case_id).records.values() if isinstance(r.body, cf.Session)]
    assert any(one.body.segments[0].text == "再谈。" for one in held), "the session itself is there"
    for one in asked(ready).values():
        Resolving(ready.desk).resolve(one, "theirs")
    arrive(ready, other)
    for office in (ready, other):
        assert (office.file(case_id).head.next_session_at, SyncCentre(office.desk).counts().needs_you) == (
            theirs, 0,
        )  # fmt: skip
    local = shanghai(theirs)
    assert choices(other, case_id) == [
        f"周敏芳选定：下次调解，用平台上原有的：{local.month}月{local.day}日 {local:%H:%M}，社区服务中心。"
    ]
    assert ready.everything() == other.everything()


@pytest.mark.parametrize("moved", ["hour", "room"])
def test_hour_and_room_of_an_appointment_go_together(
    ready: Office, other: Office, case_id: str, moved: str
) -> None:
    """Cancelled here, moved there: neither is left without the other."""
    days = dt.timedelta(days=3)
    first = ready.clock.now() + days
    Handling(ready.desk).plan_session(case_id, first, "第一调解室")
    arrive(ready, other)
    theirs = (first + days, "第一调解室") if moved == "hour" else (first, "社区服务中心")
    Handling(ready.desk).plan_session(case_id, None, "")
    Handling(other.desk).plan_session(case_id, *theirs)
    arrive(other, ready)
    assert set(asked(ready)) == {"下次调解"}
    for office in (ready, other):
        head = office.shadow(case_id).head
        assert (head.next_session_at, head.next_session_place) == theirs
    for one in asked(ready).values():
        view = Resolving(ready.desk).conflict(one)
        assert (view.mine.text, view.theirs.text.endswith(f"，{theirs[1]}")) == ("不约了", True)
        assert not view.decision, "it can be changed back"
        Resolving(ready.desk).resolve(one, "mine")
    ready.later(60)
    arrive(ready, other)
    for office in (ready, other):
        head = office.file(case_id).head
        assert (head.next_session_at, head.next_session_place) == (None, "")
    (settled,) = Resolving(ready.desk).settled_in(case_id)
    assert settled.now == settled.mine.text, "nobody has changed it since"
    assert choices(other, case_id) == ["周敏芳选定：下次调解，用周敏芳写的：不约了。"]
    assert ready.everything() == other.everything()


def two_meetings(ready: Office, other: Office, case_id: str, *, one_room: bool = False) -> str:
    """An appointment that both have moved; ``ready`` is asked about it, once. The conflict's id."""
    day = dt.timedelta(days=1)
    now = ready.clock.now()
    Handling(ready.desk).plan_session(case_id, now + 2 * day, "第一调解室")
    arrive(ready, other)
    mine, theirs = ("第一调解室",) * 2 if one_room else ("第二调解室", "社区服务中心")
    Handling(ready.desk).plan_session(case_id, now + 3 * day, mine)
    Handling(other.desk).plan_session(case_id, now + 4 * day, theirs)
    arrive(other, ready)
    (conflict_id,) = asked(ready).values()
    assert SyncCentre(ready.desk).counts().needs_you == 1
    return conflict_id


@pytest.mark.parametrize("one_room", [False, True])
def test_a_chosen_appointment_never_joins_one_that_was_moved_again(
    ready: Office, other: Office, case_id: str, *, one_room: bool
) -> None:
    """The hour is moved once more before the choice arrives: neither hour nor room of the choice is taken."""
    conflict_id = two_meetings(ready, other, case_id, one_room=one_room)
    resolving = Resolving(ready.desk)
    view = resolving.conflict(conflict_id)
    room = "第一调解室" if one_room else "第二调解室"
    assert view.mine.text.endswith(f"，{room}")
    assert (view.editable, view.mine_possible) == (False, True)
    with pytest.raises(StateError, match="一起"):
        resolving.resolve(conflict_id, "edited", "第三调解室")
    resolving.resolve(conflict_id, "mine")
    again = (other.clock.now() + dt.timedelta(days=6), meeting(other, case_id)[1])
    Handling(other.desk).plan_session(case_id, *again)
    other.run()
    ready.later(60)
    arrive(ready, other)
    assert (meeting(other, case_id), ready.shadow(case_id).head.next_session_at) == (again, again[0])
    (conflict_id,) = asked(ready).values()
    view = resolving.conflict(conflict_id)
    assert (view.what, view.theirs.author) == ("下次调解", other.desk.person.name)
    mine = view.mine.text
    resolving.resolve(conflict_id, "mine")
    *_, settled = resolving.settled_in(case_id)
    assert settled.chosen is not None
    assert (settled.chosen.text, settled.now, settled.may_take) == (mine, mine, ("theirs",))
    ready.later(60)
    arrive(ready, other)
    assert meeting(other, case_id) == meeting(ready, case_id) != again
    assert meeting(ready, case_id)[1] == room
    assert not asked(ready)
    assert ready.everything() == other.everything()


def test_an_appointment_moved_twice_is_one_question_until_both_halves_are_the_same(
    ready: Office, other: Office, case_id: str
) -> None:
    """Moved twice here the last one is asked about; a colleague coming round in one half settles nothing."""
    day, now, resolving = dt.timedelta(days=1), ready.clock.now(), Resolving(ready.desk)
    Handling(ready.desk).plan_session(case_id, None, "")
    arrive(ready, other)
    for days in (3, 5):
        Handling(ready.desk).plan_session(case_id, now + days * day, "第二调解室")
    Handling(other.desk).plan_session(case_id, now + 4 * day, "社区服务中心")
    arrive(other, ready)
    (conflict_id,) = asked(ready).values()
    view, (earlier,) = resolving.conflict(conflict_id), resolving.settled_in(case_id)
    assert (view.base.text, earlier.choice) == ("（空着）", "edited")
    assert earlier.chosen is not None
    assert earlier.chosen.text == view.mine.text
    Handling(other.desk).plan_session(case_id, now + 5 * day, "社区服务中心")
    arrive(other, ready)
    assert asked(ready) == {"下次调解": conflict_id}
    view = resolving.conflict(conflict_id)
    assert view.theirs.text == view.mine.text.replace("第二调解室", "社区服务中心")
    Handling(other.desk).plan_session(case_id, now + 5 * day, "第二调解室")
    arrive(other, ready)
    assert not asked(ready)
    assert [one.same for one in resolving.settled_in(case_id)] == [False, True]
    assert ready.everything() == other.everything()


def test_an_undone_choice_asks_about_the_appointment_again(
    ready: Office, other: Office, case_id: str
) -> None:
    conflict_id = two_meetings(ready, other, case_id)
    slow = replace(ready.desk, undo_window=UNDO_WINDOW)
    written = Resolving(slow).resolve(conflict_id, "theirs")
    assert (asked(ready), len(Resolving(ready.desk).settled_in(case_id))) == ({}, 1)
    casework.undo(slow, str(written.undo_id))
    assert asked(ready) == {"下次调解": conflict_id}
    assert SyncCentre(ready.desk).counts().needs_you == 1


def test_an_appointment_changed_back_never_joins_one_that_was_moved(
    ready: Office, other: Office, case_id: str
) -> None:
    """换回来 brings hour and room: on another hour by now it is asked about, and not the room put to it."""
    resolving = Resolving(ready.desk)
    resolving.resolve(two_meetings(ready, other, case_id), "theirs")
    ready.later(60)
    arrive(ready, other)
    again = (other.clock.now() + dt.timedelta(days=6), "社区服务中心")
    Handling(other.desk).plan_session(case_id, *again)
    (settled,) = resolving.settled_in(case_id)
    resolving.take_other(settled.conflict_id, "mine")
    other.run()
    ready.later(60)
    arrive(ready, other)
    assert meeting(other, case_id) == again
    (conflict_id,) = asked(ready).values()
    resolving.resolve(conflict_id, "mine")
    ready.later(60)
    arrive(ready, other)
    assert meeting(other, case_id)[1] == meeting(ready, case_id)[1] == "第二调解室"
    assert ready.everything() == other.everything()


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_two_last_days_of_one_suspension_are_asked_about(
    ready: Office, other: Office, case_id: str, choice: str
) -> None:
    """The statutory end of mediation follows from it."""
    first = ready.desk.today()
    Handling(ready.desk).suspend(case_id, "送鉴定", first)
    arrive(ready, other)
    mine, theirs = first + dt.timedelta(days=5), first + dt.timedelta(days=15)
    Handling(ready.desk).resume_clock(case_id, mine)
    Handling(other.desk).resume_clock(case_id, theirs)
    arrive(other, ready)
    (conflict_id,) = asked(ready).values()
    view = Resolving(ready.desk).conflict(conflict_id)
    assert view.what == "暂停计时"
    assert view.mine.text != view.theirs.text
    assert view.mine_possible
    assert not view.editable
    Resolving(ready.desk).resolve(conflict_id, choice)  # type: ignore[arg-type]
    ready.later(60)
    arrive(ready, other)
    for office in (ready, other):
        (span,) = office.file(case_id).head.suspensions
        assert span.last_day == (mine if choice == "mine" else theirs)
    words = f"周敏芳写的：{mine.month}月{mine.day}日" if choice == "mine" else "平台上原有的"
    assert choices(other, case_id) == [f"周敏芳选定：恢复计时，用{words}。"]
    for office in (ready, other):
        ends = [
            e for e in course(Cases(office.desk).open(case_id), office.desk).entries if "恢复计时" in e.rest
        ]
        holding = [e.detail for e in ends if NOT_HOLDING not in e.rest]
        assert len(holding) == 1
        assert month_day(mine if choice == "mine" else theirs) in holding[0]
        assert len(ends) == 2 or choice == "theirs"
        assert SyncCentre(office.desk).counts().needs_you == 0
    assert ready.everything() == other.everything()


def test_the_same_last_day_twice_is_no_question(ready: Office, other: Office, case_id: str) -> None:
    first = ready.desk.today()
    Handling(ready.desk).suspend(case_id, "送鉴定", first)
    arrive(ready, other)
    for office in (other, ready):
        Handling(office.desk).resume_clock(case_id, first)
    arrive(other, ready, other)
    assert not asked(ready)
    assert ready.everything() == other.everything()


def test_two_suspensions_never_run_at_once(ready: Office, other: Office, case_id: str) -> None:
    first = ready.desk.today()
    Handling(ready.desk).suspend(case_id, "送鉴定", first)
    Handling(other.desk).suspend(case_id, "双方约定", first)
    arrive(other, ready)
    (conflict_id,) = asked(ready).values()
    view = Resolving(ready.desk).conflict(conflict_id)
    assert not view.mine_possible
    assert view.why_not_mine.startswith("平台上这件案件已经在暂停计时")
    assert (view.act, view.decision) == (None, True)
    assert "看全文" not in view.why_not_mine, "all of it is read on the card"
    Resolving(ready.desk).resolve(conflict_id, "theirs")
    ready.later(60)
    arrive(ready, other)
    for office in (ready, other):
        (span,) = office.file(case_id).head.suspensions
        assert (span.reason, span.last_day) == ("双方约定", None)
        assert SyncCentre(office.desk).counts().needs_you == 0
    assert ready.everything() == other.everything()


def test_a_session_appointed_on_a_case_that_a_colleague_ended_is_refused_in_words(
    ready: Office, other: Office, case_id: str
) -> None:
    """Nobody waits at an hour that stands on no case: who appointed it is told, and tells the parties."""
    at = ready.clock.now() + dt.timedelta(days=3)
    Handling(ready.desk).plan_session(case_id, at, "第一调解室")
    Closing(other.desk).conclude(case_id, FailureEntry("failed", "双方分歧太大", remedies=("可以起诉。",)))
    arrive(other, ready)
    (row,) = SyncCentre(ready.desk).rows("needs_you")
    assert "案件现在是“调解不成”，下次调解没有约上" in row.why
    assert "告诉他们" in row.why
    for office in (ready, other):
        assert office.shadow(case_id).head.next_session_at != at
    with pytest.raises(StateError, match="没有约上"):
        Handling(ready.desk).plan_session(case_id, at + dt.timedelta(days=1), "第一调解室")


def told_of(office: Office, case_id: str) -> list[str]:
    """What stands among the things to do because it came after the decision."""
    return [task.verb for task in Cases(office.desk).open(case_id).plan.tasks if task.kind == "unheard"]


def test_parties_may_meet_to_sign_and_both_are_told_that_it_is_still_appointed(
    ready: Office, other: Office, case_id: str
) -> None:
    """The text is fixed by somebody who has not seen the appointment: it goes, and nothing stands unsaid."""
    at = ready.clock.now() + dt.timedelta(days=3)
    Handling(ready.desk).plan_session(case_id, at, "一室")
    finalise(other, case_id, agreement(other, case_id, "agreement-two", 500_00))
    arrive(ready, other)
    for office in (ready, other):
        assert office.shadow(case_id).head.state == "agreed"
        assert meeting(office, case_id) == (at, "一室")
        assert told_of(office, case_id) == ["核对约好的见面"]
        (ahead,) = (
            one for one in course(Cases(office.desk).open(case_id), office.desk).entries if one.future
        )
        assert (ahead.title, ahead.detail) == ("约好的见面", "一室。")
    Handling(other.desk).plan_session(case_id, None, "")
    arrive(other, ready)
    for office in (ready, other):
        assert (meeting(office, case_id), told_of(office, case_id)) == ((None, ""), [])
        assert (asked(office), SyncCentre(office.desk).counts().needs_you) == ({}, 0)


@pytest.mark.parametrize("known", [False, True])
def test_a_return_over_an_appointment_is_asked_about_and_the_parties_are_told(
    ready: Office, other: Office, known: bool
) -> None:
    """``known``: another appointment was known to both, and is moved."""
    case_id = ready.case_ids("received")[0]
    at = ready.clock.now() + dt.timedelta(days=3)
    if known:
        Handling(other.desk).plan_session(case_id, at - dt.timedelta(days=1), "二室")
        arrive(other, ready)
    Handling(other.desk).plan_session(case_id, at, "一室")
    Deciding(ready.desk).hand_back(case_id, "不属于本会")
    arrive(other, ready)
    assert ready.shadow(case_id).head.state == "received"
    ((what, conflict_id),) = asked(ready).items()
    view = Resolving(ready.desk).conflict(conflict_id)
    differences = {one.name: (one.mine, one.theirs) for one in view.act.differences}
    mine, theirs = differences["下次调解"]
    assert (what, theirs.endswith("，一室")) == ("退回办件", True)
    assert mine.startswith("您退回办件时还没有收到何静")
    assert ("改约的下次调解，看到的是" in mine, mine.endswith("，二室")) == (known, known), mine
    Resolving(ready.desk).resolve(conflict_id, "mine", seen=view.stamp)
    arrive(ready, other)
    for office in (ready, other):
        assert office.shadow(case_id).head.state == "handed_back"
        assert told_of(office, case_id) == ["通知当事人不用来了"]
    with pytest.raises(StateError, match="已退回"):
        Handling(other.desk).rename(case_id, "另一个简称")
    Handling(other.desk).plan_session(case_id, None, "")
    arrive(other, ready)
    for office in (ready, other):
        assert (meeting(office, case_id), told_of(office, case_id)) == ((None, ""), [])
        assert SyncCentre(office.desk).counts().needs_you == 0


@pytest.mark.parametrize("again", [False, True])
def test_a_text_fixed_over_a_stopped_clock_is_asked_about(
    ready: Office, other: Office, case_id: str, again: bool
) -> None:
    """``again``: the parties talk once more, over an agreement that they had signed. It holds no more."""
    if again:
        finalise(ready, case_id, agreement(ready, case_id, "agreement-one", 300_00))
        sign_all(ready, case_id, "agreement-one")
        arrive(ready, other)
        Closing(ready.desk).resume(case_id)
        ready.later(60)
        arrive(ready, other)
    Handling(other.desk).suspend(case_id, "送鉴定", other.desk.today())
    finalise(ready, case_id, agreement(ready, case_id, "agreement-two", 500_00))
    arrive(other, ready)
    assert ready.shadow(case_id).head.state in ("accepted", "mediating")
    (conflict_id,) = asked(ready).values()
    view = Resolving(ready.desk).conflict(conflict_id)
    assert (view.mine_possible, view.why_not_mine) == (True, "")
    assert {one.name for one in view.act.differences} == {"案件状态", "暂停计时"}
    ((mine, theirs),) = ((one.mine, one.theirs) for one in view.act.differences if one.name == "暂停计时")
    assert (mine.startswith("您定稿时还没有收到何静"), "送鉴定" in theirs) == (True, True)
    assert Resolving(ready.desk).disputed_in(case_id).legal, (
        "nothing is lodged on it until somebody has chosen"
    )
    Resolving(ready.desk).resolve(conflict_id, "mine", seen=view.stamp)
    arrive(ready, other)
    for office in (ready, other):
        assert office.shadow(case_id).head.state == "agreed"
        assert SyncCentre(office.desk).counts().needs_you == 0


@pytest.mark.parametrize("known", [True, False])
def test_no_appointment_is_chosen_in_a_case_that_a_colleague_ended(
    ready: Office, other: Office, case_id: str, known: bool
) -> None:
    conflict_id = two_meetings(ready, other, case_id)
    stands = meeting(other, case_id)
    Closing(other.desk).conclude(case_id, FailureEntry("failed", "双方分歧太大", remedies=("可以起诉。",)))
    other.run()
    resolving = Resolving(ready.desk)
    if known:
        ready.run()
        with pytest.raises(StateError, match="案件现在是“调解不成”，下次调解约不上了"):
            resolving.resolve(conflict_id, "mine")
        resolving.resolve(conflict_id, "theirs")
    else:
        resolving.resolve(conflict_id, "mine")
    ready.later(60)
    arrive(ready, other)
    for office in (ready, other):
        head = office.shadow(case_id).head
        assert (head.state, head.next_session_at, head.next_session_place) == ("failed", *stands)
        assert told_of(office, case_id) == ["通知当事人不用来了"]
    if not known:
        (row,) = SyncCentre(ready.desk).rows("needs_you")
        assert "案件现在是“调解不成”" in row.why

"""HUMAN: two people at one case, a case that goes while somebody works on it, a hand that shakes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import FieldErrors, StateError, UserError
from app.services.agreement_list import AgreementList
from app.services.filing import Choices
from app.services.sync_rows import SyncRow
from app.services.sync_words import GONE
from app.storage.tables import conflicts, filings
from sync.sandbox.disputes import legal_open
from tests.faults.window import page_of, window_at
from tests.harness.acts import ADDRESSES, PHONES, cases_here, parties
from tests.harness.lodgements import pack
from tests.harness.play import Play
from tests.harness.steps import Act, Elsewhere, Everybody, Exchange, Pass
from tests.harness.world import Computer
from tests.helpers.filings import confirming
from tests.helpers.pages import Bench
from ui.dialogs.confirm import ConfirmDialog
from ui.pages.case_timeline import CHOSEN, course
from ui.pages.confirmation import ConfirmationPage
from ui.theme.look import Look

ZHOU, HE = 0, 1
UNDECIDED = "被申请人姓名或名称两边写法不同，先选一个再提交"
"""周敏芳 and 何静, each at her computer."""


def first_case(pc: Computer) -> str:
    """The case that which=0 means."""
    return cases_here(pc)[0]


def respondent(pc: Computer) -> cf.Party:
    """The respondent of that case as the computer has it."""
    return parties(pc, first_case(pc))[1]


def notes(pc: Computer) -> list[str]:
    """Texts of that case's notes."""
    records = pc.office.cases.open(first_case(pc)).file.records.values()
    return [r.body.text for r in records if isinstance(r.body, cf.Note)]


def needs_you(pc: Computer) -> dict[str, SyncRow]:
    """要您看 in the sync centre, by what stands there."""
    return {row.what: row for row in pc.office.sync_centre.rows("needs_you")}


def delivered(pc: Computer) -> set[str]:
    """已送达 today, in the words of the sync centre."""
    rows = pc.office.sync_centre.rows("delivered")
    assert all("平台回执" in row.why or "平台已核对" in row.why for row in rows)
    return {row.what for row in rows}


def choices_told(pc: Computer) -> list[str]:
    """What 经过 of that case says of choices."""
    office, case_id = pc.office, first_case(pc)
    resolving = office.resolving
    told = course(
        office.cases.open(case_id), office.desk, resolving.settled_in(case_id), resolving.made_here(case_id)
    )
    return [one.detail for one in told.entries if one.title == CHOSEN]


def calm(play: Play, rounds: int = 2) -> None:
    """Everybody has everybody's."""
    play.take(Pass(11))
    for _ in range(rounds):
        play.take(Everybody())


def write_one_field(play: Play) -> None:
    """Both write the respondent's address; 何静's gets there first."""
    play.take(Act(ZHOU, "address", value=0))
    play.take(Act(HE, "address", value=1))
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))


@pytest.mark.fault("HUMAN.same_field")
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_two_people_write_one_field(play: Play, choice: str) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    write_one_field(play)
    (row,) = zhou.office.sync_centre.rows("needs_you")
    assert (row.what, row.why, row.action) == ("被申请人送达地址", "您和何静都改过", "去选")
    assert zhou.office.sync_centre.headline().startswith("有 1 件事要您看一下。所有内容都在本机，没有丢失。")
    resolving = zhou.office.resolving
    (conflict_id,) = resolving.open_ids()
    hidden, shown = resolving.conflict(conflict_id), resolving.conflict(conflict_id, reveal_reason="verify")
    assert (hidden.masked, ADDRESSES[0] in hidden.mine.text) == (True, False)
    assert (shown.mine.text, shown.theirs.text) == (ADDRESSES[0], ADDRESSES[1])
    assert (shown.mine.author, shown.theirs.author) == ("周敏芳", "何静")
    resolving.resolve(conflict_id, choice)  # type: ignore[arg-type]
    assert not zhou.office.sync_centre.rows("needs_you")
    calm(play)
    wanted = ADDRESSES[0 if choice == "mine" else 1]
    assert [respondent(pc).service_address for pc in (zhou, he)] == [wanted, wanted]
    words = "周敏芳写的" if choice == "mine" else "平台上原有的"
    assert choices_told(he) == [f"周敏芳选定：被申请人送达地址，用{words}。内容看“当事人”。"]
    (own,) = choices_told(zhou)
    assert own.startswith("周敏芳选了"), "with both values, and once"
    play.rest()
    (kept,) = zhou.read(select(conflicts))
    assert (ADDRESSES[0] in kept.mine, ADDRESSES[1] in kept.theirs) == (True, True), "both for good"


@pytest.mark.fault("HUMAN.same_field")
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_colleague_writes_on_while_the_choice_is_open(play: Play, choice: str) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    write_one_field(play)
    play.take(Act(HE, "address", value=2))
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))
    resolving = zhou.office.resolving
    (conflict_id,) = resolving.open_ids()
    shown = resolving.conflict(conflict_id, reveal_reason="verify")
    assert (shown.mine.text, shown.theirs.text) == (ADDRESSES[0], ADDRESSES[2]), "what stands there by now"
    assert shown.theirs.author == he.office.desk.person.name
    assert shown.theirs.at > shown.mine.at, "when the newer one came, not the one before"
    resolving.resolve(conflict_id, choice)  # type: ignore[arg-type]
    calm(play)
    assert not resolving.open_ids(), "it is asked once"
    wanted = ADDRESSES[0 if choice == "mine" else 2]
    assert [respondent(pc).service_address for pc in (zhou, he)] == [wanted, wanted]
    play.rest()


@pytest.mark.fault("HUMAN.same_field")
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_value_written_over_before_anybody_chose_is_asked_about_once(play: Play, choice: str) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    (first, theirs, last) = (respondent(zhou).name + one for one in ("甲", "乙", "丙"))
    case_id, party_id = first_case(zhou), respondent(zhou).party_id
    began = respondent(zhou).name
    for name in (first, last):
        zhou.office.parties.edit(case_id, party_id, {"name": name})
        play.take(Pass(11))
    he.office.parties.edit(case_id, party_id, {"name": theirs})
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))
    resolving = zhou.office.resolving
    (conflict_id,) = resolving.open_ids()
    shown = resolving.conflict(conflict_id, reveal_reason="verify")
    assert (shown.base.text, shown.mine.text, shown.theirs.text) == (began, last, theirs)
    (over,) = resolving.settled_in(case_id)
    assert (over.choice, over.chosen.author) == ("edited", "周敏芳")
    resolving.resolve(conflict_id, choice)  # type: ignore[arg-type]
    calm(play)
    assert not resolving.open_ids()
    wanted = last if choice == "mine" else theirs
    assert [respondent(pc).name for pc in (zhou, he)] == [wanted, wanted]
    (told,) = choices_told(he)
    assert told.startswith("周敏芳选定：被申请人姓名或名称，用"), "one choice, told once"
    assert wanted not in told
    with play.world.platform.store.read() as conn:
        held_up = legal_open(SimpleNamespace(conn=conn), case_id)  # type: ignore[arg-type]
    assert not held_up, "at the platform both are settled, and lodging is free"
    play.rest()


@pytest.mark.fault("HUMAN.diff_field")
def test_two_people_write_two_fields_of_one_person(play: Play) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    play.take(Act(ZHOU, "address", value=1))
    play.take(Act(HE, "phone", value=2))
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))
    assert (delivered(zhou), delivered(he)) == ({"被申请人送达地址"}, {"被申请人电话"})
    assert needs_you(zhou) == needs_you(he) == {}, "nobody is asked about what does not touch"
    calm(play)
    for pc in (zhou, he):
        assert (respondent(pc).service_address, respondent(pc).phone) == (ADDRESSES[1], PHONES[2])
    play.rest()


@pytest.mark.fault("HUMAN.edit_vs_tombstone")
def test_the_platform_takes_back_a_case_that_is_being_edited(play: Play) -> None:
    zhou = play.world.computers[ZHOU]
    case_id, centre = first_case(zhou), zhou.office.sync_centre
    play.take(Act(ZHOU, "address", value=1))
    play.take(Act(ZHOU, "note"))
    play.take(Pass(11))
    play.take(Elsewhere("withdraw"))
    play.take(Exchange(ZHOU))
    rows = needs_you(zhou)
    assert "派件有误，平台收回" in rows["被申请人送达地址"].why
    assert "本机还有没送出的内容或草稿，先都留着" in rows[GONE].why
    assert notes(zhou) == ["pc1 记：秦越桐 来过，第 0 次。"], "what was written still stands"
    play.take(Pass(320))
    play.take(Exchange(ZHOU))
    assert case_id in cases_here(zhou), "it waits for as long as the person likes"
    for row in (rows["被申请人送达地址"], rows["记事 1 条"]):
        centre.put_aside(row.row_id)
    play.take(Exchange(ZHOU))
    assert case_id not in cases_here(zhou)
    assert (needs_you(zhou), [r.what for r in centre.rows("received")][:1]) == ({}, [GONE])
    play.rest()


@pytest.mark.fault("HUMAN.edit_vs_reassign")
def test_the_platform_gives_the_case_to_a_colleague_meanwhile(play: Play) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    for name in ("note", "rename", "contact"):
        play.take(Act(ZHOU, name))
    play.take(Pass(11))
    play.take(Elsewhere("reassign", value=1))
    play.take(Exchange(ZHOU))
    assert needs_you(zhou) == {}
    assert delivered(zhou) == {"记事 1 条", "案件简称", "联系记录 1 条"}
    play.take(Exchange(HE))
    for pc in (zhou, he):
        file = pc.office.cases.open(first_case(pc)).file
        notices = [r.body.text for r in file.records.values() if isinstance(r.body, cf.Notice)]
        assert "平台改派：承办人改为何静" in notices, "the case's own course says whose it is now"
        assert pc.office.desk.name_of(file.head.mediator_id) == "何静"
        assert file.head.title == "楼上漏雨"
    play.rest()


def ready_to_lodge(play: Play) -> str:
    """A signed agreement with its pack complete on both computers."""
    zhou = play.world.computers[ZHOU]
    play.take(Act(ZHOU, "agree"))
    case_id = first_case(zhou)
    pack(zhou, case_id)
    calm(play)
    for pc in play.world.computers[:2]:
        filing = pc.office.filing
        filing.choose(case_id, Choices(court_code=filing.prepare(case_id).courts[0].court.code))
    return case_id


@pytest.mark.fault("HUMAN.both_lodge")
def test_both_offices_hand_in_one_agreement(play: Play) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    case_id = ready_to_lodge(play)
    mine = zhou.office.filing.lodge(case_id).value
    theirs = he.office.filing.lodge(case_id).value
    play.take(Pass(11))
    play.take(Exchange(ZHOU))
    play.take(Exchange(HE))
    assert {one[-1] for one in play.world.court} == {mine}
    rows = {row.row_id: row for row in he.office.sync_centre.rows("all")}
    row = rows[f"filing:{theirs}"]
    assert (row.status, row.what) == ("settled", "司法确认申请")
    assert row.why.startswith("同一份申请已由")
    assert "这一份没有再交。备的材料都在本机；" in row.why
    assert needs_you(he) == {}
    for pc in (zhou, he):
        shown = pc.office.filing.prepare(case_id).submission
        assert shown is not None
        assert (shown.submission_id, shown.state) == (mine, "lodged")
        with pytest.raises(StateError, match="已经在提交，不会重复提交"):
            pc.office.filing.lodge(case_id)
    play.rest()
    assert len({one[-1] for one in play.world.court}) == 1


def rewrite_name(pc: Computer, name: str) -> None:
    """The respondent's name, a field that a ruling stands on."""
    pc.office.parties.edit(first_case(pc), respondent(pc).party_id, {"name": name})


@pytest.mark.fault("HUMAN.lodge_with_conflict")
def test_two_names_of_one_respondent_hold_up_the_application_and_nothing_else(play: Play) -> None:
    zhou = play.world.computers[ZHOU]
    case_id = ready_to_lodge(play)
    rewrite_name(play.world.computers[HE], "秦越彤")
    rewrite_name(zhou, "秦月桐")
    play.take(Act(HE, "address", value=0))
    play.take(Act(ZHOU, "address", value=2))
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))
    assert set(needs_you(zhou)) == {"被申请人姓名或名称", "被申请人送达地址"}
    assert zhou.office.filing.prepare(case_id).blocked == (UNDECIDED,)
    with pytest.raises(FieldErrors, match=UNDECIDED):
        zhou.office.filing.lodge(case_id)
    play.take(Act(ZHOU, "note"))
    play.take(Act(ZHOU, "attach"))
    calm(play, 1)
    assert {"记事 1 条", "材料登记 1 件"} <= delivered(zhou), "other work goes on"
    resolving = zhou.office.resolving
    by_field = {resolving.conflict(one).field: one for one in resolving.open_ids()}
    resolving.resolve(by_field["name"], "theirs")
    assert zhou.office.filing.prepare(case_id).blocked == (), "the address holds nothing up"
    zhou.office.filing.lodge(case_id)
    calm(play)
    assert len(play.world.court) == 1
    play.rest()


@pytest.mark.fault("HUMAN.lodge_with_conflict")
def test_the_difference_comes_up_when_the_application_is_already_queued(play: Play) -> None:
    zhou = play.world.computers[ZHOU]
    case_id = ready_to_lodge(play)
    rewrite_name(play.world.computers[HE], "秦越彤")
    rewrite_name(zhou, "秦月桐")
    zhou.office.filing.lodge(case_id)
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))
    assert not play.world.court, "not with two names"
    (row,) = (row for row in zhou.office.sync_centre.rows("waiting") if row.kind == "filing")
    assert "有一处两边写法不同，还没有提交" in row.why
    (conflict_id,) = zhou.office.resolving.open_ids()
    zhou.office.resolving.resolve(conflict_id, "mine")
    play.take(Pass(320))
    for _ in range(2):
        play.take(Exchange(ZHOU))
    assert len(play.world.court) == 1, "it went by itself once the name was chosen"
    play.rest()


@pytest.mark.fault("HUMAN.lodge_with_conflict")
def test_the_difference_on_a_colleagues_computer_holds_it_up_too(play: Play) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    case_id = ready_to_lodge(play)
    rewrite_name(he, "秦越彤")
    rewrite_name(zhou, "秦月桐")
    play.take(Act(HE, "address", value=0))
    play.take(Act(ZHOU, "address", value=2))
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))
    play.take(Exchange(HE))
    assert not he.office.resolving.open_ids(), "his computer knows of no difference"
    assert he.office.filing.prepare(case_id).blocked == ()
    he.office.filing.lodge(case_id)
    play.take(Act(HE, "note"))
    calm(play, 1)
    assert not play.world.court, "not with two names"
    assert "记事 1 条" in delivered(he), "other work goes on"
    (row,) = (row for row in he.office.sync_centre.rows("waiting") if row.kind == "filing")
    assert "两边写法不同，还没有提交，材料都在，期限照算。请周敏芳在自己的电脑上选" in row.why
    centre = he.office.sync_centre
    assert centre.headline() == "1 份申请在等同事那边。都在本机，没有丢。"
    held = centre.standing().held
    assert held is not None
    assert row.why in held.words
    notices = {item.kind: item.count for item in he.office.today.board().attention}
    assert notices["held_filings"] == 1, "also while its last day is far"
    waits = "申请没有提交，在等周敏芳选定一处两边写法"
    task = confirming(he.office.desk, case_id)
    assert (task.verb, waits in task.reason) == ("联系同事，提交司法确认申请", True)
    lines = AgreementList(he.office.desk).overview().acting
    (line,) = (one for one in lines if one.case_id == case_id)
    assert (line.group, line.note, line.due_on) == ("stuck", waits, task.due_on)
    resolving = zhou.office.resolving
    by_field = {resolving.conflict(one).field: one for one in resolving.open_ids()}
    resolving.resolve(by_field["name"], "theirs")
    play.take(Pass(320))
    for _ in range(2):
        play.take(Exchange(ZHOU))
        play.take(Exchange(HE))
    assert len(play.world.court) == 1, "it went by itself once the name was chosen; the address holds nothing"
    resolving.resolve(by_field["service_address"], "mine")
    play.rest()


@pytest.mark.fault("HUMAN.lodge_with_conflict")
@pytest.mark.parametrize("gone", ["computer", "person"])
def test_who_is_gone_holds_up_nobody(play: Play, gone: str) -> None:
    zhou, he = play.world.computers[ZHOU], play.world.computers[HE]
    case_id = ready_to_lodge(play)
    rewrite_name(he, "秦越彤")
    rewrite_name(zhou, "秦月桐")
    play.take(Pass(11))
    play.take(Exchange(HE))
    play.take(Exchange(ZHOU))
    play.take(Exchange(HE))
    he.office.filing.lodge(case_id)
    play.take(Exchange(HE))
    assert not play.world.court
    if gone == "computer":
        play.world.platform.accounts.stop(zhou.office.desk.device_id)
    else:
        play.world.actors.staff("zhouminfang", active=False)
    play.take(Pass(320))
    play.take(Exchange(HE))
    assert len(play.world.court) == 1


@pytest.mark.fault("HUMAN.withdrawn_with_queue")
def test_a_case_is_taken_back_with_a_whole_queue_on_it(play: Play) -> None:
    zhou = play.world.computers[ZHOU]
    case_id, centre = first_case(zhou), zhou.office.sync_centre
    for name in ("note", "attach", "lodge"):
        play.take(Act(ZHOU, name))
    play.take(Act(ZHOU, "note", which=1))
    play.take(Pass(11))
    play.take(Elsewhere("withdraw"))
    play.take(Exchange(ZHOU))
    assert "记事 1 条" in delivered(zhou), "the other case's went"
    rows = centre.rows("needs_you")
    assert all(row.why for row in rows)
    assert any("派件有误，平台收回" in row.why for row in rows if row.kind == "command")
    assert [row.what for row in rows if row.status == "held"] == [GONE]
    assert case_id in cases_here(zhou)
    assert not play.world.court
    for row in rows:
        if row.kind in ("command", "filing"):
            centre.put_aside(row.row_id)
    play.rest()
    assert case_id not in cases_here(zhou)
    assert not play.world.court
    assert needs_you(zhou) == {}


@pytest.mark.fault("HUMAN.withdrawn_with_queue")
def test_an_application_is_withdrawn_while_its_files_still_wait(play: Play) -> None:
    zhou = play.world.computers[ZHOU]
    case_id = first_case(zhou)
    play.take(Act(ZHOU, "lodge"))
    play.take(Act(ZHOU, "take_back"))
    play.take(Pass(11))
    play.take(Exchange(ZHOU))
    assert not play.world.court
    assert "司法确认申请" not in {row.what for row in zhou.office.sync_centre.rows("all")}
    assert {"协议书定稿", "材料登记 1 件"} <= delivered(zhou), "agreement and files went as they were"
    zhou.office.filing.lodge(case_id)
    calm(play)
    assert len(play.world.court) == 1
    play.rest()


def shaky_click(bench: Bench, widget: QWidget) -> None:
    """Two presses at one place within a moment, as the window system reports them: a dialog that opens
    between them gets the second or keeps it from the page under it."""
    window = widget.window().windowHandle()
    place = widget.mapTo(widget.window(), widget.rect().center())
    QTest.mouseDClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    bench.idle()


def open_dialogs() -> list[ConfirmDialog]:
    """The confirmations that ask now."""
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, ConfirmDialog) and w.isVisible()]


@pytest.mark.fault("HUMAN.double_click")
def test_a_shaky_hand_hands_in_once(play: Play, qtbot: QtBot, plain_look: Look) -> None:
    zhou = play.world.computers[ZHOU]
    case_id = ready_to_lodge(play)
    with window_at(zhou, qtbot, plain_look, ConfirmationPage) as bench:
        page = page_of(bench, "confirmation", case_id=case_id)
        shaky_click(bench, page.lodge_button)
        (asked,) = open_dialogs()
        shaky_click(bench, asked.action_button)
        assert not open_dialogs()
        assert len(zhou.read(select(filings.c.submission_id))) == 1
        assert page.lodge_button.unavailable, "the button says why it cannot be pressed again"
    calm(play)
    assert len(play.world.court) == 1
    play.rest()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run these on threads that begin together; what each gave, or the refusal in words."""
    gate, came = threading.Barrier(len(acts)), []

    def one(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            came.append(act())
        except UserError as refused:
            came.append(refused)

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@pytest.mark.fault("HUMAN.double_click")
def test_one_step_asked_for_twice_in_one_moment_is_done_once(play: Play) -> None:
    """Behind the window: whatever lets two through, the second is refused in words."""
    zhou = play.world.computers[ZHOU]
    case_id, other = ready_to_lodge(play), cases_here(zhou)[1]
    office = zhou.office
    came = at_once(*[lambda: office.filing.lodge(case_id)] * 2)
    (refused,) = (one for one in came if isinstance(one, UserError))
    assert "不会重复提交" in refused.message
    office.deciding.waive_contact(other, "双方都在场。")
    came = at_once(*[lambda: office.deciding.accept(other)] * 2)
    (refused,) = (one for one in came if isinstance(one, UserError))
    assert "没有改动案件" in refused.message
    calm(play)
    assert len(play.world.court) == 1
    play.rest()

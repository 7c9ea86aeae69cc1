"""What a person presses rests on what they saw: what was fixed, signed or moved since is told first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from app.clock import SHANGHAI
from app.domain import casefile as cf
from app.domain.agreement import effectiveness_of, places_signed
from app.domain.errors import FieldErrors, StateError
from app.domain.reducer import CaseFile
from app.services.agreeing import Agreeing, Shown, SignatureEntry
from app.services.case_seen import seen_of
from app.services.cases import Cases
from app.services.closing import Closing, ClosingEntry, FailureEntry
from app.services.deciding import ContactEntry, Deciding, RefusalEntry
from app.services.desk import Desk
from app.services.drafts import Drafts
from app.services.handling import AnotherAppointmentError, AnotherTitleError, Appointment, Handling
from app.services.parties import AnotherAgentError, Parties
from tests.helpers.agreements import APPLICANT, CASE, DAY, session, sound_draft, talked_through
from tests.helpers.desks import MONDAY, Workplace, incoming

SIGNED = SignatureEntry("party", DAY, APPLICANT)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """A case talked through, whose agreement is to be written."""
    with talked_through(tmp_path) as made:
        yield made


@pytest.fixture
def mine(place: Workplace) -> Agreeing:
    """A draft is kept."""
    agreeing = Agreeing(place.desk)
    agreeing.save_draft(sound_draft(place))
    return agreeing


@pytest.fixture
def colleague(place: Workplace) -> Agreeing:
    return Agreeing(place.as_person("p-he"))


def file_of(place: Workplace) -> CaseFile:
    return Cases(place.desk).open(CASE).file


def fixed(colleague: Agreeing, place: Workplace) -> cf.Agreement:
    """The colleague's own text, fixed."""
    theirs = msgspec.structs.replace(colleague.draft(CASE), total_fen=300_000, copies=4)
    colleague.finalise(theirs, wants_confirmation=False, overrides=("双方坚持。",))
    return file_of(place).agreements[theirs.agreement_id]


def test_a_text_fixed_and_signed_since_is_not_set_aside_unseen(
    place: Workplace, mine: Agreeing, colleague: Agreeing
) -> None:
    theirs = fixed(colleague, place)
    colleague.register_signatures(CASE, (SIGNED,))
    before, kept = file_of(place), Drafts(place.desk).get("agreement", CASE)
    with pytest.raises(
        StateError, match=r"定稿了第 1 版协议，已登记 1 处签名盖章.*案件没有改动.*第31条"
    ) as refused:
        mine.finalise(mine.draft(CASE), wants_confirmation=True)
    assert refused.value.message.startswith(f"{place.desk.name_of('p-he')}11月23日")
    assert file_of(place) == before
    assert Drafts(place.desk).get("agreement", CASE) == kept
    now = mine.met(CASE, mine.seen(CASE))
    assert now is not None
    mine.finalise(mine.draft(CASE), wants_confirmation=True, seen=now.seen)
    file = file_of(place)
    held = file.agreements[file.head.agreement_id]
    assert (held.version_no, held.total_fen) == (2, 580_000)
    assert file.agreements[theirs.agreement_id].version_no == 1


def test_a_signature_registered_since_is_told(place: Workplace, colleague: Agreeing) -> None:
    mine = Agreeing(place.desk)
    mine.finalise(sound_draft(place), wants_confirmation=True)
    mine.save_draft(mine.draft(CASE))
    colleague.register_signatures(CASE, (SIGNED,))
    words = f"{place.desk.name_of('p-he')}登记了第 1 版协议的签名盖章，已登记 1 处"
    with pytest.raises(StateError, match=words):
        mine.finalise(mine.draft(CASE), wants_confirmation=True, overrides=("照样",))
    file = file_of(place)
    assert places_signed(file, file.head.agreement_id) == (f"party:{APPLICANT}",)
    mine.save_draft(mine.draft(CASE))
    assert mine.met(CASE, mine.seen(CASE)) is not None, "keeping it once more is no looking at it"


def test_what_was_performed_since_is_told(place: Workplace, colleague: Agreeing) -> None:
    mine, theirs = Agreeing(place.desk), Handling(place.as_person("p-he"))
    mine.finalise(sound_draft(place), wants_confirmation=True)
    colleague.register_signatures(CASE, (SIGNED,))
    mine.save_draft(mine.draft(CASE))
    held, seen = file_of(place).head.agreement_id, seen_of(file_of(place))
    paid = cf.Performance(agreement_id=held, payment_no=1, on=DAY, amount_fen=200_000, state="partly")
    theirs.record_performance(CASE, paid)
    who, before = place.desk.name_of("p-he"), file_of(place)
    with pytest.raises(StateError, match=f"{who}登记了第 1 版协议的履行，第 1 期部分履行 2,000 元.*第31条"):
        mine.finalise(mine.draft(CASE), wants_confirmation=True, overrides=("照样",))
    with pytest.raises(StateError, match="协议登记了履行：第 1 期部分履行 2,000 元"):
        Closing(place.desk).resume(CASE, seen)
    assert file_of(place) == before
    Closing(place.desk).resume(CASE, seen_of(before))
    with pytest.raises(StateError, match="案件现在是“调解中”，协议不在用，履行没有登记"):
        theirs.record_performance(CASE, paid)
    mine.finalise(mine.draft(CASE), wants_confirmation=True, seen=mine.met(CASE, mine.seen(CASE)).seen)
    with pytest.raises(StateError, match="协议刚换成第 2 版，履行没有登记"):
        theirs.record_performance(CASE, paid)


def test_what_was_begun_on_a_signed_text_is_its_next_version(place: Workplace, colleague: Agreeing) -> None:
    fixed(colleague, place)
    colleague.register_signatures(CASE, (SIGNED,))
    mine = Agreeing(place.desk)
    mine.save_draft(sound_draft(place))
    assert mine.met(CASE, mine.seen(CASE)) is None
    mine.finalise(mine.draft(CASE), wants_confirmation=True)
    file = file_of(place)
    assert file.agreements[file.head.agreement_id].version_no == 2


@pytest.mark.parametrize(("version", "asked"), [(1, True), (2, False)])
def test_a_draft_kept_by_an_older_program_rests_on_the_version_before_it(
    place: Workplace, colleague: Agreeing, version: int, asked: bool
) -> None:
    fixed(colleague, place)
    draft = msgspec.structs.replace(sound_draft(place), version_no=version)
    Drafts(place.desk).save("agreement", CASE, msgspec.to_builtins(draft))
    mine = Agreeing(place.desk)
    assert mine.draft(CASE) == draft
    assert (mine.met(CASE, mine.seen(CASE)) is not None) is asked


def test_a_day_registered_since_is_not_moved_unseen(place: Workplace, colleague: Agreeing) -> None:
    held = fixed(colleague, place)
    shown, mine = Shown(held.agreement_id), Agreeing(place.desk)
    colleague.register_signatures(CASE, (SIGNED,))
    place.clock.advance(dt.timedelta(days=2))
    other = SignatureEntry("party", DAY + dt.timedelta(days=1), APPLICANT)
    with pytest.raises(FieldErrors, match="何静登记的是11月23日") as refused:
        mine.register_signatures(CASE, (other, SignatureEntry("mediator", DAY)), shown)
    assert [one.field for one in refused.value.errors] == [f"party:{APPLICANT}"]
    effect = effectiveness_of(file_of(place))
    assert effect is not None
    assert [p.on for p in effect.places if p.on is not None] == [DAY], "not one of the two"
    mine.register_signatures(CASE, (SIGNED,), shown)
    mine.register_signatures(CASE, (other,), Shown(held.agreement_id, {f"party:{APPLICANT}": DAY}))
    effect = effectiveness_of(file_of(place))
    assert effect is not None
    assert effect.first_signed_on == other.on


def test_days_of_one_text_are_not_registered_on_another(place: Workplace, colleague: Agreeing) -> None:
    first = fixed(colleague, place)
    second = fixed(colleague, place)
    with pytest.raises(StateError, match=r"何静11月23日 10:42 定稿了第 2 版协议.*没有登记"):
        Agreeing(place.desk).register_signatures(CASE, (SIGNED,), Shown(first.agreement_id))
    assert places_signed(file_of(place), second.agreement_id) == ()


def test_an_appointment_made_since_is_told_before_it_is_moved(place: Workplace) -> None:
    mine, theirs = Handling(place.desk), Handling(place.as_person("p-he"))
    none, week = Appointment(), dt.timedelta(days=7)
    theirs.plan_session(CASE, MONDAY + week, "第一调解室")
    for at, where in ((MONDAY + 2 * week, "社区服务中心"), (None, "")):
        with pytest.raises(AnotherAppointmentError, match="已经改成了11月30日 10:42，第一调解室") as told:
            mine.plan_session(CASE, at, where, none)
        assert (
            Appointment.of(file_of(place).head) == Appointment(MONDAY + week, "第一调解室") == told.value.now
        )
    mine.plan_session(CASE, MONDAY + 2 * week, "社区服务中心", told.value.now)
    assert Appointment.of(file_of(place).head).at == MONDAY + 2 * week


def test_the_end_of_a_session_takes_no_appointment_away_unseen(place: Workplace) -> None:
    entry = session("not_agreed")
    at = MONDAY + dt.timedelta(days=7)
    Handling(place.as_person("p-he")).plan_session(CASE, at, "第一调解室")
    before = file_of(place)
    with pytest.raises(AnotherAppointmentError):
        Handling(place.desk).record_session(CASE, replace(entry, seen=Appointment()))
    assert file_of(place) == before
    Handling(place.desk).record_session(CASE, replace(entry, seen=Appointment.of(before.head)))
    assert Appointment.of(file_of(place).head) == Appointment()


def ended(desk: Desk, ground: str = "双方分歧大") -> None:
    Closing(desk).conclude(CASE, FailureEntry("failed", ground, remedies=("向人民法院起诉",)))


def test_mediation_that_was_ended_and_taken_up_again_is_not_ended_unseen(place: Workplace) -> None:
    mine, colleague = Closing(place.desk), place.as_person("p-he")
    seen = seen_of(file_of(place))
    ended(colleague)
    Closing(colleague).resume(CASE)
    before = file_of(place)
    assert before.head.state == seen.state
    entry = FailureEntry("failed", "一方不愿再谈", remedies=("向人民法院起诉",))
    with pytest.raises(StateError, match="别人又办过一步"):
        mine.conclude(CASE, entry, seen)
    assert file_of(place) == before
    mine.conclude(CASE, entry, seen_of(before))
    assert file_of(place).head.state == "failed"


@pytest.mark.parametrize("act", ["resume", "close"])
def test_what_follows_an_ending_rests_on_the_one_that_was_seen(place: Workplace, act: str) -> None:
    mine, colleague = Closing(place.desk), place.as_person("p-he")
    ended(place.desk)
    form = mine.form(CASE)
    Closing(colleague).resume(CASE)
    ended(colleague, "期限届满，另行告知")
    before = file_of(place)
    act_on = {
        "resume": lambda seen: mine.resume(CASE, seen),
        "close": lambda seen: mine.close(CASE, ClosingEntry(form.methods[0].code, "没有谈成"), seen),
    }[act]
    with pytest.raises(StateError, match="您填的都还在，没有改动案件"):
        act_on(form.seen)
    assert file_of(place) == before
    act_on(mine.form(CASE).seen)
    assert file_of(place).head.state == {"resume": "mediating", "close": "closed"}[act]


def test_a_dispatch_is_decided_on_as_it_was_seen(place: Workplace) -> None:
    incoming(place, "case-2")
    mine, theirs = Deciding(place.desk), Deciding(place.as_person("p-he"))
    reached = ContactEntry("case-2-respondent", "phone", "considering", MONDAY, reply_by=DAY)
    theirs.record_contact("case-2", reached)
    seen = seen_of(Cases(place.desk).open("case-2").file)
    theirs.record_contact("case-2", replace(reached, at=MONDAY + dt.timedelta(minutes=2)))
    refusal = RefusalEntry("other", "不属于受理范围", "双方都不在本街道。", ("办法",), ("向人民法院起诉",))
    before = Cases(place.desk).open("case-2").file
    for act in (
        lambda: mine.accept("case-2", seen=seen),
        lambda: mine.refuse("case-2", refusal, seen),
        lambda: mine.hand_back("case-2", "不属于本街道", seen),
    ):
        with pytest.raises(StateError, match="又登记了联系情况"):
            act()
    assert Cases(place.desk).open("case-2").file == before
    mine.hand_back("case-2", "不属于本街道", seen_of(before))
    assert Cases(place.desk).open("case-2").head.state == "handed_back"


@pytest.mark.parametrize(
    "what", ["又记了一次调解", "暂停计时改过", "约了下次调解：12月2日 10:00，一室", "下次调解取消了"]
)
def test_an_ending_is_given_on_what_was_seen_said_and_of_the_clock(place: Workplace, what: str) -> None:
    mine, theirs = Closing(place.desk), Handling(place.as_person("p-he"))
    if what == "下次调解取消了":
        theirs.plan_session(CASE, MONDAY + dt.timedelta(days=8), "一室")
    seen = seen_of(file_of(place))
    if what == "暂停计时改过":
        theirs.suspend(CASE, "送鉴定", DAY)
    elif what == "下次调解取消了":
        theirs.plan_session(CASE, None, "")
    elif "下次调解" in what:
        theirs.plan_session(CASE, dt.datetime(2026, 12, 2, 10, tzinfo=SHANGHAI), "一室")
    else:
        theirs.record_session(CASE, session("agreed"))
    entry = FailureEntry("failed", "双方分歧太大", remedies=("向人民法院起诉",))
    before = file_of(place)
    with pytest.raises(StateError, match=what):
        mine.conclude(CASE, entry, seen)
    assert file_of(place) == before
    mine.conclude(CASE, entry, seen_of(before))
    assert file_of(place).head.state == "failed"


def test_a_title_changed_since_is_told_and_not_written_over(place: Workplace) -> None:
    mine, seen = Handling(place.desk), file_of(place).head.title
    Handling(place.as_person("p-he")).rename(CASE, "阳台漏雨")
    with pytest.raises(AnotherTitleError, match=r"刚改成了“阳台漏雨”.*您写的还在") as told:
        mine.rename(CASE, "吊顶起泡", seen)
    assert (told.value.field, file_of(place).head.title) == ("title", "阳台漏雨")
    mine.rename(CASE, "吊顶起泡", told.value.now)
    assert file_of(place).head.title == "吊顶起泡"
    mine.rename(CASE, "吊顶起泡", seen)


def test_an_agent_named_since_is_told_and_not_written_over(place: Workplace) -> None:
    mine, theirs = Parties(place.desk), Parties(place.as_person("p-he"))
    lawyer = cf.Agent(name="何平", relation="律师", phone="13900001111", authority="special")
    own = cf.Agent(name="周宁", relation="女儿")

    def now() -> cf.Agent | None:
        return file_of(place).parties[APPLICANT].agent

    theirs.set_agent(CASE, APPLICANT, lawyer, None)
    for agent in (own, None):
        with pytest.raises(
            AnotherAgentError, match=r"姓名：何\*；关系：律师.*您写的还在.*再按一次.*不换，按“先不写”"
        ) as told:
            mine.set_agent(CASE, APPLICANT, agent, None)
        assert (told.value.field, told.value.now, now()) == ("agent.name", lawyer, lawyer)
        assert "13900001111" not in told.value.message
    mine.set_agent(CASE, APPLICANT, own, lawyer)
    assert now() == own
    mine.set_agent(CASE, APPLICANT, own, lawyer)
    theirs.set_agent(CASE, APPLICANT, None, own)
    with pytest.raises(AnotherAgentError, match="现在没有代理人"):
        mine.set_agent(CASE, APPLICANT, msgspec.structs.replace(own, relation="儿子"), own)
    assert now() is None


def test_the_end_of_one_suspension_does_not_end_another(place: Workplace) -> None:
    mine, theirs = Handling(place.desk), Handling(place.as_person("p-he"))
    mine.suspend(CASE, "送鉴定", DAY)
    seen = file_of(place).head.suspensions[-1].record_id
    theirs.resume_clock(CASE, DAY)
    with pytest.raises(StateError, match="没有暂停计时"):
        mine.resume_clock(CASE, DAY, seen)
    theirs.suspend(CASE, "等审计", DAY + dt.timedelta(days=1))
    before = file_of(place)
    with pytest.raises(StateError, match="现在暂停的是另一段"):
        mine.resume_clock(CASE, DAY + dt.timedelta(days=2), seen)
    assert file_of(place) == before


def test_a_contact_is_not_waived_over_a_wish_told_since(place: Workplace) -> None:
    incoming(place, "case-2")
    mine, seen = Deciding(place.desk), seen_of(Cases(place.desk).open("case-2").file)
    told = ContactEntry("case-2-respondent", "phone", "willing", MONDAY, said="愿意。")
    Deciding(place.as_person("p-he")).record_contact("case-2", told)
    with pytest.raises(StateError, match="这件案件刚有变化"):
        mine.waive_contact("case-2", "法律规定不需要征求。", seen)

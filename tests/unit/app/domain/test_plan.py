"""What has to be done for a case, on the day of the screens: Monday 23 November 2026."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from app.domain import casefile as cf
from app.domain.plan import LABELS, CasePlan, next_words, plan, planned_session, reason_today, status_label
from app.domain.reducer import CaseFile
from app.domain.rules import default_rules, from_data
from app.domain.states import case_machine
from app.domain.tasks import Task, urgency
from app.domain.workdays import default_calendar
from tests.helpers import casefiles as make

D = dt.date
TODAY = D(2026, 11, 23)
CAL = default_calendar()
RULES = default_rules()


def planned(file: CaseFile, today: D = TODAY, rules: Any = RULES) -> CasePlan:
    return plan(file, rules, CAL, today)


def kinds(result: CasePlan) -> list[str]:
    return [t.kind for t in result.tasks]


def contact(result: str, when: str, **more: Any) -> cf.Record:
    body = cf.Contact(party_id="p2", channel="phone", result=result, **more)  # type: ignore[arg-type]
    return make.record(f"r-{when}", body, when)


def agreed(*signatures: cf.Signature, **case: Any) -> CaseFile:
    records = [make.record(f"s{n}", s, "2026-11-20 16:00") for n, s in enumerate(signatures)]
    extra = case.pop("records", [])
    base = {
        "state": "agreed",
        "accepted_at": make.at("2026-10-26"),
        "agreement_id": "g1",
        "agreement_form": "written",
    }
    agreement = case.pop("agreement", make.agreement())
    submissions = case.pop("submissions", ())
    return make.case_file(
        *records, *extra, agreements=(agreement,), submissions=submissions, **{**base, **case}
    )


def all_signed(day: D, **case: Any) -> CaseFile:
    return agreed(
        make.signature("party", day, "p1"),
        make.signature("party", day, "p2"),
        make.signature("mediator", day),
        make.signature("seal", day),
        **case,
    )


def test_last_day_to_contact() -> None:
    file = make.case_file(
        contact("unreached", "2026-11-19 10:20"),
        contact("unreached", "2026-11-20 15:06"),
        state="contacting",
    )
    result = planned(file)
    (task,) = result.tasks
    assert (task.verb, task.action, task.due_on, task.hard) == ("联系被申请人", "记录联系", TODAY, True)
    assert reason_today(task, TODAY, CAL) == "11月18日收到，今天是第 3 个工作日"
    assert status_label(task, TODAY, CAL).text == "今天到期"
    assert (result.bucket, result.label) == ("todo", "contacting")
    words = next_words(result.next_kind, result.next_text, result.next_due, TODAY, CAL)
    assert (words.status, words.text) == ("dueToday", "今天联系被申请人")


REACHED = contact("considering", "2026-11-19 10:20", reply_by=D(2026, 12, 4))


def test_an_attempt_in_vain_after_the_respondent_was_reached_revives_no_duty() -> None:
    again = contact("unreached", "2026-11-26 15:06", remind_at=make.at("2026-12-02"))
    file = make.case_file(REACHED, again, state="contacting")
    result = planned(file, D(2026, 12, 1))
    (task,) = result.tasks
    assert (task.kind, task.due_on, task.waiting, result.bucket) == ("reply", D(2026, 12, 4), True, "waiting")
    assert task.since == D(2026, 11, 19)
    assert task.remind_at == make.at("2026-12-02"), "what was promised beside the attempt is kept"
    machine = case_machine()
    assert machine.target("deciding", "contact.record", {"result": "unreached"}) == "deciding"
    assert machine.target("contacting", "contact.record", {"result": "unreached"}) == "contacting"


def test_an_attempt_that_counts_leaves_nothing_that_could_be_overdue() -> None:
    rules = msgspec.structs.replace(
        RULES, contact_done_by=msgspec.structs.replace(RULES.contact_done_by, value="attempt")
    )
    tried = make.case_file(contact("unreached", "2026-11-19 10:20"), state="contacting")
    for file, how in (
        (tried, rules),
        (make.case_file(contact("willing", "2026-11-19"), state="contacting"), RULES),
    ):
        result = planned(file, D(2026, 12, 1), how)
        (task,) = result.tasks
        assert (task.kind, task.due_on, task.hard, result.bucket) == ("contact", None, False, "todo")
        assert reason_today(task, D(2026, 12, 1), CAL) == "已经联系过，还要问到愿不愿意"


def test_the_service_target_stands_apart() -> None:
    result = planned(make.case_file(), D(2026, 11, 18))
    assert {t.kind: t.hard for t in result.tasks} == {"first_contact": False, "contact": True}
    assert result.next_kind == "contact"


def test_an_institution_may_count_an_attempt_as_contact() -> None:
    rules = msgspec.structs.replace(
        RULES, contact_done_by=msgspec.structs.replace(RULES.contact_done_by, value="attempt")
    )
    file = make.case_file(contact("unreached", "2026-11-19 10:20"), state="contacting")
    assert planned(file, rules=rules).tasks[0].hard is False


def test_the_period_may_start_when_the_applicant_applied() -> None:
    rules = msgspec.structs.replace(
        RULES, contact_start=msgspec.structs.replace(RULES.contact_start, value="applied")
    )
    file = make.case_file(applied_at=make.at("2026-11-16"))
    assert planned(file, rules=rules).tasks[-1].since == D(2026, 11, 16)


def test_waiting_for_the_answer_then_asking_for_it() -> None:
    file = make.case_file(
        contact("considering", "2026-11-19 10:20", reply_by=D(2026, 11, 24)), state="contacting"
    )
    waiting = planned(file)
    assert (waiting.bucket, kinds(waiting), waiting.tasks[0].waiting) == ("waiting", ["reply"], True)
    late = planned(file, D(2026, 11, 25))
    assert (late.bucket, late.tasks[0].waiting) == ("todo", False)
    assert reason_today(late.tasks[0], D(2026, 11, 25), CAL) == "说好 11月24日答复，还没有等到"


def test_deciding_has_a_day_only_where_the_institution_set_one() -> None:
    file = make.case_file(
        contact("willing", "2026-11-18 10:20"), state="deciding", received_at=make.at("2026-11-17 15:40")
    )
    assert planned(file).tasks[0].due_on is None
    rules = msgspec.structs.replace(
        RULES, decision_days=msgspec.structs.replace(RULES.decision_days, value=5)
    )
    (task,) = planned(file, rules=rules).tasks
    assert task.due_on == D(2026, 11, 24)
    assert reason_today(task, TODAY, CAL) == "11月17日收到，机构设定 5 个工作日内决定"
    result = planned(file, rules=rules)
    words = next_words(result.next_kind, result.next_text, result.next_due, TODAY, CAL)
    assert words.text == "还剩 1 个工作日　决定受理"


def test_a_session_today_comes_first() -> None:
    file = make.case_file(
        make.record(
            "r1",
            cf.Session(
                ordinal=1,
                started_at=make.at("2026-11-05 14:30"),
                ended_at=make.at("2026-11-05 15:30"),
                place="第二调解室",
                present=(),
                segments=(),
                result="next_time",
            ),
            "2026-11-05 15:30",
        ),
        state="mediating",
        accepted_at=make.at("2026-10-26"),
        next_session_at=make.at("2026-11-23 14:00"),
        next_session_place="第二调解室",
    )
    result = planned(file)
    assert kinds(result) == ["session", "mediation_end"]
    assert result.next_due == "2026-11-23T14:00"
    words = next_words(result.next_kind, result.next_text, result.next_due, TODAY, CAL)
    assert words.text == "今天 14:00 第 2 次调解"
    assert status_label(result.tasks[0], TODAY, CAL).text == "今天 14:00"
    assert result.tasks[1].due_on == D(2026, 12, 7)
    assert result.label == "mediating"


def test_a_no_that_comes_after_the_acceptance_is_told_until_somebody_has_talked() -> None:
    """Of a colleague's computer that was off line, or said to the mediator of the case."""
    yes, no = contact("willing", "2026-11-18 10:20"), contact("unwilling", "2026-11-19 09:00")
    file = make.case_file(yes, no, state="accepted", accepted_at=make.at("2026-11-18 15:00"))
    told = next(task for task in planned(file).tasks if task.kind == "unheard")
    assert (told.verb, told.hard) == ("问清对方还愿不愿意调解", False)
    assert told.reason.startswith("11月19日记下对方不愿意")
    other = cf.Contact(party_id="p1", channel="phone", result="willing")
    by_the_applicant = make.record("r-applicant", other, "2026-11-20 09:00")
    file = make.case_file(
        yes, no, by_the_applicant, state="accepted", accepted_at=make.at("2026-11-18 15:00")
    )
    assert "unheard" in kinds(planned(file))
    hour = make.at("2026-11-20 14:00")
    session = cf.Session(
        ordinal=1, started_at=hour, ended_at=hour, place="", present=(), segments=(), result="next_time"
    )
    talked = make.record("s1", session, "2026-11-20 15:00")
    for more in (talked, contact("willing", "2026-11-20 09:00")):
        after = make.case_file(yes, no, more, state="mediating", accepted_at=make.at("2026-11-18 15:00"))
        assert "unheard" not in kinds(planned(after))


@pytest.mark.parametrize(("came_to", "told"), [("agreed", True), ("not_agreed", False)])
def test_a_session_that_came_to_an_agreement_under_a_failure_is_told(came_to: Any, told: bool) -> None:
    """A colleague's record may come after the case was ended."""
    hour = make.at("2026-11-20 14:00")
    session = cf.Session(
        ordinal=1, started_at=hour, ended_at=hour, place="", present=(), segments=(), result=came_to
    )
    ended = cf.Conclusion(outcome="failed", at=make.at("2026-11-20 16:00"), remedies_told_at=hour)
    file = make.case_file(make.record("s1", session, "2026-11-20 15:00"), state="failed", conclusion=ended)
    found = planned(file).tasks
    assert ("unheard" in kinds(planned(file)), "close" in kinds(planned(file))) == (told, True)
    if told:
        assert "11月20日的调解记录写着谈成" in found[-1].reason


def test_a_running_appraisal_pauses() -> None:
    away = cf.Suspension(record_id="r", reason="鉴定", first_day=D(2026, 11, 15))
    file = make.case_file(state="mediating", accepted_at=make.at("2026-10-26"), suspensions=(away,))
    result = planned(file)
    assert result.label == "paused"
    assert reason_today(result.tasks[0], TODAY, CAL) == "鉴定中，计时已停 9 天"
    assert (result.next_text, result.next_due) == ("鉴定中", "")
    over = cf.Suspension(record_id="r", reason="鉴定", first_day=D(2026, 11, 9), last_day=D(2026, 11, 13))
    resumed = planned(
        make.case_file(state="mediating", accepted_at=make.at("2026-10-26"), suspensions=(over,))
    )
    assert (resumed.label, resumed.tasks[0].due_on) == ("mediating", D(2026, 12, 14))


def test_labour_disputes_count_from_the_application() -> None:
    file = make.case_file(
        state="accepted",
        received_at=make.at("2026-11-16"),
        accepted_at=make.at("2026-11-17"),
        law_kind="labour",
    )
    (task,) = planned(file).tasks
    assert (task.verb, task.due_on) == ("调解 15 日届满", D(2026, 12, 1))
    assert reason_today(task, TODAY, CAL) == "劳动争议，11月16日收到申请起 15 日"


def test_one_signature_is_missing() -> None:
    day = D(2026, 11, 20)
    file = agreed(
        make.signature("party", day, "p1"), make.signature("party", day, "p2"), make.signature("seal", TODAY)
    )
    result = planned(file)
    (task,) = result.tasks
    assert (task.verb, task.due_on, result.label) == ("补调解员签名", D(2026, 11, 25), "signing")
    assert status_label(task, TODAY, CAL).text == "还剩 2 个工作日"


def test_an_effective_agreement_can_be_confirmed_and_closed() -> None:
    result = planned(all_signed(D(2026, 11, 20)))
    assert set(kinds(result)) == {"close", "confirm", "performance", "follow_up"}
    assert result.label == "performing"
    task = next(t for t in result.tasks if t.kind == "confirm")
    assert (task.due_on, task.hard, task.unit) == (D(2026, 12, 21), True, "days")


def test_the_thirtieth_day() -> None:
    result = planned(all_signed(D(2026, 10, 24), state="closed"))
    task = next(t for t in result.tasks if t.kind == "confirm")
    assert reason_today(task, TODAY, CAL) == "10月24日生效，今天第 30 天"
    assert status_label(task, TODAY, CAL).text == "今天到期"
    assert result.is_open


def test_after_the_thirty_days_confirmation_is_told_and_then_left() -> None:
    file = all_signed(D(2026, 10, 24), state="closed")
    late = next(t for t in planned(file, D(2026, 11, 26)).tasks if t.kind == "confirm")
    assert late.hard is False
    assert reason_today(late, D(2026, 11, 26), CAL).startswith("已过 30 日（11月23日）")
    assert "confirm" not in kinds(planned(file, D(2026, 12, 10)))


def submission(state: str, *events: cf.SubmissionEvent, round_no: int = 1) -> cf.Submission:
    return cf.Submission(
        submission_id=f"f{round_no}",
        case_id="c1",
        kind="judicial_confirmation",
        subject_id="g1",
        round=round_no,
        state=state,
        events=events,
    )


def test_waiting_for_the_court() -> None:
    lodged = cf.SubmissionEvent(at=make.at("2026-11-18 10:00"), state="lodged")
    result = planned(all_signed(D(2026, 11, 9), state="closed", submissions=(submission("lodged", lodged),)))
    task = next(t for t in result.tasks if t.kind == "await_court")
    assert task.waiting
    assert reason_today(task, TODAY, CAL) == "已提交法院，第 6 天"
    assert result.next_text == "等法院确认结果"
    assert "confirm" not in kinds(result)


def test_the_court_asks_for_more() -> None:
    asked = cf.SubmissionEvent(
        at=make.at("2026-11-20"), state="supplement_asked", asked=("送达地址",), answer_by=D(2026, 11, 30)
    )
    later = cf.SubmissionEvent(at=make.at("2026-11-21"), state="supplement_asked", note="法院又说明了一次")
    result = planned(
        all_signed(
            D(2026, 11, 9), state="closed", submissions=(submission("supplement_asked", asked, later),)
        )
    )
    task = next(t for t in result.tasks if t.kind == "supplement")
    assert (task.due_on, task.waiting, task.hard) == (D(2026, 11, 30), False, True)


def test_a_refused_round_may_be_followed_by_another_a_ruling_not() -> None:
    again = planned(all_signed(D(2026, 11, 9), submissions=(submission("not_accepted"),)))
    assert "confirm" in kinds(again)
    done = planned(all_signed(D(2026, 11, 9), submissions=(submission("confirmed"),)))
    assert not {"confirm", "await_court"} & set(kinds(done))


def paid(no: int, when: str, state: str = "performed", fen: int = 0) -> cf.Record:
    body = cf.Performance(
        agreement_id="g1",
        payment_no=no,
        on=D(2026, 11, 20),
        state=state,
        amount_fen=fen,  # type: ignore[arg-type]
    )
    return make.record(f"pay{no}-{when}-{fen}", body, when)


def test_instalments_one_after_another_then_follow_up_then_nothing() -> None:
    day = D(2026, 11, 20)
    first = next(t for t in planned(all_signed(day, state="closed")).tasks if t.kind == "performance")
    assert (first.verb, first.due_on) == ("看第 1 期付了没有", day)
    one = all_signed(day, state="closed", records=[paid(1, "2026-11-20 17:00")])
    second = next(t for t in planned(one).tasks if t.kind == "performance")
    assert (second.verb, second.due_on) == ("看第 2 期付了没有", D(2026, 12, 10))
    both = [
        paid(1, "2026-11-20 17:00"),
        paid(2, "2026-12-01 09:00", "partly", 180000),
        paid(2, "2026-12-09 09:00", "partly", 100000),
    ]
    result = planned(all_signed(day, state="closed", records=both), D(2026, 12, 11))
    assert kinds(result) == ["follow_up"]
    assert result.tasks[0].due_on == D(2026, 12, 17)
    assert reason_today(result.tasks[0], D(2026, 12, 11), CAL) == "履行期 12月10日已满"
    asked = make.record("fu", cf.FollowUp(performed="full", satisfaction="good"), "2026-12-14 10:00")
    done = planned(all_signed(day, state="closed", records=[*both, asked]), D(2026, 12, 14))
    assert (done.tasks, done.is_open) == ((), False)


def test_one_part_that_two_people_registered_does_not_make_a_payment_whole() -> None:
    """Each without the other's entry: nobody is told that all was paid and no confirmation needed."""
    day = D(2026, 11, 20)
    entry = paid(2, "2026-12-01 09:00", "partly", 140000)
    theirs = msgspec.structs.replace(entry, record_id="theirs", author="p-he")
    records = [paid(1, "2026-11-20 17:00"), entry, theirs]
    task = next(t for t in planned(all_signed(day, state="closed", records=records)).tasks)
    assert task.verb == "看第 2 期付了没有"
    assert "两个人都登记了同样的一笔，看是一笔还是两笔" in task.reason
    mended = [paid(1, "2026-11-20 17:00"), paid(2, "2026-11-30 09:00", fen=280000), entry]
    assert planned(all_signed(day, state="closed", records=mended)).tasks[0].verb == "看第 2 期付了没有"
    twice = [*records, msgspec.structs.replace(entry, record_id="again")]
    assert not any(t.kind == "performance" for t in planned(all_signed(day, records=twice)).tasks)


def test_failure_is_told_before_it_is_closed() -> None:
    conclusion = cf.Conclusion(outcome="failed", at=make.at("2026-11-20"), ground="分歧较大")
    untold = planned(make.case_file(state="failed", conclusion=conclusion))
    assert kinds(untold) == ["tell_remedies"]
    told = msgspec.structs.replace(conclusion, remedies_told_at=make.at("2026-11-20"))
    assert kinds(planned(make.case_file(state="failed", conclusion=told))) == ["close"]
    assert kinds(planned(make.case_file(state="withdrawn", conclusion=conclusion))) == ["close"]


@pytest.mark.parametrize("state", ["refused", "handed_back", "archived"])
def test_ended_cases_ask_for_nothing(state: str) -> None:
    result = planned(make.case_file(state=state))
    assert (result.tasks, result.is_open) == ((), False)
    assert result.bucket == ("case" if state == "archived" else "refused")


def test_own_cases_are_not_in_the_inbox_once_accepted() -> None:
    assert planned(make.case_file(state="accepted", source="walk_in")).bucket == ""
    assert planned(make.case_file(state="received", source="walk_in")).bucket == "todo"


@pytest.mark.parametrize("state", sorted(case_machine().labels))
def test_every_state_has_a_label_and_tasks_without_personal_data(state: str) -> None:
    file = all_signed(D(2026, 11, 20), state=state)
    result = planned(file)
    assert result.label in LABELS
    for task in result.tasks:
        words = "".join((task.verb, task.action, reason_today(task, TODAY, CAL), task.short))
        for party in file.parties.values():
            assert party.name not in words
    assert msgspec.json.decode(msgspec.json.encode(result.tasks)) is not None


def test_order_of_the_day() -> None:
    def made(kind: Any, due: D, at: str = "") -> Task:
        return Task(f"{kind}{due}", "c", kind, "", "", "", due_on=due, due_at=make.at(at) if at else None)

    tasks = [
        made("decide", D(2026, 11, 24)),
        made("session", TODAY, "2026-11-23 14:00"),
        made("contact", TODAY),
        made("confirm", D(2026, 11, 20)),
    ]
    ordered = sorted(tasks, key=lambda t: urgency(t, TODAY))
    assert [t.kind for t in ordered] == ["confirm", "contact", "session", "decide"]


@pytest.mark.parametrize(
    "state", ["agreed", "failed", "withdrawn", "terminated", "refused", "handed_back", "closed"]
)
def test_an_appointment_that_stands_where_none_is_held_is_told_until_its_day_is_over(state: str) -> None:
    when = make.at("2026-11-27 14:00")
    head = make.case_file(state="mediating", next_session_at=when).head
    assert planned_session(head) == when
    file = all_signed(D(2026, 11, 20), state=state, next_session_at=when, next_session_place="一室")
    assert planned_session(file.head) is None, "nothing is prepared for it"
    (told,) = (one for one in planned(file).tasks if one.kind == "unheard")
    over = state != "agreed"
    verb = "通知当事人不用来了" if over else "核对约好的见面"
    assert (told.verb, told.due_on, "11月27日 14:00，一室" in told.reason) == (verb, D(2026, 11, 27), True)
    assert ("通知后在案件的“更多”里点“不约了”" in told.reason) is over
    assert ("来签字的照旧" in told.reason) is not over
    assert "unheard" in kinds(planned(file, D(2026, 11, 27)))
    assert "unheard" not in kinds(planned(file, D(2026, 11, 28)))


def test_a_party_that_came_after_the_text_is_told_until_it_stands_on_one_or_the_case_is_closed() -> None:
    """A colleague's computer that was off line registered it: it came when the text was fixed already."""

    def told(
        omitted_ids: tuple[str, ...] | None, state: str = "agreed", named: tuple[str, ...] = ("p1",)
    ) -> bool:
        paper = make.agreement(party_ids=named, omitted_ids=omitted_ids)
        file = make.case_file(agreements=(paper,), state=state, agreement_id=paper.agreement_id)
        found = [one for one in planned(file).tasks if one.short == "协议没写全"]
        assert all((one.kind, one.page, one.hard) == ("unheard", "agreement", False) for one in found)
        return bool(found)

    assert told(())
    assert not told(("p2",)), "left out knowingly"
    assert not told(None), "nobody can tell"
    assert told((), "closed"), "closed as soon as it was signed: that is the usual course"
    assert not told((), "mediating")
    assert not told((), named=("p1", "p2"))


def test_a_day_counted_into_a_year_without_notice_says_so_wherever_it_stands() -> None:
    today = D(2026, 11, 26)
    result = planned(make.case_file(state="accepted", accepted_at=make.at("2026-11-26")), today)
    (task,) = result.tasks
    assert task.provisional
    words = next_words(result.next_kind, result.next_text, result.next_due, today, CAL)
    assert words.text == f"2027年{task.due_on:%-m月%-d日}（暂估）　调解期限"
    assert status_label(task, today, CAL).text == f"2027年{task.due_on:%-m月%-d日}（暂估）"
    near = next_words(result.next_kind, result.next_text, result.next_due, D(2027, 1, 6), CAL)
    assert "（暂估）" in near.text
    # What was agreed was not counted: nothing about it is an estimate.
    assert (
        next_words("performance", "第 2 期付款", "2027-01-10", today, CAL).text
        == "2027年1月10日　第 2 期付款"
    )
    known = CAL.with_year(2027, [D(2027, 1, 1)], [])
    assert "暂估" not in next_words("mediation_end", "调解期限", "2027-01-08", today, known).text


def test_what_is_not_kept_is_watched_as_long_as_the_institution_says() -> None:
    """A set of rules that was changed before there was this one has the usual thirty days."""
    said = make.record("f1", cf.FollowUp(performed="none"), "2026-11-21 10:00")
    file = all_signed(D(2026, 11, 20), records=[said])
    short = msgspec.structs.replace(RULES, watched_days=msgspec.structs.replace(RULES.watched_days, value=5))
    before = msgspec.to_builtins(RULES)
    del before["watched_days"]
    for rules, days in ((RULES, 30), (short, 5), (from_data(before), 30)):
        last = D(2026, 11, 21) + dt.timedelta(days=days)
        assert "unkept" in kinds(planned(file, last, rules))
        assert "unkept" not in kinds(planned(file, last + dt.timedelta(days=1), rules))

"""Two computers decide the same case differently: what differs is read side by side, before and after."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import msgspec
import pytest

from app.clock import SHANGHAI
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.entries import CHOSEN
from app.domain.errors import StateError
from app.domain.exits import grounds
from app.domain.workdays import moment
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.closing import Closing, ClosingEntry, FailureEntry
from app.services.conflict_views import ConflictView
from app.services.handling import Handling
from app.services.parties import Parties
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office
from tests.helpers.decisions import agreement, finalise, first_view, meet, never_suspended
from ui.pages import case_disputes


def failure(ground: str, focus: str) -> FailureEntry:
    return FailureEntry(outcome="failed", ground=ground, focus=focus, remedies=("可以向法院起诉。",))


def differences(view: ConflictView) -> dict[str, tuple[str, str]]:
    assert view.act is not None
    return {one.name: (one.mine, one.theirs) for one in view.act.differences}


def test_two_endings_with_different_grounds(ready: Office, other: Office) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    Closing(other.desk).conclude(case_id, failure("双方分歧太大", "赔多少"))
    Closing(ready.desk).conclude(case_id, failure("一方多次不来", "赔多少"))
    other.good_run()
    ready.good_run()
    view = first_view(ready)
    told = differences(view)
    assert told["终止原因"] == ("一方多次不来", "双方分歧太大")
    assert "案件状态" not in told, "what is the same is no difference"
    assert "争议焦点" not in told
    assert (view.what, view.editable, view.mine_possible) == ("调解结果", False, False)
    assert "现在是“调解不成”" in view.why_not_mine
    assert "经过" in view.why_not_mine
    assert dict(view.act.mine)["争议焦点"] == "赔多少"
    assert (view.mine.author, view.theirs.author) == ("周敏芳", other.desk.person.name)


def test_two_closings_and_the_one_not_taken_stays_readable(ready: Office, other: Office) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    Closing(ready.desk).conclude(case_id, failure("双方分歧太大", "赔多少"))
    ready.good_run()
    other.good_run()
    Closing(other.desk).close(case_id, ClosingEntry("telephone", "电话里谈了两次。"))
    Closing(ready.desk).close(case_id, ClosingEntry("in_person", "当面谈了三次。"))
    other.good_run()
    ready.good_run()
    told = differences(first_view(ready))
    assert told["化解方式"] == ("当面调解", "电话调解")
    assert told["结案小结"] == ("当面谈了三次。", "电话里谈了两次。")
    Resolving(ready.desk).resolve(first_view(ready).conflict_id, "theirs")
    ready.good_run()
    (kept,) = Resolving(ready.desk).settled_in(case_id)
    assert (kept.settled, kept.choice, kept.chosen.author) == (True, "theirs", "周敏芳")
    assert differences(kept)["结案小结"] == ("当面谈了三次。", "电话里谈了两次。")


def test_two_texts_of_an_agreement(ready: Office, other: Office) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    finalise(other, case_id, agreement(other, case_id, "agreement-theirs", 800_00))
    finalise(ready, case_id, agreement(ready, case_id, "agreement-mine", 500_00))
    other.good_run()
    ready.good_run()
    resolving, view = Resolving(ready.desk), first_view(ready)
    payer = ready.file(case_id).side("respondent")[0].name
    assert view.masked
    assert payer not in str(view.act)
    told = differences(view)
    assert (told["合计"], "版本" in told) == (("500 元", "800 元"), False)
    assert "500 元" in told["协议第 1 条"][0]
    assert "800 元" in told["第 1 期付款"][1]
    shown = resolving.conflict(view.conflict_id, reveal_reason="verify")
    assert not shown.masked
    assert payer in differences(shown)["协议第 1 条"][0]
    assert view.mine_possible
    assert view.why_not_mine == ""
    resolving.resolve(view.conflict_id, "mine")
    assert resolving.open_ids() == (), "the two fields of one decision stand or fall together"
    ready.good_run()
    ready.good_run()
    assert ready.shadow(case_id).head.agreement_id == "agreement-mine"
    (kept,) = resolving.settled_in(case_id)
    assert differences(kept)["合计"] == ("500 元", "800 元"), "theirs stays readable after it was replaced"
    settling = next(row for row in ready.outbox() if cmd.decode(row.bytes).kind == "conflict.resolve")
    assert [one.conflict_id for one in resolving.settled_by(settling.command_id)] == [kept.conflict_id]
    other.good_run()
    told = [
        record.body for record in other.file(case_id).records.values() if isinstance(record.body, cf.Notice)
    ]
    (notice,) = (body.text for body in told if body.code == CHOSEN)
    assert notice == f"{ready.desk.person.name}选定：协议书，用{ready.desk.person.name}写的。"


def test_what_the_platform_has_is_not_told_before_it_came(ready: Office, other: Office) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    Closing(other.desk).conclude(case_id, failure("双方分歧太大", "赔多少"))
    Closing(ready.desk).conclude(case_id, failure("一方多次不来", "赔多少"))
    other.good_run()
    ready.good_run()
    head = msgspec.structs.replace(ready.shadow(case_id).head, state="mediating", conclusion=None)
    from sqlalchemy import update

    from app.storage.tables import cases

    ready.desk.store.write(
        lambda conn: (
            conn.execute(update(cases).where(cases.c.case_id == case_id).values(shadow=cf.encode(head)))
            and None
        )
    )
    view = first_view(ready)
    assert "还没有收到" in view.note
    assert view.act.theirs == (("案件状态", "调解不成"),)


def test_an_agreement_that_is_signed_is_not_replaced_by_a_choice(ready: Office, other: Office) -> None:
    """人民调解法 31: what the parties have signed binds; another text is a new version, taken on its page."""
    case_id = ready.case_ids("accepted", "mediating")[0]
    finalise(other, case_id, agreement(other, case_id, "agreement-theirs", 800_00))
    today = other.desk.today()
    signer = other.file(case_id).side("applicant")[0].party_id
    Agreeing(other.desk).register_signatures(case_id, (SignatureEntry("party", today, signer),))
    finalise(ready, case_id, agreement(ready, case_id, "agreement-mine", 500_00))
    Agreeing(ready.desk).register_signatures(
        case_id, (SignatureEntry("party", today, signer), SignatureEntry("mediator", today))
    )
    other.good_run()
    ready.good_run()
    resolving, view = Resolving(ready.desk), first_view(ready)
    assert not view.mine_possible
    assert "已登记 1 处签名盖章" in view.why_not_mine
    assert "起草新的一版" in view.why_not_mine
    assert "本机写的这一份已登记 2 处签名盖章" in view.at_stake
    with pytest.raises(StateError):
        resolving.resolve(view.conflict_id, "mine")
    assert resolving.open_ids(), "refused, nothing was settled"
    resolving.resolve(view.conflict_id, "theirs")
    ready.good_run()
    assert ready.shadow(case_id).head.agreement_id == "agreement-theirs"


def test_one_decision_is_one_thing_to_choose_wherever_it_is_counted(ready: Office, other: Office) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    finalise(other, case_id, agreement(other, case_id, "agreement-theirs", 800_00))
    finalise(ready, case_id, agreement(ready, case_id, "agreement-mine", 500_00))
    other.good_run()
    result = ready.good_run()
    resolving, centre = Resolving(ready.desk), SyncCentre(ready.desk)
    (conflict_id,) = resolving.open_ids()
    (row,) = centre.rows("needs_you")
    assert (row.row_id, row.what) == (f"conflict:{conflict_id}", "协议书定稿")
    assert centre.counts().needs_you == 1
    assert result.conflicts == 1
    view = resolving.conflict(conflict_id)
    assert (view.position, view.what) == ((1, 1), row.what), "the row, the drawer and the bar name one act"
    assert resolving.disputed_in(case_id).names == resolving.disputed_in(case_id).legal == (row.what,)
    resolving.resolve(conflict_id, "theirs")
    assert (centre.counts().needs_you, resolving.disputed_in(case_id).names) == (0, ())


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_decision_that_moved_on_while_it_was_open_is_the_one_chosen_from_and_kept(
    ready: Office, other: Office, choice: str
) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    Closing(ready.desk).conclude(case_id, failure("双方分歧太大", "赔多少"))
    for office in (ready, other):
        office.good_run()
    Closing(ready.desk).close(case_id, ClosingEntry("in_person", "当面谈了三次。"))
    last = ""
    for ground, focus in (("一方多次不来", "谁的责任"), ("对方当面拒绝赔偿", "怎么分担")):
        Closing(other.desk).resume(case_id)
        Closing(other.desk).conclude(case_id, failure(ground, focus))
        other.good_run()
        ready.good_run()
        view = first_view(ready)
        assert differences(view)["争议焦点"] == ("赔多少", focus)
        assert (view.theirs.author, view.theirs.at > last) == (other.desk.person.name, True)
        last = view.theirs.at
    Resolving(ready.desk).resolve(view.conflict_id, choice, seen=view.stamp)
    for office in (ready, other, ready):
        office.good_run()
    assert ready.shadow(case_id).head.state == ("closed" if choice == "mine" else "failed")
    other.good_run()
    (told,) = [
        record.body.text
        for record in other.file(case_id).records.values()
        if isinstance(record.body, cf.Notice) and record.body.code == CHOSEN
    ]
    assert (
        told == f"周敏芳选定：结案信息，用{'周敏芳写的：当面调解' if choice == 'mine' else '平台上原有的'}。"
    )
    (kept,) = Resolving(ready.desk).settled_in(case_id)
    assert not {"。。", "。、", "。；"} & {*map("".join, pairwise(case_disputes.detail(kept)))}, "one stop"
    assert differences(kept)["争议焦点"] == ("赔多少", "怎么分担")
    assert dict(kept.act.theirs)["终止原因"] == "对方当面拒绝赔偿"
    assert kept.theirs.at == last


@pytest.mark.parametrize("step", ["close", "resume"])
def test_a_step_on_a_conclusion_that_a_colleague_has_replaced_is_asked_about(
    ready: Office, other: Office, step: str
) -> None:
    """The state is the same again, by another conclusion: its ground and remedies are not written over."""
    case_id = ready.case_ids("accepted", "mediating")[0]

    def end(office: Office, ground: str) -> None:
        entry = FailureEntry(outcome="failed", ground=ground, remedies=("可以向法院起诉。",))
        Closing(office.desk).conclude(case_id, entry)

    end(ready, "双方分歧太大")
    for office in (ready, other):
        office.good_run()
    if step == "close":
        Closing(ready.desk).close(case_id, ClosingEntry("in_person"))
    else:
        Closing(ready.desk).resume(case_id)
    Closing(other.desk).resume(case_id)
    end(other, "对方当面拒绝赔偿")
    other.good_run()
    ready.run()
    assert len(Resolving(ready.desk).open_ids()) == 1
    for office in (ready, other):
        office.later(60)
        office.run()
        standing = office.shadow(case_id).head
        assert standing.state == "failed"
        assert standing.conclusion is not None
        assert standing.conclusion.ground == "对方当面拒绝赔偿"


def not_here(view: ConflictView, day: dt.date, what: str, said: str) -> bool:
    """Whether ``said`` tells whose ``what`` had not come by then, and when it was written."""
    when = moment(view.theirs.at, day)
    return said == f"您登记调解结果时还没有收到{view.theirs.author} {when} {what}"


def choose(ready: Office, other: Office, view: ConflictView, choice: str) -> None:
    """An ending met something unseen: one legal question, nothing taken; then ``choice`` reaches both."""
    assert (view.what, view.theirs.author) == ("调解结果", other.desk.person.name)
    assert Resolving(ready.desk).disputed_in(view.case_id).legal == ("调解结果",)
    assert len(Resolving(ready.desk).open_ids()) == 1
    assert ready.shadow(view.case_id).head.state == "mediating", "nothing was taken before somebody chose"
    Resolving(ready.desk).resolve(view.conflict_id, choice, seen=view.stamp)
    ready.good_run()
    other.good_run()


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_an_ending_is_asked_about_where_the_clock_was_stopped_unseen(
    ready: Office, other: Office, choice: str
) -> None:
    """暂停计时 of a colleague: that the time has run out may be no ground any more."""
    case_id = never_suspended(ready)
    Handling(other.desk).suspend(case_id, "送鉴定", other.desk.today())
    run_out = next(one.name for one in grounds() if one.after_term)
    early = choice == "theirs"
    while early and Closing(ready.desk).early(ready.file(case_id), run_out):
        ready.later(5 * 86400)
    Closing(ready.desk).conclude(case_id, failure(run_out if early else "双方分歧太大", "赔多少"))
    other.good_run()
    ready.run()
    view = first_view(ready)
    assert view.mine_possible is not early
    if early:
        assert view.why_not_mine.startswith("调解期限现在停着计时，还没有届满。")
        with pytest.raises(StateError, match="停着计时"):
            Resolving(ready.desk).resolve(view.conflict_id, "mine", seen=view.stamp)
    mine, theirs = differences(view)["暂停计时"]
    assert (not_here(view, ready.desk.today(), "登记的暂停计时", mine), "送鉴定" in theirs) == (True, True)
    assert differences(view).keys() == {"案件状态", "暂停计时"}
    choose(ready, other, view, choice)
    for office in (ready, other):
        head = office.file(case_id).head
        assert (head.state, len(head.suspensions)) == ("failed" if choice == "mine" else "mediating", 1)
    assert not Resolving(ready.desk).open_ids()
    (kept,) = Resolving(ready.desk).settled_in(case_id)
    assert differences(kept)["暂停计时"] == (mine, theirs)


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_an_ending_is_asked_about_where_a_session_was_appointed_unseen(
    ready: Office, other: Office, choice: str
) -> None:
    """下次调解 of a colleague: the parties are asked to come, and nobody would hold it."""
    case_id = never_suspended(ready)
    before = ready.file(case_id).head.next_session_at
    Closing(ready.desk).conclude(case_id, failure("双方分歧太大", "赔多少"))
    wanted = dt.datetime(2026, 12, 2, 10, tzinfo=SHANGHAI)
    Handling(other.desk).plan_session(case_id, wanted, "一室")
    other.good_run()
    ready.run()
    view = first_view(ready)
    told = differences(view)["下次调解"]
    assert (not_here(view, ready.desk.today(), "约的下次调解", told[0]), told[1]) == (
        before is None,
        "12月2日 10:00，一室",
    )
    choose(ready, other, view, choice)
    for office in (ready, other):
        head = office.file(case_id).head
        assert head.state == ("failed" if choice == "mine" else "mediating")
        assert (head.next_session_at, head.next_session_place) == (wanted, "一室")
    assert not Resolving(ready.desk).open_ids()
    (kept,) = Resolving(ready.desk).settled_in(case_id)
    assert differences(kept)["下次调解"] == told


def test_a_text_that_leaves_out_a_party_added_unseen_is_asked_about(ready: Office, other: Office) -> None:
    """Some may settle without the others; who fixed the text is to have known of all of them."""
    case_id = never_suspended(ready)
    made, many = agreement(ready, case_id, "agreement-two", 500_00), len(ready.file(case_id).parties)
    added = cf.Party(
        party_id="", case_id=case_id, side="respondent", ordinal=9, name="孙丽", no_phone_reason="没有电话"
    )
    Parties(other.desk).add(case_id, added)
    finalise(ready, case_id, made)
    other.good_run()
    ready.run()
    assert ready.shadow(case_id).head.state != "agreed"
    view = first_view(ready)
    mine, theirs = differences(view)["当事人"]
    assert mine.startswith(f"您定稿时还没有收到{other.desk.person.name}")
    assert theirs == "被申请人孙*，协议里没有写到"
    assert (view.what, view.mine_possible) == ("协议书定稿", True)
    Resolving(ready.desk).resolve(view.conflict_id, "mine", seen=view.stamp)
    ready.good_run()
    other.good_run()
    for office in (ready, other):
        file = office.file(case_id)
        assert (file.head.agreement_id, len(file.parties)) == ("agreement-two", many + 1)
        assert SyncCentre(office.desk).counts().needs_you == 0
    # Who knows of them may leave them out.
    finalise(other, case_id, agreement(other, case_id, "agreement-three", 300_00))
    other.good_run()
    assert other.shadow(case_id).head.agreement_id == "agreement-three"


def test_an_ending_is_asked_about_where_a_session_was_held_unseen(ready: Office, other: Office) -> None:
    case_id = never_suspended(ready)
    meet(other, case_id, None)
    Closing(ready.desk).conclude(case_id, failure("双方分歧太大", "赔多少"))
    other.good_run()
    ready.run()
    view = first_view(ready)
    told = [pair for pair in differences(view).items() if pair[0].endswith("次调解记录")]
    ((name, (mine, theirs)),) = told
    assert (not_here(view, ready.desk.today(), f"记的{name.removesuffix('记录')}", mine), theirs) == (
        True,
        "谈成了",
    )
    assert (view.what, view.theirs.author) == ("调解结果", other.desk.person.name)
    # What one wrote oneself one has seen, also before any of it went out.
    meet(other, case_id, None)
    Handling(other.desk).suspend(case_id, "送鉴定", other.desk.today())
    Closing(other.desk).conclude(case_id, failure("一方多次不来", "赔多少"))
    other.good_run()
    assert not Resolving(other.desk).open_ids()
    assert other.shadow(case_id).head.state == "failed"

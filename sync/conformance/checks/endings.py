"""The end of mediation, or of an agreement: it rests on what was said, the clock, and what was performed."""

from __future__ import annotations

from typing import Any

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.verdict import equal


@check("merge.ended_unseen", "§2 结案等", "没看到记的调解、约的下次、暂停的期限就结束：冲突，一项也不改",
       "An ending that had not seen a session, held or appointed, or a pause, conflicts whole")  # fmt: skip
def ended_unseen(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    one.do(case_id, papers.session(case_id, one.person_id))
    first = {"decided_by": one.decided[case_id]}
    one.do(case_id, papers.session(case_id, one.person_id))
    begun = papers.suspension(case_id, one.person_id)
    one.do(case_id, begun, base={"suspensions": []})
    none = papers.ends_on("mediating")["appointment"]
    appointed = {"next_session_at": papers.AT, "next_session_place": "一室"}
    one.do(case_id, papers.edit(**appointed), base=none)
    whole = papers.ends_on("mediating", papers.span_of(begun)) | {"appointment": appointed}
    after = one.head()

    def answered(base: dict[str, Any]) -> dict[str, Any]:
        ended = papers.conclude(case_id, two.person_id, "failed")
        return two.one(two.write(case_id, ended, base=base))

    unsaid = answered({"state": "mediating"})
    equal((unsaid["status"], unsaid["field"]), ("rejected", "base_values.suspensions"), "没写停没停的结束")
    unsaid = answered({name: value for name, value in whole.items() if name != "appointment"})
    told = (unsaid["status"], unsaid["field"])
    equal(told, ("rejected", "base_values.appointment"), "没写约没约下次的结束")
    unseen: tuple[dict[str, Any], ...] = (first, {"suspensions": []}, {"appointment": none})
    for base in unseen:
        answer = answered(whole | base)
        equal((answer["status"], list(answer["current"])), ("conflict", list(base)), f"没看到 {list(base)}")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")
    equal(answered(whole)["status"], "applied", "都看到了的结束")
    later = dict(zip(sorted(appointed), ("2026-11-30T02:00:00Z", "二室"), strict=True))
    chosen = one.one(
        one.write(case_id, papers.resolve(case_id, papers.new_id(), "mine", **later), base=appointed)
    )
    equal((chosen["status"], chosen["code"]), ("rejected", "state"), "结束以后选定另一次调解")


@check("merge.returned_unseen", "§2 退回、下次调解", "没看到约的下次调解就退回：冲突，办件不动",
       "A return that had not seen an appointment conflicts whole")  # fmt: skip
def returned_unseen(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one)
    none = papers.ends_on("received")["appointment"]
    appointed = {"next_session_at": papers.AT, "next_session_place": "一室"}
    one.do(case_id, papers.edit(**appointed), base=none)
    back, after = papers.hand_back(case_id, two.person_id), one.head()
    answer = two.one(two.write(case_id, back, base=papers.ends_on("received")))
    equal((answer["status"], list(answer["current"])), ("conflict", ["appointment"]), "没看到约见的退回")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")
    seen = papers.ends_on("received") | {"appointment": appointed}
    equal(two.one(two.write(case_id, back, base=seen))["status"], "applied", "看到了的退回")


@check("merge.performed_unseen", "§2 协议、结案", "没看到履行、回访就再谈、定稿新版、结案：冲突，协议不动",
       "An agreement performed meanwhile is not set aside or closed on unseen")  # fmt: skip
def performed_unseen(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id, held = bench.agreed(one)
    done, seen = papers.performed(case_id, one.person_id, held), papers.rests_on("agreed", held)
    one.do(case_id, done)
    after, paid = one.head(), [done["record"]["record_id"]]
    steps = (
        papers.resume(case_id, two.person_id), papers.agreement(case_id, papers.new_id(), 2),
        papers.close(case_id, two.person_id),
    )  # fmt: skip
    for payload in steps:
        answer = two.one(two.write(case_id, payload, base=seen))
        equal((answer["status"], list(answer["current"])), ("conflict", ["performed"]), "没看到履行的一步")
        current = answer["current"]["performed"]
        equal((current["value"], current["by"]), (paid, one.person_id), "登记了的履行和登记的人")
    called = papers.followed_up(case_id, one.person_id)
    one.do(case_id, called)
    after, seen = one.head(), {**seen, "performed": paid}
    answer = two.one(two.write(case_id, steps[0], base=seen))
    equal((answer["status"], list(answer["current"])), ("conflict", ["performed"]), "没看到回访的一步")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")
    whole = [*paid, called["record"]["record_id"]]
    two.do(case_id, papers.resume(case_id, two.person_id), base={**seen, "performed": whole})
    answer = one.one(one.write(case_id, papers.performed(case_id, one.person_id, held)))
    told = (answer["status"], answer["code"], answer["field"])
    equal(told, ("rejected", "state", "record.body.agreement_id"), "不再用的协议上的履行")

"""The end of mediation: it rests on what was said last, and on the clock."""

from __future__ import annotations

from typing import Any

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.verdict import equal


@check("merge.ended_unseen", "§2 结案等", "没看到别人记的调解、暂停的期限就结束调解：冲突，一项也不改",
       "An ending that had not seen a session, or a suspension, conflicts whole")  # fmt: skip
def ended_unseen(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    one.do(case_id, papers.session(case_id, one.person_id))
    first = {"decided_by": one.decided[case_id]}
    one.do(case_id, papers.session(case_id, one.person_id))
    begun = papers.suspension(case_id, one.person_id)
    one.do(case_id, begun, base={"suspensions": []})
    after, whole = one.head(), papers.ends_on("mediating", papers.span_of(begun))

    def answered(base: dict[str, Any]) -> dict[str, Any]:
        ended = papers.conclude(case_id, two.person_id, "failed")
        return two.one(two.write(case_id, ended, base=base))

    unsaid = answered({"state": "mediating"})
    equal((unsaid["status"], unsaid["field"]), ("rejected", "base_values.suspensions"), "没写停没停的结束")
    unseen: tuple[dict[str, Any], ...] = (first, {"suspensions": []})
    for base in unseen:
        answer = answered(whole | base)
        equal((answer["status"], list(answer["current"])), ("conflict", list(base)), f"没看到 {list(base)}")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")
    equal(answered(whole)["status"], "applied", "都看到了的结束")

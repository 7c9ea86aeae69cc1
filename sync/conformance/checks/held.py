"""Filings: the agreement stays as the court got it."""

from __future__ import annotations

import datetime as dt

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.checks.filings import lodged, prepared
from sync.conformance.registry import check
from sync.conformance.verdict import equal, must


@check("lodge.holds", "§2 协议、签名", "法院在办时再谈、换一版、改签署日期：拒收并说明；补签照收",
       "While an application is with the court its agreement stays as the court got it")  # fmt: skip
def holds(bench: Bench) -> None:
    filing, colleague = prepared(bench), bench.second()
    seat, case_id, held, who = filing.seat, filing.case_id, filing.subject_id, colleague.person_id
    first = papers.signature(case_id, seat.person_id, held, "mediator")
    seat.do(case_id, first)
    filing.lodge().must_be(200)
    after, base = seat.head(), papers.rests_on("agreed", held, "mediator", "recorder")
    day = f"{dt.date.fromisoformat(papers.AT[:10]) + dt.timedelta(days=3)}"
    seen = first["record"]["record_id"]
    moves = (
        (papers.signature(case_id, who, held, "mediator", day, supersedes=seen), None),
        (papers.agreement(case_id, papers.new_id(), 2), base),
        (papers.resume(case_id, who), base),
    )
    for payload, rests_on in moves:
        answer = colleague.one(colleague.write(case_id, payload, base=rests_on))
        told = (answer["status"], answer["code"], answer["consumed"])
        equal(told, ("rejected", "filed_meanwhile", True), f"法院在办时的 {payload['kind']}")
        must(answer["reason"], "没有说明为什么")
    equal(seat.of_case(after, case_id), {}, "没有收下却有了效果")
    colleague.do(case_id, papers.signature(case_id, who, held, "recorder"))


@check("filing.ruled", "§2 协议、签名", "法院确认以后再谈、换一版：拒收并说明",
       "What a ruling confirms stays, also for who never heard of it")  # fmt: skip
def ruled(bench: Bench) -> None:
    control, filing, colleague = bench.control, lodged(bench), bench.second()
    for move in ("accept", "confirm"):
        control.court(filing.submission_id, move)
    base = papers.rests_on("agreed", filing.subject_id)
    for payload in (
        papers.resume(filing.case_id, colleague.person_id),
        papers.agreement(filing.case_id, papers.new_id(), 2),
    ):
        answer = colleague.one(colleague.write(filing.case_id, payload, base=base))
        told = (answer["status"], answer["code"], answer["consumed"])
        equal(told, ("rejected", "filed_meanwhile", True), f"法院确认以后的 {payload['kind']}")
        must(answer["reason"], "没有说明为什么")


@check("filing.lets_go", "§2 协议、签名", "法院办完了，协议可以再谈",
       "Once the court is done the agreement may be talked about again")  # fmt: skip
def lets_go(bench: Bench) -> None:
    control, filing = bench.control, lodged(bench)
    control.court(filing.submission_id, "not_accept")
    base, who = papers.rests_on("agreed", filing.subject_id), filing.seat.person_id
    filing.seat.do(filing.case_id, papers.resume(filing.case_id, who), base=base)

"""Who wins: three-way merge per field, compare-and-set, append-only records."""

from __future__ import annotations

import datetime as dt
import uuid

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Seat
from sync.conformance.verdict import equal, must
from sync.contract.commands import CHOSEN


@check("merge.other_field", "§2 merged", "两人改不同的项：都留下（merged）",
       "Two fields changed by two people: both stand")  # fmt: skip
def other_field(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    after, case_id = one.head(), bench.case(one)
    one.do(case_id, papers.edit(title="甲改的"), base={"title": papers.case(case_id)["title"]}, version=1)
    answer = two.one(two.write(case_id, papers.edit(claims="乙改的"), base={"claims": "清走杂物"}, version=1))
    equal(answer["status"], "merged", "第二个人的结果")
    equal(answer["applied_fields"], ["claims"], "改成的项")
    equal(two.proven(answer["receipt"])["status"], "merged", "回执里的结果")
    body = one.of_case(after, case_id)["case", case_id]["body"]
    equal((body["title"], body["claims"]), ("甲改的", "乙改的"), "两处修改")


@check("merge.conflict", "§2 conflict", "同一项两种写法：不覆盖，给出现在的值、谁、何时，占用编号",
       "One field with two values: nothing overwritten; who, when and what is told")  # fmt: skip
def conflict(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    after, case_id = one.head(), bench.case(one)
    base = {"title": papers.case(case_id)["title"], "claims": "清走杂物"}
    one.do(case_id, papers.edit(title="甲写的"), base={"title": base["title"]}, version=1)
    edit = papers.edit(title="乙写的", claims="乙的诉求")
    answer = two.one(two.write(case_id, edit, base=base, version=1))
    equal((answer["status"], answer["http"], answer["consumed"]), ("conflict", 409, True), "结果")
    equal(list(answer["current"]), ["title"], "有两种写法的项")
    current = answer["current"]["title"]
    equal((current["value"], current["by"]), ("甲写的", one.person_id), "现在的值和写的人")
    must(current["at"], "没有写明何时写的")
    equal(answer["applied_fields"], ["claims"], "没有冲突的项照改")
    must(answer["reason"] and answer["field"] == "title", "没有写明哪一项、为什么")
    body = one.of_case(after, case_id)["case", case_id]["body"]
    equal((body["title"], body["claims"]), ("甲写的", "乙的诉求"), "平台上的内容")
    two.do(case_id, papers.note(case_id, two.person_id))


@check("merge.same_value", "§2 三方合并", "两人改成同样的值，不算冲突",
       "Two people writing the same value is no conflict")  # fmt: skip
def same_value(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one)
    base = {"title": papers.case(case_id)["title"]}
    one.do(case_id, papers.edit(title="一样的"), base=base, version=1)
    two.do(case_id, papers.edit(title="一样的"), base=base, version=1)


@check("merge.party", "§2 三方合并", "当事人的各项也逐项合并",
       "A party's particulars are merged per field too")  # fmt: skip
def party(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    after, case_id = one.head(), bench.case(one)
    who = papers.respondent_id(case_id)
    one.do(case_id, papers.edit_party(who, phone="13800000001"), base={"phone": "13800000000"}, version=1)
    two.do(case_id, papers.edit_party(who, email="a@example.cn"), base={"email": ""}, version=1)
    clash = papers.edit_party(who, phone="13800000002")
    answer = two.one(two.write(case_id, clash, base={"phone": "13800000000"}, version=1))
    equal((answer["status"], answer["current"]["phone"]["value"]), ("conflict", "13800000001"), "同改电话")
    body = one.of_case(after, case_id)["party", who]["body"]
    equal((body["phone"], body["email"]), ("13800000001", "a@example.cn"), "当事人的内容")


@check("merge.base_needed", "§2 三方合并", "没有写明修改前内容的修改，拒收",
       "An edit without the value it replaces is rejected")  # fmt: skip
def base_needed(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    answer = seat.one(seat.write(case_id, papers.edit(title="盲改"), version=1))
    equal((answer["status"], answer["field"]), ("rejected", "title"), "盲改")


@check("merge.compare_and_set", "§2 结案等", "受理、结案等按看到的内容核对，变了就是冲突，一项也不改",
       "Legal steps compare and set: changed underneath, they conflict whole")  # fmt: skip
def compare_and_set(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    accepted = papers.rests_on("accepted") | papers.ends_on("accepted")
    ended = papers.conclude(case_id, one.person_id, "failed")
    one.do(case_id, ended, base=accepted)
    after = one.head()
    payload = papers.close(case_id, two.person_id, "failed")
    answer = two.one(two.write(case_id, payload, base=accepted, version=1))
    equal((answer["status"], answer["consumed"]), ("conflict", True), "照旧内容结案")
    equal(answer["current"]["state"]["value"], "failed", "现在的状态")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")
    seen = papers.rests_on("failed", conclusion=ended["conclusion"])
    two.do(case_id, papers.close(case_id, two.person_id, "failed"), base=seen)


@check("merge.concluded_anew", "§2 结案等", "状态没变、结论换过：照旧结论结案或再谈，都是冲突，一项也不改",
       "The same state by another conclusion is not what a decision rested on")  # fmt: skip
def concluded_anew(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    first = papers.conclude(case_id, one.person_id, "failed")
    one.do(case_id, first, base=papers.ends_on("accepted"))
    old = papers.rests_on("failed", conclusion=first["conclusion"]) | {"decided_by": one.decided[case_id]}
    one.do(case_id, papers.resume(case_id, one.person_id), base=old)
    anew = papers.conclude(case_id, one.person_id, "failed")
    anew["conclusion"]["ground"] = "一方当面拒绝"
    one.do(case_id, anew, base=papers.ends_on("mediating"))
    after = one.head()
    for payload in (papers.close(case_id, two.person_id, "failed"), papers.resume(case_id, two.person_id)):
        answer = two.one(two.write(case_id, payload, base=old))
        told = (answer["status"], sorted(answer["current"]))
        equal(told, ("conflict", ["conclusion", "decided_by"]), f"照旧结论 {payload['kind']}")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")


@check("merge.resolve", "§2 选定", "选定也是一条命令，别的电脑也知道选了哪个；选之前又变了，还是冲突",
       "A choice is a command; changed again meanwhile, it conflicts again")  # fmt: skip
def resolve(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    after, case_id = one.head(), bench.case(one)
    base = {"title": papers.case(case_id)["title"]}
    one.do(case_id, papers.edit(title="甲"), base=base, version=1)
    clash = two.one(two.write(case_id, papers.edit(title="乙"), base=base, version=1))
    equal(clash["status"], "conflict", "同改一项")
    one.do(case_id, papers.edit(title="甲又改"), base={"title": "甲"}, version=2)
    choice = papers.resolve(case_id, clash["command_id"], "mine", title="乙")
    again = two.one(two.write(case_id, choice, base={"title": "甲"}))
    equal((again["status"], again["current"]["title"]["value"]), ("conflict", "甲又改"), "又变了时选定")
    taken = two.do(case_id, choice, base={"title": "甲又改"})
    seen = one.of_case(after, case_id)
    equal(seen["case", case_id]["body"]["title"], "乙", "选定后的内容")
    notices = {key[1]: doc["body"]["body"] for key, doc in seen.items() if key[0] == "record"}
    equal(list(notices), [taken["command_id"]], "告诉别的电脑谁选了哪一个的通知")
    equal(notices[taken["command_id"]]["code"], CHOSEN, "通知的代码")


@check("merge.append_only", "§2 记录", "记录只增不改：同号异文拒收，更正要另写并指明原记录",
       "Records are append-only; a correction names what it corrects")  # fmt: skip
def append_only(bench: Bench) -> None:
    seat = bench.seat()
    after, case_id = seat.head(), bench.case(seat)
    record_id = str(uuid.uuid4())
    seat.do(case_id, papers.note(case_id, seat.person_id, "原话", record_id=record_id))
    other = papers.note(case_id, seat.person_id, "改话", record_id=record_id)
    answer = seat.one(seat.write(case_id, other))
    equal((answer["status"], answer["code"]), ("rejected", "id_reused"), "同号异文的记录")
    lost = papers.note(case_id, seat.person_id, "更正", supersedes="no-such-record")
    answer = seat.one(seat.write(case_id, lost))
    equal((answer["status"], answer["code"]), ("rejected", "unknown_entity"), "更正没有的记录")
    seat.do(case_id, papers.note(case_id, seat.person_id, "更正", supersedes=record_id))
    seen = seat.of_case(after, case_id)
    equal(seen["record", record_id]["body"]["body"]["text"], "原话", "原来的记录")


@check("merge.agreement_fixed", "§2 协议", "定稿的协议文本不能再变，同号再来拒收",
       "A finalised agreement's text never changes")  # fmt: skip
def agreement_fixed(bench: Bench) -> None:
    seat = bench.seat()
    case_id, agreement_id = bench.agreed(seat)
    after = seat.head()
    changed = papers.agreement(case_id, agreement_id)
    changed["agreement"]["clauses"] = [{"no": 1, "text": "不清了"}]
    answer = seat.one(seat.write(case_id, changed, base=papers.rests_on("agreed", agreement_id)))
    equal((answer["status"], answer["code"]), ("rejected", "id_reused"), "改定稿的协议")
    equal(seat.of_case(after, case_id), {}, "没有收下却有了效果")


@check("merge.two_accept", "§2 比对再写", "两台电脑同时受理同一件：只有一台成，另一台知道现在的内容",
       "Two computers accept one case at once: one succeeds, the other learns what stands")  # fmt: skip
def two_accept(bench: Bench) -> None:
    from sync.conformance.seat import together

    one, two = bench.seat(), bench.second()
    case_id = bench.case(one)
    one.do(case_id, papers.waive(case_id, one.person_id), base=papers.rests_on("received"))
    steps = [
        seat.write(case_id, papers.accept(case_id, seat.person_id), base={"state": "deciding", "number": ""})
        for seat in (one, two)
    ]
    got = together(lambda: one.one(steps[0]), lambda: two.one(steps[1]))
    equal(sorted(answer["status"] for answer in got), ["applied", "conflict"], "两台电脑的结果")
    loser = next(answer for answer in got if answer["status"] == "conflict")
    equal(loser["current"]["state"]["value"], "accepted", "另一台看到的状态")


@check("merge.signed_unseen", "§2 协议、签名", "没看到协议又签了字：再谈一次、定稿新版都是冲突，协议不动",
       "An agreement signed meanwhile is neither talked about again nor replaced unseen")  # fmt: skip
def signed_unseen(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id, held = bench.agreed(one)
    seen = papers.rests_on("agreed", held, "mediator")
    for signer in ("mediator", "party"):
        one.do(case_id, papers.signature(case_id, one.person_id, held, signer))
    after, signed = one.head(), ["mediator", f"party:{papers.applicant_id(case_id)}"]
    for payload in (papers.resume(case_id, two.person_id), papers.agreement(case_id, papers.new_id(), 2)):
        answer = two.one(two.write(case_id, payload, base=seen))
        equal((answer["status"], list(answer["current"])), ("conflict", ["signed"]), "没看到签名的一步")
        current = answer["current"]["signed"]
        equal((current["value"], current["by"]), (signed, one.person_id), "现在签了的地方和登记的人")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")
    two.do(case_id, papers.resume(case_id, two.person_id), base={**seen, "signed": signed})


@check("merge.unsaid", "§2 比对再写", "决定没写依据什么（状态、协议、签名）：拒收并说明，什么也不动",
       "A decision that does not say what it rests on is rejected in words")  # fmt: skip
def unsaid(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id, held = bench.agreed(one)
    one.do(case_id, papers.signature(case_id, one.person_id, held, "mediator"))
    after, whole = one.head(), papers.rests_on("agreed", held, "mediator")
    whole["decided_by"] = one.decided[case_id]
    again, anew = papers.resume(case_id, two.person_id), papers.agreement(case_id, papers.new_id(), 2)
    for name in whole.keys() - {"appointment"}:
        base = {other: value for other, value in whole.items() if other != name}
        payload = anew if name in ("suspensions", "parties") else again
        answer = two.one(two.write(case_id, payload, base_values=base))
        told = (answer["status"], answer["code"], answer["field"])
        equal(told, ("rejected", "field", f"base_values.{name}"), f"没写 {name} 的决定")
    equal(one.of_case(after, case_id), {}, "没有收下却有了效果")


@check("merge.chosen_decision", "§2 选定", "选定时夹带决定的内容（编号、受理时间、协议）：拒收，不动",
       "A choice between two values never sets what only a decision may set")  # fmt: skip
def chosen_decision(bench: Bench) -> None:
    one = bench.seat()
    case_id = bench.case(one)
    after = one.head()
    for name, value in (("number", "（2026）第9999号"), ("accepted_at", papers.AT), ("agreement_id", "none")):
        chosen = papers.resolve(case_id, papers.new_id(), "edited", **{name: value})
        answer = one.one(one.write(case_id, chosen, base={name: "" if name != "accepted_at" else None}))
        told = (answer["status"], answer["code"], answer["field"])
        equal(told, ("rejected", "field", name), f"夹带 {name} 的选定")
    equal(one.of_case(after, case_id), {}, "没有收下却有了效果")


@check("merge.appointment", "§2 合并、下次调解", "调解记录不改案件上约好的下次调解，那一项单独合并",
       "A session's record never writes over an appointment of the case")  # fmt: skip
def appointment(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    made = {"next_session_at": papers.AT, "next_session_place": "社区服务中心"}
    base = {"next_session_at": None, "next_session_place": ""}
    two.do(case_id, papers.edit(**made), base=base)
    after = one.head()
    one.do(case_id, papers.session(case_id, one.person_id))
    head = one.of_case(after, case_id)["case", case_id]["body"]
    equal(head["next_session_place"], made["next_session_place"], "约好的下次调解")
    later = {**made, "next_session_at": "2099-01-05T02:00:00Z"}
    two.do(case_id, papers.edit(**later), base=made)
    cancelled = one.one(one.write(case_id, papers.edit(**base), base=made, version=1))
    told = (cancelled["status"], sorted(cancelled["current"]), cancelled["applied_fields"])
    equal(told, ("conflict", sorted(made), []), "取消了别人改过的约定")


@check("merge.appointment_whole", "§2 选定、下次调解",
       "下次调解的时间和地点是一项：只写一半拒收；选定时一半变了，两半都不动",
       "Hour and room of the next session are written, and chosen, as one")  # fmt: skip
def appointment_whole(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    none = {"next_session_at": None, "next_session_place": ""}
    theirs = {"next_session_at": papers.AT, "next_session_place": "社区服务中心"}
    mine = {"next_session_at": "2099-01-05T02:00:00Z", "next_session_place": "社区服务中心"}
    one.do(case_id, papers.edit(**theirs), base=none)
    clash = two.one(two.write(case_id, papers.edit(**mine), base=none, version=1))
    told = (clash["status"], sorted(clash["current"]), clash["applied_fields"])
    equal(told, ("conflict", sorted(none), []), "地点一样、时间不一样的两个约定")
    moved = {**theirs, "next_session_at": "2099-02-05T02:00:00Z"}
    one.do(case_id, papers.edit(**moved), base=theirs)
    after, settles = one.head(), clash["command_id"]
    for name, lacking in (sorted(none), sorted(none, reverse=True)):
        half = {name: mine[name]}
        for payload in (papers.edit(**half), papers.resolve(case_id, settles, "mine", **half)):
            answer = two.one(two.write(case_id, payload, base=moved))
            told = (answer["status"], answer["code"], answer["field"])
            equal(told, ("rejected", "field", lacking), f"只写了 {name} 的 {payload['kind']}")
            must(answer["reason"], "没有说明为什么")
    chosen = {**mine, "next_session_place": "第二调解室"}
    choice = papers.resolve(case_id, settles, "edited", **chosen)
    again = two.one(two.write(case_id, choice, base=theirs))
    stands = {name: current["value"] for name, current in again["current"].items()}
    equal((again["status"], stands), ("conflict", moved), "选定时时间又变了")
    equal(one.of_case(after, case_id), {}, "没有收下却有了效果")
    two.do(case_id, choice, base=moved)
    head = one.of_case(after, case_id)["case", case_id]["body"]
    equal({name: head[name] for name in none}, chosen, "选定后的约定")


@check("merge.suspended_twice", "§2 案件状态、暂停", "各开始一段暂停、各写一个最后一天：后到的冲突，不动",
       "A second suspension, or another last day of one, conflicts")  # fmt: skip
def suspended_twice(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    begun = papers.suspension(case_id, one.person_id)
    span = papers.span_of(begun)
    one.do(case_id, begun, base={"suspensions": []})
    again = two.one(two.write(case_id, papers.suspension(case_id, two.person_id), base={"suspensions": []}))
    equal((again["status"], list(again["current"])), ("conflict", ["suspensions"]), "另一段暂停")
    ended = papers.suspension(case_id, one.person_id, "end", span["record_id"])
    one.do(case_id, ended, base={"suspensions": [span]})
    after, later = one.head(), papers.suspension(case_id, two.person_id, "end", span["record_id"])
    later["record"]["body"]["day"] = "2026-12-31"
    answer = two.one(two.write(case_id, later, base={"suspensions": [span]}))
    equal((answer["status"], list(answer["current"])), ("conflict", ["suspensions"]), "另一个最后一天")
    equal(one.of_case(after, case_id), {}, "冲突却有了效果")
    unsaid = two.one(two.write(case_id, papers.suspension(case_id, two.person_id)))
    equal((unsaid["status"], unsaid["field"]), ("rejected", "base_values.suspensions"), "没写依据的暂停")


@check("merge.signed_replaced", "§2 协议、签名", "协议换了一版或又在谈，再登记它的签名：拒收并说明",
       "A signature on an agreement that no longer stands is rejected in words")  # fmt: skip
def signed_replaced(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id, held = bench.agreed(one)
    newer = papers.new_id()
    two.do(case_id, papers.agreement(case_id, newer, 2), base=papers.rests_on("agreed", held))
    _not_signed(one, case_id, held)
    one.do(case_id, papers.signature(case_id, one.person_id, newer, "mediator"))
    base = papers.rests_on("agreed", newer, "mediator")
    two.do(case_id, papers.resume(case_id, two.person_id), base=base)
    _not_signed(one, case_id, newer)


@check("merge.signed_otherwise", "§2 协议、签名", "没看到别人登记的签名就登记另一天、另一人：拒收；看到照收",
       "Another day, or signer, at a signed place is rejected, unless it corrects what stands")  # fmt: skip
def signed_otherwise(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id, held = bench.agreed(one)
    first = papers.signature(case_id, one.person_id, held, "mediator")
    one.do(case_id, first)
    after, day = one.head(), f"{dt.date.fromisoformat(papers.AT[:10]) + dt.timedelta(days=3)}"
    unseen = papers.signature(case_id, two.person_id, held, "mediator", day)
    answer = two.one(two.write(case_id, unseen))
    told = (answer["status"], answer["code"], answer["field"], answer["consumed"])
    equal(told, ("rejected", "signed_otherwise", "record.body.on", True), "没看到就登记的另一天")
    must(answer["reason"], "没有说明为什么")
    equal(one.of_case(after, case_id), {}, "没有收下却有了效果")
    two.do(case_id, papers.signature(case_id, two.person_id, held, "mediator"))
    seen = first["record"]["record_id"]
    two.do(case_id, papers.signature(case_id, two.person_id, held, "mediator", day, supersedes=seen))
    by_party = papers.signature(case_id, one.person_id, held, "party")
    one.do(case_id, by_party)
    by_agent = papers.signature(case_id, two.person_id, held, "agent")
    answer = two.one(two.write(case_id, by_agent))
    equal(
        (answer["status"], answer["code"]), ("rejected", "signed_otherwise"), "没看到本人签的就登记代理人签"
    )
    other = f"{dt.date.fromisoformat(day) + dt.timedelta(days=1)}"
    late = papers.signature(case_id, one.person_id, held, "mediator", other, supersedes=seen)
    answer = one.one(one.write(case_id, late))
    equal((answer["status"], answer["code"]), ("rejected", "signed_otherwise"), "更正了已被更正的一天")


def _not_signed(seat: Seat, case_id: str, agreement_id: str) -> None:
    after = seat.head()
    answer = seat.one(seat.write(case_id, papers.signature(case_id, seat.person_id, agreement_id, "seal")))
    told = (answer["status"], answer["code"], answer["field"], answer["consumed"])
    equal(told, ("rejected", "state", "record.body.agreement_id", True), "不再用的协议上的签名")
    must(answer["reason"], "没有说明为什么")
    equal(seat.of_case(after, case_id), {}, "没有收下却有了效果")


@check("merge.suspended_late", "§2 案件状态、暂停", "调解已结束再开始暂停：拒收并说明；已开始的照样能结束",
       "A suspension that begins after mediation has ended is rejected in words")  # fmt: skip
def suspended_late(bench: Bench) -> None:
    one, two = bench.seat(), bench.second()
    case_id = bench.case(one, state="accepted")
    begun = papers.suspension(case_id, one.person_id)
    one.do(case_id, begun, base={"suspensions": []})
    span = papers.span_of(begun)
    two.do(case_id, papers.conclude(case_id, two.person_id, "failed"), base=papers.ends_on("accepted", span))
    after = one.head()
    late = papers.suspension(case_id, one.person_id)
    answer = one.one(one.write(case_id, late, base={"suspensions": []}))
    told = (answer["status"], answer["code"], answer["consumed"])
    equal(told, ("rejected", "state", True), "调解结束后的暂停")
    must(answer["reason"], "没有说明为什么")
    equal(one.of_case(after, case_id), {}, "没有收下却有了效果")
    ended = papers.suspension(case_id, one.person_id, "end", begun["record"]["record_id"])
    one.do(case_id, ended, base={"suspensions": []})

"""Commands that are not taken: which refusal, and whether the lane's number is used up."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Keys, Seat
from sync.conformance.verdict import equal, must
from sync.contract.canonical import hash_of
from sync.contract.codes import CODES

CHINESE = re.compile("[\u4e00-\u9fff]")


def refused(answer: dict[str, Any], code: str, *, status: str = "rejected", consumed: bool) -> None:
    """Check one refused command's answer."""
    equal((answer["status"], answer["code"]), (status, code), "结果")
    equal(answer["http"], CODES[code].http, "这一条的状态码")
    equal(answer["consumed"], consumed, "编号是否占用")
    must(CHINESE.search(answer["reason"]), f"没有中文理由：{answer['reason']!r}")
    must(answer.get("receipt") is None, "没有收下却给了回执")


def untouched(seat: Seat, case_id: str, after: int) -> None:
    """Check that nothing happened to the case since ``after`` and that its lane goes on."""
    equal(seat.of_case(after, case_id), {}, "没有收下却有了效果")


@check("cmd.id_reused", "§1 同号异文 422", "同一编号两份内容：第二份 422 拒收，头一份不变",
       "The same id with other content is 422; the first stands")  # fmt: skip
def id_reused(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    first = seat.write(case_id, papers.note(case_id, seat.person_id))
    told = seat.one(first)
    after, same = seat.head(), first["command"]["command_id"]
    other = seat.write(case_id, papers.note(case_id, seat.person_id), command_id=same, advance=False)
    refused(seat.one(other), "id_reused", consumed=False)
    untouched(seat, case_id, after)
    equal(seat.one(first)["receipt"], told["receipt"], "头一份的回执")
    seat.do(case_id, papers.note(case_id, seat.person_id))


@check("cmd.gap", "§1 道", "跳了号的先放着（deferred），不占编号；补上后都收下",
       "A gap is deferred and consumes nothing; once filled, all are applied")  # fmt: skip
def gap(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    first, second = (seat.write(case_id, papers.note(case_id, seat.person_id)) for _ in range(2))
    answer = seat.one(second)
    refused(answer, "lane_gap", status="deferred", consumed=False)
    untouched(seat, case_id, after)
    equal([a["status"] for a in seat.deliver(first, second)], ["applied", "applied"], "补上以后")


@check("cmd.chain", "§1 道", "链接不上的（prev_hash 不对）视为设备被复制，拒收",
       "A chain that does not join means a cloned device")  # fmt: skip
def chain(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    note = papers.note(case_id, seat.person_id)
    forked = seat.write(case_id, note, prev_hash="ab" * 32, advance=False)
    refused(seat.one(forked), "device_cloned", consumed=False)
    untouched(seat, case_id, after)
    seat.do(case_id, papers.note(case_id, seat.person_id))


@check("cmd.dev_seq", "§1 克隆", "用过的设备序号再出现，视为设备被复制，拒收",
       "A device number met again means a cloned device")  # fmt: skip
def dev_seq(bench: Bench) -> None:
    seat = bench.seat()
    one, two = bench.case(seat), bench.case(seat)
    after = seat.head()
    for case_id, number in ((one, 1), (two, 1), (one, 2)):
        note = papers.note(case_id, seat.person_id)
        refused(seat.one(seat.write(case_id, note, dev_seq=number, advance=False)), "device_cloned",
                consumed=False)  # fmt: skip
    equal([c for c in seat.since(after) if c["case_id"] in (one, two)], [], "没有收下却有了效果")


@check("cmd.old_number", "§1 道", "用过的道内编号配上新内容，视为设备被复制，拒收",
       "A lane number used before, with new content, means a cloned device")  # fmt: skip
def old_number(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    note = papers.note(case_id, seat.person_id)
    again = seat.write(case_id, note, lane_seq=1, prev_hash="0" * 64, advance=False)
    refused(seat.one(again), "device_cloned", consumed=False)
    untouched(seat, case_id, after)


@check("cmd.signature", "§1 签名", "签名不对、没有签名，不收，不占编号",
       "A wrong or missing signature is refused and consumes nothing")  # fmt: skip
def signature(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    signed = seat.write(case_id, papers.note(case_id, seat.person_id), advance=False)
    for bad in ("", "QUJD", signed["signature"][:-6] + "AAAA==", "A" * 88):
        refused(seat.one({**signed, "signature": bad}), "signature_invalid", consumed=False)
    stranger = seat.write(case_id, papers.note(case_id, seat.person_id), keys=Keys(), advance=False)
    refused(seat.one(stranger), "signature_invalid", consumed=False)
    untouched(seat, case_id, after)
    seat.do(case_id, papers.note(case_id, seat.person_id))


@check("cmd.tampered", "§1 签名", "签过名再改动任何一处，不收",
       "Anything changed after signing is refused")  # fmt: skip
def tampered(bench: Bench) -> None:
    seat = bench.seat()
    case_id, other = bench.case(seat), bench.case(seat)
    after = seat.head()
    signed = seat.write(case_id, papers.note(case_id, seat.person_id), advance=False)
    new = papers.note(case_id, seat.person_id, "改过的话")
    changes: list[dict[str, Any]] = [
        {"payload": new}, {"payload": new, "payload_sha256": hash_of(new)}, {"case_id": other},
        {"base_version": 7}, {"written_at": "2020-01-01T00:00:00.000Z"}, {"more": 1},
    ]  # fmt: skip
    for change in changes:
        answer = seat.one({**signed, "command": {**signed["command"], **change}})
        refused(answer, "signature_invalid", consumed=False)
    untouched(seat, case_id, after)


@check("cmd.other_author", "§1 作者", "不能用自己的钥匙写别人的命令",
       "Nobody can write in another's name")  # fmt: skip
def other_author(bench: Bench) -> None:
    seat, colleague = bench.seat(), bench.second()
    case_id = bench.case(seat)
    after = seat.head()
    for author in (colleague.person_id, "nobody-at-all"):
        note = papers.note(case_id, author)
        forged = seat.write(case_id, note, author=author, advance=False)
        refused(seat.one(forged), "author_unknown", consumed=False)
    both = bench.bare()
    both.enrol((bench.loan.second, Keys()))
    both.sign_in()
    forged = both.write(case_id, papers.note(case_id, colleague.person_id), author=colleague.person_id)
    refused(both.one(forged), "signature_invalid", consumed=False)
    untouched(seat, case_id, after)


@check("cmd.record_author", "§1 作者", "记录的作者要是签名的人",
       "A record's author is who signed")  # fmt: skip
def record_author(bench: Bench) -> None:
    seat, colleague = bench.seat(), bench.second()
    case_id = bench.case(seat)
    answer = seat.one(seat.write(case_id, papers.note(case_id, colleague.person_id)))
    refused(answer, "field", consumed=True)
    must("author" in answer["field"], f"没有写明是哪一项：{answer['field']}")


@check("cmd.payload_hash", "§1 payload_sha256", "内容与写明的校验值不一致，拒收",
       "A payload that does not match its stated hash is rejected")  # fmt: skip
def payload_hash(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    signed = seat.write(case_id, papers.note(case_id, seat.person_id), payload_sha256="cd" * 32)
    answer = seat.one(signed)
    equal((answer["status"], answer["code"]), ("rejected", "payload_hash"), "结果")
    untouched(seat, case_id, after)


@check("cmd.schema_newer", "§1 schema_version", "更新版本写的先放着（deferred，426），不占编号",
       "A newer schema is deferred as 426 and consumes nothing")  # fmt: skip
def schema_newer(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    note = papers.note(case_id, seat.person_id)
    answer = seat.one(seat.write(case_id, note, schema_version=999, advance=False))
    refused(answer, "schema_newer", status="deferred", consumed=False)
    untouched(seat, case_id, after)
    seat.do(case_id, papers.note(case_id, seat.person_id))


@check("cmd.too_many", "§1 最多 100 条", "一次 101 条是 413，一条也没有发生；100 条照收",
       "101 commands are 413 and none is taken; 100 are")  # fmt: skip
def too_many(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    batch = [seat.write(case_id, papers.note(case_id, seat.person_id)) for _ in range(101)]
    answer = seat.wire.ask("POST", "/commands", data={"commands": batch})
    answer.refuses("too_large", 413)
    untouched(seat, case_id, after)
    equal({a["status"] for a in seat.deliver(*batch[:100])}, {"applied"}, "100 条")


@check("cmd.oversize", "§1 最多 1 MB", "超过 1 MB 是 413，一条也没有发生",
       "More than 1 MB is 413 and nothing is taken")  # fmt: skip
def oversize(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    text = "长" * 90_000
    batch = [seat.write(case_id, papers.note(case_id, seat.person_id, text)) for _ in range(5)]
    seat.wire.ask("POST", "/commands", data={"commands": batch}).refuses("too_large", 413)
    untouched(seat, case_id, after)
    equal([a["status"] for a in seat.deliver(*batch[:2])], ["applied"] * 2, "分批以后")


@check("cmd.rejected", "§1 rejected", "拒收写明代码、哪一项、中文理由，并占用编号",
       "A rejection tells code, field and a Chinese reason, and consumes its number")  # fmt: skip
def rejected(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    wanted = papers.refuse(case_id, seat.person_id, facts="")
    answer = seat.one(seat.write(case_id, wanted, base=papers.rests_on("received")))
    refused(answer, "field", consumed=True)
    must("facts" in answer["field"], f"没有写明是哪一项：{answer['field']!r}")
    untouched(seat, case_id, after)
    seat.do(case_id, papers.note(case_id, seat.person_id))


@check("cmd.rejected_again", "§1 duplicate", "拒收过的再来一次，还是头一次的答复",
       "A rejected command again gives the first answer")  # fmt: skip
def rejected_again(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    wanted = papers.close(case_id, seat.person_id)
    signed = seat.write(case_id, wanted, base=papers.rests_on("received"))
    first = seat.one(signed)
    refused(first, "state", consumed=True)
    again = seat.one(signed)
    equal((again["status"], again["first_status"]), ("duplicate", "rejected"), "再来一次")
    for name in ("code", "field", "reason", "consumed"):
        equal(again[name], first[name], f"再来一次的 {name}")


@check("cmd.wrong_kind", "§1 命令", "不认识的动作、缺项、多写类型的内容，拒收并写明哪一项",
       "Unknown kinds and ill-formed payloads are rejected with the field")  # fmt: skip
def wrong_kind(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    payloads: list[Any] = [
        {"kind": "case.explode"}, {"kind": "record.add"}, {"kind": "case.edit", "fields": 7},
        {}, [], "x", None,
    ]  # fmt: skip
    for payload in payloads:
        answer = seat.one(seat.write(case_id, payload))
        equal(answer["status"], "rejected", f"{payload!r} 的结果")
        must(answer["reason"] and answer["field"], f"{payload!r} 没有写明哪一项")
    untouched(seat, case_id, after)
    seat.do(case_id, papers.note(case_id, seat.person_id))


@check("cmd.unknown_case", "§1 命令", "没有的案件不会凭空出现",
       "A command for a case nobody knows creates nothing")  # fmt: skip
def unknown_case(bench: Bench) -> None:
    seat, case_id = bench.seat(), str(uuid.uuid4())
    after = seat.head()
    answer = seat.one(seat.write(case_id, papers.note(case_id, seat.person_id)))
    known = (("rejected", "case_unknown"), ("rejected", "case_lost"), ("deferred", "case_pending"))
    must((answer["status"], answer["code"]) in known, f"没有的案件：{answer['status']} {answer['code']}")
    equal(answer["consumed"], answer["status"] == "rejected", "编号是否占用")
    untouched(seat, case_id, after)


@check("cmd.case_exists", "§1 登记", "同一案件登记两次，第二次拒收",
       "A case is registered once")  # fmt: skip
def case_exists(bench: Bench) -> None:
    seat, other = bench.seat(), bench.second()
    case_id = bench.case(seat)
    after = seat.head()
    refused(other.one(other.write(case_id, papers.register(case_id))), "case_exists", consumed=True)
    untouched(seat, case_id, after)


@check("cmd.platform_owned", "§2 平台的内容", "办件编号、状态等平台的内容，客户端改不了",
       "What the platform owns no client changes")  # fmt: skip
def platform_owned(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    after = seat.head()
    for name, value in (("intake_no", "YJS1"), ("state", "closed"), ("received_at", papers.AT)):
        payload = papers.edit(**{name: value})
        refused(seat.one(seat.write(case_id, payload, base={name: ""})), "field", consumed=True)
    forged = papers.register(str(uuid.uuid4()), source="platform")
    answer = seat.one(seat.write(forged["case"]["case_id"], forged))
    equal(answer["status"], "rejected", "冒充平台派来的办件")
    untouched(seat, case_id, after)

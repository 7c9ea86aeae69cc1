"""Commands that are taken, each once, in order, with a receipt."""

from __future__ import annotations

import uuid

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import together
from sync.conformance.verdict import equal, must
from sync.contract.canonical import canonical, digest
from sync.contract.commands import CommandAnswer


@check("cmd.applied", "§1 POST /commands", "收下的命令有签了名的回执，效果在动态里看得到",
       "An applied command has a signed receipt and its effect is in the feed")  # fmt: skip
def applied(bench: Bench) -> None:
    seat = bench.seat()
    after, case_id = seat.head(), str(uuid.uuid4())
    signed = seat.write(case_id, papers.register(case_id))
    answer = CommandAnswer.model_validate(seat.one(signed))
    equal((answer.status, answer.http, answer.consumed), ("applied", 200, True), "回复")
    receipt = seat.proven(answer.model_dump(mode="json")["receipt"])
    equal(receipt["command_id"], signed["command"]["command_id"], "回执里的命令")
    equal(receipt["command_hash"], digest(canonical(signed["command"])), "回执里的校验值")
    equal(receipt["status"], "applied", "回执里的结果")
    seen = seat.of_case(after, case_id)
    must(("case", case_id) in seen, "动态里没有登记的案件")
    must(max(change["seq"] for change in seen.values()) <= receipt["seq"] == answer.seq, "回执里的序号")


@check("cmd.receipt_own", "§1 回执", "每条命令的回执号各不相同，签名只认自己的内容",
       "Each receipt has its own number, and its signature covers every field")  # fmt: skip
def receipt_own(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    receipts = [
        seat.proven(seat.do(case_id, papers.note(case_id, seat.person_id))["receipt"]) for _ in range(3)
    ]
    equal(len({receipt["receipt_no"] for receipt in receipts}), 3, "回执号的个数")
    equal(len({receipt["signature"] for receipt in receipts}), 3, "签名的个数")
    names = {"receipt_no", "command_id", "command_hash", "status", "seq", "at", "signature"}
    must(all(names <= set(receipt) for receipt in receipts), "回执缺项")


@check("cmd.duplicate", "§1 duplicate", "同一条再来，给头一次的结果和同一张回执，不再发生第二次",
       "The same command again gives the first result and has no second effect")  # fmt: skip
def duplicate(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    signed = seat.write(case_id, papers.note(case_id, seat.person_id))
    first = seat.one(signed)
    after = seat.head()
    for _ in range(3):
        again = seat.one(signed)
        equal((again["status"], again["first_status"]), ("duplicate", "applied"), "再来一次的结果")
        equal(again["receipt"], first["receipt"], "再来一次的回执")
        equal(again["seq"], first["seq"], "再来一次的序号")
    equal(seat.of_case(after, case_id), {}, "再来一次的效果")


@check("cmd.duplicate_at_once", "§1 恰好一次", "同一条从两条线路同时到：一条收下，一条说已有",
       "The same command from two connections at once is applied once")  # fmt: skip
def duplicate_at_once(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    for _ in range(3):
        after = seat.head()
        signed = seat.write(case_id, papers.note(case_id, seat.person_id))
        lines = [seat.wire.twin() for _ in range(3)]
        got = together(*[lambda line=line, one=signed: seat.deliver(one, wire=line)[0] for line in lines])
        for line in lines:
            line.close()
        statuses = sorted(answer["status"] for answer in got)
        equal(statuses, ["applied", "duplicate", "duplicate"], "三条线路的结果")
        equal(len({answer["receipt"]["receipt_no"] for answer in got}), 1, "回执的张数")
        changes = [c for c in seat.since(after) if c["case_id"] == case_id]
        equal(len(changes), 1, "效果的次数")


@check("cmd.batch_order", "§1 道", "一批里同一条道的命令依次收下，回复按发的次序",
       "A batch of one lane is applied in order, answered in order")  # fmt: skip
def batch_order(bench: Bench) -> None:
    seat = bench.seat()
    after, case_id = seat.head(), str(uuid.uuid4())
    batch = [seat.write(case_id, papers.register(case_id))]
    texts = [f"第{number}条" for number in range(6)]
    batch += [seat.write(case_id, papers.note(case_id, seat.person_id, text)) for text in texts]
    answers = seat.deliver(*batch)
    equal([answer["status"] for answer in answers], ["applied"] * 7, "一批的结果")
    records = [c for c in seat.since(after) if c["case_id"] == case_id and c["entity"] == "record"]
    equal([c["body"]["body"]["text"] for c in records], texts, "动态里的次序")


@check("cmd.lanes_apart", "§1 道", "一条道停住，不耽误别的道和别的案件",
       "A lane that waits delays no other")  # fmt: skip
def lanes_apart(bench: Bench) -> None:
    seat = bench.seat()
    one, two = bench.case(seat), bench.case(seat)
    seat.write(one, papers.note(one, seat.person_id))
    stuck = seat.write(one, papers.note(one, seat.person_id))
    free = seat.write(two, papers.note(two, seat.person_id))
    answers = seat.deliver(stuck, free)
    equal([a["status"] for a in answers], ["deferred", "applied"], "两条道的结果")


@check("cmd.bad_item", "§4 坏的一条", "一批里有坏的一条，其余照收",
       "One bad item in a batch does not spoil the rest")  # fmt: skip
def bad_item(bench: Bench) -> None:
    seat = bench.seat()
    one, two = bench.case(seat), bench.case(seat)
    broken = seat.write(one, papers.note(one, seat.person_id))
    broken["command"] = {**broken["command"], "written_at": "昨天"}
    empty = {"command": {"command_id": str(uuid.uuid4())}, "signature": ""}
    good = seat.write(two, papers.note(two, seat.person_id))
    answers = seat.deliver(broken, empty, good)
    equal([a["status"] for a in answers], ["rejected", "rejected", "applied"], "三条的结果")


@check("cmd.carried", "§1 代交", "别的设备可以代交签了名的命令，记在写的人名下",
       "Any signed-in device may carry another's signed commands")  # fmt: skip
def carried(bench: Bench) -> None:
    writer, carrier = bench.seat(), bench.second()
    after, case_id = carrier.head(), str(uuid.uuid4())
    signed = writer.write(case_id, papers.register(case_id))
    equal(carrier.one(signed)["status"], "applied", "代交的命令")
    equal(writer.one(signed)["status"], "duplicate", "自己再交一次")
    note = writer.write(case_id, papers.note(case_id, writer.person_id))
    equal(carrier.one(note)["status"], "applied", "代交的第二条")
    record = next(c for c in carrier.since(after) if c["case_id"] == case_id and c["entity"] == "record")
    equal(record["body"]["author"], writer.person_id, "记录的作者")


@check("cmd.lookup", "§1 GET /commands/{id}", "问一条命令的下落，给的就是当时的结果",
       "Asking after a command gives what was answered, also for a rejected one")  # fmt: skip
def lookup(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    good = seat.one(seat.write(case_id, papers.note(case_id, seat.person_id)))
    bad = seat.one(seat.write(case_id, papers.close(case_id, seat.person_id)))
    equal(bad["status"], "rejected", "不能办的一步")
    for first in (good, bad):
        told = seat.wire.ask("GET", f"/commands/{first['command_id']}").object(200)
        for name in ("command_id", "status", "receipt", "code", "field", "reason", "seq", "consumed"):
            equal(told.get(name), first.get(name), f"下落里的 {name}")


@check("cmd.lookup_unknown", "§1 GET /commands/{id}", "没有收到过的，明说没有收到过",
       "A command never received is answered 404 command_unknown")  # fmt: skip
def lookup_unknown(bench: Bench) -> None:
    seat = bench.seat()
    seat.wire.ask("GET", f"/commands/{uuid.uuid4()}").refuses("command_unknown", 404)
    case_id = bench.case(seat)
    seat.write(case_id, papers.note(case_id, seat.person_id))
    waiting = seat.write(case_id, papers.note(case_id, seat.person_id))
    equal(seat.one(waiting)["status"], "deferred", "跳号的命令")
    path = f"/commands/{waiting['command']['command_id']}"
    seat.wire.ask("GET", path).refuses("command_unknown", 404)


@check("cmd.device_clock", "§1 次序", "电脑时钟错得再多也照收，先后以平台的序号为准",
       "A wrong device clock is evidence, never order")  # fmt: skip
def device_clock(bench: Bench) -> None:
    seat = bench.seat()
    after, case_id = seat.head(), str(uuid.uuid4())
    batch = [seat.write(case_id, papers.register(case_id), written_at="2090-01-01T00:00:00.000Z")]
    for moment in ("1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999+08:00"):
        batch.append(seat.write(case_id, papers.note(case_id, seat.person_id, moment), written_at=moment))
    equal([a["status"] for a in seat.deliver(*batch)], ["applied"] * 3, "三条的结果")
    mine = [c for c in seat.since(after) if c["case_id"] == case_id]
    years = {c["at"][:4] for c in mine}
    must(not years & {"1970", "2090", "2024"}, f"动态里的时间用了电脑的时钟：{years}")


@check("cmd.attachment", "§1 附件", "附件只登记校验值，不等文件到；登记时标明还没有存下",
       "An attachment is declared without its bytes and not yet stored")  # fmt: skip
def attachment(bench: Bench) -> None:
    seat = bench.seat()
    after, case_id = seat.head(), bench.case(seat)
    payload = papers.attachment(case_id, seat.person_id, digest(uuid.uuid4().bytes), 16)
    payload["attachment"]["stored"] = True
    seat.do(case_id, payload)
    body = next(c["body"] for k, c in seat.of_case(after, case_id).items() if k[0] == "attachment")
    equal(body["stored"], False, "没有文件的附件的 stored")

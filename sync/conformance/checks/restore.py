"""After a restore: a new epoch, and what was forgotten is taken again."""

from __future__ import annotations

import uuid

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.checks.filings import prepared
from sync.conformance.registry import check
from sync.conformance.verdict import equal, must


@check("restore.epoch", "§1 epoch", "平台恢复后纪元改变，旧的进度 410；忘了的命令再发就再收，一次也不多",
       "A restore begins an epoch; forgotten commands are taken again, once", late=True)  # fmt: skip
def epoch(bench: Bench) -> None:
    control, seat = bench.control, bench.seat()
    kept = bench.case(seat)
    control.backup()
    before = seat.hello()
    lost = str(uuid.uuid4())
    register = seat.write(lost, papers.register(lost))
    follow = seat.write(lost, papers.note(lost, seat.person_id))
    seat.deliver(register, follow)
    control.restore()
    hello = seat.hello()
    must(hello["epoch"] != before["epoch"], "纪元没有变")
    must(hello["epoch_no"] > before["epoch_no"], "看不出哪个纪元在后")
    params = {"after": before["head"], "epoch": before["epoch"]}
    seat.wire.ask("GET", "/changes", params=params).refuses("epoch_changed", 410)
    seat.wire.ask("GET", f"/commands/{register['command']['command_id']}").refuses("command_unknown", 404)
    equal(seat.one(follow)["status"], "deferred", "案件还没有补回时的命令")
    after = hello["head"]
    equal([a["status"] for a in seat.deliver(register, follow)], ["applied", "applied"], "补发")
    equal([a["status"] for a in seat.deliver(register, follow)], ["duplicate", "duplicate"], "再补发")
    seen = seat.of_case(after, lost)
    equal(len([1 for entity, _ in seen if entity == "record"]), 1, "补回的记录")
    seat.do(kept, papers.note(kept, seat.person_id))


@check("restore.numbers", "§1 number-blocks", "平台恢复后，租出去的号不会再租给别人",
       "Numbers leased before a restore are not leased again", late=True)  # fmt: skip
def numbers(bench: Bench) -> None:
    control, seat = bench.control, bench.seat()

    def lease() -> dict[str, int]:
        body = {"block_id": str(uuid.uuid4()), "series": "case", "year": 2026, "count": 4}
        told: dict[str, int] = seat.wire.ask("POST", "/number-blocks", data=body).object(201)
        return told

    control.backup()
    before = lease()
    control.restore()
    must(lease()["first"] > before["last"], "恢复后同样的号又租了出去")


@check("restore.court", "§1 自然键", "平台忘了法院正在办的申请：不收第二份，协议不能动；原来那份再交还是它",
       "No second application beside one that a restored platform forgot", late=True)  # fmt: skip
def court(bench: Bench) -> None:
    control, filing = bench.control, prepared(bench)
    seat, case_id, held = filing.seat, filing.case_id, filing.subject_id
    control.backup()
    first = filing.lodge().object(200)
    control.restore()
    for number in (1, 2):
        error = filing.next_round(number).lodge().refuses("already_lodged", 409)
        equal(error.details.get("submission_id"), filing.submission_id, "409 里写明的那一份")
    base = papers.rests_on("agreed", held)
    answer = seat.one(seat.write(case_id, papers.resume(case_id, seat.person_id), base=base))
    equal((answer["status"], answer["code"]), ("rejected", "filed_meanwhile"), "法院在办时的再谈一次")
    back = filing.lodge().object(200)
    equal(back["receipt"]["status"], "lodged", "原来那份再交")
    equal(back["receipt"]["at"], first["receipt"]["at"], "回执上法院第一次收到的时间")
    equal(back["submission"]["events"], first["submission"]["events"], "申请的经过")
    control.backup()
    control.court(filing.submission_id, "not_accept")
    control.restore()
    over = {**base, "filings_over": [filing.submission_id]}
    again = seat.write(case_id, papers.resume(case_id, seat.person_id), base=over)
    waits = seat.one(again)
    equal((waits["status"], waits["consumed"]), ("deferred", False), "办完以后写的，办完的还没有补回")
    control.court(filing.submission_id, "not_accept")
    equal(seat.one(again)["status"], "applied", "办完的补回以后")

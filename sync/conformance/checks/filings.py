"""Manifests and filings: lodged once, supplemented, withdrawn, ended, opened again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Seat, some_bytes, together
from sync.conformance.verdict import equal, must
from sync.conformance.wire import Answer, Wire
from sync.contract.canonical import digest


@dataclass
class Filing:
    """A filing under preparation."""

    seat: Seat
    case_id: str
    subject_id: str
    submission_id: str
    files: list[tuple[str, int]]

    def path(self, tail: str = "") -> str:
        """Its path below ``/v1``."""
        return f"/submissions/{self.submission_id}{tail}"

    def manifest(self, number: int = 1, **changed: Any) -> Answer:
        """``PUT`` a manifest."""
        body = papers.manifest(self.case_id, self.subject_id, *self.files, **changed)
        return self.seat.wire.ask("PUT", self.path(f"/manifests/{number}"), data=body)

    def lodge(self, number: int = 1, wire: Wire | None = None, **named: Any) -> Answer:
        """``POST …/lodge``; ``named``: the hash of the list that is meant, the signatures that were seen."""
        data = {"manifest_no": number, **named}
        return (wire or self.seat.wire).ask("POST", self.path("/lodge"), data=data)

    def supplement(self, number: int) -> Answer:
        """``POST …/supplement``."""
        return self.seat.wire.ask("POST", self.path("/supplement"), data={"manifest_no": number})

    def withdraw(self, **seen: Any) -> Answer:
        """``POST …/withdraw``, on what was ``seen`` of it."""
        data = {"reason": "双方另有安排", **seen}
        return self.seat.wire.ask("POST", self.path("/withdraw"), data=data)

    def get(self) -> dict[str, Any]:
        """``GET``: the submission as it stands."""
        return dict(self.seat.wire.ask("GET", self.path()).object(200)["submission"])

    def next_round(self, number: int) -> Filing:
        """Another filing of the same subject."""
        other = Filing(self.seat, self.case_id, self.subject_id, str(uuid.uuid4()), self.files)
        other.manifest(round=number).must_be(201)
        return other


def prepared(bench: Bench, seat: Seat | None = None) -> Filing:
    """A filing whose first manifest is there and whose file has arrived."""
    seat = seat or bench.seat()
    case_id, agreement_id = bench.agreed(seat)
    data = some_bytes(200)
    filing = Filing(seat, case_id, agreement_id, str(uuid.uuid4()), [(seat.upload(data), len(data))])
    filing.manifest().must_be(201)
    return filing


def lodged(bench: Bench) -> Filing:
    """A filing that the platform has."""
    filing = prepared(bench)
    filing.lodge().must_be(200)
    return filing


@check("manifest.fixed", "§1 PUT manifests", "清单交出去就不能改：同样的再交可以，别的 409",
       "A manifest that was handed in is immutable: the same again is fine, another is 409")  # fmt: skip
def fixed(bench: Bench) -> None:
    filing = prepared(bench)
    first = filing.manifest().object(200)
    equal(len(first["manifest_sha256"]), 64, "清单校验值的长度")
    filing.lodge().must_be(200)
    equal(filing.manifest().object(200), first, "同样的清单")
    filing.manifest(court_name="别的法院").refuses("manifest_immutable", 409)
    filing.files = [*filing.files, ("ab" * 32, 1)]
    filing.manifest().refuses("manifest_immutable", 409)
    filing.submission_id = str(uuid.uuid4())
    filing.manifest(more=1.5).must_be(400, 422).error()


@check("manifest.gives_way", "§1 PUT manifests", "只放着、没有交出去的清单让位给另一份；交的只是写明的那一份",
       "A manifest that nobody handed in gives way, and only the one meant is handed in")  # fmt: skip
def gives_way(bench: Bench) -> None:
    filing = prepared(bench)
    first, mine = filing.manifest().object(200)["manifest_sha256"], filing.files
    data = some_bytes(60)
    filing.files = [*mine, (filing.seat.upload(data), len(data))]
    second = filing.manifest().object(201)["manifest_sha256"]
    must(first != second, "两份清单的校验值一样")
    error = filing.lodge(manifest_sha256=first).refuses("manifest_immutable", 409)
    equal(error.details.get("sha256"), sorted(sha256 for sha256, _ in filing.files), "现在那一份的文件")
    equal(filing.get()["state"], "prepared", "没有交出去的申请")
    receipt = filing.lodge(manifest_sha256=second).object(200)["receipt"]
    equal(receipt["command_hash"], second, "回执里的清单")
    filing.lodge(manifest_sha256=first).refuses("manifest_immutable", 409)


@check("manifest.key", "§1 自然键", "一份申请定给一个协议，换案件、类别、协议、轮次都是 409",
       "A submission belongs to one natural key")  # fmt: skip
def key(bench: Bench) -> None:
    filing = prepared(bench)
    for changed in ({"kind": "suit"}, {"round": 2}, {"subject_id": filing.case_id}):
        filing.manifest(2, **changed).refuses("manifest_immutable", 409)


@check("manifest.order", "§1 PUT manifests", "清单按号依次交，跳号是 409",
       "Manifests come in order")  # fmt: skip
def order(bench: Bench) -> None:
    filing = prepared(bench)
    filing.manifest(3).refuses("manifest_missing", 409)
    filing.submission_id = str(uuid.uuid4())
    filing.manifest(2).refuses("manifest_missing", 409)
    for number in ("0", "x", "99999999999999999999"):
        path = filing.path(f"/manifests/{number}")
        body = papers.manifest(filing.case_id, filing.subject_id, *filing.files)
        filing.seat.wire.ask("PUT", path, data=body).must_be(400, 404, 422)


@check("manifest.missing", "§1 PUT manifests", "清单的回复写明还有哪些文件没有到",
       "The reply names the files that have not arrived")  # fmt: skip
def missing(bench: Bench) -> None:
    filing = prepared(bench)
    data = some_bytes(60)
    filing.files = [*filing.files, (digest(data), 60)]
    equal(filing.manifest(2).object(201)["missing"], [digest(data)], "没有到的文件")
    filing.seat.upload(data)
    equal(filing.manifest(2).object(200)["missing"], [], "到齐以后")


@check("lodge.once", "§1 lodge", "提交后有签了名的回执，状态是法院已收到，动态里看得到",
       "Lodging gives a signed receipt and shows in the feed")  # fmt: skip
def once(bench: Bench) -> None:
    filing = prepared(bench)
    after = filing.seat.head()
    sha256 = filing.manifest().object(200)["manifest_sha256"]
    told = filing.lodge().object(200)
    receipt = filing.seat.proven(told["receipt"])
    equal((receipt["status"], receipt["command_hash"]), ("lodged", sha256), "回执")
    must(filing.submission_id in receipt["command_id"], "回执没有写明是哪份申请")
    equal(told["submission"]["state"], "lodged", "状态")
    change = filing.seat.of_case(after, filing.case_id)["submission", filing.submission_id]
    equal(change["body"], filing.get(), "动态里的申请与查到的")
    equal(change["body"]["manifest_no"], 1, "清单号")


@check("lodge.again", "§1 lodge", "提交的回复丢了再提交，给头一张回执，不发生第二次",
       "Lodging again gives the first receipt and has no second effect")  # fmt: skip
def again(bench: Bench) -> None:
    filing = prepared(bench)
    first = filing.lodge().object(200)
    after = filing.seat.head()
    for _ in range(2):
        equal(filing.lodge().object(200)["receipt"], first["receipt"], "再提交的回执")
    equal(filing.seat.of_case(after, filing.case_id), {}, "再提交的效果")
    equal([event["state"] for event in filing.get()["events"]], ["lodged"], "经过")


@check("lodge.signed_unseen", "§1 lodge", "没看到别人改过的签名日子，不交给法院，告诉现在有哪些登记",
       "Nothing is lodged on days of signatures that moved unseen")  # fmt: skip
def signed_unseen(bench: Bench) -> None:
    filing = prepared(bench)
    made = papers.signature(filing.case_id, filing.seat.person_id, filing.subject_id, "mediator")
    filing.seat.do(filing.case_id, made)
    error = filing.lodge(signed=[]).refuses("ground_moved", 409)
    equal(error.details.get("signed"), [made["record"]["record_id"]], "现在的登记")
    equal(filing.get()["state"], "prepared", "没有交出去的申请")
    filing.lodge(signed=[made["record"]["record_id"]]).must_be(200)


@check("lodge.same_at_once", "§1 lodge", "同一份从三条线路同时提交：一次效果，同一张回执",
       "One submission lodged from three connections at once: one effect, one receipt")  # fmt: skip
def same_at_once(bench: Bench) -> None:
    filing = prepared(bench)
    lines = [filing.seat.wire.twin() for _ in range(3)]
    got = together(*[lambda line=line: filing.lodge(wire=line).object(200) for line in lines])
    for line in lines:
        line.close()
    equal(len({told["receipt"]["receipt_no"] for told in got}), 1, "回执的张数")
    equal([event["state"] for event in filing.get()["events"]], ["lodged"], "经过")


@check("lodge.both", "§1 自然键", "两台电脑为同一协议各提交一份，同时到：恰好一份成",
       "Two computers lodge for one agreement at once: exactly one succeeds")  # fmt: skip
def both(bench: Bench) -> None:
    one, colleague = prepared(bench), bench.second()
    two = Filing(colleague, one.case_id, one.subject_id, str(uuid.uuid4()), one.files)
    two.manifest().must_be(201)
    answers = together(one.lodge, two.lodge)
    equal(sorted(answer.status for answer in answers), [200, 409], "两份的结果")
    error = next(answer for answer in answers if answer.status == 409).refuses("already_lodged", 409)
    winner = one if answers[0].status == 200 else two
    equal(error.details.get("submission_id"), winner.submission_id, "409 里写明的那一份")
    equal(winner.get()["state"], "lodged", "成的那份")
    loser = two if winner is one else one
    equal(loser.get()["state"], "prepared", "没成的那份")


@check("lodge.replaced", "§1 lodge", "协议换了一版，旧的一版不能再提交；又在谈时新的也不能",
       "An agreement that no longer stands is not lodged")  # fmt: skip
def replaced(bench: Bench) -> None:
    filing = prepared(bench)
    seat, case_id, newer = filing.seat, filing.case_id, papers.new_id()
    base = papers.rests_on("agreed", filing.subject_id)
    seat.do(case_id, papers.agreement(case_id, newer, 2), base=base)
    filing.lodge().refuses("state", 422)
    equal(filing.get()["state"], "prepared", "换掉的协议的申请")
    again = Filing(seat, case_id, newer, str(uuid.uuid4()), filing.files)
    again.manifest().must_be(201)
    seat.do(case_id, papers.resume(case_id, seat.person_id), base={**base, "agreement_id": newer})
    again.lodge().refuses("state", 422)
    equal(again.get()["state"], "prepared", "又在谈的协议的申请")


@check("lodge.files_missing", "§1 lodge", "还有文件没有到就不能提交，写明缺哪些；到齐就成",
       "Lodging waits until every file is stored")  # fmt: skip
def files_missing(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(80)
    case_id, agreement_id = bench.agreed(seat)
    filing = Filing(seat, case_id, agreement_id, str(uuid.uuid4()), [(digest(data), 80)])
    filing.manifest().must_be(201)
    error = filing.lodge().refuses("files_missing", 409)
    equal(error.details.get("missing"), [digest(data)], "缺的文件")
    seat.upload(data)
    filing.lodge().must_be(200)


@check("lodge.no_manifest", "§1 lodge", "没有清单、没有这份申请，不能提交",
       "Without a manifest, or unknown, nothing is lodged")  # fmt: skip
def no_manifest(bench: Bench) -> None:
    filing = prepared(bench)
    filing.lodge(7).refuses("manifest_missing", 409)
    equal(filing.get()["state"], "prepared", "状态")
    filing.submission_id = str(uuid.uuid4())
    filing.lodge().refuses("not_found", 404)
    filing.seat.wire.ask("GET", filing.path()).refuses("not_found", 404)


@check("lodge.unknown_agreement", "§1 自然键", "平台上没有的协议不能提交；没有的案件不能备清单",
       "An agreement or case the platform does not have cannot be lodged")  # fmt: skip
def unknown_agreement(bench: Bench) -> None:
    filing = prepared(bench)
    filing.submission_id, filing.subject_id = str(uuid.uuid4()), str(uuid.uuid4())
    filing.manifest().must_be(201)
    filing.lodge().refuses("agreement_unknown", 422)
    filing.submission_id, filing.case_id = str(uuid.uuid4()), str(uuid.uuid4())
    filing.manifest().refuses("case_unknown", 422)


@check("lodge.round", "§1 轮次", "轮次要接着来，头一次只能是第一轮",
       "Rounds follow one another; the first is 1")  # fmt: skip
def rounds(bench: Bench) -> None:
    other = prepared(bench).next_round(2)
    error = other.lodge().refuses("round", 422)
    equal(error.details.get("expected"), 1, "应是第几轮")


@check("lodge.open_conflict", "§2 冲突", "法律要项有两种写法没有选定就不能提交；选定后可以",
       "An open conflict on a legal field blocks lodging; settled, it does not")  # fmt: skip
def open_conflict(bench: Bench) -> None:
    filing = prepared(bench)
    seat, case_id = filing.seat, filing.case_id
    stale = papers.close(case_id, seat.person_id)
    answer = seat.one(seat.write(case_id, stale, base=papers.rests_on("mediating")))
    equal(answer["status"], "conflict", "照旧内容结案")
    filing.lodge().refuses("open_conflict", 409)
    choice = papers.resolve(case_id, answer["command_id"], "theirs", state="agreed")
    seat.do(case_id, choice, base={"state": "agreed"})
    filing.lodge().must_be(200)


@check("lodge.name_conflict", "§2 冲突", "姓名有两种写法时谁的电脑都不能提交；电话有两种写法不碍事",
       "Two names hold up lodging from every device; two telephone numbers do not")  # fmt: skip
def name_conflict(bench: Bench) -> None:
    filing = prepared(bench)
    seat, case_id, other = filing.seat, filing.case_id, bench.second()
    party_id = papers.respondent_id(case_id)
    answers = {}
    for name, base, mine, theirs in (
        ("name", "测乙", "测乙一", "测乙二"),
        ("phone", "13800000000", "1", "2"),
    ):
        seat.do(case_id, papers.edit_party(party_id, **{name: mine}), base={name: base})
        late = other.write(case_id, papers.edit_party(party_id, **{name: theirs}), base={name: base})
        answers[name] = other.one(late)
        equal(answers[name]["status"], "conflict", f"{name} 的第二种写法")
    filing.lodge().refuses("open_conflict", 409)
    over = papers.edit_party(party_id, name="测乙三")
    second = other.one(other.write(case_id, over, base={"name": "测乙二"}))
    equal(second["status"], "conflict", "改过的第二种写法")
    choice = papers.resolve(case_id, second["command_id"], "theirs", name="测乙一")
    choice |= {"entity": "party", "entity_id": party_id, "also": [answers["name"]["command_id"]]}
    other.do(case_id, choice, base={"name": "测乙一"})
    filing.lodge().must_be(200)


@check("filing.not_asked", "§1 补充", "法院没有要求就不能补；清单号不对也不能",
       "A supplement needs to be asked for")  # fmt: skip
def not_asked(bench: Bench) -> None:
    filing = lodged(bench)
    filing.supplement(2).refuses("manifest_missing", 409)
    filing.manifest(2, court_name="补充").must_be(201)
    filing.supplement(2).refuses("state", 422)
    equal(filing.get()["state"], "lodged", "状态")


@check("filing.withdraw", "§1 撤回", "申请撤回有回执，再来一次给同一张；没有提交的、没看到答复的不能撤",
       "Withdrawing gives a receipt, the same when asked again; not over what was unseen")  # fmt: skip
def withdraw(bench: Bench) -> None:
    filing = prepared(bench)
    filing.withdraw().refuses("state", 422)
    filing.lodge().must_be(200)
    bench.control.court(filing.submission_id, "accept")
    filing.withdraw(manifest_no=1, state="lodged").refuses("filing_moved", 409)
    first = filing.withdraw(manifest_no=1, state="accepted").object(200)
    equal(filing.seat.proven(first["receipt"])["status"], "withdrawal_asked", "回执")
    equal(filing.withdraw().object(200)["receipt"], first["receipt"], "再来一次的回执")
    equal(filing.get()["state"], "accepted", "法院没有准许前的状态")
    equal(filing.get()["events"][-1]["code"], "withdrawal_asked", "动态里写明已申请撤回")


@check("filing.supplement", "§1 补充", "法院要求补：状态和期限在动态里，补交第二份清单，回执再来一样",
       "A supplement adds manifest n+1, once, after the court asked")  # fmt: skip
def supplement(bench: Bench) -> None:
    control, filing = bench.control, lodged(bench)
    control.court(filing.submission_id, "ask_supplement")
    body = filing.get()
    equal(body["state"], "supplement_asked", "状态")
    event = body["events"][-1]
    must(event["asked"] and event["answer_by"], "没有写明要补什么、期限")
    data = some_bytes(70)
    filing.files = [*filing.files, (digest(data), 70)]
    filing.manifest(2).must_be(201)
    filing.supplement(2).refuses("files_missing", 409)
    filing.seat.upload(data)
    first = filing.supplement(2).object(200)
    equal(filing.seat.proven(first["receipt"])["status"], "supplemented", "回执")
    equal(filing.supplement(2).object(200)["receipt"], first["receipt"], "再来一次的回执")
    equal((filing.get()["state"], filing.get()["manifest_no"]), ("supplemented", 2), "补交后")


@check("filing.confirmed", "§1 结果", "裁定和文书送回来，文书按校验值取得到；不能再提交一份",
       "The ruling comes back with its document; no second filing after it")  # fmt: skip
def confirmed(bench: Bench) -> None:
    control, filing = bench.control, lodged(bench)
    after = filing.seat.head()
    control.court(filing.submission_id, "accept")
    control.court(filing.submission_id, "confirm")
    body = filing.seat.of_case(after, filing.case_id)["submission", filing.submission_id]["body"]
    equal(body["state"], "confirmed", "状态")
    must(body["court_number"], "没有案号")
    (paper,) = body["events"][-1]["documents"]
    got = filing.seat.wire.ask("GET", f"/files/{paper['sha256']}").must_be(200).body
    equal((digest(got), len(got)), (paper["sha256"], paper["size"]), "文书的校验值和大小")
    filing.next_round(2).lodge().refuses("already_confirmed", 409)


@check("filing.new_round", "§1 轮次", "不予受理、准许撤回、驳回以后可以有新一轮，别的时候不行",
       "Withdrawal, dismissal and non-acceptance permit a new round")  # fmt: skip
def new_round(bench: Bench) -> None:
    control = bench.control
    for moves in (["not_accept"], ["permit_withdrawal"], ["accept", "dismiss"]):
        filing = lodged(bench)
        second = filing.next_round(2)
        second.lodge().refuses("already_lodged", 409)
        for move in moves:
            control.court(filing.submission_id, move)
        filing.next_round(1).lodge().refuses("round", 422)
        equal(second.lodge().object(200)["submission"]["round"], 2, "新一轮")
        equal(filing.lodge().object(200)["receipt"]["status"], "lodged", "头一轮的回执还在")

"""Exchange packages handed in by another computer: exactly once as well, only whole and rightly signed."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.conformance import packaging, papers
from sync.conformance.bench import Bench
from sync.conformance.checks.filings import Filing, prepared
from sync.conformance.packaging import Draft
from sync.conformance.registry import check
from sync.conformance.seat import Seat
from sync.conformance.verdict import equal, must
from sync.conformance.wire import Answer
from sync.contract import package as p
from sync.contract.canonical import digest
from sync.contract.wire import LaneHead


class Packer:
    """A seat that packs, and the case that its package registers."""

    def __init__(self, bench: Bench, seat: Seat) -> None:
        told = seat.enrol()
        self.bench, self.seat = bench, seat
        self.platform_seal = base64.b64decode(told.platform_seal_public)
        self.case_id, self.package_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.signed = seat.write(self.case_id, papers.register(self.case_id))
        opening = {
            "package_id": self.package_id, "institution_id": told.institution.institution_id,
            "device_id": seat.device_id, "person_id": seat.person_id, "packed_at": papers.AT,
        }  # fmt: skip
        self.draft = Draft(self.package_id, opening, [(p.COMMAND, json.dumps(self.signed).encode())])

    def file(self, signer: Ed25519PrivateKey | None = None) -> bytes:
        """The package as a file, signed by the packer unless another key is given."""
        return self.draft.sealed(signer or self.seat.keys.sign, self.platform_seal)

    def happened(self, reader: Seat, after: int) -> bool:
        """Whether what is in the package had an effect."""
        return bool(reader.of_case(after, self.case_id))


def hand_in(carrier: Seat, package_id: str, content: bytes) -> Answer:
    """Upload a package and hand it in; the answer as it is."""
    place = carrier.place(carrier.announce(content))
    reached = carrier.offset(place)
    if reached < len(content):
        carrier.push(place, content[reached:], reached).must_be(204)
    body = {"upload_id": place.rpartition("/")[2], "sha256": digest(content), "size": len(content)}
    return carrier.wire.ask("PUT", f"/packages/{package_id}", data=body)


@check("package.hand_in", "§1 离线交换包", "别的电脑代交的包收下并生效，回执封给装包的人、平台签名",
       "A package carried by another takes effect; its receipt is sealed to whoever packed it")  # fmt: skip
def handed_in(bench: Bench) -> None:
    packer, carrier = Packer(bench, bench.seat()), bench.second()
    after, content = carrier.head(), packer.file()
    told = hand_in(carrier, packer.package_id, content).object(200)
    equal((told["package_id"], told["sha256"]), (packer.package_id, digest(content)), "收下的是哪个包")
    must(packer.happened(carrier, after), "包里的命令没有生效")
    answer = carrier.wire.ask("GET", f"/packages/{packer.package_id}/receipt").must_be(200)
    receipt = answer.body
    equal((digest(receipt), len(receipt)), (told["receipt_sha256"], told["receipt_size"]), "回执文件")
    seat = packer.seat
    entries = packaging.receipt_entries(receipt, seat.keys.seal, seat.platform_key)
    opening = p.ReceiptOpening.model_validate_json(entries[0][1])
    equal(
        (opening.package_id, opening.package_sha256, opening.device_id, opening.epoch),
        (packer.package_id, digest(content), seat.device_id, carrier.hello()["epoch"]),
        "回执是给哪个包的",
    )
    lanes = [LaneHead.model_validate_json(body) for letter, body in entries[1:] if letter == p.LANE]
    command = packer.signed["command"]
    heads = [
        lane.lane_seq for lane in lanes if (lane.author, lane.case_id) == (seat.person_id, packer.case_id)
    ]
    equal(heads, [command["lane_seq"]], "没有写明纪元的包，回执里告诉的本机各道进度")
    (taken,) = (json.loads(body) for letter, body in entries[1:] if letter == p.COMMAND)
    equal((taken["command_id"], taken["status"]), (command["command_id"], "applied"), "包里的命令")
    seat.proven(taken["receipt"])


@check("package.again", "§1 离线交换包", "同一个包交两次、里面的命令又在线发一次，都只算一次",
       "Handed in twice, and its command delivered online too: one effect, the first answer")  # fmt: skip
def again(bench: Bench) -> None:
    packer, carrier = Packer(bench, bench.seat()), bench.second()
    after, content = carrier.head(), packer.file()
    first = hand_in(carrier, packer.package_id, content).object(200)
    second = hand_in(bench.seat(bench.loan.second), packer.package_id, content).object(200)
    equal(second, first, "第二次交的回复")
    equal(packer.seat.one(packer.signed)["status"], "duplicate", "包里的命令又在线发一次")
    told = [c for c in carrier.since(after) if (c["entity"], c["id"]) == ("case", packer.case_id)]
    equal(len(told), 1, "案件在动态里的次数")


@check("package.id_reused", "§1 离线交换包", "同一个包号换了内容，拒收",
       "Another file under the id of a package taken before is refused")  # fmt: skip
def id_reused(bench: Bench) -> None:
    packer, carrier = Packer(bench, bench.seat()), bench.second()
    hand_in(carrier, packer.package_id, packer.file()).must_be(200)
    hand_in(carrier, packer.package_id, packer.file()).refuses("id_reused", 422)


@check("package.signature", "§1 离线交换包", "不是装包的人签的包不收，里面的一条也不生效",
       "A package not signed by whoever packed it is refused whole")  # fmt: skip
def signature(bench: Bench) -> None:
    packer, carrier = Packer(bench, bench.seat()), bench.second()
    after = carrier.head()
    foreign = packer.file(Ed25519PrivateKey.generate())
    hand_in(carrier, packer.package_id, foreign).refuses("package_broken", 422)
    must(not packer.happened(carrier, after), "签名不对的包生效了")
    carrier.wire.ask("GET", f"/packages/{packer.package_id}/receipt").refuses("not_found", 404)


@check("package.tampered", "§1 离线交换包", "改过一个字节、截短、数目不符的包不收，里面的一条也不生效",
       "A package changed by a byte, cut short or miscounted is refused whole")  # fmt: skip
def tampered(bench: Bench) -> None:
    packer, carrier = Packer(bench, bench.seat()), bench.second()
    after, good = carrier.head(), packer.file()
    inside = len(good) // 2
    changed = good[:inside] + bytes([good[inside] ^ 1]) + good[inside + 1 : -packaging.HASH_BYTES]
    spoilt = [packaging.closed(changed), packaging.closed(good[: -packaging.HASH_BYTES - 1]), good[:-1]]
    packer.draft = replace(packer.draft, entries=[])
    packer.draft.opening["commands"] = 1
    spoilt.append(packer.file())
    for content in spoilt:
        hand_in(carrier, packer.package_id, content).refuses("package_broken", 422)
    must(not packer.happened(carrier, after), "不完整的包生效了")


@check("package.foreign", "§1 离线交换包", "别家机构的包不能代交，别家也拿不到回执",
       "Another institution's package cannot be carried, nor its receipt be had")  # fmt: skip
def foreign(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    theirs = Packer(bench, stranger)
    after = stranger.head()
    hand_in(seat, theirs.package_id, theirs.file()).refuses("package_foreign", 422)
    must(not theirs.happened(stranger, after), "由别家代交的包生效了")
    ours = Packer(bench, seat)
    hand_in(bench.second(), ours.package_id, ours.file()).must_be(200)
    stranger.wire.ask("GET", f"/packages/{ours.package_id}/receipt").refuses("not_found", 404)


def later_step(filing: Filing, wanted: str) -> dict[str, object]:
    """An entry of a package: what was asked of the court after an application was lodged with one list."""
    manifest = papers.manifest(filing.case_id, filing.subject_id, *filing.files)
    told = {"submission_id": filing.submission_id, "wanted": wanted, "earlier": [manifest], "brought": True}
    listed = {"manifest_no": 2, "manifest": manifest} if wanted == "supplement" else {"manifest_no": 1}
    return {**told, **listed}


@check("package.forgotten", "§1 离线交换包", "包里是补充材料、撤回，平台却没有那份申请的，照包里的清单先提交",
       "A later step in a package brings the application that it rests on")  # fmt: skip
def forgotten(bench: Bench) -> None:
    # A supplement is in the list with which the application is lodged, so the receipt is of that.
    for wanted, numbered, receipt_of in (("supplement", 2, "lodge"), ("withdraw", 1, "withdraw")):
        filing, carrier = prepared(bench), bench.second()
        packer = Packer(bench, filing.seat)
        packer.draft.entries.append((p.FILING, json.dumps(later_step(filing, wanted)).encode()))
        hand_in(carrier, packer.package_id, packer.file()).must_be(200)
        told = filing.get()
        equal((told["state"], told["manifest_no"]), ("lodged", numbered), "补回的申请")
        answer = carrier.wire.ask("GET", f"/packages/{packer.package_id}/receipt").must_be(200)
        seat = packer.seat
        entries = packaging.receipt_entries(answer.body, seat.keys.seal, seat.platform_key)
        (step,) = (json.loads(body) for letter, body in entries if letter == p.FILING)
        equal((step["http"], step["wanted"]), (200, wanted), "回执里的这一步")
        receipt = step["reply"]["receipt"]
        seat.proven(receipt)
        equal(receipt["command_id"], f"{filing.submission_id}:{receipt_of}", "回执是给哪一步的")


@check("package.revoked", "§1 离线交换包", "已停用的电脑装的包不收，代交的电脑不受影响",
       "A package of a revoked device is refused; the device that carries it goes on")  # fmt: skip
def revoked(bench: Bench) -> None:
    packer, carrier = Packer(bench, bench.seat()), bench.second()
    after, content = carrier.head(), packer.file()
    packer.seat.wire.ask("DELETE", f"/devices/{packer.seat.device_id}").must_be(200)
    hand_in(carrier, packer.package_id, content).refuses("package_foreign", 422)
    must(not packer.happened(carrier, after), "已停用的电脑装的包生效了")

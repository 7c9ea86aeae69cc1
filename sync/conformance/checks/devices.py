"""Registering devices and their people's keys, and revoking them."""

from __future__ import annotations

import base64

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Keys, Login
from sync.conformance.verdict import NotChecked, equal, must


@check("device.enrol", "§1 POST /devices", "登记给出机构、名册、平台公钥、收件范围和设备短号",
       "Enrolment gives institution, roster, platform keys, scope and the device's tag")  # fmt: skip
def enrol(bench: Bench) -> None:
    told = bench.bare().enrol()
    for name in ("platform_sign_public", "platform_seal_public"):
        equal(len(base64.b64decode(getattr(told, name))), 32, f"{name} 的字节数")
    logins = {person.login: person for person in told.people}
    must(bench.loan.first.user in logins, "名册里没有登记的人")
    must(bench.loan.second.user in logins, "名册里没有同机构的同事")
    equal(logins[bench.loan.first.user].person_id, told.person_id, "登记的人")
    must(told.epoch, "没有写明纪元")


@check("device.enrol_again", "§1 POST /devices", "登记的回复丢了再登记一次，结果相同，钥匙以后一次为准",
       "Enrolling again gives the same; before any command new keys replace the first")  # fmt: skip
def enrol_again(bench: Bench) -> None:
    seat = bench.bare()
    first = seat.enrol()
    seat.keys = Keys()
    again = seat.enrol()
    same = ("device_id", "person_id", "device_tag", "scope", "platform_sign_public", "epoch")
    for name in same:
        equal(getattr(again, name), getattr(first, name), f"第二次登记的 {name}")
    seat.sign_in()
    bench.case(seat)


@check("device.keys_stay", "§1 POST /devices", "收过一个人的命令以后，他在这台设备的钥匙不能再换",
       "Once a command of a person was taken, their keys on the device stay")  # fmt: skip
def keys_stay(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    kept, seat.keys = seat.keys, Keys()
    answer = seat.wire.ask("POST", "/devices", data=seat.enrol_body(), signed_in=False)
    answer.refuses("device_taken", 409)
    seat.keys = kept
    seat.do(case_id, papers.note(case_id, seat.person_id))


@check("device.two_people", "§1 POST /devices", "同一台设备可以登记两个人，各用各的钥匙",
       "A device may bear two people, each with keys of their own")  # fmt: skip
def two_people(bench: Bench) -> None:
    seat, other = bench.bare(), bench.bare(bench.loan.second)
    theirs = Keys()
    told = seat.enrol((bench.loan.second, theirs))
    seat.sign_in()
    case_id = bench.case(seat)
    second = next(p.person_id for p in told.people if p.login == bench.loan.second.user)
    note = papers.note(case_id, second)
    answer = seat.one(seat.write(case_id, note, keys=theirs, author=second))
    equal(answer["status"], "applied", "同一台设备上第二个人的命令")
    other.device_id = seat.device_id
    other.sign_in()


@check("device.others_password", "§1 POST /devices", "替同事登记要同事自己的密码",
       "Enrolling a colleague needs the colleague's password")  # fmt: skip
def others_password(bench: Bench) -> None:
    seat = bench.bare()
    wrong = Login(bench.loan.second.user, "不是这个")
    answer = seat.wire.ask("POST", "/devices", data=seat.enrol_body((wrong, Keys())), signed_in=False)
    answer.refuses("bad_credentials", 401)
    seat.wire.ask("POST", "/session", data=seat.sign_in_body(), signed_in=False).refuses(
        "device_unknown", 403
    )


@check("device.tags", "§1 POST /devices", "每台设备的短号各不相同，不超过 5 个字符",
       "Each device's tag is its own and at most five characters")  # fmt: skip
def tags(bench: Bench) -> None:
    told = [bench.bare().enrol().device_tag for _ in range(3)]
    must(all(told) and len(set(told)) == 3, f"短号有重复或空缺：{told}")


@check("device.bad_key", "§1 POST /devices", "不是 32 字节的公钥不能登记",
       "A public key that is not 32 bytes is refused")  # fmt: skip
def bad_key(bench: Bench) -> None:
    seat = bench.bare()
    for key in (base64.b64encode(b"k" * 31).decode(), "", "!!!"):
        body = seat.enrol_body()
        body["people"][0]["sign_public"] = key
        error = seat.wire.ask("POST", "/devices", data=body, signed_in=False).must_be(422).error()
        must("sign_public" in (error.field or ""), f"没有写明是哪一项：{error.field}")


@check("device.revoked", "§1 DELETE /devices", "停用的设备下次联系就被拒绝，也不能再登录、续期、登记",
       "A revoked device is refused at its next contact and can neither sign in nor enrol")  # fmt: skip
def revoked(bench: Bench) -> None:
    seat = bench.seat()
    seat.hello()
    seat.wire.ask("DELETE", f"/devices/{seat.device_id}").must_be(200)
    for method, path in (("GET", "/hello"), ("GET", "/changes"), ("POST", "/uploads")):
        seat.wire.ask(method, path).refuses("device_revoked", 403)
    seat.refresh().refuses("device_revoked", 403)
    seat.wire.ask("POST", "/session", data=seat.sign_in_body(), signed_in=False).refuses(
        "device_revoked", 403
    )
    again = seat.wire.ask("POST", "/devices", data=seat.enrol_body(), signed_in=False)
    again.refuses("device_revoked", 403)


@check("device.revoked_commands", "§1 DELETE /devices", "停用的设备写的命令由别的设备代交也不收，编号不占用",
       "Commands of a revoked device are refused, also when another hands them in")  # fmt: skip
def revoked_commands(bench: Bench) -> None:
    seat, carrier = bench.seat(), bench.seat()
    case_id = bench.case(seat)
    signed = seat.write(case_id, papers.note(case_id, seat.person_id))
    seat.wire.ask("DELETE", f"/devices/{seat.device_id}").must_be(200)
    answer = carrier.one(signed)
    equal((answer["status"], answer["code"]), ("rejected", "device_revoked"), "代交停用设备的命令")
    equal(answer["consumed"], False, "编号是否占用")


@check("device.revoke_others", "§1 DELETE /devices", "别人的设备只有负责人能停用",
       "Only the head revokes another person's device")  # fmt: skip
def revoke_others(bench: Bench) -> None:
    one, two = bench.seat(), bench.seat(bench.loan.second)
    roster = {p.login: p.role for p in bench.bare().enrol().people}
    if roster[bench.loan.first.user] == "head" or roster[bench.loan.second.user] != "head":
        raise NotChecked("first 不是负责人、second 是负责人")
    one.wire.ask("DELETE", f"/devices/{two.device_id}").refuses("forbidden_role", 403)
    two.hello()
    two.wire.ask("DELETE", f"/devices/{one.device_id}").must_be(200)
    one.wire.ask("GET", "/hello").refuses("device_revoked", 403)
    two.wire.ask("DELETE", "/devices/no-such-device").refuses("not_found", 404)

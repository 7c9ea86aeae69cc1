"""Whose documents a device sees: its institution's, nobody else's; a statistician's: none."""

from __future__ import annotations

import uuid

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.checks.filings import Filing, prepared
from sync.conformance.registry import check
from sync.conformance.seat import Keys, some_bytes
from sync.conformance.verdict import NotChecked, equal, must
from sync.contract.canonical import digest
from sync.contract.wire import Person


@check("scope.feed", "§1 范围", "别家机构的案件不在动态里，范围照样相接",
       "Another institution's cases are not in the feed; its ranges still join")  # fmt: skip
def feed(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    after_there, after_here = stranger.head(), seat.head()
    here, there = bench.case(seat), bench.case(stranger)
    seen_there = {change["case_id"] for change in stranger.since(after_there, 1)}
    must(there in seen_there and here not in seen_there, "别家看到了本机构的案件")
    seen_here = {change["case_id"] for change in seat.since(after_here, 1)}
    must(here in seen_here and there not in seen_here, "本机构看到了别家的案件")


@check("scope.snapshot", "§1 范围", "别家机构的案件不在快照里，件数也不算",
       "Another institution's cases are not in the snapshot nor counted")  # fmt: skip
def snapshot(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    before = stranger.wire.ask("GET", "/snapshot", params={"limit": 1}).object(200)["cases"]
    here = bench.case(seat)
    page = stranger.wire.ask("GET", "/snapshot", params={"limit": 1000}).object(200)
    must(here not in {item["case_id"] for item in page["items"]}, "别家的快照里有本机构的案件")
    equal(page["cases"], before, "别家的件数")


@check("scope.people", "§1 范围", "按人收件的设备只收到自己人的案件；交出去的以收回结束，交回来的整件再来",
       "Its people's cases only: what goes ends with a tombstone, what comes back comes whole")  # fmt: skip
def of_its_people(bench: Bench) -> None:
    own, second = bench.bare(), bench.second()
    own.scope = "people"
    if own.enrol().scope != "people":
        raise NotChecked("按人收件的设备（登记时要 scope=people）")
    own.sign_in()
    after, me, other = own.head(), own.person_id, second.person_id
    mine, theirs = bench.case(own, mediator_id=me), bench.case(second, mediator_id=other)
    seen = {change["case_id"] for change in own.since(after, 1)}
    must(mine in seen and theirs not in seen, "按人收件的动态")
    before, version = own.of_case(after, mine), 1
    for holder, former in ((other, me), (me, other)):
        after = own.head()
        base = {"mediator_id": former}
        second.do(mine, papers.edit(mediator_id=holder), base=base, version=version)
        told, version = own.of_case(after, mine), version + 1
        if holder == other:
            equal([(c["op"], c["entity"]) for c in told.values()], [("tombstone", "case")], "交出去的案件")
            page = own.wire.ask("GET", "/snapshot", params={"limit": 1000}).object(200)
            here = {c["id"] for c in page["items"] if c["op"] == "put"}
            must(not here & {mine, theirs}, "别人手上的案件还在按人收件的快照里")
    equal(set(told), set(before), "交回来的案件有哪些文件")


@check("scope.commands", "§1 范围", "别家的案件改不了，别家命令的下落也问不到",
       "Another institution's case cannot be changed, nor its commands asked after")  # fmt: skip
def commands(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    case_id = str(uuid.uuid4())
    first = seat.do(case_id, papers.register(case_id))
    after = seat.head()
    answer = stranger.one(stranger.write(case_id, papers.note(case_id, stranger.person_id)))
    known = (("rejected", "case_unknown"), ("rejected", "case_lost"), ("deferred", "case_pending"))
    must((answer["status"], answer["code"]) in known, f"改别家的案件：{answer['status']} {answer['code']}")
    equal(seat.of_case(after, case_id), {}, "别家改了本机构的案件")
    path = f"/commands/{first['command_id']}"
    stranger.wire.ask("GET", path).refuses("command_unknown", 404)


@check("scope.carried", "§1 范围", "别家的设备代交本机构的命令，不收",
       "Another institution's device cannot hand in our commands")  # fmt: skip
def carried(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    case_id = str(uuid.uuid4())
    signed = seat.write(case_id, papers.register(case_id))
    answer = stranger.one(signed)
    equal((answer["status"], answer["consumed"]), ("rejected", False), "别家代交")
    equal(seat.one(signed)["status"], "applied", "自己交")


@check("scope.answers", "§1 范围", "别家拿着本机构收过的命令原样再交，问不出当时的结果",
       "Who has the very bytes of another institution's command is told nothing of its answer")  # fmt: skip
def answers(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    case_id = str(uuid.uuid4())
    signed = seat.write(case_id, papers.register(case_id))
    equal(seat.one(signed)["status"], "applied", "自己交")
    answer = stranger.one(signed)
    equal((answer["status"], answer["consumed"]), ("rejected", False), "别家原样再交")
    equal((answer["receipt"], answer["current"], answer["first_status"]), (None, {}, None), "别家问出的结果")


@check("scope.files", "§1 去重只在本机构", "别家的文件取不到；别家有的文件自己还要传",
       "Another institution's file can neither be read nor be skipped")  # fmt: skip
def files(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    data = some_bytes(500)
    seat.upload(data)
    stranger.wire.ask("GET", f"/files/{digest(data)}").refuses("not_found", 404)
    path = stranger.place(stranger.announce(data))
    equal(stranger.offset(path), 0, "别家要传的位置")
    stranger.finish(path, data).refuses("upload_incomplete", 409)
    seat.wire.ask("HEAD", path).must_be(404)
    seat.push(path, data, 0).refuses("not_found", 404)
    stranger.push(path, data, 0).must_be(204)
    stranger.finish(path, data).must_be(200)
    equal(stranger.wire.ask("GET", f"/files/{digest(data)}").must_be(200).body, data, "自己传了以后")


@check("scope.declared", "§1 去重只在本机构", "别家存下了文件，本机构登记的附件不因此算存下",
       "A file stored by another institution does not make ours stored")  # fmt: skip
def declared(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    data = some_bytes(90)
    after, case_id = seat.head(), bench.case(seat)
    early = papers.attachment(case_id, seat.person_id, digest(data), 90)
    seat.do(case_id, early)
    stranger.upload(data)
    late = papers.attachment(case_id, seat.person_id, digest(data), 90)
    seat.do(case_id, late)
    stood = seat.of_case(after, case_id)
    for payload in (early, late):
        body = stood["attachment", payload["attachment"]["attachment_id"]]["body"]
        equal(body["stored"], False, "附件的 stored")


@check("scope.submissions", "§1 范围", "别家的申请看不到、动不了",
       "Another institution's filing cannot be seen or touched")  # fmt: skip
def submissions(bench: Bench) -> None:
    stranger, filing = bench.neighbour(), prepared(bench)
    theirs = Filing(stranger, filing.case_id, filing.subject_id, filing.submission_id, filing.files)
    stranger.wire.ask("GET", filing.path()).refuses("not_found", 404)
    theirs.lodge().refuses("not_found", 404)
    theirs.withdraw().refuses("not_found", 404)
    answer = theirs.manifest(2)
    must(answer.status in (404, 409, 422), f"别家交清单应答 {answer.status}")
    theirs.submission_id = str(uuid.uuid4())
    theirs.manifest().refuses("case_unknown", 422)
    equal(filing.get()["state"], "prepared", "申请的状态")


@check("scope.devices", "§1 范围", "别家登记过的设备编号不能再登记，别家的设备停用不了",
       "A device of another institution can be neither enrolled nor revoked")  # fmt: skip
def devices(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    taken = bench.bare(bench.loan.neighbour)
    taken.device_id = seat.device_id
    answer = taken.wire.ask("POST", "/devices", data=taken.enrol_body(), signed_in=False)
    answer.refuses("device_taken", 409)
    mixed = bench.bare()
    body = mixed.enrol_body((stranger.login, Keys()))
    must(mixed.wire.ask("POST", "/devices", data=body, signed_in=False).status in (401, 403, 409, 422),
         "两家机构的人登记在同一台设备上")  # fmt: skip
    stranger.wire.ask("DELETE", f"/devices/{seat.device_id}").must_be(403, 404)
    seat.hello()
    taken.device_id = stranger.device_id


@check("scope.roster", "§1 范围", "名册里只有本机构的人",
       "The roster holds the institution's own people only")  # fmt: skip
def roster(bench: Bench) -> None:
    stranger = bench.neighbour()
    here = bench.bare().enrol()
    there = bench.bare(stranger.login).enrol()
    must(not {p.login for p in here.people} & {p.login for p in there.people}, "两家的名册有重叠")
    must(here.institution.institution_id != there.institution.institution_id, "两家的机构编号相同")


@check("scope.roster_later", "§1 GET /catalogues", "登记以后也拿得到名册，问候里写着它的标记，只有本机构的人",
       "The roster is handed down after enrolment too, tagged in the greeting, its own only")  # fmt: skip
def roster_later(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    logins = []
    for one in (seat, stranger):
        answer = one.wire.ask("GET", "/catalogues/roster")
        people = [Person.model_validate(item) for item in answer.object(200)["items"]]
        tag = answer.headers.get("ETag", "")
        must(bool(tag), "名册没有 ETag")
        equal(one.hello().get("roster"), tag, "问候里名册的标记")
        one.wire.ask("GET", "/catalogues/roster", headers={"If-None-Match": tag}).must_be(304)
        must(one.person_id in {person.person_id for person in people if person.active}, "名册里没有登录的人")
        logins.append({person.login for person in people})
    must(not logins[0] & logins[1], "两家的名册有重叠")


@check("scope.numbers", "§1 范围", "别家的号段退不了",
       "Another institution's run cannot be given back")  # fmt: skip
def numbers(bench: Bench) -> None:
    stranger, seat = bench.neighbour(), bench.seat()
    body = {"block_id": str(uuid.uuid4()), "series": "case", "year": 2026, "count": 2}
    block = seat.wire.ask("POST", "/number-blocks", data=body).object(201)
    path = f"/number-blocks/{body['block_id']}/return"
    stranger.wire.ask("POST", path, data={"returned_from": block["first"]}).must_be(404, 409)
    stranger.wire.ask("POST", "/number-blocks", data=body).refuses("number_block", 409)


@check("scope.statistician", "§1 范围", "统计员的设备看不到任何案件，办案的步子一律不行",
       "A statistician's device sees no case and handles none")  # fmt: skip
def statistician(bench: Bench) -> None:
    counting, seat = bench.statistician(), bench.seat()
    after, case_id = counting.head(), bench.case(seat)
    page = counting.wire.ask("GET", "/changes", params={"after": after}).object(200)
    equal((page["from"], page["items"]), (after + 1, []), "统计员的动态")
    equal(counting.wire.ask("GET", "/snapshot").object(200)["items"], [], "统计员的快照")
    for method, path in (("POST", "/uploads"), ("GET", f"/files/{'a' * 64}"), ("GET", "/commands/x"),
                         ("GET", "/submissions/x")):  # fmt: skip
        counting.wire.ask(method, path).refuses("forbidden_role", 403)
    answer = counting.one(counting.write(case_id, papers.note(case_id, counting.person_id)))
    equal((answer["status"], answer["code"], answer["consumed"]), ("rejected", "forbidden_role", False),
          "统计员的命令")  # fmt: skip

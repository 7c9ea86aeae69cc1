"""Hello, the snapshot and the feed."""

from __future__ import annotations

import time
import uuid

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Seat, together
from sync.conformance.verdict import Failed, NotChecked, equal, must
from sync.contract.canonical import canonical, digest
from sync.contract.model import CONTRACT_VERSION, MAX_VERSION, MIN_VERSION
from sync.contract.wire import Change, Hello


@check("hello.shape", "§1 GET /hello", "问候写明纪元、版本、限制、时间和设备",
       "Hello tells epoch, versions, limits, time and the device")  # fmt: skip
def shape(bench: Bench) -> None:
    seat = bench.bare()
    told = seat.enrol()
    seat.sign_in()
    try:
        hello = Hello.model_validate(seat.hello())
    except ValueError as error:
        raise Failed(f"问候不合约定：{str(error)[:200]}") from error
    must(hello.contract.min <= MAX_VERSION and hello.contract.max >= MIN_VERSION, "没有共同的版本")
    must(all(value > 0 for value in hello.limits.model_dump().values()), f"限制要大于 0：{hello.limits}")
    equal(hello.platform_sign_public, told.platform_sign_public, "平台公钥")
    equal((hello.epoch, hello.device.device_id), (told.epoch, seat.device_id), "纪元和设备")
    equal((hello.device.last_dev_seq, hello.device.lanes), (0, []), "新设备的序号")


@check("hello.lanes", "§1 GET /hello", "问候写明每条道收到第几号、链头是什么",
       "Hello tells the last number and chain head of each lane")  # fmt: skip
def lanes(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    signed = seat.write(case_id, papers.note(case_id, seat.person_id))
    seat.one(signed)
    device = seat.hello()["device"]
    equal(device["last_dev_seq"], 2, "设备的最后序号")
    head = digest(canonical(signed["command"]))
    wanted = {"author": seat.person_id, "case_id": case_id, "lane_seq": 2, "chain_head": head}
    equal([{name: lane[name] for name in wanted} for lane in device["lanes"]], [wanted], "道")
    bare = seat.wire.ask("GET", "/hello", params={"lanes": "none"}).object(200)
    equal((bare["device"]["last_dev_seq"], bare["device"]["lanes"]), (2, []), "lanes=none 时")


@check("hello.standing", "§1 机构", "机构暂停、关闭写在问候里；已写的命令照收；恢复后如常",
       "A suspended or closed institution is told in hello; what was written is still taken")  # fmt: skip
def standing(bench: Bench) -> None:
    control, seat = bench.control, bench.seat()
    case_id = bench.case(seat)
    try:
        for status in ("suspended", "closed"):
            control.standing(status)
            told = seat.hello()["institution"]
            equal(told["status"], status, "机构的状态")
            must(told["reason"], "没有写明理由")
            seat.do(case_id, papers.note(case_id, seat.person_id))
    finally:
        control.standing("active")
    equal(seat.hello()["institution"]["status"], "active", "恢复后的状态")


@check("hello.versions", "§1 版本", "不会说的版本是 426，写明会说哪些，什么也不做；问候照样应答",
       "A contract version not spoken is 426 with those that are; hello answers all the same")  # fmt: skip
def versions(bench: Bench) -> None:
    seat, case_id = bench.seat(), str(uuid.uuid4())
    spoken = seat.hello()["contract"]
    after = seat.head()
    signed = seat.write(case_id, papers.register(case_id))
    for version in (spoken["max"] + 1, 0):
        headers = {CONTRACT_VERSION: str(version)}
        seat.wire.ask("GET", "/hello", headers=headers).must_be(200)
        answer = seat.wire.ask("POST", "/commands", data={"commands": [signed]}, headers=headers)
        error = answer.refuses("upgrade_required", 426)
        equal({name: error.details.get(name) for name in spoken}, spoken, "426 里写明的版本")
        seat.wire.ask("GET", "/changes", headers=headers).refuses("upgrade_required", 426)
    equal(seat.of_case(after, case_id), {}, "没有收下却有了效果")
    headers = {CONTRACT_VERSION: str(spoken["max"])}
    seat.wire.ask("POST", "/commands", data={"commands": [signed]}, headers=headers).must_be(200)


def _some_cases(bench: Bench, seat: Seat, count: int = 4) -> list[str]:
    return [bench.case(seat) for _ in range(count)]


@check("feed.ranges", "§1 GET /changes", "每页写明从几到几，页与页相接，没有空当，不多不少",
       "Pages declare their range and join without a gap")  # fmt: skip
def ranges(bench: Bench) -> None:
    seat = bench.seat()
    after = start = seat.head()
    made = _some_cases(bench, seat)
    found: list[int] = []
    mine: set[str] = set()
    while (page := seat.page(after, 3)) is not None:
        seqs = [item["seq"] for item in page["items"]]
        equal(seqs, sorted(set(seqs)), "页内的次序")
        must(all(after < seq <= page["to"] for seq in seqs), f"有改动在页写的范围之外：{seqs}")
        equal(page["more"], page["to"] < page["head"], "more")
        found += seqs
        mine |= {item["id"] for item in page["items"] if item["entity"] == "case"}
        after = page["to"]
    must(set(made) <= mine, "新登记的案件没有都读到")
    must(len(found) >= 3 * len(made), f"登记了 {len(made)} 件案件（每件 3 项），只读到 {len(found)} 项")
    equal(found, [c["seq"] for c in seat.since(start, 500) if c["seq"] <= after], "分页读和一次读")


@check("feed.documents", "§1 GET /changes", "改动写明版本、起因、谁写的，正文就是写的内容",
       "A change tells version, cause, author and the document as written")  # fmt: skip
def documents(bench: Bench) -> None:
    seat = bench.seat()
    after, case_id = seat.head(), str(uuid.uuid4())
    payload = papers.register(case_id)
    answer = seat.do(case_id, payload)
    cause = answer["command_id"]
    second = seat.do(
        case_id, papers.edit(title="新名字"), base={"title": payload["case"]["title"]}, version=1
    )
    changes = [Change.model_validate(c) for c in seat.since(after) if c["case_id"] == case_id]
    first = next(c for c in changes if c.entity == "case")
    equal((first.version, first.op, first.cause), (1, "put", cause), "登记的版本、操作、起因")
    equal(first.by, seat.person_id, "登记的人")
    equal(first.body, payload["case"], "登记的正文")
    last = [c for c in changes if c.entity == "case"][-1]
    equal((last.version, last.cause), (2, second["command_id"]), "修改的版本、起因")
    equal((last.body or {}).get("title"), "新名字", "修改后的简称")
    must(max(c.seq for c in changes) <= second["seq"], "回复里的序号比改动的小")


@check("feed.idle", "§1 GET /changes", "没有新的就是 304，没有正文",
       "Nothing new is 304 without a body")  # fmt: skip
def idle(bench: Bench) -> None:
    seat = bench.seat()
    after = seat.head()
    for _ in range(20):
        answer = seat.wire.ask("GET", "/changes", params={"after": after})
        if answer.status == 304:
            equal(answer.body, b"", "304 的正文")
            return
        page = answer.object(200)
        must(page["items"] or page["to"] > after, "没有新的，应答的却是空页，不是 304")
        after = page["to"]
    raise NotChecked("一段没有别人在办事的时间")


@check("feed.limit", "§1 GET /changes", "每页不超过要的条数；条数写得太大、写 0 也不出错",
       "A page holds at most what was asked; absurd limits do no harm")  # fmt: skip
def limit(bench: Bench) -> None:
    seat = bench.seat()
    after = seat.head()
    bench.case(seat)
    for asked in (1, 2):
        page = seat.page(after, asked)
        must(page is not None and len(page["items"]) <= asked, f"要 {asked} 条，给了更多")
    most = seat.hello()["limits"]["page"]
    for absurd in (0, 10**9):
        page = seat.page(after, absurd)
        must(page is not None and len(page["items"]) <= most, f"limit={absurd} 时超过了自己写明的上限")
    for word in ("-1", "x", "1.5", "²"):
        for name in ("limit", "wait"):
            seat.wire.ask("GET", "/changes", params={"after": after, name: word}).must_be(400, 422)


@check("feed.wait", "§1 GET /changes", "等待时不应答，到时 304；有新的立刻应答",
       "wait holds the request, and lets go at once when something happens")  # fmt: skip
def wait(bench: Bench) -> None:
    seat, writer = bench.seat(), bench.seat()
    case_id = bench.case(writer)
    after = seat.head()
    begun = time.monotonic()
    answer = seat.wire.ask("GET", "/changes", params={"after": after, "wait": 2})
    took = time.monotonic() - begun
    if answer.status == 304:
        must(took > 1.5, f"要等 2 秒，{took:.1f} 秒就应答 304")
    signed = writer.write(case_id, papers.note(case_id, writer.person_id))

    def held() -> float:
        start = time.monotonic()
        seat.wire.ask("GET", "/changes", params={"after": after, "wait": 20}).must_be(200)
        return time.monotonic() - start

    def later() -> float:
        time.sleep(1)
        writer.one(signed)
        return 0.0

    after = seat.head()
    took = together(held, later)[0]
    must(took < 10, f"有了新的，{took:.0f} 秒后才应答")


@check("feed.epoch", "§1 GET /changes", "纪元不对、序号超前，应答 410 并写明现在的纪元",
       "Another epoch, or a cursor ahead of the head, is 410 with the epoch")  # fmt: skip
def epoch(bench: Bench) -> None:
    seat = bench.seat()
    hello = seat.hello()
    for params in ({"after": 0, "epoch": str(uuid.uuid4())},
                   {"after": hello["head"] + 10**6, "epoch": hello["epoch"]}):  # fmt: skip
        error = seat.wire.ask("GET", "/changes", params=params).refuses("epoch_changed", 410)
        equal(error.details.get("epoch"), hello["epoch"], "410 里的纪元")
    params = {"after": hello["head"], "epoch": hello["epoch"]}
    seat.wire.ask("GET", "/changes", params=params).must_be(200, 304)


@check("feed.fixed", "§1 GET /changes", "读过的一段再读一遍，一字不差",
       "A range read twice is the same to the byte")  # fmt: skip
def fixed(bench: Bench) -> None:
    seat = bench.seat()
    after = seat.head()
    case_id = bench.case(seat)
    first = seat.wire.ask("GET", "/changes", params={"after": after, "limit": 3}).object(200)
    seat.do(case_id, papers.edit(title="又改"), base={"title": papers.case(case_id)["title"]}, version=1)
    again = seat.wire.ask("GET", "/changes", params={"after": after, "limit": 3}).object(200)
    equal(again["items"], first["items"], "同一段")


@check("feed.commit_order", "§1 次序", "几处同时写、一边读：序号不会后来才填上",
       "While several write, a reader never misses a number that comes later")  # fmt: skip
def commit_order(bench: Bench) -> None:
    reader, writers = bench.seat(), [bench.seat() for _ in range(3)]
    start = reader.head()
    batches = []
    for writer in writers:
        case_id = str(uuid.uuid4())
        signed = [writer.write(case_id, papers.register(case_id))]
        signed += [writer.write(case_id, papers.note(case_id, writer.person_id)) for _ in range(5)]
        batches.append((writer, signed))
    seen: list[int] = []
    done: list[Seat] = []

    def write(writer: Seat, signed: list[dict[str, object]]) -> None:
        try:
            for item in signed:
                writer.one(item)
        finally:
            done.append(writer)

    def read() -> None:
        after, until = start, time.monotonic() + 60
        while time.monotonic() < until:
            over = len(done) == len(batches)
            page = reader.page(after, 4)
            if page is not None:
                seen.extend(item["seq"] for item in page["items"])
                after = page["to"]
            elif over:
                return
            else:
                time.sleep(0.02)

    together(read, *[lambda w=w, s=s: write(w, s) for w, s in batches])
    all_of_it = [c["seq"] for c in reader.since(start)]
    missed = sorted({seq for seq in all_of_it if seq <= max(seen, default=0)} - set(seen))
    must(seen and not missed, f"边写边读漏了 {missed[:5]}")


@check("snapshot.pages", "§1 GET /snapshot", "快照分页读完，文件不重不漏，与动态一致",
       "The snapshot's pages hold each document once and agree with the feed")  # fmt: skip
def snapshot(bench: Bench) -> None:
    seat = bench.seat()
    after = seat.head()
    mine = set(_some_cases(bench, seat, 3))
    found: dict[tuple[str, str], dict[str, object]] = {}
    params: dict[str, object] = {"limit": 1000}
    for _ in range(40):
        page = seat.wire.ask("GET", "/snapshot", params=params).object(200)
        for item in page["items"]:
            key = (item["entity"], item["id"])
            must(key not in found, f"快照里重复：{key}")
            found[key] = item
        if page["after"] is None:
            break
        params = {"limit": 1000, "at": page["at"], "after": page["after"]}
    else:
        raise NotChecked("一套小一些的数据：40 页没有读完快照")
    must(page["at"] >= after + 9, "快照写明的序号比读到的内容旧")
    must(page["cases"] >= 3, "快照写明的案件数")
    for change in seat.since(after):
        if change["case_id"] in mine:
            stood = found.get((change["entity"], change["id"]))
            must(stood is not None and stood["body"] == change["body"], f"快照里缺 {change['entity']}")


@check("snapshot.small_pages", "§1 GET /snapshot", "页再小也能往下读，open 的案件在前",
       "Small pages go on; open cases come first")  # fmt: skip
def small_pages(bench: Bench) -> None:
    seat = bench.seat()
    _some_cases(bench, seat, 3)
    seen: set[tuple[str, str]] = set()
    params: dict[str, object] = {"limit": 1}
    for _ in range(3):
        page = seat.wire.ask("GET", "/snapshot", params=params).object(200)
        keys = {(item["entity"], item["id"]) for item in page["items"]}
        must(keys and not keys & seen, "小页有重复，或是空的")
        for item in page["items"]:
            state = item["body"].get("state") if item["entity"] == "case" else ""
            must(state not in ("closed", "archived"), "已结案的排在了没结案的前面")
        seen |= keys
        must(page["after"], "还没有读完就没有下一页了")
        params = {"limit": 1, "at": page["at"], "after": page["after"]}


@check("feed.dispatch", "§1 动态", "平台派件、改派、收回，都从动态里来；收回是墓碑，之后的命令拒收",
       "Dispatch, reassignment and taking back come through the feed; a tombstone ends it")  # fmt: skip
def dispatch(bench: Bench) -> None:
    control, seat = bench.control, bench.seat()
    after = seat.head()
    case_id = control.dispatch()
    got = seat.of_case(after, case_id)["case", case_id]
    equal((got["op"], got["cause"], got["body"]["source"]), ("put", None, "platform"), "派来的办件")
    control.reassign(case_id, bench.loan.first.user)
    got = seat.of_case(after, case_id)["case", case_id]
    equal(got["body"]["mediator_id"], seat.person_id, "改派后的承办人")
    control.take_back(case_id)
    got = seat.of_case(after, case_id)["case", case_id]
    equal((got["op"], got["body"]), ("tombstone", None), "收回")
    answer = seat.one(seat.write(case_id, papers.note(case_id, seat.person_id)))
    equal((answer["status"], answer["code"]), ("rejected", "case_unknown"), "收回后的命令")

"""Hostile and absurd inputs: refused with an error body, never a 5xx, and the server lives on."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Seat
from sync.conformance.verdict import equal, must
from sync.conformance.wire import Answer
from sync.contract.canonical import GENESIS

HUGE = 2**70


def _stands(answer: Answer, *good: int) -> None:
    """Check that an absurd request was refused as a client's mistake."""
    must(answer.status in good or 400 <= answer.status < 500, f"{answer.asked} 应答 {answer.status}")
    if answer.status >= 400 and not answer.asked.startswith("HEAD"):
        answer.error()


def _alive(seat: Seat) -> None:
    seat.hello()


@check("hostile.json", "§1 输入", "不是 JSON、不是对象、嵌套很深的内容，都是 4xx",
       "Broken, foreign and deeply nested JSON is 4xx")  # fmt: skip
def broken_json(bench: Bench) -> None:
    seat = bench.seat()
    deep = b'{"commands":' + b"[" * 5000 + b"]" * 5000 + b"}"
    deeper = b'{"a":' * 900 + b"1" + b"}" * 900
    item = b'{"commands":[{"command":' + deeper + b',"signature":""}]}'
    bodies = (b"", b"{", b"null", b"[]", b"7", b'"x"', b"\xff\xfe", b"{}", b"NaN", b'{"commands":{}}', deep,
              b'{"commands":[1,"x",null]}', b'{"commands":[{"command":[],"signature":1}]}', item)  # fmt: skip
    for body in bodies:
        for path in ("/commands", "/session", "/session/refresh", "/devices", "/number-blocks"):
            _stands(seat.wire.ask("POST", path, raw=body), 200)
    _alive(seat)


@check("hostile.numbers", "§1 输入", "大得离谱的数，都有答复，不是 5xx",
       "Absurdly large numbers never make a 5xx")  # fmt: skip
def numbers(bench: Bench) -> None:
    seat = bench.seat()
    for name in ("dev_seq", "lane_seq", "base_version", "schema_version"):
        for value in (HUGE, 2**63, -1, 0, -HUGE):
            case_id = str(uuid.uuid4())
            changed: dict[str, Any] = {name: value}
            signed = seat.write(case_id, papers.register(case_id), advance=False, **changed)
            _stands(seat.wire.ask("POST", "/commands", data={"commands": [signed]}), 200)
    digits = "9" * 6000
    raw = '{"commands":[{"command":{"command_id":"x","dev_seq":' + digits + '},"signature":""}]}'
    _stands(seat.wire.ask("POST", "/commands", raw=raw.encode()), 200)
    block = {"block_id": str(uuid.uuid4()), "series": "case", "year": HUGE, "count": HUGE}
    _stands(seat.wire.ask("POST", "/number-blocks", data=block))
    for word in (str(HUGE), "-1", "9" * 400, "1e9", "٣", "²", ""):
        for name in ("after", "limit", "wait"):
            params = {"after": "0", "limit": "1", name: word}
            _stands(seat.wire.ask("GET", "/changes", params=params), 200, 304)
        for name in ("at", "after", "limit"):
            _stands(seat.wire.ask("GET", "/snapshot", params={"limit": "1", name: word}), 200)
    for word in ("0:" + str(HUGE), "9:9", "x", ":", "0:-1", "0:²"):
        _stands(seat.wire.ask("GET", "/snapshot", params={"after": word, "limit": "1"}), 200)
    path = f"/number-blocks/{uuid.uuid4()}/return"
    _stands(seat.wire.ask("POST", path, data={"returned_from": HUGE}))
    _alive(seat)


@check("hostile.huge_fields", "§1 输入", "正文里大得离谱的数，收下或拒收，不是 5xx",
       "Absurd numbers inside payloads are taken or rejected, never 5xx")  # fmt: skip
def huge_fields(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    for fields in (
        {"amount_fen": HUGE},
        {"amount_fen": -1},
        {"title": 7},
        {"title": None},
        {"amount_fen": True},
    ):
        base = dict.fromkeys(fields)
        answer = seat.one(seat.write(case_id, papers.edit(**fields), base=base))
        must(answer["status"] in ("rejected", "conflict"), f"{fields} 的结果是 {answer['status']}")
    unknown = papers.register(str(uuid.uuid4()))
    unknown["case"]["more"] = {"n": HUGE}
    seat.do(unknown["case"]["case_id"], unknown)
    _alive(seat)


TEXTS = ("\x00", "a\x00b", "\u202e", "\ufeff", "'; DROP TABLE users; --", "%s%n{0}", "../../etc", "字" * 5000,
         "\U0001f600", "\x1b[2J", "\x7f")  # fmt: skip


@check("hostile.texts", "§1 输入", "空字符、控制字符、表情、注入式的文字，收下或拒收，不是 5xx",
       "NUL, control characters and injections are taken or refused, never 5xx")  # fmt: skip
def texts(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    for text in TEXTS:
        wire = seat.wire
        body = {**seat.sign_in_body(), "user": text[:80]}
        _stands(wire.ask("POST", "/session", data=body, signed_in=False))
        _stands(wire.ask("POST", "/session", data={**body, "device_id": text}, signed_in=False))
        _stands(wire.ask("POST", "/session/refresh", data={"refresh_token": text[:200]}, signed_in=False))
        answer = seat.one(seat.write(case_id, papers.note(case_id, seat.person_id, text)))
        must(answer["status"] in ("applied", "rejected"), f"{text!r} 的结果是 {answer['status']}")
        odd = papers.edit(**{text: text})
        for payload in ({"kind": text}, odd, papers.resolve(case_id, text, "mine", **{text: text})):
            answer = seat.one(seat.write(case_id, payload, base={text: text}))
            must(answer["status"] in ("rejected", "conflict"), f"{text!r} 的结果是 {answer['status']}")
        block = {"block_id": "b", "series": text[:40], "year": 2026, "count": 1}
        _stands(wire.ask("POST", "/number-blocks", data={**block, "block_id": str(uuid.uuid4())}), 201)
    _alive(seat)


@check("hostile.text_kept", "§1 输入", "收下的文字一个字符也不变",
       "A text that was taken comes back unchanged")  # fmt: skip
def text_kept(bench: Bench) -> None:
    seat = bench.seat()
    after, case_id = seat.head(), bench.case(seat)
    for text in (*TEXTS, "  前后空格\t\r\n", "e\u0301 vs \u00e9", "龘靐齉爩"):
        note = papers.note(case_id, seat.person_id, text)
        if seat.one(seat.write(case_id, note))["status"] == "applied":
            stood = seat.of_case(after, case_id)["record", note["record"]["record_id"]]
            equal(stood["body"]["body"]["text"], text, "记录的文字")


@check("hostile.surrogates", "§1 输入", "不成对的代理字符是 4xx 或拒收，不是 5xx",
       "A lone surrogate is 4xx or rejected, never 5xx")  # fmt: skip
def surrogates(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    signed = seat.write(case_id, papers.note(case_id, seat.person_id, "标记"), advance=False)
    raw = json.dumps({"commands": [signed]}, ensure_ascii=True)
    for bad in ("\\ud800", "\\udfff", "x\\ud83dx"):
        swapped = raw.replace("\\u6807\\u8bb0", bad)
        must(swapped != raw, "检查自己没有换上字符")
        _stands(seat.wire.ask("POST", "/commands", raw=swapped.encode()), 200)
    sign_in = '{"device_id":"x","user":"\\ud800","password":"\\udfff"}'
    _stands(seat.wire.ask("POST", "/session", raw=sign_in.encode(), signed_in=False))
    refresh = '{"refresh_token":"\\ud800"}'
    _stands(seat.wire.ask("POST", "/session/refresh", raw=refresh.encode(), signed_in=False))
    _alive(seat)


@check("hostile.headers", "§1 输入", "乱写的头：范围、位置、校验、凭据，都不是 5xx",
       "Absurd headers never make a 5xx")  # fmt: skip
def headers(bench: Bench) -> None:
    seat = bench.seat()
    data = b"0123456789"
    stored = f"/files/{seat.upload(data)}"
    upload = seat.place(seat.announce(b"abc" * 7))
    ranges = ("bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=-0",
              "bytes=" + "9" * 5000 + "-", "bytes=0-" + "9" * 5000)  # fmt: skip
    for value in ranges:
        _stands(seat.wire.ask("GET", stored, headers={"Range": value}), 200, 206)
    for value in ("-1", "x", "9" * 5000, "", "\u00b2"):
        headers = {"Upload-Offset": value, "Content-Type": "application/offset+octet-stream"}
        _stands(seat.wire.ask("PATCH", upload, raw=b"x", headers={k: _latin(v) for k, v in headers.items()}))
        made = {"Upload-Length": _latin(value), "Upload-Metadata": "sha256 " + "YWI="}
        _stands(seat.wire.ask("POST", "/uploads", headers=made))
    for value in ("sha256", "md5 AAAA", "sha256 !!!", ",", "\u00b2"):
        headers = {"Upload-Offset": "0", "Upload-Checksum": _latin(value)}
        _stands(seat.wire.ask("PATCH", upload, raw=b"x", headers=headers))
    for value in ("Bearer \u00b2", "Bearer " + "a" * 5000, "\u00b2 x"):
        _stands(seat.wire.ask("GET", "/hello", headers={"Authorization": _latin(value)}))
    _alive(seat)


def _latin(text: str) -> Any:
    """A header's value as bytes, so that characters beyond ASCII go out as they are."""
    return text.encode("latin-1")


@check("hostile.paths", "§1 输入", "乱写的路径：很长、越级、编码过的斜线，都是 404 一类",
       "Absurd paths are 404 or the like")  # fmt: skip
def paths(bench: Bench) -> None:
    wire = bench.seat().wire
    odd = ("/files/..%2f..%2fetc%2fpasswd", "/files/%00", "/commands/%E2%80%AE", "/commands/" + "a" * 3000,
           "/files/" + "A" * 64, "/catalogues/..%2f..%2fx", "/submissions/%ff", "/uploads/..", "//hello",
           "/hello/", "/commands/%0d%0aX:1")  # fmt: skip
    for path in odd:
        _stands(wire.ask("GET", path))
    wire.ask("GET", "/hello").must_be(200)


@check("hostile.envelopes", "§1 输入", "信封缺项、类型不对，一条一条答复，不占编号",
       "Ill-formed envelopes are answered one by one and consume nothing")  # fmt: skip
def envelopes(bench: Bench) -> None:
    seat = bench.seat()
    case_id = bench.case(seat)
    whole = seat.write(case_id, papers.note(case_id, seat.person_id), advance=False)["command"]
    for name in whole:
        values: tuple[Any, ...] = (None, [], {}, -1, "\x00", 1.5, True)
        for value in values:
            if name == "payload" or (name == "base_values" and value == {}):
                continue
            item = {"command": {**whole, name: value}, "signature": "AAAA"}
            answer = seat.wire.ask("POST", "/commands", data={"commands": [item]})
            _stands(answer, 200)
            if answer.status == 200:
                (told,) = answer.object(200)["answers"]
                must(told["status"] in ("rejected", "deferred"), f"{name}={value!r} 收下了")
                equal(told["consumed"], False, f"{name}={value!r} 占了编号")
    equal(seat.lanes[seat.person_id, case_id][0], 1, "道")
    must(seat.lanes[seat.person_id, case_id][1] != GENESIS, "道")
    seat.do(case_id, papers.note(case_id, seat.person_id))

"""Every reply says where it comes from, and every refusal has one shape."""

from __future__ import annotations

import re
import uuid

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Seat, some_bytes
from sync.conformance.verdict import equal, must
from sync.conformance.wire import OCTETS, Answer
from sync.contract.codes import CODES
from sync.contract.model import MEDIA_TYPE, REQUEST_ID

CHINESE = re.compile("[\u4e00-\u9fff]")


def _good(seat: Seat) -> list[Answer]:
    """Replies that go well: 200, 201, 204, 304 and a file."""
    wire = seat.wire
    sha256 = seat.upload(some_bytes(50))
    head = seat.head()
    return [
        wire.ask("GET", "/hello").must_be(200),
        wire.ask("GET", "/catalogues").must_be(200),
        wire.ask("OPTIONS", "/uploads").must_be(204),
        seat.announce(some_bytes(5)).must_be(201),
        wire.ask("GET", "/changes", params={"after": head}).must_be(304, 200),
        wire.ask("GET", f"/files/{sha256}").must_be(200),
        wire.ask("GET", f"/files/{sha256}", headers={"Range": "bytes=1-3"}).must_be(206),
    ]


def _bad(seat: Seat) -> list[Answer]:
    """Refusals of many routes."""
    wire, nobody = seat.wire, str(uuid.uuid4())
    wrong = {"device_id": nobody, "user": seat.login.user, "password": f"{seat.login.password}x"}
    return [
        wire.ask("GET", "/hello", signed_in=False).must_be(401),
        wire.ask("POST", "/session", data=wrong, signed_in=False).must_be(401),
        wire.ask("GET", f"/commands/{nobody}").must_be(404),
        wire.ask("HEAD", f"/uploads/{nobody}").must_be(404),
        wire.ask("GET", f"/files/{'0' * 64}").must_be(404),
        wire.ask("GET", f"/submissions/{nobody}").must_be(404),
        wire.ask("GET", "/changes", params={"after": 0, "epoch": nobody}).must_be(410),
        wire.ask("POST", "/commands", data={"commands": []}).must_be(422, 400),
        wire.ask("POST", "/commands", raw=b"{").must_be(422, 400),
        wire.ask("GET", f"/nothing/{nobody}").must_be(404),
        wire.ask("POST", "/commands", raw=b'{"commands":[' + b" " * 1_100_000 + b"]}").must_be(413),
    ]


@check("reply.content_type", "§1 每个回复", "每个回复都带约定的内容类型，错误回复也带",
       "Every reply carries the product's content type, refusals too")  # fmt: skip
def content_type(bench: Bench) -> None:
    seat = bench.seat()
    for answer in [*_good(seat), *_bad(seat)]:
        wanted = OCTETS if "/files/" in answer.asked and answer.status in (200, 206) else MEDIA_TYPE
        equal(answer.media_type, wanted, f"{answer.asked}（{answer.status}）的内容类型")


@check("reply.request_id", "§1 每个回复", "每个回复都带回请求编号，错误回复和文件也带",
       "Every reply echoes the request id, refusals and files too")  # fmt: skip
def request_id(bench: Bench) -> None:
    seat = bench.seat()
    for answer in [*_good(seat), *_bad(seat)]:
        told = answer.headers.get(REQUEST_ID, "")
        equal(told, answer.request_id, f"{answer.asked}（{answer.status}）带回的请求编号")


@check("reply.huge_request", "§1 每个回复", "大到不读完就拒绝的请求，也有 413 和请求编号",
       "A request too long to be read is refused with 413 and its id")  # fmt: skip
def huge_request(bench: Bench) -> None:
    seat = bench.seat()
    answer = seat.wire.ask("POST", "/session/refresh", raw=b" " * (9 * 1024 * 1024))
    answer.must_be(413, 422, 400)
    equal(answer.headers.get(REQUEST_ID, ""), answer.request_id, "带回的请求编号")
    equal(answer.media_type, MEDIA_TYPE, "内容类型")


@check("reply.error_shape", "§1 错误", "每个拒绝都有代码、中文说明，代码与状态码对得上",
       "Each refusal has a code of the contract, its status and a Chinese sentence")  # fmt: skip
def error_shape(bench: Bench) -> None:
    for answer in _bad(bench.seat()):
        if answer.asked.startswith("HEAD"):
            continue
        error = answer.error()
        must(error.code in CODES, f"{answer.asked} 的代码 {error.code} 不在约定里")
        equal(answer.status, CODES[error.code].http, f"代码 {error.code} 的状态码")
        must(CHINESE.search(error.message), f"{answer.asked} 的说明不是中文：{error.message[:80]}")


@check("reply.unknown_path", "§1 路径", "没有的路径应答 404，写明代码",
       "An unknown path is answered 404 with an error body")  # fmt: skip
def unknown_path(bench: Bench) -> None:
    seat = bench.seat()
    for path in ("/nothing", "/commands/a/b/c", "/hello/there", "/../v1/hello/x"):
        seat.wire.ask("GET", path).refuses("not_found", 404)


@check("reply.unknown_method", "§1 路径", "不支持的方法应答 405，写明可用的方法",
       "A method that a path does not know is answered 405 with Allow")  # fmt: skip
def unknown_method(bench: Bench) -> None:
    wire = bench.seat().wire
    for method, path, known in (("DELETE", "/hello", "GET"), ("PUT", "/commands", "POST"),
                                ("PATCH", "/session", "DELETE")):  # fmt: skip
        answer = wire.ask(method, path)
        answer.refuses("method_not_allowed", 405)
        must(known in answer.headers.get("Allow", ""), f"{method} {path} 没有写明可用的方法")


@check("reply.unknown_fields", "§1 演进", "多出来的参数和字段不妨碍办理，正文里的字段原样保留",
       "Unknown parameters and fields do no harm; those of a document are kept")  # fmt: skip
def unknown_fields(bench: Bench) -> None:
    seat = bench.seat()
    seat.wire.ask("GET", "/hello", params={"from_a_newer_side": "1"}).must_be(200)
    body = {**seat.sign_in_body(), "from_a_newer_side": {"a": [1]}}
    seat.wire.ask("POST", "/session", data=body, signed_in=False).must_be(201)
    after, case_id = seat.head(), str(uuid.uuid4())
    payload = papers.register(case_id)
    payload["case"]["from_a_newer_side"] = {"深": [1, None, True]}
    seat.do(case_id, payload)
    stood = seat.of_case(after, case_id)["case", case_id]["body"]
    equal(stood.get("from_a_newer_side"), {"深": [1, None, True]}, "新一方写的字段")


@check("reply.every", "§1 每个回复", "整个检查里没有一个回复来历不明",
       "In the whole run no reply came without content type or request id", late=True)  # fmt: skip
def every(bench: Bench) -> None:
    bench.seat().hello()
    stray = bench.meter.stray
    must(not stray, f"{len(stray)} 个回复来历不明，头一个：{stray[0] if stray else ''}")

"""Files: tus 1.0 uploads, storing by hash, reading with Range."""

from __future__ import annotations

import base64
import hashlib
import uuid

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import b64, some_bytes
from sync.conformance.verdict import equal, must
from sync.contract.canonical import digest


def _checksum(data: bytes) -> str:
    return f"sha256 {b64(hashlib.sha256(data).digest())}"


@check("tus.options", "§1 tus", "写明 tus 版本、扩展和校验算法",
       "The server tells its tus version, extensions and checksum")  # fmt: skip
def options(bench: Bench) -> None:
    answer = bench.seat().wire.ask("OPTIONS", "/uploads").must_be(204, 200)
    must("1.0.0" in answer.headers.get("Tus-Version", ""), "没有 Tus-Version 1.0.0")
    extensions = answer.headers.get("Tus-Extension", "")
    must("creation" in extensions and "checksum" in extensions, f"扩展不全：{extensions}")
    must("sha256" in answer.headers.get("Tus-Checksum-Algorithm", ""), "没有 sha256 校验")
    must(answer.headers.get("Tus-Max-Size", "").isdigit(), "没有 Tus-Max-Size")


@check("tus.whole", "§1 tus", "建、传、完成、取回，一字节不差",
       "Create, send, complete, fetch: the same bytes")  # fmt: skip
def whole(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(3000)
    made = seat.announce(data)
    path = seat.place(made)
    equal(made.headers.get("Tus-Resumable"), "1.0.0", "Tus-Resumable")
    head = seat.wire.ask("HEAD", path).must_be(200, 204)
    equal((head.headers.get("Upload-Offset"), head.headers.get("Upload-Length")), ("0", "3000"), "HEAD")
    pushed = seat.push(path, data, 0, Upload_Checksum=_checksum(data)).must_be(204)
    equal(pushed.headers.get("Upload-Offset"), "3000", "传到哪里")
    done = seat.finish(path, data).object(200)
    equal((done["sha256"], done["size"], done["stored"]), (digest(data), 3000, True), "存下的文件")
    equal(seat.wire.ask("GET", f"/files/{digest(data)}").must_be(200).body, data, "取回的文件")


@check("tus.resume", "§1 tus", "断了接着传：别的线路、再次登录后也从断处继续",
       "An upload goes on where it stopped, on another connection and after a new sign-in")  # fmt: skip
def resume(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(2000)
    path = seat.place(seat.announce(data))
    seat.push(path, data[:700], 0).must_be(204)
    seat.wire.ask("DELETE", "/session").must_be(200)
    seat.sign_in()
    line = seat.wire.twin()
    equal(seat.offset(path, line), 700, "断处")
    seat.push(path, data[700:], 700, line).must_be(204)
    line.close()
    seat.finish(path, data).must_be(200)
    equal(seat.wire.ask("GET", f"/files/{digest(data)}").must_be(200).body, data, "取回的文件")


@check("tus.offset", "§1 tus", "位置不对是 409，写明对的位置，什么也没有写进去",
       "A wrong offset is 409 with the right one")  # fmt: skip
def offset(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(900)
    path = seat.place(seat.announce(data))
    seat.push(path, data[:300], 0).must_be(204)
    for wrong in (0, 299, 301, 900, 10**12):
        error = seat.push(path, data[:100], wrong).refuses("upload_offset", 409)
        equal(error.details.get("offset"), 300, "409 里的位置")
    equal(seat.offset(path), 300, "传到哪里")
    seat.push(path, data[300:], 300).must_be(204)
    seat.finish(path, data).must_be(200)


@check("tus.checksum", "§1 tus", "一段的校验不对是 460，位置不动",
       "A part with a wrong checksum is 460 and the offset stays")  # fmt: skip
def checksum(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(500)
    path = seat.place(seat.announce(data))
    seat.push(path, data, 0, Upload_Checksum=_checksum(b"other")).refuses("upload_checksum", 460)
    equal(seat.offset(path), 0, "传到哪里")
    seat.push(path, data, 0, Upload_Checksum=_checksum(data)).must_be(204)
    seat.finish(path, data).must_be(200)


@check("tus.incomplete", "§1 complete", "没有传完就说完成，是 409，写明传到哪里",
       "Completing too early is 409 with the offset")  # fmt: skip
def incomplete(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(500)
    path = seat.place(seat.announce(data))
    seat.push(path, data[:200], 0).must_be(204)
    error = seat.finish(path, data).refuses("upload_incomplete", 409)
    equal(error.details.get("offset"), 200, "409 里的位置")
    seat.wire.ask("GET", f"/files/{digest(data)}").refuses("not_found", 404)


@check("tus.wrong_bytes", "§1 complete", "平台自己再算一遍全文：不是登记的那份就不存，从头重传",
       "The server hashes the whole file again; other bytes are never stored")  # fmt: skip
def wrong_bytes(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(500)
    path = seat.place(seat.announce(data))
    seat.push(path, some_bytes(500), 0).must_be(204)
    seat.finish(path, data).refuses("hash_mismatch", 422)
    seat.wire.ask("GET", f"/files/{digest(data)}").refuses("not_found", 404)
    equal(seat.offset(path), 0, "从头重传的位置")
    seat.push(path, data, 0).must_be(204)
    seat.finish(path, data).must_be(200)


@check("tus.complete_other", "§1 complete", "完成时写的校验值、大小与登记的不同，拒绝",
       "Completing with another hash or size is refused")  # fmt: skip
def complete_other(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(100)
    path = seat.place(seat.announce(data))
    seat.push(path, data, 0).must_be(204)
    for body in ({"sha256": "ab" * 32, "size": 100}, {"sha256": digest(data), "size": 99}):
        seat.wire.ask("POST", f"{path}/complete", data=body).refuses("hash_mismatch", 422)
    seat.finish(path, data).must_be(200)


@check("tus.complete_again", "§1 complete", "完成的回复丢了再问一次，结果相同",
       "Completing again gives the same")  # fmt: skip
def complete_again(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(100)
    path = seat.place(seat.announce(data))
    seat.push(path, data, 0).must_be(204)
    first = seat.finish(path, data).object(200)
    equal(seat.finish(path, data).object(200), first, "第二次完成")


@check("tus.empty", "§5 size_0", "零字节的文件也能存、能取",
       "A file of no bytes is stored and fetched")  # fmt: skip
def empty(bench: Bench) -> None:
    seat = bench.seat()
    path = seat.place(seat.announce(b""))
    equal(seat.offset(path), 0, "传到哪里")
    done = seat.finish(path, b"").object(200)
    equal((done["size"], done["stored"]), (0, True), "存下的文件")
    equal(seat.wire.ask("GET", f"/files/{digest(b'')}").must_be(200).body, b"", "取回的文件")


@check("tus.too_large", "§1 limits", "超过上限的文件在建的时候就是 413",
       "A file over the limit is 413 when it is announced")  # fmt: skip
def too_large(bench: Bench) -> None:
    seat = bench.seat()
    most = seat.hello()["limits"]["file_bytes"]
    for size in (most + 1, 10**15):
        seat.announce(b"", size=str(size), sha256="ab" * 32).refuses("too_large", 413)


@check("tus.overrun", "§1 tus", "传得比登记的多，不收，位置不动",
       "Bytes beyond the announced length are refused")  # fmt: skip
def overrun(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(100)
    path = seat.place(seat.announce(data))
    answer = seat.push(path, data + b"more", 0)
    must(400 <= answer.status < 500, f"多传的应答是 {answer.status}")
    equal(seat.offset(path), 0, "传到哪里")


@check("tus.headers", "§1 tus", "大小、校验值写得不对，建不了",
       "Creation without a good length and hash is refused")  # fmt: skip
def headers(bench: Bench) -> None:
    seat = bench.seat()
    for size, sha256 in (("-1", "ab" * 32), ("x", "ab" * 32), ("1", "xyz"), ("1", ""), ("²", "ab" * 32)):
        answer = seat.announce(b"", size=size, sha256=sha256)
        answer.must_be(400, 422).error()
    seat.wire.ask("POST", "/uploads").must_be(400, 422).error()
    wrong = {"Upload-Length": "1", "Upload-Metadata": "sha256 %%%"}
    seat.wire.ask("POST", "/uploads", headers=wrong).must_be(400, 422).error()


@check("tus.unknown", "§1 tus", "没有的上传是 404",
       "An unknown upload is 404")  # fmt: skip
def unknown(bench: Bench) -> None:
    seat, path = bench.seat(), f"/uploads/{uuid.uuid4()}"
    seat.wire.ask("HEAD", path).must_be(404)
    seat.push(path, b"x", 0).refuses("not_found", 404)
    seat.finish(path, b"x").refuses("not_found", 404)


@check("tus.known", "§1 去重", "本机构已有的文件不用再传",
       "A file the institution has need not be sent again")  # fmt: skip
def known(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(400)
    seat.upload(data)
    other = bench.second()
    path = other.place(other.announce(data))
    equal(other.offset(path), 400, "已有的文件的位置")
    other.finish(path, data).must_be(200)


@check("tus.same_file_twice", "§5 same_sha_two_pcs", "两台电脑同时传同一份文件，都成",
       "Two computers sending the same file both succeed")  # fmt: skip
def same_file_twice(bench: Bench) -> None:
    from sync.conformance.seat import together

    one, two = bench.seat(), bench.second()
    data = some_bytes(4000)
    paths = [seat.place(seat.announce(data)) for seat in (one, two)]
    one.push(paths[0], data, 0).must_be(204)
    two.push(paths[1], data, 0).must_be(204)
    answers = together(lambda: one.finish(paths[0], data), lambda: two.finish(paths[1], data))
    for answer in answers:
        answer.must_be(200)
    equal(one.wire.ask("GET", f"/files/{digest(data)}").must_be(200).body, data, "取回的文件")


@check("tus.stored_follows", "§1 stored", "文件到齐后，登记过的附件在动态里变成已存下",
       "stored follows in the feed when the whole file has been hashed")  # fmt: skip
def stored_follows(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(300)
    case_id = bench.case(seat)
    payload = papers.attachment(case_id, seat.person_id, digest(data), len(data))
    attachment_id = payload["attachment"]["attachment_id"]
    seat.do(case_id, payload)
    after = seat.head()
    path = seat.place(seat.announce(data))
    seat.push(path, data, 0).must_be(204)
    equal(seat.of_case(after, case_id), {}, "还没有算过全文就说存下了")
    seat.finish(path, data).must_be(200)
    change = seat.of_case(after, case_id)["attachment", attachment_id]
    equal((change["body"]["stored"], change["cause"]), (True, None), "存下的附件")
    late = papers.attachment(case_id, seat.person_id, digest(data), len(data))
    seat.do(case_id, late)
    stood = seat.of_case(after, case_id)["attachment", late["attachment"]["attachment_id"]]
    equal(stood["body"]["stored"], True, "后登记的附件")


@check("file.range", "§1 GET /files", "按范围取：前段、中段、末段，拼起来就是原文",
       "Ranges are honoured and join to the whole")  # fmt: skip
def file_range(bench: Bench) -> None:
    seat, data = bench.seat(), some_bytes(1000)
    path = f"/files/{seat.upload(data)}"
    wanted = {
        "bytes=0-9": (data[:10], "bytes 0-9/1000"), "bytes=500-": (data[500:], "bytes 500-999/1000"),
        "bytes=-7": (data[-7:], "bytes 993-999/1000"), "bytes=990-5000": (data[990:], "bytes 990-999/1000"),
    }  # fmt: skip
    for asked, (part, told) in wanted.items():
        answer = seat.wire.ask("GET", path, headers={"Range": asked}).must_be(206)
        equal(answer.body, part, f"{asked} 的内容")
        equal(answer.headers.get("Content-Range"), told, f"{asked} 的 Content-Range")
    equal(seat.wire.ask("GET", path).must_be(200).body, data, "整份")


@check("file.beyond", "§1 GET /files", "范围超出文件是 416",
       "A range beyond the file is 416")  # fmt: skip
def beyond(bench: Bench) -> None:
    seat = bench.seat()
    path = f"/files/{seat.upload(some_bytes(10))}"
    for asked in ("bytes=10-", "bytes=5000-6000"):
        seat.wire.ask("GET", path, headers={"Range": asked}).refuses("range", 416)


@check("file.unknown", "§1 GET /files", "没有的文件是 404，只登记没有到的也是",
       "A file that is not there, or only declared, is 404")  # fmt: skip
def file_unknown(bench: Bench) -> None:
    seat = bench.seat()
    sha256 = digest(base64.b64encode(some_bytes(20)))
    seat.wire.ask("GET", f"/files/{sha256}").refuses("not_found", 404)
    case_id = bench.case(seat)
    seat.do(case_id, papers.attachment(case_id, seat.person_id, sha256, 20))
    seat.wire.ask("GET", f"/files/{sha256}").refuses("not_found", 404)

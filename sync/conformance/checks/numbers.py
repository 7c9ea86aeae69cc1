"""Leased runs of numbers, numbers in use, catalogues."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sync.conformance import papers
from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.seat import Seat, together
from sync.conformance.verdict import equal, must
from sync.conformance.wire import Answer
from sync.contract.handed_down import Catalogue

SERIES = "case"
NEEDED = ("courts", "dispute_kinds", "holidays", "institutions", "refusal_reasons")


def _lease(seat: Seat, block_id: str, count: int = 3, series: str = SERIES) -> Answer:
    year = dt.datetime.now(dt.UTC).year
    body = {"block_id": block_id, "series": series, "year": year, "count": count}
    return seat.wire.ask("POST", "/number-blocks", data=body)


@check("number.disjoint", "§1 number-blocks", "几台电脑同时要号段，互不重叠，条数够",
       "Runs leased at the same moment are disjoint")  # fmt: skip
def disjoint(bench: Bench) -> None:
    seats = [bench.seat() for _ in range(4)]
    got: list[Any] = together(
        *[lambda seat=seat: _lease(seat, str(uuid.uuid4())).object(201) for seat in seats]
    )
    got.append(_lease(seats[0], str(uuid.uuid4()), 7).object(201))
    runs = [set(range(block["first"], block["last"] + 1)) for block in got]
    equal([len(run) for run in runs], [3, 3, 3, 3, 7], "每段的条数")
    equal(len(set().union(*runs)), 19, "不同的号")


@check("number.same_block", "§1 number-blocks", "同一编号再要，给同一段；另一台设备拿这个编号要，409",
       "The same block id gives the same run; another device is refused it")  # fmt: skip
def same_block(bench: Bench) -> None:
    seat, other, block_id = bench.seat(), bench.seat(), str(uuid.uuid4())
    first = _lease(seat, block_id).object(201)
    equal(_lease(seat, block_id).must_be(200, 201).json(), first, "再要一次")
    _lease(other, block_id).refuses("number_block", 409)
    _lease(seat, block_id, series="refusal").refuses("number_block", 409)


@check("number.at_once", "§1 number-blocks", "同一编号从三条线路同时要，还是一段",
       "One block id asked for from three connections at once is one run")  # fmt: skip
def at_once(bench: Bench) -> None:
    seat, block_id = bench.seat(), str(uuid.uuid4())
    year = dt.datetime.now(dt.UTC).year
    body = {"block_id": block_id, "series": SERIES, "year": year, "count": 2}
    lines = [seat.wire.twin() for _ in range(3)]
    works = [lambda line=line: line.ask("POST", "/number-blocks", data=body) for line in lines]
    got = [answer.must_be(200, 201).json() for answer in together(*works)]
    for line in lines:
        line.close()
    equal({(block["first"], block["last"]) for block in got}, {(got[0]["first"], got[0]["last"])}, "号段")


@check("number.return", "§1 number-blocks", "退回的号作废，不再给别人；退两次不同的位置 409",
       "Numbers given back are void and never leased again")  # fmt: skip
def give_back(bench: Bench) -> None:
    seat = bench.seat()
    block = _lease(seat, str(uuid.uuid4()), 5).object(201)
    path = f"/number-blocks/{block['block_id']}/return"
    middle = block["first"] + 2
    told = seat.wire.ask("POST", path, data={"returned_from": middle}).object(200)
    equal(told["returned_from"], middle, "退回的位置")
    equal(seat.wire.ask("POST", path, data={"returned_from": middle}).object(200), told, "再退一次")
    for wrong in (middle + 1, block["last"] + 1):
        seat.wire.ask("POST", path, data={"returned_from": wrong}).refuses("number_block", 409)
    after = _lease(seat, str(uuid.uuid4())).object(201)
    must(after["first"] > block["last"], f"作废的号又给出去了：{after['first']}")
    lost = f"/number-blocks/{uuid.uuid4()}/return"
    seat.wire.ask("POST", lost, data={"returned_from": 1}).refuses("not_found", 404)


@check("number.borne", "§1 编号", "一个案号只归一件案件，给了别的案件就拒收",
       "A case number is borne by one case")  # fmt: skip
def borne(bench: Bench) -> None:
    seat = bench.seat()
    number = papers.new_number()
    for expected in (("applied", ""), ("rejected", "number_used")):
        case_id = bench.case(seat)
        seat.do(case_id, papers.waive(case_id, seat.person_id), base=papers.rests_on("received"))
        wanted = papers.accept(case_id, seat.person_id, number)
        answer = seat.one(seat.write(case_id, wanted, base=papers.rests_on("deciding")))
        equal((answer["status"], answer["code"]), expected, "用这个案号受理")


@check("catalogue.list", "§1 catalogues", "目录齐全，每份都有版本、来源和内容",
       "The catalogues are there, each with version, source and items")  # fmt: skip
def catalogues(bench: Bench) -> None:
    seat = bench.seat()
    listed = seat.wire.ask("GET", "/catalogues").object(200)["catalogues"]
    must(set(NEEDED) <= set(listed), f"缺目录：{sorted(set(NEEDED) - set(listed))}")
    for name, etag in listed.items():
        answer = seat.wire.ask("GET", f"/catalogues/{name}")
        entry = Catalogue.model_validate(answer.object(200))
        equal(entry.name, name, "目录的名字")
        must(entry.version and entry.source and entry.items, f"目录 {name} 缺版本、来源或内容")
        equal(answer.headers.get("ETag"), etag, f"目录 {name} 的标签")


@check("catalogue.etag", "§1 catalogues", "没有变的目录是 304，没有正文；变了的给全文",
       "An unchanged catalogue is 304 without a body")  # fmt: skip
def etag(bench: Bench) -> None:
    seat = bench.seat()
    tag = seat.wire.ask("GET", "/catalogues/courts").must_be(200).headers.get("ETag", "")
    must(tag, "没有标签")
    same = seat.wire.ask("GET", "/catalogues/courts", headers={"If-None-Match": tag}).must_be(304)
    equal(same.body, b"", "304 的正文")
    seat.wire.ask("GET", "/catalogues/courts", headers={"If-None-Match": '"other"'}).must_be(200)


@check("catalogue.unknown", "§1 catalogues", "没有的目录是 404",
       "An unknown catalogue is 404")  # fmt: skip
def unknown(bench: Bench) -> None:
    bench.seat().wire.ask("GET", "/catalogues/no-such").refuses("not_found", 404)

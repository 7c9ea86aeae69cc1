"""Lists and search at 100,000 cases: ``python -m tests.benchmarks.lists [CASES]``.

Limits of the design: open 90 ms, filter 35 ms, sort on any column 50 ms, search 6 ms (p95), counters 5 ms.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from app.domain import casefile as cf
from app.domain.ids import uuid7
from app.domain.reducer import CaseFile
from app.services.cases import Cases
from app.services.palette import Palette
from app.services.projection import search_words
from app.services.today import Today
from app.storage import casequery, search_text
from app.storage.tables import case_docs, cases
from tests.helpers.desks import MONDAY, Workplace, make_workplace

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "秀英桂兰建国志强丽华海燕小明文博雨欣子轩"
TITLES = ("楼上漏水", "停车纠纷", "押金不退", "装修尾款", "宠物噪音", "外卖漏单", "网课退费", "老宅继承")
STATES = ("mediating", "closed", "archived", "accepted", "contacting", "failed")


def fill(place: Workplace, count: int) -> None:
    """Write ``count`` invented cases with three documents each, in batches."""
    rng = random.Random(7)
    desk = place.desk
    for start in range(0, count, 2000):
        rows, docs, words = [], [], []
        for rid in range(start + 1, min(start + 2000, count) + 1):
            case_id = f"c{rid:07d}"
            parties = tuple(
                cf.Party(
                    party_id=f"{case_id}-{side[0]}", case_id=case_id, side=side, ordinal=1,
                    name=rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, 2)),
                    phone=f"138{rng.randrange(10**8):08d}", address=f"云浦区棠溪路{rng.randrange(999)}弄",
                )
                for side in ("applicant", "respondent")
            )  # fmt: skip
            head = cf.Case(
                case_id=case_id, source="walk_in", state=rng.choice(STATES), title=rng.choice(TITLES),
                dispute_kind=rng.choice(("neighbour", "housing", "contract", "consumer")),
                received_at=MONDAY, number=f"（2026）云梧民调字第{rid:06d}号", mediator_id="p-zhou",
            )  # fmt: skip
            record = cf.Record(
                record_id=uuid7(MONDAY),
                case_id=case_id,
                at=MONDAY,
                author="p-zhou",
                body=cf.Note(text="来访"),
            )
            rows.append(_row(head, rid, rng))
            docs += [
                {"entity": e, "doc_id": k, "case_id": case_id, "body": cf.encode(d), "version": 1}
                for e, k, d in (
                    ("party", parties[0].party_id, parties[0]),
                    ("party", parties[1].party_id, parties[1]),
                    ("record", record.record_id, record),
                )
            ]
            file = CaseFile(case=head, parties={p.party_id: p for p in parties})
            words.append((rid, search_text.tokens_for(search_words(file))))

        def put(conn: object, rows: list = rows, docs: list = docs, words: list = words) -> None:  # type: ignore[type-arg]
            conn.execute(insert(cases), rows)  # type: ignore[attr-defined]
            conn.execute(insert(case_docs), docs)  # type: ignore[attr-defined]
            search_text.index_cases(conn, words)  # type: ignore[arg-type]

        desk.store.write(put)


def _row(head: cf.Case, rid: int, rng: random.Random) -> dict[str, object]:
    return {
        "rid": rid, "case_id": head.case_id, "version": 1, "state": head.state, "label": head.state,
        "bucket": "", "is_open": int(head.state not in ("archived", "closed")), "source": head.source,
        "dispute_kind": head.dispute_kind, "number": head.number, "intake_no": "", "title": head.title,
        "mediator_id": head.mediator_id, "parties": f"{rng.choice(SURNAMES)}** / {rng.choice(SURNAMES)}*",
        "township": "", "next_kind": "", "next_text": "", "next_due": f"2026-{rng.randrange(1, 13):02d}-10",
        "received_at": "2026-11-23T02:42:00.000Z", "accepted_at": f"2026-{rng.randrange(1, 13):02d}-01",
        "closed_at": "", "updated_at": f"2026-11-{rng.randrange(1, 24):02d}T00:00:00.000Z",
        "sync": "delivered",
        "body": cf.encode(head),
    }  # fmt: skip


def timed(work: Callable[[], object], rounds: int = 25) -> tuple[float, float]:
    """Median and 95th percentile, milliseconds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.95) - 1]


def main(count: int = 100_000) -> None:
    """Prints milliseconds and the ratio of the 95th percentile to the limit."""
    with tempfile.TemporaryDirectory() as folder:
        place = make_workplace(Path(folder) / "profile")
        begun = time.perf_counter()
        fill(place, count)
        print(f"{count} cases written in {time.perf_counter() - begun:.1f} s")
        desk = place.desk
        service, palette = Cases(desk), Palette(desk)
        query = service.query
        rows = [
            ("list: first page", 90.0, lambda: service.page(query(), 0, 100)),
            ("list: count", 35.0, lambda: service.count(query())),
            ("list: filter by kind", 35.0, lambda: service.page(query(dispute_kinds=("housing",)), 0, 100)),
            ("list: page 500", 50.0, lambda: service.page(query(), 50_000, 100)),
        ]
        rows += [
            (f"sort by {name}", 50.0, lambda name=name: service.page(query(sort=name), 0, 100))
            for name in casequery.SORTABLE
        ]
        rows += [
            (
                f"tab {tab} by {name}",
                50.0,
                lambda tab=tab, name=name: service.page(query(tab=tab, sort=name), 0, 100),
            )
            for tab in ("mine", "open", "week", "after")
            for name in ("title", "next")
        ]
        rows += [
            (f"search {text}", 6.0, lambda text=text: palette.find(text))
            for text in ("张建国", "漏水", "陈", "棠溪路88", "lsls", "0042")
        ]
        rows += [("counters", 5.0, service.numbers), ("today board", 50.0, lambda: Today(desk).board())]
        for name, limit, work in rows:
            median, p95 = timed(work)  # type: ignore[arg-type]
            figures = f"median {median:7.2f} ms  p95 {p95:7.2f} ms  limit {limit:3.0f}"
            print(f"{name:24} {figures}  ratio {p95 / limit:.2f}")
        place.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

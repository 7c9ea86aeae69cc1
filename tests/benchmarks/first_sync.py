"""First sync of 10,000 cases: ``python -m tests.benchmarks.first_sync [CASES]``.

The limit is measured beside it: reading the same pages as one JSON body each and putting raw rows into
SQLCipher. The design asks for 10,000 cases a second.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from threading import Event
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from app.paths import ProfilePaths
from app.services import profile
from app.services.desk import Desk
from app.services.projection import search_words
from app.storage import casestore, search_text
from app.storage.bulk import Rows
from app.storage.tables import case_docs, cases, tasks
from tests.helpers.desks import PASSPHRASE, QUICK, make_workplace
from ui import connection, practice

AT_ONCE = 200
"""Cases in one transaction: about what fits 50 ms."""


def main(count: int = 10_000) -> None:
    """Prints cases a second of the engine and of the raw limit, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = practice.SandboxProcess(folder / "platform", str(count))
        ready = process.start()
        try:
            paths = ProfilePaths(folder / "profile")
            user = next(u for u in ready.users if u.role == "mediator")
            person = profile.NewPerson(user.name, user.login)
            desk, _ = profile.create_profile(paths, person, PASSPHRASE, practice=True, cost=QUICK)
            desk = connection.enrol(
                paths, desk, url=ready.url, user=user.login, password=user.password, name="测"
            )
            shown: list[float] = []
            before, spent = peak_memory(), time.process_time()
            begun = time.perf_counter()
            result = connection.sync_once(
                desk, stop=Event(), on_changes=lambda _: shown.append(time.perf_counter() - begun)
            )
            took, spent = time.perf_counter() - begun, time.process_time() - spent
            after = peak_memory()
            if result.error is not None:
                raise result.error
            found, documents = desk.store.read(
                lambda conn: (
                    conn.execute(select(func.count()).select_from(cases)).scalar_one(),
                    conn.execute(
                        select(case_docs.c.entity, case_docs.c.doc_id, case_docs.c.case_id, case_docs.c.body)
                    ).all(),
                )
            )
            raw = _raw(folder / "raw", documents, found)
            figures = f"{found} cases, {len(documents)} documents in {took:.2f} s"
            print(
                f"engine  {figures}: {found / took:,.0f} cases/s, {found / spent:,.0f} a second of processor"
            )
            print(
                f"        first cases after {shown[0]:.2f} s; "
                f"peak memory {before} MiB before, {after} MiB after"
            )
            print(f"limit   decode and raw rows: {raw:,.0f} cases/s; ratio {raw / (found / took):.1f}")
            whole = _whole(desk, folder / "whole")
            print(
                f"limit   finished rows with all indexes and search words: {whole:,.0f} cases a second of "
                f"processor; ratio {whole / (found / spent):.1f}"
            )
            profile.close(desk)
        finally:
            process.stop()


def peak_memory() -> int:
    """The most memory this process has held, MiB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _whole(desk: Desk, folder: Path) -> float:
    """Cases a second of processor when every row lies ready as the store holds it, and is only put in.

    What the engine adds to this is reading the page, the rules of each case and its search words.
    """

    def rows(conn: Connection) -> list[tuple[Any, ...]]:
        known = [dict(row._mapping) for row in conn.execute(select(cases).order_by(cases.c.rid))]
        docs, due = defaultdict(list), defaultdict(list)
        for row in conn.execute(select(case_docs)):
            docs[row.case_id].append(dict(row._mapping))
        for row in conn.execute(select(tasks)):
            due[row.case_id].append(dict(row._mapping))
        files = (casestore.load(conn, case["case_id"]) for case in known)
        words = [search_text.tokens_for(search_words(file)) for file in files]
        return [(c, docs[c["case_id"]], due[c["case_id"]], w) for c, w in zip(known, words, strict=True)]

    ready = desk.store.read(rows)
    into = [Rows(table, table.c.keys()) for table in (cases, case_docs, tasks)]
    place = make_workplace(folder)

    def put(conn: Connection, part: list[tuple[Any, ...]]) -> None:
        into[0].insert(conn, [case for case, _, _, _ in part])
        into[1].insert(conn, [doc for _, docs, _, _ in part for doc in docs])
        into[2].insert(conn, [task for _, _, due, _ in part for task in due])
        search_text.index_new(conn, [(case["rid"], words) for case, _, _, words in part])

    spent = time.process_time()
    for start in range(0, len(ready), AT_ONCE):
        part = ready[start : start + AT_ONCE]
        place.desk.store.write(lambda conn, part=part: put(conn, part))
    spent = time.process_time() - spent
    place.close()
    return len(ready) / spent


def _raw(folder: Path, documents: list[Any], found: int) -> float:
    """Cases a second when the same bodies are decoded and put in as they are."""
    place = make_workplace(folder)
    body = msgspec.json.encode([[d.entity, d.doc_id, d.case_id, msgspec.Raw(d.body)] for d in documents])
    form = list[tuple[str, str, str, msgspec.Raw]]
    begun = time.perf_counter()
    rows = [
        {"entity": entity, "doc_id": doc_id, "case_id": case_id, "version": 1, "body": bytes(raw)}
        for entity, doc_id, case_id, raw in msgspec.json.decode(body, type=form)
    ]
    place.desk.store.write(lambda conn: conn.execute(insert(case_docs), rows) and None)
    took = time.perf_counter() - begun
    place.close()
    return found / took


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

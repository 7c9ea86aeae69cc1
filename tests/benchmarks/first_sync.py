"""First sync of 10,000 cases: ``python -m tests.benchmarks.first_sync [CASES]``.

The limit is measured beside it: reading the same pages as one JSON body each and putting raw rows into
SQLCipher. The design asks for 10,000 cases a second.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path
from threading import Event
from typing import Any

import msgspec
from sqlalchemy import func, insert, select

from app.paths import ProfilePaths
from app.services import profile
from app.storage.tables import case_docs, cases
from tests.helpers.desks import PASSPHRASE, QUICK, make_workplace
from ui import connection, practice


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
                        select(
                            case_docs.c.entity, case_docs.c.doc_id, case_docs.c.case_id, case_docs.c.shadow
                        )
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
            profile.close(desk)
        finally:
            process.stop()


def peak_memory() -> int:
    """The most memory this process has held, MiB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _raw(folder: Path, documents: list[Any], found: int) -> float:
    """Cases a second when the same bodies are decoded and put in as they are."""
    place = make_workplace(folder)
    body = msgspec.json.encode([[d.entity, d.doc_id, d.case_id, msgspec.Raw(d.shadow)] for d in documents])
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

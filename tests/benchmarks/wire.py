"""The wire's two sides: ``python -m tests.benchmarks.wire [COMMANDS]``.

One exchange that finds nothing; commands taken in by the reference platform, each with its receipt; and
idle ``GET /changes``. On SQLite, and on PostgreSQL where ``JIEFEN_TEST_POSTGRES`` names a server. Beside
each stands its limit, measured in the same run. Seconds are this process's processor time as well as the
wall's: on a shared machine only the first of them says much.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.clock import SystemClock
from sync.sandbox import seeding
from sync.sandbox.http import Request
from sync.sandbox.platform import Platform
from sync.sandbox.source import Source
from tests.harness.world import a_world, make_template
from tests.helpers import sandbox as boxes
from tests.helpers import wire_payloads as payloads

URL = "http://platform.test"
BATCH = 100
LANES = 20
LINES = 16
"""Connections kept open by whoever asks the feed."""
PUSH_GOAL, FEED_GOAL = 5_000, 1_500


@dataclass(frozen=True)
class Took:
    """What ``count`` of something took."""

    count: int
    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.count / self.wall:,.0f}/s, {self.count / self.processor:,.0f} a second of processor"


def timed(count: int, work: Callable[[], Any]) -> Took:
    """Run ``work``."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Took(count, time.perf_counter() - wall, time.process_time() - processor)


def idle_exchange(folder: Path, runs: int = 60) -> None:
    """Prints what one exchange of a computer and the platform costs when nothing has moved."""
    with a_world(make_template(folder / "template", computers=1), folder / "world", computers=1) as world:
        computer = world.computers[0]
        computer.run()
        walls, processor = [], time.process_time()
        for _ in range(runs):
            world.pass_time(60)
            begun = time.perf_counter()
            result = computer.run()
            walls.append(time.perf_counter() - begun)
            if result.error is not None:
                raise result.error
        each = (time.process_time() - processor) / runs
        print(
            f"idle exchange, both sides in one process: median {statistics.median(walls) * 1000:.1f} ms, "
            f"least {min(walls) * 1000:.1f} ms, processor {each * 1000:.1f} ms"
        )


@contextmanager
def a_platform(url: str, folder: Path) -> Iterator[Platform]:
    """The platform's core on a new database."""
    folder.mkdir()
    platform = Platform(url, folder, Source(SystemClock()))
    seeding.ready(platform, "empty")
    yield platform
    platform.close()


def client_of(platform: Platform) -> boxes.WireClient:
    """A registered device with somebody signed in."""
    session = requests.Session()
    session.mount(URL, boxes.PlatformAdapter(platform))
    client = boxes.WireClient(session, URL)
    client.enrol("zhouminfang", seeding.PASSWORD)
    return client


def batches_of(client: boxes.WireClient, count: int) -> list[bytes]:
    """Bodies of ``POST /commands``: notes on a few cases, signed, in lane order."""
    cases = [str(uuid.uuid4()) for _ in range(LANES)]
    client.deliver(*(client.command(one, payloads.register(one)) for one in cases))
    notes = []
    for number in range(count):
        case_id = cases[number % LANES]
        body = {"type": "note", "text": f"电话里约了时间，第 {number} 次。"}
        record = payloads.record(case_id, client.person_id, body)
        notes.append(client.command(case_id, {"kind": "record.add", "record": record}))
    return [
        json.dumps({"commands": notes[start : start + BATCH]}, ensure_ascii=False).encode()
        for start in range(0, count, BATCH)
    ]


def asking(client: boxes.WireClient, method: str, path: str, body: bytes = b"", **query: str) -> Request:
    """A request as the core takes it."""
    headers = {"authorization": str(client.http.headers["Authorization"])}
    return Request(method=method, path=f"/v1{path}", query=query, headers=headers, body=body)


def push(platform: Platform, name: str, count: int) -> None:
    """Prints commands a second, each answered with its receipt, and the limit beside it."""
    client = client_of(platform)
    bodies = batches_of(client, count)
    replies = []
    took = timed(
        count,
        lambda: replies.extend(platform.handle(asking(client, "POST", "/commands", body)) for body in bodies),
    )
    answers = [answer for reply in replies for answer in json.loads(reply.body)["answers"]]
    if [answer["status"] for answer in answers] != ["applied"] * count:
        raise RuntimeError("not every command was applied")
    print(f"push on {name}: {took}; goal {PUSH_GOAL:,}, ratio {PUSH_GOAL / (count / took.processor):.2f}")


def push_limit(folder: Path, count: int) -> None:
    """Prints what the cryptography and the bare rows of the same commands cost."""
    key = Ed25519PrivateKey.generate()
    public, text = key.public_key(), b"x" * 900
    signature = key.sign(text)
    signing = timed(count, lambda: [(public.verify(signature, text), key.sign(text)) for _ in range(count)])
    base = sqlite3.connect(folder / "limit.db", isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("CREATE TABLE ledger (id TEXT PRIMARY KEY, body BLOB)")

    def rows() -> None:
        for start in range(0, count, BATCH):
            base.execute("BEGIN IMMEDIATE")
            base.executemany(
                "INSERT INTO ledger VALUES (?, ?)", [(f"{start + n}", text) for n in range(BATCH)]
            )
            base.execute("COMMIT")

    written = timed(count, rows)
    base.close()
    both = Took(count, signing.wall + written.wall, signing.processor + written.processor)
    print(f"  limit, one signature checked and one made ({signing}) and one bare row: {both}")


def feed(platform: Platform, name: str, count: int) -> None:
    """Prints idle questions a second that the core answers."""
    client = client_of(platform)
    request = asking(client, "GET", "/changes", after=str(platform.store.head), epoch=platform.epoch)
    if platform.handle(request).status != 304:
        raise RuntimeError("the feed is not idle")
    took = timed(count, lambda: [platform.handle(request) for _ in range(count)])
    print(f"idle feed, core on {name}: {took}")


def feed_on_the_wire(folder: Path, name: str, count: int, *arguments: str) -> None:
    """Prints idle questions a second over sockets, and the processor time of the platform's process."""
    with boxes.running(folder, "empty", *arguments) as box:
        session = requests.Session()
        client = boxes.WireClient(session, box.url)
        client.enrol("zhouminfang", seeding.PASSWORD)
        told = client.ask("GET", "/hello", params={"lanes": "none"}).json()
        line = (
            f"GET /v1/changes?epoch={told['epoch']}&after={told['head']} HTTP/1.1\r\nHost: a\r\n"
            f"Authorization: {session.headers['Authorization']!s}\r\n\r\n"
        ).encode()
        host, port = box.url.removeprefix("http://").split(":")
        lines = [socket.create_connection((host, int(port))) for _ in range(LINES)]
        before = processor_of(box.process.pid)
        took = timed(count, lambda: [ask_all(lines, line) for _ in range(count // LINES)])
        spent = processor_of(box.process.pid) - before
        for one in lines:
            one.close()
        session.close()
    told_rate = Took(count, took.wall, spent)
    print(
        f"idle feed over sockets on {name}: {told_rate}; goal {FEED_GOAL:,}, "
        f"ratio {FEED_GOAL / (count / spent):.2f}"
    )


def ask_all(lines: list[socket.socket], request: bytes) -> None:
    """One question on each line, then every answer."""
    for one in lines:
        one.sendall(request)
    for one in lines:
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            piece = one.recv(65536)
            if not piece:
                raise RuntimeError("the platform hung up")
            answer += piece
        if not answer.startswith(b"HTTP/1.1 304"):
            raise RuntimeError(f"not idle: {answer[:40]!r}")


def processor_of(pid: int) -> float:
    """Processor seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def postgres() -> Iterator[str]:
    """A new database on the server that the environment names; empty where there is none."""
    server = os.environ.get("JIEFEN_TEST_POSTGRES", "")
    if not server:
        yield ""
        return
    name = f"bench_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(sa.text(f"DROP DATABASE {name}"))
    admin.dispose()


def main(count: int = 2_000) -> None:
    """Prints everything."""
    load = os.getloadavg()[0]
    print(f"load at the start: {load:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as place, postgres() as url:
        folder = Path(place)
        idle_exchange(folder)
        push_limit(folder, count)
        bases = [("SQLite", f"sqlite:///{folder}/platform.db")]
        bases += [("PostgreSQL", url)] if url else []
        for name, base in bases:
            with a_platform(base, folder / name) as platform:
                push(platform, name, count)
                feed(platform, name, 5 * count)
        feed_on_the_wire(folder / "box", "SQLite", 5 * count)
        if url:
            feed_on_the_wire(folder / "box2", "PostgreSQL", 5 * count, "--database-url", url)
    if not url:
        print("not measured: PostgreSQL (JIEFEN_TEST_POSTGRES names no server)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)

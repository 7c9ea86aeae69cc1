"""The sandbox as a process: its line, held requests, faults on a real socket, kill -9, stopping."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import ROOT, Sandbox, WireClient, running, start


@contextmanager
def client_of(sandbox: Sandbox, role: str = "mediator", device_id: str = "") -> Iterator[WireClient]:
    with requests.Session() as session:
        client = WireClient(session, sandbox.url, device_id)
        user = sandbox.user(role)
        client.enrol(user["name"], user["password"])
        yield client


def test_the_line_and_the_controls(sandbox: Sandbox) -> None:
    assert {user["role"] for user in sandbox.users} == {"mediator", "clerk", "head", "statistician"}
    kinds = sandbox.look("kinds")["kinds"]
    with client_of(sandbox) as client:
        for kind in kinds:
            made = sandbox.control("dispatch", kind=kind["code"])
            assert client.documents()["case", made["case_id"]]["body"]["state"] == "received"
        filed = next(c for c in sandbox.look("overview")["cases"] if c["submissions"])
        waiting = [s for s in filed["submissions"] if s["moves"]]
        assert all(move["label"] for s in waiting for move in s["moves"])
        before = sandbox.look("state")
        moved = sandbox.control("clock", workdays=3)
        assert moved["today"] > before["today"]
        assert sandbox.look("log")["happenings"][0]["kind"] == "clock"
        assert sandbox.control("restore")["epoch"] != before["epoch"]
        assert client.ask("GET", "/hello").status_code == 401, "the clock went on, the sign-in did not"
        user = sandbox.user("mediator")
        client.sign_in(user["name"], user["password"])
        assert ("case", made["case_id"]) not in client.documents()
    bare = requests.get(f"{sandbox.url}/sandbox/state", timeout=10)
    assert bare.status_code == 401


def test_a_held_request_answers_at_once_when_something_happens(sandbox: Sandbox) -> None:
    with client_of(sandbox) as client:
        head = client.ask("GET", "/hello").json()["head"]
        answers: list[requests.Response] = []
        begun = time.monotonic()

        def wait() -> None:
            answers.append(client.ask("GET", "/changes", params={"after": head, "wait": 25}))

        holding = threading.Thread(target=wait)
        holding.start()
        made = sandbox.control("dispatch")
        holding.join(20)
        assert time.monotonic() - begun < 15
        assert answers[0].status_code == 200
        assert answers[0].json()["items"][0]["case_id"] == made["case_id"]
        after = answers[0].json()["to"]
        idle = client.ask("GET", "/changes", params={"after": after, "wait": 1})
        assert idle.status_code == 304


@pytest.mark.parametrize(
    ("mode", "status"),
    [("captive-200", 200), ("captive-302", 302), ("foreign-json", 200), ("e500", 500), ("e502", 502),
     ("e503", 503), ("e429", 429), ("expired", 401), ("access-expired", 401)],
)  # fmt: skip
def test_faults_answer_as_named(sandbox: Sandbox, mode: str, status: int) -> None:
    with client_of(sandbox) as client:
        sandbox.control(f"network/{mode}")
        reply = client.http.get(f"{sandbox.url}/v1/hello", timeout=10, allow_redirects=False)
        assert reply.status_code == status
        if mode == "e503":
            assert int(reply.headers["retry-after"]) > 0
        sandbox.control("network/normal")
        if "expired" not in mode:
            assert client.ask("GET", "/hello").status_code == 200


def test_offline_drops_and_a_lost_reply_had_its_effect(sandbox: Sandbox) -> None:
    with client_of(sandbox) as client:
        sandbox.control("network/offline")
        with pytest.raises(requests.ConnectionError):
            client.ask("GET", "/hello")
        sandbox.control("network/drop-reply", count=1)
        case_id = p.new_id()
        signed = client.command(case_id, p.register(case_id))
        with pytest.raises(requests.ConnectionError):
            client.deliver(signed)
        assert client.deliver(signed)[0]["status"] == "duplicate"
        assert client.documents()["case", case_id]["version"] == 1


def test_killed_it_comes_back_with_everything(tmp_path: Path) -> None:
    data = tmp_path / "platform"
    first = start(data, "empty")
    case_id = p.new_id()
    with client_of(first) as client:
        signed = client.command(case_id, p.register(case_id))
        receipt = client.deliver(signed)[0]["receipt"]
        first.kill()
    with running(data, "empty") as second, requests.Session() as session:
        again = WireClient(session, second.url, client.device_id)
        user = second.user("mediator")
        again.sign_in(user["name"], user["password"])
        assert again.deliver(signed)[0]["receipt"] == receipt
        assert ("case", case_id) in again.documents()


def test_stopping_does_not_wait_for_held_requests(tmp_path: Path) -> None:
    sandbox = start(tmp_path / "platform", "empty")
    with client_of(sandbox) as client:
        head = client.ask("GET", "/hello").json()["head"]
        statuses: list[int] = []

        def hold() -> None:
            statuses.append(client.ask("GET", "/changes", params={"after": head, "wait": 50}).status_code)

        holding = threading.Thread(target=hold)
        holding.start()
        sandbox.control("suspend")
        begun = time.monotonic()
        sandbox.process.terminate()
        sandbox.process.wait(20)
        assert time.monotonic() - begun < 10
        holding.join(10)
        assert not holding.is_alive()
    sandbox.stop()


def test_reset_begins_anew(sandbox: Sandbox) -> None:
    with client_of(sandbox) as client:
        case_id = p.new_id()
        client.deliver(client.command(case_id, p.register(case_id)))
        old = sandbox.look("state")["epoch"]
        assert sandbox.control("reset")["epoch"] != old
        assert client.ask("GET", "/hello").status_code == 401
    with client_of(sandbox) as anew:
        assert ("case", case_id) not in anew.documents()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--seed", "many"], 1),
        (["--seed", "\u00b2"], 1),
        (["--seed", "-5"], 1),
        (["--port", "99999"], 1),
        (["--port", "http"], 1),
        (["--nonsense"], 1),
        (["--port", "TAKEN"], 2),
        (["--data", "/dev/null/x"], 2),
    ],
)
def test_what_cannot_be_started_says_so_in_a_sentence(tmp_path: Path, words: list[str], code: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = [str(taken.getsockname()[1]) if word == "TAKEN" else word for word in words]
        command = [sys.executable, "-m", "sync.sandbox", "--data", str(tmp_path), "--seed", "empty", *words]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == code
    assert ended.stdout == ""
    assert ended.stderr.startswith("没有启动")
    assert ended.stderr.count("\n") == 1

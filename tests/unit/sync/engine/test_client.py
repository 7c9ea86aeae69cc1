"""Who may answer, how long to wait, and what a cut line amounts to."""

from __future__ import annotations

import datetime as dt
import random
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from app.clock import FixedClock
from sync.contract.model import MEDIA_TYPE, REQUEST_ID
from sync.engine import faults
from sync.engine.client import Client
from sync.engine.pull import read_changes
from sync.engine.push import body_of
from sync.engine.reading import retry_after
from sync.engine.work import pause

NOW = dt.datetime(2026, 11, 23, 2, 42, tzinfo=dt.UTC)
Answer = Callable[[str], bytes]


class Tokens:
    """A sign-in that never ends."""

    def load(self) -> str:
        return "refresh access"

    def save(self, token: str) -> None:
        raise AssertionError("no test here signs in anew")


class Line:
    """A server that answers every request with the bytes it is told to, then hangs up."""

    def __init__(self) -> None:
        self.answer: Answer = lambda request_id: b""
        self.asked: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with peer:
                head = b""
                while b"\r\n\r\n" not in head and (piece := peer.recv(65536)):
                    head += piece
                if not head:
                    continue
                self.asked.append(head)
                lines = head.decode().split("\r\n")
                ids = [li.split(": ", 1)[1] for li in lines if li.lower().startswith(REQUEST_ID.lower())]
                peer.sendall(self.answer(ids[0] if ids else ""))

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def line() -> Iterator[Line]:
    one = Line()
    yield one
    one.close()


@pytest.fixture
def client(line: Line) -> Iterator[Client]:
    one = Client(line.url, Tokens(), FixedClock(NOW))
    yield one
    one.close()


def reply(status: str, body: bytes, *, kind: str = MEDIA_TYPE, more: str = "", length: int = -1) -> Answer:
    size = len(body) if length < 0 else length
    return lambda request_id: (
        (
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n"
            f"{REQUEST_ID}: {request_id}\r\nConnection: close\r\n{more}\r\n"
        ).encode()
        + body
    )


def test_a_good_answer(line: Line, client: Client) -> None:
    line.answer = reply("200 OK", b'{"head": 3}')
    assert client.get("/hello") == {"head": 3}
    assert b"Authorization: Bearer access" in line.asked[0]


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        ("200 OK", "text/html", b"<p>login</p>"),
        ("200 OK", "application/json", b'{"head": 3}'),
        ("200 OK", MEDIA_TYPE, b"<p>not json"),
        ("302 Found", MEDIA_TYPE, b"{}"),
        ("401 Unauthorized", "text/html", b"<p>sign in to the proxy</p>"),
    ],
)
def test_somebody_else_answered(line: Line, client: Client, status: str, kind: str, body: bytes) -> None:
    line.answer = reply(status, body, kind=kind, more="Location: http://127.0.0.1:9/\r\n")
    with pytest.raises(faults.NotOurPlatformFault):
        client.get("/hello")
    assert len(line.asked) == 1


def test_an_answer_to_another_question(line: Line, client: Client) -> None:
    good = reply("200 OK", b"{}")
    line.answer = lambda request_id: good("another")
    with pytest.raises(faults.NotOurPlatformFault):
        client.get("/hello")


def test_a_body_that_ends_early_may_have_been_a_success(line: Line, client: Client) -> None:
    line.answer = reply("200 OK", b'{"answers": []}', length=400)
    with pytest.raises(faults.UnreachableFault) as caught:
        client.post("/commands", {})
    assert caught.value.maybe_done


def test_an_answer_that_never_comes_may_have_been_a_success(line: Line, client: Client) -> None:
    with pytest.raises(faults.UnreachableFault) as caught:
        client.post("/commands", {})
    assert caught.value.maybe_done


def test_nobody_there_means_surely_not_done(line: Line) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    gone = Client(f"http://127.0.0.1:{port}", Tokens(), FixedClock(NOW))
    with pytest.raises(faults.UnreachableFault) as caught:
        gone.post("/commands", {})
    assert not caught.value.maybe_done
    gone.close()


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        ("403 Forbidden", "device_revoked", faults.DeviceStoppedFault),
        ("410 Gone", "epoch_changed", faults.EpochChangedFault),
        ("413 Too Large", "too_large", faults.TooLargeFault),
        ("426 Upgrade", "upgrade_required", faults.UpgradeNeededFault),
        ("503 Busy", "maintenance", faults.BusyFault),
        ("422 No", "field", faults.RefusedFault),
    ],
)
def test_refusals(line: Line, client: Client, status: str, code: str, fault: type) -> None:
    body = f'{{"code": "{code}", "message": "平台的话。", "details": {{}}}}'.encode()
    line.answer = reply(status, body)
    with pytest.raises(fault):
        client.get("/hello")


def test_the_proxy_wants_a_sign_in(line: Line, client: Client) -> None:
    line.answer = reply("407 Proxy", b"", kind="text/html")
    with pytest.raises(faults.ProxyLoginFault):
        client.get("/hello")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("7", 7.0),
        ("99999999", 3600.0),
        ("Mon, 23 Nov 2026 02:42:30 GMT", 30.0),
        ("Mon, 23 Nov 2020 02:42:30 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(text, FixedClock(NOW)) == seconds


def test_pause_is_full_jitter_between_two_seconds_and_five_minutes() -> None:
    draw = random.Random(1).uniform
    waits = [pause(failures, draw) for failures in range(1, 40)]
    assert min(waits) >= 2.0
    assert max(waits) <= 300.0
    assert max(waits) > 60.0
    assert pause(1, draw, asked=1234.0) == 1234.0


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"epoch":"e","from":1,"to":0,"head":0,"more":false,"items":[{"seq":9,"entity":"case","id":"a",'
        b'"case_id":"a","version":1,"op":"put"}]}',
    ],
)
def test_a_page_that_contradicts_itself(body: bytes) -> None:
    with pytest.raises(faults.NotOurPlatformFault):
        read_changes(body)


def test_commands_go_out_as_the_very_bytes() -> None:
    from app.services.port_values import Outgoing

    raw = '{"b":1,"a":"张三"}'.encode()
    one = Outgoing("c", "k", "p", raw, b"s", "d", 0)
    assert body_of([one, one]).count(raw) == 2

"""NET: what a network does to a request."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sync.engine import client as engine_client
from tests.faults.aimed import Aim, aimed
from tests.faults.front import authority, front, run_over
from tests.faults.told import (
    UNKNOWN,
    all_went,
    exchange,
    first,
    interrupted,
    notes_at_the_platform,
    why,
    write,
)  # fmt: skip
from tests.harness.play import Play
from tests.harness.steps import Act, Arrive, Exchange, Pass

COMMANDS = ("POST", "/v1/commands")


# -- nothing arrives ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        pytest.param("no_name", "找不到平台的地址", marks=pytest.mark.fault("NET.dns_fail")),
        pytest.param("connect_timeout", "没有连上平台", marks=pytest.mark.fault("NET.connect_timeout")),
    ],
)
def test_nothing_arrives(play: Play, fate: str, words: str) -> None:
    write(play)
    assert exchange(play, fate) == "E-UNREACHABLE"
    interrupted(play, "E-UNREACHABLE", words)
    assert why(play) == ["断线中，连上就发"]
    all_went(play, delivered=1)


@pytest.mark.fault("NET.refuse")
def test_nobody_listens_at_the_port(play: Play) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    write(play)
    run_over(first(play), f"http://127.0.0.1:{port}")
    interrupted(play, "E-UNREACHABLE", "没有连上平台")
    all_went(play, delivered=1)


# -- TLS ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "ended", "stranger", "words"),
    [
        pytest.param(
            "127.0.0.1", True, False, ("不在有效期内", "电脑的日期"),
            marks=pytest.mark.fault("NET.tls_expired"),
        ),
        pytest.param(
            "other.invalid", False, False, ("不是平台的证书", "网络管理员"),
            marks=pytest.mark.fault("NET.tls_wrong_host"),
        ),
        pytest.param(
            "127.0.0.1", False, True, ("没有可信的机构担保", "别的设备"),
            marks=pytest.mark.fault("NET.tls_mitm"),
        ),
    ],
)  # fmt: skip
def test_a_line_that_is_not_the_platforms_carries_nothing(
    play: Play, tmp_path: Path, name: str, ended: bool, stranger: bool, words: tuple[str, ...]
) -> None:
    trusted = authority(tmp_path / "trusted", "区政务外网")
    signer = authority(tmp_path / "stranger", "区政务外网") if stranger else trusted
    write(play)
    with front(play.world, signer.server(name, ended=ended)) as wrong:
        run_over(first(play), wrong.url, trusted.ca_file)
        interrupted(play, "E-TLS", "没有发出内容", *words)
        assert wrong.arrived == [], "not one request left this computer"
    with front(play.world, trusted.server("127.0.0.1")) as right:
        play.take(Pass(320))
        result = run_over(first(play), right.url, trusted.ca_file)
        assert (result.error, result.sent) == (None, 1)
        assert "POST /v1/commands" in right.arrived
    all_went(play, delivered=1)


@pytest.mark.fault("NET.tls_mitm")
def test_a_line_cut_in_the_handshake_is_a_cut_and_no_matter_of_certificates(
    play: Play, tmp_path: Path
) -> None:
    """The library calls both a TLS error; who reads of certificates calls the administrator for nothing."""
    write(play)
    with listening(lambda line: line.recv(1)) as port:
        run_over(first(play), f"https://127.0.0.1:{port}", authority(tmp_path / "ca", "区政务外网").ca_file)
    interrupted(play, "E-UNREACHABLE", "断了")
    with listening(lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n") or line.recv(999)) as port:
        run_over(first(play), f"https://127.0.0.1:{port}", authority(tmp_path / "cb", "区政务外网").ca_file)
    interrupted(play, "E-TLS", "没有能和平台加密连接")
    all_went(play, delivered=1)


@contextmanager
def listening(answer: object) -> Iterator[int]:
    """A port where each that calls is answered once and hung up on."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                with line, suppress(OSError):
                    answer(line)  # type: ignore[operator]

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


# -- cut on the way ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "took"),
    [
        pytest.param("reset_before_body", 0, marks=pytest.mark.fault("NET.reset_pre_body")),
        pytest.param("cut_request", 0, marks=pytest.mark.fault("NET.cut_req_body")),
        pytest.param("drop_reply", 2, marks=pytest.mark.fault("NET.drop_reply_after_commit")),
        pytest.param("cut_reply", 2, marks=pytest.mark.fault("NET.cut_resp_body")),
        pytest.param("stall", 2, marks=pytest.mark.fault("NET.stall_after_headers")),
        pytest.param("trickle_head", 2, marks=pytest.mark.fault("NET.slow_loris")),
        pytest.param("trickle_body", 2, marks=pytest.mark.fault("NET.slow_loris")),
    ],
)
def test_bytes_go_astray_on_a_real_line(
    play: Play, monkeypatch: pytest.MonkeyPatch, deed: str, took: int
) -> None:
    if deed.startswith("trickle"):
        monkeypatch.setattr(engine_client, "WHOLE_SECONDS", 3.0)
    write(play, "note", "note")
    with front(play.world) as line:
        line.deed, line.where = deed, "/commands"
        result = run_over(first(play), line.url)
        assert line.deed == "", "it met the commands"
        assert len(notes_at_the_platform(play)) == took
        assert result.unknown == 2
        interrupted(play, "E-UNREACHABLE", "连接断了", "核对", waiting=2)
        assert why(play) == [UNKNOWN] * 2
        play.take(Pass(320))
        line.arrived.clear()
        again = run_over(first(play), line.url)
        assert (again.error, again.waiting) == (None, 0)
        asked = [one for one in line.arrived if one.startswith("GET /v1/commands/")]
        assert len(asked) == 2, "asked for, not assumed"
        assert line.arrived.count("POST /v1/commands") == (0 if took else 1)
    assert len(notes_at_the_platform(play)) == 2
    all_went(play, delivered=2)


# -- twice, late, in another order -------------------------------------------------------------------


@pytest.mark.fault("NET.dup_delivery")
def test_the_network_delivers_twice(play: Play) -> None:
    write(play, "note", "address", "walk_in", "attach")
    waiting = first(play).office.sync_centre.counts().waiting
    line = aimed(
        play.world, first(play), Aim(*COMMANDS, fate="twice"), Aim("POST", "/uploads", fate="twice"),
        Aim("PATCH", "/uploads", fate="twice"), Aim("POST", "/complete", fate="twice"),
    )  # fmt: skip
    assert exchange(play) == "whole"
    assert line.spent()
    notes = notes_at_the_platform(play)
    assert len(notes) == len(set(notes))
    all_went(play, delivered=waiting)
    assert notes_at_the_platform(play) == notes


@pytest.mark.fault("NET.reorder")
def test_requests_arrive_in_the_opposite_order(play: Play) -> None:
    """Three batches, each with what was in the one before, are held and arrive the last one first."""
    for number in range(3):
        write(play, "note")
        aimed(play.world, first(play), Aim(*COMMANDS, fate="held"))
        assert exchange(play) == "E-UNREACHABLE"
        # The next exchange asks what became of this one, hears that it never came, and sends it anew.
        interrupted(play, "E-UNREACHABLE", "连接断了", waiting=number + 1)
    assert len(play.world.bag.held) == 3
    play.take(Arrive(3, backwards=True))
    assert len(notes_at_the_platform(play)) == 3
    assert why(play) == [UNKNOWN] * 3
    all_went(play, delivered=3)
    assert len(notes_at_the_platform(play)) == 3


@pytest.mark.fault("NET.late_replay")
@pytest.mark.parametrize("seconds", [1, 86_400])
def test_a_request_arrives_long_after_everything_was_done(play: Play, seconds: int) -> None:
    """Within the life of its token and a day later, when a colleague has changed the same field."""
    write(play, "note", "address")
    aimed(play.world, first(play), Aim(*COMMANDS, fate="held"))
    assert exchange(play) == "E-UNREACHABLE"
    interrupted(play, "E-UNREACHABLE", "连接断了", waiting=2)
    assert exchange(play) == "whole"
    for step in (Exchange(1), Act(1, "address", 1, 2), Pass(11), Exchange(1), Pass(seconds)):
        play.take(step)
    head = play.world.platform.store.head
    play.take(Arrive(1))
    assert play.world.bag.held == deque()
    assert play.world.platform.store.head == head, "nothing happened twice, nothing went back"
    play.rest()
    standing = first(play).office.sync_centre.standing()
    assert standing.trouble == ("", "")
    assert first(play).office.sync_centre.counts().needs_you == 0


# -- somebody else answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fate",
    [
        pytest.param("captive_200", marks=pytest.mark.fault("NET.captive_200_html")),
        pytest.param("captive_302", marks=pytest.mark.fault("NET.captive_302")),
        pytest.param("foreign_json", marks=pytest.mark.fault("NET.foreign_json_200")),
    ],
)
@pytest.mark.parametrize("where", ["first", "commands", "feed"])
def test_somebody_else_answers(play: Play, fate: str, where: str) -> None:
    method, part = {"first": ("GET", "/hello"), "commands": COMMANDS, "feed": ("GET", "/changes")}[where]
    write(play)
    line = aimed(play.world, first(play), Aim(method, part, fate=fate))
    assert exchange(play) == "E-NOT-PLATFORM"
    assert line.spent()
    assert line.asked[-1].endswith(part), "nothing was asked after that, and no redirect was followed"
    interrupted(
        play, "E-NOT-PLATFORM", "回答的不是平台", "没有收下任何内容", "打开浏览器登录网络",
        waiting=0 if where == "feed" else 1,
    )  # fmt: skip
    assert len(notes_at_the_platform(play)) == (1 if where == "feed" else 0)
    all_went(play, delivered=1)


@pytest.mark.fault("NET.proxy_407")
def test_the_proxy_wants_a_sign_in(play: Play) -> None:
    write(play)
    assert exchange(play, "proxy_407") == "E-PROXY"
    interrupted(play, "E-PROXY", "代理服务器要先登录", "网络管理员")
    all_went(play, delivered=1)


@pytest.mark.fault("NET.proxy_407")
def test_a_real_proxy_wants_a_sign_in_before_it_lets_tls_through(play: Play, tmp_path: Path) -> None:
    heard: list[bytes] = []

    def refuse(line: socket.socket) -> None:
        heard.append(line.recv(4096))
        line.sendall(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
            b"Content-Length: 0\r\n\r\n"
        )

    write(play)
    with listening(refuse) as port:
        ca = authority(tmp_path / "ca", "区政务外网").ca_file
        run_over(first(play), "https://platform.invalid", ca, proxy=f"http://127.0.0.1:{port}")
    assert heard[0].startswith(b"CONNECT platform.invalid:443 ")
    assert b"Bearer" not in b"".join(heard)
    interrupted(play, "E-PROXY", "代理服务器要先登录", "网络管理员")
    all_went(play, delivered=1)


@pytest.mark.fault("NET.stale_cache")
def test_a_cache_answers_with_what_it_heard_before(play: Play) -> None:
    line = aimed(play.world, first(play))
    write(play)
    assert exchange(play) == "whole"
    assert {"GET /v1/hello", "GET /v1/changes"} <= {*line.asked}, "both lie in the cache"
    write(play)
    line.aims = [Aim("GET", "/hello", fate="stale_cache")]
    assert exchange(play) == "E-NOT-PLATFORM"
    interrupted(play, "E-NOT-PLATFORM", "回答的不是平台")
    play.take(Pass(320))
    line.aims = [Aim("GET", "/changes", fate="stale_cache")]
    cursor = first(play).port.state.cursor
    assert exchange(play) == "E-NOT-PLATFORM"
    assert first(play).port.state.cursor == cursor
    assert line.spent()
    all_went(play, delivered=2)

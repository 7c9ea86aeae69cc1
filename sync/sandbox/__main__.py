"""``python -m sync.sandbox``: the practice platform. Prints one JSON line when it is ready."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from sync.sandbox.asgi import Shell
from sync.sandbox.control import Control
from sync.sandbox.faults import Faults
from sync.sandbox.platform import Platform
from sync.sandbox.seeding import PASSWORD, ready, reset
from sync.sandbox.server import Server, listen
from sync.sandbox.source import OffsetClock, Source

WRONG, SURROUNDINGS = 1, 2
"""Exit codes, as those of the product's other commands."""


class Words(argparse.ArgumentParser):
    """A command line whose mistakes are the person's: one sentence, exit code 1."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave."""
        self.exit(WRONG, f"没有启动，命令写得不对：{message}\n")


def port_number(text: str) -> int:
    """A port; 0 for any free one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"端口写 0 到 65535，“{text}”不行。")
    return int(text)


def seed_word(text: str) -> str:
    """demo, empty or how many cases."""
    if text not in ("demo", "empty") and not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise argparse.ArgumentTypeError(f"写 demo、empty 或案件数，“{text}”不行。")
    return text


def hour(text: str) -> dt.time:
    """An hour of the day, such as 09:00."""
    try:
        return dt.datetime.strptime(text, "%H:%M").time()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"几点写成 09:00 这样，“{text}”不行。") from error


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = Words(prog="sandbox", description="解纷工作台的练习平台")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port_number, default=0, help="端口，0 为任意一个空着的")
    parser.add_argument("--data", type=Path, required=True, help="数据目录")
    parser.add_argument("--seed", type=seed_word, default="demo", help="demo、empty 或案件数")
    parser.add_argument("--begin", type=hour, default=None, help="第一天从几点开始，如 09:00；不写是现在")
    parser.add_argument("--database-url", default="", help="PostgreSQL 地址；不写用 SQLite")
    parser.add_argument("--parent-pid", type=int, default=0, help="这个进程结束时一起结束")
    parser.add_argument("--exit-with-stdin", action="store_true", help="标准输入关闭时结束")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run until stopped. Exit code 2 when the port or the folder cannot be had."""
    options = arguments(argv)
    try:
        options.data.mkdir(parents=True, exist_ok=True)
        sock = listen(options.host, options.port)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        print(
            f"没有启动：端口 {where} 或数据目录用不了（{error.strerror or error}）。请换一个再试。",
            file=sys.stderr,
        )
        return SURROUNDINGS
    return _serve(options, sock)


def _serve(options: argparse.Namespace, sock: socket.socket) -> int:
    source = Source(OffsetClock())
    url = options.database_url or f"sqlite:///{options.data / 'platform.db'}"
    platform = Platform(url, options.data, source)
    ready(platform, options.seed, options.begin)
    faults = Faults()
    token = source.token()
    control = Control(platform, faults, token, lambda: reset(platform, options.seed, options.begin))
    control.begin()
    shell = Shell(platform, control, faults)
    faults.changed.append(shell.network_changed)
    server = Server(shell, sock)
    _watch(server, options.parent_pid, stdin=options.exit_with_stdin)
    address = f"http://{options.host}:{sock.getsockname()[1]}"
    people = {word: _people(platform, neighbours=word == "neighbours") for word in ("users", "neighbours")}
    line = {"url": address, **people, "control_token": token}
    print(json.dumps(line, ensure_ascii=True), flush=True)
    server.serve_here()
    platform.close()
    return 0


def _people(platform: Platform, *, neighbours: bool) -> list[dict[str, str]]:
    """Who may sign in: the people of the institution that practises here, or those of the others."""
    roster = platform.accounts.roster()
    home = platform.accounts.home()
    return [
        {"name": person.login, "password": PASSWORD, "role": person.role, "display": person.name}
        for person, institution in roster
        if (institution != home) is neighbours
    ]


def _watch(server: Server, parent: int, *, stdin: bool) -> None:
    """Stop when the parent process or its pipe is gone."""

    def until_stdin_closes() -> None:
        while sys.stdin.buffer.read(4096):
            continue
        server.stop()

    def until_parent_ends() -> None:
        while _alive(parent):
            time.sleep(1)
        server.stop()

    if stdin:
        threading.Thread(target=until_stdin_closes, daemon=True).start()
    if parent:
        threading.Thread(target=until_parent_ends, daemon=True).start()


def _alive(pid: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x100000, 0, pid)
        if not handle:
            return False
        waiting = ctypes.windll.kernel32.WaitForSingleObject(handle, 0) != 0
        ctypes.windll.kernel32.CloseHandle(handle)
        return waiting
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main())

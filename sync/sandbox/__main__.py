"""``python -m sync.sandbox``: the practice platform. Prints one JSON line when it is ready."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

from sync.sandbox.asgi import Shell
from sync.sandbox.control import Control
from sync.sandbox.faults import Faults
from sync.sandbox.platform import Platform
from sync.sandbox.seeding import PASSWORD, ready, reset
from sync.sandbox.server import Server, listen
from sync.sandbox.source import OffsetClock, Source


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="sandbox", description="解纷工作台的练习平台")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data", type=Path, required=True, help="数据目录")
    parser.add_argument("--seed", default="demo", help="demo、empty 或案件数")
    parser.add_argument("--database-url", default="", help="PostgreSQL 地址；不写用 SQLite")
    parser.add_argument("--parent-pid", type=int, default=0, help="这个进程结束时一起结束")
    parser.add_argument("--exit-with-stdin", action="store_true", help="标准输入关闭时结束")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run until stopped."""
    options = arguments(argv)
    options.data.mkdir(parents=True, exist_ok=True)
    source = Source(OffsetClock())
    url = options.database_url or f"sqlite:///{options.data / 'platform.db'}"
    platform = Platform(url, options.data, source)
    ready(platform, options.seed)
    faults = Faults()
    token = source.token()
    control = Control(platform, faults, token, lambda: reset(platform, options.seed))
    control.begin()
    shell = Shell(platform, control, faults)
    faults.changed.append(shell.network_changed)
    sock = listen(options.host, options.port)
    server = Server(shell, sock)
    _watch(server, options.parent_pid, stdin=options.exit_with_stdin)
    users = [
        {"name": person.login, "password": PASSWORD, "role": person.role, "display": person.name}
        for person in platform.accounts.roster()
    ]
    line = {"url": f"http://{options.host}:{sock.getsockname()[1]}", "users": users, "control_token": token}
    print(json.dumps(line, ensure_ascii=True), flush=True)
    server.serve_here()
    platform.close()
    return 0


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

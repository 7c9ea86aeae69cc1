"""A line on which somebody spoils replies: passes requests on to a platform and changes what comes back."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import requests

Spoil = Callable[[str, int, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]
HOP = frozenset({"connection", "transfer-encoding", "content-length", "date", "server", "host"})


class SpoilingLine:
    """``spoil(path, status, headers, body)`` gives what the client gets instead; ``None`` passes on."""

    def __init__(self, target: str) -> None:
        self.spoil: Spoil | None = None
        self.seen: list[str] = []
        line = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                return

            def pass_on(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
                got = line.http.request(
                    self.command, target + self.path, data=self.rfile.read(length), headers=headers,
                    allow_redirects=False, timeout=30,
                )  # fmt: skip
                told = {k: v for k, v in got.headers.items() if k.lower() not in HOP}
                status, body = got.status_code, got.content
                line.seen.append(self.path.partition("?")[0])
                if line.spoil is not None:
                    status, told, body = line.spoil(self.path, status, told, body)
                self.send_response_only(status)
                for name, value in told.items():
                    self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD" and status not in (204, 304):
                    self.wfile.write(body)

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.pass_on)
        self.http = requests.Session()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self.server.shutdown()
        self._thread.join(10)
        self.server.server_close()
        self.http.close()


@contextlib.contextmanager
def spoiling(target: str) -> Iterator[SpoilingLine]:
    """A line for the length of a ``with``."""
    line = SpoilingLine(target)
    try:
        yield line
    finally:
        line.close()


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON document."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from spots(one, (*path, key))


def changed(body: bytes, path: tuple[Any, ...], value: bytes) -> bytes:
    """The document with raw JSON at one of its places."""
    document = json.loads(body)
    mark = "\u0001spoilt\u0001"
    where = document
    for key in path[:-1]:
        where = where[key]
    if path:
        where[path[-1]] = mark
    else:
        document = mark
    return json.dumps(document).encode().replace(json.dumps(mark).encode(), value)

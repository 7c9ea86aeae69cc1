"""The line to the platform: one ``requests`` session whose waiting calls can be broken off.

Retries are the engine's own (urllib3's are off), redirects are never followed, a ``.netrc`` is never
read, and the platform on this computer (practice mode) is never reached through a proxy.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import threading
import time
import weakref
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Open:
    """The sockets in use, so that a call waiting for an answer can be ended from another thread."""

    def __init__(self, whole_seconds: float) -> None:
        """``whole_seconds``: the longest that one reply may take from its first byte to its last."""
        self.whole_seconds = whole_seconds
        self._lock = threading.Lock()
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self.broken = False

    def add(self, connection: Any) -> None:
        """A connection was made. One made while everything was being broken off is broken off too."""
        with self._lock:
            self._connections.add(connection)
            broken = self.broken
        if broken:
            _shut(connection)

    def break_off(self) -> None:
        """Shut every socket down; whoever reads from one gets an error at once."""
        with self._lock:
            self.broken = True
            connections = list(self._connections)
        for connection in connections:
            _shut(connection)


def _shut(connection: Any) -> None:
    sock = getattr(connection, "sock", None)
    if sock is not None:
        # The plain socket's own shutdown: the TLS one would wait for the peer's farewell.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _Until(io.RawIOBase):
    """A socket's bytes up to an instant of the monotonic clock.

    A socket's own timeout begins anew with every byte: who sends one byte now and then, in the headers
    even, would hold the line for ever.
    """

    def __init__(self, raw: io.RawIOBase, ends: float) -> None:
        self._raw = raw
        self._ends = ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        if time.monotonic() > self._ends:
            raise TimeoutError("the reply trickles")
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _response_class(seconds: float) -> type[http.client.HTTPResponse]:
    """A reply that has to come to its end within so many seconds."""

    class Bounded(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp = io.BufferedReader(_Until(self.fp.detach(), time.monotonic() + seconds))

    return Bounded


class _Adapter(HTTPAdapter):
    """Pools whose connections are known to an :class:`Open`."""

    def __init__(self, opened: Open) -> None:
        self._opened = opened
        super().__init__(max_retries=0, pool_connections=2, pool_maxsize=2)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        opened = self._opened
        bounded = _response_class(opened.whole_seconds)

        class Plain(HTTPConnection):
            response_class = bounded

            def connect(self) -> None:
                super().connect()
                opened.add(self)

        class Tls(HTTPSConnection):
            response_class = bounded

            def connect(self) -> None:
                super().connect()
                opened.add(self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}


class Bearer(AuthBase):
    """The access token, or none; set explicitly, so that nothing else puts credentials in."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def new_session(url: str, opened: Open) -> requests.Session:
    """A session for the platform at ``url``."""
    session = requests.Session()
    adapter = _Adapter(opened)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.trust_env = urlsplit(url).hostname not in LOOPBACK
    return session

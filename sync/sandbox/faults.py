"""Fault switches: what the network or the platform does to a request. Control requests are never touched."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sync.contract.codes import WireError
from sync.sandbox.http import Request, Response, refusal

MODES = {
    "normal": "网络正常",
    "offline": "断网了，都在本机等着",
    "flaky": "时断时续",
    "drop_reply": "发出去了，回执丢了",
    "captive_200": "连到了要登录的网页",
    "captive_302": "被转到别的网页",
    "foreign_json": "别的系统在应答",
    "e500": "平台出了问题",
    "e502": "中间的网关没有接通平台",
    "e503": "平台在维护",
    "e429": "平台要求慢一点",
    "slow": "网络很慢",
    "stall": "连上了，没有回音",
    "expired": "登录过期，要重新登录",
    "access_expired": "登录凭据到时，自动续上",
}
"""Modes with the words the practice panel shows."""
Cut = Literal["", "before", "after"]
LOGIN_PAGE = "<!doctype html><title>上网认证</title><p>请先登录无线网络。</p>".encode()


@dataclass(frozen=True)
class Treatment:
    """What to do with one request."""

    cut: Cut = ""
    """``before``: drop the connection, nothing happens; ``after``: do the work, then drop the reply."""
    instead: Response | None = None
    delay: float = 0.0
    """Seconds before the work."""
    stall: bool = False
    """Do the work and never answer."""
    expire: Literal["", "expired", "access_expired"] = ""


class Faults:
    """The present mode; with ``count`` it wears off after so many requests."""

    def __init__(self, seed: int = 7) -> None:
        self.mode = "normal"
        self.count = 0
        self.delay = 2.0
        self.only = ""
        self.changed: list[Callable[[], None]] = []
        self._random = random.Random(seed)  # noqa: S311 - repeatable weather, not a secret
        self._lock = threading.Lock()

    def set(self, mode: str, count: int = 0, delay: float = 2.0, only: str = "") -> None:
        """Switch to ``mode``; ``only`` limits it to paths that contain it. Raises ``bad_request``."""
        if mode not in MODES:
            raise WireError("bad_request", field="mode")
        with self._lock:
            self.mode, self.count, self.delay, self.only = mode, count, delay, only
        for tell in self.changed:
            tell()

    def treat(self, request: Request) -> Treatment:
        """What happens to this request."""
        with self._lock:
            mode = self.mode
            if mode == "normal" or self.only not in request.path:
                return Treatment()
            if self.count:
                self.count -= 1
                if not self.count:
                    self.mode = "normal"
            return self._treatment(mode, request)

    def _treatment(self, mode: str, request: Request) -> Treatment:
        if mode == "offline":
            return Treatment(cut="before")
        if mode == "drop_reply":
            return Treatment(cut="after") if _brings(request) else Treatment()
        if mode == "flaky":
            chance = self._random.random()
            return Treatment(cut="before" if chance < 0.3 else "after" if chance < 0.5 else "")
        if mode == "slow":
            return Treatment(delay=self.delay)
        if mode == "stall":
            return Treatment(stall=True)
        if mode == "expired":
            return Treatment(expire="expired")
        if mode == "access_expired":
            return Treatment(expire="access_expired")
        return Treatment(instead=_instead(mode))


def _brings(request: Request) -> bool:
    """Whether a request carries something to the platform; only of these is there a receipt to lose.

    Were the replies to questions lost too, nothing would ever be sent, and the mode would be ``offline``.
    """
    asks = request.method in ("GET", "HEAD", "OPTIONS")
    return not asks and "/session" not in request.path


def _instead(mode: str) -> Response:
    html = {"content-type": "text/html; charset=utf-8"}
    if mode == "captive_200":
        return Response(200, html, LOGIN_PAGE)
    if mode == "captive_302":
        return Response(302, {**html, "location": "/login.html"}, LOGIN_PAGE)
    if mode == "foreign_json":
        return Response(200, {"content-type": "application/json"}, b'{"status":"ok"}')
    if mode == "e502":
        return Response(502, html, b"<h1>502 Bad Gateway</h1>")
    if mode == "e503":
        return refusal(WireError("maintenance", retry_after=3))
    if mode == "e429":
        return refusal(WireError("too_many", retry_after=2))
    return refusal(WireError("internal"))

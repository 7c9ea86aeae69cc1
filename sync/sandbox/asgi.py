"""The ASGI shell around the synchronous core: reads and writes bytes, holds long-polls, applies faults."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool

from sync.contract.codes import WireError
from sync.sandbox.control import PREFIX as CONTROL
from sync.sandbox.control import Control
from sync.sandbox.faults import Faults, Treatment
from sync.sandbox.feedout import CHUNK_BYTES, WAIT
from sync.sandbox.http import FilePart, Request, Response, refusal, tagged, whole_number
from sync.sandbox.platform import Platform

PIECE = 1024 * 1024
MAX_BODY = CHUNK_BYTES + 64 * 1024


class Shell:
    """An ASGI application."""

    def __init__(self, platform: Platform, control: Control, faults: Faults) -> None:
        self.platform = platform
        self.control = control
        self.faults = faults
        self._waiting: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        platform.store.on_commit.append(self._moved)

    def _moved(self, head: int) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    def stop_waiting(self) -> None:
        """Answer every held request now, so that shutting down waits for none. Safe from a signal."""
        self._closing = True
        self._moved(0)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        self._loop = asyncio.get_running_loop()
        request, whole = await _read(scope, receive)
        if not whole:
            await _send(send, tagged(request, refusal(WireError("too_large"))))
            return
        if request.path.startswith(CONTROL):
            await _send(send, await run_in_threadpool(self.control.handle, request))
            return
        treatment = self.faults.treat(request)
        if treatment.cut == "before":
            await _cut(scope, receive)
            return
        response = await self._respond(request, treatment)
        if treatment.cut == "after" or (self.faults.mode == "offline" and not treatment.cut):
            await _cut(scope, receive)
        elif treatment.stall:
            await self._stall(scope, receive)
        else:
            await _send(send, response, head_only=request.method == "HEAD")

    async def _respond(self, request: Request, treatment: Treatment) -> Response:
        if treatment.delay:
            await asyncio.sleep(treatment.delay)
        if treatment.instead is not None:
            return treatment.instead
        if treatment.expire:
            accounts = self.platform.accounts
            access_only = treatment.expire == "access_expired"
            await run_in_threadpool(lambda: accounts.expire_all(access_only=access_only))
        if request.path != "/v1/changes":
            return await run_in_threadpool(self.platform.handle, request)
        return await self._poll(request)

    async def _poll(self, request: Request) -> Response:
        """``GET /changes``: hold the request while nothing is new."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            wait = request.query.get("wait", "0")
            hold = min(int(wait), WAIT) if whole_number(wait) else 0
            until = asyncio.get_running_loop().time() + hold
            while True:
                event.clear()
                # An idle answer needs no database; only news are read in a thread.
                response = await self._changes(request)
                left = until - asyncio.get_running_loop().time()
                if response.status != 304 or left <= 0 or self._closing or self.faults.mode == "offline":
                    return response
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), left)
        finally:
            self._waiting.discard(event)

    async def _changes(self, request: Request) -> Response:
        if request.query.get("after") == str(self.platform.store.head):
            return self.platform.handle(request)
        return await run_in_threadpool(self.platform.handle, request)

    def network_changed(self) -> None:
        """Wake held requests, so that an unplugged cable cuts them too."""
        self._moved(0)

    async def _stall(self, scope: Any, receive: Any) -> None:
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while self.faults.mode == "stall" and not self._closing:
                event.clear()
                await event.wait()
        finally:
            self._waiting.discard(event)
        await _cut(scope, receive)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _read(scope: Any, receive: Any) -> tuple[Request, bool]:
    """The request, and whether its body is whole; one too long is not kept."""
    from urllib.parse import parse_qsl

    body = bytearray()
    more = whole = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            body, more = bytearray(), False
            whole = False
    request = Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=bytes(body),
    )
    return request, whole


async def _cut(scope: Any, receive: Any) -> None:
    """Drop the connection without a word."""
    scope["state"]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        continue


async def _pieces(part: FilePart) -> AsyncIterator[bytes]:
    with part.path.open("rb") as file:
        file.seek(part.start)
        left = part.length
        while left:
            piece = await run_in_threadpool(file.read, min(PIECE, left))
            if not piece:
                return
            left -= len(piece)
            yield piece


async def _send(send: Any, response: Response, *, head_only: bool = False) -> None:
    headers = dict(response.headers)
    if response.file is None and response.status not in (204, 304) and not head_only:
        headers["content-length"] = str(len(response.body))
    raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    if response.file is not None and not head_only:
        async for piece in _pieces(response.file):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.body", "body": b"" if head_only else response.body})

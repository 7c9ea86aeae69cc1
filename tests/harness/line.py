"""The network between one computer and the platform: what becomes of each request is drawn beforehand.

No socket and no thread: the platform's core answers in the same call. What a network can do to a request
is a :class:`Fate`; a request that was held back lies in the :class:`Bag` and arrives later, perhaps after
others that were sent behind it, perhaps twice.
"""

from __future__ import annotations

import io
import json
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter
from urllib3.exceptions import NameResolutionError, NewConnectionError

from sync.contract.model import MEDIA_TYPE, REQUEST_ID
from sync.sandbox.http import Request, Response
from sync.sandbox.platform import Platform

HTML = {"content-type": "text/html; charset=utf-8"}
LOGIN = "<!doctype html><title>上网认证</title><p>请先登录无线网络。</p>".encode()
NOT_ARRIVED = ("refused", "no_name", "connect_timeout", "untrusted", "cut_request", "proxy_407")
"""The platform never sees the request."""
ANSWER_LOST = ("lose_reply", "cut_reply", "stall", "garbled", "twice_lost")
"""The platform does its work; the computer does not learn of it."""
SOMEBODY_ELSE = (
    "captive_200",
    "captive_302",
    "foreign_json",
    "stale_cache",
    "e502",
    "e503",
    "e503_date",
    "e429",
)
"""Another answers, or the platform puts off."""
FATES = (*NOT_ARRIVED, *ANSWER_LOST, *SOMEBODY_ELSE, "held", "twice", "expired", "e500", "swapped", "spoilt")
OUTAGES = (*NOT_ARRIVED, "e502", "e503", "e429", "e500", "swapped", "spoilt")
"""What can befall every request for a while."""


class ServerDied(BaseException):
    """The platform's process ended while it worked on a request."""


@dataclass
class Bag:
    """Requests that the network still holds."""

    held: deque[Request] = field(default_factory=deque)

    def deliver(self, platform: Platform, count: int, *, backwards: bool = False) -> int:
        """Let up to ``count`` of them arrive; how many did."""
        arrived = 0
        while self.held and arrived < count:
            request = self.held.pop() if backwards else self.held.popleft()
            platform.handle(request)
            arrived += 1
        return arrived


class Line(BaseAdapter):
    """One computer's way to the platform. ``fates`` are used up one by one; afterwards all goes well."""

    def __init__(self, platform: Callable[[], Platform], bag: Bag) -> None:
        super().__init__()
        self._platform = platform
        self.bag = bag
        self.fates: deque[str] = deque()
        self.requests = 0
        self.faults = 0
        self.repeats: Counter[tuple[str, str, bytes]] = Counter()
        """How often the very same was asked since this was emptied."""
        self.beside: tuple[int, Callable[[], object]] | None = None
        """Before the request of this number, counted down, another computer does all of this."""
        self._receipt: dict[str, object] | None = None
        self._seen: dict[str, Response] = {}

    def session(self, _url: str, _opened: object) -> requests.Session:
        """A session over this line."""
        made = requests.Session()
        made.trust_env = False
        made.mount("http://", self)
        return made

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """What the network and the platform do to one request."""
        self.requests += 1
        asked = as_request(request)
        # What a new upload is of stands in its header; its body is empty.
        about = asked.headers.get("upload-metadata", "").encode()
        self.repeats[asked.method, request.url or "", about or asked.body] += 1
        self._let_beside()
        fate = self.fates.popleft() if self.fates else ""
        self.faults += bool(fate)
        self._before(fate, asked, request)
        instead = self._instead(fate, asked)
        answer = instead or self._answer(fate, asked)
        if instead is None and asked.method == "POST":
            answer = self._receipts(answer, swap=fate == "swapped")
        if fate in ("lose_reply", "twice_lost"):
            raise requests.ConnectionError("cut before the reply", request=request)
        if fate == "stall":
            raise requests.ReadTimeout("no answer", request=request)
        return as_response(answer, request, cut=fate == "cut_reply", garbled=fate == "garbled")

    def _before(self, fate: str, asked: Request, request: requests.PreparedRequest) -> None:
        if fate == "held":
            self.bag.held.append(asked)
            raise requests.ReadTimeout("held by the network", request=request)
        if fate in ("no_name", "refused"):
            pool = urllib3.HTTPConnectionPool("platform")
            reason = (
                NameResolutionError("platform", pool, OSError(-2, "unknown"))  # type: ignore[arg-type]
                if fate == "no_name"
                else NewConnectionError(pool, "refused")  # type: ignore[arg-type]
            )
            raise requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", reason))  # type: ignore[arg-type]
        if fate == "connect_timeout":
            raise requests.ConnectTimeout("nobody there", request=request)
        if fate == "untrusted":
            raise requests.exceptions.SSLError("certificate verify failed", request=request)
        if fate == "cut_request":
            raise requests.ConnectionError("cut within the request", request=request)
        if fate == "expired":
            try:
                self._platform().accounts.expire_all(access_only=True)
            except ServerDied as died:
                raise requests.ConnectionError("the platform went away", request=request) from died

    def _instead(self, fate: str, asked: Request) -> Response | None:
        """Another's answer to the request, if another answers."""
        match fate:
            case "captive_200":
                return Response(200, HTML, LOGIN)
            case "captive_302":
                return Response(302, {**HTML, "location": "http://login.invalid/"}, LOGIN)
            case "proxy_407":
                return Response(407, HTML, b"")
            case "foreign_json":
                return Response(200, {"content-type": "application/json"}, b'{"status":"ok"}')
            case "e502":
                return Response(502, HTML, b"<h1>502 Bad Gateway</h1>")
            case "e503":
                return Response(503, {**HTML, "retry-after": "3"}, b"")
            case "e503_date":
                return Response(503, {**HTML, "retry-after": "Mon, 23 Nov 2026 03:00:00 GMT"}, b"")
            case "e429":
                return Response(429, {**HTML, "retry-after": "2"}, b"")
            case "e500":
                return Response(
                    500,
                    {"content-type": MEDIA_TYPE, REQUEST_ID: asked.headers.get(REQUEST_ID.lower(), "")},
                    b"{}",
                )
            case "stale_cache":
                return self._seen.get(f"{asked.method} {asked.path}")
        return None

    def _answer(self, fate: str, asked: Request) -> Response:
        if fate == "spoilt" and asked.method == "PATCH" and asked.body:
            asked = replace(asked, body=bytes([asked.body[0] ^ 1]) + asked.body[1:])
        try:
            answer = self._platform().handle(asked)
            if fate in ("twice", "twice_lost"):
                answer = self._platform().handle(asked)
        except ServerDied as died:
            raise requests.ConnectionError("the platform went away") from died
        self._seen[f"{asked.method} {asked.path}"] = answer
        return answer

    def _let_beside(self) -> None:
        if self.beside is None:
            return
        left, run = self.beside
        self.beside = (left - 1, run) if left else None
        if not left:
            run()

    def _receipts(self, answer: Response, *, swap: bool) -> Response:
        """Remember the last receipt that came; ``swap``: give the one before in place of each that comes."""
        told = json.loads(answer.body) if answer.status == 200 and answer.body else None
        if not isinstance(told, dict):
            return answer
        bearers = [one for one in (told, *told.get("answers", ())) if isinstance(one.get("receipt"), dict)]
        for one in bearers:
            genuine, earlier = one["receipt"], self._receipt
            self._receipt = genuine
            if swap and earlier is not None:
                one["receipt"] = earlier
        return replace(answer, body=json.dumps(told, ensure_ascii=False).encode()) if swap else answer

    def close(self) -> None:
        """Nothing to let go of."""


def as_request(request: requests.PreparedRequest) -> Request:
    """A prepared request as the platform's core takes it."""
    parts = urlsplit(request.url or "")
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = body.read() if hasattr(body, "read") else b"".join(body)
    return Request(
        method=request.method or "GET",
        path=unquote(parts.path),
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={k.lower(): v if isinstance(v, str) else v.decode() for k, v in request.headers.items()},
        body=body,
    )


def as_response(
    answer: Response, request: requests.PreparedRequest, *, cut: bool = False, garbled: bool = False
) -> requests.Response:
    """The core's answer as the HTTP library gives it; ``cut`` in the middle, or ``garbled`` on the way."""
    content = answer.body
    if answer.file is not None:
        with answer.file.path.open("rb") as file:
            file.seek(answer.file.start)
            content = file.read(answer.file.length)
    length = len(content)
    if cut:
        content = content[: length // 2]
    if garbled:
        content = content[: length // 2] + b"\x00" + content[length // 2 + 1 :]
    headers = {**answer.headers, **({"content-length": str(length)} if length else {})}
    made = requests.Response()
    made.status_code = answer.status
    made.headers.update(headers)
    made.raw = urllib3.HTTPResponse(
        body=io.BytesIO(content), headers=headers, status=answer.status, preload_content=False,
        enforce_content_length=request.method != "HEAD", request_method=request.method,
    )  # fmt: skip
    made.url = request.url or ""
    made.request = request
    return made

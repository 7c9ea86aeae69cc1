"""The platform as the engine calls it: the only user of HTTP in the product.

An integrator who maps the contract to a platform's real interface replaces this module. Every reply
must carry the contract's content type and echo the request's id; whatever does not came from somebody
else and changes nothing.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.clock import Clock
from sync.contract.model import CONTRACT_VERSION, MEDIA_TYPE, PREFIX, REQUEST_ID, VERSION
from sync.engine import faults
from sync.engine.reading import read_json, retry_after

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
WHOLE_SECONDS = 300.0
"""A reply that trickles in for longer is cut off, in its headers as in its body."""
GATEWAY_TOO_LARGE = (
    "中间的网关不让这么大的内容通过，分到最小也没有发出去。"
    "内容都在本机，稍后自动再试。请找网络管理员放宽限制。"
)
CHUNK = 1024 * 1024
LARGEST_REPLY = 64 * 1024 * 1024
OCTETS = "application/octet-stream"
MakeSession = Callable[[str, Any], "requests.Session"]
"""From the platform's address and an :class:`~sync.engine.transport.Open` to the session to use."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


class TokenStore(Protocol):
    """Where the sign-in is kept between runs: one text, the client's own business."""

    def load(self) -> str:
        """What was saved last; empty when there is nothing."""
        ...

    def save(self, token: str) -> None:
        """Keep ``token``; an empty one forgets it."""
        ...


@dataclass(frozen=True)
class Reply:
    """A reply that came from the platform."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's JSON. Raises :class:`NotOurPlatformFault` when it is none."""
        return read_json(self.body)


class Client:
    """Requests to one platform on behalf of one signed-in person. For one thread, but for :meth:`close`."""

    def __init__(
        self,
        url: str,
        tokens: TokenStore,
        clock: Clock,
        *,
        device_id: str = "",
        ca_file: str = "",
        make_session: MakeSession | None = None,
    ) -> None:
        """``ca_file``: certificates to trust instead of the system's (pinning to an own authority).

        ``make_session``: another way to the platform than sockets, such as its core in the same process.
        """
        self.url = url.rstrip("/")
        self.device_id = device_id
        self._tokens = tokens
        self._clock = clock
        self._verify: str | bool = ca_file or True
        self._access = ""
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._session: requests.Session | None = None
        self._opened: Any = None
        self._closed = False
        self._make_session = make_session

    def close(self) -> None:
        """Break off whatever waits, from any thread. The client is of no further use."""
        with self._lock:
            self._closed = True
            opened, session = self._opened, self._session
        if opened is not None:
            opened.break_off()
        if session is not None:
            session.close()

    def sibling(self) -> Client:
        """A second line with the same sign-in, for the long-poll."""
        twin = Client(
            self.url,
            self._tokens,
            self._clock,
            device_id=self.device_id,
            make_session=self._make_session,
        )
        twin._verify = self._verify
        twin._turn = self._turn
        twin._access = self._access
        return twin

    def borrow_sign_in(self, other: Client) -> None:
        """Take over the access token of ``other``."""
        self._access = other._access

    # -- sign-in -----------------------------------------------------------------------------------

    def sign_in(self, user: str, password: str) -> Any:
        """Open a session with the platform's password; returns the ``person`` the platform named.

        Raises :class:`RefusedFault` with ``bad_credentials``.
        """
        body = {"device_id": self.device_id, "user": user, "password": password}
        return self._keep_tokens(self.post("/session", body, signed_in=False))

    def sign_out(self) -> None:
        """Forget the session here and at the platform."""
        try:
            self.call("DELETE", "/session")
        finally:
            self._access = ""
            self._tokens.save("")

    def _keep_tokens(self, reply: Any) -> Any:
        given = reply if isinstance(reply, dict) else {}
        access, refresh = (str(given.get(name) or "") for name in ("access_token", "refresh_token"))
        if not _TOKEN.fullmatch(access) or not _TOKEN.fullmatch(refresh):
            raise faults.NotOurPlatformFault(detail="session reply")
        # Both are safe before the access token is used: the old refresh token is used up. The access token
        # is kept too, so that a refresh, which a lost reply spoils, is needed as seldom as possible.
        self._tokens.save(f"{refresh} {access}")
        self._access = access
        return reply.get("person")

    def _be_signed_in(self) -> None:
        if not self._access:
            self._access = self._tokens.load().partition(" ")[2]
        if not self._access:
            self.refresh()

    def refresh(self) -> None:
        """Trade the refresh token for new ones. Raises :class:`SignInNeededFault`.

        The two lines of a lane take turns: one token used twice would end the sign-in.
        """
        with self._turn:
            token, _, access = self._tokens.load().partition(" ")
            if access and access != self._access:
                # The other line has just renewed it.
                self._access = access
            elif token:
                self._trade(token)
            else:
                raise faults.SignInNeededFault

    def _trade(self, token: str) -> None:
        try:
            self._keep_tokens(self.post("/session/refresh", {"refresh_token": token}, signed_in=False))
        except faults.RefusedFault as refusal:
            if refusal.http == 401:
                self._access = ""
                raise faults.SignInNeededFault(detail=refusal.wire_code) from refusal
            raise

    # -- requests ----------------------------------------------------------------------------------

    def get(self, path: str, **params: Any) -> Any:
        """JSON of a GET."""
        return self.call("GET", path, params=params).json()

    def post(self, path: str, body: Any, *, signed_in: bool = True) -> Any:
        """JSON of a POST with a JSON body."""
        return self.call("POST", path, body=json.dumps(body).encode(), signed_in=signed_in).json()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        signed_in: bool = True,
        read_seconds: float = READ_SECONDS,
    ) -> Reply:
        """One request and its whole reply. 401 is answered by refreshing once.

        Raises the faults of :mod:`sync.engine.faults`; 2xx and 304 return.
        """
        if signed_in:
            self._be_signed_in()
        for attempt in (1, 2):
            reply = self._once(method, path, params, body, headers, signed_in, read_seconds)
            if reply.status == 401 and signed_in:
                if attempt == 1:
                    self.refresh()
                    continue
                raise faults.SignInNeededFault
            return self._checked(reply)
        raise faults.SignInNeededFault

    def download(self, path: str, start: int) -> Iterator[bytes]:
        """The bytes of a file from ``start`` on, in pieces. Raises as :meth:`call`."""
        self._be_signed_in()
        headers = {"Range": f"bytes={start}-"} if start else {}
        response = self._send("GET", path, None, None, headers, True, READ_SECONDS)
        if response.status_code == 401:
            response.close()
            self.refresh()
            response = self._send("GET", path, None, None, headers, True, READ_SECONDS)
        with response:
            if response.status_code != (206 if start else 200):
                self._checked(Reply(response.status_code, dict(response.headers), self._body(response)))
                raise faults.NotOurPlatformFault(detail=f"range answered {response.status_code}")
            yield from self._pieces(response)

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        signed_in: bool,
        read_seconds: float,
    ) -> Reply:
        with self._send(method, path, params, body, headers, signed_in, read_seconds) as response:
            return Reply(response.status_code, response.headers, self._body(response))

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        signed_in: bool,
        read_seconds: float,
    ) -> requests.Response:
        from sync.engine.mapping import mapped
        from sync.engine.transport import Bearer

        request_id = secrets.token_hex(8)
        sent = {REQUEST_ID: request_id, CONTRACT_VERSION: VERSION, "Accept": MEDIA_TYPE, **(headers or {})}
        if body is not None:
            sent.setdefault("Content-Type", MEDIA_TYPE)
        with mapped():
            response = self._line().request(
                method,
                f"{self.url}{PREFIX}{path}",
                params=params,
                data=body,
                headers=sent,
                auth=Bearer(self._access if signed_in else ""),
                timeout=(CONNECT_SECONDS, read_seconds),
                allow_redirects=False,
                verify=self._verify,
                stream=True,
            )
        try:
            _ours(response, request_id, retry_after(response.headers.get("Retry-After", ""), self._clock))
        except faults.SyncFault:
            response.close()
            raise
        return response

    def _line(self) -> requests.Session:
        from sync.engine.transport import Open, new_session

        with self._lock:
            if self._closed:
                raise faults.UnreachableFault(maybe_done=False, detail="closed")
            if self._session is None:
                self._opened = Open(WHOLE_SECONDS)
                self._session = (self._make_session or new_session)(self.url, self._opened)
            return self._session

    def _body(self, response: requests.Response) -> bytes:
        whole = bytearray()
        for piece in self._pieces(response):
            whole += piece
            if len(whole) > LARGEST_REPLY:
                raise faults.NotOurPlatformFault(detail="reply too large")
        return bytes(whole)

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        """The body as it arrives, cut off when it trickles; a body shorter than announced is an error."""
        from sync.engine.mapping import CUT, mapped

        ends = time.monotonic() + WHOLE_SECONDS
        while True:
            with mapped():
                piece = response.raw.read1(CHUNK, decode_content=True)
            if not piece:
                return
            yield piece
            if time.monotonic() > ends:
                raise faults.UnreachableFault(CUT, maybe_done=True, detail="trickling reply")

    def _checked(self, reply: Reply) -> Reply:
        if reply.status < 300 or reply.status == 304:
            return reply
        raise refusal(reply, self._clock)


def _ours(response: requests.Response, request_id: str, after: float | None) -> None:
    """Raise unless the reply came from the platform."""
    if response.status_code == 407:
        raise faults.ProxyLoginFault
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    echoed = response.headers.get(REQUEST_ID, "") == request_id
    if not echoed or kind not in (MEDIA_TYPE, OCTETS):
        if response.status_code in (408, 429) or response.status_code >= 500:
            # A gateway may answer for a platform that is down or busy. It can only put us off.
            raise faults.BusyFault(detail=f"gateway {response.status_code}", retry_after=after)
        if response.status_code == 413:
            raise faults.TooLargeFault(GATEWAY_TOO_LARGE, detail="gateway 413", gateway=True)
        raise faults.NotOurPlatformFault(detail=f"{response.status_code} {kind[:60]}")
    if 300 <= response.status_code < 400 and response.status_code != 304:
        raise faults.NotOurPlatformFault(detail=f"redirect {response.status_code}")


def refusal(reply: Reply, clock: Clock) -> faults.SyncFault:
    """The fault that an answer of the platform's own amounts to."""
    try:
        data = read_json(reply.body)
    except faults.NotOurPlatformFault:
        # The status alone says enough: the sentence for the person is ours then.
        data = {}
    if not isinstance(data, dict):
        data = {}
    code, message = str(data.get("code") or "")[:80], str(data.get("message") or "")[:2000]
    details = data.get("details")
    after = retry_after(reply.headers.get("Retry-After", "") or str(data.get("retry_after") or ""), clock)
    if code in faults.DEVICE_CODES:
        return faults.DeviceStoppedFault(message, code=f"E-{code.upper().replace('_', '-')}", detail=code)
    match reply.status:
        case 410:
            return faults.EpochChangedFault(detail=code)
        case 413:
            return faults.TooLargeFault(detail=code)
        case 426:
            return faults.UpgradeNeededFault(message, detail=code)
        case 408 | 429:
            return faults.BusyFault(message, detail=code, retry_after=after)
        case status if status >= 500:
            return faults.BusyFault(message, detail=f"{status} {code}", retry_after=after)
    return faults.RefusedFault(
        reply.status,
        code,
        message or f"平台没有收下（{reply.status}）。内容都在本机。请把详细信息交给技术人员。",
        field=str(data.get("field") or "")[:200],
        details=details if isinstance(details, dict) else {},
        retry_after=after,
    )

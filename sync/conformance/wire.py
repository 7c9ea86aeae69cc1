"""A small client of the wire: one request, one answer, nothing retried, everything counted."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from sync.conformance.verdict import BudgetSpent, Failed, Unreachable
from sync.contract.model import MEDIA_TYPE, PREFIX, REQUEST_ID
from sync.contract.wire import ErrorBody

OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Answer:
    """What came back, with what was asked, for the evidence of a failed check."""

    asked: str
    request_id: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()

    def json(self) -> Any:
        """The body's JSON. Raises :class:`Failed` where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed(f"{self.asked} 的回复不是 JSON（HTTP {self.status}）") from None

    def object(self, status: int) -> dict[str, Any]:
        """The JSON object of an answer that must have ``status``. Raises :class:`Failed`."""
        self.must_be(status)
        data = self.json()
        if not isinstance(data, dict):
            raise Failed(f"{self.asked} 的回复不是 JSON 对象")
        return data

    def must_be(self, *statuses: int) -> Answer:
        """This answer. Raises :class:`Failed` unless its status is one of ``statuses``."""
        if self.status not in statuses:
            wanted = "、".join(str(status) for status in statuses)
            raise Failed(f"{self.asked} 应答 {self.status}，应为 {wanted}：{self.excerpt()}")
        return self

    def excerpt(self) -> str:
        """The beginning of the body."""
        return self.body[:300].decode("utf-8", "replace")

    def error(self) -> ErrorBody:
        """The error body. Raises :class:`Failed` where it has another shape."""
        try:
            return ErrorBody.model_validate_json(self.body)
        except ValueError:
            raise Failed(f"{self.asked} 应答 {self.status}，却没有约定的错误内容：{self.excerpt()}") from None

    def refuses(self, code: str, *statuses: int) -> ErrorBody:
        """The error body of a refusal. Raises :class:`Failed` for another status or code."""
        self.must_be(*statuses)
        error = self.error()
        if error.code != code:
            raise Failed(f"{self.asked} 的错误代码是 {error.code}，应为 {code}")
        return error


@dataclass
class Meter:
    """Counts requests of a whole run and notes replies that do not say where they come from."""

    most: int
    sent: int = 0
    stray: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def one_more(self, *, counted: bool = True) -> None:
        """Count a request. Raises :class:`BudgetSpent` after ``most``."""
        with self._lock:
            if counted and self.sent >= self.most:
                raise BudgetSpent(f"已经发了 {self.sent} 次请求，到了上限")
            self.sent += 1

    def look(self, answer: Answer) -> None:
        """Note an answer without the product's content type or the request's id."""
        wrong = []
        if answer.media_type not in (MEDIA_TYPE, OCTETS):
            wrong.append(f"内容类型 {answer.media_type or '没有'}")
        if answer.headers.get(REQUEST_ID, "") != answer.request_id:
            wrong.append("没有带回请求编号")
        if wrong:
            with self._lock:
                self.stray.append(f"{answer.asked}（{answer.status}）：{'，'.join(wrong)}")


class Wire:
    """One connection's worth of requests. Safe for one thread; :meth:`twin` gives another."""

    def __init__(
        self, url: str, opener: Callable[[], requests.Session], meter: Meter, timeout: float = 30.0
    ) -> None:
        self.url = url.rstrip("/")
        self.meter = meter
        self.timeout = timeout
        self.token = ""
        self._opener = opener
        self._session = opener()

    def twin(self) -> Wire:
        """Another connection with the same sign-in."""
        other = Wire(self.url, self._opener, self.meter, self.timeout)
        other.token = self.token
        return other

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,
        raw: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        signed_in: bool = True,
        prefix: str = PREFIX,
        counted: bool = True,
    ) -> Answer:
        """Send one request under ``/v1``; ``data`` as JSON or ``raw`` as it is.

        ``counted=False``: goes out also when the run has used up its requests, to tidy up.

        Raises :class:`Unreachable` where no answer comes.
        """
        self.meter.one_more(counted=counted)
        request_id = secrets.token_hex(8)
        sent = {REQUEST_ID: request_id, "Accept": MEDIA_TYPE}
        body = raw
        if raw is None and data is not None:
            body = json.dumps(data, ensure_ascii=False).encode("utf-8")
        if body is not None:
            sent["Content-Type"] = MEDIA_TYPE
        if signed_in and self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        sent.update(headers or {})
        try:
            response = self._session.request(
                method,
                f"{self.url}{prefix}{path}",
                params=params,
                data=body,
                headers=sent,
                timeout=self.timeout,
                allow_redirects=False,
            )
            content = response.content
        except (requests.RequestException, OSError) as error:
            raise Unreachable(f"{method} {path} 没有得到应答：{type(error).__name__}") from error
        told = sent[REQUEST_ID]
        answer = Answer(f"{method} {path}", told, response.status_code, response.headers, content)
        self.meter.look(answer)
        return answer

"""Requests and replies as plain values, so that the core needs no server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from sync.contract.codes import WireError
from sync.contract.model import MEDIA_TYPE, REQUEST_ID, Model
from sync.contract.wire import ErrorBody
from sync.sandbox.wording import explain

M = TypeVar("M", bound=Model)


def whole_number(text: str) -> bool:
    """Whether ``text`` is a whole number that any store can hold, in plain digits."""
    return text.isascii() and text.isdigit() and len(text) <= 15


def number(text: str) -> int | None:
    """A whole number of a header or query, one too large for any use as the largest; else ``None``."""
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if whole_number(text) else 10**15


@dataclass(frozen=True)
class Request:
    """One request. Header names are lower case; ``path`` is decoded and has no query."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of the query within 0..``most``."""
        text = self.query.get(name, str(default))
        if not whole_number(text):
            raise WireError("bad_request", field=name)
        return min(int(text), most)


@dataclass(frozen=True)
class FilePart:
    """A span of a file on disk, streamed by the shell."""

    path: Path
    start: int
    length: int


@dataclass(frozen=True)
class Response:
    """One reply."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    file: FilePart | None = None


def reply(model: Model | None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A reply of the product's own media type."""
    body = b"" if model is None else model.model_dump_json(by_alias=True, exclude_none=False).encode()
    return Response(status, {"content-type": MEDIA_TYPE, **(headers or {})}, body)


def raw_reply(data: Any, status: int = 200) -> Response:
    """A reply whose JSON is already plain values."""
    body = msgspec.json.encode(data)
    return Response(status, {"content-type": MEDIA_TYPE}, body)


def refusal(error: WireError) -> Response:
    """The error body of a refusal."""
    body = ErrorBody(
        code=error.code,
        message=error.message,
        field=error.field or None,
        retry_after=error.retry_after or None,
        details=error.details,
    )
    headers = {"retry-after": str(error.retry_after)} if error.retry_after else {}
    return reply(body, error.http, headers)


def tagged(request: Request, response: Response) -> Response:
    """``response`` with the request's id echoed."""
    request_id = request.headers.get(REQUEST_ID.lower(), "")
    if request_id:
        response.headers[REQUEST_ID.lower()] = request_id[:200]
    return response


def _whole_numbers(body: bytes) -> bytes:
    """The JSON with fractions that are whole written as whole numbers. Raises ``ValueError``."""

    def number(text: str) -> int | float:
        value = float(text)
        return int(value) if value.is_integer() else value

    return json.dumps(json.loads(body, parse_float=number)).encode()


def parse(model: type[M], body: bytes) -> M:
    """The request's body as ``model``. Raises :class:`WireError` with the field and a Chinese reason."""
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        first = error
    try:
        # To JSON Schema 7.0 is a whole number too; only of who writes them so is the body read twice.
        return model.model_validate_json(_whole_numbers(body), strict=True)
    except (ValidationError, ValueError, OverflowError, RecursionError):
        name, reason = explain(first)
    raise WireError("field" if name else "bad_request", reason, field=name) from first

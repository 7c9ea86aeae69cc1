"""What Schemathesis does not bring: bytes of an upload as they are."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def octets(ctx: schemathesis.SerializationContext, value: Any) -> bytes:
    """A part of a file."""
    if isinstance(value, bytes):
        return value
    data = getattr(value, "data", value)
    return data if isinstance(data, bytes) else str(data).encode()


@schemathesis.hook
def filter_case(ctx: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Leave out headers the document does not name: anybody on the way may add some (RFC 9110, 5.1)."""
    return "x-schemathesis-unknown-property" not in (case.headers or {})

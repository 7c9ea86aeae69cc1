"""Identifiers: UUID version 7 (RFC 9562), so that they sort by time of making."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Callable

IdSource = Callable[[], str]


def uuid7(instant: dt.datetime, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A UUIDv7 text for ``instant`` (aware). Randomness is injected where runs must repeat."""
    millis = int(instant.timestamp() * 1000)
    tail = int.from_bytes(random_bytes(10), "big")
    value = (millis & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (tail >> 68 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= tail & (1 << 62) - 1
    return str(uuid.UUID(int=value))

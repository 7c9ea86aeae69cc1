"""Identifiers: UUID version 7 (RFC 9562), so that they sort by time of making."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import uuid
from collections.abc import Callable

IdSource = Callable[[], str]


def uuid7(instant: dt.datetime, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A UUIDv7 text for ``instant`` (aware). Randomness is injected where runs must repeat."""
    tail = int.from_bytes(random_bytes(10), "big")
    return _text(_millis(instant), tail >> 68, tail)


class InOrder:
    """UUIDv7 texts of which, in one millisecond too, each sorts behind the one made before it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def make(self, instant: dt.datetime) -> str:
        """The next one, for ``instant`` (aware)."""
        millis = _millis(instant)
        with self._lock:
            before, tail = self._last
            # Half of the range is left for those that follow in the same millisecond (RFC 9562, 6.2).
            tail = tail + 1 if millis == before else secrets.randbits(73)
            self._last = (millis, tail)
        return _text(millis, tail >> 62, tail)


def _millis(instant: dt.datetime) -> int:
    return int(instant.timestamp() * 1000)


def _text(millis: int, middle: int, tail: int) -> str:
    """A UUIDv7 of 48 bits of time, 12 bits of ``middle`` and 62 of ``tail``."""
    value = (millis & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (middle & 0xFFF) << 64
    value |= 0b10 << 62
    value |= tail & (1 << 62) - 1
    return str(uuid.UUID(int=value))

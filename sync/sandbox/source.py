"""Where the platform takes time, ids and randomness from; injected, so that a run can be repeated."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Callable
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """The current instant, aware, UTC, whole milliseconds."""

    def now(self) -> dt.datetime:
        """The current instant."""
        ...


class OffsetClock:
    """The computer's clock plus an offset that the practice panel sets."""

    def __init__(self) -> None:
        self.offset = dt.timedelta()

    def now(self) -> dt.datetime:
        instant = dt.datetime.now(dt.UTC) + self.offset
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class StillClock:
    """A clock that moves only when told to."""

    def __init__(self, instant: dt.datetime) -> None:
        self.start = instant.astimezone(dt.UTC)
        self.offset = dt.timedelta()

    def now(self) -> dt.datetime:
        return self.start + self.offset


class Source:
    """Clock, random bytes, and ids that sort by time (UUID version 7, RFC 9562)."""

    def __init__(
        self, clock: OffsetClock | StillClock, random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self.clock = clock
        self.random_bytes = random_bytes

    def now(self) -> dt.datetime:
        """The platform's present instant."""
        return self.clock.now()

    def today(self) -> dt.date:
        """The legal day in Shanghai."""
        return self.now().astimezone(SHANGHAI).date()

    def new_id(self) -> str:
        """A new id."""
        tail = int.from_bytes(self.random_bytes(10), "big")
        value = (int(self.now().timestamp() * 1000) & (1 << 48) - 1) << 80 | 0x7 << 76
        value |= (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
        return str(uuid.UUID(int=value))

    def token(self) -> str:
        """An unguessable token."""
        return self.random_bytes(24).hex()


def legal_day(instant: str) -> dt.date:
    """The day in Shanghai on which an instant of the wire falls."""
    return dt.datetime.fromisoformat(instant).astimezone(SHANGHAI).date()

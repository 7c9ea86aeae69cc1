"""Where the product takes its time from.

Instants are aware datetimes in UTC, whole milliseconds. Legal days are dates in Shanghai
(Asia/Shanghai), because every deadline of the platform's rules is counted there.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """A source of the current instant; injected, so tests and practice mode can move it."""

    def now(self) -> dt.datetime:
        """The current instant, aware, UTC, truncated to milliseconds."""
        ...


class SystemClock:
    """The computer's clock, plus an offset that only practice mode ever sets."""

    def __init__(self, offset: dt.timedelta = dt.timedelta()) -> None:
        self.offset = offset

    def now(self) -> dt.datetime:
        instant = dt.datetime.now(dt.UTC) + self.offset
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class FixedClock:
    """A clock that stands still until told to move."""

    def __init__(self, instant: dt.datetime) -> None:
        self._instant = instant.astimezone(dt.UTC)

    def now(self) -> dt.datetime:
        return self._instant

    def set(self, instant: dt.datetime) -> None:
        self._instant = instant.astimezone(dt.UTC)

    def advance(self, delta: dt.timedelta) -> None:
        self._instant += delta


def legal_day(instant: dt.datetime) -> dt.date:
    """The calendar day in Shanghai on which ``instant`` falls."""
    return instant.astimezone(SHANGHAI).date()


def shanghai(instant: dt.datetime) -> dt.datetime:
    """``instant`` on Shanghai's clock, for showing to people."""
    return instant.astimezone(SHANGHAI)


def to_text(instant: dt.datetime) -> str:
    """``instant`` as the store writes it: ISO 8601, UTC, milliseconds, so that text order is time order."""
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def from_text(text: str) -> dt.datetime:
    """The instant behind :func:`to_text`. Raises ``ValueError`` on other text."""
    return dt.datetime.fromisoformat(text)

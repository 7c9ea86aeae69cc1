"""Reading what the wire brings: whatever it is, the outcome is a value or one of our faults."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import email.utils
import re
from typing import Any

import msgspec

from app.clock import Clock
from sync.engine import faults

UNREADABLE = (ValueError, TypeError, LookupError, OverflowError, RecursionError)
"""What reading a document that is none can raise: decoders, conversions, dates, nesting without end."""
LONGEST_WAIT = 3600.0
"""Seconds; whoever asks for more is asked again after an hour."""
_WHOLE = 2**63
_LONG = re.compile(rb"[\s:,\[-][0-9]{19}")


def read_json(body: bytes) -> Any:
    """A JSON document that can also be kept: no lone surrogates, no NaN, whole numbers of 64 bits.

    Raises :class:`NotOurPlatformFault`.
    """
    try:
        value = msgspec.json.decode(body)
    except UNREADABLE as error:
        raise faults.NotOurPlatformFault(detail="body is not JSON") from error
    # Where no number is that long there is none to look for, one by one.
    waiting = [value] if _LONG.search(body) else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, int) and not -_WHOLE <= one < _WHOLE:
            raise faults.NotOurPlatformFault(detail="number out of range")
    return value


def digits(text: str) -> int | None:
    """A whole number written in ASCII digits, of 64 bits; ``None`` for anything else (such as ``²``)."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        return None
    return int(text)


def base64_bytes(text: str) -> bytes:
    """The bytes behind base64 of either alphabet. Raises :class:`NotOurPlatformFault`."""
    try:
        return base64.b64decode(text, altchars=b"-_" if set("-_") & set(text) else None)
    except (binascii.Error, ValueError) as error:
        raise faults.NotOurPlatformFault(detail="base64") from error


def retry_after(text: str, clock: Clock) -> float | None:
    """Seconds of a ``Retry-After``, given in seconds or as a date (RFC 9110, 10.2.3); at most an hour.

    A date without a zone, or with ``-0000``, is UTC. ``None`` for what is neither.
    """
    if not text:
        return None
    if text.isascii() and text.isdigit():
        seconds = float(digits(text) or 0) if len(text) <= 18 else LONGEST_WAIT
    else:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except UNREADABLE:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        seconds = (moment - clock.now()).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)

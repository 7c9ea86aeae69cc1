"""Canonical JSON: the bytes that are hashed and signed, the same on every side and in every version.

Keys sorted by code point, no spaces, UTF-8, no escapes but those JSON needs; only strings, integers,
booleans, null, arrays and objects (a subset of RFC 8785). Fractions are refused, since two programs may
write the same fraction in two ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

GENESIS = "0" * 64
"""``prev_hash`` of the first command in a lane."""


_PLAIN = frozenset({str, int, bool, type(None)})
_TEXT = frozenset({str})
_ENCODER = msgspec.json.Encoder(order="sorted")


def _check(value: Any) -> None:
    if isinstance(value, dict):
        if not _TEXT.issuperset(map(type, value)):
            raise TypeError("canonical JSON has text keys only")
        inner: Iterable[Any] = value.values()
    elif isinstance(value, (list, tuple)):
        inner = value
    elif type(value) in _PLAIN:
        return
    elif isinstance(value, float):
        raise TypeError("canonical JSON holds no fractions")
    else:
        raise TypeError("canonical JSON holds JSON values only")
    # Most are plain: a call for each would cost more than writing them.
    for one in () if _PLAIN.issuperset(map(type, inner)) else inner:
        if type(one) not in _PLAIN:
            _check(one)


def canonical(value: Any) -> bytes:
    """Canonical bytes of a JSON value. Raises ``TypeError`` for fractions and foreign types."""
    _check(value)
    return _ENCODER.encode(value)


def digest(data: bytes) -> str:
    """SHA-256 as lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def hash_of(value: Any) -> str:
    """SHA-256 of the canonical bytes, hex: of a payload, or of a command for the chain."""
    return digest(canonical(value))

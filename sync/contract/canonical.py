"""Canonical JSON: the bytes that are hashed and signed, the same on every side and in every version.

Keys sorted by code point, no spaces, UTF-8, no escapes but those JSON needs; only strings, integers,
booleans, null, arrays and objects (a subset of RFC 8785). Fractions are refused, since two programs may
write the same fraction in two ways.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

GENESIS = "0" * 64
"""``prev_hash`` of the first command in a lane."""


_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _check(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("canonical JSON holds no fractions")
    if isinstance(value, dict):
        if not all(issubclass(kind, str) for kind in set(map(type, value))):
            raise TypeError("canonical JSON has text keys only")
        inner: Iterable[Any] = value.values()
    elif isinstance(value, (list, tuple)):
        inner = value
    else:
        return
    # Most are plain: a call for each would cost more than writing them.
    for one in () if _PLAIN.issuperset(map(type, inner)) else inner:
        if type(one) not in _PLAIN:
            _check(one)


def canonical(value: Any) -> bytes:
    """Canonical bytes of a JSON value. Raises ``TypeError`` for fractions and foreign types."""
    _check(value)
    return _ENCODER.encode(value).encode("utf-8")


def digest(data: bytes) -> str:
    """SHA-256 as lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def hash_of(value: Any) -> str:
    """SHA-256 of the canonical bytes, hex: of a payload, or of a command for the chain."""
    return digest(canonical(value))

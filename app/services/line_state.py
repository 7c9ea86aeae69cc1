"""Where ``meta`` says how the line to the platform stood last. Light: the first paint reads it."""

from __future__ import annotations

from dataclasses import dataclass

DEVICE_CODES = ("device_cloned", "device_revoked", "device_unknown")
"""Refusals of the device, not of the words. They use no number up: nothing of these commands took effect."""
DEVICE_STOPPED = frozenset(
    {"E-DEVICE", "E-DEVICE-CLONED", "E-DEVICE-REVOKED", "E-DEVICE-UNKNOWN", "E-OUTBOX-LOST"}
)
"""The platform takes nothing more under this computer's device id: it has to be registered again."""
LAST_ERROR_CODE = "sync.last_error_code"
"""Code of what the last attempt did not get past; empty when it came to its end."""
WAITS_UNTIL = "sync.waits_until"
"""Until when (ISO, UTC) a restored platform waits for what it forgot, as it told last; empty for never."""
RESTORED = "sync.restored"
"""When this computer learnt that the platform was restored from a backup (ISO, UTC), a space, and how many
commands were sent anew for it; empty once a person has read it."""


@dataclass(frozen=True)
class Wait:
    """``number`` of what lies here waits for something elsewhere, and nobody here can hurry it."""

    number: int
    title: str
    """In a line what for."""
    words: str
    """What was kept, what it waits for, and what one can do."""

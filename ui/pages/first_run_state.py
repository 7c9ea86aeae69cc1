"""How far the first run got, kept beside the profile so that it goes on at the same step.

Holds no passphrase, no password and no code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.storage.atomic import write_atomic

if TYPE_CHECKING:
    from app.paths import ProfilePaths

FILE = "first-run.json"


class FirstRunState(msgspec.Struct, kw_only=True):
    """What was filled in. ``step`` counts from 1."""

    step: int = 1
    url: str = ""
    login: str = ""
    device: str = ""


def load(paths: ProfilePaths) -> FirstRunState | None:
    """The unfinished first run of a profile; ``None`` when there is none."""
    try:
        return msgspec.json.decode((paths.root / FILE).read_bytes(), type=FirstRunState)
    except (OSError, msgspec.MsgspecError):
        return None


def save(paths: ProfilePaths, state: FirstRunState) -> None:
    """Keep it. Raises ``StorageFault``."""
    paths.prepare()
    write_atomic(paths.root / FILE, msgspec.json.encode(state), "初次使用的进度")


def forget(paths: ProfilePaths) -> None:
    """The first run is over."""
    (paths.root / FILE).unlink(missing_ok=True)


def unfinished(paths: ProfilePaths) -> bool:
    """Whether a profile was made but its recovery code was never confirmed as kept."""
    state = load(paths)
    return state is not None and state.step >= 3 and paths.exists

"""Sticks that are plugged in now."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath

from PySide6.QtCore import QStorageInfo

REMOVABLE = 2
"""``DRIVE_REMOVABLE`` of Windows."""
_MOUNTED_UNDER = (("media",), ("run", "media"), ("mnt",))


@dataclass(frozen=True)
class Stick:
    """One stick: what it is called, where it is, how many bytes are free, how many packages lie on it."""

    name: str
    path: Path
    free: int
    packages: int


def plugged_in() -> tuple[Stick, ...]:
    """The sticks that can be written to. Asks the system and the sticks: not on the GUI thread."""
    found = []
    for volume in QStorageInfo.mountedVolumes():
        path = Path(volume.rootPath())
        if volume.isValid() and volume.isReady() and not volume.isReadOnly() and is_removable(path):
            name = volume.displayName() if volume.displayName() != volume.rootPath() else path.name
            found.append(Stick(name or str(path), path, volume.bytesAvailable(), packages_on(path)))
    return tuple(sorted(found, key=lambda stick: str(stick.path)))


def is_removable(path: PurePath) -> bool:
    """Whether a volume is one that people plug in: by the system's word, else by where it is mounted."""
    if os.name == "nt":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(str(path)) == REMOVABLE)  # type: ignore[attr-defined]
    parts = path.parts[1:]
    return any(parts[: len(home)] == home and len(parts) > len(home) for home in _MOUNTED_UNDER)


def packages_on(path: Path) -> int:
    """How many packages lie on a stick."""
    try:
        return sum(1 for _ in path.glob("*.jfp"))
    except OSError:
        # A stick that is being pulled: what it holds is not known, and nothing hangs on it.
        return 0

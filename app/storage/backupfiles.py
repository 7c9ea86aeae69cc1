"""Backups as files of a folder. Light: the first paint says when the newest one was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

SUFFIX = ".jfbackup"


def backups_in(folder: Path, now: dt.datetime | None = None) -> list[Path]:
    """The backups in a folder, newest first."""
    return newest_first(folder.glob(f"*{SUFFIX}"), now)


def newest_first(found: Iterable[Path], now: dt.datetime | None = None) -> list[Path]:
    """Sorted by name (names hold the time). Those of a time after ``now`` come last: they were made while
    the clock was ahead, and would pass for the newest until that time comes."""
    ahead = f"jiefen-{now:%Y%m%dT%H%M%S}Z~" if now is not None else "~"
    return sorted(found, key=lambda path: (_dated(path.name) <= ahead, path.name), reverse=True)


def _dated(name: str) -> str:
    return name if name.startswith("jiefen-") else ""


def made_at(path: Path) -> dt.datetime:
    """When a backup was made: the file's own time, aware, UTC."""
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


def newest_made_at(folder: Path, now: dt.datetime) -> dt.datetime | None:
    """When the newest backup of a folder was made; ``None`` when there is none."""
    found = backups_in(folder, now)
    return made_at(found[0]) if found else None

"""Backups as files of a folder. Light: the first paint says when the newest one was made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

SUFFIX = ".jfbackup"


def backups_in(folder: Path) -> list[Path]:
    """The backups in a folder, newest first by name (names hold the time)."""
    return sorted(folder.glob(f"*{SUFFIX}"), reverse=True)


def made_at(path: Path) -> dt.datetime:
    """When a backup was made: the file's own time, aware, UTC."""
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


def newest_made_at(folder: Path) -> dt.datetime | None:
    """When the newest backup of a folder was made; ``None`` when there is none."""
    found = backups_in(folder)
    return made_at(found[0]) if found else None

"""Backups as files of a folder. Light: the first paint says when the newest one was made."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterable
from pathlib import Path

from app.clock import from_text
from app.domain.errors import StorageFault, UserError

SUFFIX = ".jfbackup"
_NAMED = re.compile(r"jiefen-(\d{8}T\d{6}Z)")
log = logging.getLogger(__name__)


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
    """When a backup was made, aware, UTC: by its name, which a copy keeps; by its manifest under another.

    The file's own time, which is that of the copying, only where neither says it.
    """
    try:
        if named := _NAMED.match(path.name):
            return dt.datetime.strptime(named[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        from app.storage.container import opened

        with opened(path) as (_container, manifest):
            return from_text(manifest.created_at)
    except (UserError, StorageFault, ValueError) as error:
        log.info("a backup does not say when it was made: %s", type(error).__name__)
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


def newest_made_at(folder: Path, now: dt.datetime) -> dt.datetime | None:
    """When the newest backup of a folder was made; ``None`` when there is none."""
    found = backups_in(folder, now)
    return made_at(found[0]) if found else None

"""Putting a restored profile in the place of the one that stood there, and finishing what was cut between.

A folder cannot take another's name while that one has it, so there is an instant at which no profile stands
in its place: the old one lies aside whole, the restored one beside it. A program that begins then finishes
the swap instead of asking who is new here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from app.paths import ProfilePaths
from app.storage.faults import from_os_error
from app.storage.lock import ProfileLock

RESTORED, BEFORE = "restored", "before"


def beside(paths: ProfilePaths, mark: str) -> Path:
    """Where a profile is laid out before it takes its place."""
    return paths.root.with_name(f"{paths.root.name}.{RESTORED}-{mark}")


def swap(paths: ProfilePaths, mark: str) -> Path | None:
    """Move what stands at ``paths`` aside and the restored profile into its place.

    Returns where the one that stood there lies now. Raises ``ProfileInUseFault`` and ``OSError``.
    """
    if not paths.root.exists() or not any(paths.root.iterdir()):
        if paths.root.exists():
            paths.root.rmdir()
        beside(paths, mark).replace(paths.root)
        return None
    previous = paths.root.with_name(f"{paths.root.name}.{BEFORE}-{mark}")
    with ProfileLock(paths.lock) as lock:
        lock.acquire(kind="command")
    # Windows moves no folder in which a file is held open: the lock is let go just before.
    paths.root.replace(previous)
    beside(paths, mark).replace(paths.root)
    return previous


def unfinished(paths: ProfilePaths) -> Path | None:
    """The restored profile that did not come to its place; only where nothing else stands there."""
    if paths.exists:
        return None
    found = (beside(paths, mark) for mark in sorted(_marks(paths, BEFORE), reverse=True))
    return next((path for path in found if (path / paths.keys.name).exists()), None)


def clear(paths: ProfilePaths) -> None:
    """Remove what restores that were cut before they swapped anything have laid out: each is a whole copy.

    Called once a restored profile stands in its place. What does not let itself be removed stays.
    """
    for mark in _marks(paths, RESTORED):
        shutil.rmtree(beside(paths, mark), ignore_errors=True)


def _marks(paths: ProfilePaths, kind: str) -> Iterator[str]:
    start, around = f"{paths.root.name}.{kind}-", paths.root.parent
    names = [path.name for path in around.iterdir()] if around.is_dir() else []
    return (name.removeprefix(start) for name in names if name.startswith(start))


def finish(paths: ProfilePaths) -> bool:
    """Bring a swap that was cut to its end; whether there was one. The caller holds the profile's lock.

    File by file into the folder that holds the lock, the key file last: cut again, it goes on. Raises
    ``StorageFault``.
    """
    left = unfinished(paths)
    if left is None:
        return False
    try:
        for part in sorted(left.iterdir(), key=lambda path: path.name == paths.keys.name):
            if part.name.startswith(paths.lock.name):
                part.unlink()
            else:
                _into(part, paths.root / part.name)
        left.rmdir()
    except OSError as error:
        raise from_os_error(error, "档案文件夹") from error
    return True


def _into(part: Path, place: Path) -> None:
    """Move a file or a folder; also into one that whoever began here meanwhile made, such as the logs'."""
    if not place.is_dir():
        part.replace(place)
        return
    for inner in part.iterdir():
        _into(inner, place / inner.name)
    part.rmdir()

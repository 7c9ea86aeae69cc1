"""One profile, one program: a lock file, and a note beside it of who holds it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType

import msgspec

from app.domain.errors import ProfileInUseFault
from app.storage.atomic import write_atomic
from app.storage.faults import from_os_error


class Holder(msgspec.Struct, frozen=True):
    """Who holds a profile. ``endpoint`` is the local address at which its window can be called."""

    pid: int
    endpoint: str = ""
    kind: str = "window"
    """``window`` or ``command``."""


class ProfileLock:
    """Held while a window or a command line works on a profile. The system frees it at any kind of end."""

    def __init__(self, path: Path) -> None:
        from filelock import FileLock

        self._path = path
        self._note = note_path(path)
        self._lock = FileLock(str(path), thread_local=False)

    def acquire(self, *, kind: str = "window", endpoint: str = "") -> None:
        """Take the lock at once, or raise ``ProfileInUseFault``."""
        from filelock import Timeout

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            holder = read_holder(self._path)
            detail = f"pid={holder.pid} kind={holder.kind}" if holder else ""
            raise ProfileInUseFault(
                "这份档案已经在另一个窗口或命令里打开，没有再开一份。请回到那个窗口，或等那个命令做完。",
                code="E-IN-USE",
                detail=detail,
            ) from error
        except OSError as error:
            raise from_os_error(error, "档案文件夹") from error
        try:
            self.announce(kind=kind, endpoint=endpoint)
        except BaseException:
            self._lock.release()
            raise

    def announce(self, *, kind: str = "window", endpoint: str = "") -> None:
        """Write who holds the lock, once more when the endpoint becomes known."""
        note = msgspec.json.encode(Holder(os.getpid(), endpoint, kind))
        write_atomic(self._note, note, "档案文件夹")

    def release(self) -> None:
        """Let go. Harmless when not held."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):
                self._note.unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> ProfileLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def note_path(lock: Path) -> Path:
    """Where the holder's note lies. Apart from the lock: Windows lets nobody read a locked file."""
    return lock.with_name(f"{lock.name}.holder")


def read_holder(lock: Path) -> Holder | None:
    """Who said to hold the lock; ``None`` when nobody did or the note cannot be read."""
    try:
        return msgspec.json.decode(note_path(lock).read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None

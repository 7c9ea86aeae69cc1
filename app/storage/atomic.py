"""Files that are either wholly there or not there at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from app.storage.faults import from_os_error


def write_atomic(path: Path, data: bytes, what: str) -> None:
    """Replace ``path`` by ``data``: written beside it, flushed to the disk, then renamed.

    ``what`` is the Chinese noun for messages. Raises ``StorageFault``; the old file then still stands.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise from_os_error(error, what) from error


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last through a power cut. Windows does this by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

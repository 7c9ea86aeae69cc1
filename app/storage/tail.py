"""How far this computer's writing had come, kept beside the database: a log that was cut or deleted shows.

What is committed lies in the write-ahead log until it is moved into the database. A clean-up program that
deletes the log, or a disk that loses its end, takes committed work with it, and SQLite opens what is left
as if nothing had been. So the number of the last command is put down here after each commit. It is not
flushed: after a power cut it may be older than the database, never newer.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

NAME = "written"
LOST = "lost_tail"
"""In ``meta``: how many commands were found lacking at a start, until the person has read it."""


def mark(folder: Path, device_id: str, device_seq: int) -> None:
    """Command ``device_seq`` of a device is committed. It is a witness only: on a full disk there is none."""
    with contextlib.suppress(OSError):
        (folder / NAME).write_text(f"{device_id} {device_seq}", "ascii")


def lacking(folder: Path, device_id: str, device_seq: int) -> int:
    """How many commands were committed behind ``device_seq``, the last that the database holds."""
    try:
        marked, _, number = (folder / NAME).read_text("ascii").partition(" ")
    except (OSError, ValueError):
        return 0
    return max(0, int(number) - device_seq) if marked == device_id and number.isdecimal() else 0

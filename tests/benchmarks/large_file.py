"""A file of any size the whole way with flat memory: vault, upload, platform, download on another computer.

The platform is a process of its own behind a real socket. ``python -m tests.benchmarks.large_file MB FOLDER``
prints what came of it as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.services.attachments import Attachments, FileEntry
from app.services.fetching import Fetching
from tests.helpers.clients import Office, open_office
from tests.helpers.sandbox import Sandbox, running

MEGABYTE = 1024 * 1024
WAVE = b"RIFF\xff\xff\xff\xffWAVE"


class Sparse:
    """A recording of so many bytes that nobody has to keep anywhere."""

    def __init__(self, size: int, mark: bytes) -> None:
        self._start = WAVE + mark
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        wanted = self._left if size < 0 else min(size, self._left)
        self._left -= wanted
        begun, self._start = self._start[:wanted], self._start[wanted:]
        return begun + bytes(wanted - len(begun))


def peak(pid: int = 0) -> int:
    """The most memory in bytes that a process ever held; this one without ``pid``."""
    if not pid:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def whole_way(sender: Office, receiver: Office, size: int, mark: bytes) -> dict[str, Any]:
    """Add, send and fetch one file; how long each took, in seconds, and whether it is there and whole."""
    case_id, took = sender.case_ids("received")[0], {}
    began = time.monotonic()

    def lap(name: str) -> None:
        nonlocal began
        took[name], began = round(time.monotonic() - began, 2), time.monotonic()

    entry = FileEntry(role="evidence", title="录音")
    made = Attachments(sender.desk).add(case_id, Sparse(size, mark), "录音.wav", "audio/wav", entry).value
    lap("added")
    sender.good_run()
    lap("sent")
    receiver.good_run()
    Fetching(receiver.desk).ask(case_id, [made.sha256])
    receiver.good_run()
    (standing,) = Fetching(receiver.desk).standing(case_id, [made.sha256])
    lap("received")
    stored = sender.shadow(case_id).attachments[made.attachment_id].stored
    return {**took, "bytes": made.size, "stored": stored, "fetched": standing.state == "here"}


def measure(megabytes: int, folder: Path) -> dict[str, Any]:
    """A small file first, so that everything is loaded; then the large one. ``grown`` is what memory grew by
    meanwhile, at these two computers (one process) or at the platform, whichever grew more."""
    with running(folder / "platform", "empty") as sandbox:
        sandbox.control("dispatch")
        sender, receiver = (_office(folder / name, sandbox) for name in ("sender", "receiver"))
        try:
            whole_way(sender, receiver, 4 * MEGABYTE, b"small")
            before = peak(), peak(sandbox.process.pid)
            told = whole_way(sender, receiver, megabytes * MEGABYTE, b"large")
            after = peak(), peak(sandbox.process.pid)
        finally:
            sender.close()
            receiver.close()
    return {**told, "grown": max(b - a for a, b in zip(before, after, strict=True))}


def _office(folder: Path, sandbox: Sandbox) -> Office:
    one = open_office(folder, sandbox)
    one.good_run()
    return one


def main(megabytes: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        told = measure(megabytes, Path(folder))
    rate = {name: round(megabytes / max(told[name], 0.01)) for name in ("added", "sent", "received")}
    assert told["stored"], told
    assert told["fetched"], told
    print(f"{megabytes} MB: memory grew by {told['grown'] / MEGABYTE:.1f} MB; MB/s {rate}")


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), Path(sys.argv[2]))))

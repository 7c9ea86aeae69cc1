from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import ProfileInUseFault
from app.storage.lock import ProfileLock, read_holder

HOLD = """
import pathlib, sys
from app.storage.lock import ProfileLock
lock = ProfileLock(pathlib.Path(sys.argv[1]))
lock.acquire(kind="window", endpoint="local-7")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_program_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ProfileInUseFault) as caught:
            ProfileLock(path).acquire()
        assert caught.value.detail == f"pid={holder.pid} kind=window"
        note = read_holder(path)
        assert note is not None
        assert (note.pid, note.endpoint) == (holder.pid, "local-7")
        holder.kill()
        holder.wait(10)
    with ProfileLock(path) as lock:
        lock.acquire(kind="command")
        note = read_holder(path)
        assert note is not None
        assert note.pid == os.getpid()
    assert read_holder(path) is None


def test_releasing_lets_the_next_one_in(tmp_path: Path) -> None:
    first, second = ProfileLock(tmp_path / "lock"), ProfileLock(tmp_path / "lock")
    first.acquire()
    first.release()
    first.release()
    second.acquire()
    second.release()

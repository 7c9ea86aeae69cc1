"""Sandboxes as processes of their own, forked off one that has read the program already.

Of what a sandbox on a copy costs to start, reading the program is nearly all; the tests start hundreds of
them. ``start`` in :mod:`tests.helpers.sandbox` starts the real command line.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]


def _serve(words: Sequence[str], told: Connection, until: Connection) -> None:
    """In the new process: what ``python -m sync.sandbox`` does with these words."""
    from sync.sandbox.__main__ import main

    os.chdir(ROOT)
    os.dup2(until.fileno(), 0)
    os.dup2(told.fileno(), 1)
    until.close()
    told.close()
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.exit(main(list(words)))


class Forked:
    """A running process, to be spoken to as a ``Popen``: its input, its output, its end."""

    def __init__(self, words: Sequence[str]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["sync.sandbox.__main__"])
        heard, told = context.Pipe(duplex=False)
        until, end = context.Pipe(duplex=False)
        self._process = context.Process(target=_serve, args=(words, told, until), daemon=True)
        self._process.start()
        told.close()
        until.close()
        self.stdin: IO[bytes] | None = os.fdopen(os.dup(end.fileno()), "wb")
        self.stdout: IO[bytes] | None = os.fdopen(os.dup(heard.fileno()), "rb")
        heard.close()
        end.close()

    @property
    def pid(self) -> int | None:
        """Its number."""
        return self._process.pid

    def poll(self) -> int | None:
        """How it ended; ``None`` while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end. Raises ``TimeoutExpired``."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("sandbox", timeout or 0)
        return self._process.exitcode

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

"""One journey with its kills: processes are started, die where they were told to, and others take over.

The driver's own process opens no database and starts no thread, so that it can be forked at any time.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from sync.sandbox.server import listen
from tests.kill9 import worker
from tests.kill9.watch import Plan, heard
from tests.kill9.worker import DONE, HINDERED, Orders

SECONDS = 120
"""How long one process may take between two kills before it counts as wedged."""
ENDINGS = ("profile", "stick", "tmp")
"""Beginnings of the names of folders in which nothing personal may ever lie in plain."""


class BrokenError(AssertionError):
    """Something acknowledged is gone, something is doubled, or nothing goes on."""


@dataclass
class Report:
    """What a journey came to. ``met`` counts how often each point was come to, by act."""

    kills: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    acts: dict[str, set[str]] = field(default_factory=dict)
    processes: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    def add(self, other: Report) -> None:
        """Count another one in."""
        self.kills.update(other.kills)
        self.met.update(other.met)
        for key, names in other.acts.items():
            self.acts.setdefault(key, set()).update(names)
        self.processes += other.processes
        self.seconds += other.seconds
        self.cpu += other.cpu


class Journey:
    """From an empty folder to the judge; ``plan`` says at which occurrence each point kills."""

    def __init__(self, folder: Path, plan: Plan, side: str = "", *, kills: bool = True) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("tmp", "stick", "platform"):
            (folder / name).mkdir(parents=True)
        self.report = Report()
        self._sock: socket.socket = listen("127.0.0.1", 0)
        url = f"http://127.0.0.1:{self._sock.getsockname()[1]}"
        self._orders = Orders(folder, url, plan if kills else {}, side, self.report.met, set())
        self._read = {"client": 0, "platform": 0}
        self._server = 0
        self._alive: set[int] = set()
        self._looked: dict[Path, tuple[int, ...]] = {}
        self._story: list[str] = []

    def run(self) -> Report:
        """The whole of it. Raises :class:`BrokenError`, with the story of the kills."""
        begun, spent = time.monotonic(), cpu()
        try:
            self._server = self._start(worker.platform, self._sock)
            while not self._one_life():
                continue
            self._end_server()
            self._finish(self._start(worker.judge))
            self._no_plaintext("at the end")
        finally:
            for pid in self._alive:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            self._sock.close()
        self.report.seconds, self.report.cpu = time.monotonic() - begun, cpu() - spent
        return self.report

    def _start(self, work: object, *more: object) -> int:
        self.report.processes += 1
        pid = worker.fork(work, self._orders, *more)
        self._alive.add(pid)
        return pid

    def _one_life(self) -> bool:
        """One process at the computer until it ends; whether the journey is over."""
        client, kills = self._start(worker.computer), 0
        while True:
            pid, status = self._waited()
            if pid == self._server:
                self._platform_died(status)
                kills += 1
            elif pid == client:
                break
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL:
            self._died("client", status)
            return False
        self._hear("client")
        if code == DONE:
            return True
        if code == HINDERED and not kills and self._platform_dying():
            # It said so before it died; that it is dead may be seen a little later.
            _, status = os.waitpid(self._server, 0)
            self._alive.discard(self._server)
            self._platform_died(status)
            kills += 1
        if code == HINDERED and kills:
            # The line was cut under it: a person would try again.
            return False
        raise self._broken(f"the process ended with {code}")

    def _platform_died(self, status: int) -> None:
        """It is started again at once, as by whoever watches over it."""
        self._server = 0
        self._died("platform", status)
        self._server = self._start(worker.platform, self._sock)

    def _platform_dying(self) -> bool:
        """Whether the platform has written down that it kills itself, and nobody has read it yet."""
        lines, _ = heard(self._orders.folder / "platform.journal", self._read["platform"])
        return any("dying" in line for line in lines)

    def _waited(self) -> tuple[int, int]:
        def late(_number: int, _frame: FrameType | None) -> None:
            raise self._broken(f"nothing happened for {SECONDS} s")

        before = signal.signal(signal.SIGALRM, late)
        signal.alarm(SECONDS)
        try:
            pid, status = os.waitpid(-1, 0)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
        self._alive.discard(pid)
        return pid, status

    def _finish(self, pid: int) -> None:
        while True:
            got, status = self._waited()
            if got == pid:
                break
        if os.waitstatus_to_exitcode(status) != DONE:
            raise self._broken("the judge")

    def _died(self, side: str, status: int) -> None:
        """A process ended; it must have been by its own hand, at a point that was not struck before."""
        end = self._hear(side)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL or end is None:
            raise self._broken(f"{side} ended with {os.waitstatus_to_exitcode(status)}")
        self._orders.spent.add(end)
        self.report.kills[end] += 1
        self._no_plaintext(end)

    def _hear(self, side: str) -> str | None:
        """Take in what a process wrote down; the point at which it killed itself, if it did."""
        path = self._orders.folder / f"{side}.journal"
        lines, self._read[side] = heard(path, self._read[side])
        end = None
        for line in lines:
            if "met" in line:
                self.report.met[line["met"]] += 1
                self.report.acts.setdefault(line["met"], set()).add(line["act"])
            elif "dying" in line:
                end = line["dying"]
                self._story.append(f"{line['act'] or side}: killed at {end}")
            elif "hindered" in line:
                self._story.append(f"hindered: {line['hindered'].strip().splitlines()[-1][:300]}")
            elif "begin" in line:
                self._story.append(f"begin {line['begin']}")
        return end

    def _no_plaintext(self, after: str) -> None:
        words = worker.words_in(self._orders)
        for path in (p for name in ENDINGS for p in self._orders.folder.glob(f"{name}*/**/*")):
            if not path.is_file():
                continue
            status = path.stat()
            seen = (status.st_ino, status.st_mtime_ns, status.st_size, len(words))
            if self._looked.get(path) != seen:
                self._looked[path] = seen
                data = path.read_bytes()
                if any(word in data for word in words):
                    raise self._broken(f"personal words in {path.name} after {after}")

    def _end_server(self) -> None:
        os.kill(self._server, signal.SIGKILL)
        os.waitpid(self._server, 0)
        self._alive.discard(self._server)
        self._server = 0
        self._hear("platform")

    def _broken(self, what: str) -> BrokenError:
        for side in ("client", "platform"):
            self._hear(side)
        trouble = self._orders.folder / "trouble"
        why = trouble.read_text("utf-8") if trouble.exists() else ""
        return BrokenError("\n".join([what, why, "after:", *self._story[-30:]]))


def cpu() -> float:
    """Seconds of computing of this process and of the children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)

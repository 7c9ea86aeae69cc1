"""Stalls of the window with their causes: what the GUI thread did while nobody was answered."""

from __future__ import annotations

import faulthandler
import re
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ui.failures.watchdog import StallWatchdog

HOUSE = str(Path(__file__).resolve().parents[2]) + "/"
CALL = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+) in (?P<name>.*)')


@dataclass(frozen=True)
class Stall:
    """How long the window did not answer, during what, and what it did then.

    ``busy`` is the GUI thread's own processor time in milliseconds: on a shared machine the rest of a stall
    says little. ``stacks`` counts looks at its calls, innermost first.
    """

    milliseconds: float
    during: str
    busy: float = 0.0
    stacks: Counter[str] | None = None

    def report(self, most: int = 3) -> str:
        """The stall and, below it, its commonest stacks."""
        lines = [f"{self.milliseconds:6.0f} ms  (busy {self.busy:.0f})  {self.during}"]
        for stack, number in (self.stacks or Counter()).most_common(most):
            lines.append(f"{number:12d} x  {stack}")
        return "\n".join(lines)


class SamplingWatchdog(StallWatchdog):
    """A watchdog that looks at the watched thread's calls while it is late."""

    EVERY = 0.005
    DEPTH = 7
    """Calls kept of each stack."""

    def __init__(self, limit_ms: float = 50.0) -> None:
        super().__init__(limit_ms)
        self.worst_stacks: Counter[str] = Counter()
        self._found: Counter[str] = Counter()
        self._watched = 0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch the thread that calls; once more begins anew."""
        self._stop_looking()
        self.worst_stacks, self._found = Counter(), Counter()
        self._watched = threading.get_ident()
        self._over = threading.Event()
        super().start()
        self._thread = threading.Thread(target=self._look, args=(self._over,), name="stall-sampler")
        self._thread.start()

    def stop(self) -> float:
        """End; the worst stall in milliseconds."""
        worst = super().stop()
        self._stop_looking()
        return worst

    def _stop_looking(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _beat(self) -> None:
        before = self.worst_ms
        super()._beat()
        found, self._found = self._found, Counter()
        if self.worst_ms > before:
            self.worst_stacks = found

    def _look(self, over: threading.Event) -> None:
        # The fault handler writes the calls without taking hold of a frame: a frame held here would let its
        # widgets die on this thread.
        with tempfile.TemporaryFile("w+") as file:
            while not over.wait(self.EVERY):
                if (time.perf_counter() - self._last) * 1000 > self.limit_ms / 2:
                    file.seek(0)
                    file.truncate()
                    faulthandler.dump_traceback(file, all_threads=True)
                    file.seek(0)
                    self._found[self._calls(file.read())] += 1

    def _calls(self, dump: str) -> str:
        own = next((part for part in dump.split("\n\n") if f"{self._watched:#018x}" in part), "")
        calls = [f"{c['file'].removeprefix(HOUSE)}:{c['line']} {c['name']}" for c in CALL.finditer(own)]
        return " < ".join(calls[: self.DEPTH])

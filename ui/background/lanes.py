"""Lanes of work beside the GUI thread, one thread each: write, read, network, files and care.

Files takes in what may be gigabytes, care is long upkeep (备份, its checking): what a person saves meanwhile
does not wait behind either. Work is a plain function; its result or failure comes back on the GUI thread. The
write lane takes interactive work before the rest. Reads that nobody waits for any more are dropped, and the
running one is interrupted.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.domain.errors import Cancelled

log = logging.getLogger(__name__)
TELL_EVERY = 0.05
"""Seconds between two tellings of progress: work that counts by small files would flood the window."""
INTERACTIVE, NORMAL, BULK = 0, 5, 9
"""Order within a lane: a person's own action, ordinary work, batches such as import."""

Interrupt = Callable[[int], None]
"""Breaks off what the thread of that ident is reading, and nothing else."""


class Job:
    """A piece of work on its way. Its outcome is delivered at most once, on the GUI thread."""

    def __init__(
        self,
        name: str,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
        progress: Callable[[float, str], None] | None = None,
    ) -> None:
        self.name = name
        self.number = 0
        """Of the lane's own count."""
        self._work, self._done, self._failed, self._progress = work, done, failed, progress
        self._cancelled = threading.Event()
        self._lane: Lane | None = None
        self._told = -TELL_EVERY

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give it up: nothing is delivered; a read that runs is interrupted. Silent."""
        self._cancelled.set()
        if self._lane is not None:
            self._lane.interrupt(self)

    def check(self) -> None:
        """Inside the work: raise :class:`~app.domain.errors.Cancelled` when it was given up."""
        if self.cancelled:
            raise Cancelled

    def passed(self, done: int, total: int) -> bool:
        """Inside the work: :meth:`report` in the form that counts, as of bytes. Always true."""
        self.report(min(1.0, done / total) if total else 0.0)
        return True

    def report(self, part: float, text: str = "") -> None:
        """Inside the work: tell progress, ``part`` from 0 to 1. However often: the window hears it at times.

        Raises :class:`~app.domain.errors.Cancelled` when it was given up.
        """
        self.check()
        now = time.monotonic()
        if now - self._told < TELL_EVERY and part < 1:
            return
        if self._lane is not None and self._progress is not None:
            self._told = now
            progress = self._progress
            self._lane.deliver(self, lambda: progress(part, text))


class Lane(QObject):
    """One thread that does its work in order of urgency, then of arrival.

    ``interrupt`` breaks off the running statement (as SQLite can); it is called from the GUI thread.
    """

    _back = Signal(object, object)
    _over = Signal(int)

    def __init__(self, name: str, interrupt: Interrupt | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self._interrupt = interrupt
        self._queue: list[tuple[int, int, Job]] = []
        self._numbers = itertools.count()
        self._held: dict[int, Job] = {}
        self._ready = threading.Condition()
        self._running: Job | None = None
        self._closed = False
        self._back.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._over.connect(self._let_go, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._loop, name=f"lane-{name}", daemon=False)
        self._thread.start()

    def submit(
        self,
        name: str,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
        *,
        urgency: int = NORMAL,
        progress: Callable[[float, str], None] | None = None,
    ) -> Job:
        """Queue ``work``. Exactly one of ``done`` and ``failed`` follows, unless it is cancelled.

        Raises ``RuntimeError`` when the lane was closed.
        """
        job = Job(name, work, done, failed, progress)
        job._lane = self
        with self._ready:
            if self._closed:
                raise RuntimeError(f"lane {self.name} is closed")
            job.number = next(self._numbers)
            self._held[job.number] = job
            heapq.heappush(self._queue, (urgency, job.number, job))
            self._ready.notify()
        return job

    @property
    def busy(self) -> bool:
        """Whether work runs, waits, or is done and the GUI thread was not told of it yet."""
        with self._ready:
            return bool(self._held)

    def set_interrupt(self, interrupt: Interrupt | None) -> None:
        """What breaks off a running statement; known only after the profile is open."""
        self._interrupt = interrupt

    def interrupt(self, job: Job) -> None:
        """Break off ``job`` if it is the one that runs."""
        with self._ready:
            thread = self._thread.ident
            if self._running is job and self._interrupt is not None and thread is not None:
                self._interrupt(thread)

    def deliver(self, job: Job, call: Callable[[], None]) -> None:
        """Have ``call`` run on the GUI thread, unless ``job`` is cancelled by then."""
        self._back.emit(job, call)

    def give_up(self) -> None:
        """Cancel what runs and what waits; the lane goes on with what comes later."""
        with self._ready:
            given_up = [job for _, _, job in self._queue]
            if self._running is not None:
                given_up.append(self._running)
        for job in given_up:
            job.cancel()

    def close(self, *, finish: bool = True, timeout: float = 30.0) -> bool:
        """End the thread: with ``finish`` after all queued work, otherwise after the running piece.

        Gives whether the thread ended within ``timeout`` seconds.
        """
        with self._ready:
            self._closed = True
            if not finish:
                for _, _, job in self._queue:
                    job._cancelled.set()
                self._queue.clear()
            self._ready.notify_all()
        running = self._running
        if not finish and running is not None:
            running.cancel()
        self._thread.join(timeout)
        ended = not self._thread.is_alive()
        if ended:
            self._held.clear()
        return ended

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait until nothing runs or waits; false when ``timeout`` seconds were not enough.

        What comes back afterwards is still delivered on the GUI thread.
        """
        with self._ready:
            return self._ready.wait_for(lambda: self._running is None and not self._queue, timeout)

    def _take(self) -> Job | None:
        with self._ready:
            while not self._queue and not self._closed:
                self._ready.wait()
            if not self._queue:
                return None
            self._running = heapq.heappop(self._queue)[2]
            return self._running

    def _loop(self) -> None:
        while (number := self._one()) is not None:
            self._over.emit(number)

    def _one(self) -> int | None:
        """Do one piece of work; its number. On return this thread holds nothing of it any more.

        What the pages gave to a job must die on the GUI thread: its callables hold widgets and signal
        connections, and undoing a connection on another thread waits for the interpreter's lock while
        holding Qt's, against a GUI thread that does the same the other way round.
        """
        job = self._take()
        if job is None:
            return None
        if not job.cancelled:
            self._run(job)
        with self._ready:
            self._running = None
            self._ready.notify_all()
        return job.number

    def _run(self, job: Job) -> None:
        try:
            value = job._work(job)
        except Cancelled:
            log.debug("%s: %s cancelled", self.name, job.name)
        except BaseException as error:  # noqa: BLE001 - the lane must live; the failure goes to who asked
            if not job.cancelled:
                self.deliver(job, _call(job._failed, error))
        else:
            self.deliver(job, _call(job._done, value))

    def _let_go(self, number: int) -> None:
        self._held.pop(number, None)

    def _deliver(self, job: Job, call: Callable[[], None]) -> None:
        if not job.cancelled:
            call()


def _call(function: Callable[[Any], None], value: Any) -> Callable[[], None]:
    return lambda: function(value)


class Lanes:
    """The lanes of the window, closed together at exit."""

    def __init__(self, parent: QObject | None = None) -> None:
        self.write = Lane("write", parent=parent)
        self.read = Lane("read", parent=parent)
        self.network = Lane("network", parent=parent)
        self.files = Lane("files", parent=parent)
        self.care = Lane("care", parent=parent)
        self._in_order = (self.care, self.network, self.read, self.files, self.write)

    @property
    def busy(self) -> bool:
        """Whether something is under way that a person began or looks at: all but the network and upkeep."""
        return self.write.busy or self.read.busy or self.files.busy

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait for the work of all lanes, before the profile under them is closed; upkeep is broken off."""
        self.care.give_up()
        return all(lane.settle(timeout) for lane in self._in_order)

    def close(self, timeout: float = 30.0) -> bool:
        """Finish the writes and files, drop upkeep, reads and network work, join the threads."""
        ended = [
            self.care.close(finish=False, timeout=timeout),
            self.network.close(finish=False, timeout=timeout),
            self.read.close(finish=False, timeout=timeout),
            self.files.close(finish=True, timeout=timeout),
            self.write.close(finish=True, timeout=timeout),
        ]
        return all(ended)

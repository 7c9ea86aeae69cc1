"""Operations: every write of the window has a name, one place for its failure, and tells what it changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.services.changes import ChangeSet, Written
from ui.background.hub import ChangeHub
from ui.background.lanes import INTERACTIVE, NORMAL, Job, Lane, Lanes

Done = Callable[[Any], None]
Failed = Callable[[BaseException], bool]
"""Sees a failure first; true means that it has shown it itself (an error under a field)."""


class Operations(QObject):
    """Runs named writes, reads and network work.

    ``failed(name, error)`` is sent for failures that nobody took, ``broken(error)`` for each, taken or not,
    when it has been shown; ``running(name, True/False)`` frames each
    write; ``progress(name, part, text)`` follows long ones.
    """

    failed = Signal(str, object)
    broken = Signal(object)
    running = Signal(str, bool)
    progress = Signal(str, float, str)

    def __init__(self, lanes: Lanes, hub: ChangeHub, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes, self._hub = lanes, hub

    def write(
        self,
        name: str,
        work: Callable[[Job], Any],
        done: Done | None = None,
        failed: Failed | None = None,
        *,
        urgency: int = INTERACTIVE,
    ) -> Job:
        """Run ``work`` on the write lane.

        When it gives a :class:`Written`, its changes go to the hub and ``done`` gets the ``Written``; when it
        gives a :class:`ChangeSet`, that goes to the hub. ``name`` is Chinese and names the act: 存联系结果.
        """
        return self._start(self._lanes.write, name, work, done, failed, urgency)

    def read(
        self,
        name: str,
        work: Callable[[Job], Any],
        done: Done,
        failed: Failed | None = None,
        *,
        urgency: int = NORMAL,
    ) -> Job:
        """Run ``work`` on the read lane; ``cancel()`` the job when its answer is no longer wanted."""
        return self._start(self._lanes.read, name, work, done, failed, urgency)

    def network(
        self, name: str, work: Callable[[Job], Any], done: Done | None = None, failed: Failed | None = None
    ) -> Job:
        """Run ``work`` on the network lane; it must not hold the database while it waits."""
        return self._start(self._lanes.network, name, work, done, failed, NORMAL)

    def files(self, name: str, work: Callable[[Job], Any], done: Done, failed: Failed | None = None) -> Job:
        """Take files in, which may be large: its own write at the end is short."""
        return self._start(self._lanes.files, name, work, done, failed, INTERACTIVE)

    def care(self, name: str, work: Callable[[Job], Any], done: Done, failed: Failed | None = None) -> Job:
        """Run long upkeep beside the writes; given up when the profile is closed.

        Its ``work`` reports as it goes on: by that it hears that it was cancelled.
        """
        return self._start(self._lanes.care, name, work, done, failed, NORMAL)

    def _start(
        self,
        lane: Lane,
        name: str,
        work: Callable[[Job], Any],
        done: Done | None,
        failed: Failed | None,
        urgency: int,
    ) -> Job:
        shown = lane is not self._lanes.read

        def finished(value: Any) -> None:
            if shown:
                self.running.emit(name, False)
            self._publish(value)
            if done is not None:
                done(value)

        def broke(error: BaseException) -> None:
            if shown:
                self.running.emit(name, False)
            if failed is None or not failed(error):
                self.failed.emit(name, error)
            self.broken.emit(error)

        def moved(part: float, text: str) -> None:
            self.progress.emit(name, part, text)

        if shown:
            self.running.emit(name, True)
        return lane.submit(name, work, finished, broke, urgency=urgency, progress=moved)

    def _publish(self, value: Any) -> None:
        if isinstance(value, Written):
            self._hub.publish(value.changes)
        elif isinstance(value, ChangeSet):
            self._hub.publish(value)

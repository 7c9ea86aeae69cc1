"""Watches that the GUI thread answers: a stall is a bug even when nothing breaks."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QObject, QTimer, Signal

log = logging.getLogger(__name__)


class StallWatchdog(QObject):
    """Measures how late the event loop comes back. ``stalled(ms)`` for each gap above ``limit_ms``."""

    stalled = Signal(float)
    BEAT_MS = 10

    def __init__(self, limit_ms: float = 50.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.limit_ms = limit_ms
        self.worst_ms = 0.0
        self.worst_busy_ms = 0.0
        """Processor time of the watched thread within the worst gap; for the rest of it the thread waited."""
        self._last = self._busy = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(self.BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to watch the thread that calls."""
        self.worst_ms = self.worst_busy_ms = 0.0
        self._last, self._busy = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> float:
        """End, counting the gap since the last beat; the worst stall in milliseconds."""
        self._beat()
        self._timer.stop()
        return self.worst_ms

    def _beat(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        late = (now - self._last) * 1000 - self.BEAT_MS
        if late > self.worst_ms:
            self.worst_ms, self.worst_busy_ms = late, (busy - self._busy) * 1000
        self._last, self._busy = now, busy
        if late > self.limit_ms:
            log.info("the window did not answer for %.0f ms", late)
            self.stalled.emit(late)

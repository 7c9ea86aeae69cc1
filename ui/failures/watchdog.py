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
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(self.BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to watch."""
        self.worst_ms = 0.0
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> float:
        """End, counting the gap since the last beat; the worst stall in milliseconds."""
        self._beat()
        self._timer.stop()
        return self.worst_ms

    def _beat(self) -> None:
        now = time.perf_counter()
        late = (now - self._last) * 1000 - self.BEAT_MS
        self._last = now
        self.worst_ms = max(self.worst_ms, late)
        if late > self.limit_ms:
            log.info("the window did not answer for %.0f ms", late)
            self.stalled.emit(late)

"""Nobody there: warn, lock the screen after ten minutes, put the keys away after thirty."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from ui.frame.inputwatch import watch

_LIVE = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.InputMethod,
)


class IdleWatcher(QObject):
    """Watches keyboard and mouse of the whole application, by the computer's monotonic clock.

    ``warned(seconds)`` 30 s before the lock, ``active_again()`` when the person moves after that,
    ``lock_due()`` after the set minutes, ``keys_due()`` 30 minutes after the last touch. Recording goes on.
    """

    warned = Signal(int)
    active_again = Signal()
    lock_due = Signal()
    keys_due = Signal()
    WARN_S = 30
    KEYS_S = 30 * 60

    def __init__(self, app: QApplication, lock_minutes: int = 10) -> None:
        super().__init__(app)
        self._lock_s = lock_minutes * 60
        self._last = time.monotonic()
        self._stage = 0
        self._locked = False
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.check)
        self._timer.start()
        watch(app, self, _LIVE, self._seen)

    def set_minutes(self, minutes: int) -> None:
        """Lock after ``minutes``."""
        self._lock_s = minutes * 60
        self.touch()

    def set_locked(self, locked: bool) -> None:
        """The screen was locked (moving the mouse then puts nothing off) or unlocked."""
        self._locked = locked
        if not locked:
            self._stage = 0
            self._last = time.monotonic()

    def touch(self) -> None:
        """The person is there."""
        if self._locked:
            return
        self._last = time.monotonic()
        if self._stage == 1:
            self._stage = 0
            self.active_again.emit()

    def check(self, now: float | None = None) -> None:
        """Look at the clock; ``now`` is a monotonic time in seconds."""
        idle = (time.monotonic() if now is None else now) - self._last
        if self._stage < 1 and not self._locked and idle >= self._lock_s - self.WARN_S:
            self._stage = 1
            self.warned.emit(max(round(self._lock_s - idle), 0))
        if self._stage < 2 and not self._locked and idle >= self._lock_s:
            self._stage = 2
            self.lock_due.emit()
        if self._stage < 3 and idle >= self.KEYS_S:
            self._stage = 3
            self.keys_due.emit()

    def _seen(self, _watched: QObject, _event: QEvent) -> bool:
        self.touch()
        return False

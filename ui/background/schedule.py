"""What happens by the clock: the minute, the new day, whatever is to be saved now and then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.clock import Clock, legal_day, shanghai


class Schedule(QObject):
    """Timers by the product's clock, so that practice mode's moved clock moves them too.

    ``minute(now)`` on each full minute, ``day_changed(day)`` at midnight in Shanghai or when the clock is
    moved to another day. Instants are aware, UTC.
    """

    minute = Signal(object)
    day_changed = Signal(object)

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._day = legal_day(clock.now())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.check)
        self._arm()

    @property
    def today(self) -> dt.date:
        """The legal day in Shanghai as last told."""
        return self._day

    def check(self) -> None:
        """Tell the minute, and the day if it is another; also called when the clock was moved."""
        now = self._clock.now()
        day = legal_day(now)
        changed, self._day = day != self._day, day
        self.minute.emit(now)
        if changed:
            self.day_changed.emit(day)
        self._arm()

    def every(self, seconds: float, call: Callable[[], None]) -> QTimer:
        """Call ``call`` every ``seconds``; stop the timer to end it."""
        timer = QTimer(self)
        timer.setInterval(round(seconds * 1000))
        timer.timeout.connect(call)
        timer.start()
        return timer

    def _arm(self) -> None:
        now = shanghai(self._clock.now())
        left = 60_000 - (now.second * 1000 + now.microsecond // 1000)
        self._timer.start(max(left, 250))

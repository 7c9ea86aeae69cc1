"""Work of the GUI thread in portions: one each time the event loop comes round, so that keys are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer

Portion = Callable[[], None]


class Portions(QObject):
    """A row of portions, each short; a new row takes the place of what is left of the one before."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._left: list[Portion] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._next)

    @property
    def busy(self) -> bool:
        """Whether portions are left."""
        return bool(self._left)

    def begin(self, portions: Iterable[Portion]) -> None:
        """Do ``portions`` in order, from the next turn of the event loop on."""
        self._left = list(portions)
        self._timer.start()

    def finish(self) -> None:
        """Do all that is left now: somebody looks at it."""
        while self._left:
            self._next()

    def drop(self) -> None:
        """Forget what is left."""
        self._left = []
        self._timer.stop()

    def _next(self) -> None:
        if self._left:
            self._left.pop(0)()
        if not self._left:
            self._timer.stop()

"""Something to be done once the window has painted what it shows now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

AT_LATEST_MS = 250
"""A window that cannot be seen paints nothing: then it is done anyway."""


class AfterPaint(QObject):
    """Does ``call`` once, after the next painting of ``window``."""

    def __init__(self, window: QWidget, call: Callable[[], None]) -> None:
        super().__init__(window)
        self._call: Callable[[], None] | None = call
        window.installEventFilter(self)
        QTimer.singleShot(AT_LATEST_MS, self, self._do)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is about to paint: afterwards."""
        if event.type() == QEvent.Type.UpdateRequest:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._do)
        return False

    def _do(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()
            self.deleteLater()

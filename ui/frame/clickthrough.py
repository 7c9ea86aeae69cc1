"""A shaky double click must not fall through onto the page that the first click opened."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from ui.frame.inputwatch import watch


class ClickThroughGuard(QObject):
    """Drops the second and third click of one gesture when the page under it has changed in between."""

    def __init__(self, app: QApplication, stack: QWidget) -> None:
        super().__init__(stack)
        self._stack = stack
        self._changed = 0.0
        self._dropping = False
        self._begun_here = False
        self._interval = app.doubleClickInterval() / 1000
        presses = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
        watch(app, self, presses, self._pressed)

    def page_changed(self) -> None:
        """Another page came to the front."""
        self._changed = time.monotonic()
        self._begun_here = False

    def _pressed(self, watched: QObject, event: QEvent) -> bool:
        """Swallow what belongs to the click before the change."""
        kind = event.type()
        fresh_gesture = self._begun_here
        if kind == QEvent.Type.MouseButtonPress and not self._dropping and self._inside(watched):
            self._begun_here = True
        if kind == QEvent.Type.MouseButtonDblClick and not fresh_gesture and self._drops(watched):
            self._dropping = True
            self._changed = time.monotonic()
            return True
        if self._dropping and kind == QEvent.Type.MouseButtonPress:
            if self._drops(watched):
                self._changed = time.monotonic()
                return True
            self._dropping = False
        return False

    def _drops(self, watched: QObject) -> bool:
        return self._fresh() and self._inside(watched)

    def _fresh(self) -> bool:
        return time.monotonic() - self._changed < self._interval

    def _inside(self, watched: QObject) -> bool:
        return isinstance(watched, QWidget) and self._stack.isAncestorOf(watched)

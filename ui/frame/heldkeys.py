"""A key that is held acts once: what it opens would otherwise be pressed by its own repetitions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid

from ui.frame.inputwatch import watch

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HELD = (*_ENTER, Qt.Key.Key_Space)
SAME_MS = 4
"""No finger lets a key go and presses it again so fast: under X11 that is how a repetition comes that Qt did
not mark as one."""


TWICE_MS = 300
"""A key pressed twice so fast was meant once, where the first press closed the dialog it was meant for."""


class HeldKeys(QObject):
    """Drops repeated Enter, and repeated Space on a button; while one writes, a held key goes on writing.

    So it does with the second of two presses that comes to what lies behind a dialog which the first closed.
    """

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._released: dict[int, int] = {}
        """When each key was last let go, on the clock of the window system (ms)."""
        self._last: tuple[int, int, QWidget | None] = (0, 0, None)
        """The last press that counted: key, instant, and the window it went to."""
        watch(app, self, (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride), self._pressed)
        watch(app, self, (QEvent.Type.KeyRelease,), self._let_go)

    def _let_go(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() in _HELD:
            self._released[event.key()] = event.timestamp()
        return False

    def _repeats(self, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return True
        # What no window system sent, such as a test's or an input method's, has no time.
        at, before = event.timestamp(), self._released.get(event.key(), 0)
        return bool(at and before) and 0 <= at - before <= SAME_MS

    def _falls_through(self, event: QKeyEvent) -> bool:
        """Whether it was meant for a dialog that is gone; else it counts, and is remembered."""
        key, at, window = self._last
        now = event.timestamp()
        if key == event.key() and at and 0 < now - at <= TWICE_MS and window is not None:
            return not isValid(window) or not window.isVisible()
        if event.type() == QEvent.Type.KeyPress:
            self._last = event.key(), now, QApplication.activeModalWidget() or QApplication.activeWindow()
        return False

    def _pressed(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() not in _HELD:
            return False
        if not self._repeats(event) and not self._falls_through(event):
            return False
        if event.key() in _ENTER:
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            drop = not (plain and isinstance(watched, (QPlainTextEdit, QTextEdit)))
        else:
            drop = isinstance(watched, QAbstractButton)
        if drop:
            event.accept()  # Taken here: an override that nobody accepts would become its shortcut.
        return drop

"""A key that is held acts once: what it opens would otherwise be pressed by its own repetitions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit, QTextEdit

from ui.frame.inputwatch import watch

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HELD = (*_ENTER, Qt.Key.Key_Space)
SAME_MS = 4
"""No finger lets a key go and presses it again so fast: under X11 that is how a repetition comes that Qt did
not mark as one."""


class HeldKeys(QObject):
    """Drops repeated Enter, and repeated Space on a button; while one writes, a held key goes on writing."""

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._released: dict[int, int] = {}
        """When each key was last let go, on the clock of the window system (ms)."""
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

    def _pressed(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() not in _HELD or not self._repeats(event):
            return False
        if event.key() in _ENTER:
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            drop = not (plain and isinstance(watched, (QPlainTextEdit, QTextEdit)))
        else:
            drop = isinstance(watched, QAbstractButton)
        if drop:
            event.accept()  # Taken here: an override that nobody accepts would become its shortcut.
        return drop

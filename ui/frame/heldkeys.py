"""A key that is held acts once: what it opens would otherwise be pressed by its own repetitions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit, QTextEdit

from ui.frame.inputwatch import watch

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class HeldKeys(QObject):
    """Drops repeated Enter, and repeated Space on a button; while one writes, a held key goes on writing."""

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        watch(app, self, (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride), self._pressed)

    def _pressed(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or not event.isAutoRepeat():
            return False
        if event.key() in _ENTER:
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            drop = not (plain and isinstance(watched, (QPlainTextEdit, QTextEdit)))
        else:
            drop = event.key() == Qt.Key.Key_Space and isinstance(watched, QAbstractButton)
        if drop:
            event.accept()  # Taken here: an override that nobody accepts would become its shortcut.
        return drop

"""While the window is locked nothing of it stands open: menus close, and dialogs come back after it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget
from shiboken6 import isValid

from ui.dialogs.base import Dialog
from ui.frame.inputwatch import watch
from ui.theme.look import Look


class DialogsAside(QObject):
    """Puts what lies over ``window`` aside; ``lock`` is asked for when Ctrl+L is pressed over it.

    A dialog that blocks the window blocks its shortcuts too, and so does an open menu, list or calendar: over
    them the key that locks would do nothing, and the passphrase typed next would choose in the menu.
    """

    def __init__(self, look: Look, app: QApplication, window: QWidget, lock: Callable[[], None]) -> None:
        super().__init__(window)
        self._look, self._lock = look, lock
        self._aside: list[QDialog] = []
        watch(app, self, (QEvent.Type.KeyPress,), self._pressed)

    def put_by(self) -> None:
        """Hide every dialog and close every menu."""
        from PySide6.QtPrintSupport import QPrintDialog

        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        over = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        for dialog in sorted(over, key=_depth, reverse=True):
            if isinstance(dialog, (QFileDialog, QPrintDialog)):
                # The system's own may not outlive being hidden; whoever asked for it asks again.
                dialog.reject()
                continue
            self._aside.append(dialog)
            dialog.hide()

    def bring_back(self) -> None:
        """Show again what was put by, for whoever locked; what can be read in it only when asked for."""
        aside, self._aside = self._aside, []
        for dialog in reversed(aside):
            if isValid(dialog):
                if isinstance(dialog, Dialog):
                    dialog.shade(self._look)
                dialog.show()

    def drop(self) -> None:
        """Somebody else may come, or the keys went: what was put by is given up."""
        aside, self._aside = self._aside, []
        for dialog in aside:
            if isValid(dialog):
                dialog.reject()

    def _pressed(self, _watched: QObject, event: QEvent) -> bool:
        over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if over is None or not isinstance(event, QKeyEvent):
            return False
        if event.key() != Qt.Key.Key_L or event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            return False
        self._lock()
        return True


def _depth(widget: QWidget) -> int:
    """How many windows it lies over."""
    parent = widget.parentWidget()
    return 0 if parent is None else 1 + _depth(parent)

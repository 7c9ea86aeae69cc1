"""Where the keyboard is when nobody put it anywhere: in the page in front, never by chance in the frame.

Qt moves the focus to the next control of the window when the one that had it is hidden, and after the last
control of a page that is the first of the frame. Enter would then press a button nobody was at, and the keys
of the page would be dead.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from ui.frame.focus import FocusRing
from ui.frame.inputwatch import watch
from ui.theme.look import Look
from ui.widgets.base import first_focusable

_BY_TAB = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_KINDS = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.FocusIn, QEvent.Type.Show)
_TAB_KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class FocusHome(QObject):
    """Brings a stray focus back into the page that ``page`` gives; gives dialogs a ring and a first focus."""

    def __init__(
        self, look: Look, app: QApplication, window: QWidget, page: Callable[[], QWidget | None]
    ) -> None:
        super().__init__(window)
        self._look, self._app, self._window, self._page = look, app, window, page
        self._keyboard = self._tabbing = False
        watch(app, self, _KINDS, self._saw)
        app.focusChanged.connect(self._changed)

    def settle(self) -> None:
        """Another page is in front: unless it takes the focus itself, it has it as a whole."""
        begun = self._window.focusWidget()
        QTimer.singleShot(0, self, lambda: self._settle(begun))

    def _saw(self, watched: QObject, event: QEvent) -> bool:
        """Tell a Tab of the person from a move of Qt's own; see dialogs come up."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._keyboard, self._tabbing = True, event.key() in _TAB_KEYS
        elif kind == QEvent.Type.MouseButtonPress:
            self._keyboard = self._tabbing = False
        elif kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            if event.reason() in _BY_TAB and not self._tabbing and self._in_frame(watched):
                self.settle()
        elif kind == QEvent.Type.Show and isinstance(watched, QDialog):
            QTimer.singleShot(0, watched, lambda: self._equip(watched))
        return False

    def _changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Nobody has the keyboard, as after the control that had it was switched off."""
        if now is None and self._window.isActiveWindow():
            self.settle()

    def _in_frame(self, watched: QObject) -> bool:
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        page = self._page()
        return page is not None and page.isVisible() and not self._holds(page, watched)

    def _holds(self, page: QWidget, part: QWidget | None) -> bool:
        return part is not None and (part is page or page.isAncestorOf(part))

    def _settle(self, begun: QWidget | None) -> None:
        page, focused = self._page(), self._window.focusWidget()
        if page is None or not page.isVisible() or not page.isEnabled():
            return
        lost = focused is None or not focused.isVisible()
        if lost or (focused is begun and not self._holds(page, focused)):
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _equip(self, dialog: QDialog) -> None:
        if not dialog.isVisible():
            return
        if dialog.findChild(FocusRing) is None:
            FocusRing(self._look, dialog, self._app, keyboard=self._keyboard)
        if dialog.focusWidget() is None and (first := first_focusable(dialog)) is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

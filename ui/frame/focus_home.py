"""Where the keyboard is when nobody put it anywhere: in the page in front, never by chance in the frame.

Qt moves the focus on when the control that had it is hidden, switched off or deleted, and to the first of the
window's chain when a dialog closes behind which that happened. Enter would then press a button nobody was
at, and the keys of the page would be dead. So the last place that the person or a page chose is remembered,
and whatever Qt does on its own ends there, at what took its place by name, at the page's next step, or
beside it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from ui.dialogs.base import hold_on_screen
from ui.frame.focus import FocusRing
from ui.frame.focus_spot import Spot, fit, next_step
from ui.frame.inputwatch import watch
from ui.frame.taborder import into_sight, reading_order
from ui.theme.look import Look
from ui.widgets.base import first_focusable

_KINDS = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.FocusIn,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.Polish,
)
_BY_TAB = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_MOVING_KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Left, Qt.Key.Key_Right)


class FocusHome(QObject):
    """Brings a stray focus back into the page that ``page`` gives; gives dialogs a ring and a first focus.

    The wheel of the mouse moves it nowhere.
    """

    def __init__(
        self, look: Look, app: QApplication, window: QWidget, page: Callable[[], QWidget | None]
    ) -> None:
        super().__init__(window)
        self._look, self._app, self._window, self._page = look, app, window, page
        self._keyboard = self._moving = False
        self._spot: Spot | None = None
        self._stand_in: QWidget | None = None
        """Has the keyboard for the lost control of ``_spot``, until the person does something."""
        self._astray = False
        watch(app, self, _KINDS, self._saw)
        app.focusChanged.connect(self._changed)

    def takes(self) -> bool:
        """Asked when the focus is to move on: whether Qt wants that on its own and the page has it now.

        At once, since the control that had it may be deleted next, and later settled at a better place.
        """
        page = self._page()
        if self._moving or page is None or not page.isVisible() or not page.isEnabled():
            return False
        self._stand_in = page
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.settle()
        return True

    def settle(self) -> None:
        """Another page is in front, or the focus strayed; a page that nobody was in has it as a whole."""
        begun = self._window.focusWidget()
        # What was put into a layout is shown in one turn of the event loop; looked for in the next.
        QTimer.singleShot(0, self, lambda: QTimer.singleShot(0, self, lambda: self._settle(begun)))

    def _saw(self, watched: QObject, event: QEvent) -> bool:
        """Tell what the person does from a move of Qt's own; see dialogs come and go."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._keyboard, self._moving = True, event.key() in _MOVING_KEYS
            self._acted()
        elif kind == QEvent.Type.MouseButtonPress:
            self._keyboard = self._moving = False
            self._acted()
        elif kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            # The style is told too, after the widget.
            if isinstance(watched, QWidget):
                self._astray = self._strays(watched, event.reason())
        elif kind == QEvent.Type.Show:
            self._shown(watched)
        elif kind == QEvent.Type.Polish:
            if isinstance(watched, QWidget) and watched.focusPolicy() == Qt.FocusPolicy.WheelFocus:
                # Whoever scrolls past a box goes on typing where they were.
                watched.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        elif kind == QEvent.Type.Hide and isinstance(watched, QDialog):
            QTimer.singleShot(0, self, self._dialog_gone)
        return False

    def _shown(self, watched: QObject) -> None:
        if isinstance(watched, QDialog):
            QTimer.singleShot(0, watched, lambda: self._equip(watched))
        elif (
            self._stand_in is not None and self._spot is not None and self._spot.name == watched.objectName()
        ):
            self.settle()

    def _acted(self) -> None:
        """Where the keyboard stands in for a lost control, the person has now taken it."""
        stand_in = self._stand_in
        if stand_in is not None and stand_in is not self._page():
            self._stand_in = None
            if isValid(stand_in) and stand_in is self._window.focusWidget():
                self._remember(stand_in)
        if self._moving:
            QTimer.singleShot(0, self, self._stopped)

    def _stopped(self) -> None:
        self._moving = False

    def _changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Remember where the keyboard was put; find it again when it is nowhere (its control was hidden)."""
        if now is None:
            if self._window.isActiveWindow():
                self.settle()
            return
        if now.window() is not self._window or now is self._stand_in:
            return
        if self._astray:
            self.settle()
            return
        self._stand_in = None
        self._remember(now)

    def _remember(self, control: QWidget) -> None:
        page = self._page()
        if page is None or control is page:
            return
        self._spot = (
            Spot.of(page, control) if page.isAncestorOf(control) else Spot(page, control, "", QPoint())
        )

    def _dialog_gone(self) -> None:
        """Back in the page: at a control, even where one was at the page as a whole before."""
        page = self._page()
        if page is None or QApplication.activeModalWidget() is not None or not self._window.isVisible():
            return
        focused = self._window.focusWidget()
        if focused is None or focused is page or not fit(focused):
            self._place(page, whole=False)

    def _strays(self, watched: QWidget, reason: Qt.FocusReason) -> bool:
        """Whether Qt on its own gave the keyboard to something of the frame where nobody was."""
        back = reason == Qt.FocusReason.ActiveWindowFocusReason
        if not (back or (reason in _BY_TAB and not self._moving)) or not self._in_frame(watched):
            return False
        return self._spot is None or watched is not self._spot.control

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
        if self._spot is not None and self._spot.page is not page:
            self._spot = None
        lost = focused is None or not focused.isVisible() or not focused.isEnabled()
        stray = focused is begun and not self._holds(page, focused)
        waiting = focused is not None and focused is self._stand_in
        if lost or stray or waiting:
            self._place(page, whole=self._spot is None)

    def _place(self, page: QWidget, *, whole: bool) -> None:
        """Give the keyboard to the page: where one was, else to the next step, else near where one was."""
        spot = self._spot if self._spot is not None and self._spot.page is page else None
        target = spot.again() if spot is not None else None
        if target is not None:
            self._stand_in = None
        elif whole:
            target = page
        else:
            target = next_step(page) or (spot.nearest() if spot is not None else first_focusable(page))
            self._stand_in = target
        target = target or page
        if not target.hasFocus():
            target.setFocus(Qt.FocusReason.OtherFocusReason)
            if target.visibleRegion().isEmpty():
                into_sight(target)

    def _equip(self, dialog: QDialog) -> None:
        if not dialog.isVisible():
            return
        hold_on_screen(dialog)
        if dialog.findChild(FocusRing) is None:
            FocusRing(self._look, dialog, self._app, keyboard=self._keyboard)
        # By the layout: the chain goes by when a control was made, and the buttons are often made first.
        if dialog.focusWidget() is None and (first := next(iter(reading_order(dialog)), None)) is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

"""The focus ring: 2 px wide, 2 px outside, shown for the keyboard and not for the mouse, never cut off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget
from shiboken6 import isValid

from ui.frame.inputwatch import watch
from ui.theme import tokens
from ui.theme.look import Look

_MOVES = (
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ParentChange,
    QEvent.Type.LayoutRequest,
)


class FocusRing(QWidget):
    """A see-through widget over ``window`` that draws around the control with the focus."""

    def __init__(self, look: Look, window: QWidget, app: QApplication, *, keyboard: bool = False) -> None:
        """``keyboard``: whether the person was at the keyboard when ``window`` came up."""
        super().__init__(window)
        self.look, self._window, self._app = look, window, app
        self._target: QWidget | None = None
        self._chain: list[QWidget] = []
        self._keyboard = keyboard
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        watch(app, self, (QEvent.Type.KeyPress,), self._key)
        watch(app, self, (QEvent.Type.MouseButtonPress,), self._mouse)
        app.focusChanged.connect(self._moved)
        self._moved(None, window.focusWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the control and all it lies in."""
        if event.type() in _MOVES and self._target is not None:
            self._place()
        return False

    def _key(self, _watched: QObject, _event: QEvent) -> bool:
        self._keyboard = True
        if self._target is not None and not self.isVisible():
            self._place()
        return False

    def _mouse(self, _watched: QObject, _event: QEvent) -> bool:
        self._keyboard = False
        self.hide()
        return False

    def _moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        for step in self._chain:
            if isValid(step):
                step.removeEventFilter(self)
        self._target, self._chain = None, []
        mine = now is not None and (now is self._window or self._window.isAncestorOf(now))
        ringless = isinstance(now, QAbstractItemView) or (now is not None and now.property("ringless"))
        if now is None or not mine or ringless:
            self.hide()
            return
        outer = now.parentWidget()
        fitted = outer is not None and outer.focusProxy() is now and outer.height() <= now.height() + 8
        self._target = outer if fitted else now
        outward: QWidget | None = self._target
        while outward is not None and outward is not self._window:
            self._chain.append(outward)
            outward.installEventFilter(self)
            outward = outward.parentWidget()
        self._place()

    def _place(self) -> None:
        target = self._target
        if target is None or not self._keyboard or not target.isVisible():
            self.hide()
            return
        seen = target.visibleRegion().boundingRect()
        if seen.isEmpty():
            self.hide()
            return
        corner = target.mapTo(self._window, seen.topLeft())
        room = tokens.size("focusRing", "width") + tokens.size("focusRing", "offset")
        self.setGeometry(QRect(corner, seen.size()).adjusted(-room, -room, room, room))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ring; 3 px in high contrast."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 3 if self.look.colors.high_contrast else tokens.size("focusRing", "width")
        painter.setPen(QPen(self.look.color("borderFocus"), width))
        inset = width / 2
        corner = tokens.radius("control") + 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), corner, corner)
        painter.end()

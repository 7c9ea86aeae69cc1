"""The drawer: a panel 420 px wide that slides in over the right side. Focus goes in and comes back."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, Text, column, first_focusable, identify, row
from ui.widgets.buttons import IconButton
from ui.widgets.gutter import FittingArea


class Drawer(QFrame):
    """A drawer in ``host``, below ``top`` pixels and above ``bottom`` pixels of it. Esc closes."""

    opened = Signal()
    closed = Signal()

    def __init__(self, look: Look, host: QWidget, *, name: str) -> None:
        super().__init__(host)
        self.look, self._host = look, host
        self.setProperty("kind", "drawer")
        identify(self, name)
        self._open = False
        self._insets = (0, 0)
        self._before: QWidget | None = None
        self._content: QWidget | None = None
        self.title = Text("", role="section", wrap=True)
        esc = Text("Esc", role="caption", tone="textSecondary")
        self.close_button = IconButton(look, "x", "关上抽屉", name=f"{name}.close", keys="Esc")
        self.close_button.clicked.connect(self._close_pressed)
        head = row(self.title, esc, self.close_button)
        head.setStretch(0, 1)
        head.setContentsMargins(16, 8, 8, 8)
        self._scroll = FittingArea()
        inside = QVBoxLayout(self)
        inside.setContentsMargins(1, 0, 0, 0)
        inside.setSpacing(0)
        inside.addLayout(head)
        inside.addWidget(Divider())
        body = row(self._scroll)
        body.setContentsMargins(16, 12, 12, 12)
        inside.addLayout(body, 1)
        self._foot: QWidget | None = None
        self._foot_holder = QWidget()
        self._foot_row = row()
        self._foot_row.setContentsMargins(16, 10, 16, 10)
        under = column(Divider(), self._foot_row, spacing=0)
        self._foot_holder.setLayout(under)
        self._foot_holder.hide()
        inside.addWidget(self._foot_holder)
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.finished.connect(self._slid)
        host.installEventFilter(self)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether it is in sight or on its way."""
        return self._open

    def set_insets(self, top: int, bottom: int) -> None:
        """Leave the top bar and the bottom bar free."""
        self._insets = (top, bottom)
        self._place()

    def open_with(
        self, title: str, content: QWidget, foot: QWidget | None = None, first: QWidget | None = None
    ) -> None:
        """Slide in with ``content``; the drawer keeps it until :meth:`take`.

        ``foot`` stands below it and never scrolls: what is to be pressed in the end is always in sight.
        ``first`` takes the focus; without it the first control of the content does.
        """
        self.take()
        self._content = content
        self.title.setText(title)
        self.setAccessibleName(title)
        self._scroll.setWidget(content)
        # A scroll area has its content fill itself with the window's colour; the drawer's is another.
        content.setAutoFillBackground(False)
        self._scroll.viewport().setAutoFillBackground(False)
        content.show()
        self._foot = foot
        if foot is not None:
            self._foot_row.addWidget(foot, 1)
            foot.show()
        self._foot_holder.setVisible(foot is not None)
        if not self._open:
            self._before = self._host.window().focusWidget()
            self._open = True
            self._place(outside=True)
            self.show()
            self.raise_()
            self._run()
        first = first or first_focusable(content)
        (first or self.close_button).setFocus(Qt.FocusReason.TabFocusReason)
        self.opened.emit()

    def take(self) -> QWidget | None:
        """Give the content back, so that it can stand elsewhere."""
        content, self._content = self._content, None
        if content is not None:
            self._scroll.takeWidget()
        if self._foot is not None:
            self._foot_row.removeWidget(self._foot)
            self._foot.setParent(self._host)
            self._foot.hide()
            self._foot = None
            self._foot_holder.hide()
        return content

    def close_drawer(self, *, at_once: bool = False) -> None:
        """Slide out, or vanish ``at_once``; the focus returns to where it was."""
        if not self._open:
            return
        self._open = False
        self._run(at_once=at_once)
        before = self._before
        self._before = None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_drawer()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the host's size."""
        if isinstance(event, QResizeEvent) and watched is self._host:
            self._place()
        return False

    def _close_pressed(self) -> None:
        self.close_drawer()

    def _width(self) -> int:
        plain = tokens.size("statusDrawer")
        return min(self.look.metrics.px(plain), max(plain, round(self._host.width() * 0.4)))

    def _spot(self, *, outside: bool) -> QPoint:
        left = self._host.width() - (0 if outside else self._width())
        return QPoint(left, self._insets[0])

    def _place(self, *, outside: bool = False) -> None:
        top, bottom = self._insets
        self.resize(self._width(), max(self._host.height() - top - bottom, 1))
        spot = self._spot(outside=outside or not self._open)
        if self._slide.state() == QPropertyAnimation.State.Running:
            # On its way already: it arrives at the new place instead of being there and coming once more.
            self._slide.setEndValue(spot)
            spot.setX(self.x())
        self.move(spot)

    def _run(self, *, at_once: bool = False) -> None:
        self._slide.stop()
        duration = 0 if at_once else self.look.duration("normal")
        if not duration:
            self.move(self._spot(outside=not self._open))
            self._slid()
            return
        self._slide.setDuration(duration)
        self._slide.setStartValue(self.pos())
        self._slide.setEndValue(self._spot(outside=not self._open))
        self._slide.start()

    def _slid(self) -> None:
        if not self._open:
            self.hide()

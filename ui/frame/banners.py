"""Banners across the window: practice mode, and personal data that shows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QFrame

from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, identify, row
from ui.widgets.buttons import Button


class PracticeBanner(QFrame):
    """The striped bar of practice mode: on every page, never closed. ``leave_asked`` by 退出练习."""

    leave_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "shell.practice.banner", "练习模式")
        self.button = Button(look, "退出练习", name="shell.practice.leave", compact=True)
        self.button.clicked.connect(self.leave_asked)
        # First in the window, it would take every focus that nobody holds, and Enter would end the program.
        self.button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        words = "这里的人和案都是假的，什么都不会发出去，打印件都斜印“练习”。"
        inside = row(
            IconLabel(look, "graduation-cap", color="dueSoon.fg"),
            Text("练习", role="bodyStrong", tone="dueSoon"),
            Text(words, role="label", tone="dueSoon"),
            None,
            self.button,
            spacing=10,
        )
        inside.setContentsMargins(24, 4, 24, 4)
        self.setLayout(inside)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Take the present height."""
        self.setFixedHeight(self.look.metrics.px(40))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Slanting stripes; none in high contrast."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.look.color("dueSoon.bg"))
        high = self.height()
        if not self.look.colors.high_contrast:
            stripe = self.look.color("dueSoon.border")
            stripe.setAlpha(110)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(stripe)
            x = -high
            while x < self.width():
                top = x + high
                corners = [QPointF(x, high), QPointF(top, 0), QPointF(top + 22, 0), QPointF(x + 22, high)]
                painter.drawPolygon(QPolygonF(corners))
                x += 52
        painter.setPen(self.look.color("dueSoon.border"))
        painter.drawLine(0, high - 1, self.width(), high - 1)
        painter.end()


class RevealBanner(QFrame):
    """The yellow bar while a case shows its personal data. ``cover_asked`` when time is over or by 遮挡."""

    cover_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.setProperty("kind", "infobar")
        self.setProperty("status", "dueSoon")
        identify(self, "shell.reveal.banner")
        self._left = 0
        self._text = Text("", role="label", tone="dueSoon")
        name = "shell.reveal.cover"
        self.button = Button(look, "遮挡", name=name, icon="eye-off", about="本案信息", compact=True)
        self.button.clicked.connect(self._cover)
        inside = row(IconLabel(look, "eye", color="dueSoon.fg"), self._text, None, self.button, spacing=10)
        inside.setContentsMargins(24, 4, 24, 4)
        self.setLayout(inside)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._second)
        self.hide()

    def begin(self, seconds: int) -> None:
        """Show the bar and count down."""
        self._left = seconds
        self._write()
        self._timer.start()
        self.show()

    def end(self) -> None:
        """Covered by other means."""
        self._timer.stop()
        self.hide()

    def _second(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._cover()
        else:
            self._write()

    def _cover(self) -> None:
        self.end()
        self.cover_asked.emit()

    def _write(self) -> None:
        text = f"本案信息正在显示，还剩 {self._left // 60}:{self._left % 60:02d}"
        self._text.setText(text)
        self.setAccessibleName(text)

"""A switch: on or off from the moment it is pressed."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from ui.widgets.choices import CheckBox


class Switch(CheckBox):
    """A check box drawn as a switch, for what is on or off from now on."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Rail, knob and words; the rail is filled and the knob at the right when on."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, px = self.look, self.look.metrics.px
        high, wide = px(20), px(36)
        rail = QRectF(1, (self.height() - high) / 2, wide, high)
        on = self.isChecked()
        painter.setPen(QPen(look.color("primary" if on else "borderControl"), 1.5))
        painter.setBrush(look.color("primary" if on else "surface"))
        painter.drawRoundedRect(rail, high / 2, high / 2)
        knob = high - 8
        left = rail.right() - knob - 4 if on else rail.left() + 4
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("onPrimary" if on else "borderControl"))
        painter.drawEllipse(QRectF(left, rail.top() + 4, knob, knob))
        painter.setPen(look.color("text" if self.isEnabled() else "textDisabled"))
        painter.setFont(look.font("body"))
        words = QRect(round(rail.right()) + 10, 0, self.width() - wide - 11, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.end()

    def sizeHint(self) -> QSize:
        """Switch and words, whole."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(words + self.look.metrics.px(36) + 16, self.look.metrics.hit)

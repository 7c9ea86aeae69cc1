"""The round mark of a choice, as the radio cards draw it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ui.theme.look import Look


def paint_radio(painter: QPainter, look: Look, spot: QRectF, *, on: bool, able: bool = True) -> None:
    """The round mark of a choice; pale while it cannot be made."""
    edge = look.metrics.px(18)
    circle = QRectF(spot.center().x() - edge / 2, spot.center().y() - edge / 2, edge, edge)
    mark = "primary" if on else "borderControl"
    painter.setPen(QPen(look.color(mark if able else "textDisabled"), 1.5))
    painter.setBrush(look.color("surface" if not on else mark if able else "textDisabled"))
    painter.drawEllipse(circle)
    if on:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("onPrimary"))
        painter.drawEllipse(circle.center(), edge * 0.2, edge * 0.2)

"""The marks of a choice: round as the radio cards draw it, square as check boxes do."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ui.theme import icons
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


def paint_check(painter: QPainter, look: Look, box: QRectF, *, on: bool) -> None:
    """The square mark of a check box."""
    painter.setPen(QPen(look.color("primary" if on else "borderControl"), 1.5))
    painter.setBrush(look.color("primary" if on else "surface"))
    painter.drawRoundedRect(box, 4, 4)
    if on:
        inset = box.width() * 0.12
        area = box.adjusted(inset, inset, -inset, -inset)
        icons.paint(painter, "check", look.colors["onPrimary"], area)

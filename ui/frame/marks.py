"""Small painted parts of the navigation: the person's mark and the split button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from ui.theme import icons
from ui.theme.look import Look


class Avatar(QWidget):
    """The first character of a name in a circle; screen readers pass over it."""

    def __init__(self, look: Look, text: str, edge: int = 32) -> None:
        super().__init__()
        self.look, self.text, self._edge = look, text, edge
        look.follow(self, self.restyle)

    def set_name(self, name: str) -> None:
        """Stand for somebody else."""
        self.text = name
        self.update()

    def restyle(self) -> None:
        """Take the present size."""
        edge = self.look.metrics.px(self._edge)
        self.setFixedSize(edge, edge)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle and character."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.look.color("primaryBorder"), 1))
        painter.setBrush(self.look.color("primarySubtle"))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.setPen(self.look.color("link"))
        painter.setFont(self.look.font("section" if self._edge > 40 else "label", bold=True))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text[:1])
        painter.end()


class NewButton(QToolButton):
    """The split button 新登记; its right part opens the menu."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's button, then the line and the arrow of the right part."""
        super().paintEvent(event)
        if self.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonTextBesideIcon:
            return
        painter = QPainter(self)
        metrics = self.look.metrics
        part = metrics.px(32)
        line = self.look.color("onPrimary")
        line.setAlpha(90)
        painter.setPen(line)
        painter.drawLine(self.width() - part, 0, self.width() - part, self.height())
        edge = metrics.icon_small
        left = self.width() - (part + edge) / 2
        square = QRectF(left, (self.height() - edge) / 2, edge, edge)
        icons.paint(painter, "chevron-down", self.look.colors["onPrimary"], square)
        painter.end()

"""Filter chips: what narrows a list, with a cross that takes it away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QPushButton

from ui.theme.look import Look
from ui.widgets.base import identify, repolish
from ui.widgets.buttons import ICON_GAP, spaced


class FilterChip(QPushButton):
    """A filter in force (来源：来访、平台 ×). Click changes it, Delete or the cross takes it away."""

    removed = Signal()

    def __init__(self, look: Look, text: str, *, name: str, removable: bool = True) -> None:
        super().__init__(text)
        self.look, self._removable = look, removable
        self.setProperty("kind", "chip")
        self.setCheckable(True)
        self.setChecked(removable)
        self.setAutoDefault(False)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        identify(self, name, f"筛选：{text}", "按 Delete 去掉这个筛选" if removable else "")
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Cross or arrow at the present colour."""
        edge = self.look.metrics.icon_small
        plain = self.look.icon("x" if self._removable else "chevron-down", "textSecondary", edge)
        self.setIcon(spaced(plain, edge, before=True))
        self.setIconSize(QSize(edge + ICON_GAP, edge))

    def set_text(self, text: str, *, removable: bool) -> None:
        """Show another state of the same filter."""
        self._removable = removable
        self.setText(text)
        self.setAccessibleName(f"筛选：{text}")
        self.restyle()
        repolish(self)

    def nextCheckState(self) -> None:
        """Stay shown as in force; the click itself decides."""
        self.setChecked(self._removable)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the cross removes, elsewhere it is a click."""
        cross = event.position().x() > self.width() - self.look.metrics.hit
        if self._removable and cross and self.rect().contains(event.position().toPoint()):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Backspace remove."""
        if self._removable and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        super().keyPressEvent(event)

"""A scroll area whose scroll bar has its own gutter: what it shows is as wide with the bar as without."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea

GUTTER = 12
"""Width of the gutter; the style sheet gives scroll bars the same."""


class GutterArea(QScrollArea):
    """Scrolls upright only. Cards in it keep their right edge, whatever their number."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().rangeChanged.connect(self._make_room)
        self._make_room(0, 0)

    def _make_room(self, low: int, high: int) -> None:
        self.setViewportMargins(0, 0, 0 if high > low else GUTTER, 0)

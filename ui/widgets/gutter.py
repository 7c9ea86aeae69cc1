"""A scroll area whose scroll bar has its own gutter: what it shows is as wide with the bar as without."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

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
        self._kept: QWidget | None = None
        self._make_room(0, 0)

    def keep_in_sight(self, widget: QWidget) -> None:
        """Scroll to ``widget``, and again when things take their places only now, while it has the focus."""
        self._kept = widget
        widget.destroyed.connect(self._forget)
        self.ensureWidgetVisible(widget)

    def _forget(self) -> None:
        self._kept = None

    def _make_room(self, low: int, high: int) -> None:
        self.setViewportMargins(0, 0, 0 if high > low else GUTTER, 0)
        if self._kept is not None and self._kept.hasFocus():
            self.ensureWidgetVisible(self._kept)

"""A scroll area whose scroll bar has its own gutter: what it shows is as wide with the bar as without."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QScrollArea, QScrollBar, QWidget

GUTTER = 12
"""Width of the gutter; the style sheet gives scroll bars the same."""


class QuietBar(QScrollBar):
    """Keeps its place while there is nothing to scroll, and shows nothing there.

    A bar that goes gives its width to words that may then just fit; come back, it takes so much of them that
    they do not: it would come and go for ever.
    """

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, on=False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The handle, where there is something to scroll."""
        if self.maximum() > self.minimum():
            super().paintEvent(event)


class GutterArea(QScrollArea):
    """Scrolls upright only. Cards in it keep their right edge, whatever their number."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(QuietBar())
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().rangeChanged.connect(self._placed)
        self._kept: QWidget | None = None

    def keep_in_sight(self, widget: QWidget) -> None:
        """Scroll to ``widget``, and again when things take their places only now, while it has the focus."""
        self._kept = widget
        widget.destroyed.connect(self._forget)
        self.ensureWidgetVisible(widget)

    def _forget(self) -> None:
        self._kept = None

    def _placed(self, _low: int, _high: int) -> None:
        self.verticalScrollBar().update()
        if self._kept is not None and self._kept.hasFocus():
            self.ensureWidgetVisible(self._kept)

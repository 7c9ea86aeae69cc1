"""Scroll areas: never narrower than what they show, and with a scroll bar that has its own gutter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QScrollBar, QWidget
from shiboken6 import isValid

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


class FittingArea(QScrollArea):
    """Scrolls upright and is never narrower than its content, whenever that changes.

    Words read late, letters that grew: who lays it out sees to that by its least size, and nobody has to ask
    for it at the right moment. Where there is no such room all the same, it scrolls sideways too: nothing
    may be out of reach.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def minimumSizeHint(self) -> QSize:
        """As wide as the content must be, its scroll bar included."""
        inside = self.widget()
        least = super().minimumSizeHint()
        return least if inside is None else QSize(inside.minimumSizeHint().width() + GUTTER, least.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What the content needs has changed: the layout around is told."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return super().eventFilter(watched, event)


class GutterArea(FittingArea):
    """Has the scroll bar in a gutter. Cards in it keep their right edge, whatever their number."""

    def __init__(self) -> None:
        super().__init__()
        self.setVerticalScrollBar(QuietBar())
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().rangeChanged.connect(self._range_changed)
        self.verticalScrollBar().actionTriggered.connect(self._forget)
        self._kept: QWidget | None = None

    def to_top(self) -> None:
        """Begin at the top; what was kept in sight is let go."""
        self._kept = None
        self.verticalScrollBar().setValue(0)

    def keep_in_sight(self, widget: QWidget) -> None:
        """Scroll to ``widget``, and again when things take their places only now.

        As long as the focus is in it and the person has not scrolled elsewhere.
        """
        self._kept = widget
        step: QWidget | None = widget
        while step is not None and step is not self.widget():
            step.installEventFilter(self)
            step = step.parentWidget()
        self.ensureWidgetVisible(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What was to stay in sight, or something that holds it, took its place."""
        if event.type() == QEvent.Type.Move and watched is not self.widget():
            self._keep()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room: what was to stay in sight does."""
        super().resizeEvent(event)
        self._keep()

    def _forget(self, *_: object) -> None:
        self._kept = None

    def _keep(self) -> None:
        kept = self._kept
        if kept is None or not isValid(kept):
            return
        focused = kept.window().focusWidget()
        if focused is not None and (focused is kept or kept.isAncestorOf(focused)):
            self.ensureWidgetVisible(kept)

    def _range_changed(self, _low: int, _high: int) -> None:
        self.verticalScrollBar().update()
        self._keep()

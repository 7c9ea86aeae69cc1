"""Things that are pressed as a whole: a large number with its name, a line that unfolds more."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import CARD_PADDING, identify


class _Plain(QPushButton):
    """A button without a frame; Enter presses it."""

    def __init__(self, look: Look, name: str, spoken: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """The whole height is the least height; the style sheet's for buttons is lower."""
        high = self.sizeHint().height()
        self.setStyleSheet(f"QPushButton {{ min-height: {high}px; border: 0; padding: 0; }}")
        self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses like Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)  # type: ignore[arg-type]
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to plain."""
        super().leaveEvent(event)
        self.update()

    def _ground(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.fillRect(self.rect(), self.look.color("rowHover"))


class NumberButton(_Plain):
    """A large number with its name under it (我手上)."""

    def __init__(self, look: Look, label: str, *, name: str) -> None:
        self.value, self.label = "", label
        super().__init__(look, name, label)

    def set_value(self, value: int) -> None:
        """Show another number."""
        self.value = f"{value:,}"
        self.setAccessibleName(f"{self.label}：{self.value} 件，打开列表")
        self.setToolTip(f"看{self.label}的案件")
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(self.look.metrics.px(120), self.look.metrics.px(67))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Number and name."""
        painter = QPainter(self)
        self._ground(painter)
        look, metrics = self.look, self.look.metrics
        high = metrics.line_px("title") + metrics.line_px("label")
        top = (self.height() - high) / 2
        start = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(look.color("text"))
        painter.setFont(look.font("title"))
        painter.drawText(QRectF(CARD_PADDING, top, self.width(), metrics.line_px("title")), start, self.value)
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("label"))
        below = QRectF(CARD_PADDING, top + metrics.line_px("title"), self.width(), metrics.line_px("label"))
        painter.drawText(below, start, self.label)
        painter.end()


class FoldLine(_Plain):
    """A line that unfolds what lies under it: icon, words, arrow."""

    def __init__(self, look: Look, icon: str, *, name: str) -> None:
        self._icon, self.words = icon, ""
        super().__init__(look, name, "展开")
        self.setCheckable(True)
        self.toggled.connect(self._say)

    def set_words(self, words: str) -> None:
        """Say something else."""
        self.words = words
        self._say()

    def sizeHint(self) -> QSize:
        """One line."""
        words = QFontMetrics(self.look.font("body")).horizontalAdvance(self.words)
        return QSize(words + self.look.metrics.px(100), self.look.metrics.px(46))

    def minimumSizeHint(self) -> QSize:
        """The words may be cut in a narrow window; they are spoken whole."""
        return QSize(self.look.metrics.px(160), self.look.metrics.px(46))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon, words, arrow."""
        painter = QPainter(self)
        self._ground(painter)
        look, metrics = self.look, self.look.metrics
        edge = metrics.icon
        middle = self.height() / 2 - edge / 2
        icons.paint(painter, self._icon, look.colors["textSecondary"], QRectF(16, middle, edge, edge))
        left, right = 16 + edge + 14, self.width() - 16 - edge
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("body"))
        spot = QRectF(left, 0, right - left - 8, self.height())
        words = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, int(spot.width()))
        painter.drawText(spot, int(Qt.AlignmentFlag.AlignVCenter), words)
        arrow = "chevron-up" if self.isChecked() else "chevron-down"
        icons.paint(painter, arrow, look.colors["textSecondary"], QRectF(right, middle, edge, edge))
        painter.end()

    def _say(self) -> None:
        self.setAccessibleName(f"{self.words}，{'收起' if self.isChecked() else '展开'}")
        self.setToolTip(self.words)
        self.updateGeometry()
        self.update()

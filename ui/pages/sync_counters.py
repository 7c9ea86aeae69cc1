"""The four numbers of the sync centre, and the line that tells what the chosen one leaves out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QSizePolicy, QWidget

from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, identify, row
from ui.widgets.buttons import LinkButton

HIGH, LOW = 74, 44
"""Height of a number with its name, in logical pixels: below it, or behind."""


class Counter(QPushButton):
    """One number with its name; chosen, it filters."""

    def __init__(self, look: Look, key: str, icon: str, words: str) -> None:
        super().__init__()
        self.look, self._icon, self.words, self.number = look, icon, words, 0
        self.last = self.low = False
        self.setProperty("kind", "painted")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        identify(self, f"sync.filter.{key}", words)
        look.follow(self, self.updateGeometry)

    def set_number(self, number: int) -> None:
        """Show another number."""
        self.number = number
        self.setAccessibleName(f"{self.words} {number} 项")
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines; one where the window is low."""
        return QSize(self.look.metrics.px(140), self.look.metrics.px(LOW if self.low else HIGH))

    minimumSizeHint = sizeHint  # noqa: N815 - Qt's name

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses like Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon and name, the number below or, in a low window, behind."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, metrics = self.look, self.look.metrics
        painter.fillRect(self.rect(), look.color("primarySubtle" if self.isChecked() else "surface"))
        edge = metrics.icon_small
        line, below = metrics.line_px("label"), metrics.line_px("title")
        top = (self.height() - (line if self.low else line + below)) / 2
        icons.paint(
            painter, self._icon, look.colors["textSecondary"], QRectF(16, top + (line - edge) / 2, edge, edge)
        )
        start = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("label"))
        mark = "✓ " if self.isChecked() and look.colors.high_contrast else ""
        painter.drawText(QRectF(16 + edge + 8, top, self.width(), line), start, f"{mark}{self.words}")
        painter.setPen(look.color("text"))
        if self.low:
            painter.setFont(look.font("bodyStrong"))
            behind = QRectF(0, top, self.width() - 16, line)
            painter.drawText(behind, start | Qt.AlignmentFlag.AlignRight, f"{self.number:,}")
        else:
            painter.setFont(look.font("title"))
            painter.drawText(QRectF(16, top + line, self.width(), below), start, f"{self.number:,}")
        if not self.last:
            painter.setPen(QPen(look.color("divider"), 2 if look.colors.high_contrast else 1))
            painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
        painter.end()


class CounterBar(QFrame):
    """The four numbers; ``chosen(key)``, empty when the choice is taken back. ←→ move."""

    chosen = Signal(str)

    def __init__(self, look: Look, counters: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        identify(self, "sync.filter.bar", "按情况看")
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self.counters: dict[str, Counter] = {}
        inside = row(spacing=1)
        inside.setContentsMargins(1, 1, 1, 1)
        for key, icon, words in counters:
            counter = Counter(look, key, icon, words)
            self.counters[key] = counter
            inside.addWidget(counter)
            counter.clicked.connect(self._pressed)
        counter.last = True
        self.setLayout(inside)
        self._look, self._low = look, False
        look.follow(self, self._fit)

    def set_low(self, low: bool) -> None:
        """Numbers behind their names, where the window has hardly room for the rows."""
        if low != self._low:
            self._low = low
            for counter in self.counters.values():
                counter.low = low
                counter.updateGeometry()
                counter.update()
            self._fit()

    def _fit(self) -> None:
        """Its full height in any window: the rows below scroll, the numbers do not."""
        self.setFixedHeight(self._look.metrics.px(LOW if self._low else HIGH) + 4)

    @property
    def value(self) -> str:
        """The chosen key; empty for all."""
        return next((key for key, counter in self.counters.items() if counter.isChecked()), "")

    def choose(self, key: str) -> None:
        """Choose one, or none with an empty key."""
        for name, counter in self.counters.items():
            counter.setChecked(name == key)
        self.chosen.emit(key)

    def step(self, direction: int) -> None:
        """←→: the neighbour, beginning with the first."""
        keys = list(self.counters)
        at = keys.index(self.value) + direction if self.value else 0
        self.choose(keys[at % len(keys)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """←→ choose the neighbour."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step(1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def _pressed(self) -> None:
        pressed = self.sender()
        for key, counter in self.counters.items():
            if counter is pressed:
                self.choose(key if counter.isChecked() else "")
                return


class LeftOut(QWidget):
    """What wants the person while another number is looked at. ``asked()``: 去看."""

    asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        identify(self, "sync.left_out", "不在这一格里的")
        self.words = Text("", role="label")
        self.button = LinkButton(look, "去看", name="sync.left_out.show", about="要您处理的")
        self.button.clicked.connect(self.asked)
        self.setLayout(
            row(IconLabel(look, "bell", color="dueToday.fg", edge=16), self.words, self.button, None)
        )
        self.hide()

    def show_number(self, number: int) -> None:
        """Tell of so many, spoken too; of none, nothing."""
        words = f"有 {number} 件要您处理的不在这一格里。" if number else ""
        told = self.words.text()
        self.words.setText(words)
        self.setVisible(bool(words))
        if words and words != told and self.isVisible():
            announce(self, words)

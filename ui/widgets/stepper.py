"""The horizontal steps of a piece of work: done, now, to come, and why a step cannot be entered yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import clear, identify, row

SPOKEN = {"done": "已完成", "now": "现在这一步", "todo": "还没到"}


@dataclass(frozen=True)
class Step:
    """One step: ``state`` is ``done``, ``now`` or ``todo``; ``reason`` says why it cannot be entered yet."""

    key: str
    title: str
    hint: str = ""
    state: str = "todo"
    reason: str = ""


class StepButton(QPushButton):
    """One step; reachable by keyboard even when it cannot be entered, and then says why.

    ``stacked`` sets the words under the circle and draws the line to the next step itself.
    """

    def __init__(
        self, look: Look, number: int, step: Step, total: int, name: str, *, stacked: bool = False
    ) -> None:
        super().__init__()
        self.look, self.number, self.step = look, number, step
        self._stacked, self._last = stacked, number == total
        fixed, grows = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(grows if stacked and not self._last else fixed, fixed)
        spoken = f"第 {number} 步，共 {total} 步，{step.title}，{SPOKEN[step.state]}"
        identify(self, name, spoken, step.reason or step.hint)
        self.setToolTip(step.reason)
        look.follow(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Circle, title and hint."""
        title = QFontMetrics(self.look.font("bodyStrong")).horizontalAdvance(self.step.title)
        hint = QFontMetrics(self.look.font("caption")).horizontalAdvance(self.step.hint)
        if self._stacked:
            high = 8 + self.look.metrics.px(30) + self.look.metrics.line_px("body")
            return QSize(max(title, hint) + 12, high + self.look.metrics.line_px("caption"))
        high = self.look.metrics.px(48 if self.step.hint else 34)
        return QSize(self.look.metrics.px(26) + 12 + max(title, hint), high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle with number or tick, title, hint."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, step = self.look, self.step
        edge = look.metrics.px(26)
        top = look.metrics.px(4)
        circle = QRectF(1, top, edge - 2, edge - 2)
        fill, line, ink = {
            "done": ("ok.bg", "ok.border", "ok.fg"),
            "now": ("primary", "primary", "onPrimary"),
            "todo": ("surface", "borderControl", "textSecondary"),
        }[step.state]
        painter.setPen(QPen(look.color(line), 1.5))
        painter.setBrush(look.color(fill))
        painter.drawEllipse(circle)
        if step.state == "done":
            inset = edge * 0.22
            icons.paint(
                painter, "check", look.color(ink).name(), circle.adjusted(inset, inset, -inset, -inset)
            )
        else:
            painter.setPen(look.color(ink))
            painter.setFont(look.font("label", bold=True))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self.number))
        if self._stacked:
            left, words_top, words_high = 0, top + edge + 4, look.metrics.line_px("body")
            self._line(painter, circle)
        else:
            left, words_top, words_high = edge + 8, top, edge - 2
        painter.setPen(look.color("textSecondary" if step.state == "todo" else "text"))
        painter.setFont(look.font("bodyStrong" if step.state == "now" else "body"))
        words = QRectF(left, words_top, self.width() - left, words_high)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, step.title)
        if step.hint:
            painter.setPen(look.color("textTertiary"))
            painter.setFont(look.font("caption"))
            low = words_top + words_high + (0 if self._stacked else 2)
            below = QRectF(left, low, self.width() - left, look.metrics.line_px("caption"))
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, step.hint)
        painter.end()

    def _line(self, painter: QPainter, circle: QRectF) -> None:
        """From this circle to the next."""
        if self._last:
            return
        done = self.step.state == "done"
        painter.setPen(QPen(self.look.color("ok.solid" if done else "border"), 2))
        y = round(circle.center().y())
        painter.drawLine(round(circle.right()) + 8, y, self.width() - 8, y)


class Stepper(QWidget):
    """The steps in one line; ``entered(key)`` when the person goes to a step that can be entered."""

    entered = Signal(str)

    def __init__(
        self, look: Look, spoken: str, steps: Sequence[Step] = (), *, name: str, stacked: bool = False
    ) -> None:
        super().__init__()
        self.look, self._stacked = look, stacked
        identify(self, name, spoken)
        self._row = row(spacing=0 if stacked else 8)
        self.setLayout(self._row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_steps(steps)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show ``steps``; the focus stays on the same step."""
        focused = self.focusWidget()
        held = focused.step.key if isinstance(focused, StepButton) and focused.hasFocus() else ""
        clear(self._row)
        self._buttons = []
        for number, step in enumerate(steps, start=1):
            key = f"{self.objectName()}.{step.key}"
            button = StepButton(self.look, number, step, len(steps), key, stacked=self._stacked)
            button.clicked.connect(self._pressed)
            self._buttons.append(button)
            self._row.addWidget(button)
            if number < len(steps) and not self._stacked:
                self._row.addWidget(StepLine(self.look, done=step.state == "done"), 1)
            if step.key == held:
                button.setFocus()

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, StepButton) and not button.step.reason:
            self.entered.emit(button.step.key)


class StepLine(QWidget):
    """The line between two steps."""

    def __init__(self, look: Look, *, done: bool) -> None:
        super().__init__()
        self.look, self.done = look, done
        self.setMinimumWidth(20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line at the height of the circles."""
        painter = QPainter(self)
        painter.setPen(QPen(self.look.color("ok.solid" if self.done else "border"), 2 if self.done else 1))
        y = self.look.metrics.px(4 + 12)
        painter.drawLine(0, y, self.width(), y)
        painter.end()

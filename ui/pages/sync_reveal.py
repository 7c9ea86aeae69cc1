"""Above two values that hold personal data: why they are to be seen, then how long they still show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.services.reveal import FIELD_SECONDS, REASONS
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button


class RevealBars(QWidget):
    """``asked(reason)`` when a reason was chosen, ``over()`` when the five minutes are."""

    asked = Signal(str)
    over = Signal()

    def __init__(self, look: Look, *, name: str) -> None:
        super().__init__()
        self.look = look
        self._reason, self._left = "", 0
        self.too_early: Callable[[], bool] = lambda: False
        """Whether nobody can have seen yet what is to be shown."""
        self._ask = self._reason_bar(name)
        self._shown_bar = QFrame()
        self._shown_bar.setProperty("kind", "infobar")
        self._shown_bar.setProperty("status", "dueSoon")
        self.shown = Text("", role="label", tone="dueSoon", wrap=True)
        seen = row(IconLabel(look, "eye", color="dueSoon.fg", edge=16), spacing=8)
        seen.addWidget(self.shown, 1)
        seen.setContentsMargins(12, 8, 12, 8)
        self._shown_bar.setLayout(seen)
        self.setLayout(column(self._ask, self._shown_bar, spacing=0))
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._second)

    @property
    def left(self) -> int:
        """Seconds for which plain values still show."""
        return self._left

    @property
    def first(self) -> QWidget | None:
        """The first reason."""
        return self._ask.findChild(Button)

    def begin(self) -> None:
        """Plain values come next; they show for five minutes."""
        self._left = FIELD_SECONDS

    def show_for(self, *, masked: bool) -> None:
        """The reasons while it is masked, else what is left of the time."""
        showing = bool(self._reason) and not masked and self._left > 0
        self._ask.setVisible(masked)
        self._shown_bar.setVisible(showing)
        self._timer.stop()
        if showing:
            self._timer.start()
            self._write_left()
        self.setVisible(masked or showing)

    def stop(self) -> None:
        """Nothing shows any more."""
        self._timer.stop()
        self._left, self._reason = 0, ""

    def ask(self, number: int) -> None:
        """The reason of a digit, from 1."""
        self._asker(list(REASONS)[number - 1])()

    def _reason_bar(self, name: str) -> QFrame:
        bar = QFrame()
        bar.setProperty("kind", "infobar")
        bar.setProperty("status", "dueSoon")
        identify(bar, f"{name}.reasons", "为什么要看原文")
        words = "这一处有个人信息，要比对先选显示的理由："
        inside = column(Text(words, role="label", tone="dueSoon", wrap=True), spacing=6)
        for start in (0, 2):
            line = row()
            for number, (key, label) in list(enumerate(REASONS.items(), start=1))[start : start + 2]:
                button = Button(self.look, f"{number}  {label}", name=f"{name}.reason.{key}", compact=True)
                button.clicked.connect(self._asker(key))
                line.addWidget(button)
            line.addStretch(1)
            inside.addLayout(line)
        inside.setContentsMargins(12, 8, 12, 8)
        bar.setLayout(inside)
        return bar

    def _asker(self, key: str) -> Callable[[], None]:
        def ask() -> None:
            if self.too_early():
                return
            self._reason = key
            self.asked.emit(key)

        return ask

    def _write_left(self) -> None:
        reason = REASONS.get(self._reason, "")
        left = f"{self._left // 60}:{self._left % 60:02d}"
        self.shown.setText(f"为比对已显示原文，理由“{reason}”，{left} 后遮挡")

    def _second(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._write_left()
        else:
            self.over.emit()

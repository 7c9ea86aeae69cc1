"""A line that tells how far something long is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button


class ProgressLine(QWidget):
    """How far something long is, with a button that stops it; or why it could not be done."""

    cancelled = Signal()

    def __init__(
        self, look: Look, *, name: str, stop: str = "不加了", about: str = "存材料的进度", inset: bool = True
    ) -> None:
        super().__init__()
        self.text = Text("", role="label", tone="textSecondary", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(look.metrics.px(8))
        identify(self.bar, f"{name}.bar", about)
        self.button = Button(look, stop, name=f"{name}.cancel", compact=True)
        self.button.clicked.connect(self.cancelled)
        inside = column(row(self.text, self.button), self.bar, spacing=4)
        inside.setContentsMargins(*((16, 8, 12, 8) if inset else (0, 4, 0, 0)))
        self.setLayout(inside)
        self.hide()

    def begin(self, text: str) -> None:
        """Start."""
        self.text.setText(text)
        self.text.set_tone("textSecondary")
        self.bar.setValue(0)
        self.bar.show()
        self.button.show()
        self.show()

    def advance(self, part: float, text: str = "") -> None:
        """Further on; with ``text`` saying of what, else the words it began with stay."""
        self.bar.setValue(round(part * 100))
        if text:
            self.text.setText(f"{text}，{round(part * 100)}%")

    def finish(self) -> None:
        """Done."""
        self.hide()

    def tell(self, text: str) -> None:
        """Say why it was not done."""
        self.text.setText(text)
        self.text.set_tone("overdue")
        self.bar.hide()
        self.button.hide()
        self.show()

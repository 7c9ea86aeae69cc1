"""What stands where content is missing or late: empty states, skeleton rows, information bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, column, identify, row
from ui.widgets.buttons import Button

SHOW_AFTER_MS = 400
CANCEL_AFTER_MS = 5000


class EmptyState(QWidget):
    """Nothing here: one sentence that says so and what will come, and perhaps one thing to do."""

    acted = Signal()

    def __init__(
        self, look: Look, text: str, *, name: str, icon: str = "inbox", hint: str = "", action: str = ""
    ) -> None:
        super().__init__()
        identify(self, name, text, hint)
        self.text = Text(text, tone="textSecondary", wrap=True)
        self.hint = Text(hint, role="label", tone="textTertiary", wrap=True)
        if not hint:
            self.hint.hide()
        center = Qt.AlignmentFlag.AlignHCenter
        self.text.setAlignment(center)
        self.hint.setAlignment(center)
        picture = IconLabel(look, icon, color="textTertiary", edge=32)
        inside = column(None, row(None, picture, None), self.text, self.hint, spacing=10)
        self.button = Button(look, action or text, name=f"{name}.act")
        if not action:
            self.button.hide()
        self.button.clicked.connect(self.acted)
        inside.addLayout(row(None, self.button, None))
        inside.addStretch(1)
        inside.setContentsMargins(24, 24, 24, 24)
        self.setLayout(inside)

    def set_texts(self, text: str, hint: str = "") -> None:
        """Say something else."""
        self.text.setText(text)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.setAccessibleName(text)


class SkeletonRows(QWidget):
    """Grey rows with one sentence about what is being opened.

    :meth:`begin` shows nothing for 400 ms, then the rows, and after 5 s a button that cancels
    (``cancelled``). :meth:`finish` takes all away. There is no movement.
    """

    cancelled = Signal()

    def __init__(self, look: Look, *, name: str, rows: int = 6) -> None:
        super().__init__()
        self.look, self._rows = look, rows
        identify(self, name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.text = Text("", tone="textSecondary")
        self.button = Button(look, "不等了", name=f"{name}.cancel", compact=True)
        self.button.clicked.connect(self._cancel)
        inside = column(row(self.text, self.button, None), None)
        inside.setContentsMargins(16, 12, 16, 12)
        self.setLayout(inside)
        self._show = QTimer(self)
        self._show.setSingleShot(True)
        self._show.timeout.connect(self._late)
        self._offer = QTimer(self)
        self._offer.setSingleShot(True)
        self._offer.timeout.connect(self.button.show)
        self.hide()

    def begin(self, text: str) -> None:
        """Start waiting; ``text`` says what is being done: 正在打开 1,284 件案件…"""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.button.hide()
        self._show.start(SHOW_AFTER_MS)
        self._offer.start(CANCEL_AFTER_MS)

    def finish(self) -> None:
        """What was waited for is here."""
        self._show.stop()
        self._offer.stop()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Grey lines of unequal length."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.color("divider"))
        high, top = self.look.metrics.row, self.look.metrics.px(56)
        for number in range(self._rows):
            width = self.width() * (0.82 - 0.12 * (number % 3))
            bar = QRectF(16, top + number * high, width, self.look.metrics.px(16))
            painter.drawRoundedRect(bar, 4, 4)
        painter.end()

    def sizeHint(self) -> QSize:
        """Room for the rows."""
        return QSize(300, self.look.metrics.px(56) + self._rows * self.look.metrics.row)

    def _late(self) -> None:
        self.show()
        announce(self, self.text.text())

    def _cancel(self) -> None:
        self.finish()
        self.cancelled.emit()


class InfoBar(QFrame):
    """A bar above the content: icon, a bold sentence, an explanation, and what can be done."""

    acted = Signal()

    def __init__(
        self,
        look: Look,
        status: str,
        title: str,
        text: str = "",
        *,
        name: str,
        icon: str = "",
        action: str = "",
    ) -> None:
        super().__init__()
        self.look = look
        self.setProperty("kind", "infobar")
        self.setProperty("status", status)
        identify(self, name)
        from_status = {"offline": "cloud-off", "overdue": "octagon-alert", "dueToday": "alarm-clock"}
        self.picture = IconLabel(look, icon or from_status.get(status, "info"), color=f"{status}.fg")
        self.title = Text(title, role="bodyStrong", tone=status)
        self.text = Text(text, role="label", tone=status, wrap=True)
        self.button = Button(look, action or title, name=f"{name}.act", compact=True)
        for part, wanted in ((self.text, text), (self.button, action)):
            if not wanted:
                part.hide()
        self.button.clicked.connect(self.acted)
        words = column(self.title, self.text, spacing=2)
        self._line = inside = row(self.picture, words, self.button, spacing=10)
        inside.setStretch(1, 1)
        inside.setContentsMargins(14, 8, 12, 8)
        self.setLayout(inside)
        # Not Maximum: words that wrap into more lines than the hint foresaw would be cut.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def set_texts(self, title: str, text: str = "") -> None:
        """Say something else."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))

    def add_act(self, button: Button) -> None:
        """One more thing that can be done, before that of :attr:`acted`."""
        self._line.insertWidget(self._line.indexOf(self.button), button)
        QWidget.setTabOrder(button, self.button)

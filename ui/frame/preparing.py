"""What covers the window while a profile is being made ready: one sentence and a quiet bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from ui.theme.look import Look
from ui.widgets.base import Text, announce, column, identify, row


class Preparing(QFrame):
    """Covers its host; says what is being done."""

    def __init__(self, look: Look, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setProperty("kind", "lock")
        identify(self, "preparing.screen.cover", "正在准备")
        self._title = Text("", role="title")
        self._text = Text("", tone="textSecondary")
        for text in (self._title, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(look.metrics.px(320))
        identify(self._bar, "preparing.progress.bar", "进度")
        self.setLayout(column(None, self._title, self._text, 12, row(None, self._bar, None), None, None))
        host.installEventFilter(self)
        self.hide()

    def say(self, title: str, text: str) -> None:
        """Cover the window and say it."""
        self._title.setText(title)
        self._text.setText(text)
        self.setGeometry(self._host.rect())
        if (focused := self._host.focusWidget()) is not None:
            focused.clearFocus()
        self.show()
        self.raise_()
        announce(self, title)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the host whatever its size."""
        if watched is self._host and isinstance(event, QResizeEvent) and self.isVisible():
            self.setGeometry(self._host.rect())
        return False

"""The failure dialog: three sentences, and under 详细 a code and place that can be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.dialogs.base import Dialog
from ui.failures.texts import FailureText
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button, LinkButton


class FailureDialog(Dialog):
    """Tells one failure. ``retry`` shows 再试一次 and makes :meth:`exec` give ``Accepted`` for it."""

    def __init__(
        self, look: Look, failure: FailureText, parent: QWidget | None = None, *, retry: bool = False
    ) -> None:
        super().__init__(parent)
        self.failure = failure
        self.setWindowTitle(failure.title)
        self.setFixedWidth(look.metrics.px(tokens.size("dialogWidth", "small")))
        identify(self, "failure.dialog", failure.title, failure.text)
        icon, color = ("info", "info.fg") if failure.kind == "user" else ("circle-alert", "dueToday.fg")
        head = row(IconLabel(look, icon, color=color, edge=24), Text(failure.title, role="section"), None)
        self._detail = QPlainTextEdit(f"{failure.code}\n{failure.detail}".strip())
        self._detail.setReadOnly(True)
        self._detail.setFixedHeight(look.metrics.px(140))
        identify(self._detail, "failure.detail.text", "详细")
        self._detail.hide()
        self.more = LinkButton(look, "详细", name="failure.detail.show", about=failure.title)
        self.copy = LinkButton(look, "复制", name="failure.detail.copy", icon="copy", about="详细")
        self.copy.hide()
        self.close_button = Button(look, "知道了", name="failure.dialog.close")
        self.retry_button = Button(look, "再试一次", name="failure.dialog.retry", icon="refresh-cw")
        self.retry_button.setVisible(retry)
        self.more.clicked.connect(self._show_detail)
        self.copy.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.reject)
        self.retry_button.clicked.connect(self.accept)
        foot = row(self.more, self.copy, None, self.retry_button, self.close_button)
        inside = column(
            Text(failure.text, wrap=True, selectable=True),
            Text(failure.next_step, tone="textSecondary", wrap=True),
            self._detail,
            spacing=12,
        )
        self.arrange(head, inside, foot, margins=(20, 18, 20, 16))
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_detail(self) -> None:
        self._detail.show()
        self.copy.show()
        self.more.hide()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._detail.toPlainText())

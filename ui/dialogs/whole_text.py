"""看全文: all particulars of something that was written, to be read and not changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.dialogs.base import Dialog
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import PrimaryButton


class WholeTextDialog(Dialog):
    """Names and texts, one below the other; ``note`` says what is masked."""

    def __init__(
        self,
        look: Look,
        title: str,
        lines: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
        *,
        note: str = "",
    ) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(title)
        self.setMinimumWidth(look.metrics.px(tokens.size("dialogWidth", "medium")))
        identify(self, "whole.dialog", title, note)
        body = column(spacing=10)
        self.texts: list[Text] = []
        for name, text in lines:
            value = Text(text, wrap=True, selectable=True)
            identify(value, "whole.text.value", f"{name}：{text}")
            self.texts.append(value)
            body.addLayout(column(Text(name, role="label", tone="textSecondary"), value, spacing=2))
        body.addStretch(1)
        close = PrimaryButton(look, "关上", name="whole.close", show_keys=False)
        close.clicked.connect(self.accept)
        head = column(Text(title, role="section", wrap=True), spacing=2)
        if note:
            head.addWidget(Text(note, role="label", tone="textSecondary", wrap=True))
        self.arrange(head, body, row(None, close))
        self._middle = self._body
        close.setFocus()

    def done(self, result: int) -> None:
        """Hold nothing of what was read."""
        for text in self.texts:
            text.setText("")
        super().done(result)

"""Help for the page in front: what it is for (F1) and all its keys (Ctrl+/)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.dialogs.base import Dialog
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, shortcut_text

if TYPE_CHECKING:
    from ui.shell import Shell

Keys = Sequence[tuple[str, str]]


class HelpDialog(Dialog):
    """A title, some sentences, and keys in groups."""

    def __init__(
        self, look: Look, title: str, text: str, groups: Sequence[tuple[str, Keys]], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        identify(self, "shell.help.dialog", title)
        wide = look.metrics.px(tokens.size("dialogWidth", "medium"))
        inner = column(spacing=12)
        if text:
            inner.addWidget(Text(text, wrap=True, selectable=True))
        for heading, keys in groups:
            inner.addWidget(Text(heading, role="bodyStrong"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(16)
            grid.setColumnStretch(1, 1)
            for number, (key, words) in enumerate(keys):
                grid.addWidget(Text(shortcut_text(key), role="label", tone="textSecondary"), number, 0)
                grid.addWidget(Text(words, role="label", wrap=True), number, 1)
            inner.addLayout(grid)
        inner.addStretch(1)
        close = Button(look, "知道了", name="shell.help.close")
        close.clicked.connect(self.accept)
        self.arrange(Text(title, role="section"), inner, row(None, close), margins=(20, 16, 20, 12))
        self.setMaximumHeight(look.metrics.px(640))
        self.resize(wide, 0)
        close.setFocus()


def open_help(shell: Shell, title: str, text: str) -> None:
    """Show it over the window without stopping anything: when that locks, it goes aside like any dialog."""
    dialog = HelpDialog(shell.look, title, text, shell.keys.groups(), shell)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()

"""Help for the page in front: what it is for (F1) and all its keys (Ctrl+/)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QWidget

from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, shortcut_text

Keys = Sequence[tuple[str, str]]


class HelpDialog(QDialog):
    """A title, some sentences, and keys in groups."""

    def __init__(
        self, look: Look, title: str, text: str, groups: Sequence[tuple[str, Keys]], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        identify(self, "shell.help.dialog", title)
        wide = look.metrics.px(tokens.size("dialogWidth", "medium"))
        inner = column(Text(title, role="section"), spacing=12)
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
        inner.setContentsMargins(20, 16, 20, 16)
        page = QWidget()
        page.setProperty("kind", "scrolled")
        page.setLayout(inner)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        close = Button(look, "知道了", name="shell.help.close")
        close.clicked.connect(self.accept)
        foot = row(None, close)
        foot.setContentsMargins(20, 8, 20, 12)
        outer = column(area, foot, spacing=0)
        self.setLayout(outer)
        self.resize(wide, min(page.sizeHint().height() + 80, look.metrics.px(600)))
        close.setFocus()

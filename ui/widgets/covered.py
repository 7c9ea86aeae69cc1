"""A line for what is personal: open while it is written, covered when it is left (界面设计 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ui.widgets.base import FocusOutWatcher
from ui.widgets.fields import LineEdit


class CoveredEdit(LineEdit):
    """Shows what is typed while the cursor is in it, and the covered form when it is left (遮挡 6)."""

    def __init__(self, spoken: str, cover: Callable[[str], str], *, name: str, placeholder: str = "") -> None:
        super().__init__(spoken, name=name, placeholder=placeholder)
        self._cover, self._plain, self._covered = cover, "", False
        self.textEdited.connect(self._typed)
        FocusOutWatcher(self, self.cover)

    def plain(self) -> str:
        """What was typed."""
        return self._plain.strip()

    def set_plain(self, text: str) -> None:
        """Take a text, covered unless the cursor is here."""
        self._plain = text
        self._covered = False
        self.setText(text)
        if not self.hasFocus():
            self.cover()

    def cover(self) -> None:
        """Show the covered form."""
        if self._plain.strip():
            self._covered = True
            self.setText(self._cover(self._plain))

    def focusInEvent(self, event: Any) -> None:
        """The original shows while it is written."""
        if self._covered:
            self._covered = False
            self.setText(self._plain)
        super().focusInEvent(event)

    def _typed(self, text: str) -> None:
        self._plain = text

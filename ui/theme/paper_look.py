"""The look on white paper: the light scheme, whatever the window around it has.

Paper stays white in every scheme, so what stands on it is drawn in the light one: dark ink, dark icons,
fields with dark words. Sizes and fonts follow the window.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QFont

from ui.theme import qss, tokens
from ui.theme.look import Look


class PaperLook(Look):
    """A :class:`Look` for widgets on paper. It changes when ``around`` does and changes nothing itself."""

    def __init__(self, around: Look) -> None:
        QObject.__init__(self, around)
        self._around = around
        self._mode = "light"
        self._font_cache: dict[tuple[str, str, bool], QFont] = {}
        self.metrics = around.metrics
        self.colors = tokens.colors("light")
        around.changed.connect(self._renew)

    @property
    def animations(self) -> bool:
        """As around the paper."""
        return self._around.animations

    def set_mode(self, mode: str) -> None:
        """Paper has one mode. Raises ``ValueError`` for another."""
        if mode != "light":
            raise ValueError(f"paper is always light: {mode}")

    def style_sheet(self) -> str:
        """The application's style sheet in the paper's colours, for the widget that is the paper."""
        return qss.build(self.colors, self.metrics)

    def _renew(self) -> None:
        self._font_cache.clear()
        self.changed.emit()

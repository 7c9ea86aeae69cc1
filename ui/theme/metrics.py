"""Sizes that follow the person's type scale (字号倍率 100, 125, 150 %)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.theme import tokens

SCALES = (1.0, 1.25, 1.5)


class Metrics(QObject):
    """Scaled sizes. The scale multiplies type, control and row heights and icons; spacing it leaves alone."""

    scaleChanged = Signal(float)  # noqa: N815 - the name the design gives this signal

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scale = 1.0

    @property
    def scale(self) -> float:
        """The scale in force: 1.0, 1.25 or 1.5."""
        return self._scale

    def set_scale(self, scale: float) -> None:
        """Take ``scale`` at once. Raises ``ValueError`` for one that is not offered."""
        if scale not in SCALES:
            raise ValueError(f"no such scale: {scale}")
        if scale != self._scale:
            self._scale = scale
            self.scaleChanged.emit(scale)

    def step(self, direction: int) -> None:
        """One step larger (+1) or smaller (-1); stays at the ends."""
        index = SCALES.index(self._scale) + direction
        self.set_scale(SCALES[min(max(index, 0), len(SCALES) - 1)])

    def px(self, at_100: float) -> int:
        """``at_100`` pixels under the scale."""
        return round(at_100 * self._scale)

    def logical(self, pixels: int) -> float:
        """Window pixels as logical pixels: how much room there is for text of this size."""
        return pixels / self._scale

    def type_px(self, role: str) -> int:
        """Pixel size of a step of the type scale."""
        return self.px(tokens.type_scale()[role].size)

    def line_px(self, role: str) -> int:
        """Line height of a step of the type scale."""
        return self.px(tokens.type_scale()[role].line)

    @property
    def control(self) -> int:
        """Height of buttons and fields."""
        return self.px(tokens.size("controlHeight", "default"))

    @property
    def control_compact(self) -> int:
        """Height of buttons inside rows and card headers."""
        return self.px(tokens.size("controlHeight", "compact"))

    @property
    def control_large(self) -> int:
        """Height of a field and button that stand alone on a screen."""
        return self.px(tokens.size("controlHeight", "large"))

    @property
    def hit(self) -> int:
        """Smallest target for the mouse."""
        return self.px(tokens.size("minHitTarget", "pointer"))

    @property
    def row(self) -> int:
        """Height of a table row."""
        return self.px(tokens.size("rowHeight", "default"))

    @property
    def row_two_line(self) -> int:
        """Height of a list row of two lines; the mock-ups leave 67 px for it at 100 %."""
        return self.px(tokens.size("rowHeight", "twoLine") + 7)

    @property
    def icon(self) -> int:
        """Edge of an icon."""
        return self.px(tokens.size("icon", "default"))

    @property
    def icon_small(self) -> int:
        """Edge of an icon in a tag or a line of small text."""
        return self.px(tokens.size("icon", "small"))

    @property
    def rail_width(self) -> int:
        """Width of the narrow navigation."""
        return self.px(tokens.size("nav", "rail"))

    def rail_at(self, window_width: int) -> bool:
        """Whether a window of this width has the narrow navigation."""
        return self.logical(window_width) < tokens.size("nav", "railBelowLogicalWidth")

"""One of several short choices as chips: click, arrow keys or digit choose; Tab goes past them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.theme.look import Look
from ui.widgets.base import identify
from ui.widgets.flow import FlowLayout

STEPS = {
    Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1,
}  # fmt: skip


class ChoiceChip(QPushButton):
    """One choice; the chosen one carries a tick."""

    def __init__(self, look: Look, spoken: str, text: str, *, name: str) -> None:
        super().__init__(text)
        self.look, self._spoken = look, spoken
        self.setProperty("kind", "chip")
        self.setCheckable(True)
        self.setAutoDefault(False)
        identify(self, name)
        self.choose(on=False)
        look.follow(self, self.restyle)

    def choose(self, *, on: bool) -> None:
        """Chosen or not."""
        self.setChecked(on)
        self.setAccessibleName(f"{self._spoken}：{self.text()}{'，已选' if on else ''}")
        self.restyle()

    def nextCheckState(self) -> None:
        """The group decides what a click means."""

    def restyle(self) -> None:
        """The tick in the present colour."""
        edge = self.look.metrics.icon_small
        self.setIcon(self.look.icon("check", "link", edge) if self.isChecked() else QIcon())
        self.setIconSize(QSize(edge, edge))


class ChipChoice(QWidget):
    """Chips of which one is chosen at most. ``chosen(key)`` when the person chooses.

    Inside, arrows go from chip to chip and a digit chooses the chip at that place, as long as both are in
    sight; Tab enters at the chosen one, or the first, and leaves.
    """

    chosen = Signal(str)

    def __init__(self, look: Look, spoken: str, choices: Sequence[tuple[str, str]], *, name: str) -> None:
        super().__init__()
        self.look, self.value = look, ""
        identify(self, name, spoken)
        self.chips: dict[str, ChoiceChip] = {}
        self.flow = FlowLayout()
        for key, text in choices:
            chip = ChoiceChip(look, spoken, text, name=f"{name}.{key}")
            chip.clicked.connect(self._chooser(key))
            self.chips[key] = chip
            self.flow.addWidget(chip)
        self.setLayout(self.flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._enter_at(next(iter(self.chips), ""))

    def choose(self, key: str) -> None:
        """Show ``key`` as chosen; an unknown or empty one clears the choice."""
        self.value = key if key in self.chips else ""
        for one, chip in self.chips.items():
            chip.choose(on=one == self.value)
        self._enter_at(self.value or self._keys_in_sight()[0])

    def set_order(self, keys: Sequence[str]) -> None:
        """Put the chips in another order; keys left out stay behind."""
        rest = [key for key in self.chips if key not in keys]
        self.chips = {key: self.chips[key] for key in (*(k for k in keys if k in self.chips), *rest)}
        while self.flow.takeAt(0) is not None:
            pass
        for chip in self.chips.values():
            self.flow.addWidget(chip)
        self._enter_at(self.value or self._keys_in_sight()[0])

    def focus_here(self) -> None:
        """Give the keyboard to the chosen chip, or the first."""
        self.chips[self.value or self._keys_in_sight()[0]].setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, digits choose."""
        keys = self._keys_in_sight()
        at = next((n for n, key in enumerate(keys) if self.chips[key].hasFocus()), -1)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        step = STEPS.get(Qt.Key(event.key()))
        if at >= 0 and plain and step is not None:
            self.chips[keys[(at + step) % len(keys)]].setFocus(Qt.FocusReason.TabFocusReason)
            return
        if at >= 0 and plain and event.text().isdecimal() and 0 < int(event.text()) <= len(keys):
            chip = self.chips[keys[int(event.text()) - 1]]
            chip.setFocus(Qt.FocusReason.TabFocusReason)
            chip.click()
            return
        super().keyPressEvent(event)

    def _keys_in_sight(self) -> list[str]:
        return [key for key, chip in self.chips.items() if not chip.isHidden()] or list(self.chips)

    def _enter_at(self, key: str) -> None:
        """Tab stops at this chip only."""
        for one, chip in self.chips.items():
            stops = Qt.FocusPolicy.StrongFocus if one == key else Qt.FocusPolicy.ClickFocus
            chip.setFocusPolicy(stops)

    def _chooser(self, key: str) -> Callable[[], None]:
        def choose() -> None:
            self.choose(key)
            self.chosen.emit(key)

        return choose

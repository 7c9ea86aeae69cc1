"""什么纠纷: one of the 18 classes, the usual ones first; the rest are shown when asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.taxonomy import dispute_kinds
from ui.theme.look import Look
from ui.widgets.base import Text, bring_into_view, column
from ui.widgets.buttons import LinkButton
from ui.widgets.chip_choice import ChipChoice

COMMON = 6
"""Kinds shown before 全部 18 类."""


class KindChooser(QWidget):
    """The chips, and the sentence under them when one must be chosen. ``chosen(code)``."""

    chosen = Signal(str)

    def __init__(self, look: Look, *, name: str) -> None:
        super().__init__()
        kinds = dispute_kinds()
        self.choice = ChipChoice(
            look, "纠纷类型", [(k.code, k.name) for k in kinds.values()], name=f"{name}.kind"
        )
        self.choice.chosen.connect(self._chosen)
        self.all_kinds = LinkButton(look, f"全部 {len(kinds)} 类", name=f"{name}.kinds.all")
        self.all_kinds.clicked.connect(lambda: self._show(every=True))
        self.problem = Text("", role="caption", tone="overdue", wrap=True)
        self.problem.hide()
        self.setLayout(column(self.choice, self.problem, spacing=8))
        self._every = False
        self._show(every=False)

    @property
    def value(self) -> str:
        """Code of the chosen class; empty before one is chosen."""
        return self.choice.value

    def choose(self, code: str) -> None:
        """Show ``code`` as chosen; empty clears."""
        self.choice.choose(code)
        self.show_problem("")
        self._show(every=self._every)

    def set_order(self, codes: Sequence[str]) -> None:
        """The usual ones first."""
        self.choice.set_order(codes)
        self._show(every=self._every)

    def show_problem(self, words: str) -> None:
        """Say under the chips what is the matter, or nothing more."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def take_focus(self) -> None:
        """Lead here: the chips and what is said under them in sight."""
        self.choice.focus_here()
        bring_into_view(self.choice, self.problem)

    def _chosen(self, code: str) -> None:
        self.show_problem("")
        self._show(every=self._every)
        self.chosen.emit(code)

    def _show(self, *, every: bool) -> None:
        self._every = every
        for number, (code, chip) in enumerate(self.choice.chips.items()):
            chip.setVisible(every or number < COMMON or code == self.choice.value)
        if every:
            # Never shown from here: before its page places it, it would be a window of its own.
            self.all_kinds.hide()

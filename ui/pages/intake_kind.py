"""纠纷类型 of 来访登记: one of the 18 classes as a chip."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton

from ui.theme.look import Look
from ui.widgets.base import identify


class KindChip(QPushButton):
    """One class of disputes; the chosen one carries a tick."""

    def __init__(self, look: Look, kind: str, *, name: str) -> None:
        super().__init__(kind)
        self.look, self._kind = look, kind
        self.setProperty("kind", "chip")
        self.setCheckable(True)
        self.setAutoDefault(False)
        identify(self, name)
        self.choose(on=False)
        look.follow(self, self.restyle)

    def choose(self, *, on: bool) -> None:
        """Chosen or not."""
        self.setChecked(on)
        self.setAccessibleName(f"纠纷类型：{self._kind}{'，已选' if on else ''}")
        self.restyle()

    def nextCheckState(self) -> None:
        """The page decides what a click means."""

    def restyle(self) -> None:
        """The tick in the present colour."""
        edge = self.look.metrics.icon_small
        self.setIcon(self.look.icon("check", "link", edge) if self.isChecked() else QIcon())
        self.setIconSize(QSize(edge, edge))

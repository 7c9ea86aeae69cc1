"""One way on after mediation failed, as a card to be ticked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout

from app.domain import exits
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.choices import CheckBox
from ui.widgets.tags import StatusTag

TAGS = {"适合": ("ok", "circle-check"), "要双方同意": ("info", "users"), "建议同时做": ("ok", "circle-check")}


class RouteCard(QFrame):
    """One way on; ticked, it goes into the notice. ``changed()`` when ticked."""

    changed = Signal()

    def __init__(self, look: Look, route: exits.Route, *, on: bool) -> None:
        super().__init__()
        self.look, self.route = look, route
        self.setProperty("kind", "routecard")
        identify(self, f"exit.route.{route.code}", route.name)
        status, icon = TAGS.get(route.tag, ("neutral", "info"))
        tag = StatusTag(look, status, route.tag, icon=icon)
        body = column(row(Text(route.name, role="section"), None, tag), spacing=6)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for number, line in enumerate(route.rows):
            grid.addWidget(Text(line.label, role="label", tone="textSecondary"), number, 0)
            grid.addWidget(Text(line.text, role="label", wrap=True), number, 1)
        body.addLayout(grid)
        body.addStretch(1)
        self.box = CheckBox(look, "写进告知书", name=f"exit.choose.{route.code}")
        self.box.setAccessibleName(f"写进告知书，{route.name}")
        self.box.setChecked(on)
        self.box.toggled.connect(self._toggled)
        body.addWidget(self.box)
        body.setContentsMargins(16, 12, 16, 8)
        self.setLayout(body)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """A chosen way stands out."""
        c, on = self.look.colors, self.box.isChecked()
        line, width = (c["primary"], 2) if on else (c["border"], 1)
        fill = c["primarySubtle"] if on else c["surface"]
        self.setStyleSheet(
            f'QFrame[kind="routecard"] {{ background: {fill}; border: {width}px solid {line};'
            " border-radius: 8px; }"
        )

    def _toggled(self, _on: bool) -> None:
        self.restyle()
        self.changed.emit()

"""One way on after mediation failed, as a card to be ticked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout

from app.domain import exits
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, column, identify, row
from ui.widgets.choices import CheckBox
from ui.widgets.tags import StatusTag

TAGS = {"适合": ("ok", "circle-check"), "要双方同意": ("info", "users"), "建议同时做": ("ok", "circle-check")}


ICONS = {
    "suit": "gavel", "arbitration": "scale", "agree_arbitration": "scale", "labour_arbitration": "scale",
    "labour_inspection": "megaphone", "rural_arbitration": "scale", "payment_order": "file-text",
    "undisputed": "list-checks", "missing": "gavel",
}  # fmt: skip
"""By the code of the way in ``resources/legal/exits.json``."""


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
        picture = IconLabel(look, ICONS.get(route.code, "signpost"))
        name = Text(route.name, role="section", wrap=True)
        head = row(picture, name, tag, spacing=10)
        head.setStretch(1, 1)
        body = column(head, spacing=8)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for number, line in enumerate(route.rows):
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(Text(line.label, role="label", tone="textSecondary"), number, 0, top)
            grid.addWidget(Text(line.text, role="label", wrap=True), number, 1, top)
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
        line, width = (c["primary"], 2) if on else (c["border"], 2 if c.high_contrast else 1)
        fill = c["primarySubtle"] if on else c["surface"]
        self.setStyleSheet(
            f'QFrame[kind="routecard"] {{ background: {fill}; border: {width}px solid {line};'
            " border-radius: 8px; }"
        )

    def _toggled(self, _on: bool) -> None:
        self.restyle()
        self.changed.emit()

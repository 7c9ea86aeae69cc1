"""The ways on after mediation failed, as cards to be ticked; once the notice went out, what it told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.domain import exits
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, bring_into_view, clear, column, identify, row
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
    """One way on; ticked, it goes into the notice. ``changed()`` when ticked. ``told``: it went there."""

    changed = Signal()

    def __init__(self, look: Look, route: exits.Route, *, on: bool, told: bool = False) -> None:
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
        self.box = CheckBox(look, "已写进告知书" if told else "写进告知书", name=f"exit.choose.{route.code}")
        self.box.setAccessibleName(f"写进告知书，{route.name}")
        self.box.setChecked(on)
        self.box.setEnabled(not told)
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


class RouteCards(QWidget):
    """可以走的路: the cards side by side under their heading. ``changed()`` when one is ticked."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "exit.routes", "可以走的路")
        self.cards: list[RouteCard] = []
        self._ticks: dict[str, bool] = {}
        """By code, also of ways that the answers do not offer now."""
        self.title = Text("", role="section")
        self.note = Text("", tone="textSecondary")
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        for side in (0, 1):
            self._grid.setColumnStretch(side, 1)
        self.message = Text("", role="caption", tone="overdue", wrap=True)
        self.message.hide()
        head = column(row(self.title, self.note, None), self.message, spacing=4)
        self.setLayout(column(head, self._grid, spacing=14))

    def forget(self) -> None:
        """What was ticked for the case before is nothing to this one."""
        self.cards = []
        self._ticks = {}

    def show_problem(self, text: str) -> None:
        """Say above the cards what is lacking, and give the keyboard to the first of them."""
        self.message.setText(text)
        self.message.show()
        announce(self.message, text)
        if self.cards:
            self.cards[0].box.setFocus()
            bring_into_view(self.cards[0].box, self.message)

    def offer(
        self, routes: Iterable[exits.Route], chosen: Sequence[str] | None = None, *, recorded: bool
    ) -> None:
        """Show what can be chosen; ticked are ``chosen``.

        Without them each way is as it was left, also one that other answers took away meanwhile; one that
        was never shown is ticked where it is suggested. ``recorded``: a session recorded facts nobody
        disputes.
        """
        self._begin("可以走的路", "选一条或几条，会写进告知书")
        for number, route in enumerate(routes):
            if chosen is not None:
                self._ticks[route.code] = route.code in chosen
            on = self._ticks.setdefault(route.code, exits.suggested(route, recorded=recorded))
            card = RouteCard(self.look, route, on=on)
            card.changed.connect(self._ticked)
            self.cards.append(card)
            self._grid.addWidget(card, number // 2, number % 2)

    def tell(self, told: Sequence[exits.Route | str]) -> None:
        """Show what the notice that went out told; nothing of it can be changed any more."""
        self._begin("已告知的路", "写在终止调解告知书里，不再改" if told else "没有告知救济途径")
        for number, one in enumerate(told):
            shown: QWidget
            if isinstance(one, str):
                shown = Text(one, wrap=True)
            else:
                shown = RouteCard(self.look, one, on=True, told=True)
                self.cards.append(shown)
            self._grid.addWidget(shown, number // 2, number % 2)

    def chosen(self) -> tuple[exits.Route, ...]:
        """The ways ticked."""
        return tuple(card.route for card in self.cards if card.box.isChecked())

    def _ticked(self) -> None:
        self._ticks.update((card.route.code, card.box.isChecked()) for card in self.cards)
        self.message.hide()
        self.changed.emit()

    def _begin(self, title: str, note: str) -> None:
        self.title.setText(title)
        self.note.setText(note)
        self.message.hide()
        clear(self._grid)
        self.cards = []

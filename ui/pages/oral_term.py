"""什么时候做完: done on the spot, a day, or several payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain import casefile as cf
from app.services.oral import Term
from ui.pages.agreement_editor_payments import DAY_WIDTH, PaymentRow
from ui.theme.look import Look
from ui.widgets.base import Text, bring_into_view, clear, column, row
from ui.widgets.buttons import LinkButton
from ui.widgets.chip_choice import ChipChoice
from ui.widgets.dates import DateField, Today

DAYS: Mapping[str, int] = {"today": 0, "days3": 3, "days7": 7}
"""Ways that name a day by how many days from today."""
WAYS = (
    ("done", "当场已做完"), ("today", "今天之内"), ("days3", "3 天内"), ("days7", "7 天内"),
    ("day", "选日期"), ("parts", "分几次付"),
)  # fmt: skip


class TermChoice(QWidget):
    """``changed()`` on each choice and edit. ``who`` gives the parties by id and what they are called."""

    changed = Signal()

    def __init__(self, look: Look, today: Today, who: Callable[[], Sequence[tuple[str, str]]]) -> None:
        super().__init__()
        self.look, self._today, self._who = look, today, who
        self.ways = ChipChoice(look, "什么时候做完", WAYS, name="oral.term")
        self.ways.chosen.connect(self._chosen)
        self.day = DateField(look, "最迟哪天做完", name="oral.term.day.date", today=today)
        self.day.setFixedWidth(look.metrics.px(DAY_WIDTH))
        self.day.changed.connect(lambda _day: self._edited())
        self.day.edit.textEdited.connect(lambda _text: self._edited())
        self._day_line = QWidget()
        self._day_line.setLayout(row(self.day, Text("（含当天）前做完"), None))
        self.payments: list[PaymentRow] = []
        self._rows = column(spacing=8)
        self.add_button = LinkButton(look, "再加一次", name="oral.term.payment.add", icon="plus")
        self.add_button.clicked.connect(self.add_payment)
        self._parts = QWidget()
        self._parts.setLayout(column(self._rows, row(self.add_button, None), spacing=8))
        self.said = Text("", role="label", tone="textSecondary", wrap=True)
        self.problem = Text("", role="caption", tone="overdue", wrap=True)
        self.problem.hide()
        self.setLayout(column(self.ways, self._day_line, self._parts, self.said, self.problem, spacing=8))
        self._arrange()

    def term(self) -> Term:
        """What is chosen; nothing while a day is not written or not understood."""
        way = self.ways.value
        if way == "done":
            return Term(done=True)
        if way in DAYS:
            return Term(by=self._today() + dt.timedelta(days=DAYS[way]))
        if way == "day":
            return Term(by=self.day.value())
        return Term(payments=tuple(p.value() for p in self.payments) if way == "parts" else ())

    def say(self, words: str) -> None:
        """What follows from the choice, such as when the parties are called."""
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def show_problem(self, words: str) -> None:
        """Say under it what is the matter, or nothing more."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def unread(self) -> str:
        """What was typed here and is not understood, in a sentence; empty when all is."""
        if self.ways.value == "day":
            return self.day.problem()
        if self.ways.value != "parts":
            return ""
        return next((words for words in [p.say_problem() for p in self.payments] if words), "")

    def take_focus(self) -> None:
        """Lead to what is to be put right."""
        if self.ways.value == "day":
            self.day.setFocus()
        elif self.ways.value == "parts" and self.payments:
            lacking = (p for p in self.payments if p.typed() or not p.value().amount_fen)
            wrong = next(lacking, self.payments[0])
            (wrong.due.edit if wrong.value().amount_fen else wrong.amount).setFocus()
        else:
            self.ways.focus_here()
        bring_into_view(self.ways, self.problem)

    def as_draft(self) -> dict[str, Any]:
        """What stands here, understood or not."""
        return {
            "way": self.ways.value,
            "day": self.day.edit.text(),
            "payments": [msgspec.to_builtins(p.value()) for p in self.payments],
            "typed": [p.typed() for p in self.payments],
        }

    def load(self, body: Mapping[str, Any]) -> None:
        """Take up a draft; an empty one clears."""
        self.ways.choose(str(body.get("way", "")))
        self.day.edit.setText(str(body.get("day", "")))
        kept = msgspec.convert(body.get("payments", []), list[cf.Payment])
        self._show(kept, body.get("typed", []))
        self.show_problem("")
        self._arrange()

    def renew_parties(self) -> None:
        """The parties changed: the payments name them as they are called now."""
        if self.payments:
            self._show([p.value() for p in self.payments], [p.typed() for p in self.payments])

    def add_payment(self) -> None:
        """One more payment: 乙方 pays 甲方 unless changed."""
        who = [key for key, _ in self._who()]
        payer, payee = (who[1], who[0]) if len(who) > 1 else ("", "")
        fresh = cf.Payment(no=0, payer_party_id=payer, payee_party_id=payee, amount_fen=0)
        self._show([*(p.value() for p in self.payments), fresh], [p.typed() for p in self.payments])
        self.payments[-1].amount.setFocus()
        self._edited()

    def _show(self, kept: Sequence[cf.Payment], typed: Sequence[Mapping[str, str]]) -> None:
        clear(self._rows)
        self.payments = []
        for number, one in enumerate(kept, start=1):
            line = PaymentRow(self.look, number, self._who(), self._today, one, page="oral", at_once="当场付")
            line.restore(typed[number - 1] if number <= len(typed) else {})
            line.changed.connect(self._edited)
            line.removed.connect(self._remover(line))
            self._rows.addWidget(line)
            self.payments.append(line)

    def _remover(self, line: PaymentRow) -> Callable[[], None]:
        def remove() -> None:
            left = [p for p in self.payments if p is not line]
            self._show([p.value() for p in left], [p.typed() for p in left])
            self._edited()

        return remove

    def _chosen(self, way: str) -> None:
        self._arrange()
        if way == "day":
            self.day.setFocus()
        elif way == "parts" and not self.payments:
            self.add_payment()
        self._edited()

    def _arrange(self) -> None:
        self._day_line.setVisible(self.ways.value == "day")
        self._parts.setVisible(self.ways.value == "parts")

    def _edited(self) -> None:
        self.show_problem("")
        self.changed.emit()

"""The instalments of an agreement: who pays whom how much, until which day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain import casefile as cf
from app.domain import money
from ui.theme.look import Look
from ui.widgets.base import FocusOutWatcher, Text, column, identify, row
from ui.widgets.buttons import IconButton
from ui.widgets.choices import CheckBox, ComboBox
from ui.widgets.dates import DateField, Today
from ui.widgets.fields import MoneyField

DAY_WIDTH = 184
"""Holds 2027年12月30日 and the button of the calendar."""


class PaymentRow(QWidget):
    """One instalment. ``changed()`` on each edit, ``removed()`` when it is taken out."""

    changed = Signal()
    removed = Signal()

    def __init__(
        self,
        look: Look,
        no: int,
        who: Sequence[tuple[str, str]],
        today: Today,
        value: cf.Payment,
        *,
        page: str = "agreement_editor",
        at_once: str = "签字当日付",
    ) -> None:
        """``page`` begins the object names; ``at_once`` says what stands instead of a day."""
        super().__init__()
        self.no = no
        name = f"{page}.payment.{no}"
        identify(self, name, f"第 {no} 期付款")
        self.payer = ComboBox(look, f"第 {no} 期付款人", who, name=f"{name}.payer")
        self.payee = ComboBox(look, f"第 {no} 期收款人", who, name=f"{name}.payee")
        self.amount = MoneyField(f"第 {no} 期金额", name=f"{name}.amount", value=value.amount_fen or None)
        self.capitals = Text("", role="caption", tone="textSecondary")
        self.due = DateField(look, f"第 {no} 期哪天付", name=f"{name}.due", today=today, value=value.due_on)
        self.signing = CheckBox(look, at_once, name=f"{name}.signing")
        self.signing.setChecked(value.on_signing)
        self.remove = IconButton(look, "trash-2", f"去掉第 {no} 期", name=f"{name}.remove")
        self.mark = Text("", role="caption", tone="overdue")
        self.payer.choose(value.payer_party_id)
        self.payee.choose(value.payee_party_id)
        self.amount.setFixedWidth(look.metrics.px(110))
        self.due.setFixedWidth(look.metrics.px(DAY_WIDTH))
        # The names take what the line has: the amount in words stands under the amount.
        first = row(Text(f"第 {no} 期"), self.payer, Text("付给"), self.payee, self.amount)
        first.setStretch(1, 1)
        first.setStretch(3, 1)
        second = row(self.due, Text("（含当天）前付"), self.signing, self.mark, None, self.remove)
        self.problem = Text("", role="caption", tone="overdue", wrap=True)
        self.problem.hide()
        self.setLayout(column(first, row(None, self.capitals), second, self.problem, spacing=4))
        for signal in (self.payer.currentIndexChanged, self.payee.currentIndexChanged, self.amount.changed):
            signal.connect(self._edited)
        self.due.changed.connect(self._edited)
        self.signing.toggled.connect(self._edited)
        self.amount.textEdited.connect(self._typed)
        self.due.edit.textEdited.connect(self._typed)
        for one in (self.amount, self.due.edit):
            FocusOutWatcher(one, self.say_problem)
        self.remove.clicked.connect(self.removed)
        self._write_capitals()

    def value(self) -> cf.Payment:
        """The instalment as it stands."""
        return cf.Payment(
            no=self.no,
            payer_party_id=self.payer.value,
            payee_party_id=self.payee.value,
            amount_fen=self.amount.value() or 0,
            due_on=None if self.signing.isChecked() else self.due.value(),
            on_signing=self.signing.isChecked(),
        )

    def typed(self) -> dict[str, str]:
        """What was typed and is not understood, by field; it is kept with the draft as it stands."""
        found = {}
        if self.amount.problem():
            found["amount"] = self.amount.text()
        if self.due.problem():
            found["due"] = self.due.edit.text()
        return found

    def restore(self, typed: Mapping[str, str]) -> None:
        """Put back what :meth:`typed` gave."""
        if "amount" in typed:
            self.amount.setText(typed["amount"])
        if "due" in typed:
            self.due.edit.setText(typed["due"])
        if typed:
            self.say_problem()

    def say_problem(self) -> str:
        """Say under the line what is not understood, and give it; empty when all is well."""
        words = " ".join(w for w in (self.amount.problem(), self.due.problem()) if w)
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        return words

    def _typed(self, _text: str) -> None:
        if not self.typed():
            self.say_problem()
        self.changed.emit()

    def _write_capitals(self) -> None:
        amount = self.amount.value()
        self.capitals.setText(f"大写：{money.capitals(amount)}" if amount else "")

    def _edited(self, *_: object) -> None:
        self._write_capitals()
        self.due.setEnabled(not self.signing.isChecked())
        self.changed.emit()

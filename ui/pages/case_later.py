"""What follows an agreement, from the case's page: 登记履行 and 登记回访."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain import casefile as cf
from app.domain.performance import partly_problem
from ui.pages.case_acts import CaseActs, day_problem
from ui.widgets.choices import ComboBox
from ui.widgets.dates import DateField
from ui.widgets.fields import AutoSaveText, FormField, LineEdit, MoneyField
from ui.widgets.radio_cards import RadioCardGroup

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

PERFORMED = (("performed", "都付了", ""), ("partly", "付了一部分", ""), ("defaulted", "没有付", ""))
FOLLOWED = (
    ("full", "都履行了", ""),
    ("partly", "履行了一部分", ""),
    ("none", "没有履行", ""),
    ("not_due", "还没到期", ""),
)
SATISFIED = (("", "没有问"), ("good", "满意"), ("fair", "一般"), ("poor", "不满意"))
WARNINGS = (("", "没有"), ("signs", "有苗头"), ("regret", "想反悔"), ("urgent", "很急，可能激化"))


class LaterActs(CaseActs):
    """The acts of every case, and the two after its agreement."""

    def go_on(self, form: str) -> None:
        """Also of these two."""
        kind, _, record = form.partition("@")
        if kind == "follow_up":
            self.follow_up()
        elif kind == "perform":
            self.perform(int(record))
        else:
            super().go_on(form)

    def perform(self, payment_no: int) -> None:
        """登记履行 of one instalment (0: of an agreement without instalments)."""
        data, page = self._data(), self._page
        made = data.view.file.agreements[data.head.agreement_id]
        payment = next((p for p in made.payments if p.no == payment_no), None)
        state = RadioCardGroup(page.look, "履行了没有", PERFORMED, name="case.perform.state", columns=3)
        state.choose("performed")
        amount = MoneyField(
            "收到多少", name="case.perform.amount", value=payment.amount_fen if payment else None
        )

        def amount_problem() -> str:
            said = amount.problem()
            if said or state.value != "partly":
                return said
            return partly_problem(made, payment_no, amount.value() or 0)

        def another(said: str) -> None:
            # What is filled in is the whole: of a part the person says how much.
            if payment is not None and said == "partly" and amount.value() == payment.amount_fen:
                amount.set_value(None)
            elif payment is not None and said == "performed" and not amount.text().strip():
                amount.set_value(payment.amount_fen)

        state.chosen.connect(another)
        today = page.office.desk.today
        on = DateField(page.look, "哪天", name="case.perform.on", today=today, value=today())
        note = LineEdit("怎么付的", name="case.perform.note", placeholder="如 转账，收条已加进材料")
        fields: dict[str, FormField | QWidget] = {
            "state": FormField("履行了没有", state),
            "amount_fen": FormField("收到多少", amount, optional=True, check=amount_problem),
            "on": FormField("哪天", on, check=lambda: day_problem(on)),
            "note": FormField("怎么付的", note, optional=True),
        }
        title = f"登记第 {payment_no} 期履行" if payment else "登记履行"
        form = self._open(title, fields, "存好", "case.perform", draft=f"perform@{payment_no}")

        def given() -> None:
            day = on.value()
            if day is None:
                return
            body = cf.Performance(
                agreement_id=made.agreement_id,
                payment_no=payment_no,
                on=day,
                amount_fen=0 if state.value == "defaulted" else amount.value() or 0,
                state=state.value,  # type: ignore[arg-type]
                note=note.text().strip(),
            )
            self._keep(
                form, "登记履行", lambda office: office.handling.record_performance(data.case_id, body)
            )

        form.given.connect(given)

    def follow_up(self) -> None:
        """登记回访."""
        data, page = self._data(), self._page
        performed = RadioCardGroup(page.look, "履行了没有", FOLLOWED, name="case.follow.performed", columns=2)
        satisfied = ComboBox(page.look, "满意吗", SATISFIED, name="case.follow.satisfaction")
        warning = ComboBox(page.look, "有没有苗头", WARNINGS, name="case.follow.warning")
        text = AutoSaveText(page.look, "对方怎么说", name="case.follow.text", placeholder="一两句")
        text.setFixedHeight(page.look.metrics.px(72))
        fields: dict[str, FormField | QWidget] = {
            "performed": FormField(
                "履行了没有", performed, check=lambda: "" if performed.value else "选一项履行情况。"
            ),
            "satisfaction": FormField("满意吗", satisfied),
            "warning": FormField("有没有苗头", warning),
            "text": FormField("对方怎么说", text, optional=True),
        }
        form = self._open("登记回访", fields, "存好", "case.follow", draft="follow_up")

        def given() -> None:
            body = cf.FollowUp(
                performed=performed.value,  # type: ignore[arg-type]
                satisfaction=satisfied.value,  # type: ignore[arg-type]
                warning=warning.value,  # type: ignore[arg-type]
                text=text.toPlainText().strip(),
            )
            self._keep(form, "登记回访", lambda office: office.handling.record_follow_up(data.case_id, body))

        form.given.connect(given)

"""The tabs 期限, 文书, 履行与回访 of a case: lines with their buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.domain import casefile as cf
from app.domain import masking
from app.domain.workdays import short_date
from ui import labels
from ui.pages.case_data import CaseData, when_words
from ui.pages.case_timeline import FOLLOWED, PERFORMED
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.deadline import DeadlineCard
from ui.widgets.states import EmptyState

PAYMENT_STATES = {"pending": "待履行", **PERFORMED}


def _padded(*items: QWidget) -> QWidget:
    holder = QWidget()
    inside = row(*items, spacing=10)
    inside.setContentsMargins(16, 10, 12, 10)
    holder.setLayout(inside)
    return holder


class DeadlinesTab(QWidget):
    """Every deadline with its arithmetic, two beside each other where there is room."""

    rules_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        self._cards: list[DeadlineCard] = []
        self._columns = 0
        self.empty = EmptyState(
            look, "现在没有在走的期限。", name="case.deadlines.empty", icon="calendar-days"
        )
        self.setLayout(column(self._grid, self.empty, None, spacing=0))

    def show_case(self, data: CaseData) -> None:
        """Show the deadlines."""
        clear(self._grid)
        self._cards, self._columns = [], 0
        for number, view in enumerate(data.deadlines):
            card = DeadlineCard(self.look, view, name=f"case.deadlines.{number}")
            card.link_pressed.connect(self.rules_asked)
            self._cards.append(card)
        self._fit()
        self.empty.setVisible(not data.deadlines)

    def event(self, event: QEvent) -> bool:
        """A card wants another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One below the other where two do not fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # What scrolls the tab says how much room there is: the tab itself is never narrower than its cards.
        around = self.parentWidget()
        room = around.width() if around is not None else self.width()
        least = max((card.minimumSizeHint().width() for card in self._cards), default=0)
        wanted = 2 if len(self._cards) > 1 and 2 * least + self._grid.spacing() <= room else 1
        if wanted == self._columns:
            return
        self._columns = wanted
        for number, card in enumerate(self._cards):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, number // wanted, number % wanted)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, wanted - 1)


class PapersTab(QWidget):
    """文书: each form that makes sense now. ``asked(form_id, act)``: look, print, pdf or word."""

    asked = Signal(str, str)
    ACTS = (("look", "预览", "eye"), ("print", "打印", "printer"), ("pdf", "存 PDF", "download"),
            ("word", "存 Word", "file-pen-line"))  # fmt: skip

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.card = Card("文书", "预览是遮挡的；打印和导出写全名，会留下记录", flush=True)
        self._rows = column(spacing=0)
        self.card.body.addLayout(self._rows)
        self.setLayout(column(self.card, None, spacing=0))
        self._shown: tuple[tuple[str, str], ...] = ()

    def show_case(self, data: CaseData, *, may_print: bool) -> None:
        """Show the papers."""
        if self._shown == data.papers:
            return
        self._shown = data.papers
        clear(self._rows)
        for number, (form_id, title) in enumerate(data.papers):
            if number:
                self._rows.addWidget(Divider())
            line = row(
                IconLabel(self.look, "file-text", color="textSecondary"), Text(title, wrap=True), spacing=10
            )
            line.setStretch(1, 1)
            for act, words, icon in self.ACTS:
                if act != "look" and not may_print:
                    continue
                button = Button(
                    self.look,
                    words,
                    name=f"case.papers.{form_id}.{act}",
                    icon=icon,
                    about=title,
                    compact=True,
                )
                button.clicked.connect(self._asker(form_id, act))
                line.addWidget(button)
            line.setContentsMargins(16, 8, 12, 8)
            self._rows.addLayout(line)

    def _asker(self, form_id: str, act: str) -> Callable[[], None]:
        return lambda: self.asked.emit(form_id, act)


class PerformanceTab(QWidget):
    """履行与回访. ``perform_asked(payment_no)`` and ``follow_up_asked()``."""

    perform_asked = Signal(int)
    follow_up_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.perform_button = Button(
            look, "登记履行", name="case.performance.other", icon="plus", about="不分期的", compact=True
        )
        self.perform_button.clicked.connect(lambda: self.perform_asked.emit(0))
        self.follow_button = Button(
            look, "登记回访", name="case.followup.add", icon="phone-call", compact=True
        )
        self.follow_button.clicked.connect(self.follow_up_asked)
        self.payments = Card("履行", "", self.perform_button, flush=True)
        self.follow_ups = Card("回访", "", self.follow_button, flush=True)
        self._payments = column(spacing=0)
        self._follow_ups = column(spacing=0)
        self.payments.body.addLayout(self._payments)
        self.follow_ups.body.addLayout(self._follow_ups)
        self.setLayout(column(self.payments, self.follow_ups, None, spacing=16))

    def show_case(self, data: CaseData, *, may_perform: bool, may_follow: bool) -> None:
        """Show instalments with their state, and the calls made so far."""
        made = data.view.file.agreements.get(data.head.agreement_id)
        clear(self._payments)
        clear(self._follow_ups)
        self.perform_button.setVisible(may_perform and made is not None and not made.payments)
        self.follow_button.setVisible(may_follow and made is not None)
        if made is None:
            self._payments.addWidget(
                _padded(Text("还没有协议，谈成以后在这里看履行。", tone="textSecondary", wrap=True))
            )
        else:
            self._agreement(data, made, may_perform=may_perform)
        found = data.view.file.of_type(cf.FollowUp)
        if not found:
            self._follow_ups.addWidget(_padded(Text("还没有回访过。", tone="textSecondary")))
        for number, (record, body) in enumerate(reversed(found)):
            if number:
                self._follow_ups.addWidget(Divider())
            when = Text(when_words(record.at), role="label", tone="textSecondary")
            words = Text(f"{FOLLOWED[body.performed]}　{_safe(data, body.text)}", wrap=True)
            line = row(when, words, spacing=12)
            line.setStretch(1, 1)
            line.setContentsMargins(16, 10, 12, 10)
            self._follow_ups.addLayout(line)

    def _agreement(self, data: CaseData, made: cf.Agreement, *, may_perform: bool) -> None:
        if made.performance:
            self._payments.addWidget(_padded(Text(_safe(data, made.performance), wrap=True)))
        for number, payment in enumerate(made.payments):
            if number or made.performance:
                self._payments.addWidget(Divider())
            state = data.payments.get(payment.no, "pending")
            due = f"{short_date(payment.due_on)}（含当天）前" if payment.due_on else "签署当日"
            who = f"{_name(data, payment.payer_party_id)} 付给 {_name(data, payment.payee_party_id)}"
            icon = {"performed": "circle-check", "defaulted": "circle-x"}.get(state, "clock")
            words = column(
                Text(f"第 {payment.no} 期　{labels.money(payment.amount_fen)}", role="bodyStrong"),
                Text(f"{due}　{who}", role="label", tone="textSecondary", wrap=True),
                spacing=0,
            )
            tone = {"performed": "ok", "defaulted": "overdue"}.get(state, "textSecondary")
            line = row(IconLabel(self.look, icon, color="textSecondary"), words, spacing=10)
            line.setStretch(1, 1)
            line.addWidget(Text(PAYMENT_STATES[state], role="label", tone=tone))
            if may_perform and state in ("pending", "partly"):
                button = Button(
                    self.look,
                    "登记履行",
                    name=f"case.performance.{payment.no}",
                    about=f"第 {payment.no} 期",
                    compact=True,
                )
                button.clicked.connect(self._asker(payment.no))
                line.addWidget(button)
            line.setContentsMargins(16, 10, 12, 10)
            self._payments.addLayout(line)
        if not made.payments and not made.performance:
            self._payments.addWidget(_padded(Text("协议里没有分期付款。", tone="textSecondary")))

    def _asker(self, number: int) -> Callable[[], None]:
        return lambda: self.perform_asked.emit(number)


def _name(data: CaseData, party_id: str) -> str:
    party = data.view.file.parties.get(party_id)
    return masking.party_name(party) if party else "对方"


def _safe(data: CaseData, text: str) -> str:
    return masking.redact(text, [p.name for p in data.view.file.parties.values()])

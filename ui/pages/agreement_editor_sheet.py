"""The paper one writes on: parties, facts, numbered clauses, payments, performance, copies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.documents import texts
from app.domain import agreement as rules
from app.domain import casefile as cf
from app.domain import masking
from app.domain.agreement import party_letter
from app.domain.checks import Finding
from app.domain.reducer import CaseFile
from app.domain.taxonomy import GENDERS
from ui.pages.agreement_editor_payments import PaymentRow
from ui.pages.agreement_editor_text import PaperText
from ui.theme.look import Look
from ui.theme.paper_look import PaperLook
from ui.widgets.base import FocusOutWatcher, Text, announce, bring_into_view, clear, column, identify, row
from ui.widgets.buttons import IconButton, LinkButton
from ui.widgets.choices import ComboBox
from ui.widgets.dates import DateField, Today
from ui.widgets.fields import MoneyField

PAPER_WIDTH = 700
"""Pixels at 100 %: about 38 characters of the paper's own type in a line, as the print has."""
DATED_HINT = "先在现场签好、后来录入的，照纸面写的日期填。"


class AgreementSheet(QFrame):
    """The paper. ``changed()`` on each edit; :meth:`value` gives the draft as written.

    ``clause_removed(number, words)`` lets the page offer it back.
    """

    changed = Signal()
    clause_removed = Signal(int, str)

    def __init__(self, look: Look, today: Today) -> None:
        super().__init__()
        look = self.look = PaperLook(look)
        self._today = today
        self.setProperty("kind", "sheet")
        identify(self, "agreement_editor.sheet", "协议书")
        self._draft: cf.Agreement | None = None
        self._assumed: dt.date | None = None
        """The day that stands on the paper because nobody wrote another; it is today, whenever that is."""
        self._who: list[tuple[str, str]] = []
        self.loading = False
        self.clauses: list[PaperText] = []
        self.payments: list[PaymentRow] = []
        self.title = self._ink("人民调解协议书", "title")
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        spaced = QFont(self.look.font("title"))
        spaced.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 3)
        self.title.setFont(spaced)
        self.number = self._ink("", "label")
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._people = column(spacing=2)
        self.facts = self._text("纠纷主要事实、争议事项", "facts", "写清什么事、争什么")
        self.performance = self._text("履行方式、时限", "performance", "如 银行转账，收款后甲方出具收条")
        self._clauses = column(spacing=2)
        self._payments = column(spacing=8)
        self.add_clause_button = LinkButton(look, "加一条", name="agreement_editor.clause.add", icon="plus")
        self.add_clause_button.clicked.connect(self.add_clause)
        self.add_payment_button = LinkButton(
            look, "加一期付款", name="agreement_editor.payment.add", icon="plus"
        )
        self.add_payment_button.clicked.connect(self.add_payment)
        self.total = MoneyField("付款总额", name="agreement_editor.total")
        self.total.setFixedWidth(look.metrics.px(120))
        self.total.setPlaceholderText("")  # 元 stands behind the field, as on paper.
        self.total.textEdited.connect(self._total_typed)
        FocusOutWatcher(self.total, self.total_problem)
        self.total_note = Text("", role="caption", tone="overdue", wrap=True)
        self.total_note.hide()
        counts = [(str(n), f"{texts.count(n)}份") for n in range(2, 31)]
        self.copies = ComboBox(look, "协议书份数", counts, name="agreement_editor.copies")
        self.copies.currentIndexChanged.connect(self._copies_chosen)
        self.holders = self._ink("", wrap=True)
        self.dated = DateField(look, "协议日期", name="agreement_editor.dated", today=today)
        self.dated.setFixedWidth(look.metrics.px(170))
        self.dated_note = Text(DATED_HINT, role="caption", tone="textTertiary", wrap=True)
        self.dated.edit.textChanged.connect(self._dated)
        self._compose()
        look.follow(self, self.restyle)

    def _compose(self) -> None:
        inside = QVBoxLayout(self)
        inside.setContentsMargins(48, 36, 40, 40)
        inside.setSpacing(8)
        copies = row(self._ink("本协议一式"), self.copies, self.holders)
        copies.setStretch(2, 1)
        head = row(self._ink("协议日期"), self.dated, None, self.number)
        total = row(self._ink("付款计划", "bodyStrong"), None, self._ink("总额"), self.total, self._ink("元"))
        parts = (
            self.title, head, self.dated_note, self._people,
            self._ink("纠纷主要事实、争议事项：", "bodyStrong"), self.facts,
            self._ink("经调解，自愿达成如下协议：", "bodyStrong"), self._clauses,
            row(self.add_clause_button, None),
            total, self.total_note, self._payments, row(self.add_payment_button, None),
            self._ink("履行方式、时限：", "bodyStrong"), self.performance, copies,
        )  # fmt: skip
        for part in parts:
            if isinstance(part, QWidget):
                inside.addWidget(part)
            else:
                inside.addLayout(part)
        inside.addStretch(1)

    def restyle(self) -> None:
        """White paper, dark ink, in every scheme."""
        c, face = self.look.colors, self.look.font(kind="document").family()
        self.setStyleSheet(
            self.look.style_sheet()
            + f'QFrame[kind="sheet"] {{ background: {c["paper"]}; border: 1px solid {c["border"]}; }}'
            f' QLabel[ink="true"] {{ color: {c["paperInk"]}; }}'
            f' QLabel[ink="true"][role="body"], QLabel[ink="true"][role="bodyStrong"],'
            f' QLabel[ink="true"][role="label"] {{ font-family: "{face}"; }}'
            f' QLabel[ink="true"][role="body"], QLabel[ink="true"][role="bodyStrong"]'
            f" {{ font-size: {self.look.metrics.type_px('body') + 1}px; }}"
        )
        self.setMaximumWidth(self.look.metrics.px(PAPER_WIDTH))

    def _ink(self, words: str, role: str = "body", *, wrap: bool = False) -> Text:
        label = Text(words, role=role, wrap=wrap)
        label.setProperty("ink", True)
        if role in ("title", "bodyStrong"):
            label.setFont(QFont(self.look.font(role)))
        return label

    def _text(self, spoken: str, key: str, placeholder: str) -> PaperText:
        edit = PaperText(self.look, spoken, name=f"agreement_editor.{key}.text", placeholder=placeholder)
        edit.textChanged.connect(self._edited)
        return edit

    def load(self, draft: cf.Agreement, file: CaseFile, typed: Mapping[str, str] | None = None) -> None:
        """Show ``draft`` of the case ``file``; parties are masked. ``typed`` is what :meth:`typed` gave."""
        typed = typed or {}
        self.loading = True
        self._draft = draft
        self._show_people(file)
        number = draft.number or file.head.number
        self.number.setText(f"编号：{number}" if number else "编号：受理后给")
        self.facts.load(draft.facts)
        self.performance.load(draft.performance)
        self.total.set_value(draft.total_fen)
        self.copies.choose(str(draft.copies))
        self._say_holders()
        self._assumed = self._today() if draft.dated_on is None else None
        self.dated.set_value(draft.dated_on or self._today())
        self._show_clauses([c.text for c in draft.clauses] or [""])
        if "total" in typed:
            self.total.setText(typed["total"])
        self.total_problem()
        of_line = {n: _of_line(typed, n) for n in range(1, len(draft.payments) + 1)}
        self._show_payments(draft.payments, of_line)
        self.loading = False

    def take_party(self, party_id: str, file: CaseFile) -> None:
        """Write one more party of the case ``file`` on the paper, after the others: their letters stay."""
        if self._draft is None:
            return
        ids = self._draft.party_ids or tuple(file.parties)
        self._draft = msgspec.structs.replace(self._draft, party_ids=tuple(dict.fromkeys((*ids, party_id))))
        self._show_people(file)
        self._show_payments([one.value() for one in self.payments], _typed_in(self.payments))
        self._edited()

    def _show_people(self, file: CaseFile) -> None:
        ids = (self._draft.party_ids if self._draft is not None else ()) or tuple(file.parties)
        people = [file.parties[i] for i in ids if i in file.parties]
        self._who = [(p.party_id, f"{party_letter(n)} {masking.party_name(p)}") for n, p in enumerate(people)]
        clear(self._people)
        for n, one in enumerate(people):
            words = (masking.party_name(one), GENDERS.get(one.gender, ""), one.ethnicity, one.occupation,
                     masking.party_field(one, "phone"))  # fmt: skip
            self._people.addWidget(self._ink(f"{party_letter(n)}：" + "　".join(w for w in words if w)))
            where = "住所" if one.kind == "organisation" else "住址"
            self._people.addWidget(self._ink(f"　　　{where}：{masking.party_field(one, 'address')}"))
            if one.agent is not None:
                agent = f"　　　委托代理人：{masking.agent_name(one.agent)}（{one.agent.relation}）"
                self._people.addWidget(self._ink(agent))

    def _show_clauses(self, words: Sequence[str]) -> None:
        clear(self._clauses)
        self.clauses = []
        for number, text in enumerate(words, start=1):
            edit = self._text(f"协议内容第 {number} 条", f"clause{number}", "写清谁、做什么、到哪天")
            edit.load(text)
            mark = self._ink(f"{texts.count(number)}、")
            gone = IconButton(
                self.look, "x", f"去掉第 {number} 条", name=f"agreement_editor.clause.remove{number}"
            )
            gone.clicked.connect(self._remover(number))
            line = row(column(6, mark, None, spacing=0), edit, column(gone, None, spacing=0), spacing=2)
            line.setStretch(1, 1)
            self._clauses.addLayout(line)
            self.clauses.append(edit)

    def _remover(self, number: int) -> Any:
        def remove() -> None:
            words = [edit.toPlainText() for edit in self.clauses]
            gone = words.pop(number - 1)
            self._show_clauses(words or [""])
            self._edited()
            self.clause_removed.emit(number, gone)

        return remove

    def put_back(self, number: int, text: str) -> None:
        """A clause that was taken out, at its place again."""
        words = [edit.toPlainText() for edit in self.clauses]
        words = [] if words == [""] else words
        words.insert(number - 1, text)
        self._show_clauses(words)
        self._edited()

    def add_clause(self, _checked: bool = False, text: str = "") -> None:
        """One more clause at the end; the cursor goes there."""
        words = [edit.toPlainText() for edit in self.clauses]
        if text and words and not words[-1].strip():
            words.pop()
        self._show_clauses([*words, text])
        self.clauses[-1].setFocus()
        self._edited()

    def _show_payments(
        self, payments: Sequence[cf.Payment], typed: Mapping[int, Mapping[str, str]] | None = None
    ) -> None:
        clear(self._payments)
        self.payments = []
        for number, one in enumerate(payments, start=1):
            line = PaymentRow(self.look, number, self._who, self._today, one)
            line.changed.connect(self._edited)
            line.removed.connect(self._payment_remover(number))
            line.restore((typed or {}).get(number, {}))
            self._payments.addWidget(line)
            self.payments.append(line)

    def _payment_remover(self, number: int) -> Any:
        def remove() -> None:
            left = [p for p in self.payments if p.no != number]
            self._show_payments([p.value() for p in left], _typed_in(left))
            self._edited()

        return remove

    def add_payment(self) -> None:
        """One more instalment: the respondent pays the applicant unless changed."""
        ids = [key for key, _ in self._who]
        payer, payee = (ids[-1], ids[0]) if len(ids) > 1 else ("", "")
        fresh = cf.Payment(no=0, payer_party_id=payer, payee_party_id=payee, amount_fen=0)
        self._show_payments([*(p.value() for p in self.payments), fresh], _typed_in(self.payments))
        self.payments[-1].amount.setFocus()
        self._edited()

    def typed(self) -> dict[str, str]:
        """Amounts and dates that were typed and are not understood, by field: nothing typed is lost."""
        found = {"total": self.total.text()} if self.total.problem() else {}
        for line in self.payments:
            found |= {f"payments.{line.no}.{field}": text for field, text in line.typed().items()}
        return found

    def total_problem(self) -> str:
        """Say under the total what is the matter with it, and give it; empty when it is well."""
        words = self.total.problem()
        self.total_note.setText(words)
        self.total_note.setVisible(bool(words))
        return words

    def unread(self) -> QWidget | None:
        """The first amount or date that is not understood, its sentence shown."""
        if self.total_problem():
            return self.total
        for line in self.payments:
            if line.say_problem():
                return line.amount if line.amount.problem() else line.due.edit
        return None

    def _copies_chosen(self) -> None:
        self._say_holders()
        self._edited()

    def _say_holders(self) -> None:
        self.holders.setText(f"{texts.holders(int(self.copies.value or '2'), len(self._who))}。")

    def _total_typed(self, _text: str) -> None:
        if not self.total.problem():
            self.total_problem()
        self._edited()

    def value(self) -> cf.Agreement | None:
        """The draft as written; ``None`` before one is loaded."""
        if self._draft is None:
            return None
        return msgspec.structs.replace(
            self._draft,
            facts=self.facts.toPlainText(),
            clauses=tuple(cf.Clause(no=n, text=e.toPlainText()) for n, e in enumerate(self.clauses, 1)),
            payments=tuple(p.value() for p in self.payments),
            total_fen=self.total.value(),
            performance=self.performance.toPlainText(),
            copies=int(self.copies.value or "2"),
            dated_on=self._dated_on(),
        )

    def _dated_on(self) -> dt.date | None:
        """The date on the paper; an untouched one stays open until the text is fixed."""
        day = self.dated.value()
        return None if day == self._assumed else day

    def follow_day(self) -> None:
        """Another day has begun: a date that nobody wrote follows it."""
        today = self._today()
        if self._assumed in (None, today) or self.dated.value() != self._assumed:
            return
        self._assumed, was = today, self.loading
        self.loading = True
        self.dated.set_value(today)
        self.loading = was

    def date_problem(self) -> str:
        """A sentence when the date on the paper cannot be right."""
        if not self.dated.edit.text().strip():
            return "写上协议日期，T 是今天。"
        day = self.dated.value()
        return self.dated.problem() if day is None else rules.dated_problem(day, self._today())

    def editors(self) -> Mapping[str, PaperText]:
        """Text parts by the field names of findings."""
        found = {"facts": self.facts, "performance": self.performance}
        if self.clauses:
            found["clauses"] = self.clauses[0]
        return {**found, **{f"clauses.{n}": e for n, e in enumerate(self.clauses, 1)}}

    def show_marks(self, findings: Sequence[Finding]) -> None:
        """Number the findings on the paper as the panel does."""
        numbered = list(enumerate(findings, start=1))
        editors = self.editors()
        for edit in {id(e): e for e in editors.values()}.values():
            edit.set_marks([(n, f) for n, f in numbered if editors.get(f.field) is edit])
        for one in self.payments:
            mine = [str(n) for n, f in numbered if f.field == f"payments.{one.no}"]
            one.mark.setText(f"见第 {'、'.join(mine)} 处" if mine else "")

    def go_to(self, finding: Finding) -> None:
        """Put the cursor where ``finding`` is."""
        edit = self.editors().get(finding.field)
        payment = next((p for p in self.payments if finding.field == f"payments.{p.no}"), None)
        if edit is not None:
            edit.go_to(finding)
        elif payment is not None:
            (payment.amount if finding.code == "sum" else payment.due.edit).setFocus()
        elif finding.field == "copies":
            self.copies.setFocus()
        elif finding.field == "total_fen":
            self.total.setFocus()
        elif finding.field == "dated_on":
            self.dated.setFocus()
        shown = self.focusWidget()
        if shown is not None:
            bring_into_view(shown)

    def _dated(self, *_: object) -> None:
        if self.dated.value() is not None:
            self.show_date_problem("")
        self._edited()

    def show_date_problem(self, words: str) -> None:
        """Say under the date what is the matter with it; nothing when it is well."""
        self.dated_note.setText(words or DATED_HINT)
        self.dated_note.set_tone("overdue" if words else "textTertiary")
        self.dated.edit.setAccessibleDescription(words or DATED_HINT)
        if words:
            announce(self.dated.edit, words)

    def _edited(self, *_: object) -> None:
        if not self.loading:
            self.changed.emit()


def _typed_in(lines: Sequence[PaymentRow]) -> dict[int, dict[str, str]]:
    """What is not understood in ``lines``, by the place each will have."""
    return {number: line.typed() for number, line in enumerate(lines, start=1)}


def _of_line(typed: Mapping[str, str], number: int) -> dict[str, str]:
    start = f"payments.{number}."
    return {key.removeprefix(start): text for key, text in typed.items() if key.startswith(start)}

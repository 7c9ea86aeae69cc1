"""The three ways out of an 办件: what is written for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.domain import casefile as cf
from app.domain import short_title
from app.domain.taxonomy import RefusalReason, refusal_reasons
from app.services.deciding import RefusalEntry
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.cards import Card
from ui.widgets.choices import CheckBox
from ui.widgets.fields import AutoSaveText, FormField, LineEdit
from ui.widgets.gutter import FittingArea
from ui.widgets.radio_cards import RadioCardGroup

UNWILLING = "N3"
"""被申请人明确拒绝: what was heard when calling is the beginning of what is written."""
CHOOSE_FIRST = "先选一条理由"
PARTS = (("ground", "理由"), ("facts", "说明"), ("basis", "依据"), ("next_routes", "途径"))


class ReasonList(Card):
    """理由 N1 to N12; the arrow keys move. ``chosen(code)``."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        self.note = Text("选一条", role="label", tone="textSecondary")
        super().__init__("理由", "", self.note, flush=True)
        identify(self, "decide.reasons")
        reasons = refusal_reasons()
        choices = [(r.code, r.name, "") for r in reasons.values()]
        name = "decide.ground"
        self.group = RadioCardGroup(look, "不予受理的理由", choices, name=name, columns=1, flat=True)
        self.group.chosen.connect(self.chosen)
        area = FittingArea()
        holder = QWidget()
        holder.setProperty("kind", "scrolled")
        holder.setLayout(column(self.group, None, spacing=0))
        area.setWidget(holder)
        self.add(area)
        count = f"条目由机构设定，{len(choices)} 条"
        self.set_footer(Text(count, role="label", tone="textSecondary"))


class Part(QWidget):
    """One of the four parts with its tick."""

    def __init__(self, look: Look, title: str, aside: str = "") -> None:
        super().__init__()
        self._name = title
        self.mark = IconLabel(look, "circle", color="textTertiary")
        self.title = Text(title, role="bodyStrong")
        self.aside = Text(aside, role="label", tone="textSecondary")
        self.setLayout(row(self.mark, self.title, None, self.aside, spacing=8))

    def set_done(self, done: bool) -> None:
        """Tick, in words for screen readers too."""
        self.mark.set_icon("circle-check" if done else "circle", "ok.fg" if done else "textTertiary")
        self.setAccessibleName(f"{self._name}，{'已写' if done else '还没有写'}")


class Ticks(QWidget):
    """Check boxes made anew for each reason; ``changed`` when one is set or cleared."""

    changed = Signal()

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self.look, self._name = look, name
        self._boxes: list[CheckBox] = []
        self._column = column(spacing=0)
        self.setLayout(self._column)

    def offer(self, texts: Sequence[str], on: Sequence[str]) -> None:
        """Offer ``texts``, those in ``on`` ticked."""
        clear(self._column)
        self._boxes = []
        for number, text in enumerate(texts, start=1):
            box = CheckBox(self.look, text, name=f"{self._name}.{number}", wrap=True)
            box.setChecked(text in on)
            box.toggled.connect(self.changed)
            self._boxes.append(box)
            self._column.addWidget(box)

    @property
    def values(self) -> tuple[str, ...]:
        """The ticked texts."""
        return tuple(box.text() for box in self._boxes if box.isChecked())


class RefusalForm(QWidget):
    """说明, 依据, 途径 beside the chosen reason. ``touched`` on each change."""

    touched = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look, self._loading, self._said = look, False, ""
        identify(self, "decide.refusal")
        self.reasons = ReasonList(look)
        self.reasons.chosen.connect(self._reason)
        self.parts = {
            "ground": Part(look, "理由"),
            "facts": Part(look, "说明", "写给申请人看"),
            "basis": Part(look, "依据"),
            "next_routes": Part(look, "可以改走的途径", "至少一条，写进告知书"),
        }
        self.waived = Text("", role="label", tone="textSecondary", wrap=True)
        self.facts = AutoSaveText(look, "说明", name="decide.facts", placeholder=CHOOSE_FIRST)
        self.facts.textChanged.connect(self._touch)
        self.basis = Ticks(look, "decide.basis")
        self.routes = Ticks(look, "decide.route")
        self.basis.changed.connect(self._touch)
        self.routes.changed.connect(self._touch)
        self._none = Text("选了理由，这里会列出依据和途径。", role="label", tone="textSecondary", wrap=True)
        inside = column(
            self.parts["ground"], self.waived, self.parts["facts"], self.facts, self.parts["basis"],
            self.basis, self.parts["next_routes"], self.routes, self._none, None, spacing=8,
        )  # fmt: skip
        inside.setContentsMargins(18, 14, 18, 8)
        self.setLayout(inside)
        look.follow(self, self._size)

    def _size(self) -> None:
        self.facts.setFixedHeight(self.look.metrics.px(110))

    def load(self, body: dict[str, Any], waiver: str, said: str = "") -> None:
        """Show a draft or a proposal. ``said`` begins the text once the reason is that nobody is willing."""
        self._loading, self._said = True, said
        self.reasons.group.clear_choice()
        self.waived.setText(f"已写“不需要征求被申请人意愿”：{waiver}" if waiver else "")
        self.waived.setVisible(bool(waiver))
        self.basis.offer((), ())
        self.routes.offer((), ())
        self.facts.load(str(body.get("facts", "")))
        self.facts.setPlaceholderText(CHOOSE_FIRST)
        code = str(body.get("ground_code", ""))
        if code in refusal_reasons():
            self.reasons.group.choose(code)
            reason = refusal_reasons()[code]
            self.basis.offer(reason.basis, tuple(body.get("basis", ())))
            self.routes.offer(reason.routes, tuple(body.get("next_routes", ())))
        self._loading = False
        self._mark()

    def choose(self, code: str) -> None:
        """Choose a reason."""
        if code in refusal_reasons():
            self.reasons.group.choose(code)

    def entry(self) -> RefusalEntry:
        """What is written now."""
        code = self.reasons.group.value
        reason = refusal_reasons().get(code)
        return RefusalEntry(
            ground_code=code,
            ground=reason.name if reason else "",
            facts=self.facts.toPlainText(),
            basis=self.basis.values,
            next_routes=self.routes.values,
        )

    def missing(self) -> tuple[str, ...]:
        """Which of the four parts still lack, by name."""
        entry = self.entry()
        have = (entry.ground_code, entry.facts.strip(), entry.basis, entry.next_routes)
        return tuple(text for (_, text), value in zip(PARTS, have, strict=True) if not value)

    def _reason(self, code: str) -> None:
        reason: RefusalReason = refusal_reasons()[code]
        if not self._loading:
            self.basis.offer(reason.basis, reason.basis[:1])
            self.routes.offer(reason.routes, reason.routes[:1])
            self._begin(code)
        self.facts.setPlaceholderText(reason.hint)
        self._touch()

    def _begin(self, code: str) -> None:
        """What the respondent said comes with its reason, and goes with it while nobody has changed it."""
        written = self.facts.toPlainText().strip()
        if code == UNWILLING and not written:
            self.facts.load(self._said)
        elif code != UNWILLING and written == self._said:
            self.facts.load("")

    def _touch(self) -> None:
        self._mark()
        if not self._loading:
            self.touched.emit()

    def _mark(self) -> None:
        missing = self.missing()
        for key, text in PARTS:
            self.parts[key].set_done(text not in missing)
        reason = refusal_reasons().get(self.reasons.group.value)
        self.parts["ground"].title.setText(f"理由 {reason.code}　{reason.name}" if reason else "理由")
        self._none.setVisible(reason is None)


class AcceptForm(QWidget):
    """受理: the case's short title, what follows, and what the application says."""

    touched = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._facts = column(spacing=8)
        self.title = LineEdit("案件简称", name="decide.title")
        self.title.textEdited.connect(self.touched)
        self._parties: tuple[cf.Party, ...] = ()
        self.field = FormField(
            "案件简称",
            self.title,
            hint="列表上都用它称呼这件案件；不写姓名、电话、门牌。",
            check=self._problem,
        )
        self.text = Text("", wrap=True)
        self.contact = Text("", role="label", tone="textSecondary", wrap=True)
        inside = column(
            Text("受理", role="section"), self.contact, self.field, self.text, Divider(),
            Text("申请内容", role="bodyStrong"), self._facts, None, spacing=12,
        )  # fmt: skip
        inside.setContentsMargins(18, 14, 18, 8)
        self.setLayout(inside)
        self.look = look

    def _problem(self) -> str:
        title = self.title.text().strip()
        if not title:
            return "写一个简称，列表上才好认。"
        return short_title.problem(title, self._parties) or ""

    def show_parties(self, parties: Sequence[cf.Party]) -> None:
        """Whose names the short title must not hold."""
        self._parties = tuple(parties)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """What is decided on, by name and words; empty ones are left out."""
        clear(self._facts)
        for name, words in facts:
            if words:
                label = Text(name, tone="textSecondary")
                label.setMinimumWidth(self.look.metrics.px(76))
                label.setAlignment(Qt.AlignmentFlag.AlignTop)
                line = row(label, Text(words, wrap=True), spacing=12)
                line.setStretch(1, 1)
                self._facts.addLayout(line)


class HandBackForm(QWidget):
    """退回平台: why."""

    touched = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.text = AutoSaveText(look, "为什么退回", name="decide.hand_back")
        self.text.setFixedHeight(look.metrics.px(110))
        self.text.textChanged.connect(self.touched)
        self.field = FormField("为什么退回", self.text, hint="平台会转给下一个机构看。")
        inside = column(Text("退回平台", role="section"), self.field, None, spacing=12)
        inside.setContentsMargins(18, 14, 18, 8)
        self.setLayout(inside)

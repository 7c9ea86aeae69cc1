"""来访登记: who, against whom, what about; registered offline too, then on to contacting the other side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.clock import from_text, shanghai
from app.domain import deadlines
from app.domain.errors import FieldErrors
from app.domain.short_title import propose
from app.services.changes import ChangeSet, Written
from app.services.drafts import Draft
from app.services.exporting import SOURCES as SOURCE_NAMES
from app.services.intake import DRAFT_KIND, DRAFT_SUBJECT, SOURCES, IntakeEntry
from ui.context import Context
from ui.dialogs.confirm import Confirmation
from ui.labels import day_text
from ui.pages.drafting import DraftKeeper
from ui.pages.intake_kind import KindChooser
from ui.pages.intake_party import PartyPart
from ui.pages.intake_people import MediatorBox
from ui.pages.past_parties import PastFinder
from ui.pages.working import WorkingPage, show_under_fields
from ui.widgets.base import UNBOUND, Divider, IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox
from ui.widgets.fields import AutoSaveText, FormField, LineEdit, MoneyField

WHO_WIDTH = 390


_ACT = "登记"


class IntakePage(WorkingPage):
    """One form; autosaved until it is registered."""

    kinds = frozenset({"settings", "people", "institution"})
    help_text = (
        "这一页登记来访。没带证件、没有电话都可以登记，写明原因就好。写的内容自动存在本机。"
        "按 Ctrl Enter 登记，接着去联系对方。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "intake", nav="cases", title="来访登记")
        self._loaded = False
        self._own_title = False
        self._blank: dict[str, Any] | None = None
        """What stands in the form before anybody touched it."""
        self.past = PastFinder(self, lambda: self.parts.values())
        self._make()
        self.draft = DraftKeeper(self, DRAFT_KIND, self._body, self._kept, self._load)
        self._connect()

    # -- building --------------------------------------------------------------------------------

    def _make(self) -> None:
        look = self.look
        self.agree_button = Button(look, "双方都已同意，直接受理", name="intake.accept.now")
        self.go_button = PrimaryButton(look, "登记，去联系对方", name="intake.register.go")
        self.set_actions([self.agree_button], self.go_button)
        today = self.office.desk.today
        self.parts = {side: PartyPart(look, side, today) for side in ("applicant", "respondent")}
        self.facts = AutoSaveText(
            look, "发生了什么", name="intake.facts", placeholder="一两句，什么时候、什么事"
        )
        self.claims = AutoSaveText(look, "想要怎样", name="intake.claims", placeholder="如 把外机移开")
        self.title_edit = LineEdit("案件简称", name="intake.title", placeholder="如 空调外机噪音")
        self.place = LineEdit("在哪里发生的", name="intake.place", placeholder="写到小区、路段就行")
        self.amount = MoneyField("标的", name="intake.amount")
        self.source = ComboBox(look, "来源", [(s, SOURCE_NAMES[s]) for s in SOURCES], name="intake.source")
        self.mediator = MediatorBox(look, self.office.desk)
        self.fields = {
            "facts": FormField("发生了什么", self.facts),
            "claims": FormField("想要怎样", self.claims),
            "title": FormField("案件简称", self.title_edit, hint="列表上显示，不写姓名门牌。"),
            "place": FormField("在哪里发生的", self.place, optional=True),
            "amount_fen": FormField("标的", self.amount, optional=True, check=self.amount.problem),
            "source": FormField("来源", self.source),
            "mediator_id": FormField("承办人", self.mediator),
        }
        self._halves = row(self._who_card(), self._what_card(), spacing=16)
        self._halves.setStretch(1, 1)
        content = QWidget()
        content.setLayout(self._halves)
        identify(content, "intake.content")
        self.set_content(content, scrolled=True)
        self.look.follow(self, self._fit)

    def _who_card(self) -> Card:
        """At the left: who comes, with the document or why there is none."""
        look, applicant = self.look, self.parts["applicant"]
        self.who_card = Card("申请人是谁", "", applicant.kind)
        self.who_card.add(applicant.identity)
        self.who_card.body.setStretch(0, 1)
        words = "没带证件也能登记：选“没带证件”，写明怎么核对的身份。"
        note = Text(words, role="label", tone="textSecondary", wrap=True)
        line = row(column(IconLabel(look, "info", color="textSecondary", edge=16), None, spacing=0), note)
        line.setStretch(1, 1)
        holder = QWidget()
        holder.setLayout(line)
        self.who_card.set_footer(holder)
        return self.who_card

    def _what_card(self) -> Card:
        """At the right: how to reach both, and what the dispute is about."""
        card = Card(flush=True)
        self.parts["respondent"].add_below(self.past.same_bar)
        for part in (*self.parts.values(), self._kinds_area()):
            card.add(_padded(part))
            card.add(Divider())
        card.add(_padded(self._words_area()))
        card.body.addStretch(1)
        self.until = Text("", role="label", tone="textSecondary", wrap=True)
        foot = row(IconLabel(self.look, "clock", color="textSecondary", edge=16), self.until, spacing=8)
        foot.setStretch(1, 1)
        holder = QWidget()
        holder.setLayout(foot)
        card.set_footer(holder)
        return card

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the halves stand one above the other."""
        super().set_narrow(narrow)
        self._stack()

    def _stack(self) -> None:
        ways = QBoxLayout.Direction
        self._halves.setDirection(ways.TopToBottom if self.narrow else ways.LeftToRight)
        wide = self.look.metrics.px(WHO_WIDTH)
        self.who_card.setMinimumWidth(0 if self.narrow else wide)
        self.who_card.setMaximumWidth(UNBOUND if self.narrow else wide)

    def _kinds_area(self) -> QWidget:
        self.kind = KindChooser(self.look, name="intake")
        self.kind.chosen.connect(self._kind_chosen)
        area = QWidget()
        head = row(Text("什么纠纷", role="bodyStrong"), None, self.kind.all_kinds)
        area.setLayout(column(head, self.kind, spacing=8))
        return area

    def _words_area(self) -> QWidget:
        lines = []
        for keys in (("facts", "claims"), ("title", "place"), ("source", "mediator_id", "amount_fen")):
            fields = [self.fields[key] for key in keys]
            line = row(*fields, spacing=12)
            for number, field in enumerate(fields):
                line.setStretch(number, 1)
                line.setAlignment(field, Qt.AlignmentFlag.AlignTop)
            lines.append(line)
        area = QWidget()
        area.setLayout(column(*lines, spacing=10))
        return area

    def _fit(self) -> None:
        for box in (self.facts, self.claims):
            box.setFixedHeight(self.look.metrics.px(76))
        self._stack()

    def _connect(self) -> None:
        self.go_button.clicked.connect(lambda: self.register(agreed=False))
        self.agree_button.clicked.connect(self.ask_accept)
        for part in self.parts.values():
            part.changed.connect(self._touched)
            self.past.follow(part)
        for text in (self.facts, self.claims):
            text.textChanged.connect(self._touched)
            text.textChanged.connect(self._propose)
        for line in (self.title_edit, self.place, self.amount):
            line.textEdited.connect(self._touched)
        self.title_edit.textEdited.connect(self._titled)
        for box in (self.source, self.mediator):
            box.currentIndexChanged.connect(self._touched)

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Go on with what was written, or begin anew."""
        desk = self.office.desk
        due = deadlines.contact(desk.today(), desk.calendar, desk.rules)
        day = day_text(due.due_on, desk.today()) + ("，暂估" if due.provisional else "")
        self.until.setText(f"决定受理前，{day}（含当天）前先联系对方。")
        self.set_title("来访登记", "没带证件、没有电话也能登记，写明原因就好。")
        self.fetch("看各人手上几件", lambda office: office.intake.workload(), self.mediator.show_workload)
        closed = desk.institution.status == "closed"
        for button in (self.go_button, self.agree_button):
            button.set_unavailable("本机构已停止办理，不能新建案件" if closed else "")
        if not self._loaded:
            self.fetch("接着登记", lambda office: office.drafts.get(DRAFT_KIND, DRAFT_SUBJECT), self._load)

    def leave(self) -> None:
        """Keep what is written, cover it."""
        self.draft.flush()
        for part in self.parts.values():
            part.cover()

    def refresh(self, changes: ChangeSet) -> None:
        """The roster may have changed; nothing else here changes by itself."""
        if changes.touches(frozenset({"people"})):
            self.mediator.renew(self.office.desk)

    def _load(self, draft: Draft | None) -> None:
        body = draft.body if draft is not None else {}
        for side, part in self.parts.items():
            part.load(body.get(side, {}))
        self.facts.load(body.get("facts", ""))
        self.claims.load(body.get("claims", ""))
        self.title_edit.setText(body.get("title", ""))
        self.place.setText(body.get("place", ""))
        self.amount.set_value(body.get("amount_fen"))
        self.source.choose(body.get("source") or "walk_in")
        self.mediator.choose(body.get("mediator_id") or self.office.desk.person.person_id)
        self._own_title = bool(body.get("title"))
        self.kind.choose(body.get("dispute_kind", ""))
        for one in self.fields.values():
            one.show_problem("")
        self._loaded = True
        self.past.look_for_the_same()
        self._blank = None
        self._blank = self._body() if draft is None else None
        self.draft.follow(DRAFT_SUBJECT, draft.body if draft is not None else None)
        self.parts["applicant"].name.setFocus()

    def _body(self) -> dict[str, Any] | None:
        body: dict[str, Any] = {side: part.as_draft() for side, part in self.parts.items()}
        body |= {
            "facts": self.facts.toPlainText(), "claims": self.claims.toPlainText(),
            "title": self.title_edit.text(), "place": self.place.text(),
            "amount_fen": self.amount.value(), "source": self.source.value,
            "mediator_id": self.mediator.value, "dispute_kind": self.kind.value,
        }  # fmt: skip
        return body if body != self._blank else None

    def _kept(self, at: str) -> None:
        self.set_saved(f"{shanghai(from_text(at)):%H:%M:%S} 已自动存在本机")

    def _touched(self, _value: object = None) -> None:
        if self._loaded:
            self.draft.touch()

    # -- kinds and title -------------------------------------------------------------------------

    def _kind_chosen(self, _code: str) -> None:
        self._propose()
        self._touched()

    def _titled(self, text: str) -> None:
        self._own_title = bool(text.strip())

    def _propose(self) -> None:
        if self._own_title or not self.kind.value or not self._loaded:
            return
        parties = tuple(part.party() for part in self.parts.values())
        claims, facts = self.claims.toPlainText(), self.facts.toPlainText()
        self.title_edit.setText(propose(self.kind.value, claims, facts, parties))

    # -- registering -----------------------------------------------------------------------------

    def entry(self, *, agreed: bool) -> IntakeEntry:
        """What stands in the form."""
        return IntakeEntry(
            source=self.source.value,
            dispute_kind=self.kind.value,
            title=self.title_edit.text(),
            claims=self.claims.toPlainText(),
            facts=self.facts.toPlainText(),
            parties=tuple(part.party() for part in self.parts.values()),
            no_id_reasons=tuple((side, part.no_id_reason) for side, part in self.parts.items()),
            place=self.place.text(),
            amount_fen=self.amount.value(),
            mediator_id=self.mediator.value,
            agreed_by_all=agreed,
        )

    def all_fields(self) -> dict[str, FormField]:
        """Every field by the name the service uses."""
        found: dict[str, FormField] = {}
        for side, part in self.parts.items():
            found |= {f"{side}.{key}": field for key, field in part.fields.items()}
            if part.phone_mode.value == "none":
                found[f"{side}.phone"] = part.fields["no_phone_reason"]
            if part.id_mode.value == "none":
                found[f"{side}.id_number"] = part.fields["no_id"]
        return {**found, **self.fields, "dispute_kind": self.fields["facts"]}

    def ask_accept(self) -> None:
        """双方都已同意，直接受理: goes to the platform, so it is confirmed."""
        if not self.kind.value:
            self._no_kind()
            return
        asked = Confirmation(
            title="登记并受理",
            effects=("记下对方当面同意调解。", "案件编号，发给平台，调解期限从今天起算。"),
            action="登记并受理",
            lasting="发出后要改须走更正。",
        )
        self.confirmed(
            _ACT, self.with_outlook(asked), lambda: self.register(agreed=True), dialog="intake.confirm"
        )

    def register(self, *, agreed: bool) -> None:
        """登记; what is missing is said under each field."""
        fields = self.all_fields()
        for one in fields.values():
            one.show_problem("")
        entry = self.entry(agreed=agreed)
        if not self.kind.value:
            self._no_kind()
            others = (one for one in self.office.intake.problems(entry) if one.field != "dispute_kind")
            if lacking := tuple(others):
                show_under_fields(FieldErrors(lacking), fields)
            return

        def done(written: Written[str]) -> None:
            self.draft.forget()
            self._loaded = False
            self._load(None)
            self.set_saved("")
            self.navigate.emit("case" if agreed else "inbox", {"case_id": written.value})

        self.draft.flush()
        said = "已受理，接着发给平台。" if agreed else "已登记，10 秒后发送。"
        self.save(_ACT, lambda office: office.intake.register(entry), done, said=said, fields=fields)

    def _no_kind(self) -> None:
        self.kind.show_problem("选一类纠纷。")
        self.kind.take_focus()


def _padded(widget: QWidget) -> QWidget:
    holder = QWidget()
    inside = row(widget)
    inside.setContentsMargins(16, 12, 16, 12)
    holder.setLayout(inside)
    return holder

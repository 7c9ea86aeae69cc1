"""The call about one agreement: what was said last, how it is kept, what the party said now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain import casefile as cf
from app.domain.agreement import party_letter
from app.services.cases import PartyView
from app.services.followups import CallDetail, as_said
from ui import labels
from ui.labels import month_day
from ui.pages.case_data import SIDES, when_words
from ui.pages.case_later import SATISFIED
from ui.theme.look import Look
from ui.widgets.base import Text, clear, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.choices import Segmented
from ui.widgets.fields import AutoSaveText, FormField
from ui.widgets.flow import FlowLayout
from ui.widgets.masked import Deliver, MaskedField
from ui.widgets.radio_cards import RadioCardGroup
from ui.widgets.states import InfoBar
from ui.widgets.tags import StatusTag

KEPT = (
    ("as_agreed", "按约在履行", "还没有到期的"),
    ("all", "全部做完", "收好凭证，回访结束"),
    ("not_kept", "没有按约", "去督促，或说明可以申请执行"),
    ("regret", "反悔了", "写理由，告知能走的路"),
)
TROUBLE = (("", "没有"), ("signs", "有苗头"), ("urgent", "很急"))
Show = Callable[[str, str, str, Deliver], None]


class CallForm(QWidget):
    """``touched()`` on each edit."""

    touched = Signal()

    def __init__(self, look: Look, show: Show) -> None:
        super().__init__()
        self.look, self._show = look, show
        self.detail: CallDetail | None = None
        self._loading = False
        self.setProperty("kind", "scrolled")
        identify(self, "followup.form")
        self.title = Text("", role="section")
        self.tag = StatusTag(look, "neutral", "　")
        self._phones = column(spacing=6)
        self.phones: list[MaskedField] = []
        self.said = InfoBar(look, "info", "上次怎么说", " ", name="followup.said", icon="history")
        self.kept = RadioCardGroup(look, "履行得怎么样", KEPT, name="followup.kept", columns=2)
        self.satisfaction = Segmented(
            look, "满意吗", SATISFIED, name="followup.satisfaction", value="", tick=True
        )
        self.trouble = Segmented(look, "有没有可能闹大", TROUBLE, name="followup.trouble", tick=True)
        self.text = AutoSaveText(look, "对方说了什么", name="followup.text", placeholder="一两句")
        self.fields = {
            "kept": FormField("履行得怎么样", self.kept),
            "satisfaction": FormField("满意吗", self.satisfaction),
            "trouble": FormField("有没有可能闹大", self.trouble),
            "text": FormField("对方说了什么", self.text, optional=True),
        }
        beside = FlowLayout(gap=14)
        for key in ("satisfaction", "trouble"):
            beside.addWidget(self.fields[key])
        self.case_button = LinkButton(look, "看案件", name="followup.case.open", icon="folder-open")
        head = row(self.title, self.tag, None, self.case_button, spacing=10)
        inside = column(
            head, self._phones, self.said, self.fields["kept"], beside, self.fields["text"], None, spacing=14
        )
        inside.setContentsMargins(18, 14, 18, 12)
        self.setLayout(inside)
        self.kept.chosen.connect(self._chosen)
        self.satisfaction.chosen.connect(self._edited)
        self.trouble.chosen.connect(self._edited)
        self.text.textChanged.connect(self._edited)
        look.follow(self, self._size)

    def _size(self) -> None:
        self.text.setFixedHeight(self.look.metrics.px(96))

    def show_detail(self, detail: CallDetail, body: Mapping[str, Any]) -> None:
        """Show a case, and what was typed about it before."""
        self._loading = True
        self.renew(detail)
        self.kept.clear_choice()
        if body.get("kept") in self.kept.cards:
            self.kept.choose(str(body["kept"]))
        self.satisfaction.choose(str(body.get("satisfaction", "")))
        self.trouble.choose(str(body.get("trouble", "")))
        self.text.load(str(body.get("text", "")))
        for field in self.fields.values():
            field.show_problem("")
        self._chosen(self.kept.value)
        self._loading = False

    def renew(self, detail: CallDetail) -> None:
        """The case changed; what is typed stays."""
        same = self.detail is not None and self.detail.view.parties == detail.view.parties
        self.detail = detail
        self.title.setText(detail.view.head.title)
        standing = labels.standing(detail.view.plan.label)
        self.tag.set_status(standing.status, standing.text, icon=standing.icon)
        if not same or not self.phones:
            self._show_phones(detail)
        said = detail.said
        self.said.setVisible(said is not None)
        if said is not None:
            self.said.set_texts(f"上次怎么说　{when_words(said.at)}，{said.by}", said.words)
        self.kept.cards["as_agreed"].set_hint(_next_words(detail))

    def _show_phones(self, detail: CallDetail) -> None:
        clear(self._phones)
        self.phones = []
        made = detail.view.file.agreements.get(detail.view.head.agreement_id)
        order = made.party_ids if made is not None else ()
        found = sorted(
            detail.view.parties, key=lambda p: order.index(p.party_id) if p.party_id in order else 99
        )
        for number, party in enumerate(found):
            self._phones.addWidget(self._phone(party, number, order))

    def _phone(self, party: PartyView, number: int, order: tuple[str, ...]) -> QWidget:
        side = party_letter(order.index(party.party_id)) if party.party_id in order else SIDES[party.side][1]
        words = Text(f"{side}　{party.masked['name']}")
        words.setMinimumWidth(self.look.metrics.px(120))
        holder = QWidget()
        if party.masked["phone"]:
            phone = MaskedField(
                self.look, f"{side}电话", party.masked["phone"], name=f"followup.phone{number}", noun="号码",
                reveal=self._revealer(party.party_id),
            )  # fmt: skip
            self.phones.append(phone)
            holder.setLayout(row(words, phone, None, spacing=10))
        else:
            why = Text(
                f"没有电话：{party.no_phone_reason or '没有写原因'}", role="label", tone="textSecondary"
            )
            holder.setLayout(row(words, why, None, spacing=10))
        return holder

    def _revealer(self, party_id: str) -> Callable[[str, Deliver], None]:
        return lambda reason, deliver: self._show(party_id, "phone", reason, deliver)

    def cover(self) -> None:
        """Cover the numbers."""
        for phone in self.phones:
            phone.cover()

    def focus_first(self) -> None:
        """Begin with the number, else with how it is kept."""
        if self.phones:
            self.phones[0].button.setFocus()
        else:
            self.kept.setFocus()

    def problem(self) -> str:
        """The field that lacks something, with its sentence shown; empty when all is there."""
        lacks = {
            "kept": "" if self.kept.value else "选一项履行情况。",
            "text": "写一句为什么反悔，才好告知能走的路。"
            if self.kept.value == "regret" and not self.text.toPlainText().strip()
            else "",
        }
        for key, words in lacks.items():
            self.fields[key].show_problem(words)
        wrong = next((key for key, words in lacks.items() if words), "")
        if wrong:
            self.fields[wrong].take_focus()
        return wrong

    def follow_up(self) -> cf.FollowUp:
        """What stands here, as the record is kept."""
        plan = self.detail.plan if self.detail is not None else ()
        return as_said(
            self.kept.value, self.satisfaction.value, self.trouble.value, self.text.toPlainText(), plan
        )

    def as_draft(self) -> dict[str, str] | None:
        """What stands here; nothing while nothing was chosen or written."""
        body = {
            "kept": self.kept.value, "satisfaction": self.satisfaction.value, "trouble": self.trouble.value,
            "text": self.text.toPlainText(),
        }  # fmt: skip
        return body if any(body.values()) else None

    def _chosen(self, key: str) -> None:
        self.fields["text"].set_optional(key != "regret")
        self._edited()

    def _edited(self, _value: object = None) -> None:
        if not self._loading:
            self.touched.emit()


def _next_words(detail: CallDetail) -> str:
    one = detail.next_payment
    if one is None or one.due_on is None:
        return "还没有到期的" if not detail.plan else "都付了"
    return f"第 {one.no} 期 {month_day(one.due_on)}"

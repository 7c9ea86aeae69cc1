"""Step 2: recording one attempt to reach the respondent. Only the form; the page saves it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from app.clock import SHANGHAI, shanghai
from app.services.cases import PartyView
from app.services.deciding import ContactEntry
from ui.labels import day_text, month_day
from ui.pages.inbox_data import CHANNELS, Detail
from ui.pages.inbox_side import Show
from ui.theme.look import Look
from ui.widgets.base import (
    IconLabel,
    Text,
    bring_into_view,
    clear,
    column,
    fields_beside,
    identify,
    repolish,
    row,
)
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.choices import ComboBox
from ui.widgets.dates import DateField, DateTimeField
from ui.widgets.fields import AutoSaveText, FormField
from ui.widgets.masked import MaskedField
from ui.widgets.radio_cards import RadioCardGroup

RESULTS = (
    ("willing", "愿意调解", "接着去决定受理"),
    ("unwilling", "不愿意调解", "要写明对方说的理由"),
    ("unreached", "没有联系上", "记一次，稍后提醒再联系"),
    ("considering", "要考虑几天", "约好日子，移到“等答复”"),
)
CHANNEL_ICONS = {
    "phone": "phone", "sms": "message-square", "visit": "users", "post": "mail", "third_party": "user",
    "platform": "monitor",
}  # fmt: skip
REMIND_AT = dt.time(9)


class DeadlineStrip(QFrame):
    """Until when the respondent is to be reached, and 怎么算的 line by line."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.setProperty("kind", "infobar")
        identify(self, "inbox.deadline.bar")
        self._icon = IconLabel(look, "alarm-clock")
        self.title = Text("", role="bodyStrong", wrap=True)
        self.text = Text("", role="label", wrap=True)
        self.how = LinkButton(look, "怎么算的", name="inbox.deadline.how", about="联系期限")
        self.how.setCheckable(True)
        self.how.toggled.connect(self._fold)
        self._lines = column(spacing=2)
        self._sum = QWidget()
        self._sum.setLayout(self._lines)
        self._sum.hide()
        beside = row(self.text, self.how)
        beside.setStretch(0, 1)
        words = column(self.title, beside, self._sum, spacing=2)
        inside = row(self._icon, words, spacing=14)
        inside.setStretch(1, 1)
        inside.setContentsMargins(14, 10, 14, 10)
        self.setLayout(inside)

    def show_detail(self, detail: Detail) -> None:
        """Show the contact deadline of an open 办件."""
        due, left = detail.deadline, detail.remaining
        self.setVisible(due is not None and left is not None)
        if due is None or left is None:
            return
        day = day_text(due.due_on)
        estimated = "（暂估）" if due.provisional else ""
        status, icon, title = {
            "overdue": ("overdue", "octagon-alert", f"联系期限 {month_day(due.due_on)}已过，{left.text}"),
            "dueToday": ("dueToday", "alarm-clock", "今天下班前要联系到被申请人"),
            "dueSoon": ("dueSoon", "clock", f"最晚 {day}要联系到被申请人，{left.text}"),
            "ok": ("info", "calendar-days", f"最晚 {day}要联系到被申请人，{left.text}"),
        }[left.status]
        if detail.contacted:
            status, icon, title, estimated = "ok", "circle-check", detail.contacted, ""
        self.setProperty("status", status)
        repolish(self)
        self._icon.set_icon(icon, f"{status}.fg")
        self.title.setText(title + estimated)
        self.text.setText("，".join(line.text for line in due.explanation[:2]))
        self.title.set_tone(status)
        self.text.set_tone(status)
        clear(self._lines)
        for line in due.explanation:
            self._lines.addLayout(row(Text(line.text, role="caption", tone=status), None,
                                      Text(line.value, role="caption", tone=status)))  # fmt: skip
        for words in (*due.warnings, *due.basis):
            self._lines.addWidget(Text(words, role="caption", tone=status, wrap=True))
        self.setAccessibleName(self.title.text())
        self.setAccessibleDescription("；".join(line.text for line in due.explanation))

    def _fold(self, on: bool) -> None:
        self._sum.setVisible(on)
        self.how.relabel("收起" if on else "怎么算的")


class RespondentCard(QFrame):
    """Whom to reach: masked name, telephone with 显示号码, another respondent."""

    changed = Signal(str)

    def __init__(self, look: Look, show: Show) -> None:
        super().__init__()
        self.look, self._show = look, show
        self.setProperty("kind", "card")
        identify(self, "inbox.respondent")
        self._parties: tuple[PartyView, ...] = ()
        self.party_id = ""
        self.role = Text("被申请人", role="label", tone="textSecondary")
        self.name = Text("", role="bodyStrong", wrap=True)
        self.phone = MaskedField(
            look, "被申请人电话", "", name="inbox.phone.respondent", reveal=self._reveal, noun="号码"
        )
        self.no_phone = Text("", role="label", tone="textSecondary", wrap=True)
        self.other = Button(look, "换联系人", name="inbox.respondent.change", icon="user-plus", compact=True)
        self.other.clicked.connect(self._choose)
        inside = row(
            column(self.role, self.name, spacing=0), self.no_phone, self.phone, self.other, spacing=12
        )
        inside.setStretch(0, 1)
        inside.setContentsMargins(14, 10, 14, 10)
        self.setLayout(inside)

    def show_parties(self, parties: tuple[PartyView, ...], chosen: str) -> None:
        """Show the respondents; ``chosen`` is kept when it is one of them."""
        self._parties = parties
        known = {p.party_id for p in parties}
        first = parties[0].party_id if parties else ""
        self.other.set_unavailable("" if len(parties) > 1 else "只有一位被申请人")
        self._take(chosen if chosen in known else first)

    def _take(self, party_id: str) -> None:
        if party_id == self.party_id and self.phone.shown:
            return
        self.party_id = party_id
        party = next((p for p in self._parties if p.party_id == party_id), None)
        if party is None:
            self.name.setText("申请里没有写被申请人")
            self.phone.hide()
            self.no_phone.setText("先补上被申请人，再联系")
            return
        agent = f"　代理人 {party.agent}" if party.agent else ""
        self.name.setText(f"{party.masked['name']}{agent}")
        masked = party.masked["phone"]
        self.phone.setVisible(bool(masked))
        self.phone.set_masked(masked)
        self.no_phone.setText("" if masked else party.no_phone_reason or "申请里没有留电话")
        self.no_phone.setVisible(not masked)

    def _reveal(self, reason: str, deliver: Callable[[str, int], None]) -> None:
        self._show(self.party_id, "phone", reason, deliver)

    def _choose(self) -> None:
        menu = QMenu(self)
        identify(menu, "inbox.respondent.menu", "换联系人")
        for party in self._parties:
            action = menu.addAction(party.masked["name"])
            action.setData(party.party_id)
        menu.triggered.connect(self._chosen)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.other.mapToGlobal(self.other.rect().bottomLeft()))

    def _chosen(self, action: QAction) -> None:
        self._take(str(action.data()))
        self.changed.emit(self.party_id)


class ContactForm(QWidget):
    """The form. ``touched`` when something was changed, ``result_chosen(key)`` for the button's words."""

    touched = Signal()
    result_chosen = Signal(str)

    def __init__(self, look: Look, today: Callable[[], dt.date], show: Show) -> None:
        super().__init__()
        self._proposed: dt.datetime | None = None
        self.look, self._loading = look, False
        identify(self, "inbox.contact.form")
        self.strip = DeadlineStrip(look)
        self.respondent = RespondentCard(look, show)
        self.results = RadioCardGroup(look, "这次联系的结果", RESULTS, name="inbox.result", strong=True)
        self.channel = ComboBox(look, "联系方式", CHANNELS, name="inbox.channel", icons=CHANNEL_ICONS)
        self.at = DateTimeField(look, "联系时间", name="inbox.at", today=today)
        self.reply_by = DateField(look, "约好哪天答复", name="inbox.reply_by", today=today)
        self.said = AutoSaveText(look, "对方说了什么", name="inbox.said")
        self.said.setFixedHeight(look.metrics.px(68))
        self._date_problem = FormField("联系时间", self.at, check=self.at.problem)
        self._reply = FormField("约好哪天答复", self.reply_by, check=self.reply_by.problem)
        self._said = FormField("对方说了什么", self.said, optional=True)
        self.fields = {"at": self._date_problem, "reply_by": self._reply, "said": self._said}
        self._result_label = Text("这次联系的结果", role="label", tone="textSecondary")
        self.result_problem = Text("", role="caption", tone="overdue")
        self.result_problem.hide()
        pair = fields_beside(FormField("联系方式", self.channel), self._date_problem)
        results = column(self._result_label, self.result_problem, self.results, spacing=4)
        inside = column(self.strip, self.respondent, results, self._reply, pair, self._said, None, spacing=12)
        inside.setContentsMargins(20, 14, 20, 12)
        self.setLayout(inside)
        self._reply.hide()
        self.results.chosen.connect(self._result)
        self.channel.currentIndexChanged.connect(self._touch)
        self.at.changed.connect(self._touch)
        self.reply_by.changed.connect(self._touch)
        self.said.textChanged.connect(self._touch)
        self.respondent.changed.connect(self._touch)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """The writing area follows the type scale."""
        self.said.setFixedHeight(self.look.metrics.px(68))

    def load(self, detail: Detail, draft: dict[str, Any] | None, now: dt.datetime) -> None:
        """Show one 办件 with what was typed before."""
        self._loading = True
        known = draft or {}
        self.strip.show_detail(detail)
        self.respondent.show_parties(detail.side("respondent"), str(known.get("party_id", "")))
        self.results.clear_choice()
        if known.get("result"):
            self.results.choose(str(known["result"]))
        self.channel.choose(str(known.get("channel") or "phone"))
        moment = dt.datetime.fromisoformat(known["at"]) if known.get("at") else None
        self._proposed = None if moment else shanghai(now).replace(tzinfo=None, second=0, microsecond=0)
        self.at.set_value(moment or self._proposed)
        reply_by = known.get("reply_by")
        self.reply_by.set_value(dt.date.fromisoformat(reply_by) if reply_by else None)
        self.said.load(str(known.get("said", "")))
        for one in self.fields.values():
            one.show_problem("")
        self.result_problem.hide()
        self._loading = False
        self._show_result(self.results.value)

    def renew(self, detail: Detail) -> None:
        """The 办件 changed elsewhere: what is typed stays."""
        self.strip.show_detail(detail)
        self.respondent.show_parties(detail.side("respondent"), self.respondent.party_id)

    def collect(self) -> dict[str, Any] | None:
        """The draft; nothing while the person has written nothing."""
        if not self.results.value and not self.said.toPlainText().strip():
            return None
        moment, reply_by = self.at.value(), self.reply_by.value()
        return {
            "party_id": self.respondent.party_id,
            "result": self.results.value,
            "channel": self.channel.value,
            "at": moment.isoformat() if moment else "",
            "reply_by": reply_by.isoformat() if reply_by else "",
            "said": self.said.toPlainText(),
        }

    def entry(self, remind_on: dt.date, now: dt.datetime) -> ContactEntry | None:
        """What is to be saved; nothing (and the problem is shown) when it cannot be yet.

        A time that nobody touched is ``now``, not the moment at which the page was opened; so is one of this
        minute, which would else lie before another contact of the same minute.
        """
        result = self.results.value
        problems = [field.problem() for field in (self._date_problem, self._reply)]
        self.result_problem.setText("" if result else "选一个结果，再存。")
        self.result_problem.setVisible(not result)
        moment = self.at.value()
        if moment is None and not problems[0]:
            problems[0] = "写联系的日子和钟点。"
            self._date_problem.show_problem(problems[0])
        if not result or any(problems) or moment is None:
            self._first_problem(result, problems)
            return None
        here = shanghai(now).replace(tzinfo=None)
        if moment in (self._proposed, here.replace(second=0, microsecond=0)):
            moment = here
        remind = dt.datetime.combine(remind_on, REMIND_AT, SHANGHAI).astimezone(dt.UTC)
        return ContactEntry(
            party_id=self.respondent.party_id,
            channel=self.channel.value,
            result=result,
            at=moment.replace(tzinfo=SHANGHAI).astimezone(dt.UTC),
            said=self.said.toPlainText(),
            reply_by=self.reply_by.value() if result == "considering" else None,
            remind_at=remind if result == "unreached" else None,
        )

    def focus_first(self) -> None:
        """The telephone first, so that Alt+M shows it; without one the result."""
        if self.respondent.phone.isVisibleTo(self):
            self.respondent.phone.chip.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.results.cards["willing"].setFocus(Qt.FocusReason.TabFocusReason)

    def choose(self, result: str) -> None:
        """Alt+1 to Alt+4."""
        self.results.choose(result)
        self.results.cards[result].setFocus(Qt.FocusReason.ShortcutFocusReason)
        bring_into_view(self.results.cards[result])

    def _first_problem(self, result: str, problems: list[str]) -> None:
        if not result:
            self.results.cards["willing"].setFocus()
            bring_into_view(self.results.cards["willing"], self.result_problem)
        else:
            (self._date_problem if problems[0] else self._reply).take_focus()

    def _result(self, key: str) -> None:
        self._show_result(key)
        self._touch()

    def _show_result(self, key: str) -> None:
        self._reply.setVisible(key == "considering")
        self._said.label.setText("对方说的理由" if key == "unwilling" else "对方说了什么")
        self._said.set_optional(key != "unwilling")
        self.result_problem.setVisible(self.result_problem.isVisible() and not key)
        self.result_chosen.emit(key)

    def _touch(self, *_: object) -> None:
        if not self._loading:
            self.touched.emit()

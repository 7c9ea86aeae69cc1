"""The places on a signed paper with their dates, the two days they come to, and what the page reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.domain import agreement as rules
from app.domain import casefile as cf
from app.domain import deadlines
from app.domain.filings_of import active_filing
from app.domain.reducer import CaseFile
from app.domain.workdays import short_date
from app.services.act_words import SIGNED_BY
from app.services.agreeing import Shown
from app.services.desk import Desk
from ui.labels import day_text, month_day, weekday
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, column, identify, repolish, row
from ui.widgets.buttons import Button
from ui.widgets.dates import DateField, Today
from ui.widgets.fields import FormField

if TYPE_CHECKING:
    from app.services.office import Office


SEEN = "seen"


@dataclass(frozen=True)
class Loaded:
    """One reading of the page."""

    file: CaseFile
    effect: rules.Effectiveness | None
    draft: Mapping[str, Any]
    """Dates as typed, by place; beside them, under :data:`SEEN`, what stood there when they were."""
    locked: bool
    """The court has the agreement: dates are changed only by a correction."""


def key_of(place: rules.Place) -> str:
    """The name of a place as drafts and errors know it."""
    return f"{place.signer.signer}:{place.signer.party_id}"


def read(office: Office, case_id: str) -> Loaded:
    """Read on the read lane."""
    file = office.cases.open(case_id).file
    saved = office.drafts.get("signatures", case_id)
    locked = active_filing(file) is not None or file.head.state == "archived"
    return Loaded(file, rules.effectiveness_of(file), saved.body if saved else {}, locked)


def shown_when_typed(loaded: Loaded, agreement_id: str) -> Shown:
    """What stood there when the draft's dates were typed; of a draft that does not say it, this agreement
    without a day."""
    kept = loaded.draft.get(SEEN)
    return Shown(agreement_id) if kept is None else msgspec.convert(kept, Shown)


def words_of(place: rules.Place, file: CaseFile, desk: Desk) -> str:
    """甲方 许** 签名, 调解员 周敏芳 签名."""
    words = rules.place_words(place, file.parties)
    mediator = desk.people.get(file.head.mediator_id)
    if place.signer.signer == "mediator" and mediator is not None:
        return f"{words[:-2]} {mediator.name} {words[-2:]}"
    return words


def next_words(effect: rules.Effectiveness, file: CaseFile, desk: Desk) -> list[tuple[str, str]]:
    """接下来: what there is to do, each with its icon."""
    lines, head = [], file.head
    if effect.missing:
        day_of_paper = rules.paper_day(file.agreements[head.agreement_id])
        due = deadlines.signature(effect.first_signed_on, day_of_paper, desk.calendar, desk.rules_for(head))
        left = deadlines.remaining(due, desk.today(), desk.calendar).text
        day = f"{day_text(due.due_on)}（{'含当天，暂估' if due.provisional else '含当天'}）"
        lines.append(("pen-line", f"{day}前补齐{'、'.join(effect.missing)}，机构设定，{left}"))
    if effect.is_effective:
        lines.append(("landmark", "双方可以一起申请司法确认，不收费"))
        day = short_date(effect.complete_on or desk.today())
        closable = "，可以结案" if head.state == "agreed" else ""
        lines.append(("circle-check", f"{day}生效{closable}"))
    lines.append(("bell", "生效后自动排回访、履行提醒"))
    return lines


def note_of(place: rules.Place) -> str:
    """How it was signed, or what is to be done there."""
    if (made := place.signature) is not None:
        # A company's place bears its seal: nobody of flesh and blood signed there.
        own = "本单位" if place.signer.label.endswith("盖章") else "本人"
        who = {"party": own, "agent": "代理人"}.get(made.signer, "")
        how = "" if made.signer == "seal" else SIGNED_BY[made.method]
        return "，".join(part for part in (who, how, made.note) if part) or "已登记"
    return "纸面上签好、盖好再填" if place.signer.needed else "法律没有要求这一处，可以不填"


ROOMY = 610
"""Logical width of a row from which its words have the room they are drawn with."""


class PlaceRow(QFrame):
    """One place on the paper with its date. ``changed()`` follows each edit."""

    changed = Signal()

    def __init__(
        self, look: Look, agreement: cf.Agreement, place: rules.Place, words: str, today: Today, index: int
    ) -> None:
        super().__init__()
        self.look, self.agreement, self.place = look, agreement, place
        self.words, self.today = words, today
        self.seen = place.on
        """The day that stood here when another one was begun."""
        self.setProperty("kind", "placerow")
        identify(self, f"effective.place.{index}", words)
        self.icon = IconLabel(look, "clock", color="dueSoon.fg")
        self.title = Text(words, wrap=True)
        self.note = Text(note_of(place), role="label", tone="textSecondary", wrap=True)
        self.date = DateField(
            look, f"{words}的日期", name=f"effective.date.{index}", today=today, value=place.on
        )
        done = "盖了" if place.signer.signer == "seal" else "签了"
        self.date.edit.setPlaceholderText(f"还没{done[0]}，T 是今天")
        self.field = FormField("", self.date, check=self.problem)
        for part in self.field.findChildren(Text):
            part.setVisible(part is self.field.message and bool(part.text()))
        self.weekday = Text("", role="label", tone="textSecondary")
        self.today_button = Button(
            look, f"今天{done}", name=f"effective.today.{index}", about=words, compact=True
        )
        self.today_button.clicked.connect(self.sign_today)
        self.date.edit.textChanged.connect(self._edited)
        self._words = QWidget()
        self._words.setLayout(column(None, self.title, self.note, None, spacing=0))
        inside = row(self.icon, self._words, self.field, self.weekday, None)
        inside.addWidget(self.today_button)
        inside.setContentsMargins(16, 8, 16, 8)
        self.setLayout(inside)
        look.follow(self, self.restyle)

    def value(self) -> dt.date | None:
        """The date; ``None`` while there is none, or one that cannot be right."""
        value = self.date.value()
        return None if value is None or (value != self.place.on and self.problem()) else value

    def differs(self) -> bool:
        """Whether something stands here that is not registered, be it a date or not."""
        return bool(self.problem()) or self.value() != self.place.on

    def unseen(self) -> bool:
        """Whether another day was registered here since the one in the field was begun."""
        written = bool(self.date.edit.text().strip()) and self.differs()
        return written and self.place.on is not None and self.place.on != self.seen

    def problem(self) -> str:
        """A sentence when the date cannot be right."""
        if found := self.date.problem():
            return found
        value = self.date.value()
        return "" if value is None else rules.signed_problem(value, self.agreement, self.today())

    def sign_today(self) -> None:
        """T in the field does the same. Whoever pressed the button by key goes on with the next place."""
        by_key = self.today_button.hasFocus()
        self.date.set_value(self.today())
        if by_key and not self.today_button.isVisibleTo(self):
            self._next_open().setFocus(Qt.FocusReason.TabFocusReason)
        self.changed.emit()

    def _next_open(self) -> QWidget:
        """The button of the next place without a date; the own field where there is none."""
        parent = self.parentWidget()
        rows = parent.findChildren(PlaceRow) if parent is not None else [self]
        later = rows[rows.index(self) + 1 :]
        return next((one.today_button for one in later if one.today_button.isVisible()), self.date.edit)

    def set_locked(self, *, locked: bool) -> None:
        """Only to be read."""
        self.date.edit.setReadOnly(locked)
        self.date.button.setEnabled(not locked)
        self._offer_today()

    def _offer_today(self) -> None:
        """Only beside an empty field: whoever typed a date goes on to the next one with Tab."""
        empty = not self.date.edit.text().strip()
        self.today_button.setVisible(empty and not self.date.edit.isReadOnly())

    def restyle(self) -> None:
        """A place without a date stands out."""
        self.date.setFixedWidth(self.look.metrics.px(190))
        self._size()
        self.weekday.setMinimumWidth(self.look.metrics.px(88))
        value = self.value()
        open_ = value is None and self.place.signer.needed
        if self.title.property("role") != ("bodyStrong" if open_ else "body"):
            self.title.setProperty("role", "bodyStrong" if open_ else "body")
            repolish(self.title)
        self.icon.set_icon(
            "clock" if value is None else "circle-check", "dueSoon.fg" if value is None else "ok.fg"
        )
        self.weekday.setText((weekday(value) + ("，今天" if value == self.today() else "")) if value else "")
        self._offer_today()
        ground = self.look.colors.resolve("dueSoon.bg") if open_ else "transparent"
        self.setStyleSheet(f'QFrame[kind="placerow"] {{ background: {ground}; border: 0; }}')

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words give way to date and button; all rows are of one width and stay in line."""
        super().resizeEvent(event)
        self._size()

    def _size(self) -> None:
        metrics = self.look.metrics
        roomy = metrics.logical(self.width()) >= ROOMY
        self._words.setFixedWidth(metrics.px(196 if roomy else 140))

    def _edited(self, _text: str) -> None:
        self.restyle()
        if not self.problem():
            self.field.show_problem("")
        self.changed.emit()


class DayBox(QFrame):
    """One of the two days: 最早可能生效, 要件齐备."""

    def __init__(self, look: Look, title: str, note: str, *, strong: bool) -> None:
        super().__init__()
        self.look, self._strong = look, strong
        self.setProperty("kind", "daybox")
        self.day = Text("还定不了", role="title")
        inside = column(
            Text(title, role="label", tone="textSecondary"), self.day,
            Text(note, role="caption", tone="textSecondary"),
            spacing=2,
        )  # fmt: skip
        inside.setContentsMargins(12, 8, 12, 8)
        self.setLayout(inside)
        look.follow(self, self.restyle)

    def set_day(self, day: dt.date | None) -> None:
        """Show the day."""
        self.day.setText(month_day(day) if day else "还定不了")

    def restyle(self) -> None:
        """The earlier one filled, the other with a dashed edge."""
        c = self.look.colors
        fill = c["primarySubtle"] if self._strong else "transparent"
        width = 2 if c.high_contrast else 1
        style = f"solid {c['primaryBorder']}" if self._strong else f"dashed {c['borderControl']}"
        self.setStyleSheet(
            f'QFrame[kind="daybox"] {{ background: {fill}; border: {width}px {style}; border-radius: 4px; }}'
        )

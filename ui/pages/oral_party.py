"""One party of 口头协议登记: a few fields, and a covered line or two once it is complete and left."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from app.domain import casefile as cf
from app.domain import identity
from app.domain.agreement import party_letter
from app.domain.taxonomy import GENDERS
from app.services import parties as party_rules
from ui.pages.case_side import SideMark
from ui.pages.party_fields import PartyFields, Today
from ui.theme.look import Look
from ui.widgets.base import Text, column, row
from ui.widgets.buttons import IconButton, LinkButton
from ui.widgets.choices import ComboBox
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.flow import FlowLayout

GENDER_CHOICES = (("", "没有写"), ("female", "女"), ("male", "男"))


class OralParty(PartyFields):
    """甲方, 乙方 …; the first is the applicant, the others are respondents.

    ``removed()`` when it is taken out again, which a third party offers.
    """

    removed = Signal()
    has_id = False

    def __init__(self, look: Look, number: int, today: Today) -> None:
        letter = party_letter(number)
        key = "abcdefghij"[number]
        side: cf.Side = "applicant" if number == 0 else "respondent"
        name = f"oral.party.{key}"
        self.gender = ComboBox(look, f"{letter}性别", GENDER_CHOICES, name=f"{name}.gender")
        self.ethnicity = LineEdit(f"{letter}民族", name=f"{name}.ethnicity", placeholder="如 汉族")
        super().__init__(look, key, side, letter, name=name, today=today)
        self.letter = letter
        self.more = QWidget()
        self.line = Text("", role="bodyStrong")
        self.about = Text("", role="label", tone="textSecondary")
        self.edit_button = IconButton(look, "pencil", f"改{letter}", name=f"{name}.edit")
        self.edit_button.clicked.connect(lambda: self.unfold(unfolded=True))
        self.no_phone_button = LinkButton(look, "没有电话", name=f"{name}.no_phone.toggle")
        self.no_phone_button.clicked.connect(self._toggle_phone)
        self.more_button = LinkButton(look, "再填证件、职业", name=f"{name}.more", icon="chevron-down")
        self.more_button.clicked.connect(lambda: self._show_more(more=not self.more.isVisibleTo(self)))
        self.remove_button = LinkButton(look, "去掉这一方", name=f"{name}.remove")
        self.remove_button.clicked.connect(self.removed)
        self._compose(letter)
        self.remove_button.setVisible(number > 1)
        self.id_mode.choose("id")
        self.gender.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.ethnicity.textEdited.connect(self.changed)
        self._adapt()
        self._show_more(more=False)
        self.unfold(unfolded=True)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _compose(self, letter: str) -> None:
        look = self.look
        self.summary = QFrame()
        words = column(self.line, self.about, spacing=2)
        shown = row(SideMark(look, letter[0], edge=30), words, self.edit_button, spacing=12)
        shown.setStretch(1, 1)
        self.summary.setLayout(shown)
        self.form = QWidget()
        head = row(
            SideMark(look, letter[0], edge=24), Text(letter, role="bodyStrong"), None, self.remove_button,
            self.kind, spacing=8,
        )  # fmt: skip
        self.more.setLayout(
            column(
                self._line("id_kind", "id_number"), self._line("gender", "ethnicity", "occupation"), spacing=8
            )
        )
        links = FlowLayout(gap=14)
        for link in (self.no_phone_button, self.past_button, self.more_button):
            links.addWidget(link)
        self.form.setLayout(
            column(
                head, self._line("name", ("phone", "no_phone_reason")), self._line("address"), links,
                self.more, self.known_line, spacing=8,
            )
        )  # fmt: skip
        frame = QFrame()
        frame.setProperty("kind", "card")
        inside = column(self.summary, self.form, None, spacing=0)
        inside.setContentsMargins(12, 10, 12, 10)
        frame.setLayout(inside)
        self.setLayout(column(frame, spacing=0))

    def _fields(self) -> None:
        super()._fields()
        self.fields["gender"] = FormField("性别", self.gender)
        self.fields["ethnicity"] = FormField("民族", self.ethnicity, optional=True)
        self.fields["address"].set_optional(False)

    @property
    def has_phone(self) -> bool:
        """Whether a number is asked for, and not why there is none."""
        return self.phone_mode.value == "phone"

    @property
    def complete(self) -> bool:
        """Whether all that the agreement needs of the party is there and right."""
        return not party_rules.problems(self.party(), self._today())

    def party(self) -> cf.Party:
        """What stands in the form."""
        person = self.kind.value == "person"
        return msgspec.structs.replace(
            super().party(),
            gender=self.gender.value if person else "",
            ethnicity=self.ethnicity.text().strip() if person else "",
        )

    def as_draft(self) -> dict[str, str]:
        """What stands here, for the draft."""
        more = {"gender": self.gender.value, "ethnicity": self.ethnicity.text()}
        return {**super().as_draft(), **more}

    def load(self, values: Mapping[str, str]) -> None:
        """Take up a draft; empty values clear the form."""
        self.gender.choose(values.get("gender") or "")
        self.ethnicity.setText(values.get("ethnicity", ""))
        super().load({**values, "id_mode": "id"})
        self._show_more(more=any(values.get(key) for key in ("number", "occupation", "ethnicity", "gender")))
        self.unfold(unfolded=not (values.get("name") and self.complete))

    def unfold(self, *, unfolded: bool) -> None:
        """Show the fields, or the covered line in their place."""
        self.summary.setVisible(not unfolded)
        self.form.setVisible(unfolded)
        if unfolded:
            if self.edit_button.hasFocus():
                self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        known = party_rules.completed(self.party())
        age = f"{identity.age_on(known.birth_date, self._today())} 岁" if known.birth_date else ""
        parts = (self._mask_name(known.name), GENDERS.get(known.gender, ""), age)
        self.line.setText("　".join(part for part in parts if part))
        # What stands in the covered lines is what they show once left.
        where = self.address.text() if known.address else "没有写住址"
        phone = self.phone.text() if known.phone else f"没有电话：{known.no_phone_reason}"
        self.about.setText(f"{phone}　{where}")

    def cover(self) -> None:
        """Cover what is not being written; a party that is complete folds."""
        super().cover()
        if self.complete and not self.form.isHidden():
            self.unfold(unfolded=False)

    def take_focus(self) -> None:
        """Lead to the name, or to the pencil where the party is folded."""
        (self.edit_button if self.form.isHidden() else self.name).setFocus(Qt.FocusReason.OtherFocusReason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole folded card takes the click."""
        if self.form.isHidden():
            self.unfold(unfolded=True)
            self.name.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        # A menu, a dialog or another window takes the keyboard for a while: nobody left the party.
        if now is None or self.form.isHidden() or not self.isVisible() or now.window() is not self.window():
            return
        if not self.isAncestorOf(now) and self.complete:
            super().cover()
            self.unfold(unfolded=False)

    def _toggle_phone(self) -> None:
        none = self.has_phone
        self.phone_mode.choose("none" if none else "phone")
        (self.no_phone if none else self.phone).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_more(self, *, more: bool) -> None:
        self.more.setVisible(more)
        icon = "chevron-up" if more else "chevron-down"
        self.more_button.relabel("收起证件、职业" if more else "再填证件、职业", icon)

    def _adapted(self) -> None:
        """The link says the other way; an organisation has neither gender nor people."""
        self.no_phone_button.relabel("没有电话" if self.has_phone else "有电话")
        person = self.kind.value == "person"
        for key in ("gender", "ethnicity"):
            self.fields[key].setVisible(person)

    def _number_problem(self) -> str:
        return super()._number_problem() if self.number.plain() else ""

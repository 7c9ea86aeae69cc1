"""One party on the form of 来访登记: person or organisation, telephone or why none, document or why none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain import casefile as cf
from app.domain import identity, masking
from ui.pages.case_side import SideMark
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.choices import ComboBox, Segmented
from ui.widgets.covered import CoveredEdit
from ui.widgets.fields import FormField, LineEdit

Today = Callable[[], Any]
PEOPLE_IDS = tuple((k, v) for k, v in identity.ID_KINDS.items() if k != "uscc")
PHONES = (("phone", "有电话"), ("none", "没有电话"))
IDS = (("id", "有证件"), ("none", "没带证件"))


class FoldedField(FormField):
    """A field that may be folded away: a problem must be seen. ``found()`` when one is shown."""

    found = Signal()

    def show_problem(self, text: str) -> None:
        """Show it, and say so."""
        super().show_problem(text)
        if text:
            self.found.emit()


class PartyPart(QWidget):
    """申请人 or 被申请人. ``changed()`` on every touch; :attr:`fields` by the names services use."""

    changed = Signal()

    def __init__(self, look: Look, side: str, today: Today) -> None:
        super().__init__()
        self.look, self.side, self._today = look, side, today
        word, title = ("申", "申请人") if side == "applicant" else ("被", "被申请人")
        name = f"intake.{side}"
        identify(self, name, title)
        self.kind = Segmented(
            look,
            f"{title}是",
            (("person", "个人"), ("organisation", "单位")),
            name=f"{name}.kind",
            value="person",
        )
        self.name = CoveredEdit(f"{title}姓名", self._mask_name, name=f"{name}.name")
        self.phone_mode = ComboBox(look, f"{title}有没有电话", PHONES, name=f"{name}.phone_mode")
        self.phone = CoveredEdit(
            f"{title}电话", masking.phone, name=f"{name}.phone", placeholder="手机或带区号的座机"
        )
        self.no_phone = LineEdit(
            f"{title}没有电话的原因", name=f"{name}.no_phone", placeholder="如 不知道电话，住对门"
        )
        self.id_mode = ComboBox(look, f"{title}有没有证件", IDS, name=f"{name}.id_mode")
        self.id_kind = ComboBox(look, f"{title}证件类型", PEOPLE_IDS, name=f"{name}.id_kind")
        self.number = CoveredEdit(f"{title}证件号", self._mask_number, name=f"{name}.id_number")
        self.no_id = LineEdit(
            f"{title}怎么核对身份", name=f"{name}.no_id", placeholder="如 居委会干部认识本人"
        )
        self.occupation = LineEdit(f"{title}职业", name=f"{name}.occupation")
        self.address = CoveredEdit(f"{title}住址", masking.address, name=f"{name}.address")
        if side == "respondent":
            self.id_mode.choose("none")
            self.phone_mode.choose("phone")
        self._fields()
        self.who = Text("", tone="textSecondary")
        self.identity = QWidget()
        """Who it is: stands apart for the applicant, folded away for the respondent."""
        mark = SideMark(look, word, edge=28)
        if side == "applicant":
            self.identity.setLayout(self._identity_alone())
            head = row(mark, Text(title, role="bodyStrong"), self.who, None, spacing=10)
            self.setLayout(column(head, self._line("phone_mode", ("phone", "no_phone_reason"), "occupation")))
        else:
            self.more = LinkButton(look, "再填证件、住址", name=f"{name}.more", icon="chevron-down")
            self.more.clicked.connect(lambda: self.unfold(unfolded=not self.identity.isVisibleTo(self)))
            self.identity.setLayout(
                column(
                    self._line("id_mode", "id_kind", ("id_number", "no_id")),
                    self._line("occupation", "address"),
                )
            )
            head = row(mark, Text(title, role="bodyStrong"), None, self.more, self.kind, spacing=10)
            first = self._line("name", "phone_mode", ("phone", "no_phone_reason"))
            self.setLayout(column(head, first, self.identity))
            self.unfold(unfolded=False)
        self.kind.chosen.connect(self._adapt)
        for box in (self.phone_mode, self.id_mode, self.id_kind):
            box.currentIndexChanged.connect(self._adapt)
        for line in (
            self.name,
            self.phone,
            self.no_phone,
            self.number,
            self.no_id,
            self.occupation,
            self.address,
        ):
            line.textEdited.connect(self.changed)
        self.name.textEdited.connect(lambda _text: self._echo())
        self._adapt()

    def _fields(self) -> None:
        self.fields = {
            "name": FormField(
                "姓名", self.name, check=lambda: "" if self.name.plain() else "写姓名或单位全称。"
            ),
            "phone_mode": FormField("电话", self.phone_mode),
            "phone": FormField("号码", self.phone, check=self._phone_problem),
            "no_phone_reason": FormField("没有电话的原因", self.no_phone, check=self._no_phone_problem),
            "id_mode": FormField("证件", self.id_mode),
            "id_kind": FormField("证件类型", self.id_kind),
            "id_number": FoldedField("证件号", self.number, check=self._number_problem),
            "no_id": FoldedField("怎么核对的身份", self.no_id, optional=self.side == "respondent"),
            "occupation": FormField("职业", self.occupation, optional=True),
            "address": FoldedField("住址", self.address, optional=True),
        }
        if self.side == "applicant":
            # As they stand: who it is comes first, and what lacks is gone to in this order.
            for key in ("phone_mode", "phone", "no_phone_reason", "occupation"):
                self.fields[key] = self.fields.pop(key)
        for one in self.fields.values():
            if isinstance(one, FoldedField):
                one.found.connect(lambda: self.unfold(unfolded=True))

    def _line(self, *keys: str | tuple[str, ...]) -> QHBoxLayout:
        """Fields side by side, equally wide; of those in one place only one shows at a time."""
        line = row(spacing=12)
        for key in keys:
            place = (key,) if isinstance(key, str) else key
            holder = QWidget()
            holder.setLayout(column(*(self.fields[k] for k in place), None, spacing=0))
            line.addWidget(holder, 1)
        return line

    def _identity_alone(self) -> QVBoxLayout:
        return column(
            self.fields["name"],
            self._line("id_mode", "id_kind"),
            self.fields["id_number"],
            self.fields["no_id"],
            self.fields["address"],
            None,
            spacing=12,
        )

    def unfold(self, *, unfolded: bool) -> None:
        """Show or fold away the respondent's document and address."""
        if self.side == "respondent":
            self.identity.setVisible(unfolded)
            icon = "chevron-up" if unfolded else "chevron-down"
            self.more.relabel("收起证件、住址" if unfolded else "再填证件、住址", icon)

    def _adapt(self, _value: object = None) -> None:
        person = self.kind.value == "person"
        has_phone, has_id = self.phone_mode.value == "phone", self.id_mode.value == "id"
        self.fields["name"].label.setText("姓名" if person else "单位全称")
        self.fields["phone"].setVisible(has_phone)
        self.fields["no_phone_reason"].setVisible(not has_phone)
        self.fields["id_kind"].setVisible(person and has_id)
        self.fields["id_number"].label.setText("证件号" if person else "统一社会信用代码")
        self.fields["id_number"].setVisible(has_id)
        self.fields["no_id"].setVisible(not has_id)
        self.fields["occupation"].setVisible(person)
        self._echo()
        self.changed.emit()

    def _echo(self) -> None:
        """The covered name beside the applicant's telephone: the form is in two halves."""
        name = self.name.plain()
        self.who.setText(self._mask_name(name) if name else "")

    def party(self) -> cf.Party:
        """What stands in the form."""
        person = self.kind.value == "person"
        has_phone, has_id = self.phone_mode.value == "phone", self.id_mode.value == "id"
        return cf.Party(
            party_id=self.side, case_id="new", ordinal=1, side=self.side,  # type: ignore[arg-type]
            kind=self.kind.value,  # type: ignore[arg-type]
            name=self.name.plain(),
            id_kind=(self.id_kind.value if person else "uscc") if has_id else "",
            id_number=self.number.plain() if has_id else "",
            phone=self.phone.plain() if has_phone else "",
            no_phone_reason="" if has_phone else self.no_phone.text().strip(),
            occupation=self.occupation.text().strip() if person else "",
            address=self.address.plain(),
        )  # fmt: skip

    @property
    def no_id_reason(self) -> str:
        """Why there is no document; empty where there is one."""
        return self.no_id.text().strip() if self.id_mode.value == "none" else ""

    def as_draft(self) -> dict[str, str]:
        """What stands here, for the draft."""
        return {
            "kind": self.kind.value, "name": self.name.plain(), "phone_mode": self.phone_mode.value,
            "phone": self.phone.plain(), "no_phone": self.no_phone.text(), "id_mode": self.id_mode.value,
            "id_kind": self.id_kind.value, "number": self.number.plain(), "no_id": self.no_id.text(),
            "occupation": self.occupation.text(), "address": self.address.plain(),
        }  # fmt: skip

    def load(self, values: Mapping[str, str]) -> None:
        """Take up a draft; empty values clear the form."""
        self.kind.choose(values.get("kind") or "person")
        id_start = "id" if self.side == "applicant" else "none"
        self.phone_mode.choose(values.get("phone_mode") or "phone")
        self.id_kind.choose(values.get("id_kind") or "resident")
        self.id_mode.choose(values.get("id_mode") or id_start)
        for line, key in (
            (self.name, "name"),
            (self.phone, "phone"),
            (self.number, "number"),
            (self.address, "address"),
        ):
            line.set_plain(values.get(key, ""))
        for plain, key in (
            (self.no_phone, "no_phone"),
            (self.no_id, "no_id"),
            (self.occupation, "occupation"),
        ):
            plain.setText(values.get(key, ""))
        for one in self.fields.values():
            one.show_problem("")
        self.unfold(unfolded=bool(values.get("number") or values.get("address") or values.get("occupation")))
        self._echo()

    def cover(self) -> None:
        """Cover what is not being written."""
        for line in (self.name, self.phone, self.number, self.address):
            line.cover()

    def _mask_name(self, text: str) -> str:
        return masking.person(text) if self.kind.value == "person" else masking.organisation(text)

    def _mask_number(self, text: str) -> str:
        return masking.identity(self.id_kind.value if self.kind.value == "person" else "uscc", text)

    def _phone_problem(self) -> str:
        if self.phone_mode.value != "phone":
            return ""
        text = self.phone.plain()
        return (identity.phone(text) or "") if text else "写电话；没有就选“没有电话”。"

    def _no_phone_problem(self) -> str:
        missing = self.phone_mode.value == "none" and not self.no_phone.text().strip()
        return "写一句为什么没有电话，怎么找到对方。" if missing else ""

    def _number_problem(self) -> str:
        if self.id_mode.value != "id":
            return ""
        kind = self.id_kind.value if self.kind.value == "person" else "uscc"
        return identity.check(kind, self.number.plain(), self._today()) or ""

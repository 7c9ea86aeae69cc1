"""One party of a form that begins a case: its fields, their checks, its draft; the form arranges them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.domain import casefile as cf
from app.domain import identity, masking
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.choices import ComboBox, Segmented
from ui.widgets.covered import CoveredEdit
from ui.widgets.fields import FormField, LineEdit

if TYPE_CHECKING:
    from app.services.past_parties import PastParty

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


class PartyFields(QWidget):
    """A party's editors. ``changed()`` on every touch; :attr:`fields` by the names services use.

    ``party_id`` names the party within the form; ``name`` begins the object names; ``title`` is what the
    party is called there (申请人, 甲方). Subclasses arrange :attr:`fields`.
    """

    changed = Signal()
    past_asked = Signal()
    """找过我们的人 was pressed."""
    left = Signal()
    """The name, a number or a telephone was written to its end: it may be known."""
    known_taken = Signal(object)
    """Who was told to be known is to be taken over."""
    has_id = True
    """Whether a document is asked for from the beginning."""

    def __init__(
        self, look: Look, party_id: str, side: cf.Side, title: str, *, name: str, today: Today
    ) -> None:
        super().__init__()
        self.look, self.party_id, self.side, self._today = look, party_id, side, today
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
        self.past_button = LinkButton(look, "找过我们的人", name=f"{name}.past", icon="users")
        self.past_button.clicked.connect(self.past_asked)
        self.known_line = self._known_line(name)
        self.id_mode.choose("id" if self.has_id else "none")
        self.phone_mode.choose("phone")
        self._fields()
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
            "no_id": FoldedField("怎么核对的身份", self.no_id, optional=not self.has_id),
            "occupation": FormField("职业", self.occupation, optional=True),
            "address": FoldedField("住址", self.address, optional=True),
        }
        for one in self.fields.values():
            if isinstance(one, FoldedField):
                one.found.connect(lambda: self.unfold(unfolded=True))

    def _known_line(self, name: str) -> QWidget:
        """Under the fields, while somebody is surely known."""
        self._known: PastParty | None = None
        self.taken: tuple[str, str] | None = None
        """Case and party whose particulars stand here already: they are not offered again."""
        self.known_text = Text("", role="label", tone="textSecondary", wrap=True)
        self.known_button = LinkButton(self.look, "带入那时的资料", name=f"{name}.known")
        self.known_button.clicked.connect(lambda: self.known_taken.emit(self._known))
        for line in (self.name, self.number, self.phone):
            line.editingFinished.connect(self.left)
        holder = QWidget()
        inside = row(self.known_text, self.known_button, spacing=8)
        inside.setStretch(0, 1)
        holder.setLayout(inside)
        holder.hide()
        return holder

    def show_known(self, found: PastParty | None) -> None:
        """Offer what is known of somebody who surely came before; ``None`` for nobody."""
        self._known = found
        if found is not None:
            self.known_text.setText(f"来过 {found.times} 次，最近是{found.latest}。")
        self.known_line.setVisible(found is not None)

    def _line(self, *keys: str | tuple[str, ...]) -> QHBoxLayout:
        """Fields side by side, equally wide; of those in one place only one shows at a time."""
        line = row(spacing=12)
        for key in keys:
            place = (key,) if isinstance(key, str) else key
            holder = QWidget()
            holder.setLayout(column(*(self.fields[k] for k in place), None, spacing=0))
            line.addWidget(holder, 1)
        return line

    def unfold(self, *, unfolded: bool) -> None:
        """Show or fold away what is not asked at first; a form that folds nothing away leaves this."""

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
        self._adapted()
        self.changed.emit()

    def _adapted(self) -> None:
        """What else of a form follows the choices."""

    def party(self) -> cf.Party:
        """What stands in the form."""
        person = self.kind.value == "person"
        has_phone, has_id = self.phone_mode.value == "phone", self.id_mode.value == "id"
        return cf.Party(
            party_id=self.party_id, case_id="new", ordinal=1, side=self.side,
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
        id_start = "id" if self.has_id else "none"
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
        self.taken = None
        self.show_known(None)
        self.unfold(unfolded=bool(values.get("number") or values.get("address") or values.get("occupation")))
        self._adapted()

    def cover(self) -> None:
        """Cover what is not being written."""
        for line in (self.name, self.phone, self.number, self.address):
            line.cover()

    @property
    def masked_name(self) -> str:
        """The name as it shows where nothing is being written."""
        return self._mask_name(self.name.plain())

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


def filled(draft: Mapping[str, str], party: cf.Party) -> dict[str, str]:
    """A form's draft with a past party's particulars in it; what they do not have stays as it was typed."""
    taken = {
        "kind": party.kind, "name": party.name,
        "phone_mode": "phone" if party.phone else "", "phone": party.phone,
        "id_mode": "id" if party.id_number else "", "number": party.id_number,
        "id_kind": party.id_kind if party.id_number and party.kind == "person" else "",
        "occupation": party.occupation, "address": party.address,
        "gender": party.gender, "ethnicity": party.ethnicity,
    }  # fmt: skip
    return {**draft, **{key: value for key, value in taken.items() if value}}

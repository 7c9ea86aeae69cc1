"""The tab 当事人: particulars covered one by one, and the form that changes them field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.domain import casefile as cf
from app.domain import identity, masking, taxonomy
from app.domain.errors import UserError
from app.services.cases import PartyView
from app.services.parties import AnotherAgentError
from ui.dialogs.form import FormDialog
from ui.pages.case_data import SIDES, CaseData
from ui.pages.case_side import SideMark
from ui.theme.look import Look
from ui.widgets.base import Text, clear, column, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox
from ui.widgets.covered import CoveredEdit
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.gutter import FittingArea
from ui.widgets.masked import Deliver, MaskedField

Show = Callable[[str, str, str, Deliver], None]
Today = Callable[[], dt.date]
COVERED = (
    ("phone", "电话"),
    ("id_number", "证件号"),
    ("birth_date", "出生日期"),
    ("email", "邮箱"),
    ("address", "住址"),
    ("service_address", "送达地址"),
    ("legal_representative", "法定代表人"),
    ("contact_person", "联系人"),
)
PLAIN = (("gender", "性别"), ("occupation", "职业"), ("township", "街镇"), ("ethnicity", "民族"))
LABELS = {
    "name": "姓名或名称", "phone": "电话", "no_phone_reason": "没有电话的原因", "id_number": "证件号",
    "occupation": "职业", "address": "住址", "service_address": "送达地址",
    "legal_representative": "法定代表人（单位填）",
}  # fmt: skip
GENDER_CHOICES = (("", "没有写"), ("female", "女"), ("male", "男"))
ID_CHOICES = (("", "没有写"), *identity.ID_KINDS.items())
SPECIAL = "代为承认、放弃、变更请求，和解，要特别授权。"
AUTHORITY = tuple(taxonomy.AUTHORITIES.items())


class PartiesTab(QWidget):
    """One card a party. ``edit_asked(party_id)``, ``agent_asked(party_id)``, ``add_asked()``."""

    edit_asked = Signal(str)
    agent_asked = Signal(str)
    add_asked = Signal()

    def __init__(self, look: Look, show: Show) -> None:
        super().__init__()
        self.look, self._show = look, show
        self._cards = column(spacing=16)
        self.add_button = Button(look, "加当事人", name="case.parties.add", icon="user-plus")
        self.add_button.clicked.connect(self.add_asked)
        self.setLayout(column(self._cards, row(self.add_button, None), None, spacing=16))
        self._shown: tuple[Any, ...] = ()

    def show_case(self, data: CaseData, *, may_edit: bool) -> None:
        """Show all parties; nothing is built anew while they are the same, so what shows stays."""
        self.add_button.setVisible(may_edit)
        now = (data.case_id, data.parties, may_edit)
        if now == self._shown:
            return
        self._shown = now
        clear(self._cards)
        for number, view in enumerate(data.parties):
            self._cards.addWidget(
                self._card(data.view.file.parties[view.party_id], view, number, may_edit=may_edit)
            )

    def _card(self, party: cf.Party, view: PartyView, number: int, *, may_edit: bool) -> Card:
        word, side = SIDES[view.side]
        buttons = []
        if may_edit:
            agent = Button(
                self.look, "改代理人" if view.agent else "加代理人",
                name=f"case.parties.{number}.agent", icon="user-check", about=side, compact=True,
            )  # fmt: skip
            agent.clicked.connect(lambda: self.agent_asked.emit(view.party_id))
            edit = Button(
                self.look,
                "改资料",
                name=f"case.parties.{number}.edit",
                icon="pencil",
                about=side,
                compact=True,
            )
            edit.clicked.connect(lambda: self.edit_asked.emit(view.party_id))
            buttons = [agent, edit]
        card = Card(side, view.masked["name"], *buttons)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        line = 0
        plain = {
            "gender": taxonomy.GENDERS.get(view.gender, ""),
            "occupation": view.occupation,
            "township": view.township,
            "ethnicity": party.ethnicity,
        }
        for field, label in PLAIN:
            if plain[field]:
                self._line(grid, line, label, Text(plain[field], wrap=True))
                line += 1
        name = MaskedField(
            self.look, f"{side}姓名", view.masked["name"], name=f"case.parties.{number}.name",
            reveal=self._reveal(view.party_id, "name"),
        )  # fmt: skip
        self._line(grid, line, "名称" if view.kind == "organisation" else "姓名", name)
        line += 1
        for field, label in COVERED:
            if view.masked[field]:
                covered = MaskedField(
                    self.look, f"{side}{label}", view.masked[field], name=f"case.parties.{number}.{field}",
                    reveal=self._reveal(view.party_id, field),
                )  # fmt: skip
                self._line(grid, line, label, covered)
                line += 1
        if not view.masked["phone"]:
            self._line(
                grid,
                line,
                "电话",
                Text(f"没有：{view.no_phone_reason or '没有写原因'}", tone="textSecondary", wrap=True),
            )
            line += 1
        if view.agent:
            self._line(grid, line, "代理人", Text(view.agent, wrap=True))
        body = row(column(SideMark(self.look, word, edge=40), None, spacing=0), grid, spacing=16)
        body.setStretch(1, 1)
        card.add(body)
        return card

    def _line(self, grid: QGridLayout, number: int, label: str, value: QWidget) -> None:
        words = Text(label, role="label", tone="textSecondary")
        words.setMinimumWidth(self.look.metrics.px(76))
        grid.addWidget(words, number, 0)
        grid.addWidget(value, number, 1)

    def _reveal(self, party_id: str, field: str) -> Callable[[str, Deliver], None]:
        return lambda reason, deliver: self._show(party_id, field, reason, deliver)


class PartyForm(FormDialog):
    """Change a party, or add one. Covered fields stand empty with their covered text as a hint.

    A covered field that stays empty is not sent; :meth:`changes` gives only what was touched.
    """

    def __init__(
        self, look: Look, parent: QWidget, today: Today, party: cf.Party | None, view: PartyView | None
    ) -> None:
        self._party, self._today = party, today
        self._look = look
        new = party is None
        self.side = ComboBox(look, "哪一方", [(k, v) for k, (_, v) in SIDES.items()], name="party.side")
        self.kind = ComboBox(
            look, "个人或单位", (("person", "个人"), ("organisation", "单位")), name="party.kind"
        )
        self.gender = ComboBox(look, "性别", GENDER_CHOICES, name="party.gender")
        self.id_kind = ComboBox(look, "证件类型", ID_CHOICES, name="party.id_kind")
        self.lines: dict[str, LineEdit] = {}
        self._start: dict[str, str] = {}
        masked = dict(view.masked) if view else {}
        for field, label in LABELS.items():
            covered = masked.get(field, "")
            hint = f"现在是 {covered}，不改就空着" if covered else ""
            if field in masking.PARTY_FIELDS:
                plain = ""
                self.lines[field] = CoveredEdit(
                    label, self._cover(field), name=f"party.{field}", placeholder=hint
                )
            else:
                plain = "" if party is None else str(getattr(party, field))
                self.lines[field] = LineEdit(label, name=f"party.{field}", text=plain, placeholder=hint)
            self._start[field] = plain
        if party is not None:
            self.kind.choose(party.kind)
            self.gender.choose(party.gender)
            self.id_kind.choose(party.id_kind)
        self._chosen = {"kind": self.kind.value, "gender": self.gender.value, "id_kind": self.id_kind.value}
        super().__init__(
            look, parent, "加当事人" if new else "改当事人资料", self._rows(new=new),
            action="加上" if new else "存好", name="party", size="medium",
            text="" if new else "遮挡的内容不改就空着，不会动原来的。",
        )  # fmt: skip
        self.fields = self._made
        """Also those inside the rows."""

    def _rows(self, *, new: bool) -> dict[str, FormField | QWidget]:
        made: dict[str, FormField] = {}
        optional = {"occupation", "address", "service_address", "legal_representative", "no_phone_reason"}
        for field, line in self.lines.items():
            made[field] = FormField(LABELS[field], line, optional=field in optional, check=self._check(field))
        made |= {
            "kind": FormField("个人或单位", self.kind),
            "gender": FormField("性别", self.gender),
            "id_kind": FormField("证件类型", self.id_kind),
        }
        if new:
            made["side"] = FormField("哪一方", self.side)
        self._made = {"side": made.pop("side"), **made} if new else made
        pairs = (
            ("kind", "name"), ("phone", "no_phone_reason"), ("id_kind", "id_number"),
            ("gender", "occupation"), ("address",), ("service_address",), ("legal_representative",),
        )  # fmt: skip
        rows: dict[str, FormField | QWidget] = {}
        if new:
            rows["side"] = self._made["side"]
        for number, pair in enumerate(pairs):
            holder = QWidget()
            beside = row(*(made[field] for field in pair), spacing=12)
            for index in range(len(pair)):
                beside.setStretch(index, 1)
            holder.setLayout(beside)
            rows[f"row{number}"] = holder
        return rows

    def words(self, field: str) -> str:
        """What was typed into a line; nothing of what it shows covered."""
        line = self.lines[field]
        return line.plain() if isinstance(line, CoveredEdit) else line.text().strip()

    def changes(self) -> dict[str, Any]:
        """Only what was touched."""
        found: dict[str, Any] = {
            field: self.words(field) for field in self.lines if self.words(field) != self._start[field]
        }
        for field, box in (("kind", self.kind), ("gender", self.gender), ("id_kind", self.id_kind)):
            if box.value != self._chosen[field]:
                found[field] = box.value
        return found

    def seen(self) -> Mapping[str, Any]:
        """What the person saw in plain in the fields that were touched."""
        if self._party is None:
            return {}
        shown = {**self._start, **self._chosen}
        return {f: shown[f] for f in self.changes() if shown.get(f)}

    def party(self) -> cf.Party:
        """The new party."""
        words = {field: self.words(field) for field in self.lines}
        return cf.Party(
            party_id="new", case_id="new", ordinal=1, side=self.side.value,  # type: ignore[arg-type]
            kind=self.kind.value, gender=self.gender.value, id_kind=self.id_kind.value, **words,  # type: ignore[arg-type]
        )  # fmt: skip

    def _cover(self, field: str) -> Callable[[str], str]:
        """How what was typed into a line shows when it is left: as everywhere."""

        def covered(text: str) -> str:
            kind = self.kind.value
            number = self.id_kind.value or ("uscc" if kind == "organisation" else "resident")
            party = cf.Party(
                party_id="new", case_id="new", ordinal=1, side="applicant", name="", kind=kind,  # type: ignore[arg-type]
                id_kind=number,
            )  # fmt: skip
            return masking.party_field(msgspec.structs.replace(party, **{field: text}), field)

        return covered

    def _check(self, field: str) -> Callable[[], str] | None:
        def phone() -> str:
            text = self.words("phone")
            return (identity.phone(text) or "") if text else ""

        def number() -> str:
            text = self.words("id_number")
            kind = self.id_kind.value or ("uscc" if self.kind.value == "organisation" else "resident")
            return (identity.check(kind, text, self._today()) or "") if text else ""

        return {"phone": phone, "id_number": number}.get(field)


class AgentForm(FormDialog):
    """Name a party's agent."""

    def __init__(self, look: Look, parent: QWidget, agent: cf.Agent | None) -> None:
        start = agent or cf.Agent(name="")
        self.name = _agent_line("代理人姓名", "name")
        self.relation = LineEdit(
            "和当事人的关系",
            name="agent.relation",
            text=start.relation,
            placeholder="如 女儿、单位职工、律师",
        )
        self.phone = _agent_line("代理人电话", "phone")
        self.number = _agent_line("代理人身份证号", "id_number")
        self.authority = ComboBox(look, "授权", AUTHORITY, name="agent.authority")
        self.authority.choose(start.authority)
        self._start = agent
        self._told: cf.Agent | msgspec.UnsetType | None = msgspec.UNSET
        if agent is not None:
            self.name.setPlaceholderText("不改就空着")
            self.phone.setPlaceholderText("不改就空着")
            self.number.setPlaceholderText("不改就空着")
        super().__init__(
            look, parent, "代理人",
            {
                "agent.name": FormField("代理人姓名", self.name),
                "agent.relation": FormField("和当事人的关系", self.relation, optional=True),
                "agent.phone": FormField("电话", self.phone, optional=True),
                "agent.id_number": FormField("身份证号", self.number, optional=True),
                "agent.authority": FormField("授权", self.authority, hint=SPECIAL),
            },
            action="存好", name="agent", text="授权委托书请加进证据材料。",
        )  # fmt: skip

    def begun_on(self) -> Mapping[str, Any]:
        """The agent shown when the form was begun."""
        return {"agent": msgspec.to_builtins(self._start)}

    def go_on_from(self, begun_on: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a draft left as it was is that agent's, whoever is agent by now."""
        self._start, self._told = msgspec.convert(begun_on["agent"], cf.Agent | None), msgspec.UNSET
        start = self._start or cf.Agent(name="")
        return {"agent.relation": start.relation, "agent.authority": start.authority}

    def told(self, error: UserError) -> None:
        """The person has read who is agent by now."""
        if isinstance(error, AnotherAgentError):
            self._told = error.now

    def seen(self) -> cf.Agent | None:
        """The agent on whom what stands in the form was decided."""
        return self._start if self._told is msgspec.UNSET else self._told

    def agent(self) -> cf.Agent:
        """What stands in the form, untouched covered parts as they were."""
        old = self._start
        return cf.Agent(
            name=self.name.plain() or (old.name if old else ""),
            relation=self.relation.text().strip(),
            id_number=identity.clean(self.number.plain()) or (old.id_number if old else ""),
            phone=self.phone.plain() or (old.phone if old else ""),
            authority=self.authority.value,  # type: ignore[arg-type]
            evidence_attachment_id=old.evidence_attachment_id if old else "",
        )


def _agent_line(spoken: str, field: str) -> CoveredEdit:
    def covered(text: str) -> str:
        return masking.agent_field(msgspec.structs.replace(cf.Agent(name=""), **{field: text}), field)

    return CoveredEdit(spoken, covered, name=f"agent.{field}")


def scrolled(widget: QWidget) -> FittingArea:
    """A tab that scrolls upright."""
    area = FittingArea()
    widget.setProperty("kind", "scrolled")
    area.setWidget(widget)
    return area

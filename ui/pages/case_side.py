"""Beside the course of a case: deadline, parties with covered particulars, what to prepare."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.domain.taxonomy import GENDERS
from app.services.cases import PartyView
from ui.pages.case_data import SIDES, CaseData, Preparation
from ui.theme.look import Look
from ui.widgets.base import Divider, Text, announce, clear, column, identify, row
from ui.widgets.buttons import Button, IconButton, LinkButton
from ui.widgets.cards import Card
from ui.widgets.choices import CheckBox
from ui.widgets.deadline import DeadlineCard
from ui.widgets.masked import REASONS, MaskedField


class SideMark(QWidget):
    """The round 申 or 被 before a party."""

    def __init__(self, look: Look, word: str, *, edge: int = 32) -> None:
        super().__init__()
        self.look, self.word, self._edge = look, word, edge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.follow(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A circle."""
        edge = self.look.metrics.px(self._edge)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self.look
        painter.setPen(QPen(look.color("primaryBorder"), 2 if look.colors.high_contrast else 1))
        painter.setBrush(look.color("primarySubtle"))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.setPen(look.color("primary"))
        painter.setFont(look.font("label", bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.word)
        painter.end()


class PartyLine(QWidget):
    """One party: who, and the covered telephone and document number.

    ``call_asked(party_id)``; ``toggle_asked`` by Alt+M on one of the covered items.
    """

    call_asked = Signal(str)
    toggle_asked = Signal()

    def __init__(self, look: Look, party: PartyView, number: int, *, callable_now: bool) -> None:
        super().__init__()
        self.party = party
        word, side = SIDES[party.side]
        name = f"case.party{number}"
        self.name = Text(party.masked["name"], role="bodyStrong")
        about = "　".join(p for p in (GENDERS.get(party.gender, ""), party.occupation) if p)
        self.chips: dict[str, MaskedField] = {}
        large = look.metrics.scale > 1
        chips = column(spacing=4) if large else row(spacing=6)
        for field, label in (("phone", "电话"), ("id_number", "证件号")):
            if party.masked[field]:
                chip = MaskedField(
                    look, f"{side}{label}", party.masked[field], name=f"{name}.{field}", reveal=None
                )
                chip.toggle_asked.connect(self.toggle_asked)
                self.chips[field] = chip
                chips.addWidget(chip)
        if not party.masked["phone"]:
            missing = Text(party.no_phone_reason or "没有电话", role="label", tone="textTertiary", wrap=True)
            chips.addWidget(missing)
        chips.addStretch(1)
        self.call = IconButton(look, "phone", f"联系{side} {party.masked['name']}", name=f"{name}.call")
        self.call.clicked.connect(self._call)
        top = row(self.name, Text(about, tone="textSecondary"), None, self.call, spacing=12)
        words = column(top, chips, spacing=2)
        if party.agent:
            words.addWidget(Text(f"代理人 {party.agent}", role="label", tone="textSecondary", wrap=True))
        inside = row(column(SideMark(look, word), None, spacing=0), words, spacing=12)
        inside.setStretch(1, 1)
        inside.setContentsMargins(16, 8, 10, 10)
        self.setLayout(inside)
        self.call.setVisible(callable_now)

    def deliver(self, values: Mapping[str, str], seconds: int) -> None:
        """Show the originals for a time."""
        self.name.setText(values["name"])
        for field, chip in self.chips.items():
            chip.deliver(values[field], seconds)

    def cover(self) -> None:
        """Cover everything again."""
        self.name.setText(self.party.masked["name"])
        for chip in self.chips.values():
            chip.cover()

    def _call(self) -> None:
        self.call_asked.emit(self.party.party_id)


class PartiesCard(Card):
    """当事人. ``reveal_asked(reason)``, ``call_asked(party_id)``."""

    reveal_asked = Signal(str)
    call_asked = Signal(str)

    def __init__(self, look: Look) -> None:
        self.button = Button(look, "显示本案信息", name="case.parties.reveal", icon="eye", compact=True)
        super().__init__("当事人", "", self.button, flush=True)
        self.look = look
        identify(self, "case.parties.card", "当事人")
        self._lines = column(spacing=0)
        self.body.addLayout(self._lines)
        self.lines: list[PartyLine] = []
        self.shown = False
        self.button.clicked.connect(self._pressed)

    def show_parties(self, data: CaseData, *, callable_now: bool) -> None:
        """Show the parties of a case, covered; what shows stays while the same parties do."""
        if self.shown and [x.party for x in self.lines] == list(data.parties):
            return
        clear(self._lines)
        self.lines = []
        self._say(shown=False)
        for number, party in enumerate(data.parties):
            if number:
                self._lines.addWidget(Divider())
            line = PartyLine(self.look, party, number, callable_now=callable_now)
            line.call_asked.connect(self.call_asked)
            line.toggle_asked.connect(self._pressed)
            self.lines.append(line)
            self._lines.addWidget(line)

    def deliver(self, values: Mapping[str, Mapping[str, str]], seconds: int) -> None:
        """Show the originals by party."""
        for line in self.lines:
            if line.party.party_id in values:
                line.deliver(values[line.party.party_id], seconds)
        self._say(shown=True)
        announce(self, f"本案信息已显示，{seconds // 60} 分钟后遮挡")

    def cover(self) -> None:
        """Cover all."""
        for line in self.lines:
            line.cover()
        self._say(shown=False)

    def _say(self, *, shown: bool) -> None:
        self.shown = shown
        self.button.relabel("遮挡" if shown else "显示本案信息", "eye-off" if shown else "eye")

    def _pressed(self) -> None:
        if self.shown:
            self.reveal_asked.emit("")
        else:
            self.open_menu()

    def open_menu(self) -> None:
        """Ask why; the digits choose."""
        menu = QMenu(self)
        identify(menu, "case.parties.reasons", "为什么要看本案信息")
        for number, (key, words) in enumerate(REASONS, start=1):
            menu.addAction(f"&{number}  {words}").triggered.connect(self._reason(key))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def _reason(self, key: str) -> Callable[[], None]:
        return lambda: self.reveal_asked.emit(key)


class PreparationCard(Card):
    """今天开调前. ``ticked(key, on)`` and ``print_asked(form_id)``."""

    ticked = Signal(str, bool)
    print_asked = Signal(str)

    def __init__(self, look: Look) -> None:
        self._count = Text("", role="label", tone="textSecondary")
        super().__init__("今天开调前", "", self._count)
        self.look = look
        identify(self, "case.prepare.card", "开调前要准备的")
        self._rows = column(spacing=4)
        self.body.addLayout(self._rows)
        self.boxes: dict[str, CheckBox] = {}

    def show_items(self, data: CaseData) -> None:
        """Show what to prepare; nothing while no session is planned."""
        self.setVisible(bool(data.preparations))
        if self.header is not None and data.preparation_title:
            self.header.set_texts(data.preparation_title)
        clear(self._rows)
        self.boxes = {}
        for item in data.preparations:
            self._add(item, on=item.key in data.prepared)
        self._tell()

    def _add(self, item: Preparation, *, on: bool) -> None:
        box = CheckBox(self.look, item.text, name=f"case.prepare.{item.key}")
        box.setChecked(on)
        box.toggled.connect(self._toggler(item.key))
        self.boxes[item.key] = box
        line = row(box, None)
        if item.form_id:
            link = LinkButton(self.look, "打印", name=f"case.prepare.{item.key}.print", about=item.text)
            link.clicked.connect(lambda: self.print_asked.emit(item.form_id))
            line.addWidget(link)
        self._rows.addLayout(line)

    def _toggler(self, key: str) -> Callable[[bool], None]:
        def toggled(on: bool) -> None:
            self._tell()
            self.ticked.emit(key, on)

        return toggled

    def _tell(self) -> None:
        done = sum(box.isChecked() for box in self.boxes.values())
        self._count.setText(f"{len(self.boxes)} 项已备 {done} 项")


class CaseSide(QWidget):
    """The three cards, one above the other."""

    rules_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.deadline: DeadlineCard | None = None
        self._deadline = column(spacing=0)
        self.parties = PartiesCard(look)
        self.preparation = PreparationCard(look)
        self.setLayout(column(self._deadline, self.parties, self.preparation, None, spacing=16))

    def show_case(self, data: CaseData, *, callable_now: bool) -> None:
        """Show one case."""
        main = data.deadlines[0] if data.deadlines else None
        if main is None:
            clear(self._deadline)
            self.deadline = None
        elif self.deadline is None:
            self.deadline = DeadlineCard(self.look, main, name="case.deadline")
            self.deadline.link_pressed.connect(self.rules_asked)
            self._deadline.addWidget(self.deadline)
        else:
            self.deadline.set_view(main)
        self.parties.show_parties(data, callable_now=callable_now)
        self.preparation.show_items(data)

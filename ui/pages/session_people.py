"""Beside the writing area: how far the session is, and who is there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy

from app.clock import shanghai
from app.domain import casefile as cf
from app.domain.masking import present_name
from ui.dialogs.form import FormDialog
from ui.pages.case_data import CaseData
from ui.pages.session_data import ROLES, STEPS, Writing
from ui.theme.look import Look
from ui.widgets.base import Text, clear, column, identify, row
from ui.widgets.buttons import Button, IconButton, LinkButton
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.stepper import Step, StepButton

if TYPE_CHECKING:
    from ui.pages.working import WorkingPage

KEYS = ("F2", "F3", "F4", "F5", "F6")


class StepsCard(Card):
    """这次到哪一步. ``entered(number)`` and ``told()`` for 已告知."""

    entered = Signal(int)
    told = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__("这次到哪一步")
        self.look = look
        identify(self, "session.steps.card", "这次到哪一步")
        self._rows = column(spacing=6)
        self.body.addLayout(self._rows)
        self.told_button = Button(
            look, "已告知，双方听清", name="session.rights.told", icon="check", compact=True
        )
        self.told_button.clicked.connect(self.told)
        self.body.addWidget(self.told_button)
        self.buttons: list[StepButton] = []

    def show_steps(self, writing: Writing, *, writable: bool) -> None:
        """Show the steps; the one in hand stands out."""
        clear(self._rows)
        self.buttons = []
        for number, (title, hint) in enumerate(STEPS, start=1):
            done = number < writing.step or (number == 1 and writing.rights_told_at is not None)
            state = "now" if number == writing.step else ("done" if done else "todo")
            if number == 1 and writing.rights_told_at is not None:
                hint = f"{shanghai(writing.rights_told_at):%H:%M} 双方已听清"
            step = Step(str(number), title, hint if state != "todo" or number == 5 else "", state)
            button = StepButton(self.look, number, step, len(STEPS), f"session.step.{number}")
            button.clicked.connect(self._enterer(number))
            button.setEnabled(writable)
            self.buttons.append(button)
            self._rows.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.told_button.setVisible(writable and writing.rights_told_at is None)

    def _enterer(self, number: int) -> Callable[[], None]:
        return lambda: self.entered.emit(number)


class PersonButton(QPushButton):
    """Somebody who is there; the whole line takes the click, its key stands at the end."""

    def __init__(self, look: Look, person: cf.Present, shown: str, key: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        self._mark, self._role = ROLES[person.role]
        self._name, self._key = shown, key
        self.setProperty("kind", "painted")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        identify(self, name, f"{key}，{self._name}说话", self._role)
        look.follow(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Two short lines and the key."""
        metrics = self.look.metrics
        wide = QFontMetrics(self.look.font("body")).horizontalAdvance(self._name)
        wide = max(wide, QFontMetrics(self.look.font("caption")).horizontalAdvance(self._role))
        return QSize(metrics.px(38) + wide + self._chip() + 12, metrics.px(46))

    def minimumSizeHint(self) -> QSize:
        """A long name may be shortened."""
        return QSize(
            self.look.metrics.px(38) + self._chip() + self.look.metrics.px(60), self.sizeHint().height()
        )

    def _chip(self) -> int:
        return QFontMetrics(self.look.font("caption")).horizontalAdvance(self._key) + 14

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses like Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The round mark, name over role, the key in its box; a ground under the mouse."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, px = self.look, self.look.metrics.px
        thick = 2 if look.colors.high_contrast else 1
        if self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("rowHover"))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        middle, edge = self.height() / 2, px(28)
        circle = QRectF(1, middle - edge / 2, edge - 2, edge - 2)
        painter.setPen(QPen(look.color("primaryBorder"), thick))
        painter.setBrush(look.color("primarySubtle"))
        painter.drawEllipse(circle)
        painter.setPen(look.color("primary"))
        painter.setFont(look.font("label", bold=True))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, self._mark)
        left, room = edge + 10, self.width() - edge - 16 - self._chip()
        for role, tone, words, top in (
            ("body", "text", self._name, px(3)), ("caption", "textSecondary", self._role, px(24)),
        ):  # fmt: skip
            painter.setFont(look.font(role))
            painter.setPen(look.color(tone))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
            line = QRectF(left, top, room, look.metrics.line_px("caption") + 2)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
        box = QRectF(self.width() - self._chip() - 1, middle - px(11), self._chip(), px(22))
        painter.setPen(QPen(look.color("border"), thick))
        painter.setBrush(look.color("surfaceSunken"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(look.color("textSecondary" if self.isEnabled() else "textDisabled"))
        painter.setFont(look.font("caption"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key)
        painter.end()


class PresentCard(Card):
    """在场, and where. ``spoke(index)``, ``left(index)``, ``add_asked()``, ``placed(words)``."""

    spoke = Signal(int)
    left = Signal(int)
    add_asked = Signal()
    placed = Signal(str)

    def __init__(self, look: Look) -> None:
        self.add_link = LinkButton(look, "加一人", name="session.present.add", about="在场的人")
        super().__init__("在场", "", self.add_link)
        self.look = look
        identify(self, "session.present.card", "在场的人")
        self.place = LineEdit("调解地点", name="session.place.text", placeholder="如 第二调解室")
        self.place.textEdited.connect(self.placed)
        where = row(Text("地点", role="label", tone="textSecondary"), self.place, spacing=8)
        where.setStretch(1, 1)
        self.body.addLayout(where)
        self._rows = column(spacing=2)
        self.body.addLayout(self._rows)
        self.body.addStretch(1)
        self.body.addWidget(
            Text("按 F2–F6 换说话人。换人时自动另起一行。", role="caption", tone="textSecondary", wrap=True)
        )
        self.add_link.clicked.connect(self.add_asked)
        self.buttons: list[QPushButton] = []

    def show_people(self, writing: Writing, parties: Collection[cf.Party], *, writable: bool) -> None:
        """Who is there; who came last and has not spoken can be taken away."""
        clear(self._rows)
        self.buttons = []
        self.add_link.setVisible(writable)
        self.place.setEnabled(writable)
        if self.place.text() != writing.place:
            self.place.setText(writing.place)
        spoken = {turn.speaker for turn in writing.turns}
        last = len(writing.present) - 1
        for number, person in enumerate(writing.present):
            key = KEYS[number] if number < len(KEYS) else "说话"
            shown = present_name(person, parties)
            button = PersonButton(self.look, person, shown, key, name=f"session.speak.{number}")
            button.clicked.connect(self._speaker(number))
            button.setEnabled(writable)
            self.buttons.append(button)
            line = row(button, spacing=2)
            line.setStretch(0, 1)
            if writable and number == last > 0 and number not in spoken:
                gone = IconButton(self.look, "x", f"{shown}不在场", name=f"session.leave.{number}")
                gone.clicked.connect(self._leaver(number))
                line.addWidget(gone)
            self._rows.addLayout(line)

    def _speaker(self, number: int) -> Callable[[], None]:
        return lambda: self.spoke.emit(number)

    def _leaver(self, number: int) -> Callable[[], None]:
        return lambda: self.left.emit(number)


class PersonForm(FormDialog):
    """加一人."""

    def __init__(self, look: Look, page: WorkingPage, case: CaseData) -> None:
        self.name = LineEdit("姓名", name="session.person.name")
        choices = [(k, v[1]) for k, v in ROLES.items() if k not in ("applicant", "respondent")]
        self.role = ComboBox(look, "什么身份", choices, name="session.person.role")
        sides = [("", "不代表哪一方"), *((p.party_id, p.masked["name"]) for p in case.parties)]
        self.party = ComboBox(look, "代表谁", sides, name="session.person.party")
        super().__init__(
            look, page, "加一位在场的人",
            {
                "name": FormField("姓名", self.name, check=self._named),
                "role": FormField("什么身份", self.role),
                "party": FormField("代表谁", self.party, hint="代理人要选，其他人不用。"),
            },
            action="加上", name="session.person", back="先不加",
        )  # fmt: skip
        self.keep(page, "person", case.case_id)

    def _named(self) -> str:
        return "" if self.name.text().strip() else "写姓名。"

    def person(self) -> cf.Present:
        """Who it is."""
        name = self.name.text().strip()
        return cf.Present(label=name, role=self.role.value, party_id=self.party.value)  # type: ignore[arg-type]

"""Beside the writing area: how far the session is, who is there, the evidence."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QWidget

from app.clock import shanghai
from app.domain import casefile as cf
from ui.dialogs.form import FormDialog
from ui.pages.case_data import CaseData
from ui.pages.case_evidence import Thumb
from ui.pages.case_files import ProgressLine, from_mime
from ui.pages.case_side import SideMark
from ui.pages.session_data import ROLES, STEPS, Writing, shown_name
from ui.theme.look import Look
from ui.widgets.base import Text, clear, column, identify, row
from ui.widgets.buttons import Button, IconButton, LinkButton
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.stepper import Step, StepButton

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


class PresentCard(Card):
    """在场. ``spoke(index)``, ``left(index)``, ``add_asked()``."""

    spoke = Signal(int)
    left = Signal(int)
    add_asked = Signal()

    def __init__(self, look: Look) -> None:
        self.add_link = LinkButton(look, "加一人", name="session.present.add", about="在场的人")
        super().__init__("在场", "", self.add_link)
        self.look = look
        identify(self, "session.present.card", "在场的人")
        self._rows = column(spacing=4)
        self.body.addLayout(self._rows)
        self.body.addWidget(
            Text("按 F2–F6 换说话人。换人时自动另起一行。", role="caption", tone="textTertiary", wrap=True)
        )
        self.add_link.clicked.connect(self.add_asked)
        self.buttons: list[QPushButton] = []

    def show_people(self, writing: Writing, *, writable: bool) -> None:
        """Who is there; who has not spoken can be taken away."""
        clear(self._rows)
        self.buttons = []
        self.add_link.setVisible(writable)
        spoken = {turn.speaker for turn in writing.turns}
        for number, person in enumerate(writing.present):
            word, role = ROLES[person.role]
            key = KEYS[number] if number < len(KEYS) else "说话"
            button = Button(
                self.look,
                key,
                name=f"session.speak.{number}",
                about=f"{shown_name(person)}说话",
                compact=True,
            )
            button.clicked.connect(self._speaker(number))
            button.setEnabled(writable)
            self.buttons.append(button)
            words = column(
                Text(shown_name(person)), Text(role, role="caption", tone="textSecondary"), spacing=0
            )
            line = row(SideMark(self.look, word, edge=28), words, spacing=10)
            line.setStretch(1, 1)
            if (
                writable
                and number not in spoken
                and len(writing.present) > 1
                and number == len(writing.present) - 1
            ):
                gone = IconButton(
                    self.look, "x", f"{shown_name(person)}不在场", name=f"session.leave.{number}"
                )
                gone.clicked.connect(self._leaver(number))
                line.addWidget(gone)
            line.addWidget(button)
            self._rows.addLayout(line)

    def _speaker(self, number: int) -> Callable[[], None]:
        return lambda: self.spoke.emit(number)

    def _leaver(self, number: int) -> Callable[[], None]:
        return lambda: self.left.emit(number)


class PersonForm(FormDialog):
    """加一人."""

    def __init__(self, look: Look, parent: QWidget, case: CaseData) -> None:
        self.name = LineEdit("姓名", name="session.person.name")
        choices = [(k, v[1]) for k, v in ROLES.items() if k not in ("applicant", "respondent")]
        self.role = ComboBox(look, "什么身份", choices, name="session.person.role")
        sides = [("", "不代表哪一方"), *((p.party_id, p.masked["name"]) for p in case.parties)]
        self.party = ComboBox(look, "代表谁", sides, name="session.person.party")
        super().__init__(
            look, parent, "加一位在场的人",
            {
                "name": FormField("姓名", self.name, check=self._named),
                "role": FormField("什么身份", self.role),
                "party": FormField("代表谁", self.party, hint="代理人要选，其他人不用。"),
            },
            action="加上", name="session.person", back="先不加",
        )  # fmt: skip

    def _named(self) -> str:
        return "" if self.name.text().strip() else "写姓名。"

    def person(self) -> cf.Present:
        """Who it is."""
        name = self.name.text().strip()
        return cf.Present(label=name, role=self.role.value, party_id=self.party.value)  # type: ignore[arg-type]


class DropZone(QFrame):
    """把照片、文件拖到这里. ``dropped(files)``."""

    dropped = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "session.drop", "把照片、文件拖到这里，或按 Ctrl V 粘贴")
        self.setAcceptDrops(True)
        words = Text("把照片、文件拖到这里\n或按 Ctrl+V 粘贴", tone="textSecondary")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(column(None, words, None))
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Dashed line in the present colour."""
        self.setObjectName("sessionDrop")
        line = self.look.colors["borderControl"]
        self.setStyleSheet(f"QFrame#sessionDrop {{ border: 1px dashed {line}; border-radius: 6px; }}")
        self.setMinimumHeight(self.look.metrics.px(110))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and pictures are welcome."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        if found := from_mime(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(found)


class EvidenceCard(Card):
    """证据材料 beside the record. ``opened(index)``, ``choose_asked()``."""

    opened = Signal(int)
    choose_asked = Signal()

    def __init__(self, look: Look) -> None:
        self.choose_button = Button(look, "加材料", name="session.evidence.choose", icon="plus", compact=True)
        super().__init__("证据材料", "", self.choose_button)
        self.look = look
        identify(self, "session.evidence.card", "证据材料")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self.progress = ProgressLine(look, name="session.evidence.progress")
        self.zone = DropZone(look)
        self.body.addLayout(self._grid)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.zone)
        self.choose_button.clicked.connect(self.choose_asked)
        self.thumbs: list[Thumb] = []
        self.attachments: tuple[cf.Attachment, ...] = ()

    def show_files(self, case: CaseData, *, writable: bool) -> bool:
        """Show the files; true when the pictures are to be read."""
        found = tuple(
            sorted(case.view.file.attachments.values(), key=lambda a: (a.added_at, a.attachment_id))
        )
        self.choose_button.setVisible(writable)
        self.zone.setVisible(writable)
        if found == self.attachments:
            return False
        self.attachments = found
        clear(self._grid)
        self.thumbs = []
        if self.header is not None:
            self.header.set_texts("证据材料", str(len(found)))
        for number, one in enumerate(found):
            thumb = Thumb(self.look, one)
            button = LinkButton(
                self.look, (one.title or "材料")[:10], name=f"session.evidence.{number}", about="打开看"
            )
            button.clicked.connect(self._opener(number))
            self.thumbs.append(thumb)
            holder = QWidget()
            holder.setLayout(column(thumb, button, spacing=2))
            self._grid.addWidget(holder, number // 2, number % 2)
        return True

    def _opener(self, number: int) -> Callable[[], None]:
        return lambda: self.opened.emit(number)

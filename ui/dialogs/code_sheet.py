"""The recovery code on paper: its preview, printing it, and the proof that it was kept (恢复码)."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.storage.passphrase import normalise_code
from ui.background.operations import Operations
from ui.dialogs import printing
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button
from ui.widgets.choices import CheckBox
from ui.widgets.fields import LineEdit
from ui.widgets.paper import PaperPreview

SAMPLE = "K7PM 2QXR 9DTH W4FN 6JCY 3VBE 8GLA 5ZSU"
"""Stands on the specimen before there is a code; opens nothing."""
TITLE = "恢复码"


def make_sheet(
    code: str, institution: str, device: str, person: str, printed_at: dt.datetime, *, practice: bool
) -> bytes:
    """The sheet as PDF, in memory only. Runs on the read lane."""
    from app.documents.context import PaperContext
    from app.documents.recovery import recovery_sheet

    context = PaperContext(institution_name=institution, printed_at=printed_at, practice=practice)
    return recovery_sheet(code, context, device=device, person=person)


class CodeKeeper(QWidget):
    """Print it, tick that it is put away, copy back the last four signs. ``changed`` on each touch."""

    changed = Signal()

    def __init__(self, look: Look, operations: Operations, *, name: str) -> None:
        super().__init__()
        self.look, self._operations = look, operations
        self._code, self._pdf = "", b""
        identify(self, name)
        self.print_button = Button(look, "打印恢复码", name=f"{name}.print", icon="printer", compact=True)
        self.kept = CheckBox(look, "已打印并收好", name=f"{name}.kept")
        self.last = LineEdit("恢复码末四位", name=f"{name}.last", placeholder="末四位")
        self.last.setMaxLength(8)
        self.last.setFixedWidth(look.metrics.px(110))
        label = Text("抄回末四位核对", role="label", tone="textSecondary")
        label.setBuddy(self.last)
        self.note = Text("", role="label", tone="textSecondary", wrap=True)
        self.note.hide()
        line = row(self.print_button, self.kept, label, self.last, None, spacing=14)
        self.setLayout(column(line, self.note))
        self.print_button.clicked.connect(self.print)
        self.kept.toggled.connect(self._touched)
        self.last.textChanged.connect(self._touched)
        self.set_code("", b"")

    def set_code(self, code: str, pdf: bytes) -> None:
        """The code there is now and its sheet; empty before there is one."""
        self._code, self._pdf = code, pdf
        self.print_button.set_unavailable("" if pdf else "恢复码还没有生成")
        self.kept.setEnabled(bool(code))
        self.last.setEnabled(bool(code))
        self._touched()

    def missing(self) -> str:
        """What is still to do; empty when the sheet is kept and the signs are right."""
        if not self._code:
            return "恢复码还没有生成"
        if not self.kept.isChecked():
            return "打印好、收好以后勾上"
        if not self.last.text().strip():
            return "照纸上抄回末四位"
        if normalise_code(self.last.text()) != normalise_code(self._code)[-4:]:
            return "末四位和纸上的对不上，再看看"
        return ""

    def print(self) -> None:
        """Ask for the printer; without one the code is copied by hand, for a file would lie beside it."""
        if not printing.has_printer():
            self._say("本机没有装打印机。请照样张把恢复码抄在纸上，一样有效。")
            return
        printing.print_pdf(self._operations, self, lambda then: then(self._pdf), TITLE, self._printed)

    def _printed(self, _pages: int) -> None:
        self._say("已交给打印机。签名后封存，不和电脑放一起。")

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.show()

    def _touched(self) -> None:
        self.changed.emit()


class SheetPreview(QWidget):
    """The sheet on a sunken ground, with its caption above."""

    def __init__(self, look: Look, *, name: str) -> None:
        super().__init__()
        self.caption = Text("样张，第 3 步生成真码", role="label", tone="textSecondary", wrap=True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.paper = PaperPreview(look, "恢复码样张", name=f"{name}.paper")
        head = row(Text("打出来是这样", role="bodyStrong"), self.caption)
        head.setStretch(1, 1)
        inside = column(head, self.paper, spacing=12)
        inside.setStretch(1, 1)
        self.setLayout(inside)

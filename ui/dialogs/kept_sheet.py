"""A dialog that ends with a sheet: a recovery code is new, and the dialog goes only once that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.background.operations import Operations
from ui.connection import device_name
from ui.dialogs.base import Dialog
from ui.dialogs.code_sheet import CodeKeeper, SheetPreview, make_sheet
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton

if TYPE_CHECKING:
    from app.services.desk import Desk


class NewCodePart(QWidget):
    """The new code: preview, printing, proof. Shared by recovery, settings and adding a colleague."""

    def __init__(self, look: Look, operations: Operations, *, name: str) -> None:
        super().__init__()
        identify(self, name)
        self._operations = operations
        self.sheet = SheetPreview(look, name=f"{name}.sheet")
        self.sheet.caption.setText("原来那张从现在起作废")
        self.sheet.setMinimumHeight(look.metrics.px(360))
        self.keeper = CodeKeeper(look, operations, name=f"{name}.code")
        inside = column(self.sheet, self.keeper, spacing=10)
        inside.setStretch(0, 1)
        self.setLayout(inside)

    def show_code(self, code: str, desk: Desk) -> None:
        """Lay out the sheet and let it be printed."""
        now, institution, person = desk.clock.now(), desk.institution.name, desk.person.name

        def shown(pdf: bytes) -> None:
            self.sheet.paper.show_pdf(pdf)
            self.keeper.set_code(code, pdf)

        drawing = self._operations.read(
            "排恢复码",
            lambda _job: make_sheet(code, institution, device_name(), person, now, practice=desk.practice),
            shown,
        )
        self.destroyed.connect(drawing.cancel)

    def forget(self) -> None:
        """Forget the code."""
        self.keeper.set_code("", b"")
        self.sheet.paper.clear_pdf()


@dataclass(frozen=True)
class Steps:
    """What one such dialog does: ``lacking()`` before its act, the act, and ``kept(desk)`` at the end."""

    lacking: Callable[[], str]
    act: Callable[[], None]
    kept: Callable[[Desk], None]


class KeptSheetDialog(Dialog):
    """First ``first`` is filled in, then the sheet stands there until it was seen to be kept.

    A subclass builds ``first`` and gives it to :meth:`lay_out`. Its act calls :meth:`begin`, then
    :meth:`show_sheet` or :meth:`end`.
    """

    def __init__(self, look: Look, operations: Operations, parent: QWidget | None, *, name: str) -> None:
        super().__init__(parent)
        self.look, self._operations, self._name = look, operations, name
        self._made: Desk | None = None
        self._busy = ""
        self.setModal(True)
        self.setMinimumWidth(look.metrics.px(tokens.size("dialogWidth", "medium") + 60))
        self.part = NewCodePart(look, operations, name=f"{name}.new")
        self.lacking = Text("", role="label", tone="textSecondary")

    def lay_out(self, first: QWidget, title: str, why: str, *, back: str, action: str, steps: Steps) -> None:
        """Put ``first`` in front, with the title above and the two buttons below."""
        self._steps = steps
        self.setWindowTitle(title)
        identify(self, f"{self._name}.dialog", title, why)
        self.stack = QStackedWidget()
        self.stack.addWidget(first)
        self.stack.addWidget(self.part)
        self.title = Text(title, role="section")
        self.back_button = Button(self.look, back, name=f"{self._name}.back")
        self.primary = PrimaryButton(self.look, action, name=f"{self._name}.next", show_keys=False)
        foot = row(self.lacking, None, self.back_button, self.primary, spacing=12)
        body = column(self.stack)
        body.setStretch(0, 1)
        self.arrange(self.title, body, foot)
        self.back_button.clicked.connect(self.reject)
        self.primary.clicked.connect(self.go_on)
        self.part.keeper.changed.connect(self.tell)
        self.part.keeper.last.returnPressed.connect(self.go_on)

    # -- for subclasses --------------------------------------------------------------------------

    def begin(self, words: str) -> None:
        """The act is under way; ``words`` say what it is doing."""
        self._busy = words
        self.tell()

    def end(self) -> None:
        """The act came to nothing."""
        self._busy = ""
        self.tell()

    def show_sheet(self, title: str, action: str, code: str, desk: Desk) -> None:
        """The act is done: only keeping the sheet is left."""
        self._busy, self._made = "", desk
        self.title.setText(title)
        self.primary.relabel(action)
        self.back_button.hide()
        self.stack.setCurrentWidget(self.part)
        self.part.show_code(code, desk)
        self.tell()

    # -- going on --------------------------------------------------------------------------------

    def missing(self) -> str:
        """What still keeps the dialog from going on."""
        if self._busy:
            return self._busy
        return self.part.keeper.missing() if self._made is not None else self._steps.lacking()

    def go_on(self) -> None:
        """Do the act, or finish."""
        if self.missing():
            return
        if self._made is None:
            self._steps.act()
            return
        desk, self._made = self._made, None
        self.part.forget()
        self.accept()
        self._steps.kept(desk)

    def tell(self, *_: object) -> None:
        """Say beside the buttons what is missing."""
        words = self.missing()
        self.lacking.setText(words)
        self.primary.set_unavailable(words)

    def reject(self) -> None:
        """Leave; not once the new code is made and the sheet is not yet kept."""
        if self._made is None and not self._busy:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The cross of the window, as :meth:`reject`."""
        if self._made is None and not self._busy:
            super().closeEvent(event)
        else:
            event.ignore()

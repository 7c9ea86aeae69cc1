"""用恢复码: the printed code and a new passphrase, then the sheet with the code that replaces it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from app.clock import Clock
from app.domain.errors import FieldError, WrongPassphraseError
from app.storage.passphrase import code_looks_complete
from ui.background.lanes import Job
from ui.background.operations import Operations
from ui.connection import device_name
from ui.dialogs.code_sheet import CodeKeeper, SheetPreview, make_sheet
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.passphrase import PassphrasePair

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk


class NewCodePart(QWidget):
    """The replacing code: preview, printing, proof. Shared by recovery and settings."""

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


class RecoveryDialog(QDialog):
    """``recovered(desk)`` after the new sheet was seen to be kept; the desk is open then."""

    recovered = Signal(object)

    def __init__(
        self,
        look: Look,
        operations: Operations,
        paths: ProfilePaths,
        clock: Clock,
        login: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.look, self._operations, self._paths, self._clock = look, operations, paths, clock
        self._login = login
        self._desk: Desk | None = None
        self._busy = ""
        self.setModal(True)
        self.setWindowTitle("用恢复码打开")
        self.setMinimumWidth(look.metrics.px(tokens.size("dialogWidth", "medium") + 60))
        identify(self, "recovery.dialog", "用恢复码打开")
        self.code = LineEdit("恢复码", name="recovery.code.text", placeholder="每四位一组，共八组")
        self.code_field = FormField(
            "恢复码", self.code, hint="照纸上写，大小写和空格不要紧", check=self._code_problem
        )
        self.pair = PassphrasePair(look, name="recovery.passphrase", first_label="新口令")
        words = "恢复码用过一次就作废。打开后会给您一个新的，要重新打印收好。"
        first = QWidget()
        first.setLayout(
            column(Text(words, tone="textSecondary", wrap=True), self.code_field, self.pair, None, spacing=12)
        )
        self.part = NewCodePart(look, operations, name="recovery.new")
        self.stack = QStackedWidget()
        self.stack.addWidget(first)
        self.stack.addWidget(self.part)
        self.title = Text("用恢复码打开", role="section")
        self.lacking = Text("", role="label", tone="textSecondary")
        self.back_button = Button(look, "先不用", name="recovery.back")
        self.primary = PrimaryButton(look, "换口令并打开", name="recovery.next", show_keys=False)
        foot = row(self.lacking, None, self.back_button, self.primary, spacing=12)
        body = column(self.title, self.stack, foot, spacing=12)
        body.setStretch(1, 1)
        body.setContentsMargins(24, 20, 24, 20)
        self.setLayout(body)
        self.back_button.clicked.connect(self.reject)
        self.primary.clicked.connect(self.go_on)
        for signal in (self.code.textChanged, self.pair.changed, self.part.keeper.changed):
            signal.connect(self._tell)
        self.code.returnPressed.connect(self.pair.first.setFocus)
        self.pair.confirmed.connect(self.go_on)
        self.part.keeper.last.returnPressed.connect(self.go_on)
        self._tell()

    def missing(self) -> str:
        """What still keeps the dialog from going on."""
        if self._busy:
            return self._busy
        if self._desk is not None:
            return self.part.keeper.missing()
        if not code_looks_complete(self.code.text()):
            return "恢复码还没写全"
        return self.pair.missing()

    def go_on(self) -> None:
        """Open with the code, or finish."""
        if self.missing():
            return
        if self._desk is None:
            self._open()
            return
        desk, self._desk = self._desk, None
        self.part.forget()
        self.accept()
        self.recovered.emit(desk)

    def reject(self) -> None:
        """Leave; not once the old code is void and the new one is not yet kept."""
        if self._desk is None and not self._busy:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The cross of the window, as :meth:`reject`."""
        if self._desk is None and not self._busy:
            super().closeEvent(event)
        else:
            event.ignore()

    def _open(self) -> None:
        paths, clock, login = self._paths, self._clock, self._login
        code, passphrase = self.code.text(), self.pair.text

        def work(_job: Job) -> tuple[Desk, str]:
            from app.services import profile

            return profile.recover(paths, code, passphrase, login, clock=clock)

        self._busy = "正在核对恢复码"
        self._tell()
        self._operations.write("用恢复码打开", work, self._opened, self._refused)

    def _opened(self, made: tuple[Desk, str]) -> None:
        self._busy = ""
        self._desk = made[0]
        self.code.clear()
        self.pair.clear_both()
        self.title.setText("口令已换好，把新的恢复码收好")
        self.primary.relabel("收好了，打开")
        self.back_button.hide()
        self.stack.setCurrentWidget(self.part)
        self.part.show_code(made[1], made[0])
        self._tell()

    def _refused(self, error: BaseException) -> bool:
        self._busy = ""
        self._tell()
        if isinstance(error, WrongPassphraseError):
            self.code_field.show_problem(error.message)
            self.code.setFocus()
            return True
        if isinstance(error, FieldError):
            self.pair.show_problem(error.message)
            return True
        return False

    def _code_problem(self) -> str:
        text = self.code.text()
        return "恢复码一共 32 位，再对一遍纸上的。" if text and not code_looks_complete(text) else ""

    def _tell(self) -> None:
        lacking = self.missing()
        self.lacking.setText(lacking)
        self.primary.set_unavailable(lacking)

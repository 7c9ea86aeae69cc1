"""用恢复码: the printed code and a new passphrase, then the sheet with the code that replaces it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.clock import Clock
from app.domain.errors import FieldError, WrongPassphraseError
from app.storage.passphrase import code_looks_complete
from ui.background.lanes import Job
from ui.background.operations import Operations
from ui.dialogs.kept_sheet import KeptSheetDialog, Steps
from ui.theme.look import Look
from ui.widgets.base import Text, column
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.passphrase import PassphrasePair

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk

WORDS = "恢复码用过一次就作废。打开后会给您一个新的，要重新打印收好。"


class RecoveryDialog(KeptSheetDialog):
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
        super().__init__(look, operations, parent, name="recovery")
        self._paths, self._clock, self._login = paths, clock, login
        self.code = LineEdit("恢复码", name="recovery.code.text", placeholder="每四位一组，共八组")
        self.code_field = FormField(
            "恢复码", self.code, hint="照纸上写，大小写和空格不要紧", check=self._code_problem
        )
        self.pair = PassphrasePair(look, name="recovery.passphrase", first_label="新口令")
        first = QWidget()
        words = Text(WORDS, tone="textSecondary", wrap=True)
        first.setLayout(column(words, self.code_field, self.pair, None, spacing=12))
        steps = Steps(self.lacking_first, self.act, self.recovered.emit)
        self.lay_out(first, "用恢复码打开", "", back="先不用", action="换口令并打开", steps=steps)
        for signal in (self.code.textChanged, self.pair.changed):
            signal.connect(self.tell)
        self.code.returnPressed.connect(self.pair.first.setFocus)
        self.pair.confirmed.connect(self.go_on)
        self.tell()

    def lacking_first(self) -> str:
        """What is missing before the code can be tried."""
        return self.pair.missing() if code_looks_complete(self.code.text()) else "恢复码还没写全"

    def act(self) -> None:
        """Open with the code."""
        paths, clock, login = self._paths, self._clock, self._login
        code, passphrase = self.code.text(), self.pair.text

        def work(_job: Job) -> tuple[Desk, str]:
            from app.services import profile

            return profile.recover(paths, code, passphrase, login, clock=clock)

        self.begin("正在核对恢复码")
        self._operations.write("用恢复码打开", work, self._opened, self._refused)

    def _opened(self, made: tuple[Desk, str]) -> None:
        self.code.clear()
        self.pair.clear_both()
        self.show_sheet("口令已换好，把新的恢复码收好", "收好了，打开", made[1], made[0])

    def _refused(self, error: BaseException) -> bool:
        self.end()
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

"""加一位同事: platform sign-in and a passphrase of their own, then the sheet with their recovery code.

The store's key can only be sealed for somebody new while it is open. In the settings it is; at the lock
screen one who can already sign in opens it with their own passphrase first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.clock import Clock
from app.domain.errors import FieldError, JiefenError, WrongPassphraseError
from ui.background.lanes import Job
from ui.background.operations import Operations
from ui.dialogs.kept_sheet import KeptSheetDialog, Steps
from ui.theme.look import Look
from ui.widgets.base import Text, announce, column, row
from ui.widgets.choices import ComboBox
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.passphrase import PassphrasePair, SecretEdit

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.colleagues import Joined
    from app.services.desk import Desk
    from app.services.lockscreen import CardPerson

WHY = "同事用自己的平台登录名和口令证明是本机构的人，角色按平台的名册；再给自己定一个打开本机的口令。"
OPENED_BY = "要先有人打开这份档案，才能把钥匙交给新同事：请一位已经能登录的同事输一次自己的口令。"


class ColleagueDialog(KeptSheetDialog):
    """``joined(desk)`` once the sheet was seen to be kept: the colleague's desk, on an open store.

    With ``desk`` (in the settings) the keys of the new desk are put away again: only the names are wanted.
    """

    joined = Signal(object)

    def __init__(
        self,
        look: Look,
        operations: Operations,
        paths: ProfilePaths,
        clock: Clock,
        parent: QWidget | None = None,
        *,
        desk: Desk | None = None,
        people: Sequence[CardPerson] = (),
        prepare: Callable[[Desk], Desk] = lambda opened: opened,
        hint: str = "",
    ) -> None:
        """``people``: who may open the profile where no ``desk`` is; ``prepare`` makes that desk ready."""
        super().__init__(look, operations, parent, name="colleague")
        self._paths, self._clock = paths, clock
        self._desk, self._prepare = desk, prepare
        self.fields: dict[str, FormField] = {}
        self._build(people, hint)
        self.tell()

    def _build(self, people: Sequence[CardPerson], hint: str) -> None:
        look = self.look
        choices = [(one.slot_id, one.name) for one in people]
        self.by = ComboBox(look, "由谁打开", choices, name="colleague.by")
        self.by_passphrase = SecretEdit(look, "打开档案的口令", name="colleague.by_passphrase.text")
        self.login = LineEdit("新同事的平台登录名", name="colleague.login.text")
        self.password = SecretEdit(look, "新同事的平台口令", name="colleague.password.text")
        for key, label, edit in (
            ("by", "由谁打开", self.by),
            ("by_passphrase", "这一位的口令", self.by_passphrase),
            ("user", "新同事的平台登录名", self.login),
            ("password", "新同事的平台口令", self.password),
        ):
            self.fields[key] = FormField(label, edit)
        opener = QWidget()
        both = row(self.fields["by"], self.fields["by_passphrase"], spacing=14)
        opener.setLayout(column(Text(OPENED_BY, tone="textSecondary", wrap=True), both, spacing=8))
        opener.setVisible(self._desk is None)
        self.pair = PassphrasePair(look, name="colleague.passphrase", first_label="新同事打开本机的口令")
        self.hint = Text(hint, role="label", tone="textSecondary", wrap=True)
        self.hint.setObjectName("colleague.practice.hint")
        self.hint.setVisible(bool(hint))
        self.problem = Text("", role="label", tone="overdue", wrap=True)
        self.problem.hide()
        first = QWidget()
        names = row(self.fields["user"], self.fields["password"], spacing=14)
        why = Text(WHY, tone="textSecondary", wrap=True)
        first.setLayout(column(why, opener, names, self.pair, self.hint, self.problem, None, spacing=12))
        self.part.sheet.caption.setText("只有新同事自己的这一张")
        steps = Steps(self.lacking_first, self.act, self.joined.emit)
        self.lay_out(first, "加一位同事", WHY, back="先不加", action="加进来", steps=steps)
        self._connect()

    def _connect(self) -> None:
        touched = (
            *(edit.textChanged for edit in (self.by_passphrase, self.login, self.password)),
            self.pair.changed,
        )
        for signal in touched:
            signal.connect(self.tell)
        self.by_passphrase.returnPressed.connect(self.login.setFocus)
        self.login.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self.pair.first.setFocus)
        self.pair.confirmed.connect(self.go_on)

    # -- going on --------------------------------------------------------------------------------

    def lacking_first(self) -> str:
        """What is missing before the colleague can be added."""
        if self._desk is None and not self.by_passphrase.text():
            return "还差打开档案的口令"
        if not self.login.text().strip():
            return "还差平台登录名"
        if not self.password.text():
            return "还差平台口令"
        return self.pair.missing()

    def act(self) -> None:
        """Add the colleague."""
        paths, clock, known, prepare = self._paths, self._clock, self._desk, self._prepare
        opener, opening = str(self.by.value), self.by_passphrase.text()
        login, password, passphrase = self.login.text().strip(), self.password.text(), self.pair.text

        def work(_job: Job) -> Joined:
            from app.services import profile
            from ui import connection

            def joined(desk: Desk) -> Joined:
                return connection.add_colleague(
                    paths, desk, user=login, password=password, passphrase=passphrase
                )

            if known is not None:
                made = joined(known)
                made.desk.keys.clear()
                return made
            opened = profile.unlock(paths, opening, opener, clock=clock)
            try:
                made = joined(prepare(opened))
            except BaseException:
                profile.close(opened)
                raise
            # The store stays open for the colleague; the one who opened it has done their part.
            opened.keys.clear()
            return made

        for field in self.fields.values():
            field.show_problem("")
        self.problem.hide()
        self.begin("正在问平台，并做新的钥匙")
        self._operations.network("加一位同事", work, self._added, self._refused)

    def _added(self, made: Joined) -> None:
        for edit in (self.by_passphrase, self.password):
            edit.clear()
        self.pair.clear_both()
        title = f"{made.desk.person.name}可以登录了，把恢复码收好"
        self.show_sheet(title, "收好了", made.recovery_code, made.desk)

    def _refused(self, error: BaseException) -> bool:
        self.end()
        if not isinstance(error, JiefenError):
            return False
        if isinstance(error, WrongPassphraseError):
            self._under("by_passphrase", error.message)
        elif isinstance(error, FieldError) and error.field in self.fields:
            self._under(error.field, error.message)
        elif isinstance(error, FieldError) and error.field == "passphrase":
            self.pair.show_problem(error.message)
        else:
            self.problem.setText(error.message)
            self.problem.show()
            announce(self, error.message)
        return True

    def _under(self, key: str, text: str) -> None:
        self.fields[key].show_problem(text)
        self.fields[key].take_focus()

"""Signing in at the platform again; registering this computer, later or anew (登记本机、重新登记本机)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.domain.errors import FieldError, JiefenError
from ui.background.operations import Operations
from ui.connection import device_name
from ui.dialogs.base import Dialog
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, announce, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.passphrase import SecretEdit

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk
    from app.services.enrolment import Wish


class PlatformDialog(Dialog):
    """A form that ends in one call over the network lane. ``succeeded(value)`` when it went well."""

    succeeded = Signal(object)

    def __init__(
        self, look: Look, operations: Operations, title: str, said: str, action: str, name: str,
        parent: QWidget | None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.look, self._operations, self._action = look, operations, action
        self.fields: dict[str, FormField] = {}
        self._busy = False
        self.setModal(True)
        self.setWindowTitle(title)
        self.setFixedWidth(look.metrics.px(tokens.size("dialogWidth", "small")))
        identify(self, f"{name}.dialog", title, said)
        self.problem = Text("", role="label", tone="overdue", wrap=True)
        self.problem.hide()
        self.back_button = Button(look, "以后再说", name=f"{name}.back", about=title)
        self.primary = PrimaryButton(look, action, name=f"{name}.act", show_keys=False)
        self._lines = column(spacing=10)
        body = column(Text(said, tone="textSecondary", wrap=True), self._lines, self.problem, spacing=10)
        foot = row(None, self.back_button, self.primary, spacing=12)
        self.arrange(Text(title, role="section"), body, foot)
        self.back_button.clicked.connect(self.reject)
        self.primary.clicked.connect(self.go_on)

    def add_field(self, key: str, label: str, edit: LineEdit | SecretEdit) -> None:
        """One more field, with Enter going on."""
        self.fields[key] = FormField(label, edit)
        edit.returnPressed.connect(self.go_on)
        self._lines.addWidget(self.fields[key])

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the first field that is still empty: that is the password, mostly."""
        super().showEvent(event)
        edits = [field.editor for field in self.fields.values()]
        empty = (one for one in edits if isinstance(one, (LineEdit, SecretEdit)) and not one.text())
        next(empty, edits[0]).setFocus(Qt.FocusReason.TabFocusReason)

    def work(self) -> Callable[[], Any]:
        """What is done over the network; called on the GUI thread, the result on the lane."""
        raise TypeError(f"{type(self).__name__} has no call")

    def go_on(self) -> None:
        """Check that all is filled in, then call."""
        if self._busy:
            return
        for field in self.fields.values():
            edit = field.editor
            if isinstance(edit, (LineEdit, SecretEdit)) and not edit.text().strip():
                field.show_problem("这一项还空着，填上再接着办。")
                field.take_focus()
                return
            field.show_problem("")
        call = self.work()
        self._set_busy(True)
        self._operations.network(self._action, lambda _job: call(), self._done, self._failed)

    def reject(self) -> None:
        """Leave, unless the answer is under way."""
        if not self._busy:
            super().reject()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.primary.set_unavailable("正在等平台应答" if busy else "")
        self.problem.setVisible(False)

    def _done(self, value: object) -> None:
        self._set_busy(False)
        self.accept()
        self.succeeded.emit(value)

    def _failed(self, error: BaseException) -> bool:
        self._set_busy(False)
        return isinstance(error, JiefenError) and self.show_refusal(error)

    def show_refusal(self, error: JiefenError) -> bool:
        """Why it was not taken: under its field where there is one, else below; all that was typed stays."""
        if isinstance(error, FieldError) and error.field in self.fields:
            self.fields[error.field].show_problem(error.message)
            self.fields[error.field].take_focus()
            return True
        self.problem.setText(error.message)
        self.problem.show()
        announce(self, error.message)
        return True


class SignInDialog(PlatformDialog):
    """The sign-in expired: the platform's password once more; the queue stays as it is."""

    def __init__(self, look: Look, operations: Operations, desk: Desk, parent: QWidget | None = None) -> None:
        said = f"登录已过期。队列里的内容都还在，登录后接着发。登录名：{desk.person.login}"
        super().__init__(look, operations, "重新登录平台", said, "登录，接着发", "sign_in", parent)
        self._desk = desk
        self.password = SecretEdit(look, "平台口令", name="sign_in.password.text")
        self.add_field("password", "平台口令", self.password)

    def work(self) -> Callable[[], None]:
        """Sign in with the password typed."""
        desk, password = self._desk, self.password.text()

        def call() -> None:
            from ui import connection

            connection.sign_in(desk, password)

        return call


class EnrolAgainDialog(PlatformDialog):
    """重新登记本机: the platform takes nothing more under the present device id. Gives the new desk."""

    def __init__(
        self, look: Look, operations: Operations, paths: ProfilePaths, desk: Desk,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        said = (
            f"给这台电脑换一个设备编号。没发出的都在本机，登记后接着发，不会重复。登录名：{desk.person.login}"
        )
        super().__init__(look, operations, "重新登记本机", said, "登记，接着发", "enrol_again", parent)
        self._paths, self._desk = paths, desk
        self.password = SecretEdit(look, "平台口令", name="enrol_again.password.text")
        self.add_field("password", "平台口令", self.password)

    def work(self) -> Callable[[], Desk]:
        """Register anew with the password typed."""
        paths, desk, password = self._paths, self._desk, self.password.text()

        def call() -> Desk:
            from ui import connection

            return connection.enrol_again(paths, desk, password)

        return call


class EnrolDialog(PlatformDialog):
    """登记本机, later: what was filled in at the first run, and the password. Gives the new desk."""

    def __init__(
        self, look: Look, operations: Operations, paths: ProfilePaths, desk: Desk, wish: Wish,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        said = "平台认得这台电脑以后，办件会自动收来，写好的会自动发出。"
        super().__init__(look, operations, "登记本机", said, "登记", "enrol", parent)
        self._paths, self._desk = paths, desk
        self.url = LineEdit("平台地址", name="enrol.url.text", text=wish.url)
        self.user = LineEdit("平台登录名", name="enrol.user.text", text=wish.login or desk.person.login)
        self.device = LineEdit("这台电脑叫什么", name="enrol.device.text", text=wish.device or device_name())
        self.password = SecretEdit(look, "平台口令", name="enrol.password.text")
        self.add_field("url", "平台地址", self.url)
        self.add_field("user", "平台登录名", self.user)
        self.add_field("device_name", "这台电脑叫什么", self.device)
        self.add_field("password", "平台口令", self.password)

    def work(self) -> Callable[[], Desk]:
        """Register with what stands in the form."""
        paths, desk = self._paths, self._desk
        url, user = self.url.text().strip(), self.user.text().strip()
        name, password = self.device.text().strip(), self.password.text()

        def call() -> Desk:
            from ui import connection

            return connection.enrol(paths, desk, url=url, user=user, password=password, name=name)

        return call

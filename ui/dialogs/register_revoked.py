"""重新登记本机 on the lock screen of a computer that was taken out of use: nothing of it is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.clock import Clock
from app.domain.errors import JiefenError, WrongPassphraseError
from ui.background.operations import Operations
from ui.dialogs.sign_in import PlatformDialog
from ui.theme.look import Look
from ui.widgets.passphrase import SecretEdit

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk

SAID = (
    "这台电脑原来的设备编号已被机构停用。经机构负责人同意，可以换一个编号重新登记。"
    "没发出的都在本机，登记后接着发，不会重复。"
)


class RegisterRevokedDialog(PlatformDialog):
    """Opens the profile with the passphrase and has it go on. Gives the open desk.

    Under a new device id, unless the platform takes the present one again and only the sign-in had ended.
    """

    def __init__(
        self, look: Look, operations: Operations, paths: ProfilePaths, clock: Clock, login: str,
        prepare: Callable[[Desk], Desk], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        said = f"{SAID}登录名：{login}" if login else SAID
        super().__init__(look, operations, "重新登记本机", said, "登记，接着用", "register_revoked", parent)
        self._paths, self._clock, self._login, self._prepare = paths, clock, login, prepare
        self.passphrase = SecretEdit(look, "本机口令", name="register_revoked.passphrase.text")
        self.password = SecretEdit(look, "平台口令", name="register_revoked.password.text")
        self.add_field("passphrase", "本机口令", self.passphrase)
        self.add_field("password", "平台口令", self.password)

    def work(self) -> Callable[[], Desk]:
        """Open with the passphrase and register with the password typed."""
        paths, clock, login, prepare = self._paths, self._clock, self._login, self._prepare
        passphrase, password = self.passphrase.text(), self.password.text()

        def call() -> Desk:
            from app.services import profile
            from ui import connection

            desk = profile.unlock(paths, passphrase, login, clock=clock, although_revoked=True)
            try:
                desk = prepare(desk)
                return connection.take_up_again(paths, desk, password)
            except BaseException:
                profile.close(desk)
                raise

        return call

    def show_refusal(self, error: JiefenError) -> bool:
        """A wrong passphrase stands under its own field."""
        if isinstance(error, WrongPassphraseError):
            self.fields["passphrase"].show_problem(error.message)
            self.fields["passphrase"].take_focus()
            return True
        return super().show_refusal(error)

"""This computer was taken out of use by its institution (停用): the window locks and stays locked.

The lock screen says what happened, what was kept and what comes next. The passphrase then asks the platform
once more; 重新登记本机 gives this computer a new device id. Either way nothing written here is lost: it goes
on when the profile opens again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QApplication, QDialog

from app.domain.errors import REVOKED, SIGN_IN, JiefenError, WrongPassphraseError
from app.services import lockscreen
from ui.frame_people import FramePeople

if TYPE_CHECKING:
    from app.services.desk import Desk
    from sync.engine.run import SyncResult
    from ui.window import Window


class FrameRevoked(FramePeople):
    """The part of the window that keeps a revoked computer locked; :class:`~ui.window.Window` is all."""

    def judge(self, result: SyncResult) -> None:
        """Lock as soon as the platform has said that it takes nothing more from this computer."""
        if result.error is not None:
            self.heed(result.error)

    def heed(self, error: BaseException) -> None:
        """The same for any other contact: signing in again, a package handed in, a colleague added."""
        if getattr(error, "code", "") == REVOKED and self.context is not None:
            self.lock_out()

    def lock_out(self) -> None:
        """Close what lies over the window, save drafts, put the keys away, and say why."""
        while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
            dialog.done(QDialog.DialogCode.Rejected)
        cast("Window", self).sign_out()

    def tell_revoked(self) -> bool:
        """Have the lock screen say it where it is so; whether it is."""
        mark = lockscreen.look_of(self.paths).revoked
        if mark is None:
            self.shell.lock_screen.set_revoked(None)
            return False
        from app.services import revoked

        self.shell.lock_screen.set_revoked(revoked.words(mark))
        return True

    def prepared(self, desk: Desk) -> Desk:
        """The desk as the network needs it: in practice its platform is started first."""
        if cast("Window", self).practising and self.practice is None:
            from ui import practice

            self.practice = practice.start(self.paths)
        return self.attached(desk)

    def ask_platform(self, passphrase: str) -> None:
        """The passphrase was given on a revoked computer: open it if the platform takes it again."""
        paths, clock, login = self.paths, self.clock, self.login

        def work(_job: object) -> Desk:
            from app.services import profile
            from ui import connection

            desk = profile.unlock(paths, passphrase, login, clock=clock, although_revoked=True)
            try:
                desk = self.prepared(desk)
                connection.ask_standing(paths, desk)
            except BaseException:
                profile.close(desk)
                raise
            return desk

        self.operations.network("问平台", work, self._taken_again, self._still_locked)

    def _taken_again(self, desk: Desk) -> None:
        self.tell_revoked()
        cast("Window", self).opened(desk)

    def _still_locked(self, error: BaseException) -> bool:
        screen = self.shell.lock_screen
        if isinstance(error, WrongPassphraseError):
            screen.show_problem(error.message)
        elif isinstance(error, JiefenError):
            screen.show_problem(_why(error))
        else:
            screen.set_busy(False)
            return False
        return True

    def register_revoked(self) -> None:
        """重新登记本机 on the lock screen: the passphrase, and the platform's password."""
        from ui.dialogs.register_revoked import RegisterRevokedDialog

        dialog = RegisterRevokedDialog(
            self.look, self.operations, self.paths, self.clock, self.login, self.prepared, self.shell
        )
        dialog.succeeded.connect(self._taken_again)
        dialog.open()


def _why(error: JiefenError) -> str:
    """One sentence under the field: what the platform said, or why it could not be asked."""
    if error.code == REVOKED:
        return "平台说这台电脑还停用着。内容都在本机，请联系机构负责人。"
    if error.code == SIGN_IN:
        return "登录已过期，没有问成。内容都在本机，请点“重新登记本机”，用平台口令办。"
    if error.code == "E-UNREACHABLE":
        return "没有问成：平台没有应答。这台电脑仍然锁着，内容都在本机。连上网再问。"
    return error.message

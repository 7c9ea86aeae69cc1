"""Signing in to the platform again and registering this computer, wherever a page offers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.dialogs.sign_in import EnrolAgainDialog, EnrolDialog, SignInDialog

if TYPE_CHECKING:
    from app.services.enrolment import Wish
    from ui.pages.working import WorkingPage


def sign_in(page: WorkingPage) -> SignInDialog:
    """The platform's password once more; then the exchange goes on."""

    def signed_in(_value: object) -> None:
        page.said.emit("登录好了，接着收发。")
        if page.context.sync is not None:
            page.context.sync.resume()

    dialog = SignInDialog(page.look, page.context.operations, page.context.desk, page.window())
    dialog.succeeded.connect(signed_in)
    dialog.open()
    return dialog


def enrol(page: WorkingPage, wish: Wish) -> EnrolDialog:
    """登记本机, what was put off at the first run; ``wish`` is what was said there."""
    paths, desk = page.office.backups.paths, page.context.desk
    dialog = EnrolDialog(page.look, page.context.operations, paths, desk, wish, page.window())
    if page.context.reopen is not None:
        dialog.succeeded.connect(page.context.reopen)
    dialog.open()
    return dialog


def enrol_again(page: WorkingPage) -> EnrolAgainDialog:
    """重新登记本机, when the platform takes nothing more under this computer's device id."""
    paths, desk = page.office.backups.paths, page.context.desk
    dialog = EnrolAgainDialog(page.look, page.context.operations, paths, desk, page.window())
    if page.context.reopen is not None:
        dialog.succeeded.connect(page.context.reopen)
    dialog.open()
    return dialog


def unwritten(page: WorkingPage, noted: str) -> str:
    """Why the last exchange was cut short, when not even that could be written down, as on a full disk."""
    last = page.context.sync.last if page.context.sync is not None else None
    return "" if noted or last is None or last.name != "waiting" else str(last.message)

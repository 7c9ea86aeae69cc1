"""停用: the window locks at its next contact, says why, stays locked, and opens again in either way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.domain import casefile as cf
from tests.helpers.screens import assert_named, assert_not_clipped, grab
from tests.helpers.window import Pilot
from ui.practice import PASSPHRASE

CASE = "三楼漏水赔墙面"


def control(pilot: Pilot, what: str, device_id: str) -> None:
    pilot.control._call("POST", f"device/{device_id}/{what}")


def notes(pilot: Pilot) -> list[str]:
    file = pilot.office.cases.open(pilot.case_id(CASE)).file
    return [body.text for _, body in file.of_type(cf.Note) if body.text.startswith("停用")]


def locked(pilot: Pilot) -> bool:
    return pilot.window.context is None and pilot.window.shell.lock_screen.notice.isVisible()


def revoke(pilot: Pilot) -> str:
    """A note is written while nothing is sent, then the head takes the computer out of use."""
    device_id = pilot.office.desk.device_id
    exchange = pilot.window.exchange
    assert exchange is not None
    exchange.pause()
    pilot.office.handling.add_note(pilot.case_id(CASE), "停用前写的")
    control(pilot, "revoke", device_id)
    exchange.resume()
    pilot.until(lambda: locked(pilot), "the window locks by itself", 60)
    return device_id


def ask(pilot: Pilot) -> None:
    pilot.overwrite(PASSPHRASE, pilot.window.shell.lock_screen.edit)
    pilot.press("Return")


def problem(pilot: Pilot, words: str) -> None:
    pilot.until(lambda: words in pilot.window.shell.lock_screen.problem.text(), words, 60)
    assert locked(pilot)


def open_again(pilot: Pilot) -> None:
    pilot.until(lambda: pilot.window.context is not None and not pilot.window.shell.locked, "open again", 60)
    pilot.until(lambda: pilot.page == "today" and not pilot.window.shell._offered, "today, pages built", 60)
    pilot.idle()
    assert not pilot.window.shell.lock_screen.notice.isVisible()


def sent(pilot: Pilot) -> None:
    def settled() -> bool:
        standing, counts = pilot.office.sync_centre.standing(), pilot.office.sync_centre.counts()
        return not standing.error and not counts.waiting and not counts.needs_you

    assert pilot.window.exchange is not None
    pilot.window.exchange.retry_now()
    pilot.until(settled, "all is sent", 60)


def test_it_locks_with_what_was_being_typed_and_opens_when_it_is_taken_again(pilot: Pilot) -> None:
    pilot.press("Ctrl+N")
    pilot.until(lambda: pilot.page == "intake", "intake")
    pilot.write("楼上漏水滴到床上", "intake.facts")
    device_id = revoke(pilot)
    screen = pilot.window.shell.lock_screen
    assert "这台电脑已被机构停用，已经锁住" in screen.notice.text
    assert "还没有发出" in screen.notice.text
    assert "请联系机构负责人" in screen.notice.text
    assert CASE not in screen.notice.text
    assert screen.button.text() == "问平台"
    grab(pilot.window.shell, "lock-revoked", (1440, 869))
    assert_not_clipped(screen)
    assert_named(screen)
    pilot.overwrite("wrong one 2026", screen.edit)
    pilot.press("Return")
    problem(pilot, "口令不对")
    ask(pilot)
    problem(pilot, "平台说这台电脑还停用着")
    assert_not_clipped(screen)
    pilot.control.network("offline")
    ask(pilot)
    problem(pilot, "没有问成：平台没有应答")
    pilot.control.network("normal")
    control(pilot, "reinstate", device_id)
    ask(pilot)
    open_again(pilot)
    assert pilot.office.desk.device_id == device_id
    sent(pilot)
    assert notes(pilot) == ["停用前写的"]
    pilot.press("Ctrl+N")
    pilot.until(lambda: pilot.page == "intake", "intake again")
    pilot.until(lambda: pilot.find("intake.facts").toPlainText() == "楼上漏水滴到床上", "the draft")  # type: ignore[attr-defined]


def test_signing_in_again_is_a_contact_that_locks_it(pilot: Pilot) -> None:
    """The sign-in had expired when the computer was taken out of use: no exchange hears of it."""
    exchange, window = pilot.window.exchange, pilot.window
    assert exchange is not None
    pilot.control.network("expired")
    exchange.retry_now()
    pilot.until(lambda: exchange.last is not None and exchange.last.name == "sign_in", "expired", 60)
    control(pilot, "revoke", pilot.office.desk.device_id)
    window.shell.go("sync", {})
    pilot.until(lambda: pilot.page == "sync", "同步中心")
    pilot.until(lambda: pilot.here("sync.notice") is not None, "重新登录")
    pilot.click(window.shell.current.notice.button)  # type: ignore[union-attr]
    pilot.until(lambda: pilot.here("sign_in.dialog") is not None, "the dialog")
    pilot.write(pilot.control.ready.users[0].password, "sign_in.password.text")
    pilot.press("Return")
    pilot.until(lambda: locked(pilot), "the window locks", 60)
    assert pilot.here("sign_in.dialog") is None
    assert "这台电脑已被机构停用，已经锁住" in window.shell.lock_screen.notice.text
    ask(pilot)
    problem(pilot, "登录已过期，没有问成")
    pilot.close()


def test_started_anew_it_is_locked_and_registered_anew_it_goes_on(
    qapp: QApplication, plain_look: object, practice_folder: Path
) -> None:
    first = Pilot(qapp, practice_folder)
    first.begin()
    device_id = revoke(first)
    first.close()
    pilot = Pilot(qapp, practice_folder)
    pilot.window.begin()
    pilot.window.shell.activateWindow()
    pilot.until(lambda: locked(pilot), "locked at the start", 90)
    assert pilot.window.shell.current is None, "no page of it was made"
    pilot.click("lock.revoked.register")
    pilot.until(lambda: pilot.here("register_revoked.dialog") is not None, "the dialog")
    dialog = pilot.find("register_revoked.dialog")
    grab(dialog, "register-revoked", None)
    assert_not_clipped(dialog)
    assert_named(dialog)
    pilot.write("wrong one 2026", "register_revoked.passphrase.text")
    pilot.write("wrong", "register_revoked.password.text")
    pilot.press("Return")
    fields = dialog.fields  # type: ignore[attr-defined]
    pilot.until(lambda: bool(fields["passphrase"].message.text()), "the passphrase is refused", 60)
    pilot.overwrite(PASSPHRASE, "register_revoked.passphrase.text")
    pilot.press("Return")
    pilot.until(lambda: bool(fields["password"].message.text()), "the password is refused", 90)
    assert locked(pilot)
    pilot.overwrite(pilot.control.ready.users[0].password, "register_revoked.password.text")
    pilot.press("Return")
    open_again(pilot)
    assert pilot.office.desk.device_id != device_id
    sent(pilot)
    assert notes(pilot) == ["停用前写的"]
    pilot.close()

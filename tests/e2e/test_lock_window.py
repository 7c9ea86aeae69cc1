"""Ctrl+L, the practice passphrase read from the lock screen, and the same place and cursor again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from app.storage.passphrase import checks
from tests.helpers.screens import assert_not_clipped, grab
from tests.helpers.window import Pilot
from ui.practice import PASSPHRASE


def test_locked_and_unlocked_by_what_the_screen_says(pilot: Pilot) -> None:
    assert PASSPHRASE.isascii()
    assert all(check.ok for check in checks(PASSPHRASE))
    shell = pilot.window.shell
    pilot.press("Ctrl+N")
    pilot.until(lambda: pilot.page == "intake", "intake")
    place = pilot.find("intake.place", QLineEdit)
    pilot.write("梧桐里小区门口", place)
    place.setCursorPosition(3)
    pilot.press("Ctrl+L")
    hint = pilot.text("lock.practice.hint")
    assert hint.startswith("练习口令：")
    grab(shell, "lock-practice", (1440, 869))
    assert_not_clipped(shell.lock_screen)
    edit = shell.lock_screen.edit
    pilot.write("wrong one 2026")
    pilot.press("Return")
    pilot.until(lambda: shell.lock_screen.problem.isVisible(), "the wrong one is told")
    pilot.overwrite(hint.removeprefix("练习口令：").partition("。")[0], edit)
    pilot.press("Return")
    pilot.until(lambda: not shell.locked, "unlocked")
    assert pilot.page == "intake"
    assert QApplication.focusWidget() is place
    assert place.cursorPosition() == 3
    assert place.text() == "梧桐里小区门口"


def test_chinese_can_be_typed_while_the_eye_is_on_and_not_else(pilot: Pilot) -> None:
    pilot.press("Ctrl+L")
    screen = pilot.window.shell.lock_screen
    typed = Qt.WidgetAttribute.WA_InputMethodEnabled
    assert not screen.edit.testAttribute(typed)
    pilot.press("Tab")
    assert pilot.focused("lock.passphrase.show")
    pilot.press("Space")
    assert screen.edit.testAttribute(typed)
    pilot.write("春天的桂花", screen.edit)
    assert screen.edit.displayText() == "春天的桂花"
    pilot.click("lock.passphrase.show")
    assert screen.edit.echoMode() is QLineEdit.EchoMode.Password
    assert not screen.edit.testAttribute(typed)
    pilot.overwrite(PASSPHRASE, screen.edit)
    pilot.press("Return")
    pilot.until(lambda: not pilot.window.shell.locked, "unlocked")


def test_the_scale_by_keys_is_kept(pilot: Pilot) -> None:
    pilot.press("Ctrl+=")
    assert pilot.office.settings.personal().scale == 125
    pilot.press("Ctrl+=")
    assert pilot.office.settings.personal().scale == 150
    pilot.press("Ctrl+0")
    assert pilot.office.settings.personal().scale == 100

"""Ctrl+L, the practice passphrase read from the lock screen, and the same place and cursor again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QTextEdit
from sqlalchemy import select

from app.storage.passphrase import checks
from app.storage.tables import cases
from tests.helpers.disputes import conflict
from tests.helpers.screens import assert_not_clipped, grab
from tests.helpers.window import Pilot
from ui.practice import PASSPHRASE
from ui.widgets.dates import DateField


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


def test_a_choice_begun_before_the_lock_is_gone_on_with_behind_it(pilot: Pilot) -> None:
    """For whoever locked; who comes in by the sign-in finds the list."""
    desk, shell = pilot.office.desk, pilot.window.shell
    query = select(cases.c.case_id).where(cases.c.state == "mediating").limit(1)
    case_id = desk.store.read(lambda conn: str(conn.execute(query).scalar_one()))
    place = SimpleNamespace(desk=desk)
    conflict(place, 1, "claims", "赔 500 元", "赔 600 元", "case", case_id=case_id, doc_id=case_id)
    pilot.press("Ctrl+9")
    pilot.until(lambda: pilot.here("sync.rows.table") is not None, "the list")
    pilot.until(lambda: pilot.focused("sync.rows.table"), "the list has the keyboard")
    pilot.press("Return")
    pilot.until(lambda: pilot.here("sync.conflict.edited") is not None, "the drawer")
    pilot.press("3")
    pilot.until(lambda: pilot.focused("sync.conflict.text"), "the field to write in")
    pilot.write("赔 50 元")
    pilot.press("Left", 2)
    for way in ("unlocked", "signed in"):
        if way == "unlocked":
            pilot.press("Ctrl+L")
        else:
            pilot.window.sign_out()
        pilot.until(lambda: shell.locked, "locked")
        pilot.overwrite(PASSPHRASE, shell.lock_screen.edit)
        pilot.press("Return")
        pilot.until(lambda: not shell.locked, way)
        if way == "unlocked":
            pilot.until(lambda: pilot.focused("sync.conflict.text"), "the field to write in")
            pilot.write("5")
            text = pilot.find("sync.conflict.text", QTextEdit)
            assert text.toPlainText() == "赔 505 元"
    assert pilot.here("sync.conflict.text") is None
    (draft,) = [one for one in pilot.office.drafts.all() if one.kind == "conflict"]
    assert list(draft.body["texts"].values()) == ["赔 505 元"]


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


@pytest.mark.parametrize("what", ["user menu", "new menu", "list", "month"])
def test_the_key_that_locks_does_so_over_whatever_is_open(pilot: Pilot, what: str) -> None:
    """A passphrase typed in the belief that one had locked would choose in the menu."""
    shell = pilot.window.shell
    pilot.press("Ctrl+2")
    pilot.until(lambda: pilot.page == "inbox", "inbox")
    pilot.until(lambda: pilot.here("inbox.at.date.text") is not None, "the form of a contact")
    if what.endswith("menu"):
        menu = shell.user_menu() if what == "user menu" else shell.nav.new_button.menu()
        menu.popup(shell.mapToGlobal(QPoint(60, 300)))
    elif what == "list":
        pilot.find("inbox.channel", QComboBox).showPopup()
    else:
        pilot.find("inbox.at.date", DateField).open_calendar()
    pilot.until(lambda: QApplication.activePopupWidget() is not None, "something is open")
    popup = QApplication.activePopupWidget()
    assert popup is not None
    control = Qt.KeyboardModifier.ControlModifier
    QApplication.sendEvent(popup, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_L, control))
    pilot.until(lambda: shell.locked, "locked")
    assert QApplication.activePopupWidget() is None
    shell.activateWindow()  # Without a window manager nothing does when a menu goes.
    pilot.until(shell.lock_screen.edit.hasFocus, "the passphrase is asked for")
    pilot.overwrite(PASSPHRASE, shell.lock_screen.edit)
    pilot.press("Return")
    pilot.until(lambda: not shell.locked, "unlocked")


def test_the_scale_by_keys_is_kept(pilot: Pilot) -> None:
    pilot.press("Ctrl+=")
    assert pilot.office.settings.personal().scale == 125
    pilot.press("Ctrl+=")
    assert pilot.office.settings.personal().scale == 150
    pilot.press("Ctrl+0")
    assert pilot.office.settings.personal().scale == 100

"""The first start of a real profile in the real window: offline, online, by the recovery code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.paths import ProfilePaths
from app.services import profile
from app.storage.backup import restore_entry
from app.storage.raw import open_raw
from tests.helpers.sandbox import Sandbox, running
from tests.helpers.screens import clipped, grab
from tests.helpers.stalls import SamplingWatchdog
from tests.helpers.window import Pilot
from ui.window import Window

GOOD = "plum blossoms in the lane"
BETTER = "plum blossoms in the snow"


class Newcomer(Pilot):
    """Somebody at a window on a real profile: the first run, or the lock screen, comes first."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.window = Window(app, ProfilePaths(folder))
        self.failures = []
        self.stalls = []
        self._watch = SamplingWatchdog()
        self._during = "start"
        self.window.operations.failed.connect(lambda name, error: self.failures.append((name, error)))

    def sit_down(self) -> None:
        """Open the window; nothing is asked of the platform yet."""
        self.window.begin()
        self.window.shell.activateWindow()
        self.idle()

    def fill_who(self, platform: str, login: str, password: str, name: str) -> None:
        """Step 1 by hand."""
        self.overwrite(platform, "first_run.url.text")
        self.overwrite(login, "first_run.login.text")
        if password:
            self.write(password, "first_run.password.text")
        self.write(name, "first_run.person.text")
        self.press("Return")

    def choose_passphrase(self, words: str = GOOD) -> None:
        """Step 2 by hand, until the code is there."""
        self.write(words, "first_run.passphrase.first")
        self.press("Return")
        self.write(words)
        self.press("Return")
        self.until(lambda: bool(self.window.first_run._code), "the recovery code", 30)
        self.idle()

    def keep_code(self) -> str:
        """Step 3 by hand: the sheet is kept, its last signs are copied back. Gives the code on the paper."""
        page = self.window.first_run
        self.until(lambda: page.keeper.kept.isEnabled() and not page._busy, "the sheet", 30)
        code: str = page._code
        self.click("first_run.code.kept")
        self.write(code[-4:], "first_run.code.last")
        self.press("Return")
        self.until(lambda: self.page == "today", "今日 in front", 30)
        self.until(lambda: not self.window.shell._offered, "all pages built")
        self.idle()
        return code

    def inbox(self) -> int:
        """How many 办件 are in the 办件箱."""
        return len(self.office.cases.inbox("todo"))


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Sandbox]:
    with running(tmp_path / "platform") as made:
        yield made


@pytest.fixture
def pilot(qapp: QApplication, plain_look: object, tmp_path: Path) -> Iterator[Newcomer]:
    made = Newcomer(qapp, tmp_path / "profile")
    made.sit_down()
    yield made
    made.close()


def test_offline_then_registered_later_without_a_restart(pilot: Newcomer, platform: Sandbox) -> None:
    user = platform.user("mediator")
    pilot.fill_who("http://127.0.0.1:9", user["name"], "", "周敏芳")
    pilot.choose_passphrase()
    assert "登记等联网后再做" in pilot.window.first_run.note.text()
    pilot.keep_code()
    shell = pilot.window.shell
    pilot.until(lambda: shell.topbar.sync.shown == "还没有登记", "the bar says so")
    for words in ("办件箱", "案件", "协议与确认"):
        pilot.click_row("nav.pages.list", words)
        assert "登记到平台以后" in shell.toast.text.text()
        assert pilot.page == "today"
    for key in ("sync", "settings", "today"):
        assert shell.go(key)
        pilot.idle()
        grab(shell, f"pending-{key}", (1440, 869))
        assert not [line for line in clipped(shell) if "http://" not in line]
    pilot.click("today.register.act")
    assert pilot.page == "sync"
    assert shell.current.again.unavailable == "登记以后才能连"
    assert "还没有登记" in shell.current.notice.title.text()
    pilot.click("sync.notice.act")
    assert pilot.text("enrol.user.text") == user["name"]
    pilot.write("wrong password", "enrol.password.text")
    pilot.press("Return")
    pilot.until(lambda: pilot.here("enrol.dialog").problem.isVisible(), "nobody answers at that address")
    assert pilot.text("enrol.password.text") == "wrong password"
    pilot.overwrite(platform.url, "enrol.url.text")
    pilot.press("Return")
    field = pilot.find("enrol.dialog").fields["password"]
    pilot.until(lambda: bool(field.message.text()), "the password was refused")
    pilot.overwrite(user["password"], "enrol.password.text")
    pilot.press("Return")
    pilot.until(lambda: pilot.window.context is not None and pilot.inbox() > 0, "cases arrive", 60)
    pilot.until(lambda: "同步" in shell.topbar.sync.shown, "the bar says it", 60)
    pilot.idle()
    assert pilot.page == "today"
    assert pilot.here("today.register") is None
    assert pilot.office.desk.institution.name in shell.windowTitle()
    assert profile.enrolment_of(pilot.office.desk).complete


def test_online_with_a_wrong_password_first(pilot: Newcomer, platform: Sandbox, tmp_path: Path) -> None:
    user = platform.user("mediator")
    pilot.fill_who(platform.url, user["name"], "not the password", "周敏芳")
    pilot.choose_passphrase()
    dialog = pilot.find("enrol.dialog")
    pilot.until(lambda: bool(dialog.fields["password"].message.text()), "the sentence under the field", 30)
    grab(dialog, "first-run-refused")
    assert pilot.text("enrol.url.text") == platform.url
    pilot.write(user["password"], "enrol.password.text")
    pilot.press("Return")
    pilot.until(lambda: "已登记" in pilot.window.first_run.note.text(), "registered", 30)
    code = pilot.keep_code()
    pilot.until(lambda: pilot.inbox() > 0, "cases arrive", 60)
    backups = pilot.office.backups
    pilot.until(lambda: backups.last() is not None, "the first backup, now that there is something in it", 60)
    kept = backups.last()
    assert kept is not None
    restore_entry(kept.path, "store.db", tmp_path / "kept.db")
    with contextlib.closing(open_raw(tmp_path / "kept.db", pilot.office.desk.keys.db_key)) as raw:
        assert raw.execute("SELECT count(*) FROM cases").fetchone()[0] > 0, "made before they were fetched"

    shell = pilot.window.shell
    pilot.window.sign_out()
    pilot.idle()
    assert shell.locked
    pilot.click("lock.recovery.open")
    wrong = code.replace(code[0], "2" if code[0] != "2" else "3")
    pilot.write(wrong, "recovery.code.text")
    for name in ("first", "second"):
        pilot.write(BETTER, f"recovery.passphrase.{name}")
    pilot.press("Return")
    dialog = pilot.find("recovery.dialog")
    pilot.until(lambda: bool(dialog.code_field.message.text()), "the wrong code is told", 30)
    assert dialog.pair.first.text() == BETTER
    pilot.overwrite(code, "recovery.code.text")
    pilot.click("recovery.next")
    pilot.until(lambda: dialog.part.keeper.kept.isEnabled(), "the new code", 30)
    assert dialog.primary.unavailable == "打印好、收好以后勾上"
    pilot.press("Escape")
    assert dialog.isVisible(), "the old sheet is void: the new one has to be kept"
    fresh = dialog.part.keeper._code
    assert fresh != code
    pilot.click(dialog.part.keeper.kept)
    pilot.write(fresh[-4:], dialog.part.keeper.last)
    pilot.press("Return")
    pilot.until(lambda: pilot.page == "today" and not shell.locked, "今日 in front", 30)
    pilot.until(lambda: not shell._offered, "all pages built")
    pilot.idle()
    pilot.press("Ctrl+L")
    pilot.write(GOOD)
    pilot.press("Return")
    pilot.until(lambda: shell.lock_screen.problem.isVisible(), "the old passphrase is void")
    pilot.overwrite(BETTER, "lock.passphrase.text")
    pilot.press("Return")
    pilot.until(lambda: not shell.locked, "open")

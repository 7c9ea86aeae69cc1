"""今日 stands before the store's libraries are there, turns live in place, and loses nothing pressed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.clock import SystemClock
from app.paths import ProfilePaths
from app.services import lockscreen, profile
from tests.helpers.window import PLAIN, Pilot, settle
from ui.opening import NEEDED
from ui.pages import today_routes
from ui.practice import PASSPHRASE

HEAVY = ("sqlalchemy", "alembic", "requests", "urllib3", "pydantic", "keyring", "fastapi", "pypinyin",
         "typst", "PySide6.QtPdf")  # fmt: skip
START = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.paths import ProfilePaths
from ui.practice import PASSPHRASE
from ui.window import Window

app = QApplication(sys.argv[:1])
window = Window(app, ProfilePaths(Path(sys.argv[1])), practice=sys.argv[2] == "practice")
seen = []

def painted(key):
    page = window.shell.current
    seen.append(key)
    heavy = [name for name in {heavy!r} if name in sys.modules]
    print("first", key, page.today_list.model().rowCount(), window.context is None, heavy)

window.shell.page_shown.connect(painted)
window.ready.connect(lambda: (print("live", seen), QTimer.singleShot(0, window.shell.close)))
window.begin()
if sys.argv[2] != "practice":
    window.unlock(PASSPHRASE)
app.exec()
"""


@pytest.fixture
def pilot(qapp: QApplication, plain_look: object, practice_folder: Path) -> Iterator[Pilot]:
    made = Pilot(qapp, practice_folder)
    yield made
    if made.window.context is not None:
        made.close()


class Early:
    """A window whose 今日 is painted and whose profile is kept from being opened by work before it."""

    def __init__(self, pilot: Pilot) -> None:
        self.pilot, self._go_on = pilot, threading.Event()
        window = pilot.window
        window.shell.page_shown.connect(self._hold)
        window.begin()
        window.shell.activateWindow()
        pilot.until(lambda: pilot.page == "today" or bool(pilot.failures), "今日 painted", 60)
        assert not pilot.failures
        window.shell.page_shown.disconnect(self._hold)
        pilot.until(lambda: pilot.focused("today.today.list"), "the first row has the focus")

    def _hold(self, _key: str) -> None:
        self.pilot.window.operations.write("之前的事", lambda _job: self._go_on.wait(60))

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = PLAIN) -> None:
        """A key while the profile is not open."""
        assert self.pilot.window.context is None
        target = QApplication.focusWidget() or self.pilot.window.shell
        QTest.keyClick(target, key, held)
        settle()

    def go_on(self) -> None:
        """Let the profile be opened; it may take its time."""
        self._go_on.set()


def live(early: Early) -> None:
    """Wait until the profile is open."""
    pilot = early.pilot
    early.go_on()
    pilot.until(lambda: pilot.window.context is not None or bool(pilot.failures), "the profile open", 60)
    assert not pilot.failures
    pilot.idle()


def shown(pilot: Pilot) -> dict[str, object]:
    """All that 今日 says."""
    page = pilot.window.shell.current
    lists = {one.objectName(): pilot.rows(one.objectName()) for one in page.lists if one.isVisible()}
    numbers = [button.accessibleName() for button in page.side_panel.numbers.buttons.values()]
    return {"title": page.title, "lists": lists, "numbers": numbers, "fold": page.fold.accessibleName()}


@pytest.mark.parametrize("kind", ["practice", "passphrase"])
def test_nothing_heavy_is_imported_before_the_first_paint(practice_folder: Path, kind: str) -> None:
    script = START.replace("{heavy!r}", repr(HEAVY))
    done = subprocess.run(
        [sys.executable, "-c", script, str(practice_folder), kind],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    first, last = done.stdout.strip().splitlines()
    assert re.fullmatch(r"first today [1-9]\d* True \[\]", first), (first, done.stderr)
    assert last == "live ['today']"


def test_the_page_turns_live_where_it_stands(pilot: Pilot) -> None:
    early = Early(pilot)
    page = pilot.window.shell.current
    early.key(Qt.Key.Key_Down)
    held = page.today_list.current_key
    assert held == page.today_list.model().tasks[1].key
    before = shown(pilot)
    live(early)
    assert pilot.window.shell.current is page
    assert shown(pilot) == before
    assert pilot.focused("today.today.list")
    assert page.today_list.current_key == held
    board = pilot.office.today.board()
    assert page.title == board.headline
    assert [task.key for task in page.today_list.model().tasks] == [row.task_id for row in board.today]


def test_a_button_pressed_early_acts_once(pilot: Pilot) -> None:
    early = Early(pilot)
    shell = pilot.window.shell
    task_id = shell.current.today_list.current_key
    went: list[str] = []
    shell.page_shown.connect(went.append)
    early.key(Qt.Key.Key_Return)
    early.key(Qt.Key.Key_Return)
    assert pilot.page == "today"
    assert "正在打开" in shell.toast.text.text()
    live(early)
    pilot.until(lambda: pilot.page != "today", "the page of the row")
    pilot.idle()
    row = next(row for row in pilot.office.today.board().today if row.task_id == task_id)
    assert went == [today_routes.of_task(row)[0]]


def test_the_last_thing_asked_for_early_is_done(pilot: Pilot) -> None:
    early = Early(pilot)
    went: list[str] = []
    pilot.window.shell.page_shown.connect(went.append)
    early.key(Qt.Key.Key_Return)
    button = pilot.find("today.calendar.open")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()
    assert pilot.here("today.calendar.dialog") is None
    live(early)
    pilot.until(lambda: pilot.here("today.calendar.dialog") is not None, "the calendar")
    assert went == []


def test_locked_early_it_stays_locked_and_asks_for_the_passphrase(pilot: Pilot) -> None:
    early = Early(pilot)
    shell = pilot.window.shell
    early.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert shell.locked
    live(early)
    assert shell.locked
    pilot.write("wrong one 2026", shell.lock_screen.edit)
    pilot.press("Return")
    pilot.until(lambda: shell.lock_screen.problem.isVisible(), "the wrong one is told")
    pilot.overwrite(PASSPHRASE, shell.lock_screen.edit)
    pilot.press("Return")
    pilot.until(lambda: not shell.locked, "unlocked")
    assert pilot.page == "today"


def test_unlocked_again_while_the_profile_is_still_being_opened(pilot: Pilot) -> None:
    early = Early(pilot)
    shell = pilot.window.shell
    early.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(shell.lock_screen.edit, PASSPHRASE)
    early.key(Qt.Key.Key_Return)
    live(early)
    pilot.until(lambda: not shell.locked, "unlocked")
    assert pilot.page == "today"
    assert pilot.window.opening.context is None


def test_closed_early_the_profile_is_left_whole(pilot: Pilot) -> None:
    early = Early(pilot)
    early.go_on()
    pilot.window.shell.close()
    assert pilot.window.context is None
    assert not pilot.failures
    paths = ProfilePaths(pilot.folder)
    mediator = lockscreen.people_of(paths, SystemClock())[0]
    desk = profile.unlock(paths, PASSPHRASE, mediator.slot_id)
    try:
        assert desk.practice
    finally:
        profile.close(desk)


def test_the_modules_needed_at_once_are_there_to_be_imported() -> None:
    script = f"import importlib; [importlib.import_module(name) for name in {NEEDED!r}]"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)

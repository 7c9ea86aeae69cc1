"""A damaged database in the real window: named, healed from the backup on request, the damaged one kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.errors import DamagedFault
from app.paths import ProfilePaths
from app.services import profile
from app.services.backups import Backups
from app.services.profile import NewPerson
from app.storage.engine import Store
from tests.helpers.pages import dialog
from tests.helpers.screens import assert_not_clipped, grab
from tests.helpers.window import put_away
from ui.dialogs.confirm import ConfirmDialog
from ui.window import Window

PASSPHRASE = "梧桐里的春天很长也很暖和"


@pytest.fixture
def window(qapp: QApplication, plain_look: object, tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    """A window on a profile with a backup on another disk and a database whose first page is damaged."""
    paths, disk = ProfilePaths(tmp_path / "profile"), tmp_path / "disk"
    disk.mkdir()
    desk, _ = profile.create_profile(paths, NewPerson("何静", "he"), PASSPHRASE)
    kept = Backups(desk)
    desk.store.write(lambda conn: conn.exec_driver_sql("SELECT 1") and None)
    _choose(kept, disk)
    profile.close(desk)
    content = bytearray(paths.database.read_bytes())
    content[50] ^= 1
    paths.database.write_bytes(content)
    made = Window(qapp, paths)
    made.begin()
    yield made
    put_away(made)


def _choose(kept: Backups, disk: Path) -> None:
    """Backups go to another disk, as a head of the institution chose in the settings."""
    from dataclasses import replace

    from app.services.desk import Person

    kept._desk = replace(kept._desk, person=Person("p", "何静", "head", "he"))
    kept.change_policy(folder=str(disk))
    kept.make()


def test_the_lock_screen_offers_the_backup_and_opens_after_it(window: Window, qtbot: QtBot) -> None:
    broken = window.paths.database.read_bytes()
    window.unlock(PASSPHRASE)
    qtbot.waitUntil(lambda: dialog(ConfirmDialog) is not None, timeout=20_000)
    asked = dialog(ConfirmDialog)
    assert "案件库有损坏" in asked.asked.title
    assert any("damaged" in line for line in asked.asked.effects)
    assert window.paths.database.read_bytes() == broken
    middle = asked.frameGeometry().center() - window.shell.frameGeometry().center()
    assert max(abs(middle.x()), abs(middle.y())) < 40, "it lies over the window, not in the screen's corner"
    asked.action_button.click()
    qtbot.waitUntil(lambda: window.context is not None, timeout=30_000)
    (kept,) = window.paths.damaged.glob("*/store.db")
    assert kept.read_bytes() == broken


def test_not_now_changes_nothing_and_it_is_offered_again(window: Window, qtbot: QtBot) -> None:
    broken = window.paths.database.read_bytes()
    for _ in range(2):
        window.unlock(PASSPHRASE)
        qtbot.waitUntil(lambda: dialog(ConfirmDialog) is not None, timeout=20_000)
        dialog(ConfirmDialog).reject()
        qtbot.waitUntil(lambda: not window._offering)
    assert window.paths.database.read_bytes() == broken
    with pytest.raises(DamagedFault):
        Store.open(window.paths.database, b"k" * 32, window.clock, backups=window.paths.backups)


def test_damage_met_while_the_profile_is_open_is_offered_too(
    qapp: QApplication, plain_look: object, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = ProfilePaths(tmp_path / "profile")
    desk, _ = profile.create_profile(paths, NewPerson("何静", "he"), PASSPHRASE)
    _choose(Backups(desk), paths.backups)
    window = Window(qapp, paths)
    window.begin()
    window.open_desk(desk)
    window.tell("看案件", DamagedFault("案件库有一部分损坏。", subject="database"))
    qtbot.waitUntil(lambda: dialog(ConfirmDialog) is not None, timeout=20_000)
    dialog(ConfirmDialog).action_button.click()
    qtbot.waitUntil(lambda: list(paths.damaged.glob("*/store.db")) != [], timeout=20_000)
    # The damaged one is read first: what it still holds goes into the one that takes its place.
    qtbot.waitUntil(lambda: window.shell.locked and window.context is None, timeout=20_000)
    screen = window.shell.lock_screen
    qtbot.waitUntil(screen.told.isVisible, timeout=20_000)
    assert screen.told.text().startswith("案件库已从“")
    assert screen.told.text().endswith("请再输一次口令。")
    assert_not_clipped(window.shell)
    grab(window.shell, "lock-healed")
    window.unlock(PASSPHRASE)
    qtbot.waitUntil(lambda: window.context is not None, timeout=20_000)
    assert screen.told.text() == ""
    put_away(window)

"""A second start of the same profile: the window that is open comes to the front, the new one ends with 2."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.paths import ProfilePaths
from app.storage.lock import ProfileLock
from tests.helpers.window import Pilot
from ui.frontal import FrontDoor, knock


def test_the_open_window_comes_forward(qapp: QApplication, practice_folder: Path) -> None:
    pilot = Pilot(qapp, practice_folder)
    paths = ProfilePaths(practice_folder)
    lock, door = ProfileLock(paths.lock), FrontDoor()
    knocked: list[bool] = []
    lock.acquire(kind="window", endpoint=f"jiefen-{os.getpid()}")
    try:
        assert door.listen(f"jiefen-{os.getpid()}")
        door.knocked.connect(pilot.window.come_forward)
        door.knocked.connect(lambda: knocked.append(True))
        pilot.begin(build=False)
        shell = pilot.window.shell
        shell.showMinimized()
        second = subprocess.Popen(
            [sys.executable, "-m", "ui", "demo", "--profile", str(practice_folder)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        pilot.until(lambda: second.poll() is not None, "the second start ends", 60)
        pilot.until(lambda: bool(knocked), "the knock")
        assert second.returncode == 2
        assert not shell.windowState() & Qt.WindowState.WindowMinimized
        assert shell.isVisible()
    finally:
        if pilot.window.context is not None:
            pilot.close()
        door.close()
        lock.release()


def test_what_a_killed_window_left_behind_is_swept_and_a_living_ones_stays(qapp: QApplication) -> None:
    living, own = FrontDoor(), FrontDoor()
    name, dead = f"jiefen-alive-{os.getpid()}", f"jiefen-dead-{os.getpid()}"
    left = Path(tempfile.gettempdir()) / dead
    with socket.socket(socket.AF_UNIX) as ended:
        ended.bind(str(left))
    assert left.exists(), "as a process that is killed leaves it"
    assert living.listen(name)
    try:
        own.sweep(dead)
        own.sweep(name)
        assert not left.exists()
        assert knock(name)
    finally:
        living.close()

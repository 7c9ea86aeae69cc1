"""A start that cannot come to a window says why: no screen, a profile of a newer version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.paths import ProfilePaths
from app.services import profile
from app.services.profile import NewPerson
from tests.helpers.desks import PASSPHRASE, QUICK
from ui import bootstrap
from ui.failures.dialog import FailureDialog


def test_without_a_screen_it_says_so_and_touches_nothing(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    environment["PYTHONUTF8"] = "1"
    for command in (["run"], ["demo"]):
        run = subprocess.run(
            [sys.executable, "-m", "ui", *command, "--profile", str(tmp_path / "profile")],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert run.returncode == 2
        assert "没有找到屏幕" in run.stderr
    assert not (tmp_path / "profile").exists()


@pytest.mark.parametrize("name", ["keys.json", "profile.json"])
def test_a_profile_of_a_newer_version_is_refused_in_a_dialog(
    qapp: QApplication, tmp_path: Path, name: str
) -> None:
    paths = ProfilePaths(tmp_path / "profile")
    desk, _ = profile.create_profile(paths, NewPerson("何静", "he"), PASSPHRASE, cost=QUICK)
    profile.close(desk)
    file = paths.root / name
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "format": 99}), "utf-8")
    before = file.read_bytes()
    told: list[str] = []

    def answer() -> None:
        for shown in QApplication.topLevelWidgets():
            if isinstance(shown, FailureDialog) and shown.isVisible():
                told.append(shown.failure.code)
                shown.reject()

    timer = QTimer()
    timer.timeout.connect(answer)
    timer.start(20)
    assert bootstrap.run_window(paths.root) == bootstrap.ENVIRONMENT
    timer.stop()
    assert told == ["E-NEWER"]
    assert file.read_bytes() == before

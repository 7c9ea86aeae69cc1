"""Starting where there is no screen says so instead of ending in Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


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

"""The real program on a virtual screen, worked from outside through the accessibility tree."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ui.practice import PASSPHRASE

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ROOT / "tests" / "helpers" / "atspi_outside.py"
SCREEN_SECONDS = 20.0
WALK_SECONDS = 280
"""For a machine with other work; by itself a walk takes under a minute."""


@pytest.fixture
def screen() -> Iterator[str]:
    """A virtual screen; its display name."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=(write_end,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write_end)
    try:
        ready, _, _ = select.select([read_end], [], [], SCREEN_SECONDS)
        assert ready, "Xvfb did not come up"
        yield f":{os.read(read_end, 32).decode().strip()}"
    finally:
        os.close(read_end)
        server.terminate()
        server.wait(SCREEN_SECONDS)


def walked(walk: str, screen: str, practice_folder: Path, tmp_path: Path) -> dict[str, Any]:
    """What a walk of ``atspi_outside`` through the product found."""
    home, runtime = tmp_path / "home", tmp_path / "run"
    for folder in (home, runtime):
        folder.mkdir(mode=0o700)
    environment = {
        **os.environ,
        "DISPLAY": screen,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_CONFIG_HOME": str(home),
        "QT_QPA_PLATFORM": "xcb",
        "QT_ACCESSIBILITY": "1",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["dbus-run-session", "--", "/usr/bin/python3", str(OUTSIDE), sys.executable, str(practice_folder),
         PASSPHRASE, walk],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=WALK_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@pytest.mark.display
@pytest.mark.timeout(300)
def test_a_contact_is_recorded_from_outside(screen: str, practice_folder: Path, tmp_path: Path) -> None:
    """今日 to 办件箱, a contact, its outcome, lock and unlock: all by keys and spoken names."""
    found = walked("contact", screen, practice_folder, tmp_path)
    assert "解纷工作台" in found["title"]
    assert "待决定" in found["outcome"]
    assert found["behind_lock"] == []
    assert found["unnamed"] == {"today": [], "inbox": [], "lock": []}
    assert found["exit"] == 0


@pytest.mark.display
@pytest.mark.timeout(300)
def test_every_control_of_every_page_says_what_it_is(
    screen: str, practice_folder: Path, tmp_path: Path
) -> None:
    """界面设计 13.2: no control without a name, on all pages that the navigation and a case lead to."""
    found = walked("pages", screen, practice_folder, tmp_path)
    pages = (
        "today", "inbox", "cases", "agreements", "sync", "settings", "intake", "practice", "case",
        "agreement_editor", "confirmation",
    )  # fmt: skip
    assert found["unnamed"] == {page: [] for page in pages}
    assert found["exit"] == 0

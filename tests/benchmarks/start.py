"""Start to a usable first page: ``python -m tests.benchmarks.start [ROUNDS]``.

Compared in one run: a bare PySide6 window with a table, and our window from its open keys to 今日 painted
(the key derivation is reported apart). Each start is a process of its own, offscreen.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

BARE = """
import sys, time
begun = time.perf_counter()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget
app = QApplication(sys.argv)
window = QMainWindow()
table = QTableWidget(200, 6)
window.setCentralWidget(table)
window.resize(1440, 900)
window.show()
app.processEvents()
QTimer.singleShot(0, app.quit)
app.exec()
print(time.perf_counter() - begun)
"""
OURS = """
import sys
from tests.benchmarks.start import ours
ours(sys.argv[1])
"""


def prepare(folder: Path) -> None:
    """A practice profile with its invented cases."""
    from app.paths import ProfilePaths
    from app.services import profile
    from ui import practice, practice_profile

    running = practice.start(ProfilePaths(folder / "practice"))
    profile.close(practice_profile.ensure_practice_profile(running))
    running.close()


def ours(folder: str) -> None:
    """One start in this process: prints seconds of key derivation, to 今日 painted, and until it is live."""
    begun = time.perf_counter()
    from PySide6.QtWidgets import QApplication

    from app.paths import ProfilePaths
    from ui.theme.translation import load_chinese
    from ui.window import Window

    app = QApplication(sys.argv[:1])
    load_chinese(app)
    paths = ProfilePaths(Path(folder) / "practice")
    window = Window(app, paths)
    window.begin()
    app.processEvents()
    from app.services import lockscreen
    from app.storage.keyslots import KeyFile
    from ui.practice import PASSPHRASE

    person = lockscreen.people_of(paths, window.clock)[0]
    window.login = person.login
    # The libraries of the key derivation are counted with the start; the derivation itself is not.

    deriving = time.perf_counter()
    KeyFile(paths.keys, window.clock).unlock(person.slot_id, PASSPHRASE).clear()
    derived = time.perf_counter() - deriving
    window.unlock(PASSPHRASE)
    painted = _until(lambda: _shown(window)) - begun - 2 * derived
    heavy = [name for name in HEAVY if name in sys.modules]
    live = _until(lambda: window.context is not None) - begun - 2 * derived
    print(derived, painted, live)
    print(*heavy, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


HEAVY = ("sqlalchemy", "requests", "pydantic", "keyring")


def _until(condition: Callable[[], bool], seconds: float = 20.0) -> float:
    """Let the window work until ``condition`` holds and is painted; the moment."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError("the window does not come up")
        # Not processEvents, which keeps the interpreter's lock while it waits: the lanes have to work.
        loop = QEventLoop()
        QTimer.singleShot(1, loop.quit)
        loop.exec()
    QApplication.processEvents()
    return time.perf_counter()


def _shown(window: Any) -> bool:
    """Whether 今日 answers: its title is the day's sentence, no longer its name."""
    page = window.shell.current
    return page is not None and page.title not in ("", "今日")


def _run(script: str, *arguments: str) -> list[float]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return [float(word) for word in done.stdout.split()]


def main(rounds: int = 5) -> None:
    """Prints seconds and the ratio to a bare window; the goal is 1.8."""
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        bare, derived, own, live = [], [], [], []
        for _ in range(rounds):
            bare += _run(BARE)
            key, painted, open_ = _run(OURS, name)
            derived.append(key)
            own.append(painted)
            live.append(open_)
    base, ours_ = statistics.median(bare), statistics.median(own)
    print(f"bare window    {base:.3f} s")
    print(f"ours to 今日    {ours_:.3f} s  ratio {ours_ / base:.2f} (goal 1.8)")
    print(f"its desk open  {statistics.median(live):.3f} s")
    print(f"key derivation {statistics.median(derived):.3f} s, apart")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

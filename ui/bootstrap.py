"""Starts the window: one lock per profile, one application, one window."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from app.domain.errors import JiefenError, ProfileInUseFault
from app.paths import ProfilePaths, profile_at
from app.storage.lock import ProfileLock, read_holder

ENVIRONMENT = 2
NO_SCREEN = (
    "没有找到屏幕，窗口打不开。档案没有改动。请在桌面上运行；"
    "只要收发、列表、备份，可以用命令：jiefen sync、jiefen list、jiefen backup。"
)


def has_screen(system: str, environment: Mapping[str, str]) -> bool:
    """Whether a window can be shown; without this Qt ends the whole program."""
    if not system.startswith("linux"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run_window(profile: str | Path | None = None, *, practice: bool = False, fresh: bool = False) -> int:
    """Open the profile's window and stay until it closes; the exit code.

    A second start brings the window that is open to the front and ends with 2.
    """
    if not has_screen(sys.platform, os.environ):
        print(NO_SCREEN, file=sys.stderr)  # noqa: T201 - there is no window to say it in
        return ENVIRONMENT
    from PySide6.QtWidgets import QApplication

    from app import logs
    from app.clock import SystemClock
    from app.services import lockscreen
    from ui import accessible
    from ui.failures.crash import CrashHook
    from ui.failures.dialog import FailureDialog
    from ui.failures.texts import explain
    from ui.frontal import FrontDoor, knock
    from ui.theme.look import Look
    from ui.theme.translation import load_chinese
    from ui.window import Window

    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("not a window application")
    app.setApplicationName("jiefen")
    load_chinese(app)
    accessible.install()
    paths = profile_at(profile, practice=practice)
    lock = ProfileLock(paths.lock)
    redactor = logs.Redactor()
    door = FrontDoor(app)
    try:
        _take(paths, lock, door)
        if lockscreen.exists(paths):
            # What cannot be read, or was written by a newer version, is said before the window asks anybody.
            lockscreen.people_of(paths, SystemClock())
        handler = logs.start(paths.logs, redactor)
    except ProfileInUseFault as fault:
        holder = read_holder(paths.lock)
        if holder is None or not knock(holder.endpoint):
            FailureDialog(Look(app), explain(fault)).exec()
        return ENVIRONMENT
    except JiefenError as error:
        FailureDialog(Look(app), explain(error)).exec()
        return ENVIRONMENT
    hook = CrashHook(paths.logs, SystemClock(), app)
    hook.install()
    window = Window(app, paths, practice=practice, redactor=redactor)
    hook.crashed.connect(lambda error: window.tell("", error))
    door.knocked.connect(window.come_forward)
    try:
        window.begin(fresh=fresh)
        return app.exec()
    finally:
        window.end()
        hook.remove()
        door.close()
        lock.release()
        logs.stop(handler)


def _take(paths: ProfilePaths, lock: ProfileLock, door: object) -> None:
    from app.storage import profile_swap
    from ui.frontal import FrontDoor

    endpoint = f"jiefen-{os.getpid()}"
    before = read_holder(paths.lock)
    lock.acquire(kind="window", endpoint=endpoint)
    profile_swap.finish(paths)
    paths.prepare()
    if isinstance(door, FrontDoor):
        if before is not None:
            door.sweep(before.endpoint)
        door.listen(endpoint)

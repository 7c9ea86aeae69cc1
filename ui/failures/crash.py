"""The last net: a bug nobody caught is written to a report without personal data, and told."""

from __future__ import annotations

import datetime as dt
import json
import logging
import platform
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, qVersion

from app.clock import Clock, to_text
from ui.failures.texts import bug_code, place

log = logging.getLogger(__name__)
KEPT = 20


class CrashHook(QObject):
    """Takes exceptions that reach the top of any thread. ``crashed(error)`` is sent on the GUI thread.

    A report holds type, places in the program and versions; never messages, arguments or values.
    """

    crashed = Signal(object)

    def __init__(self, folder: Path, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._clock = folder, clock
        self._previous: Callable[..., object] | None = None
        self._previous_thread: Callable[..., object] | None = None
        self._seen: dict[str, dt.datetime] = {}
        self._relay = _Relay(self)
        self._relay.arrived.connect(self.crashed, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Stand in for the interpreter's own hooks."""
        self._previous, sys.excepthook = sys.excepthook, self._main
        self._previous_thread, threading.excepthook = threading.excepthook, self._thread

    def remove(self) -> None:
        """Put the interpreter's hooks back."""
        if self._previous is not None:
            sys.excepthook = self._previous
        if self._previous_thread is not None:
            threading.excepthook = self._previous_thread

    def report(self, error: BaseException) -> Path | None:
        """Write a report; ``None`` when it cannot be written. The oldest beyond 20 are deleted."""
        now = self._clock.now()
        content = {
            "when": to_text(now),
            "code": bug_code(error),
            "place": place(error).split("\n"),
            "python": platform.python_version(),
            "qt": qVersion(),
            "system": f"{platform.system()} {platform.release()}",
        }
        path = self._folder / f"{now:%Y%m%d-%H%M%S}-{content['code']}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
            for old in sorted(self._folder.glob("*-B-*.json"))[:-KEPT]:
                old.unlink(missing_ok=True)
        except OSError as fault:
            log.warning("crash report not written: %s", type(fault).__name__)
            return None
        return path

    def take(self, error: BaseException) -> None:
        """Report and tell, once a minute for the same place."""
        code, now = bug_code(error), self._clock.now()
        last = self._seen.get(code)
        self._seen[code] = now
        log.error("bug %s: %s", code, type(error).__name__)
        self.report(error)
        if last is None or now - last > dt.timedelta(minutes=1):
            self._relay.arrived.emit(error)

    def _main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.take(error)

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.take(args.exc_value)


class _Relay(QObject):
    """Carries the error from whatever thread to the GUI thread."""

    arrived = Signal(object)

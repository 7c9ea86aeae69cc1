"""The application's one event filter. Each event of each widget passes through it, so it has to be short."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

See = Callable[[QObject, QEvent], bool]
"""Sees an event before its widget; true drops it."""


class InputWatch(QObject):
    """Shows the events of some kinds to those who asked; one for the whole application (:func:`watch`)."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._seers: dict[QEvent.Type, list[See]] = {}
        app.installEventFilter(self)

    def add(self, owner: QObject, kinds: Iterable[QEvent.Type], see: See) -> None:
        """Show ``see`` the events of ``kinds`` as long as ``owner`` lives; the latest to ask sees first."""
        for kind in kinds:
            self._seers.setdefault(kind, []).insert(0, see)
        owner.destroyed.connect(lambda: self._remove(see))

    def pause(self, on: bool) -> None:
        """Look away while nothing that a person did can arrive, and back again."""
        app = self.parent()
        if on:
            app.removeEventFilter(self)
        else:
            app.installEventFilter(self)

    def _remove(self, see: See) -> None:
        for kind, seers in tuple(self._seers.items()):
            left = [one for one in seers if one != see]
            if left:
                self._seers[kind] = left
            else:
                del self._seers[kind]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass on what somebody asked for."""
        if not isinstance(event, QEvent):
            # PySide's memory of another object that lay at this address.
            return False
        seers = self._seers.get(event.type())
        return seers is not None and any(see(watched, event) for see in tuple(seers))


def input_watch(app: QApplication) -> InputWatch:
    """The application's one."""
    return app.findChild(InputWatch) or InputWatch(app)


def watch(app: QApplication, owner: QObject, kinds: Iterable[QEvent.Type], see: See) -> None:
    """Have ``see`` look at every event of ``kinds`` in the application as long as ``owner`` lives."""
    input_watch(app).add(owner, kinds, see)

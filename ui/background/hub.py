"""The change hub: writes say what they changed, pages hear it once, coalesced."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.services.changes import ChangeSet

Listener = Callable[[ChangeSet], None]
COALESCE_MS = 30


class ChangeHub(QObject):
    """Where all changes meet. Publish from any thread; listeners are called on the GUI thread.

    Changes that arrive within 30 ms of each other are merged into one call.
    """

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listeners: list[tuple[frozenset[str], Listener]] = []
        self._pending = ChangeSet()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)
        self._arrived.connect(self._collect, Qt.ConnectionType.AutoConnection)

    def subscribe(self, kinds: frozenset[str], listener: Listener) -> Callable[[], None]:
        """Call ``listener`` when any of ``kinds`` changes (all changes when it is empty).

        Gives a function that ends the subscription.
        """
        entry = (kinds, listener)
        self._listeners.append(entry)

        def end() -> None:
            if entry in self._listeners:
                self._listeners.remove(entry)

        return end

    def publish(self, changes: ChangeSet) -> None:
        """Tell of a change, from any thread. An empty one is not told."""
        if changes:
            self._arrived.emit(changes)

    def flush(self) -> None:
        """Tell what has gathered now, without waiting."""
        changes, self._pending = self._pending, ChangeSet()
        self._timer.stop()
        if not changes:
            return
        for kinds, listener in tuple(self._listeners):
            if not kinds or changes.touches(kinds):
                listener(changes)

    def _collect(self, changes: ChangeSet) -> None:
        self._pending = self._pending.merge(changes)
        if not self._timer.isActive():
            self._timer.start(COALESCE_MS)

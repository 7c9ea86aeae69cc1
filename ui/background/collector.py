"""Python's search for reference cycles, held so that it never stops the window for long.

Left alone it runs in the midst of whatever allocates: a full search of the pages' objects takes a tenth of a
second, and one begun on a lane could take widgets down on the wrong thread.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 500
YOUNG = 2_000
"""New objects, less those gone again, after which the young ones are searched."""
OLD_ROUNDS = 12
"""Searches of the middle generation after which the old one is searched too."""


class Collector(QObject):
    """Searches on the GUI thread, little and often; what stands for the whole session is left out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """From now on nothing is searched but here."""
        gc.disable()
        self._timer.start()

    def settle(self) -> None:
        """All pages are built: they and the modules are not searched any more."""
        if self._timer.isActive():
            gc.freeze()

    def thaw(self) -> None:
        """The pages go: search everything again."""
        gc.unfreeze()

    def stop(self) -> None:
        """Give the search back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def look(self) -> None:
        """Search what is due."""
        young, _, rounds = gc.get_count()
        if young >= YOUNG:
            gc.collect(2 if rounds >= OLD_ROUNDS else 1)

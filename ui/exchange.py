"""The exchange with the platform while the window is open: one thread, words on the GUI thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtNetwork import QNetworkInformation

if TYPE_CHECKING:
    from app.services.desk import Desk
    from sync.engine.loop import LoopState, SyncLoop


class Exchange(QObject):
    """Runs the sync loop of one desk on a thread of its own.

    The signals arrive on the GUI thread: ``state(LoopState)``, ``changed(ChangeSet)``,
    ``result(SyncResult)``, and ``unregistered()`` once when this computer is not registered: nothing is
    exchanged then until the desk is opened anew.
    """

    state = Signal(object)
    changed = Signal(object)
    result = Signal(object)
    unregistered = Signal()
    _unregistered = Signal()
    _state = Signal(object)
    _changed = Signal(object)
    _result = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.last: LoopState | None = None
        self._desk = desk
        self._loop: SyncLoop | None = None
        self._thread: threading.Thread | None = None
        self._metered = False
        queued = Qt.ConnectionType.QueuedConnection
        self._state.connect(self._told, queued)
        self._unregistered.connect(self.unregistered, queued)
        self._changed.connect(self.changed, queued)
        self._result.connect(self.result, queued)

    def start(self) -> None:
        """Begin; HTTP is imported on the thread."""
        self._watch_network()
        self._thread = threading.Thread(target=self._serve, name="lane-exchange", daemon=False)
        self._thread.start()

    def _watch_network(self) -> None:
        """Follow what the system says of the network: paid by volume or not. Many systems say nothing."""
        QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Metered)
        network = QNetworkInformation.instance()
        if network is not None:
            self._metered = network.isMetered()
            network.isMeteredChanged.connect(self._metered_now)

    def _metered_now(self, metered: bool) -> None:
        self._metered = metered
        if not metered:
            self.retry_now()

    def wake(self) -> None:
        """Something was written: send it once its undo window is over."""
        if self._loop is not None:
            self._loop.wake()

    def retry_now(self) -> None:
        """收取与同步, 现在再连: a complete run at once."""
        if self._loop is not None:
            self._loop.retry_now()

    def pause(self) -> None:
        """Send and fetch nothing for now."""
        if self._loop is not None:
            self._loop.pause()

    def resume(self) -> None:
        """Go on, also after signing in again."""
        if self._loop is not None:
            self._loop.resume()

    def stop(self, timeout: float = 20.0) -> bool:
        """End the thread; whether it ended in time. What was under way is asked for at the next start."""
        if self._thread is None:
            return True
        self._stopping = True
        if self._loop is not None:
            self._loop.stop()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    _stopping = False

    def _serve(self) -> None:
        from app.services.sync_port import SyncPort
        from sync.engine.loop import SyncLoop
        from ui import connection

        port = SyncPort(self._desk)
        if not port.url:
            self._unregistered.emit()
            return
        self._loop = SyncLoop(
            port,
            lambda: connection.client_for(port),
            on_state=self._state.emit,
            on_changes=self._changed.emit,
            on_result=self._result.emit,
            on_bug=_report,
            metered=lambda: self._metered,
        )
        if self._stopping:
            return
        self._loop.serve()

    def _told(self, state: LoopState) -> None:
        self.last = state
        self.state.emit(state)


def _report(error: Exception) -> None:
    """To the last net of the program, as if the thread had ended of it; the lane itself goes on."""
    threading.excepthook(
        threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
    )

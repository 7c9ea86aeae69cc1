"""A second start knocks; the window that is open comes to the front."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 1000


class FrontDoor(QObject):
    """Listens on a local name, for this user only. ``knocked`` when somebody started the product again."""

    knocked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)

    def listen(self, name: str) -> bool:
        """Begin to listen; false when the name is taken."""
        QLocalServer.removeServer(name)
        return self._server.listen(name)

    def sweep(self, name: str) -> None:
        """Take away the name that a window left behind which was ended; not one that somebody answers to."""
        if name and not knock(name):
            QLocalServer.removeServer(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _answer(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.disconnectFromServer()
            self.knocked.emit()


def knock(name: str) -> bool:
    """Ask the window behind ``name`` to come forward; whether it answered."""
    if not name:
        return False
    caller = QLocalSocket()
    caller.connectToServer(name)
    answered = caller.waitForConnected(WAIT_MS)
    caller.abort()
    return answered

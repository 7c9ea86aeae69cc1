"""Running the shell under uvicorn on a socket of our own."""

from __future__ import annotations

import asyncio
import socket
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sync.sandbox.asgi import Shell

GRACE = 3
"""Seconds that requests may take to end when the server stops."""


class Wire(H11Protocol):
    """HTTP/1.1 that lets the application reach its transport, to cut connections as a bad network does."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """A uvicorn server that first lets go of held requests when it is told to stop."""

    def __init__(self, shell: Shell, sock: socket.socket) -> None:
        self.shell = shell
        self.socket = sock
        super().__init__(
            uvicorn.Config(
                shell,
                http=Wire,
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=GRACE,
                server_header=False,
                loop="asyncio",
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.shell.stop_waiting()
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """Stop from another thread."""
        self.shell.stop_waiting()
        self.should_exit = True

    def serve_here(self) -> None:
        """Serve until stopped."""
        self.run(sockets=[self.socket])


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on loopback or as asked; port 0 takes a free one."""
    # With the protocol named asyncio switches Nagle off; without, each reply waits 40 ms for an ACK.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(2048)
    return sock

"""The platform behind a real socket on this computer, in TLS where wanted, with bytes that go astray.

The requests reach the world's platform by its core; between it and the engine lie a listening socket, the
kernel, OpenSSL and the engine's own session, with shorter patience.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import responses
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import NameOID

from sync.engine.client import Client
from sync.engine.run import SyncResult, SyncRun
from sync.engine.tokens import SealedTokens
from sync.engine.transport import Open, new_session
from sync.sandbox.http import Request, Response
from tests.harness.world import Computer, World

PATIENCE = (5.0, 2.0)
"""Seconds to connect and to wait for bytes here, instead of the engine's ten and thirty."""
DROP_NOW = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends RST."""


class Front:
    """A server on loopback. ``deed`` befalls the next request whose path contains ``where``."""

    def __init__(self, world: World, tls: ssl.SSLContext | None = None) -> None:
        self.deed = self.where = ""
        self.arrived: list[str] = []
        """Requests whose head could be read, ``METHOD path``."""
        self.greeted = 0
        """Connections that stood, after the handshake where there is one."""
        self._world, self._tls = world, tls
        self._over = Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._serve(self._listen)

    def _serve(self, work: Any, *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, name="front")
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._socket.accept()
                self._open.append(plain)
                self._serve(self._talk, plain)

    def _talk(self, plain: socket.socket) -> None:
        with suppress(OSError):
            line = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            self._open.append(line)
            self.greeted += 1
            while self._one(line):
                continue
            line.close()

    def _one(self, line: socket.socket) -> bool:
        """One request and its answer; whether the line stands for another."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = line.recv(1)
            if not byte:
                return False
            head += byte
        first, *fields = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {k.lower(): v.strip() for k, _, v in (f.partition(":") for f in fields) if k}
        self.arrived.append(f"{method} {urlsplit(target).path}")
        deed = self.deed if self.deed and self.where in target else ""
        if deed:
            self.deed = ""
        if deed == "reset_before_body":
            return _reset(line)
        length = int(headers.get("content-length") or 0)
        body = _read(line, length // 2 if deed == "cut_request" else length)
        if deed == "cut_request":
            return _reset(line)
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        answer = self._world.platform.handle(Request(method, unquote(parts.path), query, headers, body))
        return self._tell(line, answer, deed)

    def _tell(self, line: socket.socket, answer: Response, deed: str) -> bool:
        if deed == "drop_reply":
            return _reset(line)
        told = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}"]
        told += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.status not in (204, 304):
            told.append(f"content-length: {len(answer.body)}")
        head = "\r\n".join([*told, "", ""]).encode("latin-1")
        match deed:
            case "stall":
                line.sendall(head)
                self._until_gone(line)
            case "trickle_head":
                self._trickle(line, head)
            case "trickle_body":
                line.sendall(head)
                self._trickle(line, answer.body)
            case "cut_reply":
                line.sendall(head + answer.body[: len(answer.body) // 2])
            case _:
                line.sendall(head + answer.body)
        return not deed

    def _until_gone(self, line: socket.socket) -> None:
        """Say nothing until the other side hangs up."""
        while line.recv(1024):
            continue

    def _trickle(self, line: socket.socket, data: bytes) -> None:
        """One byte now and then, well within anybody's patience, for as long as somebody listens."""
        for byte in data * 1000:
            line.sendall(bytes([byte]))
            if self._over.wait(0.05):
                return

    def close(self) -> None:
        """Hang up on everybody."""
        self._over.set()
        for one in (self._socket, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


def _read(line: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = line.recv(length - len(data))
        if not piece:
            raise ConnectionError("hung up")
        data += piece
    return data


def _reset(line: socket.socket) -> bool:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_NOW)
    line.close()
    return False


@contextmanager
def front(world: World, tls: ssl.SSLContext | None = None) -> Iterator[Front]:
    """A server for the length of a ``with``."""
    one = Front(world, tls)
    try:
        yield one
    finally:
        one.close()


class Impatient(requests.Session):
    """The engine's own session, with shorter patience."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        return super().request(*args, **{**kwargs, "timeout": PATIENCE})


def impatient(url: str, opened: Open, proxy: str = "") -> requests.Session:
    """A session for the engine over real sockets."""
    made, model = Impatient(), new_session(url, opened)
    made.trust_env = False
    made.adapters = model.adapters
    made.proxies = {"https": proxy} if proxy else {}
    return made


def run_over(pc: Computer, url: str, ca_file: str = "", proxy: str = "") -> SyncResult:
    """One complete exchange of a computer with what listens at ``url``."""
    client = Client(
        url, SealedTokens(pc.port), pc.clock, device_id=pc.office.desk.device_id, ca_file=ca_file,
        make_session=lambda to, opened: impatient(to, opened, proxy),
    )  # fmt: skip
    try:
        return SyncRun(pc.port, client, pc.clock, pc.chance.uniform).run(Event())
    finally:
        client.close()


# -- certificates ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test's own."""

    folder: Path
    key: EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def ca_file(self) -> str:
        """What a computer has to trust."""
        path = self.folder / "ca.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return str(path)

    def server(self, name: str, *, ended: bool = False) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for ``name``, which ``ended`` yesterday or holds."""
        now = dt.datetime.now(dt.UTC)
        key = generate_private_key(SECP256R1())
        end = now + dt.timedelta(days=-1 if ended else 30)
        alt = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        signed = (
            _begin(name, self.certificate.subject, key, now - dt.timedelta(days=60), end)
            .add_extension(x509.SubjectAlternativeName([alt]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path = self.folder / f"{name}-{ended}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _begin(
    name: str, issuer: x509.Name | None, key: EllipticCurvePrivateKey, begins: dt.datetime, ends: dt.datetime
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def authority(folder: Path, name: str) -> Authority:
    """Make one."""
    folder.mkdir(parents=True)
    now, key = dt.datetime.now(dt.UTC), generate_private_key(SECP256R1())
    made = (
        _begin(name, None, key, now - dt.timedelta(days=90), now + dt.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(folder, key, made)

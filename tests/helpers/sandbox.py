"""A real sandbox for tests: as a process of its own on a free port, or its core mounted into requests."""

from __future__ import annotations

import atexit
import base64
import datetime as dt
import functools
import io
import json
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from sync.contract.canonical import GENESIS, canonical, digest, hash_of
from sync.contract.commands import RESTED_ON
from sync.contract.model import MEDIA_TYPE
from sync.sandbox.faults import Faults
from sync.sandbox.http import Request
from sync.sandbox.platform import Platform
from tests.helpers.nursery import Forked

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Sandbox:
    """A running sandbox process."""

    url: str
    users: list[dict[str, str]]
    control_token: str
    process: subprocess.Popen[bytes] | Forked
    neighbours: list[dict[str, str]] = field(default_factory=list)
    """People of another institution on the same platform."""
    http: requests.Session = field(default_factory=requests.Session)

    def user(self, role: str) -> dict[str, str]:
        """Name and password of someone in a role."""
        return next(user for user in self.users if user["role"] == role)

    def control(self, path: str, **data: Any) -> Any:
        """Press a control: POST with values, e.g. ``control("network/offline")``."""
        return self._control("POST", path, json=data)

    def look(self, path: str) -> Any:
        """Read a control: ``state``, ``log``, ``overview``, ``kinds``."""
        return self._control("GET", path)

    def _control(self, method: str, path: str, **more: Any) -> Any:
        headers = {"X-Sandbox-Token": self.control_token}
        reply = self.http.request(method, f"{self.url}/sandbox/{path}", headers=headers, timeout=30, **more)
        reply.raise_for_status()
        return reply.json()

    def stop(self) -> None:
        """Stop by closing its standard input; kills it when it does not go."""
        self.http.close()
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            if self.process.stdout is not None:
                self.process.stdout.close()

    def kill(self) -> None:
        """kill -9."""
        self.http.close()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def start(data: Path, seed: str = "demo", *arguments: str) -> Sandbox:
    """Start ``python -m sync.sandbox`` on a free port and wait for its line.

    Its day begins in the morning, so that what is told of a day does not hang on the hour of the run.
    """
    command = [sys.executable, "-m", "sync.sandbox", *_words(data, seed), *arguments]
    return _told(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT))


def _words(data: Path, seed: str) -> list[str]:
    begin = ["--begin", "09:00"] if seed == "demo" else []
    return ["--port", "0", "--data", str(data), "--seed", seed, "--exit-with-stdin", *begin]


def _told(process: subprocess.Popen[bytes] | Forked) -> Sandbox:
    """Wait until a sandbox says where it is."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the sandbox did not start: exit {process.wait()}")
    told = json.loads(line)
    return Sandbox(told["url"], told["users"], told["control_token"], process, told["neighbours"])


@functools.cache
def _filled(seed: str) -> Path:
    """The data of a sandbox that was filled and stopped; they last as long as the process."""
    folder = Path(tempfile.mkdtemp(prefix="jiefen-sandbox-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    start(folder / "data", seed).stop()
    return folder / "data"


@contextmanager
def running(data: Path, seed: str = "demo", *arguments: str) -> Iterator[Sandbox]:
    """A sandbox for the length of a ``with``; put ``sandbox = pytest.fixture(...)`` around it."""
    with _held(start(data, seed, *arguments)) as sandbox:
        yield sandbox


@contextmanager
def _held(sandbox: Sandbox) -> Iterator[Sandbox]:
    try:
        yield sandbox
    finally:
        if sandbox.process.poll() is None:
            sandbox.stop()


@contextmanager
def running_copy(data: Path, seed: str = "demo") -> Iterator[Sandbox]:
    """As :func:`running`, on a copy of what one before it was filled with, forked off the ``nursery``. All
    copies are one platform: they have its keys."""
    shutil.copytree(_filled(seed), data)
    with _held(_told(Forked(_words(data, seed)))) as sandbox:
        yield sandbox


class PlatformAdapter(BaseAdapter):
    """Mounts the platform's core into a ``requests`` session: no socket, no thread, same answers.

    With ``faults`` a cut connection becomes ``requests.ConnectionError``, after the effect for a lost reply.
    """

    def __init__(self, platform: Platform, faults: Faults | None = None) -> None:
        super().__init__()
        self.platform = platform
        self.faults = faults or Faults()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        body = request.body or b""
        ask = Request(
            method=request.method or "GET",
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={k.lower(): v if isinstance(v, str) else v.decode() for k, v in request.headers.items()},
            body=body.encode()
            if isinstance(body, str)
            else b"".join(body)
            if hasattr(body, "__next__")
            else body,
        )
        treatment = self.faults.treat(ask)
        if treatment.cut == "before":
            raise requests.ConnectionError("cut before the request", request=request)
        if treatment.expire:
            self.platform.accounts.expire_all(access_only=treatment.expire == "access_expired")
        told = treatment.instead or self.platform.handle(ask)
        if treatment.cut == "after" or treatment.stall:
            raise requests.ConnectionError("cut before the reply", request=request)
        content = told.body
        if told.file is not None:
            with told.file.path.open("rb") as file:
                file.seek(told.file.start)
                content = file.read(told.file.length)
        response = requests.Response()
        response.status_code = told.status
        response.headers = CaseInsensitiveDict(told.headers)
        response.raw = io.BytesIO(content)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing to let go of; the platform is its maker's."""


def _whole(body: Any) -> bytes:
    """A prepared body, which may be text, bytes, a file or an iterator of pieces."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    return body.read() if hasattr(body, "read") else b"".join(body)


TAKEN: dict[str, str] = {}
"""By case the last command that platforms of the tests took and on which the next decision rests."""


NOTHING_ELSE = {
    "suspensions": [],
    "parties": [],
    "appointment": {"next_session_at": None, "next_session_place": ""},
}
"""No pause of the clock, no next session, and nobody but whom a text names."""


class WireClient:
    """A client as the contract describes one, for tests of the platform only."""

    def __init__(self, session: requests.Session, url: str, device_id: str = "") -> None:
        self.http, self.url = session, url
        self.device_id = device_id or str(uuid.uuid4())
        self.key = Ed25519PrivateKey.generate()
        self.dev_seq = 0
        self.lanes: dict[str, tuple[int, str]] = {}
        self.unsent: dict[str, str] = {}
        """By case the last one written here and not delivered on which the next decision rests."""
        self.person_id = ""
        self.refresh_token = ""

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request under /v1; every reply must be the platform's own."""
        reply = self.http.request(method, f"{self.url}/v1{path}", timeout=30, **more)
        if "/files/" not in path:
            assert reply.headers["content-type"] == MEDIA_TYPE
        return reply

    def enrol(self, user: str, password: str, **more: Any) -> dict[str, Any]:
        """Register the device and sign in; ``more`` of the request's body."""
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        person = {"login": user, "sign_public": public, "seal_public": base64.b64encode(b"s" * 32).decode()}
        body = {"device_id": self.device_id, "device_name": "测试机", "user": user, "password": password}
        reply = self.ask("POST", "/devices", json={**body, "people": [person], **more})
        assert reply.status_code == 201, reply.text
        self.person_id = reply.json()["person_id"]
        self.sign_in(user, password)
        return dict(reply.json())

    def sign_in(self, user: str, password: str) -> None:
        """New tokens."""
        body = {"device_id": self.device_id, "user": user, "password": password}
        reply = self.ask("POST", "/session", json=body)
        assert reply.status_code == 201, reply.text
        self.http.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        self.refresh_token = reply.json()["refresh_token"]

    def command(self, case_id: str, payload: dict[str, Any], *, base: dict[str, Any] | None = None,
                version: int = 0, **changed: Any) -> dict[str, Any]:  # fmt: skip
        """A signed command at the tail of its lane; unless ``base`` says, a decision rests on the last one,
        on a clock that was never stopped, and on no appointment."""
        self.dev_seq += 1
        last, head = self.lanes.get(case_id, (0, GENESIS))
        command_id = str(uuid.uuid4())
        if base is not None and "state" in base:
            base = {"decided_by": self.unsent.get(case_id, TAKEN.get(case_id, "")), **NOTHING_ELSE, **base}
        if payload.get("kind") in RESTED_ON:
            self.unsent[case_id] = command_id
        command = {
            "command_id": command_id, "device_id": self.device_id, "dev_seq": self.dev_seq,
            "author": self.person_id, "case_id": case_id, "lane_seq": last + 1, "prev_hash": head,
            "base_version": version, "base_values": base or {}, "schema_version": 1,
            "written_at": dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC).isoformat().replace("+00:00", "Z"),
            "payload": payload, "payload_sha256": hash_of(payload), **changed,
        }  # fmt: skip
        raw = canonical(command)
        self.lanes[case_id] = (last + 1, digest(raw))
        return {"command": command, "signature": base64.b64encode(self.key.sign(raw)).decode()}

    def deliver(self, *commands: dict[str, Any]) -> list[dict[str, Any]]:
        """Send signed commands; returns the answers."""
        reply = self.ask("POST", "/commands", json={"commands": list(commands)})
        assert reply.status_code == 200, reply.text
        answers = list(reply.json()["answers"])
        for item, answer in zip(commands, answers, strict=True):
            command = item["command"]
            case_id, command_id = command["case_id"], command["command_id"]
            if self.unsent.get(case_id) == command_id:
                del self.unsent[case_id]
            if command["payload"].get("kind") in RESTED_ON and answer["status"] in ("applied", "merged"):
                TAKEN[case_id] = command_id
        return answers

    def documents(self) -> dict[tuple[str, str], dict[str, Any]]:
        """All documents by (entity, id), read from the whole feed."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        after = 0
        while True:
            reply = self.ask("GET", "/changes", params={"after": after, "limit": 200})
            if reply.status_code == 304:
                return found
            page = reply.json()
            assert page["from"] == after + 1
            found.update({(c["entity"], c["id"]): c for c in page["items"]})
            after = page["to"]

    def upload(self, data: bytes) -> str:
        """Send a file by tus in two parts; returns its hash."""
        sha256 = digest(data)
        meta = f"sha256 {base64.b64encode(sha256.encode()).decode()}"
        made = self.ask(
            "POST", "/uploads", headers={"Upload-Length": str(len(data)), "Upload-Metadata": meta}
        )
        assert made.status_code == 201
        path = made.headers["location"].removeprefix("/v1")
        offset = int(made.headers["upload-offset"])
        middle = max(offset, len(data) // 2)
        for start_, end in ((offset, middle), (middle, len(data))):
            if end > start_:
                headers = {"Upload-Offset": str(start_), "Content-Type": "application/offset+octet-stream"}
                assert self.ask("PATCH", path, data=data[start_:end], headers=headers).status_code == 204
        done = self.ask("POST", f"{path}/complete", json={"sha256": sha256, "size": len(data)})
        assert done.status_code == 200, done.text
        return sha256

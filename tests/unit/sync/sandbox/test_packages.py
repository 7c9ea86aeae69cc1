"""A package is taken only from a computer and a person that are known, of the carrier's own institution."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.storage.container import Meter
from app.storage.crypto import DEFAULT_SUITE
from app.storage.package_file import COMMAND, FILE, OPENING, PackageWriter, write_package
from sync.sandbox import tables as t
from sync.sandbox.platform import Platform
from tests.helpers.sandbox import WireClient


@pytest.fixture
def wire(connect: Callable[..., WireClient]) -> WireClient:
    """A registered computer with its person."""
    return connect()


def packed(
    tmp_path: Path, platform: Platform, wire: WireClient, *commands: dict[str, Any], **changed: Any
) -> tuple[str, bytes]:
    """A package by ``wire``'s person, as another program would write it; its id and bytes."""
    package_id = str(uuid.uuid4())
    ours = json.loads(platform.setting("institution"))["institution_id"]
    opening = {
        "package_id": package_id, "institution_id": ours,
        "device_id": wire.device_id, "person_id": wire.person_id, "packed_at": "2026-11-23T02:00:00Z",
        "commands": len(commands), "files": 0, "filings": 0, **changed,
    }  # fmt: skip

    def fill(writer: PackageWriter) -> None:
        writer.entry(OPENING, json.dumps(opening).encode())
        for command in commands:
            writer.entry(COMMAND, json.dumps(command, ensure_ascii=False).encode())
        if changed.get("files"):
            writer.entry(FILE, b"0" * 64 + b"not these bytes")

    place = tmp_path / f"{package_id}.jfp"
    public = base64.b64decode(platform.setting("seal_public"))
    write_package(place, DEFAULT_SUITE, public, package_id, fill, wire.key.sign, Meter())
    return package_id, place.read_bytes()


def handed_in(wire: WireClient, package_id: str, content: bytes, sha256: str = "") -> Any:
    """Upload and hand in; the reply."""
    sha256 = sha256 or hashlib.sha256(content).hexdigest()
    meta = base64.b64encode(sha256.encode()).decode()
    headers = {
        "Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": f"sha256 {meta}",
    }  # fmt: skip
    place = wire.ask("POST", "/uploads", headers=headers).headers["location"].removeprefix("/v1")
    headers = {
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    assert wire.ask("PATCH", place, headers=headers, data=content).status_code == 204
    body = {"upload_id": place.rpartition("/")[2], "sha256": sha256, "size": len(content)}
    return wire.ask("PUT", f"/packages/{package_id}", json=body)


def test_an_empty_package_is_taken_and_has_a_receipt(tmp_path, platform, wire) -> None:
    package_id, content = packed(tmp_path, platform, wire)
    reply = handed_in(wire, package_id, content)
    assert reply.status_code == 200, reply.text
    proof = wire.http.get(f"{wire.url}/v1/packages/{package_id}/receipt").content
    assert (hashlib.sha256(proof).hexdigest(), len(proof)) == (
        reply.json()["receipt_sha256"], reply.json()["receipt_size"],
    )  # fmt: skip
    assert handed_in(wire, package_id, content).json() == reply.json()
    assert list(platform.files.coming.iterdir()) == [], "nothing of the package is kept"


def test_another_file_under_the_same_id_is_refused(tmp_path, platform, wire) -> None:
    package_id, content = packed(tmp_path, platform, wire)
    assert handed_in(wire, package_id, content).status_code == 200
    _, other = packed(tmp_path, platform, wire)
    reply = handed_in(wire, package_id, other)
    assert (reply.status_code, reply.json()["code"]) == (422, "id_reused")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"institution_id": "someone-else"}, "package_foreign"),
        ({"device_id": "unknown"}, "package_foreign"),
        ({"person_id": "u-nobody"}, "package_foreign"),
        ({"package_id": "another"}, "package_broken"),
        ({"commands": 3}, "package_broken"),
        ({"files": 1}, "package_broken"),
    ],
)
def test_what_the_opening_says_must_be_true(tmp_path, platform, wire, changed, code) -> None:
    package_id, content = packed(tmp_path, platform, wire, **changed)
    reply = handed_in(wire, package_id, content)
    assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert wire.ask("GET", f"/packages/{package_id}/receipt").status_code == 404


def test_signed_by_somebody_else(tmp_path, platform, wire) -> None:
    good, wire.key = wire.key, Ed25519PrivateKey.generate()
    package_id, content = packed(tmp_path, platform, wire)
    wire.key = good
    assert handed_in(wire, package_id, content).json()["code"] == "package_broken"


def test_a_revoked_computer_or_a_person_who_left(tmp_path, platform, wire) -> None:
    """The carrying computer is not the one that is stopped: the code is not the one that stops it."""
    package_id, content = packed(tmp_path, platform, wire)
    mine = t.users.c.person_id == wire.person_id
    with platform.store.write(platform.source.now()) as tx:
        tx.conn.execute(t.users.update().where(mine).values(active=0))
    reply = handed_in(wire, package_id, content)
    assert (reply.status_code, reply.json()["code"]) == (422, "package_foreign")
    assert "不办案" in reply.json()["message"]


def test_sealed_to_another_platform(tmp_path, platform, wire) -> None:
    package_id, content = packed(tmp_path, platform, wire)
    package, platform.packages.seal = platform.packages.seal, X25519PrivateKey.generate()
    try:
        assert handed_in(wire, package_id, content).json()["code"] == "package_broken"
    finally:
        platform.packages.seal = package

"""Reading the feed, and files going up and coming down."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.contract.canonical import digest
from sync.sandbox import backups, seeding
from sync.sandbox.platform import Platform
from sync.sandbox.source import Source
from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import WireClient

Connect = Callable[..., WireClient]


def add_cases(client: WireClient, count: int) -> list[str]:
    case_ids = [p.new_id() for _ in range(count)]
    for case_id in case_ids:
        payload = p.register(case_id, p.party(case_id, p.new_id()), p.party(case_id, p.new_id(), "applicant"))
        assert client.deliver(client.command(case_id, payload))[0]["status"] == "applied"
    return case_ids


def test_pages_cover_the_feed_without_gaps(connect: Connect, platform: Platform) -> None:
    client = connect()
    add_cases(client, 7)
    seen, after, pages = [], 0, 0
    while True:
        reply = client.ask("GET", "/changes", params={"after": after, "limit": 4, "epoch": platform.epoch})
        if reply.status_code == 304:
            break
        page = reply.json()
        assert page["from"] == after + 1
        assert page["head"] == platform.store.head
        assert page["more"] == (page["to"] < page["head"])
        seen += [change["seq"] for change in page["items"]]
        after, pages = page["to"], pages + 1
    assert seen == list(range(1, platform.store.head + 1))
    assert pages == 6


def test_a_reader_told_of_a_commit_before_the_rest_of_the_server_is_not_ahead(
    connect: Connect, platform: Platform
) -> None:
    """A page's head is the database's; the one in memory follows a moment later."""
    client = connect()
    add_cases(client, 1)
    behind = platform.store.head
    add_cases(client, 1)
    platform.store.head = behind
    page = client.ask("GET", "/changes", params={"after": behind - 1}).json()
    assert page["to"] > behind
    assert client.ask("GET", "/changes", params={"after": page["to"]}).status_code == 304
    ahead = client.ask("GET", "/changes", params={"after": page["to"] + 1})
    assert (ahead.status_code, ahead.json()["code"]) == (410, "epoch_changed")


def test_snapshot_then_changes_give_the_whole_picture(connect: Connect, platform: Platform) -> None:
    client = connect()
    add_cases(client, 5)
    found, cursor, at = {}, None, None
    while True:
        query = {"limit": 4} | ({"after": cursor, "at": at} if cursor else {})
        page = client.ask("GET", "/snapshot", params=query).json()
        at, cursor = page["at"], page["after"]
        found |= {(item["entity"], item["id"]): item["body"] for item in page["items"]}
        if cursor is None:
            break
    assert page["cases"] == 5
    assert at == platform.store.head
    assert found == {key: change["body"] for key, change in client.documents().items()}


def test_restore_begins_an_epoch_and_forgets(connect: Connect, platform: Platform) -> None:
    client = connect()
    (kept,) = add_cases(client, 1)
    backups.make(platform)
    old_epoch, old_head = platform.epoch, platform.store.head
    lost = p.new_id()
    signed = client.command(lost, p.register(lost))
    client.deliver(signed)
    backups.restore(platform)
    assert platform.store.head == old_head
    gone = client.ask("GET", "/changes", params={"after": old_head, "epoch": old_epoch})
    assert (gone.status_code, gone.json()["code"]) == (410, "epoch_changed")
    assert ("case", kept) in client.documents()
    assert ("case", lost) not in client.documents()
    identity = signed["command"]["command_id"]
    assert client.ask("GET", f"/commands/{identity}").json()["code"] == "command_unknown"
    follow = client.command(lost, p.edit_case(title="改"), base={"title": "楼上漏水"})
    assert client.deliver(signed, follow)[0]["status"] == "applied", "replayed with the same id"
    elsewhere = connect("shenjiayi")
    unknown = elsewhere.command(p.new_id(), p.edit_case(title="改"), base={"title": "楼上漏水"})
    assert elsewhere.deliver(unknown)[0]["code"] == "case_pending"


def test_a_restart_keeps_everything(
    connect: Connect, platform: Platform, database: str, tmp_path: Path
) -> None:
    client = connect()
    add_cases(client, 2)
    before = client.documents()
    epoch, key = platform.epoch, platform.setting("sign_public")
    again = Platform(database, tmp_path, Source(platform.source.clock))
    seeding.ready(again, "empty")
    assert (again.epoch, again.setting("sign_public")) == (epoch, key)
    assert again.store.head == platform.store.head
    again.close()
    assert client.documents() == before


def upload(client: WireClient, data: bytes, sha256: str = "") -> str:
    """Begin an upload; returns its path."""
    meta = f"sha256 {base64.b64encode((sha256 or digest(data)).encode()).decode()}"
    made = client.ask("POST", "/uploads", headers={"Upload-Length": str(len(data)), "Upload-Metadata": meta})
    assert made.status_code == 201
    assert made.headers["tus-resumable"] == "1.0.0"
    return made.headers["location"].removeprefix("/v1")


def patch(client: WireClient, path: str, offset: int, data: bytes, checksum: bytes | None = None) -> int:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    if checksum is not None:
        headers["Upload-Checksum"] = f"sha256 {base64.b64encode(checksum).decode()}"
    return client.ask("PATCH", path, data=data, headers=headers).status_code


def test_upload_resumes_where_the_server_is(connect: Connect) -> None:
    client = connect()
    (case_id,) = add_cases(client, 1)
    data = bytes(range(256)) * 40
    attachment = {
        "attachment_id": p.new_id(), "case_id": case_id, "sha256": digest(data), "size": len(data),
        "name": "照片.jpg", "media_type": "image/jpeg", "role": "photo", "added_at": p.AT,
        "added_by": "p-zhou", "stored": True,
    }  # fmt: skip
    payload = {"kind": "attachment.declare", "attachment": attachment}
    client.deliver(client.command(case_id, payload))
    place = ("attachment", attachment["attachment_id"])
    assert client.documents()[place]["body"]["stored"] is False, "only the platform says stored"
    path = upload(client, data)
    assert patch(client, path, 0, data[:4000], hashlib.sha256(data[:4000]).digest()) == 204
    assert patch(client, path, 0, data[:4000]) == 409
    assert patch(client, path, 4000, data[4000:8000], b"\0" * 32) == 460
    assert client.ask("HEAD", path).headers["upload-offset"] == "4000"
    whole = {"sha256": digest(data), "size": len(data)}
    assert client.ask("POST", f"{path}/complete", json=whole).json()["code"] == "upload_incomplete"
    assert patch(client, path, 4000, data[4000:]) == 204
    for _ in range(2):
        assert client.ask("POST", f"{path}/complete", json=whole).json()["stored"] is True
    assert client.documents()[place]["body"]["stored"] is True
    again = upload(client, data)
    assert client.ask("HEAD", again).headers["upload-offset"] == str(len(data)), "known in this institution"


def test_wrong_bytes_are_never_stored(connect: Connect) -> None:
    client = connect()
    path = upload(client, b"wrong", digest(b"right"))
    assert patch(client, path, 0, b"wrong") == 204
    reply = client.ask("POST", f"{path}/complete", json={"sha256": digest(b"right"), "size": 5})
    assert (reply.status_code, reply.json()["code"]) == (422, "hash_mismatch")
    assert client.ask("HEAD", path).headers["upload-offset"] == "0"
    assert client.ask("GET", f"/files/{digest(b'right')}").status_code == 404


@pytest.mark.parametrize(
    ("span", "status", "content"),
    [("", 200, b"0123456789"), ("bytes=3-5", 206, b"345"), ("bytes=7-", 206, b"789"),
     ("bytes=-2", 206, b"89"), ("bytes=10-", 416, None)],
)  # fmt: skip
def test_files_come_back_whole_or_in_part(
    connect: Connect, span: str, status: int, content: bytes | None
) -> None:
    client = connect()
    sha256 = client.upload(b"0123456789")
    reply = client.ask("GET", f"/files/{sha256}", headers={"Range": span} if span else {})
    assert reply.status_code == status
    if content is not None:
        assert reply.content == content

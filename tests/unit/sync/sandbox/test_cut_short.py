"""A platform whose process was killed between two steps goes on where it stood."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.sandbox import seeding
from sync.sandbox import tables as t
from sync.sandbox.platform import Platform
from sync.sandbox.source import Source, StillClock
from tests.helpers.sandbox import WireClient
from tests.unit.sync.sandbox.conftest import NOW

Connect = Callable[..., WireClient]


def test_a_first_start_that_was_cut_is_made_anew(database: str, tmp_path: Path) -> None:
    first = Platform(database, tmp_path, Source(StillClock(NOW)))
    seeding.ready(first, "empty")
    people = first.accounts.roster()
    with first.store.write(NOW) as tx:
        tx.conn.execute(t.meta.delete().where(t.meta.c.key == "seed"))
    first.close()
    again = Platform(database, tmp_path, Source(StillClock(NOW)))
    seeding.ready(again, "empty")
    assert again.accounts.roster() == people
    assert again.setting("seed") == "empty"
    again.close()


def sent(client: WireClient, data: bytes) -> str:
    """Every byte of a file sent, and not completed; the upload's path."""
    meta = f"sha256 {base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()}"
    told = {"Upload-Length": str(len(data)), "Upload-Metadata": meta}
    path = client.ask("POST", "/uploads", headers=told).headers["location"].removeprefix("/v1")
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert client.ask("PATCH", path, data=data, headers=headers).status_code == 204
    return path


@pytest.mark.parametrize("spoilt", [False, True])
def test_an_upload_put_in_its_place_and_not_noted_is_completed(
    connect: Connect, platform: Platform, *, spoilt: bool
) -> None:
    client, data = connect(), b"a photo of the ceiling"
    path, sha256 = sent(client, data), hashlib.sha256(data).hexdigest()
    place = platform.files.path(sha256)
    place.parent.mkdir()
    (platform.files.coming / path.rpartition("/")[2]).replace(place)
    if spoilt:
        place.write_bytes(data[:-1])
    reply = client.ask("POST", f"{path}/complete", json={"sha256": sha256, "size": len(data)})
    if spoilt:
        assert reply.status_code == 422
        assert client.ask("HEAD", path).headers["upload-offset"] == "0"
    else:
        assert reply.status_code == 200
        assert client.ask("GET", f"/files/{sha256}").content == data

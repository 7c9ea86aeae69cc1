"""A network paid by volume: words and small papers go, large files wait and say so; the order of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.services.attachments import FileEntry
from app.storage.tables import uploads
from tests.harness.acts import PDF, cases_here
from tests.harness.world import Computer, World, a_world, make_template

KINDS = (
    ("现场.m4a", "audio/mp4", b"\x00\x00\x00\x20ftypM4A "),
    ("现场.jpg", "image/jpeg", b"\xff\xd8\xff\xe0"),
    ("协议.pdf", "application/pdf", PDF),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    template = make_template(tmp_path / "template", computers=1)
    with a_world(template, tmp_path / "world", computers=1) as made:
        yield made


def add(pc: Computer, name: str, media_type: str, head: bytes, size: int) -> str:
    content = head + hashlib.shake_128(name.encode()).digest(size)
    entry = FileEntry(role="evidence", title=name)
    added = pc.office.attachments.add_bytes(cases_here(pc)[0], content, name, media_type, entry)
    return added.value.attachment_id


def states(pc: Computer) -> dict[str, str]:
    return {row.attachment_id: row.state for row in pc.read(select(uploads))}


def test_large_files_wait_say_so_and_go_when_wanted(world: World) -> None:
    pc = world.computers[0]
    pc.office.settings.change_personal(line="metered", metered_mb=1)
    small = add(pc, *KINDS[2], 200_000)
    large = add(pc, *KINDS[1], 1_500_000)
    world.pass_time(11)
    assert pc.run().error is None
    assert states(pc) == {small: "stored", large: "waiting"}
    (row,) = pc.office.sync_centre.rows("waiting")
    assert "流量" in row.why
    assert "文件在本机" in row.why
    assert row.action == "现在传"
    pc.office.sync_centre.retry_now(row.row_id)
    (row,) = pc.office.sync_centre.rows("waiting")
    assert "流量" not in row.why
    assert pc.run().error is None
    assert states(pc) == {small: "stored", large: "stored"}


def test_what_the_system_says_counts_unless_the_person_says_otherwise(world: World) -> None:
    pc = world.computers[0]
    pc.office.settings.change_personal(line="metered")
    add(pc, *KINDS[1], 6_000_000)
    world.pass_time(11)
    assert pc.run().error is None
    transfers, change = pc.port.transfers, pc.office.settings.change_personal
    assert transfers.uploads_ready(metered=False) == ()
    change(line="auto")
    assert transfers.uploads_ready(metered=True) == ()
    assert len(transfers.uploads_ready(metered=False)) == 1
    change(line="free")
    assert len(transfers.uploads_ready(metered=True)) == 1


def test_papers_go_before_pictures_and_pictures_before_sound(world: World) -> None:
    pc = world.computers[0]
    wanted = [add(pc, *kind, 500) for kind in KINDS]
    world.pass_time(11)
    pc.line.fates.extend(("", "", "", "", "refused"))
    pc.run()
    pc.line.fates.clear()
    ready = [job.attachment_id for job in pc.port.transfers.uploads_ready()]
    assert ready == list(reversed(wanted))

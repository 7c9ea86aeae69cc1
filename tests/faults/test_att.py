"""ATT: what can happen to a file between the camera and the platform."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from app.clock import to_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.errors import FieldError
from app.services import attachments, casework
from app.services.attachments import FileEntry
from app.services.casework import Casework
from app.services.sync_rows import SyncRow
from app.storage import filerows
from app.storage.tables import files, uploads
from sync.contract.model import MEDIA_TYPE, REQUEST_ID
from sync.sandbox import tables as t
from sync.sandbox.http import Request, Response
from tests.faults.aimed import Aim, AimedLine, aimed
from tests.harness.acts import PDF, cases_here
from tests.harness.claims import platform_rows
from tests.harness.play import Play
from tests.harness.steps import Act, Arrive, Exchange, Pass, SignIn
from tests.harness.world import Computer

MEGABYTE = 1024 * 1024
SIZE = 2 * MEGABYTE + MEGABYTE // 2
"""Three pieces."""
CONTENT = PDF + hashlib.shake_128(b"scan").digest(SIZE - len(PDF))
EVIDENCE = FileEntry(role="evidence", title="现场照片")


def add(play: Play, number: int = 0, content: bytes = CONTENT) -> cf.Attachment:
    """The person adds a file and goes on; its undo window passes."""
    pc = play.world.computers[number]
    made = pc.office.attachments.add_bytes(
        cases_here(pc)[0], content, "现场.pdf", "application/pdf", EVIDENCE
    ).value
    play.take(Pass(11))
    return made


def row(pc: Computer) -> SyncRow:
    """The one file in the sync centre."""
    (found,) = (one for one in pc.office.sync_centre.rows("all") if one.kind == "upload")
    return found


def held_at(pc: Computer) -> int:
    """How many bytes the platform is known to have."""
    (found,) = pc.read(select(uploads.c.sent))
    return int(found.sent)


def pieces(line: AimedLine) -> int:
    """How many times bytes were sent."""
    return sum(one.startswith("PATCH /v1/uploads/") for one in line.asked)


def whole(play: Play, made: cf.Attachment, number: int = 0) -> None:
    """The platform has exactly the bytes that were added, the person reads it, and all is at rest."""
    pc = play.world.computers[number]
    shown = row(pc)
    assert (shown.status, shown.why) == ("delivered", "平台已核对整个文件")
    assert not pc.office.sync_centre.rows("needs_you")
    kept = play.world.platform.files.path(made.sha256).read_bytes()
    assert (len(kept), hashlib.sha256(kept).hexdigest()) == (made.size, made.sha256)
    play.rest()
    assert len(platform_rows(play.world, select(t.files).where(t.files.c.sha256 == made.sha256))) == 1


# -- a file that another program still writes ----------------------------------------------------------


@pytest.mark.fault("ATT.grows_while_uploading")
def test_a_recording_that_still_runs_is_not_taken_for_the_whole(play: Play, tmp_path: Path) -> None:
    """A program that writes as fast as anybody reads: adding ends at once, with words, and keeps nothing."""
    pc, path = play.world.computers[0], tmp_path / "录音.pdf"
    path.write_bytes(CONTENT)
    begun, over = threading.Event(), threading.Event()

    def record() -> None:
        with path.open("ab") as running:
            while not over.is_set():
                running.write(bytes(100))
                running.flush()
                begun.set()

    recorder = threading.Thread(target=record)
    recorder.start()
    try:
        assert begun.wait(30)
        with pytest.raises(FieldError) as caught:
            pc.office.attachments.add_path(cases_here(pc)[0], path, EVIDENCE)
    finally:
        over.set()
        recorder.join()
    assert caught.value.code == "E-CHANGING"
    for part in ("还在变", "没有加", "原来的文件没有动", "再加一次"):
        assert part in caught.value.message
    assert not pc.read(select(uploads))
    assert not [one for one in (pc.folder / "vault").rglob("*") if one.is_file()], "nothing half is left"
    made = pc.office.attachments.add_path(cases_here(pc)[0], path, EVIDENCE).value
    assert made.size == path.stat().st_size
    play.take(Pass(11))
    play.take(Exchange(0))
    whole(play, made)


@pytest.mark.fault("ATT.grows_while_uploading")
def test_what_was_added_goes_out_as_it_was_although_the_original_grows(play: Play, tmp_path: Path) -> None:
    pc, path = play.world.computers[0], tmp_path / "现场.pdf"
    path.write_bytes(CONTENT)
    made = pc.office.attachments.add_path(cases_here(pc)[0], path, EVIDENCE).value
    play.take(Pass(11))

    def grow() -> None:
        with path.open("ab") as original:
            original.write(b"more")

    aimed(play.world, pc, Aim("PATCH", "/uploads/", before=grow, fate="cut_request", skip=1))
    play.take(Exchange(0))
    assert row(pc).why == "断线中，连上接着传"
    grow()
    play.take(Pass(320))
    play.take(Exchange(0))
    assert (made.size, path.stat().st_size) == (len(CONTENT), len(CONTENT) + 8)
    whole(play, made)


# -- the same file from two computers ------------------------------------------------------------------


@pytest.mark.fault("ATT.same_sha_two_pcs")
def test_two_computers_send_one_file(play: Play) -> None:
    first, second, third = play.world.computers
    made = add(play, 0)
    aimed(play.world, first, Aim("PATCH", "/uploads/", fate="cut_request", skip=1))
    play.take(Exchange(0))
    assert (row(first).status, held_at(first)) == ("queued", MEGABYTE), "nothing of it moves now"
    line = aimed(play.world, second)
    add(play, 1)
    play.take(Exchange(1))
    assert pieces(line) == 3
    line = aimed(play.world, third)
    add(play, 2)
    play.take(Exchange(2))
    assert pieces(line) == 0, "the institution has it: no byte travels"
    play.take(Pass(320))
    play.take(Exchange(0))
    for pc in play.world.computers:
        (shown,) = (one for one in pc.office.sync_centre.rows("delivered") if one.kind == "upload")
        assert shown.why == "平台已核对整个文件"
    whole(play, made)
    for pc in play.world.computers:
        shown_files = pc.office.attachments.of_case(cases_here(pc)[0])
        assert [one.stored for one in shown_files] == [True] * 3, "each computer's entry stands by itself"
        assert pc.office.attachments.read(made.sha256) == CONTENT


# -- pieces on the way ---------------------------------------------------------------------------------


@pytest.mark.fault("ATT.chunk_dup")
@pytest.mark.parametrize("fate", ["twice", "twice_lost"])
def test_the_network_delivers_a_piece_twice(play: Play, fate: str) -> None:
    pc = play.world.computers[0]
    line = aimed(play.world, pc, Aim("PATCH", "/uploads/", fate=fate, skip=1))
    made = add(play)
    play.take(Exchange(0))
    if fate == "twice_lost":
        standing = pc.office.sync_centre.standing()
        assert (standing.error_code, "内容都在本机" in standing.error) == ("E-UNREACHABLE", True)
        assert row(pc).why == "断线中，连上接着传"
        play.take(Pass(320))
        play.take(Exchange(0))
    assert (line.spent(), pieces(line)) == (True, 3), "what the platform has is not sent again"
    whole(play, made)


@pytest.mark.fault("ATT.chunk_reorder")
def test_pieces_that_were_held_back_arrive_behind_later_ones(play: Play) -> None:
    pc = play.world.computers[0]
    made = add(play)
    for _ in range(2):
        line = aimed(play.world, pc, Aim("PATCH", "/uploads/", fate="held", skip=1))
        play.take(Exchange(0))
        assert line.spent()
        assert row(pc).why == "断线中，连上接着传"
        play.take(Pass(320))
    assert len(play.world.bag.held) == 2

    def arrive() -> None:
        """Just before the next piece is sent the two old ones come, the later one first."""
        play.take(Arrive(2, backwards=True))

    aimed(play.world, pc, Aim("PATCH", "/uploads/", before=arrive))
    play.take(Exchange(0))
    whole(play, made)


def flipped(play: Play, asked: Request) -> Response:
    """The platform gets the piece with one bit changed on the way."""
    body = bytearray(asked.body)
    body[len(body) // 2] ^= 1
    return play.world.platform.handle(replace(asked, body=bytes(body)))


@pytest.mark.fault("ATT.chunk_corrupt")
def test_a_piece_that_the_network_spoils_is_sent_again(play: Play) -> None:
    pc = play.world.computers[0]
    spoil = Aim("PATCH", "/uploads/", instead=lambda asked: flipped(play, asked), skip=1)
    line = aimed(play.world, pc, spoil)
    made = add(play)
    play.take(Exchange(0))
    assert (line.spent(), pieces(line)) == (True, 4)
    whole(play, made)


@pytest.mark.fault("ATT.chunk_corrupt")
def test_a_line_that_spoils_every_piece_is_said_and_waited_out(play: Play) -> None:
    pc = play.world.computers[0]
    made = add(play)
    spoil = Aim("PATCH", "/uploads/", instead=lambda asked: flipped(play, asked), skip=1, count=100)
    aimed(play.world, pc, spoil)
    play.take(Act(0, "note"))
    play.take(Pass(11))
    play.take(Exchange(0))
    assert play.trace[-1].endswith("-> whole"), "one file holds nothing else up"
    shown = row(pc)
    assert (shown.status, held_at(pc)) == ("queued", MEGABYTE), "nothing of it moves now"
    assert shown.why == "有一段在路上坏了，平台没有收下这一段。原件在本机，稍后自动从断的地方接着传。"
    assert not pc.office.sync_centre.rows("needs_you"), "nobody has to do anything"
    line = aimed(play.world, pc)
    play.take(Pass(320))
    play.take(Exchange(0))
    assert pieces(line) == 2, "from where it stood"
    whole(play, made)


@pytest.mark.fault("ATT.chunk_corrupt")
def test_bytes_that_the_platform_itself_spoils_are_found_by_the_whole_hash(play: Play) -> None:
    pc = play.world.computers[0]
    made = add(play)

    def rot() -> None:
        (part,) = play.world.platform.files.coming.iterdir()
        content = bytearray(part.read_bytes())
        content[MEGABYTE] ^= 1
        part.write_bytes(content)

    aimed(play.world, pc, Aim("POST", "/complete", before=rot))
    play.take(Exchange(0))
    assert row(pc).why == "传到平台的和本机的原件对不上，平台没有留下。原件在本机，稍后自动从头重传。"
    assert not platform_rows(play.world, select(t.files).where(t.files.c.sha256 == made.sha256))
    play.take(Pass(320))
    play.take(Exchange(0))
    whole(play, made)


@pytest.mark.fault("ATT.complete_reply_lost")
def test_the_last_answer_is_lost(play: Play) -> None:
    pc = play.world.computers[0]
    line = aimed(play.world, pc, Aim("POST", "/complete", fate="lose_reply"))
    made = add(play)
    play.take(Exchange(0))
    shown = row(pc)
    assert (shown.status, shown.why) == ("queued", "断线中，连上接着传"), "not called stored on a guess"
    assert "内容都在本机" in pc.office.sync_centre.standing().error
    play.take(Pass(320))
    play.take(Exchange(0))
    assert pieces(line) == 3, "no byte is sent twice for an answer"
    whole(play, made)


# -- sessions that end ---------------------------------------------------------------------------------


@pytest.mark.fault("ATT.session_expired")
def test_the_sign_in_ends_in_the_middle_of_a_file(play: Play) -> None:
    pc = play.world.computers[0]
    made = add(play)
    ended = Aim("PATCH", "/uploads/", before=lambda: play.world.platform.accounts.expire_all(), skip=1)
    line = aimed(play.world, pc, Aim("PATCH", "/uploads/", fate="expired"), ended)
    play.take(Exchange(0))
    standing = pc.office.sync_centre.standing()
    assert standing.error_code == "E-SIGN-IN"
    assert "重新登录" in standing.error
    assert "队列里的内容都还在" in standing.error
    assert held_at(pc) == MEGABYTE, "the access token alone was renewed without anybody noticing"
    play.take(SignIn(0))
    before = pieces(line)
    play.take(Exchange(0))
    assert pieces(line) - before == 2, "from where it stood"
    whole(play, made)


def gone(asked: Request) -> Response:
    """tus's answer for an upload that has expired, which has no body."""
    headers = {"content-type": MEDIA_TYPE, REQUEST_ID: asked.headers[REQUEST_ID.lower()]}
    return Response(410, headers, b"")


def forget(play: Play) -> None:
    """The platform clears away uploads that stand still for long."""
    with play.world.platform.store.write(play.world.clock.now()) as tx:
        tx.conn.execute(delete(t.uploads))
    for part in play.world.platform.files.coming.iterdir():
        part.unlink()


@pytest.mark.fault("ATT.session_expired")
@pytest.mark.parametrize("word", ["404", "410"])
def test_the_platform_no_longer_knows_an_upload_that_stood_still(play: Play, word: str) -> None:
    pc = play.world.computers[0]
    made = add(play)
    aimed(play.world, pc, Aim("PATCH", "/uploads/", fate="cut_request", skip=1))
    play.take(Exchange(0))
    assert held_at(pc) == MEGABYTE
    forget(play)
    line = aimed(
        play.world, pc, *([Aim("HEAD", "/uploads/", instead=gone, count=100)] if word == "410" else [])
    )
    play.take(Pass(320))
    play.take(Exchange(0))
    assert (play.trace[-1].endswith("-> whole"), pieces(line)) == (True, 3)
    whole(play, made)


@pytest.mark.fault("ATT.session_expired")
@pytest.mark.parametrize("word", ["404", "410"])
def test_the_platform_forgets_an_upload_between_two_pieces(play: Play, word: str) -> None:
    pc = play.world.computers[0]
    made = add(play)
    lost = Aim("PATCH", "/uploads/", before=lambda: forget(play), skip=1)
    if word == "410":
        lost.instead = gone
    aimed(play.world, pc, lost)
    play.take(Exchange(0))
    assert play.trace[-1].endswith("-> whole"), "the rest of the exchange goes on"
    assert row(pc).why == "平台不再记得这次上传，已传的部分不算数。原件在本机，稍后自动从头重传。"
    play.take(Pass(320))
    play.take(Exchange(0))
    whole(play, made)


# -- nothing, and very much ----------------------------------------------------------------------------


@pytest.mark.fault("ATT.size_0_and_2GB")
def test_an_empty_file_is_refused_in_words(play: Play) -> None:
    pc = play.world.computers[0]
    with pytest.raises(FieldError) as caught:
        add(play, content=b"")
    assert caught.value.message == "这个文件是空的，没有加。用原来的程序打开看看，换一个再加。"
    assert not pc.read(select(files))
    play.rest()


def declare_empty(pc: Computer) -> cf.Attachment:
    """An empty file as another program of the institution may declare one: the window takes none."""
    desk, case_id = pc.office.desk, cases_here(pc)[0]
    stored = desk.vault.add_bytes(b"")

    def work(case: Casework) -> cf.Attachment:
        attachments._keep_blob(case, stored, "text/plain")
        files_of = attachments.Attachments(desk)
        made = files_of._attachment(case, case_id, stored, "空.txt", "text/plain", EVIDENCE)
        case.issue(case_id, cmd.DeclareAttachment(attachment=made))
        filerows.queue(case.conn, made, to_text(case.now))
        return made

    return casework.write(desk, work).value


@pytest.mark.fault("ATT.size_0_and_2GB")
def test_an_empty_file_goes_the_whole_way_all_the_same(play: Play) -> None:
    pc, colleague = play.world.computers[0], play.world.computers[1]
    line = aimed(play.world, pc)
    made = declare_empty(pc)
    play.take(Pass(11))
    play.take(Exchange(0))
    assert (made.size, pieces(line)) == (0, 0), "stored without a single piece"
    play.take(Exchange(1))
    assert colleague.office.attachments.read(made.sha256) == b""
    whole(play, made)


MOST = 24 * MEGABYTE
"""What memory may grow by on the way of a file of any size: some pieces of one megabyte and their copies."""


@pytest.mark.fault("ATT.size_0_and_2GB")
def test_memory_stays_flat_however_large_the_file(tmp_path: Path) -> None:
    """64 MB here; the same way with 2 GB is a benchmark (``tests.benchmarks.large_file``)."""
    command = [sys.executable, "-m", "tests.benchmarks.large_file", "64", str(tmp_path)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=300).stdout)
    assert (told["bytes"], told["stored"], told["fetched"]) == (64 * MEGABYTE, True, True)
    assert told["grown"] < MOST, told

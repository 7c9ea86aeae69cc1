"""PROC: programs that are killed, put to sleep, started twice, handed over, or of another version."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import NewerFileFault
from app.paths import ProfilePaths
from app.services import colleagues, profile
from app.services.attachments import FileEntry
from app.services.office import Office
from app.services.sync_port import SyncPort
from app.storage.schema import head, migrate
from app.storage.tables import outbox, uploads
from sync.engine.enroll import register
from sync.engine.tokens import SealedTokens
from sync.sandbox.seeding import PASSWORD
from tests.e2e.test_kill9 import Driver, assert_sound, enrolled
from tests.faults import telling
from tests.harness.play import Play
from tests.harness.steps import Act, Exchange, Pass
from tests.harness.world import PASSPHRASE, URL
from tests.helpers import journey
from tests.helpers.desks import QUICK
from tests.helpers.sandbox import ROOT, Sandbox, running
from tests.helpers.spoiling import SpoilingLine, spoiling
from ui import connection, practice

SECONDS = 60.0
PIECE = 1024 * 1024


class Cut(Exception):
    """The line is cut here: whoever asked gets no answer."""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Sandbox]:
    """A real platform with one case."""
    with running(tmp_path / "platform", "empty") as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, platform: Sandbox) -> tuple[Path, str]:
    """A registered computer's folder, and its case."""
    case_id = platform.control("dispatch", kind="leak")["case_id"]
    enrolled(tmp_path / "profile", platform)
    return tmp_path / "profile", str(case_id)


@contextmanager
def opened(folder: Path, url: str = "") -> Iterator[Office]:
    """The program on a folder, for a while; with ``url`` its platform is reached there from now on."""
    office = journey.open_office(folder)
    try:
        if url:
            SyncPort(office.desk).state.put(platform_url=url)
        yield office
    finally:
        profile.close(office.desk)


def at(line: SpoilingLine, part: str, count: int = 1) -> Event:
    """Set when the ``count``-th request with ``part`` in its path has been answered; the answer is lost."""
    reached, left = Event(), [count]

    def spoil(path: str, *reply: Any) -> Any:
        left[0] -= part in path
        if left[0] or part not in path:
            return reply
        reached.set()
        raise Cut

    line.spoil = spoil
    line.server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
    return reached


def delivered(folder: Path, platform: Sandbox, tmp_path: Path, case_id: str) -> None:
    """What was under way is asked for; everything stands at the platform once, as a colleague sees it."""
    with opened(folder, platform.url) as office:
        for _ in range(2):
            assert connection.sync_once(office.desk).error is None
        counts = office.sync_centre.counts()
        assert (counts.waiting, counts.needs_you) == (0, 0)
        assert_sound(office)
    enrolled(tmp_path / "colleague", platform)
    with opened(tmp_path / "colleague") as office:
        assert journey.count(office, case_id, cf.Contact) == 1


@pytest.mark.fault("PROC.kill9_client")
def test_killed_while_the_answer_is_on_its_way(
    tmp_path: Path, platform: Sandbox, place: tuple[Path, str]
) -> None:
    folder, case_id = place
    with spoiling(platform.url) as line:
        with opened(folder, line.url) as office:
            journey.STEPS["contact"].do(office, case_id)
        reached = at(line, "/commands")
        driver = Driver(folder, case_id)
        driver.ask("send")
        assert reached.wait(SECONDS)
        driver.kill()
    with opened(folder) as office:
        assert journey.count(office, case_id, cf.Contact) == 1
        error = connection.sync_once(office.desk).error
        assert error is not None
        assert "内容都在本机" in error.message
        (row,) = office.sync_centre.rows("waiting")
        assert row.why == "发出去了，没等到回执，连上后先核对，不会重复"
    delivered(folder, platform, tmp_path, case_id)


@pytest.mark.fault("PROC.kill9_server")
def test_the_platform_is_killed_after_it_has_taken_the_words(
    tmp_path: Path, place: tuple[Path, str], platform: Sandbox
) -> None:
    folder, case_id = place
    with spoiling(platform.url) as line, opened(folder, line.url) as office:
        journey.STEPS["contact"].do(office, case_id)
        reached = at(line, "/commands")
        inner = line.spoil
        assert inner is not None

        def killing(path: str, *reply: Any) -> Any:
            if "/commands" in path:
                platform.kill()
            return inner(path, *reply)

        line.spoil = killing
        error = connection.sync_once(office.desk).error
        assert reached.is_set()
        assert error is not None
        assert error.code == "E-UNREACHABLE"
        standing = office.sync_centre.standing()
        assert "内容都在本机" in standing.error
        assert standing.next_attempt_at is not None
        (row,) = office.sync_centre.rows("waiting")
        assert row.why == "发出去了，没等到回执，连上后先核对，不会重复"
    with running(tmp_path / "platform", "empty") as again:
        delivered(folder, again, tmp_path, case_id)


@pytest.mark.fault("PROC.power_loss_torn_wal")
def test_the_power_goes_in_the_middle_of_a_commit(
    tmp_path: Path, platform: Sandbox, place: tuple[Path, str]
) -> None:
    folder, case_id = place
    log, mark = folder / "store.db-wal", folder / "written"
    driver = Driver(folder, case_id)
    sizes, marks = [], []
    for step in ("contact", "accept"):
        driver.ask(step)
        driver.expect(f"ack {step}")
        sizes.append(log.stat().st_size)
        marks.append(mark.read_bytes())
    driver.kill()
    kept, torn = sizes
    assert kept < torn
    for number, (length, noise) in enumerate(
        ((kept + 1, 0), (kept + 24 + 4096, 0), ((kept + torn) // 2, 700), (torn - 1, 0), (torn - 5000, 5000))
    ):
        copy = tmp_path / f"torn{number}"
        shutil.copytree(folder, copy)
        whole = log.read_bytes()
        (copy / "store.db-wal").write_bytes(whole[:length] + bytes(noise))
        (copy / "written").write_bytes(marks[0])
        with opened(copy) as office:
            assert journey.count(office, case_id, cf.Contact) == 1
            assert journey.state(office, case_id) in journey.BEFORE_ACCEPT, "whole, or not at all"
            assert_sound(office)
            assert office.sync_centre.standing().lost_tail == 0, "nothing that was called saved is gone"
    with opened(copy) as office:
        journey.STEPS["accept"].do(office, case_id)
        assert journey.state(office, case_id) == "accepted"
    delivered(copy, platform, tmp_path, case_id)


@pytest.mark.fault("PROC.suspend_mid_upload")
def test_a_laptop_that_sleeps_in_an_upload_goes_on_where_it_was(
    tmp_path: Path, platform: Sandbox, place: tuple[Path, str]
) -> None:
    folder, case_id = place
    with spoiling(platform.url) as line:
        with opened(folder, line.url) as office:
            entry = FileEntry(role="evidence", title="现场照片")
            data = b"\xff\xd8\xff\xe0" + os.urandom(5 * PIECE)
            office.attachments.add_bytes(case_id, data, "现场.jpg", "image/jpeg", entry)
        driver = Driver(folder, case_id)
        reached = at(line, "/uploads/", 3)
        driver.ask("send")
        assert reached.wait(SECONDS)
        driver.process.send_signal(signal.SIGSTOP)
        platform.kill()
    driver.process.send_signal(signal.SIGCONT)
    driver.expect("end")
    assert "内容都在本机" in driver.kill()
    with running(tmp_path / "platform", "empty") as again, spoiling(again.url) as line:
        with opened(folder, line.url) as office:
            (row,) = office.sync_centre.rows("waiting")
            assert row.why == "断线中，连上接着传"
            sent = office.desk.store.read(lambda conn: conn.execute(select(uploads.c.sent)).scalar_one())
            assert sent >= 2 * PIECE
            assert connection.sync_once(office.desk).error is None
            assert office.sync_centre.counts().waiting == 0
        pieces = [path for path in line.seen if "/uploads/" in path]
        assert len(pieces) <= 1 + (6 * PIECE - sent) // PIECE + 1, "what had arrived is not sent again"


def command(folder: Path, secret: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``jiefen`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ui", *words, "--profile", str(folder), "--passphrase-file", str(secret)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip


@pytest.mark.fault("PROC.two_instances")
def test_a_second_program_on_one_profile_is_turned_away_and_told(
    tmp_path: Path, platform: Sandbox, place: tuple[Path, str]
) -> None:
    folder, case_id = place
    secret = tmp_path / "passphrase"
    secret.write_text(practice.PASSPHRASE, "utf-8")
    driver = Driver(folder, case_id)
    driver.ask("contact")
    driver.expect("ack contact")
    second = command(folder, secret, "sync")
    assert second.returncode == 2
    assert "这份档案已经在另一个窗口或命令里打开，没有再开一份。" in second.stderr
    assert "请回到那个窗口，或等那个命令做完" in second.stderr
    driver.kill()
    third = command(folder, secret, "sync")
    assert third.returncode == 0, "a program that was killed holds nothing"
    delivered(folder, platform, tmp_path, case_id)


@pytest.mark.fault("PROC.user_switch")
def test_a_colleague_sits_down_while_words_are_on_their_way(play: Play) -> None:
    pc = play.world.computers[0]
    paths = ProfilePaths(pc.folder)
    play.take(Act(0, "note", 0, 1))
    play.take(Pass(11))
    play.take(Exchange(0, ("", "lose_reply")))
    play.take(Act(0, "note", 0, 2))
    tokens: list[str] = []

    def registered(keys: Any) -> Any:
        facts, token = register(
            URL, pc.clock, device_id=pc.office.desk.device_id, device_name=pc.name, user="hejing",
            password=PASSWORD, sign_public=keys.sign_public, seal_public=keys.seal_public, practice=True,
            make_session=pc.line.session,
        )  # fmt: skip
        tokens.append(token)
        return facts

    first = pc.office.desk
    joined = colleagues.add_colleague(paths, first, "hejing", PASSPHRASE, registered, QUICK).desk
    pc.desk, pc.login = replace(joined, new_id=first.new_id), "hejing"
    SealedTokens(pc.port).save(tokens[0])
    assert len(telling.rows(pc)) == 2
    for row in telling.rows(pc):
        lines = {line.label: line.text for line in pc.office.sync_centre.explain(row.row_id)}
        assert lines["写的人"] == "周敏芳"
    play.take(Act(0, "note", 0, 3))
    play.take(Pass(11))
    play.take(Exchange(0))
    assert pc.office.sync_centre.counts().waiting == 0
    authors = {row.author for row in pc.read(select(outbox.c.author))}
    assert len(authors) == 2
    play.rest()
    assert telling.notes(play.world) == [1, 2, 3]


LATER = "9999"
"""The schema of a version that does not exist yet."""
SECOND = f'''
"""A later version's schema."""
from alembic import op

revision, down_revision = "{LATER}", "{head.HEAD}"


def upgrade() -> None:
    op.execute("CREATE TABLE later (a TEXT)")
    op.execute("ALTER TABLE outbox ADD COLUMN later TEXT NOT NULL DEFAULT ''")
'''


@contextmanager
def next_version(folder: Path) -> Iterator[None]:
    """Inside, the program is the next version, whose schema has changed the outbox."""
    location = folder / "schema"
    if not location.exists():
        shutil.copytree(migrate.LOCATION, location, ignore=shutil.ignore_patterns("__pycache__"))
        (location / "versions" / f"{LATER}_next.py").write_text(SECOND, "utf-8")
    directory = migrate.scripts(location)
    with (
        mock.patch.object(head, "HEAD", LATER),
        mock.patch.object(head, "KNOWN", (*head.KNOWN, LATER)),
        mock.patch.object(migrate, "HEAD", LATER),
        mock.patch.object(migrate, "scripts", return_value=directory),
    ):
        yield


def _queue(play: Play) -> dict[str, bytes]:
    """Words delivered, in doubt and waiting on the first computer; their bytes."""
    play.take(Act(0, "note", 0, 1))
    play.take(Pass(11))
    play.take(Exchange(0))
    play.take(Act(0, "note", 0, 2))
    play.take(Act(0, "attach", 0, 1))
    play.take(Pass(11))
    play.take(Exchange(0, ("", "lose_reply")))
    play.take(Act(0, "note", 0, 3))
    pc = play.world.computers[0]
    found = {row.command_id: row.bytes for row in pc.read(select(outbox.c.command_id, outbox.c.bytes))}
    pc.leave()
    return found


@pytest.mark.fault("PROC.upgrade_mid_queue")
def test_a_new_version_sends_what_the_old_one_wrote(play: Play, tmp_path: Path) -> None:
    pc = play.world.computers[0]
    before = _queue(play)
    with next_version(tmp_path):
        after = {row.command_id: row.bytes for row in pc.read(select(outbox.c.command_id, outbox.c.bytes))}
        assert after == before, "the same bytes, hash and signature"
        (saved,) = (pc.folder / "backups").glob(f"before-{LATER}-*.db")
        assert saved.stat().st_size > 0
        assert {row.why for row in telling.rows(pc, "queued")} >= {
            "发出去了，没等到回执，连上后先核对，不会重复"
        }
        play.rest()
        assert telling.notes(play.world) == [1, 2, 3]


@pytest.mark.fault("PROC.downgrade")
def test_an_older_program_refuses_and_leaves_all_as_it_is(play: Play, tmp_path: Path) -> None:
    pc = play.world.computers[0]
    _queue(play)
    with next_version(tmp_path):
        pc.open()
        pc.leave()
    before = (pc.folder / "store.db").read_bytes()
    with pytest.raises(NewerFileFault) as caught:
        pc.open()
    assert caught.value.code == "E-NEWER"
    assert caught.value.message == "这份档案由更新的版本写成，没有动它。请先升级本软件，再打开。"
    assert (pc.folder / "store.db").read_bytes() == before
    with next_version(tmp_path):
        play.rest()
        assert telling.notes(play.world) == [1, 2, 3]

"""DISK: a disk that is full, does not read, or holds something else than what was written."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.domain.errors import DamagedFault, DiskFullFault, StorageFault
from app.paths import ProfilePaths
from app.services import backups
from app.services.attachments import FileEntry
from app.services.backups import Backups
from app.services.sync_words import lost_tail
from app.storage.tables import audit, outbox, uploads
from tests.faults import telling
from tests.faults.devices import forget_lost, register_anew
from tests.faults.disks import failing_writes, flip, full_disk, unreadable
from tests.harness.acts import ACTS, PDF, a_case
from tests.harness.play import Play
from tests.harness.steps import Act, Exchange, Pass
from tests.harness.world import Computer
from tests.helpers.sandbox import ROOT

SINGLE = ("note", "address", "attach", "walk_in")
"""Acts that are one transaction."""


def held(pc: Computer) -> tuple[int, ...]:
    """How many commands, traces and files there are."""
    return tuple(pc.read(select(func.count()).select_from(table))[0][0] for table in (outbox, audit, uploads))


def refused(work: Callable[[], object]) -> StorageFault | None:
    """What the disk or the database had against it, if anything."""
    try:
        work()
    except StorageFault as fault:
        return fault
    return None


def write_full(pc: Computer, act: str) -> int:
    """Do an act with the disk full at its first write, its second, and so on until it is done; how often."""
    for at in itertools.count():
        before = held(pc)
        with full_disk(pc, at) as disk:
            fault = refused(partial(ACTS[act], pc, 0, at))
        if fault is not None:
            assert isinstance(fault, DiskFullFault)
            assert "磁盘满了，这一步没有存进去。之前存好的都在。请腾出一些空间" in fault.message
            assert act not in SINGLE or held(pc) == before
        pc.note_saved()
        if not disk.failed:
            return at
    raise AssertionError("never")


@pytest.mark.fault("DISK.enospc_each_write")
@pytest.mark.parametrize("act", [*SINGLE, "agree", "lodge"])
def test_a_full_disk_at_each_write_undoes_the_step_and_says_so(play: Play, act: str) -> None:
    if act == "lodge":
        play.take(Act(0, "agree"))
    assert write_full(play.world.computers[0], act) >= 1
    play.rest()


@pytest.mark.fault("DISK.enospc_each_write")
def test_a_full_disk_at_each_write_of_an_exchange_loses_nothing(play: Play) -> None:
    pc = play.world.computers[0]
    for act in (Act(0, "note"), Act(0, "attach", 0, 1), Act(0, "lodge", 1), Act(1, "attach", 0, 3)):
        play.take(act)
    play.take(Pass(11))
    play.take(Exchange(1))
    told = 0
    for at in itertools.count():
        with full_disk(pc, at) as disk:
            try:
                error = pc.run().error
            except DiskFullFault as fault:
                error = fault
        pc.note_saved()
        play.world.pass_time(1)
        if not disk.failed:
            break
        assert isinstance(error, DiskFullFault)
        assert "请腾出一些空间" in error.message
        told += 1
    assert told >= 10
    play.rest()


@pytest.mark.fault("DISK.enospc_each_write")
def test_closing_on_a_full_disk_puts_the_keys_away_and_keeps_all(play: Play) -> None:
    pc = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    desk = pc.office.desk
    with full_disk(pc, 0):
        fault = refused(pc.leave)
    assert isinstance(fault, DiskFullFault)
    assert desk.keys.cleared
    pc.desk = None
    play.rest()
    assert telling.notes(play.world) == [1]


def attached(pc: Computer, text: str) -> str:
    """A file of the first case with a text of its own; its hash."""
    entry = FileEntry(role="evidence", title=text)
    data = PDF + text.encode()
    made = pc.office.attachments.add_bytes(a_case(pc, 0), data, "证据.pdf", "application/pdf", entry)
    pc.note_saved()
    return made.value.sha256


@pytest.mark.fault("DISK.eio_read")
def test_a_file_that_does_not_read_holds_up_no_other_and_is_tried_again(play: Play) -> None:
    pc = play.world.computers[0]
    bad, good = attached(pc, "第一份"), attached(pc, "第二份")
    play.take(Act(0, "lodge", 1))
    play.take(Pass(11))
    with unreadable(pc, bad):
        with pytest.raises(StorageFault) as caught:
            pc.office.attachments.read(bad)
        assert "读写不成。已存好的内容没有改动。请检查磁盘" in caught.value.message
        play.take(Exchange(0))
    (row,) = telling.rows(pc, "queued")
    assert row.why == "附件文件夹读写不成。已存好的内容没有改动。请检查磁盘是否接好、是否只读，再试一次。"
    states = {r.sha256: r.state for r in pc.read(select(uploads.c.sha256, uploads.c.state))}
    assert states[good] == "stored"
    play.rest()


@pytest.mark.fault("DISK.eio_fsync")
def test_what_does_not_reach_the_disk_is_not_called_saved(play: Play) -> None:
    pc = play.world.computers[0]
    for at in itertools.count():
        before = held(pc)
        with failing_writes(pc, at, errno.EIO) as disk:
            fault = refused(partial(ACTS["attach"], pc, 0, at))
        if fault is not None:
            words = "附件文件夹读写不成。已存好的内容没有改动。请检查磁盘是否接好、是否只读，再试一次。"
            assert fault.message == words
            assert held(pc) == before
        if not disk.failed:
            break
    assert at >= 4
    pc.note_saved()
    play.rest()


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param("missing", marks=pytest.mark.fault("DISK.blob_missing")),
        pytest.param("flipped", marks=pytest.mark.fault("DISK.blob_bitflip")),
    ],
)
@pytest.mark.parametrize("way", ["from the backup", "added again"])
def test_a_file_that_is_not_whole_is_named_and_comes_back(play: Play, harm: str, way: str) -> None:
    pc = play.world.computers[0]
    sha256, other = attached(pc, "第一份"), attached(pc, "第二份")
    Backups(pc.office.desk).make()
    vault = pc.office.desk.vault
    place = vault.blob_path(vault.blob_name(sha256))
    pc.disk_lies = True
    if harm == "missing":
        place.unlink()
    else:
        flip(place, -30)
    play.take(Pass(11))
    play.take(Exchange(0))
    (row,) = telling.rows(pc, "failed")
    assert "登记信息还在" in row.why
    assert "1 个文件不在本机了或坏了" in telling.headline(pc)
    assert "没有丢失" not in telling.headline(pc)
    if way == "from the backup":
        assert pc.office.backups.heal_file(a_case(pc, 0), sha256).value
    else:
        attached(pc, "第一份")
    play.rest()
    states = {r.sha256: r.state for r in pc.read(select(uploads.c.sha256, uploads.c.state))}
    assert states == {sha256: "stored", other: "stored"}
    assert not telling.rows(pc, "failed")


def _ended(pc: Computer, change: Callable[[Path], None]) -> None:
    """The program ends without a farewell, and something happens to its files before it is started again."""
    left = pc.folder.with_name(f"{pc.folder.name}.left")
    shutil.copytree(pc.folder, left)
    pc.leave()
    shutil.rmtree(pc.folder)
    left.rename(pc.folder)
    change(pc.folder / "store.db-wal")


def _lost(pc: Computer, count: int) -> None:
    """The loss of the last things written is told until it is read, at the sync centre and on 今日."""
    centre = pc.office.sync_centre
    assert centre.standing().lost_tail == count
    assert telling.headline(pc) == f"最后写的 {count} 项不在本机了，之前的都在。"
    words = lost_tail(count)
    assert f"案件库的日志少了一段，最后写的 {count} 项没有留住；之前的都在" in words
    assert "已发给平台的会自动收回来；没有发的，请看一遍案件，重新登记" in words
    assert next((one.kind, one.count) for one in pc.office.today.board().attention) == ("lost", count)
    centre.notice_read("lost_tail")
    assert centre.standing().lost_tail == 0


def _two_days(play: Play) -> int:
    """A note delivered and safe in the database; two more in the log, one delivered, one not. The log's
    length between those two."""
    pc = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    play.take(Pass(11))
    play.take(Exchange(0))
    pc.office.desk.store.checkpoint()
    play.take(Act(0, "note", 0, 2))
    length = (pc.folder / "store.db-wal").stat().st_size
    play.take(Pass(11))
    play.take(Exchange(0))
    play.take(Act(0, "note", 0, 3))
    return length


@pytest.mark.fault("DISK.wal_deleted")
def test_a_deleted_log_is_told_and_what_was_sent_comes_back(play: Play) -> None:
    pc = play.world.computers[0]
    _two_days(play)
    _ended(pc, Path.unlink)
    _lost(pc, 2)
    assert forget_lost(play.world, pc) == 1
    play.take(Exchange(0))
    code, words, _ = telling.standing(pc)
    assert code == "E-DEVICE-CLONED"
    assert "没有发出内容，内容都在本机。请重新登记本机" in words
    register_anew(pc)
    play.take(Act(0, "note", 0, 3))
    play.rest()
    assert telling.notes(play.world) == [1, 2, 3]


@pytest.mark.fault("DISK.wal_truncated")
def test_a_log_cut_short_is_told_and_what_is_left_goes_on(play: Play) -> None:
    pc = play.world.computers[0]
    length = _two_days(play)
    _ended(pc, lambda log: os.truncate(log, length + 100))
    _lost(pc, 1)
    assert forget_lost(play.world, pc) == 1
    play.take(Act(0, "note", 0, 3))
    play.rest()
    assert telling.notes(play.world) == [1, 2, 3]
    _ended(pc, lambda log: None)
    assert pc.office.sync_centre.standing().lost_tail == 0, "an end without loss tells of none"


@pytest.mark.fault("DISK.page_bitflip")
def test_a_flipped_bit_is_named_and_the_backup_takes_its_place(play: Play) -> None:
    pc = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    play.take(Act(0, "attach", 0, 1))
    Backups(pc.office.desk).make()
    root = "SELECT rootpage FROM sqlite_master WHERE name = 'outbox'"
    page = pc.office.desk.store.read(lambda conn: conn.exec_driver_sql(root).scalar_one())
    pc.leave()
    paths = ProfilePaths(pc.folder)
    broken = flip(paths.database, 4096 * (page - 1) + 200)
    with pytest.raises(DamagedFault) as caught:
        pc.office.sync_centre.rows()
    assert caught.value.subject == "database"
    assert "案件库有一部分损坏，读不出来。原文件没有改动" in caught.value.message
    assert "请在“设置—备份”里从最近一次备份找回，找回时会留下损坏的那一份" in caught.value.message
    assert backups.heal_database(paths, pc.clock, desk=pc.office.desk) is not None
    pc.desk = None
    (kept,) = paths.damaged.glob("*/store.db")
    assert len(kept.read_bytes()) == len(broken)
    play.rest()
    assert telling.notes(play.world) == [1]


@pytest.mark.fault("DISK.wrong_key")
def test_a_database_of_another_computer_is_refused_untouched(play: Play) -> None:
    pc, other = play.world.computers[:2]
    play.take(Act(0, "note", 0, 1))
    pc.leave()
    other.leave()
    place, aside = pc.folder / "store.db", pc.folder / "aside.db"
    place.rename(aside)
    shutil.copy(other.folder / "store.db", place)
    before = place.read_bytes()
    with pytest.raises(DamagedFault) as caught:
        pc.open()
    assert caught.value.code == "E-KEY"
    assert "钥匙和文件对不上，或文件开头损坏。原文件没有改动" in caught.value.message
    assert "如果换过或拷过文件，请放回原来的那一份；否则请从最近一次备份找回" in caught.value.message
    assert place.read_bytes() == before
    aside.replace(place)
    play.rest()
    assert telling.notes(play.world) == [1]


HOLD = """
import pathlib, sys
from app.storage.raw import open_raw
raw = open_raw(pathlib.Path(sys.argv[1]), bytes.fromhex(sys.stdin.readline()))
raw.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.mark.fault("DISK.av_lock")
def test_a_database_that_another_program_holds_is_told_and_taken_up_again(play: Play) -> None:
    pc = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    play.take(Pass(11))
    store = pc.office.desk.store
    store._raw_writer.execute("PRAGMA busy_timeout=100")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=ROOT,
    )  # fmt: skip
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(pc.office.desk.keys.db_key.hex() + "\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "held\n"
        before = held(pc)
        for work in (lambda: ACTS["note"](pc, 0, 2), pc.run):
            with pytest.raises(StorageFault) as caught:
                work()
            assert caught.value.code == "E-DB-BUSY"
            assert "案件库正被另一个程序占用，这一步没有存进去，之前存好的都在" in caught.value.message
            assert "请关掉正在拷贝或查杀它的程序，再试一次" in caught.value.message
        assert held(pc) == before
    play.take(Act(0, "note", 0, 2))
    play.rest()
    assert telling.notes(play.world) == [1, 2]


@pytest.mark.fault("DISK.av_lock")
def test_a_file_that_another_program_holds_is_told_and_not_half_taken(play: Play) -> None:
    pc = play.world.computers[0]
    before = held(pc)
    with failing_writes(pc, 4, errno.EACCES), pytest.raises(StorageFault) as caught:
        ACTS["attach"](pc, 0, 1)
    assert "附件文件夹正被另一个程序占用，或不允许写入。已存好的内容没有改动" in caught.value.message
    assert "请关掉正在拷贝或查杀它的程序，再试一次" in caught.value.message
    assert held(pc) == before
    play.take(Act(0, "attach", 0, 1))
    play.rest()

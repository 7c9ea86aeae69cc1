"""DISK.page_bitflip with work that no backup has: it is read from the damaged database."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy import Connection, select, update

from app.domain import casefile as cf
from app.domain.errors import DiskFullFault
from app.paths import ProfilePaths
from app.services import backups, kept_answers, salvage
from app.services.backups import Backups, Healed
from app.storage import tail, witness
from app.storage.salvage import pending
from app.storage.tables import kept_answers as local_answers
from app.storage.tables import meta, outbox, uploads
from tests.faults import telling
from tests.faults.disks import flip
from tests.harness.acts import a_case
from tests.harness.play import Play
from tests.harness.steps import Act, Exchange, Pass
from tests.harness.world import PASSPHRASE, Computer
from tests.helpers.desks import QUICK


def pages(conn: Connection, *names: str) -> list[int]:
    """Root pages of tables or indexes."""
    query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    return [int(conn.exec_driver_sql(query, (name,)).scalar_one()) for name in names]


def worked(play: Play) -> Computer:
    """A backup, and after it: something delivered, something undone, something that waits, a file."""
    pc = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    play.take(Pass(11))
    Backups(pc.office.desk).make()
    play.take(Exchange(0))
    play.take(Act(0, "note", 0, 2))
    play.take(Pass(11))
    play.take(Exchange(0))
    for number in (3, 4):
        play.take(Act(0, "note", 0, number))
    play.take(Act(0, "attach", 1, 1))
    play.take(Act(0, "note", 1, 5))
    pc.office.desk.store.checkpoint()
    return pc


def damaged(pc: Computer, *names: str) -> tuple[ProfilePaths, bytes]:
    """Bits flipped on the root pages of these tables; what the file is then."""
    found = pc.office.desk.store.read(lambda conn: pages(conn, *names))
    pc.leave()
    paths = ProfilePaths(pc.folder)
    broken = b""
    for page in found:
        broken = flip(paths.database, 4096 * (page - 1) + 200)
    return paths, broken


def healed(pc: Computer, paths: ProfilePaths) -> Healed:
    done = backups.heal_database(paths, pc.clock, desk=pc.office.desk)
    assert done is not None
    pc.desk = None
    return done


def heal(pc: Computer, *names: str) -> Healed:
    """Damage pages of these tables, and open what comes of it."""
    pc.office.desk.store.checkpoint()
    paths, _ = damaged(pc, *(names or ("inbox",)))
    done = healed(pc, paths)
    pc.open()
    return done


def states(pc: Computer) -> list[str]:
    return [row.state for row in pc.read(select(outbox.c.state).order_by(outbox.c.ordinal))]


@pytest.mark.fault("DISK.page_bitflip")
def test_what_was_written_after_the_backup_goes_on_under_the_same_device(play: Play) -> None:
    pc = worked(play)
    device_id = pc.office.desk.device_id
    before = {row.command_id: row.bytes for row in pc.read(select(outbox.c.command_id, outbox.c.bytes))}
    paths, broken = damaged(pc, "inbox", "case_docs")
    done = healed(pc, paths)
    assert (done.salvaged.commands, done.salvaged.waiting, done.salvaged.lost) == (5, 4, 0)
    assert "备份以后写的 5 项也从损坏的那一份里找回来了，其中 4 项还没有发出，会接着发。" in done.words
    (kept,) = paths.damaged.glob("*/store.db")
    assert kept.read_bytes() == broken, "the damaged one is kept as it is"
    assert sorted(one.name for one in kept.parent.iterdir() if ".part" in one.name) == []
    after = {row.command_id: row.bytes for row in pc.read(select(outbox.c.command_id, outbox.c.bytes))}
    assert after == before, "the very bytes that were signed"
    assert states(pc)[-4:] == ["waiting"] * 4
    assert pc.office.desk.store.read(lambda conn: witness.verify(paths, conn)).ok, "each has its trace"
    play.rest()
    assert telling.notes(play.world) == [1, 2, 3, 4]
    assert telling.notes(play.world, 1) == [5]
    assert pc.office.desk.device_id == device_id, "no need to register anew"
    assert set(pc.read(select(uploads.c.state))) == {("stored",)}, "the file went too"
    assert not pc.office.sync_centre.standing().lost_tail


@pytest.mark.fault("DISK.page_bitflip")
def test_what_cannot_be_read_is_counted_and_told(play: Play) -> None:
    pc = worked(play)
    paths, _ = damaged(pc, "outbox")
    done = healed(pc, paths)
    assert (done.salvaged.commands, done.salvaged.lost) == (0, 5)
    assert "备份以后写的有 5 项读不出来，请看一遍案件，没发出的要重新登记。" in done.words
    pc.open()
    assert pc.office.sync_centre.standing().lost_tail == 5


@pytest.mark.fault("DISK.page_bitflip")
def test_a_beginning_that_cannot_be_read_is_said(play: Play) -> None:
    pc = worked(play)
    pc.leave()
    paths = ProfilePaths(pc.folder)
    desk = pc.office.desk
    flip(paths.database, 40)
    done = backups.heal_database(paths, pc.clock, desk=desk)
    pc.desk = None
    assert done is not None
    assert not done.salvaged.looked
    assert "损坏的那一份读不出来" in done.words


def spoil_signature(conn: Connection) -> None:
    last = select(outbox.c.ordinal).order_by(outbox.c.ordinal.desc()).limit(1).scalar_subquery()
    conn.execute(update(outbox).where(outbox.c.ordinal == last).values(signature=b"s" * 64))


def spoil_bytes(conn: Connection) -> None:
    last = select(outbox.c.ordinal).order_by(outbox.c.ordinal.desc()).limit(1).scalar_subquery()
    conn.execute(update(outbox).where(outbox.c.ordinal == last).values(bytes=b"{}"))


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("spoil", [spoil_signature, spoil_bytes])
def test_only_what_its_author_signed_is_taken_over(play: Play, spoil: Callable[[Connection], None]) -> None:
    pc = worked(play)
    pc.office.desk.store.write(lambda conn: spoil(conn))
    pc.office.desk.store.checkpoint()
    paths, _ = damaged(pc, "inbox")
    done = healed(pc, paths)
    assert (done.salvaged.commands, done.salvaged.waiting, done.salvaged.lost) == (4, 3, 1)
    pc.open()
    assert states(pc)[-3:] == ["waiting"] * 3


@pytest.mark.fault("DISK.page_bitflip")
def test_undone_after_the_backup_stays_undone(play: Play) -> None:
    pc = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    Backups(pc.office.desk).make()
    play.take(Act(0, "undo", 0, 0))
    play.take(Act(0, "note", 0, 2))
    pc.office.desk.store.checkpoint()
    paths, _ = damaged(pc, "inbox")
    done = healed(pc, paths)
    assert (done.salvaged.commands, done.salvaged.lost) == (1, 0)
    play.rest()
    assert telling.notes(play.world) == [2]


@pytest.mark.fault("DISK.page_bitflip")
def test_what_never_leaves_the_computer_comes_along(play: Play) -> None:
    pc = worked(play)
    case_id = a_case(pc, 0)
    pc.office.drafts.save("note", case_id, {"text": "旧的"})
    Backups(pc.office.desk).make()
    pc.office.caucus.write(case_id, "单独谈的一段")
    ruling = cf.SubmissionEvent(at=pc.clock.now(), state="confirmed")
    pc.office.desk.store.write(lambda conn: kept_answers.follow(conn, case_id, "s1", (ruling,)))
    answers = pc.read(select(local_answers))
    play.take(Pass(60))
    pc.office.drafts.save("note", case_id, {"text": "写到一半"})
    heal(pc, "inbox")
    assert [note.text for note in pc.office.caucus.list(case_id)] == ["单独谈的一段"]
    assert len(answers) == 1
    assert pc.read(select(local_answers)) == answers, "no platform tells it again"
    kept = pc.office.drafts.get("note", case_id)
    assert kept is not None
    assert kept.body == {"text": "写到一半"}


@pytest.mark.fault("DISK.page_bitflip")
def test_what_never_leaves_the_computer_is_as_it_was_last(play: Play) -> None:
    pc = worked(play)
    case_id = a_case(pc, 0)
    note_id = pc.office.caucus.write(case_id, "单独谈的开头").value
    for kind in ("note", "session"):
        pc.office.drafts.save(kind, case_id, {"text": "写到一半"})
    Backups(pc.office.desk).make()
    pc.office.caucus.rewrite(note_id, "单独谈的开头，和后来补的")
    pc.office.drafts.discard("note", case_id)
    heal(pc, "inbox")
    assert [note.text for note in pc.office.caucus.list(case_id)] == ["单独谈的开头，和后来补的"]
    assert [draft.kind for draft in pc.office.drafts.all()] == ["session"], "the other was done with"


@pytest.mark.fault("DISK.page_bitflip")
def test_a_draft_stays_where_what_it_was_kept_as_is_lost(play: Play) -> None:
    """Saved after the backup, and the page with the record is the damaged one: the words are not gone."""
    pc = worked(play)
    case_id = a_case(pc, 0)
    pc.office.drafts.save("note", case_id, {"text": "写了一小时"})
    Backups(pc.office.desk).make()
    pc.office.drafts.discard("note", case_id)
    play.take(Act(0, "note", 0, 1))
    heal(pc, "outbox")
    kept = pc.office.drafts.get("note", case_id)
    assert kept is not None
    assert kept.body == {"text": "写了一小时"}


@pytest.mark.fault("DISK.page_bitflip")
def test_steps_of_an_application_after_the_backup_come_along(play: Play) -> None:
    pc = play.world.computers[0]
    centre = pc.office.sync_centre
    for step in (Act(0, "agree"), Pass(11), Exchange(0), Act(0, "lodge"), Pass(11), Exchange(0)):
        play.take(step)
    lodging = {row.what: row.why for row in centre.rows("delivered") if row.kind == "filing"}
    assert list(lodging) == ["司法确认申请"]
    Backups(pc.office.desk).make()
    for step in (Act(0, "take_back"), Pass(11), Exchange(0), Act(0, "note", 0, 1)):
        play.take(step)
    before = [row for row in centre.rows("all") if row.kind == "filing"]
    assert [row.what for row in before] == ["司法确认申请：撤回", "司法确认申请"]
    heal(pc, "inbox")
    after = [row for row in pc.office.sync_centre.rows("all") if row.kind == "filing"]
    assert after == before, "each once, each with its own receipt"
    play.rest()


def test_the_witness_of_the_last_number_follows(play: Play) -> None:
    pc = worked(play)
    last = pc.read(select(meta.c.value).where(meta.c.key == "dev_seq"))
    paths, _ = damaged(pc, "inbox")
    healed(pc, paths)
    pc.open()
    assert pc.read(select(meta.c.value).where(meta.c.key == "dev_seq")) == last
    mark = Path(pc.folder, tail.NAME).read_text("ascii")
    assert mark == f"{pc.office.desk.device_id} {last[0].value}"


class Killed(BaseException):
    """Ends what runs, as a kill does: no handler of the product may catch it."""


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("before", ["store.db", "audit-head.json", "the backup", "what was written after it"])
def test_a_healing_that_was_cut_loses_nothing_of_it(
    play: Play, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    pc = worked(play)
    written = {row.command_id for row in pc.read(select(outbox.c.command_id))}
    paths, _ = damaged(pc, "inbox")
    replace = Path.replace

    def cut(part: Path, target: Path) -> Path:
        moved = "the backup" if target == paths.database else part.name
        if moved == before and (target == paths.database or paths.damaged in target.parents):
            raise Killed
        return replace(part, target)

    def read(*_: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", cut)
        if before == "what was written after it":
            patch.setattr(salvage, "salvage", read)
        with pytest.raises(Killed):
            backups.heal_database(paths, pc.clock, desk=pc.office.desk)
    pc.desk = None
    if before != "what was written after it":
        done = backups.heal_database(paths, pc.clock, passphrase=PASSPHRASE, cost=QUICK)
        assert done is not None
        assert done.salvaged.commands == 5
    assert {row.command_id for row in pc.read(select(outbox.c.command_id))} == written
    assert states(pc)[-4:] == ["waiting"] * 4
    play.rest()
    assert telling.notes(play.world) == [1, 2, 3, 4]


@pytest.mark.fault("DISK.enospc_each_write")
def test_a_full_disk_puts_the_salvage_off_and_takes_nothing_away(play: Play) -> None:
    pc = worked(play)
    paths, _ = damaged(pc, "inbox", "case_docs")
    full = OSError(errno.ENOSPC, "no space left on device")
    with mock.patch.object(shutil, "copyfile", side_effect=full), pytest.raises(DiskFullFault):
        backups.heal_database(paths, pc.clock, passphrase=PASSPHRASE, cost=QUICK)
    assert pending(paths), "what was written after the backup is still to be read"
    pc.desk = None
    assert len(states(pc)) == 6, "the next start reads it"
    assert not pending(paths)

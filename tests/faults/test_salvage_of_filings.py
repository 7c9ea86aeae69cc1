"""DISK.page_bitflip: what was asked of a court, or chosen, after the backup that heals the database."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import select

from app.domain.errors import StateError
from app.domain.unsent import HEALED
from app.paths import ProfilePaths
from app.services import casework, filing_ground, filing_steps, package_records
from app.services.backups import Backups, Healed, heal_database
from app.storage import kv
from app.storage.salvage import PENDING
from app.storage.tables import filing_steps as steps
from app.storage.tables import filings, meta
from tests.faults.disks import flip
from tests.faults.test_salvage import heal
from tests.harness.acts import a_case
from tests.harness.play import Play
from tests.harness.steps import Act, Elsewhere, Exchange, Pass
from tests.harness.world import PASSPHRASE, Computer
from tests.helpers.desks import QUICK

WAITING = (Act(0, "agree"), Pass(11), Exchange(0), Act(0, "lodge"), Pass(11))
UNREADABLE = (
    "filings", "ix_filings_job", "ix_filings_case", "sqlite_autoindex_filings_1",
    "sqlite_autoindex_filings_2",
)  # fmt: skip
"""Every way to the table: an index that is whole would tell that a row is there no more."""
PACKAGES = (package_records.PREFIX, package_records.INSIDE, package_records.LOST)
KINDS = ("lodge", "withdraw", "supplement")


def waiting(play: Play, wanted: str = "lodge") -> Computer:
    """A step of an application that waits for the line, and a backup."""
    for step in WAITING:
        play.take(step)
    if wanted != "lodge":
        play.take(Exchange(0))
    if wanted == "supplement":
        for step in (Elsewhere("court", 0, 1), Exchange(0), Act(0, "supplement"), Pass(11)):
            play.take(step)
    elif wanted == "withdraw":
        play.take(Act(0, "take_back"))
    pc = play.world.computers[0]
    Backups(pc.office.desk).make()
    return pc


def taken_back(play: Play, wanted: str) -> None:
    play.take(Act(0, "take_back" if wanted == "lodge" else "recall"))


def healed_closed(pc: Computer, paths: ProfilePaths) -> Healed:
    """Healed at the start, by whoever comes in."""
    done = heal_database(paths, pc.clock, passphrase=PASSPHRASE, cost=QUICK)
    assert done is not None
    pc.open()
    return done


def court_rows(pc: Computer) -> tuple[list[Any], list[Any]]:
    return pc.read(select(filings).order_by(filings.c.submission_id)), pc.read(
        select(steps).order_by(steps.c.step_id)
    )


def marks(pc: Computer) -> dict[str, str]:
    kept = (filing_steps.SEEN, filing_ground.SEEN, *PACKAGES)
    return {row.key: row.value for row in pc.read(select(meta)) if row.key.startswith(kept)}


def stand(pc: Computer) -> list[tuple[str, str]]:
    return [(row.wanted, row.job) for row in pc.read(select(filings))]


def row_id(pc: Computer) -> str:
    (row,) = pc.read(select(filings.c.submission_id))
    return f"filing:{row.submission_id}"


def a_day(play: Play) -> None:
    for step in (Exchange(0), Pass(60), Exchange(0)):
        play.take(step)


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("wanted", KINDS)
def test_taken_back_after_the_backup_is_not_sent(play: Play, wanted: str) -> None:
    pc = waiting(play, wanted)
    taken_back(play, wanted)
    play.take(Act(0, "note", 0, 1))
    before = court_rows(pc)
    done = heal(pc)
    assert court_rows(pc) == before
    assert "停下" not in done.words
    a_day(play)
    assert (wanted, "done") not in stand(pc)
    play.rest()


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("wanted", KINDS)
def test_carried_out_after_the_backup_keeps_its_receipt(play: Play, wanted: str) -> None:
    pc = waiting(play, wanted)
    play.take(Exchange(0))
    play.take(Act(0, "note", 0, 1))
    before = court_rows(pc)
    assert before[0][0].receipt is not None
    heal(pc)
    assert court_rows(pc) == before
    if wanted == "lodge":
        pc.office.filing.withdraw(a_case(pc, 0))
        assert stand(pc) == [("withdraw", "waiting")], "the court has it, and is asked"
    a_day(play)
    play.rest()


@pytest.mark.fault("DISK.page_bitflip")
def test_asked_for_after_the_backup_goes_with_what_its_author_saw(play: Play) -> None:
    pc = waiting(play)
    play.take(Exchange(0))
    play.take(Act(0, "take_back"))
    before, seen = court_rows(pc), marks(pc)
    assert any(key.startswith(filing_steps.SEEN) for key in seen)
    heal(pc)
    assert (court_rows(pc), marks(pc)) == (before, seen)
    a_day(play)
    assert stand(pc) == [("withdraw", "done")]
    play.rest()


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("given_up", [False, True])
def test_packed_after_the_backup_stays_in_its_package(play: Play, tmp_path: Path, given_up: bool) -> None:
    pc = waiting(play)
    record = pc.office.packages.pack(tmp_path).value
    if given_up:
        pc.office.packages.give_up(record.package_id)
    play.take(Act(0, "note", 0, 1))
    before, kept = court_rows(pc), marks(pc)
    heal(pc)
    assert (court_rows(pc), marks(pc)) == (before, kept)
    assert [one.package_id for one in pc.office.packages.known()] == [record.package_id]
    if given_up:
        assert pc.office.desk.store.read(lambda conn: package_records.held_in(conn, record.package_id))
        return
    with pytest.raises(StateError):
        pc.office.filing.withdraw(a_case(pc, 0))


@pytest.mark.fault("DISK.page_bitflip")
def test_what_lies_in_a_package_is_confirmed_by_it(play: Play, tmp_path: Path) -> None:
    pc = waiting(play)
    pc.office.packages.pack(tmp_path)
    done = heal(pc, *UNREADABLE)
    assert done.salvaged.stopped == 0
    with pytest.raises(StateError):
        pc.office.filing.withdraw(a_case(pc, 0))


@pytest.mark.fault("DISK.page_bitflip")
def test_a_package_whose_receipt_was_read_after_the_backup_holds_nothing(play: Play, tmp_path: Path) -> None:
    pc = play.world.computers[0]
    for step in WAITING:
        play.take(step)
    record = pc.office.packages.pack(tmp_path).value
    Backups(pc.office.desk).make()
    pc.office.desk.store.write(
        lambda conn: package_records.receipt_read(
            conn, package_records.load(conn, record.package_id) or record
        )
    )
    heal(pc)
    assert not [key for key in marks(pc) if key.startswith(package_records.INSIDE)]


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("wanted", KINDS)
def test_what_cannot_be_confirmed_waits_for_a_person(play: Play, wanted: str) -> None:
    pc = waiting(play, wanted)
    taken_back(play, wanted)
    done = heal(pc, *UNREADABLE)
    assert done.salvaged.stopped == 1
    assert "要交法院的 1 项停下了，没有再发" in done.words
    assert stand(pc) == [(wanted, "failed")]
    (told,) = [one for one in pc.office.sync_centre.rows("needs_you") if one.kind == "filing"]
    assert told.action == "看原因"
    for words in ("从备份找回", "写的和材料都在本机", "按“现在再发”", "按“知道了，收起”"):
        assert words in told.why
    a_day(play)
    assert stand(pc) == [(wanted, "failed")], "nothing goes by itself"
    pc.office.sync_centre.put_aside(row_id(pc))
    a_day(play)
    assert stand(pc) == [(wanted, "settled")]


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("wanted", KINDS)
def test_what_cannot_be_confirmed_goes_once_a_person_says_so(play: Play, wanted: str) -> None:
    pc = waiting(play, wanted)
    heal(pc, *UNREADABLE)
    assert stand(pc) == [(wanted, "failed")]
    pc.office.sync_centre.retry_now(row_id(pc))
    assert stand(pc) == [(wanted, "unknown")], "the platform is asked first"
    a_day(play)
    assert stand(pc) == [(wanted, "done")]
    play.rest()


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("wanted", KINDS)
def test_what_the_platform_has_by_now_gets_its_receipt_again(play: Play, wanted: str) -> None:
    pc = waiting(play, wanted)
    play.take(Exchange(0))
    (receipt,) = pc.read(select(filings.c.receipt))
    pc.receipts.clear()
    heal(pc, *UNREADABLE)
    if wanted == "lodge":
        with pytest.raises(StateError, match="可能已经发给了平台"):
            pc.office.filing.withdraw(a_case(pc, 0))
    assert stand(pc) == [(wanted, "failed")]
    a_day(play)
    assert stand(pc) == [(wanted, "done")]
    assert pc.read(select(filings.c.receipt)) == [receipt]
    play.rest()


@pytest.mark.fault("DISK.page_bitflip")
def test_nothing_can_be_read_and_nothing_is_sent_unseen(play: Play) -> None:
    pc = waiting(play)
    taken_back(play, "lodge")
    pc.office.desk.store.checkpoint()
    pc.leave()
    paths = ProfilePaths(pc.folder)
    flip(paths.database, 40)
    done = healed_closed(pc, paths)
    assert not done.salvaged.looked
    assert "要交法院的 1 项停下了" in done.words
    a_day(play)
    assert pc.read(select(filings.c.job, filings.c.error_code)) == [("failed", HEALED)]


@pytest.mark.fault("DISK.page_bitflip")
def test_a_damaged_database_that_is_older_than_the_backup_takes_nothing_away(play: Play) -> None:
    pc = play.world.computers[0]
    for step in WAITING[:3]:
        play.take(step)
    pc.office.desk.store.checkpoint()
    paths = ProfilePaths(pc.folder)
    older = paths.database.read_bytes()
    for step in (*WAITING[3:], Exchange(0), Act(0, "take_back")):
        play.take(step)
    before = court_rows(pc)
    Backups(pc.office.desk).make()
    pc.leave()
    paths.database.write_bytes(older)
    done = healed_closed(pc, paths)
    rows, kept = court_rows(pc)
    assert kept == before[1], "what the court has keeps its receipt"
    assert [(row.wanted, row.error_code) for row in rows] == [("withdraw", HEALED)]
    assert done.salvaged.stopped == 1


@pytest.mark.fault("DISK.page_bitflip")
def test_a_backup_damaged_in_its_turn_says_nothing_of_what_followed_it(play: Play) -> None:
    pc = waiting(play)
    pc.office.desk.store.checkpoint()
    paths = ProfilePaths(pc.folder)
    as_backed_up = paths.database.read_bytes()
    taken_back(play, "lodge")
    pc.office.desk.store.checkpoint()
    pc.leave()
    first, second = (paths.damaged / name for name in ("20200101T000000", "20200101T000001"))
    for folder in (first, second):
        folder.mkdir(parents=True)
        (folder / PENDING).touch()
    shutil.copyfile(paths.database, first / paths.database.name)
    (second / paths.database.name).write_bytes(as_backed_up)
    paths.database.write_bytes(as_backed_up)
    pc.open()
    assert stand(pc) == []


def chosen(play: Play) -> tuple[Computer, str]:
    """Two values for one field, and a backup."""
    for step in (
        Act(0, "address", value=0), Act(1, "address", value=1), Pass(11), Exchange(1), Exchange(0),
    ):  # fmt: skip
        play.take(step)
    pc = play.world.computers[0]
    (conflict_id,) = pc.office.resolving.open_ids()
    return pc, conflict_id


@pytest.mark.fault("DISK.page_bitflip")
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_choice_after_the_backup_is_not_asked_again(play: Play, choice: Literal["mine", "theirs"]) -> None:
    pc, conflict_id = chosen(play)
    Backups(pc.office.desk).make()
    pc.office.resolving.resolve(conflict_id, choice)
    play.take(Pass(11))
    heal(pc)
    assert pc.office.resolving.open_ids() == ()
    a_day(play)
    assert pc.office.resolving.open_ids() == ()
    play.rest()


@pytest.mark.fault("DISK.page_bitflip")
def test_a_choice_taken_back_after_the_backup_is_open(play: Play) -> None:
    pc, conflict_id = chosen(play)
    undo_id = pc.office.resolving.resolve(conflict_id, "theirs").undo_id
    assert undo_id is not None
    Backups(pc.office.desk).make()
    casework.undo(pc.office.desk, undo_id)
    heal(pc)
    assert pc.office.resolving.open_ids() == (conflict_id,)


@pytest.mark.fault("DISK.page_bitflip")
def test_a_choice_that_cannot_be_read_is_asked_again(play: Play) -> None:
    pc, conflict_id = chosen(play)
    Backups(pc.office.desk).make()
    pc.office.resolving.resolve(conflict_id, "theirs")
    heal(pc, "outbox")
    assert pc.office.resolving.open_ids() == (conflict_id,), "nothing of it will be sent"


@pytest.mark.fault("DISK.page_bitflip")
def test_damage_elsewhere_leaves_the_marks_of_commands_readable(play: Play) -> None:
    pc = waiting(play)
    pc.office.desk.store.write(lambda conn: kv.put(conn, "acknowledged:x", "2026-01-01T00:00:00Z"))
    heal(pc)
    assert pc.office.desk.store.read(lambda conn: kv.get(conn, "acknowledged:x"))

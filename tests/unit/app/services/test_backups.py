"""Backups: due once a day, cleared away in time, and restored beside what stood there."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import SHANGHAI, FixedClock
from app.domain.errors import FieldError, ProfileInUseFault, UserError, WrongPassphraseError
from app.paths import ProfilePaths
from app.services import backups, profile
from app.services.backups import Backups
from app.services.desk import Desk
from app.services.profile import NewPerson
from app.storage import doctor, kv
from app.storage.lock import ProfileLock
from app.storage.tables import files
from app.storage.vault import StoredFile
from tests.helpers.desks import INSTITUTION, PEOPLE, QUICK

PASSPHRASE = "梧桐树下的春天又长又暖和"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(at("2026-11-23 10:00"))


@pytest.fixture
def paths(tmp_path: Path) -> ProfilePaths:
    return ProfilePaths(tmp_path / "profile")


@pytest.fixture
def desk(paths: ProfilePaths, clock: FixedClock) -> Iterator[Desk]:
    made, _ = profile.create_profile(paths, NewPerson("周敏芳", "zhou"), PASSPHRASE, clock=clock, cost=QUICK)
    facts = profile.EnrolmentFacts(
        url="http://127.0.0.1:1/v1", person_id="p-zhou", institution=INSTITUTION, people=PEOPLE, epoch="e",
        scope="institution", platform_sign_public=b"s" * 32, platform_seal_public=b"b" * 32,
    )  # fmt: skip
    opened = profile.finish_enrolment(paths, made, facts)
    yield opened
    opened.store.close()


def test_a_backup_is_due_once_a_day(desk: Desk, clock: FixedClock) -> None:
    service = Backups(desk)
    assert not service.due(), "nothing was fetched yet: a backup of it would bring back an empty day"
    desk.store.write(lambda conn: kv.put(conn, "cursor", "1"))
    assert service.due()
    assert service.last() is None
    service.make()
    assert not service.due()
    clock.set(at("2026-11-23 18:01"))
    assert service.due()
    service.make()
    clock.set(at("2026-11-24 09:00"))
    assert not service.due()
    clock.set(at("2026-11-25 09:00"))
    assert service.due(), "yesterday's was missed"
    service.change_policy(enabled=False)
    assert not service.due()
    last = service.last()
    assert last is not None
    assert last.path.name == "jiefen-20261123T100100Z.jfbackup"
    assert service.verify(last.path).ok


def test_old_daily_backups_are_cleared_away(desk: Desk, clock: FixedClock) -> None:
    service = Backups(desk)
    service.change_policy(days=2, weeks=1)
    for _ in range(4):
        service.make()
        clock.advance(dt.timedelta(days=1))
    assert len(service.list()) == 2


def test_policy_values_that_cannot_be(desk: Desk, tmp_path: Path) -> None:
    service = Backups(desk)
    for changes in ({"hour": 24}, {"days": 0}, {"folder": str(tmp_path / "missing")}):
        with pytest.raises(FieldError):
            service.change_policy(**changes)
    assert service.policy() == backups.BackupPolicy()


def test_a_backup_copied_elsewhere_keeps_its_time(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    service = Backups(desk)
    service.make()
    (made,) = service.list()
    copied, renamed, junk = (
        made.path.with_name(f"{name}.jfbackup") for name in (f"{made.path.stem} (1)", "拷贝", "空的")
    )
    for copy in (copied, renamed):
        copy.write_bytes(made.path.read_bytes())
    junk.write_bytes(b"no backup")
    for path in (made.path, copied, renamed, junk):
        os.utime(path, (0, 0))
    times = {one.path: one.made_at for one in service.list()}
    assert times[made.path] == times[copied] == times[renamed] == clock.now()
    assert times[junk] == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    junk.unlink()
    newest = backups.newest(service.paths, clock)
    assert newest is not None
    assert newest.made_at == clock.now()


def test_an_existing_file_is_not_overwritten(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "mine.jfbackup"
    target.write_bytes(b"something else")
    with pytest.raises(FieldError):
        Backups(desk).make(target)
    assert target.read_bytes() == b"something else"


def test_restoring_keeps_what_stood_there(
    desk: Desk, paths: ProfilePaths, clock: FixedClock, tmp_path: Path
) -> None:
    file = tmp_path / "usb" / "copy.jfbackup"
    Backups(desk).make(file)
    profile.close(desk)
    with pytest.raises(WrongPassphraseError):
        backups.restore(file, paths, "别的口令也有十二个字长呢", clock=clock, cost=QUICK)
    with ProfileLock(paths.lock) as lock:
        lock.acquire()
        with pytest.raises(ProfileInUseFault):
            backups.restore(file, paths, PASSPHRASE, clock=clock, cost=QUICK)
    assert [p.name for p in tmp_path.iterdir() if "restored" in p.name] == []
    done = backups.restore(file, paths, PASSPHRASE, clock=clock, cost=QUICK)
    assert done.previous is not None
    assert ProfilePaths(done.previous).exists
    again = profile.unlock(paths, PASSPHRASE, "zhou", clock=clock, cost=QUICK)
    assert again.person == PEOPLE[0]
    profile.close(again)


def test_restoring_to_an_empty_place(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    file = tmp_path / "copy.jfbackup"
    Backups(desk).make(file)
    target = ProfilePaths(tmp_path / "new")
    done = backups.restore(file, target, PASSPHRASE, clock=clock, cost=QUICK)
    assert done.previous is None
    assert target.exists
    with pytest.raises(UserError):
        backups.restore(tmp_path / "nothing", ProfilePaths(tmp_path / "other"), PASSPHRASE, clock=clock)


def add_file(desk: Desk, content: bytes) -> StoredFile:
    """A file of the vault with its row."""
    stored = desk.vault.add_bytes(content)
    row = {
        "sha256": stored.sha256, "blob": stored.blob, "size": stored.size, "media_type": "application/pdf",
        "wrapped_key": stored.wrapped_key, "state": "present", "added_at": "2026-11-23T02:00:00Z",
    }  # fmt: skip
    desk.store.write(lambda conn: conn.execute(files.insert().values(row)) and None)
    return stored


def spoil(path: Path) -> None:
    """One bit of the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def state_of(desk: Desk, stored: StoredFile) -> str:
    query = select(files.c.state).where(files.c.sha256 == stored.sha256)
    return desk.store.read(lambda conn: str(conn.execute(query).scalar_one()))


def test_a_file_damaged_since_the_last_backup_is_brought_back_before_that_backup_goes(
    desk: Desk, clock: FixedClock
) -> None:
    spoilt, gone = add_file(desk, b"photo" * 9_000), add_file(desk, b"sound" * 9_000)
    backups_ = Backups(desk)
    first = backups_.make().value
    spoil(desk.vault.blob_path(spoilt.blob))
    desk.vault.blob_path(gone.blob).unlink()
    clock.advance(dt.timedelta(hours=1))
    second = backups_.make().value
    assert second.ok
    assert second.files == 2
    assert not first.path.exists(), "of one day the newest is kept: it holds all that the first one held"
    for stored in (spoilt, gone):
        desk.vault.verify(stored)
        assert state_of(desk, stored) == "present"
    assert backups_.verify(second.path).ok


def test_a_backup_says_which_files_it_could_not_take_whole(desk: Desk, clock: FixedClock) -> None:
    whole, spoilt, gone = (add_file(desk, word * 9_000) for word in (b"a", b"b", b"c"))
    spoil(desk.vault.blob_path(spoilt.blob))
    desk.vault.blob_path(gone.blob).unlink()
    backups_ = Backups(desk)
    report = backups_.make().value
    assert set(report.lacking) == {spoilt.sha256, gone.sha256}
    assert not report.ok
    assert not report.damage
    assert "有 2 个附件在本机已经损坏或不在了" in report.problems[0]
    assert [state_of(desk, one) for one in (whole, spoilt, gone)] == ["present", "damaged", "missing"]
    paths = ProfilePaths(desk.store.path.parent)
    said = [one for one in doctor.examine(paths, desk.keys, clock) if one.area == "backup"]
    assert [one.ok for one in said] == [False]
    assert "2 个附件不完整" in said[0].text

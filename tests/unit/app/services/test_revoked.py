"""A computer that its institution took out of use stays locked until the platform says otherwise."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import FixedClock
from app.paths import ProfilePaths
from app.services import backups, firstboard, lockscreen, profile, revoked
from app.services.backups import Backups
from app.services.desk import Desk
from app.services.profile import NewPerson
from app.services.revoked import RevokedError
from app.services.sync_port import SyncPort
from app.storage import audit
from app.storage.keyslots import KeyFile
from app.storage.tables import audit as table
from tests.helpers.desks import QUICK
from tests.unit.app.services.test_profile import PASSPHRASE, SECOND, facts

SAID = ("这台电脑已被机构停用。", revoked.CODE)


@pytest.fixture
def desk(paths: ProfilePaths, clock: FixedClock) -> Desk:
    made, _ = profile.create_profile(paths, NewPerson("周敏芳", "zhou"), PASSPHRASE, clock=clock, cost=QUICK)
    return profile.finish_enrolment(paths, made, facts())


def told(desk: Desk, error: tuple[str, str] = SAID) -> None:
    """A run ends as the engine ends it."""
    SyncPort(desk).state.failed(desk.clock.now(), error, None, ())


def unlock(paths: ProfilePaths, clock: FixedClock, **more: bool) -> Desk:
    return profile.unlock(paths, PASSPHRASE, clock=clock, cost=QUICK, **more)


def lock(paths: ProfilePaths, desk: Desk) -> None:
    told(desk)
    profile.close(desk)


def test_it_stays_locked_at_every_start_and_says_why(
    paths: ProfilePaths, desk: Desk, clock: FixedClock
) -> None:
    lock(paths, desk)
    for _ in range(2):
        with pytest.raises(RevokedError) as refused:
            unlock(paths, clock)
        happened, kept, following = revoked.words(refused.value.mark)
        assert happened == "这台电脑已被机构停用，已经锁住（11月23日 10:42 平台告知）。"
        assert kept == "记下的都加密存在本机，没有丢，都已经发出。"
        assert "联系机构负责人" in following
        assert "重新登记本机" in following
    card = lockscreen.card_of(paths)
    assert card.revoked is not None
    assert card.revoked.device_id == desk.device_id


@pytest.mark.parametrize("code", ["E-DEVICE", "E-DEVICE-CLONED", "E-DEVICE-UNKNOWN", "E-SIGN-IN"])
def test_nothing_else_locks(paths: ProfilePaths, desk: Desk, clock: FixedClock, code: str) -> None:
    told(desk, ("平台不再接收这台电脑的内容。", code))
    profile.close(desk)
    profile.close(unlock(paths, clock))


def test_a_lost_card_does_not_open_it(paths: ProfilePaths, desk: Desk, clock: FixedClock) -> None:
    lock(paths, desk)
    (paths.root / lockscreen.CARD).unlink()
    person = lockscreen.choose(paths, clock)
    keys = KeyFile(paths.keys, clock, cost=QUICK).unlock(person.slot_id, PASSPHRASE)
    assert firstboard.read(paths, keys, person, clock) is None, "nothing is painted before it is known"
    keys.clear()
    with pytest.raises(RevokedError):
        unlock(paths, clock)
    assert lockscreen.card_of(paths).revoked is not None, "the card is written anew"


def test_a_program_killed_right_after_it_was_told(paths: ProfilePaths, desk: Desk, clock: FixedClock) -> None:
    told(desk)
    desk.store.close()
    assert lockscreen.card_of(paths).revoked is None
    with pytest.raises(RevokedError):
        unlock(paths, clock)


def test_a_backup_from_before_does_not_open_it(
    paths: ProfilePaths, desk: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    file = tmp_path / "before.jfbackup"
    Backups(desk).make(file)
    lock(paths, desk)
    done = backups.restore(file, paths, PASSPHRASE, clock=clock, cost=QUICK)
    with pytest.raises(RevokedError):
        unlock(done.paths, clock)


def test_a_backup_is_made_and_kept_while_it_is_locked(
    paths: ProfilePaths, desk: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    lock(paths, desk)
    again = unlock(paths, clock, although_revoked=True)
    assert Backups(again).make(tmp_path / "kept.jfbackup").value.ok
    profile.close(again)
    with pytest.raises(RevokedError):
        unlock(paths, clock)


def test_the_recovery_code_changes_the_passphrase_and_opens_nothing(
    paths: ProfilePaths, clock: FixedClock
) -> None:
    made, code = profile.create_profile(paths, NewPerson("周敏芳"), PASSPHRASE, clock=clock, cost=QUICK)
    lock(paths, profile.finish_enrolment(paths, made, facts()))
    desk, fresh = profile.recover(paths, code, SECOND, clock=clock, cost=QUICK)
    assert fresh != code
    assert revoked.standing(paths, desk) is not None, "the caller is told"
    profile.close(desk)
    with pytest.raises(RevokedError):
        profile.unlock(paths, SECOND, clock=clock, cost=QUICK)


def test_the_platform_takes_it_again(paths: ProfilePaths, desk: Desk, clock: FixedClock) -> None:
    lock(paths, desk)
    again = unlock(paths, clock, although_revoked=True)
    revoked.lift(paths, again)
    profile.close(again)
    opened = unlock(paths, clock)
    assert lockscreen.card_of(paths).revoked is None
    assert _actions(opened)[-2:] == ["device.revoked", "device.reinstated"]
    assert opened.store.read(audit.verify).ok
    profile.close(opened)


def test_registered_anew_it_opens_and_the_mark_is_gone(
    paths: ProfilePaths, desk: Desk, clock: FixedClock
) -> None:
    lock(paths, desk)
    again = profile.new_device(unlock(paths, clock, although_revoked=True))
    profile.close(profile.finish_enrolment(paths, again, facts()))
    profile.close(unlock(paths, clock))
    assert lockscreen.card_of(paths).revoked is None


def test_told_twice_it_is_kept_once(paths: ProfilePaths, desk: Desk, clock: FixedClock) -> None:
    told(desk)
    clock.advance(dt.timedelta(hours=1))
    told(desk)
    assert _actions(desk).count("device.revoked") == 1
    mark = revoked.standing(paths, desk)
    assert mark is not None
    assert "10:42" in "".join(revoked.words(mark))
    profile.close(desk)


def _actions(desk: Desk) -> list[str]:
    query = select(table.c.action).order_by(table.c.seq)
    return desk.store.read(lambda conn: list(conn.execute(query).scalars()))

"""DEVICE: computers that are copied, put back, emptied or stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from app.paths import ProfilePaths
from app.services import backups, profile, revoked
from app.services.backups import Backups
from app.services.revoked import RevokedError
from app.storage import doctor
from app.storage.tables import outbox
from sync.sandbox import tables as t
from sync.sandbox.accounts import Caller
from tests.faults import telling
from tests.faults.devices import copied, forget_lost, register_anew
from tests.harness.acts import ACTS, a_case
from tests.harness.play import Play
from tests.harness.steps import Act, Exchange, Pass
from tests.harness.world import PASSPHRASE, Computer, World
from tests.helpers.desks import QUICK


def sent(play: Play, *acts: Act) -> None:
    """Acts of the first computer, delivered."""
    for act in acts:
        play.take(act)
    play.take(Pass(11))
    play.take(Exchange(0))
    assert play.world.computers[0].office.sync_centre.counts().waiting == 0


@pytest.mark.fault("DEVICE.clone")
def test_computers_that_share_one_profile_are_told_and_part(play: Play) -> None:
    original = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    copy = copied(play.world, original, "copy")
    play.take(Act(0, "note", 0, 2))
    play.take(Act(3, "note", 0, 3))
    play.take(Act(3, "address", 1, 1))
    play.take(Pass(11))
    play.take(Exchange(0))
    play.take(Exchange(3))
    (refused,) = telling.rows(copy, "failed")
    assert "另有一台电脑在用同一个设备编号" in refused.why
    assert "请重新登记本机，未发出的内容会保留" in refused.why
    assert "重新登记后接着发，不会重复" in copy.office.sync_centre.standing().register_again
    play.take(Exchange(0))
    code, words, goes_on = telling.standing(original)
    assert (code, goes_on) == ("E-DEVICE-CLONED", False)
    assert "另有一台在用同一个编号" in words
    assert "内容都在本机。请重新登记本机" in words
    for pc in (original, copy):
        register_anew(pc)
    play.rest()
    assert telling.notes(play.world) == [1, 2, 3]
    for pc in play.world.computers:
        assert not telling.rows(pc, "failed")
        assert not pc.office.sync_centre.standing().register_again


@pytest.mark.fault("DEVICE.old_backup_restored")
def test_an_old_backup_gets_back_from_the_platform_what_it_lacks(play: Play) -> None:
    pc = play.world.computers[0]
    sent(play, Act(0, "note", 0, 1))
    play.take(Act(0, "note", 0, 2))
    backup = _backed_up(pc)
    sent(play, Act(0, "contact", 1), Act(0, "accept", 1), Act(0, "attach", 0, 1), Act(0, "note", 0, 3))
    pc.leave()
    restored = backups.restore(backup, ProfilePaths(pc.folder), PASSPHRASE, clock=pc.clock, cost=QUICK)
    assert restored.previous is not None
    assert (restored.previous / "store.db").exists(), "what stood there before is kept"
    pc.went_back = True
    play.take(Exchange(0))
    code, words, goes_on = telling.standing(pc)
    assert (code, goes_on) == ("E-DEVICE-CLONED", False)
    assert "可能用旧的备份恢复过" in words
    assert "没有发出内容，内容都在本机。请重新登记本机" in words
    assert telling.headline(pc) == "收发停下来了。1 项在本机等着，处理好后自动发。"
    register_anew(pc)
    play.rest()
    assert telling.notes(play.world) == [1, 2, 3]


def _lossy(play: Play) -> Computer:
    """A computer of whose outbox the rows of one case are gone: one delivered, one not. It has said so."""
    pc = play.world.computers[0]
    sent(play, Act(0, "note", 0, 1))
    play.take(Act(0, "note", 0, 2))
    play.take(Act(0, "note", 1, 5))
    _backed_up(pc)
    case_id = a_case(pc, 0)
    lost = delete(outbox).where(outbox.c.case_id == case_id)
    pc.office.desk.store.write(lambda conn: conn.execute(lost) and None)
    ACTS["note"](pc, 0, 4)
    play.world.pass_time(11)
    assert pc.run().error is not None
    code, words, goes_on = telling.standing(pc)
    assert (code, goes_on) == ("E-OUTBOX-LOST", False)
    assert "本机的发送记录少了 2 条，可能是文件损坏。没有再发出内容，其余都在本机" in words
    assert "请在“设置—备份”里从最近一次备份找回；没有备份就重新登记本机" in words
    (held,) = telling.rows(pc, "failed")
    assert "从备份找回后接着发；重新登记本机后也会再发" in held.why
    found = doctor.examine(ProfilePaths(pc.folder), pc.office.desk.keys, pc.clock)
    assert [one.area for one in found if not one.ok] == ["outbox"]
    return pc


@pytest.mark.fault("DEVICE.outbox_lost")
def test_an_outbox_that_lost_rows_comes_back_from_the_backup(play: Play) -> None:
    pc = _lossy(play)
    paths = ProfilePaths(pc.folder)
    assert backups.heal_database(paths, pc.clock, desk=pc.office.desk) is not None
    pc.desk = None
    assert list(paths.damaged.glob("*/store.db")), "the damaged one is kept"
    play.rest()
    # Also the one written after the backup: it lay in the damaged database, signed and in its place.
    assert (telling.notes(play.world), telling.notes(play.world, 1)) == ([1, 2, 4], [5])


@pytest.mark.fault("DEVICE.outbox_lost")
def test_without_a_backup_all_but_the_lost_rows_go_on(play: Play) -> None:
    pc = _lossy(play)
    pc.note_saved()
    assert forget_lost(play.world, pc) == 1
    register_anew(pc)
    play.rest()
    assert (telling.notes(play.world), telling.notes(play.world, 1)) == ([1, 4], [5])


@pytest.mark.fault("DEVICE.revoked")
def test_a_computer_that_was_stopped_keeps_all_and_goes_on_when_registered_anew(play: Play) -> None:
    pc = play.world.computers[0]
    play.take(Act(0, "note", 0, 1))
    play.take(Act(0, "attach", 0, 1))
    play.world.platform.accounts.revoke(_head(play.world), pc.office.desk.device_id)
    play.take(Pass(11))
    play.take(Exchange(0))
    code, words, goes_on = telling.standing(pc)
    assert (code, goes_on) == ("E-DEVICE-REVOKED", False)
    assert "这台电脑已被机构停用，不再收发。已记录的内容仍在本机，请联系机构负责人" in words
    assert telling.headline(pc) == "收发停下来了。3 项在本机等着，处理好后自动发。"
    assert pc.office.sync_centre.standing().register_again == words
    assert {row.why for row in telling.rows(pc)} == {"收发停着，处理好后接着发"}
    play.take(Act(0, "note", 0, 2))
    pc.leave()
    with pytest.raises(RevokedError) as refused:
        pc.open()
    assert "已经锁住" in refused.value.message
    assert "其中 4 项还没有发出" in refused.value.message
    pc.desk = profile.unlock(
        ProfilePaths(pc.folder), PASSPHRASE, clock=pc.clock, cost=QUICK, although_revoked=True
    )
    register_anew(pc)
    pc.leave()
    play.rest()
    assert telling.notes(play.world) == [1, 2]


@pytest.mark.fault("DEVICE.revoked")
def test_a_computer_that_was_stopped_by_mistake_is_taken_again(play: Play) -> None:
    pc = play.world.computers[0]
    accounts, device_id = play.world.platform.accounts, pc.office.desk.device_id
    play.take(Act(0, "note", 0, 1))
    play.take(Pass(11))
    accounts.revoke(_head(play.world), device_id)
    play.take(Exchange(0))
    pc.leave()
    accounts.reinstate(device_id)
    with pytest.raises(RevokedError):
        pc.open()
    pc.desk = profile.unlock(
        ProfilePaths(pc.folder), PASSPHRASE, clock=pc.clock, cost=QUICK, although_revoked=True
    )
    assert pc.run().error is None
    revoked.lift(ProfilePaths(pc.folder), pc.desk)
    pc.leave()
    play.rest()
    assert telling.notes(play.world) == [1]
    assert pc.office.desk.device_id == device_id


def _backed_up(pc: Computer) -> Path:
    made = Backups(pc.office.desk)
    made.make()
    last = made.last()
    assert last is not None
    return last.path


def _head(world: World) -> Caller:
    """The head of the institution, signed in at another place."""
    with world.platform.store.read() as conn:
        row = conn.execute(select(t.users).where(t.users.c.role == "head")).first()
    assert row is not None
    return Caller(row.person_id, "head", "elsewhere", "", "", row.institution_id)

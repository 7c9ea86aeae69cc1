"""The journey, last part: files and disks that fail, backups, people, another device, a later version."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil

import msgspec
from sqlalchemy import select

from app.clock import SystemClock
from app.domain.errors import JiefenError
from app.services import backups, profile, settings
from app.services.holidays import HolidayYear
from app.storage import doctor, integrity, tail
from app.storage import tables as local
from app.storage.schema.head import schema_version
from sync.sandbox.seeding import PASSWORD
from tests.faults.disks import flip
from tests.helpers.desks import QUICK
from tests.kill9.journey import Do, act, noted, said
from tests.kill9.journey_wire import ACTS as ACTS
from tests.kill9.place import CHANGED, HEAD, LATER, PASSPHRASE, Place
from ui import connection

# -- files fetched -------------------------------------------------------------------------------------


def kept_file(p: Place) -> str:
    """The hash of the photo."""
    return next(a.sha256 for a in p.office.attachments.of_case(p.case("A")) if a.title == "吊顶照片")


def lose_blob(p: Place) -> None:
    """A clean-up program took a file of the vault away."""
    query = select(local.files).where(local.files.c.sha256 == kept_file(p))
    p.desk.vault.blob_path(p.read(query)[0].blob).unlink(missing_ok=True)


def file_state(p: Place) -> str:
    """What the store says of the photo."""
    query = select(local.files.c.state).where(local.files.c.sha256 == kept_file(p))
    return str(p.read(query)[0].state)


def blob_there(p: Place) -> bool:
    """Whether the photo opens again."""
    with contextlib.suppress(JiefenError):
        return bool(p.office.attachments.read(kept_file(p))) and file_state(p) == "present"
    return False


def mislay(p: Place, *, away: bool) -> None:
    """The platform's disk does not give the photo for a while."""
    sha256 = kept_file(p)
    place = p.folder / "platform" / "files" / sha256[:2] / sha256
    hidden = place.with_suffix(".mislaid")
    here, there_ = (place, hidden) if away else (hidden, place)
    if here.exists():
        shutil.move(here, there_)


def fetch(p: Place) -> None:
    """It comes when the platform is asked again."""
    for _ in range(3):
        p.sync()
        if blob_there(p):
            return
        p.later(2 * 3600)


act("backup", lambda p: p.office.backups.make())
act("lose a file", lose_blob, whole=False)
act(
    "examine",
    lambda p: doctor.examine(p.paths, p.desk.keys, p.desk.clock),
    lambda p: file_state(p) == "missing",
    whole=False,
)
act("heal the file", lambda p: p.office.backups.heal_file(p.case("A"), kept_file(p)), whole=False)
act("lose it again", lose_blob, whole=False)
act("ask for it", lambda p: p.office.fetching.ask(p.case("A"), [kept_file(p)]), whole=False)
act("give it up", lambda p: p.office.fetching.give_up(p.case("A"), [kept_file(p)]), whole=False)
act("ask again", lambda p: p.office.fetching.ask(p.case("A"), [kept_file(p)]), whole=False)
act("the platform mislays it", lambda p: mislay(p, away=True), whole=False)
act("it does not come", Place.sync, whole=False)
act("it is found there", lambda p: mislay(p, away=False), whole=False)
act("fetch it", fetch, blob_there, whole=False)

# -- the disk ------------------------------------------------------------------------------------------


def spoil(p: Place) -> None:
    """A bit flips where what the platform had sent lies; what was written here can be read."""
    query = "SELECT rootpage FROM sqlite_master WHERE name = 'inbox'"
    page = p.desk.store.read(lambda conn: int(conn.exec_driver_sql(query).scalar_one()))
    p.leave()
    flip(p.paths.database, 4096 * (page - 1) + 200)


def still_there(time: str) -> Do:
    """What was written after the backup outlived the damage and the healing."""

    def do(p: Place) -> None:
        assert noted(f"损坏前写的{time}")(p)

    return do


def spoilt(p: Place) -> bool:
    """Whether the database is damaged."""
    return bool(integrity.check_pages(p.paths.database, key_of(p)))


def key_of(p: Place) -> bytes:
    """The database's key."""
    p.leave()
    keys = p.keys()
    return keys.db_key


def heal(p: Place) -> None:
    """找回: the newest good backup's database takes the place of the damaged one."""
    p.leave()
    used = backups.heal_database(p.paths, SystemClock(), passphrase=PASSPHRASE, user=p.login, cost=QUICK)
    assert used is not None


def whole(p: Place) -> bool:
    """Whether the database is there and whole."""
    p.leave()
    return p.paths.database.exists() and not spoilt(p)


def restore(p: Place) -> None:
    """恢复: the newest backup takes the profile's place."""
    p.leave()
    newest = backups.newest(p.paths, SystemClock())
    assert newest is not None
    backups.restore(newest.path, p.paths, PASSPHRASE, cost=QUICK)


def lying_tail(p: Place) -> None:
    """The disk lost the end of the log: more was written than is there."""
    device_id, last = p.desk.device_id, p.office.sync_port.state.device_seq
    p.leave()
    (p.paths.root / tail.NAME).write_text(f"{device_id} {last + 1}", "ascii")


act("seventh sync", Place.sync)
act("fresh backup", lambda p: p.office.backups.make())
for _time in ("", " again", " once more"):
    act(f"after the fresh backup{_time}", said(f"损坏前写的{_time}"), noted(f"损坏前写的{_time}"))
    act(f"spoil the database{_time}", spoil, spoilt, whole=False)
    act(f"heal the database{_time}", heal, whole, whole=False)
    act(f"still there{_time}", still_there(_time))
    act(f"after healing{_time}", Place.sync)
act("backup to restore", lambda p: p.office.backups.make())
act("restore", restore, lambda p: p.audited("backup.restore") >= 1)
act("after restoring", Place.sync)
act("write on", said("恢复以后写的"), noted("恢复以后写的"))
for _time in ("", " again"):
    act(f"the tail is gone{_time}", lying_tail, lambda p: p.office.sync_centre.standing().lost_tail > 0)
    act(f"told of it{_time}", lambda p: p.office.sync_centre.notice_read("lost_tail"))
act("eighth sync", Place.sync)

# -- people and the computer ---------------------------------------------------------------------------


def join(p: Place) -> None:
    """A colleague is added to this computer."""
    connection.add_colleague(p.paths, p.desk, user=HEAD, password=PASSWORD, passphrase=PASSPHRASE, cost=QUICK)


def can_sit(p: Place) -> bool:
    """Whether the colleague can unlock."""
    return any(one.login == HEAD for one in p.people())


def change(p: Place) -> None:
    """Another passphrase."""
    profile.change_passphrase(p.paths, p.desk, PASSPHRASE, CHANGED, QUICK)


def changed(p: Place) -> bool:
    """Whether the new one opens."""
    with contextlib.suppress(JiefenError):
        profile.check_passphrase(p.paths, p.desk, CHANGED, QUICK)
        return True
    return False


def revoke(p: Place) -> None:
    """停用这台电脑, said from here."""
    with p.client() as client:
        client.call("DELETE", f"/devices/{p.desk.device_id}")


def revoked(p: Place) -> bool:
    """Whether the platform has stopped a device."""
    return p.happened("device") >= 1


def refused(p: Place) -> None:
    """An exchange that the platform refuses because of the device."""
    result = connection.sync_once(p.desk)
    if result.error is None or result.error.code not in ("E-DEVICE-REVOKED", "E-DEVICE"):
        raise result.error or AssertionError("a stopped device was served")


def enrol_again(p: Place) -> None:
    """重新登记本机."""
    p.keep(connection.enrol_again(p.paths, p.desk, PASSWORD, "测试机"))


def change_rule(p: Place) -> None:
    """The head gives contacts another day."""
    view = next(one for one in p.office.settings.rule_list() if one.name == "contact_days")
    rule = msgspec.structs.replace(view.rule, value=view.rule.value + 1, source="机构会议")
    p.office.settings.change_rule("contact_days", rule)


def next_year(p: Place) -> None:
    """Next year's holidays are announced, each time other ones, so that dates move."""
    now, times = p.desk.clock.now(), p.audited("holidays.load")
    off = tuple(dt.date(now.year + 1, 1, 1 + number) for number in range(times % 5 + 1))
    year = HolidayYear(
        year=now.year + 1, off=off, work=(), notice=("www.gov.cn/example",), loaded_at=now,
        by=p.desk.person.person_id,
    )  # fmt: skip
    p.office.settings.load_holidays(year)


def mediator(p: Place) -> str:
    """Who has case B in hand."""
    return p.office.cases.open(p.case("B")).head.mediator_id


def hand_over(p: Place) -> None:
    """The head takes case B over."""
    done = p.office.handover.hand_over(mediator(p), p.desk.person.person_id, (p.case("B"),)).value
    assert not done.refused, done.refused


act("colleague", join, can_sit)
act("passphrase", change, changed)
act("recovery code", lambda p: profile.new_recovery_code(p.paths, p.desk, QUICK))
act("before it is stopped", said("停用后写的"), noted("停用后写的"))
act("revoke", revoke, revoked)
act("refused", refused)
act("enrol again", enrol_again, lambda p: p.audited("device.renew") >= 1 and profile.registered_here(p.desk))
act("ninth sync", Place.sync)
act("the head signs in", lambda p: connection.sign_in(p.desk, PASSWORD), login=HEAD)
act("rule", change_rule, lambda p: p.audited("rules.change") >= 1, login=HEAD)
act(
    "numbers",
    lambda p: p.office.settings.change_number_pattern(p.office.settings.number_pattern()),
    login=HEAD,
)
act("holidays", next_year, login=HEAD)
act("all dates", lambda p: settings.refresh(p.desk, lambda _file: True), login=HEAD)
act("plans anew", lambda p: p.office.daybreak.renew(), lambda p: not p.office.daybreak.due(), login=HEAD)
act("hand over", hand_over, lambda p: mediator(p) == p.desk.person.person_id, login=HEAD)
act("tenth sync", Place.sync, login=HEAD)

# -- a later version -----------------------------------------------------------------------------------


def upgrade(p: Place) -> None:
    """The program is updated; the schema with it."""
    p.leave()
    p.next_version()
    assert p.desk.store.path.exists()


act(
    "upgrade",
    upgrade,
    lambda p: schema_version(p.paths.database, key_of(p)) == LATER,
    login=HEAD,
    whole=False,
)
act("last note", said("升级以后写的"), noted("升级以后写的"), login=HEAD)
act("last sync", Place.sync, login=HEAD)
act("last backup", lambda p: p.office.backups.make(), login=HEAD)

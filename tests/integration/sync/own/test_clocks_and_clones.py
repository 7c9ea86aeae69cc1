"""A computer whose clock is wrong, a copied profile, and a filing taken back before it went out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.domain import casefile as cf
from app.paths import ProfilePaths
from app.services import profile
from app.services.deciding import Deciding, RefusalEntry
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from app.storage import doctor
from app.storage.tables import number_blocks
from tests.helpers.clients import PASSPHRASE, QUICK, Office, copy_of, open_office
from tests.helpers.filings import agreed_case, lodgings, prepare_filing
from tests.helpers.sandbox import Sandbox
from ui import connection


def notes(office: Office, case_id: str) -> list[str]:
    """Texts of the notes of a case, in the order the file holds them at the platform."""
    return [r.body.text for r in office.shadow(case_id).timeline() if isinstance(r.body, cf.Note)]


@pytest.mark.parametrize("off", [dt.timedelta(days=3652), -dt.timedelta(days=3652), dt.timedelta(minutes=6)])
def test_a_wrong_clock_is_told_and_changes_no_order(ready: Office, off: dt.timedelta) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    ready.clock.offset += off
    Handling(ready.desk).add_note(case_id, "第一条")
    Handling(ready.desk).add_note(case_id, "第二条")
    ready.good_run()
    standing = SyncCentre(ready.desk).standing()
    assert abs(standing.clock_skew_seconds - off.total_seconds()) < 60
    assert ready.states() == ["delivered", "delivered"]
    assert [row.lane_seq for row in ready.outbox()] == [1, 2]
    # The clock goes right again: nothing waits for a time that never comes, and the warning is gone.
    ready.clock.offset -= off
    Handling(ready.desk).add_note(case_id, "第三条")
    ready.good_run()
    assert ready.states() == ["delivered"] * 3
    assert SyncCentre(ready.desk).standing().clock_skew_seconds == 0
    assert set(notes(ready, case_id)) >= {"第一条", "第二条", "第三条"}


def test_an_application_taken_back_before_it_went_out_is_lodged_anew_once(
    ready: Office, sandbox: Sandbox
) -> None:
    before = lodgings(sandbox)
    case_id = agreed_case(ready)
    prepare_filing(ready, case_id)
    filing = Filing(ready.desk)
    first = filing.lodge(case_id).value
    filing.withdraw(case_id)
    assert filing.prepare(case_id).submission is None
    ready.good_run()
    assert lodgings(sandbox) == before
    second = filing.lodge(case_id).value
    assert second != first
    ready.good_run()
    ready.good_run()
    assert lodgings(sandbox) == before + 1
    submission = filing.prepare(case_id).submission
    assert submission is not None
    assert (submission.submission_id, submission.round) == (second, 1)


def test_a_copied_profile_is_told_and_goes_on_under_a_new_device_id(
    ready: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    copy_of(ready, tmp_path / "copy")
    Handling(ready.desk).add_note(case_id, "原来的电脑写的")
    ready.good_run()
    paths = ProfilePaths(tmp_path / "copy")
    desk = profile.unlock(paths, PASSPHRASE, clock=ready.clock, cost=QUICK)
    clone = Office(sandbox, paths, replace(desk, undo_window=dt.timedelta(0)), ready.clock)
    Handling(clone.desk).add_note(case_id, "副本写的")
    Handling(clone.desk).add_note(case_id, "副本写的第二条")
    assert clone.run().failed == 2
    old_times = [row.written_at for row in clone.outbox()]
    row = clone.outbox()[0]
    assert (row.state, row.error_code) == ("waiting", "device_cloned"), (
        "it stays in the queue, with its cause"
    )
    assert "重新登记" in row.error_text
    clone.close()
    user = next(u for u in sandbox.users if u["name"] == ready.desk.person.login)
    desk = profile.new_device(profile.unlock(paths, PASSPHRASE, clock=ready.clock, cost=QUICK))
    desk = connection.enrol(
        paths, desk, url=sandbox.url, user=user["name"], password=user["password"], name="副本"
    )
    clone = Office(sandbox, paths, replace(desk, undo_window=dt.timedelta(0)), ready.clock)
    Handling(clone.desk).add_note(case_id, "换了设备编号以后写的")
    assert SyncCentre(clone.desk).counts().needs_you == 2
    sandbox.control("network/drop-reply", only="/commands", count=2)
    for _ in range(3):
        clone.run()
        clone.later()
    clone.good_run()
    ready.good_run()
    wanted = {"原来的电脑写的", "副本写的", "副本写的第二条", "换了设备编号以后写的"}
    assert sorted(text for text in notes(ready, case_id) if text in wanted) == sorted(wanted), "each once"
    # They went out under the new device id, and nothing of the old one waits or wants anybody.
    assert {row.device_id for row in clone.outbox()} == {clone.desk.device_id}
    assert clone.states() == ["delivered"] * 3
    assert SyncCentre(clone.desk).counts().needs_you == 0
    written = [row.written_at for row in clone.outbox()]
    assert min(written) == old_times[0], "when they were written stays as it was"
    found = doctor.examine(paths, clone.desk.keys, clone.clock)
    assert all(one.ok for one in found if one.area in ("outbox", "audit"))
    clone.close()


def refuse(office: Office, case_id: str) -> str:
    """Refuse a case; returns the number of the notice."""
    entry = RefusalEntry("N2", "其他机关已受理", "派出所已经受理。", ("《人民调解法》",), ("向人民法院起诉",))
    Deciding(office.desk).refuse(case_id, entry)
    return str(office.file(case_id).head.refusal.notice_no)


def accept(office: Office, case_id: str) -> str:
    """Accept a case; returns its number."""
    deciding = Deciding(office.desk)
    if office.file(case_id).head.state != "deciding":
        deciding.waive_contact(case_id, "双方都在场。")
    return deciding.accept(case_id).value


def set_next(office: Office, column: Any) -> None:
    """Move on what is left of the leased runs."""
    office.desk.store.write(lambda conn: conn.execute(update(number_blocks).values(next=column)).rowcount)


def test_no_two_computers_write_one_number(sandbox: Sandbox, tmp_path: Path) -> None:
    here, there = (open_office(tmp_path / name, sandbox, "head") for name in ("here", "there"))
    for one in (here, there):
        one.good_run()
    ids = here.case_ids("received", "contacting", "deciding")[:6]
    given = [refuse(here, ids[0]), refuse(there, ids[1])]
    assert all("第 " in number for number in given), "leased while there was a network"
    for one in (here, there):
        set_next(one, number_blocks.c.last + 1)
    given += [accept(here, ids[2]), accept(there, ids[3]), refuse(here, ids[4]), refuse(there, ids[5])]
    assert len(set(given)) == 6
    assert sum("临-" in number for number in given) == 4
    for one in (here, there, here, there):
        one.good_run()
    assert (here.states().count("rejected"), there.states().count("rejected")) == (0, 0)
    assert here.everything() == there.everything()
    here.close()
    there.close()


def test_a_copied_profile_gets_no_number_past_the_platform(
    ready: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Two computers with one folder, both offline, give the same number; only one of them can have it."""
    ids = ready.case_ids("received", "contacting", "deciding")[:3]
    copy_of(ready, tmp_path / "copy")
    used = accept(ready, ids[0])
    ready.good_run()
    paths = ProfilePaths(tmp_path / "copy")
    desk = profile.unlock(paths, PASSPHRASE, clock=ready.clock, cost=QUICK)
    user = next(u for u in sandbox.users if u["name"] == desk.person.login)
    desk = profile.new_device(desk)
    desk = connection.enrol(
        paths, desk, url=sandbox.url, user=user["name"], password=user["password"], name="副本"
    )
    clone = Office(sandbox, paths, replace(desk, undo_window=dt.timedelta(0)), ready.clock)
    # As a copy that does not know of the other would: the very same number once more.
    desk.store.write(
        lambda conn: conn.execute(update(number_blocks).values(next=number_blocks.c.first)) and None
    )
    assert accept(clone, ids[1]) == used
    assert clone.run().failed == 1
    (row,) = (r for r in SyncCentre(clone.desk).rows("needs_you"))
    assert "换一个新编号" in row.why
    clone.good_run()
    assert clone.file(ids[1]).head.state == "deciding"
    fresh = Deciding(clone.desk).accept(ids[1]).value
    assert fresh != used
    assert clone.good_run().failed == 0
    ready.good_run()
    assert (ready.file(ids[0]).head.number, ready.file(ids[1]).head.number) == (used, fresh)
    clone.close()

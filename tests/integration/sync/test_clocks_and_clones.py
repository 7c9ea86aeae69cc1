"""A computer whose clock is wrong, a copied profile, and a filing taken back before it went out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain import casefile as cf
from app.paths import ProfilePaths
from app.services import profile
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import PASSPHRASE, QUICK, Office, copy_of
from tests.helpers.sandbox import Sandbox, running
from tests.integration.sync.test_scenarios import agreed_case, lodgings, prepare_filing
from ui import connection


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A platform of this test's own."""
    with running(tmp_path / "platform") as one:
        yield one


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
    assert clone.run().failed == 1
    (row,) = clone.outbox()
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
    clone.good_run()
    ready.good_run()
    assert set(notes(ready, case_id)) >= {"原来的电脑写的", "换了设备编号以后写的"}
    # The words written while it was a clone are not lost: delivered, or shown as refused with a reason.
    assert "副本写的" in notes(ready, case_id) or SyncCentre(clone.desk).counts().needs_you
    clone.close()

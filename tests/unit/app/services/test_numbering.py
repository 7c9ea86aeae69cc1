"""编号: a number once given is never given again, on whatever computer, before or after a restore."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.clock import FixedClock
from app.paths import ProfilePaths
from app.services import backups, numbering, profile
from app.services.backups import Backups
from app.services.desk import Desk
from app.services.port_state import SyncState
from app.services.profile import EnrolmentFacts, NewPerson
from app.storage import doctor, leases
from tests.helpers.desks import INSTITUTION, MONDAY, PEOPLE, QUICK

PASSPHRASE = "梧桐树下的春天又长又暖和"


def facts(tag: str) -> EnrolmentFacts:
    return EnrolmentFacts(
        url="http://127.0.0.1:1/v1", person_id="p-zhou", institution=INSTITUTION, people=PEOPLE, epoch="e",
        scope="institution", platform_sign_public=b"s" * 32, platform_seal_public=b"b" * 32, device_tag=tag,
    )  # fmt: skip


def make(folder: Path, clock: FixedClock, tag: str) -> Desk:
    """A computer registered at the moment of ``clock``; the platform gave it ``tag``."""
    paths = ProfilePaths(folder)
    made, _ = profile.create_profile(paths, NewPerson("周敏芳", "zhou"), PASSPHRASE, clock=clock, cost=QUICK)
    return profile.finish_enrolment(paths, made, facts(tag))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def desks(tmp_path: Path, clock: FixedClock) -> Iterator[tuple[Desk, Desk, Desk]]:
    """Three computers set up in the same instant: two with the platform's tags, one with none yet."""
    made = (
        make(tmp_path / "a", clock, "01"),
        make(tmp_path / "b", clock, "02"),
        make(tmp_path / "c", clock, ""),
    )
    yield made
    for desk in made:
        desk.store.close()


def case_number(desk: Desk) -> str:
    return desk.store.write(lambda conn: numbering.take(conn, desk))


def notice_number(desk: Desk) -> str:
    return desk.store.write(lambda conn: numbering.notice_number(conn, desk))


def lease(desk: Desk, series: str, first: int, last: int) -> None:
    """A run as it comes from the platform."""
    state = SyncState(desk)
    state.add_numbers(state.ask_numbers(series), series, desk.today().year, first, last)


def test_computers_set_up_together_give_different_numbers_offline(desks: tuple[Desk, ...]) -> None:
    assert len({desk.device_id[:4] for desk in desks}) == 1, "ids begin with their time"
    given = [number(desk) for desk in desks for number in (case_number, notice_number) for _ in range(3)]
    assert len(set(given)) == len(given)
    assert given[0] == "临-01-0001"
    assert given[3] == "云梧调不受字〔2026〕临-01-0004"
    assert given[6] == "临-02-0001"


def test_a_tag_made_here_never_equals_one_of_the_platform(desks: tuple[Desk, ...]) -> None:
    tags = [desk.store.read(lambda conn, d=desk: leases.tag(conn, d.device_id)) for desk in desks]  # type: ignore[misc]
    assert [len(tag) for tag in tags] == [2, 2, leases.LENGTH]
    assert set(tags[2]) <= set(leases.ALPHABET)


def test_leased_numbers_are_used_in_order_and_provisional_ones_go_on_over_the_years(
    desks: tuple[Desk, ...], clock: FixedClock
) -> None:
    desk = desks[0]
    lease(desk, numbering.CASE_SERIES, 213, 214)
    lease(desk, numbering.REFUSAL_SERIES, 6, 6)
    given = [case_number(desk) for _ in range(3)]
    assert given == ["（2026）云梧民调字第0213号", "（2026）云梧民调字第0214号", "临-01-0001"]
    assert notice_number(desk) == "云梧调不受字〔2026〕第 6 号"
    clock.set(MONDAY + dt.timedelta(days=60))
    assert case_number(desk) == "临-01-0002"


def test_more_are_leased_before_a_run_ends(desks: tuple[Desk, ...]) -> None:
    desk, state = desks[0], SyncState(desks[0])
    assert [(one.series, one.year) for one in state.numbers_wanted()] == [("case", 2026), ("refusal", 2026)]
    lease(desk, numbering.CASE_SERIES, 1, 50)
    lease(desk, numbering.REFUSAL_SERIES, 1, 10)
    assert state.numbers_wanted() == ()
    for _ in range(8):
        notice_number(desk)
    assert [one.series for one in state.numbers_wanted()] == ["refusal"]


def test_the_same_block_is_asked_for_until_it_comes(desks: tuple[Desk, ...]) -> None:
    state = SyncState(desks[0])
    asked = state.ask_numbers("case")
    assert state.ask_numbers("case") == asked
    assert state.ask_numbers("refusal") != asked
    state.add_numbers(asked, "case", 2026, 1, 5)
    state.add_numbers(asked, "case", 2026, 1, 5)
    assert desks[0].store.read(lambda conn: numbering.left(conn, 2026)) == 5
    assert state.ask_numbers("case") != asked


def test_a_new_device_id_voids_what_was_leased_under_the_old_one(
    desks: tuple[Desk, ...], tmp_path: Path
) -> None:
    desk = desks[0]
    lease(desk, numbering.CASE_SERIES, 213, 262)
    asked = SyncState(desk).ask_numbers(numbering.REFUSAL_SERIES)
    fresh = profile.new_device(desk)
    assert desk.store.read(lambda conn: numbering.left(conn, 2026)) == 0
    before = case_number(fresh)
    fresh = profile.finish_enrolment(ProfilePaths(tmp_path / "a"), fresh, facts("03"))
    assert case_number(fresh) == "临-03-0001"
    assert len(before.split("-")[1]) == leases.LENGTH
    assert SyncState(fresh).ask_numbers(numbering.REFUSAL_SERIES) != asked
    # A block that was on its way meanwhile belongs to the old id.
    SyncState(fresh).add_numbers(asked, numbering.REFUSAL_SERIES, 2026, 6, 15)
    assert "临-03-" in notice_number(fresh)


def test_after_a_restore_no_number_comes_again(
    desks: tuple[Desk, ...], clock: FixedClock, tmp_path: Path
) -> None:
    desk, paths = desks[0], ProfilePaths(tmp_path / "a")
    lease(desk, numbering.CASE_SERIES, 213, 214)
    Backups(desk).make(tmp_path / "old.jfbackup")
    used = {case_number(desk) for _ in range(4)}
    desk.store.close()
    backups.restore(tmp_path / "old.jfbackup", paths, PASSPHRASE, clock=clock, cost=QUICK)
    again = profile.unlock(paths, PASSPHRASE, clock=clock, cost=QUICK)
    assert used.isdisjoint({case_number(again) for _ in range(4)})
    # Registering the same device once more does not bring its old tag back.
    again = profile.finish_enrolment(paths, again, facts("01"))
    assert used.isdisjoint({case_number(again) for _ in range(4)})
    again.store.close()


def test_after_healing_from_a_backup_no_number_comes_again(
    desks: tuple[Desk, ...], clock: FixedClock, tmp_path: Path
) -> None:
    desk, paths = desks[0], ProfilePaths(tmp_path / "a")
    lease(desk, numbering.CASE_SERIES, 213, 214)
    Backups(desk).make()
    used = {case_number(desk) for _ in range(4)}
    desk.store.close()
    assert doctor.heal_database(paths, desk.keys, clock) is not None
    again = profile.unlock(paths, PASSPHRASE, clock=clock, cost=QUICK)
    given = {case_number(again) for _ in range(4)}
    assert used.isdisjoint(given), (used, given)
    again.store.close()


def test_two_people_of_one_computer_share_its_counter(desks: tuple[Desk, ...]) -> None:
    desk = desks[0]
    colleague = replace(desk, person=PEOPLE[1])

    def both(conn: Connection) -> tuple[str, str]:
        return numbering.take(conn, desk), numbering.take(conn, colleague)

    assert desk.store.write(both) == ("临-01-0001", "临-01-0002")

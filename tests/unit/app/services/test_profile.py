"""Profiles: made once, unlocked by each of their people, enrolled for good, practice kept apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.clock import FixedClock, SystemClock
from app.domain.errors import DamagedFault, FieldError, UserError, WrongPassphraseError
from app.paths import ProfilePaths
from app.services import enrolment, lockscreen, profile
from app.services.desk import Desk
from app.services.enrolment import EnrolmentFacts
from app.services.profile import NewPerson
from app.storage import audit, kv
from tests.helpers.desks import INSTITUTION, PEOPLE, QUICK

PASSPHRASE = "梧桐树下的春天又长又暖和"
SECOND = "第二位同事的口令也很长很长"


@pytest.fixture
def made(paths: ProfilePaths, clock: FixedClock) -> Iterator[tuple[Desk, str]]:
    desk, code = profile.create_profile(
        paths, NewPerson("周敏芳", "zhou"), PASSPHRASE, clock=clock, cost=QUICK
    )
    yield desk, code
    desk.store.close()
    desk.keys.clear()


def facts(url: str = "http://127.0.0.1:8080/v1", person_id: str = "p-zhou") -> EnrolmentFacts:
    return EnrolmentFacts(
        url=url,
        person_id=person_id,
        institution=INSTITUTION,
        people=PEOPLE,
        epoch="e-1",
        scope="institution",
        platform_sign_public=b"s" * 32,
        platform_seal_public=b"b" * 32,
    )


def reopen(paths: ProfilePaths, desk: Desk, clock: FixedClock, passphrase: str = PASSPHRASE) -> Desk:
    profile.close(desk)
    return profile.unlock(paths, passphrase, clock=clock, cost=QUICK)


def test_a_new_profile_waits_for_the_platform(paths: ProfilePaths, made: tuple[Desk, str]) -> None:
    desk, code = made
    assert not profile.enrolment_of(desk).complete
    assert desk.institution is not INSTITUTION
    assert len(code.replace(" ", "")) == 32
    assert [p.name for p in lockscreen.people_of(paths, desk.clock)] == ["周敏芳"]
    with pytest.raises(UserError, match="已经有一份档案"):
        profile.create_profile(paths, NewPerson("别人"), PASSPHRASE, clock=desk.clock, cost=QUICK)


def test_a_crash_half_way_leaves_no_profile(
    paths: ProfilePaths, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(lockscreen, "write_card", stop)
        with pytest.raises(KeyboardInterrupt):
            profile.create_profile(paths, NewPerson("周敏芳"), PASSPHRASE, clock=clock, cost=QUICK)
    assert not lockscreen.exists(paths)
    desk, _ = profile.create_profile(paths, NewPerson("周敏芳"), PASSPHRASE, clock=clock, cost=QUICK)
    profile.close(desk)
    assert [p for p in paths.root.iterdir() if p.name.endswith(".unfinished")]


def test_enrolment_names_the_person_and_stays(
    paths: ProfilePaths, made: tuple[Desk, str], clock: FixedClock
) -> None:
    desk, _ = made
    enrolled = profile.finish_enrolment(paths, desk, facts())
    assert enrolled.person == PEOPLE[0]
    assert enrolled.keys.person_id == "p-zhou"
    again = reopen(paths, enrolled, clock)
    assert (again.person, again.institution, again.device_id) == (PEOPLE[0], INSTITUTION, desk.device_id)
    assert again.people.keys() == {p.person_id for p in PEOPLE}
    assert profile.enrolment_of(again).url == "http://127.0.0.1:8080/v1"
    report = again.store.read(audit.verify)
    assert report.ok
    assert report.heads_checked == 1, "the head signed at closing is checked with the roster's key"
    assert lockscreen.people_of(paths, clock)[0].person_id == "p-zhou"
    profile.close(again)


def test_a_profile_stays_with_its_institution(paths: ProfilePaths, made: tuple[Desk, str]) -> None:
    desk = profile.finish_enrolment(paths, made[0], facts())
    other = replace(facts(), institution=replace(INSTITUTION, institution_id="i-other"))
    with pytest.raises(UserError, match="另一家机构"):
        profile.finish_enrolment(paths, desk, other)
    assert profile.refresh(desk).institution == INSTITUTION


def test_practice_never_reaches_a_real_platform(paths: ProfilePaths, clock: FixedClock) -> None:
    desk, _ = profile.create_profile(
        paths, NewPerson("周敏芳"), PASSPHRASE, practice=True, clock=clock, cost=QUICK
    )
    with pytest.raises(UserError, match="练习档案"):
        profile.finish_enrolment(paths, desk, facts("https://platform.example.cn/v1"))
    assert not profile.enrolment_of(desk).complete
    profile.close(desk)
    assert lockscreen.card_of(paths).practice


@pytest.mark.parametrize(
    ("url", "practice", "fits"),
    [
        ("http://127.0.0.1:1/v1", True, True),
        ("http://localhost:1/v1", False, True),
        ("https://platform.example.cn", False, True),
        ("http://platform.example.cn", False, False),
        ("https://platform.example.cn", True, False),
        ("https://127.0.0.1.example.cn", True, False),
        ("ftp://127.0.0.1", False, False),
        ("平台", False, False),
    ],
)
def test_where_a_profile_may_be_registered(url: str, practice: bool, fits: bool) -> None:
    if fits:
        enrolment.check_target(url, practice=practice)
        return
    with pytest.raises(UserError):
        enrolment.check_target(url, practice=practice)


def test_passphrase_and_recovery(paths: ProfilePaths, made: tuple[Desk, str], clock: FixedClock) -> None:
    desk, code = made
    profile.change_passphrase(paths, desk, PASSPHRASE, SECOND, QUICK)
    with pytest.raises(WrongPassphraseError):
        reopen(paths, desk, clock)
    with pytest.raises(FieldError):
        profile.recover(paths, code, "太短", clock=clock, cost=QUICK)
    with pytest.raises(WrongPassphraseError):
        profile.recover(paths, "K" * 32, PASSPHRASE, clock=clock, cost=QUICK)
    recovered, new_code = profile.recover(paths, code, PASSPHRASE, clock=clock, cost=QUICK)
    fresh = profile.new_recovery_code(paths, recovered, QUICK)
    assert len({code, new_code, fresh}) == 3
    profile.close(recovered)
    clock.advance(dt.timedelta(hours=1))
    with pytest.raises(WrongPassphraseError):
        profile.recover(paths, new_code, SECOND, clock=clock, cost=QUICK)
    clock.advance(dt.timedelta(hours=1))
    last, _ = profile.recover(paths, fresh, SECOND, clock=clock, cost=QUICK)
    profile.close(last)


def test_only_the_practice_clock_can_be_moved(paths: ProfilePaths, made: tuple[Desk, str]) -> None:
    with pytest.raises(UserError, match="练习"):
        profile.set_practice_offset(made[0], dt.timedelta(days=1))
    other = ProfilePaths(paths.root.with_name("practice"))
    desk, _ = profile.create_profile(other, NewPerson("周敏芳"), PASSPHRASE, practice=True, cost=QUICK)
    profile.set_practice_offset(desk, dt.timedelta(days=30))
    profile.close(desk)
    clock = SystemClock()
    desk = profile.unlock(other, PASSPHRASE, clock=clock, cost=QUICK)
    assert clock.offset == dt.timedelta(days=30)
    assert desk.clock is clock
    assert desk.store.read(lambda conn: kv.get(conn, "practice")) == "1"
    profile.close(desk)


def test_a_profile_whose_key_file_is_gone_is_not_taken_for_none(tmp_path: Path) -> None:
    paths = ProfilePaths(tmp_path / "profile")
    desk, _ = profile.create_profile(paths, NewPerson("周敏芳", "zhou"), PASSPHRASE, cost=QUICK)
    profile.close(desk)
    kept = paths.keys.read_bytes()
    paths.keys.unlink()
    before = paths.database.read_bytes()
    with pytest.raises(DamagedFault, match="案件库还在"):
        profile.unlock(paths, PASSPHRASE, cost=QUICK)
    with pytest.raises(UserError, match="口令文件不在了"):
        profile.create_profile(paths, NewPerson("另一位", "other"), PASSPHRASE, cost=QUICK)
    assert paths.database.read_bytes() == before
    paths.keys.write_bytes(kept)
    profile.close(profile.unlock(paths, PASSPHRASE, cost=QUICK))

"""加一位同事: who can be added, by whose open profile, and what a try that was cut short leaves behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.clock import FixedClock
from app.domain.errors import FieldError, UserError, WrongPassphraseError
from app.paths import ProfilePaths
from app.services import colleagues, enrolment, lockscreen, profile
from app.services.desk import Desk
from app.services.enrolment import EnrolmentFacts
from app.services.profile import NewPerson
from app.storage import audit, kv
from app.storage.unlocked import UnlockedKeys
from tests.helpers.desks import INSTITUTION, PEOPLE, QUICK

PASSPHRASE = "梧桐树下的春天又长又暖和"
SECOND = "第二位同事的口令也很长很长"


def facts(person_id: str, **more: object) -> EnrolmentFacts:
    known = EnrolmentFacts(
        url="http://127.0.0.1:8080/v1",
        person_id=person_id,
        institution=INSTITUTION,
        people=PEOPLE,
        epoch="e-1",
        scope="institution",
        platform_sign_public=b"s" * 32,
        platform_seal_public=b"b" * 32,
    )
    return replace(known, **more)  # type: ignore[arg-type]


@pytest.fixture
def desk(paths: ProfilePaths, clock: FixedClock) -> Iterator[Desk]:
    """周敏芳, registered, at her open profile."""
    made, _ = profile.create_profile(paths, NewPerson("周敏芳", "zhou"), PASSPHRASE, clock=clock, cost=QUICK)
    registered = profile.finish_enrolment(paths, made, facts("p-zhou"))
    yield registered
    registered.store.close()
    registered.keys.clear()


def add(paths: ProfilePaths, desk: Desk, login: str, person_id: str, **more: object) -> colleagues.Joined:
    answer = facts(person_id, **more)
    return colleagues.add_colleague(paths, desk, login, SECOND, lambda _keys: answer, QUICK)


def test_each_opens_the_profile_with_a_passphrase_of_their_own(
    paths: ProfilePaths, desk: Desk, clock: FixedClock
) -> None:
    joined = add(paths, desk, "he", "p-he")
    assert (joined.desk.person, joined.desk.store) == (PEOPLE[2], desk.store)
    assert joined.desk.keys.store_key == desk.keys.store_key
    assert joined.desk.keys.sign_public != desk.keys.sign_public
    code = joined.recovery_code
    profile.close(desk)
    with pytest.raises(UserError, match="周敏芳、何静"):
        profile.unlock(paths, SECOND, clock=clock, cost=QUICK)
    with pytest.raises(UserError, match="没有“童立”"):
        profile.unlock(paths, SECOND, "童立", clock=clock, cost=QUICK)
    for name in ("何静", "he"):
        colleague = profile.unlock(paths, SECOND, name, clock=clock, cost=QUICK)
        assert colleague.person == PEOPLE[2]
        assert colleague.store.read(audit.verify).ok
        profile.close(colleague)
    with pytest.raises(WrongPassphraseError):
        profile.unlock(paths, PASSPHRASE, "he", clock=clock, cost=QUICK)
    again, _ = profile.recover(paths, code, PASSPHRASE, clock=clock, cost=QUICK)
    assert again.person == PEOPLE[2]
    profile.close(again)
    first = profile.unlock(paths, PASSPHRASE, "周敏芳", clock=clock, cost=QUICK)
    assert first.person == PEOPLE[0]
    profile.close(first)


def test_a_refusal_of_the_platform_leaves_nothing(paths: ProfilePaths, desk: Desk) -> None:
    before = paths.keys.read_bytes()

    def refuse(_keys: UnlockedKeys) -> EnrolmentFacts:
        raise FieldError("password", "用户名或口令不对。", code="E-CREDENTIALS")

    with pytest.raises(FieldError):
        colleagues.add_colleague(paths, desk, "he", SECOND, refuse, QUICK)
    assert paths.keys.read_bytes() == before
    assert [p.name for p in lockscreen.people_of(paths, desk.clock)] == ["周敏芳"]
    assert add(paths, desk, "he", "p-he").desk.person == PEOPLE[2]


def test_a_weak_passphrase_is_refused_before_the_platform_is_asked(paths: ProfilePaths, desk: Desk) -> None:
    def never(_keys: UnlockedKeys) -> EnrolmentFacts:
        raise AssertionError("asked")

    with pytest.raises(FieldError):
        colleagues.add_colleague(paths, desk, "he", "太短", never, QUICK)


def test_a_start_cut_short_after_registering_can_be_made_again(
    paths: ProfilePaths, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("app.storage.keyslots._write", cut)
        with pytest.raises(KeyboardInterrupt):
            add(paths, desk, "he", "p-he")
    assert [p.name for p in lockscreen.people_of(paths, desk.clock)] == ["周敏芳"]
    assert add(paths, desk, "he", "p-he").desk.person == PEOPLE[2]


def test_nobody_is_added_twice(paths: ProfilePaths, desk: Desk) -> None:
    add(paths, desk, "he", "p-he")
    for login in ("he", "zhou"):
        with pytest.raises(UserError, match="已经可以在本机登录"):
            add(paths, desk, login, "p-he")
    with pytest.raises(UserError, match="已经可以在本机登录"):
        add(paths, desk, "he-under-another-login", "p-he")


def test_only_people_of_the_institution_and_of_its_platform(paths: ProfilePaths, desk: Desk) -> None:
    other = replace(INSTITUTION, institution_id="i-other")
    with pytest.raises(UserError, match="另一家机构"):
        add(paths, desk, "he", "p-he", institution=other)
    with pytest.raises(UserError, match="不是同一个"):
        add(paths, desk, "he", "p-he", platform_sign_public=b"x" * 32)
    assert len(lockscreen.people_of(paths, desk.clock)) == 1


def test_a_statistician_has_a_profile_apart(paths: ProfilePaths, desk: Desk) -> None:
    with pytest.raises(UserError, match="不和办案人员共用"):
        add(paths, desk, "tong", "p-tong")


def test_a_computer_that_is_not_registered_takes_nobody_in(paths: ProfilePaths, clock: FixedClock) -> None:
    made, _ = profile.create_profile(paths, NewPerson("周敏芳", "zhou"), PASSPHRASE, clock=clock, cost=QUICK)
    with pytest.raises(UserError, match="先登记本机"):
        add(paths, made, "he", "p-he")
    profile.close(made)


def test_a_login_never_becomes_another_person(paths: ProfilePaths, desk: Desk) -> None:
    with pytest.raises(UserError, match="周敏芳的登录，不能改成“he”的"):
        enrolment.check_login(desk, "he")
    with pytest.raises(UserError, match="周敏芳的，不能改成何静的"):
        profile.finish_enrolment(paths, desk, facts("p-he"))
    assert profile.refresh(desk).person == PEOPLE[0]


def test_after_a_new_device_id_the_colleague_is_registered_anew(
    paths: ProfilePaths, desk: Desk, clock: FixedClock
) -> None:
    joined = add(paths, desk, "he", "p-he")
    assert profile.registered_here(desk)
    assert profile.registered_here(joined.desk)
    renewed = profile.finish_enrolment(paths, profile.new_device(desk), facts("p-zhou"))
    assert profile.registered_here(renewed)
    theirs = profile.unlock(paths, SECOND, "he", clock=clock, cost=QUICK)
    assert theirs.device_id == renewed.device_id
    assert not profile.registered_here(theirs)
    enrolment.complete(theirs, facts("p-he"))
    assert profile.registered_here(theirs)
    assert theirs.store.read(lambda conn: kv.under(conn, enrolment.PERSON)).keys() == {
        desk.slot_id,
        theirs.slot_id,
    }
    theirs.store.close()
    clock.advance(dt.timedelta(seconds=1))

"""Settings: personal ones, rule versions that spare older cases, holiday years from a file."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.domain.errors import FieldError, NotPermittedError, UserError
from app.domain.rules import NumberRule
from app.paths import ProfilePaths
from app.services import lockscreen, profile, rulebook
from app.services.daybreak import Daybreak
from app.services.desk import Desk
from app.services.office import Office
from app.services.settings import Settings
from app.storage import audit
from tests.helpers.desks import Workplace, incoming, make_workplace

NEW_YEAR = {
    "year": 2027,
    "off": ["2027-01-01", "2027-01-02", "2027-01-03"],
    "work": ["2027-01-09"],
    "notice": ["www.gov.cn/example"],
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path / "profile")
    yield made
    made.close()


@pytest.fixture
def head(place: Workplace) -> Desk:
    return place.as_person("p-he")


def longer(desk: Desk) -> NumberRule:
    return msgspec.structs.replace(desk.rules.contact_days, value=10, source="本机构 2026 年 3 号文件")


def test_personal_settings_are_each_persons_own(place: Workplace, head: Desk) -> None:
    Settings(place.desk).change_personal(theme="dark", scale=125)
    assert Settings(place.desk).personal().theme == "dark"
    assert Settings(head).personal().theme == "system"
    with pytest.raises(FieldError):
        Settings(place.desk).change_personal(scale=110)
    assert Settings(place.desk).personal().scale == 125
    card = lockscreen.card_of(ProfilePaths(place.folder))
    assert (card.theme, card.scale) == ("dark", 125), "the lock screen looks like it next time"


def test_layout_of_pages_is_remembered(place: Workplace) -> None:
    settings = Settings(place.desk)
    assert settings.layout("cases") == {}
    settings.remember_layout("cases", {"hidden": ["source"], "widths": {"title": 240}})
    assert settings.layout("cases")["widths"] == {"title": 240}


def test_a_new_rule_spares_cases_received_before(place: Workplace, head: Desk) -> None:
    incoming(place, "case-1")
    settings = Settings(head)
    assert settings.affected_by_rule("contact_days", longer(head)) == 1
    before = Office(head).cases.open("case-1").plan
    place.clock.advance(dt.timedelta(hours=1))
    settings.change_rule("contact_days", longer(head))
    desk = profile.refresh(head)
    assert desk.rules.contact_days.value == 10
    assert Office(desk).cases.open("case-1").plan == before
    place.clock.advance(dt.timedelta(hours=1))
    now = place.clock.now()
    place.desk = desk
    incoming(place, "case-2", received_at=now, applied_at=now)
    assert desk.rules_for(Office(desk).cases.open("case-2").head).contact_days.value == 10
    book = settings.rules()
    assert [v.changed for v in book.versions] == ["", "contact_days"]
    assert book.at(now - dt.timedelta(hours=1, minutes=1)).contact_days.value == 3
    assert head.store.read(audit.verify).ok


def test_only_the_head_changes_rules_and_names_a_source(place: Workplace, head: Desk) -> None:
    rule = longer(head)
    with pytest.raises(NotPermittedError):
        Settings(place.desk).change_rule("contact_days", rule)
    with pytest.raises(FieldError, match="依据"):
        Settings(head).change_rule("contact_days", msgspec.structs.replace(rule, source=" "))
    with pytest.raises(FieldError):
        Settings(head).change_rule("contact_days", msgspec.structs.replace(rule, value=0))
    with pytest.raises(FieldError):
        Settings(head).change_rule("no_such_rule", rule)
    assert len(Settings(head).rules().versions) == 1


def test_mediation_periods_are_rules_of_their_own(head: Desk) -> None:
    settings = Settings(head)
    labour = {v.name: v.rule for v in settings.rule_list()}["mediation.labour"]
    settings.change_rule("mediation.labour", msgspec.structs.replace(labour, amount=20))
    assert settings.rules().current.mediation["labour"].amount == 20
    assert settings.rules().current.mediation["people"].amount == 30


def test_a_holiday_year_moves_the_dates_that_were_provisional(
    place: Workplace, head: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "2027.json"
    path.write_text(json.dumps({"years": {"2027": NEW_YEAR}}), "utf-8")
    settings = Settings(head)
    assert [y.loaded for y in settings.holiday_years()] == [True, False]
    late = dt.datetime(2026, 12, 30, 1, 0, tzinfo=dt.UTC)
    place.clock.set(late)
    incoming(place, "case-9", received_at=late, applied_at=late)
    year = settings.read_holidays(path, 2027)
    assert settings.affected_by_year(year) == 1
    written = settings.load_holidays(year)
    assert written.changes.case_ids == frozenset({"case-9"})
    desk = profile.refresh(head)
    assert desk.calendar.has_year(2027)
    assert Settings(desk).affected_by_year(year) == 0
    assert desk.store.read(rulebook.load_holidays)[0].notice == ("www.gov.cn/example",)


def test_ended_before_the_dates_are_moved_the_next_start_moves_them(
    place: Workplace, head: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "2027.json"
    path.write_text(json.dumps({"years": {"2027": NEW_YEAR}}), "utf-8")
    settings, daybreak = Settings(head), Daybreak(head)
    daybreak.renew()
    assert not daybreak.due()
    settings.load_holidays(settings.read_holidays(path, 2027))
    assert Daybreak(profile.refresh(head)).due()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("不是 JSON", "不是放假安排"),
        (json.dumps([1]), "不是放假安排"),
        (json.dumps({**NEW_YEAR, "year": 2028}), "没有 2027 年"),
        (json.dumps({**NEW_YEAR, "notice": []}), "出处"),
        (json.dumps({**NEW_YEAR, "work": ["2027-01-04"]}), "调休"),
        (json.dumps({**NEW_YEAR, "off": ["2027-13-01"]}), "不是放假安排"),
    ],
)
def test_a_bad_holiday_file_changes_nothing(head: Desk, tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "year.json"
    path.write_text(content, "utf-8")
    with pytest.raises(UserError, match=sentence):
        Settings(head).read_holidays(path, 2027)
    assert head.store.read(rulebook.load_holidays) == ()


def test_number_pattern(head: Desk) -> None:
    settings = Settings(head)
    with pytest.raises(FieldError):
        settings.change_number_pattern("云梧{序}")
    with pytest.raises(FieldError):
        settings.change_number_pattern("{年}{月}{序}")
    assert settings.change_number_pattern("（{年}）{简称}字第{序:3}号").value == "（2026）云梧字第001号"
    assert profile.refresh(head).institution.number_pattern == "（{年}）{简称}字第{序:3}号"


def put_catalogue(desk: Desk, content: bytes) -> None:
    from app.services.port_state import put_catalogue as put

    desk.store.write(lambda conn: put(conn, "holidays", "e", "1", content, "2026-11-23T00:00:00.000Z"))


def test_the_platforms_years_count_and_a_loaded_file_goes_before_them(head: Desk, tmp_path: Path) -> None:
    items = [
        {"year": "2026", "off": ["2026-01-01"], "work": [], "notice": ["x"]},
        {**NEW_YEAR, "year": "2027", "off": ["2027-01-01"], "work": []},
    ]
    put_catalogue(head, json.dumps({"name": "holidays", "items": items}).encode())
    desk = profile.refresh(head)
    assert desk.calendar.has_year(2027)
    assert desk.calendar.is_workday(dt.date(2027, 1, 4))
    assert desk.calendar.is_workday(dt.date(2026, 10, 5)), "the platform's word on 2026 replaces ours"
    path = tmp_path / "2027.json"
    path.write_text(json.dumps({**NEW_YEAR, "off": ["2027-01-01", "2027-01-04"]}), "utf-8")
    settings = Settings(desk)
    settings.load_holidays(settings.read_holidays(path, 2027))
    assert profile.refresh(head).calendar.is_rest_day(dt.date(2027, 1, 4))


@pytest.mark.parametrize(
    "content",
    [b"[]", json.dumps({"items": [{"year": 2027, "off": [], "work": []}]}).encode()],
)
def test_a_catalogue_that_is_none_changes_nothing(
    head: Desk, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    put_catalogue(head, content)
    assert not profile.refresh(head).calendar.has_year(2027)
    assert caplog.records

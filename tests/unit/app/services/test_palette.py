"""What the command box finds: things to do, agreements, and why one cannot be filed yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.cases import Cases
from app.services.daybreak import Daybreak
from app.services.palette import Palette, matches
from tests.helpers.agreements import effective, finalised
from tests.helpers.desks import Workplace, incoming, make_workplace


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path / "profile")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [("联系", True), ("lxb", True), ("LXB", True), ("bsq", True), ("bx", False), ("签", False), ("", True)],
)
def test_words_match_as_written_or_by_initials_in_a_row(text: str, found: bool) -> None:
    assert matches(text, "联系被申请人") is found


def test_things_to_do_are_found_by_their_verb_the_urgent_first(place: Workplace) -> None:
    incoming(place, "case-1", title="小区停车费涨价")
    incoming(
        place, "case-2", title="合租押金不退", received_at=dt.datetime(2026, 11, 20, 7, 40, tzinfo=dt.UTC)
    )
    found = Palette(place.desk).tasks("lxb")
    assert [(row.verb, row.title) for row in found if row.hard] == [
        ("联系被申请人", "小区停车费涨价"), ("联系被申请人", "合租押金不退"),
    ]  # fmt: skip
    assert "陈秀英" not in str(found)
    assert Palette(place.desk).tasks("") == ()
    assert Palette(place.desk).tasks("没有这样的") == ()


def test_the_case_whose_number_ends_in_what_was_typed_comes_first(place: Workplace) -> None:
    incoming(place, "case-1", state="mediating", number="（2026）云悟民调字第 0322 号", intake_no="")
    incoming(place, "case-2", title="过渡费计算", respondent={"phone": "13803220001"})
    incoming(place, "case-3", title="家具定制延期", intake_no="YJS20261120-10322")
    found = Palette(place.desk).find("0322")
    assert [one.case_id for one in found] == ["case-3", "case-1", "case-2"]


def test_an_agreement_not_in_effect_cannot_be_filed_and_says_why(place: Workplace) -> None:
    finalised(place)
    (paper,) = Palette(place.desk).papers("tjsf")
    assert paper.why_not == "协议还没有生效"
    assert Palette(place.desk).papers("jr") == ()


def test_an_agreement_in_effect_can_be_filed(place: Workplace) -> None:
    effective(place)
    (paper,) = Palette(place.desk).papers("协议书")
    assert (paper.title, paper.why_not) == ("三楼漏水赔墙面", "")
    assert paper.note.endswith("生效")


def test_a_new_day_does_not_count_as_a_change_of_the_case(place: Workplace) -> None:
    incoming(place)

    def updated() -> str:
        cases = Cases(place.desk)
        (row,) = cases.page(cases.query("all"), 0, 10)
        return row.updated_at

    before = updated()
    place.clock.advance(dt.timedelta(days=1))
    assert Daybreak(place.desk).due()
    Daybreak(place.desk).renew()
    assert updated() == before

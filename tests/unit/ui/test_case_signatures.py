"""经过: the line of who signed, with the day that a correction put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain import casefile as cf
from app.domain.workdays import short_date
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.cases import Cases
from tests.helpers.agreements import APPLICANT, CASE, DAY, sound_draft, talked_through
from tests.helpers.desks import Workplace
from ui.pages import case_signatures


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with talked_through(tmp_path) as made:
        yield made


def test_a_day_put_right_says_what_stood_before_and_whose(place: Workplace) -> None:
    colleague = Agreeing(place.as_person("p-he"))
    colleague.finalise(sound_draft(place), wants_confirmation=False, overrides=("双方坚持。",))
    places = (SignatureEntry("mediator", DAY), SignatureEntry("party", DAY, APPLICANT))
    colleague.register_signatures(CASE, places)
    place.clock.advance(dt.timedelta(days=2))
    later = DAY + dt.timedelta(days=1)
    Agreeing(place.desk).register_signatures(CASE, (SignatureEntry("mediator", later),))
    file = Cases(place.desk).open(CASE).file
    today, him, me = place.desk.today(), place.desk.name_of("p-he"), place.desk.person.name
    before, now = short_date(DAY, today), short_date(later, today)
    lines = [case_signatures.detail([pair], file, place.desk) for pair in file.of_type(cf.Signature)]
    assert lines[-1] == f"调解员（{him}原来登记 {before}），纸上写 {now}（{me}登记）。"
    assert lines[0].endswith(f"，纸上写 {before}（{him}登记）。")
    assert "原来" not in lines[0]

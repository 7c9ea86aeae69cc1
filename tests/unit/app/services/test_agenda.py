"""The days ahead, unfinished drafts and the printed day sheet."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from app.clock import SHANGHAI
from app.domain.errors import FieldErrors, NotFoundError
from app.services.agenda import Agenda
from app.services.day_sheet import DaySheet
from app.services.drafts import Drafts
from tests.helpers.desks import incoming, make_workplace

DAY = dt.date(2026, 11, 24)


@pytest.fixture
def workplace(tmp_path):
    made = make_workplace(tmp_path)
    yield made
    made.close()


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(DAY, dt.time(hour, minute), SHANGHAI)


def test_deadlines_and_appointments_stand_on_their_days(workplace):
    incoming(workplace)
    agenda = Agenda(workplace.desk)
    written = agenda.add(at(14, 30), " 接待来访 ", "第二调解室")
    days = agenda.between(dt.date(2026, 11, 23), DAY)
    assert [(i.verb, i.title) for i in days[dt.date(2026, 11, 23)]] == [("联系被申请人", "三楼漏水赔墙面")]
    (own,) = days[DAY]
    assert (own.time, own.title, own.detail, own.own) == ("14:30", "接待来访", "第二调解室", True)
    assert written.changes.kinds == {"appointments"}
    assert Agenda(workplace.as_person("p-shen")).between(DAY, DAY) == {}


def test_an_appointment_needs_day_and_words_and_can_be_taken_away(workplace):
    agenda = Agenda(workplace.desk)
    with pytest.raises(FieldErrors) as caught:
        agenda.add(None, "  ")
    assert [e.field for e in caught.value.errors] == ["at", "title"]
    key = agenda.add(at(9), "接待来访").value
    assert agenda.remove(key).value.time == "09:00"
    assert agenda.between(DAY, DAY) == {}
    with pytest.raises(NotFoundError):
        agenda.remove(key)


def test_working_days_know_the_announced_year_and_say_what_is_estimated(workplace):
    agenda = Agenda(workplace.desk)
    week = agenda.working_days(dt.date(2026, 11, 23), dt.date(2026, 11, 29))
    assert [d.workday for d in week] == [True] * 5 + [False] * 2
    assert not any(d.provisional for d in week)
    assert agenda.working_days(dt.date(2029, 5, 1), dt.date(2029, 5, 1))[0].provisional


def test_unfinished_drafts_come_with_the_title_of_their_case(workplace):
    incoming(workplace)
    drafts = Drafts(workplace.desk)
    drafts.save("contact", "case-1", {"said": "写了一半"})
    workplace.clock.advance(dt.timedelta(minutes=1))
    drafts.save("oral", "new", {})
    assert [(d.kind, d.title) for d in drafts.unfinished()] == [("oral", ""), ("contact", "三楼漏水赔墙面")]


def test_the_day_sheet_is_masked_and_says_what_is_due(workplace):
    from pypdf import PdfReader

    incoming(workplace)
    Agenda(workplace.desk).add(dt.datetime(2026, 11, 23, 9, tzinfo=SHANGHAI), "接待来访")
    reader = PdfReader(io.BytesIO(DaySheet(workplace.desk).render()))
    text = "".join(page.extract_text() for page in reader.pages)
    for word in ("今日单", "联系被申请人", "三楼漏水赔墙面", "陈**", "09:00", "接待来访", "周敏芳"):
        assert word in text
    assert "陈秀英" not in text
    assert "吴刚" not in text

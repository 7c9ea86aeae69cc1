"""Which papers of a case are drafts: those whose text can still change with the case."""

from __future__ import annotations

import datetime as dt

import pytest

from app.domain import casefile as cf
from app.domain.reducer import CaseFile
from app.services.case_clock import deadlines_of
from app.services.cases import Cases
from app.services.deciding import ContactEntry, Deciding
from app.services.handling import Handling
from app.services.papers import Papers, is_draft
from tests.helpers import casefiles as make
from tests.helpers.desks import MONDAY, Workplace
from tests.unit.app.documents.test_render import pdf_text, word_text

TOLD = cf.Conclusion(outcome="failed", at=make.at("2026-11-20"), ground="分歧较大", remedies=("可以起诉。",))
DONE = make.at("2026-11-01")


def agreed(**more: object) -> CaseFile:
    head = {"state": "agreed", "agreement_id": "g1", "accepted_at": DONE, **more}
    return make.case_file(agreements=(make.agreement(),), **head)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form_id", "file", "draft"),
    [
        ("F06", make.case_file(state="mediating"), True),
        ("F06", agreed(), False),
        ("P15", agreed(), True),
        ("P04", make.case_file(state="deciding"), True),
        ("P04", make.case_file(state="mediating", accepted_at=DONE), False),
        ("F01", make.case_file(state="deciding"), True),
        ("F01", agreed(), False),
        ("P13", make.case_file(state="failed", conclusion=TOLD), False),
        ("P13", make.case_file(state="mediating", conclusion=TOLD), True),
        ("P05", make.case_file(state="deciding"), True),
        ("P11", agreed(), True),
        ("P11", agreed(state="closed"), False),
        ("P20", agreed(state="closed"), False),
    ],
)
def test_draft_until_fixed(form_id: str, file: CaseFile, draft: bool) -> None:
    assert is_draft(form_id, file) is draft


def test_an_agreement_that_does_not_hold_is_none_to_be_signed() -> None:
    file = agreed()
    assert not is_draft("F06", file, file.head.agreement_id)
    assert is_draft("F06", file, "the-other-one")


def test_the_notice_of_acceptance_names_the_day_the_case_page_shows(place: Workplace) -> None:
    deciding = Deciding(place.desk)
    deciding.record_contact("case-1", ContactEntry("case-1-respondent", "phone", "willing", MONDAY))
    deciding.accept("case-1")
    file = Cases(place.desk).open("case-1").file
    shown = next(due for due, _over in deadlines_of(file, place.desk) if due.kind == "mediation")
    day = shown.due_on
    words = f"调解期限：{day.year}年{day.month}月{day.day}日（含当天）前（暂估）"
    assert shown.provisional
    papers = Papers(place.desk)
    assert words in pdf_text(papers.produce("case-1", "P04").content)
    assert words in word_text(papers.produce("case-1", "P04", fmt="docx").content)
    Handling(place.desk).suspend("case-1", "鉴定评估", MONDAY.date() + dt.timedelta(days=1))
    assert words in pdf_text(papers.produce("case-1", "P04").content)

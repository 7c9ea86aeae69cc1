"""Which papers of a case are drafts: those whose text can still change with the case."""

from __future__ import annotations

import pytest

from app.domain import casefile as cf
from app.domain.reducer import CaseFile
from app.services.papers import is_draft
from tests.helpers import casefiles as make

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

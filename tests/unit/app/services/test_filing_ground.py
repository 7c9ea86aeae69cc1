"""What moved under an application that still lies here, in words."""

from __future__ import annotations

import datetime as dt

import pytest

from app.domain import casefile as cf
from app.domain.reducer import CaseFile
from app.services.filing_ground import moved
from tests.helpers import casefiles as make

TODAY = dt.date(2026, 11, 30)
DAY = dt.date(2026, 11, 24)


def case_file(*signatures: cf.Signature) -> CaseFile:
    records = [make.record(f"s{n}", one, "2026-11-24 16:00") for n, one in enumerate(signatures)]
    return make.case_file(
        *records, agreements=(make.agreement(),), state="agreed", agreement_id="g1",
        agreement_form="written",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((make.signature("agent", DAY, "p1"),), ("甲方签名改成代理人签，日子还是11月24日", False)),
        ((make.signature("party", TODAY, "p1"),), ("甲方签名由11月24日改成11月30日", True)),
        ((make.signature("agent", TODAY, "p1"),), ("甲方签名由11月24日改成11月30日，改成代理人签", True)),
        (
            (make.signature("party", DAY, "p1"), make.signature("mediator", DAY)),
            ("调解员签名登记为11月24日", True),
        ),
        ((make.signature("party", DAY, "p1"),), ("", False)),
    ],
)
def test_what_moved_is_told_as_it_did(now: tuple[cf.Signature, ...], words: tuple[str, bool]) -> None:
    assert moved(case_file(make.signature("party", DAY, "p1")), case_file(*now), TODAY) == words

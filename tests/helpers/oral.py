"""An oral agreement of two neighbours, as it is typed in."""

from __future__ import annotations

import dataclasses
import datetime as dt

from app.domain import casefile as cf
from app.services.oral import OralAgreements, OralEntry, Term
from tests.helpers.desks import Workplace

A = cf.Party(
    party_id="a", case_id="new", side="applicant", ordinal=1, name="蒋桂芬", phone="13812349031",
    address="云浦区梧桐里街道清水路12弄3号201室", gender="female",
)  # fmt: skip
B = cf.Party(
    party_id="b", case_id="new", side="respondent", ordinal=1, name="魏强", phone="15900014410",
    address="云浦区梧桐里街道清水路12弄3号202室", gender="male",
)  # fmt: skip
ENTRY = OralEntry(
    dispute_kind="neighbour",
    parties=(A, B),
    facts="乙方在公共走廊放婴儿车和纸箱，甲方轮椅进出不便。",
    agreed="乙方把走廊物品全部搬回家中，今后不在走廊堆放；\n甲方不再就此事追究。",
    term=Term(by=dt.date(2026, 11, 26)),
    no_paper_wanted=True,
)


def registered(place: Workplace, term: Term, kind: str = "neighbour") -> str:
    """Registered with ``term``; the case's id."""
    entry = dataclasses.replace(ENTRY, term=term, dispute_kind=kind)
    return OralAgreements(place.desk).register(entry).value

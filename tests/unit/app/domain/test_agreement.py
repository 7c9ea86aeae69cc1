"""From which day an agreement holds."""

from __future__ import annotations

import datetime as dt

import pytest

from app.domain import agreement as rules
from app.domain import casefile as cf
from app.domain.errors import StateError
from tests.helpers import casefiles as make

D = dt.date
PARTIES = make.case_file().parties


def signed(*, party_1: int = 0, party_2: int = 0, mediator: int = 0, seal: int = 0) -> list[cf.Signature]:
    days = [
        ("party", "p1", party_1),
        ("party", "p2", party_2),
        ("mediator", "", mediator),
        ("seal", "", seal),
    ]
    return [make.signature(s, D(2026, 11, n), p) for s, p, n in days if n]  # type: ignore[arg-type]


def test_the_mediator_has_not_signed() -> None:
    effect = rules.effectiveness(make.agreement(), PARTIES, signed(party_1=20, party_2=20, seal=23))
    assert effect.conclusion == "还没有生效，缺：调解员签名"
    assert effect.earliest_possible == D(2026, 11, 20)
    assert effect.complete_on is None
    assert not effect.is_effective
    assert "第29条第2款" in effect.basis[0]


def test_it_holds_from_the_latest_place() -> None:
    effect = rules.effectiveness(
        make.agreement(), PARTIES, signed(party_1=20, party_2=21, mediator=25, seal=23)
    )
    assert effect.conclusion == "11月25日生效"
    assert (effect.earliest_possible, effect.complete_on) == (D(2026, 11, 21), D(2026, 11, 25))
    assert effect.missing == ()
    assert effect.first_signed_on == D(2026, 11, 20)


def test_nothing_signed_yet() -> None:
    effect = rules.effectiveness(make.agreement(), PARTIES, [])
    assert effect.conclusion == "还没有生效，缺：甲方签名、乙方签名、调解员签名、调解组织印章"
    assert effect.earliest_possible is None
    assert effect.first_signed_on is None


@pytest.mark.parametrize("law_kind", ["court_delegated", "online"])
def test_some_laws_ask_for_the_parties_only(law_kind: cf.LawKind) -> None:
    effect = rules.effectiveness(make.agreement(law_kind=law_kind), PARTIES, signed(party_1=20, party_2=22))
    assert effect.complete_on == D(2026, 11, 22)


@pytest.mark.parametrize("law_kind", ["people", "labour", "medical", "rural_land", "commercial"])
def test_others_ask_for_mediator_and_seal(law_kind: cf.LawKind) -> None:
    effect = rules.effectiveness(make.agreement(law_kind=law_kind), PARTIES, signed(party_1=20, party_2=22))
    assert effect.missing == ("调解员签名", "调解组织印章")


def test_an_oral_agreement_holds_at_once() -> None:
    effect = rules.effectiveness(make.agreement(form="oral"), PARTIES, [])
    assert effect.complete_on == effect.earliest_possible == D(2026, 11, 20)


def test_signatures_of_another_version_do_not_count() -> None:
    old = [make.signature("party", D(2026, 11, 20), "p1", agreement_id="g0")]
    assert rules.effectiveness(make.agreement(), PARTIES, old).earliest_possible is None


def test_an_agent_or_a_company_seal_fills_the_partys_place() -> None:
    parties = {
        "p1": make.person("p1", "陈明华", "applicant"),
        "p2": make.firm("p2", "馨苑物业", "respondent"),
    }
    entries = [make.signature("agent", D(2026, 11, 20), "p1"), make.signature("seal", D(2026, 11, 21), "p2")]
    effect = rules.effectiveness(make.agreement(), parties, entries)
    assert effect.earliest_possible == D(2026, 11, 21)
    assert effect.missing == ("调解员签名", "调解组织印章")
    assert rules.place_words(effect.places[1], parties) == "乙方 某物业公司 盖章"
    assert rules.place_words(effect.places[2], parties) == "调解员签名"


def test_a_recorder_is_asked_for_only_where_needed() -> None:
    agreement = make.agreement(recorder_id="m2", needs_recorder=True)
    effect = rules.effectiveness(agreement, PARTIES, signed(party_1=20, party_2=20, mediator=20, seal=20))
    assert effect.missing == ("记录人签名",)
    optional = make.agreement(recorder_id="m2")
    assert rules.effectiveness(
        optional, PARTIES, signed(party_1=20, party_2=20, mediator=20, seal=20)
    ).is_effective


def test_a_corrected_date_replaces_the_first() -> None:
    first = make.record("r1", make.signature("party", D(2026, 11, 20), "p1"), "2026-11-20 16:00")
    second = make.record(
        "r2", make.signature("party", D(2026, 11, 21), "p1"), "2026-11-21 16:00", supersedes="r1"
    )
    file = make.case_file(first, second, agreements=(make.agreement(),), agreement_id="g1", state="agreed")
    effect = rules.effectiveness_of(file)
    assert effect is not None
    assert effect.places[0].on == D(2026, 11, 21)
    assert rules.effectiveness_of(make.case_file()) is None


def test_no_oral_form_for_labour() -> None:
    with pytest.raises(StateError, match="第14条"):
        rules.require_oral_allowed("labour")
    rules.require_oral_allowed("people")


def test_end_of_performance() -> None:
    assert rules.performance_ends_on(make.agreement(), D(2026, 11, 25)) == D(2026, 12, 10)
    at_once = make.agreement(payments=make.agreement().payments[:1])
    assert rules.performance_ends_on(at_once, D(2026, 11, 25)) == D(2026, 11, 25)
    assert rules.performance_ends_on(make.agreement(payments=()), D(2026, 11, 25)) is None


def test_letters() -> None:
    assert [rules.party_letter(i) for i in (0, 1, 9, 10)] == ["甲方", "乙方", "癸方", "第11方"]


def test_a_paper_signed_on_site_bears_its_own_date() -> None:
    typed_later = make.agreement(dated_on=D(2026, 11, 18))
    assert rules.paper_day(typed_later) == D(2026, 11, 18)
    assert rules.paper_day(make.agreement()) == D(2026, 11, 20), "no date of its own: the day it was fixed"
    today = D(2026, 11, 23)
    assert rules.signed_problem(D(2026, 11, 18), typed_later, today) == ""
    assert rules.signed_problem(D(2026, 11, 17), typed_later, today).startswith("日期早于协议日期 11月18日")
    assert rules.signed_problem(D(2026, 11, 24), typed_later, today).startswith("日期晚于今天")
    assert rules.dated_problem(D(2026, 11, 24), today).startswith("协议日期晚于今天")


def test_an_oral_agreement_holds_from_the_day_it_was_reached() -> None:
    spoken = make.agreement(form="oral", dated_on=D(2026, 11, 18))
    assert rules.effectiveness(spoken, PARTIES, []).complete_on == D(2026, 11, 18)

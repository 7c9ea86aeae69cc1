"""Where a dispute goes when mediation failed."""

from __future__ import annotations

import itertools

import pytest

from app.domain import exits, taxonomy
from app.domain.errors import FieldError
from tests.helpers import casefiles as make


def codes(kind: str, **changes: bool) -> list[str]:
    return [r.code for r in exits.routes({**exits.pre_answers(kind), **changes})]


def test_six_questions_answered_beforehand() -> None:
    assert len(exits.questions()) == 6
    assert exits.pre_answers("migrant_wages")["labour"]
    assert exits.pre_answers("housing")["real_estate"]
    assert exits.pre_answers("neighbour") == {q.code: q.default for q in exits.questions()}
    assert exits.pre_answers("unknown")["reachable"]


@pytest.mark.parametrize(
    ("kind", "changes", "first", "never"),
    [
        ("contract", {}, "suit", "arbitration"),
        ("contract", {"arbitration_clause": True}, "arbitration", "suit"),
        ("other_labour", {}, "labour_arbitration", "suit"),
        ("other_labour", {"arbitration_clause": True}, "labour_arbitration", "arbitration"),
        ("marriage_family", {}, "suit", "agree_arbitration"),
        ("forest_land", {}, "rural_arbitration", "suit"),
        ("neighbour", {"reachable": False}, "suit", "payment_order"),
    ],
)
def test_routes_by_answers(kind: str, changes: dict[str, bool], first: str, never: str) -> None:
    found = codes(kind, **changes)
    assert found[0] == first
    assert never not in found


def test_family_matters_never_go_to_arbitration() -> None:
    for arbitration, reachable in itertools.product((True, False), repeat=2):
        found = codes("marriage_family", arbitration_clause=arbitration, reachable=reachable)
        assert not {"arbitration", "agree_arbitration"} & set(found)


@pytest.mark.parametrize("answers", list(itertools.product((True, False), repeat=6)))
def test_there_is_always_a_way(answers: tuple[bool, ...]) -> None:
    found = exits.routes({q.code: a for q, a in zip(exits.questions(), answers, strict=True)})
    assert found
    assert {"suit", "arbitration", "labour_arbitration", "rural_arbitration"} & {r.code for r in found}


def test_the_court_is_filled_in() -> None:
    suit = exits.routes_for(make.case_file(dispute_kind="housing").head, court_name="云浦区人民法院")[0]
    assert suit.rows[0].text == "云浦区人民法院：租房归房屋所在地法院管"
    assert suit.sentence.startswith("可以向云浦区人民法院提起诉讼")
    plain = exits.routes_for(make.case_file(dispute_kind="contract").head)[0]
    assert plain.rows[0].text.startswith("被告住所地")
    for kind in taxonomy.dispute_kinds():
        for route in exits.routes(exits.pre_answers(kind)):
            assert "{" not in route.sentence + "".join(r.text for r in route.rows)


def test_facts_nobody_disputes_are_suggested_only_where_some_are_recorded() -> None:
    found = exits.routes(exits.pre_answers("contract"))
    assert [r.code for r in found if exits.suggested(r, recorded=False)] == ["suit"]
    assert [r.code for r in found if exits.suggested(r, recorded=True)] == ["suit", "undisputed"]


def test_sentences_for_the_notice() -> None:
    found = exits.routes(exits.pre_answers("contract"))
    sentences = exits.remedy_sentences(found[:2])
    assert [s[:2] for s in sentences] == ["1.", "2."]
    assert len(exits.basis_of(found)) == len(set(exits.basis_of(found)))
    with pytest.raises(FieldError, match="至少选一条路"):
        exits.remedy_sentences(())


def test_an_unanswered_question_is_named() -> None:
    with pytest.raises(FieldError) as caught:
        exits.routes({"labour": True})
    assert caught.value.field == "arbitration_clause"


def test_grounds_make_outcomes() -> None:
    assert {g.outcome for g in exits.grounds()} == {"failed", "withdrawn", "terminated"}

"""The packaged catalogues are whole and refer to each other rightly."""

from __future__ import annotations

from app.domain import taxonomy
from app.domain.workdays import resource


def test_eighteen_classes() -> None:
    kinds = taxonomy.dispute_kinds()
    assert len(kinds) == 18
    assert list(kinds)[-1] == "other"
    assert all(k.causes and k.title and k.platform for k in kinds.values())
    assert taxonomy.kind_name("neighbour") == "邻里"
    assert taxonomy.kind_label("other_labour") == "其他劳动争议"
    assert taxonomy.kind_name("nonsense") == "其他"


def test_platform_kinds_map_to_one_class() -> None:
    names = [p for k in taxonomy.dispute_kinds().values() for p in k.platform]
    assert len(names) == len(set(names))
    assert taxonomy.kind_of_platform("物业服务").code == "property"
    assert taxonomy.kind_of_platform("没见过的类").code == "other"


def test_refusal_reasons_have_basis_and_routes_in_words() -> None:
    reasons = taxonomy.refusal_reasons()
    assert list(reasons) == [f"N{n}" for n in range(1, 13)]
    assert all(r.basis and r.routes for r in reasons.values())
    assert "《人民调解工作若干规定》第22条" in reasons["N2"].basis
    assert reasons["N2"].waives_contact


def test_courts() -> None:
    assert len({c.code for c in taxonomy.all_courts()}) == len(taxonomy.all_courts())
    assert not any(c.demo for c in taxonomy.courts())
    assert [c.name for c in taxonomy.courts(practice=True) if c.demo] == ["云浦区人民法院", "临川区人民法院"]
    assert len([c for c in taxonomy.courts() if c.level == "basic"]) == 16
    court = taxonomy.court_by_code("C310115")
    assert court is not None
    assert court.name == "上海市浦东新区人民法院"
    assert taxonomy.court_by_code("C0") is None


def test_old_article_numbers_lead_to_the_new() -> None:
    assert taxonomy.current_article("mss", "201") == "205"
    assert taxonomy.current_article("mss_jieshi", "357") == "355"
    assert taxonomy.current_article("mss", "999") == "999"


def test_every_catalogue_tells_its_version() -> None:
    names = ("dispute_kinds", "refusal_reasons", "closing_methods", "courts", "materials", "exits", "laws")
    for name in (*names, "rules"):
        assert resource(f"legal/{name}.json")["version"], name

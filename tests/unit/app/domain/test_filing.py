"""Judicial confirmation: court, contents, clock, materials."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from app.domain import casefile as cf
from app.domain import filing, taxonomy
from app.domain.agreement import Effectiveness
from app.domain.reducer import CaseFile
from app.domain.supplements import unanswered, with_asked
from app.domain.workdays import default_calendar
from tests.helpers import casefiles as make

D = dt.date
COURTS = taxonomy.courts(practice=True)


def attachment(key: str, role: str, title: str = "", by: str = "", **more: Any) -> cf.Attachment:
    return cf.Attachment(
        attachment_id=key, case_id="c1", sha256=key, size=1, name=f"{key}.pdf", media_type="application/pdf",
        role=role, title=title, provided_by=by, added_at=make.at("2026-11-21"), added_by="m1", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def with_files(file: CaseFile, *files: cf.Attachment) -> CaseFile:
    return replace(file, attachments={a.attachment_id: a for a in files})


def ready_case(**more: Any) -> CaseFile:
    return make.case_file(agreements=(make.agreement(),), agreement_id="g1", state="agreed", **more)


def test_courts_with_their_connecting_points() -> None:
    parties = (
        make.person("p1", "丁向阳", "applicant", district="临川区"),
        make.person("p2", "罗敏", "respondent"),
    )
    file = make.case_file(parties=parties)
    found = filing.competent_courts(file.head, parties, "云浦区", COURTS)
    assert [(c.court.name, c.reason) for c in found] == [
        ("云浦区人民法院", "调解组织所在地；罗* 也住这里"),
        ("临川区人民法院", "丁** 住所地"),
    ]
    assert "第205条第2项" in found[0].basis


def test_the_inviting_court_is_the_only_one() -> None:
    file = make.case_file(inviting_court="CDEMO2")
    (only,) = filing.competent_courts(file.head, file.parties.values(), "云浦区", COURTS)
    assert (only.court.name, only.reason) == ("临川区人民法院", "邀请本机构先行调解的法院")


def test_labour_goes_to_the_committees_court() -> None:
    parties = (make.person("p1", "丁向阳", "applicant", district="临川区"),)
    file = make.case_file(parties=parties, law_kind="labour")
    assert [c.court.district for c in filing.competent_courts(file.head, parties, "云浦区", COURTS)] == [
        "云浦区"
    ]


def test_real_estate_adds_where_it_lies() -> None:
    parties = (make.person("p1", "丁向阳", "applicant", district="临川区"),)
    file = make.case_file(parties=parties, dispute_kind="housing", district="浦东新区")
    found = filing.competent_courts(file.head, parties, "云浦区", COURTS)
    assert [c.reason for c in found] == ["调解组织所在地", "标的物所在地", "丁** 住所地"]


def _found(text: str, law_kind: str = "people") -> list[str]:
    agreement = make.agreement(clauses=(cf.Clause(no=1, text=text),))
    found = filing.eligibility(make.case_file(law_kind=law_kind).head, agreement)
    return [o.code for o in found if o.level == "must"]


@pytest.mark.parametrize(
    ("text", "code", "article"),
    [
        ("双方同意离婚，子女由女方抚养。", "status", "355条第3项"),
        ("双方婚姻关系自本协议生效时解除。", "status", "355条第3项"),
        ("甲乙双方解除夫妻关系。", "status", "355条第3项"),
        ("收养关系自即日起终止。", "status", "355条第3项"),
        ("确认甲方与丙的亲子关系。", "status", "355条第3项"),
        ("甲方系丙的生父，双方认可。", "status", "355条第3项"),
        ("坐落于平凉路的房屋归乙方所有。", "title", "355条第5项"),
        ("房屋产权属于甲方。", "title", "355条第5项"),
        ("该商标权由乙方享有。", "title", "355条第5项"),
        ("确认甲方对车位享有所有权。", "title", "355条第5项"),
        ("宅基地使用权归甲方。", "title", "355条第5项"),
        ("申请宣告失踪。", "other_procedure", "355条第4项"),
        ("甲方收款后不得报案。", "harmful", "358条"),
    ],
)
def test_contents_a_court_may_not_confirm(text: str, code: str, article: str) -> None:
    agreement = make.agreement(clauses=(cf.Clause(no=1, text=text),))
    (obstacle,) = filing.eligibility(make.case_file().head, agreement)
    assert (obstacle.code, obstacle.level) == (code, "must")
    assert article in obstacle.basis
    assert obstacle.words[0] in text
    assert "可能" in obstacle.sentence


@pytest.mark.parametrize(
    "text",
    [
        "甲方同意放弃房屋产权归属主张。",
        "双方同意不就房屋归谁所有再起争议。",
        "双方婚姻关系存续期间的债务由甲方承担。",
        "双方已离婚，抚养费每月 2,000 元。",
        "双方劳动关系于11月30日解除。",
        "租赁关系解除，押金归乙方所有。",
        "乙方把车辆归还甲方。",
        "双方不再办理离婚登记以外的事项。",
    ],
)
def test_words_that_only_look_like_it_are_let_pass(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    "text", ["双方约定不缴社保，折成工资发放。", "乙方自愿放弃缴纳社会保险。", "甲方无须为乙方办理社保。"]
)
def test_social_insurance_is_looked_at_in_labour_disputes_only(text: str) -> None:
    assert _found(text, "labour") == ["labour_void"]
    assert _found(text) == []


def test_a_sound_agreement_meets_no_obstacle() -> None:
    assert filing.eligibility(make.case_file().head, make.agreement()) == ()


def test_labour_limits() -> None:
    case = make.case_file(law_kind="labour").head
    clause = cf.Clause(no=1, text="双方约定不缴社保，折成工资发放。")
    found = filing.eligibility(case, make.agreement(clauses=(clause,), payments=()))
    assert [o.level for o in found] == ["must", "look"]


def test_the_earlier_day_reminds() -> None:
    effect = Effectiveness(D(2026, 11, 6), D(2026, 11, 9), (), "", ())
    clock = filing.confirmation_clock(effect, default_calendar())
    assert clock.earliest is not None
    assert clock.complete is not None
    assert clock.reminds is clock.earliest
    assert (clock.earliest.due_on, clock.complete.due_on) == (D(2026, 12, 7), D(2026, 12, 9))
    assert not clock.is_late(D(2026, 12, 9))
    assert clock.is_late(D(2026, 12, 10))
    nothing = filing.confirmation_clock(Effectiveness(None, None, (), "", ()), default_calendar())
    assert nothing.reminds is None
    assert not nothing.is_late(D(2030, 1, 1))


def by_code(items: tuple[filing.MaterialItem, ...]) -> dict[str, filing.MaterialItem]:
    return {i.material.code: i for i in items}


def test_an_empty_case_lacks_what_the_law_names() -> None:
    items = filing.materials(ready_case())
    found = by_code(items)
    assert not filing.can_lodge(items)
    assert {c for c, i in found.items() if i.blocks} == {
        "application",
        "agreement",
        "certificate",
        "identity",
    }
    assert found["authority"].detail == "双方都是本人办理"
    assert found["property"].detail == "不涉及房屋、车辆、股权"
    assert found["service_address"].status == "later"
    assert items[0].status == "missing"


def test_a_pack_that_can_be_lodged() -> None:
    file = with_files(
        ready_case(),
        attachment("a1", "scan", "司法确认申请书"),
        attachment("a2", "scan", "人民调解协议书", pages=3),
        attachment("a3", "scan", "主持调解证明"),
        attachment("a4", "identity", "身份证正反面", "p1"),
        attachment("a5", "identity", "身份证正反面", "p2"),
        attachment("a6", "scan", "送达地址确认书", "p1"),
        attachment("a7", "evidence", "票据"),
    )
    items = filing.materials(file)
    found = by_code(items)
    assert filing.can_lodge(items)
    assert found["agreement"].detail == "共 1 件 3 页"
    assert found["identity"].attachment_ids == ("a4", "a5")
    assert (found["service_address"].status, found["service_address"].lacking_party_ids) == ("later", ("p2",))
    assert found["service_address"].detail == "吴* 的还没有，先交后补也行"
    assert found["evidence"].status == "ready"


def test_the_name_of_an_organisation_needs_no_room_after_it() -> None:
    firm = make.person("p2", "上海云浦装饰工程有限公司", "respondent", kind="organisation")
    file = ready_case(parties=(make.person("p1", "陈秀英", "applicant"), firm))
    file = with_files(file, attachment("a6", "scan", "送达地址确认书", "p1"))
    assert by_code(filing.materials(file))["service_address"].detail == "某装饰公司的还没有，先交后补也行"


def test_one_partys_identity_is_not_both() -> None:
    file = with_files(ready_case(), attachment("a4", "identity", "身份证", "p1"))
    item = by_code(filing.materials(file))["identity"]
    assert (item.status, item.lacking_party_ids) == ("missing", ("p2",))


def test_an_agent_and_property_ask_for_more() -> None:
    agent = cf.Agent(name="吴小丽", relation="女儿")
    parties = (
        make.person("p1", "陈明华", "applicant"),
        make.person("p2", "吴刚", "respondent", agent=agent),
    )
    clause = cf.Clause(no=1, text="乙方将车位交还甲方使用。")
    file = make.case_file(
        parties=parties, agreements=(make.agreement(clauses=(clause,)),), agreement_id="g1", state="agreed"
    )
    found = by_code(filing.materials(file))
    assert found["authority"].blocks
    assert found["property"].blocks
    waived = by_code(filing.materials(file, not_needed={"property": "只是使用，不涉及归属"}))
    assert waived["property"].status == "not_needed"


def test_what_the_law_names_for_every_case_cannot_be_waived() -> None:
    items = by_code(filing.materials(ready_case(), not_needed={"application": "懒得写"}))
    assert items["application"].blocks


def test_a_derived_not_needed_can_be_overruled_and_files_chosen_by_hand() -> None:
    file = with_files(ready_case(), attachment("b1", "other", "别的名字"))
    found = by_code(filing.materials(file, needed=["property"], chosen={"property": ("b1",)}))
    assert (found["property"].status, found["property"].attachment_ids) == ("ready", ("b1",))


def test_a_file_filed_for_a_material_fulfils_it_whatever_its_title() -> None:
    made = attachment("b1", "scan", "调解组织主持调解证明", material="certificate")
    other = attachment("b2", "scan", "主持调解证明", material="record")
    found = by_code(filing.materials(with_files(ready_case(), made, other)))
    assert found["certificate"].attachment_ids == ("b1",)
    assert "b2" in found["record"].attachment_ids


@pytest.mark.parametrize(
    ("code", "awaits", "detail"),
    [
        ("application", "待双方签", "法定必有；已写好，须双方共同签名"),
        ("certificate", "待盖章", "法定必有；已写好，须盖章"),
        ("service_address", "待本人签", "已写好，须各方本人签名"),
    ],
)
def test_a_paper_the_product_wrote_waits_for_its_signature(code: str, awaits: str, detail: str) -> None:
    paper = attachment("b1", "paper", "写好的", material=code)
    item = by_code(filing.materials(with_files(ready_case(), paper)))[code]
    assert (item.awaits, item.detail, item.attachment_ids) == (awaits, detail, ())
    assert item.paper_ids == ("b1",)
    assert item.blocks is item.material.legal
    scan = attachment("b2", "scan", "签好的", material=code)
    signed = by_code(filing.materials(with_files(ready_case(), paper, scan)))[code]
    assert (signed.status, signed.awaits, signed.attachment_ids) == ("ready", "", ("b2",))
    picked = by_code(filing.materials(with_files(ready_case(), paper), chosen={code: ("b1",)}))[code]
    assert (picked.status, picked.attachment_ids) == ("ready", ("b1",))


def test_a_paper_that_needs_no_signature_counts_as_it_is() -> None:
    paper = attachment("b1", "paper", "证据目录", material="evidence")
    assert by_code(filing.materials(with_files(ready_case(), paper)))["evidence"].status == "ready"


def test_ways_that_stay_open_late() -> None:
    routes = filing.late_routes()
    assert any("起诉" in r.text for r in routes)
    assert any("第86条" in r.basis for r in routes)


def test_no_material_says_the_same_thing_twice() -> None:
    items = filing.materials(ready_case())
    later = {item.material.code: item.detail for item in items if item.status == "later"}
    assert later["service_address"] == "写明法院文书送到哪里，各方一份，先交后补也行"
    assert all(detail.count("先交后补") == 1 for detail in later.values())


def added(material: str, hour: int) -> cf.Attachment:
    at = dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC)
    return msgspec.structs.replace(attachment("b1", "scan", material=material), added_at=at)


def asked_for(*words: str, state: str = "supplement_asked") -> cf.Submission:
    """An application whose court asked for something on 23 November at noon."""
    event = cf.SubmissionEvent(
        at=dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC), state="supplement_asked", asked=words
    )
    return cf.Submission(
        submission_id="s1", case_id="c1", kind="judicial_confirmation", subject_id="a1", round=1, state=state,
        events=(event,),
    )  # fmt: skip


def test_what_the_court_asks_for_comes_first_until_something_is_added() -> None:
    file = ready_case()
    known = filing.materials(file)
    items = with_asked(known, file, asked_for("申请人身份证明正反面复印件", "居住情况说明"), {})
    assert [i.asked for i in items[:2]] == ["申请人身份证明正反面复印件", "居住情况说明"]
    assert [i.material.code for i in items[:2]] == ["identity", "asked-0-1"]
    assert unanswered(items) == ("申请人身份证明正反面复印件", "居住情况说明")
    more = with_files(file, added("asked-0-1", 5))
    items = with_asked(filing.materials(more), more, asked_for("居住情况说明"), {})
    own = by_code(items)["asked-0-0"]
    assert own.asked == "居住情况说明"
    more = with_files(file, added("asked-0-0", 5))
    items = with_asked(filing.materials(more), more, asked_for("居住情况说明"), {})
    own = by_code(items)["asked-0-0"]
    assert (own.asked, own.status, own.attachment_ids) == ("", "ready", ("b1",))


def test_an_answered_question_keeps_its_line_in_the_pack() -> None:
    file = with_files(ready_case(), added("asked-0-0", 3))
    items = with_asked(filing.materials(file), file, asked_for("居住情况说明", state="accepted"), {})
    assert by_code(items)["asked-0-0"].attachment_ids == ("b1",)
    assert unanswered(items) == ()


def test_pages_are_summed_only_where_each_file_has_been_counted() -> None:
    scans = [
        attachment(f"a{n}", "scan", "人民调解协议书", pages=pages) for n, pages in enumerate((1, 2, None))
    ]
    for files, said in ((scans[:2], "共 2 件 3 页"), (scans, "共 3 件")):
        found = by_code(filing.materials(with_files(ready_case(), *files)))
        assert found["agreement"].detail == said

"""The check of a draft agreement, after the screen's example."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from app.domain import casefile as cf
from app.domain import checks
from tests.helpers import casefiles as make


def found(draft: cf.Agreement, *, wants: bool = False, **case: Any) -> dict[str, checks.Finding]:
    result = checks.examine(draft, make.case_file(number="1", **case), wants_confirmation=wants)
    return {f.code: f for f in result if f.level != "ok"}


def clauses(*texts: str) -> tuple[cf.Clause, ...]:
    return tuple(cf.Clause(no=n, text=t) for n, t in enumerate(texts, 1))


def test_a_sound_draft_has_nothing_to_change() -> None:
    result = checks.examine(make.agreement(), make.case_file(), wants_confirmation=False)
    assert {f.level for f in result} == {"ok"}
    assert checks.counts(result) == {"must": 0, "should": 0, "ok": 14}
    assert checks.blocking(result) == ()


def test_what_was_performed_under_the_version_before_is_named() -> None:
    old, new = make.agreement(), make.agreement(agreement_id="agreement-new")
    body = cf.Performance(
        agreement_id=old.agreement_id, payment_no=1, on=dt.date(2026, 11, 30), amount_fen=2_000_00
    )
    file = make.case_file(
        make.record("r1", body, "2026-11-30"), agreements=(old,), agreement_id=old.agreement_id
    )
    told, other = (
        {one.code: one for one in checks.examine(draft, file, wants_confirmation=False)}
        for draft in (new, old)
    )
    named = told["performed"]
    assert (named.level, named.sentence) == (
        "should",
        "现在这一版已登记履行：第 1 期已履行 2,000 元（11月30日）",
    )
    assert "performed" not in other, "its own are no news to it"


def test_a_rest_without_a_day() -> None:
    first, second = make.agreement().payments
    undated = msgspec.structs.replace(second, due_on=None)
    finding = found(make.agreement(payments=(first, undated)))["date"]
    assert (finding.level, finding.field) == ("must", "payments.2")
    assert finding.sentence == "余款 2,800 元没有写明哪天付"
    assert "第358条第5项" in finding.basis
    assert finding.repair is not None
    assert (finding.repair.value, finding.repair.label) == ("2026-12-20", "12月20日（含当天）前")


def test_an_instalment_that_is_empty_is_told_by_what_it_lacks() -> None:
    first, second = make.agreement().payments
    empty = msgspec.structs.replace(second, due_on=None, amount_fen=0)
    findings = found(make.agreement(payments=(first, empty)))
    assert findings["date"].sentence == "第 2 期没有写明哪天付"
    assert findings["sum"].sentence == "第 2 期金额还空着"


def test_what_is_not_understood_must_be_changed_and_proves_nothing() -> None:
    def examined(draft: cf.Agreement, *unread: str) -> list[tuple[str, str, str]]:
        result = checks.examine(draft, make.case_file(number="1"), wants_confirmation=False, unread=unread)
        return [(f.code, f.level, f.sentence) for f in result if f.code in ("sum", "stated", "date")]

    whole = make.agreement()
    first, second = whole.payments
    unread = msgspec.structs.replace(whole, total_fen=None)
    assert ("sum", "must", "总额没有看懂") in examined(unread, "total")
    assert not [one for one in examined(unread, "total") if one[0] in ("sum", "stated") and one[1] == "ok"]
    assert not [one for one in examined(unread) if one[0] in ("sum", "stated")], "no total, nothing proven"
    assert [
        one for one in examined(msgspec.structs.replace(unread, payments=()), "total") if one[1] == "must"
    ]
    amount = msgspec.structs.replace(whole, payments=(first, msgspec.structs.replace(second, amount_fen=0)))
    assert ("sum", "must", "第 2 期金额没有看懂") in examined(amount, "payments.2.amount")
    day = msgspec.structs.replace(whole, payments=(first, msgspec.structs.replace(second, due_on=None)))
    assert ("date", "must", "余款 2,800 元哪天付没有看懂") in examined(day, "payments.2.due")


@pytest.mark.parametrize(
    ("text", "undated"),
    [
        ("乙方分三期向甲方支付折价款共计３００，０００元。", True),
        ("乙方于2026年12月10日（含当天）前付清5,800元。", False),
        ("乙方签署本协议时付清5,800元。", False),
        ("乙方收到通知后十日内退还5,800元。", False),
        ("双方确认货款为5,800元。", False),
        ("乙方向甲方支付押金四千五百元。", True),
        ("乙方当场付清4,500元。", False),
        ("乙方已付4,500元，双方再无争议。", False),
        ("乙方违约的，按每日100元支付违约金。", False),
    ],
)
def test_a_sum_without_a_plan_has_its_day_in_the_clause(text: str, undated: bool) -> None:
    draft = make.agreement(clauses=(cf.Clause(no=1, text=text),), payments=())
    said = [(one.level, one.sentence) for one in (found(draft).get("date"),) if one is not None]
    assert said == ([("should", "第 1 条写了付钱，没有写明哪天付")] if undated else [])


def test_a_day_that_is_over() -> None:
    first, second = make.agreement().payments
    past = msgspec.structs.replace(second, due_on=dt.date(2026, 1, 10))
    assert "已经过去" in found(make.agreement(payments=(first, past)))["date"].sentence


@pytest.mark.parametrize(
    ("text", "level", "sentence"),
    [
        ("余款 2,800 元尽快付清。", "must", "“尽快”说不清日期"),
        ("乙方保证以后不再渗漏。", "should", "“以后”没有期限"),
        ("乙方适当补偿甲方。", "must", "“适当”说不清数目"),
    ],
)
def test_vague_words(text: str, level: str, sentence: str) -> None:
    draft = make.agreement(clauses=(*make.agreement().clauses, cf.Clause(no=3, text=text)))
    finding = found(draft)["vague"]
    assert (finding.level, finding.sentence, finding.field) == (level, sentence, "clauses.3")


def test_a_vague_word_can_be_replaced_in_place() -> None:
    draft = make.agreement(clauses=(*make.agreement().clauses, cf.Clause(no=3, text="余款尽快付清。")))
    repair = found(draft)["vague"].repair
    assert repair is not None
    assert "余款尽快付清。".replace(repair.find, repair.value) == "余款于2026年12月20日（含当天）前付清。"


@pytest.mark.parametrize(
    ("text", "put_right"),
    [
        ("乙方于12月10日前修好。", "乙方于12月10日（含当天）前修好。"),
        ("乙方于2026年12月10日之前修好。", "乙方于2026年12月10日（含当天）前修好。"),
        ("乙方每月5日以前付房租。", "乙方每月5日（含当天）前付房租。"),
        ("乙方于12月10日（含当天）前修好，12月10日前述各项不再另议。", ""),
        ("甲方收到通知3日前未回复的除外。", ""),
        ("乙方于12月10日（含）前修好。", ""),
        ("乙方于12月10日前付清（含当天）。", ""),
        ("乙方于12月10日前后修好。", ""),
    ],
)
def test_a_last_day_left_open_is_said_and_put_right(text: str, put_right: str) -> None:
    draft = make.agreement(clauses=(*make.agreement().clauses, cf.Clause(no=3, text=text)))
    finding = found(draft).get("that_day")
    if not put_right:
        assert finding is None
        return
    assert finding is not None
    assert (finding.level, finding.field, finding.basis) == ("should", "clauses.3", "《民法典》第1259条")
    assert finding.repair is not None
    assert text.replace(finding.repair.find, finding.repair.value) == put_right
    assert finding.sentence == f"“{finding.repair.find}”没有说含不含当天"
    assert not text.partition(finding.repair.find)[0][-1:].isdigit(), "the month is named whole"


def test_a_date_before_the_word_makes_it_clear() -> None:
    text = "乙方于2026年12月10日（含当天）前及时修好防水层。"
    assert "vague" not in found(
        make.agreement(clauses=(*make.agreement().clauses, cf.Clause(no=3, text=text)))
    )


def test_sums_and_capitals() -> None:
    wrong = found(make.agreement(total_fen=590000))
    assert wrong["sum"].repair is not None
    assert wrong["sum"].repair.value == "580000"
    assert "5,900 元" in wrong["sum"].sentence
    text = "乙方赔偿甲方 5,800 元（大写：伍仟玖佰元整）。"
    capitals = found(make.agreement(clauses=clauses(text)))["capitals"]
    assert capitals.repair is not None
    assert (capitals.repair.find, capitals.repair.value) == ("伍仟玖佰元整", "伍仟捌佰元整")
    assert "stated" in found(make.agreement(clauses=clauses("乙方赔偿甲方墙面修复费用。")))


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("乙方付甲方人民币叁仟元整（3,800 元）。", "叁仟元整", "叁仟捌佰元整"),
        ("乙方付甲方￥5800（大写：叁仟元整）。", "叁仟元整", "伍仟捌佰元整"),
        ("乙方付甲方 5,800 元，大写叁仟元整。", "叁仟元整", "伍仟捌佰元整"),
        ("乙方付甲方 3.2 万元（人民币大写：叁万元整）。", "叁万元整", "叁万贰仟元整"),
        ("先付 300 元（大写：叁佰元整），再付伍佰元整（小写：￥600）。", "伍佰元整", "陆佰元整"),
    ],
)
def test_capitals_are_compared_with_the_figures_they_stand_with(text: str, wrong: str, right: str) -> None:
    finding = found(make.agreement(clauses=clauses(text)))["capitals"]
    assert finding.level == "must"
    assert finding.repair is not None
    assert (finding.repair.find, finding.repair.value) == (wrong, right)


@pytest.mark.parametrize(
    "text",
    [
        "乙方付甲方人民币伍仟捌佰圆（5,800 元）。",
        "乙方付 100,005,000 元（大写：壹亿零伍仟元整）。",
        "乙方付 107,000 元（大写：壹拾万柒仟元整）。",
        "乙方付 107,000 元（大写：壹拾万零柒仟元整）。",
        "乙方付 5,800 元，另付 300 元，合计大写陆仟壹佰元整。",
        "大写：伍仟捌佰元正 5,800 元。",
        "乙方付甲方叁仟元整。",
    ],
)
def test_capitals_that_agree_are_let_be(text: str) -> None:
    assert "capitals" not in found(make.agreement(clauses=clauses(text)))


def test_capitals_away_from_any_figures_are_looked_at() -> None:
    text = "乙方付甲方 5,800 元，分两次付。其中定金为贰仟元整。"
    assert found(make.agreement(clauses=clauses(text)))["capitals"].level == "should"


def test_an_empty_amount() -> None:
    first, second = make.agreement().payments
    empty = msgspec.structs.replace(second, amount_fen=0)
    result = checks.examine(
        make.agreement(payments=(first, empty)), make.case_file(), wants_confirmation=False
    )
    assert "第 2 期金额还空着" in [f.sentence for f in result]


def test_who_pays_whom() -> None:
    first, second = make.agreement().payments
    for change in ({"payer_party_id": "p1"}, {"payee_party_id": "p9"}):
        wrong = msgspec.structs.replace(second, **change)  # type: ignore[arg-type]
        assert found(make.agreement(payments=(first, wrong)))["payer"].field == "payments.2"


def test_a_daughter_signs_without_authority() -> None:
    agent = cf.Agent(name="吴小丽", relation="女儿")
    parties = (make.person("p1", "陈明华", "applicant"), make.person("p2", "吴刚", "respondent", agent=agent))
    finding = found(make.agreement(), parties=parties)["agent"]
    assert (finding.level, finding.sentence) == ("must", "女儿代签，还缺授权")
    assert "吴*" in finding.consequence
    assert "吴刚" not in finding.consequence
    special = cf.Agent(name="吴小丽", relation="女儿", authority="special", evidence_attachment_id="a1")
    parties = (parties[0], make.person("p2", "吴刚", "respondent", agent=special))
    assert "agent" not in found(make.agreement(), parties=parties)


def test_identities() -> None:
    parties = (
        make.person("p1", "陈明华", "applicant", id_number=""),
        make.firm("p2", "馨苑物业", "respondent", legal_representative=""),
    )
    result = checks.examine(make.agreement(), make.case_file(parties=parties), wants_confirmation=False)
    sentences = {f.sentence: f.level for f in result}
    assert sentences["甲方缺证件号"] == "must"
    assert sentences["乙方缺法定代表人"] == "should"


def test_copies() -> None:
    finding = found(make.agreement(), wants=True)["copies"]
    assert finding.sentence == "要做司法确认，再多打 1 份"
    assert finding.repair is not None
    assert (finding.repair.value, finding.repair.label) == ("4", "改成四份")
    assert "copies" not in found(make.agreement(copies=4), wants=True)


def test_contents_block_only_where_a_court_is_wanted() -> None:
    draft = make.agreement(clauses=(*make.agreement().clauses, cf.Clause(no=3, text="房屋归乙方所有。")))
    assert found(draft, wants=True)["contents"].level == "must"
    assert found(draft)["contents"].level == "should"
    assert found(draft)["contents"].field == "clauses.3"


@pytest.mark.parametrize("law_kind", ["labour", "medical", "rural_land"])
def test_no_oral_form(law_kind: str) -> None:
    assert found(make.agreement(form="oral", law_kind=law_kind))["form"].level == "must"
    assert "form" not in found(make.agreement(form="oral"))


def test_empty_pages_and_a_single_party() -> None:
    draft = make.agreement(
        facts=" ", clauses=(), performance="", payments=(), total_fen=None, party_ids=("p1",)
    )
    codes = set(found(draft))
    assert {"facts", "clauses", "performance", "parties"} <= codes
    assert "number" in {
        f.code
        for f in checks.examine(make.agreement(number=""), make.case_file(), wants_confirmation=False)
        if f.level == "should"
    }


def test_the_date_on_the_paper() -> None:
    late = found(make.agreement(dated_on=dt.date(2026, 11, 21)))["paper_date"]
    assert (late.level, late.field) == ("must", "dated_on")
    assert late.repair is not None
    assert late.repair.value == "2026-11-20"
    early = make.agreement(dated_on=dt.date(2026, 11, 10))
    before = found(early, accepted_at=make.at("2026-11-12"))["paper_date"]
    assert before.level == "should"
    assert "早于受理的 11月12日" in before.sentence
    assert found(early) == {}


def test_a_day_of_payment_is_compared_with_the_date_on_the_paper() -> None:
    paid = cf.Payment(
        no=1, payer_party_id="p2", payee_party_id="p1", amount_fen=580000, due_on=dt.date(2026, 11, 19)
    )
    assert "date" in found(make.agreement(payments=(paid,)))
    assert "date" not in found(make.agreement(payments=(paid,), dated_on=dt.date(2026, 11, 18)))

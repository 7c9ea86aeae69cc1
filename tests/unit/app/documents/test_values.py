"""Values of papers: right words, right dates and amounts, masked where asked, gaps reported."""

from __future__ import annotations

import dataclasses
import datetime as dt

import msgspec
import pytest

from app.documents import texts
from app.documents.forms import all_forms, form
from app.documents.render import check_code
from app.documents.values import PaperValues, missing, values_for
from app.domain import casefile as cf
from app.domain import masking, money
from app.domain.errors import NotFoundError
from app.domain.reducer import CaseFile
from tests.helpers import papers


def whole(values: PaperValues) -> str:
    return msgspec.json.encode(values).decode()


def test_an_agreement_says_who_pays_whom_by_when_in_figures_and_capitals() -> None:
    values = values_for("F06", papers.case_file(), papers.context())
    lines = values.block("performance").paras
    assert lines == (
        "收款后甲方出具收条。",
        "第一期：乙方于签署本协议当日，以现金方式向甲方支付人民币3,000元（大写：叁仟元整）。",
        "第二期：乙方于2026年12月10日（含当天）前，以银行转账方式向甲方支付人民币2,800元"
        "（大写：贰仟捌佰元整）（收款账户尾号6612）。",
        "以上合计人民币5,800元（大写：伍仟捌佰元整）。",
    )
    assert values.block("copies").paras == ("本协议一式三份，当事人各持一份，人民调解委员会留存一份。",)
    assert [p.caption for p in values.block("parties").people] == ["甲方", "乙方"]
    assert values.signs[0].label == "甲方（签名盖章或按指印）"
    assert values.signs[0].fingerprint
    assert not values.signs[-1].fingerprint


def test_what_is_paid_at_once_under_an_oral_agreement_waits_for_no_signing() -> None:
    spoken = msgspec.structs.replace(papers.AGREEMENT, form="oral")
    file = dataclasses.replace(papers.case_file(), agreements={"a1": spoken})
    lines = values_for("F07", file, papers.context()).block("performance").paras
    assert lines[1].startswith("第一期：乙方于达成协议当日，以现金方式向甲方支付")
    assert not any("签署" in line for line in lines)


def test_the_closing_sheet_says_of_payments_what_the_case_says() -> None:
    """What was put right counts as it was put right, and parts add up."""
    file = papers.case_file()

    def paid(no: int, state: str, fen: int, hour: int) -> cf.Record:
        on = dt.date(2026, 11, 25)
        body = cf.Performance(agreement_id="a1", payment_no=no, on=on, state=state, amount_fen=fen)  # type: ignore[arg-type]
        at = dt.datetime(2026, 11, 25, hour, tzinfo=dt.UTC)
        return cf.Record(record_id=f"pay{hour}", case_id="c1", author="p-zhou", at=at, body=body)

    made = [paid(1, "performed", 300_000, 1), paid(1, "partly", 100_000, 2), paid(2, "partly", 140_000, 3)]
    made.append(paid(2, "partly", 140_000, 4))
    told = dataclasses.replace(file, records={**file.records, **{one.record_id: one for one in made}})
    assert "约定履行2期，已履行1期，部分履行1期。" in whole(values_for("P20", told, papers.context()))


def test_parties_of_the_agreement_keep_its_order() -> None:
    file = papers.case_file()
    turned = msgspec.structs.replace(papers.AGREEMENT, party_ids=("p2", "p1"))
    file = dataclasses.replace(file, agreements={"a1": turned})
    people = values_for("F06", file, papers.context()).block("parties").people
    assert [dict(p.rows[0])["姓名"] for p in people] == ["吴垚", "陈喆堃"]


def test_ages_are_those_of_the_agreement_not_of_the_print() -> None:
    later = papers.context(printed_at=papers.at("2030-01-01T09:00"))
    person = values_for("F06", papers.case_file(), later).block("parties").people[0]
    assert dict(person.rows[0])["年龄"] == "52岁"


@pytest.mark.parametrize(
    ("copies", "parties", "words"),
    [
        (3, 2, "当事人各持一份，人民调解委员会留存一份"),
        (4, 2, "当事人各持一份，人民调解委员会留存一份，另一份供申请司法确认时提交人民法院"),
        (4, 3, "当事人各持一份，人民调解委员会留存一份"),
        (6, 3, "当事人各持一份，人民调解委员会留存一份，其余二份供申请司法确认时提交人民法院"),
        (2, 2, "由当事人、人民调解委员会留存"),
    ],
)
def test_the_holders_add_up_to_the_number_of_copies(copies: int, parties: int, words: str) -> None:
    assert texts.holders(copies, parties) == words


def test_copies_follow_parties_and_court() -> None:
    file = papers.case_file()
    assert values_for("F06", file, papers.context(for_court=False)).copies == 3
    assert values_for("F06", file, papers.context(for_court=True)).copies == 4


def test_the_application_calls_both_sides_applicants_and_names_the_signing_day() -> None:
    values = values_for("P15", papers.case_file(), papers.context())
    assert [p.caption for p in values.block("applicants").people] == ["申请人（甲方）", "申请人（乙方）"]
    assert values.block("request").paras == (
        "确认申请人陈喆堃与吴垚于2026年11月24日达成的调解协议（编号：（2026）云梧民调字第0318号）有效。",
    )
    assert values.addressee == "云浦区人民法院"


def test_an_unsigned_agreement_leaves_its_day_for_handwriting() -> None:
    file = dataclasses.replace(papers.case_file(), records={})
    request = values_for("P15", file, papers.context()).block("request").paras[0]
    assert "＿＿＿＿＿＿达成的调解协议" in request


def test_own_motion_changes_the_printed_words_of_the_register() -> None:
    asked = values_for("F02", papers.case_file(), papers.context())
    moved = values_for("F02", papers.case_file(source="own_motion"), papers.context())
    assert "依当事人申请" in asked.block("opening_request").paras[0]
    assert "主动调解" in moved.block("opening_own").paras[0]
    with pytest.raises(LookupError):
        moved.block("opening_request")


def test_a_charging_institution_does_not_promise_free_mediation() -> None:
    free = values_for("P01", papers.case_file(), papers.context())
    paid = values_for("P01", papers.case_file(), papers.context(free_of_charge=False))
    assert "不收取任何费用" in whole(free)
    assert "不收取任何费用" not in whole(paid)


def test_several_on_one_side_are_numbered() -> None:
    file = papers.case_file()
    file = dataclasses.replace(file, parties={**file.parties, "p3": papers.FIRM})
    values = values_for("F01", file, papers.context())
    assert [p.caption for p in values.block("respondents").people] == ["被申请人一", "被申请人二"]
    labels = [s.label for s in values_for("P12", file, papers.context()).signs]
    assert labels[:3] == [f"{who}（签名盖章或按指印）" for who in ("申请人", "被申请人一", "被申请人二")]


def test_numbers_typed_before_claims_are_not_doubled() -> None:
    rows = values_for("F01", papers.case_file(), papers.context()).block("claims").rows
    assert rows == (("一", "吴垚修复卫生间防水层"), ("二", "赔偿客厅、过道墙面修复费用5,800元"))


def test_the_chosen_session_is_printed() -> None:
    values = values_for("F05", papers.case_file(), papers.context(record_id="r1"))
    assert values.block("time").text == "2026年11月20日 14:00 至 15:10"
    latest = values_for("F05", papers.case_file(), papers.context())
    assert latest.block("time").text == "2026年11月23日 14:00 至 15:40"
    assert latest.block("talk").rows[1] == (
        "申请人陈喆堃",
        "听清楚了。墙面从十月起发霉，我请人看过，要五千八百元。",
    )


def test_undisputed_facts_of_all_sessions_stand_once() -> None:
    rows = values_for("P12", papers.case_file(), papers.context()).block("facts").rows
    assert [r[1] for r in rows] == ["渗漏来自401室卫生间地面防水层。", "受损部位为301室客厅、过道墙面。"]


def test_the_notice_of_the_end_leaves_consent_to_a_record_of_facts_to_be_ticked_by_hand() -> None:
    told = values_for("P13", papers.FAILED, papers.context()).block("undisputed")
    assert not any(tick.ticked for tick in told.ticks)
    silent = dataclasses.replace(papers.FAILED, records={})
    with pytest.raises(LookupError):
        values_for("P13", silent, papers.context()).block("undisputed")


def test_an_address_confirmation_is_for_the_chosen_party() -> None:
    values = values_for("P11", papers.case_file(), papers.context(party_id="p2"))
    assert values.block("name").text == "吴垚"
    with pytest.raises(NotFoundError):
        values_for("P11", papers.case_file(), papers.context(party_id="nobody"))


SECRETS = (
    "陈喆堃", "吴垚", "吴晓䶮", "11010519491231002X", "440524188001010014", "13800006612", "13900000275",
    "13700001188", "18弄6号", "chen@example.com", "1974年5月2日",
)  # fmt: skip


@pytest.mark.parametrize("form_id", sorted(all_forms()))
def test_nothing_personal_is_left_on_a_masked_paper(form_id: str) -> None:
    file = papers.files().get(form_id, papers.case_file())
    text = whole(values_for(form_id, file, papers.context(masked=True)))
    assert [s for s in SECRETS if s in text] == []
    assert money.amounts_in(masking._RANGE_WORDS.sub("", text)) == ()
    assert money.CAPITAL_AMOUNT.search(text) is None
    assert "周敏芳" in text or form_id not in {"P04", "P16", "P20"}


@pytest.mark.parametrize("form_id", sorted(all_forms()))
def test_a_full_paper_has_nothing_missing_and_an_empty_one_names_every_gap(form_id: str) -> None:
    definition = form(form_id)
    file = papers.files().get(form_id, papers.case_file())
    assert missing(definition, values_for(form_id, file, papers.context())) == ()
    bare = CaseFile(
        case=cf.Case(
            case_id=papers.CASE, source="walk_in", state="received", title="", dispute_kind="",
            received_at=papers.at("2026-11-16T09:12"),
        )
    )  # fmt: skip
    context = dataclasses.replace(
        papers.context(), institution_name="", phone="", address="", people={}, dispute_kind="", court_name=""
    )
    values = values_for(form_id, bare, context)
    found = {e.field for e in missing(definition, values)}
    present = {b.key: b for b in values.blocks}
    wanted = {f.key for f in definition.fields if f.required and f.key in present and present[f.key].empty}
    assert found == wanted
    assert bool(found) == any(f.required for f in definition.fields)


def test_a_party_without_address_is_named_by_caption_not_by_name() -> None:
    file = papers.case_file()
    bare = msgspec.structs.replace(papers.WU, address="")
    file = dataclasses.replace(file, parties={**file.parties, "p2": bare})
    errors = missing(form("F06"), values_for("F06", file, papers.context()))
    assert [e.message for e in errors] == ["乙方的单位或住址还空着，先打也行，签字前请补上。"]
    assert errors[0].field == "parties[1].单位或住址"


def test_no_telephone_with_a_reason_is_no_gap() -> None:
    file = papers.case_file()
    mute = msgspec.structs.replace(papers.WU, phone="", no_phone_reason="没有手机")
    file = dataclasses.replace(file, parties={**file.parties, "p2": mute})
    values = values_for("F06", file, papers.context())
    assert dict(values.block("parties").people[1].rows[1])["联系方式"] == "无（没有手机）"
    assert missing(form("F06"), values) == ()


def test_the_check_code_follows_the_words_not_the_print() -> None:
    file = papers.case_file()
    first = values_for("F06", file, papers.context())
    again = values_for("F06", file, papers.context(printed_at=papers.at("2027-01-01T08:00"), draft=True))
    assert check_code(first) == check_code(again)
    other = dataclasses.replace(
        file, agreements={"a1": msgspec.structs.replace(papers.AGREEMENT, performance="改了一个字。")}
    )
    assert check_code(values_for("F06", other, papers.context())) != check_code(first)
    assert len(check_code(first)) == 9


def test_watermarks() -> None:
    file = papers.case_file()
    assert values_for("F06", file, papers.context()).watermark == ""
    assert values_for("F06", file, papers.context(draft=True)).watermark == "草稿 未签"
    assert values_for("F06", file, papers.context(draft=True, practice=True)).watermark == "练习　草稿 未签"


@pytest.mark.parametrize(
    ("number", "words"), [(0, "零"), (3, "三"), (10, "十"), (12, "十二"), (21, "二十一"), (100, "100")]
)
def test_small_numbers_in_words(number: int, words: str) -> None:
    assert texts.count(number) == words


def test_deadlines_say_that_the_day_is_included() -> None:
    assert texts.due(dt.date(2026, 12, 10)) == "2026年12月10日（含当天）前"


def test_age_counts_full_years() -> None:
    assert texts.age(dt.date(2000, 2, 29), dt.date(2026, 2, 28)) == 25
    assert texts.age(dt.date(2000, 2, 29), dt.date(2026, 3, 1)) == 26


def test_clean_drops_what_cannot_stand_on_paper() -> None:
    assert texts.clean("甲\x00\x0b乙\u202e丙\ud800\r\n丁\t戊⼈") == "甲乙丙\n丁 戊人"


def test_a_half_signed_agreement_has_no_day_yet() -> None:
    file = papers.case_file()
    file = dataclasses.replace(file, records={k: r for k, r in file.records.items() if k != "r4"})
    request = values_for("P15", file, papers.context()).block("request").paras[0]
    assert "＿＿＿＿＿＿达成的调解协议" in request


def test_the_class_of_dispute_is_named_in_words() -> None:
    assert values_for("F02", papers.case_file(), papers.context()).block("kind").text == "邻里纠纷"
    named = papers.context(dispute_kind="相邻关系纠纷")
    assert values_for("F02", papers.case_file(), named).block("kind").text == "相邻关系纠纷"


def test_the_date_on_the_paper_is_printed_and_names_the_agreement() -> None:
    file = papers.case_file()
    (made,) = file.agreements.values()
    dated = msgspec.structs.replace(made, dated_on=dt.date(2026, 11, 22))
    file = dataclasses.replace(file, agreements={made.agreement_id: dated})
    assert values_for("F06", file, papers.context()).beside_number == "协议日期：2026年11月22日"
    assert "于2026年11月22日达成" in values_for("P15", file, papers.context()).block("request").paras[0]
    draft = values_for("F06", papers.case_file(), papers.context())
    assert draft.beside_number == "协议日期：＿＿＿＿＿＿", "a draft leaves the day for handwriting"

"""Masking: the screens' examples, and that nothing hidden shines through."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain import casefile as cf
from app.domain import masking
from app.domain.casefile import Party, Side


def party(name: str, side: Side = "applicant", kind: str = "person", **more: object) -> Party:
    return Party(
        party_id=name,
        case_id="c",
        side=side,
        ordinal=1,
        name=name,
        kind=kind,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("name", "陈明华", "陈**"),
        ("name", "吴刚", "吴*"),
        ("name", "欧阳靖远", "欧**"),
        ("name", "欧阳", "欧*"),
        ("name", "陈", "陈*"),
        ("organisation", "云浦区馨苑物业管理有限公司", "某物业公司"),
        ("organisation", "晨光装饰工程有限公司", "某装饰公司"),
        ("organisation", "梧桐里业主委员会", "某业主委员会"),
        ("organisation", "中和堂", "某单位"),
        ("phone", "13812346612", "138****6612"),
        ("phone", "+86 138 1234 6612", "138****6612"),
        ("phone", "021-55551226", "021-****26"),
        ("phone", "02155551226转803", "021-****26"),
        ("id", "310101196804260426", "310***********0426"),
        ("uscc", "91350100M000100Y43", "91************0Y43"),
        ("passport", "E12345678", "E*****678"),
        ("email", "wang.li@example.com", "w***@example.com"),
        ("address", "上海市云浦区梧桐里街道平凉路12弄3号402室", "上海市云浦区梧桐里街道****"),
        ("address", "梧桐里街道平凉路12弄", "梧桐里街道****"),
        ("address", "平凉路12弄3号402室", "****"),
        ("bank_card", "6222 0212 3456 7890 123", "****0123"),
        ("date", "2026-11-23", "2026年11月"),
        ("date", "2026年9月上旬", "2026年9月"),
        ("text", "两人吵了一架", "****"),
        ("something new", "不知道是什么", "****"),
    ],
)
def test_examples(kind: str, value: str, shown: str) -> None:
    assert masking.mask(kind, value) == shown


@pytest.mark.parametrize("kind", sorted(masking.MASKS))
def test_nothing_stays_nothing(kind: str) -> None:
    assert masking.mask(kind, "") == ""


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (None, ""),
        (580_00, "1 千元以下"),
        (1_000_00, "1 千元至 5 千元"),
        (5_800_00, "5 千元至 1 万元"),
        (32_000_00, "1 万元至 5 万元"),
        (999_999_99, "50 万元至 100 万元"),
        (1_000_000_00, "100 万元以上"),
    ],
)
def test_amounts_as_ranges(fen: int | None, words: str) -> None:
    assert masking.amount(fen) == words


def test_lines_of_parties() -> None:
    chen, wu = party("陈明华"), party("吴刚", "respondent")
    firm = party("馨苑物业管理有限公司", "respondent", "organisation")
    seven = [party(f"马国{n}") for n in "一二三四五六七"]
    assert masking.parties_line([chen], [wu]) == "陈** 与 吴*"
    assert masking.parties_list([chen], [wu]) == "陈** / 吴*"
    assert masking.parties_arrow([chen], [firm]) == "陈** → 某物业公司"
    assert masking.parties_line(seven, [firm]) == "马** 等 7 人 与 某物业公司"
    assert masking.parties_list([chen, wu], []) == "陈**、吴*"
    assert masking.parties_list([], []) == ""


def test_fields_of_a_party() -> None:
    someone = party(
        "陈明华",
        id_kind="resident",
        id_number="310101196804260426",
        phone="13812346612",
        address="梧桐里街道平凉路12弄3号",
        township="梧桐里街道",
        birth_date=dt.date(1968, 4, 26),
        occupation="退休",
    )
    shown = [masking.party_field(someone, f) for f in ("name", "id_number", "phone", "address", "birth_date")]
    assert shown == ["陈**", "310***********0426", "138****6612", "梧桐里街道****", "1968年4月"]
    assert masking.party_field(someone, "occupation") == "退休"
    assert masking.party_field(someone, "email") == ""


def test_free_text_is_redacted() -> None:
    text = "陈明华说电话13812346612打不通，改打021-55551226，身份证310101196804260426，信箱a.b@example.com"
    shown = masking.redact(text, ["陈明华"])
    assert shown == (
        "陈**说电话138****6612打不通，改打021-****26，身份证310***********0426，信箱a***@example.com"
    )


NAMES = st.text(alphabet="陈吴欧阳司马明华刚丽靖远王李", min_size=2, max_size=5)


@given(NAMES)
def test_a_name_shows_its_first_character_only(name: str) -> None:
    shown = masking.person(name)
    assert shown[0] == name[0]
    assert set(shown[1:]) == {"*"}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_shows_seven_digits(number: str) -> None:
    shown = masking.phone(number)
    assert shown == f"{number[:3]}****{number[-4:]}"
    assert number not in shown


@given(st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True))
def test_an_id_hides_the_birth_date(number: str) -> None:
    shown = masking.id_number(number)
    assert len(shown) == 18
    assert shown[3:14] == "*" * 11


@given(st.text(min_size=1, max_size=30), st.sampled_from(sorted(masking.MASKS)))
def test_any_text_of_any_kind_is_masked_without_error(value: str, kind: str) -> None:
    assume(value.strip())
    shown = masking.mask(kind, value)
    if kind not in ("organisation", "date"):
        assert "*" in shown or shown == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("乙方分两期共付3600元。", "乙方分两期共付1 千元至 5 千元。"),
        ("赔偿人民币 5,800 元（大写：伍仟捌佰元整）。", "赔偿5 千元至 1 万元。"),
        ("先付￥300，余款三千三百元年底付清。", "先付1 千元以下，余款1 千元至 5 千元年底付清。"),
        ("货款 5.6 万元整", "货款5 万元至 10 万元"),
        ("合计壹拾万元整，30 日内付清，共 18 平方米。", "合计10 万元至 50 万元，30 日内付清，共 18 平方米。"),
        ("2026年12月10日前付清", "2026年12月10日前付清"),
    ],
)
def test_an_amount_in_a_text_is_its_range(text: str, shown: str) -> None:
    assert masking.amounts(text) == shown
    assert masking.amounts(shown) == shown


@given(st.text(alphabet="0123456789,。说在 号", max_size=60))
def test_no_long_number_survives_redaction(text: str) -> None:
    import re

    shown = masking.redact(text)
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", shown)
    assert not re.search(r"(?<!\d)\d{17}[\dX](?!\d)", shown)


def test_people_present_and_organisations_present() -> None:
    firm = party("云浦装饰工程有限公司", "respondent", "organisation")
    shown = [
        masking.present_name(cf.Present(label=label, role=role), [party("陈明华"), firm])  # type: ignore[arg-type]
        for label, role in (
            ("陈明华", "applicant"), ("云浦装饰工程有限公司", "respondent"), ("孙丽", "agent"),
            ("周敏芳", "mediator"),
        )
    ]  # fmt: skip
    assert shown == ["陈**", masking.organisation("云浦装饰工程有限公司"), "孙*", "周敏芳"]

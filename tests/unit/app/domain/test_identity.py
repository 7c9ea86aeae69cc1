"""Numbers of documents and telephones: the vectors of the legal notes, and that every slip shows."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from app.domain import identity

TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("resident", "11010519491231002X"),
        ("resident", "11010519491231002x"),
        ("resident", "440524188001010014"),
        ("resident", "１１０１０５１９４９１２３１００２Ｘ"),
        ("resident", "310101680426042"),
        ("residence_permit", "810000199001011230"),
        ("residence_permit", "820000198512120452"),
        ("residence_permit", "830000197806300018"),
        ("foreign_permanent", "912001199001010010"),
        ("foreign_permanent", "FRA110180010101"),
        ("hm_pass", "H12345678"),
        ("hm_pass", "M1234567801"),
        ("tw_pass", "12345678"),
        ("tw_pass", "1234567890(B)"),
        ("passport", "E12345678"),
        ("passport", "EA1234567"),
        ("uscc", "91350100M000100Y43"),
        ("other", "什么都行"),
    ],
)
def test_sound_numbers(kind: str, number: str) -> None:
    assert identity.check(kind, number, TODAY) is None


@pytest.mark.parametrize(
    ("kind", "number", "sentence"),
    [
        ("resident", "110105194912310021", "身份证号第 18 位对不上，看看是不是 X。"),
        ("resident", "1101051949123100", "身份证号是 18 位，现在是 16 位。"),
        ("resident", "11010519491331002X", "身份证号第 7 到 14 位不是日期，看一看。"),
        ("resident", "110105194912B1002X", "身份证号第 13 位不是数字，看一看。"),
        ("resident", "810000199001011230", "这是居住证号码，证件类型选“港澳台居民居住证”。"),
        ("residence_permit", "11010519491231002X", "居住证号开头是 810000、820000 或 830000，看看前 6 位。"),
        ("foreign_permanent", "812001199001010010", "永居证号第 1 位是 9，看一看。"),
        ("uscc", "91310000MA1K4XYZ01", "统一社会信用代码第 16 位不会是 Z，看一看。"),
        ("uscc", "91350100M000100Y44", "统一社会信用代码第 18 位对不上，看看是不是 3。"),
        ("uscc", "91350100M000100Y4", "统一社会信用代码是 18 位，现在是 17 位。"),
        ("hm_pass", "K12345678", "通行证号是 H 或 M 加 8 位数字，看一看。"),
        ("tw_pass", "1234", "台湾居民通行证号是 8 位数字，看一看。"),
        ("passport", "E-1", "护照号只有字母和数字，5 到 15 位，看一看。"),
        ("resident", " ", "号码还空着，没有证件就写明原因。"),
    ],
)
def test_slips_in_words(kind: str, number: str, sentence: str) -> None:
    assert identity.check(kind, number, TODAY) == sentence


def test_a_birth_date_in_the_future() -> None:
    number = "11010520271231001"
    number += identity.check_digit(number)
    assert identity.check("resident", number, TODAY) == "身份证号里的出生日期晚于今天，看看第 7 到 14 位。"


def test_the_organisation_code_inside_is_checked_too() -> None:
    body = "91350100M000100Y5"
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    sound = next(body + c for c in letters if "第 18 位" not in (identity.uscc(body + c) or ""))
    assert identity.uscc(sound) == "统一社会信用代码第 9 到 17 位对不上，看一看。"


def test_what_a_number_tells() -> None:
    assert identity.birth_date("resident", "11010519491231002X") == dt.date(1949, 12, 31)
    assert identity.gender("resident", "11010519491231002X") == "female"
    assert identity.birth_date("resident", "310101680426042") == dt.date(1968, 4, 26)
    assert identity.gender("residence_permit", "810000199001011230") == "male"
    assert identity.birth_date("passport", "E12345678") is None
    assert identity.gender("uscc", "91350100M000100Y43") == ""
    assert identity.age_on(dt.date(2010, 11, 24), TODAY) == 15
    assert identity.age_on(dt.date(2010, 11, 23), TODAY) == 16


@pytest.mark.parametrize(
    "number",
    [
        "13812346612",
        "+86 138 1234 6612",
        "021-55551226",
        "02155551226",
        "(021)55551226",
        "021-55551226转803",
        "021-55551226-803",
        "0512-67654321",
        "4008001234",
        "12348",
    ],
)
def test_telephones(number: str) -> None:
    assert identity.phone(number) is None


@pytest.mark.parametrize("number", ["1381234661", "12812346612", "55551226", "无", "021-5555", "0000"])
def test_telephones_with_a_slip(number: str) -> None:
    assert identity.phone(number)


def test_bank_cards() -> None:
    assert identity.bank_card("4111 1111 1111 1111") is None
    assert "再对一遍" in (identity.bank_card("4111111111111112") or "")
    assert "位数字" in (identity.bank_card("41x") or "")


DATES = st.dates(min_value=dt.date(1900, 1, 1), max_value=TODAY)


@given(DATES, st.integers(0, 999))
def test_every_wrong_last_character_is_noticed(birth: dt.date, serial: int) -> None:
    first = f"310104{birth:%Y%m%d}{serial:03d}"
    right = identity.check_digit(first)
    assert mod_11_2.calc_check_digit(first) == right, "an independent package counts the same"
    for char in "0123456789X":
        found = identity.resident_id(first + char, TODAY)
        assert (found is None) is (char == right)


@given(DATES, st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(birth: dt.date, place: int, shift: int) -> None:
    first = f"310104{birth:%Y%m%d}042"
    number = first + identity.check_digit(first)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert identity.resident_id(wrong, TODAY) is not None

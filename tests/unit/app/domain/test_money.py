"""Money in words and figures, exactly."""

from __future__ import annotations

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import money
from app.domain.errors import FieldError

FEN = st.integers(min_value=0, max_value=money.LIMIT - 1)


@pytest.mark.parametrize(
    ("fen", "text", "capitals"),
    [
        (0, "0 元", "零元整"),
        (580000, "5,800 元", "伍仟捌佰元整"),
        (1250, "12.50 元", "壹拾贰元伍角整"),
        (1205, "12.05 元", "壹拾贰元零伍分"),
        (5, "0.05 元", "伍分"),
        (123, "1.23 元", "壹元贰角叁分"),
        (3200000, "32,000 元", "叁万贰仟元整"),
        (10010000, "100,100 元", "壹拾万零壹佰元整"),
        (1000, "10 元", "壹拾元整"),
        (10500000, "105,000 元", "壹拾万伍仟元整"),
        (100000500000, "1,000,005,000 元", "壹拾亿零伍仟元整"),
        (10000500000, "100,005,000 元", "壹亿零伍仟元整"),
        (10005000000, "100,050,000 元", "壹亿零伍万元整"),
        (1001000100, "10,010,001 元", "壹仟零壹万零壹元整"),
    ],
)
def test_words(fen: int, text: str, capitals: str) -> None:
    assert money.text(fen) == text
    assert money.capitals(fen) == capitals


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("5800", 580000),
        ("5,800.5", 580050),
        ("￥5800 元", 580000),
        ("５８００", 580000),
        ("3.2万", 3200000),
        ("1.2345万元", 1234500),
        ("0.01", 1),
        ("1.1", 110),
        ("8.29", 829),
    ],
)
def test_typed_amounts(typed: str, fen: int) -> None:
    assert money.parse(typed) == fen


@pytest.mark.parametrize(
    "typed", ["", "五千", "-5", "5.001", "1,23", "58,00", "1.2345678万", "1" * 15, "5e3", "5.5.5"]
)
def test_what_cannot_be_read_is_said(typed: str) -> None:
    with pytest.raises(FieldError):
        money.parse(typed)


def test_no_capitals_below_zero() -> None:
    with pytest.raises(ValueError, match="negative"):
        money.capitals(-1)


@given(FEN)
def test_what_is_written_is_read_back(fen: int) -> None:
    assert money.parse(money.text(fen)) == fen
    assert money.amounts_in(f"共计 {money.text(fen)}。") == (fen,)
    assert money.same_capitals(money.capitals(fen), fen)


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_capitals_agree_with_another_reader(yuan: int) -> None:
    words = money.capitals(yuan * 100).removesuffix("元整")
    assert cn2an.cn2an(words, "smart") == yuan


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_another_writers_capitals_are_read(yuan: int) -> None:
    assert money.capitals_value(f"{cn2an.an2cn(str(yuan), 'up')}元整") == yuan * 100


@given(FEN)
def test_zeros_stand_between_and_never_in_a_row(fen: int) -> None:
    words = money.capitals(fen)
    assert "零零" not in words
    assert not words.startswith("零") or fen == 0
    plain = words.replace("零", "") if fen else words
    assert money.capitals_value(plain) == fen


@pytest.mark.parametrize("words", ["", "整", "伍仟捌佰", "元整", "伍仟块", "五千元", "壹亿贰亿元"])
def test_what_is_no_amount_in_capitals(words: str) -> None:
    assert money.capitals_value(words) is None


def test_no_capitals_beyond_the_limit() -> None:
    with pytest.raises(ValueError, match="large"):
        money.capitals(money.LIMIT)


def test_amounts_inside_a_text() -> None:
    assert money.amounts_in("￥5800，另付￥ 1,200.50；２００元；编号 300，400 平方米") == (
        580000,
        120050,
        20000,
    )
    text = "赔偿 5,800 元（大写：伍仟捌佰元整），另付3.2万元，12号楼。"
    assert money.amounts_in(text) == (580000, 3200000)
    assert [m[0] for m in money.CAPITAL_AMOUNT.finditer(text)] == ["伍仟捌佰元整"]
    assert money.same_capitals("伍仟捌佰圆正", 580000)
    assert not money.same_capitals("伍仟捌佰元整", 580001)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("折价款共计３００，０００元。", 30_000_000),
        ("折价款共计三十万元。", 30_000_000),
        ("折价款（大写：叁拾万元整）。", 30_000_000),
        ("退还一万零五十元。", 1_005_000),
        ("两笔各付100，200元。", 20_000),
        ("三点五万元，也就是35000元。", 3_500_000),
    ],
)
def test_a_sum_is_found_however_it_is_written(text: str, fen: int) -> None:
    assert money.said_in(text) == {fen}

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


@given(st.integers(min_value=1, max_value=10**12))
def test_capitals_agree_with_another_reader(yuan: int) -> None:
    words = money.capitals(yuan * 100).removesuffix("元整")
    assert cn2an.cn2an(words, "smart") == yuan


def test_amounts_inside_a_text() -> None:
    text = "赔偿 5,800 元（大写：伍仟捌佰元整），另付3.2万元，12号楼。"
    assert money.amounts_in(text) == (580000, 3200000)
    assert [m[0] for m in money.CAPITAL_AMOUNT.finditer(text)] == ["伍仟捌佰元整"]
    assert money.same_capitals("伍仟捌佰圆正", 580000)
    assert not money.same_capitals("伍仟捌佰元整", 580001)

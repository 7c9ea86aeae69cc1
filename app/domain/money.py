"""Money: integers of 分 to words and back, without floats."""

from __future__ import annotations

import re

from app.domain.errors import FieldError

LIMIT = 10**14
"""Amounts from one trillion 元 on are taken for a slip of the keyboard."""

_PLAIN = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$")
_UNITS = {"元": 1, "块": 1, "万": 10_000, "万元": 10_000, "亿": 100_000_000, "亿元": 100_000_000, "": 1}
_WIDE = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


def text(fen: int) -> str:
    """5,800 元; 分 are shown only when there are any: 12.50 元."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d} 元" if rest else f"{sign}{yuan:,} 元"


def capitals(fen: int) -> str:
    """大写, as papers need it: 伍仟捌佰元整, 壹拾贰元伍角整. Raises ``ValueError`` below zero."""
    if fen < 0:
        raise ValueError("no capitals for a negative amount")
    import cn2an

    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    words = f"{_upper(cn2an.an2cn(str(yuan), 'up'))}元" if yuan or not rest else ""
    if not rest:
        return f"{words}整"
    if jiao:
        words += f"{_digit(jiao)}角"
    elif words:
        words += "零"
    return words + (f"{_digit(cents)}分" if cents else "整")


def parse(value: str, field: str = "amount") -> int:
    """分 of what a person typed: 5800, 5,800.5, ￥5800 元, 3.2万. Raises :class:`FieldError`."""
    typed = re.sub(r"\s", "", value).translate(_WIDE).lstrip("￥¥").removeprefix("人民币").removesuffix("整")
    match = re.match(r"^([\d.,]+)(元|块|万元|万|亿元|亿)?$", typed)
    if not match:
        raise FieldError(field, "金额看不懂，写数字就好，像 5800 或 3.2万。", code="E-AMOUNT")
    factor = _UNITS[match[2] or ""]
    digits = match[1].replace(",", "") if factor > 1 else match[1]
    whole = re.match(r"^(\d+)(?:\.(\d+))?$", digits) if factor > 1 else _PLAIN.match(digits)
    if not whole:
        raise FieldError(field, "金额最多写到分，逗号每三位一个，看一看。", code="E-AMOUNT")
    decimals = whole[2] or ""
    scaled = int(whole[1].replace(",", "") + decimals) * factor * 100
    fen, rest = divmod(scaled, 10 ** len(decimals))
    if rest:
        raise FieldError(field, "金额最多写到分，看一看。", code="E-AMOUNT")
    if fen >= LIMIT:
        raise FieldError(field, "金额太大，数一数有几个零。", code="E-AMOUNT")
    return int(fen)


_CAPITAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def _digit(value: int) -> str:
    return _CAPITAL_DIGITS[value]


def _upper(words: str) -> str:
    return words.replace("一", "壹").replace("两", "贰")


_CAPITAL = "[壹贰叁肆伍陆柒捌玖]"
CAPITAL_AMOUNT = re.compile(
    rf"[零壹贰叁肆伍陆柒捌玖拾][零壹贰叁肆伍陆柒捌玖拾佰仟万亿]*[元圆](?:{_CAPITAL}角)?(?:零?{_CAPITAL}分)?[整正]?"
)
"""An amount in capitals inside a text."""

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,4})?"
AMOUNT = re.compile(rf"({_NUMBER})\s*(万|亿)?元")
"""An amount in figures inside a text."""


def amounts_in(value: str) -> tuple[int, ...]:
    """Every amount in figures in a text, in 分; what cannot be read is left out."""
    found = []
    for match in AMOUNT.finditer(value):
        try:
            found.append(parse(f"{match[1]}{match[2] or ''}"))
        except FieldError:
            continue
    return tuple(found)


def same_capitals(words: str, fen: int) -> bool:
    """Whether an amount in capitals says ``fen``; 圆, 正 and a missing 整 are taken as usual."""
    plain = words.replace("圆", "元").replace("正", "整").removesuffix("整")
    expected = capitals(fen).removesuffix("整")
    return plain in (expected, expected.removeprefix("壹") if expected.startswith("壹拾") else expected)

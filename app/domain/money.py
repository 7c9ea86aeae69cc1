"""Money: integers of 分 to words and back, without floats."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    """大写, as papers need it: 伍仟捌佰元整, 壹拾贰元伍角整, 壹拾亿零伍仟元整.

    After 会计基础工作规范 第五十二条 and the rules for filling in payment papers: one 零 for any run of
    zeros inside, none where only the 万 or 元 place is zero and the next one is not. Raises ``ValueError``
    below zero and from :data:`LIMIT` on.
    """
    if fen < 0:
        raise ValueError("no capitals for a negative amount")
    if fen >= LIMIT:
        raise ValueError("too large an amount")
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan or not rest else ""
    if not rest:
        return f"{words}整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif words:
        words += "零"
    return words + (f"{_DIGITS[cents]}分" if cents else "整")


def capitals_value(words: str) -> int | None:
    """分 of an amount in capitals, ``None`` when it is none; 圆, 正, a missing 整 and any 零 are as usual."""
    match = _CAPITAL_PARTS.fullmatch(words)
    if match is None or not any(match.groups()):
        return None
    yuan = 0
    for part, unit in ((match["yi"], 10**8), (match["wan"], 10**4), (match["rest"], 1)):
        yuan += sum(
            (_DIGITS.index(digit) if digit else 1) * _PLACES[place]
            for digit, place in _CAPITAL_DIGIT.findall(part or "")
        ) * unit  # fmt: skip
    jiao, cents = (_DIGITS.index(match[name]) if match[name] else 0 for name in ("jiao", "fen"))
    return yuan * 100 + jiao * 10 + cents


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


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = {"仟": 1000, "佰": 100, "拾": 10, "": 1}


def _whole(yuan: int) -> str:
    """Whole 元 in capitals, in groups of four digits."""
    if not yuan:
        return _DIGITS[0]
    words, gap = "", False
    for group, name in zip(_groups(yuan), ("亿", "万", ""), strict=True):
        if group:
            words += ("零" if words and (gap or group < 1000) else "") + _group(group) + name
        gap = group == 0
    return words


def _groups(yuan: int) -> tuple[int, int, int]:
    return yuan // 10**8, yuan // 10**4 % 10**4, yuan % 10**4


def _group(value: int) -> str:
    words, gap = "", False
    for place, size in _PLACES.items():
        digit = value // size % 10
        if digit:
            words += ("零" if words and gap else "") + _DIGITS[digit] + place
        gap = digit == 0
    return words


_CAPITAL = "[壹贰叁肆伍陆柒捌玖]"
_RUN = "[零壹贰叁肆伍陆柒捌玖拾佰仟]"
_CAPITAL_DIGIT = re.compile(rf"({_CAPITAL}|(?=拾))([拾佰仟]?)")
_TAIL = rf"(?:零?(?P<jiao>{_CAPITAL})角)?(?:零?(?P<fen>{_CAPITAL})分)?[整正]?"
_CAPITAL_PARTS = re.compile(
    rf"(?:(?:(?P<yi>{_RUN}+)亿)?(?:(?P<wan>{_RUN}+)万)?(?P<rest>{_RUN}*)[元圆])?{_TAIL}"
)
CAPITAL_AMOUNT = re.compile(
    rf"[零壹贰叁肆伍陆柒捌玖拾][零壹贰叁肆伍陆柒捌玖拾佰仟万亿]*[元圆](?:零?{_CAPITAL}角)?(?:零?{_CAPITAL}分)?[整正]?"
)
"""An amount in capitals inside a text."""

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,4})?)"
AMOUNT = re.compile(rf"(?P<sign>[￥¥])?\s*(?P<number>(?<![\d.,]){_NUMBER})\s*(?P<unit>万|亿)?(?P<yuan>元)?")
"""An amount in figures inside a text: with 元 behind or ￥ before it, else it is only a number."""
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")


@dataclass(frozen=True)
class Figure:
    """An amount in figures and where it stands in its text."""

    fen: int
    start: int
    end: int


def figures_in(value: str) -> tuple[Figure, ...]:
    """Every amount in figures in a text; what cannot be read is left out."""
    found = []
    for match in AMOUNT.finditer(_WIDE_COMMA.sub(",", value).translate(_WIDE_DIGITS)):
        if not (match["sign"] or match["yuan"]):
            continue
        try:
            fen = parse(f"{match['number']}{match['unit'] or ''}")
        except FieldError:
            continue
        found.append(Figure(fen, match.start(), match.end()))
    return tuple(found)


def amounts_in(value: str) -> tuple[int, ...]:
    """Every amount in figures in a text, in 分; what cannot be read is left out."""
    return tuple(figure.fen for figure in figures_in(value))


_NUMERALS = str.maketrans("〇一二两三四五六七八九十百千", "零壹贰贰叁肆伍陆柒捌玖拾佰仟")


def said_in(value: str) -> frozenset[int]:
    """Every amount that a text names, in 分: in figures, in capitals, and in numerals as in 三十万元."""
    words = value.translate(_NUMERALS)
    found = (m for m in CAPITAL_AMOUNT.finditer(words) if words[m.start() - 1 : m.start()] not in ("点", "."))
    said = (capitals_value(match[0]) for match in found)
    return frozenset((*amounts_in(value), *(fen for fen in said if fen is not None)))


def same_capitals(words: str, fen: int) -> bool:
    """Whether an amount in capitals says ``fen``, however its zeros are written."""
    return capitals_value(words) == fen

"""How dates, times, numbers and typed text are written on papers."""

from __future__ import annotations

import datetime as dt
import unicodedata

from app.clock import shanghai
from app.domain import money

_DIGITS = "零一二三四五六七八九"
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_RADICALS = range(0x2E80, 0x2FE0)


def day(value: dt.date) -> str:
    """A legal day: 2026年11月23日."""
    return f"{value.year}年{value.month}月{value.day}日"


def due(value: dt.date) -> str:
    """A deadline: 2026年12月10日（含当天）前 (民法典 2020, 1259: 前 alone leaves the day open)."""
    return f"{day(value)}（含当天）前"


def minute(value: dt.datetime) -> str:
    """An instant on Shanghai's clock: 2026年11月23日 14:05."""
    local = shanghai(value)
    return f"{day(local.date())} {local:%H:%M}"


def span(start: dt.datetime, end: dt.datetime) -> str:
    """A stretch of time on Shanghai's clock; the day is repeated only when it changes."""
    first, last = shanghai(start), shanghai(end)
    until = f"{last:%H:%M}" if first.date() == last.date() else minute(end)
    return f"{minute(start)} 至 {until}"


def count(number: int) -> str:
    """A small whole number in words: 三, 十二, 二十一; above 99 in figures."""
    if not 0 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    head = "" if tens == 1 else _DIGITS[tens]
    return f"{head}十{_DIGITS[ones] if ones else ''}"


def holders(copies: int, parties: int) -> str:
    """Who keeps the copies of an agreement (人民调解法 2010, 29, third paragraph); they add up to ``copies``.

    One for each party, one for the committee; what is printed beyond that goes along to the court.
    """
    spare = copies - parties - 1
    if spare < 0:
        return "由当事人、人民调解委员会留存"
    which = "另" if spare == 1 else "其余"
    court = f"，{which}{count(spare)}份供申请司法确认时提交人民法院" if spare else ""
    return f"当事人各持一份，人民调解委员会留存一份{court}"


def yuan(fen: int) -> str:
    """An amount in figures and capitals: 人民币5,800元（大写：伍仟捌佰元整）; ``fen`` in 分."""
    return f"人民币{money.text(fen).replace(' ', '')}（大写：{money.capitals(fen)}）"


def age(born: dt.date, on: dt.date) -> int:
    """Full years of age on a day (周岁)."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def clean(text: str) -> str:
    """``text`` as it may stand on a paper: no control, direction-turning or private characters.

    Compatibility radicals (⼈) become the ordinary characters (人), so that what is printed can be
    searched and copied.
    """
    kept: list[str] = []
    for char in text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "):
        if char == "\n":
            kept.append(char)
        elif ord(char) in _RADICALS:
            kept.append(unicodedata.normalize("NFKC", char))
        elif char in _BIDI or unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn"):
            continue
        else:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def paragraphs(text: str) -> tuple[str, ...]:
    """The non-empty lines of a typed text."""
    return tuple(line.strip() for line in clean(text).split("\n") if line.strip())

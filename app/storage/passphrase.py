"""What a good passphrase is, and the form of the printed recovery code (恢复码)."""

from __future__ import annotations

import itertools
import secrets
import unicodedata
from dataclasses import dataclass

from app.domain.errors import FieldError

SHORTEST = 12
LONGEST = 256
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs: no 0, 1, I or O. 32 of them carry 160 bits."""
GROUPS = 8
GROUP_SIZE = 4
_LOOKALIKES = str.maketrans({"1": "L", "I": "L"})

_COMMON_TEXT = """
123456789012 1234567890123 12345678901234 111111111111 000000000000 888888888888 666666666666
123123123123 112233445566 123456123456 987654321098 012345678901 121212121212 147258369147
qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdf 1qaz2wsx3edc 1q2w3e4r5t6y 1qazxsw23edc
qazwsxedcrfv zaq12wsxcde3 asdfghjkl123 zxcvbnm12345 abcd12345678 abc123456789 abcdefghijkl
a12345678901 aa1234567890 password1234 password12345 password123456 passw0rd1234 administrator
admin1234567 admin12345678 admin123456789 iloveyou1234 woaini123456 woaini1314520 woaini520520
5201314520131 520131452013 52013145201314 mima12345678 mimamima1234 mimamimamima letmein12345
welcome12345 changeme1234 changemenow1 shanghai1234 shanghai2026 shanghai2025 tiaojie12345
tiaojieyuan1 tiaojieyuan123 renmintiaojie renmintiaojie1 renmintiaojie123 jiefengongzuotai
woshitiaojieyuan zhongguo1234 wozhongguoren zhonghuarenmin 一二三四五六七八九十一二
我爱我家我爱我家我爱我家 人民调解员人民调解员人民
"""
_COMMON = frozenset(_COMMON_TEXT.split())


@dataclass(frozen=True)
class Check:
    """One line under the passphrase field."""

    ok: bool
    text: str


def normalise_passphrase(text: str) -> str:
    """One form for what different input methods type: NFKC (full-width becomes half-width)."""
    return unicodedata.normalize("NFKC", text)


def checks(text: str) -> tuple[Check, ...]:
    """Length and commonness, each as a line to show while typing."""
    length = len(normalise_passphrase(text))
    long_enough = SHORTEST <= length <= LONGEST
    if length > LONGEST:
        about_length = f"太长了，{LONGEST} 个字以内就好"
    elif long_enough:
        about_length = f"长度够，{length} 个字"
    else:
        about_length = f"还差 {SHORTEST - length} 个字，一句话最好记"
    common = is_common(text)
    about_common = "太常见，容易被猜到，换一句只有您想得到的话" if common else "不在常见口令里"
    return Check(long_enough, about_length), Check(not common, about_common)


def is_common(text: str) -> bool:
    """Whether the passphrase is on the list, is few signs repeated, or just counts up or down."""
    folded = "".join(normalise_passphrase(text).lower().split())
    if folded in _COMMON or len(set(folded)) < 4:
        return True
    for size in range(1, len(folded) // 2 + 1):
        if len(folded) % size == 0 and size <= 4 and folded == folded[:size] * (len(folded) // size):
            return True
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(folded)}
    return len(steps) == 1 and steps <= {1, -1}


def require_good(text: str) -> None:
    """Raise ``FieldError`` (field ``passphrase``) with what is missing."""
    missing = [c.text for c in checks(text) if not c.ok]
    if missing:
        raise FieldError("passphrase", "口令" + "；".join(missing) + "。", code="E-WEAK-PASSPHRASE")


def new_code() -> str:
    """A recovery code as printed: eight groups of four, ``K7PM 2QXR …``."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_SIZE)) for _ in range(GROUPS))
    return " ".join(groups)


def normalise_code(text: str) -> str:
    """The 32 signs of a code, however it was typed: case, width, spaces and dashes do not matter.

    Signs that the alphabet leaves out are read as the one they look like where there is only one.
    """
    upper = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in upper if sign.isalnum()).translate(_LOOKALIKES)


def code_looks_complete(text: str) -> bool:
    """Whether all signs of a code have been typed and all belong to the alphabet."""
    signs = normalise_code(text)
    return len(signs) == GROUPS * GROUP_SIZE and set(signs) <= set(ALPHABET)

"""证件、电话、银行卡: checks that tell slips of the pen, in a sentence the person can act on.

Every check returns ``None`` when nothing is wrong, or the sentence to show under the field. Nothing is
corrected by itself. Shapes and check digits: GB 11643-1999 (身份证), GB 32100-2015 and GB 11714
(统一社会信用代码), residence permits 81/82/83, foreign permanent residents 2017 and 2023.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Literal

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_WIDE = str.maketrans("０１２３４５６７８９ＸｘＨＭ－（）", "0123456789XXHM-()")
_PROVINCES = {
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66),
    71, 81, 82, 83, 91,
}  # fmt: skip

ID_KINDS: Mapping[str, str] = {
    "resident": "居民身份证",
    "residence_permit": "港澳台居民居住证",
    "foreign_permanent": "外国人永久居留身份证",
    "hm_pass": "港澳居民来往内地通行证",
    "tw_pass": "台湾居民来往大陆通行证",
    "passport": "护照",
    "other": "其他证件",
    "uscc": "统一社会信用代码",
}


def clean(number: str) -> str:
    """A number without spaces, wide characters and lower case."""
    return re.sub(r"[\s·]", "", number).translate(_WIDE).upper()


def check_digit(first17: str) -> str:
    """The 18th character of an ID number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(c) * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def check(kind: str, number: str, today: dt.date) -> str | None:
    """The check for a kind of document (:data:`ID_KINDS`)."""
    value = clean(number)
    if not value:
        return "号码还空着，没有证件就写明原因。"
    checks: Mapping[str, Callable[[], str | None]] = {
        "resident": lambda: resident_id(value, today),
        "residence_permit": lambda: residence_permit(value, today),
        "foreign_permanent": lambda: foreign_permanent(value, today),
        "hm_pass": lambda: hm_pass(value),
        "tw_pass": lambda: tw_pass(value),
        "passport": lambda: passport(value),
        "uscc": lambda: uscc(value),
    }
    found = checks.get(kind)
    return found() if found else None


def resident_id(number: str, today: dt.date) -> str | None:
    """居民身份证, 18 characters. The old form of 15 digits is taken as it is, for show only."""
    value = clean(number)
    if re.fullmatch(r"\d{15}", value):
        return None
    if value[:2] in ("81", "82", "83") and value[2:6] == "0000":
        return "这是居住证号码，证件类型选“港澳台居民居住证”。"
    return _eighteen(value, today, "身份证号") or _province(value, "身份证号")


def residence_permit(number: str, today: dt.date) -> str | None:
    """港澳台居民居住证: the resident's rule with 810000, 820000 or 830000 in front."""
    value = clean(number)
    if value[:6] not in ("810000", "820000", "830000"):
        return "居住证号开头是 810000、820000 或 830000，看看前 6 位。"
    return _eighteen(value, today, "居住证号")


def foreign_permanent(number: str, today: dt.date) -> str | None:
    """外国人永久居留身份证: 18 characters beginning with 9 (from 2023-12), or the 15 of 2017."""
    value = clean(number)
    if len(value) == 15:
        if re.fullmatch(r"[A-Z]{3}\d{12}", value):
            return None
        return "旧版永居证是 3 个字母加 12 位数字，看一看。"
    if not value.startswith("9"):
        return "永居证号第 1 位是 9，看一看。"
    return _eighteen(value, today, "永居证号")


def hm_pass(number: str) -> str | None:
    """港澳居民来往内地通行证: H or M and eight digits, perhaps two for the renewals."""
    if re.fullmatch(r"[HM]\d{8}(\d{2})?", clean(number)):
        return None
    return "通行证号是 H 或 M 加 8 位数字，看一看。"


def tw_pass(number: str) -> str | None:
    """台湾居民来往大陆通行证: eight digits; the old form has ten and a letter."""
    if re.fullmatch(r"\d{8}|\d{10}\(?[A-Z]\)?", clean(number)):
        return None
    return "台湾居民通行证号是 8 位数字，看一看。"


def passport(number: str) -> str | None:
    """Chinese passports by shape; others by length and characters only."""
    value = clean(number)
    if re.fullmatch(r"[EGDSPHK]\d{8}|E[A-HJ-NP-Z]\d{7}|(DE|SE|PE|MA)\d{7}|[A-Z0-9]{5,15}", value):
        return None
    return "护照号只有字母和数字，5 到 15 位，看一看。"


def uscc(number: str) -> str | None:
    """统一社会信用代码: alphabet, outer check digit, and the organisation code inside."""
    value = clean(number)
    if len(value) != 18:
        return f"统一社会信用代码是 18 位，现在是 {len(value)} 位。"
    for index, char in enumerate(value, 1):
        if char not in _USCC_ALPHABET:
            return f"统一社会信用代码第 {index} 位不会是 {char}，看一看。"
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(value[:17], _USCC_WEIGHTS, strict=True))
    expected = _USCC_ALPHABET[(31 - total % 31) % 31]
    if value[17] != expected:
        return f"统一社会信用代码第 18 位对不上，看看是不是 {expected}。"
    inner = _org_check(value[8:16])
    if value[16] != inner:
        return "统一社会信用代码第 9 到 17 位对不上，看一看。"
    return None


def _org_check(first8: str) -> str:
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORG_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def _eighteen(value: str, today: dt.date, name: str) -> str | None:
    if len(value) != 18:
        return f"{name}是 18 位，现在是 {len(value)} 位。"
    if not re.fullmatch(r"\d{17}[\dX]", value):
        wrong = next(i for i, c in enumerate(value, 1) if not (c.isdigit() or (i == 18 and c == "X")))
        return f"{name}第 {wrong} 位不是数字，看一看。"
    birth = birth_date("resident", value)
    if birth is None:
        return f"{name}第 7 到 14 位不是日期，看一看。"
    if birth > today:
        return f"{name}里的出生日期晚于今天，看看第 7 到 14 位。"
    expected = check_digit(value[:17])
    if value[17] != expected:
        return f"{name}第 18 位对不上，看看是不是 {expected}。"
    return None


def _province(value: str, name: str) -> str | None:
    if len(value) == 18 and int(value[:2]) not in _PROVINCES:
        return f"{name}前 2 位没有这个地区，看一看。"
    return None


def birth_date(kind: str, number: str) -> dt.date | None:
    """The birth date inside an ID number, where its kind holds one."""
    value = clean(number)
    if kind == "foreign_permanent" and len(value) == 15:
        text = value[7:13]
        return _date(("19" if int(text[:2]) > 30 else "20") + text) if text.isdigit() else None
    if kind not in ("resident", "residence_permit", "foreign_permanent"):
        return None
    if len(value) == 15 and value.isdigit():
        return _date("19" + value[6:12])
    return _date(value[6:14]) if len(value) == 18 else None


def _date(digits: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return None


def gender(kind: str, number: str) -> Literal["", "male", "female"]:
    """The gender inside an ID number: an odd 17th digit is male."""
    value = clean(number)
    if kind not in ("resident", "residence_permit", "foreign_permanent"):
        return ""
    if len(value) == 18 and value[16].isdigit():
        return "male" if int(value[16]) % 2 else "female"
    if kind == "resident" and re.fullmatch(r"\d{15}", value):
        return "male" if int(value[14]) % 2 else "female"
    return ""


def age_on(birth: dt.date, day: dt.date) -> int:
    """Whole years on ``day``."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def phone(number: str) -> str | None:
    """A mobile, or a landline with area code and perhaps an extension."""
    value = re.sub(r"[\s()（）]", "", number).translate(_WIDE).replace("—", "-")
    value = re.sub(r"^(\+?86-?)(?=1\d{10}$|0?\d{2,3}-?\d{7,8})", "", value)
    body = re.split(r"转|[xX]|(?<=\d{7})-(?=\d{1,6}$)", value)[0]
    digits = body.replace("-", "")
    if not digits.isdigit():
        return "电话里有看不懂的字，只写数字，分机写“转 803”。"
    if re.fullmatch(r"400\d{7}|800\d{7}|95\d{3,6}|1[02]\d{3,4}", digits):
        return None
    if digits.startswith("1"):
        if len(digits) != 11:
            return f"手机号是 11 位，现在是 {len(digits)} 位。"
        return None if digits[1] in "3456789" else "手机号第 2 位对不上，看一看。"
    if re.fullmatch(r"(010|02\d)\d{8}|0[3-9]\d{2}\d{7,8}", digits):
        return None
    if re.fullmatch(r"[2-8]\d{6,7}", digits):
        return "座机前面加上区号，像 021-55551226。"
    return "电话号码位数对不上，看一看。"


def bank_card(number: str) -> str | None:
    """银行卡 by Luhn. A hint only: a few cards do not follow it."""
    from stdnum import luhn

    value = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"\d{12,19}", value):
        return "银行卡号是 12 到 19 位数字，看一看。"
    if not luhn.is_valid(value):
        return "卡号好像抄错了一位，再对一遍；确实没错就照写。"
    return None

"""Invented people and organisations, with identity numbers that pass the checks and telephones nobody has.

Identity numbers: GB 11643-1999 with the unassigned region 310199; telephones 1380000xxxx are reserved-
looking; 统一社会信用代码: GB 32100-2015 with its two check digits.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严金魏陶姜"
    "戚谢邹喻柏章苏潘葛范彭鲁韦马苗方俞任袁柳唐罗薛"
)
GIVEN = [
    *("建国", "秀英", "志强", "丽华", "国平", "玉兰", "海燕", "文斌", "晓东", "慧敏"),
    *("俊杰", "雅琴", "德明", "春梅", "永康", "佩珍", "思远", "雨桐", "子涵", "明轩"),
    *("桂芳", "立新", "伟民", "静怡", "宏伟", "美娟", "振华", "彩霞", "家豪", "欣悦"),
    *("根宝", "阿珍", "兴旺", "凤英", "士林", "惠芬", "佳伟", "梦洁", "正刚", "素珍"),
]
ROADS = ["梧桐里", "云栖路", "浦江弄", "松风路", "青藤街", "望湖路", "长桥弄", "百合路"]
JOBS = ["退休", "职员", "个体经营", "教师", "司机", "护士", "自由职业", "工程师", "店员"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(birth: dt.date, serial: int) -> str:
    """An 18-digit number of the unassigned region 310199 with a right check digit."""
    head = f"310199{birth:%Y%m%d}{serial % 1000:03d}"
    total = sum(int(d) * w for d, w in zip(head, WEIGHTS, strict=True))
    return head + "10X98765432"[total % 11]


def credit_code(serial: int) -> str:
    """A 统一社会信用代码 of the unassigned region 310199 with right check digits."""
    body = f"{serial % 10**8:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(body, ORG_WEIGHTS, strict=True)) % 11
    head = f"91310199{body}" + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(USCC_CHARS.index(ch) * w for ch, w in zip(head, USCC_WEIGHTS, strict=True))
    return head + USCC_CHARS[(31 - total % 31) % 31]


class PeopleMaker:
    """Makes the same people again for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invented people, repeatable
        self._serial = seed * 37 % 900

    def serial(self) -> int:
        """The next small number."""
        self._serial += 1
        return self._serial

    def name(self) -> str:
        """A person's name."""
        return self._random.choice(SURNAMES) + self._random.choice(GIVEN)

    def person(self, name: str = "", phone_tail: str = "", birth: str = "") -> dict[str, Any]:
        """Particulars of a person, without side and ids."""
        pick = self._random
        self._serial += 1
        born = (
            dt.date.fromisoformat(birth)
            if birth
            else dt.date(1950, 1, 1) + dt.timedelta(pick.randrange(19000))
        )
        number = identity_number(born, 100 + self._serial % 800)
        tail = phone_tail or f"{pick.randrange(10000):04d}"
        return {
            "kind": "person",
            "name": name or self.name(),
            "gender": "male" if int(number[16]) % 2 else "female",
            "ethnicity": "汉族",
            "birth_date": born.isoformat(),
            "id_kind": "resident",
            "id_number": number,
            "occupation": pick.choice(JOBS),
            "phone": f"1380000{tail}",
            "address": f"云浦区{pick.choice(ROADS)}{pick.randrange(1, 400)}弄{pick.randrange(1, 40)}号",
            "township": "梧桐里街道",
            "district": "云浦区",
        }

    def organisation(self, name: str, phone: str = "") -> dict[str, Any]:
        """Particulars of an organisation, without side and ids."""
        pick = self._random
        return {
            "kind": "organisation",
            "name": name,
            "id_kind": "uscc",
            "id_number": credit_code(10_000_000 + pick.randrange(89_999_999)),
            "phone": phone or f"021-000000{pick.randrange(100):02d}",
            "address": f"云浦区{pick.choice(ROADS)}{pick.randrange(1, 900)}号",
            "township": "梧桐里街道",
            "district": "云浦区",
            "legal_representative": self.name(),
            "legal_representative_title": "经理",
            "contact_person": self.name(),
        }

"""案件简称: the name a case goes by everywhere, free of personal data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from app.domain.casefile import Party
from app.domain.errors import FieldError
from app.domain.masking import surname
from app.domain.taxonomy import dispute_kinds

MAX_LENGTH = 20

NAME_HINT = "简称里像有姓名，换个说法，列表上就能放心看"
ID_HINT = "简称里像有证件号，换个说法，列表上就能放心看"
PHONE_HINT = "简称里像有电话，换个说法，列表上就能放心看"
HOUSE_HINT = "简称里像有门牌，换个说法，列表上就能放心看"
EMPTY_HINT = "起个简称，像“三楼漏水赔墙面”"
LONG_HINT = f"简称短一些，{MAX_LENGTH} 个字以内"

_ID = re.compile(r"\d{14,}[\dXx]?")
_PHONE = re.compile(r"1[3-9]\d{9}|(?:0\d{2,3}-?)?\d{7,8}")
_HOUSE = re.compile(r"\d+\s*(?:号|弄|室|幢|栋|单元)|\d+-\d+(?:-\d+)?|[A-Za-z]?\d{3,4}室")
_CORPORATE = re.compile(r"有限责任公司|股份有限公司|有限公司|公司|集团|分公司|服务中心|委员会|经营部|店$")
_PLACE = re.compile(r"^(?:上海市?|北京市?|.{2}[省市区县])")


def problem(title: str, parties: Iterable[Party] = ()) -> str | None:
    """The hint to show under the field, or ``None``: no name, ID, telephone or house number."""
    text = title.strip()
    if not text:
        return EMPTY_HINT
    if len(text) > MAX_LENGTH:
        return LONG_HINT
    plain = re.sub(r"\s", "", text)
    if _ID.search(plain):
        return ID_HINT
    if _PHONE.search(plain):
        return PHONE_HINT
    if any(name in plain for party in parties for name in names_of(party)):
        return NAME_HINT
    if _HOUSE.search(plain):
        return HOUSE_HINT
    return None


FILE_HINT = "名字里像有姓名、证件号或电话，换个说法，列表上就能放心看"


def file_problem(title: str, parties: Iterable[Party] = ()) -> str | None:
    """The hint for what an attachment is called, or ``None``: a list shows it to whoever passes by."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", title))
    listed = [name for party in parties for name in (party.name, party.agent.name if party.agent else "")]
    told = _ID.search(plain) or _PHONE.search(plain) or any(len(n) > 1 and n in plain for n in listed)
    return FILE_HINT if told else None


def of_file(stem: str, parties: Iterable[Party] = ()) -> str:
    """What a file may be called after its own name: without names, ID numbers and telephones in it."""
    text = unicodedata.normalize("NFKC", stem.encode("utf-8", "replace").decode())
    names = {n for p in parties for n in (p.name, p.agent.name if p.agent else "") if len(n) > 1}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    text = _PHONE.sub("", _ID.sub("", text)).strip(" -_—·.,，()（）[]【】的")
    return text if text and file_problem(text, parties) is None else ""


def require_clean(title: str, parties: Iterable[Party] = ()) -> str:
    """The trimmed title. Raises :class:`FieldError` with the hint when it holds personal data."""
    hint = problem(title, parties)
    if hint:
        raise FieldError("title", hint, code="E-TITLE")
    return title.strip()


def names_of(party: Party) -> frozenset[str]:
    """What would give a party away: its name, given name, a form of address, an organisation's own word."""
    names = {party.name, party.legal_representative, party.contact_person}
    if party.agent:
        names.add(party.agent.name)
    found = {n.strip() for n in names if len(n.strip()) >= 2}
    if party.kind == "person" and party.name:
        family = surname(party.name)
        given = party.name.strip()[len(family) :]
        found |= {f"{family}{t}" for t in ("先生", "女士", "小姐", "师傅", "阿姨", "某", "家")}
        found |= {f"老{family}", f"小{family}"}
        if len(given) >= 2:
            found.add(given)
    elif party.name:
        own = _CORPORATE.sub("", _PLACE.sub("", party.name.strip()))
        own = re.sub(r"(物业|装饰|餐饮|教育|科技|健身|管理|工程|咨询|服务|信息|文化|贸易|商贸)+$", "", own)
        if len(own) >= 2:
            found.add(own)
    return frozenset(found)


def propose(dispute_kind: str, claims: str, facts: str = "", parties: Iterable[Party] = ()) -> str:
    """A title from the kind of dispute and what it is about; always free of personal data.

    The kind's usual words are taken in order of how well they fit the text; the demand adds a verb. Where
    none of them is in the text the kind itself is named: a usual word would claim what nobody said.
    """
    kinds = dispute_kinds()
    kind = kinds.get(dispute_kind, kinds["other"])
    text = f"{claims} {facts}"
    thing = max(kind.title, key=lambda words: (_fit(words, text), -kind.title.index(words)))
    if not _fit(thing, text):
        return kind.label
    title = thing + next((word for sign, word in _DEMANDS if sign in text and word not in thing), "")
    listed = tuple(parties)
    return title if problem(title, listed) is None else kind.label


_DEMANDS = (
    ("赔偿", "赔偿"),
    ("退还", "退款"),
    ("退款", "退款"),
    ("支付", "付款"),
    ("修复", "修复"),
    ("停止", "停止"),
    ("道歉", "道歉"),
)


_WHERE = frozenset({"楼上", "楼下", "楼道", "小区", "邻居", "隔壁"})


def _fit(words: str, text: str) -> int:
    """How many two-character pieces of ``words`` the text holds; where it happened does not say what."""
    pieces = (words[i : i + 2] for i in range(len(words) - 1))
    return sum(piece in text for piece in pieces if piece not in _WHERE)

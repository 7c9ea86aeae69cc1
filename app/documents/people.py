"""How a party's particulars are printed: which, in which order, in which words.

Order of the seven items of F01, F06 and F07: 司发通〔2010〕239号; of the court's application:
民事诉讼文书样式 2016.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.documents import texts
from app.domain import masking
from app.domain.casefile import Party
from app.domain.errors import InternalError
from app.domain.taxonomy import AUTHORITIES, GENDERS

Item = tuple[str, str]
Row = tuple[Item, ...]

_FIELDS = (
    "name", "ethnicity", "id_number", "occupation", "phone", "email", "address", "service_address",
    "legal_representative", "legal_representative_title", "contact_person",
)  # fmt: skip
ID_KINDS = {
    "resident": "居民身份证",
    "residence_permit": "港澳台居民居住证",
    "foreign_permanent": "外国人永久居留身份证",
    "hm_pass": "港澳居民来往内地通行证",
    "tw_pass": "台湾居民来往大陆通行证",
    "passport": "护照",
    "uscc": "统一社会信用代码",
    "other": "其他证件",
    "": "",
}


@dataclass(frozen=True)
class Person:
    """One party as printed: 甲方 (or 申请人) and rows of labelled particulars."""

    caption: str
    rows: tuple[Row, ...]


def shown(party: Party, masked: bool) -> dict[str, str]:
    """A party's fields as text, hidden where a masked paper hides them."""
    view = {name: str(getattr(party, name) or "") for name in _FIELDS}
    view["birth_date"] = texts.day(party.birth_date) if party.birth_date else ""
    if masked:
        view.update({name: masking.party_field(party, name) for name in masking.PARTY_FIELDS})
    if not party.phone and party.no_phone_reason:
        view["phone"] = f"无（{party.no_phone_reason}）"
    return view


def _age(party: Party, on: dt.date) -> str:
    return "" if party.birth_date is None else f"{texts.age(party.birth_date, on)}岁"


def _seven(party: Party, view: dict[str, str], on: dt.date) -> tuple[Row, ...]:
    if party.kind == "organisation":
        return (
            (("名称", view["name"]),),
            (("法定代表人", view["legal_representative"]), ("职务", view["legal_representative_title"])),
            (("联系方式", view["phone"]),),
            (("地址", view["address"]),),
        )
    return (
        (
            ("姓名", view["name"]),
            ("性别", GENDERS.get(party.gender, "")),
            ("民族", view["ethnicity"]),
            ("年龄", _age(party, on)),
        ),
        (("职业或职务", view["occupation"]), ("联系方式", view["phone"])),
        (("单位或住址", view["address"]),),
    )


def _court(party: Party, view: dict[str, str], on: dt.date) -> tuple[Row, ...]:
    if party.kind == "organisation":
        return (
            (("名称", view["name"]),),
            (("统一社会信用代码", view["id_number"]),),
            (("住所", view["address"]),),
            (("法定代表人", view["legal_representative"]), ("职务", view["legal_representative_title"])),
            (("电话", view["phone"]),),
        )
    return (
        (("姓名", view["name"]), ("性别", GENDERS.get(party.gender, "")), ("民族", view["ethnicity"])),
        (
            ("出生日期", view["birth_date"]),
            (ID_KINDS.get(party.id_kind, "") or "证件号码", view["id_number"]),
        ),
        (("工作单位和职务或职业", view["occupation"]), ("联系方式", view["phone"])),
        (("住址", view["address"]),),
    )


def _brief(party: Party, view: dict[str, str], on: dt.date) -> tuple[Row, ...]:
    label = "姓名" if party.kind == "person" else "名称"
    return (((label, view["name"]), ("电话", view["phone"])), (("地址", view["address"]),))


def _name(party: Party, view: dict[str, str], on: dt.date) -> tuple[Row, ...]:
    return ((("姓名" if party.kind == "person" else "名称", view["name"]),),)


_STYLES = {"seven": _seven, "court": _court, "brief": _brief, "name": _name}


def person(party: Party, caption: str, style: str, on: dt.date, masked: bool = False) -> Person:
    """``party`` in a style of print; ages as of ``on``. Raises ``InternalError`` for an unknown style."""
    try:
        rows = _STYLES[style](party, shown(party, masked), on)
    except KeyError:
        raise InternalError(
            "文书式样里有一种写法本程序不认识。请联系管理员恢复随程序安装的式样。",
            code="E-FORM",
            detail=f"style {style}",
        ) from None
    agent = party.agent
    if agent is not None and style in ("seven", "court"):
        relation = f"（{agent.relation}）" if agent.relation else ""
        name = masking.agent_name(agent) if masked else agent.name
        who: Row = (("委托代理人", f"{name}{relation}"), ("权限", AUTHORITIES[agent.authority]))
        phone = masking.phone(agent.phone) if masked else agent.phone
        # The court's captions are wider, so the telephone gets a line of its own there.
        if style == "court":
            rows += (who, (("代理人联系方式", phone),))
        else:
            rows += ((*who, ("联系方式", phone)),)
    return Person(caption=caption, rows=rows)

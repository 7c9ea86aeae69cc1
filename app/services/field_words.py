"""How the value of each field is worded, as a mediator would write it: one table for every field.

What a command may change can come up as 两处写法不同, and then both values are read side by side. None of
them is shown as the wire carries it: no code, no JSON, no instant in another zone than Shanghai.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.domain import casefile as cf
from app.domain import masking, money, taxonomy
from app.domain.commands import APPOINTMENT
from app.domain.identity import ID_KINDS
from app.domain.phrases import within
from app.domain.states import case_machine
from app.domain.workdays import full_date, moment, short_date
from app.services.exporting import SOURCES
from app.services.sync_words import SIDES

EMPTY = "（空着）"
CALLED_OFF = "不约了"
"""An appointment that somebody took away."""
HIDDEN = "（已遮挡）"
NOT_KNOWN = "本机还不认识的一项，升级后能看到"
LAW_NAMES: Mapping[str, str] = {
    "people": "人民调解",
    "labour": "劳动争议",
    "medical": "医疗纠纷",
    "rural_land": "农村土地承包",
    "court_delegated": "法院委派委托",
    "online": "在线调解",
    "commercial": "商事调解",
}
OUTCOMES: Mapping[str, str] = {
    "agreed": "达成协议", "failed": "调解不成", "withdrawn": "当事人撤回", "terminated": "终止调解",
}  # fmt: skip
CONTACTED: Mapping[str, str] = {
    "willing": "愿意调解", "unwilling": "不愿意调解", "unreached": "没联系上", "considering": "要考虑几天",
}  # fmt: skip
PARTY_KINDS: Mapping[str, str] = {"person": "个人", "organisation": "单位"}
FORMS: Mapping[str, str] = {"written": "书面协议", "oral": "口头协议"}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Known:
    """What wording needs to know beside the value."""

    today: dt.date
    """The legal day: another year than its own is said."""
    name_of: Callable[[str], str]
    """A colleague's name by their id."""
    agreements: Mapping[str, cf.Agreement] | None = None
    """The case's agreements by id."""


Wording = Callable[[Any, Known], str]


def worded(field: str, value: Any, known: Known) -> str:
    """``value`` (JSON) of ``field`` in words; :data:`EMPTY` for none.

    Raises :class:`LookupError` for a field that the table has no wording for: a field is shown in words or
    not at all.
    """
    wording = FIELDS[field]
    if value in (None, "") or value == [] or value == {}:
        return EMPTY
    return wording(value, known)


def hidden(field: str, value: Any, party: cf.Party | None) -> str:
    """``value`` of a party's field as it is shown while it is masked."""
    if value in (None, "", {}):
        return EMPTY
    if party is None:
        return HIDDEN
    if field == "agent":
        return agent_lines(msgspec.convert(value, cf.Agent), masking.agent_field)
    if not isinstance(value, str):
        return HIDDEN
    return masking.party_field(msgspec.structs.replace(party, **{field: value}), field) or HIDDEN


def agent_lines(agent: cf.Agent, shown: Callable[[cf.Agent, str], str]) -> str:
    """代理人, one line a particular; ``shown`` gives a field as it may be shown."""
    kind = ID_KINDS.get(agent.id_kind, "证件")
    lines = (
        ("姓名", shown(agent, "name")),
        ("关系", agent.relation),
        ("电话", shown(agent, "phone")),
        (kind, shown(agent, "id_number")),
        ("权限", taxonomy.AUTHORITIES.get(agent.authority, "其他")),
        ("授权委托书", "有" if agent.evidence_attachment_id else "还没有"),
    )
    return "\n".join(f"{name}：{text}" for name, text in lines if text)


def appointment(value: Mapping[str, Any], known: Known, none: str = EMPTY) -> str:
    """下次调解: hour and room of ``value``, by field; ``none`` where none is made."""
    told = (worded(name, value[name], known) for name in sorted(APPOINTMENT) if value.get(name))
    return "，".join(told) or none


def flag(value: bool) -> str:
    """是, 否."""
    return "是" if value else "否"


def _text(value: Any, _known: Known) -> str:
    return str(value)


def _coded(names: Mapping[str, str]) -> Wording:
    def wording(value: Any, _known: Known) -> str:
        return names.get(str(value), NOT_KNOWN)

    return wording


def _moment(value: Any, known: Known) -> str:
    return moment(str(value), known.today)


def _day(value: Any, _known: Known) -> str:
    return full_date(dt.date.fromisoformat(str(value)))


def _day_as_written(value: Any, known: Known) -> str:
    """发生时间 is free text; where a calendar wrote it, it is a date."""
    return _day(value, known) if _ISO_DAY.fullmatch(str(value)) else str(value)


def _person(value: Any, known: Known) -> str:
    return known.name_of(str(value))


def _dispute(value: Any, _known: Known) -> str:
    return taxonomy.kind_label(str(value))


def _court(value: Any, _known: Known) -> str:
    found = taxonomy.court_by_code(str(value))
    return found.name if found is not None else "名录里没有的法院"


def _money(value: Any, _known: Known) -> str:
    return money.text(int(value))


def _state(value: Any, _known: Known) -> str:
    return case_machine().labels.get(str(value), "本机还不认识的状态，升级后能看到")


def _agreement(value: Any, known: Known) -> str:
    found = (known.agreements or {}).get(str(value))
    return f"第 {found.version_no} 版协议书" if found is not None else "另一份协议书"


def _agent(value: Any, _known: Known) -> str:
    return agent_lines(msgspec.convert(value, cf.Agent), lambda agent, name: str(getattr(agent, name)))


def _listed(texts: Iterable[str]) -> str:
    return "、".join(text for text in texts if text)


def _decision(_value: Any, _known: Known) -> str:
    return "同事又办了一步"


def _conclusion(value: Any, known: Known) -> str:
    found = msgspec.convert(value, cf.Conclusion)
    return "\n".join(f"{name}：{text}" for name, text in conclusion_lines(found, known))


def _refusal(value: Any, _known: Known) -> str:
    return "\n".join(f"{name}：{text}" for name, text in refusal_lines(msgspec.convert(value, cf.Refusal)))


def _suspensions(value: Any, known: Known) -> str:
    spans = msgspec.convert(value, tuple[cf.Suspension, ...])
    return _listed(f"{_span(s, known.today)}（{within(s.reason) or '暂停计时'}）" for s in spans)


def _span(span: cf.Suspension, today: dt.date) -> str:
    first = short_date(span.first_day, today)
    if span.last_day:
        return f"{first}至{short_date(span.last_day, today)}"
    return f"{first}至现在" if span.first_day <= today else f"从{first}起"


def conclusion_lines(found: cf.Conclusion, known: Known) -> tuple[tuple[str, str], ...]:
    """How mediation ended, a line a particular; what is empty is left out."""
    lines = (
        ("调解结果", OUTCOMES.get(found.outcome, "其他")),
        ("化解方式", found.method),
        ("结案小结", found.summary),
        ("终止原因", found.ground),
        ("争议焦点", found.focus),
        ("告知的救济途径", "\n".join(found.remedies)),
        ("告知时间", moment(found.remedies_told_at, known.today) if found.remedies_told_at else ""),
    )
    return tuple((name, text) for name, text in lines if text)


def refusal_lines(found: cf.Refusal) -> tuple[tuple[str, str], ...]:
    """不予受理, a line a particular; what is empty is left out."""
    lines = (
        ("不予受理的理由", found.ground),
        ("事实", found.facts),
        ("依据", "\n".join(found.basis)),
        ("其他途径", "\n".join(found.next_routes)),
        ("告知书编号", found.notice_no),
    )
    return tuple((name, text) for name, text in lines if text)


FIELDS: Mapping[str, Wording] = {
    # 案件
    "source": _coded(SOURCES),
    "state": _state,
    "decided_by": _decision,
    "title": _text,
    "dispute_kind": _dispute,
    "received_at": _moment,
    "intake_no": _text,
    "number": _text,
    "platform_kind": _text,
    "applied_at": _moment,
    "claims": _text,
    "facts": _text,
    "occurred_on": _day_as_written,
    "occurred_place": _text,
    "township": _text,
    "district": _text,
    "amount_fen": _money,
    "contact_waiver": _text,
    "mediator_id": _person,
    "clerk_id": _person,
    "accepted_at": _moment,
    "decided_at": _moment,
    "refusal": _refusal,
    "handback_reason": _text,
    "suspensions": _suspensions,
    "law_kind": _coded(LAW_NAMES),
    "agreement_id": _agreement,
    "signed": lambda value, _known: f"已登记 {len(value)} 处",
    "appointment": lambda value, known: appointment(value, known),
    "performed": lambda value, _known: f"已登记 {len(value)} 笔",
    "parties": lambda value, _known: f"{len(value)} 位",
    "agreement_form": _coded(FORMS),
    "conclusion": _conclusion,
    "closed_at": _moment,
    "archived_at": _moment,
    "inviting_court": _court,
    "next_session_at": _moment,
    "next_session_place": _text,
    # 当事人
    "side": _coded(SIDES),
    "ordinal": lambda value, _known: f"第 {value} 位",
    "kind": _coded(PARTY_KINDS),
    "name": _text,
    "gender": _coded(taxonomy.GENDERS),
    "ethnicity": _text,
    "birth_date": _day,
    "id_kind": _coded(ID_KINDS),
    "id_number": _text,
    "occupation": _text,
    "phone": _text,
    "no_phone_reason": _text,
    "email": _text,
    "address": _text,
    "service_address": _text,
    "legal_representative": _text,
    "legal_representative_title": _text,
    "contact_person": _text,
    "agent": _agent,
}
"""Every field of a case's header and of a party that a command may change."""
IDS = frozenset({"case_id", "party_id"})
"""What names a document and never changes."""

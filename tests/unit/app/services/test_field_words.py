"""No value of a field is ever shown as the wire carries it: no code, no JSON, no instant of another zone."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.identity import ID_KINDS
from app.domain.taxonomy import all_courts, dispute_kinds
from app.services import disputes, field_words, sync_words
from app.services.field_words import EMPTY, Known, worded
from tests.helpers.desks import PEOPLE, party

KNOWN = Known(
    today=dt.date(2026, 11, 26),
    name_of=lambda person_id: {p.person_id: p.name for p in PEOPLE}.get(person_id, "其他人员"),
)
AGENT = {
    "name": "林律师", "relation": "律师", "id_kind": "resident", "id_number": "11010519491231002X",
    "phone": "13800001234", "authority": "special", "evidence_attachment_id": "",
}  # fmt: skip


def changeable() -> set[str]:
    """Every field of a case and of a party, as commands change them one way or another."""
    fields = {*cf.Case.__struct_fields__, *cf.Party.__struct_fields__}
    return (fields | cmd.EDITABLE_CASE_FIELDS | cmd.EDITABLE_PARTY_FIELDS) - field_words.IDS


def test_every_field_that_may_change_has_its_wording_and_its_name() -> None:
    assert changeable() - set(field_words.FIELDS) == set()
    assert changeable() - set(sync_words.FIELDS) == set()
    assert set(field_words.FIELDS) >= disputes.LEGAL_FIELDS
    with pytest.raises(LookupError):
        worded("something_new", "x", KNOWN)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("next_session_at", "2026-11-29T06:30:00.000Z", "11月29日 14:30"),
        ("next_session_at", "2027-01-04T16:10:00Z", "2027年1月5日 00:10"),
        ("birth_date", "1952-07-17", "1952年7月17日"),
        ("occurred_on", "2026-10-03", "2026年10月3日"),
        ("occurred_on", "国庆前后", "国庆前后"),
        ("amount_fen", 580050, "5,800.50 元"),
        ("amount_fen", 0, "0 元"),
        ("dispute_kind", "neighbour", "邻里纠纷"),
        ("law_kind", "rural_land", "农村土地承包"),
        ("gender", "female", "女"),
        ("id_kind", "hm_pass", "港澳居民来往内地通行证"),
        ("kind", "organisation", "单位"),
        ("state", "closed", "已结案"),
        ("mediator_id", "p-shen", "沈佳怡"),
        ("inviting_court", "C310104", "上海市徐汇区人民法院"),
        ("agreement_form", "oral", "口头协议"),
        ("phone", "", EMPTY),
        ("agent", None, EMPTY),
        ("suspensions", [], EMPTY),
        (
            "agent", AGENT,
            "姓名：林律师\n关系：律师\n电话：13800001234\n居民身份证：11010519491231002X\n"
            "权限：特别授权\n授权委托书：还没有",
        ),
        (
            "suspensions",
            [
                {"record_id": "r1", "reason": "送鉴定", "first_day": "2026-11-02", "last_day": "2026-11-09"},
                {"record_id": "r2", "reason": "住院", "first_day": "2026-11-20", "last_day": None},
            ],
            "11月2日至11月9日（送鉴定）、11月20日至现在（住院）",
        ),
        (
            "suspensions",
            [{"record_id": "r3", "reason": "", "first_day": "2026-12-31", "last_day": None}],
            "从12月31日起（暂停计时）",
        ),
        (
            "conclusion",
            {"outcome": "failed", "at": "2026-11-20T01:00:00Z", "ground": "分歧太大", "method": "当面调解"},
            "调解结果：调解不成\n化解方式：当面调解\n终止原因：分歧太大",
        ),
    ],
)  # fmt: skip
def test_a_mediators_words(field: str, value: object, shown: str) -> None:
    assert worded(field, value, KNOWN) == shown


def test_no_code_shows_whatever_the_catalogue_holds() -> None:
    codes = [("dispute_kind", code) for code in dispute_kinds()]
    codes += [("id_kind", code) for code in ID_KINDS]
    codes += [("law_kind", code) for code in cf.LawKind.__args__]  # type: ignore[attr-defined]
    codes += [("source", code) for code in cf.Source.__args__]  # type: ignore[attr-defined]
    codes += [("side", code) for code in cf.Side.__args__]  # type: ignore[attr-defined]
    codes += [("inviting_court", court.code) for court in all_courts()]
    codes += [(field, "invented_by_a_newer_platform") for field in ("law_kind", "state", "gender")]
    for field, code in codes:
        assert not re.search(r"[a-z_{}\"]", worded(field, code, KNOWN)), (field, code)


def test_masked_values_stay_masked_and_readable() -> None:
    who = party("case-1", "respondent", "吴刚")
    assert field_words.hidden("birth_date", "1952-07-17", who) == "1952年7月"
    assert field_words.hidden("phone", "13900000275", who) == "139****0275"
    shown = field_words.hidden("agent", AGENT, who)
    assert shown.startswith("姓名：林**\n")
    assert "特别授权" in shown
    assert not re.search(r"林律师|13800001234|11010519491231002X|[{}\"]", shown)
    assert field_words.hidden("agent", None, who) == EMPTY

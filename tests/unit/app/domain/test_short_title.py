"""The short title: proposed from the dispute, never holding personal data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import short_title, taxonomy
from app.domain.errors import FieldError
from tests.helpers import casefiles as make

PARTIES = (
    make.person("p1", "陈明华", "applicant"),
    make.person("p2", "欧阳刚", "respondent"),
    make.firm("p3", "云浦区馨苑物业管理有限公司", "respondent"),
)


@pytest.mark.parametrize(
    "title", ["三楼漏水赔墙面", "装修尾款 3.2 万", "工地工资 7 人", "小区停车费涨价", "陈年旧账", "20 日退款"]
)
def test_clean_titles(title: str) -> None:
    assert short_title.problem(title, PARTIES) is None
    assert short_title.require_clean(f" {title} ", PARTIES) == title


@pytest.mark.parametrize(
    ("title", "hint"),
    [
        ("陈明华漏水", short_title.NAME_HINT),
        ("明华家漏水", short_title.NAME_HINT),
        ("陈先生漏水", short_title.NAME_HINT),
        ("欧阳师傅装修", short_title.NAME_HINT),
        ("馨苑停车费", short_title.NAME_HINT),
        ("何建欠款", short_title.NAME_HINT),
        ("310101196804260426", short_title.ID_HINT),
        ("找13812346612", short_title.PHONE_HINT),
        ("打 5555 1226", short_title.PHONE_HINT),
        ("平凉路12弄漏水", short_title.HOUSE_HINT),
        ("402室漏水", short_title.HOUSE_HINT),
        ("", short_title.EMPTY_HINT),
        ("漏" * 21, short_title.LONG_HINT),
    ],
)
def test_personal_data_is_noticed(title: str, hint: str) -> None:
    assert short_title.problem(title, PARTIES) == hint
    with pytest.raises(FieldError):
        short_title.require_clean(title, PARTIES)


@pytest.mark.parametrize(
    ("kind", "claims", "title"),
    [
        ("neighbour", "楼上漏水，赔偿墙面损失", "楼上漏水赔偿"),
        ("neighbour", "楼上噪音大，夜里睡不着", "噪音扰民"),
        ("neighbour", "楼上住户晚归吵闹", "邻里纠纷"),
        ("neighbour", "赔偿墙面损失", "邻里纠纷"),
        ("neighbour", "门口鞋柜占了过道 把鞋柜搬走", "邻里纠纷"),
        ("property", "退还小区停车费", "小区停车费退款"),
        ("damages", "宠物犬咬伤要求赔偿", "宠物犬咬伤赔偿"),
        ("consumer", "健身卡退费", "健身卡退费"),
        ("unknown", "", "其他纠纷"),
    ],
)
def test_proposals(kind: str, claims: str, title: str) -> None:
    assert short_title.propose(kind, claims) == title


@given(st.sampled_from(sorted(taxonomy.dispute_kinds())), st.text(max_size=40))
def test_a_proposal_is_always_clean(kind: str, claims: str) -> None:
    assert short_title.problem(short_title.propose(kind, claims, parties=PARTIES), PARTIES) is None

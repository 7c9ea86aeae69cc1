"""What stands against what where two people decided on one case."""

from __future__ import annotations

from app.services.act_words import NONE, compared

CLOSED = (("化解方式", "调解成功"),)
TAKEN_UP = (("案号", "（2026）云悟民调字第 0161 号"), ("承办调解员", "周敏芳"))


def test_a_case_closed_here_and_taken_up_again_there_has_lost_no_number() -> None:
    view = compared("结案信息", ("closed", "mediating"), CLOSED, TAKEN_UP)
    told = {one.name: (one.mine, one.theirs) for one in view.differences}
    assert told == {"案件状态": ("已结案", "调解中"), "化解方式": ("调解成功", NONE)}
    assert view.theirs[1:] == TAKEN_UP


def test_accepted_here_and_refused_there_tells_the_number_given() -> None:
    view = compared("受理", ("accepted", "refused"), TAKEN_UP, (("理由", "超出地域范围"),))
    assert ("案号", "（2026）云悟民调字第 0161 号", NONE) in [
        (one.name, one.mine, one.theirs) for one in view.differences
    ]

"""今日 is a person's own: what is in their hands and in nobody's; the head hears of what others let pass."""

from __future__ import annotations

import datetime as dt

import pytest

from app.services.dayboard import Attention
from app.services.line_state import DEVICE_STOPPED, LAST_ERROR_CODE
from app.services.today import Today
from app.storage import kv
from tests.helpers.desks import incoming, make_workplace


@pytest.fixture
def workplace(tmp_path):
    made = make_workplace(tmp_path)
    incoming(made, "case-mine")
    incoming(made, "case-theirs", mediator_id="p-he", title="楼道堆物")
    incoming(made, "case-nobodys", mediator_id="", title="遛狗礼让")
    yield made
    made.close()


def shown(desk) -> set[str]:
    board = Today(desk).board()
    return {row.case_id for row in (*board.today, *board.soon, *board.waiting)}


def test_a_colleagues_case_is_not_on_ones_day(workplace):
    assert shown(workplace.desk) == {"case-mine", "case-nobodys"}
    assert shown(workplace.as_person("p-he")) == {"case-theirs", "case-nobodys"}
    assert Today(workplace.desk).board().numbers.open == 1


def test_the_head_hears_of_what_colleagues_let_pass(workplace):
    late = Attention("colleagues", 1)
    workplace.clock.advance(dt.timedelta(days=30))
    assert late in Today(workplace.as_person("p-he")).board().attention
    assert "colleagues" not in {one.kind for one in Today(workplace.desk).board().attention}


def test_before_the_first_exchange_nothing_is_said_of_the_day(tmp_path):
    made = make_workplace(tmp_path)
    made.desk.store.write(lambda conn: kv.put(conn, "enrolment", "complete"))
    board = Today(made.desk).board()
    assert (board.headline, board.fetched) == ("案件还没有收回来", False)
    assert "没有到期" not in board.subtitle
    assert board.attention == (Attention("unfetched", 1),)
    made.desk.store.write(lambda conn: kv.put(conn, "cursor", "1"))
    board = Today(made.desk).board()
    assert (board.headline, board.fetched, board.attention) == ("今天没有到期的事", True, ())
    made.close()


@pytest.mark.parametrize("code", sorted(DEVICE_STOPPED))
def test_a_computer_that_must_be_registered_again_says_so_on_the_day(workplace, code):
    workplace.desk.store.write(lambda conn: kv.put(conn, LAST_ERROR_CODE, code))
    assert Today(workplace.desk).board().attention == (Attention("register", 1),)

"""回访: who is to be called, what was said last, what is not kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import SHANGHAI, shanghai
from app.domain import casefile as cf
from app.services.followups import FollowUps
from app.services.handling import Handling
from app.services.oral import Term
from tests.helpers.desks import Workplace, make_workplace
from tests.helpers.oral import registered

MONDAY = dt.date(2026, 11, 23)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path)
    yield made
    made.close()


def pay(day: dt.date, no: int = 1) -> cf.Payment:
    return cf.Payment(no=no, payer_party_id="b", payee_party_id="a", amount_fen=30_000, due_on=day)


def later(place: Workplace, days: int) -> None:
    place.clock.advance(dt.timedelta(days=days))


def test_calls_payments_and_the_answer_above_them(place: Workplace) -> None:
    registered(place, Term(done=True))
    registered(place, Term(payments=(pay(dt.date(2026, 11, 25)), pay(dt.date(2027, 1, 5), 2))))
    board = FollowUps(place.desk).board("follow_up")
    assert dict(board.counts) == {"follow_up": 2, "performance": 1}
    assert [line.row.kind for line in board.soon] == ["performance"]
    assert board.headline == "今天没有要打的电话。2 户待回访，1 笔付款 11月25日到期。"
    assert board.marks[dt.date(2026, 11, 25)].payments == 1
    assert board.lines[0].dispute_kind == "邻里"
    assert "蒋桂芬" not in board.lines[0].row.parties
    first = board.lines[0].row.due_on
    assert first is not None
    later(place, (first - MONDAY).days)
    assert FollowUps(place.desk).board("follow_up").headline.startswith("今天给 1 户打电话。")


def test_said_that_all_is_done_nothing_is_left(place: Workplace) -> None:
    case_id = registered(place, Term(payments=(pay(dt.date(2026, 11, 25)),)))
    later(place, 3)
    Handling(place.desk).record_follow_up(case_id, cf.FollowUp(performed="full", satisfaction="good"))
    follow = FollowUps(place.desk)
    assert follow.board("follow_up").counts == {}
    board = follow.board("done")
    assert [(line.row.case_id, line.row.tag) for line in board.lines] == [(case_id, "11月26日")]
    assert board.counts == {"done": 1}
    assert "蒋桂芬" not in str(board.lines)
    later(place, 1)
    Handling(place.desk).record_follow_up(case_id, cf.FollowUp(performed="none"))
    assert follow.board("done").lines == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (cf.FollowUp(performed="none"), "没有按约履行"),
        (cf.FollowUp(performed="none", warning="regret"), "想反悔"),
        (cf.FollowUp(performed="not_due", warning="signs"), "有苗头"),
    ],
)
def test_what_is_not_kept_stands_apart_until_it_is_or_time_has_passed(
    place: Workplace, body: cf.FollowUp, words: str
) -> None:
    case_id = registered(place, Term(done=True))
    Handling(place.desk).record_follow_up(case_id, body)
    (line,) = FollowUps(place.desk).board("unkept").lines
    assert words in line.row.reason
    later(place, 1)
    Handling(place.desk).record_follow_up(case_id, cf.FollowUp(performed="full"))
    assert FollowUps(place.desk).board("unkept").lines == ()


def test_not_reached_is_called_again_at_nine_on_the_next_working_day(place: Workplace) -> None:
    case_id = registered(place, Term(done=True))
    follow = FollowUps(place.desk)
    party = follow.detail(case_id).view.file.side("respondent")[0]
    later(place, 4)  # Friday
    again = Handling(place.desk).missed_call(case_id, party.party_id).value
    assert shanghai(again) == dt.datetime(2026, 11, 30, 9, tzinfo=SHANGHAI)
    (line,) = follow.board("follow_up").lines
    assert line.row.remind_at == again
    said = follow.detail(case_id).said
    assert said is not None
    assert (said.by, said.words) == ("周敏芳", "没打通。")
    later(place, 3)
    Handling(place.desk).record_follow_up(case_id, cf.FollowUp(performed="full", text="蒋桂芬说都搬走了。"))
    said = follow.detail(case_id).said
    assert said is not None
    assert said.words == "蒋**说都搬走了。"


def test_a_part_is_as_agreed_until_the_last_day_and_an_early_call_is_no_follow_up(place: Workplace) -> None:
    case_id = registered(place, Term(payments=(pay(MONDAY), pay(dt.date(2026, 12, 15), 2))))
    Handling(place.desk).record_follow_up(case_id, cf.FollowUp(performed="partly"))
    assert FollowUps(place.desk).board("unkept").lines == ()
    later(place, 22)
    Handling(place.desk).record_follow_up(case_id, cf.FollowUp(performed="partly"))
    assert len(FollowUps(place.desk).board("unkept").lines) == 1


def test_the_plan_shows_each_payment_with_its_state(place: Workplace) -> None:
    case_id = registered(place, Term(payments=(pay(dt.date(2026, 11, 23)), pay(dt.date(2026, 12, 15), 2))))
    file = FollowUps(place.desk).detail(case_id).view.file
    paid = cf.Performance(agreement_id=file.head.agreement_id, payment_no=1, on=MONDAY, amount_fen=30_000)
    Handling(place.desk).record_performance(case_id, paid)
    detail = FollowUps(place.desk).detail(case_id)
    assert [(one.no, one.state) for one in detail.plan] == [(1, "performed"), (2, "pending")]
    assert detail.next_payment is not None
    assert detail.next_payment.due_on == dt.date(2026, 12, 15)

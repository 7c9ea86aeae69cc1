"""找过我们的人: found by what is said at the desk, shown covered, and taken over with a trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import NotFoundError
from app.services.closing import Closing, ClosingEntry
from app.services.followups import FollowUps
from app.services.oral import Term
from app.services.past_parties import PastParties, same_person
from app.storage.tables import audit
from tests.helpers.desks import Workplace, incoming, make_workplace
from tests.helpers.oral import ENTRY, registered

PHONE, CARD = "13800004471", "310101196503073421"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path / "profile")
    who = {
        "name": "柳玉兰",
        "phone": PHONE,
        "id_kind": "resident",
        "id_number": CARD,
        "address": "梧桐里 8 弄 3 号",
    }
    incoming(
        made, "case-1", respondent=who, title="小区停车费涨价",
        received_at=dt.datetime(2025, 8, 3, 2, tzinfo=dt.UTC), state="closed",
    )  # fmt: skip
    incoming(made, "case-2", respondent={**who, "phone": "13800009999"}, title="合租押金不退")
    incoming(made, "case-3", respondent={"name": "柳玉兰", "phone": "13911112222"}, title="过渡费计算")
    yield made
    made.close()


@pytest.mark.parametrize("text", ["柳玉兰", "lyl", "4471", "13800004471", "3421", CARD[:17] + "1"])
def test_somebody_is_found_once_however_often_they_came(place: Workplace, text: str) -> None:
    found = PastParties(place.desk).find(text)
    (same,) = [one for one in found if one.case_id != "case-3"]
    latest = "case-1" if text in ("4471", PHONE) else "case-2"
    assert (same.case_id, same.name) == (latest, "柳**")
    assert same.times == (1 if latest == "case-1" else 2)
    for plain in ("玉兰", PHONE, CARD, "3 号", "13800009999"):
        assert plain not in f"{same}"
    assert ("case-3" in {one.case_id for one in found}) is (text in ("柳玉兰", "lyl"))


@pytest.mark.parametrize("text", ["", "  ", "447", "吴刚吴", "9"])
def test_nobody_is_found_by_nothing_or_too_little(place: Workplace, text: str) -> None:
    assert PastParties(place.desk).find(text) == ()


def test_whoever_is_surely_known_is_told(place: Workplace) -> None:
    people = PastParties(place.desk)
    who = cf.Party(party_id="a", case_id="new", side="applicant", ordinal=1, name="柳玉兰")
    assert people.known(who) is None
    by_card = people.known(msgspec.structs.replace(who, id_kind="resident", id_number=CARD))
    assert by_card is not None
    assert (by_card.times, by_card.latest) == (2, "合租押金不退（2026年11月，被申请人）")
    by_phone = people.known(msgspec.structs.replace(who, phone="13911112222"))
    assert by_phone is not None
    assert by_phone.case_id == "case-3"
    assert people.known(msgspec.structs.replace(who, name="柳玉梅", phone="13911112222")) is None


def test_a_dispute_of_the_same_two_that_runs_is_told(place: Workplace) -> None:
    people = PastParties(place.desk)

    def named(side: cf.Side, name: str, **more: str) -> cf.Party:
        return cf.Party(party_id=side, case_id="new", side=side, ordinal=1, name=name, **more)  # type: ignore[arg-type]

    mine = (named("applicant", "陈秀英"), named("respondent", "柳玉兰"))
    assert [one.title for one in people.open_between(mine)] == ["过渡费计算", "合租押金不退"]
    turned = (named("applicant", "柳玉兰", phone="13911112222"), named("respondent", "陈秀英"))
    assert [one.title for one in people.open_between(turned)] == ["过渡费计算"]
    assert people.open_between((named("applicant", "陈秀英"), named("respondent", "王五"))) == ()
    assert people.open_between(mine[:1]) == ()


def test_a_closed_case_that_waits_for_its_follow_up_runs_no_more(place: Workplace) -> None:
    people, case_id = PastParties(place.desk), registered(place, Term(done=True))
    assert [one.case_id for one in people.open_between(ENTRY.parties)] == [case_id]
    Closing(place.desk).close(case_id, ClosingEntry("in_person"))
    assert FollowUps(place.desk).board("follow_up").lines, "it is open for that"
    assert people.open_between(ENTRY.parties) == ()


def test_two_documents_are_two_people_whatever_else_is_the_same() -> None:
    one = cf.Party(
        party_id="a", case_id="c", side="applicant", ordinal=1, name="陈秀英", phone=PHONE, id_number="X1x"
    )
    other = msgspec.structs.replace(one, id_number="X2")
    assert not same_person(one, other)
    assert same_person(one, msgspec.structs.replace(one, id_number="x1X", phone=""))
    assert not same_person(one, msgspec.structs.replace(one, kind="organisation"))


def test_taking_over_is_traced_without_personal_data(place: Workplace) -> None:
    people = PastParties(place.desk)
    (found, *_) = people.find("4471")
    taken = people.take(found.case_id, found.party_id)
    assert (taken.name, taken.id_number) == ("柳玉兰", CARD)
    latest = select(audit).order_by(audit.c.seq.desc()).limit(1)
    last = place.desk.store.read(lambda conn: conn.execute(latest).one())
    assert (last.action, last.case_id) == ("party.reuse", "case-1")
    assert "柳玉兰" not in str(last)
    with pytest.raises(NotFoundError, match="不在本机"):
        people.take("case-1", "nobody")

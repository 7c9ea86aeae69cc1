"""Two texts of an agreement, one of them signed: its signatures go the way of the text that is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.agreement import effectiveness_of, places_signed
from app.domain.workdays import short_date
from app.services import casework, colleagues
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.cases import Cases
from app.services.closing import Closing
from app.services.desk import UNDO_WINDOW
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from sync.engine.enroll import register
from sync.engine.tokens import SealedTokens
from tests.helpers.clients import PASSPHRASE, QUICK, Office
from tests.helpers.decisions import agreement, finalise, first_view, sign_all
from tests.helpers.sandbox import Sandbox
from ui.pages.case_timeline import CHOSEN, course
from ui.widgets.timeline import Entry

MINE, THEIRS = "agreement-mine", "agreement-theirs"


@pytest.fixture
def disputed(ready: Office, other: Office) -> str:
    """A text finalised and signed here without a line, while another was finalised elsewhere."""
    case_id = ready.case_ids("accepted", "mediating")[0]
    finalise(ready, case_id, agreement(ready, case_id, MINE, 500_00))
    sign_all(ready, case_id, MINE)
    finalise(other, case_id, agreement(other, case_id, THEIRS, 800_00))
    other.good_run()
    ready.good_run()
    assert places_signed(ready.file(case_id), MINE) == ()
    return case_id


def choose(office: Office, choice: str) -> None:
    Resolving(office.desk).resolve(first_view(office).conflict_id, choice)  # type: ignore[arg-type]


def holds(office: Office, case_id: str) -> bool:
    effect = effectiveness_of(office.file(case_id))
    assert effect is not None
    return effect.is_effective


def signatures(office: Office, case_id: str) -> list[cf.Record]:
    return [record for record, _ in office.file(case_id).written(cf.Signature)]


def axis(office: Office, case_id: str) -> tuple[Entry, ...]:
    """经过."""
    resolving = Resolving(office.desk)
    settled, here = resolving.settled_in(case_id), resolving.made_here(case_id)
    return course(Cases(office.desk).open(case_id), office.desk, settled, here).entries


def told(office: Office, case_id: str) -> list[tuple[str, str]]:
    """What 经过 says of signatures: how it stands, and how many."""
    return [(one.aside, one.rest) for one in axis(office, case_id) if one.title == "登记签名盖章"]


def asked(office: Office) -> list[str]:
    return [row.what for row in SyncCentre(office.desk).rows("needs_you")]


def everywhere(*offices: Office) -> None:
    for _ in range(2):
        for one in offices:
            one.good_run()


def test_the_text_that_is_chosen_takes_its_signatures_along(
    ready: Office, other: Office, disputed: str
) -> None:
    before = signatures(ready, disputed)
    slow, unsent = replace(ready.desk, undo_window=UNDO_WINDOW), (asked(ready), told(ready, disputed))
    for choice in ("theirs", "mine"):
        taken = Resolving(slow).resolve(first_view(ready).conflict_id, choice)
        assert (asked(ready), told(ready, disputed)) != unsent
        casework.undo(slow, str(taken.undo_id))
        assert (asked(ready), told(ready, disputed)) == unsent, "the signatures ask as before"
    choose(ready, "mine")
    assert holds(ready, disputed)
    assert asked(ready) == []
    everywhere(ready, other)
    for office in (ready, other):
        assert office.shadow(disputed).head.agreement_id == MINE
        assert holds(office, disputed)
        assert len(places_signed(office.shadow(disputed), MINE)) == 4
        assert told(office, disputed) == [("", "　4 处")], "each place once"
        (entry,) = (one for one in axis(office, disputed) if one.title == "登记签名盖章")
        day = short_date(ready.desk.today())
        assert entry.detail.endswith(f"、调解员、调委会印章，纸上写 {day}（周敏芳登记）。")
        assert entry.detail.count("当事人") == 2
        assert not any(party.name in entry.detail for party in office.file(disputed).parties.values())
    assert signatures(other, disputed) == before, "with the dates and ways of before"
    assert asked(ready) == []
    kinds = [cmd.decode(row.bytes).kind for row in ready.outbox() if row.state == "delivered"]
    assert kinds[-5:] == ["agreement.finalise", *["signature.register"] * 4]


def test_the_text_that_is_not_chosen_leaves_its_signatures_readable(
    ready: Office, other: Office, disputed: str
) -> None:
    assert told(ready, disputed) == [("等选定", "　4 处")]
    centre = SyncCentre(ready.desk)
    waits = [row.why for row in centre.rows() if row.status == "undecided"]
    assert [why[:7] for why in waits] == ["等您选定用哪一"] * 4
    assert asked(ready) == ["协议书定稿"], "one choice, and nothing that failed"
    assert (centre.counts().needs_you, centre.counts().waiting) == (1, 0)
    choose(ready, "theirs")
    everywhere(ready, other)
    for office in (ready, other):
        assert office.shadow(disputed).head.agreement_id == THEIRS
        assert not holds(office, disputed)
        assert told(office, disputed) == [], "what does not hold is not in the course of the case"
    assert asked(ready) == []
    assert ready.everything()[disputed] == other.everything()[disputed]
    (kept,) = Resolving(ready.desk).settled_in(disputed)
    mine = dict(kept.act.mine)
    assert mine["签名盖章"] == "已登记 4 处"
    assert mine["印章"].startswith("盖章，20"), "place by place, with the day on paper"
    (entry,) = (one for one in axis(ready, disputed) if one.title == CHOSEN)
    assert "签名盖章 本机已登记 4 处、平台（没有）" in entry.detail


def test_what_the_platform_refused_counts_for_nothing_until_then(ready: Office, disputed: str) -> None:
    file = ready.file(disputed)
    assert len(signatures(ready, disputed)) == 4
    assert file.of_type(cf.Signature) == ()
    assert file.refused == {record.record_id for record in signatures(ready, disputed)}
    view = first_view(ready)
    differences = {one.name: (one.mine, one.theirs) for one in view.act.differences}
    assert differences["签名盖章"] == ("已登记 4 处", "（没有）")
    assert "已登记 4 处签名盖章" in view.at_stake
    assert "跟着一起重新发" in view.at_stake


def test_a_choice_that_meets_a_newer_text_keeps_the_signatures_for_the_next(
    ready: Office, other: Office, disputed: str
) -> None:
    finalise(other, disputed, agreement(other, disputed, "agreement-newer", 900_00))
    choose(ready, "mine")
    other.good_run()
    ready.good_run()
    assert ready.shadow(disputed).head.agreement_id == "agreement-newer"
    assert not holds(ready, disputed), "here is shown what holds there"
    choose(ready, "mine")
    everywhere(ready, other)
    for office in (ready, other):
        assert office.shadow(disputed).head.agreement_id == MINE
        assert holds(office, disputed)
        assert told(office, disputed) == [("", "　4 处")]
    assert asked(ready) == []


def test_a_restored_platform_has_them_once(
    ready: Office, other: Office, disputed: str, sandbox: Sandbox
) -> None:
    sandbox.control("backup")
    choose(ready, "mine")
    everywhere(ready, other)
    sandbox.control("restore")
    for office in (ready, other):
        office.later()
    everywhere(ready, other)
    for office in (ready, other):
        assert office.shadow(disputed).head.agreement_id == MINE
        assert holds(office, disputed)
        assert len(signatures(office, disputed)) == 4
    assert asked(ready) == []


def test_a_platform_that_forgot_both_texts_asks_nobody_twice(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    sandbox.control("backup")
    finalise(ready, case_id, agreement(ready, case_id, MINE, 500_00))
    sign_all(ready, case_id, MINE)
    finalise(other, case_id, agreement(other, case_id, THEIRS, 800_00))
    other.good_run()
    ready.good_run()
    choose(ready, "mine")
    everywhere(ready, other)
    sandbox.control("restore")
    for office in (ready, other):
        office.later()
    everywhere(ready, other)
    assert ready.shadow(case_id).head.agreement_id == other.shadow(case_id).head.agreement_id == MINE
    assert holds(ready, case_id)
    assert holds(other, case_id)
    assert len(signatures(ready, case_id)) == 4


def sits_down(office: Office, role: str) -> Office:
    """A colleague at the same computer, on its one store."""
    who = office.sandbox.user(role)
    tokens: list[str] = []

    def registered(keys: Any) -> Any:
        facts, token = register(
            office.sandbox.url, office.clock, device_id=office.desk.device_id, device_name="测试机",
            user=who["name"], password=who["password"], sign_public=keys.sign_public,
            seal_public=keys.seal_public, practice=True,
        )  # fmt: skip
        tokens.append(token)
        return facts

    joined = colleagues.add_colleague(office.paths, office.desk, who["name"], PASSPHRASE, registered, QUICK)
    at_once = replace(joined.desk, undo_window=office.desk.undo_window)
    second = Office(office.sandbox, office.paths, at_once, office.clock)
    SealedTokens(second.port).save(tokens[0])
    return second


def test_a_colleague_at_the_same_computer_sends_them_anew_under_her_own_name(
    ready: Office, other: Office, disputed: str
) -> None:
    """The choice and what it carries along are signed by whoever makes it."""
    before = signatures(ready, disputed)
    head = sits_down(ready, "head")
    choose(head, "mine")
    assert holds(head, disputed)
    everywhere(head, other)
    after = signatures(other, disputed)
    assert [record.body for record in after] == [record.body for record in before]
    assert {record.author for record in after} == {head.desk.person.person_id}
    assert told(head, disputed) == told(other, disputed) == [("", "　4 处")]
    assert asked(head) == []


def test_a_place_that_was_refused_is_registered_anew(ready: Office, other: Office) -> None:
    """The parties talk again elsewhere, and what was registered here meanwhile is refused; then it stands."""
    case_id = ready.case_ids("accepted", "mediating")[0]
    finalise(ready, case_id, agreement(ready, case_id, MINE, 500_00))
    everywhere(ready, other)
    mediator = (SignatureEntry("mediator", ready.desk.today()),)
    Closing(other.desk).resume(case_id)
    Agreeing(ready.desk).register_signatures(case_id, mediator)
    other.good_run()
    ready.good_run()
    assert told(ready, case_id) == [("没有送达", "　1 处")]
    finalise(other, case_id, agreement(other, case_id, THEIRS, 500_00))
    everywhere(other, ready)
    assert len(asked(ready)) == 1, "another text: it does not stand in for that one"
    assert places_signed(ready.file(case_id), THEIRS) == ()

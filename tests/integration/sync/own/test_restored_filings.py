"""A platform restored from a backup gets every application again, once at the court, with what followed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app.domain.errors import StateError
from app.services.cases import Cases
from app.services.filing import Filing
from app.services.sync_centre import SyncCentre
from app.storage.tables import filing_steps, filings
from sync.engine.filing_words import AT_COURT_ALL_THE_SAME
from tests.helpers.clients import Office
from tests.helpers.filings import (
    APPLICATION,
    FIRST,
    SECOND,
    WITHDRAWAL,
    ask,
    counts_are_the_rows,
    lodged,
    of_filings,
    prepare_filing,
    supplement,
    under_way,
)
from tests.helpers.restored import a_day_later, at_the_platform, lodge, restore, states
from tests.helpers.sandbox import Sandbox

ASKED_AND_GIVEN = ("supplement_asked", "supplemented")


def answer(office: Office, case_id: str, mark: bytes) -> None:
    """The court asks, and gets what it asked for."""
    ask(office, Filing(office.desk).prepare(case_id).submission.submission_id)  # type: ignore[union-attr]
    supplement(office, case_id, mark)
    office.good_run()
    office.later(60)


def lists(office: Office, submission_id: str) -> dict[int, list[Any]]:
    """The lists that this computer handed in, by number."""
    found: dict[int, list[Any]] = {}
    for table in (filing_steps, filings):
        query = select(table).where(table.c.submission_id == submission_id, table.c.wanted != "withdraw")
        for row in office.desk.store.read(lambda conn, query=query: conn.execute(query).all()):  # type: ignore[misc]
            found[row.manifest_no] = msgspec.json.decode(row.manifest)
    return found


def put_again(office: Office, submission_id: str, number: int, items: list[Any]) -> int:
    """A list handed in once more: 200 where the platform has the very same under its number."""
    told = at_the_platform(office, submission_id)["submission"]
    names = ("case_id", "kind", "subject_id", "round", "court_code", "court_name")
    body = json.dumps({**{name: told[name] for name in names}, "items": items}, ensure_ascii=False).encode()
    client = office.client()
    try:
        path = f"/submissions/{submission_id}/manifests/{number}"
        return int(client.call("PUT", path, body=body).status)
    finally:
        client.close()


def test_lodged_anew_with_all_that_was_handed_in_since(ready: Office, case_id: str) -> None:
    submission_id = lodge(ready, case_id)
    for number in range(2):
        answer(ready, case_id, b"%d" % number)
    kinds = {task.kind for task in Cases(ready.desk).open(case_id).plan.tasks}
    handed_in = lists(ready, submission_id)
    first, second, third = (len(handed_in[no]) for no in (1, 2, 3))
    assert (second, third) == (first + 1, first + 2)
    went = SyncCentre(ready.desk).counts().delivered_today
    restore(ready)
    told = at_the_platform(ready, submission_id)
    assert (states(told), told["submission"]["manifest_no"]) == (["lodged"], 3)
    view = Cases(ready.desk).open(case_id)
    assert [event.state for kept in view.kept for event in kept.events] == [
        *ASKED_AND_GIVEN,
        *ASKED_AND_GIVEN,
    ]
    assert "supplement" not in {task.kind for task in view.plan.tasks} == kinds, "both questions are answered"
    assert [put_again(ready, submission_id, no, items) for no, items in handed_in.items()] == [200] * 3
    rows = of_filings(ready)
    assert {what: row.status for what, row in rows.items()} == dict.fromkeys(
        (APPLICATION, FIRST, SECOND), "delivered"
    )
    assert {row.why for row in rows.values()} == {f"平台回执 {told['receipt']['receipt_no']}"}
    assert SyncCentre(ready.desk).counts().delivered_today == went
    counts_are_the_rows(ready)
    assert ready.file(case_id) == ready.shadow(case_id)
    answer(ready, case_id, b"after")
    told = at_the_platform(ready, submission_id)
    assert (states(told)[-1], told["submission"]["manifest_no"]) == ("supplemented", 4)


def test_what_the_court_asked_before_the_backup_is_answered_again(ready: Office, sandbox: Sandbox) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    sandbox.control("backup")
    supplement(ready, case_id, b"first")
    ready.good_run()
    ready.later(60)
    answer(ready, case_id, b"second")
    handed_in = lists(ready, submission_id)
    restore(ready)
    told = at_the_platform(ready, submission_id)
    assert (states(told), told["submission"]["manifest_no"]) == (
        ["lodged", "supplement_asked", "supplemented"], 2,
    )  # fmt: skip
    assert put_again(ready, submission_id, 2, handed_in[2]) == 200
    rows = of_filings(ready)
    assert {what: row.status for what, row in rows.items()} == {
        APPLICATION: "delivered", FIRST: "delivered", SECOND: "queued",
    }  # fmt: skip
    assert rows[SECOND].why == AT_COURT_ALL_THE_SAME
    counts_are_the_rows(ready)
    a_day_later(ready)
    for _ in range(2):
        ready.good_run()
        ready.later(60)
    assert of_filings(ready)[SECOND].status == "delivered"
    answer(ready, case_id, b"third")
    told = at_the_platform(ready, submission_id)
    assert (states(told)[-1], told["submission"]["manifest_no"]) == ("supplemented", 4)
    assert SyncCentre(ready.desk).counts().needs_you == 0


def test_what_a_court_got_is_not_called_undelivered_while_the_platform_asks_it(
    ready: Office, sandbox: Sandbox
) -> None:
    case_id, submission_id = lodged(ready)
    sandbox.control("backup")
    answer(ready, case_id, b"first")
    restore(ready)
    told = at_the_platform(ready, submission_id)
    assert (states(told), told["submission"]["manifest_no"]) == (["lodged"], 1)
    assert SyncCentre(ready.desk).rows("needs_you") == ()
    row = of_filings(ready)[FIRST]
    assert (row.status, row.why) == ("queued", AT_COURT_ALL_THE_SAME)
    first = lists(ready, submission_id)[2]
    # The court asks before it was asked itself: that is another question, and the first is back with it.
    ask(ready, submission_id)
    ready.good_run()
    told = at_the_platform(ready, submission_id)
    assert states(told) == ["lodged", "supplement_asked", "supplemented", "supplement_asked"]
    assert of_filings(ready)[FIRST].status == "delivered"
    supplement(ready, case_id, b"another")
    ready.good_run()
    told = at_the_platform(ready, submission_id)
    assert (states(told)[-1], told["submission"]["manifest_no"]) == ("supplemented", 3)
    assert put_again(ready, submission_id, 2, first) == 200
    assert put_again(ready, submission_id, 3, lists(ready, submission_id)[3]) == 200
    counts_are_the_rows(ready)


def test_what_a_court_got_stays_delivered_where_the_platform_never_has_it_back(
    ready: Office, sandbox: Sandbox
) -> None:
    case_id, submission_id = lodged(ready)
    sandbox.control("backup")
    answer(ready, case_id, b"first")

    def row() -> Any:
        query = select(filings).where(filings.c.submission_id == submission_id)
        return ready.desk.store.read(lambda conn: conn.execute(query).one())

    receipt = row().receipt
    restore(ready)
    assert row().job == "waiting"
    ready.later(30 * 86_400)
    for _ in range(2):
        ready.good_run()
        ready.later(4000)
    assert (row().wanted, row().job, row().receipt, row().error_text) == ("supplement", "done", receipt, "")


def test_withdrawn_again_after_it_is_lodged_again(ready: Office, case_id: str) -> None:
    submission_id = lodge(ready, case_id)
    answer(ready, case_id, b"first")
    Filing(ready.desk).withdraw(case_id)
    ready.good_run()
    restore(ready)
    told = at_the_platform(ready, submission_id)
    assert (states(told), told["submission"]["manifest_no"]) == (["lodged", "supplemented"], 2)
    assert told["receipt"]["status"] == "withdrawal_asked"
    rows = of_filings(ready)
    assert {what: row.status for what, row in rows.items()} == dict.fromkeys(
        (APPLICATION, FIRST, WITHDRAWAL), "delivered"
    )
    assert rows[APPLICATION].why == rows[FIRST].why != rows[WITHDRAWAL].why
    counts_are_the_rows(ready)


def test_a_withdrawal_that_was_permitted_is_asked_for_again(ready: Office, sandbox: Sandbox) -> None:
    case_id, submission_id = lodged(ready)
    sandbox.control("backup")
    Filing(ready.desk).withdraw(case_id)
    ready.good_run()
    sandbox.control(f"court/{submission_id}/permit-withdrawal")
    ready.good_run()
    assert ready.file(case_id).submissions[submission_id].state == "withdrawn"
    restore(ready)
    told = at_the_platform(ready, submission_id)
    assert (told["submission"]["state"], told["receipt"]["status"]) == ("lodged", "withdrawal_asked")
    assert set(of_filings(ready, "delivered")) == {APPLICATION, WITHDRAWAL}


@pytest.mark.parametrize("put_aside", [False, True])
def test_lodged_again_although_what_followed_was_refused(
    ready: Office, case_id: str, *, put_aside: bool
) -> None:
    submission_id = lodge(ready, case_id)
    ask(ready, submission_id)
    supplement(ready, case_id, b"refused")
    # As the engine writes a refusal down.
    ready.port.filings.failed(under_way(ready, submission_id), "field", "材料名称太长，平台没有收下。")
    if put_aside:
        SyncCentre(ready.desk).put_aside(f"filing:{submission_id}")
    restore(ready)
    told = at_the_platform(ready, submission_id)
    assert (states(told), told["submission"]["manifest_no"]) == (["lodged"], 1)
    rows = of_filings(ready)
    assert {what: row.status for what, row in rows.items()} == {APPLICATION: "delivered", FIRST: "settled"}
    assert rows[FIRST].why == "材料名称太长，平台没有收下。"
    counts_are_the_rows(ready)


def test_nothing_takes_the_place_of_what_goes_again(ready: Office, case_id: str, sandbox: Sandbox) -> None:
    submission_id = lodge(ready, case_id)
    answer(ready, case_id, b"first")
    sandbox.control("restore")
    sandbox.control("network/drop-reply", only="/lodge", count=1)
    ready.run()
    for verb in (Filing(ready.desk).withdraw, Filing(ready.desk).lodge):
        with pytest.raises(StateError):
            verb(case_id)
    assert of_filings(ready)[FIRST].status == "queued"
    ready.later()
    ready.good_run()
    told = at_the_platform(ready, submission_id)
    assert (states(told), told["submission"]["manifest_no"]) == (["lodged"], 2)
    assert set(of_filings(ready, "delivered")) == {APPLICATION, FIRST}


@pytest.mark.parametrize("first", ["the first", "the second"])
def test_two_supplements_that_a_restored_platform_forgot_behind_one_question(
    ready: Office, other: Office, sandbox: Sandbox, first: str
) -> None:
    """It has the first again at once, whoever comes, and the second with the court's second question.

    The first one's paper and list were there in the backup, and not handed in.
    """
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    other.good_run()
    prepare_filing(other, case_id)
    supplement(ready, case_id, b"first")
    sandbox.control("network/e500", only="/supplement", count=9)
    ready.run()
    sandbox.control("network/normal")
    sandbox.control("backup")
    ready.later(4000)
    ready.good_run()
    ask(ready, submission_id)
    for office in (ready, other, ready, other):
        office.good_run()
        office.later(60)
    supplement(other, case_id, b"second")
    for office in (other, ready, ready):
        office.good_run()
        office.later(60)
    sandbox.control("restore")
    one, two = (ready, other) if first == "the first" else (other, ready)
    for office in (one, one, two, two, one):
        office.good_run()
        office.later(400)
    told = at_the_platform(ready, submission_id)
    assert states(told) == ["lodged", "supplement_asked", "supplemented"]
    assert told["submission"]["manifest_no"] == 2
    assert of_filings(ready)[FIRST].status == "delivered", "whoever comes first, the court has its list as 2"
    (theirs,) = of_filings(other).values()
    assert (theirs.status, theirs.why) == ("queued", AT_COURT_ALL_THE_SAME)
    a_day_later(ready, other)
    for office in (ready, other, ready, other):
        office.good_run()
        office.later(60)
    assert states(at_the_platform(ready, submission_id))[1:] == [*ASKED_AND_GIVEN, *ASKED_AND_GIVEN]
    (theirs,) = of_filings(other).values()
    assert theirs.status == "delivered"
    # The court's next question is answered under the next number, from either computer.
    ask(ready, submission_id)
    other.good_run()
    supplement(other, case_id, b"third")
    other.later(60)
    other.good_run()
    told = at_the_platform(ready, submission_id)
    assert (states(told)[-1], told["submission"]["manifest_no"]) == ("supplemented", 4)
    for office in (ready, other):
        office.good_run()
        counts_are_the_rows(office)
        assert SyncCentre(office.desk).counts().needs_you == 0


@pytest.mark.parametrize("first", ["who lodged", "who supplemented"])
def test_of_two_computers_either_brings_the_application_again(
    ready: Office, other: Office, case_id: str, sandbox: Sandbox, first: str
) -> None:
    submission_id = lodge(ready, case_id)
    other.good_run()
    prepare_filing(other, case_id)
    ask(other, submission_id)
    supplement(other, case_id, b"theirs")
    other.good_run()
    ready.good_run()
    sandbox.control("restore")
    both = (ready, other) if first == "who lodged" else (other, ready)
    for one in (*both, *both):
        one.good_run()
        one.later(60)
    told = at_the_platform(ready, submission_id)
    assert states(told) == ["lodged"]
    assert of_filings(ready)[APPLICATION].status == "delivered"
    theirs = of_filings(other)[FIRST]
    if first == "who supplemented":
        assert (told["submission"]["manifest_no"], theirs.status) == (2, "delivered")
    else:
        assert (told["submission"]["manifest_no"], theirs.status) == (1, "queued")
        assert theirs.why == AT_COURT_ALL_THE_SAME
        # With the court's next question it is there again.
        ask(ready, submission_id)
        supplement(ready, case_id, b"ours")
        for one in (ready, other, other):
            one.later(60)
            one.good_run()
        assert at_the_platform(ready, submission_id)["submission"]["manifest_no"] == 3
        assert of_filings(other)[FIRST].status == "delivered"
        assert SyncCentre(other.desk).counts().needs_you == 0

"""Two offices hand in one agreement: the court gets one application, and both go on with that one."""

from __future__ import annotations

import random
import re
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from app.clock import shanghai
from app.domain.errors import FieldErrors, StateError
from app.domain.filings_of import withdrawal_asked
from app.services.attachments import Attachments, FileEntry
from app.services.filing import Filing
from app.services.sync_centre import SyncCentre
from app.storage.tables import filings
from sync.engine.filing_words import SUPPLEMENTED
from sync.engine.run import SyncRun
from tests.helpers.clients import Office
from tests.helpers.filings import (
    PDF,
    agreed_case,
    ask,
    counts_are_the_rows,
    lodgings,
    of_filings,
    prepare_filing,
    under_way,
)
from tests.helpers.restored import restore
from tests.helpers.sandbox import Sandbox


def both_ready(here: Office, there: Office) -> str:
    """One agreed case with its pack prepared in both offices; nothing handed in yet."""
    case_id = agreed_case(here)
    for one in (here, here, there):
        one.good_run()
    prepare_filing(here, case_id)
    prepare_filing(there, case_id)
    return case_id


def supplement(office: Office, case_id: str, mark: bytes) -> None:
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    Attachments(office.desk).add_bytes(case_id, PDF + mark, "补.pdf", "application/pdf", entry)
    Filing(office.desk).supplement(case_id)


def state_in(office: Office, case_id: str) -> tuple[str, str]:
    """Id and state of the application that the page shows."""
    shown = Filing(office.desk).prepare(case_id).submission
    assert shown is not None
    return shown.submission_id, shown.state


def lodged_at(office: Office, submission_id: str) -> str:
    """When the court got it, as people write it."""
    query = select(filings.c.case_id).where(filings.c.submission_id == submission_id)
    case_id = office.desk.store.read(lambda conn: conn.execute(query).scalar_one())
    at = shanghai(office.file(case_id).submissions[submission_id].events[0].at)
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def jobs(office: Office) -> list[str]:
    query = select(filings.c.job).order_by(filings.c.written_at)
    return office.desk.store.read(lambda conn: list(conn.execute(query).scalars()))


def quiet(office: Office) -> None:
    """Nothing waits, nothing failed, nobody is asked for anything."""
    counted = office.port.state.counted()
    assert (counted.failed, counted.waiting, counted.unknown) == (0, 0, 0)
    assert SyncCentre(office.desk).counts().needs_you == 0


def lose_the_race(winner: Office, loser: Office) -> None:
    """The winner lodges once the loser has read the feed and is about to hand in."""
    client, won = loser.client(), []
    call = client.call

    def interleaved(method: str, path: str, **more: Any) -> Any:
        if path.startswith("/submissions/") and not won:
            won.append(winner.good_run())
        return call(method, path, **more)

    client.call = interleaved
    run = SyncRun(loser.port, client, loser.clock, random.Random(7).uniform)
    result = run.run(Event())
    client.close()
    assert won, "the files went out before the application"
    assert result.error is None


@pytest.mark.parametrize("race", [True, False], ids=["refused as second", "told by the feed"])
def test_both_offices_go_on_with_the_one_application(
    ready: Office, other: Office, sandbox: Sandbox, race: bool
) -> None:
    before = lodgings(sandbox)
    case_id = both_ready(ready, other)
    theirs = Filing(other.desk).lodge(case_id).value
    mine = Filing(ready.desk).lodge(case_id).value
    if race:
        lose_the_race(ready, other)
    else:
        ready.good_run()
    for one in (other, ready, other):
        one.good_run()
    assert lodgings(sandbox) == before + 1
    assert jobs(other) == ["settled"]
    for one in (ready, other):
        assert state_in(one, case_id) == (mine, "lodged")
        quiet(one)
    (row,) = (r for r in SyncCentre(other.desk).rows("all") if r.row_id == f"filing:{theirs}")
    first = "周敏芳先" if race else f"同事于 {lodged_at(ready, mine)} "
    assert row.status == "settled"
    assert row.why.startswith(f"同一份申请已由{first}提交，这一份没有再交。"), row.why
    told = {line.label: line.text for line in SyncCentre(other.desk).explain(row.row_id)}
    assert ("不用再交" in told, "收起" in told) == (True, False), "nobody here put it aside"
    assert told["现在的情况"] == row.why, "the words are ours"
    # The court asks twice: once the office that came second answers, once the one that lodged.
    for number, one in enumerate((other, ready)):
        sandbox.control(f"court/{mine}/ask-supplement", asked=["送达地址确认书"])
        for each in (ready, other):
            each.good_run()
            assert state_in(each, case_id) == (mine, "supplement_asked")
        supplement(one, case_id, b"%d" % number)
        for each in (one, ready, other):
            each.good_run()
        assert [state_in(each, case_id)[1] for each in (ready, other)] == ["supplemented"] * 2
    Filing(other.desk).withdraw(case_id)
    for one in (other, ready, other):
        one.good_run()
        quiet(one)
    notes = [event.note for event in ready.file(case_id).submissions[mine].events]
    assert sum("申请撤回" in note for note in notes) == 1
    assert ready.everything() == other.everything()


def test_whoever_was_away_still_reads_that_theirs_was_not_handed_in(ready: Office, other: Office) -> None:
    case_id = both_ready(ready, other)
    theirs = Filing(other.desk).lodge(case_id).value
    Filing(ready.desk).lodge(case_id)
    for one in (ready, other):
        one.good_run()
    for days, there in ((3, True), (6, False)):
        other.later(days * 86_400)
        rows = [row for row in SyncCentre(other.desk).rows("all") if row.row_id == f"filing:{theirs}"]
        assert [row.status for row in rows] == (["settled"] if there else [])
        assert Filing(other.desk).prepare(case_id).submission is not None


def test_the_second_office_may_act_before_its_own_try_is_settled(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    case_id = both_ready(ready, other)
    Filing(other.desk).lodge(case_id)
    sandbox.control("network/drop-reply", only="/lodge", count=1)
    other.run()
    assert jobs(other) == ["unknown"]
    with pytest.raises(StateError) as caught:
        Filing(other.desk).lodge(case_id)
    assert caught.value.code == "E-LODGED"
    with pytest.raises(StateError) as caught:
        Filing(other.desk).withdraw(case_id)
    assert caught.value.code == "E-IN-DOUBT"
    other.later()
    other.good_run()
    assert state_in(other, case_id)[1] == "lodged"


def test_once_the_material_is_there_it_is_still_one_application(ready: Office, sandbox: Sandbox) -> None:
    """The platform has the list of material, and put off the lodging itself."""
    case_id = agreed_case(ready)
    prepare_filing(ready, case_id)
    submission_id = Filing(ready.desk).lodge(case_id).value
    for _ in range(2):
        sandbox.control("network/e503", only="/lodge", count=3)
        ready.run()
        sandbox.control("network/normal")
        ready.later()
    assert ready.shadow(case_id).submissions[submission_id].state == "prepared"
    assert state_in(ready, case_id) == (submission_id, "queued")
    with pytest.raises(StateError) as caught:
        Filing(ready.desk).lodge(case_id)
    assert caught.value.code == "E-LODGED"
    before = lodgings(sandbox)
    ready.later()
    ready.good_run()
    ready.good_run()
    assert state_in(ready, case_id) == (submission_id, "lodged")
    assert lodgings(sandbox) == before + 1


def test_a_refused_application_can_be_put_aside_and_handed_in_anew(ready: Office) -> None:
    case_id = agreed_case(ready)
    prepare_filing(ready, case_id)
    first = Filing(ready.desk).lodge(case_id).value
    ready.port.filings.failed(under_way(ready, first), "field", "“法院”不在可选的范围里，请改好再发。")
    centre = SyncCentre(ready.desk)
    (row,) = centre.rows("needs_you")
    centre.put_aside(row.row_id)
    assert centre.counts().needs_you == 0
    with pytest.raises(StateError):
        centre.put_aside(row.row_id)
    assert Filing(ready.desk).prepare(case_id).submission is None
    second = Filing(ready.desk).lodge(case_id).value
    ready.good_run()
    ready.good_run()
    assert state_in(ready, case_id) == (second, "lodged")
    quiet(ready)


def test_a_list_that_was_put_and_never_handed_in_blocks_nobody(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """The computer that put it broke down: a colleague answers the court; it is told so when it is back."""
    case_id = both_ready(ready, other)
    submission_id = Filing(ready.desk).lodge(case_id).value
    for office in (ready, other):
        office.good_run()
    ask(ready, submission_id)
    other.good_run()
    supplement(ready, case_id, b"never handed in")
    sandbox.control("network/e500", only="/supplement", count=9)
    ready.run()
    sandbox.control("network/normal")
    supplement(other, case_id, b"handed in")
    other.good_run()
    assert state_in(other, case_id) == (submission_id, "supplemented")
    quiet(other)
    ready.later(4000)
    ready.good_run()
    assert [row.why for row in of_filings(ready, "needs_you").values()] == [SUPPLEMENTED]
    counts_are_the_rows(ready)
    # The papers are here, and go with the next answer.
    ask(ready, submission_id)
    Filing(ready.desk).supplement(case_id)
    ready.later(60)
    ready.good_run()
    quiet(ready)
    filed = ready.file(case_id).submissions[submission_id]
    assert (filed.state, filed.manifest_no) == ("supplemented", 3)


@pytest.mark.parametrize("papers", ["other", "same"])
def test_two_supplements_for_one_question(ready: Office, other: Office, papers: str) -> None:
    """Only what lies in the court's list has gone; the other's papers are never called handed in."""
    case_id = both_ready(ready, other)
    submission_id = Filing(ready.desk).lodge(case_id).value
    for office in (ready, other):
        office.good_run()
    ask(ready, submission_id)
    other.good_run()
    supplement(ready, case_id, b"one")
    supplement(other, case_id, b"two" if papers == "other" else b"one")
    ready.good_run()
    other.good_run()
    other.later(4000)
    other.good_run()
    quiet(ready)
    if papers == "same":
        quiet(other)
        return
    assert [row.why for row in of_filings(other, "needs_you").values()] == [SUPPLEMENTED]
    counts_are_the_rows(other)
    ask(ready, submission_id)
    other.good_run()
    Filing(other.desk).supplement(case_id)
    other.later(60)
    other.good_run()
    quiet(other)
    ready.good_run()
    assert state_in(ready, case_id) == state_in(other, case_id)
    assert ready.file(case_id).submissions[submission_id].manifest_no == 3


@pytest.mark.parametrize("answer", ["supplement", "accept"])
def test_a_withdrawal_rests_on_what_its_author_saw_of_the_application(
    ready: Office, other: Office, sandbox: Sandbox, answer: str
) -> None:
    """A colleague supplied, or the court answered, meanwhile: nobody takes that back unseen."""
    case_id = both_ready(ready, other)
    submission_id = Filing(ready.desk).lodge(case_id).value
    for office in (ready, other):
        office.good_run()
    if answer == "supplement":
        ask(ready, submission_id)
        other.good_run()
        Filing(ready.desk).withdraw(case_id)
        supplement(other, case_id, b"from a colleague")
        other.good_run()
        told = f"{other.desk.person.name} .*补交了 1 份材料"
    else:
        Filing(ready.desk).withdraw(case_id)
        sandbox.control(f"court/{submission_id}/accept")
        told = "法院.*已受理"
    ready.good_run()
    before = ready.file(case_id).submissions[submission_id]
    assert before.state == ("supplemented" if answer == "supplement" else "accepted")
    assert not withdrawal_asked(before)
    (row,) = of_filings(ready, "needs_you").values()
    assert re.search(f"还没有看到：{told}.*撤回没有交给法院.*再点一次“撤回申请”", row.why), row.why
    assert row.action == "去核对"
    counts_are_the_rows(ready)
    # What stands is seen by now.
    sandbox.control("backup")
    if answer == "supplement":
        Filing(ready.desk).withdraw(case_id)
    else:
        SyncCentre(ready.desk).retry_now(row.row_id)
    ready.later(60)
    ready.good_run()
    quiet(ready)
    assert withdrawal_asked(ready.file(case_id).submissions[submission_id])
    # Taken once, it goes again at a platform that forgot it.
    restore(ready)
    quiet(ready)
    assert withdrawal_asked(ready.file(case_id).submissions[submission_id])


def test_papers_of_a_broken_computer_are_added_elsewhere_and_it_goes(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """The way that the row names: not to wait for them, add the papers here, submit."""
    other.good_run()
    case_id = agreed_case(other, close=False)
    other.good_run()
    sandbox.control("network/e500", only="/uploads", count=999)
    prepare_filing(other, case_id)
    other.run()
    sandbox.control("network/normal")
    for _ in range(2):
        ready.good_run()
    away = [one for one in ready.file(case_id).attachments.values() if not one.stored]
    assert len(away) == 5
    first = Filing(ready.desk).lodge(case_id).value
    ready.good_run()
    (row,) = (one for one in SyncCentre(ready.desk).rows("waiting") if one.row_id == f"filing:{first}")
    assert "点“不等这些材料”，在本机把这些材料重新加上，再提交" in row.why
    Filing(ready.desk).go_without(case_id)
    blocked = Filing(ready.desk).prepare(case_id).blocked
    assert [line for line in blocked if line.startswith("还缺：")], "what the law names is missing again"
    with pytest.raises(FieldErrors):
        Filing(ready.desk).lodge(case_id)
    for one in away:
        again = FileEntry(
            role=one.role, title=one.title, provided_by=one.provided_by, material=one.material,
            original=one.original,
        )  # fmt: skip
        data = PDF + one.attachment_id.encode()
        Attachments(ready.desk).add_bytes(case_id, data, one.name, "application/pdf", again)
    ready.good_run()
    second = Filing(ready.desk).lodge(case_id).value
    for _ in range(2):
        ready.good_run()
    assert state_in(ready, case_id) == (second, "lodged")

"""The platform takes a case back or gives it to somebody else while work on it lies here unsent."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.services import casework
from app.services.deciding import Deciding
from app.services.drafts import Drafts
from app.services.handling import Handling
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from app.services.sync_words import GONE
from app.services.today import Today
from tests.helpers.clients import Office, open_office
from tests.helpers.sandbox import Sandbox


def texts(office: Office, case_id: str) -> list[str]:
    return [r.body.text for r in office.file(case_id).records.values() if isinstance(r.body, cf.Note)]


def test_a_case_taken_back_goes_and_the_person_is_told(ready: Office, sandbox: Sandbox) -> None:
    case_id = ready.case_ids("received")[0]
    sandbox.control("tombstone", case_id=case_id, reason="派件有误")
    ready.good_run()
    assert ready.file(case_id).case is None
    assert case_id not in ready.case_ids("received")
    rows = [row for row in SyncCentre(ready.desk).rows("received") if row.what == GONE]
    assert [(row.case_id, row.why) for row in rows] == [("", "平台发来的，本机不再显示")]
    assert SyncCentre(ready.desk).counts().needs_you == 0
    ready.good_run()
    # A computer that comes later never hears of it.
    assert ready.seqs()[-1] == ready.port.state.cursor


def test_unsent_work_holds_a_tombstone_until_the_person_has_seen_it(ready: Office, sandbox: Sandbox) -> None:
    """edit_vs_tombstone"""
    case_id = ready.case_ids("received")[0]
    Handling(ready.desk).add_note(case_id, "收回以前写的。")
    sandbox.control("tombstone", case_id=case_id, reason="改派给别的机构")
    result = ready.run()
    assert result.failed == 1
    assert texts(ready, case_id) == ["收回以前写的。"], "what was typed is still there"
    centre = SyncCentre(ready.desk)
    rows = {row.status: row for row in centre.rows("needs_you")}
    assert centre.counts().needs_you == len(rows) == 2
    assert "改派给别的机构" in rows["failed"].why
    assert "先都留着" in rows["held"].why
    assert rows["held"].case_id == case_id
    assert rows["held"].what == GONE
    assert rows["held"].why.startswith(f"{GONE}。"), "found by the words of the notice"
    assert "“知道了，收起”" in rows["held"].why, "what to press, by its own words"
    assert {line.label for line in centre.explain(rows["held"].row_id)} >= {"收到", "编号"}
    labels = {line.label for line in centre.explain(rows["failed"].row_id)}
    assert "平台答复" in labels
    assert "送达" not in labels, "what the platform did not take was not delivered"
    ready.later()
    ready.run()
    assert ready.file(case_id).case is not None
    centre.put_aside(rows["failed"].row_id)
    ready.good_run()
    assert ready.file(case_id).case is None
    assert centre.counts().needs_you == 0
    (row,) = ready.outbox()
    assert (row.state, b"\xe6\x94\xb6\xe5\x9b\x9e" in row.bytes) == ("rejected", True), "kept in the ledger"


def test_a_draft_holds_a_tombstone_too(ready: Office, sandbox: Sandbox) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    Drafts(ready.desk).save("session", case_id, {"text": "写了一半的笔录"})
    sandbox.control("tombstone", case_id=case_id)
    ready.good_run()
    (row,) = SyncCentre(ready.desk).rows("needs_you")
    assert (row.status, row.case_id) == ("held", case_id)
    board = Today(ready.desk).board()
    assert ("taken_back", 1) in [(item.kind, item.count) for item in board.attention]
    rows = (*board.today, *board.soon, *board.waiting)
    assert case_id not in [one.case_id for one in rows], "nothing is to be done in it any more"
    kept = Drafts(ready.desk).get("session", case_id)
    assert kept is not None
    assert kept.body == {"text": "写了一半的笔录"}
    Drafts(ready.desk).discard("session", case_id)
    ready.good_run()
    assert ready.file(case_id).case is None


def test_a_restored_platform_still_knows_what_it_took_back(ready: Office, sandbox: Sandbox) -> None:
    case_id = ready.case_ids("received")[0]
    sandbox.control("tombstone", case_id=case_id)
    sandbox.control("backup")
    sandbox.control("restore")
    Handling(ready.desk).add_note(case_id, "恢复以后写的。")
    assert ready.run().failed == 1, "refused in words, not put off for ever"


def test_a_case_at_the_court_is_not_taken_back(sandbox: Sandbox) -> None:
    filed = next(
        case for case in sandbox.look("overview")["cases"]
        if any(one["state"] == "accepted" for one in case["submissions"])
    )  # fmt: skip
    with pytest.raises(requests.HTTPError) as caught:
        sandbox.control("tombstone", case_id=filed["case_id"])
    assert caught.value.response.json()["code"] == "state"


def others(office: Office, *known: str) -> list[str]:
    """Colleagues who handle cases, by their ids."""
    people = office.desk.people.values()
    return [p.person_id for p in people if p.role != "statistician" and p.person_id not in known]


def login_of(office: Office, person_id: str) -> str:
    return office.desk.people[person_id].login


def test_work_on_a_reassigned_case_arrives_and_the_person_is_told(
    ready: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """edit_vs_reassign: another field"""
    case_id = ready.case_ids("received")[0]
    given_to = others(ready, ready.desk.person.person_id)[0]
    Handling(ready.desk).add_note(case_id, "改派以前写的。")
    Deciding(ready.desk).waive_contact(case_id, "双方都在场。")
    Deciding(ready.desk).accept(case_id)
    told = sandbox.control("reassign", case_id=case_id, login=login_of(ready, given_to))
    result = ready.good_run()
    assert (result.sent, result.failed, result.conflicts) == (3, 0, 0)
    ready.good_run()
    file = ready.file(case_id)
    assert file == ready.shadow(case_id)
    assert (file.head.state, file.head.mediator_id) == ("accepted", told["mediator_id"]), (
        "the platform's word"
    )
    assert texts(ready, case_id) == ["改派以前写的。"]
    notices = [r.body for r in file.records.values() if isinstance(r.body, cf.Notice)]
    assert any(n.code == "reassigned" and "改派" in n.text for n in notices)
    assert any(row.what == "平台的通知" for row in SyncCentre(ready.desk).rows("received"))
    other = open_office(tmp_path / "second", sandbox, "head")
    other.good_run()
    assert other.file(case_id) == file
    other.close()


def test_two_reassignments_are_two_values_and_a_person_decides(ready: Office, sandbox: Sandbox) -> None:
    """edit_vs_reassign: the same field"""
    case_id = ready.case_ids("accepted", "mediating")[0]
    before = ready.file(case_id).head.mediator_id
    mine, theirs = others(ready, before)[:2]
    payload = cmd.EditCase(fields={"mediator_id": mine})
    casework.write(ready.desk, lambda case: case.issue(case_id, payload, base={"mediator_id": before}))
    told = sandbox.control("reassign", case_id=case_id, login=login_of(ready, theirs))
    assert ready.good_run().conflicts == 1
    (conflict_id,) = Resolving(ready.desk).open_ids()
    view = Resolving(ready.desk).conflict(conflict_id)
    assert (view.what, view.mine.text) == ("承办调解员", ready.desk.name_of(mine))
    assert view.theirs.text == ready.desk.name_of(told["mediator_id"])
    Resolving(ready.desk).resolve(conflict_id, "theirs")
    ready.good_run()
    assert ready.good_run().conflicts == 0
    assert ready.shadow(case_id).head.mediator_id == told["mediator_id"]

"""What the court answered stays on a computer that has it, whatever a restored platform still knows."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from requests import HTTPError
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import StateError
from app.domain.tasks import Task
from app.services import filed_ground
from app.services.agreement_list import AgreementList
from app.services.attachments import Attachments
from app.services.cases import Cases, CaseView
from app.services.closing import Closing
from app.services.fetching import Fetching
from app.services.filing import Filing
from app.services.kept_answers import KeptAnswers
from app.services.sync_centre import SyncCentre
from app.services.today import Today
from app.storage.tables import kept_answers, tasks
from sync.engine.faults import RefusedFault
from sync.engine.filing_words import BROUGHT_BACK
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import agreed_case, ask, counts_are_the_rows, prepare_filing, supplement
from tests.helpers.restored import a_day_later, at_the_platform, lodge, restore, states
from tests.helpers.sandbox import Sandbox
from ui.pages.case_deadlines import case_deadlines
from ui.pages.case_marks import LOST
from ui.pages.case_steps import next_step
from ui.pages.case_timeline import course

PAPERS = {
    "accept": "受理通知书.pdf", "confirm": "民事裁定书.pdf", "ask-supplement": "补正材料通知书.pdf",
}  # fmt: skip
"""What the court sends with each move."""
BY_HAND = {
    "今日": "看怎么交", "协议与确认": "到法院窗口交", "期限": "带文书到法院窗口交", "案件": "看怎么补交",
}  # fmt: skip
"""The lists in which a question of the court stands, and what they say while the platform has it not."""


def answered(office: Office, submission_id: str, *moves: str) -> None:
    """The court makes these moves, and the office has what came of them."""
    for move in moves:
        office.sandbox.control(f"court/{submission_id}/{move}")
        office.good_run()
        office.later(60)


def taken_up(office: Office, case_id: str, submission_id: str, end: str, wishes: Office) -> None:
    """The court takes it up and is done with it by ``end``; for its leave somebody ``wishes`` to withdraw."""
    answered(office, submission_id, "accept")
    if end == "permit-withdrawal":
        wishes.good_run()
        Filing(wishes.desk).withdraw(case_id)
        wishes.good_run()
    answered(office, submission_id, end)


def of(office: Office, case_id: str) -> CaseView:
    return Cases(office.desk).open(case_id)


def told_here(office: Office, case_id: str, submission_id: str) -> list[str]:
    """How an application went, as the case shows it."""
    return [event.state for event in office.file(case_id).submissions[submission_id].events]


def lines(office: Office, case_id: str) -> Counter[str]:
    """The lines of 经过 that tell of the application."""
    entries = course(of(office, case_id), office.desk).entries
    return Counter(e.rest.strip() or e.title for e in entries if e.title in ("司法确认", "平台通知"))


def listed(office: Office, case_id: str) -> dict[str, tuple[str, dt.date | None]]:
    """Where a question of the court stands: the words that say what can be done, and the last day."""
    view, mine = of(office, case_id), select(tasks.c.body).where(tasks.c.case_id == case_id)
    rows = office.desk.store.read(lambda conn: conn.execute(mine).scalars().all())
    todo = [msgspec.json.decode(body, type=Task) for body in rows]
    lines = [one for one in AgreementList(office.desk).overview().acting if one.case_id == case_id]
    cards = [one for one in case_deadlines(view, office.desk) if one.title == "法院要求补交材料"]
    step = next_step(view)
    found = [("今日", task.action, task.due_on) for task in todo if task.page == "filing"]
    found += [("协议与确认", line.note.rpartition("，")[2], line.due_on) for line in lines]
    found += [("期限", card.note.rpartition("，")[2], card.due) for card in cards]
    found += [("案件", step.text if step is not None else "", None)]
    return {where: (words, day) for where, words, day in found}


def noticed(office: Office) -> None:
    """That the platform was restored is told until somebody has read it."""
    centre, told = SyncCentre(office.desk), list[tuple[bool, int]]()
    for _ in range(2):
        lines = [item.count for item in Today(office.desk).board().attention if item.kind == "restored"]
        told.append((bool(centre.standing().restored), sum(lines)))
        centre.notice_read("restored")
    assert told == [(True, 1), (False, 0)]


def papers_of(kept: KeptAnswers) -> list[cf.ResultDocument]:
    return [paper for event in kept.events for paper in event.documents]


@pytest.mark.parametrize(
    ("forgotten", "moves"),
    [
        ("the answers", ("accept", "confirm")),
        ("the answers", ("accept", "ask-supplement")),
        ("the application", ("accept",)),
    ],
)
def test_what_the_court_answered_stays_with_its_papers_until_the_platform_tells_it_again(
    ready: Office, sandbox: Sandbox, case_id: str, tmp_path: Path, forgotten: str, moves: tuple[str, ...]
) -> None:
    """Also on a computer that had it all by a snapshot, so that it is in no raw inbox."""
    mine = lodge(ready, case_id)
    if forgotten == "the answers":
        sandbox.control("backup")
    answered(ready, mine, *moves)
    late = open_office(tmp_path / "late", sandbox, "head")
    try:
        late.good_run()
        asks = listed(ready, case_id)
        before, came = lines(ready, case_id), told_here(ready, case_id, mine)
        assert (told_here(late, case_id, mine), of(late, case_id).kept) == (came, ())
        assert (set(asks) == set(BY_HAND)) == (moves[-1] == "ask-supplement")
        restore(ready)
        for one in (ready, late):
            one.good_run()
            platforms = at_the_platform(ready, mine)
            assert states(platforms)[-1] == "lodged"
            shown = cf.decode("submission", msgspec.json.encode(platforms["submission"]))
            assert one.file(case_id).submissions[mine] == shown, "beside it, not in it"
            (kept,) = of(one, case_id).kept
            assert [event.state for event in kept.events] == came[-len(moves) :]
            assert [paper.name for paper in papers_of(kept)] == [PAPERS[move] for move in moves]
            for paper in papers_of(kept):
                assert Attachments(one.desk).read(paper.sha256).startswith(b"%PDF")
                (standing,) = Fetching(one.desk).standing(case_id, [paper.sha256])
                assert (standing.state, f"{standing.title}.pdf") == ("here", paper.name)
            assert lines(one, case_id) == before, "each step once, and no notice that contradicts it"
            if moves[-1] == "ask-supplement":
                assert listed(ready, case_id) == {key: (BY_HAND[key], day) for key, (_, day) in asks.items()}
            if moves[-1] == "confirm":
                with pytest.raises(StateError, match="“裁定有效”），平台从备份恢复过，还没有补回"):
                    Filing(one.desk).withdraw(case_id)
                assert filed_ground.short(one.file(case_id)) == "这份协议已经有了确认的裁定"
            marked = [e for e in course(of(one, case_id), one.desk).entries if e.detail.startswith(LOST)]
            assert len(marked) == len(moves)
            noticed(one)
        answered(ready, mine, *moves)
        for one in (ready, late):
            one.good_run()
            assert told_here(one, case_id, mine) == came
            assert of(one, case_id).kept == ()
            assert one.desk.store.read(lambda conn: conn.execute(kept_answers.select()).all()) == []
            assert lines(one, case_id) == before
        assert listed(ready, case_id) == asks
    finally:
        late.close()


@pytest.mark.parametrize("end", ["dismiss", "permit-withdrawal"])
def test_the_platform_asks_the_court_and_has_each_answer_again_once(
    ready: Office, other: Office, sandbox: Sandbox, end: str
) -> None:
    """Also where the court tells nothing twice; and what was written on top of its last word goes then."""
    case_id = agreed_case(ready, close=False)
    for _ in range(2):
        ready.good_run()
    prepare_filing(ready, case_id)
    mine = lodge(ready, case_id)
    ask(ready, mine)
    sandbox.control("backup")
    supplement(ready, case_id, b"asked")
    ready.good_run()
    taken_up(ready, case_id, mine, end, ready)
    other.good_run()
    Closing(other.desk).resume(case_id)
    other.good_run()
    ready.good_run()
    came, before = told_here(ready, case_id, mine), lines(other, case_id)
    whole = steps_here(ready, case_id, mine)
    restore(other)
    other.good_run()
    assert SyncCentre(other.desk).counts().waiting == 1
    assert "不用撤回" in filed_ground.held(other.shadow(case_id), "case.resume")
    # Who supplied what the court asked for, and asked for leave, is away: the answers wait for that.
    a_day_later(ready, other)
    other.good_run()
    assert states(at_the_platform(other, mine))[-1] == "supplement_asked"
    for _ in range(3):
        for office in (ready, other):
            office.later(4000)
            office.good_run()
    for office in (ready, other):
        # What was supplied is in the way of nobody who asked for leave since: the court, which is done with
        # it, tells of that too.
        assert steps_here(office, case_id, mine) == whole
        assert states(at_the_platform(office, mine))[-1] == came[-1]
        assert of(office, case_id).kept == ()
        assert before - lines(office, case_id) == Counter()
        assert office.file(case_id).head.state == "mediating"
        counts = SyncCentre(office.desk).counts()
        assert (counts.needs_you, counts.waiting) == (0, 0)
    # Told once more by hand there is nothing left to tell.
    with pytest.raises(HTTPError):
        sandbox.control(f"court/{mine}/{end}")


@pytest.mark.parametrize("end", ["confirm", "permit-withdrawal"])
def test_what_the_court_is_done_with_comes_back_with_all_it_answered(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, tmp_path: Path, end: str
) -> None:
    """From the computer that handed it in and knows it as over, at once, to those that never heard of it."""
    other.good_run()
    mine = lodge(ready, case_id)
    taken_up(ready, case_id, mine, end, ready)
    # A later round may be back before the one that it followed.
    second = lodge(ready, case_id) if end == "permit-withdrawal" else ""
    came, before, asks = papers_here(ready, case_id, mine), lines(ready, case_id), kinds_of(ready, case_id)
    restore(ready)
    late = open_office(tmp_path / "late", sandbox, "head")
    try:
        for office in (other, late, ready):
            office.good_run()
            assert papers_here(office, case_id, mine) == came
            assert states(at_the_platform(office, mine)) == told_here(office, case_id, mine)
            assert set(office.file(case_id).submissions) == {one for one in (mine, second) if one}
            assert of(office, case_id).kept == ()
            assert Attachments(office.desk).read(came[-1][1]).startswith(b"%PDF")
            assert kinds_of(office, case_id) == asks
            counts = SyncCentre(office.desk).counts()
            assert (counts.needs_you, counts.waiting) == (0, 0)
            if not second:
                with pytest.raises(StateError, match="已经确认有效"):
                    Filing(office.desk).lodge(case_id)
        assert lines(ready, case_id) - before == Counter(), "nothing is told twice"
        assert lines(other, case_id) == lines(late, case_id) == lines(ready, case_id)
        counts_are_the_rows(ready)
        a_day_later(ready, other)
        at = at_the_platform(ready, mine)
        ready.good_run()
        assert at_the_platform(ready, mine) == at, "the court is asked no more"
    finally:
        late.close()


@pytest.mark.parametrize("first", ["ready", "other"])
@pytest.mark.parametrize("end", ["confirm", "permit-withdrawal"])
@pytest.mark.parametrize("forgotten", ["the application", "the question", "the supplement"])
def test_what_colleagues_brought_the_court_comes_back_with_an_application_that_is_over(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, forgotten: str, end: str, first: str
) -> None:
    """A supplement and a wish to withdraw, each from another computer than the application itself."""
    other.good_run()
    mine = lodge(ready, case_id)
    if forgotten == "the question":
        sandbox.control("backup")
    ask(ready, mine)
    if forgotten == "the supplement":
        sandbox.control("backup")
    other.good_run()
    supplement(other, case_id, b"asked")
    other.good_run()
    taken_up(ready, case_id, mine, end, other)
    other.good_run()
    brought = second_list(ready, mine)
    came, before = steps_here(ready, case_id, mine), lines(ready, case_id)
    restore(ready if first == "ready" else other)
    order = (ready, other) if first == "ready" else (other, ready)
    for _ in range(3):
        for office in order:
            a_day_later(office)
            office.good_run()
    assert at_the_platform(ready, mine)["submission"]["manifest_no"] == 2
    for office in order:
        office.good_run()
        assert steps_here(office, case_id, mine) == came
        assert of(office, case_id).kept == ()
        assert lines(office, case_id) == before
        counts = SyncCentre(office.desk).counts()
        assert (counts.needs_you, counts.waiting) == (0, 0)
    assert Counter(second_list(ready, mine)) == Counter(brought), "the list that the colleague supplied"


def steps_here(office: Office, case_id: str, submission_id: str) -> Counter[str]:
    """The steps of an application as the case shows them. A wish to withdraw may come again while the
    application stands elsewhere than it did."""
    events = office.file(case_id).submissions[submission_id].events
    return Counter(event.code or event.state for event in events)


def second_list(office: Office, submission_id: str) -> list[str]:
    """The files on list 2 of an application at the platform, by what it says of another put there."""
    submission = at_the_platform(office, submission_id)["submission"]
    other = {"sha256": "0" * 64, "size": 1, "name": "另一份.pdf", "material": "other"}
    body = {name: submission[name] for name in ("case_id", "kind", "subject_id", "round")}
    client = office.client()
    try:
        text = json.dumps({**body, "items": [other]}).encode()
        with pytest.raises(RefusedFault) as refusal:
            client.call("PUT", f"/submissions/{submission_id}/manifests/2", body=text)
    finally:
        client.close()
    assert refusal.value.wire_code == "manifest_immutable"
    return [str(one) for one in refusal.value.details["sha256"]]


def papers_here(office: Office, case_id: str, submission_id: str) -> list[tuple[str, str]]:
    """What the court answered, and the paper of it, as the case shows it."""
    events = office.file(case_id).submissions[submission_id].events
    return [(event.state, paper.sha256) for event in events for paper in event.documents]


def kinds_of(office: Office, case_id: str) -> set[str]:
    """What there is to do in a case."""
    return {task.kind for task in of(office, case_id).plan.tasks}


@pytest.mark.parametrize("comes", [True, False])
def test_what_is_over_waits_for_its_agreement_and_asks_nobody_for_anything(
    ready: Office, other: Office, sandbox: Sandbox, *, comes: bool
) -> None:
    """As long as the platform does: then it stays as it is on the computer that has it."""
    other.good_run()
    sandbox.control("backup")
    case_id = agreed_case(other, close=False)
    for office in (other, ready):
        office.good_run()
    prepare_filing(ready, case_id)
    mine = lodge(ready, case_id)
    answered(ready, mine, "accept", "confirm")
    came = papers_here(ready, case_id, mine)
    restore(ready)
    (row,) = (one for one in SyncCentre(ready.desk).rows("waiting") if one.kind == "filing")
    assert (row.row_id, row.why) == (f"filing:{mine}", BROUGHT_BACK)
    assert (papers_here(ready, case_id, mine), of(ready, case_id).kept) == (came, ())
    if comes:
        for office in (other, ready, other):
            office.later(4000)
            office.good_run()
        assert papers_here(other, case_id, mine) == came
        counts = SyncCentre(ready.desk).counts()
        assert (counts.needs_you, counts.waiting) == (0, 0)
    else:
        sandbox.control("clock", days=15)
        for _ in range(3):
            ready.later(15 * 86_400)
            ready.good_run()
    assert papers_here(ready, case_id, mine) == came
    asked = [
        *SyncCentre(ready.desk).rows("waiting", limit=50),
        *SyncCentre(ready.desk).rows("needs_you", limit=50),
    ]
    assert f"filing:{mine}" not in {row.row_id for row in asked}

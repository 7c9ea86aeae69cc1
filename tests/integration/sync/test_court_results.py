"""Every result of 司法确认 (domain 8a.5) travels: state and paper into case, timeline and plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import legal_day
from app.domain import filings_of
from app.domain.casefile import Submission
from app.domain.entries import Note, Notice
from app.domain.errors import StateError
from app.domain.plan_court import answer_to_tell
from app.services.agreement_list import AgreementList
from app.services.attachments import Attachments
from app.services.case_clock import deadlines_of
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.office import Office as Services
from app.storage.tables import tasks
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import agreed_case, prepare_filing
from tests.helpers.sandbox import Sandbox, running
from ui.labels import filing_state

RESULTS = (
    # moves of the court, the state, its name, the paper, whether another round may follow
    (("accept", "confirm"), "confirmed", "裁定有效", "民事裁定书", False),
    (("accept", "dismiss"), "dismissed", "裁定驳回", "民事裁定书", True),
    (("not_accept",), "not_accepted", "不予受理", "不予受理通知书", True),
    (("accept", "permit_withdrawal"), "withdrawn", "准许撤回", "民事裁定书", True),
    (("accept", "deem_withdrawn"), "deemed_withdrawn", "按撤回处理", "民事裁定书", True),
    (("accept", "terminate"), "terminated", "终结特别程序", "民事裁定书", True),
    (("accept", "confirm", "revoke"), "revoked", "裁定被撤销", "民事裁定书", True),
    (("accept", "confirm", "change"), "changed", "裁定被改变", "民事裁定书", False),
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("platform")) as one:
        yield one


@pytest.fixture
def office(tmp_path: Path, platform: Sandbox) -> Iterator[Office]:
    one = open_office(tmp_path / "profile", platform)
    one.good_run()
    yield one
    one.close()


def lodged(office: Office) -> tuple[str, str]:
    office.sandbox.control("dispatch")
    office.good_run()
    case_id = agreed_case(office)
    prepare_filing(office, case_id)
    submission_id = Filing(office.desk).lodge(case_id).value
    office.good_run()
    return case_id, submission_id


def moved(office: Office, submission_id: str, *moves: str) -> None:
    for move in moves:
        office.sandbox.control(f"court/{submission_id}/{move.replace('_', '-')}")
    office.good_run()
    office.good_run()


def enforcement(office: Office, case_id: str) -> list[str]:
    """Why the time to ask for enforcement does not run, where it is shown; empty words while it runs."""
    found = deadlines_of(office.file(case_id), office.desk)
    return [why for due, why in found if due.kind == "enforcement"]


def task_kinds(office: Office, case_id: str) -> set[str]:
    rows = office.desk.store.read(
        lambda conn: conn.execute(tasks.select().where(tasks.c.case_id == case_id)).all()
    )
    return {row.kind for row in rows}


@pytest.mark.parametrize(
    ("moves", "state", "name", "paper", "again"), RESULTS, ids=[result[1] for result in RESULTS]
)
def test_a_result_and_its_paper_come_into_the_case(
    office: Office, moves: tuple[str, ...], state: str, name: str, paper: str, again: bool
) -> None:
    case_id, submission_id = lodged(office)
    moved(office, submission_id, *moves)
    filing: Submission = office.file(case_id).submissions[submission_id]
    last = filing.events[-1]
    assert (filing.state, last.state) == (state, state)
    assert filing_state(state).text == name
    (document,) = last.documents
    assert document.name == f"{paper}.pdf"
    assert Attachments(office.desk).read(document.sha256).startswith(b"%PDF")
    notices = [body.text for _, body in office.file(case_id).of_type(Notice)]
    assert any(last.note in text for text in notices), "the timeline tells it"
    assert filings_of.has_result(office.file(case_id)) == (state in ("confirmed", "changed"))
    if again:
        second = Filing(office.desk).lodge(case_id).value
        assert second != submission_id
        office.good_run()
        assert office.file(case_id).submissions[second].state == "lodged"


@pytest.mark.parametrize(
    ("move", "runs", "said"),
    [("revoke", ["裁定已被撤销"], "不能再凭它申请执行"), ("change", [""], "以新裁定写的为准")],
)
def test_an_objection_after_the_ruling_warns_about_enforcement(
    office: Office, move: str, runs: list[str], said: str
) -> None:
    case_id, submission_id = lodged(office)
    moved(office, submission_id, "accept", "confirm")
    assert enforcement(office, case_id) == [""]
    assert filings_of.objection_words(office.file(case_id).submissions[submission_id]) == ""
    assert "overturned" not in task_kinds(office, case_id)
    moved(office, submission_id, move)
    assert enforcement(office, case_id) == runs
    filing = office.file(case_id).submissions[submission_id]
    assert said in filings_of.objection_words(filing)
    assert filing_state(filing.state).status == "overdue"
    assert "overturned" in task_kinds(office, case_id)
    listed = Services(office.desk).today.board()
    assert any("裁定" in row.verb for row in (*listed.today, *listed.soon) if row.case_id == case_id)
    office.later(60)
    Handling(office.desk).add_note(case_id, "打电话问了别的事")
    assert "overturned" in task_kinds(office, case_id), "not every note tells of it"
    with pytest.raises(StateError) as another:
        Handling(office.desk).note_told(case_id, f"{submission_id}:confirmed")
    assert another.value.code == "E-ANOTHER-ANSWER", "the page still showed the ruling before"
    Handling(office.desk).note_told(case_id)
    assert "overturned" not in task_kinds(office, case_id)
    papers = [document.name for event in filing.events for document in event.documents]
    assert papers.count("民事裁定书.pdf") == 2, "both rulings stay"


@pytest.mark.parametrize(
    ("moves", "again"),
    [(("accept", "confirm"), False), (("accept", "dismiss"), False), (("not_accept",), True)],
)
def test_what_the_court_said_is_to_be_told_until_it_was(
    office: Office, moves: tuple[str, ...], again: bool
) -> None:
    # ``again``: it was not taken up, another round may follow while the 30 days run.
    case_id, submission_id = lodged(office)
    assert "answered" not in task_kinds(office, case_id)
    with pytest.raises(StateError):
        Handling(office.desk).note_told(case_id)
    # A note of the field, made before anybody here could know of the answer, does not tell of it.
    for step in moves:
        office.sandbox.control(f"court/{submission_id}/{step.replace('_', '-')}")
    office.later(60)
    Handling(office.desk).add_note(case_id, "上门看过，没说起申请")
    office.good_run()
    assert "answered" in task_kinds(office, case_id)
    board = Services(office.desk).today.board()
    (row,) = [row for row in board.today if row.case_id == case_id and row.kind == "answered"]
    assert row.tag == "法院有答复"
    assert not row.hard
    overview = AgreementList(office.desk).overview()
    (line,) = [line for line in overview.acting if line.case_id == case_id]
    assert line.group == "answered"
    assert "法院有了答复" in overview.headline
    assert (line.due_on is not None) == again
    assert ("confirm" in task_kinds(office, case_id)) == again
    Handling(office.desk).note_told(case_id)
    assert "answered" not in task_kinds(office, case_id)
    assert [one.group for one in AgreementList(office.desk).overview().lines if one.case_id == case_id] == [
        "clock" if again else "ruled"
    ]
    notes = [note for _, note in office.file(case_id).of_type(Note)]
    assert notes[-1].text.startswith("已把法院的答复告诉当事人：")
    office.good_run()
    assert "answered" not in task_kinds(office, case_id), "the platform knows it too"


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_answer_is_to_be_told_for_as_long_as_the_institution_says(office: Office, confirmed: bool) -> None:
    case_id, submission_id = lodged(office)
    for move in ("accept", "confirm") if confirmed else ("not_accept",):
        moved(office, submission_id, move)
    file, rules = office.file(case_id), office.desk.rules_for(office.file(case_id).head)
    day = legal_day(file.submissions[submission_id].events[-1].at)
    last = day + dt.timedelta(days=rules.answer_days.value or 0)
    assert answer_to_tell(file, rules, last) is not None
    late = last + dt.timedelta(days=1)
    assert (answer_to_tell(file, rules, late) is None) == confirmed, "whoever was away that long is told too"
    office.later(60)
    Handling(office.desk).add_note(case_id, "上门说过了")
    assert answer_to_tell(office.file(case_id), rules, last) is not None, "it may have been of something else"
    assert (answer_to_tell(office.file(case_id), rules, late) is None) == confirmed


def test_every_result_of_the_contract_has_its_row() -> None:
    from app.domain.states import filing_machine

    assert {result[1] for result in RESULTS} == set(filing_machine().final)

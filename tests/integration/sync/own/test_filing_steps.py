"""Every step of an application keeps its line and its receipt, whatever is asked of the court after it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.errors import Cancelled, NotFoundError, StateError, UserError
from app.domain.filings_of import withdrawal_asked
from app.services.agreeing import Agreeing
from app.services.attachments import Attachments, FileEntry
from app.services.backlog import SECOND_SHOWN
from app.services.cases import Cases
from app.services.exchange_package import ExchangePackages
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.settings import Settings
from app.services.sync_centre import SyncCentre, SyncRow
from app.storage.tables import filings
from tests.helpers.clients import Office, reopened
from tests.helpers.filings import (
    APPLICATION,
    FIRST,
    PDF,
    SECOND,
    WITHDRAWAL,
    agreed_case,
    ask,
    counts_are_the_rows,
    lodged,
    lodgings,
    of_filings,
    prepare_filing,
    signed,
    supplement,
    under_way,
)
from tests.helpers.packages import carry, pack, read
from tests.helpers.restored import a_day_later, in_turn
from tests.helpers.sandbox import Sandbox
from ui.stick_work import words


def receipts_given(sandbox: Sandbox) -> dict[str, str]:
    """The receipts of this platform's applications: what each was for, by its number."""
    happened = sandbox.look("log")["happenings"]
    given = [(re.search(r"回执 (\S+)", one["detail"]), one["text"]) for one in happened]
    return {found[1]: text for found, text in given if found is not None and "送达" in text}


def explained(office: Office, row: SyncRow) -> dict[str, str]:
    """What lies behind a line."""
    return {line.label: line.text for line in SyncCentre(office.desk).explain(row.row_id)}


def test_each_step_stays_with_its_own_receipt(ready: Office, sandbox: Sandbox) -> None:
    known = receipts_given(sandbox)
    case_id, submission_id = lodged(ready)
    went = SyncCentre(ready.desk).counts().delivered_today
    first = explained(ready, of_filings(ready, "delivered")[APPLICATION])
    for number, name in enumerate((FIRST, SECOND)):
        ask(ready, submission_id)
        before = SyncCentre(ready.desk).counts().delivered_today
        supplement(ready, case_id, b"%d" % number)
        assert SyncCentre(ready.desk).counts().delivered_today == before, "queueing takes nothing away"
        assert of_filings(ready, "waiting")[name].status == "queued"
        assert "平台回执" not in explained(ready, of_filings(ready, "waiting")[name])
        counts_are_the_rows(ready)
        ready.good_run()
        ready.later(60)
    Filing(ready.desk).withdraw(case_id)
    ready.good_run()
    given = {number: text for number, text in receipts_given(sandbox).items() if number not in known}

    def all_there(office: Office) -> None:
        rows = of_filings(office, "delivered")
        assert list(rows) == [WITHDRAWAL, SECOND, FIRST, APPLICATION]
        numbers = {}
        for what, row in rows.items():
            told = explained(office, row)
            assert row.why == f"平台回执 {told['平台回执']}"
            assert (row.action, row.case_id, told["编号"]) == ("看回执", case_id, submission_id)
            assert told["写的人"] == office.desk.person.name
            assert told["送达"]
            numbers[told["平台回执"]] = what
        assert [given[number] for number in numbers] == [
            "撤回申请已送达", "补充材料已送达", "补充材料已送达", "司法确认申请已送达",
        ]  # fmt: skip
        assert sorted(numbers) == sorted(given), "the very receipts that the platform gave"
        assert numbers[first["平台回执"]] == APPLICATION
        counts_are_the_rows(office)
        assert SyncCentre(office.desk).counts().delivered_today > went + 2
        assert len(SyncCentre(office.desk).rows("delivered", 2)) == 2, "no more than asked for"

    all_there(ready)
    again = reopened(ready)
    all_there(again)
    again.later(86_400)
    assert not of_filings(again, "delivered"), "the list is that of the day"
    again.close()


def test_the_one_that_came_second_stays_when_its_office_goes_on(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    case_id = agreed_case(ready)
    for one in (ready, ready, other):
        one.good_run()
    for one in (ready, other):
        prepare_filing(one, case_id)
    Filing(other.desk).lodge(case_id)
    mine = Filing(ready.desk).lodge(case_id).value
    for one in (ready, other, other):
        one.good_run()
    second = of_filings(other)[APPLICATION]
    assert second.status == "settled"
    ask(ready, mine)
    other.good_run()
    supplement(other, case_id, b"theirs")
    waiting = of_filings(other)
    assert [row.status for row in waiting.values()] == ["queued", "settled"]
    assert waiting[APPLICATION].why == second.why
    other.good_run()
    Filing(other.desk).withdraw(case_id)
    other.good_run()
    again = reopened(other)
    rows = of_filings(again)
    assert {what: row.status for what, row in rows.items()} == {
        WITHDRAWAL: "delivered", FIRST: "delivered", APPLICATION: "settled",
    }  # fmt: skip
    assert explained(again, rows[APPLICATION])["现在的情况"] == second.why
    assert "不用再交" in explained(again, rows[APPLICATION])
    counts_are_the_rows(again)
    again.later(SECOND_SHOWN.total_seconds() - 86_400)
    assert set(of_filings(again)) == {APPLICATION}, "whoever was away still reads it"
    again.close()


def test_a_step_that_another_took_the_place_of_says_so(ready: Office) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    supplement(ready, case_id, b"not sent")
    Filing(ready.desk).withdraw(case_id)
    rows = of_filings(ready)
    assert {what: row.status for what, row in rows.items()} == {
        WITHDRAWAL: "queued", FIRST: "settled", APPLICATION: "delivered",
    }  # fmt: skip
    assert rows[FIRST].why == f"还没有送出，改成了“{WITHDRAWAL}”，这一步没有再送。"
    told = explained(ready, rows[FIRST])
    assert ("改办" in told, "平台回执" in told, told["现在的情况"]) == (True, False, rows[FIRST].why)
    ready.good_run()
    counts_are_the_rows(ready)
    assert [row.status for row in of_filings(ready).values()] == ["settled", "delivered", "delivered"]


def test_a_refusal_stays_when_the_step_is_asked_for_anew(ready: Office) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    supplement(ready, case_id, b"refused")
    # As the engine writes a refusal down.
    ready.port.filings.failed(under_way(ready, submission_id), "field", "材料名称太长，平台没有收下。")
    assert of_filings(ready)[FIRST].status == "failed"
    Filing(ready.desk).withdraw(case_id)
    refused = of_filings(ready)[FIRST]
    assert (refused.status, refused.why) == ("settled", "材料名称太长，平台没有收下。")
    assert explained(ready, refused)["平台说"] == refused.why
    assert SyncCentre(ready.desk).counts().needs_you == 0
    with pytest.raises(StateError):
        SyncCentre(ready.desk).put_aside(refused.row_id)
    with pytest.raises(NotFoundError):
        SyncCentre(ready.desk).explain("step:unknown")
    counts_are_the_rows(ready)


def test_a_refused_application_that_is_taken_back_stays_in_the_list(ready: Office) -> None:
    case_id = agreed_case(ready)
    prepare_filing(ready, case_id)
    first = Filing(ready.desk).lodge(case_id).value
    ready.port.filings.failed(under_way(ready, first), "field", "“法院”不在可选的范围里，请改好再发。")
    Filing(ready.desk).withdraw(case_id)
    row = of_filings(ready)[APPLICATION]
    assert (row.status, row.why) == ("settled", "“法院”不在可选的范围里，请改好再发。")
    assert Filing(ready.desk).prepare(case_id).submission is None, "it may be handed in anew"


def test_a_refused_application_of_a_replaced_version_is_in_nobodys_way(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    case_id = agreed_case(ready, close=False)
    for one in (ready, ready, other):
        one.good_run()
    prepare_filing(ready, case_id)
    Filing(ready.desk).lodge(case_id)
    colleague = Agreeing(other.desk)
    colleague.finalise(colleague.draft(case_id), wants_confirmation=True, overrides=("照样",))
    signed(other, case_id)
    for one in (other, ready, ready):
        one.good_run()
    (refused,) = of_filings(ready, "needs_you").values()
    prepare_filing(ready, case_id)
    view = Filing(ready.desk).prepare(case_id)
    assert (view.submission, view.job) == (None, ""), "what stands there is of another version"
    before = lodgings(sandbox)
    second = Filing(ready.desk).lodge(case_id).value
    for _ in range(2):
        ready.good_run()
    assert ready.shadow(case_id).submissions[second].state == "lodged"
    assert lodgings(sandbox) == before + 1
    rows = {row.row_id: row.status for row in SyncCentre(ready.desk).rows("all") if row.kind == "filing"}
    assert rows == {refused.row_id: "failed", f"filing:{second}": "delivered"}


def test_what_came_says_what_it_was_and_whose(ready: Office, other: Office, sandbox: Sandbox) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    other.good_run()
    Handling(other.desk).add_note(case_id, "当事人来过电话。")
    other.good_run()
    ready.good_run()
    came = [(row.what, row.why) for row in SyncCentre(ready.desk).rows("received") if row.case_id == case_id]
    assert ("记事", f"{other.desk.person.name}写的，已在本机") in came
    assert (f"{APPLICATION}：要求补材料", "平台转来的办理进展，在“司法确认”里") in came
    assert "材料已存到平台" in {what for what, _ in came}


def court_has(office: Office, case_id: str, submission_id: str) -> tuple[str, int]:
    """State and list of an application as the platform told them last."""
    there = office.shadow(case_id).submissions[submission_id]
    return there.state, there.manifest_no


@pytest.mark.parametrize("handed_over_by", ["me", "a colleague"])
def test_a_step_that_has_not_gone_can_be_taken_back(
    ready: Office, other: Office, sandbox: Sandbox, handed_over_by: str
) -> None:
    """The court hears nothing of it, the application goes on, and the same step may be asked for anew."""
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    office = ready if handed_over_by == "me" else other
    office.good_run()
    filing = Filing(office.desk)
    with pytest.raises(StateError):
        filing.recall(case_id)
    before = court_has(office, case_id, submission_id)
    supplement(office, case_id, b"not yet")
    assert filing.prepare(case_id).ways.recall
    assert filing.recall(case_id).value == "supplement"
    view = filing.prepare(case_id)
    assert view.submission is not None
    assert (view.submission.state, view.ways.recall) == ("supplement_asked", False)
    assert {task.kind for task in Cases(office.desk).open(case_id).plan.tasks} >= {"supplement"}
    counts_are_the_rows(office)
    filing.withdraw(case_id)
    assert filing.recall(case_id).value == "withdraw"
    office.good_run()
    assert court_has(office, case_id, submission_id) == before, "the court heard of neither"
    filing.supplement(case_id)
    filing.withdraw(case_id)
    assert filing.recall(case_id).value == "withdraw"
    office.good_run()
    assert court_has(office, case_id, submission_id) == before, "it took the place of the supplement"
    filing.supplement(case_id)
    counts_are_the_rows(office)
    office.good_run()
    assert court_has(office, case_id, submission_id) == ("supplemented", before[1] + 1)
    assert of_filings(office)[FIRST].status == "delivered"
    with pytest.raises(StateError):
        filing.recall(case_id)


def test_what_may_have_gone_is_not_taken_back(ready: Office, sandbox: Sandbox) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    supplement(ready, case_id, b"in doubt")
    sandbox.control("network/drop-reply", only="/supplement", count=1)
    ready.run()
    view = Filing(ready.desk).prepare(case_id)
    assert (view.wanted, view.ways.recall) == ("supplement", False)
    with pytest.raises(StateError) as caught:
        Filing(ready.desk).recall(case_id)
    assert caught.value.code == "E-IN-DOUBT"


def stays(office: Office, case_id: str, said: str) -> None:
    """What is asked for can neither be taken back nor replaced here, and the person reads why."""
    filing = Filing(office.desk)
    ways = filing.prepare(case_id).ways
    assert (ways.recall, said in ways.away) == (False, True)
    for act in (filing.recall, filing.withdraw):
        with pytest.raises(StateError):
            act(case_id)


def test_what_lies_in_a_package_is_not_taken_back(
    ready: Office, town: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its file waits for a line that is not paid by volume: a run asks the platform, which has it not yet."""
    case_id, submission_id = lodged(ready)
    town.good_run()
    ask(ready, submission_id)
    Settings(ready.desk).change_personal(line="metered", metered_mb=1)
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    Attachments(ready.desk).add_bytes(case_id, PDF + bytes(3_000_000), "补.pdf", "application/pdf", entry)
    Filing(ready.desk).supplement(case_id)
    ready.later(20)
    ready.good_run()
    assert Filing(ready.desk).prepare(case_id).ways.recall, "it lies here only"
    stick = pack(ready, tmp_path / "stick")
    ready.later()
    ready.good_run()
    assert Filing(ready.desk).prepare(case_id).job == "waiting"
    stays(ready, case_id, "已装进离线交换包")
    back = carry(town, stick)
    ready.later(60)
    read(ready, back.receipt)
    assert of_filings(ready)[FIRST].status == "delivered"


@pytest.mark.parametrize("step", ["supplement", "withdraw"])
def test_a_packing_that_came_to_nothing_leaves_everything_here(
    ready: Office, sandbox: Sandbox, tmp_path: Path, step: str
) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    before = asked_offline(ready, case_id, step)
    with pytest.raises(Cancelled):
        pack(ready, tmp_path / "stick", lambda _done, _whole: False)
    assert told(ready, case_id) == before
    assert Filing(ready.desk).recall(case_id).value == step


def test_a_packing_that_came_to_nothing_puts_back_what_was_refused_before_and_asked_for_again(
    ready: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    case_id, submission_id = lodged(ready)
    Filing(ready.desk).withdraw(case_id)
    sandbox.control(f"court/{submission_id}/accept")
    ready.run()
    SyncCentre(ready.desk).retry_now(f"filing:{submission_id}")
    ready.later(20)
    before = told(ready, case_id)
    with pytest.raises(Cancelled):
        pack(ready, tmp_path / "stick", lambda _done, _whole: False)
    assert told(ready, case_id) == before
    pack(ready, tmp_path / "stick")
    assert of_filings(ready)[WITHDRAWAL].why.startswith("已装进离线交换包")
    ExchangePackages(ready.desk).give_up(ExchangePackages(ready.desk).known()[0].package_id)
    assert told(ready, case_id) == before
    assert Filing(ready.desk).recall(case_id).value == "withdraw"


@pytest.mark.parametrize("step", ["supplement", "withdraw"])
def test_a_package_that_is_given_up_holds_nothing(
    ready: Office, sandbox: Sandbox, tmp_path: Path, step: str
) -> None:
    """Lost, and surely not handed in: what was in it lies here only; that of a second package stays in it."""
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    before = asked_offline(ready, case_id, step)
    packages = ExchangePackages(ready.desk)
    for _ in range(2):
        pack(ready, tmp_path / "stick")
        ready.later(60)
    first, second = packages.known()
    packages.give_up(first.package_id)
    stays(ready, case_id, "")
    assert second.label in of_filings(ready)[FIRST if step == "supplement" else WITHDRAWAL].why
    packages.give_up(second.package_id)
    assert told(ready, case_id) == before
    assert {one.state for one in packages.known()} == {"given_up"}
    with pytest.raises(StateError):
        packages.give_up(first.package_id)
    assert Filing(ready.desk).recall(case_id).value == step
    ready.good_run()
    assert court_has(ready, case_id, submission_id)[0] == "supplement_asked"


@pytest.mark.parametrize("step", ["supplement", "withdraw"])
def test_a_package_that_was_given_up_and_turned_up_again_settles_what_was_in_it(
    ready: Office, town: Office, tmp_path: Path, step: str
) -> None:
    case_id, submission_id = lodged(ready)
    town.good_run()
    ask(ready, submission_id)
    asked_offline(ready, case_id, step)
    packed = pack(ready, tmp_path / "stick")
    ExchangePackages(ready.desk).give_up(ExchangePackages(ready.desk).known()[0].package_id)
    receipt = carry(town, packed).receipt
    assert read(ready, receipt).delivered > 0
    assert of_filings(ready, "delivered")[FIRST if step == "supplement" else WITHDRAWAL]
    with pytest.raises(StateError):
        Filing(ready.desk).recall(case_id)


@pytest.mark.parametrize("step", ["lodge", "supplement", "withdraw"])
def test_what_was_taken_back_and_came_to_the_court_by_a_lost_package_is_told(
    ready: Office, town: Office, case_id: str, tmp_path: Path, step: str
) -> None:
    """The person of the package cannot hand it in any more; a finder can, and the receipt tells of it."""
    town.good_run()
    prepare_filing(ready, case_id)
    ready.good_run()
    submission_id = Filing(ready.desk).lodge(case_id).value
    if step != "lodge":
        ready.good_run()
        ask(ready, submission_id)
        asked_offline(ready, case_id, step)
    ready.later(20)
    packed = pack(ready, tmp_path / "stick")
    ExchangePackages(ready.desk).give_up(ExchangePackages(ready.desk).known()[0].package_id)
    if step == "lodge":
        Filing(ready.desk).withdraw(case_id)
    else:
        Filing(ready.desk).recall(case_id)
    (left,) = [row for row in SyncCentre(ready.desk).rows("all") if "那个包后来作废了" in row.why]
    assert left.status == "settled"
    with pytest.raises(UserError, match="没有交") as caught:
        carry(ready, packed)
    assert caught.value.code == "E-GIVEN-UP"
    told_by_town = carry(town, packed)
    assert not told_by_town.again
    record = read(ready, told_by_town.receipt)
    assert record.against == 1
    assert "收回过的 1 项法院也收到了" in words(record)
    state = Filing(ready.desk).prepare(case_id).submission
    assert state is not None
    wanted = {"lodge": "lodged", "supplement": "supplemented", "withdraw": "supplement_asked"}[step]
    assert state.state == wanted
    assert withdrawal_asked(state) == (step == "withdraw")
    assert not [row for row in SyncCentre(ready.desk).rows("all") if "那个包后来作废了" in row.why]
    counts_are_the_rows(ready)
    for _ in range(2):
        ready.good_run()
        ready.later(60)
    assert Filing(ready.desk).prepare(case_id).submission == ready.shadow(case_id).submissions[submission_id]


def test_of_two_applications_by_two_packages_one_is_at_the_court_and_the_other_says_so(
    ready: Office, town: Office, sandbox: Sandbox, case_id: str, tmp_path: Path
) -> None:
    """Given up, taken back, lodged anew by another package; then the first turns up."""
    town.good_run()
    prepare_filing(ready, case_id)
    ready.good_run()
    before = lodgings(sandbox)
    Filing(ready.desk).lodge(case_id)
    ready.later(20)
    lost = pack(ready, tmp_path / "lost")
    ExchangePackages(ready.desk).give_up(ExchangePackages(ready.desk).known()[0].package_id)
    Filing(ready.desk).withdraw(case_id)
    ready.later(60)
    second = Filing(ready.desk).lodge(case_id).value
    ready.later(20)
    packed = pack(ready, tmp_path / "stick")
    found = carry(town, lost).receipt
    assert read(ready, carry(town, packed).receipt).mend == 1
    (row,) = [row for row in SyncCentre(ready.desk).rows("all") if row.row_id == f"filing:{second}"]
    assert row.why.startswith("您先前提交的那一份法院已经收到，这一份没有再交")
    assert read(ready, found).against == 1
    assert lodgings(sandbox) == before + 1
    counts_are_the_rows(ready)
    for _ in range(3):
        ready.good_run()
        ready.later(60)
    (at_court,) = [one for one in ready.file(case_id).submissions.values() if one.state == "lodged"]
    assert Filing(ready.desk).prepare(case_id).submission == at_court
    assert not SyncCentre(ready.desk).rows("needs_you")


def test_a_receipt_that_tells_of_a_colleagues_supplement_has_the_last_word(
    ready: Office, other: Office, town: Office, tmp_path: Path
) -> None:
    case_id, submission_id = lodged(ready)
    in_turn(town, other)
    ask(ready, submission_id)
    in_turn(other)
    asked_offline(ready, case_id, "supplement")
    packed = pack(ready, tmp_path / "stick")
    supplement(other, case_id, b"the colleague's")
    in_turn(other)
    assert read(ready, carry(town, packed).receipt).mend == 1
    (row,) = of_filings(ready, "needs_you").values()
    assert row.why.startswith("同事的补充材料先交到了，您这次补的没有交给法院，都在本机。")
    counts_are_the_rows(ready)


def test_taking_back_the_last_of_several_wishes_leaves_no_word_of_them(
    ready: Office, sandbox: Sandbox
) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    before = told(ready, case_id)
    supplement(ready, case_id, b"first")
    ready.later(1)
    Filing(ready.desk).withdraw(case_id)
    ready.later(1)
    supplement(ready, case_id, b"second")
    ready.later(1)
    Filing(ready.desk).recall(case_id)
    assert told(ready, case_id) == before
    assert FIRST not in of_filings(ready)


def asked_offline(office: Office, case_id: str, step: str) -> object:
    """A step that waits here; what is told of it."""
    if step == "supplement":
        supplement(office, case_id, b"more")
    else:
        Filing(office.desk).withdraw(case_id)
    office.later(20)
    return told(office, case_id)


def told(office: Office, case_id: str) -> object:
    """What the pages say of an application: its tasks, its line, whether it may be taken back; but for a
    package that was given up with it."""
    tasks = [(task.kind, task.verb, task.reason) for task in Cases(office.desk).open(case_id).plan.tasks]
    rows = {what: (row.status, row.why) for what, row in of_filings(office, "waiting").items()}
    return tasks, rows, replace(Filing(office.desk).prepare(case_id).ways, given_up="")


def test_what_a_court_got_by_a_package_is_not_told_as_lost_after_a_restore(
    ready: Office, town: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    case_id, submission_id = lodged(ready)
    town.good_run()
    sandbox.control("backup")
    ask(ready, submission_id)
    supplement(ready, case_id, b"more")
    ready.later(20)
    carry(town, pack(ready, tmp_path / "stick"))
    sandbox.control("restore")
    for _ in range(2):
        ready.later(60)
        ready.run()
    row = of_filings(ready)[FIRST]
    assert row.status != "failed", row.why
    a_day_later(ready)
    for _ in range(3):
        ready.run()
        ready.later(4000)
    assert of_filings(ready)[FIRST].status == "delivered"


def test_what_a_court_may_have_got_before_a_restore_is_not_taken_back(
    ready: Office, sandbox: Sandbox
) -> None:
    case_id, submission_id = lodged(ready)
    sandbox.control("backup")
    ask(ready, submission_id)
    supplement(ready, case_id, b"in doubt")
    sandbox.control("network/drop-reply", only="/supplement", count=1)
    ready.run()
    sandbox.control("network/normal")
    sandbox.control("restore")
    for _ in range(2):
        ready.run()
        ready.later(60)
    assert Filing(ready.desk).prepare(case_id).job == "waiting"
    stays(ready, case_id, "正在核对")


def test_nothing_takes_the_place_of_a_step_in_doubt(ready: Office, sandbox: Sandbox) -> None:
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    supplement(ready, case_id, b"in doubt")
    sandbox.control("network/drop-reply", only="/supplement", count=1)
    ready.run()
    assert of_filings(ready)[FIRST].status == "doubt"
    with pytest.raises(StateError) as caught:
        Filing(ready.desk).withdraw(case_id)
    assert caught.value.code == "E-IN-DOUBT"
    ready.later()
    ready.good_run()
    Filing(ready.desk).withdraw(case_id)
    ready.good_run()
    rows = of_filings(ready, "delivered")
    assert set(rows) == {WITHDRAWAL, FIRST, APPLICATION}
    assert len({row.why for row in rows.values()}) == 3


def test_an_answer_to_what_is_asked_no_more_touches_nothing(ready: Office) -> None:
    """The engine had read a supplement; before the answer came, the parties wanted to withdraw instead."""
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    supplement(ready, case_id, b"more")
    stale = under_way(ready, submission_id)
    ready.later(60)
    Filing(ready.desk).withdraw(case_id)
    jobs, query = ready.port.filings, select(filings).where(filings.c.submission_id == submission_id)

    def row() -> object:
        return ready.desk.store.read(lambda conn: conn.execute(query).one())

    before = row()
    jobs.failed(stale, "field", "材料名称太长，平台没有收下。")
    jobs.wait(stale, "", "材料传完就提交")
    jobs.wait_for_files(stale, "", ["ab" * 32], "材料传完就提交")
    jobs.in_doubt(stale)
    jobs.let_be(stale)
    assert not jobs.begin(stale)
    assert row() == before
    for _ in range(2):
        ready.good_run()
        ready.later(60)
    assert withdrawal_asked(ready.file(case_id).submissions[submission_id])


def test_a_list_whose_reply_was_lost_hands_nothing_in(ready: Office, sandbox: Sandbox) -> None:
    """It says so: what only was put lies here, may be taken back, and goes the next time."""
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    supplement(ready, case_id, b"more")
    sandbox.control("network/drop-reply", only="/manifests", count=20)
    ready.run()
    sandbox.control("network/normal")
    (row,) = [row for what, row in of_filings(ready).items() if what == FIRST]
    assert (row.status, "发出去了" in row.why) == ("queued", False)
    assert Filing(ready.desk).prepare(case_id).ways.recall
    ready.later()
    ready.good_run()
    assert of_filings(ready)[FIRST].status == "delivered"

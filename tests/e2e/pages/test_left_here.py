"""What left this computer and has no receipt yet, or lies here alone: every page says the same of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import Connection, select, update

from app.domain import casefile as cf
from app.services import enrolment
from app.services.changes import Written
from app.services.dayboard import TaskRow
from app.services.exchange_package import ExchangePackages
from app.services.filing import Choices, Filing
from app.services.handover import Handover
from app.services.package_records import PackageRecord
from app.services.port_filings import FilingJobs
from app.services.sync_centre import SyncCentre
from app.services.today import Today
from app.storage import kv
from app.storage.tables import filings
from tests.helpers.agreements import (
    APPLICANT,
    CASE,
    DAY,
    RESPONDENT,
    effective,
    scan_file,
    shadow_submission,
)
from tests.helpers.desks import PEOPLE, Workplace, make_workplace
from tests.helpers.pages import Bench, dialog
from tests.helpers.screens import assert_looks, grab
from ui.dialogs.confirm import ConfirmDialog
from ui.labels import sync_state
from ui.pages.agreements import AgreementsPage
from ui.pages.confirmation import ConfirmationPage
from ui.pages.handover import HandoverPage
from ui.pages.sync import SyncPage
from ui.pages.today import TodayPage
from ui.theme.look import Look
from ui.widgets.base import Text

LAST = dt.date(2026, 12, 23)
"""The last day to apply."""
CARRY = "把装好的交换包交出去"


@pytest.fixture
def bench(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[Bench]:
    """An effective agreement with everything for the court, on a computer that may pack."""
    workplace = make_workplace(tmp_path / "profile", undo_seconds=0)
    workplace.desk = replace(workplace.desk, practice=True)
    workplace.desk.store.write(lambda conn: _registered(conn, workplace))
    made = Bench(qtbot, look, workplace, tmp_path)
    for page in (ConfirmationPage, AgreementsPage, TodayPage, SyncPage, HandoverPage):
        made.add(page(made.context))
    effective(workplace)
    for code in ("agreement", "certificate", "application"):
        scan_file(workplace, code)
    for party in (APPLICANT, RESPONDENT):
        scan_file(workplace, "identity", party, role="identity")
    Filing(workplace.desk).choose(CASE, Choices(court_code="CDEMO1"))
    yield made
    made.shell.current.leave()
    made.idle()
    made.close()


def _registered(conn: Connection, place: Workplace) -> None:
    # The platform's key is any: nobody opens the packages of these tests.
    kv.put(conn, "platform_seal_public", place.desk.keys.seal_public.hex())
    enrolment.put_people(conn, PEOPLE)


def pack(bench: Bench, tmp_path: Path) -> Written[PackageRecord]:
    stick = tmp_path / "stick"
    stick.mkdir(exist_ok=True)
    return ExchangePackages(bench.workplace.desk).pack(stick)


def at_the_court(bench: Bench, state: str, *events: cf.SubmissionEvent) -> None:
    """The application has come to its court."""
    place = bench.workplace
    submission_id = Filing(place.desk).lodge(CASE).value
    place.desk.store.write(lambda c: c.execute(update(filings).values(job="done")) and None)
    shadow_submission(place, submission_id, state, events)


def replied_to_by_nobody(bench: Bench) -> None:
    """It went, and its reply was lost."""
    jobs = FilingJobs(bench.workplace.desk)
    (job,) = jobs.jobs()
    assert jobs.begin(job)
    jobs.in_doubt(job)


def of_the_court(bench: Bench) -> TaskRow:
    board = Today(bench.workplace.desk).board()
    (row,) = [r for r in (*board.today, *board.soon, *board.waiting) if r.page == "filing"]
    return row


def heading(bench: Bench) -> tuple[str, str]:
    """What heads the row in 协议与确认, and what it says."""
    bench.show("agreements")
    (task,) = bench.shell.current.lists["sending"].model().tasks
    return task.verb, task.why


def on(bench: Bench, day: dt.date) -> None:
    """It is that day."""
    bench.workplace.clock.advance(dt.timedelta(days=(day - DAY).days))


def test_what_was_packed_is_to_be_carried_as_today_says_at_once(bench: Bench, tmp_path: Path) -> None:
    Filing(bench.workplace.desk).lodge(CASE)
    assert of_the_court(bench).verb == "发出司法确认申请"
    packed = pack(bench, tmp_path)
    assert packed.changes.case_ids == {CASE}
    assert {"cases", "tasks", "packages"} <= packed.changes.kinds
    row = of_the_court(bench)
    assert (row.verb, row.waiting_for, "装进了离线交换包" in row.reason) == (CARRY, "carry", True)
    ExchangePackages(bench.workplace.desk).give_up(packed.value.package_id)
    assert of_the_court(bench).verb == "发出司法确认申请"


def test_packed_on_the_last_day_it_is_the_duty_of_that_day(bench: Bench, tmp_path: Path) -> None:
    Filing(bench.workplace.desk).lodge(CASE)
    on(bench, LAST)
    pack(bench, tmp_path)
    board = Today(bench.workplace.desk).board()
    assert [(r.verb, r.tag) for r in board.today if r.kind == "confirm"] == [(CARRY, "今天到期")]
    bench.show("confirmation", case_id=CASE)
    said = "".join(part.text() for part in bench.shell.current.track.findChildren(Text))
    assert "平台不收包的，先把那个包作废，再点“撤回申请”" in said
    grab(bench.shell, "left-last-day")


def test_why_a_packed_application_cannot_be_withdrawn_names_the_way(bench: Bench, tmp_path: Path) -> None:
    Filing(bench.workplace.desk).lodge(CASE)
    packed = pack(bench, tmp_path).value
    bench.show("confirmation", case_id=CASE)
    page = bench.shell.current
    why = page.withdraw_button.unavailable
    assert packed.label in why
    assert "先在“离线交换包”里点“这个包作废”，再来撤回" in why
    assert page.lodge_button.text() == "在交换包里"
    grab(bench.shell, "left-packed")
    ExchangePackages(bench.workplace.desk).give_up(packed.package_id)
    bench.changed("submissions", "packages")
    assert not page.withdraw_button.unavailable


@pytest.mark.parametrize("step", ["lodge", "supplement"])
def test_a_step_whose_reply_was_lost_is_said_to_wait_to_go_out_nowhere(bench: Bench, step: str) -> None:
    if step == "lodge":
        Filing(bench.workplace.desk).lodge(CASE)
    else:
        question = {"asked": ("送达地址确认书",), "answer_by": dt.date(2026, 12, 1)}
        asked = cf.SubmissionEvent(at=bench.workplace.clock.now(), state="supplement_asked", **question)
        at_the_court(bench, "supplement_asked", asked)
        Filing(bench.workplace.desk).supplement(CASE)
    replied_to_by_nobody(bench)
    bench.show("confirmation", case_id=CASE)
    page = bench.shell.current
    assert page.lodge_button.text() == "等核对"
    assert "发出去了，还没有回执，连上后先核对" in page.lodge_button.unavailable
    grab(bench.shell, f"left-doubt-{step}")
    assert heading(bench)[0] == "等核对"
    grab(bench.shell, f"left-agreements-{step}")
    assert of_the_court(bench).waiting_for == "check"
    assert "等核对 1" in Today(bench.workplace.desk).board().waiting_text
    bench.show("today")
    grab(bench.shell, f"left-today-{step}")
    (row,) = [r for r in SyncCentre(bench.workplace.desk).rows("waiting") if r.kind == "filing"]
    assert sync_state(row.status).text == "等核对"
    bench.show("sync", filter="waiting")
    grab(bench.shell, f"left-sync-{step}")
    assert_looks(bench.shell.current)


def test_what_a_supplement_went_without_is_named_as_long_as_the_court_is_silent(bench: Bench) -> None:
    question = {"asked": ("送达地址确认书",), "answer_by": dt.date(2026, 12, 1)}
    asked = cf.SubmissionEvent(at=bench.workplace.clock.now(), state="supplement_asked", **question)
    at_the_court(bench, "supplement_asked", asked)
    Filing(bench.workplace.desk).supplement(CASE)
    bench.show("confirmation", case_id=CASE)
    page = bench.shell.current
    note = page.materials.header.note
    assert "其他必有的齐了，法院要补的 1 项没有补" in note.text()
    row = page.materials.rows["service_address"]
    assert row.accessibleName() == "送达地址确认书，没有补，法院要求：送达地址确认书；补交的时候没有加"
    grab(bench.shell, "left-out")
    (submission_id,) = bench.context.office.cases.open(CASE).file.submissions
    supplied = cf.SubmissionEvent(at=bench.workplace.clock.now(), state="supplemented")
    bench.workplace.desk.store.write(lambda c: c.execute(update(filings).values(job="done")) and None)
    shadow_submission(bench.workplace, submission_id, "supplemented", (asked, supplied))
    bench.changed("submissions")
    assert "法院要补的 1 项没有补" in note.text(), "the court has it, and has not said its word"
    shadow_submission(bench.workplace, submission_id, "accepted", (asked, supplied))
    bench.changed("submissions")
    assert "没有补" not in note.text()


def test_a_withdrawal_in_a_package_is_told_so_everywhere(bench: Bench, tmp_path: Path) -> None:
    lodged = cf.SubmissionEvent(at=bench.workplace.clock.now(), state="lodged")
    at_the_court(bench, "accepted", lodged)
    Filing(bench.workplace.desk).withdraw(CASE)
    assert heading(bench) == ("等发出", "云浦区人民法院")
    assert of_the_court(bench).tag == "等着发给平台", "not for the court, which knows nothing of it"
    pack(bench, tmp_path)
    inside = "撤回申请装进了离线交换包，还没有回执"
    assert heading(bench) == ("在交换包里", inside)
    assert bench.shell.current.lists["sending"].model().tasks[0].label.text == "撤回在交换包里"
    grab(bench.shell, "left-agreements-withdrawal")
    row = of_the_court(bench)
    assert (row.verb, row.reason, row.tag) == (CARRY, inside, "等交换包交出去")
    (entry,) = Handover(bench.workplace.desk).book("p-zhou", "p-he", (CASE,)).entries
    assert entry.next_step.endswith(CARRY)
    assert f"{inside}，只能从这台电脑交" in entry.notes
    bench.show("confirmation", case_id=CASE)
    said = "".join(part.text() for part in bench.shell.current.track.findChildren(Text))
    assert "撤回申请已装进离线交换包" in said
    assert bench.shell.current.filing_tag.text == "确认：撤回在交换包里"


def test_a_withdrawal_whose_reply_was_lost_is_to_be_found_out(bench: Bench) -> None:
    at_the_court(bench, "accepted", cf.SubmissionEvent(at=bench.workplace.clock.now(), state="lodged"))
    Filing(bench.workplace.desk).withdraw(CASE)
    replied_to_by_nobody(bench)
    said = "撤回申请发出去了，还没有回执，连上后先核对"
    assert heading(bench) == ("等核对", said)
    assert (of_the_court(bench).verb, of_the_court(bench).reason) == ("核对撤回申请收到没有", said)
    bench.show("confirmation", case_id=CASE)
    told = "".join(part.text() for part in bench.shell.current.track.findChildren(Text))
    assert f"{said}，准不准由法院决定。" in told


def test_what_only_this_computer_can_send_is_told_before_and_after_handing_over(bench: Bench) -> None:
    place = bench.workplace
    Filing(place.desk).lodge(CASE)
    bench.show("handover")
    page = bench.shell.current
    page.taker.choose("p-he")
    page.ask()
    assert not any("到期" in one for one in dialog(ConfirmDialog).asked.effects), "it is not due"
    dialog(ConfirmDialog).reject()
    bench.idle()
    on(bench, LAST)
    bench.changed("cases")
    (entry,) = page.loaded.entries
    assert "司法确认申请在本机等着发出，期限 12月23日（含当天），只能从这台电脑交" in entry.notes
    assert "其中 1 件的申请或补交的材料还没到平台，今天到期或已经过期" in page.warning.text.text()
    page.ask()
    asked = dialog(ConfirmDialog)
    assert any(one.startswith("其中 1 件的申请或补交的材料还没到平台") for one in asked.asked.effects)
    grab(bench.shell, "left-handover")
    grab(asked, "left-handover-dialog")
    asked.reject()
    bench.idle()
    Handover(place.desk).hand_over("p-zhou", "p-he", (CASE,))
    bench.show("today")
    board = bench.shell.current._loaded.board
    (row,) = [r for r in board.today if r.page == "filing"]
    assert (row.verb, row.tag) == ("发出司法确认申请", "今天到期")
    assert row.reason.startswith("已由何静承办，只能从这台电脑交；11月23日生效，申请在本机等着发出")
    assert board.headline == "今天必须办 1 件"
    grab(bench.shell, "left-today-handed-over")
    # Whoever has it reads her own row, without a word of whose it is.
    (hers,) = [r for r in Today(place.as_person("p-he")).board().today if r.page == "filing"]
    assert "承办" not in hers.reason
    # Once it is out, it is hers alone.
    place.desk.store.write(lambda c: c.execute(update(filings).values(job="done")) and None)
    assert [r for r in Today(place.desk).board().today if r.page == "filing"] == []
    assert place.desk.store.read(lambda c: c.execute(select(filings.c.author)).scalar_one()) == "p-zhou"

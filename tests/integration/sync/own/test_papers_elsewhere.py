"""Papers that lie on a colleague's computer: waited for, let go, or added here as well."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.domain.errors import StateError
from app.services.attachments import Attachments, FileEntry
from app.services.cases import Cases
from app.services.fetching import Fetching
from app.services.filing import Filing
from app.services.sync_centre import SyncCentre
from app.storage.tables import filings
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import PDF, agreed_case, ask, prepare_filing
from tests.helpers.restored import at_the_platform, in_turn, lodge, states
from tests.helpers.sandbox import Sandbox


def held_back(office: Office, sandbox: Sandbox, case_id: str, name: str, entry: FileEntry) -> None:
    """A paper is added whose bytes do not leave that computer."""
    sandbox.control("network/e500", only="/uploads", count=999)
    Attachments(office.desk).add_bytes(case_id, PDF + name.encode(), name, "application/pdf", entry)
    office.run()
    sandbox.control("network/normal")


def listed(office: Office, submission_id: str) -> list[str]:
    """Names of the files that an application goes with."""
    query = select(filings.c.manifest).where(filings.c.submission_id == submission_id)
    items = msgspec.json.decode(office.desk.store.read(lambda conn: conn.execute(query).scalar_one()))
    return [str(item["name"]) for item in items]


def with_evidence(ready: Office, other: Office) -> tuple[str, FileEntry]:
    """A case that is ready for the court, known to both, and what a colleague may add to it."""
    in_turn(other)
    case_id = agreed_case(ready, close=False)
    in_turn(ready, other)
    prepare_filing(ready, case_id)
    party = ready.file(case_id).side("respondent")[0].party_id
    return case_id, FileEntry(role="evidence", title="银行转账记录", provided_by=party, original="copy")


def in_the_pack(office: Office, case_id: str) -> int:
    """How many files the page shows to go."""
    return sum(len(item.attachment_ids) for item in Filing(office.desk).prepare(case_id).materials)


def line(office: Office, case_id: str, code: str) -> str:
    """What is said of a material."""
    return next(
        i.elsewhere for i in Filing(office.desk).prepare(case_id).materials if i.material.code == code
    )


def waiting(office: Office) -> str:
    """Why the application waits."""
    (row,) = (one for one in SyncCentre(office.desk).rows("waiting") if one.kind == "filing")
    assert row.page == "confirmation"
    return row.why


@pytest.mark.parametrize("which", ["evidence", "agreement"])
def test_a_paper_on_a_broken_computer_is_waited_for_until_somebody_says_not_to(
    ready: Office, other: Office, sandbox: Sandbox, which: str
) -> None:
    """Taking the application back says nothing of it. What is left out is said, and comes once it is sent."""
    case_id, entry = with_evidence(ready, other)
    if which == "agreement":
        entry = FileEntry(role="scan", title="调解协议书", original="original", material="agreement")
    in_turn(ready, other)
    held_back(other, sandbox, case_id, "在别处.pdf", entry)
    in_turn(ready)
    assert "何静的电脑上还有 1 件没有传到平台" in line(ready, case_id, which)
    first = Filing(ready.desk).lodge(case_id).value
    ready.good_run()
    assert "在别处.pdf" in listed(ready, first)
    Filing(ready.desk).withdraw(case_id)
    second = Filing(ready.desk).lodge(case_id).value
    ready.good_run()
    assert "在别处.pdf" in listed(ready, second), "it waits as before"
    assert "点“不等这些材料”，在本机把这些材料重新加上，再提交" in waiting(ready)
    shown = in_the_pack(ready, case_id)
    Filing(ready.desk).go_without(case_id)
    assert ready.file(case_id).submissions == {}
    assert in_the_pack(ready, case_id) == shown - 1
    assert "何静的电脑上还有 1 件，不等了，没有放进来" in line(ready, case_id, which)
    third = Filing(ready.desk).lodge(case_id).value
    assert len(listed(ready, third)) == shown - 1
    assert "在别处.pdf" not in listed(ready, third)
    in_turn(ready)
    assert states(at_the_platform(ready, third)) == ["lodged"]
    other.later(86_400)
    in_turn(other, ready)
    assert "在别处.pdf" not in listed(ready, third), "what is at the court stays as it is"
    assert in_the_pack(ready, case_id) == shown
    assert line(ready, case_id, which) == "1 件还没有交给法院"
    with pytest.raises(StateError):
        Filing(ready.desk).go_without(case_id)


@pytest.mark.parametrize("who", ["lodger", "colleague"])
def test_a_supplement_goes_without_papers_on_a_broken_computer(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, tmp_path: Path, who: str
) -> None:
    """The application stays at the court: taking it back there is a legal act, and answers nothing."""
    in_turn(other)
    mine = lodge(ready, case_id)
    ask(ready, mine)
    in_turn(other)
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    held_back(other, sandbox, case_id, "送达.pdf", entry)
    third = open_office(tmp_path / "third", sandbox, "head") if who == "colleague" else None
    home = third or ready
    in_turn(home)
    Filing(home.desk).supplement(case_id)
    in_turn(home)
    why = waiting(home)
    assert "补交的材料还没有交给法院" in why
    assert "申请还在法院，不用撤回" in why
    assert "再补交" in why
    Filing(home.desk).go_without(case_id)
    assert home.file(case_id).submissions[mine].state == "supplement_asked"
    again = FileEntry(role="scan", title="地址确认书（重签）", material="service_address")
    Attachments(home.desk).add_bytes(case_id, PDF + b"again", "重签.pdf", "application/pdf", again)
    Filing(home.desk).supplement(case_id)
    assert "送达.pdf" not in listed(home, mine)
    assert "重签.pdf" in listed(home, mine)
    in_turn(home)
    assert states(at_the_platform(home, mine))[-1] == "supplemented"
    assert {row.status for row in SyncCentre(home.desk).rows("all") if row.kind == "filing"} <= {
        "delivered", "settled",
    }  # fmt: skip
    if third is not None:
        third.close()


@pytest.mark.parametrize("let_go", [True, False])
def test_the_very_same_file_added_here_goes_from_here(
    ready: Office, other: Office, sandbox: Sandbox, let_go: bool
) -> None:
    """The colleague still has it, on a stick or in the scanner, and hands it over."""
    case_id, entry = with_evidence(ready, other)
    in_turn(ready, other)
    held_back(other, sandbox, case_id, "在别处.pdf", entry)
    in_turn(ready)
    first = Filing(ready.desk).lodge(case_id).value
    in_turn(ready)
    shown = in_the_pack(ready, case_id)
    if let_go:
        Filing(ready.desk).go_without(case_id)
    same = PDF + "在别处.pdf".encode()
    Attachments(ready.desk).add_bytes(case_id, same, "在别处.pdf", "application/pdf", entry)
    assert (line(ready, case_id, "evidence"), in_the_pack(ready, case_id)) == ("", shown)
    if let_go:
        first = Filing(ready.desk).lodge(case_id).value
    in_turn(ready)
    assert "在别处.pdf" in listed(ready, first)
    assert states(at_the_platform(ready, first)) == ["lodged"]


def test_what_was_fetched_goes_to_a_platform_that_lost_it(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """Whoever added it is away; here it was looked at, so here are its bytes."""
    case_id, entry = with_evidence(ready, other)
    in_turn(ready, other)
    held_back(other, sandbox, case_id, "在别处.pdf", entry)
    sandbox.control("backup")
    other.later(86_400)
    in_turn(other, ready)
    (paper,) = (one for one in ready.file(case_id).attachments.values() if one.name == "在别处.pdf")
    Fetching(ready.desk).ask(case_id, [paper.sha256])
    in_turn(ready)
    mine = lodge(ready, case_id)
    assert states(at_the_platform(ready, mine)) == ["lodged"]
    sandbox.control("restore")
    for _ in range(4):
        ready.good_run()
        ready.later(3600)
    assert states(at_the_platform(ready, mine)) == ["lodged"]
    assert "在别处.pdf" in listed(ready, mine)


@pytest.mark.parametrize("step", ["lodge", "supplement"])
def test_without_a_line_it_is_said_at_once_for_whom_a_step_waits(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, step: str
) -> None:
    in_turn(other)
    if step == "supplement":
        ask(ready, lodge(ready, case_id))
    in_turn(other)
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    held_back(other, sandbox, case_id, "送达.pdf", entry)
    in_turn(ready)
    filing = Filing(ready.desk)
    (filing.supplement if step == "supplement" else filing.lodge)(case_id)
    assert waiting(ready).startswith("在等何静的电脑传 1 份材料。")
    assert [one.name for one in filing.prepare(case_id).left_behind] == ["送达.pdf"]
    plan = Cases(ready.desk).open(case_id).plan
    assert [task.verb for task in plan.tasks if task.page == "filing"] == [
        "联系同事，补交材料" if step == "supplement" else "联系同事，提交司法确认申请"
    ]

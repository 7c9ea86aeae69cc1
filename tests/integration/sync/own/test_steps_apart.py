"""Steps of one application are told apart: in a package, at a restored platform, while one is let be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.services.attachments import FileEntry
from app.services.cases import Cases
from app.services.exchange_package import ExchangePackages
from app.services.filing import Filing
from sync.engine.client import Client
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import FIRST, WITHDRAWAL, agreed_case, ask, of_filings, prepare_filing, supplement
from tests.helpers.packages import pack
from tests.helpers.restored import a_day_later, at_the_platform, in_turn, lodge, states
from tests.helpers.sandbox import Sandbox
from tests.integration.sync.own.test_papers_elsewhere import held_back

DAY = 86_400


@pytest.mark.parametrize("step", [FIRST, WITHDRAWAL])
def test_a_later_step_is_not_in_the_package_of_the_first(
    ready: Office, case_id: str, tmp_path: Path, step: str
) -> None:
    mine = Filing(ready.desk).lodge(case_id).value
    ready.later(20)
    pack(ready, tmp_path / "stick")
    in_turn(ready)
    packages = ExchangePackages(ready.desk)
    assert list(packages.spared().values()) == [True], "the line was back: nobody carries it"
    ask(ready, mine)
    if step == FIRST:
        supplement(ready, case_id, b"s")
    else:
        Filing(ready.desk).withdraw(case_id)
    ready.later(20)
    assert "交换包" not in of_filings(ready)[step].why
    assert list(packages.spared().values()) == [True]
    assert packages.offer().items, "it is to go with the next one"


def test_an_application_whose_reply_was_lost_is_not_called_a_supplement(
    ready: Office, sandbox: Sandbox, case_id: str
) -> None:
    """The feed tells of it before it is asked for: it is at its court."""
    mine = Filing(ready.desk).lodge(case_id).value
    sandbox.control("network/drop-reply", only="/lodge", count=1)
    ready.run()
    sandbox.control("network/e500", only="/submissions", count=99)
    ready.run()
    sandbox.control("network/normal")
    assert ready.file(case_id).submissions[mine].state == "lodged"
    (task,) = [one for one in Cases(ready.desk).open(case_id).plan.tasks if one.page == "filing"]
    assert (task.kind, task.verb) == ("await_court", "等法院确认结果")


def events(office: Office, submission_id: str) -> list[tuple[str, str, str]]:
    """What happened to an application, as the platform has it."""
    told = at_the_platform(office, submission_id)["submission"]["events"]
    return [(one["state"], one.get("code", ""), one["at"]) for one in told]


@pytest.mark.parametrize("backup", ["before", "lodged", "asked"])
@pytest.mark.parametrize("reply_lost", [False, True])
def test_a_wish_to_withdraw_keeps_its_hour_and_its_place(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, backup: str, reply_lost: bool
) -> None:
    """Nine days later it would have come behind the court's last day for an answer."""
    in_turn(other)
    mine = lodge(ready, case_id)
    if backup == "lodged":
        sandbox.control("backup")
    ask(ready, mine)
    if backup == "asked":
        sandbox.control("backup")
    Filing(ready.desk).withdraw(case_id)
    if reply_lost:
        sandbox.control("network/drop-reply", only="/withdraw", count=1)
        ready.run()
        sandbox.control("network/normal")
    else:
        in_turn(ready)
    before = events(other, mine)
    assert [code for _, code, _ in before if code] == ["withdrawal_asked"]
    sandbox.control("clock", days=9)
    for office in (ready, other):
        office.later(9 * DAY)
    sandbox.control("restore")
    in_turn(ready)
    a_day_later(ready, other)
    in_turn(ready, other)
    assert events(ready, mine) == before


def test_a_delivered_supplement_is_not_called_undelivered_while_the_agreement_is_away(
    ready: Office, other: Office, sandbox: Sandbox
) -> None:
    """The text and the application came from a computer that is off for longer than the platform waits."""
    in_turn(ready, other)
    sandbox.control("backup")
    case_id = agreed_case(ready, close=False)
    in_turn(ready, other)
    prepare_filing(ready, case_id)
    mine = lodge(ready, case_id)
    ask(ready, mine)
    in_turn(other)
    supplement(other, case_id, b"theirs")
    in_turn(other, ready)
    assert of_filings(other)[FIRST].status == "delivered"
    sandbox.control("restore")
    in_turn(other)
    for _ in range(16):
        sandbox.control("clock", days=1)
        for office in (other, ready):
            office.later(DAY)
        other.run()
        assert all(row.status != "failed" for row in of_filings(other).values())
    in_turn(ready, other, ready, other)
    assert states(at_the_platform(ready, mine)) == ["lodged", "supplement_asked", "supplemented"]
    kinds = [task.kind for task in Cases(other.desk).open(case_id).plan.tasks if task.page == "filing"]
    assert kinds == ["await_court"]


def test_what_is_let_be_while_it_is_asked_about_stays_so(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    """不等这些材料 is pressed between a question to the platform and its answer."""
    in_turn(other)
    mine = lodge(ready, case_id)
    ask(ready, mine)
    in_turn(other)
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    held_back(other, sandbox, case_id, "送达.pdf", entry)
    home = open_office(tmp_path / "third", sandbox, "head")
    in_turn(home)
    Filing(home.desk).supplement(case_id)
    in_turn(home)
    get, pressed = Client.get, list[Any]()

    def meanwhile(self: Client, path: str, *more: Any, **named: Any) -> Any:
        reply = get(self, path, *more, **named)
        if path == f"/submissions/{mine}" and not pressed:
            pressed.append(Filing(home.desk).go_without(case_id).value)
        return reply

    monkeypatch.setattr(Client, "get", meanwhile)
    home.good_run()
    monkeypatch.undo()
    assert pressed
    other.later(DAY)
    in_turn(other, home)
    assert states(at_the_platform(home, mine)) == ["lodged", "supplement_asked"], "it waits for a new press"
    home.close()


@pytest.mark.parametrize("backup", ["before", "lodged"])
def test_a_supplement_whose_reply_was_lost_is_not_called_undelivered_after_a_restore(
    ready: Office, other: Office, sandbox: Sandbox, case_id: str, backup: str
) -> None:
    """A platform that falls over and is restored loses replies just then; its court got the papers."""
    in_turn(other)
    mine = lodge(ready, case_id)
    if backup == "lodged":
        sandbox.control("backup")
    ask(ready, mine)
    supplement(ready, case_id, b"more")
    sandbox.control("network/drop-reply", only="/supplement", count=1)
    ready.run()
    sandbox.control("network/normal")
    sandbox.control("restore")
    in_turn(ready)
    row = of_filings(ready)[FIRST]
    assert (row.status, "正在向法院核对" in row.why) == ("doubt", True)
    (task,) = [one for one in Cases(ready.desk).open(case_id).plan.tasks if one.page == "filing"]
    assert task.verb == "核对补交的材料收到没有"
    a_day_later(ready, other)
    in_turn(ready, other)
    assert states(at_the_platform(ready, mine)) == ["lodged", "supplement_asked", "supplemented"]
    assert of_filings(ready)[FIRST].status == "delivered"

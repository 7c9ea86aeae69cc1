"""By sticks alone an application comes back to a platform that forgot it, whatever was asked since."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.filing import Filing
from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office
from tests.helpers.filings import agreed_case, ask, prepare_filing, supplement
from tests.helpers.packages import round_trip
from tests.helpers.restored import at_the_platform, lodge, states
from tests.helpers.sandbox import Sandbox


def trips(home: Office, town: Office, stick: Path, case_id: str) -> None:
    """Sticks go there and back, each with one line more."""
    for number in range(3):
        Handling(home.desk).add_note(case_id, f"第 {number} 趟")
        round_trip(home, town, stick)
        home.later(3600)


def prepared(office: Office, sandbox: Sandbox) -> str:
    """All is ready for the court, and the platform has its backup of that."""
    case_id = agreed_case(office)
    office.good_run()
    prepare_filing(office, case_id)
    office.good_run()
    sandbox.control("backup")
    return case_id


@pytest.mark.parametrize("over", [False, True], ids=["asked", "over"])
@pytest.mark.parametrize("step", ["supplement", "withdraw"])
def test_a_later_step_brings_its_application_back(
    ready: Office, town: Office, sandbox: Sandbox, tmp_path: Path, step: str, over: bool
) -> None:
    case_id = prepared(ready, sandbox)
    mine = lodge(ready, case_id)
    if step == "supplement":
        ask(ready, mine)
        supplement(ready, case_id, b"once")
    else:
        Filing(ready.desk).withdraw(case_id)
    ready.good_run()
    if over:
        for answer in ("accept", "confirm") if step == "supplement" else ("permit-withdrawal",):
            sandbox.control(f"court/{mine}/{answer}")
        ready.good_run()
    before = at_the_platform(town, mine)["submission"]
    sandbox.control("restore")
    trips(ready, town, tmp_path / "stick", case_id)
    after = at_the_platform(town, mine)["submission"]
    if over:
        # Handed in anew, the rest as it was.
        assert after["events"][1:] == before["events"][1:]
    else:
        # The court's question comes again once the platform has asked the court.
        assert after["state"] == ("lodged" if step == "supplement" else before["state"])
    assert after["manifest_no"] == before["manifest_no"]
    filings = [row for row in SyncCentre(ready.desk).rows("waiting") if row.kind == "filing"]
    assert [row.why for row in filings] == []
    assert SyncCentre(ready.desk).rows("needs_you") == ()


def test_a_step_whose_lists_lie_elsewhere_tells_so(
    ready: Office, other: Office, town: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Who withdrew a colleague's application cannot lodge it anew."""
    other.good_run()
    case_id = prepared(ready, sandbox)
    other.good_run()
    mine = lodge(ready, case_id)
    other.good_run()
    Filing(other.desk).withdraw(case_id)
    other.good_run()
    sandbox.control("restore")
    trips(other, town, tmp_path / "stick", case_id)
    (row,) = (one for one in SyncCentre(other.desk).rows("needs_you") if one.kind == "filing")
    assert "提交申请的那台电脑" in row.why
    trips(ready, town, tmp_path / "stick-2", case_id)
    assert states(at_the_platform(town, mine)) == ["lodged"]

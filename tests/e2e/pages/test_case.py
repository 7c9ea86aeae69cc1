"""案件详情 in the window."""

from __future__ import annotations

import pytest

from tests.helpers.case_desk import CASE, told_case
from tests.helpers.desks import make_workplace
from tests.helpers.pages import Bench
from tests.helpers.screens import grab
from ui.pages.case import CasePage


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    told_case(place)
    made.add(CasePage(made.context))
    yield made
    made.close()


def test_see(bench):
    bench.show("case", case_id=CASE)
    grab(bench.shell, "case-light-100")
    for tab in ("parties", "evidence", "papers", "deadlines", "performance"):
        bench.shell.current.tabs.choose(tab)
        bench.idle()
        grab(bench.shell, f"case-{tab}")

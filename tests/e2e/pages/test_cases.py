"""案件 in the window."""

from __future__ import annotations

import pytest

from tests.helpers.case_desk import at, told_case
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench
from tests.helpers.screens import grab
from ui.pages.cases import CasesPage

MORE = (
    ("case-2", "小区停车费涨价", {"source": "platform"}),
    ("case-3", "装修尾款 3.2 万", {"dispute_kind": "contract", "source": "walk_in"}),
    ("case-4", "合租押金不退", {"state": "deciding", "source": "platform"}),
    ("case-5", "烧烤店油烟", {"state": "mediating", "accepted_at": at(11, 20, 9), "source": "police"}),
)


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    told_case(place)
    for case_id, title, more in MORE:
        incoming(place, case_id, title=title, **more)
    made.add(CasesPage(made.context))
    yield made
    made.close()


def test_see(bench):
    bench.show("cases")
    grab(bench.shell, "cases-light-100")
    bench.shell.current.look_at(bench.shell.current.table.current_key)
    bench.idle()
    grab(bench.shell, "cases-look")

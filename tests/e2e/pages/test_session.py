"""调解记录 in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.helpers.case_desk import CASE, told_case
from tests.helpers.desks import make_workplace
from tests.helpers.pages import Bench, type_chinese
from tests.helpers.screens import assert_named, assert_not_clipped, grab
from ui.pages.case import CasePage
from ui.pages.session import SessionPage


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    made = Bench(qtbot, look, place, tmp_path)
    told_case(place)
    made.add(SessionPage(made.context), CasePage(made.context))
    yield made
    made.close()


def test_see(bench):
    bench.show("session", case_id=CASE)
    page = bench.shell.current
    bench.click(page.steps.told_button)
    bench.key(Qt.Key.Key_F2)
    type_chinese(page.turns.editors[-1], "鉴定说了是楼上防水层的问题，客厅和过道两面墙都起皮了，要求把墙面修好。")
    bench.key(Qt.Key.Key_F3)
    type_chinese(page.turns.editors[-1], "面积认可，就按 18 平方米算。")
    bench.click(page.fact_button)
    grab(bench.shell, "session-light-100")

"""The command box over a real store: what the page offers, things to do, papers and cases, each once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.helpers.agreements import finalised
from tests.helpers.desks import make_workplace
from tests.helpers.pages import Bench
from ui.commands import Action, PaletteCommands
from ui.frame.palette_lines import PaletteGroup

KNOWN = Action("go:agreements", "协议与确认", "xyyqr", "待签、生效", "file-check", "Ctrl+4", lambda: "")
HERE = Action("press:case.agreement.draft", "起草协议", "", "三楼漏水", "file-pen-line", "", lambda: "")


@pytest.fixture
def bench(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    yield made
    made.close()


def asked(bench: Bench, commands: PaletteCommands, text: str, only: str = "") -> dict[str, list[str]]:
    told: list[Sequence[PaletteGroup]] = []
    commands.query(text, only, told.append)
    bench.idle()
    (groups,) = told
    return {
        group.title: [f"{item.text}{f'（{item.reason}）' if item.reason else ''}" for item in group.items]
        for group in groups
    }


def test_everything_under_its_heading(bench):
    finalised(bench.workplace)
    commands = PaletteCommands()
    commands.connect(lambda: bench.context.office, bench.operations, [KNOWN], lambda: [HERE])
    found = asked(bench, commands, "xy")
    assert found["做什么"][0] == "起草协议"
    assert found["做什么"][-1] == "协议与确认"
    assert "提交司法确认：三楼漏水赔墙面（协议还没有生效）" in found["做什么"]
    assert found["文书"] == ["调解协议书"]
    assert commands.route("paper:0") == ("case", {"case_id": "case-1", "tab": "papers"})
    assert commands.route("barred:0") is None
    assert list(asked(bench, commands, "xy", only="文书")) == ["文书"]
    assert asked(bench, commands, "漏水")["案件"] == ["三楼漏水赔墙面"]


def test_a_thing_to_do_leads_where_its_button_leads(bench):
    finalised(bench.workplace)
    commands = PaletteCommands()
    commands.connect(lambda: bench.context.office, bench.operations, [])
    told: list[Sequence[PaletteGroup]] = []
    commands.query("签", "做什么", told.append)
    bench.idle()
    (item,) = [one for one in told[0][0].items if not one.reason]
    assert commands.route(item.key) == ("effective", {"case_id": "case-1"})
    commands.disconnect()
    assert commands.route(item.key) is None

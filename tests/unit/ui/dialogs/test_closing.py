"""结案: what is asked for which outcome, and that it can all be seen on a small screen with large letters."""

from __future__ import annotations

import datetime as dt

import pytest
from PySide6.QtCore import Qt

from app.domain import closing as rules
from app.domain import exits
from app.services.agreement_seen import Seen
from app.services.case_seen import CaseSeen
from app.services.closing import ClosingForm
from tests.helpers.desks import make_workplace
from tests.helpers.pages import Bench, type_chinese
from tests.helpers.screens import assert_named, assert_not_clipped, grab
from ui.dialogs.closing import ClosingDialog
from ui.pages.working import WorkingPage


@pytest.fixture
def bench(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(WorkingPage(made.context, "plain"))
    made.show("plain")
    yield made
    made.close()


def form(outcome: str, *, told: bool) -> ClosingForm:
    routes = exits.routes(exits.pre_answers("neighbour"))
    return ClosingForm(
        outcome=outcome,
        ground="分歧较大",
        methods=rules.offered(rules.packaged_methods(), outcome),
        told=tuple(r.sentence for r in routes[:2]) if told else (),
        told_on=dt.date(2026, 11, 20) if told else None,
        to_tell=() if told or outcome == "agreed" else routes,
        seen=CaseSeen(outcome, "", 0, (), Seen()),
    )


@pytest.mark.parametrize(
    ("outcome", "told", "scale"),
    [("agreed", False, 100), ("failed", True, 100), ("failed", False, 100), ("failed", False, 150)],
)
def test_what_is_asked_can_be_seen(bench, plain_look, outcome, told, scale):
    plain_look.metrics.set_scale(scale / 100)
    page = bench.shell.current
    asked = ClosingDialog(page, "case-1", form(outcome, told=told), {})
    asked.open()
    bench.idle()
    grab(asked, f"closing-{outcome}-{'told' if told else 'untold'}-{scale}")
    assert_named(asked)
    assert_not_clipped(asked)
    assert asked.height() <= 768
    assert ("settled" in asked.methods.cards) is False
    assert ("not_held" in asked.methods.cards) is (outcome != "agreed")
    asked.reject()
    bench.idle()


def test_only_what_is_missing_is_named(bench):
    page = bench.shell.current
    asked = ClosingDialog(page, "case-1", form("failed", told=False), {"method": "telephone"})
    asked.open()
    bench.idle()
    assert asked.methods.value == "telephone"
    asked.submit()
    assert asked.fields["method"].message.text() == ""
    assert asked.fields["remedies"].message.text() == "至少选一条告知过的途径。"
    type_chinese(asked.summary, "谈了两次。")
    bench.key(Qt.Key.Key_Tab)
    assert asked.fields["remedies"].message.text() == "至少选一条告知过的途径。", "nothing was ticked"
    bench.click(asked.remedies.boxes[0][1])
    assert asked.fields["remedies"].message.text().startswith("办法第十一条")
    asked.reject()
    bench.idle()

"""Tab stops at the chosen one of several choices, however it was chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.frame.taborder import reading_order
from ui.theme.look import Look
from ui.widgets.base import column
from ui.widgets.choices import RadioCardGroup, Segmented


def test_a_choice_made_without_the_keys_is_where_tab_stops(look: Look, qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    ways = Segmented(look, "去向", [("a", "受理"), ("b", "不予受理")], name="w", value="a")
    cards = RadioCardGroup(look, "理由", [(n, n, "") for n in ("N1", "N2", "N3")], name="g")
    whole.setLayout(column(ways, cards))
    whole.show()
    whole.activateWindow()
    qtbot.waitUntil(whole.isActiveWindow)
    cards.choose("N1")
    assert [w.objectName() for w in reading_order(whole)] == ["w.a", "g.N1"]
    for was in (ways._buttons["a"], cards.cards["N1"]):
        was.setFocus()  # only now does Qt take Tab from the others
    ways.choose("b")
    cards.choose("N3")
    assert [w.objectName() for w in reading_order(whole)] == ["w.b", "g.N3"]

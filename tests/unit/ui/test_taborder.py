"""Tab stops at the chosen one of several choices, however it was chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers.screens import settle
from ui.frame.taborder import move, reading_order
from ui.theme.look import Look
from ui.widgets.base import column
from ui.widgets.choices import Segmented
from ui.widgets.radio_cards import RadioCardGroup


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


def test_the_arrow_keys_choose_also_where_nothing_is_chosen_yet(look: Look, qtbot: QtBot) -> None:
    cards = RadioCardGroup(look, "结果", [(n, n, "") for n in ("A", "B", "C")], name="g", columns=1)
    qtbot.addWidget(cards)
    cards.show()
    cards.activateWindow()
    qtbot.waitUntil(cards.isActiveWindow)
    chosen: list[str] = []
    cards.chosen.connect(chosen.append)
    cards.cards["A"].setFocus()
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert chosen == ["B", "C", "B"]
    assert QApplication.focusWidget() is cards.cards["B"]


def test_the_digits_choose_as_the_cards_are_read(look: Look, qtbot: QtBot) -> None:
    cards = RadioCardGroup(look, "网络", [(n, n, "") for n in ("A", "B", "C")], name="g")
    qtbot.addWidget(cards)
    cards.show()
    cards.activateWindow()
    qtbot.waitUntil(cards.isActiveWindow)
    chosen: list[str] = []
    cards.chosen.connect(chosen.append)
    cards.cards["A"].setFocus()
    cards.cards["B"].setEnabled(False)
    for key in (Qt.Key.Key_3, Qt.Key.Key_2, Qt.Key.Key_4, Qt.Key.Key_0, Qt.Key.Key_1):
        qtbot.keyClick(QApplication.focusWidget(), key)
    assert chosen == ["C", "A"]
    assert QApplication.focusWidget() is cards.cards["A"]
    qtbot.keyClick(cards.cards["A"], Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert chosen == ["C", "A"], "with Alt they belong to the page"


def test_a_page_that_has_the_keyboard_as_a_whole_begins_at_its_first_control(qtbot: QtBot) -> None:
    whole, page = QWidget(), QWidget()
    before, late, first = QPushButton("nav"), QPushButton("late"), QPushButton("first")
    page.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    page.setLayout(column(first, late))
    whole.setLayout(column(before, page))
    qtbot.addWidget(whole)
    whole.show()
    whole.activateWindow()
    qtbot.waitUntil(whole.isActiveWindow)
    for forward, expected in ((True, first), (False, before)):
        page.setFocus()
        assert move(whole, page, forward=forward)
        assert QApplication.focusWidget() is expected


def test_looking_for_the_order_leaves_no_layout_items_behind(qtbot: QtBot) -> None:
    """Rows made and deleted after Tab was pressed: events stay events for a filter in Python."""

    class Filter(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.strangers = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.strangers += not isinstance(event, QEvent)
            return False

    root = QWidget()
    qtbot.addWidget(root)
    lines = QVBoxLayout(root)
    root.show()
    seen = Filter()
    QApplication.instance().installEventFilter(seen)
    for _ in range(40):
        made = []
        for _ in range(10):
            holder = QWidget()
            inside = QVBoxLayout(holder)
            inside.addWidget(QPushButton("办"))
            lines.addWidget(holder)
            made.append(holder)
        settle()
        assert len(reading_order(root)) == 10
        for holder in made:
            holder.deleteLater()
        settle()
    QApplication.instance().removeEventFilter(seen)
    assert seen.strangers == 0

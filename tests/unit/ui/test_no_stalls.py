"""What keeps the GUI thread free: portions, the held garbage search, one event filter, names of stalls."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import delete

from tests.helpers.stalls import SamplingWatchdog, Stall
from ui.background import collector
from ui.background.collector import Collector
from ui.background.portions import Portions
from ui.frame.inputwatch import InputWatch, input_watch, watch
from ui.theme.look import Look
from ui.widgets.base import Text, column
from ui.widgets.buttons import Button


def test_portions_go_one_a_turn_and_a_new_row_takes_the_place_of_the_old(qtbot) -> None:  # type: ignore[no-untyped-def]
    done: list[str] = []
    owner = QObject()
    portions = Portions(owner)
    portions.begin([lambda: done.append("a"), lambda: done.append("b"), lambda: done.append("c")])
    assert done == []
    portions._next()
    assert done == ["a"]
    portions.begin([lambda: done.append("d"), lambda: done.append("e")])
    qtbot.waitUntil(lambda: not portions.busy)
    assert done == ["a", "d", "e"]
    portions.begin([lambda: done.append("f"), lambda: done.append("g")])
    portions.finish()
    assert done[-2:] == ["f", "g"]
    portions.begin([lambda: done.append("never")])
    portions.drop()
    QTest.qWait(1)
    assert "never" not in done


def test_a_portion_that_begins_a_new_row_is_followed_by_it(qtbot) -> None:  # type: ignore[no-untyped-def]
    done: list[str] = []
    owner = QObject()
    portions = Portions(owner)
    portions.begin([lambda: portions.begin([lambda: done.append("new")]), lambda: done.append("old")])
    qtbot.waitUntil(lambda: not portions.busy)
    assert done == ["new"]


class Knot:
    """An object that only a search finds."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def held(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    gc.enable()
    made = Collector()
    monkeypatch.setattr(collector, "YOUNG", 1)
    yield made
    made.stop()


def test_cycles_are_searched_on_the_gui_thread_alone(held: Collector) -> None:
    assert gc.isenabled()
    held.start()
    assert not gc.isenabled()
    knot = weakref.ref(Knot())
    assert knot() is not None
    held.look()
    assert knot() is None
    held.stop()
    assert gc.isenabled()


def test_what_stands_is_left_out_until_the_pages_go(held: Collector) -> None:
    held.start()
    before = gc.get_freeze_count()
    knot = weakref.ref(Knot())
    held.settle()
    assert gc.get_freeze_count() > before
    held.look()
    assert knot() is not None
    held.thaw()
    gc.collect()
    assert knot() is None


def test_one_filter_shows_each_kind_to_those_who_asked_and_forgets_the_dead(
    qapp: QApplication,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    seen: list[str] = []
    field, first, second = QWidget(), QObject(), QObject()
    qtbot.addWidget(field)

    def early(watched: QObject, _event: QEvent) -> bool:
        seen.append("early")
        return False

    def late(watched: QObject, _event: QEvent) -> bool:
        seen.append("late")
        return watched is field and len(seen) > 3

    watch(qapp, first, (QEvent.Type.KeyPress,), early)
    watch(qapp, second, (QEvent.Type.KeyPress, QEvent.Type.Wheel), late)
    assert len(qapp.findChildren(InputWatch)) == 1
    QTest.keyClick(field, Qt.Key.Key_A)
    assert seen == ["late", "early"]
    input_watch(qapp).pause(True)
    QTest.keyClick(field, Qt.Key.Key_A)
    assert seen == ["late", "early"]
    input_watch(qapp).pause(False)
    delete(first)
    QTest.keyClick(field, Qt.Key.Key_A)
    assert seen == ["late", "early", "late"]
    delete(second)
    QTest.keyClick(field, Qt.Key.Key_A)
    assert seen == ["late", "early", "late"]


def test_a_change_of_scheme_polishes_each_widget_once_or_twice_however_deep(
    qapp: QApplication,
    plain_look: Look,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    """Twelve widgets deep: replacing a sheet in force would polish the innermost a dozen times."""
    outer = QWidget()
    qtbot.addWidget(outer)
    step, text = outer, Text("里面", tone="textSecondary")
    for _ in range(12):
        inner = QWidget()
        step.setLayout(column(inner))
        step = inner
    step.setLayout(column(text))
    outer.show()
    polished: list[QEvent.Type] = []

    class Watcher(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.StyleChange:
                polished.append(event.type())
            return False

    watcher = Watcher()
    text.installEventFilter(watcher)
    plain_look.set_mode("dark")
    assert 1 <= len(polished) <= 4
    assert text.palette().color(text.foregroundRole()) == plain_look.color("textSecondary")


def test_keys_of_a_button_rest_while_it_is_unavailable(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    pressed: list[str] = []
    page = QWidget()
    qtbot.addWidget(page)
    button = Button(look, "存好", name="page.save", keys="Ctrl+Return", icon="check")
    button.clicked.connect(lambda: pressed.append(button.text()))
    page.setLayout(column(button))
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    keys = QKeySequence("Ctrl+Return")
    button.set_unavailable("还没有写")
    button.set_unavailable("还缺日期")
    button.relabel("存下来")
    assert button.toolTip() == "还缺日期"
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert pressed == []
    button.set_unavailable("")
    assert button.shortcut() == keys
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: pressed == ["存下来"])


def test_a_stall_names_what_the_window_did(qtbot) -> None:  # type: ignore[no-untyped-def]
    watchdog = SamplingWatchdog(limit_ms=50)
    watchdog.start()
    dawdle()
    worst = watchdog.stop()
    stall = Stall(worst, "a test", watchdog.worst_busy_ms, watchdog.worst_stacks)
    assert worst > 50
    assert "dawdle" in stall.report()


def dawdle() -> None:
    """Keep the thread for three tenths of a second."""
    end = time.perf_counter() + 0.3
    while time.perf_counter() < end:
        pass

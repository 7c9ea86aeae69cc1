"""Enter that is held acts once."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.frame.heldkeys import HeldKeys

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


_INSTANTS = itertools.count(5_000, 100_000)


@pytest.fixture
def now() -> int:
    """An instant far from those of the other tests: a guard of theirs may still look on."""
    return next(_INSTANTS)


def send(
    qapp: QApplication, widget: QWidget, key: Qt.Key, mods: Qt.KeyboardModifier, *, repeat: bool
) -> bool:
    """Both events of a press as the system sends them; whether the widget saw the press."""
    guard = HeldKeys(qapp, widget)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, key, mods, "", repeat)
    override.ignore()
    QApplication.sendEvent(widget, override)
    press = QKeyEvent(QEvent.Type.KeyPress, key, mods, "\r", repeat)
    seen: list[QEvent] = []
    widget.keyPressEvent = seen.append  # type: ignore[method-assign, assignment]
    QApplication.sendEvent(widget, press)
    guard.deleteLater()
    assert override.isAccepted() or not repeat or bool(seen)
    return bool(seen)


@pytest.mark.parametrize(
    ("made", "key", "mods", "passes"),
    [
        (QPushButton, Qt.Key.Key_Return, NONE, False),
        (QPushButton, Qt.Key.Key_Return, CTRL, False),
        (QPushButton, Qt.Key.Key_Space, NONE, False),
        (QPushButton, Qt.Key.Key_Down, NONE, True),
        (QLineEdit, Qt.Key.Key_Return, NONE, False),
        (QLineEdit, Qt.Key.Key_Space, NONE, True),
        (QPlainTextEdit, Qt.Key.Key_Return, NONE, True),
        (QPlainTextEdit, Qt.Key.Key_Return, CTRL, False),
    ],
)
def test_repetitions_act_only_where_one_writes(
    qapp: QApplication,
    qtbot: QtBot,
    made: type[QWidget],
    key: Qt.Key,
    mods: Qt.KeyboardModifier,
    passes: bool,
) -> None:
    class Seen(made):  # type: ignore[misc, valid-type]
        """So that its handler can be replaced."""

        def keyPressEvent(self, event: QKeyEvent) -> None:
            """Replaced."""

    widget = Seen()
    qtbot.addWidget(widget)
    assert send(qapp, widget, key, mods, repeat=True) == passes
    assert send(qapp, widget, key, mods, repeat=False)


@pytest.mark.parametrize(("later", "counts"), [(0, False), (3, False), (40, True)])
def test_a_repetition_that_is_not_marked_as_one_is_told_by_its_time(
    qapp: QApplication, qtbot: QtBot, now: int, later: int, counts: bool
) -> None:
    """X11: let go and pressed again in the same instant, as no finger does."""
    button = QPushButton("派一件新办件")
    qtbot.addWidget(button)
    guard = HeldKeys(qapp, button)
    let_go = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Return, CTRL)
    let_go.setTimestamp(now)
    QApplication.sendEvent(button, let_go)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Return, CTRL)
    override.setTimestamp(now + later)
    override.ignore()
    QApplication.sendEvent(button, override)
    guard.deleteLater()
    assert override.isAccepted() != counts


@pytest.mark.parametrize(("later", "counts"), [(50, False), (290, False), (900, True)])
def test_the_second_press_does_not_reach_what_lies_behind_a_dialog(
    qapp: QApplication, qtbot: QtBot, now: int, later: int, counts: bool
) -> None:
    """The first closed the dialog; what stands behind it was not meant."""
    window = QWidget()
    behind = QPushButton("再加", window)
    qtbot.addWidget(window)
    window.show()
    dialog = QDialog(window)
    sends = QPushButton("发送给平台", dialog)
    dialog.open()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is dialog)
    guard = HeldKeys(qapp, window)
    seen: list[str] = []
    for button, name in ((sends, "sends"), (behind, "behind")):
        button.installEventFilter(_Seen(button, name, seen))
    press(sends, now)
    dialog.accept()
    press(behind, now + later)
    assert seen == (["sends", "behind"] if counts else ["sends"])
    guard.deleteLater()


def test_two_presses_in_one_window_are_two(qapp: QApplication, qtbot: QtBot, now: int) -> None:
    window = QWidget()
    button = QPushButton("加一行", window)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    guard = HeldKeys(qapp, window)
    seen: list[str] = []
    button.installEventFilter(_Seen(button, "adds", seen))
    press(button, now)
    press(button, now + 100)
    assert seen == ["adds", "adds"]
    guard.deleteLater()


class _Seen(QObject):
    """Writes down the presses that reach a widget."""

    def __init__(self, parent: QWidget, name: str, seen: list[str]) -> None:
        super().__init__(parent)
        self._name, self._seen = name, seen

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            self._seen.append(self._name)
        return False


def press(widget: QWidget, at: int) -> None:
    """Enter, at an instant of the window system."""
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, NONE, "\r")
    event.setTimestamp(at)
    QApplication.sendEvent(widget, event)

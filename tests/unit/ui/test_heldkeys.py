"""Enter that is held acts once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.frame.heldkeys import HeldKeys

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


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
    qapp: QApplication, qtbot: QtBot, later: int, counts: bool
) -> None:
    """X11: let go and pressed again in the same instant, as no finger does."""
    button = QPushButton("派一件新办件")
    qtbot.addWidget(button)
    guard = HeldKeys(qapp, button)
    let_go = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Return, CTRL)
    let_go.setTimestamp(5_000)
    QApplication.sendEvent(button, let_go)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Return, CTRL)
    override.setTimestamp(5_000 + later)
    override.ignore()
    QApplication.sendEvent(button, override)
    guard.deleteLater()
    assert override.isAccepted() != counts

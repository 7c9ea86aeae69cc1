"""A double click on a button that opens a page presses nothing on that page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from ui.frame.clickthrough import ClickThroughGuard


def _send(button: QPushButton, kind: QEvent.Type) -> None:
    spot = QPointF(button.rect().center())
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    where = QPointF(button.mapToGlobal(button.rect().center()))
    QApplication.sendEvent(button, QMouseEvent(kind, spot, where, left, held, Qt.KeyboardModifier.NoModifier))


def test_the_rest_of_a_gesture_is_dropped_and_the_next_click_counts(qapp, qtbot) -> None:  # type: ignore[no-untyped-def]
    stack = QWidget()
    qtbot.addWidget(stack)
    button = QPushButton("受理并建案")
    QVBoxLayout(stack).addWidget(button)
    stack.show()
    pressed: list[int] = []
    button.clicked.connect(lambda: pressed.append(1))
    guard = ClickThroughGuard(qapp, stack)
    guard.page_changed()
    for kind in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
        _send(button, kind)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        _send(button, kind)
    assert pressed == []
    qtbot.waitUntil(lambda: not guard._fresh())
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        _send(button, kind)
    assert pressed == [1]


def test_a_double_click_that_began_on_the_new_page_counts(qapp, qtbot) -> None:  # type: ignore[no-untyped-def]
    stack = QWidget()
    qtbot.addWidget(stack)
    button = QPushButton("打开")
    QVBoxLayout(stack).addWidget(button)
    stack.show()
    pressed: list[int] = []
    button.clicked.connect(lambda: pressed.append(1))
    guard = ClickThroughGuard(qapp, stack)
    guard.page_changed()
    for kind in (
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.MouseButtonRelease,
    ):
        _send(button, kind)
    assert pressed == [1, 1]

"""A widget that is shown before it has a place flashes up as a window of its own and takes the focus away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from ui.widgets.fields import FormField
from ui.widgets.masked import MaskedField
from ui.widgets.radio_cards import RadioCardGroup
from ui.widgets.states import EmptyState, InfoBar


class Windows(QObject):
    """Notes every widget that is shown as a window."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


@pytest.fixture
def windows(qapp):
    made = Windows()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(made)
    yield made
    app.removeEventFilter(made)


def test_building_a_widget_shows_nothing(windows, look):
    parts = [
        MaskedField(look, "电话", "138****6612", name="t.phone.value", reveal=lambda *_: None),
        EmptyState(look, "没有", name="t.empty", hint="说明", action="去做"),
        InfoBar(look, "info", "标题", "说明", name="t.bar", action="去做"),
        FormField("名称", QLineEdit(), hint="说明"),
        RadioCardGroup(look, "选择", (("a", "甲", "说明"), ("b", "乙", "")), name="t.cards"),
    ]
    assert windows.shown == []
    for part in parts:
        part.deleteLater()

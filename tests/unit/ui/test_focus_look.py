"""Qt's own dotted or blue rectangle does not stand beside our ring."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.theme.look import Look
from ui.widgets.base import column
from ui.widgets.buttons import Button, FlatButton, IconButton, LinkButton, PrimaryButton
from ui.widgets.choices import CheckBox, Segmented
from ui.widgets.radio_cards import RadioCardGroup
from ui.widgets.tabs import Tabs


def _picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


@pytest.mark.parametrize("mode", ["light", "dark", "highContrast"])
def test_a_control_paints_no_focus_of_its_own(qtbot: QtBot, plain_look: Look, mode: str) -> None:
    look = plain_look
    look.set_mode(mode)
    host = QWidget()
    qtbot.addWidget(host)
    segments = Segmented(look, "去向", (("a", "受理"), ("b", "退回")), name="t.segment", value="a")
    cards = RadioCardGroup(look, "结果", (("a", "愿意", ""), ("b", "不愿意", "")), name="t.card")
    controls: list[QWidget] = [
        Button(look, "看日历", name="t.button", icon="calendar-days"),
        Button(look, "看缺什么", name="t.compact", compact=True),
        LinkButton(look, "看依据", name="t.link"),
        FlatButton(look, "记为无争议", name="t.flat"),
        PrimaryButton(look, "打印", name="t.primary"),
        PrimaryButton(look, "解锁", name="t.plain", keys="", show_keys=False),
        IconButton(look, "eye", "看看", name="t.icon"),
        CheckBox(look, "写进告知书", name="t.check"),
        *segments.findChildren(QPushButton),
    ]
    elsewhere = QLineEdit()
    host.setLayout(
        column(
            *controls[:-2], segments, cards, Tabs(look, "页签", (("a", "经过"),), name="t.tabs"), elsewhere
        )
    )
    host.show()
    host.activateWindow()
    # As after a Tab: without it Qt itself draws nothing.
    host.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    for control in controls:
        elsewhere.setFocus()
        qtbot.waitUntil(elsewhere.hasFocus)
        before = _picture(control)
        control.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(control.hasFocus)
        assert _picture(control) == before, control.objectName()

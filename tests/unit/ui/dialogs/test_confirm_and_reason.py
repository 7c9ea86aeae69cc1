"""The confirmation and the reason dialog: focus, keys, wording, nothing typed is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget

from tests.helpers.screens import assert_named, assert_not_clipped, grab, key_focus, settle
from ui.dialogs.confirm import Confirmation, ConfirmDialog, confirm
from ui.dialogs.reason import ReasonRequest, ask_reason

SEND = Confirmation(
    title="把受理决定发给平台",
    effects=("将把受理决定发给平台并告知申请人。", "案件得到编号，期限从今天起算。"),
    lasting="发出后要改须走更正。",
    action="发送给平台",
)
WHY = ReasonRequest(
    title="退回平台",
    question="写明为什么退回，平台会转给下一个机构看。",
    action="写好，去确认",
    choices=(("area", "不在本街镇", "当事人和发生地都不在"), ("other", "其他", "自己写")),
)


@pytest.fixture
def host(qtbot, look):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    widget.show()
    return widget


def test_a_stray_enter_goes_back_and_tab_enter_acts(qtbot, look, host):
    done: list[str] = []
    dialog = confirm(look, host, SEND, lambda: done.append("sent"))
    settle()
    assert key_focus(dialog) is dialog.back_button
    qtbot.keyClick(dialog.back_button, Qt.Key.Key_Return)
    settle()
    assert done == []
    dialog = confirm(look, host, SEND, lambda: done.append("sent"))
    settle()
    qtbot.keyClick(dialog.back_button, Qt.Key.Key_Tab)
    assert key_focus(dialog) is dialog.action_button
    qtbot.keyClick(dialog.action_button, Qt.Key.Key_Return)
    settle()
    assert done == ["sent"]


def test_escape_and_the_mouse(qtbot, look, host):
    done: list[str] = []
    dialog = confirm(look, host, SEND, lambda: done.append("sent"))
    settle()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    settle()
    dialog = confirm(look, host, SEND, lambda: done.append("sent"))
    settle()
    qtbot.mouseClick(dialog.action_button, Qt.MouseButton.LeftButton)
    assert done == ["sent"]


@pytest.mark.parametrize("mode", ["light", "dark", "highContrast"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_both_can_be_read_in_every_look(qtbot, plain_look, mode, scale):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    dialog = ConfirmDialog(plain_look, SEND)
    qtbot.addWidget(dialog)
    grab(dialog, f"dialog-confirm-{mode}-{round(scale * 100)}")
    assert_not_clipped(dialog)
    assert_named(dialog)
    host = QWidget()
    qtbot.addWidget(host)
    why = ask_reason(plain_look, host, WHY, lambda *_: None)
    grab(why, f"dialog-reason-{mode}-{round(scale * 100)}")
    assert_not_clipped(why)
    assert_named(why)
    why.reject()
    settle()


def test_a_reason_is_needed_kept_and_given(qtbot, look, host):
    kept: list[str] = []
    given: list[tuple[str, str]] = []

    def take(dialog, choice, text):
        given.append((choice, text))
        if len(given) == 1:
            dialog.show_problem("平台没有收这个理由，换个说法。")
        else:
            dialog.accept()

    dialog = ask_reason(look, host, WHY, take)
    dialog.typed.connect(kept.append)
    settle()
    qtbot.mouseClick(dialog.action_button, Qt.MouseButton.LeftButton)
    assert given == []
    assert dialog.field.message.text() == WHY.needed
    QApplication.sendEvent(dialog.text, _committed("双方都住在另一个街镇"))
    qtbot.mouseClick(dialog.choices.cards["area"], Qt.MouseButton.LeftButton)
    assert dialog.text.toPlainText() == "双方都住在另一个街镇"
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(given))
    assert given == [("area", "双方都住在另一个街镇")]
    assert dialog.field.message.text().startswith("平台没有收")
    assert dialog.isVisible()
    dialog.submit()
    settle()
    assert len(given) == 2
    assert kept == ["双方都住在另一个街镇"]


def test_a_ready_reason_fills_an_empty_field_and_leaving_keeps_the_words(qtbot, look, host):
    kept: list[str] = []
    dialog = ask_reason(look, host, WHY, lambda *_: None)
    dialog.typed.connect(kept.append)
    settle()
    qtbot.mouseClick(dialog.choices.cards["area"], Qt.MouseButton.LeftButton)
    assert dialog.text.toPlainText() == "不在本街镇。"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    settle()
    assert kept == ["不在本街镇。"]


def _committed(text: str) -> QInputMethodEvent:
    event = QInputMethodEvent()
    event.setCommitString(text)
    return event

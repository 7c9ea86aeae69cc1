"""What was not sent is told once as the window goes, where the desktop can show it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from ui.frame.tray import tell_unsent


@pytest.mark.parametrize(
    ("number", "here", "said"),
    [(5, True, ["5 项还没发出，都存在本机，下次打开会接着发。"]), (0, True, []), (5, False, [])],
)
def test_it_is_told_once_where_it_can_be(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, number: int, here: bool, said: list[str]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setWindowTitle("解纷工作台")
    told: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: here)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: here)
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _self: None)
    monkeypatch.setattr(
        QSystemTrayIcon, "showMessage", lambda _self, _title, words, *_more: told.append(words)
    )
    assert tell_unsent(window, number) == bool(said)
    assert told == said

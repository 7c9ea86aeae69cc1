"""At the end: what was not sent yet is told once, outside the window that is going (界面设计 6)."""

from __future__ import annotations

from PySide6.QtWidgets import QSystemTrayIcon, QWidget

SHOWN_MS = 8_000


def unsent_words(number: int) -> str:
    """What is said of ``number`` things that wait; empty for none."""
    return f"{number} 项还没发出，都存在本机，下次打开会接着发。" if number else ""


def tell_unsent(window: QWidget, number: int) -> bool:
    """Say it where the desktop shows notices, under the window's name; whether it was said.

    Closing is not held up for it.
    """
    words = unsent_words(number)
    if not words or not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
        return False
    tray = QSystemTrayIcon(window.windowIcon(), window)
    tray.show()
    tray.showMessage(window.windowTitle(), words, window.windowIcon(), SHOWN_MS)
    return True

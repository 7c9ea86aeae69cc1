"""What a screen reader is told about widgets whose own telling cannot be relied on."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QScrollArea


def install() -> None:
    """Have scroll areas answer by the common rule of widgets.

    Qt 6.9's own class for them does not look whether the child asked for is there. A screen reader that
    counted the children before a scroll bar went away and asks for the last one afterwards then ends the
    whole program; the common class answers that there is none.
    """
    QAccessible.installFactory(_scroll_area)


def _scroll_area(name: str, widget: QObject) -> QAccessibleInterface | None:
    if name == "QScrollArea" and isinstance(widget, QScrollArea):
        return QAccessibleWidget(widget, QAccessible.Role.Client, "")
    return None

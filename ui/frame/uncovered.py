"""What a passing notice must not lie on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from ui.pages.base import Page
from ui.widgets.fields import FormField
from ui.widgets.states import InfoBar

ALWAYS = (QAbstractButton, InfoBar, QLineEdit, QPlainTextEdit, QTextEdit)


def not_covered(page: Page | None, host: QWidget) -> Sequence[QRect]:
    """Places in ``host``: buttons, notice bars, where one writes, the page's foot, and of the field in hand
    what is wrong in it."""
    if page is None:
        return ()
    typing = page.focusWidget()
    parts: list[QWidget] = [page.bottom_bar]
    parts += [one for one in page.findChildren(QWidget) if isinstance(one, ALWAYS) and one.isVisible()]
    parts += [one for one in page.findChildren(FormField) if typing is not None and one.isAncestorOf(typing)]
    return [
        QRect(one.mapTo(host, box.topLeft()), box.size())
        for one in parts
        if not one.visibleRegion().isEmpty() and (box := one.visibleRegion().boundingRect())
    ]

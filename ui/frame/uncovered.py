"""What a passing notice must not lie on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from ui.pages.base import Page
from ui.widgets.fields import FormField
from ui.widgets.states import InfoBar


@runtime_checkable
class PaintsButtons(Protocol):
    """A list whose rows have buttons that are no controls of their own."""

    def painted_buttons(self) -> list[QRect]:
        """Where they stand in the viewport."""


ALWAYS = (QAbstractButton, InfoBar, QLineEdit, QPlainTextEdit, QTextEdit)


def not_covered(page: Page | None, host: QWidget) -> Sequence[QRect]:
    """Places in ``host``: buttons, notice bars, where one writes and what, the page's foot, an open drawer,
    and of the field in hand what is wrong in it."""
    if page is None:
        return ()
    typing = page.focusWidget()
    parts: list[QWidget] = [page.bottom_bar]
    parts += [one for one in page.findChildren(QWidget) if isinstance(one, ALWAYS) and one.isVisible()]
    fields = page.findChildren(FormField)
    parts += [one.label for one in fields if one.label.isVisible()]
    parts += [one for one in fields if typing is not None and one.isAncestorOf(typing)]
    shown = [
        QRect(one.mapTo(host, box.topLeft()), box.size())
        for one in parts
        if not one.visibleRegion().isEmpty() and (box := one.visibleRegion().boundingRect())
    ]
    if page.drawer.is_open:
        drawer = QRect(page.drawer.mapTo(host, QPoint(0, 0)), page.drawer.size())
        shown.append(drawer.intersected(host.rect()))
    return [*shown, *_painted(page, host)]


def _painted(page: Page, host: QWidget) -> Iterator[QRect]:
    """Buttons in the rows of lists, as far as they show."""
    for view in page.findChildren(QAbstractItemView):
        if isinstance(view, PaintsButtons) and view.isVisible():
            seen = view.viewport().visibleRegion().boundingRect()
            for box in view.painted_buttons():
                if not (shown := box.intersected(seen)).isEmpty():
                    yield QRect(view.viewport().mapTo(host, shown.topLeft()), shown.size())

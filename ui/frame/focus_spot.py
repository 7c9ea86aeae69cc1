"""Where the person was in a page, remembered so that it is found again after the page was built anew."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ui.frame.taborder import reading_order
from ui.pages.base import Page
from ui.widgets.base import first_focusable
from ui.widgets.buttons import PrimaryButton


@dataclass(frozen=True)
class Spot:
    """A control that had the keyboard. ``name``: its own, or that of the nearest named thing it lies in."""

    page: QWidget
    control: QWidget
    name: str
    place: QPoint

    @classmethod
    def of(cls, page: QWidget, control: QWidget) -> Spot:
        """Remember ``control`` of ``page``."""
        named: QWidget | None = control
        while named is not None and named is not page and not named.objectName():
            named = named.parentWidget()
        name = named.objectName() if named is not None and named is not page else ""
        return cls(page, control, name, control.mapTo(page, control.rect().center()))

    def again(self) -> QWidget | None:
        """The control itself, or the one of its name that took its place; ``None`` when both are gone."""
        if fit(self.control):
            return self.control
        if not self.name:
            return None
        namesakes = (one for one in self.page.findChildren(QWidget, self.name) if one.isVisible())
        found = (one if fit(one) else first_focusable(one) for one in namesakes)
        return next((one for one in found if one is not None), None)

    def nearest(self) -> QWidget | None:
        """The control of the page that lies nearest to where this one was."""

        def far(one: QWidget) -> int:
            return (one.mapTo(self.page, one.rect().center()) - self.place).manhattanLength()

        return min((one for one in reading_order(self.page) if one is not self.page), key=far, default=None)


def fit(control: QWidget | None) -> bool:
    """Whether the keyboard can be at ``control``."""
    return (
        control is not None
        and isValid(control)
        and control.isVisible()
        and control.isEnabled()
        and control.focusPolicy() != Qt.FocusPolicy.NoFocus
    )


def next_step(page: QWidget) -> QWidget | None:
    """The page's primary button, where it can be pressed; some pages have it beside what it acts on."""
    primary = page.primary if isinstance(page, Page) else None
    buttons = [primary] if primary is not None else page.findChildren(PrimaryButton)
    return next((one for one in buttons if fit(one) and not one.unavailable), None)

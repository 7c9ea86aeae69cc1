"""Tab goes through the window in reading order (界面设计 8), also where rows were made late.

Qt's own chain holds controls in the order in which they were made. Here the layouts say what comes next,
each time the key is pressed, so nothing must be put in order when a page reads anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)

MARGIN = 24
"""Kept around a control that is scrolled into sight."""


def reading_order(root: QWidget) -> list[QWidget]:
    """The controls under ``root`` that take Tab now, as they are read."""
    return list(_walk(root))


def move(root: QWidget, current: QWidget | None, *, forward: bool) -> bool:
    """Give the focus to the control after (or before) ``current``; false when there is none.

    A page that has the focus as a whole stands before the first of its controls.
    """
    ring = reading_order(_uppermost(root))
    following = _following(ring, current, forward=forward)
    if following is None:
        return False
    reasons = Qt.FocusReason
    following.setFocus(reasons.TabFocusReason if forward else reasons.BacktabFocusReason)
    into_sight(following)
    return True


def _following(ring: list[QWidget], current: QWidget | None, *, forward: bool) -> QWidget | None:
    if current is not None and current not in ring:
        first = next((number for number, one in enumerate(ring) if current.isAncestorOf(one)), None)
        if first is not None:
            return ring[first if forward else first - 1]
    here = current
    while here is not None and here not in ring:
        here = here.parentWidget()
    return None if here is None else ring[(ring.index(here) + (1 if forward else -1)) % len(ring)]


def _uppermost(root: QWidget) -> QWidget:
    """What covers all of ``root`` (lock, first start), else ``root``."""
    layout = root.layout()
    covers = [
        child
        for child in root.children()
        if isinstance(child, QWidget)
        and child.isVisible()
        and child.size() == root.size()
        and (layout is None or layout.indexOf(child) < 0)
    ]
    return covers[-1] if covers else root


def _walk(widget: QWidget) -> Iterator[QWidget]:
    if not widget.isVisible() or not widget.isEnabled():
        return
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    chosen = _chosen_beside(widget)
    if chosen is not None:
        # Qt moves the policy with the keys only: after a choice by Alt+2 it is still at another one.
        takes = chosen is widget
    if takes and widget.focusProxy() is None:
        yield widget
    for child in _children(widget):
        yield from _walk(child)


def _chosen_beside(widget: QWidget) -> QAbstractButton | None:
    """The chosen one of the choices that ``widget`` is one of: Tab stops there, the arrows at the others."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    if group is None or not group.exclusive():
        return None
    chosen = group.checkedButton()
    return chosen if chosen is not None and chosen.isVisible() and chosen.isEnabled() else None


def _children(widget: QWidget) -> list[QWidget]:
    if isinstance(widget, QScrollArea):
        inner = widget.widget()
        return [inner] if inner is not None else []
    if isinstance(widget, QStackedWidget):
        front = widget.currentWidget()
        return [front] if front is not None else []
    if isinstance(widget, QSplitter):
        return [widget.widget(number) for number in range(widget.count())]
    if isinstance(widget, (QAbstractScrollArea, QAbstractSpinBox, QComboBox)):
        return []
    inside = [c for c in widget.children() if isinstance(c, QWidget) and not c.isWindow()]
    layout = widget.layout()
    placed = list(_placed(layout, inside)) if layout is not None else []
    return [*placed, *(child for child in inside if child not in placed)]


def _placed(layout: QLayout, inside: list[QWidget]) -> Iterator[QWidget]:
    """Those of ``inside`` that ``layout`` holds, in its order.

    Asked by place, not item by item: PySide keeps what ``itemAt`` gave after Qt has deleted the item, and
    hands it out again as whatever comes to lie at the same address, such as an event.
    """
    parts: list[tuple[int, QWidget | QLayout]] = [(layout.indexOf(widget), widget) for widget in inside]
    parts += [(layout.indexOf(inner), inner) for inner in layout.children() if isinstance(inner, QLayout)]
    for place, part in sorted(parts, key=lambda one: one[0]):
        if place < 0:
            continue
        if isinstance(part, QLayout):
            yield from _placed(part, inside)
        else:
            yield part


def into_sight(widget: QWidget) -> None:
    """Scroll ``widget`` into sight in everything that scrolls around it."""
    step = widget.parentWidget()
    while step is not None:
        if isinstance(step, QScrollArea) and step.widget() is not None:
            step.ensureWidgetVisible(widget, MARGIN, MARGIN)
        step = step.parentWidget()

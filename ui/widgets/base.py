"""What all widgets share: names for people and for automation, text labels, dividers, layouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFocusEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from ui.theme import tokens
from ui.theme.look import Look

SPACE = {int(k): int(v) for k, v in tokens.raw()["spacing"].items() if k.isdigit()}
PAGE_PADDING = int(tokens.raw()["spacing"]["pagePadding"])
VIEW_MARGIN = 8
"""Above and below what is scrolled into view."""
CARD_PADDING = int(tokens.raw()["spacing"]["cardPadding"])
UNBOUND = (1 << 24) - 1
"""Qt's own largest width."""


def identify(widget: QWidget, name: str, spoken: str = "", describe: str = "") -> None:
    """Give a control its ``objectName`` (``page.action.target``) and what a screen reader says."""
    widget.setObjectName(name)
    if spoken:
        widget.setAccessibleName(spoken)
    if describe:
        widget.setAccessibleDescription(describe)


def announce(widget: QWidget, text: str) -> None:
    """Have the screen reader say ``text`` once, such as 已存在本机."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def option_parts(option: Any) -> tuple[QRectF, QStyle.StateFlag]:
    """Place and state out of a delegate's option; Qt's type hints leave both out."""
    return QRectF(option.rect), option.state


def first_focusable(area: QWidget) -> QWidget | None:
    """The first control in ``area``, in tab order, that takes the keyboard focus; ``area`` itself first."""
    step: QWidget | None = area
    while step is not None:
        inside = step is area or area.isAncestorOf(step)
        if inside and step.focusPolicy() & Qt.FocusPolicy.TabFocus and step.isVisible() and step.isEnabled():
            return step
        step = step.nextInFocusChain()
        if step is area:
            return None
    return None


def bring_into_view(*widgets: QWidget) -> None:
    """Scroll what lies around ``widgets`` until they show, the last one in any case.

    It happens once the layout has placed what has just appeared.
    """

    def show() -> None:
        for widget in widgets:
            if not widget.isVisible():
                continue
            around = widget.parentWidget()
            while around is not None:
                if isinstance(around, QScrollArea):
                    around.ensureWidgetVisible(widget, 0, VIEW_MARGIN)
                around = around.parentWidget()

    QTimer.singleShot(0, widgets[0], show)


def repolish(widget: QWidget) -> None:
    """Apply the style sheet again after a dynamic property changed.

    A widget that was never shown takes the style when it is; until then there is nothing to renew.
    """
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def row(*items: QWidget | QLayout | int | None, spacing: int = 8) -> QHBoxLayout:
    """A horizontal layout; ``None`` stretches, a number is a gap."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    _fill(layout, items)
    return layout


def fields_beside(*fields: QWidget, spacing: int = 12) -> QHBoxLayout:
    """Fields side by side, their labels in one line however many lines a message below one of them takes."""
    layout = row(spacing=spacing)
    for field in fields:
        layout.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
    return layout


def column(*items: QWidget | QLayout | int | None, spacing: int = 8) -> QVBoxLayout:
    """A vertical layout; ``None`` stretches, a number is a gap."""
    layout = QVBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    _fill(layout, items)
    return layout


def _fill(layout: QHBoxLayout | QVBoxLayout, items: tuple[QWidget | QLayout | int | None, ...]) -> None:
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)


def clear(layout: QLayout) -> None:
    """Take everything out of ``layout`` and delete the widgets."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


class Text(QLabel):
    """A label in a step of the type scale and a tone.

    A tone is a base colour (``text``, ``textSecondary``) or a status (``dueToday``).
    """

    def __init__(
        self,
        text: str = "",
        *,
        role: str = "body",
        tone: str = "text",
        wrap: bool = False,
        selectable: bool = False,
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )

    def set_tone(self, tone: str) -> None:
        """Change the colour by token."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            repolish(self)


class IconLabel(QLabel):
    """An icon that stands beside a text and never alone; screen readers pass over it."""

    def __init__(self, look: Look, icon: str, *, color: str = "text", edge: int = 20) -> None:
        super().__init__()
        self._look, self._icon, self._color, self._edge = look, icon, color, edge
        look.follow(self, self.restyle)

    def set_icon(self, icon: str, color: str | None = None) -> None:
        """Show another icon."""
        self._icon = icon
        self._color = color or self._color
        self.restyle()

    def restyle(self) -> None:
        """Draw again after a change of look."""
        edge = self._look.metrics.px(self._edge)
        self.setPixmap(self._look.pixmap(self._icon, self._color, edge, self.devicePixelRatioF()))
        self.setFixedSize(edge, edge)


class Divider(QFrame):
    """A thin line between sections of a card; its width is the style sheet's, two pixels in high contrast."""

    def __init__(self, *, vertical: bool = False) -> None:
        super().__init__()
        self.setProperty("kind", "divider")
        self.setProperty("way", "upright" if vertical else "across")
        policy = QSizePolicy.Policy
        self.setSizePolicy(
            policy.Fixed if vertical else policy.Expanding, policy.Expanding if vertical else policy.Fixed
        )


class FocusOutWatcher(QObject):
    """Calls ``left`` when the focus leaves the watched editor for another widget of the window."""

    def __init__(self, editor: QWidget, left: Callable[[], object]) -> None:
        super().__init__(editor)
        self._left = left
        watched = editor.focusProxy() or editor
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the focus leaving; a popup, another window or a part of the editor does not count."""
        if event.type() == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            reason, now = event.reason(), QApplication.focusWidget()
            inside = isinstance(watched, QWidget) and now is not None and watched.isAncestorOf(now)
            away = reason not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
            if away and not inside:
                self._left()
        return False

"""Choosing: segments, check boxes, combo boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QIcon,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QPushButton,
    QSizePolicy,
)

from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import identify, row
from ui.widgets.buttons import ICON_GAP, spaced
from ui.widgets.radio_mark import paint_check


class Segmented(QFrame):
    """Short choices in one bar; ``chosen(key)`` on a change; arrows move; ``solid`` fills the chosen one."""

    chosen = Signal(str)

    def __init__(
        self,
        look: Look,
        spoken: str,
        choices: Sequence[tuple[str, str]],
        *,
        name: str,
        value: str = "",
        tick: bool = False,
        solid: bool = False,
    ) -> None:
        super().__init__()
        self.look, self._tick, self._solid = look, tick, solid
        self.setProperty("kind", "segmented")
        self.setProperty("solid", solid)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        identify(self, name, spoken)
        self._group = QButtonGroup(self)
        self._keys = [key for key, _ in choices]
        self._buttons: dict[str, QPushButton] = {}
        inside = row(spacing=2)
        inside.setContentsMargins(2, 2, 2, 2)
        for index, (key, text) in enumerate(choices):
            button = QPushButton(text)
            button.setProperty("kind", "segment")
            button.setProperty("solid", solid)
            button.setCheckable(True)
            button.setAutoDefault(False)
            identify(button, f"{name}.{key}", f"{spoken}，{text}")
            self._group.addButton(button, index)
            self._buttons[key] = button
            inside.addWidget(button)
        self.setLayout(inside)
        if value:
            self._buttons[value].setChecked(True)
        self._group.idToggled.connect(self._toggled)
        look.follow(self, self.restyle)

    @property
    def value(self) -> str:
        """The chosen key; empty when none is."""
        index = self._group.checkedId()
        return self._keys[index] if index >= 0 else ""

    def choose(self, key: str) -> None:
        """Choose ``key``. Raises ``KeyError``."""
        self._buttons[key].setChecked(True)

    def relabel(self, key: str, text: str) -> None:
        """Change the words of one choice, such as its count."""
        self._buttons[key].setText(text)
        self._buttons[key].setAccessibleName(f"{self.accessibleName()}，{text}")

    def restyle(self) -> None:
        """Show the tick at the choice where one is wanted."""
        marks = self._tick or self.look.colors.high_contrast
        for key, button in self._buttons.items():
            if marks and key == self.value:
                ink, edge = "onPrimary" if self._solid else "text", self.look.metrics.icon_small
                button.setIcon(spaced(self.look.icon("check", ink, edge), edge))
                button.setIconSize(QSize(edge + ICON_GAP, edge))
            else:
                button.setIcon(QIcon())

    def _toggled(self, index: int, on: bool) -> None:
        if on:
            self.restyle()
            self.chosen.emit(self._keys[index])


class CheckBox(QCheckBox):
    """A check box that draws its mark in token colours."""

    def __init__(self, look: Look, text: str, *, name: str, wrap: bool = False) -> None:
        """``wrap`` breaks long words into lines where there is less room."""
        super().__init__(text)
        self.look, self._wrap = look, wrap
        identify(self, name, text)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        look.follow(self, self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, tick and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self.look.metrics.px(18)
        box = QRectF(1, (self.height() - edge) / 2, edge, edge)
        paint_check(painter, self.look, box, on=self.isChecked())
        painter.setPen(self.look.color("text" if self.isEnabled() else "textDisabled"))
        painter.setFont(self.look.font("body"))
        words = QRect(round(box.right()) + 8, 0, self.width() - edge - 9, self.height())
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(words, flags | (int(Qt.TextFlag.TextWordWrap) if self._wrap else 0), self.text())
        painter.end()

    def heightForWidth(self, width: int) -> int:
        """As many lines as the words need."""
        room = QRect(0, 0, max(width - self.look.metrics.px(18) - 9, 60), 10_000)
        metrics = QFontMetrics(self.look.font("body"))
        high = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.text()).height()
        return max(high + 4, self.look.metrics.hit)

    def minimumSizeHint(self) -> QSize:
        """Wrapped words need little width."""
        return QSize(self.look.metrics.px(160), self.look.metrics.hit) if self._wrap else self.sizeHint()

    def sizeHint(self) -> QSize:
        """Mark and words, whole."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(words + self.look.metrics.px(18) + 14, self.look.metrics.hit)

    def hitButton(self, pos: QPoint) -> bool:
        """Mark and words take the click."""
        return self.rect().contains(pos)


class ComboBox(QComboBox):
    """A drop-down in token colours. Its spoken name is its label's; screen readers add the current text."""

    def __init__(
        self,
        look: Look,
        spoken: str,
        choices: Sequence[tuple[str, str]],
        *,
        name: str,
        icons: Mapping[str, str] | None = None,
    ) -> None:
        """``icons`` by key stand before the words."""
        super().__init__()
        self.look, self._icons = look, icons or {}
        identify(self, name, spoken)
        for key, text in choices:
            self.addItem(text, key)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Icons at the present look."""
        edge = self.look.metrics.icon_small
        for key, icon in self._icons.items():
            plain = self.look.icon(icon, "textSecondary", edge)
            self.setItemIcon(self.findData(key), spaced(plain, edge))
        if self._icons:
            self.setIconSize(QSize(edge + ICON_GAP, edge))
        self.update()

    @property
    def value(self) -> str:
        """The chosen key."""
        return str(self.currentData() or "")

    def choose(self, key: str) -> None:
        """Choose ``key``; nothing when it is not offered."""
        self.setCurrentIndex(self.findData(key))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling the page over a closed box must not change it."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's box, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        edge = self.look.metrics.icon_small
        spot = QRectF(self.width() - edge - 10, (self.height() - edge) / 2, edge, edge)
        color = "textSecondary" if self.isEnabled() else "textDisabled"
        icons.paint(painter, "chevron-down", self.look.colors[color], spot)
        painter.end()

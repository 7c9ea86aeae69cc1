"""Tabs with counts: the number stands smaller and lighter behind the words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionTab, QStylePainter, QTabBar

from ui.theme.look import Look
from ui.widgets.base import identify

SIDE, GAP = 14, 6
"""Beside the words of a tab, and before its number."""


class Tabs(QTabBar):
    """Tabs with counts (当事人 2); ``chosen(key)`` when the person changes."""

    chosen = Signal(str)

    def __init__(self, look: Look, spoken: str, tabs: Sequence[tuple[str, str]], *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self._texts = dict(tabs)
        self._keys = [key for key, _ in tabs]
        self._counts: dict[str, str] = {}
        for _key, text in tabs:
            self.addTab(text)
        self.currentChanged.connect(self._changed)

    @property
    def value(self) -> str:
        """The key of the tab in front."""
        return self._keys[self.currentIndex()]

    def choose(self, key: str) -> None:
        """Bring a tab to the front. Raises ``ValueError``."""
        self.setCurrentIndex(self._keys.index(key))

    def set_count(self, key: str, count: int | None) -> None:
        """Write the number of things behind the tab; ``None`` writes no number."""
        self._counts[key] = "" if count is None else f"{count:,}"
        self.setTabText(self._keys.index(key), f"{self._texts[key]} {self._counts[key]}".strip())

    def tabSizeHint(self, index: int) -> QSize:
        """Words in bold, so that nothing moves when the tab comes to the front, and the number."""
        key = self._keys[index]
        wide = QFontMetrics(self.look.font("bodyStrong")).horizontalAdvance(self._texts[key]) + 2 * SIDE
        if count := self._counts.get(key, ""):
            wide += GAP + QFontMetrics(self.look.font("label", bold=True)).horizontalAdvance(count)
        return QSize(wide + 2, super().tabSizeHint(index).height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Never cut."""
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's shape, then words and number."""
        painter = QStylePainter(self)
        order = [i for i in range(self.count()) if i != self.currentIndex()]
        for index in [*order, self.currentIndex()]:
            if index < 0 or not self.isTabVisible(index):
                continue
            option = QStyleOptionTab()
            self.initStyleOption(option, index)
            painter.drawControl(QStyle.ControlElement.CE_TabBarTabShape, option)
            self._words(painter, index)
        painter.end()

    def _words(self, painter: QStylePainter, index: int) -> None:
        look, key, current = self.look, self._keys[index], index == self.currentIndex()
        count = self._counts.get(key, "")
        box = QRectF(self.tabRect(index))
        strong, number = look.font("body", bold=current), look.font("label", bold=current)
        wide = QFontMetrics(strong).horizontalAdvance(self._texts[key])
        total = wide + (GAP + QFontMetrics(number).horizontalAdvance(count) if count else 0)
        left = box.center().x() - total / 2
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(strong)
        painter.setPen(look.color("text" if current else "textSecondary"))
        painter.drawText(QRectF(left, box.top(), wide + 2, box.height()), middle, self._texts[key])
        painter.setFont(number)
        painter.setPen(look.color("textSecondary" if current else "textTertiary"))
        painter.drawText(QRectF(left + wide + GAP, box.top() + 1, box.right(), box.height()), middle, count)

    def _changed(self, index: int) -> None:
        if index >= 0:
            self.chosen.emit(self._keys[index])

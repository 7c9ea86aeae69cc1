"""Radio cards: each choice with a line of what it means; arrows and digits choose."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QGridLayout,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, identify, repolish, row
from ui.widgets.radio_mark import paint_radio

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class RadioCard(QRadioButton):
    """A choice as a card: the whole card takes the click, the arrow keys choose the next."""

    def __init__(
        self,
        look: Look,
        title: str,
        hint: str = "",
        *,
        name: str,
        flat: bool = False,
        code: str = "",
        strong: bool = False,
    ) -> None:
        """``strong``: the title is always bold.

        ``flat`` is a row of a list: a line below instead of a frame, ``code`` in a column of its own.
        """
        super().__init__()
        self.look, self._flat = look, flat
        self.setProperty("kind", "card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        identify(self, name, title, hint)
        self._title = Text(title, role="bodyStrong" if strong else "body")
        self._code = Text(code, role="label", tone="textSecondary") if code else None
        self._hint = Text(hint, role="label", tone="textSecondary", wrap=True)
        if not hint:
            self._hint.hide()
        inside = QVBoxLayout(self)
        inside.setSpacing(0)
        inside.addStretch(1)
        inside.addLayout(row(self._code, self._title, None) if self._code else row(self._title))
        inside.addWidget(self._hint)
        inside.addStretch(1)
        for label in (self._title, self._hint, *([self._code] if self._code else [])):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        if not strong:
            self.toggled.connect(self._weigh)
        look.follow(self, self.restyle)

    def _weigh(self, on: bool) -> None:
        """The chosen one's title is bold; all titles keep the room for it."""
        self._title.setProperty("role", "bodyStrong" if on else "body")
        repolish(self._title)

    def changeEvent(self, event: QEvent) -> None:
        """One that cannot be chosen now says so by its ink and takes no hand."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            able = self.isEnabled()
            self._title.set_tone("text" if able else "textTertiary")
            for label in (self._hint, *([self._code] if self._code else [])):
                label.set_tone("textSecondary" if able else "textTertiary")
            self.setCursor(Qt.CursorShape.PointingHandCursor if able else Qt.CursorShape.ArrowCursor)

    def restyle(self) -> None:
        """Leave room for the mark at the present size."""
        bold = QFontMetrics(self.look.font("bodyStrong"))
        self._title.setMinimumWidth(bold.horizontalAdvance(self._title.text()))
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(self.look.metrics.icon + 22, 8, 14, 8)
        if self._code is not None:
            self._code.setFixedWidth(self.look.metrics.px(34))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys choose, as ui.md 12 has it; Qt only moves the focus while nothing is chosen yet."""
        super().keyPressEvent(event)
        now = QApplication.focusWidget()
        if event.key() in ARROWS and isinstance(now, RadioCard) and now.group() is self.group():
            now.setChecked(now.isChecked() or now is not self)

    def set_hint(self, hint: str) -> None:
        """Say something else below the title."""
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleDescription(hint)

    def hitButton(self, pos: QPoint) -> bool:
        """The whole card is the target."""
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        """Room for title and hint."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As small as the words allow."""
        layout = self.layout()
        return layout.minimumSize() if layout is not None else super().minimumSizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Card, mark, and for high contrast a tick."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, on = self.look, self.isChecked()
        if self._flat:
            self._row(painter, on=on)
            painter.end()
            return
        line = 2.0 if on or look.colors.high_contrast else 1.0
        painter.setPen(QPen(look.color("primary" if on else "border"), line))
        painter.setBrush(look.color("primarySubtle" if on else "surface"))
        corner = tokens.radius("control")
        inset = line / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), corner, corner)
        paint_radio(painter, look, self._mark(), on=on, able=self.isEnabled())
        painter.end()

    def _mark(self) -> QRectF:
        edge = self.look.metrics.px(18)
        return QRectF(12, (self.height() - edge) / 2, edge, edge)

    def _row(self, painter: QPainter, *, on: bool) -> None:
        look, box = self.look, QRectF(self.rect())
        line = 2 if look.colors.high_contrast else 1
        painter.fillRect(box, look.color("rowSelected" if on else "surface"))
        painter.fillRect(QRectF(0, box.height() - line, box.width(), line), look.color("divider"))
        if on:
            painter.fillRect(QRectF(0, 0, 3, box.height() - line), look.color("primary"))
        paint_radio(painter, look, self._mark(), on=on, able=self.isEnabled())


class RadioCardGroup(QWidget):
    """Cards of which one is chosen, in ``columns``; ``chosen(key)`` when the person chooses."""

    chosen = Signal(str)

    def __init__(
        self,
        look: Look,
        spoken: str,
        choices: Sequence[tuple[str, str, str]],
        *,
        name: str,
        columns: int = 2,
        flat: bool = False,
        strong: bool = False,
    ) -> None:
        """``flat``: rows of a list with the key in a column of its own; ``strong``: all titles bold."""
        super().__init__()
        identify(self, name, spoken)
        self._group = QButtonGroup(self)
        self.cards: dict[str, RadioCard] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0 if flat else 8)
        for index, (key, title, hint) in enumerate(choices):
            card = RadioCard(
                look, title, hint, name=f"{name}.{key}", flat=flat, code=key if flat else "", strong=strong
            )
            self.cards[key] = card
            self._group.addButton(card, index)
            grid.addWidget(card, index // columns, index % columns)
        for at in range(min(columns, len(choices))):
            grid.setColumnStretch(at, 1)
        self._keys = [key for key, _, _ in choices]
        self._group.idToggled.connect(self._toggled)

    def _toggled(self, index: int, on: bool) -> None:
        if on:
            self.chosen.emit(self._keys[index])

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The group itself takes no keys: the chosen card does, else the first."""
        card = self.cards.get(self.value) or next(iter(self.cards.values()), None)
        if card is not None:
            card.setFocus(event.reason())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The digits choose, counted as the cards are read."""
        number = event.key() - Qt.Key.Key_1
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if not plain or not 0 <= number < min(9, len(self._keys)) or event.isAutoRepeat():
            super().keyPressEvent(event)
            return
        card = self.cards[self._keys[number]]
        if card.isEnabled():
            card.setFocus(Qt.FocusReason.ShortcutFocusReason)
            card.click()

    @property
    def value(self) -> str:
        """The chosen key; empty when none is."""
        index = self._group.checkedId()
        return self._keys[index] if index >= 0 else ""

    def choose(self, key: str) -> None:
        """Choose ``key``. Raises ``KeyError``."""
        self.cards[key].setChecked(True)

    def clear_choice(self) -> None:
        """Choose none."""
        self._group.setExclusive(False)
        for card in self.cards.values():
            card.setChecked(False)
        self._group.setExclusive(True)

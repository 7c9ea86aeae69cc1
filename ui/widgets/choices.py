"""Choosing: radio cards, segments, filter chips, check boxes, combo boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import Text, identify, repolish, row
from ui.widgets.buttons import ICON_GAP, spaced
from ui.widgets.radio_mark import paint_check, paint_radio

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

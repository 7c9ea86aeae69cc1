"""Buttons: one solid per page, the rest outlined, links for small things beside text."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QToolTip,
    QWidget,
)

from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import announce, identify, repolish

EARLY = "这里刚打开，看一眼再按。"
CAME_OF_IT_MS = 5_000
"""New words on a button this soon after a press came of it."""
CHIP_GAP = 8
ICON_GAP = 4


def spaced(plain: QIcon, edge: int, *, before: bool = False) -> QIcon:
    """The icon with room at its right, or ``before`` it; Qt itself sets the words close to it."""
    key = (plain.cacheKey(), edge, before)
    if (known := _spaced.get(key)) is None:
        # The plain icon is kept too: its key must not pass to another.
        known = _spaced[key] = (plain, _draw_spaced(plain, edge, before=before))
    return known[1]


_spaced: dict[tuple[int, int, bool], tuple[QIcon, QIcon]] = {}


def _draw_spaced(plain: QIcon, edge: int, *, before: bool) -> QIcon:
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        for ratio in (1.0, 2.0):
            sheet = QPixmap(round((edge + ICON_GAP) * ratio), round(edge * ratio))
            sheet.fill(Qt.GlobalColor.transparent)
            sheet.setDevicePixelRatio(ratio)
            painter = QPainter(sheet)
            painter.drawPixmap(ICON_GAP if before else 0, 0, plain.pixmap(QSize(edge, edge), ratio, mode))
            painter.end()
            made.addPixmap(sheet, mode)
    return made


def shortcut_text(keys: str) -> str:
    """``Ctrl+Enter`` as it is shown: ``Ctrl Enter``."""
    return keys.replace("Return", "Enter").replace("+", " ")


class Button(QPushButton):
    """An outlined button. ``about`` is spoken after the text: 记录联系，小区停车费涨价.

    A button that is not available now stays focusable and says why (:meth:`set_unavailable`).
    """

    _color = "text"

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        name: str,
        icon: str = "",
        about: str = "",
        keys: str = "",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.look = look
        self._icon = icon
        self._about = about
        self._reason = ""
        self._keys = keys
        self._lent = self._once = False
        self.setProperty("compact", compact)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        identify(self, name)
        if keys:
            self.setShortcut(QKeySequence(keys))
        self._say()
        look.follow(self, self.restyle)

    def set_about(self, about: str) -> None:
        """Change what the button is about, for screen readers."""
        self._about = about
        self._say()

    def relabel(self, text: str, icon: str | None = None) -> None:
        """Change the words on the button, and its icon if one is given; its shortcut stays."""
        icon = self._icon if icon is None else icon
        if (text, icon) == (self.text(), self._icon):
            return
        self._icon = icon
        self.setText(text)
        self._set_keys()
        self._say()
        self.restyle()

    def set_unavailable(self, reason: str) -> None:
        """Switch the button off and say why; an empty reason switches it on."""
        if reason == self._reason:
            return
        was, self._reason = self._reason, reason
        self._say()
        if was and reason:
            return
        self._set_keys()
        self.setProperty("unavailable", bool(reason))
        repolish(self)

    def hold_keys(self, hold: bool) -> None:
        """While ``hold``, the button's keys belong to somebody else, such as an open drawer."""
        self._lent = hold
        self._set_keys()

    def _set_keys(self) -> None:
        """An unavailable button's keys do nothing; they come back with it."""
        idle = self._lent or bool(self._reason) or not self._keys
        self.setShortcut(QKeySequence() if idle else QKeySequence(self._keys))

    @property
    def unavailable(self) -> str:
        """Why the button does nothing now; empty when it works."""
        return self._reason

    @property
    def icon_name(self) -> str:
        """The icon on the button; empty when there is none."""
        return self._icon

    @property
    def keys(self) -> str:
        """The button's shortcut; empty when it has none."""
        return self._keys

    def _say(self) -> None:
        plain = self.text().replace("&", "")
        self.setAccessibleName(f"{plain}，{self._about}" if self._about else plain)
        self.setAccessibleDescription(self._reason)
        keys = f"{plain}（{shortcut_text(self._keys)}）" if self._keys else ""
        self.setToolTip(self._reason or keys)

    def restyle(self) -> None:
        """Draw the icon again after a change of look."""
        if self._icon:
            edge = self.look.metrics.icon_small if self.property("compact") else self.look.metrics.px(18)
            self.setIcon(spaced(self.look.icon(self._icon, self._color, edge), edge))
            self.setIconSize(QSize(edge + ICON_GAP, edge))
        self.updateGeometry()

    def press_once(self) -> None:
        """A double click is one press from now on, and so is a key held down: for what does another thing, or
        the same a second time, as soon as the first is done."""
        self._once = True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take no press while unavailable."""
        if not self._reason:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of a double click."""
        if not self._once:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses like Space; nothing while unavailable."""
        pressing = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if pressing and (self._reason or (self._once and event.isAutoRepeat())):
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
            return
        super().keyPressEvent(event)


class PrimaryButton(Button):
    """The one solid button of a page, with its shortcut on a small chip.

    The pages of a journey share one key. Pressed twice, or held, it must not carry on to a page that nobody
    has seen yet: for ``SETTLE_MS`` after the button came up the key does nothing, and says so.
    """

    SETTLE_MS = 800
    AGAIN_MS = 300
    """Presses of the key that follow each other faster are one."""

    _color = "onPrimary"

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        name: str,
        icon: str = "",
        about: str = "",
        keys: str = "Ctrl+Return",
        show_keys: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        self._chip = shortcut_text(keys) if keys and show_keys else ""
        self._shown, self._pressed, self._anew = QElapsedTimer(), QElapsedTimer(), QElapsedTimer()
        super().__init__(look, text, name=name, icon=icon, about=about, keys=keys, parent=parent)
        self.clicked.connect(lambda: self._pressed.start())
        self.setProperty("kind", "primary")
        repolish(self)

    def relabel(self, text: str, icon: str | None = None) -> None:
        """Change the words; those that come of a press are seen before the key counts again."""
        changed = text != self.text()
        super().relabel(text, icon)
        if changed and self._pressed.isValid() and self._pressed.elapsed() < CAME_OF_IT_MS:
            self.begin_anew()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever pressed its key a moment ago meant what stood here before."""
        super().showEvent(event)
        if not event.spontaneous():
            self._shown.start()

    def event(self, event: QEvent) -> bool:
        """The key, unless it comes too early or too often."""
        if event.type() == QEvent.Type.Shortcut:
            again = self._pressed.isValid() and self._pressed.elapsed() < self.AGAIN_MS
            self._pressed.start()
            if self.too_early() or again:
                return True
        return super().event(event)

    def begin_anew(self) -> None:
        """What the button acts on is another thing from now on, as if it had just come up.

        The mouse waits as well: of a page that changed under it somebody else takes care.
        """
        self._shown.start()
        self._anew.start()

    def too_early(self) -> bool:
        """Whether nobody can have seen yet what a key would act on; the person is told then."""
        early = self._shown.isValid() and self._shown.elapsed() < self.SETTLE_MS
        if early:
            above = QPoint(0, -2 * self.height())  # Its own words stay readable.
            QToolTip.showText(self.mapToGlobal(above), EARLY, self)
            announce(self, EARLY)
        return early

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The second click of somebody who clicked what stood here a moment ago."""
        if self._anew.isValid() and self._anew.elapsed() < self.SETTLE_MS and self.too_early():
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click is one press: many press everything twice, and the act is done once all the same."""
        event.accept()

    def _chip_width(self) -> int:
        if not self._chip:
            return 0
        return QFontMetrics(self.look.font("caption")).horizontalAdvance(self._chip) + 12

    def sizeHint(self) -> QSize:
        """The button's size with room for the chip."""
        hint = super().sizeHint()
        return QSize(hint.width() + (self._chip_width() + CHIP_GAP if self._chip else 0), hint.height())

    def minimumSizeHint(self) -> QSize:
        """The words and the chip are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bevel by the style, then icon, words and chip in one centred line."""
        if not self._chip:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        metrics = self.look.metrics
        color = self.look.color("textTertiary" if self._reason or not self.isEnabled() else "onPrimary")
        painter.setFont(self.look.font("bodyStrong"))
        words = painter.fontMetrics().horizontalAdvance(self.text())
        edge = metrics.px(18) if self._icon else 0
        total = words + self._chip_width() + CHIP_GAP + (edge + 8 if edge else 0)
        x = (self.width() - total) / 2
        if edge:
            square = QRectF(x, (self.height() - edge) / 2, edge, edge)
            icons.paint(painter, self._icon, color.name(), square)
            x += edge + 8
        painter.setPen(color)
        painter.drawText(QRectF(x, 0, words + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        x += words + CHIP_GAP
        high = metrics.px(20)
        chip = QRectF(x, (self.height() - high) / 2, self._chip_width(), high)
        painter.setFont(self.look.font("caption"))
        painter.setPen(QPen(color, 1))
        painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self._chip)
        painter.end()


class LinkButton(Button):
    """Words that act: 看依据, 改设定."""

    _color = "link"

    def __init__(self, look: Look, text: str, *, name: str, icon: str = "", about: str = "") -> None:
        super().__init__(look, text, name=name, icon=icon, about=about, compact=True)
        self.setProperty("kind", "link")
        repolish(self)


class FlatButton(Button):
    """A tool above a writing area: icon and words without an outline, a ground under the mouse."""

    def __init__(self, look: Look, text: str, *, name: str, icon: str = "", about: str = "") -> None:
        super().__init__(look, text, name=name, icon=icon, about=about, compact=True)
        self.setProperty("kind", "flat")
        repolish(self)


class IconButton(QToolButton):
    """An icon alone; it always has a spoken name and a tool tip."""

    def __init__(
        self,
        look: Look,
        icon: str,
        spoken: str,
        *,
        name: str,
        color: str = "textSecondary",
        keys: str = "",
        boxed: bool = False,
    ) -> None:
        """``boxed`` draws it like the buttons beside it."""
        super().__init__()
        self.look, self._icon, self._color = look, icon, color
        self.setProperty("kind", "icon")
        self.setProperty("boxed", boxed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        identify(self, name, spoken)
        self.setToolTip(f"{spoken}（{shortcut_text(keys)}）" if keys else spoken)
        look.follow(self, self.restyle)

    def set_icon(self, icon: str, spoken: str, color: str | None = None) -> None:
        """Show another icon, with its name."""
        self._icon = icon
        self._color = color or self._color
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.restyle()

    def restyle(self) -> None:
        """Draw the icon again after a change of look."""
        edge = self.look.metrics.icon
        self.setIcon(self.look.icon(self._icon, self._color, edge))
        self.setIconSize(QSize(edge, edge))

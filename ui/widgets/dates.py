"""Dates typed as people write them, or picked from a Chinese calendar."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QDate, QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from ui.theme.look import Look
from ui.widgets.base import identify, row
from ui.widgets.buttons import IconButton
from ui.widgets.month import MonthView

Today = Callable[[], dt.date]
GAP = 2
"""Between the field and its month; pixels."""
_FULL = re.compile(r"^(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?$")
_SHORT = re.compile(r"^(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?$")
_EIGHT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
TODAY = ("T", "今天")
"""What stands for the present day; T in small letters too."""
_TIME = re.compile(r"^(\d{1,2})\s*[:：点]\s*(\d{0,2})\s*分?$")


def parse_date(text: str, today: dt.date) -> dt.date | None:
    """A date from ``11-23``, ``11月23日``, ``2026-11-23``, ``20261123``, ``T`` or 今天; else ``None``.

    Without a year it is the present year's.
    """
    plain = text.strip()
    if plain.upper() in TODAY:
        return today
    if (found := _FULL.match(plain)) or (found := _EIGHT.match(plain)):
        year, month, day = (int(part) for part in found.groups())
    elif found := _SHORT.match(plain):
        year, month, day = today.year, int(found[1]), int(found[2])
    else:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def parse_time(text: str) -> dt.time | None:
    """A time of day from ``9:05``, ``14：30``, ``9点``, ``0905``; ``None`` when it is none."""
    plain = text.strip()
    if plain.isdigit() and len(plain) in (3, 4):
        plain = f"{plain[:-2]}:{plain[-2:]}"
    found = _TIME.match(plain)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


HINTS = ("如 11-23，T 是今天", "如 11-23")
"""What an empty field says, the first that can be read whole."""
EDGE = 14
"""Frame and padding of the field at either side."""


class DateField(QWidget):
    """One day. ``changed(date or None)`` follows each edit that makes a date, or empties the field."""

    changed = Signal(object)

    def __init__(
        self, look: Look, spoken: str, *, name: str, today: Today, value: dt.date | None = None
    ) -> None:
        super().__init__()
        self.look, self._today = look, today
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(HINTS[0])
        identify(self, name)
        identify(self.edit, f"{name}.text", spoken, "写成 11-23，按 T 填今天，按 Alt+↓ 打开日历")
        self.setAccessibleName(spoken)
        self.button = IconButton(look, "calendar-days", f"打开日历，{spoken}", name=f"{name}.calendar")
        self.setLayout(row(self.edit, spacing=0))
        self.button.setParent(self)
        # The keyboard has Alt+↓: one stop of Tab a date.
        self.button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(self.edit)
        self.edit.installEventFilter(self)
        self.edit.textEdited.connect(self._edited)
        self.button.clicked.connect(self.open_calendar)
        self._popup: QFrame | None = None
        self.set_value(value)

    def value(self) -> dt.date | None:
        """The day; ``None`` when empty or not understood."""
        return parse_date(self.edit.text(), self._today())

    def set_value(self, value: dt.date | None) -> None:
        """Show ``value``: 11月23日, with the year when it is another than this one."""
        self.edit.setText(self._written(value) if value else "")

    def problem(self) -> str:
        """A sentence when the text is no date; for :class:`~ui.widgets.fields.FormField`."""
        if self.edit.text().strip() and self.value() is None:
            return "日期没有看懂，写成 11-23 或 2026-11-23 这样。"
        return ""

    def open_calendar(self) -> None:
        """Show the month; arrow keys move, Enter takes the day, Esc leaves."""
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.setProperty("kind", "floating")
        calendar = MonthView(self.look, f"日历，{self.accessibleName()}", name=f"{self.objectName()}.month")
        shown = self.value() or self._today()
        calendar.setSelectedDate(QDate(shown.year, shown.month, shown.day))
        calendar.activated.connect(self._picked)
        calendar.clicked.connect(self._picked)
        inside = QVBoxLayout(popup)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(calendar)
        popup.move(self._beside(popup.sizeHint()))
        popup.destroyed.connect(self._popup_gone)
        self._popup = popup
        popup.show()
        popup.move(self._beside(popup.size()))  # Shown, it is as large as it is.
        calendar.setFocus()

    def _beside(self, size: QSize) -> QPoint:
        """Where the month goes: under the field, over it where the screen ends, always whole."""
        room = self.screen().availableGeometry()
        spot = self.mapToGlobal(QPoint(0, self.height() + GAP))
        if spot.y() + size.height() > room.bottom():
            spot.setY(self.mapToGlobal(QPoint(0, -GAP)).y() - size.height())
        left = max(room.left(), min(spot.x(), room.right() + 1 - size.width()))
        top = max(room.top(), min(spot.y(), room.bottom() + 1 - size.height()))
        return QPoint(left, top)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """T fills in today, Alt+Down opens the month, leaving writes the date out."""
        if watched is self.edit and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            if event.key() == Qt.Key.Key_T and not held and not self.edit.isReadOnly():
                self._picked_day(self._today())
                return True
            if event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.open_calendar()
                return True
        if watched is self.edit and isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            value = self.value()
            if value is not None:
                self.set_value(value)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button inside the field's right end."""
        edge = self.button.sizeHint()
        left, top = self.width() - edge.width() - 2, (self.height() - edge.height()) // 2
        self.button.setGeometry(left, top, edge.width(), edge.height())
        self.edit.setTextMargins(0, 0, edge.width(), 0)
        room = left - 2 * EDGE
        wide = self.edit.fontMetrics().horizontalAdvance
        self.edit.setPlaceholderText(next((words for words in HINTS if wide(words) <= room), HINTS[-1]))

    def _written(self, value: dt.date) -> str:
        day = f"{value.month}月{value.day}日"
        return day if value.year == self._today().year else f"{value.year}年{day}"

    def _edited(self, text: str) -> None:
        value = self.value()
        if text.strip().upper() in TODAY:
            # From an input method it comes as a letter, not as a key.
            self.set_value(value)
        if value is not None or not text.strip():
            self.changed.emit(value)

    def _picked(self, day: QDate) -> None:
        self._picked_day(dt.date(day.year(), day.month(), day.day()))
        if self._popup is not None:
            self._popup.close()

    def _picked_day(self, day: dt.date) -> None:
        self.set_value(day)
        self.changed.emit(day)

    def _popup_gone(self) -> None:
        self._popup = None


class DateTimeField(QWidget):
    """A day and a time of day, both on Shanghai's clock. ``changed(datetime or None)``, naive local."""

    changed = Signal(object)

    def __init__(
        self, look: Look, spoken: str, *, name: str, today: Today, value: dt.datetime | None = None
    ) -> None:
        super().__init__()
        identify(self, name, spoken)
        self.date = DateField(look, f"{spoken}，日期", name=f"{name}.date", today=today)
        self.time = QLineEdit()
        self.time.setPlaceholderText("如 14:30")
        identify(self.time, f"{name}.time", f"{spoken}，几点")
        inside = row(self.date, self.time)
        inside.setStretch(0, 3)
        inside.setStretch(1, 2)
        self.setLayout(inside)
        self.setFocusProxy(self.date)
        self.set_value(value)
        self.date.changed.connect(self._part_changed)
        self.time.textEdited.connect(self._part_changed)

    def value(self) -> dt.datetime | None:
        """Day and time; ``None`` while either is missing."""
        day, clock = self.date.value(), parse_time(self.time.text())
        return dt.datetime.combine(day, clock) if day and clock is not None else None

    def set_value(self, value: dt.datetime | None) -> None:
        """Show ``value`` as given, without conversion."""
        self.date.set_value(value.date() if value else None)
        self.time.setText(value.strftime("%H:%M") if value else "")

    def problem(self) -> str:
        """A sentence when day or time is not understood."""
        if found := self.date.problem():
            return found
        if self.time.text().strip() and parse_time(self.time.text()) is None:
            return "时间没有看懂，写成 14:30 这样。"
        return ""

    @property
    def boxes(self) -> Sequence[QWidget]:
        """The day, then the time."""
        return (self.date.edit, self.time)

    def wrong_box(self) -> QWidget:
        """The time when the day stands: what was right must not be overwritten with the correction."""
        sound = self.date.value() is not None and parse_time(self.time.text()) is None
        return self.time if sound else self.date.edit

    def _part_changed(self, _part: object) -> None:
        self.changed.emit(self.value())

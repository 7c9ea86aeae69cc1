"""A month in Chinese, Monday first, in token colours."""

from __future__ import annotations

from PySide6.QtCore import QDate, QLocale, QRect, Qt
from PySide6.QtGui import QPainter, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QToolButton

from ui.theme.look import Look
from ui.widgets.base import identify


class MonthView(QCalendarWidget):
    """Qt's calendar with our arrows and without its red weekends: colour never stands alone."""

    def __init__(self, look: Look, spoken: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        self.setLocale(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        self.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        identify(self, name, spoken)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Take the present colours."""
        colors = self.look.colors
        self.setStyleSheet(f"#qt_calendar_navigationbar {{ background: {colors['surfaceSunken']}; }}")
        for part, icon, spoken in (
            ("qt_calendar_prevmonth", "chevron-left", "上个月"),
            ("qt_calendar_nextmonth", "chevron-right", "下个月"),
        ):
            button = self.findChild(QToolButton, part)
            if button is not None:
                button.setIcon(self.look.icon(icon, "text"))
                button.setAccessibleName(spoken)
                button.setToolTip(spoken)
        for day in Qt.DayOfWeek:
            self.setWeekdayTextFormat(day, self._shape("text"))
        self.setHeaderTextFormat(self._shape("textSecondary"))

    def _shape(self, tone: str) -> QTextCharFormat:
        shape = QTextCharFormat()
        shape.setForeground(self.look.color(tone))
        shape.setBackground(self.look.color("surface"))
        return shape

    def paintCell(self, painter: QPainter, rect: QRect, day: QDate) -> None:
        """Days of the months before and after stand back."""
        if day.month() == self.monthShown() or day == self.selectedDate():
            super().paintCell(painter, rect, day)
            return
        painter.fillRect(rect, self.look.color("surface"))
        painter.setPen(self.look.color("textTertiary"))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), str(day.day()))

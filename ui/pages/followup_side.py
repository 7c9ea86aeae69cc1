"""Beside the calls: the month with what falls on each day, and the payments of the case in front."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from PySide6.QtCore import QDate, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QCalendarWidget, QWidget

from app.services.followups import CallDetail, Marks
from ui import labels
from ui.labels import day_text, month_day
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, clear, column, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.month import MonthView

STATES = {
    "performed": ("circle-check", "ok", "已付"), "partly": ("clock", "textSecondary", "付了一部分"),
    "defaulted": ("circle-x", "overdue", "没有付"), "pending": ("circle", "textSecondary", "没付"),
}  # fmt: skip


class MarkedMonth(MonthView):
    """Days with their calls (2 户) and payments (付款) under the number."""

    def __init__(self, look: Look, *, name: str) -> None:
        self.marks: Mapping[dt.date, Marks] = {}
        super().__init__(look, "回访日历", name=name)
        self.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.SingleLetterDayNames)
        self.setAccessibleDescription("方向键走，Enter 看当天")

    def set_marks(self, marks: Mapping[dt.date, Marks]) -> None:
        """Show other days."""
        self.marks = marks
        self.updateCells()

    def paintCell(self, painter: QPainter, rect: QRect, day: QDate) -> None:
        """The number above, what falls on the day below."""
        look, marks = self.look, self.marks.get(dt.date(day.year(), day.month(), day.day()))
        chosen, here = day == self.selectedDate(), day.month() == self.monthShown()
        painter.save()
        painter.fillRect(rect, look.color("primary" if chosen else "surface"))
        if chosen and look.colors.high_contrast:
            painter.setPen(QPen(look.color("text"), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        half = rect.height() // 2 if marks is not None else rect.height()
        number = QRect(rect.x(), rect.y(), rect.width(), half)
        painter.setPen(look.color("onPrimary" if chosen else "text" if here else "textTertiary"))
        painter.setFont(look.font("label", bold=chosen or marks is not None))
        painter.drawText(number, int(Qt.AlignmentFlag.AlignCenter), str(day.day()))
        if marks is not None:
            painter.setFont(look.font("caption"))
            painter.setPen(look.color("onPrimary" if chosen else "link" if marks.calls else "dueSoon.fg"))
            below = QRect(rect.x(), rect.y() + half, rect.width(), rect.height() - half)
            words = f"{marks.calls} 户" if marks.calls else "付款"
            painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), words)
        painter.restore()


class FollowupSide(QWidget):
    """``day_asked(day)`` on Enter or a double press; ``perform_asked(no)``, ``evidence_asked()``."""

    day_asked = Signal(object)
    perform_asked = Signal(int)
    evidence_asked = Signal()

    def __init__(self, look: Look, today: dt.date) -> None:
        super().__init__()
        self.look, self._today = look, today
        self._next = 0
        """The first payment that is not settled."""
        self.month = MarkedMonth(look, name="followup.month")
        self.month.setSelectedDate(QDate(today.year, today.month, today.day))
        self.month.selectionChanged.connect(self._say_day)
        self.month.activated.connect(lambda day: self.day_asked.emit(_date(day)))
        self.day = Text("", role="label", tone="textSecondary", wrap=True)
        calendar = Card()
        calendar.add(self.month)
        calendar.add(self.day)
        self.plan = Card("履行计划", " ")
        self._rows = column(spacing=8)
        self.plan.add(self._rows)
        self.words = Text("", role="label", tone="textSecondary", wrap=True)
        self.evidence_button = Button(look, "收凭证", name="followup.evidence.add", icon="camera")
        self.evidence_button.clicked.connect(self.evidence_asked)
        self.perform_button = Button(look, "登记履行", name="followup.perform", icon="plus")
        self.perform_button.clicked.connect(lambda: self.perform_asked.emit(self._next))
        self.plan.add(self.words)
        self.plan.add(row(self.evidence_button, self.perform_button, None, spacing=8))
        self.setLayout(column(calendar, self.plan, None, spacing=16))
        look.follow(self, self._size)
        self.show_plan(None)

    def _size(self) -> None:
        self.month.setFixedHeight(self.look.metrics.px(330))

    def show_marks(self, marks: Mapping[dt.date, Marks]) -> None:
        """The days of the month."""
        self.month.set_marks(marks)
        self._say_day()

    def show_plan(self, detail: CallDetail | None) -> None:
        """The payments of one case."""
        self.plan.setVisible(detail is not None)
        if detail is None:
            return
        clear(self._rows)
        if self.plan.header is not None:
            self.plan.header.note.setText(f"共 {len(detail.plan)} 期" if detail.plan else "不分期")
        for one in detail.plan:
            icon, tone, words = STATES[one.state]
            day = Text(month_day(one.due_on) if one.due_on else "当日")
            mark = IconLabel(self.look, icon, color="textSecondary", edge=16)
            state = Text(words, tone=tone)
            line = row(day, Text(labels.money(one.amount_fen)), None, mark, state, spacing=10)
            self._rows.addLayout(line)
        self.words.setText(detail.performance)
        self.words.setVisible(bool(detail.performance))
        self._next = detail.next_payment.no if detail.next_payment is not None else 0
        self.perform_button.setVisible(not detail.plan or detail.next_payment is not None)

    def _say_day(self) -> None:
        day = _date(self.month.selectedDate())
        marks = self.month.marks.get(day, Marks())
        parts = [f"{marks.calls} 户要回访"] if marks.calls else []
        parts += [f"{marks.payments} 笔付款到期"] if marks.payments else []
        self.day.setText(f"{day_text(day, self._today)}　{'，'.join(parts) or '没有事'}")


def _date(day: QDate) -> dt.date:
    return dt.date(day.year(), day.month(), day.day())

"""看日历 and 加一项: the month with what falls due on each day, and the person's own appointments."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QFont, QTextCharFormat

from app.clock import SHANGHAI
from app.services.agenda import Agenda, AgendaItem, DayOff
from ui.dialogs.base import Dialog
from ui.dialogs.form_draft import KeptDialog
from ui.labels import Label, day_text
from ui.theme import tokens
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.dates import DateTimeField
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.month import MonthView
from ui.widgets.tasks import Task, TaskList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.services.changes import Written
    from app.services.office import Office
    from ui.pages.working import WorkingPage

AROUND = dt.timedelta(days=45)
"""How far around the shown month the calendar is read."""


class AddItemDialog(KeptDialog):
    """加一项: when, what, where. ``added`` after it was kept."""

    added = Signal()

    def __init__(self, page: WorkingPage, day: dt.date) -> None:
        super().__init__(page.window())
        self._page = page
        look = page.look
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("加一项")
        self.setFixedWidth(look.metrics.px(tokens.size("dialogWidth", "small")))
        identify(self, "today.item.dialog", "加一项日程")
        self.at = DateTimeField(look, "什么时候", name="today.item.at", today=page.office.desk.today)
        self.at.date.set_value(day)
        self.what = LineEdit("做什么", name="today.item.title", placeholder="如 接待来访；不要写姓名和电话")
        self.place = LineEdit("在哪里", name="today.item.place", placeholder="如 第二调解室")
        self.fields = {
            "at": FormField("什么时候", self.at, check=self.at.problem),
            "title": FormField("做什么", self.what),
            "place": FormField("在哪里", self.place, optional=True),
        }
        self.back_button = Button(look, "先不加", name="today.item.back")
        self.add_button = PrimaryButton(look, "加进日程", name="today.item.add")
        self.back_button.clicked.connect(self.reject)
        self.add_button.clicked.connect(self.submit)
        self.body.addWidget(Text("只存在本机，不发给平台。", role="label", tone="textSecondary"))
        for one in self.fields.values():
            self.body.addWidget(one)
        foot = row(None, self.back_button, self.add_button, spacing=12)
        self.arrange(Text("加一项日程", role="section"), self.body, foot)
        self.keep(page, "appointment", day.isoformat())
        self.at.time.setFocus()

    def submit(self) -> None:
        """Keep the appointment."""
        if self.fields["at"].problem():
            self.fields["at"].take_focus()
            return
        moment = self.at.value()
        at = moment.replace(tzinfo=SHANGHAI) if moment is not None else None
        title, place = self.what.text(), self.place.text()
        for one in self.fields.values():
            one.show_problem("")
        self._page.save(
            "加一项日程",
            lambda office: Agenda(office.desk).add(at, title, place),
            self._kept,
            said="已加进日程。",
            fields=self.fields,
        )

    def _kept(self, _written: Written[str]) -> None:
        self.added.emit()
        self.taken(self._page)


class CalendarDialog(Dialog):
    """The month at the left, the chosen day at the right; Enter opens the case behind a line."""

    def __init__(self, page: WorkingPage) -> None:
        super().__init__(page.window())
        self._page = page
        look = page.look
        self._days: Mapping[dt.date, tuple[AgendaItem, ...]] = {}
        self._items: dict[str, AgendaItem] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("看日历")
        self.resize(look.metrics.px(1000), look.metrics.px(560))
        identify(self, "today.calendar.dialog", "看日历")
        self.month = MonthView(look, "日历", name="today.calendar.month")
        self.month.setAccessibleDescription("方向键走，加粗带下划线的日子有事")
        self.month.setMinimumWidth(look.metrics.px(380))
        today = page.office.desk.today()
        self.month.setSelectedDate(QDate(today.year, today.month, today.day))
        self.day = Text("", role="section")
        self.note = Text("", role="label", tone="textSecondary", wrap=True)
        self.list = TaskList(look, "这一天的事", name="today.calendar.list")
        self.none = Text("这一天没有事。", tone="textSecondary")
        self.add_button = Button(look, "这一天加一项", name="today.calendar.add", icon="plus")
        self.close_button = Button(look, "关上", name="today.calendar.close")
        right = column(self.day, self.note, self.list, self.none, None, spacing=8)
        middle = row(self.month, right, spacing=24)
        middle.setStretch(1, 1)
        legend = Text("加粗带下划线的日子有事；灰字是休息日。", role="label", tone="textSecondary")
        foot = row(legend, None, self.add_button, self.close_button, spacing=12)
        self.arrange(None, middle, foot, spacing=16)
        self.month.selectionChanged.connect(self._show_day)
        self.month.currentPageChanged.connect(self._month_turned)
        self.list.acted.connect(self._acted)
        self.add_button.clicked.connect(self._add)
        self.close_button.clicked.connect(self.reject)

    @property
    def chosen(self) -> dt.date:
        """The chosen day."""
        day = self.month.selectedDate()
        return dt.date(day.year(), day.month(), day.day())

    def start(self) -> None:
        """Open and read."""
        self.open()
        self.month.setFocus()
        self.read()

    def read(self) -> None:
        """Read the shown month and what lies around it."""
        first = dt.date(self.month.yearShown(), self.month.monthShown(), 1) - AROUND
        last = first + 3 * AROUND

        def work(office: Office) -> tuple[Mapping[dt.date, tuple[AgendaItem, ...]], tuple[DayOff, ...]]:
            agenda = Agenda(office.desk)
            return agenda.between(first, last), agenda.working_days(first, last)

        self._page.fetch("看日历", work, self._show)

    def _show(self, found: tuple[Mapping[dt.date, tuple[AgendaItem, ...]], tuple[DayOff, ...]]) -> None:
        self._days, working = found
        look = self._page.look
        for day in working:
            shape = QTextCharFormat()
            shape.setForeground(look.color("text" if day.workday else "textTertiary"))
            if day.day in self._days:
                shape.setFontWeight(QFont.Weight.Bold)
                shape.setFontUnderline(True)
                shape.setToolTip(f"{len(self._days[day.day])} 件")
            shape.setBackground(look.color("surface"))
            self.month.setDateTextFormat(QDate(day.day.year, day.day.month, day.day.day), shape)
        self._unsure = {d.day for d in working if d.provisional}
        self._show_day()

    def _show_day(self) -> None:
        day = self.chosen
        items = self._days.get(day, ())
        self._items = {item.key: item for item in items}
        self.day.setText(day_text(day, self._page.office.desk.today()))
        unsure = day in getattr(self, "_unsure", set())
        self.note.setText("这一年的放假安排还没有载入，休息日是暂估。" if unsure else "")
        self.note.setVisible(unsure)
        self.list.set_tasks([_line(item) for item in items])
        self.list.setVisible(bool(items))
        self.none.setVisible(not items)

    def _month_turned(self, _year: int, _month: int) -> None:
        self.read()

    def _acted(self, key: str) -> None:
        item = self._items[key]
        if item.own:
            self._page.save(
                "去掉一项日程",
                lambda office: Agenda(office.desk).remove(item.key),
                lambda _written: self.read(),
                said="已从日程里去掉。",
            )
            return
        self.accept()
        self._page.navigate.emit("case", {"case_id": item.case_id})

    def _add(self) -> None:
        dialog = AddItemDialog(self._page, self.chosen)
        dialog.setParent(self, dialog.windowFlags())
        dialog.added.connect(self.read)
        dialog.open()


def _line(item: AgendaItem) -> Task:
    label = Label(item.time, "clock", "info") if item.time else Label("到期", "calendar-days", "neutral")
    return Task(
        key=item.key,
        label=label,
        verb=item.verb or item.title,
        title=item.title if item.verb else "",
        who="",
        why=item.detail or ("自己加的" if item.own else ""),
        action="去掉" if item.own else "打开",
    )

"""The right side of 今日: the day's axis, 我手上, 要留意."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.clock import shanghai
from app.services.clock_words import clock_off
from app.services.dayboard import Attention, Board, Numbers, ScheduleItem
from ui.theme.look import Look
from ui.widgets.axis import DayAxis, Mark
from ui.widgets.base import CARD_PADDING, Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.cards import Card
from ui.widgets.presses import NumberButton

_ATTENTION = {
    "sign_in": ("key-round", "overdue", "平台登录已过期，现在发不出去", "重新登录"),
    "register": ("monitor", "overdue", "这台电脑要重新登记，现在不收也不发", "去登记"),
    "unfetched": ("cloud-alert", "dueToday", "案件还没有从平台收回来", "去看看"),
    "lost": ("cloud-alert", "overdue", "最后写的 {n} 项没有留住", "查看"),
    "clock": ("clock", "dueToday", "电脑的钟{off}，期限不准", "查看"),
    "conflict": ("git-compare-arrows", "dueToday", "{n} 处内容两边写法不同", "去选"),
    "failed": ("cloud-alert", "overdue", "{n} 项没有送达", "去补"),
    "taken_back": ("undo-2", "dueToday", "{n} 件平台已收回，有没送出的", "去看"),
    "restored": ("cloud-alert", "dueToday", "平台从备份恢复过", "看一眼"),
    "held_filings": ("circle-alert", "dueToday", "{n} 份申请没有提交，在等同事", "看怎么办"),
    "held_up": ("cloud-upload", "waiting", "{n} 项在等平台补回", "看在等什么"),
    "colleagues": ("users", "overdue", "同事手上 {n} 件已超期", "查看"),
    "waiting": ("cloud-upload", "waiting", "{n} 项等待发送", "查看"),
}


@dataclass(frozen=True)
class BackupNote:
    """When this computer was last backed up; ``at`` is aware, ``None`` when never."""

    at: dt.datetime | None


class ScheduleCard(Card):
    """今日日程; ``opened(case_id)`` for an entry of a case."""

    opened = Signal(str)

    def __init__(self, look: Look) -> None:
        self.add_link = LinkButton(look, "加一项", name="today.schedule.add", about="今日日程")
        super().__init__("今日日程", "", self.add_link)
        self.axis = DayAxis(look, "今日日程", name="today.schedule.axis")
        self.axis.opened.connect(self.opened)
        self.body.setContentsMargins(0, 0, 0, 12)
        self.add(self.axis)
        self.empty = Text("今天没有约好的事。", role="label", tone="textSecondary")
        holder = row(self.empty)
        holder.setContentsMargins(CARD_PADDING, 0, CARD_PADDING, 0)
        self.add(holder)

    def show_day(self, schedule: Sequence[ScheduleItem], now: dt.datetime) -> None:
        """Show the day's entries with the line of now."""
        marks = [
            Mark(
                key=item.case_id,
                time=shanghai(item.at).time(),
                title=item.title,
                detail=item.detail,
                status=item.status,
                strong=item.lead,
            )
            for item in schedule
        ]
        self.axis.show_day(marks, shanghai(now).time())
        self.empty.setVisible(not marks)

    def set_now(self, now: dt.datetime) -> None:
        """Move the line of now."""
        self.axis.set_now(shanghai(now).time())


class NumbersCard(Card):
    """我手上: four numbers; ``asked(key)`` is open, signing, follow_up or closed."""

    asked = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__("我手上", flush=True)
        names = (("open", "在办"), ("signing", "待签署"), ("follow_up", "待回访"), ("closed", "本月办结"))
        self.buttons = {key: NumberButton(look, text, name=f"today.number.{key}") for key, text in names}
        grid = QGridLayout()
        grid.setSpacing(0)
        cells = list(self.buttons.values())
        for spot, button in zip(((0, 0), (0, 2), (2, 0), (2, 2)), cells, strict=True):
            grid.addWidget(button, *spot)
        grid.addWidget(Divider(), 1, 0, 1, 3)
        grid.addWidget(Divider(vertical=True), 0, 1, 3, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        holder = QWidget()
        holder.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        self.add(holder)
        for key, button in self.buttons.items():
            button.clicked.connect(self._slot(key))

    def show_numbers(self, numbers: Numbers) -> None:
        """Show the numbers."""
        values = (numbers.open, numbers.signing, numbers.follow_up, numbers.closed_this_month)
        for button, value in zip(self.buttons.values(), values, strict=True):
            button.set_value(value)

    def _slot(self, key: str) -> Callable[[], None]:
        return lambda: self.asked.emit(key)


class AttentionCard(Card):
    """要留意: what differs, what was not delivered, what waits, the backup; ``asked(kind)``."""

    asked = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__("要留意", flush=True)
        self.look = look
        self._rows = column(spacing=0)
        self.add(self._rows)

    def show_items(self, attention: Sequence[Attention], backup: BackupNote, now: dt.datetime) -> None:
        """Show one line each; with nothing to see the backup stands alone."""
        clear(self._rows)
        for item in attention:
            icon, status, words, action = _ATTENTION[item.kind]
            text = words.format(n=item.count, off=clock_off(item.count))
            link = LinkButton(self.look, action, name=f"today.attention.{item.kind}", about=text)
            link.clicked.connect(self._slot(item.kind))
            self._line(icon, f"{status}.fg", text, link)
        if backup.at is None:
            link = LinkButton(self.look, "去备份", name="today.attention.backup", about="还没有备份")
            link.clicked.connect(self._slot("backup"))
            self._line("hard-drive", "dueToday.fg", "本机还没有备份过", link)
        else:
            note = Text(_when(backup.at, now), role="label", tone="textSecondary")
            self._line("circle-check", "ok.fg", "本机备份完成", note)

    def _line(self, icon: str, color: str, text: str, aside: QWidget) -> None:
        if self._rows.count():
            self._rows.addWidget(Divider())
        holder = QWidget()
        identify(holder, "today.attention.row")
        line = row(IconLabel(self.look, icon, color=color), Text(text), None, aside, spacing=10)
        line.setContentsMargins(CARD_PADDING, 3, CARD_PADDING, 3)
        holder.setLayout(line)
        holder.setMinimumHeight(self.look.metrics.px(38))
        self._rows.addWidget(holder)

    def _slot(self, kind: str) -> Callable[[], None]:
        return lambda: self.asked.emit(kind)


def _when(at: dt.datetime, now: dt.datetime) -> str:
    """今天 18:02, 昨天 18:02, 11月20日; with the year when the clock was ahead then."""
    then, today = shanghai(at), shanghai(now).date()
    days = (today - then.date()).days
    if days < 0:
        return f"{then.year}年{then.month}月{then.day}日"
    if days == 0:
        return f"今天 {then:%H:%M}"
    return f"昨天 {then:%H:%M}" if days == 1 else f"{then.month}月{then.day}日"


class TodaySide(QWidget):
    """The three cards, one above the other."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.schedule = ScheduleCard(look)
        self.numbers = NumbersCard(look)
        self.attention = AttentionCard(look)
        self.setLayout(column(self.schedule, self.numbers, self.attention, None, spacing=16))

    def show_board(self, board: Board, backup: BackupNote, now: dt.datetime) -> None:
        """Show what the board says."""
        self.schedule.show_day(board.schedule, now)
        self.numbers.show_numbers(board.numbers)
        self.attention.show_items(board.attention, backup, now)

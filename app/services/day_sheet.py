"""打印今日单: the day's board on paper, always masked (打印：今日单默认遮挡)."""

from __future__ import annotations

from app.clock import shanghai
from app.domain.workdays import WEEKDAYS
from app.services.dayboard import Board, TaskRow
from app.services.desk import Desk
from app.services.today import Today


class DaySheet:
    """Renders the sheet; work for the read lane."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def render(self) -> bytes:
        """今日单 of the present legal day as PDF. It holds masked words only, so it leaves no trace."""
        from app.documents.context import PaperContext
        from app.documents.day_sheet import SheetGroup, SheetRow, day_sheet

        def rows(found: tuple[TaskRow, ...]) -> tuple[SheetRow, ...]:
            return tuple(SheetRow(r.tag, r.verb, r.title, _detail(r)) for r in found)

        desk = self._desk
        board: Board = Today(desk).board()
        schedule = tuple(
            SheetRow(f"{shanghai(item.at):%H:%M}", item.title, "", item.detail) for item in board.schedule
        )
        until = f"到 {board.soon_until.month}月{board.soon_until.day}日"
        groups = (
            SheetGroup("今天", f"{len(board.today)} 件", rows(board.today), "今天没有到期的事。"),
            SheetGroup("今日日程", "", schedule, "今天没有约好的事。"),
            SheetGroup("这几天到期", until, rows(board.soon), "这几天没有到期的事。"),
            SheetGroup("等对方", f"{len(board.waiting)} 件", rows(board.waiting), "没有在等的事。"),
        )
        day = f"{board.day.year}年{board.day.month}月{board.day.day}日 {WEEKDAYS[board.day.weekday()]}"
        context = PaperContext(
            institution_name=desk.institution.name,
            printed_at=desk.clock.now(),
            practice=desk.practice,
            masked=True,
        )
        return day_sheet(day, desk.person.name, groups, context)


def _detail(row: TaskRow) -> str:
    return "　".join(part for part in (row.parties, row.reason) if part)

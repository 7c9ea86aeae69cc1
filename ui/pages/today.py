"""今日: what must be done today and why, the next days, what waits for others; each row with its button."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.clock import from_text, shanghai
from app.services.changes import ChangeSet
from app.services.dayboard import APPROVAL, NOT_FETCHED, Board, TaskRow, Unfinished
from ui.context import Context
from ui.labels import Label, month_day
from ui.pages import today_routes
from ui.pages.today_side import BackupNote, TodaySide
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.presses import FoldLine
from ui.widgets.states import EmptyState, InfoBar, SkeletonRows
from ui.widgets.tags import default_icon
from ui.widgets.tasks import ListChain, Task, TaskList

if TYPE_CHECKING:
    from app.services.firstboard import FirstBoard
    from app.services.office import Office

_ICONS = {"session": "messages-square", "reply": "hourglass"}
_TOP = ("clock", "lost", "restored", "sign_in", "register", "unfetched")
"""What the sync centre says at its top, whatever rows it shows."""
_WAITING = ("waiting", "held_up", "held_filings")
"""What stands among the rows that wait."""
_NUMBERS: Mapping[str, Mapping[str, Any]] = {
    "open": {"tab": "open"},
    "signing": {"tab": "signing"},
    "follow_up": {"tab": "after"},
    "closed": {"tab": "all", "states": ("closed",)},
}


@dataclass(frozen=True)
class Loaded:
    """Everything the page shows, read at one time."""

    board: Board
    drafts: tuple[Unfinished, ...]
    backup: BackupNote
    now: dt.datetime
    registered: bool


def read_today(office: Office) -> Loaded:
    """Read on the read lane."""
    from app.services import profile

    last = office.backups.last()
    return Loaded(
        board=office.today.board(),
        drafts=office.drafts.unfinished(),
        backup=BackupNote(last.made_at if last is not None else None),
        now=office.desk.clock.now(),
        registered=profile.enrolment_of(office.desk).complete,
    )


class TodayPage(WorkingPage):
    """The first page of the day."""

    answers_in_subtitle = True
    kinds = frozenset(
        {"cases", "tasks", "outbox", "conflicts", "appointments", "settings", "drafts", "backups"}
    )
    help_text = (
        "这一页回答今天必须办几件、最急哪件。上下键选一行，按 Enter 开始办。"
        "右边是今天的日程和要留意的事；数字可以点开看是哪些案件。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "today", title="今日")
        self._loaded: Loaded | None = None
        self._focus_wanted = True
        self._tasks: dict[str, TaskRow] = {}
        self._drafts: dict[str, Unfinished] = {}
        self.calendar_button = Button(self.look, "看日历", name="today.calendar.open", icon="calendar-days")
        self.print_button = Button(self.look, "打印今日单", name="today.sheet.print", icon="printer")
        self.calendar_button.clicked.connect(self.open_calendar)
        self.print_button.clicked.connect(self.open_sheet)
        self.set_actions([self.calendar_button, self.print_button])
        self.register = InfoBar(
            self.look, "info", "这台电脑还没有登记到平台",
            "登记以后才能收办件、登记来访；不联网可以先看看设置。",
            name="today.register", action="去登记",
        )  # fmt: skip
        self.register.hide()
        self.register.acted.connect(lambda: self.navigate.emit("sync", {}))
        self.set_below_header(self.register)
        self._build_groups()
        self.side_panel = TodaySide(self.look)
        self.set_side(self.side_panel, "今日日程", "看日程", "收起日程")
        self.side_panel.schedule.add_link.clicked.connect(lambda: self.add_item())
        self.side_panel.schedule.opened.connect(self._open_case)
        self.side_panel.numbers.asked.connect(self._number_asked)
        self.side_panel.attention.asked.connect(self._attention_asked)
        self.add_shortcut("Ctrl+P", "打印今日单", self.open_sheet)
        context.schedule.minute.connect(self._minute)
        context.schedule.day_changed.connect(self._day_changed)

    # -- building --------------------------------------------------------------------------------

    def _build_groups(self) -> None:
        look = self.look
        hint = Text("↑↓ 选择　Enter 开始办", role="label", tone="textSecondary")
        self.today_card = Card("今天", "", hint, flush=True)
        self.today_list = TaskList(look, "今天要办的", name="today.today.list")
        self.today_empty = EmptyState(
            look, "今天没有到期的事。", name="today.today.empty", icon="circle-check"
        )
        self.today_card.add(self.today_list)
        self.today_card.add(self.today_empty)
        self.approve_card = Card("等我批准", "同事送来的，批准后才发给平台", flush=True)
        self.approve_list = TaskList(look, "等我批准", name="today.approve.list")
        self.approve_card.add(self.approve_list)
        self.approve_card.hide()
        self.resume_card = Card("接着办", "没写完的，都在本机", flush=True)
        self.resume_list = TaskList(look, "接着办", name="today.resume.list")
        self.resume_card.add(self.resume_list)
        self.until = Text("", role="label", tone="textSecondary")
        self.soon_card = Card("这几天到期", "", self.until, flush=True)
        self.soon_list = TaskList(look, "这几天到期", name="today.soon.list")
        self.soon_none = Text("这几天没有到期的事。", tone="textSecondary")
        none = QWidget()
        inside = row(IconLabel(look, "circle-check", color="ok.fg"), self.soon_none, None, spacing=10)
        inside.setContentsMargins(16, 12, 16, 12)
        none.setLayout(inside)
        self.soon_empty = none
        self.fold = FoldLine(look, "hourglass", name="today.waiting.fold")
        self.waiting_list = TaskList(look, "等对方的", name="today.waiting.list")
        self.waiting_list.hide()
        self.fold.toggled.connect(self.waiting_list.setVisible)
        for item in (self.soon_list, self.soon_empty):
            self.soon_card.add(item)
        self.fold_line = _line_above(self.fold)
        self.soon_card.add(self.fold_line)
        self.soon_card.add(self.waiting_list)
        self.waiting = SkeletonRows(look, name="today.page.waiting")
        self.lists = (self.today_list, self.approve_list, self.resume_list, self.soon_list, self.waiting_list)
        for one in self.lists:
            one.acted.connect(self._acted)
        ListChain(self.lists, self)
        for card in (self.today_card, self.resume_card, self.soon_card):
            card.hide()
        content = QWidget()
        content.setLayout(
            column(
                self.waiting,
                self.today_card,
                self.approve_card,
                self.resume_card,
                self.soon_card,
                None,
                spacing=16,
            )
        )
        identify(content, "today.groups")
        self.set_content(content, scrolled=True)

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Read the board; the first row takes the focus."""
        self._focus_wanted = True
        if self._loaded is not None:
            self._focus_first()
        self._read()

    def show_first(self, first: FirstBoard) -> None:
        """Show what one snapshot says until the profile is open and everything is read anew."""
        self._show(
            Loaded(first.board, first.drafts, BackupNote(first.backup_at), first.now, first.registered)
        )

    def leave(self) -> None:
        """Reads are given up; nothing is unsaved here."""
        self.drop_all()
        self.waiting.finish()

    def refresh(self, changes: ChangeSet) -> None:
        """Something changed; the rows are read anew, the current one stays current."""
        self._read()

    def focus_areas(self) -> Sequence[QWidget]:
        """Groups, then the side."""
        shown: list[QWidget] = [one for one in self.lists if one.isVisible()]
        if not self.narrow:
            shown.append(self.side_panel)
        return shown

    def _read(self) -> None:
        if self._loaded is None:
            self.waiting.begin("正在看今天要办的事…")
        self.fetch("看今日", read_today, self._show, self._not_read)

    def _not_read(self, _error: BaseException) -> bool:
        self.waiting.finish()
        return False

    def _show(self, loaded: Loaded) -> None:
        self.waiting.finish()
        self._loaded = loaded
        board = loaded.board
        self.register.setVisible(not loaded.registered)
        self.set_title(board.headline, board.subtitle)
        self._tasks = {r.task_id: r for r in (*board.today, *board.soon, *board.waiting)}
        self._drafts = {f"draft:{d.kind}:{d.subject}": d for d in loaded.drafts}
        self._fill(board)
        self._fill_drafts(loaded.now)
        self.side_panel.show_board(board, loaded.backup, loaded.now)
        if self._focus_wanted:
            self._focus_first()

    def _fill_drafts(self, now: dt.datetime) -> None:
        """What colleagues sent for approval, and what one has not written to the end oneself."""
        for card, tasks, approving in (
            (self.approve_card, self.approve_list, True),
            (self.resume_card, self.resume_list, False),
        ):
            mine = {key: d for key, d in self._drafts.items() if (d.kind == APPROVAL) is approving}
            tasks.set_tasks([_draft_row(key, d, now) for key, d in mine.items()])
            card.setVisible(bool(mine))

    def _fill(self, board: Board) -> None:
        self.today_list.set_tasks([_task(r) for r in board.today])
        self.soon_list.set_tasks([_task(r) for r in board.soon])
        self.waiting_list.set_tasks([_task(r) for r in board.waiting])
        self.today_list.setVisible(bool(board.today))
        self.today_empty.setVisible(not board.today)
        if board.fetched:
            self.today_empty.set_texts("今天没有到期的事。", board.next_text)
        else:
            self.today_empty.set_texts(f"{NOT_FETCHED}。", "没有丢；收到以后，今天要办的会排在这里。")
        self.soon_none.setText("这几天没有到期的事。" if board.fetched else "收到以后才知道。")
        self.soon_list.setVisible(bool(board.soon))
        self.soon_empty.setVisible(not board.soon)
        self.fold.set_words(board.waiting_text)
        self.fold_line.setVisible(bool(board.waiting))
        if not board.waiting:
            self.fold.setChecked(False)
        self.until.setText(f"到 {month_day(board.soon_until)}")
        must = sum(one.hard for one in board.today)
        rest = f"，必须办的 {must} 件" if 0 < must < len(board.today) else ""
        counted = (
            (self.today_card, f"{len(board.today)} 件{rest}"),
            (self.soon_card, f"{len(board.soon)} 件"),
        )
        for card, words in counted:
            if card.header is not None:
                card.header.note.setText(words)
            card.show()

    def _focus_first(self) -> None:
        """The first row takes the focus once, when the page comes to the front."""
        first = next((one for one in self.lists if one.isVisibleTo(self) and one.sizeHint().height()), None)
        if first is None or not self.isVisible():
            return
        self._focus_wanted = False
        first.focus_first()

    # -- acting ----------------------------------------------------------------------------------

    def _acted(self, key: str) -> None:
        if key in self._drafts and self._drafts[key].kind == "appointment":
            self.add_item(dt.date.fromisoformat(self._drafts[key].subject))
            return
        if key in self._drafts:
            page, params = today_routes.of_draft(self._drafts[key])
        else:
            page, params = today_routes.of_task(self._tasks[key])
        self.navigate.emit(page, dict(params))

    def _open_case(self, case_id: str) -> None:
        self.navigate.emit("case", {"case_id": case_id})

    def _number_asked(self, key: str) -> None:
        if self.later(lambda: self._number_asked(key)):
            return
        own = (self.office.desk.person.person_id,)
        self.navigate.emit("cases", {**_NUMBERS[key], "mediators": own})

    def _attention_asked(self, kind: str) -> None:
        if kind == "backup":
            self.navigate.emit("settings", {"section": "backup"})
        elif kind == "colleagues":
            self.navigate.emit("cases", {"tab": "open"})
        else:
            shown = {**dict.fromkeys(_WAITING, "waiting"), **dict.fromkeys(_TOP, "")}
            self.navigate.emit("sync", {"filter": shown.get(kind, "needs_you")})

    def add_item(self, day: dt.date | None = None) -> None:
        """加一项 to the schedule of today, or of the day of a draft."""
        if self.later(lambda: self.add_item(day)):
            return
        from ui.pages.today_calendar import AddItemDialog

        AddItemDialog(self, day or self.office.desk.today()).open()

    def open_calendar(self) -> None:
        """看日历: the month with what falls due."""
        if self.later(self.open_calendar):
            return
        from ui.pages.today_calendar import CalendarDialog

        CalendarDialog(self).start()

    def open_sheet(self) -> None:
        """打印今日单: first the preview."""
        if self.later(self.open_sheet):
            return
        # PDF and printing are loaded when first wanted: this page is the first to be painted.
        from app.services.day_sheet import DaySheet
        from ui.dialogs.paper import PaperDialog

        office = self.office
        PaperDialog(
            self.look,
            self.context.operations,
            DaySheet(office.desk).render,
            self.window(),
            title="今日单",
            note="姓名已遮挡",
            file_name=f"今日单 {office.desk.today():%Y-%m-%d}.pdf",
            name="today.sheet",
        ).start()

    # -- time ------------------------------------------------------------------------------------

    def _minute(self, now: dt.datetime) -> None:
        if self._loaded is not None and self.isVisible():
            self.side_panel.schedule.set_now(now)

    def _day_changed(self, _day: dt.date) -> None:
        if self.isVisible():
            self._read()


def _line_above(widget: QWidget) -> QWidget:
    holder = QWidget()
    holder.setLayout(column(Divider(), widget, spacing=0))
    return holder


def _task(row_: TaskRow) -> Task:
    icon = _ICONS.get(row_.kind, "") if row_.status == "info" else ""
    if not icon:
        icon = "calendar-days" if row_.status == "neutral" else default_icon(row_.status)
    return Task(
        key=row_.task_id,
        label=Label(row_.tag, icon, row_.status),
        verb=row_.verb,
        title=row_.title,
        who=row_.parties,
        why=row_.reason,
        action=row_.action,
    )


def _draft_row(key: str, draft: Unfinished, now: dt.datetime) -> Task:
    saved = shanghai(from_text(draft.saved_at))
    same_day = saved.date() == shanghai(now).date()
    when = f"{saved:%H:%M}" if same_day else f"{saved.month}月{saved.day}日 {saved:%H:%M}"
    if draft.kind == APPROVAL:
        label, why, action = Label("等我批准", "user-check", "dueSoon"), "送来，批准后才发给平台", "去批准"
    elif draft.returned_by:
        label, why, action = Label("退回来改", "undo-2", "dueSoon"), "退回，没有发给平台", "去改"
    else:
        label, why, action = Label("没写完", "pen-line", "neutral"), "已存在本机", "接着写"
    return Task(
        key=key,
        label=label,
        verb=today_routes.draft_words(draft),
        title=draft.title,
        who="",
        why=f"{when} {why}",
        action=action,
    )

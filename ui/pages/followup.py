"""回访: whom to call today, what they said last, whether the agreement is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.clock import from_text, shanghai
from app.services.changes import ChangeSet, Written
from app.services.drafts import Draft
from app.services.followups import DONE, TABS, Board, CallDetail, CallLine
from ui.context import Context
from ui.labels import Label, month_day
from ui.pages.case_data import ARCHIVED
from ui.pages.case_reveal import FieldReveal
from ui.pages.drafting import DraftKeeper
from ui.pages.followup_form import CallForm
from ui.pages.followup_side import FollowupSide
from ui.pages.inbox_data import Line
from ui.pages.inbox_list import InboxLines
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.choices import Segmented
from ui.widgets.fitting import FootRow
from ui.widgets.gutter import FittingArea
from ui.widgets.states import EmptyState
from ui.widgets.tags import default_icon

if TYPE_CHECKING:
    from app.services.office import Office

DRAFT_KIND = "followup"
LIST_WIDTH = 330
EMPTY = {
    "follow_up": "这几天没有要回访的。",
    "performance": "没有要盯的付款。",
    "unkept": "没有反悔、闹大的苗头。",
    DONE: "还没有回访完的案件。",
}
_ACT, _MISSED = "登记回访", "没打通"


class FollowupPage(WorkingPage):
    """Names, the call in the middle, month and payments beside it; params ``case_id``, ``tab``."""

    kinds = frozenset({"cases", "tasks", "drafts", "settings"})
    answers_in_subtitle = True
    drawer_below = 1390
    side_width = 306
    help_text = (
        "这一页看今天给谁打电话、上次怎么说、付款到期没有。上下键选一户，Enter 到右边；履行情况可以按数字选。"
        "Ctrl Enter 存好并打下一户，没打通的明天 9 点再提醒。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "followup", title="回访")
        look = self.look
        self._tab, self._case_id = "follow_up", ""
        self._focus_list = False
        self.tabs = Segmented(look, "回访", TABS, name="followup.tabs", value="follow_up")
        self.set_header_aside(self.tabs)
        self.reveal = FieldReveal(self)
        self.form = CallForm(look, self.reveal.field)
        self.keeper = DraftKeeper(self, DRAFT_KIND, self._collect, self._kept, self._came_back)
        self._build_list()
        self._build_form()
        holder = QWidget()
        whole = row(self._list_card, self._form_card, spacing=16)
        whole.setStretch(1, 1)
        holder.setLayout(whole)
        identify(holder, "followup.content")
        self.set_content(holder)
        self.panel = FollowupSide(look, self.office.desk.today())
        self.set_side(self.panel, "日历和履行计划", "看日历", "收起日历")
        self._connect()
        look.follow(self, self._size)

    # -- building --------------------------------------------------------------------------------

    def _build_list(self) -> None:
        look = self.look
        self.lines = InboxLines(look, name="followup.list", spoken="要回访的名单")
        self.soon = InboxLines(look, name="followup.soon", spoken="快到期的履行")
        self.list_title = Text("待回访", role="section")
        self.list_note = Text("今天在前", role="label", tone="textSecondary")
        head = row(self.list_title, None, self.list_note)
        head.setContentsMargins(16, 10, 16, 10)
        self._soon_area = QWidget()
        soon_head = row(Text("快到期的履行", role="section"), None)
        soon_head.setContentsMargins(16, 10, 16, 10)
        self._soon_area.setLayout(column(Divider(), soon_head, Divider(), self.soon, spacing=0))
        self.empty = EmptyState(look, EMPTY["follow_up"], name="followup.empty", icon="phone-call")
        self._list_card = Card(flush=True)
        for part in (head, Divider(), self.lines, self.empty, self._soon_area):
            self._list_card.add(part)
        self._list_card.body.setStretch(2, 1)
        self._list_card.body.setStretch(3, 1)
        note = QWidget()
        mark = IconLabel(look, "info", color="textSecondary", edge=16)
        note.setLayout(row(mark, Text("回访日按本机构设定", role="label", tone="textSecondary"), None))
        self._list_card.set_footer(note)

    def _build_form(self) -> None:
        look = self.look
        self.case_button = self.form.case_button
        self.missed_button = Button(look, "没打通，明天再打", name="followup.missed")
        self.go_button = PrimaryButton(look, "存好，打下一户", name="followup.save")
        self.saved = Text("", role="label", tone="textTertiary")
        self.saved.hide()
        note = Text("")
        note.hide()
        self.foot = FootRow(self.saved, note, (self.missed_button,), self.go_button)
        area = FittingArea()
        area.setWidget(self.form)
        self.nothing = EmptyState(look, "从左边选一户。", name="followup.nothing", icon="phone-call")
        self._foot_area = QWidget()
        lines = column(Divider(), self.foot, spacing=12)
        lines.setContentsMargins(18, 0, 18, 14)
        self._foot_area.setLayout(lines)
        self._call = QWidget()
        call = column(area, self._foot_area, spacing=0)
        call.setStretch(0, 1)
        self._call.setLayout(call)
        self._form_card = Card(flush=True)
        self._form_card.add(self._call)
        self._form_card.add(self.nothing)
        self._call.hide()

    def _connect(self) -> None:
        self.tabs.chosen.connect(self._tab_chosen)
        for lines in (self.lines, self.soon):
            lines.chosen.connect(self._line_chosen)
            lines.entered.connect(lambda _case: self.form.focus_first())
        self.form.touched.connect(self.keeper.touch)
        self.go_button.clicked.connect(self.save_call)
        self.missed_button.clicked.connect(self.missed)
        self.case_button.clicked.connect(self._open_case)
        self.panel.day_asked.connect(self._day_asked)
        self.panel.perform_asked.connect(self._perform)
        self.panel.evidence_asked.connect(lambda: self._open_case("evidence"))

    def _size(self) -> None:
        self._list_card.setFixedWidth(self.look.metrics.px(250 if self.narrow else LIST_WIDTH))

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show a case, or a tab, or what stood here before."""
        if tab := str(params.get("tab", "")):
            self._take_tab(tab)
        case_id = str(params.get("case_id", ""))
        if case_id:
            self._choose(case_id)
        self._focus_list = not case_id
        self._read()

    def leave(self) -> None:
        """Keep what is typed, cover the numbers."""
        self.keeper.flush()
        self.cover()
        self.drop_all()

    def cover(self) -> None:
        """Cover the numbers."""
        self.form.cover()

    def refresh(self, changes: ChangeSet) -> None:
        """Renew list and call; what is typed stays."""
        self._read()

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window month and payments are a drawer, and the main button sticks to the foot."""
        if narrow == self.narrow:
            return
        super().set_narrow(narrow)
        self._place_actions()
        self._size()

    def _place_actions(self) -> None:
        narrow = self.narrow
        self.set_actions([self.missed_button] if narrow else [], self.go_button if narrow else None)
        if not narrow:
            self.foot.take_back()
        self._foot_area.setVisible(not narrow)
        self._soon_area.setVisible(bool(self.soon.lines) and not narrow)

    def focus_areas(self) -> Sequence[QWidget]:
        """Names, call, month."""
        return [self.lines, self._call, *([] if self.narrow else [self.panel])]

    # -- reading ---------------------------------------------------------------------------------

    def _read(self) -> None:
        tab = self._tab
        self.fetch("看回访", lambda office: office.follow_ups.board(tab), self._show)

    def _show(self, board: Board) -> None:
        self.set_title("回访", board.headline)
        for key, words in TABS:
            # Of those that are done it is only known once they were looked for.
            known = key in board.counts or key != DONE
            self.tabs.relabel(key, f"{words} {board.counts.get(key, 0):,}" if known else words)
        lines, soon = ([_line(one) for one in found] for found in (board.lines, board.soon))
        self.lines.set_lines(lines, self._case_id)
        self.soon.set_lines(soon, "" if self.lines.current_key else self._case_id)
        self.lines.setVisible(bool(lines))
        self.empty.set_texts(EMPTY[board.tab])
        self.empty.setVisible(not lines)
        # In a narrow window there is no room for both; 盯履行 has them too.
        self._soon_area.setVisible(bool(soon) and not self.narrow)
        self.soon.setFixedHeight(self.look.metrics.px(92) * min(len(soon), 2))
        self.list_title.setText(dict(TABS)[board.tab])
        self.list_note.setText("最近回访的在前" if board.tab == DONE else "今天在前")
        self.panel.show_marks(board.marks)
        if self._case_id:
            self._read_detail()
        elif lines:
            self.lines.choose(lines[0].case_id)
        else:
            self._show_nothing()
        if self._focus_list and lines:
            self.lines.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus_list = False

    def _read_detail(self) -> None:
        case_id = self._case_id

        def work(office: Office) -> tuple[CallDetail, Draft | None]:
            return office.follow_ups.detail(case_id), office.drafts.get(DRAFT_KIND, case_id)

        self.fetch("打开回访", work, self._show_detail, self._not_opened)

    def _show_detail(self, found: tuple[CallDetail, Draft | None]) -> None:
        detail, draft = found
        held = self.form.detail
        if held is not None and held.view.head.case_id == detail.view.head.case_id and self._call.isVisible():
            self.form.renew(detail)
        else:
            self.form.show_detail(detail, draft.body if draft is not None else {})
            self.keeper.follow(self._case_id, draft.body if draft is not None else None)
            self._say_saved(draft.saved_at if draft is not None else "")
        self.reveal.case_id = self._case_id
        over = ARCHIVED if detail.view.head.state == "archived" else ""
        for button in (self.go_button, self.missed_button):
            button.set_unavailable(over)
        self.panel.show_plan(detail)
        self._call.show()
        self.nothing.hide()

    def _not_opened(self, error: BaseException) -> bool:
        self._case_id = ""
        self._show_nothing()
        return hasattr(error, "message")

    def _show_nothing(self) -> None:
        self.keeper.stop()
        self._call.hide()
        self.nothing.show()
        self.panel.show_plan(None)
        self.form.detail = None

    # -- choosing --------------------------------------------------------------------------------

    def _take_tab(self, tab: str) -> None:
        self._tab = tab if tab in dict(TABS) else "follow_up"
        self.tabs.blockSignals(True)
        self.tabs.choose(self._tab)
        self.tabs.blockSignals(False)
        self.tabs.restyle()

    def _tab_chosen(self, tab: str) -> None:
        self._tab = tab
        self._choose("")
        self._focus_list = True
        self._read()

    def _line_chosen(self, case_id: str) -> None:
        if case_id != self._case_id:
            self._choose(case_id)
            self._read_detail()

    def _choose(self, case_id: str) -> None:
        self.keeper.stop()
        self.form.cover()
        self._case_id = case_id
        self.form.detail = None

    def _day_asked(self, day: dt.date) -> None:
        for lines in (self.lines, self.soon):
            found = next((one for one in lines.lines if one.received == month_day(day)), None)
            if found is not None:
                lines.choose(found.case_id)
                return
        self.said.emit("这一天没有要回访的，也没有付款到期。")

    # -- draft -----------------------------------------------------------------------------------

    def _collect(self) -> dict[str, Any] | None:
        return dict(self.form.as_draft() or {})

    def _kept(self, saved_at: str) -> None:
        self._say_saved(saved_at)

    def _came_back(self, draft: Draft) -> None:
        if self.form.detail is not None and draft.subject == self._case_id:
            self.form.show_detail(self.form.detail, draft.body)
            self.keeper.follow(self._case_id, draft.body)

    def _say_saved(self, saved_at: str) -> None:
        self.saved.setText(f"{shanghai(from_text(saved_at)):%H:%M:%S} 已存在本机" if saved_at else "")
        self.saved.setVisible(bool(saved_at))

    # -- acts ------------------------------------------------------------------------------------

    def save_call(self) -> None:
        """存好，打下一户."""
        if self.form.detail is None or self.go_button.unavailable or self.form.problem():
            return
        case_id, body, following = self._case_id, self.form.follow_up(), self._next_key()

        def work(office: Office) -> Any:
            from app.services.casework import using_draft

            with using_draft(DRAFT_KIND, case_id):
                return office.handling.record_follow_up(case_id, body)

        def done(_written: Written[None]) -> None:
            self.keeper.forget()
            self._choose(following)
            self._focus_list = True
            self._read()

        urgent = body.warning == "urgent"
        said = "已存好，10 秒后发送。" + (
            "很急的，今天就报告公安、街道（人民调解法第25条）。" if urgent else ""
        )
        self.save(_ACT, work, done, said=said, of=case_id)

    def missed(self) -> None:
        """没打通，明天再打."""
        detail = self.form.detail
        if detail is None:
            return
        case_id, following = self._case_id, self._next_key()
        party = next((p for p in detail.view.parties if p.side == "respondent"), detail.view.parties[0])

        def done(written: Written[dt.datetime]) -> None:
            again = shanghai(written.value)
            self.said.emit(f"记下了没打通，{month_day(again.date())} {again:%H:%M} 再打。")
            self._choose(following)
            self._read()

        self.save(
            _MISSED, lambda office: office.handling.missed_call(case_id, party.party_id), done, of=case_id
        )

    def _next_key(self) -> str:
        """The next one to call, else nobody."""
        keys = [one.case_id for one in (*self.lines.lines, *self.soon.lines)]
        if self._case_id not in keys:
            return keys[0] if keys else ""
        at = keys.index(self._case_id)
        rest = [key for key in (*keys[at + 1 :], *keys[:at]) if key != self._case_id]
        return rest[0] if rest else ""

    def _open_case(self, tab: object = "performance") -> None:
        if self._case_id:
            where = tab if isinstance(tab, str) else "performance"
            self.navigate.emit("case", {"case_id": self._case_id, "tab": where})

    def _perform(self, number: int) -> None:
        self.navigate.emit(
            "case", {"case_id": self._case_id, "tab": "performance", "ask": f"perform@{number}"}
        )


def _line(one: CallLine) -> Line:
    task = one.row
    icon = "calendar-days" if task.status == "neutral" else default_icon(task.status)
    again = task.remind_at
    note = f"没打通，{month_day(shanghai(again).date())}再打" if again is not None else task.reason
    return Line(
        case_id=task.case_id,
        title=task.title,
        tag=Label(task.tag, icon, task.status),
        who=f"{task.parties}　{one.dispute_kind}",
        received=month_day(task.due_on) if task.due_on is not None else "",
        standing=note,
    )

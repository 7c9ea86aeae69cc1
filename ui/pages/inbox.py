"""办件箱: what the platform dispatched; see the application, reach the respondent, go on to the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.clock import shanghai
from app.services.changes import ChangeSet
from app.services.drafts import Draft
from app.services.sync_centre import OFFLINE_CODES
from ui.context import Context
from ui.pages.inbox_data import TABS, Detail, InboxList, read_detail, read_list
from ui.pages.inbox_detail import InboxDetail
from ui.pages.inbox_list import InboxLines
from ui.pages.inbox_steps import InboxSteps
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.cards import Card
from ui.widgets.choices import Segmented
from ui.widgets.fitting import ElidedText
from ui.widgets.states import EmptyState, InfoBar

if TYPE_CHECKING:
    from app.services.office import Office

LIST_WIDTH = 354
ROOMY = 1230
"""Logical width of the page from which the list is as wide as drawn."""
TIGHT = 700
"""Logical width of the page under which the list is no wider than its titles need."""
RECEIVE_MS = 60_000
"""After this long 收取 is offered again even when nobody told how it ended."""


class InboxPage(WorkingPage):
    """List at the left, the chosen 办件 at the right."""

    kinds = frozenset({"cases", "tasks", "outbox", "conflicts", "attachments", "institution", "settings"})
    drawer_below = 1320
    """Three columns side by side want more room than other pages."""
    help_text = (
        "平台转来的办件在这里：先看申请，在期限内联系被申请人，再决定受理或不予受理。"
        "号码点“显示号码”选理由后看，会留下记录。Alt+1 到 Alt+4 选联系结果，Ctrl+Enter 存好并去下一步。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "inbox", title="办件箱")
        self._tab, self._case_id = "todo", ""
        self._listed = False
        self._following = False
        self._focus_form = self._focus_list = False
        self._ask = ""
        look = self.look
        self.tabs = Segmented(look, "办件", TABS, name="inbox.tabs", value="todo")
        self.set_header_aside(self.tabs)
        self.receive_button = Button(look, "收取", name="inbox.receive.now", icon="refresh-cw")
        self.suspended_bar = InfoBar(look, "dueToday", "平台暂停本机构接收新办件", name="inbox.suspended")
        self.error_bar = InfoBar(
            look, "dueToday", "没收到新办件", name="inbox.error", icon="cloud-alert", action="现在再试"
        )
        for bar in (self.suspended_bar, self.error_bar):
            bar.hide()
            self.set_below_header(bar)
        self.detail = InboxDetail(self)
        self.steps = InboxSteps(self, self.detail)
        self._build_list()
        self._build_content()
        self.set_actions([self.receive_button])
        self.tabs.chosen.connect(self._tab_chosen)
        self.receive_button.clicked.connect(self.receive)
        self.error_bar.acted.connect(self._error_acted)
        self._halted = False
        """Whether nothing is received until the person did something."""
        self._receiving = QTimer(self)
        self._receiving.setSingleShot(True)
        self._receiving.timeout.connect(self._received)
        for number, key in enumerate(("willing", "unwilling", "unreached", "considering"), start=1):
            self.add_shortcut(f"Alt+{number}", "选联系结果", self._result_slot(key))

    # -- building --------------------------------------------------------------------------------

    def _build_list(self) -> None:
        look = self.look
        self.lines = InboxLines(look, name="inbox.list")
        self.lines.chosen.connect(self._line_chosen)
        self.lines.entered.connect(self._line_entered)
        self.fresh = ElidedText("", role="label", tone="textSecondary")
        self.order = Text("", role="label", tone="textSecondary")
        top = row(self.order, None, self.fresh)
        top.setContentsMargins(16, 10, 16, 10)
        self.empty = EmptyState(look, "没有要处理的办件。平台转来时会出现在这里。", name="inbox.empty")
        self.settings_link = LinkButton(look, "看设定", name="inbox.rules.open", about="期限的机构设定")
        self.settings_link.clicked.connect(self._open_rules)
        note = Text("起算日、决定期限都是机构设定。", role="label", tone="textSecondary")
        self._rules_note = QWidget()
        foot = row(IconLabel(look, "info", color="textSecondary", edge=16), note, self.settings_link, None)
        foot.setContentsMargins(16, 6, 8, 6)
        self._rules_note.setLayout(foot)
        whole = column(top, Divider(), self.lines, self.empty, Divider(), self._rules_note, spacing=0)
        whole.setStretch(2, 1)
        whole.setStretch(3, 1)
        self._left = QWidget()
        self._left.setLayout(whole)
        look.follow(self, self._size_list)

    def _size_list(self) -> None:
        metrics = self.look.metrics
        roomy = metrics.logical(self.width()) >= ROOMY
        tight = metrics.logical(self.width()) < TIGHT
        small = 170 if tight else 250
        self.order.setVisible(not (tight and self.narrow))
        wide = small if self.narrow else LIST_WIDTH if roomy else 286
        self._left.setFixedWidth(metrics.px(wide))
        self._rules_note.setVisible(roomy and not self.narrow)

    def _build_content(self) -> None:
        card = Card(flush=True)
        identify(card, "inbox.card")
        inside = row(self._left, Divider(vertical=True), self.detail, spacing=0)
        inside.setStretch(2, 1)
        card.add(inside)
        self.set_content(card)

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show a case (``case_id``), or a tab (``tab``), or what stood here before.

        ``ask``: the dialog to open, a draft's kind.
        """
        case_id = str(params.get("case_id", ""))
        self._focus_form, self._focus_list = bool(case_id), not case_id
        self._ask = str(params.get("ask", ""))
        if tab := str(params.get("tab", "")):
            self._take_tab(tab)
        if case_id:
            self._case_id = case_id
            self._read_detail(find_tab=True)
        else:
            self._read_list()

    def leave(self) -> None:
        """Save what is typed, cover what shows, give up reads."""
        self.detail.leave()
        self.steps.leave()
        self.drop_all()

    def refresh(self, changes: ChangeSet) -> None:
        """Renew list and detail; what is typed stays."""
        self._read_list()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list gives way to the form."""
        super().resizeEvent(event)
        self._size_list()

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the application is a drawer and the primary button sticks to the foot."""
        if narrow == self.narrow:
            return
        if narrow:
            super().set_narrow(True)
            self.detail.set_narrow(True)
        else:
            self.detail.set_narrow(False)
            super().set_narrow(False)
        self._size_list()

    def focus_areas(self) -> Sequence[QWidget]:
        """List, form, application."""
        return [self.lines, *self.detail.focus_areas()]

    def place_actions(self, primary_here: bool) -> None:
        """The detail says where its primary button stands; the rest of the header stays."""
        extra = [self.detail.hand_back, self.detail.waive_button] if primary_here else []
        self.set_actions([*extra, self.receive_button], self.detail.primary if primary_here else None)

    # -- reading ---------------------------------------------------------------------------------

    def _read_list(self) -> None:
        tab = self._tab
        self.fetch("看办件箱", lambda office: read_list(office, tab), self._show_list)

    def _read_detail(self, *, find_tab: bool = False) -> None:
        case_id = self._case_id
        self.detail.wait()

        def work(office: Office) -> tuple[Detail, Draft | None]:
            return read_detail(office, case_id), office.drafts.get("contact", case_id)

        def done(found: tuple[Detail, Draft | None]) -> None:
            detail, draft = found
            if find_tab:
                self._take_tab(detail.view.plan.bucket or "case")
                self._read_list()
            self.detail.show_detail(detail, draft)
            if self._focus_form:
                self._focus_form = False
                self.detail.focus_first()
            ask, self._ask = self._ask, ""
            self.steps.go_on(ask)

        self.fetch("打开办件", work, done, self._not_opened)

    def _not_opened(self, error: BaseException) -> bool:
        self._case_id = ""
        self.detail.show_nothing(getattr(error, "message", "这件办件打不开，其余照常。"))
        self._read_list()
        return hasattr(error, "message")

    def _show_list(self, found: InboxList) -> None:
        self._listed = True
        self.lines.set_lines(found.lines, self._case_id)
        self.lines.setVisible(bool(found.lines))
        if self._focus_list and found.lines:
            self.lines.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus_list = False
        self.empty.setVisible(not found.lines)
        self._say_empty(found)
        for key, text in TABS:
            self.tabs.relabel(key, f"{text} {found.counts.get(key, 0):,}")
        self._say_title(found)
        self._say_standing(found)
        held = self._case_id and self._case_id == self.lines.current_key
        if held:
            self._renew_detail()
        elif found.lines:
            self.lines.choose(found.lines[0].case_id)
        else:
            self._case_id = ""
            self.detail.show_nothing()

    def _renew_detail(self) -> None:
        if self.detail.case_id != self._case_id:
            self._read_detail()
            return
        case_id = self._case_id
        self.fetch("打开办件", lambda office: read_detail(office, case_id), self.detail.renew)

    def _say_title(self, found: InboxList) -> None:
        todo = found.counts.get("todo", 0)
        # Counted among the rows, of which there may be more than the list shows; the rest is the platform's.
        parts = ((todo - found.walk_ins, "平台转来"), (found.walk_ins, "来访"))
        words = "、".join(f"{source} {number} 件" for number, source in parts if number)
        if not todo:
            self.set_title("办件箱", "没有要处理的办件。")
        elif found.to_reach:
            more = f"，另有 {found.due_today} 件今天到期" if found.due_today else ""
            self.set_title("办件箱", f"{words}要处理，其中 {found.to_reach} 件今天要联系到人{more}。")
        elif found.due_today:
            self.set_title("办件箱", f"{words}要处理，其中 {found.due_today} 件今天到期。")
        else:
            self.set_title("办件箱", f"{words}要处理，今天没有到期的。")

    def _say_empty(self, found: InboxList) -> None:
        self.order.setText("后收到的在前" if found.tab == "refused" else "按截止时间排列")
        words = {
            "todo": "没有要处理的办件。平台转来时会出现在这里。",
            "waiting": "没有在等答复的办件。",
            "case": "还没有转成案件的办件。",
            "refused": "没有不予受理或退回的办件。",
        }[found.tab]
        last = found.standing.last_success_at
        hint = f"上次收取 {shanghai(last):%m-%d %H:%M}" if last is not None else "还没有收取过"
        self.empty.set_texts(words, hint if found.tab == "todo" else "")

    def _say_standing(self, found: InboxList) -> None:
        standing = found.standing
        last = f"{shanghai(standing.last_success_at):%H:%M}" if standing.last_success_at else ""
        offline = standing.error_code in OFFLINE_CODES
        if not last:
            self.fresh.setText("还没有收取过")
        else:
            self.fresh.setText(f"离线，看到的是 {last} 收到的" if offline else f"上次收取 {last}")
            self.fresh.set_shorter(f"离线，收于 {last}" if offline else last)
        failed = bool(standing.error) and not offline
        self._halted = failed and standing.next_attempt_at is None
        if failed:
            again = standing.next_attempt_at
            when = f"{shanghai(again):%H:%M} 再试。" if again is not None else "要您先办好才接着收。"
            self.error_bar.set_texts(
                f"没收到新办件：{standing.error.partition('。')[0]}。", f"已收到的不受影响，{when}"
            )
            self.error_bar.button.relabel("现在再试" if again is not None else "去同步中心")
        self.error_bar.setVisible(failed)
        what, why = found.suspended
        self.suspended_bar.set_texts(what, why)
        self.suspended_bar.setVisible(bool(what))

    # -- acting ----------------------------------------------------------------------------------

    def _error_acted(self) -> None:
        """What nothing but a person mends is mended in the sync centre."""
        if self._halted:
            self.navigate.emit("sync", {})
        else:
            self.receive()

    def receive(self) -> None:
        """收取: one complete exchange now; the button says so until it is over."""
        sync = self.context.sync
        if sync is None:
            self.said.emit("正在连接平台，连上后会自动收取。")
            return
        if not self._following:
            self._following = True
            sync.result.connect(self._received)
        sync.retry_now()
        self.receive_button.relabel("正在收取…")
        self._receiving.start(RECEIVE_MS)

    def _received(self, _result: object = None) -> None:
        self._receiving.stop()
        self.receive_button.relabel("收取")
        if self.isVisible():
            self._read_list()

    def _take_tab(self, tab: str) -> None:
        self._tab = tab
        self.tabs.blockSignals(True)
        self.tabs.choose(tab)
        self.tabs.blockSignals(False)
        self.tabs.restyle()

    def _tab_chosen(self, tab: str) -> None:
        self._tab = tab
        self.detail.leave()
        self._case_id = ""
        self._read_list()

    def _line_chosen(self, case_id: str) -> None:
        if case_id != self._case_id or self.detail.case_id != case_id:
            self._case_id = case_id
            self._read_detail()

    def _line_entered(self, case_id: str) -> None:
        if self.detail.case_id == case_id:
            self.detail.focus_first()
        else:
            self._focus_form = True

    def _open_rules(self) -> None:
        self.navigate.emit("settings", {"section": "rules"})

    def _result_slot(self, key: str) -> Any:
        return lambda: self.detail.choose_result(key)

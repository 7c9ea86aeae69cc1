"""案件详情: what happened, until when, who, what next — with everything that can be done from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QTextEdit, QWidget

from app.services.changes import ChangeSet
from app.services.drafts import Draft
from app.services.sync_words import GONE
from ui.context import Context
from ui.dialogs.viewer import attachment_items
from ui.pages.case_acts import SAID, plan_words
from ui.pages.case_course import CourseTab
from ui.pages.case_data import CaseData, read_case
from ui.pages.case_evidence import EvidenceTab
from ui.pages.case_files import FileAdder
from ui.pages.case_filling import CaseFilling
from ui.pages.case_later import LaterActs
from ui.pages.case_lists import DeadlinesTab, PapersTab, PerformanceTab
from ui.pages.case_menu import case_menu
from ui.pages.case_papers import CasePapers
from ui.pages.case_parties import PartiesTab, scrolled
from ui.pages.case_reveal import CaseReveal
from ui.pages.case_side import CaseSide
from ui.pages.disputed_bar import DisputedBar
from ui.pages.drafting import DraftKeeper
from ui.pages.held_bar import HeldBar
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, column, identify
from ui.widgets.buttons import Button, IconButton, PrimaryButton
from ui.widgets.states import InfoBar, SkeletonRows
from ui.widgets.tabs import Tabs

TAKEN_BACK = (
    "再写的平台不会收下。没送出的内容和草稿先都留着：按“看没送出的”，逐项“知道了，收起”；"
    "草稿从今日“接着办”打开，办完或清空。都办了，案件不再显示。"
)
TABS = (
    ("course", "经过"), ("parties", "当事人"), ("evidence", "证据材料"), ("papers", "文书"),
    ("deadlines", "期限"), ("performance", "履行与回访"),
)  # fmt: skip


class CasePage(WorkingPage):
    """One case. Parameters: ``case_id``, ``tab`` and ``ask`` (the form to open: a draft's kind)."""

    kinds = frozenset({"cases", "tasks", "attachments", "submissions", "conflicts", "settings", "people"})
    help_text = (
        "这一页看一件案件的经过、期限和当事人。右上角的主按钮是下一步，按 Ctrl Enter 直接做。"
        "个人信息默认遮挡，点“显示本案信息”选理由再看，15 分钟后自动遮挡。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "case", nav="cases", title="案件")
        self._case_id = ""
        self._data: CaseData | None = None
        self._ask = ""
        look = self.look
        self.rename_button = IconButton(look, "pencil", "改简称", name="case.title.rename", keys="F2")
        self.rename_button.hide()
        self.set_beside_title(self.rename_button)
        self.acts = LaterActs(self, self._current)
        self.papers = CasePapers(self)
        self.side_panel = CaseSide(look)
        self.reveal = CaseReveal(self, self.side_panel.parties)
        self._build_buttons()
        self._build_tabs()
        self.set_side(self.side_panel, "期限与当事人", "看期限", "收起期限")
        self.adder = FileAdder(self, self.evidence_tab.progress)
        self.note_draft = DraftKeeper(self, "note", self._note_body, came_back=self._begin_note)
        self._connect()

    # -- building --------------------------------------------------------------------------------

    def _build_buttons(self) -> None:
        look = self.look
        self.plan_button = Button(look, "约下次调解", name="case.session.plan", icon="calendar-days")
        self.draft_button = Button(look, "起草协议", name="case.agreement.draft", icon="file-pen-line")
        # The page's own key: a button that a narrow window folds into 更多 would take its key along.
        self.add_shortcut("Ctrl+Shift+A", "起草协议，或看定稿的", self._draft)
        self.more_button = Button(look, "更多", name="case.menu.open", icon="ellipsis")
        self.primary_button = PrimaryButton(look, "下一步", name="case.step.go", show_keys=False)
        self.set_actions([self.plan_button, self.draft_button], self.primary_button)
        self.set_header_aside(self.more_button)

    def _build_tabs(self) -> None:
        look = self.look
        self.tabs = Tabs(look, "案件的各部分", TABS, name="case.tabs.bar")
        # A press with the mouse leaves the focus here: what lies behind the tab is not pressed by Enter.
        self.tabs.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.read_only_bar = InfoBar(
            look, "neutral", "已归档，只能看", "要改请负责人开卷。", name="case.readonly", icon="lock"
        )
        self.read_only_bar.hide()
        self.disputed = DisputedBar(self)
        self.set_below_header(self.read_only_bar)
        self.set_below_header(self.disputed)
        self.taken_back_bar = InfoBar(
            look, "dueSoon", GONE, TAKEN_BACK, name="case.taken_back", icon="undo-2", action="看没送出的",
        )  # fmt: skip
        self.taken_back_bar.acted.connect(lambda: self.navigate.emit("sync", {"filter": "needs_you"}))
        self.taken_back_bar.hide()
        self.set_below_header(self.taken_back_bar)
        self.held_bar = HeldBar(self)
        tabs = QWidget()
        tabs.setLayout(column(self.tabs, Divider(), spacing=0))
        self.set_below_header(tabs)
        self.course_tab = CourseTab(look)
        self.parties_tab = PartiesTab(look, self.reveal.field)
        self.evidence_tab = EvidenceTab(look)
        self.papers_tab = PapersTab(look)
        self.deadlines_tab = DeadlinesTab(look)
        self.performance_tab = PerformanceTab(look)
        self.stack = QStackedWidget()
        others = (
            self.parties_tab, self.evidence_tab, self.papers_tab, self.deadlines_tab, self.performance_tab,
        )  # fmt: skip
        for part in (self.course_tab, *(scrolled(one) for one in others)):
            self.stack.addWidget(part)
        self.waiting = SkeletonRows(look, name="case.page.waiting")
        content = QWidget()
        inside = column(self.waiting, self.stack, spacing=0)
        inside.setStretch(1, 1)
        content.setLayout(inside)
        identify(content, "case.content")
        self.set_content(content)

    def _connect(self) -> None:
        self._filling = CaseFilling(self)
        self.tabs.currentChanged.connect(self._filling.turn_to)
        self.plan_button.clicked.connect(self.acts.plan_session)
        self.draft_button.clicked.connect(lambda: self.go("agreement_editor"))
        self.primary_button.clicked.connect(self.take_step)
        self.more_button.clicked.connect(self.open_menu)
        self.rename_button.clicked.connect(self.acts.rename)
        course = self.course_tab
        course.opened.connect(self._entry_opened)
        course.note_given.connect(self._keep_note)
        course.note_typed.connect(self.note_draft.touch)
        parties = self.side_panel.parties
        parties.reveal_asked.connect(self.reveal.whole)
        parties.call_asked.connect(self._call)
        self.side_panel.preparation.ticked.connect(self._prepared)
        self.side_panel.preparation.print_asked.connect(lambda form: self._paper(form, "print"))
        self.side_panel.rules_asked.connect(self._rules)
        self.deadlines_tab.rules_asked.connect(self._rules)
        self.parties_tab.edit_asked.connect(self.acts.edit_party)
        self.parties_tab.agent_asked.connect(self.acts.set_agent)
        self.parties_tab.add_asked.connect(self.acts.add_party)
        evidence = self.evidence_tab
        evidence.choose_asked.connect(lambda: self.adder.choose(self._current()))
        evidence.paste_asked.connect(lambda: self.adder.paste(self._current()))
        evidence.dropped.connect(lambda files: self.adder.take(self._current(), files))
        evidence.opened.connect(self._file_opened)
        self.papers_tab.asked.connect(self._paper)
        self.performance_tab.perform_asked.connect(self.acts.perform)
        self.performance_tab.follow_up_asked.connect(self.acts.follow_up)
        self.add_shortcut("F2", "改简称", self._rename_by_key)
        self.add_shortcut("Ctrl+V", "粘贴图片或文件进证据材料", self._paste)
        self.add_shortcut("Ctrl+T", "加材料", self.evidence_tab.choose_button.click)
        self.add_shortcut("Ctrl+P", "打印最近的文书", lambda: self.tabs.choose("papers"))
        for number, (key, text) in enumerate(TABS, start=1):
            self.add_shortcut(f"Alt+{number}", text, self._tab_chooser(key))

    def _tab_chooser(self, key: str) -> Any:
        return lambda: self.tabs.choose(key)

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show a case; another one than before starts at 经过, covered."""
        case_id = str(params.get("case_id") or self._case_id)
        self._ask = str(params.get("ask", ""))
        if case_id != self._case_id:
            self.reveal.cover()
            self.note_draft.stop()
            self._case_id, self._data = case_id, None
            self.begin_at_top()
            self.reveal.case_id = case_id
            self.set_title("案件")
            self.stack.hide()
            self.course_tab.note.load("")
            self.course_tab.note_area.hide()
            self.tabs.choose("course")
        if tab := str(params.get("tab", "")):
            self.tabs.choose(tab)
        self._read()

    def cover(self) -> None:
        """Cover the parties' data."""
        self.reveal.cover()
        self.papers.settled.cover()

    def leave(self) -> None:
        """Keep the note, cover what shows, give up reads."""
        self.note_draft.flush()
        self._filling.finish()
        self.reveal.cover()
        self.drop_all()
        self.waiting.finish()

    def refresh(self, changes: ChangeSet) -> None:
        """Something changed: read anew, without losing place or words."""
        if not changes.case_ids or self._case_id in changes.case_ids:
            self._read()

    def focus_areas(self) -> Sequence[QWidget]:
        """Tabs, content, side."""
        areas: list[QWidget] = [self.tabs, self.stack]
        return areas if self.narrow else [*areas, self.side_panel]

    def _current(self) -> CaseData:
        if self._data is None:
            raise LookupError("no case is open")
        return self._data

    def _read(self) -> None:
        if not self._case_id:
            return
        if self._data is None:
            self.waiting.begin("正在打开案卷…")
        case_id = self._case_id
        self.fetch("打开案卷", lambda office: read_case(office, case_id), self._show, self._not_read)

    def _not_read(self, _error: BaseException) -> bool:
        self.waiting.finish()
        return False

    def _show(self, data: CaseData) -> None:
        first, self._data = self._data is None, data
        self.waiting.finish()
        self.stack.show()
        self.set_title(data.head.title, data.subtitle, data.label)
        self.read_only_bar.setVisible(bool(data.read_only))
        self.disputed.show_for(data.case_id)
        self.held_bar.show_for(data.view, self.office.desk.today())
        self.taken_back_bar.setVisible(data.view.taken_back)
        self._filling.show(data)
        self._offer_step(data)
        if first:
            self._begin_note(data.note)
            self.course_tab.timeline.setFocus()
        ask, self._ask = self._ask, ""
        if ask.startswith("call@"):
            self.acts.call(ask.partition("@")[2], self.reveal.field)
        elif ask and (ask != "close" or (data.step is not None and data.step.page == "act:close")):
            self.acts.go_on(ask)

    def _offer_step(self, data: CaseData) -> None:
        role = self.office.desk.person.role
        handling = data.head.state in ("accepted", "mediating")
        self.rename_button.setVisible(data.may(role, "case.edit"))
        buttons = []
        if handling and data.may(role, "session.plan"):
            self.plan_button.relabel(plan_words(data.head))
            buttons.append(self.plan_button)
        if self._drafting(data) and not (data.step and data.step.page == "agreement_editor"):
            buttons.append(self.draft_button)
        for button in (self.plan_button, self.draft_button):
            button.setParent(self)
            button.hide()
        step = data.step
        if step is not None:
            self.primary_button.relabel(step.text, step.icon)
            self.primary_button.set_about(data.head.title)
            self.primary_button.set_unavailable("" if data.step_allowed else "这一步由调解员或负责人来做")
            self.set_actions(buttons, self.primary_button)
        else:
            self.primary_button.hide()
            self.set_actions(buttons)

    def _drafting(self, data: CaseData) -> bool:
        handling = data.head.state in ("accepted", "mediating")
        return handling and data.may(self.office.desk.person.role, "agreement.draft")

    # -- steps -----------------------------------------------------------------------------------

    def _draft(self) -> None:
        if self._data is not None and (self._drafting(self._data) or self._data.head.agreement_id):
            self.go("agreement_editor")

    def take_step(self) -> None:
        """The primary button."""
        step = self._current().step
        if step is None:
            return
        if step.page == "act:close":
            self.acts.close_case()
        else:
            self.go(step.page, **step.options)

    def go(self, page: str, **options: Any) -> None:
        """Another page for this case."""
        self.navigate.emit(page, {"case_id": self._case_id, **options})

    def open_menu(self) -> None:
        """更多."""
        if self._data is None:
            return
        menu = case_menu(self, self._data, self.acts)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more_button.mapToGlobal(self.more_button.rect().bottomLeft()))

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the foot's 更多 is the only one."""
        super().set_narrow(narrow)
        self.more_button.setVisible(not narrow)

    def more_menu(self) -> QMenu:
        """All that can be done to the case, the buttons of the header among it."""
        return super().more_menu() if self._data is None else case_menu(self, self._data, self.acts)

    def _rename_by_key(self) -> None:
        if self._data is not None and self.rename_button.isVisible():
            self.acts.rename()

    def _rules(self) -> None:
        self.navigate.emit("settings", {"section": "rules"})

    # -- notes -----------------------------------------------------------------------------------

    def _begin_note(self, draft: Draft | None) -> None:
        body = draft.body if draft is not None else None
        self.course_tab.note.load(str(body["text"]) if body else "")
        if body:
            self.course_tab.note_area.show()
        self.note_draft.follow(self._case_id, body)

    def _note_body(self) -> dict[str, Any] | None:
        text = self.course_tab.note.toPlainText()
        return {"text": text} if text.strip() else None

    def begin_note(self) -> None:
        """Open the line for a note."""
        self.tabs.choose("course")
        self.course_tab.begin_note()

    def _keep_note(self) -> None:
        data, tab = self._current(), self.course_tab
        text = tab.note.toPlainText()
        self.note_draft.flush()

        def kept(_written: object) -> None:
            self.note_draft.forget()
            tab.note.load("")
            tab.end_note()
            self.note_draft.follow(data.case_id, None)

        self.save(
            "记一笔", lambda office: office.handling.add_note(data.case_id, text), kept, said=SAID,
            fields={"text": tab.note_field},
        )  # fmt: skip

    # -- papers and files ------------------------------------------------------------------------

    def _call(self, party_id: str) -> None:
        if self._current().head.state in ("received", "contacting", "deciding"):
            self.go("inbox")
        else:
            self.acts.call(party_id, self.reveal.field)

    def _entry_opened(self, key: str) -> None:
        if key == "next":
            self.take_step()
        else:
            self.papers.entry(self._current(), key)

    def _file_opened(self, index: int) -> None:
        parties = self._current().view.file.parties
        self.papers.view(self._case_id, attachment_items(self.evidence_tab.attachments, parties), index)

    def _paper(self, form_id: str, act: str) -> None:
        self.papers.act(self._current(), form_id, act)

    def _paste(self) -> None:
        focus = self.focusWidget()
        if isinstance(focus, (QLineEdit, QTextEdit)):
            focus.paste()
            return
        mime = QGuiApplication.clipboard().mimeData()
        if self._data is not None and (mime.hasImage() or mime.hasUrls()):
            self.tabs.choose("evidence")
            self.adder.paste(self._data)

    def _prepared(self, key: str, on: bool) -> None:
        data, office = self._current(), self.office
        done = set(data.prepared) | {key} if on else set(data.prepared) - {key}
        kept = frozenset(done)
        self._data = replace(data, prepared=kept)
        at = data.head.next_session_at
        values = {"session": at.isoformat() if at else "", "done": sorted(kept)}
        self.context.operations.write(
            "记下准备", lambda _job: office.settings.remember_layout(f"prepare:{data.case_id}", values)
        )

"""协议书: written on paper, checked while written; then printed for signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.clock import from_text, shanghai
from app.domain import checks
from app.domain.checks import Finding
from app.domain.errors import UserError
from app.domain.reducer import CaseFile
from app.services.agreeing import REASON_DRAFT
from app.services.agreement_seen import MET, Seen
from app.services.changes import ChangeSet
from ui.context import Context
from ui.dialogs.reason import ReasonDialog, ReasonRequest, ask_reason
from ui.pages import agreement_parts as parts
from ui.pages.agreement_editor_check import CheckPanel
from ui.pages.agreement_editor_data import Loaded, put_right, read, to_draft, with_draft
from ui.pages.agreement_editor_other import OtherTextBar, ask_to_drop
from ui.pages.agreement_editor_sheet import AgreementSheet
from ui.pages.agreement_editor_tools import WritingTools
from ui.pages.drafting import DraftKeeper
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, Text, bring_into_view, column, identify, row
from ui.widgets.buttons import Button, FlatButton, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.paper import PaperPreview
from ui.widgets.states import InfoBar
from ui.widgets.stepper import Stepper

EXAMINE_MS = 250


class AgreementEditorPage(WorkingPage):
    """The page. ``params``: ``case_id``; ``new`` begins another version of a text already fixed."""

    names_its_case = True
    drawer_below = 1300
    kinds = frozenset({"cases"})
    help_text = "左边写协议，右边随写随查。F7 到下一处，Alt+Enter 一键改。没有必须改的了，就去打印签字。"

    def __init__(self, context: Context) -> None:
        super().__init__(context, "agreement_editor", nav="agreements", title="人民调解协议书")
        self.case_id = ""
        self.loaded: Loaded | None = None
        self._asked = False
        self._fixed = parts.WRITTEN
        self.overrides: tuple[str, ...] = ()
        self._begins = False
        """Whether another case or version is being opened, so that one begins at the top."""
        look = self.look
        self.keeper = DraftKeeper(self, "agreement", self.collect, self._kept, self._read)
        self.stepper = Stepper(look, "协议书的三步", name="agreement_editor.steps")
        self.stepper.entered.connect(self._step)
        self.set_header_aside(self.stepper)
        self.draft_button = Button(look, "打印草稿", name="agreement_editor.draft.print", icon="printer")
        self.word_button = Button(look, "存成 Word", name="agreement_editor.word.save", icon="download")
        self.new_button = Button(
            look, "改协议（新版本）", name="agreement_editor.version.new", icon="file-pen"
        )
        self.print_button = Button(look, "打印", name="agreement_editor.paper.print", icon="printer")
        self.go_button = PrimaryButton(look, "去打印签字", name="agreement_editor.finalise")
        self.draft_button.clicked.connect(self.print_draft)
        self.word_button.clicked.connect(self.save_word)
        self.new_button.clicked.connect(self.new_version)
        self.print_button.clicked.connect(self.print_paper)
        self.go_button.clicked.connect(self.go_on)
        self._compose()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(EXAMINE_MS)
        self._timer.timeout.connect(self._examine)
        for keys, words, run in (
            ("F7", "下一处体检", self.panel.next),
            ("Alt+Return", "一键改", self.panel.repair_marked),
            ("Ctrl+P", "打印", self.print_any),
            ("Ctrl+S", "立即存", self.keeper.flush),
        ):
            self.add_shortcut(keys, words, run)

    def _compose(self) -> None:
        look, desk = self.look, self.office.desk
        self.sheet = AgreementSheet(look, desk.today)
        self.sheet.changed.connect(self._changed)
        self.sheet.clause_removed.connect(self._clause_removed)
        self.problem = InfoBar(look, "overdue", "还差一点", " ", name="agreement_editor.problem")
        self.problem.hide()
        self.other = OtherTextBar(self)
        self.other.adopted.connect(self._adopt)
        self.other.dropped.connect(lambda: ask_to_drop(self))
        self.set_below_header(self.other)
        self.before_button = FlatButton(look, "上一版", name="agreement_editor.before.look", icon="history")
        self.before_button.clicked.connect(self.look_before)
        made = self.tools = WritingTools(self)
        # 已存在本机 stands with the tools here: the header is full with the three steps.
        tools_here = (self.before_button, made.phrases, made.date, made.records, self.other.drop_tool)
        tools = row(*tools_here, None, self._saved, spacing=4)
        tools.setContentsMargins(10, 8, 16, 8)
        writing = Card(flush=True)
        for part in (tools, self.problem, Divider(), parts.on_desk(self.sheet)):
            writing.add(part)
        writing.body.setStretch(3, 1)
        self.preview = PaperPreview(look, "协议书样张", name="agreement_editor.preview")
        self.copies_note = Text("", tone="textSecondary", wrap=True)
        printing = QWidget()
        shown = column(self.copies_note, self.preview, spacing=8)
        shown.setStretch(1, 1)
        printing.setLayout(shown)
        self.stack = QStackedWidget()
        self.stack.addWidget(writing)
        self.stack.addWidget(printing)
        identify(self.stack, "agreement_editor.content")
        self.set_content(self.stack)
        self.panel = CheckPanel(look, desk.today)
        self.panel.repair_asked.connect(self.repair)
        self.panel.looked.connect(self.sheet.go_to)
        self.panel.told.connect(self.said)
        self.panel.reason_asked.connect(self.ask_override)
        self.panel.wanted.connect(lambda _on: self._examine())
        self.set_side(self.panel, "协议体检", "看体检", "收起体检")

    # -- page --------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show the agreement of a case: the draft, or the fixed text to be printed."""
        case_id, self._asked = str(params.get("case_id", "")), params.get("ask") == REASON_DRAFT
        if case_id != self.case_id or params.get("new"):
            self.keeper.stop()
            self.case_id, self.loaded, self.overrides, self._begins = case_id, None, (), True
        if self.loaded is None or not self.loaded.writing:
            self._read(fresh=bool(params.get("new")))
        else:
            self.sheet.follow_day()
            self._examine()

    def leave(self) -> None:
        """Keep what was written."""
        self.keeper.flush()
        self._timer.stop()
        self.drop_all()
        self.preview.clear_pdf()

    def refresh(self, changes: ChangeSet) -> None:
        """The case changed; what is being written stays."""
        mine = self.case_id and (not changes.case_ids or self.case_id in changes.case_ids)
        if mine and (self.loaded is None or not self.loaded.writing):
            self._read()
        elif mine:
            self.sheet.follow_day()
            self._look_for_other()
            self._timer.start()

    def _read(self, _draft: object = None, *, fresh: bool = False) -> None:
        case_id = self.case_id
        if case_id:
            self.fetch("打开协议书", lambda office: read(office, case_id, fresh=fresh), self._show)

    def _show(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.stack.setCurrentIndex(0 if loaded.writing else 1)
        self.show_side(loaded.writing)
        standing = parts.standing(loaded.file, writing=loaded.writing)
        self._fixed = parts.fixed_paper(loaded.file, writing=loaded.writing)
        self.set_title(self._fixed.title, parts.subtitle(loaded.file), standing.label)
        self.stepper.set_steps(parts.steps(standing))
        self.stepper.setVisible(not self._fixed.oral)
        if loaded.writing:
            self.sheet.load(loaded.draft, loaded.file, loaded.typed)
            self.keeper.follow(self.case_id, to_draft(self.sheet, loaded.seen))
            self._look_for_other()
            if self._begins:
                # Not in the field where another case's text was left.
                self.sheet.facts.setFocus(Qt.FocusReason.OtherFocusReason)
                bring_into_view(self.sheet.facts, self.sheet.title)
            self.before_button.set_unavailable("" if loaded.file.agreements else "还没有上一版")
            self.set_actions([self.draft_button], self.go_button)
            self.go_button.relabel("去打印签字")
            for gone in (self.new_button, self.word_button, self.print_button):
                gone.hide()
            self._examine()
        else:
            go = None if self._fixed.oral else self.go_button  # Nothing of it is to be signed or dated.
            self.set_actions([self.new_button, self.word_button, self.print_button], go)
            self.new_button.relabel(self._fixed.write_anew)
            self.go_button.relabel(standing.go_on)
            self.go_button.set_unavailable("")
            self.draft_button.hide()
            self.other.put_away()
            self.new_button.set_unavailable(loaded.why_fixed)
            self._show_preview(loaded)
        self._begins = False

    def _show_preview(self, loaded: Loaded) -> None:
        agreement = loaded.file.agreements.get(loaded.file.head.agreement_id)
        if agreement is None:
            return
        signed = parts.standing(loaded.file, writing=False).signed
        self.copies_note.setText(signed or parts.copies_words(agreement))
        file, form = loaded.file, self._fixed.form_id
        self.fetch(
            "排协议书样张",
            lambda office: office.papers.preview_of(file, form, draft=False).content,
            self._show_pdf,
        )

    def _show_pdf(self, content: bytes) -> None:
        self.preview.show_pdf(content)

    # -- writing -------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.keeper.touch()
        self._timer.start()

    def collect(self) -> dict[str, Any] | None:
        """What is being written, as its draft keeps it; nothing while a fixed text shows."""
        loaded = self.loaded
        return to_draft(self.sheet, loaded.seen) if loaded is not None and loaded.writing else None

    def _kept(self, saved_at: str) -> None:
        self.set_saved(f"{shanghai(from_text(saved_at)):%H:%M:%S} 已存在本机")

    def _look_for_other(self) -> None:
        if self.loaded is not None:
            self.other.look_for(self.case_id, self.loaded.seen)

    def _adopt(self, file: CaseFile, seen: Seen) -> None:
        """照我写的接着来: what holds now was seen, and the text being written comes after it."""
        if self.loaded is not None:
            self.loaded = replace(self.loaded, file=file, seen=seen)
            self.keeper.flush()
            self.before_button.set_unavailable("")
            self.said.emit("照您写的接着来，写好再按“去打印签字”。")

    def begin_anew(self) -> None:
        """Nothing is being written any more: the text that was fixed shows."""
        self.keeper.forget()
        self.problem.hide()
        self.loaded = None
        self._read()

    def came_back(self, case_id: str) -> None:
        """A draft of the case was put back: it is gone on with, or offered beside one begun since."""
        if self.case_id != case_id:
            return
        if self.loaded is not None and self.loaded.writing:
            self.keeper.look_again()
        else:
            self._read()

    def _examine(self) -> None:
        draft = self.sheet.value()
        if draft is None:
            return
        wants, unread = self.panel.wants.isChecked(), tuple(self.sheet.typed())
        self.fetch("体检协议", lambda office: office.agreeing.examine(draft, wants, unread), self._examined)

    def _examined(self, findings: tuple[Finding, ...]) -> None:
        self.panel.show_findings(findings)
        self.sheet.show_marks(self.panel.open_findings)
        must = len(checks.blocking(findings))
        blocked = f"还有 {must} 处必须改，也可以写明理由后继续" if must and not self.overrides else ""
        self.go_button.set_unavailable(blocked)
        asked, self._asked = self._asked, False
        if asked and blocked:
            self.ask_override()

    def repair(self, finding: Finding, value: str) -> None:
        """一键改: put the proposed value where it belongs."""
        if finding.repair is not None and not self.tools.take_party(finding.repair):
            put_right(self.sheet, finding.repair, value, self.office.desk.today())
            self._examine()

    def ask_override(self) -> None:
        """Go on although something must be changed: the reason goes into the file."""
        asked = ReasonRequest(
            title="写明理由后继续",
            question="体检说必须改的地方没有改。理由会写进案卷，和协议放在一起。",
            action="记下理由",
        )

        def given(dialog: ReasonDialog, _choice: str, text: str) -> None:
            dialog.accept()
            self.overrides = (text,)
            self.go_button.set_unavailable("")
            self.said.emit("理由已记下，可以去打印签字。")

        dialog = ask_reason(self.look, self, asked, given, name="agreement_editor.override")
        dialog.keep(self, REASON_DRAFT, self.case_id)

    def _clause_removed(self, number: int, words: str) -> None:
        if words.strip():
            self.offered.emit(f"第 {number} 条已去掉。", lambda: self.sheet.put_back(number, words))

    # -- printing ------------------------------------------------------------------------------------

    def print_any(self) -> None:
        """Ctrl+P."""
        if self.loaded is not None and self.loaded.writing:
            self.print_draft()
        else:
            self.print_paper()

    def print_draft(self) -> None:
        """打印草稿: marked as a draft, names covered."""
        draft, loaded = self.sheet.value(), self.loaded
        if draft is not None and loaded is not None:
            file = with_draft(loaded.file, draft)
            parts.show_paper(
                self, lambda office: office.papers.preview_of(file, "F06").content, title="协议书草稿",
                note="草稿，姓名已遮挡",
            )  # fmt: skip

    def print_paper(self) -> None:
        """The formal text with full names, for signing."""
        case_id, made = self.case_id, self._fixed
        parts.show_paper(
            self, lambda office: office.papers.produce(case_id, made.form_id).content, title=made.title,
            note=self.copies_note.text(),
        )  # fmt: skip

    def save_word(self) -> None:
        """The Word version."""
        case_id, form, title = self.case_id, self._fixed.form_id, self._fixed.title
        parts.save_word(self, lambda office: office.papers.produce(case_id, form, fmt="docx"), title)

    def look_before(self) -> None:
        """上一版."""
        loaded = self.loaded
        if loaded is not None and loaded.file.agreements and not self.before_button.unavailable:
            file, form = loaded.file, parts.fixed_paper(loaded.file).form_id
            parts.show_paper(
                self,
                lambda office: office.papers.preview_of(file, form, draft=False).content,
                title="上一版协议书",
                note="姓名已遮挡",
            )

    def go_on(self) -> None:
        """The primary button: fix the text while writing, then on to the dates."""
        if self.loaded is not None and not self.loaded.writing:
            self.register()
        else:
            self.finalise()

    def finalise(self) -> None:
        """去打印签字: fix the text."""
        self.sheet.follow_day()
        draft = self.sheet.value()
        if draft is None or self.go_button.unavailable:
            return
        if problem := self.sheet.date_problem():
            self.sheet.show_date_problem(problem)
            self.sheet.dated.setFocus()
            return
        if (unread := self.sheet.unread()) is not None:
            unread.setFocus()
            return
        wants, overrides = self.panel.wants.isChecked(), self.overrides
        seen = self.loaded.seen if self.loaded is not None else None

        def done(_written: object) -> None:
            self.begin_anew()

        def refused(error: UserError) -> bool:
            if error.code == MET:
                self.said.emit("没有定稿，写的都在。先看上面这一条，再决定。")
                self._look_for_other()
                return True
            self.problem.set_texts("还差一点，写的都在", error.message)
            self.problem.show()
            return True

        self.save(
            "定稿协议",
            lambda office: office.agreeing.finalise(
                draft, wants_confirmation=wants, overrides=overrides, seen=seen
            ),
            done, said="协议已定稿，10 秒后发送。", refused=refused,
        )  # fmt: skip

    def new_version(self) -> None:
        """Another version; it has to be signed anew."""
        if not self.new_button.unavailable:
            self.loaded, self.overrides = None, ()
            self._read(fresh=True)

    def register(self) -> None:
        """On to the dates of the signatures."""
        self.navigate.emit("effective", {"case_id": self.case_id})

    def _step(self, key: str) -> None:
        if key == "s2":
            self.register()

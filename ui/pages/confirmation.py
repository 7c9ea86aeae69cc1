"""司法确认: the pack, the court, the clock; lodged once; then followed until the ruling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from app.domain.errors import FieldErrors, UserError
from app.domain.filing import MaterialItem
from app.domain.filings_of import answer_key
from app.services.changes import ChangeSet, Written
from app.services.filing import Choices, FilingView
from ui.context import Context
from ui.dialogs.closing import open_closing
from ui.dialogs.reason import ReasonDialog, ReasonRequest, ask_reason
from ui.labels import case_state
from ui.pages import agreement_parts as parts
from ui.pages import confirmation_data as data
from ui.pages.confirmation_kept import KeptCard
from ui.pages.confirmation_lodging import Lodging
from ui.pages.confirmation_materials import MaterialsCard
from ui.pages.confirmation_offers import Offers
from ui.pages.confirmation_scans import Scans
from ui.pages.confirmation_side import ConfirmationSide
from ui.pages.confirmation_track import NothingYet, TrackCard, enter_step, print_document, show_documents
from ui.pages.working import WorkingPage
from ui.widgets.base import column, identify
from ui.widgets.cards import Card
from ui.widgets.states import InfoBar, SkeletonRows
from ui.widgets.stepper import Stepper
from ui.widgets.tags import StatusTag

if TYPE_CHECKING:
    from app.services.office import Office


class ConfirmationPage(WorkingPage):
    """The page. ``params``: ``case_id`` and ``ask`` (the dialog to open: a draft's kind)."""

    kinds = frozenset({"cases", "submissions", "attachments", "conflicts", "settings"})
    names_its_case = True
    drawer_below = 1320
    help_text = (
        "这一页备齐司法确认的材料，选法院，提交到平台，再看法院办到哪一步。"
        "只有法定必有的缺了才不能提交，其余可以先交后补。没有网络也能提交，联网后自动发出。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "confirmation", nav="agreements", title="司法确认")
        self.case_id = ""
        self.loaded: data.Loaded | None = None
        self._choices = Choices()
        self.lodging = Lodging(self)
        self._arriving, self._handed, self._ask = False, False, ""
        self._problem_of: object = None
        self.offers = offers = Offers(self)
        self.lodge_button, self.withdraw_button = offers.lodge, offers.withdraw
        offers.close.clicked.connect(self.close_case)
        offers.other.clicked.connect(self.other_way)
        offers.elsewhere.clicked.connect(self.other_way)
        offers.withdraw.clicked.connect(self.lodging.ask_withdraw)
        offers.pack.clicked.connect(self.print_pack)
        offers.paper.clicked.connect(self.print_ruling)
        offers.ruling.clicked.connect(self.open_ruling)
        offers.lodge.clicked.connect(self.lodging.ask)
        self._compose()
        self.add_shortcut("Ctrl+P", "打印材料包", self.print_pack)

    def _compose(self) -> None:
        look = self.look
        self.stepper = Stepper(look, "司法确认的五步", name="confirmation.steps", stacked=True)
        self.stepper.entered.connect(lambda step: enter_step(self, step))
        self._steps_card = Card()
        self._steps_card.body.setContentsMargins(16, 10, 16, 8)
        self.filing_tag = StatusTag(look, "info", "　", icon="landmark")
        self.set_beside_title(self.filing_tag)
        self._steps_card.add(self.stepper)
        self.late_bar = InfoBar(look, "overdue", "已过 30 日", " ", name="confirmation.late")
        self.problem_bar = InfoBar(
            look, "overdue", "平台没收下", " ", name="confirmation.problem", icon="circle-alert"
        )
        self.track = TrackCard(look)
        self.materials = MaterialsCard(look)
        self.materials.asked.connect(self._asked)
        self.scans = Scans(self)
        self.materials.scan_button.clicked.connect(self.scans.ask_which)
        self.track.documents_asked.connect(self.open_document)
        self.track.without_asked.connect(self.lodging.ask_without)
        self.track.told_asked.connect(self.note_told)
        self.track.recall_asked.connect(self.lodging.ask_recall)
        self.kept = KeptCard(look)
        self.kept.documents_asked.connect(self.open_document)
        self.kept.print_asked.connect(self.print_document)
        self.nothing = NothingYet(look)
        self.nothing.acted.connect(self._draft_agreement)
        self.waiting = SkeletonRows(look, name="confirmation.waiting")
        below = column(self._steps_card, self.late_bar, self.problem_bar, self.offers.disputed, spacing=12)
        holder = QWidget()
        holder.setLayout(below)
        self._above = holder
        self.set_below_header(holder)
        content = QWidget()
        identify(content, "confirmation.content")
        inside = column(self.waiting, self.nothing, self.kept, self.track, self.materials, spacing=16)
        inside.setStretch(4, 1)
        content.setLayout(inside)
        # The whole page scrolls: the way through the court is as long as it is, at any size of letters.
        self.set_content(content, scrolled=True)
        self.side_panel = ConfirmationSide(look)
        self.side_panel.courts.chosen.connect(self._court_chosen)
        self.side_panel.courts.reason_asked.connect(self.lodging.ask_reason)
        self.set_side(self.side_panel, "期限和法院", "看期限", "收起期限")
        self.set_actions([self.offers.other, self.offers.pack], self.offers.lodge)
        for part in (holder, self.nothing, self.kept, self.track, self.materials, self.side_panel):
            part.hide()

    # -- page --------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show the confirmation of a case."""
        case_id = str(params.get("case_id", ""))
        if case_id != self.case_id:
            self.case_id, self.loaded = case_id, None
            self.begin_at_top()
        self._problem_of = None
        self._arriving, self._ask = True, str(params.get("ask", ""))
        # Until it is known what is to be done, the page as a whole has the keyboard, not its first button.
        QTimer.singleShot(0, self, self._wait_for_focus)
        self.materials.forget_order()
        self.reread()

    def leave(self) -> None:
        """Choices are kept as they are made; reads are given up."""
        self.drop_all()
        self.waiting.finish()

    def refresh(self, changes: ChangeSet) -> None:
        """The case changed, or the platform answered."""
        if self.case_id and (not changes.case_ids or self.case_id in changes.case_ids):
            self.reread()

    def handed_over(self) -> None:
        """Something went out: the page begins at its top, with what it says now of where that is."""
        self._handed = True
        self.reread()

    def reread(self) -> None:
        """Read the case anew."""
        if not self.case_id:
            return
        if self.loaded is None:
            self.waiting.begin("正在打开材料包…")
        case_id = self.case_id
        self.fetch("看司法确认", lambda office: data.read(office, case_id), self._show)

    def _show(self, loaded: data.Loaded) -> None:
        self.waiting.finish()
        self.loaded = loaded
        view = loaded.view
        self.set_title("司法确认", parts.subtitle(loaded.file), case_state(loaded.file.head.state))
        filing = data.tag(loaded)
        self.filing_tag.set_status(filing.status, filing.text, icon=filing.icon)
        self.nothing.show_why(loaded.oral)
        self.nothing.setVisible(view is None)
        for part in (self._above, self.materials):
            part.setVisible(view is not None)
        self.kept.show_loaded(loaded)
        self.track.show_loaded(loaded)
        if view is None:
            self.side_panel.show_loaded(loaded)
            self.offers.show(loaded)
            return
        self._choices = view.choices
        self.side_panel.show_loaded(loaded)
        if not self.narrow:
            self.side_panel.show()
        self.stepper.set_steps(data.steps(loaded))
        late = data.late_words(view, loaded.today) if loaded.not_out and not loaded.over else ""
        day = data.last_day(view)
        self.late_bar.set_texts(f"已过 30 日（{day.month}月{day.day}日）" if day else "", late)
        self.late_bar.setVisible(bool(late))
        if self._problem_of != data.standing(loaded):
            self.problem_bar.hide()
        self.materials.show_items(view.materials, loaded.file, editable=loaded.editable, ended=loaded.over)
        self.offers.show(loaded)
        if self._arriving:
            self._arriving = False
            self._begin_focus(loaded)
        if self._handed:
            self._handed = False
            self.begin_at_top()
            if self.primary is not None:
                self.primary.setFocus(Qt.FocusReason.OtherFocusReason)
        ask, self._ask = self._ask, ""
        if loaded.editable:
            self._go_on(ask, loaded, view)

    def _go_on(self, form: str, loaded: data.Loaded, view: FilingView) -> None:
        """Open the dialog of a draft again, from 今日, where it is of use; ``form``: the draft's kind."""
        kind, _, code = form.partition("@")
        if kind == "reason" and any(data.reasons_wanted(view)) and not loaded.asked:
            self.lodging.ask_reason()
        elif kind == "waive_material" and any(i.material.code == code for i in view.materials):
            self.ask_waive(code)

    def _wait_for_focus(self) -> None:
        if self._arriving and self.isVisible():
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _begin_focus(self, loaded: data.Loaded) -> None:
        """Begin where something is to be done; only on coming here, never under the person's hands."""
        focused = self.window().focusWidget()
        elsewhere = focused is not None and focused is not self and self.isAncestorOf(focused)
        # In the pack, whose rows are new, it is only where one was the last time.
        if elsewhere and not self.materials.isAncestorOf(focused):
            return
        if not (loaded.editable and self.materials.focus_next()) and self.primary is not None:
            self.primary.setFocus(Qt.FocusReason.TabFocusReason)

    # -- materials ---------------------------------------------------------------------------------

    def item(self, code: str) -> MaterialItem:
        """One line of the pack. Raises ``StopIteration`` for an unknown code."""
        view = self.loaded.view if self.loaded is not None else None
        return next(i for i in (view.materials if view else ()) if i.material.code == code)

    def _asked(self, verb: str, code: str, party: str) -> None:
        if verb == "print":
            self.print_material(code, party)
        elif verb == "scan":
            self.scans.add(code)
        elif verb == "look":
            self.look_at(code)
        elif verb == "waive":
            self.ask_waive(code)
        elif verb == "need":
            self.need(code)

    def print_material(self, code: str, party: str = "") -> None:
        """Preview a paper of the pack; it is written and put into the pack when it is printed or kept."""
        item, case_id = self.item(code), self.case_id
        form = item.material.form
        extra: dict[str, Any] = {"for_court": True}
        if party:
            extra["party_id"] = party
        if court := self.court_name():
            extra["court_name"] = court

        def write(office: Office) -> Written[bytes]:
            made = office.papers.file_paper(case_id, form, material=code, provided_by=party, extra=extra)
            return Written(office.attachments.read(made.value.sha256), made.changes, made.undo_id)

        parts.show_paper(
            self,
            lambda office: office.papers.preview(case_id, form, extra=extra).content,
            title=item.material.name,
            note="预览已遮挡，打印时写全名；签好后加扫描件",
            final=write,
        )

    def look_at(self, code: str) -> None:
        """看: the files behind a material."""
        if self.loaded is not None:
            title = self.item(code).material.name
            parts.show_files(self, self.loaded.file, data.files_of(self.loaded, code), title=title)

    def ask_waive(self, code: str) -> None:
        """不需要, with a reason that stays in the pack."""
        name = self.item(code).material.name
        asked = ReasonRequest(
            title=f"不需要{name}",
            question="法院没有它也能收。写一句为什么，以后可以改回“其实需要”。",
            action="记下，不需要",
        )

        def given(dialog: ReasonDialog, _choice: str, text: str) -> None:
            dialog.taken(self)
            self._waive(code, text)

        dialog = ask_reason(self.look, self, asked, given, name="confirmation.waive")
        dialog.keep(self, f"waive_material@{code}", self.case_id)

    def _waive(self, code: str, reason: str) -> None:
        needed = tuple(c for c in self._choices.needed if c != code)
        self._keep(replace(self._choices, waived={**self._choices.waived, code: reason}, needed=needed))

    def need(self, code: str) -> None:
        """其实需要."""
        waived = {c: reason for c, reason in self._choices.waived.items() if c != code}
        needed = tuple(dict.fromkeys((*self._choices.needed, code)))
        self._keep(replace(self._choices, waived=waived, needed=needed))

    def keep_reasons(self, reasons: Mapping[str, str]) -> None:
        """Reasons for going on in spite of what a court may not confirm."""
        self._keep(replace(self._choices, reasons=dict(reasons)))

    def _court_chosen(self, code: str) -> None:
        if code != self._choices.court_code:
            self._keep(replace(self._choices, court_code=code))

    def _keep(self, choices: Choices) -> None:
        self._choices, case_id = choices, self.case_id
        self.save(
            "记下选择", lambda office: office.filing.choose(case_id, choices), lambda _none: self.reread(),
            again=True,
        )  # fmt: skip

    def court_name(self) -> str:
        """The court chosen; empty while there is none."""
        view = self.loaded.view if self.loaded is not None else None
        code = self._choices.court_code
        return next((c.court.name for c in (view.courts if view else ()) if c.court.code == code), "")

    # -- what came back -------------------------------------------------------------------------------

    def say_problem(self, error: UserError) -> bool:
        """What the service would not do, with its reason; nothing is lost."""
        lacks = isinstance(error, FieldErrors)
        title = "还差一点，材料都在" if lacks else "这一步没有办，原来的都在"
        self.problem_bar.set_texts(title, error.message)
        self.problem_bar.show()
        # It stays until something of what it was about is another.
        self._problem_of = data.standing(self.loaded) if self.loaded is not None else None
        return True

    def open_document(self, sha256: str) -> None:
        """The ruling and what else came back, from the vault."""
        if self.loaded is not None:
            show_documents(self, self.case_id, self.loaded.documents, sha256)

    def open_ruling(self) -> None:
        """看裁定书: the paper that ended the application."""
        if self.loaded is not None and self.loaded.result is not None:
            self.open_document(self.loaded.result.sha256)

    def print_ruling(self) -> None:
        """打印裁定书, as it came from the court."""
        if self.loaded is not None and self.loaded.result is not None:
            print_document(self, self.case_id, self.loaded.result)

    def print_document(self, sha256: str) -> None:
        """Print a paper that is kept here, as it came from the court."""
        if self.loaded is not None:
            paper = next(d for d in self.loaded.documents if d.sha256 == sha256)
            print_document(self, self.case_id, paper)

    def note_told(self) -> None:
        """已告诉当事人: into the timeline; what reminds of it is gone."""
        case_id, submission = self.case_id, self.loaded.submission if self.loaded is not None else None
        seen = answer_key(submission) if submission is not None else ""
        self.save(
            "记下已告诉当事人",
            lambda office: office.handling.note_told(case_id, seen),
            lambda _id: self.reread(),
            said="记进案件经过了，今日里不再提醒。", refused=self.say_problem, undone=self.reread,
        )  # fmt: skip

    # -- elsewhere -----------------------------------------------------------------------------------

    def print_pack(self) -> None:
        """All papers and scans of the pack as one PDF."""
        if self.offers.pack.unavailable or self.loaded is None:
            return
        case_id = self.case_id
        parts.show_paper(
            self, lambda office: office.filing.pack_pdf(case_id),
            title="司法确认材料包", note="含个人信息，用后收好", case_id=case_id,
            partly=lambda office, without: office.filing.pack_pdf(case_id, without),
        )  # fmt: skip

    def close_case(self) -> None:
        """去结案: the agreement holds; the confirmation goes on after closing."""
        open_closing(self, self.case_id)

    def other_way(self) -> None:
        """改走别的路: the routes for this dispute."""
        self.navigate.emit("exit", {"case_id": self.case_id, "look": True})

    def _draft_agreement(self) -> None:
        self.navigate.emit("agreement_editor", {"case_id": self.case_id})

"""司法确认: the pack, the court, the clock; lodged once; then followed until the ruling."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtWidgets import QMenu, QWidget

from app.domain import masking
from app.domain.casefile import Attachment
from app.domain.errors import UserError
from app.domain.filing import MaterialItem
from app.services.attachments import FileEntry
from app.services.changes import ChangeSet, Written
from app.services.filing import Choices
from ui.context import Context
from ui.dialogs.confirm import Confirmation, confirm
from ui.dialogs.reason import ReasonDialog, ReasonRequest, ask_reason
from ui.dialogs.viewer import ViewerDialog, ViewItem, size_text
from ui.labels import day_text
from ui.pages import agreement_parts as parts
from ui.pages import confirmation_data as data
from ui.pages.confirmation_materials import MaterialsCard
from ui.pages.confirmation_side import ConfirmationSide
from ui.pages.confirmation_track import NothingYet, TrackCard
from ui.pages.working import WorkingPage
from ui.widgets.base import column, identify
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.states import InfoBar, SkeletonRows
from ui.widgets.stepper import Stepper

if TYPE_CHECKING:
    from app.services.office import Office

ROLES = {"identity": "identity", "evidence": "evidence"}
"""Materials whose files have a role of their own; all others are scans."""


class ConfirmationPage(WorkingPage):
    """The page. ``params``: ``case_id``."""

    kinds = frozenset({"cases", "submissions", "attachments", "conflicts", "settings"})
    help_text = (
        "这一页备齐司法确认的材料，选法院，提交到平台，再看法院办到哪一步。"
        "只有法定必有的缺了才不能提交，其余可以先交后补。没有网络也能提交，联网后自动发出。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "confirmation", nav="agreements", title="司法确认")
        self.case_id = ""
        self.loaded: data.Loaded | None = None
        self._choices = Choices()
        self._sending = False
        self.other_button = Button(self.look, "改走别的路", name="confirmation.routes.open", icon="signpost")
        self.withdraw_button = Button(self.look, "撤回申请", name="confirmation.withdraw.ask", icon="undo-2")
        self.pack_button = Button(self.look, "打印材料包", name="confirmation.pack.print", icon="printer")
        self.lodge_button = PrimaryButton(self.look, "提交到平台", name="confirmation.lodge.ask")
        self.other_button.clicked.connect(self.other_way)
        self.withdraw_button.clicked.connect(self.ask_withdraw)
        self.pack_button.clicked.connect(self.print_pack)
        self.lodge_button.clicked.connect(self.ask_lodge)
        self._compose()
        self.add_shortcut("Ctrl+P", "打印材料包", self.print_pack)

    def _compose(self) -> None:
        look = self.look
        self.stepper = Stepper(look, "司法确认的五步", name="confirmation.steps")
        self._steps_card = Card()
        self._steps_card.body.setContentsMargins(16, 10, 16, 6)
        self._steps_card.add(self.stepper)
        self.late_bar = InfoBar(look, "overdue", "已过 30 日", " ", name="confirmation.late")
        self.problem_bar = InfoBar(
            look, "overdue", "平台没收下", " ", name="confirmation.problem", icon="circle-alert"
        )
        self.track = TrackCard(look)
        self.materials = MaterialsCard(look)
        self.materials.asked.connect(self._asked)
        self.materials.scan_button.clicked.connect(self.scan_menu)
        self.track.documents_asked.connect(self.open_document)
        self.nothing = NothingYet(look)
        self.nothing.acted.connect(self._draft_agreement)
        self.waiting = SkeletonRows(look, name="confirmation.waiting")
        below = column(self._steps_card, self.late_bar, self.problem_bar, spacing=12)
        holder = QWidget()
        holder.setLayout(below)
        self._above = holder
        self.set_below_header(holder)
        content = QWidget()
        identify(content, "confirmation.content")
        inside = column(self.waiting, self.nothing, self.track, self.materials, spacing=16)
        inside.setStretch(3, 1)
        content.setLayout(inside)
        self.set_content(content)
        self.side_panel = ConfirmationSide(look)
        self.side_panel.courts.chosen.connect(self._court_chosen)
        self.set_side(self.side_panel, "期限和法院", "看期限", "收起期限")
        self.set_actions([self.other_button, self.withdraw_button, self.pack_button], self.lodge_button)
        for part in (holder, self.nothing, self.track, self.materials, self.side_panel):
            part.hide()

    # -- page --------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show the confirmation of a case."""
        case_id = str(params.get("case_id", ""))
        if case_id != self.case_id:
            self.case_id, self.loaded = case_id, None
        self._read()

    def leave(self) -> None:
        """Choices are kept as they are made; reads are given up."""
        self.drop_all()
        self.waiting.finish()

    def refresh(self, changes: ChangeSet) -> None:
        """The case changed, or the platform answered."""
        if self.case_id and (not changes.case_ids or self.case_id in changes.case_ids):
            self._read()

    def _read(self) -> None:
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
        self.set_title("司法确认", parts.subtitle(loaded.file), data.tag(loaded))
        self.nothing.setVisible(view is None)
        for part in (self._above, self.materials):
            part.setVisible(view is not None)
        self.track.show_loaded(loaded)
        if view is None:
            self._offer(loaded)
            return
        self._choices = view.choices
        self.side_panel.show_loaded(loaded)
        if not self.narrow:
            self.side_panel.show()
        self.stepper.set_steps(data.steps(loaded))
        late = data.late_words(view, loaded.today) if not loaded.under_way and not loaded.settled else ""
        day = data.last_day(view)
        self.late_bar.set_texts(f"已过 30 日（{day.month}月{day.day}日）" if day else "", late)
        self.late_bar.setVisible(bool(late))
        self.problem_bar.hide()
        self.materials.show_items(view.materials, loaded.file, editable=loaded.editable)
        self._offer(loaded)

    def _offer(self, loaded: data.Loaded) -> None:
        view = loaded.view
        self.withdraw_button.setVisible(loaded.under_way and not self.narrow)
        self.withdraw_button.set_unavailable("" if loaded.under_way else "还没有提交，不用撤回")
        self.pack_button.set_unavailable("" if view is not None else "还没有协议")
        primary = self.lodge_button
        reason = ""
        if view is None:
            reason = "还没有生效的书面协议"
        elif self._sending or loaded.queued:
            reason = "已经交出去了，不会重复提交"
        elif loaded.asked:
            primary.relabel("补交给法院")
            primary.set_unavailable("")
            return
        elif loaded.settled:
            reason = "法院已经裁定有效"
        elif loaded.under_way:
            reason = "法院正在办，等结果回到这里"
        elif view.blocked:
            reason = "；".join(view.blocked)
        primary.relabel("提交到平台" if loaded.online or view is None else "联网后自动提交")
        primary.set_unavailable(reason)

    # -- materials ---------------------------------------------------------------------------------

    def item(self, code: str) -> MaterialItem:
        """One line of the pack. Raises ``StopIteration`` for an unknown code."""
        view = self.loaded.view if self.loaded is not None else None
        return next(i for i in (view.materials if view else ()) if i.material.code == code)

    def _asked(self, verb: str, code: str, party: str) -> None:
        if verb == "print":
            self.print_material(code, party)
        elif verb == "scan":
            self.add_scan(code)
        elif verb == "look":
            self.look_at(code)
        elif verb == "waive":
            self.ask_waive(code)
        elif verb == "need":
            self.need(code)

    def print_material(self, code: str, party: str = "") -> None:
        """Write the paper, keep it in the pack, and preview it for printing."""
        item, case_id = self.item(code), self.case_id
        form = item.material.form
        extra: dict[str, Any] = {"for_court": True}
        if party:
            extra["party_id"] = party
        court = self._court_name()
        if court:
            extra["court_name"] = court

        def write(office: Office) -> tuple[bytes, Written[Attachment]]:
            written = office.papers.file_paper(case_id, form, material=code, provided_by=party, extra=extra)
            return office.attachments.read(written.value.sha256), written

        def done(made: tuple[bytes, Written[Attachment]]) -> None:
            content, written = made
            self.context.hub.publish(written.changes)
            parts.show_paper(self, lambda _office: content, title=item.material.name, note="签好后加扫描件")

        self.save(f"写{item.material.name}", write, done)

    def add_scan(self, code: str) -> None:
        """Take in a signed scan; for a paper of each party, first ask whose."""
        item = self.item(code)
        view = self.loaded.view if self.loaded is not None else None
        if view is None:
            return
        if not item.material.each_party:
            self._choose_scan(code, "")
            return
        lacking = item.lacking_party_ids or tuple(view.file.agreements[view.file.head.agreement_id].party_ids)
        if len(lacking) == 1:
            self._choose_scan(code, lacking[0])
            return
        menu = QMenu(self)
        identify(menu, "confirmation.whose.menu", f"谁的{item.material.name}")
        for number, party_id in enumerate(lacking, start=1):
            action = menu.addAction(f"&{number}  {masking.party_name(view.file.parties[party_id])}的")
            action.setData(party_id)
        menu.triggered.connect(lambda action: self._choose_scan(code, str(action.data())))
        menu.aboutToHide.connect(menu.deleteLater)
        button = self.materials.rows[code].buttons["scan"]
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def scan_menu(self) -> None:
        """加扫描件 from the card's header: first for which material."""
        view = self.loaded.view if self.loaded is not None else None
        if view is None:
            return
        menu = QMenu(self)
        identify(menu, "confirmation.scan.menu", "给哪一项加扫描件")
        for one in view.materials:
            if one.status != "not_needed":
                menu.addAction(one.material.name).setData(one.material.code)
        menu.triggered.connect(lambda action: self.add_scan(str(action.data())))
        menu.aboutToHide.connect(menu.deleteLater)
        button = self.materials.scan_button
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _choose_scan(self, code: str, party: str) -> None:
        name = self.item(code).material.name
        parts.choose_file(
            self.window(),
            f"选{name}的扫描件",
            lambda path: self.take_scan(code, party, path),
            name="confirmation.scan.choose",
        )

    def take_scan(self, code: str, party: str, path: Path) -> None:
        """Keep the chosen file as the material ``code`` of ``party``."""
        item, case_id = self.item(code), self.case_id
        entry = FileEntry(
            role=ROLES.get(code, "scan"),
            title=item.material.name,
            provided_by=party,
            original="original" if item.material.signed else "copy",
            material=code,
        )
        self.save(
            f"加{item.material.name}",
            lambda office: office.attachments.add_path(case_id, path, entry),
            said=f"{item.material.name}已存好，10 秒后发送。",
            refused=self._say_problem,
        )

    def look_at(self, code: str) -> None:
        """看: the files behind a material."""
        if self.loaded is not None:
            title = self.item(code).material.name
            parts.show_files(self, self.case_id, data.files_of(self.loaded, code), title=title)

    def ask_waive(self, code: str) -> None:
        """不需要, with a reason that stays in the pack."""
        name = self.item(code).material.name
        asked = ReasonRequest(
            title=f"不需要{name}",
            question="法院没有它也能收。写一句为什么，以后可以改回“其实需要”。",
            action="记下，不需要",
        )

        def given(dialog: ReasonDialog, _choice: str, text: str) -> None:
            dialog.accept()
            self._waive(code, text)

        ask_reason(self.look, self, asked, given, name="confirmation.waive")

    def _waive(self, code: str, reason: str) -> None:
        needed = tuple(c for c in self._choices.needed if c != code)
        waived = {**self._choices.waived, code: reason}
        self._keep(Choices(self._choices.court_code, waived, needed, self._choices.chosen))

    def need(self, code: str) -> None:
        """其实需要."""
        waived = {c: reason for c, reason in self._choices.waived.items() if c != code}
        needed = tuple(dict.fromkeys((*self._choices.needed, code)))
        self._keep(Choices(self._choices.court_code, waived, needed, self._choices.chosen))

    def _court_chosen(self, code: str) -> None:
        if code != self._choices.court_code:
            choices = msgspec.convert(msgspec.to_builtins(self._choices), Choices)
            self._keep(Choices(code, choices.waived, choices.needed, choices.chosen))

    def _keep(self, choices: Choices) -> None:
        self._choices, case_id = choices, self.case_id
        self.save(
            "记下选择", lambda office: office.filing.choose(case_id, choices), lambda _none: self._read()
        )

    def _court_name(self) -> str:
        view = self.loaded.view if self.loaded is not None else None
        found = (
            [c.court.name for c in view.courts if c.court.code == self._choices.court_code] if view else []
        )
        return found[0] if found else ""

    # -- lodging and after ---------------------------------------------------------------------------

    def ask_lodge(self) -> None:
        """提交到平台 or 补交: say what will happen, then do it once."""
        loaded = self.loaded
        if loaded is None or loaded.view is None or self.lodge_button.unavailable:
            return
        if loaded.asked:
            self._ask_supplement(loaded)
            return
        words = data.pack_words(loaded.view.materials)
        last = data.last_day(loaded.view)
        until = f"最晚 {day_text(last, loaded.today)}（含当天）。" if last is not None else ""
        way = (
            "将把申请和材料发给平台，转交法院。"
            if loaded.online
            else f"现在没有网络，联网后自动提交，{until}"
        )
        later = f"还有 {words.later} 项可以后补，法院会给期限。" if words.later else ""
        asked = Confirmation(
            title=f"向{self._court_name()}申请司法确认",
            effects=tuple(
                s for s in (way, f"材料 {words.ready} 项已备好。{later}", "双方会收到法院的通知。") if s
            ),
            lasting="提交后材料锁定；法院要求补正时再打开。裁定前可以申请撤回。",
            action="发送给平台",
        )
        confirm(self.look, self, asked, self._lodge, name="confirmation.lodge")

    def _lodge(self) -> None:
        if self._sending:
            return
        self._sending, case_id = True, self.case_id
        self.lodge_button.set_unavailable("已经交出去了，不会重复提交")
        online = self.loaded is not None and self.loaded.online
        said = "申请已存好，正在发给平台。" if online else "申请已存好，联网后自动提交。"
        self.save(
            "提交司法确认",
            lambda office: office.filing.lodge(case_id),
            self._sent,
            said=said,
            refused=self._not_sent,
        )

    def _ask_supplement(self, loaded: data.Loaded) -> None:
        event = loaded.submission.events[-1] if loaded.submission and loaded.submission.events else None
        asked_for = "、".join(event.asked) if event is not None else ""
        asked = Confirmation(
            title="补交材料给法院",
            effects=(
                f"法院要求补：{asked_for}。" if asked_for else "法院要求补材料。",
                "将把现在的材料包整包再交一次。",
            ),
            lasting="发出后材料再锁定，等法院看。",
            action="发送给平台",
        )
        confirm(self.look, self, asked, self._supplement, name="confirmation.supplement")

    def _supplement(self) -> None:
        if self._sending:
            return
        self._sending, case_id = True, self.case_id
        self.save(
            "补交材料",
            lambda office: office.filing.supplement(case_id),
            self._sent,
            said="补交已存好，联网就发。",
            refused=self._not_sent,
        )

    def ask_withdraw(self) -> None:
        """撤回: the court decides whether it permits."""
        asked = Confirmation(
            title="申请撤回司法确认",
            effects=("将请法院准许撤回这份申请。", "裁定作出前可以撤回，是否准许由法院决定。"),
            lasting="撤回后 30 日的期限不会重新计算。",
            action="发送给平台",
            icon="undo-2",
        )
        confirm(self.look, self, asked, self._withdraw, name="confirmation.withdraw")

    def _withdraw(self) -> None:
        if self._sending:
            return
        self._sending, case_id = True, self.case_id
        self.save(
            "撤回司法确认申请",
            lambda office: office.filing.withdraw(case_id),
            self._sent,
            said="撤回申请已存好，联网就发。",
            refused=self._not_sent,
        )

    def _sent(self, _written: object) -> None:
        self._sending = False
        self._read()

    def _not_sent(self, error: UserError) -> bool:
        self._sending = False
        self._say_problem(error)
        self._read()
        return True

    def _say_problem(self, error: UserError) -> bool:
        self.problem_bar.set_texts("还差一点，材料都在", error.message)
        self.problem_bar.show()
        return True

    def open_document(self, sha256: str) -> None:
        """The ruling and what else came back, from the vault."""
        submission = self.loaded.submission if self.loaded is not None else None
        if submission is None:
            return
        documents = [d for event in submission.events for d in event.documents]
        items = [
            ViewItem(d.sha256, d.name.rsplit(".", 1)[0], d.media_type, size_text(d.size)) for d in documents
        ]
        office = self.office
        dialog = ViewerDialog(
            self.look,
            self.context.operations,
            lambda item: office.attachments.read(item.key),
            items,
            self.window(),
            title="法院文书",
            name="confirmation.ruling",
        )
        dialog.start([d.sha256 for d in documents].index(sha256))

    # -- elsewhere -----------------------------------------------------------------------------------

    def print_pack(self) -> None:
        """All papers and scans of the pack as one PDF."""
        if self.pack_button.unavailable or self.loaded is None:
            return
        case_id = self.case_id
        parts.show_paper(
            self,
            lambda office: office.filing.pack_pdf(case_id),
            title="司法确认材料包",
            note="含个人信息，用后收好",
        )

    def other_way(self) -> None:
        """改走别的路: the routes for this dispute."""
        self.navigate.emit("exit", {"case_id": self.case_id, "look": True})

    def _draft_agreement(self) -> None:
        self.navigate.emit("agreement_editor", {"case_id": self.case_id})

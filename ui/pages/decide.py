"""决定受理或不予受理: three ways out on one page, the notice beside them as it will be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.clock import from_text, legal_day, shanghai
from app.domain import casefile as cf
from app.domain.plan import BEFORE_DECISION
from app.services.changes import ChangeSet
from app.services.deciding import RefusalEntry
from app.services.drafts import Draft
from ui import labels
from ui.context import Context
from ui.dialogs.large_paper import offer_large
from ui.labels import day_text
from ui.pages.decide_acts import DecideActs
from ui.pages.decide_data import Loaded, read_decision
from ui.pages.decide_form import AcceptForm, HandBackForm, RefusalForm
from ui.pages.drafting import DraftKeeper
from ui.pages.working import WorkingPage
from ui.widgets.base import IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.choices import Segmented
from ui.widgets.fitting import FootRow
from ui.widgets.gutter import FittingArea
from ui.widgets.paper import PaperPreview
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.services.office import Office

WAYS = (("accept", "受理"), ("refuse", "不予受理"), ("hand_back", "退回平台"))
PREVIEW_PAUSE_MS = 400
PAPER_WIDTH = 440
"""Of the notice beside the form at first, so that it can be read."""


class DecidePage(WorkingPage):
    """The decision on one 办件; params ``case_id``, ``to`` (accept, refuse, hand_back), ``ground``, ``ask``.

    With ``ask`` (back) it goes on with what is to be changed in a colleague's refusal.
    """

    names_its_case = True
    kinds = frozenset({"cases", "outbox", "drafts"})
    help_text = (
        "受理、不予受理或退回平台，在这里决定。不予受理要写齐理由、说明、依据、途径四项，"
        "右边是告知书的样子。Alt+1 到 Alt+3 换去向，Ctrl+Enter 办这一步。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "decide", nav="inbox", title="决定受理或不予受理")
        self.loaded: Loaded | None = None
        self.case_id = ""
        self._wanted: dict[str, str] = {}
        look = self.look
        self.ways = Segmented(look, "去向", WAYS, name="decide.way", tick=True)
        self.set_header_aside(self.ways)
        self.accept_form = AcceptForm(look)
        self.refusal = RefusalForm(look)
        self.hand_back_form = HandBackForm(look)
        self.keeper = DraftKeeper(self, "refusal", self._collect, self._kept, self._came_back)
        self.acts = DecideActs(self)
        self._build_foot()
        self._build_content()
        self._build_paper()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._preview)
        self.ways.chosen.connect(self._way_chosen)
        self.refusal.touched.connect(self._touched)
        self.accept_form.touched.connect(self.show_state)
        self.hand_back_form.touched.connect(self.show_state)
        for number, (key, text) in enumerate(WAYS, start=1):
            self.add_shortcut(f"Alt+{number}", text, self._way_slot(key))

    # -- building --------------------------------------------------------------------------------

    def _build_foot(self) -> None:
        look = self.look
        self.notice = InfoBar(look, "info", "　", name="decide.notice", icon="user-check")
        self.notice.title.setProperty("role", "body")
        self.saved = Text("", role="label", tone="textTertiary")
        self.lacking = Text("", role="label", tone="textSecondary")
        self.saved.hide()
        self.lacking.hide()
        self.draft_button = Button(look, "打印草稿", name="decide.draft.print")
        self.back_button = Button(look, "退回去改", name="decide.proposal.back")
        self.act_button = PrimaryButton(look, "受理并建案", name="decide.act")
        self.act_button.clicked.connect(self.acts.act)
        self.draft_button.clicked.connect(self.acts.print_draft)
        self.back_button.clicked.connect(self.acts.withdraw)
        self._act_row = FootRow(
            self.saved, self.lacking, (self.draft_button, self.back_button), self.act_button
        )

    def _build_content(self) -> None:
        self.stack = QStackedWidget()
        for form in (self.accept_form, self.refusal, self.hand_back_form):
            area = FittingArea()
            form.setProperty("kind", "scrolled")
            area.setWidget(form)
            self.stack.addWidget(area)
        card = self._form_card = Card(flush=True)
        foot = column(self.notice, self._act_row, spacing=10)
        foot.setContentsMargins(18, 8, 18, 14)
        inside = column(self.stack, foot, spacing=0)
        inside.setStretch(0, 1)
        card.add(inside)
        middle = row(self.refusal.reasons, card, spacing=16)
        middle.setStretch(1, 1)
        whole = QWidget()
        whole.setLayout(middle)
        identify(whole, "decide.content")
        self.set_content(whole)
        self.look.follow(self, self._size)

    def _size(self) -> None:
        self.refusal.reasons.setFixedWidth(self.look.metrics.px(312 if self.narrow else 290))
        self._form_card.setMinimumWidth(self.look.metrics.px(350))

    def _build_paper(self) -> None:
        self.paper_note = Text("随填随变", role="label", tone="textSecondary")
        self.paper_card = Card("告知书", "", self.paper_note, sunken=True)
        self.paper = PaperPreview(self.look, "告知书样张，已遮挡", name="decide.paper", trimmed=True)
        self.paper.setMinimumHeight(360)
        offer_large(self.look, "告知书样张，已遮挡", self.paper)
        self.paper_problem = Text("", role="label", tone="textSecondary", wrap=True)
        self.paper_problem.hide()
        self.paper_card.add(self.paper)
        self.paper_card.add(self.paper_problem)
        self.complete = Text("", role="label", tone="ok", wrap=True)
        self.complete_mark = IconLabel(self.look, "circle-check", color="ok.fg")
        foot = QWidget()
        foot.setLayout(row(self.complete_mark, self.complete))
        self.paper_card.set_footer(foot)
        holder = QWidget()
        holder.setLayout(column(self.paper_card, spacing=0))
        self.set_side(holder, "告知书", "看告知书", "收起告知书")
        self.splitter.setSizes([10_000, PAPER_WIDTH])

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show the decision on a case."""
        case_id = str(params.get("case_id", ""))
        self._wanted = {key: str(params.get(key, "")) for key in ("to", "ground", "ask")}
        self.keeper.stop()
        self.case_id, self.loaded = case_id, None
        self.fetch("打开决定", lambda office: read_decision(office, case_id), self._show)

    def leave(self) -> None:
        """Save what is typed; the notice is rendered anew on coming back."""
        self.keeper.flush()
        self._pause.stop()
        self.drop_all()
        self.paper.clear_pdf()

    def come_back(self) -> None:
        """The notice, too."""
        super().come_back()
        self._preview()

    def refresh(self, changes: ChangeSet) -> None:
        """The case or the proposal changed; what is typed stays."""
        case_id = self.case_id
        if case_id:
            self.fetch("打开决定", lambda office: read_decision(office, case_id), self._renew)

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the primary button sticks to the foot."""
        if narrow == self.narrow:
            return
        super().set_narrow(narrow)
        self.set_actions((), self.act_button if narrow else None)
        if not narrow:
            self._act_row.take_back()
        self._size()

    def focus_areas(self) -> Sequence[QWidget]:
        """Reasons, form, notice."""
        first = [self.refusal.reasons] if self.way == "refuse" else []
        return [*first, self.stack, *([] if self.narrow else [self.paper_card])]

    @property
    def way(self) -> str:
        """The chosen way out."""
        return self.ways.value

    @property
    def open_for_decision(self) -> bool:
        """Whether the 办件 still waits for one."""
        return self.loaded is not None and self.loaded.view.head.state in BEFORE_DECISION

    # -- showing ---------------------------------------------------------------------------------

    def _show(self, loaded: Loaded) -> None:
        self.loaded = loaded
        head = loaded.view.head
        body = self._stored(loaded)
        self.accept_form.title.setText(head.title)
        self.accept_form.show_parties(tuple(loaded.view.file.parties.values()))
        self.accept_form.show_facts(loaded.facts)
        self.hand_back_form.text.load("")
        self.refusal.load(body, head.contact_waiver, loaded.said)
        if self._wanted["ground"] and not body:
            self.refusal.choose(self._wanted["ground"])
        wanted = self._wanted["to"] or ("refuse" if body else "accept")
        self.ways.choose(wanted)
        self.keeper.follow(self.case_id, loaded.draft.body if loaded.draft is not None else None)
        self._say_saved(loaded.draft.saved_at if loaded.draft is not None else "")
        self._head()
        self._way_chosen(self.way)
        self._focus()
        if self._wanted["ask"] and self.back_button.isVisibleTo(self):
            self.acts.withdraw()

    def _renew(self, loaded: Loaded) -> None:
        before, self.loaded = self.loaded, loaded
        if before is None:
            self._show(loaded)
            return
        if before.proposal != loaded.proposal:
            self.refusal.load(self._stored(loaded), loaded.view.head.contact_waiver, loaded.said)
            self._preview()
        self._head()
        self.show_state()

    def _stored(self, loaded: Loaded) -> dict[str, Any]:
        import msgspec

        if loaded.proposal is not None:
            built: dict[str, Any] = msgspec.to_builtins(loaded.proposal.entry)
            return built
        refusal = loaded.view.head.refusal
        if refusal is not None:
            found: dict[str, Any] = msgspec.to_builtins(refusal)
            return found
        return loaded.draft.body if loaded.draft is not None else {}

    def _head(self) -> None:
        if self.loaded is None:
            return
        head = self.loaded.view.head
        received = shanghai(head.received_at)
        number = f"办件 {head.intake_no}　" if head.intake_no else ""
        when = f"{received.month}月{received.day}日 {received:%H:%M} 收到"
        self.set_title(
            "决定受理或不予受理", f"{head.title}　{number}{self.loaded.who}　{when}",
            labels.standing(self.loaded.view.plan.label),
        )  # fmt: skip

    def _focus(self) -> None:
        if self.way == "refuse":
            code = self.refusal.reasons.group.value
            target: QWidget = self.refusal.reasons.group.cards[code or "N1"]
            (self.refusal.facts if code else target).setFocus(Qt.FocusReason.TabFocusReason)
        elif self.way == "accept":
            self.act_button.setFocus(Qt.FocusReason.TabFocusReason)

    def _way_slot(self, key: str) -> Any:
        def choose() -> None:
            self.ways.choose(key)
            self._focus()

        return choose

    def _way_chosen(self, way: str) -> None:
        if not way:
            return
        self.stack.setCurrentIndex([key for key, _ in WAYS].index(way))
        self.refusal.reasons.setVisible(way == "refuse")
        self.show_side(way != "hand_back")
        self.show_state()
        self._preview()

    def show_state(self) -> None:
        """Buttons, ticks and notes as things stand."""
        if self.loaded is not None:
            self.acts.show_state(self.loaded)

    def _touched(self) -> None:
        self.keeper.touch()
        self.show_state()
        self._pause.start(PREVIEW_PAUSE_MS)

    def accept_words(self) -> str:
        """What follows from accepting, in a sentence."""
        if self.loaded is None:
            return ""
        desk = self.office.desk
        period = desk.rules.mediation_period(self.loaded.view.head.law_kind)
        unit = "个工作日" if period.unit == "workdays" else "日"
        start = "受理" if period.starts == "accepted" else "收到申请"
        today = day_text(legal_day(desk.clock.now()))
        return f"今天是{today}。受理后给案号、建案，调解期限 {period.amount} {unit}，从{start}的次日起算。"

    # -- preview ---------------------------------------------------------------------------------

    def refusal_now(self) -> cf.Refusal:
        """The refusal as it would be sent, for the notice."""
        entry: RefusalEntry = self.refusal.entry()
        stored = self.loaded.view.head.refusal if self.loaded is not None else None
        return cf.Refusal(
            ground_code=entry.ground_code,
            ground=entry.ground,
            facts=entry.facts.strip(),
            basis=entry.basis,
            next_routes=entry.next_routes,
            notice_no=stored.notice_no if stored is not None else "",
        )

    def _preview(self) -> None:
        if self.loaded is None or self.way == "hand_back":
            return
        case_id, refusing = self.case_id, self.way == "refuse"
        extra: dict[str, Any] = {"refusal": self.refusal_now()} if refusing else {}
        form_id = "P05" if refusing else "P04"
        if self.paper_card.header is not None:
            self.paper_card.header.set_texts("不予受理告知书" if refusing else "受理告知书")

        def work(office: Office) -> bytes:
            return office.papers.preview(case_id, form_id, masked=True, extra=extra).content

        def done(content: bytes) -> None:
            shown = self.paper.show_pdf(content)
            self.paper_problem.setVisible(not shown)

        self.fetch("排告知书", work, done, self._not_previewed)

    def _not_previewed(self, error: BaseException) -> bool:
        message = getattr(error, "message", "")
        self.paper_problem.setText(message or "样张没有排出来，写的内容都在。")
        self.paper_problem.show()
        return bool(message)

    # -- draft -----------------------------------------------------------------------------------

    def _collect(self) -> dict[str, Any] | None:
        if self.loaded is None or not self.open_for_decision or self.loaded.proposal is not None:
            return None
        import msgspec

        entry = self.refusal.entry()
        if not entry.ground_code and not entry.facts.strip():
            return None
        built: dict[str, Any] = msgspec.to_builtins(entry)
        # Why it was sent back is read as long as it is being changed.
        return {**built, **self.loaded.returned}

    def _came_back(self, draft: Draft) -> None:
        if self.loaded is not None:
            self.refusal.load(draft.body, self.loaded.view.head.contact_waiver, self.loaded.said)
            self.keeper.follow(self.case_id, draft.body)
            self._say_saved(draft.saved_at)
            self._way_chosen(self.way)

    def _kept(self, saved_at: str) -> None:
        self._say_saved(saved_at)

    def _say_saved(self, saved_at: str) -> None:
        self.saved.setText(f"{shanghai(from_text(saved_at)):%H:%M:%S} 已存在本机" if saved_at else "")
        self.saved.setVisible(bool(saved_at))

"""口头协议登记: five things on one page, the paper beside them as it will be printed; no countdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.clock import from_text, shanghai
from app.services.changes import ChangeSet, Written
from app.services.drafts import Draft
from app.services.oral import DRAFT_KIND, DRAFT_SUBJECT, OralEntry
from ui.context import Context
from ui.dialogs.confirm import Confirmation
from ui.dialogs.large_paper import offer_large
from ui.labels import month_day
from ui.pages import agreement_parts as parts
from ui.pages.drafting import DraftKeeper
from ui.pages.oral_form import OralForm
from ui.pages.past_parties import PastFinder
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, Text, column, identify
from ui.widgets.buttons import Button, LinkButton, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.fitting import FootRow
from ui.widgets.gutter import FittingArea
from ui.widgets.paper import PaperPreview

if TYPE_CHECKING:
    from app.services.office import Office

PREVIEW_PAUSE_MS = 400
_ACT, _WRITTEN = "登记口头协议", "改用书面协议"
FORM_ID, PAPER = "F07", "口头协议登记表"


class OralPage(WorkingPage):
    """One form, kept by itself until it is registered."""

    kinds = frozenset({"settings", "people", "institution"})
    answers_in_subtitle = True
    side_width = 420
    help_text = (
        "当场说好、马上能办的小纠纷在这里登记，右边是打印出来的样子。写的内容自动存在本机，随时可以放下。"
        "类型和时限可以按数字选，Ctrl Enter 登记，Ctrl P 存好并打印。劳动、医疗、农村土地承包要用书面协议。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "oral", nav="cases", title="口头协议登记")
        self._loaded = False
        self._blank: dict[str, Any] | None = None
        """What stands in the form before anybody touched it."""
        self.past = PastFinder(self, lambda: self.form.people)
        self._build_steps()
        self._build_paper()
        self.draft = DraftKeeper(self, DRAFT_KIND, self._body, self._kept, self._load)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PREVIEW_PAUSE_MS)
        self._pause.timeout.connect(self._preview)
        self.add_shortcut("Ctrl+P", "存好并打印", lambda: self.register(printing=True))
        self._connect()

    # -- building --------------------------------------------------------------------------------

    def _build_steps(self) -> None:
        look = self.look
        self.form = OralForm(look, self.office.desk.today, self.past.same_bar)
        self.later_button = LinkButton(look, "先放着，回头再填", name="oral.later")
        self.print_button = Button(look, "存好并打印", name="oral.register.print", icon="printer")
        self.go_button = PrimaryButton(look, "登记完成", name="oral.register")
        self.written_button = Button(look, "改用书面协议", name="oral.written")
        self.set_actions([self.written_button])
        self.foot = FootRow(self.later_button, Text("", role="label"), (self.print_button,), self.go_button)
        area = FittingArea()
        area.setWidget(self.form)
        self._foot_lines = column(self.form.no_paper, self.foot, spacing=10)
        self._foot_lines.setContentsMargins(18, 12, 18, 14)
        self._foot_area = QWidget()
        self._foot_area.setLayout(column(Divider(), self._foot_lines, spacing=0))
        card = Card(flush=True)
        whole = column(area, self._foot_area, spacing=0)
        whole.setStretch(0, 1)
        card.add(whole)
        identify(card, "oral.content")
        self.set_content(card)

    def _build_paper(self) -> None:
        note = Text("随填随变；打印时显示全名", role="label", tone="textSecondary")
        card = Card("打出来是这样", "", note, sunken=True)
        self.paper = PaperPreview(self.look, f"{PAPER}样张，已遮挡", name="oral.paper", trimmed=True)
        self.paper.setMinimumHeight(360)
        offer_large(self.look, f"{PAPER}样张，已遮挡", self.paper)
        self.paper_problem = Text("", role="label", tone="textSecondary", wrap=True)
        self.paper_problem.hide()
        card.add(self.paper)
        card.add(self.paper_problem)
        holder = QWidget()
        holder.setLayout(column(card, spacing=0))
        self.set_side(holder, PAPER, "看样张", "收起样张")

    def _connect(self) -> None:
        self.form.touched.connect(self._touched)
        self.form.taken_out.connect(self._party_gone)
        self.form.party_made.connect(self.past.follow)
        self.later_button.clicked.connect(self._put_aside)
        self.print_button.clicked.connect(lambda: self.register(printing=True))
        self.go_button.clicked.connect(lambda: self.register(printing=False))
        self.written_button.clicked.connect(self.ask_written)

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window all of the form scrolls, and the main button sticks to the foot."""
        if narrow == self.narrow:
            return
        super().set_narrow(narrow)
        if narrow:
            self.form.last.addWidget(self.form.no_paper)
            self.set_actions([self.written_button, self.print_button], self.go_button)
        else:
            self._foot_lines.insertWidget(0, self.form.no_paper)
            self.set_actions([self.written_button])
            self.foot.take_back()
        self._foot_area.setVisible(not narrow)
        self.form.set_narrow(narrow)

    def focus_areas(self) -> Sequence[QWidget]:
        """Form and paper."""
        return [self._content_area, *([] if self.narrow else [self.paper])]

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Go on with what was written, or begin anew."""
        desk = self.office.desk
        closed = "本机构已停止办理，不能新建案件" if desk.institution.status == "closed" else ""
        for button in (self.go_button, self.print_button, self.written_button):
            button.set_unavailable(closed)
        if not self._loaded:
            self.fetch("看常用类型", lambda office: office.oral.usual_kinds(), self.form.order)
            self.fetch("接着登记", lambda office: office.drafts.get(DRAFT_KIND, DRAFT_SUBJECT), self._load)
        self._say_standing()
        self._preview()

    def leave(self) -> None:
        """Keep what is written, cover it."""
        self.draft.flush()
        self._pause.stop()
        self.drop_all()
        self.cover()
        self.paper.clear_pdf()

    def come_back(self) -> None:
        """The sample, too."""
        super().come_back()
        self._preview()

    def cover(self) -> None:
        """Cover what is not being written."""
        self.form.cover()

    def refresh(self, changes: ChangeSet) -> None:
        """Nothing here changes by itself."""

    def _party_gone(self, letter: str, before: object) -> None:
        self.offered.emit(f"{letter}已去掉。", lambda: self.form.show_parties(before))  # type: ignore[arg-type]

    # -- draft -----------------------------------------------------------------------------------

    def _load(self, draft: Draft | None) -> None:
        self._loaded = False
        self.form.load(draft.body if draft is not None else {})
        self._loaded = True
        self._blank = None
        self._blank = self._body() if draft is None else None
        self.draft.follow(DRAFT_SUBJECT, draft.body if draft is not None else None)
        if draft is None:
            self.set_saved("")
        self._say_standing()
        self._preview()
        self.past.look_for_the_same()
        self.form.people[0].take_focus()

    def _body(self) -> dict[str, Any] | None:
        body = self.form.as_draft()
        return body if body != self._blank else None

    def _kept(self, at: str) -> None:
        self.set_saved(f"{shanghai(from_text(at)):%H:%M:%S} 已自动存在本机")

    def _touched(self, _value: object = None) -> None:
        if self._loaded:
            self.draft.touch()
            self._say_standing()
            self._pause.start()

    def _put_aside(self) -> None:
        """先放着: it is kept and stands under 接着办."""
        self.draft.flush()
        self.navigate.emit("today", {})

    # -- what stands -----------------------------------------------------------------------------

    def _say_standing(self) -> None:
        """How many of the five are written, and when the parties will be called."""
        done, needed = self.form.show_done(), len(self.form.steps)
        rest = f"{needed} 项必填，已填 {done} 项。" if done < needed else "必填的都填好了。"
        self.set_title("口头协议登记", f"当场说好、马上能办的小纠纷。{rest}")
        desk = self.office.desk
        follow = self.office.oral.follow_up_on(self.form.term.term())
        when = f"{month_day(follow.due_on)}{'，暂估' if follow.provisional else ''}" if follow else ""
        self.form.term.say(f"做完后自动排一次回访：{when}，承办人{desk.person.name}" if when else "")

    def _preview(self) -> None:
        if not self._loaded:
            return
        entry = self.form.entry()

        def work(office: Office) -> bytes:
            return office.papers.preview_of(office.oral.picture(entry), FORM_ID).content

        def done(content: bytes) -> None:
            self.paper_problem.setVisible(not self.paper.show_pdf(content))

        self.fetch("排登记表", work, done, self._not_previewed)

    def _not_previewed(self, error: BaseException) -> bool:
        message = getattr(error, "message", "")
        self.paper_problem.setText(message or "样张没有排出来，写的内容都在。")
        self.paper_problem.show()
        return bool(message)

    # -- acts ------------------------------------------------------------------------------------

    def register(self, *, printing: bool) -> None:
        """登记完成, or 存好并打印."""
        entry = self.form.entry()
        if self.go_button.unavailable or not self.form.ready(self.office.oral.problems(entry)):
            return

        def done(written: Written[str]) -> None:
            case_id = written.value
            self._begin_anew()
            if printing:
                parts.show_paper(
                    self, lambda office: office.papers.produce(case_id, FORM_ID).content, title=PAPER,
                    note="打印两份：一份存档，一份给当事人看。",
                )  # fmt: skip
            else:
                self.navigate.emit("case", {"case_id": case_id})

        self.draft.flush()
        self.save(
            _ACT, lambda office: office.oral.register(entry), done, said="已登记，今天起生效。10 秒后发送。"
        )

    def ask_written(self) -> None:
        """改用书面协议: the case is registered and accepted, so it is confirmed."""
        entry = self.form.entry()
        if self.written_button.unavailable:
            return
        if not self.form.ready(self.office.oral.problems_of_written(entry), spoken=False):
            return
        asked = Confirmation(
            title="登记并受理，接着写协议书",
            effects=(
                "记下双方当面同意调解，案件编号，发给平台。",
                "写好的事实和说好的内容带进协议书，接着改。",
            ),
            action="登记并受理",
            lasting="发出后要改须走更正。",
        )
        self.confirmed(
            _WRITTEN,
            self.with_outlook(asked),
            lambda: self._begin_written(entry),
            dialog="oral.written.confirm",
        )

    def _begin_written(self, entry: OralEntry) -> None:
        def done(written: Written[str]) -> None:
            self._begin_anew()
            self.navigate.emit("agreement_editor", {"case_id": written.value})

        self.draft.flush()
        self.save(
            _WRITTEN, lambda office: office.oral.begin_written(entry), done, said="已受理，接着发给平台。"
        )

    def _begin_anew(self) -> None:
        self.draft.forget()
        self._load(None)

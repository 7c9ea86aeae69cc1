"""出口路线: six questions, the ways on, the notice as it will be printed; end mediation and close."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.domain import casefile as cf
from app.domain import exits
from app.domain.errors import UserError
from app.domain.reducer import CaseFile
from app.services import filing
from app.services.case_seen import MOVED, CaseSeen, seen_of
from app.services.changes import ChangeSet
from app.services.drafts import Draft
from app.services.papers import is_draft
from ui.context import Context
from ui.dialogs.closing import open_closing
from ui.dialogs.large_paper import offer_large
from ui.labels import standing_of
from ui.pages import agreement_parts as parts
from ui.pages.drafting import DraftKeeper
from ui.pages.exit_end import ExitEnd, to_be_told
from ui.pages.exit_routes import RouteCard, RouteCards
from ui.pages.exit_served import ask_served, served_unavailable
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, Text, bring_into_view, column, fields_beside, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox, Segmented
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.paper import PaperPreview
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.services.office import Office

OPEN = frozenset({"accepted", "mediating"})
ENDED = frozenset({"failed", "withdrawn", "terminated"})
PREVIEW_MS = 400
AS_TOLD = "as_told"
"""A reason written elsewhere in other words: shown as written, not offered once they talk again."""


@dataclass(frozen=True)
class Loaded:
    """One reading of the page."""

    file: CaseFile
    court: str
    draft: Mapping[str, Any]

    @property
    def over(self) -> bool:
        """Whether mediation ended without an agreement and stands so: the notice is what was told."""
        told, state = self.file.head.conclusion, self.file.head.state
        return told is not None and told.outcome != "agreed" and state not in OPEN

    @property
    def told(self) -> tuple[str, ...]:
        """救济途径 that were told, in sentences."""
        told = self.file.head.conclusion
        return told.remedies if told is not None else ()


def read(office: Office, case_id: str) -> Loaded:
    """Read on the read lane."""
    file = office.cases.open(case_id).file
    courts = filing.competent(office.desk, file)
    saved = office.drafts.get("exit", case_id)
    return Loaded(file, courts[0].court.name if courts else "", saved.body if saved else {})


class ExitPage(WorkingPage):
    """The page. ``params``: ``case_id``."""

    names_its_case = True
    kinds = frozenset({"cases"})
    help_text = (
        "先看六件事对不对，再选能走的路，选的会写进终止调解告知书。费用和时间是估算，以法院、机构答复为准。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "exit", nav="cases", title="没谈成，接下来怎么走")
        self.case_id = ""
        self.loaded: Loaded | None = None
        self.seen: CaseSeen | None = None  # The case as it stood when its form was opened.
        self.questions: dict[str, Segmented] = {}
        self._filling = False
        self.early_reason = ""
        """What was written so far on why mediation ends for a period that has not ended."""
        self.keeper = DraftKeeper(self, "exit", self._collect, came_back=self._came_back)
        look = self.look
        self.again_button = Button(look, "再谈一次", name="exit.resume", icon="undo-2")
        self.close_button = Button(look, "结案", name="exit.close", icon="circle-check")
        self.served_button = Button(look, "登记送达", name="exit.served", icon="mail")
        self.print_button = PrimaryButton(look, "打印告知书", name="exit.notice.print", icon="printer")
        self.again_button.clicked.connect(self.talk_again)
        self.close_button.clicked.connect(self.close_case)
        self.served_button.clicked.connect(self.register_served)
        self.print_button.clicked.connect(self.go_on)
        self._compose()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PREVIEW_MS)
        self._pause.timeout.connect(self._preview)
        self.set_actions([self.again_button, self.served_button, self.close_button], self.print_button)
        self.add_shortcut("Ctrl+P", "打印告知书", self.go_on)

    def _compose(self) -> None:
        look = self.look
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        for number, question in enumerate(exits.questions()):
            answer = Segmented(
                look, question.text, [("yes", "是"), ("no", "否")],
                name=f"exit.question.{question.code}", tick=True, solid=True,
            )  # fmt: skip
            answer.chosen.connect(self._answered)
            self.questions[question.code] = answer
            line = row(Text(question.text, wrap=True), answer)
            line.setStretch(0, 1)
            grid.addLayout(line, number // 2, number % 2)
        self.six = Card(
            "先看六件事", " ", Text("已按纠纷类型预答，只改不对的", role="caption", tone="textSecondary")
        )
        self.six.add(grid)
        self.ground = ComboBox(
            look, "终止原因", [("", "选一条终止原因"), *((g.code, g.name) for g in exits.grounds())],
            name="exit.ground",
        )  # fmt: skip
        self.ground.currentIndexChanged.connect(self._changed)
        self.ground_field = FormField("终止原因", self.ground)
        self.focus_edit = LineEdit(
            "争议焦点", name="exit.focus", placeholder="如 装修恢复费用是否应从押金中扣除"
        )
        self.focus_edit.textEdited.connect(self._changed)
        why = Card()
        fields = fields_beside(
            self.ground_field, FormField("争议焦点", self.focus_edit, optional=True), spacing=16
        )
        fields.setStretch(0, 0)
        why.add(fields)
        self.problem = InfoBar(look, "overdue", "还差一点", " ", name="exit.problem", icon="circle-alert")
        self.problem.hide()
        self.routes = RouteCards(look)
        self.routes.changed.connect(self._changed)
        content = QWidget()
        content.setLayout(column(self.problem, why, self.six, self.routes, None, spacing=14))
        self.set_content(content, scrolled=True)
        self.preview = PaperPreview(look, "终止调解告知书样张", name="exit.preview")
        offer_large(look, "终止调解告知书样张", self.preview)
        self.preview.setMinimumHeight(look.metrics.px(420))
        side = QWidget()
        identify(side, "exit.side", "终止调解告知书")
        desk = QFrame()
        desk.setProperty("kind", "desk")
        side.setLayout(column(desk))
        self.copies_note = Text("", role="label", tone="textSecondary", wrap=True)
        self.paper_hint = Text("", role="caption", tone="textSecondary")
        head = row(Text("终止调解告知书", role="bodyStrong"), None, self.paper_hint)
        head.setContentsMargins(16, 12, 16, 10)
        strip = QFrame()
        strip.setProperty("kind", "strip")
        foot = row(self.copies_note)
        foot.setContentsMargins(16, 10, 16, 10)
        strip.setLayout(foot)
        inside = column(head, self.preview, Divider(), strip, spacing=0)
        inside.setStretch(1, 1)
        inside.setContentsMargins(1, 1, 1, 1)
        desk.setLayout(inside)
        self.set_side(side, "终止调解告知书", "看告知书", "收起告知书")

    # -- page --------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show the ways on for a case."""
        case_id = str(params.get("case_id", ""))
        if case_id != self.case_id:
            self.keeper.stop()
            self.case_id, self.loaded = case_id, None
            self.begin_at_top()
        self.seen = None
        self._read()

    def leave(self) -> None:
        """Keep what was chosen."""
        self.keeper.flush()
        self._pause.stop()
        self.drop_all()
        self.preview.clear_pdf()

    def refresh(self, changes: ChangeSet) -> None:
        """The case changed."""
        if self.case_id and (not changes.case_ids or self.case_id in changes.case_ids):
            self._read()

    def _read(self) -> None:
        case_id = self.case_id
        if case_id:
            self.fetch("看出口路线", lambda office: read(office, case_id), self._show)

    def _show(self, loaded: Loaded) -> None:
        before, over = self.loaded, loaded.over
        # While the form is open, what is chosen in it stays whatever was told meanwhile.
        turned = before is None or over != before.over or (over and loaded.told != before.told)
        self.loaded = loaded
        if self.seen is None or over or (before is not None and before.over):
            self.seen = seen_of(loaded.file)
        state = loaded.file.head.state
        title = "没谈成，接下来怎么走" if state in OPEN | ENDED else "接下来怎么走"
        self.set_title(title, parts.subtitle(loaded.file), standing_of(state))
        if turned:
            self._fill(loaded)
            self.keeper.follow(self.case_id, dict(loaded.draft) or None)
        if before is None and state in OPEN and self.isVisible():
            # Of another case, wherever one was in the one before: its first field.
            self.ground.setFocus()
        for part in (self.ground, self.focus_edit):
            part.setEnabled(not over)
        # The answers are not part of what was told; over another choice they would mislead.
        self.six.setVisible(not over)
        self.paper_hint.setText("这是发出的内容，不再改" if over else "选的路线随时写进来")
        self.print_button.relabel("打印告知书" if over or state not in OPEN else "终止调解，打印告知书")
        self.print_button.set_unavailable("" if state in OPEN or over else "这件案件没有终止调解，只供参考")
        self.again_button.set_unavailable("" if state in ENDED | OPEN else "现在不能再谈")
        self.close_button.set_unavailable("" if state in ENDED else "先终止调解，再结案")
        served = served_unavailable(loaded.file) if over else "先打印告知书，再登记送达"
        self.served_button.set_unavailable(served)
        copies = len(loaded.file.parties) + 1
        self.copies_note.setText(f"打印 {copies} 份。费用和时间是估算，以法院、机构答复为准。")
        self._pause.start()

    def _came_back(self, draft: Draft) -> None:
        if self.loaded is not None:
            self.loaded = dataclasses.replace(self.loaded, draft=draft.body)
            self._fill(self.loaded)
            self.keeper.follow(self.case_id, draft.body)

    def _fill(self, loaded: Loaded) -> None:
        self._filling = True
        before = loaded.file.head.conclusion
        told = before if loaded.over else None
        draft: Mapping[str, Any] = {} if loaded.over else loaded.draft
        answers = {**exits.pre_answers(loaded.file.head.dispute_kind), **draft.get("answers", {})}
        for code, segment in self.questions.items():
            segment.choose("yes" if answers[code] else "no")
        ground = next((g.code for g in exits.grounds() if told and g.name == told.ground), "")
        self.ground.removeItem(self.ground.findData(AS_TOLD))
        if told and told.ground and not ground:
            ground = AS_TOLD
            self.ground.addItem(told.ground, ground)
        self.ground.choose(str(draft.get("ground", ground)))
        self.focus_edit.setText(str(draft.get("focus", before.focus if before else "")))
        self.early_reason = str(draft.get("early", ""))
        self._filling = False
        self.routes.forget()
        if loaded.over:
            self.routes.tell(exits.told_routes(loaded.file.head, loaded.told, court_name=loaded.court))
        else:
            self._list(tuple(draft["routes"]) if "routes" in draft else None)

    # -- choosing ------------------------------------------------------------------------------------

    def answers(self) -> dict[str, bool]:
        """The answers as they stand."""
        return {code: segment.value == "yes" for code, segment in self.questions.items()}

    def _list(self, chosen: tuple[str, ...] | None = None) -> None:
        loaded = self.loaded
        court = loaded.court if loaded else ""
        sessions = loaded.file.of_type(cf.Session) if loaded else ()
        recorded = any(session.undisputed for _, session in sessions)
        self.routes.offer(exits.routes(self.answers(), court_name=court), chosen, recorded=recorded)

    def _answered(self, _key: str) -> None:
        if not self._filling:
            self._list()
            self._changed()

    def _changed(self, *_: object) -> None:
        if not self._filling:
            self.ground_field.show_problem("")
            self.keeper.touch()
            self._pause.start()

    def chosen(self) -> tuple[exits.Route, ...]:
        """The ways ticked."""
        return self.routes.chosen()

    @property
    def cards(self) -> list[RouteCard]:
        """The ways shown."""
        return self.routes.cards

    def remedies(self) -> tuple[str, ...]:
        """救济途径 chosen, in sentences."""
        return tuple(route.sentence for route in self.chosen())

    def _ground(self) -> exits.Ground | None:
        return next((g for g in exits.grounds() if g.code == self.ground.value), None)

    def _preview(self) -> None:
        loaded = self.loaded
        if loaded is None or not self.isVisible():
            return
        file, ground = loaded.file, self._ground()
        # What was told stands in the case itself: it is shown as it went out, not as it would be written.
        extra = {} if loaded.over else {"remedies": self.remedies()}
        if not loaded.over and (ground is not None or file.head.state in OPEN):
            at = self.office.desk.clock.now()
            file = to_be_told(file, ground, self.focus_edit.text().strip(), at)
        draft = is_draft("P13", loaded.file)
        self.fetch(
            "排告知书样张",
            lambda office: office.papers.preview_of(file, "P13", draft=draft, extra=extra).content,
            self._show_pdf,
        )

    def _show_pdf(self, content: bytes) -> None:
        self.preview.show_pdf(content)

    # -- acting --------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """End mediation after asking, then print the notice; once ended, print it again."""
        loaded = self.loaded
        if loaded is None or self.print_button.unavailable:
            return
        if loaded.file.head.state not in OPEN:
            self.print_notice()
            return
        ground = self._ground()
        if ground is None:
            self.ground_field.show_problem("选一条终止原因。")
            self.ground_field.take_focus()
            return
        if not self.chosen():
            self.routes.show_problem("至少选一条路，会写进告知书。")
            return
        ExitEnd(self, ground).begin()

    def print_notice(self) -> None:
        """Preview the notice with full names, for printing."""
        case_id = self.case_id
        parts.show_paper(
            self, lambda office: office.papers.produce(case_id, "P13").content, title="终止调解告知书",
            note="各方一份，机构留一份",
        )  # fmt: skip

    def register_served(self) -> None:
        """登记送达: a line in the course of events, once both sides have signed for the notice."""
        if not self.served_button.unavailable:
            ask_served(self, self.case_id, self.refused)

    def talk_again(self) -> None:
        """再谈一次."""
        if self.loaded is None or self.again_button.unavailable:
            return
        case_id, seen = self.case_id, seen_of(self.loaded.file)
        if self.loaded.file.head.state in OPEN:
            self.navigate.emit("session", {"case_id": case_id})
            return
        self.save(
            "再谈一次",
            lambda office: office.closing.resume(case_id, seen),
            said="已恢复调解。",
            refused=self.refused,
        )

    def close_case(self) -> None:
        """结案."""
        if not self.close_button.unavailable:
            open_closing(self, self.case_id)

    def refused(self, error: UserError) -> bool:
        """Say on the page what the service did not take."""
        self.problem.set_texts("还差一点，填的都在", error.message)
        self.problem.show()
        bring_into_view(self.problem)
        if error.code == MOVED and self.loaded is not None:
            self.seen = seen_of(self.loaded.file)
        return True

    def _collect(self) -> dict[str, Any] | None:
        if self.loaded is None or self.loaded.file.head.state not in OPEN:
            return None
        return {
            "answers": self.answers(),
            "ground": self.ground.value,
            "focus": self.focus_edit.text().strip(),
            "routes": [route.code for route in self.chosen()],
            **({"early": self.early_reason} if self.early_reason else {}),
        }

"""While an agreement is being written, another text may be fixed or signed: said above it, to be decided.

The writer goes on with their own, or gives it up for the one that stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from app.services.agreement_seen import Met, Seen
from ui.dialogs.confirm import Confirmation
from ui.pages import agreement_parts as parts
from ui.widgets.base import announce, bring_into_view
from ui.widgets.buttons import Button, FlatButton
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.domain.reducer import CaseFile
    from ui.pages.agreement_editor import AgreementEditorPage
    from ui.pages.working import WorkingPage

DROP, SHORT = "不要草稿，看定稿的", "看定稿的"
THREE_BUTTONS = 900
"""Logical width from which the bar has room for its words beside three buttons."""
LOW = 480
"""Logical height of the page below which the text being written needs the lines of the bar's explanation."""


def ask_to_drop(page: AgreementEditorPage) -> None:
    """不要草稿，看定稿的: names what goes and what stays; it can be taken back while the notice shows."""
    draft, kept = page.sheet.value(), page.collect()
    if draft is None or kept is None:
        return
    clauses = sum(bool(clause.text.strip()) for clause in draft.clauses)
    letters = sum(
        len(part.strip()) for part in (draft.facts, draft.performance, *(c.text for c in draft.clauses))
    )
    asked = Confirmation(
        title="不要您写的这一份草稿",
        effects=(
            f"您写的草稿有 {clauses} 条约定，一共 {letters} 字，从本机去掉。",
            "这里改看定稿的那一份。定稿的和登记过的签名盖章都不动。",
        ),
        lasting="去掉后提示条上有 10 秒的“撤销”，按了草稿原样回来；过了就找不回。要留底，先按“打印草稿”。",
        action="不要草稿",
        icon="file-text",
    )
    page.confirmed(DROP, asked, lambda: _drop(page, kept), dialog="agreement_editor.drop")


def _drop(page: AgreementEditorPage, kept: dict[str, Any]) -> None:
    case_id = page.case_id

    def done(_none: None) -> None:
        page.begin_anew()
        page.offered.emit("草稿不要了，这里是定稿的那一份。", put_back)

    def put_back() -> None:
        page.save(
            "放回草稿",
            lambda office: office.drafts.put_back("agreement", case_id, kept),
            lambda _none: page.came_back(case_id),
            said="草稿放回来了。",
            of=case_id,
        )

    page.save(DROP, lambda office: office.drafts.discard("agreement", case_id), done, of=case_id)


class OtherTextBar(InfoBar):
    """Shows itself while something holds that the draft's writer has not seen; 看那一份 shows it.

    ``adopted(file, seen)`` when the writer goes on with their own: the case as it stands, and what was told;
    ``dropped()`` when they want the text that was fixed instead.
    """

    adopted = Signal(object, object)
    dropped = Signal()

    def __init__(self, page: WorkingPage) -> None:
        super().__init__(
            page.look, "dueToday", "协议有了另一版", " ", name="agreement_editor.other", icon="file-pen",
            action="照我写的接着来",
        )  # fmt: skip
        self.title.setWordWrap(True)  # It names who and when, beside three buttons.
        self._page = page
        self._file: CaseFile | None = None
        self._met: Met | None = None
        self.look_button = Button(
            page.look, "看那一份", name="agreement_editor.other.look", icon="eye", compact=True
        )
        self.look_button.clicked.connect(self.look_at_it)
        self.drop_button = Button(page.look, DROP, name="agreement_editor.other.drop", compact=True)
        self.drop_tool = FlatButton(page.look, DROP, name="agreement_editor.draft.drop", icon="file-check")
        """The same among the tools, for who has begun another version and has seen what stands."""
        for button in (self.drop_button, self.drop_tool):
            button.clicked.connect(self.dropped)
        self.drop_tool.hide()
        self.add_act(self.look_button)
        self.add_act(self.drop_button)
        self.acted.connect(self._adopt)
        self.hide()

    def look_for(self, case_id: str, seen: Seen) -> None:
        """Read anew whether something was fixed or signed since ``seen``."""
        self._page.fetch(
            "看另一版协议",
            lambda office: (office.cases.open(case_id).file, office.agreeing.met(case_id, seen)),
            self._show,
        )

    def put_away(self) -> None:
        """Nothing is being written."""
        self._page.drop("看另一版协议")
        self._met = None
        self.hide()

    def _show(self, found: tuple[CaseFile, Met | None]) -> None:
        before = self._met
        self._file, self._met = found
        self.setVisible(self._met is not None)
        self._fit()
        if self._met is None or self._met == before:
            return
        self.set_texts(self._met.title, self._met.text)
        self._fit()
        announce(self, f"{self._met.title}。{self._met.text}")
        if (typing := self._page.focusWidget()) is not None:
            bring_into_view(typing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """What gives up the text stands here where there is room beside the words, else among the tools."""
        file, here = self._file, self.look.metrics.logical(self.width()) >= THREE_BUTTONS
        fixed = file is not None and file.head.agreement_id in file.agreements
        low = self.look.metrics.logical(self._page.height()) < LOW
        self.text.setVisible(not low)
        self.setToolTip(self.text.text() if low else "")
        self.drop_tool.relabel(SHORT if low else DROP)
        self.drop_button.setVisible(here)
        self.drop_tool.setVisible(fixed and not (here and self._met is not None))

    def look_at_it(self) -> None:
        """看那一份, names covered."""
        if (file := self._file) is not None:
            form = parts.fixed_paper(file).form_id
            parts.show_paper(
                self._page, lambda office: office.papers.preview_of(file, form, draft=False).content,
                title="已定稿的那一份", note="姓名已遮挡",
            )  # fmt: skip

    def _adopt(self) -> None:
        file, met = self._file, self._met
        if file is not None and met is not None:
            self.put_away()
            self._fit()
            self.adopted.emit(file, met.seen)

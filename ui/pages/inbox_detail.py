"""The chosen 办件: its head, the three steps, the contact form or what was decided, the application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.clock import from_text, shanghai
from app.services.drafts import Draft
from ui.pages.drafting import DraftKeeper
from ui.pages.inbox_data import Detail
from ui.pages.inbox_form import ContactForm
from ui.pages.inbox_side import ApplicationPanel
from ui.widgets.base import Divider, Text, column, identify, row
from ui.widgets.buttons import Button, LinkButton, PrimaryButton
from ui.widgets.fitting import ElidedText
from ui.widgets.gutter import FittingArea
from ui.widgets.masked import Deliver
from ui.widgets.states import EmptyState, SkeletonRows
from ui.widgets.stepper import Step, Stepper
from ui.widgets.tags import StatusTag

if TYPE_CHECKING:
    from ui.pages.inbox import InboxPage

WIDE_STEPS = 825
"""Width at 100 % from which the three steps stand in full words beside the link that waives the second."""
PRIMARY = {
    "willing": "存好，去决定受理",
    "unwilling": "存好，写不予受理理由",
    "considering": "存好，等答复",
    "": "存好这次联系",
}


_TO_DECIDE = {"": "去决定受理或不予受理", "您": "去批准", "负责人": "看送批的不予受理"}
_APPROVING_TEXT = {
    "您": "同事写好了不予受理，送来请您批准。批准后才发给平台并告知申请人。",
    "负责人": "已送负责人，批准后才发给平台并告知申请人。没批之前可以撤回来改。",
}


class InboxDetail(QStackedWidget):
    """``saving(stay)`` when the person saves the contact, ``step_entered(key)`` for the steps."""

    saving = Signal(bool)
    decide_asked = Signal()

    def __init__(self, page: InboxPage) -> None:
        super().__init__()
        self._page, self.look = page, page.look
        self._detail: Detail | None = None
        self._narrow = False
        identify(self, "inbox.detail")
        look = self.look
        self.nothing = EmptyState(look, "选一件办件，在这里看和办。", name="inbox.detail.none")
        self.waiting = SkeletonRows(look, name="inbox.detail.waiting")
        self._blank = QWidget()
        self.application = ApplicationPanel(look, self._reveal)
        self.form = ContactForm(look, page.office.desk.today, self._reveal)
        self.keeper = DraftKeeper(page, "contact", self.form.collect, self._kept, self._came_back)
        self._build_head()
        self._build_settled()
        self._build_foot()
        self._build()
        for part in (self.nothing, self._blank, self.waiting, self._whole):
            self.addWidget(part)
        self.form.touched.connect(self.keeper.touch)
        self.keeper.stuck.connect(lambda: self.saved.setText("还没有存住"))
        self.form.result_chosen.connect(self._result_chosen)
        self.waiting.cancelled.connect(self.show_nothing)

    # -- building --------------------------------------------------------------------------------

    def _build_head(self) -> None:
        look = self.look
        self.title = ElidedText("", role="section")
        self.tag = StatusTag(look, "neutral", "　")
        self.number = Text("", role="label", tone="textSecondary", selectable=True)
        self.hand_back = Button(look, "退回平台", name="inbox.hand_back.ask", icon="undo-2", compact=True)
        self.waive = LinkButton(look, "不需要征求意愿，写理由", name="inbox.waive.ask", icon="user-check")
        self.waive_button = Button(look, "不需要征求意愿，写理由", name="inbox.waive.more")
        self.waive_button.clicked.connect(self.waive.click)
        self.stepper = Stepper(look, "办件的三步", name="inbox.steps")
        self._second = row(self.stepper, self.waive, spacing=16)
        self._second.setStretch(0, 1)
        self._first = row(self.title, self.tag, None, self.number, self.hand_back, spacing=10)
        head = column(self._first, self._second, spacing=8)
        head.setContentsMargins(20, 12, 20, 8)
        self._head = QWidget()
        self._head.setLayout(head)

    def _build_settled(self) -> None:
        look = self.look
        self.settled_title = Text("", role="section", wrap=True)
        self.settled_text = Text("", wrap=True, selectable=True)
        self.again = LinkButton(look, "再记一次联系", name="inbox.contact.again")
        self.again.clicked.connect(self._contact_again)
        self.open_case = Button(look, "打开案件", name="inbox.case.open", icon="folder-open")
        self.open_case.clicked.connect(self._open_case)
        inside = column(
            self.settled_title, self.settled_text, row(self.open_case, self.again, None), None, spacing=12
        )
        inside.setContentsMargins(20, 20, 20, 20)
        self.settled = QWidget()
        self.settled.setLayout(inside)

    def _build_foot(self) -> None:
        look = self.look
        self.saved = ElidedText("自动存在本机", role="label", tone="textTertiary")
        self.saved.set_shorter("自动存")
        self.saved.setMinimumWidth(1)  # It gives way to the buttons, whose words are long on a Friday.
        self.only_save = Button(look, "只存这次联系", name="inbox.contact.save")
        self.primary = PrimaryButton(look, PRIMARY[""], name="inbox.contact.next")
        self.only_save.clicked.connect(lambda: self.saving.emit(True))
        self.primary.clicked.connect(self._primary_pressed)
        self._foot_row = row(self.saved, None, self.only_save, self.primary, spacing=8)
        self._foot_row.setContentsMargins(20, 8, 20, 14)
        self._foot = QWidget()
        self._foot.setLayout(self._foot_row)

    def _build(self) -> None:
        self._body = QStackedWidget()
        area = FittingArea()
        self.form.setProperty("kind", "scrolled")
        area.setWidget(self.form)
        self._area = area
        self._body.addWidget(area)
        self._body.addWidget(self.settled)
        left = column(self._body, self._foot, spacing=0)
        left.setStretch(0, 1)
        self._line = Divider(vertical=True)
        self._columns = row(left, self._line, self.application, spacing=0)
        self._columns.setStretch(0, 1)
        whole = column(self._head, Divider(), self._columns, spacing=0)
        whole.setStretch(2, 1)
        self._whole = QWidget()
        self._whole.setLayout(whole)
        self.look.follow(self, self._size)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The steps' words follow the width."""
        super().resizeEvent(event)
        self._show_steps()

    def _size(self) -> None:
        self.application.updateGeometry()
        self._show_steps()

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def case_id(self) -> str:
        """The case that is shown; empty when none is."""
        return self._detail.case_id if self._detail is not None else ""

    @property
    def detail(self) -> Detail | None:
        """What is shown."""
        return self._detail

    def wait(self) -> None:
        """Another 办件 is being opened; what shows stays until it comes."""
        if self._detail is None:
            self.setCurrentWidget(self._blank)
            self.waiting.begin("正在打开办件…")

    def show_nothing(self, words: str = "") -> None:
        """No 办件 is chosen."""
        self.waiting.finish()
        self.keeper.stop()
        self._detail = None
        self.nothing.set_texts(words or "选一件办件，在这里看和办。")
        self.setCurrentWidget(self.nothing)

    def show_detail(self, detail: Detail, draft: Draft | None) -> None:
        """Show another 办件, with what was typed before."""
        self.waiting.finish()
        self.keeper.stop()
        self._detail = detail
        self.application.to_top()
        self._area.verticalScrollBar().setValue(0)
        body = draft.body if draft is not None else None
        self.form.load(detail, body, self._page.office.desk.clock.now())
        self._say_saved(draft.saved_at if draft is not None else "")
        self._fill(detail)
        if detail.open:
            self.keeper.follow(detail.case_id, body)
        self._show_body(detail)
        self.setCurrentWidget(self._whole)

    def renew(self, detail: Detail) -> None:
        """The same 办件, read again; typed words, choices and focus stay."""
        if detail.case_id != self.case_id:
            return
        before, self._detail = self._detail, detail
        self._fill(detail)
        self.form.renew(detail)
        if before is None or _standing(before) != _standing(detail):
            self._show_body(detail)

    def focus_first(self) -> None:
        """Where work begins."""
        if self._body.currentWidget() is self._area:
            self.form.focus_first()
        elif self.primary.isVisible():
            self.primary.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.open_case.setFocus(Qt.FocusReason.TabFocusReason)

    def focus_areas(self) -> Sequence[QWidget]:
        """Form, then application."""
        return [self._body] if self._narrow else [self._body, self.application]

    def choose_result(self, key: str) -> None:
        """Alt+1 to Alt+4, while the form is shown."""
        if self._detail is not None and self._body.currentWidget() is self._area:
            self.form.choose(key)

    def contact_saved(self) -> None:
        """The contact was carried out and its draft is gone."""
        self.keeper.forget()
        self._detail = None

    def leave(self) -> None:
        """Save what is typed, cover what shows."""
        self.keeper.flush()
        self.form.respondent.phone.cover()

    def set_narrow(self, narrow: bool) -> None:
        """Hand the application and the primary button to the page's frame, or take them back."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.waive.setVisible(not narrow)
        self.number.setVisible(not narrow)
        self.hand_back.setVisible(not narrow)
        self._line.setVisible(not narrow)
        # The drawer says it in its head.
        self.application.heading.setVisible(not narrow)
        if narrow:
            self._page.set_side(self.application, "申请内容", "看申请", "收起申请")
        else:
            self._page.drawer.take()
            self._page.side = None
            self._columns.addWidget(self.application)
            self.application.show()
            self._size()
        self._page.place_actions(narrow)
        if not narrow:
            self._foot_row.addWidget(self.primary)
            self._first.addWidget(self.hand_back)
            self.hand_back.show()
        self._show_steps()
        if self._detail is not None:
            self.primary.setVisible(self._detail.open)

    def _fill(self, detail: Detail) -> None:
        head = detail.view.head
        self.title.setText(head.title)
        self.tag.set_status(detail.label.status, detail.label.text, icon=detail.label.icon)
        self.number.setText(f"办件 {head.intake_no}" if head.intake_no else "")
        self.application.show_detail(detail)
        refused = "" if detail.may_decide else "退回平台由调解员、负责人来做"
        if head.source != "platform":
            refused = "不是平台转来的，没有可退的；不办就写不予受理"
        self.hand_back.set_unavailable(refused if detail.open else "已经决定，不能退回")
        self._show_steps()

    def _show_steps(self) -> None:
        detail = self._detail
        if detail is None:
            return
        state = detail.view.head.state
        contacting = state in ("received", "contacting")
        third = "done" if not detail.open else "todo" if contacting else "now"
        brief = self._narrow or self.width() < self.look.metrics.px(WIDE_STEPS)
        hint = "" if brief or not contacting else "（第 2 步后打开）"
        self.stepper.set_steps(
            (
                Step("see", "看申请", state="done"),
                Step("contact", "联系被申请人", state="now" if contacting else "done"),
                Step(
                    "decide",
                    "决定受理" if brief else f"决定受理或不予受理{hint}",
                    state=third,
                    reason="先联系被申请人，或写明不需要征求意愿" if contacting else "",
                ),
            )
        )
        self.waive.setVisible(contacting and not self._narrow)
        self.waive_button.set_unavailable("" if contacting else "已经过了这一步")

    def _show_body(self, detail: Detail) -> None:
        contacting = detail.view.head.state in ("received", "contacting")
        self._body.setCurrentWidget(self._area if contacting else self.settled)
        self.again.setVisible(detail.open)
        self.open_case.setVisible(not detail.open)
        self.saved.setVisible(contacting)
        self.primary.setVisible(detail.open)
        if contacting:
            self._result_chosen(self.form.results.value)
            return
        self.only_save.hide()
        self.primary.relabel(_TO_DECIDE[detail.approving])
        if detail.approving:
            self.settled_title.setText(f"不予受理等{detail.approving}批准")
            self.settled_text.setText(_APPROVING_TEXT[detail.approving])
        elif detail.open:
            waived = detail.view.head.contact_waiver
            self.settled_title.setText("该决定受理或不予受理了")
            said = detail.said
            words = f"{said.when}联系，结果：{said.result}。{said.said}" if said else ""
            self.settled_text.setText(f"不需要征求意愿：{waived}" if waived else words)
        else:
            self.settled_title.setText(detail.label.text)
            self.settled_text.setText(detail.decision)

    # -- acting ----------------------------------------------------------------------------------

    def _primary_pressed(self) -> None:
        if self._detail is None:
            return
        if self._body.currentWidget() is self._area:
            self.saving.emit(False)
        else:
            self.decide_asked.emit()

    def _contact_again(self) -> None:
        self._body.setCurrentWidget(self._area)
        self.saved.show()
        self._result_chosen(self.form.results.value)
        self.form.focus_first()

    def _open_case(self) -> None:
        self._page.navigate.emit("case", {"case_id": self.case_id})

    def _result_chosen(self, key: str) -> None:
        # Without a result the primary button does the same.
        self.only_save.setVisible(bool(key))
        if key == "unreached" and self._detail is not None:
            day = self._detail.next_workday
            tomorrow = (day - self._page.office.desk.today()).days == 1
            when = "明天" if tomorrow else f"{day.month}月{day.day}日"
            self.primary.relabel(f"存好，{when} 9 点提醒我")
        else:
            self.primary.relabel(PRIMARY[key])

    def _reveal(self, party_id: str, field: str, reason: str, deliver: Deliver) -> None:
        from app.services.reveal import FIELD_SECONDS

        case_id = self.case_id
        self._page.save(
            "显示号码",
            lambda office: office.reveal.field(case_id, party_id, field, reason),
            lambda plain: deliver(plain, FIELD_SECONDS) if case_id == self.case_id else None,
            again=True,
        )

    def _kept(self, saved_at: str) -> None:
        self._say_saved(saved_at)

    def _came_back(self, draft: Draft) -> None:
        if (detail := self._detail) is not None:
            self.form.load(detail, draft.body, self._page.office.desk.clock.now())
            self.keeper.follow(detail.case_id, draft.body)
            self._say_saved(draft.saved_at)
            self._show_body(detail)

    def _say_saved(self, saved_at: str) -> None:
        when = f"{shanghai(from_text(saved_at)):%H:%M} 已存本机" if saved_at else "自动存在本机"
        # On a Friday the buttons' words are long: the moment goes before the word that it is kept.
        self.saved.set_shorter(*(("已存本机",) if saved_at else ("自动存",)))
        if self._page.context.unkept.count:
            self.saved.set_shorter("没存住")
            when = "还没有存住"
        self.saved.setText(when)


def _standing(detail: Detail) -> tuple[str, str]:
    """What the body of the page follows."""
    return detail.view.head.state, detail.approving

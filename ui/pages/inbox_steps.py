"""What the person does with the chosen 办件: save a contact, waive it, hand back, look at attachments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.domain.errors import UserError
from app.domain.taxonomy import refusal_reasons
from app.services.case_seen import CaseSeen, seen_of
from ui.dialogs.awaiting import Awaiting
from ui.dialogs.confirm import Confirmation, confirm
from ui.dialogs.reason import ReasonDialog, ReasonRequest, ask_reason
from ui.dialogs.viewer import ViewerDialog, ViewItem, attachment_items
from ui.pages.drafting import told_in_page

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.pages.inbox import InboxPage
    from ui.pages.inbox_detail import InboxDetail

SAVED = "已存好，10 秒后发送。"


class InboxSteps(QObject):
    """Wires the detail to the services."""

    def __init__(self, page: InboxPage, detail: InboxDetail) -> None:
        super().__init__(page)
        self._page, self._detail = page, detail
        self._viewer: ViewerDialog | None = None
        self._seen: CaseSeen | None = None
        """The 办件 as it stood when it was to be handed back."""
        self._failing = False
        """Whether the last draft was not kept: told once, not at every key."""
        detail.saving.connect(self.save_contact)
        detail.decide_asked.connect(self.decide)
        detail.waive.clicked.connect(self.waive)
        detail.hand_back.clicked.connect(self.hand_back)
        detail.application.files_asked.connect(self.open_files)
        detail.application.reasons_asked.connect(self.see_reasons)
        detail.stepper.entered.connect(self._step_entered)

    def leave(self) -> None:
        """Close what shows originals."""
        if self._viewer is not None:
            self._viewer.close()

    # -- contact ---------------------------------------------------------------------------------

    def save_contact(self, stay: bool) -> None:
        """Save the attempt; then go where its result leads, unless the person stays."""
        detail, form = self._detail.detail, self._detail.form
        if detail is None:
            return
        entry = form.entry(detail.next_workday, self._page.context.desk.clock.now())
        if entry is None:
            return
        case_id, result = detail.case_id, entry.result

        def done(_written: Any) -> None:
            self._detail.contact_saved()
            if result == "willing" and not stay:
                self._page.navigate.emit("decide", {"case_id": case_id, "to": "accept"})
            elif result == "unwilling" and not stay:
                self._page.navigate.emit("decide", {"case_id": case_id, "to": "refuse", "ground": "N3"})

        self._page.save(
            "存联系结果",
            lambda office: office.deciding.record_contact(case_id, entry),
            done,
            said=SAVED,
            fields=form.fields,
            of=case_id,
        )

    def decide(self) -> None:
        """To the decision."""
        self._page.navigate.emit("decide", {"case_id": self._detail.case_id})

    def see_reasons(self) -> None:
        """To the twelve reasons."""
        self._page.navigate.emit("decide", {"case_id": self._detail.case_id, "to": "refuse"})

    def _step_entered(self, key: str) -> None:
        if key == "decide":
            self.decide()
        elif key == "see" and self._page.narrow:
            self._page.toggle_side()
        elif key == "see":
            self._detail.application.files.setFocus()
        else:
            self._detail.focus_first()

    # -- waiving and handing back ----------------------------------------------------------------

    def go_on(self, form: str) -> None:
        """Open the dialog of a draft again, from 今日, where it can still be done; ``form``: its kind."""
        if form == "waive" and not self._detail.waive_button.unavailable:
            self.waive()
        elif form == "hand_back" and not self._detail.hand_back.unavailable:
            self.hand_back()

    def waive(self) -> None:
        """不需要征求意愿: a reason is needed and stays in the case."""
        self._look()
        case_id = self._detail.case_id
        choices = tuple(
            (reason.code, reason.name, "") for reason in refusal_reasons().values() if reason.waives_contact
        )
        asked = ReasonRequest(
            title="不需要征求被申请人意愿",
            question="写明为什么，理由会留在案件里，联系期限随之停下。",
            action="存好，去决定",
            needed="写明为什么不需要征求意愿，理由会留在案件里。",
            choices=choices,
        )
        self._ask("waive", case_id, asked, self._waive_given)

    def _waive_given(self, case_id: str, dialog: ReasonDialog, choice: str, text: str) -> None:
        def done(_written: Any) -> None:
            dialog.accept()
            self._forget("waive", case_id)
            self._detail.contact_saved()
            params = (
                {"case_id": case_id, "to": "refuse", "ground": choice} if choice else {"case_id": case_id}
            )
            self._page.navigate.emit("decide", params)

        seen = self._seen
        self._page.save(
            "存不征求意愿的理由",
            lambda office: office.deciding.waive_contact(case_id, text, seen),
            done,
            said=SAVED,
            fields={"reason": dialog.field},
            refused=self._refused(dialog),
        )

    def hand_back(self) -> None:
        """退回平台: a reason, then the confirmation."""
        self._look()
        asked = ReasonRequest(
            title="退回平台",
            question="写明为什么退回，平台会转给下一个机构看。",
            action="写好，去确认",
            needed="写明为什么退回，平台会转给下一个机构看。",
            placeholder="如：双方住所和发生地都不在本街道，应由平凉街道调委会处理",
        )
        self._ask("hand_back", self._detail.case_id, asked, self._hand_back_given)

    def _hand_back_given(self, case_id: str, dialog: ReasonDialog, _choice: str, text: str) -> None:
        asked = Confirmation(
            title="把这件办件退回平台",
            effects=(
                "将把办件和退回理由发给平台，由平台转给别的机构。",
                "它会从“要处理”移到“不予受理”一栏。",
            ),
            lasting="发出后不能收回，要再办须由平台重新转来。",
            action="退回平台",
            icon="undo-2",
        )

        def done(_written: Any) -> None:
            dialog.accept()
            self._forget("hand_back", case_id)
            self._detail.contact_saved()

        seen = self._seen

        def send() -> None:
            self._page.save(
                "退回平台",
                lambda office: office.deciding.hand_back(case_id, text, seen),
                done,
                said="已退回，联网就发。",
                undo=False,
                fields={"reason": dialog.field},
                refused=self._refused(dialog),
            )

        confirm(self._page.look, dialog, self._page.with_outlook(asked), send, name="inbox.hand_back.confirm")

    def _look(self) -> None:
        detail = self._detail.detail
        self._seen = seen_of(detail.view.file) if detail is not None else None

    def _ask(self, kind: str, case_id: str, asked: ReasonRequest, given: Any) -> None:
        """Open the reason dialog with its draft."""
        from dataclasses import replace

        def show(draft: Any) -> None:
            start = str(draft.body.get("text", "")) if draft is not None else ""
            dialog = ask_reason(
                self._page.look,
                self._page,
                replace(asked, start=start),
                lambda dialog, choice, text: given(case_id, dialog, choice, text),
                name=f"inbox.{kind}",
            )
            dialog.typed.connect(lambda text: self._keep(kind, case_id, text))

        self._page.fetch("看草稿", lambda office: office.drafts.get(kind, case_id), show)

    def _keep(self, kind: str, case_id: str, text: str) -> None:
        def work(office: Office) -> None:
            if text.strip():
                office.drafts.save(kind, case_id, {"text": text})
            else:
                office.drafts.discard(kind, case_id)

        context = self._page.context

        def kept(_nothing: None) -> None:
            self._failing = False
            self._page.unsay_unkept()

        def failed(error: BaseException) -> bool:
            told, self._failing = self._failing, True
            context.unkept.wait()
            return told or told_in_page(self._page, error)

        context.operations.write("存草稿", lambda _job: work(context.office), kept, failed)

    def _forget(self, kind: str, case_id: str) -> None:
        self._page.save("存草稿", lambda office: office.drafts.discard(kind, case_id), again=True)

    def _refused(self, dialog: ReasonDialog) -> Callable[[UserError], bool]:
        """Show a refusal at the reason; who has read what moved has seen it."""

        def show(error: UserError) -> bool:
            self._look()
            dialog.show_problem(error.message)
            return True

        return show

    # -- attachments -----------------------------------------------------------------------------

    def open_files(self) -> None:
        """Look at the attachments; identity papers only for a reason, which is written down."""
        detail = self._detail.detail
        if detail is None:
            return
        office, case_id = self._page.office, detail.case_id
        attachments = sorted(detail.view.file.attachments.values(), key=lambda a: a.added_at)

        def trace(item: ViewItem, reason: str) -> None:
            office.reveal.attachment(case_id, item.key, reason)

        self._viewer = ViewerDialog(
            self._page.look,
            self._page.context.operations,
            lambda item: office.attachments.read(item.key),
            attachment_items(attachments, detail.view.file.parties),
            self._page.window(),
            title="申请的附件",
            trace=trace,
            awaiting=lambda viewer: Awaiting(self._page.context, case_id, viewer),
            name="inbox.viewer",
        )
        self._viewer.finished.connect(self._viewer_closed)
        self._viewer.start()

    def _viewer_closed(self, _result: int) -> None:
        self._viewer = None

"""What can be done on the decision page: accept, refuse, propose to the head, approve, hand back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.domain.errors import UserError
from app.domain.phrases import within
from app.services.case_seen import CaseSeen, seen_of
from app.services.drafts import REFUSAL_BACK, RETURNED_BY, RETURNED_FOR
from ui.dialogs.confirm import Confirmation
from ui.dialogs.reason import ReasonDialog, ReasonRequest, ask_reason

if TYPE_CHECKING:
    from ui.pages.decide import DecidePage
from ui.pages.decide_data import Loaded

NOT_CONTACTED = "先联系被申请人，或写明不需要征求意愿"
PRACTISE = "练习里换成{}登录，就能批准。"
CORRECTION = "发出后要改须走更正。"
WITHDRAW = "撤回来改"
"""The act, for the page's list of those on their way."""


class DecideActs(QObject):
    """Wires the decision page to the services."""

    def __init__(self, page: DecidePage) -> None:
        super().__init__(page)
        self._page = page

    # -- how things stand ------------------------------------------------------------------------

    def show_state(self, loaded: Loaded) -> None:
        """The button's words and whether it works, the note above it, what still lacks."""
        page = self._page
        way, state = page.way, loaded.view.head.state
        refusing = way == "refuse"
        missing = page.refusal.missing() if refusing else ()
        waits = loaded.proposal is not None and loaded.needs_head
        words = {"accept": "受理并建案", "hand_back": "退回平台"}.get(way, "不予受理并发给平台")
        if refusing and loaded.needs_head:
            words = "批准并发给平台" if loaded.is_head else f"{'已' if waits else ''}送{loaded.head_name}批准"
        page.act_button.relabel(words)
        sent = waits and not loaded.is_head and page.open_for_decision
        page.act_button.set_unavailable(
            f"不予受理已送{loaded.head_name}，先撤回来改"
            if sent
            else self._why_not(loaded, way, state, missing)
        )
        page.lacking.setText(f"还差{'、'.join(missing)}" if missing else "")
        page.lacking.setVisible(bool(missing))
        complete = refusing and not missing
        accepting = "样张已遮挡姓名。受理后在案件的“文书”里打印正式的。"
        said = "四项齐了：理由、说明、依据、途径" if complete else "" if refusing else accepting
        page.complete.setText(said)
        page.complete.set_tone("ok" if complete else "textSecondary")
        page.complete_mark.setVisible(complete)
        page.draft_button.setVisible(refusing)
        page.back_button.relabel("退回去改" if self._writer_of(loaded) else "撤回来改")
        page.back_button.setVisible(
            waits and (refusing or sent) and loaded.may_decide and page.open_for_decision
        )
        page.accept_form.text.setText(page.accept_words())
        waiver = loaded.view.head.contact_waiver
        page.accept_form.contact.setText(f"不需要征求意愿：{waiver}" if waiver else "")
        page.accept_form.contact.setVisible(bool(waiver))
        editable = page.open_for_decision and (not waits or loaded.is_head)
        for part in (page.refusal, page.refusal.reasons):
            part.setEnabled(editable)
        locked = "已送批，先撤回再改" if page.open_for_decision else "已决定，只能看"
        page.refusal.reasons.note.setText("选一条" if editable else locked)
        self._say_notice(loaded, refusing=refusing, waits=waits)

    def _why_not(self, loaded: Loaded, way: str, state: str, missing: tuple[str, ...]) -> str:
        if not self._page.open_for_decision:
            return "已经决定并发出，要改走更正"
        if not loaded.may_decide:
            return "由调解员、负责人来决定"
        if way == "accept" and state != "deciding":
            return NOT_CONTACTED
        if way == "refuse" and missing:
            return f"还差{'、'.join(missing)}"
        return ""

    def _say_notice(self, loaded: Loaded, *, refusing: bool, waits: bool) -> None:
        notice = self._page.notice
        name = loaded.head_name
        if not self._page.open_for_decision:
            notice.set_texts("这件已经决定并发出，只能看。要改走更正。")
        elif not loaded.may_decide:
            notice.set_texts("这一步由调解员、负责人来决定，您可以看。")
        elif refusing and waits and loaded.is_head:
            by = self._page.office.desk.name_of(loaded.proposal.by) if loaded.proposal else ""
            notice.set_texts(f"{by}送来，等您批准。批准后发给平台，并告知申请人；也可以退回去改。")
        elif waits and not loaded.is_head:
            where = PRACTISE.format(name) if self._practising else f"由{name}在这台电脑上打开这一页。"
            notice.set_texts(f"已送{name}批准，{where}没批之前可以撤回。")
        elif refusing and (back := loaded.returned.get(RETURNED_BY)):
            who, why = self._page.office.desk.name_of(back), loaded.returned.get(RETURNED_FOR, "")
            notice.set_texts(
                f"{who}退回来改：{why}" if why else f"{who}退回来了。",
                f"没有发给平台，改好再送{name}批准。",
            )
        elif refusing and loaded.needs_head and not loaded.is_head:
            notice.set_texts(
                f"不予受理要负责人批准。{name}在这台电脑上批准后才发给平台，并告知申请人；没批之前可以撤回。"
            )
        elif self._page.way == "accept" and loaded.view.head.state != "deciding":
            notice.set_texts(f"{NOT_CONTACTED}，才能受理。")
        else:
            notice.hide()
            return
        notice.title.setWordWrap(True)
        notice.show()

    @property
    def _practising(self) -> bool:
        return self._page.context.practice is not None

    # -- acting ----------------------------------------------------------------------------------

    def act(self) -> None:
        """The primary button."""
        page, loaded = self._page, self._page.loaded
        if loaded is None:
            return
        if page.way == "accept":
            self._accept()
        elif page.way == "hand_back":
            self._hand_back()
        elif loaded.needs_head and not loaded.is_head:
            self._propose()
        else:
            self._refuse()

    def _seen(self) -> CaseSeen | None:
        """The case as the page shows it."""
        return seen_of(self._page.loaded.view.file) if self._page.loaded is not None else None

    def _accept(self) -> None:
        page, case_id, seen = self._page, self._page.case_id, self._seen()
        title = page.accept_form.title.text().strip()
        if page.accept_form.field.problem():
            page.accept_form.title.setFocus()
            return
        effects = ["将把受理决定发给平台并告知申请人。", "给案号、建案，调解期限随之起算。"]
        if page.loaded is not None and page.loaded.proposal is not None:
            by = page.office.desk.name_of(page.loaded.proposal.by)
            effects.append(f"{by}送来的不予受理随之不用了。")
        if page.loaded is not None and page.loaded.said:
            effects.append("联系记录里写着被申请人不愿意调解。")
        asked = Confirmation(
            title="受理这件办件",
            effects=tuple(effects),
            lasting=CORRECTION,
            action="发送给平台",
        )

        def done(_written: Any) -> None:
            page.keeper.forget()
            page.navigate.emit("case", {"case_id": case_id})

        self._ask(
            asked,
            "受理",
            lambda office: office.deciding.accept(case_id, title, seen),
            done,
            "已受理，联网就发。",
        )

    def _refuse(self) -> None:
        page, case_id, seen = self._page, self._page.case_id, self._seen()
        entry = page.refusal.entry()
        asked = Confirmation(
            title="不予受理这件办件",
            effects=(
                f"将把不予受理的决定（{within(entry.ground)}）发给平台，并告知申请人理由、依据和可以改走的途径。",
            ),
            lasting=CORRECTION,
            action="发送给平台",
        )

        def done(_written: Any) -> None:
            page.keeper.forget()
            page.navigate.emit("inbox", {"case_id": case_id})

        self._ask(
            asked, "不予受理", lambda office: office.deciding.refuse(case_id, entry, seen), done,
            "已决定不予受理，联网就发。",
        )  # fmt: skip

    def _propose(self) -> None:
        page, case_id = self._page, self._page.case_id
        entry = page.refusal.entry()
        name = page.loaded.head_name if page.loaded is not None else "负责人"
        page.keeper.flush()
        page.save(
            "送负责人批准",
            lambda office: office.deciding.propose_refusal(case_id, entry),
            said=f"已存在本机，等{name}批准。",
        )

    def _writer_of(self, loaded: Loaded) -> str:
        """The colleague who sent what waits; empty when it is the person's own."""
        desk = self._page.office.desk
        by = loaded.proposal.by if loaded.proposal is not None else ""
        return desk.name_of(by) if by and by != desk.person.person_id else ""

    def withdraw(self) -> None:
        """Before the approval: back to a draft, whose writer may be somebody else than who presses."""
        page, loaded = self._page, self._page.loaded
        if loaded is None or page.on_its_way(WITHDRAW):
            return
        if writer := self._writer_of(loaded):
            self._send_back(writer)
            return
        case_id = page.case_id
        page.save(
            WITHDRAW,
            lambda office: office.deciding.withdraw_proposal(case_id),
            said="已退回草稿，可以接着改。",
            refused=self._refused,
        )

    def _send_back(self, writer: str) -> None:
        """退回去改: what is to be changed, in words that the writer reads on this page."""
        page, case_id = self._page, self._page.case_id
        asked = ReasonRequest(
            title=f"退回给{writer}改",
            question="不发给平台，回到草稿。写明要改什么。",
            action="退回去改",
            label="要改什么",
            needed=f"写一句要改什么，{writer}改的时候看得到。",
            follow=f"{writer}在“今日”里看到“退回来改”，打开就读到这句话，改好再送您批准。",
            placeholder="如：说明里写清双方住所都不在本街道",
        )

        def given(dialog: ReasonDialog, _choice: str, text: str) -> None:
            def done(_written: Any) -> None:
                dialog.carried_out()
                page.navigate.emit("inbox", {"case_id": case_id})

            def refused(error: UserError) -> bool:
                dialog.show_problem(error.message)
                return True

            page.save(
                WITHDRAW,
                dialog.using(lambda office: office.deciding.withdraw_proposal(case_id, text)),
                done,
                said=f"已退回给{writer}改，没有发给平台。",
                fields={"reason": dialog.field},
                refused=refused,
            )

        dialog = ask_reason(page.look, page, asked, given, name="decide.proposal.back")
        dialog.keep(page, REFUSAL_BACK, case_id)

    def _hand_back(self) -> None:
        page, case_id, seen = self._page, self._page.case_id, self._seen()
        reason = page.hand_back_form.text.toPlainText().strip()
        if not reason:
            page.hand_back_form.field.show_problem("写明为什么退回，平台会转给下一个机构看。")
            page.hand_back_form.field.take_focus()
            return
        asked = Confirmation(
            title="把这件办件退回平台",
            effects=("将把办件和退回理由发给平台，由平台转给别的机构。",),
            lasting="发出后不能收回，要再办须由平台重新转来。",
            action="退回平台",
            icon="undo-2",
        )
        self._ask(
            asked, "退回平台", lambda office: office.deciding.hand_back(case_id, reason, seen),
            lambda _written: page.navigate.emit("inbox", {"case_id": case_id}), "已退回，联网就发。",
        )  # fmt: skip

    def print_draft(self) -> None:
        """The notice as a draft, masked, in the preview before printing."""
        from ui.dialogs.paper import PaperDialog

        page, office = self._page, self._page.office
        case_id, extra = page.case_id, {"refusal": page.refusal_now()}
        PaperDialog(
            page.look,
            page.context.operations,
            lambda: office.papers.preview(case_id, "P05", masked=True, extra=extra).content,
            page.window(),
            title="不予受理告知书",
            note="草稿，姓名已遮挡",
            name="decide.paper.draft",
        ).start()

    def _ask(self, asked: Confirmation, name: str, work: Any, done: Any, said: str) -> None:
        page = self._page
        page.confirmed(
            name,
            page.with_outlook(asked),
            lambda: page.save(name, work, done, said=said, undo=False, refused=self._refused),
            dialog="decide.confirm",
        )

    def _refused(self, error: UserError) -> bool:
        self._page.notice.set_texts(error.message)
        self._page.notice.show()
        return True

"""The buttons of 司法确认: what can be done now, and at the end what is of use then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.dialogs.viewer import document_name
from ui.pages import agreement_parts as parts
from ui.pages import confirmation_data as data
from ui.pages.disputed_bar import DisputedBar
from ui.widgets.buttons import Button, PrimaryButton

if TYPE_CHECKING:
    from ui.pages.confirmation import ConfirmationPage

OTHER_WAY = "改走别的路"
GIVE_UP_FIRST = (
    "。已经交了的，读回那个包的回执再撤回；没有交、也不会交的，先在“离线交换包”里点“这个包作废”，再来撤回"
)


class Offers:
    """The header of one page. Nothing stands there greyed that will never be pressed again."""

    def __init__(self, page: ConfirmationPage) -> None:
        look = page.look
        self._page = page
        self.other = Button(look, OTHER_WAY, name="confirmation.routes.open", icon="signpost", parent=page)
        self.withdraw = Button(look, "撤回申请", name="confirmation.withdraw.ask", icon="undo-2", parent=page)
        self.pack = Button(look, "打印材料包", name="confirmation.pack.print", icon="printer", parent=page)
        self.paper = Button(look, "打印裁定书", name="confirmation.ruling.print", icon="printer", parent=page)
        self.close = Button(look, "去结案", name="confirmation.close", icon="circle-check", parent=page)
        self.lodge = PrimaryButton(look, "提交到平台", name="confirmation.lodge.ask", parent=page)
        self.ruling = PrimaryButton(look, "看裁定书", name="confirmation.ruling.open", parent=page)
        self.elsewhere = PrimaryButton(look, OTHER_WAY, name="confirmation.routes.go", parent=page)
        self.secondary = (self.other, self.withdraw, self.pack, self.paper, self.close)
        self.solid = (self.lodge, self.ruling, self.elsewhere)
        for button in (*self.secondary, *self.solid):
            button.hide()
        self.disputed = DisputedBar(page)

    def show(self, loaded: data.Loaded) -> None:
        """Offer what fits one reading."""
        page, ended = self._page, loaded.ended
        self.disputed.show_for(loaded.file.head.case_id)
        document = loaded.result
        primary = self._primary(loaded)
        offered = [self.other] if primary is not self.elsewhere and not loaded.settled else []
        if loaded.under_way:
            offered.append(self.withdraw)
            self.withdraw.set_unavailable(_why_no_withdrawal(loaded))
        offered.append(self.pack)
        if ended and document is not None:
            name = document_name(document)
            self.paper.relabel(f"打印{name}")
            self.ruling.relabel(f"看{name}")
            offered.append(self.paper)
        if parts.may_close(page.office, loaded.file):
            offered.append(self.close)
        none = "没有要交法院的材料" if loaded.oral else "还没有协议"
        self.pack.set_unavailable("" if loaded.view is not None else none)
        self._stand(offered, primary)

    def _primary(self, loaded: data.Loaded) -> PrimaryButton | None:
        if loaded.settled:
            return self.ruling if loaded.result is not None else None
        view, lodge = loaded.view, self.lodge
        if loaded.ended and view is not None:
            if loaded.barred or view.blocked or data.late_words(view, loaded.today):
                return self.elsewhere
            lodge.relabel("再次提交到平台")
            lodge.set_unavailable("")
            return lodge
        words, reason = _lodging(loaded, sending=self._page.lodging.sending)
        lodge.relabel(words)
        lodge.set_unavailable(reason)
        return lodge

    def _stand(self, offered: list[Button], primary: PrimaryButton | None) -> None:
        page = self._page
        if offered == page.offered_buttons and primary is page.primary:
            return
        page.set_actions(offered, primary)
        for button in (*self.secondary, *self.solid):
            if button is not primary and button not in offered:
                button.setParent(page)
                button.hide()


def _why_no_withdrawal(loaded: data.Loaded) -> str:
    """Why the parties cannot withdraw now; empty where they can."""
    if loaded.withdrawing:
        return "已经申请撤回，等法院准许"
    if loaded.leaving and loaded.view is not None and loaded.view.ways.package:
        return f"撤回申请{loaded.view.ways.package}，还没有回执"
    if loaded.leaving:
        return "撤回申请已经排上了，发出一次"
    if loaded.held is not None and loaded.held.stand == "back":
        return "法院收到过这份申请，平台正在补回；急着撤回的，到法院窗口提出"
    if loaded.unread:
        return "这份申请可能已经发给了平台；先到同步中心看这一项，再定交不交"
    if loaded.view is not None and loaded.view.ways.away:
        return loaded.view.ways.away
    if loaded.view is not None and loaded.view.ways.package and loaded.held is not None:
        return f"这一份{loaded.view.ways.package}{GIVE_UP_FIRST}"
    doubt = loaded.held is not None and loaded.held.stand in ("doubt", "packed")
    return "还没有等到回执，连上网核对完再撤回" if doubt else ""


def _lodging(loaded: data.Loaded, *, sending: bool) -> tuple[str, str]:
    """Words of the button that lodges, and why it cannot be pressed now."""
    view = loaded.view
    if view is None:
        return "提交到平台", "口头协议按机构设定不申请司法确认" if loaded.oral else "还没有生效的书面协议"
    if (waits := loaded.waits_for) is not None and not sending:
        return "等着提交", f"申请{waits.said}，办好后自动提交"
    if not sending and loaded.left is not None:
        return loaded.left.tag, f"{loaded.left.said}，不会重复提交"
    if sending or loaded.queued:
        return "等着发出", "已经排上了，发出一次，不会重复提交"
    if loaded.asked:
        return "补交给法院", ""
    if loaded.stopped:
        return "照现在的日子提交", "" if view.effect.is_effective else "协议还没有签齐，签齐了再提交"
    if loaded.refused or loaded.unread:
        return "到同步中心办", ""
    if loaded.under_way:
        asked = "已经申请撤回，等法院准许" if loaded.withdrawing else ""
        return "等法院结果", asked or "法院正在办，等结果回到这里"
    return "提交到平台" if loaded.online else "联网后自动提交", "；".join(view.blocked)

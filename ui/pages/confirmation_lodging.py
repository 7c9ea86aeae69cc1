"""Handing the application over: lodging once, supplementing, withdrawing; each asked about in words first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.domain import filings_of, masking, supplements
from app.domain.errors import UserError
from app.domain.phrases import listed
from app.services.held_filings import WITHOUT
from ui.dialogs.confirm import Confirmation
from ui.dialogs.reason import ReasonDialog, ReasonRequest, ask_reason
from ui.labels import day_text, filing_state, until_text
from ui.pages import confirmation_data as data
from ui.pages.confirmation_pack import pack_words

if TYPE_CHECKING:
    from app.services.changes import Written
    from app.services.office import Office
    from ui.pages.confirmation import ConfirmationPage


_LODGE, _SUPPLEMENT, _WITHDRAW = "提交司法确认", "补交材料", "撤回司法确认申请"
_TAKE_BACK = "撤回没有发出的司法确认申请"
_WITHOUT = "不等同事电脑上的材料"
_RECALL = "收回还没有发出的一步"
_NAMED = 3
"""Papers that a question names one by one."""


def _turned_up(loaded: data.Loaded | None) -> tuple[str, ...]:
    """What a package that was given up may still do, where what is taken back lies in it."""
    label = loaded.view.ways.given_up if loaded is not None and loaded.view is not None else ""
    if not label:
        return ()
    return (f"它装进过交换包 {label}（已作废）：那个包找到了也别再交，交了法院照样收到。",)


def _after_withdrawal(loaded: data.Loaded | None) -> str:
    """What is left of the 30 days for another application once the court has let this one go."""
    last = data.last_day(loaded.view) if loaded is not None and loaded.view is not None else None
    same = "撤回后 30 日的期限不会重新计算。"
    if loaded is None or last is None:
        return same
    if last < loaded.today:
        return f"{same}期限 {day_text(last, loaded.today)}已经过了：撤回以后，再申请法院可能不受理。"
    if last == loaded.today:
        return f"{same}期限就到今天：准许撤回以后，再申请法院可能不受理。"
    return f"{same}再申请最晚 {until_text(last, loaded.today)}。"


class Lodging:
    """The acts of one page that go to the platform. ``sending`` while one is being queued."""

    def __init__(self, page: ConfirmationPage) -> None:
        self._page = page
        self.sending = False

    def ask(self) -> None:
        """提交到平台 or 补交: say what will happen, then do it once."""
        page = self._page
        loaded = page.loaded
        if loaded is None or loaded.view is None or page.lodge_button.unavailable:
            return
        if loaded.asked:
            self._ask_supplement(loaded)
            return
        if loaded.refused or loaded.unread:
            page.navigate.emit("sync", {"filter": "needs_you"})
            return
        if loaded.stopped:
            self._ask_onward(loaded)
            return
        words = pack_words(loaded.view.materials)
        last = data.last_day(loaded.view)
        until = f"最晚 {until_text(last, loaded.today)}。" if last is not None else ""
        way = (
            "将把申请和材料发给平台，转交法院。"
            if loaded.online
            else f"现在没有网络，联网后自动提交，{until}"
        )
        before = ""
        if loaded.ended and loaded.submission is not None:
            last_state = filing_state(loaded.submission.state).text
            before = f"上次的申请{last_state}，这是第 {loaded.submission.round + 1} 次申请。"
        later = f"还有 {words.later} 项可以后补，法院会给期限。" if words.later else ""
        asked = Confirmation(
            title=f"向{page.court_name()}申请司法确认",
            effects=tuple(
                s
                for s in (before, way, f"材料 {words.ready} 项已备好。{later}", "双方会收到法院的通知。")
                if s
            ),
            lasting="提交后材料锁定；法院要求补正时再打开。裁定前可以申请撤回。",
            action="发送给平台",
        )
        page.confirmed(_LODGE, asked, self._lodge, dialog="confirmation.lodge")

    def ask_reason(self) -> None:
        """Go on although a court may not confirm the contents: the reason goes into the file."""
        page = self._page
        view = page.loaded.view if page.loaded is not None else None
        if view is None:
            return
        wanting, given = data.reasons_wanted(view)
        held = view.choices.reasons
        agreement = view.file.agreements[view.file.head.agreement_id]
        known = next((held[code] for code in given), "；".join(agreement.overrides))
        asked = ReasonRequest(
            title="写明理由后继续",
            question=data.obstacle_words(view),
            action="记下理由",
            follow="提交时，理由和这条提醒一起写进案件经过。",
            start=known,
        )

        def done(dialog: ReasonDialog, _choice: str, text: str) -> None:
            dialog.taken(page)
            page.keep_reasons({**held, **dict.fromkeys((*wanting, *given), text)})

        ask_reason(page.look, page, asked, done, name="confirmation.reason").keep(
            page, "reason", page.case_id
        )

    def _lodge(self) -> None:
        page = self._page
        if self.sending:
            return
        self.sending, case_id = True, page.case_id
        page.lodge_button.set_unavailable("已经排上了，发出一次，不会重复提交")
        online = page.loaded is not None and page.loaded.online
        said = "申请已存好，接着发给平台。" if online else "申请已存好，联网后自动提交。"
        page.save(
            _LODGE,
            lambda office: office.filing.lodge(case_id),
            self._sent,
            said=said,
            refused=self._not_sent,
        )

    def _ask_onward(self, loaded: data.Loaded) -> None:
        page = self._page
        on = loaded.view.effect.complete_on if loaded.view is not None else None
        stands = f"协议从 {day_text(on, loaded.today)}起生效，材料是现在的这一包。" if on is not None else ""
        asked = Confirmation(
            title="照现在的日子提交司法确认",
            effects=tuple(s for s in ("将把申请和材料发给平台，转交法院。", stands) if s),
            lasting="提交后材料锁定；法院要求补正时再打开。裁定前可以申请撤回。",
            action="发送给平台",
        )
        page.confirmed(_LODGE, asked, self._onward, dialog="confirmation.onward")

    def _onward(self) -> None:
        page = self._page
        submission = page.loaded.submission if page.loaded is not None else None
        if self.sending or submission is None:
            return
        self.sending, row_id, sync = True, f"filing:{submission.submission_id}", page.context.sync

        def sent(written: object) -> None:
            self._sent(written)
            if sync is not None:
                sync.retry_now()

        page.save(
            _LODGE, lambda office: office.sync_centre.retry_now(row_id), sent,
            said="已排上，接着发给平台。", refused=self._not_sent,
        )  # fmt: skip

    def _ask_supplement(self, loaded: data.Loaded) -> None:
        page = self._page
        event = filings_of.asked_by(loaded.submission)
        asked_for = listed(event.asked) if event is not None else ""
        lacking = supplements.unanswered(loaded.view.materials) if loaded.view is not None else ()
        effects = [f"法院要求补：{asked_for}。" if asked_for else "法院要求补材料。"]
        if lacking:
            effects.append(f"“{listed(lacking)}”还没有加新的文件，这样交，法院看到的和上次一样。")
        if event is not None and event.answer_by is not None and event.answer_by < loaded.today:
            late = (loaded.today - event.answer_by).days
            by = day_text(event.answer_by, loaded.today)
            effects.append(f"法院给的日子 {by}已经过了 {late} 天，收不收由法院定。")
        if loaded.withdrawing:
            effects.append("已经申请撤回，法院还没有准许；补交不等于不撤了，要不要撤请和法院说清。")
        effects.append("将把现在的材料包整包再交一次。")
        asked = Confirmation(
            title="补交材料给法院",
            effects=tuple(effects),
            lasting="发出后材料再锁定，等法院看。",
            action="发送给平台",
        )
        page.confirmed(
            _SUPPLEMENT, page.with_outlook(asked), self._supplement, dialog="confirmation.supplement"
        )

    def _supplement(self) -> None:
        case_id = self._page.case_id
        self._hand_over(
            _SUPPLEMENT, lambda office: office.filing.supplement(case_id), "补交已存好，联网就发。"
        )

    def ask_without(self) -> None:
        """不等这些材料: say which are left out, and what has to be done then."""
        page = self._page
        view = page.loaded.view if page.loaded is not None else None
        if view is None or not view.left_behind:
            return
        papers, parties = view.left_behind, tuple(view.file.parties.values())
        titles = [masking.shown_title(one.title or one.name, parties) for one in papers]
        named = "、".join(f"《{title}》" for title in titles[:_NAMED])
        more = f"等 {len(titles)} 件" if len(titles) > _NAMED else ""
        asked = filings_of.on_its_way(view.submission)
        verb = "补交" if asked else "提交"
        stays = "申请还在法院，不动。" if asked else "申请先收回来，没有交到平台，期限照算。"
        again = f"请在本机把要交的重新加上，再点“{'补交给法院' if asked else '提交到平台'}”。"
        confirmation = Confirmation(
            title=f"不等这些材料，改好再{verb}",
            effects=(f"{named}{more}在同事的电脑上，这次不放进材料包。", stays, again),
            lasting="那台电脑以后连上、材料传到了，会自己回到材料包里。",
            action=WITHOUT,
            icon="undo-2",
        )
        page.confirmed(_WITHOUT, confirmation, self._without, dialog="confirmation.without")

    def _without(self) -> None:
        case_id = self._page.case_id
        self._hand_over(
            _WITHOUT, lambda office: office.filing.go_without(case_id), "这些材料不等了，改好再交。"
        )

    def ask_recall(self) -> None:
        """收回: what lies here still is not sent; the application stays as it was before it."""
        page, loaded = self._page, self._page.loaded
        if loaded is None or not (step := loaded.recallable):
            return
        by = filings_of.asked_by(loaded.submission) or filings_of.answered_question(
            loaded.file, loaded.submission
        )
        until = f"，{until_text(by.answer_by, loaded.today)}前补交" if by is not None and by.answer_by else ""
        if step == "withdraw":
            title, said = "不撤了，申请照办", "撤回申请收回了，法院照常办。"
            effects = ["撤回申请还没有发出，收回以后法院不会收到，申请照常办。"]
            if by is not None:
                effects.append(f"法院要求补的材料还要补{until}：再点“补交给法院”才发。")
        else:
            title, said = "收回还没有发出的补交材料", "补交的材料收回了，改好再交。"
            effects = ["补交的材料还没有交给平台和法院，收回以后不会发出。", "材料都留着，改好可以再补交。"]
        confirmation = Confirmation(
            title=title,
            effects=(*effects, *_turned_up(loaded)),
            lasting=f"法院给的日子照算{until}。" if step == "supplement" else "",
            action="收回来",
            icon="undo-2",
        )
        case_id = page.case_id

        def back() -> None:
            self._hand_over(_RECALL, lambda office: office.filing.recall(case_id), said)

        page.confirmed(_RECALL, confirmation, back, dialog="confirmation.recall")

    def ask_withdraw(self) -> None:
        """撤回: the court decides whether it permits; one that has not gone out is just taken back."""
        page = self._page
        submission = page.loaded.submission if page.loaded is not None else None
        if submission is not None and submission.state in filings_of.NOT_OUT:
            self._ask_take_back()
            return
        waits = page.loaded is not None and filings_of.on_its_way(submission)
        dropped = ("还没有发出的补交材料不再发，材料都留着。",) if waits else ()
        asked = Confirmation(
            title="申请撤回司法确认",
            effects=(
                *dropped,
                "将请法院准许撤回这份申请，理由写“当事人申请撤回”。",
                "裁定作出前可以撤回，是否准许由法院决定。",
            ),
            lasting=_after_withdrawal(page.loaded),
            action="发送给平台",
            icon="undo-2",
        )
        page.confirmed(_WITHDRAW, page.with_outlook(asked), self._withdraw, dialog="confirmation.withdraw")

    def _ask_take_back(self) -> None:
        page = self._page
        view = page.loaded.view if page.loaded is not None else None
        last = data.last_day(view) if view is not None else None
        until = f"，最晚 {until_text(last, page.loaded.today)}" if page.loaded and last else ""
        asked = Confirmation(
            title="撤回还没有发出的申请",
            effects=(
                "申请还没有交给平台和法院，撤回以后不会发出，不用法院准许。",
                "选好的法院和材料都留着，改好可以再提交。",
                *_turned_up(page.loaded),
            ),
            lasting=f"申请期限照算{until}。",
            action="撤回申请",
            icon="undo-2",
        )
        page.confirmed(_TAKE_BACK, asked, self._take_back, dialog="confirmation.take_back")

    def _take_back(self) -> None:
        case_id = self._page.case_id
        self._hand_over(
            _TAKE_BACK, lambda office: office.filing.withdraw(case_id), "申请撤回了，没有交给法院。"
        )

    def _withdraw(self) -> None:
        case_id = self._page.case_id
        self._hand_over(
            _WITHDRAW, lambda office: office.filing.withdraw(case_id), "撤回申请已存好，联网就发。"
        )

    def _hand_over(self, what: str, act: Callable[[Office], Written[Any]], said: str) -> None:
        if not self.sending:
            self.sending = True
            self._page.save(what, act, self._sent, said=said, refused=self._not_sent)

    def _sent(self, _written: object) -> None:
        self.sending = False
        self._page.handed_over()

    def _not_sent(self, error: UserError) -> bool:
        self.sending = False
        self._page.say_problem(error)
        self._page.reread()
        return True

"""计划 around the court: applying for confirmation, what the court asks, a ruling that an objection undid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from app.clock import legal_day
from app.domain import casefile as cf
from app.domain import deadlines
from app.domain.agreement import Effectiveness, may_be_confirmed
from app.domain.filing import confirmation_clock
from app.domain.filings_of import (
    NOT_AGAIN,
    OBJECTED,
    active_filing,
    answer_untold,
    answered_question,
    asked_by,
    came_late,
    forgotten_question,
    has_result,
    latest,
    leaving,
    unsent,
    wants_out,
    withdrawal_asked,
)
from app.domain.performance import fully_performed
from app.domain.reducer import CaseFile
from app.domain.rules import InstitutionRules
from app.domain.states import filing_machine
from app.domain.tasks import Task, TaskKind, WaitingFor
from app.domain.unsent import Stand, Unsent
from app.domain.workdays import Calendar, short_date

_VERBS: Mapping[Stand, str] = {
    "going": "发出司法确认申请", "doubt": "核对司法确认申请收到没有", "packed": "把装好的交换包交出去",
    "back": "等平台补回司法确认申请",
    "colleague": "联系同事，提交司法确认申请",
    "choice": "选定写法，提交司法确认申请", "look": "核对司法确认申请",
    "unread": "核对司法确认申请",
    "refused": "处理没有送达的司法确认申请",
}  # fmt: skip
_SUPPLEMENT_VERBS: Mapping[Stand, str] = {
    "going": "发出补交的材料", "doubt": "核对补交的材料收到没有", "packed": "把装好的交换包交出去",
    "back": "等平台补回补交的材料", "unread": "核对补交的材料",
}  # fmt: skip
"""What there is to do of a supplement that lies here; of others a colleague is to be rung up."""
_LEAVING_VERBS: Mapping[Stand, str] = {
    "doubt": "核对撤回申请收到没有", "packed": "把装好的交换包交出去",
}  # fmt: skip
_WAITS: Mapping[Stand, WaitingFor] = {"doubt": "check", "packed": "carry"}
"""What a step waits for that nobody has to do anything for; any other one to be sent."""
_SHORT: Mapping[Stand, str] = {"doubt": "核对申请收到没有", "packed": "把交换包交出去"}
"""The step as lists of cases have it."""
_BUTTONS: Mapping[Stand, str] = {
    "going": "看进度", "doubt": "看进度", "packed": "看进度", "back": "看进度",
    "colleague": "看怎么办", "choice": "看怎么办", "look": "去核对", "unread": "看原因",
    "refused": "看原因",
}  # fmt: skip
"""What there is to do of an application that lies here, and the button."""


_ANSWERS: Mapping[str, str] = {
    "confirmed": "不履行的可以申请执行",
    "dismissed": "可以改协议、再谈或起诉",
    "not_accepted": "看看为什么、怎么办",
    "withdrawn": "协议还在",
    "deemed_withdrawn": "协议还在",
    "terminated": "协议还在",
}
"""What an answer means to the parties."""


def answer_to_tell(file: CaseFile, rules: InstitutionRules, today: dt.date) -> cf.SubmissionEvent | None:
    """The court's last word while it has to be told: until it is noted that the parties were.

    裁定有效 stands for some days. What the parties do not expect stands until it was noted, however long ago
    it was: whoever had no line for those days is told as well, and what was noted here meanwhile, before
    anybody could know, tells of nothing.
    """
    filing = latest(file)
    answer = answer_untold(file, filing)
    if filing is None or answer is None or filing.state != "confirmed":
        return answer
    last = legal_day(answer.at) + dt.timedelta(days=rules.answer_days.value or 0)
    return answer if today <= last else None


class CourtTasks:
    """The part of a case's plan that has to do with courts; the plan's context is the whole."""

    file: CaseFile
    today: dt.date
    calendar: Calendar
    rules: InstitutionRules

    if TYPE_CHECKING:

        @property
        def head(self) -> cf.Case: ...
        def task(self, kind: TaskKind, verb: str, action: str, reason: str, **more: object) -> Task: ...

    def court(self, effect: Effectiveness) -> Iterator[Task]:
        """What has to be done once the agreement has taken effect."""
        yield from self._answered()
        yield from self._filing(effect)

    def _answered(self) -> Iterator[Task]:
        """The court has answered, and the parties have to be told."""
        filing = latest(self.file)
        answer = answer_to_tell(self.file, self.rules, self.today)
        if filing is None or answer is None:
            return
        since = legal_day(answer.at)
        if filing.state in OBJECTED:
            word = "撤销了" if filing.state == "revoked" else "改变了"
            yield self.task(
                "overturned", f"告诉当事人裁定{word[:2]}", "看新裁定",
                f"异议后法院{word}原来的裁定", since=since, page="filing", hard=False,
                short="告知裁定有变",
            )  # fmt: skip
            return
        words = filing_machine().labels[filing.state]
        yield self.task(
            "answered", f"告诉当事人{words}", "看结果", _ANSWERS[filing.state], since=since, page="filing",
            hard=False, short=f"告知{words}",
        )  # fmt: skip

    def _filing(self, effect: Effectiveness) -> Iterator[Task]:
        filing = active_filing(self.file)
        if filing is not None and wants_out(self.file, filing):
            # Whatever the court asked before: the parties want out, and it has to say whether they may.
            yield self._await_court(effect, filing)
            return
        if filing is not None and filing.state == "supplement_asked":
            asked = asked_by(filing)
            by = asked.answer_by if asked else None
            reason = f"法院要求 {short_date(by)}（含当天）前补交" if by else "法院要求补交材料"
            yield self.task("supplement", "补交材料", "去补交", reason, due_on=by, page="filing", unit="days")
            return
        if (forgotten := forgotten_question(self.file, filing)) is not None:
            yield self._by_hand(forgotten)
            return
        held = unsent(self.file, filing)
        if filing is not None and filing.state == "queued":
            yield from self._confirm(effect, held)
            return
        if filing is not None and held is not None:
            yield self._unsent_supplement(filing, held)
            return
        if filing is not None and filing.state in filing_machine().active:
            yield self._await_court(effect, filing)
            return
        last = latest(self.file)
        if not has_result(self.file) and not (last and last.state in NOT_AGAIN):
            yield from self._confirm(effect)

    def _await_court(self, effect: Effectiveness, filing: cf.Submission) -> Task:
        held = self.file.unsent.get(filing.submission_id) if leaving(self.file, filing) else None
        if held is not None and held.stand in _LEAVING_VERBS:
            return self.task(
                "await_court", _LEAVING_VERBS[held.stand], "看进度", f"撤回申请{held.said}", waiting=True,
                waiting_for=_WAITS[held.stand], hard=False, page="filing",
            )  # fmt: skip
        since = legal_day(filing.events[0].at) if filing.events else None
        verb = "等法院准许撤回" if withdrawal_asked(filing) else "等法院确认结果"
        verb = "发出撤回申请" if held is not None else verb
        late = came_late(filing, confirmation_clock(effect, self.calendar, self.rules))
        said = f"已在法院，{late}" if late else "已提交法院"
        return self.task(
            "await_court", verb, "看进度", said, since=since, waiting=True,
            waiting_for="court" if held is None else "send", hard=False, page="filing",
        )  # fmt: skip

    def _by_hand(self, asked: cf.SubmissionEvent) -> Task:
        """The restored platform takes no answer to it; the day is the court's all the same."""
        by = asked.answer_by
        until = f"，{short_date(by)}（含当天）前" if by else ""
        return self.task(
            "supplement", "到法院补交材料", "看怎么交", f"带文书到法院窗口交{until}；平台现在收不了",
            due_on=by, page="filing", unit="days",
        )  # fmt: skip

    def _unsent_supplement(self, filing: cf.Submission, held: Unsent) -> Task:
        """Handed over here, not taken yet: on the last day it is a thing to do again, online or by hand."""
        asked = answered_question(self.file, filing)
        by = asked.answer_by if asked else None
        last = f"，法院要求 {short_date(by)}（含当天）前补交" if by else ""
        wait = held.going and (by is None or self.today < by)
        verb = _SUPPLEMENT_VERBS.get(held.stand, "联系同事，补交材料")
        return self.task(
            "supplement", verb, _BUTTONS[held.stand], f"补交的材料{held.said}{last}", due_on=by,
            page="filing", unit="days", waiting=wait,
            waiting_for=_WAITS.get(held.stand, "send") if wait else "",
        )  # fmt: skip

    def _confirm(self, effect: Effectiveness, held: Unsent | None = None) -> Iterator[Task]:
        """The 30 days; an application that is ``held`` here has not kept them before it is out."""
        agreement = self.file.agreements[self.head.agreement_id]
        start = effect.earliest_possible or effect.complete_on
        if start is None or not may_be_confirmed(agreement, self.rules):
            return
        due = deadlines.confirmation(start, self.calendar, self.rules)
        grace = dt.timedelta(days=self.rules.late_extension_days.value or 0)
        if (held is None and self.today > due.due_on + grace) or fully_performed(self.file, agreement):
            return
        verb, action = ("提交司法确认申请", "去提交")
        if held is not None:
            verb, action = _VERBS[held.stand], _BUTTONS[held.stand]
        begun = "生效" if start == effect.complete_on else "双方签完"
        wait = held is not None and held.going and self.today < due.due_on
        waiting_for = _WAITS.get(held.stand, "send") if held is not None and wait else ""
        short = "申请司法确认"
        if held is not None:
            short = _SHORT.get(held.stand, short) if held.going else f"申请{held.tag}"
        yield self.task(
            "confirm", verb, action, f"{begun}，申请{held.said}" if held is not None else begun,
            since=start, due_on=due.due_on, hard=self.today <= due.due_on, page="filing",
            short=short, unit="days", provisional=due.provisional, waiting=wait, waiting_for=waiting_for,
        )  # fmt: skip

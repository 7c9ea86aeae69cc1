"""计划: what has to be done for a case and until when, where it stands, and what comes next.

It is derived from the case's documents each time they change, never stored as a truth of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.clock import legal_day, shanghai
from app.domain import casefile as cf
from app.domain import contacting, deadlines, unheard
from app.domain.agreement import Effectiveness, effectiveness_of, paper_day, performance_ends_on
from app.domain.filings_of import active_filing, handed_in
from app.domain.performance import (
    agreed_words,
    call_again_at,
    followed_up,
    last_said,
    settled_payments,
    unkept_words,
)
from app.domain.phrases import within
from app.domain.plan_court import CourtTasks
from app.domain.reducer import CaseFile
from app.domain.rules import InstitutionRules
from app.domain.states import case_machine
from app.domain.tasks import WAITING_WORDS, Task, TaskKind, next_words, reason_today, status_label, urgency
from app.domain.unheard import Unheard
from app.domain.workdays import Calendar, short_date

__all__ = [
    "LABELS", "CasePlan", "Task", "mediation_deadline", "next_words", "plan", "reason_today", "status_label",
    "urgency",
]  # fmt: skip

LABELS: Mapping[str, str] = {
    **case_machine().labels,
    "paused": "暂停计时",
    "signing": "待签署",
    "performing": "履行中",
    "confirming": "等确认结果",
    "approving": WAITING_WORDS["approval"],
}
"""Words of every label a plan can give."""

BEFORE_DECISION = frozenset({"received", "contacting", "deciding"})
HANDLING = frozenset({"accepted", "mediating"})
ENDED = frozenset({"failed", "withdrawn", "terminated"})
UNDER_WAY = BEFORE_DECISION | HANDLING | ENDED | {"agreed"}
_LATER = frozenset({"performance", "follow_up", "unkept"})


@dataclass(frozen=True)
class CasePlan:
    """The plan of one case."""

    tasks: tuple[Task, ...]
    label: str
    """Key of the status shown: a state, or what stands for it (:data:`LABELS`)."""
    bucket: str
    """todo, waiting, refused; case for an accepted 办件 of the platform; empty for all others."""
    next_kind: str
    next_text: str
    next_due: str
    """A day, or a day with Shanghai's time of day; empty when there is none."""
    is_open: bool


def plan(
    file: CaseFile, rules: InstitutionRules, calendar: Calendar, today: dt.date, *, approving: bool = False
) -> CasePlan:
    """The plan of ``file`` under the institution's rules.

    ``approving``: a refusal of it, which lies beside the documents, waits for the head's word.
    """
    context = _Context(file, rules, calendar, today, approving)
    tasks = tuple(sorted(context.tasks(), key=lambda t: urgency(t, today)))
    step = _next(tasks)
    state = file.head.state
    return CasePlan(
        tasks=tasks,
        label=context.label(),
        bucket=context.bucket(tasks),
        next_kind=step.kind if step else "",
        next_text=step.short if step else "",
        next_due=_due_text(step) if step else "",
        is_open=state in UNDER_WAY or bool(tasks),
    )


def mediation_deadline(
    file: CaseFile, rules: InstitutionRules, calendar: Calendar, today: dt.date
) -> deadlines.Deadline | None:
    """调解期限 of an accepted case; ``None`` before acceptance."""
    head = file.head
    period = rules.mediation_period(head.law_kind)
    start = head.received_at if period.starts == "received" else head.accepted_at
    if start is None or head.accepted_at is None:
        return None
    return deadlines.mediation(
        legal_day(start),
        calendar,
        rules,
        law_kind=head.law_kind,
        suspensions=head.suspensions,
        today=today,
    )


def planned_session(head: cf.Case) -> dt.datetime | None:
    """When the parties meet next to mediate; what stands once that is over is :func:`unheard.appointed`."""
    return head.next_session_at if head.state in HANDLING else None


def contact_start(case: cf.Case, rules: InstitutionRules) -> dt.date:
    """The day the contact period starts on, by the institution's choice."""
    applied = rules.contact_start.value == "applied" and case.applied_at is not None
    return legal_day(case.applied_at if applied and case.applied_at else case.received_at)


def _next(tasks: tuple[Task, ...]) -> Task | None:
    real = [t for t in tasks if t.kind != "first_contact"]
    return min(
        real,
        key=lambda t: (t.kind in _LATER, t.due_on is None, t.due_on or dt.date.max, t.due_at is None),
        default=None,
    )


def _due_text(task: Task) -> str:
    if task.due_on is None:
        return ""
    return f"{shanghai(task.due_at):%Y-%m-%dT%H:%M}" if task.due_at else task.due_on.isoformat()


@dataclass(frozen=True)
class _Context(CourtTasks):
    file: CaseFile
    rules: InstitutionRules
    calendar: Calendar
    today: dt.date
    approving: bool

    @property
    def head(self) -> cf.Case:
        return self.file.head

    def effect(self) -> Effectiveness | None:
        return effectiveness_of(self.file) if self.head.state in ("agreed", "closed") else None

    def pause(self) -> cf.Suspension | None:
        """The suspension that holds today, if the period of this case can be suspended."""
        if not self.rules.mediation_period(self.head.law_kind).suspends:
            return None
        return next(
            (
                s
                for s in self.head.suspensions
                if s.first_day <= self.today and (s.last_day is None or s.last_day >= self.today)
            ),
            None,
        )

    def label(self) -> str:
        state = self.head.state
        if state in HANDLING:
            return "paused" if self.pause() else "mediating"
        if state == "agreed":
            effect = self.effect()
            if effect is not None and not effect.is_effective:
                return "signing"
            return "confirming" if handed_in(active_filing(self.file)) else "performing"
        return "approving" if self.approving and state in BEFORE_DECISION else state

    def bucket(self, tasks: tuple[Task, ...]) -> str:
        head = self.head
        if head.state in ("refused", "handed_back"):
            return "refused"
        if head.state in BEFORE_DECISION:
            return "waiting" if all(t.waiting for t in tasks) else "todo"
        return "case" if head.source == "platform" else ""

    def tasks(self) -> Iterator[Task]:
        state = self.head.state
        if state in BEFORE_DECISION:
            yield from self.before()
        elif state in HANDLING:
            yield from self.handling()
        yield from self._unheard(*unheard.standing(self.file, self.today))
        if state in ENDED:
            yield from self.ended()
        elif state in ("agreed", "closed"):
            yield from self.after_agreement()

    def task(self, kind: TaskKind, verb: str, action: str, reason: str, **more: object) -> Task:
        suffix = f":{number}" if (number := more.pop("number", "")) != "" else ""
        more.setdefault("short", verb)
        return Task(
            task_id=f"{self.head.case_id}:{kind}{suffix}",
            case_id=self.head.case_id,
            kind=kind,
            verb=verb,
            action=action,
            reason=reason,
            **more,  # type: ignore[arg-type]
        )

    # Before the decision -----------------------------------------------------

    def before(self) -> Iterator[Task]:
        head, start = self.head, contact_start(self.head, self.rules)
        if self.approving:
            yield self._approval()
        contacts = self.file.of_type(cf.Contact)
        remind_at = contacts[-1][1].remind_at if contacts else None
        if head.state == "deciding":
            if not self.approving:
                yield self._decide(remind_at)
            return
        said = contacting.last_word(self.file)
        if said is not None and said[1].result == "considering":
            yield self._reply(*said, remind_at)
            return
        if contacting.made_by(self.file, self.rules) is not None:
            # 办法 第九条 is done with: what is left has no period, and a later attempt in vain gives it none.
            yield self.task(
                "contact", "联系被申请人", "记录联系", "已经联系过，还要问到愿不愿意", hard=False,
                page="inbox", remind_at=remind_at,
            )  # fmt: skip
            return
        due = deadlines.contact(start, self.calendar, self.rules)
        yield self.task(
            "contact", "联系被申请人", "记录联系", "要在期限内联系到被申请人", since=start, due_on=due.due_on,
            page="inbox", provisional=due.provisional, remind_at=remind_at,
        )  # fmt: skip
        if not contacts:
            target = deadlines.first_contact(start, self.calendar, self.rules)
            yield self.task(
                "first_contact", "首次联系", "记录联系", "服务目标", since=start, due_on=target.due_on,
                hard=False, page="inbox", provisional=target.provisional,
            )  # fmt: skip

    def _reply(self, record: cf.Record, contact: cf.Contact, remind_at: dt.datetime | None) -> Task:
        asked = legal_day(record.at)
        due = contact.reply_by or deadlines.reply(asked, self.calendar, self.rules).due_on
        words = f"说好 {short_date(due, asked)}答复" if contact.reply_by else "对方要考虑几天"
        late = due < self.today
        return self.task(
            "reply", "问对方答复", "记录联系", words, since=asked, due_on=due, waiting=not late,
            waiting_for="" if late else "reply", page="inbox", short="等答复", remind_at=remind_at,
        )  # fmt: skip

    def _decide(self, remind_at: dt.datetime | None) -> Task:
        since = legal_day(self.head.received_at)
        due = deadlines.decision(since, self.calendar, self.rules)
        days = self.rules.decision_days.value
        reason = f"机构设定 {days} 个工作日内决定" if due else "已征求意愿，等您决定"
        return self.task(
            "decide", "决定是否受理", "作决定", reason, since=since, due_on=due.due_on if due else None,
            page="inbox", short="决定受理", provisional=bool(due and due.provisional), remind_at=remind_at,
        )  # fmt: skip

    def _approval(self) -> Task:
        """The mediator has done what is theirs; the period of the decision runs on."""
        since = legal_day(self.head.received_at)
        due = deadlines.decision(since, self.calendar, self.rules)
        return self.task(
            "approval", "等负责人批准不予受理", "看送批的", "已送负责人，没批之前可以撤回来改",
            due_on=due.due_on if due else None, waiting=True, waiting_for="approval", page="inbox",
            short=WAITING_WORDS["approval"], provisional=bool(due and due.provisional),
        )  # fmt: skip

    # Mediating -----------------------------------------------------------------

    def handling(self) -> Iterator[Task]:
        head = self.head
        yield from self._unheard(unheard.after_acceptance(self.file, self.today))
        at = planned_session(head)
        if at is not None:
            number = len(self.file.of_type(cf.Session)) + 1
            yield self.task(
                "session", f"第 {number} 次调解", "打开记录", within(head.next_session_place) or "时间已约好",
                due_on=legal_day(at), due_at=at,
            )  # fmt: skip
        pause = self.pause()
        if pause is not None:
            reason = f"{within(pause.reason) or '暂停'}中"
            yield self.task(
                "mediation_end", "等恢复计时", "看期限", reason, since=pause.first_day, waiting=True,
                waiting_for="appraisal", short=reason,
            )  # fmt: skip
            return
        due = mediation_deadline(self.file, self.rules, self.calendar, self.today)
        if due is not None:
            yield self._mediation_end(due)

    def _mediation_end(self, due: deadlines.Deadline) -> Task:
        period = self.rules.mediation_period(self.head.law_kind)
        days = "个工作日" if period.unit == "workdays" else "日"
        start = short_date(due.start_on, due.due_on)
        labour = period.starts == "received"
        event = "收到申请起" if labour else "受理起"
        reason = (
            f"{'劳动争议，' if self.head.law_kind == 'labour' else ''}{start}{event} {period.amount} {days}"
        )
        return self.task(
            "mediation_end", f"调解 {period.amount} {days}届满", "看期限", reason, since=due.start_on,
            due_on=due.due_on, unit=due.unit, provisional=due.provisional,
            short=f"收到申请起 {period.amount} {days}" if labour else "调解期限",
        )  # fmt: skip

    def _unheard(self, *found: Unheard | None) -> Iterator[Task]:
        for one in filter(None, found):
            yield self.task(
                one.kind, one.verb, one.action, one.reason, hard=False, short=one.short,
                due_on=one.due_on, number=one.key, page=one.page,
            )  # fmt: skip

    # Ended ---------------------------------------------------------------------

    def ended(self) -> Iterator[Task]:
        yield from self._unheard(unheard.after_failure(self.file, self.today))
        conclusion = self.head.conclusion
        told = conclusion is not None and conclusion.remedies_told_at is not None
        if self.head.state != "withdrawn" and not told:
            yield self.task(
                "tell_remedies", "告知救济途径", "打印告知书", "没有谈成，还没有告知救济途径", page="exit"
            )
            return
        yield self.task("close", "办结案", "去结案", "结果已登记，可以结案", page="case", short="结案")

    def after_agreement(self) -> Iterator[Task]:
        effect = self.effect()
        if effect is None:
            return
        if not effect.is_effective:
            if self.head.state == "agreed":
                yield self._sign(effect)
            return
        if self.head.state == "agreed":
            yield self.task("close", "办结案", "去结案", "协议已生效，可以结案", short="结案")
        yield from self.court(effect)
        yield from self._performance(effect)

    def _sign(self, effect: Effectiveness) -> Task:
        agreement = self.file.agreements[self.head.agreement_id]
        start = effect.first_signed_on
        if start is None:
            verb, reason = "打印签字", "协议写好了，还没有签"
        elif len(effect.missing) == 1:
            verb, reason = f"补{effect.missing[0]}", "缺这一处，协议还没有生效"
        else:
            verb, reason = "补签名盖章", f"还缺 {len(effect.missing)} 处，协议还没有生效"
        begin = start or paper_day(agreement)
        due = deadlines.signature(start, paper_day(agreement), self.calendar, self.rules)
        return self.task(
            "sign", verb, "看缺什么", reason, since=begin, due_on=due.due_on, page="agreement",
            short="补签名" if start else "打印签字", provisional=due.provisional,
        )  # fmt: skip

    # Performance and follow-up -------------------------------------------------

    def _performance(self, effect: Effectiveness) -> Iterator[Task]:
        agreement = self.file.agreements[self.head.agreement_id]
        settled = settled_payments(self.file, agreement)
        said = last_said(self.file, agreement)
        whole = said is not None and said[1].performed == "full"
        open_payments = [
            (p.due_on or effect.complete_on, p)
            for p in agreement.payments
            if p.no not in settled and (p.due_on or p.on_signing) and not whole
        ]
        if open_payments:
            due, payment = min(open_payments, key=lambda pair: (pair[0] or dt.date.max, pair[1].no))
            yield self.task(
                "performance", f"看第 {payment.no} 期付了没有", "记履行",
                agreed_words(self.file, agreement, payment, due), number=payment.no, unit="days",
                since=due, due_on=due, page="follow_up", short=f"第 {payment.no} 期付款", hard=False,
            )  # fmt: skip
        end = performance_ends_on(agreement, effect.complete_on) or effect.complete_on
        if end is not None and not followed_up(self.file, agreement, end):
            follow = deadlines.follow_up(end, self.calendar, self.rules)
            again = call_again_at(self.file, agreement)
            yield self.task(
                "follow_up", "第一次回访", "打电话", "没打通，说好再打" if again else "履行期满后回访",
                since=end, due_on=follow.due_on, page="follow_up", short="回访", hard=False,
                provisional=follow.provisional, remind_at=again,
            )  # fmt: skip
        if said is not None:
            day = legal_day(said[0].at)
            reason = unkept_words(said[1], over=end is not None and day >= end)
            watched = self.rules.watched_days.value or 0
            if reason and self.today <= day + dt.timedelta(days=watched):
                yield self.task(
                    "unkept", "跟进履行", "看上次怎么说", f"{short_date(day)}回访时{reason}", since=day,
                    page="follow_up", short=reason, hard=False,
                )  # fmt: skip

"""Every deadline that runs for a case, the one that matters most first: for its page and its papers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.clock import legal_day
from app.domain import agreement, contacting, deadlines, filings_of
from app.domain import casefile as cf
from app.domain.counting import Deadline
from app.domain.performance import fully_performed
from app.domain.plan import BEFORE_DECISION, contact_start, mediation_deadline
from app.domain.reducer import CaseFile
from app.domain.workdays import short_date

if TYPE_CHECKING:
    from app.services.desk import Desk

TITLES = {
    "contact": "联系期限", "first_contact": "首次联系（服务目标）", "decision": "决定期限",
    "mediation": "调解期限", "signature": "补齐签名盖章", "confirmation": "司法确认申请期限",
    "enforcement": "申请执行期限", "follow_up": "回访", "reply": "等答复",
    "supplement": "法院要求补交材料",
}  # fmt: skip


def deadlines_of(file: CaseFile, desk: Desk) -> Iterator[tuple[Deadline, str]]:
    """Each deadline with a word that says why it no longer runs; empty while it does."""
    head, today = file.head, desk.today()
    rules, calendar = desk.rules_for(head), desk.calendar
    if head.state in BEFORE_DECISION:
        start = contact_start(head, rules)
        first = next(iter(file.of_type(cf.Contact)), None)
        waived = "不需要征求意愿" if head.contact_waiver else ""
        contact = contacting.made_by(file, rules)
        for due, record in (
            (deadlines.contact(start, calendar, rules), contact),
            (deadlines.first_contact(start, calendar, rules), first),
        ):
            yield due, waived or _contacted(record, due)
        decision = deadlines.decision(legal_day(head.received_at), calendar, rules)
        if decision is not None:
            yield decision, ""
        return
    effect = agreement.effectiveness_of(file) if head.agreement_id else None
    made = file.agreements.get(head.agreement_id)
    handling = head.state in ("accepted", "mediating")
    period = mediation_deadline(file, rules, calendar, today)
    if handling and period is not None:
        yield period, ""
    yield from _asked(file)
    if effect is not None and made is not None:
        if not effect.is_effective:
            day = agreement.paper_day(made)
            yield deadlines.signature(effect.first_signed_on, day, calendar, rules), ""
        earliest = effect.earliest_possible or effect.complete_on
        if earliest is not None and agreement.may_be_confirmed(made, rules):
            filed = _filed(file)
            if not filed and fully_performed(file, made):
                filed = "已履行，不用再申请"
            yield deadlines.confirmation(earliest, calendar, rules), filed
        end = agreement.performance_ends_on(made, effect.complete_on)
        if end is not None:
            yield deadlines.follow_up(end, calendar, rules), ""
            states = {s.state for s in file.submissions.values()}
            if states & filings_of.CONFIRMING:
                yield deadlines.enforcement(end, calendar, rules), ""
            elif "revoked" in states:
                yield deadlines.enforcement(end, calendar, rules), "裁定已被撤销"
    if not handling and period is not None:
        yield period, "调解已结束"


def _filed(file: CaseFile) -> str:
    """Why the 30 days are no matter any more: the court has the application; empty while it has not."""
    mine = [one for one in filings_of.rounds(file) if filings_of.handed_in(one)]
    wishes = (filings_of.leaving_words(file, one) for one in mine)
    if wish := next(filter(None, wishes), ""):
        return f"已提交，{wish}"
    return "已提交" if mine else ""


FORGOTTEN = "平台从备份恢复过，还没有补回这一步，收不了补交的材料：平台补回以前，带文书到法院窗口交"


def _asked(file: CaseFile) -> Iterator[tuple[Deadline, str]]:
    """The day by which the court wants its question answered, until the answer is there."""
    filing = filings_of.active_filing(file)
    forgotten = filings_of.forgotten_question(file, filing)
    waits = filings_of.last_question(filing) if filings_of.on_its_way(filing) else None
    question = forgotten or filings_of.asked_by(filing) or waits
    if question is not None and question.answer_by is not None:
        warning = FORGOTTEN if forgotten is not None else ""
        yield deadlines.supplement(legal_day(question.at), question.answer_by, warning), ""


def _contacted(made: tuple[cf.Record, cf.Contact] | None, due: Deadline) -> str:
    """11月23日已联系; empty while it was not done."""
    if made is None:
        return ""
    day = legal_day(made[0].at)
    return f"{short_date(day)}已联系{'' if day <= due.due_on else '，晚于期限'}"

"""The agreements at hand: drafted, waiting for signatures, within 30 days, filed, ruled; masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import Connection, and_, or_, select

from app.domain import casefile as cf
from app.domain import masking
from app.domain.agreement import Effectiveness, effectiveness_of, may_be_confirmed, paper_day
from app.domain.deadlines import remaining_until, signature
from app.domain.filing import confirmation_clock
from app.domain.filings_of import (
    ON_ITS_WAY,
    WITHDRAWING,
    answered_question,
    asked_by,
    came_late,
    forgotten_question,
    has_result,
    latest,
    leaving_words,
    on_its_way,
    unsent,
    wants_out,
)
from app.domain.performance import fully_performed
from app.domain.plan_court import answer_to_tell
from app.domain.reducer import CaseFile
from app.domain.states import filing_machine
from app.domain.tasks import Next, due_label
from app.domain.unsent import Unsent
from app.domain.workdays import short_date
from app.services.desk import Desk
from app.storage import casestore
from app.storage.tables import IS_OPEN, case_docs, cases, drafts

GROUPS = (
    ("asked", "法院要补材料"), ("stuck", "申请还没有提交，要您看"), ("sending", "等着发出、等回执"),
    ("answered", "法院有了答复，告诉当事人"),
    ("signing", "等签名盖章"), ("clock", "已生效，30 日内可申请确认"), ("drafting", "正在写"),
    ("filed", "法院在办"), ("late", "已过 30 日，可以走别的路"), ("ruled", "已有结果"),
    ("oral", "口头协议，已生效"), ("performed", "都履行了"),
)  # fmt: skip
ACTING = ("asked", "stuck", "sending", "answered", "signing", "clock")
"""The groups that wait for somebody here: answer the court, see to an application that does not go or has not
gone yet, tell what the court said, register signatures, apply for confirmation."""
FROM_HERE = ("stuck", "sending")
"""Groups of applications that lie on this computer, whosoever case they are of."""
BY_HAND = "平台收不了，到法院窗口交"
"""Where a question is answered of which :attr:`AgreementLine.by_hand` holds."""
LET_GO = ("withdrawn", "deemed_withdrawn", "not_accepted", "terminated")
"""States of an application that is over without a word on the agreement."""
LIMIT = 300
"""Cases looked at, newest change first."""


@dataclass(frozen=True)
class AgreementLine:
    """One agreement. ``due_on``: the day to have all signatures by (signing), to answer the court by (asked),
    else the last day to apply for confirmation."""

    key: str
    case_id: str
    group: str
    title: str
    parties: str
    state: str
    note: str
    due_on: dt.date | None = None
    provisional: bool = False
    """The day runs into a year without a holiday notice (暂估)."""
    urgency: Next | None = None
    """How ``due_on`` stands today, in the words of 今日."""
    left: str = ""
    """The days left until then: 还剩 14 天."""
    by_hand: bool = False
    """The platform, restored from a backup, has the court's question not again, and takes no answer to it."""
    holder: str = ""
    """Who has the case, where that is somebody else."""


@dataclass(frozen=True)
class Overview:
    """All lines with the answer above them."""

    lines: tuple[AgreementLine, ...]
    headline: str
    today: dt.date

    @property
    def acting(self) -> tuple[AgreementLine, ...]:
        """What waits for the person here: of their own cases, and what only this computer can send."""
        return tuple(
            line
            for line in self.lines
            if line.group in ACTING and (not line.holder or line.group in FROM_HERE)
        )


class AgreementList:
    """Reading the agreements at hand."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def overview(self) -> Overview:
        """All groups, the most urgent first within each."""
        self._desk.require_cases()
        lines = self._desk.store.read(lambda conn: tuple(self._lines(conn)))
        order = {key: n for n, (key, _) in enumerate(GROUPS)}
        lines = tuple(sorted(lines, key=lambda one: (order[one.group], one.due_on or dt.date.max, one.title)))
        signing = sum(one.group == "signing" for one in lines)
        clock = sum(one.group == "clock" for one in lines)
        asked = sum(one.group == "asked" for one in lines)
        stuck = sum(one.group == "stuck" for one in lines)
        sending = sum(one.group == "sending" for one in lines)
        parts = [f"{asked} 份法院要补材料" if asked else "", f"{stuck} 份申请没有提交" if stuck else ""]
        answered = sum(one.group == "answered" for one in lines)
        parts += [f"{sending} 份等着发出或等回执" if sending else ""]
        parts += [f"{answered} 份法院有了答复" if answered else ""]
        parts += [f"{signing} 份还没生效" if signing else "", f"{clock} 份在 30 日内" if clock else ""]
        headline = "，".join(part for part in parts if part) or "没有等着签或要确认的协议"
        return Overview(lines, headline, self._desk.today())

    def lodged(self) -> tuple[str, ...]:
        """The cases of which an application was lodged with a court, whatever became of it."""
        self._desk.require_cases()
        statement = select(case_docs.c.case_id, case_docs.c.body).where(
            case_docs.c.entity == "submission", case_docs.c.body.is_not(None)
        )
        rows = self._desk.store.read(lambda conn: conn.execute(statement).all())
        filed = ((row.case_id, cf.decode("submission", row.body)) for row in rows)
        never = ("prepared", "queued")
        return tuple(dict.fromkeys(c for c, s in filed if cast(cf.Submission, s).state not in never))

    def newest(self, limit: int) -> tuple[AgreementLine, ...]:
        """The agreements changed last, those under way only."""
        self._desk.require_cases()

        def work(conn: Connection) -> tuple[AgreementLine, ...]:
            statement = (
                select(cases.c.case_id)
                .where(or_(cases.c.state == "agreed", and_(cases.c.state == "closed", IS_OPEN)))
                .order_by(cases.c.updated_at.desc())
                .limit(limit)
            )
            files = [casestore.load(conn, case_id) for case_id in conn.execute(statement).scalars()]
            return tuple(self._agreed(f) for f in files if f.head.agreement_id in f.agreements)

        return self._desk.store.read(work)

    def _lines(self, conn: Connection) -> Iterator[AgreementLine]:
        mine = select(drafts.c.subject).where(
            drafts.c.kind == "agreement", drafts.c.person_id == self._desk.person.person_id
        )
        drafted = set(conn.execute(mine).scalars())
        at_work = (cases.c.state == "agreed") | ((cases.c.state == "closed") & IS_OPEN)
        statement = select(cases.c.case_id).where(or_(at_work, cases.c.case_id.in_(drafted)))
        newest = statement.order_by(cases.c.updated_at.desc()).limit(LIMIT)
        for case_id, file in casestore.load_many(conn, list(conn.execute(newest).scalars())).items():
            if case_id in drafted:
                yield self._line(file, "drafting", "没写完", "草稿在本机")
            if file.head.agreement_id in file.agreements:
                yield self._agreed(file)

    def _agreed(self, file: CaseFile) -> AgreementLine:
        effect = effectiveness_of(file)
        submission = latest(file)
        forgotten = forgotten_question(file, submission)
        if submission is not None and wants_out(file, submission):
            # Whatever the court asked before.
            words = leaving_words(file, submission)
            if not words:
                return self._line(file, "filed", WITHDRAWING, submission.court_name)
            wish = file.unsent[submission.submission_id]
            if wish.stand in ("packed", "doubt"):
                return self._line(file, "sending", words, f"撤回申请{wish.said}")
            return self._line(file, "sending", words, submission.court_name)
        if submission is not None and (submission.state == "supplement_asked" or forgotten is not None):
            asked = forgotten or asked_by(submission)
            by = asked.answer_by if asked is not None else None
            words = f"{submission.court_name}要求补材料"
            if by is not None:
                words = f"{submission.court_name}要求 {short_date(by)}（含当天）前补交"
            line = self._line(file, "asked", "法院要补材料", words, by)
            return line if forgotten is None else replace(line, note=f"{words}，{BY_HAND}", by_hand=True)
        held = unsent(file, submission)
        if held is not None:
            return self._held(file, held)
        machine = filing_machine()
        over = submission is not None and submission.state in LET_GO and not has_result(file)
        again = over and self._may_apply_again(file, effect)
        rules, today = self._desk.rules_for(file.head), self._desk.today()
        if submission is not None and answer_to_tell(file, rules, today) is not None:
            return self._answered(file, submission, effect if again else None)
        if submission is not None and not again:
            group = "ruled" if submission.state in machine.final else "filed"
            words = ON_ITS_WAY if on_its_way(submission) else machine.labels[submission.state]
            return self._line(
                file, group, words, f"{submission.court_name}{self._late(file, effect, submission)}"
            )
        if effect is None or effect.complete_on is None:
            lacking = f"缺{'、'.join(effect.missing)}" if effect is not None else "还没有登记签名"
            if file.head.state != "agreed":
                return self._line(file, "signing", "待签署", lacking)
            begun = effect.first_signed_on if effect is not None else None
            paper = paper_day(file.agreements[file.head.agreement_id])
            last = signature(begun, paper, self._desk.calendar, self._desk.rules_for(file.head))
            return self._line(file, "signing", "待签署", lacking, last.due_on, last.provisional)
        agreement = file.agreements[file.head.agreement_id]
        if fully_performed(file, agreement):
            # As the case's plan has it: nothing is left that a ruling would secure.
            begun_on = f"{short_date(effect.complete_on)}生效，不用再申请司法确认"
            return self._line(file, "performed", "已生效", begun_on)
        if not may_be_confirmed(agreement, self._desk.rules_for(file.head)):
            begun_on = f"{short_date(effect.complete_on)}生效，不申请司法确认（机构设定）"
            return self._line(file, "oral", "已生效", begun_on)
        clock = confirmation_clock(effect, self._desk.calendar, self._desk.rules_for(file.head))
        due = clock.reminds.due_on if clock.reminds else None
        unsure = bool(clock.reminds and clock.reminds.provisional)
        group = "late" if due and due < self._desk.today() else "clock"
        words = f"{short_date(effect.complete_on)}生效"
        if submission is not None:
            words = f"{words}；上次{machine.labels[submission.state]}，还可以再申请"
        return self._line(file, group, "已生效", words, due, unsure)

    def _late(self, file: CaseFile, effect: Effectiveness | None, submission: cf.Submission) -> str:
        """，晚了 3 天才提交: of one under way that came past its days; else empty."""
        if effect is None:
            return ""
        rules = self._desk.rules_for(file.head)
        late = came_late(submission, confirmation_clock(effect, self._desk.calendar, rules))
        return late and f"，{late}"

    def _answered(
        self, file: CaseFile, submission: cf.Submission, effect: Effectiveness | None
    ) -> AgreementLine:
        """The court has answered; with ``effect``, the parties may apply once more in what is left."""
        words = filing_machine().labels[submission.state]
        if effect is None:
            return self._line(file, "answered", words, submission.court_name)
        clock = confirmation_clock(effect, self._desk.calendar, self._desk.rules_for(file.head)).reminds
        note = f"{submission.court_name}{words}，还可以再申请"
        due, unsure = (clock.due_on, clock.provisional) if clock is not None else (None, False)
        return self._line(file, "answered", words, note, due, unsure)

    def _may_apply_again(self, file: CaseFile, effect: Effectiveness | None) -> bool:
        """Whether the period still runs in which an application that was let go may be made once more."""
        agreement = file.agreements[file.head.agreement_id]
        rules = self._desk.rules_for(file.head)
        if effect is None or effect.complete_on is None or not may_be_confirmed(agreement, rules):
            return False
        due = confirmation_clock(effect, self._desk.calendar, rules).reminds
        return due is not None and due.due_on >= self._desk.today() and not fully_performed(file, agreement)

    def _held(self, file: CaseFile, held: Unsent) -> AgreementLine:
        """An application, or a supplement, that its court has not got: by the day it was to be there."""
        submission, effect = latest(file), effectiveness_of(file)
        question = answered_question(file, submission)
        what, due, unsure = "申请", None, False
        if question is not None:
            what, due = "补交的材料", question.answer_by
        elif effect is not None:
            clock = confirmation_clock(effect, self._desk.calendar, self._desk.rules_for(file.head))
            due = clock.reminds.due_on if clock.reminds else None
            unsure = bool(clock.reminds and clock.reminds.provisional)
        group = "sending" if held.going else "stuck"
        if held.stand == "back":
            # Its court got it: only the platform has it not back.
            return self._line(file, "filed", held.tag, f"{what}{held.said}")
        state = ON_ITS_WAY if question is not None and held.stand == "going" else held.tag
        return self._line(file, group, state, f"{what}{held.said}", due, unsure)

    def _line(
        self,
        file: CaseFile,
        group: str,
        state: str,
        note: str,
        due_on: dt.date | None = None,
        provisional: bool = False,
    ) -> AgreementLine:
        head = file.head
        who = masking.parties_line(file.side("applicant"), file.side("respondent"))
        urgency, left, today = None, "", self._desk.today()
        if due_on is not None:
            calendar = self._desk.calendar
            urgency = due_label(due_on, today, calendar, provisional=provisional)
            left = remaining_until(due_on, today, calendar, "days").text
        key = f"{group}:{head.case_id}"
        return AgreementLine(
            key, head.case_id, group, head.title, who, state, note, due_on, provisional, urgency, left,
            holder=self._holder(head.mediator_id),
        )  # fmt: skip

    def _holder(self, person_id: str) -> str:
        own = person_id in ("", self._desk.person.person_id)
        return "" if own else self._desk.name_of(person_id)

"""回访 (界面设计 18): whom to call, which payments fall due, where an agreement is not kept; masked."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, cast, func, select

from app.clock import from_text, legal_day
from app.domain import casefile as cf
from app.domain import masking, performance
from app.domain.taxonomy import kind_name
from app.domain.workdays import short_date
from app.services import dayboard
from app.services.cases import Cases, CaseView
from app.services.dayboard import TaskRow
from app.services.desk import Desk
from app.storage import casequery
from app.storage.tables import case_docs, cases, tasks

KINDS = (("follow_up", "待回访"), ("performance", "盯履行"), ("unkept", "有苗头"))
"""The kinds of task that the page shows, each a tab."""
DONE = "done"
TABS = (*KINDS, (DONE, "做完的"))
"""Behind the tasks, the cases that were called about and ask for nothing more."""
SHOWN = 300
"""Lines of a tab at most, the earliest first."""
SOON = dt.timedelta(days=7)
"""Payments due within so many days stand below those to be called."""


@dataclass(frozen=True)
class CallLine:
    """One case to call about."""

    row: TaskRow
    dispute_kind: str
    """The class of dispute by name."""


@dataclass(frozen=True)
class Marks:
    """What falls on one day of the calendar."""

    calls: int = 0
    payments: int = 0


@dataclass(frozen=True)
class Board:
    """One tab, the numbers of all, and the month."""

    tab: str
    lines: tuple[CallLine, ...]
    soon: tuple[CallLine, ...]
    """Payments due in the next days, below the calls; empty on the other tabs."""
    counts: Mapping[str, int]
    marks: Mapping[dt.date, Marks]
    headline: str


@dataclass(frozen=True)
class Said:
    """上次怎么说."""

    at: dt.datetime
    by: str
    words: str


@dataclass(frozen=True)
class Instalment:
    """One payment of the plan."""

    no: int
    due_on: dt.date | None
    amount_fen: int
    state: str


@dataclass(frozen=True)
class CallDetail:
    """What the form shows of one case."""

    view: CaseView
    said: Said | None
    plan: tuple[Instalment, ...]
    next_payment: Instalment | None
    """The first that is not settled."""
    performance: str
    """履行方式、时限 in the agreement's words."""


class FollowUps:
    """Reads the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def board(self, tab: str) -> Board:
        """One tab of one's own cases."""
        self._desk.require("follow_up.record")

        def work(conn: Connection) -> Board:
            lines = {key: self._lines(conn, key) for key, _ in KINDS}
            counts = dict(self._counts(conn))
            if tab == DONE:
                lines[DONE] = self._done(conn)
                counts[DONE] = len(lines[DONE])
            today = self._desk.today()
            soon: tuple[CallLine, ...] = ()
            if tab == "follow_up":
                soon = tuple(x for x in lines["performance"] if x.row.due_on and x.row.due_on <= today + SOON)
            return Board(
                tab=tab,
                lines=lines[tab],
                soon=soon,
                counts=counts,
                marks=_marks(lines["follow_up"], lines["performance"]),
                headline=headline(lines["follow_up"], lines["performance"], counts, today),
            )

        return self._desk.store.read(work)

    def detail(self, case_id: str) -> CallDetail:
        """One case. Raises :class:`NotFoundError`."""
        view = Cases(self._desk).open(case_id)
        made = view.file.agreements.get(view.head.agreement_id)
        states = performance.states(view.file, made) if made is not None else {}
        plan = tuple(
            Instalment(p.no, p.due_on, p.amount_fen, states.get(p.no, "pending"))
            for p in (made.payments if made is not None else ())
        )
        unsettled = (one for one in plan if one.state not in ("performed", "defaulted"))
        return CallDetail(
            view=view,
            said=self._said(view),
            plan=plan,
            next_payment=next(unsettled, None),
            performance=made.performance if made is not None else "",
        )

    def _said(self, view: CaseView) -> Said | None:
        """The newest words about keeping the agreement: of a call, or of one in vain."""
        found: list[tuple[cf.Record, str]] = []
        for record, body in view.file.of_type(cf.FollowUp):
            found.append((record, body.text or f"{performance.SAID_ON_CALL[body.performed]}。"))
        made = view.file.agreements.get(view.head.agreement_id)
        calls = performance.calls_made(view.file, made) if made is not None else []
        found += [(record, "没打通。") for record, call in calls if call.result == "unreached"]
        if not found:
            return None
        record, words = max(found, key=lambda pair: pair[0].at)
        person = self._desk.people.get(record.author)
        names = tuple(masking.names(view.file.parties.values()))
        return Said(record.at, person.name if person is not None else "", masking.redact(words, names))

    def _lines(self, conn: Connection, kind: str) -> tuple[CallLine, ...]:
        day, desk = self._desk.today(), self._desk
        rows = conn.execute(
            select(
                tasks.c.task_id, tasks.c.case_id, tasks.c.hard, tasks.c.body, cases.c.title, cases.c.parties,
                cases.c.dispute_kind,
            )
            .join(cases, cases.c.case_id == tasks.c.case_id)
            .where(tasks.c.kind == kind, casequery.ones_own(tasks.c.person_id, desk.person.person_id))
            .order_by(tasks.c.due_on, tasks.c.due_at, tasks.c.task_id)
            .limit(SHOWN)
        ).all()  # fmt: skip
        return tuple(
            CallLine(dayboard.task_row(row, day, desk.calendar), kind_name(row.dispute_kind)) for row in rows
        )

    def _done(self, conn: Connection) -> tuple[CallLine, ...]:
        """One's own cases that were called about, with nothing left to ask; the last call first.

        Looked for among all records of one's cases, so only where the tab is open.
        """
        record = cast(case_docs.c.body, Text)
        latest = func.max(func.json_extract(record, "$.at")).label("latest")
        kinds = [key for key, _ in KINDS]
        asked = select(tasks.c.task_id).where(tasks.c.case_id == cases.c.case_id, tasks.c.kind.in_(kinds))
        rows = conn.execute(
            select(cases.c.case_id, cases.c.title, cases.c.parties, cases.c.dispute_kind, latest)
            .join(case_docs, case_docs.c.case_id == cases.c.case_id)
            .where(
                casequery.ones_own(cases.c.mediator_id, self._desk.person.person_id),
                case_docs.c.entity == "record",
                case_docs.c.body.is_not(None),
                func.json_extract(record, "$.body.type") == "follow_up",
                ~asked.exists(),
            )
            .group_by(cases.c.case_id)
            .order_by(latest.desc(), cases.c.case_id)
            .limit(SHOWN)
        ).all()
        return tuple(_called(row, self._desk.today()) for row in rows)

    def _counts(self, conn: Connection) -> Mapping[str, int]:
        mine = casequery.ones_own(tasks.c.person_id, self._desk.person.person_id)
        kinds = [key for key, _ in KINDS]
        query = select(tasks.c.kind, func.count()).where(tasks.c.kind.in_(kinds), mine).group_by(tasks.c.kind)
        return {str(kind): int(many) for kind, many in conn.execute(query)}


def _called(row: Any, today: dt.date) -> CallLine:
    day = legal_day(from_text(row.latest))
    shown = TaskRow(
        task_id=f"{row.case_id}:{DONE}", case_id=row.case_id, kind=DONE, status="ok",
        tag=short_date(day, today), verb="", title=row.title,
        parties=dayboard.against(row.parties), reason="回访过，没有要跟进的", action="", due_on=None,
        due_at=None, hard=False, waiting_for="", page="follow_up", order=(0, "", ""),
    )  # fmt: skip
    return CallLine(shown, kind_name(row.dispute_kind))


def as_said(
    kept: str, satisfaction: str, warning: str, text: str, plan: tuple[Instalment, ...]
) -> cf.FollowUp:
    """What was chosen on the page as the record F08 has it.

    ``kept``: as_agreed, all, not_kept or regret. A regret warns of itself, unless the matter is urgent.
    """
    paid = any(one.state in ("performed", "partly") for one in plan)
    performed = {"as_agreed": "partly" if paid else "not_due", "all": "full"}.get(kept, "none")
    warned = warning if warning == "urgent" or kept != "regret" else "regret"
    return cf.FollowUp(
        performed=performed,  # type: ignore[arg-type]
        satisfaction=satisfaction,  # type: ignore[arg-type]
        warning=warned,  # type: ignore[arg-type]
        text=text.strip(),
    )


def headline(
    calls: tuple[CallLine, ...], payments: tuple[CallLine, ...], counts: Mapping[str, int], today: dt.date
) -> str:
    """今天给 2 户打电话。4 户待回访，1 笔付款 11月25日到期。"""
    due = sum(1 for one in calls if one.row.due_on is not None and one.row.due_on <= today)
    many = counts.get("follow_up", 0)
    first = f"今天给 {due} 户打电话。" if due else "今天没有要打的电话。"
    parts = [f"{many} 户待回访"] if many else []
    days = [one.row.due_on for one in payments if one.row.due_on is not None]
    if days and min(days) <= today + SOON:
        day = min(days)
        passed = "已过" if day < today else "到期"
        parts.append(f"{days.count(day)} 笔付款 {short_date(day, today)}{passed}")
    return first + ("，".join(parts) + "。" if parts else "")


def _marks(calls: tuple[CallLine, ...], payments: tuple[CallLine, ...]) -> Mapping[dt.date, Marks]:
    called = Counter(one.row.due_on for one in calls)
    paid = Counter(one.row.due_on for one in payments)
    days = {day for day in (*called, *paid) if day is not None}
    return {day: Marks(called[day], paid[day]) for day in days}

"""Lists of cases: filtered, sorted and paged in SQL, never in Python (100,000 rows must not stall)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    UnaryExpression,
    and_,
    case,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.sql import operators

from app.storage.tables import IS_OPEN, cases, filings, people, tasks

SOMEBODY = "同事"
"""Somebody whose name this computer does not know."""
NO_DUE = "9999"
"""Stands for no day, behind all others."""
MOST_BY_LIST = 2000
"""Hits of a search, or cases of a tab, up to this number are handed over as a list; more are looked up inside
the query."""
SORTABLE = {
    "label": "label",
    "title": "title",
    "dispute_kind": "dispute_kind",
    "parties": "parties",
    "next": "next_due",
    "source": "source",
    "updated": "updated_at",
    "sync": "sync",
    "number": "number",
    "received": "received_at",
    "accepted": "accepted_at",
}
"""Columns a list may be sorted by. Parties sort by their masked text, so that order leaks nothing."""

COLUMNS = tuple(c for c in cases.c if c.name not in ("body", "shadow"))


@dataclass(frozen=True)
class CaseQuery:
    """What a list shows. Empty fields do not filter."""

    tab: str = "all"
    """mine, open, week, signing, after, all."""
    text: str = ""
    sources: tuple[str, ...] = ()
    dispute_kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    accepted_from: str = ""
    accepted_to: str = ""
    sort: str = "next"
    descending: bool = False
    person_id: str = ""
    week_end: str = ""
    """ISO day up to which “本周到期” reaches."""


def _conditions(conn: Connection, query: CaseQuery, tab: tuple[Any, ...]) -> list[Any]:
    found: list[Any] = list(tab)
    if query.text.strip():
        from app.storage import search_text

        rids = search_text.search(conn, query.text, MOST_BY_LIST + 1)
        if len(rids) > MOST_BY_LIST:
            # A common word: none of its cases may be lost to a cut before the other conditions are looked at.
            found.append(cases.c.rid.in_(search_text.matching(query.text)))
        else:
            found.append(cases.c.rid.in_(rids) if rids else false())
    for column, values in (
        (cases.c.source, query.sources),
        (cases.c.dispute_kind, query.dispute_kinds),
        (cases.c.state, query.states),
        (cases.c.mediator_id, query.mediators),
    ):
        if values:
            found.append(column.in_(values))
    if query.accepted_from:
        found.append(cases.c.accepted_at >= query.accepted_from)
    if query.accepted_to:
        found.append(cases.c.accepted_at < query.accepted_to)
    return found


def _tab(query: CaseQuery) -> tuple[Any, ...]:
    match query.tab:
        case "mine":
            return (IS_OPEN, cases.c.mediator_id == query.person_id)
        case "open":
            return (IS_OPEN, cases.c.state != "closed")
        case "week":
            return (IS_OPEN, cases.c.next_due <= query.week_end)
        case "signing":
            return (cases.c.label == "signing",)
        case "after":
            return (cases.c.state == "closed", IS_OPEN)
    return ()


def _sorted_tab(conn: Connection, query: CaseQuery) -> tuple[Any, ...]:
    """The tab's conditions for a page in any order.

    Where few cases are of the tab, walking all open cases in the wanted order would look at each of them to
    find those few; where many are, sorting them all would. SQLite keeps no count to choose by.
    """
    match query.tab:
        case "mine":
            wide: tuple[Any, ...] = (IS_OPEN, unindexed(cases.c.mediator_id) == query.person_id)
        case "week":
            wide = (IS_OPEN, unindexed(cases.c.next_due) <= query.week_end)
        case "after":
            wide = (IS_OPEN, unindexed(cases.c.state) == "closed")
        case _:
            return _tab(query)
    rids = list(conn.execute(select(cases.c.rid).where(*_tab(query)).limit(MOST_BY_LIST + 1)).scalars())
    return wide if len(rids) > MOST_BY_LIST else (cases.c.rid.in_(rids),)


def unindexed(column: Column[str]) -> ColumnElement[str]:
    """``column``, in a condition that no index is to be chosen for (SQLite's unary plus)."""
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def page(conn: Connection, query: CaseQuery, offset: int, limit: int) -> list[Any]:
    """One page of list rows."""
    column = cases.c[SORTABLE[query.sort]]
    order = (column.desc(), cases.c.rid.desc()) if query.descending else (column, cases.c.rid)
    # The order is found among the narrow index entries; only the page's own rows are read whole.
    conditions = _conditions(conn, query, _sorted_tab(conn, query))
    found = select(cases.c.rid).where(*conditions).order_by(*order)
    rids = list(conn.execute(found.limit(limit).offset(offset)).scalars())
    rows = conn.execute(select(*COLUMNS).where(cases.c.rid.in_(rids)))
    by_rid = {row.rid: row for row in rows}
    return [by_rid[rid] for rid in rids]


NUMBERS_LOOKED_AT = 200
"""So many of the newest cases that hold a figure are looked through for those whose number ends in it."""


def newest_matching(conn: Connection, text: str, limit: int) -> list[Any]:
    """The newest cases that match, without walking all matches of a common word.

    Of figures those come first whose case or 办件 number ends in them: people say a case by its last four.
    """
    from app.storage import search_text

    tail, order = text.strip(), [cases.c.rid.desc()]
    if by_number := tail.isascii() and tail.isdigit():
        ends = or_(
            func.rtrim(cases.c.number, "号 ").endswith(tail, autoescape=True),
            cases.c.intake_no.endswith(tail, autoescape=True),
        )
        order.insert(0, ends.desc())
    rids = search_text.search(conn, text, NUMBERS_LOOKED_AT if by_number else limit)
    statement = select(*COLUMNS).where(cases.c.rid.in_(rids)).order_by(*order).limit(limit)
    return list(conn.execute(statement).all())


def count(conn: Connection, query: CaseQuery) -> int:
    """How many cases the list has."""
    conditions = _conditions(conn, query, _tab(query))
    return int(conn.execute(select(func.count()).select_from(cases).where(*conditions)).scalar_one())


def bucket(conn: Connection, name: str, limit: int = 500) -> list[Any]:
    """Incoming 办件 of one bucket: the most urgent first, of those refused the one that came last."""
    latest = (cases.c.received_at.desc(), cases.c.rid.desc())
    order = latest if name == "refused" else (cases.c.next_due, cases.c.rid)
    statement = select(*COLUMNS).where(cases.c.bucket == name).order_by(*order).limit(limit)
    return list(conn.execute(statement).all())


def ones_own(column: Column[str], person_id: str) -> ColumnElement[bool]:
    """What is in a person's hands, or in nobody's yet: no colleague's day is anybody else's."""
    return column.in_(("", person_id))


_AT_THE_COURT = ("confirm", "supplement", "await_court")
_LEFT_HERE = and_(
    tasks.c.kind.in_(_AT_THE_COURT),
    tasks.c.case_id.in_(
        select(filings.c.case_id)
        .join(cases, cases.c.case_id == filings.c.case_id)
        .where(
            filings.c.job.in_(("waiting", "in_flight", "unknown")),
            filings.c.author != cases.c.mediator_id,
        )
    ),
)
"""What is asked of a court from this computer, of a case in other hands than his who asked: nobody else can
send it, and whoever has the case sees nothing of it."""


def due_tasks(conn: Connection, until: str, person_id: str, limit: int = 500) -> list[Any]:
    """One's own tasks due up to a day (ISO), and those waiting for others, with title and parties; and of
    cases in other hands (``elsewhere``: whose) what only this computer can send."""
    own = ones_own(tasks.c.person_id, person_id)
    statement = (
        select(
            tasks.c.task_id, tasks.c.case_id, tasks.c.kind, tasks.c.due_on, tasks.c.due_at, tasks.c.waiting,
            tasks.c.hard, tasks.c.body, cases.c.title, cases.c.parties, cases.c.label,
            case((own, ""), else_=func.coalesce(people.c.name, SOMEBODY)).label("elsewhere"),
        )
        .join(cases, cases.c.case_id == tasks.c.case_id)
        .outerjoin(people, people.c.person_id == tasks.c.person_id)
        .where(or_(own, _LEFT_HERE))
        .where(or_(tasks.c.waiting == 1, tasks.c.due_on <= until, tasks.c.due_on == NO_DUE))
        .order_by(tasks.c.waiting, tasks.c.due_on, tasks.c.due_at)
        .limit(limit)
    )  # fmt: skip
    return list(conn.execute(statement).all())

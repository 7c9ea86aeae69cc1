"""What the command box finds: cases, things to do, agreements; masked.

By words, numbers, the tail of a telephone, or pinyin initials.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.services.dayboard import SOON_DAYS, TaskRow, task_row
from app.services.desk import Desk
from app.storage import casequery
from app.storage.tables import cases as table

TASKS_LOOKED_AT = 200
AGREEMENTS = 4
PAPER, LODGE = "调解协议书", "提交司法确认"
WHY_NOT = {"signing": "协议还没有生效", "oral": "口头协议按机构设定不申请司法确认"}
"""By the group of an agreement, why it cannot be filed."""


@dataclass(frozen=True)
class Found:
    """One case found. ``why`` says by what, without showing it."""

    case_id: str
    title: str
    detail: str
    label: str


@dataclass(frozen=True)
class FoundPaper:
    """One agreement. ``why_not`` says why it cannot be filed yet; empty when it can or was."""

    case_id: str
    title: str
    note: str
    why_not: str


def matches(text: str, words: str) -> bool:
    """Whether ``words`` hold what was typed, as written or as initials of their pinyin in a row."""
    wanted = text.strip().lower()
    if not wanted or wanted in words.lower():
        return True
    if not (wanted.isascii() and wanted.isalpha()):
        return False
    from app.storage.search_text import initials

    letters = [initials(char) for char in words]
    starts = range(len(letters) - len(wanted) + 1)
    return any(all(one in letters[start + i] for i, one in enumerate(wanted)) for start in starts)


class Palette:
    """Search as one types."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def find(self, text: str, limit: int = 4) -> tuple[Found, ...]:
        """The newest cases that match; empty text gives the last five touched."""
        self._desk.require_cases()
        if not text.strip():
            statement = select(*casequery.COLUMNS).order_by(table.c.updated_at.desc()).limit(5)
            rows = self._desk.store.read(lambda conn: list(conn.execute(statement).all()))
        else:
            self._desk.require("search")
            rows = self._desk.store.read(lambda conn: casequery.newest_matching(conn, text, limit))
        return tuple(
            Found(r.case_id, r.title, f"{r.parties}　{r.next_text}".strip("　"), r.label) for r in rows
        )

    def tasks(self, text: str, limit: int = 4) -> tuple[TaskRow, ...]:
        """Things to do in the next days whose verb or button matches, the most urgent first."""
        self._desk.require_cases()
        if not text.strip():
            return ()
        desk = self._desk
        day = desk.today()
        until = (day + dt.timedelta(days=SOON_DAYS)).isoformat()

        def work(conn: Connection) -> list[TaskRow]:
            found = casequery.due_tasks(conn, until, desk.person.person_id, TASKS_LOOKED_AT)
            return [task_row(row, day, desk.calendar) for row in found]

        hits = [row for row in desk.store.read(work) if matches(text, row.verb) or matches(text, row.action)]
        return tuple(sorted(hits, key=lambda row: row.order)[:limit])

    def papers(self, text: str) -> tuple[FoundPaper, ...]:
        """The newest agreements, when their paper or their filing is what was typed."""
        self._desk.require_cases()
        if not text.strip() or not (matches(text, PAPER) or matches(text, LODGE)):
            return ()
        from app.services.agreement_list import AgreementList

        lines = AgreementList(self._desk).newest(AGREEMENTS)
        return tuple(
            FoundPaper(one.case_id, one.title, one.note, WHY_NOT.get(one.group, "")) for one in lines
        )

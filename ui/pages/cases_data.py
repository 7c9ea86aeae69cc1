"""What 案件 shows: columns, cells and counts, worded on the read lane."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.clock import SHANGHAI, from_text, shanghai, to_text
from app.domain import tasks
from app.domain.taxonomy import kind_name
from app.services.cases import CaseRow
from app.services.exporting import SOURCES
from app.storage.casequery import CaseQuery
from ui import labels
from ui.models.paged import Cell, Column, Row

if TYPE_CHECKING:
    from app.services.desk import Desk
    from app.services.office import Office

TABS = (
    ("mine", "我要办的"), ("open", "在办"), ("week", "本周到期"), ("signing", "待签署"),
    ("after", "履行与回访"), ("all", "本机构全部"),
)  # fmt: skip
COLUMNS = (
    Column("label", "状态", 136),
    Column("title", "案件简称", 150, stretch=True, link=True),
    Column("dispute_kind", "纠纷类型", 126),
    Column("parties", "当事人", 180),
    Column("next", "下一步与期限", 264),
    Column("source", "来源", 88),
    Column("updated", "更新", 76),
    Column("sync", "同步", 104),
    Column("number", "案号", 210),
    Column("received", "收到", 90),
)
HIDDEN_AT_FIRST = {"number": 0, "received": 0}
_NEXT_ICONS = {
    "overdue": "octagon-alert", "dueToday": "alarm-clock", "dueSoon": "clock", "info": "messages-square",
    "waiting": "hourglass", "neutral": "calendar-days", "ok": "calendar-days",
}  # fmt: skip
_SYNC = {"queued": "queued", "failed": "failed", "conflict": "conflict", "delivered": "delivered"}
PERIODS = (("today", "今天受理"), ("week", "本周受理"), ("month", "本月受理"), ("year", "今年受理"))


@dataclass(frozen=True)
class Filters:
    """What narrows the list. Dates are days of acceptance, ``until`` included."""

    text: str = ""
    sources: tuple[str, ...] = ()
    dispute_kinds: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def __bool__(self) -> bool:
        return self != Filters()

    def as_json(self) -> dict[str, Any]:
        """To be kept as a view."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def filters_from(values: Mapping[str, Any]) -> Filters:
    """Filters of a kept view; what is unknown is left out."""

    def many(name: str) -> tuple[str, ...]:
        return tuple(str(v) for v in values.get(name, ()))

    def one(name: str) -> str:
        return str(values.get(name, ""))

    return Filters(
        one("text"), many("sources"), many("dispute_kinds"), many("mediators"), many("states"), one("since"),
        one("until"),
    )  # fmt: skip


def query_for(office: Office, tab: str, filters: Filters, sort: str, *, ascending: bool) -> CaseQuery:
    """The database query."""
    return office.cases.query(
        tab,
        text=filters.text,
        sources=filters.sources,
        dispute_kinds=filters.dispute_kinds,
        mediators=filters.mediators,
        states=filters.states,
        accepted_from=_midnight(filters.since),
        accepted_to=_midnight(filters.until, after=1),
        sort=sort or "next",
        descending=not ascending,
    )


def _midnight(day: str, after: int = 0) -> str:
    if not day:
        return ""
    start = dt.date.fromisoformat(day) + dt.timedelta(days=after)
    return to_text(dt.datetime.combine(start, dt.time(), SHANGHAI))


def period(name: str, today: dt.date) -> tuple[str, str]:
    """First and last day of a period up to today."""
    first = {
        "today": today,
        "week": today - dt.timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[name]
    return first.isoformat(), today.isoformat()


def row_of(row: CaseRow, desk: Desk) -> Row:
    """One row, ready to paint."""
    tag = labels.standing(row.label)
    due = "" if row.next_due == "9999" else row.next_due
    step = tasks.next_words(row.next_kind, row.next_text, due, desk.today(), desk.calendar)
    sync = labels.sync_state(_SYNC.get(row.sync, "localOnly"))
    return Row(
        row.case_id,
        (
            Cell(tag.text, status=tag.status, icon=tag.icon, boxed=True),
            Cell(row.title, bold=True),
            Cell(kind_name(row.dispute_kind), tone="textSecondary"),
            Cell(row.parties),
            Cell(
                step.text, status=step.status if step.text else "", icon=_NEXT_ICONS.get(step.status, "clock")
            ),
            Cell(SOURCES.get(row.source, row.source), tone="textSecondary"),
            Cell(_when(row.updated_at, desk.today()), tone="textSecondary"),
            Cell("两处不同" if row.sync == "conflict" else sync.text, status=sync.status, icon=sync.icon),
            Cell(row.number or row.intake_no, tone="textSecondary"),
            Cell(_when(row.received_at, desk.today()), tone="textSecondary"),
        ),
    )


def _when(text: str, today: dt.date) -> str:
    if not text:
        return ""
    at = shanghai(from_text(text))
    if at.date() == today:
        return f"{at:%H:%M}"
    # Of another year the month is enough: the day is in the case, and the column holds it whole.
    return f"{at:%m-%d}" if at.year == today.year else f"{at:%Y-%m}"


@dataclass(frozen=True)
class Counts:
    """Numbers on the tabs and in the subtitle."""

    tabs: Mapping[str, int]
    due_today: int

    @property
    def subtitle(self) -> str:
        """One sentence that answers."""
        after = f"，办结后还有事的 {self.tabs['after']} 件" if self.tabs["after"] else ""
        due = f"；{self.due_today} 件今天有期限" if self.due_today else "；今天没有到期的"
        return f"在办 {self.tabs['open']:,} 件{after}{due}。"


def read_counts(office: Office) -> Counts:
    """Counted in the database."""
    cases = office.cases
    today = replace(cases.query("week"), week_end=f"{office.desk.today().isoformat()}T99")
    return Counts(tabs={key: cases.count(cases.query(key)) for key, _ in TABS}, due_today=cases.count(today))


def found_otherwise(office: Office, query: CaseQuery, total: int) -> int:
    """How many of the first rows match by something that does not show: a name, a telephone."""
    text = query.text.strip().lower()
    if not text or not total:
        return 0
    rows = office.cases.page(query, 0, 100)
    return sum(not shows(text, row) for row in rows)


def shows(text: str, row: CaseRow) -> bool:
    """Whether what was typed stands in the row itself, as words or as pinyin initials of its title."""
    if any(
        text in part.lower() for part in (row.title, row.number, row.intake_no, kind_name(row.dispute_kind))
    ):
        return True
    if not text.isascii() or not text.isalpha():
        return False
    from app.storage.search_text import initials

    letters: Sequence[str] = [initials(char) for char in row.title]
    spread = range(len(letters) - len(text) + 1)
    return any(all(c in letters[i + j] for j, c in enumerate(text)) for i in spread)

"""What 交接 shows: who hands over, who may take over, and a row for each open case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.roles import LABELS
from ui import labels
from ui.models.paged import Cell, Column, Row

if TYPE_CHECKING:
    from app.services.desk import Person
    from app.services.handover import Holder
    from app.services.handover_book import Book, Entry
    from app.services.office import Office

COLUMNS = (
    Column("tick", "交不交", 108, sortable=False),
    Column("title", "案件简称", 132, sortable=False, stretch=True),
    Column("state", "状态", 88, sortable=False),
    Column("next", "下一步与期限", 268, sortable=False),
    Column("unsent", "本机没发出", 130, sortable=False),
)
TICK = 0


@dataclass(frozen=True)
class Loaded:
    """One reading of the page. ``holders`` are those whose cases the person may hand over."""

    holders: tuple[Holder, ...]
    takers: tuple[Person, ...]
    book: Book
    last: Book | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The open cases of whoever hands over."""
        return self.book.entries


def read(office: Office, asked: str) -> Loaded:
    """Read on the read lane. ``asked`` is whose cases; oneself, else the first, when that person has none."""
    service, me = office.handover, office.desk.person.person_id
    holders = service.holders()
    known = [one.person_id for one in holders]
    person = asked if asked in known else (known[0] if known else me)
    book = service.book(person, "", service.open_cases(person))
    return Loaded(holders, service.takers(person), book, service.last())


def holder_words(holder: Holder) -> str:
    """周敏芳（12 件）."""
    return f"{holder.name}（{holder.cases} 件）"


def taker_words(person: Person) -> str:
    """何静（负责人）."""
    return f"{person.name}（{LABELS.get(person.role, '')}）"


def row_of(entry: Entry, left_out: Collection[str]) -> Row:
    """One row, ready to paint."""
    waits = labels.sync_state("queued")
    unsent = entry.unsent.words
    return Row(
        entry.case_id,
        (
            tick_cell(entry, left_out),
            Cell(entry.title, bold=True),
            Cell(entry.state, tone="textSecondary"),
            Cell(entry.next_step, status=entry.next_status if entry.next_step else "", icon="calendar-days"),
            Cell(unsent or "都发出了", status=waits.status, icon=waits.icon)
            if unsent
            else Cell("都发出了", tone="textSecondary"),
        ),
    )


SAFER = "先联网发出再交接更稳妥。"


def due_words(ticked: Sequence[Entry]) -> str:
    """That what only this computer can send is due today or past its day, and what to do; else empty."""
    due = sum(one.held_due for one in ticked)
    if not due:
        return ""
    return (
        f"其中 {due} 件的申请或补交的材料还没到平台，今天到期或已经过期：今天就从这台电脑联网发出，"
        "或者用离线交换包拿去交。接手的人那边发不了。"
    )


def warning_of(held: Sequence[Entry], ticked: Sequence[Entry], *, online: bool) -> tuple[str, str]:
    """Headline and text of what is not at the platform yet; empty where all of it is, of all ``held``."""
    title, text = _warning(ticked, online=online)
    if title or not any(one.unsent.to_send or one.unsent.refused for one in held):
        return title, text
    return "勾上的都发出了", "没勾上的还有没发出的，留在原来的人手上。"


def _warning(ticked: Sequence[Entry], *, online: bool) -> tuple[str, str]:
    waits = sum(one.unsent.to_send for one in ticked)
    held = sum(bool(one.unsent.to_send) for one in ticked)
    refused = sum(one.unsent.refused for one in ticked)
    stays = "到同步中心看原因；交接以后也还在这台电脑上。"
    if not waits:
        return (f"勾上的有 {refused} 项平台没有收下", stays) if refused else ("", "")
    after = "" if online else "现在没有网络；不等也行，联网后本机会接着发。"
    more = f"另有 {refused} 项平台没有收下，{stays}" if refused else ""
    return f"勾上的有 {held} 件、{waits} 项内容还没发出", f"{due_words(ticked)}{SAFER}{after}{more}"


def effects_of(ticked: Sequence[Entry], taker: str, when: str) -> tuple[str, ...]:
    """What handing over does, in sentences."""
    waits = sum(one.unsent.to_send for one in ticked)
    refused = sum(one.unsent.refused for one in ticked)
    return (
        f"{len(ticked)} 件案件的承办调解员将改为{taker}，{when}。",
        *((f"还有 {waits} 项内容没发出，{SAFER}",) if waits else ()),
        *filter(None, (due_words(ticked),)),
        *((f"有 {refused} 项平台没有收下，留在这台电脑的同步中心里，不交过去。",) if refused else ()),
        "草稿和单独谈留在写的人这里，不交过去。",
        "接着打印交接册，双方签名。",
    )


def tick_cell(entry: Entry, left_out: Collection[str]) -> Cell:
    """Whether the case goes along."""
    if entry.blocked:
        return Cell("先选定", status="dueToday", icon="git-compare-arrows")
    if entry.case_id in left_out:
        return Cell("不交", status="neutral", icon="square")
    return Cell("交接", status="ok", icon="square-check")


def details(entry: Entry) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the side panel tells of a case: headings with their lines; empty ones are left out."""
    found = (
        ("下一步", (entry.next_step,)),
        ("期限", entry.deadlines),
        ("约好的", entry.appointments),
        ("要留意", (*((entry.blocked,) if entry.blocked else ()), *entry.notes)),
        ("纸质原件", (*entry.originals, *entry.unscanned)),
    )
    return tuple((title, lines) for title, lines in found if any(lines))

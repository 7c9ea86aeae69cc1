"""交接册: what whoever takes over open cases has to know of each; free of the parties' personal data.

Read from this computer alone: what is unsent here may be unknown to everybody else.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app.clock import from_text, shanghai, to_text
from app.domain import casefile as cf
from app.domain import deadlines, masking, tasks
from app.domain.agreement import effectiveness_of
from app.domain.filing import confirmation_clock
from app.domain.filings_of import active_filing, came_late, leaving, unsent
from app.domain.plan import LABELS, CasePlan, plan
from app.domain.reducer import CaseFile
from app.domain.workdays import WEEKDAYS, short_date
from app.services import backlog, conflict_views
from app.services.case_clock import TITLES, deadlines_of
from app.services.dayboard import APPROVAL, SHARED
from app.services.desk import Desk
from app.storage import casestore
from app.storage.tables import appointments, conflicts, drafts, filings, outbox, sealed_notes, uploads

MEDIATOR = "mediator_id"
AGREEMENT_PAPER = "已签的调解协议书"
_SCANNED = frozenset({"scan", "paper", "photo"})


@dataclass(frozen=True)
class Unsent:
    """What of a case waits on this computer: numbers of each kind."""

    commands: int = 0
    files: int = 0
    filings: int = 0
    refused: int = 0
    """What the platform did not accept, of all kinds; an exchange takes none of it along."""
    drafts: int = 0
    """What the person has begun to type; it stays with them and is never sent."""

    @property
    def to_send(self) -> int:
        """What an exchange with the platform would take along."""
        return self.commands + self.files + self.filings

    @property
    def words(self) -> str:
        """记录 2 项，文件 1 个; empty when there is nothing."""
        parts = (
            (self.commands, "记录 {} 项"), (self.files, "文件 {} 个"), (self.filings, "申请 {} 件"),
            (self.refused, "没收下 {} 项"), (self.drafts, "草稿 {} 份"),
        )  # fmt: skip
        return "，".join(text.format(number) for number, text in parts if number)


@dataclass(frozen=True)
class Entry:
    """One case of the book. All words may be printed and shown to anybody in the institution."""

    case_id: str
    number: str
    title: str
    state: str
    next_status: str
    next_step: str
    deadlines: tuple[str, ...]
    unsent: Unsent
    conflicts: tuple[str, ...]
    """Names of the fields with two values that nobody has chosen between."""
    proposed_refusal: bool
    late: str
    """What came to the court past its day: 晚了 3 天才提交; empty where nothing did."""
    originals: tuple[str, ...]
    """What lies on paper in the person's hands."""
    unscanned: tuple[str, ...]
    """What must lie on paper and has no picture here."""
    appointments: tuple[str, ...]
    caucus: int
    """How many 单独谈 its author leaves behind, told to the author alone; their words go to nobody."""
    held: str = ""
    """What of an application lies on this computer alone, and until when it is to be out: whoever takes the
    case over cannot send it. Empty where nothing does."""
    held_due: bool = False
    """Whether that day is today or past."""
    next_dated: str = ""
    """The next step with its day, in words that hold on any day: for the paper that is kept."""
    blocked: str = ""
    """Why this case cannot be handed over now, in words; empty when it can."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What to heed before handing over, in short sentences."""
        found = []
        if self.unsent.words:
            found.append(f"本机没发出：{self.unsent.words}")
        if self.held:
            found.append(self.held)
        if self.conflicts:
            found.append(f"两处写法不同：{'、'.join(self.conflicts)}")
        if self.proposed_refusal:
            found.append("不予受理在等负责人批准，只在这台电脑上")
        if self.late:
            found.append(f"司法确认{self.late}，收不收由法院定")
        if self.unscanned:
            found.append(f"没有扫描件：{'、'.join(self.unscanned)}")
        if self.caucus:
            found.append(f"单独谈 {self.caucus} 条，只有写的人能看，不交接")
        return tuple(found)


@dataclass(frozen=True)
class Book:
    """The book of one hand-over. ``at`` is an ISO instant (UTC)."""

    from_id: str
    from_name: str
    to_id: str
    to_name: str
    at: str
    entries: tuple[Entry, ...]

    @property
    def to_send(self) -> int:
        """How much of all cases waits to be sent."""
        return sum(entry.unsent.to_send for entry in self.entries)


def entries(conn: Connection, desk: Desk, person_id: str, case_ids: Iterable[str]) -> tuple[Entry, ...]:
    """Entries of those cases that are here, open and in ``person_id``'s hands, in the order given."""
    wanted = list(case_ids)
    files = casestore.load_many(conn, wanted)
    facts = _Facts(conn, desk, person_id, wanted)
    found = []
    for case_id in wanted:
        file = files.get(case_id)
        if file is None or file.head.mediator_id != person_id:
            continue
        todo = plan(file, desk.rules_for(file.head), desk.calendar, desk.today())
        if todo.is_open:
            found.append(facts.entry(file, todo))
    return tuple(found)


class _Facts:
    """What the tables besides the documents say of some cases, read in one query each."""

    def __init__(self, conn: Connection, desk: Desk, person_id: str, case_ids: list[str]) -> None:
        self._conn, self._desk, self._ids, self._person = conn, desk, case_ids, person_id
        self._commands = self._count(outbox, backlog.COMMAND_QUEUED)
        self._files = self._count(uploads, backlog.UPLOAD_QUEUED)
        self._filings = self._count(filings, backlog.FILING_QUEUED)
        self._refused = Counter(self._count(outbox, backlog.COMMAND_FAILED))
        self._refused.update(self._count(uploads, backlog.UPLOAD_FAILED))
        self._refused.update(self._count(filings, backlog.FILING_FAILED))
        self._drafts = self._count(drafts, drafts.c.person_id == person_id, key=drafts.c.subject)
        approval = and_(drafts.c.person_id == SHARED, drafts.c.kind == APPROVAL)
        self._proposed = self._count(drafts, approval, key=drafts.c.subject)
        # Of another author's notes not even the number is told.
        own = sealed_notes.c.author == person_id if person_id == desk.person.person_id else None
        self._caucus = self._count(sealed_notes, own) if own is not None else {}
        self._conflicts = self._rows(conflicts, backlog.ASKED)
        later = appointments.c.starts_at >= to_text(desk.clock.now())
        self._appointments = self._rows(appointments, and_(appointments.c.person_id == person_id, later))

    def _count(self, table: Any, where: Any, key: Any = None) -> Mapping[str, int]:
        column = table.c.case_id if key is None else key
        query = select(column, func.count()).where(where, column.in_(self._ids)).group_by(column)
        return {row[0]: row[1] for row in self._conn.execute(query)}

    def _rows(self, table: Any, where: Any) -> Mapping[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for row in self._conn.execute(select(table).where(where, table.c.case_id.in_(self._ids))):
            found.setdefault(row.case_id, []).append(row)
        return found

    def entry(self, file: CaseFile, todo: CasePlan) -> Entry:
        """The entry of one case."""
        head, desk = file.head, self._desk
        case_id = head.case_id
        step = tasks.next_words(todo.next_kind, todo.next_text, todo.next_due, desk.today(), desk.calendar)
        disputed = self._conflicts.get(case_id, [])
        return Entry(
            case_id=case_id,
            number=head.number or head.intake_no,
            title=masking.shown_title(head.title, tuple(file.parties.values())),
            state=LABELS[todo.label],
            next_status=step.status,
            next_step=step.text,
            deadlines=tuple(self._deadlines(file)),
            unsent=Unsent(
                commands=self._commands.get(case_id, 0),
                files=self._files.get(case_id, 0),
                filings=self._filings.get(case_id, 0),
                refused=self._refused[case_id],
                drafts=self._drafts.get(case_id, 0),
            ),
            conflicts=tuple(dict.fromkeys(self._field(file, row) for row in disputed)),
            proposed_refusal=case_id in self._proposed,
            late=_late(file, desk),
            originals=_originals(file),
            unscanned=_unscanned(file),
            appointments=self._dates(file),
            caucus=self._caucus.get(case_id, 0),
            next_dated=_dated(todo, desk.today()),
            **_held(file, todo, desk.today()),
            blocked=_blocked(disputed),
        )

    def _deadlines(self, file: CaseFile) -> Iterable[str]:
        desk, today = self._desk, self._desk.today()
        for due, over in deadlines_of(file, desk):
            if not over:
                left = "计时已停" if due.paused else deadlines.remaining(due, today, desk.calendar).text
                day = f"{short_date(due.due_on, today)}（{WEEKDAYS[due.due_on.weekday()]}）"
                yield f"{TITLES[due.kind]} {day}，{left}{'，暂估' if due.provisional else ''}"

    def _field(self, file: CaseFile, row: Any) -> str:
        party = file.parties.get(row.doc_id) if row.entity == "party" else None
        return conflict_views.named(self._conn, row, party.side if party else "")

    def _dates(self, file: CaseFile) -> tuple[str, ...]:
        parties = tuple(file.parties.values())
        found = []
        if file.head.next_session_at is not None and file.head.next_session_at >= self._desk.clock.now():
            place = file.head.next_session_place
            found.append((to_text(file.head.next_session_at), f"调解{f'，{place}' if place else ''}"))
        for row in self._appointments.get(file.head.case_id, []):
            found.append((row.starts_at, masking.shown_title(row.title, parties)))
        return tuple(f"{_moment(at)} {what}" for at, what in sorted(found))


def _held(file: CaseFile, todo: CasePlan, today: dt.date) -> dict[str, Any]:
    filing = active_filing(file)
    wish = file.unsent.get(filing.submission_id) if filing is not None and leaving(file, filing) else None
    if wish is not None:
        said = wish.said if wish.stand in ("packed", "doubt") else "在本机等着发出"
        return {"held": f"撤回申请{said}，只能从这台电脑交"}
    held = unsent(file, filing)
    if held is None or held.stand == "back":
        return {}
    task = next((one for one in todo.tasks if one.kind in ("confirm", "supplement")), None)
    due = task.due_on if task is not None else None
    what = "补交的材料" if held.wanted == "supplement" else "司法确认申请"
    until = f"，期限 {short_date(due, today)}（含当天）" if due is not None else ""
    words = f"{what}{held.said}{until}，只能从这台电脑交"
    return {"held": words, "held_due": due is not None and due <= today}


def _late(file: CaseFile, desk: Desk) -> str:
    effect = effectiveness_of(file) if file.head.agreement_id in file.agreements else None
    if effect is None:
        return ""
    clock = confirmation_clock(effect, desk.calendar, desk.rules_for(file.head))
    return came_late(active_filing(file), clock)


def _dated(todo: CasePlan, today: dt.date) -> str:
    if not todo.next_due:
        return todo.next_text
    day, _, clock = todo.next_due.partition("T")
    due = dt.date.fromisoformat(day)
    at = f" {clock}" if clock else ""
    return f"{todo.next_text}，{short_date(due, today)}（{WEEKDAYS[due.weekday()]}）{at}"


def _moment(text: str) -> str:
    at = shanghai(from_text(text))
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def _blocked(disputed: list[Any]) -> str:
    """A third name for a field that has two already would leave nobody sure whose case it is."""
    if any(row.entity == "case" and row.field == MEDIATOR for row in disputed):
        return "承办人有两处写法还没选定，先到同步中心选定，再交接"
    return ""


def _originals(file: CaseFile) -> tuple[str, ...]:
    parties = tuple(file.parties.values())
    held = sorted(
        (one for one in file.attachments.values() if one.original == "original"),
        key=lambda one: (one.added_at, one.attachment_id),
    )
    return tuple(
        masking.shown_title(one.title or one.name, parties) + (f"，{one.pages} 页" if one.pages else "")
        for one in held
    )


def _unscanned(file: CaseFile) -> tuple[str, ...]:
    """A written agreement that somebody signed is on paper, and is what everything later hangs on."""
    made = file.agreements.get(file.head.agreement_id)
    if made is None or made.form != "written":
        return ()
    signed = any(
        sign.agreement_id == made.agreement_id and sign.method != "esign"
        for _, sign in file.of_type(cf.Signature)
    )
    scanned = any(one.material == "agreement" and one.role in _SCANNED for one in file.attachments.values())
    return (AGREEMENT_PAPER,) if signed and not scanned else ()

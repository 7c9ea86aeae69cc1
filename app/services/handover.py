"""交接: a person's open cases go into a colleague's hands, and the book that both sign.

Each case is a write of its own: the ``case.edit`` that changes its mediator. What somebody else changed
meanwhile at the platform is a conflict like any other. The book of the last hand-over is kept, for a paper
that jams in the printer could not be read anew: the cases are in other hands then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from app.clock import from_text, to_text
from app.domain import commands as cmd
from app.domain import reducer, roles
from app.domain.entries import HANDED_OVER, Note
from app.domain.errors import EnvironmentFault, FieldError, NotFoundError, StateError, UserError
from app.services import casework, enrolment, handover_book
from app.services.casework import Casework
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk, Person
from app.services.handover_book import MEDIATOR, Book, Entry
from app.storage import kv
from app.storage.tables import IS_OPEN, cases

OWN, ANYBODYS = "case.hand_over", "case.hand_over_all"
_LAST = "handover.last:"
SIGNED_BOOK = "案件交接册（双方已签）"
"""Title of its scan among the files of each case."""


@dataclass(frozen=True)
class Holder:
    """Somebody with open cases on this computer."""

    person_id: str
    name: str
    cases: int


@dataclass(frozen=True)
class Refused:
    """A case that was not handed over, and why."""

    case_id: str
    title: str
    reason: str


@dataclass(frozen=True)
class HandedOver:
    """What a hand-over did. ``book`` holds the cases that changed hands, as they stood then."""

    book: Book
    refused: tuple[Refused, ...]


class Handover:
    """Reads books, hands cases over, prints the book."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def holders(self) -> tuple[Holder, ...]:
        """Whose cases the person may hand over: one's own, for the head everybody's; oneself first."""
        self._desk.require(OWN)
        me = self._desk.person.person_id
        query = (
            select(cases.c.mediator_id, func.count())
            .where(IS_OPEN, cases.c.mediator_id != "")
            .group_by(cases.c.mediator_id)
        )
        if not self._may_all():
            query = query.where(cases.c.mediator_id == me)
        rows = self._desk.store.read(lambda conn: conn.execute(query).all())
        found = [Holder(row[0], self._desk.name_of(row[0]), row[1]) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.person_id != me, one.name)))

    def takers(self, from_person: str) -> tuple[Person, ...]:
        """Who may take cases over: colleagues at work whose role handles cases, by name."""
        self._desk.require(OWN)
        found = (
            person
            for person in self._people().values()
            if person.active and person.person_id != from_person and roles.may(person.role, OWN)
        )
        return tuple(sorted(found, key=lambda person: person.name))

    def _people(self) -> Mapping[str, Person]:
        """As the store has them: a run may have brought news since the desk was made."""
        return {**self._desk.people, **self._desk.store.read(enrolment.load_people)}

    def open_cases(self, person_id: str) -> tuple[str, ...]:
        """The open cases of a person, the most urgent first."""
        self._require(person_id)
        query = (
            select(cases.c.case_id)
            .where(IS_OPEN, cases.c.mediator_id == person_id)
            .order_by(cases.c.next_due, cases.c.rid)
        )
        return self._desk.store.read(lambda conn: tuple(conn.execute(query).scalars()))

    def book(self, from_person: str, to_person: str, case_ids: tuple[str, ...]) -> Book:
        """The book of these cases as they stand now; those not in ``from_person``'s hands are left out.

        ``to_person`` may be empty while nobody is chosen. Raises ``NotPermittedError``.
        """
        self._require(from_person)
        desk = self._desk
        found = desk.store.read(lambda conn: handover_book.entries(conn, desk, from_person, case_ids))
        return self._book(from_person, to_person, found)

    def hand_over(self, from_person: str, to_person: str, case_ids: tuple[str, ...]) -> Written[HandedOver]:
        """Give the cases to a colleague, each in a transaction of its own; sent at once, being confirmed.

        A case that is no longer in these hands, not open, or whose mediator is disputed stays and is told
        with its reason. When the computer fails half way, what was handed over stays handed over and the
        rest is told; only a failure at the very first is raised.

        Raises :class:`FieldError` when nobody able is chosen or no case is, and ``NotPermittedError``.
        """
        self._require(from_person)
        if not any(one.person_id == to_person for one in self.takers(from_person)):
            raise FieldError("to_person", "选一位能接手办案的同事，再交接。", code="E-TAKER")
        if not case_ids:
            raise FieldError("case_ids", "先勾上要交的案件，再交接。", code="E-NO-CASES")
        book = self._book(from_person, to_person, ())
        changes, refused = ChangeSet(), list[Refused]()
        for number, case_id in enumerate(case_ids):
            try:
                written = self._one(book, case_id)
            except UserError as error:
                refused.append(Refused(case_id, self._title(case_id), error.message))
                continue
            except EnvironmentFault as fault:
                if not book.entries:
                    raise
                rest = case_ids[number:]
                refused += [Refused(one, self._title(one), fault.message) for one in rest]
                break
            book, changes = written.value, changes.merge(written.changes)
        return Written(HandedOver(book, tuple(refused)), changes)

    def _one(self, book: Book, case_id: str) -> Written[Book]:
        def work(case: Casework) -> Book:
            head = case.file(case_id).head
            found = handover_book.entries(case.conn, self._desk, book.from_id, (case_id,))
            if not found:
                raise StateError(
                    f"现在由{self._desk.name_of(head.mediator_id)}承办，或已经办完，没有交接。"
                    if head.mediator_id != book.from_id
                    else "已经办完，不用交接。",
                    code="E-NOT-HELD",
                )
            if found[0].blocked:
                raise StateError(f"{found[0].blocked}。", code="E-DISPUTED")
            detail = {"from": book.from_id, "to": book.to_id}
            case.issue(
                case_id,
                cmd.EditCase(fields={MEDIATOR: book.to_id}),
                base=reducer.field_values(head, frozenset({MEDIATOR})),
                immediate=True,
                audit_detail={"fields": [MEDIATOR]},
            )
            # Whoever opens the case finds in 经过 from whose hands it came.
            told = Note(text=f"{book.from_name}把案件交接给{book.to_name}。", about=HANDED_OVER)
            case.issue(case_id, cmd.AddRecord(record=case.record(case_id, told)), immediate=True)
            case.note("case.hand_over", case_id, book.to_id, detail)
            longer = replace(book, entries=(*book.entries, *found))
            kept = msgspec.json.encode(longer).decode()
            kv.put(case.conn, f"{_LAST}{self._desk.person.person_id}", kept)
            return longer

        return casework.write(self._desk, work)

    def last(self) -> Book | None:
        """The book of the last hand-over the person made here, to be printed once more."""
        self._desk.require(OWN)
        key = f"{_LAST}{self._desk.person.person_id}"
        kept = self._desk.store.read(lambda conn: kv.get(conn, key))
        return msgspec.json.decode(kept, type=Book) if kept else None

    def keep_signed(self, path: Path) -> Written[int]:
        """Keep the scan of the signed book with each case of the last hand-over made here; with how many.

        One file in the vault, declared by each case. A case that is not on this computer any more is passed
        over. Raises :class:`StateError` when nothing was handed over here, or no case of it is left, and
        :class:`FieldError` for a file of no accepted kind.
        """
        from app.services.attachments import Attachments, FileEntry

        book = self.last()
        if book is None:
            raise StateError("还没有在这台电脑上交接过，没有要收存的交接册。", code="E-NO-BOOK")
        files = Attachments(self._desk)
        entry = FileEntry(role="scan", title=SIGNED_BOOK, original="original")
        changes, kept = ChangeSet(), 0
        for one in book.entries:
            try:
                changes, kept = changes.merge(files.add_path(one.case_id, path, entry).changes), kept + 1
            except NotFoundError:
                continue
        if not kept:
            raise StateError("交出去的案件都不在这台电脑上了，请接手的同事收存。", code="E-NO-CASES")
        return Written(kept, changes)

    def render(self, book: Book) -> bytes:
        """The book as PDF; work for the read lane. It holds no personal data, so it leaves no trace."""
        from app.documents.context import PaperContext
        from app.documents.handover import BookCase, handover_paper

        desk = self._desk
        desk.require("document.print")
        context = PaperContext(
            institution_name=desk.institution.name, printed_at=desk.clock.now(), practice=desk.practice
        )
        made = [
            BookCase(e.title, e.number, e.state, _lines(e), (*e.originals, *e.unscanned))
            for e in book.entries
        ]
        return handover_paper(book.from_name, book.to_name, from_text(book.at), made, context)

    def _book(self, from_person: str, to_person: str, found: tuple[Entry, ...]) -> Book:
        desk, people = self._desk, self._people()
        return Book(
            from_id=from_person,
            from_name=people[from_person].name if from_person in people else desk.name_of(from_person),
            to_id=to_person,
            to_name=people[to_person].name if to_person in people else "",
            at=to_text(desk.clock.now()),
            entries=found,
        )

    def _title(self, case_id: str) -> str:
        query = select(cases.c.title).where(cases.c.case_id == case_id)
        title = self._desk.store.read(lambda conn: conn.execute(query).scalar_one_or_none())
        return title or "一件不在本机的案件"

    def _may_all(self) -> bool:
        return roles.may(self._desk.person.role, ANYBODYS)

    def _require(self, person_id: str) -> None:
        self._desk.require(OWN if person_id == self._desk.person.person_id else ANYBODYS)


def _lines(entry: Entry) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        ("下一步", (entry.next_dated or entry.next_step,)),
        ("期限", entry.deadlines),
        ("约好的", entry.appointments),
        ("要留意", entry.notes),
    )

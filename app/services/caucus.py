"""单独谈 (caucus): notes of talks with one side only, sealed to their author's own key.

The whole institution shares the store's key; these notes are readable with the author's private key
alone. They are no part of the case file: never in the search index, the timeline, the outbox, a paper
or a hand-over; a backup carries them as ciphertext. They are not drafts either: the form that writes
one must not save what is being typed through ``Drafts``, which colleagues' keys open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import text as sql

from app.clock import to_text
from app.domain.errors import DamagedFault, FieldError, NotFoundError, NotPermittedError
from app.services import casework, parties
from app.services.casework import Casework
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.storage.crypto import OpenFailedError
from app.storage.tables import sealed_notes as table

KIND = "caucus"


@dataclass(frozen=True)
class CaucusNote:
    """One note as its author reads it. ``written_at`` is an ISO instant in UTC."""

    note_id: str
    case_id: str
    written_at: str
    text: str = field(repr=False)


class Caucus:
    """Write and read one's own notes of a case."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def write(self, case_id: str, text: str) -> Written[str]:
        """Seal one note; returns its id. Only that a note was written leaves a trace, not its words.

        Raises :class:`NotPermittedError`, :class:`FieldError` for an empty note, and
        :class:`NotFoundError` or :class:`StateError` for a case that is not here or is archived.
        """
        self._desk.require("caucus.write")
        words = text.strip()
        if not words:
            raise FieldError("text", "写一句再存。")

        def work(case: Casework) -> str:
            parties.require_open(case, case_id)
            note_id, author = self._desk.make_id(), self._desk.person.person_id
            at = to_text(case.now)
            sealed = self._desk.keys.seal(words.encode(), _bound(note_id, case_id, author, at))
            case.conn.execute(
                table.insert().values(
                    note_id=note_id, case_id=case_id, author=author, written_at=at, sealed=sealed
                )
            )
            case.note("caucus.write", case_id, note_id, {})
            return note_id

        written = casework.write(self._desk, work)
        return Written(value=written.value, changes=ChangeSet.of(KIND, case_ids=frozenset({case_id})))

    def rewrite(self, note_id: str, text: str) -> Written[None]:
        """Seal other words in the place of one's own note, as it grows while it is being written.

        That a note was begun left its trace; its growing leaves none. Raises :class:`FieldError` for empty
        words, :class:`NotFoundError`, and :class:`NotPermittedError` for another author's note.
        """
        self._desk.require("caucus.write")
        words = text.strip()
        if not words:
            raise FieldError("text", "写一句再存。")

        def work(conn: Connection) -> str:
            row = self._own(conn, note_id)
            bound = _bound(row.note_id, row.case_id, row.author, row.written_at)
            sealed = self._desk.keys.seal(words.encode(), bound)
            conn.execute(table.update().where(table.c.note_id == note_id).values(sealed=sealed))
            return str(row.case_id)

        case_id = self._desk.store.write(work)
        return Written(value=None, changes=ChangeSet.of(KIND, case_ids=frozenset({case_id})))

    def list(self, case_id: str) -> tuple[CaucusNote, ...]:
        """One's own notes of a case, oldest first; those of others are not even counted.

        Raises :class:`NotPermittedError` and, for a note that does not open, :class:`DamagedFault`.
        """
        self._desk.require("caucus.write")
        query = (
            select(table)
            .where(table.c.case_id == case_id, table.c.author == self._desk.person.person_id)
            .order_by(table.c.written_at, sql("rowid"))
        )
        return tuple(self._opened(row) for row in self._desk.store.read(lambda c: c.execute(query).all()))

    def read(self, note_id: str) -> CaucusNote:
        """One note. Raises :class:`NotFoundError`, :class:`NotPermittedError` for another author's note,
        and :class:`DamagedFault`."""
        self._desk.require("caucus.write")
        return self._opened(self._desk.store.read(lambda conn: self._own(conn, note_id)))

    def _own(self, conn: Connection, note_id: str) -> Any:
        row = _row(conn, note_id)
        if row is None:
            raise NotFoundError("这条单独谈不在本机。单独谈只存在写它的那台电脑上。", code="E-NO-NOTE")
        if row.author != self._desk.person.person_id:
            raise NotPermittedError("单独谈只有写的人自己能看。", code="E-NOT-AUTHOR")
        return row

    def _opened(self, row: Any) -> CaucusNote:
        bound = _bound(row.note_id, row.case_id, row.author, row.written_at)
        try:
            plain = self._desk.keys.unseal(row.sealed, bound)
        except OpenFailedError as error:
            raise DamagedFault(
                "这条单独谈打不开：内容坏了，或不是用您现在的钥匙写的。没有改动它，可以从备份找回。",
                subject=f"{KIND}:{row.note_id}",
            ) from error
        return CaucusNote(row.note_id, row.case_id, row.written_at, plain.decode())


def _row(conn: Connection, note_id: str) -> Any:
    return conn.execute(select(table).where(table.c.note_id == note_id)).one_or_none()


def _bound(note_id: str, case_id: str, author: str, written_at: str) -> str:
    """What the seal is bound to: a note moved to another case, author or time no longer opens."""
    return "|".join(("jiefen/caucus/1", note_id, case_id, author, written_at))

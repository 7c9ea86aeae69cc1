"""What a decision written here rested on and colleagues moved unseen, as differences beside its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import masking, performance
from app.domain.reducer import CaseFile
from app.services import field_words, sync_words
from app.services.act_words import NONE, Difference
from app.services.conflict_rows import question_of
from app.services.disputes import DECIDED_BY, from_json
from app.services.field_words import Known
from app.storage import casestore
from app.storage.tables import conflicts, inbox

NOT_HERE_THEN = "办这一步时还没有收到"
RESULTS = {"agreed": "谈成了", "not_agreed": "没谈成", "next_time": "另定时间"}


def unseen(
    conn: Connection, row: Any, file: CaseFile, known: Known, *, plain: bool
) -> tuple[Difference, ...]:
    """The pauses of the clock, the appointment, the session and what was performed that the author of the
    decision of ``row`` had not seen.

    ``file`` names the parties; their names are masked unless ``plain``.
    """
    found = tuple(_unseen(conn, row, known))
    if plain:
        return found
    names = tuple(masking.names(file.parties.values()))
    hidden = [[masking.redact(text, names) for text in (one.mine, one.theirs)] for one in found]
    return tuple(Difference(one.name, *texts) for one, texts in zip(found, hidden, strict=True))


def _unseen(conn: Connection, row: Any, known: Known) -> Iterator[Difference]:
    for moved in conn.execute(
        select(conflicts).where(question_of(row), conflicts.c.base != conflicts.c.theirs)
    ):
        base, theirs = from_json(moved.base), from_json(moved.theirs)
        if moved.field == cmd.SUSPENSIONS:
            word = field_words.FIELDS[moved.field]
            texts = [
                word(value, known) if value else none
                for value, none in ((base, NOT_HERE_THEN), (theirs, NONE))
            ]
            yield Difference(sync_words.FIELDS[moved.field], *texts)
        elif moved.field == cmd.APPOINTED:
            texts = [
                field_words.appointment(value, known, none)
                for value, none in ((base, NOT_HERE_THEN), (theirs, field_words.CALLED_OFF))
            ]
            yield Difference(sync_words.FIELDS[moved.field], *texts)
        elif moved.field == cmd.PERFORMED:
            name, here = sync_words.FIELDS[moved.field], casestore.shadow(conn, moved.case_id)
            text = performance.in_words(here, set(theirs) - set(base or ()))
            if text:
                yield Difference(name, NOT_HERE_THEN, text)
        elif moved.field == DECIDED_BY:
            for session in _session_of(conn, moved.case_id, str(theirs)):
                name = f"第 {session.ordinal} 次调解记录"
                text = "，".join(filter(None, (RESULTS[session.result], session.result_note)))
                yield Difference(name, NOT_HERE_THEN, text)


def _session_of(conn: Connection, case_id: str, command_id: str) -> Iterator[cf.Session]:
    """The session that a command brought, if it is one and has come here."""
    brought = select(inbox.c.body).where(
        inbox.c.case_id == case_id, inbox.c.cause == command_id, inbox.c.entity == "record",
        inbox.c.body.is_not(None), inbox.c.error == "",
    )  # fmt: skip
    for body in conn.execute(brought.limit(1)).scalars():
        record = cf.decode("record", body)
        if isinstance(record, cf.Record) and isinstance(record.body, cf.Session):
            yield record.body

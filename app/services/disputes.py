"""Two values for one field (两处写法不同): both are written down, neither is lost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.clock import from_text, to_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import performance, reducer
from app.domain.agreement import places_signed
from app.domain.reducer import CaseFile
from app.services import backlog, feedwork
from app.services.port_values import Answer
from app.storage import casestore
from app.storage.direct import driver
from app.storage.tables import conflicts, inbox, outbox

DECIDED_BY = "decided_by"
LOOKED_BACK = 50
"""Changes of one document that are looked through for the one that wrote a value."""
LEGAL_FIELDS = frozenset(
    {"state", "decided_by", "agreement_id", cmd.SIGNED, cmd.PERFORMED, "conclusion", "name", "id_number"}
)
"""An open conflict on one of these blocks lodging, nothing else."""
OF_RECORDS: Mapping[str, Callable[[CaseFile, str], tuple[str, ...]]] = {
    cmd.SIGNED: places_signed, cmd.PERFORMED: performance.entries,
    cmd.PARTIES: lambda file, _agreement_id: tuple(sorted(file.parties)),
}  # fmt: skip
"""What of an agreement stands in other documents of the case, and is disputed with a decision."""
_ENDED = select(outbox.c.command_id).where(outbox.c.kind.in_(cmd.ON_THE_CLOCK))
LEGAL = or_(conflicts.c.field.in_(LEGAL_FIELDS), conflicts.c.command_id.in_(_ENDED)).label("legal")
"""Whether a conflict blocks lodging: an ending does, also where only the clock was moved unseen."""

_ASK_AGAIN = """
UPDATE conflicts SET choice = '', settled_by = '', settled_at = ''
WHERE command_id IN (SELECT command_id FROM outbox WHERE state = 'conflict') AND settled_by =
    (SELECT command_id FROM outbox WHERE command_id = ? AND kind IN ('case.edit', 'party.edit'))
"""
_DISSOLVE = (
    "UPDATE conflicts SET choice = 'mine', settled_by = 'platform', settled_at = ?"
    " WHERE settled_at = '' AND command_id = ?"
)


def holds_up_lodging(conn: Connection, case_id: str) -> bool:
    """Whether somebody has to choose first: two values stand for something that a ruling rests on."""
    statement = select(conflicts.c.field).where(
        conflicts.c.case_id == case_id, conflicts.c.settled_at == "", LEGAL.element
    )
    return conn.execute(statement.limit(1)).first() is not None


def record(conn: Connection, row: Any, answer: Answer, now: str) -> None:
    """One row for each field in which the platform holds another value than the command wrote.

    Of values written here one upon the other the last alone is asked about.
    """
    command = cmd.decode(row.bytes)
    entity, doc_id = subject_of(command)
    mine = _mine(conn, command, entity, doc_id, frozenset(answer.current))
    for name, theirs in answer.current.items():
        values = {
            "command_id": command.command_id,
            "case_id": command.case_id,
            "entity": entity,
            "doc_id": doc_id,
            "field": name,
            "base": to_json(command.base_values.get(name)),
            "mine": to_json(mine.get(name)),
            "theirs": to_json(theirs.value),
            "mine_author": command.author,
            "mine_at": to_text(command.written_at),
            "theirs_author": theirs.by,
            "theirs_at": theirs.at,
        }
        newer = {"theirs": values["theirs"], "theirs_author": theirs.by, "theirs_at": theirs.at}
        statement = upsert(conflicts).values(conflict_id=f"{command.command_id}:{name}", **values)
        conn.execute(
            statement.on_conflict_do_update(
                index_elements=["conflict_id"], set_=newer, where=conflicts.c.settled_at == ""
            )
        )
    for names in {together(name) for name in answer.current}:
        _join(conn, entity, doc_id, names, now)
    _no_more(conn, command, frozenset(answer.current), now)


def _no_more(conn: Connection, command: cmd.Command, disputed: frozenset[str], now: str) -> None:
    """A restored platform may dispute less of a command than it did: there it holds what was written or, of a
    decision, what that rested on. A decision stays one question all the same.
    """
    here = (conflicts.c.command_id == command.command_id, conflicts.c.settled_at == "")
    for row in conn.execute(select(conflicts).where(*here, conflicts.c.field.not_in(disputed))).all():
        taken = {"choice": "mine", "settled_by": "platform", "settled_at": now}
        stands = {"theirs": row.base, "theirs_author": "", "theirs_at": ""}
        _set(conn, row, taken if descriptive(row) else stands)


def _join(conn: Connection, entity: str, doc_id: str, names: frozenset[str], now: str) -> None:
    """Have a value that its own computer wrote over settled by the later one, which begins where it began;
    of ``names`` that are one thing all, or none."""
    same = (conflicts.c.entity == entity, conflicts.c.doc_id == doc_id, conflicts.c.field.in_(names))
    query = select(conflicts).join(outbox, outbox.c.command_id == conflicts.c.command_id)
    open_ones = query.where(*same, conflicts.c.settled_at == "").order_by(outbox.c.ordinal)
    earlier: dict[str, Any] = {}
    began: dict[str, str] = {}
    for command_id, rows in itertools.groupby(conn.execute(open_ones).all(), lambda row: row.command_id):
        later = {row.field: row for row in rows}
        if not _written_upon(earlier, later):
            earlier, began = later, {name: row.base for name, row in later.items()}
            continue
        over = {"choice": "edited", "settled_by": command_id, "settled_at": now}
        for name, row in later.items():
            _set(conn, earlier[name], over)
            _set(conn, row, {"base": began[name]})
        earlier = later


def _written_upon(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    return earlier.keys() == later.keys() and all(
        descriptive(row) and from_json(row.base) == from_json(earlier[name].mine)
        for name, row in later.items()
    )


def _set(conn: Connection, row: Any, values: Mapping[str, Any]) -> None:
    conn.execute(update(conflicts).where(conflicts.c.conflict_id == row.conflict_id).values(values))


def settled_before(conn: Connection, row: Any) -> tuple[str, ...]:
    """The earlier commands whose conflict on this field the command of ``row`` has settled here.

    They were written over by it, or it was a choice that met another value itself: at the platform theirs are
    still open.
    """
    same = (
        conflicts.c.entity == row.entity, conflicts.c.doc_id == row.doc_id, conflicts.c.field == row.field,
    )  # fmt: skip
    found: list[str] = []
    ways = [row.command_id]
    while ways:
        query = select(conflicts.c.command_id).where(*same, conflicts.c.settled_by == ways.pop())
        more = [one for one in conn.execute(query).scalars() if one not in found]
        found += more
        ways += more
    return tuple(found)


def together(field: str) -> frozenset[str]:
    """The fields that are one thing with ``field``: itself alone; of an appointment hour and room."""
    return cmd.APPOINTMENT if field in cmd.APPOINTMENT else frozenset({field})


def descriptive(row: Any) -> bool:
    """Whether the field is one that a resolution may set, rather than part of a decision."""
    if row.entity == "party":
        return row.field in cmd.EDITABLE_PARTY_FIELDS
    return row.entity == "case" and row.field in cmd.EDITABLE_CASE_FIELDS


def follow(conn: Connection) -> frozenset[str]:
    """The platform's values of open conflicts as they stand by now; the cases in which one has moved on.

    For the end of a pull: before that the platform's picture here may be older than its answer. The value
    before stays in the raw inbox.
    """
    moved = set()
    for row, now in moved_on(conn):
        author, at = _written(conn, row, now)
        _set(conn, row, {"theirs": to_json(now), "theirs_author": author, "theirs_at": at})
        moved.add(row.case_id)
    return frozenset(moved)


def moved_on(conn: Connection) -> list[tuple[Any, Any]]:
    """The open conflicts against which another value stands by now, each with that value.

    Against a decision another stands where the platform tells of a later one: all that this moved goes along.
    """
    found = []
    open_ones = select(conflicts).where(conflicts.c.settled_at == "").order_by(conflicts.c.command_id)
    for _, rows in itertools.groupby(conn.execute(open_ones).all(), lambda row: row.command_id):
        of_one = list(rows)
        moved = [(row, now) for row in of_one for now in _now_other(conn, row)]
        if DECIDED_BY in {row.field for row in of_one} - {row.field for row, _ in moved}:
            moved = [(row, now) for row, now in moved if descriptive(row)]
        found += moved
    return found


def stands_in(doc: cf.Doc, field: str) -> Any:
    """The JSON value of a field; hour and room of the next session as one, as an ending rests on them."""
    if field == cmd.APPOINTED:
        return reducer.field_values(doc, cmd.APPOINTMENT)
    return reducer.field_values(doc, frozenset({field}))[field]


def _now_other(conn: Connection, row: Any) -> tuple[Any, ...]:
    """What the platform holds by now in the field of ``row``, where that is another value than was told.

    Of a case in other hands the platform tells this computer nothing more: what is known of it here is older
    than the answer. So it is where a restored platform has not told of the document yet.
    """
    untold = not feedwork.version_here(conn, row.entity, row.doc_id)
    if untold or backlog.taken_back(conn, row.case_id):
        return ()
    file = casestore.shadow(conn, row.case_id)
    doc, theirs = reducer.get(file, row.entity, row.doc_id), from_json(row.theirs)
    if doc is None or not (descriptive(row) or row.entity == "case"):
        return ()
    if (of_records := OF_RECORDS.get(row.field)) is not None:
        here = of_records(file, file.head.agreement_id)
        return () if set(here) == set(theirs or ()) else (list(here),)
    now = stands_in(doc, row.field)
    if not descriptive(row):
        # The same decision or suspension may be told with its blanks or without.
        told = theirs or {} if row.field == cmd.APPOINTED else {row.field: theirs}
        theirs = stands_in(reducer.with_fields(doc, told), row.field)
    return () if now == theirs else (now,)


def _written(conn: Connection, row: Any, now: Any) -> tuple[str, str]:
    """Who wrote the value that stands by now, and when, as the feed told it; empty where it did not.

    Where the change before it is not here either, as after a snapshot, nobody is named on a guess. Of a
    change that went out from here the author is known in any case.
    """
    told, certain = _source(conn, row, now)
    if told is None or not certain:
        return "", ""
    return told.changed_by or told.author or "", _instant(told.changed_at)


def wrote_here(conn: Connection, row: Any) -> bool:
    """Whether what stands against ours was itself written on this computer, as an edit after it was."""
    told, _ = _source(conn, row, from_json(row.theirs))
    return told is not None and told.author is not None


def _source(conn: Connection, row: Any, value: Any) -> tuple[Any, bool]:
    """The change from which on the document of a conflict holds ``value``, as far as the raw inbox reaches;
    and whether it is certain that it came with that one. A later change may be about another field.
    """
    query = (
        select(inbox.c.body, inbox.c.version, inbox.c.changed_by, inbox.c.changed_at, outbox.c.author)
        .outerjoin(outbox, outbox.c.command_id == inbox.c.cause)
        .where(inbox.c.case_id == row.case_id, inbox.c.entity == row.entity, inbox.c.doc_id == row.doc_id)
        .where(inbox.c.op == "put", inbox.c.error == "")
        .order_by(inbox.c.received_at.desc(), inbox.c.seq.desc())
        .limit(LOOKED_BACK)
    )
    found = None
    for told in conn.execute(query):
        doc = cf.decode(row.entity, told.body)
        if stands_in(doc, row.field) != value:
            return found, True
        found = told
        if told.version == 1:
            return found, True
    return found, False


def _instant(told: str) -> str:
    """What a platform says of the time, in the words of the store; nothing where that is no time."""
    try:
        instant = from_text(told)
    except ValueError:
        return ""
    return to_text(instant) if instant.tzinfo is not None else ""


def dissolve(conn: Connection, command_ids: Iterable[str], now: str) -> None:
    """The commands took effect after all (the platform was restored and they were sent again)."""
    ids = tuple(command_ids)
    # What one of them wrote over is asked about again, unless it took effect as well.
    driver(conn).executemany(_ASK_AGAIN, [(command_id,) for command_id in ids])
    driver(conn).executemany(_DISSOLVE, [(now, command_id) for command_id in ids])


def subject_of(command: cmd.Command) -> tuple[str, str]:
    """The document a command writes fields of."""
    payload = command.payload
    if isinstance(payload, cmd.EditParty):
        return "party", payload.party_id
    if isinstance(payload, cmd.AddParty):
        return "party", payload.party.party_id
    if isinstance(payload, cmd.ResolveConflict):
        return payload.entity, payload.entity_id
    return "case", command.case_id


def _mine(
    conn: Connection, command: cmd.Command, entity: str, doc_id: str, names: frozenset[str]
) -> dict[str, Any]:
    """What the fields would hold had the command met the values its author saw."""
    payload = command.payload
    if isinstance(payload, (cmd.EditCase, cmd.EditParty, cmd.ResolveConflict)):
        return dict(payload.fields)
    if isinstance(payload, cmd.AddParty):
        return reducer.field_values(payload.party, names)
    file = casestore.shadow(conn, command.case_id)
    if file.case is None:
        return {}
    rests = {k: v for k, v in command.base_values.items() if k in file.head.__struct_fields__}
    head = reducer.with_fields(file.head, rests)
    after = reducer.apply(reducer.put(CaseFile(), "case", head), command)
    doc = reducer.get(after, entity, doc_id)
    # Signatures and payments are no field of a document, and an ending writes no appointment: what stands on
    # our side is what we saw.
    seen = {name: command.base_values.get(name) for name in names & cmd.BESIDE}
    return seen if doc is None else {**reducer.field_values(doc, names), **seen}


def to_json(value: Any) -> str:
    """A value as the table keeps it."""
    return msgspec.json.encode(value).decode()


def from_json(text: str | None) -> Any:
    """The value behind :func:`to_json`."""
    return None if text is None else msgspec.json.decode(text)

"""Case files in the store: reading, writing, and rebuilding the local picture.

Each document has two forms: ``body``, what the person here sees, and ``shadow``, the platform's last
word. The local picture is always: shadow, then the commands the platform has not shown yet, in order.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import msgspec
from sqlalchemy import (
    Case,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.dml import ReturningInsert

from app.clock import from_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import reducer
from app.domain.filings_of import WITHDRAWAL_ASKED
from app.domain.reducer import CaseFile
from app.domain.unsent import Unsent, unsent_of
from app.storage import outbox
from app.storage.tables import case_docs, cases, filings, kept_answers, meta, tasks


@dataclass(frozen=True)
class Row:
    """The list columns of a case, made by the services from the case file and the rules."""

    columns: Mapping[str, Any]
    tasks: tuple[Mapping[str, Any], ...]
    tokens: str


Project = Callable[[CaseFile, Mapping[str, Any]], Row]
"""Makes the list row of a case file; the second argument holds store facts such as ``sync``."""


AS_BODY = b""
"""A ``shadow`` that is ``body`` byte for byte: written once. :func:`platforms` reads it."""


def platforms(table: Table) -> Case[Any]:
    """The platform's picture of a row; who writes another ``body`` writes this into ``shadow`` with it."""
    return case((table.c.shadow == literal_column("x''"), table.c.body), else_=table.c.shadow)


_CASE = cases.c.case_id == bindparam("of_case")
_OF_CASE = case_docs.c.case_id == bindparam("of_case")
_HEAD = select(cases.c.body).where(_CASE)
_DOCS = select(case_docs.c.entity, case_docs.c.body).where(_OF_CASE, case_docs.c.body.is_not(None))
_SHADOW_HEAD = select(platforms(cases)).where(_CASE)
_SHADOW_DOCS = select(case_docs.c.entity, platforms(case_docs)).where(
    _OF_CASE, case_docs.c.shadow.is_not(None)
)
_FORGET_TASKS = delete(tasks).where(tasks.c.case_id == bindparam("of_case"))
PACKED = "packed:"
"""Key in ``meta`` of what lies in a package, before the package's id: ids, those of steps of filings made of
application, step, number of the list and when it was written."""
_STEP: ColumnElement[str] = literal_column(
    "filings.submission_id || ':' || filings.wanted || ':' || filings.manifest_no || ':'"
    " || filings.written_at"
)
_ASKED = (
    filings.c.submission_id, filings.c.job, filings.c.error_code, filings.c.error_text,
    filings.c.receipt.is_not(None).label("received"), filings.c.wanted, filings.c.written_at,
    exists().where(
        meta.c.key.between(PACKED, PACKED + "\U0010ffff"), func.instr(meta.c.value, _STEP) > 0
    ).label("packed"),
)  # fmt: skip
_FILINGS = select(
    filings.c.submission_id, filings.c.body, filings.c.wanted, filings.c.job, filings.c.manifest_no
).where(filings.c.case_id == bindparam("of_case"), filings.c.job != "settled")
_NOT_SETTLED = ("waiting", "in_flight", "unknown", "failed")
_UNSETTLED = select(*_ASKED, filings.c.case_id).where(filings.c.job.in_(_NOT_SETTLED))
_UNSETTLED_HERE = _UNSETTLED.where(filings.c.case_id == bindparam("of_case"))
_KEPT = select(kept_answers.c.submission_id, kept_answers.c.events).where(
    kept_answers.c.case_id == bindparam("of_case")
)
_EVENTS = msgspec.json.Decoder(tuple[cf.SubmissionEvent, ...])
_NEW_DOC = upsert(case_docs)
_PUT_DOC = _NEW_DOC.on_conflict_do_update(
    index_elements=["entity", "doc_id"],
    set_={"body": _NEW_DOC.excluded.body, "shadow": platforms(case_docs)},
)
"""Built once: building a statement costs more than running it."""


def load(conn: Connection, case_id: str) -> CaseFile:
    """The local picture of a case; an empty file when it is not known."""
    head = conn.execute(_HEAD, {"of_case": case_id}).scalar_one_or_none()
    if head is None:
        return CaseFile()
    rows = conn.execute(_DOCS, {"of_case": case_id})
    file = _file(head, ((row.entity, row.body) for row in rows), _kept(conn, case_id))
    file = with_unsent(conn, file)
    return _marked(conn, file, outbox.refused_records(conn, case_id))


def with_unsent(conn: Connection, file: CaseFile) -> CaseFile:
    """``file`` with how its filings stand that are not settled."""
    rows = conn.execute(_UNSETTLED_HERE, {"of_case": file.head.case_id}).all()
    return replace(file, unsent=_unsent(rows)) if rows or file.unsent else file


def _unsent(rows: Iterable[Any]) -> dict[str, Unsent]:
    return {
        row.submission_id: replace(
            _standing(row), since=from_text(row.written_at) if row.written_at else None
        )
        for row in rows
    }


def _standing(row: Any) -> Unsent:
    told = functools.partial(
        unsent_of, row.job, row.error_code, row.error_text, received=row.received, packed=row.packed
    )
    if row.wanted == "withdraw":
        # Its court has the application, and the wish to withdraw left here as any other step does.
        left = told(wanted="supplement")
        if left.stand in ("packed", "doubt"):
            return replace(left, wanted="withdraw")
    return told(wanted=row.wanted)


def _kept(conn: Connection, case_id: str) -> dict[str, tuple[cf.SubmissionEvent, ...]]:
    rows = conn.execute(_KEPT, {"of_case": case_id})
    return {row.submission_id: _EVENTS.decode(row.events) for row in rows}


def _marked(conn: Connection, file: CaseFile, refused: frozenset[str]) -> CaseFile:
    """``file`` with its records that the platform did not accept; what stands in its picture it has accepted
    after all."""
    refused &= file.records.keys()
    if not refused:
        return file
    shown = select(case_docs.c.doc_id).where(
        case_docs.c.entity == "record", case_docs.c.doc_id.in_(refused), case_docs.c.shadow.is_not(None)
    )
    return replace(file, refused=refused - set(conn.execute(shown).scalars()))


def load_many(conn: Connection, case_ids: list[str]) -> dict[str, CaseFile]:
    """The local pictures of several cases in two queries."""
    heads = conn.execute(select(cases.c.case_id, cases.c.body).where(cases.c.case_id.in_(case_ids)))
    docs: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for row in conn.execute(
        select(case_docs.c.case_id, case_docs.c.entity, case_docs.c.body).where(
            case_docs.c.case_id.in_(case_ids), case_docs.c.body.is_not(None)
        )
    ):
        docs[row.case_id].append((row.entity, row.body))
    kept: dict[str, dict[str, tuple[cf.SubmissionEvent, ...]]] = defaultdict(dict)
    for row in conn.execute(select(kept_answers).where(kept_answers.c.case_id.in_(case_ids))):
        kept[row.case_id][row.submission_id] = _EVENTS.decode(row.events)
    files = {row.case_id: _file(row.body, docs[row.case_id], kept[row.case_id]) for row in heads}
    asked = conn.execute(_UNSETTLED).all()
    for case_id in {row.case_id for row in asked} & files.keys():
        mine = _unsent(row for row in asked if row.case_id == case_id)
        files[case_id] = replace(files[case_id], unsent=mine)
    for case_id in outbox.cases_refused(conn) & files.keys():
        files[case_id] = _marked(conn, files[case_id], outbox.refused_records(conn, case_id))
    return files


def _file(
    head: bytes, docs: Iterable[tuple[str, bytes]], kept: Mapping[str, tuple[cf.SubmissionEvent, ...]]
) -> CaseFile:
    groups: dict[str, dict[str, cf.Doc]] = {name: {} for name in cf.TYPES if name != "case"}
    for entity, body in docs:
        doc = cf.decode(entity, body)
        groups[entity][cf.key_of(entity, doc)] = doc
    return CaseFile(
        case=cast(cf.Case, cf.decode("case", head)),
        parties=cast(Any, groups["party"]),
        records=cast(Any, groups["record"]),
        agreements=cast(Any, groups["agreement"]),
        attachments=cast(Any, groups["attachment"]),
        submissions=cast(Any, groups["submission"]),
        kept=kept,
    )


def version_of(conn: Connection, case_id: str) -> int:
    """The platform's version of the header as last seen; 0 when it has none."""
    version = conn.execute(select(cases.c.version).where(cases.c.case_id == case_id)).scalar_one_or_none()
    return int(version or 0)


def save(conn: Connection, before: CaseFile, after: CaseFile, row: Row) -> None:
    """Write what differs between two pictures of one case, and its list row, tasks and search row."""
    case_id = after.head.case_id
    changed = [
        {"entity": entity, "doc_id": key, "case_id": case_id, "body": cf.encode(doc)}
        for entity, key, doc in _documents(after)
        if reducer.get(before, entity, key) is not doc
    ]
    if changed:
        conn.execute(_PUT_DOC, changed)
    gone = [(e, k) for e, k, _ in _documents(before) if reducer.get(after, e, k) is None]
    for entity, key in gone:
        where = (case_docs.c.entity == entity) & (case_docs.c.doc_id == key)
        conn.execute(case_docs.update().where(where).values(body=None, shadow=platforms(case_docs)))
    if gone:
        conn.execute(delete(case_docs).where(case_docs.c.body.is_(None), case_docs.c.shadow.is_(None)))
    save_row(conn, after, row)


def save_row(conn: Connection, file: CaseFile, row: Row) -> None:
    """Write the header, list columns, tasks and search row of a case."""
    from app.storage import search_text

    case_id = file.head.case_id
    values = {**row.columns, "case_id": case_id, "body": cf.encode(file.head)}
    rid = conn.execute(_put_row(tuple(values)), values).scalar_one()
    conn.execute(_FORGET_TASKS, {"of_case": case_id})
    if row.tasks:
        conn.execute(tasks.insert(), [dict(task) for task in row.tasks])
    search_text.index_case(conn, rid, row.tokens)


@functools.cache
def _put_row(columns: tuple[str, ...]) -> ReturningInsert[int]:
    """Writes a row of ``cases`` with these columns; the others of a row that is there stay."""
    new = upsert(cases)
    told: dict[str, Any] = {name: new.excluded[name] for name in columns}
    told["shadow"] = platforms(cases)
    return new.on_conflict_do_update(index_elements=["case_id"], set_=told).returning(cases.c.rid)


def _documents(file: CaseFile) -> Iterable[tuple[str, str, cf.Doc]]:
    for entity in cf.TYPES:
        if entity == "case":
            continue
        group = cast(Mapping[str, cf.Doc], getattr(file, reducer.GROUPS[entity]))
        for key, doc in group.items():
            yield entity, key, doc


def remove(conn: Connection, case_id: str) -> None:
    """Forget a case that exists only here and was undone."""
    from app.storage import search_text

    rid = conn.execute(select(cases.c.rid).where(cases.c.case_id == case_id)).scalar_one_or_none()
    if rid is None:
        return
    search_text.remove_case(conn, rid)
    conn.execute(delete(tasks).where(tasks.c.case_id == case_id))
    conn.execute(delete(case_docs).where(case_docs.c.case_id == case_id))
    conn.execute(delete(cases).where(cases.c.rid == rid))


def shadow(conn: Connection, case_id: str) -> CaseFile:
    """The platform's picture of a case; an empty file when it has none."""
    head = conn.execute(_SHADOW_HEAD, {"of_case": case_id}).scalar_one_or_none()
    if head is None:
        return CaseFile()
    rows = conn.execute(_SHADOW_DOCS, {"of_case": case_id})
    return _file(head, ((entity, body) for entity, body in rows), _kept(conn, case_id))


def rebuilt(conn: Connection, case_id: str, cursor: int) -> CaseFile:
    """The local picture made anew: the platform's, then the commands it has not shown yet.

    Of a rejected command only the record stays, so that what was typed is not lost from sight while
    its author mends it; what it would have changed is not shown as if it held, and the record itself is
    marked as one that counts for nothing (:attr:`CaseFile.refused`).
    """
    file = shadow(conn, case_id)
    refused: set[str] = set()
    for state, command in outbox.pending(conn, case_id, cursor):
        if state == "rejected" and not isinstance(command.payload, cmd.RegisterCase):
            record = getattr(command.payload, "record", None)
            if record is not None and file.case is not None and record.record_id not in file.records:
                file = reducer.put(file, "record", record)
                refused.add(record.record_id)
        else:
            file = reducer.apply(file, command)
    if refused:
        file = replace(file, refused=frozenset(refused))
    return _with_local_filings(conn, case_id, file)


def _with_local_filings(conn: Connection, case_id: str, file: CaseFile) -> CaseFile:
    """Add filings begun here that the platform does not know yet, or only their material.

    A supplement handed over here counts as given until the platform shows it or refuses it. A filing settled
    without being carried out (a colleague's came first) is none any more.
    """
    if file.case is None:
        return file
    for row in conn.execute(_FILINGS, {"of_case": case_id}):
        known = file.submissions.get(row.submission_id)
        ours = known or cast(cf.Submission, cf.decode("submission", row.body))
        if (
            ours.state == "prepared"
            and row.wanted in ("lodge", "supplement", "withdraw")
            and row.job != "done"
        ):
            ours = msgspec.structs.replace(ours, state="queued")
        given = row.wanted == "supplement" and row.job != "failed" and ours.manifest_no < row.manifest_no
        if ours.state == "supplement_asked" and given:
            ours = msgspec.structs.replace(ours, state="supplemented")
        if row.job == "done" and known is not None:
            ours = _with_own_step(known, cast(cf.Submission, cf.decode("submission", row.body)))
        if ours is not known:
            file = reducer.put(file, "submission", ours)
    return with_unsent(conn, file)


def _with_own_step(known: cf.Submission, told: cf.Submission) -> cf.Submission:
    """``known``, or what the platform ``told`` with the receipt of a step, where that is the same but for
    steps from here: without a line a receipt alone tells of them, and the feed much later."""
    had, more = set(known.events), [event for event in told.events if event not in known.events]
    own = all(event.state == "supplemented" or event.code == WITHDRAWAL_ASKED for event in more)
    return told if more and own and had <= set(told.events) else known


def same(left: cf.Doc | None, right: cf.Doc | None) -> bool:
    """Whether two documents hold the same values."""
    return left is right or (
        left is not None and right is not None and msgspec.to_builtins(left) == msgspec.to_builtins(right)
    )

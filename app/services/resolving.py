"""两处写法不同: base, mine and theirs side by side; keep mine, take theirs, or write anew.

A choice is itself a command, checked against what stands at the platform. The value not chosen stays in
the table for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, select, update

from app.clock import to_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import masking, money
from app.domain.errors import FieldError, NotFoundError, StateError
from app.domain.reducer import CaseFile, with_fields
from app.domain.states import case_machine
from app.services import casework, sync_words
from app.services.cases import PROTECTED
from app.services.casework import Casework
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.services.disputes import from_json, to_json
from app.services.reveal import REASONS
from app.storage import casestore
from app.storage.tables import cases, conflicts, outbox

Choice = Literal["mine", "theirs", "edited"]


@dataclass(frozen=True)
class Version:
    """One of the values: its shown text, who wrote it and when (ISO, UTC; empty when not known)."""

    text: str
    author: str
    at: str


@dataclass(frozen=True)
class ConflictView:
    """Everything the drawer shows. Protected fields are masked unless they were revealed."""

    conflict_id: str
    case_id: str
    case_title: str
    field: str
    what: str
    base: Version
    mine: Version
    theirs: Version
    masked: bool
    """Whether the texts are masked; comparing them wants a reveal with a reason."""
    editable: bool
    """Whether a third value may be written here. Decisions are taken anew on their own page instead."""
    mine_possible: bool
    """Whether the case as it stands still allows what was decided here."""
    settled: bool
    choice: str
    position: tuple[int, int]
    """Which of how many open ones, from 1."""


class Resolving:
    """The one inbox of conflicts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open_ids(self) -> tuple[str, ...]:
        """Open conflicts, those of one case together, the oldest first."""
        return self._desk.store.read(_open_ids)

    def conflict(self, conflict_id: str, *, reveal_reason: str = "") -> ConflictView:
        """One conflict. With ``reveal_reason`` the plain values, leaving a trace (办法 第二十三条)."""
        self._desk.require_cases()
        if not reveal_reason:
            return self._desk.store.read(lambda conn: self._view(conn, conflict_id, plain=False))
        if reveal_reason not in REASONS:
            raise FieldError("reason", "选一个显示的理由。")
        self._desk.require("reveal")

        def work(case: Casework) -> ConflictView:
            row = _row(case.conn, conflict_id)
            detail = {"field": row.field, "reason": reveal_reason}
            case.note("reveal.field", row.case_id, row.doc_id, detail)
            return self._view(case.conn, conflict_id, plain=True)

        return casework.write(self._desk, work).value

    def _view(self, conn: Connection, conflict_id: str, *, plain: bool) -> ConflictView:
        row = _row(conn, conflict_id)
        file = casestore.load(conn, row.case_id)
        ids = _open_ids(conn)
        protected = row.entity == "party" and row.field in (*PROTECTED, "agent")
        command = _command(conn, row)

        def version(value: str | None, author: str, at: str) -> Version:
            text = self._text(file, row, from_json(value), masked=protected and not plain)
            return Version(text, self._desk.name_of(author) if author else "", at)

        party = file.parties.get(row.doc_id)
        title = conn.execute(select(cases.c.title).where(cases.c.case_id == row.case_id)).scalar_one_or_none()
        return ConflictView(
            conflict_id=conflict_id,
            case_id=row.case_id,
            case_title=title or "",
            field=row.field,
            what=sync_words.field_name(row.field, party.side if party else ""),
            base=version(row.base, "", ""),
            mine=version(row.mine, row.mine_author, row.mine_at),
            theirs=version(row.theirs, row.theirs_author, row.theirs_at),
            masked=protected and not plain,
            editable=_descriptive(row),
            mine_possible=_descriptive(row) or _may_redo(file, command),
            settled=bool(row.settled_at),
            choice=row.choice,
            position=(ids.index(conflict_id) + 1 if conflict_id in ids else 0, len(ids)),
        )

    def _text(self, file: CaseFile, row: Any, value: Any, *, masked: bool) -> str:
        if value in (None, ""):
            return "（空着）"
        if masked:
            return _masked(file, row, value)
        if row.field == "state":
            return case_machine().labels.get(str(value), str(value))
        if row.field in ("mediator_id", "clerk_id"):
            return self._desk.name_of(str(value))
        if row.field == "agreement_id":
            agreement = file.agreements.get(str(value))
            return f"第 {agreement.version_no} 版协议书" if agreement else "另一版协议书"
        if row.field == "amount_fen" and isinstance(value, int):
            return money.text(value)
        return value if isinstance(value, str) else str(msgspec.json.encode(value), "utf-8")

    def resolve(self, conflict_id: str, choice: Choice, value: Any = None) -> Written[str]:
        """Settle one field; returns the id of the next open conflict, or an empty text.

        ``value`` is the JSON value for ``edited``. Raises :class:`StateError` when it was settled already,
        or when the case no longer allows what was decided here, and :class:`FieldError` for a value that
        does not fit its field.
        """
        self._desk.require("conflict.resolve")

        def work(case: Casework) -> str:
            row = _row(case.conn, conflict_id)
            if row.settled_at:
                raise StateError("这一处已经选定了，没有改动。", code="E-SETTLED")
            settling = self._settle(case, row, choice, value)
            case.conn.execute(
                update(conflicts)
                .where(conflicts.c.conflict_id == conflict_id)
                .values(choice=choice, settled_by=settling.command_id, settled_at=to_text(case.now))
            )
            case.kinds.update(("conflicts", "outbox"))
            left = _open_ids(case.conn)
            return left[0] if left else ""

        written = casework.write(self._desk, work)
        # A choice is not taken back by undo: the conflict's row is settled with it. It can be made anew.
        changes = ChangeSet.of("conflicts", "cases", "outbox").merge(written.changes)
        return Written(value=written.value, changes=changes, undo_id=None)

    def _settle(self, case: Casework, row: Any, choice: Choice, value: Any) -> cmd.Command:
        theirs = from_json(row.theirs)
        if not _descriptive(row):
            return self._settle_decision(case, row, choice)
        chosen = {"mine": from_json(row.mine), "theirs": theirs, "edited": value}[choice]
        file = case.file(row.case_id)
        doc: cf.Doc | None = file.case if row.entity == "case" else file.parties.get(row.doc_id)
        if doc is None:
            raise NotFoundError("要改的内容已经不在这件案件里，没有改动。", code="E-NO-DOC")
        try:
            with_fields(doc, {row.field: chosen})
        except msgspec.ValidationError as error:
            raise FieldError("value", "这样写不合这一项的格式，改一改再选。", detail=row.field) from error
        payload = cmd.ResolveConflict(
            entity=row.entity,
            entity_id=row.doc_id,
            fields={row.field: chosen},
            settles=row.command_id,
            choice=choice,
        )
        return self._issue(case, row, payload, {row.field: theirs}, choice)

    def _settle_decision(self, case: Casework, row: Any, choice: Choice) -> cmd.Command:
        """A decision (受理, 结案, 定稿) is never merged: dropped, or taken anew on the case as it stands."""
        if choice == "edited":
            raise StateError("这是一项决定，要改请到案件里重新办理。", code="E-DECISION")
        command = _command(case.conn, row)
        if choice == "mine" and not _may_redo(case.file(row.case_id), command):
            raise StateError(
                "案件现在的状态不能再做这一步。您写的还留着，可以先按平台上的继续。", code="E-STATE"
            )
        payload = cmd.ResolveConflict(
            entity=row.entity, entity_id=row.doc_id, fields={}, settles=row.command_id, choice=choice
        )
        settling = self._issue(case, row, payload, {}, choice)
        if choice == "mine" and command is not None:
            head = msgspec.to_builtins(case.file(row.case_id).head)
            base = {name: head.get(name) for name in command.base_values}
            case.issue(row.case_id, command.payload, base=base, immediate=True)
        self._close_siblings(case, row, settling, choice)
        return settling

    def _issue(
        self, case: Casework, row: Any, payload: cmd.ResolveConflict, base: dict[str, Any], choice: str
    ) -> cmd.Command:
        detail = {"field": row.field, "choice": choice}
        return case.issue(row.case_id, payload, base=base, immediate=True, audit_detail=detail)

    def _close_siblings(self, case: Casework, row: Any, settling: cmd.Command, choice: str) -> None:
        """The fields of one decision stand or fall together."""
        case.conn.execute(
            update(conflicts)
            .where(conflicts.c.command_id == row.command_id, conflicts.c.settled_at == "")
            .values(choice=choice, settled_by=settling.command_id, settled_at=to_text(case.now))
        )


def _open_ids(conn: Connection) -> tuple[str, ...]:
    first = select(conflicts.c.conflict_id).where(conflicts.c.settled_at == "")
    return tuple(conn.execute(first.order_by(conflicts.c.case_id, conflicts.c.conflict_id)).scalars())


def _row(conn: Connection, conflict_id: str) -> Any:
    row = conn.execute(select(conflicts).where(conflicts.c.conflict_id == conflict_id)).one_or_none()
    if row is None:
        raise NotFoundError("这一处已经不在了，刷新看看。", code="E-NO-CONFLICT")
    return row


def _command(conn: Connection, row: Any) -> cmd.Command | None:
    raw = conn.execute(
        select(outbox.c.bytes).where(outbox.c.command_id == row.command_id)
    ).scalar_one_or_none()
    return cmd.decode(raw) if raw else None


def _descriptive(row: Any) -> bool:
    """Whether the field is one that a resolution may set, rather than part of a decision."""
    if row.entity == "party":
        return row.field in cmd.EDITABLE_PARTY_FIELDS
    return row.entity == "case" and row.field in cmd.EDITABLE_CASE_FIELDS


def _may_redo(file: CaseFile, command: cmd.Command | None) -> bool:
    return (
        command is not None and file.case is not None and case_machine().allows(file.case.state, command.kind)
    )


def _masked(file: CaseFile, row: Any, value: Any) -> str:
    party = file.parties.get(row.doc_id)
    if party is None or row.field == "agent" or not isinstance(value, str):
        return "（已遮挡）"
    changed = msgspec.structs.replace(party, **{row.field: value})
    return str(masking.party_field(changed, row.field))


__all__ = ["Choice", "ConflictView", "Resolving", "Version", "to_json"]

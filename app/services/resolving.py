"""两处写法不同: base, mine and theirs side by side; keep mine, take theirs, or write anew.

A choice is itself a command, checked against what stands at the platform. The value not chosen stays in
the table for good, and can be read in the case's 经过.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, select, update

from app.clock import to_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import reducer
from app.domain.agreement import omitted
from app.domain.errors import FieldError, NotFoundError, StateError
from app.domain.reducer import CaseFile
from app.domain.states import case_machine
from app.services import (
    backlog,
    casework,
    conflict_rows,
    conflict_views,
    disputes,
    drafts,
    held_filings,
    signed_along,
    third_values,
    too_early,
)
from app.services.casework import Casework
from app.services.changes import ChangeSet, Written
from app.services.conflict_rows import command_of
from app.services.conflict_views import (
    ConflictView,
    Disputed,
    Reader,
    Version,
    may_redo,
)
from app.services.desk import Desk
from app.services.disputes import descriptive, from_json, settled_before, to_json
from app.services.drafts import TEXTS
from app.services.drafts import THIRD_VALUES as DRAFT
from app.services.handling import may_meet
from app.services.reveal import REASONS
from app.storage import casestore
from app.storage.tables import conflicts
from app.storage.tables import drafts as drafts_table

MOVED_ON = "平台上的刚刚又变了，没有替您选。看一眼现在的，再选一次。"
TOGETHER = "时间和地点是一起约的，没有改动。选一个；要约别的，再到案件里改约时间。"
Choice = Literal["mine", "theirs", "edited"]


class Resolving:
    """The one inbox of conflicts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open_ids(self) -> tuple[str, ...]:
        """Open conflicts in the order of the list: those of one case together, the newest first."""
        return self._desk.store.read(conflict_views.open_ids)

    def conflict(self, conflict_id: str, *, reveal_reason: str = "") -> ConflictView:
        """One conflict, open or settled.

        With ``reveal_reason`` the plain values, leaving a trace (办法 第二十三条).
        """
        self._desk.require_cases()

        def view(conn: Connection, row: Any, *, plain: bool) -> ConflictView:
            return Reader(conn, self._desk, row.case_id).stamped(row, plain=plain)

        if not reveal_reason:
            return self._desk.store.read(
                lambda conn: view(conn, conflict_rows.row_of(conn, conflict_id), plain=False)
            )
        if reveal_reason not in REASONS:
            raise FieldError("reason", "选一个显示的理由。")
        self._desk.require("reveal")

        def work(case: Casework) -> ConflictView:
            row = conflict_rows.row_of(case.conn, conflict_id)
            detail = {"field": row.field, "reason": reveal_reason}
            case.note("reveal.field", row.case_id, row.doc_id, detail)
            return view(case.conn, row, plain=True)

        return casework.write(self._desk, work).value

    def disputed_in(self, case_id: str) -> Disputed:
        """What of a case still has two values."""
        self._desk.require_cases()
        return self._desk.store.read(
            lambda conn: conflict_views.disputed_in(conn, casestore.load(conn, case_id), case_id)
        )

    def settled_in(self, case_id: str) -> tuple[ConflictView, ...]:
        """The settled conflicts of a case, masked, oldest first: both values stay readable."""
        self._desk.require_cases()
        return self._desk.store.read(lambda conn: conflict_views.settled_in(conn, self._desk, case_id))

    def made_here(self, case_id: str) -> frozenset[str]:
        """Ids of the choices in a case that were made on this computer, which tells them with both values."""
        self._desk.require_cases()
        return self._desk.store.read(lambda conn: conflict_views.made_here(conn, case_id))

    def settled_by(self, command_id: str) -> tuple[ConflictView, ...]:
        """What a choice settled, masked; empty for any other command."""
        self._desk.require_cases()

        def work(conn: Connection) -> tuple[ConflictView, ...]:
            rows = [conflict_rows.row_of(conn, one) for one in conflict_views.settled_by(conn, command_id)]
            return tuple(Reader(conn, self._desk, row.case_id).view(row, plain=False) for row in rows)

        return self._desk.store.read(work)

    def resolve(self, conflict_id: str, choice: Choice, value: Any = None, *, seen: str = "") -> Written[str]:
        """Settle one field, or hour and room of an appointment; returns the id of the next open conflict in
        the list, or an empty text.

        It has its undo window, by which all that was settled with it is open again; not where the platform
        took the case back and nothing is sent.

        ``value`` is the JSON value for ``edited``; ``seen`` the stamp of the view that was chosen from.
        Raises :class:`StateError` when it was settled already, when something else stands there than was
        seen, when the case no longer allows what was decided here, or for an appointment written anew, and
        :class:`FieldError` for a value that does not fit its field.
        """
        self._desk.require("conflict.resolve")

        def work(case: Casework) -> str:
            row = conflict_rows.row_of(case.conn, conflict_id)
            if row.settled_at:
                raise StateError("这一处已经选定了，没有改动。", code="E-SETTLED")
            if seen and Reader(case.conn, self._desk, row.case_id).stamped(row, plain=False).stamp != seen:
                raise StateError(MOVED_ON, code="E-MOVED-ON")
            order = conflict_views.open_ids(case.conn)
            # Of a case in other hands that the platform's value may stand is told: an application waits.
            told = choice == "theirs" and backlog.goes_on(case.conn, row.case_id)
            if backlog.taken_back(case.conn, row.case_id) and not told:
                self._put_away(case, row, choice)
            else:
                settling = self._settle(case, row, choice, value)
                self._close(case, row, choice, settling.command_id)
                held = disputes.holds_up_lodging(case.conn, row.case_id)
                if not held and held_filings.chosen(case.conn, row.case_id):
                    case.look_anew(row.case_id)
            self._use_up_draft(case, row)
            case.kinds.update(("conflicts", "outbox"))
            left = set(conflict_views.open_ids(case.conn))
            # Down the list from here, then from its top.
            at = order.index(conflict_id) if conflict_id in order else 0
            return next((one for one in (*order[at:], *order[:at]) if one in left), "")

        written = casework.write(self._desk, work)
        return replace(written, changes=ChangeSet.of("conflicts", "cases", "outbox").merge(written.changes))

    def _put_away(self, case: Casework, row: Any, choice: Choice) -> None:
        """The platform has taken the case back: what is chosen goes nowhere, and is not sent as if it did."""
        if choice != "theirs":
            raise StateError(conflict_views.TAKEN_BACK, code="E-TAKEN-BACK")
        self._close(case, row, choice, "platform")
        command = command_of(case.conn, row.command_id)
        if command is not None and isinstance(command.payload, cmd.FinaliseAgreement):
            agreement_id = command.payload.agreement.agreement_id
            signed_along.leave(case, row.case_id, agreement_id, command.command_id)
        detail = {"field": row.field, "choice": choice}
        case.note("conflict.put_away", row.case_id, row.doc_id, detail)
        casework.show_standing(case.conn, row.case_id)

    def _close(self, case: Casework, row: Any, choice: Choice, settled_by: str) -> None:
        """The fields of one decision, and hour and room of one appointment, stand or fall together."""
        case.conn.execute(
            update(conflicts)
            .where(conflict_rows.question_of(row), conflicts.c.settled_at == "")
            .values(choice=choice, settled_by=settled_by, settled_at=to_text(case.now))
        )

    def take_other(self, conflict_id: str, side: Literal["mine", "theirs"]) -> Written[None]:
        """换回来: put the value of ``side`` of a settled conflict in the place of what stands now.

        An edit like any other, with its undo window; of an appointment hour and room. Raises
        :class:`StateError` for a decision, for one that is open, and where that value stands already.
        """
        self._desk.require("conflict.resolve")

        def work(case: Casework) -> None:
            row = conflict_rows.row_of(case.conn, conflict_id)
            if not row.settled_at or not descriptive(row):
                raise StateError("这一处现在不能换，没有改动。", code="E-NOT-SETTLED")
            doc = self._document(case, row)
            wanted = conflict_rows.told(case.conn, row, side, doc)
            if reducer.field_values(doc, frozenset(wanted)) == wanted:
                raise StateError("现在就是这样写的，没有改动。", code="E-SAME")
            if isinstance(doc, cf.Party):
                wanted |= third_values.derived(doc, row.field, wanted[row.field])
            base = reducer.field_values(doc, frozenset(wanted))
            _require_meeting(case.file(row.case_id).head, wanted)
            payload: cmd.AnyPayload = (
                cmd.EditCase(fields=wanted)
                if row.entity == "case"
                else cmd.EditParty(party_id=row.doc_id, fields=wanted)
            )
            case.issue(row.case_id, payload, base=base, audit_detail={"field": row.field, "side": side})

        return casework.write(self._desk, work)

    def _use_up_draft(self, case: Casework, row: Any) -> None:
        """What was typed for this conflict is done with; what was typed for others of the case stays."""
        person_id, now = self._desk.person.person_id, to_text(case.now)
        kept = case.conn.execute(
            select(drafts_table.c.body).where(
                drafts_table.c.person_id == person_id,
                drafts_table.c.kind == DRAFT,
                drafts_table.c.subject == row.case_id,
            )
        ).scalar_one_or_none()
        texts = dict(msgspec.json.decode(kept)[TEXTS]) if kept else {}
        texts.pop(row.conflict_id, None)
        if texts:
            drafts.put(case.conn, person_id, DRAFT, row.case_id, {TEXTS: texts}, now)
        elif kept:
            drafts.forget(case.conn, person_id, DRAFT, row.case_id)

    def _document(self, case: Casework, row: Any) -> cf.Doc:
        file = case.file(row.case_id)
        doc: cf.Doc | None = file.case if row.entity == "case" else file.parties.get(row.doc_id)
        if doc is None:
            raise NotFoundError("要改的内容已经不在这件案件里，没有改动。", code="E-NO-DOC")
        return doc

    def _settle(self, case: Casework, row: Any, choice: Choice, value: Any) -> cmd.Command:
        theirs = from_json(row.theirs)
        if not descriptive(row):
            return self._settle_decision(case, row, choice)
        doc, file = self._document(case, row), case.file(row.case_id)
        if row.field in cmd.APPOINTMENT:
            if choice == "edited":
                raise StateError(TOGETHER, code="E-TOGETHER")
            shadow = casestore.shadow(case.conn, row.case_id).case or doc
            fields = conflict_rows.told(case.conn, row, choice, shadow)
            base = conflict_rows.told(case.conn, row, "theirs", shadow)
            if fields != base:
                _require_meeting(case.file(row.case_id).head, fields)
            return self._issue(case, row, self._chosen(case, row, fields, choice), base, choice)
        if choice == "edited":
            chosen = third_values.checked(self._desk, file, row.entity, doc, row.field, value)
        else:
            chosen = from_json(row.mine) if choice == "mine" else theirs
        fields, base = {row.field: chosen}, {row.field: theirs}
        beside = self._beside(case, row, doc, chosen)
        for name, (told, stands) in beside.items():
            if told != stands:
                fields[name], base[name] = told, stands
        settling = self._issue(case, row, self._chosen(case, row, fields, choice), base, choice)
        for name, (told, _) in beside.items():
            self._close_beside(case, row, name, told, settling)
        return settling

    def _chosen(
        self, case: Casework, row: Any, fields: dict[str, Any], choice: Choice
    ) -> cmd.ResolveConflict:
        return cmd.ResolveConflict(
            entity=row.entity, entity_id=row.doc_id, fields=fields, settles=row.command_id, choice=choice,
            also=settled_before(case.conn, row),
        )  # fmt: skip

    def _beside(self, case: Casework, row: Any, doc: cf.Doc, chosen: Any) -> dict[str, tuple[Any, Any]]:
        """What the chosen value says of other fields too, and what stands in them at the platform."""
        told = third_values.derived(doc, row.field, chosen) if isinstance(doc, cf.Party) else {}
        if not told:
            return {}
        shadow = casestore.shadow(case.conn, row.case_id).parties.get(row.doc_id)
        stands = reducer.field_values(shadow or doc, frozenset(told))
        for other in case.conn.execute(self._open_beside(row).where(conflicts.c.field.in_(told))):
            stands[other.field] = from_json(other.theirs)
        return {name: (value, stands[name]) for name, value in told.items()}

    def _open_beside(self, row: Any) -> Any:
        return select(conflicts).where(
            conflicts.c.entity == row.entity, conflicts.c.doc_id == row.doc_id, conflicts.c.settled_at == ""
        )

    def _close_beside(self, case: Casework, row: Any, name: str, told: Any, settling: cmd.Command) -> None:
        """A field that follows from the chosen one needs no question of its own."""
        for other in case.conn.execute(self._open_beside(row).where(conflicts.c.field == name)).all():
            sides = {from_json(other.theirs): "theirs", from_json(other.mine): "mine"}
            case.conn.execute(
                update(conflicts)
                .where(conflicts.c.conflict_id == other.conflict_id)
                .values(
                    choice=sides.get(told, "edited"), settled_by=settling.command_id,
                    settled_at=to_text(case.now),
                )
            )  # fmt: skip

    def _settle_decision(self, case: Casework, row: Any, choice: Choice) -> cmd.Command:
        """A decision (受理, 结案, 定稿) is never merged: dropped, or taken anew on the case as it stands."""
        if choice == "edited":
            raise StateError("这是一项决定，要改请到案件里重新办理。", code="E-DECISION")
        command = command_of(case.conn, row.command_id)
        file = case.file(row.case_id)
        if choice == "mine" and (why := too_early.why_not_again(self._desk, file, command)):
            raise StateError(why, code="E-EARLY")
        if choice == "mine" and not may_redo(file, command):
            raise StateError(
                "案件现在的状态不能再做这一步。您写的还留着，可以先按平台上的继续。", code="E-STATE"
            )
        payload = cmd.ResolveConflict(
            entity=row.entity, entity_id=row.doc_id, fields={}, settles=row.command_id, choice=choice
        )
        settling = self._issue(case, row, payload, {}, choice)
        if choice == "mine" and command is not None:
            base = self._seen_now(case, row, command)
            case.issue(row.case_id, _with_parties_seen(file, command.payload), base=base)
        self._signatures_too(case, row.case_id, command, settling, choice)
        return settling

    def _seen_now(self, case: Casework, row: Any, command: cmd.Command) -> dict[str, Any]:
        """What a decision taken once more rests on: the case as it stands here and, where the platform's
        change has not come yet (its answer came in a receipt), the value that it told of."""
        head = msgspec.to_builtins(case.file(row.case_id).head)
        seen = {name: head[name] for name in command.base_values if name in head}
        told = select(conflicts).where(conflicts.c.command_id == row.command_id, conflicts.c.settled_at == "")
        for one in case.conn.execute(told):
            if one.field in seen and from_json(to_json(seen[one.field])) == from_json(one.base):
                seen[one.field] = from_json(one.theirs)
        return seen

    def _signatures_too(
        self, case: Casework, case_id: str, command: cmd.Command | None, settling: cmd.Command, choice: str
    ) -> None:
        """What was signed on a text goes its way."""
        if command is None or not isinstance(command.payload, cmd.FinaliseAgreement):
            return
        agreement_id = command.payload.agreement.agreement_id
        if choice == "mine":
            signed_along.carry(case, case_id, agreement_id)
        else:
            signed_along.leave(case, case_id, agreement_id, settling.command_id)

    def _issue(
        self, case: Casework, row: Any, payload: cmd.ResolveConflict, base: dict[str, Any], choice: str
    ) -> cmd.Command:
        detail = {"field": row.field, "choice": choice}
        return case.issue(row.case_id, payload, base=base, audit_detail=detail)


def _with_parties_seen(file: CaseFile, payload: cmd.AnyPayload) -> cmd.AnyPayload:
    """A text that is chosen once more leaves out, knowingly, whoever is a party of the case by now."""
    if not isinstance(payload, cmd.FinaliseAgreement):
        return payload
    text = payload.agreement
    text = msgspec.structs.replace(text, omitted_ids=omitted(file, text.party_ids))
    return msgspec.structs.replace(payload, agreement=text)


def _require_meeting(head: cf.Case, fields: dict[str, Any]) -> None:
    """Raise :class:`StateError` for a session chosen where mediation is over by now; none may be chosen."""
    if fields.get("next_session_at") and not may_meet(head.state):
        now = case_machine().labels[head.state]
        raise StateError(
            f"案件现在是“{now}”，下次调解约不上了，没有改动，两处写法都还在。用平台上的；"
            "已经和当事人说好的，请告诉他们。双方还要谈，先“再谈一次”，再约。",
            code="E-MEDIATION-OVER",
        )


__all__ = ["DRAFT", "TEXTS", "Choice", "ConflictView", "Resolving", "Version"]

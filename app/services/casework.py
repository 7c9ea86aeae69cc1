"""The one way a service changes a case: commands, documents, audit, search row and tasks together."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select

from app.clock import legal_day, to_text
from app.domain import agreement, filings_of, masking, performance, reducer
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.errors import FieldError, NotFoundError, StateError
from app.domain.reducer import CaseFile
from app.domain.states import case_machine
from app.services import choice_undone, filed_ground
from app.services.backlog import UNDER_WAY, taken_back
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.services.drafts import awaits_approval, forget, give_back
from app.services.filing_ground import stop_if_moved
from app.services.projection import project
from app.services.standing import sync_state
from app.storage import audit, casestore, kv, outbox, tail
from app.storage.direct import driver
from app.storage.tables import cases, drafts, filings

T = TypeVar("T")

UNDO_DRAFTS = "undo.drafts"
"""In ``meta``: the drafts used up by the last undoable write, so that an undo gives back what was typed."""

_USED: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("used", default=())

_HANDLING_ENDED = frozenset({"contact.record", "session.record", "suspension.mark", "signature.register"})
_NOT_AFTER: Mapping[str, frozenset[str]] = {
    "refused": _HANDLING_ENDED,
    "handed_back": _HANDLING_ENDED | {"case.edit", "party.add", "party.edit"},
    "archived": frozenset(k for k in cmd.KINDS if k != "conflict.resolve"),
}
"""What a case that is over no longer takes. A refused or returned one still takes notes and files (the
receipt of its notice); an archived one can only be read, and its open conflicts be settled."""


class Casework:
    """One write transaction on cases. Made by :func:`write`; services never open their own."""

    def __init__(self, conn: Connection, desk: Desk) -> None:
        self.conn = conn
        self.desk = desk
        self.now = desk.clock.now()
        self._before: dict[str, CaseFile] = {}
        self._after: dict[str, CaseFile] = {}
        self._replanned: set[str] = set()
        self.commands: list[cmd.Command] = []
        self.kinds: set[str] = set()
        self.immediate = False

    def file(self, case_id: str) -> CaseFile:
        """The case as it stands in this transaction. Raises :class:`NotFoundError`."""
        if case_id not in self._after:
            loaded = casestore.load(self.conn, case_id)
            if loaded.case is None:
                raise NotFoundError("这件案件不在本机，可能已经移交。", code="E-NO-CASE")
            self._before[case_id] = self._after[case_id] = loaded
            self.desk.hide(masking.personal_words(loaded.parties.values()))
        return self._after[case_id]

    def record(self, case_id: str, body: cf.RecordBody, at: dt.datetime | None = None) -> cf.Record:
        """A new timeline record by the person at the desk."""
        return cf.Record(
            record_id=self.desk.make_id(),
            case_id=case_id,
            at=at or self.now,
            author=self.desk.person.person_id,
            body=body,
        )

    def issue(
        self,
        case_id: str,
        payload: cmd.AnyPayload,
        *,
        base: Mapping[str, Any] | None = None,
        immediate: bool = False,
        audit_detail: Mapping[str, Any] | None = None,
    ) -> cmd.Command:
        """Write one command and apply it. ``immediate``: no undo window (it was confirmed in words).

        Raises :class:`StateError` when the case's state does not allow the command, or an application at the
        court holds what it would change.
        """
        kind = cmd.kind_of(payload)
        if isinstance(payload, cmd.RegisterCase):
            self._before[case_id] = self._after[case_id] = CaseFile()
            base_values: Mapping[str, Any] = {}
        else:
            file = self.file(case_id)
            if not _calls_off(file.head.state, payload):
                _refuse_unless_allowed(file.head.state, kind)
            filed_ground.require_free(file, kind)
            base_values = {**_decided_on(file, kind), **(base or {})}
        redone = kind in cmd.COMPARE_AND_SET and outbox.refused_before(self.conn, case_id, kind)
        self.immediate = self.immediate or immediate
        not_before = self.now if immediate else self.now + self.desk.undo_window
        command = outbox.append(
            self.conn,
            self.desk.author(),
            case_id=case_id,
            payload=payload,
            base_version=casestore.version_of(self.conn, case_id),
            base_values=base_values,
            at=self.now,
            not_before=not_before,
        )
        if redone:
            # A decision given again mends the refused one, whose record then stands for it no longer.
            self.look_anew(case_id)
        else:
            self._after[case_id] = reducer.apply(self._after[case_id], command)
        self.desk.hide(masking.personal_words(self._after[case_id].parties.values()))
        self.commands.append(command)
        self.note(kind, case_id, command.command_id, audit_detail or {})
        return command

    def note(self, action: str, case_id: str, subject: str, detail: Mapping[str, Any]) -> None:
        """One audit entry; ``detail`` holds no personal data."""
        audit.append(self.conn, self.now, self.desk.person.person_id, action, case_id, subject, dict(detail))

    def look_anew(self, case_id: str) -> None:
        """Make the picture of a case anew: what became of earlier commands has changed here."""
        self.file(case_id)
        cursor = int(kv.get(self.conn, "cursor", "0"))
        self._after[case_id] = casestore.rebuilt(self.conn, case_id, cursor)

    def replan(self, case_id: str) -> None:
        """Have the plan of a case made anew: it follows something beside the documents that changes here."""
        self.file(case_id)
        self._replanned.add(case_id)

    def finish(self) -> ChangeSet:
        """Write the projections of every case touched."""
        changed = {c for c, after in self._after.items() if after is not self._before[c]}
        touched = changed | self._replanned
        for case_id in self._after:
            if case_id in touched:
                store_projection(self.conn, self.desk, self._before[case_id], self._after[case_id])
        if changed:
            self.kinds.add("outbox")
        if touched:
            self.kinds.update(("cases", "tasks"))
        return ChangeSet(case_ids=frozenset(touched), kinds=frozenset(self.kinds))


def _decided_on(file: CaseFile, kind: str) -> dict[str, Any]:
    """What a command of this ``kind`` rests on: the platform compares; changed meanwhile, it conflicts."""
    head = file.head
    found: dict[str, Any] = {}
    if kind in cmd.COMPARE_AND_SET:
        # The state may be the same again by other decisions: a colleague took it up once more, and ended it.
        found |= {"state": head.state, "decided_by": head.decided_by}
    if kind in cmd.ON_THE_AGREEMENT:
        found["agreement_id"] = head.agreement_id
    if kind in cmd.ON_THE_CONCLUSION:
        found |= reducer.field_values(head, frozenset({"conclusion"}))
    if kind in cmd.UNDOING_AGREEMENT and head.agreement_id:
        found[cmd.SIGNED] = list(agreement.places_signed(file, head.agreement_id))
    if kind in cmd.ON_THE_AGREEMENT and head.agreement_id:
        found[cmd.PERFORMED] = list(performance.entries(file, head.agreement_id))
    if kind in cmd.ON_THE_CLOCK:
        found |= reducer.field_values(head, frozenset({cmd.SUSPENSIONS}))
    if kind in cmd.ON_THE_APPOINTMENT:
        found[cmd.APPOINTED] = reducer.field_values(head, cmd.APPOINTMENT)
    if kind in cmd.ON_THE_PARTIES:
        found[cmd.PARTIES] = sorted(file.parties)
    if kind in cmd.MOVING_AGREEMENT and (over := filings_of.ended(file)):
        found[cmd.FILINGS_OVER] = list(over)
    return found


def _calls_off(state: str, payload: cmd.AnyPayload) -> bool:
    """Whether this calls a session off in a case that was returned: the parties would come for nothing."""
    none = {"next_session_at": None, "next_session_place": ""}
    return state == "handed_back" and isinstance(payload, cmd.EditCase) and payload.fields == none


def _refuse_unless_allowed(state: str, kind: str) -> None:
    machine = case_machine()
    label = machine.labels[state]
    if kind in _NOT_AFTER.get(state, ()):
        raise StateError(
            f"这件案件{label}，这一步不能再做，没有改动案件。",
            code="E-ARCHIVED" if state == "archived" else "E-STATE",
            detail=f"{state} {kind}",
        )
    if kind in cmd.COMPARE_AND_SET and not machine.allows(state, kind):
        raise StateError(
            f"现在是“{label}”，不能做这一步。刚才写的还在，没有改动案件。",
            code="E-STATE",
            detail=f"{state} {kind}",
        )


@contextmanager
def using_draft(kind: str, subject: str) -> Iterator[None]:
    """The writes inside carry out this draft: it is gone with each one's transaction, and back with its undo.

    For forms that a service does not know by name; on the thread that writes.
    """
    before = _USED.set((*_USED.get(), (kind, subject)))
    try:
        yield
    finally:
        _USED.reset(before)


def write(desk: Desk, work: Callable[[Casework], T]) -> Written[T]:
    """Run ``work`` in one transaction and say what it changed and how it can be undone.

    A write with a command that is sent at once cannot be: it was confirmed in words.
    """

    issued: list[cmd.Command] = []

    def transaction(conn: Connection) -> Written[T]:
        casework = Casework(conn, desk)
        held = _drafts(conn, desk)
        value = work(casework)
        for kind, subject in _USED.get():
            forget(conn, desk.person.person_id, kind, subject)
        changes = casework.finish()
        issued[:] = casework.commands
        undoable = desk.undo_window and not casework.immediate
        undo_id = ",".join(c.command_id for c in casework.commands) if undoable else ""
        left = _drafts(conn, desk)
        gone = [row for key, row in held.items() if key not in left or left[key].body != row.body]
        if undo_id and gone:
            rows = [[r.kind, r.subject, r.body.decode(), r.saved_at] for r in gone]
            kv.put(conn, UNDO_DRAFTS, json.dumps([desk.person.person_id, undo_id, rows]))
        return Written(value=value, changes=changes, undo_id=undo_id or None)

    try:
        written = desk.store.write(transaction)
    except UnicodeEncodeError as error:
        # Half a character, as a broken paste or a file name of another system leaves it.
        raise FieldError(
            "text", "有一个字认不出来，多半是粘贴带来的，没有存。去掉它再存，写的都还在。", code="E-TEXT"
        ) from error
    if issued:
        tail.mark(desk.store.path.parent, desk.device_id, issued[-1].dev_seq)
    return written


def undo(desk: Desk, undo_id: str) -> Written[None]:
    """Take back what one write did, within its undo window; the drafts it had used up are back then, and two
    values between which it chose are asked about again.

    Raises :class:`StateError` afterwards.
    """

    def transaction(conn: Connection) -> Written[None]:
        command_ids = tuple(undo_id.split(","))
        touched = _withdraw(conn, command_ids, desk.clock.now())
        asked_again = choice_undone.asked_again(conn, command_ids)
        came_back = _restore_drafts(conn, desk, undo_id)
        for case_id in touched:
            _refuse_if_filed(conn, rebuild(conn, desk, case_id))
            audit.append(
                conn, desk.clock.now(), desk.person.person_id, "undo", case_id, command_ids[0],
                {"commands": len(command_ids)},
            )  # fmt: skip
        kinds = {"cases", "tasks", "outbox"}
        kinds |= {name for name, too in (("drafts", came_back), ("conflicts", asked_again)) if too}
        return Written(value=None, changes=ChangeSet(case_ids=touched, kinds=frozenset(kinds)), undo_id=None)

    return desk.store.write(transaction)


def _withdraw(conn: Connection, command_ids: tuple[str, ...], at: dt.datetime) -> frozenset[str]:
    try:
        return outbox.withdraw(conn, command_ids, at)
    except StateError as error:
        words = choice_undone.too_late(conn, command_ids) if error.code == "E-UNDO-SENT" else ""
        if not words:
            raise
        raise StateError(words, code=error.code) from error


def _refuse_if_filed(conn: Connection, file: CaseFile) -> None:
    """An application on its way must keep its files and its agreement: it would wait for them for ever."""
    if file.case is None:
        return
    here = {attachment.sha256 for attachment in file.attachments.values()}
    under_way = select(filings).where(filings.c.case_id == file.case.case_id, filings.c.job.in_(UNDER_WAY))
    for row in conn.execute(under_way):
        filed = {item["sha256"] for item in json.loads(row.manifest or "[]")}
        if not filed <= here or row.subject_id not in {row.case_id, *file.agreements}:
            raise StateError(
                "这一步的内容已经放进提交给法院的申请，没有撤销。要撤销，请先撤回申请。", code="E-FILED"
            )


_DRAFTS = select(drafts).where(drafts.c.person_id == bindparam("of_person"))


def _drafts(conn: Connection, desk: Desk) -> dict[tuple[str, str], Any]:
    rows = conn.execute(_DRAFTS, {"of_person": desk.person.person_id})
    return {(row.kind, row.subject): row for row in rows}


def _restore_drafts(conn: Connection, desk: Desk, undo_id: str) -> bool:
    """What was typed comes back with the undo, beside what was typed in its place since; whether any was."""
    kept = kv.get(conn, UNDO_DRAFTS)
    person_id, used, rows = json.loads(kept) if kept else ("", "", [])
    if (person_id, used) != (desk.person.person_id, undo_id):
        return False
    for kind, subject, body, saved_at in rows:
        give_back(conn, person_id, kind, subject, json.loads(body), saved_at)
    kv.put(conn, UNDO_DRAFTS, "")
    return bool(rows)


def rebuild(conn: Connection, desk: Desk, case_id: str) -> CaseFile:
    """Make the local picture of a case anew from the platform's and the pending commands."""
    before = casestore.load(conn, case_id)
    after = casestore.rebuilt(conn, case_id, int(kv.get(conn, "cursor", "0")))
    if after.case is None:
        casestore.remove(conn, case_id)
    else:
        if stop_if_moved(conn, desk, before, after):
            after = casestore.with_unsent(conn, after)
        store_projection(conn, desk, before, after)
    return after


def requeued(conn: Connection, desk: Desk, case_ids: Iterable[str]) -> None:
    """Commands of these cases are pending again: they are shown so, and what changes with it is made anew.

    Mostly the words show as before, and only that they wait is new: after a restore of the platform there
    may be very many in one transaction.
    """
    cursor = int(kv.get(conn, "cursor", "0"))
    for case_id in case_ids:
        if casestore.rebuilt(conn, case_id, cursor) == casestore.load(conn, case_id):
            show_standing(conn, case_id)
        else:
            rebuild(conn, desk, case_id)


def show_standing(conn: Connection, case_id: str) -> None:
    """Write the 同步 column of a case whose picture is as it was."""
    state = sync_state(conn, case_id)
    driver(conn).execute("UPDATE cases SET sync = ? WHERE case_id = ?", (state, case_id))


def store_projection(conn: Connection, desk: Desk, before: CaseFile, after: CaseFile) -> None:
    """Write documents and list row of one case; 更新 moves on only when the case itself changed."""
    case_id = after.head.case_id
    same = (
        before == after
        and conn.execute(select(cases.c.updated_at).where(cases.c.case_id == case_id)).scalar_one_or_none()
    )
    updated_at = same or to_text(desk.clock.now())
    approving = awaits_approval(conn, desk, case_id)
    held = taken_back(conn, case_id)
    row = project(after, desk, sync_state(conn, case_id), updated_at, approving=approving, taken_back=held)
    casestore.save(conn, before, after, row)


__all__ = [
    "Casework", "legal_day", "rebuild", "requeued", "show_standing", "store_projection", "undo",
    "using_draft", "write",
]  # fmt: skip

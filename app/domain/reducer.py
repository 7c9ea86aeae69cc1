"""What a command does to the documents of a case, on this side of the wire.

Pure: the same documents and command always give the same result. The local picture of a case is the
platform's picture with the not yet settled commands applied on top, in lane order; undo and pull
both rebuild it that way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import msgspec

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.states import case_machine
from app.domain.unsent import Unsent

T = TypeVar("T")


@dataclass(frozen=True)
class CaseFile:
    """All documents of one case, by id."""

    case: cf.Case | None = None
    parties: Mapping[str, cf.Party] = field(default_factory=dict)
    records: Mapping[str, cf.Record] = field(default_factory=dict)
    agreements: Mapping[str, cf.Agreement] = field(default_factory=dict)
    attachments: Mapping[str, cf.Attachment] = field(default_factory=dict)
    submissions: Mapping[str, cf.Submission] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    """Ids of those records that the platform did not accept: they can be read, and count for nothing."""
    kept: Mapping[str, tuple[cf.SubmissionEvent, ...]] = field(default_factory=dict)
    """By application what its court told, and a platform that was restored from a backup tells no more: it
    stands beside the documents, the oldest first."""
    unsent: Mapping[str, Unsent] = field(default_factory=dict, compare=False)
    """By application how what was asked here of its court, and is not settled, stands."""

    @property
    def head(self) -> cf.Case:
        """The header, which every known case has."""
        if self.case is None:
            raise LookupError("case file without a header")
        return self.case

    def side(self, side: cf.Side) -> tuple[cf.Party, ...]:
        """The parties of one side, in order."""
        return tuple(sorted((p for p in self.parties.values() if p.side == side), key=lambda p: p.ordinal))

    def timeline(self) -> tuple[cf.Record, ...]:
        """Records, newest first."""
        return tuple(sorted(self.records.values(), key=lambda r: (r.at, r.record_id), reverse=True))

    @property
    def last_change(self) -> dt.datetime:
        """When something last happened in the case, by its own dates."""
        head = self.head
        moments = [head.received_at, head.accepted_at, head.decided_at, head.closed_at, head.archived_at]
        moments += [record.at for record in self.records.values()]
        moments += [one.finalised_at for one in self.agreements.values()]
        moments += [one.added_at for one in self.attachments.values()]
        moments += [event.at for one in self.submissions.values() for event in one.events]
        return max(moment for moment in moments if moment is not None)

    def of_type(self, kind: type[T]) -> tuple[tuple[cf.Record, T], ...]:
        """The records that count whose body is a ``kind``, oldest first, superseded ones left out.

        What the platform did not accept counts for nothing, and puts nothing right either.
        """
        return tuple(pair for pair in self.written(kind) if pair[0].record_id not in self.refused)

    def written(self, kind: type[T]) -> tuple[tuple[cf.Record, T], ...]:
        """As :meth:`of_type`, with what the platform did not accept: to be read, never to be counted."""
        gone = self.superseded()
        found = [
            (r, r.body) for r in self.records.values() if isinstance(r.body, kind) and r.record_id not in gone
        ]
        return tuple(sorted(found, key=lambda pair: (pair[0].at, pair[0].record_id)))

    def superseded(self) -> frozenset[str]:
        """Ids of the records that another one which holds stands for now."""
        held = (r for r in self.records.values() if r.record_id not in self.refused)
        return frozenset(r.supersedes for r in held if r.supersedes)


GROUPS = {
    "party": "parties",
    "record": "records",
    "agreement": "agreements",
    "attachment": "attachments",
    "submission": "submissions",
}


def put(file: CaseFile, entity: str, doc: cf.Doc) -> CaseFile:
    """``file`` with ``doc`` in place of what stood under its id."""
    if entity == "case":
        return replace(file, case=cast(cf.Case, doc))
    group = GROUPS[entity]
    documents: Any = {**getattr(file, group), cf.key_of(entity, doc): doc}
    changes: dict[str, Any] = {group: documents}
    return replace(file, **changes)


def gathered(head: cf.Doc | None, documents: Iterable[tuple[str, str, cf.Doc | None]]) -> CaseFile:
    """A case file of a header and documents by entity and id, in one go."""
    groups: dict[str, Any] = {name: {} for name in GROUPS.values()}
    for entity, key, doc in documents:
        groups[GROUPS[entity]][key] = doc
    return CaseFile(case=cast("cf.Case | None", head), **groups)


def get(file: CaseFile, entity: str, key: str) -> cf.Doc | None:
    """The document under an id, if the file has it."""
    if entity == "case":
        return file.case
    return cast("cf.Doc | None", getattr(file, GROUPS[entity]).get(key))


def with_fields(doc: cf.Doc, fields: Mapping[str, Any]) -> cf.Doc:
    """``doc`` with JSON values put into named fields; converted to the fields' types."""
    merged = {**msgspec.to_builtins(doc), **fields}
    return msgspec.convert(merged, type(doc), strict=False)


def field_values(doc: cf.Doc, names: Mapping[str, Any] | frozenset[str]) -> dict[str, Any]:
    """The JSON values of the named fields, as ``base_values`` carries them; of no such field ``None``."""
    values = {name: getattr(doc, name, None) for name in names}
    return cast("dict[str, Any]", msgspec.json.decode(msgspec.json.encode(values)))


def _moved(file: CaseFile, command: cmd.Command, **changes: Any) -> CaseFile:
    head = file.head
    payload = msgspec.to_builtins(command.payload)
    state = case_machine().target(head.state, command.kind, payload)
    if state is not None:
        changes["state"] = state
    if command.kind in cmd.RESTED_ON:
        changes["decided_by"] = command.command_id
    return replace(file, case=msgspec.structs.replace(head, **changes)) if changes else file


def apply(file: CaseFile, command: cmd.Command) -> CaseFile:
    """``file`` after ``command``. A command whose case is not here leaves it unchanged."""
    payload = command.payload
    if isinstance(payload, cmd.RegisterCase):
        return CaseFile(case=payload.case, parties={p.party_id: p for p in payload.parties})
    if file.case is None:
        return file
    record = getattr(payload, "record", None)
    if record is not None:
        file = put(file, "record", record)
    return cast(CaseFile, _HANDLERS[type(payload)](file, command, payload))


def _only_move(file: CaseFile, command: cmd.Command, payload: Any) -> CaseFile:
    return _moved(file, command)


def _waive(file: CaseFile, command: cmd.Command, payload: cmd.WaiveContact) -> CaseFile:
    return _moved(file, command, contact_waiver=payload.reason)


def _accept(file: CaseFile, command: cmd.Command, payload: cmd.AcceptCase) -> CaseFile:
    return _moved(
        file,
        command,
        accepted_at=payload.accepted_at,
        decided_at=payload.accepted_at,
        number=payload.number,
        mediator_id=payload.mediator_id,
    )


def _refuse(file: CaseFile, command: cmd.Command, payload: cmd.RefuseCase) -> CaseFile:
    return _moved(file, command, decided_at=payload.decided_at, refusal=payload.refusal)


def _hand_back(file: CaseFile, command: cmd.Command, payload: cmd.HandBackCase) -> CaseFile:
    return _moved(file, command, decided_at=payload.decided_at, handback_reason=payload.reason)


def _edit_case(file: CaseFile, command: cmd.Command, payload: cmd.EditCase) -> CaseFile:
    return put(file, "case", with_fields(file.head, payload.fields))


def _add_party(file: CaseFile, command: cmd.Command, payload: cmd.AddParty) -> CaseFile:
    return put(file, "party", payload.party)


def _edit_party(file: CaseFile, command: cmd.Command, payload: cmd.EditParty) -> CaseFile:
    party = file.parties.get(payload.party_id)
    return file if party is None else put(file, "party", with_fields(party, payload.fields))


def _suspension(file: CaseFile, command: cmd.Command, payload: cmd.MarkSuspension) -> CaseFile:
    mark = cast(cf.SuspensionMark, payload.record.body)
    spans = file.head.suspensions
    if any(span.record_id == payload.record.record_id for span in spans):
        # Shown by the feed already, while the answer to the command is still to come.
        return file
    if mark.what == "start":
        spans += (cf.Suspension(record_id=payload.record.record_id, reason=mark.reason, first_day=mark.day),)
    else:
        spans = tuple(
            msgspec.structs.replace(s, last_day=mark.day) if s.record_id == mark.start_record_id else s
            for s in spans
        )
    return _moved(file, command, suspensions=spans)


def _attachment(file: CaseFile, command: cmd.Command, payload: cmd.DeclareAttachment) -> CaseFile:
    return put(file, "attachment", payload.attachment)


def _agreement(file: CaseFile, command: cmd.Command, payload: cmd.FinaliseAgreement) -> CaseFile:
    agreement = payload.agreement
    file = put(file, "agreement", agreement)
    return _moved(file, command, agreement_id=agreement.agreement_id, agreement_form=agreement.form)


def _conclude(file: CaseFile, command: cmd.Command, payload: cmd.ConcludeCase) -> CaseFile:
    return _moved(file, command, conclusion=payload.conclusion)


def _close(file: CaseFile, command: cmd.Command, payload: cmd.CloseCase) -> CaseFile:
    return _moved(file, command, conclusion=payload.conclusion, closed_at=payload.closed_at)


def _resolve(file: CaseFile, command: cmd.Command, payload: cmd.ResolveConflict) -> CaseFile:
    doc = get(file, payload.entity, payload.entity_id)
    return file if doc is None else put(file, payload.entity, with_fields(doc, payload.fields))


_HANDLERS: Mapping[type, Any] = {
    cmd.RecordContact: _only_move,
    cmd.WaiveContact: _waive,
    cmd.AcceptCase: _accept,
    cmd.RefuseCase: _refuse,
    cmd.HandBackCase: _hand_back,
    cmd.EditCase: _edit_case,
    cmd.AddParty: _add_party,
    cmd.EditParty: _edit_party,
    cmd.RecordSession: _only_move,
    cmd.AddRecord: _only_move,
    cmd.MarkSuspension: _suspension,
    cmd.DeclareAttachment: _attachment,
    cmd.FinaliseAgreement: _agreement,
    cmd.RegisterSignature: _only_move,
    cmd.ConcludeCase: _conclude,
    cmd.ResumeCase: _only_move,
    cmd.CloseCase: _close,
    cmd.ResolveConflict: _resolve,
}

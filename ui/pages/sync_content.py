"""看内容: what a row carries, masked, in the words that the case itself uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain import commands as cmd
from app.domain import masking
from app.domain.errors import NotFoundError
from app.services import act_words, field_words, sync_words
from app.services.cases import PROTECTED, CaseView
from app.services.field_words import Known
from app.services.sync_rows import Line
from app.services.sync_words import SIDES
from ui.pages.case_marks import unmarked
from ui.pages.case_timeline import course

if TYPE_CHECKING:
    from app.services.office import Office


def content_of(office: Office, command_id: str) -> tuple[Line, ...]:
    """The lines of a command; none where its content was erased or its case is not here any more."""
    command = office.sync_centre.command(command_id)
    if command is None:
        return ()
    try:
        view = office.cases.open(command.case_id)
    except NotFoundError:
        return ()
    lines = _lines(office, view, command.payload)
    names = tuple(masking.names(view.file.parties.values()))
    return tuple(Line(name, masking.redact(text, names)) for name, text in lines if text)


def file_of(office: Office, case_id: str, attachment_id: str) -> tuple[Line, ...]:
    """What a file is called, masked; none where its case is not here any more."""
    try:
        found = office.cases.open(case_id).file.attachments.get(attachment_id)
    except NotFoundError:
        return ()
    return (Line("材料", found.title or "材料"),) if found is not None else ()


def _lines(office: Office, view: CaseView, payload: cmd.AnyPayload) -> list[tuple[str, str]]:
    desk = office.desk
    known = Known(desk.today(), desk.name_of, view.file.agreements)
    match payload:
        case cmd.EditCase() | cmd.EditParty():
            return [_field(view, known, payload, name) for name in payload.fields]
        case cmd.AddParty():
            return [(SIDES[payload.party.side], masking.party_name(payload.party))]
        case cmd.RegisterCase():
            kind = field_words.worded("dispute_kind", payload.case.dispute_kind, known)
            people = [(SIDES[one.side], masking.party_name(one)) for one in payload.parties]
            return [("案件简称", payload.case.title), ("纠纷类型", kind), *people]
        case cmd.DeclareAttachment():
            one = payload.attachment
            return [("材料", one.title or one.name), ("大小", sync_words.size_text(one.size))]
    if told := act_words.written(payload, view.file, known, plain=False):
        return list(told)
    record = getattr(payload, "record", None)
    if record is None:
        return []
    return [
        (entry.title, f"{entry.rest.strip()} {unmarked(entry.detail)}".strip())
        for entry in course(view, desk).entries
        if entry.key == record.record_id
    ]


def _field(view: CaseView, known: Known, payload: cmd.EditCase | cmd.EditParty, name: str) -> tuple[str, str]:
    value: Any = payload.fields[name]
    if isinstance(payload, cmd.EditCase):
        return sync_words.field_name(name), field_words.worded(name, value, known)
    party = view.file.parties.get(payload.party_id)
    shown = sync_words.field_name(name, party.side if party else "")
    if name in (*PROTECTED, "agent"):
        return shown, field_words.hidden(name, value, party)
    return shown, field_words.worded(name, value, known)

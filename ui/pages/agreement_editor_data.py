"""What the agreement's page reads, and what the check's proposals change on the paper."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from app.domain import casefile as cf
from app.domain.checks import Repair
from app.domain.reducer import CaseFile
from app.services import filed_ground
from app.services.agreement_seen import SEEN, Seen, kept_seen, standing
from ui.pages.agreement_editor_sheet import AgreementSheet
from ui.widgets.dates import parse_date

if TYPE_CHECKING:
    from app.services.office import Office


TYPED = "typed"
"""In a kept draft, beside the agreement's own fields: what was typed and is not understood."""


@dataclass(frozen=True)
class Loaded:
    """One reading: the case, the draft, whether a draft is saved, whether a text was fixed before."""

    file: CaseFile
    draft: cf.Agreement
    writing: bool
    why_fixed: str
    """Why no other text can be written; empty where one can."""
    typed: Mapping[str, str]
    """Amounts and dates of the draft that were typed and are not understood, by field."""
    seen: Seen
    """What the draft rests on."""


def read(office: Office, case_id: str, *, fresh: bool) -> Loaded:
    """Read on the read lane."""
    file = office.cases.open(case_id).file
    kept = office.drafts.get("agreement", case_id)
    saved = kept is not None
    talking = file.head.state in ("accepted", "mediating")
    # Where they talk again, the text that was set aside is not what “起草协议” is pressed for.
    fixed = file.head.agreement_id in file.agreements and not talking
    draft = msgspec.structs.replace(office.agreeing.draft(case_id), finalised_at=office.desk.clock.now())
    can = file.head.state in ("accepted", "mediating", "agreed")
    typed = kept.body.get(TYPED, {}) if kept is not None else {}
    writing = can and (saved or fresh or not fixed)
    seen = standing(file) if kept is None else kept_seen(kept.body, file)
    why_fixed = filed_ground.short(file) if can else "已结案，协议只能看"
    return Loaded(file, draft, writing=writing, why_fixed=why_fixed, typed=typed, seen=seen)


def to_draft(sheet: AgreementSheet, seen: Seen) -> dict[str, Any] | None:
    """What stands on the paper and what it rests on, as the draft keeps it; nothing before one is loaded."""
    draft = sheet.value()
    if draft is None:
        return None
    found: dict[str, Any] = {**msgspec.to_builtins(draft), SEEN: msgspec.to_builtins(seen)}
    typed = sheet.typed()
    return {**found, TYPED: typed} if typed else found


def with_draft(file: CaseFile, draft: cf.Agreement) -> CaseFile:
    """The case as if ``draft`` were its agreement, for a paper of it."""
    head = msgspec.structs.replace(file.head, agreement_id=draft.agreement_id)
    return dataclasses.replace(file, case=head, agreements={**file.agreements, draft.agreement_id: draft})


def put_right(sheet: AgreementSheet, repair: Repair, value: str, today: dt.date) -> None:
    """一键改: put ``value``, which the check proposes, where it belongs on the paper."""
    if repair.field == "copies":
        sheet.copies.choose(value)
    elif repair.field == "total_fen":
        sheet.total.set_value(int(value))
        sheet.changed.emit()
    elif repair.field.startswith("payments."):
        line = sheet.payments[int(repair.field.split(".")[1]) - 1]
        line.due.set_value(parse_date(value, today))
        line.changed.emit()
    elif repair.field == "dated_on":
        sheet.dated.set_value(parse_date(value, today))
    elif (edit := sheet.editors().get(repair.field)) is not None:
        found = edit.document().find(repair.find)
        if repair.find and not found.isNull():
            found.insertText(value)

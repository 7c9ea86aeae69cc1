"""Writing down a case that does not come from the platform; shared by every form that begins one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.errors import FieldError, FieldErrors, NotPermittedError
from app.services import numbering, parties
from app.services.casework import Casework
from app.services.desk import Desk


def require_open(desk: Desk) -> None:
    """Raise :class:`NotPermittedError` for who may not register, and while the institution is closed."""
    desk.require("case.register")
    if desk.institution.status == "closed":
        raise NotPermittedError("本机构已停止办理，不能新建案件。已有的案件可以看、导出和归档。")


def register(
    case: Casework, head: cf.Case, listed: Sequence[cf.Party], *, immediate: bool
) -> tuple[cf.Party, ...]:
    """Register ``head`` with its parties, which get ids and ordinals here; the parties as they are kept."""
    ordinals: dict[str, int] = {}
    kept = []
    for one in listed:
        ordinals[one.side] = ordinals.get(one.side, 0) + 1
        kept.append(
            msgspec.structs.replace(
                parties.completed(one),
                party_id=case.desk.make_id(),
                case_id=head.case_id,
                ordinal=ordinals[one.side],
            )
        )
    case.issue(
        head.case_id,
        cmd.RegisterCase(case=head, parties=tuple(kept)),
        immediate=immediate,
        audit_detail={"source": head.source},
    )
    return tuple(kept)


def accept_on_the_spot(case: Casework, case_id: str, listed: Sequence[cf.Party], *, immediate: bool) -> str:
    """双方都在场、都已同意: the respondents' answer is recorded and the case accepted; gives its number.

    Raises :class:`FieldErrors` where nobody is the respondent.
    """
    others = [p for p in listed if p.side == "respondent"]
    if not others:
        raise FieldErrors((FieldError("respondent.name", "写被申请人是谁。"),))
    for party in others:
        said = cf.Contact(party_id=party.party_id, channel="visit", result="willing", said="当面同意调解")
        record = case.record(case_id, said)
        case.issue(case_id, cmd.RecordContact(record=record, result="willing"), immediate=immediate)
    number = numbering.take(case.conn, case.desk)
    record = case.record(case_id, cf.Decision(what="accepted", text=number))
    case.issue(
        case_id,
        cmd.AcceptCase(
            record=record,
            accepted_at=case.now,
            number=number,
            mediator_id=case.file(case_id).head.mediator_id,
        ),
        immediate=immediate,
        audit_detail={"number": number},
    )
    return number

"""What was last changed on this computer and has not gone out: where a practised colleague writes as well."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.domain import commands as cmd
from app.services.desk import Desk
from app.storage.outbox import UNSETTLED
from app.storage.tables import outbox

IN_WORDS = frozenset(
    {
        "title", "claims", "facts", "occurred_place", "amount_fen", "name", "occupation", "phone", "email",
        "address", "service_address", "legal_representative", "contact_person",
    }
)  # fmt: skip
"""Fields in which anybody can write something else; of the others there is only a list to choose from."""


@dataclass(frozen=True)
class WrittenField:
    """One field of a case or, with ``party_id``, of one of its parties."""

    case_id: str
    field: str
    party_id: str = ""


def last_written(desk: Desk) -> WrittenField | None:
    """The field edited last among those that still have to be delivered; ``None`` when there is none."""
    desk.require_cases()
    query = (
        select(outbox.c.bytes)
        .where(outbox.c.state.in_(UNSETTLED), outbox.c.kind.in_(("case.edit", "party.edit")))
        .where(outbox.c.bytes.is_not(None))
        .order_by(outbox.c.ordinal.desc())
    )
    for raw in desk.store.read(lambda conn: conn.execute(query).scalars().all()):
        command = cmd.decode(raw)
        if not isinstance(command.payload, (cmd.EditCase, cmd.EditParty)):
            continue
        field = next((name for name in command.payload.fields if name in IN_WORDS), "")
        if field:
            return WrittenField(command.case_id, field, getattr(command.payload, "party_id", ""))
    return None

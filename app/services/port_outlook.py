"""What a run has to do, seen in one read: most runs find nothing, and cost one question to the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, exists, or_, select

from app.services import backlog
from app.services.numbering import Lease
from app.services.port_state import SyncState
from app.storage.direct import among
from app.storage.tables import downloads, filings, outbox, uploads


@dataclass(frozen=True)
class Outlook:
    """What waits here for each stage, as it stood when it was read."""

    broken_off: bool
    """Something still looks as if it were on its way, of which no run knows any more."""
    commands: bool
    files: bool
    filings: bool
    held: bool
    parked: bool
    leases: tuple[Lease, ...]
    """Runs of numbers that should be leased."""
    values: Mapping[str, str]
    """The engine's own values, see :data:`app.services.port_state.VALUES`."""


_IN_FLIGHT = or_(
    exists().where(outbox.c.state == "in_flight"),
    exists().where(filings.c.job == "in_flight"),
)
BROKEN_OFF = select(_IN_FLIGHT.label("broken_off"))
_WAITING = select(
    _IN_FLIGHT.label("broken_off"),
    exists().where(backlog.COMMAND_UNSETTLED).label("commands"),
    or_(
        exists().where(uploads.c.state != "stored"),
        exists().where(among(downloads.c.state, ("wanted", "failed"))),
    ).label("files"),
    exists().where(backlog.FILING_QUEUED).label("filings"),
    exists().where(backlog.HELD_BACK).label("held"),
    exists().where(backlog.PARKED).label("parked"),
)


def look(conn: Connection, state: SyncState) -> Outlook:
    """The outlook now."""
    values = state.values_in(conn)
    row = conn.execute(_WAITING).one()
    return Outlook(
        broken_off=bool(row.broken_off),
        commands=bool(row.commands),
        files=bool(row.files),
        filings=bool(row.filings),
        held=bool(row.held),
        parked=bool(row.parked),
        leases=state.wanted_in(conn, values["scope"]),
        values=values,
    )

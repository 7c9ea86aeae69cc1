"""法院目录: the courts an application may go to."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain import taxonomy
from app.domain.taxonomy import Court
from app.services.catalogue import handed_down


def courts_in(conn: Connection, *, practice: bool) -> tuple[Court, ...]:
    """The courts in force: the platform's catalogue where it hands one down, else the packaged list, whose
    invented courts are for practice only."""
    return handed_down(conn, "courts", Court) or taxonomy.courts(practice)

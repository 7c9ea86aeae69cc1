"""法院目录: the courts an application may go to."""

from __future__ import annotations

import logging

import msgspec
from sqlalchemy import Connection, select

from app.domain import taxonomy
from app.domain.taxonomy import Court
from app.storage.tables import catalogues

log = logging.getLogger(__name__)


class _PlatformCourts(msgspec.Struct):
    """The platform's catalogue ``courts``."""

    items: tuple[Court, ...]


def courts_in(conn: Connection, *, practice: bool) -> tuple[Court, ...]:
    """The courts in force: the platform's catalogue where it hands one down, else the packaged list, whose
    invented courts are for practice only."""
    asked = select(catalogues.c.body).where(catalogues.c.name == "courts")
    body = conn.execute(asked).scalar_one_or_none()
    if body is None:
        return taxonomy.courts(practice)
    try:
        found = msgspec.json.decode(body, type=_PlatformCourts).items
    except msgspec.MsgspecError as error:
        log.warning("catalogue of courts not understood: %s", error)
        return taxonomy.courts(practice)
    return found or taxonomy.courts(practice)
